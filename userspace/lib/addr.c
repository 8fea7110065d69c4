// SPDX-License-Identifier: GPL-2.0
/* Addresses and services: their binary form, parsing and formatting. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"
#include "text.h"

static const struct {
	const char *name;
	uint8_t number;
	bool ports;
} protos[] = {
	{ "tcp", 6, true },	{ "udp", 17, true },	{ "sctp", 132, true },
	{ "udplite", 136, true }, { "icmp", 1, false },	{ "icmpv6", 58, false },
	{ "igmp", 2, false },	{ "ipip", 4, false },	{ "gre", 47, false },
	{ "esp", 50, false },	{ "ah", 51, false },	{ "ospf", 89, false },
	{ "pim", 103, false },	{ "vrrp", 112, false },
};

#define N_PROTOS (sizeof(protos) / sizeof(protos[0]))

/* Parses an unsigned decimal number without sign, blanks or leading zeros. */
static bool parse_number(const char *text, unsigned int max, unsigned int *number)
{
	unsigned int value = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned int)(*text - '0');
		if (value > max)
			return false;
	}
	*number = value;
	return true;
}

/*
 * Parses an IPv4 address four times as fast as inet_pton(AF_INET). The speed matters, because a restore of 100,000
 * vips parses 400,000 addresses.
 */
static bool parse_ipv4(uint8_t bytes[4], const char *text)
{
	for (int i = 0; i < 4; i++) {
		unsigned int value = 0, digits = 0;

		if (i && *text++ != '.')
			return false;
		for (; *text >= '0' && *text <= '9'; text++, digits++) {
			if (digits && !value)
				return false;
			value = value * 10 + (unsigned int)(*text - '0');
			if (value > 255)
				return false;
		}
		if (!digits)
			return false;
		bytes[i] = (uint8_t)value;
	}
	return !*text;
}

const char *hasw_addr_parse(struct hasw_addr *addr, const char *text)
{
	const char *slash;

	memset(addr, 0, sizeof(*addr));
	if (parse_ipv4(addr->bytes, text)) {
		addr->family = AF_INET;
		return NULL;
	}
	memset(addr->bytes, 0, sizeof(addr->bytes));
	if (strchr(text, ':') && inet_pton(AF_INET6, text, addr->bytes) == 1) {
		addr->family = AF_INET6;
		return NULL;
	}
	slash = strchr(text, '/');
	if (slash && slash[1] >= '0' && slash[1] <= '9')
		return "has a prefix length; write the address alone. A subnet of its own needs a route: ip route add SUBNET dev DEV";
	if (strchr(text, '%'))
		return "names a device; write the address alone, and name the device with \"on DEV\" or \"dev DEV\"";
	return "is not an IPv4 or IPv6 address";
}

const char *hasw_proto_parse(uint8_t *proto, const char *text)
{
	unsigned int number;

	for (size_t i = 0; i < N_PROTOS; i++) {
		if (!strcmp(protos[i].name, text)) {
			*proto = protos[i].number;
			return NULL;
		}
	}
	if (!parse_number(text, 255, &number) || !number)
		return "is neither the name of a protocol, such as tcp, nor a number from 1 to 255";
	*proto = (uint8_t)number;
	return NULL;
}

const char *hasw_svc_parse(struct hasw_svc *svc, const char *text)
{
	char copy[HASW_SVC_TEXT];
	char *addr = copy, *port = NULL, *proto;
	unsigned int number;
	const char *wrong;
	size_t len = strlen(text);

	memset(svc, 0, sizeof(*svc));
	if (len >= sizeof(copy))
		return "is too long for a service";
	memcpy(copy, text, len + 1);

	proto = strchr(copy, '/');
	if (proto)
		*proto++ = '\0';
	if (*addr == '[') {
		char *end = strchr(++addr, ']');

		if (end)
			*end++ = '\0';
		if (!end || !strchr(addr, ':'))
			return "has a bracket that is not around an IPv6 address";
		if (*end == ':')
			port = end + 1;
		else if (*end)
			return "has something after the bracket that is neither a port nor a protocol";
	} else {
		char *colon = strchr(addr, ':');

		/* Two or more colons mean an IPv6 address without brackets. No port can follow such an address. */
		if (colon && !strchr(colon + 1, ':')) {
			*colon = '\0';
			port = colon + 1;
		}
	}
	wrong = hasw_addr_parse(&svc->vip, addr);
	if (wrong)
		return "does not begin with an IPv4 or IPv6 address (IPv6 with a port is [ADDR]:PORT/PROTO)";
	if (proto) {
		if (!strcmp(proto, "0"))
			return "has protocol 0; leave it away to mean the whole vip";
		if (hasw_proto_parse(&svc->proto, proto))
			return "has a protocol that is neither a known name nor a number from 1 to 255";
	}
	if (!port)
		return NULL;
	if (!parse_number(port, 65535, &number) || !number)
		return "has a port that is not a number from 1 to 65535";
	if (!proto)
		return "has a port but no protocol; write ADDR:PORT/PROTO";
	if (!hasw_proto_has_ports(svc->proto))
		return "has a port, but its protocol has none; only tcp, udp, sctp and udplite do";
	svc->port = (uint16_t)number;
	return NULL;
}

const char *hasw_svc_hint(const struct hasw_svc *svc)
{
	unsigned int last = (unsigned int)svc->vip.bytes[14] << 8 | svc->vip.bytes[15];

	if (svc->vip.family != AF_INET6 || svc->port || !hasw_proto_has_ports(svc->proto) || !last)
		return "";
	for (; last; last >>= 4) {
		if ((last & 0xf) > 9)
			return "";
	}
	return "; if the last number is meant as a port, write [ADDR]:PORT/PROTO";
}

const char *hasw_ports_parse(uint32_t *ports, const char *text)
{
	static const char wrong[] = "is neither a port from 1 to 65535 nor a range such as 8000-8010";
	const char *dash = strchr(text, '-');
	char first[HASW_PORTS_TEXT] = "";
	unsigned int from, to;

	*ports = 0;
	if (!strcmp(text, "none"))
		return NULL;
	if (strlen(text) >= sizeof(first))
		return wrong;
	memcpy(first, text, dash ? (size_t)(dash - text) : strlen(text));
	if (!parse_number(first, 65535, &from) || !from)
		return wrong;
	to = from;
	if (dash && (!parse_number(dash + 1, 65535, &to) || !to))
		return wrong;
	if (from > to)
		return "is a reversed range; write the lower port first, as in 8000-8010";
	*ports = from << 16 | to;
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

const char *hasw_mac_parse(uint8_t mac[6], const char *text)
{
	static const char wrong[] = "is not a link-layer address such as 02:00:00:00:00:01";

	for (int i = 0; i < 6; i++) {
		int high, low;

		if (i && *text++ != ':')
			return wrong;
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return wrong;
		mac[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return *text ? wrong : NULL;
}

/* inet_ntop() takes ten times as long. */
static const char *format_ipv4(const uint8_t bytes[4], char buf[HASW_ADDR_TEXT])
{
	char *to = buf;

	for (int i = 0; i < 4; i++) {
		if (i)
			*to++ = '.';
		to = hasw_put_number(to, bytes[i]);
	}
	return buf;
}

const char *hasw_addr_format(const struct hasw_addr *addr, char buf[HASW_ADDR_TEXT])
{
	if (addr->family == AF_INET)
		return format_ipv4(addr->bytes, buf);
	if (!addr->family || !inet_ntop(addr->family, addr->bytes, buf, HASW_ADDR_TEXT))
		strcpy(buf, "none");
	return buf;
}

const char *hasw_proto_format(uint8_t proto, char buf[4])
{
	for (size_t i = 0; i < N_PROTOS; i++) {
		if (protos[i].number == proto)
			return protos[i].name;
	}
	snprintf(buf, 4, "%u", proto);
	return buf;
}

const char *hasw_svc_format(const struct hasw_svc *svc, char buf[HASW_SVC_TEXT])
{
	bool brackets = svc->port && svc->proto && svc->vip.family == AF_INET6;
	char number[4], *to = buf;

	if (brackets)
		*to++ = '[';
	to += strlen(hasw_addr_format(&svc->vip, to));
	if (brackets)
		*to++ = ']';
	if (svc->proto && svc->port) {
		*to++ = ':';
		to = hasw_put_number(to, svc->port);
	}
	if (svc->proto) {
		*to++ = '/';
		strcpy(to, hasw_proto_format(svc->proto, number));
	}
	return buf;
}

const char *hasw_ports_format(uint32_t ports, char buf[HASW_PORTS_TEXT])
{
	int len = snprintf(buf, HASW_PORTS_TEXT, "%u", hasw_ports_first(ports));

	if (hasw_ports_last(ports) != hasw_ports_first(ports))
		snprintf(buf + len, HASW_PORTS_TEXT - (size_t)len, "-%u", hasw_ports_last(ports));
	return buf;
}

const char *hasw_mac_format(const uint8_t mac[6], char buf[HASW_MAC_TEXT])
{
	snprintf(buf, HASW_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buf;
}

bool hasw_proto_has_ports(uint8_t proto)
{
	for (size_t i = 0; i < N_PROTOS; i++) {
		if (protos[i].number == proto)
			return protos[i].ports;
	}
	return false;
}

bool hasw_addr_is_host(const struct hasw_addr *addr)
{
	static const uint8_t any[16], loopback[16] = { [15] = 1 };
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *b = addr->bytes;

	if (addr->family == AF_INET) {
		/*
		 * No host has an address in 0/8 or 127/8, a multicast address, or 255.255.255.255. The rest of class E
		 * counts as unicast.
		 */
		if (!b[0] || b[0] == 127 || (b[0] & 0xf0) == 224)
			return false;
		return b[0] != 255 || b[1] != 255 || b[2] != 255 || b[3] != 255;
	}
	return memcmp(b, any, 16) && memcmp(b, loopback, 16) && memcmp(b, mapped, 12) && b[0] != 0xff;
}

bool hasw_addr_is_link_local(const struct hasw_addr *addr)
{
	return addr->family == AF_INET6 && addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

size_t hasw_addr_len(const struct hasw_addr *addr)
{
	return addr->family == AF_INET6 ? 16 : 4;
}

socklen_t hasw_addr_to_sock(const struct hasw_addr *addr, uint16_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *in = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = addr->family;
	if (addr->family == AF_INET6) {
		memcpy(&in6->sin6_addr, addr->bytes, sizeof(in6->sin6_addr));
		in6->sin6_port = htons(port);
		return sizeof(*in6);
	}
	if (addr->family == AF_INET) {
		memcpy(&in->sin_addr, addr->bytes, sizeof(in->sin_addr));
		in->sin_port = htons(port);
	}
	return sizeof(*in);
}

bool hasw_addr_from_sock(struct hasw_addr *addr, const struct sockaddr *from)
{
	memset(addr, 0, sizeof(*addr));
	if (from->sa_family == AF_INET)
		memcpy(addr->bytes, &((const struct sockaddr_in *)from)->sin_addr, 4);
	else if (from->sa_family == AF_INET6)
		memcpy(addr->bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	else
		return false;
	addr->family = (uint8_t)from->sa_family;
	return true;
}

int hasw_addr_compare(const struct hasw_addr *a, const struct hasw_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool hasw_addr_within(const struct hasw_addr *a, const struct hasw_addr *b, uint8_t len)
{
	uint8_t whole = len / 8, rest = len % 8;

	return a->family == b->family && len <= 8 * hasw_addr_len(a) && !memcmp(a->bytes, b->bytes, whole) &&
	       (!rest || !((a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest)));
}

int hasw_svc_compare(const struct hasw_svc *a, const struct hasw_svc *b)
{
	int order = hasw_addr_compare(&a->vip, &b->vip);

	if (order)
		return order;
	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	return 0;
}
