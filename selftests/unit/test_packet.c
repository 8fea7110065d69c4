// SPDX-License-Identifier: GPL-2.0
/* Packets as people describe them: what they become, and what is said of those that make no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "haadm/packet/packet.h"

static uint8_t bytes[2048];
static struct packet packet;

/* The length of what such a packet is, or 0. */
static size_t build(const char *from, const char *to)
{
	const char *word, *wrong;
	size_t least;

	memset(&packet, 0, sizeof(packet));
	packet.ttl = 64;
	wrong = packet_ends(&packet, from, to, &word);
	if (wrong)
		fail_msg("\"%s\" %s", word, wrong);
	return packet_build(&packet, bytes, sizeof(bytes), &least);
}

static void wrong(const char *from, const char *to, const char *about, const char *says)
{
	const char *word = NULL, *text;

	memset(&packet, 0, sizeof(packet));
	text = packet_ends(&packet, from, to, &word);
	if (!text)
		fail_msg("\"%s\" to \"%s\" was understood", from, to);
	assert_string_equal(word, about);
	if (!strstr(text, says))
		fail_msg("\"%s\" has no \"%s\"", text, says);
}

/* 0xffff over what has its checksum right. */
static uint16_t sum(uint32_t total, const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		total += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

static void ipv4(void **state)
{
	(void)state;
	assert_int_equal(build("10.0.0.1:1234", "10.0.0.100:80/tcp"), 40);
	assert_memory_equal(bytes, "\x45\0\0\x28", 4);
	assert_int_equal(bytes[8], 64);
	assert_int_equal(bytes[9], IPPROTO_TCP);
	assert_memory_equal(bytes + 12, "\x0a\0\0\x01\x0a\0\0\x64\x04\xd2\0\x50", 12);
	assert_int_equal(bytes[33], PACKET_SYN);
	assert_int_equal(sum(0, bytes, 20), 0xffff);
	assert_int_equal(sum(IPPROTO_TCP + 20, bytes + 12, 28), 0xffff);

	/* The protocol of a port is TCP, if nothing is said. */
	assert_int_equal(build("10.0.0.1", "10.0.0.100:80"), 40);
	assert_int_equal(bytes[9], IPPROTO_TCP);
	assert_true(packet.from.port > 1024);
	assert_int_equal(build("10.0.0.1", "10.0.0.100:53/udp"), 28);
	assert_int_equal(sum(IPPROTO_UDP + 8, bytes + 12, 16), 0xffff);
	assert_int_equal(build("10.0.0.1", "10.0.0.100"), 28);
	assert_int_equal(bytes[9], IPPROTO_ICMP);
	assert_int_equal(bytes[20], 8);
	assert_int_equal(sum(0, bytes + 20, 8), 0xffff);
	assert_int_equal(build("10.0.0.1", "10.0.0.100/47"), 20);
	assert_int_equal(bytes[9], 47);
}

static void ipv6(void **state)
{
	(void)state;
	assert_int_equal(build("[2001:db8::1]:1234", "[2001:db8::100]:53/udp"), 48);
	assert_memory_equal(bytes, "\x60\0\0\0\0\x08\x11\x40", 8);
	assert_int_equal(sum(IPPROTO_UDP + 8, bytes + 8, 40), 0xffff);
	assert_int_equal(build("2001:db8::1", "2001:db8::100"), 48);
	assert_int_equal(bytes[6], IPPROTO_ICMPV6);
	assert_int_equal(bytes[40], 128);
	assert_int_equal(sum(IPPROTO_ICMPV6 + 8, bytes + 8, 40), 0xffff);
}

static void sizes(void **state)
{
	size_t least;

	(void)state;
	build("10.0.0.1", "10.0.0.100:53/udp");
	packet.len = 27;
	assert_int_equal(packet_build(&packet, bytes, sizeof(bytes), &least), 0);
	assert_int_equal(least, 28);
	packet.len = 29;
	assert_int_equal(packet_build(&packet, bytes, sizeof(bytes), &least), 29);
	assert_int_equal(sum(IPPROTO_UDP + 9, bytes + 12, 17), 0xffff);
	packet.len = 2049;
	assert_int_equal(packet_build(&packet, bytes, sizeof(bytes), &least), 0);
	packet.len = 2048;
	packet.df = true;
	assert_int_equal(packet_build(&packet, bytes, sizeof(bytes), &least), 2048);
	assert_int_equal(bytes[6], 0x40);
	build("10.0.0.1", "10.0.0.100:80");
	packet.tcp = PACKET_FIN | PACKET_ACK;
	assert_int_equal(packet_build(&packet, bytes, sizeof(bytes), &least), 40);
	assert_int_equal(bytes[33], 0x11);
}

/* As the RFC's example (3720, B.4): 32 bytes of 0 have that one. */
static void sctp(void **state)
{
	(void)state;
	assert_int_equal(build("10.0.0.1:1", "10.0.0.100:2/sctp"), 32);
	assert_memory_equal(bytes + 20, "\0\1\0\2\0\0\0\0", 8);
	assert_true(bytes[28] || bytes[29] || bytes[30] || bytes[31]);
}

static void ends(void **state)
{
	(void)state;
	wrong("x", "10.0.0.100", "x", "does not begin with");
	wrong("10.0.0.1", "y:80", "y:80", "does not begin with");
	wrong("10.0.0.1/tcp", "10.0.0.100:80", "10.0.0.1/tcp", "behind the other end");
	wrong("10.0.0.1", "2001:db8::100", "2001:db8::100", "another family");
	wrong("10.0.0.1", "10.0.0.100/udp", "10.0.0.100/udp", "needs a port");
	wrong("10.0.0.1:5", "10.0.0.100", "10.0.0.1:5", "the protocol has none");
	wrong("10.0.0.1:99999", "10.0.0.100:80", "10.0.0.1:99999", "");
	wrong("10.0.0.1:", "10.0.0.100:80", "10.0.0.1:", "");
	wrong("", "10.0.0.100:80", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4), cmocka_unit_test(ipv6), cmocka_unit_test(sizes),
		cmocka_unit_test(sctp), cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
