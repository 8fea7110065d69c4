// SPDX-License-Identifier: GPL-2.0
/* The judge: whether a member gets a new flow, and if not, why; and which
 * members stand in for others: spare ones, and those of another zone than the
 * service prefers.
 */
#include <linux/jhash.h>
#include <linux/sort.h>

#include "judge.h"

/* Number of members that one run of the work on spare members looks at, at
 * least; and as how many a change counts, which publishes a new list. The next
 * run begins a jiffy later, so that others get hasw_net.mutex.
 */
#define HASW_SPARES_RUN 8192
#define HASW_SPARES_CHANGE 128

/* After this time, in ns, a service for which memory was missing is visited
 * again. Waiting harms little: the members that got new flows still do, and if
 * none of them is usable, those that wait stand in. To ask for memory sooner
 * would not make it come sooner.
 */
#define HASW_SPARES_AGAIN NSEC_PER_SEC

/* Returns whether the link-layer address of a member's node is unknown. The
 * kernel keeps resolving neighbour entries of nodes, so the address becomes
 * known even without traffic. A hop is a snapshot of a neighbour entry. Packets
 * via tunnel, gue and nat are routed and need no hop. hasw_hop_publish() sets
 * the hops of both families, or of none.
 */
static bool hasw_judge_unresolved(const struct hasw_member *m)
{
	return READ_ONCE(m->via) == HASWITCH_VIA_DIRECT &&
	       !rcu_access_pointer(m->node->hop[HASW_HOP4]) &&
	       !rcu_access_pointer(m->node->hop[HASW_HOP6]);
}

/* Completes the verdict of hasw_judge_weight() or hasw_judge_state(). @word:
 * state word of the member's node. @hops: whether an unknown link-layer address
 * counts.
 */
static u8 hasw_judge_rest(const struct hasw_service *service,
			  const struct hasw_member *m, u64 word, u8 verdict,
			  bool hops, u64 *now)
{
	if (verdict >= HASW_JUDGE_NEVER)
		return verdict;
	if (hasw_share_full(m->share))
		return HASWITCH_NEW_FLOWS_FULL;
	/* A refusing member keeps the verdict REFUSED, which is worse than
	 * UNRESOLVED because clients are reset.
	 */
	if (hops && verdict != HASWITCH_NEW_FLOWS_REFUSED &&
	    hasw_judge_unresolved(m))
		return HASWITCH_NEW_FLOWS_UNRESOLVED;
	if (verdict == HASWITCH_NEW_FLOWS_HELD &&
	    hasw_judge_due(service, word, now))
		return HASWITCH_NEW_FLOWS_YES;
	return verdict;
}

/* Does the work of hasw_judge_of(). @hops: as for hasw_judge_rest(). */
static u8 hasw_judge(const struct hasw_service *service,
		     const struct hasw_member *m, bool hops, u64 *now)
{
	u64 word = READ_ONCE(m->node->word);

	return hasw_judge_rest(service, m, word,
			       hasw_judge_weight(word, READ_ONCE(m->health), m),
			       hops, now);
}

/**
 * hasw_judge_of() - whether a member gets new flows, and if not, why
 * @service: service of the member
 * @m: the member
 * @now: current time, ns; if it is 0 and this function needs the time, the
 *	function reads the clock and stores the time here for further calls
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: enum haswitch_new_flows. If several reasons apply, the result is the
 * first of node-state, unhealthy, weight-0, full, refused, unresolved and held.
 */
u8 hasw_judge_of(const struct hasw_service *service,
		 const struct hasw_member *m, u64 *now)
{
	return hasw_judge(service, m, true, now);
}

/**
 * hasw_judge_shown() - what users are told of whether a member gets new flows
 * @service: service of the member
 * @all: members of the service, among them @m
 * @m: the member
 * @now: as for hasw_judge_of()
 *
 * Packets of services that track no flows, and do not pick a member for each
 * packet, do not check the next hop: see hasw_judge_state().
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: enum haswitch_new_flows, as hasw_judge_of().
 */
u8 hasw_judge_shown(const struct hasw_service *service,
		    const struct hasw_members *all,
		    const struct hasw_member *m, u64 *now)
{
	return hasw_judge(service, m, all->how >= HASW_HOW_EACH, now);
}

/* Place of a member that does not stand in for others. */
#define HASW_SPARES_NONE U16_MAX

/* Returns the place of a member among those that stand in when no other member
 * is usable: the smaller, the earlier. It is HASW_SPARES_NONE if the member
 * does not wait, or could not serve.
 */
static u16 hasw_spares_place(const struct hasw_service *service,
			     const struct hasw_members *all,
			     const struct hasw_member *m, u64 *now)
{
	/* Pairs with smp_store_release() in hasw_member_tell(). */
	u8 turn = smp_load_acquire(&m->turn), verdict;
	u64 word = READ_ONCE(m->node->word);

	if (!turn)
		return HASW_SPARES_NONE;
	verdict = hasw_judge_state(word, READ_ONCE(m->health), m);
	verdict = hasw_judge_rest(service, m, word, verdict,
				  all->how >= HASW_HOW_EACH, now);
	return hasw_judge_serves(verdict) ? verdict << 8 | turn :
					    HASW_SPARES_NONE;
}

/* Returns whether members that wait leave the new flows to this one. It is
 * usable as the work on spare members has it, who does not count flows either.
 */
static bool hasw_spares_leave_to(const struct hasw_member *m)
{
	return hasw_judge_serves(hasw_judge_weight(READ_ONCE(m->node->word),
						   READ_ONCE(m->health), m));
}

/**
 * hasw_spares_stand_in() - picks a member that waits, if no other is usable
 * @service: the service
 * @all: its members, with hasw_members.waiting set
 * @hash: hash of the flow
 * @picked: member that the scheduler has picked, or NULL
 *
 * A switch is one store, so members that wait begin by work that visits each
 * service. Until then they stand in here, so that no new flow is lost: first
 * the spare ones, then those of other zones. Of the spare ones it is the first
 * by priority, as the work mostly has it. Of the others it is any, since all
 * of them begin.
 *
 * Context: RCU read side.
 * Return: @picked, or a member that waits.
 */
struct hasw_member *hasw_spares_stand_in(const struct hasw_service *service,
					 const struct hasw_members *all,
					 u32 hash, struct hasw_member *picked)
{
	struct hasw_member *m, *found = picked;
	u16 place, best = HASW_SPARES_NONE;
	u32 score, most = 0, i;
	u64 now = 0;

	if (picked && likely(hasw_spares_leave_to(picked)))
		return picked;
	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		place = hasw_spares_place(service, all, m, &now);
		if (place == HASW_SPARES_NONE && hasw_spares_leave_to(m))
			/* It is full; or it has begun since the scheduler
			 * looked.
			 */
			return hasw_judge_serves(hasw_judge_shown(service, all,
								  m, &now)) ?
			       m : picked;
		score = (u8)place == HASW_TURN_AWAY ? jhash_1word(hash, i) : 0;
		if (place > best || (place == best && score <= most))
			continue;
		best = place;
		most = score;
		found = m;
	}
	return found;
}

/**
 * hasw_spares_stands_in() - whether a member gets flows like another one that
 *	hasw_spares_stand_in() has picked
 * @service: the service
 * @all: its members
 * @m: the member
 * @picked: the other one, or @m, or NULL
 * @now: as for hasw_judge_of()
 *
 * Context: RCU read side.
 */
bool hasw_spares_stands_in(const struct hasw_service *service,
			   const struct hasw_members *all,
			   const struct hasw_member *m,
			   const struct hasw_member *picked, u64 *now)
{
	u16 place = picked ? hasw_spares_place(service, all, picked, now) :
			     HASW_SPARES_NONE;

	return place != HASW_SPARES_NONE &&
	       (m == picked || ((u8)place == HASW_TURN_AWAY &&
				hasw_spares_place(service, all, m, now) == place));
}

/**
 * hasw_spares_could_wait() - whether a member gets new flows only while too few
 *	others are usable
 * @service: service of the member
 * @self: the node that stands for this network namespace, or NULL
 * @node: node of the member
 * @spare: the member is a spare one
 *
 * Context: process, hasw_net.mutex held.
 * Return: HASW_TURN_SERVES, which is 0, if the member never waits; else when it
 * is called.
 */
u8 hasw_spares_could_wait(const struct hasw_service *service,
			  const struct hasw_node *self,
			  const struct hasw_node *node, bool spare)
{
	lockdep_assert(hasw_wlock_held(&service->vip->wlock));
	if (service->zone_prefer && self && self->zone[0] &&
	    strcmp(self->zone, node->zone))
		return spare ? HASW_TURN_AWAY_SPARE : HASW_TURN_AWAY;
	return spare ? HASW_TURN_SPARE : HASW_TURN_SERVES;
}

/**
 * struct hasw_turn - when a member is called
 * @m: the member
 * @kind: enum hasw_turn_kind
 * @level: number of other members of its zone that serve when it is called
 * @lost: number of members of its zone that never wait and are not usable
 */
struct hasw_turn {
	struct hasw_member *m;
	u8 kind;
	u16 level;
	u16 lost;
};

/**
 * struct hasw_turns - the members of a service as the work on spare members
 *	judges them
 * @service: the service
 * @zone: zone that is preferred, or NULL
 * @now: current time, ns
 * @next: reduced to the time at which a failback ends, ns
 * @rank: worst verdict with which a member counts as usable
 * @needed: number of members that are to be called
 */
struct hasw_turns {
	const struct hasw_service *service;
	const char *zone;
	u64 now;
	u64 *next;
	u8 rank;
	u32 needed;
};

/* Returns the verdict on a member as if it never waited: whether its node, its
 * health and its configured weight let it serve. If its failback ends later,
 * hasw_turns.next is reduced to that time. The caller holds hasw_net.mutex.
 */
static u8 hasw_turns_verdict(const struct hasw_turns *t,
			     const struct hasw_member *m)
{
	u64 word = READ_ONCE(m->node->word), due;
	u8 verdict = hasw_judge_state(word, READ_ONCE(m->health), m);

	lockdep_assert(hasw_wlock_held(&t->service->vip->wlock));
	if (verdict < HASW_JUDGE_NEVER && !m->wanted)
		return HASWITCH_NEW_FLOWS_WEIGHT_0;
	if (verdict != HASWITCH_NEW_FLOWS_HELD)
		return verdict;
	due = hasw_service_due(t->service, word);
	if (due <= t->now)
		return HASWITCH_NEW_FLOWS_YES;
	*t->next = min(*t->next, due);
	return verdict;
}

static u8 hasw_turns_kind(const struct hasw_turns *t,
			  const struct hasw_member *m)
{
	bool usable = hasw_turns_verdict(t, m) <= t->rank;

	if (t->zone && strcmp(t->zone, m->node->zone))
		return m->spare ? HASW_TURN_AWAY_SPARE : HASW_TURN_AWAY;
	if (m->spare)
		return HASW_TURN_SPARE;
	return usable ? HASW_TURN_SERVES : HASW_TURN_LOST;
}

/* Finds out from which verdict on members are usable, whether a zone is
 * preferred, and how many members are needed. Members that are held count only
 * if no member is up, as for the schedulers. A zone without a usable member is
 * not preferred: one member of another zone would get all its flows.
 */
static void hasw_turns_look(struct hasw_turns *t, const struct hasw_node *self)
{
	const struct hasw_members *all = hasw_service_members(t->service);
	u32 serve = 0, near = 0, i;
	const struct hasw_member *m;

	lockdep_assert(hasw_wlock_held(&t->service->vip->wlock));
	t->rank = HASWITCH_NEW_FLOWS_HELD;
	for (i = 0; i < all->n; i++)
		t->rank = min(t->rank, hasw_turns_verdict(t, all->m[i]));
	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		near += hasw_turns_verdict(t, m) <= t->rank &&
			!hasw_spares_could_wait(t->service, self, m->node,
						false);
	}
	t->zone = near && t->service->zone_prefer && self && self->zone[0] ?
		  self->zone : NULL;
	for (i = 0; i < all->n; i++)
		serve += hasw_turns_kind(t, all->m[i]) == HASW_TURN_SERVES;
	t->needed = serve < t->service->min_active ?
		    t->service->min_active - serve : 0;
}

/* Compares two members of a zone, or of two equal zones, by the order in which
 * they are called. All nodes have the same order, whatever the order in which
 * the members were added.
 */
static int hasw_turns_order(const struct hasw_turns *t,
			    const struct hasw_member *a,
			    const struct hasw_member *b)
{
	int order;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	order = strcmp(a->node->name, b->node->name);
	return order ?: hasw_member_port(t->service, a) -
			hasw_member_port(t->service, b);
}

static int hasw_turns_by_zone(const void *one, const void *other,
			      const void *turns)
{
	const struct hasw_turn *a = one, *b = other;
	int order = strcmp(a->m->node->zone, b->m->node->zone);

	if (order || a->kind != b->kind)
		return order ?: a->kind - b->kind;
	return hasw_turns_order(turns, a->m, b->m);
}

static int hasw_turns_by_level(const void *one, const void *other,
			       const void *turns)
{
	const struct hasw_turn *a = one, *b = other;

	if (a->kind != b->kind)
		return a->kind - b->kind;
	if (a->level != b->level)
		return a->level - b->level;
	if (a->lost != b->lost)
		return b->lost - a->lost;
	return hasw_turns_order(turns, a->m, b->m);
}

/* Sorts the @n members in @turn by the order in which they are called. The next
 * one is always of the zone in which the fewest serve. So each member's level
 * is the number of those of its zone that serve before it, and the members can
 * be sorted by it.
 */
static void hasw_turns_sort(const struct hasw_turns *t, struct hasw_turn *turn,
			    u32 n)
{
	u16 level = 0, lost = 0;
	u32 i;

	sort_r(turn, n, sizeof(*turn), hasw_turns_by_zone, NULL, t);
	for (i = 0; i < n; i++) {
		if (i && strcmp(turn[i].m->node->zone,
				turn[i - 1].m->node->zone))
			level = lost = 0;
		turn[i].level = level;
		turn[i].lost = lost;
		if (turn[i].kind == HASW_TURN_LOST)
			lost++;
		else
			level++;
	}
	sort_r(turn, n, sizeof(*turn), hasw_turns_by_level, NULL, t);
}

/**
 * hasw_spares_judge() - decides which members of a service wait, and which of
 *	those that could wait are called
 * @service: the service; hasw_member.waits of its members is written
 * @self: the node that stands for this network namespace, or NULL
 * @now: current time, ns
 * @next: reduced to the time at which a failback ends, and with it maybe the
 *	need for a spare member, ns
 *
 * Context: process, hasw_net.mutex held.
 * Return: the number of members that are called; or -ENOMEM, with the same
 * members waiting as before.
 */
int hasw_spares_judge(const struct hasw_service *service,
		      const struct hasw_node *self, u64 now, u64 *next)
{
	const struct hasw_members *all = hasw_service_members(service);
	struct hasw_turns t = { .service = service, .now = now, .next = next };
	struct hasw_turn *turn = NULL;
	u32 n = 0, called = 0, i;
	struct hasw_member *m;
	u8 kind;

	lockdep_assert(hasw_wlock_held(&service->vip->wlock));
	hasw_turns_look(&t, self);
	if (t.needed) {
		turn = kvmalloc_array(all->n, sizeof(*turn), GFP_KERNEL);
		if (!turn)
			return -ENOMEM;
	}
	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		kind = hasw_turns_kind(&t, m);
		m->waits = kind > HASW_TURN_LOST ? kind : 0;
		if (t.needed && (!m->waits ||
				 hasw_turns_verdict(&t, m) <= t.rank))
			turn[n++] = (struct hasw_turn){ .m = m, .kind = kind };
	}
	if (n)
		hasw_turns_sort(&t, turn, n);
	for (i = 0; i < n && called < t.needed; i++) {
		called += !!turn[i].m->waits;
		turn[i].m->waits = 0;
	}
	kvfree(turn);
	return called;
}

/* Lets members begin or end, as hasw_member.waits has it. Returns 1; or
 * 0 if nothing was to be done; or -ENOMEM, with the same members getting new
 * flows as before. The caller holds hasw_net.mutex.
 */
static int hasw_spares_apply(struct hasw_net *hn, struct hasw_config *cfg,
			     struct hasw_service *service)
{
	const struct hasw_members *all = hasw_service_members(service);
	struct hasw_member *m;
	u32 i = 0;
	int err;

	lockdep_assert_held(&hn->mutex);
	while (i < all->n && all->m[i]->weight == hasw_member_weigh(all->m[i]))
		hasw_member_tell(all->m[i++]);
	if (i == all->n)
		return 0;
	err = hasw_members_renew(cfg, service);
	if (err)
		return err;
	/* The new list has the same members. */
	all = hasw_service_members(service);
	for (i = 0; i < all->n; i++) {
		struct hasw_event ev = { .time = hasw_switch_now() };

		m = all->m[i];
		if (m->weight == hasw_member_weigh(m)) {
			hasw_member_tell(m);
			continue;
		}
		/* The slow start begins before packets see the weight. */
		if (m->share && !m->waits)
			WRITE_ONCE(m->share->began, ev.time);
		hasw_member_tell(m);
		if (cfg != hasw_config_live(hn))
			continue;
		spin_lock_bh(&hn->state_lock);
		hasw_member_event(&ev, m->waits ?
				  HASWITCH_EVENT_KIND_SPARE_OUT :
				  HASWITCH_EVENT_KIND_SPARE_IN, service, m);
		hasw_event_add(hn, &ev);
		spin_unlock_bh(&hn->state_lock);
	}
	return 1;
}

/**
 * hasw_spares_visit() - decides which members of a service wait, and has
 *	packets know it
 * @hn: namespace
 * @cfg: configuration of the service
 * @service: the service
 *
 * Context: process, hasw_net.mutex held.
 * Return: 1; or 0 if nothing was to be done; or -ENOMEM: the same members get
 * new flows as before, or stand in, until the work on spare members is done
 * with the service.
 */
int hasw_spares_visit(struct hasw_net *hn, struct hasw_config *cfg,
		      struct hasw_service *service)
{
	int ret;

	lockdep_assert_held(&hn->mutex);
	ret = hasw_spares_judge(service, cfg->self, hasw_switch_now(),
				&hn->spares.next);
	return ret < 0 ? ret : hasw_spares_apply(hn, cfg, service);
}

/**
 * hasw_spares_prefer() - sets whether a service prefers this node's zone
 * @hn: namespace
 * @cfg: configuration of the service
 * @service: the service
 * @prefer: members in this node's zone get the new flows while enough of them
 *	are usable
 *
 * Members that may not wait any more begin at once. If @cfg is live, the caller
 * calls hasw_config_apply() afterwards: the work on spare members then makes
 * others wait.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0; or -ENOMEM, with nothing changed.
 */
int hasw_spares_prefer(struct hasw_net *hn, struct hasw_config *cfg,
		       struct hasw_service *service, bool prefer)
{
	const struct hasw_members *all = hasw_service_members(service);
	bool was = service->zone_prefer;
	struct hasw_member *m;
	u32 i;

	lockdep_assert_held(&hn->mutex);
	service->zone_prefer = prefer;
	if (prefer && hlist_unhashed(&service->with_spares))
		hlist_add_head(&service->with_spares, &cfg->spares);
	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		m->waited = m->waits;
		if (m->waits)
			m->waits = hasw_spares_could_wait(service, cfg->self,
							  m->node, m->spare);
	}
	if (hasw_spares_apply(hn, cfg, service) >= 0)
		return 0;
	for (i = 0; i < all->n; i++)
		all->m[i]->waits = all->m[i]->waited;
	service->zone_prefer = was;
	return -ENOMEM;
}

/* Returns whether the work on spare members has to visit a service. */
static bool hasw_spares_any(const struct hasw_service *service)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i = 0;

	while (i < all->n && !all->m[i]->spare)
		i++;
	return service->zone_prefer || i < all->n;
}

/* Visits some services with spare members, or that prefer a zone. The visits go
 * on where they ended last, and begin anew when all services were visited. A
 * service that has no spare member any more and prefers no zone, and whose
 * members get what they are to get, is not visited again.
 */
static void hasw_spares_some(struct hasw_net *hn, struct hasw_config *cfg)
{
	u32 left = HASW_SPARES_RUN, cost;
	struct hasw_service *service;
	int ret;

	lockdep_assert_held(&hn->mutex);
	if (!cfg->spares_at) {
		/* A switch that is published later sets @asked again. */
		spin_lock_bh(&hn->state_lock);
		WRITE_ONCE(hn->spares.asked, false);
		spin_unlock_bh(&hn->state_lock);
		hn->spares.next = U64_MAX;
		cfg->spares_at = cfg->spares.first;
	}
	while (cfg->spares_at && left) {
		service = hlist_entry(cfg->spares_at, struct hasw_service,
				      with_spares);
		cfg->spares_at = cfg->spares_at->next;
		cost = 1 + hasw_service_members(service)->n;
		ret = hasw_spares_visit(hn, cfg, service);
		if (ret < 0)
			hn->spares.next = min(hn->spares.next,
					      hasw_switch_now() +
					      HASW_SPARES_AGAIN);
		else if (!hasw_spares_any(service))
			hlist_del_init(&service->with_spares);
		if (ret > 0)
			cost += HASW_SPARES_CHANGE;
		left -= min(left, cost);
		cond_resched();
	}
}

static void hasw_spares_work(struct work_struct *work)
{
	struct hasw_net *hn =
		container_of(work, struct hasw_net, spares.work.work);
	struct hasw_config *cfg;
	u64 now;

	mutex_lock(&hn->mutex);
	if (hn->closing)
		goto out;
	cfg = hasw_config_live(hn);
	hasw_spares_some(hn, cfg);
	now = hasw_switch_now();
	/* A switch under state_lock either has set @asked by now, or finds
	 * @ended and does not queue the work for this jiffy.
	 */
	spin_lock_bh(&hn->state_lock);
	WRITE_ONCE(hn->spares.any, !hlist_empty(&cfg->spares));
	WRITE_ONCE(hn->spares.ended, jiffies);
	if (cfg->spares_at || hn->spares.asked)
		mod_delayed_work(hasw_wq, &hn->spares.work, 1);
	else if (hn->spares.next != U64_MAX)
		queue_delayed_work(hasw_wq, &hn->spares.work,
				   hn->spares.next > now ?
				   nsecs_to_jiffies(hn->spares.next - now) + 1 :
				   1);
	spin_unlock_bh(&hn->state_lock);
out:
	mutex_unlock(&hn->mutex);
}

/**
 * hasw_spares_init() - initialises the work on spare members
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_spares_init(struct hasw_net *hn)
{
	INIT_DELAYED_WORK(&hn->spares.work, hasw_spares_work);
	/* Not 0, which counts as later than the jiffies after a boot. */
	hn->spares.ended = jiffies - 1;
}

/**
 * hasw_spares_exit() - ends the work on spare members
 * @hn: namespace, after hasw_config_close()
 *
 * Context: process, no lock held.
 */
void hasw_spares_exit(struct hasw_net *hn)
{
	/* A switch queues the work under state_lock, unless hasw_net.closing is
	 * set. So after this lock and unlock no switch queues the work any
	 * more. What queues it under hasw_net.mutex ended before
	 * hasw_config_close(), or finds hasw_net.closing set.
	 */
	spin_lock_bh(&hn->state_lock);
	spin_unlock_bh(&hn->state_lock);
	cancel_delayed_work_sync(&hn->spares.work);
}
