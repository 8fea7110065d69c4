/* SPDX-License-Identifier: GPL-2.0 */
/* Files of commands: a text in memory, taken apart into the words of its lines. */

#ifndef HAADM_LINES_H
#define HAADM_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
	char *text;		/* ends with NUL; words point into it */
	size_t len;
	size_t at;
	unsigned int line;	/* number of the last line read, from 1 */
	char **words;
	int room;
};

/* Reads a file ("-": standard input) as a whole; 0 or a negative errno. */
int lines_read(struct lines *lines, const char *path);

/* Takes over TEXT, which malloc gave and which ends with NUL at LEN. */
void lines_init(struct lines *lines, char *text, size_t len);

/*
 * Takes the next line apart that has words; a word that begins with # ends it.
 * Returns their number, in lines->words; 0: the end; negative: -EILSEQ, the
 * line has a NUL byte, or -ENOMEM.
 */
int lines_next(struct lines *lines);

void lines_free(struct lines *lines);

#endif
