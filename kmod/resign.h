/* SPDX-License-Identifier: GPL-2.0 */
/* A holder that knows that it goes: it stops at once, and does not wait for its deadline. */
#ifndef HASW_RESIGN_H
#define HASW_RESIGN_H

#include "lease.h"

int hasw_resign_register(void);
void hasw_resign_unregister(void);
void hasw_resign_agent(struct hasw_net *hn, u32 portid);

#endif
