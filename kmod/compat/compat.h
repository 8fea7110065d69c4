/* SPDX-License-Identifier: GPL-2.0 */
/* Wrappers for interfaces that differ between kernels 6.1 and 7.2. */
#ifndef HASW_COMPAT_H
#define HASW_COMPAT_H

#include <linux/ip.h>
#include <linux/local_lock.h>
#include <linux/netfilter_ipv6.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/inet_dscp.h>
#include <net/ip6_route.h>
#include <net/neighbour.h>
#include <net/route.h>

/* Before 6.5, linux/skbuff.h has the declarations that are in net/gso.h now. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* hasw_local_lock_bh() locks per-CPU data while softirqs are off. Before 6.11
 * the macro takes no lock, because disabling softirqs suffices to protect
 * per-CPU data in those kernels, even with PREEMPT_RT.
 */
#ifdef local_lock_nested_bh
#define hasw_local_lock_bh(lock) local_lock_nested_bh(lock)
#define hasw_local_unlock_bh(lock) local_unlock_nested_bh(lock)
#else
#define hasw_local_lock_bh(lock) \
	do { (void)(lock); lockdep_assert_in_softirq(); } while (0)
#define hasw_local_unlock_bh(lock) ((void)(lock))
#endif

/* hasw_rt6_info() returns the rt6_info that contains an IPv6 dst_entry. */
#ifdef dst_rt6_info
#define hasw_rt6_info(dst) dst_rt6_info(dst)
#else
#define hasw_rt6_info(dst) container_of(dst, struct rt6_info, dst)
#endif

/* hasw_genl_op_t is the type of the operation that pre_doit() and post_doit()
 * receive. Before 6.2 it is struct genl_ops.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
typedef struct genl_ops hasw_genl_op_t;
#else
typedef struct genl_split_ops hasw_genl_op_t;
#endif

/* hasw_kfree_rcu() frees an object after a grace period. The macro may sleep,
 * and the object needs no struct rcu_head. Before 6.3, the name of this
 * operation is kvfree_rcu() with one argument.
 */
#ifdef kvfree_rcu_mightsleep
#define hasw_kfree_rcu(ptr) kvfree_rcu_mightsleep(ptr)
#else
#define hasw_kfree_rcu(ptr) kvfree_rcu(ptr)
#endif

/* hasw_set_err_msg_fmt() sets a formatted extack message. Before 6.2 an extack
 * message must be constant, so the macro sets @plain instead of @format.
 */
#ifdef NL_SET_ERR_MSG_FMT
#define hasw_set_err_msg_fmt(extack, format, plain, ...) do {	\
	(void)(plain);						\
	NL_SET_ERR_MSG_FMT(extack, format, __VA_ARGS__);	\
} while (0)
#else
#define hasw_set_err_msg_fmt(extack, format, plain, ...) do {	\
	(void)(format);						\
	NL_SET_ERR_MSG(extack, plain);				\
} while (0)
#endif

/**
 * hasw_genl_dump_attrs() - returns the attributes of a dump request
 * @cb: the dump that the request has started
 *
 * Return: the attributes by type, as in genl_info.attrs.
 */
static inline struct nlattr **hasw_genl_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_dumpit_info(cb)->info.attrs;
#endif
}

/**
 * hasw_genl_dump_cmd() - returns the command of a dump request
 * @cb: the dump that the request has started
 */
static inline u8 hasw_genl_dump_cmd(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb)->op.cmd;
}

/**
 * hasw_ip_route_input() - routes a packet that a device has received
 * @skb: the packet
 * @daddr: destination address of the packet
 * @saddr: source address of the packet
 * @iph: IP header of the packet; only its DSCP is read
 * @dev: the device
 *
 * Context: RCU read side.
 * Return: 0 if the packet has a route now; otherwise a nonzero value whose
 * meaning differs between kernels.
 */
static inline int hasw_ip_route_input(struct sk_buff *skb, __be32 daddr,
				      __be32 saddr, const struct iphdr *iph,
				      struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	return ip_route_input(skb, daddr, saddr, iph->tos & INET_DSCP_MASK, dev);
#else
	return ip_route_input(skb, daddr, saddr,
			      inet_dsfield_to_dscp(iph->tos), dev);
#endif
}

/**
 * hasw_flowi4_set_dscp() - sets the DSCP of an IPv4 flow
 * @fl4: the flow
 * @iph: IP header of a packet of the flow
 */
static inline void hasw_flowi4_set_dscp(struct flowi4 *fl4,
					const struct iphdr *iph)
{
#ifdef flowi4_dscp
	fl4->flowi4_dscp = inet_dsfield_to_dscp(iph->tos);
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	fl4->flowi4_tos = iph->tos & IPTOS_RT_MASK;
#else
	fl4->flowi4_tos = iph->tos & INET_DSCP_MASK;
#endif
}

/**
 * hasw_neigh_flags() - returns flags with which neigh_update() keeps an entry's
 *	NTF_EXT_* flags
 * @neigh: the neighbour entry
 *
 * Return: NEIGH_UPDATE_F_*.
 */
static inline u32 hasw_neigh_flags(const struct neighbour *neigh)
{
	u32 flags = NEIGH_UPDATE_F_ADMIN;

	if (neigh->flags & NTF_EXT_LEARNED)
		flags |= NEIGH_UPDATE_F_EXT_LEARNED;
#ifdef NEIGH_UPDATE_F_EXT_VALIDATED
	if (neigh->flags & NTF_EXT_VALIDATED)
		flags |= NEIGH_UPDATE_F_EXT_VALIDATED;
#endif
	return flags;
}

/**
 * hasw_ip6_fragment() - sends an IPv6 packet as fragments
 * @net: namespace
 * @sk: socket of the packet, or NULL
 * @skb: the packet, with a route; consumed
 * @output: function that sends one fragment
 *
 * Context: RCU read side.
 * Return: 0, or a negative errno.
 */
static inline int hasw_ip6_fragment(struct net *net, struct sock *sk,
				    struct sk_buff *skb,
				    int (*output)(struct net *, struct sock *,
						  struct sk_buff *))
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	const struct nf_ipv6_ops *ops = nf_get_ipv6_ops();

	if (!ops) {
		kfree_skb(skb);
		return -EAFNOSUPPORT;
	}
	return ops->fragment(net, sk, skb, output);
#else
	return ip6_fragment(net, sk, skb, output);
#endif
}

#endif
