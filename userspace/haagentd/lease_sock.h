/* SPDX-License-Identifier: GPL-2.0 */
/* The socket of leases: what the module is told of tenures, and nothing else, so that nothing waits before a renewal. */
#ifndef HAAGENTD_LEASE_SOCK_H
#define HAAGENTD_LEASE_SOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/sock.h"
#include "module.h"

/**
 * struct lease_sock - a socket to the module
 * @calls:	the socket; the tenure of this node is tied to it
 * @open:	it is open
 * @buf:	the request that is made
 */
struct lease_sock {
	struct hasw_sock calls;
	bool open;
	char buf[1024];
};

/**
 * struct lease_grant - a tenure to be granted or renewed
 * @lease:	name of the lease
 * @holder:	name of the node that holds it
 * @epoch:	under which epoch
 * @deadline:	until when, CLOCK_BOOTTIME, ns
 * @tied:	it ends with the socket
 */
struct lease_grant {
	const char *lease;
	const char *holder;
	uint64_t epoch;
	uint64_t deadline;
	bool tied;
};

int lease_sock_open(struct lease_sock *s, struct hasw_error *err);
void lease_sock_close(struct lease_sock *s);
int lease_sock_grant(struct lease_sock *s, const struct lease_grant *grant,
		     struct hasw_error *err);
int lease_sock_release(struct lease_sock *s, const char *lease, uint64_t epoch,
		       const char *to, struct hasw_error *err);
uint32_t lease_number(const char *name);

#endif
