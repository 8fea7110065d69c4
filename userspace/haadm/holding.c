// SPDX-License-Identifier: GPL-2.0
/*
 * The holders of leases and the conflicts of vips, as JSON. A conflict means that another host uses the vip. Text
 * output is made from the JSON objects, so that both outputs agree.
 */

#include <stdio.h>
#include <string.h>

#include "ask_agent.h"
#include "diagnose.h"
#include "holding.h"
#include "lib/text.h"
#include "haadm/output/print.h"

json_t *holding_lease(const struct hasw_lease *lease, const char *why, uint64_t now)
{
	json_t *object = json_object();

	json_object_set_new(object, "lease", out_json_text(lease->name));
	json_object_set_new(object, "holder", lease->holder[0] ? out_json_text(lease->holder) : json_null());
	json_object_set_new(object, "held", json_boolean(lease->held));
	if (lease->partly)
		json_object_set_new(object, "partly", json_true());
	if (lease->protodown)
		json_object_set_new(object, "protodown", json_true());
	if (lease->holder[0]) {
		json_object_set_new(object, "epoch", json_integer((json_int_t)lease->epoch));
		json_object_set_new(object, "deadline", json_integer((json_int_t)lease->deadline));
		json_object_set_new(object, "remaining", json_integer(lease->deadline > now ?
								      (json_int_t)(lease->deadline - now) : 0));
	} else {
		json_object_set_new(object, "reason", out_json_text(why ? why : why_lease_free(lease)));
	}
	if (lease->successor[0])
		json_object_set_new(object, "successor", out_json_text(lease->successor));
	return object;
}

void holding_successor(json_t *lease, const json_t *agent)
{
	static const char *const keys[] = { "successor", "planned_only", "successor_reason" };
	const json_t *holder = json_object_get(lease, "holder");

	if (json_object_get(lease, "successor") || !json_is_string(holder) ||
	    !json_equal(holder, json_object_get(agent, "holder")))
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(agent, keys[i]);

		if (value)
			json_object_set(lease, keys[i], value);
	}
}

void holding_lease_text(const json_t *lease)
{
	bool holder = json_is_string(json_object_get(lease, "holder"));
	char text[HASW_TIME_TEXT];

	printf("  %-15s held by %s", ask_agent_text(lease, "lease"), holder ? ask_agent_text(lease, "holder") : "nobody");
	if (json_is_true(json_object_get(lease, "held")))
		fputs(", this machine,", stdout);
	if (json_is_true(json_object_get(lease, "partly")))
		fputs(" though clients of some of its vips can not come here,", stdout);
	if (holder)
		printf(" under epoch %llu for another %s",
		       (unsigned long long)json_integer_value(json_object_get(lease, "epoch")),
		       hasw_span_format((uint64_t)json_integer_value(json_object_get(lease, "remaining")), text));
	else
		printf(": %s", ask_agent_text(lease, "reason"));
	if (json_is_null(json_object_get(lease, "successor")))
		printf(", successor none: %s", ask_agent_text(lease, "successor_reason"));
	else if (json_object_get(lease, "successor"))
		printf(", successor %s%s", ask_agent_text(lease, "successor"),
		       json_is_true(json_object_get(lease, "planned_only")) ? " in a planned move only" : "");
	if (json_is_true(json_object_get(lease, "protodown")))
		printf("; ha-%s is protodown, so this machine %s", ask_agent_text(lease, "lease"),
		       json_is_true(json_object_get(lease, "held")) ? "holds it only until another node does" : "is no candidate");
}

json_t *holding_split(const json_t *agent, bool *off)
{
	const json_t *split = json_object_get(json_object_get(agent, "vote"), "split");
	uint64_t age = (uint64_t)json_integer_value(json_object_get(split, "age"));
	char text[HASW_TIME_TEXT];

	*off = json_is_true(json_object_get(split, "presumed_off"));
	if (!split)
		return NULL;
	if (*off)
		return json_sprintf("%s is presumed off, for %s now: it is heard on no path and answered on no client link; if it runs, both nodes hold leases until they hear each other again, and what clients wrote to one of them is lost then (split = \"allow\")",
				    ask_agent_text(split, "node"), hasw_span_format(age, text));
	return json_sprintf("split = \"allow\": when nothing passes between this node and %s, each takes the other for off, and both may hold leases; a witness or a fence has no such risk",
			    ask_agent_text(split, "node"));
}

void holding_barred(const json_t *agent, json_t *list)
{
	const json_t *vote = json_object_get(agent, "vote");

	if (json_object_get(vote, "barred"))
		json_array_append_new(list, json_sprintf("this node holds no lease: %s", ask_agent_text(vote, "barred")));
}

void holding_ignored(const json_t *agent, json_t *list)
{
	const json_t *ignored = json_object_get(agent, "ignored");

	for (size_t i = 0; i < json_array_size(ignored); i++) {
		const json_t *one = json_array_get(ignored, i);
		int down = (int)json_integer_value(json_object_get(one, "down"));
		int n = (int)json_integer_value(json_object_get(one, "members_count"));

		json_array_append_new(list, json_sprintf("service %s: %d of %d member%s %s down, and min_healthy is %d%%: their health is ignored, and all of them get flows; see why they are down (haadm agent show)",
							 ask_agent_text(one, "service"),
							 down, n, hasw_s((uint64_t)n), hasw_plural((uint64_t)down, "is", "are"),
							 (int)json_integer_value(json_object_get(one, "min_healthy"))));
	}
}

/* The same as another node has seen it last, as AGENT, the agent's answer, says; or NULL. */
static json_t *conflict_elsewhere(const json_t *agent, const struct hasw_addr *vip, uint64_t now)
{
	const json_t *list = json_object_get(agent, "seen_conflicts"), *found = NULL, *one;
	static const char *const texts[] = { "node", "lladdr", "dev" };
	char text[HASW_ADDR_TEXT];
	uint64_t age = HOLDING_CONFLICT_TIME;
	json_t *object;
	size_t i;

	hasw_addr_format(vip, text);
	json_array_foreach(list, i, one) {
		uint64_t its = (uint64_t)json_integer_value(json_object_get(one, "age"));

		if (!strcmp(ask_agent_text(one, "addr"), text) && its < age) {
			found = one;
			age = its;
		}
	}
	if (!found)
		return NULL;
	object = json_object();
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (json_object_get(found, texts[i]))
			json_object_set(object, texts[i], json_object_get(found, texts[i]));
	json_object_set(object, "seen_by", json_object_get(found, "by"));
	json_object_set_new(object, "time", json_integer(now > age ? (json_int_t)(now - age) : 0));
	json_object_set_new(object, "age", json_integer((json_int_t)age));
	return object;
}

json_t *holding_conflict(const struct hasw_model *model, const json_t *agent, const struct hasw_addr *vip,
			 uint64_t now)
{
	for (uint32_t i = 0; i < model->n_conflicts; i++) {
		const struct hasw_conflict *c = &model->conflicts[i];
		char lladdr[18];
		json_t *object;

		if (hasw_addr_compare(&c->vip, vip) || c->time > now || now - c->time > HOLDING_CONFLICT_TIME)
			continue;
		snprintf(lladdr, sizeof(lladdr), "%02x:%02x:%02x:%02x:%02x:%02x", c->lladdr[0], c->lladdr[1],
			 c->lladdr[2], c->lladdr[3], c->lladdr[4], c->lladdr[5]);
		object = json_object();
		if (c->node[0])
			json_object_set_new(object, "node", out_json_text(c->node));
		json_object_set_new(object, "lladdr", json_string(lladdr));
		json_object_set_new(object, "dev", out_json_text(c->dev));
		json_object_set_new(object, "time", json_integer((json_int_t)c->time));
		json_object_set_new(object, "age", json_integer((json_int_t)(now - c->time)));
		return object;
	}
	return conflict_elsewhere(agent, vip, now);
}

const char *holding_conflict_text(const json_t *conflict, char buf[HOLDING_TEXT])
{
	const char *node = json_string_value(json_object_get(conflict, "node"));
	const char *by = json_string_value(json_object_get(conflict, "seen_by"));
	uint64_t age = (uint64_t)json_integer_value(json_object_get(conflict, "age"));
	char text[HASW_TIME_TEXT];

	snprintf(buf, HOLDING_TEXT, "CONFLICT: also answered by %s%s%s%s on %s%s%s, %s ago", node ? node : "",
		 node ? " (" : "", ask_agent_text(conflict, "lladdr"), node ? ")" : "", ask_agent_text(conflict, "dev"),
		 by ? " of " : "", by ? by : "", hasw_span_format(age, text));
	return buf;
}

bool holding_unspoken(const struct hasw_model *model, uint64_t beats)
{
	if (beats)
		return false;
	/*
	 * The floor, the smallest epoch that can be granted, must be set before a lease can be granted. So a floor that
	 * is set shows that an agent, or an administrator in its place, grants leases.
	 */
	for (uint32_t i = 0; i < model->n_leases; i++) {
		if (model->leases[i].floor)
			return false;
	}
	return model->n_leases || model->n_nodes > 1;
}
