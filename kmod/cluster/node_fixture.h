/* SPDX-License-Identifier: GPL-2.0 */
/* For KUnit: as much of a namespace as nodes need, without the namespace. */
#ifndef HASW_NODE_BENCH_H
#define HASW_NODE_BENCH_H

#include "node.h"

/**
 * struct hasw_node_bench - a namespace's state without the namespace
 * @hn: as much of it as nodes need
 * @cfg: its configuration
 */
struct hasw_node_bench {
	struct hasw_net hn;
	struct hasw_config cfg;
};

int hasw_node_bench_init(struct hasw_node_bench *b);
void hasw_node_bench_exit(struct hasw_node_bench *b);

#endif
