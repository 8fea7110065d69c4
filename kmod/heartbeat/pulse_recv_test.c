// SPDX-License-Identifier: GPL-2.0
/* KUnit: after a late timer, a session takes down no path during a grace
 * period. A session echoes the peer's challenges.
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

static struct kunit_case pulse_hear_cases[] = {
	KUNIT_CASE(pulse_late_waits_one_interval),
	KUNIT_CASE(pulse_late_again_waits_no_more),
	KUNIT_CASE(pulse_late_after_heard_waits_again),
	KUNIT_CASE(pulse_recordings_crowd_out_no_challenge),
	{}
};

static struct kunit_suite pulse_hear_suite = {
	.name = "haswitch_pulse_hear",
	.test_cases = pulse_hear_cases,
};

kunit_test_suite(pulse_hear_suite);
