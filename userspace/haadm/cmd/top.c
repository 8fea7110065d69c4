// SPDX-License-Identifier: GPL-2.0
/* `haadm top`: what services and their members do now: new flows, packets and bytes a second, flows that are there. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "haadm/commands.h"
#include "haadm/rates.h"
#include "haadm/watch.h"
#include "lib/text.h"

/* A service with its rate. */
struct row {
	const struct hasw_service *service;
	struct rate rate;
};

/* Puts busy services first. Equal ones keep the order of their addresses. */
static int by_load(const void *a, const void *b)
{
	const struct row *one = a, *other = b;

	if (one->rate.packets != other->rate.packets)
		return one->rate.packets < other->rate.packets ? 1 : -1;
	return one->service < other->service ? -1 : one->service > other->service;
}

static struct row *rows_make(const struct overview *before, const struct overview *now)
{
	const struct hasw_model *model = &now->model;
	struct row *rows = calloc(model->n_services + 1, sizeof(*rows));

	for (uint32_t i = 0; rows && i < model->n_services; i++) {
		rows[i].service = &model->services[i];
		rates_service(&rows[i].rate, before, now, &model->services[i]);
	}
	if (rows && model->n_services)
		qsort(rows, model->n_services, sizeof(*rows), by_load);
	return rows;
}

/* The name of a member: its node, and its port if the node has several members in the service. */
static const char *member_name(const struct hasw_model *model, const struct hasw_member *member, char *buf, size_t size)
{
	const char *name = model->nodes[member->node].name;

	if (hasw_model_members_on(model, member->service, member->node) > 1)
		snprintf(buf, size, "%s:%u", name, hasw_model_member_port(model, member));
	else
		snprintf(buf, size, "%s", name);
	return buf;
}

#define COLUMNS "%-*s %9s %10s %9s %9s %9s"

static void row_print(int width, const char *name, const struct rate *rate, const char *what)
{
	char flows[RATES_TEXT], packets[RATES_TEXT], bytes[RATES_TEXT], active[RATES_TEXT], closing[RATES_TEXT];

	printf(COLUMNS, width, name, rate->known && rate->tracked ? rates_format(rate->flows, flows) : "-",
	       rate->known ? rates_format(rate->packets, packets) : "-",
	       rate->known ? rates_format(rate->bytes, bytes) : "-",
	       rate->tracked ? rates_format(rate->active, active) : "-",
	       rate->tracked ? rates_format(rate->closing, closing) : "-");
	printf("%s%s\n", *what ? "  " : "", what);
}

static void print_text(const struct overview *before, const struct overview *now, const struct row *rows)
{
	const struct hasw_model *model = &now->model;
	char name[HASW_SVC_TEXT], text[WHY_TEXT];
	uint32_t up = 0;
	int width = 24;

	for (uint32_t i = 0; i < model->n_nodes; i++)
		up += !why_node(&model->nodes[i]);
	printf("%u of %u vip%s served, %u of %u node%s usable, %u of at most %u flow%s\n\n",
	       model->n_vips - now->not_served - now->unknown - now->partly_served, model->n_vips, hasw_s(model->n_vips),
	       up, model->n_nodes, hasw_s(model->n_nodes), model->flow_limits.count, model->flow_limits.max,
	       hasw_s(model->flow_limits.max));
	for (uint32_t i = 0; i < model->n_services; i++) {
		int len = (int)strlen(hasw_svc_format(&rows[i].service->key, name));

		if (len > width)
			width = len;
	}
	printf(COLUMNS, width, "service, member", "flows/s", "packets/s", "bytes/s", "active", "closing");
	putchar('\n');
	for (uint32_t i = 0; i < model->n_services; i++) {
		const struct hasw_service *service = rows[i].service;
		const char *why = why_service(model, service, text);

		row_print(width, hasw_svc_format(&service->key, name), &rows[i].rate, why ? why : "");
		for (uint32_t m = service->first; m != HASW_NONE; m = model->members[m].next) {
			char node[HASWITCH_NAME_MAX + 10] = "  ";
			struct rate rate;

			why = why_member(model, service, &model->members[m]);
			member_name(model, &model->members[m], node + 2, sizeof(node) - 2);
			rates_member(&rate, before, now, service, &model->members[m]);
			row_print(width, node, &rate, model->members[m].serving ? "serves" : why ? why : "");
		}
	}
}

static json_t *service_json(const struct overview *before, const struct overview *now, const struct row *row)
{
	json_t *object = rates_json(&row->rate), *members = json_array();
	const struct hasw_model *model = &now->model;
	char name[HASW_SVC_TEXT], node[HASWITCH_NAME_MAX + 10], text[WHY_TEXT];

	json_object_set_new(object, "service", json_string(hasw_svc_format(&row->service->key, name)));
	json_object_set_new(object, "served", json_boolean(!why_service(model, row->service, text)));
	for (uint32_t m = row->service->first; m != HASW_NONE; m = model->members[m].next) {
		const struct hasw_member *member = &model->members[m];
		struct rate rate;
		json_t *one;

		rates_member(&rate, before, now, row->service, member);
		one = rates_json(&rate);
		json_object_set_new(one, "member", json_string(member_name(model, member, node, sizeof(node))));
		json_object_set_new(one, "node", json_string(model->nodes[member->node].name));
		json_object_set_new(one, "serving", json_boolean(member->serving));
		json_array_append_new(members, one);
	}
	json_object_set_new(object, "members", members);
	return object;
}

static void print(struct haadm *haadm, const struct watch *watch, const struct overview *before,
		  const struct overview *now)
{
	struct row *rows = rows_make(before, now);

	(void)watch;
	if (!rows) {
		haadm_complain(haadm, STATUS_REFUSED, "out of memory");
		return;
	}
	if (haadm->out.json) {
		json_t *top = json_object(), *services = json_array();

		for (uint32_t i = 0; i < now->model.n_services; i++)
			json_array_append_new(services, service_json(before, now, &rows[i]));
		json_object_set_new(top, "time", json_integer((json_int_t)now->now));
		json_object_set_new(top, "interval", json_integer((json_int_t)(now->now - before->now)));
		json_object_set_new(top, "flows", json_integer(now->model.flow_limits.count));
		json_object_set_new(top, "flows_max", json_integer(now->model.flow_limits.max));
		json_object_set_new(top, "services", services);
		out_json_line(&haadm->out, top);
	} else {
		print_text(before, now, rows);
	}
	free(rows);
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct watch watch = { .print = print };
	enum status status = watch_parse(&watch, haadm, req, false);

	/* What is not read by a human ends by itself, unless it is said how often it is wanted. */
	if (!watch.count && (haadm->out.json || !isatty(1)))
		watch.count = 1;
	return status ? status : watch_run(&watch, haadm);
}

static const struct verb verbs[] = {
	{ NULL, "[ every TIME ] [ count N ]", HASWITCH_CMD_CONFIG_GET, SUBJECT_WORDS, true, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_top = { "top", "what services and members do: rates and flows", verbs };
