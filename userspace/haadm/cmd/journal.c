// SPDX-License-Identifier: GPL-2.0
/* `haadm journal`: what the agents have written down, in the order of time. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/ask_journals.h"
#include "haadm/commands.h"
#include "haadm/journal.h"
#include "haadm/parse/when.h"
#include "lib/text.h"

/* One of the journals that are merged, with its next line. */
struct source {
	struct journal_cursor *cursor;
	json_t *line;
};

static uint64_t wall_of(const json_t *line)
{
	return journal_number_of(line, "wall", 0);
}

static void print_list(const char *key, const json_t *list)
{
	json_t *value;
	size_t i;

	printf(" %s ", key);
	json_array_foreach(list, i, value)
		printf("%s%s", i ? "," : "", json_string_value(value) ?: "?");
}

/* Prints the keys of a line that are not printed in another way, or say nothing to people: as words with their values. */
static void print_rest(const json_t *line)
{
	static const char *const apart[] = { "wall", "time", "by", "seq", "kind", "event", "addr", "decision", "publish" };
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)line, key, value) {
		size_t i = 0;

		while (i < sizeof(apart) / sizeof(apart[0]) && strcmp(key, apart[i]))
			i++;
		if (i < sizeof(apart) / sizeof(apart[0]))
			continue;
		if (json_is_string(value))
			printf(" %s %s", key, json_string_value(value));
		else if (json_is_array(value))
			print_list(key, value);
		else if (json_is_integer(value))
			printf(" %s %" JSON_INTEGER_FORMAT, key, json_integer_value(value));
		else
			printf(" %s %s", key, json_is_true(value) ? "true" : "false");
	}
}

static void print(struct out *out, json_t *line)
{
	char text[WHEN_TEXT];

	if (out->json) {
		if (!out->first)
			putchar(',');
		out->first = false;
		putchar('\n');
		json_dumpf(line, stdout, out->pretty ? JSON_INDENT(4) : JSON_COMPACT);
		return;
	}
	printf("%s %s %s", when_format(wall_of(line), text), journal_text_of(line, "by"), journal_text_of(line, "kind"));
	print_rest(line);
	putchar('\n');
}

/* Returns the source whose next line is the oldest, or NULL. There are as many sources as nodes, so each is looked at. */
static struct source *oldest(struct source *sources, size_t n)
{
	struct source *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (sources[i].line && (!found || wall_of(sources[i].line) < wall_of(found->line)))
			found = &sources[i];
	}
	return found;
}

static void print_all(struct haadm *haadm, const struct when *when, struct source *sources, size_t n)
{
	struct source *source;

	while ((source = oldest(sources, n)) && !ferror(stdout)) {
		uint64_t wall = wall_of(source->line);

		if (wall >= when->since && wall <= when->until)
			print(&haadm->out, source->line);
		json_decref(source->line);
		source->line = journal_cursor_next(source->cursor);
	}
}

void journal_complain(const struct haadm *haadm, const struct journal_skipped *skipped)
{
	if (skipped->lines)
		haadm_complain(haadm, STATUS_OK, "%lu line%s of the journal cannot be read, and %s passed over",
			       skipped->lines, hasw_s(skipped->lines), hasw_plural(skipped->lines, "is", "are"));
	if (skipped->files)
		haadm_complain(haadm, STATUS_OK, "%lu file%s of the journal %s passed over: %s", skipped->files,
			       hasw_s(skipped->files), hasw_plural(skipped->files, "is", "are"), skipped->why);
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct journal_skipped skipped = { 0 };
	struct journal_writers writers;
	struct source *sources;
	struct hasw_error err;
	json_t *answer = NULL;
	unsigned int at = 0;
	bool all;
	enum status status;
	struct when when;
	size_t i;

	when_init(&when);
	status = when_words(haadm, "journal", &when, &at, req->n_names, req->names);
	if (status)
		return status;
	all = at < req->n_names && !strcmp(req->names[at], "all");
	at += all;
	if (all)
		status = when_words(haadm, "journal", &when, &at, req->n_names, req->names);
	if (status)
		return status;
	if (at < req->n_names)
		return haadm_complain(haadm, STATUS_USAGE,
				      "journal: unknown word \"%s\"; valid are \"all\", \"since\", \"until\", \"by\" and \"in\"",
				      req->names[at]);
	if (all)
		answer = ask_journals(haadm, &when);
	if (journal_writers(&writers, when.folder, when.by, all, &err)) {
		json_decref(answer);
		return haadm_complain(haadm, STATUS_REFUSED, "%s", err.text);
	}
	sources = calloc(writers.n, sizeof(*sources));
	for (i = 0; sources && i < writers.n; i++) {
		sources[i].cursor = journal_cursor_open(when.folder, &writers.list[i], &skipped);
		sources[i].line = sources[i].cursor ? journal_cursor_next(sources[i].cursor) : NULL;
	}
	out_list_begin(&haadm->out);
	if (sources)
		print_all(haadm, &when, sources, writers.n);
	out_list_end(&haadm->out);
	for (i = 0; sources && i < writers.n; i++) {
		json_decref(sources[i].line);
		if (sources[i].cursor)
			journal_cursor_close(sources[i].cursor);
	}
	free(writers.list);
	free(sources);
	journal_complain(haadm, &skipped);
	json_decref(answer);
	return sources ? STATUS_OK : haadm_complain(haadm, STATUS_REFUSED, "out of memory");
}

static const struct verb verbs[] = {
	{ NULL, "[ all ] [ since WHEN ] [ until WHEN ] [ by NODE ] [ in FOLDER ]", HASWITCH_CMD_EVENT_GET, SUBJECT_WORDS, false, 0,
	  NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_journal = { "journal", "what the agents wrote down, since long ago", verbs };
