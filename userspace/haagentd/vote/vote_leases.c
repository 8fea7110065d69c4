// SPDX-License-Identifier: GPL-2.0
/*
 * The leases of the module: which of them this node wants, and how this node gives them up. A long right is a grant
 * that outlasts a planned stop of the agent. Client links are the network devices on which packets of the vips'
 * clients arrive.
 */
#include <errno.h>
#include <linux/haswitch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/conf/conf_begun.h"
#include "haagentd/log.h"
#include "vote.h"

/*
 * How long an ending agent waits for long rights. Before a voter acks a long right, it writes both slots of its
 * file, and the disk can be slow.
 */
#define LONG_TIME	CLOCK_SECOND
/*
 * How long an ending agent waits for the release of its leases. After this time the agent exits in any case, and the
 * grants expire.
 */
#define GO_TIME		(300 * CLOCK_MS)

/*
 * The module ends so many grants at a time for leases that this node does not want any more. It ends them one after the
 * other, each after an RCU grace period, which takes some 10 ms in a container. A grant that waits is not renewed, so the
 * last ones of many would run out: their packets would be lost until other nodes hold the leases.
 */
#define TURN		4

/* Pause between two checks in shorten(). */
#define SHORTEN_AGAIN	(50 * CLOCK_MS)

/*
 * How long this node leaves a lease to other nodes after its module resigned or refused the lease because client links
 * were down. An event about a link ends this time earlier.
 */
#define CUT_OFF		CLOCK_SECOND

/*
 * How long a row of such refusals lasts. From CUT_OFF after the first refusal until the end of the row, this node takes
 * the lease also if clients of some of its vips cannot come here: no other node that all of them reach has taken it.
 */
#define CUT_OFF_ROW	(4 * CUT_OFF)

static struct hasw_proposer *proposer(struct vote *v, unsigned int slot)
{
	return &v->seat.lease[slot].proposer;
}

/**
 * vote_find - find the slot of a lease
 * @v:		the vote
 * @number:	number of the lease
 *
 * Return: slot of the lease, or HASW_VOTE_LEASES if this node does not know the lease
 */
unsigned int vote_find(const struct vote *v, uint32_t number)
{
	unsigned int slot;

	for (slot = 0; slot < v->seat.n; slot++)
		if (v->seat.lease[slot].number == number)
			return slot;
	return HASW_VOTE_LEASES;
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
	vote_away_take(v, slot, found->protodown);
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
 * vote_look - read the leases of the module
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
	/* A socket that is being closed may still hold leases by tied grants. */
	if (calls_stuck(&v->sock.calls)) {
		v->look = true;
		return;
	}
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
 * vote_reach - open the netlink socket for grants; reopen it each time the agent has
 * reopened its other sockets to the module
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
	/*
	 * The old socket was closed, or the module was loaded again. In both cases the module has no tied grant of
	 * this agent any more, so the agent treats its grants as ended.
	 */
	for (slot = 0; anew && slot < v->seat.n; slot++) {
		v->lease[slot].until = 0;
		/* A grant that is tied to no socket still lasts in a module that is there: its release is repeated. */
		if (v->lease[slot].tied)
			v->lease[slot].told = 0;
		v->lease[slot].said = 0;
		v->lease[slot].heir.grant_at = 0;
		v->lease[slot].unanswered = 0;
		hasw_seat_lost(&v->seat, slot, clock_now());
	}
}

/**
 * vote_alive - return whether this agent reports a node as alive to the module
 * @v:	the vote
 * @id:	id of the node
 *
 * Return: yes or no; yes for this node itself
 */
bool vote_alive(const struct vote *v, unsigned int id)
{
	struct cluster_peer *peer = vote_peer_at(v, id);

	return id == v->map.self || (peer && peer_named(&peer->peer));
}

/**
 * vote_hears - return whether heartbeats of a node arrive now
 * @v:		the vote
 * @id:	id of the node
 *
 * A node whose agent has stopped cleanly sends no heartbeats, so this function returns
 * false for that node. For a while, vote_alive() still returns true for it.
 *
 * Return: yes or no; yes for this node itself
 */
bool vote_hears(const struct vote *v, unsigned int id)
{
	struct cluster_peer *peer = vote_peer_at(v, id);

	return id == v->map.self || (peer && peer->peer.state == PEER_HEARD);
}

/**
 * vote_heard - return the voters from which this node receives heartbeats
 * @v:	the vote
 *
 * Return: bitmap of their ids
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

/**
 * vote_stopping - count the leases whose grants are being ended
 * @v:	the vote
 *
 * Return: how many releases the module has not answered yet
 */
unsigned int vote_stopping(const struct vote *v)
{
	unsigned int i, n = 0;

	for (i = 0; i < v->seat.n; i++)
		n += v->lease[i].stopping;
	return n;
}

/* Returns whether this node can release a lease now. If not, it keeps the lease, and vote_tick() tries again. */
static bool is_turn(const struct vote *v, unsigned int slot, uint64_t now)
{
	return now >= v->lease[slot].until || vote_stopping(v) < TURN;
}

/*
 * Sets whether this node wants a lease. Only a change is passed to the voting rules,
 * because each request to them sends messages to all voters.
 */
static void want(struct vote *v, unsigned int slot, bool wanted, uint64_t now)
{
	struct hasw_proposer *p = proposer(v, slot);

	p->rank = vote_named(v, slot, now) ? 0 :
		(uint8_t)vote_rank(v, slot, v->map.self, now);
	if (p->want == wanted || (!wanted && !is_turn(v, slot, now)))
		return;
	if (!wanted)
		vote_let_go(v, slot);
	else
		hasw_seat_want(&v->seat, slot, clock_now(), 1);
}

/*
 * Cuts the long rights of an earlier run of the agent to the usual length. The cut waits until a majority has acked a
 * grant of usual length in this run. Without this wait, the cut could end the grant: a cut first shortens the module's
 * deadline, and voters that were just started ack no new grant yet.
 */
static void shorten(struct vote *v, uint64_t now)
{
	unsigned int slot;

	if (!v->shorten || now < v->shorten)
		return;
	v->shorten = 0;
	for (slot = 0; slot < v->seat.n && v->part == VOTE_STAYS; slot++) {
		const struct hasw_proposer *p = proposer(v, slot);

		if (!v->lease[slot].before)
			continue;
		if (p->state == HASW_PROPOSER_OWN && !p->done) {
			v->shorten = now + SHORTEN_AGAIN;
			continue;
		}
		v->lease[slot].before = false;
		if (p->state == HASW_PROPOSER_OWN)
			hasw_seat_shorten(&v->seat, slot, now);
	}
}

/*
 * Returns whether this node should hear claims by way of voters: of some lease it hears no holder's own claim, and either
 * somebody held that lease before, or there is a node that this node does not hear.
 */
static bool misses(const struct vote *v, uint64_t now)
{
	unsigned int id, slot;
	bool cut;

	for (id = 0; id < v->map.n && (vote_hears(v, id) || vote_witness(v, id)); id++)
		;
	cut = id < v->map.n;
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++) {
		const struct vote_lease *l = &v->lease[slot];

		if (l->here && now >= l->until && now >= l->heard.until && (cut || l->holder >= 0))
			return true;
	}
	return false;
}

/* Logs once if this voter has not recovered although all voters are alive. */
static void report_stuck(struct vote *v, uint64_t now)
{
	unsigned int id;

	if (v->stuck || v->seat.disk.known || now < v->patient ||
	    !(v->map.voters & 1U << v->map.self))
		return;
	for (id = 0; id < v->map.n; id++)
		if (v->map.voters & 1U << id && !vote_alive(v, id))
			return;
	v->stuck = true;
	log_error("too many voters have lost their files, so that nobody may hold a lease any more: stop the agents on all nodes, remove the voters' files, and start the agents");
}

/**
 * vote_bar - have this node hold no lease, or end that
 * @v:		the vote
 * @why:	why it may hold none; empty: it may
 *
 * The next vote_tick() releases what this node holds, so that another node can hold it.
 */
void vote_bar(struct vote *v, const char *why)
{
	if (!strcmp(v->bar, why))
		return;
	if (!why[0])
		log_notice("this node may hold leases again");
	else
		log_error("this node holds no lease any more: %s", why);
	snprintf(v->bar, sizeof(v->bar), "%s", why);
}

/* Looks up where the peers are now, so that vote_peer_at() need not compare all names. */
static void find_peers(struct vote *v)
{
	const struct cluster_peer *peer;
	unsigned int id;

	for (id = 0; id < v->map.n; id++) {
		peer = vote_peer_at(v, id);
		v->peer_index[id] = peer ? (unsigned int)(peer - v->cluster->peers) : 0;
	}
}

/**
 * vote_tick - update which leases this node wants
 * @v:		the vote
 * @fit:	this node is able to serve
 */
void vote_tick(struct vote *v, bool fit)
{
	uint64_t now = clock_now();
	unsigned int slot;
	bool may, current;

	vote_answers_tick(&v->answers, v->module, now);
	if (!v->begun) {
		v->cluster->behind = vote_config_catches_up(v, now);
		return;
	}
	find_peers(v);
	/* The module may have been slow to take an answer. */
	vote_config_tick(v, clock_now());
	vote_pace(v);
	calls_turn(&v->sock.calls);
	vote_reach(v);
	if (v->look)
		vote_look(v);
	if (v->look_nodes)
		vote_look_nodes(v);
	/* The module may have been slow to answer. */
	now = clock_now();
	shorten(v, now);
	report_stuck(v, now);
	/*
	 * Leases that an earlier run of the agent held are kept until this node is first able to serve, or v->patient
	 * has passed. A new agent is not able to serve at first, and would otherwise release these leases.
	 */
	v->judges |= fit || now >= v->patient;
	v->fit = fit;
	may = fit && v->sock.open && v->module->open && !vote_witness(v, v->map.self) &&
	      vote_usable(v, v->map.self) && !v->bar[0];
	/* A node that runs an older configuration keeps what it holds, as its clients are served. */
	current = !vote_config_behind(v, now);
	/* Other nodes must not wait for a node that asks for nothing. */
	v->cluster->unable = !may || !current || v->part != VOTE_STAYS;
	v->cluster->misses = misses(v, now);
	vote_away_tick(v, now);
	vote_spread(v, now);
	vote_prefer(v, now);
	/* Messages have been sent. */
	now = clock_now();
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		if (v->part == VOTE_STAYS && v->judges)
			want(v, slot, may && vote_wanted(v, slot, now) && (current || now < v->lease[slot].until), now);
	vote_fence_tick(v);
	if (v->again && clock_now() >= v->again && v->seat.syncing)
		vote_write_again(v);
	vote_flush(v);
}

/**
 * vote_lost - handle the event that the module has ended a grant without a request of this agent
 * @v:		the vote
 * @lease:	name of the lease
 * @epoch:	epoch of the grant; the event is ignored if this node's present grant has another epoch
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
 * vote_cloned - handle the event that this machine was cloned, or set back to a snapshot
 * @v:		the vote
 * @path:	name of the voter's file
 *
 * The module has ended its grants without a message to other nodes, because another machine
 * might hold the leases under this node's name. For the same reason, this agent must not
 * release the leases. The promises that its voter made after the snapshot are lost, so the
 * voter's file is renamed. The agent must then exit without a message. After its restart,
 * its voter recovers like one that has lost its file (rule 17). If the file cannot be
 * renamed, this node takes no further part in the vote.
 *
 * Return: whether the caller must end the agent
 */
bool vote_cloned(struct vote *v, const char *path)
{
	char why[256];
	int err;

	if (!v->running && !v->file_at)
		return false;
	err = store_outdated(path, why, sizeof(why));
	log_error("this machine goes on from a snapshot, or is a copy of another one; what it promised in the vote on leases since then is not known: %s %s",
		  path, why);
	if (!err)
		return true;
	snprintf(v->why, sizeof(v->why),
		 "this machine goes on from a snapshot, and the file of its voter %s; remove %s, and restart the agent",
		 why, path);
	log_error("no leases are held or voted on here: %s", v->why);
	vote_retire(v);
	v->file_at = 0;
	return false;
}

/**
 * vote_cut_off - handle the loss of client links of a lease on this node
 * @v:		the vote
 * @lease:	name of the lease
 *
 * The voters would still grant the lease to this node, but the module would refuse the
 * grant. So this node does not ask for the lease until CUT_OFF has passed.
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
			log_warning("lease %s: no device by which its clients, or those of one of its vips, come here has a link, so this node leaves it to others",
				    l->name);
		l->cut_off = now + CUT_OFF;
		if (!l->lacking || now >= l->lacking + CUT_OFF_ROW)
			l->lacking = now;
	}
}

/**
 * vote_partly - return whether this node takes a lease although clients of some of its vips
 * cannot come here
 * @l:		the lease
 * @now:	current time, ns
 *
 * The module refuses such a lease at first, so that a node which all clients reach gets it.
 * If no node is like that, a node that some clients reach is better than none.
 *
 * Return: yes or no
 */
bool vote_partly(const struct vote_lease *l, uint64_t now)
{
	return l->lacking && now >= l->lacking + CUT_OFF && now < l->lacking + CUT_OFF_ROW;
}

/**
 * vote_links_changed - end the wait of vote_cut_off(), because a client-facing device can
 * have a link again
 * @v:	the vote
 *
 * The next vote_tick() asks for the leases, and the module then checks the links.
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
 * vote_resigned - handle the event that the module of another node has resigned a lease
 * @v:		the vote
 * @node:	name of the other node
 * @lease:	name of the lease
 * @epoch:	epoch under which the other node held the lease
 * @going:	the other node resigned without waiting for packets that are in flight
 *
 * @going is set, for example, after a panic. Packets that the other node's module has
 * accepted can then still be in flight. So the voters wait before they end their records of
 * the grant (rule 21).
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
	/* A resignation is a sign of life, so it ends a fence of the other node. */
	vote_fence_heard(v, vote_peer_at(v, (unsigned int)id));
	vote_flush(v);
}

/**
 * vote_waits - return whether this voter acks no grants yet, because it was just started
 * @v:		the vote
 * @now:	current time, ns
 *
 * While this voter waits, the agents of the other voters should not be stopped. Otherwise
 * the voters that are left might be too few to grant leases.
 *
 * Return: yes or no; no for a voter that has lost its state, because its recovery might
 * never end
 */
bool vote_waits(const struct vote *v, uint64_t now)
{
	return v->begun && v->seat.disk.known && v->map.voters & 1U << v->map.self &&
	       hasw_seat_mute(&v->seat, now);
}

/**
 * vote_holds - count the leases that this node holds
 * @v:		the vote
 * @now:	current time, ns
 *
 * Return: number of leases
 */
unsigned int vote_holds(const struct vote *v, uint64_t now)
{
	unsigned int slot, n = 0;

	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		n += now < v->lease[slot].until;
	return n;
}

static void ask_long(struct vote *v)
{
	unsigned int slot;

	for (slot = 0; slot < v->seat.n; slot++) {
		if (proposer(v, slot)->state == HASW_PROPOSER_OWN && slot != HASW_SEAT_CONFIG)
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
 * vote_leave - begin to give up all leases
 * @v:		the vote
 * @part:	VOTE_LONG: this node holds the leases while the agent is away; VOTE_GOES:
 *		this node releases the leases, so that other nodes can hold them
 */
void vote_leave(struct vote *v, enum vote_part part)
{
	/* A witness holds no leases. */
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

/*
 * Returns whether the agent can end as far as this lease is concerned: the lease is released, or this node keeps it
 * by a long right.
 */
static bool lease_left(struct vote *v, unsigned int slot, uint64_t now)
{
	const struct hasw_proposer *p = proposer(v, slot);
	const struct vote_lease *l = &v->lease[slot];

	if (p->state == HASW_PROPOSER_OWN && v->part == VOTE_LONG)
		return !l->tied && !l->heir.grant_at && l->until > now + v->t.slowest;
	return p->state == HASW_PROPOSER_IDLE && p->freed_again == UINT64_MAX;
}

/*
 * Asks again for a long right. The first request fails if an earlier long right of the lease is still being cut. A
 * granted long right can also be too short, see lease_left(). Return: whether this function has asked.
 */
static bool ask_again(struct vote *v, unsigned int slot, uint64_t now)
{
	const struct hasw_proposer *p = proposer(v, slot);

	if (v->parted || p->state != HASW_PROPOSER_OWN || p->far.sequence)
		return false;
	hasw_seat_long(&v->seat, slot, now, v->t.longest);
	return p->far.sequence;
}

/**
 * vote_left - go on giving up the leases, and check whether all are given up
 * @v:	the vote, after vote_leave()
 *
 * When the wait for long rights is over, each lease without a long right is released. A
 * voter that misses this release waits until its record of the grant expires.
 *
 * Return: whether the agent can end
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
 * vote_reload - apply a reloaded configuration
 * @v:		the vote
 * @old:	the present configuration
 * @conf:	the new configuration
 *
 * The voter set changes to the new nodes one step at a time, see vote_sets_tick().
 *
 * Return: NULL on success; otherwise the text of a change that needs a restart of the
 * agent, and then nothing was applied
 */
const char *vote_reload(struct vote *v, const struct conf *old,
			const struct conf *conf)
{
	struct conf_begun begun;
	const char *changed;
	struct vote_map map;

	if (!v->running && (v->why[0] || !conf->vote))
		return NULL;
	if (!v->running || !conf->vote)
		return "another \"vote\" in \"leases\"";
	if (!vote_map_make(&map, conf))
		return "a cluster of more nodes than can have leases";
	conf_begun(old, &begun);
	changed = conf_restarts(&begun, conf);
	if (changed)
		return changed;
	vote_sets_want(v, &map);
	v->listed = conf->listed;
	v->routes = conf->routes_table;
	v->look_nodes = true;
	return NULL;
}
