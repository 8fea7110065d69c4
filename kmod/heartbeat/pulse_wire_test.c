// SPDX-License-Identifier: GPL-2.0
/* KUnit: compares heartbeats with known bytes, and the replay window with a
 * model.
 */
#include <kunit/test.h>
#include <linux/haswitch.h>
#include <linux/prandom.h>
#include <net/ipv6.h>

#include "pulse_wire.h"

#define COUNTERS 4096
#define STEPS 20000

/* Each field that is set has different bytes. The bytes and MACs below were
 * made by `selftests/tools/pulse_peer.py vector`, which implements SipHash
 * itself.
 */
static const struct hasw_pulse_beat wire_beat = {
	.session = 0x01020304,
	.kind = HASWITCH_PULSE_KIND_GOING,
	.flags = HASW_PULSE_F_HEARS,
	.key_id = 9,
	.ready = 10,
	.multiplier = 3,
	.interval = 1000000,
	.life = 0x1112131415161718,
	.counter = 0x2122232425262728,
	.challenge = 0x3132333435363738,
	.response = 0x4142434445464748,
	.echo = 0x5152535455565758,
	.stamp = 0x6162636465666768,
	.value = 0x7172737475767778,
};

static const u8 wire_bytes[] = {
	0x68, 0x61, 0x73, 0x70, 0x01, 0x01, 0x01, 0x09,
	0x01, 0x02, 0x03, 0x04, 0x00, 0x00, 0x03, 0xe8,
	0x03, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
	0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,
	0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38,
	0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
	0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
	0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
	0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78,
};

#define WIRE_MAC4 0xa72b677d063bd2b0
#define WIRE_MAC6 0xb2da730e9f9c19c4

static void wire_has_the_known_mac(struct kunit *test)
{
	struct hasw_pulse_wire wire;
	struct in6_addr from, to;
	siphash_key_t key;
	u8 bytes[16];
	int i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	key = hasw_pulse_key(bytes);
	ipv6_addr_set_v4mapped(htonl(0xc0000201), &from);
	ipv6_addr_set_v4mapped(htonl(0xc0000202), &to);
	hasw_pulse_pack(&wire, &wire_beat);
	BUILD_BUG_ON(sizeof(wire_bytes) + sizeof(wire.mac) != sizeof(wire));
	KUNIT_EXPECT_EQ(test, memcmp(&wire, wire_bytes, sizeof(wire_bytes)), 0);
	KUNIT_EXPECT_EQ(test, hasw_pulse_mac(&wire, &from, &to, &key),
			WIRE_MAC4);
	ipv6_addr_set(&from, htonl(0x20010db8), 0, 0, htonl(1));
	ipv6_addr_set(&to, htonl(0x20010db8), 0, 0, htonl(2));
	KUNIT_EXPECT_EQ(test, hasw_pulse_mac(&wire, &from, &to, &key),
			WIRE_MAC6);
	KUNIT_EXPECT_NE(test, hasw_pulse_mac(&wire, &to, &from, &key),
			WIRE_MAC6);
	ipv6_addr_set_v4mapped(htonl(0xc0000201), &from);
	ipv6_addr_set_v4mapped(htonl(0xc0000202), &to);
	/* The MAC differs in the other direction, and if any bit is flipped. */
	KUNIT_EXPECT_NE(test, hasw_pulse_mac(&wire, &to, &from, &key),
			WIRE_MAC4);
	for (i = 0; i < 8 * sizeof(wire_bytes); i++) {
		((u8 *)&wire)[i / 8] ^= BIT(i % 8);
		KUNIT_EXPECT_NE(test, hasw_pulse_mac(&wire, &from, &to, &key),
				WIRE_MAC4);
		((u8 *)&wire)[i / 8] ^= BIT(i % 8);
	}
}

/* Returns whether a heartbeat with these fields is accepted as valid. */
static bool wire_sound(struct hasw_pulse_beat beat)
{
	struct hasw_pulse_beat back = {};
	struct hasw_pulse_wire wire;

	hasw_pulse_pack(&wire, &beat);
	return hasw_pulse_unpack(&wire, &back);
}

/* An unknown record is skipped, and a truncated record yields no claims. */
static void wire_skips_unknown_records(struct kunit *test)
{
	static const u8 unknown[] = { 99, 0, 0, 3, 1, 2, 3 };
	static const u8 cut[] = { HASW_PULSE_RECORD_CLAIMS, 0, 0, 12, 0, 0, 0 };
	const struct hasw_pulse_claim *at = NULL;
	struct hasw_pulse_records *records;
	struct hasw_pulse_claim claim;
	struct hasw_claim *claims;
	u32 i, n;

	records = kunit_kzalloc(test, sizeof(*records), GFP_KERNEL);
	claims = kunit_kzalloc(test, HASW_PULSE_CLAIMS * sizeof(*claims),
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, records);
	KUNIT_ASSERT_NOT_NULL(test, claims);
	for (i = 0; i < HASW_PULSE_CLAIMS; i++) {
		claims[i].number = i + 1;
		claims[i].epoch = ((u64)i << 40) + 5;
	}
	hasw_pulse_put_claims(records, claims, 0);
	KUNIT_EXPECT_EQ(test, records->len, 0);
	KUNIT_EXPECT_EQ(test, hasw_pulse_get_claims(records->data, 0, &at), 0);
	hasw_pulse_put_claims(records, claims, HASW_PULSE_CLAIMS);
	KUNIT_EXPECT_LE(test, records->len, HASW_PULSE_RECORDS_MAX);
	n = hasw_pulse_get_claims(records->data, records->len, &at);
	KUNIT_ASSERT_EQ(test, n, HASW_PULSE_CLAIMS);
	for (i = 0; i < n; i++) {
		memcpy(&claim, at + i, sizeof(claim));
		KUNIT_EXPECT_EQ(test, be32_to_cpu(claim.number), i + 1);
		KUNIT_EXPECT_EQ(test, be64_to_cpu(claim.epoch),
				((u64)i << 40) + 5);
	}
	/* A packet may be truncated to any length, so all lengths are tried. */
	for (i = 0; i < records->len; i++)
		KUNIT_EXPECT_EQ(test,
				hasw_pulse_get_claims(records->data, i, &at),
				0);

	memcpy(records->data, unknown, sizeof(unknown));
	records->len = sizeof(unknown);
	KUNIT_EXPECT_EQ(test, hasw_pulse_get_claims(records->data, records->len,
						    &at), 0);
	hasw_pulse_put_claims(records, claims, 2);
	n = hasw_pulse_get_claims(records->data, records->len, &at);
	KUNIT_EXPECT_EQ(test, n, 2);
	KUNIT_EXPECT_EQ(test, hasw_pulse_get_claims(cut, sizeof(cut), &at), 0);
}

static void wire_lists_lladdrs(struct kunit *test)
{
	static const u8 odd[] = {
		HASW_PULSE_RECORD_LLADDRS, 0, 0, 20,
		0, 0, 0, 0, 0, 0,		/* no host has these two */
		1, 0, 0x5e, 0, 0, 1,
		2, 0, 0, 0, 0, 9,
		2, 0,				/* truncated */
	};
	u64 lladdrs[HASW_LLADDRS], found[HASW_LLADDRS];
	const struct hasw_pulse_claim *at = NULL;
	struct hasw_claim claim = { .number = 7, .epoch = 8 };
	struct hasw_pulse_records *records;
	u32 i;

	records = kunit_kzalloc(test, sizeof(*records), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, records);
	for (i = 0; i < HASW_LLADDRS; i++)
		lladdrs[i] = 0x020000000100ULL + i;
	hasw_pulse_put_claims(records, &claim, 1);
	hasw_pulse_put_lladdrs(records, lladdrs, 0);
	KUNIT_EXPECT_EQ(test, hasw_pulse_get_lladdrs(records->data,
						     records->len, found), 0);
	hasw_pulse_put_lladdrs(records, lladdrs, HASW_LLADDRS);
	KUNIT_EXPECT_EQ(test, hasw_pulse_get_lladdrs(records->data,
						     records->len, found),
			HASW_LLADDRS);
	KUNIT_EXPECT_EQ(test, memcmp(found, lladdrs, sizeof(found)), 0);
	KUNIT_EXPECT_EQ(test, hasw_pulse_get_claims(records->data, records->len,
						    &at), 1);
	/* A packet may be truncated to any length, so all lengths are tried. */
	for (i = 0; i < records->len; i++)
		KUNIT_EXPECT_EQ(test, hasw_pulse_get_lladdrs(records->data, i,
							     found), 0);
	KUNIT_EXPECT_EQ(test, hasw_pulse_get_lladdrs(odd, sizeof(odd), found),
			1);
	KUNIT_EXPECT_EQ(test, found[0], 0x020000000009ULL);
}

static void wire_unpacks_what_was_packed(struct kunit *test)
{
	struct hasw_pulse_beat beat, back = {};
	struct hasw_pulse_wire wire;

	hasw_pulse_pack(&wire, &wire_beat);
	KUNIT_EXPECT_TRUE(test, hasw_pulse_known(&wire));
	KUNIT_EXPECT_TRUE(test, hasw_pulse_unpack(&wire, &back));
	KUNIT_EXPECT_EQ(test, memcmp(&back, &wire_beat, sizeof(back)), 0);
	wire.version = 2;
	KUNIT_EXPECT_FALSE(test, hasw_pulse_known(&wire));
	wire.version = 1;
	wire.magic ^= cpu_to_be32(1);
	KUNIT_EXPECT_FALSE(test, hasw_pulse_known(&wire));

#define WRONG(field, is) \
	do { \
		beat = wire_beat; \
		beat.field = is; \
		KUNIT_EXPECT_FALSE_MSG(test, wire_sound(beat), #field); \
	} while (0)
	WRONG(interval, 499000);
	WRONG(interval, 10000001000ULL);
	WRONG(multiplier, 1);
	WRONG(counter, 0);
	WRONG(life, 0);
	WRONG(challenge, 0);
#undef WRONG
	beat = wire_beat;
	beat.interval = 500000;
	beat.multiplier = 2;
	KUNIT_EXPECT_TRUE(test, wire_sound(beat));
	beat.interval = 10000000000ULL;
	beat.multiplier = 255;
	KUNIT_EXPECT_TRUE(test, wire_sound(beat));
}

/* Counters that arrive in any order are accepted once each, unless they are too
 * old. If a counter between the first and the highest counter was never
 * accepted, it counts as lost.
 */
static void window_takes_each_once(struct kunit *test)
{
	struct hasw_pulse_window w = {};
	u64 top = 0, first = 0, taken = 0, counter;
	struct rnd_state rnd;
	bool wanted, got;
	s64 lost = 0;
	u8 *seen;
	int i;

	seen = kunit_kzalloc(test, COUNTERS, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	prandom_seed_state(&rnd, 6947);
	for (i = 0; i < STEPS; i++) {
		counter = top + 1 + prandom_u32_state(&rnd) % 8;
		/* Most counters are near the edges of the window. */
		if (prandom_u32_state(&rnd) % 8)
			counter -= min_t(u64, counter - 1,
					 prandom_u32_state(&rnd) % 80);
		if (counter >= COUNTERS)
			break;
		wanted = !seen[counter] &&
			 (counter > top ||
			  top - counter < HASW_PULSE_WINDOW);
		got = hasw_pulse_window_take(&w, counter, &lost);
		KUNIT_ASSERT_EQ_MSG(test, got, wanted, "%llu after %llu",
				    counter, top);
		if (!got)
			continue;
		seen[counter] = 1;
		first = first ?: counter;
		taken += counter >= first;
		top = max(top, counter);
	}
	KUNIT_EXPECT_GT(test, i, COUNTERS / 4);
	KUNIT_EXPECT_EQ(test, lost, (s64)(top - first + 1 - taken));
}

static void window_refuses_old_counters(struct kunit *test)
{
	struct hasw_pulse_window w = {};
	s64 lost = 0;

	KUNIT_EXPECT_TRUE(test, hasw_pulse_window_take(&w, 1000, &lost));
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_TRUE(test, hasw_pulse_window_take(&w, 1063, &lost));
	KUNIT_EXPECT_EQ(test, lost, 62);
	KUNIT_EXPECT_FALSE(test, hasw_pulse_window_take(&w, 1000, &lost));
	KUNIT_EXPECT_TRUE(test, hasw_pulse_window_take(&w, 1001, &lost));
	KUNIT_EXPECT_EQ(test, lost, 61);
	KUNIT_EXPECT_TRUE(test, hasw_pulse_window_take(&w, 1065, &lost));
	KUNIT_EXPECT_FALSE(test, hasw_pulse_window_take(&w, 1001, &lost));
	KUNIT_EXPECT_TRUE(test, hasw_pulse_window_take(&w, 1002, &lost));
	KUNIT_EXPECT_TRUE(test, hasw_pulse_window_take(&w, U64_MAX, &lost));
	KUNIT_EXPECT_FALSE(test, hasw_pulse_window_take(&w, 1064, &lost));
	KUNIT_EXPECT_FALSE(test, hasw_pulse_window_take(&w, U64_MAX, &lost));
	KUNIT_EXPECT_TRUE(test, hasw_pulse_window_take(&w, U64_MAX - 63, &lost));
}

static struct kunit_case pulse_wire_cases[] = {
	KUNIT_CASE(wire_has_the_known_mac),
	KUNIT_CASE(wire_skips_unknown_records),
	KUNIT_CASE(wire_lists_lladdrs),
	KUNIT_CASE(wire_unpacks_what_was_packed),
	KUNIT_CASE(window_takes_each_once),
	KUNIT_CASE(window_refuses_old_counters),
	{}
};

static struct kunit_suite pulse_wire_suite = {
	.name = "haswitch_pulse_wire",
	.test_cases = pulse_wire_cases,
};

kunit_test_suite(pulse_wire_suite);
