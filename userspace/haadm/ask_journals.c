// SPDX-License-Identifier: GPL-2.0
/* Asks the agent to copy the journals of the other nodes beside this node's. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "haadm/ask_agent.h"
#include "haadm/ask_cluster.h"
#include "haadm/ask_journals.h"
#include "lib/ask.h"
#include "lib/journal.h"
#include "lib/plain.h"

#define COPY_MS	30000	/* the agent gives up after 20 s */

static bool is_complete(const json_t *journal)
{
	return json_is_true(json_object_get(journal, "complete"));
}

/* Root asks agents of any user, so another user's process may have answered. */
static bool is_sound(const char *folder)
{
	struct stat st;

	return folder && *folder == '/' && hasw_plain(folder) &&
	       (!strcmp(folder, JOURNAL_FOLDER) ||
		(!stat(folder, &st) && S_ISDIR(st.st_mode) && !st.st_uid && !(st.st_mode & 0022)));
}

json_t *ask_journals(const struct haadm *haadm, struct when *when)
{
	char words[ASK_WORDS];
	struct hasw_error err;
	const char *folder;
	json_t *answer, *journal;
	size_t i;

	if (when->told)
		return NULL;
	snprintf(words, sizeof(words), "journals%s%s", when->by ? " " : "", when->by ? when->by : "");
	answer = cluster_ask_within(COPY_MS, words, NULL, NULL, NULL, &err);
	if (!answer) {
		haadm_complain(haadm, STATUS_OK, "the journals of other nodes are as they were copied last: %s", err.text);
		return NULL;
	}
	folder = json_string_value(json_object_get(answer, "folder"));
	if (!is_sound(folder)) {
		haadm_complain(haadm, STATUS_OK, "the agent's folder of journals is passed over, as it is not root's alone; what is in %s counts", JOURNAL_FOLDER);
		json_decref(answer);
		return NULL;
	}
	when->folder = folder;
	json_array_foreach(json_object_get(answer, "journals"), i, journal) {
		if (!is_complete(journal))
			haadm_complain(haadm, STATUS_OK, "the journal of node %s is not here, or not to its end: %s",
				       ask_agent_text(journal, "node"), ask_agent_text(journal, "reason"));
	}
	return answer;
}

json_t *ask_journals_incomplete(const json_t *answer)
{
	json_t *list = answer ? json_array() : json_null(), *journal;
	size_t i;

	json_array_foreach(json_object_get(answer, "journals"), i, journal) {
		if (!is_complete(journal))
			json_array_append(list, json_object_get(journal, "node"));
	}
	return list;
}
