/* SPDX-License-Identifier: GPL-2.0 */
/* A vip, a protocol of it or a port of that, and the members that serve it. */
#ifndef HASW_SERVICE_H
#define HASW_SERVICE_H

#include "maglev.h"
#include "member_flows.h"
#include "core/stats.h"
#include "vip.h"

struct hasw_members;
struct hasw_service;
struct hasw_times;
struct hasw_tuple;

/**
 * struct hasw_sched - a scheduler
 * @id: enum haswitch_sched
 * @spread: every flow has a member, by hasw_members.maglev
 * @tracks: who has a flow must be remembered
 * @choose: picks the member of a new flow; RCU read side, softirqs off; NULL
 *	when none is usable
 * @next: whom @choose would pick, with nothing noted; NULL where that is left to
 *	chance
 * @pick: where not, the member that a new packet would go to now; RCU read
 *	side; NULL when none is usable
 */
struct hasw_sched {
	u8 id;
	bool spread;
	bool tracks;
	struct hasw_member *(*choose)(struct hasw_service *service,
				      const struct hasw_members *all,
				      const struct hasw_tuple *t);
	struct hasw_member *(*next)(struct hasw_service *service,
				    const struct hasw_members *all,
				    const struct hasw_tuple *t);
	struct hasw_member *(*pick)(const struct hasw_service *service,
				    const struct hasw_members *all);
};

/* By enum haswitch_sched. */
extern const struct hasw_sched *const hasw_scheds[];

/* How the members of packets are found. */
enum hasw_how {
	/* One has them all. */
	HASW_HOW_ONE,
	/* By a hash of the flow. */
	HASW_HOW_HASH,
	/* Anew for each packet. */
	HASW_HOW_EACH,
	/* Flows are tracked. */
	HASW_HOW_FLOW,
};

/* Switches of a service that are noted until there is memory to count them,
 * each as its bucket of each of so many times.
 */
#define HASW_TIMES_EARLY 5
#define HASW_TIMES_SPANS 3

/**
 * struct hasw_member - a node's part in a service
 * @node: the node; constant; the member holds a use of it
 * @traffic: per-CPU counters
 * @share: of the flows, NULL until they are given to members; written under
 *	hasw_net.mutex, before packets ask for it
 * @priority: a smaller number is preferred; written under hasw_net.mutex
 * @weight: its share where flows are spread; written under hasw_net.mutex
 * @via: enum haswitch_via, hasw_via_here() of @said; written under
 *	hasw_net.mutex, read by packets
 * @health: enum haswitch_health, of all that is known; once packets read it,
 *	stored by hasw_switch_publish_health() only
 * @checked: what was checked or set, up or down; under hasw_net.state_lock
 * @refused: nobody listens there; written under hasw_net.state_lock
 * @accounted: event of the last switch of the member or its node after which a
 *	packet of its flows was seen to go to another one; written under
 *	hasw_net.state_lock
 * @sw: last change of @health; under hasw_net.state_lock; NULL before the first
 * @said: enum haswitch_via, as configured: how other nodes reach the member;
 *	under hasw_net.mutex, while it is one. Packets do not read it: it is
 *	where @rcu will be, so that a member fills one cache line.
 * @rcu: frees the member once no packet uses it
 */
struct hasw_member {
	struct hasw_node *node;
	struct hasw_traffic __percpu *traffic;
	struct hasw_share *share;
	u16 priority;
	u16 weight;
	u8 via;
	u8 health;
	u8 checked;
	bool refused;
	u64 accounted;
	struct hasw_switch *sw;
	union {
		u8 said;
		struct rcu_head rcu;
	};
};

/* A pick reads one cache line of each member that it looks at. */
static_assert(sizeof(struct hasw_member) <= 64);

/* How packets reach a member from here. A via says how other nodes reach it; the
 * node itself delivers to its own programs. Asked when the member is configured,
 * and by nobody else: @node->self is constant.
 */
static inline u8 hasw_via_here(const struct hasw_node *node, u8 via)
{
	return node->self ? HASWITCH_VIA_LOCAL : via;
}

/* Whether packets go by that via inside others, to wherever the node is. */
static inline bool hasw_via_tunnels(u8 via)
{
	return via == HASWITCH_VIA_TUNNEL || via == HASWITCH_VIA_GUE;
}

/* Above any index: HASWITCH_MEMBERS_MAX fits twice. */
#define HASW_MEMBERS_NONE U16_MAX

/**
 * struct hasw_members - the members of a service, best first, constant
 * @maglev: whose each flow is, by index of @m, if they are spread by that; or
 *	NULL
 * @n: number of @m
 * @first: index of the first of @m that has a weight, or HASW_MEMBERS_NONE
 * @how: enum hasw_how
 * @sched: enum haswitch_sched
 * @capped: one of them may not have any number of flows
 * @m: by priority, then in the order of their addition
 */
struct hasw_members {
	struct hasw_maglev *maglev;
	u16 n;
	u16 first;
	u8 how;
	u8 sched;
	bool capped;
	struct hasw_member *m[];
};

/**
 * struct hasw_tracked - what a service needs whose flows are given to members
 * @turn: of schedulers that give them in turn; spin_lock_bh
 * @one_packet: each packet is a flow; written under hasw_net.mutex
 * @nat: a member is via nat; as @one_packet
 * @snat: to these this node is the client; as @mask
 * @on_failover: enum haswitch_on_failover; as @mask
 * @mask: how many leading bits of a client's address count; written under
 *	hasw_net.mutex, read by packets
 * @ticks: for how long a client keeps its member, jiffies; as @mask
 * @persist: the same in ns; 0 is not at all; as @mask
 * @new_max: so many flows may begin a second, 0 is any number; as @mask
 * @due: when those that have begun would have, one by one, ns; see flow/flow.c
 * @limited: packets that would have begun one too many
 * @slow_start: how long a member takes to its full weight, ns; 0 is no time; as
 *	@mask
 */
struct hasw_tracked {
	spinlock_t turn;
	bool one_packet;
	bool nat;
	bool snat;
	u8 on_failover;
	u8 mask;
	u32 ticks;
	u64 persist;
	u32 new_max;
	atomic64_t due;
	atomic64_t limited;
	u64 slow_start;
};

/**
 * struct hasw_service - what is served
 * @members: never NULL; readers under RCU, replaced under hasw_net.mutex
 * @since: when @members were published, ns, if flows are spread over them; set
 *	a moment later, under hasw_net.mutex
 * @failback: how long a node that returned waits before it serves again though
 *	another one can, ns; HASW_FAILBACK_AUTO or _MANUAL; written under
 *	hasw_net.mutex, read by packets
 * @last: node that the last packet was sent to; packets compare it, and change
 *	it under hasw_net.state_lock; never followed
 * @last_switch: event of the last switch that @last has accounted for; under
 *	hasw_net.state_lock
 * @times: how long its switches took, or NULL; see switch_times.c; under
 *	hasw_net.state_lock
 * @n_early: number of @early; under hasw_net.state_lock
 * @early: switches that are not in @times yet; under hasw_net.state_lock
 * @port: host byte order, 0 is every one; constant
 * @proto: 0 is every one; constant
 * @sched: enum haswitch_sched, how a member is picked; written under
 *	hasw_net.mutex; packets go by that of @members
 * @rejects: who sends what no member can take is told; written under
 *	hasw_net.mutex, read by packets
 * @dropped: per-CPU count of packets that no member could take
 * @sorry: node that gets what no member can take, or NULL; readers under RCU,
 *	written under hasw_net.mutex; the service holds a use of the node
 * @vip: the vip; constant
 * @tracked: what is needed where flows are given to members, NULL until then;
 *	written under hasw_net.mutex, before packets ask for it
 * @number: the same on every node; constant
 * @by_number: in hasw_config.numbers, if it has a port
 * @gone: packets and bytes of members that were deleted; under
 *	hasw_net.mutex
 * @rcu: frees the service once no packet uses it; then nobody asks for @gone
 */
struct hasw_service {
	struct hasw_members __rcu *members;
	u64 since;
	u64 failback;
	const struct hasw_node *last;
	u64 last_switch;
	struct hasw_times *times;
	u8 n_early;
	u8 early[HASW_TIMES_EARLY][HASW_TIMES_SPANS];
	u16 port;
	u8 proto;
	u8 sched;
	bool rejects;
	u64 __percpu *dropped;
	struct hasw_node __rcu *sorry;
	struct hasw_vip *vip;
	struct hasw_tracked *tracked;
	u64 number;
	struct hlist_node by_number;
	union {
		struct {
			u64 packets;
			u64 bytes;
		} gone;
		struct rcu_head rcu;
	};
};

/**
 * struct hasw_tracking - what of a service is remembered of its flows
 * @one_packet: each packet is a flow
 * @nat: a member is via nat
 * @snat: to these this node is the client
 * @mask: how many leading bits of a client's address count
 * @persist: for how long a client keeps its member, ns; 0 is not at all
 * @new_max: so many flows may begin a second; 0 is any number
 * @slow_start: how long a member takes to its full weight, ns; 0 is no time
 * @on_failover: enum haswitch_on_failover
 */
struct hasw_tracking {
	bool one_packet;
	bool nat;
	bool snat;
	u8 on_failover;
	u8 mask;
	u32 new_max;
	u64 persist;
	u64 slow_start;
};

/**
 * struct hasw_place - a member's place among the others
 * @priority: a smaller number is preferred
 * @weight: its share where flows are spread
 * @flows_max: so many flows it may have, 0 is any number; another number needs
 *	a service whose flows are tracked
 */
struct hasw_place {
	u16 priority;
	u16 weight;
	u32 flows_max;
};

/**
 * hasw_service_sched() - the scheduler of a service
 * @service: the service
 *
 * Context: process, hasw_net.mutex held; packets go by their members' scheduler.
 */
static inline const struct hasw_sched *
hasw_service_sched(const struct hasw_service *service)
{
	return hasw_scheds[service->sched];
}

/**
 * hasw_service_key() - the order of a vip's services
 * @proto: protocol, 0 for the whole vip
 * @port: port in host byte order, 0 for all
 */
static inline u32 hasw_service_key(u8 proto, u16 port)
{
	return (u32)proto << 16 | port;
}

/**
 * hasw_service_at() - finds the service with exactly this key
 * @all: the services of a vip
 * @key: see hasw_service_key()
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the service, or NULL.
 */
static inline struct hasw_service *
hasw_service_at(const struct hasw_services *all, u32 key)
{
	u32 low = 0, high = all->n, mid;

	/* As most vips are. */
	if (likely(high == 1))
		return all->key[0] == key ? hasw_services_only(all) : NULL;
	while (low < high) {
		mid = (low + high) / 2;
		if (all->key[mid] == key)
			return hasw_services_list(all)[mid];
		if (all->key[mid] < key)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/**
 * hasw_service_pick() - the most specific service for a packet
 * @all: the services of a vip
 * @proto: of the packet
 * @port: destination port in host byte order, 0 without
 *
 * Context: RCU read side.
 * Return: the service, or NULL.
 */
static inline struct hasw_service *
hasw_service_pick(const struct hasw_services *all, u8 proto, u16 port)
{
	struct hasw_service *s;

	s = hasw_service_at(all, hasw_service_key(proto, port));
	if (!s && port)
		s = hasw_service_at(all, hasw_service_key(proto, 0));
	if (!s)
		s = hasw_service_at(all, hasw_service_key(0, 0));
	return s;
}

/**
 * hasw_service_due() - when a held node serves again though another one can
 * @service: the service
 * @word: of the node, which is held
 *
 * Context: RCU read side.
 * Return: ns; U64_MAX is never.
 */
static inline u64 hasw_service_due(const struct hasw_service *service,
				   u64 word)
{
	u64 failback = READ_ONCE(service->failback);

	if (word & HASW_WORD_DAMPED || failback == HASW_FAILBACK_MANUAL)
		return U64_MAX;
	return failback ? hasw_word_since(word) + failback : 0;
}

int hasw_service_cache_create(void);
void hasw_service_cache_destroy(void);
struct hasw_service *hasw_service_find(const struct hasw_vip *vip, u8 proto,
				       u16 port);
struct hasw_service *hasw_service_add(struct hasw_config *cfg,
				      struct hasw_vip *vip, u8 proto, u16 port,
				      const struct hasw_sched *sched,
				      const struct hasw_tracking *tracking);
int hasw_service_del(struct hasw_config *cfg, struct hasw_service *service);
int hasw_service_set_sched(struct hasw_config *cfg,
			   struct hasw_service *service,
			   const struct hasw_sched *sched,
			   const struct hasw_tracking *tracking);
int hasw_service_set_nat(struct hasw_config *cfg, struct hasw_service *service,
			 bool nat);
bool hasw_service_tracks(const struct hasw_sched *sched,
			 const struct hasw_tracking *tracking);
u8 hasw_service_how(const struct hasw_sched *sched,
		    const struct hasw_tracking *tracking);
void hasw_service_tracking(const struct hasw_service *service,
			   struct hasw_tracking *tracking);
u32 hasw_service_flows(const struct hasw_service *service);
u64 hasw_service_limited(const struct hasw_service *service);
void hasw_service_set_failback(struct hasw_service *service, u64 failback);
void hasw_service_set_on_empty(struct hasw_service *service, bool rejects,
			       struct hasw_node *sorry);
bool hasw_service_has(const struct hasw_service *service,
		      const struct hasw_node *node);
struct hasw_service *hasw_service_numbered(const struct hasw_config *cfg,
					   u64 number);
void hasw_service_free_all(struct hasw_config *cfg, struct hasw_vip *vip);
struct hasw_members *hasw_service_members(const struct hasw_service *service);
u64 hasw_service_dropped(const struct hasw_service *service);

int hasw_member_cache_create(void);
void hasw_member_cache_destroy(void);
struct hasw_member *hasw_member_find(const struct hasw_service *service,
				     const struct hasw_node *node);
struct hasw_member *hasw_member_add(struct hasw_config *cfg,
				    struct hasw_service *service,
				    struct hasw_node *node,
				    const struct hasw_place *place, u8 via,
				    u16 port, u8 health);
void hasw_member_free(struct hasw_config *cfg,
		      const struct hasw_service *service,
		      struct hasw_member *m);
int hasw_member_del(struct hasw_config *cfg, struct hasw_service *service,
		    struct hasw_member *m);
int hasw_member_set_place(struct hasw_config *cfg,
			  struct hasw_service *service, struct hasw_member *m,
			  const struct hasw_place *place);
int hasw_member_set_via(struct hasw_config *cfg, struct hasw_service *service,
			struct hasw_member *m, u8 via, u16 port);
void hasw_members_settle(struct hasw_config *cfg, struct hasw_service *service);
int hasw_members_again(struct hasw_config *cfg, struct hasw_service *service);
int hasw_member_prepare_health(struct hasw_member *m, gfp_t gfp);
void hasw_member_inherit_refused(struct hasw_member *m);
void hasw_member_inherit_share(struct hasw_member *m,
			       const struct hasw_member *from);
void hasw_members_begin(struct hasw_service *service);
bool hasw_member_set_refused(struct hasw_net *hn,
			     const struct hasw_service *service,
			     struct hasw_member *m, bool refused,
			     u64 decision);
void hasw_member_set_health(struct hasw_net *hn,
			    const struct hasw_service *service,
			    struct hasw_member *m, u8 health);

#endif
