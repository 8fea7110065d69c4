/* SPDX-License-Identifier: GPL-2.0 */
/* Probes: ARP or neighbour discovery packets that ask whether a host uses an address. */
#ifndef HAAGENTD_PROBE_H
#define HAAGENTD_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haagentd/clock.h"

#define PROBE_ARP	28	/* bytes of an ARP packet */
#define PROBE_ROUNDS	4			/* how often each address is asked for */
#define PROBE_PAUSE	(100 * CLOCK_MS)	/* wait after each round, ns; doubled after the last round */
#define PROBE_TIME	((PROBE_ROUNDS + 1) * PROBE_PAUSE) /* how long a probe takes if nothing answers, ns */
#define PROBE_ND	72	/* bytes of a neighbour solicitation, including its IPv6 header */

/* Exit codes of `haagentd --probe`. */
enum probe_exit {
	PROBE_SILENT = 0,	/* nothing replies on the client links */
	PROBE_UNASKED = 2,	/* the probes could not be prepared or sent */
	PROBE_ANSWERED = 3,	/* a host replies on a client link */
	PROBE_NO_LINK = 4,	/* no client link of this machine is up */
	PROBE_AGENTLESS = 5,	/* a host replies that serves nothing; its module says that no agent runs there */
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
