// SPDX-License-Identifier: GPL-2.0
/* Reads corosync's nodelist. Corosync keeps corosync.conf as a map: nodelist.node.POSITION.SETTING has a value. */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "nodelist.h"

#define PREFIX		"nodelist.node."
#define POSITIONS	1024	/* a nodelist can have gaps */

/* A node may have a host name instead of an address. Corosync has asked the resolver when it started. */
static void resolve(const char *text, struct hasw_addr *at)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;

	if (!hasw_addr_parse(at, text))
		return;
	memset(at, 0, sizeof(*at));
	if (getaddrinfo(text, NULL, &hints, &found))
		return;
	if (found->ai_family == AF_INET) {
		at->family = AF_INET;
		memcpy(at->bytes, &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr, 4);
	} else if (found->ai_family == AF_INET6) {
		at->family = AF_INET6;
		memcpy(at->bytes, &((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr, 16);
	}
	freeaddrinfo(found);
}

static void read_setting(cmap_handle_t map, const char *key, const char *setting, struct corosync_node *node)
{
	unsigned int link;
	char *text, end;

	if (!strcmp(setting, "nodeid")) {
		cmap_get_uint32(map, key, &node->number);
		return;
	}
	if (strcmp(setting, "name") != 0 &&
	    (sscanf(setting, "ring%u_add%c", &link, &end) != 2 || end != 'r' || link >= COROSYNC_LINKS))
		return;
	if (cmap_get_string(map, key, &text) != CS_OK)
		return;
	if (!strcmp(setting, "name")) {
		snprintf(node->name, sizeof(node->name), "%s", text);
	} else {
		node->given |= 1U << link;
		resolve(text, &node->at[link]);
	}
	free(text);
}

/**
 * nodelist_read - read the nodes, and which of them this machine is
 * @map:	corosync's map
 * @report:	its nodes are filled in
 *
 * Host names are looked up, which can take seconds.
 *
 * Return: CS_OK; another value: corosync does not answer, or memory is short
 */
cs_error_t nodelist_read(cmap_handle_t map, struct corosync_report *report)
{
	char key[CMAP_KEYNAME_MAXLEN + 1], setting[64];
	int index[POSITIONS];
	uint32_t self = POSITIONS;
	cmap_iter_handle_t iter;
	cs_error_t err;

	memset(index, -1, sizeof(index));
	report->n_nodes = 0;
	err = cmap_iter_init(map, PREFIX, &iter);
	if (err != CS_OK)
		return err;
	while ((err = cmap_iter_next(map, iter, key, NULL, NULL)) == CS_OK) {
		unsigned int at;

		if (sscanf(key, PREFIX "%u.%63s", &at, setting) != 2 || at >= POSITIONS)
			continue;
		if (index[at] < 0) {
			if (report->n_nodes == COROSYNC_NODES)
				continue;
			memset(&report->nodes[report->n_nodes], 0, sizeof(report->nodes[0]));
			index[at] = (int)report->n_nodes++;
		}
		read_setting(map, key, setting, &report->nodes[index[at]]);
	}
	cmap_iter_finalize(map, iter);
	if (err != CS_ERR_NO_SECTIONS)
		return err;
	report->self = -1;
	if (cmap_get_uint32(map, "nodelist.local_node_pos", &self) == CS_OK && self < POSITIONS)
		report->self = index[self];
	return CS_OK;
}
