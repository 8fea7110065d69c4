/* SPDX-License-Identifier: GPL-2.0 */
/* Devices and addresses come, change and go: what follows, in this order. pulse_gasp.c alone hears of it elsewhere. */
#ifndef HASW_DEV_EVENTS_H
#define HASW_DEV_EVENTS_H

#include "core/haswitch.h"

int hasw_dev_events_register(void);
void hasw_dev_events_unregister(void);

#endif
