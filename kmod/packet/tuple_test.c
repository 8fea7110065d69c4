// SPDX-License-Identifier: GPL-2.0
/* KUnit: the hash of a flow is equal on nodes of all architectures. */
#include <kunit/test.h>
#include <linux/in.h>
#include <net/ipv6.h>

#include "tuple.h"

/* The expected values were computed by independent code, which was written from
 * the definition of SipHash-1-3.
 */
static void tuple_hash_never_changes(struct kunit *test)
{
	struct hasw_tuple four = {
		.ports = { htons(40000), htons(80) }, .proto = IPPROTO_TCP,
	};
	struct hasw_tuple six = {
		.client = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 1,
					 [15] = 9 } },
		.vip = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [14] = 1 } },
		.ports = { htons(40000), htons(53) }, .proto = IPPROTO_UDP,
	};

	ipv6_addr_set_v4mapped(htonl(0xc0000201), &four.client);
	ipv6_addr_set_v4mapped(htonl(0x0a000064), &four.vip);
	KUNIT_EXPECT_EQ(test, hasw_tuple_hash(&four), 0xe1657754958bf6efULL);
	KUNIT_EXPECT_EQ(test, hasw_tuple_hash(&six), 0x47cb9dae03c5c001ULL);
}

/* The hash depends on the protocol, and on both addresses and ports. */
static void tuple_hash_covers_every_field(struct kunit *test)
{
	struct hasw_tuple t = {
		.client = { .s6_addr = { 0x20, 1, [15] = 1 } },
		.vip = { .s6_addr = { 0x20, 1, [15] = 2 } },
		.ports = { htons(1), htons(2) }, .proto = IPPROTO_TCP,
	};
	u64 seen[6];
	u32 i, j;

	seen[0] = hasw_tuple_hash(&t);
	t.proto = IPPROTO_UDP;
	seen[1] = hasw_tuple_hash(&t);
	swap(t.ports[0], t.ports[1]);
	seen[2] = hasw_tuple_hash(&t);
	t.client.s6_addr[15] = 3;
	seen[3] = hasw_tuple_hash(&t);
	t.client.s6_addr[2] = 4;
	seen[4] = hasw_tuple_hash(&t);
	t.vip.s6_addr[15] = 5;
	seen[5] = hasw_tuple_hash(&t);
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, seen[i], seen[j]);
}

static struct kunit_case tuple_cases[] = {
	KUNIT_CASE(tuple_hash_never_changes),
	KUNIT_CASE(tuple_hash_covers_every_field),
	{}
};

static struct kunit_suite tuple_suite = {
	.name = "haswitch_tuple",
	.test_cases = tuple_cases,
};
kunit_test_suite(tuple_suite);
