/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's answer to a query of its state. */
#ifndef HAAGENTD_ASK_VIEW_H
#define HAAGENTD_ASK_VIEW_H

#include "agent.h"

void ask_view(void *agent, struct json *j, uint64_t now);

#endif
