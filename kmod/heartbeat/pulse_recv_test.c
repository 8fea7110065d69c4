// SPDX-License-Identifier: GPL-2.0
/* KUnit: after a late timer, a session takes down no path during a grace
 * period. A session echoes the peer's challenges, and notes since when the
 * peer has no agent. Many peers are sent to in short runs.
 */
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "pulse.h"

#define MS ((u64)NSEC_PER_MSEC)

/* Returns a session with an interval of 1 ms, whose only path was last heard at
 * 100 ms.
 */
static struct hasw_pulse *session(struct kunit *test)
{
	struct hasw_pulse *p;

	p = kunit_kzalloc(test, struct_size(p, path, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	spin_lock_init(&p->lock);
	p->n_paths = 1;
	p->interval = MS;
	p->path[0].heard = 100 * MS;
	return p;
}

static void late(struct hasw_pulse *p, u64 now)
{
	spin_lock_bh(&p->lock);
	hasw_pulse_late(p, now);
	spin_unlock_bh(&p->lock);
}

static void pulse_late_waits_one_interval(struct kunit *test)
{
	struct hasw_pulse *p = session(test);

	late(p, 102 * MS);
	KUNIT_EXPECT_EQ(test, p->late, 1);
	KUNIT_EXPECT_EQ(test, p->grace, 103 * MS);
	/* One delay may make both timers of a session late, but it is counted
	 * only once.
	 */
	late(p, 102 * MS + 1);
	KUNIT_EXPECT_EQ(test, p->late, 1);
	KUNIT_EXPECT_EQ(test, p->grace, 103 * MS);
}

/* hasw_pulse.grace is not moved again before the peer is heard. Otherwise a
 * machine whose timers are always late would never notice a silent peer.
 */
static void pulse_late_again_waits_no_more(struct kunit *test)
{
	struct hasw_pulse *p = session(test);
	u64 now;

	late(p, 102 * MS);
	for (now = 103; now < 120; now++)
		late(p, now * MS);
	KUNIT_EXPECT_EQ(test, p->late, 18);
	KUNIT_EXPECT_EQ(test, p->grace, 103 * MS);
}

static void pulse_late_after_heard_waits_again(struct kunit *test)
{
	struct hasw_pulse *p = session(test);

	late(p, 102 * MS);
	p->path[0].heard = 102 * MS;
	late(p, 105 * MS);
	KUNIT_EXPECT_EQ(test, p->late, 2);
	KUNIT_EXPECT_EQ(test, p->grace, 106 * MS);
}

/* Stores @challenge, and then repeatedly stores @others different challenges.
 * Returns whether @challenge is still echoed within one round-robin cycle.
 */
static bool answered(struct hasw_pulse *p, u64 challenge, u32 others)
{
	u32 i;

	hasw_pulse_challenged(p, challenge);
	for (i = 0; i < 1000; i++)
		hasw_pulse_challenged(p, 1000 + i % others);
	for (i = 0; i <= HASW_PULSE_CHALLENGES; i++)
		if (hasw_pulse_response(p) == challenge)
			return true;
	return false;
}

/* An attacker may replay heartbeats of a few earlier lives (earlier sessions of
 * the peer). The replayed challenges do not push out the challenge of a new
 * life.
 */
static void pulse_recordings_crowd_out_no_challenge(struct kunit *test)
{
	struct hasw_pulse *p = session(test);

	KUNIT_EXPECT_EQ(test, hasw_pulse_response(p), 0);
	p->peer_challenge = 7;
	KUNIT_EXPECT_EQ(test, hasw_pulse_response(p), 7);
	KUNIT_EXPECT_EQ(test, hasw_pulse_response(p), 7);
	KUNIT_EXPECT_TRUE(test, answered(p, 8, HASW_PULSE_CHALLENGES - 1));
	KUNIT_EXPECT_TRUE(test, answered(p, 9, 1));
	/* The challenge of the accepted life (7) is still echoed. */
	KUNIT_EXPECT_TRUE(test, answered(p, 7, 1));
}

/* Hears a heartbeat without an agent, which echoes a counter of ours. */
static u64 agentless(struct hasw_pulse *p, u64 echo)
{
	struct hasw_pulse_beat beat = {
		.flags = HASW_PULSE_F_AGENTLESS, .echo = echo,
	};

	spin_lock_bh(&p->lock);
	hasw_pulse_hear_mark(p, &p->path[0], &beat);
	spin_unlock_bh(&p->lock);
	return p->agentless;
}

/* A heartbeat that was sent before the peer heard the marked one of ours proves
 * nothing of the time since, however late it arrives.
 */
static void pulse_agentless_is_echoed(struct kunit *test)
{
	struct hasw_pulse *p = session(test);

	p->path[0].counter = 12;
	p->path[0].mark = 10;
	p->path[0].marked = 100 * MS;
	KUNIT_EXPECT_EQ(test, agentless(p, 9), 0);
	/* It echoes a counter of an earlier life. */
	KUNIT_EXPECT_EQ(test, agentless(p, 13), 0);
	KUNIT_EXPECT_EQ(test, agentless(p, 11), 100 * MS);
	KUNIT_EXPECT_EQ(test, p->path[0].mark, 0);
	/* Another path may be slower. */
	p->path[0].mark = 12;
	p->path[0].marked = 90 * MS;
	KUNIT_EXPECT_EQ(test, agentless(p, 12), 100 * MS);
}

/* A node says that it has no agent when its last grant has ended long ago. */
static void pulse_agentless_holds_nothing(struct kunit *test)
{
	struct hasw_pulses *all = kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);
	struct hasw_net *hn = kunit_kzalloc(test, sizeof(*hn), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, all);
	KUNIT_ASSERT_NOT_NULL(test, hn);
	all->hn = hn;
	/* There was no BEAT yet. */
	hasw_pulse_look_agent(all, false, 500 * MS);
	KUNIT_EXPECT_FALSE(test, all->agentless);
	hn->beat.gone = 1000 * MS;
	hasw_pulse_look_agent(all, true, 2000 * MS);
	KUNIT_EXPECT_FALSE(test, all->agentless);
	/* The grant may have ended only now. */
	hasw_pulse_look_agent(all, false, 3000 * MS);
	KUNIT_EXPECT_FALSE(test, all->agentless);
	hasw_pulse_look_agent(all, false, 3099 * MS);
	KUNIT_EXPECT_FALSE(test, all->agentless);
	hasw_pulse_look_agent(all, false, 3100 * MS);
	KUNIT_EXPECT_TRUE(test, all->agentless);
	/* The next agent begins. */
	hn->beat.gone = 0;
	hasw_pulse_look_agent(all, false, 3200 * MS);
	KUNIT_EXPECT_FALSE(test, all->agentless);
}

/* Number of peers, and of messages that one run may send to them. */
#define CROWD 1000
#define RUN 100

/**
 * struct crowd - sessions with many peers, in no network namespace
 * @hn: state of which only @all is set up
 * @all: the sessions of @hn
 * @p: the sessions, which have no path, so that no packet is sent
 */
struct crowd {
	struct hasw_net hn;
	struct hasw_pulses all;
	struct hasw_pulse *p[CROWD];
};

/* Returns sessions whose heartbeats are due at 100 ms. */
static struct crowd *crowd(struct kunit *test)
{
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->hn.pulses = &c->all;
	c->hn.closing = true;
	c->all.hn = &c->hn;
	INIT_LIST_HEAD(&c->all.list);
	hasw_pulse_send_init(&c->all);
	for (i = 0; i < CROWD; i++) {
		c->p[i] = session(test);
		c->p[i]->n_paths = 0;
		c->p[i]->hn = &c->hn;
		c->p[i]->due = 100 * MS;
		/* Each heartbeat counts this down. */
		c->p[i]->hurry = 10;
		list_add_tail(&c->p[i]->list, &c->all.list);
	}
	return c;
}

static u32 crowd_send(struct crowd *c, u64 now, u64 *next)
{
	u32 sent;

	local_bh_disable();
	rcu_read_lock();
	sent = hasw_pulse_send_some(&c->all, now, next);
	rcu_read_unlock();
	local_bh_enable();
	return sent;
}

static void pulse_crowd_is_sent_to_in_short_runs(struct kunit *test)
{
	struct crowd *c = crowd(test);
	u32 sent, sum = 0, calls = 0, i;
	u64 next;

	do {
		sent = crowd_send(c, 100 * MS, &next);
		KUNIT_EXPECT_LE(test, sent, RUN);
		sum += sent;
	} while (next <= 100 * MS && ++calls < CROWD);
	KUNIT_EXPECT_EQ(test, sum, CROWD);
	KUNIT_EXPECT_GT(test, next, 100 * MS);
	for (i = 0; i < CROWD; i++)
		KUNIT_EXPECT_EQ(test, c->p[i]->hurry, 9);
}

/* If all heartbeats take longer than the interval, each peer has its turn. */
static void pulse_crowd_leaves_nobody_out(struct kunit *test)
{
	struct crowd *c = crowd(test);
	u32 sum = 0, out = 0, i;
	u64 now = 100 * MS, next;

	for (; sum < CROWD; now += 2 * MS)
		sum += crowd_send(c, now, &next);
	for (i = 0; i < CROWD; i++)
		out += c->p[i]->hurry == 10;
	KUNIT_EXPECT_EQ(test, out, 0);
}

/* Ends the first session, and begins another one. */
static struct hasw_pulse *crowd_change(struct kunit *test, struct crowd *c)
{
	struct hasw_pulse *p = session(test);

	list_del(&c->p[0]->list);
	p->n_paths = 0;
	p->hn = &c->hn;
	list_add_tail(&p->list, &c->all.list);
	return p;
}

/* A session that ends between two runs moves the others to the front. Each peer
 * gets each notice nevertheless, and once.
 */
static void pulse_crowd_gets_notices_in_short_runs(struct kunit *test)
{
	struct crowd *c = crowd(test);
	u32 sent, sum = 0, calls = 0, i, out = 0;
	struct hasw_pulse *late = NULL;
	bool more;

	c->all.once_n = 2;
	do {
		if (++calls == 3)
			late = crowd_change(test, c);
		local_bh_disable();
		rcu_read_lock();
		sent = hasw_pulse_send_notices(&c->all, &more);
		rcu_read_unlock();
		local_bh_enable();
		KUNIT_EXPECT_LE(test, sent, RUN);
		sum += sent;
	} while (more && calls < CROWD);
	/* The session that has ended got the first notice, and its successor
	 * both.
	 */
	KUNIT_EXPECT_EQ(test, sum, 2 * CROWD + 1);
	KUNIT_EXPECT_EQ(test, c->all.once_n, 0);
	KUNIT_ASSERT_NOT_NULL(test, late);
	for (i = 1; i < CROWD; i++)
		out += c->p[i]->once_round != late->once_round;
	KUNIT_EXPECT_EQ(test, out, 0);
}

/* Queues a notice about a service without having it sent. */
static bool crowd_queue(struct crowd *c, u8 kind, u64 value)
{
	bool queued;

	local_bh_disable();
	queued = hasw_pulse_notify_once(&c->hn, kind, value);
	hrtimer_cancel(&c->all.beat);
	local_bh_enable();
	return queued;
}

/* A notice is queued once at a time, and whoever queues it knows whether it
 * will be sent.
 */
static void pulse_crowd_is_told_each_notice(struct kunit *test)
{
	struct crowd *c = crowd(test);
	u64 value;

	for (value = 1; value < HASW_PULSE_ONCE; value++) {
		KUNIT_EXPECT_TRUE(test,
				  crowd_queue(c, HASWITCH_PULSE_KIND_REFUSED,
					      value));
		KUNIT_EXPECT_FALSE(test,
				   crowd_queue(c, HASWITCH_PULSE_KIND_REFUSED,
					       1));
	}
	KUNIT_EXPECT_TRUE(test, crowd_queue(c, HASWITCH_PULSE_KIND_LISTENS, 1));
	KUNIT_EXPECT_EQ(test, c->all.once_n, HASW_PULSE_ONCE);
	KUNIT_EXPECT_FALSE(test,
			   crowd_queue(c, HASWITCH_PULSE_KIND_REFUSED, value));
	c->all.once_first++;
	c->all.once_n--;
	KUNIT_EXPECT_TRUE(test, crowd_queue(c, HASWITCH_PULSE_KIND_REFUSED, 1));
	KUNIT_EXPECT_EQ(test, c->all.once_n, HASW_PULSE_ONCE);
	KUNIT_EXPECT_EQ(test, c->all.once[0].value, 1);
	/* Without peers, there is nobody to tell. */
	INIT_LIST_HEAD(&c->all.list);
	KUNIT_EXPECT_TRUE(test, crowd_queue(c, HASWITCH_PULSE_KIND_REFUSED, 2));
}

/* The same for notices that heartbeats repeat. */
static void pulse_crowd_is_notified_in_short_runs(struct kunit *test)
{
	struct hasw_pulse_notice notice = { .kind = HASWITCH_PULSE_KIND_GOING };
	u32 calls = 0, sum = 0, was, i, out = 0;
	struct crowd *c = crowd(test);
	bool more;

	mutex_lock(&c->all.notify_lock);
	c->all.notify_round++;
	do {
		if (++calls == 3)
			c->p[0] = crowd_change(test, c);
		local_bh_disable();
		rcu_read_lock();
		more = hasw_pulse_notify_some(&c->all, &notice);
		rcu_read_unlock();
		/* The function has started the timer. */
		hrtimer_cancel(&c->all.beat);
		local_bh_enable();
		was = sum;
		for (sum = 0, out = 0, i = 0; i < CROWD; i++) {
			sum += c->p[i]->notices;
			out += c->p[i]->notice != HASWITCH_PULSE_KIND_GOING;
		}
		KUNIT_EXPECT_LE(test, sum, was + 2 * RUN);
	} while (more && calls < CROWD);
	mutex_unlock(&c->all.notify_lock);
	KUNIT_EXPECT_EQ(test, out, 0);
	/* Each peer got one heartbeat with it, and two more follow. */
	KUNIT_EXPECT_EQ(test, sum, 2 * CROWD);
}

static struct kunit_case pulse_hear_cases[] = {
	KUNIT_CASE(pulse_late_waits_one_interval),
	KUNIT_CASE(pulse_late_again_waits_no_more),
	KUNIT_CASE(pulse_late_after_heard_waits_again),
	KUNIT_CASE(pulse_recordings_crowd_out_no_challenge),
	KUNIT_CASE(pulse_agentless_is_echoed),
	KUNIT_CASE(pulse_agentless_holds_nothing),
	KUNIT_CASE(pulse_crowd_is_sent_to_in_short_runs),
	KUNIT_CASE(pulse_crowd_leaves_nobody_out),
	KUNIT_CASE(pulse_crowd_gets_notices_in_short_runs),
	KUNIT_CASE(pulse_crowd_is_told_each_notice),
	KUNIT_CASE(pulse_crowd_is_notified_in_short_runs),
	{}
};

static struct kunit_suite pulse_hear_suite = {
	.name = "haswitch_pulse_hear",
	.test_cases = pulse_hear_cases,
};

kunit_test_suite(pulse_hear_suite);
