/* SPDX-License-Identifier: GPL-2.0 */
/* Files of commands, taken apart into the words of their lines. */

#ifndef HAADM_LINES_H
#define HAADM_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
	int fd;			/* negative: the whole text is in memory */
	bool standard;		/* fd is standard input */
	char *text;		/* what is in memory; words point into it */
	size_t len;
	size_t size;
	size_t at;
	bool end;		/* there is no more to read */
	unsigned int line;	/* number of the last line read, from 1 */
	char **words;
	int room;
};

/* Opens a file ("-": standard input); 0 or a negative errno. */
int lines_open(struct lines *lines, const char *path);

/* Takes over TEXT, which malloc gave and which has room for one byte more than LEN. */
void lines_init(struct lines *lines, char *text, size_t len);

/*
 * Takes the next line apart that has words; a word that begins with # ends it.
 * Returns their number, in lines->words, until the next call; 0: the end;
 * negative: -EILSEQ, the line has a NUL byte, or an error of reading.
 */
int lines_next(struct lines *lines);

/* Begins again; -ESPIPE: this is nothing that can be read twice. */
int lines_rewind(struct lines *lines);

void lines_free(struct lines *lines);

#endif
