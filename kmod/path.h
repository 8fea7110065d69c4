/* SPDX-License-Identifier: GPL-2.0 */
/* The way of a packet: the hooks that see it, and the steps in their order. */
#ifndef HASW_PATH_H
#define HASW_PATH_H

#include "haswitch.h"

/* Both families, in and out. */
#define HASW_PATH_HOOKS 4

int hasw_path_init(struct hasw_net *hn);
void hasw_path_exit(struct hasw_net *hn);
int hasw_path_hook(struct hasw_net *hn);
void hasw_path_unhook(struct hasw_net *hn);

#endif
