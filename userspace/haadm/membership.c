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

#include "haadm/beside.h"
#include "haadm/commands.h"
#include "haadm/membership.h"
#include "haadm/rtnl.h"
#include "lib/file.h"
#include "lib/text.h"

#define FOLDER		"/etc/haswitch/"
#define MODULE_FILE	FOLDER "haswitch.conf"
#define KEY_FILE	FOLDER "haagentd.key"
#define NODES_MAX	32	/* nodes that vote on a lease, see HASW_VOTE_NODES */
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
	if (!from || (from->sa_family != AF_INET && from->sa_family != AF_INET6))
		return false;
	*addr = (struct hasw_addr){ .family = (uint8_t)from->sa_family };
	if (from->sa_family == AF_INET)
		memcpy(addr->bytes, &((const struct sockaddr_in *)from)->sin_addr, 4);
	else
		memcpy(addr->bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	return hasw_addr_is_host(addr) && !hasw_addr_is_link_local(addr);
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
		if (!(one->ifa_flags & IFF_LOOPBACK) && strcmp(one->ifa_name, HA_DEV) && from_ifaddrs(&found, one->ifa_addr))
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

/* Makes the files of a new cluster, or none. *KEPT: haswitch.conf was there before. */
static enum status make_files(struct haadm *haadm, const struct founders *f, bool *kept)
{
	char out[BESIDE_TEXT];
	struct hasw_error err;
	int ret;

	*kept = !access(MODULE_FILE, F_OK);
	if (!access(KEY_FILE, F_OK))
		return haadm_complain(haadm, STATUS_REFUSED, KEY_FILE " is there already: this machine belongs to a cluster, so nothing was changed");
	ret = file_need_folder(MODULE_FILE);
	if (!ret && !*kept)
		ret = write_nodes(f);
	if (ret)
		return haadm_complain(haadm, STATUS_USAGE, MODULE_FILE " cannot be written: %s", strerror(-ret));
	if (!beside_agent("--genkey", KEY_FILE, NULL, out, &err))
		return STATUS_OK;
	if (!*kept)
		unlink(MODULE_FILE);
	return haadm_error(haadm, &err);
}

/* Starts the units, or says how, as a line of text. *STARTED: they were started. */
static enum status start_units(struct haadm *haadm, bool *started)
{
	struct hasw_error err;

	*started = false;
	if (beside_systemd()) {
		if (beside_start(&err))
			return haadm_complain(haadm, STATUS_REFUSED, "the files are written, but '" START "' has failed: %s", err.text);
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
	bool kept, started;

	if (!status && !f.node[0].name[0])
		status = host_name(haadm, f.node[0].name);
	if (!status && !f.node[0].addr.family)
		status = own_addr(haadm, &f.node[0].addr);
	if (!status)
		status = make_files(haadm, &f, &kept);
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
	}
	status = start_units(haadm, &started);
	if (haadm->out.json)
		out_json_line(&haadm->out, json_pack("{ss ss sI sb sb}", "node", f.node[0].name, "addr", addr, "nodes",
						     (json_int_t)f.n, "kept", kept, "started", started));
	return status;
}
