/* SPDX-License-Identifier: GPL-2.0 */
/* What the writer and the reader of the journal share: files and their locks, and how a line begins. */
#ifndef HASW_JOURNAL_H
#define HASW_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

struct stat;

#define JOURNAL_FOLDER	"/var/lib/haswitch/journal"
#define JOURNAL_FORMAT	"%08u.jsonl"	/* name of a file in FOLDER/NODE; a higher number is newer */
#define JOURNAL_COPIES	"@copies"	/* FOLDER has copies of other nodes' journals there, in a folder each */
#define JOURNAL_NAME	24
#define JOURNAL_LINE	2048		/* maximum length of a line, with its newline and a NUL */
#define JOURNAL_SECOND	UINT64_C(1000000000)
#define JOURNAL_ALIVE	(10 * JOURNAL_SECOND)	/* a writer that lives touches its file this often */

/* Returns the number of a file of this name; 0 if it is no name of a journal's file. */
unsigned int journal_number(const char *name);

/* Calls FN with the number of each of a journal's files in the open folder, in no order. Returns 0 or a negative errno. */
int journal_each(int dir, void (*fn)(void *arg, unsigned int number), void *arg);

/* Returns the highest number of a file in the open folder; 0: there is none. */
unsigned int journal_newest(int dir);

/* Returns when a file was changed last: CLOCK_REALTIME, ns. */
uint64_t journal_modified(const struct stat *st);

/* Reads the stamp with which each line begins. Returns false if LINE does not begin as lines do. */
bool journal_wall(const char *line, uint64_t *wall);

/*
 * Locks the whole open file for this process, without waiting. A reader asks for such a lock without taking it, and so knows
 * that the writer lives: journal_locked(). Returns 0 or a negative errno.
 */
int journal_lock(int fd);

/* Returns whether an agent that lives writes the open file. Takes no lock. */
bool journal_locked(int fd);

#endif
