// SPDX-License-Identifier: GPL-2.0
/* The routes to clients that were answered last, on each CPU, and what IPsec has made of them. */
#include <linux/hash.h>
#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "compat/compat.h"
#include "client_route.h"
#include "flow.h"

/* So many clients of each family; one more takes another one's place. */
#define HASW_CLIENT_BITS 7
#define HASW_CLIENTS (1U << HASW_CLIENT_BITS)

/* So many flows whose policies were asked. */
#define HASW_POLICED_BITS 6
#define HASW_POLICED (1U << HASW_POLICED_BITS)

/* In the place of a device: it takes more than a look to know the route of a
 * packet to that client.
 */
#define HASW_CLIENT_ASK (-1)

/**
 * struct hasw_client4 - the route to an IPv4 client
 * @dst: the route by its addresses, held; NULL if there is none
 * @to: the client
 * @from: the vip
 * @mark: of the packets
 * @oif: @vrf, or HASW_CLIENT_ASK if the route is not plain, or if there were
 *	policies when it was found
 * @vrf: device of the VRF of which the packets are; 0 is none
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
 * struct hasw_client6 - the route to an IPv6 client
 * @dst: as hasw_client4.dst
 * @to: the client
 * @from: the vip
 * @mark: of the packets
 * @oif: as hasw_client4.oif
 * @vrf: as hasw_client4.vrf
 * @cookie: by which @dst says whether it is valid
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
 * struct hasw_policed - what the policies of IPsec have made of a flow's route
 * @dst: the route to send by, held: @base, or a bundle; NULL if there is none
 * @base: the route by the addresses, which @dst holds; NULL if @dst may be used
 *	once only
 * @ends: of the flow
 * @policies: how many there were: a route outlives a policy that is deleted
 * @genids: of the routes of both families then: one policy for another one in
 *	the meantime leaves the number as it is
 * @cookie: by which @base says whether it is valid; bundles need none
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
 * struct hasw_clients - the clients that one CPU has answered
 * @lock: whoever has softirqs off is alone here, if that is not so by itself
 * @four: those of IPv4, by the address
 * @six: those of IPv6, as @four
 * @policed: flows of both families and directions, by their ends; used while
 *	there are policies
 *
 * A route says itself whether it still is one; until then it is held.
 */
struct hasw_clients {
	local_lock_t lock;
	struct hasw_client4 four[HASW_CLIENTS];
	struct hasw_client6 six[HASW_CLIENTS];
	struct hasw_policed policed[HASW_POLICED];
};

/**
 * hasw_clients_new() - makes room for routes
 *
 * Context: process.
 * Return: the room, or NULL without memory.
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
 * hasw_clients_free() - frees it
 * @clients: the room, which no packet asks any more; or NULL
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

/* The device of the packet is one of a VRF: its routes are the client's. */
static int hasw_client_oif(const struct sk_buff *skb)
{
	return unlikely(netif_is_l3_slave(skb->dev) ||
			netif_is_l3_master(skb->dev)) ?
	       l3mdev_master_ifindex_rcu(skb->dev) : 0;
}

/* Whether the route of a client is that of all its flows, and plain. That is so
 * until it is not valid any more, see hasw_route_policies(). Asked after the
 * route is looked up, and its cookie taken.
 */
static int hasw_client_found(struct net *net, const struct dst_entry *dst,
			     bool six, int vrf)
{
	return dst && !hasw_route_policies(net) && hasw_route_plain(dst, six) ?
	       vrf : HASW_CLIENT_ASK;
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

/* As hasw_client_police(), with hasw_clients.lock. */
static struct dst_entry *hasw_policed_ask(struct net *net,
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
	/* Before a policy that comes now ends its validity. */
	c->cookie = ends->six ? rt6_get_cookie(hasw_rt6_info(base)) : 0;
	dst_hold(base);
	c->dst = hasw_route_police(net, base, ends);
	/* A bundle that waits for keys does not know when they are there. */
	if (c->dst && c->dst->flags & DST_XFRM_QUEUE)
		c->base = NULL;
	return c->dst;
}

/**
 * hasw_client_police() - the route that the policies of IPsec have for a flow
 * @net: namespace
 * @clients: where it is remembered
 * @base: the route that its addresses have, held by the caller
 * @ends: its ends
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, as long as RCU is not left: @base if it stays; NULL if
 * nothing may leave.
 */
struct dst_entry *hasw_client_police(struct net *net,
				     struct hasw_clients __percpu *clients,
				     struct dst_entry *base,
				     const struct hasw_route_ends *ends)
{
	struct dst_entry *dst;

	hasw_local_lock_bh(&clients->lock);
	dst = hasw_policed_ask(net, this_cpu_ptr(clients), base, ends);
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

	return IS_ERR(rt) ? NULL : &rt->dst;
}

static struct hasw_client4 *hasw_client_at4(struct hasw_clients *mine,
					    __be32 to)
{
	return &mine->four[hash_32((__force u32)to, HASW_CLIENT_BITS)];
}

/* The route by the addresses, and whether that is all there is to it. */
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

/* The route of a flow, where its client's alone does not tell. */
static struct dst_entry *hasw_client_ask(struct net *net,
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
	return hasw_policed_ask(net, mine, base, ends);
}

/* As hasw_client_ask(), for who writes the frame itself. */
static noinline struct dst_entry *
hasw_client_ask_plain(struct net *net, struct hasw_clients *mine,
		      const struct sk_buff *skb, const struct hasw_flow *f)
{
	struct hasw_route_ends ends = {
		.mark = skb->mark, .sport = f->ports[1], .dport = f->ports[0],
		.proto = f->proto, .six = f->kind & HASW_FLOW_IPV6,
	};
	struct hasw_nat_ends to;
	struct dst_entry *dst;

	hasw_flow_ends_answered(f, &to);
	ends.src = to.src;
	ends.dst = to.dst;
	dst = hasw_client_ask(net, mine, skb, &to.src, &ends);
	return dst && hasw_route_plain(dst, ends.six) ? dst : NULL;
}

/**
 * hasw_client_route() - the route to a client, for who sends from the vip
 * @net: namespace
 * @clients: where it is remembered
 * @skb: the packet, an answer
 * @from: the vip, also of an error that somebody else has sent
 * @ends: its ends, as it will leave
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, as long as RCU is not left; NULL if there is none, or if a
 * policy of IPsec lets nothing leave.
 */
struct dst_entry *hasw_client_route(struct net *net,
				    struct hasw_clients __percpu *clients,
				    const struct sk_buff *skb,
				    const struct in6_addr *from,
				    const struct hasw_route_ends *ends)
{
	struct dst_entry *dst;

	hasw_local_lock_bh(&clients->lock);
	dst = hasw_client_ask(net, this_cpu_ptr(clients), skb, from, ends);
	hasw_local_unlock_bh(&clients->lock);
	return dst;
}

/**
 * hasw_client_plain4() - the route to a client, if it is plain
 * @net: namespace
 * @clients: where it is remembered
 * @skb: the packet, an answer
 * @f: its flow, of a protocol with ports
 *
 * Whether it is plain is asked once, when it is looked up.
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, as long as RCU is not left; NULL if there is none, or if the
 * stack has to send by it.
 */
struct dst_entry *hasw_client_plain4(struct net *net,
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
		dst = hasw_client_ask_plain(net, mine, skb, f);
	hasw_local_unlock_bh(&clients->lock);
	return dst;
}

/**
 * hasw_client_plain6() - the same for IPv6
 * @net: namespace
 * @clients: where it is remembered
 * @skb: the packet, an answer
 * @f: its flow, of a protocol with ports
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_client_plain4().
 */
struct dst_entry *hasw_client_plain6(struct net *net,
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
		dst = hasw_client_ask_plain(net, mine, skb, f);
	hasw_local_unlock_bh(&clients->lock);
	return dst;
}
