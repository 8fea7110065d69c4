// SPDX-License-Identifier: GPL-2.0
/* Source validation: whether a client's address can be the source of a packet
 * that a device has received (RFC 3704).
 */
#include <linux/inetdevice.h>
#include <net/ip.h>
#include <net/ip_fib.h>
#include <net/l3mdev.h>
#include <net/xfrm.h>

#include "compat/compat.h"
#include "client_source.h"
#include "service/vip.h"

/* Fills in the flow by which the kernel's source validation looks up the route
 * back to the sender of a packet.
 */
static void hasw_source_flow(struct net *net, struct in_device *in_dev,
			     struct sk_buff *skb, struct flowi4 *fl4)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct flow_keys keys;

	*fl4 = (struct flowi4) {
		.daddr = iph->saddr,
		.saddr = iph->daddr,
		.flowi4_iif = LOOPBACK_IFINDEX,
		.flowi4_l3mdev = l3mdev_master_ifindex_rcu(skb->dev),
		.flowi4_mark = IN_DEV_SRC_VMARK(in_dev) ? skb->mark : 0,
		.flowi4_scope = RT_SCOPE_UNIVERSE,
		.flowi4_uid = sock_net_uid(net, NULL),
	};
	hasw_flowi4_set_dscp(fl4, iph);
	if (!fib4_rules_early_flow_dissect(net, skb, fl4, &keys)) {
		fl4->flowi4_proto = 0;
		fl4->fl4_sport = 0;
		fl4->fl4_dport = 0;
	} else {
		swap(fl4->fl4_sport, fl4->fl4_dport);
	}
}

/* Whether another node may use one of this node's addresses as the source of
 * its packets. This is so for an address that is a vip of which this node is
 * only a member: the holder sends from the same address. Its route says nothing
 * about the device by which the holder's packets come.
 */
static bool hasw_source_is_shared(const struct hasw_config *cfg, __be32 addr)
{
	const struct hasw_vip *vip = hasw_vip_find4(cfg, addr);

	return vip && !hasw_vip_held(vip);
}

/**
 * hasw_client_source_valid() - validates the source address of a packet
 * @hn: namespace
 * @cfg: configuration
 * @skb: an IPv4 packet, at its IP header, that skb->dev has received and that
 *	has no route yet
 *
 * The kernel validates the source when it looks up the route of a received
 * packet. A packet that this module sends to a member bypasses this lookup, so
 * this function makes the same checks. The device's settings rp_filter,
 * accept_local and src_valid_mark apply. In one case the function checks more
 * than the kernel: a broadcast address is invalid even if rp_filter is 0,
 * because replies to it would be broadcast frames.
 *
 * Context: RCU read side, softirqs off.
 */
bool hasw_client_source_valid(const struct hasw_net *hn,
			      const struct hasw_config *cfg,
			      struct sk_buff *skb)
{
	struct in_device *in_dev = __in_dev_get_rcu(skb->dev);
	struct fib_result res;
	struct flowi4 fl4;
	int filter;

	if (unlikely(!in_dev))
		return false;
	/* As in the kernel, IPsec has proved the sender of a decrypted packet.
	 */
	filter = secpath_exists(skb) ? 0 : IN_DEV_RPFILTER(in_dev);
	hasw_source_flow(hn->net, in_dev, skb, &fl4);
	if (fib_lookup(hn->net, &fl4, &res, 0))
		return !filter;
	if (res.type == RTN_LOCAL) {
		if (hasw_source_is_shared(cfg, fl4.daddr))
			return true;
		if (!IN_DEV_ACCEPT_LOCAL(in_dev))
			return false;
	} else if (res.type != RTN_UNICAST) {
		return false;
	}
	if (!filter || fib_info_nh_uses_dev(res.fi, skb->dev))
		return true;
	return filter != 1 && rcu_access_pointer(in_dev->ifa_list);
}
