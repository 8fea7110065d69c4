// SPDX-License-Identifier: GPL-2.0
/* Health checks through the vip: the bytes of packets that are written by hand, and of their answers. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "checks/packet.h"
#include "checks/segment.h"

static uint16_t sum_of(uint32_t total, const uint8_t *at, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		total += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

/* Writes a packet, and looks at its lengths and checksums. Return: its size */
static size_t written(uint8_t packet[SEGMENT_ROOM], const struct segment *s)
{
	size_t head = s->from.family == AF_INET ? 20 : 40, size = segment_write(packet, s);

	assert_true(size > head);
	if (s->from.family == AF_INET) {
		assert_int_equal(packet[2] << 8 | packet[3], size);
		assert_int_equal(sum_of(0, packet, 20), 0xffff);
	} else {
		assert_int_equal(packet[4] << 8 | packet[5], size - 40);
	}
	if (s->proto != IPPROTO_ICMP)
		assert_int_equal(sum_of(s->proto + (uint32_t)(size - head), packet + (head == 20 ? 12 : 8),
					head == 20 ? size - 12 : size - 8), 0xffff);
	return size;
}

/* Has a packet come back as from the other end: its addresses and ports change places. */
static void turn(uint8_t *packet, int family, bool ports)
{
	size_t at = family == AF_INET ? 12 : 8, length = family == AF_INET ? 4 : 16, i;
	uint8_t was;

	for (i = 0; i < length + (ports ? 2 : 0); i++) {
		uint8_t *a = packet + at + i + (i >= length ? length : 0), *b = a + (i >= length ? 2 : length);

		was = *a;
		*a = *b;
		*b = was;
	}
}

static void segments_of(int family, const char *own, const char *vip)
{
	struct segment s = { .proto = IPPROTO_TCP, .from_port = 40000, .to_port = 80, .flags = SEGMENT_SYN, .seq = 77 };
	size_t head = family == AF_INET ? 20 : 40, size, i;
	uint8_t packet[SEGMENT_ROOM + 8], inner[SEGMENT_ROOM], outer[SEGMENT_OUTER], copy[2 * SEGMENT_ROOM];
	struct heard h;

	assert_null(hasw_addr_parse(&s.from, own));
	assert_null(hasw_addr_parse(&s.to, vip));
	size = written(packet, &s);
	assert_int_equal(size, head + 20);
	/* What was sent is no answer. */
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_FOREIGN);
	turn(packet, family, true);
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_FOREIGN);
	packet[head + 13] = SEGMENT_SYN | SEGMENT_ACK;
	packet[head + 11] = 78;
	/* Padded, as a short frame is. */
	segment_read(packet, size + 6, &h);
	assert_int_equal(h.kind, HEARD_TAKEN);
	assert_int_equal(h.ack, 78);
	assert_int_equal(h.own_port, 40000);
	assert_int_equal(h.vip_port, 80);
	assert_int_equal(hasw_addr_compare(&h.vip, &s.to), 0);
	assert_int_equal(hasw_addr_compare(&h.own, &s.from), 0);
	assert_int_equal(h.proto, IPPROTO_TCP);
	packet[head + 13] = SEGMENT_RST | SEGMENT_ACK;
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_REFUSED);
	packet[head + 13] = SEGMENT_RST;
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_STREAM);
	packet[head + 13] = SEGMENT_RST | SEGMENT_ACK;
	for (i = 0; i < size; i++) {
		uint8_t *cut = malloc(i ? i : 1);

		assert_non_null(cut);
		memcpy(cut, packet, i);
		segment_read(cut, i, &h);
		assert_int_equal(h.kind, HEARD_FOREIGN);
		free(cut);
	}
	if (family == AF_INET) {
		/* Not the first fragment; options. */
		packet[7] = 1;
		segment_read(packet, size, &h);
		assert_int_equal(h.kind, HEARD_FOREIGN);
		packet[7] = 0;
		packet[0] = 0x4f;
		segment_read(packet, size, &h);
		assert_int_equal(h.kind, HEARD_FOREIGN);
	}

	s.proto = IPPROTO_UDP;
	s.data = "odd";
	s.size = 3;
	size = written(packet, &s);
	turn(packet, family, true);
	memset(packet + size, 'x', 8);
	segment_read(packet, size + 8, &h);
	assert_int_equal(h.kind, HEARD_DATAGRAM);
	assert_int_equal(h.size, 3);
	assert_memory_equal(h.data, "odd", 3);

	/* An ICMP error has the beginning of what was sent. */
	size = written(inner, &s);
	s.proto = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	memset(copy, 0, 8);
	copy[0] = family == AF_INET ? 3 : 1;
	copy[1] = family == AF_INET ? 3 : 4;
	memcpy(copy + 8, inner, head + 8);
	s.data = copy;
	s.size = 8 + head + 8;
	size = written(packet, &s);
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_NO_PORT);
	assert_int_equal(hasw_addr_compare(&h.vip, &s.to), 0);
	assert_int_equal(h.own_port, 40000);
	assert_int_equal(h.vip_port, 80);
	/* Who makes one up has to know who had asked, and how. */
	assert_int_equal(hasw_addr_compare(&h.own, &s.from), 0);
	assert_int_equal(h.proto, IPPROTO_UDP);
	assert_int_equal(h.seq, 0);
	segment_read(packet, size - 1, &h);
	assert_int_equal(h.kind, HEARD_FOREIGN);
	copy[1] = 1;
	size = written(packet, &s);
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_NO_WAY);

	s.proto = IPPROTO_TCP;
	s.size = 0;
	written(inner, &s);
	memcpy(copy + 8, inner, head + 8);
	s.proto = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	s.size = 8 + head + 8;
	size = written(packet, &s);
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_NO_WAY);
	assert_int_equal(h.proto, IPPROTO_TCP);
	assert_int_equal(h.seq, 77);
	segment_read(packet, size - 1, &h);
	assert_int_equal(h.kind, HEARD_FOREIGN);

	/* In a tunnel. */
	s.proto = IPPROTO_TCP;
	s.size = 0;
	size = written(inner, &s);
	assert_int_equal(segment_wrap(outer, &s.from, &s.to, false, inner, size), head);
	assert_int_equal(outer[family == AF_INET ? 9 : 6], family == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6);
	assert_int_equal(segment_wrap(outer, &s.from, &s.to, true, inner, size), head + 12);
	assert_int_equal(outer[head + 8], 0);
	assert_int_equal(outer[head + 9], family == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6);
	memcpy(copy, outer, head + 12);
	memcpy(copy + head + 12, inner, size);
	assert_int_equal(sum_of(IPPROTO_UDP + 12 + (uint32_t)size, copy + (head == 20 ? 12 : 8),
				size + head + 12 - (head == 20 ? 12 : 8)), 0xffff);

	/* An echo of the family. */
	s.proto = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	echo_write(copy, family, 9, 10);
	s.data = copy;
	s.size = ECHO_SIZE;
	size = written(packet, &s);
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_FOREIGN);
	packet[head] = family == AF_INET ? 0 : 129;
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_ECHO);
	assert_int_equal(h.size, ECHO_SIZE);
}

/* A segment with an option and with data: what was written is read, and each byte that is wrong is found. */
static void sums_of(int family, const char *own, const char *vip)
{
	struct segment s = {
		.proto = IPPROTO_TCP, .from_port = 40000, .to_port = 80, .flags = SEGMENT_SYN | SEGMENT_ACK,
		.seq = 0xfffffff0, .ack = 77, .window = 4096, .mss = 1220, .data = "odd", .size = 3,
	};
	size_t head = family == AF_INET ? 20 : 40, size, i;
	uint8_t packet[SEGMENT_ROOM];
	struct heard h;

	assert_null(hasw_addr_parse(&s.from, own));
	assert_null(hasw_addr_parse(&s.to, vip));
	size = written(packet, &s);
	assert_int_equal(size, head + 24 + 3);
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_TAKEN);
	assert_int_equal(h.flags, s.flags);
	assert_int_equal(h.seq, s.seq);
	assert_int_equal(h.ack, s.ack);
	assert_int_equal(h.window, s.window);
	assert_int_equal(h.mss, s.mss);
	assert_int_equal(h.size, 3);
	assert_memory_equal(h.data, "odd", 3);
	assert_true(segment_sum_good(packet, size));
	for (i = head; i < size; i++) {
		packet[i] ^= 0x10;
		assert_false(segment_sum_good(packet, size));
		packet[i] ^= 0x10;
	}
	/* The addresses are covered, too. */
	packet[family == AF_INET ? 15 : 23] ^= 1;
	assert_false(segment_sum_good(packet, size));
	packet[family == AF_INET ? 15 : 23] ^= 1;
	/* Headers that are longer than the segment, or too short. */
	packet[head + 12] = 0xf0;
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_FOREIGN);
	packet[head + 12] = 0x40;
	segment_read(packet, size, &h);
	assert_int_equal(h.kind, HEARD_FOREIGN);
	packet[head + 12] = 0x60;
	/* Options: some before it; one without a length; one that is cut off. */
	memcpy(packet + head + 20, "\1\1\2\4", 4);
	segment_read(packet, size, &h);
	assert_int_equal(h.mss, 0);
	memcpy(packet + head + 20, "\2\0\4\4", 4);
	segment_read(packet, size, &h);
	assert_int_equal(h.mss, 0);
	memcpy(packet + head + 20, "\0\2\4\4", 4);
	segment_read(packet, size, &h);
	assert_int_equal(h.mss, 0);
}

static void sums(void **state)
{
	(void)state;
	sums_of(AF_INET, "10.0.0.1", "10.0.0.100");
	sums_of(AF_INET6, "2001:db8::1", "2001:db8::100");
}

static void segments(void **state)
{
	(void)state;
	segments_of(AF_INET, "10.0.0.1", "10.0.0.100");
	segments_of(AF_INET6, "2001:db8::1", "2001:db8::100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments),
		cmocka_unit_test(sums),
	};

	return cmocka_run_group_tests_name("agent_segment", tests, NULL, NULL);
}
