/* SPDX-License-Identifier: GPL-2.0 */
/* Devices and addresses come, change and go: the one place that hears of it, and what follows, in this order. */
#ifndef HASW_DEV_EVENTS_H
#define HASW_DEV_EVENTS_H

#include "core/haswitch.h"

int hasw_dev_events_register(void);
void hasw_dev_events_unregister(void);
void hasw_dev_events_stir(struct hasw_net *hn);

#endif
