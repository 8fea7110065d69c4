/* SPDX-License-Identifier: GPL-2.0 */
/* UDP sockets of the kernel between 6.1 and 7.2, under one name each. */
#ifndef HASW_COMPAT_UDP_H
#define HASW_COMPAT_UDP_H

#include <linux/version.h>
#include <net/udp_tunnel.h>

/**
 * hasw_udp_create() - opens a socket
 * @net: namespace
 * @cfg: its family and port
 * @sock: set to it
 *
 * Context: process.
 * Return: 0, or a negative errno: of a kernel without memory for the socket
 * -ENOMEM, and not the -ENFILE or -ENOBUFS that it says.
 */
static inline int hasw_udp_create(struct net *net, struct udp_port_cfg *cfg,
				  struct socket **sock)
{
	int err = udp_sock_create(net, cfg, sock);

	return err == -ENFILE || err == -ENOBUFS ? -ENOMEM : err;
}

/**
 * hasw_udp_setup() - lets a function see what comes to a socket
 * @net: namespace
 * @sock: the socket
 * @cfg: the function and its data
 *
 * Context: process.
 */
static inline void hasw_udp_setup(struct net *net, struct socket *sock,
				  struct udp_tunnel_sock_cfg *cfg)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	setup_udp_tunnel_sock(net, sock, cfg);
#else
	setup_udp_tunnel_sock(net, sock->sk, cfg);
#endif
}

/**
 * HASW_UDP_ERROR() - makes what a kernel calls for ICMP errors of a socket
 * @name: of the function for udp_tunnel_sock_cfg.encap_err_rcv
 * @handler: called by it with the socket, the packet, whose data begin with the
 *	quoted IP header, and where the payload behind the quoted UDP header
 *	begins, in bytes
 *
 * Context of @handler: softirq, RCU read side.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define HASW_UDP_ERROR(name, handler)					\
static void name(struct sock *sk, struct sk_buff *skb,			\
		 unsigned int udp_offset)				\
{									\
	handler(sk, skb, udp_offset + sizeof(struct udphdr));		\
}
#else
#define HASW_UDP_ERROR(name, handler)					\
static void name(struct sock *sk, struct sk_buff *skb, int err,		\
		 __be16 port, u32 info, u8 *payload)			\
{									\
	handler(sk, skb, payload - skb->data);				\
}
#endif

/**
 * hasw_udp_release() - closes a socket
 * @sock: the socket
 *
 * Not all kernels wait until nobody sees what comes to it: the caller does.
 *
 * Context: process.
 */
static inline void hasw_udp_release(struct socket *sock)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	udp_tunnel_sock_release(sock);
#else
	udp_tunnel_sock_release(sock->sk);
#endif
}

#endif
