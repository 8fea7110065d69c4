/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the agent that run beside its loop: worker, keeper, corosync and journal. */
#ifndef HAAGENTD_AGENT_PARTS_H
#define HAAGENTD_AGENT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent.h"

int agent_folder_take(struct agent *a);
int agent_folder_change(struct agent *a, const struct conf *conf, struct folder_lock *next);
void agent_folder_changed(struct agent *a, const struct folder_lock *next);
int agent_worker_begin(struct agent *a, char *why, size_t size);
void agent_module_parts_begin(struct agent *a);
void agent_calls_begin(struct agent *a);
int agent_keeper_begin(struct agent *a, char *why, size_t size);
bool agent_pass_question(void *arg, int fd);
void agent_journal_begin(struct agent *a);
void agent_journal_compare(const struct conf *old, const struct conf *new);
void agent_corosync_tick(struct agent *a, uint64_t now);

#endif
