// SPDX-License-Identifier: GPL-2.0
/* Reads corosync's nodelist. Corosync keeps corosync.conf as a map: nodelist.node.POSITION.SETTING has a value. */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "names.h"
#include "nodelist.h"

#define PREFIX		"nodelist.node."
#define POSITIONS	1024	/* a nodelist can have gaps */

/**
 * nodelist_look_up - ask the resolver for the address of a node that has a host name instead
 * @text:	the name
 * @at:		set to its first address; family 0: there is none
 *
 * This can take seconds.
 */
void nodelist_look_up(const char *text, struct hasw_addr *at)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;

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

/* A key that has just gone is no error. *SETTLED becomes false if a host name is being looked up for the first time. */
static cs_error_t read_setting(cmap_handle_t map, const char *key, const char *setting, struct corosync_node *node,
			       uint64_t now, bool *settled)
{
	unsigned int link;
	cs_error_t err;
	char *text, end;

	if (!strcmp(setting, "nodeid")) {
		err = cmap_get_uint32(map, key, &node->number);
		return err == CS_ERR_NOT_EXIST ? CS_OK : err;
	}
	if (strcmp(setting, "name") != 0 &&
	    (sscanf(setting, "ring%u_add%c", &link, &end) != 2 || end != 'r' || link >= COROSYNC_LINKS))
		return CS_OK;
	err = cmap_get_string(map, key, &text);
	if (err != CS_OK)
		return err == CS_ERR_NOT_EXIST ? CS_OK : err;
	if (!strcmp(setting, "name")) {
		snprintf(node->name, sizeof(node->name), "%s", text);
	} else {
		node->given |= 1U << link;
		if (hasw_addr_parse(&node->at[link], text))
			*settled &= names_find(text, now, &node->at[link]);
	}
	free(text);
	return CS_OK;
}

/**
 * nodelist_read - read the nodes, and which of them this machine is
 * @map:	corosync's map
 * @report:	its nodes are filled in
 * @now:	current time, ns; later than at the last call
 * @settled:	set to whether no host name is being looked up for the first time
 *
 * Host names are not waited for: while one is looked up, it has no address.
 *
 * Return: CS_OK; another value: corosync does not answer, or memory is short
 */
cs_error_t nodelist_read(cmap_handle_t map, struct corosync_report *report, uint64_t now, bool *settled)
{
	char key[CMAP_KEYNAME_MAXLEN + 1], setting[64];
	int index[POSITIONS];
	uint32_t self = POSITIONS;
	cmap_iter_handle_t iter;
	cs_error_t err;

	memset(index, -1, sizeof(index));
	report->n_nodes = 0;
	*settled = true;
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
		err = read_setting(map, key, setting, &report->nodes[index[at]], now, settled);
		if (err != CS_OK)
			break;
	}
	cmap_iter_finalize(map, iter);
	if (err != CS_ERR_NO_SECTIONS)
		return err;
	names_forget_others(now);
	report->self = -1;
	err = cmap_get_uint32(map, "nodelist.local_node_pos", &self);
	if (err == CS_OK && self < POSITIONS)
		report->self = index[self];
	return err == CS_ERR_NOT_EXIST ? CS_OK : err;
}
