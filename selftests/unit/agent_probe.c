// SPDX-License-Identifier: GPL-2.0
/* Questions by ARP and neighbour discovery, byte by byte, and which packets answer them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/vote/probe.h"

static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 }, other[6] = { 2, 0, 0, 0, 0, 2 };
static const uint8_t target4[4] = { 10, 0, 0, 100 };
static const uint8_t own6[16] = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 1 };
static const uint8_t target6[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x23, 0x45 };

static void arp(void **state)
{
	static const uint8_t asked[PROBE_ARP] = {
		0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 100,
	};
	uint8_t packet[PROBE_ARP], who[6];

	(void)state;
	probe_arp(mac, target4, packet);
	assert_memory_equal(packet, asked, sizeof(asked));
	/* The question of somebody else is no answer. */
	assert_false(probe_arp_is(packet, sizeof(packet), target4, who));
	packet[7] = 2;
	memcpy(packet + 8, other, 6);
	memcpy(packet + 14, target4, 4);
	assert_true(probe_arp_is(packet, sizeof(packet), target4, who));
	assert_memory_equal(who, other, 6);
	assert_false(probe_arp_is(packet, sizeof(packet) - 1, target4, who));
	packet[17]++;
	assert_false(probe_arp_is(packet, sizeof(packet), target4, who));
	packet[17]--;
	packet[1] = 6;
	assert_false(probe_arp_is(packet, sizeof(packet), target4, who));
}

static uint32_t folded(const uint8_t *data, size_t size, uint32_t sum)
{
	size_t i;

	for (i = 0; i < size; i += 2)
		sum += (uint32_t)(data[i] << 8 | data[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void nd(void **state)
{
	static const uint8_t solicited[16] = { 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 1, 0x23, 0x45 };
	uint8_t packet[PROBE_ND];

	(void)state;
	probe_nd(mac, own6, target6, packet);
	assert_int_equal(packet[0] >> 4, 6);
	assert_int_equal(packet[4] << 8 | packet[5], 32);
	assert_int_equal(packet[6], 58);
	assert_int_equal(packet[7], 255);
	assert_memory_equal(packet + 8, own6, 16);
	assert_memory_equal(packet + 24, solicited, 16);
	assert_int_equal(packet[40], 135);
	assert_memory_equal(packet + 48, target6, 16);
	assert_memory_equal(packet + 64, ((uint8_t[]){ 1, 1, 2, 0, 0, 0, 0, 1 }), 8);
	/* Both addresses, the ICMPv6 message, its length and its protocol. */
	assert_int_equal(folded(packet + 8, 64, 32 + 58), 0xffff);
	assert_false(probe_nd_is(packet, sizeof(packet), target6));
	packet[40] = 136;
	assert_true(probe_nd_is(packet, sizeof(packet), target6));
	assert_true(probe_nd_is(packet, 64, target6));
	assert_false(probe_nd_is(packet, 63, target6));
	/* From behind a router it would have fewer hops left. */
	packet[7] = 254;
	assert_false(probe_nd_is(packet, sizeof(packet), target6));
	packet[7] = 255;
	packet[63]++;
	assert_false(probe_nd_is(packet, sizeof(packet), target6));
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(probe_words(PROBE_ANSWERED), "something answers on a client link");
	assert_string_equal(probe_words(PROBE_NO_LINK), "no client link is up here");
	assert_string_equal(probe_words(1), "the client links cannot be asked");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arp),
		cmocka_unit_test(nd),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests_name("agent_probe", tests, NULL, NULL);
}
