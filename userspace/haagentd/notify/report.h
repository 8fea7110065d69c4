/* SPDX-License-Identifier: GPL-2.0 */
/* Reports of cluster events to the log, the notify commands and the module. */
#ifndef HAAGENTD_REPORT_H
#define HAAGENTD_REPORT_H

#include "haagentd/agent.h"

extern const struct cluster_ops report_ops;
extern const struct served_ops report_served;

void report_lateness(struct agent *a);
void report_missed(struct agent *a, uint64_t now);
void report_flush(struct agent *a, uint64_t span);
void report_committed(struct agent *a, const struct keeper_report *runs);
void report_free(struct agent *a);
void report_state(const struct agent *a, uint64_t now);
void report_status(const struct agent *a);

#endif
