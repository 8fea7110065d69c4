/* SPDX-License-Identifier: GPL-2.0 */
/* Devices that have the fast path, and the fast path's first checks of a
 * packet's IP header.
 */
#ifndef HASW_FAST_DEV_H
#define HASW_FAST_DEV_H

#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/ipv6.h>

/* Total length of the source and destination ports in a header, bytes. */
#define HASW_FAST_PORTS 4
/* Smallest length of an IPv4 packet for the fast path, bytes. The fast path
 * checks the length before it reads the destination address.
 */
#define HASW_FAST_LEN4 (sizeof(struct iphdr) + HASW_FAST_PORTS)
/* Smallest length of an IPv6 packet for the fast path, bytes. */
#define HASW_FAST_LEN6 (sizeof(struct ipv6hdr) + HASW_FAST_PORTS)

struct hasw_net;
struct net_device;

/**
 * hasw_fast_whole4() - whether the fast path can handle a packet's IPv4 header
 * @iph: IP header; HASW_FAST_LEN4 bytes from its start can be read
 * @room: length of the packet with its padding, bytes
 *
 * Context: any.
 */
static __always_inline bool hasw_fast_whole4(const struct iphdr *iph, u32 room)
{
	u32 len = ntohs(iph->tot_len);

	/* 0x45 is version 4 without options. */
	return *(const u8 *)iph == 0x45 && iph->ttl > 1 &&
	       !ip_is_fragment(iph) && len <= room && len >= HASW_FAST_LEN4;
}

/**
 * hasw_fast_whole6() - whether the fast path can handle a packet's IPv6 header
 * @ip6: IP header; HASW_FAST_LEN6 bytes from its start can be read
 * @room: length of the packet with its padding, bytes
 *
 * Context: any.
 */
static __always_inline bool hasw_fast_whole6(const struct ipv6hdr *ip6,
					     u32 room)
{
	/* A jumbogram has payload_len 0, so the length check excludes it. */
	u32 len = sizeof(*ip6) + ntohs(ip6->payload_len);

	return ip6->version == 6 && ip6->hop_limit > 1 && len <= room &&
	       len >= HASW_FAST_LEN6;
}

unsigned int hasw_fast_in(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state);

bool hasw_fast_dev_on(struct hasw_net *hn, const struct net_device *dev);
void hasw_fast_dev_init(struct hasw_net *hn);
void hasw_fast_dev_exit(struct hasw_net *hn);
void hasw_fast_dev_schedule(struct hasw_net *hn);
void hasw_fast_dev_drop(struct hasw_net *hn, const struct net_device *dev);
void hasw_fast_dev_close(struct hasw_net *hn);

#endif
