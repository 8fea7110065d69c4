/* SPDX-License-Identifier: GPL-2.0 */
/* Packets to a vip that a check writes by hand, and what is read of the answers. */
#ifndef CHECKS_SEGMENT_H
#define CHECKS_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

#define SEGMENT_DATA	1024	/* most bytes behind the headers */
#define SEGMENT_ROOM	(40 + 24 + SEGMENT_DATA)	/* longest packet, bytes */
#define SEGMENT_OUTER	(40 + 8 + 4)	/* longest headers of a tunnel, bytes */

#define SEGMENT_FIN	0x01	/* flags of TCP */
#define SEGMENT_SYN	0x02
#define SEGMENT_RST	0x04
#define SEGMENT_PSH	0x08
#define SEGMENT_ACK	0x10

/**
 * struct segment - a packet to be written
 * @from:	source
 * @to:		destination, of the same family
 * @proto:	IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP or IPPROTO_ICMPV6
 * @from_port:	source port
 * @to_port:	destination port
 * @flags:	TCP: SEGMENT_SYN and so on
 * @seq:	TCP: sequence number
 * @ack:	TCP: the number that is expected next, with SEGMENT_ACK
 * @window:	TCP: so many bytes may come; 0: one small answer
 * @mss:	TCP: longest segment that may come, for the option of a SYN; 0: no option
 * @data:	TCP and UDP: what follows the header; ICMP: the whole message
 * @size:	size of @data, bytes, at most SEGMENT_DATA
 */
struct segment {
	struct hasw_addr from;
	struct hasw_addr to;
	uint8_t proto;
	uint16_t from_port;
	uint16_t to_port;
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
	uint16_t window;
	uint16_t mss;
	const void *data;
	size_t size;
};

enum heard_kind {
	HEARD_FOREIGN,		/* nothing that a check waits for */
	HEARD_TAKEN,		/* SYN and ACK: the connection is taken */
	HEARD_REFUSED,		/* RST and ACK */
	HEARD_STREAM,		/* another segment of a connection: it has an ACK, or is a RST */
	HEARD_DATAGRAM,		/* UDP */
	HEARD_ECHO,		/* an echo reply */
	HEARD_NO_PORT,		/* an ICMP error: nobody listens at the port */
	HEARD_NO_WAY,		/* another ICMP error: the packet did not arrive */
};

/**
 * struct heard - what a packet says
 * @kind:	an enum heard_kind
 * @vip:	address that answers; of an ICMP error, the one that was asked
 * @own:		address that had asked
 * @proto:	protocol; of an ICMP error, that of the packet that it is about
 * @vip_port:	port there; 0 of an echo reply
 * @own_port:	port that had asked; 0 of an echo reply
 * @flags:	TCP: SEGMENT_SYN and so on
 * @ack:	TCP: the number that is acknowledged
 * @seq:	TCP: sequence number; of an ICMP error about TCP, that of the packet that it is about
 * @window:	TCP: so many bytes may be sent
 * @mss:	TCP: the option of a SYN; 0: there is none
 * @data:	TCP and UDP: what follows the header; ICMP: the message; it lies in the packet
 * @size:	size of @data, bytes
 */
struct heard {
	enum heard_kind kind;
	struct hasw_addr vip;
	struct hasw_addr own;
	uint8_t proto;
	uint16_t vip_port;
	uint16_t own_port;
	uint8_t flags;
	uint32_t ack;
	uint32_t seq;
	uint16_t window;
	uint16_t mss;
	const uint8_t *data;
	size_t size;
};

size_t segment_write(uint8_t to[SEGMENT_ROOM], const struct segment *s);
size_t segment_wrap(uint8_t outer[SEGMENT_OUTER], const struct hasw_addr *from, const struct hasw_addr *to, bool gue,
		    const uint8_t *inner, size_t size);
void segment_read(const uint8_t *at, size_t size, struct heard *h);
bool segment_sum_good(const uint8_t *at, size_t size);

#endif
