/* SPDX-License-Identifier: GPL-2.0 */
/* A packet that the arguments of `haadm explain` describe, and its encoding as bytes. */

#ifndef HAADM_PACKET_H
#define HAADM_PACKET_H

#include "lib/addr.h"

/* TCP flags, as in the TCP header. */
#define PACKET_FIN 0x01
#define PACKET_SYN 0x02
#define PACKET_RST 0x04
#define PACKET_ACK 0x10

struct packet {
	struct hasw_svc from;	/* source; packet_ends() adds a high port if the protocol has ports and none is given */
	struct hasw_svc to;	/* destination; packet_ends() adds a missing protocol: TCP with a port, else ICMP */
	uint8_t tcp;		/* PACKET_* flags; 0: a SYN */
	uint8_t ttl;
	uint16_t len;		/* length with the IP header, bytes; 0: the shortest possible */
	bool df;
};

/*
 * Parses the source "ADDR[:PORT]" and the destination "ADDR[:PORT][/PROTO]". Returns NULL on success. Otherwise sets
 * *WORD to the wrong argument, and returns the error as a phrase to print after that argument.
 */
const char *packet_ends(struct packet *packet, const char *from, const char *to, const char **word);

/*
 * Writes the packet with valid checksums into buf, and sets *LEAST to the shortest possible length. Returns the
 * packet's length, or 0 if packet->len is too short or too long.
 */
size_t packet_build(const struct packet *packet, uint8_t *buf, size_t size, size_t *least);

#endif
