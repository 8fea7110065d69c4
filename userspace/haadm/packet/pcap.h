/* SPDX-License-Identifier: GPL-2.0 */
/* A reader of packets from files of the classic pcap format, in either byte order. */

#ifndef HAADM_PCAP_H
#define HAADM_PCAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/haswitch.h>

/*
 * Maximum length of a packet, bytes; a longer one means that the file is damaged. `haadm explain` skips packets longer
 * than HASWITCH_EXPLAIN_MAX.
 */
#define PCAP_MOST 65535

struct pcap {
	FILE *file;
	bool swapped;
	uint32_t link;		/* link type: LINKTYPE_ETHERNET or one for raw IP */
	unsigned long number;	/* number of the packet that was read last; the first one is 1 */
	uint8_t frame[PCAP_MOST];
	char text[160];		/* error text */
};

struct pcap_packet {
	const uint8_t *ip;	/* the IP header; NULL: the packet is no IP packet */
	size_t len;
	const uint8_t *lladdr;	/* the frame's source MAC address, or NULL */
	bool cut;		/* the capture truncated the packet (snaplen) */
};

/* Reads the file header. Returns 0; or -1, with the error in pcap->text. The caller closes FILE. */
int pcap_begin(struct pcap *pcap, FILE *file);

/* Reads a packet, which is valid until the next call. Returns 1; 0 at the end; or -1, with the error in pcap->text. */
int pcap_next(struct pcap *pcap, struct pcap_packet *packet);

#endif
