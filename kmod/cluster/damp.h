/* SPDX-License-Identifier: GPL-2.0 */
/* The penalty of a node grows with each death and decays with time. A node with
 * a high penalty is damped: when it returns, it stays held. Services use a held
 * node only if no better node is usable.
 */
#ifndef HASW_DAMP_H
#define HASW_DAMP_H

#include <linux/types.h>

/* The damping follows route-flap damping (RFC 2439), but its times are chosen
 * for machines instead of routes. After three deaths within about 30 s, a node
 * stays held until 80 to 95 s have passed without another death. Damping lasts
 * at most about 3 minutes after a node's last death.
 */
#define HASW_DAMP_DEATH		1000	/* penalty of one death */
#define HASW_DAMP_SUPPRESS	2500	/* damping begins above this penalty */
#define HASW_DAMP_REUSE		1000	/* damping ends below this penalty */
#define HASW_DAMP_MAX		8000	/* upper limit of a penalty */
#define HASW_DAMP_HALF_LIFE	60	/* half-life of a penalty, s */

/**
 * struct hasw_damp - the penalty of a node
 * @at: start of the decay step in which @penalty was computed, ns
 * @penalty: penalty after the last death; it decays from @at on
 * @suppressed: the node is damped: its penalty was above HASW_DAMP_SUPPRESS,
 *	and no later check has found the penalty below HASW_DAMP_REUSE
 *
 * hasw_net.state_lock protects all fields.
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
