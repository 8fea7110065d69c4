/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel knows: by which device and link-layer address a node is reached, and who listens on this machine. */
#ifndef CHECKS_WAY_H
#define CHECKS_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"

/**
 * struct way - how a frame reaches a node
 * @ifindex:	the device
 * @mac:	link-layer address of the node
 */
struct way {
	int ifindex;
	uint8_t mac[6];
};

enum way_found {
	WAY_FOUND,
	WAY_NONE,		/* there is no route */
	WAY_ROUTER,		/* the node is behind a router */
	WAY_SILENT,		/* no link-layer address is known yet */
	WAY_UNKNOWN,		/* the kernel does not say; errno is set */
};

enum way_listens {
	LISTENS_YES,
	LISTENS_ANY,		/* yes, and at all addresses of this machine */
	LISTENS_NO,
	LISTENS_ELSEWHERE,	/* the address is none of this machine */
	LISTENS_UNKNOWN,	/* the kernel does not say; errno is set */
};

enum way_found way_find(const struct hasw_addr *to, struct way *way);
enum way_listens way_listens(const struct hasw_addr *at, uint8_t proto, uint16_t port);

#endif
