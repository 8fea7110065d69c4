/* SPDX-License-Identifier: GPL-2.0 */
/* The client route caches hold, on each CPU, routes to clients and the results
 * of IPsec policy lookups.
 */
#ifndef HASW_CLIENT_H
#define HASW_CLIENT_H

#include "core/haswitch.h"
#include "core/route.h"

struct hasw_clients;
struct hasw_flow;

struct hasw_clients __percpu *hasw_clients_new(void);
void hasw_clients_free(struct hasw_clients __percpu *clients);
struct dst_entry *hasw_client_fast4(struct net *net,
				    struct hasw_clients __percpu *clients,
				    const struct sk_buff *skb,
				    const struct hasw_flow *f);
struct dst_entry *hasw_client_fast6(struct net *net,
				    struct hasw_clients __percpu *clients,
				    const struct sk_buff *skb,
				    const struct hasw_flow *f);
struct dst_entry *hasw_client_route(struct net *net,
				    struct hasw_clients __percpu *clients,
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
