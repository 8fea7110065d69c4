// SPDX-License-Identifier: GPL-2.0
/* The states of all nodes and leases in the journal, with which a reader of a file begins. */
#include <stdlib.h>

#include "lib/generated/spec_gen.h"
#include "haagentd/clock.h"
#include "journal.h"
#include "haagentd/module/module.h"

/* Writes the states of all nodes and leases, with which a reader begins. */
static void put_states(struct journal *j, struct module *m)
{
	struct module_lease *leases = NULL;
	struct module_node *nodes = NULL;
	unsigned int i, n = 0;
	struct hasw_error err;
	struct json *json;
	uint64_t now = clock_now();

	if (!module_nodes(m, &nodes, &n, &err))
		for (i = 0; i < n; i++) {
			const char *state = hasw_enum_name(&hasw_enum_node_state, nodes[i].state);

			json = journal_begin(j, "state", now);
			json_text(json, "node", nodes[i].name);
			json_text(json, "to", state ? state : "?");
			journal_end(j);
		}
	free(nodes);
	n = 0;
	now = clock_now();
	if (!module_leases(m, &leases, &n, &err))
		for (i = 0; i < n; i++) {
			json = journal_begin(j, "state", now);
			json_text(json, "lease", leases[i].name);
			if (leases[i].holder[0])
				json_text(json, "node", leases[i].holder);
			json_number(json, "epoch", leases[i].epoch);
			journal_end(j);
		}
	free(leases);
}

/**
 * journal_tick - log what the thread has to say, and write the states that a new file needs
 * @j:	the journal; NULL does nothing
 * @m:	the module
 */
void journal_tick(struct journal *j, struct module *m)
{
	if (j && journal_looks(j, m->open))
		put_states(j, m);
}
