/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel UDP sockets of the module. */
#ifndef HASW_UDP_H
#define HASW_UDP_H

#include <net/udp_tunnel.h>

#include "haswitch.h"

struct socket *hasw_udp_open(struct hasw_net *hn, u8 family, u16 port,
			     struct udp_tunnel_sock_cfg *in);

#endif
