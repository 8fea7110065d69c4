// SPDX-License-Identifier: GPL-2.0
/*
 * What `haadm status`, `check` and `top` show: one reading of the module, the agent and the devices, and the judgement
 * of what is served.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/ask_agent.h"
#include "haadm/diagnose.h"
#include "haadm/facing.h"
#include "haadm/holding.h"
#include "haadm/overview.h"
#include "haadm/peers.h"
#include "haadm/zones.h"
#include "lib/array.h"
#include "lib/text.h"

static int take_config(const struct hasw_record *rec, void *data)
{
	struct overview *o = data;

	o->generation = hasw_number(rec, HASWITCH_A_CONFIG_GENERATION, 0);
	o->stalled = hasw_has(rec, HASWITCH_A_CONFIG_AGENT_STALLED);
	o->hooks = (uint32_t)hasw_number(rec, HASWITCH_A_CONFIG_DOORS, 0);
	return 0;
}

static int take_stats(const struct hasw_record *rec, void *data)
{
	struct overview *o = data;

	o->beats = hasw_number(rec, HASWITCH_A_STATS_BEATS, 0);
	o->dropped_mtu = hasw_number(rec, HASWITCH_A_STATS_DROP_MTU, 0);
	return 0;
}

bool overview_never_heard(const struct overview *o, const struct hasw_node *node)
{
	return o->beats && node->agent == HASWITCH_AGENT_STATE_UNNAMED;
}

/* Returns for which limits a node's share is lowered, as the agent here knows them: a list of strings, or NULL. */
static const json_t *reached_of(const struct overview *o, const struct hasw_node *node)
{
	return json_object_get(node->self ? json_object_get(o->agent, "load") : peers_find(o->agent, node->name),
			       "reached");
}

/* Returns the service of a check that has lowered a node's share, as the agent here knows them, or NULL. */
static const char *lowering_check(const struct overview *o, const struct hasw_node *node)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(o->agent, "checks"), i, one) {
		const json_t *share = json_object_get(one, "share");

		if (share && json_integer_value(share) <= node->share && !strcmp(ask_agent_text(one, "node"), node->name))
			return ask_agent_text(one, "service");
	}
	return NULL;
}

const char *overview_share(const struct overview *o, const struct hasw_node *node, char buf[WHY_TEXT])
{
	const json_t *reached = reached_of(o, node);
	const char *service;
	size_t used, i;

	if (node->share >= 100)
		return NULL;
	used = (size_t)snprintf(buf, WHY_TEXT, "has too much to do");
	for (i = 0; i < json_array_size(reached) && used < WHY_TEXT / 2; i++)
		used += (size_t)snprintf(buf + used, WHY_TEXT - used, "%s%.32s", i ? ", " : " (",
					 json_string_value(json_array_get(reached, i)));
	service = lowering_check(o, node);
	if (service && used < WHY_TEXT / 2)
		used += (size_t)snprintf(buf + used, WHY_TEXT - used, "%scheck of %.48s", i++ ? ", " : " (", service);
	snprintf(buf + used, WHY_TEXT - used, "%s and gets %u%% of its share of new flows", i ? ")" : "", node->share);
	return buf;
}

const struct flaws *overview_flaws(const struct overview *o, const struct hasw_vip *vip)
{
	return &o->flaws[vip - o->model.vips];
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

/* Appends a fault for a vip in a subnet of its own, if the kernel has no route by which to answer its clients there. */
static void find_route(struct overview *o, const struct hasw_vip *vip, json_t *faults, struct hasw_error *err)
{
	const char *dev = facing_alone(&o->devices, &o->model, vip);
	struct hasw_addr client = vip->addr;

	if (!dev)
		return;
	/* The next address, which is in the same subnet, however small that is. */
	client.bytes[hasw_addr_len(&client) - 1] ^= 1;
	if (!rtnl_has_route(&o->rtnl, &client, err))
		json_array_append_new(faults, json_sprintf("no route leads to clients in its subnet; add one: ip route add SUBNET dev %s", dev));
}

/* The local routes of ha0, by which very many vips are addresses of this machine. */
struct local_routes {
	struct hasw_addr *addrs;
	uint32_t n;
	uint32_t room;
};

static int take_local(enum local_form form, const struct hasw_addr *addr, void *data)
{
	struct local_routes *routes = data;

	(void)form;
	if (!hasw_array_room(&routes->addrs, routes->n, &routes->room, sizeof(*addr)))
		return -ENOMEM;
	routes->addrs[routes->n++] = *addr;
	return 0;
}

static int by_addr(const void *a, const void *b)
{
	return hasw_addr_compare(a, b);
}

/* One answer with all routes takes the kernel less time than a question for each of them. */
static int read_local(struct rtnl *rtnl, struct local_routes *routes, struct hasw_error *err)
{
	int ret = rtnl_list_form(rtnl, LOCAL_ROUTE, AF_INET, take_local, routes, err);

	if (!ret)
		ret = rtnl_list_form(rtnl, LOCAL_ROUTE, AF_INET6, take_local, routes, err);
	if (routes->n)
		qsort(routes->addrs, routes->n, sizeof(*routes->addrs), by_addr);
	return ret;
}

/* Returns whether the kernel delivers packets for a vip on this machine; yes if it cannot be asked. */
static bool delivers(struct rtnl *rtnl, const struct local_routes *routes, const struct hasw_addr *vip,
		     struct hasw_error *err)
{
	return (routes->n && bsearch(vip, routes->addrs, routes->n, sizeof(*vip), by_addr)) ||
	       rtnl_is_local(rtnl, vip, err);
}

/* Looks for what is wrong with each vip on this machine. Vips and services are sorted by address. */
static int find_flaws(struct overview *o, struct hasw_error *err)
{
	struct hasw_model *model = &o->model;
	struct hasw_service *service = model->services;
	struct local_routes routes = { 0 };

	o->flaws = calloc(model->n_vips + 1, sizeof(*o->flaws));
	if (!o->flaws)
		return hasw_fail(err, ENOMEM, "out of memory");
	/* Without the list, each address is asked for. */
	if (read_local(&o->rtnl, &routes, err))
		routes.n = 0;
	for (uint32_t i = 0; i < model->n_vips; i++) {
		const struct hasw_vip *vip = &model->vips[i];
		struct flaws *flaws = &o->flaws[i];

		flaws->faults = json_array();
		/* If the devices could not be read, a warning says so. */
		if (!o->unread.code && facing_concerns(model, vip)) {
			flaws->cut = facing_faults(&o->devices, model, vip, flaws->faults);
			find_route(o, vip, flaws->faults, err);
		}
		if (hasw_model_local(model, vip) && !delivers(&o->rtnl, &routes, &vip->addr, err)) {
			flaws->unlocal = true;
			json_array_append_new(flaws->faults, json_string("it is not an address of this machine, which is to serve it; haadm vip heal puts it back"));
			unlocal_members(model, vip, service);
		}
		service += vip->n_services;
	}
	free(routes.addrs);
	return 0;
}

/* Adds a warning for each fault of vips: the first vip that has the fault, and how many others have it. */
static void add_faults(const struct overview *o, json_t *list)
{
	json_t *first = json_object(), *count = json_object(), *addr;
	const char *fault;
	json_int_t more;

	for (uint32_t i = 0; i < o->model.n_vips; i++) {
		char text[HASW_ADDR_TEXT];

		hasw_addr_format(&o->model.vips[i].addr, text);
		for (size_t j = 0; j < json_array_size(o->flaws[i].faults); j++) {
			fault = json_string_value(json_array_get(o->flaws[i].faults, j));
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

/* Returns whether this machine answers for a vip now. */
static bool is_ours(const struct overview *o, const struct hasw_vip *vip)
{
	return vip->lease != HASW_NONE ? o->model.leases[vip->lease].held :
	       vip->holder == HASW_NONE || vip->holder == o->model.self;
}

/* Returns whether another node may hold a vip that has no holder as far as this node's module knows. */
static bool is_unknown(const struct overview *o, const struct hasw_vip *vip)
{
	return o->others && vip->lease != HASW_NONE && !o->model.leases[vip->lease].holder[0];
}

enum served overview_served(const struct overview *o, const struct hasw_vip *vip, const struct hasw_service *services,
			    char buf[WHY_TEXT], const struct hasw_service **of, const char **why)
{
	const struct flaws *flaws = overview_flaws(o, vip);
	uint32_t dead = 0;

	*of = NULL;
	*why = why_vip(&o->model, vip, !flaws->unlocal, vip->lease == HASW_NONE ? NULL : o->why[vip->lease], buf);
	if (*why)
		return is_unknown(o, vip) ? SERVED_UNKNOWN : SERVED_NOT;
	if (flaws->cut && is_ours(o, vip)) {
		snprintf(buf, WHY_TEXT, "clients cannot reach this machine: %s",
			 json_string_value(json_array_get(flaws->faults, 0)));
		*why = buf;
		return SERVED_NOT;
	}
	for (uint32_t i = 0; i < vip->n_services; i++) {
		char text[WHY_TEXT];

		if (!why_service(&o->model, &services[i], *of ? text : buf))
			continue;
		if (!*of)
			*of = &services[i];
		dead++;
	}
	*why = dead ? buf : NULL;
	return !dead ? SERVED : dead < vip->n_services ? SERVED_PARTLY : SERVED_NOT;
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

uint32_t overview_flows(const struct overview *o, const struct hasw_node *node, bool *elsewhere)
{
	const struct hasw_model *model = &o->model;
	const struct hasw_service *service = model->services;
	uint32_t sum = 0;

	*elsewhere = false;
	for (uint32_t v = 0; v < model->n_vips; v++) {
		for (const struct hasw_service *end = service + model->vips[v].n_services; service < end; service++) {
			for (uint32_t m = service->first; m != HASW_NONE; m = model->members[m].next) {
				if (&model->nodes[model->members[m].node] != node || !hasw_service_tracks(service))
					continue;
				sum += model->members[m].flows;
				*elsewhere |= !is_ours(o, &model->vips[v]);
			}
		}
	}
	return sum;
}

/* Warns of nodes that do not run the committed configuration of the cluster, as the agents say. */
static void add_configuration(const struct overview *o, json_t *list)
{
	const json_t *conf = json_object_get(o->agent, "configuration");
	const json_t *changed = json_object_get(conf, "changed"), *behind = json_object_get(conf, "behind");
	json_int_t generation = peers_committed(o->agent);

	for (size_t i = 0; i < json_array_size(changed); i++)
		json_array_append_new(list, json_sprintf("the configuration was changed by hand on %s, and is no longer the committed one: 'haadm cluster diff' there shows how, 'haadm cluster adopt' there commits it",
							 json_string_value(json_array_get(changed, i))));
	for (size_t i = 0; i < json_array_size(behind); i++)
		json_array_append_new(list, json_sprintf("%s does not run generation %" JSON_INTEGER_FORMAT " of the configuration, which is committed ('haadm cluster show')",
							 json_string_value(json_array_get(behind, i)), generation));
}

/* Adds to LIST what split = "allow" risks: a warning while the risk is taken, and a note otherwise. */
static void add_split(const struct overview *o, json_t *list, bool warnings)
{
	bool off;
	json_t *split = holding_split(o->agent, &off);

	if (split && off == warnings)
		json_array_append(list, split);
	json_decref(split);
}

json_t *overview_notes(const struct overview *o)
{
	json_t *list = json_array();

	add_split(o, list, false);
	zones_gone(&o->model, false, list);
	return list;
}

json_t *overview_warnings(const struct overview *o)
{
	const struct hasw_model *model = &o->model;
	json_t *list = json_array();

	if (o->stalled)
		json_array_append_new(list, json_string("the agent's BEATs have stopped, and node states stay as they are"));
	if (holding_unspoken(model, o->beats))
		json_array_append_new(list, json_sprintf("no agent has spoken to this module: %s",
							 model->n_leases ? "nobody holds a lease, and no node is missed" :
							 "no node is missed"));
	/*
	 * A missing agent causes no warning, because not every setup needs one. An agent that denies its state to this
	 * user causes no warning either.
	 */
	if (!o->agent && o->unasked.code != ECONNREFUSED && o->unasked.code != EACCES)
		json_array_append_new(list, json_string(o->unasked.text));
	holding_ignored(o->agent, list);
	holding_barred(o->agent, list);
	add_split(o, list, true);
	add_configuration(o, list);
	zones_gone(model, true, list);
	if (o->unread.code)
		json_array_append_new(list, json_string(o->unread.text));
	devices_warn_vrf(&o->devices, model, list);
	devices_warn_rp_filter(&o->devices, model, model->services, list);
	add_faults(o, list);
	return list;
}

/*
 * Looks up, in the agent's answer, the reason why nobody holds each lease. Only the agents know these reasons, because
 * they vote on leases. Whether a lease has a holder is taken from the module's state, which is read after the answer.
 * Without an agent the module's reasons are shown.
 */
static int ask_why(struct overview *o)
{
	o->why = calloc(o->model.n_leases + 1, sizeof(*o->why));
	if (!o->why)
		return -ENOMEM;
	for (uint32_t i = 0; i < o->model.n_leases; i++) {
		o->why[i] = ask_agent_why(o->agent, o->model.leases[i].name);
		/* Agents tell each other who holds a lease. */
		if (!o->why[i] && !o->agent && o->stalled)
			o->why[i] = "as far as this node knows, whose agent does not run";
	}
	return 0;
}

/* A peer without an agent says so in each heartbeat. What it said longer ago is over. */
#define AGENTLESS_SAID	UINT64_C(2000000000)

static int take_peer(const struct hasw_record *rec, void *data)
{
	uint64_t state = hasw_number(rec, HASWITCH_A_PULSE_STATE, HASWITCH_PULSE_STATE_UNKNOWN);
	uint64_t said = hasw_number(rec, HASWITCH_A_PULSE_AGENTLESS, 0);
	struct overview *o = data;

	if (state == HASWITCH_PULSE_STATE_UP && (!said || hasw_boottime() > said + AGENTLESS_SAID))
		o->others = true;
	return 0;
}

/* Asks for peers that may hold leases of which nobody tells this node, whose agent does not run. */
static int ask_others(struct overview *o, struct hasw_sock *sock, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;
	int ret;

	if (o->agent || !o->stalled)
		return 0;
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_PULSE_GET, NLM_F_DUMP);
	ret = hasw_dump(sock, &msg, take_peer, o, err);
	return ret == HASW_DUMP_TORN ? 0 : ret;
}

/* Finds the nodes of which a member cannot be reached. Other members serve instead, so no vip need be affected. */
static int find_unreached(struct overview *o)
{
	const struct hasw_model *model = &o->model;

	o->unreached = calloc(model->n_nodes + 1, sizeof(*o->unreached));
	if (!o->unreached)
		return -ENOMEM;
	for (uint32_t i = 0; i < model->n_services; i++) {
		const struct hasw_service *service = &model->services[i];

		for (uint32_t m = service->first; m != HASW_NONE; m = model->members[m].next) {
			const struct hasw_member *member = &model->members[m];

			if (member->new_flows == HASWITCH_NEW_FLOWS_UNRESOLVED)
				o->unreached[member->node] = why_member(model, service, member);
		}
	}
	return 0;
}

/*
 * Sorts services and vips by address, so that a vip's services are adjacent. The model's indices of vips and services
 * are invalid from then on, except those of the members' services.
 */
static void sort(struct hasw_model *model)
{
	if (model->n_services)
		qsort(model->services, model->n_services, sizeof(*model->services), services_by_key);
	members_follow(model);
	if (model->n_vips)
		qsort(model->vips, model->n_vips, sizeof(*model->vips), vips_by_addr);
}

/* Finds out which vips are served, and counts those that are not. */
static void find_served(struct overview *o)
{
	const struct hasw_service *service = o->model.services;

	for (uint32_t i = 0; i < o->model.n_vips; i++) {
		const struct hasw_service *of;
		char buf[WHY_TEXT];
		const char *why;

		o->flaws[i].served = overview_served(o, &o->model.vips[i], service, buf, &of, &why);
		o->not_served += o->flaws[i].served == SERVED_NOT;
		o->partly_served += o->flaws[i].served == SERVED_PARTLY;
		o->unknown += o->flaws[i].served == SERVED_UNKNOWN;
		service += o->model.vips[i].n_services;
	}
}

int overview_read(struct overview *o, struct hasw_sock *sock, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE], stats[HASW_MSG_SIZE];
	struct hasw_msg msg, stats_msg;
	struct hasw_error unread;
	int ret;

	memset(o, 0, sizeof(*o));
	ret = rtnl_open(&o->rtnl, err);
	if (ret)
		return ret;
	o->agent = ask_agent(false, &o->unasked);
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_CONFIG_GET, 0);
	hasw_msg_begin(&stats_msg, stats, sizeof(stats), HASWITCH_CMD_STATS_GET, 0);
	ret = hasw_get(sock, &msg, take_config, o, err);
	if (!ret)
		ret = hasw_get(sock, &stats_msg, take_stats, o, err);
	if (!ret)
		ret = hasw_model_read(&o->model, sock, err);
	if (!ret)
		ret = ask_others(o, sock, err);
	if (!ret && (ask_why(o) || find_unreached(o)))
		ret = hasw_fail(err, ENOMEM, "out of memory");
	if (ret)
		goto out;
	/* An error is shown as a warning, because most of the output does not depend on the devices. */
	if (devices_read(&o->devices, &unread))
		o->unread = unread;
	o->now = hasw_boottime();
	sort(&o->model);
	ret = find_flaws(o, err);
	if (!ret)
		find_served(o);
out:
	if (ret)
		overview_free(o);
	return ret;
}

void overview_free(struct overview *o)
{
	for (uint32_t i = 0; o->flaws && i < o->model.n_vips; i++)
		json_decref(o->flaws[i].faults);
	devices_free(&o->devices);
	hasw_model_free(&o->model);
	free(o->flaws);
	free(o->why);
	free(o->unreached);
	json_decref(o->agent);
	rtnl_close(&o->rtnl);
}
