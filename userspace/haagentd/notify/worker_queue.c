// SPDX-License-Identifier: GPL-2.0
/*
 * The worker process. Each program has its own queue, whose commands run one after the
 * other, so that a script gets events in their order. A command that hangs delays only
 * later commands of its own program, until its timeout.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/process.h"
#include "worker_queue.h"

#define QUEUES		64	/* number of programs that can run at the same time */
#define WAITING		256	/* maximum number of commands in a program's queue; further ones are refused */
#define GRACE		(2 * CLOCK_SECOND)	/* from SIGTERM to SIGKILL */
#define LAST_WORK	(5 * CLOCK_SECOND)	/* time limit for waiting commands after the agent has ended */

/**
 * struct job - a command in a queue
 * @next:	the next command in the queue
 * @request:	the command
 * @pid:	pid and process group of the command while it runs
 * @until:	when the next signal is sent to the command, ns
 * @late:	SIGTERM was sent to the command
 */
struct job {
	struct job *next;
	pid_t pid;
	uint64_t until;
	bool late;
	struct worker_request request;
};

/**
 * struct queue - the commands of one program; the first command runs
 * @first:	first command; NULL: the queue is free for another program
 * @last:	last command
 * @n:		number of commands
 */
struct queue {
	struct job *first;
	struct job *last;
	unsigned int n;
};

struct work {
	int fd;
	struct queue queues[QUEUES];
};

static void answer(const struct work *w, const struct worker_request *request,
		   enum worker_end end, int code)
{
	struct worker_result result = {
		.id = request->id,
		.end = end,
		.code = code,
		.timeout = request->timeout,
	};

	snprintf(result.program, sizeof(result.program), "%.*s",
		 WORKER_PROGRAM - 1, request->words);
	send(w->fd, &result, sizeof(result), MSG_NOSIGNAL);
}

/* Returns up to @most texts from @at on, and moves @at behind the empty one that ends them. */
static unsigned int texts(char **at, char **list, unsigned int most)
{
	unsigned int n = 0;

	for (; **at; *at += strlen(*at) + 1)
		if (n < most)
			list[n++] = *at;
	++*at;
	return n;
}

/*
 * Returns the read end of a pipe that has the text; -1 for no text, or after a failure. A text of a request is shorter
 * than what a pipe holds, so the write does not wait for a reader.
 */
static int input_of(const char *text)
{
	size_t size = strlen(text);
	int fds[2];

	if (!size || pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return -1;
	if (write(fds[1], text, size) != (ssize_t)size) {
		close(fds[0]);
		fds[0] = -1;
	}
	close(fds[1]);
	/* The command gets an ordinary pipe. */
	if (fds[0] >= 0)
		fcntl(fds[0], F_SETFL, 0);
	return fds[0];
}

static int spawn(struct job *job)
{
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char node[sizeof("HASWITCH_NODE=") + WIRE_NAME];
	char *words[WORKER_WORDS + 1] = { NULL };
	char *env[WORKER_ENV + 3] = { path, node, NULL };
	posix_spawn_file_actions_t actions;
	char *at = job->request.words;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err, input;

	texts(&at, words, WORKER_WORDS);
	texts(&at, env + 2, WORKER_ENV);
	input = input_of(at);
	snprintf(node, sizeof(node), "HASWITCH_NODE=%s", job->request.node);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&actions);
	if (input >= 0)
		posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	/* Each command gets its own process group, so that all its children can be killed. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	err = posix_spawn(&job->pid, words[0], &actions, &attr, words, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	if (input >= 0)
		close(input);
	return err;
}

static void pop(struct queue *q)
{
	struct job *job = q->first;

	q->first = job->next;
	q->n--;
	free(job);
}

/*
 * Starts the first command of a queue. If the command cannot be started, it is removed, and the next one is tried.
 */
static void begin(struct work *w, struct queue *q)
{
	while (q->first) {
		struct job *job = q->first;
		int err = spawn(job);

		job->until = clock_now() + job->request.timeout;
		if (!err)
			return;
		answer(w, &job->request, WORKER_NOT_BEGUN, err);
		pop(q);
	}
}

static struct queue *queue_of(struct work *w, const char *program)
{
	struct queue *free_one = NULL;
	unsigned int i;

	for (i = 0; i < QUEUES; i++) {
		struct queue *q = &w->queues[i];

		if (!q->first)
			free_one = q;
		else if (!strcmp(q->first->request.words, program))
			return q;
	}
	return free_one;
}

static void put(struct work *w, const struct worker_request *request, size_t size)
{
	struct queue *q = queue_of(w, request->words);
	struct job *job;

	job = q && q->n < WAITING ? malloc(sizeof(*job)) : NULL;
	if (!job) {
		answer(w, request, WORKER_REFUSED, 0);
		return;
	}
	/* What is behind the message is zero, so each of its three lists ends. */
	memset(job, 0, sizeof(*job));
	memcpy(&job->request, request, size);
	if (q->n++)
		q->last->next = job;
	else
		q->first = job;
	q->last = job;
	if (q->n == 1)
		begin(w, q);
}

static void ended(struct work *w, pid_t pid, int status)
{
	unsigned int i;

	for (i = 0; i < QUEUES; i++) {
		struct queue *q = &w->queues[i];
		struct job *job = q->first;

		if (!job || job->pid != pid)
			continue;
		/* After a timeout, the children that the command left behind are killed, too. */
		if (job->late)
			kill(-pid, SIGKILL);
		if (job->late)
			answer(w, &job->request, WORKER_TIMED_OUT, 0);
		else if (WIFSIGNALED(status))
			answer(w, &job->request, WORKER_KILLED, WTERMSIG(status));
		else
			answer(w, &job->request, WORKER_ENDED, WEXITSTATUS(status));
		pop(q);
		begin(w, q);
		return;
	}
}

/*
 * Sends SIGTERM, and after GRACE SIGKILL, to commands whose timeout has passed. Return: when the next signal is
 * due, ns, or UINT64_MAX.
 */
static uint64_t hurry(struct work *w, uint64_t now)
{
	uint64_t next = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < QUEUES; i++) {
		struct job *job = w->queues[i].first;

		if (!job)
			continue;
		if (now >= job->until) {
			kill(-job->pid, job->late ? SIGKILL : SIGTERM);
			job->late = true;
			job->until = now + GRACE;
		}
		if (job->until < next)
			next = job->until;
	}
	return next;
}

static bool idle(const struct work *w)
{
	unsigned int i;

	for (i = 0; i < QUEUES; i++)
		if (w->queues[i].first)
			return false;
	return true;
}

/* Receives a command. Return: whether the agent's end of the socket is still open. */
static bool take(struct work *w)
{
	static struct worker_request request;
	ssize_t got = recv(w->fd, &request, sizeof(request), 0);

	if (got < 0 && errno == EINTR)
		return true;
	if (got <= (ssize_t)offsetof(struct worker_request, words))
		return got > 0;
	put(w, &request, (size_t)got);
	return true;
}

/**
 * worker_main - run the worker process
 * @fd:	the socket from which commands are received
 *
 * The caller has blocked all signals.
 *
 * After the agent has ended, the waiting commands still run, because the events that
 * they report have happened. After LAST_WORK the worker exits, and a command that still
 * runs is not killed.
 */
void worker_main(int fd)
{
	static struct work w;
	uint64_t last = UINT64_MAX;
	sigset_t normal;
	int status;
	pid_t pid;

	w.fd = fd;
	process_signals(&normal);
	for (;;) {
		struct pollfd in = {
			.fd = last == UINT64_MAX ? fd : -1,
			.events = POLLIN,
		};
		uint64_t now = clock_now(), next = hurry(&w, now);
		struct timespec span;

		if (last != UINT64_MAX && (idle(&w) || now >= last))
			_exit(EXIT_SUCCESS);
		if (last < next)
			next = last;
		if (next < now)
			next = now;
		span.tv_sec = (time_t)((next - now) / CLOCK_SECOND);
		span.tv_nsec = (long)((next - now) % CLOCK_SECOND);
		if (ppoll(&in, 1, next == UINT64_MAX ? NULL : &span, &normal) > 0 &&
		    !take(&w))
			last = clock_now() + LAST_WORK;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			ended(&w, pid, status);
	}
}
