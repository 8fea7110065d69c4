/* SPDX-License-Identifier: GPL-2.0 */
/* Announcing a vip on its client-facing devices. */
#ifndef HASW_ANNOUNCE_DEV_H
#define HASW_ANNOUNCE_DEV_H

#include "core/stats.h"
#include "service/vip.h"

unsigned int hasw_announce_devs(struct hasw_net *hn, struct hasw_vip *vip,
				int ifindex, enum hasw_stat stat);

#endif
