/* SPDX-License-Identifier: GPL-2.0 */
/* The penalty of a node, which grows with each death and decays with time. */
#ifndef HASW_DAMP_H
#define HASW_DAMP_H

#include <linux/types.h>

/* The damping follows route-flap damping (RFC 2439), with times for machines.
 * The third death within some 30 s keeps a node held until no death follows for
 * about 95 s. A node is never damped for more than 3 minutes after its last
 * death.
 */
#define HASW_DAMP_DEATH		1000	/* added by each death */
#define HASW_DAMP_SUPPRESS	2500	/* a node above it stays held */
#define HASW_DAMP_REUSE		1000	/* a node below it is not damped */
#define HASW_DAMP_MAX		8000	/* largest penalty */
#define HASW_DAMP_HALF_LIFE	60	/* s */

/**
 * struct hasw_damp - the penalty of a node
 * @at: time at which @penalty was computed, ns
 * @penalty: the penalty at @at, before later decay
 * @suppressed: the penalty was above HASW_DAMP_SUPPRESS, and was not found
 *	below HASW_DAMP_REUSE since then
 *
 * The lock of the node protects all members.
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
