// SPDX-License-Identifier: GPL-2.0
/* A flow keeps the route of its replies. The client route caches hold, on each
 * CPU, routes to clients for new flows and for replies whose route a flow does
 * not keep, and the results of IPsec policy lookups.
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

/**
 * struct hasw_client4 - cached route to an IPv4 client
 * @dst: the route for @to and @from, with a reference; NULL if there is none
 * @to: address of the client
 * @from: address of the vip
 * @mark: mark of the packets
 * @vrf: device index of the VRF that the packets belong to; 0 if there is none
 */
struct hasw_client4 {
	struct dst_entry *dst;
	__be32 to;
	__be32 from;
	u32 mark;
	int vrf;
};

/**
 * struct hasw_client6 - cached route to an IPv6 client
 * @dst: as hasw_client4.dst
 * @to: address of the client
 * @from: address of the vip
 * @mark: mark of the packets
 * @vrf: as hasw_client4.vrf
 * @cookie: argument with which dst_check() validates @dst
 */
struct hasw_client6 {
	struct dst_entry *dst;
	struct in6_addr to;
	struct in6_addr from;
	u32 mark;
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
 * that this function caches.
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

/* hasw_client_base4() for IPv6. Sets @cookie, with which dst_check() validates
 * the route.
 */
static struct dst_entry *hasw_client_base6(struct net *net,
					   struct hasw_clients *mine,
					   struct hasw_client6 *new,
					   u32 *cookie)
{
	struct hasw_client6 *c = hasw_client_at6(mine, &new->to);

	if (!c->dst || !ipv6_addr_equal(&c->to, &new->to) ||
	    !ipv6_addr_equal(&c->from, &new->from) || c->mark != new->mark ||
	    c->vrf != new->vrf || !dst_check(c->dst, c->cookie)) {
		new->dst = hasw_client_look6(net, new);
		dst_release(c->dst);
		*c = *new;
	}
	*cookie = c->cookie;
	return c->dst;
}

/* Returns the route of a reply to a client, and applies the IPsec policies if
 * there are any. Sets @keeps to whether the reply's flow may keep the route,
 * and @cookie to the argument with which dst_check() validates it. The caller
 * holds hasw_clients.lock.
 */
static struct dst_entry *hasw_client_lookup(struct net *net,
					    struct hasw_clients *mine,
					    const struct sk_buff *skb,
					    const struct in6_addr *from,
					    const struct hasw_route_ends *ends,
					    bool *keeps, u32 *cookie)
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

	*keeps = false;
	*cookie = 0;
	base = ends->six ? hasw_client_base6(net, mine, &six, cookie) :
			   hasw_client_base4(net, mine, &four);
	if (!base)
		return NULL;
	/* The policies are counted after the route was looked up, and its
	 * cookie was read. So a policy that is added later invalidates the
	 * route, see hasw_route_policies().
	 */
	if (hasw_route_policies(net))
		return hasw_policed_lookup(net, mine, base, ends);
	*keeps = !four.vrf && hasw_route_plain(base, ends->six);
	return base;
}

/* Has a flow keep the route of its replies with this mark. The route that the
 * flow has kept is not valid any more, or has another mark. Softirqs are off.
 */
static void hasw_client_keep(struct hasw_flows *flows, struct hasw_flow *f,
			     struct dst_entry *dst, u32 cookie, u32 mark)
{
	struct hasw_flow_back *back = hasw_flow_back(f);
	struct dst_entry *useless = dst;
	struct hasw_flow_key key;
	spinlock_t *lock;

	/* The cache may be releasing the route. */
	if (!dst_hold_safe(dst))
		return;
	hasw_flow_key_again(f, &key);
	lock = hasw_flow_lock(flows, hasw_flow_hash(flows, &key));
	spin_lock(lock);
	/* A flow that has ended has released its route, and gets no other. */
	if (!f->gone) {
		useless = rcu_replace_pointer(back->dst, NULL,
					      lockdep_is_held(lock));
		/* Pairs with the second smp_rmb() in hasw_flow_route(). */
		smp_wmb();
		WRITE_ONCE(back->cookie, cookie);
		WRITE_ONCE(back->mark, mark);
		/* Pairs with the first smp_rmb() there. */
		rcu_assign_pointer(back->dst, dst);
	}
	spin_unlock(lock);
	dst_release(useless);
}

/**
 * hasw_client_route() - looks up the route of a reply to a client
 * @flows: the flows
 * @f: the reply's flow, which keeps the route if possible; or NULL
 * @skb: the reply
 * @from: the vip, even if the reply is an ICMP error with another source
 * @ends: the reply's addresses, ports, protocol and mark after translation
 *
 * Callers first try hasw_flow_route().
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, valid within the RCU read side; NULL if there is no route,
 * the IPsec policies block the reply, or IPsec has no keys yet.
 */
struct dst_entry *hasw_client_route(struct hasw_flows *flows,
				    struct hasw_flow *f,
				    const struct sk_buff *skb,
				    const struct in6_addr *from,
				    const struct hasw_route_ends *ends)
{
	struct dst_entry *dst;
	bool keeps;
	u32 cookie;

	hasw_local_lock_bh(&flows->clients->lock);
	dst = hasw_client_lookup(flows->hn->net, this_cpu_ptr(flows->clients),
				 skb, from, ends, &keeps, &cookie);
	hasw_local_unlock_bh(&flows->clients->lock);
	if (f && keeps)
		hasw_client_keep(flows, f, dst, cookie, ends->mark);
	return dst;
}

/**
 * hasw_client_fast() - looks up the route of a reply for the fast path, which
 *	can send only by plain routes: see hasw_route_plain()
 * @flows: the flows
 * @f: the reply's flow, whose protocol has ports; it keeps the route if
 *	possible
 * @skb: the reply
 *
 * Callers first try hasw_flow_route().
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, valid within the RCU read side; NULL if there is no route,
 * or if the stack has to send the reply.
 */
noinline struct dst_entry *hasw_client_fast(struct hasw_flows *flows,
					    struct hasw_flow *f,
					    const struct sk_buff *skb)
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
	dst = hasw_client_route(flows, f, skb, &to.src, &ends);
	return dst && hasw_route_plain(dst, ends.six) ? dst : NULL;
}
