// SPDX-License-Identifier: GPL-2.0
/* The nodes in maintenance, as the module has told last: their failures cause no alarm. */
#include <linux/haswitch.h>
#include <stdio.h>
#include <string.h>

#include "resting.h"

static unsigned int find(const struct resting *r, const char *name)
{
	unsigned int i;

	for (i = 0; i < r->n && strcmp(r->name[i], name); i++)
		;
	return i;
}

/**
 * resting_has - return whether a node is in maintenance, as the module has told last
 * @r:		the nodes
 * @name:	name of the node
 *
 * Return: yes or no
 */
bool resting_has(const struct resting *r, const char *name)
{
	return find(r, name) < r->n;
}

/**
 * resting_note - take what the module has told of a node
 * @r:		the nodes
 * @name:	name of the node
 * @state:	its state, enum haswitch_node_state; any other value if there is no such node
 */
void resting_note(struct resting *r, const char *name, unsigned int state)
{
	unsigned int at = find(r, name);

	if (state != HASWITCH_NODE_STATE_MAINTENANCE) {
		if (at < r->n)
			memmove(r->name[at], r->name[--r->n], WIRE_NAME);
	} else if (at == r->n && r->n < CONF_NODES) {
		snprintf(r->name[r->n++], WIRE_NAME, "%s", name);
	}
}
