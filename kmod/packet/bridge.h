/* SPDX-License-Identifier: GPL-2.0 */
/* Frames that a bridge shows to the IP hooks on their way: whether they are for this machine. */
#ifndef HASW_BRIDGE_H
#define HASW_BRIDGE_H

#include <linux/netfilter_bridge.h>
#include <linux/skbuff.h>

bool hasw_bridge_is_mine(const struct sk_buff *skb);

/**
 * hasw_bridge_shown() - whether a bridge shows a frame to the IP hooks (br_netfilter)
 * @skb: the packet
 *
 * Context: any.
 */
static inline bool hasw_bridge_shown(const struct sk_buff *skb)
{
	return unlikely(nf_bridge_info_exists(skb));
}

#endif
