/* SPDX-License-Identifier: GPL-2.0 */
/* What kernels spell differently about UDP sockets that carry packets. */
#ifndef HASW_COMPAT_TUNNEL_H
#define HASW_COMPAT_TUNNEL_H

#include <linux/version.h>
#include <net/udp_tunnel.h>

/**
 * hasw_compat_tunnel_setup() - has a socket's datagrams handed to a function
 * @net: namespace
 * @sock: the socket
 * @cfg: what to do with them
 *
 * Takes the socket until 7.1, then its sock.
 */
static inline void hasw_compat_tunnel_setup(struct net *net,
					    struct socket *sock,
					    struct udp_tunnel_sock_cfg *cfg)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
	setup_udp_tunnel_sock(net, sock->sk, cfg);
#else
	setup_udp_tunnel_sock(net, sock, cfg);
#endif
}

/**
 * hasw_compat_tunnel_release() - closes such a socket
 * @sock: the socket
 *
 * Not all kernels wait for the function to return: the caller does.
 */
static inline void hasw_compat_tunnel_release(struct socket *sock)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 2, 0)
	udp_tunnel_sock_release(sock->sk);
#else
	udp_tunnel_sock_release(sock);
#endif
}

#endif
