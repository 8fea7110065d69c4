/* SPDX-License-Identifier: GPL-2.0 */
/* Wrappers for socket lookups, which differ between kernels 6.1 and 7.2. */
#ifndef HASW_COMPAT_SOCK_H
#define HASW_COMPAT_SOCK_H

#include <linux/version.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/udp.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
static inline struct udp_table *hasw_sock_udp(const struct net *net)
{
	return &udp_table;
}
#elif LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
static inline struct udp_table *hasw_sock_udp(const struct net *net)
{
	return net->ipv4.udp_table;
}
#endif

static inline struct sock *hasw_sock_udp4(struct net *net, __be32 from,
					  __be16 sport, __be32 to, u16 port,
					  int ifindex)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	return __udp4_lib_lookup(net, from, sport, to,
				 htons(port), ifindex, 0, hasw_sock_udp(net),
				 NULL);
#else
	return __udp4_lib_lookup(net, from, sport, to, htons(port), ifindex, 0,
				 NULL);
#endif
}

static inline struct sock *hasw_sock_udp6(struct net *net,
					  const struct in6_addr *from,
					  __be16 sport,
					  const struct in6_addr *to, u16 port,
					  int ifindex)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	return __udp6_lib_lookup(net, from, sport, to,
				 htons(port), ifindex, 0, hasw_sock_udp(net),
				 NULL);
#else
	return __udp6_lib_lookup(net, from, sport, to, htons(port), ifindex, 0,
				 NULL);
#endif
}

/**
 * hasw_sock_listens4() - returns whether a socket receives packets to an IPv4
 *	address
 * @net: namespace
 * @tcp: true for TCP, false for UDP
 * @addr: destination address of the packets
 * @port: destination port of the packets, host byte order
 * @ifindex: device on which the packets arrive
 *
 * Context: softirqs off, RCU read side.
 */
static inline bool hasw_sock_listens4(struct net *net, bool tcp, __be32 addr,
				      u16 port, int ifindex)
{
	if (!tcp)
		return hasw_sock_udp4(net, 0, 0, addr, port, ifindex);
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	return __inet_lookup_listener(net, net->ipv4.tcp_death_row.hashinfo,
				      NULL, 0, 0, 0, addr, port, ifindex, 0);
#else
	return __inet_lookup_listener(net, NULL, 0, 0, 0, addr, port, ifindex,
				      0);
#endif
}

/**
 * hasw_sock_listens6() - returns whether a socket receives packets to an IPv6
 *	address
 * @net: namespace
 * @tcp: true for TCP, false for UDP
 * @addr: destination address of the packets
 * @port: destination port of the packets, host byte order
 * @ifindex: device on which the packets arrive
 *
 * Context: softirqs off, RCU read side.
 */
static inline bool hasw_sock_listens6(struct net *net, bool tcp,
				      const struct in6_addr *addr, u16 port,
				      int ifindex)
{
	if (!tcp)
		return hasw_sock_udp6(net, &in6addr_any, 0, addr, port,
				      ifindex);
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	return inet6_lookup_listener(net, net->ipv4.tcp_death_row.hashinfo,
				     NULL, 0, &in6addr_any, 0, addr, port,
				     ifindex, 0);
#else
	return inet6_lookup_listener(net, NULL, 0, &in6addr_any, 0, addr, port,
				     ifindex, 0);
#endif
}

static inline struct sock *hasw_sock_established4(struct net *net, __be32 from,
						  __be16 sport, __be32 to,
						  u16 port)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	return __inet_lookup_established(net,
					 net->ipv4.tcp_death_row.hashinfo, from,
					 sport, to, port, 0, 0);
#else
	return __inet_lookup_established(net, from, sport, to, port, 0, 0);
#endif
}

static inline struct sock *
hasw_sock_established6(struct net *net, const struct in6_addr *from,
		       __be16 sport, const struct in6_addr *to, u16 port)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	return __inet6_lookup_established(net,
					  net->ipv4.tcp_death_row.hashinfo,
					  from, sport, to, port, 0, 0);
#else
	return __inet6_lookup_established(net, from, sport, to, port, 0, 0);
#endif
}

/* Releases the socket of a lookup. Returns whether there was one. */
static inline bool hasw_sock_put(struct sock *sk)
{
	if (sk)
		sock_gen_put(sk);
	return sk;
}

/**
 * hasw_sock_takes4() - returns whether a socket receives the packets of an IPv4
 *	peer
 * @net: namespace
 * @tcp: true for TCP, where only connections are looked up, also those in
 *	TIME-WAIT; false for UDP
 * @from: source address of the packets
 * @sport: source port of the packets
 * @to: destination address of the packets
 * @port: destination port of the packets, host byte order
 *
 * A socket that is bound to a device is not found.
 *
 * Context: softirqs off, RCU read side.
 */
static inline bool hasw_sock_takes4(struct net *net, bool tcp, __be32 from,
				    __be16 sport, __be32 to, u16 port)
{
	return tcp ? hasw_sock_put(hasw_sock_established4(net, from, sport, to,
							   port)) :
		     !!hasw_sock_udp4(net, from, sport, to, port, 0);
}

/**
 * hasw_sock_takes6() - hasw_sock_takes4() for IPv6
 * @net: namespace
 * @tcp: as for hasw_sock_takes4()
 * @from: source address of the packets
 * @sport: source port of the packets
 * @to: destination address of the packets
 * @port: destination port of the packets, host byte order
 *
 * Context: softirqs off, RCU read side.
 */
static inline bool hasw_sock_takes6(struct net *net, bool tcp,
				    const struct in6_addr *from, __be16 sport,
				    const struct in6_addr *to, u16 port)
{
	return tcp ? hasw_sock_put(hasw_sock_established6(net, from, sport, to,
							   port)) :
		     !!hasw_sock_udp6(net, from, sport, to, port, 0);
}

#endif
