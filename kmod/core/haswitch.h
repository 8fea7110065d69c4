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
 * @n_nat: number of members that are reached by nat, as @n_gue
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
	u32 n_nat;
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
 * struct hasw_net - the module's state of one network namespace
 * @config: live configuration, NULL only while the namespace goes away; readers
 *	under RCU, replaced under @mutex and @state_lock
 * @stats: per-CPU counters of the namespace
 * @net: the namespace, which outlives this
 * @mutex: serialises all changes of the configuration; process context; taken
 *	inside rtnl, so nobody takes rtnl while holding it
 * @state_lock: serialises node states, switch records and events; spin_lock_bh,
 *	nothing sleeps or notifies under it; taken inside @mutex
 * @events: ring of events; see event.c
 * @histogram: times of switches; see stats.c
 * @announce: ARP and neighbour discovery; see announce/announce.c
 * @conflict: who else uses vips that this node holds; see announce/conflict.c
 * @pulses: heartbeat sessions; see heartbeat/pulse.h
 * @staged: configuration that a restore is building, or NULL; under @mutex,
 *	whether there is one is also read without it
 * @staged_portid: netlink socket that builds @staged; as that
 * @staged_generation: @generation when @staged was begun; under @mutex
 * @decision: when the operation that holds @mutex was taken in, ns; under @mutex
 * @generation: grows with each change of the live configuration; under @mutex
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
 * @fast_devs: devices with the fast path, see path/fast_dev.c; under @mutex
 * @n_fast_devs: number of @fast_devs; written under @mutex
 * @unmerged: devices on which LRO was switched off; under rtnl
 * @fast_dev_work: finds the devices that are to have the fast path
 * @hop_work: looks up the link-layer ways of nodes again; see cluster/hop.c
 * @fib_nb: tells of route changes
 * @beat_last: when the last BEAT came, ns; 0 is never; under @state_lock
 * @beat_time: T of the last BEAT, ns; under @state_lock
 * @beat_stalled: agent-stalled has been reported; under @state_lock
 * @beat_timer: fires when BEATs have stopped
 * @times_work: gets memory for the times of services that moved; see service/switch_times.c
 * @lease_settled: no release is acknowledged before, ns: the last grant that
 *	ran out has done so a margin ago; under @state_lock
 * @lease_timer: fires when a grant has run out; see cluster/lease.c
 * @evidence_timer: reads the carriers of the ways to nodes; see cluster/evidence.c
 * @evidence_watch: @evidence_timer is at work
 * @held_work: ends the time in which a node is held; see cluster/node.c
 * @held_any: a node is held; set under @state_lock, cleared by @held_work
 * @closing: the namespace goes away, no work is queued any more; written under
 *	@mutex
 * @abort_work: aborts the connections of vips that were lost; see service/abort.c
 * @reset_work: resets the clients of flows that nobody goes on with; see
 *	forward/flow_reset.c
 * @resets: there is, or was, a service that wants that; written under @mutex
 * @client_links_work: finds the devices that face clients; see heartbeat/client_links.c
 * @client_links_timer: looks whether they are up, while this node holds a lease
 * @kept: strays that wait for this node to hold their vip, see forward/stray_queue.c;
 *	under @state_lock
 * @kept_bytes: memory that these take; under @state_lock
 * @kept_timer: fires when the first of them has waited long enough
 * @refusals: members where nobody listens, see heartbeat/refusal.c; under @state_lock
 * @refusals_known: the same by number of the service; under @state_lock
 * @n_refusals: length of @refusals; under @state_lock
 * @refusal_timer: looks whether somebody does again, while there are any
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

	struct hasw_config *staged;
	u32 staged_portid;
	u64 staged_generation;
	u64 decision;
	u64 generation;
	struct hasw_tunnel __rcu *tunnel;
	struct hasw_flows *flows;
	struct metadata_dst *ipip_mark;
	bool routed;
	bool natted;
	bool hooked;
	u32 links;
	struct nf_hook_ops *hooks;
	struct xarray fast_devs;
	u32 n_fast_devs;
	struct xarray unmerged;
	struct delayed_work fast_dev_work;

	struct delayed_work hop_work;
	struct notifier_block fib_nb;

	u64 beat_last;
	u64 beat_time;
	bool beat_stalled;
	struct timer_list beat_timer;
	struct delayed_work times_work;
	u64 lease_settled;
	struct hrtimer lease_timer;
	struct hrtimer evidence_timer;
	atomic_t evidence_watch;
	struct delayed_work held_work;
	bool held_any;
	bool closing;
	struct work_struct abort_work;
	struct work_struct reset_work;
	bool resets;
	struct delayed_work client_links_work;
	struct hrtimer client_links_timer;
	struct sk_buff_head kept;
	u32 kept_bytes;
	struct timer_list kept_timer;
	struct list_head refusals;
	struct hlist_head refusals_known[HASW_REFUSAL_BUCKETS];
	u32 n_refusals;
	struct timer_list refusal_timer;
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
