/* SPDX-License-Identifier: GPL-2.0 */
/* By which devices the clients of a lease come: who has lost them all resigns. */
#ifndef HASW_FACING_H
#define HASW_FACING_H

#include "service/vip.h"

void hasw_facing_init(struct hasw_net *hn);
void hasw_facing_exit(struct hasw_net *hn);
void hasw_facing_stir(struct hasw_net *hn);
void hasw_facing_watch(struct hasw_net *hn);
bool hasw_facing_linked(struct hasw_net *hn, const struct hasw_lease *lease);

#endif
