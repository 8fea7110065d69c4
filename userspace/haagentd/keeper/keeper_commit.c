// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration on its way to all nodes. It is checked and written on each node that is heard, and then committed by
 * the vote. If one of these nodes refuses, none takes it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/agents_text.h"
#include "lib/pass.h"

#include "keeper_task.h"

#define COMMIT_TIME	30	/* the agent answers sooner than this, s */

/* Has each node that is heard check and write the text. @node: the one that refuses. Return: 0 or a negative errno. */
static int prepare(const struct keeper_view *v, const struct generation *g, const char *text, char node[WIRE_NAME],
		   char *why, size_t room)
{
	struct config_ask ask = { .kind = CONFIG_PUT, .about = *g }, answer;
	bool agents = agents_text_has(text, g->size), nodes = agents_text_has_nodes(text, g->size);
	unsigned int i = 0;
	char *said;
	int err;

	memcpy(node, v->self, WIRE_NAME);
	err = keeper_check(v, text, g->size, why, room);
	if (!err)
		err = keeper_keep(v, g, text, why, room);
	for (; !err && i < v->n_peers; i++) {
		if (!v->peers[i].heard)
			continue;
		memcpy(node, v->peers[i].name, WIRE_NAME);
		if (!v->peers[i].can) {
			snprintf(why, room, "its agent is of a release that has no configuration of the cluster, or was just started");
			return -EPROTO;
		}
		/* It would take the text, and none of these settings. A witness needs none of them. */
		if (agents && !v->peers[i].agents && !v->peers[i].witness) {
			snprintf(why, room, "its agent is of a release that takes no settings of all agents from a configuration, or was just started: install this release there, or commit without them ('haadm cluster apply FILE agents none')");
			return -EPROTO;
		}
		/* It would not know these nodes. */
		if (nodes && !v->peers[i].nodes) {
			snprintf(why, room, "its agent is of a release that takes no entries of nodes from a configuration, or was just started: install this release there");
			return -EPROTO;
		}
		err = keeper_request(v, &v->peers[i], &ask, text, &answer, &said, why, room, 0);
		if (!err)
			free(said);
	}
	return err;
}

/* Returns whether the client has ended, or waits no more. It then believes that nothing was committed. */
static bool gone(int client, short closed)
{
	struct pollfd fd = { .fd = client, .events = closed };

	return poll(&fd, 1, 0) == 1 && fd.revents & (POLLHUP | POLLERR | closed);
}

/* Has the agent commit a text that is on the disks. Return: 0 or a negative errno. */
static int commit(int agent, const struct generation *g, const struct hasw_vote_conf *base, char *why, size_t room)
{
	struct keeper_report report = { .kind = KEEPER_COMMIT, .base = *base, .hash = g->hash };
	const struct timeval span = { .tv_sec = COMMIT_TIME };
	struct keeper_result result;
	int fds[2], got = -1;

	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
		setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &span, sizeof(span));
		if (!pass_send(agent, &report, sizeof(report), fds[1])) {
			close(fds[1]);
			got = (int)recv(fds[0], &result, sizeof(result), 0);
		} else {
			close(fds[1]);
		}
		close(fds[0]);
	}
	if (got == (int)sizeof(result) && result.done)
		return 0;
	snprintf(why, room, "%s", got == (int)sizeof(result) ? result.why :
		 "the agent ends, so it is not known whether the configuration is committed: see 'haadm cluster show' later");
	return -EPROTO;
}

/**
 * keeper_commit - check, write and commit a configuration, on all nodes that are heard or on none
 * @view:	what the keeper was told; the new configuration follows its committed one
 * @agent:	socket to the agent
 * @client:	connection of who wants it; nothing is committed if it is closed before
 * @closed:	what tells that, beside POLLHUP: POLLRDHUP of a TCP connection; 0 of haadm's, which haadm closes half by itself
 * @g:		the configuration
 * @text:	its text
 * @node:	set to the name of the node that has refused it, or empty
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int keeper_commit(const struct keeper_view *view, int agent, int client, short closed, const struct generation *g,
		  const char *text, char node[WIRE_NAME], char *why, size_t room)
{
	const struct hasw_vote_conf *committed = &view->committed;
	int err;

	memset(node, 0, WIRE_NAME);
	if (view->why[0]) {
		snprintf(why, room, "%s", view->why);
		return -EAGAIN;
	}
	if (view->stored.generation != committed->generation || view->stored.blob != committed->blob) {
		snprintf(why, room, "an earlier change is not settled yet; try again in a few seconds");
		return -EAGAIN;
	}
	err = prepare(view, g, text, node, why, room);
	if (err)
		return err;
	memset(node, 0, WIRE_NAME);
	if (gone(client, closed)) {
		snprintf(why, room, "who wants it has gone");
		return -ECANCELED;
	}
	return commit(agent, g, committed, why, room);
}
