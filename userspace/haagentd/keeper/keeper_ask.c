// SPDX-License-Identifier: GPL-2.0
/*
 * The keeper answers a client of the agent: what is committed and kept, and a new configuration. A new one is checked and
 * written on each node that is heard, and then committed by the vote. If one of these nodes refuses, none takes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/ask.h"

#include "haagentd/json.h"
#include "keeper_task.h"
#include "haagentd/log.h"

#define CLIENT_TIME	10	/* how long the client can be silent, s */
#define COMMIT_TIME	30	/* the agent answers sooner than this, s */

/**
 * struct asked - a question of a client
 * @view:	what the keeper was told
 * @client:	the client's connection
 * @agent:	socket to the agent
 * @buf:	buffer of the answer
 */
struct asked {
	const struct keeper_view *view;
	int client;
	int agent;
	char buf[ASK_ANSWER];
};

static void patience(int fd, int seconds)
{
	struct timeval span = { .tv_sec = seconds };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &span, sizeof(span));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &span, sizeof(span));
}

static struct json begin(struct asked *a)
{
	struct json j = { .at = a->buf, .room = sizeof(a->buf) };

	json_object(&j, NULL);
	return j;
}

static void end(struct asked *a, struct json *j)
{
	json_object_end(j);
	send(a->client, j->at, j->size, MSG_NOSIGNAL);
}

static void refuse(struct asked *a, const char *node, const char *why)
{
	struct json j = begin(a);

	json_text(&j, "error", why);
	if (node)
		json_text(&j, "node", node);
	end(a, &j);
}

static void conf_json(struct json *j, const char *key, const struct hasw_vote_conf *conf)
{
	char hash[24];

	if (!conf->generation)
		return;
	snprintf(hash, sizeof(hash), "%016" PRIx64, (uint64_t)conf->blob);
	json_object(j, key);
	json_number(j, "generation", conf->generation);
	json_text(j, "hash", hash);
	json_object_end(j);
}

static void node_json(struct json *j, const struct keeper_peer *peer)
{
	static const char *const words[] = {
		[CONFIG_NONE] = "none", [CONFIG_RUNS] = "runs", [CONFIG_REFUSED] = "refused", [CONFIG_CHANGED] = "changed",
	};

	json_object(j, NULL);
	json_text(j, "node", peer->name);
	json_flag(j, "heard", peer->heard);
	json_flag(j, "witness", peer->witness);
	json_flag(j, "able", peer->can);
	json_text(j, "state", words[peer->said.state]);
	conf_json(j, "runs", &peer->said.applied);
	json_object_end(j);
}

static void answer_show(struct asked *a)
{
	const struct keeper_view *v = a->view;
	struct keeper_peer self = { .heard = true, .witness = v->witness, .can = true, .said = v->said };
	struct json j = begin(a);
	unsigned int i;

	memcpy(self.name, v->self, sizeof(self.name));
	json_text(&j, "node", v->self);
	if (v->why[0])
		json_text(&j, "reason", v->why);
	conf_json(&j, "committed", &v->committed);
	if (v->stored.generation != v->committed.generation || v->stored.blob != v->committed.blob)
		conf_json(&j, "unsettled", &v->stored);
	json_list(&j, "nodes");
	node_json(&j, &self);
	for (i = 0; i < v->n_peers; i++)
		node_json(&j, &v->peers[i]);
	json_list_end(&j);
	end(a, &j);
}

static void generation_json(struct json *j, const char *key, const struct generation *g)
{
	char hash[24];

	snprintf(hash, sizeof(hash), "%016" PRIx64, g->hash);
	json_object(j, key);
	json_number(j, "generation", g->number);
	json_text(j, "hash", hash);
	json_number(j, "time", g->time);
	json_number(j, "size", g->size);
	json_text(j, "node", g->node);
	if (g->label[0])
		json_text(j, "label", g->label);
	json_object_end(j);
}

#define ENOUGH	512	/* one generation needs fewer bytes */

static void answer_list(struct asked *a)
{
	struct generation *list;
	unsigned int i, n;
	struct json j;
	int err = generation_list(a->view->folder, &list, &n);

	if (err) {
		refuse(a, NULL, strerror(-err));
		return;
	}
	j = begin(a);
	conf_json(&j, "committed", &a->view->committed);
	json_list(&j, "generations");
	for (i = 0; i < n && j.room - j.size > ENOUGH; i++)
		generation_json(&j, NULL, &list[i]);
	json_list_end(&j);
	json_flag(&j, "complete", i == n);
	end(a, &j);
	free(list);
}

static void send_text(struct asked *a, const char *text, size_t size)
{
	size_t at, n;

	for (at = 0; at < size; at += n) {
		n = size - at < ASK_TEXT ? size - at : ASK_TEXT;
		if (send(a->client, text + at, n, MSG_NOSIGNAL) < 0)
			return;
	}
}

/* Finds a generation by its number among those that this node keeps. Return: whether there is one. */
static bool find(const struct keeper_view *v, uint64_t number, struct generation *g)
{
	struct generation *list;
	unsigned int i, n;

	if (generation_list(v->folder, &list, &n))
		return false;
	for (i = 0; i < n && list[i].number != number; i++)
		;
	if (i < n)
		*g = list[i];
	free(list);
	return i < n;
}

static void answer_get(struct asked *a, uint64_t number)
{
	const struct hasw_vote_conf *committed = &a->view->committed;
	struct generation g = { .number = committed->generation, .hash = committed->blob };
	char why[KEEPER_WHY], *text;
	struct json j;
	int err;

	if (!number && !committed->generation) {
		refuse(a, NULL, "no configuration is committed yet: 'haadm cluster apply FILE' commits the first one");
		return;
	}
	if (number && number != g.number && !find(a->view, number, &g)) {
		snprintf(why, sizeof(why), "this node keeps no generation %" PRIu64, number);
		refuse(a, NULL, why);
		return;
	}
	/* The committed one is asked for at other nodes, too, if it is not here yet. */
	err = g.number == committed->generation ? keeper_text(a->view, &g, &text, why, sizeof(why)) :
		generation_get(a->view->folder, &g, true, &text, why, sizeof(why));
	if (err) {
		refuse(a, NULL, why);
		return;
	}
	j = begin(a);
	generation_json(&j, "generation", &g);
	end(a, &j);
	send_text(a, text, g.size);
	free(text);
}

/* Receives the client's text, of @size bytes: a client that is killed sends less. Return: 0, or -1 after a refusal. */
static int take_text(struct asked *a, uint64_t size, struct generation *g, char **text)
{
	char *buf = malloc(ASK_TEXT_MAX + ASK_TEXT);
	const char *why = NULL;
	ssize_t n;

	g->size = 0;
	while (buf && g->size <= ASK_TEXT_MAX && (n = recv(a->client, buf + g->size, ASK_TEXT, 0)) > 0)
		g->size += (size_t)n;
	if (!buf)
		why = "out of memory";
	else if ((n < 0 || g->size != size) && g->size <= ASK_TEXT_MAX)
		why = "the text did not come as a whole";
	else
		why = generation_text_fault(buf, g->size);
	if (why) {
		refuse(a, NULL, why);
		free(buf);
		return -1;
	}
	g->hash = generation_hash(buf, g->size);
	*text = buf;
	return 0;
}

/* Has each node that is heard check and write the text. Return: 0, or -1 after a refusal. */
static int prepare(struct asked *a, const struct generation *g, const char *text)
{
	struct config_ask ask = { .kind = CONFIG_PUT, .about = *g }, answer;
	const struct keeper_view *v = a->view;
	char why[KEEPER_WHY] = "", *said;
	const char *node = v->self;
	unsigned int i = 0;
	int err;

	err = keeper_check(v, text, g->size, why, sizeof(why));
	if (!err)
		err = keeper_keep(v, g, text, why, sizeof(why));
	for (; !err && i < v->n_peers; i++) {
		if (!v->peers[i].heard)
			continue;
		node = v->peers[i].name;
		if (!v->peers[i].can) {
			snprintf(why, sizeof(why), "its agent is of a release that has no configuration of the cluster, or was just started");
			err = -EPROTO;
			break;
		}
		err = keeper_request(v, &v->peers[i], &ask, text, &answer, &said, why, sizeof(why));
		if (!err)
			free(said);
	}
	if (!err)
		return 0;
	refuse(a, node, why);
	return -1;
}

/* Returns whether the client has ended, or waits no more. It then believes that nothing was committed. */
static bool gone(const struct asked *a)
{
	struct pollfd fd = { .fd = a->client };

	return poll(&fd, 1, 0) == 1 && fd.revents & (POLLHUP | POLLERR);
}

/* Has the agent commit a text that is on the disks. Return: 0, or -1 after a refusal. */
static int commit(struct asked *a, const struct generation *g, const struct hasw_vote_conf *base)
{
	struct keeper_report report = { .kind = KEEPER_COMMIT, .base = *base, .hash = g->hash };
	struct keeper_result result;
	int fds[2], got = -1;

	if (!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
		patience(fds[0], COMMIT_TIME);
		if (keeper_pass(a->agent, &report, sizeof(report), fds[1])) {
			close(fds[1]);
			got = (int)recv(fds[0], &result, sizeof(result), 0);
		} else {
			close(fds[1]);
		}
		close(fds[0]);
	}
	if (got != (int)sizeof(result))
		refuse(a, NULL, "the agent ends, so it is not known whether the configuration is committed: see 'haadm cluster show' later");
	else if (!result.done)
		refuse(a, NULL, result.why);
	return got == (int)sizeof(result) && result.done ? 0 : -1;
}

static void answer_apply(struct asked *a, uint64_t base, uint64_t size, const char *label)
{
	const struct keeper_view *v = a->view;
	const struct hasw_vote_conf *committed = &v->committed;
	struct generation g = { .number = committed->generation + 1, .time = (uint64_t)time(NULL) };
	char why[KEEPER_WHY], *text;
	unsigned int i;
	struct json j;

	memcpy(g.node, v->self, sizeof(g.node));
	snprintf(g.label, sizeof(g.label), "%.*s", (int)sizeof(g.label) - 1, label);
	if (take_text(a, size, &g, &text))
		return;
	if (v->why[0]) {
		refuse(a, NULL, v->why);
	} else if (v->stored.generation != committed->generation || v->stored.blob != committed->blob) {
		refuse(a, NULL, "an earlier change is not settled yet; try again in a few seconds");
	} else if (base != committed->generation) {
		snprintf(why, sizeof(why), "generation %" PRIu64 " was committed meanwhile", (uint64_t)committed->generation);
		refuse(a, NULL, why);
	} else if (committed->blob == g.hash && !label[0]) {
		refuse(a, NULL, "the committed configuration has that very text");
	} else if (!prepare(a, &g, text) && !gone(a) && !commit(a, &g, committed)) {
		j = begin(a);
		generation_json(&j, "committed", &g);
		json_list(&j, "absent");
		for (i = 0; i < v->n_peers; i++)
			if (!v->peers[i].heard)
				json_text(&j, NULL, v->peers[i].name);
		json_list_end(&j);
		end(a, &j);
	}
	free(text);
}

/**
 * keeper_answer - answer a client of the agent
 * @view:	what the keeper was told
 * @client:	the client's connection; its first question is read already
 * @agent:	socket to the agent
 */
void keeper_answer(const struct keeper_view *view, int client, int agent)
{
	static struct asked a;
	char words[ASK_WORDS + 1], label[GENERATION_LABEL + 1];
	uint64_t number = 0, size = 0;
	ssize_t n;
	int used = 0;

	a.view = view;
	a.client = client;
	a.agent = agent;
	fcntl(client, F_SETFL, 0);
	patience(client, CLIENT_TIME);
	n = recv(client, words, ASK_WORDS, 0);
	if (n <= 0)
		return;
	words[n] = '\0';
	if (!strcmp(words, "show"))
		answer_show(&a);
	else if (!strcmp(words, "list"))
		answer_list(&a);
	else if (sscanf(words, "get %" SCNu64 "%n", &number, &used) == 1 && used == (int)n)
		answer_get(&a, number);
	else if (sscanf(words, "apply %" SCNu64 " %" SCNu64 " %64s%n", &number, &size, label, &used) == 3 && used == (int)n &&
		 (!strcmp(label, "-") || generation_label_valid(label)))
		answer_apply(&a, number, size, strcmp(label, "-") ? label : "");
	else
		refuse(&a, NULL, "this agent, of another release, does not understand the question");
}
