/* SPDX-License-Identifier: GPL-2.0 */
/* Announcements of vips (gratuitous ARP and unsolicited NA) at a limited rate,
 * and the netfilter hooks that filter ARP packets for vips.
 */
#ifndef HASW_ANNOUNCE_H
#define HASW_ANNOUNCE_H

#include "service/vip.h"

int hasw_announce_init(struct hasw_net *hn);
void hasw_announce_exit(struct hasw_net *hn);
void hasw_announce_dev(struct hasw_net *hn, struct net_device *dev,
		       unsigned long event);
void hasw_announce_addr(struct hasw_net *hn, const struct net_device *dev,
			u16 family, unsigned long event);
int hasw_announce_hook(struct hasw_net *hn);
void hasw_announce_unhook(struct hasw_net *hn);
void hasw_announce_vip(struct hasw_net *hn, const struct hasw_vip *vip);
bool hasw_announce_pending(struct hasw_net *hn);
void hasw_announce_vips(struct hasw_net *hn, const struct hasw_config *cfg,
			const struct hasw_config *before);
void hasw_announce_lease(struct hasw_net *hn, const struct hasw_lease *lease);
void hasw_announce_sync(struct hasw_net *hn);
void hasw_announce_sync_vip(struct hasw_net *hn, const struct in6_addr *addr,
			    bool gone);
void hasw_announce_flush(struct hasw_net *hn);

#endif
