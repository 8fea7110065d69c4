/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to the service manager: readiness, status and the watchdog. */
#ifndef HAAGENTD_SYSTEMD_H
#define HAAGENTD_SYSTEMD_H

#include <stdint.h>

void systemd_open(void);
void systemd_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint64_t systemd_watchdog(void);

#endif
