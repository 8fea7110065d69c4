// SPDX-License-Identifier: GPL-2.0
/* A packet that the arguments of `haadm explain` describe, and its encoding as bytes. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "packet.h"

#define HIGH_PORT 49152

#define IPV4_LEN 20
#define IPV6_LEN 40
#define TCP_LEN 20
#define SCTP_LEN 12
#define UDP_LEN 8
#define ECHO_LEN 8

/* Returns the ICMP protocol of the address family. */
static uint8_t icmp_of(const struct hasw_addr *addr)
{
	return addr->family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
}

/* Parses the source or destination of the packet. Unlike hasw_svc_parse(), accepts a port without a protocol. */
static const char *end_parse(struct hasw_svc *svc, const char *text)
{
	char with[HASW_SVC_TEXT + 8];
	const char *wrong = hasw_svc_parse(svc, text);
	const char *no_port;

	if (!wrong || strchr(text, '/'))
		return wrong;
	if (snprintf(with, sizeof(with), "%s/tcp", text) >= (int)sizeof(with))
		return wrong;
	no_port = hasw_svc_parse(svc, with);
	svc->proto = 0;
	return no_port ? wrong : NULL;
}

const char *packet_ends(struct packet *packet, const char *from, const char *to, const char **word)
{
	const char *wrong;

	*word = from;
	wrong = end_parse(&packet->from, from);
	if (wrong)
		return wrong;
	if (packet->from.proto)
		return "names a protocol: it belongs behind the other end";
	*word = to;
	wrong = end_parse(&packet->to, to);
	if (wrong)
		return wrong;
	if (packet->from.vip.family != packet->to.vip.family)
		return "is of another family than where the packet comes from";
	if (!packet->to.proto)
		packet->to.proto = packet->to.port ? IPPROTO_TCP : icmp_of(&packet->to.vip);
	if (hasw_proto_has_ports(packet->to.proto)) {
		if (!packet->to.port)
			return "needs a port: the protocol has ports";
		if (!packet->from.port)
			packet->from.port = HIGH_PORT;
	} else if (packet->from.port) {
		*word = from;
		return "names a port, and the protocol has none";
	}
	return NULL;
}

static size_t head_len(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return TCP_LEN;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return UDP_LEN;
	case IPPROTO_SCTP:
		return SCTP_LEN;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return ECHO_LEN;
	default:
		return 0;
	}
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t sum(uint32_t so_far, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		so_far += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return so_far;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

/* Returns the transport checksum, which covers a pseudo-header with the addresses. */
static uint16_t transport_sum(const struct packet *packet, const uint8_t *data, size_t len)
{
	size_t addr = hasw_addr_len(&packet->to.vip);
	uint32_t total = (uint32_t)len + packet->to.proto;

	total = sum(total, packet->from.vip.bytes, addr);
	total = sum(total, packet->to.vip.bytes, addr);
	return fold(sum(total, data, len));
}

/* Stores a checksum. A checksum of 0 is stored as 0xffff, because 0 in a UDP header means that there is no checksum. */
static void put_sum(uint8_t *at, uint16_t value)
{
	put16(at, value ? value : 0xffff);
}

/* CRC-32C of SCTP, computed bit by bit, because a table is not worthwhile for one packet. */
static uint32_t crc32c(const uint8_t *data, size_t len)
{
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
	}
	return ~crc;
}

static void put_sctp_sum(uint8_t *data, size_t len)
{
	uint32_t crc = crc32c(data, len);

	for (int i = 0; i < 4; i++)
		data[8 + i] = (uint8_t)(crc >> 8 * i);
}

static void put_transport(const struct packet *packet, uint8_t *data, size_t len)
{
	uint8_t proto = packet->to.proto;

	if (hasw_proto_has_ports(proto)) {
		put16(data, packet->from.port);
		put16(data + 2, packet->to.port);
	}
	switch (proto) {
	case IPPROTO_TCP:
		data[7] = 1;
		data[12] = TCP_LEN / 4 << 4;
		data[13] = packet->tcp ? packet->tcp : PACKET_SYN;
		put16(data + 14, 0xffff);
		put_sum(data + 16, transport_sum(packet, data, len));
		break;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		put16(data + 4, (uint16_t)len);
		put_sum(data + 6, transport_sum(packet, data, len));
		break;
	case IPPROTO_SCTP:
		put_sctp_sum(data, len);
		break;
	case IPPROTO_ICMP:
		data[0] = 8;
		data[7] = 1;
		put16(data + 2, fold(sum(0, data, len)));
		break;
	case IPPROTO_ICMPV6:
		data[0] = 128;
		data[7] = 1;
		put_sum(data + 2, transport_sum(packet, data, len));
		break;
	}
}

static void put_head(const struct packet *packet, uint8_t *buf, size_t len)
{
	if (packet->to.vip.family == AF_INET6) {
		buf[0] = 0x60;
		put16(buf + 4, (uint16_t)(len - IPV6_LEN));
		buf[6] = packet->to.proto;
		buf[7] = packet->ttl;
		memcpy(buf + 8, packet->from.vip.bytes, 16);
		memcpy(buf + 24, packet->to.vip.bytes, 16);
		return;
	}
	buf[0] = 0x45;
	put16(buf + 2, (uint16_t)len);
	put16(buf + 4, 1);
	buf[6] = packet->df ? 0x40 : 0;
	buf[8] = packet->ttl;
	buf[9] = packet->to.proto;
	memcpy(buf + 12, packet->from.vip.bytes, 4);
	memcpy(buf + 16, packet->to.vip.bytes, 4);
	put16(buf + 10, fold(sum(0, buf, IPV4_LEN)));
}

size_t packet_build(const struct packet *packet, uint8_t *buf, size_t size, size_t *least)
{
	size_t ip = packet->to.vip.family == AF_INET6 ? IPV6_LEN : IPV4_LEN;
	size_t len = packet->len;

	*least = ip + head_len(packet->to.proto);
	if (!len)
		len = *least;
	if (len < *least || len > size)
		return 0;
	memset(buf, 0, len);
	put_head(packet, buf, len);
	put_transport(packet, buf + ip, len - ip);
	return len;
}
