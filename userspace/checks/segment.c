// SPDX-License-Identifier: GPL-2.0
/*
 * Packets to a vip that a check writes by hand, and what is read of the answers. The answers come from the network, so
 * nothing of them is believed. Checksums of TCP are looked at, but not where a device has done so, nor where a virtual
 * device leaves them to be computed.
 */
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>

#include "checks/packet.h"
#include "checks/segment.h"
#include "haagentd/bytes.h"

#define IP4		20	/* sizes of headers, bytes */
#define IP6		40
#define TCP		20
#define MSS		4	/* the option */
#define UDP		8
#define ICMP		8
#define FRAGMENT	8	/* an IPv6 header of a fragment */
#define QUOTED		8	/* what an ICMP error has of the packet at least, behind its IP header */
#define GUE		4
#define HOPS		64
#define WINDOW		1024	/* a server that is not told a window may wait with its answer */
#define GUE_PORT	6949
#define OPTION_END	0	/* options of TCP */
#define OPTION_NONE	1
#define OPTION_MSS	2
#define NO_PORT4	3	/* codes of ICMP errors: nobody listens at the port */
#define NO_PORT6	4

/* Begins a checksum that covers both addresses, the protocol and the size. */
static uint32_t pseudo(const struct hasw_addr *from, const struct hasw_addr *to, uint8_t proto, size_t size)
{
	uint32_t total = checksum_add(proto + (uint32_t)size, from->bytes, hasw_addr_len(from));

	return checksum_add(total, to->bytes, hasw_addr_len(to));
}

static size_t write_ip(uint8_t *at, const struct hasw_addr *from, const struct hasw_addr *to, uint8_t proto, size_t size)
{
	if (from->family == AF_INET6) {
		memset(at, 0, IP6);
		at[0] = 0x60;
		bytes_put(at + 4, (unsigned int)size, 2);
		at[6] = proto;
		at[7] = HOPS;
		memcpy(at + 8, from->bytes, 16);
		memcpy(at + 24, to->bytes, 16);
		return IP6;
	}
	memset(at, 0, IP4);
	at[0] = 0x45;
	bytes_put(at + 2, (unsigned int)(IP4 + size), 2);
	at[8] = HOPS;
	at[9] = proto;
	memcpy(at + 12, from->bytes, 4);
	memcpy(at + 16, to->bytes, 4);
	bytes_put(at + 10, checksum_fold(checksum_add(0, at, IP4)), 2);
	return IP4;
}

/**
 * segment_write - write a packet
 * @to:		receives the packet, from its IP header on
 * @s:		what is in it
 *
 * Return: its size, bytes
 */
size_t segment_write(uint8_t to[SEGMENT_ROOM], const struct segment *s)
{
	size_t head = s->proto == IPPROTO_TCP ? TCP + (s->mss ? MSS : 0) : s->proto == IPPROTO_UDP ? UDP : 0;
	size_t data = s->size <= SEGMENT_DATA ? s->size : SEGMENT_DATA, size = head + data;
	uint8_t *at = to + write_ip(to, &s->from, &s->to, s->proto, size);
	uint8_t *sum = at + (s->proto == IPPROTO_TCP ? 16 : s->proto == IPPROTO_UDP ? 6 : 2);

	memset(at, 0, head);
	if (data)
		memcpy(at + head, s->data, data);
	if (head) {
		bytes_put(at, s->from_port, 2);
		bytes_put(at + 2, s->to_port, 2);
	}
	if (s->proto == IPPROTO_UDP)
		bytes_put(at + 4, (unsigned int)size, 2);
	if (s->proto == IPPROTO_TCP) {
		bytes_put(at + 4, s->seq, 4);
		bytes_put(at + 8, s->ack, 4);
		at[12] = (uint8_t)(head / 4 << 4);
		at[13] = s->flags;
		bytes_put(at + 14, s->window ? s->window : WINDOW, 2);
		if (s->mss) {
			at[TCP] = OPTION_MSS;
			at[TCP + 1] = MSS;
			bytes_put(at + TCP + 2, s->mss, 2);
		}
	}
	/* An echo of IPv4 has its checksum already, which covers no addresses. */
	if (s->proto != IPPROTO_ICMP) {
		uint16_t value;

		bytes_put(sum, 0, 2);
		value = checksum_fold(checksum_add(pseudo(&s->from, &s->to, s->proto, size), at, size));
		/* In UDP, 0 says that there is no checksum. */
		bytes_put(sum, value ? value : 0xffff, 2);
	}
	return (size_t)(at - to) + size;
}

/**
 * segment_wrap - write the headers that a vip's holder puts before a packet to a member via tunnel or gue
 * @outer:	receives the headers
 * @from:	address of this node
 * @to:		address of the member, of the same family
 * @gue:	the member is reached via gue
 * @inner:	the packet
 * @size:	its size, bytes
 *
 * Return: size of the headers, bytes
 */
size_t segment_wrap(uint8_t outer[SEGMENT_OUTER], const struct hasw_addr *from, const struct hasw_addr *to, bool gue,
		    const uint8_t *inner, size_t size)
{
	uint8_t proto = inner[0] >> 4 == 6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
	size_t whole = UDP + GUE + size;
	uint32_t total;
	uint8_t *at;

	if (!gue)
		return write_ip(outer, from, to, proto, size);
	at = outer + write_ip(outer, from, to, IPPROTO_UDP, whole);
	bytes_put(at, GUE_PORT, 2);
	bytes_put(at + 2, GUE_PORT, 2);
	bytes_put(at + 4, (unsigned int)whole, 2);
	bytes_put(at + 6, 0, 2);
	memset(at + UDP, 0, GUE);
	at[UDP + 1] = proto;
	total = checksum_add(pseudo(from, to, IPPROTO_UDP, whole), at, UDP + GUE);
	bytes_put(at + 6, checksum_fold(checksum_add(total, inner, size)), 2);
	return (size_t)(at - outer) + UDP + GUE;
}

static void take_address(struct hasw_addr *addr, const uint8_t *at, bool six)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = six ? AF_INET6 : AF_INET;
	memcpy(addr->bytes, at, six ? 16 : 4);
}

/**
 * struct body - where the headers of IP end
 * @six:	it is IPv6
 * @proto:	the protocol
 * @at:		what follows
 * @size:	its size, bytes
 */
struct body {
	bool six;
	uint8_t proto;
	const uint8_t *at;
	size_t size;
};

/* Reads the header of IP. Return: whether it is one, and the first or only fragment of a packet */
static bool read_ip(const uint8_t *at, size_t size, struct body *b)
{
	size_t head, whole;

	b->six = size && at[0] >> 4 == 6;
	if (b->six) {
		if (size < IP6)
			return false;
		b->proto = at[6];
		head = IP6;
		if (b->proto == IPPROTO_FRAGMENT) {
			if (size < IP6 + FRAGMENT || bytes_get(at + IP6 + 2, 2) & 0xfff8)
				return false;
			b->proto = at[IP6];
			head += FRAGMENT;
		}
	} else {
		head = size ? (size_t)(at[0] & 15) * 4 : 0;
		if (size < IP4 || at[0] >> 4 != 4 || head < IP4 || size < head || bytes_get(at + 6, 2) & 0x1fff)
			return false;
		b->proto = at[9];
	}
	/* A short frame is padded. Of the packet in an ICMP error only the beginning is there. */
	whole = b->six ? IP6 + bytes_get(at + 4, 2) : bytes_get(at + 2, 2);
	if (whole >= head && whole < size)
		size = whole;
	b->at = at + head;
	b->size = size - head;
	return true;
}

/* Reads an ICMP error about a packet to the vip. In it is the beginning of that packet. */
static void read_error(const struct body *b, struct heard *h)
{
	const uint8_t *asked = b->at + ICMP;
	struct body in;

	if (!read_ip(asked, b->size - ICMP, &in) || in.six != b->six || in.size < QUOTED ||
	    (in.proto != IPPROTO_TCP && in.proto != IPPROTO_UDP))
		return;
	take_address(&h->vip, asked + (in.six ? 24 : 16), in.six);
	take_address(&h->own, asked + (in.six ? 8 : 12), in.six);
	h->proto = in.proto;
	h->seq = in.proto == IPPROTO_TCP ? bytes_get(in.at + 4, 4) : 0;
	h->own_port = (uint16_t)bytes_get(in.at, 2);
	h->vip_port = (uint16_t)bytes_get(in.at + 2, 2);
	h->kind = b->at[1] == (b->six ? NO_PORT6 : NO_PORT4) ? HEARD_NO_PORT : HEARD_NO_WAY;
}

static void read_icmp(const struct body *b, struct heard *h)
{
	if (b->size < ICMP)
		return;
	h->data = b->at;
	h->size = b->size;
	if (b->at[0] == (b->six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY))
		h->kind = HEARD_ECHO;
	else if (b->at[0] == (b->six ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH))
		read_error(b, h);
}

/* Finds the option that says how long a segment may be. Return: its value; 0: there is none */
static uint16_t read_mss(const uint8_t *at, size_t size)
{
	while (size && at[0] != OPTION_END) {
		size_t length = at[0] == OPTION_NONE ? 1 : size > 1 ? at[1] : 0;

		if (!length || length > size || (at[0] != OPTION_NONE && length < 2))
			return 0;
		if (at[0] == OPTION_MSS && length == MSS)
			return (uint16_t)bytes_get(at + 2, 2);
		at += length;
		size -= length;
	}
	return 0;
}

static void read_tcp(const struct body *b, struct heard *h)
{
	size_t head = (size_t)(b->at[12] >> 4) * 4;

	if (head < TCP || head > b->size)
		return;
	h->flags = b->at[13] & (SEGMENT_FIN | SEGMENT_SYN | SEGMENT_RST | SEGMENT_PSH | SEGMENT_ACK);
	h->seq = (uint32_t)bytes_get(b->at + 4, 4);
	h->ack = (uint32_t)bytes_get(b->at + 8, 4);
	h->window = (uint16_t)bytes_get(b->at + 14, 2);
	h->data = b->at + head;
	h->size = b->size - head;
	if (h->flags & SEGMENT_SYN)
		h->mss = read_mss(b->at + TCP, head - TCP);
	if (!(h->flags & SEGMENT_ACK))
		h->kind = h->flags & SEGMENT_RST ? HEARD_STREAM : HEARD_FOREIGN;
	else if (h->flags & SEGMENT_RST)
		h->kind = HEARD_REFUSED;
	else
		h->kind = h->flags & SEGMENT_SYN ? HEARD_TAKEN : HEARD_STREAM;
}

/**
 * segment_read - read a packet
 * @at:		the packet, from its IP header on
 * @size:	its size, bytes
 * @h:		receives what it says
 */
void segment_read(const uint8_t *at, size_t size, struct heard *h)
{
	struct body b;

	memset(h, 0, sizeof(*h));
	if (!read_ip(at, size, &b))
		return;
	take_address(&h->vip, at + (b.six ? 8 : 12), b.six);
	take_address(&h->own, at + (b.six ? 24 : 16), b.six);
	h->proto = b.proto;
	if (b.proto == (b.six ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP)) {
		read_icmp(&b, h);
		return;
	}
	if (b.proto != IPPROTO_TCP && b.proto != IPPROTO_UDP)
		return;
	if (b.size < (b.proto == IPPROTO_TCP ? TCP : UDP))
		return;
	h->vip_port = (uint16_t)bytes_get(b.at, 2);
	h->own_port = (uint16_t)bytes_get(b.at + 2, 2);
	if (b.proto == IPPROTO_UDP) {
		h->kind = HEARD_DATAGRAM;
		h->data = b.at + UDP;
		h->size = b.size - UDP;
		return;
	}
	read_tcp(&b, h);
}

/**
 * segment_sum_good - look at the checksum of a segment of TCP
 * @at:		the packet, from its IP header on
 * @size:	its size, bytes
 *
 * Return: whether it is right, or the packet is none of TCP
 */
bool segment_sum_good(const uint8_t *at, size_t size)
{
	struct hasw_addr from, to;
	struct body b;

	if (!read_ip(at, size, &b) || b.proto != IPPROTO_TCP)
		return true;
	take_address(&from, at + (b.six ? 8 : 12), b.six);
	take_address(&to, at + (b.six ? 24 : 16), b.six);
	return !checksum_fold(checksum_add(pseudo(&from, &to, IPPROTO_TCP, b.size), b.at, b.size));
}
