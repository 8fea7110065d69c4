// SPDX-License-Identifier: GPL-2.0
/* Machines that become nodes of a cluster, and nodes that leave it: haadm cluster init, invite, join and leave. */

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "haadm/ask_agent.h"
#include "haadm/ask_cluster.h"
#include "haadm/beside.h"
#include "haadm/commands.h"
#include "haadm/membership.h"
#include "haadm/rtnl.h"
#include "lib/ask.h"
#include "lib/file.h"
#include "lib/text.h"

#define FOLDER		"/etc/haswitch/"
#define MODULE_FILE	FOLDER "haswitch.conf"
#define AGENT_FILE	FOLDER "haagentd.conf"
#define KEY_FILE	FOLDER "haagentd.key"
#define NODES_MAX	32	/* nodes that vote on a lease, see HASW_VOTE_NODES */
#define SECOND		UINT64_C(1000000000)
#define WITHIN		(3600 * SECOND)
#define START		"systemctl enable --now haswitch haagentd"

/* A node of a new cluster. */
struct founder {
	char name[HASWITCH_NAME_MAX + 1];
	struct hasw_addr addr;
};

/* The nodes of a new cluster; the first one is this machine. */
struct founders {
	struct founder node[NODES_MAX];
	unsigned int n;
};

static enum status wrong(struct haadm *haadm, const struct request *req, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static enum status wrong(struct haadm *haadm, const struct request *req, const char *format, ...)
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };
	va_list args;

	va_start(args, format);
	vsnprintf(complaint.text, sizeof(complaint.text), format, args);
	va_end(args);
	return complaint_show(haadm, &complaint);
}

/* Parses the name of a node. */
static enum status take_name(struct haadm *haadm, const struct request *req, const char *word, char *name)
{
	const char *fault = word ? hasw_name_check(word) : NULL;

	if (!word)
		return wrong(haadm, req, "the name of a node is missing");
	if (fault)
		return wrong(haadm, req, "\"%.100s\" %s", word, fault);
	snprintf(name, HASWITCH_NAME_MAX + 1, "%s", word);
	return STATUS_OK;
}

/* Parses the address of a node. */
static enum status take_addr(struct haadm *haadm, const struct request *req, const char *word, struct hasw_addr *addr)
{
	const char *fault = word ? hasw_addr_parse(addr, word) : NULL;

	if (!word)
		return wrong(haadm, req, "an address is missing behind \"addr\"");
	if (fault)
		return wrong(haadm, req, "\"%.100s\" %s", word, fault);
	if (!hasw_addr_is_host(addr) || hasw_addr_is_link_local(addr))
		return wrong(haadm, req, "\"%.100s\" is no address by which other nodes can reach one", word);
	return STATUS_OK;
}

static const char *word_at(const struct request *req, unsigned int i)
{
	return i < req->n_names ? req->names[i] : NULL;
}

/* Parses the words of init: of this machine first, and then further nodes. */
static enum status take_founders(struct haadm *haadm, const struct request *req, struct founders *f)
{
	enum status status = STATUS_OK;
	unsigned int i = 0, n, m;

	*f = (struct founders){ .n = 1 };
	while (!status && i < req->n_names) {
		const char *word = req->names[i];

		if (f->n == 1 && !strcmp(word, "name") && !f->node[0].name[0]) {
			status = take_name(haadm, req, word_at(req, i + 1), f->node[0].name);
			i += 2;
		} else if (f->n == 1 && !strcmp(word, "addr") && !f->node[0].addr.family) {
			status = take_addr(haadm, req, word_at(req, i + 1), &f->node[0].addr);
			i += 2;
		} else if (!strcmp(word, "with") && f->n < NODES_MAX) {
			const char *addr = word_at(req, i + 2);

			status = take_name(haadm, req, word_at(req, i + 1), f->node[f->n].name);
			if (!status && (!addr || strcmp(addr, "addr")))
				status = wrong(haadm, req, "\"addr ADDR\" is missing behind \"with %s\"", f->node[f->n].name);
			if (!status)
				status = take_addr(haadm, req, word_at(req, i + 3), &f->node[f->n].addr);
			i += 4;
			f->n++;
		} else if (!strcmp(word, "with")) {
			status = wrong(haadm, req, "a cluster has at most %u nodes", NODES_MAX);
		} else {
			status = wrong(haadm, req, "\"%.100s\" is unexpected here", word);
		}
	}
	for (n = 0; !status && n < f->n; n++)
		for (m = 0; !status && m < n; m++)
			if (f->node[n].name[0] && !strcmp(f->node[n].name, f->node[m].name))
				status = wrong(haadm, req, "node %s is named twice", f->node[n].name);
			else if (f->node[n].addr.family && !hasw_addr_compare(&f->node[n].addr, &f->node[m].addr))
				status = wrong(haadm, req, "two nodes have one address");
	return status;
}

/* Takes the host name without its domain as the name of this machine's node. */
static enum status host_name(struct haadm *haadm, char *name)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	if (!strcmp(host, "localhost") || !strcmp(host, "(none)") || hasw_name_check(host))
		return haadm_complain(haadm, STATUS_USAGE, "this machine's host name \"%s\" can't be the name of a node: say \"name NODE\"",
				      host);
	snprintf(name, HASWITCH_NAME_MAX + 1, "%s", host);
	return STATUS_OK;
}

static bool from_ifaddrs(struct hasw_addr *addr, const struct sockaddr *from)
{
	return from && hasw_addr_from_sock(addr, from) && hasw_addr_is_host(addr) && !hasw_addr_is_link_local(addr);
}

/* The addresses of this machine that can be a node's: those of one family, and how many there are. */
struct choice {
	struct hasw_addr addr;
	unsigned int n;
	char list[300];
};

static void choose(struct choice *choice, const struct hasw_addr *addr)
{
	char text[HASW_ADDR_TEXT];
	size_t length = strlen(choice->list);

	if (choice->n && !hasw_addr_compare(&choice->addr, addr))
		return;
	choice->addr = *addr;
	choice->n++;
	if (length + HASW_ADDR_TEXT + 8 < sizeof(choice->list))
		snprintf(choice->list + length, sizeof(choice->list) - length, "%s%s", length ? ", " : "",
			 hasw_addr_format(addr, text));
}

/* Of an IPv4 address getifaddrs() tells its label in place of the device, and that of a vip is ha0:vip. */
static bool of_vips(const char *name)
{
	size_t length = strlen(HA_DEV);

	return !strncmp(name, HA_DEV, length) && (!name[length] || name[length] == ':');
}

/* Takes the only IPv4 address of this machine, or its only IPv6 address if it has none of IPv4. Vips do not count. */
static enum status own_addr(struct haadm *haadm, struct hasw_addr *addr)
{
	struct choice four = { .n = 0 }, six = { .n = 0 };
	const struct choice *choice = &four;
	struct ifaddrs *all, *one;
	struct hasw_addr found;

	if (getifaddrs(&all))
		return haadm_complain(haadm, STATUS_USAGE, "the addresses of this machine cannot be read: %s", strerror(errno));
	for (one = all; one; one = one->ifa_next)
		if (!(one->ifa_flags & IFF_LOOPBACK) && !of_vips(one->ifa_name) && from_ifaddrs(&found, one->ifa_addr))
			choose(found.family == AF_INET ? &four : &six, &found);
	freeifaddrs(all);
	if (!four.n)
		choice = &six;
	if (choice->n == 1) {
		*addr = choice->addr;
		return STATUS_OK;
	}
	if (!choice->n)
		return haadm_complain(haadm, STATUS_USAGE, "this machine has no address by which other nodes can reach it: give it one, or say \"addr ADDR\"");
	return haadm_complain(haadm, STATUS_USAGE, "this machine has several addresses: say \"addr ADDR\" with the one by which other nodes reach it: %s",
			      choice->list);
}

/* Writes haswitch.conf. Returns 0 or a negative errno. */
static int write_nodes(const struct founders *f)
{
	char text[HASW_ADDR_TEXT];
	struct file_next next;
	unsigned int i;
	int ret = file_next_open(&next, MODULE_FILE);

	if (ret)
		return ret;
	errno = 0;
	dprintf(next.fd, "# The same on each node of the cluster\n");
	for (i = 0; i < f->n; i++)
		if (dprintf(next.fd, "node add %s addr %s\n", f->node[i].name, hasw_addr_format(&f->node[i].addr, text)) < 0)
			ret = errno ? -errno : -EIO;
	return file_next_end(&next, MODULE_FILE, ret);
}

/* Returns whether the module has vips, which a new configuration would take away. It has none where it is not loaded. */
static bool has_vips(void)
{
	struct hasw_model model;
	struct hasw_sock sock;
	struct hasw_error err;
	bool has = false;

	if (hasw_sock_open(&sock, &err))
		return false;
	if (!hasw_model_read(&model, &sock, &err)) {
		has = model.n_vips;
		hasw_model_free(&model);
	}
	hasw_sock_close(&sock);
	return has;
}

/* Refuses where an earlier cluster has left its configurations, as they would be taken for those of the new one. */
static enum status no_generations(struct haadm *haadm)
{
	char path[BESIDE_TEXT];
	struct hasw_error err;

	if (beside_committed(path, &err))
		return haadm_error(haadm, &err);
	return !path[0] ? STATUS_OK :
		haadm_complain(haadm, STATUS_REFUSED, "this machine has configurations of an earlier cluster, which would come back (%s): move their folder away, and the files voter-* beside it; or, if that cluster goes on, put its " KEY_FILE " back",
			       path);
}

/*
 * Refuses a node alone: its agent would not begin, so nobody could be invited. A haagentd.conf that is there may list other
 * nodes.
 */
static enum status not_alone(struct haadm *haadm, const struct founders *f)
{
	const char *file = getenv(ASK_AGENT_ENV);

	if (f->n > 1 || !access(file && *file ? file : AGENT_FILE, F_OK))
		return STATUS_OK;
	return haadm_complain(haadm, STATUS_REFUSED, "node %s would be alone, and its agent begins only if there is another node: name the others with which the cluster begins, \"with NODE addr ADDR\"",
			      f->node[0].name);
}

/* Makes the files of a new cluster, or none. *KEPT: haswitch.conf was there before. *BEGUN: the agent will commit it. */
static enum status make_files(struct haadm *haadm, const struct founders *f, bool *kept, bool *begun)
{
	char out[BESIDE_TEXT];
	struct hasw_error err;
	int ret;

	*kept = !access(MODULE_FILE, F_OK);
	if (!access(KEY_FILE, F_OK))
		return haadm_complain(haadm, STATUS_REFUSED, KEY_FILE " is there already: this machine belongs to a cluster, so nothing was changed");
	if (no_generations(haadm) || (!*kept && not_alone(haadm, f)))
		return STATUS_REFUSED;
	ret = file_need_folder(MODULE_FILE);
	if (!ret && !*kept)
		ret = write_nodes(f);
	if (ret)
		return haadm_complain(haadm, STATUS_USAGE, MODULE_FILE " cannot be written: %s", strerror(-ret));
	ret = beside_agent("--genkey", KEY_FILE, NULL, out, &err);
	if (!ret) {
		/* The agent then commits the first generation by itself, if it votes. */
		ret = beside_agent_print("--begin", out, &err);
		if (!ret) {
			*begun = out[0];
			return STATUS_OK;
		}
		unlink(KEY_FILE);
	}
	if (!*kept)
		unlink(MODULE_FILE);
	return haadm_error(haadm, &err);
}

/* Says why the units do not start: what systemctl has said, and what the agent says of its configuration, if that is wrong. */
static enum status not_started(struct haadm *haadm, const struct hasw_error *err)
{
	char out[BESIDE_TEXT];
	struct hasw_error why;

	if (!beside_agent_print("--check-config", out, &why))
		return haadm_complain(haadm, STATUS_REFUSED, "the files are written, but the units can't be started: %s; then say " START,
				      err->text);
	return haadm_complain(haadm, STATUS_REFUSED, "the files are written, but the units can't be started: %s (haagentd says: %s); then say " START,
			      err->text, why.text);
}

/* Starts the units, or says how, as a line of text. AGAIN: also those that run. *STARTED: they were started. */
static enum status start_units(struct haadm *haadm, bool again, bool *started)
{
	struct hasw_error err;

	*started = false;
	if (beside_systemd()) {
		if (beside_start(again, &err))
			return not_started(haadm, &err);
		*started = true;
		if (!haadm->out.json)
			puts("the units haswitch and haagentd are enabled and started");
	} else if (!haadm->out.json) {
		puts("start it: modprobe haswitch; haadm restore " MODULE_FILE "; haagentd (with systemd: " START ")");
	}
	return STATUS_OK;
}

enum status membership_init(struct haadm *haadm, const struct request *req)
{
	char addr[HASW_ADDR_TEXT];
	struct founders f;
	enum status status = take_founders(haadm, req, &f);
	bool kept, begun, started, vips = has_vips();

	if (!status && vips && access(MODULE_FILE, F_OK))
		status = haadm_complain(haadm, STATUS_REFUSED, "the module has vips that no " MODULE_FILE " has, so they would be gone: say 'haadm save >" MODULE_FILE "' first");
	if (!status && !f.node[0].name[0])
		status = host_name(haadm, f.node[0].name);
	if (!status && !f.node[0].addr.family)
		status = own_addr(haadm, &f.node[0].addr);
	if (!status)
		status = make_files(haadm, &f, &kept, &begun);
	if (status)
		return status;
	hasw_addr_format(&f.node[0].addr, addr);
	if (!haadm->out.json) {
		puts(KEY_FILE ": a new key; whoever has it is a node of this cluster");
		if (kept)
			puts(MODULE_FILE ": was there already, and stays as it is");
		else
			printf(MODULE_FILE ": node %s at %s, which is this machine%s\n", f.node[0].name, addr,
			       f.n > 1 ? ", and those that you named" : "");
		puts(!begun ? "no configuration of all nodes: haagentd.conf says that this node does not vote" :
		     "generation 1 of the configuration: committed by itself, with what this node runs, once most nodes run");
	}
	status = start_units(haadm, !vips, &started);
	if (haadm->out.json)
		out_json_line(&haadm->out, json_pack("{ss ss sI sb sb}", "node", f.node[0].name, "addr", addr, "nodes_count",
						     (json_int_t)f.n, "kept", kept, "started", started));
	return status;
}

enum status membership_invite(struct haadm *haadm, const struct request *req)
{
	const char *addr = word_at(req, 2), *time = word_at(req, 4), *fault;
	char name[HASWITCH_NAME_MAX + 1], words[ASK_WORDS], text[HASW_ADDR_TEXT];
	enum status status = take_name(haadm, req, word_at(req, 0), name);
	uint64_t within = WITHIN;
	struct hasw_addr parsed;
	struct hasw_error err;
	json_t *answer;

	if (!status && (req->n_names < 2 || strcmp(req->names[1], "addr")))
		status = wrong(haadm, req, "\"addr ADDR\" is missing behind \"%s\"", name);
	if (!status)
		status = take_addr(haadm, req, addr, &parsed);
	if (!status && req->n_names > 3 && (strcmp(req->names[3], "within") || req->n_names > 5))
		status = wrong(haadm, req, "\"%.100s\" is unexpected here", req->names[strcmp(req->names[3], "within") ? 3 : 5]);
	if (!status && req->n_names == 4)
		status = wrong(haadm, req, "a time is missing behind \"within\"");
	if (status)
		return status;
	fault = time ? hasw_time_parse(&within, time) : NULL;
	if (fault)
		return wrong(haadm, req, "\"%.100s\" %s", time, fault);
	snprintf(words, sizeof(words), "invite %s %s %llu", name, hasw_addr_format(&parsed, text),
		 (unsigned long long)(within / SECOND));
	answer = cluster_ask(words, NULL, NULL, NULL, &err);
	if (!answer)
		return haadm_error(haadm, &err);
	if (haadm->out.json) {
		out_json_line(&haadm->out, answer);
		return STATUS_OK;
	}
	puts(ask_agent_text(answer, "token"));
	/* The token alone is on standard output, for scripts. */
	fprintf(stderr, "on %s, once, and before %s have passed: haadm cluster join -, and there the token as a line\n", name, time ? time : "1h");
	if (!json_is_true(json_object_get(answer, "known")) && json_integer_value(json_object_get(answer, "nodes_count")) < 3)
		fprintf(stderr, "note: one voter or two stay the only ones while agents run, so %s will have no vote: haagentd(8), NODES THAT COME AND GO\n",
			name);
	if (json_object_get(answer, "path"))
		fprintf(stderr, "note: the agents will reach %s by path %s alone, until the list nodes in haagentd.conf has its addresses on the others: haadm(8), cluster invite\n",
			name, ask_agent_text(answer, "path"));
	if (json_object_get(answer, "old_addr"))
		fprintf(stderr, "note: the voters still have the machine that was %s, at %s: it must be off, or without the key, before %s joins\n",
			name, ask_agent_text(answer, "old_addr"), name);
	if (json_object_get(answer, "own_setting"))
		fprintf(stderr, "note: haagentd.conf of %s is not for %s, as it has settings for one node (%s): write one with the same list of nodes on %s before it joins\n",
			ask_agent_text(answer, "from"), name, ask_agent_text(answer, "own_setting"), name);
	json_decref(answer);
	return STATUS_OK;
}

/* Reads the token from standard input. */
static enum status token_in(struct haadm *haadm, char token[512])
{
	if (!fgets(token, 512, stdin))
		return haadm_complain(haadm, STATUS_USAGE, "no token comes from standard input");
	token[strcspn(token, "\n")] = '\0';
	return STATUS_OK;
}

enum status membership_join(struct haadm *haadm, const struct request *req)
{
	char token[512], out[BESIDE_TEXT];
	enum status status = STATUS_OK;
	struct hasw_error err;
	json_t *answer;
	bool started;
	int ret;

	if (req->n_names != 1)
		return wrong(haadm, req, req->n_names ? "one word too many" : "the token is missing");
	if (has_vips())
		return haadm_complain(haadm, STATUS_REFUSED, "the module has vips, and the cluster's configuration would replace them: say 'haadm save >FILE' to keep them, and 'modprobe -r haswitch' first");
	if (!strcmp(req->names[0], "-")) {
		status = token_in(haadm, token);
	} else {
		snprintf(token, sizeof(token), "%s", req->names[0]);
		/* Each user of this machine can read the arguments while haadm waits for the commit. */
		explicit_bzero(req->names[0], strlen(req->names[0]));
	}
	if (status)
		return status;
	ret = beside_agent("--join", NULL, token, out, &err);
	explicit_bzero(token, sizeof(token));
	if (ret)
		return haadm_complain(haadm, STATUS_REFUSED, "%s", err.text);
	answer = json_loads(out, 0, NULL);
	if (!answer)
		return haadm_complain(haadm, STATUS_REFUSED, "the files are written, but haagentd is of another release: then say " START);
	if (!haadm->out.json) {
		printf("this machine is node %s now, as %s", ask_agent_text(answer, "node"), ask_agent_text(answer, "from"));
		if (json_integer_value(json_object_get(answer, "generation")))
			printf(" has committed by generation %" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(answer, "generation")));
		else
			fputs(" has it in its configuration", stdout);
		putchar('\n');
		if (json_object_get(answer, "note"))
			fprintf(stderr, "note: %s\n", ask_agent_text(answer, "note"));
		fflush(stdout);
	}
	status = start_units(haadm, true, &started);
	if (haadm->out.json) {
		json_object_set_new(answer, "started", json_boolean(started));
		out_json_line(&haadm->out, answer);
	} else {
		json_decref(answer);
	}
	return status;
}

/* Refuses while the node is needed, or while the commit would lose something. SHOWN: what nodes there are. */
static enum status may_leave(struct haadm *haadm, const char *name, const json_t *shown)
{
	const json_t *nodes = json_object_get(shown, "nodes"), *found = NULL;
	const char *changed = cluster_changed(shown, name);

	if (!strcmp(name, ask_agent_text(shown, "node")))
		return haadm_complain(haadm, STATUS_REFUSED, "%s is this machine: stop its agent, and say this on another node", name);
	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *node = json_array_get(nodes, i);

		if (!strcmp(ask_agent_text(node, "node"), name))
			found = node;
	}
	if (changed)
		return haadm_complain(haadm, STATUS_REFUSED, "the configuration was changed by hand on %s: first say 'haadm cluster adopt' there, or 'haadm snapshot rollback'",
				      changed);
	if (!found)
		return haadm_complain(haadm, STATUS_REFUSED, "there is no node %s: see 'haadm cluster show'", name);
	if (json_is_true(json_object_get(found, "witness")))
		return haadm_complain(haadm, STATUS_REFUSED, "%s is a witness: it leaves by the list nodes in haagentd.conf of all nodes", name);
	if (json_is_true(json_object_get(found, "is_heard")))
		return haadm_complain(haadm, STATUS_REFUSED, "the agent of %s is heard: stop it first, so that it gives up what it holds: on %s, systemctl disable --now haagentd",
				      name, name);
	return STATUS_OK;
}

/* Refuses a node that a cluster engine lists, or that holds a lease, as this machine's module has it. */
static enum status holds_nothing(struct haadm *haadm, const char *name)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	enum status status = STATUS_OK;
	struct hasw_model model;
	struct hasw_error err;
	uint32_t node;

	if (!sock)
		return STATUS_REFUSED;
	if (hasw_model_read(&model, sock, &err))
		return haadm_error(haadm, &err);
	node = hasw_model_node(&model, name);
	if (node != HASW_NONE && model.nodes[node].engine)
		status = haadm_complain(haadm, STATUS_REFUSED, "%s is a node of corosync's nodelist: take it out there, on all nodes, and the agents take it out of the modules",
					name);
	for (uint32_t i = 0; i < model.n_leases && !status; i++)
		if (!strcmp(model.leases[i].holder, name))
			status = haadm_complain(haadm, STATUS_REFUSED, "%s holds the lease %s: wait until another node holds it", name,
						model.leases[i].name);
	hasw_model_free(&model);
	return status;
}

static bool in_list(const struct hasw_lease_list *list, uint32_t node)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (list->nodes[i] == node)
			return true;
	return false;
}

/* Returns whether the configuration names a node elsewhere than where it adds it; WHERE is filled with one such place. */
static bool is_named(const struct hasw_model *model, uint32_t node, char where[HASW_SVC_TEXT + 64])
{
	char text[HASW_SVC_TEXT];

	where[0] = '\0';
	for (uint32_t i = 0; i < model->n_vips && !where[0]; i++)
		if (model->vips[i].holder == node)
			sprintf(where, "holder of the vip %s", hasw_addr_format(&model->vips[i].addr, text));
	for (uint32_t i = 0; i < model->n_members && !where[0]; i++)
		if (model->members[i].node == node)
			sprintf(where, "member of the service %s",
				hasw_svc_format(&model->services[model->members[i].service].key, text));
	for (uint32_t i = 0; i < model->n_services && !where[0]; i++)
		if (model->services[i].sorry == node)
			sprintf(where, "on-empty of the service %s", hasw_svc_format(&model->services[i].key, text));
	for (uint32_t i = 0; i < model->n_leases && !where[0]; i++)
		if (in_list(&model->leases[i].prefer, node) || in_list(&model->leases[i].only, node))
			sprintf(where, "in a list of the lease %s", model->leases[i].name);
	return where[0];
}

/* Takes the line that adds a node out of a text as haadm save prints it. */
static void cut_node(struct cluster_text *text, const char *name)
{
	char head[HASWITCH_NAME_MAX + 16];
	char *line = text->at, *end;

	snprintf(head, sizeof(head), "node add %s ", name);
	while (strncmp(line, head, strlen(head))) {
		line = strchr(line, '\n');
		if (!line)
			return;
		line++;
	}
	end = strchr(line, '\n') + 1;
	memmove(line, end, strlen(end) + 1);
	text->size -= (size_t)(end - line);
}

/* Gives a configuration the states of nodes that this node has. */
static enum status take_states(struct haadm *haadm, struct hasw_model *model)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct hasw_model running;
	struct hasw_error err;

	if (!sock)
		return STATUS_REFUSED;
	if (hasw_model_read(&running, sock, &err))
		return haadm_error(haadm, &err);
	cluster_states(model, &running);
	hasw_model_free(&running);
	return STATUS_OK;
}

/* Makes the configuration of the cluster without a node. */
static enum status without(struct haadm *haadm, const char *name, bool committed, struct cluster_text *text)
{
	char where[HASW_SVC_TEXT + 64];
	struct cluster_text whole;
	struct hasw_model model;
	struct hasw_error err;
	enum status status;
	uint32_t node;

	if (committed) {
		json_t *answer = cluster_ask("get 0", NULL, &whole, NULL, &err);

		status = answer ? STATUS_OK : haadm_error(haadm, &err);
		json_decref(answer);
	} else {
		status = cluster_running(haadm, &whole);
	}
	if (status)
		return status;
	status = cluster_model(haadm, &whole, "the configuration of the cluster", &model);
	free(whole.at);
	if (status)
		return status;
	node = hasw_model_node(&model, name);
	if (node == HASW_NONE)
		status = haadm_complain(haadm, STATUS_REFUSED, "the configuration of the cluster has no node %s", name);
	else if (is_named(&model, node, where))
		status = haadm_complain(haadm, STATUS_REFUSED, "%s is %s: take that out of the configuration first", name, where);
	else
		status = take_states(haadm, &model);
	if (!status)
		status = cluster_print(haadm, &model, text);
	hasw_model_free(&model);
	if (!status)
		cut_node(text, name);
	return status;
}

enum status membership_leave(struct haadm *haadm, const struct request *req)
{
	char name[HASWITCH_NAME_MAX + 1], label[HASWITCH_NAME_MAX + 32];
	enum status status = take_name(haadm, req, word_at(req, 0), name);
	struct cluster_text text = { .at = NULL };
	struct hasw_error err;
	json_t *shown = NULL;

	if (!status && req->n_names > 1)
		status = wrong(haadm, req, "\"%.100s\" is one word too many", req->names[1]);
	if (status)
		return status;
	shown = cluster_ask("show", NULL, NULL, NULL, &err);
	if (!shown)
		return haadm_error(haadm, &err);
	status = may_leave(haadm, name, shown);
	if (!status)
		status = holds_nothing(haadm, name);
	if (!status)
		status = without(haadm, name, json_object_get(shown, "committed"), &text);
	snprintf(label, sizeof(label), "the configuration without %s", name);
	if (!status)
		status = cluster_commit(haadm, &(struct cluster_change){ .text = text, .name = label });
	free(text.at);
	json_decref(shown);
	if (!status)
		fprintf(stderr, "note: %s still has the key of the cluster: remove /etc/haswitch/haagentd.key there, and the folder config and the files voter-* in /var/lib/haswitch\n", name);
	return status;
}
