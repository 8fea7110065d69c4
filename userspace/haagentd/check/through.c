// SPDX-License-Identifier: GPL-2.0
/* Checks through the vip (`at = "vip"`): whether this node can make them, and by which way the member is reached. */
#include <errno.h>
#include <linux/haswitch.h>
#include <string.h>

#include "check.h"

static const struct module_node *find(const struct module_node *nodes, unsigned int n, const char *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (name ? !strcmp(nodes[i].name, name) : nodes[i].self)
			return &nodes[i];
	return NULL;
}

/*
 * Finds the way by which the module sends the member clients' packets. Return: NULL, or why the member cannot be asked.
 * A member takes packets to the vip from the holder alone: it would send those of another node back to the holder, which
 * would give them to any member.
 */
static const char *find_way(const struct check *c, const struct module_node *node, enum plan_way *way)
{
	static const enum plan_way ways[] = {
		[HASWITCH_VIA_DIRECT] = PLAN_FRAME, [HASWITCH_VIA_TUNNEL] = PLAN_TUNNEL, [HASWITCH_VIA_GUE] = PLAN_GUE,
	};
	struct module *m = c->all->module;
	unsigned int via;
	struct hasw_error err;
	int ret;

	if (!c->holder)
		return "this node does not hold the vip, and members take packets to it from its holder alone";
	ret = m->open ? module_member(m, &c->conf.service, c->conf.node, 0, &via, &err) : -ENODEV;
	if (ret == -ENOENT || ret == -ENOTUNIQ)
		return "the module does not have the member now";
	/* A node that came after the list of nodes was read is looked up again. */
	if (ret || !node)
		return aim_unanswered;
	if (node->self) {
		*way = PLAN_LOCAL;
		return NULL;
	}
	if (via >= sizeof(ways) / sizeof(ways[0]) || !ways[via])
		return "the member is reached via nat, and gets no packets to the vip";
	*way = ways[via];
	return NULL;
}

/**
 * through_look - look again by which way the member of a check is reached through the vip
 * @c:		the check
 * @nodes:	the nodes of the module
 * @n:		their number
 * @changed:	set to true if haagentd-checks has to be told
 *
 * If there is no module, or it does not answer now, all stays as it was.
 *
 * Return: false if it does not answer now, so that the caller has to look again
 */
bool through_look(struct check *c, const struct module_node *nodes, unsigned int n, bool *changed)
{
	const struct module_node *self = find(nodes, n, NULL), *node = find(nodes, n, c->conf.node);
	bool six = c->conf.service.vip.family == AF_INET6;
	enum plan_way way = PLAN_FRAME;
	const char *why = find_way(c, node, &way);
	struct check was = *c;

	/* A module that comes is asked about all checks then. */
	if (why == aim_unanswered)
		return !c->all->module->open;
	c->why = why;
	c->way = way;
	memset(&c->own, 0, sizeof(c->own));
	memset(c->dev, 0, sizeof(c->dev));
	memset(c->mac, 0, sizeof(c->mac));
	if (self)
		c->own = six ? self->addr6 : self->addr4;
	if (node) {
		aim_node(c, node);
		memcpy(c->dev, node->dev, sizeof(c->dev));
		memcpy(c->mac, node->lladdr, sizeof(c->mac));
	}
	*changed |= was.why != c->why || was.way != c->way || hasw_addr_compare(&was.goal, &c->goal) ||
		    hasw_addr_compare(&was.own, &c->own) ||
		    memcmp(was.dev, c->dev, sizeof(c->dev)) || memcmp(was.mac, c->mac, sizeof(c->mac));
	return true;
}
