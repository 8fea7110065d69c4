/* SPDX-License-Identifier: GPL-2.0 */
/* A node is a machine that can serve. Its inputs are the administrator's state,
 * the verdict, the agent state and evidence; its state follows from them. A
 * node that returns can be held until its failback: services use a held node
 * only if no better node is usable. A BEAT is the agent's list of live nodes.
 */
#ifndef HASW_NODE_H
#define HASW_NODE_H

#include <linux/etherdevice.h>
#include <linux/list_nulls.h>
#include <linux/seqlock.h>
#include <net/dst_cache.h>

#include "damp.h"
#include "hop.h"
#include "core/switch.h"

/**
 * struct hasw_addrs - the addresses of a node
 * @has4: the node has an IPv4 address, @addr4
 * @has6: the node has an IPv6 address, @addr6
 * @addr4: IPv4 address
 * @addr6: IPv6 address
 */
struct hasw_addrs {
	bool has4;
	bool has6;
	__be32 addr4;
	struct in6_addr addr6;
};

/* Encapsulations of packets to a node. The route of each encapsulation is
 * cached separately, because routing rules and IPsec policies can match the
 * protocol of the outer header. For packets without encapsulation (`via nat`),
 * xmit_nat.c checks the IPsec policies of each flow.
 */
enum hasw_encap_kind {
	HASW_ENCAP_IPV4,
	HASW_ENCAP_IPV6,
	HASW_ENCAP_GUE,
	HASW_ENCAP_NONE,
	HASW_ENCAP_KINDS,
};

/**
 * struct hasw_node - a machine that can serve
 * @word: published state, see core/switch.h; each packet reads @word once;
 *	after packets can find the node, only hasw_switch_publish() stores @word
 * @back: time at which the node last became usable, ns; stored before @word,
 *	read by packets
 * @hop: next-hop snapshots that packets use, by family of the packets; each one
 *	is the snapshot in @neigh of the same family or, if that is NULL, of the
 *	other family; @neigh owns the snapshots; readers under RCU, written
 *	under hasw_net.mutex
 * @self: the node stands for this namespace; constant
 * @less: percentage that is taken from the weights of the node's members for
 *	new flows, below 100; written under hasw_net.mutex, read by packets
 * @admin: enum haswitch_admin_state; under hasw_net.state_lock
 * @drain_end: time at which the drain ends, and @admin becomes maintenance, ns;
 *	0: @admin does not change by itself; under hasw_net.state_lock
 * @verdict: enum haswitch_verdict; under hasw_net.state_lock
 * @agent: enum haswitch_agent_state; under hasw_net.state_lock
 * @evidence: evidence against the node, bits of enum haswitch_evidence; under
 *	hasw_net.state_lock
 * @alive_until: time until which the last BEAT that listed the node keeps it
 *	alive, ns; under hasw_net.state_lock
 * @dead: an input makes the node unusable; the administrator's state drain does
 *	not count; written under hasw_net.state_lock, read by packets
 * @lost: @agent or @evidence makes the node unusable; under
 *	hasw_net.state_lock
 * @blip: the node died because this machine's own link lost its carrier; set to
 *	false when an administrator or a verdict takes the node out; under
 *	hasw_net.state_lock
 * @dead_since: time of the last death, ns; under hasw_net.state_lock
 * @held_since: time at which the node returned and its held state began, ns; 0:
 *	the node is not held; under hasw_net.state_lock
 * @damp: penalty of the node; under hasw_net.state_lock
 * @held: services that delay the node's failback; written under
 *	hasw_net.mutex, see hasw_held_count()
 * @held.services: number of these services
 * @held.manual: number of these services that wait for the administrator
 * @held.longest: longest failback delay of these services, ns; can be too
 *	large, see hasw_held_count()
 * @sw: last switch (change of state) of the node; under hasw_net.state_lock
 * @neigh: next hops to the node's addresses, by family of the address
 * @unresolved: none of @neigh has a snapshot, and none has had one since a
 *	direct route leads to its address; under hasw_net.state_lock
 * @unrouted: no route leads to an address of the node; under
 *	hasw_net.state_lock
 * @n_direct: number of members to which this machine sends via direct; written
 *	under hasw_net.mutex, or while no packet reads the node
 * @n_routed: number of members to which this machine sends via tunnel, gue or
 *	nat; written like @n_direct
 * @hops_moved: a restore has moved the entries of @neigh to the node's twin;
 *	packets can still use them through this node; under hasw_net.mutex
 * @lladdrs: link-layer addresses that frames of the node can have as their
 *	source, as ether_addr_to_u64() returns them; the node's heartbeats list
 *	them; 0: free element, and no other one follows; written under
 *	hasw_net.state_lock, read by packets
 * @route: cached routes to the node's addresses, by enum hasw_encap_kind and
 *	address family; per CPU
 * @policies: number of IPsec policies when @route was looked up; written by
 *	packets
 * @addrs_seq: seqcount of @has4, @has6, @addr4 and @addr6 for lockless readers;
 *	see hasw_node_addrs()
 * @has4: the node has an IPv4 address, @addr4; written under hasw_net.mutex
 * @has6: the node has an IPv6 address, @addr6; written under hasw_net.mutex
 * @addr4: IPv4 address; written under hasw_net.mutex
 * @addr6: IPv6 address; written under hasw_net.mutex
 * @dev: name of the device through which @lladdr is reached, or empty; under
 *	hasw_net.mutex
 * @lladdr: fixed link-layer address, if @dev is given; under hasw_net.mutex
 * @name: name of the node; constant
 * @zone: fault domain of the node; under hasw_net.mutex
 * @engine: a cluster engine lists the node; constant
 * @refs: number of references to the node: from members, from vips (fixed
 *	holder), from services (`on-empty`) and from leases (`prefer`, `only`);
 *	under hasw_net.mutex
 * @list: entry in hasw_config.nodes; written under hasw_net.mutex
 * @named: entry in hasw_config.names; under hasw_net.mutex
 * @at: entry in hasw_config.places for each family; unhashed without an address
 *	of the family; written under hasw_net.mutex, read under RCU
 * @twin: node of the same name in the configuration that replaces this one;
 *	only while a restore commits, under hasw_net.mutex
 * @rcu: frees the node once no packet uses it
 * @wlock: points to hasw_net.mutex, for lockdep; set by hasw_node_add()
 */
struct hasw_node {
	u64 word;
	u64 back;
	struct hasw_hop __rcu *hop[HASW_HOPS];
	bool self;
	u8 less;

	u8 admin;
	u8 verdict;
	u8 agent;
	u8 evidence;
	u64 alive_until;
	bool dead;
	bool lost;
	bool blip;
	u64 dead_since;
	u64 drain_end;
	u64 held_since;
	struct hasw_damp damp;
	struct {
		u32 services;
		u32 manual;
		u64 longest;
	} held;
	struct hasw_switch sw;

	struct hasw_neigh_state neigh[HASW_HOPS];
	bool unresolved;
	bool unrouted;
	u32 n_direct;
	u32 n_routed;
	bool hops_moved;
	u64 lladdrs[HASW_LLADDRS];
	struct dst_cache route[HASW_ENCAP_KINDS][HASW_HOPS];
	u32 policies;
	seqcount_t addrs_seq;
	bool has4;
	bool has6;
	__be32 addr4;
	struct in6_addr addr6;
	char dev[IFNAMSIZ];
	u8 lladdr[ETH_ALEN];
	char name[HASWITCH_NAME_MAX + 1];
	char zone[HASWITCH_NAME_MAX + 1];
	bool engine;

	u32 refs;
	struct list_head list;
	struct hlist_node named;
	struct hlist_nulls_node at[HASW_HOPS];
	struct hasw_node *twin;
	struct rcu_head rcu;
	struct hasw_wlock wlock;
};

/**
 * hasw_lladdrs_have() - returns whether a link-layer address is among others
 * @lladdrs: the others, as in hasw_node.lladdrs
 * @lladdr: the address, ETH_ALEN bytes; 0 is never among them
 *
 * Context: any.
 */
static inline bool hasw_lladdrs_have(const u64 *lladdrs, const u8 *lladdr)
{
	u64 wanted = ether_addr_to_u64(lladdr), found;
	int i;

	for (i = 0; i < HASW_LLADDRS; i++) {
		found = READ_ONCE(lladdrs[i]);
		if (!found)
			break;
		if (found == wanted)
			return true;
	}
	return false;
}

void hasw_nodes_init(struct hasw_config *cfg);
struct hasw_node *hasw_node_find(const struct hasw_config *cfg,
				 const char *name);
struct hasw_node *hasw_node_at(const struct hasw_config *cfg,
			       const struct in6_addr *addr, u16 family);
struct hasw_node *hasw_node_new(const char *name, bool self, u8 admin);
const struct hasw_node *hasw_node_by_lladdr(const struct hasw_config *cfg,
					    const u8 *lladdr);
bool hasw_node_from(const struct hasw_config *cfg, const struct in6_addr *addr,
		    u16 family);
void hasw_node_addrs(const struct hasw_node *node, struct hasw_addrs *addrs);
void hasw_node_forget_routes(struct hasw_node *node);
void hasw_node_set_addrs(struct hasw_config *cfg, struct hasw_node *node,
			 const struct hasw_addrs *addrs);
void hasw_node_add(struct hasw_config *cfg, struct hasw_node *node);
void hasw_node_del(struct hasw_config *cfg, struct hasw_node *node);
void hasw_node_free_later(struct hasw_node *node);
void hasw_node_set_agent(struct hasw_net *hn, struct hasw_node *node,
			 u8 agent, u64 decision);
void hasw_node_set_evidence(struct hasw_net *hn, struct hasw_node *node,
			    u8 kind, bool lost, u64 decision);
void hasw_node_set_unreached(struct hasw_net *hn, struct hasw_node *node,
			     bool unresolved, bool unrouted);
void hasw_node_sync_unreached(struct hasw_net *hn, struct hasw_node *node);
bool hasw_node_set_lladdrs(struct hasw_net *hn, struct hasw_node *node,
			   const u64 *lladdrs, u32 n, u64 *before);
void hasw_node_move_lladdrs(struct hasw_net *hn, struct hasw_node *to,
			    const struct hasw_node *from);
void hasw_node_forget_lladdrs(struct hasw_net *hn, struct hasw_node *node);
void hasw_node_set_admin(struct hasw_net *hn, struct hasw_node *node,
			 u8 admin, u64 within, bool live);
void hasw_node_set_verdict(struct hasw_net *hn, struct hasw_node *node,
			   u8 verdict);
bool hasw_node_sync_held(struct hasw_net *hn, struct hasw_node *node, u64 now,
			 u64 *due);
void hasw_node_set_share(struct hasw_net *hn, struct hasw_node *node, u8 share);
int hasw_node_failback(struct hasw_net *hn, struct hasw_node *node);
void hasw_node_inherit(struct hasw_net *hn, struct hasw_node *to,
		       const struct hasw_node *from);

void hasw_evidence_changed(struct hasw_config *cfg);
bool hasw_evidence_look(struct hasw_net *hn, const struct hasw_config *cfg,
			const struct net_device *down,
			struct hasw_carriers *seen, bool *more);
void hasw_evidence_down(struct hasw_net *hn, const struct hasw_config *cfg,
			const struct net_device *dev);
void hasw_evidence_neighs(struct hasw_net *hn, struct hasw_config *cfg,
			  struct hasw_node *node);
void hasw_evidence_neigh(struct hasw_net *hn, struct hasw_config *cfg,
			 struct hasw_node *node, int i,
			 const struct neighbour *neigh);
void hasw_evidence_inherit(struct hasw_net *hn, const struct hasw_config *from);
void hasw_evidence_init(struct hasw_net *hn);
void hasw_evidence_exit(struct hasw_net *hn);

/* Failback of a service or lease without delay. */
#define HASW_FAILBACK_AUTO 0ULL

/* Failback of a service or lease only when the administrator requests it. */
#define HASW_FAILBACK_MANUAL U64_MAX

/* Default failback delay of a service or lease, ns. */
#define HASW_FAILBACK_DEFAULT (10 * (u64)NSEC_PER_SEC)

void hasw_held_count(struct hasw_node *node, u64 failback, bool more);
struct hasw_node *hasw_held_some(struct hasw_net *hn, struct hasw_node *node,
				 u64 now, u64 *next);
void hasw_held_later(struct hasw_net *hn);
void hasw_held_queue(struct hasw_net *hn);
void hasw_held_init(struct hasw_net *hn);
void hasw_held_exit(struct hasw_net *hn);

/* Number of nodes that are updated before state_lock is released. If each one
 * has a new state, which is an event, this takes less than 0.1 ms.
 */
#define HASW_NODE_STRIDE 64U

/**
 * struct hasw_beat - a received BEAT
 * @decision: when the BEAT arrived, ns
 * @time: how long the BEAT keeps its nodes alive, ns
 * @portid: netlink port id of the socket that has sent the BEAT
 * @count: number of nodes in @node
 * @node: nodes that the BEAT lists; looked up under hasw_net.mutex
 */
struct hasw_beat {
	u64 decision;
	u64 time;
	u32 portid;
	u32 count;
	struct hasw_node *node[];
};

struct hasw_node *hasw_beat_lose(struct hasw_net *hn, struct hasw_config *cfg,
				 const struct hasw_beat *beat,
				 struct hasw_node *node);
void hasw_node_beat(struct hasw_net *hn, struct hasw_config *cfg,
		    const struct hasw_beat *beat);
void hasw_node_beat_gone(struct hasw_net *hn, u32 portid);
void hasw_node_beat_init(struct hasw_net *hn);
void hasw_node_beat_exit(struct hasw_net *hn);

#endif
