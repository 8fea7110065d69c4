// SPDX-License-Identifier: GPL-2.0
/* The agent's keys and child processes as JSON, a part of what answers `haadm agent show`. */
#include <stdio.h>

#include "agent.h"
#include "children.h"

/* Writes the ids of the shared keys, older one first, and to whom packets are sealed with each. No key is ever told. */
static void view_keys(struct json *j, const struct agent *a)
{
	const struct key_ring *ring = &a->cluster.self.keys;
	char id[12];
	unsigned int i, p;

	json_list(j, "keys");
	for (i = 0; i < ring->n; i++) {
		snprintf(id, sizeof(id), "%08x", ring->key[i].id);
		json_object(j, NULL);
		json_text(j, "key", id);
		json_flag(j, "newest", i == ring->n - 1);
		json_list(j, "used_with");
		for (p = 0; p < a->cluster.n_peers; p++)
			if (a->cluster.peers[p].session.tx_key_id == ring->key[i].id)
				json_text(j, NULL, a->cluster.peers[p].conf.name);
		json_list_end(j);
		json_object_end(j);
	}
	json_list_end(j);
}

static void view_process(struct json *j, const char *name, const struct process *p, bool wanted, uint64_t now)
{
	if (!wanted)
		return;
	json_object(j, NULL);
	json_text(j, "process", name);
	json_text(j, "state", p->pid ? "runs" : p->starts ? "ended" : "not-started");
	if (p->pid) {
		json_number(j, "pid", (uint64_t)p->pid);
		json_number(j, "age", now > p->began ? now - p->began : 0);
	}
	json_number(j, "restarts", p->starts ? p->starts - 1 : 0);
	json_object_end(j);
}

/**
 * children_view - write the keys and the child processes
 * @j:		the JSON writer, in an object
 * @a:		the agent
 * @now:	current time, ns
 *
 * Of processes, those are told that this configuration needs.
 */
void children_view(struct json *j, const struct agent *a, uint64_t now)
{
	view_keys(j, a);
	json_list(j, "processes");
	view_process(j, "haagentd-worker", &a->worker.process, a->worker.base, now);
	view_process(j, "haagentd-keeper", &a->keeper.process, a->keeper.base, now);
	view_process(j, "haagentd-checks", &a->checker.process, a->checker.second, now);
	view_process(j, "haagentd-routes", &a->routes.process, a->routes.order.table, now);
	view_process(j, "haagentd-corosync", a->corosync ? &a->corosync->process : NULL,
		     a->corosync && a->conf && a->conf->corosync, now);
	view_process(j, "haagentd-http", &a->http.process, a->http.at.ss_family, now);
	json_list_end(j);
}
