/* SPDX-License-Identifier: GPL-2.0 */
/* Reports of cluster events to the log, the notify commands and the module. */
#ifndef HAAGENTD_TELL_H
#define HAAGENTD_TELL_H

#include "agent.h"

extern const struct cluster_ops tell_ops;

void tell_lateness(struct agent *a);
void tell_missed(struct agent *a, uint64_t now);
void tell_reports(struct agent *a, uint64_t span);
void tell_forget(struct agent *a);
void tell_state(const struct agent *a, uint64_t now);
void tell_status(const struct agent *a);

#endif
