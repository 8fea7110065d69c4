/* SPDX-License-Identifier: GPL-2.0 */
/* The copy of another node's journal, which grows by pieces of it. */
#ifndef HAAGENTD_JOURNAL_COPY_H
#define HAAGENTD_JOURNAL_COPY_H

#include "journal_file.h"
#include "journal_piece.h"

/**
 * struct journal_copy - a copy that is locked for this process
 * @file:	its files, which are numbered from 1, whatever the numbers of the other node; opened with the first piece
 * @folder:	folder of all copies
 * @mark:	the place in the other node's journal behind the last line that is copied
 * @number:	number of the copy's newest file; 0: it has none, or they are not what the mark says
 * @good:	bytes of that file that the mark covers
 * @lock:	descriptor that holds the lock of the copy, or -1
 */
struct journal_copy {
	struct journal_file file;
	char folder[1100];
	struct journal_mark mark;
	uint32_t number;
	uint64_t good;
	int lock;
};

/**
 * enum journal_own - what is in the folder of journals for a node, besides a copy
 * @JOURNAL_OWN_NONE: nothing
 * @JOURNAL_OWN_WRITTEN: its journal, which an agent of this machine writes
 * @JOURNAL_OWN_LEFT: its journal, which no agent writes here
 */
enum journal_own { JOURNAL_OWN_NONE, JOURNAL_OWN_WRITTEN, JOURNAL_OWN_LEFT };

enum journal_own journal_copy_own(const char *folder, const char *node);
int journal_copy_open(struct journal_copy *c, const char *folder, const char *node, uint64_t most, uint64_t age,
		      char why[JOURNAL_WHY]);
int journal_copy_add(struct journal_copy *c, const struct journal_mark *from, const char *lines, size_t size,
		     char why[JOURNAL_WHY]);
void journal_copy_close(struct journal_copy *c, uint64_t alive);

#endif
