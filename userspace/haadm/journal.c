// SPDX-License-Identifier: GPL-2.0
/* Reads the journals that agents have written. What is no line of a journal is counted and passed over. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"
#include "haadm/output/print.h"
#include "lib/plain.h"
#include "lib/text.h"

struct journal_cursor {
	struct journal_skipped *skipped;
	int dir;
	bool copy;
	unsigned int *numbers;	/* the files, oldest first */
	size_t n;
	size_t at;		/* the file that is opened next */
	FILE *file;
	uint64_t alive;
};

static int compare_numbers(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a, y = *(const unsigned int *)b;

	return x < y ? -1 : x > y;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct journal_writer *)a)->name, ((const struct journal_writer *)b)->name);
}

static bool listed(const struct journal_writers *writers, const char *name)
{
	for (size_t i = 0; i < writers->n; i++) {
		if (!strcmp(writers->list[i].name, name))
			return true;
	}
	return false;
}

/* Adds the nodes that have a folder in DIR, which is closed. Returns false when out of memory. */
static bool add_writers(struct journal_writers *writers, DIR *dir, const char *by, bool copy)
{
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		struct journal_writer *list;

		if (hasw_name_check(entry->d_name) || (by && strcmp(by, entry->d_name)) || listed(writers, entry->d_name))
			continue;
		list = reallocarray(writers->list, writers->n + 1, sizeof(*list));
		if (!list) {
			closedir(dir);
			return false;
		}
		writers->list = list;
		list[writers->n].copy = copy;
		snprintf(list[writers->n++].name, sizeof(list->name), "%.63s", entry->d_name);
	}
	closedir(dir);
	return true;
}

int journal_writers(struct journal_writers *writers, const char *folder, const char *by, bool copies,
		    struct hasw_error *err)
{
	DIR *dir = opendir(folder), *of_copies = NULL;
	char path[4096];
	bool good;

	*writers = (struct journal_writers){ 0 };
	if (!dir && errno == ENOENT)
		return hasw_fail(err, ENOENT, "there is no journal: %s is not there; haagentd makes it", folder);
	if (!dir)
		return hasw_fail(err, errno, "cannot read %s: %s", folder, strerror(errno));
	good = add_writers(writers, dir, by, false);
	snprintf(path, sizeof(path), "%s/" JOURNAL_COPIES, folder);
	if (good && copies)
		of_copies = opendir(path);
	if (of_copies)
		good = add_writers(writers, of_copies, by, true);
	if (!good) {
		free(writers->list);
		return hasw_fail(err, ENOMEM, "out of memory");
	}
	if (!writers->n && by)
		return hasw_fail(err, ENOENT, "there is no journal of node %s in %s", by, folder);
	if (!writers->n)
		return hasw_fail(err, ENOENT, "there is no journal in %s; haagentd writes it", folder);
	qsort(writers->list, writers->n, sizeof(*writers->list), compare_names);
	return 0;
}

static void skip_file(struct journal_skipped *skipped, const char *name, const char *why)
{
	skipped->files++;
	snprintf(skipped->why, sizeof(skipped->why), "%.64s %.60s", name, why);
}

static void add_file(void *arg, unsigned int number)
{
	struct journal_cursor *cursor = arg;
	unsigned int *numbers = reallocarray(cursor->numbers, cursor->n + 1, sizeof(*numbers));

	if (!numbers)
		return;
	cursor->numbers = numbers;
	numbers[cursor->n++] = number;
}

static void list_files(struct journal_cursor *cursor)
{
	journal_each(cursor->dir, add_file, cursor);
	if (cursor->n)
		qsort(cursor->numbers, cursor->n, sizeof(*cursor->numbers), compare_numbers);
}

struct journal_cursor *journal_cursor_open(const char *folder, const struct journal_writer *writer,
					   struct journal_skipped *skipped)
{
	struct journal_cursor *cursor = calloc(1, sizeof(*cursor));
	char path[4096];

	if (!cursor)
		return NULL;
	cursor->skipped = skipped;
	cursor->copy = writer->copy;
	snprintf(path, sizeof(path), "%s%s/%s", folder, writer->copy ? "/" JOURNAL_COPIES : "", writer->name);
	cursor->dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (cursor->dir < 0)
		skip_file(skipped, writer->name, errno == ELOOP || errno == ENOTDIR ? "is no folder" : strerror(errno));
	else
		list_files(cursor);
	return cursor;
}

/* Opens the next file that can be read. Returns false if there is none. */
static bool open_next(struct journal_cursor *cursor)
{
	while (cursor->at < cursor->n) {
		char name[JOURNAL_NAME];
		struct stat st;
		int fd;

		snprintf(name, sizeof(name), JOURNAL_FORMAT, cursor->numbers[cursor->at++]);
		fd = openat(cursor->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
		if (fd < 0) {
			/* ENOENT: the agent has removed it meanwhile, because it is old. */
			if (errno != ENOENT)
				skip_file(cursor->skipped, name, errno == ELOOP ? "is a symbolic link" : strerror(errno));
			continue;
		}
		if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
			skip_file(cursor->skipped, name, "is no regular file");
			close(fd);
			continue;
		}
		cursor->file = fdopen(fd, "r");
		if (!cursor->file) {
			close(fd);
			continue;
		}
		/* A writer touches its file every JOURNAL_ALIVE. A copy's file is locked while it is copied. */
		cursor->alive = !cursor->copy && journal_locked(fd) ? UINT64_MAX : journal_modified(&st);
		return true;
	}
	return false;
}

/* Reads a line. Returns its length without the newline; -1 at the end of the file; -2 for a line to be passed over. */
static int read_line(FILE *file, char line[JOURNAL_LINE])
{
	bool fits = true;
	int c, len = 0;

	while ((c = getc_unlocked(file)) != EOF && c != '\n') {
		if (len == JOURNAL_LINE - 1)
			fits = false;
		else
			line[len++] = (char)c;
	}
	if (c == EOF)
		return len ? -2 : -1;
	return fits ? len : -2;
}

json_t *journal_cursor_next(struct journal_cursor *cursor)
{
	char line[JOURNAL_LINE];

	while (cursor->file || open_next(cursor)) {
		int len = read_line(cursor->file, line);
		json_t *object;

		if (len == -1) {
			fclose(cursor->file);
			cursor->file = NULL;
			continue;
		}
		object = len < 0 ? NULL : journal_line_parse(line, (size_t)len);
		if (object)
			return object;
		cursor->skipped->lines++;
	}
	return NULL;
}

uint64_t journal_cursor_alive(const struct journal_cursor *cursor)
{
	return cursor->alive;
}

void journal_cursor_close(struct journal_cursor *cursor)
{
	if (cursor->file)
		fclose(cursor->file);
	if (cursor->dir >= 0)
		close(cursor->dir);
	free(cursor->numbers);
	free(cursor);
}

uint64_t journal_number_of(const json_t *line, const char *key, uint64_t other)
{
	const json_t *value = json_object_get(line, key);

	return json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value) : other;
}

const char *journal_text_of(const json_t *line, const char *key)
{
	return json_string_value(json_object_get(line, key));
}

/* In lines about lines and events that are lost, numbers were in "from" and "to", which are texts in all other lines. */
static void rename_numbers(json_t *line)
{
	static const char *const names[][2] = { { "from", "first" }, { "to", "last" } };
	const char *kind = journal_text_of(line, "kind");

	if (strcmp(kind, "lost") && strcmp(kind, "missed"))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!json_is_integer(json_object_get(line, names[i][0])))
			continue;
		json_object_set(line, names[i][1], json_object_get(line, names[i][0]));
		json_object_del(line, names[i][0]);
	}
}

/* Evidence was a text, the first one of those that an event has. */
static void list_evidence(json_t *line)
{
	json_t *evidence = json_object_get(line, "evidence");

	if (json_is_string(evidence))
		json_object_set_new(line, "evidence", json_pack("[O]", evidence));
}

/* A value is a text, a number or a truth value, or a list of texts. */
static bool is_value(const json_t *value)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)value, i, one) {
		if (!json_is_string(one))
			return false;
	}
	return !json_is_object(value);
}

json_t *journal_line_parse(const char *text, size_t len)
{
	json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL), *value;
	bool good = json_is_object(line);
	const char *key;

	good = good && journal_number_of(line, "wall", UINT64_MAX) != UINT64_MAX &&
	       journal_number_of(line, "time", UINT64_MAX) != UINT64_MAX &&
	       journal_text_of(line, "by") && journal_text_of(line, "kind");
	if (good) {
		json_object_foreach(line, key, value)
			good = good && hasw_plain(key) && out_json_plain(value) && is_value(value);
	}
	if (good) {
		/* What agents of earlier releases wrote becomes what those of this one write. */
		rename_numbers(line);
		list_evidence(line);
		return line;
	}
	json_decref(line);
	return NULL;
}
