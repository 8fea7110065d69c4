/* SPDX-License-Identifier: GPL-2.0 */
/* What the agent answers to who asks it how things are. */
#ifndef HAAGENTD_ASK_VIEW_H
#define HAAGENTD_ASK_VIEW_H

#include "agent.h"

void ask_view(void *agent, struct json *j, uint64_t now);

#endif
