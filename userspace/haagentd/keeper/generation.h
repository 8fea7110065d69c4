/* SPDX-License-Identifier: GPL-2.0 */
/* Generations: the configurations that the cluster has committed, one file each. */
#ifndef HAAGENTD_GENERATION_H
#define HAAGENTD_GENERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "haagentd/peer/wire.h"
#include "lib/ask.h"

#define GENERATION_TEXT_MAX	(16u << 20)	/* longest text, bytes */
#define GENERATION_LABEL	64		/* size of a label with its NUL */
#define GENERATION_AUTO		ASK_AUTO	/* how labels begin that a timer gives */

/**
 * struct generation - what is known of a configuration besides its text
 * @number:	its number; each new one has the next number
 * @hash:	hash of the text, see generation_hash()
 * @time:	when it was applied, seconds since 1970
 * @size:	length of the text, bytes
 * @node:	the node on which it was applied
 * @label:	label that the operator gave, or empty
 */
struct generation {
	uint64_t number;
	uint64_t hash;
	uint64_t time;
	size_t size;
	char node[WIRE_NAME];
	char label[GENERATION_LABEL];
};

/**
 * struct generation_limits - which older configurations without a label are kept
 * @least:	so many are kept, however old they are
 * @most:	no more than so many are kept
 * @since:	beyond @least, those are kept that were applied since then, seconds since 1970
 */
struct generation_limits {
	unsigned int least;
	unsigned int most;
	uint64_t since;
};

/**
 * struct generation_stamp - what shows that a file was not touched since it was read; all zero: nothing does
 * @device:	where it lies
 * @inode:	its inode
 * @size:	its size, bytes
 * @written:	when it was written last, ns
 * @changed:	when its inode was changed last, ns; no program can set that
 */
struct generation_stamp {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	uint64_t written;
	uint64_t changed;
};

uint64_t generation_hash(const void *text, size_t size);
bool generation_label_valid(const char *label);
const char *generation_text_fault(const char *text, size_t size);
int generation_put(const char *folder, const struct generation *g, const char *text,
		   char *why, size_t room);
int generation_commit(const char *folder, uint64_t number, uint64_t hash, char *why, size_t room);
int generation_get(const char *folder, struct generation *g, bool committed, char **text,
		   char *why, size_t room);
void generation_stamp(const char *folder, uint64_t number, uint64_t hash, time_t now, struct generation_stamp *stamp);
void generation_tidy(const char *folder, time_t before, uint64_t number, uint64_t hash);
int generation_list(const char *folder, struct generation **list, unsigned int *n);
void generation_prune(const char *folder, uint64_t current, const struct generation_limits *limits);
unsigned int generation_set_aside(const char *folder, uint64_t number, uint64_t hash);
int generation_forget(const char *folder, uint64_t current, const struct generation_limits *limits,
		      unsigned int *removed, unsigned int *kept);
int generation_path(const char *folder, uint64_t number, uint64_t hash, char *path, size_t room);
size_t generation_trailer(const struct generation *g, char *to, size_t room);
bool generation_parse(const char *file, size_t length, struct generation *g);

#endif
