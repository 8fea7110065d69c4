/* SPDX-License-Identifier: GPL-2.0 */
/* The copy of another node's journal, which grows by pieces of it. */
#ifndef HAAGENTD_JOURNAL_COPY_H
#define HAAGENTD_JOURNAL_COPY_H

#include "journal_file.h"
#include "journal_piece.h"

/**
 * struct journal_copy - an open copy
 * @file:	its files, which are numbered from 1, whatever the numbers of the other node
 * @folder:	folder of all copies
 * @mark:	the place in the other node's journal behind the last line that is copied
 * @lock:	descriptor that holds the lock of the copy, or -1
 */
struct journal_copy {
	struct journal_file file;
	char folder[512];
	struct journal_mark mark;
	int lock;
};

bool journal_copy_needed(const char *folder, const char *node);
int journal_copy_open(struct journal_copy *c, const char *folder, const char *node, uint64_t most, uint64_t age,
		      char why[JOURNAL_WHY]);
int journal_copy_add(struct journal_copy *c, const struct journal_mark *from, const char *lines, size_t size);
void journal_copy_close(struct journal_copy *c, uint64_t alive);

#endif
