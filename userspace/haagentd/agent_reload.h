/* SPDX-License-Identifier: GPL-2.0 */
/* Settings that change while the agent runs. */
#ifndef HAAGENTD_AGENT_RELOAD_H
#define HAAGENTD_AGENT_RELOAD_H

#include "agent.h"

void agent_warn(void *arg, const char *where, const char *what);
void agent_reload(struct agent *a);
void agent_runs(struct agent *a, const struct keeper_report *report);

#endif
