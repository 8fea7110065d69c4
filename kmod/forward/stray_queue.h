/* SPDX-License-Identifier: GPL-2.0 */
/* A stray is a client's packet that another node sends on to this node. As far
 * as the sender knows, this node is the vip's present or next holder. Until
 * this node is granted the vip's lease, it keeps the stray in this queue.
 */
#ifndef HASW_STRAY_QUEUE_H
#define HASW_STRAY_QUEUE_H

#include "service/vip.h"

void hasw_stray_kept_init(struct hasw_net *hn);
void hasw_stray_kept_exit(struct hasw_net *hn);
bool hasw_stray_keep(struct hasw_net *hn, const struct hasw_vip *vip,
		     struct sk_buff *skb, u64 epoch);
void hasw_stray_kept_replay(struct hasw_net *hn);
void hasw_stray_kept_purge(struct hasw_net *hn);

#endif
