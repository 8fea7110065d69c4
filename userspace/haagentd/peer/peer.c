// SPDX-License-Identifier: GPL-2.0
/*
 * The state of a peer, derived from its heartbeats. The state decides whether the agent
 * reports the peer as alive to the module, by messages called BEATs. The suspect time is
 * the longest silence after which a peer is still reported as alive. The functions get the
 * time as an argument.
 */
#include <string.h>

#include "peer.h"

/*
 * A path counts as one-way after the peer has reported for some time that no heartbeats of
 * this node arrive on the path. This time is long, because a busy peer can receive
 * heartbeats late. A long time does no harm, because a one-way path only causes a log line
 * and a notify command.
 */
#define DEAF_SUSPECTS	5			/* this time as a multiple of the suspect time */
#define DEAF_LEAST	UINT64_C(1000000000)	/* lower limit of this time, ns */

static void begin_life(struct peer *p, const struct peer_word *word,
		       uint64_t now)
{
	unsigned int i;

	p->final = 0;
	p->born = now > word->age ? now - word->age : 0;
	for (i = 0; i < PEER_PATHS; i++)
		p->paths[i].counter = 0;
}

/**
 * peer_heard - handle a heartbeat of a peer
 * @p:		the peer
 * @rules:	the timeouts, of which only @hold is used
 * @word:	content of the heartbeat
 * @now:	the time
 *
 * Return: whether the peer's state has changed
 */
bool peer_heard(struct peer *p, const struct peer_rules *rules,
		const struct peer_word *word, uint64_t now)
{
	enum peer_state before = p->state;

	if (word->new_life)
		begin_life(p, word, now);
	/* If the session's last heartbeat overtakes an earlier one, the earlier one is ignored. */
	if (p->final)
		return false;
	p->heard = now;
	if (word->leave || word->is_static) {
		p->final = word->counter;
		p->until = now + rules->hold;
		p->state = word->leave ? PEER_LEFT : PEER_STATIC;
	} else {
		p->state = PEER_HEARD;
	}
	return p->state != before;
}

/**
 * peer_presume - treat a peer as alive before its first heartbeat
 * @p:		the peer; only a peer in state PEER_UNHEARD is changed
 * @until:	when the presumption ends, ns
 */
void peer_presume(struct peer *p, uint64_t until)
{
	if (p->state != PEER_UNHEARD)
		return;
	p->state = PEER_PRESUMED;
	p->until = until;
}

/**
 * peer_judge - update the state of a peer after time has passed
 * @p:		the peer
 * @rules:	the timeouts, of which only @suspect is used
 * @now:	the time
 *
 * Return: whether the peer's state has changed
 */
bool peer_judge(struct peer *p, const struct peer_rules *rules, uint64_t now)
{
	if (p->state == PEER_HEARD && now > p->heard &&
	    now - p->heard > rules->suspect) {
		p->state = PEER_SILENT;
		return true;
	}
	if ((p->state == PEER_STATIC || p->state == PEER_PRESUMED) &&
	    now >= p->until) {
		p->state = PEER_SILENT;
		return true;
	}
	return false;
}

/* Moves a timestamp forward by a gap, but not into the future. */
static uint64_t shifted(uint64_t stamp, uint64_t gap, uint64_t now)
{
	return now - stamp < gap ? now : stamp + gap;
}

/**
 * peer_forgive - do not count a stall of this agent as silence of a peer
 * @p:		the peer
 * @gap:	duration of the stall, ns
 * @now:	the time
 */
void peer_forgive(struct peer *p, uint64_t gap, uint64_t now)
{
	unsigned int i;

	if (p->heard)
		p->heard = shifted(p->heard, gap, now);
	for (i = 0; i < PEER_PATHS; i++) {
		struct peer_path *path = &p->paths[i];

		if (path->heard)
			path->heard = shifted(path->heard, gap, now);
		if (path->deaf_since)
			path->deaf_since = shifted(path->deaf_since, gap, now);
	}
}

/**
 * peer_named - return whether a peer is reported as alive to the module
 * @p:	the peer; the caller has called peer_judge()
 *
 * Return: yes or no
 */
bool peer_named(const struct peer *p)
{
	return p->state == PEER_HEARD || p->state == PEER_STATIC ||
	       p->state == PEER_PRESUMED;
}

/**
 * peer_path_heard - update the state of the path on which a heartbeat has arrived
 * @p:		the peer
 * @rules:	the timeouts, of which only @suspect is used
 * @word:	content of the heartbeat
 * @now:	the time
 *
 * Return: whether the state of the path has changed
 */
bool peer_path_heard(struct peer *p, const struct peer_rules *rules,
		     const struct peer_word *word, uint64_t now)
{
	struct peer_path *path = &p->paths[word->path];
	enum peer_way before = path->way;

	path->heard = now;
	if (word->counter > path->counter)
		path->counter = word->counter;
	if (word->unheard) {
		path->deaf_since = 0;
		return false;
	}
	if (word->echo_age <= rules->suspect) {
		path->deaf_since = 0;
		path->way = PEER_WAY_GOOD;
		return path->way != before;
	}
	if (!path->deaf_since)
		path->deaf_since = now;
	if (now - path->deaf_since >= DEAF_LEAST &&
	    now - path->deaf_since >= DEAF_SUSPECTS * rules->suspect)
		path->way = PEER_WAY_ONE_WAY;
	return path->way != before;
}

/**
 * peer_path_judge - update the state of a peer's path after time has passed
 * @p:		the peer
 * @rules:	the timeouts, of which only @suspect is used
 * @path:	index of the path
 * @now:	the time
 *
 * Return: whether the state of the path has changed
 */
bool peer_path_judge(struct peer *p, const struct peer_rules *rules,
		     unsigned int path, uint64_t now)
{
	struct peer_path *at = &p->paths[path];

	if (at->way == PEER_WAY_UNHEARD || at->way == PEER_WAY_SILENT ||
	    now <= at->heard || now - at->heard <= rules->suspect)
		return false;
	at->way = PEER_WAY_SILENT;
	at->deaf_since = 0;
	return true;
}

/**
 * peer_state_word - return the name of a peer's state
 * @state:	the state
 *
 * Return: one word, as notify commands get it
 */
const char *peer_state_word(enum peer_state state)
{
	static const char *const words[] = {
		[PEER_UNHEARD] = "unheard",
		[PEER_PRESUMED] = "presumed",
		[PEER_HEARD] = "heard",
		[PEER_SILENT] = "silent",
		[PEER_STATIC] = "static",
		[PEER_LEFT] = "left",
	};

	return words[state];
}

/**
 * peer_way_word - return the name of a path's state
 * @way:	the path's state
 *
 * Return: one word
 */
const char *peer_way_word(enum peer_way way)
{
	static const char *const words[] = {
		[PEER_WAY_UNHEARD] = "unheard",
		[PEER_WAY_GOOD] = "good",
		[PEER_WAY_SILENT] = "silent",
		[PEER_WAY_ONE_WAY] = "one-way",
	};

	return words[way];
}
