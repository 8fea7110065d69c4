// SPDX-License-Identifier: GPL-2.0
/* How long a seat waits after a change of its voter set before it acks the next one. */
#include "seat.h"

/* A node whose file says that the wait after a change may not be over. */
static void begin_settling(uint64_t now)
{
	begin(1);
	seat.disk.settling = 1;
	hasw_seat_start(&seat, now, 6);
	hasw_seat_begin(&seat, HASW_SEAT_CONFIG, now, 0, 0, 0);
}

/* Each later agent would wait for a change of long ago. */
static void settles(void **state)
{
	const uint64_t wait = hasw_vote_wait(&times, times.longest);
	const struct hasw_voter *voter = &seat.lease[HASW_SEAT_CONFIG].voter;

	(void)state;
	begin_settling(0);
	assert_true(voter->changed == wait);
	hasw_seat_tick(&seat, wait - 1);
	assert_int_equal(n_syncs, 0);
	hasw_seat_tick(&seat, wait + 100 * MS);
	assert_int_equal(n_syncs, 1);
	assert_int_equal(seat.image.settling, 0);
	hasw_seat_synced(&seat, wait + 101 * MS);
	hasw_seat_tick(&seat, wait + 200 * MS);
	assert_int_equal(n_syncs, 1);
	hasw_seat_start(&seat, 2 * wait, 7);
	hasw_seat_begin(&seat, HASW_SEAT_CONFIG, 2 * wait, 0, 0, 0);
	assert_true(voter->changed == 2 * wait);
}

/* The wait begins when the set is committed, however long that took. */
static void settles_again(void **state)
{
	const uint64_t wait = hasw_vote_wait(&times, times.longest);
	struct hasw_vote_set set = { .generation = 2, .voters = 7, .map = 9 };

	(void)state;
	begin_settling(0);
	/* It has acked the set alone: who asked may have died, and nobody knows whether the set holds. */
	seat.disk.generation = 2;
	seat.disk.map = 9;
	seat.disk.acked = 5;
	seat.want = seat.disk;
	hasw_seat_tick(&seat, wait + 100 * MS);
	assert_int_equal(seat.want.settling, 1);
	seat.disk.settling = seat.want.settling = 0;
	hasw_seat_adopt(&seat, wait + 200 * MS, &set);
	assert_int_equal(seat.image.committed, 2);
	assert_int_equal(seat.image.settling, 1);
	hasw_seat_synced(&seat, wait + 201 * MS);
	assert_true(seat.lease[HASW_SEAT_CONFIG].voter.changed == 2 * wait + 201 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settles),
		cmocka_unit_test(settles_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
