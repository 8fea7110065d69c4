/* SPDX-License-Identifier: GPL-2.0 */
/* A vip (virtual address): its holder, its client-facing devices (on which
 * packets of clients arrive) and its services.
 */
#ifndef HASW_VIP_H
#define HASW_VIP_H

#include <linux/rbtree.h>
#include <net/ipv6.h>

#include "cluster/lease.h"

/**
 * struct hasw_devs_entry - a client-facing device of a vip
 * @name: configured name; written under rtnl and hasw_net.mutex
 * @ifindex: ifindex of the device, or 0 if no device has the name; written
 *	under rtnl and hasw_net.mutex, read by packets
 * @late: the device came after its name was configured, and has not been set up
 *	yet; under hasw_net.mutex
 */
struct hasw_devs_entry {
	char name[IFNAMSIZ];
	int ifindex;
	bool late;
};

/**
 * struct hasw_devs - the client-facing devices of a vip
 * @rcu: frees the list once no packet uses it
 * @n: number of elements in @dev
 * @dev: the devices
 */
struct hasw_devs {
	struct rcu_head rcu;
	u32 n;
	struct hasw_devs_entry dev[];
};

/* Bit of hasw_services.count: at least one service has further ports. */
#define HASW_SERVICES_FURTHER 0x80000000u

/**
 * struct hasw_services - the services of a vip; constant
 * @count: number of services; HASW_SERVICES_FURTHER is set if the list of
 *	further ports exists, see hasw_services_further()
 * @key: sort keys of the services, ascending, see hasw_service_key(); the
 *	pointers to the services follow the keys, see hasw_services_list()
 *
 * Keys, pointers and further ports share one allocation. For one service
 * without further ports, as most vips have, this allocation takes two words. A
 * bit of @count says whether there are further ports, so that a comparison of
 * @count with 1 is all that the lookup in such a vip needs.
 */
struct hasw_services {
	u32 count;
	u32 key[];
};

/**
 * struct hasw_further - a range of further ports of a service
 * @from: sort key of the first port of the range, see hasw_service_key()
 * @to: sort key of the last port
 * @service: the service
 */
struct hasw_further {
	u32 from;
	u32 to;
	struct hasw_service *service;
};

/**
 * struct hasw_furthers - the further ports of all services of a vip; constant
 * @n: number of elements in @range, above 0
 * @range: the ranges, ascending; no two of them overlap, and none contains the
 *	port of a service
 */
struct hasw_furthers {
	u32 n;
	struct hasw_further range[];
};

/* Returns the number of services of a vip. */
static __always_inline u32 hasw_services_n(const struct hasw_services *all)
{
	return all->count & ~HASW_SERVICES_FURTHER;
}

/* Offset of the service pointers behind @n keys, bytes. */
static __always_inline size_t hasw_services_offset(u32 n)
{
	return ALIGN(offsetof(struct hasw_services, key) + n * sizeof(u32),
		     sizeof(void *));
}

/**
 * hasw_services_list() - returns the services of a vip, in the order of their
 *	keys
 * @all: the services
 *
 * Context: RCU read side, or hasw_net.mutex held.
 */
static __always_inline struct hasw_service **
hasw_services_list(const struct hasw_services *all)
{
	return (void *)all + hasw_services_offset(hasw_services_n(all));
}

/**
 * hasw_services_further() - returns the further ports of a vip's services
 * @all: the services, with HASW_SERVICES_FURTHER
 *
 * Context: RCU read side, or hasw_net.mutex held.
 */
static inline struct hasw_furthers *
hasw_services_further(const struct hasw_services *all)
{
	return (void *)(hasw_services_list(all) + hasw_services_n(all));
}

/* Returns the service of a vip that has exactly one service. */
static __always_inline struct hasw_service *
hasw_services_only(const struct hasw_services *all)
{
	return *(struct hasw_service **)((void *)all + hasw_services_offset(1));
}

/**
 * struct hasw_vip - a virtual address
 * @addr: the address; IPv4 as v4-mapped; constant
 * @family: AF_INET or AF_INET6; constant
 * @role: enum haswitch_role of this node by configuration, not by grants: never
 *	HASWITCH_ROLE_HOLDER if @lease is not NULL; written under
 *	hasw_net.mutex, read by packets
 * @stray: enum haswitch_stray: what this node does with a client's packet while
 *	another node holds the vip; written under hasw_net.mutex, read by
 *	packets
 * @unheard: bitmap of the elements of @devs on which the vip could not be
 *	announced; without @devs, 1 if announcing failed on a device or there is
 *	no client-facing device; see announce/announce_dev.c
 * @on_loss: enum haswitch_on_loss; written under hasw_net.mutex
 * @hook: enum haswitch_hook; written under hasw_net.mutex, read by packets
 * @everywhere: every node is meant to answer, so both @holder and @lease are
 *	NULL, see hasw_vip_owned(); under hasw_net.mutex, not read by packets
 * @mark: bits of the packet mark that show the lease's epoch in SYNs, see
 *	hasw_vip_mark_now(); adjacent bits; 0: SYNs are not marked, as without
 *	@lease; written under hasw_net.mutex, read by packets
 * @services: services of the vip, or NULL; readers under RCU, replaced under
 *	hasw_net.mutex
 * @holder: fixed holder, which may be this node; NULL stands for this node, or
 *	for no fixed holder if @lease is not NULL; readers under RCU, written
 *	under hasw_net.mutex; the vip holds a reference
 * @lease: lease whose holder holds the vip, or NULL; readers under RCU, written
 *	under hasw_net.mutex; the vip holds a reference
 * @devs: client-facing devices; NULL: every device with an address in the vip's
 *	subnet; @class owns the list; readers under RCU, replaced under
 *	hasw_net.mutex
 * @class: class of the vips with this lease, devices and hook; under
 *	hasw_net.mutex
 * @place: entry in hasw_vip_class.vips of @class; under hasw_net.mutex
 * @rcu: frees the vip once no packet uses it
 * @wlock: hasw_net.mutex, for lockdep
 */
struct hasw_vip {
	struct in6_addr addr;
	u16 family;
	u8 role;
	u8 stray;
	u8 unheard;
	u8 on_loss;
	u8 hook;
	bool everywhere;
	u32 mark;
	struct hasw_services __rcu *services;
	struct hasw_node __rcu *holder;
	struct hasw_lease __rcu *lease;
	struct hasw_devs __rcu *devs;
	struct hasw_vip_class *class;
	struct rb_node place;
	struct rcu_head rcu;
	struct hasw_wlock wlock;
};

/**
 * hasw_vip_owned() - whether a vip's configuration says which nodes answer
 * @nodes: number of configured nodes
 * @holder: fixed holder, or NULL
 * @lease: lease of the vip, or NULL
 * @everywhere: every node is to answer
 *
 * Every node answers for a vip without an owner. This is safe if there is only
 * one node. With several nodes, clients would get contradictory answers, so the
 * function returns false unless the administrator has set `everywhere`.
 */
static inline bool hasw_vip_owned(u32 nodes, const struct hasw_node *holder,
				  const struct hasw_lease *lease,
				  bool everywhere)
{
	return nodes < 2 || holder || lease || everywhere;
}

/* Returns the hash of an IPv4 vip's address in the table of vips. */
static inline u32 hasw_vip_hash4(__be32 addr, u32 seed)
{
	return hasw_table_hash((__force u32)addr, seed);
}

/* Returns the hash of an IPv6 vip's address in the table of vips. Most vips
 * have the same prefix in the upper 64 bits. The bits that differ may be
 * anywhere, so the key is multiplied twice.
 */
static inline u32 hasw_vip_hash6(const struct in6_addr *addr, u32 seed)
{
	u64 high = (u64)ntohl(addr->s6_addr32[0]) << 32 |
		   ntohl(addr->s6_addr32[1]);
	u64 low = (u64)ntohl(addr->s6_addr32[2]) << 32 |
		  ntohl(addr->s6_addr32[3]);
	u64 key = low ^ high * GOLDEN_RATIO_32;

	key *= GOLDEN_RATIO_64;
	return hasw_table_hash(key ^ key >> 32, seed);
}

/**
 * hasw_vip_find4() - finds an IPv4 vip
 * @cfg: configuration
 * @addr: address
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the vip, or NULL.
 */
static inline struct hasw_vip *hasw_vip_find4(const struct hasw_config *cfg,
					      __be32 addr)
{
	const struct hasw_table *t = &cfg->vips4;
	const struct hasw_slots *s =
		rcu_dereference_check(t->slots, hasw_wlock_held(&t->wlock));
	u32 i = hasw_vip_hash4(addr, s->seed) & s->mask;
	struct hasw_vip *vip;

	for (;; i = (i + 1) & s->mask) {
		vip = rcu_dereference_check(s->slot[i],
					    hasw_wlock_held(&t->wlock));
		if (!vip)
			return NULL;
		if (vip->addr.s6_addr32[3] == addr &&
		    (void *)vip != hasw_table_tomb)
			return vip;
	}
}

/**
 * hasw_vip_find6() - finds an IPv6 vip
 * @cfg: configuration
 * @addr: address
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the vip, or NULL.
 */
static inline struct hasw_vip *hasw_vip_find6(const struct hasw_config *cfg,
					      const struct in6_addr *addr)
{
	const struct hasw_table *t = &cfg->vips6;
	const struct hasw_slots *s =
		rcu_dereference_check(t->slots, hasw_wlock_held(&t->wlock));
	u32 i = hasw_vip_hash6(addr, s->seed) & s->mask;
	struct hasw_vip *vip;

	for (;; i = (i + 1) & s->mask) {
		vip = rcu_dereference_check(s->slot[i],
					    hasw_wlock_held(&t->wlock));
		if (!vip)
			return NULL;
		if (ipv6_addr_equal(&vip->addr, addr) &&
		    (void *)vip != hasw_table_tomb)
			return vip;
	}
}

/**
 * hasw_vip_judge() - whether this node holds the vip now
 * @vip: the vip
 * @now: if not NULL, receives the time that was compared with the deadline of
 *	this node's grant, ns; unchanged if no deadline was compared
 * @deadline: receives that deadline, ns, when @now receives a time; the caller
 *	passes NULL if @now is NULL
 *
 * Code must call this function each time before it picks a member, answers for
 * a vip or sends packets from a vip. If the function returns false, this node
 * may still be the holder, see hasw_vip_judge_again().
 *
 * Context: RCU read side, or hasw_net.mutex held.
 */
static __always_inline bool hasw_vip_judge(const struct hasw_vip *vip,
					   u64 *now, u64 *deadline)
{
	const struct hasw_lease *lease;

	if (likely(READ_ONCE(vip->role) == HASWITCH_ROLE_HOLDER))
		return true;
	lease = rcu_dereference_check(vip->lease, hasw_wlock_held(&vip->wlock));
	return lease && hasw_grant_judge(&lease->grant, now, deadline);
}

u32 hasw_further_from(const struct hasw_furthers *further, u32 key);
const struct hasw_further *hasw_further_at(const struct hasw_services *all,
					   u32 key);
bool hasw_vip_judge_again(const struct hasw_vip *vip, u64 *now, u64 *deadline);

/**
 * hasw_vip_began() - returns the epoch (number of the grant) under which this
 *	node became the holder of a vip
 * @vip: the vip, which hasw_vip_judge() has found to be held
 *
 * A renewal under another epoch does not change the returned epoch. Only a new
 * grant, after this node has lost the lease, changes the returned epoch.
 *
 * Context: RCU read side.
 * Return: the epoch; 0 without a lease.
 */
static inline u64 hasw_vip_began(const struct hasw_vip *vip)
{
	const struct hasw_lease *lease = rcu_dereference(vip->lease);

	if (!lease)
		return 0;
	/* Read the epoch after the deadline that hasw_vip_judge() compared. */
	smp_rmb();
	return READ_ONCE(lease->grant.began);
}

/**
 * hasw_vip_held() - whether this node holds the vip now, checked twice
 * @vip: the vip
 *
 * Context: RCU read side, or hasw_net.mutex held.
 */
static inline bool hasw_vip_held(const struct hasw_vip *vip)
{
	return hasw_vip_judge(vip, NULL, NULL) ||
	       hasw_vip_judge_again(vip, NULL, NULL);
}

/**
 * hasw_vip_mark_value() - returns what the mark of a packet shows of an epoch
 * @mask: bits of the mark that show it, adjacent
 * @epoch: the epoch
 *
 * Agents compose an epoch: its low 24 bits tell which agent did so, and above
 * them is a counter, see hasw_vote_epoch(). Few bits are to tell epochs of one
 * agent apart, so the counter is folded onto them. An epoch below 2^24, which
 * somebody chose by hand, shows as it is.
 *
 * Context: any.
 */
static inline u32 hasw_vip_mark_value(u32 mask, u64 epoch)
{
	return (u32)((epoch ^ epoch >> 24) << __ffs(mask)) & mask;
}

bool hasw_vip_mark_now(const struct hasw_vip *vip, u32 *mask, u32 *value);
int hasw_vip_cache_create(void);
void hasw_vip_cache_destroy(void);
struct hasw_vip *hasw_vip_find(const struct hasw_config *cfg,
			       const struct in6_addr *addr, u16 family);
struct hasw_vip *hasw_vip_new(const struct hasw_config *cfg,
			      const struct in6_addr *addr, u16 family,
			      u8 stray);
int hasw_vip_add(struct hasw_config *cfg, struct hasw_vip *vip);
void hasw_vip_del(struct hasw_config *cfg, struct hasw_vip *vip);
void hasw_vip_free(struct hasw_vip *vip);
struct hasw_node *hasw_vip_holder(const struct hasw_vip *vip);
struct hasw_node *hasw_vip_successor(const struct hasw_vip *vip, u64 *epoch);
bool hasw_vip_speaks(const struct hasw_vip *vip);
u64 hasw_vip_epoch(const struct hasw_vip *vip);
void hasw_vip_set_on_loss(struct hasw_config *cfg, struct hasw_vip *vip,
			  u8 on_loss);
void hasw_vip_set_mark(struct hasw_config *cfg, struct hasw_vip *vip, u32 mark);
void hasw_vip_set_stray(struct hasw_config *cfg, struct hasw_vip *vip,
			u8 stray);
bool hasw_vip_set_owner(struct hasw_vip *vip, struct hasw_node *holder,
			struct hasw_lease *lease, bool member);
void hasw_vip_set_role(struct hasw_vip *vip, bool member);
bool hasw_devs_face(const struct hasw_devs *devs, const struct net_device *dev);
bool hasw_vip_faces(const struct hasw_vip *vip, const struct net_device *dev);
int hasw_vip_tables_init(struct hasw_config *cfg);
void hasw_vip_tables_free(struct hasw_config *cfg);

#endif
