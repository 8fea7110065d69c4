/* SPDX-License-Identifier: GPL-2.0 */
/* Devices of rtnl kind "haswitch", which carry the addresses of local vips, or
 * show the state of a lease.
 */
#ifndef HASW_LINK_H
#define HASW_LINK_H

#include "core/haswitch.h"

void hasw_link_init(struct hasw_net *hn);
void hasw_link_exit(struct hasw_net *hn);
void hasw_link_event(struct net_device *dev, unsigned long event);
int hasw_link_register(void);
void hasw_link_unregister(void);

#endif
