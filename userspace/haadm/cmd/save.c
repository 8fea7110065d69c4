// SPDX-License-Identifier: GPL-2.0
/* `haadm save`: prints the configuration as the commands that restore it. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/commands.h"
#include "haadm/self.h"
#include "lib/generated/spec_gen.h"
#include "lib/text.h"

/* Prints two words. One fprintf() takes five times as long, and each line of many has several of these. */
static void print_word(FILE *to, const char *before, const char *word)
{
	fputs_unlocked(before, to);
	fputs_unlocked(word, to);
}

static void print_number(FILE *to, const char *before, unsigned int number)
{
	char text[3 * sizeof(number)];

	hasw_put_number(text, number);
	print_word(to, before, text);
}

static void print_addr(FILE *to, const char *before, const struct hasw_addr *addr)
{
	char text[HASW_ADDR_TEXT];

	if (addr->family)
		print_word(to, before, hasw_addr_format(addr, text));
}

#define SECOND 1000000000ULL

/*
 * The time that is left of a drain is rounded up to seconds. A node that a cluster engine lists is added by the engine,
 * so only what differs from the defaults is printed.
 */
static void print_node(FILE *to, const struct hasw_node *node, bool self)
{
	char mac[HASW_MAC_TEXT], within[HASW_TIME_TEXT];

	if (node->engine && !node->zone[0] && !node->dev[0] && node->admin == HASWITCH_ADMIN_STATE_UP)
		return;
	fprintf(to, "node %s %s", node->engine ? "set" : "add", node->name);
	if (!node->engine) {
		print_addr(to, " addr ", &node->addr4);
		print_addr(to, " addr ", &node->addr6);
	}
	if (node->zone[0])
		fprintf(to, " zone %s", node->zone);
	if (node->dev[0])
		fprintf(to, " lladdr %s dev %s", hasw_mac_format(node->lladdr, mac), node->dev);
	if (node->self && self && !node->engine)
		fputs(" self", to);
	if (!node->engine || node->admin != HASWITCH_ADMIN_STATE_UP)
		fprintf(to, " state %s", hasw_enum_admin_state.names[node->admin]);
	if (node->within)
		fprintf(to, " within %s", hasw_time_format((node->within + SECOND - 1) / SECOND * SECOND, within));
	putc('\n', to);
}

/* Prints those flow limits that differ from the module's defaults. Prints nothing if all limits are defaults. */
static void print_flow_limits(FILE *to, const struct hasw_flow_limits *limits)
{
	const struct hasw_flow_limits *usual = &hasw_flow_limits_default;
	char time[HASW_TIME_TEXT];

	if (limits->max == usual->max && !memcmp(limits->ns, usual->ns, sizeof(usual->ns)))
		return;
	fputs("flow set", to);
	if (limits->max != usual->max)
		fprintf(to, " max %u", limits->max);
	for (uint16_t i = 0; i < HASW_FLOW_KINDS; i++) {
		if (limits->ns[i] != usual->ns[i])
			fprintf(to, " %s %s", hasw_set_flow_limits.attrs[HASWITCH_A_FLOW_LIMITS_TCP_SYN + i].name,
				hasw_time_format(limits->ns[i], time));
	}
	fputc('\n', to);
}

static void print_lease(FILE *to, const struct hasw_model *model, const struct hasw_lease *lease)
{
	char failback[HASW_TIME_TEXT];

	fprintf(to, "lease add %s", lease->name);
	for (uint32_t i = 0; i < lease->prefer.n; i++)
		fprintf(to, " prefer %s", model->nodes[lease->prefer.nodes[i]].name);
	for (uint32_t i = 0; i < lease->only.n; i++)
		fprintf(to, " only %s", model->nodes[lease->only.nodes[i]].name);
	if (lease->failback != HASW_FAILBACK_DEFAULT)
		fprintf(to, " failback %s", hasw_failback_format(lease->failback, failback));
	if (lease->resign != HASWITCH_RESIGN_ANY)
		fprintf(to, " resign %s", hasw_enum_resign.names[lease->resign]);
	fputc('\n', to);
}

static void print_vip(FILE *to, const struct hasw_model *model, const struct hasw_vip *vip)
{
	print_addr(to, "vip add ", &vip->addr);
	for (unsigned int i = 0; i < vip->n_devs; i++)
		print_word(to, " on ", model->devs[vip->devs[i]]);
	if (vip->lease != HASW_NONE)
		print_word(to, " lease ", model->leases[vip->lease].name);
	if (vip->holder != HASW_NONE)
		print_word(to, " holder ", model->nodes[vip->holder].name);
	if (vip->everywhere)
		fputs_unlocked(" everywhere", to);
	print_word(to, " stray ", hasw_enum_stray.names[vip->stray]);
	if (vip->on_loss)
		print_word(to, " on-loss ", hasw_enum_on_loss.names[vip->on_loss]);
	if (vip->hook)
		print_word(to, " hook ", hasw_enum_hook.names[vip->hook]);
	if (vip->mark)
		fprintf(to, " mark %#x", vip->mark);
	putc_unlocked('\n', to);
}

static void print_service(FILE *to, const struct hasw_model *model, const struct hasw_service *service)
{
	char text[HASW_SVC_TEXT], failback[HASW_TIME_TEXT], persist[HASW_TIME_TEXT], slow[HASW_TIME_TEXT];
	char ports[HASW_PORTS_TEXT];

	hasw_svc_format(&service->key, text);
	print_word(to, "service add ", text);
	for (unsigned int i = 0; i < service->n_also; i++)
		print_word(to, " also ", hasw_ports_format(model->also[service->also + i], ports));
	print_word(to, " sched ", hasw_enum_sched.names[service->sched]);
	print_word(to, " failback ", hasw_failback_format(service->failback, failback));
	if (service->rejects || service->sorry != HASW_NONE)
		print_word(to, " on-empty ", service->rejects ? "reject" : model->nodes[service->sorry].name);
	if (service->one_packet)
		fputs_unlocked(" one-packet on", to);
	if (service->snat)
		fputs_unlocked(" snat on", to);
	if (service->persist)
		print_word(to, " persist ", hasw_time_format(service->persist, persist));
	if (service->mask)
		print_number(to, " mask ", service->mask);
	if (service->new_max)
		print_number(to, " new-max ", service->new_max);
	if (service->slow_start)
		print_word(to, " slow-start ", hasw_time_format(service->slow_start, slow));
	if (service->on_failover)
		print_word(to, " on-failover ", hasw_enum_on_failover.names[service->on_failover]);
	if (service->min_active != 1)
		print_number(to, " min-active ", service->min_active);
	if (service->zone_prefer)
		fputs_unlocked(" zone prefer", to);
	putc_unlocked('\n', to);
	for (uint32_t i = service->first; i != HASW_NONE; i = model->members[i].next) {
		const struct hasw_member *member = &model->members[i];

		print_word(to, "member add ", text);
		print_word(to, " node ", model->nodes[member->node].name);
		print_number(to, " priority ", member->priority);
		if (member->weight != 1)
			print_number(to, " weight ", member->weight);
		if (member->flows_max)
			print_number(to, " flows-max ", member->flows_max);
		/*
		 * `via local` is omitted, so that the file is valid on each node: `via local` is the default for this
		 * machine's own member, and is refused for other nodes.
		 */
		if (member->via != HASWITCH_VIA_LOCAL)
			print_word(to, " via ", hasw_enum_via.names[member->via]);
		if (member->nat_port)
			print_number(to, " port ", member->nat_port);
		if (member->spare)
			fputs_unlocked(" spare", to);
		putc_unlocked('\n', to);
	}
}

/* The comparison functions below are for qsort_r(), because they need the model as an argument. */
static int nodes_by_name(const void *a, const void *b, void *data)
{
	const struct hasw_model *model = data;

	return strcmp(model->nodes[*(const uint32_t *)a].name, model->nodes[*(const uint32_t *)b].name);
}

static int leases_by_name(const void *a, const void *b, void *data)
{
	const struct hasw_model *model = data;

	return strcmp(model->leases[*(const uint32_t *)a].name, model->leases[*(const uint32_t *)b].name);
}

static int vips_by_addr(const void *a, const void *b, void *data)
{
	const struct hasw_model *model = data;

	return hasw_addr_compare(&model->vips[*(const uint32_t *)a].addr,
				 &model->vips[*(const uint32_t *)b].addr);
}

static int services_by_key(const void *a, const void *b, void *data)
{
	const struct hasw_model *model = data;

	return hasw_svc_compare(&model->services[*(const uint32_t *)a].key,
				&model->services[*(const uint32_t *)b].key);
}

/* Returns the indices 0 to n-1 in sorted order. NULL: out of memory, or n is 0. */
static uint32_t *sorted(const struct hasw_model *model, uint32_t n,
			int (*compare)(const void *, const void *, void *))
{
	uint32_t *order = n ? malloc(n * sizeof(*order)) : NULL;

	if (!order)
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof(*order), compare, (void *)model);
	return order;
}

int save_print(FILE *to, const struct hasw_model *model, bool self)
{
	uint32_t *nodes = sorted(model, model->n_nodes, nodes_by_name);
	uint32_t *leases = sorted(model, model->n_leases, leases_by_name);
	uint32_t *vips = sorted(model, model->n_vips, vips_by_addr);
	uint32_t *services = sorted(model, model->n_services, services_by_key);
	uint32_t next = 0;
	int ret = 0;

	if ((model->n_nodes && !nodes) || (model->n_leases && !leases) || (model->n_vips && !vips) || (model->n_services && !services))
		ret = -ENOMEM;
	if (!ret)
		print_flow_limits(to, &model->flow_limits);
	for (uint32_t i = 0; !ret && i < model->n_nodes; i++)
		print_node(to, &model->nodes[nodes[i]], self);
	for (uint32_t i = 0; !ret && i < model->n_leases; i++)
		print_lease(to, model, &model->leases[leases[i]]);
	/*
	 * Vips and services are both sorted by address, so this vip's services are the next ones in the sorted
	 * services.
	 */
	for (uint32_t i = 0; !ret && i < model->n_vips; i++) {
		print_vip(to, model, &model->vips[vips[i]]);
		for (; next < model->n_services && model->services[services[next]].vip == vips[i]; next++)
			print_service(to, model, &model->services[services[next]]);
	}
	free(nodes);
	free(leases);
	free(vips);
	free(services);
	return ret;
}

bool save_knows(const struct hasw_model *model)
{
	for (uint32_t i = 0; i < model->n_nodes; i++) {
		if (model->nodes[i].admin >= hasw_enum_admin_state.count)
			return false;
	}
	for (uint32_t i = 0; i < model->n_vips; i++) {
		if (model->vips[i].stray >= hasw_enum_stray.count ||
		    model->vips[i].on_loss >= hasw_enum_on_loss.count ||
		    model->vips[i].hook >= hasw_enum_hook.count)
			return false;
	}
	for (uint32_t i = 0; i < model->n_services; i++) {
		if (model->services[i].sched >= hasw_enum_sched.count ||
		    model->services[i].on_failover >= hasw_enum_on_failover.count)
			return false;
	}
	for (uint32_t i = 0; i < model->n_members; i++) {
		if (model->members[i].via >= hasw_enum_via.count)
			return false;
	}
	return true;
}

/*
 * Returns whether a restore on this machine would find this machine's node without the word `self`. If so, save omits
 * the word, so that the file is the same for all nodes. If rtnetlink fails, returns false, so that the file has the
 * word.
 */
static bool is_found(const struct hasw_model *model)
{
	const struct self_node *found = NULL;
	struct self_nodes nodes;
	struct hasw_error err;
	bool same;

	if (model->self == HASW_NONE)
		return false;
	if (!self_nodes_of(&nodes, model))
		found = self_find(&nodes, &err);
	same = found && !strcmp(found->name, model->nodes[model->self].name);
	self_nodes_free(&nodes);
	return same;
}

static enum status print_all(struct haadm *haadm, const struct hasw_model *model)
{
	if (!save_knows(model))
		return haadm_complain(haadm, STATUS_REFUSED, "%s",
				      "the module is newer than haadm and has values that haadm does not know");
	if (model->n_nodes && model->self == HASW_NONE)
		puts("# No node is this machine: this is for haadm restore --no-self.");
	if (save_print(stdout, model, !is_found(model)))
		return haadm_complain(haadm, STATUS_USAGE, "out of memory");
	return STATUS_OK;
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct hasw_model model;
	struct hasw_error err;
	enum status status;

	(void)req;
	if (!sock)
		return STATUS_REFUSED;
	if (hasw_model_read(&model, sock, &err))
		return haadm_error(haadm, &err);
	status = print_all(haadm, &model);
	hasw_model_free(&model);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_save = { "save", "prints the configuration as commands", verbs };
