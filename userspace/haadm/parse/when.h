/* SPDX-License-Identifier: GPL-2.0 */
/* A place in time, as people write it, and the words that select a part of the journals. */

#ifndef HAADM_WHEN_H
#define HAADM_WHEN_H

#include "haadm/haadm.h"

/* Room for a time of day with its date. */
#define WHEN_TEXT 40

/*
 * Parses a time: TIME ago, where d and w stand for days and weeks, too; a local date, 2026-11-28 or 2026-11-28T14:30 or
 * 2026-11-28T14:30:05; or @SECONDS since 1970. NOW and WALL: CLOCK_REALTIME, ns. Returns NULL, or what is wrong as a
 * phrase to print after the text.
 */
const char *when_parse(uint64_t *wall, const char *text, uint64_t now);

/* Formats a time as a local date with microseconds. */
const char *when_format(uint64_t wall, char buf[WHEN_TEXT]);

/* The time now, CLOCK_REALTIME, ns. */
uint64_t when_now(void);

/* The part of the journals that a command is about. */
struct when {
	uint64_t now;
	uint64_t since;			/* 0: from the beginning */
	uint64_t until;
	const char *by;			/* only what this node wrote; NULL: all */
	const char *folder;
	bool told;			/* the folder was named */
};

/* The whole of all journals on this machine. */
void when_init(struct when *when);

/*
 * Parses the words `since T`, `until T`, `by NODE` and `in FOLDER` at WORDS[*AT], which may have "--" in front. Returns
 * STATUS_OK, with *AT behind what was taken, which can be nothing; or the status of a complaint.
 */
enum status when_words(const struct haadm *haadm, const char *command, struct when *when, unsigned int *at,
		       unsigned int n_words, char *const *words);

#endif
