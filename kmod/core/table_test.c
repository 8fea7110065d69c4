// SPDX-License-Identifier: GPL-2.0
/* KUnit: a hash table of pointers always contains the same objects as a plain
 * array.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "table.h"

#define KEYS 512
#define STEPS 20000

struct thing {
	u32 key;
	bool in;
};

/* Four keys share each hash value, so that some objects are only found by
 * probing.
 */
static u32 thing_hash(const void *obj, u32 seed)
{
	return hasw_table_hash(((const struct thing *)obj)->key / 4, seed);
}

/* Only the test's thread can access its table, so the table needs no lock. */
static int thing_table(struct hasw_table *t)
{
	struct hasw_wlock wlock = {};

	hasw_wlock_drop(&wlock);
	return hasw_table_init(t, &wlock);
}

static struct thing *thing_find(struct hasw_table *t, u32 key)
{
	const struct hasw_slots *s = hasw_unpublished(t->slots);
	u32 i = hasw_table_hash(key / 4, s->seed) & s->mask;
	void *obj;

	for (;; i = (i + 1) & s->mask) {
		obj = hasw_unpublished(s->slot[i]);
		if (!obj)
			return NULL;
		if (obj != hasw_table_tomb &&
		    ((struct thing *)obj)->key == key)
			return obj;
	}
}

static void table_check(struct kunit *test, struct hasw_table *t,
			struct thing *things)
{
	const struct hasw_slots *s = hasw_unpublished(t->slots);
	u32 in = 0, seen = 0, pos = 0, i;
	struct thing *thing;

	for (i = 0; i < KEYS; i++) {
		thing = thing_find(t, i);
		KUNIT_ASSERT_PTR_EQ(test, thing,
				    things[i].in ? &things[i] : NULL);
		in += things[i].in;
	}
	while ((thing = hasw_table_next(t, &pos))) {
		KUNIT_ASSERT_TRUE(test, thing->in);
		seen++;
	}
	KUNIT_ASSERT_EQ(test, seen, in);
	KUNIT_ASSERT_EQ(test, t->count, in);
	KUNIT_ASSERT_LE(test, 2 * t->used, s->mask + 1);
}

static void table_keeps_through_random_steps(struct kunit *test)
{
	struct thing *things = kunit_kcalloc(test, KEYS, sizeof(*things),
					     GFP_KERNEL);
	struct rnd_state rnd;
	struct hasw_table t;
	u32 step, i;

	KUNIT_ASSERT_NOT_NULL(test, things);
	KUNIT_ASSERT_EQ(test, thing_table(&t), 0);
	prandom_seed_state(&rnd, 1);
	for (i = 0; i < KEYS; i++)
		things[i].key = i;
	for (step = 0; step < STEPS; step++) {
		/* Most steps in the first third add an object, and most steps
		 * in the second third delete one. In the last third, adding and
		 * deleting are equally likely.
		 */
		u32 bias = step < STEPS / 3 ? 3 : step < 2 * STEPS / 3 ? 1 : 2;
		bool add = prandom_u32_state(&rnd) % 4 < bias;

		i = prandom_u32_state(&rnd) % KEYS;
		if (add == things[i].in)
			continue;
		if (add)
			KUNIT_ASSERT_EQ(test, hasw_table_add(&t, &things[i],
							     thing_hash), 0);
		else
			hasw_table_del(&t, &things[i], thing_hash);
		things[i].in = add;
		if (step % 500 == 0)
			table_check(test, &t, things);
	}
	table_check(test, &t, things);
	hasw_table_free(&t);
}

/* If one object at a time is added and deleted again, no tombstone must remain,
 * and the table must not grow.
 */
static void table_churn_does_not_grow(struct kunit *test)
{
	struct thing *things = kunit_kcalloc(test, KEYS, sizeof(*things),
					     GFP_KERNEL);
	const struct hasw_slots *s;
	struct hasw_table t;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, things);
	KUNIT_ASSERT_EQ(test, thing_table(&t), 0);
	for (i = 0; i < 100 * KEYS; i++) {
		things[i % KEYS].key = i;
		KUNIT_ASSERT_EQ(test, hasw_table_add(&t, &things[i % KEYS],
						     thing_hash), 0);
		hasw_table_del(&t, &things[i % KEYS], thing_hash);
	}
	s = hasw_unpublished(t.slots);
	KUNIT_EXPECT_EQ(test, s->mask + 1, HASW_TABLE_MIN);
	KUNIT_EXPECT_EQ(test, t.count, 0);
	hasw_table_free(&t);
}

/* Makes a table of all keys, and returns its objects. */
static struct thing *table_full(struct kunit *test, struct hasw_table *t)
{
	struct thing *things = kunit_kcalloc(test, KEYS, sizeof(*things),
					     GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, things);
	KUNIT_ASSERT_EQ(test, thing_table(t), 0);
	for (i = 0; i < KEYS; i++) {
		things[i].key = i;
		KUNIT_ASSERT_EQ(test, hasw_table_add(t, &things[i], thing_hash),
				0);
		things[i].in = true;
	}
	return things;
}

/* A walk looks at every slot, so a table whose objects are deleted must not keep
 * its slots.
 */
static void table_with_few_objects_is_small(struct kunit *test)
{
	const struct hasw_slots *s;
	struct hasw_table t;
	struct thing *things = table_full(test, &t);
	u32 left;

	for (left = KEYS; left; left--) {
		s = hasw_unpublished(t.slots);
		KUNIT_ASSERT_LE(test, s->mask + 1, 16 * (left + 1));
		hasw_table_del(&t, &things[left - 1], thing_hash);
		things[left - 1].in = false;
		table_check(test, &t, things);
	}
	hasw_table_free(&t);
}

/* hasw_table_some() looks at no more slots than it may, and goes on behind
 * them.
 */
static void table_walk_pauses(struct kunit *test)
{
	u32 seen = 0, pos = 0, was, left;
	const struct hasw_slots *s;
	struct hasw_table t;

	table_full(test, &t);
	s = hasw_unpublished(t.slots);
	while (pos <= s->mask) {
		was = pos;
		left = 3;
		seen += !!hasw_table_some(&t, &pos, &left);
		KUNIT_ASSERT_LE(test, pos - was, 3);
		KUNIT_ASSERT_EQ(test, pos - was, 3 - left);
	}
	KUNIT_EXPECT_EQ(test, seen, KEYS);
	hasw_table_free(&t);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(table_keeps_through_random_steps),
	KUNIT_CASE(table_churn_does_not_grow),
	KUNIT_CASE(table_with_few_objects_is_small),
	KUNIT_CASE(table_walk_pauses),
	{}
};

static struct kunit_suite table_suite = {
	.name = "haswitch_table",
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
