/* SPDX-License-Identifier: GPL-2.0 */
/* Who is heard: the state of one peer, told by packets and a clock. */
#ifndef HAAGENTD_PEER_H
#define HAAGENTD_PEER_H

#include <stdbool.h>
#include <stdint.h>

#define PEER_PATHS	8

enum peer_state {
	PEER_UNHEARD,	/* not heard in this agent's life */
	PEER_PRESUMED,	/* not heard either, but the module has it as alive */
	PEER_HEARD,	/* heard within the suspect time */
	PEER_SILENT,	/* was heard, is not any more */
	PEER_STATIC,	/* stopped cleanly, named for a while yet */
	PEER_LEFT,	/* went away on purpose */
};

/**
 * struct peer_rules - the times that peers are judged by, ns
 * @suspect:	a peer that was not heard for longer is not named
 * @hold:	how long a peer that said "static" is named
 */
struct peer_rules {
	uint64_t suspect;
	uint64_t hold;
};

enum peer_way {
	PEER_WAY_UNHEARD,	/* nothing came on it yet */
	PEER_WAY_GOOD,
	PEER_WAY_SILENT,	/* nothing comes any more */
	PEER_WAY_ONE_WAY,	/* it is heard, but says that it hears nothing */
};

/**
 * struct peer_path - a peer on one of the paths
 * @way:	how it goes on this path
 * @heard:	when something came last
 * @counter:	of the newest packet that came
 * @deaf_since:	since when it says that it hears nothing on this path, or 0
 */
struct peer_path {
	enum peer_way way;
	uint64_t heard;
	uint64_t counter;
	uint64_t deaf_since;
};

/**
 * struct peer - what heartbeats tell of a peer
 * @state:	whether it is to be named
 * @heard:	when something came last, on any path
 * @until:	states static and presumed: when to stop naming it
 * @final:	counter of the packet that ended its life, 0 while it lives
 * @born:	when its life began, by this node's clock
 * @paths:	the same by path
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
 * struct peer_word - what one genuine heartbeat says
 * @path:	the path it came on
 * @counter:	its counter
 * @new_life:	it is the first of a new session
 * @is_static:	the peer stops cleanly
 * @leave:	the peer goes away on purpose
 * @unheard:	this node sends nothing, so that the peer cannot hear it
 * @echo_age:	how long ago the peer heard this node on this path, ns;
 *		UINT64_MAX for never
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
