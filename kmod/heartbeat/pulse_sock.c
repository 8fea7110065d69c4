// SPDX-License-Identifier: GPL-2.0
/* UDP sockets of the kernel that send and receive heartbeats in softirq. */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/pkt_sched.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "compat/compat_udp.h"
#include "pulse.h"
#include "core/stats.h"
#include "core/udp.h"

static u32 hasw_pulse_net_hop(u16 family)
{
	return family == AF_INET6 ? HASW_HOP6 : HASW_HOP4;
}

/* Handles each UDP packet to HASWITCH_PULSE_PORT. Softirq, RCU read side. */
static int hasw_pulse_net_receive(struct sock *sk, struct sk_buff *skb)
{
	struct hasw_net *hn = rcu_dereference_sk_user_data(sk);
	struct hasw_pulse_wire wire;
	struct in6_addr from, to;

	if (!hn)
		goto out;
	/* The records are read in place, so the packet is made linear.
	 * skb_linearize() rarely has to copy data, because few devices leave a
	 * part of such a packet in page fragments. The fixed part is copied to
	 * @wire, because its fields must be aligned.
	 */
	if (skb->len > sizeof(struct udphdr) + sizeof(wire) +
		       HASW_PULSE_RECORDS_HEARD + sizeof(__be64) ||
	    (skb_is_nonlinear(skb) && skb_linearize(skb)) ||
	    skb_copy_bits(skb, sizeof(struct udphdr), &wire, sizeof(wire)) ||
	    !hasw_pulse_known(&wire)) {
		hasw_stat_inc(hn, HASW_STAT_PULSE_MALFORMED);
		goto out;
	}
	if (skb->protocol == htons(ETH_P_IPV6)) {
		from = ipv6_hdr(skb)->saddr;
		to = ipv6_hdr(skb)->daddr;
	} else {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &from);
		ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &to);
	}
	__skb_pull(skb, sizeof(struct udphdr) + sizeof(wire));
	hasw_pulse_hear(hn, &from, &to, skb, &wire);
out:
	consume_skb(skb);
	return 0;
}

/* Handles an ICMP error that quotes a heartbeat of ours. Softirq, RCU read
 * side. Only `host unreachable`, or for IPv6 `address unreachable`, has an
 * effect. The type and code are checked instead of the errno, because
 * EHOSTUNREACH also stands for an exceeded hop limit. An error that does not
 * quote the whole fixed part is ignored.
 */
static void hasw_pulse_net_refused(struct sock *sk, struct sk_buff *skb,
				   unsigned int payload)
{
	struct hasw_net *hn = rcu_dereference_sk_user_data(sk);
	struct in6_addr local, remote;
	struct hasw_pulse_wire wire;

	if (!hn || skb_copy_bits(skb, payload, &wire, sizeof(wire)) ||
	    !hasw_pulse_known(&wire))
		return;
	if (skb->protocol == htons(ETH_P_IPV6)) {
		const struct ipv6hdr *quoted = (void *)skb->data;

		if (icmp6_hdr(skb)->icmp6_type != ICMPV6_DEST_UNREACH ||
		    icmp6_hdr(skb)->icmp6_code != ICMPV6_ADDR_UNREACH)
			return;
		local = quoted->saddr;
		remote = quoted->daddr;
	} else {
		const struct iphdr *quoted = (void *)skb->data;

		if (icmp_hdr(skb)->type != ICMP_DEST_UNREACH ||
		    icmp_hdr(skb)->code != ICMP_HOST_UNREACH)
			return;
		ipv6_addr_set_v4mapped(quoted->saddr, &local);
		ipv6_addr_set_v4mapped(quoted->daddr, &remote);
	}
	hasw_pulse_refuse(hn, &local, &remote, &wire);
}

HASW_UDP_ERROR(hasw_pulse_net_error, hasw_pulse_net_refused)

static struct socket *hasw_pulse_net_sock(struct hasw_net *hn, u32 hop)
{
	return rcu_dereference_protected(hn->pulses->sock[hop],
					 lockdep_is_held(&hn->mutex));
}

static int hasw_pulse_net_open_one(struct hasw_net *hn, u32 hop)
{
	struct udp_tunnel_sock_cfg in = {
		.encap_rcv = hasw_pulse_net_receive,
		.encap_err_rcv = hasw_pulse_net_error,
	};
	struct socket *sock;

	sock = hasw_udp_open(hn, hop == HASW_HOP6 ? AF_INET6 : AF_INET,
			     HASWITCH_PULSE_PORT, &in);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	rcu_assign_pointer(hn->pulses->sock[hop], sock);
	return 0;
}

static void hasw_pulse_net_close_one(struct hasw_net *hn, u32 hop)
{
	struct socket *sock = hasw_pulse_net_sock(hn, hop);

	rcu_assign_pointer(hn->pulses->sock[hop], NULL);
	/* Wait for senders, which read hasw_pulses.sock under RCU. */
	synchronize_rcu();
	hasw_udp_release(sock);
}

/**
 * hasw_pulse_net_open() - opens the sockets that the paths of a session need
 * @hn: namespace
 * @p: the session
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or a negative errno; on an error, nothing has changed.
 */
int hasw_pulse_net_open(struct hasw_net *hn, const struct hasw_pulse *p)
{
	struct hasw_pulses *all = hn->pulses;
	u32 i, hop;
	int err;

	lockdep_assert_held(&hn->mutex);
	for (i = 0; i < p->n_paths; i++) {
		hop = hasw_pulse_net_hop(p->path[i].family);
		err = all->users[hop] ? 0 : hasw_pulse_net_open_one(hn, hop);
		if (err)
			goto err_close;
		all->users[hop]++;
	}
	return 0;

err_close:
	while (i--) {
		hop = hasw_pulse_net_hop(p->path[i].family);
		if (!--all->users[hop])
			hasw_pulse_net_close_one(hn, hop);
	}
	return err;
}

/**
 * hasw_pulse_net_close() - closes the sockets that no path needs any more
 * @hn: namespace
 * @p: a session that has ended and sends no heartbeats any more
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_pulse_net_close(struct hasw_net *hn, const struct hasw_pulse *p)
{
	u32 i, hop;

	lockdep_assert_held(&hn->mutex);
	for (i = 0; i < p->n_paths; i++) {
		hop = hasw_pulse_net_hop(p->path[i].family);
		if (!--hn->pulses->users[hop])
			hasw_pulse_net_close_one(hn, hop);
	}
}

/* Sets @ifindex to the device that a path names, or to 0 if the path names
 * none. The device is looked up by name, because the device may have been
 * deleted and registered again with another ifindex. Returns false if there is
 * no such device.
 */
static bool hasw_pulse_net_dev(struct hasw_net *hn,
			       const struct hasw_pulse_path *path, int *ifindex)
{
	const struct net_device *dev;

	*ifindex = 0;
	if (!path->dev[0])
		return true;
	dev = dev_get_by_name_rcu(hn->net, path->dev);
	if (dev)
		*ifindex = dev->ifindex;
	return dev;
}

static struct dst_entry *hasw_pulse_net_route4(struct hasw_net *hn,
					       struct hasw_pulse_path *path,
					       struct sock *sk)
{
	struct flowi4 fl4 = {
		.daddr = path->remote.s6_addr32[3],
		.saddr = path->local.s6_addr32[3],
		.flowi4_proto = IPPROTO_UDP,
		.fl4_sport = htons(HASWITCH_PULSE_PORT),
		.fl4_dport = htons(HASWITCH_PULSE_PORT),
	};
	struct rtable *rt;
	__be32 saddr;

	rt = dst_cache_get_ip4(&path->dst, &saddr);
	if (rt)
		return &rt->dst;
	if (!hasw_pulse_net_dev(hn, path, &fl4.flowi4_oif))
		return NULL;
	rt = ip_route_output_flow(hn->net, &fl4, sk);
	if (IS_ERR(rt))
		return NULL;
	dst_cache_set_ip4(&path->dst, &rt->dst, fl4.saddr);
	return &rt->dst;
}

static struct dst_entry *hasw_pulse_net_route6(struct hasw_net *hn,
					       struct hasw_pulse_path *path,
					       struct sock *sk)
{
	struct flowi6 fl6 = {
		.daddr = path->remote,
		.saddr = path->local,
		.flowi6_proto = IPPROTO_UDP,
		.fl6_sport = htons(HASWITCH_PULSE_PORT),
		.fl6_dport = htons(HASWITCH_PULSE_PORT),
	};
	struct dst_entry *dst;
	struct in6_addr saddr;

	dst = dst_cache_get_ip6(&path->dst, &saddr);
	if (dst)
		return dst;
	if (!hasw_pulse_net_dev(hn, path, &fl6.flowi6_oif))
		return NULL;
	dst = ip6_dst_lookup_flow(hn->net, sk, &fl6, NULL);
	if (IS_ERR(dst))
		return NULL;
	dst_cache_set_ip6(&path->dst, dst, &fl6.saddr);
	return dst;
}

static void hasw_pulse_net_wrap_udp(const struct hasw_pulse_path *path,
				    struct sk_buff *skb, bool whole)
{
	u32 length = skb->len + sizeof(struct udphdr);
	struct udphdr *udp = skb_push(skb, sizeof(*udp));
	__wsum sum = 0;

	skb_reset_transport_header(skb);
	udp->source = htons(HASWITCH_PULSE_PORT);
	udp->dest = htons(HASWITCH_PULSE_PORT);
	udp->len = htons(length);
	udp->check = 0;
	if (whole)
		sum = csum_partial(udp, length, 0);
	udp->check = path->family == AF_INET6 ?
		csum_ipv6_magic(&path->local, &path->remote, length,
				IPPROTO_UDP, sum) :
		csum_tcpudp_magic(path->local.s6_addr32[3],
				  path->remote.s6_addr32[3], length,
				  IPPROTO_UDP, sum);
	if (whole) {
		udp->check = udp->check ?: CSUM_MANGLED_0;
		return;
	}
	udp->check = ~udp->check;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
}

static void hasw_pulse_net_wrap_ip4(const struct hasw_pulse_path *path,
				    struct sk_buff *skb, u8 ttl)
{
	struct iphdr *ip = skb_push(skb, sizeof(*ip));

	/* RFC 6864: a datagram that is never fragmented needs no ID. */
	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tos = HASW_PULSE_TOS,
		.tot_len = htons(skb->len),
		.frag_off = htons(IP_DF),
		.ttl = ttl ?: IPDEFTTL,
		.protocol = IPPROTO_UDP,
		.saddr = path->local.s6_addr32[3],
		.daddr = path->remote.s6_addr32[3],
	};
	ip_send_check(ip);
	skb->protocol = htons(ETH_P_IP);
}

static void hasw_pulse_net_wrap_ip6(const struct hasw_pulse_path *path,
				    struct sk_buff *skb, u8 ttl)
{
	u32 length = skb->len;
	struct ipv6hdr *ip = skb_push(skb, sizeof(*ip));

	ip6_flow_hdr(ip, HASW_PULSE_TOS, 0);
	ip->payload_len = htons(length);
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = ttl ?: IPV6_DEFAULT_HOPLIMIT;
	ip->saddr = path->local;
	ip->daddr = path->remote;
	skb->protocol = htons(ETH_P_IPV6);
}

/**
 * hasw_pulse_net_wrap() - puts the UDP and IP headers in front of a heartbeat
 * @path: path of the heartbeat
 * @skb: packet that contains only the heartbeat, with headroom for the headers
 * @ttl: TTL or hop limit; 0: the default
 * @whole: compute the complete UDP checksum here instead of leaving it to
 *	checksum offload
 *
 * Context: any, also a panic.
 */
void hasw_pulse_net_wrap(const struct hasw_pulse_path *path,
			 struct sk_buff *skb, u8 ttl, bool whole)
{
	hasw_pulse_net_wrap_udp(path, skb, whole);
	if (path->family == AF_INET6)
		hasw_pulse_net_wrap_ip6(path, skb, ttl);
	else
		hasw_pulse_net_wrap_ip4(path, skb, ttl);
	skb_reset_network_header(skb);
}

static struct sk_buff *hasw_pulse_net_skb(const struct dst_entry *dst,
					  const struct hasw_pulse_wire *wire,
					  const void *records, u16 records_len,
					  __be64 records_mac)
{
	unsigned int room = LL_RESERVED_SPACE(dst->dev) + dst->header_len +
			    sizeof(struct ipv6hdr) + sizeof(struct udphdr);
	unsigned int more = records_len ? records_len + sizeof(records_mac) : 0;
	struct sk_buff *skb = alloc_skb(room + sizeof(*wire) + more,
					GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put_data(skb, wire, sizeof(*wire));
	if (records_len) {
		skb_put_data(skb, records, records_len);
		skb_put_data(skb, &records_mac, sizeof(records_mac));
	}
	skb->priority = TC_PRIO_CONTROL;
	return skb;
}

/**
 * hasw_pulse_net_route() - looks up the route of a path
 * @hn: namespace
 * @path: the path
 *
 * Context: softirqs off, RCU read side.
 * Return: the route, with a reference, or NULL.
 */
struct dst_entry *hasw_pulse_net_route(struct hasw_net *hn,
				       struct hasw_pulse_path *path)
{
	u32 hop = hasw_pulse_net_hop(path->family);
	struct socket *sock = rcu_dereference_bh(hn->pulses->sock[hop]);

	if (!sock)
		return NULL;
	return hop == HASW_HOP6 ? hasw_pulse_net_route6(hn, path, sock->sk) :
				  hasw_pulse_net_route4(hn, path, sock->sk);
}

/**
 * hasw_pulse_net_send() - sends a heartbeat
 * @hn: namespace
 * @path: path of the heartbeat
 * @wire: fixed part of the heartbeat, complete
 * @records: records that follow
 * @records_len: length of @records in bytes; 0: none follow
 * @records_mac: MAC of @records
 *
 * Context: softirqs off, RCU read side. The session's lock is not held, because
 * code that runs while a packet is sent may take this lock.
 */
void hasw_pulse_net_send(struct hasw_net *hn, struct hasw_pulse_path *path,
			 const struct hasw_pulse_wire *wire,
			 const void *records, u16 records_len,
			 __be64 records_mac)
{
	u32 hop = hasw_pulse_net_hop(path->family);
	struct socket *sock = rcu_dereference_bh(hn->pulses->sock[hop]);
	struct dst_entry *dst = hasw_pulse_net_route(hn, path);
	struct sk_buff *skb;

	skb = dst ? hasw_pulse_net_skb(dst, wire, records, records_len,
				       records_mac) : NULL;
	if (!skb) {
		dst_release(dst);
		atomic64_inc(&path->unsent);
		return;
	}
	atomic64_inc(&path->sent);
	skb_dst_set(skb, dst);
	if (hop == HASW_HOP6) {
		hasw_pulse_net_wrap(path, skb, ip6_dst_hoplimit(dst), false);
		ip6_local_out(hn->net, sock->sk, skb);
	} else {
		hasw_pulse_net_wrap(path, skb, ip4_dst_hoplimit(dst), false);
		ip_local_out(hn->net, sock->sk, skb);
	}
}
