/* SPDX-License-Identifier: GPL-2.0 */
/* What a scheduler is: it picks a member of a service for a packet. */
#ifndef HASW_SCHED_H
#define HASW_SCHED_H

#include "service.h"

/**
 * struct hasw_sched - a scheduler
 * @id: enum haswitch_sched
 * @pick: picks a member; RCU read side; NULL when none is usable
 */
struct hasw_sched {
	u8 id;
	struct hasw_member *(*pick)(const struct hasw_service *service);
};

extern const struct hasw_sched hasw_sched_active_standby;

struct hasw_member *
hasw_sched_active_standby_pick(const struct hasw_service *service);

#endif
