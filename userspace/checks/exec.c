// SPDX-License-Identifier: GPL-2.0
/*
 * Checks by a command, such as a plugin of Nagios or Icinga: exit code 0 is good, 1 (warning) is good, 2 (critical) is
 * bad, and 3 (unknown) or any other one says nothing of the member.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks/job.h"
#include "checks/said.h"
#include "haagentd/clock.h"

#define RUNNING		64	/* commands that run at the same time; others wait for their turn */
#define OUTPUT_MOST	65536	/* a command that writes more is killed */
#define KEPT		2048	/* so much of the output is looked at */
#define WORD_SIZE	1024	/* size of a word with its placeholders filled in */

/**
 * struct run - a check by a command
 * @job:	the job
 * @next:	the next one that waits for its turn, or runs
 * @pid:	pid and process group of the command; 0: it waits for its turn
 * @out:	fires when the command writes
 * @fd:		where it writes to
 * @size:	bytes that it has written
 * @late:	its time was over, so it was killed
 * @much:	it wrote more than OUTPUT_MOST, so it was killed
 * @text:	beginning of its output
 */
struct run {
	struct job *job;
	struct run *next;
	pid_t pid;
	struct event *out;
	int fd;
	size_t size;
	bool late;
	bool much;
	char text[KEPT];
};

static struct event_base *loop;
static struct event *ended;
static struct run *waiting, **last = &waiting, *running;
static unsigned int n_running;

static void unlink_run(struct run **at, const struct run *r)
{
	while (*at && *at != r)
		at = &(*at)->next;
	if (*at)
		*at = r->next;
}

static void on_output(evutil_socket_t fd, short what, void *arg)
{
	static char buf[16384];
	struct run *r = arg;
	ssize_t got = read(fd, buf, sizeof(buf));
	size_t room = r->size < sizeof(r->text) - 1 ? sizeof(r->text) - 1 - r->size : 0;

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		event_del(r->out);
		return;
	}
	if (room)
		memcpy(r->text + r->size, buf, (size_t)got < room ? (size_t)got : room);
	r->size += (size_t)got;
	if (r->size <= OUTPUT_MOST)
		return;
	r->much = true;
	event_del(r->out);
	kill(-r->pid, SIGKILL);
}

static void forget_output(struct run *r)
{
	if (r->out)
		event_free(r->out);
	r->out = NULL;
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

/* Writes a word of the command, with {address}, {port}, {node} and {service} filled in. Return: whether it fits */
static bool fill(char to[WORD_SIZE], const char *from, const struct job *job)
{
	char address[HASW_ADDR_TEXT], port[8];
	const struct {
		const char *name;
		const char *value;
	} places[] = {
		{ "{address}", hasw_addr_format(&job->plan.address, address) },
		{ "{port}", port },
		{ "{node}", job->words[PLAN_NODE] },
		{ "{service}", job->words[PLAN_SERVICE] },
	};
	size_t at = 0, i, length;

	snprintf(port, sizeof(port), "%u", job->plan.port);
	while (*from) {
		const char *put = from;

		length = 1;
		for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			if (!strncmp(from, places[i].name, strlen(places[i].name)))
				break;
		if (i < sizeof(places) / sizeof(places[0])) {
			put = places[i].value;
			length = strlen(put);
			from += strlen(places[i].name) - 1;
		}
		from++;
		if (length >= WORD_SIZE - at)
			return false;
		memcpy(to + at, put, length);
		at += length;
	}
	to[at] = 0;
	return true;
}

static int spawn(struct run *r, int out)
{
	static char text[PLAN_WORDS][WORD_SIZE], node[128], service[128];
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char lang[] = "LC_ALL=C";
	char *env[] = { path, lang, node, service, NULL };
	const struct job *job = r->job;
	/* The last word can be the label of the share. */
	unsigned int n_words = job->plan.n_words - !!job->plan.from;
	char *argv[PLAN_WORDS + 1] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	unsigned int i;
	int err;

	for (i = PLAN_FIRST; i < n_words; i++) {
		argv[i - PLAN_FIRST] = text[i];
		if (!fill(text[i], job->words[i], job))
			return E2BIG;
	}
	snprintf(node, sizeof(node), "HASWITCH_NODE=%s", job->words[PLAN_NODE]);
	snprintf(service, sizeof(service), "HASWITCH_SERVICE=%s", job->words[PLAN_SERVICE]);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	/* Each command gets its own process group, so that all its children can be killed. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	err = posix_spawn(&r->pid, argv[0], &files, &attr, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return err;
}

static void on_late(evutil_socket_t none, short what, void *arg)
{
	struct run *r = ((struct job *)arg)->state;

	(void)none;
	(void)what;
	r->late = true;
	kill(-r->pid, SIGKILL);
}

/* Starts a command. Return: 0 or an errno */
static int run_begin(struct run *r)
{
	struct timeval timeout = clock_span(r->job->plan.timeout);
	int fds[2], err;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return errno;
	/* The command must see an ordinary, blocking pipe. */
	fcntl(fds[1], F_SETFL, 0);
	r->fd = fds[0];
	r->out = event_new(loop, fds[0], EV_READ | EV_PERSIST, on_output, r);
	err = r->out ? spawn(r, fds[1]) : ENOMEM;
	close(fds[1]);
	if (err) {
		r->pid = 0;
		forget_output(r);
		return err;
	}
	event_add(r->out, NULL);
	event_assign(r->job->io, loop, -1, 0, on_late, r->job);
	event_add(r->job->io, &timeout);
	r->next = running;
	running = r;
	n_running++;
	return 0;
}

/* Starts commands that wait, while there is room. */
static void turn(void)
{
	while (waiting && n_running < RUNNING) {
		struct run *r = waiting;
		int err;

		waiting = r->next;
		if (!waiting)
			last = &waiting;
		/* What a command waited for its turn is not taken for the server's time. */
		r->job->begun = clock_now();
		err = run_begin(r);
		if (err)
			job_end(r->job, PLAN_UNSURE, "%s was not begun: %s", r->job->words[PLAN_FIRST], strerror(err));
	}
}

/* The text of a plugin is its first line, without what follows a bar, which is for graphs. */
static const char *first_line(struct run *r)
{
	r->text[strcspn(r->text, "\n|")] = 0;
	return r->text;
}

/* Looks for the share that the command has said. */
static void judge_data(struct run *r, struct said *said)
{
	struct job *job = r->job;

	if (!job->plan.from || said->outcome != PLAN_GOOD)
		return;
	said_data(r->text, job->words[job->plan.n_words - 1], said);
	job_share(job, said->outcome, said->share);
}

static void judge(struct run *r, int status)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
	struct job *job = r->job;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	struct said said = { .outcome = code == 2 ? PLAN_BAD : code == 3 ? PLAN_UNSURE : PLAN_GOOD };
	bool read = code >= 0 && code < 2 && !r->much && !r->late;
	const char *text;

	if (read)
		judge_data(r, &said);
	text = said.why[0] ? said.why : first_line(r);
	if (r->much)
		job_end(job, PLAN_UNSURE, "the command wrote more than 64 KiB, and was killed");
	else if (r->late)
		job_end(job, PLAN_BAD, "the command did not end within %llu ms, and was killed",
			(unsigned long long)(job->plan.timeout / CLOCK_MS));
	else if (code < 0)
		job_end(job, PLAN_UNSURE, "the command was killed by signal %d", WTERMSIG(status));
	else if (code > 3)
		job_end(job, PLAN_UNSURE, "the command ended with %d; it can be 0 to 3%s%s", code, text[0] ? ": " : "", text);
	else
		job_end(job, said.outcome, "%s", text[0] ? text : words[code]);
}

static void on_ended(evutil_socket_t sig, short what, void *arg)
{
	siginfo_t info = { 0 };
	struct run *r;
	int status;

	(void)sig;
	(void)what;
	(void)arg;
	/* The process is reaped last, so that its group cannot be another one's yet when it is killed. */
	while (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid) {
		pid_t pid = info.si_pid;

		for (r = running; r && r->pid != pid; r = r->next)
			;
		if (r)
			kill(-pid, SIGKILL);
		status = 0;
		waitpid(pid, &status, 0);
		info.si_pid = 0;
		if (!r)
			continue;
		if (!r->much)
			on_output(r->fd, EV_READ, r);
		forget_output(r);
		event_del(r->job->io);
		unlink_run(&running, r);
		n_running--;
		r->pid = 0;
		judge(r, status);
	}
	turn();
}

static void exec_begin(struct job *job)
{
	struct run *r = job->state;

	if (!r)
		r = calloc(1, sizeof(*r));
	if (!r) {
		job_end(job, PLAN_UNSURE, "out of memory");
		return;
	}
	memset(r, 0, sizeof(*r));
	r->job = job;
	r->fd = -1;
	job->state = r;
	*last = r;
	last = &r->next;
	turn();
}

static void exec_stop(struct job *job)
{
	struct run *r = job->state;

	if (r->pid) {
		kill(-r->pid, SIGKILL);
		unlink_run(&running, r);
		n_running--;
	} else {
		unlink_run(&waiting, r);
		for (last = &waiting; *last; last = &(*last)->next)
			;
	}
	forget_output(r);
}

static void exec_forget(struct job *job)
{
	free(job->state);
	job->state = NULL;
}

/**
 * exec_open - prepare for checks by commands
 * @base:	the event loop
 *
 * Return: 0 or -ENOMEM
 */
int exec_open(struct event_base *base)
{
	loop = base;
	ended = evsignal_new(base, SIGCHLD, on_ended, NULL);
	return ended && !event_add(ended, NULL) ? 0 : -ENOMEM;
}

const struct kind kind_exec = { .begin = exec_begin, .stop = exec_stop, .forget = exec_forget };
