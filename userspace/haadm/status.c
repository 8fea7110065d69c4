// SPDX-License-Identifier: GPL-2.0
/* haadm status: one screen that says who serves what, and why something is not served. */

#include <stdlib.h>
#include <time.h>

#include "commands.h"
#include "lib/generated/spec_gen.h"
#include "lib/text.h"
#include "rtnl.h"
#include "why.h"

#define MOST_SERVED 20	/* vips that are served fill no more lines than this */

struct state {
	struct haadm *haadm;
	struct hasw_model model;
	struct rtnl rtnl;
	uint64_t generation;
	bool stalled;
	uint64_t now;
	uint32_t unserved;
	uint32_t shown;
};

static int take_config(const struct hasw_record *rec, void *data)
{
	struct state *state = data;

	state->generation = hasw_number(rec, HASWITCH_A_CONFIG_GENERATION, 0);
	state->stalled = hasw_has(rec, HASWITCH_A_CONFIG_AGENT_STALLED);
	return 0;
}

/* Why a service cannot be had, though the module may pick a member for it; NULL: it can. */
static const char *service_reason(const struct state *state, const struct hasw_service *service,
				  char buf[WHY_TEXT])
{
	return service->active ? NULL : why_service(&state->model, service, buf);
}

/*
 * Why a vip is not served; NULL: it is. Without a holder that can answer
 * nothing of it is; else it is when one of its services is, or it has none.
 * OF: the service that the reason is about, or NULL.
 */
static const char *vip_reason(struct state *state, const struct hasw_vip *vip,
			      const struct hasw_service *services, char buf[WHY_TEXT],
			      const struct hasw_service **of)
{
	bool ours = vip->holder == HASW_NONE || vip->holder == state->model.self;
	bool here = true;
	struct hasw_error err;
	const char *why;

	*of = NULL;
	if (ours && !vip->n_services)
		here = rtnl_is_local(&state->rtnl, &vip->addr, &err) == 1;
	why = why_vip(&state->model, vip, here, buf);
	if (why)
		return why;
	for (uint32_t i = 0; i < vip->n_services; i++) {
		why = service_reason(state, &services[i], buf);
		if (!why)
			return NULL;
		*of = &services[i];
	}
	return why;
}

static const char *holder_name(const struct state *state, const struct hasw_vip *vip)
{
	if (vip->holder != HASW_NONE)
		return state->model.nodes[vip->holder].name;
	return state->model.self != HASW_NONE ? state->model.nodes[state->model.self].name : "this machine";
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
		fputs(", the agent does not hear from it", stdout);
	putchar('\n');
}

static void vip_text(struct state *state, const struct hasw_vip *vip,
		     const struct hasw_service *services)
{
	char addr[HASW_ADDR_TEXT], text[HASW_SVC_TEXT], buf[WHY_TEXT];
	const struct hasw_service *of;
	const char *why;

	why = vip_reason(state, vip, services, buf, &of);
	if (!why && !state->haadm->out.details && state->shown >= MOST_SERVED)
		return;
	*(why ? &state->unserved : &state->shown) += 1;
	printf("  %s held by %s%s", hasw_addr_format(&vip->addr, addr), holder_name(state, vip),
	       why ? ", NOT SERVED" : "");
	/* What is about a service stands there. */
	printf("%s%s\n", why && !of ? ": " : "", why && !of ? why : "");
	for (uint32_t i = 0; i < vip->n_services; i++) {
		printf("    %s -> ", hasw_svc_format(&services[i].key, text));
		why = service_reason(state, &services[i], buf);
		printf("%s%s\n", why ? "nobody: " : services[i].active ? services[i].active : "nobody now",
		       why ? why : "");
	}
}

static json_t *vip_json(struct state *state, const struct hasw_vip *vip,
			const struct hasw_service *services)
{
	json_t *object = json_object(), *list = json_array();
	char addr[HASW_ADDR_TEXT], text[HASW_SVC_TEXT], buf[WHY_TEXT];
	const struct hasw_service *of;
	const char *why;

	json_object_set_new(object, "addr", json_string(hasw_addr_format(&vip->addr, addr)));
	json_object_set_new(object, "holder", json_string(holder_name(state, vip)));
	why = hasw_enum_name(&hasw_enum_role, vip->role);
	json_object_set_new(object, "role", why ? json_string(why) : json_integer(vip->role));
	why = vip_reason(state, vip, services, buf, &of);
	json_object_set_new(object, "served", json_boolean(!why));
	if (why && of)
		json_object_set_new(object, "reason", json_sprintf("%s: %s", hasw_svc_format(&of->key, text), why));
	else if (why)
		json_object_set_new(object, "reason", json_string(why));
	for (uint32_t i = 0; i < vip->n_services; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "service", json_string(hasw_svc_format(&services[i].key, text)));
		if (services[i].active)
			json_object_set_new(one, "active", json_string(services[i].active));
		why = service_reason(state, &services[i], buf);
		if (why)
			json_object_set_new(one, "reason", json_string(why));
		json_array_append_new(list, one);
	}
	json_object_set_new(object, "services", list);
	return object;
}

static json_t *node_json(const struct hasw_node *node)
{
	const char *why = why_node(node), *name = hasw_enum_name(&hasw_enum_node_state, node->state);
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(node->name));
	json_object_set_new(object, "self", json_boolean(node->self));
	json_object_set_new(object, "state", name ? json_string(name) : json_integer(node->state));
	json_object_set_new(object, "since", json_integer((json_int_t)node->since));
	if (why)
		json_object_set_new(object, "reason", json_string(why));
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

static void print_text(struct state *state)
{
	const struct hasw_model *model = &state->model;
	const struct hasw_service *service = model->services;

	printf("nodes: %u\n", model->n_nodes);
	for (uint32_t i = 0; i < model->n_nodes; i++)
		node_text(state, &model->nodes[i]);
	printf("vips: %u\n", model->n_vips);
	for (uint32_t i = 0; i < model->n_vips; i++) {
		vip_text(state, &model->vips[i], service);
		service += model->vips[i].n_services;
	}
	if (state->shown + state->unserved < model->n_vips)
		printf("  and %u more that are served; -d shows them\n",
		       model->n_vips - state->shown - state->unserved);
	if (state->unserved)
		printf("%u of %u vips not served\n", state->unserved, model->n_vips);
	if (state->stalled)
		puts("agent: STALLED; its BEATs have stopped, and node states stay as they are");
}

static void print_json(struct state *state)
{
	const struct hasw_model *model = &state->model;
	const struct hasw_service *service = model->services;
	json_t *top = json_object(), *nodes = json_array(), *vips = json_array();

	for (uint32_t i = 0; i < model->n_nodes; i++)
		json_array_append_new(nodes, node_json(&model->nodes[i]));
	for (uint32_t i = 0; i < model->n_vips; i++) {
		json_array_append_new(vips, vip_json(state, &model->vips[i], service));
		service += model->vips[i].n_services;
	}
	json_object_set_new(top, "generation", json_integer((json_int_t)state->generation));
	json_object_set_new(top, "agent_stalled", json_boolean(state->stalled));
	json_object_set_new(top, "nodes", nodes);
	json_object_set_new(top, "vips", vips);
	out_json_line(&state->haadm->out, top);
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct state state = { .haadm = haadm };
	enum status status = STATUS_OK;
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;
	struct timespec ts;

	(void)req;
	if (!sock)
		return STATUS_REFUSED;
	if (rtnl_open(&state.rtnl, &err))
		return haadm_error(haadm, &err);
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_CONFIG_GET, 0);
	if (hasw_get(sock, &msg, take_config, &state, &err) || hasw_model_read(&state.model, sock, &err)) {
		status = haadm_error(haadm, &err);
		goto out;
	}
	clock_gettime(CLOCK_BOOTTIME, &ts);
	state.now = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	/* Both by address, so the services of a vip follow each other; indexes are void after that. */
	if (state.model.n_services)
		qsort(state.model.services, state.model.n_services, sizeof(*state.model.services), services_by_key);
	if (state.model.n_vips)
		qsort(state.model.vips, state.model.n_vips, sizeof(*state.model.vips), vips_by_addr);
	if (haadm->out.json)
		print_json(&state);
	else
		print_text(&state);
	hasw_model_free(&state.model);
out:
	rtnl_close(&state.rtnl);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_status = { "status", "who serves what, and why not", verbs };
