// SPDX-License-Identifier: GPL-2.0
/* Addresses and services: what people write, what is refused, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

#include "lib/addr.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* What is read from TEXT is written as AGAIN. */
static void addr_becomes(const char *text, int family, const char *again)
{
	char buf[HASW_ADDR_TEXT];
	struct hasw_addr addr;

	assert_null(hasw_addr_parse(&addr, text));
	assert_int_equal(addr.family, family);
	assert_string_equal(hasw_addr_format(&addr, buf), again);
}

static void addresses(void **state)
{
	static const char *const wrong[] = {
		"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4 ", " 1.2.3.4", "01.2.3.4", "1.2.3.",
		"1..3.4", "1.2.3.-4", "1.2.3.4x", "::1::", ":", "g::1", "1:2:3:4:5:6:7:8:9", "fe80::1%eth0",
		"[::1]", "1.2.3.99999999999999999999",
	};

	(void)state;
	addr_becomes("0.0.0.0", AF_INET, "0.0.0.0");
	addr_becomes("10.0.0.100", AF_INET, "10.0.0.100");
	addr_becomes("255.255.255.255", AF_INET, "255.255.255.255");
	addr_becomes("2001:DB8:0::1", AF_INET6, "2001:db8::1");
	addr_becomes("::", AF_INET6, "::");
	addr_becomes("::ffff:1.2.3.4", AF_INET6, "::ffff:1.2.3.4");
	for (size_t i = 0; i < N(wrong); i++) {
		struct hasw_addr addr;

		if (!hasw_addr_parse(&addr, wrong[i]))
			fail_msg("\"%s\" was taken for an address", wrong[i]);
	}
}

/* The own parser of IPv4 addresses takes exactly what inet_pton takes. */
static void ipv4_is_as_inet_pton(void **state)
{
	static const char letters[] = "0123456789.. ";

	(void)state;
	srand(1);
	for (int i = 0; i < 300000; i++) {
		struct hasw_addr addr;
		struct in_addr other;
		char text[17];
		int len = rand() % 16, ours;

		for (int j = 0; j < len; j++)
			text[j] = letters[rand() % (int)(sizeof(letters) - 1)];
		text[len] = '\0';
		ours = !hasw_addr_parse(&addr, text);
		if (ours != inet_pton(AF_INET, text, &other))
			fail_msg("\"%s\": %d", text, ours);
		if (ours)
			assert_memory_equal(addr.bytes, &other, 4);
	}
}

static void svc_becomes(const char *text, const char *again, int proto, int port)
{
	char buf[HASW_SVC_TEXT];
	struct hasw_svc svc, twice;

	assert_null(hasw_svc_parse(&svc, text));
	assert_int_equal(svc.proto, proto);
	assert_int_equal(svc.port, port);
	assert_string_equal(hasw_svc_format(&svc, buf), again);
	assert_null(hasw_svc_parse(&twice, buf));
	assert_int_equal(hasw_svc_compare(&svc, &twice), 0);
}

static void services(void **state)
{
	static const char *const wrong[] = {
		"", "/tcp", "10.0.0.1:80", "10.0.0.1:0/tcp", "10.0.0.1:65536/tcp", "10.0.0.1:/tcp",
		"10.0.0.1:80/", "10.0.0.1:80/icmp", "10.0.0.1/0", "10.0.0.1/256", "10.0.0.1/tcpp", "10.0.0.1/TCP",
		"10.0.0.1:080/tcp", "10.0.0.1:+80/tcp", "10.0.0.1:80/tcp/udp", "[10.0.0.1]:80/tcp",
		"[2001:db8::1]80/tcp", "[2001:db8::1:80/tcp", "2001:db8::1]:80/tcp", "[]:80/tcp", "n1:80/tcp",
		"[2001:db8::1]:80", "10.0.0.1:80/47",
		"[1111:2222:3333:4444:5555:6666:7777:8888]:80/tcp-and-then-very-much-more-than-fits",
	};

	(void)state;
	svc_becomes("10.0.0.1", "10.0.0.1", 0, 0);
	svc_becomes("10.0.0.1/tcp", "10.0.0.1/tcp", 6, 0);
	svc_becomes("10.0.0.1/6", "10.0.0.1/tcp", 6, 0);
	svc_becomes("10.0.0.1/200", "10.0.0.1/200", 200, 0);
	svc_becomes("10.0.0.1:80/tcp", "10.0.0.1:80/tcp", 6, 80);
	svc_becomes("10.0.0.1:65535/17", "10.0.0.1:65535/udp", 17, 65535);
	svc_becomes("10.0.0.1:5060/sctp", "10.0.0.1:5060/sctp", 132, 5060);
	svc_becomes("10.0.0.1:1/udplite", "10.0.0.1:1/udplite", 136, 1);
	svc_becomes("2001:db8::1", "2001:db8::1", 0, 0);
	svc_becomes("[2001:db8::1]", "2001:db8::1", 0, 0);
	svc_becomes("2001:db8::1/icmpv6", "2001:db8::1/icmpv6", 58, 0);
	svc_becomes("[2001:db8::1]/tcp", "2001:db8::1/tcp", 6, 0);
	svc_becomes("[2001:db8::1]:80/tcp", "[2001:db8::1]:80/tcp", 6, 80);
	for (size_t i = 0; i < N(wrong); i++) {
		struct hasw_svc svc;

		if (!hasw_svc_parse(&svc, wrong[i]))
			fail_msg("\"%s\" was taken for a service", wrong[i]);
	}
}

static void link_layer_addresses(void **state)
{
	static const char *const wrong[] = {
		"", "02:00:00:00:00", "02:00:00:00:00:01:02", "2:0:0:0:0:1", "02-00-00-00-00-01", "02:00:00:00:00:0g",
		"020000000001", "02:00:00:00:00:01 ",
	};
	char buf[HASW_MAC_TEXT];
	uint8_t mac[6];

	(void)state;
	assert_null(hasw_mac_parse(mac, "02:Ab:cD:00:ff:01"));
	assert_string_equal(hasw_mac_format(mac, buf), "02:ab:cd:00:ff:01");
	for (size_t i = 0; i < N(wrong); i++) {
		if (!hasw_mac_parse(mac, wrong[i]))
			fail_msg("\"%s\" was taken for a link-layer address", wrong[i]);
	}
}

static bool is_host(const char *text)
{
	struct hasw_addr addr;

	assert_null(hasw_addr_parse(&addr, text));
	return hasw_addr_is_host(&addr);
}

static void hosts(void **state)
{
	static const char *const no[] = {
		"0.0.0.0", "0.1.2.3", "127.0.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255", "::", "::1",
		"ff02::1", "::ffff:10.0.0.1",
	};
	static const char *const yes[] = {
		"1.0.0.1", "10.0.0.1", "223.255.255.255", "255.255.255.254", "2001:db8::1", "fe80::1", "::2",
	};

	(void)state;
	for (size_t i = 0; i < N(no); i++) {
		if (is_host(no[i]))
			fail_msg("%s was taken for a host's", no[i]);
	}
	for (size_t i = 0; i < N(yes); i++) {
		if (!is_host(yes[i]))
			fail_msg("%s was not taken for a host's", yes[i]);
	}
}

static void order(void **state)
{
	static const char *const rising[] = {
		"9.0.0.1", "10.0.0.1", "10.0.0.1/icmp", "10.0.0.1/tcp", "10.0.0.1:1/tcp", "10.0.0.1:256/tcp",
		"10.0.0.1/udp", "10.0.0.2", "::2", "2001:db8::1",
	};

	(void)state;
	for (size_t i = 0; i < N(rising); i++) {
		for (size_t j = 0; j < N(rising); j++) {
			int wanted = i < j ? -1 : i > j;
			struct hasw_svc a, b;
			int got;

			assert_null(hasw_svc_parse(&a, rising[i]));
			assert_null(hasw_svc_parse(&b, rising[j]));
			got = hasw_svc_compare(&a, &b);
			assert_int_equal(got < 0 ? -1 : got > 0, wanted);
		}
	}
}

static bool within(const char *a, const char *b, uint8_t len)
{
	struct hasw_addr one, other;

	assert_null(hasw_addr_parse(&one, a));
	assert_null(hasw_addr_parse(&other, b));
	return hasw_addr_within(&one, &other, len);
}

static void prefixes(void **state)
{
	(void)state;
	assert_true(within("10.1.2.3", "10.1.2.4", 24));
	assert_true(within("10.1.2.3", "10.1.2.2", 31));
	assert_false(within("10.1.2.3", "10.1.2.4", 31));
	assert_false(within("10.1.2.3", "10.1.2.4", 32));
	assert_true(within("10.1.2.3", "10.1.2.3", 32));
	assert_true(within("10.1.2.3", "192.168.0.1", 0));
	assert_false(within("10.1.2.3", "::1", 0));
	assert_true(within("2001:db8::1", "2001:db8:0:0:1::", 64));
	assert_false(within("2001:db8::1", "2001:db8:0:1::1", 64));
	assert_true(within("2001:db8::1", "2001:db8::1", 128));
	/* The kernel's word for a length is not checked before. */
	assert_false(within("10.1.2.3", "10.1.2.3", 33));
	assert_false(within("10.1.2.3", "10.1.2.3", 255));
	assert_false(within("2001:db8::1", "2001:db8::1", 129));
}

/* A socket address has what the address has, and nothing of what was there before. */
static void socket_addresses(void **state)
{
	static const struct {
		const char *text;
		socklen_t size;
	} some[] = {
		{ "10.0.0.1", sizeof(struct sockaddr_in) }, { "2001:db8::1", sizeof(struct sockaddr_in6) },
	};
	struct sockaddr local = { .sa_family = AF_UNIX };
	struct hasw_addr addr, back;
	struct sockaddr_storage at, name;
	unsigned int i;

	(void)state;
	for (i = 0; i < N(some); i++) {
		assert_null(hasw_addr_parse(&addr, some[i].text));
		memset(&at, 0xff, sizeof(at));
		memset(&name, 0, sizeof(name));
		assert_int_equal(hasw_addr_to_sock(&addr, 8080, &at), some[i].size);
		name.ss_family = addr.family;
		/* Port and IPv4 address lie at the same place for both families, that of IPv6 behind them. */
		((struct sockaddr_in *)&name)->sin_port = htons(8080);
		inet_pton(addr.family, some[i].text, addr.family == AF_INET6 ?
			  (void *)&((struct sockaddr_in6 *)&name)->sin6_addr :
			  (void *)&((struct sockaddr_in *)&name)->sin_addr);
		assert_memory_equal(&at, &name, sizeof(at));
		assert_true(hasw_addr_from_sock(&back, (struct sockaddr *)&at));
		assert_memory_equal(&back, &addr, sizeof(back));
	}
	assert_false(hasw_addr_from_sock(&back, &local));
	assert_int_equal(back.family, 0);
	hasw_addr_to_sock(&back, 0, &at);
	memset(&name, 0, sizeof(name));
	assert_memory_equal(&at, &name, sizeof(at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(ipv4_is_as_inet_pton),
		cmocka_unit_test(services),
		cmocka_unit_test(link_layer_addresses),
		cmocka_unit_test(hosts),
		cmocka_unit_test(order),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(socket_addresses),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
