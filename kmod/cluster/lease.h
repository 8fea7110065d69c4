/* SPDX-License-Identifier: GPL-2.0 */
/* A lease: the named right to serve a set of vips. A node that serves a vip
 * replies to ARP and ND requests for the vip, and handles the packets of the
 * vip's clients. A grant gives the lease to one node, the holder, under an
 * epoch (a number that only grows) and until a deadline.
 */
#ifndef HASW_LEASE_H
#define HASW_LEASE_H

#include "grant.h"

/* Maximum number of legs that are watched for each lease. */
#define HASW_LEGS_MAX 16

/* How long this node can still renew its grant after the configuration has
 * excluded this node from the lease, ns. During this time, this node's agent
 * hands the lease over, so that no packet is lost.
 */
#define HASW_LEASE_BARRED_TIME NSEC_PER_SEC

/**
 * struct hasw_leg - devices by each of which the clients of the same vips come
 * @class: number of the vip class that names the devices; 0 if the devices were
 *	found by their addresses, as those with an address in the subnet of @vip
 * @vip: first vip of the leg
 * @family: address family of @vip
 * @linked: the leg had a link when this node took the lease, or since then
 * @n: number of devices, which can exceed HASWITCH_DEV_MAX
 * @ifindex: interface indices of the first HASWITCH_DEV_MAX devices; 0 is a
 *	named device that does not exist
 */
struct hasw_leg {
	u64 class;
	struct in6_addr vip;
	u16 family;
	bool linked;
	u8 n;
	int ifindex[HASWITCH_DEV_MAX];
};

/**
 * struct hasw_client_links - legs of the vips of a lease
 * @n: number of legs, which can exceed HASW_LEGS_MAX
 * @leg: the first HASW_LEGS_MAX legs
 */
struct hasw_client_links {
	u32 n;
	struct hasw_leg leg[HASW_LEGS_MAX];
};

/**
 * struct hasw_lease_nodes - preferred holders of a lease (`prefer`), and the
 *	only nodes that are allowed to hold the lease (`only`)
 * @failback: how long a preferred node waits after its return before it takes
 *	the lease back, ns; or HASW_FAILBACK_AUTO or HASW_FAILBACK_MANUAL; used
 *	only by agents
 * @n_prefer: number of nodes in @prefer
 * @n_only: number of nodes in @only; 0: every node is allowed to hold the lease
 * @prefer: preferred holders of the lease, the most preferred node first
 * @only: nodes that are allowed to hold the lease
 *
 * Each node belongs to the lease's configuration. Each entry in @prefer or
 * @only is counted in hasw_node.refs.
 */
struct hasw_lease_nodes {
	u64 failback;
	u32 n_prefer;
	u32 n_only;
	struct hasw_node *prefer[HASWITCH_LEASE_NODES_MAX];
	struct hasw_node *only[HASWITCH_LEASE_NODES_MAX];
};

/**
 * struct hasw_lease - the right to serve a set of vips
 * @grant: present grant; runtime state, which a restore copies to @twin
 * @name: name of the lease; constant
 * @number: hash of @name, by which peers identify the lease; constant
 * @refs: number of vips of the lease; written under hasw_net.mutex, also read
 *	under RCU
 * @nodes: preferred and allowed holders of the lease; under hasw_net.mutex
 * @barred: time at which the configuration excluded this node from the lease,
 *	ns; 0: this node is allowed to hold the lease; under hasw_net.state_lock
 * @protodown: users have set protodown of the lease's device, so this node is
 *	no candidate; written while both hasw_net.mutex and hasw_net.state_lock
 *	are held, read under either lock; config/link.c compares it under RCU
 * @list: entry in hasw_config.leases; written while both hasw_net.mutex and
 *	hasw_net.state_lock are held, read under either lock or RCU
 * @twin: lease of the same name in the configuration that replaces this one;
 *	only while a restore commits, under hasw_net.mutex
 * @tied: portid of the netlink socket whose closing ends this node's grant; 0:
 *	no such socket; under hasw_net.state_lock
 * @resign: enum haswitch_resign: which legs this node must lose to resign the
 *	lease; written while both hasw_net.mutex and hasw_net.state_lock are
 *	held, read under either lock
 * @client_links: legs of the lease's vips, see heartbeat/client_links.c; under
 *	hasw_net.state_lock
 * @seen: next value of @client_links, while it is computed; under
 *	hasw_net.mutex
 * @round: number of the search that has last computed @client_links; under
 *	hasw_net.mutex
 * @searched: value of hasw_net.client_links.changes at that time: if the vips
 *	have changed since, @client_links are stale; under hasw_net.state_lock
 * @classes: vip classes of the lease, see service/vip_class.h; under
 *	hasw_net.mutex
 * @rcu: frees the lease once no packet uses it
 */
struct hasw_lease {
	struct hasw_grant grant;
	char name[HASWITCH_NAME_MAX + 1];
	u32 number;
	u32 refs;
	struct hasw_lease_nodes nodes;
	u64 barred;
	bool protodown;
	struct list_head list;
	struct hasw_lease *twin;
	u32 tied;
	u8 resign;
	struct hasw_client_links client_links;
	struct hasw_client_links seen;
	u32 round;
	u32 searched;
	struct list_head classes;
	struct rcu_head rcu;
};

/* Reasons why this node gets no grant. */
enum hasw_lease_ban {
	HASW_LEASE_BAN_DOWN,	/* the machine or the module shuts down */
	HASW_LEASE_BAN_SLEEP,	/* the machine suspends or hibernates */
};

/**
 * struct hasw_claim - a lease that this node holds
 * @number: number of the lease
 * @epoch: epoch of the grant
 */
struct hasw_claim {
	u32 number;
	u64 epoch;
};

/* Returns the live configuration, or NULL while the namespace is destroyed. The
 * caller holds hasw_net.state_lock.
 */
static inline struct hasw_config *hasw_lease_config(const struct hasw_net *hn)
{
	return rcu_dereference_protected(hn->config,
					 lockdep_is_held(&hn->state_lock));
}

/**
 * hasw_lease_holder() - finds a lease's holder, without checking the deadline
 * @hn: namespace
 * @lease: the lease
 *
 * Context: hasw_net.state_lock held.
 * Return: the holder, or NULL. The holder's grant might have expired already,
 * if the timer that ends expired grants is late.
 */
static inline struct hasw_node *
hasw_lease_holder(const struct hasw_net *hn, const struct hasw_lease *lease)
{
	return rcu_dereference_protected(lease->grant.holder,
					 lockdep_is_held(&hn->state_lock));
}

/**
 * hasw_lease_successor() - finds the node to which this node has handed a lease
 *	over
 * @hn: namespace
 * @lease: the lease
 *
 * Context: hasw_net.state_lock held.
 * Return: the successor; NULL if there is no successor, or if this node no
 * longer forwards clients' packets to the successor.
 */
static inline struct hasw_node *
hasw_lease_successor(const struct hasw_net *hn, const struct hasw_lease *lease)
{
	if (!hasw_deadline_valid(hasw_switch_now(),
				 lease->grant.successor_until))
		return NULL;
	return rcu_dereference_protected(lease->grant.successor,
					 lockdep_is_held(&hn->state_lock));
}

/**
 * hasw_lease_count_vip() - counts a vip that gets the lease, or loses it
 * @lease: the lease
 * @more: 1 or -1
 *
 * Context: process, hasw_net.mutex held. `ethtool -S` reads the count under RCU.
 */
static inline void hasw_lease_count_vip(struct hasw_lease *lease, int more)
{
	WRITE_ONCE(lease->refs, lease->refs + more);
}

/* lease_config.c: leases of a configuration */
struct hasw_lease *hasw_lease_find(const struct hasw_config *cfg,
				   const char *name);
u32 hasw_lease_number(const char *name);
struct hasw_lease *hasw_lease_numbered(const struct hasw_config *cfg,
				       u32 number);
struct hasw_lease *hasw_lease_new(const char *name);
void hasw_lease_add(struct hasw_net *hn, struct hasw_config *cfg,
		    struct hasw_lease *lease);
void hasw_lease_set_resign(struct hasw_net *hn, struct hasw_lease *lease,
			   u8 resign);
void hasw_lease_set_protodown(struct hasw_net *hn, struct hasw_lease *lease,
			      bool on);
void hasw_lease_set_nodes(struct hasw_net *hn, struct hasw_lease *lease,
			  const struct hasw_lease_nodes *nodes);
bool hasw_lease_eligible(struct hasw_net *hn, const struct hasw_config *cfg,
			 const struct hasw_lease *lease);
void hasw_lease_del(struct hasw_net *hn, struct hasw_config *cfg,
		    struct hasw_lease *lease);
void hasw_lease_free_all(struct hasw_config *cfg);
bool hasw_lease_names(struct hasw_net *hn, const struct hasw_config *cfg,
		      const struct hasw_node *node);
void hasw_lease_twins(struct hasw_config *to, struct hasw_config *from);
void hasw_lease_inherit(struct hasw_net *hn, struct hasw_config *from);

/* lease.c: grants of leases */
void hasw_lease_init(struct hasw_net *hn);
void hasw_lease_exit(struct hasw_net *hn);
enum hasw_ruling hasw_lease_set(struct hasw_net *hn, struct hasw_lease *lease,
				u64 epoch, struct hasw_node *holder,
				u64 deadline, u32 tied, bool *fresh);
bool hasw_lease_renew(struct hasw_net *hn, const char *name, u64 epoch,
		      const char *holder, u64 deadline, u32 tied);
void hasw_lease_ban(enum hasw_lease_ban why);
void hasw_lease_unban(enum hasw_lease_ban why);
void hasw_lease_drop(struct hasw_net *hn);
bool hasw_lease_set_floor(struct hasw_net *hn, struct hasw_lease *lease,
			  u64 floor);
enum hasw_ruling hasw_lease_release(struct hasw_net *hn,
				    struct hasw_lease *lease, u64 epoch,
				    struct hasw_node *successor);
void hasw_lease_move(struct hasw_net *hn, const struct hasw_lease *lease,
		     const char *successor, const u8 *answer);
void hasw_lease_sync(struct hasw_net *hn);
void hasw_lease_end(struct hasw_net *hn, struct hasw_lease *lease, u8 cause,
		    u64 decision);
void hasw_lease_resigned(struct hasw_net *hn, const struct hasw_node *node,
			 u32 number, u64 epoch, u8 told, u64 decision);
u32 hasw_lease_claims(struct hasw_net *hn, struct hasw_claim *claims);
void hasw_lease_claimed(struct hasw_net *hn, const struct hasw_node *node,
			u32 number, u64 epoch, u64 decision);
void hasw_lease_each_held(struct hasw_net *hn,
			  void (*what)(struct hasw_net *hn,
				       struct hasw_lease *lease, void *data),
			  void *data);

#endif
