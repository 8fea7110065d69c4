/* SPDX-License-Identifier: GPL-2.0 */
/* The client of the agent's socket. It requests the state of the agent that runs in this network namespace. */

#ifndef HAADM_ASK_AGENT_H
#define HAADM_ASK_AGENT_H

#include <stdbool.h>

#include <jansson.h>

#include "lib/sock.h"

/*
 * Requests the agent's state. The agent must run as root or as the same user as haadm. If ANYBODY is true and haadm
 * runs as root, an agent of any user is accepted. On failure returns NULL and fills ERR. ECONNREFUSED: no agent runs
 * here; EACCES: the agent denies this user; EAGAIN: the agent serves too many clients; ETIMEDOUT: the agent is stopped
 * or hangs; EBADMSG: the reply is invalid; EPROTO: the reply is an error; EPERM: a process of another user listens on
 * the agent's address.
 */
json_t *ask_agent(bool anybody, struct hasw_error *err);

/*
 * The steps of ask_agent(), for other questions. ask_connect() sends QUESTION, and returns the socket, or a negative errno
 * as ask_agent() says. ask_receive() receives one packet into BUF, which has room for ASK_ANSWER bytes; it waits for
 * PATIENCE ms. ask_parse() returns the JSON object that a packet is, or NULL if it is an error.
 */
int ask_connect(bool anybody, const char *question, struct hasw_error *err);
int ask_receive(int fd, int patience, char *buf, size_t *size, struct hasw_error *err);
json_t *ask_parse(const char *buf, size_t size, struct hasw_error *err);

/* Returns what the agent says of a lease. ANSWER: the result of ask_agent(). NULL: ANSWER does not list the lease. */
const json_t *ask_agent_lease(const json_t *answer, const char *lease);

/*
 * Returns the agent's reason why nobody holds a lease. If ANSWER does not list the lease and the agent does not vote,
 * returns why the agent does not vote. ANSWER: the result of ask_agent(). NULL: ANSWER has no such reason.
 */
const char *ask_agent_why(const json_t *answer, const char *lease);

/* Returns a text of the agent's answer; "?" if the object has none under that key. */
static inline const char *ask_agent_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "?";
}

#endif
