/* SPDX-License-Identifier: GPL-2.0 */
/* Tells whether a frame that br_netfilter passes to the IP hooks is for this
 * machine, or is only forwarded by a bridge.
 */
#ifndef HASW_BRIDGE_H
#define HASW_BRIDGE_H

#include <linux/netfilter_bridge.h>
#include <linux/skbuff.h>

bool hasw_bridge_is_mine(const struct sk_buff *skb);

/**
 * hasw_bridge_shown() - returns whether br_netfilter passed a packet to the IP
 *	hooks
 * @skb: the packet
 *
 * Context: any.
 */
static inline bool hasw_bridge_shown(const struct sk_buff *skb)
{
	return unlikely(nf_bridge_info_exists(skb));
}

#endif
