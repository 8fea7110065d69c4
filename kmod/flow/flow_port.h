/* SPDX-License-Identifier: GPL-2.0 */
/* Free ports: whether this node can use a port for packets to a member that
 * have this node's address as their source.
 */
#ifndef HASW_FLOW_PORT_H
#define HASW_FLOW_PORT_H

#include "flow_table.h"

bool hasw_flow_port_free(struct net *net, const struct hasw_flow_key *key,
			 const __be32 *own, u16 port);

#endif
