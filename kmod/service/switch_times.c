// SPDX-License-Identifier: GPL-2.0
/* Durations of a service's switches, up to the first packet to the new node. A
 * switch is a change of a node's state or a member's health that may move the
 * service to another node.
 */
#include <linux/slab.h>

#include "switch_times.h"

/* Number of vips that are visited before hasw_net.mutex is released. */
#define HASW_TIMES_BATCH 256

static struct kmem_cache *hasw_times_cache;

/**
 * hasw_times_cache_create() - creates the slab cache of struct hasw_times
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_times_cache_create(void)
{
	hasw_times_cache = KMEM_CACHE(hasw_times, SLAB_ACCOUNT);
	return hasw_times_cache ? 0 : -ENOMEM;
}

/**
 * hasw_times_cache_destroy() - destroys the slab cache of struct hasw_times
 *
 * Context: process, after all services were freed and rcu_barrier() returned.
 */
void hasw_times_cache_destroy(void)
{
	kmem_cache_destroy(hasw_times_cache);
}

static void hasw_times_count(struct hasw_times *times, const u8 *bucket)
{
	times->decision_publish[bucket[0]]++;
	times->publish_first[bucket[1]]++;
	times->decision_first[bucket[2]]++;
}

/* Allocates a service's histograms if hasw_service.early has records, and moves
 * these records into the histograms. If the allocation fails, the records stay
 * in hasw_service.early, and the service's next switch queues this work again.
 */
static void hasw_times_grow(struct hasw_net *hn, struct hasw_service *service)
{
	struct hasw_times *times;
	u8 i;

	lockdep_assert_held(&hn->mutex);
	if (!READ_ONCE(service->n_early))
		return;
	times = kmem_cache_zalloc(hasw_times_cache, GFP_KERNEL);
	if (!times)
		return;
	spin_lock_bh(&hn->state_lock);
	for (i = 0; i < service->n_early; i++)
		hasw_times_count(times, service->early[i]);
	service->n_early = 0;
	service->times = times;
	spin_unlock_bh(&hn->state_lock);
}

static void hasw_times_grow_vip(struct hasw_net *hn, struct hasw_vip *vip)
{
	const struct hasw_services *all =
		rcu_dereference_protected(vip->services,
					  lockdep_is_held(&hn->mutex));
	u32 i;

	for (i = 0; all && i < hasw_services_n(all); i++)
		hasw_times_grow(hn, hasw_services_list(all)[i]);
}

/* Visits some vips, starting at @pos. Returns whether more may follow. If the
 * table is rebuilt between two calls, vips may move to positions before @pos.
 * Services of these vips are only visited after their next switch.
 */
static bool hasw_times_some(struct hasw_net *hn, bool v6, u32 *pos)
{
	const struct hasw_config *cfg;
	struct hasw_vip *vip = NULL;
	u32 n;

	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	for (n = 0; cfg && n < HASW_TIMES_BATCH; n++) {
		const struct hasw_table *t = v6 ? &cfg->vips6 : &cfg->vips4;

		vip = hasw_table_next(t, pos);
		if (!vip)
			break;
		hasw_times_grow_vip(hn, vip);
	}
	mutex_unlock(&hn->mutex);
	return vip;
}

/* Allocates histograms for services that have switched. The work visits all
 * services, because a list of switched services would have to drop deleted
 * ones.
 */
static void hasw_times_work(struct work_struct *work)
{
	struct hasw_net *hn = container_of(to_delayed_work(work),
					   struct hasw_net, times_work);
	u32 pos4 = 0, pos6 = 0;

	while (hasw_times_some(hn, false, &pos4))
		cond_resched();
	while (hasw_times_some(hn, true, &pos6))
		cond_resched();
}

/**
 * hasw_times_init() - initialises the work that allocates histograms
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_times_init(struct hasw_net *hn)
{
	INIT_DELAYED_WORK(&hn->times_work, hasw_times_work);
}

/**
 * hasw_times_exit() - cancels the work that allocates histograms
 * @hn: namespace, after hasw_config_close()
 *
 * Context: process, no lock held.
 */
void hasw_times_exit(struct hasw_net *hn)
{
	/* hasw_times_request() queues the work under state_lock, unless
	 * hasw_net.closing is set. So after this lock and unlock nothing queues
	 * the work any more.
	 */
	spin_lock_bh(&hn->state_lock);
	spin_unlock_bh(&hn->state_lock);
	cancel_delayed_work_sync(&hn->times_work);
}

/* Queues the work that allocates histograms. The more services there are, the
 * longer the work is delayed, so that one run covers many switches.
 */
static void hasw_times_request(struct hasw_net *hn)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);

	if (!READ_ONCE(hn->closing))
		queue_delayed_work(hasw_wq, &hn->times_work,
				   1 + (READ_ONCE(cfg->n_services) >> 10));
}

/* Records the durations of a switch. No memory is allocated while a packet is
 * handled, so the first switches are recorded in the service itself.
 */
static void hasw_times_add(struct hasw_net *hn, struct hasw_service *service,
			   const struct hasw_switch *sw, u64 first)
{
	const u8 bucket[HASW_TIMES_SPANS] = {
		hasw_histogram_bucket(sw->publish - sw->decision),
		hasw_histogram_bucket(first - sw->publish),
		hasw_histogram_bucket(first - sw->decision),
	};

	lockdep_assert_held(&hn->state_lock);
	if (service->times) {
		hasw_times_count(service->times, bucket);
		return;
	}
	/* If @early is full, the switch is counted in the namespace's
	 * histograms only.
	 */
	if (service->n_early < HASW_TIMES_EARLY)
		memcpy(service->early[service->n_early++], bucket,
		       sizeof(bucket));
	hasw_times_request(hn);
}

/* Returns the most recent switch of a service's members and of their nodes,
 * because this switch can have moved the service to another node.
 */
static struct hasw_switch *hasw_times_switch(const struct hasw_service *service)
{
	const struct hasw_members *all = rcu_dereference(service->members);
	struct hasw_switch *last = NULL, *sw;
	u32 i;

	for (i = 0; i < all->n; i++) {
		sw = &all->m[i]->node->sw;
		if (!last || sw->seq > last->seq)
			last = sw;
		/* Pairs with cmpxchg() in hasw_member_prepare_health(). */
		sw = smp_load_acquire(&all->m[i]->sw);
		if (sw && sw->seq > last->seq)
			last = sw;
	}
	return last;
}

/* A held node, which has returned, begins to serve when its failback delay
 * ends, although no switch is published. If the end of the delay moved the
 * service to @node, this function stores that end in @due as a switch.
 */
static void hasw_times_due(const struct hasw_service *service,
			   const struct hasw_node *node, u64 now,
			   struct hasw_switch *due)
{
	u64 word = READ_ONCE(node->word), at;

	if (hasw_word_state(word) != HASWITCH_NODE_STATE_HELD)
		return;
	at = hasw_service_due(service, word);
	/* If the delay ended before the switch @due was published, that switch
	 * moved the service.
	 */
	if (!at || at > now || at <= due->publish)
		return;
	due->seq = node->sw.seq;
	due->decision = at;
	due->publish = at;
	due->cause = HASWITCH_CAUSE_FAILBACK;
}

static void hasw_times_event(const struct hasw_service *service,
			     const struct hasw_node *node,
			     struct hasw_event *ev)
{
	ev->kind = HASWITCH_EVENT_KIND_FIRST_PACKET;
	ev->addr = service->vip->addr;
	ev->family = service->vip->family;
	ev->proto = service->proto;
	ev->port = service->port;
	ev->epoch = hasw_vip_epoch(service->vip);
	strscpy(ev->node, node->name, sizeof(ev->node));
}

/**
 * hasw_times_first() - records the first packet to a service's new node
 * @hn: namespace
 * @service: service of the packet
 * @node: node that the packet is sent to
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_times_first(struct hasw_net *hn, struct hasw_service *service,
		      const struct hasw_node *node)
{
	struct hasw_switch *sw, due;
	struct hasw_event ev = {};
	bool first;

	hasw_times_event(service, node, &ev);
	spin_lock_bh(&hn->state_lock);
	ev.first_packet = hasw_switch_now();
	first = !service->last;
	WRITE_ONCE(service->last, node);
	sw = hasw_times_switch(service);
	/* If there is no new switch, a configuration change has moved the
	 * service, and no time is recorded.
	 */
	if (sw && sw->seq > service->last_switch) {
		service->last_switch = sw->seq;
		if (!first) {
			due = *sw;
			hasw_times_due(service, node, ev.first_packet, &due);
			hasw_times_add(hn, service, &due, ev.first_packet);
			hasw_switch_first(hn, &due, &ev);
			sw->told = due.told;
		}
	}
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_times_skip() - records the first packet that goes to another member,
 *	because the member of its flow is unusable
 * @hn: namespace
 * @service: the service, whose flows are spread over members, or tracked
 * @away: the member that the flow would go to, but that is no longer usable
 * @node: node that the packet is sent to instead
 *
 * After a switch of @away or its node, only the first packet that avoids @away
 * is recorded. For the packets that follow, the function compares a few fields
 * and returns.
 *
 * Context: RCU read side, softirqs off.
 */
void hasw_times_skip(struct hasw_net *hn, struct hasw_service *service,
		     struct hasw_member *away, const struct hasw_node *node)
{
	/* Pairs with cmpxchg() in hasw_member_prepare_health(). */
	struct hasw_switch *sw = smp_load_acquire(&away->sw);
	struct hasw_event ev = {};

	if (!sw || READ_ONCE(sw->seq) < READ_ONCE(away->node->sw.seq))
		sw = &away->node->sw;
	/* If @away was already unusable when the members were published, no
	 * flow has moved away from @away since then, so nothing is recorded.
	 */
	if (READ_ONCE(sw->seq) <= READ_ONCE(away->accounted) ||
	    !READ_ONCE(sw->out) ||
	    READ_ONCE(sw->publish) <= READ_ONCE(service->since))
		return;
	hasw_times_event(service, node, &ev);
	spin_lock_bh(&hn->state_lock);
	if (sw->seq > away->accounted && sw->out) {
		WRITE_ONCE(away->accounted, sw->seq);
		ev.first_packet = hasw_switch_now();
		hasw_times_add(hn, service, sw, ev.first_packet);
		hasw_switch_first(hn, sw, &ev);
	}
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_times_forget() - forgets the node that a service's last packet was sent
 *	to, so that the next packet does not count as sent to a new node
 * @hn: namespace
 * @service: the service, whose scheduler was changed
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_times_forget(struct hasw_net *hn, struct hasw_service *service)
{
	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	WRITE_ONCE(service->last, NULL);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_times_read() - copies the times of a service
 * @hn: namespace
 * @service: the service
 * @sum: filled in
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_times_read(struct hasw_net *hn, const struct hasw_service *service,
		     struct hasw_histogram *sum)
{
	const struct hasw_times *times;
	int i;

	lockdep_assert_held(&hn->mutex);
	memset(sum, 0, sizeof(*sum));
	spin_lock_bh(&hn->state_lock);
	for (i = 0; i < service->n_early; i++) {
		sum->decision_publish[service->early[i][0]]++;
		sum->publish_first[service->early[i][1]]++;
		sum->decision_first[service->early[i][2]]++;
	}
	times = service->times;
	for (i = 0; times && i < HASW_BUCKETS; i++) {
		sum->decision_publish[i] += times->decision_publish[i];
		sum->publish_first[i] += times->publish_first[i];
		sum->decision_first[i] += times->decision_first[i];
	}
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_times_inherit() - moves the times to the service that replaces @from
 * @to: service of the new configuration, which no packet reads yet
 * @from: service with the same key in the replaced configuration
 *
 * Context: process, hasw_net.mutex and hasw_net.state_lock held.
 */
void hasw_times_inherit(struct hasw_service *to, struct hasw_service *from)
{
	to->times = from->times;
	to->n_early = from->n_early;
	memcpy(to->early, from->early, sizeof(to->early));
	from->times = NULL;
	from->n_early = 0;
}
