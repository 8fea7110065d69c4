/* SPDX-License-Identifier: GPL-2.0 */
/* TCP resets are sent to the clients of connections that do not stay with their
 * member, if `on-failover` is `reset`.
 */
#ifndef HASW_FLOW_RESET_H
#define HASW_FLOW_RESET_H

#include "core/haswitch.h"

void hasw_flow_reset_init(struct hasw_net *hn);
void hasw_flow_reset_exit(struct hasw_net *hn);

#endif
