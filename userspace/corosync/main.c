// SPDX-License-Identifier: GPL-2.0
/*
 * haagentd-corosync: tells the agent corosync's nodelist, and whether corosync has quorum here. The agent starts it when
 * haagentd.conf says engine = "corosync". Corosync's libraries can block, and are not on every machine. So the agent has
 * none of them.
 */
#include <corosync/cmap.h>
#include <corosync/corotypes.h>
#include <corosync/quorum.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/process.h"
#include "names.h"
#include "nodelist.h"

#define TRIES	5	/* so often a busy corosync is asked */
#define PAUSE	100	/* between two of these, ms */
#define JOINS	(5 * CLOCK_SECOND)	/* so long a corosync that has started looks for the others, at most */

/**
 * struct state - what this process knows
 * @open:	@map and @quorum are open
 * @tracked:	corosync tells changes of its quorum
 * @joined:	its quorum is to be believed: it has had quorum, or JOINS have passed
 * @opened:	when it was last opened, ns; 0: never
 * @map:	corosync's map, with its nodelist
 * @quorum:	corosync's quorum service
 * @now:	the report that is sent next
 * @told:	the report that was sent last; its nodes are those of which the agent knows
 */
struct state {
	bool open;
	bool tracked;
	bool joined;
	uint64_t opened;
	cmap_handle_t map;
	quorum_handle_t quorum;
	struct corosync_report now;
	struct corosync_report told;
};

static void on_quorum(quorum_handle_t handle, uint32_t quorate, uint64_t ring, uint32_t n, uint32_t *list)
{
	void *context = NULL;

	(void)ring;
	(void)n;
	(void)list;
	if (quorum_context_get(handle, (const void **)&context) == CS_OK && context)
		((struct state *)context)->now.quorate = quorate;
}

static void no_answer(struct state *s, const char *why)
{
	s->now.answers = false;
	s->now.quorate = false;
	snprintf(s->now.why, sizeof(s->now.why), "%s", why);
}

static void failed(struct state *s, cs_error_t err)
{
	const char *why;
	char number[64];

	switch (err) {
	case CS_ERR_ACCESS:
		why = "it refuses this user";
		break;
	case CS_ERR_LIBRARY:
	case CS_ERR_NOT_EXIST:
	case CS_ERR_BAD_HANDLE:
		why = "it does not run; start it ('systemctl start corosync')";
		break;
	case CS_ERR_TRY_AGAIN:
		why = "it is busy";
		break;
	default:
		snprintf(number, sizeof(number), "its libraries say error %d", (int)err);
		why = number;
	}
	no_answer(s, why);
	/* A busy corosync keeps its connections. */
	if (!s->open || err == CS_ERR_TRY_AGAIN)
		return;
	quorum_finalize(s->quorum);
	cmap_finalize(s->map);
	s->open = false;
}

static cs_error_t try_open(struct state *s)
{
	quorum_callbacks_t callbacks = { .quorum_notify_fn = on_quorum };
	uint32_t type = QUORUM_FREE;
	cs_error_t err = cmap_initialize(&s->map);

	if (err != CS_OK)
		return err;
	err = quorum_initialize(&s->quorum, &callbacks, &type);
	if (err != CS_OK) {
		cmap_finalize(s->map);
		return err;
	}
	s->open = true;
	s->tracked = false;
	s->joined = !s->opened;
	s->opened = clock_now();
	s->now.counts = type == QUORUM_SET;
	return CS_OK;
}

static cs_error_t ask_once(struct state *s, int *quorate)
{
	cs_error_t err = s->open ? CS_OK : try_open(s);

	if (err == CS_OK && !s->tracked) {
		err = quorum_context_set(s->quorum, s);
		if (err == CS_OK)
			err = quorum_trackstart(s->quorum, CS_TRACK_CHANGES);
		s->tracked = err == CS_OK;
	}
	if (err == CS_OK)
		err = quorum_dispatch(s->quorum, CS_DISPATCH_ALL);
	if (err == CS_OK)
		err = quorum_getquorate(s->quorum, quorate);
	return err;
}

/* Asks corosync whether it has quorum. */
static void ask(struct state *s)
{
	unsigned int tries = TRIES;
	cs_error_t err;
	int quorate = 0;

	while ((err = ask_once(s, &quorate)) == CS_ERR_TRY_AGAIN && --tries)
		poll(NULL, 0, PAUSE);
	if (err != CS_OK) {
		failed(s, err);
		return;
	}
	s->joined |= quorate || clock_now() >= s->opened + JOINS;
	/* A corosync that was started again has no quorum until it has found the others. That is no loss of quorum. */
	if (!s->joined) {
		no_answer(s, "it has just started, and looks for the other nodes");
		return;
	}
	s->now.answers = true;
	s->now.quorate = quorate;
	s->now.why[0] = '\0';
}

static bool same_nodes(const struct corosync_report *a, const struct corosync_report *b)
{
	return a->n_nodes == b->n_nodes && a->self == b->self &&
	       !memcmp(a->nodes, b->nodes, a->n_nodes * sizeof(a->nodes[0]));
}

/* The agent is told with or without the nodelist. */
static void tell(struct state *s, bool listed)
{
	uint32_t n = s->now.n_nodes;
	ssize_t sent;

	s->now.listed = listed;
	if (!listed)
		s->now.n_nodes = 0;
	sent = send(PROCESS_FD, &s->now, corosync_report_size(&s->now), MSG_NOSIGNAL);
	s->now.n_nodes = n;
	if (sent < 0)
		exit(EXIT_SUCCESS);
	if (listed)
		s->told = s->now;
}

/* The nodelist is told when it has changed, and all its host names were looked up. */
static void tell_nodes(struct state *s)
{
	bool settled;
	cs_error_t err = nodelist_read(s->map, &s->now, clock_now(), &settled);

	/* The nodelist of a busy corosync is as good a second later. */
	if (err == CS_ERR_TRY_AGAIN)
		return;
	if (err != CS_OK) {
		failed(s, err);
		tell(s, false);
	} else if (settled && (!s->told.listed || !same_nodes(&s->now, &s->told))) {
		tell(s, true);
	}
}

int main(void)
{
	static struct state s;

	s.now.version = COROSYNC_REPORT;
	s.now.self = -1;
	names_begin(nodelist_look_up);
	for (;;) {
		struct pollfd fds[] = { { .fd = PROCESS_FD, .events = POLLIN }, { .fd = -1, .events = POLLIN } };

		ask(&s);
		/* Quorum goes first, each second, as a sign of life. */
		tell(&s, false);
		if (s.open)
			tell_nodes(&s);
		if (s.open && quorum_fd_get(s.quorum, &fds[1].fd) != CS_OK)
			fds[1].fd = -1;
		/* The agent says nothing: it has ended when its end of the socket is closed. */
		if (poll(fds, 2, COROSYNC_EVERY * 1000) > 0 && fds[0].revents)
			return EXIT_SUCCESS;
	}
}
