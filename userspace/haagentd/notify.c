// SPDX-License-Identifier: GPL-2.0
/*
 * Notify commands, run by a helper process. To begin a program its parent must
 * wait until it gets the processor, and on a busy host that can take longer
 * than the peers wait for a heartbeat. So the agent itself never begins one.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"

#define RUNNING	32	/* commands at once; more wait */
#define WORDS	6	/* this node, command, what, a, b, c */
#define MESSAGE	4096

static void wake(int sig)
{
	(void)sig;
}

/* All that ended; how many still run. */
static unsigned int reap(unsigned int running)
{
	int status;

	while (running && waitpid(-1, &status, WNOHANG) > 0) {
		running--;
		if (WIFSIGNALED(status))
			log_warning("a notify command was killed by signal %d",
				    WTERMSIG(status));
		else if (WEXITSTATUS(status))
			log_warning("a notify command ended with code %d",
				    WEXITSTATUS(status));
	}
	return running;
}

static unsigned int spawn(char *const words[WORDS + 1])
{
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char node[sizeof("HASWITCH_NODE=") + WIRE_NAME];
	char *env[] = { path, node, NULL };
	posix_spawnattr_t attr;
	sigset_t none, all;
	pid_t pid;
	int err;

	snprintf(node, sizeof(node), "HASWITCH_NODE=%s", words[0]);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	err = posix_spawn(&pid, words[1], NULL, &attr, words + 1, env);
	posix_spawnattr_destroy(&attr);
	if (err)
		log_warning("notify command %s was not begun: %s", words[1],
			    strerror(err));
	return !err;
}

/* A message is its words, each with its NUL. */
static unsigned int take(int fd, unsigned int running)
{
	char *words[WORDS + 1] = { NULL };
	char message[MESSAGE];
	ssize_t got = recv(fd, message, sizeof(message), 0);
	unsigned int n = 0;
	char *at;

	if (got < 0 && errno == EINTR)
		return running;
	/* The agent is gone; what still runs may end by itself. */
	if (got <= 0)
		_exit(EXIT_SUCCESS);
	for (at = message; at < message + got && n < WORDS; at += strlen(at) + 1)
		words[n++] = at;
	return running + (n > 1 ? spawn(words) : 0);
}

static void helper(int fd)
{
	struct sigaction wakes = { .sa_handler = wake };
	unsigned int running = 0;
	sigset_t normal, mask;
	int sig;

	prctl(PR_SET_NAME, "haagentd-notify");
	/* It ends with the agent, not with what the agent is told. */
	for (sig = 1; sig < NSIG; sig++)
		if (sig != SIGCHLD)
			signal(sig, SIG_IGN);
	sigaction(SIGCHLD, &wakes, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &normal);
	sigdelset(&normal, SIGCHLD);
	for (;;) {
		struct pollfd in = {
			.fd = running < RUNNING ? fd : -1,
			.events = POLLIN,
		};

		if (ppoll(&in, 1, NULL, &normal) > 0)
			running = take(fd, running);
		running = reap(running);
	}
}

/**
 * notify_open - begin the helper process
 * @n:		to fill
 * @conf:	names the commands
 *
 * To be called first: the helper inherits whatever is open.
 *
 * Return: 0 or a negative errno
 */
int notify_open(struct notify *n, const struct conf *conf)
{
	int fds[2];
	pid_t pid;

	memset(n, 0, sizeof(*n));
	n->conf = conf;
	n->fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	pid = fork();
	if (pid < 0) {
		int err = -errno;

		close(fds[0]);
		close(fds[1]);
		return err;
	}
	if (!pid) {
		close(fds[0]);
		helper(fds[1]);
	}
	close(fds[1]);
	n->fd = fds[0];
	return 0;
}

/**
 * notify_close - end the helper process; commands that run go on
 * @n:	which
 */
void notify_close(struct notify *n)
{
	/* A zeroed one was never opened. */
	if (n->conf && n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

static bool send_words(int fd, const char *const words[WORDS])
{
	char message[MESSAGE];
	size_t at = 0;
	int i;

	for (i = 0; i < WORDS && words[i]; i++) {
		size_t size = strlen(words[i]) + 1;

		if (size > sizeof(message) - at)
			return false;
		memcpy(message + at, words[i], size);
		at += size;
	}
	return send(fd, message, at, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)at;
}

/**
 * notify_run - have every notify command run with a few words
 * @n:		the commands
 * @what:	what kind of thing happened: the first argument
 * @a:		the second
 * @b:		the third, or NULL
 * @c:		the fourth, or NULL
 */
void notify_run(struct notify *n, const char *what, const char *a,
		const char *b, const char *c)
{
	unsigned int i;

	for (i = 0; i < n->conf->n_hooks; i++) {
		const char *const words[WORDS] = {
			n->conf->nodes[n->conf->self].name, n->conf->hooks[i],
			what, a, b, c,
		};

		if (send_words(n->fd, words)) {
			if (n->dropped)
				log_warning("%u notify commands were not begun",
					    n->dropped);
			n->dropped = 0;
		} else if (!n->dropped++) {
			log_warning("notify commands do not end; no more are begun until they do");
		}
	}
}
