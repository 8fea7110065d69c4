// SPDX-License-Identifier: GPL-2.0
/*
 * `haadm check`: the result of a plugin for Nagios, Icinga and their like: one line and an exit code, by the same
 * judgement as `haadm status`.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "haadm/commands.h"
#include "haadm/problems.h"
#include "lib/text.h"

/* A figure: its name, and the values from which on it is a warning, or critical. -1: no such value. */
struct figure {
	const char *name;
	uint64_t value;
	int warning;
	int critical;
	int64_t max;
};

#define FIGURES 12

static void figures_fill(struct figure figures[FIGURES], const struct overview *o, const struct problems *problems)
{
	const struct hasw_model *model = &o->model;
	const struct figure all[FIGURES] = {
		{ "vips", model->n_vips, -1, -1, -1 },
		{ "vips_not_served", o->not_served, -1, 0, model->n_vips },
		{ "vips_partly_served", o->partly_served, 0, -1, model->n_vips },
		{ "leases", model->n_leases, -1, -1, -1 },
		{ "leases_not_held", problems->not_held, 0, -1, model->n_leases },
		{ "nodes", model->n_nodes, -1, -1, -1 },
		{ "nodes_lost", problems->lost, 0, -1, model->n_nodes },
		{ "nodes_overloaded", problems->overloaded, 0, -1, model->n_nodes },
		{ "members", model->n_members, -1, -1, -1 },
		{ "members_unusable", problems->unusable, 0, -1, model->n_members },
		{ "spares_called", problems->called, 0, -1, problems->spares },
		{ "flows", model->flow_limits.count, -1, -1, model->flow_limits.max },
	};

	memcpy(figures, all, sizeof(all));
}

/* Prints text in which the separator of the figures must not occur. */
static void text_print(const char *text)
{
	for (; *text; text++)
		putchar(*text == '|' || *text == '\n' ? '/' : *text);
}

/* Prints NAME=VALUE;WARNING;CRITICAL;MIN;MAX, where a value that is left out has no meaning. */
static void figure_print(const struct figure *figure)
{
	printf("%s=%" PRIu64 ";", figure->name, figure->value);
	if (figure->warning >= 0)
		printf("%d", figure->warning);
	putchar(';');
	if (figure->critical >= 0)
		printf("%d", figure->critical);
	fputs(";0;", stdout);
	if (figure->max >= 0)
		printf("%" PRId64, figure->max);
}

/* Says what is well: the sums, and which nodes the administrator keeps from serving. */
static void well_print(const struct overview *o)
{
	const struct hasw_model *model = &o->model;

	printf("%u vip%s served, %u lease%s held, %u node%s", model->n_vips, hasw_s(model->n_vips), model->n_leases,
	       hasw_s(model->n_leases), model->n_nodes, hasw_s(model->n_nodes));
	for (uint32_t i = 0; i < model->n_nodes; i++) {
		if (why_node(&model->nodes[i]))
			printf(", %s %s", model->nodes[i].name, why_node(&model->nodes[i]));
	}
}

static const char *problem_text(const struct problems *problems, size_t i)
{
	return json_string_value(json_object_get(json_array_get(problems->list, i), "text"));
}

static void print_text(const struct haadm *haadm, const struct overview *o, const struct problems *problems)
{
	size_t n = json_array_size(problems->list);
	struct figure figures[FIGURES];

	figures_fill(figures, o, problems);
	printf(HAADM_PLUGIN " %s - ", problems_word(problems->level));
	if (n)
		text_print(problem_text(problems, 0));
	else
		well_print(o);
	if (n > 1)
		printf(" (and %zu more)", n - 1);
	for (size_t i = 0; i < FIGURES; i++) {
		putchar(i ? ' ' : '|');
		figure_print(&figures[i]);
	}
	putchar('\n');
	/* Monitoring systems show what follows the first line as details. */
	for (size_t i = 0; i < n && haadm->out.details; i++) {
		printf("%s: ", json_string_value(json_object_get(json_array_get(problems->list, i), "level")));
		text_print(problem_text(problems, i));
		putchar('\n');
	}
}

static void print_json(const struct haadm *haadm, const struct overview *o, const struct problems *problems)
{
	json_t *top = json_object(), *numbers = json_object();
	struct figure figures[FIGURES];

	figures_fill(figures, o, problems);
	for (size_t i = 0; i < FIGURES; i++)
		json_object_set_new(numbers, figures[i].name, json_integer((json_int_t)figures[i].value));
	json_object_set_new(top, "state", json_string(problems_word(problems->level)));
	json_object_set_new(top, "code", json_integer(problems->level));
	json_object_set(top, "problems", problems->list);
	json_object_set_new(top, "figures", numbers);
	out_json_line(&haadm->out, top);
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	bool plugin = haadm->plugin;
	struct problems problems;
	struct hasw_error err;
	struct overview o;
	struct hasw_sock *sock;
	enum status status;

	(void)req;
	haadm->plugin = true;
	sock = haadm_sock(haadm);
	if (!sock) {
		status = STATUS_UNKNOWN;
	} else if (overview_read(&o, sock, &err)) {
		status = haadm_error(haadm, &err);
	} else {
		problems_find(&problems, &o);
		if (haadm->out.json)
			print_json(haadm, &o, &problems);
		else
			print_text(haadm, &o, &problems);
		/* The exit codes of plugins are those of the levels. */
		status = (enum status)problems.level;
		problems_free(&problems);
		overview_free(&o);
	}
	haadm->plugin = plugin;
	return status;
}

static const struct verb verbs[] = {
	{ NULL, NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_check = { "check", "one line and an exit code for Nagios and Icinga", verbs };
