/* SPDX-License-Identifier: GPL-2.0 */
/* Notifiers of devices and addresses. Each notifier calls the other parts of
 * the module in a fixed order.
 */
#ifndef HASW_DEV_EVENTS_H
#define HASW_DEV_EVENTS_H

#include "core/haswitch.h"

int hasw_dev_events_register(void);
void hasw_dev_events_unregister(void);

#endif
