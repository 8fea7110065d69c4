// SPDX-License-Identifier: GPL-2.0
/* The heartbeats of the agents: sending them to all peers, and handling received packets. */
#include <netinet/in.h>
#include <sched.h>
#include <string.h>

#include "haagentd/clock.h"
#include "cluster.h"
#include "haagentd/log.h"

/*
 * After a restart of this agent or of a peer's agent, packets of an earlier session can still
 * arrive. They are refused, but the refusals are not reported until OLD_GRACE (ns) after the
 * peer's present session was accepted.
 */
#define OLD_GRACE	UINT64_C(2000000000)

#define HELLO_PAUSE	(10 * CLOCK_MS)	/* minimum time between two replies to a peer's hellos on a path */

/*
 * A packet with records is a heartbeat, too. It takes the place of the next one that is due within this part of the
 * heartbeat interval: a peer then hears this node as often, and at most this much later than after a heartbeat.
 */
#define SPARED	4

/* Limits of one call of cluster_receive(), so that a flood of packets does not block the event loop. */
#define TURN_PACKETS	64		/* this many packets are received, however long that takes */
#define TURN_TIME	(2 * CLOCK_MS)	/* then further packets are received for this time, ns */

static void body_fill(const struct cluster *c, const struct cluster_peer *peer,
		      unsigned int path, uint16_t flags, uint64_t now,
		      struct wire_body *body)
{
	const struct peer_path *at = &peer->peer.paths[path];
	uint64_t age = at->heard ? (now - at->heard) / 1000 : WIRE_NEVER;

	memset(body, 0, sizeof(*body));
	body->flags = flags | (c->unable ? WIRE_UNABLE : 0) | (c->misses ? WIRE_MISSES : 0) |
		      (peer->held ? WIRE_HELD : 0) | (c->returned ? WIRE_RETURNED : 0) |
		      (c->behind ? WIRE_BEHIND : 0);
	body->heartbeat_us = (uint32_t)(c->heartbeat / 1000);
	body->echo_age_us = age < WIRE_NEVER ? (uint32_t)age : WIRE_NEVER;
	body->echo_counter = at->counter;
	body->age_ms = (now - c->born) / 1000000;
	body->share = c->share;
	body->reached = c->reached;
}

static void send_to(struct cluster *c, struct cluster_peer *peer,
		    unsigned int path, uint16_t flags, uint64_t now)
{
	uint8_t packet[WIRE_PACKET];
	struct wire_body body;
	size_t length;

	if (c->paths[path].fd < 0 || !peer->conf.at[path].ss_family)
		return;
	body_fill(c, peer, path, flags, now, &body);
	length = peer->session.known ?
		session_seal_beat(&c->self, &peer->session, &body, packet) :
		session_seal_hello(&c->self, &peer->session, NULL, &body, packet);
	path_send(&c->paths[path], &peer->conf.at[path], packet, length,
		  &peer->trouble[path], now);
	if (WIRE_LATER && peer->session.known) {
		length = session_seal_later(&c->self, &peer->session,
					    WIRE_TYPE_LATER, packet);
		path_send(&c->paths[path], &peer->conf.at[path], packet, length,
			  &peer->trouble[path], now);
	}
}

static bool is_spared(const struct cluster *c, const struct cluster_peer *peer,
		      unsigned int path, uint64_t now)
{
	return peer->session.known && now < peer->told[path] + c->heartbeat / SPARED;
}

/**
 * cluster_send - send a heartbeat to every peer on every path. A peer whose session is not
 * known gets a hello instead, which announces this agent's session
 * @c:		the cluster
 * @flags:	WIRE_STATIC, WIRE_LEAVE or 0
 * @now:	the time
 *
 * A heartbeat without flags is left out if the peer has just been sent records.
 */
void cluster_send(struct cluster *c, uint16_t flags, uint64_t now)
{
	unsigned int i, p;

	if (flags)
		c->silent = true;
	/* While @c->mute is set, peers must not use this node. Each heartbeat without WIRE_LEAVE lets them use it. */
	if (c->mute && !(flags & WIRE_LEAVE))
		return;
	for (i = 0; i < c->n_peers; i++)
		for (p = 0; p < c->n_paths; p++)
			if (flags || !is_spared(c, &c->peers[i], p, now))
				send_to(c, &c->peers[i], p, flags, now);
}

/**
 * cluster_tells - return whether a peer is to be told now what it is told once in a while
 * @c:		the cluster
 * @peer:	the peer
 * @due:	when that is due, ns; 0: at once. Put off when it is told
 * @now:	the time, ns
 *
 * The first record follows the peer's first heartbeat. One that is lost is made up for by the next one.
 *
 * Return: yes or no; no while this agent must not be heard
 */
bool cluster_tells(const struct cluster *c, const struct cluster_peer *peer, uint64_t *due, uint64_t now)
{
	if (c->mute || !peer->session.known || now < *due)
		return false;
	*due = now + 10 * CLOCK_SECOND;
	return true;
}

/**
 * cluster_send_records - send records to a peer at once, on every path
 * @c:		the cluster
 * @peer:	the peer; nothing is sent if the peer's session is not known
 * @records:	the records, written by wire_record_put()
 * @size:	length of @records, bytes; at most WIRE_RECORDS_MAX
 * @now:	the time
 *
 * The packet is also a heartbeat. Nothing is sent while @c->mute or @c->silent is set.
 */
void cluster_send_records(struct cluster *c, struct cluster_peer *peer,
			  const uint8_t *records, size_t size, uint64_t now)
{
	uint8_t packet[WIRE_SEND_MAX];
	struct wire_body body;
	unsigned int p;
	size_t length;

	if (c->silent || c->mute || !peer->session.known)
		return;
	for (p = 0; p < c->n_paths; p++) {
		if (c->paths[p].fd < 0 || !peer->conf.at[p].ss_family)
			continue;
		body_fill(c, peer, p, 0, now, &body);
		length = session_seal_said(&c->self, &peer->session, &body,
					   records, size, packet);
		path_send(&c->paths[p], &peer->conf.at[p], packet, length,
			  &peer->trouble[p], now);
		peer->told[p] = now;
	}
}

static void take_records(struct cluster *c, struct cluster_peer *peer,
			 const struct wire_records *records, uint64_t now)
{
	struct wire_record record;
	size_t at = 0, took;

	if (!c->ops->said)
		return;
	while ((took = wire_record_get(records->data + at, records->size - at,
				       &record))) {
		at += took;
		c->ops->said(c->arg, peer, &record, now);
	}
}

static void answer_hello(struct cluster *c, struct cluster_peer *peer,
			 unsigned int path, const struct wire_header *h,
			 const struct wire_body *hello, uint64_t now)
{
	static const uint8_t nobody[WIRE_SESSION];
	bool proves = memcmp(h->to_session, nobody, WIRE_SESSION);
	uint64_t *answered = &peer->answered[path][proves];
	uint8_t packet[WIRE_PACKET];
	struct wire_body body;
	size_t length;

	/*
	 * The reply is sent to the peer's configured address, not to the hello's source
	 * address, because another host may have replayed a recorded hello.
	 */
	if (c->silent || c->mute || !peer->conf.at[path].ss_family)
		return;
	/* The rate of replies is limited, because an attacker can replay recorded hellos at any rate. */
	if (*answered && now - *answered < HELLO_PAUSE)
		return;
	*answered = now;
	body_fill(c, peer, path, 0, now, &body);
	length = proves ?
		session_seal_proof(&c->self, &peer->session, h, hello, &body, packet) :
		session_seal_hello(&c->self, &peer->session, h, &body, packet);
	path_send(&c->paths[path], &peer->conf.at[path], packet, length,
		  &peer->trouble[path], now);
}

/**
 * cluster_late - compute the silence of a peer that lateness of either node can explain
 * @c:		the cluster
 * @peer:	the peer; NULL: assume a punctual peer
 *
 * A stall of either node delays heartbeats, so the larger lateness of the two counts.
 *
 * Return: the longest such silence, ns; 0 if both nodes are punctual
 */
uint64_t cluster_late(const struct cluster *c, const struct cluster_peer *peer)
{
	uint64_t worst = c->late.worst;

	if (peer && peer->late.worst > worst)
		worst = peer->late.worst;
	return lateness_suspect(worst, 0, c->suspect_most);
}

/**
 * cluster_suspect - return the current suspect time of a peer: how long it may be silent
 * and still counts as alive
 * @c:		the cluster
 * @peer:	the peer; NULL: assume a punctual peer
 *
 * Return: the suspect time, ns
 */
uint64_t cluster_suspect(const struct cluster *c,
			 const struct cluster_peer *peer)
{
	uint64_t late = cluster_late(c, peer);

	return late > c->rules.suspect ? late : c->rules.suspect;
}

static struct peer_rules rules_for(const struct cluster *c,
				   const struct cluster_peer *peer)
{
	return (struct peer_rules){
		.suspect = cluster_suspect(c, peer), .hold = c->rules.hold,
	};
}

/*
 * Records how late a heartbeat is. lateness_note() ignores a lateness above LATENESS_MOST,
 * because a peer that is silent for so long was switched off or disconnected, not late. A peer
 * that leaves a heartbeat out (SPARED) is not late.
 */
static void note_late(struct cluster_peer *peer, const struct wire_body *body,
		      uint64_t now)
{
	const struct peer *p = &peer->peer;
	uint64_t every = body->heartbeat_us * UINT64_C(1000), late;

	if ((p->state != PEER_HEARD && p->state != PEER_SILENT) ||
	    now < p->heard + every + every / SPARED)
		return;
	late = now - p->heard - every;
	lateness_note(&peer->late, late, now);
}

/*
 * Notes whether a peer that comes back has to catch up before the module hears that it is alive. One that is named already
 * goes on serving: only its agent was started again. The caller has not handled the heartbeat yet.
 */
static void note_behind(struct cluster_peer *peer, bool behind)
{
	bool before = peer->waits;

	if (!behind)
		peer->waits = false;
	else if (!peer_named(&peer->peer))
		peer->waits = true;
	if (peer->waits != before && cluster_serves(peer))
		log_notice(before ? "%s: it is not behind the committed configuration any more, and may serve" :
			   "%s: it is behind the committed configuration, and the module is not told that it is alive",
			   peer->conf.name);
}

static void take_beat(struct cluster *c, struct cluster_peer *peer,
		      unsigned int path, const struct wire_header *h,
		      const struct wire_body *body, bool new_life, uint64_t now)
{
	enum peer_state before = peer->peer.state;
	struct peer_rules rules;
	struct peer_word word = {
		.path = path,
		.counter = h->counter,
		.new_life = new_life,
		.is_static = body->flags & WIRE_STATIC,
		.leave = body->flags & WIRE_LEAVE,
		.unheard = c->mute,
		.echo_age = body->echo_age_us == WIRE_NEVER ? UINT64_MAX :
			    body->echo_age_us * UINT64_C(1000),
		.age = body->age_ms < UINT64_MAX / 1000000 ?
		       body->age_ms * 1000000 : UINT64_MAX,
	};

	if (c->ops->heard)
		c->ops->heard(c->arg, peer);
	if (new_life) {
		peer->known_at = now;
		peer->release = (struct release){ 0 };
		peer->wall.due = 0;
		log_debug("%s: a new session, on path %s", peer->conf.name,
			  c->paths[path].conf.name);
	}
	peer->capabilities = body->capabilities;
	peer->share = body->share;
	peer->reached = body->reached;
	peer->unable = body->flags & WIRE_UNABLE;
	peer->misses = body->flags & WIRE_MISSES;
	peer->held_here = body->flags & WIRE_HELD;
	peer->returned = body->flags & WIRE_RETURNED;
	note_behind(peer, body->flags & WIRE_BEHIND);
	if (peer->heartbeat_us != body->heartbeat_us) {
		peer->heartbeat_us = body->heartbeat_us;
		if (body->heartbeat_us * UINT64_C(2000) > c->rules.suspect)
			log_warning("%s sends every %u us; with suspect = %llu us here it will seem silent now and then",
				    peer->conf.name, body->heartbeat_us,
				    (unsigned long long)c->rules.suspect / 1000);
	}
	if (!new_life)
		note_late(peer, body, now);
	rules = rules_for(c, peer);
	if (peer_heard(&peer->peer, &rules, &word, now))
		c->ops->peer_changed(c->arg, peer, before, now);
	if (peer_path_heard(&peer->peer, &rules, &word, now))
		c->ops->path_changed(c->arg, peer, &c->paths[path],
				     peer->peer.paths[path].way);
	/*
	 * The peer accepts this node's session only after a heartbeat that is sealed with the
	 * token from the peer. So this node sends such a heartbeat at once.
	 */
	if (new_life && !c->silent && !c->mute)
		send_to(c, peer, path, 0, now);
}

static void refuse(struct cluster *c, struct cluster_peer *peer,
		   const struct sockaddr_storage *from, enum refused_why why,
		   uint64_t now)
{
	struct refused *r = peer ? &peer->refused : &c->strangers;
	char text[REFUSED_TEXT], address[PATH_ADDRESS];
	bool failure;

	refused_count(r, why, now);
	if (!peer)
		c->stranger = *from;
	if (why == REFUSED_OLD &&
	    (!peer->session.known || now - peer->known_at < OLD_GRACE)) {
		r->told[why]++;
		return;
	}
	if (refused_due(r, now, text, &failure))
		c->ops->refused(c->arg, peer, path_address(from, address), text,
				failure);
}

static enum refused_why why_undecodable(enum wire_error err)
{
	if (err == WIRE_BAD_MAGIC)
		return REFUSED_FOREIGN;
	if (err == WIRE_BAD_VERSION)
		return REFUSED_VERSION;
	return REFUSED_MALFORMED;
}

static bool address_known(const struct cluster *c, unsigned int path,
			  const struct sockaddr_storage *from)
{
	unsigned int i;

	for (i = 0; i < c->n_peers; i++)
		if (path_from(from, &c->peers[i].conf.at[path]))
			return true;
	return false;
}

static void take_packet(struct cluster *c, unsigned int path,
			const uint8_t *packet, size_t length,
			const struct sockaddr_storage *from, uint64_t now)
{
	struct wire_records records;
	struct cluster_peer *peer;
	struct wire_body body;
	struct wire_header h;
	enum wire_error err;

	/* The source address is checked first, because this check is the cheapest. */
	if (!address_known(c, path, from)) {
		refuse(c, NULL, from, REFUSED_ADDRESS, now);
		return;
	}
	err = wire_header_decode(packet, length, &h);
	if (err) {
		refuse(c, NULL, from, why_undecodable(err), now);
		return;
	}
	if (!strcmp(h.from, c->self.name)) {
		refuse(c, NULL, from, REFUSED_SELF, now);
		return;
	}
	peer = cluster_peer(c, h.from);
	if (!peer) {
		refuse(c, NULL, from, REFUSED_STRANGER, now);
		return;
	}
	if (strcmp(h.to, c->self.name)) {
		refuse(c, peer, from, REFUSED_MISDIRECTED, now);
		return;
	}

	switch (session_open(&c->self, &peer->session, packet, length, &h, &body,
			     &records)) {
	case SESSION_HELLO:
		peer->missed.hello = true;
		answer_hello(c, peer, path, &h, &body, now);
		break;
	case SESSION_BEAT:
		take_beat(c, peer, path, &h, &body, false, now);
		take_records(c, peer, &records, now);
		break;
	case SESSION_NEW:
		take_beat(c, peer, path, &h, &body, true, now);
		take_records(c, peer, &records, now);
		break;
	case SESSION_LATER:
		log_debug("%s: a packet of type %u, which this release does not know",
			  peer->conf.name, h.type);
		break;
	case SESSION_OTHER_KEY:
		refuse(c, peer, from, REFUSED_KEY, now);
		break;
	case SESSION_FORGED:
		refuse(c, peer, from, REFUSED_FORGED, now);
		break;
	case SESSION_REPLAYED:
		refuse(c, peer, from, REFUSED_REPLAYED, now);
		break;
	case SESSION_OLD:
		refuse(c, peer, from, REFUSED_OLD, now);
		break;
	case SESSION_MALFORMED:
		refuse(c, peer, from, REFUSED_MALFORMED, now);
		break;
	}
}

/**
 * cluster_receive - receive the packets that are queued on a path
 * @c:		the cluster
 * @path:	index of the path
 * @now:	the time
 */
void cluster_receive(struct cluster *c, unsigned int path, uint64_t now)
{
	struct path_batch batch;
	uint64_t until = 0;
	unsigned int n, i, got;

	if (c->paths[path].fd < 0)
		return;
	for (n = 0; n < TURN_PACKETS || clock_now() < until; n += got) {
		got = path_receive(&c->paths[path], &batch);
		for (i = 0; i < got; i++) {
			const struct path_packet *packet = &batch.packets[i];

			if (packet->length > WIRE_PACKET_MAX)
				refuse(c, NULL, &packet->from, REFUSED_MALFORMED, now);
			else
				take_packet(c, path, packet->data, packet->length,
					    &packet->from, now);
		}
		if (got < PATH_BATCH)
			return;
		if (!until && n + got >= TURN_PACKETS)
			until = clock_now() + TURN_TIME;
	}
	/* After a stall, many packets were received in a row. Yield, so that other agents on this machine can run. */
	sched_yield();
}

/**
 * cluster_stale - check whether a path's socket must be reopened
 * @c:		the cluster
 * @path:	index of the path
 * @changed:	a link notification has arrived
 * @now:	the time
 *
 * Return: yes or no
 */
bool cluster_stale(struct cluster *c, unsigned int path, bool changed,
		   uint64_t now)
{
	return path_stale(&c->paths[path], changed, now);
}

/**
 * cluster_reopen - reopen a path's socket, because its device has changed
 * @c:		the cluster
 * @path:	index of the path; the caller has freed the read event of the path's socket
 */
void cluster_reopen(struct cluster *c, unsigned int path)
{
	path_reopen(&c->paths[path]);
}

/**
 * cluster_drain - receive the packets that are queued on all paths
 * @c:		the cluster
 * @now:	the time
 */
void cluster_drain(struct cluster *c, uint64_t now)
{
	unsigned int p;

	for (p = 0; p < c->n_paths; p++)
		cluster_receive(c, p, now);
}

/**
 * cluster_forgive - do not count a stall of this agent as silence of the peers
 * @c:		the cluster; the caller has called cluster_drain()
 * @gap:	duration of the stall, ns
 * @now:	the time
 */
void cluster_forgive(struct cluster *c, uint64_t gap, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < c->n_peers; i++) {
		peer_forgive(&c->peers[i].peer, gap, now);
		missed_forgive(&c->peers[i].missed, gap, now);
	}
}

static void judge_one(struct cluster *c, struct cluster_peer *peer, uint64_t now)
{
	enum peer_state before = peer->peer.state;
	struct peer_rules rules;
	unsigned int p;

	lateness_pass(&peer->late, now);
	rules = rules_for(c, peer);
	if (peer_judge(&peer->peer, &rules, now))
		c->ops->peer_changed(c->arg, peer, before, now);
	for (p = 0; p < c->n_paths; p++)
		if (peer_path_judge(&peer->peer, &rules, p, now))
			c->ops->path_changed(c->arg, peer, &c->paths[p],
					     peer->peer.paths[p].way);
}

/**
 * cluster_judge - update the states of the peers after time has passed
 * @c:		the cluster; the caller has called cluster_drain()
 * @now:	the time
 */
void cluster_judge(struct cluster *c, uint64_t now)
{
	char text[REFUSED_TEXT], address[PATH_ADDRESS];
	unsigned int i;
	bool failure;

	for (i = 0; i < c->n_peers; i++) {
		struct cluster_peer *peer = &c->peers[i];

		judge_one(c, peer, now);
		if (refused_due(&peer->refused, now, text, &failure))
			c->ops->refused(c->arg, peer, NULL, text, failure);
	}
	if (refused_due(&c->strangers, now, text, &failure))
		c->ops->refused(c->arg, NULL,
				path_address(&c->stranger, address), text,
				failure);
}

/**
 * cluster_presume - treat a node as alive before its first heartbeat
 * @c:		the cluster
 * @name:	name of the node
 * @until:	when the presumption ends, ns
 */
void cluster_presume(struct cluster *c, const char *name, uint64_t until)
{
	struct cluster_peer *peer = cluster_peer(c, name);

	if (peer)
		peer_presume(&peer->peer, until);
}

/**
 * cluster_complete - check whether every peer has been heard
 * @c:	the cluster
 *
 * Return: yes or no
 */
bool cluster_complete(const struct cluster *c)
{
	unsigned int i;

	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i].peer.state == PEER_UNHEARD ||
		    c->peers[i].peer.state == PEER_PRESUMED)
			return false;
	return true;
}
