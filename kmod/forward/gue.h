/* SPDX-License-Identifier: GPL-2.0 */
/* The UDP port that packets of other nodes come to: its sockets, and whose each datagram is. */
#ifndef HASW_GUE_H
#define HASW_GUE_H

#include "core/haswitch.h"

struct netlink_ext_ack;

int hasw_gue_open(struct hasw_net *hn, struct netlink_ext_ack *extack);
void hasw_gue_close(struct hasw_net *hn);

#endif
