/* SPDX-License-Identifier: GPL-2.0 */
/* Ports of this node: whether this node can use a port for packets to a member
 * that have this node's address as their source, and whether conntrack has
 * given a port of a vip to a connection.
 */
#ifndef HASW_FLOW_PORT_H
#define HASW_FLOW_PORT_H

#include "flow_table.h"
#include "packet/tuple.h"

bool hasw_flow_port_free(struct net *net, const struct hasw_flow_key *key,
			 const __be32 *own, u16 port);
bool hasw_flow_port_translated(struct net *net, const struct hasw_tuple *t);

#endif
