/* SPDX-License-Identifier: GPL-2.0 */
/* The share of a node, by its own agent and by the checks of its members: the least one wins. */
#ifndef HAAGENTD_NODE_SHARE_H
#define HAAGENTD_NODE_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/peer/wire.h"

struct checks;

/**
 * struct node_share - the share that checks find for a node
 * @name:	name of the node
 * @share:	the least one of all its checks, percent; 0: none is known yet
 * @unsure:	that of some check is not known yet
 * @gone:	a reload took its checks away; once @set, nothing is left to be done
 * @set:	share that was set in the module since the configuration was read; 0: none
 */
struct node_share {
	char name[WIRE_NAME];
	uint8_t share;
	bool unsure;
	bool gone;
	uint8_t set;
};

int node_shares_make(struct checks *all, const struct checks *old);
void node_shares_look(struct checks *all);
uint8_t node_share_least(const struct node_share *node, uint8_t said, uint8_t set);
struct node_share *node_share_find(const struct checks *all, const char *name);

#endif
