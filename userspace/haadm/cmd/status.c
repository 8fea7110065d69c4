// SPDX-License-Identifier: GPL-2.0
/* `haadm status`: one screen with nodes, leases and vips, their holders, and the reasons why a vip is not served. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "haadm/commands.h"
#include "lib/generated/spec_gen.h"
#include "lib/text.h"
#include "haadm/ask_agent.h"
#include "haadm/diagnose.h"
#include "haadm/holding.h"
#include "haadm/overview.h"
#include "haadm/peers.h"
#include "haadm/rates.h"
#include "haadm/watch.h"
#include "haadm/zones.h"

#define RATES_LEAST	UINT64_C(1000000000)	/* rates of the status page are of at least this time, ns */
#define MOST_SERVED 20	/* maximum number of served vips, and of held leases, that text output lists without -d */

struct state {
	struct haadm *haadm;
	const struct overview *o;
	const struct overview *before;	/* the earlier reading that rates are measured from; or NULL */
	uint32_t shown;		/* number of vips that were printed though they are served */
	uint32_t hidden;	/* number of served vips that were left out */
};

/*
 * Returns the name of the holder of a vip, the only node that replies to ARP requests for the vip. NULL: the vip has no
 * holder, or every node that has the vip replies.
 */
static const char *holder_name(const struct state *state, const struct hasw_vip *vip)
{
	if (vip->lease != HASW_NONE)
		return state->o->model.leases[vip->lease].holder[0] ? state->o->model.leases[vip->lease].holder : NULL;
	return vip->holder != HASW_NONE ? state->o->model.nodes[vip->holder].name : NULL;
}

static void held_text(const struct state *state, const struct hasw_vip *vip)
{
	const char *holder = holder_name(state, vip);

	if (vip->everywhere)
		fputs("held everywhere", stdout);
	else if (holder || vip->lease != HASW_NONE)
		printf("held by %s", holder ? holder : "nobody");
	else
		fputs("held here, without lease or holder", stdout);
}

/*
 * Prints how many flows a node that is drained still has, by the services of vips that this machine holds. Nobody else
 * counts them.
 */
static void flows_left_text(const struct state *state, const struct hasw_node *node)
{
	bool elsewhere;
	uint32_t flows = overview_flows(state->o, node, &elsewhere);

	if (flows)
		printf(", %u connection%s left", flows, hasw_s(flows));
	else
		fputs(", no connections left", stdout);
	if (elsewhere)
		fputs(" here; the holders of other vips know theirs", stdout);
}

/* Prints what the agent of this machine knows of a node: its agent, the paths to it, its configuration. */
static void peer_text(const struct state *state, const struct hasw_node *node)
{
	json_t *known = json_object();

	peers_json(known, state->o->agent, node->name, node->self);
	peers_text(known, state->o->agent);
	json_decref(known);
}

static void node_text(const struct state *state, const struct hasw_node *node)
{
	char text[HASW_TIME_TEXT], buf[WHY_TEXT];
	const char *share = overview_share(state->o, node, buf);

	printf("  %-15s ", node->name);
	out_state(&state->haadm->out, &hasw_enum_node_state, node->state);
	if (node->since && node->since <= state->o->now)
		printf(" for %s", hasw_span_format(state->o->now - node->since, text));
	if (node->self)
		fputs(", this machine", stdout);
	if (node->state == HASWITCH_NODE_STATE_LOST)
		printf(", %s", why_node(node) + strlen("is lost: "));
	if (node->state == HASWITCH_NODE_STATE_DRAIN)
		flows_left_text(state, node);
	if (node->within)
		printf(", its flows have %s left", hasw_span_format(node->within, text));
	if (node->state == HASWITCH_NODE_STATE_HELD)
		fputs(", it has returned and serves only for want of others", stdout);
	if (share)
		printf(", it %s", share);
	if (state->o->unreached[node - state->o->model.nodes])
		printf(", %s", state->o->unreached[node - state->o->model.nodes]);
	if (overview_never_heard(state->o, node))
		fputs(", never heard: no BEAT has named it", stdout);
	peer_text(state, node);
	putchar('\n');
}

/*
 * Returns whether the service has a usable sorry node, which `on-empty` names, and which gets the packets while no
 * member is usable.
 */
static bool sorry_serves(const struct state *state, const struct hasw_service *service)
{
	return service->sorry != HASW_NONE && !why_node(&state->o->model.nodes[service->sorry]);
}

/* Prints the strings in LIST, one a line, each with text before it. Releases LIST. */
static void print_lines(const char *before, json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		printf("%s%s\n", before, json_string_value(json_array_get(list, i)));
	json_decref(list);
}

/* Returns the named devices of a vip that do not exist, as a list of strings. */
static json_t *absent_json(const struct hasw_model *model, const struct hasw_vip *vip)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < vip->n_devs; i++) {
		if (vip->absent >> i & 1)
			json_array_append_new(list, json_string(model->devs[vip->devs[i]]));
	}
	return list;
}

/* Returns the names of the nodes of a service's spare members that serve, or NULL if there are none. */
static json_t *spares_json(const struct hasw_model *model, const struct hasw_service *service)
{
	json_t *list = NULL;

	for (uint32_t i = service->first; i != HASW_NONE; i = model->members[i].next) {
		if (!why_called(&model->members[i]))
			continue;
		if (!list)
			list = json_array();
		json_array_append_new(list, json_string(model->nodes[model->members[i].node].name));
	}
	return list;
}

/*
 * Returns the names of the nodes of a service's members that serve though they are in another zone than the preferred
 * one, and are no spare ones; or NULL if there are none.
 */
static json_t *away_json(const struct hasw_model *model, const struct hasw_service *service)
{
	json_t *list = NULL;

	for (uint32_t i = service->first; i != HASW_NONE; i = model->members[i].next) {
		const struct hasw_member *member = &model->members[i];

		if (member->spare || !member->serving || !why_away(model, service, member))
			continue;
		if (!list)
			list = json_array();
		json_array_append_new(list, json_string(model->nodes[member->node].name));
	}
	return list;
}

/* Prints the strings of a list, if it is not NULL, after WHAT, and frees it. */
static void names_print(const char *what, json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		printf("%s %s", i ? "," : what, json_string_value(json_array_get(list, i)));
	json_decref(list);
}

/*
 * Prints how many members of a service serve, after WOULD, which zone it prefers, and which of them are of another zone,
 * or spare ones.
 */
static void spread_text(const struct hasw_model *model, const struct hasw_service *service, const char *would)
{
	const char *zone = why_zone(model, service);

	printf("%s%u of %u member%s", would, service->serving, service->n_members, hasw_s(service->n_members));
	if (zone)
		printf(", zone %s preferred", zone);
	else if (service->zone_prefer)
		fputs(", no zone preferred as this node has none", stdout);
	names_print(", with spare", spares_json(model, service));
	names_print(", with other zones'", away_json(model, service));
}

/* How many flows a service has, if it tracks them; and its rates, if there is an earlier reading. */
static json_t *service_rates(const struct state *state, const struct hasw_service *service)
{
	struct rate rate;

	rates_service(&rate, state->before, state->o, service);
	return rates_json(&rate);
}

static void rates_print(const struct state *state, const struct hasw_service *service)
{
	json_t *rates = service_rates(state, service);
	char phrase[RATES_PHRASE];

	for (unsigned int i = 0; rates_phrase(rates, i, phrase); i++) {
		if (*phrase)
			printf(", %s", phrase);
	}
	json_decref(rates);
}

/* Prints a vip if it is well (WELL), or if it is not. */
static void vip_text(struct state *state, const struct hasw_vip *vip, const struct hasw_service *services, bool well)
{
	char addr[HASW_ADDR_TEXT], text[HASW_SVC_TEXT], ports[HASW_PORTS_TEXT], buf[WHY_TEXT];
	static const char *const said[] = {
		[SERVED] = "", [SERVED_PARTLY] = ", PARTLY SERVED", [SERVED_NOT] = ", NOT SERVED",
		[SERVED_UNKNOWN] = " that is known here, NOT KNOWN TO BE SERVED",
	};
	const struct hasw_service *of;
	const char *why, *would;
	enum served served;
	json_t *conflict;

	served = overview_flaws(state->o, vip)->served;
	conflict = holding_conflict(&state->o->model, state->o->agent, &vip->addr, state->o->now);
	if (well != (served == SERVED && !conflict && !vip->absent)) {
		json_decref(conflict);
		return;
	}
	if (well && !state->haadm->out.details && state->shown >= MOST_SERVED) {
		state->hidden++;
		return;
	}
	state->shown += well;
	overview_served(state->o, vip, services, buf, &of, &why);
	/* A reason that concerns a service is printed later, in the service's line. */
	if (of)
		why = NULL;
	would = why ? "would be " : "";
	printf("  %s ", hasw_addr_format(&vip->addr, addr));
	held_text(state, vip);
	printf("%s%s%s\n", said[served], why ? ": " : "", why ? why : "");
	print_lines("    waits for device ", absent_json(&state->o->model, vip));
	if (conflict) {
		char seen[HOLDING_TEXT];

		printf("    %s\n", holding_conflict_text(conflict, seen));
		json_decref(conflict);
	}
	for (uint32_t i = 0; i < vip->n_services; i++) {
		printf("    %s", hasw_svc_format(&services[i].key, text));
		for (unsigned int j = 0; j < services[i].n_also; j++)
			printf(" also %s", hasw_ports_format(state->o->model.also[services[i].also + j], ports));
		fputs(" -> ", stdout);
		why = why_service(&state->o->model, &services[i], buf);
		if (why_rejects(&services[i]))
			printf("%srejected: no members, and on-empty reject", would);
		else if (!why && why_is_spread(&services[i]))
			spread_text(&state->o->model, &services[i], would);
		else if (why && sorry_serves(state, &services[i]))
			printf("%s, for want of members: %s", state->o->model.nodes[services[i].sorry].name, why);
		else if (why)
			printf("nobody: %s", why);
		else if (services[i].active_port)
			printf("%s%s:%u", would, services[i].active, services[i].active_port);
		else
			printf("%s%s", would, services[i].active);
		rates_print(state, &services[i]);
		putchar('\n');
	}
}

static json_t *also_json(const struct hasw_model *model, const struct hasw_service *service)
{
	char ports[HASW_PORTS_TEXT];
	json_t *list = json_array();

	for (unsigned int i = 0; i < service->n_also; i++)
		json_array_append_new(list, json_string(hasw_ports_format(model->also[service->also + i], ports)));
	return list;
}

static json_t *vip_json(struct state *state, const struct hasw_vip *vip,
			const struct hasw_service *services)
{
	json_t *object = json_object(), *list = json_array();
	char addr[HASW_ADDR_TEXT], text[HASW_SVC_TEXT], buf[WHY_TEXT];
	const struct hasw_service *of;
	json_t *conflict, *spares, *away;
	const char *why, *zone;
	enum served served;

	json_object_set_new(object, "addr", json_string(hasw_addr_format(&vip->addr, addr)));
	why = holder_name(state, vip);
	json_object_set_new(object, "holder", why ? json_string(why) : json_null());
	if (vip->lease != HASW_NONE)
		json_object_set_new(object, "lease", json_string(state->o->model.leases[vip->lease].name));
	json_object_set_new(object, "everywhere", json_boolean(vip->everywhere));
	why = hasw_enum_name(&hasw_enum_role, vip->role);
	json_object_set_new(object, "role", why ? json_string(why) : json_sprintf("%u", vip->role));
	served = overview_served(state->o, vip, services, buf, &of, &why);
	json_object_set_new(object, "served", json_boolean(served == SERVED || served == SERVED_PARTLY));
	json_object_set_new(object, "partly_served", json_boolean(served == SERVED_PARTLY));
	if (served == SERVED_UNKNOWN)
		json_object_set_new(object, "served_unknown", json_true());
	if (why && of)
		json_object_set_new(object, "reason", json_sprintf("%s: %s", hasw_svc_format(&of->key, text), why));
	else if (why)
		json_object_set_new(object, "reason", json_string(why));
	if (json_array_size(overview_flaws(state->o, vip)->faults))
		json_object_set(object, "faults", overview_flaws(state->o, vip)->faults);
	conflict = holding_conflict(&state->o->model, state->o->agent, &vip->addr, state->o->now);
	if (conflict)
		json_object_set_new(object, "conflict", conflict);
	if (vip->absent)
		json_object_set_new(object, "waits_for", absent_json(&state->o->model, vip));
	for (uint32_t i = 0; i < vip->n_services; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "service", json_string(hasw_svc_format(&services[i].key, text)));
		if (services[i].n_also)
			json_object_set_new(one, "also", also_json(&state->o->model, &services[i]));
		if (services[i].active)
			json_object_set_new(one, "active", json_string(services[i].active));
		if (services[i].active && services[i].active_port)
			json_object_set_new(one, "active_port", json_integer(services[i].active_port));
		if (why_is_spread(&services[i])) {
			json_object_set_new(one, "serving_count", json_integer(services[i].serving));
			json_object_set_new(one, "members_count", json_integer(services[i].n_members));
			spares = spares_json(&state->o->model, &services[i]);
			if (spares)
				json_object_set_new(one, "spares", spares);
			zone = why_zone(&state->o->model, &services[i]);
			if (zone)
				json_object_set_new(one, "zone", json_string(zone));
			away = away_json(&state->o->model, &services[i]);
			if (away)
				json_object_set_new(one, "away", away);
		}
		if (why_rejects(&services[i]))
			json_object_set_new(one, "rejects", json_true());
		why = why_service(&state->o->model, &services[i], buf);
		json_object_set_new(one, "served", json_boolean(!why));
		if (why)
			json_object_set_new(one, "reason", json_string(why));
		json_object_set_new(one, "rates", service_rates(state, &services[i]));
		if (services[i].sorry != HASW_NONE)
			json_object_set_new(one, "on_empty", json_string(state->o->model.nodes[services[i].sorry].name));
		json_array_append_new(list, one);
	}
	json_object_set_new(object, "services", list);
	return object;
}

static json_t *node_json(const struct state *state, const struct hasw_node *node)
{
	const char *why = why_node(node), *name = hasw_enum_name(&hasw_enum_node_state, node->state);
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(node->name));
	if (node->zone[0])
		json_object_set_new(object, "zone", json_string(node->zone));
	json_object_set_new(object, "self", json_boolean(node->self));
	json_object_set_new(object, "state", name ? json_string(name) : json_sprintf("%u", node->state));
	json_object_set_new(object, "never_heard", json_boolean(overview_never_heard(state->o, node)));
	json_object_set_new(object, "since", json_integer((json_int_t)node->since));
	if (node->since && node->since <= state->o->now)
		json_object_set_new(object, "since_age", json_integer((json_int_t)(state->o->now - node->since)));
	json_object_set_new(object, "share", json_integer(node->share));
	if (node->state == HASWITCH_NODE_STATE_DRAIN) {
		bool elsewhere;

		json_object_set_new(object, "flows_left", json_integer(overview_flows(state->o, node, &elsewhere)));
		json_object_set_new(object, "flows_elsewhere", json_boolean(elsewhere));
	}
	if (why)
		json_object_set_new(object, "reason", json_string(why));
	why = state->o->unreached[node - state->o->model.nodes];
	if (why)
		json_object_set_new(object, "unreached", json_string(why));
	peers_json(object, state->o->agent, node->name, node->self);
	return object;
}

/* Prints how many vips are not served, how many are only partly served, and how many nodes were never heard from. */
static void print_sums(const struct state *state)
{
	const struct hasw_model *model = &state->o->model;
	const char *s = hasw_s(model->n_vips);
	uint32_t silent = 0;

	for (uint32_t i = 0; i < model->n_nodes; i++)
		silent += overview_never_heard(state->o, &model->nodes[i]);
	if (state->o->not_served)
		printf("%u of %u vip%s not served\n", state->o->not_served, model->n_vips, s);
	if (state->o->unknown)
		printf("%u of %u vip%s not known to be served\n", state->o->unknown, model->n_vips, s);
	if (state->o->partly_served)
		printf("%u of %u vip%s only partly served\n", state->o->partly_served, model->n_vips, s);
	if (silent)
		printf("%u of %u node%s never heard; does haagentd run there, do its heartbeats (UDP) get through?\n",
		       silent, model->n_nodes, hasw_s(model->n_nodes));
}

/* Returns one lease as JSON: the module's state, with the agent's reason and successor. */
static json_t *lease_json(const struct state *state, uint32_t i)
{
	const struct hasw_lease *lease = &state->o->model.leases[i];
	json_t *object = holding_lease(lease, state->o->why[i], state->o->now);

	holding_successor(object, ask_agent_lease(state->o->agent, lease->name));
	return object;
}

/* Prints all leases that nobody holds. Without option -d, prints at most MOST_SERVED of the held leases. */
static void leases_text(const struct state *state)
{
	const struct hasw_model *model = &state->o->model;
	uint32_t held = 0;

	printf("leases: %u\n", model->n_leases);
	for (uint32_t i = 0; i < model->n_leases; i++) {
		json_t *lease;

		if (model->leases[i].holder[0] && ++held > MOST_SERVED && !state->haadm->out.details)
			continue;
		lease = lease_json(state, i);
		holding_lease_text(lease);
		putchar('\n');
		json_decref(lease);
	}
	if (held > MOST_SERVED && !state->haadm->out.details)
		printf("  and %u more that are held; -d shows them\n", held - MOST_SERVED);
}

static void vips_text(struct state *state, bool well)
{
	const struct hasw_model *model = &state->o->model;
	const struct hasw_service *service = model->services;

	for (uint32_t i = 0; i < model->n_vips; i++) {
		vip_text(state, &model->vips[i], service, well);
		service += model->vips[i].n_services;
	}
}

/* Prints the nodes; by zone, with a line above each zone, if there are zones. */
static void nodes_text(const struct state *state)
{
	const struct hasw_model *model = &state->o->model;
	json_t *zones = zones_json(model);

	for (uint32_t i = 0; !json_array_size(zones) && i < model->n_nodes; i++)
		node_text(state, &model->nodes[i]);
	for (size_t z = 0; z < json_array_size(zones); z++) {
		const json_t *zone = json_array_get(zones, z);
		const char *name = json_string_value(json_object_get(zone, "zone"));

		zones_heading(zone);
		for (uint32_t i = 0; i < model->n_nodes; i++) {
			if (!strcmp(model->nodes[i].zone, name ? name : ""))
				node_text(state, &model->nodes[i]);
		}
	}
	json_decref(zones);
}

/* What is wrong comes first: a screen may have room for the first lines only. */
static void print_text(struct state *state)
{
	const struct hasw_model *model = &state->o->model;

	print_sums(state);
	print_lines("WARNING: ", overview_warnings(state->o));
	printf("nodes: %u\n", model->n_nodes);
	nodes_text(state);
	if (model->n_nodes && model->self == HASW_NONE)
		puts("  none of them is this machine; \"self\" is right behind the node that it is");
	if (model->n_leases)
		leases_text(state);
	printf("vips: %u\n", model->n_vips);
	vips_text(state, false);
	vips_text(state, true);
	if (state->hidden)
		printf("  and %u more that are served; -d shows them\n", state->hidden);
	if (state->haadm->out.details)
		printf("devices with packets seen at ingress: %u\nflows tracked: %u of at most %u\n", state->o->hooks,
		       model->flow_limits.count, model->flow_limits.max);
	print_lines("note: ", overview_notes(state->o));
}

static json_t *state_json(struct state *state)
{
	const struct hasw_model *model = &state->o->model;
	const struct hasw_service *service = model->services;
	json_t *top = json_object(), *nodes = json_array(), *vips = json_array(), *leases = json_array();

	for (uint32_t i = 0; i < model->n_nodes; i++)
		json_array_append_new(nodes, node_json(state, &model->nodes[i]));
	for (uint32_t i = 0; i < model->n_leases; i++)
		json_array_append_new(leases, lease_json(state, i));
	for (uint32_t i = 0; i < model->n_vips; i++) {
		json_array_append_new(vips, vip_json(state, &model->vips[i], service));
		service += model->vips[i].n_services;
	}
	json_object_set_new(top, "generation", json_integer((json_int_t)state->o->generation));
	json_object_set_new(top, "agent_stalled", json_boolean(state->o->stalled));
	json_object_set_new(top, "agent_unspoken", json_boolean(holding_unspoken(model, state->o->beats)));
	json_object_set_new(top, "agent_answers", json_boolean(state->o->agent));
	json_object_set_new(top, "warnings", overview_warnings(state->o));
	json_object_set_new(top, "notes", overview_notes(state->o));
	json_object_set_new(top, "doors", json_integer(state->o->hooks));
	json_object_set_new(top, "flows", json_integer(model->flow_limits.count));
	json_object_set_new(top, "flows_max", json_integer(model->flow_limits.max));
	if (state->before)
		json_object_set_new(top, "rates_over", json_integer((json_int_t)(state->o->now - state->before->now)));
	json_object_set_new(top, "node", model->self == HASW_NONE ? json_null() :
			    json_string(model->nodes[model->self].name));
	json_object_set_new(top, "zones", zones_json(model));
	json_object_set_new(top, "nodes", nodes);
	json_object_set_new(top, "leases", leases);
	json_object_set_new(top, "vips", vips);
	return top;
}

static void print(struct haadm *haadm, const struct watch *watch, const struct overview *before,
		  const struct overview *now)
{
	struct state state = { .haadm = haadm, .o = now, .before = before };

	(void)watch;
	if (haadm->out.json)
		out_json_line(&haadm->out, state_json(&state));
	else
		print_text(&state);
}

static void reading_free(struct overview *o)
{
	if (o)
		overview_free(o);
	free(o);
}

/*
 * Keeps a reading, unless the one that was kept last is younger than RATES_LEAST. Rates are measured from the one before,
 * so that two requests at almost the same time do not give rates of that short a time.
 */
static void reading_keep(struct status_past *past, struct overview *o)
{
	if (past->last && o->now - past->last->now < RATES_LEAST) {
		reading_free(o);
		return;
	}
	reading_free(past->base);
	past->base = past->last;
	past->last = o;
}

json_t *status_json(struct hasw_sock *sock, struct status_past *past, json_t **agent, struct hasw_error *err)
{
	struct overview *o = calloc(1, sizeof(*o));
	struct state state = { .o = o };
	struct hasw_error unasked;
	json_t *top;

	if (!o || overview_read(o, sock, err)) {
		if (!o)
			hasw_fail(err, ENOMEM, "out of memory");
		free(o);
		*agent = ask_agent(false, &unasked);
		return NULL;
	}
	/* The last one is old enough: it is the one to measure from. */
	if (past->last && o->now - past->last->now >= RATES_LEAST)
		state.before = past->last;
	else
		state.before = past->base;
	top = state_json(&state);
	*agent = json_incref(o->agent);
	reading_keep(past, o);
	return top;
}

/* Reads, waits, and reads again, so that there are rates. */
static enum status run_over(struct haadm *haadm, const struct watch *watch, struct hasw_sock *sock)
{
	const struct timespec time = {
		.tv_sec = (time_t)(watch->over / RATES_LEAST), .tv_nsec = (long)(watch->over % RATES_LEAST),
	};
	struct overview before, now;
	struct hasw_error err;

	if (overview_read(&before, sock, &err))
		return haadm_error(haadm, &err);
	nanosleep(&time, NULL);
	if (overview_read(&now, sock, &err)) {
		overview_free(&before);
		return haadm_error(haadm, &err);
	}
	print(haadm, watch, &before, &now);
	overview_free(&before);
	overview_free(&now);
	return STATUS_OK;
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct watch watch = { .on_events = true, .first = true, .print = print };
	enum status status = watch_parse(&watch, haadm, req, true);
	struct hasw_sock *sock;
	struct hasw_error err;
	struct overview o;

	if (status)
		return status;
	if (watch.again)
		return watch_run(&watch, haadm);
	sock = haadm_sock(haadm);
	if (!sock)
		return STATUS_REFUSED;
	if (watch.over)
		return run_over(haadm, &watch, sock);
	if (overview_read(&o, sock, &err))
		return haadm_error(haadm, &err);
	print(haadm, &watch, NULL, &o);
	overview_free(&o);
	return STATUS_OK;
}

static const struct verb verbs[] = {
	{ NULL, "[ over TIME | -w [ every TIME ] [ count N ] ]", HASWITCH_CMD_CONFIG_GET, SUBJECT_WORDS, true, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_status = { "status", "who serves what, and why not", verbs };
