/* SPDX-License-Identifier: GPL-2.0 */
/* Wrappers for kernel UDP sockets, which differ between kernels 6.1 and 7.2. */
#ifndef HASW_COMPAT_UDP_H
#define HASW_COMPAT_UDP_H

#include <linux/version.h>
#include <net/udp_tunnel.h>

/**
 * hasw_udp_create() - opens a kernel UDP socket
 * @net: namespace
 * @cfg: family and port of the socket
 * @sock: receives the socket
 *
 * Context: process.
 * Return: 0, or a negative errno. If memory is short, the error is always
 * -ENOMEM, although udp_sock_create() may return -ENFILE or -ENOBUFS.
 */
static inline int hasw_udp_create(struct net *net, struct udp_port_cfg *cfg,
				  struct socket **sock)
{
	int err = udp_sock_create(net, cfg, sock);

	return err == -ENFILE || err == -ENOBUFS ? -ENOMEM : err;
}

/**
 * hasw_udp_setup() - sets the function that receives a UDP socket's packets
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
 * HASW_UDP_ERROR() - defines the function that receives a socket's ICMP errors
 * @name: name of the function, for udp_tunnel_sock_cfg.encap_err_rcv
 * @handler: function that is called with the socket, the ICMP packet and an
 *	offset in bytes. The data of the packet begin with the quoted IP header.
 *	The offset is that of the payload behind the quoted UDP header.
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
 * hasw_udp_release() - closes a kernel UDP socket
 * @sock: the socket
 *
 * In some kernels, another CPU may still handle a packet of the socket when
 * this function returns. The caller has to wait until no CPU does so.
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
