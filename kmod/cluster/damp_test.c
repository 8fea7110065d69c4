// SPDX-License-Identifier: GPL-2.0
/* KUnit: the penalty of a node grows with each death and decays with time. */
#include <kunit/test.h>
#include <linux/time64.h>

#include "damp.h"

/* Returns the time, ns, that is @tenths tenths of a second after the start of
 * the test. The test starts at 5 s.
 */
static u64 at(u64 tenths)
{
	return 5 * (u64)NSEC_PER_SEC + tenths * (NSEC_PER_SEC / 10);
}

/* At time t after a death, the exact penalty is 1000 * 2^(-t / 60 s). The
 * computed penalty is at least the exact penalty rounded down, and exceeds
 * the exact penalty by at most 2.2 %.
 */
static void damp_decays(struct kunit *test)
{
	static const struct {
		u64 tenths;
		u32 exact;
	} want[] = {
		{ 0, 1000 }, { 10, 988 }, { 19, 978 }, { 50, 943 },
		{ 100, 890 }, { 300, 707 }, { 599, 500 }, { 600, 500 },
		{ 601, 499 }, { 900, 353 }, { 1200, 250 }, { 1800, 125 },
		{ 3000, 31 }, { 6000, 0 }, { 20000, 0 },
	};
	struct hasw_damp damp = {};
	u32 got;
	int i;

	KUNIT_EXPECT_EQ(test, hasw_damp_penalty(&damp, at(0)), 0);
	hasw_damp_death(&damp, at(0));
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		got = hasw_damp_penalty(&damp, at(want[i].tenths));
		KUNIT_EXPECT_GE(test, got + 1, want[i].exact);
		KUNIT_EXPECT_LE(test, got, want[i].exact * 1023 / 1000 + 1);
	}
	/* After a whole number of half-lives, the penalty is exact. */
	KUNIT_EXPECT_EQ(test, hasw_damp_penalty(&damp, at(600)), 500);
	KUNIT_EXPECT_EQ(test, hasw_damp_penalty(&damp, at(1200)), 250);
	KUNIT_EXPECT_EQ(test, hasw_damp_penalty(&damp, U64_MAX), 0);
	/* On another CPU, the clock can return a time before the death. */
	KUNIT_EXPECT_EQ(test, hasw_damp_penalty(&damp, at(0) - 1), 1000);
}

static void damp_never_grows_by_itself(struct kunit *test)
{
	struct hasw_damp damp = {};
	u32 last, got;
	u64 t;

	for (t = 0; t < 5; t++)
		hasw_damp_death(&damp, at(0));
	last = damp.penalty;
	KUNIT_EXPECT_EQ(test, last, 5000);
	for (t = 0; t < 8000; t++) {
		got = hasw_damp_penalty(&damp, at(t));
		KUNIT_ASSERT_LE(test, got, last);
		last = got;
	}
	KUNIT_EXPECT_EQ(test, last, 0);
}

static void damp_suppresses_and_reuses(struct kunit *test)
{
	struct hasw_damp damp = {};
	u64 reuse;

	hasw_damp_death(&damp, at(0));
	hasw_damp_death(&damp, at(100));
	KUNIT_EXPECT_FALSE(test, hasw_damp_suppressed(&damp, at(100)));
	hasw_damp_death(&damp, at(200));
	KUNIT_EXPECT_TRUE(test, hasw_damp_suppressed(&damp, at(200)));
	reuse = hasw_damp_reuse(&damp);
	/* A penalty of 2684 decays to HASW_DAMP_REUSE in 85 s. The time is
	 * computed in steps of 1.9 s.
	 */
	KUNIT_EXPECT_GE(test, reuse, at(200 + 840));
	KUNIT_EXPECT_LE(test, reuse, at(200 + 880));
	/* The damping ends when the penalty falls below HASW_DAMP_REUSE, and
	 * not already when it falls below HASW_DAMP_SUPPRESS.
	 */
	KUNIT_EXPECT_TRUE(test, hasw_damp_suppressed(&damp, at(500)));
	KUNIT_EXPECT_TRUE(test, hasw_damp_suppressed(&damp, reuse - 1));
	KUNIT_EXPECT_FALSE(test, hasw_damp_suppressed(&damp, reuse));
	/* After the damping, one death does not damp the node again. */
	hasw_damp_death(&damp, reuse);
	KUNIT_EXPECT_FALSE(test, hasw_damp_suppressed(&damp, reuse));
}

/* Deaths 90 s apart never damp a node. Many deaths in a short time do not raise
 * its penalty above HASW_DAMP_MAX.
 */
static void damp_is_bounded(struct kunit *test)
{
	struct hasw_damp damp = {};
	int i;

	for (i = 0; i < 100; i++) {
		hasw_damp_death(&damp, at(i * 900));
		KUNIT_EXPECT_FALSE(test, hasw_damp_suppressed(&damp,
							      at(i * 900)));
	}
	for (i = 0; i < 100; i++)
		hasw_damp_death(&damp, at(90000 + i));
	KUNIT_EXPECT_LE(test, damp.penalty, HASW_DAMP_MAX);
	KUNIT_EXPECT_GE(test, damp.penalty, HASW_DAMP_MAX - 200);
	KUNIT_EXPECT_LE(test, hasw_damp_reuse(&damp), at(90099 + 1800 + 19));
}

/* Deaths less than one decay step apart do not stop the decay. */
static void damp_decays_between_quick_deaths(struct kunit *test)
{
	struct hasw_damp quick = {};
	int i;

	hasw_damp_death(&quick, at(0));
	for (i = 1; i < 60; i++) {
		hasw_damp_death(&quick, at(i * 10));
		quick.penalty -= HASW_DAMP_DEATH;
	}
	/* The loop has subtracted the penalty of each later death. What remains
	 * is the penalty of the first death, which has decayed for 60 s.
	 */
	KUNIT_EXPECT_LE(test, hasw_damp_penalty(&quick, at(600)), 520);
	KUNIT_EXPECT_GE(test, hasw_damp_penalty(&quick, at(600)), 480);
}

static struct kunit_case damp_cases[] = {
	KUNIT_CASE(damp_decays),
	KUNIT_CASE(damp_never_grows_by_itself),
	KUNIT_CASE(damp_suppresses_and_reuses),
	KUNIT_CASE(damp_is_bounded),
	KUNIT_CASE(damp_decays_between_quick_deaths),
	{}
};

static struct kunit_suite damp_suite = {
	.name = "haswitch_damp",
	.test_cases = damp_cases,
};

kunit_test_suite(damp_suite);
