/* SPDX-License-Identifier: GPL-2.0 */
/* What the keeper does in processes of their own, because each of it can block. */
#ifndef HAAGENTD_KEEPER_TASK_H
#define HAAGENTD_KEEPER_TASK_H

#include "haagentd/json.h"
#include "invitation.h"
#include "keeper.h"
#include "stream.h"

/* keeper_ask.c: answers a client of the agent. */
void keeper_answer(const struct keeper_view *view, int client, int agent);

/* keeper_commit.c: a text on its way to all nodes. */
int keeper_commit(const struct keeper_view *view, int agent, int client, short closed, const struct generation *g,
		  const char *text, char node[WIRE_NAME], char *why, size_t room);

/* keeper_join.c: machines that become nodes. */
int keeper_invite(const struct keeper_view *view, const char *node, const char *addr, uint64_t seconds,
		  struct invitation *inv, char *why, size_t room);
void keeper_join(const struct keeper_view *view, struct stream *s, const struct invitation *inv, const uint8_t *sealer,
		 uint64_t file, int agent);
bool keeper_old_address(const struct keeper_view *view, const struct invitation *inv, char text[HASW_ADDR_TEXT]);
const char *keeper_own_setting(const struct keeper_view *view);

/* keeper_stream.c: streams with other nodes. */
#define KEEPER_STREAMS		12	/* connections that are served at a time */
#define KEEPER_STREAMS_USERS	4	/* those of them that only users have, who are not root */
#define KEEPER_STREAMS_FREE	4	/* those that users leave to root at least */

bool keeper_from_root(const struct sockaddr_storage *from);
bool keeper_serves(bool root, unsigned int roots, unsigned int users);
int keeper_connect(const struct sockaddr_storage *from, const struct sockaddr_storage *to);
void keeper_serve(const struct keeper_view *view, int fd, int agent);
void keeper_refuse(struct stream *s, const char *why);
int keeper_request(const struct keeper_view *view, const struct keeper_peer *peer, const struct config_ask *ask,
		   const char *text, struct config_ask *answer, char **said, char *why, size_t room, uint64_t until);

/* keeper_journal.c: lines of journals. */
void keeper_send_journal(const struct keeper_view *view, struct stream *s, const struct config_ask *ask);
void keeper_copy_journals(const struct keeper_view *view, const char *node, struct json *answer);

/* keeper_apply.c: what is checked and put in place on this node. */
int keeper_check(const struct keeper_view *view, const char *text, size_t size, char *why, size_t room);
int keeper_keep(const struct keeper_view *view, const struct generation *g, const char *text, char *why, size_t room);
int keeper_text(const struct keeper_view *view, struct generation *g, char **text, char *why, size_t room);
int keeper_running(bool states, char **text, size_t *size, char *why, size_t room);
int keeper_stated(const struct keeper_view *view, char **text, size_t *size, char *why, size_t room);
void keeper_recall(const struct keeper_view *view, struct keeper_report *report);
void keeper_catch_up(const struct keeper_view *view, struct keeper_report *report);
void keeper_look(const struct keeper_view *view, struct keeper_report *report);

#endif
