/* SPDX-License-Identifier: GPL-2.0 */
/* A packet as people describe it, and the bytes that it has. */

#ifndef HAADM_PACKET_H
#define HAADM_PACKET_H

#include "lib/addr.h"

/* Flags of TCP, as its header has them. */
#define PACKET_FIN 0x01
#define PACKET_SYN 0x02
#define PACKET_RST 0x04
#define PACKET_ACK 0x10

struct packet {
	struct hasw_svc from;	/* port 0: a high one, where the protocol has ports */
	struct hasw_svc to;	/* protocol 0: TCP with a port, else an echo */
	uint8_t tcp;		/* PACKET_*; 0: a SYN */
	uint8_t ttl;
	uint16_t len;		/* from the IP header on; 0: no longer than it has to be */
	bool df;
};

/*
 * Understands both ends: "ADDR[:PORT]" and "ADDR[:PORT][/PROTO]". NULL, or
 * what is wrong, as a phrase that a sentence can end with; *WORD is about what.
 */
const char *packet_ends(struct packet *packet, const char *from, const char *to, const char **word);

/*
 * Writes the packet with right checksums. Returns its length, or 0 and, in
 * *LEAST, how long it has to be at least.
 */
size_t packet_build(const struct packet *packet, uint8_t *buf, size_t size, size_t *least);

#endif
