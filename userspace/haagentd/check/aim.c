// SPDX-License-Identifier: GPL-2.0
/* The address that a check connects to: one of the configuration, or that of the member's node in the module. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "haagentd/log.h"

const char aim_unanswered[] = "the module does not answer now";

static void aim(struct check *c, const struct hasw_addr *addr)
{
	c->goal = *addr;
	hasw_addr_to_sock(addr, c->conf.port, &c->target);
}

/*
 * Returns the node's address of the same family as the service's vip. If the node has no such
 * address, the function returns the node's address of the other family.
 */
static const struct hasw_addr *address_of(const struct module_node *node,
					  const struct hasw_svc *service)
{
	const struct hasw_addr *same, *other;

	same = service->vip.family == AF_INET ? &node->addr4 : &node->addr6;
	other = service->vip.family == AF_INET ? &node->addr6 : &node->addr4;
	return same->family ? same : other;
}

/**
 * aim_begin - set the address of a new check, or that it is not known yet
 * @c:	the check
 */
void aim_begin(struct check *c)
{
	if (c->conf.address.family)
		aim(c, &c->conf.address);
	else
		c->why = aim_unanswered;
}

/**
 * aim_carry - take over what the module said of the check of another configuration
 * @c:		the check
 * @was:	the other one, of the same member
 *
 * That holds until the module is asked again: it may be slow to answer.
 */
void aim_carry(struct check *c, const struct check *was)
{
	if (was->conf.vip != c->conf.vip || c->conf.address.family || was->conf.address.family)
		return;
	aim(c, &was->goal);
	c->why = was->why;
	c->way = was->way;
	c->own = was->own;
	memcpy(c->dev, was->dev, sizeof(c->dev));
	memcpy(c->mac, was->mac, sizeof(c->mac));
}

/**
 * aim_node - set the address to that of the check's node
 * @c:		the check, whose address is not one of the configuration
 * @node:	the node, as the module has it
 */
void aim_node(struct check *c, const struct module_node *node)
{
	aim(c, address_of(node, &c->conf.service));
}

/**
 * checks_aim - set the addresses that the checks connect to
 * @all:	the checks
 *
 * Call it when the addresses of nodes in the module may have changed. If the module does not answer, all stays as it was,
 * and share_tick() calls it again.
 */
void checks_aim(struct checks *all)
{
	struct module_node *nodes = NULL;
	struct hasw_error err;
	unsigned int i, j, n = 0;
	bool changed = false, again = all->aim;

	all->aim = false;
	if (!all->module->open)
		return;
	if (module_nodes(all->module, &nodes, &n, &err)) {
		all->aim = true;
		if (err.code != ETIMEDOUT && !again)
			log_warning("the nodes' addresses are not known: %s", err.text);
		return;
	}
	for (i = 0; i < all->n; i++) {
		struct check *c = &all->list[i];
		struct hasw_addr was = c->goal;

		/* through_look() does all of this for checks through the vip. */
		if (c->conf.address.family || c->conf.vip)
			continue;
		for (j = 0; j < n; j++)
			if (!strcmp(nodes[j].name, c->conf.node))
				aim_node(c, &nodes[j]);
		changed |= check_remote(c) && (c->why || hasw_addr_compare(&was, &c->goal));
		c->why = NULL;
	}
	all->through = true;
	free(nodes);
	if (all->told && changed)
		checks_tell(all);
}
