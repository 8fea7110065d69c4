// SPDX-License-Identifier: GPL-2.0
/* `haadm cluster` and `haadm snapshot`: the configuration that all nodes of the cluster have, and earlier ones. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "haadm/ask_agent.h"
#include "haadm/ask_cluster.h"
#include "haadm/commands.h"
#include "haadm/membership.h"
#include "haadm/parse/when.h"
#include "lib/ask.h"
#include "lib/journal.h"
#include "lib/text.h"

#define GENERATION_NAME 32	/* room for a label that haadm makes */
#define GENERATION_CALLED 64	/* room for "the committed generation NUMBER" */

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
		snprintf(complaint.text, sizeof(complaint.text), "a word is missing behind \"%s\"", req->n_names ? req->names[req->n_names - 1] : req->verb->word);
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
	const json_t *runs = json_object_get(node, "applied");
	bool witness = json_is_true(json_object_get(node, "witness"));
	const char *state = ask_agent_text(node, "state");

	printf("  %-15s ", ask_agent_text(node, "node"));
	if (!json_is_true(json_object_get(node, "is_heard")))
		fputs("not heard", stdout);
	else if (!json_is_true(json_object_get(node, "able")))
		fputs("its agent is of a release without this, or was just started", stdout);
	else if (!runs)
		fputs(committed ? "does not run it yet" : "runs its own", stdout);
	else if (number(runs, "generation") != number(committed, "generation"))
		printf("runs generation %" JSON_INTEGER_FORMAT, number(runs, "generation"));
	else if (strcmp(ask_agent_text(runs, "hash"), ask_agent_text(committed, "hash")))
		printf("runs another generation %" JSON_INTEGER_FORMAT ", %s", number(runs, "generation"), ask_agent_text(runs, "hash"));
	else
		fputs(witness ? "keeps it" : "runs it", stdout);
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

/* Checks the words "agents { FILE | none }" from word AT on, which can be missing. */
static enum status check_agents(struct haadm *haadm, const struct request *req, unsigned int at)
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };
	enum status status = need_words(haadm, req, at, at + 2);

	if (status || req->n_names == at)
		return status;
	if (strcmp(req->names[at], "agents"))
		snprintf(complaint.text, sizeof(complaint.text), "unknown word \"%.100s\"; valid is \"agents\"", req->names[at]);
	else if (req->n_names == at + 1)
		snprintf(complaint.text, sizeof(complaint.text), "\"agents\" needs a file behind it, or \"none\"");
	else if (at && !strcmp(req->names[0], "-") && !strcmp(req->names[at + 1], "-"))
		snprintf(complaint.text, sizeof(complaint.text), "standard input cannot be both files");
	else
		return STATUS_OK;
	return complaint_show(haadm, &complaint);
}

/*
 * Commits a text, and frees it. The words from word AT on say where the settings of all agents come from. Without them a text
 * that has none keeps those that are committed.
 */
static enum status commit(struct haadm *haadm, const struct request *req, unsigned int at, struct cluster_change *change)
{
	const char *file = req->n_names > at ? req->names[at + 1] : NULL;
	bool none = file && !strcmp(file, "none");
	struct cluster_text agents = { .at = NULL };
	enum status status = STATUS_OK;

	change->whole = file;
	if (file && !none) {
		change->agents = strcmp(file, "-") ? file : "standard input";
		status = cluster_read(haadm, file, &agents);
	}
	if (!status && file)
		status = cluster_agents_set(haadm, &change->text, none ? NULL : &agents);
	if (!status)
		status = cluster_commit(haadm, change);
	free(agents.at);
	free(change->text.at);
	return status;
}

static enum status apply(struct haadm *haadm, const struct request *req)
{
	enum status status = need_words(haadm, req, 1, 3);
	struct cluster_change change = { .label = NULL };

	if (!status)
		status = check_agents(haadm, req, 1);
	if (!status)
		status = cluster_read(haadm, req->names[0], &change.text);
	if (status)
		return status;
	change.name = strcmp(req->names[0], "-") ? req->names[0] : "standard input";
	return commit(haadm, req, 1, &change);
}

/* Gets the text of a generation. 0: of the committed one, and becomes its number. */
static enum status get(struct haadm *haadm, uint64_t *generation, struct cluster_text *text)
{
	char words[ASK_WORDS];
	struct hasw_error err;
	json_t *answer;

	snprintf(words, sizeof(words), "get %" PRIu64, *generation);
	answer = cluster_ask(words, NULL, text, NULL, &err);
	if (!answer)
		return haadm_error(haadm, &err);
	*generation = (uint64_t)number(json_object_get(answer, "generation"), "generation");
	json_decref(answer);
	return STATUS_OK;
}

/* Gets a generation in the form that haadm save prints, and what it is called. */
static enum status get_plain(struct haadm *haadm, uint64_t *generation, char name[GENERATION_CALLED], struct cluster_text *plain)
{
	const char *committed = *generation ? "" : "the committed ";
	enum status status;
	struct cluster_text text;

	status = get(haadm, generation, &text);
	if (status)
		return status;
	snprintf(name, GENERATION_CALLED, "%sgeneration %" PRIu64, committed, *generation);
	status = cluster_plain(haadm, &text, name, plain);
	free(text.at);
	return status;
}

/* Gets the text of the generation that this node runs; an empty one if it runs none. Its agents' settings are in force. */
static enum status get_running(struct haadm *haadm, struct cluster_text *text)
{
	struct hasw_error err;
	json_t *shown = cluster_ask("show", NULL, NULL, NULL, &err);
	const json_t *nodes = json_object_get(shown, "nodes");
	uint64_t generation = 0;

	if (!shown)
		return haadm_error(haadm, &err);
	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *node = json_array_get(nodes, i);

		if (!strcmp(ask_agent_text(node, "node"), ask_agent_text(shown, "node")))
			generation = (uint64_t)number(json_object_get(node, "applied"), "generation");
	}
	json_decref(shown);
	if (generation)
		return get(haadm, &generation, text);
	text->size = 0;
	text->at = calloc(1, 1);
	return text->at ? STATUS_OK : haadm_complain(haadm, STATUS_USAGE, "out of memory");
}

/* Compares the settings of all agents, which are in no form that haadm save prints. */
static enum status compare_agents(struct haadm *haadm, uint64_t before, uint64_t *after, struct cluster_diff *diff)
{
	struct cluster_text old, now = { .at = NULL };
	enum status status = get(haadm, &before, &old);

	if (status)
		return status;
	status = after ? get(haadm, after, &now) : get_running(haadm, &now);
	if (!status)
		status = cluster_agents_diff(haadm, &old, &now, diff);
	free(old.at);
	free(now.at);
	return status;
}

/* Compares a generation with another one, or with what this node runs if AFTER is NULL. */
static enum status compare(struct haadm *haadm, uint64_t before, uint64_t *after)
{
	char names[2][GENERATION_CALLED] = { "", "what this node runs" };
	struct cluster_diff diff = {
		.gone = haadm->out.json ? json_array() : NULL, .new = haadm->out.json ? json_array() : NULL,
		.before = names[0], .after = names[1],
	};
	struct cluster_text old = { .at = NULL }, now = { .at = NULL };
	enum status status = get_plain(haadm, &before, names[0], &old);

	if (!status)
		status = after ? get_plain(haadm, after, names[1], &now) : cluster_running(haadm, &now);
	if (!status)
		status = cluster_print_diff(haadm, &old, &now, &diff);
	if (!status)
		status = compare_agents(haadm, before, after, &diff);
	if (haadm->out.json && !status)
		out_json_line(&haadm->out, json_pack("{sI so* sO sO}", "before", (json_int_t)before, "after",
						     after ? json_integer((json_int_t)*after) : NULL,
						     "gone", diff.gone, "new", diff.new));
	/* Scripts take the empty output for "the same". */
	else if (!status && !diff.any && isatty(STDOUT_FILENO))
		printf("no difference between %s and %s\n", diff.before, diff.after);
	json_decref(diff.gone);
	json_decref(diff.new);
	free(old.at);
	free(now.at);
	return status;
}

static enum status diff(struct haadm *haadm, const struct request *req)
{
	(void)req;
	return compare(haadm, 0, NULL);
}

static enum status adopt(struct haadm *haadm, const struct request *req)
{
	struct cluster_change change = { .name = "what this node runs" };
	enum status status = check_agents(haadm, req, 0);

	if (!status)
		status = cluster_running(haadm, &change.text);
	return status ? status : commit(haadm, req, 0, &change);
}

static const struct verb cluster_verbs[] = {
	{ "show", NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, show },
	{ "apply", "{ FILE | - } [ agents { FILE | none } ]", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, apply },
	{ "diff", NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, diff },
	{ "adopt", "[ agents { FILE | none } ]", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, adopt },
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

static enum status print_one_json(struct haadm *haadm, uint64_t generation, const struct cluster_text *text)
{
	json_t *string = json_stringn(text->at, text->size);

	if (!string)
		return haadm_complain(haadm, STATUS_REFUSED, "generation %" PRIu64 " has bytes that are no UTF-8, which JSON cannot have; without -j it is printed as it is",
				      generation);
	out_json_line(&haadm->out, json_pack("{sI so}", "generation", (json_int_t)generation, "text", string));
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
		status = get(haadm, &numbers[0], &text);
	if (status)
		return status;
	if (haadm->out.json)
		status = print_one_json(haadm, numbers[0], &text);
	else
		fwrite(text.at, 1, text.size, stdout);
	free(text.at);
	return status;
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
	char name[64];
	struct cluster_change change = { .name = name, .whole = true };
	uint64_t numbers[2];

	if (!status)
		status = generations(haadm, req, numbers);
	if (!status)
		status = get(haadm, &numbers[0], &change.text);
	if (status)
		return status;
	snprintf(name, sizeof(name), "generation %" PRIu64, numbers[0]);
	status = cluster_commit(haadm, &change);
	free(change.text.at);
	return status;
}

/* The name that a snapshot without one gets: its local time. The agent's "prune" knows such names by their beginning. */
static const char *name_auto(char name[GENERATION_NAME])
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(name, GENERATION_NAME, ASK_AUTO "%Y-%m-%d_%H.%M.%S", &tm);
	return name;
}

/*
 * Looks whether the newest snapshot has the committed text, or there is none yet, and says so. What has changed, and was
 * changed back later, is worth one more. Returns STATUS_OK with *SAVED set.
 */
static enum status look_saved(struct haadm *haadm, bool *saved)
{
	const json_t *list, *committed, *newest = NULL;
	struct hasw_error err;
	json_t *answer = cluster_ask("list", NULL, NULL, NULL, &err);

	if (!answer)
		return haadm_error(haadm, &err);
	committed = json_object_get(answer, "committed");
	list = json_object_get(answer, "generations");
	for (size_t i = 0; i < json_array_size(list) && !newest; i++) {
		if (json_object_get(json_array_get(list, i), "label"))
			newest = json_array_get(list, i);
	}
	*saved = !committed || (newest && json_equal(json_object_get(newest, "hash"), json_object_get(committed, "hash")));
	if (*saved && haadm->out.json)
		out_json_line(&haadm->out, json_pack("{s:b}", "unchanged", 1));
	else if (*saved && !committed)
		puts("no snapshot: no configuration is committed yet");
	else if (*saved)
		printf("no snapshot: nothing has changed since \"%s\", generation %" JSON_INTEGER_FORMAT "\n",
		       ask_agent_text(newest, "label"), number(newest, "generation"));
	json_decref(answer);
	return STATUS_OK;
}

static enum status create(struct haadm *haadm, const struct request *req)
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };
	enum status status = need_words(haadm, req, 0, 2);
	bool changed = req->n_names && !strcmp(req->names[req->n_names - 1], "if-changed"), saved = false;
	const char *name = req->n_names > (changed ? 1u : 0u) ? req->names[0] : NULL, *wrong = NULL;
	struct cluster_change change = { .name = "the committed configuration", .whole = true };
	char own[GENERATION_NAME];
	uint64_t committed = 0;

	if (!status && req->n_names == 2 && !changed) {
		snprintf(complaint.text, sizeof(complaint.text), "unknown word \"%.100s\"; valid is \"if-changed\"",
			 req->names[1]);
		return complaint_show(haadm, &complaint);
	}
	if (name)
		wrong = hasw_name_check(name);
	if (wrong) {
		snprintf(complaint.text, sizeof(complaint.text), "\"%.100s\" %s", name, wrong);
		return complaint_show(haadm, &complaint);
	}
	if (!status && changed)
		status = look_saved(haadm, &saved);
	if (status || saved)
		return status;
	status = get(haadm, &committed, &change.text);
	if (status)
		return status;
	change.label = name ? name : name_auto(own);
	status = cluster_commit(haadm, &change);
	free(change.text.at);
	return status;
}

static void prune_text(const json_t *answer)
{
	printf("%" JSON_INTEGER_FORMAT " removed, %" JSON_INTEGER_FORMAT " kept of the snapshots named " ASK_AUTO "...\n",
	       number(answer, "removed_count"), number(answer, "kept_count"));
}

static enum status prune(struct haadm *haadm, const struct request *req)
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };
	enum status status = need_words(haadm, req, 2, 4);
	uint64_t keep = 0, now = when_now(), since = now;
	const char *wrong = NULL, *word = NULL;
	char words[ASK_WORDS];

	if (status)
		return status;
	for (unsigned int i = 0; i < req->n_names && !wrong; i += 2) {
		static const char *const keys[] = { "keep", "within" };

		word = req->names[i];
		if (strcmp(word, keys[i / 2]))
			wrong = i ? "is not \"within\"" : "is not \"keep\"";
		else if (i + 1 == req->n_names)
			wrong = "needs a time behind it";
		else if (!i)
			wrong = hasw_number_parse(&keep, word = req->names[i + 1], UINT32_MAX);
		else
			wrong = when_parse(&since, word = req->names[i + 1], now);
	}
	if (wrong) {
		snprintf(complaint.text, sizeof(complaint.text), "\"%.100s\" %s", word, wrong);
		return complaint_show(haadm, &complaint);
	}
	/* Without "within", none is young enough. */
	snprintf(words, sizeof(words), "prune %" PRIu64 " %" PRIu64, keep,
		 req->n_names == 2 ? (uint64_t)INT64_MAX : since / JOURNAL_SECOND);
	return print_answer(haadm, words, prune_text);
}

static const struct verb snapshot_verbs[] = {
	{ "list", NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, list },
	{ "show", "GENERATION", HASWITCH_CMD_CONFIG_GET, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, print_one },
	{ "diff", "GENERATION [ GENERATION ]", HASWITCH_CMD_CONFIG_GET, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, snapshot_diff },
	{ "rollback", "GENERATION", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, rollback },
	{ "create", "[ NAME ] [ if-changed ]", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, create },
	{ "prune", "keep NUMBER [ within WHEN ]", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_WORDS, false, 0, NULL, { 0, 0 }, prune },
	{ .word = NULL },
};

const struct object object_snapshot = { "snapshot", "earlier configurations of the cluster", snapshot_verbs };
