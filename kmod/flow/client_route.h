/* SPDX-License-Identifier: GPL-2.0 */
/* The routes to clients that were answered last, on each CPU. */
#ifndef HASW_CLIENT_H
#define HASW_CLIENT_H

#include "core/haswitch.h"

struct dst_entry;
struct hasw_clients;

struct hasw_clients __percpu *hasw_clients_new(void);
void hasw_clients_free(struct hasw_clients __percpu *clients);
struct dst_entry *hasw_client_route4(struct net *net,
				     struct hasw_clients __percpu *clients,
				     const struct sk_buff *skb, __be32 to,
				     __be32 from);
struct dst_entry *hasw_client_route6(struct net *net,
				     struct hasw_clients __percpu *clients,
				     const struct sk_buff *skb,
				     const struct in6_addr *to,
				     const struct in6_addr *from);

#endif
