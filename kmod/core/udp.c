// SPDX-License-Identifier: GPL-2.0
/* The kernel UDP sockets of the module. */
#include "compat/compat_udp.h"
#include "udp.h"

/**
 * hasw_udp_open() - opens a kernel UDP socket that receives on any address
 * @hn: namespace; the socket's user data
 * @family: AF_INET or AF_INET6; an IPv6 socket receives no IPv4
 * @port: port, in host byte order
 * @in: the functions that receive datagrams and ICMP errors; the function sets
 *	the other fields
 *
 * Checksums are verified, and computed for what the socket itself sends. The
 * caller closes the socket with hasw_udp_release().
 *
 * Context: process.
 * Return: the socket, or an error pointer: -EADDRINUSE, -EAFNOSUPPORT, -ENOMEM.
 */
struct socket *hasw_udp_open(struct hasw_net *hn, u8 family, u16 port,
			     struct udp_tunnel_sock_cfg *in)
{
	struct udp_port_cfg cfg = {
		.family = family,
		.local_udp_port = htons(port),
		.use_udp_checksums = 1,
		.use_udp6_tx_checksums = 1,
		.use_udp6_rx_checksums = 1,
		.ipv6_v6only = 1,
	};
	struct socket *sock;
	int err;

	err = hasw_udp_create(hn->net, &cfg, &sock);
	if (err)
		return ERR_PTR(err);
	in->sk_user_data = hn;
	in->encap_type = 1;
	hasw_udp_setup(hn->net, sock, in);
	return sock;
}
