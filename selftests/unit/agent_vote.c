// SPDX-License-Identifier: GPL-2.0
/* What agents must agree on to vote: ids, voters, numbers of leases; and what a voter finds again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "haagentd/lease_sock.h"
#include "haagentd/vote_image.h"
#include "haagentd/vote_map.h"

static struct conf_node nodes[HASW_VOTE_NODES + 1];

/* A file that names @n nodes, the first one last; this node is the first by name. */
static struct conf file(unsigned int n)
{
	struct conf conf = { .nodes = nodes, .n_nodes = n, .self = n - 1 };
	unsigned int i;

	for (i = 0; i < n; i++)
		snprintf(nodes[i].name, sizeof(nodes[i].name), "n%02u", n - i);
	return conf;
}

static void ids(void **state)
{
	struct conf conf = file(5), other = file(5);
	struct vote_map map, same;

	(void)state;
	assert_true(vote_map_make(&map, &conf));
	assert_int_equal(map.n, 5);
	assert_int_equal(map.self, 0);
	assert_int_equal(vote_map_id(&map, "n03"), 2);
	assert_int_equal(vote_map_id(&map, "n06"), -1);
	other.self = 0;
	assert_true(vote_map_make(&same, &other));
	assert_int_equal(same.self, 4);
	assert_true(same.hash == map.hash);
	snprintf(nodes[0].name, sizeof(nodes[0].name), "m");
	assert_true(vote_map_make(&same, &other));
	assert_false(same.hash == map.hash);
}

static void voters(void **state)
{
	static const struct { unsigned int nodes; uint32_t voters; } cases[] = {
		{ 1, 0x1 }, { 2, 0x3 }, { 3, 0x7 }, { 4, 0x7 }, { 5, 0x1f },
		{ 6, 0x1f }, { 7, 0x7f }, { 8, 0x7f }, { HASW_VOTE_NODES, 0x7f },
	};
	struct conf conf;
	struct vote_map map;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		conf = file(cases[i].nodes);
		assert_true(vote_map_make(&map, &conf));
		assert_int_equal(map.voters, cases[i].voters);
	}
	conf = file(HASW_VOTE_NODES + 1);
	assert_false(vote_map_make(&map, &conf));
}

/* Names sort as their numbers do; ids are from the sorted names. */
static uint32_t with_witnesses(unsigned int n, uint32_t witnesses)
{
	struct conf conf = file(n);
	struct vote_map map;
	unsigned int i;

	for (i = 0; i < n; i++)
		nodes[i].witness = witnesses >> (n - 1 - i) & 1;
	assert_true(vote_map_make(&map, &conf));
	assert_int_equal(map.witnesses, witnesses);
	memset(nodes, 0, sizeof(nodes));
	return map.voters;
}

/* Witnesses first, then by name, an odd number of at most seven. */
static void witnesses(void **state)
{
	(void)state;
	assert_int_equal(with_witnesses(2, 0x2), 0x3);
	assert_int_equal(with_witnesses(3, 0x4), 0x7);
	assert_int_equal(with_witnesses(4, 0x8), 0xb);
	assert_int_equal(with_witnesses(4, 0xc), 0xd);
	assert_int_equal(with_witnesses(6, 0x20), 0x2f);
	assert_int_equal(with_witnesses(7, 0x40), 0x7f);
	assert_int_equal(with_witnesses(8, 0x80), 0xbf);
	assert_int_equal(with_witnesses(9, 0x1fe), 0xfe);
	assert_int_equal(with_witnesses(HASW_VOTE_NODES, 0x80000000), 0x8000003f);
}

/* Who has another node as a witness has other voters, or takes a lease that nobody may have. */
static void witness_agreed(void **state)
{
	struct conf conf = file(3);
	struct vote_map plain, one, other;

	(void)state;
	assert_true(vote_map_make(&plain, &conf));
	nodes[0].witness = true;
	assert_true(vote_map_make(&one, &conf));
	nodes[0].witness = false;
	nodes[1].witness = true;
	assert_true(vote_map_make(&other, &conf));
	memset(nodes, 0, sizeof(nodes));
	assert_int_equal(one.voters, plain.voters);
	assert_int_equal(other.voters, plain.voters);
	assert_false(one.hash == plain.hash);
	assert_false(one.hash == other.hash);
}

static void times(void **state)
{
	struct hasw_vote_times t = { .length = 1, .slowest = 1, .longest = 2, .margin = 3, .rho = 4 };
	struct conf conf = file(3);
	struct vote_map map;
	uint64_t all[6];

	(void)state;
	assert_true(vote_map_make(&map, &conf));
	all[0] = vote_map_agree(&map, &t);
	assert_true(vote_map_agree(&map, &t) == all[0]);
	t.length++;
	all[1] = vote_map_agree(&map, &t);
	t.longest++;
	all[2] = vote_map_agree(&map, &t);
	t.margin++;
	all[3] = vote_map_agree(&map, &t);
	t.rho++;
	all[4] = vote_map_agree(&map, &t);
	t.slowest++;
	all[5] = vote_map_agree(&map, &t);
	for (unsigned int i = 1; i < 6; i++)
		assert_false(all[i] == all[i - 1]);
}

/* Nodes of different profiles do not agree, and know why; otherwise that is not the reason. */
static void profile(void **state)
{
	struct hasw_vote_times usual = hasw_vote_profile_times(HASW_VOTE_DEFAULT, 5);
	struct hasw_vote_times fast = hasw_vote_profile_times(HASW_VOTE_FAST, 5);
	struct hasw_vote_times later = hasw_vote_profile_times(HASW_VOTE_FAST, 6);
	struct conf conf = file(3);
	struct vote_map map;

	(void)state;
	assert_true(vote_map_make(&map, &conf));
	assert_false(vote_map_agree(&map, &usual) == vote_map_agree(&map, &fast));
	assert_int_equal(vote_map_profile(&map, &usual, vote_map_agree(&map, &fast)), HASW_VOTE_FAST);
	assert_int_equal(vote_map_profile(&map, &fast, vote_map_agree(&map, &usual)), HASW_VOTE_DEFAULT);
	assert_int_equal(vote_map_profile(&map, &usual, vote_map_agree(&map, &later)), HASW_VOTE_PROFILES);
}

/* The module's own test has the same numbers: see pulse_wire_test.c and pulse.sh. */
static void numbers(void **state)
{
	(void)state;
	assert_int_equal(lease_number("web61629"), lease_number("web129740"));
	assert_int_not_equal(lease_number("web"), lease_number("db"));
	assert_int_not_equal(lease_number(""), 0);
}

static struct hasw_voter_disk full(void)
{
	struct hasw_voter_disk disk = {
		.known = 1, .ceiling = 7, .generation = 3, .voters = 0x1f, .committed = 2,
		.conf = { .epoch = 11, .generation = 12, .blob = 13 },
	};

	for (unsigned int i = 0; i < HASW_VOTE_LEASES; i++)
		disk.longs[i] = (struct hasw_voter_long){
			.epoch = 100 + i, .length = 1000 + i, .lease = i, .holder = (uint8_t)(i % HASW_VOTE_NODES),
		};
	return disk;
}

static void image(void **state)
{
	struct hasw_voter_disk disk = full(), found;
	struct vote_map put = { .hash = 42, .n = HASW_VOTE_NODES }, none = { .n = 0 }, map;
	uint8_t bytes[STORE_IMAGE];
	size_t size;

	(void)state;
	for (unsigned int i = 0; i < put.n; i++)
		snprintf(put.names[i], WIRE_NAME, "a-name-of-31-letters-at-mos-%03u", i % 1000);
	size = vote_image_put(&disk, &put, bytes);
	assert_int_equal(vote_image_get(bytes, size, &found, &map), 0);
	assert_memory_equal(&map, &put, sizeof(put));
	assert_memory_equal(&found, &disk, sizeof(disk));

	/* An earlier release has written no names. */
	disk = (struct hasw_voter_disk){ .settling = 1 };
	size = vote_image_put(&disk, &none, bytes);
	assert_int_equal(size, VOTE_IMAGE_HEAD);
	bytes[0] = 1;
	assert_int_equal(vote_image_get(bytes, size, &found, &map), 0);
	assert_memory_equal(&found, &disk, sizeof(disk));
}

/* The store has a checksum, so this is for what a later release or a fault of ours writes. */
static void image_refused(void **state)
{
	struct hasw_voter_disk disk = full(), found;
	struct vote_map put = { .hash = 42, .n = 2, .names = { "a", "b" } }, map;
	uint8_t bytes[STORE_IMAGE];
	size_t size = vote_image_put(&disk, &put, bytes), i;

	(void)state;
	for (i = 0; i < size; i++)
		assert_int_equal(vote_image_get(bytes, i, &found, &map), -EINVAL);
	bytes[0] = VOTE_IMAGE_VERSION + 1;
	assert_int_equal(vote_image_get(bytes, size, &found, &map), -EPROTO);
	bytes[0] = VOTE_IMAGE_VERSION;
	bytes[VOTE_IMAGE_HEAD + 20] = HASW_VOTE_NODES;
	assert_int_equal(vote_image_get(bytes, size, &found, &map), -EINVAL);
	vote_image_put(&disk, &put, bytes);
	bytes[size - 1] = 'x';
	assert_int_equal(vote_image_get(bytes, size, &found, &map), -EINVAL);
	vote_image_put(&disk, &put, bytes);
	bytes[size - WIRE_NAME] = ' ';
	assert_int_equal(vote_image_get(bytes, size, &found, &map), -EINVAL);
	vote_image_put(&disk, &put, bytes);
	bytes[2] = HASW_VOTE_NODES + 1;
	assert_int_equal(vote_image_get(bytes, size, &found, &map), -EINVAL);
	vote_image_put(&disk, &put, bytes);
	memset(bytes + VOTE_IMAGE_HEAD, 0, 8);
	assert_int_equal(vote_image_get(bytes, size, &found, &map), -EINVAL);
	memset(bytes + 4, 0xff, 4);
	assert_int_equal(vote_image_get(bytes, size, &found, &map), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(voters),
		cmocka_unit_test(witnesses),
		cmocka_unit_test(witness_agreed),
		cmocka_unit_test(times),
		cmocka_unit_test(profile),
		cmocka_unit_test(numbers),
		cmocka_unit_test(image),
		cmocka_unit_test(image_refused),
	};

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
