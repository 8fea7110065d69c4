// SPDX-License-Identifier: GPL-2.0
/* What is wrong, by an overview. The reasons are those of diagnose.c; here it is decided how bad each is. */

#include <string.h>

#include "haadm/ask_agent.h"
#include "haadm/holding.h"
#include "haadm/problems.h"
#include "lib/text.h"

#define STILL_SEEN 60000000000ULL	/* a conflict that was seen in so many ns goes on */
#define NEARLY_FULL 90			/* per cent of the flows that can be tracked */

const char *problems_word(enum level level)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL" };

	return words[level];
}

/* Adds a problem. TEXT: a string, which is released. The list has the problems of the highest level first. */
static void add(struct problems *problems, enum level level, json_t *text)
{
	json_t *problem = json_object();

	json_object_set_new(problem, "level", json_string(problems_word(level)));
	json_object_set_new(problem, "text", text);
	json_array_insert_new(problems->list, level == LEVEL_CRITICAL ? problems->n_critical++ :
			      json_array_size(problems->list), problem);
	if (level > problems->level)
		problems->level = level;
}

static void add_vip(struct problems *problems, const struct overview *o, const struct hasw_vip *vip,
		    const struct hasw_service *services)
{
	static const char *const words[] = {
		[SERVED_PARTLY] = "only partly served", [SERVED_NOT] = "not served",
		[SERVED_UNKNOWN] = "not known to be served",
	};
	char addr[HASW_ADDR_TEXT], svc[HASW_SVC_TEXT], buf[WHY_TEXT], text[HOLDING_TEXT];
	const struct hasw_service *of;
	const char *why;
	json_t *conflict;
	enum served served = overview_served(o, vip, services, buf, &of, &why);

	hasw_addr_format(&vip->addr, addr);
	if (served != SERVED) {
		add(problems, served == SERVED_NOT ? LEVEL_CRITICAL : LEVEL_WARNING,
		    json_sprintf("vip %s %s: %s%s%s", addr, words[served],
				 of ? hasw_svc_format(&of->key, svc) : "", of ? " has " : "", why));
	}
	conflict = holding_conflict(&o->model, o->agent, &vip->addr, o->now);
	if (!conflict)
		return;
	holding_conflict_text(conflict, text);
	add(problems, (uint64_t)json_integer_value(json_object_get(conflict, "age")) < STILL_SEEN ? LEVEL_CRITICAL :
	    LEVEL_WARNING, json_sprintf("vip %s: %s", addr, text));
	json_decref(conflict);
}

/* A lease with vips that nobody holds is told as its vips, which are not served. */
static void add_lease(struct problems *problems, const struct overview *o, uint32_t i)
{
	const struct hasw_lease *lease = &o->model.leases[i];
	json_t *object = holding_lease(lease, o->why[i], o->now);
	const char *why;
	bool used = false;

	holding_successor(object, ask_agent_lease(o->agent, lease->name));
	for (uint32_t v = 0; v < o->model.n_vips && !used; v++)
		used = o->model.vips[v].lease == i;
	why = json_string_value(json_object_get(object, "successor_reason"));
	if (!lease->holder[0]) {
		problems->not_held++;
		if (!used)
			add(problems, LEVEL_WARNING, json_sprintf("lease %s has no holder: %s", lease->name,
								  json_string_value(json_object_get(object, "reason"))));
	} else if (why && used) {
		add(problems, LEVEL_WARNING, json_sprintf("nobody would follow %s as the holder of lease %s: %s",
							  lease->holder, lease->name, why));
	} else if (used && json_is_true(json_object_get(object, "planned_only"))) {
		add(problems, LEVEL_WARNING,
		    json_sprintf("nobody would follow %s as the holder of lease %s if it died: too few voters would be left",
				 lease->holder, lease->name));
	}
	json_decref(object);
}

static void add_node(struct problems *problems, const struct overview *o, const struct hasw_node *node)
{
	char buf[WHY_TEXT];
	const char *share = overview_share(o, node, buf);

	if (share) {
		problems->overloaded++;
		add(problems, LEVEL_WARNING, json_sprintf("node %s %s", node->name, share));
	}
	if (node->state == HASWITCH_NODE_STATE_LOST || node->state == HASWITCH_NODE_STATE_FENCED)
		add(problems, LEVEL_WARNING, json_sprintf("node %s %s", node->name, why_node(node)));
	else if (overview_never_heard(o, node))
		add(problems, LEVEL_WARNING, json_sprintf("node %s was never heard: no BEAT has named it", node->name));
	else
		return;
	problems->lost++;
}

/* Returns whether a member gets no new flows because the administrator wants it so. */
static bool is_taken_out(const struct hasw_model *model, const struct hasw_member *member)
{
	if (member->new_flows == HASWITCH_NEW_FLOWS_WEIGHT_0)
		return true;
	if (member->new_flows != HASWITCH_NEW_FLOWS_NODE_STATE)
		return false;
	switch (model->nodes[member->node].state) {
	case HASWITCH_NODE_STATE_DRAIN:
	case HASWITCH_NODE_STATE_MAINTENANCE:
	case HASWITCH_NODE_STATE_DOWN:
	case HASWITCH_NODE_STATE_LEFT:
		return true;
	}
	return false;
}

/* Returns whether a service prefers a zone that has members. Without any, the module does as if it preferred none. */
static bool zone_counts(const struct hasw_model *model, const struct hasw_service *service)
{
	if (!why_zone(model, service))
		return false;
	for (uint32_t i = service->first; i != HASW_NONE; i = model->members[i].next)
		if (!why_away(model, service, &model->members[i]))
			return true;
	return false;
}

/*
 * Returns whether no spare member, and none of another zone than the preferred one, would serve if the administrator had
 * taken no member out. A preferred zone that has fewer members than min-active always needs others.
 */
static bool lacks_only_taken_out(const struct hasw_model *model, const struct hasw_service *service)
{
	bool zone = zone_counts(model, service);
	uint32_t others = 0, all = 0;

	for (uint32_t i = service->first; i != HASW_NONE; i = model->members[i].next) {
		const struct hasw_member *member = &model->members[i];

		if (member->spare || (zone && why_away(model, service, member)))
			continue;
		all++;
		others += member->serving || is_taken_out(model, member);
	}
	return others >= service->min_active || (zone && others == all);
}

/*
 * Counts a service's spare members. Those that serve because others have failed are told: they are not there any more
 * for a further failure. So are members of other zones than the preferred one.
 */
static void add_spares(struct problems *problems, const struct overview *o, const struct hasw_service *service)
{
	const struct hasw_model *model = &o->model;
	bool wanted = lacks_only_taken_out(model, service);
	char svc[HASW_SVC_TEXT];
	uint32_t away = 0;

	for (uint32_t i = service->first; i != HASW_NONE; i = model->members[i].next) {
		problems->spares += model->members[i].spare;
		away += !model->members[i].spare && model->members[i].serving &&
			why_away(model, service, &model->members[i]);
		if (!why_called(&model->members[i]))
			continue;
		problems->called++;
		if (wanted)
			continue;
		add(problems, LEVEL_WARNING,
		    json_sprintf("spare member %s of %s serves: fewer than %u %s",
				 model->nodes[model->members[i].node].name, hasw_svc_format(&service->key, svc),
				 service->min_active, hasw_plural(service->min_active, "other does", "others do")));
	}
	if (away && !wanted && zone_counts(model, service))
		add(problems, LEVEL_WARNING,
		    json_sprintf("%u member%s of other zones serve%s %s: fewer than %u of zone %s %s", away,
				 hasw_s(away), hasw_plural(away, "s", ""), hasw_svc_format(&service->key, svc),
				 service->min_active, why_zone(model, service), hasw_plural(service->min_active, "does", "do")));
}

/* A member is told if its node is usable, and the member does not serve though nobody has said so. */
static void add_member(struct problems *problems, const struct overview *o, const struct hasw_service *service,
		       const struct hasw_member *member)
{
	char svc[HASW_SVC_TEXT];

	switch (member->new_flows) {
	case HASWITCH_NEW_FLOWS_WEIGHT_0:
	case HASWITCH_NEW_FLOWS_SPARE:
	case HASWITCH_NEW_FLOWS_ZONE:
	case HASWITCH_NEW_FLOWS_NODE_STATE:
		return;
	}
	if (!why_member(&o->model, service, member))
		return;
	problems->unusable++;
	add(problems, LEVEL_WARNING, json_sprintf("member %s of %s %s", o->model.nodes[member->node].name,
						  hasw_svc_format(&service->key, svc),
						  why_member(&o->model, service, member)));
}

void problems_find(struct problems *problems, const struct overview *o)
{
	const struct hasw_model *model = &o->model;
	const struct hasw_service *service = model->services;
	json_t *warnings = overview_warnings(o);

	memset(problems, 0, sizeof(*problems));
	problems->list = json_array();
	for (uint32_t i = 0; i < model->n_vips; i++) {
		add_vip(problems, o, &model->vips[i], service);
		service += model->vips[i].n_services;
	}
	for (uint32_t i = 0; i < model->n_leases; i++)
		add_lease(problems, o, i);
	for (uint32_t i = 0; i < model->n_nodes; i++)
		add_node(problems, o, &model->nodes[i]);
	for (uint32_t i = 0; i < model->n_services; i++) {
		add_spares(problems, o, &model->services[i]);
		for (uint32_t m = model->services[i].first; m != HASW_NONE; m = model->members[m].next)
			add_member(problems, o, &model->services[i], &model->members[m]);
	}
	for (size_t i = 0; i < json_array_size(warnings); i++)
		add(problems, LEVEL_WARNING, json_incref(json_array_get(warnings, i)));
	if ((uint64_t)model->flow_limits.count * 100 >= (uint64_t)model->flow_limits.max * NEARLY_FULL)
		add(problems, LEVEL_WARNING, json_sprintf("%u of at most %u flow%s tracked", model->flow_limits.count,
							  model->flow_limits.max,
							  hasw_plural(model->flow_limits.max, " is", "s are")));
	json_decref(warnings);
}

void problems_free(struct problems *problems)
{
	json_decref(problems->list);
}
