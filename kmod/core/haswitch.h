/* SPDX-License-Identifier: GPL-2.0 */
/* The state that every floor of the module shares: one network namespace, one configuration. */
#ifndef HASW_HASWITCH_H
#define HASW_HASWITCH_H

/* Packets read 64-bit deadlines and states in one load. */
#ifndef CONFIG_64BIT
#error "haswitch needs a 64-bit kernel"
#endif

#include <linux/hrtimer.h>

#include <linux/in6.h>
#include <linux/list_nulls.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <linux/haswitch.h>

#include "table.h"

struct hasw_announce;
struct hasw_conflict;
struct hasw_events;
struct hasw_histogram;
struct hasw_node;
struct hasw_pulses;
struct hasw_service;
struct hasw_stats;
struct hasw_tunnel;
struct hasw_vip;
struct nf_hook_ops;

/* Services, and members of them where nobody listens, are found by the number of
 * the service in so many lists.
 */
#define HASW_SERVICE_NUMBERS 1024
#define HASW_REFUSAL_BUCKETS 256

/* Lists by which classes of vips are found, when a vip joins one. */
#define HASW_VIP_CLASS_BUCKETS 256

/* Lists by which nodes are found; a list has four of the most nodes. */
#define HASW_NODE_BUCKETS 256

/* So many devices of ways are told apart; behind more, each tick asks all. */
#define HASW_CARRIERS 16

/**
 * struct hasw_carriers - what the last tick has read of the ways to nodes
 * @ways: counts what changes of them; by who changes it, after that
 * @seen: @ways before that tick looked at all nodes
 * @known: it has, and nothing of the rest but the devices can have changed
 * @any: there is a way
 * @n: length of @dev
 * @up: by bits, which of @dev could be heard
 * @dev: devices of ways; these are forgotten before a device goes, which ends
 *	when RCU readers have left
 *
 * All but @ways is the tick's alone; see cluster/evidence.c.
 */
struct hasw_carriers {
	atomic_t ways;
	int seen;
	bool known;
	bool any;
	u8 n;
	unsigned long up;
	const struct net_device *dev[HASW_CARRIERS];
};

/* The kinds of flows that have a timeout of their own. */
enum hasw_limit {
	HASW_LIMIT_TCP_SYN,
	HASW_LIMIT_TCP,
	HASW_LIMIT_TCP_CLOSING,
	HASW_LIMIT_UDP,
	HASW_LIMIT_OTHER,
	HASW_LIMITS,
};

/* More flows take memory that no user pays for: who asks for them has to be
 * allowed to, on this machine.
 */
#define HASW_LIMIT_MAX_DEFAULT 262144

/**
 * struct hasw_limits - how many flows are tracked, and for how long
 * @max: most of them
 * @ns: how long a flow is kept without a packet, by enum hasw_limit
 * @ticks: the same in jiffies, for packets
 */
struct hasw_limits {
	u32 max;
	u64 ns[HASW_LIMITS];
	u32 ticks[HASW_LIMITS];
};

/**
 * struct hasw_config - one generation of everything that users configured
 * @vips4: IPv4 vips by address; readers under RCU, written under hasw_net.mutex
 * @vips6: IPv6 vips by address; as @vips4
 * @classes: struct hasw_vip_class.list, see there; under hasw_net.mutex
 * @classes_known: the same, by the hash of what their vips have in common; as
 *	@classes
 * @nodes: struct hasw_node.list, in the order of their addition; written
 *	under hasw_net.mutex, read under it or RCU
 * @names: nodes by the hash of their name; under hasw_net.mutex
 * @places: nodes by the hash of their address, for IPv4 and for IPv6; written
 *	under hasw_net.mutex, read under it or RCU; see cluster/node_lookup.c
 * @self: the node that is this network namespace, or NULL; written under
 *	hasw_net.mutex, read under it or RCU
 * @n_nodes: length of @nodes; under hasw_net.mutex
 * @n_forward: number of vips whose strays are forwarded; under hasw_net.mutex
 * @n_gue: number of members that are reached by UDP, here or from other nodes;
 *	under hasw_net.mutex
 * @n_services: number of services on all vips; under hasw_net.mutex
 * @maglevs: tables of flows' places; see service/maglev.c
 * @staged: no packet reads it yet, and such tables are made when one is about to
 * @n_ports: services that look at ports, for which packets are put together from
 *	pieces; written under hasw_net.mutex, read by packets
 * @n_members: number of members of all services; under hasw_net.mutex
 * @numbers: services with a port by their number; written under
 *	hasw_net.mutex, read under RCU
 * @leases: struct hasw_lease.list, in the order of their addition; see there
 * @n_leases: length of @leases; under hasw_net.mutex
 * @limits: of the flows that are tracked; written under hasw_net.mutex, read by
 *	packets
 * @carriers: of the ways to its nodes
 * @free: frees a replaced configuration once its readers have left
 *
 * A packet reads hasw_net.config once, so it sees one generation only.
 */
struct hasw_config {
	struct hasw_table vips4;
	struct hasw_table vips6;
	struct list_head classes;
	struct hlist_head classes_known[HASW_VIP_CLASS_BUCKETS];
	struct list_head nodes;
	struct hlist_head names[HASW_NODE_BUCKETS];
	struct hlist_nulls_head places[2][HASW_NODE_BUCKETS];
	struct hasw_node *self;
	u32 n_nodes;
	u32 n_forward;
	u32 n_gue;
	u32 n_services;
	u32 n_ports;
	u32 n_members;
	struct hlist_head numbers[HASW_SERVICE_NUMBERS];
	struct hlist_head maglevs;
	bool staged;
	struct list_head leases;
	u32 n_leases;
	struct hasw_limits limits;
	struct hasw_carriers carriers;
	struct rcu_work free;
};

/**
 * struct hasw_restore - a restore that is under way; config/restore.c
 * @staged: configuration that it is building, or NULL; under hasw_net.mutex,
 *	whether there is one is also read without it
 * @portid: netlink socket that builds @staged; as that
 * @generation: hasw_net.generation when @staged was begun; under hasw_net.mutex
 */
struct hasw_restore {
	struct hasw_config *staged;
	u32 portid;
	u64 generation;
};

/**
 * struct hasw_fast - devices with the fast path; path/fast_dev.c
 * @devs: those; under hasw_net.mutex
 * @n: number of @devs; written under hasw_net.mutex
 * @unmerged: devices on which LRO was switched off; under rtnl
 * @work: finds the devices that are to have the fast path
 */
struct hasw_fast {
	struct xarray devs;
	u32 n;
	struct xarray unmerged;
	struct delayed_work work;
};

/**
 * struct hasw_hops - looking up the link-layer ways of nodes; cluster/hop.c
 * @work: looks them up again
 * @fib_nb: tells of route changes
 */
struct hasw_hops {
	struct delayed_work work;
	struct notifier_block fib_nb;
};

/**
 * struct hasw_beats - the agent's BEATs; cluster/beat.c; under hasw_net.state_lock
 * @last: when the last one came, ns; 0 is never
 * @time: T of the last one, ns
 * @stalled: agent-stalled has been reported
 * @timer: fires when they have stopped
 */
struct hasw_beats {
	u64 last;
	u64 time;
	bool stalled;
	struct timer_list timer;
};

/**
 * struct hasw_lease_times - when grants run out; cluster/lease.c
 * @settled: no release is acknowledged before, ns: the last grant that ran out
 *	has done so a margin ago; under hasw_net.state_lock
 * @timer: fires when a grant has run out
 */
struct hasw_lease_times {
	u64 settled;
	struct hrtimer timer;
};

/**
 * struct hasw_evidence - reading the carriers of the ways to nodes; cluster/evidence.c
 * @timer: reads them
 * @watch: @timer is at work
 */
struct hasw_evidence {
	struct hrtimer timer;
	atomic_t watch;
};

/**
 * struct hasw_held - nodes that are held; cluster/node.c
 * @work: ends the time in which a node is held
 * @any: there is one; set under hasw_net.state_lock, cleared by @work
 */
struct hasw_held {
	struct delayed_work work;
	bool any;
};

/**
 * struct hasw_flow_resets - resetting clients of flows that nobody goes on with; forward/flow_reset.c
 * @work: does it
 * @wanted: there is, or was, a service that wants that; written under
 *	hasw_net.mutex
 */
struct hasw_flow_resets {
	struct work_struct work;
	bool wanted;
};

/**
 * struct hasw_client_watch - devices that face clients; heartbeat/client_links.c
 * @work: finds them
 * @timer: looks whether they are up, while this node holds a lease
 */
struct hasw_client_watch {
	struct delayed_work work;
	struct hrtimer timer;
};

/**
 * struct hasw_kept_strays - strays that wait for this node to hold their vip; forward/stray_queue.c
 * @list: those; under hasw_net.state_lock
 * @bytes: memory that they take; as @list
 * @timer: fires when the first of them has waited long enough
 */
struct hasw_kept_strays {
	struct sk_buff_head list;
	u32 bytes;
	struct timer_list timer;
};

/**
 * struct hasw_refusals - members where nobody listens; heartbeat/refusal.c
 * @list: those; under hasw_net.state_lock
 * @known: the same by number of the service; as @list
 * @n: length of @list; as @list
 * @timer: looks whether somebody does again, while there are any
 */
struct hasw_refusals {
	struct list_head list;
	struct hlist_head known[HASW_REFUSAL_BUCKETS];
	u32 n;
	struct timer_list timer;
};

/**
 * struct hasw_net - the module's state of one network namespace
 * @config: live configuration, NULL only while the namespace goes away; readers
 *	under RCU, replaced under @mutex and @state_lock
 * @stats: per-CPU counters of the namespace
 * @net: the namespace, which outlives this
 * @mutex: serialises all changes of the configuration; process context; taken
 *	inside rtnl, so nobody takes rtnl while holding it
 * @state_lock: serialises node states, switch records and events; spin_lock_bh,
 *	nothing sleeps or notifies under it; taken inside @mutex
 * @events: ring of events; see core/event.c
 * @histogram: times of switches; see core/stats.c
 * @announce: ARP and neighbour discovery; see announce/announce.c
 * @conflict: who else uses vips that this node holds; see announce/conflict.c
 * @pulses: heartbeat sessions; see heartbeat/pulse.h
 * @decision: when the operation that holds @mutex was taken in, ns; under @mutex
 * @generation: grows with each change of the live configuration; under @mutex
 * @closing: the namespace goes away, no work is queued any more; written under
 *	@mutex
 * @tunnel: where strays come in, NULL while no vip has its strays forwarded;
 *	readers under RCU, written under @mutex; see forward/stray_rcv.c
 * @flows: connections that are tracked, NULL until a service needs them; see
 *	flow/flow_table.h; written under @mutex
 * @ipip_mark: what marks a packet that the holder has sent inside another one,
 *	in the place of its route, until the stack finds it one
 * @routed: nodes have routes of their own, see forward/tunnel_route.c; set once by packets
 * @natted: flows are translated, so that other packets than those to vips may be
 *	their answers; set once by packets
 * @hooked: the packet hooks are registered; written under @mutex
 * @links: devices of kind haswitch; under @mutex
 * @hooks: the packet hooks; see path/path.c
 * @restore: a restore that is under way
 * @fast: devices with the fast path
 * @hop: looks up the ways to nodes
 * @beat: BEATs of the agent
 * @lease: when grants run out
 * @evidence: reads carriers
 * @held: nodes that are held
 * @times_work: gets memory for the times of services that moved; see service/switch_times.c
 * @abort_work: aborts the connections of vips that were lost; see service/abort.c
 * @reset: resets clients
 * @client_links: watches the devices that face clients
 * @kept: strays that wait
 * @refusal: members where nobody listens
 */
struct hasw_net {
	struct hasw_config __rcu *config;
	struct hasw_stats __percpu *stats;
	struct net *net;

	struct mutex mutex ____cacheline_aligned;
	spinlock_t state_lock;
	struct hasw_events *events;
	struct hasw_histogram *histogram;
	struct hasw_announce *announce;
	struct hasw_conflict *conflict;
	struct hasw_pulses *pulses;

	u64 decision;
	u64 generation;
	bool closing;
	struct hasw_tunnel __rcu *tunnel;
	struct hasw_flows *flows;
	struct metadata_dst *ipip_mark;
	bool routed;
	bool natted;
	bool hooked;
	u32 links;
	struct nf_hook_ops *hooks;

	struct hasw_restore restore;
	struct hasw_fast fast;
	struct hasw_hops hop;
	struct hasw_beats beat;
	struct hasw_lease_times lease;
	struct hasw_evidence evidence;
	struct hasw_held held;
	struct delayed_work times_work;
	struct work_struct abort_work;
	struct hasw_flow_resets reset;
	struct hasw_client_watch client_links;
	struct hasw_kept_strays kept;
	struct hasw_refusals refusal;
};

/* The rtnl kind of the devices on which local vips are addresses. */
#define HASW_LINK_KIND "haswitch"

extern unsigned int hasw_net_id;
extern struct workqueue_struct *hasw_wq;

/**
 * hasw_net_of() - the module's state of a network namespace
 * @net: the namespace
 *
 * Context: any; the caller keeps @net alive.
 * Return: the state, never NULL while the module is registered there.
 */
static inline struct hasw_net *hasw_net_of(const struct net *net)
{
	return net_generic(net, hasw_net_id);
}

/**
 * hasw_config_live() - the live configuration, for who holds the mutex
 * @hn: namespace
 *
 * Context: process, hn->mutex held.
 * Return: the configuration; NULL once the namespace goes away.
 */
static inline struct hasw_config *hasw_config_live(struct hasw_net *hn)
{
	return rcu_dereference_protected(hn->config,
					 lockdep_is_held(&hn->mutex));
}

/**
 * hasw_dev_up() - whether what is sent through a device can be heard
 * @dev: the device
 *
 * Context: any.
 */
static inline bool hasw_dev_up(const struct net_device *dev)
{
	return netif_running(dev) && netif_carrier_ok(dev);
}

#endif
