/* SPDX-License-Identifier: GPL-2.0 */
/* If a service's `on-failover` is `reset`, the clients of TCP connections that
 * cannot stay with their member get a TCP reset.
 */
#ifndef HASW_FLOW_RESET_H
#define HASW_FLOW_RESET_H

#include "core/haswitch.h"

void hasw_flow_reset_init(struct hasw_net *hn);
void hasw_flow_reset_exit(struct hasw_net *hn);

#endif
