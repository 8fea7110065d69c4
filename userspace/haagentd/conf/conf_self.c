// SPDX-License-Identifier: GPL-2.0
/* Checks whether the kernel module's configuration marks this node as 'self', and writes the error text if not. */
#include <stdio.h>
#include <string.h>

#include "conf_self.h"

/**
 * self_judge - check whether the module's configuration marks this node as 'self'
 * @name:	name of this node
 * @nodes:	the module's nodes
 * @n:		number of entries in @nodes
 * @other:	receives the name of another node that is marked 'self', a pointer into @nodes;
 *		NULL if no other node is marked
 *
 * Return: SELF_RIGHT if the configuration marks this node, else another value of enum self
 */
enum self self_judge(const char *name, const struct module_node *nodes,
		     unsigned int n, const char **other)
{
	enum self self = SELF_ABSENT;
	unsigned int i;

	*other = NULL;
	for (i = 0; i < n; i++) {
		if (!strcmp(nodes[i].name, name))
			self = nodes[i].self ? SELF_RIGHT : SELF_UNMARKED;
		else if (nodes[i].self)
			*other = nodes[i].name;
	}
	if (self == SELF_UNMARKED && *other)
		self = SELF_OTHER;
	return self;
}

/**
 * self_words - describe a wrong or missing 'self' in the module, and how to correct it
 * @self:	result of self_judge()
 * @name:	name of this node
 * @other:	name of the node that is marked 'self', for SELF_OTHER
 * @words:	filled with the text; empty for SELF_RIGHT and SELF_ABSENT
 */
void self_words(enum self self, const char *name, const char *other,
		char words[SELF_WORDS])
{
	words[0] = '\0';
	if (self == SELF_UNMARKED)
		snprintf(words, SELF_WORDS,
			 "this node is \"%s\" here, but to the module none of its nodes is this machine; mark it by the word 'self' behind it, in haswitch.conf (node add %s addr ... self), and restore that",
			 name, name);
	else if (self == SELF_OTHER)
		snprintf(words, SELF_WORDS,
			 "this node is \"%s\" here, but the module calls it \"%s\" ('self'); both must say the same",
			 name, other);
}
