/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the agent that run beside its loop: worker, keeper and journal. */
#ifndef HAAGENTD_AGENT_PARTS_H
#define HAAGENTD_AGENT_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "agent.h"

int agent_worker_begin(struct agent *a, char *why, size_t size);
void agent_module_parts_begin(struct agent *a);
int agent_keeper_begin(struct agent *a, char *why, size_t size);
bool agent_pass_question(void *arg, int fd);
void agent_journal_begin(struct agent *a);

#endif
