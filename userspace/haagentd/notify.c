// SPDX-License-Identifier: GPL-2.0
/* Notify commands, begun when something happens and never waited for. */
#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <stdio.h>
#include <sys/wait.h>

#include "log.h"
#include "notify.h"

static void reap(evutil_socket_t sig, short what, void *arg)
{
	struct notify *n = arg;
	unsigned int i = 0;

	(void)sig;
	(void)what;
	while (i < n->n_pids) {
		int status;

		if (waitpid(n->pids[i], &status, WNOHANG) <= 0) {
			i++;
			continue;
		}
		if (WIFSIGNALED(status))
			log_warning("a notify command was killed by signal %d",
				    WTERMSIG(status));
		else if (WEXITSTATUS(status))
			log_warning("a notify command ended with code %d",
				    WEXITSTATUS(status));
		n->pids[i] = n->pids[--n->n_pids];
	}
}

/**
 * notify_open - get ready to run commands
 * @n:		to fill
 * @base:	the event loop
 * @conf:	names the commands
 *
 * Return: 0 or -ENOMEM
 */
int notify_open(struct notify *n, struct event_base *base,
		const struct conf *conf)
{
	memset(n, 0, sizeof(*n));
	n->conf = conf;
	n->reaper = evsignal_new(base, SIGCHLD, reap, n);
	if (!n->reaper || event_add(n->reaper, NULL))
		return -ENOMEM;
	return 0;
}

/**
 * notify_close - run no more commands; those that run go on
 * @n:	which
 */
void notify_close(struct notify *n)
{
	if (n->reaper)
		event_free(n->reaper);
	n->reaper = NULL;
}

static int spawn(const char *command, char *const argv[], const char *self,
		 int *pid)
{
	const struct sched_param ordinary = { 0 };
	char node[sizeof("HASWITCH_NODE=") + WIRE_NAME];
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *env[] = { path, node, NULL };
	posix_spawnattr_t attr;
	sigset_t none, all;
	pid_t child;
	int err;

	snprintf(node, sizeof(node), "HASWITCH_NODE=%s", self);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSCHEDULER |
				 POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
				 POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setschedpolicy(&attr, SCHED_OTHER);
	posix_spawnattr_setschedparam(&attr, &ordinary);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	err = posix_spawn(&child, command, NULL, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	if (!err)
		*pid = (int)child;
	return err;
}

/**
 * notify_run - run every notify command with a few words
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
		char *argv[] = {
			n->conf->hooks[i], (char *)what, (char *)a, (char *)b,
			(char *)c, NULL,
		};
		int pid, err;

		if (n->n_pids == NOTIFY_RUNNING) {
			if (!n->dropped++)
				log_warning("%d notify commands are running; no more are begun until some of them end",
					    NOTIFY_RUNNING);
			continue;
		}
		err = spawn(n->conf->hooks[i], argv,
			    n->conf->nodes[n->conf->self].name, &pid);
		if (err) {
			log_warning("notify command %s was not begun: %s",
				    n->conf->hooks[i], strerror(err));
			continue;
		}
		if (n->dropped)
			log_warning("%u notify commands were not begun",
				    n->dropped);
		n->dropped = 0;
		n->pids[n->n_pids++] = pid;
	}
}
