// SPDX-License-Identifier: GPL-2.0
/*
 * The keeper's process. It waits for the agent's orders and for other nodes' connections, and begins a process for each
 * client, each connection, and each configuration that is put in place. It ends with the agent.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/pass.h"

#include "haagentd/clock.h"
#include "first.h"
#include "invitation.h"
#include "keeper_task.h"
#include "haagentd/module/module.h"
#include "haagentd/process.h"
#include "haagentd/privilege.h"
#include "haagentd/log.h"
#include "haagentd/peer/path.h"

#define CLIENTS		4	/* clients of the agent that are answered at a time */
#define AGAIN		(5 * CLOCK_SECOND)	/* pause after a configuration could not be had, or put in place */
#define LISTEN_AGAIN	CLOCK_SECOND
#define REFUSED_EVERY	(60 * CLOCK_SECOND)	/* how often the log says that connections are refused */
#define LOOK_EVERY	(10 * CLOCK_SECOND)	/* how often the keeper looks for changes by hand */
#define FIRST_SLOW	(30 * CLOCK_SECOND)	/* pause between later attempts at the first generation: a node must be mended first */
#define FIRST_SAY	3	/* the attempt at the first generation whose failure the log has; an agent was just started before */

enum task_kind { TASK_NONE, TASK_CLIENT, TASK_STREAM, TASK_STREAM_USER, TASK_APPLY, TASK_FIRST };

/**
 * struct task - a process of the keeper
 * @kind:	what it does
 * @pid:	its pid
 */
struct task {
	enum task_kind kind;
	pid_t pid;
};

/**
 * struct listener - where other nodes connect
 * @at:		address and port of a path; family 0: none
 * @fd:		the socket, -1 while it cannot be opened
 */
struct listener {
	struct sockaddr_storage at;
	int fd;
};

/**
 * struct work - the state of the keeper's process
 * @agent:	socket to the agent
 * @order:	the last order
 * @told:	the agent has said what there is
 * @listeners:	one for each path
 * @listen_at:	when listening is tried again, ns
 * @trouble:	the log has said that a path is not listened at
 * @tasks:	the processes
 * @runs:	what this node runs
 * @from:	pipe from the process that puts a configuration in place, -1 for none
 * @again:	when to try again to put a configuration in place, ns
 * @look:	when to look for changes by hand, ns
 * @refused:	when the log may say again that connections are refused, ns
 * @first:	when to look whether the first generation is to be committed, ns
 * @firsts:	number of attempts at that
 */
struct work {
	int agent;
	struct keeper_order order;
	bool told;
	struct listener listeners[PEER_PATHS];
	uint64_t listen_at;
	bool trouble;
	struct task tasks[CLIENTS + KEEPER_STREAMS + 2];
	struct keeper_report runs;
	int from;
	uint64_t again;
	uint64_t look;
	uint64_t refused;
	uint64_t first;
	unsigned int firsts;
};

/* Listens at an address, which this machine need not have yet. Return: the socket or a negative errno. */
static int listen_at(const struct sockaddr_storage *at)
{
	socklen_t size = at->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	int fd = socket(at->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (at->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (!bind(fd, (const struct sockaddr *)at, size) && !listen(fd, KEEPER_STREAMS))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void listen_all(struct work *w, uint64_t now)
{
	char text[PATH_ADDRESS];
	unsigned int p;

	w->listen_at = now + LISTEN_AGAIN;
	for (p = 0; p < PEER_PATHS; p++) {
		const struct sockaddr_storage *at = &w->order.view.local[p];
		struct listener *l = &w->listeners[p];

		if (memcmp(&l->at, at, sizeof(*at))) {
			if (l->fd >= 0)
				close(l->fd);
			l->fd = -1;
			l->at = *at;
		}
		if (!at->ss_family || l->fd >= 0)
			continue;
		l->fd = listen_at(at);
		if (l->fd < 0 && !w->trouble)
			log_warning("configuration: TCP %s is not listened at: %s; it is tried again every second",
				    path_address(at, text), strerror(-l->fd));
		w->trouble |= l->fd < 0;
	}
}

static unsigned int count_tasks(const struct work *w, enum task_kind kind)
{
	unsigned int i, n = 0;

	for (i = 0; i < sizeof(w->tasks) / sizeof(w->tasks[0]); i++)
		n += w->tasks[i].kind == kind;
	return n;
}

/* Returns a place for a process if fewer than MOST of its kind are there, or NULL. */
static struct task *free_task(struct work *w, enum task_kind kind, unsigned int most)
{
	unsigned int i;

	if (count_tasks(w, kind) >= most)
		return NULL;
	for (i = 0; i < sizeof(w->tasks) / sizeof(w->tasks[0]); i++)
		if (w->tasks[i].kind == TASK_NONE)
			return &w->tasks[i];
	return NULL;
}

/*
 * Begins a process, which ends with the keeper. It keeps the descriptors @one and @two. Return: 0 in the new process, 1 in
 * this one, or -1.
 */
static int task_begin(struct work *w, struct task *task, enum task_kind kind, int one, int two)
{
	pid_t keeper = getpid(), pid = task ? fork() : -1;
	unsigned int p;

	if (pid < 0)
		return -1;
	if (pid) {
		*task = (struct task){ .kind = kind, .pid = pid };
		return 1;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(EXIT_FAILURE);
	signal(SIGCHLD, SIG_DFL);
	for (p = 0; p < PEER_PATHS; p++)
		if (w->listeners[p].fd >= 0)
			close(w->listeners[p].fd);
	if (w->from >= 0 && w->from != one && w->from != two)
		close(w->from);
	if (w->agent != one && w->agent != two)
		close(w->agent);
	return 0;
}

static void report(struct work *w)
{
	pass_send(w->agent, &w->runs, sizeof(w->runs), -1);
}

/* Return: when to look again for changes by hand; sooner while a text is lost, which another node may have. */
static uint64_t next_look(const struct work *w, uint64_t now)
{
	return now + (w->runs.lost ? AGAIN : LOOK_EVERY);
}

/* Begins a process that reports by a pipe. LOOK: it only looks for changes by hand, and for a text that is lost. */
static void begin_apply(struct work *w, bool look, uint64_t now)
{
	struct keeper_report result = w->runs;
	int fds[2], began;

	w->look = next_look(w, now);
	/* The next attempt, if this one cannot begin. */
	w->again = now + LISTEN_AGAIN;
	if (pipe2(fds, O_CLOEXEC))
		return;
	began = task_begin(w, free_task(w, TASK_APPLY, 1), TASK_APPLY, fds[1], -1);
	if (!began) {
		if (look)
			keeper_look(&w->order.view, &result);
		else
			keeper_catch_up(&w->order.view, &result);
		_exit(write(fds[1], &result, sizeof(result)) == sizeof(result) ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(fds[1]);
	if (began < 0)
		close(fds[0]);
	else
		w->from = fds[0];
}

/* Begins a process that commits the first generation, if it is this node that has to. */
static void begin_first(struct work *w, uint64_t now)
{
	int begun;

	w->first = now + (w->firsts + 1 < FIRST_SAY ? AGAIN : FIRST_SLOW);
	if (!first_due(&w->order.view))
		return;
	begun = task_begin(w, free_task(w, TASK_FIRST, 1), TASK_FIRST, w->agent, -1);
	if (!begun) {
		first_commit(&w->order.view, w->agent, w->firsts + 1 == FIRST_SAY);
		_exit(EXIT_SUCCESS);
	}
	if (begun > 0)
		w->firsts++;
}

static bool behind(const struct work *w)
{
	const struct hasw_vote_conf *committed = &w->order.view.committed, *runs = &w->runs.runs;

	return committed->generation && (committed->generation != runs->generation || committed->blob != runs->blob);
}

/* Takes what the process that puts a configuration in place has reported. */
static void take_result(struct work *w, uint64_t now)
{
	struct keeper_report result;
	bool whole = read(w->from, &result, sizeof(result)) == sizeof(result);

	close(w->from);
	w->from = -1;
	w->again = whole && result.state != CONFIG_REFUSED ? now : now + AGAIN;
	if (!whole)
		return;
	/* That a file was read is no news for the agent. */
	w->runs.stamp = result.stamp;
	if (!memcmp(&result, &w->runs, sizeof(result)))
		return;
	if (result.state == CONFIG_REFUSED) {
		log_error("configuration: generation %llu is not in force here: %s",
			  (unsigned long long)w->order.view.committed.generation, result.why);
	} else if (result.runs.generation != w->runs.runs.generation || result.runs.blob != w->runs.runs.blob) {
		log_notice("configuration: generation %llu is %s", (unsigned long long)result.runs.generation,
			   w->order.view.witness ? "kept here" : "in force here");
		if (result.why[0])
			log_warning("configuration: %s", result.why);
	} else if (result.state != w->runs.state) {
		log_notice("configuration: what this node runs is %s", result.state == CONFIG_CHANGED ?
			   "no longer what is committed: it was changed by hand ('haadm cluster diff')" :
			   "what is committed, again");
	}
	w->runs = result;
	w->look = next_look(w, now);
	report(w);
}

static void tell_refused(struct work *w, const struct sockaddr_storage *from, enum task_kind kind)
{
	uint64_t now = clock_now();
	char text[PATH_ADDRESS];

	if (now < w->refused)
		return;
	w->refused = now + REFUSED_EVERY;
	if (kind == TASK_STREAM)
		log_warning("configuration: a connection from %s is refused: %u of other nodes are served now; they try again",
			    path_address(from, text), count_tasks(w, kind));
	else
		log_warning("configuration: a connection from %s is refused: %u from ports above 1023 are served now. Any user there can have such a port, and so has an agent of an earlier release",
			    path_address(from, text), count_tasks(w, kind));
}

/*
 * A connection is accepted only from the address of a node, or of a machine that was invited to be one. Any user there can
 * connect and say nothing for a while, so those that root does not answer for leave room to root.
 */
static void on_connection(struct work *w, int listener)
{
	const struct keeper_view *v = &w->order.view;
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	int fd = accept4(listener, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
	bool known = false, stays = false, invited;
	enum task_kind kind;
	struct task *task = NULL;
	unsigned int i, p;

	if (fd < 0)
		return;
	for (i = 0; i < v->n_peers; i++)
		for (p = 0; p < PEER_PATHS; p++)
			if (path_from(&from, &v->peers[i].at[p])) {
				known = true;
				stays |= !v->peers[i].leaving;
			}
	invited = !stays && invitation_expects(v->folder, &from);
	if (!known && !invited)
		goto out;
	kind = keeper_from_root(&from) ? TASK_STREAM : TASK_STREAM_USER;
	if (keeper_serves(kind == TASK_STREAM, count_tasks(w, TASK_STREAM), count_tasks(w, TASK_STREAM_USER)))
		task = free_task(w, kind, KEEPER_STREAMS);
	if (!task)
		tell_refused(w, &from, kind);
	/* For a machine that joins, a configuration is committed, which is asked of the agent. */
	if (!task_begin(w, task, kind, fd, invited ? w->agent : -1)) {
		keeper_serve(v, fd, invited ? w->agent : -1);
		_exit(EXIT_SUCCESS);
	}
out:
	close(fd);
}

/* Takes an order. Return: whether the agent's end of the socket is still open. */
static bool on_order(struct work *w)
{
	static struct keeper_order order;
	int client;
	ssize_t got = pass_receive(w->agent, &order, sizeof(order), &client);

	if (got != (ssize_t)sizeof(order)) {
		if (client >= 0)
			close(client);
		return got < 0;
	}
	/* What was refused before says nothing of another generation. */
	if (order.view.committed.generation != w->order.view.committed.generation)
		w->again = 0;
	w->order = order;
	if (!w->told) {
		w->told = true;
		keeper_recall(&w->order.view, &w->runs);
		if (w->runs.lost)
			log_warning("configuration: the file of generation %llu, which is in force here, is lost or torn; another node is asked for its text",
				    (unsigned long long)w->runs.runs.generation);
		report(w);
	}
	listen_all(w, clock_now());
	if (client < 0)
		return true;
	if (order.kind == KEEPER_ASK && !task_begin(w, free_task(w, TASK_CLIENT, CLIENTS), TASK_CLIENT, client, w->agent)) {
		keeper_answer(&w->order.view, client, w->agent);
		_exit(EXIT_SUCCESS);
	}
	close(client);
	return true;
}

static void ended(struct work *w, pid_t pid)
{
	unsigned int i;

	for (i = 0; i < sizeof(w->tasks) / sizeof(w->tasks[0]); i++)
		if (w->tasks[i].kind != TASK_NONE && w->tasks[i].pid == pid)
			w->tasks[i].kind = TASK_NONE;
}

/* Returns whether a process is to be waited for before the next one can put a configuration in place. */
static bool busy(const struct work *w)
{
	unsigned int i;

	for (i = 0; i < sizeof(w->tasks) / sizeof(w->tasks[0]); i++)
		if (w->tasks[i].kind == TASK_APPLY)
			return true;
	return w->from >= 0;
}

/* Return: when something is due next, ns. */
static uint64_t due(struct work *w, uint64_t now)
{
	uint64_t next = now + LOOK_EVERY;
	unsigned int p;

	if (!w->told)
		return next;
	for (p = 0; p < PEER_PATHS; p++)
		if (w->listeners[p].at.ss_family && w->listeners[p].fd < 0 && w->listen_at < next)
			next = w->listen_at;
	if (!w->order.view.committed.generation && w->first < next)
		next = w->first;
	if (!busy(w) && behind(w) && w->again < next)
		next = w->again;
	if (!busy(w) && !behind(w) && w->runs.runs.generation && w->look < next)
		next = w->look;
	return next;
}

static void do_due(struct work *w, uint64_t now)
{
	if (!w->told)
		return;
	if (now >= w->listen_at)
		listen_all(w, now);
	if (!w->order.view.committed.generation && now >= w->first)
		begin_first(w, now);
	if (busy(w))
		return;
	if (behind(w) && now >= w->again)
		begin_apply(w, false, now);
	else if (!behind(w) && w->runs.runs.generation && now >= w->look)
		begin_apply(w, true, now);
}

static void turn(struct work *w, const sigset_t *normal)
{
	struct pollfd fds[2 + PEER_PATHS] = {
		{ .fd = w->agent, .events = POLLIN },
		{ .fd = w->from, .events = POLLIN },
	};
	uint64_t now = clock_now(), next = due(w, now);
	struct timespec span = { 0 };
	unsigned int p;

	if (next > now) {
		span.tv_sec = (time_t)((next - now) / CLOCK_SECOND);
		span.tv_nsec = (long)((next - now) % CLOCK_SECOND);
	}
	for (p = 0; p < PEER_PATHS; p++)
		fds[2 + p] = (struct pollfd){ .fd = w->listeners[p].fd, .events = POLLIN };
	if (ppoll(fds, 2 + PEER_PATHS, &span, normal) <= 0)
		return;
	now = clock_now();
	if (fds[1].revents)
		take_result(w, now);
	for (p = 0; p < PEER_PATHS; p++)
		if (fds[2 + p].revents)
			on_connection(w, w->listeners[p].fd);
	if (fds[0].revents && !on_order(w))
		_exit(EXIT_SUCCESS);
}

/**
 * keeper_main - run the keeper's process
 * @fd:	socket to the agent
 *
 * The caller has blocked all signals.
 */
void keeper_main(int fd)
{
	static struct work w;
	unsigned int p;
	sigset_t normal;
	pid_t pid;

	process_signals(&normal);
	/* It reads what other machines send. haadm, which it runs, is root by its exec. */
	privilege_drop();
	/* The agent's sockets to the module are its own, and closed here. */
	module_share(NULL);
	w.agent = fd;
	w.from = -1;
	w.runs.kind = KEEPER_RUNS;
	for (p = 0; p < PEER_PATHS; p++)
		w.listeners[p].fd = -1;
	for (;;) {
		turn(&w, &normal);
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			ended(&w, pid);
		do_due(&w, clock_now());
	}
}
