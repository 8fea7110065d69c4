// SPDX-License-Identifier: GPL-2.0
/* What we say to a peer, and when: a heartbeat on every path each interval. */
#include <linux/rculist.h>

#include "compat/compat_timer.h"
#include "pulse.h"

/* What has to be said at once is said so often, so far apart: one packet may
 * be lost, and what lost it may be over then.
 */
#define HASW_PULSE_TELLS 3
#define HASW_PULSE_TELL_PACE NSEC_PER_MSEC

/* Often enough for what has to be known at once, should one packet be lost. */
#define HASW_PULSE_HURRY 3

/**
 * struct hasw_pulse_out - a heartbeat that is sent to one peer
 * @wire: by path
 * @records: what follows; NULL: nothing
 * @records_mac: by path; with @records
 */
struct hasw_pulse_out {
	struct hasw_pulse_wire wire[HASWITCH_PULSE_PATHS_MAX];
	const struct hasw_pulse_records *records;
	__be64 records_mac[HASWITCH_PULSE_PATHS_MAX];
};

/* Writes a heartbeat of every path. Under the session's lock. */
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
		.response = hasw_pulse_answer(p),
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
		hasw_pulse_pack(&wire[i], &beat);
		wire[i].mac = cpu_to_be64(hasw_pulse_mac(&wire[i], &path->local,
							 &path->remote,
							 &p->tx_now));
	}
}

/* What every heartbeat of this tick says of the leases that we hold. Of more
 * than it can name, it names some, by chance from any place on: a session of any
 * interval hears of all of them soon. By the tick alone.
 */
static void hasw_pulse_claim(struct hasw_pulses *all)
{
	u32 n = hasw_lease_claims(all->hn, all->claims), some, i;

	all->records.len = 0;
	some = min_t(u32, n, HASW_PULSE_CLAIMS);
	/* Those from a place on, which go round to the front. */
	if (some < n) {
		u32 first = get_random_u32() % n;

		for (i = 0; i < some; i++)
			all->named[i] = all->claims[(first + i) % n];
	} else {
		memcpy(all->named, all->claims, n * sizeof(*all->named));
	}
	hasw_pulse_put_claims(&all->records, all->named, some);
}

/* Writes the next heartbeat of every path. Under the session's lock. */
static void hasw_pulse_compose(struct hasw_pulse *p, u64 now,
			       const struct hasw_pulse_records *records,
			       struct hasw_pulse_out *out)
{
	u8 kind = HASWITCH_PULSE_KIND_BEAT;
	u64 value = 0;
	u32 about = 0;
	u32 i;

	if (p->told) {
		p->told--;
		kind = p->tell;
		about = p->tell_about;
		value = p->tell_value;
	}
	out->records = records && records->len ? records : NULL;
	hasw_pulse_write(p, now, kind, about, value, out->records, out->wire);
	for (i = 0; out->records && i < p->n_paths; i++)
		out->records_mac[i] =
			cpu_to_be64(hasw_pulse_records_mac(records->data,
							   records->len,
							   &out->wire[i],
							   &p->tx_now));
}

/**
 * hasw_pulse_compose_last() - writes what is said of a panic
 * @p: the session
 * @wire: set to a heartbeat for each of its paths
 *
 * Context: a panic, where whoever has the session's lock may never
 * let go of it.
 * Return: false if somebody has it; then nothing is written.
 */
bool hasw_pulse_compose_last(struct hasw_pulse *p,
			     struct hasw_pulse_wire *wire)
{
	if (spin_trylock(&p->lock)) {
		/* Whoever is in the midst of setting the clock is no more. */
		hasw_pulse_write(p, ktime_get_boot_fast_ns(),
				 HASWITCH_PULSE_KIND_GOING, 0, 0, false, wire);
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
				    out->records, out->records_mac[i]);
}

/* When the next heartbeat is due. All that have the same interval are due
 * together, at its multiples, for an interrupt costs as much as a heartbeat.
 * Under the session's lock.
 */
static u64 hasw_pulse_next(struct hasw_pulse *p, u64 now)
{
	u64 pace = p->interval;

	if (p->slow) {
		p->slow--;
		pace = p->pace;
	}
	if (p->told || p->hurry)
		return now + min_t(u64, pace, HASW_PULSE_TELL_PACE);
	return (div64_u64(now, pace) + 1) * pace;
}

/* The next one is due then. That the last one should have been long ago shows
 * that this machine was held up. Under the session's lock.
 */
static void hasw_pulse_due(struct hasw_pulse *p, u64 now, u64 due)
{
	lockdep_assert_held(&p->lock);
	if (now >= p->due + p->interval)
		hasw_pulse_late(p, now);
	WRITE_ONCE(p->due, due);
}

/* Has the timer look then, or sooner. Softirqs off. */
static void hasw_pulse_send_at(struct hasw_pulses *all, u64 due)
{
	/* Pairs with hasw_pulse_tick(): it sees what is due, or is over. */
	smp_mb();
	spin_lock(&all->beat_lock);
	if (!hrtimer_is_queued(&all->beat) ||
	    ktime_to_ns(hrtimer_get_expires(&all->beat)) > due)
		hrtimer_start(&all->beat, ns_to_ktime(due),
			      HRTIMER_MODE_ABS_SOFT);
	spin_unlock(&all->beat_lock);
}

/* Sends to one peer if that is due. RCU read side.
 * Return: when the next is.
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

/* Softirq. One timer serves all sessions: whoever becomes due earlier meanwhile
 * starts it anew, and then it is that which counts.
 */
static enum hrtimer_restart hasw_pulse_tick(struct hrtimer *timer)
{
	struct hasw_pulses *all = container_of(timer, struct hasw_pulses, beat);
	u64 now = hasw_switch_now(), next = U64_MAX, due;
	struct hasw_pulse *p;

	/* Pairs with hasw_pulse_send_at(). */
	smp_mb();
	rcu_read_lock();
	hasw_pulse_claim(all);
	list_for_each_entry_rcu(p, &all->list, list) {
		due = READ_ONCE(p->due);
		if (due <= now)
			due = hasw_pulse_send(p, now);
		next = min(next, due);
	}
	rcu_read_unlock();
	if (next != U64_MAX && !READ_ONCE(all->hn->closing))
		hasw_pulse_send_at(all, next);
	return HRTIMER_NORESTART;
}

/**
 * hasw_pulse_send_init() - makes the timer that sends
 * @all: the sessions of a namespace, none yet
 *
 * Context: process.
 */
void hasw_pulse_send_init(struct hasw_pulses *all)
{
	spin_lock_init(&all->beat_lock);
	hasw_hrtimer_setup(&all->beat, hasw_pulse_tick, CLOCK_BOOTTIME,
			   HRTIMER_MODE_ABS_SOFT);
}

/**
 * hasw_pulse_send_start() - begins to send, at once
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
 * hasw_pulse_pace() - changes how often we send and how patient we are
 * @p: the session
 * @interval: ns
 * @multiplier: of the peer's intervals
 *
 * The peer judges us by the interval that it heard last. It hears of a longer
 * one in as many heartbeats of the old pace as it would take to call us lost.
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

/* Says it to one peer, now and in the heartbeats that follow. */
static void hasw_pulse_tell_one(struct hasw_pulse *p, u8 kind, u32 about,
				u64 value)
{
	u64 now = hasw_switch_now(), due;
	struct hasw_pulse_out out;

	spin_lock(&p->lock);
	if (p->dead) {
		spin_unlock(&p->lock);
		return;
	}
	p->tell = kind;
	p->tell_about = about;
	p->tell_value = value;
	p->told = HASW_PULSE_TELLS;
	hasw_pulse_compose(p, now, NULL, &out);
	due = hasw_pulse_next(p, now);
	/* Silence may have to be noticed then. */
	if (p->due > now)
		due = min(due, p->due);
	hasw_pulse_due(p, now, due);
	spin_unlock(&p->lock);
	hasw_pulse_emit(p, &out);
	hasw_pulse_send_at(p->hn->pulses, due);
}

/**
 * hasw_pulse_tell() - says something to every peer, on every path
 * @hn: namespace
 * @kind: enum haswitch_pulse_kind
 * @about: what it is about, by @kind; 0 without
 * @value: what comes with it
 *
 * The first heartbeats that say so have been given to the stack when this
 * returns; they are repeated. It does not sleep.
 *
 * Context: process or softirq, interrupts on.
 */
void hasw_pulse_tell(struct hasw_net *hn, u8 kind, u32 about, u64 value)
{
	struct hasw_pulse *p;

	rcu_read_lock();
	local_bh_disable();
	list_for_each_entry_rcu(p, &hn->pulses->list, list)
		hasw_pulse_tell_one(p, kind, about, value);
	local_bh_enable();
	rcu_read_unlock();
}

/**
 * hasw_pulse_say() - says something to every peer, on every path, once
 * @hn: namespace
 * @kind: enum haswitch_pulse_kind
 * @value: what comes with it
 *
 * It takes nothing from what is told repeatedly.
 *
 * Context: softirqs off, RCU read side, no lock held.
 */
void hasw_pulse_say(struct hasw_net *hn, u8 kind, u64 value)
{
	struct hasw_pulse_out out = {};
	struct hasw_pulse *p;
	bool dead;

	list_for_each_entry_rcu(p, &hn->pulses->list, list) {
		spin_lock(&p->lock);
		dead = p->dead;
		if (!dead)
			hasw_pulse_write(p, hasw_switch_now(), kind, 0, value,
					 false, out.wire);
		spin_unlock(&p->lock);
		if (!dead)
			hasw_pulse_emit(p, &out);
	}
}

/**
 * hasw_pulse_hurry() - the next heartbeats are sent now
 * @hn: namespace
 *
 * What they say of this node has changed.
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
