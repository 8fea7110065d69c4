/* SPDX-License-Identifier: GPL-2.0 */
/* Settings of all agents, which the configuration of the cluster has: got out of a text, checked, and kept in the next one. */
#ifndef HAAGENTD_CONFIG_AGENTS_H
#define HAAGENTD_CONFIG_AGENTS_H

#include <stddef.h>
#include <stdint.h>

#include "haagentd/conf/conf.h"
#include "keeper.h"

int config_agents_of(const char *text, size_t size, struct conf_agents *agents);
uint64_t config_agents_hash(const char *text, size_t size);
int config_agents_get(const char *folder, const struct hasw_vote_conf *of, struct conf_agents *agents, char *why);
int config_agents_newest(const void *none, const char *folder, struct conf_agents *agents, char *why);
int config_agents_begin_nodes(const void *none, const char *folder, struct conf_agents *agents, char *why);
int config_agents_begin(const void *none, const char *folder, struct conf_agents *agents, char *why);
int config_agents_check(const struct keeper_view *view, const char *text, size_t size, char *why, size_t room);
int config_agents_keep(const struct keeper_view *view, struct generation *g, char **text, bool whole, char *why, size_t room);

#endif
