/* SPDX-License-Identifier: GPL-2.0 */
/* Vip conflicts: another host uses a vip of this node. The list records when each one was logged. */
#ifndef HAAGENTD_CONFLICT_H
#define HAAGENTD_CONFLICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

#define CONFLICTS	64	/* maximum number of conflicts in the list, as in the module */
#define CONFLICT_AGAIN	UINT64_C(60000000000)	/* minimum time between two logs of a conflict, ns */

/**
 * struct conflict - a host that also uses a vip of this node
 * @vip:	the vip
 * @lladdr:	the host's MAC address
 * @told:	when this conflict was logged last, ns
 */
struct conflict {
	struct hasw_addr vip;
	uint8_t lladdr[6];
	uint64_t told;
};

/**
 * struct conflicts - the conflicts that were logged
 * @n:		number of entries in @list
 * @list:	the conflicts
 */
struct conflicts {
	unsigned int n;
	struct conflict list[CONFLICTS];
};

bool conflict_ratelimit(struct conflicts *c, const struct hasw_addr *vip,
			const uint8_t lladdr[6], uint64_t now);
const char *conflict_who(const char *node, const uint8_t lladdr[6], char *buf,
			 size_t size);

#endif
