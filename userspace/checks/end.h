/* SPDX-License-Identifier: GPL-2.0 */
/* This node's end of all checks through the vip: its packet sockets and its ports. */
#ifndef CHECKS_END_H
#define CHECKS_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checks/way.h"

struct event;
struct event_base;
struct job;
struct segment;

#define END_PORTS	32	/* ports of each family: so many members of a service are checked at a time */

/**
 * struct end - this node's end of all checks of a family
 * @family:	AF_INET or AF_INET6
 * @packet:	packet socket, or -1
 * @raw:	raw socket for packets in tunnels, or -1
 * @plain:	UDP socket that makes the kernel ask for link-layer addresses, or -1
 * @err:	errno of the socket that could not be opened
 * @ports:	ports that this process keeps, so that no other one has them, for TCP and UDP
 * @socks:	the sockets of TCP that keep them, whose filter drops all
 * @loud:	errno of such a filter, or 0
 * @next:	index in @ports that is tried first: a late answer finds no check at its port
 * @silent:	the stack finds @socks for segments to @ports, and thus sends no RST
 * @ready:	@ports are taken, and @packet gets what comes to them
 * @heard:	fires when something comes
 */
struct end {
	int family;
	int packet;
	int raw;
	int plain;
	int err;
	uint16_t ports[END_PORTS];
	int socks[END_PORTS];
	int loud;
	unsigned int next;
	bool silent;
	bool ready;
	struct event *heard;
};

typedef void end_take(const uint8_t *at, size_t size, bool summed);

void ends_open(struct event_base *base, end_take *take);
struct end *end_of(int family);
int end_make_ready(struct end *end);
int end_make_silent(struct end *end);
enum way_found end_send(const struct job *job, const struct segment *s, int *err);

#endif
