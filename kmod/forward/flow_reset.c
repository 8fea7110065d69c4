// SPDX-License-Identifier: GPL-2.0
/* If a service's `on-failover` is `reset`, the clients of TCP connections that
 * cannot stay with their member get a TCP reset.
 */
#include <linux/delay.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/tcp.h>

#include "core/route.h"
#include "xmit.h"
#include "flow/flow.h"
#include "flow_reset.h"

/* Maximum number of clients that are collected while a bucket of the flow table
 * is locked. Their resets are sent after the lock is released.
 */
#define HASW_RESET_BATCH 64

/* Number of resets after which the work pauses. */
#define HASW_RESET_BURST 1000
/* Length of the pause, ms. */
#define HASW_RESET_PAUSE 10

/**
 * struct hasw_reset - a client that gets a TCP reset
 * @addr: client address, then vip; one word each for IPv4, four for IPv6
 * @ports: client port, then vip port
 * @seq: sequence number that the client expects next
 * @ipv6: the addresses are IPv6 addresses
 */
struct hasw_reset {
	__be32 addr[8];
	__be16 ports[2];
	__be32 seq;
	bool ipv6;
};

/**
 * struct hasw_resets - clients of one bucket that get a reset
 * @hn: namespace
 * @n: number of entries in @to
 * @more: the bucket has more clients to reset
 * @to: the clients
 */
struct hasw_resets {
	struct hasw_net *hn;
	u32 n;
	bool more;
	struct hasw_reset to[HASW_RESET_BATCH];
};

/* Returns whether a flow has to be reset: the flow does not stay with its
 * member (see hasw_flow_stays()), and the service's `on-failover` is `reset`.
 * This node must also have held the vip without interruption since the member
 * got the flow. RCU read side, bucket's lock held.
 */
static bool hasw_reset_left(const struct hasw_config *cfg,
			    const struct hasw_flow *f)
{
	static const struct tcphdr any;
	const struct hasw_vip *vip = hasw_flow_vip(cfg, f);
	const struct hasw_service *service = hasw_flow_service(vip, f);
	const struct hasw_member *m;

	if (!service || !service->tracked ||
	    READ_ONCE(service->tracked->on_failover) !=
	    HASWITCH_ON_FAILOVER_RESET ||
	    !hasw_vip_held(vip) || !hasw_flow_since(f, vip))
		return false;
	m = hasw_flow_member(rcu_dereference(service->members),
			     rcu_dereference(f->share));
	return m && !hasw_flow_stays(m, f->state, &any);
}

/* Callback of hasw_flows_at(). Stores a flow's client in @data, if the client
 * has to get a reset. Return: whether the client was stored; if so,
 * hasw_flows_at() ends the flow.
 */
static bool hasw_reset_wanted(struct hasw_flow *f, void *data)
{
	struct hasw_resets *resets = data;
	struct hasw_reset *to;

	if (f->proto != IPPROTO_TCP || f->kind & HASW_FLOW_CLIENT ||
	    f->state != HASWITCH_FLOW_STATE_ESTABLISHED || !f->ack ||
	    hasw_flow_over(f) ||
	    !hasw_reset_left(rcu_dereference(resets->hn->config), f))
		return false;
	if (resets->n == HASW_RESET_BATCH) {
		resets->more = true;
		return false;
	}
	to = &resets->to[resets->n++];
	to->ipv6 = f->kind & HASW_FLOW_IPV6;
	memcpy(to->addr, f->addr, 2 * hasw_flow_words(f->kind) *
				  sizeof(f->addr[0]));
	memcpy(to->ports, f->ports, sizeof(to->ports));
	to->seq = READ_ONCE(f->ack);
	return true;
}

/* Allocates a TCP reset, with room for an IP header of @header bytes. This
 * function takes over the caller's reference on @dst, even if it returns NULL.
 */
static struct sk_buff *hasw_reset_new(const struct hasw_reset *to,
				      struct dst_entry *dst, u32 header)
{
	u32 room = LL_RESERVED_SPACE(dst->dev);
	struct tcphdr *tcp;
	struct sk_buff *skb;

	skb = alloc_skb(room + header + sizeof(*tcp), GFP_ATOMIC);
	if (!skb) {
		dst_release(dst);
		return NULL;
	}
	skb_dst_set(skb, dst);
	skb_reserve(skb, room + header);
	skb_reset_transport_header(skb);
	tcp = skb_put_zero(skb, sizeof(*tcp));
	tcp->source = to->ports[1];
	tcp->dest = to->ports[0];
	tcp->seq = to->seq;
	tcp->doff = sizeof(*tcp) / 4;
	tcp->rst = 1;
	skb_push(skb, header);
	skb_reset_network_header(skb);
	return skb;
}

static bool hasw_reset_send4(struct net *net, const struct hasw_reset *to)
{
	struct flowi4 fl = {
		.daddr = to->addr[0],
		.saddr = to->addr[1],
		.flowi4_proto = IPPROTO_TCP,
		.fl4_sport = to->ports[1],
		.fl4_dport = to->ports[0],
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct dst_entry *dst;
	struct sk_buff *skb;
	struct tcphdr *tcp;
	struct iphdr *ip;

	if (hasw_route_find4(net, &fl, &dst))
		return false;
	/* A broadcast or multicast address of a client is forged, so no reset
	 * is sent.
	 */
	if (container_of(dst, struct rtable, dst)->rt_flags &
	    (RTCF_BROADCAST | RTCF_MULTICAST)) {
		dst_release(dst);
		return false;
	}
	skb = hasw_reset_new(to, dst, sizeof(*ip));
	if (!skb)
		return false;
	ip = ip_hdr(skb);
	memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->frag_off = htons(IP_DF);
	ip->ttl = ip4_dst_hoplimit(dst);
	ip->protocol = IPPROTO_TCP;
	ip->saddr = to->addr[1];
	ip->daddr = to->addr[0];
	tcp = tcp_hdr(skb);
	tcp->check = tcp_v4_check(sizeof(*tcp), ip->saddr, ip->daddr,
				  csum_partial(tcp, sizeof(*tcp), 0));
	skb->protocol = htons(ETH_P_IP);
	return !ip_local_out(net, NULL, skb);
}

static bool hasw_reset_send6(struct net *net, const struct hasw_reset *to)
{
	struct flowi6 fl = {
		.flowi6_proto = IPPROTO_TCP,
		.fl6_sport = to->ports[1],
		.fl6_dport = to->ports[0],
	};
	struct dst_entry *dst;
	struct ipv6hdr *ip;
	struct sk_buff *skb;
	struct tcphdr *tcp;

	memcpy(&fl.daddr, to->addr, sizeof(fl.daddr));
	memcpy(&fl.saddr, to->addr + 4, sizeof(fl.saddr));
	if (hasw_route_find6(net, &fl, &dst))
		return false;
	skb = hasw_reset_new(to, dst, sizeof(*ip));
	if (!skb)
		return false;
	ip = ipv6_hdr(skb);
	ip6_flow_hdr(ip, 0, 0);
	ip->nexthdr = IPPROTO_TCP;
	ip->hop_limit = ip6_dst_hoplimit(dst);
	ip->saddr = fl.saddr;
	ip->daddr = fl.daddr;
	tcp = tcp_hdr(skb);
	tcp->check = tcp_v6_check(sizeof(*tcp), &ip->saddr, &ip->daddr,
				  csum_partial(tcp, sizeof(*tcp), 0));
	skb->protocol = htons(ETH_P_IPV6);
	return !ip6_local_out(net, NULL, skb);
}

static void hasw_reset_send(struct hasw_net *hn, const struct hasw_reset *to)
{
	struct hasw_reject reject;
	bool sent;

	local_bh_disable();
	hasw_reject_begin(&reject, hn, to->ipv6 ? HASW_HOP6 : HASW_HOP4,
			  to->addr, IPPROTO_TCP);
	sent = to->ipv6 ? hasw_reset_send6(hn->net, to) :
			  hasw_reset_send4(hn->net, to);
	hasw_reject_end(&reject);
	if (sent)
		hasw_stat_inc(hn, HASW_STAT_FLOW_RESET);
	local_bh_enable();
}

/* Sends a reset to each client that needs one. If the allocation fails, no
 * reset is sent. In this case each flow moves to another member when its
 * client's next packet arrives.
 */
static void hasw_flow_reset_work(struct work_struct *work)
{
	struct hasw_net *hn = container_of(work, struct hasw_net, reset.work);
	struct hasw_flows *flows = READ_ONCE(hn->flows);
	struct hasw_resets *resets;
	u32 i, burst = 0;
	u64 at = 0, next;

	resets = flows ? kmalloc(sizeof(*resets), GFP_KERNEL) : NULL;
	if (!resets)
		return;
	resets->hn = hn;
	while (at <= U32_MAX && !READ_ONCE(hn->closing)) {
		resets->n = 0;
		resets->more = false;
		next = hasw_flows_at(flows, at, hasw_reset_wanted, resets);
		for (i = 0; i < resets->n; i++)
			hasw_reset_send(hn, &resets->to[i]);
		burst += resets->n;
		if (burst >= HASW_RESET_BURST) {
			msleep(HASW_RESET_PAUSE);
			burst = 0;
		}
		if (!resets->more)
			at = next;
		cond_resched();
	}
	kfree(resets);
}

/**
 * hasw_flow_reset_init() - initialises the work that sends resets
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_flow_reset_init(struct hasw_net *hn)
{
	INIT_WORK(&hn->reset.work, hasw_flow_reset_work);
}

/**
 * hasw_flow_reset_exit() - stops the work that sends resets
 * @hn: namespace; the caller has set hasw_net.closing
 *
 * Context: process, no lock held.
 */
void hasw_flow_reset_exit(struct hasw_net *hn)
{
	/* Wait for CPUs that have read hasw_net.closing as false under
	 * state_lock. They queue the work before they release state_lock.
	 */
	spin_lock_bh(&hn->state_lock);
	spin_unlock_bh(&hn->state_lock);
	cancel_work_sync(&hn->reset.work);
}
