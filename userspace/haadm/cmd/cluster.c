// SPDX-License-Identifier: GPL-2.0
/* `haadm cluster` and `haadm snapshot`: the configuration that all nodes of the cluster have, and earlier ones. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "haadm/ask_agent.h"
#include "haadm/ask_cluster.h"
#include "haadm/commands.h"
#include "haadm/membership.h"
#include "lib/ask.h"
#include "lib/text.h"

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Complains unless the command has between LEAST and MOST words. */
static enum status need_words(struct haadm *haadm, const struct request *req, unsigned int least, unsigned int most)
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };

	if (req->n_names >= least && req->n_names <= most)
		return STATUS_OK;
	if (req->n_names > most)
		snprintf(complaint.text, sizeof(complaint.text), "\"%.100s\" is one word too many", req->names[most]);
	else
		snprintf(complaint.text, sizeof(complaint.text), "a word is missing");
	return complaint_show(haadm, &complaint);
}

/* Prints what the agent answers: unchanged as JSON output, or by TEXT. */
static enum status print_answer(struct haadm *haadm, const char *words, void (*text)(const json_t *answer))
{
	struct hasw_error err;
	json_t *answer = cluster_ask(words, NULL, NULL, NULL, &err);

	if (!answer)
		return haadm_error(haadm, &err);
	if (haadm->out.json) {
		out_json_line(&haadm->out, answer);
		return STATUS_OK;
	}
	text(answer);
	json_decref(answer);
	return STATUS_OK;
}

static void node_text(const json_t *node, const json_t *committed, bool self)
{
	const json_t *runs = json_object_get(node, "runs");
	bool witness = json_is_true(json_object_get(node, "witness"));
	const char *state = ask_agent_text(node, "state");

	printf("  %-15s ", ask_agent_text(node, "node"));
	if (!json_is_true(json_object_get(node, "heard")))
		fputs("not heard", stdout);
	else if (!json_is_true(json_object_get(node, "able")))
		fputs("its agent is of a release without this, or was just started", stdout);
	else if (!runs)
		fputs(committed ? "does not run it yet" : "runs its own", stdout);
	else if (number(runs, "generation") == number(committed, "generation"))
		fputs(witness ? "keeps it" : "runs it", stdout);
	else
		printf("runs generation %" JSON_INTEGER_FORMAT, number(runs, "generation"));
	if (!strcmp(state, "refused"))
		fputs(", could not put it in force: its log has the reason", stdout);
	else if (!strcmp(state, "changed"))
		fputs(", CHANGED BY HAND", stdout);
	printf("%s%s\n", witness ? ", a witness" : "", self ? ", this machine" : "");
}

static void show_text(const json_t *answer)
{
	const json_t *committed = json_object_get(answer, "committed"), *nodes = json_object_get(answer, "nodes");
	const json_t *unsettled = json_object_get(answer, "unsettled");

	if (committed)
		printf("committed: generation %" JSON_INTEGER_FORMAT ", %s\n", number(committed, "generation"),
		       ask_agent_text(committed, "hash"));
	else
		puts("committed: none that is known here");
	if (unsettled)
		printf("unsettled: generation %" JSON_INTEGER_FORMAT ", %s\n", number(unsettled, "generation"),
		       ask_agent_text(unsettled, "hash"));
	if (json_object_get(answer, "reason"))
		printf("nothing can be committed here: %s\n", ask_agent_text(answer, "reason"));
	printf("nodes: %zu\n", json_array_size(nodes));
	for (size_t i = 0; i < json_array_size(nodes); i++)
		node_text(json_array_get(nodes, i), committed,
			  !strcmp(ask_agent_text(json_array_get(nodes, i), "node"), ask_agent_text(answer, "node")));
}

static enum status show(struct haadm *haadm, const struct request *req)
{
	(void)req;
	return print_answer(haadm, "show", show_text);
}

static enum status apply(struct haadm *haadm, const struct request *req)
{
	enum status status = need_words(haadm, req, 1, 1);
	struct cluster_text text;

	if (!status)
		status = cluster_read(haadm, req->names[0], &text);
	if (status)
		return status;
	status = cluster_commit(haadm, &text, strcmp(req->names[0], "-") ? req->names[0] : "standard input", NULL);
	free(text.at);
	return status;
}

/* Gets the text of a generation; 0: of the committed one. */
static enum status get(struct haadm *haadm, uint64_t generation, struct cluster_text *text)
{
	char words[ASK_WORDS];
	struct hasw_error err;
	json_t *answer;

	snprintf(words, sizeof(words), "get %" PRIu64, generation);
	answer = cluster_ask(words, NULL, text, NULL, &err);
	if (!answer)
		return haadm_error(haadm, &err);
	json_decref(answer);
	return STATUS_OK;
}

/* Gets a generation in the form that haadm save prints. */
static enum status get_plain(struct haadm *haadm, uint64_t generation, struct cluster_text *plain)
{
	struct cluster_text text;
	char name[64] = "the committed configuration";
	enum status status = get(haadm, generation, &text);

	if (status)
		return status;
	if (generation)
		snprintf(name, sizeof(name), "generation %" PRIu64, generation);
	status = cluster_plain(haadm, &text, name, plain);
	free(text.at);
	return status;
}

/* Compares a generation with another one, or with what this node runs if AFTER is NULL. */
static enum status compare(struct haadm *haadm, uint64_t before, const uint64_t *after)
{
	struct cluster_text old, new = { .at = NULL };
	enum status status = get_plain(haadm, before, &old);

	if (status)
		return status;
	status = after ? get_plain(haadm, *after, &new) : cluster_running(haadm, &new);
	if (!status)
		status = cluster_print_diff(haadm, &old, &new);
	free(old.at);
	free(new.at);
	return status;
}

static enum status diff(struct haadm *haadm, const struct request *req)
{
	(void)req;
	return compare(haadm, 0, NULL);
}

static enum status adopt(struct haadm *haadm, const struct request *req)
{
	struct cluster_text text;
	enum status status = cluster_running(haadm, &text);

	(void)req;
	if (status)
		return status;
	status = cluster_commit(haadm, &text, "what this node runs", NULL);
	free(text.at);
	return status;
}

static const struct verb cluster_verbs[] = {
	{ "show", NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, show },
	{ "apply", "{ FILE | - }", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, apply },
	{ "diff", NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, diff },
	{ "adopt", NULL, HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, adopt },
	{ "init", "[ name NODE ] [ addr ADDR ] [ with NODE addr ADDR ]...", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, true, 0, NULL,
	  { 0, 0 }, membership_init },
	{ "invite", "NODE addr ADDR [ within TIME ]", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 },
	  membership_invite },
	{ "join", "{ TOKEN | - }", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, membership_join },
	{ "leave", "NODE", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, membership_leave },
	{ .word = NULL },
};

const struct object object_cluster = { "cluster", "one configuration on all nodes", cluster_verbs };

static void list_text(const json_t *answer)
{
	const json_t *list = json_object_get(answer, "generations");
	json_int_t committed = number(json_object_get(answer, "committed"), "generation");

	printf("%-10s %-16s %-19s %-15s %9s LABEL\n", "GENERATION", "HASH", "APPLIED", "ON", "BYTES");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		time_t at = (time_t)number(one, "time");
		struct tm tm;
		char when[32] = "?";

		if (localtime_r(&at, &tm))
			strftime(when, sizeof(when), "%F %T", &tm);
		printf("%-10" JSON_INTEGER_FORMAT " %-16s %-19s %-15s %9" JSON_INTEGER_FORMAT " %s%s\n",
		       number(one, "generation"), ask_agent_text(one, "hash"), when, ask_agent_text(one, "node"), number(one, "size"),
		       json_object_get(one, "label") ? ask_agent_text(one, "label") : "-",
		       number(one, "generation") == committed ? " (committed)" : "");
	}
	if (!json_is_true(json_object_get(answer, "complete")))
		puts("there are more than one answer holds");
}

static enum status list(struct haadm *haadm, const struct request *req)
{
	(void)req;
	return print_answer(haadm, "list", list_text);
}

/* Parses the words of a command, each of which is the number of a generation. */
static enum status generations(struct haadm *haadm, const struct request *req, uint64_t numbers[2])
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };

	for (unsigned int i = 0; i < req->n_names; i++) {
		const char *wrong = hasw_number_parse(&numbers[i], req->names[i], INT64_MAX);

		if (!wrong && !numbers[i])
			wrong = "is no generation: the first one is 1";
		if (!wrong)
			continue;
		snprintf(complaint.text, sizeof(complaint.text), "\"%.100s\" %s", req->names[i], wrong);
		return complaint_show(haadm, &complaint);
	}
	return STATUS_OK;
}

static enum status print_one(struct haadm *haadm, const struct request *req)
{
	enum status status = need_words(haadm, req, 1, 1);
	struct cluster_text text;
	uint64_t numbers[2];

	if (!status)
		status = generations(haadm, req, numbers);
	if (!status)
		status = get(haadm, numbers[0], &text);
	if (status)
		return status;
	fwrite(text.at, 1, text.size, stdout);
	free(text.at);
	return STATUS_OK;
}

static enum status snapshot_diff(struct haadm *haadm, const struct request *req)
{
	enum status status = need_words(haadm, req, 1, 2);
	uint64_t numbers[2];

	if (!status)
		status = generations(haadm, req, numbers);
	return status ? status : compare(haadm, numbers[0], req->n_names > 1 ? &numbers[1] : NULL);
}

static enum status rollback(struct haadm *haadm, const struct request *req)
{
	enum status status = need_words(haadm, req, 1, 1);
	struct cluster_text text;
	uint64_t numbers[2];
	char name[64];

	if (!status)
		status = generations(haadm, req, numbers);
	if (!status)
		status = get(haadm, numbers[0], &text);
	if (status)
		return status;
	snprintf(name, sizeof(name), "generation %" PRIu64, numbers[0]);
	status = cluster_commit(haadm, &text, name, NULL);
	free(text.at);
	return status;
}

static enum status create(struct haadm *haadm, const struct request *req)
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };
	enum status status = need_words(haadm, req, 1, 1);
	const char *wrong = status ? NULL : hasw_name_check(req->names[0]);
	struct cluster_text text;

	if (wrong) {
		snprintf(complaint.text, sizeof(complaint.text), "\"%.100s\" %s", req->names[0], wrong);
		return complaint_show(haadm, &complaint);
	}
	if (!status)
		status = get(haadm, 0, &text);
	if (status)
		return status;
	status = cluster_commit(haadm, &text, "the committed configuration", req->names[0]);
	free(text.at);
	return status;
}

static const struct verb snapshot_verbs[] = {
	{ "list", NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, list },
	{ "show", "GENERATION", HASWITCH_CMD_CONFIG_GET, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, print_one },
	{ "diff", "GENERATION [ GENERATION ]", HASWITCH_CMD_CONFIG_GET, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, snapshot_diff },
	{ "rollback", "GENERATION", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, rollback },
	{ "create", "NAME", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, create },
	{ .word = NULL },
};

const struct object object_snapshot = { "snapshot", "earlier configurations of the cluster", snapshot_verbs };
