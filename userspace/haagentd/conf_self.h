/* SPDX-License-Identifier: GPL-2.0 */
/* This node, as the kernel module has it. */
#ifndef HAAGENTD_SELF_H
#define HAAGENTD_SELF_H

#include <stddef.h>

#include "module.h"

/* Room for self_words(). */
#define SELF_WORDS	320

enum self {
	SELF_RIGHT,	/* as this machine */
	SELF_UNMARKED,	/* as a node, but not as this machine */
	SELF_OTHER,	/* it calls this machine another node */
	SELF_ABSENT,	/* not at all */
};

enum self self_judge(const char *name, const struct module_node *nodes,
		     unsigned int n, const char **other);
void self_words(enum self self, const char *name, const char *other,
		char words[SELF_WORDS]);

#endif
