/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of one peer, derived from its heartbeats and the clock. BEATs are the messages
 * by which the agent reports peers as alive to the module.
 */
#ifndef HAAGENTD_PEER_H
#define HAAGENTD_PEER_H

#include <stdbool.h>
#include <stdint.h>

#define PEER_PATHS	8

enum peer_state {
	PEER_UNHEARD,	/* never heard since this agent began */
	PEER_PRESUMED,	/* not heard since this agent began, but the module has the node as alive */
	PEER_HEARD,	/* heard within the suspect time */
	PEER_SILENT,	/* was heard, static or presumed, and that state has timed out */
	PEER_STATIC,	/* its agent stopped cleanly; the peer is reported as alive for peer_rules.hold */
	PEER_LEFT,	/* the peer left the cluster on purpose */
};

/**
 * struct peer_rules - the timeouts for peers, ns
 * @suspect:	longest silence after which a peer is still reported as alive to the module
 * @hold:	how long a peer is still reported as alive after its agent has stopped
 *		cleanly
 */
struct peer_rules {
	uint64_t suspect;
	uint64_t hold;
};

enum peer_way {
	PEER_WAY_UNHEARD,	/* no heartbeat arrived on this path yet */
	PEER_WAY_GOOD,		/* heartbeats arrive in both directions */
	PEER_WAY_SILENT,	/* no heartbeat arrived on this path within the suspect time */
	PEER_WAY_ONE_WAY,	/* the peer is heard, but reports that no heartbeats of this node arrive */
};

/**
 * struct peer_path - the state of a peer on one path
 * @way:	state of the path between this node and the peer
 * @heard:	when the last heartbeat arrived, ns
 * @counter:	counter of the newest heartbeat
 * @deaf_since:	when the peer began to report that no heartbeats of this node arrive on this
 *		path, ns; or 0
 */
struct peer_path {
	enum peer_way way;
	uint64_t heard;
	uint64_t counter;
	uint64_t deaf_since;
};

/**
 * struct peer - the state of a peer, derived from its heartbeats
 * @state:	the state, which decides whether the peer is reported as alive to the module
 * @heard:	when the last heartbeat arrived on any path, ns
 * @until:	PEER_STATIC, PEER_PRESUMED: time until which the peer is reported as alive,
 *		ns; PEER_LEFT: time until which no fence command begins, ns
 * @final:	counter of the heartbeat that announced the end of the peer's session; 0
 *		while no end is announced
 * @born:	when the peer's session began, by this node's clock, ns
 * @paths:	the state on each path
 */
struct peer {
	enum peer_state state;
	uint64_t heard;
	uint64_t until;
	uint64_t final;
	uint64_t born;
	struct peer_path paths[PEER_PATHS];
};

/**
 * struct peer_word - the content of one authenticated heartbeat
 * @path:	index of the path on which the heartbeat arrived
 * @counter:	counter of the heartbeat
 * @new_life:	this is the first heartbeat of a new session
 * @is_static:	the peer's agent stops cleanly
 * @leave:	the peer leaves the cluster on purpose
 * @unheard:	this node currently sends no heartbeats, so the path does not count as
 *		one-way although the peer receives none
 * @echo_age:	time since a heartbeat of this node last reached the peer on this path, ns;
 *		UINT64_MAX: none has reached the peer
 * @age:	how long the peer's session has lasted, ns
 */
struct peer_word {
	unsigned int path;
	uint64_t counter;
	bool new_life;
	bool is_static;
	bool leave;
	bool unheard;
	uint64_t echo_age;
	uint64_t age;
};

bool peer_heard(struct peer *p, const struct peer_rules *rules,
		const struct peer_word *word, uint64_t now);
void peer_presume(struct peer *p, uint64_t until);
bool peer_judge(struct peer *p, const struct peer_rules *rules, uint64_t now);
void peer_forgive(struct peer *p, uint64_t gap, uint64_t now);
bool peer_named(const struct peer *p);
bool peer_path_heard(struct peer *p, const struct peer_rules *rules,
		     const struct peer_word *word, uint64_t now);
bool peer_path_judge(struct peer *p, const struct peer_rules *rules,
		     unsigned int path, uint64_t now);
const char *peer_state_word(enum peer_state state);
const char *peer_way_word(enum peer_way way);

#endif
