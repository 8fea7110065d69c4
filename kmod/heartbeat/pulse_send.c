// SPDX-License-Identifier: GPL-2.0
/* Sends heartbeats to each peer, once per interval on each path. A notice is a
 * message that a heartbeat can carry: about this node, a lease or a service.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/rculist.h>

#include "compat/compat_timer.h"
#include "pulse.h"

/* Number of heartbeats that carry the same notice, since one may be lost. */
#define HASW_PULSE_NOTICES 3
/* Maximum time between heartbeats that repeat a notice, ns. A short burst of
 * packet loss ends within this time, so not all repeats are lost.
 */
#define HASW_PULSE_NOTICE_PACE NSEC_PER_MSEC

/* Number of heartbeats that are sent at short intervals after this node's
 * claims have changed, since one may be lost. A claim is a lease that this node
 * holds.
 */
#define HASW_PULSE_HURRY 3

/* Time between two heartbeats to a peer that list this node's link-layer
 * addresses, ns. A new peer and one that has restarted learn them by then.
 */
#define HASW_PULSE_LIST_NS NSEC_PER_SEC
/* Number of heartbeats that list the addresses after they have changed, since
 * one may be lost.
 */
#define HASW_PULSE_LISTS 3
/* Time between two determinations of the addresses, ns. Bonds change them
 * without an event.
 */
#define HASW_PULSE_LLADDRS_NS (100 * NSEC_PER_MSEC)

/* Time between two runs of the timer that sends heartbeats, if the first one
 * could not send all that were due, ns. The CPU handles packets meanwhile. A
 * timer that has expired already would run again in the same softirq.
 */
#define HASW_PULSE_PAUSE_NS (50 * NSEC_PER_USEC)

/**
 * struct hasw_pulse_out - a heartbeat to one peer, ready to be sent
 * @wire: fixed part of the heartbeat, one for each path
 * @records: records that follow the fixed part
 * @records_len: length of @records in bytes; 0: none follow
 * @records_mac: MAC of @records, one for each path; undefined if @records_len
 *	is 0
 */
struct hasw_pulse_out {
	struct hasw_pulse_wire wire[HASWITCH_PULSE_PATHS_MAX];
	const void *records;
	u16 records_len;
	__be64 records_mac[HASWITCH_PULSE_PATHS_MAX];
};

/* Writes the fixed part of a heartbeat for every path. Under the session's
 * lock.
 */
static void hasw_pulse_write(struct hasw_pulse *p, u64 now, u8 kind, u32 about,
			     u64 value, bool records,
			     struct hasw_pulse_wire *wire)
{
	struct hasw_pulse_beat beat = {
		.kind = kind,
		.about = about,
		.value = value,
		.session = p->id,
		.key_id = p->tx_id,
		.ready = p->rx[p->rx[HASW_PULSE_NEXT].valid ?
			       HASW_PULSE_NEXT : HASW_PULSE_NOW].id,
		.multiplier = p->multiplier,
		.interval = p->interval,
		.life = p->life,
		.challenge = p->challenge,
		.response = hasw_pulse_response(p),
		.stamp = now,
	};
	struct hasw_pulse_path *path;
	u32 i;

	lockdep_assert_held(&p->lock);
	for (i = 0; i < p->n_paths; i++) {
		path = &p->path[i];
		beat.counter = ++path->counter;
		beat.echo = path->window.top;
		beat.flags = path->state == HASWITCH_PULSE_STATE_UP ||
			     path->state == HASWITCH_PULSE_STATE_ONE_WAY ?
			     HASW_PULSE_F_HEARS : 0;
		if (records)
			beat.flags |= HASW_PULSE_F_RECORDS;
		if (READ_ONCE(p->hn->pulses->agentless))
			beat.flags |= HASW_PULSE_F_AGENTLESS;
		if (!path->mark) {
			path->mark = path->counter;
			path->marked = now;
		}
		hasw_pulse_pack(&wire[i], &beat);
		wire[i].mac = cpu_to_be64(hasw_pulse_mac(&wire[i], &path->local,
							 &path->remote,
							 &p->tx_now));
	}
}

/* Fills all->records with the claims that all heartbeats of this timer run
 * carry. If this node holds more leases than fit into one heartbeat, each run
 * picks a random range of the leases. So each peer soon receives the claims of
 * all leases, independent of its session's interval. Called by
 * hasw_pulse_tick() only.
 */
static void hasw_pulse_claim(struct hasw_pulses *all, u64 now)
{
	u32 n = hasw_lease_claims(all->hn, all->claims), some, i;

	hasw_pulse_look_agent(all, n, now);
	all->records.len = 0;
	some = min_t(u32, n, HASW_PULSE_CLAIMS);
	/* Take @some claims, begin at a random index, and wrap around at the
	 * end.
	 */
	if (some < n) {
		u32 first = get_random_u32() % n;

		for (i = 0; i < some; i++)
			all->named[i] = all->claims[(first + i) % n];
	} else {
		memcpy(all->named, all->claims, n * sizeof(*all->named));
	}
	hasw_pulse_put_claims(&all->records, all->named, some);
	all->records.claims = all->records.len;
}

static void hasw_pulse_card(struct hasw_pulse_cards *cards,
			    const struct net_device *dev)
{
	u64 lladdr;
	u32 i;

	if (dev->type != ARPHRD_ETHER || !hasw_dev_up(dev) ||
	    cards->n == HASW_LLADDRS)
		return;
	lladdr = ether_addr_to_u64(dev->dev_addr);
	for (i = 0; i < cards->n; i++)
		if (cards->lladdr[i] == lladdr)
			return;
	cards->ifindex[cards->n] = dev->ifindex;
	cards->lladdr[cards->n++] = lladdr;
}

/* A bridge sends with its own address, and not with those of its ports, which
 * can be many.
 */
static int hasw_pulse_lower_card(struct net_device *dev,
				 struct netdev_nested_priv *priv)
{
	struct hasw_pulse_cards *cards = priv->data;

	if (!netif_is_bridge_port(dev))
		hasw_pulse_card(cards, dev);
	return cards->n == HASW_LLADDRS;
}

/* Adds the cards of the devices by which a node is reached, or of those below.
 * @last is the last device that was looked at: most nodes are behind one.
 */
static void hasw_pulse_cards_of(const struct hasw_node *node, bool below,
				const struct net_device **last,
				struct hasw_pulse_cards *cards)
{
	struct netdev_nested_priv priv = { .data = cards };
	const struct hasw_hop *hop;
	int i;

	for (i = 0; i < HASW_HOPS; i++) {
		hop = rcu_dereference(node->hop[i]);
		if (!hop || hop->dev == *last || cards->n == HASW_LLADDRS)
			continue;
		*last = hop->dev;
		if (below)
			netdev_walk_all_lower_dev_rcu(hop->dev,
						      hasw_pulse_lower_card,
						      &priv);
		else
			hasw_pulse_card(cards, hop->dev);
	}
}

/* Determines the link-layer addresses that frames to other nodes can have as
 * their source: those of the devices by which the nodes are reached, then those
 * of the devices below these, such as the ports of a bond that balances its
 * frames. An address stays listed as long as its device is up, although no node
 * is reached by the device any more: peers forget what is not listed. Called by
 * hasw_pulse_tick() only, RCU read side.
 */
static void hasw_pulse_list(struct hasw_pulses *all, u64 now)
{
	const struct hasw_config *cfg = rcu_dereference(all->hn->config);
	const struct net_device *dev, *last = NULL;
	struct hasw_pulse_cards cards = {};
	const struct hasw_node *node;
	u32 i;

	if (now < all->cards_due || !cfg)
		return;
	all->cards_due = now + HASW_PULSE_LLADDRS_NS;
	list_for_each_entry_rcu(node, &cfg->nodes, list)
		hasw_pulse_cards_of(node, false, &last, &cards);
	last = NULL;
	list_for_each_entry_rcu(node, &cfg->nodes, list)
		hasw_pulse_cards_of(node, true, &last, &cards);
	for (i = 0; i < all->cards.n; i++) {
		dev = dev_get_by_index_rcu(all->hn->net, all->cards.ifindex[i]);
		if (dev)
			hasw_pulse_card(&cards, dev);
	}
	/* While no device is up, the peers keep what they know. */
	if (!cards.n)
		return;
	/* Another device can have got the address of one that is gone. */
	if (memcmp(all->cards.lladdr, cards.lladdr, sizeof(cards.lladdr)))
		all->cards_changes++;
	all->cards = cards;
}

/* Returns whether the next heartbeat to a peer lists our link-layer addresses.
 * Under the session's lock; called by hasw_pulse_tick() only.
 */
static bool hasw_pulse_lists(struct hasw_pulse *p, u64 now)
{
	u32 changes = p->hn->pulses->cards_changes;

	lockdep_assert_held(&p->lock);
	if (p->listed != changes) {
		p->listed = changes;
		p->lists = HASW_PULSE_LISTS;
	}
	if (p->lists)
		p->lists--;
	else if (now < p->list_due)
		return false;
	p->list_due = now + HASW_PULSE_LIST_NS;
	return true;
}

/* Writes the next heartbeat for every path. Under the session's lock. */
static void hasw_pulse_compose(struct hasw_pulse *p, u64 now,
			       const struct hasw_pulse_records *records,
			       struct hasw_pulse_out *out)
{
	u8 kind = HASWITCH_PULSE_KIND_BEAT;
	u64 value = 0;
	u32 about = 0;
	u32 i;

	lockdep_assert_held(&p->lock);
	if (p->notices) {
		p->notices--;
		kind = p->notice;
		about = p->notice_about;
		value = p->notice_value;
	}
	out->records_len = 0;
	if (records) {
		out->records = records->data;
		out->records_len = hasw_pulse_lists(p, now) ? records->len :
							      records->claims;
	}
	hasw_pulse_write(p, now, kind, about, value, out->records_len,
			 out->wire);
	for (i = 0; out->records_len && i < p->n_paths; i++)
		out->records_mac[i] =
			cpu_to_be64(hasw_pulse_records_mac(out->records,
							   out->records_len,
							   &out->wire[i],
							   &p->tx_now));
}

/**
 * hasw_pulse_compose_last() - writes a session's gasp: its last heartbeat, in a
 *	panic
 * @p: the session
 * @value: 0 or HASW_PULSE_GOING_STILL
 * @wire: array that receives one heartbeat for each path of the session
 *
 * Context: a panic. Another CPU may have stopped with the session's lock held,
 * so this function does not wait for the lock.
 * Return: false, with nothing written, if the lock is held.
 */
bool hasw_pulse_compose_last(struct hasw_pulse *p, u64 value,
			     struct hasw_pulse_wire *wire)
{
	if (spin_trylock(&p->lock)) {
		/* Another CPU may have stopped while it updated the timekeeper.
		 * Clock functions other than ktime_get_boot_fast_ns() would
		 * wait for that CPU forever.
		 */
		hasw_pulse_write(p, ktime_get_boot_fast_ns(),
				 HASWITCH_PULSE_KIND_GOING, 0, value, false,
				 wire);
		spin_unlock(&p->lock);
		return true;
	}
	return false;
}

static void hasw_pulse_emit(struct hasw_pulse *p,
			    const struct hasw_pulse_out *out)
{
	u32 i;

	for (i = 0; i < p->n_paths; i++)
		hasw_pulse_net_send(p->hn, &p->path[i], &out->wire[i],
				    out->records, out->records_len,
				    out->records_mac[i]);
}

/* Returns when the next heartbeat is due, ns, and decrements hasw_pulse.slow.
 * While a notice is repeated, or hasw_pulse.hurry is not 0, the heartbeat is
 * due after HASW_PULSE_NOTICE_PACE at the latest. Otherwise it is due at the
 * next multiple of the interval. Sessions with the same interval then share
 * timer interrupts, because a timer interrupt costs as much as a heartbeat.
 * Under the session's lock.
 */
static u64 hasw_pulse_next(struct hasw_pulse *p, u64 now)
{
	u64 pace = p->interval;

	lockdep_assert_held(&p->lock);
	if (p->slow) {
		p->slow--;
		pace = p->pace;
	}
	if (p->notices || p->hurry)
		return now + min_t(u64, pace, HASW_PULSE_NOTICE_PACE);
	return (div64_u64(now, pace) + 1) * pace;
}

/* Sets hasw_pulse.due to @due. If the previous value of hasw_pulse.due is an
 * interval or more before @now, this machine was stalled, and hasw_pulse_late()
 * is called. Under the session's lock.
 */
static void hasw_pulse_due(struct hasw_pulse *p, u64 now, u64 due)
{
	lockdep_assert_held(&p->lock);
	if (now >= p->due + p->interval)
		hasw_pulse_late(p, now);
	WRITE_ONCE(p->due, due);
}

/* Starts hasw_pulses.beat, so that it fires at @due or earlier. Softirqs off.
 */
static void hasw_pulse_send_at(struct hasw_pulses *all, u64 due)
{
	/* Pairs with the barrier in hasw_pulse_tick(). Either hasw_pulse_tick()
	 * reads the new p->due, or the check below finds that the timer is not
	 * queued.
	 */
	smp_mb();
	spin_lock(&all->beat_lock);
	if (!hrtimer_is_queued(&all->beat) ||
	    ktime_to_ns(hrtimer_get_expires(&all->beat)) > due)
		hrtimer_start(&all->beat, ns_to_ktime(due),
			      HRTIMER_MODE_ABS_SOFT);
	spin_unlock(&all->beat_lock);
}

/* Returns what a message to a peer counts as one of HASW_PULSE_RUN. */
static u32 hasw_pulse_cost(const struct hasw_pulse *p)
{
	return max(p->n_paths, 1U);
}

/* Sends a heartbeat to one peer if it is due. RCU read side.
 * Return: when the next heartbeat to this peer is due, ns.
 */
static u64 hasw_pulse_send(struct hasw_pulse *p, u64 now)
{
	struct hasw_pulses *all = p->hn->pulses;
	bool send, changed = false;
	struct hasw_pulse_out out;
	u64 due;

	spin_lock(&p->lock);
	send = !p->dead && now >= p->due;
	if (send) {
		if (p->hurry)
			p->hurry--;
		hasw_pulse_compose(p, now, &all->records, &out);
		hasw_pulse_due(p, now, hasw_pulse_next(p, now));
		if (p->watching)
			changed = hasw_pulse_judge(p, now);
	}
	due = p->dead ? U64_MAX : p->due;
	spin_unlock(&p->lock);
	if (changed)
		hasw_pulse_report(p);
	if (send)
		hasw_pulse_emit(p, &out);
	return due;
}

/**
 * hasw_pulse_send_some() - sends heartbeats that are due, but at most
 *	HASW_PULSE_RUN
 * @all: heartbeat sessions of a namespace
 * @now: now, ns
 * @next: receives when the next heartbeat of any session is due, ns; @now if
 *	the function has to be called again
 *
 * All sessions with the same interval are due at the same time. In calls that
 * follow upon each other, no session is sent to twice before each session that
 * is due was sent to once. So even if the machine is too slow for all of them,
 * none of the peers hears nothing.
 *
 * Context: handler of hasw_pulses.beat, or a test; softirqs off, RCU read side.
 * Return: number of heartbeats that were sent.
 */
u32 hasw_pulse_send_some(struct hasw_pulses *all, u64 now, u64 *next)
{
	struct hasw_pulse *p;
	u32 sent = 0;
	u64 due;

	*next = U64_MAX;
	list_for_each_entry_rcu(p, &all->list, list) {
		due = READ_ONCE(p->due);
		if (due <= now && p->round != all->round) {
			if (sent + hasw_pulse_cost(p) > HASW_PULSE_RUN) {
				*next = now;
				return sent;
			}
			due = hasw_pulse_send(p, now);
			p->round = all->round;
			sent += hasw_pulse_cost(p);
		}
		*next = min(*next, due);
	}
	all->round++;
	return sent;
}

/* Copies the first notice that hasw_pulse_notify_once() has queued. Returns
 * false if there is none. Softirqs off.
 */
static bool hasw_pulse_once_first(struct hasw_pulses *all,
				  struct hasw_pulse_once *first)
{
	bool any;

	spin_lock(&all->beat_lock);
	any = all->once_n;
	if (any)
		*first = all->once[all->once_first];
	spin_unlock(&all->beat_lock);
	return any;
}

/* Removes the first queued notice, which was sent to all peers. Softirqs off.
 */
static void hasw_pulse_once_done(struct hasw_pulses *all)
{
	spin_lock(&all->beat_lock);
	all->once_first = (all->once_first + 1) % HASW_PULSE_ONCE;
	all->once_n--;
	spin_unlock(&all->beat_lock);
	all->once_round++;
}

static void hasw_pulse_send_once(struct hasw_pulse *p,
				 const struct hasw_pulse_once *notice)
{
	struct hasw_pulse_out out = {};
	bool dead;

	spin_lock(&p->lock);
	dead = p->dead;
	if (!dead)
		hasw_pulse_write(p, hasw_switch_now(), notice->kind, 0,
				 notice->value, false, out.wire);
	spin_unlock(&p->lock);
	if (!dead)
		hasw_pulse_emit(p, &out);
}

/**
 * hasw_pulse_send_notices() - sends notices that hasw_pulse_notify_once() has
 *	queued, but at most HASW_PULSE_RUN messages
 * @all: heartbeat sessions of a namespace
 * @more: receives whether the function has to be called again
 *
 * Each session is marked when the first queued notice was sent to it. So it
 * does not matter which sessions begin or end between two calls.
 *
 * Context: handler of hasw_pulses.beat, or a test; softirqs off, RCU read side.
 * Return: number of messages that were sent.
 */
u32 hasw_pulse_send_notices(struct hasw_pulses *all, bool *more)
{
	struct hasw_pulse_once first;
	struct hasw_pulse *p;
	u32 sent = 0;

	*more = true;
	while (hasw_pulse_once_first(all, &first)) {
		list_for_each_entry_rcu(p, &all->list, list) {
			if (p->once_round == all->once_round)
				continue;
			if (sent + hasw_pulse_cost(p) > HASW_PULSE_RUN)
				return sent;
			hasw_pulse_send_once(p, &first);
			p->once_round = all->once_round;
			sent += hasw_pulse_cost(p);
		}
		hasw_pulse_once_done(all);
	}
	*more = false;
	return sent;
}

/* Handler of hasw_pulses.beat, one timer for all sessions. Softirq. While this
 * handler runs, another CPU may make a session due earlier. That CPU's call of
 * hasw_pulse_send_at() starts the timer, and the call below does not move the
 * timer to a later time.
 */
static enum hrtimer_restart hasw_pulse_tick(struct hrtimer *timer)
{
	struct hasw_pulses *all = container_of(timer, struct hasw_pulses, beat);
	u64 now = hasw_switch_now(), next;
	bool more;

	/* Pairs with the barrier in hasw_pulse_send_at(). */
	smp_mb();
	rcu_read_lock();
	hasw_pulse_claim(all, now);
	hasw_pulse_list(all, now);
	hasw_pulse_put_lladdrs(&all->records, all->cards.lladdr, all->cards.n);
	hasw_pulse_send_some(all, now, &next);
	hasw_pulse_send_notices(all, &more);
	rcu_read_unlock();
	if (more || next <= now)
		next = hasw_switch_now() + HASW_PULSE_PAUSE_NS;
	if (next != U64_MAX && !READ_ONCE(all->hn->closing))
		hasw_pulse_send_at(all, next);
	return HRTIMER_NORESTART;
}

/**
 * hasw_pulse_send_init() - sets up the timer that sends heartbeats
 * @all: heartbeat sessions of a namespace; none exists yet
 *
 * Context: process.
 */
void hasw_pulse_send_init(struct hasw_pulses *all)
{
	spin_lock_init(&all->beat_lock);
	mutex_init(&all->notify_lock);
	/* In a new session, each of these is 0. */
	all->round = 1;
	all->once_round = 1;
	hasw_hrtimer_setup(&all->beat, hasw_pulse_tick, CLOCK_BOOTTIME,
			   HRTIMER_MODE_ABS_SOFT);
}

/**
 * hasw_pulse_send_start() - sends the next heartbeat of a session at once
 * @p: the session
 *
 * Context: process.
 */
void hasw_pulse_send_start(struct hasw_pulse *p)
{
	u64 now = hasw_switch_now();

	local_bh_disable();
	spin_lock(&p->lock);
	hasw_pulse_due(p, now, now);
	spin_unlock(&p->lock);
	hasw_pulse_send_at(p->hn->pulses, now);
	local_bh_enable();
}

/**
 * hasw_pulse_pace() - changes the interval and the multiplier of a session
 * @p: the session
 * @interval: our interval, ns
 * @multiplier: a path is down after this many of the peer's intervals without a
 *	heartbeat
 *
 * The peer expects our heartbeats at the interval that it has received last. So
 * if the interval becomes longer, the next heartbeats announce the new
 * interval, but are sent at the old one. The number of these heartbeats is the
 * peer's multiplier, which is the number of heartbeats that the peer may miss.
 *
 * Context: process.
 */
void hasw_pulse_pace(struct hasw_pulse *p, u64 interval, u8 multiplier)
{
	bool shorter;

	spin_lock_bh(&p->lock);
	if (interval > p->interval) {
		p->pace = p->slow ? min(p->pace, p->interval) : p->interval;
		p->slow = p->peer_multiplier ?: multiplier;
	} else if (p->slow) {
		p->pace = min(p->pace, interval);
	}
	shorter = multiplier < p->multiplier;
	p->interval = interval;
	p->multiplier = multiplier;
	if (shorter)
		hasw_pulse_shorter(p, hasw_switch_now());
	spin_unlock_bh(&p->lock);
	hasw_pulse_send_start(p);
}

/* Sends a notice to one peer now, and repeats it in the next heartbeats. */
static void hasw_pulse_notify_one(struct hasw_pulse *p, u8 kind, u32 about,
				  u64 value)
{
	u64 now = hasw_switch_now(), due;
	struct hasw_pulse_out out;

	spin_lock(&p->lock);
	if (p->dead) {
		spin_unlock(&p->lock);
		return;
	}
	p->notice = kind;
	p->notice_about = about;
	p->notice_value = value;
	p->notices = HASW_PULSE_NOTICES;
	hasw_pulse_compose(p, now, NULL, &out);
	due = hasw_pulse_next(p, now);
	/* Do not move p->due to a later time: hasw_pulse_judge() may have
	 * started no timer, because it expects to be called at p->due.
	 */
	if (p->due > now)
		due = min(due, p->due);
	hasw_pulse_due(p, now, due);
	spin_unlock(&p->lock);
	hasw_pulse_emit(p, &out);
	hasw_pulse_send_at(p->hn->pulses, due);
}

/**
 * hasw_pulse_notify_some() - sends a notice to peers that do not have it yet,
 *	with at most HASW_PULSE_RUN messages
 * @all: heartbeat sessions of a namespace
 * @notice: the notice
 *
 * Each session is marked when the notice was sent to it. So it does not matter
 * which sessions begin or end between two calls.
 *
 * Context: hasw_pulses.notify_lock held; softirqs off, RCU read side.
 * Return: whether the function has to be called again.
 */
bool hasw_pulse_notify_some(struct hasw_pulses *all,
			    const struct hasw_pulse_notice *notice)
{
	struct hasw_pulse *p;
	u32 sent = 0;

	lockdep_assert_held(&all->notify_lock);
	list_for_each_entry_rcu(p, &all->list, list) {
		if (p->notify_round == all->notify_round)
			continue;
		if (sent + hasw_pulse_cost(p) > HASW_PULSE_RUN)
			return true;
		hasw_pulse_notify_one(p, notice->kind, notice->about,
				      notice->value);
		p->notify_round = all->notify_round;
		sent += hasw_pulse_cost(p);
	}
	return false;
}

/**
 * hasw_pulse_notify() - sends a notice to every peer, on every path
 * @hn: namespace
 * @kind: meaning of the notice, enum haswitch_pulse_kind
 * @about: number of the lease that the notice is about; 0: none
 * @value: for a lease, the epoch of the ended grant; otherwise 0
 *
 * When the function returns, the first heartbeats with the notice have been
 * handed to the IP stack. The next HASW_PULSE_NOTICES - 1 heartbeats repeat the
 * notice, unless a further call replaces the notice earlier.
 *
 * Context: process, may sleep.
 */
void hasw_pulse_notify(struct hasw_net *hn, u8 kind, u32 about, u64 value)
{
	const struct hasw_pulse_notice notice = { kind, about, value };
	struct hasw_pulses *all = hn->pulses;
	bool more;

	mutex_lock(&all->notify_lock);
	all->notify_round++;
	do {
		rcu_read_lock();
		local_bh_disable();
		more = hasw_pulse_notify_some(all, &notice);
		local_bh_enable();
		rcu_read_unlock();
		cond_resched();
	} while (more);
	mutex_unlock(&all->notify_lock);
}

/* Adds a notice at the end of the ring, unless the ring has it already or is
 * full. Returns whether the notice was added. Under hasw_pulses.beat_lock.
 */
static bool hasw_pulse_once_add(struct hasw_pulses *all, u8 kind, u64 value)
{
	struct hasw_pulse_once *e;
	u32 i;

	lockdep_assert_held(&all->beat_lock);
	for (i = 0; i < all->once_n; i++) {
		e = &all->once[(all->once_first + i) % HASW_PULSE_ONCE];
		if (e->kind == kind && e->value == value)
			return false;
	}
	if (all->once_n == HASW_PULSE_ONCE)
		return false;
	e = &all->once[(all->once_first + all->once_n++) % HASW_PULSE_ONCE];
	e->kind = kind;
	e->value = value;
	return true;
}

/**
 * hasw_pulse_notify_once() - queues a notice that is sent once to every peer,
 *	on every path
 * @hn: namespace
 * @kind: meaning of the notice, enum haswitch_pulse_kind
 * @value: number of the service that the notice is about
 *
 * The timer that sends the heartbeats sends the notice at once, since a packet
 * has refused a client, and sending to many peers would delay further packets.
 * A notice that hasw_pulse_notify() has sent before is not replaced: later
 * heartbeats still repeat that notice. With many peers and many refusals, the
 * timer can be behind.
 *
 * Context: softirqs off, RCU read side; hasw_net.state_lock may be held.
 * Return: true if the notice was queued, or if there is no peer. False if the
 * notice is queued already, or if HASW_PULSE_ONCE others are: the caller has to
 * try again later.
 */
bool hasw_pulse_notify_once(struct hasw_net *hn, u8 kind, u64 value)
{
	struct hasw_pulses *all = hn->pulses;
	bool added;

	if (list_empty(&all->list))
		return true;
	spin_lock(&all->beat_lock);
	added = hasw_pulse_once_add(all, kind, value);
	spin_unlock(&all->beat_lock);
	if (added)
		hasw_pulse_send_at(all, hasw_switch_now());
	return added;
}

/**
 * hasw_pulse_hurry() - sends a few heartbeats at short intervals to all peers
 * @hn: namespace
 *
 * The function is called after the claims of this node have changed.
 *
 * Context: process or softirq, interrupts on, hasw_net.state_lock not held.
 */
void hasw_pulse_hurry(struct hasw_net *hn)
{
	u64 now = hasw_switch_now();
	struct hasw_pulse *p;

	rcu_read_lock();
	local_bh_disable();
	list_for_each_entry_rcu(p, &hn->pulses->list, list) {
		spin_lock(&p->lock);
		p->hurry = HASW_PULSE_HURRY;
		if (p->due > now)
			hasw_pulse_due(p, now, now);
		spin_unlock(&p->lock);
	}
	if (!list_empty(&hn->pulses->list))
		hasw_pulse_send_at(hn->pulses, now);
	local_bh_enable();
	rcu_read_unlock();
}
