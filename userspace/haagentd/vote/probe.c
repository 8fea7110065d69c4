// SPDX-License-Identifier: GPL-2.0
/* ARP and neighbour discovery packets without their Ethernet header: building and recognizing them. */
#include <string.h>

#include "probe.h"

/*
 * Offsets in an ARP packet. Its fields are: types and lengths, 6 bytes; operation, 2; sender's MAC, 6, and IP
 * address, 4; target's MAC, 6, and IP address, 4.
 */
#define ARP_MAC		8
#define ARP_ADDRESS	14
#define ARP_TARGET	24

/*
 * Offsets in a neighbour solicitation. Its fields are: IPv6 header, 40 bytes; ICMPv6 type, 1;
 * code, 1; checksum, 2; reserved, 4; target, 16; options.
 */
#define IP_PROTOCOL	6
#define IP_HOPS		7
#define IP_SOURCE	8
#define IP_TO		24
#define ICMP		40
#define ICMP_CHECKSUM	42
#define ICMP_TARGET	48
#define ICMP_OPTION	64

#define ICMPV6		58
#define SOLICITATION	135
#define ADVERTISEMENT	136

static const uint8_t arp_head[] = { 0, 1, 8, 0, 6, 4 };
static const uint8_t solicited_node[] = {
	0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff,
};

/**
 * probe_arp - build an ARP request for an address
 * @mac:	MAC of the sending device
 * @target:	the address
 * @to:		filled with the packet
 *
 * The sender's IP address is zero (RFC 5227), so that no receiver updates its neighbour entries.
 */
void probe_arp(const uint8_t mac[6], const uint8_t target[4], uint8_t to[PROBE_ARP])
{
	memset(to, 0, PROBE_ARP);
	memcpy(to, arp_head, sizeof(arp_head));
	to[7] = 1;
	memcpy(to + ARP_MAC, mac, 6);
	memcpy(to + ARP_TARGET, target, 4);
}

/**
 * probe_arp_is - return whether an ARP packet shows that a host uses an address
 * @data:	the packet: a reply, or a request that was sent from the address
 * @size:	length of the packet, bytes
 * @target:	the address
 * @mac:	receives the MAC of the host
 *
 * Return: yes or no
 */
bool probe_arp_is(const uint8_t *data, size_t size, const uint8_t target[4],
		  uint8_t mac[6])
{
	if (size < PROBE_ARP || memcmp(data, arp_head, sizeof(arp_head)) ||
	    memcmp(data + ARP_ADDRESS, target, 4))
		return false;
	memcpy(mac, data + ARP_MAC, 6);
	return true;
}

static uint32_t sum(const uint8_t *data, size_t size)
{
	uint32_t total = 0;
	size_t i;

	for (i = 0; i + 1 < size; i += 2)
		total += (uint32_t)data[i] << 8 | data[i + 1];
	return total;
}

/**
 * probe_nd - build a neighbour solicitation for an IPv6 address
 * @mac:	MAC of the sending device
 * @source:	link-local address of the sending device
 * @target:	the address
 * @to:		filled with the packet, from its IPv6 header on
 */
void probe_nd(const uint8_t mac[6], const uint8_t source[16],
	      const uint8_t target[16], uint8_t to[PROBE_ND])
{
	uint32_t total;

	memset(to, 0, PROBE_ND);
	to[0] = 0x60;
	to[5] = PROBE_ND - ICMP;
	to[IP_PROTOCOL] = ICMPV6;
	to[IP_HOPS] = 255;
	memcpy(to + IP_SOURCE, source, 16);
	memcpy(to + IP_TO, solicited_node, sizeof(solicited_node));
	memcpy(to + IP_TO + sizeof(solicited_node), target + 13, 3);
	to[ICMP] = SOLICITATION;
	memcpy(to + ICMP_TARGET, target, 16);
	/* Option type 1 is the source link-layer address. The option's length is 1 unit of 8 bytes. */
	to[ICMP_OPTION] = 1;
	to[ICMP_OPTION + 1] = 1;
	memcpy(to + ICMP_OPTION + 2, mac, 6);
	/* The checksum includes the pseudo-header: both addresses, length, protocol. */
	total = sum(to + IP_SOURCE, PROBE_ND - IP_SOURCE) + PROBE_ND - ICMP + ICMPV6;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	total ^= 0xffff;
	to[ICMP_CHECKSUM] = (uint8_t)(total >> 8);
	to[ICMP_CHECKSUM + 1] = (uint8_t)total;
}

/**
 * probe_nd_is - return whether a packet shows that a host uses an IPv6 address
 * @data:	the packet, from its IPv6 header on
 * @size:	length of the packet, bytes
 * @target:	the address
 *
 * Return: yes or no
 */
bool probe_nd_is(const uint8_t *data, size_t size, const uint8_t target[16])
{
	return size >= ICMP_OPTION && data[IP_PROTOCOL] == ICMPV6 &&
	       data[IP_HOPS] == 255 && data[ICMP] == ADVERTISEMENT &&
	       !memcmp(data + ICMP_TARGET, target, 16);
}

/**
 * probe_words - return the text for an exit code of a probe
 * @code:	the code
 *
 * Return: the text
 */
const char *probe_words(int code)
{
	switch (code) {
	case PROBE_SILENT:
		return "nothing answers on the client links";
	case PROBE_ANSWERED:
		return "something answers on a client link";
	case PROBE_NO_LINK:
		return "no client link is up here";
	case PROBE_AGENTLESS:
		return "it says itself that no agent runs there, and that it holds no lease";
	default:
		return "the client links cannot be asked";
	}
}
