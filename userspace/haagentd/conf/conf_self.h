/* SPDX-License-Identifier: GPL-2.0 */
/* Checks whether the kernel module's configuration marks this node as 'self'. */
#ifndef HAAGENTD_SELF_H
#define HAAGENTD_SELF_H

#include <stddef.h>

#include "haagentd/module/module.h"

/* Size of the text of self_words(), bytes. */
#define SELF_WORDS	320

enum self {
	SELF_RIGHT,	/* this node is marked 'self' */
	SELF_UNMARKED,	/* the module has this node, but no node is marked 'self' */
	SELF_OTHER,	/* another node is marked 'self' instead of this node */
	SELF_ABSENT,	/* the module does not have this node */
};

enum self self_judge(const char *name, const struct module_node *nodes,
		     unsigned int n, const char **other);
void self_words(enum self self, const char *name, const char *other,
		char words[SELF_WORDS]);

#endif
