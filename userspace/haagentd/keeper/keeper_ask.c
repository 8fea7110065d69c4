// SPDX-License-Identifier: GPL-2.0
/*
 * The keeper answers a client of the agent: what is committed and kept, a new configuration, and invitations of machines
 * that are to become nodes.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/ask.h"

#include "config_agents.h"
#include "haagentd/json.h"
#include "keeper_task.h"

#define CLIENT_TIME	10	/* how long the client can be silent, s */

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
	json_object(j, NULL);
	json_text(j, "node", peer->name);
	json_flag(j, "is_heard", peer->heard);
	json_flag(j, "witness", peer->witness);
	json_flag(j, "able", peer->can);
	json_text(j, "state", config_state_word(peer->said.state));
	conf_json(j, "applied", &peer->said.applied);
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

static void answer_prune(struct asked *a, uint64_t keep, uint64_t since)
{
	const struct generation_limits limits = {
		.least = keep < UINT_MAX ? (unsigned int)keep : UINT_MAX, .most = UINT_MAX, .since = since,
	};
	unsigned int removed, kept;
	struct json j;
	int err = generation_forget(a->view->folder, a->view->committed.generation, &limits, &removed, &kept);

	if (err) {
		refuse(a, NULL, strerror(-err));
		return;
	}
	j = begin(a);
	json_number(&j, "removed_count", removed);
	json_number(&j, "kept_count", kept);
	end(a, &j);
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

static void answer_invite(struct asked *a, const char *node, const char *addr, uint64_t seconds)
{
	char why[KEEPER_WHY], token[INVITATION_TOKEN], old[HASW_ADDR_TEXT];
	const struct keeper_view *v = a->view;
	const char *setting;
	struct invitation inv;
	bool known = false;
	unsigned int i;
	struct json j;

	if (keeper_invite(v, node, addr, seconds, &inv, why, sizeof(why))) {
		refuse(a, NULL, why);
		return;
	}
	for (i = 0; i < v->n_peers; i++)
		known |= !v->peers[i].leaving && !strcmp(v->peers[i].name, node);
	/* Without a list it does no harm, and join tells. */
	setting = v->listed && !v->corosync ? keeper_own_setting(v) : NULL;
	invitation_token(&inv, token);
	j = begin(a);
	json_text(&j, "token", token);
	json_text(&j, "node", inv.node);
	json_text(&j, "addr", addr);
	json_text(&j, "from", inv.from);
	json_number(&j, "until", inv.until);
	json_flag(&j, "known", known);
	json_number(&j, "nodes_count", v->n_peers + 1);
	/* The only one by which a new node is reached. */
	if (!known && v->listed && v->path[0])
		json_text(&j, "path", v->path);
	if (keeper_old_address(v, &inv, old))
		json_text(&j, "old_addr", old);
	if (setting)
		json_text(&j, "own_setting", setting);
	end(a, &j);
	sodium_memzero(token, sizeof(token));
	sodium_memzero(&inv, sizeof(inv));
}

/* WHOLE: the text has all that is to be committed, also if it has no settings of all agents. */
static void answer_apply(struct asked *a, uint64_t base, uint64_t size, const char *label, bool whole)
{
	const struct keeper_view *v = a->view;
	const struct hasw_vote_conf *committed = &v->committed;
	struct generation g = { .number = committed->generation + 1, .time = (uint64_t)time(NULL) };
	char why[KEEPER_WHY], node[WIRE_NAME], *text;
	unsigned int i;
	struct json j;

	memcpy(g.node, v->self, sizeof(g.node));
	snprintf(g.label, sizeof(g.label), "%.*s", (int)sizeof(g.label) - 1, label);
	if (take_text(a, size, &g, &text))
		return;
	if (base != committed->generation) {
		snprintf(why, sizeof(why), "generation %" PRIu64 " was committed meanwhile", (uint64_t)committed->generation);
		refuse(a, NULL, why);
	} else if (config_agents_keep(v, &g, &text, whole, why, sizeof(why))) {
		refuse(a, NULL, why);
	} else if (committed->blob == g.hash && !label[0]) {
		refuse(a, NULL, "the committed configuration has that very text");
	} else if (keeper_commit(v, a->agent, a->client, 0, &g, text, node, why, sizeof(why))) {
		refuse(a, node[0] ? node : NULL, why);
	} else {
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

static void answer_journals(struct asked *a, const char *node)
{
	struct json j = begin(a);

	keeper_copy_journals(a->view, node, &j);
	end(a, &j);
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
	char words[ASK_WORDS + 1], label[GENERATION_LABEL + 1], node[WIRE_NAME], addr[INET6_ADDRSTRLEN];
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
	else if (!strcmp(words, "journals"))
		answer_journals(&a, "");
	else if (sscanf(words, "journals %31s%n", node, &used) == 1 && used == (int)n)
		answer_journals(&a, node);
	else if (!strcmp(words, "list"))
		answer_list(&a);
	else if (sscanf(words, "get %" SCNu64 "%n", &number, &used) == 1 && used == (int)n)
		answer_get(&a, number);
	else if (sscanf(words, "prune %" SCNu64 " %" SCNu64 "%n", &number, &size, &used) == 2 && used == (int)n)
		answer_prune(&a, number, size);
	else if (sscanf(words, "apply %" SCNu64 " %" SCNu64 " %64s%n", &number, &size, label, &used) == 3 &&
		 (used == (int)n || !strcmp(words + used, " whole")) &&
		 (!strcmp(label, "-") || generation_label_valid(label)))
		answer_apply(&a, number, size, strcmp(label, "-") ? label : "", used < (int)n);
	else if (sscanf(words, "invite %31s %45s %" SCNu64 "%n", node, addr, &number, &used) == 3 && used == (int)n)
		answer_invite(&a, node, addr, number);
	else
		refuse(&a, NULL, "this agent, of another release, does not understand the question");
}
