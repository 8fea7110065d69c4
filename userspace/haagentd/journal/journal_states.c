// SPDX-License-Identifier: GPL-2.0
/* The states of all nodes and leases in the journal, with which a reader of a file begins. */
#include <errno.h>
#include <stdlib.h>

#include "lib/generated/spec_gen.h"
#include "haagentd/clock.h"
#include "journal.h"
#include "haagentd/module/module.h"

static void put_nodes(struct journal *j, const struct module_node *nodes, unsigned int n, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		const char *state = hasw_enum_name(&hasw_enum_node_state, nodes[i].state);
		struct json *json = journal_begin(j, "state", now);

		json_text(json, "node", nodes[i].name);
		json_text(json, "to", state ? state : "?");
		journal_end(j);
	}
}

static void put_leases(struct journal *j, const struct module_lease *leases, unsigned int n, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct json *json = journal_begin(j, "state", now);

		json_text(json, "lease", leases[i].name);
		if (leases[i].holder[0])
			json_text(json, "node", leases[i].holder);
		json_number(json, "epoch", leases[i].epoch);
		journal_end(j);
	}
}

/* Writes the states of all nodes and leases, with which a reader begins. */
static void put_states(struct journal *j, struct module *m)
{
	unsigned int n_nodes = 0, n_leases = 0;
	struct module_lease *leases = NULL;
	struct module_node *nodes = NULL;
	uint64_t now = clock_now();
	struct hasw_error err;
	int ret = module_nodes(m, &nodes, &n_nodes, &err);

	if (ret != -ETIMEDOUT && module_leases(m, &leases, &n_leases, &err) == -ETIMEDOUT)
		ret = -ETIMEDOUT;
	if (ret == -ETIMEDOUT) {
		/* The module does not answer now. */
		journal_look_again(j);
	} else {
		put_nodes(j, nodes, n_nodes, now);
		put_leases(j, leases, n_leases, now);
	}
	free(nodes);
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
