/* SPDX-License-Identifier: GPL-2.0 */
/* Others who use vips that this node holds: who was told of, and when. */
#ifndef HAAGENTD_CONFLICT_H
#define HAAGENTD_CONFLICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/addr.h"

#define CONFLICTS	64	/* as many as the module keeps */
#define CONFLICT_AGAIN	UINT64_C(60000000000)	/* it is told again after so long, ns */

/**
 * struct conflict - somebody who uses a vip
 * @vip:	the vip
 * @lladdr:	where the one is
 * @told:	when this was told last, ns
 */
struct conflict {
	struct hasw_addr vip;
	uint8_t lladdr[6];
	uint64_t told;
};

/**
 * struct conflicts - those of whom was told
 * @n:		how many
 * @list:	they
 */
struct conflicts {
	unsigned int n;
	struct conflict list[CONFLICTS];
};

bool conflict_tell(struct conflicts *c, const struct hasw_addr *vip,
		   const uint8_t lladdr[6], uint64_t now);
const char *conflict_who(const char *node, const uint8_t lladdr[6], char *buf,
			 size_t size);

#endif
