// SPDX-License-Identifier: GPL-2.0
/* The judge: whether a member gets a new flow, and if not, why; and which spare
 * members stand in for others.
 */
#include <linux/sort.h>

#include "judge.h"

/* Number of members that one run of the work on spare members looks at, at
 * least; and as how many a change counts, which publishes a new list. The next
 * run begins a jiffy later, so that others get hasw_net.mutex.
 */
#define HASW_SPARES_RUN 8192
#define HASW_SPARES_CHANGE 128

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

/* Does the work of hasw_judge_of(). @hops: whether an unknown link-layer
 * address counts.
 */
static u8 hasw_judge(const struct hasw_service *service,
		     const struct hasw_member *m, bool hops, u64 *now)
{
	u64 word = READ_ONCE(m->node->word);
	u8 verdict = hasw_judge_weight(word, READ_ONCE(m->health), m);

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

/* Returns the verdict on a member as if it was no spare one: whether its node,
 * its health and its configured weight let it serve. If its failback ends
 * later, @next is reduced to that time. The caller holds hasw_net.mutex.
 */
static u8 hasw_spares_verdict(const struct hasw_service *service,
			      const struct hasw_member *m, u64 now, u64 *next)
{
	u64 word = READ_ONCE(m->node->word), due;
	u8 verdict = hasw_judge_state(word, READ_ONCE(m->health), m);

	lockdep_assert(hasw_wlock_held(&service->vip->wlock));
	if (verdict < HASW_JUDGE_NEVER && !m->wanted)
		return HASWITCH_NEW_FLOWS_WEIGHT_0;
	if (verdict != HASWITCH_NEW_FLOWS_HELD)
		return verdict;
	due = hasw_service_due(service, word);
	if (due <= now)
		return HASWITCH_NEW_FLOWS_YES;
	*next = min(*next, due);
	return verdict;
}

/* Returns how many spare members of a service are needed. @rank receives the
 * worst verdict with which a member counts as usable. Members that are held
 * count only if no member is up, as for the schedulers.
 */
static u32 hasw_spares_needed(const struct hasw_service *service, u64 now,
			      u64 *next, u8 *rank)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 usable = 0, i;
	bool any = false;

	lockdep_assert(hasw_wlock_held(&service->vip->wlock));
	for (*rank = HASWITCH_NEW_FLOWS_YES;; ++*rank) {
		for (i = 0; i < all->n; i++) {
			if (hasw_spares_verdict(service, all->m[i], now,
						next) > *rank)
				continue;
			any = true;
			usable += !all->m[i]->spare;
		}
		if (any || *rank == HASWITCH_NEW_FLOWS_HELD)
			break;
	}
	return usable < service->min_active ? service->min_active - usable : 0;
}

/* Compares two spare members by the order in which they are called. All nodes
 * have the same order, whatever the order in which the members were added.
 */
static int hasw_spares_order(const void *one, const void *other,
			     const void *service)
{
	const struct hasw_member *a = *(struct hasw_member *const *)one;
	const struct hasw_member *b = *(struct hasw_member *const *)other;
	int order;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	order = strcmp(a->node->name, b->node->name);
	return order ?: hasw_member_port(service, a) -
			hasw_member_port(service, b);
}

/**
 * hasw_spares_judge() - decides which spare members of a service are called
 * @service: the service; hasw_member.called of its spare members is written
 * @now: current time, ns
 * @next: reduced to the time at which a failback ends, and with it maybe the
 *	need for a spare member, ns
 *
 * Context: process, hasw_net.mutex held.
 * Return: the number of spare members that are called; or -ENOMEM, with the
 * same members called as before.
 */
int hasw_spares_judge(const struct hasw_service *service, u64 now, u64 *next)
{
	const struct hasw_members *all = hasw_service_members(service);
	struct hasw_member **usable = NULL, *m;
	u32 needed, n = 0, i;
	u8 rank;

	lockdep_assert(hasw_wlock_held(&service->vip->wlock));
	needed = hasw_spares_needed(service, now, next, &rank);
	if (needed) {
		usable = kvmalloc_array(all->n, sizeof(*usable), GFP_KERNEL);
		if (!usable)
			return -ENOMEM;
	}
	for (i = 0; i < all->n; i++) {
		m = all->m[i];
		if (needed && m->spare &&
		    hasw_spares_verdict(service, m, now, next) <= rank)
			usable[n++] = m;
		else if (m->spare)
			m->called = false;
	}
	if (n > needed)
		sort_r(usable, n, sizeof(*usable), hasw_spares_order, NULL,
		       service);
	for (i = 0; i < n; i++)
		usable[i]->called = i < needed;
	kvfree(usable);
	return min(n, needed);
}

/* Lets spare members begin or end, as hasw_member.called has it. Returns 1; or
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
		i++;
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
		if (m->weight == hasw_member_weigh(m))
			continue;
		/* The slow start begins before packets see the weight. */
		if (m->share && m->called)
			WRITE_ONCE(m->share->began, ev.time);
		WRITE_ONCE(m->weight, hasw_member_weigh(m));
		spin_lock_bh(&hn->state_lock);
		hasw_member_event(&ev, m->called ?
				  HASWITCH_EVENT_KIND_SPARE_IN :
				  HASWITCH_EVENT_KIND_SPARE_OUT, service, m);
		hasw_event_add(hn, &ev);
		spin_unlock_bh(&hn->state_lock);
	}
	return 1;
}

static bool hasw_spares_any(const struct hasw_service *service)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i = 0;

	while (i < all->n && !all->m[i]->spare)
		i++;
	return i < all->n;
}

/* Visits some services with spare members. The visits go on where they ended
 * last, and begin anew when all services were visited. A service that has no
 * spare member any more, and whose members get what they are to get, is not
 * visited again.
 */
static void hasw_spares_some(struct hasw_net *hn, struct hasw_config *cfg)
{
	u32 left = HASW_SPARES_RUN, cost;
	struct hasw_service *service;
	u64 now = hasw_switch_now();
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
		ret = hasw_spares_judge(service, now, &hn->spares.next);
		if (ret >= 0)
			ret = hasw_spares_apply(hn, cfg, service);
		if (ret < 0)
			hn->spares.next = min(hn->spares.next,
					      now + NSEC_PER_SEC);
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
