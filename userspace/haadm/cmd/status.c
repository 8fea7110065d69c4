// SPDX-License-Identifier: GPL-2.0
/* `haadm status`: one screen with nodes, leases and vips, their holders, and the reasons why a vip is not served. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "haadm/commands.h"
#include "lib/generated/spec_gen.h"
#include "lib/text.h"
#include "haadm/rtnl.h"
#include "haadm/ask_agent.h"
#include "haadm/devices.h"
#include "haadm/diagnose.h"
#include "haadm/facing.h"
#include "haadm/holding.h"

#define MOST_SERVED 20	/* maximum number of served vips, and of held leases, that text output lists without -d */

/* What is wrong with a vip on this machine, apart from its owner and its services. */
struct flaws {
	json_t *faults;		/* texts, or NULL if there are none */
	bool cut;		/* no client-facing device works */
	bool unlocal;		/* the vip should be an address of this machine, but is none */
};

struct state {
	struct haadm *haadm;
	struct hasw_model model;
	struct rtnl rtnl;
	uint64_t generation;
	uint64_t beats;		/* number of BEATs (reports of nodes as alive) that the module has accepted */
	uint32_t hooks;		/* number of devices with an ingress hook (fast path) */
	bool stalled;
	json_t *agent;		/* the agent's answer, or NULL */
	struct hasw_error unasked;	/* error of ask_agent(), if agent is NULL */
	struct devices devices;
	struct hasw_error unread;	/* error of devices_read(), if its code is not 0 */
	const char **why;	/* for each lease, the agent's reason why nobody holds it, or NULL */
	const char **unreached;	/* for each node, why a member on it cannot be reached, or NULL */
	struct flaws *flaws;	/* for each vip */
	uint64_t now;		/* time of the output, CLOCK_BOOTTIME, ns */
	uint32_t unserved;
	uint32_t partly;
	uint32_t shown;		/* number of served vips that were printed */
};

/* The extent to which a vip is served. */
enum served {
	SERVED,
	SERVED_PARTLY,
	SERVED_NOT,
};

static int take_config(const struct hasw_record *rec, void *data)
{
	struct state *state = data;

	state->generation = hasw_number(rec, HASWITCH_A_CONFIG_GENERATION, 0);
	state->stalled = hasw_has(rec, HASWITCH_A_CONFIG_AGENT_STALLED);
	state->hooks = (uint32_t)hasw_number(rec, HASWITCH_A_CONFIG_DOORS, 0);
	return 0;
}

static int take_stats(const struct hasw_record *rec, void *data)
{
	struct state *state = data;

	state->beats = hasw_number(rec, HASWITCH_A_STATS_BEATS, 0);
	return 0;
}

/*
 * Returns whether the module has accepted BEATs, but none that names the node. In a BEAT the agent of this machine
 * reports the nodes that it hears. So the node's own agent does not run, or its heartbeats are lost.
 */
static bool never_heard(const struct state *state, const struct hasw_node *node)
{
	return state->beats && node->agent == HASWITCH_AGENT_STATE_UNNAMED;
}

static struct flaws *flaws_of(const struct state *state, const struct hasw_vip *vip)
{
	return &state->flaws[vip - state->model.vips];
}

/* Marks this machine's members of a vip's services as not serving, because the vip is no address of this machine. */
static void unlocal_members(struct hasw_model *model, const struct hasw_vip *vip, struct hasw_service *services)
{
	for (uint32_t i = 0; i < vip->n_services; i++) {
		for (uint32_t m = services[i].first; m != HASW_NONE; m = model->members[m].next) {
			struct hasw_member *member = &model->members[m];

			if (member->node != model->self)
				continue;
			member->unlocal = true;
			if (member->serving) {
				services[i].serving--;
				free(services[i].active);
				services[i].active = NULL;
			}
			member->serving = false;
		}
	}
}

/* Looks for what is wrong with each vip on this machine. Vips and services are sorted by address. */
static int find_flaws(struct state *state, struct hasw_error *err)
{
	struct hasw_model *model = &state->model;
	struct hasw_service *service = model->services;

	state->flaws = calloc(model->n_vips + 1, sizeof(*state->flaws));
	if (!state->flaws)
		return hasw_fail(err, ENOMEM, "out of memory");
	for (uint32_t i = 0; i < model->n_vips; i++) {
		const struct hasw_vip *vip = &model->vips[i];
		struct flaws *flaws = &state->flaws[i];

		flaws->faults = json_array();
		/* If the devices could not be read, a warning says so. */
		if (!state->unread.code && facing_concerns(model, vip))
			flaws->cut = facing_faults(&state->devices, model, vip, flaws->faults);
		if (hasw_model_local(model, vip) && !rtnl_is_local(&state->rtnl, &vip->addr, err)) {
			flaws->unlocal = true;
			json_array_append_new(flaws->faults, json_string("it is not an address of this machine, which is to serve it; haadm vip heal puts it back"));
			unlocal_members(model, vip, service);
		}
		service += vip->n_services;
	}
	return 0;
}

/* Adds a warning for each fault of vips: the first vip that has the fault, and how many others have it. */
static void add_faults(const struct state *state, json_t *list)
{
	json_t *first = json_object(), *count = json_object(), *addr;
	const char *fault;
	json_int_t more;

	for (uint32_t i = 0; i < state->model.n_vips; i++) {
		char text[HASW_ADDR_TEXT];

		hasw_addr_format(&state->model.vips[i].addr, text);
		for (size_t j = 0; j < json_array_size(state->flaws[i].faults); j++) {
			fault = json_string_value(json_array_get(state->flaws[i].faults, j));
			if (!json_object_get(first, fault))
				json_object_set_new(first, fault, json_string(text));
			more = json_integer_value(json_object_get(count, fault));
			json_object_set_new(count, fault, json_integer(more + 1));
		}
	}
	json_object_foreach(first, fault, addr) {
		more = json_integer_value(json_object_get(count, fault)) - 1;
		if (more)
			json_array_append_new(list, json_sprintf("vip %s and %lld more: %s", json_string_value(addr),
								 (long long)more, fault));
		else
			json_array_append_new(list, json_sprintf("vip %s: %s", json_string_value(addr), fault));
	}
	json_decref(first);
	json_decref(count);
}

/*
 * Returns the extent to which a vip is served. A vip without a usable holder is not served; otherwise its services
 * decide. *WHY receives the reason why the vip is not completely served, or NULL. *OF receives the service that the
 * reason concerns, or NULL if the reason concerns the vip itself.
 */
static enum served vip_served(struct state *state, const struct hasw_vip *vip,
			      const struct hasw_service *services, char buf[WHY_TEXT],
			      const struct hasw_service **of, const char **why)
{
	bool ours = vip->lease != HASW_NONE ? state->model.leases[vip->lease].held :
		    vip->holder == HASW_NONE || vip->holder == state->model.self;
	const struct flaws *flaws = flaws_of(state, vip);
	uint32_t dead = 0;

	*of = NULL;
	*why = why_vip(&state->model, vip, !flaws->unlocal, vip->lease == HASW_NONE ? NULL : state->why[vip->lease], buf);
	if (*why)
		return SERVED_NOT;
	if (ours && flaws->cut) {
		snprintf(buf, WHY_TEXT, "clients cannot reach this machine: %s",
			 json_string_value(json_array_get(flaws->faults, 0)));
		*why = buf;
		return SERVED_NOT;
	}
	for (uint32_t i = 0; i < vip->n_services; i++) {
		char text[WHY_TEXT];

		if (!why_service(&state->model, &services[i], *of ? text : buf))
			continue;
		if (!*of)
			*of = &services[i];
		dead++;
	}
	*why = dead ? buf : NULL;
	return !dead ? SERVED : dead < vip->n_services ? SERVED_PARTLY : SERVED_NOT;
}

/*
 * Returns the name of the holder of a vip, the only node that replies to ARP requests for the vip. NULL: the vip has no
 * holder, or every node that has the vip replies.
 */
static const char *holder_name(const struct state *state, const struct hasw_vip *vip)
{
	if (vip->lease != HASW_NONE)
		return state->model.leases[vip->lease].holder[0] ? state->model.leases[vip->lease].holder : NULL;
	return vip->holder != HASW_NONE ? state->model.nodes[vip->holder].name : NULL;
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

static void node_text(const struct state *state, const struct hasw_node *node)
{
	char text[HASW_TIME_TEXT];

	printf("  %-15s ", node->name);
	out_state(&state->haadm->out, &hasw_enum_node_state, node->state);
	if (node->since && node->since <= state->now)
		printf(" for %s", hasw_span_format(state->now - node->since, text));
	if (node->self)
		fputs(", this machine", stdout);
	if (node->state == HASWITCH_NODE_STATE_LOST)
		printf(", %s", why_node(node) + strlen("is lost: "));
	if (node->within)
		printf(", its flows have %s left", hasw_span_format(node->within, text));
	if (node->state == HASWITCH_NODE_STATE_HELD)
		fputs(", it has returned and serves only for want of others", stdout);
	if (state->unreached[node - state->model.nodes])
		printf(", %s", state->unreached[node - state->model.nodes]);
	if (never_heard(state, node))
		fputs(", never heard: no BEAT has named it", stdout);
	putchar('\n');
}

/*
 * Returns whether the service has a usable sorry node, which `on-empty` names, and which gets the packets while no
 * member is usable.
 */
static bool sorry_serves(const struct state *state, const struct hasw_service *service)
{
	return service->sorry != HASW_NONE && !why_node(&state->model.nodes[service->sorry]);
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

static void vip_text(struct state *state, const struct hasw_vip *vip,
		     const struct hasw_service *services)
{
	char addr[HASW_ADDR_TEXT], text[HASW_SVC_TEXT], ports[HASW_PORTS_TEXT], buf[WHY_TEXT];
	static const char *const said[] = {
		[SERVED] = "", [SERVED_PARTLY] = ", PARTLY SERVED", [SERVED_NOT] = ", NOT SERVED",
	};
	const struct hasw_service *of;
	const char *why, *would;
	enum served served;
	json_t *conflict;

	served = vip_served(state, vip, services, buf, &of, &why);
	/* A reason that concerns a service is printed later, in the service's line. */
	if (of)
		why = NULL;
	would = why ? "would be " : "";
	conflict = holding_conflict(&state->model, &vip->addr, state->now);
	if (served == SERVED && !conflict && !vip->absent && !state->haadm->out.details &&
	    state->shown >= MOST_SERVED)
		return;
	*(served == SERVED ? &state->shown : served == SERVED_PARTLY ? &state->partly : &state->unserved) += 1;
	printf("  %s ", hasw_addr_format(&vip->addr, addr));
	held_text(state, vip);
	printf("%s%s%s\n", said[served], why ? ": " : "", why ? why : "");
	print_lines("    waits for device ", absent_json(&state->model, vip));
	if (conflict) {
		char seen[HOLDING_TEXT];

		printf("    %s\n", holding_conflict_text(conflict, seen));
		json_decref(conflict);
	}
	for (uint32_t i = 0; i < vip->n_services; i++) {
		printf("    %s", hasw_svc_format(&services[i].key, text));
		for (unsigned int j = 0; j < services[i].n_also; j++)
			printf(" also %s", hasw_ports_format(state->model.also[services[i].also + j], ports));
		fputs(" -> ", stdout);
		why = why_service(&state->model, &services[i], buf);
		if (why_rejects(&services[i]))
			printf("%srejected: no members, and on-empty reject\n", would);
		else if (!why && why_is_spread(&services[i]))
			printf("%s%u of %u members\n", would, services[i].serving, services[i].n_members);
		else if (why && sorry_serves(state, &services[i]))
			printf("%s, for want of members: %s\n", state->model.nodes[services[i].sorry].name, why);
		else if (why)
			printf("nobody: %s\n", why);
		else if (services[i].active_port)
			printf("%s%s:%u\n", would, services[i].active, services[i].active_port);
		else
			printf("%s%s\n", would, services[i].active);
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
	enum served served;
	json_t *conflict;
	const char *why;

	json_object_set_new(object, "addr", json_string(hasw_addr_format(&vip->addr, addr)));
	why = holder_name(state, vip);
	json_object_set_new(object, "holder", why ? json_string(why) : json_null());
	if (vip->lease != HASW_NONE)
		json_object_set_new(object, "lease", json_string(state->model.leases[vip->lease].name));
	json_object_set_new(object, "everywhere", json_boolean(vip->everywhere));
	why = hasw_enum_name(&hasw_enum_role, vip->role);
	json_object_set_new(object, "role", why ? json_string(why) : json_integer(vip->role));
	served = vip_served(state, vip, services, buf, &of, &why);
	json_object_set_new(object, "served", json_boolean(served != SERVED_NOT));
	json_object_set_new(object, "partly_served", json_boolean(served == SERVED_PARTLY));
	if (why && of)
		json_object_set_new(object, "reason", json_sprintf("%s: %s", hasw_svc_format(&of->key, text), why));
	else if (why)
		json_object_set_new(object, "reason", json_string(why));
	if (json_array_size(flaws_of(state, vip)->faults))
		json_object_set(object, "faults", flaws_of(state, vip)->faults);
	conflict = holding_conflict(&state->model, &vip->addr, state->now);
	if (conflict)
		json_object_set_new(object, "conflict", conflict);
	if (vip->absent)
		json_object_set_new(object, "waits_for", absent_json(&state->model, vip));
	for (uint32_t i = 0; i < vip->n_services; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "service", json_string(hasw_svc_format(&services[i].key, text)));
		if (services[i].n_also)
			json_object_set_new(one, "also", also_json(&state->model, &services[i]));
		if (services[i].active)
			json_object_set_new(one, "active", json_string(services[i].active));
		if (services[i].active && services[i].active_port)
			json_object_set_new(one, "active_port", json_integer(services[i].active_port));
		if (why_is_spread(&services[i])) {
			json_object_set_new(one, "serving", json_integer(services[i].serving));
			json_object_set_new(one, "members", json_integer(services[i].n_members));
		}
		if (why_rejects(&services[i]))
			json_object_set_new(one, "rejects", json_true());
		why = why_service(&state->model, &services[i], buf);
		if (why)
			json_object_set_new(one, "reason", json_string(why));
		if (services[i].sorry != HASW_NONE)
			json_object_set_new(one, "on_empty", json_string(state->model.nodes[services[i].sorry].name));
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
	json_object_set_new(object, "self", json_boolean(node->self));
	json_object_set_new(object, "state", name ? json_string(name) : json_integer(node->state));
	json_object_set_new(object, "never_heard", json_boolean(never_heard(state, node)));
	json_object_set_new(object, "since", json_integer((json_int_t)node->since));
	if (why)
		json_object_set_new(object, "reason", json_string(why));
	why = state->unreached[node - state->model.nodes];
	if (why)
		json_object_set_new(object, "unreached", json_string(why));
	return object;
}

static int services_by_key(const void *a, const void *b)
{
	return hasw_svc_compare(&((const struct hasw_service *)a)->key, &((const struct hasw_service *)b)->key);
}

static int vips_by_addr(const void *a, const void *b)
{
	return hasw_addr_compare(&((const struct hasw_vip *)a)->addr, &((const struct hasw_vip *)b)->addr);
}

/* Has each member name its service again, after the services were sorted. */
static void members_follow(struct hasw_model *model)
{
	for (uint32_t i = 0; i < model->n_services; i++) {
		for (uint32_t m = model->services[i].first; m != HASW_NONE; m = model->members[m].next)
			model->members[m].service = i;
	}
}

/* Prints how many vips are not served, how many are only partly served, and how many nodes were never heard from. */
static void print_sums(const struct state *state)
{
	const struct hasw_model *model = &state->model;
	uint32_t silent = 0;

	for (uint32_t i = 0; i < model->n_nodes; i++)
		silent += never_heard(state, &model->nodes[i]);
	if (state->unserved)
		printf("%u of %u vips not served\n", state->unserved, model->n_vips);
	if (state->partly)
		printf("%u of %u vips only partly served\n", state->partly, model->n_vips);
	if (silent)
		printf("%u of %u nodes never heard; does haagentd run there, do its heartbeats (UDP) get through?\n",
		       silent, model->n_nodes);
}

/* Adds to LIST what split = "allow" risks: a warning while the risk is taken, and a note otherwise. */
static void add_split(const struct state *state, json_t *list, bool warnings)
{
	bool off;
	json_t *split = holding_split(state->agent, &off);

	if (split && off == warnings)
		json_array_append(list, split);
	json_decref(split);
}

/* Returns the notes: what is no trouble now, but a risk of the settings. */
static json_t *notes_json(const struct state *state)
{
	json_t *list = json_array();

	add_split(state, list, false);
	return list;
}

/* Returns the warnings: what concerns the whole machine, and what is wrong with its devices and addresses. */
static json_t *warnings_json(const struct state *state)
{
	const struct hasw_model *model = &state->model;
	json_t *list = json_array();

	if (state->stalled)
		json_array_append_new(list, json_string("the agent's BEATs have stopped, and node states stay as they are"));
	if (holding_unspoken(model, state->beats))
		json_array_append_new(list, json_sprintf("no agent has spoken to this module: %s",
							 model->n_leases ? "nobody holds a lease, and no node is missed" :
							 "no node is missed"));
	/*
	 * A missing agent causes no warning, because not every setup needs one. An agent that denies its state to this
	 * user causes no warning either.
	 */
	if (!state->agent && state->unasked.code != ECONNREFUSED && state->unasked.code != EACCES)
		json_array_append_new(list, json_string(state->unasked.text));
	holding_ignored(state->agent, list);
	add_split(state, list, true);
	if (state->unread.code)
		json_array_append_new(list, json_string(state->unread.text));
	devices_warn_vrf(&state->devices, model, list);
	devices_warn_rp_filter(&state->devices, model, model->services, list);
	add_faults(state, list);
	return list;
}

/* Returns one lease as JSON: the module's state, with the agent's reason and successor. */
static json_t *lease_json(const struct state *state, uint32_t i)
{
	const struct hasw_lease *lease = &state->model.leases[i];
	json_t *object = holding_lease(lease, state->why[i], state->now);

	holding_successor(object, ask_agent_lease(state->agent, lease->name));
	return object;
}

/* Prints all leases that nobody holds. Without option -d, prints at most MOST_SERVED of the held leases. */
static void leases_text(const struct state *state)
{
	const struct hasw_model *model = &state->model;
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

static void print_text(struct state *state)
{
	const struct hasw_model *model = &state->model;
	const struct hasw_service *service = model->services;
	uint32_t hidden;

	printf("nodes: %u\n", model->n_nodes);
	for (uint32_t i = 0; i < model->n_nodes; i++)
		node_text(state, &model->nodes[i]);
	if (model->n_nodes && model->self == HASW_NONE)
		puts("  none of them is this machine; \"self\" is right behind the node that it is");
	if (model->n_leases)
		leases_text(state);
	printf("vips: %u\n", model->n_vips);
	for (uint32_t i = 0; i < model->n_vips; i++) {
		vip_text(state, &model->vips[i], service);
		service += model->vips[i].n_services;
	}
	hidden = model->n_vips - state->shown - state->partly - state->unserved;
	if (hidden)
		printf("  and %u more that are served; -d shows them\n", hidden);
	if (state->haadm->out.details)
		printf("devices with packets seen at ingress: %u\nflows tracked: %u of at most %u\n", state->hooks,
		       model->flow_limits.count, model->flow_limits.max);
	print_sums(state);
	print_lines("WARNING: ", warnings_json(state));
	print_lines("note: ", notes_json(state));
}

static void print_json(struct state *state)
{
	const struct hasw_model *model = &state->model;
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
	json_object_set_new(top, "generation", json_integer((json_int_t)state->generation));
	json_object_set_new(top, "agent_stalled", json_boolean(state->stalled));
	json_object_set_new(top, "agent_unspoken", json_boolean(holding_unspoken(model, state->beats)));
	json_object_set_new(top, "agent_answers", json_boolean(state->agent));
	json_object_set_new(top, "warnings", warnings_json(state));
	json_object_set_new(top, "notes", notes_json(state));
	json_object_set_new(top, "doors", json_integer(state->hooks));
	json_object_set_new(top, "flows", json_integer(model->flow_limits.count));
	json_object_set_new(top, "flows_max", json_integer(model->flow_limits.max));
	json_object_set_new(top, "self", model->self == HASW_NONE ? json_null() :
			    json_string(model->nodes[model->self].name));
	json_object_set_new(top, "nodes", nodes);
	json_object_set_new(top, "leases", leases);
	json_object_set_new(top, "vips", vips);
	out_json_line(&state->haadm->out, top);
}

/*
 * Looks up, in the agent's answer, the reason why nobody holds each lease. Only the agents know these reasons, because
 * they vote on leases. Whether a lease has a holder is taken from the module's state, which is read after the answer.
 * Without an agent the module's reasons are shown.
 */
static int ask_why(struct state *state)
{
	state->why = calloc(state->model.n_leases + 1, sizeof(*state->why));
	if (!state->why)
		return -ENOMEM;
	for (uint32_t i = 0; i < state->model.n_leases; i++)
		state->why[i] = ask_agent_why(state->agent, state->model.leases[i].name);
	return 0;
}

/* Finds the nodes of which a member cannot be reached. Other members serve instead, so no vip need be affected. */
static int find_unreached(struct state *state)
{
	const struct hasw_model *model = &state->model;

	state->unreached = calloc(model->n_nodes + 1, sizeof(*state->unreached));
	if (!state->unreached)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->n_services; i++) {
		const struct hasw_service *service = &model->services[i];

		for (uint32_t m = service->first; m != HASW_NONE; m = model->members[m].next) {
			const struct hasw_member *member = &model->members[m];

			if (member->new_flows == HASWITCH_NEW_FLOWS_UNRESOLVED)
				state->unreached[member->node] = why_member(model, service, member);
		}
	}
	return 0;
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct state state = { .haadm = haadm };
	char buf[HASW_MSG_SIZE], stats[HASW_MSG_SIZE];
	enum status status = STATUS_OK;
	struct hasw_msg msg, stats_msg;
	struct hasw_error err;
	struct timespec ts;

	(void)req;
	if (!sock)
		return STATUS_REFUSED;
	if (rtnl_open(&state.rtnl, &err))
		return haadm_error(haadm, &err);
	state.agent = ask_agent(false, &state.unasked);
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_CONFIG_GET, 0);
	hasw_msg_begin(&stats_msg, stats, sizeof(stats), HASWITCH_CMD_STATS_GET, 0);
	if (hasw_get(sock, &msg, take_config, &state, &err) ||
	    hasw_get(sock, &stats_msg, take_stats, &state, &err) ||
	    hasw_model_read(&state.model, sock, &err)) {
		status = haadm_error(haadm, &err);
		goto out;
	}
	if (ask_why(&state) || find_unreached(&state)) {
		status = haadm_complain(haadm, STATUS_REFUSED, "out of memory");
		goto free_model;
	}
	/* An error is shown as a warning, because most of the output does not depend on the devices. */
	if (devices_read(&state.devices, &err))
		state.unread = err;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	state.now = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	/*
	 * After this sort by address, a vip's services are adjacent. The model's indices of vips and services are
	 * invalid from now on, except those of the members' services.
	 */
	if (state.model.n_services)
		qsort(state.model.services, state.model.n_services, sizeof(*state.model.services), services_by_key);
	members_follow(&state.model);
	if (state.model.n_vips)
		qsort(state.model.vips, state.model.n_vips, sizeof(*state.model.vips), vips_by_addr);
	if (find_flaws(&state, &err))
		status = haadm_error(haadm, &err);
	else if (haadm->out.json)
		print_json(&state);
	else
		print_text(&state);
free_model:
	devices_free(&state.devices);
	for (uint32_t i = 0; state.flaws && i < state.model.n_vips; i++)
		json_decref(state.flaws[i].faults);
	hasw_model_free(&state.model);
out:
	free(state.flaws);
	free(state.why);
	free(state.unreached);
	json_decref(state.agent);
	rtnl_close(&state.rtnl);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_status = { "status", "who serves what, and why not", verbs };
