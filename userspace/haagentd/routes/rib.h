/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's routes of protocol haswitch that announce vips: blackhole routes of one address each. */
#ifndef HAAGENTD_RIB_H
#define HAAGENTD_RIB_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"

struct mnl_socket;

#define RIB_PROTOCOL	72	/* `haswitch` in rt_protos.d */
#define RIB_BATCH	256	/* maximum number of requests by one system call */

/**
 * struct rib - a socket to the kernel's routes, and the requests that are not sent yet
 * @nl:		the rtnetlink socket
 * @seq:	sequence number of the last request
 * @n:		number of requests in @batch
 * @size:	their length, bytes
 * @batch:	the requests
 */
struct rib {
	struct mnl_socket *nl;
	uint32_t seq;
	unsigned int n;
	size_t size;
	char batch[RIB_BATCH * 128] __attribute__((aligned(4)));
};

/* Callback for each route of the protocol. */
typedef void (*rib_fn)(void *arg, const struct hasw_addr *addr, uint32_t table);

int rib_open(struct rib *rib);
void rib_close(struct rib *rib);
int rib_list(struct rib *rib, rib_fn fn, void *arg);
void rib_put(struct rib *rib, bool add, const struct hasw_addr *addr, uint32_t table);
bool rib_full(const struct rib *rib);
int rib_send(struct rib *rib);

#endif
