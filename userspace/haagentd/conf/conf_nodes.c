// SPDX-License-Identifier: GPL-2.0
/* Reading the cluster's nodes from the configuration file and the cluster's, or from the module; which one this machine is. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "conf_read.h"
#include "haagentd/module/module.h"

static void read_address(struct conf_reader *r, config_setting_t *s,
			 const struct conf_path *path,
			 struct sockaddr_storage *to)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *in = (struct sockaddr_in *)to;
	const char *text = conf_string_of(r, s, "an address");

	if (!text)
		return;
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(path->port);
		return;
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1) {
		conf_error(r, s, "\"%s\" is not an address; write an IPv4 or IPv6 address, like \"10.0.0.1\"",
			   text);
		return;
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(path->port);
	if (!IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		return;
	if (!path->device[0])
		conf_error(r, s, "\"%s\" is a link-local address; the path needs a \"device\" to say on which link",
			   text);
}

static void read_addresses(struct conf_reader *r, config_setting_t *s,
			   struct conf *conf, struct conf_node *node)
{
	config_setting_t *one = config_setting_get_member(s, "address");
	config_setting_t *all = config_setting_get_member(s, "addresses");
	const char *names[PEER_PATHS + 1] = { NULL };
	unsigned int i, n = 0;

	if (one && all) {
		conf_error(r, all, "node \"%s\" has both \"address\" and \"addresses\"; one of them is enough",
			   node->name);
		return;
	}
	if (one && conf->n_paths == 1) {
		read_address(r, one, &conf->paths[0], &node->at[0]);
		return;
	}
	if (one) {
		conf_error(r, one, "with several paths a node says \"addresses\", by path: addresses = { %s = \"...\"; %s = \"...\"; };",
			   conf->paths[0].name, conf->paths[1].name);
		return;
	}
	if (!all) {
		conf_error(r, s, "node \"%s\" has no \"address\" to be reached at, like address = \"10.0.0.1\";",
			   node->name);
		return;
	}
	if (!conf_is_group(r, all, "\"addresses\""))
		return;
	for (i = 0; i < conf->n_paths; i++)
		names[i] = conf->paths[i].name;
	conf_only(r, all, "\"addresses\", which go by path", names);
	for (i = 0; i < conf->n_paths; i++) {
		config_setting_t *at = config_setting_get_member(all, names[i]);

		if (at) {
			read_address(r, at, &conf->paths[i], &node->at[i]);
			n++;
		}
	}
	if (!n)
		conf_error(r, all, "node \"%s\" has no address on any path",
			   node->name);
}

static void read_node(struct conf_reader *r, config_setting_t *s,
		      struct conf *conf)
{
	static const char *const known[] = {
		"name", "address", "addresses", "witness", NULL
	};
	struct conf_node *node = &conf->nodes[conf->n_nodes];
	unsigned int errors = r->errors;
	const char *name;
	unsigned int i;

	if (!conf_is_group(r, s, "an entry of \"nodes\""))
		return;
	conf_only(r, s, "a node", known);
	name = conf_string(r, s, "name", NULL);
	if (!name) {
		if (r->errors == errors)
			conf_error(r, s, "a node needs a \"name\", the one that it has in the module");
		return;
	}
	if (!wire_name_valid(name)) {
		conf_error(r, s, "\"%s\" cannot be a node's name: 1 to %d letters, digits, dots, dashes and underscores, beginning with a letter or digit",
			   name, WIRE_NAME - 1);
		return;
	}
	for (i = 0; i < conf->n_nodes; i++)
		if (!strcmp(conf->nodes[i].name, name)) {
			conf_error(r, s, "node \"%s\" is there already, in line %u",
				   name, conf->nodes[i].line);
			return;
		}
	snprintf(node->name, sizeof(node->name), "%s", name);
	node->line = config_setting_source_line(s);
	node->witness = conf_bool(r, s, "witness", false);
	conf->n_nodes++;
	if (conf->n_paths)
		read_addresses(r, s, conf, node);
}

static bool same_address(const struct sockaddr_storage *a,
			 const struct sockaddr_storage *b)
{
	return a->ss_family && !memcmp(a, b, sizeof(*a));
}

/**
 * conf_node_where - compose where a node is, for messages about it
 * @conf:	the configuration
 * @node:	one of its nodes
 * @where:	buffer
 *
 * Return: file and line; or what else has the node
 */
const char *conf_node_where(const struct conf *conf, const struct conf_node *node, char where[CONF_WHERE])
{
	if (node->line)
		snprintf(where, CONF_WHERE, "%s:%u", conf->file, node->line);
	else
		snprintf(where, CONF_WHERE, "%s", conf->listed ? "the committed configuration" : conf->file);
	return where;
}

/**
 * conf_judge_nodes - compare the nodes with each other; the caller has checked each single node
 * @r:		the reader
 * @conf:	the configuration, with its nodes
 * @list:	the list of nodes in the file, or NULL
 * @at:		what errors are about if there is no list
 */
void conf_judge_nodes(struct conf_reader *r, struct conf *conf, config_setting_t *list, config_setting_t *at)
{
	unsigned int i, j, p;

	for (i = 0; i < conf->n_nodes; i++) {
		config_setting_t *s = list ? config_setting_get_elem(list, i) : at;
		const struct conf_node *self = &conf->nodes[conf->self];
		const struct conf_node *node = &conf->nodes[i];
		bool reachable = false;

		for (p = 0; p < conf->n_paths; p++) {
			if (node->at[p].ss_family && self->at[p].ss_family)
				reachable = true;
			if (node->at[p].ss_family && self->at[p].ss_family &&
			    node->at[p].ss_family != self->at[p].ss_family)
				conf_error(r, s, "nodes \"%s\" and \"%s\" have addresses of different families on path \"%s\"; make both IPv4 or both IPv6",
					   self->name, node->name,
					   conf->paths[p].name);
			for (j = 0; j < i; j++)
				if (same_address(&node->at[p],
						 &conf->nodes[j].at[p]))
					conf_error(r, s, "nodes \"%s\" and \"%s\" have the same address on path \"%s\"",
						   conf->nodes[j].name,
						   node->name,
						   conf->paths[p].name);
		}
		if (!reachable)
			conf_error(r, s, "node \"%s\" has no address on any path that this node, \"%s\", has one on",
				   node->name, self->name);
	}
}

/* Every host has loopback addresses, so they do not identify a node. */
static bool loopback(const struct sockaddr_storage *a)
{
	const struct sockaddr_in6 *in6 = (const void *)a;
	const struct sockaddr_in *in = (const void *)a;

	if (a->ss_family == AF_INET)
		return (ntohl(in->sin_addr.s_addr) & 0xff000000) == 0x7f000000;
	return a->ss_family != AF_INET6 || IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

static bool link_local(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static bool local(const struct sockaddr_storage *a, const struct ifaddrs *all)
{
	const struct sockaddr_in6 *in6 = (const void *)a;
	const struct sockaddr_in *in = (const void *)a;
	const struct ifaddrs *one;

	if (loopback(a) || link_local(a))
		return false;
	for (one = all; one; one = one->ifa_next) {
		const struct sockaddr_in6 *at6 = (const void *)one->ifa_addr;
		const struct sockaddr_in *at = (const void *)one->ifa_addr;

		if (!one->ifa_addr || one->ifa_addr->sa_family != a->ss_family)
			continue;
		if (a->ss_family == AF_INET ? at->sin_addr.s_addr == in->sin_addr.s_addr :
		    !memcmp(&at6->sin6_addr, &in6->sin6_addr, sizeof(in6->sin6_addr)))
			return true;
	}
	return false;
}

/*
 * Returns the index of the only node that has an address of this machine; -1 if no node or
 * several nodes have one. Link-local addresses do not count, because a machine on another
 * link can have the same address.
 */
static int by_address(const struct conf *conf)
{
	struct ifaddrs *all = NULL;
	unsigned int i, p;
	int self = -1;

	if (getifaddrs(&all))
		return -1;
	for (i = 0; i < conf->n_nodes; i++) {
		for (p = 0; p < conf->n_paths; p++)
			if (local(&conf->nodes[i].at[p], all))
				break;
		if (p == conf->n_paths)
			continue;
		if (self >= 0) {
			self = -1;
			break;
		}
		self = (int)i;
	}
	freeifaddrs(all);
	return self;
}

static int by_name(const struct conf *conf, const char *name)
{
	unsigned int i;

	for (i = 0; i < conf->n_nodes; i++)
		if (!strcmp(conf->nodes[i].name, name))
			return (int)i;
	return -1;
}

/* What else can be wrong if this machine is in no list: its entry was in a configuration that is not on its disk any more. */
static const char *lost(const struct conf *conf)
{
	return conf->entries != CONF_ENTRIES_NONE ? "" :
		"; or, if it came by an invitation, the configurations of the cluster are gone here: remove haagentd.key and haswitch.conf in /etc/haswitch, and have it invited again";
}

/*
 * Sets @conf->self to the index of the node that this machine is. If the file has the setting
 * "node", the node with that name is taken. Otherwise the only node with an address of this
 * machine is taken. If no node has such an address, as behind NAT, or several nodes have one, the
 * node with this machine's host name is taken. It is an error if the address and the host name
 * belong to two different nodes.
 */
static bool find_self(struct conf_reader *r, config_setting_t *root, struct conf *conf)
{
	config_setting_t *at = config_setting_get_member(root, "node");
	const char *names[CONF_NODES + 1] = { NULL };
	const char *name = conf_string(r, root, "node", NULL);
	char host[256] = "";
	int self, by = -1;
	unsigned int i;

	if (at && !name)
		return false;
	if (!name) {
		by = by_address(conf);
		gethostname(host, sizeof(host) - 1);
		host[strcspn(host, ".")] = 0;
		name = host;
	}
	self = by_name(conf, name);
	if (by >= 0 && self >= 0 && by != self) {
		conf_error(r, config_setting_get_member(root, "nodes"),
			   "this host is called \"%s\", but has the address of node \"%s\"; say which one it is: node = \"...\";",
			   name, conf->nodes[by].name);
		return false;
	}
	if (by >= 0)
		self = by;
	if (self >= 0) {
		conf->self = (unsigned int)self;
		return true;
	}
	/* After an error the entries were not read, and this node can be one of them. That error is enough. */
	if (conf->entries == CONF_ENTRIES_UNKNOWN)
		return false;
	for (i = 0; i < conf->n_nodes; i++)
		names[i] = conf->nodes[i].name;
	if (at)
		conf_error(r, at, "this node is called \"%s\", which is not in \"nodes\"; the nearest that is there is \"%s\"%s",
			   name, conf_nearest(name, names), lost(conf));
	else
		conf_error(r, config_setting_get_member(root, "nodes"),
			   "this host is called \"%s\", which is not in \"nodes\" (the nearest that is there is \"%s\"), and has no address of just one of them; say node = \"...\";%s",
			   name, conf_nearest(name, names), lost(conf));
	return false;
}

/* Makes a list of the entries of nodes that the configuration of the cluster has. Line N is the Nth entry. */
static char *entries_list(const char *entries)
{
	static const char head[] = "nodes = ( ", tail[] = " );";
	size_t room = sizeof(head) + sizeof(tail);
	const char *at;
	char *list, *to;

	for (at = entries; *at; at++)
		room += 1 + (*at == '\n');
	list = malloc(room);
	if (!list)
		return NULL;
	to = stpcpy(list, head);
	for (at = entries; *at; at++) {
		if (*at == '\n' && at[1])
			*to++ = ',';
		*to++ = *at;
	}
	strcpy(to, tail);
	return list;
}

/* Reads the entries of nodes that came by invitations. What the file itself says of a node is heeded. */
static void read_entries(struct conf_reader *r, const config_setting_t *at, struct conf *conf)
{
	char name[CONF_AGENTS_NAME], *text = entries_list(conf->agents.nodes);
	struct conf_reader of = { .file = name, .report = r->report, .arg = r->arg };
	struct conf_node *more = NULL;
	config_setting_t *list;
	config_t cfg;
	int i, n;

	conf_agents_name(&conf->agents, "entries of nodes", name);
	config_init(&cfg);
	if (!text || conf_parse_text(&of, &cfg, text)) {
		if (!text)
			conf_error(r, at, "no memory");
		goto out;
	}
	list = config_lookup(&cfg, "nodes");
	n = list ? config_setting_length(list) : 0;
	more = realloc(conf->nodes, (conf->n_nodes + (size_t)n) * sizeof(*more));
	if (!more) {
		conf_error(r, at, "no memory");
		goto out;
	}
	conf->nodes = more;
	for (i = 0; i < n; i++) {
		config_setting_t *s = config_setting_get_elem(list, (unsigned int)i);
		const char *known = NULL;
		unsigned int before = conf->n_nodes;

		if (config_setting_is_group(s) && config_setting_lookup_string(s, "name", &known) && by_name(conf, known) >= 0)
			continue;
		memset(&conf->nodes[before], 0, sizeof(*more));
		read_node(&of, s, conf);
		if (conf->n_nodes == before)
			continue;
		/* It is in no line of the file. */
		conf->nodes[before].line = 0;
		/* No configuration adds one, so the next one would not keep its entry. */
		if (conf->nodes[before].witness)
			conf_error(&of, s, "node \"%s\" is a witness; a witness is in the list of haagentd.conf on all nodes",
				   conf->nodes[before].name);
	}
	if (conf->n_nodes > CONF_NODES)
		conf_error(r, at, "\"nodes\" and the configuration of the cluster have %u nodes; %d are the most",
			   conf->n_nodes, CONF_NODES);
out:
	r->errors += of.errors;
	free(text);
	config_destroy(&cfg);
}

static void read_list(struct conf_reader *r, config_setting_t *root, struct conf *conf)
{
	config_setting_t *list = conf_list(r, root, "nodes",
			"groups, like ( { name = \"n1\"; address = \"10.0.0.1\"; } )");
	int i, n = list ? config_setting_length(list) : 0;
	unsigned int errors = r->errors, p, q;

	conf->listed = true;
	if (!list)
		return;
	if (n < 1 || n > CONF_NODES) {
		conf_error(r, list, "\"nodes\" has %d entries; it must have 1 to %d",
			   n, CONF_NODES);
		return;
	}
	conf->nodes = calloc((size_t)n, sizeof(*conf->nodes));
	if (!conf->nodes) {
		conf_error(r, list, "no memory");
		return;
	}
	for (i = 0; i < n; i++)
		read_node(r, config_setting_get_elem(list, (unsigned int)i), conf);
	if (conf->agents.nodes && conf->n_paths && r->errors == errors)
		read_entries(r, list, conf);
	if (r->errors != errors || !find_self(r, root, conf))
		return;
	for (p = 0; p < conf->n_paths; p++) {
		conf->paths[p].local = conf->nodes[conf->self].at[p];
		for (q = 0; q < p; q++)
			if (same_address(&conf->paths[q].local, &conf->paths[p].local))
				conf_error(r, config_setting_get_elem(list, conf->self),
					   "paths \"%s\" and \"%s\" have the same address and port here; a path is a network of its own",
					   conf->paths[q].name, conf->paths[p].name);
	}
	if (conf->n_paths)
		conf_judge_nodes(r, conf, list, NULL);
}

/* Copies the module's nodes. All nodes get addresses of the same family, so that every pair can communicate. */
static void take_nodes(struct conf_reader *r, struct conf *conf, const struct module_node *nodes, unsigned int n)
{
	const struct module_node *only4 = NULL, *only6 = NULL;
	bool self = false;
	unsigned int i;

	for (i = 0; i < n; i++) {
		self |= nodes[i].self;
		if (!nodes[i].addr6.family)
			only4 = &nodes[i];
		if (!nodes[i].addr4.family)
			only6 = &nodes[i];
	}
	if (only4 && only6) {
		conf_error(r, NULL, "there is no list \"nodes\", and of the module's nodes \"%s\" has no IPv6 address and \"%s\" no IPv4 address, so that not each can reach each; give all of them addresses of one family ('haadm node set ... addr'), or write the list",
			   only4->name, only6->name);
		return;
	}
	for (i = 0; only6 && i < n; i++)
		if (hasw_addr_is_link_local(&nodes[i].addr6)) {
			conf_error(r, NULL, "there is no list \"nodes\", and the module's node \"%s\" has a link-local address; write the list, and a path with a \"device\"",
				   nodes[i].name);
			return;
		}
	if (!self) {
		conf_error(r, NULL, "there is no list \"nodes\", and none of the module's nodes is this machine: its address is none of theirs; mend that in haswitch.conf, or write the word 'self' behind the right one");
		return;
	}
	conf->nodes = calloc(n, sizeof(*conf->nodes));
	if (!conf->nodes) {
		conf_error(r, NULL, "no memory");
		return;
	}
	for (i = 0; i < n; i++) {
		struct conf_node *node = &conf->nodes[i];

		snprintf(node->name, sizeof(node->name), "%s", nodes[i].name);
		hasw_addr_to_sock(only6 ? &nodes[i].addr6 : &nodes[i].addr4, conf->paths[0].port, &node->at[0]);
		if (nodes[i].self)
			conf->self = i;
	}
	conf->n_nodes = n;
	conf->paths[0].local = conf->nodes[conf->self].at[0];
}

static void ask_module(struct conf_reader *r, config_setting_t *root, struct conf *conf, conf_nodes_fn ask)
{
	config_setting_t *at = config_setting_get_member(root, "node");
	struct module_node *nodes = NULL;
	unsigned int n = 0, errors;
	struct hasw_error err;
	int failed;

	if (at) {
		conf_error(r, at, "\"node\" says which one of \"nodes\" this is, and there is no such list; take it out: the module knows which of its nodes this machine is");
		return;
	}
	if (conf->n_paths > 1) {
		conf_error(r, config_setting_get_member(root, "paths"), "with several paths the file needs the list \"nodes\", which has each node's address on each: nodes = ( { name = \"n1\"; addresses = { %s = \"10.0.0.1\"; %s = \"10.1.0.1\"; }; }, ... );",
			   conf->paths[0].name, conf->paths[1].name);
		return;
	}
	if (!conf->n_paths)
		return;
	errors = r->errors;
	failed = ask(&nodes, &n, &err);
	r->busy = failed && (err.code == EAGAIN || err.code == ENOMEM || err.code == ETIMEDOUT);
	if (failed)
		conf_error(r, NULL, "there is no list \"nodes\", and the module, whose nodes they would be, cannot be asked: %s", err.text);
	else if (!n)
		conf_error(r, NULL, "there is no list \"nodes\", and the module has no nodes either; load its configuration first ('systemctl start haswitch', 'haadm restore FILE'), with a line 'node add NAME addr ADDRESS' for each");
	/*
	 * A single node would be the only voter. It could grant itself leases that other
	 * nodes hold, if those nodes are not loaded into the module yet.
	 */
	else if (n == 1)
		conf_error(r, NULL, "there is no list \"nodes\", and the module has node \"%s\" alone; load the lines 'node add NAME addr ADDRESS' of the other ones, or write the list if there is no other",
			   nodes[0].name);
	else if (n > CONF_NODES)
		conf_error(r, NULL, "the module has %u nodes; agents can be on %d at most", n, CONF_NODES);
	else
		take_nodes(r, conf, nodes, n);
	r->later = r->errors > errors;
	free(nodes);
}

/**
 * conf_read_nodes - read the nodes, and find the node that represents this machine
 * @r:		the reader
 * @root:	root group of the file
 * @conf:	the configuration; the caller has read its paths, and what the configuration of the cluster has for the agents
 * @ask:	callback that reads the module's nodes, or NULL, see conf_read()
 *
 * To a list in the file, the entries of nodes are added that the configuration of the cluster has.
 */
void conf_read_nodes(struct conf_reader *r, config_setting_t *root,
		     struct conf *conf, conf_nodes_fn ask)
{
	if (config_setting_get_member(root, "nodes"))
		read_list(r, root, conf);
	else if (ask)
		ask_module(r, root, conf, ask);
	else
		conf_error(r, NULL, "there is no list \"nodes\"; say which nodes there are: nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; }, ... );");
}
