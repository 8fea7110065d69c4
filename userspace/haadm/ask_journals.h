/* SPDX-License-Identifier: GPL-2.0 */
/* Asks the agent to copy the journals of the other nodes beside this node's. */

#ifndef HAADM_ASK_JOURNALS_H
#define HAADM_ASK_JOURNALS_H

#include <jansson.h>

#include "haadm/haadm.h"
#include "haadm/parse/when.h"

/*
 * Has the agent copy what is new; of the node alone that WHEN names, if it names one. This can take 20 s if it is much. Sets
 * the folder of WHEN to the agent's. Tells of each node of whose journal something may be missing. If WHEN names a folder,
 * nobody is asked; without an agent, what was copied before is all. Returns the agent's answer, to which the folder's name
 * belongs; NULL: there is none.
 */
json_t *ask_journals(const struct haadm *haadm, struct when *when);

/* Returns the names of the nodes of whose journals something may be missing, as a list; null: there is no ANSWER. */
json_t *ask_journals_incomplete(const json_t *answer);

#endif
