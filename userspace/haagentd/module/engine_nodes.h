/* SPDX-License-Identifier: GPL-2.0 */
/* The nodes that a cluster engine lists, in the module: added when they are missing, changed and removed by the list. */
#ifndef HAAGENTD_ENGINE_NODES_H
#define HAAGENTD_ENGINE_NODES_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/conf/conf.h"

struct module;
struct module_node;

/* What is to be done about a node of the module. */
enum engine_task {
	ENGINE_NOTHING,
	ENGINE_ADD,
	ENGINE_MOVE,	/* give it the addresses that the list has */
	ENGINE_DEL,
};

/**
 * struct engine_nodes - whether the module has the nodes of the engine's list
 * @look:	the module's nodes, or the list, may have changed
 * @again:	when to look again, ns
 * @told:	the last refusal of the module, which was logged
 * @kept:	the last warning of an address that a node keeps
 */
struct engine_nodes {
	bool look;
	uint64_t again;
	char told[512];
	char kept[512];
};

enum engine_task engine_node_judge(const struct conf_node *listed, const struct module_node *node);
const struct hasw_addr *engine_node_keeps(const struct conf_node *listed, const struct module_node *node);
void engine_nodes_tick(struct engine_nodes *e, const struct conf *conf, struct module *module, uint64_t now);

#endif
