/* SPDX-License-Identifier: GPL-2.0 */
/* Reads packets from a file of the classic pcap format, whoever's byte order it has. */

#ifndef HAADM_PCAP_H
#define HAADM_PCAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/haswitch.h>

/* A packet in the file can be longer than what is explained: it is read to here. */
#define PCAP_MOST 65535

struct pcap {
	FILE *file;
	bool swapped;
	uint32_t link;		/* LINKTYPE_ETHERNET, or a raw IP one */
	unsigned long number;	/* of the packet, from 1 */
	uint8_t frame[PCAP_MOST];
	char text[160];		/* what is wrong */
};

struct pcap_packet {
	const uint8_t *ip;	/* from the IP header on; NULL: it is no IP packet */
	size_t len;
	const uint8_t *lladdr;	/* of the frame's sender, or NULL */
	bool cut;		/* the file has less of it than there was */
};

/* 0, or -1 and pcap->text. FILE is the caller's. */
int pcap_begin(struct pcap *pcap, FILE *file);

/* 1: a packet, until the next call; 0: the end; -1: pcap->text says what is wrong. */
int pcap_next(struct pcap *pcap, struct pcap_packet *packet);

#endif
