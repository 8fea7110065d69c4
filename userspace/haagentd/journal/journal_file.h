/* SPDX-License-Identifier: GPL-2.0 */
/* The files of the journal: where lines are appended, when a new file begins, and which old files are removed. */
#ifndef HAAGENTD_JOURNAL_FILE_H
#define HAAGENTD_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haagentd/peer/wire.h"

#define JOURNAL_WHY	384	/* size of a text about a file */

/**
 * struct journal_file - the folder of a node's journal, and the file that is written now
 * @folder:	folder of all journals on this machine; owned by the caller
 * @node:	name of this node, and of its folder in @folder
 * @most:	bytes that all files of this node may have together; one file has an eighth
 * @age:	how long a file is kept after its last line, ns; one file has lines of an eighth
 * @dir:	descriptor of the node's folder, or -1
 * @fd:		descriptor of the file, or -1
 * @number:	number of the file, which is its name
 * @good:	bytes of the file that are whole lines
 * @begun:	when the file was begun, CLOCK_REALTIME, ns
 */
struct journal_file {
	const char *folder;
	char node[WIRE_NAME];
	uint64_t most;
	uint64_t age;
	int dir;
	int fd;
	unsigned int number;
	uint64_t good;
	uint64_t begun;
};

int journal_file_open(struct journal_file *f, uint64_t now, uint64_t *seen, char why[JOURNAL_WHY]);
bool journal_file_due(const struct journal_file *f, size_t size, uint64_t now);
int journal_file_next(struct journal_file *f, uint64_t now);
int journal_file_put(struct journal_file *f, const char *lines, size_t size);
void journal_file_alive(const struct journal_file *f);
void journal_file_close(struct journal_file *f);

#endif
