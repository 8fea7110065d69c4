/* SPDX-License-Identifier: GPL-2.0 */
/* A piece of a node's journal, as it is sent to another node, and the place behind it. */
#ifndef HAAGENTD_JOURNAL_PIECE_H
#define HAAGENTD_JOURNAL_PIECE_H

#include <stddef.h>
#include <stdint.h>

#define JOURNAL_PIECE	(128u << 10)	/* longest piece, bytes: a file of the smallest journal */

/**
 * struct journal_mark - a place in the journal of a node
 * @file:	number of the file; 0: before the oldest one
 * @offset:	bytes of the file that lie before the place
 * @begun:	stamp of the file's first line, CLOCK_REALTIME, ns. A node that has lost its disk numbers its files from 1
 *		again, and the stamp tells that they are others
 */
struct journal_mark {
	uint32_t file;
	uint64_t offset;
	uint64_t begun;
};

int journal_piece(const char *folder, const char *node, struct journal_mark *mark, char **lines, size_t *size,
		  uint64_t *alive);

#endif
