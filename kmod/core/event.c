// SPDX-License-Identifier: GPL-2.0
/* Events of a network namespace. A ring buffer keeps the last 4096 events, and
 * netlink sends each event to its subscribers.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "event.h"

/**
 * struct hasw_events - the events of a namespace
 * @hn: the namespace
 * @ring: the last HASWITCH_EVENTS_KEPT events, indexed by the event's number
 *	modulo HASWITCH_EVENTS_KEPT; NULL until the first object is configured;
 *	set once, under hasw_net.mutex and hasw_net.state_lock
 * @seq: number of the last event; under hasw_net.state_lock
 * @sent: number of the last event that @work has sent, or has skipped because
 *	the ring no longer had the event; under hasw_net.state_lock
 * @send: sends one event
 * @work: sends the events after @sent; events are added under a spinlock, but
 *	sending may sleep
 */
struct hasw_events {
	struct hasw_net *hn;
	struct hasw_event *ring;
	u64 seq;
	u64 sent;
	hasw_event_send_t send;
	struct work_struct work;
};

static void hasw_event_work(struct work_struct *work)
{
	struct hasw_events *e = container_of(work, struct hasw_events, work);
	struct hasw_net *hn = e->hn;
	struct hasw_event ev;
	u64 seq;

	for (;;) {
		spin_lock_bh(&hn->state_lock);
		if (e->sent + HASWITCH_EVENTS_KEPT < e->seq)
			e->sent = e->seq - HASWITCH_EVENTS_KEPT;
		if (e->sent == e->seq) {
			spin_unlock_bh(&hn->state_lock);
			return;
		}
		seq = ++e->sent;
		spin_unlock_bh(&hn->state_lock);
		if (hasw_event_get(hn, seq, &ev) && ev.seq == seq)
			e->send(hn, &ev);
		cond_resched();
	}
}

/**
 * hasw_event_init() - allocates the event state of a namespace
 * @hn: namespace
 * @send: sends an event to its subscribers
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_event_init(struct hasw_net *hn, hasw_event_send_t send)
{
	struct hasw_events *e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);

	if (!e)
		return -ENOMEM;
	e->hn = hn;
	e->send = send;
	INIT_WORK(&e->work, hasw_event_work);
	hn->events = e;
	return 0;
}

/**
 * hasw_event_exit() - frees all events of a namespace
 * @hn: namespace, in which no events are added any more
 *
 * Context: process.
 */
void hasw_event_exit(struct hasw_net *hn)
{
	cancel_work_sync(&hn->events->work);
	kvfree(hn->events->ring);
	kfree(hn->events);
	hn->events = NULL;
}

/**
 * hasw_event_prepare() - allocates the ring buffer, before an object is
 *	added
 * @hn: namespace
 *
 * The ring buffer is allocated here and not in hasw_event_init(), to save
 * memory in namespaces that never use the module.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or -ENOMEM.
 */
int hasw_event_prepare(struct hasw_net *hn)
{
	struct hasw_events *e = hn->events;
	struct hasw_event *ring;

	lockdep_assert_held(&hn->mutex);
	if (e->ring)
		return 0;
	ring = kvcalloc(HASWITCH_EVENTS_KEPT, sizeof(*ring),
			GFP_KERNEL_ACCOUNT);
	if (!ring)
		return -ENOMEM;
	spin_lock_bh(&hn->state_lock);
	e->ring = ring;
	spin_unlock_bh(&hn->state_lock);
	return 0;
}

/**
 * hasw_event_add() - stores an event in the ring buffer, and schedules its
 *	sending
 * @hn: namespace
 * @ev: the event; the function sets @seq, and sets @time if @time is 0
 *
 * Context: hasw_net.state_lock held.
 * Return: the event's number; or 0, without storing the event, if no object was
 * ever configured.
 */
u64 hasw_event_add(struct hasw_net *hn, struct hasw_event *ev)
{
	struct hasw_events *e = hn->events;

	lockdep_assert_held(&hn->state_lock);
	if (!e->ring)
		return 0;
	ev->seq = ++e->seq;
	if (!ev->time)
		ev->time = ktime_get_boottime_ns();
	e->ring[ev->seq % HASWITCH_EVENTS_KEPT] = *ev;
	if (!READ_ONCE(hn->closing))
		queue_work(hasw_wq, &e->work);
	return ev->seq;
}

/**
 * hasw_event_get() - copies an event from the ring buffer
 * @hn: namespace
 * @seq: number of the event; if the ring buffer no longer has this event, the
 *	oldest event in the ring buffer is copied instead
 * @ev: the copy
 *
 * Context: process or softirq, hasw_net.state_lock not held.
 * Return: whether an event was copied.
 */
bool hasw_event_get(struct hasw_net *hn, u64 seq, struct hasw_event *ev)
{
	struct hasw_events *e = hn->events;
	bool found;

	spin_lock_bh(&hn->state_lock);
	if (e->seq >= HASWITCH_EVENTS_KEPT &&
	    seq <= e->seq - HASWITCH_EVENTS_KEPT)
		seq = e->seq - HASWITCH_EVENTS_KEPT + 1;
	found = e->ring && seq && seq <= e->seq;
	if (found)
		*ev = e->ring[seq % HASWITCH_EVENTS_KEPT];
	spin_unlock_bh(&hn->state_lock);
	return found;
}

/**
 * hasw_event_flush() - waits until all events that were added before the call
 *	are sent
 * @hn: namespace
 *
 * An event that a newer one has replaced in the ring buffer is not sent.
 *
 * Context: process.
 */
void hasw_event_flush(struct hasw_net *hn)
{
	flush_work(&hn->events->work);
}
