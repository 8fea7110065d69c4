/* SPDX-License-Identifier: GPL-2.0 */
/* The fast door: packets that need nothing special are redirected as a device receives them. */
#ifndef HASW_DOOR_H
#define HASW_DOOR_H

#include <linux/netfilter.h>

struct hasw_net;
struct net_device;

unsigned int hasw_door_in(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state);

void hasw_door_follow(bool followed);
void hasw_door_init(struct hasw_net *hn);
void hasw_door_exit(struct hasw_net *hn);
void hasw_door_stir(struct hasw_net *hn);
void hasw_door_drop(struct hasw_net *hn, const struct net_device *dev);
void hasw_door_close(struct hasw_net *hn);

#endif
