// SPDX-License-Identifier: GPL-2.0
/* How the kernel module has this node, and what to say when that is wrong. */
#include <stdio.h>
#include <string.h>

#include "conf_self.h"

/**
 * self_judge - does the module take this node for this machine?
 * @name:	this node
 * @nodes:	what the module has
 * @n:		how many
 * @other:	set to the node that the module calls this machine, when it is
 *		another one; points into @nodes
 *
 * Return: how the module has it
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
 * self_words - what is wrong, and what would be right
 * @self:	how the module has this node
 * @name:	this node
 * @other:	the node that the module calls this machine, for SELF_OTHER
 * @words:	filled; empty when nothing is wrong with 'self'
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
