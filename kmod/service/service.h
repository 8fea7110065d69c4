/* SPDX-License-Identifier: GPL-2.0 */
/* Services: each covers a whole vip, a protocol of the vip, or a port. */
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
 * @spread: the table hasw_members.maglev assigns each flow to a member
 * @tracks: the choice of a member depends on changing state, so flows are
 *	tracked
 * @rotates: the scheduler needs hasw_members_credits()
 * @counts: the choice depends on how many flows the members have, so flows that
 *	have expired are to be ended soon
 * @choose: picks the member of a new flow, or returns NULL if none is usable;
 *	called under RCU, softirqs off
 * @next: returns the member that @choose would pick now, and changes no state;
 *	the pointer is NULL if the scheduler picks at random
 * @pick: returns the active member, or NULL if none is usable; called under
 *	RCU; the pointer is NULL if the scheduler has no single active member
 */
struct hasw_sched {
	u8 id;
	bool spread;
	bool tracks;
	bool rotates;
	bool counts;
	struct hasw_member *(*choose)(struct hasw_service *service,
				      const struct hasw_members *all,
				      const struct hasw_tuple *t);
	struct hasw_member *(*next)(struct hasw_service *service,
				    const struct hasw_members *all,
				    const struct hasw_tuple *t);
	struct hasw_member *(*pick)(const struct hasw_service *service,
				    const struct hasw_members *all);
};

/* The schedulers, indexed by enum haswitch_sched. */
extern const struct hasw_sched *const hasw_scheds[];

/* How the packet path finds the member of a packet. */
enum hasw_how {
	/* One member gets all packets. */
	HASW_HOW_ONE,
	/* The hash of the flow selects the member. */
	HASW_HOW_HASH,
	/* The scheduler picks a member for each packet. */
	HASW_HOW_EACH,
	/* Flows are tracked: all packets of a flow go to the flow's member. */
	HASW_HOW_FLOW,
};

/* Number of switches (changes of the serving node) that a service records
 * before its struct hasw_times is allocated.
 */
#define HASW_TIMES_EARLY 5

/* Number of durations that are recorded for each switch. */
#define HASW_TIMES_SPANS 3

/* Who is called first among the members that could wait, and before them those
 * that are not called, because they never wait.
 */
enum hasw_turn_kind {
	HASW_TURN_SERVES,
	HASW_TURN_LOST,
	/* A spare member, if a zone is preferred one in this zone. */
	HASW_TURN_SPARE,
	/* In another zone than the preferred one: no spare member, and a spare
	 * one.
	 */
	HASW_TURN_AWAY,
	HASW_TURN_AWAY_SPARE,
};

/**
 * struct hasw_member - a node's part in a service; with via nat a node can have
 *	several, each with another hasw_member_port()
 * @node: the node; constant; the member holds a reference
 * @traffic: per-CPU counters of packets and bytes
 * @share: share of the service's flows, NULL until needed; stored under
 *	hasw_net.mutex, with a release, before packets read it
 * @turn: if the member @waits and its configured weight is above 0, enum
 *	hasw_turn_kind; else 0; written under hasw_net.mutex, after @weight
 * @weight: relative share of the flows; 0 for a member that @waits; written
 *	under hasw_net.mutex
 * @via: enum haswitch_via by which this node reaches the member, see
 *	hasw_via_here(); written under hasw_net.mutex, read by packets
 * @health: enum haswitch_health, computed from @checked and @refused; after
 *	packets can read it, only hasw_switch_publish_health() stores it
 * @checked: health as a health check or the administrator has set it, up or
 *	down; under hasw_net.state_lock
 * @refused: no process listens on the service's port at the member; written
 *	under hasw_net.state_lock
 * @accounted: event number of the last switch, of the member or its node, for
 *	which hasw_times_skip() has recorded a packet; written under
 *	hasw_net.state_lock
 * @sw: record of the last change of @health, NULL before the first change;
 *	under hasw_net.state_lock
 * @said: configured enum haswitch_via, by which other nodes reach the member;
 *	under hasw_net.mutex; not read by packets. @said shares memory with
 *	@rcu, which is used only after the member is deleted, as do the next
 *	five fields, for which the same holds.
 * @spare: the member gets new flows only while fewer than
 *	hasw_service.min_active others are usable
 * @waits: not 0: the member gets no new flows, because it is a spare one, or
 *	one of another zone than the preferred one, and enough others are
 *	usable; then enum hasw_turn_kind; see hasw_spares_judge()
 * @waited: @waits before hasw_spares_prefer(), which restores it on failure
 * @priority: the smallest number is preferred
 * @wanted: configured weight, from which hasw_member_weigh() makes @weight
 * @rcu: frees the member once no packet uses it
 */
struct hasw_member {
	struct hasw_node *node;
	struct hasw_traffic __percpu *traffic;
	struct hasw_share *share;
	u8 turn;
	u16 weight;
	u8 via;
	u8 health;
	u8 checked;
	bool refused;
	u64 accounted;
	struct hasw_switch *sw;
	union {
		struct {
			u8 said;
			bool spare;
			u8 waits;
			u8 waited;
			u16 priority;
			u16 wanted;
		};
		struct rcu_head rcu;
	};
};

/* Schedulers read each candidate member, so a member must fit into one cache
 * line.
 */
static_assert(sizeof(struct hasw_member) <= 64);

/* Returns how this node reaches a member on @node. Other nodes reach it by
 * @via; the member's own node delivers locally. The result may be stored,
 * because @node->self is constant.
 */
static inline u8 hasw_via_here(const struct hasw_node *node, u8 via)
{
	return node->self ? HASWITCH_VIA_LOCAL : via;
}

/* Returns the weight by which packets pick a member. The caller holds
 * hasw_net.mutex.
 */
static inline u16 hasw_member_weigh(const struct hasw_member *m)
{
	return m->waits ? 0 : m->wanted;
}

/* Returns whether packets read what hasw_member.waits and hasw_member.wanted
 * say. The caller holds hasw_net.mutex.
 */
static inline bool hasw_member_is_told(const struct hasw_member *m)
{
	return m->weight == hasw_member_weigh(m) &&
	       m->turn == (m->wanted ? m->waits : 0);
}

/* Has packets read what hasw_member.waits and hasw_member.wanted say. Packets
 * read the cache line, so what is told already is not stored again. The caller
 * holds hasw_net.mutex.
 */
static inline void hasw_member_tell(struct hasw_member *m)
{
	if (hasw_member_is_told(m))
		return;
	WRITE_ONCE(m->weight, hasw_member_weigh(m));
	/* Pairs with smp_load_acquire() in hasw_spares_stand_in(): who finds
	 * that the member waits no more also finds its weight.
	 */
	smp_store_release(&m->turn, m->wanted ? m->waits : 0);
}

/* Returns whether packets to a member with this via are encapsulated. The
 * kernel routes the outer packet.
 */
static inline bool hasw_via_tunnels(u8 via)
{
	return via == HASWITCH_VIA_TUNNEL || via == HASWITCH_VIA_GUE;
}

/* An index that stands for no member; HASWITCH_MEMBERS_MAX is far smaller. */
#define HASW_MEMBERS_NONE U16_MAX

/**
 * struct hasw_members - the members of a service; constant
 * @maglev: lookup table from the hash of a flow to an index of @m, or NULL if
 *	flows are not spread
 * @n: number of members in @m
 * @first: index of the first member with a weight above 0, or HASW_MEMBERS_NONE
 * @how: how the packet path finds the member of a packet, enum hasw_how
 * @sched: scheduler of the service, enum haswitch_sched
 * @capped: at least one member has a flows_max
 * @waiting: a member has, or is to have, a hasw_member.turn; it may have ended
 * @m: members by priority, then by time of addition; after them the round-robin
 *	credits, see hasw_members_credits()
 */
struct hasw_members {
	struct hasw_maglev *maglev;
	u16 n;
	u16 first;
	u8 how;
	u8 sched;
	bool capped;
	bool waiting;
	struct hasw_member *m[];
};

/**
 * hasw_members_credits() - the round-robin credits of members, by their index
 * @all: members of a service whose scheduler rotates, and picks for each flow
 *	or packet
 *
 * The credits are behind the members, in cache lines of their own. No field has
 * their address, since lists without credits, of which there can be very many,
 * would have it, too. Credits of all CPUs together are under
 * hasw_tracked.rr_lock; for other credits see sched_rr.c.
 *
 * Context: any.
 */
static inline s64 *hasw_members_credits(const struct hasw_members *all)
{
	return PTR_ALIGN((s64 *)&all->m[all->n], SMP_CACHE_BYTES);
}

/**
 * hasw_members_credits_each() - from one CPU's credits to the next CPU's
 * @how: enum hasw_how of the service
 * @n: number of members
 *
 * Context: any.
 * Return: the number of credits; 0 if all CPUs use the same credits.
 */
static inline u32 hasw_members_credits_each(u8 how, u32 n)
{
	return how == HASW_HOW_EACH ?
	       roundup(n, SMP_CACHE_BYTES / sizeof(s64)) : 0;
}

/**
 * struct hasw_tracked - flow settings and flow state of a service
 * @one_packet: each packet is a flow of its own; written under hasw_net.mutex
 * @nat: at least one member is reached via nat; written under hasw_net.mutex
 * @snat: packets to members reached via nat have this node's address as source
 * @on_failover: enum haswitch_on_failover
 * @mask: prefix length, bits; with @persist, addresses with the same prefix
 *	count as one client
 * @ticks: @persist in jiffies
 * @persist: time after a client's last packet for which the client keeps its
 *	member, ns; 0: new flows of a client may go to any member
 * @slow_start: time after which a starting member has its full weight, ns; 0:
 *	members start with their full weight
 * @new_max: maximum number of new flows per second; 0: no limit
 * @rr_lock: protects hasw_members_credits() that all CPUs use; spin_lock_bh
 * @due: theoretical arrival time of the next new flow at the rate @new_max, ns;
 *	see flow/flow.c
 * @limited: number of packets whose new flow would have exceeded @new_max
 *
 * Packets read @snat, @on_failover, @mask, @ticks, @persist, @new_max and
 * @slow_start, which are written under hasw_net.mutex. New flows write @rr_lock
 * and the fields after it, which begin another cache line.
 */
struct hasw_tracked {
	bool one_packet;
	bool nat;
	bool snat;
	u8 on_failover;
	u8 mask;
	u32 ticks;
	u64 persist;
	u64 slow_start;
	u32 new_max;
	spinlock_t rr_lock ____cacheline_aligned_in_smp;
	atomic64_t due;
	atomic64_t limited;
};

/**
 * struct hasw_service - a service of a vip
 * @members: members of the service, never NULL; readers under RCU, replaced
 *	under hasw_net.mutex
 * @since: time at which the list of members or the scheduler last changed, ns;
 *	not updated while one member gets all packets; stored shortly after
 *	@members, under hasw_net.mutex
 * @failback: how long a node that has returned (held) waits while another node
 *	can serve, ns; or HASW_FAILBACK_AUTO or HASW_FAILBACK_MANUAL; written
 *	under hasw_net.mutex, read by packets
 * @last: node that the last packet was sent to, if one member gets all packets;
 *	packets compare the pointer, and never dereference it; written under
 *	hasw_net.state_lock
 * @last_switch: event number of the last switch whose first packet was
 *	recorded; under hasw_net.state_lock
 * @times: histograms of the service's switch times, or NULL; see
 *	switch_times.c; under hasw_net.state_lock
 * @n_early: number of elements used in @early; under hasw_net.state_lock
 * @early: histogram buckets of switches that are not in @times yet; under
 *	hasw_net.state_lock
 * @port: port, host byte order; 0 is every port; constant
 * @proto: IP protocol; 0 is every protocol; constant
 * @sched: enum haswitch_sched; written under hasw_net.mutex; packets read
 *	hasw_members.sched instead
 * @rejects: the sender of a packet gets an error if no member is usable;
 *	written under hasw_net.mutex, read by packets
 * @min_active: number of usable members below which spare members get new
 *	flows; under hasw_net.mutex
 * @zone_prefer: members in this node's zone get the new flows while enough of
 *	them are usable; under hasw_net.mutex
 * @own_via: enum haswitch_via by which other nodes reach this node's members;
 *	HASWITCH_VIA_LOCAL if this node is no member; written under
 *	hasw_net.mutex, read by packets
 * @dropped: per-CPU count of packets for which no member was usable
 * @sorry: node that gets packets if no member is usable, or NULL; readers under
 *	RCU, written under hasw_net.mutex; the service holds a reference
 * @vip: the vip; constant
 * @tracked: flow settings and flow state, NULL until needed; stored under
 *	hasw_net.mutex before packets read it
 * @number: id of the service in heartbeats, equal on every node; constant
 * @refused_at: when a client that this node's member refused last took the
 *	state lock, although the member was known to refuse, jiffies; 0 is never;
 *	written by the packet path without a lock
 * @by_number: entry in hasw_config.numbers, if the service has a port
 * @with_spares: entry in hasw_config.spares, if the service has or had a spare
 *	member, or prefers or preferred a zone
 * @gone: packets and bytes of deleted members; under hasw_net.mutex
 * @rcu: frees the service once no packet uses it; shares memory with @gone,
 *	which is not read after the service is deleted
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
	u8 own_via;
	u16 min_active : 15;
	u16 zone_prefer : 1;
	u64 __percpu *dropped;
	struct hasw_node __rcu *sorry;
	struct hasw_vip *vip;
	struct hasw_tracked *tracked;
	u64 number;
	unsigned long refused_at;
	struct hlist_node by_number;
	struct hlist_node with_spares;
	union {
		struct {
			u64 packets;
			u64 bytes;
		} gone;
		struct rcu_head rcu;
	};
};

/**
 * struct hasw_ports - the further ports that a service has, or will have
 * @n: number of elements in @range
 * @range: first and last port of each range, host byte order; the ranges are
 *	ascending and do not overlap
 */
struct hasw_ports {
	u32 n;
	struct {
		u16 from;
		u16 to;
	} range[HASWITCH_ALSO_MAX];
};

/**
 * struct hasw_tracking - configuration of how a service tracks flows
 * @one_packet: each packet is a flow of its own
 * @nat: at least one member is reached via nat
 * @snat: packets to members reached via nat have this node's address as source
 * @mask: prefix length, bits; with @persist, addresses with the same prefix
 *	count as one client
 * @persist: time after a client's last packet for which the client keeps its
 *	member, ns; 0: new flows of a client may go to any member
 * @new_max: maximum number of new flows per second; 0: no limit
 * @slow_start: time after which a starting member has its full weight, ns; 0:
 *	members start with their full weight
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
 * struct hasw_place - a member's priority, weight and flow limit, and whether
 *	it is a spare one
 * @priority: the smallest number is preferred
 * @weight: relative share of the flows
 * @spare: the member is a spare one
 * @waits: see hasw_member.waits
 * @flows_max: maximum number of flows; 0: no limit; a limit is possible only in
 *	a service that tracks flows
 */
struct hasw_place {
	u16 priority;
	u16 weight;
	bool spare;
	u8 waits;
	u32 flows_max;
};

/**
 * hasw_service_sched() - returns the scheduler of a service
 * @service: the service
 *
 * Context: process, hasw_net.mutex held; packets use hasw_sched_of().
 */
static inline const struct hasw_sched *
hasw_service_sched(const struct hasw_service *service)
{
	return hasw_scheds[service->sched];
}

/**
 * hasw_member_own_port() - returns the port of a member via nat
 * @m: the member
 *
 * Context: process, hasw_net.mutex held; or RCU read side; or state_lock held.
 * Return: the port in host byte order; 0 if the member has no port of its own.
 */
static inline u16 hasw_member_own_port(const struct hasw_member *m)
{
	const struct hasw_share *share = READ_ONCE(m->share);

	return share ? READ_ONCE(share->port) : 0;
}

/**
 * hasw_member_port() - returns the port by which a member differs from the
 *	other members on its node
 * @service: the service of the member
 * @m: the member
 *
 * Context: as hasw_member_own_port().
 * Return: the member's port in host byte order; if it has none of its own, that
 * of the service, which is 0 if the service has every port.
 */
static inline u16 hasw_member_port(const struct hasw_service *service,
				   const struct hasw_member *m)
{
	return hasw_member_own_port(m) ?: service->port;
}

/**
 * hasw_service_key() - returns the sort key of a service among the services of
 *	its vip
 * @proto: protocol, 0 for the whole vip
 * @port: port in host byte order, 0 for all
 */
static inline u32 hasw_service_key(u8 proto, u16 port)
{
	return (u32)proto << 16 | port;
}

/**
 * hasw_service_at() - finds a service by its exact key, not by a further port
 * @all: the services of a vip
 * @key: sort key of the service, from hasw_service_key()
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the service, or NULL.
 */
static inline struct hasw_service *
hasw_service_at(const struct hasw_services *all, u32 key)
{
	u32 low = 0, high, mid;

	/* Most vips have one service, without further ports. */
	if (likely(all->count == 1))
		return all->key[0] == key ? hasw_services_only(all) : NULL;
	high = hasw_services_n(all);
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
 * hasw_service_named() - finds the service that has a port as its own port or
 *	as a further one
 * @all: the services of a vip
 * @proto: IP protocol
 * @port: port in host byte order; 0: only the service of the whole protocol is
 *	found
 *
 * Only a vip with further ports, and only a port that no service has as its
 * own, costs a second search.
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the service, or NULL.
 */
static __always_inline struct hasw_service *
hasw_service_named(const struct hasw_services *all, u8 proto, u16 port)
{
	u32 key = hasw_service_key(proto, port);
	struct hasw_service *s = hasw_service_at(all, key);
	const struct hasw_further *further;

	if (s || likely(!(all->count & HASW_SERVICES_FURTHER)))
		return s;
	further = hasw_further_at(all, key);
	return further ? further->service : NULL;
}

/**
 * hasw_service_pick() - finds the most specific service for a packet
 * @all: the services of a vip
 * @proto: IP protocol of the packet
 * @port: destination port in host byte order, 0 if the protocol has none
 *
 * Always inlined, because some compilers would call it for each packet of the
 * fast path.
 *
 * Context: RCU read side.
 * Return: the service, or NULL.
 */
static __always_inline struct hasw_service *
hasw_service_pick(const struct hasw_services *all, u8 proto, u16 port)
{
	struct hasw_service *s;

	s = hasw_service_named(all, proto, port);
	if (!s && port)
		s = hasw_service_at(all, hasw_service_key(proto, 0));
	if (!s)
		s = hasw_service_at(all, hasw_service_key(0, 0));
	return s;
}

/**
 * hasw_service_due() - returns the time from which a held node may serve like a
 *	node that is up
 * @service: the service
 * @word: state word of a held node, see hasw_word_state()
 *
 * A held node that is not due serves only if no node is up.
 *
 * Context: RCU read side.
 * Return: the time, ns; 0: at once; U64_MAX: only when the node is no longer
 * held.
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
				      const struct hasw_ports *ports,
				      const struct hasw_sched *sched,
				      const struct hasw_tracking *tracking);
struct hasw_service *hasw_service_owner(const struct hasw_vip *vip, u8 proto,
					u16 from, u16 to,
					const struct hasw_service *but,
					u16 *port);
void hasw_service_ports(const struct hasw_service *service,
			struct hasw_ports *ports);
struct hasw_services *
hasw_service_plan_ports(struct hasw_service *service,
			const struct hasw_ports *ports);
void hasw_service_set_ports(struct hasw_service *service,
			    struct hasw_services *planned);
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
struct hasw_member *hasw_member_at(const struct hasw_service *service,
				   const struct hasw_node *node, u16 port);
u32 hasw_members_on(const struct hasw_service *service,
		    const struct hasw_node *node);
struct hasw_member *hasw_member_add(struct hasw_config *cfg,
				    struct hasw_service *service,
				    struct hasw_node *node,
				    const struct hasw_place *place, u8 via,
				    u16 port, u8 health);
void hasw_member_free(struct hasw_config *cfg,
		      const struct hasw_service *service,
		      struct hasw_member *m, bool read);
int hasw_member_del(struct hasw_config *cfg, struct hasw_service *service,
		    struct hasw_member *m);
int hasw_member_set_place(struct hasw_config *cfg,
			  struct hasw_service *service, struct hasw_member *m,
			  const struct hasw_place *place);
int hasw_member_set_via(struct hasw_config *cfg, struct hasw_service *service,
			struct hasw_member *m, u8 via, u16 port);
void hasw_members_sync(struct hasw_config *cfg, struct hasw_service *service);
int hasw_members_renew(struct hasw_config *cfg, struct hasw_service *service);
int hasw_members_again(struct hasw_config *cfg, struct hasw_service *service);
void hasw_member_event(struct hasw_event *ev, u8 kind,
		       const struct hasw_service *service,
		       const struct hasw_member *m);
int hasw_member_prepare_health(struct hasw_member *m, gfp_t gfp);
void hasw_member_inherit_refused(struct hasw_member *m, bool refused);
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
