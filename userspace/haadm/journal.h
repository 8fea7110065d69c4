/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the journals that agents have written. What is no line of a journal is counted and passed over. */

#ifndef HAADM_JOURNAL_H
#define HAADM_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/journal.h"
#include "lib/sock.h"

/* The journal of one node: its files from the oldest to the newest, line by line. */
struct journal_cursor;

/* A node whose journal is in the folder of journals, or a copy of it. */
struct journal_writer {
	char name[64];
	bool copy;
};

struct journal_writers {
	struct journal_writer *list;
	size_t n;
};

/* What was passed over. */
struct journal_skipped {
	unsigned long lines;		/* lines that are torn, too long, or no lines of a journal */
	unsigned long files;		/* files that are no regular files, or cannot be read */
	char why[128];			/* the last reason why a file was passed over */
};

/*
 * Lists the nodes whose journals are in FOLDER, by name; only BY, if that is not NULL. COPIES: also nodes of whose journals
 * only copies are there. The caller frees WRITERS->list. Returns 0 or a negative errno with ERR filled.
 */
int journal_writers(struct journal_writers *writers, const char *folder, const char *by, bool copies,
		    struct hasw_error *err);

/* Opens the journal of a node. Returns NULL when out of memory. */
struct journal_cursor *journal_cursor_open(const char *folder, const struct journal_writer *writer,
					   struct journal_skipped *skipped);

/* Returns the next line, which the caller frees; NULL: there are no more lines. */
json_t *journal_cursor_next(struct journal_cursor *cursor);

/*
 * Returns when the writer was alive last, by its newest file: CLOCK_REALTIME, ns. UINT64_MAX: it lives on this machine. 0:
 * there is no file. Call it after the last line.
 */
uint64_t journal_cursor_alive(const struct journal_cursor *cursor);

void journal_cursor_close(struct journal_cursor *cursor);

/*
 * Parses a line. Returns an object, in which `wall` and `time` are numbers that are not negative, and `by` and `kind` are
 * texts. Control characters in texts are shown, as \x1b; keys have none. NULL: this is no line of a journal.
 */
json_t *journal_line_parse(const char *text, size_t len);

/* Returns the number under a key of a line; OTHER if there is none, or it is negative. */
uint64_t journal_number_of(const json_t *line, const char *key, uint64_t other);

/* Returns the text under a key of a line, or NULL. */
const char *journal_text_of(const json_t *line, const char *key);

#endif
