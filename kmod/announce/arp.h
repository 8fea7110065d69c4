/* SPDX-License-Identifier: GPL-2.0 */
/* ARP for IPv4 vips: only the holder of a vip announces it and replies for it.
 */
#ifndef HASW_ARP_H
#define HASW_ARP_H

#include "core/stats.h"
#include "service/vip.h"

int hasw_arp_hook(struct hasw_net *hn);
void hasw_arp_unhook(struct hasw_net *hn);
unsigned int hasw_arp_announce(struct hasw_net *hn, struct net_device *dev,
			       __be32 addr, enum hasw_stat stat);

#endif
