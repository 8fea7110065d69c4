// SPDX-License-Identifier: GPL-2.0
/* The client route caches hold, on each CPU, routes to clients and the results
 * of IPsec policy lookups.
 */
#include <linux/hash.h>
#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "compat/compat.h"
#include "client_route.h"
#include "flow.h"

/* Number of cached clients per CPU and family. A new client replaces a cached
 * client with the same hash.
 */
#define HASW_CLIENT_BITS 7
#define HASW_CLIENTS (1U << HASW_CLIENT_BITS)

/* Number of flows per CPU whose IPsec policy lookup is cached. */
#define HASW_POLICED_BITS 6
#define HASW_POLICED (1U << HASW_POLICED_BITS)

/* Value of hasw_client4.oif if the cached route must not be used without
 * further checks. No device index equals this value, so
 * hasw_client_lookup_fast() is called for packets to the client.
 */
#define HASW_CLIENT_LOOKUP (-1)

/**
 * struct hasw_client4 - cached route to an IPv4 client
 * @dst: the route for @to and @from, with a reference; NULL if there is none
 * @to: address of the client
 * @from: address of the vip
 * @mark: mark of the packets
 * @oif: @vrf; or HASW_CLIENT_LOOKUP if @dst is not plain (see
 *	hasw_route_plain()), or if IPsec policies existed when @dst was checked
 * @vrf: device index of the VRF that the packets belong to; 0 if there is none
 */
struct hasw_client4 {
	struct dst_entry *dst;
	__be32 to;
	__be32 from;
	u32 mark;
	int oif;
	int vrf;
};

/**
 * struct hasw_client6 - cached route to an IPv6 client
 * @dst: as hasw_client4.dst
 * @to: address of the client
 * @from: address of the vip
 * @mark: mark of the packets
 * @oif: as hasw_client4.oif
 * @vrf: as hasw_client4.vrf
 * @cookie: argument with which dst_check() validates @dst
 */
struct hasw_client6 {
	struct dst_entry *dst;
	struct in6_addr to;
	struct in6_addr from;
	u32 mark;
	int oif;
	int vrf;
	u32 cookie;
};

/**
 * struct hasw_policed - cached result of an IPsec policy lookup for a flow
 * @dst: the route that the flow's packets use, with a reference: @base or an
 *	xfrm bundle; NULL if there is none
 * @base: the route before the policy lookup, which @dst keeps alive; NULL if
 *	@dst must not be used for another packet
 * @ends: addresses, ports, protocol and mark of the flow
 * @policies: number of IPsec policies at the time of the lookup; compared
 *	because deleting a policy does not invalidate routes, see
 *	hasw_route_policies()
 * @genids: sum of both families' route generation ids at the time of the
 *	lookup; compared because @policies does not change if one policy
 *	replaces another
 * @cookie: argument with which dst_check() validates @base; bundles ignore it
 */
struct hasw_policed {
	struct dst_entry *dst;
	const struct dst_entry *base;
	struct hasw_route_ends ends;
	u32 policies;
	u32 genids;
	u32 cookie;
};

/**
 * struct hasw_clients - the caches of one CPU
 * @lock: taken with softirqs off; excludes other users of the CPU's caches on
 *	kernels where code with disabled softirqs can be preempted
 * @four: routes to IPv4 clients, by a hash of the client's address
 * @six: routes to IPv6 clients, as @four
 * @policed: policy lookups for flows of both families and directions, by a hash
 *	of the flow's addresses and ports; used only while IPsec policies exist
 *
 * An entry holds a reference on its route until the entry is replaced, even if
 * the route has become invalid. All entries are protected by @lock.
 */
struct hasw_clients {
	local_lock_t lock;
	struct hasw_client4 four[HASW_CLIENTS];
	struct hasw_client6 six[HASW_CLIENTS];
	struct hasw_policed policed[HASW_POLICED];
};

/**
 * hasw_clients_new() - allocates the client route caches
 *
 * Context: process.
 * Return: the caches, or NULL if the allocation fails.
 */
struct hasw_clients __percpu *hasw_clients_new(void)
{
	struct hasw_clients __percpu *clients;
	int cpu;

	clients = alloc_percpu_gfp(struct hasw_clients, GFP_KERNEL_ACCOUNT);
	if (!clients)
		return NULL;
	for_each_possible_cpu(cpu)
		local_lock_init(&per_cpu_ptr(clients, cpu)->lock);
	return clients;
}

/**
 * hasw_clients_free() - frees the client route caches
 * @clients: the caches, which no packet uses any more; or NULL
 *
 * Context: process.
 */
void hasw_clients_free(struct hasw_clients __percpu *clients)
{
	struct hasw_clients *mine;
	int cpu;
	u32 i;

	if (!clients)
		return;
	for_each_possible_cpu(cpu) {
		mine = per_cpu_ptr(clients, cpu);
		for (i = 0; i < HASW_CLIENTS; i++) {
			dst_release(mine->four[i].dst);
			dst_release(mine->six[i].dst);
		}
		for (i = 0; i < HASW_POLICED; i++)
			dst_release(mine->policed[i].dst);
	}
	free_percpu(clients);
}

/* Returns the index of the VRF device that the packet's device belongs to, or
 * 0. The route to the client is looked up in that VRF.
 */
static int hasw_client_oif(const struct sk_buff *skb)
{
	return unlikely(netif_is_l3_slave(skb->dev) ||
			netif_is_l3_master(skb->dev)) ?
	       l3mdev_master_ifindex_rcu(skb->dev) : 0;
}

/* Returns the value for hasw_client4.oif: @vrf if the route is plain and there
 * are no IPsec policies, else HASW_CLIENT_LOOKUP. The result stays correct
 * until the route becomes invalid, see hasw_route_policies(). The caller has
 * looked up the route, and has read its cookie, before the call.
 */
static int hasw_client_found(struct net *net, const struct dst_entry *dst,
			     bool six, int vrf)
{
	return dst && !hasw_route_policies(net) && hasw_route_plain(dst, six) ?
		       vrf :
		       HASW_CLIENT_LOOKUP;
}

static bool hasw_policed_same(const struct hasw_route_ends *a,
			      const struct hasw_route_ends *b)
{
	return ipv6_addr_equal(&a->dst, &b->dst) &&
	       ipv6_addr_equal(&a->src, &b->src) && a->sport == b->sport &&
	       a->dport == b->dport && a->proto == b->proto &&
	       a->six == b->six && a->mark == b->mark;
}

static u32 hasw_policed_hash(const struct hasw_route_ends *ends)
{
	return hash_32((__force u32)ends->dst.s6_addr32[3] ^
		       (__force u32)ends->src.s6_addr32[3] ^
		       ((__force u32)ends->sport << 16 |
			(__force u32)ends->dport), HASW_POLICED_BITS);
}

/* hasw_client_police() for a caller that holds hasw_clients.lock. */
static struct dst_entry *hasw_policed_lookup(struct net *net,
					     struct hasw_clients *mine,
					     struct dst_entry *base,
					     const struct hasw_route_ends *ends)
{
	struct hasw_policed *c = &mine->policed[hasw_policed_hash(ends)];
	u32 policies = hasw_route_policies(net);
	u32 genids = rt_genid_ipv4(net) + rt_genid_ipv6(net);

	if (c->dst && c->base == base && c->policies == policies &&
	    c->genids == genids &&
	    hasw_policed_same(&c->ends, ends) && dst_check(c->dst, c->cookie))
		return c->dst;
	dst_release(c->dst);
	c->base = base;
	c->ends = *ends;
	c->policies = policies;
	c->genids = genids;
	/* The cookie is read before the policy lookup. If a policy is added
	 * during the lookup, dst_check() therefore rejects the cached result.
	 */
	c->cookie = ends->six ? rt6_get_cookie(hasw_rt6_info(base)) : 0;
	dst_hold(base);
	c->dst = hasw_route_police(net, base, ends);
	/* A bundle that waits for IPsec keys would stay valid after the keys
	 * have arrived, so the bundle is not used again.
	 */
	if (c->dst && c->dst->flags & DST_XFRM_QUEUE)
		c->base = NULL;
	return c->dst;
}

/**
 * hasw_client_police() - applies the IPsec policies to the route of a flow
 * @net: namespace
 * @clients: the caches
 * @base: the route for the flow's addresses, held by the caller
 * @ends: addresses, ports, protocol and mark of the flow
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, valid within the RCU read side: @base if no policy changes
 * it; NULL if the policies block the flow or IPsec has no keys yet.
 */
struct dst_entry *hasw_client_police(struct net *net,
				     struct hasw_clients __percpu *clients,
				     struct dst_entry *base,
				     const struct hasw_route_ends *ends)
{
	struct dst_entry *dst;

	hasw_local_lock_bh(&clients->lock);
	dst = hasw_policed_lookup(net, this_cpu_ptr(clients), base, ends);
	hasw_local_unlock_bh(&clients->lock);
	return dst;
}

static struct dst_entry *hasw_client_look4(struct net *net,
					   const struct hasw_client4 *c)
{
	struct flowi4 fl4 = {
		.daddr = c->to,
		.saddr = c->from,
		.flowi4_oif = c->vrf,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
		.flowi4_mark = c->mark,
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	if (IS_ERR(rt))
		return NULL;
	/* A reply is never broadcast, even if a flow began before its client's
	 * address became a broadcast address.
	 */
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
}

static struct hasw_client4 *hasw_client_at4(struct hasw_clients *mine,
					    __be32 to)
{
	return &mine->four[hash_32((__force u32)to, HASW_CLIENT_BITS)];
}

/* Returns the route for the addresses in @new: the cached route, or a new route
 * that this function caches. Sets oif of the cached entry in both cases.
 */
static struct dst_entry *hasw_client_base4(struct net *net,
					   struct hasw_clients *mine,
					   struct hasw_client4 *new)
{
	struct hasw_client4 *c = hasw_client_at4(mine, new->to);

	if (!c->dst || c->to != new->to || c->from != new->from ||
	    c->mark != new->mark || c->vrf != new->vrf ||
	    !dst_check(c->dst, 0)) {
		new->dst = hasw_client_look4(net, new);
		dst_release(c->dst);
		*c = *new;
	}
	c->oif = hasw_client_found(net, c->dst, false, c->vrf);
	return c->dst;
}

static struct dst_entry *hasw_client_look6(struct net *net,
					   struct hasw_client6 *c)
{
	struct flowi6 fl6 = {
		.daddr = c->to,
		.saddr = c->from,
		.flowi6_oif = c->vrf,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
		.flowi6_mark = c->mark,
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

	if (!dst->error) {
		c->cookie = rt6_get_cookie(hasw_rt6_info(dst));
		return dst;
	}
	dst_release(dst);
	return NULL;
}

/**
 * hasw_client_route_back() - looks up the route to the sender of a packet
 * @net: namespace
 * @skb: the packet, which skb->dev has received, at its IP header
 * @six: the packet is an IPv6 packet
 *
 * The route is not cached, and IPsec policies are not applied to it.
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, with a reference; NULL if there is none, or if it would
 * broadcast the packet.
 */
struct dst_entry *hasw_client_route_back(struct net *net,
					 const struct sk_buff *skb, bool six)
{
	struct hasw_client4 client4 = { .vrf = hasw_client_oif(skb) };
	struct hasw_client6 client6 = { .vrf = client4.vrf };

	if (six) {
		client6.to = ipv6_hdr(skb)->saddr;
		client6.from = ipv6_hdr(skb)->daddr;
		client6.mark = IP6_REPLY_MARK(net, skb->mark);
		return hasw_client_look6(net, &client6);
	}
	client4.to = ip_hdr(skb)->saddr;
	client4.from = ip_hdr(skb)->daddr;
	client4.mark = IP4_REPLY_MARK(net, skb->mark);
	return hasw_client_look4(net, &client4);
}

static struct hasw_client6 *hasw_client_at6(struct hasw_clients *mine,
					    const struct in6_addr *to)
{
	return &mine->six[hash_32((__force u32)to->s6_addr32[3] ^
				  (__force u32)to->s6_addr32[1],
				  HASW_CLIENT_BITS)];
}

static struct dst_entry *hasw_client_base6(struct net *net,
					   struct hasw_clients *mine,
					   struct hasw_client6 *new)
{
	struct hasw_client6 *c = hasw_client_at6(mine, &new->to);

	if (!c->dst || !ipv6_addr_equal(&c->to, &new->to) ||
	    !ipv6_addr_equal(&c->from, &new->from) || c->mark != new->mark ||
	    c->vrf != new->vrf || !dst_check(c->dst, c->cookie)) {
		new->dst = hasw_client_look6(net, new);
		dst_release(c->dst);
		*c = *new;
	}
	c->oif = hasw_client_found(net, c->dst, true, c->vrf);
	return c->dst;
}

/* Returns the route of a reply to a client, and applies the IPsec policies if
 * there are any. The caller holds hasw_clients.lock.
 */
static struct dst_entry *hasw_client_lookup(struct net *net,
					    struct hasw_clients *mine,
					    const struct sk_buff *skb,
					    const struct in6_addr *from,
					    const struct hasw_route_ends *ends)
{
	struct hasw_client4 four = {
		.to = ends->dst.s6_addr32[3], .from = from->s6_addr32[3],
		.mark = ends->mark, .vrf = hasw_client_oif(skb),
	};
	struct hasw_client6 six = {
		.to = ends->dst, .from = *from, .mark = ends->mark,
		.vrf = four.vrf,
	};
	struct dst_entry *base;

	base = ends->six ? hasw_client_base6(net, mine, &six) :
			   hasw_client_base4(net, mine, &four);
	if (!base || !hasw_route_policies(net))
		return base;
	return hasw_policed_lookup(net, mine, base, ends);
}

/* As hasw_client_lookup(), but returns NULL if the route is not plain, see
 * hasw_route_plain(). The fast path bypasses the stack, so it can use only
 * plain routes.
 */
static noinline struct dst_entry *
hasw_client_lookup_fast(struct net *net, struct hasw_clients *mine,
			const struct sk_buff *skb, const struct hasw_flow *f)
{
	struct hasw_route_ends ends = {
		.mark = skb->mark, .sport = f->ports[1], .dport = f->ports[0],
		.proto = f->proto, .six = f->kind & HASW_FLOW_IPV6,
	};
	struct hasw_nat_ends to;
	struct dst_entry *dst;

	hasw_flow_ends_reply(f, &to);
	ends.src = to.src;
	ends.dst = to.dst;
	dst = hasw_client_lookup(net, mine, skb, &to.src, &ends);
	return dst && hasw_route_plain(dst, ends.six) ? dst : NULL;
}

/**
 * hasw_client_route() - returns the route of a reply to a client
 * @net: namespace
 * @clients: the caches
 * @skb: the reply
 * @from: the vip, even if the reply is an ICMP error with another source
 * @ends: the reply's addresses, ports, protocol and mark after translation
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, valid within the RCU read side; NULL if there is no route,
 * the IPsec policies block the reply, or IPsec has no keys yet.
 */
struct dst_entry *hasw_client_route(struct net *net,
				    struct hasw_clients __percpu *clients,
				    const struct sk_buff *skb,
				    const struct in6_addr *from,
				    const struct hasw_route_ends *ends)
{
	struct dst_entry *dst;

	hasw_local_lock_bh(&clients->lock);
	dst = hasw_client_lookup(net, this_cpu_ptr(clients), skb, from, ends);
	hasw_local_unlock_bh(&clients->lock);
	return dst;
}

/**
 * hasw_client_fast4() - returns the route to an IPv4 client, if the fast
 *	path can send by this route: see hasw_route_plain()
 * @net: namespace
 * @clients: the caches
 * @skb: the reply
 * @f: the reply's flow, whose protocol has ports
 *
 * Whether the route is plain is cached in hasw_client4.oif.
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, valid within the RCU read side; NULL if there is no route,
 * or if the stack has to send the reply.
 */
struct dst_entry *hasw_client_fast4(struct net *net,
				    struct hasw_clients __percpu *clients,
				    const struct sk_buff *skb,
				    const struct hasw_flow *f)
{
	int oif = hasw_client_oif(skb);
	struct hasw_clients *mine;
	struct hasw_client4 *c;
	struct dst_entry *dst;

	hasw_local_lock_bh(&clients->lock);
	mine = this_cpu_ptr(clients);
	c = hasw_client_at4(mine, f->addr[0]);
	if (likely(c->dst && c->to == f->addr[0] && c->from == f->addr[1] &&
		   c->mark == skb->mark && c->oif == oif &&
		   dst_check(c->dst, 0)))
		dst = c->dst;
	else
		dst = hasw_client_lookup_fast(net, mine, skb, f);
	hasw_local_unlock_bh(&clients->lock);
	return dst;
}

/**
 * hasw_client_fast6() - returns the route to an IPv6 client, if the fast
 *	path can send by this route: see hasw_route_plain()
 * @net: namespace
 * @clients: the caches
 * @skb: the reply
 * @f: the reply's flow, whose protocol has ports
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_client_fast4().
 */
struct dst_entry *hasw_client_fast6(struct net *net,
				    struct hasw_clients __percpu *clients,
				    const struct sk_buff *skb,
				    const struct hasw_flow *f)
{
	const struct in6_addr *to = (void *)f->addr;
	const struct in6_addr *from = (void *)(f->addr + 4);
	int oif = hasw_client_oif(skb);
	struct hasw_clients *mine;
	struct hasw_client6 *c;
	struct dst_entry *dst;

	hasw_local_lock_bh(&clients->lock);
	mine = this_cpu_ptr(clients);
	c = hasw_client_at6(mine, to);
	if (likely(c->dst && ipv6_addr_equal(&c->to, to) &&
		   ipv6_addr_equal(&c->from, from) && c->mark == skb->mark &&
		   c->oif == oif && dst_check(c->dst, c->cookie)))
		dst = c->dst;
	else
		dst = hasw_client_lookup_fast(net, mine, skb, f);
	hasw_local_unlock_bh(&clients->lock);
	return dst;
}
