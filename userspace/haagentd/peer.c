// SPDX-License-Identifier: GPL-2.0
/* Who is heard: pure judgement of peers, by packets and an injected clock. */
#include <string.h>

#include "peer.h"

/*
 * For so long a peer must say that it hears nothing: it may be as busy as this
 * node, and nothing depends on this report but a line in the log.
 */
#define DEAF_SUSPECTS	5
#define DEAF_LEAST	UINT64_C(1000000000)

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
 * peer_heard - take in a heartbeat
 * @p:		the peer it is from
 * @rules:	the times
 * @word:	what it says
 * @now:	the time
 *
 * Return: whether the peer's state is another one now
 */
bool peer_heard(struct peer *p, const struct peer_rules *rules,
		const struct peer_word *word, uint64_t now)
{
	enum peer_state before = p->state;

	if (word->new_life)
		begin_life(p, word, now);
	/* What was sent before the last word, but came after it, says nothing. */
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
 * peer_presume - take a peer as alive though it was not heard yet
 * @p:		the peer; one that was heard in this life is left alone
 * @until:	how long
 */
void peer_presume(struct peer *p, uint64_t until)
{
	if (p->state != PEER_UNHEARD)
		return;
	p->state = PEER_PRESUMED;
	p->until = until;
}

/**
 * peer_judge - see what the passing of time makes of a peer
 * @p:		the peer
 * @rules:	the times
 * @now:	the time
 *
 * Return: whether the peer's state is another one now
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

/* A stamp that lies a gap further on, but not in the future. */
static uint64_t shifted(uint64_t stamp, uint64_t gap, uint64_t now)
{
	return now - stamp < gap ? now : stamp + gap;
}

/**
 * peer_forgive - do not hold against a peer what this agent slept through
 * @p:		the peer
 * @gap:	how long this agent did not run, ns
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
 * peer_named - does a peer belong into the BEAT?
 * @p:	the peer, judged
 *
 * Return: yes or no
 */
bool peer_named(const struct peer *p)
{
	return p->state == PEER_HEARD || p->state == PEER_STATIC ||
	       p->state == PEER_PRESUMED;
}

/**
 * peer_path_heard - take in what a heartbeat says of the path it came on
 * @p:		the peer it is from
 * @rules:	the times
 * @word:	what it says
 * @now:	the time
 *
 * Return: whether the path's way is another one now
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
 * peer_path_judge - see what the passing of time makes of a peer's path
 * @p:		the peer
 * @rules:	the times
 * @path:	which path
 * @now:	the time
 *
 * Return: whether the path's way is another one now
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
 * peer_state_word - a state in words
 * @state:	the state
 *
 * Return: one word, as hooks are given it
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
 * peer_way_word - how a peer goes on a path, in words
 * @way:	how it goes
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
