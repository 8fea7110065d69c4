/* SPDX-License-Identifier: GPL-2.0 */
/* What the keeper does in processes of their own, because each of it can block. */
#ifndef HAAGENTD_KEEPER_TASK_H
#define HAAGENTD_KEEPER_TASK_H

#include "keeper.h"

/* keeper_ask.c: answers a client of the agent. */
void keeper_answer(const struct keeper_view *view, int client, int agent);

/* keeper_stream.c: streams with other nodes. */
void keeper_serve(const struct keeper_view *view, int fd);
int keeper_request(const struct keeper_view *view, const struct keeper_peer *peer, const struct config_ask *ask,
		   const char *text, struct config_ask *answer, char **said, char *why, size_t room);

/* keeper_apply.c: what is checked and put in place on this node. */
void keeper_clean(char *text);
int keeper_check(const struct keeper_view *view, const char *text, size_t size, char *why, size_t room);
int keeper_keep(const struct keeper_view *view, const struct generation *g, const char *text, char *why, size_t room);
int keeper_text(const struct keeper_view *view, struct generation *g, char **text, char *why, size_t room);
void keeper_recall(const struct keeper_view *view, struct keeper_report *report);
void keeper_catch_up(const struct keeper_view *view, struct keeper_report *report);
void keeper_look(const struct keeper_view *view, struct keeper_report *report);

#endif
