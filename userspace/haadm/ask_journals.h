/* SPDX-License-Identifier: GPL-2.0 */
/* Asks the agent to copy the journals of the other nodes beside this node's. */

#ifndef HAADM_ASK_JOURNALS_H
#define HAADM_ASK_JOURNALS_H

#include <jansson.h>

#include "haadm/haadm.h"

/* The journals of all nodes, as the agent has them. */
struct all_journals {
	json_t *answer;			/* of the agent, which owns FOLDER; NULL: it could not be asked */
	const char *folder;		/* where they are; NULL: not known */
};

/*
 * Has the agent copy what is new; of node BY alone, unless that is NULL. This can take 20 s if it is much. Tells of each node
 * of whose journal something may be missing. Without an agent, what was copied before is all.
 */
void ask_journals(const struct haadm *haadm, struct all_journals *all, const char *by);

/* Returns the names of the nodes of whose journals something may be missing, as a list; null: nobody could be asked. */
json_t *ask_journals_incomplete(const struct all_journals *all);

void ask_journals_free(struct all_journals *all);

#endif
