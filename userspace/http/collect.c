// SPDX-License-Identifier: GPL-2.0
/* Reads the module and the agent, for the metrics and the status page. Makes the metrics of nodes, leases and vips. */
#include <stdlib.h>
#include <string.h>

#include "collect.h"
#include "haadm/ask_agent.h"
#include "haadm/commands.h"
#include "haagentd/clock.h"
#include "lib/ask.h"
#include "lib/generated/spec_gen.h"
#include "lib/version.h"
#include "module_metrics.h"

/**
 * collect - read the state of this node
 * @c:		receives the state
 * @sock:	the socket to the module; NULL: it could not be opened, and @c->unread says why
 */
void collect(struct collected *c, struct hasw_sock *sock)
{
	static struct status_past past;
	struct hasw_error err;

	if (sock)
		c->status = status_json(sock, &past, &c->agent, &c->unread);
	else
		c->agent = ask_agent(false, &err);
}

/**
 * collect_free - release what collect() has read
 * @c:	the state
 */
void collect_free(struct collected *c)
{
	json_decref(c->status);
	json_decref(c->agent);
	memset(c, 0, sizeof(*c));
}

static void add_number(struct metrics *m, const char *name, const char *help, uint64_t value)
{
	metrics_number(metrics_family(m, METRIC_GAUGE, name, NULL, help), NULL, value);
}

static void add_nodes(struct metrics *m, const json_t *list, uint64_t now)
{
	struct family *up = metrics_family(m, METRIC_GAUGE, "haswitch_node_up", NULL,
					   "Whether the state of the node is up");
	struct family *state = metrics_family(m, METRIC_GAUGE, "haswitch_node_state", NULL,
					      "Whether the node is in the state, for each state");
	struct family *age = metrics_family(m, METRIC_GAUGE, "haswitch_node_state_age_seconds", "seconds",
					    "For how long the node has been in its state");
	struct family *heard = metrics_family(m, METRIC_GAUGE, "haswitch_node_never_heard", NULL,
					      "Whether no report of the agent has named the node");
	struct family *share = metrics_family(m, METRIC_GAUGE, "haswitch_node_share_ratio", "ratio",
					      "Part of their weights by which the node's members get new flows");
	struct family *current = metrics_family(m, METRIC_GAUGE, "haswitch_node_config_current", NULL,
						"Whether the node runs the committed configuration, unchanged");
	struct family *changed = metrics_family(m, METRIC_GAUGE, "haswitch_node_config_changed", NULL,
						"Whether the configuration of the node was changed by hand");
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		struct label labels[] = { { "node", text_of(one, "name") }, { NULL, NULL }, { NULL, NULL } };
		const char *is = text_of(one, "state");
		uint64_t since = number_of(one, "since");

		metrics_number(up, labels, is && !strcmp(is, "up"));
		metrics_number(heard, labels, flag_of(one, "never_heard"));
		metrics_percent(share, labels, number_of(one, "share"));
		if (text_of(one, "config_state")) {
			metrics_number(current, labels, flag_of(one, "config_current"));
			metrics_number(changed, labels, !strcmp(text_of(one, "config_state"), "changed"));
		}
		if (since)
			metrics_seconds(age, labels, now > since ? now - since : 0);
		labels[1].name = "state";
		for (unsigned int s = 0; s < hasw_enum_node_state.count; s++) {
			labels[1].value = hasw_enum_node_state.names[s];
			metrics_number(state, labels, is && !strcmp(is, labels[1].value));
		}
	}
}

static void add_leases(struct metrics *m, const json_t *list)
{
	struct family *held = metrics_family(m, METRIC_GAUGE, "haswitch_lease_held", NULL,
					     "Whether some node holds the lease, as this node knows");
	struct family *here = metrics_family(m, METRIC_GAUGE, "haswitch_lease_held_here", NULL,
					     "Whether this node holds the lease");
	struct family *holder = metrics_family(m, METRIC_GAUGE, "haswitch_lease_holder", NULL,
					       "1 for the node that holds the lease, as this node knows");
	struct family *epoch = metrics_family(m, METRIC_GAUGE, "haswitch_lease_epoch", NULL, "Epoch of the grant");
	struct family *left = metrics_family(m, METRIC_GAUGE, "haswitch_lease_remaining_seconds", "seconds",
					     "Time until the grant ends, unless it is renewed");
	struct family *next = metrics_family(m, METRIC_GAUGE, "haswitch_lease_has_successor", NULL,
					     "Whether another node would hold the lease if the holder were lost");
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		struct label labels[] = { { "lease", text_of(one, "lease") }, { "node", NULL }, { NULL, NULL } };
		const char *node = text_of(one, "holder");

		metrics_number(held, labels, !!node);
		metrics_number(here, labels, flag_of(one, "held"));
		if (!node)
			continue;
		metrics_number(epoch, labels, number_of(one, "epoch"));
		metrics_seconds(left, labels, number_of(one, "remaining"));
		if (text_of(one, "successor") || json_object_get(one, "successor_reason"))
			metrics_number(next, labels, text_of(one, "successor") && !flag_of(one, "planned_only"));
		labels[1].value = node;
		metrics_number(holder, labels, 1);
	}
}

static void add_vips(struct metrics *m, const json_t *list)
{
	struct family *served = metrics_family(m, METRIC_GAUGE, "haswitch_vip_served", NULL,
					       "Whether the vip is served, at least in part, as this node knows");
	struct family *partly = metrics_family(m, METRIC_GAUGE, "haswitch_vip_partly_served", NULL,
					       "Whether some services of the vip are served and others are not");
	struct family *holder = metrics_family(m, METRIC_GAUGE, "haswitch_vip_held_here", NULL,
					       "Whether this node answers for the vip");
	struct family *conflict = metrics_family(m, METRIC_GAUGE, "haswitch_vip_conflict", NULL,
						 "Whether another host used the vip in the last ten minutes");
	struct family *service = metrics_family(m, METRIC_GAUGE, "haswitch_service_served", NULL,
						"Whether a member, or the node of on-empty, gets the packets");
	const json_t *one, *part;
	size_t i, j;

	json_array_foreach(list, i, one) {
		struct label labels[] = { { "vip", text_of(one, "addr") }, { NULL, NULL } };
		const char *role = text_of(one, "role");

		metrics_number(served, labels, flag_of(one, "served"));
		metrics_number(partly, labels, flag_of(one, "partly_served"));
		metrics_number(holder, labels, role && !strcmp(role, "holder"));
		/* Of what another node has seen, that node says it, so that an alert fires once. */
		metrics_number(conflict, labels, !!json_object_get(one, "conflict") &&
			       !text_of(json_object_get(one, "conflict"), "seen_by"));
		json_array_foreach(json_object_get(one, "services"), j, part) {
			struct label of[] = { { "service", text_of(part, "service") }, { NULL, NULL } };

			metrics_number(service, of, !json_object_get(part, "reason"));
		}
	}
}

static void add_status(struct metrics *m, const json_t *status, uint64_t now)
{
	add_number(m, "haswitch_config_generation", "Generation of the configuration", number_of(status, "generation"));
	add_number(m, "haswitch_agent_stalled", "Whether the reports of the agent have stopped",
		   flag_of(status, "agent_stalled"));
	add_number(m, "haswitch_warnings", "Number of warnings of haadm status",
		   json_array_size(json_object_get(status, "warnings")));
	add_number(m, "haswitch_fast_path_devices", "Devices that have the fast path", number_of(status, "doors"));
	add_number(m, "haswitch_flows", "Flows that are tracked", number_of(status, "flows"));
	add_number(m, "haswitch_flows_limit", "Largest number of flows that are tracked",
		   number_of(status, "flows_max"));
	add_nodes(m, json_object_get(status, "nodes"), now);
	add_leases(m, json_object_get(status, "leases"));
	add_vips(m, json_object_get(status, "vips"));
}

/* Adds the times that the agent has counted under a key. It says nothing of those of which there are none. */
static void add_spans(struct family *f, const struct label *labels, const json_t *peer, const char *key,
		      const char *sum_key)
{
	const struct bounds bounds = { .first = ASK_SPAN, .n = ASK_SPANS };
	const json_t *counts = json_object_get(peer, key);
	struct bucket buckets[ASK_SPANS + 1];
	uint64_t sum = number_of(peer, sum_key);

	for (unsigned int i = 0; i <= ASK_SPANS; i++) {
		buckets[i].below = i < ASK_SPANS ? ASK_SPAN << i : 0;
		buckets[i].count = (uint64_t)json_integer_value(json_array_get(counts, i));
	}
	metrics_histogram(f, labels, &bounds, buckets, ASK_SPANS + 1, &sum);
}

static void add_peers(struct metrics *m, const json_t *list)
{
	struct family *heard = metrics_family(m, METRIC_GAUGE, "haswitch_peer_heard", NULL,
					      "Whether this agent hears the agent of the node");
	struct family *age = metrics_family(m, METRIC_GAUGE, "haswitch_peer_age_seconds", "seconds",
					    "Time since the agent of the node was heard");
	struct family *path_up = metrics_family(m, METRIC_GAUGE, "haswitch_path_up", NULL,
						"Whether the two agents hear each other on the path");
	struct family *path_age = metrics_family(m, METRIC_GAUGE, "haswitch_path_age_seconds", "seconds",
						 "Time since the agent of the node was heard on the path");
	struct family *detection = metrics_family(m, METRIC_HISTOGRAM, "haswitch_detection_seconds", "seconds",
						  "Silence of the node until this node took it for lost");
	struct family *takeover = metrics_family(m, METRIC_HISTOGRAM, "haswitch_takeover_seconds", "seconds",
						 "Time from the end of the node or of its grant until this node held its lease");
	const json_t *one, *path;
	size_t i, j;

	json_array_foreach(list, i, one) {
		struct label labels[] = { { "node", text_of(one, "node") }, { "path", NULL }, { NULL, NULL } };
		const char *state = text_of(one, "state");

		metrics_number(heard, labels, state && !strcmp(state, "heard"));
		if (json_object_get(one, "age"))
			metrics_seconds(age, labels, number_of(one, "age"));
		if (!flag_of(one, "witness")) {
			add_spans(detection, labels, one, "detection", "detection_sum");
			add_spans(takeover, labels, one, "takeover", "takeover_sum");
		}
		json_array_foreach(json_object_get(one, "paths"), j, path) {
			labels[1].value = text_of(path, "path");
			state = text_of(path, "state");
			metrics_number(path_up, labels, state && !strcmp(state, "good"));
			if (json_object_get(path, "age"))
				metrics_seconds(path_age, labels, number_of(path, "age"));
		}
	}
}

/* What the machine of the agent has to do. The agent knows a figure only if its file has a limit for it. */
static void add_load(struct metrics *m, const json_t *load)
{
	static const char *const whats[] = { "cpu", "memory", "disk" };
	struct family *is = metrics_family(m, METRIC_GAUGE, "haswitch_load_ratio", "ratio",
					   "Part of this machine's resource that is in use, as the agent judges it");
	struct family *limit = metrics_family(m, METRIC_GAUGE, "haswitch_load_limit_ratio", "ratio",
					      "Part of this machine's resource from which on there is too much to do");

	for (size_t i = 0; i < sizeof(whats) / sizeof(*whats); i++) {
		const struct label labels[] = { { "resource", whats[i] }, { NULL, NULL } };
		const json_t *limits = json_object_get(load, "limits");

		if (json_object_get(load, whats[i]))
			metrics_percent(is, labels, number_of(load, whats[i]));
		if (json_object_get(limits, whats[i]))
			metrics_percent(limit, labels, number_of(limits, whats[i]));
	}
}

static void add_agent(struct metrics *m, const json_t *agent)
{
	const json_t *vote = json_object_get(agent, "vote");

	add_number(m, "haswitch_agent_up", "Whether the agent answers", !!agent);
	if (!agent)
		return;
	add_number(m, "haswitch_agent_fit", "Whether the agent finds this node fit to serve",
		   !json_object_get(agent, "unfit"));
	add_number(m, "haswitch_vote_running", "Whether the agent takes part in the vote on leases",
		   flag_of(vote, "runs"));
	if (flag_of(vote, "runs")) {
		add_number(m, "haswitch_voters", "Number of nodes that vote",
			   json_array_size(json_object_get(vote, "voters")));
		add_number(m, "haswitch_voters_heard", "Number of nodes that vote and are heard, perhaps this one too",
			   json_array_size(json_object_get(vote, "heard")));
	}
	add_load(m, json_object_get(agent, "load"));
	add_peers(m, json_object_get(agent, "peers"));
}

/**
 * collect_metrics - make all metrics
 * @m:		receives the metrics
 * @c:		the state of this node
 * @sock:	the socket to the module, or NULL
 *
 * Return: false if the configuration was changed meanwhile, so that a metric is missing or twice there
 */
bool collect_metrics(struct metrics *m, const struct collected *c, struct hasw_sock *sock)
{
	const struct label version[] = { { "version", HASWITCH_VERSION }, { NULL, NULL } };
	uint64_t now = clock_now();

	metrics_number(metrics_family(m, METRIC_INFO, "haswitch_build", NULL, "Release of haswitch"), version, 1);
	/* A witness has no module, which is no fault. */
	if (!flag_of(c->agent, "witness"))
		add_number(m, "haswitch_module_up", "Whether the module can be read", !!c->status);
	add_agent(m, c->agent);
	if (!c->status)
		return true;
	add_status(m, c->status, now);
	return module_metrics(m, sock, now);
}
