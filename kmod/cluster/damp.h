/* SPDX-License-Identifier: GPL-2.0 */
/* The penalty of a node that dies again and again, which time makes smaller. */
#ifndef HASW_DAMP_H
#define HASW_DAMP_H

#include <linux/types.h>

/* As in route-flap damping (RFC 2439), for a machine's times: the third death
 * within some 30 s keeps a node held until no death follows for about 95 s, and
 * never longer than 3 minutes after its last one.
 */
#define HASW_DAMP_DEATH		1000	/* added by each death */
#define HASW_DAMP_SUPPRESS	2500	/* above it, the node stays held */
#define HASW_DAMP_REUSE		1000	/* below it, no longer */
#define HASW_DAMP_MAX		8000
#define HASW_DAMP_HALF_LIFE	60	/* s */

/**
 * struct hasw_damp - what a node's deaths have added up to
 * @at: for when @penalty is, ns
 * @penalty: at that time
 * @suppressed: it was above HASW_DAMP_SUPPRESS and not below HASW_DAMP_REUSE
 *	since
 *
 * The lock of the node that it is of protects it.
 */
struct hasw_damp {
	u64 at;
	u32 penalty;
	bool suppressed;
};

u32 hasw_damp_penalty(const struct hasw_damp *damp, u64 now);
void hasw_damp_death(struct hasw_damp *damp, u64 now);
bool hasw_damp_suppressed(struct hasw_damp *damp, u64 now);
u64 hasw_damp_reuse(const struct hasw_damp *damp);

#endif
