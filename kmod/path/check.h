/* SPDX-License-Identifier: GPL-2.0 */
/* Sources that no packet from a link can have: nothing that is sent there would come back. */
#ifndef HASW_MARTIAN_H
#define HASW_MARTIAN_H

#include <linux/in.h>
#include <net/ipv6.h>

/**
 * hasw_martian4() - whether an IPv4 packet to a vip is none that can be answered
 * @saddr: its source
 * @vip: its destination
 *
 * As routing judges (RFC 1812 5.3.7), which comes later.
 *
 * Context: any.
 */
static inline bool hasw_martian4(__be32 saddr, __be32 vip)
{
	return saddr == vip || ipv4_is_zeronet(saddr) ||
	       ipv4_is_loopback(saddr) || ipv4_is_multicast(saddr) ||
	       ipv4_is_lbcast(saddr);
}

/**
 * hasw_martian6() - whether an IPv6 packet to a vip is none that can be answered
 * @saddr: its source
 * @vip: its destination
 *
 * The unspecified source asks about addresses (RFC 4291 2.5.2), and nothing else.
 *
 * Context: any.
 */
static inline bool hasw_martian6(const struct in6_addr *saddr,
				 const struct in6_addr *vip)
{
	return ipv6_addr_is_multicast(saddr) || ipv6_addr_equal(saddr, vip) ||
	       ipv6_addr_any(saddr) || ipv6_addr_loopback(saddr);
}

#endif
