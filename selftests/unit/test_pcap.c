// SPDX-License-Identifier: GPL-2.0
/* Files of packets: whatever order their bytes have, and whatever is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haadm/packet/pcap.h"

static struct pcap pcap;
static uint8_t text[70000];
static size_t size;
static bool swapped;

static void put(uint32_t value)
{
	if (swapped)
		value = __builtin_bswap32(value);
	memcpy(text + size, &value, 4);
	size += 4;
}

/* Begins a file. */
static void head(uint32_t magic, uint32_t link)
{
	size = 0;
	put(magic);
	put(4 << 16 | 2);
	put(0);
	put(0);
	put(65535);
	put(link);
}

static void frame(const void *bytes, uint32_t len, uint32_t was)
{
	put(1);
	put(2);
	put(len);
	put(was);
	memcpy(text + size, bytes, len);
	size += len;
}

static FILE *file;

static int begin(void)
{
	if (file)
		fclose(file);
	file = fmemopen(text, size ? size : 1, "r");
	assert_non_null(file);
	if (!size)
		fgetc(file);
	return pcap_begin(&pcap, file);
}

static void wrong(const char *says)
{
	if (!strstr(pcap.text, says))
		fail_msg("\"%s\" has no \"%s\"", pcap.text, says);
}

#define MACS "\2\0\0\0\0\1\2\0\0\0\0\2"

static void frames(void **state)
{
	struct pcap_packet packet;

	(void)state;
	for (int i = 0; i < 4; i++) {
		swapped = i % 2;
		head(i < 2 ? 0xa1b2c3d4 : 0xa1b23c4d, 1);
		frame(MACS "\10\0Eabc", 18, 18);
		frame(MACS "\10\6arp", 17, 17);
		frame(MACS "\201\0\0\5\206\335`", 19, 60);
		frame(MACS "\x81\0\0", 15, 15);
		frame("", 0, 0);
		assert_int_equal(begin(), 0);
		assert_int_equal(pcap_next(&pcap, &packet), 1);
		assert_int_equal(packet.len, 4);
		assert_memory_equal(packet.ip, "Eabc", 4);
		assert_memory_equal(packet.lladdr, "\2\0\0\0\0\2", 6);
		assert_false(packet.cut);
		assert_int_equal(pcap_next(&pcap, &packet), 1);
		assert_null(packet.ip);
		assert_int_equal(pcap_next(&pcap, &packet), 1);
		assert_int_equal(packet.len, 1);
		assert_true(packet.cut);
		assert_int_equal(pcap_next(&pcap, &packet), 1);
		assert_null(packet.ip);
		assert_int_equal(pcap_next(&pcap, &packet), 1);
		assert_null(packet.ip);
		assert_int_equal(pcap_next(&pcap, &packet), 0);
		assert_int_equal(pcap.number, 5);
	}
	swapped = false;
}

static void raw(void **state)
{
	static const uint32_t links[] = { 101, 12, 14, 228, 229, 101 | 0x10000000u };
	struct pcap_packet packet;

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		head(0xa1b2c3d4, links[i]);
		frame("\x45", 1, 1);
		assert_int_equal(begin(), 0);
		assert_int_equal(pcap_next(&pcap, &packet), 1);
		assert_int_equal(packet.len, 1);
		assert_null(packet.lladdr);
		assert_int_equal(pcap_next(&pcap, &packet), 0);
	}
}

static void bad_heads(void **state)
{
	(void)state;
	size = 0;
	assert_int_equal(begin(), -1);
	wrong("too short");
	head(0xa1b2c3d4, 1);
	size = 23;
	assert_int_equal(begin(), -1);
	wrong("too short");
	head(0x12345678, 1);
	assert_int_equal(begin(), -1);
	wrong("no pcap file");
	head(0x0a0d0d0a, 1);
	assert_int_equal(begin(), -1);
	wrong("pcapng");
	head(0xa1b2c3d4, 113);
	assert_int_equal(begin(), -1);
	wrong("link type is 113");
}

/* Cut at each byte, it is at its end or says at which packet it breaks off. */
static void cuts(void **state)
{
	struct pcap_packet packet;
	size_t all;
	int ret;

	(void)state;
	head(0xa1b2c3d4, 1);
	frame(MACS "\10\0Eabc", 18, 18);
	frame(MACS "\10\0Eabc", 18, 18);
	all = size;
	for (size = 24; size < all; size++) {
		assert_int_equal(begin(), 0);
		while ((ret = pcap_next(&pcap, &packet)) > 0)
			;
		if (size == 24 || size == 24 + 34) {
			assert_int_equal(ret, 0);
			continue;
		}
		assert_int_equal(ret, -1);
		wrong(size < 24 + 34 ? "packet 1: " : "packet 2: ");
	}
}

static void long_ones(void **state)
{
	struct pcap_packet packet;

	(void)state;
	head(0xa1b2c3d4, 101);
	put(1);
	put(2);
	put(65535);
	put(65535);
	size += 65535;
	put(1);
	put(2);
	put(65536);
	put(65536);
	assert_int_equal(begin(), 0);
	assert_int_equal(pcap_next(&pcap, &packet), 1);
	assert_int_equal(packet.len, 65535);
	assert_int_equal(pcap_next(&pcap, &packet), -1);
	wrong("packet 2: 65536 bytes");
}

/* Whatever is in it, nothing behind the packet is looked at. */
static void noise(void **state)
{
	struct pcap_packet packet;

	(void)state;
	srand(1);
	for (int i = 0; i < 2000; i++) {
		head(0xa1b2c3d4, rand() % 2 ? 1 : 101);
		frame(MACS "\10\0Eabc", 18, 18);
		frame(MACS "\x81\0\0\5\x81\0\0\1\x08\0", 22, 22);
		for (int n = rand() % 8; n > 0; n--)
			text[24 + (size_t)rand() % (size - 24)] = (uint8_t)rand();
		assert_int_equal(begin(), 0);
		while (pcap_next(&pcap, &packet) > 0) {
			if (!packet.ip)
				continue;
			assert_true(packet.ip >= pcap.frame);
			assert_true(packet.ip + packet.len <= pcap.frame + sizeof(pcap.frame));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames), cmocka_unit_test(raw), cmocka_unit_test(bad_heads),
		cmocka_unit_test(cuts), cmocka_unit_test(long_ones), cmocka_unit_test(noise),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	if (file)
		fclose(file);
	return failed;
}
