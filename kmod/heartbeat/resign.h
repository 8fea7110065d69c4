/* SPDX-License-Identifier: GPL-2.0 */
/* Resignations: a node that is about to stop ends its grants at once, and
 * notifies its peers.
 */
#ifndef HASW_RESIGN_H
#define HASW_RESIGN_H

#include "pulse.h"

/* The work item that ends the grants of a cloned virtual machine. */
extern struct work_struct hasw_resign_forked;

bool hasw_resign_end(struct hasw_net *hn, struct hasw_lease *lease, u8 cause,
		     u64 decision, struct hasw_resigned *done);
void hasw_resign_init(struct hasw_net *hn);
void hasw_resign_later(struct hasw_net *hn);
void hasw_resign_flush(struct hasw_net *hn);
int hasw_resign_pm(struct notifier_block *nb, unsigned long event, void *ptr);
int hasw_resign_fork(struct notifier_block *nb, unsigned long event, void *ptr);
u64 hasw_resign_gasp_value(u32 online);
int hasw_resign_register(void);
void hasw_resign_unregister(void);
void hasw_resign_agent(struct hasw_net *hn, u32 portid);
void hasw_resign_exit(struct hasw_net *hn);
void hasw_resign_leave(void);

#endif
