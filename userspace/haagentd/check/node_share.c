// SPDX-License-Identifier: GPL-2.0
/* The share of a node, by its own agent and by the checks of its members: the least one wins. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "node_share.h"

/**
 * node_share_find - find what the checks of a node's members say
 * @all:	the checks
 * @name:	name of the node
 *
 * Return: the node; NULL: none of its checks says a share
 */
struct node_share *node_share_find(const struct checks *all, const char *name)
{
	unsigned int i;

	for (i = 0; i < all->n_shares; i++)
		if (!strcmp(all->shares[i].name, name))
			return &all->shares[i];
	return NULL;
}

static void add(struct checks *all, const char *name, bool gone)
{
	struct node_share *node;

	if (node_share_find(all, name))
		return;
	node = &all->shares[all->n_shares++];
	memcpy(node->name, name, WIRE_NAME);
	node->gone = gone;
}

/**
 * node_shares_make - list the nodes whose checks say a share
 * @all:	the checks
 * @old:	the checks of the previous configuration, or NULL; a node whose checks are gone gets its whole share
 *
 * Return: 0 or -ENOMEM
 */
int node_shares_make(struct checks *all, const struct checks *old)
{
	unsigned int i;

	all->shares = calloc(all->n + (old ? old->n_shares : 0) + 1, sizeof(*all->shares));
	if (!all->shares)
		return -ENOMEM;
	for (i = 0; i < all->n; i++)
		if (all->list[i].conf.share)
			add(all, all->list[i].conf.node, false);
	/* One that was gone before and has its whole share is the operator's from then on. */
	for (i = 0; old && i < old->n_shares; i++)
		if (!old->shares[i].gone || !old->shares[i].set)
			add(all, old->shares[i].name, true);
	all->shares_stale = true;
	return 0;
}

/**
 * node_shares_look - compute the share of each node anew, if one of a check has changed
 * @all:	the checks
 *
 * A member that is down has none: what it has said is over.
 */
void node_shares_look(struct checks *all)
{
	struct node_share *node;
	unsigned int i;

	if (!all->shares_stale)
		return;
	all->shares_stale = false;
	for (i = 0; i < all->n_shares; i++) {
		all->shares[i].share = 100;
		all->shares[i].unsure = false;
	}
	for (i = 0; i < all->n; i++) {
		const struct check *c = &all->list[i];

		if (!c->conf.share || c->judge.health == JUDGE_DOWN)
			continue;
		node = node_share_find(all, c->conf.node);
		if (!c->share)
			node->unsure = true;
		else if (c->share < node->share)
			node->share = c->share;
	}
}

/**
 * node_share_least - compute the share of a node
 * @node:	what its checks say; NULL: they say none
 * @said:	what its agent says, percent; 0: that is not known; 100: it has no agent
 * @set:	the share that was set in the module, percent; 0: none
 *
 * What an earlier agent has set may rest on what is not known yet, so the module keeps it until all is known. What this
 * one has set may rest on the checks, so it does not wait for an agent that may never be heard. Nor does a node whose
 * checks are gone; once it has its whole share, they say nothing any more.
 *
 * Return: percent; 0: the module keeps what it has
 */
uint8_t node_share_least(const struct node_share *node, uint8_t said, uint8_t set)
{
	uint8_t least = said ? said : 100;

	if (!node || (node->gone && node->set))
		return said;
	if (node->share < least)
		least = node->share;
	return least == 100 && !set && !node->gone && (!said || node->unsure) ? 0 : least;
}
