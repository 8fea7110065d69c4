/* SPDX-License-Identifier: GPL-2.0 */
/* The slow path: functions of the netfilter hooks that see each packet of a
 * namespace.
 */
#ifndef HASW_PATH_H
#define HASW_PATH_H

#include "core/haswitch.h"

/* Number of hooks that are always registered together: IPv4 and IPv6, each at
 * PRE_ROUTING, LOCAL_OUT and LOCAL_IN.
 */
#define HASW_PATH_HOOKS 6

struct nf_hook_state;

unsigned int hasw_path_in4(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state);
unsigned int hasw_path_in6(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state);
unsigned int hasw_path_out4(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state);
unsigned int hasw_path_out6(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state);

int hasw_path_init(struct hasw_net *hn);
void hasw_path_exit(struct hasw_net *hn);
int hasw_path_hook(struct hasw_net *hn);
void hasw_path_unhook(struct hasw_net *hn);
int hasw_path_mark_hook(struct hasw_net *hn);
void hasw_path_mark_unhook(struct hasw_net *hn);

#endif
