// SPDX-License-Identifier: GPL-2.0
/* `haadm doctor`: what is wrong with this machine and its cluster, and what to write to mend it. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "haadm/ask_agent.h"
#include "haadm/commands.h"
#include "haadm/doctor/doctor.h"
#include "haadm/holding.h"
#include "haadm/problems.h"

/* Returns whether the configuration of the module needs an agent. */
static bool needs_agent(const struct overview *o)
{
	return o->model.n_leases || o->model.n_nodes > 1;
}

/* The agent is missing, hangs, or tells nothing to this user. */
static void find_agent(struct findings *findings, const struct hasw_error *err, bool needed)
{
	if (err->code == ECONNREFUSED && !needed)
		return;
	if (err->code == EACCES)
		findings_skip(findings, "agent", err->text);
	else if (err->code == ECONNREFUSED)
		findings_add(findings, "agent", json_string("no agent runs here: this node holds no lease, and does not notice that others die"),
			     json_string("systemctl enable --now haagentd; if it ends at once: haagentd --check-config, journalctl -u haagentd"));
	else
		findings_add(findings, "agent", json_string(err->text),
			     json_string("systemctl restart haagentd, and look at journalctl -u haagentd"));
}

static void find_module(struct findings *findings, const struct overview *o)
{
	struct problems problems;

	if (!o->model.n_nodes) {
		findings_add(findings, "configuration", json_string("the module has no configuration"),
			     json_string("haadm restore /etc/haswitch/haswitch.conf; at boot: systemctl enable --now haswitch"));
		return;
	}
	if (o->model.self == HASW_NONE)
		findings_add(findings, "configuration", json_string("no node of the configuration is this machine"),
			     json_string("give this machine the address of its node, or write self behind it in /etc/haswitch/haswitch.conf, and restore"));
	problems_find(&problems, o);
	for (size_t i = 0; i < problems.n_critical; i++) {
		const char *text = json_string_value(json_object_get(json_array_get(problems.list, i), "text"));

		if (strstr(text, "it is not an address of this machine") && !findings_have(findings, "vip-lost"))
			findings_add(findings, "vip-lost", json_string(text), json_string("haadm vip heal"));
		else if (strstr(text, "CONFLICT") && !findings_have(findings, "conflict"))
			findings_add(findings, "conflict", json_string(text),
				     json_string("take the vip away from that machine, or load haswitch there"));
	}
	problems_free(&problems);
}

static void print_text(const struct findings *findings)
{
	json_t *one;
	size_t i;

	json_array_foreach(findings->list, i, one)
		printf("%s: %s\n    mend: %s\n", json_string_value(json_object_get(one, "check")),
		       json_string_value(json_object_get(one, "what")), json_string_value(json_object_get(one, "mend")));
	json_array_foreach(findings->notes, i, one)
		printf("note: %s\n", json_string_value(one));
	json_array_foreach(findings->skipped, i, one)
		printf("not looked at: %s: %s\n", json_string_value(json_object_get(one, "check")),
		       json_string_value(json_object_get(one, "why")));
	if (!json_array_size(findings->list))
		puts("nothing found");
}

static void print_json(const struct haadm *haadm, const struct findings *findings)
{
	json_t *top = json_object();

	json_object_set(top, "findings", findings->list);
	json_object_set(top, "notes", findings->notes);
	json_object_set(top, "not_looked_at", findings->skipped);
	out_json_line(&haadm->out, top);
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	struct hasw_error unasked = { .code = 0 }, err = { .code = 0 };
	/* An agent of any user is asked: that of a witness runs as a user of its own, and needs no module. */
	json_t *answer = ask_agent(true, &unasked);
	bool witness = json_is_true(json_object_get(answer, "witness"));
	struct findings findings;
	struct overview o;
	enum status status;
	bool read = false;

	(void)req;
	findings_begin(&findings);
	if (!haadm->sock_open && !hasw_sock_open(&haadm->sock, &err))
		haadm->sock_open = true;
	if (haadm->sock_open)
		read = !overview_read(&o, &haadm->sock, &err);
	if (!read && !witness)
		findings_add(&findings, "module", json_string(err.text),
			     json_string("modprobe haswitch; at boot: systemctl enable --now haswitch"));
	if (answer)
		doctor_agent(&findings, answer);
	else
		find_agent(&findings, &unasked, read && needs_agent(&o));
	/* The module of a witness, if there is one, has no part in the cluster. */
	if (read && !witness) {
		find_module(&findings, &o);
		doctor_host(&findings, &o);
	}
	if (witness)
		doctor_units(&findings, "", false, "haagentd-witness.service");
	else
		doctor_units(&findings, "", true, read && needs_agent(&o) ? "haagentd.service" : NULL);
	doctor_firewall(&findings, answer);
	if (haadm->out.json)
		print_json(haadm, &findings);
	else
		print_text(&findings);
	status = json_array_size(findings.list) ? STATUS_FOUND : STATUS_OK;
	findings_end(&findings);
	if (read)
		overview_free(&o);
	json_decref(answer);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_doctor = { "doctor", "what is wrong, and what to write to mend it", verbs };
