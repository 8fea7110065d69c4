/* SPDX-License-Identifier: GPL-2.0 */
/* Metrics of what the module counts: packets, services, members, heartbeats, and the times of switches. */
#ifndef HTTP_MODULE_METRICS_H
#define HTTP_MODULE_METRICS_H

#include "lib/sock.h"
#include "metrics.h"

/* Adds the metrics. NOW: CLOCK_BOOTTIME, ns. Returns whether each of them was read, and none twice. */
bool module_metrics(struct metrics *m, struct hasw_sock *sock, uint64_t now);

/* Returns whether there is a metric of an attribute of the set "stats". */
bool module_metrics_know(uint16_t attr);

#endif
