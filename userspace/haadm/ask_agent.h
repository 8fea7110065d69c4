/* SPDX-License-Identifier: GPL-2.0 */
/* What the agent of this network namespace knows, asked by its socket. */

#ifndef HAADM_ASK_AGENT_H
#define HAADM_ASK_AGENT_H

#include <stdbool.h>

#include <jansson.h>

#include "lib/sock.h"

/*
 * Asks the agent, which is root's or this user's; with ANYBODY root takes the word of others, too. NULL, and what is wrong: ECONNREFUSED no agent runs here, EACCES it does not answer this user, EAGAIN
 * it has others to answer, ETIMEDOUT it does not run at present, EBADMSG or EPROTO its answer is none, EPERM it is a stranger.
 */
json_t *ask_agent(bool anybody, struct hasw_error *err);

/* What an answer says of why nobody holds a lease; NULL: nothing. */
const char *ask_agent_why(const json_t *answer, const char *lease);

#endif
