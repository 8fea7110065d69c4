/* SPDX-License-Identifier: GPL-2.0 */
/* Client links: the devices on which packets of a lease's clients arrive. If
 * the clients of a vip cannot reach the holder any more, or those of all vips,
 * the holder resigns the lease: it ends its grant at once, and notifies its
 * peers.
 */
#ifndef HASW_CLIENT_LINKS_H
#define HASW_CLIENT_LINKS_H

#include "service/vip.h"

void hasw_client_links_init(struct hasw_net *hn);
void hasw_client_links_exit(struct hasw_net *hn);
void hasw_client_links_schedule(struct hasw_net *hn);
void hasw_client_links_changed(struct hasw_net *hn);
void hasw_client_links_watch(struct hasw_net *hn);
bool hasw_client_links_whole(struct hasw_net *hn,
			     const struct hasw_lease *lease);
bool hasw_client_links_linked(struct hasw_net *hn,
			      struct hasw_lease *lease, bool partly);

#endif
