/* SPDX-License-Identifier: GPL-2.0 */
/* A reader of command files, which splits lines into words. */

#ifndef HAADM_LINES_H
#define HAADM_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
	int fd;			/* file descriptor; negative: the whole text is in memory */
	bool standard;		/* fd is standard input */
	char *text;		/* the part of the file that is in memory; words point into it */
	size_t len;
	size_t size;
	size_t at;
	bool end;		/* read() has reached the end of the file */
	unsigned int line;	/* number of the line that was read last; the first one is 1 */
	unsigned int before;	/* number of lines in front that are none of the file's; for them, line is 0 */
	unsigned int ahead;	/* how many of them are still to be read */
	char **words;
	int room;
};

/* Opens a file; "-" is standard input. Returns 0 or a negative errno. */
int lines_open(struct lines *lines, const char *path);

/* Prepares LINES to read TEXT instead of a file. TEXT is from malloc(), with LEN + 1 bytes. lines_free() frees it. */
void lines_init(struct lines *lines, char *text, size_t len);

/*
 * Splits the next line that has words. A word that begins with # and the rest of the line are a comment. The words are
 * in lines->words until the next call. Returns the number of words; 0 at the end of the file; -EILSEQ if the line has
 * a NUL byte; or another negative errno.
 */
int lines_next(struct lines *lines);

/*
 * Splits the next line whose first word is WORD. Other lines are not split, and lines with a NUL byte are skipped.
 * Returns as lines_next() does.
 */
int lines_next_of(struct lines *lines, const char *word);

/* Returns to the beginning of the file. -ESPIPE: the file cannot be read twice. */
int lines_rewind(struct lines *lines);

void lines_free(struct lines *lines);

#endif
