/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's state as JSON, which answers `haadm agent show`. */
#ifndef HAAGENTD_ASK_VIEW_H
#define HAAGENTD_ASK_VIEW_H

#include "agent.h"

void ask_view(void *agent, struct json *j, uint64_t now);

#endif
