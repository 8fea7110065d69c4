/* SPDX-License-Identifier: GPL-2.0 */
/* The routes of replies to clients, which flows keep, and per-CPU caches of
 * these routes and of the results of IPsec policy lookups.
 */
#ifndef HASW_CLIENT_H
#define HASW_CLIENT_H

#include "core/haswitch.h"
#include "core/route.h"

struct hasw_clients;
struct hasw_flow;
struct hasw_flows;

struct hasw_clients __percpu *hasw_clients_new(void);
void hasw_clients_free(struct hasw_clients __percpu *clients);
struct dst_entry *hasw_client_fast(struct hasw_flows *flows,
				   struct hasw_flow *f,
				   const struct sk_buff *skb);
struct dst_entry *hasw_client_route(struct hasw_flows *flows,
				    struct hasw_flow *f,
				    const struct sk_buff *skb,
				    const struct in6_addr *from,
				    const struct hasw_route_ends *ends);
struct dst_entry *hasw_client_route_back(struct net *net,
					 const struct sk_buff *skb, bool six);
struct dst_entry *hasw_client_police(struct net *net,
				     struct hasw_clients __percpu *clients,
				     struct dst_entry *base,
				     const struct hasw_route_ends *ends);

#endif
