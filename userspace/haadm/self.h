/* SPDX-License-Identifier: GPL-2.0 */
/* Finds out which node of a file is this machine, if no line of the file has the word `self`. */

#ifndef HAADM_SELF_H
#define HAADM_SELF_H

#include <linux/haswitch.h>

#include "haadm/parse/lines.h"
#include "lib/addr.h"
#include "lib/model.h"
#include "lib/sock.h"

struct self_node {
	char name[HASWITCH_NAME_MAX + 1];
	struct hasw_addr addr[2];	/* IPv4 and IPv6 address; family 0: none */
};

/* The nodes of a file or of a model. */
struct self_nodes {
	struct self_node *nodes;
	uint32_t n;
	uint32_t room;
	bool said;			/* a `node add` line of the file says `self` */
};

/* Reads the nodes from all further lines of a file. Invalid lines are skipped. Returns 0 or -ENOMEM. */
int self_nodes_read(struct self_nodes *nodes, struct lines *lines);

/* Copies the nodes of a model without their `self` flag. Returns 0 or -ENOMEM. */
int self_nodes_of(struct self_nodes *nodes, const struct hasw_model *model);

void self_nodes_free(struct self_nodes *nodes);

/*
 * Finds the node that has an address of this network namespace. If there is none, finds the node whose name is the
 * host's name. On failure returns NULL and fills ERR. ENOENT: no node matches; ENOTUNIQ: several nodes have
 * addresses of this network namespace; other: an error of rtnetlink.
 */
const struct self_node *self_find(const struct self_nodes *nodes, struct hasw_error *err);

#endif
