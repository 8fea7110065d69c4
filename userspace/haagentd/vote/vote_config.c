// SPDX-License-Identifier: GPL-2.0
/*
 * The cluster's configuration, and the lease @config, whose holder writes it (rule 19). The node on which an operator
 * applies a configuration acquires the lease, writes, and releases the lease. So nobody holds it in between, and two
 * nodes cannot write at the same time. The voters store number and hash of the configuration only; the keeper has its
 * text on the disks of all nodes that are heard before the voters are asked.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/keeper/keeper.h"
#include "haagentd/log.h"
#include "vote.h"

#define SEND_EVERY	CLOCK_SECOND
#define FRESH		(3 * CLOCK_SECOND)	/* age at which a peer's record expires */
#define COMMIT_TIME	(5 * CLOCK_SECOND)
#define SETTLE_AFTER	CLOCK_SECOND	/* how long the writer of an unsettled configuration has to settle it itself */
#define SETTLE_TURN	(2 * CLOCK_SECOND)	/* how long each node has for that */
#define FIRST_WORDS	(2 * CLOCK_SECOND)	/* how long a new agent waits for what others say before its node serves */
#define GRACE		(2 * CLOCK_SECOND)	/* how long a node with the last one may acquire leases */

static struct hasw_proposer *proposer(struct vote *v)
{
	return &v->seat.lease[HASW_SEAT_CONFIG].proposer;
}

/* The epoch is not compared: a later holder of @config writes the same configuration again under its own. */
static bool same(const struct hasw_vote_conf *a, const struct hasw_vote_conf *b)
{
	return a->generation == b->generation && a->blob == b->blob;
}

static bool fresh(const struct vote *v, unsigned int id, uint64_t now)
{
	return v->peer[id].config_at && now < v->peer[id].config_at + FRESH;
}

/* Returns whether a peer's agent has said this itself, and not the one that ran there before. That one ran something else. */
static bool says(const struct vote *v, unsigned int id, uint64_t now)
{
	const struct cluster_peer *peer = vote_peer_at(v, id);

	return peer && fresh(v, id, now) && !memcmp(v->peer[id].config_life, peer->session.rx_id, WIRE_SESSION);
}

static bool can(const struct vote *v, unsigned int id)
{
	const struct cluster_peer *peer = vote_peer_at(v, id);

	return peer && peer->capabilities & WIRE_CONFIG;
}

/* Returns the newest configuration that any voter is known to have stored. It is perhaps not committed. */
static struct hasw_vote_conf newest(const struct vote *v, uint64_t now)
{
	struct hasw_vote_conf conf = v->config.committed;
	unsigned int id;

	if (v->begun && hasw_vote_conf_newer(&v->seat.disk.conf, &conf))
		conf = v->seat.disk.conf;
	for (id = 0; id < v->map.n; id++)
		if (id != v->map.self && fresh(v, id, now) && hasw_vote_conf_newer(&v->peer[id].config.stored, &conf))
			conf = v->peer[id].config.stored;
	return conf;
}

/*
 * Returns whether this node has heard what most voters have stored, or need not hear it. Of two voters, each has stored
 * all that was committed.
 */
static bool knows(const struct vote *v, uint64_t now)
{
	uint32_t heard = UINT32_C(1) << v->map.self;
	unsigned int id;

	if (hasw_vote_count(v->map.voters) <= 2 && v->map.voters >> v->map.self & 1 && v->seat.disk.known)
		return true;
	for (id = 0; id < v->map.n; id++)
		if (id != v->map.self && vote_hears(v, id) && (fresh(v, id, now) || !can(v, id)))
			heard |= UINT32_C(1) << id;
	return hasw_vote_majority(heard, v->map.voters);
}

/* A node that has once heard of all stays current until it hears of a newer configuration. */
static bool is_current(const struct vote *v, uint64_t now)
{
	struct hasw_vote_conf conf = newest(v, now);

	return (v->config.current_at || knows(v, now)) && (!conf.generation || same(&conf, &v->config.runs));
}

/**
 * vote_config_behind - return why this node may acquire no lease, because it perhaps runs no current configuration
 * @v:		the vote
 * @now:	current time, ns
 *
 * Return: NULL if it may; or the reason
 */
const char *vote_config_behind(const struct vote *v, uint64_t now)
{
	if ((v->config.current_at && now < v->config.current_at + GRACE) || is_current(v, now))
		return NULL;
	if (v->config.state == CONFIG_REFUSED)
		return "the committed configuration could not be put in place here ('haadm cluster show')";
	return v->config.current_at || knows(v, now) ? "it gets the committed configuration first ('haadm cluster show')" :
	       "it does not know the committed configuration yet";
}

/**
 * vote_config_catches_up - return whether this node is not to serve yet, after it was away
 * @v:		the vote
 * @now:	current time, ns
 *
 * That is so from the agent's start until it runs what is committed. A node that does not know what is committed waits for
 * FIRST_WORDS only, from when it hears the first peer: where too few voters are left, nobody can tell, and vips without
 * leases need no majority.
 *
 * Return: yes or no
 */
bool vote_config_catches_up(const struct vote *v, uint64_t now)
{
	struct hasw_vote_conf conf = newest(v, now);
	uint64_t first = UINT64_MAX;
	unsigned int i;

	if (!v->running || v->config.current_at)
		return false;
	if (conf.generation && !same(&conf, &v->config.runs))
		return true;
	for (i = 0; i < v->cluster->n_peers; i++)
		if (v->cluster->peers[i].known_at && v->cluster->peers[i].known_at < first)
			first = v->cluster->peers[i].known_at;
	return (!v->begun || !knows(v, now)) && (first == UINT64_MAX || now < first + FIRST_WORDS);
}

/**
 * vote_config_committed - handle that a configuration is committed
 * @v:		the vote
 * @conf:	the configuration
 */
void vote_config_committed(struct vote *v, const struct hasw_vote_conf *conf)
{
	bool other = !same(conf, &v->config.committed);

	if (!hasw_vote_conf_newer(conf, &v->config.committed))
		return;
	v->config.committed = *conf;
	v->config.send_at = 0;
	if (other)
		log_notice("configuration: generation %llu, %016llx, is committed",
			   (unsigned long long)conf->generation, (unsigned long long)conf->blob);
}

/**
 * vote_config_runs - note what this node runs
 * @v:		the vote
 * @runs:	the configuration
 * @state:	enum config_state
 */
void vote_config_runs(struct vote *v, const struct hasw_vote_conf *runs, uint8_t state)
{
	v->config.runs = *runs;
	v->config.state = state;
	v->config.send_at = 0;
}

/**
 * vote_config_stopped - tell the voting rules that the grant of @config has ended
 * @v:	the vote
 *
 * No packet depends on this lease, so there is nothing to wait for.
 */
void vote_config_stopped(struct vote *v)
{
	if (!v->config.stopped)
		return;
	v->config.stopped = false;
	hasw_seat_stopped(&v->seat, HASW_SEAT_CONFIG, clock_now());
}

/* Sends the result of a commit to the keeper, and ends the task. */
static void finish(struct vote *v, bool done, const char *why)
{
	struct keeper_result result;

	memset(&result, 0, sizeof(result));
	result.done = done;
	result.conf = v->config.committed;
	snprintf(result.why, sizeof(result.why), "%s", why);
	if (v->config.client >= 0) {
		send(v->config.client, &result, sizeof(result), MSG_DONTWAIT | MSG_NOSIGNAL);
		close(v->config.client);
	}
	v->config.client = -1;
	v->config.task = CONFIG_IDLE;
}

/**
 * vote_config_commit - have the voters commit a configuration
 * @v:		the vote
 * @base:	the configuration that the new one replaces
 * @hash:	hash of the new one
 * @client:	socket on which a struct keeper_result is expected; closed here
 */
void vote_config_commit(struct vote *v, const struct hasw_vote_conf *base, uint64_t hash, int client)
{
	if (v->config.client >= 0) {
		struct keeper_result result;

		memset(&result, 0, sizeof(result));
		snprintf(result.why, sizeof(result.why), "another configuration is being committed here");
		send(client, &result, sizeof(result), MSG_DONTWAIT | MSG_NOSIGNAL);
		close(client);
		return;
	}
	v->config.client = client;
	v->config.task = CONFIG_COMMIT;
	v->config.base = *base;
	v->config.hash = hash;
	v->config.written = false;
	v->config.until = clock_now() + COMMIT_TIME;
	if (!v->begun || v->part != VOTE_STAYS)
		finish(v, false, v->why[0] ? v->why : "this agent has no part in the vote, or ends");
}

/* Takes the next step of a commit, when the writer is ready: most voters have stored @writer.base. */
static void commit_step(struct vote *v, uint64_t now)
{
	const struct hasw_vote_conf *base = &v->seat.writer.base;
	char why[KEEPER_WHY];

	if (base->generation == v->config.base.generation + 1 && base->blob == v->config.hash) {
		vote_config_committed(v, base);
		finish(v, true, "");
	} else if (!same(base, &v->config.base)) {
		snprintf(why, sizeof(why), "generation %llu was committed meanwhile",
			 (unsigned long long)base->generation);
		finish(v, false, why);
	} else if (hasw_seat_write(&v->seat, now, v->config.hash)) {
		v->config.written = true;
	}
}

static void commit_late(struct vote *v)
{
	if (v->config.written)
		finish(v, false, "too few voters have answered in time, so it is not known whether the configuration is committed: see 'haadm cluster show'");
	else
		finish(v, false, "too few voters answer, or they are not ready yet: see 'haadm agent show'");
}

/*
 * Has the newest configuration that a voter has stored committed, if its writer has not. The nodes take turns, so that
 * they do not compete for the lease.
 */
static void settle(struct vote *v, uint64_t now)
{
	struct hasw_vote_conf conf = newest(v, now);
	unsigned int id, turn = 0;

	if (!hasw_vote_conf_newer(&conf, &v->config.committed) || same(&conf, &v->config.committed)) {
		v->config.unsettled = 0;
		if (v->config.task == CONFIG_SETTLE)
			v->config.task = CONFIG_IDLE;
		return;
	}
	if (!v->config.unsettled)
		v->config.unsettled = now;
	for (id = 0; id < v->map.self; id++)
		turn += vote_hears(v, id);
	if (v->config.task == CONFIG_IDLE && v->seat.disk.known &&
	    now >= v->config.unsettled + SETTLE_AFTER + turn * SETTLE_TURN) {
		v->config.task = CONFIG_SETTLE;
		v->config.until = now + COMMIT_TIME;
	} else if (v->config.task == CONFIG_SETTLE && now >= v->config.until) {
		v->config.task = CONFIG_IDLE;
		v->config.unsettled = now;
	}
}

/* Asks for the lease @config, or releases it. */
static void want(struct vote *v, uint64_t now)
{
	bool wanted = v->config.task != CONFIG_IDLE && v->part == VOTE_STAYS;

	if (proposer(v)->want == wanted)
		return;
	if (wanted)
		hasw_seat_want(&v->seat, HASW_SEAT_CONFIG, now, 1);
	else
		hasw_seat_release(&v->seat, HASW_SEAT_CONFIG, now);
}

static void send_word(struct vote *v, uint64_t now)
{
	struct config_word word = {
		.stored = v->seat.disk.conf, .committed = v->config.committed, .applied = v->config.runs,
		.state = v->config.state,
	};
	uint8_t data[CONFIG_WORD], out[CONFIG_WORD + 8];
	struct wire_record record = { .type = WIRE_RECORD_CONFIG, .data = data };
	unsigned int i;
	size_t size;

	if (now < v->config.send_at && !memcmp(&word.stored, &v->config.sent.stored, sizeof(word.stored)))
		return;
	v->config.send_at = now + SEND_EVERY;
	v->config.sent = word;
	record.size = config_word_put(&word, data, sizeof(data));
	size = wire_record_put(&record, out, sizeof(out));
	for (i = 0; i < v->cluster->n_peers; i++)
		cluster_send_records(v->cluster, &v->cluster->peers[i], out, size, now);
}

/**
 * vote_config_tick - go on committing, and tell the peers
 * @v:		the vote; the caller then calls vote_flush()
 * @now:	current time, ns
 */
void vote_config_tick(struct vote *v, uint64_t now)
{
	bool ready = hasw_seat_writes(&v->seat, now) && v->seat.writer.state == HASW_WRITER_READY;

	if (ready && v->config.task == CONFIG_COMMIT)
		commit_step(v, now);
	if (v->config.task == CONFIG_COMMIT && now >= v->config.until)
		commit_late(v);
	settle(v, now);
	want(v, now);
	if (is_current(v, now))
		v->config.current_at = now;
	v->cluster->behind = vote_config_catches_up(v, now);
	send_word(v, now);
}

/**
 * vote_config_said - handle a peer's record about the configuration
 * @v:		the vote
 * @peer:	the peer
 * @record:	the record; records of other types are ignored
 */
void vote_config_said(struct vote *v, struct cluster_peer *peer, const struct wire_record *record)
{
	struct config_word word;
	int id;

	if (record->type != WIRE_RECORD_CONFIG || !v->begun)
		return;
	id = vote_map_id(&v->map, peer->conf.name);
	if (id < 0 || !config_word_get(record->data, record->size, &word))
		return;
	/* A peer that was just started, or not heard for long, is told at once: it waits for that before it serves. */
	if (!says(v, (unsigned int)id, clock_now()))
		v->config.send_at = 0;
	v->peer[id].config = word;
	v->peer[id].config_at = clock_now();
	memcpy(v->peer[id].config_life, peer->session.rx_id, WIRE_SESSION);
	vote_config_committed(v, &word.committed);
}

/**
 * vote_config_close - tell the keeper that the agent ends
 * @v:	the vote
 */
void vote_config_close(struct vote *v)
{
	if (v->config.client >= 0)
		close(v->config.client);
	v->config.client = -1;
	v->config.task = CONFIG_IDLE;
}

/**
 * vote_config_of - find out which configuration a node runs
 * @v:		the vote
 * @id:		the node
 * @now:	current time, ns
 * @runs:	set to that configuration; its generation is 0 if it is none that was committed
 * @state:	set to the node's enum config_state
 *
 * Return: whether it is known; of another node only while its agent says it
 */
bool vote_config_of(const struct vote *v, unsigned int id, uint64_t now, struct hasw_vote_conf *runs, uint8_t *state)
{
	bool self = id == v->map.self;

	if (!self && (!vote_hears(v, id) || !says(v, id, now)))
		return false;
	*runs = self ? v->config.runs : v->peer[id].config.applied;
	*state = self ? v->config.state : v->peer[id].config.state;
	return true;
}

/**
 * vote_config_differs - find the nodes that do not run what is committed
 * @v:		the vote
 * @now:	current time, ns
 * @changed:	set to a bitmap of the nodes on which it was changed by hand
 * @behind:	set to a bitmap of the nodes that do not run it, but are heard
 */
void vote_config_differs(const struct vote *v, uint64_t now, uint32_t *changed, uint32_t *behind)
{
	unsigned int id;

	*changed = 0;
	*behind = 0;
	for (id = 0; v->config.committed.generation && id < v->map.n; id++) {
		struct hasw_vote_conf runs;
		uint8_t state;

		if (!vote_config_of(v, id, now, &runs, &state))
			continue;
		if (!same(&runs, &v->config.committed))
			*behind |= UINT32_C(1) << id;
		else if (state == CONFIG_CHANGED)
			*changed |= UINT32_C(1) << id;
	}
}

static void peer_view(const struct vote *v, unsigned int i, uint64_t now, struct keeper_peer *to)
{
	const struct cluster_peer *peer = &v->cluster->peers[i];
	int id = vote_map_id(&v->map, peer->conf.name);

	snprintf(to->name, sizeof(to->name), "%s", peer->conf.name);
	to->heard = peer->peer.state == PEER_HEARD;
	to->witness = peer->conf.witness;
	to->leaving = peer->conf.leaving;
	to->can = peer->capabilities & WIRE_CONFIG;
	to->agents = peer->capabilities & WIRE_AGENTS;
	to->journal = peer->capabilities & WIRE_JOURNAL;
	to->nodes = peer->capabilities & WIRE_NODES;
	memcpy(to->at, peer->conf.at, sizeof(to->at));
	if (id >= 0 && says(v, (unsigned int)id, now))
		to->said = v->peer[id].config;
}

/**
 * vote_config_view - fill in what the keeper is told of the vote and the nodes
 * @v:		the vote
 * @view:	all zero, and then filled in, except for its folder
 */
void vote_config_view(const struct vote *v, struct keeper_view *view)
{
	const struct cluster *c = v->cluster;
	uint64_t now = clock_now();
	unsigned int i, n = 0;

	snprintf(view->self, sizeof(view->self), "%s", c->self.name);
	view->witness = c->witness;
	view->keys = c->self.keys;
	view->committed = v->config.committed;
	view->stored = newest(v, now);
	view->said = (struct config_word){
		.stored = v->seat.disk.conf, .committed = v->config.committed, .applied = v->config.runs,
		.state = v->config.state,
	};
	if (!v->begun)
		snprintf(view->why, sizeof(view->why), "this agent has no part in the vote: %.470s",
			 v->why[0] ? v->why : "its file says so");
	else if (c->n_peers > KEEPER_NODES)
		snprintf(view->why, sizeof(view->why), "the cluster has more than %u nodes", KEEPER_NODES);
	for (i = 0; i < c->n_paths; i++)
		view->local[i] = c->paths[i].conf.local;
	for (i = 0; i < c->n_peers && n < KEEPER_NODES; i++)
		peer_view(v, i, now, &view->peers[n++]);
	view->n_peers = n;
}
