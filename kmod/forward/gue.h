/* SPDX-License-Identifier: GPL-2.0 */
/* The GUE (Generic UDP Encapsulation) sockets receive datagrams from other
 * nodes: packets that a vip's holder sends to this member, and strays. A stray
 * is a client's packet that a node sends on, with a mark, to the vip's holder.
 */
#ifndef HASW_GUE_H
#define HASW_GUE_H

#include "core/haswitch.h"

struct netlink_ext_ack;

int hasw_gue_open(struct hasw_net *hn, struct netlink_ext_ack *extack);
void hasw_gue_close(struct hasw_net *hn);

#endif
