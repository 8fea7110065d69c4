/* SPDX-License-Identifier: GPL-2.0 */
/* The client of the agent's socket, which returns the state of the agent of this network namespace. */

#ifndef HAADM_ASK_AGENT_H
#define HAADM_ASK_AGENT_H

#include <stdbool.h>

#include <jansson.h>

#include "lib/sock.h"

/*
 * Requests the state from the agent, which must run as root or as this user. If ANYBODY is true, root accepts an agent
 * of any user. Returns NULL and ERR on failure. ECONNREFUSED: no agent runs here; EACCES: the agent denies this user;
 * EAGAIN: the agent serves too many clients; ETIMEDOUT: the agent is stopped or hangs; EBADMSG: the reply is invalid;
 * EPROTO: the reply is an error; EPERM: a process of another user listens on the agent's address.
 */
json_t *ask_agent(bool anybody, struct hasw_error *err);

/*
 * Returns the agent's reason why nobody holds a lease, or else why the agent does not vote. ANSWER is from ask_agent().
 * NULL: ANSWER has no such reason.
 */
const char *ask_agent_why(const json_t *answer, const char *lease);

#endif
