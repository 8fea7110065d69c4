// SPDX-License-Identifier: GPL-2.0
/*
 * The voter set of a running cluster (rules 18 and 23): tells it, hears of it, goes over to it, and changes it
 * when the configuration of most voters has other nodes.
 *
 * Every voter works out the next step alike, from the set that is committed and the nodes that are wanted. So it
 * does no harm when several of them change the set at a time.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "vote.h"
#include "vote_image.h"
#include "words.h"

#define SAY_EVERY	CLOCK_SECOND
#define FRESH		(3 * CLOCK_SECOND)	/* two of what is said may be lost */
#define AFTER		(500 * CLOCK_MS)	/* beyond what voters wait between two changes */
#define LOOK_EVERY	(200 * CLOCK_MS)
#define TURN		(3 * CLOCK_SECOND)	/* for which each voter leaves a step to the one before it */

/* A map that this node knows by its number. */
static const struct vote_map *map_of(const struct vote *v, uint64_t hash)
{
	const struct vote_map *maps[] = { &v->map, &v->sets.acked, &v->sets.asked, &v->sets.found, &v->sets.last,
					 &v->sets.acked_before };
	unsigned int i;

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if (maps[i]->hash == hash)
			return maps[i];
	return NULL;
}

static void say_ballot(struct vote *v, struct cluster_peer *to, enum vote_set_kind kind,
		       const struct hasw_vote_set *set, const struct vote_map *map, uint64_t ballot)
{
	struct vote_set_word word = {
		.kind = (uint8_t)kind, .knows = v->seat.disk.known, .ballot = ballot, .times = v->sets.times, .wanted = v->sets.wanted.hash,
		.set = *set, .map = *map,
	};
	uint8_t data[VOTE_SET_WIRE_MOST], out[WIRE_RECORDS_MAX];
	struct wire_record record = { .type = WIRE_RECORD_SET, .data = data };
	size_t size;

	_Static_assert(VOTE_SET_WIRE_MOST + 4 <= WIRE_RECORDS_MAX, "a set fits a packet");
	record.size = vote_set_put(&word, data, sizeof(data));
	size = wire_record_put(&record, out, sizeof(out));
	if (to && size)
		cluster_say(v->cluster, to, out, size, clock_now());
}

static void say(struct vote *v, struct cluster_peer *to, enum vote_set_kind kind,
		const struct hasw_vote_set *set, const struct vote_map *map)
{
	say_ballot(v, to, kind, set, map, 0);
}

/**
 * vote_sets_tell - tell a node which set this one has
 * @v:	the vote
 * @id:	the node
 */
void vote_sets_tell(struct vote *v, unsigned int id)
{
	const struct vote_map *map = map_of(v, v->seat.set.map);

	if (map)
		say(v, vote_peer_at(v, id), VOTE_SET_HAS, &v->seat.set, map);
}

/**
 * vote_sets_ask - ask a voter to ack the set that this node changes to
 * @v:	the vote
 * @id:	the voter
 * @m:	the rules' message
 */
void vote_sets_ask(struct vote *v, unsigned int id, const struct hasw_vote_msg *m)
{
	const struct vote_map *map = map_of(v, m->map);
	struct hasw_vote_set set = {
		.generation = m->generation, .voters = m->voters, .map = m->map,
		.epoch = m->epoch, .conf = m->conf,
	};

	/* It may be a voter in the next set only. */
	if (map)
		say_ballot(v, cluster_peer(v->cluster, map->names[id]), VOTE_SET_ASK, &set, map, m->ballot);
}

/**
 * vote_sets_keep - keep the nodes of a set that this voter has acked now
 * @v:	the vote
 */
void vote_sets_keep(struct vote *v)
{
	const struct hasw_voter_disk *want = &v->seat.want;
	const struct vote_map *map = map_of(v, want->map);

	if (!want->acked || !map || v->sets.acked.hash == want->map)
		return;
	v->sets.acked_before = v->sets.acked;
	v->sets.acked = *map;
}

/**
 * vote_sets_need - is a node a part of the cluster, or about to be?
 * @v:		the vote
 * @name:	the node
 *
 * Return: yes or no
 */
bool vote_sets_need(const struct vote *v, const char *name)
{
	return v->running && (vote_map_id(&v->map, name) >= 0 ||
			      (v->seat.disk.acked && vote_map_id(&v->sets.acked, name) >= 0) ||
			      (v->seat.change.busy && vote_map_id(&v->sets.asked, name) >= 0));
}

/**
 * vote_sets_drop - forget nodes that have no part any more
 * @v:	the vote; nobody may hold on to a peer
 *
 * They have been told so for a while.
 *
 * Return: whether there was one
 */
bool vote_sets_drop(struct vote *v)
{
	return clock_now() >= v->sets.since + FRESH && cluster_drop(v->cluster);
}

static void say_acked(struct vote *v, struct cluster_peer *to)
{
	const struct hasw_voter_disk *disk = &v->seat.disk;
	const struct vote_map *map = map_of(v, disk->map);
	struct hasw_vote_set set = { .generation = disk->generation, .voters = disk->voters, .map = disk->map };

	if (map)
		say(v, to, VOTE_SET_ACKED, &set, map);
}

/**
 * vote_sets_acked - tell who changes the set which one this voter has acked
 * @v:	the vote
 * @id:	who changes it
 */
void vote_sets_acked(struct vote *v, unsigned int id)
{
	say_acked(v, vote_peer_at(v, id));
}

/**
 * vote_sets_image - what the voter's file has of sets and nodes
 * @v:		the vote
 * @image:	its disk is filled, the rest is to be
 *
 * Return: no when the nodes of a set are not known yet that the voter is to remember
 */
bool vote_sets_image(const struct vote *v, struct vote_image *image)
{
	const struct vote_map *map = map_of(v, v->seat.set.map), *next = map_of(v, image->disk.map);

	if (!map || !next)
		return false;
	image->set = v->seat.set;
	image->map = *map;
	image->next = *next;
	return true;
}

/* Where what a node has said is kept; @s->n_peers when it has said nothing. */
static unsigned int said_at(const struct vote_sets *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->n_peers && strcmp(s->peer[i].name, name); i++)
		;
	return i;
}

static struct vote_set_peer *heard_of(struct vote *v, const char *name)
{
	struct vote_sets *s = &v->sets;
	unsigned int i = said_at(s, name);

	if (i < s->n_peers)
		return &s->peer[i];
	/* Names come and go: the one that was heard longest ago makes room. */
	if (s->n_peers < CONF_NODES) {
		i = s->n_peers++;
	} else {
		unsigned int j;

		for (i = 0, j = 1; j < CONF_NODES; j++)
			if (s->peer[j].at < s->peer[i].at)
				i = j;
	}
	s->peer[i] = (struct vote_set_peer){ .at = 0 };
	snprintf(s->peer[i].name, WIRE_NAME, "%s", name);
	return &s->peer[i];
}

static void names(const struct vote_map *map, uint32_t ids, char *words, size_t size)
{
	const char *before = "";
	unsigned int id;

	words[0] = '\0';
	for (id = 0; id < map->n; id++) {
		if (!(ids >> id & 1) || !map->names[id][0])
			continue;
		words_add(words, size, "%s%s", before, map->names[id]);
		before = ", ";
	}
}

/* What was known of a node's id is not of the node that has it now. */
static void forget(struct vote *v, const struct vote_map *old)
{
	unsigned int id, slot;

	for (id = 0; id < HASW_VOTE_NODES; id++) {
		if (id < old->n && id < v->map.n && !strcmp(old->names[id], v->map.names[id]))
			continue;
		vote_peer_reset(v, id);
		v->there[id] = (struct vote_there){ .state = v->there[id].state };
		for (slot = 0; slot < v->seat.n; slot++) {
			if (v->lease[slot].holder == (int)id)
				v->lease[slot].holder = -1;
			if (v->lease[slot].heir.node == (int)id)
				v->lease[slot].heir.node = -1;
		}
	}
}

/* The map of the set that the seat has gone over to. */
static void go_over(struct vote *v, const struct vote_map *map)
{
	struct vote_map old = v->map;
	char voters[VOTE_WORDS];

	v->map = *map;
	v->sets.last = old;
	v->map.self = (unsigned int)vote_map_id(map, old.names[old.self]);
	v->sets.before = v->agree;
	v->agree = vote_map_agree(&v->map, &v->t);
	v->sets.since = clock_now();
	v->sets.say_at = 0;
	v->look = true;
	v->look_nodes = true;
	forget(v, &old);
	names(&v->map, v->map.voters, voters, sizeof(voters));
	log_notice("the cluster has its voter set %u now: %s", v->seat.set.generation, voters);
}

/* Nobody counts this node any more, so it holds nothing and asks for nothing. */
static void leave(struct vote *v, uint32_t generation)
{
	unsigned int slot;

	v->sets.out = true;
	v->begun = false;
	v->cluster->unable = true;
	snprintf(v->why, sizeof(v->why), "this node was taken out of the cluster; it comes back when the configuration of the others has it again");
	log_error("%s (voter set %u)", v->why, generation);
	/* What the module was granted is tied to this. */
	lease_sock_close(&v->sock);
	v->opened = 0;
	for (slot = 0; slot < v->seat.n; slot++)
		v->lease[slot].until = 0;
}

/*
 * The set has other ids than this node knows, or this node had no part in any before: what its voter knew does not
 * count, and it recovers (rule 17).
 */
static void begin_anew(struct vote *v)
{
	const struct vote_set_word later = v->sets.later, *word = &later;
	struct hasw_voter_disk disk = {
		.generation = word->set.generation, .voters = word->set.voters, .map = word->set.map,
		.committed = word->set.generation,
	};
	unsigned int slot, n = v->seat.n, id;
	uint32_t numbers[HASW_VOTE_LEASES];
	char self[WIRE_NAME];

	v->sets.later.kind = 0;
	snprintf(self, sizeof(self), "%s", v->map.names[v->map.self]);
	for (slot = 0; slot < n; slot++)
		numbers[slot] = v->seat.lease[slot].number;
	v->map = word->map;
	v->map.self = (unsigned int)vote_map_id(&v->map, self);
	v->sets.acked = v->map;
	v->agree = vote_map_agree(&v->map, &v->t);
	v->sets.before = 0;
	v->sets.since = clock_now();
	v->sets.say_at = 0;
	v->sets.out = false;
	v->why[0] = '\0';
	/* What the module was granted is tied to this. */
	lease_sock_close(&v->sock);
	v->opened = 0;
	for (id = 0; id < HASW_VOTE_NODES; id++) {
		vote_peer_reset(v, id);
		v->there[id] = (struct vote_there){ .fit = false };
	}
	for (slot = 0; slot < n; slot++) {
		struct vote_lease *l = &v->lease[slot];

		l->until = 0;
		l->told = 0;
		l->holder = -1;
		l->claimed = 0;
		l->heir = (struct vote_heir){ .node = -1 };
		l->n_prefer = 0;
		l->limited = false;
	}
	vote_seat_open(v, &word->set, &disk);
	for (slot = 0; slot < n; slot++)
		hasw_seat_add(&v->seat, numbers[slot]);
	v->look = true;
	v->look_nodes = true;
	log_notice("this node begins to have a part in the cluster, with its voter set %u", word->set.generation);
	vote_seat_begin(v);
	hasw_seat_sync(&v->seat);
}

/*
 * Most voters of that set say that it is committed, or this voter has acked it itself. One node alone may have it from a
 * cluster that is no more, whose file was left behind.
 */
static bool believed(const struct vote *v, const struct vote_set_word *word, uint64_t now)
{
	const struct hasw_voter_disk *disk = &v->seat.disk;
	uint32_t say = 0;
	unsigned int i;
	int id;

	if (disk->acked && disk->generation == word->set.generation && disk->map == word->set.map)
		return true;
	for (i = 0; i < v->sets.n_peers; i++) {
		const struct vote_set_peer *peer = &v->sets.peer[i];

		id = vote_map_id(&word->map, peer->name);
		if (id >= 0 && peer->generation == word->set.generation && peer->map == word->set.map &&
		    now < peer->at + FRESH)
			say |= UINT32_C(1) << id;
	}
	return hasw_vote_majority(say, word->set.voters);
}

/* A committed set is heard of, of which this node may be one or not. */
static void hear_of(struct vote *v, const struct vote_set_word *word)
{
	const char *self = v->map.names[v->map.self];
	int id = vote_map_id(&word->map, self);

	if (word->set.generation <= v->seat.set.generation || !believed(v, word, clock_now()))
		return;
	if (id < 0) {
		/* It has no part yet where it never had any. */
		if (!v->sets.out && (v->seat.disk.known || v->seat.set.generation > 1))
			leave(v, word->set.generation);
		return;
	}
	if (v->sets.out || id != (int)v->map.self || !vote_map_agrees(&v->map, &word->map)) {
		v->sets.later = *word;
		return;
	}
	v->sets.found = word->map;
	hasw_seat_adopt(&v->seat, clock_now(), &word->set);
	vote_sets_follow(v);
}

/* Somebody changes the set; the rules say whether this voter acks that. */
static void asked(struct vote *v, unsigned int from, const struct vote_set_word *word)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_SET, .generation = word->set.generation, .voters = word->set.voters,
		.map = word->set.map, .ballot = word->ballot, .epoch = word->set.epoch, .conf = word->set.conf,
	};

	if (!vote_map_agrees(&v->map, &word->map) || word->set.generation != v->seat.set.generation + 1)
		return;
	v->sets.found = word->map;
	hasw_seat_hear(&v->seat, clock_now(), (uint8_t)from, &m);
}

/**
 * vote_sets_said - a peer has said something about the voter set
 * @v:		the vote
 * @peer:	the peer
 * @record:	what it said; of another kind it is left alone
 */
void vote_sets_said(struct vote *v, struct cluster_peer *peer, const struct wire_record *record)
{
	int id = vote_map_id(&v->map, peer->conf.name);
	struct vote_set_word word;
	struct vote_set_peer *from;

	if (record->type != WIRE_RECORD_SET || !(v->begun || v->sets.out) ||
	    !vote_set_get(record->data, record->size, &word) || word.times != v->sets.times ||
	    !hasw_vote_sound_max(word.set.epoch) || !hasw_vote_sound(word.set.conf.epoch))
		return;
	if (word.kind == VOTE_SET_HAS) {
		from = heard_of(v, peer->conf.name);
		from->generation = word.set.generation;
		from->wanted = word.wanted;
		from->map = word.set.map;
		from->knows = word.knows;
		id = vote_map_id(&word.map, peer->conf.name);
		from->votes = id >= 0 && word.set.voters >> id & 1;
		from->voters = hasw_vote_count(word.set.voters);
		from->at = clock_now();
		hear_of(v, &word);
		id = vote_map_id(&v->map, peer->conf.name);
		if (id >= 0 && word.set.generation < v->seat.set.generation)
			vote_sets_tell(v, (unsigned int)id);
	}
	if (!v->begun || id < 0)
		return;
	if (word.kind == VOTE_SET_ASK)
		asked(v, (unsigned int)id, &word);
	else if (word.kind == VOTE_SET_ACKED && vote_map_agrees(&v->map, &word.map))
		v->sets.found = word.map;
	vote_flush(v);
}

/**
 * vote_sets_follow - go over to the set that the seat has
 * @v:	the vote
 */
void vote_sets_follow(struct vote *v)
{
	const struct vote_map *map;

	if (v->map.hash == v->seat.set.map)
		return;
	map = map_of(v, v->seat.set.map);
	if (!map)
		return;
	if (vote_map_id(map, v->map.names[v->map.self]) >= 0)
		go_over(v, map);
	else
		leave(v, v->seat.set.generation);
}

static const struct vote_set_peer *said_by(const struct vote *v, const char *name, uint64_t now)
{
	unsigned int i = said_at(&v->sets, name);

	return i < v->sets.n_peers && now < v->sets.peer[i].at + FRESH ? &v->sets.peer[i] : NULL;
}

/* Whether that node was heard lately, and has and wants what this one has and wants. */
static bool is_with(const struct vote *v, const char *name, uint64_t now)
{
	const struct vote_set_peer *peer = said_by(v, name, now);

	return peer && peer->generation == v->seat.set.generation && peer->wanted == v->sets.wanted.hash;
}

static void why(struct vote *v, const char *text, const struct vote_map *map, uint32_t ids)
{
	char list[VOTE_SETS_WORDS];

	names(map, ids, list, sizeof(list));
	snprintf(v->sets.why, sizeof(v->sets.why), "%s%s", text, list);
	if (!strcmp(v->sets.why, v->sets.told))
		return;
	memcpy(v->sets.told, v->sets.why, sizeof(v->sets.told));
	log_notice("the cluster has other nodes than the configuration: %s", v->sets.why);
}

/* One of the voters takes the next step, when most of them want it. */
static void step(struct vote *v, uint64_t now)
{
	uint32_t voters = v->map.voters, with = 0, can = 0, joins, first;
	uint64_t since = v->sets.ready;
	struct vote_map next;
	enum vote_map_step kind = vote_map_next(&v->map, &v->sets.wanted, &next);
	unsigned int id;

	v->sets.ready = 0;
	v->sets.why[0] = '\0';
	if (kind == VOTE_MAP_SAME) {
		v->sets.told[0] = '\0';
		return;
	}
	if (kind == VOTE_MAP_NEVER) {
		why(v, "that takes a restart of all agents without their voters' files, as two voters, or more nodes than ids, can not be gone over to or left while agents run; the voters stay ",
		    &v->map, voters);
		return;
	}
	for (id = 0; id < v->map.n; id++) {
		const struct vote_set_peer *peer = said_by(v, v->map.names[id], now);

		if (!(voters >> id & 1))
			continue;
		if (id == v->map.self || is_with(v, v->map.names[id], now))
			with |= UINT32_C(1) << id;
		if (id == v->map.self || (peer && peer->generation == v->seat.set.generation))
			can |= UINT32_C(1) << id;
	}
	if (!hasw_vote_majority(with, voters)) {
		why(v, "too few voters have that configuration, or are heard; missing: ", &v->map, voters & ~with);
		return;
	}
	for (id = 0; id < v->map.n; id++)
		if (voters >> id & 1 && id != v->map.self && vote_hears(v, id) && !said_by(v, v->map.names[id], now)) {
			why(v, "a voter is of a release that can not go over to other nodes, or was just started: ", &v->map, UINT32_C(1) << id);
			return;
		}
	joins = next.voters & ~voters;
	for (id = 0; id < next.n; id++)
		if (joins >> id & 1 && id != v->map.self && !is_with(v, next.names[id], now)) {
			why(v, "a node that is to vote is not heard yet, or has another configuration: ", &next, joins);
			return;
		}
	/* Who joins does not ack yet, and who leaves may have another configuration. */
	if (!hasw_voter_set_committed(can, voters, next.voters)) {
		why(v, "for that step more voters must be heard; missing: ", &v->map, voters & ~can);
		return;
	}
	if (v->seat.change.busy)
		why(v, "this node changes the voter set, and waits for acks; missing: ", &v->map, voters & ~v->seat.change.acked);
	else
		why(v, "the cluster is going over to the nodes of the configuration", &v->map, 0);
	if (v->sets.since && now < v->sets.since + hasw_vote_wait(&v->t, v->t.longest) + AFTER)
		return;
	v->sets.ready = since ? since : now;
	/* The first voter takes the step. If nothing comes of that, it is the next one's turn. */
	first = with & ((UINT32_C(1) << v->map.self) - 1);
	if (!(with >> v->map.self & 1) || !v->seat.disk.known || v->seat.change.busy ||
	    now < v->sets.ready + hasw_vote_count(first) * TURN)
		return;
	v->sets.asked = next;
	log_notice("this node changes the voter set: %s", kind == VOTE_MAP_NODES ? "nodes without a vote come or go" :
		   kind == VOTE_MAP_JOINS ? "a node gets a vote" : "a node loses its vote");
	hasw_seat_change(&v->seat, now, next.voters, next.hash);
	vote_flush(v);
}

static void tell_all(struct vote *v, struct cluster_peer *to)
{
	say(v, to, VOTE_SET_HAS, &v->seat.set, &v->map);
	if (v->seat.disk.acked)
		say_acked(v, to);
}

/* How many voters of that set are heard that know something. */
static unsigned int knowing(const struct vote *v, uint64_t map, uint64_t now)
{
	unsigned int i, n = 0;

	for (i = 0; i < v->sets.n_peers; i++) {
		const struct vote_set_peer *peer = &v->sets.peer[i];

		n += peer->knows && peer->votes && peer->map == map && now < peer->at + FRESH;
	}
	return n;
}

/**
 * vote_sets_foreign - does a cluster with other nodes run already?
 * @v:	the vote
 *
 * Most of its voters say so. One alone may have a file that was left behind.
 *
 * Return: yes or no; no for a node that knows something itself
 */
bool vote_sets_foreign(const struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int i;

	for (i = 0; !v->seat.disk.known && i < v->sets.n_peers; i++) {
		const struct vote_set_peer *peer = &v->sets.peer[i];

		if (peer->map != v->map.hash && knowing(v, peer->map, now) * 2 > peer->voters)
			return true;
	}
	return false;
}

/* Whether the cluster of this node runs: a voter of it knows something. */
static bool runs(const struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int i;

	for (i = 0; i < v->sets.n_peers; i++)
		if (v->sets.peer[i].knows && v->sets.peer[i].map == v->map.hash && now < v->sets.peer[i].at + FRESH)
			return true;
	return v->seat.disk.known;
}

/**
 * vote_sets_want - the configuration has these nodes now
 * @v:		the vote
 * @wanted:	the map of a new cluster of them
 *
 * A cluster that has not begun yet begins with these.
 */
void vote_sets_want(struct vote *v, const struct vote_map *wanted)
{
	bool other = v->sets.wanted.hash != wanted->hash;

	v->sets.wanted = *wanted;
	v->sets.say_at = 0;
	v->sets.look_at = 0;
	if (!other || v->sets.out || v->seat.set.generation != 1 || runs(v))
		return;
	v->sets.later = (struct vote_set_word){
		.kind = VOTE_SET_HAS, .map = *wanted,
		.set = { .generation = 1, .voters = wanted->voters, .map = wanted->hash },
	};
}

/**
 * vote_sets_tick - time has passed
 * @v:	the vote
 */
void vote_sets_tick(struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int i;

	/* It was gone over to a newer one while an image was written. */
	if (v->sets.later.set.generation < v->seat.set.generation)
		v->sets.later.kind = 0;
	if (v->sets.later.kind && !v->seat.syncing)
		begin_anew(v);
	/* What another node has acked before is asked for, and was not heard. */
	if (v->seat.change.busy && !map_of(v, v->seat.change.map))
		v->seat.change.busy = 0;
	if (!v->begun)
		return;
	if (now >= v->sets.say_at) {
		v->sets.say_at = now + SAY_EVERY;
		for (i = 0; i < v->cluster->n_peers; i++)
			tell_all(v, &v->cluster->peers[i]);
	}
	if (now >= v->sets.look_at) {
		v->sets.look_at = now + LOOK_EVERY;
		step(v, now);
	}
}
