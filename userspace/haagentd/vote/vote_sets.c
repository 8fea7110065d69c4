// SPDX-License-Identifier: GPL-2.0
/*
 * The voter set of a running cluster (rules 18 and 23). The agent sends its set to all nodes, and adopts newer sets. If
 * the configuration of most voters has other nodes than the set, the agent changes the set.
 *
 * All voters compute the same next step from the committed set and the wanted nodes. So it does no harm if several
 * voters take the step at the same time.
 */
#include <stdio.h>
#include <string.h>

#include "haagentd/clock.h"
#include "haagentd/journal/journal.h"
#include "haagentd/log.h"
#include "vote.h"
#include "vote_image.h"
#include "haagentd/words.h"

#define SEND_EVERY	CLOCK_SECOND
#define FRESH		(3 * CLOCK_SECOND)	/* age at which a peer's message expires; two lost messages do no harm */
#define AFTER		(500 * CLOCK_MS)	/* pause between two changes, in addition to hasw_vote_wait() */
#define LOOK_EVERY	(200 * CLOCK_MS)
#define TURN		(3 * CLOCK_SECOND)	/* how long each voter has to take a step before it is the next voter's turn */

/* Return: the map whose hash is @hash, if this node has such a map; else NULL. */
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

static void send_ballot(struct vote *v, struct cluster_peer *to, enum vote_set_kind kind,
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
		cluster_send_records(v->cluster, to, out, size, clock_now());
}

static void send_set(struct vote *v, struct cluster_peer *to, enum vote_set_kind kind,
		     const struct hasw_vote_set *set, const struct vote_map *map)
{
	send_ballot(v, to, kind, set, map, 0);
}

/**
 * vote_sets_send - send this node's committed set to another node
 * @v:	the vote
 * @id:	id of the other node
 */
void vote_sets_send(struct vote *v, unsigned int id)
{
	const struct vote_map *map = map_of(v, v->seat.set.map);

	if (map)
		send_set(v, vote_peer_at(v, id), VOTE_SET_HAS, &v->seat.set, map);
}

/**
 * vote_sets_ask - ask a voter to ack the set to which this node changes
 * @v:	the vote
 * @id:	id of the voter
 * @m:	the voting message
 */
void vote_sets_ask(struct vote *v, unsigned int id, const struct hasw_vote_msg *m)
{
	const struct vote_map *map = map_of(v, m->map);
	struct hasw_vote_set set = {
		.generation = m->generation, .voters = m->voters, .map = m->map,
		.epoch = m->epoch, .conf = m->conf,
	};

	/* The receiver might be a node of the new set only, so its name is looked up in the new map. */
	if (map)
		send_ballot(v, cluster_peer(v->cluster, map->names[id]), VOTE_SET_ASK, &set, map, m->ballot);
}

/**
 * vote_sets_keep - keep the map of a set that this voter has just acked
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
 * vote_sets_need - return whether a node is in the voter set, or in a set to which the
 * cluster changes
 * @v:		the vote
 * @name:	name of the node
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
 * vote_sets_drop - delete the peers that have no part in the cluster any more
 * @v:		the vote; the caller must hold no pointer to a peer
 * @now:	time now
 *
 * For the time FRESH, this node sends its new voter set to such a peer, and only then
 * deletes the peer.
 *
 * Return: whether a peer was deleted
 */
bool vote_sets_drop(struct vote *v, uint64_t now)
{
	return now >= v->sets.since + FRESH && cluster_drop(v->cluster);
}

static void send_acked(struct vote *v, struct cluster_peer *to)
{
	const struct hasw_voter_disk *disk = &v->seat.disk;
	const struct vote_map *map = map_of(v, disk->map);
	struct hasw_vote_set set = { .generation = disk->generation, .voters = disk->voters, .map = disk->map };

	if (map)
		send_set(v, to, VOTE_SET_ACKED, &set, map);
}

/**
 * vote_sets_acked - tell the coordinator of a set change which set this voter has acked
 * @v:	the vote
 * @id:	id of the coordinator
 */
void vote_sets_acked(struct vote *v, unsigned int id)
{
	send_acked(v, vote_peer_at(v, id));
}

/**
 * vote_sets_image - add the sets and their nodes to an image
 * @v:		the vote
 * @image:	image whose @disk the caller has filled; this function fills the rest
 *
 * Return: false when this node does not know the nodes of one of the sets yet
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

/* Return: index of a node in @s->peer; @s->n_peers if the node has sent nothing. */
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
	/*
	 * The array can become full, because nodes come and go. Then the entry with the oldest message is replaced.
	 */
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

/*
 * Resets the agent's state of each id that does not stand for the same node in @old and in v->map. Only @state of
 * struct vote_there, which comes from the module, is kept.
 */
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
			if (v->lease[slot].heard.from == id)
				v->lease[slot].heard.until = 0;
			if (v->lease[slot].heir.node == (int)id)
				v->lease[slot].heir.node = -1;
			v->lease[slot].away &= ~(UINT32_C(1) << id);
		}
	}
}

/* Writes down the set that this node has adopted, and which nodes it has beside those of @old, or no more. */
static void write_down(const struct vote *v, const struct vote_map *old)
{
	uint32_t came = vote_map_nodes(&v->map), went = vote_map_nodes(old), set = v->seat.set.generation;
	unsigned int id;

	for (id = 0; id < v->map.n; id++)
		if (vote_map_id(old, v->map.names[id]) >= 0)
			came &= ~(UINT32_C(1) << id);
	for (id = 0; id < old->n; id++)
		if (vote_map_id(&v->map, old->names[id]) >= 0)
			went &= ~(UINT32_C(1) << id);
	journal_voters(v->journal, set, v->map.names[0], v->map.voters);
	journal_nodes(v->journal, "came", set, v->map.names[0], came);
	journal_nodes(v->journal, "went", set, old->names[0], went);
}

/* Adopts the map of the set that the seat has adopted. */
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
	v->sets.send_at = 0;
	v->look = true;
	v->look_nodes = true;
	forget(v, &old);
	names(&v->map, v->map.voters, voters, sizeof(voters));
	log_notice("the cluster has its voter set %u now: %s", v->seat.set.generation, voters);
	write_down(v, &old);
}

/*
 * Leaves the cluster. The voter set no longer contains this node, so this node gives up all leases and asks for none.
 */
static void leave(struct vote *v, uint32_t generation)
{
	unsigned int slot;

	v->sets.out = true;
	v->begun = false;
	v->cluster->unable = true;
	snprintf(v->why, sizeof(v->why), "this node was taken out of the cluster; it comes back when the configuration of the others has it again");
	log_error("%s (voter set %u)", v->why, generation);
	journal_nodes(v->journal, "went", generation, v->map.names[0], UINT32_C(1) << v->map.self);
	/* Closing this socket ends the module's grants, which are tied to it. */
	lease_sock_close(&v->sock);
	v->opened = 0;
	for (slot = 0; slot < v->seat.n; slot++)
		v->lease[slot].until = 0;
}

/*
 * Restarts this node's voter in the set v->sets.later. This node cannot simply adopt that set, for one of three
 * reasons: nodes have other ids in the set, this node was out of the cluster, or no cluster runs yet. The old state
 * of this node's voter does not count in the set, so the voter recovers (rule 17).
 */
static void begin_anew(struct vote *v)
{
	const struct vote_set_word later = v->sets.later, *word = &later;
	struct hasw_voter_disk disk = {
		.generation = word->set.generation, .voters = word->set.voters, .map = word->set.map,
		.committed = word->set.generation,
	};
	unsigned int slot, n = v->seat.n, id;
	const struct vote_map old = v->map;
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
	v->sets.send_at = 0;
	v->sets.out = false;
	v->why[0] = '\0';
	/* Closing this socket ends the module's grants, which are tied to it. */
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
		l->heard = (struct vote_heard){ .until = 0 };
		l->heir = (struct vote_heir){ .node = -1 };
		l->n_prefer = 0;
		l->limited = false;
		l->away = 0;
	}
	vote_seat_open(v, &word->set, &disk);
	for (slot = 0; slot < n; slot++)
		hasw_seat_add(&v->seat, numbers[slot]);
	v->look = true;
	v->look_nodes = true;
	log_notice("this node begins to have a part in the cluster, with its voter set %u", word->set.generation);
	write_down(v, &old);
	vote_seat_begin(v);
	hasw_seat_sync(&v->seat);
}

/*
 * Returns whether the set in a peer's message counts as committed. It does if this voter has acked the set, or if
 * most voters of the set have sent it as committed. Otherwise the set might come from an old file of a cluster that
 * no longer exists.
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

/* Handles a set that a peer has sent as committed. If this node is not in the set, it leaves the cluster. */
static void hear_of(struct vote *v, const struct vote_set_word *word)
{
	const char *self = v->map.names[v->map.self];
	int id = vote_map_id(&word->map, self);

	if (word->set.generation <= v->seat.set.generation || !believed(v, word, clock_now()))
		return;
	if (id < 0) {
		/* A new node, which was never in the cluster, keeps waiting for a set that contains it. */
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

/*
 * Handles a question of a node that coordinates a change of the set. The voting rules decide whether this voter acks
 * the new set.
 */
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
 * vote_sets_said - handle a peer's record about voter sets
 * @v:		the vote
 * @peer:	the peer
 * @record:	the record; records of other types are ignored
 */
void vote_sets_said(struct vote *v, struct cluster_peer *peer, const struct wire_record *record)
{
	struct vote_set_word word;
	struct vote_set_peer *from;
	int id;

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
	}
	id = vote_map_id(&v->map, peer->conf.name);
	if (word.kind == VOTE_SET_HAS && id >= 0 && word.set.generation < v->seat.set.generation)
		vote_sets_send(v, (unsigned int)id);
	if (!v->begun || id < 0)
		return;
	if (word.kind == VOTE_SET_ASK)
		asked(v, (unsigned int)id, &word);
	else if (word.kind == VOTE_SET_ACKED && vote_map_agrees(&v->map, &word.map))
		v->sets.found = word.map;
	vote_flush(v);
}

/**
 * vote_sets_follow - adopt the nodes of the set that the seat has
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

/*
 * Returns whether a node has sent a message lately, and has the same voter set and the same configured nodes as this
 * node.
 */
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

/* Takes the next step towards the configured nodes, if most voters want this step and it is this voter's turn. */
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
	/* A joining voter does not ack yet. A leaving voter acks even if its configuration lists other nodes. */
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
	/*
	 * Of the voters in @with, the one with the lowest id takes the step first. If the set has not changed after
	 * TURN, the next one takes the step.
	 */
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

static void send_sets(struct vote *v, struct cluster_peer *to)
{
	send_set(v, to, VOTE_SET_HAS, &v->seat.set, &v->map);
	if (v->seat.disk.acked)
		send_acked(v, to);
}

/* Return: number of voters of a set that are heard and have a state. */
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
 * vote_sets_foreign - return whether a cluster with other nodes than this node's set runs
 * already
 * @v:	the vote
 *
 * Most voters of that cluster must have sent its set, because a single node might have an
 * old file.
 *
 * Return: yes or no; no for a voter that has a state itself
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

/* Returns whether this node's cluster runs already, that is, whether any of its nodes has a voter with a state. */
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
 * vote_sets_want - apply the nodes of a new configuration
 * @v:		the vote
 * @wanted:	the map of a new cluster of these nodes
 *
 * If no node of this cluster has a voter with a state yet, this node begins in a set of the
 * new nodes.
 */
void vote_sets_want(struct vote *v, const struct vote_map *wanted)
{
	bool other = v->sets.wanted.hash != wanted->hash;

	v->sets.wanted = *wanted;
	v->sets.send_at = 0;
	v->sets.look_at = 0;
	if (!other || v->sets.out || v->seat.set.generation != 1 || runs(v))
		return;
	v->sets.later = (struct vote_set_word){
		.kind = VOTE_SET_HAS, .map = *wanted,
		.set = { .generation = 1, .voters = wanted->voters, .map = wanted->hash },
	};
}

/**
 * vote_sets_tick - restart the voter in another set, send this node's set, or take the next
 * step, if one of these is due
 * @v:	the vote
 */
void vote_sets_tick(struct vote *v)
{
	uint64_t now = clock_now();
	unsigned int i;

	/* Drop v->sets.later if this node has adopted a newer set while an image was written. */
	if (v->sets.later.set.generation < v->seat.set.generation)
		v->sets.later.kind = 0;
	/* The end of a release is known by its slot alone, so the slots begin anew when all releases have ended. */
	if (v->sets.later.kind && !v->seat.syncing && !vote_stopping(v))
		begin_anew(v);
	/*
	 * The voting rules can require that this node's change completes a set that another node has proposed. If
	 * this node does not know the nodes of that set yet, it gives up the change.
	 */
	if (v->seat.change.busy && !map_of(v, v->seat.change.map))
		v->seat.change.busy = 0;
	if (!v->begun)
		return;
	if (now >= v->sets.send_at) {
		v->sets.send_at = now + SEND_EVERY;
		for (i = 0; i < v->cluster->n_peers; i++)
			send_sets(v, &v->cluster->peers[i]);
	}
	if (now >= v->sets.look_at) {
		v->sets.look_at = now + LOOK_EVERY;
		step(v, now);
	}
}
