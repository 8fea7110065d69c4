/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's keys and child processes as JSON, a part of what answers `haadm agent show`. */
#ifndef HAAGENTD_CHILDREN_H
#define HAAGENTD_CHILDREN_H

#include <stdint.h>

struct agent;
struct json;

void children_view(struct json *j, const struct agent *a, uint64_t now);

#endif
