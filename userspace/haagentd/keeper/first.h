/* SPDX-License-Identifier: GPL-2.0 */
/* The first generation of a new cluster, which the node where the cluster was begun commits by itself. */
#ifndef HAAGENTD_FIRST_H
#define HAAGENTD_FIRST_H

#include <stdbool.h>
#include <stddef.h>

#include "generation.h"

#define FIRST_LABEL	"first"

struct keeper_view;

int first_mark(const char *folder);
bool first_marked(const char *folder);
void first_unmark(const char *folder);
bool first_is(const struct generation *g);
bool first_due(const struct keeper_view *view);
int first_missing(const char *has, const char *text, char *line, size_t room);
int first_fits(const char *text, char *why, size_t room);
void first_commit(const struct keeper_view *view, int agent, bool say);

#endif
