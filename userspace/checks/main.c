// SPDX-License-Identifier: GPL-2.0
/*
 * haagentd-checks: health checks that need a library, a program or a raw socket. The agent starts it when haagentd.conf
 * has such a check. It reads what servers and plugins send, so it is a process of its own, without any right of root.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checks/job.h"
#include "haagentd/clock.h"
#include "lib/pass.h"

#define USER		"nobody"
#define USER_ID		65534
#define LIST_MOST	(sizeof(struct plan_head) + PLAN_MOST * (sizeof(struct plan) + PLAN_BYTES))

static void die(const char *what, int err) __attribute__((noreturn));
static void die(const char *what, int err)
{
	fprintf(stderr, "haagentd-checks: %s: %s\n", what, strerror(err));
	exit(EXIT_FAILURE);
}

/* Becomes an ordinary user. All that needs a right of root is open by then. */
static void give_up(void)
{
	const struct passwd *user = getpwnam(USER);
	uid_t uid = user ? user->pw_uid : USER_ID;
	gid_t gid = user ? user->pw_gid : USER_ID;

	if (geteuid())
		return;
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		die("cannot become the user " USER, errno);
}

/* Reads the list that was passed. Return: its bytes, or NULL */
static uint8_t *read_list(int fd, size_t *size)
{
	uint8_t *bytes = NULL;
	struct stat st;
	size_t at = 0;
	ssize_t got;

	if (fstat(fd, &st) || st.st_size < 0 || (size_t)st.st_size > LIST_MOST)
		return NULL;
	*size = (size_t)st.st_size;
	bytes = malloc(*size + 1);
	while (bytes && at < *size) {
		got = pread(fd, bytes + at, *size - at, (off_t)at);
		if (got <= 0) {
			free(bytes);
			return NULL;
		}
		at += (size_t)got;
	}
	return bytes;
}

static void on_list(evutil_socket_t fd, short what, void *arg)
{
	struct jobs *jobs = arg;
	size_t size = 0;
	uint8_t *bytes, byte;
	int list, err;

	(void)what;
	if (!pass_receive(fd, &byte, sizeof(byte), &list)) {
		/* Commands that run are killed with their checks. */
		jobs_free(jobs);
		exit(EXIT_SUCCESS);
	}
	if (list < 0)
		return;
	bytes = read_list(list, &size);
	close(list);
	if (!bytes)
		die("the list of checks cannot be read", ENOMEM);
	jobs_free(jobs);
	err = jobs_take(jobs, bytes, size);
	if (err)
		die("the list of checks cannot be used", -err);
	jobs_start(jobs);
}

static void on_second(evutil_socket_t none, short what, void *arg)
{
	const struct plan_result alive = { .index = PLAN_ALIVE };
	struct jobs *jobs = arg;

	(void)none;
	(void)what;
	send(jobs->fd, &alive, sizeof(alive), MSG_DONTWAIT | MSG_NOSIGNAL);
	jobs_tell(jobs);
}

int main(int argc, char **argv)
{
	struct timeval second = { .tv_sec = 1 };
	struct event *list, *each_second;
	struct jobs jobs = { .fd = PLAN_SOCKET };
	struct event_config *config;
	struct stat st;
	int sig;

	(void)argv;
	if (argc > 1 || fstat(PLAN_SOCKET, &st) || !S_ISSOCK(st.st_mode)) {
		fputs("haagentd-checks is started by haagentd, when haagentd.conf has checks that need it\n", stderr);
		return EXIT_FAILURE;
	}
	/*
	 * Signals that the service manager sends to all processes of the service are meant for the agent. This process
	 * ends when the agent has ended, which closes the socket.
	 */
	for (sig = 1; sig < NSIG; sig++)
		if (sig != SIGCHLD)
			signal(sig, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	fcntl(PLAN_SOCKET, F_SETFD, FD_CLOEXEC);
	config = event_config_new();
	if (!config)
		die("cannot begin", ENOMEM);
	/* Timeouts of milliseconds are coarse with the default. */
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	jobs.base = event_base_new_with_config(config);
	event_config_free(config);
	if (!jobs.base || exec_open(jobs.base) || http_open(jobs.base))
		die("cannot begin", ENOMEM);
	icmp_open(jobs.base);
	through_open(jobs.base);
	give_up();
	list = event_new(jobs.base, PLAN_SOCKET, EV_READ | EV_PERSIST, on_list, &jobs);
	each_second = event_new(jobs.base, -1, EV_PERSIST, on_second, &jobs);
	if (!list || !each_second || event_add(list, NULL) || event_add(each_second, &second))
		die("cannot begin", ENOMEM);
	event_base_dispatch(jobs.base);
	return EXIT_FAILURE;
}
