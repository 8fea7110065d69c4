// SPDX-License-Identifier: GPL-2.0
/* The zones (fault domains) of a configuration: their nodes, their state, and the leases that are held there. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/diagnose.h"
#include "haadm/zones.h"
#include "lib/codec.h"
#include "lib/generated/spec_gen.h"
#include "lib/text.h"

json_t *zones_find(json_t *zones, const char *name)
{
	for (size_t i = 0; i < json_array_size(zones); i++) {
		json_t *zone = json_array_get(zones, i);
		const char *word = json_string_value(json_object_get(zone, "zone"));

		if (!strcmp(word ? word : "", name))
			return zone;
	}
	return NULL;
}

/* Adds a zone where it belongs by name. The nodes without a zone come last. */
static json_t *zone_add(json_t *zones, const char *name)
{
	json_t *zone = zones_find(zones, name);
	size_t at = 0;

	if (zone)
		return zone;
	zone = json_object();
	if (*name)
		json_object_set_new(zone, "zone", json_string(name));
	json_object_set_new(zone, "state", json_null());
	json_object_set_new(zone, "usable", json_integer(0));
	json_object_set_new(zone, "nodes", json_array());
	json_object_set_new(zone, "leases", json_array());
	for (; *name && at < json_array_size(zones); at++) {
		const char *other = json_string_value(json_object_get(json_array_get(zones, at), "zone"));

		if (!other || strcmp(other, name) > 0)
			break;
	}
	json_array_insert_new(zones, *name ? at : json_array_size(zones), zone);
	return zone;
}

/*
 * Returns the state of a zone: up or partly while a node is usable. Otherwise a failed node makes it lost; without one
 * the administrator has taken it out. A drained node still serves its flows, so it decides before the others.
 */
static const char *zone_state(const struct hasw_model *model, const char *name)
{
	uint32_t n = 0, usable = 0, drain = 0, maintenance = 0, failed = 0;

	for (uint32_t i = 0; i < model->n_nodes; i++) {
		const struct hasw_node *node = &model->nodes[i];

		if (strcmp(node->zone, name))
			continue;
		n++;
		usable += !why_node(node);
		drain += node->state == HASWITCH_NODE_STATE_DRAIN;
		maintenance += node->state == HASWITCH_NODE_STATE_MAINTENANCE;
		failed += node->state == HASWITCH_NODE_STATE_LOST || node->state == HASWITCH_NODE_STATE_FENCED;
	}
	if (usable)
		return usable == n ? "up" : "partly";
	return failed ? "lost" : drain ? "drain" : maintenance ? "maintenance" : "down";
}

json_t *zones_json(const struct hasw_model *model)
{
	json_t *zones = json_array();
	bool any = false;

	for (uint32_t i = 0; i < model->n_nodes; i++)
		any |= model->nodes[i].zone[0] != '\0';
	for (uint32_t i = 0; any && i < model->n_nodes; i++) {
		const struct hasw_node *node = &model->nodes[i];
		const char *state = hasw_enum_name(&hasw_enum_node_state, node->state);
		json_t *zone = zone_add(zones, node->zone), *object = json_object();
		json_int_t usable = json_integer_value(json_object_get(zone, "usable"));

		json_object_set_new(object, "name", json_string(node->name));
		json_object_set_new(object, "state", state ? json_string(state) : json_sprintf("%u", node->state));
		json_array_append_new(json_object_get(zone, "nodes"), object);
		json_object_set_new(zone, "usable", json_integer(usable + !why_node(node)));
	}
	for (size_t i = 0; i < json_array_size(zones); i++) {
		json_t *zone = json_array_get(zones, i);
		const char *name = json_string_value(json_object_get(zone, "zone"));

		json_object_set_new(zone, "state", json_string(zone_state(model, name ? name : "")));
	}
	for (uint32_t i = 0; any && i < model->n_leases; i++) {
		uint32_t node = hasw_model_node(model, model->leases[i].holder);

		if (node != HASW_NONE)
			json_array_append_new(json_object_get(zones_find(zones, model->nodes[node].zone), "leases"),
					      json_string(model->leases[i].name));
	}
	return zones;
}

static void names_text(const json_t *zone, const char *list, const char *between)
{
	const json_t *all = json_object_get(zone, list);

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *one = json_array_get(all, i);

		printf("%s%s", i ? between : " ",
		       json_string_value(json_is_object(one) ? json_object_get(one, "name") : one));
	}
}

void zones_text(const json_t *zone)
{
	const char *name = json_string_value(json_object_get(zone, "zone"));
	const json_t *nodes = json_object_get(zone, "nodes"), *leases = json_object_get(zone, "leases");

	if (name)
		printf("zone %s state %s", name, json_string_value(json_object_get(zone, "state")));
	else
		printf("without a zone: state %s", json_string_value(json_object_get(zone, "state")));
	printf(" usable %" JSON_INTEGER_FORMAT " of %zu nodes", json_integer_value(json_object_get(zone, "usable")),
	       json_array_size(nodes));
	names_text(zone, "nodes", ",");
	printf(" leases %zu", json_array_size(leases));
	names_text(zone, "leases", ",");
}

void zones_heading(const json_t *zone)
{
	const char *name = json_string_value(json_object_get(zone, "zone"));
	size_t n = json_array_size(json_object_get(zone, "nodes"));

	if (!name) {
		puts("without a zone:");
		return;
	}
	printf("zone %s: %s, %" JSON_INTEGER_FORMAT " of %zu node%s usable", name,
	       json_string_value(json_object_get(zone, "state")), json_integer_value(json_object_get(zone, "usable")),
	       n, hasw_s(n));
	if (json_array_size(json_object_get(zone, "leases")))
		fputs(", holds", stdout);
	names_text(zone, "leases", ", ");
	putchar('\n');
}

void zones_gone(const struct hasw_model *model, bool lost, json_t *list)
{
	json_t *zones = zones_json(model);

	for (size_t i = 0; i < json_array_size(zones); i++) {
		const json_t *zone = json_array_get(zones, i), *name = json_object_get(zone, "zone");
		const char *state = json_string_value(json_object_get(zone, "state"));
		size_t n = json_array_size(json_object_get(zone, "nodes"));

		if (!name || json_integer_value(json_object_get(zone, "usable")) ||
		    lost == !!strcmp(state, "lost"))
			continue;
		state = lost ? "lost" : !strcmp(state, "drain") ? "drained" :
			!strcmp(state, "maintenance") ? "in maintenance" : "down";
		json_array_append_new(list, n == 1 ?
				      json_sprintf("the whole zone %s is %s: its only node is not usable",
						   json_string_value(name), state) :
				      json_sprintf("the whole zone %s is %s: none of its %zu nodes is usable",
						   json_string_value(name), state, n));
	}
	json_decref(zones);
}

int zones_unknown(const struct hasw_model *model, const char *name, struct hasw_error *err)
{
	json_t *zones = zones_json(model);
	size_t n = json_array_size(zones);
	char known[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < n && len < sizeof(known); i++) {
		const char *word = json_string_value(json_object_get(json_array_get(zones, i), "zone"));

		if (word)
			len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "", word);
	}
	json_decref(zones);
	if (!n)
		return hasw_fail(err, ENOENT, "there is no zone %s: no node has a zone; node set NAME zone %s gives it one",
				 name, name);
	return hasw_fail(err, ENOENT, "there is no zone %s; there are: %s", name, known);
}
