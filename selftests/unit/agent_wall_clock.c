// SPDX-License-Identifier: GPL-2.0
/* Agents tell each other their wall clocks, and say when these are apart. */
#include "agent_pair.h"
#include "haagentd/bytes.h"
#include "haagentd/clock.h"

#define WALL	(UINT64_C(1800000000) * CLOCK_SECOND)

static void take(struct cluster_peer *peer, uint64_t theirs, uint64_t ours, size_t size)
{
	uint8_t bytes[WALL_CLOCK_SIZE + 1] = { 0 };
	const struct wire_record record = { .type = WIRE_RECORD_CLOCK, .data = bytes, .size = size };

	bytes_put(bytes, theirs, WALL_CLOCK_SIZE);
	wall_clock_take(peer, &record, ours);
}

/* What a tells, b reads: at once in a new session, and then seldom. */
static void told_seldom(void **state)
{
	struct wire_record record;
	struct cluster_peer peer = { .conf.name = "a" };
	unsigned int i;

	(void)state;
	met();
	a.mute = true;
	wall_clock_tick(&a, now, WALL);
	a.mute = false;
	assert_int_equal(a.peers[0].wall.due, 0);
	wall_clock_tick(&a, now, WALL);
	exchange();
	/* Once on each path. */
	assert_int_equal(told_b.said, 2);
	record = (struct wire_record){ .type = told_b.said_type, .data = told_b.said_data, .size = told_b.said_size };
	wall_clock_take(&peer, &record, WALL - 7 * S);
	assert_true(peer.wall.ahead == (int64_t)(7 * S));
	for (i = 0; i < 1999; i++) {
		wall_clock_tick(&a, now, WALL);
		beats(1);
	}
	assert_int_equal(told_b.said, 2 * 2);
	part();
}

/* Who begins a new session is told anew; that the clocks are apart is not logged anew. */
static void new_session_is_told(void **state)
{
	(void)state;
	met();
	take(&a.peers[0], WALL + 2 * S, WALL, WALL_CLOCK_SIZE);
	take(&a.peers[0], WALL + 3 * S, WALL + S, WALL_CLOCK_SIZE);
	a.peers[0].wall.due = now + S;
	new_session_of_b();
	assert_true(a.peers[0].wall.apart);
	wall_clock_tick(&a, now, WALL);
	exchange();
	assert_int_equal(told_b.said, 2);
	part();
}

/* Takes two records in a row. Returns whether the clocks are apart then. */
static bool twice(struct cluster_peer *peer, uint64_t theirs, uint64_t ours)
{
	bool before = peer->wall.apart;

	take(peer, theirs, ours, WALL_CLOCK_SIZE);
	assert_true(peer->wall.apart == before);
	/* The same record, on another path. */
	take(peer, theirs, ours + S / 1000, WALL_CLOCK_SIZE);
	assert_true(peer->wall.apart == before);
	take(peer, theirs + 10 * S, ours + 10 * S, WALL_CLOCK_SIZE);
	return peer->wall.apart;
}

static void apart_by_a_second(void **state)
{
	struct cluster_peer peer = { .conf.name = "b" };

	(void)state;
	assert_false(twice(&peer, WALL + S - 1, WALL));
	assert_true(twice(&peer, WALL + S, WALL));
	/* What varies about a second does not come and go. */
	assert_true(twice(&peer, WALL + S - 1, WALL));
	assert_true(twice(&peer, WALL - S / 2, WALL));
	assert_true(peer.wall.ahead < 0);
	assert_false(twice(&peer, WALL - S / 2 + 1, WALL));
	/* A clock without a battery begins in 1970, and one that is wrong may be anywhere. */
	assert_true(twice(&peer, 0, WALL));
	assert_true(twice(&peer, UINT64_C(1) << 63, 0));
}

/* An agent that stood still reads one record late, and the next one in time. */
static void late_record(void **state)
{
	struct cluster_peer peer = { .conf.name = "b" };

	(void)state;
	take(&peer, WALL, WALL + 5 * S, WALL_CLOCK_SIZE);
	take(&peer, WALL + 10 * S, WALL + 10 * S, WALL_CLOCK_SIZE);
	take(&peer, WALL + 20 * S, WALL + 25 * S, WALL_CLOCK_SIZE);
	assert_false(peer.wall.apart);
}

/* A later release appends something; less than a clock is none. */
static void other_sizes(void **state)
{
	struct cluster_peer peer = { .conf.name = "b" };

	(void)state;
	take(&peer, WALL + S, WALL, WALL_CLOCK_SIZE - 1);
	assert_true(peer.wall.ahead == 0);
	take(&peer, WALL + S, WALL, WALL_CLOCK_SIZE + 1);
	assert_true(peer.wall.ahead == (int64_t)S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(told_seldom, setup),
		cmocka_unit_test_setup(new_session_is_told, setup),
		cmocka_unit_test(apart_by_a_second),
		cmocka_unit_test(late_record),
		cmocka_unit_test(other_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
