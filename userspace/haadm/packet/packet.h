/* SPDX-License-Identifier: GPL-2.0 */
/* A packet described by the arguments of haadm explain, and its encoding as bytes. */

#ifndef HAADM_PACKET_H
#define HAADM_PACKET_H

#include "lib/addr.h"

/* TCP flags, as in the TCP header. */
#define PACKET_FIN 0x01
#define PACKET_SYN 0x02
#define PACKET_RST 0x04
#define PACKET_ACK 0x10

struct packet {
	struct hasw_svc from;	/* source; without a port, packet_ends() sets a high one if the protocol has ports */
	struct hasw_svc to;	/* destination; without a protocol, packet_ends() sets TCP, or ICMP without a port */
	uint8_t tcp;		/* PACKET_* flags; 0: a SYN */
	uint8_t ttl;
	uint16_t len;		/* length with the IP header, bytes; 0: the shortest possible */
	bool df;
};

/*
 * Parses the source "ADDR[:PORT]" and the destination "ADDR[:PORT][/PROTO]". Returns
 * NULL, or the error as a phrase that can end a sentence; *WORD is then the wrong
 * argument.
 */
const char *packet_ends(struct packet *packet, const char *from, const char *to, const char **word);

/*
 * Writes the packet with valid checksums into buf. Returns its length, or 0 if
 * packet->len is too short or too long. *LEAST is the shortest possible length.
 */
size_t packet_build(const struct packet *packet, uint8_t *buf, size_t size, size_t *least);

#endif
