/* SPDX-License-Identifier: GPL-2.0 */
/* Aborts of this machine's TCP connections to a vip that this machine loses. */
#ifndef HASW_ABORT_H
#define HASW_ABORT_H

#include "vip.h"

void hasw_abort_init(struct hasw_net *hn);
void hasw_abort_exit(struct hasw_net *hn);
void hasw_abort_vip(struct hasw_net *hn, const struct in6_addr *addr);
void hasw_abort_lease(struct hasw_net *hn, const char *name);
void hasw_abort_lost(struct hasw_net *hn);

#endif
