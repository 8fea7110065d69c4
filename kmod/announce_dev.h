/* SPDX-License-Identifier: GPL-2.0 */
/* Announcing a vip on its devices, and on which of them that is not possible yet. */
#ifndef HASW_ANNOUNCE_DEV_H
#define HASW_ANNOUNCE_DEV_H

#include "vip.h"

bool hasw_announce_up(const struct net_device *dev);
u8 hasw_announce_devs(struct hasw_net *hn, const struct hasw_vip *vip, u8 which,
		      unsigned int *sent);

#endif
