// SPDX-License-Identifier: GPL-2.0
/* KUnit: after a late timer, a session takes down no path during a grace
 * period. A session echoes the peer's challenges. Many peers are sent to in
 * short runs.
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

static void pulse_crowd_gets_notices_in_short_runs(struct kunit *test)
{
	struct crowd *c = crowd(test);
	u32 sent, sum = 0, calls = 0;
	bool more;

	c->all.once_n = 2;
	do {
		local_bh_disable();
		rcu_read_lock();
		sent = hasw_pulse_send_notices(&c->all, &more);
		rcu_read_unlock();
		local_bh_enable();
		KUNIT_EXPECT_LE(test, sent, RUN);
		sum += sent;
	} while (more && ++calls < CROWD);
	KUNIT_EXPECT_EQ(test, sum, 2 * CROWD);
	KUNIT_EXPECT_EQ(test, c->all.once_n, 0);
}

/* A session that ends between two runs moves the others to the front, so the
 * notice is sent to all peers again.
 */
static void pulse_crowd_is_notified_in_short_runs(struct kunit *test)
{
	struct hasw_pulse_notice notice = { .kind = HASWITCH_PULSE_KIND_GOING };
	struct crowd *c = crowd(test);
	u32 calls = 0, was, i, out = 0;
	bool more;

	do {
		if (++calls == 3) {
			list_del(&c->p[0]->list);
			c->all.changes++;
		}
		was = calls == 3 ? 0 : notice.at;
		local_bh_disable();
		rcu_read_lock();
		more = hasw_pulse_notify_some(&c->all, &notice);
		rcu_read_unlock();
		local_bh_enable();
		KUNIT_EXPECT_LE(test, notice.at - was, RUN);
	} while (more && calls < CROWD);
	/* The function has started the timer. */
	hrtimer_cancel(&c->all.beat);
	for (i = 1; i < CROWD; i++)
		out += c->p[i]->notice != HASWITCH_PULSE_KIND_GOING;
	KUNIT_EXPECT_EQ(test, out, 0);
	KUNIT_EXPECT_EQ(test, notice.at, CROWD - 1);
}

static struct kunit_case pulse_hear_cases[] = {
	KUNIT_CASE(pulse_late_waits_one_interval),
	KUNIT_CASE(pulse_late_again_waits_no_more),
	KUNIT_CASE(pulse_late_after_heard_waits_again),
	KUNIT_CASE(pulse_recordings_crowd_out_no_challenge),
	KUNIT_CASE(pulse_crowd_is_sent_to_in_short_runs),
	KUNIT_CASE(pulse_crowd_leaves_nobody_out),
	KUNIT_CASE(pulse_crowd_gets_notices_in_short_runs),
	KUNIT_CASE(pulse_crowd_is_notified_in_short_runs),
	{}
};

static struct kunit_suite pulse_hear_suite = {
	.name = "haswitch_pulse_hear",
	.test_cases = pulse_hear_cases,
};

kunit_test_suite(pulse_hear_suite);
