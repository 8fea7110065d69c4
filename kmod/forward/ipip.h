/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that a vip's holder has tunnelled to this node are decapsulated and
 * marked here.
 */
#ifndef HASW_IPIP_H
#define HASW_IPIP_H

#include <linux/skbuff.h>

#include "core/haswitch.h"

bool hasw_ipip_marked(const struct hasw_net *hn, const struct sk_buff *skb);
int hasw_ipip_take(struct hasw_net *hn, struct sk_buff *skb, unsigned int off,
		   bool six);
int hasw_ipip_init(struct hasw_net *hn);
void hasw_ipip_exit(struct hasw_net *hn);
int hasw_ipip_register(void);
void hasw_ipip_unregister(void);

#endif
