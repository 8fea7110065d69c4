// SPDX-License-Identifier: GPL-2.0
/* The leases of the module: which of them are wanted here, whose they are, and how this node parts with them. */
#include <errno.h>
#include <linux/haswitch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "clock.h"
#include "log.h"
#include "vote.h"

/* A long right is waited for so long: voters write it twice, on disks that may be slow. */
#define LONG_TIME	CLOCK_SECOND
/* To let go of a lease may take so long; then the agent ends in any case. */
#define GO_TIME		(300 * CLOCK_MS)

/* Whether a majority votes by now is looked at so often. */
#define SHORTEN_AGAIN	(50 * CLOCK_MS)

/* A lease that no client could use here is tried again so often: a link that comes back is not told. */
#define CUT_OFF		CLOCK_SECOND

/* A claim: lease 4, what remains 4 (microseconds), epoch 8. */
#define AT_LEASE	0
#define AT_REMAINING	4
#define AT_EPOCH	8

static struct hasw_proposer *proposer(struct vote *v, unsigned int slot)
{
	return &v->seat.lease[slot].proposer;
}

static void lease_found(struct vote *v, const struct module_lease *found)
{
	unsigned int n = v->seat.n, slot = vote_slot(v, lease_number(found->name));
	struct vote_lease *l = &v->lease[slot];

	if (slot == HASW_VOTE_LEASES) {
		log_error("lease %s: there are more leases than the agents can hold, which are %u",
			  found->name, HASW_VOTE_LEASES - 1);
		return;
	}
	snprintf(l->name, sizeof(l->name), "%s", found->name);
	l->here = true;
	vote_nodes_take(v, slot, found);
	if (l->top < found->epoch)
		l->top = found->epoch;
	if (l->top < found->burned)
		l->top = found->burned;
	if (!v->begun && found->held) {
		l->epoch = found->epoch;
		l->until = found->deadline;
		l->told = found->deadline;
	}
	if (v->begun && slot >= n)
		hasw_seat_begin(&v->seat, slot, clock_now(), 0, 0, 0);
}

/**
 * vote_look - see which leases the module has
 * @v:	the vote
 */
void vote_look(struct vote *v)
{
	struct module_lease *leases;
	struct hasw_error err;
	unsigned int i, n;

	v->look = false;
	if (!v->running || !v->module->open)
		return;
	if (module_leases(v->module, &leases, &n, &err)) {
		if (!v->trouble)
			log_warning("the module's leases are not known: %s", err.text);
		v->trouble = true;
		v->look = true;
		return;
	}
	v->trouble = false;
	for (i = 0; i < v->seat.n; i++)
		v->lease[i].here = false;
	for (i = 0; i < n; i++)
		lease_found(v, &leases[i]);
	free(leases);
}

/**
 * vote_reach - have a way to the module, as often as it is loaded
 * @v:	the vote
 */
void vote_reach(struct vote *v)
{
	bool anew = v->opened;
	struct hasw_error err;
	unsigned int slot;

	if (v->opened == v->module->opened || !v->module->open)
		return;
	lease_sock_close(&v->sock);
	if (lease_sock_open(&v->sock, &err)) {
		if (!v->trouble)
			log_error("no way to the module for leases: %s", err.text);
		v->trouble = true;
		return;
	}
	v->trouble = false;
	v->opened = v->module->opened;
	v->look = true;
	v->look_nodes = true;
	/* It has no tenure of this agent any more. */
	for (slot = 0; anew && slot < v->seat.n; slot++) {
		v->lease[slot].until = 0;
		v->lease[slot].told = 0;
		v->lease[slot].heir.grant_at = 0;
		hasw_seat_lost(&v->seat, slot, clock_now());
	}
}

/**
 * vote_alive - is a node named as alive?
 * @v:	the vote
 * @id:	the node
 *
 * Return: yes or no
 */
bool vote_alive(const struct vote *v, unsigned int id)
{
	struct cluster_peer *peer = vote_peer_at(v, id);

	return id == v->map.self || (peer && peer_named(&peer->peer));
}

/**
 * vote_hears - is a node heard now?
 * @v:	the vote
 * @id:	the node
 *
 * Who stopped cleanly is named for a while yet, but answers nobody.
 *
 * Return: yes or no; this node hears itself
 */
bool vote_hears(const struct vote *v, unsigned int id)
{
	struct cluster_peer *peer = vote_peer_at(v, id);

	return id == v->map.self || (peer && peer->peer.state == PEER_HEARD);
}

/**
 * vote_heard - which voters are heard?
 * @v:	the vote
 *
 * Return: their ids, a bit each
 */
uint32_t vote_heard(const struct vote *v)
{
	uint32_t heard = 0;
	unsigned int id;

	for (id = 0; id < v->map.n; id++)
		if (v->map.voters & 1U << id && vote_hears(v, id))
			heard |= 1U << id;
	return heard;
}

/* Not all at once: each wish has a packet go to each voter. */
static void want(struct vote *v, unsigned int slot, bool wanted)
{
	struct hasw_proposer *p = proposer(v, slot);

	p->rank = vote_named(v, slot, clock_now()) ? 0 :
		(uint8_t)vote_rank(v, slot, v->map.self);
	if (p->want == wanted)
		return;
	if (!wanted)
		vote_let_go(v, slot);
	else
		hasw_seat_want(&v->seat, slot, clock_now(), 1);
}

/*
 * What was held from before is held by usual rights as soon as they can be had: the first usual round that a majority acks
 * brings the module's deadline near. Before, voters that were just started do not vote yet, and the module, which is cut
 * first, would stop.
 */
static void shorten(struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int slot;

	if (!v->shorten || now < v->shorten)
		return;
	v->shorten = 0;
	for (slot = 0; slot < v->seat.n && v->part == VOTE_STAYS; slot++) {
		const struct hasw_proposer *p = proposer(v, slot);

		if (!v->lease[slot].before)
			continue;
		if (p->state == HASW_PROPOSER_OWN && p->deadline > now + v->t.slowest) {
			v->shorten = now + SHORTEN_AGAIN;
			continue;
		}
		v->lease[slot].before = false;
		if (p->state == HASW_PROPOSER_OWN)
			hasw_seat_shorten(&v->seat, slot, now);
	}
}

/* All are there, and yet this voter has not come to know anything. */
static void tell_stuck(struct vote *v)
{
	unsigned int id;

	if (v->stuck || v->seat.disk.known || clock_now() < v->patient ||
	    !(v->map.voters & 1U << v->map.self))
		return;
	for (id = 0; id < v->map.n; id++)
		if (v->map.voters & 1U << id && !vote_alive(v, id))
			return;
	v->stuck = true;
	log_error("too many voters have lost their files, so that nobody may hold a lease any more: stop the agents on all nodes, remove the voters' files, and start the agents");
}

/**
 * vote_tick - see what is wanted here now
 * @v:		the vote
 * @fit:	this node can serve
 */
void vote_tick(struct vote *v, bool fit)
{
	unsigned int slot;
	bool may;

	if (!v->begun)
		return;
	vote_pace(v);
	vote_reach(v);
	if (v->look)
		vote_look(v);
	if (v->look_nodes)
		vote_look_nodes(v);
	shorten(v);
	tell_stuck(v);
	/* What is held from before waits for the module's first word. */
	v->judges |= fit || clock_now() >= v->patient;
	v->fit = fit;
	may = fit && v->sock.open && !vote_witness(v, v->map.self) &&
	      vote_usable(v, v->map.self);
	v->cluster->unable = !may || v->part != VOTE_STAYS;
	vote_prefer(v);
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		if (v->part == VOTE_STAYS && v->judges)
			want(v, slot, may && vote_wanted(v, slot));
	vote_fence_tick(v);
	if (v->again && clock_now() >= v->again && v->seat.syncing)
		vote_write_again(v);
	vote_flush(v);
}

/**
 * vote_lost - the module has ended a tenure by itself
 * @v:		the vote
 * @lease:	name of the lease
 * @epoch:	of the tenure; one that is over, or another node's, is no news
 */
void vote_lost(struct vote *v, const char *lease, uint64_t epoch)
{
	unsigned int slot;

	for (slot = 0; v->begun && slot < v->seat.n; slot++) {
		struct vote_lease *l = &v->lease[slot];

		if (strcmp(l->name, lease) || l->stopping || epoch != l->epoch ||
		    clock_now() >= l->until)
			continue;
		l->until = 0;
		hasw_seat_lost(&v->seat, slot, clock_now());
		vote_flush(v);
	}
}

/**
 * vote_cut_off - no device by which clients of a lease come to this node has a link
 * @v:		the vote
 * @lease:	name of the lease
 *
 * The voters would let this node have it all the same, and its module would
 * refuse it. So it is left to others for a while.
 */
void vote_cut_off(struct vote *v, const char *lease)
{
	uint64_t now = clock_now();
	unsigned int slot;

	for (slot = HASW_SEAT_CONFIG + 1; v->begun && slot < v->seat.n; slot++) {
		struct vote_lease *l = &v->lease[slot];

		if (strcmp(l->name, lease))
			continue;
		if (now >= l->cut_off + CUT_OFF)
			log_warning("lease %s: no device by which its clients come here has a link, so this node leaves it to others",
				    l->name);
		l->cut_off = now + CUT_OFF;
	}
}

/**
 * vote_links_changed - clients may come to this node again
 * @v:	the vote
 *
 * It asks with the next tick, and its module says whether they do.
 */
void vote_links_changed(struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int slot;

	for (slot = HASW_SEAT_CONFIG + 1; v->begun && slot < v->seat.n; slot++)
		if (v->lease[slot].cut_off > now)
			v->lease[slot].cut_off = now;
}

/**
 * vote_resigned - the module of another node has said that it holds a lease no more
 * @v:		the vote
 * @node:	that node
 * @lease:	name of the lease
 * @epoch:	under which it held it
 * @going:	it went at any moment, and waited for nothing
 *
 * A node that goes at any moment, as in a panic, may still send what it had
 * decided, which is waited for (rule 21).
 */
void vote_resigned(struct vote *v, const char *node, const char *lease,
		   uint64_t epoch, bool going)
{
	int id = vote_map_id(&v->map, node);
	unsigned int slot;

	if (!v->begun || id < 0 || (unsigned int)id == v->map.self)
		return;
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		if (!strcmp(v->lease[slot].name, lease))
			hasw_seat_resigned(&v->seat, clock_now(), (uint8_t)id,
					   v->seat.lease[slot].number, epoch, going);
	/* To the rules it is heard, so a fence is over. */
	vote_fence_heard(v, vote_peer_at(v, (unsigned int)id));
	vote_flush(v);
}

/**
 * vote_waits - does this voter not vote yet, as it has just been started?
 * @v:		the vote
 * @now:	the time
 *
 * Whoever stops the next agent while it does may leave too few that vote.
 *
 * Return: yes or no; no for one that asks the others what they know, which may
 * take for ever
 */
bool vote_waits(const struct vote *v, uint64_t now)
{
	return v->begun && v->seat.disk.known && v->map.voters & 1U << v->map.self &&
	       hasw_seat_mute(&v->seat, now);
}

/**
 * vote_holds - how many leases does this node hold?
 * @v:		the vote
 * @now:	the time
 *
 * Return: so many
 */
unsigned int vote_holds(const struct vote *v, uint64_t now)
{
	unsigned int slot, n = 0;

	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		n += now < v->lease[slot].until;
	return n;
}

/**
 * vote_claims - what this node holds, for its peers
 * @v:		the vote
 * @at:		slot to begin with; set to the one to go on with
 * @to:		where to
 * @room:	how much of that there is; what finds none is told next time
 *
 * Return: how many bytes were written
 */
size_t vote_claims(struct vote *v, unsigned int *at, uint8_t *to, size_t room)
{
	unsigned int i, slot = *at;
	uint64_t now = clock_now();
	size_t size = 0;

	for (i = 0; i < v->seat.n && size + VOTE_CLAIM <= room; i++, slot++) {
		const struct vote_lease *l;

		if (slot >= v->seat.n)
			slot = HASW_SEAT_CONFIG;
		l = &v->lease[slot];
		if (slot == HASW_SEAT_CONFIG || now >= l->until)
			continue;
		bytes_put(to + size + AT_LEASE, v->seat.lease[slot].number, 4);
		bytes_put(to + size + AT_REMAINING, (l->until - now) / 1000, 4);
		bytes_put(to + size + AT_EPOCH, l->epoch, 8);
		size += VOTE_CLAIM;
	}
	*at = slot;
	return size;
}

/* So that the own module serves what that node sends, and sends strays there. */
static void claim(struct vote *v, unsigned int slot, unsigned int from,
		  uint64_t epoch, uint64_t until)
{
	struct lease_grant grant = {
		.lease = v->lease[slot].name, .holder = v->map.names[from],
		.epoch = epoch, .deadline = until,
	};
	struct vote_lease *l = &v->lease[slot];
	struct hasw_error err;

	/* An older one that was late, or one that this node has outbid. */
	if (epoch < l->top || !hasw_vote_sound(epoch) ||
	    lease_sock_grant(&v->sock, &grant, &err))
		return;
	if (l->holder != (int)from || clock_now() >= l->claimed)
		log_notice("lease %s: %s holds it now, under epoch %llu", l->name,
			   v->map.names[from], (unsigned long long)epoch);
	if (epoch > l->top)
		hasw_proposer_taken(proposer(v, slot));
	l->top = epoch;
	l->holder = (int)from;
	l->claimed = until;
	vote_inherited(v, slot, from, epoch);
}

/**
 * vote_claimed - a peer says what it holds
 * @v:		the vote
 * @from:	id of the peer
 * @data:	its claims
 * @size:	how long they are
 */
void vote_claimed(struct vote *v, unsigned int from, const uint8_t *data,
		  size_t size)
{
	uint64_t now = clock_now();
	unsigned int slot;

	if (!v->sock.open)
		return;
	for (; size >= VOTE_CLAIM; data += VOTE_CLAIM, size -= VOTE_CLAIM) {
		uint32_t number = (uint32_t)bytes_get(data + AT_LEASE, 4);
		uint64_t remaining = bytes_get(data + AT_REMAINING, 4) * 1000;

		for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
			if (v->seat.lease[slot].number == number && v->lease[slot].here)
				claim(v, slot, from, bytes_get(data + AT_EPOCH, 8),
				      now + remaining);
	}
}

static void ask_long(struct vote *v)
{
	unsigned int slot;

	for (slot = 0; slot < v->seat.n; slot++) {
		if (proposer(v, slot)->state == HASW_PROPOSER_OWN)
			hasw_seat_long(&v->seat, slot, clock_now(), v->t.longest);
		else if (proposer(v, slot)->want)
			hasw_seat_release(&v->seat, slot, clock_now());
	}
}

static void let_go(struct vote *v)
{
	unsigned int slot;

	for (slot = 0; slot < v->seat.n; slot++)
		vote_let_go(v, slot);
}

/**
 * vote_leave - begin to part with all leases
 * @v:		the vote
 * @part:	VOTE_LONG to hold them while the agent is away, VOTE_GOES to let
 *		others have them
 */
void vote_leave(struct vote *v, enum vote_part part)
{
	/* A witness holds nothing. */
	if (!v->begun || vote_witness(v, v->map.self))
		return;
	v->part = part;
	v->parted = part == VOTE_GOES;
	v->part_until = clock_now() + (v->parted ? GO_TIME : LONG_TIME);
	if (part == VOTE_LONG)
		ask_long(v);
	else
		let_go(v);
	vote_flush(v);
}

/* Whether a lease needs this agent no more. */
static bool lease_left(struct vote *v, unsigned int slot, uint64_t now)
{
	const struct hasw_proposer *p = proposer(v, slot);
	const struct vote_lease *l = &v->lease[slot];

	if (p->state == HASW_PROPOSER_OWN && v->part == VOTE_LONG)
		return !l->tied && !l->heir.grant_at && l->until > now + v->t.slowest;
	return p->state == HASW_PROPOSER_IDLE && p->freed_again == UINT64_MAX;
}

/* A long right can not be asked for while one of before is cut, and may come so late that it is none any more. */
static bool ask_again(struct vote *v, unsigned int slot, uint64_t now)
{
	const struct hasw_proposer *p = proposer(v, slot);

	if (v->parted || p->state != HASW_PROPOSER_OWN || p->far.sequence)
		return false;
	hasw_seat_long(&v->seat, slot, now, v->t.longest);
	return p->far.sequence;
}

/**
 * vote_left - is everything parted with?
 * @v:	the vote, after vote_leave()
 *
 * A lease that can not be held long is let go of, and the others are held. Who
 * does not hear of that waits until it has run out.
 *
 * Return: whether the agent may end
 */
bool vote_left(struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int slot, n = 0;
	bool asked = false;

	if (v->part == VOTE_STAYS)
		return true;
	for (slot = 0; v->begun && slot < v->seat.n; slot++) {
		if (lease_left(v, slot, now))
			continue;
		n++;
		asked |= ask_again(v, slot, now);
	}
	if (asked)
		vote_flush(v);
	if (!n)
		return true;
	if (now < v->part_until)
		return false;
	if (v->parted)
		return true;
	for (slot = 0; slot < v->seat.n; slot++) {
		if (lease_left(v, slot, now))
			continue;
		log_warning("lease %s: the other voters do not let this node hold it while its agent is away, so it lets go of it",
			    v->lease[slot].name);
		vote_let_go(v, slot);
	}
	v->parted = true;
	v->part_until = now + GO_TIME;
	vote_flush(v);
	return false;
}

/**
 * vote_reload - go over to another configuration
 * @v:		the vote
 * @old:	the configuration that it has
 * @conf:	the other configuration
 *
 * Other nodes become those of the voter set one step after the other, see
 * vote_sets_tick().
 *
 * Return: no if it has another name for this node, another profile, another
 * voter's file, or another say in whether this node votes: that does not change
 * while agents run
 */
bool vote_reload(struct vote *v, const struct conf *old,
		 const struct conf *conf)
{
	struct vote_map map;

	if (!v->running)
		return !conf->vote || v->why[0];
	if (!conf->vote || !vote_map_make(&map, conf) ||
	    strcmp(map.names[map.self], v->map.names[v->map.self]) ||
	    conf->lease_longest != v->t.longest ||
	    conf->profile != v->profile ||
	    strcmp(conf->voter_file, old->voter_file))
		return false;
	vote_sets_want(v, &map);
	v->listed = conf->listed;
	v->look_nodes = true;
	return true;
}
