/* SPDX-License-Identifier: GPL-2.0 */
/* A stray is a client's packet that another node has sent on to this node as
 * the vip's holder. Kept strays wait in a queue until this node is granted the
 * vip's lease.
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
