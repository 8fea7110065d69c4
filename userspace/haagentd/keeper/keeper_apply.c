// SPDX-License-Identifier: GPL-2.0
/*
 * What the keeper does with a configuration on its own node: haadm checks it, it is written to the disk, and haadm puts
 * it in place. All of it runs in processes of their own, and can block.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"

#include "haagentd/clock.h"
#include "applied.h"
#include "config_agents.h"
#include "first.h"
#include "haagentd/log.h"
#include "keeper_task.h"

#define HAADM_TIME	(60 * CLOCK_SECOND)	/* how long one run of haadm may take */
#define TIDY		600	/* seconds after which a text that is not committed is removed: longer than an apply takes */
#define KEEP_LEAST	32			/* older configurations without a label that are kept in any case */
#define KEEP_MOST	256			/* and at most */
#define KEEP_TIME	(30 * 24 * 3600)	/* how long those beyond KEEP_LEAST are kept, s */

static int run_failed(const char *what, int err, char *why, size_t room)
{
	snprintf(why, room, "%s: %s", what, strerror(-err));
	return err;
}

static void run_child(char *const *words, const char *file, int in, int out, int errors) __attribute__((noreturn));
static void run_child(char *const *words, const char *file, int in, int out, int errors)
{
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *env[] = { path, NULL, NULL };
	sigset_t none;

	/* haadm has no other way to the file. No other command of the agent gets this variable. */
	if (file && asprintf(&env[1], "%s=%s", ASK_AGENT_ENV, file) < 0)
		_exit(EXIT_FAILURE);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
	closefrom(STDERR_FILENO + 1);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(words[0], words, env);
	_exit(EXIT_FAILURE);
}

/* Waits for a process, and kills it after HAADM_TIME. Return: its exit code, or a negative errno. */
static int wait_for(pid_t pid)
{
	struct pollfd fd = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	uint64_t until = clock_now() + HAADM_TIME, now;
	bool late = false;
	int status;

	for (now = clock_now(); fd.fd >= 0 && now < until; now = clock_now())
		if (poll(&fd, 1, (int)((until - now) / CLOCK_MS) + 1) > 0)
			break;
	if (fd.fd >= 0 && now >= until) {
		kill(pid, SIGKILL);
		late = true;
	}
	if (fd.fd >= 0)
		close(fd.fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return late ? -ETIMEDOUT : WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/*
 * Runs haadm with up to three words. By FILE, the agent's file, haadm finds the nodes that a cluster engine lists; NULL:
 * it needs none. IN is its standard input. What it prints is in OUT and ERRORS, which are memory files.
 * Return: its exit code, or a negative errno.
 */
static int run_haadm(const char *first, const char *second, const char *third, const char *file, int in, int out,
		     int errors)
{
	static char program[4096];
	char *words[] = { program, (char *)first, (char *)second, (char *)third, NULL };
	int err = file_beside("haadm", program, sizeof(program));
	pid_t pid;

	if (err)
		return err;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		run_child(words, file, in, out, errors);
	return wait_for(pid);
}

static int memory_file(const char *text, size_t size)
{
	int fd = memfd_create("haagentd-keeper", MFD_CLOEXEC);

	if (fd >= 0 && size && (pwrite(fd, text, size, 0) != (ssize_t)size)) {
		close(fd);
		errno = ENOSPC;
		return -1;
	}
	return fd;
}

/* Copies the first line that haadm has printed; of a line of the text it names the line only. */
static void first_line(int errors, char *why, size_t room)
{
	static const char input[] = "standard input:", name[] = "haadm: ";
	char line[KEEPER_WHY] = "";
	ssize_t n = pread(errors, line, sizeof(line) - 1, 0);
	char *at = line;
	unsigned int number;
	int used = 0;

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (!strncmp(at, name, strlen(name)))
		at += strlen(name);
	if (!strncmp(at, input, strlen(input)) && sscanf(at + strlen(input), "%u:%n", &number, &used) == 1 && used)
		snprintf(why, room, "line %u:%s", number, at + strlen(input) + used);
	else if (!strncmp(at, input, strlen(input)))
		snprintf(why, room, "%s", at + strlen(input) + strspn(at + strlen(input), " "));
	else
		snprintf(why, room, "%s", *at ? at : "haadm has said nothing");
}

/* Has haadm restore, or check, a text. Return: 0 or a negative errno, and @why has the reason. */
static int restore(const struct keeper_view *view, const char *text, size_t size, bool check, char *why, size_t room)
{
	int in = memory_file(text, size), errors = memory_file(NULL, 0), code = -ENOMEM;

	if (in >= 0 && errors >= 0)
		code = run_haadm("restore", check ? "--check" : "-", check ? "-" : NULL, view->file, in, errors,
				 errors);
	if (code < 0)
		run_failed("haadm cannot be run", code, why, room);
	else if (code)
		first_line(errors, why, room);
	if (in >= 0)
		close(in);
	if (errors >= 0)
		close(errors);
	return code < 0 ? code : code ? -EINVAL : 0;
}

/**
 * keeper_check - check whether this node can take a configuration: haadm what is for the module, and the rest here
 * @view:	what the keeper was told
 * @text:	the configuration
 * @size:	its length, bytes
 * @why:	filled on failure: the line, and what is wrong with it
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int keeper_check(const struct keeper_view *view, const char *text, size_t size, char *why, size_t room)
{
	int err;

	/* A witness keeps the text for the others, and has no module that could take it. It takes entries of nodes. */
	err = view->witness ? 0 : restore(view, text, size, true, why, room);
	return err ? err : config_agents_check(view, text, size, why, room);
}

/**
 * keeper_keep - write a configuration that may be committed
 * @view:	what the keeper was told
 * @g:		the configuration
 * @text:	its text
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int keeper_keep(const struct keeper_view *view, const struct generation *g, const char *text, char *why, size_t room)
{
	const char *fault = generation_text_fault(text, g->size);

	if (!fault && generation_hash(text, g->size) != g->hash)
		fault = "its text is not the one that was meant";
	if (fault) {
		snprintf(why, room, "%s", fault);
		return -EINVAL;
	}
	generation_tidy(view->folder, time(NULL) - TIDY, view->stored.generation, view->stored.blob);
	return generation_put(view->folder, g, text, why, room);
}

/* Asks the nodes that are heard for a text, and writes it. */
static int pull(const struct keeper_view *view, struct generation *g, char *why, size_t room)
{
	struct config_ask ask = { .kind = CONFIG_GET, .about = { .number = g->number, .hash = g->hash } }, answer;
	bool any = false;
	unsigned int i;
	char *text;
	int err;

	for (i = 0; i < view->n_peers; i++) {
		if (!view->peers[i].heard || !view->peers[i].can)
			continue;
		any = true;
		if (keeper_request(view, &view->peers[i], &ask, NULL, &answer, &text, why, room, 0))
			continue;
		answer.about.number = g->number;
		answer.about.hash = g->hash;
		err = keeper_keep(view, &answer.about, text, why, room);
		free(text);
		if (!err)
			return 0;
		/* A full disk here is no better with another node's copy. */
		if (err != -EINVAL)
			return err;
	}
	if (!any)
		snprintf(why, room, "no node is heard that could have its text");
	return -ENOENT;
}

/**
 * keeper_text - get the text of a committed configuration, from the disk or from another node
 * @view:	what the keeper was told
 * @g:		its @number and @hash name it; filled on success
 * @text:	set to the text, which the caller frees
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int keeper_text(const struct keeper_view *view, struct generation *g, char **text, char *why, size_t room)
{
	int err = generation_get(view->folder, g, true, text, why, room);

	if (!err)
		return 0;
	/* A text that was written before its commit only needs its new name. */
	if (!generation_get(view->folder, g, false, text, why, room)) {
		*why = '\0';
		err = generation_commit(view->folder, g->number, g->hash, why, room);
		if (!err)
			return 0;
		free(*text);
		/* Another process may have given it its name meanwhile. */
		return generation_get(view->folder, g, true, text, why, room);
	}
	err = pull(view, g, why, room);
	if (err)
		return err;
	*why = '\0';
	err = generation_commit(view->folder, g->number, g->hash, why, room);
	return err ? err : generation_get(view->folder, g, true, text, why, room);
}

/* Returns whether the text has no more words than the name of a node. */
static bool only_name(const char *from, const char *to)
{
	return !memchr(from, ' ', (size_t)(to - from));
}

/*
 * Takes out of what `haadm save` prints what is no configuration of the cluster: which node this is, and, unless STATES,
 * the state of nodes, which an operator sets often. Of a node that a cluster engine lists there is a line "node set" only
 * if something is set. Return: what is left, bytes.
 */
static size_t leave_common(char *text, size_t size, bool states)
{
	static const char add[] = "node add ", set[] = "node set ", self[] = " self ", state[] = " state ";
	char *line, *next, *cut, *rest, *to = text;

	for (line = text; line < text + size; line = next) {
		next = memchr(line, '\n', (size_t)(text + size - line));
		next = next ? next + 1 : text + size;
		cut = strncmp(line, add, strlen(add)) && strncmp(line, set, strlen(set)) ? NULL :
		      memmem(line, (size_t)(next - line), state, strlen(state));
		if (cut && !states && !strncmp(line, set, strlen(set)) && only_name(line + strlen(set), cut))
			continue;
		if (!cut) {
			memmove(to, line, (size_t)(next - line));
			to += next - line;
			continue;
		}
		rest = states ? cut : next - 1;
		/* The word stands before the state, if it is there. */
		if ((size_t)(cut - line) > strlen(self) && !memcmp(cut + 1 - strlen(self), self, strlen(self)))
			cut -= strlen(self) - 1;
		memmove(to, line, (size_t)(cut - line));
		to += cut - line;
		memmove(to, rest, (size_t)(next - rest));
		to += next - rest;
	}
	return (size_t)(to - text);
}

/**
 * keeper_running - get what the module of this node has, as a configuration for all nodes
 * @states:	with the states of nodes
 * @text:	set to the text with a NUL behind it, which the caller frees
 * @size:	set to its length, bytes
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int keeper_running(bool states, char **text, size_t *size, char *why, size_t room)
{
	int out = memory_file(NULL, 0), errors = memory_file(NULL, 0), in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int code = -ENOMEM;
	struct stat st;

	*text = NULL;
	if (out >= 0 && errors >= 0 && in >= 0)
		code = run_haadm("save", NULL, NULL, NULL, in, out, errors);
	if (!code && fstat(out, &st))
		code = -errno;
	if (!code) {
		*text = malloc((size_t)st.st_size + 1);
		if (!*text || pread(out, *text, (size_t)st.st_size, 0) != st.st_size)
			code = -ENOMEM;
	}
	if (code < 0)
		run_failed("what this node runs cannot be printed", code, why, room);
	else if (code)
		first_line(errors, why, room);
	if (out >= 0)
		close(out);
	if (errors >= 0)
		close(errors);
	if (in >= 0)
		close(in);
	if (code) {
		free(*text);
		*text = NULL;
		return code < 0 ? code : -EINVAL;
	}
	*size = leave_common(*text, (size_t)st.st_size, states);
	(*text)[*size] = '\0';
	return 0;
}

/* Return: hash of what the module has now; 0 if haadm cannot print it. */
static uint64_t running_hash(void)
{
	char *text, why[KEEPER_WHY];
	uint64_t hash = 0;
	size_t size;

	if (!keeper_running(false, &text, &size, why, sizeof(why)))
		hash = generation_hash(text, size);
	free(text);
	return hash;
}

/**
 * keeper_stated - get the configuration of the cluster with the states of nodes that this node has
 * @view:	what the keeper was told
 * @text:	set to the text with a NUL behind it, which the caller frees
 * @size:	set to its length, bytes
 * @why:	filled on failure
 * @room:	size of @why
 *
 * A commit of it ends no drain by hand.
 *
 * Return: 0; or a negative errno, also if this node does not run the committed configuration
 */
int keeper_stated(const struct keeper_view *view, char **text, size_t *size, char *why, size_t room)
{
	const struct hasw_vote_conf *committed = &view->committed;
	int err = keeper_running(true, text, size, why, room);
	char *copy = err ? NULL : strdup(*text);
	struct applied a;
	bool same;

	/* Where nothing is committed, what this node runs is all there is. */
	if (!err && committed->generation &&
	    !(copy && applied_get(view->folder, &a, &same) && same && a.number == committed->generation && a.hash == committed->blob &&
	      a.saved == generation_hash(copy, leave_common(copy, *size, false)))) {
		snprintf(why, room, "%s does not run the committed configuration: see 'haadm cluster diff' there", view->self);
		free(*text);
		*text = NULL;
		err = -EINVAL;
	}
	free(copy);
	return err;
}

/**
 * keeper_recall - find out what this node runs, when the keeper was just started
 * @view:	what the keeper was told
 * @report:	filled
 */
void keeper_recall(const struct keeper_view *view, struct keeper_report *report)
{
	struct generation g;
	char *text, why[KEEPER_WHY];
	struct applied a;
	bool same;

	memset(report, 0, sizeof(*report));
	report->kind = KEEPER_RUNS;
	if (!applied_get(view->folder, &a, &same) || !same)
		return;
	report->runs.generation = a.number;
	report->runs.blob = a.hash;
	report->state = CONFIG_RUNS;
	/* A file that is lost is no reason to put anything in place again, which would end drains by hand. */
	g = (struct generation){ .number = a.number, .hash = a.hash };
	report->lost = generation_get(view->folder, &g, true, &text, why, sizeof(why)) != 0;
	report->agents = report->lost ? a.agents : config_agents_hash(text, g.size);
	if (!report->lost)
		free(text);
}

/**
 * keeper_catch_up - put the committed configuration in place
 * @view:	what the keeper was told
 * @report:	what the keeper has reported last; filled: what this node runs then, or why it could not
 */
void keeper_catch_up(const struct keeper_view *view, struct keeper_report *report)
{
	const struct hasw_vote_conf *conf = &view->committed;
	struct generation g = { .number = conf->generation, .hash = conf->blob };
	struct generation_limits limits = {
		.least = KEEP_LEAST, .most = KEEP_MOST, .since = (uint64_t)time(NULL) - KEEP_TIME,
	};
	struct applied a = { .number = g.number, .hash = g.hash }, before;
	const struct hasw_vote_conf runs = report->runs;
	bool known, same, kept;
	char *text;
	int err;

	keeper_recall(view, report);
	applied_life(a.life);
	err = keeper_text(view, &g, &text, report->why, sizeof(report->why));
	known = applied_get(view->folder, &before, &same);
	/* After a boot the same one is put in place again, which is no news. */
	if (!err && !(known && before.number == g.number && before.hash == g.hash)) {
		report->committed = *conf;
		memcpy(report->node, g.node, sizeof(report->node));
	}
	/*
	 * A generation with the text that this node runs, as a timer's snapshot is, must not end a drain by hand. @runs is
	 * another one if @before is old, because the last one could not be written down.
	 */
	kept = known && same && before.hash == g.hash && runs.generation == before.number && runs.blob == before.hash;
	if (!err) {
		a.agents = config_agents_hash(text, g.size);
		/* The agent puts them in force later. What it would refuse then stops all of the text now. */
		err = config_agents_check(view, text, g.size, report->why, sizeof(report->why));
		if (!err && !view->witness && !known && first_is(&g) && strcmp(g.node, view->self))
			err = first_fits(text, report->why, sizeof(report->why));
		if (!err && !view->witness && !kept)
			err = restore(view, text, g.size, false, report->why, sizeof(report->why));
		free(text);
	}
	if (err) {
		report->state = CONFIG_REFUSED;
		return;
	}
	if (!view->witness)
		a.saved = kept ? before.saved : running_hash();
	err = applied_put(view->folder, &a);
	report->runs = *conf;
	report->runs.epoch = 0;
	report->agents = a.agents;
	report->lost = false;
	report->state = CONFIG_RUNS;
	/* It is in place nevertheless; the next start of the agent puts it in place again. */
	if (err)
		run_failed("what this node runs cannot be written down", err, report->why, sizeof(report->why));
	generation_prune(view->folder, g.number, &limits);
	first_unmark(view->folder);
}

/*
 * Gets the text of what this node runs from another node, if its file is lost or torn. The agent needs it at its next start
 * at the latest, and a node that was away may ask this one for it. A text can be long, so a file that was not touched since it
 * was read as a whole is not read again.
 */
static void find_lost(const struct keeper_view *view, struct keeper_report *report)
{
	struct generation g = { .number = report->runs.generation, .hash = report->runs.blob };
	char *text, why[KEEPER_WHY], found[KEEPER_WHY];
	struct generation_stamp stamp;
	bool lost;

	generation_stamp(view->folder, g.number, g.hash, time(NULL), &stamp);
	if (stamp.inode && !memcmp(&stamp, &report->stamp, sizeof(stamp)))
		return;
	memset(&report->stamp, 0, sizeof(report->stamp));
	lost = generation_get(view->folder, &g, true, &text, why, sizeof(why)) != 0;
	if (lost && !report->lost)
		log_warning("configuration: %s; generation %" PRIu64 " is in force here, and another node is asked for its text",
			    why, g.number);
	report->lost = lost && keeper_text(view, &g, &text, found, sizeof(found));
	if (report->lost)
		return;
	if (!lost)
		report->stamp = stamp;
	report->agents = config_agents_hash(text, g.size);
	free(text);
	if (lost)
		log_notice("configuration: generation %" PRIu64 " is on the disk again", g.number);
}

/**
 * keeper_look - find out whether the configuration was changed by hand, or its file is lost, or is there twice
 * @view:	what the keeper was told
 * @report:	what the keeper has reported last; its state is set
 */
void keeper_look(const struct keeper_view *view, struct keeper_report *report)
{
	struct applied a;
	uint64_t saved;
	bool same;

	find_lost(view, report);
	if (generation_set_aside(view->folder, report->runs.generation, report->runs.blob))
		log_warning("configuration: %s had another generation %" PRIu64 ", of another cluster or of other voters; its file ends with .foreign now, and is not used",
			    view->folder, (uint64_t)report->runs.generation);
	if (view->witness || !applied_get(view->folder, &a, &same) || a.number != report->runs.generation || !a.saved)
		return;
	/* The module was loaded again, and has what its unit has put into it. */
	if (!same) {
		keeper_recall(view, report);
		return;
	}
	saved = running_hash();
	if (saved)
		report->state = saved == a.saved ? CONFIG_RUNS : CONFIG_CHANGED;
}
