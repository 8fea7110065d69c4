// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's vote carries out the requests of the voting rules (include/rules/). It sends
 * messages to the peers, writes images to the voter's file, and passes grants to the
 * module. It reports the results to the voting rules. All functions here run in the agent's
 * event loop. By a majority of votes, a node is granted a lease, the right to answer for
 * some vips, until a deadline. A long right is a grant that outlasts a planned stop of the
 * agent.
 *
 * The clock is read between the receipt of a message and the sending of its replies. A
 * voter must not count its wait from a time before the holder's message was sent (rule
 * 5). A holder must not count its grant from a time after its own message was sent
 * (rule 8).
 */
#include <errno.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "vote.h"
#include "vote_image.h"

#define ANSWER_AGAIN	(1 * CLOCK_MS)	/* until the module is asked again for what it did not answer */
#define LATE		(5 * CLOCK_MS)	/* if the timer fires later than this, waiting packets are handled first */
#define WRITE_AGAIN	CLOCK_SECOND	/* pause after a failed write */
#define OPEN_AGAIN	(10 * CLOCK_SECOND) /* pause after the voter's file could not be opened */
#define SHORTEN		(500 * CLOCK_MS) /* when an agent has run for so long, it cuts the long rights of the run before */

static struct vote_lease *lease_of(struct vote *v, unsigned int slot)
{
	return &v->lease[slot];
}

static void seat_send(void *arg, __u8 to, const struct hasw_vote_msg *m)
{
	vote_send(arg, to, m);
}

static __u64 seat_random(void *arg)
{
	uint64_t random;

	(void)arg;
	randombytes_buf(&random, sizeof(random));
	return random;
}

/**
 * vote_witness - return whether a node is a witness, which only votes
 * @v:	the vote
 * @id:	id of the node
 *
 * Return: yes or no
 */
bool vote_witness(const struct vote *v, unsigned int id)
{
	return v->map.witnesses >> id & 1;
}

/*
 * Returns whether a grant that the module has not answered yet is tried again. It may take effect meanwhile. The module
 * may be slow only, so the lease is not given up before another node could have taken it.
 */
static bool waits_for_module(const struct vote *v, struct vote_lease *l, bool begins, uint64_t now)
{
	if (!l->unanswered)
		l->unanswered = now;
	if (now >= l->unanswered + v->t.length)
		return false;
	if (begins)
		l->heir.grant_at = now + ANSWER_AGAIN;
	return true;
}

/**
 * vote_grant - pass to the module a grant that a majority of voters has acked
 * @v:		the vote; the caller then calls vote_flush()
 * @slot:	slot of the lease; the caller has set its @epoch and @until to those of the grant
 * @begins:	whether the grant is new, and not a renewal
 */
void vote_grant(struct vote *v, unsigned int slot, bool begins)
{
	struct vote_lease *l = lease_of(v, slot);
	struct lease_grant grant = {
		.lease = l->name, .holder = v->map.names[v->map.self],
		.epoch = l->epoch, .deadline = l->until,
		.tied = v->part != VOTE_LONG, .renews = !begins || l->unanswered,
		.partly = begins && vote_partly(l, clock_now()),
	};
	struct hasw_error err = { .text = "the module is not there" };
	/* Voters shorten their records after this, so the module has to have the earlier deadline by then (rule 16). */
	bool cut = !begins && l->until < l->told;
	int ret = -ENOENT;

	/* No module has the lease @config: its grant lets the agent write the cluster's configuration. */
	if (slot == HASW_SEAT_CONFIG)
		return;
	l->heir.grant_at = 0;
	if (l->asked < l->epoch)
		l->asked = l->epoch;
	if (l->here && v->sock.open) {
		/*
		 * Until the module replies, this agent does not know whether the module has
		 * the old or the new deadline. So l->told is set to the later one.
		 */
		if (l->told < l->until)
			l->told = l->until;
		ret = lease_sock_grant(&v->sock, &grant, &err);
	}
	if (ret == -ETIMEDOUT && !cut && waits_for_module(v, l, begins, clock_now()))
		return;
	l->unanswered = 0;
	/* The lease is gone, its device is protodown, `only` leaves this node out, or another one has the epoch. */
	if (ret == -ENOENT || ret == -EPERM)
		v->look = true;
	if (ret == -ENETDOWN)
		vote_cut_off(v, l->name);
	else if (ret && l->here)
		log_warning("lease %s: the module does not take it under epoch %llu: %s",
			    l->name, (unsigned long long)l->epoch, err.text);
	if (ret) {
		if (begins)
			l->until = 0;
		hasw_seat_refused(&v->seat, slot, clock_now());
		return;
	}
	l->told = l->until;
	if (l->top < l->epoch)
		l->top = l->epoch;
	l->tied = grant.tied;
	l->holder = -1;
	if (!begins)
		return;
	v->claim = true;
	l->heir.node = -1;
	l->taken = clock_now();
	log_notice("lease %s: this node holds it now, under epoch %llu", l->name,
		   (unsigned long long)l->epoch);
	if (grant.partly)
		log_warning("lease %s: this node has taken it for want of another one, though clients of some of its vips can not come here",
			    l->name);
}

static void seat_set(void *arg, unsigned int slot, __u64 epoch, __u64 deadline)
{
	struct vote *v = arg;
	struct vote_lease *l = lease_of(v, slot);
	uint64_t now = clock_now();
	bool begins = now >= l->until;

	l->epoch = epoch;
	l->until = deadline;
	if (begins && vote_named(v, slot, now))
		vote_hold_back(v, slot, now);
	if (!l->heir.grant_at)
		vote_grant(v, slot, begins);
}

static void seat_stop(void *arg, unsigned int slot)
{
	struct vote *v = arg;
	struct vote_lease *l = lease_of(v, slot);
	/*
	 * The module burns the released epoch and all lower epochs: it refuses later grants
	 * under them. So this node releases only an epoch that it has passed to the module.
	 * A higher epoch could burn the epoch under which another node holds the lease.
	 */
	struct lease_stop_task task = {
		.slot = slot, .epoch = l->asked, .until = l->told,
		.granted = l->asked,
		.routes = v->routes && l->routed,
	};

	if (slot == HASW_SEAT_CONFIG) {
		l->until = 0;
		v->config.stopped = true;
		return;
	}
	if (clock_now() < l->until)
		log_notice("lease %s: this node lets go of it%s%s", l->name,
			   vote_hands_over(v, slot) ? ", for " : "",
			   vote_hands_over(v, slot) ? v->map.names[l->heir.node] : "");
	memcpy(task.lease, l->name, sizeof(task.lease));
	if (clock_now() < l->until && vote_hands_over(v, slot))
		snprintf(task.to, sizeof(task.to), "%s",
			 v->map.names[l->heir.node]);
	l->heir.grant_at = 0;
	l->unanswered = 0;
	l->until = 0;
	l->stopping = true;
	lease_stop_ask(&v->stop, &task);
}

static void write_image(struct vote *v, const struct hasw_voter_disk *image)
{
	struct vote_image all = { .disk = *image };
	uint8_t bytes[STORE_IMAGE];
	int err;

	v->again = clock_now() + WRITE_AGAIN;
	/*
	 * The image contains the names of the nodes. While this node lacks some of the
	 * names, nothing is written, and v->again causes another attempt. Peers send the
	 * names every second.
	 */
	if (!vote_sets_image(v, &all))
		return;
	err = store_write(&v->store, bytes, vote_image_put(&all, bytes));

	v->again = 0;
	if (!err)
		return;
	v->again = clock_now() + WRITE_AGAIN;
	log_error("the voter's file cannot be written: %s", strerror(-err));
}

/**
 * vote_write_again - write the pending image again, after a write that failed
 * @v:	the vote, whose last write has failed
 */
void vote_write_again(struct vote *v)
{
	write_image(v, &v->seat.image);
}

static void seat_sync(void *arg, const struct hasw_voter_disk *image)
{
	write_image(arg, image);
}

static void seat_config(void *arg, const struct hasw_vote_conf *conf)
{
	vote_config_committed(arg, conf);
}

static __u64 seat_top(void *arg)
{
	const struct vote *v = arg;
	uint64_t top = 0;
	unsigned int i;

	for (i = 0; i < v->seat.n; i++)
		if (top < v->lease[i].top)
			top = v->lease[i].top;
	return top;
}

static const struct hasw_seat_ops ops = {
	.random = seat_random,
	.send = seat_send,
	.set = seat_set,
	.stop = seat_stop,
	.sync = seat_sync,
	.config = seat_config,
	.top = seat_top,
};

/**
 * vote_plan - set the timer to the time when the voting rules must run next
 * @v:	the vote
 */
void vote_plan(struct vote *v)
{
	uint64_t wake = hasw_seat_wake(&v->seat), now = clock_now();
	struct timeval span;

	if (wake > vote_move_wake(v))
		wake = vote_move_wake(v);
	/* Packets from peers come here, and few of them change when that is. The timer does not count a suspension. */
	if (wake == v->armed && wake > now)
		return;
	v->armed = wake;
	v->planned = wake > now ? wake : now;
	span = clock_span(v->planned - now);
	if (wake == UINT64_MAX)
		evtimer_del(v->timer);
	else
		evtimer_add(v->timer, &span);
}

/**
 * vote_slot - find the slot of a lease, or assign a free slot to the lease
 * @v:		the vote
 * @number:	number of the lease; the lease need not have a slot yet
 *
 * Return: slot of the lease, or HASW_VOTE_LEASES when there is no free slot
 */
unsigned int vote_slot(struct vote *v, uint32_t number)
{
	unsigned int slot = vote_find(v, number);

	if (slot < HASW_VOTE_LEASES || v->seat.n == HASW_VOTE_LEASES)
		return slot;
	slot = hasw_seat_add(&v->seat, number);
	v->lease[slot] = (struct vote_lease){ .holder = -1, .heir.node = -1 };
	return slot;
}

/**
 * vote_pace - set the length of the grants that this node asks for, according to this
 * agent's lateness
 * @v:	the vote
 */
void vote_pace(struct vote *v)
{
	if (v->begun)
		hasw_seat_length(&v->seat, lateness_length(v->cluster->late.worst,
							   v->t.renew, v->t.length,
							   v->t.slowest));
}

static void on_timer(evutil_socket_t none, short what, void *arg)
{
	uint64_t now = clock_now(), woken = now, late;
	struct vote *v = arg;

	(void)none;
	(void)what;
	v->armed = 0;
	if (!v->begun)
		return;
	late = now > v->planned ? now - v->planned : 0;
	/*
	 * After a late wakeup, a peer can seem silent although its packets still wait in a socket. So waiting packets
	 * are handled first.
	 */
	if (late > LATE) {
		cluster_drain(v->cluster, now);
		vote_fence_stalled(v, late);
		now = clock_now();
	}
	if (vote_move_tick(v, now))
		now = clock_now();
	lateness_note(&v->cluster->late, late, woken);
	vote_pace(v);
	hasw_seat_tick(&v->seat, now);
	vote_flush(v);
}

static void on_written(evutil_socket_t fd, short what, void *arg)
{
	struct vote *v = arg;
	int err;

	(void)fd;
	(void)what;
	if (!store_ended(&v->store, &err))
		return;
	if (err) {
		v->again = clock_now() + WRITE_AGAIN;
		log_error("the voter's file cannot be written: %s; until it can, this node agrees to nothing that it would have to remember",
			  strerror(-err));
		return;
	}
	hasw_seat_synced(&v->seat, clock_now());
	if (v->begun)
		vote_flush(v);
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct vote *v = arg;
	unsigned int slot;

	(void)fd;
	(void)what;
	while (lease_stop_ended(&v->stop, &slot)) {
		lease_of(v, slot)->stopping = false;
		lease_of(v, slot)->told = 0;
		hasw_seat_stopped(&v->seat, slot, clock_now());
		if (vote_hands_over(v, slot))
			vote_goes(v, slot);
	}
	if (v->begun)
		vote_flush(v);
}

/**
 * vote_routed - handle that the kernel has routes of a lease's vips, or has none any more
 * @v:		the vote
 * @lease:	name of the lease; NULL: all leases
 * @routed:	it has routes; else they are withdrawn, because this node's grant has ended
 *
 * A lease that has routes is released when they are withdrawn, see lease_stop.c.
 */
void vote_routed(struct vote *v, const char *lease, bool routed)
{
	unsigned int slot;

	if (!v->stop.running)
		return;
	for (slot = HASW_SEAT_CONFIG + 1; slot < v->seat.n; slot++)
		if (!lease || !strcmp(v->lease[slot].name, lease))
			v->lease[slot].routed = routed;
	if (!routed)
		lease_stop_withdrawn(&v->stop, lease);
}

static int listen_to(struct event **event, struct event_base *base, int fd,
		     event_callback_fn fn, struct vote *v)
{
	*event = event_new(base, fd, EV_READ | EV_PERSIST, fn, v);
	return *event && !event_add(*event, NULL) ? 0 : -ENOMEM;
}

/*
 * Adds a hint to v->why for a witness that runs as an unprivileged user. Such a user cannot
 * write to the default folder of the voter's file.
 */
static void hint_folder(struct vote *v, int err)
{
	size_t at = strlen(v->why);

	if ((err != -EACCES && err != -EROFS && err != -ENOENT && err != -EPERM) ||
	    !vote_witness(v, v->map.self))
		return;
	snprintf(v->why + at, sizeof(v->why) - at,
		 "; this witness runs as user %lu: name a file in a folder that this user may write (leases = { voter = \"/...\"; }), or give it the folder of this one",
		 (unsigned long)geteuid());
}

/*
 * Completes an image that an earlier release wrote. Such an image lacks the witnesses, and the oldest images also
 * lack the names, so this function takes both from the configuration. Return: whether the completed map has the
 * image's hash. If so, the map has the nodes that the image was written for.
 */
static bool earlier(const struct vote *v, struct vote_image *image)
{
	const struct vote_map *wanted = &v->sets.wanted;
	struct vote_map *map = &image->map;
	uint64_t hash = map->hash;
	unsigned int id;
	int at;

	if (!map->n)
		*map = *wanted;
	for (id = 0; id < map->n; id++) {
		at = vote_map_id(wanted, map->names[id]);
		if (at >= 0)
			map->witnesses |= (wanted->witnesses >> at & 1) << id;
	}
	vote_map_seal(map);
	image->next = *map;
	image->set = (struct hasw_vote_set){
		.generation = 1, .voters = image->disk.voters, .map = map->hash,
	};
	return map->hash == hash;
}

static int read_store(struct vote *v, const char *path, struct vote_image *image)
{
	const struct vote_map *wanted = &v->sets.wanted;
	const char *self = wanted->names[wanted->self];
	uint8_t bytes[STORE_IMAGE];
	enum store_found found;
	char why[256] = "";
	size_t size;
	int err;

	file_need_folder(path);
	err = store_open(&v->store, path, bytes, &size, &found, why, sizeof(why));
	if (err) {
		snprintf(v->why, sizeof(v->why), "%s %s", path, why);
		hint_folder(v, err);
		v->file_at = clock_now() + OPEN_AGAIN;
		return err;
	}
	if (found == STORE_DAMAGED)
		log_error("%s %s", path, why);
	else if (*why)
		log_warning("%s %s", path, why);
	*image = (struct vote_image){
		.disk = {
			.generation = 1, .committed = 1, .voters = wanted->voters, .map = wanted->hash,
		},
		.set = { .generation = 1, .voters = wanted->voters, .map = wanted->hash },
		.map = *wanted, .next = *wanted,
	};
	if (found != STORE_GOOD || !size)
		return 0;
	err = vote_image_get(bytes, size, image);
	if (err) {
		snprintf(v->why, sizeof(v->why), err == -EPROTO ?
			 "%s was written by a later release: install that, or move the file away, and this node begins as a voter that knows nothing" :
			 "%s has contents that no release writes: move it away, and this node begins as a voter that knows nothing", path);
		return err;
	}
	if ((image->set.generation || earlier(v, image)) && vote_map_id(&image->map, self) >= 0) {
		image->map.self = (unsigned int)vote_map_id(&image->map, self);
		return 0;
	}
	snprintf(v->why, sizeof(v->why),
		 "%s was written when the cluster had other nodes, and this release can not tell which, or this node was none of them. If no agent runs, remove that file on every node, and start them; else remove it here alone",
		 path);
	return -EINVAL;
}

/**
 * vote_seat_open - open this node's seat in a voter set
 * @v:		the vote, whose @map is the map of @set; the caller adds the leases
 *		afterwards
 * @set:	the set
 * @disk:	the voter's state, as read from its file
 */
void vote_seat_open(struct vote *v, const struct hasw_vote_set *set,
		    const struct hasw_voter_disk *disk)
{
	hasw_seat_open(&v->seat, &v->t, &ops, v, (uint8_t)v->map.self, set, disk);
}

/**
 * vote_open - prepare the vote
 * @v:		the vote, which is initialized here
 * @conf:	configuration, with the nodes and the path of the voter's file
 * @base:	the event loop
 * @c:		the cluster, which sends to the peers
 * @m:		the module
 *
 * If this node cannot take part in the vote, its agent runs nevertheless, and @v->why has
 * the reason. If the voter's file could not be opened, vote_file_back() later tries to open
 * it again. The agent of a witness fails instead, because it has no other task.
 *
 * Return: 0; a negative errno if an allocation or the start of a thread fails, or if a
 * witness cannot take part in the vote
 */
int vote_open(struct vote *v, const struct conf *conf, struct event_base *base,
	      struct cluster *c, struct module *m)
{
	struct vote_image image;
	unsigned int id;
	int err;

	memset(v, 0, sizeof(*v));
	v->cluster = c;
	v->module = m;
	v->listed = conf->listed;
	v->routes = conf->routes_table;
	/* Until this node is known to be able to serve, peers must not choose it as a holder. */
	c->unable = true;
	v->store.fd = -1;
	v->config.client = -1;
	v->look = true;
	v->look_nodes = true;
	v->profile = conf->profile;
	v->t = hasw_vote_profile_times(v->profile, conf->lease_longest);
	for (id = 0; id < HASW_VOTE_NODES; id++)
		vote_peer_reset(v, id);
	if (!vote_map_make(&v->sets.wanted, conf)) {
		snprintf(v->why, sizeof(v->why), "%s names %u nodes; %u are the most that can have leases",
			 conf->file, conf->n_nodes, HASW_VOTE_NODES);
		return conf_witness(conf) ? -EINVAL : 0;
	}
	v->map = v->sets.wanted;
	if (!conf->vote)
		return 0;
	err = read_store(v, conf->voter_file, &image);
	if (err)
		return conf_witness(conf) ? err : 0;
	v->map = image.map;
	v->sets.acked = image.next;
	v->sets.times = vote_map_times(&v->t);
	v->agree = vote_map_agree(&v->map, &v->t);
	vote_seat_open(v, &image.set, &image.disk);
	vote_slot(v, lease_number("@config"));
	snprintf(v->lease[HASW_SEAT_CONFIG].name, WIRE_NAME, "@config");
	v->timer = evtimer_new(base, on_timer, v);
	if (!v->timer || lease_stop_open(&v->stop, &v->sock.calls) ||
	    listen_to(&v->written, base, v->store.event, on_written, v) ||
	    listen_to(&v->ended, base, v->stop.event, on_ended, v))
		return -ENOMEM;
	v->running = true;
	/* It is found out when the voting rules begin. */
	c->behind = true;
	return 0;
}

/**
 * vote_file_back - return whether a voter's file that could not be opened before can be
 * opened now
 * @v:		the vote
 * @path:	name of the file
 *
 * Return: yes or no; no also if no earlier attempt to open the file has failed
 */
bool vote_file_back(struct vote *v, const char *path)
{
	char why[512];
	uint64_t now;
	int ended;

	if (!v->file_at)
		return false;
	if (!v->file_probe) {
		now = clock_now();
		if (now < v->file_at)
			return false;
		v->file_at = now + OPEN_AGAIN;
		v->file_probe = store_probe_begin(path);
		return false;
	}
	ended = store_probe_ended(&v->file_probe, why, sizeof(why));
	/* The attempt has mended what it tells, so the next store_open() finds nothing. */
	if (ended > 0 && *why)
		log_warning("%s %s", path, why);
	if (ended > 0)
		v->file_at = 0;
	return ended > 0;
}

/**
 * vote_seat_begin - start the voting rules with the grants that the module has
 * @v:	the vote, whose seat is open; the caller then calls vote_flush()
 */
void vote_seat_begin(struct vote *v)
{
	unsigned int slot;

	vote_reach(v);
	vote_look(v);
	hasw_seat_start(&v->seat, clock_now(), (uint16_t)seat_random(v));
	v->begun = true;
	v->patient = clock_now() + hasw_vote_wait(&v->t, v->t.longest) +
		     5 * CLOCK_SECOND;
	for (slot = 0; slot < v->seat.n; slot++) {
		struct vote_lease *l = lease_of(v, slot);
		uint64_t now = clock_now();

		hasw_seat_begin(&v->seat, slot, now, 0,
				now < l->until ? l->epoch : 0, l->until);
		/*
		 * If the grant has not expired, this node holds the lease by a long right
		 * that an earlier run of the agent obtained. So this node still wants the
		 * lease.
		 */
		if (now < l->until) {
			log_notice("lease %s: held from before, under epoch %llu",
				   l->name, (unsigned long long)l->epoch);
			l->asked = l->epoch;
			l->taken = now;
			l->before = true;
			v->seat.lease[slot].proposer.want = 1;
			v->shorten = now + SHORTEN;
		}
	}
}

/**
 * vote_begin - start voting, and log how this node takes part
 * @v:	the vote, which vote_open() has prepared
 */
void vote_begin(struct vote *v)
{
	struct hasw_voter_disk *disk = &v->seat.disk;

	if (!v->running && !v->why[0]) {
		log_notice("this node takes no part in the vote on leases, as its file wants it");
		return;
	}
	if (!v->running) {
		log_error("no leases are held or voted on here: %s", v->why);
		return;
	}
	vote_seat_begin(v);
	if (calls_begin(&v->sock.calls, v->t.renew / 2))
		log_warning("no thread asks the module: while it does not answer, no lease is renewed");
	if (v->map.voters & 1U << v->map.self)
		log_notice("this node %s on leases, one of %u%s",
			   vote_witness(v, v->map.self) ?
			   "is a witness, which only votes" : "votes",
			   hasw_vote_count(v->map.voters), disk->known ? "" :
			   "; it knows nothing yet, and asks the others");
	else if (vote_witness(v, v->map.self))
		log_warning("this witness has no vote: the %u that vote come before it by name",
			    hasw_vote_count(v->map.voters));
	if (v->fence.command)
		log_notice("of two nodes, the one that does not hear the other has %s switch it off",
			   v->fence.command);
	else if (v->fence.rules.split)
		log_warning("split = \"allow\": when two nodes hear nothing of each other on any path and client link, each takes the other for off, and both may hold leases; a witness or a fence has no such risk");
	else if (hasw_vote_count(v->map.voters) == 2)
		log_warning("two nodes hold leases only while both are there: a third one, a witness ('haagentd --witness', on any small machine), or a fence lets one of them fail");
	vote_flush(v);
}

/**
 * vote_retire - stop voting, which ends the grants that are tied to this agent, without waiting for anything
 * @v:	the vote, which can be open only in part
 *
 * Threads that wait for the module or the disk go on until vote_close().
 */
void vote_retire(struct vote *v)
{
	struct event **events[] = { &v->timer, &v->written, &v->ended };
	unsigned int i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (*events[i])
			event_free(*events[i]);
		*events[i] = NULL;
	}
	lease_sock_close(&v->sock);
	vote_config_close(v);
	v->running = false;
	v->begun = false;
}

/**
 * vote_close - stop voting, and end the vote's threads
 * @v:	the vote, which can be open only in part
 *
 * This function waits for the module and for the disk, so the event loop must have ended.
 */
void vote_close(struct vote *v)
{
	if (!v->cluster)
		return;
	vote_retire(v);
	lease_stop_close(&v->stop);
	calls_end(&v->sock.calls);
	if (v->store.fd >= 0)
		store_close(&v->store);
	vote_fence_close(v);
}
