/* SPDX-License-Identifier: GPL-2.0 */
/* The sockets for grants. Other requests use other sockets, so as not to delay renewals. */
#ifndef HAAGENTD_LEASE_SOCK_H
#define HAAGENTD_LEASE_SOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "haagentd/module/module.h"

/**
 * struct lease_sock - the sockets to the module
 * @calls:	netlink; closing it ends the grants that are tied to it
 * @renewals:	any IPv4 socket, by whose options leases are renewed; -1: there is none, and
 *		@calls renews
 * @open:	@calls is open
 * @buf:	buffer of the current request
 */
struct lease_sock {
	struct calls calls;
	int renewals;
	bool open;
	char buf[1024];
};

/**
 * struct lease_grant - a request to grant or renew a lease
 * @lease:	name of the lease
 * @holder:	name of the node to which the lease is granted
 * @epoch:	epoch of the grant
 * @deadline:	end of the grant, CLOCK_BOOTTIME, ns
 * @tied:	the grant ends when the socket is closed
 * @renews:	the module has the grant of @holder under @epoch already
 * @partly:	the module is to take the grant also if clients of some of the lease's vips can't come to this node
 */
struct lease_grant {
	const char *lease;
	const char *holder;
	uint64_t epoch;
	uint64_t deadline;
	bool tied;
	bool renews;
	bool partly;
};

int lease_sock_open(struct lease_sock *s, struct hasw_error *err);
void lease_sock_close(struct lease_sock *s);
int lease_sock_grant(struct lease_sock *s, const struct lease_grant *grant,
		     struct hasw_error *err);
int lease_sock_release(struct lease_sock *s, const char *lease, uint64_t epoch,
		       const char *to, struct hasw_error *err);
uint32_t lease_number(const char *name);

#endif
