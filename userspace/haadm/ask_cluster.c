// SPDX-License-Identifier: GPL-2.0
/* The client of the agent for the configuration that all nodes of the cluster have: requests, texts, and their comparison. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haadm/ask_agent.h"
#include "haadm/ask_cluster.h"
#include "haadm/commands.h"
#include "haadm/parse/lines.h"
#include "lib/agents_text.h"
#include "lib/ask.h"
#include "lib/plain.h"

#define FORCE_MS	60000	/* how long the nodes may take to put it in force */
#define LOOK_MS		100

static int out_of_memory(struct hasw_error *err)
{
	return hasw_fail(err, ENOMEM, "out of memory");
}

/* Sends the words and the text. The agent may refuse, and close the socket, before it has read all. */
static int send_all(int fd, const char *words, const struct cluster_text *text, struct hasw_error *err)
{
	size_t at, n;

	/* From here on a call may wait, because another process reads. */
	fcntl(fd, F_SETFL, 0);
	if (send(fd, words, strlen(words), MSG_NOSIGNAL) < 0)
		return errno == EPIPE ? 0 : hasw_fail(err, errno, "the agent cannot be asked: %s", strerror(errno));
	for (at = 0; text && at < text->size; at += n) {
		n = text->size - at < ASK_TEXT ? text->size - at : ASK_TEXT;
		if (send(fd, text->at + at, n, MSG_NOSIGNAL) < 0)
			return errno == EPIPE ? 0 : hasw_fail(err, errno, "the agent cannot be asked: %s",
							      strerror(errno));
	}
	shutdown(fd, SHUT_WR);
	return 0;
}

/* Receives the text behind the answer. */
static int receive_text(int fd, struct cluster_text *text, size_t size, struct hasw_error *err)
{
	ssize_t n = 1;

	text->size = 0;
	text->at = malloc(size + 1);
	if (!text->at)
		return out_of_memory(err);
	while (text->size < size && (n = recv(fd, text->at + text->size, size - text->size, 0)) > 0)
		text->size += (size_t)n;
	text->at[text->size] = '\0';
	if (text->size == size)
		return 0;
	free(text->at);
	text->at = NULL;
	return hasw_fail(err, EBADMSG, "the agent's answer ended before the end of the text");
}

static int exchange(int fd, int patience, const char *words, const struct cluster_text *send, struct cluster_text *got,
		    json_t **answer, char *node, struct hasw_error *err)
{
	char *buf = malloc(ASK_ANSWER);
	size_t size = 0;
	int ret = buf ? send_all(fd, words, send, err) : out_of_memory(err);

	if (!ret)
		ret = ask_receive(fd, patience, buf, &size, err);
	if (!ret) {
		json_t *raw = json_loadb(buf, size, 0, NULL);
		const char *who = json_string_value(json_object_get(raw, "node"));

		if (node)
			snprintf(node, HASWITCH_NAME_MAX + 1, "%s", who && json_object_get(raw, "error") ? who : "");
		*answer = ask_parse(buf, size, err);
		ret = *answer ? 0 : -err->code;
		/* A refusal is about the request, and not about the agent. */
		if (ret == -EPROTO)
			hasw_fail(err, EPROTO, "%s", json_string_value(json_object_get(raw, "error")));
		json_decref(raw);
	}
	if (!ret && got) {
		const json_t *about = json_object_get(json_object_get(*answer, "generation"), "size");
		json_int_t length = json_integer_value(about);

		ret = length < 0 || length > ASK_TEXT_MAX ? hasw_fail(err, EBADMSG, "the agent's answer cannot be read") :
			receive_text(fd, got, (size_t)length, err);
	}
	if (ret) {
		json_decref(*answer);
		*answer = NULL;
	}
	free(buf);
	return ret;
}

json_t *cluster_ask_within(int patience, const char *words, const struct cluster_text *send, struct cluster_text *got,
			   char node[HASWITCH_NAME_MAX + 1], struct hasw_error *err)
{
	json_t *answer = NULL, *first;
	int fd;

	if (node)
		node[0] = '\0';
	fd = ask_connect(true, ASK_CLUSTER, err);
	if (fd < 0)
		return NULL;
	exchange(fd, patience, words, send, got, &answer, node, err);
	close(fd);
	/* An agent of an earlier release has other keys. Without them each node would seem to be silent. */
	first = json_array_get(json_object_get(answer, "nodes"), 0);
	if (first && !json_object_get(first, "is_heard")) {
		json_decref(answer);
		hasw_fail(err, EPROTO, "the agent is of another release than haadm: restart it (systemctl restart haagentd)");
		return NULL;
	}
	return answer;
}

enum status cluster_read(struct haadm *haadm, const char *path, struct cluster_text *text)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : dup(STDIN_FILENO);
	ssize_t n = -1;

	text->size = 0;
	text->at = malloc(ASK_TEXT_MAX + 2);
	if (fd >= 0 && text->at)
		while (text->size <= ASK_TEXT_MAX &&
		       (n = read(fd, text->at + text->size, ASK_TEXT_MAX + 1 - text->size)) > 0)
			text->size += (size_t)n;
	if (!text->at)
		errno = ENOMEM;
	if (n < 0)
		haadm_complain(haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(errno));
	else if (text->size > ASK_TEXT_MAX)
		haadm_complain(haadm, STATUS_USAGE, "%s is too long: a configuration has at most 16 MiB", name);
	else if (!text->size)
		haadm_complain(haadm, STATUS_USAGE, "%s is empty", name);
	if (fd >= 0)
		close(fd);
	if (n < 0 || !text->size || text->size > ASK_TEXT_MAX) {
		free(text->at);
		text->at = NULL;
		return STATUS_USAGE;
	}
	if (text->at[text->size - 1] != '\n')
		text->at[text->size++] = '\n';
	text->at[text->size] = '\0';
	return STATUS_OK;
}

const char *cluster_changed(const json_t *shown, const char *but)
{
	const json_t *nodes = json_object_get(shown, "nodes");

	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *node = json_array_get(nodes, i);
		const char *name = ask_agent_text(node, "node");

		if ((!but || strcmp(name, but)) && json_is_true(json_object_get(node, "is_heard")) &&
		    !strcmp(ask_agent_text(node, "state"), "changed"))
			return name;
	}
	return NULL;
}

void cluster_states(struct hasw_model *model, const struct hasw_model *from)
{
	for (uint32_t i = 0; i < model->n_nodes; i++) {
		uint32_t node = hasw_model_node(from, model->nodes[i].name);

		if (node == HASW_NONE)
			continue;
		model->nodes[i].admin = from->nodes[node].admin;
		model->nodes[i].within = from->nodes[node].within;
	}
}

enum status cluster_print(struct haadm *haadm, const struct hasw_model *model, struct cluster_text *text)
{
	FILE *to = open_memstream(&text->at, &text->size);
	int ret = to ? save_print(to, model, false) : -ENOMEM;

	if (to && fclose(to))
		ret = -ENOMEM;
	if (!ret)
		return STATUS_OK;
	free(text->at);
	text->at = NULL;
	return haadm_complain(haadm, STATUS_USAGE, "out of memory");
}

enum status cluster_running(struct haadm *haadm, struct cluster_text *text)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct hasw_model model;
	struct hasw_error err;
	enum status status;

	text->at = NULL;
	if (!sock)
		return STATUS_REFUSED;
	if (hasw_model_read(&model, sock, &err))
		return haadm_error(haadm, &err);
	status = save_knows(&model) ? cluster_print(haadm, &model, text) :
		haadm_complain(haadm, STATUS_REFUSED, "the module is newer than haadm and has values that haadm does not know");
	hasw_model_free(&model);
	return status;
}

enum status cluster_model(struct haadm *haadm, const struct cluster_text *from, const char *name, struct hasw_model *model)
{
	int fd = memfd_create("haadm", MFD_CLOEXEC);
	enum status status;
	char path[64];

	if (fd < 0 || pwrite(fd, from->at, from->size, 0) != (ssize_t)from->size) {
		if (fd >= 0)
			close(fd);
		return haadm_complain(haadm, STATUS_USAGE, "out of memory");
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	status = restore_model(haadm, path, name, model);
	close(fd);
	return status;
}

enum status cluster_plain(struct haadm *haadm, const struct cluster_text *from, const char *name, struct cluster_text *text)
{
	struct hasw_model model;
	enum status status = cluster_model(haadm, from, name, &model);

	text->at = NULL;
	if (status)
		return status;
	status = cluster_print(haadm, &model, text);
	hasw_model_free(&model);
	return status;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Splits a text into sorted lines, which point into it. */
static char **split(const struct cluster_text *text, size_t *n)
{
	char **lines, *at = text->at, *end;
	size_t i = 0;

	*n = 0;
	for (end = at; (end = strchr(end, '\n')); end++)
		++*n;
	lines = calloc(*n + 1, sizeof(*lines));
	for (; lines && (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		lines[i++] = at;
	}
	if (lines && *n)
		qsort(lines, *n, sizeof(*lines), by_text);
	return lines;
}

static void put_line(struct cluster_diff *diff, bool new, const char *line)
{
	if (diff->gone) {
		json_array_append_new(new ? diff->new : diff->gone, out_json_text(line));
	} else {
		if (!diff->any)
			printf("--- %s\n+++ %s\n", diff->before, diff->after);
		hasw_plain_line(stdout, "%c %s", new ? '+' : '-', line);
	}
	diff->any = true;
}

enum status cluster_print_diff(struct haadm *haadm, const struct cluster_text *before, const struct cluster_text *after,
			       struct cluster_diff *diff)
{
	size_t n, m, i = 0, j = 0;
	char **old = split(before, &n), **now = split(after, &m);
	enum status status = STATUS_OK;

	if (!old || !now)
		status = haadm_complain(haadm, STATUS_USAGE, "out of memory");
	while (!status && (i < n || j < m)) {
		int order = i == n ? 1 : j == m ? -1 : strcmp(old[i], now[j]);

		if (order < 0)
			put_line(diff, false, old[i]);
		else if (order > 0)
			put_line(diff, true, now[j]);
		i += order <= 0;
		j += order >= 0;
	}
	free(old);
	free(now);
	return status;
}

enum status cluster_agents_set(struct haadm *haadm, struct cluster_text *text, const struct cluster_text *agents)
{
	struct cluster_text whole;

	if (agents_text_join(text->at, text->size, agents ? agents->at : NULL, agents ? agents->size : 0, &whole.at, &whole.size))
		return haadm_complain(haadm, STATUS_USAGE, "out of memory");
	free(text->at);
	*text = whole;
	return STATUS_OK;
}

/* Puts the lines from FIRST to before LAST. */
static void put_agents(struct cluster_diff *diff, bool new, char **lines, size_t first, size_t last)
{
	for (; first < last; first++) {
		char *line;

		if (asprintf(&line, AGENTS_TEXT_MARK "%s%s", *lines[first] ? " " : "", lines[first]) < 0)
			return;
		put_line(diff, new, line);
		free(line);
	}
}

/* Gets the settings of all agents in a text as lines, which point into PART. */
static char **agents_lines(const struct cluster_text *text, struct cluster_text *part, size_t *n)
{
	char **lines, *at, *end;

	*n = 0;
	if (agents_text_split(text->at, text->size, &part->at, &part->size))
		return NULL;
	lines = calloc(part->size + 1, sizeof(*lines));
	for (at = part->at; lines && at && (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		lines[(*n)++] = at;
	}
	return lines;
}

enum status cluster_agents_diff(struct haadm *haadm, const struct cluster_text *before, const struct cluster_text *after,
				struct cluster_diff *diff)
{
	struct cluster_text old_part = { .at = NULL }, new_part = { .at = NULL };
	size_t n, m, first = 0;
	char **old = agents_lines(before, &old_part, &n), **now = agents_lines(after, &new_part, &m);

	if (old && now) {
		while (first < n && first < m && !strcmp(old[first], now[first]))
			first++;
		while (n > first && m > first && !strcmp(old[n - 1], now[m - 1])) {
			n--;
			m--;
		}
		put_agents(diff, false, old, first, n);
		put_agents(diff, true, now, first, m);
	}
	free(old_part.at);
	free(new_part.at);
	free(old);
	free(now);
	return old && now ? STATUS_OK : haadm_complain(haadm, STATUS_USAGE, "out of memory");
}

bool cluster_same(const struct cluster_text *one, const struct cluster_text *other)
{
	size_t n, m, i = 0;
	char **these = split(one, &n), **those = split(other, &m);
	bool same = these && those && n == m;

	while (same && i < n) {
		same = !strcmp(these[i], those[i]);
		i++;
	}
	free(these);
	free(those);
	return same;
}

/*
 * Refuses a text that says which node is this machine: it would be wrong on each other node. Other errors are found by the
 * nodes themselves.
 */
static enum status refuse_self(struct haadm *haadm, const struct cluster_text *text, const char *name)
{
	const char *outer_file = haadm->file;
	enum status status = STATUS_OK;
	struct complaint complaint;
	struct lines lines;
	struct request req;
	char *copy = malloc(text->size + 1);
	int n;

	if (!copy)
		return haadm_complain(haadm, STATUS_USAGE, "out of memory");
	memcpy(copy, text->at, text->size + 1);
	lines_init(&lines, copy, text->size);
	while (!status && (n = lines_next_of(&lines, "node")) > 0) {
		if (request_parse(&req, n, lines.words, &complaint) || !request_has(&req, HASWITCH_A_NODE_SELF) ||
		    req.verb->cmd != HASWITCH_CMD_NODE_ADD)
			continue;
		haadm->file = name;
		haadm->line = lines.line;
		status = haadm_complain(haadm, STATUS_USAGE, "\"self\" is for one machine, and this text is for all nodes: leave it out, as each node finds itself by its addresses or host name");
		haadm->file = outer_file;
		haadm->line = 0;
	}
	lines_free(&lines);
	return status;
}

static const char *string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Returns whether a node has put a generation in force, or 1 if it could not, or -1 while it has not yet. */
static int forced(const json_t *node, json_int_t generation)
{
	const json_t *runs = json_object_get(node, "applied");

	if (json_integer_value(json_object_get(runs, "generation")) >= generation)
		return 0;
	return !strcmp(string(node, "state"), "refused") ? 1 : -1;
}

/* Waits until all nodes that are heard have a generation in force. Returns the last answer, or NULL. */
static json_t *wait_forced(json_int_t generation)
{
	json_t *answer = NULL;

	for (int waited = 0; waited < FORCE_MS; waited += LOOK_MS) {
		const json_t *nodes;
		struct hasw_error err;
		bool open = false;

		json_decref(answer);
		answer = cluster_ask("show", NULL, NULL, NULL, &err);
		nodes = json_object_get(answer, "nodes");
		for (size_t i = 0; i < json_array_size(nodes); i++) {
			const json_t *node = json_array_get(nodes, i);

			open |= json_is_true(json_object_get(node, "is_heard")) && forced(node, generation) < 0;
		}
		if (answer && !open)
			break;
		poll(NULL, 0, LOOK_MS);
	}
	return answer;
}

static enum status report_forced(struct haadm *haadm, json_t *committed, const json_t *nodes)
{
	json_int_t generation = json_integer_value(json_object_get(committed, "generation"));
	enum status status = STATUS_OK;
	json_t *in_force = json_array(), *later = json_array();

	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *node = json_array_get(nodes, i);
		bool heard = json_is_true(json_object_get(node, "is_heard"));
		int how = forced(node, generation);

		json_array_append(how || !heard ? later : in_force, json_object_get(node, "node"));
		if (heard && how)
			status = haadm_complain(haadm, STATUS_REFUSED, "%s %s; its log has the reason ('haadm cluster show')",
						string(node, "node"), how > 0 ? "could not put it in force" :
						"has not put it in force yet");
	}
	json_object_set_new(committed, "in_force", in_force);
	json_object_set_new(committed, "later", later);
	if (haadm->out.json) {
		out_json_line(&haadm->out, json_incref(committed));
		return status;
	}
	printf("generation %" JSON_INTEGER_FORMAT ", %s, is committed", generation, string(committed, "hash"));
	for (size_t i = 0; i < json_array_size(in_force); i++)
		printf("%s%s", i ? ", " : "; in force on ", json_string_value(json_array_get(in_force, i)));
	for (size_t i = 0; i < json_array_size(later); i++)
		printf("%s%s", i ? ", " : "; not yet on ", json_string_value(json_array_get(later, i)));
	putchar('\n');
	return status;
}

/* Reports why a node has refused a text. What is about the settings of all agents names their file, if there is one. */
static enum status report_refused(struct haadm *haadm, const struct cluster_change *change, const char *node, const char *why)
{
	static const char settings[] = AGENTS_TEXT_NAME ":";
	const char *place = "";

	if (change->agents && !strncmp(why, settings, strlen(settings))) {
		why += strlen(settings) - 1;
		place = change->agents;
	}
	return haadm_complain(haadm, STATUS_REFUSED, "%s: node %s refuses it, so nothing was changed on any node: %s%s", change->name,
			      node, place, why);
}

enum status cluster_commit(struct haadm *haadm, const struct cluster_change *change)
{
	enum status status = refuse_self(haadm, &change->text, change->name);
	struct hasw_error err;
	json_int_t base;
	json_t *shown;

	if (status)
		return status;
	shown = cluster_ask("show", NULL, NULL, NULL, &err);
	if (!shown)
		return haadm_error(haadm, &err);
	base = json_integer_value(json_object_get(json_object_get(shown, "committed"), "generation"));
	json_decref(shown);
	return cluster_commit_after(haadm, base, change);
}

enum status cluster_commit_after(struct haadm *haadm, json_int_t base, const struct cluster_change *change)
{
	char words[ASK_WORDS], node[HASWITCH_NAME_MAX + 1];
	json_t *answer, *forced_answer;
	struct hasw_error err;
	enum status status;

	snprintf(words, sizeof(words), "apply %" JSON_INTEGER_FORMAT " %zu %s%s", base, change->text.size,
		 change->label ? change->label : "-", change->whole ? " whole" : "");
	answer = cluster_ask(words, &change->text, NULL, node, &err);
	if (!answer && node[0])
		return report_refused(haadm, change, node, err.text);
	if (!answer)
		return haadm_error(haadm, &err);
	forced_answer = wait_forced(json_integer_value(json_object_get(json_object_get(answer, "committed"), "generation")));
	status = report_forced(haadm, json_object_get(answer, "committed"), json_object_get(forced_answer, "nodes"));
	json_decref(answer);
	json_decref(forced_answer);
	return status;
}
