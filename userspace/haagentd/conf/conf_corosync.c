// SPDX-License-Identifier: GPL-2.0
/* The nodes, their addresses and the paths, as corosync's nodelist has them: engine = "corosync". */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_read.h"
#include "corosync/report.h"
#include "lib/text.h"

/**
 * struct reading - a nodelist that is read
 * @r:		the reader
 * @at:		the setting "engine", which all errors are about
 * @conf:	the configuration
 * @list:	corosync's nodelist
 * @link:	corosync's link of each path
 */
struct reading {
	struct conf_reader *r;
	config_setting_t *at;
	struct conf *conf;
	const struct corosync_report *list;
	unsigned int link[PEER_PATHS];
};

/* What corosync says is not to be said again in the file. */
static void refuse_twice(struct conf_reader *r, config_setting_t *root)
{
	static const char *const names[] = { "nodes", "node" };
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		config_setting_t *s = config_setting_get_member(root, names[i]);

		if (s)
			conf_error(r, s, "\"%s\" is there beside engine = \"corosync\", which says the same; take one of the two out",
				   names[i]);
	}
}

/* Each link on which this machine has an address is a path. Entries of "paths" in the file are about them, in order. */
static bool take_paths(struct reading *d, config_setting_t *paths)
{
	const struct corosync_node *self = &d->list->nodes[d->list->self];
	struct conf *conf = d->conf;
	unsigned int link, n = 0;

	for (link = 0; link < COROSYNC_LINKS; link++) {
		if (!(self->given >> link & 1))
			continue;
		d->link[n++] = link;
	}
	if (paths && conf->n_paths != n) {
		conf_error(d->r, paths, "\"paths\" has %u %s, but corosync's nodelist has addresses on %u link%s for this node; say one entry for each, in the order of the links, or none",
			   conf->n_paths, hasw_plural(conf->n_paths, "entry", "entries"), n, hasw_s(n));
		return false;
	}
	for (conf->n_paths = 0; conf->n_paths < n; conf->n_paths++) {
		struct conf_path *path = &conf->paths[conf->n_paths];

		if (paths)
			continue;
		snprintf(path->name, sizeof(path->name), "ring%u", d->link[conf->n_paths]);
		path->port = CONF_PORT;
	}
	return true;
}

static void take_address(struct reading *d, const struct corosync_node *from, struct conf_node *node, unsigned int path)
{
	const struct hasw_addr *addr = &from->at[d->link[path]];
	const struct conf_path *to = &d->conf->paths[path];

	if (!(from->given >> d->link[path] & 1))
		return;
	if (!addr->family)
		conf_error(d->r, d->at, "corosync's nodelist has a host name as ring%u_addr of node \"%s\", and no address is known for it; write the address into corosync.conf, or mend the resolver",
			   d->link[path], node->name);
	else if (hasw_addr_is_link_local(addr) && !to->device[0])
		conf_error(d->r, d->at, "corosync's nodelist has a link-local address as ring%u_addr of node \"%s\"; its path needs a \"device\" to say on which link",
			   d->link[path], node->name);
	else
		hasw_addr_to_sock(addr, to->port, &node->at[path]);
}

static void take_node(struct reading *d, const struct corosync_node *from)
{
	struct conf *conf = d->conf;
	struct conf_node *node = &conf->nodes[conf->n_nodes];
	unsigned int i;

	if (!from->name[0]) {
		conf_error(d->r, d->at, "node %u of corosync's nodelist has no name; write name: NAME into its entry in corosync.conf, the name that it has in the module",
			   from->number);
		return;
	}
	if (!wire_name_valid(from->name)) {
		conf_error(d->r, d->at, "node %u of corosync's nodelist is called \"%s\", which cannot be a node's name: 1 to %d letters, digits, dots, dashes and underscores, beginning with a letter or digit",
			   from->number, from->name, WIRE_NAME - 1);
		return;
	}
	for (i = 0; i < conf->n_nodes; i++)
		if (!strcmp(conf->nodes[i].name, from->name)) {
			conf_error(d->r, d->at, "corosync's nodelist has two nodes called \"%s\"; give each a name of its own",
				   from->name);
			return;
		}
	snprintf(node->name, sizeof(node->name), "%.*s", WIRE_NAME - 1, from->name);
	node->line = config_setting_source_line(d->at);
	if (from == &d->list->nodes[d->list->self])
		conf->self = conf->n_nodes;
	conf->n_nodes++;
	for (i = 0; i < conf->n_paths; i++)
		take_address(d, from, node, i);
}

/* Return: whether the nodelist can be used */
static bool judge_report(struct reading *d)
{
	const struct corosync_report *list = d->list;

	if (list->answers && !list->counts)
		conf_error(d->r, d->at, "corosync counts no quorum; write provider: corosync_votequorum into the section quorum of corosync.conf, and restart corosync");
	else if (!list->n_nodes)
		conf_error(d->r, d->at, "corosync has no nodelist; write the section nodelist into corosync.conf, with a section node for each: name, nodeid and ring0_addr");
	else if (list->self < 0)
		conf_error(d->r, d->at, "corosync's nodelist has no node with an address of this machine; mend it in corosync.conf");
	else
		return true;
	return false;
}

/**
 * conf_read_corosync - take the nodes, the paths, and which node this machine is from corosync's nodelist
 * @r:		the reader
 * @root:	root group of the file
 * @conf:	the configuration; the caller has read its paths, if the file has any
 * @ask:	where the nodelist comes from; NULL is an error, see conf_read()
 */
void conf_read_corosync(struct conf_reader *r, config_setting_t *root, struct conf *conf, const struct conf_ask *ask)
{
	struct reading d = { .r = r, .at = config_setting_get_member(root, "engine"), .conf = conf };
	unsigned int i, errors = r->errors;
	char why[CONF_WHY] = "nobody can ask it here";

	conf->listed = true;
	refuse_twice(r, root);
	if (r->errors != errors || !conf->n_paths)
		return;
	if (ask && ask->corosync)
		d.list = ask->corosync(ask->arg, why);
	if (!d.list) {
		conf_error(r, d.at, "\"engine\" is \"corosync\", but %s", why);
		r->later = true;
		return;
	}
	if (!judge_report(&d) || !take_paths(&d, config_setting_get_member(root, "paths")))
		return;
	conf->nodes = calloc(d.list->n_nodes, sizeof(*conf->nodes));
	if (!conf->nodes) {
		conf_error(r, d.at, "no memory");
		return;
	}
	for (i = 0; i < d.list->n_nodes; i++)
		take_node(&d, &d.list->nodes[i]);
	if (r->errors != errors)
		return;
	for (i = 0; i < conf->n_paths; i++)
		conf->paths[i].local = conf->nodes[conf->self].at[i];
	conf_judge_nodes(r, conf, NULL, d.at);
}

/**
 * conf_has_engine - find out whether the nodes come from a cluster engine
 * @file:	name of the configuration file
 * @report:	callback for an error
 * @arg:	passed to @report
 *
 * An engine that is unknown counts, since conf_read() says what is wrong with it.
 *
 * Return: 1: yes; 0: no, or there is no such file; -EINVAL after an error: nobody can tell
 */
int conf_has_engine(const char *file, conf_report_fn report, void *arg)
{
	struct conf_reader r = { .file = file, .report = report, .arg = arg };
	config_t cfg;
	int ret;

	config_init(&cfg);
	ret = conf_parse(&r, &cfg);
	if (ret == -ENOENT)
		ret = 0;
	else if (!ret)
		ret = config_lookup(&cfg, "engine") ? 1 : 0;
	config_destroy(&cfg);
	return ret;
}

/**
 * conf_node_addrs - get the addresses of a node for the module
 * @node:	the node
 * @addr4:	set to its IPv4 address on the first path that has one; family 0: none
 * @addr6:	set to its IPv6 address, alike; the module takes no link-local one
 */
void conf_node_addrs(const struct conf_node *node, struct hasw_addr *addr4, struct hasw_addr *addr6)
{
	struct hasw_addr addr;
	unsigned int p;

	memset(addr4, 0, sizeof(*addr4));
	memset(addr6, 0, sizeof(*addr6));
	for (p = 0; p < PEER_PATHS; p++) {
		if (!node->at[p].ss_family || !hasw_addr_from_sock(&addr, (const struct sockaddr *)&node->at[p]))
			continue;
		if (addr.family == AF_INET && !addr4->family)
			*addr4 = addr;
		else if (addr.family == AF_INET6 && !addr6->family && !hasw_addr_is_link_local(&addr))
			*addr6 = addr;
	}
}
