/* SPDX-License-Identifier: GPL-2.0 */
/* In place of the socket for grants: it opens and closes without a module. The test adds what is asked by it. */
#ifndef AGENT_LEASE_SOCK_H
#define AGENT_LEASE_SOCK_H

#include "haagentd/vote/lease_sock.h"

static int lease_sock_open_fails;	/* negative errno */

int lease_sock_open(struct lease_sock *s, struct hasw_error *err)
{
	(void)err;
	s->open = !lease_sock_open_fails;
	return lease_sock_open_fails;
}

void lease_sock_close(struct lease_sock *s)
{
	s->open = false;
}

uint32_t lease_number(const char *name)
{
	(void)name;
	return 0;
}

#endif
