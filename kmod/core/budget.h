/* SPDX-License-Identifier: GPL-2.0 */
/* What a network namespace of a container may use of the host. */
#ifndef _HASW_BUDGET_H
#define _HASW_BUDGET_H

#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "haswitch.h"

/* Maximum number of nodes in a namespace of a container. */
#define HASW_BUDGET_NODES 64U

/**
 * hasw_budget_limited() - returns whether a namespace belongs to a container
 * @hn: namespace
 *
 * Any user can be root of a user namespace, and so of the network namespaces
 * that belong to it. Such a root must not slow down the host, or use up tables
 * that all namespaces share. The initial user namespace has no limits.
 *
 * Context: any.
 */
static inline bool hasw_budget_limited(const struct hasw_net *hn)
{
	return hn->net->user_ns != &init_user_ns;
}

u64 hasw_budget_tick(const struct hasw_net *hn);
void hasw_budget_sync(const struct hasw_net *hn);

#endif
