// SPDX-License-Identifier: GPL-2.0
/* The routes to clients that were answered last, on each CPU. */
#include <linux/hash.h>
#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "compat/compat.h"
#include "client_route.h"

/* So many clients of each family; one more takes another one's place. */
#define HASW_CLIENT_BITS 7
#define HASW_CLIENTS (1U << HASW_CLIENT_BITS)

struct hasw_client4 {
	struct dst_entry *dst;
	__be32 to;
	__be32 from;
	u32 mark;
	int oif;
};

struct hasw_client6 {
	struct dst_entry *dst;
	struct in6_addr to;
	struct in6_addr from;
	u32 mark;
	int oif;
	u32 cookie;
};

/**
 * struct hasw_clients - the clients that one CPU has answered
 * @lock: whoever has softirqs off is alone here, if that is not so by itself
 * @four: those of IPv4, by the address
 * @six: those of IPv6, as @four
 *
 * A route says itself whether it still is one; until then it is held.
 */
struct hasw_clients {
	local_lock_t lock;
	struct hasw_client4 four[HASW_CLIENTS];
	struct hasw_client6 six[HASW_CLIENTS];
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

static noinline struct dst_entry *hasw_client_look4(struct net *net,
						    struct hasw_client4 *c)
{
	struct flowi4 fl4 = {
		.daddr = c->to,
		.saddr = c->from,
		.flowi4_oif = c->oif,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
		.flowi4_mark = c->mark,
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? NULL : &rt->dst;
}

/**
 * hasw_client_route4() - the route to a client, for who sends from the vip
 * @net: namespace
 * @clients: where it is remembered
 * @skb: the packet, an answer
 * @to: the client
 * @from: the vip
 *
 * Context: RCU read side, softirqs off.
 * Return: the route, as long as RCU is not left; NULL if there is none.
 */
struct dst_entry *hasw_client_route4(struct net *net,
				     struct hasw_clients __percpu *clients,
				     const struct sk_buff *skb, __be32 to,
				     __be32 from)
{
	struct hasw_client4 *c, new = {
		.to = to, .from = from, .mark = skb->mark,
		.oif = hasw_client_oif(skb),
	};

	hasw_local_lock_bh(&clients->lock);
	c = &this_cpu_ptr(clients)->four[hash_32((__force u32)to,
						 HASW_CLIENT_BITS)];
	if (likely(c->dst && c->to == to && c->from == from &&
		   c->mark == new.mark && c->oif == new.oif &&
		   dst_check(c->dst, 0))) {
		new.dst = c->dst;
	} else {
		new.dst = hasw_client_look4(net, &new);
		dst_release(c->dst);
		*c = new;
	}
	hasw_local_unlock_bh(&clients->lock);
	return new.dst;
}

static noinline struct dst_entry *hasw_client_look6(struct net *net,
						    struct hasw_client6 *c)
{
	struct flowi6 fl6 = {
		.daddr = c->to,
		.saddr = c->from,
		.flowi6_oif = c->oif,
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
 * hasw_client_route6() - the same for IPv6
 * @net: namespace
 * @clients: where it is remembered
 * @skb: the packet, an answer
 * @to: the client
 * @from: the vip
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_client_route4().
 */
struct dst_entry *hasw_client_route6(struct net *net,
				     struct hasw_clients __percpu *clients,
				     const struct sk_buff *skb,
				     const struct in6_addr *to,
				     const struct in6_addr *from)
{
	struct hasw_client6 *c, new = {
		.to = *to, .from = *from, .mark = skb->mark,
		.oif = hasw_client_oif(skb),
	};

	hasw_local_lock_bh(&clients->lock);
	c = &this_cpu_ptr(clients)->six[hash_32((__force u32)to->s6_addr32[3] ^
						(__force u32)to->s6_addr32[1],
						HASW_CLIENT_BITS)];
	if (likely(c->dst && ipv6_addr_equal(&c->to, to) &&
		   ipv6_addr_equal(&c->from, from) && c->mark == new.mark &&
		   c->oif == new.oif && dst_check(c->dst, c->cookie))) {
		new.dst = c->dst;
	} else {
		new.dst = hasw_client_look6(net, &new);
		dst_release(c->dst);
		*c = new;
	}
	hasw_local_unlock_bh(&clients->lock);
	return new.dst;
}
