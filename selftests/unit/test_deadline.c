// SPDX-License-Identifier: GPL-2.0
/* The deadline rules of a lease, each by itself and all of them against chance. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rules/deadline.h"

#define SECOND 1000000000ULL
#define NOW (1000 * SECOND)

static const struct hasw_right empty;

static struct hasw_right floored(void)
{
	struct hasw_right r = { .floor = 10 };

	return r;
}

/* A lease that holder 1 has for a second, under epoch 20. */
static struct hasw_right granted(void)
{
	struct hasw_right r = floored();

	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + SECOND), HASW_RULING_GRANT);
	hasw_right_take(&r, 20, 1, NOW + SECOND);
	return r;
}

static void nothing_before_the_floor(void **state)
{
	(void)state;
	assert_int_equal(hasw_right_set(&empty, NOW, 5, 1, NOW + 1), HASW_RULING_NO_FLOOR);
	assert_int_equal(hasw_right_set(&empty, NOW, 0, 1, NOW + 1), HASW_RULING_NO_EPOCH);
}

static void epochs(void **state)
{
	struct hasw_right r = floored();

	(void)state;
	assert_int_equal(hasw_right_set(&r, NOW, 9, 1, NOW + 1), HASW_RULING_BELOW_FLOOR);
	assert_int_equal(hasw_right_set(&r, NOW, 10, 1, NOW + 1), HASW_RULING_GRANT);
	r = granted();
	assert_int_equal(hasw_right_set(&r, NOW, 19, 1, NOW + SECOND), HASW_RULING_STALE);
	assert_int_equal(hasw_right_set(&r, NOW, 21, 2, NOW + SECOND), HASW_RULING_GRANT);
	/* Who is superseded does not come back under the old epoch. */
	hasw_right_take(&r, 21, 2, NOW + SECOND);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + SECOND), HASW_RULING_STALE);
	hasw_right_end(&r, 0);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + SECOND), HASW_RULING_STALE);
	assert_int_equal(hasw_right_set(&r, NOW, 21, 2, NOW + SECOND), HASW_RULING_BURNED);
}

static void deadlines(void **state)
{
	struct hasw_right r = granted();

	(void)state;
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW), HASW_RULING_PAST);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + 1), HASW_RULING_RENEW);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + HASW_LEASE_MAX), HASW_RULING_RENEW);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + HASW_LEASE_MAX + 1), HASW_RULING_FAR);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, UINT64_MAX), HASW_RULING_FAR);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 2, NOW + SECOND), HASW_RULING_HOLDER);
	assert_true(hasw_right_held(&r, NOW + SECOND - 1));
	assert_false(hasw_right_held(&r, NOW + SECOND));
	assert_int_equal(hasw_right_set(&r, NOW + SECOND, 20, 1, NOW + 2 * SECOND), HASW_RULING_EXPIRED);
	assert_false(hasw_deadline_valid(NOW, 0));
}

/* What another machine has rules out what was before, and not that itself. */
static void overtaken(void **state)
{
	struct hasw_right r = granted();

	(void)state;
	hasw_right_claim(&r, 19, 2);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + SECOND), HASW_RULING_RENEW);
	hasw_right_claim(&r, 25, 2);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + SECOND), HASW_RULING_BURNED);
	hasw_right_end(&r, 0);
	hasw_right_claim(&r, 22, 2);
	assert_int_equal(hasw_right_set(&r, NOW, 24, 1, NOW + SECOND), HASW_RULING_BURNED);
	assert_int_equal(hasw_right_set(&r, NOW, 25, 2, NOW + SECOND), HASW_RULING_GRANT);
}

/* An epoch that is claimed is for its claimant, and for nobody if two claim it. */
static void claimed(void **state)
{
	struct hasw_right r = granted();

	(void)state;
	assert_false(hasw_right_outbid(r.epoch, r.holder, 19, 2));
	assert_false(hasw_right_outbid(r.epoch, r.holder, 30, 1));
	assert_true(hasw_right_outbid(r.epoch, r.holder, 21, 2));
	assert_true(hasw_right_outbid(r.epoch, r.holder, 20, 2));
	assert_true(hasw_right_claim_new(&r, 20, 2));
	hasw_right_yield(&r);
	hasw_right_claim(&r, 20, 2);
	assert_false(hasw_right_claim_new(&r, 20, 2));
	assert_false(hasw_right_held(&r, NOW));
	assert_false(hasw_right_outbid(r.epoch, r.holder, 20, 2));
	assert_int_equal(hasw_right_set(&r, NOW, 20, 1, NOW + SECOND), HASW_RULING_CLAIMED);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 2, NOW + SECOND), HASW_RULING_GRANT);
	assert_int_equal(hasw_right_set(&r, NOW, 21, 1, NOW + SECOND), HASW_RULING_GRANT);
	/* What was claimed before that says nothing any more. */
	assert_false(hasw_right_claim_new(&r, 20, 2));
	hasw_right_claim(&r, 15, 3);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 2, NOW + SECOND), HASW_RULING_GRANT);
	assert_true(hasw_right_claim_new(&r, 20, 3));
	hasw_right_claim(&r, 20, 3);
	assert_false(hasw_right_claim_new(&r, 20, 3));
	assert_int_equal(hasw_right_set(&r, NOW, 20, 2, NOW + SECOND), HASW_RULING_BURNED);
	assert_int_equal(hasw_right_set(&r, NOW, 20, 3, NOW + SECOND), HASW_RULING_BURNED);
}

static void releases(void **state)
{
	struct hasw_right r = granted();

	(void)state;
	assert_int_equal(hasw_right_release(&r, 19, 1), HASW_RULING_STALE);
	assert_int_equal(hasw_right_release(&r, 20, 1), HASW_RULING_RELEASE);
	assert_int_equal(hasw_right_release(&r, 20, 0), HASW_RULING_RELEASE);
	assert_int_equal(hasw_right_release(&r, 0, 0), HASW_RULING_ELSEWHERE);
	assert_int_equal(hasw_right_release(&r, 0, 1), HASW_RULING_RELEASE);
	hasw_right_end(&r, 25);
	assert_false(hasw_right_held(&r, NOW));
	assert_int_equal(hasw_right_release(&r, 0, 1), HASW_RULING_NOTHING);
	assert_int_equal(hasw_right_release(&r, 0, 0), HASW_RULING_NOTHING);
	assert_int_equal(hasw_right_release(&r, 30, 1), HASW_RULING_BURN);
	assert_int_equal(hasw_right_set(&r, NOW, 25, 1, NOW + SECOND), HASW_RULING_BURNED);
	assert_int_equal(hasw_right_set(&r, NOW, 26, 2, NOW + SECOND), HASW_RULING_GRANT);
}

/* Whatever is asked in whatever order: an epoch has one holder, and begins once. */
static void by_chance(void **state)
{
	enum { EPOCHS = 40, ROUNDS = 2000, STEPS = 200 };
	unsigned int seed = 1, grants = 0;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t now = NOW, holder_of[EPOCHS + 1] = { 0 };
		struct hasw_right r = { .floor = 1 };

		for (int step = 0; step < STEPS; step++) {
			uint64_t epoch = (uint64_t)(rand_r(&seed) % EPOCHS + 1);
			uint64_t holder = (uint64_t)(rand_r(&seed) % 3 + 1);
			uint64_t deadline = now + (uint64_t)(rand_r(&seed) % 1000) - 100;

			/* Near those in use, or all would be over at once. */
			epoch = (r.top + epoch % 4 + EPOCHS - 1) % EPOCHS + 1;
			now += (uint64_t)(rand_r(&seed) % 200);
			if (rand_r(&seed) % 8) {
				enum hasw_ruling ruling = hasw_right_set(&r, now, epoch, holder, deadline);

				if (ruling == HASW_RULING_GRANT) {
					assert_true(epoch > r.top && !holder_of[epoch]);
					holder_of[epoch] = holder;
					grants++;
				} else if (ruling == HASW_RULING_RENEW) {
					assert_true(holder_of[epoch] == holder && hasw_right_held(&r, now));
				} else {
					continue;
				}
				hasw_right_take(&r, epoch, holder, deadline);
				assert_true(hasw_right_held(&r, now) && r.deadline <= now + HASW_LEASE_MAX);
			} else if (hasw_right_release(&r, 0, 1) == HASW_RULING_RELEASE) {
				hasw_right_end(&r, 0);
				assert_true(!r.epoch && r.burned == r.top);
			}
		}
	}
	assert_true(grants > ROUNDS * 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_before_the_floor),
		cmocka_unit_test(epochs),
		cmocka_unit_test(deadlines),
		cmocka_unit_test(overtaken),
		cmocka_unit_test(claimed),
		cmocka_unit_test(releases),
		cmocka_unit_test(by_chance),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
