// SPDX-License-Identifier: GPL-2.0
/* Finds out which node of a file is this machine, if no line of the file has the word `self`. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"
#include "lib/array.h"
#include "rtnl.h"
#include "self.h"

#define LIST_TEXT	96	/* size of the text that lists addresses in an error message, bytes */

static struct self_node *node_of(struct self_nodes *nodes, const char *name)
{
	uint32_t i;

	for (i = 0; i < nodes->n; i++) {
		if (!strcmp(nodes->nodes[i].name, name))
			return &nodes->nodes[i];
	}
	if (!hasw_array_room(&nodes->nodes, nodes->n, &nodes->room, sizeof(*nodes->nodes)))
		return NULL;
	memset(&nodes->nodes[nodes->n], 0, sizeof(*nodes->nodes));
	snprintf(nodes->nodes[nodes->n].name, sizeof(nodes->nodes->name), "%s", name);
	return &nodes->nodes[nodes->n++];
}

static void take_addr(struct self_node *node, const struct request *req, uint16_t attr, uint8_t family)
{
	struct hasw_addr *addr = &node->addr[family == AF_INET6];

	if (!request_has(req, attr))
		return;
	memset(addr, 0, sizeof(*addr));
	addr->family = family;
	memcpy(addr->bytes, req->value[attr].bytes, hasw_addr_len(addr));
}

/* Takes a line about a node. */
static int take_line(struct self_nodes *nodes, int n_words, char *const *words)
{
	struct complaint complaint;
	struct self_node *node;
	struct request req;

	if (n_words < 2 || (strcmp(words[1], "add") && strcmp(words[1], "set")))
		return 0;
	if (request_parse(&req, n_words, words, &complaint))
		return 0;
	nodes->said |= req.verb->cmd == HASWITCH_CMD_NODE_ADD && request_has(&req, HASWITCH_A_NODE_SELF);
	node = node_of(nodes, req.name);
	if (!node)
		return -ENOMEM;
	take_addr(node, &req, HASWITCH_A_NODE_ADDR4, AF_INET);
	take_addr(node, &req, HASWITCH_A_NODE_ADDR6, AF_INET6);
	return 0;
}

int self_nodes_read(struct self_nodes *nodes, struct lines *lines)
{
	int n, ret = 0;

	memset(nodes, 0, sizeof(*nodes));
	/* Most lines of a long file concern other objects, so they are not even split. */
	while (!ret && (n = lines_next_of(lines, "node")) > 0)
		ret = take_line(nodes, n, lines->words);
	return ret ? ret : n;
}

int self_nodes_of(struct self_nodes *nodes, const struct hasw_model *model)
{
	memset(nodes, 0, sizeof(*nodes));
	for (uint32_t i = 0; i < model->n_nodes; i++) {
		struct self_node *node = node_of(nodes, model->nodes[i].name);

		if (!node)
			return -ENOMEM;
		node->addr[0] = model->nodes[i].addr4;
		node->addr[1] = model->nodes[i].addr6;
	}
	return 0;
}

void self_nodes_free(struct self_nodes *nodes)
{
	free(nodes->nodes);
	memset(nodes, 0, sizeof(*nodes));
}

/* State of the search for the node that has an address of this network namespace. */
struct search {
	const struct self_nodes *nodes;
	const struct self_node *found;
	struct hasw_addr by;		/* the address of this machine that node `found` has */
	const struct self_node *other;	/* second node with an address of this machine, or NULL */
	struct hasw_addr other_by;
	char looked[LIST_TEXT];		/* the addresses of this machine, for the error message */
};

/*
 * Appends an address to search->looked, or "..." when the list is full. Skips link-local addresses, and addresses that
 * no host can have.
 */
static void note_addr(struct search *search, const struct hasw_addr *addr)
{
	char text[HASW_ADDR_TEXT];
	size_t len = strlen(search->looked);

	if (!hasw_addr_is_host(addr) || hasw_addr_is_link_local(addr))
		return;
	if (len + HASW_ADDR_TEXT + 8 < LIST_TEXT)
		snprintf(search->looked + len, LIST_TEXT - len, "%s%s", len ? ", " : "", hasw_addr_format(addr, text));
	else if (len < 3 || strcmp(search->looked + len - 3, "..."))
		snprintf(search->looked + len, LIST_TEXT - len, ", ...");
}

static int match_addr(const struct hasw_addr *addr, void *data)
{
	struct search *search = data;

	note_addr(search, addr);
	for (uint32_t i = 0; i < search->nodes->n; i++) {
		const struct self_node *node = &search->nodes->nodes[i];
		const struct hasw_addr *has = &node->addr[addr->family == AF_INET6];

		if (!has->family || hasw_addr_compare(has, addr))
			continue;
		if (!search->found) {
			search->found = node;
			search->by = *addr;
		} else if (search->found != node && !search->other) {
			search->other = node;
			search->other_by = *addr;
		}
	}
	return 0;
}

static int two_fit(const struct search *search, struct hasw_error *err)
{
	char one[HASW_ADDR_TEXT], two[HASW_ADDR_TEXT];

	return hasw_fail(err, ENOTUNIQ,
			 "this machine has the address %s of node %s and %s of node %s; write \"self\" behind the node that it is",
			 hasw_addr_format(&search->by, one), search->found->name, hasw_addr_format(&search->other_by, two),
			 search->other->name);
}

static int none_fits(const struct search *search, const char *host, struct hasw_error *err)
{
	return hasw_fail(err, ENOENT,
			 "no node is this machine, whose name is %.40s and which has %s%s; write \"self\" behind the node that it is, or its address there",
			 *host ? host : "not set", *search->looked ? "the addresses " : "no address", search->looked);
}

/* Finds the node whose name is the first LEN characters of NAME. */
static const struct self_node *by_name(const struct self_nodes *nodes, const char *name, size_t len)
{
	for (uint32_t i = 0; len && i < nodes->n; i++) {
		if (strlen(nodes->nodes[i].name) == len && !strncmp(nodes->nodes[i].name, name, len))
			return &nodes->nodes[i];
	}
	return NULL;
}

/*
 * Finds the node whose name is the host's name. If there is none, finds the node whose name is the host's name without
 * its domain.
 */
static const struct self_node *by_host(const struct self_nodes *nodes, const char *host)
{
	const struct self_node *whole = by_name(nodes, host, strlen(host));

	return whole ? whole : by_name(nodes, host, strcspn(host, "."));
}

const struct self_node *self_find(const struct self_nodes *nodes, struct hasw_error *err)
{
	struct search search;
	char host[256] = "";
	struct rtnl rtnl;
	int ret;

	if (rtnl_open(&rtnl, err))
		return NULL;
	do {
		search = (struct search){ .nodes = nodes };
		ret = rtnl_addrs(&rtnl, match_addr, &search, err);
	} while (!ret && rtnl_again(&rtnl));
	rtnl_close(&rtnl);
	if (ret)
		return NULL;
	if (search.other) {
		two_fit(&search, err);
		return NULL;
	}
	if (search.found)
		return search.found;
	gethostname(host, sizeof(host) - 1);
	search.found = by_host(nodes, host);
	if (!search.found)
		none_fits(&search, host, err);
	return search.found;
}
