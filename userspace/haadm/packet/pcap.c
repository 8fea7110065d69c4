// SPDX-License-Identifier: GPL-2.0
/* A reader of packets from files of the classic pcap format, in either byte order. */

#include <stdarg.h>
#include <string.h>

#include "pcap.h"

/*
 * The magic numbers of pcap files: MAGIC for timestamps in microseconds, MAGIC_NS for timestamps in nanoseconds. haadm
 * does not use the timestamps.
 */
#define MAGIC 0xa1b2c3d4
#define MAGIC_NS 0xa1b23c4d
/* The magic number of pcapng, which haadm does not read. */
#define MAGIC_NG 0x0a0d0d0a

#define LINK_ETHERNET 1
#define LINK_RAW 101
#define LINK_IPV4 228
#define LINK_IPV6 229
/* Link types of raw IP in files of some BSD systems. */
#define LINK_RAW_BSD 12
#define LINK_RAW_OPENBSD 14

#define FILE_HEAD 24
#define PACKET_HEAD 16
#define ETH_HEAD 14
#define TAG 4

static int wrong(struct pcap *pcap, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int wrong(struct pcap *pcap, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(pcap->text, sizeof(pcap->text), format, args);
	va_end(args);
	return -1;
}

static uint32_t word(const struct pcap *pcap, const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return pcap->swapped ? __builtin_bswap32(value) : value;
}

int pcap_begin(struct pcap *pcap, FILE *file)
{
	uint8_t head[FILE_HEAD];
	uint32_t magic;

	pcap->file = file;
	pcap->swapped = false;
	pcap->number = 0;
	if (fread(head, 1, sizeof(head), file) != sizeof(head))
		return wrong(pcap, ferror(file) ? "it cannot be read" : "it is too short for a pcap file");
	magic = word(pcap, head);
	if (magic == MAGIC_NG)
		return wrong(pcap, "it is a pcapng file: make a pcap file of it (\"tcpdump -r FILE -w FILE2\")");
	if (magic != MAGIC && magic != MAGIC_NS) {
		pcap->swapped = true;
		magic = word(pcap, head);
	}
	if (magic != MAGIC && magic != MAGIC_NS)
		return wrong(pcap, "it is no pcap file");
	/* The upper bits of the link type describe the frame check sequences of frames, and are masked off. */
	pcap->link = word(pcap, head + 20) & 0x03ffffff;
	switch (pcap->link) {
	case LINK_ETHERNET:
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		return 0;
	}
	return wrong(pcap, "its link type is %u; known are Ethernet (1) and raw IP (101)", pcap->link);
}

static uint16_t ether_type(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* Finds the IP packet in an Ethernet frame, behind any VLAN tags. If there is no IP packet, packet->ip stays NULL. */
static void open_frame(const uint8_t *frame, size_t len, struct pcap_packet *packet)
{
	size_t at = ETH_HEAD;
	uint16_t type;

	if (len < at)
		return;
	type = ether_type(frame + 12);
	while ((type == 0x8100 || type == 0x88a8) && at + TAG <= len) {
		type = ether_type(frame + at + 2);
		at += TAG;
	}
	if (type != 0x0800 && type != 0x86dd)
		return;
	packet->ip = frame + at;
	packet->len = len - at;
	packet->lladdr = frame + 6;
}

int pcap_next(struct pcap *pcap, struct pcap_packet *packet)
{
	uint8_t head[PACKET_HEAD];
	size_t got = fread(head, 1, sizeof(head), pcap->file);
	uint32_t len;

	if (!got && feof(pcap->file))
		return 0;
	pcap->number++;
	if (got != sizeof(head))
		return wrong(pcap, "packet %lu: the file ends in the midst of its header", pcap->number);
	len = word(pcap, head + 8);
	if (len > PCAP_MOST)
		return wrong(pcap, "packet %lu: %u bytes, more than %u: the file is damaged", pcap->number, len, PCAP_MOST);
	if (fread(pcap->frame, 1, len, pcap->file) != len)
		return wrong(pcap, "packet %lu: the file ends in the midst of it", pcap->number);
	memset(packet, 0, sizeof(*packet));
	packet->cut = word(pcap, head + 12) > len;
	if (pcap->link == LINK_ETHERNET) {
		open_frame(pcap->frame, len, packet);
	} else {
		packet->ip = pcap->frame;
		packet->len = len;
	}
	return 1;
}
