// SPDX-License-Identifier: GPL-2.0
/* Peers from which no heartbeat has arrived since this agent began, because of a firewall or a missing agent. */
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "haagentd/clock.h"
#include "cluster.h"
#include "unheard.h"

/*
 * A peer that was never heard is reported after PATIENCE (ns) or PATIENCE_SUSPECTS suspect times, whichever is
 * longer. The suspect time is the longest silence after which a peer still counts as alive.
 */
#define PATIENCE	(5 * CLOCK_SECOND)
#define PATIENCE_SUSPECTS 3

static uint64_t patience(const struct cluster *c)
{
	uint64_t suspects = PATIENCE_SUSPECTS * c->rules.suspect;

	return suspects > PATIENCE ? suspects : PATIENCE;
}

/**
 * missed_next - find a peer whose missing heartbeats are due for a report, and mark it as reported
 * @c:		the cluster; the caller has handled all packets that wait in its sockets
 * @now:	the time
 *
 * If packets of a peer are refused, the report of that peer is postponed, because
 * report_refused() reports the refused packets.
 *
 * Return: the peer; NULL if no peer is due for a report
 */
struct cluster_peer *missed_next(struct cluster *c, uint64_t now)
{
	uint64_t wait = patience(c);
	unsigned int i;

	for (i = 0; i < c->n_peers; i++) {
		struct cluster_peer *peer = &c->peers[i];
		struct missed *m = &peer->missed;

		if (peer->peer.heard || m->told)
			continue;
		if (!m->since || c->mute)
			m->since = now;
		if (now - m->since < wait ||
		    (peer->refused.last && now - peer->refused.last < wait))
			continue;
		m->told = true;
		return peer;
	}
	return NULL;
}

/**
 * missed_again - restart the wait for a peer whose report was suppressed
 * @c:		the cluster
 * @name:	name of the peer
 * @now:	the time
 */
void missed_again(struct cluster *c, const char *name, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < c->n_peers; i++)
		if (!strcmp(c->peers[i].conf.name, name)) {
			c->peers[i].missed.since = now;
			c->peers[i].missed.told = false;
		}
}

/**
 * missed_forgive - do not count a stall of this agent as silence of the peer
 * @m:		the wait for the peer
 * @gap:	duration of the stall, ns
 * @now:	the time
 */
void missed_forgive(struct missed *m, uint64_t gap, uint64_t now)
{
	if (m->since)
		m->since = now - m->since < gap ? now : m->since + gap;
}

/**
 * missed_still - return whether a peer was reported as never heard, and is still not heard
 * @peer:	the peer
 *
 * Return: yes or no
 */
bool missed_still(const struct cluster_peer *peer)
{
	return peer->missed.told && !peer->peer.heard;
}

static void put(char text[MISSED_TEXT], size_t *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void put(char text[MISSED_TEXT], size_t *at, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text + *at, MISSED_TEXT - *at, format, args);
	va_end(args);
	*at += n > 0 ? (size_t)n : 0;
	if (*at >= MISSED_TEXT)
		*at = MISSED_TEXT - 1;
}

/**
 * missed_text - write the report of a peer that was never heard, with the likely causes
 * @c:		the cluster
 * @peer:	the peer
 * @now:	the time
 * @text:	filled with the report
 *
 * Return: @text
 */
const char *missed_text(const struct cluster *c, const struct cluster_peer *peer,
			uint64_t now, char text[MISSED_TEXT])
{
	unsigned long long span = (now - peer->missed.since) / CLOCK_SECOND;
	unsigned int p, port = 0, ports = 0, n = 0;
	char address[PATH_ADDRESS];
	size_t at = 0;

	if (peer->missed.hello)
		put(text, &at, "it says hello, but has not answered in %llu s, so that it seems not to hear this node", span);
	else
		put(text, &at, "no packet of it came in %llu s", span);
	for (p = 0; p < c->n_paths; p++) {
		const struct path *path = &c->paths[p];

		if (!peer->conf.at[p].ss_family || !path->conf.local.ss_family)
			continue;
		put(text, &at, "%s %s (path %s)", n++ ? "," : "; it should be at",
		    path_address(&peer->conf.at[p], address), path->conf.name);
		if (path->conf.port != port)
			ports++;
		port = path->conf.port;
	}
	put(text, &at, ". %s a firewall on the way (here, there, between) let ",
	    peer->missed.hello ? "Does" : "Is its agent running, and does");
	if (ports == 1)
		put(text, &at, "UDP port %u", port);
	else
		put(text, &at, "these UDP ports");
	put(text, &at, " pass%s?", peer->missed.hello ? " from here to there" : "");
	if (c->witness || !cluster_serves(peer))
		put(text, &at, " Until it is heard its vote is missing");
	else if (peer->peer.state == PEER_UNHEARD)
		put(text, &at, " Until it is heard the module does not notice when it dies");
	return text;
}
