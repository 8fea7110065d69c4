/* SPDX-License-Identifier: GPL-2.0 */
/* Somebody else who uses a vip that this node holds: told, and how often it is answered. */
#ifndef HASW_CONFLICT_H
#define HASW_CONFLICT_H

#include "service/vip.h"

int hasw_conflict_init(struct hasw_net *hn);
void hasw_conflict_exit(struct hasw_net *hn);
bool hasw_conflict_seen(struct hasw_net *hn, const struct hasw_vip *vip,
			const struct net_device *dev, const u8 *lladdr);

#endif
