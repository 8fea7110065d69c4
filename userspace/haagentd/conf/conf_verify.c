// SPDX-License-Identifier: GPL-2.0
/* Checks that the module has all nodes and all health-checked members of haagentd.conf. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_read.h"
#include "conf_self.h"
#include "conf_verify.h"

struct verify {
	const struct conf *conf;
	conf_report_fn report;
	void *arg;
	int errors;
};

static void report_line(struct verify *v, const char *where, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

static void report_line(struct verify *v, const char *where, const char *format, va_list args)
{
	char what[512];

	vsnprintf(what, sizeof(what), format, args);
	v->errors++;
	v->report(v->arg, where, what);
}

/* Reports an error of a node, which the configuration of the cluster can have. */
static void report_node(struct verify *v, const struct conf_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void report_node(struct verify *v, const struct conf_node *node, const char *format, ...)
{
	char where[CONF_WHERE];
	va_list args;

	va_start(args, format);
	report_line(v, conf_node_where(v->conf, node, where), format, args);
	va_end(args);
}

/* Reports an error of a check, which the settings of all agents can have. */
static void report_check(struct verify *v, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void report_check(struct verify *v, unsigned int line, const char *format, ...)
{
	char name[CONF_AGENTS_NAME], where[CONF_WHERE];
	va_list args;

	va_start(args, format);
	snprintf(where, sizeof(where), "%s:%u", conf_checks_file(v->conf, name), line);
	report_line(v, where, format, args);
	va_end(args);
}

static bool known(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

static bool listed(const struct conf *conf, const char *name)
{
	unsigned int i;

	for (i = 0; i < conf->n_nodes; i++)
		if (!strcmp(conf->nodes[i].name, name))
			return true;
	return false;
}

static void judge(struct verify *v, const struct module_node *nodes,
		  unsigned int n, const char *const *names)
{
	const struct conf *conf = v->conf;
	const char *self = conf->nodes[conf->self].name;
	char words[SELF_WORDS];
	const char *other;
	enum self as;
	unsigned int i;

	for (i = 0; i < conf->n_nodes; i++) {
		const char *name = conf->nodes[i].name;

		if (conf->nodes[i].witness) {
			if (known(names, name))
				report_node(v, &conf->nodes[i], "node \"%s\" is a witness here, which serves nothing, but the module has it as a node; take it out of the module (haadm node del %s) and of haswitch.conf, or take \"witness\" out of its entry here",
					     name, name);
			continue;
		}
		/* The agent adds the nodes that an engine lists. */
		if (known(names, name) || conf->corosync)
			continue;
		if (n)
			report_node(v, &conf->nodes[i], "node \"%s\" is not known to the module; the nearest that is is \"%s\", or add it: haadm node add %s addr ...",
				     name, conf_nearest(name, names), name);
		else
			report_node(v, &conf->nodes[i], "node \"%s\" is not known to the module, which knows none; add it: haadm node add %s addr ...",
				     name, name);
	}
	/* Checks of all agents come from elsewhere, and perhaps before their nodes: verify_members() warns of these. */
	for (i = 0; i < conf->n_checks && !(conf->shared >> CONF_AGENTS_CHECKS & 1); i++)
		if (!known(names, conf->checks[i].node) && !(conf->corosync && listed(conf, conf->checks[i].node)))
			report_check(v, conf->checks[i].line,
				     "the check is of node \"%s\", which the module does not know",
				     conf->checks[i].node);
	as = self_judge(self, nodes, n, &other);
	/* If another node is marked 'self', the text names that node, even if the module does not have this node. */
	self_words(other ? SELF_OTHER : as, self, other, words);
	if (words[0])
		report_node(v, &conf->nodes[conf->self], "%s", words);
}

/**
 * verify_nodes - compare the nodes of the configuration file with the module's nodes
 * @conf:	the configuration
 * @m:		the module
 * @report:	callback for each error
 * @arg:	passed to @report
 *
 * Return: number of errors; a negative errno if the module's nodes cannot be read
 */
int verify_nodes(const struct conf *conf, struct module *m,
		 conf_report_fn report, void *arg)
{
	struct verify v = { .conf = conf, .report = report, .arg = arg };
	struct module_node *nodes;
	struct hasw_error err;
	const char **names;
	unsigned int i, n;
	int ret;

	ret = module_nodes(m, &nodes, &n, &err);
	if (ret) {
		report(arg, conf->file, err.text);
		return ret < 0 ? ret : -EIO;
	}
	names = calloc(n + 1, sizeof(*names));
	if (!names) {
		free(nodes);
		report(arg, conf->file, "out of memory");
		return -ENOMEM;
	}
	for (i = 0; i < n; i++)
		names[i] = nodes[i].name;
	judge(&v, nodes, n, names);
	free(names);
	free(nodes);
	return v.errors;
}

/**
 * verify_members - warn about each health check whose member the module does not have
 * @conf:	the configuration
 * @m:		the module
 * @warn:	callback for each warning
 * @arg:	passed to @warn
 *
 * A missing member is not an error, because services are added and deleted while agents run.
 */
void verify_members(const struct conf *conf, struct module *m,
		    conf_report_fn warn, void *arg)
{
	struct verify v = { .conf = conf, .report = warn, .arg = arg };
	char service[HASW_SVC_TEXT];
	unsigned int i;

	for (i = 0; i < conf->n_checks; i++) {
		const struct conf_check *c = &conf->checks[i];
		unsigned int via = HASWITCH_VIA_LOCAL;
		struct module_vip vip;
		struct hasw_error err;
		int ret = module_member(m, &c->service, c->node, c->at, &via, &err);

		/* The module does not answer now. */
		if (ret == -ETIMEDOUT)
			return;
		hasw_svc_format(&c->service, service);
		if (c->address.family && !module_vip(m, &c->address, &vip, &err))
			report_check(&v, c->line, "the \"address\" of the check of node \"%s\" for %s is a vip in the module, where its holder answers, and not the member; give the member's own address, or leave it out",
				     c->node, service);
		if (!ret && c->vip && via == HASWITCH_VIA_NAT)
			report_check(&v, c->line, "node \"%s\" is a member of %s via nat, and gets no packets to the vip; the check with \"at\" = \"vip\" has no effect: take \"at\" out",
				     c->node, service);
		if (!ret)
			continue;
		if (ret == -ENOTUNIQ)
			report_check(&v, c->line, "node \"%s\" has several members of %s in the module; the check has no effect until it says the port of one, as \"at\"",
				     c->node, service);
		else if (c->at)
			report_check(&v, c->line, "node \"%s\" has no member of %s at port %u in the module now; the check has no effect until it has",
				     c->node, service, c->at);
		else
			report_check(&v, c->line, "node \"%s\" is not a member of %s in the module now (%s); the check has no effect until it is",
				     c->node, service, err.text);
	}
}
