/* SPDX-License-Identifier: GPL-2.0 */
/* Both ends of the flow that a packet belongs to, or that an ICMP error is about. */
#ifndef HASW_TUPLE_H
#define HASW_TUPLE_H

#include <linux/in6.h>
#include <linux/skbuff.h>
#include <linux/types.h>

/**
 * struct hasw_tuple - both ends of a flow, as the client's packets name them
 * @client: its address; IPv4 as v4-mapped
 * @vip: the other one
 * @ports: the client's, then the vip's; or the identifier of an ICMP echo; 0
 *	where the protocol has none
 * @proto: protocol
 *
 * Aligned for being hashed as it is.
 */
struct hasw_tuple {
	struct in6_addr client;
	struct in6_addr vip;
	__be16 ports[2];
	u32 proto;
} __aligned(8);

bool hasw_tuple_get4(const struct sk_buff *skb, struct hasw_tuple *t);
bool hasw_tuple_get6(const struct sk_buff *skb, struct hasw_tuple *t);
u64 hasw_tuple_hash(const struct hasw_tuple *t);

#endif
