// SPDX-License-Identifier: GPL-2.0
/* Asks the agent to copy the journals of the other nodes beside this node's. */

#include "haadm/ask_agent.h"
#include "haadm/ask_cluster.h"
#include "haadm/ask_journals.h"
#include "lib/plain.h"

static bool is_complete(const json_t *journal)
{
	return json_is_true(json_object_get(journal, "complete"));
}

void ask_journals(const struct haadm *haadm, struct all_journals *all)
{
	struct hasw_error err;
	const char *folder;
	json_t *journal;
	size_t i;

	all->folder = NULL;
	all->answer = cluster_ask("journals", NULL, NULL, NULL, &err);
	if (!all->answer) {
		haadm_complain(haadm, STATUS_OK, "the journals of other nodes are as they were copied last: %s", err.text);
		return;
	}
	folder = json_string_value(json_object_get(all->answer, "folder"));
	if (folder && hasw_plain(folder))
		all->folder = folder;
	json_array_foreach(json_object_get(all->answer, "journals"), i, journal) {
		if (!is_complete(journal))
			haadm_complain(haadm, STATUS_OK, "the journal of node %s may not be here to its end: %s",
				       ask_agent_text(journal, "node"), ask_agent_text(journal, "reason"));
	}
}

json_t *ask_journals_incomplete(const struct all_journals *all)
{
	json_t *list = json_array(), *journal;
	size_t i;

	json_array_foreach(json_object_get(all->answer, "journals"), i, journal) {
		if (!is_complete(journal))
			json_array_append(list, json_object_get(journal, "node"));
	}
	return list;
}

void ask_journals_free(struct all_journals *all)
{
	json_decref(all->answer);
}
