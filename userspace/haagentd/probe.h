/* SPDX-License-Identifier: GPL-2.0 */
/* Questions for an address by ARP and neighbour discovery, and what answers them. */
#ifndef HAAGENTD_PROBE_H
#define HAAGENTD_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_ARP	28	/* bytes of an ARP packet */
#define PROBE_ND	72	/* of a neighbour solicitation, its IPv6 header included */

/* Exit codes of `haagentd --probe`, beside 0: nothing answers. */
enum probe_exit {
	PROBE_SILENT = 0,
	PROBE_UNASKED = 2,	/* the client links cannot be asked */
	PROBE_ANSWERED = 3,	/* something answers on one of them */
	PROBE_NO_LINK = 4,	/* none of them is up here */
};

void probe_arp(const uint8_t mac[6], const uint8_t target[4], uint8_t to[PROBE_ARP]);
bool probe_arp_is(const uint8_t *data, size_t size, const uint8_t target[4],
		  uint8_t mac[6]);
void probe_nd(const uint8_t mac[6], const uint8_t source[16],
	      const uint8_t target[16], uint8_t to[PROBE_ND]);
bool probe_nd_is(const uint8_t *data, size_t size, const uint8_t target[16]);
const char *probe_words(int code);
int probe_node(const char *node);

#endif
