// SPDX-License-Identifier: GPL-2.0
/* The tracepoints haswitch:switch, haswitch:lease and haswitch:redirect. */
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * hasw_trace_addr() - stores a vip and a port as a socket address for %pISpc
 * @to: buffer of HASW_TRACE_ADDR bytes, aligned for u32
 * @addr: the vip, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6; or 0 if there is no vip, and 0.0.0.0 is stored
 * @port: the port, host byte order
 *
 * Context: any.
 */
void hasw_trace_addr(void *to, const struct in6_addr *addr, u16 family,
		     u16 port)
{
	struct sockaddr_in6 *in6 = to;
	struct sockaddr_in *in = to;

	memset(to, 0, HASW_TRACE_ADDR);
	if (family == AF_INET6) {
		in6->sin6_family = family;
		in6->sin6_port = htons(port);
		in6->sin6_addr = *addr;
		return;
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	if (family)
		in->sin_addr.s_addr = addr->s6_addr32[3];
}
