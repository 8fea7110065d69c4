/* SPDX-License-Identifier: GPL-2.0 */
/* Neighbour discovery for IPv6 vips: only the holder of a vip advertises it. */
#ifndef HASW_ND_H
#define HASW_ND_H

#include "core/stats.h"
#include "service/vip.h"

unsigned int hasw_nd_in(struct hasw_net *hn, const struct hasw_config *cfg,
			struct sk_buff *skb, const struct net_device *in);
unsigned int hasw_nd_out(struct hasw_net *hn, const struct hasw_config *cfg,
			 struct sk_buff *skb, const struct net_device *out);
unsigned int hasw_nd_announce(struct hasw_net *hn, struct net_device *dev,
			      const struct in6_addr *addr, enum hasw_stat stat);

#endif
