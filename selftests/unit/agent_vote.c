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

#include "haagentd/vote/lease_sock.h"
#include "haagentd/vote/vote_image.h"
#include "haagentd/vote/vote_map.h"
#include "haagentd/vote/vote_set_wire.h"

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

/* A map of names, by id; "" is nobody's. */
static struct vote_map map_of(const char *const *names, unsigned int n, uint32_t voters, uint32_t witnesses)
{
	struct vote_map map = { .n = n, .voters = voters, .witnesses = witnesses };

	for (unsigned int i = 0; i < n; i++)
		snprintf(map.names[i], WIRE_NAME, "%s", names[i]);
	vote_map_seal(&map);
	return map;
}

static struct vote_map wanted_of(const char *const *names, unsigned int n, uint32_t witnesses)
{
	struct vote_map map;
	struct conf conf = { .n_nodes = n };
	struct conf_node nodes[HASW_VOTE_NODES] = { { .line = 0 } };

	conf.nodes = nodes;
	for (unsigned int i = 0; i < n; i++) {
		snprintf(nodes[i].name, WIRE_NAME, "%s", names[i]);
		nodes[i].witness = witnesses >> i & 1;
	}
	assert_true(vote_map_make(&map, &conf));
	return map;
}

/* Goes over to other nodes, step by step. Return: how many steps; the last kind is in @last. */
static unsigned int steps(struct vote_map *map, const struct vote_map *wanted, enum vote_map_step *last)
{
	struct vote_map next;
	unsigned int n = 0;

	while ((*last = vote_map_next(map, wanted, &next)) != VOTE_MAP_SAME && *last != VOTE_MAP_NEVER) {
		unsigned int count = hasw_vote_count(map->voters ^ next.voters);

		assert_true(vote_map_agrees(map, &next));
		assert_true(next.hash != map->hash);
		assert_int_equal(count, *last == VOTE_MAP_NODES ? 0 : 1);
		assert_true(hasw_vote_count(next.voters) != 2);
		*map = next;
		assert_true(++n < 40);
	}
	return n;
}

/* Nodes come and go one step at a time, and nobody's id changes. */
static void map_steps(void **state)
{
	static const char *const three[] = { "b", "c", "d" }, *const four[] = { "a", "b", "c", "d" };
	static const char *const five[] = { "a", "b", "c", "d", "e" }, *const two[] = { "b", "c" };
	static const char *const swap[] = { "b", "c", "w" };
	struct vote_map map = map_of(three, 3, 7, 0), wanted = wanted_of(four, 4, 0), next;
	enum vote_map_step last;

	(void)state;
	assert_int_equal(vote_map_next(&map, &wanted, &next), VOTE_MAP_NODES);
	assert_int_equal(vote_map_id(&next, "a"), 3);
	/* Of four nodes three vote, and those who do already go on. */
	assert_int_equal(steps(&map, &wanted, &last), 1);
	assert_int_equal(last, VOTE_MAP_SAME);
	assert_int_equal(map.voters, 7);
	/* Of five all vote. */
	wanted = wanted_of(five, 5, 0);
	assert_int_equal(steps(&map, &wanted, &last), 3);
	assert_int_equal(map.voters, 0x1f);
	assert_int_equal(vote_map_id(&map, "e"), 4);
	/* Of four three vote, and who is not wanted loses its vote before one that runs. */
	wanted = wanted_of(four, 4, 0);
	assert_int_equal(vote_map_next(&map, &wanted, &next), VOTE_MAP_LEAVES);
	assert_int_equal(map.voters & ~next.voters, 1 << vote_map_id(&map, "e"));
	/* Back to three. */
	wanted = wanted_of(three, 3, 0);
	assert_int_equal(steps(&map, &wanted, &last), 3);
	assert_int_equal(map.voters, 7);
	assert_int_equal(map.n, 3);
	assert_int_equal(vote_map_id(&map, "a"), -1);
	/* The free id is taken again, and a witness votes before a node that does. */
	wanted = wanted_of(swap, 3, 4);
	assert_int_equal(steps(&map, &wanted, &last), 4);
	assert_int_equal(vote_map_id(&map, "d"), -1);
	assert_int_equal(map.witnesses, 1 << vote_map_id(&map, "w"));
	assert_int_equal(hasw_vote_count(map.voters), 3);
	/* Two voters are never gone over to or left. */
	wanted = wanted_of(two, 2, 0);
	assert_int_equal(vote_map_next(&map, &wanted, &next), VOTE_MAP_NEVER);
	map = map_of(two, 2, 3, 0);
	assert_int_equal(vote_map_next(&map, &wanted, &next), VOTE_MAP_SAME);
	wanted = wanted_of(three, 3, 0);
	assert_int_equal(vote_map_next(&map, &wanted, &next), VOTE_MAP_NEVER);
}

/* There are as many ids as nodes at most: who is not wanted any more goes first. */
static void map_full(void **state)
{
	char names[HASW_VOTE_NODES + 1][WIRE_NAME];
	const char *at[HASW_VOTE_NODES + 1];
	struct vote_map map, wanted, next;
	enum vote_map_step last;

	(void)state;
	for (unsigned int i = 0; i <= HASW_VOTE_NODES; i++) {
		snprintf(names[i], WIRE_NAME, "n%02u", i);
		at[i] = names[i];
	}
	map = map_of(at, HASW_VOTE_NODES, 0x7f, 0);
	wanted = wanted_of(at + 1, HASW_VOTE_NODES, 0);
	/* One of those who go votes, and nobody can come in its place before it is gone. */
	assert_int_equal(vote_map_next(&map, &wanted, &next), VOTE_MAP_NEVER);
	map = map_of(at, HASW_VOTE_NODES, 0xfe, 0);
	assert_int_equal(steps(&map, &wanted, &last), 2);
	assert_int_equal(last, VOTE_MAP_SAME);
	assert_int_equal(vote_map_id(&map, "n32"), 0);
}

static struct vote_image full_image(void)
{
	struct vote_image image = { .disk = full() };
	static const char *const names[] = { "a", "b", "", "d" };

	image.map = map_of(names, 4, 3, 0);
	image.next = map_of(names, 4, 0xb, 8);
	image.set = (struct hasw_vote_set){
		.generation = 6, .voters = 3, .map = image.map.hash, .epoch = 77, .conf = { 4, 5, 6 },
	};
	image.disk.voters = 0xb;
	image.disk.before = 3;
	image.disk.ballot = 901;
	image.disk.acked = 900;
	image.disk.met = 2;
	image.disk.map = image.next.hash;
	return image;
}

static void image(void **state)
{
	struct vote_image put = full_image(), got;
	uint8_t bytes[STORE_IMAGE];
	size_t size;

	(void)state;
	size = vote_image_put(&put, bytes);
	assert_int_equal(vote_image_get(bytes, size, &got), 0);
	assert_memory_equal(&got, &put, sizeof(put));
	/* The longest there is. */
	put.map = (struct vote_map){ .n = HASW_VOTE_NODES, .voters = 0x7f };
	for (unsigned int i = 0; i < put.map.n; i++)
		snprintf(put.map.names[i], WIRE_NAME, "a-name-of-31-letters-at-mos-%03u", i % 1000);
	vote_map_seal(&put.map);
	put.next = put.map;
	put.set.voters = put.disk.voters = 0x7f;
	put.set.map = put.disk.map = put.map.hash;
	size = vote_image_put(&put, bytes);
	assert_int_equal(vote_image_get(bytes, size, &got), 0);
	assert_memory_equal(&got, &put, sizeof(put));
}

/* The leases of which a fenced node had said something, with and without a long record. */
static void image_met(void **state)
{
	static const uint32_t leases[] = { 1, 900, 901 };
	struct vote_image put = full_image(), got;
	uint8_t bytes[STORE_IMAGE];
	size_t size;

	(void)state;
	/* Without any, earlier releases can read it. */
	vote_image_put(&put, bytes);
	assert_int_equal(bytes[0], VOTE_IMAGE_VERSION - 1);
	memset(put.disk.longs + 2, 0, sizeof(put.disk.longs) - 2 * sizeof(put.disk.longs[0]));
	memcpy(put.disk.met_lease, leases, sizeof(leases));
	put.disk.met_count = 3;
	size = vote_image_put(&put, bytes);
	assert_int_equal(bytes[0], VOTE_IMAGE_VERSION);
	assert_int_equal(vote_image_get(bytes, size, &got), 0);
	assert_memory_equal(&got, &put, sizeof(put));
	assert_int_equal(hasw_voter_met(&got.disk, 901), 2);
	assert_int_equal(hasw_voter_met(&got.disk, 0), 0);
	hasw_voter_unmeet(&got.disk, 2);
	assert_int_equal(got.disk.met_count, 0);
	/* A record that says nothing is none. */
	bytes[VOTE_IMAGE_HEAD + 2 * VOTE_IMAGE_RECORD + 21] = 0;
	assert_int_equal(vote_image_get(bytes, size, &got), -EINVAL);
	/* What has no room is forgotten, and that node is not fenced for it. */
	put.disk = full();
	put.disk.voters = 0xb;
	put.disk.map = put.next.hash;
	put.disk.met = 2;
	memcpy(put.disk.met_lease, leases, sizeof(leases));
	put.disk.met_count = 3;
	assert_int_equal(vote_image_get(bytes, vote_image_put(&put, bytes), &got), 0);
	assert_int_equal(got.disk.met_count, 1);
	assert_int_equal(hasw_voter_met(&got.disk, 1), 2);
	assert_memory_equal(got.disk.longs, put.disk.longs, sizeof(put.disk.longs));
}

/* Earlier releases have written no set, and the first one no names. */
static void image_earlier(void **state)
{
	uint8_t bytes[VOTE_IMAGE_HEAD_2 + 2 * WIRE_NAME] = { 2, 1, 2 };
	struct vote_image got;

	(void)state;
	bytes[15] = 42;
	bytes[31] = 3;
	bytes[VOTE_IMAGE_HEAD_2] = 'a';
	bytes[VOTE_IMAGE_HEAD_2 + WIRE_NAME] = 'b';
	assert_int_equal(vote_image_get(bytes, sizeof(bytes), &got), 0);
	assert_int_equal(got.set.generation, 0);
	assert_int_equal(got.map.hash, 42);
	assert_int_equal(got.map.n, 2);
	assert_int_equal(got.map.voters, 3);
	assert_string_equal(got.map.names[1], "b");
	assert_true(got.disk.known);
	bytes[0] = 1;
	bytes[2] = 0;
	assert_int_equal(vote_image_get(bytes, VOTE_IMAGE_HEAD_2, &got), 0);
	assert_int_equal(got.map.n, 0);
}

/* The store has a checksum, so this is for what a later release or a fault of ours writes. */
static void image_refused(void **state)
{
	struct vote_image put = full_image(), got;
	uint8_t bytes[STORE_IMAGE];
	size_t size = vote_image_put(&put, bytes), i;

	(void)state;
	for (i = 0; i < size; i++)
		assert_int_equal(vote_image_get(bytes, i, &got), -EINVAL);
	bytes[0] = VOTE_IMAGE_VERSION + 1;
	assert_int_equal(vote_image_get(bytes, size, &got), -EPROTO);
	bytes[0] = VOTE_IMAGE_VERSION;
	bytes[VOTE_IMAGE_HEAD + 20] = HASW_VOTE_NODES;
	assert_int_equal(vote_image_get(bytes, size, &got), -EINVAL);
	/* The names, and the numbers that say which nodes these are. */
	for (i = size - 4 * WIRE_NAME; i < size; i += WIRE_NAME) {
		vote_image_put(&put, bytes);
		bytes[i] = ' ';
		assert_int_equal(vote_image_get(bytes, size, &got), i == size - 2 * WIRE_NAME ? 0 : -EINVAL);
	}
	for (i = 108; i < 128; i += 4) {
		vote_image_put(&put, bytes);
		bytes[i + 3] ^= 4;
		assert_int_equal(vote_image_get(bytes, size, &got), -EINVAL);
	}
	vote_image_put(&put, bytes);
	bytes[2] = HASW_VOTE_NODES + 1;
	assert_int_equal(vote_image_get(bytes, size, &got), -EINVAL);
	vote_image_put(&put, bytes);
	memset(bytes + VOTE_IMAGE_HEAD, 0, 8);
	assert_int_equal(vote_image_get(bytes, size, &got), -EINVAL);
	memset(bytes + 4, 0xff, 4);
	assert_int_equal(vote_image_get(bytes, size, &got), -EINVAL);
}

/* A voter set on the wire. */
static void set_words(void **state)
{
	static const char *const names[] = { "a", "", "c", "d" };
	struct vote_set_word word = { .kind = VOTE_SET_ASK, .knows = true, .times = 11, .wanted = 12, .ballot = 13 };
	struct vote_set_word got;
	uint8_t bytes[VOTE_SET_WIRE_MOST];
	size_t size, i;

	(void)state;
	word.map = map_of(names, 4, 0xd, 8);
	word.set = (struct hasw_vote_set){
		.generation = 3, .voters = 0xd, .map = word.map.hash, .epoch = 1ULL << 40, .conf = { 7, 8, 9 },
	};
	size = vote_set_put(&word, bytes, sizeof(bytes));
	assert_true(vote_set_get(bytes, size, &got));
	assert_memory_equal(&got, &word, sizeof(word));
	for (i = 0; i < size; i++) {
		assert_false(vote_set_get(bytes, i, &got));
		assert_int_equal(vote_set_put(&word, bytes + 100, i), 0);
		vote_set_put(&word, bytes, sizeof(bytes));
	}
	/* A vote of a node that is not there, two nodes of one name, another number. */
	bytes[11] = 0xf;
	assert_false(vote_set_get(bytes, size, &got));
	vote_set_put(&word, bytes, sizeof(bytes));
	bytes[size - 1] = 'c';
	assert_false(vote_set_get(bytes, size, &got));
	vote_set_put(&word, bytes, sizeof(bytes));
	bytes[31] ^= 1;
	assert_false(vote_set_get(bytes, size, &got));
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
		cmocka_unit_test(map_steps),
		cmocka_unit_test(map_full),
		cmocka_unit_test(image),
		cmocka_unit_test(image_met),
		cmocka_unit_test(image_earlier),
		cmocka_unit_test(set_words),
		cmocka_unit_test(image_refused),
	};

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
