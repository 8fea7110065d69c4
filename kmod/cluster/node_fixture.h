/* SPDX-License-Identifier: GPL-2.0 */
/* KUnit fixture: the namespace state that tests of nodes need. */
#ifndef HASW_NODE_FIXTURE_H
#define HASW_NODE_FIXTURE_H

#include "node.h"

/**
 * struct hasw_node_fixture - a struct hasw_net for tests, without a network
 *	namespace
 * @hn: the namespace state, of which only the parts for nodes are set up
 * @cfg: live configuration of @hn
 */
struct hasw_node_fixture {
	struct hasw_net hn;
	struct hasw_config cfg;
};

int hasw_node_fixture_init(struct hasw_node_fixture *b);
void hasw_node_fixture_exit(struct hasw_node_fixture *b);

#endif
