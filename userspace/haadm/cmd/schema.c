// SPDX-License-Identifier: GPL-2.0
/* `haadm schema`: a JSON Schema of what each command prints with option -j. */

#include <string.h>

#include "haadm/commands.h"
#include "haadm/output/schema.h"

/* Changes with each change that a reader of an older version may stumble over. New keys alone are no such change. */
#define VERSION 2

static const struct shape *const shapes[] = {
	&shape_node, &shape_vip, &shape_service, &shape_member, &shape_lease, &shape_pulse, &shape_flow, &shape_limits,
	&shape_event, &shape_stats, &shape_times, &shape_explain,
};

/* What no description of fields prints. Those with a command are what it prints; the others are parts of them. */
static const struct {
	const char *name;
	const char *command;
	const char *keys;
} objects_by_hand[] = {
	{ "status", "status",
	  "generation i, agent_stalled b, agent_unspoken b, agent_answers b, warnings [s], notes [s], doors i, flows i, flows_max i, rates_over? i, node s|null, zones [zone], nodes [status_node], leases [status_lease], vips [status_vip]" },
	{ "zone", "zone show", "zone? s, state s, usable i, nodes [zone_node], leases [s]" },
	{ "zone_node", NULL, "name s, state s" },
	{ "status_node", NULL,
	  "name s, zone? s, self b, state s, never_heard b, since i, since_age? i, share i, flows_left? i, flows_elsewhere? b, reason? s, unreached? s, agent_state? s, release? s|null, paths_good? i, paths_total? i, config_generation? i, config_hash? s, config_state? s, config_current? b" },
	{ "status_lease", NULL,
	  "lease s, holder s|null, held b, partly? b, protodown? b, epoch? i, deadline? i, remaining? i, reason? s, successor? s|null, planned_only? b, successor_reason? s" },
	{ "status_vip", NULL,
	  "addr s, holder s|null, lease? s, everywhere b, role s, served b, partly_served b, served_unknown? b, reason? s, faults? [s], conflict? conflict, waits_for? [s], services [status_service]" },
	{ "conflict", NULL, "node? s, lladdr s, dev s, seen_by? s, time i, age i" },
	{ "status_service", NULL,
	  "service s, also? [s], active? s, active_port? i, serving_count? i, members_count? i, spares? [s], zone? s, away? [s], rejects? b, served b, reason? s, on_empty? s, rates rates" },
	{ "rates", NULL,
	  "packets_per_second? i, bytes_per_second? i, flows_per_second? i, tracked b, flows_active? i, closing? i" },
	{ "check", "check", "state s, code i, problems [problem], figures {i}" },
	{ "problem", NULL, "level s, text s" },
	{ "top", "top", "time i, interval i, flows i, flows_max i, services [top_service]" },
	{ "top_service", NULL,
	  "service s, served b, members [top_member], packets_per_second? i, bytes_per_second? i, flows_per_second? i, tracked b, flows_active? i, closing? i" },
	{ "top_member", NULL,
	  "member s, node s, serving b, packets_per_second? i, bytes_per_second? i, flows_per_second? i, tracked b, flows_active? i, closing? i" },
	{ "doctor", "doctor", "findings [finding], notes [s], not_looked_at [skipped]" },
	{ "finding", NULL, "check s, what s, mend s" },
	{ "skipped", NULL, "check s, why s" },
	{ "flow_del", "flow del", "deleted i" },
	/* The agent may be of another release, and tell more. */
	{ "agent", "agent show",
	  "node s, witness b, release? s, leaving b, accepted b, unfit? s, vote vote, config_generation? i, config_hash? s, config_state? s, leases [agent_lease], peers [peer], keys? [key], processes? [process], ignored? [ignored], checks? [agent_check], configuration? configuration, complete b, strangers? {i}, routes? routes, load? load, seen_conflicts? [seen_conflict], agents? agents, ..." },
	{ "configuration", NULL, "generation i, changed [s], behind [s], ..." },
	{ "routes", NULL, "table i, n i, ..." },
	{ "ignored", NULL, "service s, members_count i, down i, min_healthy i, ..." },
	{ "agent_check", NULL,
	  "service s, node s, at? i, kind s, through_vip? b, health s, share? i, from? s, held_for? i, health_ignored? b, result? s, reason? s, age? i, took? i, ..." },
	{ "agents", NULL, "generation i, settings [s], ..." },
	{ "seen_conflict", NULL, "addr s, by s, node? s, lladdr s, dev s, age i, ..." },
	{ "load", NULL, "cpu? i, memory? i, disk? i, share? i, reached? [s], reason? s, limits? {i}, ..." },
	{ "vote", NULL,
	  "runs b, reason? s, barred? s, knows? b, mute? i, length? i, set? i, change? s, nodes? [s], voters? [s], witnesses? [s], heard? [s], split? split, ..." },
	{ "split", NULL, "node s, presumed_off b, age? i, ..." },
	{ "agent_lease", NULL,
	  "lease s, holder s|null, epoch? i, remaining? i, successor? s|null, planned_only? b, successor_reason? s, reason? s|null, wanted b, ..." },
	{ "peer", NULL,
	  "node s, witness b, release? s|null, state s, age? i, clock_ahead? i, reason? s, refused? {i}, catches_up? b, share? i, reached? [s], differs? b, round_trip? i, config_generation? i, config_hash? s, config_state? s, detection? [i], detection_sum? i, takeover? [i], takeover_sum? i, paths [path], ..." },
	{ "key", NULL, "key s, newest b, used_with [s], ..." },
	{ "process", NULL, "process s, state s, pid? i, age? i, restarts i, ..." },
	{ "cluster_show", "cluster show", "node s, reason? s, committed? generation_id, unsettled? generation_id, nodes [cluster_node], ..." },
	{ "generation_id", NULL, "generation i, hash s, ..." },
	{ "cluster_node", NULL, "node s, is_heard b, witness b, able b, state s, applied? generation_id, ..." },
	{ "generation", NULL, "generation i, hash s, time i, size i, node s, label? s, ..." },
	{ "committed", NULL, "generation i, hash s, time i, size i, node s, label? s, in_force [s], later [s], ..." },
	{ "difference", NULL, "before i, after? i, gone [s], new [s]" },
	{ "cluster_init", "cluster init", "node s, addr s, nodes_count i, kept b, started b" },
	{ "cluster_invite", "cluster invite",
	  "token s, node s, addr s, from s, until i, known b, nodes_count i, path? s, old_addr? s, own_setting? s, ..." },
	{ "cluster_join", "cluster join", "node s, from s, generation i, note? s, started b, ..." },
	{ "snapshot_list", "snapshot list", "committed? generation_id, generations [generation], complete b, ..." },
	{ "snapshot_show", "snapshot show", "generation i, text s" },
	/* Nothing has changed since the last one, or what `cluster apply` prints. */
	{ "snapshot_create", "snapshot create",
	  "unchanged? b, generation? i, hash? s, time? i, size? i, node? s, label? s, in_force? [s], later? [s], ..." },
	{ "snapshot_prune", "snapshot prune", "removed_count i, kept_count i, ..." },
	{ "availability", "availability",
	  "since i, until i, journals [s], incomplete [s]|null, lost i, skipped i, objects [availability_object]" },
	{ "availability_object", NULL,
	  "object s, name s, by? s|null, availability f|null, nines f|null, mtbf i|null, mttr i|null, outages i, open b, up i, down i, unseen i, longest i|null, last i|null" },
	{ "path", NULL, "path s, state s, port i, age? i, ..." },
};

/* Commands that print what another definition has. */
static const struct {
	const char *command;
	const char *definition;
} same[] = {
	{ "monitor", "event_show" },
	{ "cluster apply", "committed" },
	{ "cluster adopt", "committed" },
	{ "cluster leave", "committed" },
	{ "snapshot rollback", "committed" },
	{ "cluster diff", "difference" },
	{ "snapshot diff", "difference" },
};

/* The name of a definition: the command, with underscores. */
static json_t *name_of(const char *command)
{
	char name[48];
	size_t i;

	for (i = 0; command[i] && i < sizeof(name) - 1; i++)
		name[i] = command[i] == ' ' ? '_' : command[i];
	name[i] = '\0';
	return json_string(name);
}

/* Says that a command prints an object, or a list of them. */
static void command_add(json_t *commands, const char *command, const char *definition, bool list)
{
	json_t *ref = json_object(), *array;

	json_object_set_new(ref, "$ref", json_sprintf("#/$defs/%s", definition));
	if (list) {
		array = json_object();
		json_object_set_new(array, "type", json_string("array"));
		json_object_set_new(array, "items", ref);
		ref = array;
	}
	json_object_set_new(commands, command, ref);
}

/* A line of the journal: events of the module have the keys of `event show`. A later agent may write more. */
static json_t *journal_line(const json_t *event)
{
	json_t *line = schema_keys("wall i, time i, by s, kind s, event? i, boot? s, version? s, seen? i, silence? i, path? s, path_from? s, path_to? s, file? s, good? b, hash? s, lines? i, first? i, last? i, set? i, voters? [s], reason? s, ...");

	json_object_update_missing(json_object_get(line, "properties"), json_object_get(event, "properties"));
	return line;
}

json_t *schema_json(void)
{
	json_t *top = json_object(), *definitions = json_object(), *commands = json_object();
	const size_t n = sizeof(objects_by_hand) / sizeof(objects_by_hand[0]);

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		json_t *name = name_of(shapes[i]->command);

		json_object_set_new(definitions, json_string_value(name), schema_shape(shapes[i]));
		command_add(commands, shapes[i]->command, json_string_value(name), shapes[i]->list);
		json_decref(name);
	}
	for (size_t i = 0; i < n; i++) {
		json_object_set_new(definitions, objects_by_hand[i].name, schema_keys(objects_by_hand[i].keys));
		if (objects_by_hand[i].command)
			command_add(commands, objects_by_hand[i].command, objects_by_hand[i].name,
				    !strcmp(objects_by_hand[i].command, "flow del") ||
				    !strcmp(objects_by_hand[i].command, "zone show"));
	}
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		command_add(commands, same[i].command, same[i].definition, false);
	json_object_set_new(definitions, "journal_line", journal_line(json_object_get(definitions, "event_show")));
	command_add(commands, "journal", "journal_line", true);
	json_object_set_new(top, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
	json_object_set_new(top, "title", json_string("what haadm -j prints, by command"));
	json_object_set_new(top, "version", json_integer(VERSION));
	json_object_set_new(top, "type", json_string("object"));
	json_object_set_new(top, "properties", commands);
	json_object_set_new(top, "additionalProperties", json_false());
	json_object_set_new(top, "$defs", definitions);
	return top;
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	(void)req;
	out_json_line(&haadm->out, schema_json());
	return STATUS_OK;
}

static const struct verb verbs[] = {
	{ NULL, NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_schema = { "schema", "a JSON Schema of what commands print with -j", verbs };
