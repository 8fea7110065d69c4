/* SPDX-License-Identifier: GPL-2.0 */
/* Devices of rtnl kind "haswitch", which carry the addresses of local vips. */
#ifndef HASW_LINK_H
#define HASW_LINK_H

int hasw_link_register(void);
void hasw_link_unregister(void);

#endif
