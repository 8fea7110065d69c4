// SPDX-License-Identifier: GPL-2.0
/*
 * The nodes that a cluster engine lists, in the module. The agent adds those that are missing. It changes and removes
 * only nodes that carry the mark of the engine: others were written by an operator.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_nodes.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "module.h"

#define AGAIN	(10 * CLOCK_SECOND)	/* pause after the module has refused something */

/**
 * engine_node_judge - find out what is to be done about a node
 * @listed:	the node in the engine's list, or NULL
 * @node:	the node in the module, or NULL
 *
 * Return: the task
 */
enum engine_task engine_node_judge(const struct conf_node *listed, const struct module_node *node)
{
	struct hasw_addr addr4, addr6;

	if (!node)
		return listed ? ENGINE_ADD : ENGINE_NOTHING;
	if (!node->engine)
		return ENGINE_NOTHING;
	if (!listed)
		return ENGINE_DEL;
	conf_node_addrs(listed, &addr4, &addr6);
	/* An address that the list has no more cannot be taken from a node: see engine_node_keeps(). */
	return (addr4.family && hasw_addr_compare(&addr4, &node->addr4)) ||
	       (addr6.family && hasw_addr_compare(&addr6, &node->addr6)) ? ENGINE_MOVE : ENGINE_NOTHING;
}

/**
 * engine_node_keeps - find an address that a node has in the module, while the list has none of that family
 * @listed:	the node in the engine's list, or NULL
 * @node:	the node in the module
 *
 * The module gives a node another address, but takes none away. It goes on taking heartbeats from the old address as
 * those of the node. After a restore, which makes the node anew, it does not.
 *
 * Return: the address, or NULL
 */
const struct hasw_addr *engine_node_keeps(const struct conf_node *listed, const struct module_node *node)
{
	struct hasw_addr addr4, addr6;

	if (!listed || !node->engine)
		return NULL;
	conf_node_addrs(listed, &addr4, &addr6);
	if (node->addr4.family && !addr4.family)
		return &node->addr4;
	return node->addr6.family && !addr6.family ? &node->addr6 : NULL;
}

/* Warns of the first node that keeps an address, once. */
static void warn_kept(struct engine_nodes *e, const struct conf_node *listed, const struct module_node *node,
		      bool *warned)
{
	const struct hasw_addr *addr = *warned ? NULL : engine_node_keeps(listed, node);
	char at[HASW_ADDR_TEXT], text[sizeof(e->kept)];

	if (!addr)
		return;
	*warned = true;
	snprintf(text, sizeof(text), "node %s keeps address %s in the module, which corosync's nodelist has no more. The module still takes heartbeats from there as that node's. Say 'haadm save | haadm restore -' here, which makes the node anew",
		 node->name, hasw_addr_format(addr, at));
	if (strcmp(e->kept, text))
		log_warning("%s", text);
	memcpy(e->kept, text, sizeof(e->kept));
}

static int work(struct module *module, enum engine_task task, const struct conf_node *listed, const char *name, bool self,
		struct hasw_error *err)
{
	struct hasw_addr addr4, addr6;

	if (task == ENGINE_DEL)
		return module_del_node(module, name, err);
	conf_node_addrs(listed, &addr4, &addr6);
	return module_put_node(module, task == ENGINE_ADD, name, &addr4, &addr6, self, err);
}

static void report(struct engine_nodes *e, enum engine_task task, const char *name, int ret, const struct hasw_error *err)
{
	static const char *const done[] = {
		[ENGINE_ADD] = "is added to the module", [ENGINE_MOVE] = "has other addresses in the module now",
		[ENGINE_DEL] = "is removed from the module",
	};
	char text[sizeof(e->told)];

	if (!ret) {
		log_notice("node %s %s, as corosync's nodelist has it", name, done[task]);
		return;
	}
	if (ret == -EBUSY && task == ENGINE_DEL)
		snprintf(text, sizeof(text), "node %s is in corosync's nodelist no more, but stays in the module: something uses it. Take that away ('haadm member del ...'), and the node goes, too",
			 name);
	else
		snprintf(text, sizeof(text), "the module does not take node %s as corosync's nodelist has it: %s", name,
			 err->text);
	if (strcmp(e->told, text))
		log_warning("%s", text);
	memcpy(e->told, text, sizeof(e->told));
}

static const struct conf_node *find_listed(const struct conf *conf, const char *name)
{
	unsigned int i;

	for (i = 0; i < conf->n_nodes; i++)
		if (!strcmp(conf->nodes[i].name, name))
			return &conf->nodes[i];
	return NULL;
}

/* Returns 0; -ETIMEDOUT: the module has not answered, which ends this turn; or another negative errno. */
static int settle(struct engine_nodes *e, const struct conf *conf, struct module *module, const struct module_node *nodes,
		  unsigned int n)
{
	bool self = false, warned = false;
	struct hasw_error err;
	unsigned int i, j;
	int ret, result = 0;

	for (i = 0; i < n; i++) {
		const struct conf_node *listed = find_listed(conf, nodes[i].name);
		enum engine_task task = engine_node_judge(listed, &nodes[i]);

		self |= nodes[i].self;
		warn_kept(e, listed, &nodes[i], &warned);
		if (task == ENGINE_NOTHING)
			continue;
		ret = work(module, task, listed, nodes[i].name, false, &err);
		if (ret == -ETIMEDOUT)
			return ret;
		report(e, task, nodes[i].name, ret, &err);
		result = ret ? ret : result;
	}
	for (i = 0; i < conf->n_nodes; i++) {
		for (j = 0; j < n && strcmp(nodes[j].name, conf->nodes[i].name); j++)
			;
		if (j < n)
			continue;
		ret = work(module, ENGINE_ADD, &conf->nodes[i], conf->nodes[i].name, i == conf->self && !self, &err);
		if (ret == -ETIMEDOUT)
			return ret;
		report(e, ENGINE_ADD, conf->nodes[i].name, ret, &err);
		result = ret ? ret : result;
	}
	if (!warned)
		e->kept[0] = '\0';
	return result;
}

/**
 * engine_nodes_tick - give the module the nodes of the engine's list, if something may have changed
 * @e:		what is known of that
 * @conf:	the configuration, with the list
 * @module:	the module
 * @now:	the time
 */
void engine_nodes_tick(struct engine_nodes *e, const struct conf *conf, struct module *module, uint64_t now)
{
	struct module_node *nodes;
	struct hasw_error err;
	unsigned int n;
	int ret;

	if (!conf->corosync || !e->look || !module->open || now < e->again)
		return;
	ret = module_nodes(module, &nodes, &n, &err);
	if (!ret) {
		/* A change makes an event, after which they are looked at once more. */
		e->look = false;
		ret = settle(e, conf, module, nodes, n);
		free(nodes);
	}
	if (!ret) {
		e->told[0] = '\0';
		return;
	}
	e->look = true;
	e->again = now + (ret == -ETIMEDOUT ? CLOCK_SECOND / 10 : AGAIN);
}
