/* SPDX-License-Identifier: GPL-2.0 */
/* The module's state of a namespace, and the namespace's configuration.
 *
 * A stray is a client's packet to a vip that arrives at a node other than the
 * vip's holder. That node can forward the stray to the holder. A BEAT is the
 * agent's list of live nodes. A held node is a node that has died and returned.
 * Until its failback is due, a service uses the held node only if no better
 * node is usable.
 */
#ifndef HASW_HASWITCH_H
#define HASW_HASWITCH_H

/* The packet path reads each 64-bit deadline or state in one load. A 64-bit
 * load is not atomic on a 32-bit kernel.
 */
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
#include <net/rtnetlink.h>
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

/* Number of hash buckets for services, by service number. */
#define HASW_SERVICE_NUMBERS 1024

/* Number of hash buckets for refused members (members without a listening
 * socket), by the service's number.
 */
#define HASW_REFUSAL_BUCKETS 256

/* Number of hash buckets for device groups, by the names of their devices. */
#define HASW_DEV_GROUP_BUCKETS 256

/* Number of hash buckets for nodes. With HASWITCH_NODES_MAX nodes, a bucket has
 * four nodes on average.
 */
#define HASW_NODE_BUCKETS 256

/* Size of hasw_carriers.dev. If the nodes have more than HASW_CARRIERS next-hop
 * devices, the last result is not reused, and each run of the evidence timer
 * checks every node.
 */
#define HASW_CARRIERS 16

/**
 * struct hasw_carriers - result of the last check of all nodes' next-hop
 *	devices
 * @changes: counter that is incremented after each change of a node's next hop
 * @seen: value of @changes when the last check of all nodes began
 * @known: the last check of all nodes was complete; its result stays valid
 *	until @changes or the state of a device in @dev changes
 * @any: at least one node has a next hop
 * @n: number of used elements in @dev
 * @up: bit i is the result of hasw_dev_up() for dev[i] in the last check
 * @dev: next-hop devices; valid under RCU until @changes changes, since
 *	@changes is incremented before a device is freed
 *
 * Only the handler of the evidence timer uses the fields other than @changes;
 * see cluster/evidence.c.
 */
struct hasw_carriers {
	atomic_t changes;
	int seen;
	bool known;
	bool any;
	u8 n;
	unsigned long up;
	const struct net_device *dev[HASW_CARRIERS];
};

/* Kinds of flows; each kind has its own timeout. */
enum hasw_limit {
	HASW_LIMIT_TCP_SYN,
	HASW_LIMIT_TCP,
	HASW_LIMIT_TCP_CLOSING,
	HASW_LIMIT_UDP,
	HASW_LIMIT_OTHER,
	HASW_LIMITS,
};

/* Default of hasw_limits.max. Packets from other machines create flows, so the
 * memory of flows is charged to no user. A larger limit therefore needs
 * CAP_NET_ADMIN in the initial user namespace.
 */
#define HASW_LIMIT_MAX_DEFAULT 262144

/**
 * struct hasw_limits - limits of tracked flows
 * @max: maximum number of flows
 * @ns: how long a flow without packets is kept, ns, by enum hasw_limit
 * @ticks: how long a flow without packets is kept, jiffies, by enum hasw_limit;
 *	read by the packet path
 */
struct hasw_limits {
	u32 max;
	u64 ns[HASW_LIMITS];
	u32 ticks[HASW_LIMITS];
};

/**
 * struct hasw_config - a configuration: all objects that users have configured
 * @wlock: tells lockdep that hasw_net.mutex protects the RCU pointers
 * @vips4: IPv4 vips by address; readers under RCU, written under hasw_net.mutex
 * @vips6: IPv6 vips by address; readers under RCU, written under hasw_net.mutex
 * @dev_groups: list of struct hasw_dev_group; under hasw_net.mutex
 * @dev_groups_known: device groups by the hash of their devices' names; under
 *	hasw_net.mutex
 * @nodes: list of struct hasw_node, in the order of addition; written under
 *	hasw_net.mutex, read under this mutex or RCU
 * @names: nodes by the hash of their name; under hasw_net.mutex
 * @places: nodes by the hash of their IPv4 address, then nodes by the hash of
 *	their IPv6 address; written under hasw_net.mutex, read under this mutex
 *	or RCU; see cluster/node_lookup.c
 * @self: the node that stands for this network namespace, or NULL; written
 *	under hasw_net.mutex, read under this mutex or RCU
 * @n_nodes: length of @nodes; under hasw_net.mutex
 * @n_forward: number of vips whose strays are forwarded; under hasw_net.mutex
 * @n_gue: number of members with `via gue`, on this and on other nodes; under
 *	hasw_net.mutex
 * @n_abort: number of vips whose `on-loss` is `abort`; written under
 *	hasw_net.mutex, also read under RCU
 * @n_marked: number of vips whose SYNs are marked; under hasw_net.mutex
 * @n_services: number of services on all vips; written under hasw_net.mutex,
 *	read by the packet path
 * @n_ports: number of services that need a packet's ports; while @n_ports is
 *	not 0, fragments to vips are reassembled; written under hasw_net.mutex,
 *	read by the packet path
 * @n_members: number of members of all services; under hasw_net.mutex
 * @numbers: services with a port, by the hash of their number; written under
 *	hasw_net.mutex, read under RCU
 * @maglevs: list of Maglev tables; see service/maglev.c
 * @spares: services that have spare members or prefer a zone, or did when the
 *	work on spare members visited them last; under hasw_net.mutex
 * @spares_at: entry in @spares at which the work on spare members goes on, or
 *	NULL if it begins anew; under hasw_net.mutex
 * @staged: a restore is building this configuration: the packet path does not
 *	read it, and its Maglev tables are built when the restore commits
 * @leases: list of struct hasw_lease, in the order of addition; for its locks
 *	see hasw_lease.list
 * @n_leases: length of @leases; under hasw_net.mutex
 * @limits: limits of tracked flows; written under hasw_net.mutex, read by the
 *	packet path
 * @carriers: next-hop devices of the nodes, and their state
 * @free: frees a replaced configuration after an RCU grace period
 *
 * The packet path reads hasw_net.config once for each packet. So a packet is
 * handled under one configuration only, even if a restore replaces the
 * configuration meanwhile.
 */
struct hasw_config {
	struct hasw_wlock wlock;
	struct hasw_table vips4;
	struct hasw_table vips6;
	struct list_head dev_groups;
	struct hlist_head dev_groups_known[HASW_DEV_GROUP_BUCKETS];
	struct list_head nodes;
	struct hlist_head names[HASW_NODE_BUCKETS];
	struct hlist_nulls_head places[2][HASW_NODE_BUCKETS];
	struct hasw_node *self;
	u32 n_nodes;
	u32 n_forward;
	u32 n_gue;
	u32 n_abort;
	u32 n_marked;
	u32 n_services;
	u32 n_ports;
	u32 n_members;
	struct hlist_head numbers[HASW_SERVICE_NUMBERS];
	struct hlist_head maglevs;
	struct hlist_head spares;
	struct hlist_node *spares_at;
	bool staged;
	struct list_head leases;
	u32 n_leases;
	struct hasw_limits limits;
	struct hasw_carriers carriers;
	struct rcu_work free;
};

/**
 * struct hasw_restore - a restore that is under way; see config/restore.c
 * @staged: configuration that the restore builds, or NULL if no restore is
 *	under way; under hasw_net.mutex; compared with NULL also without the
 *	mutex
 * @portid: portid of the netlink socket that builds @staged; written under
 *	hasw_net.mutex; compared with a socket's portid also without the mutex
 * @generation: hasw_net.generation at the start of the restore; if it has
 *	changed, the commit fails; under hasw_net.mutex
 */
struct hasw_restore {
	struct hasw_config *staged;
	u32 portid;
	u64 generation;
};

/**
 * struct hasw_fast - devices with the fast path; see path/fast_dev.c
 * @devs: the devices, by ifindex; under hasw_net.mutex
 * @n: number of devices in @devs; written under hasw_net.mutex
 * @unmerged: devices on which the module disabled LRO (large receive offload),
 *	by ifindex; under rtnl
 * @work: adds the fast path to devices, and removes it from devices
 */
struct hasw_fast {
	struct xarray devs;
	u32 n;
	struct xarray unmerged;
	struct delayed_work work;
};

/**
 * struct hasw_hops - lookup of the nodes' next hops; see cluster/hop.c
 * @work: looks up all next hops again
 * @fib_nb: notifier of route changes
 */
struct hasw_hops {
	struct delayed_work work;
	struct notifier_block fib_nb;
};

/**
 * struct hasw_beats - the agent's BEATs; see cluster/beat.c
 * @last: arrival time of the last BEAT, ns; 0 before the first BEAT
 * @time: time for which the last BEAT keeps its nodes alive, ns
 * @stalled: the event agent-stalled was reported, and no BEAT has arrived since
 *	then
 * @portid: netlink port id of the socket that sent the last BEAT; 0: none did
 *	yet, or that socket was closed
 * @gone: since when no agent can be expected to run, ns: the socket of @portid
 *	was closed, or the agent stalled; 0: it runs, or there was no BEAT yet
 * @timer: fires when @time has passed without another BEAT
 *
 * All fields are under hasw_net.state_lock; @stalled, @portid and @gone are
 * also read without it.
 */
struct hasw_beats {
	u64 last;
	u64 time;
	bool stalled;
	u32 portid;
	u64 gone;
	struct timer_list timer;
};

/**
 * struct hasw_lease_times - expiry of grants; see cluster/lease.c
 * @settled: earliest time at which the release of a lease is acknowledged, ns.
 *	It is the deadline of the last expired grant plus HASW_LEASE_MARGIN. By
 *	this time, no packet that the grant allowed is still being sent. Under
 *	hasw_net.state_lock.
 * @timer: fires when a grant expires
 */
struct hasw_lease_times {
	u64 settled;
	struct hrtimer timer;
};

/**
 * struct hasw_evidence - carrier checks of next hops; see cluster/evidence.c
 * @timer: checks the carriers
 * @watch: 1 while @timer is running periodically
 */
struct hasw_evidence {
	struct hrtimer timer;
	atomic_t watch;
};

/**
 * struct hasw_held - held nodes; see cluster/node.c
 * @work: ends the held state of nodes whose failback is due, and drains whose
 *	time is over
 * @any: at least one node is held, or drained within a time; set under
 *	hasw_net.state_lock, cleared by @work
 */
struct hasw_held {
	struct delayed_work work;
	bool any;
};

/**
 * struct hasw_spares - spare members, and those of other zones than the
 *	preferred one, which stand in for others; see service/judge.c
 * @work: lets spare members begin and end
 * @next: time at which a failback ends among the services that were visited
 *	since the work last began anew, ns; under hasw_net.mutex
 * @ended: when @work last ended, jiffies; under hasw_net.state_lock
 * @any: hasw_config.spares of the live configuration is not empty, so @work is
 *	queued when a node or a member changes; written under hasw_net.mutex
 * @asked: something has changed since the work last began anew; set under
 *	hasw_net.state_lock or hasw_net.mutex, cleared under both
 */
struct hasw_spares {
	struct delayed_work work;
	u64 next;
	unsigned long ended;
	bool any;
	bool asked;
};

/**
 * struct hasw_flow_resets - TCP resets for flows of lost members; see
 *	forward/flow_reset.c
 * @work: sends the resets
 * @wanted: a service with `on-failover reset` was configured at least once, so
 *	@work is queued when members are lost; written under hasw_net.mutex
 */
struct hasw_flow_resets {
	struct work_struct work;
	bool wanted;
};

/**
 * struct hasw_client_watch - checks of client links; see
 *	heartbeat/client_links.c
 * @work: finds the client-facing devices of each lease
 * @timer: checks whether these devices are up, while this node holds a lease
 * @round: number of the current run of @work, or of the last one; 0 before the
 *	first run; under hasw_net.mutex
 * @changes: how often the vips have changed; written while both hasw_net.mutex
 *	and hasw_net.state_lock are held, read under either lock
 */
struct hasw_client_watch {
	struct delayed_work work;
	struct hrtimer timer;
	u32 round;
	u32 changes;
};

/**
 * struct hasw_kept_strays - strays that wait until this node is granted their
 *	vip's lease; see forward/stray_queue.c
 * @list: the kept strays; under hasw_net.state_lock
 * @bytes: sum of skb->truesize over @list; written under hasw_net.state_lock
 * @timer: fires when the oldest kept stray has to be dropped
 */
struct hasw_kept_strays {
	struct sk_buff_head list;
	u32 bytes;
	struct timer_list timer;
};

/**
 * struct hasw_refusals - refused members, which have no listening socket; see
 *	heartbeat/refusal.c
 * @list: list of struct hasw_refusal; under hasw_net.state_lock
 * @known: refusals by the hash of the service's number; under
 *	hasw_net.state_lock
 * @n: length of @list; under hasw_net.state_lock
 * @next: configuration that a restore is about to publish, to whose members
 *	each refusal and each end of one is copied, too; otherwise NULL; under
 *	hasw_net.state_lock
 * @copies: number of configurations to which refusals were copied; under
 *	hasw_net.state_lock
 * @timer: checks for new listening sockets while @list is not empty
 */
struct hasw_refusals {
	struct list_head list;
	struct hlist_head known[HASW_REFUSAL_BUCKETS];
	u32 n;
	const struct hasw_config *next;
	u32 copies;
	struct timer_list timer;
};

/**
 * struct hasw_guard - hook at FORWARD, registered once a packet was left to
 *	conntrack, because most namespaces need no such hook
 * @wanted: a packet was left to conntrack; set by the packet path, cleared
 *	under hasw_net.mutex
 * @hooked: the hook is registered; under hasw_net.mutex
 * @work: registers the hook
 */
struct hasw_guard {
	bool wanted;
	bool hooked;
	struct work_struct work;
};

/**
 * struct hasw_lease_links - devices that show leases; see config/link.c
 * @publishing: @work stores operstates, so NETDEV_CHANGE tells it nothing new;
 *	under rtnl
 * @devs: list of struct hasw_link, all devices of kind haswitch; under rtnl
 * @work: stores the states of leases as operstates of their devices
 */
struct hasw_lease_links {
	bool publishing;
	struct list_head devs;
	struct delayed_work work;
};

/**
 * struct hasw_net - the module's state of one network namespace
 * @config: live configuration; NULL before hasw_config_init() and after
 *	hasw_config_exit(); readers under RCU, replaced under @mutex and
 *	@state_lock
 * @stats: per-CPU counters of the namespace
 * @net: the namespace, which outlives this struct
 * @mutex: serialises all changes of the configuration; taken in process
 *	context; a caller that also needs rtnl takes rtnl first
 * @state_lock: protects node states, grants, switch records and events; taken
 *	by spin_lock_bh(); code that holds it neither sleeps nor sends
 *	notifications; a caller that also needs @mutex takes @mutex first
 * @events: ring buffer of events; see core/event.c
 * @histogram: histograms of switch times; see core/stats.c
 * @announce: ARP and neighbour discovery; see announce/announce.c
 * @conflict: conflicts on vips that this node holds; see announce/conflict.c
 * @pulses: heartbeat sessions; see heartbeat/pulse.h
 * @decision: time at which the netlink request whose handler holds @mutex was
 *	received, ns; under @mutex
 * @generation: incremented by each change of the live configuration; under
 *	@mutex
 * @closing: the namespace is being destroyed, so no work is queued any more;
 *	written under @mutex
 * @tunnel: sockets that receive GUE packets; NULL while no vip forwards strays
 *	and no member has `via gue`; readers under RCU, written under @mutex;
 *	see forward/gue.c
 * @flows: tracked flows, NULL until a service needs them; see
 *	flow/flow_table.h; written under @mutex
 * @ipip_mark: metadata dst that marks the inner packet of a tunnel packet from
 *	the vip's holder; the mark lasts until the stack routes the inner packet
 * @routed: a route to at least one node was cached at some time, see
 *	forward/tunnel_route.c; set once by the packet path
 * @natted: at least one flow was translated, so packets to addresses other than
 *	vips might be replies of members with `via nat`; set by the packet path,
 *	cleared by hasw_flows.work
 * @hooked: the packet hooks are registered; written under @mutex
 * @used: the packet hooks were registered or @config was changed at some time,
 *	so RCU readers might have read @config; under @mutex
 * @links: number of devices of kind haswitch; written under @mutex
 * @hooks: the packet hooks; see path/hooks.c
 * @guard: the hook that drops what was left to conntrack and not translated;
 *	see path/hooks.c
 * @marking: the hooks that mark SYNs are registered; under @mutex
 * @lease_links: devices that show leases
 * @restore: the restore that is under way, if any
 * @fast: devices with the fast path
 * @hop: lookup of the nodes' next hops
 * @beat: BEATs of the agent
 * @lease: expiry of grants
 * @evidence: carrier checks of the next-hop devices
 * @held: held nodes, and the work that ends their held state
 * @times_work: allocates hasw_service.times of services that have recorded a
 *	switch; see service/switch_times.c
 * @abort_work: aborts TCP connections of vips that this node lost; see
 *	service/abort.c
 * @reset: TCP resets for flows of lost members
 * @spares: spare members
 * @client_links: checks of client links
 * @kept: strays that wait until this node is granted their vip's lease
 * @refusal: refused members, which have no listening socket
 */
struct hasw_net {
	struct hasw_config __rcu *config;
	struct hasw_stats __percpu *stats;
	struct net *net;
	struct hasw_tunnel __rcu *tunnel;
	struct hasw_flows *flows;
	struct metadata_dst *ipip_mark;
	bool routed;
	bool natted;

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
	bool hooked;
	bool used;
	u32 links;
	struct nf_hook_ops *hooks;
	struct hasw_guard guard;
	bool marking;

	struct hasw_lease_links lease_links;
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
	struct hasw_spares spares;
	struct hasw_client_watch client_links;
	struct hasw_kept_strays kept;
	struct hasw_refusals refusal;
};

/* The rtnl kind of the devices that carry the addresses of local vips. */
#define HASW_LINK_KIND "haswitch"

extern unsigned int hasw_net_id;
extern struct workqueue_struct *hasw_wq;

/* True while the netdevice notifier in config/dev_events.c is registered; under
 * rtnl. Without this notifier the module would not notice that a device is
 * being unregistered, and the module's references would block the
 * unregistration. So while the value is false, no device gets the fast path or
 * the netpoll of gasps (heartbeats sent in a panic). The module does not join
 * multicast groups either.
 */
extern bool hasw_devs_followed;

/**
 * hasw_net_of() - returns the module's state of a network namespace
 * @net: the namespace
 *
 * Context: any; the caller keeps @net alive.
 * Return: the state; not NULL while hasw_net_ops is registered.
 */
static inline struct hasw_net *hasw_net_of(const struct net *net)
{
	return net_generic(net, hasw_net_id);
}

/**
 * hasw_config_live() - returns the live configuration to a caller that holds
 *	hn->mutex
 * @hn: namespace
 *
 * Context: process, hn->mutex held.
 * Return: the configuration; NULL before hasw_config_init() and after
 * hasw_config_exit().
 */
static inline struct hasw_config *hasw_config_live(struct hasw_net *hn)
{
	return rcu_dereference_protected(hn->config,
					 lockdep_is_held(&hn->mutex));
}

/**
 * hasw_net_wait() - waits until nobody reads a namespace's last configuration
 * @hn: namespace, after the last change of its configuration
 *
 * Most namespaces of a machine with containers never use the module. One task
 * of the kernel ends all namespaces, one after the other. So an unused
 * namespace, whose configuration nothing can be reading, waits for nothing.
 *
 * Context: process, no lock held.
 */
static inline void hasw_net_wait(const struct hasw_net *hn)
{
	if (hn->used)
		synchronize_rcu();
}

/**
 * hasw_pace() - limits how often something is done
 * @last: time at which it was done last, jiffies; 0 is never; set to the
 *	present time if it may be done now
 * @pace: minimum time from then to the next time, jiffies
 *
 * Context: any. If several CPUs call this function at once, one gets true.
 * Return: whether it may be done now.
 */
static inline bool hasw_pace(unsigned long *last, unsigned long pace)
{
	unsigned long was = READ_ONCE(*last);

	return !(was && time_before(jiffies, was + pace)) &&
	       cmpxchg(last, was, jiffies ?: 1) == was;
}

/**
 * hasw_dev_up() - returns whether a device is running and has a carrier
 * @dev: the device
 *
 * Context: any.
 */
static inline bool hasw_dev_up(const struct net_device *dev)
{
	return netif_running(dev) && netif_carrier_ok(dev);
}

/**
 * hasw_dev_resolves() - returns whether hosts on a device's link find each
 *	other by ARP or neighbour discovery
 * @dev: the device
 *
 * Context: any.
 */
static inline bool hasw_dev_resolves(const struct net_device *dev)
{
	return !(dev->flags & (IFF_LOOPBACK | IFF_NOARP));
}

/**
 * hasw_dev_is_link() - returns whether a device is of kind haswitch, see
 *	config/link.c
 * @dev: the device
 *
 * Context: any.
 */
static inline bool hasw_dev_is_link(const struct net_device *dev)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;

	return ops && !strcmp(ops->kind, HASW_LINK_KIND);
}

/* How much later than a lease its device changes: out of the way of the switch,
 * and several changes in a row take rtnl once.
 */
#define HASW_LINK_DELAY msecs_to_jiffies(10)

/**
 * hasw_link_schedule() - has the devices of leases show what has changed
 * @hn: namespace
 *
 * Context: any.
 */
static inline void hasw_link_schedule(struct hasw_net *hn)
{
	if (READ_ONCE(hn->links) && !READ_ONCE(hn->closing))
		queue_delayed_work(hasw_wq, &hn->lease_links.work,
				   HASW_LINK_DELAY);
}

/**
 * hasw_dev_in_vrf() - returns whether a device belongs to a VRF, or is the
 *	device of a VRF
 * @dev: the device
 *
 * A VRF has routes of its own, and its devices can have addresses that other
 * devices have as well. This module looks up nodes and clients by the routes
 * outside of all VRFs, so vips exist there only.
 *
 * Context: any.
 */
static inline bool hasw_dev_in_vrf(const struct net_device *dev)
{
	return netif_is_l3_slave(dev) || netif_is_l3_master(dev);
}

#endif
