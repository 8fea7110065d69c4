/* SPDX-License-Identifier: GPL-2.0 */
/* Which node of a file is this machine, where the file does not say so by `self`. */

#ifndef HAADM_SELF_H
#define HAADM_SELF_H

#include <linux/haswitch.h>

#include "haadm/parse/lines.h"
#include "lib/addr.h"
#include "lib/model.h"
#include "lib/sock.h"

struct self_node {
	char name[HASWITCH_NAME_MAX + 1];
	struct hasw_addr addr[2];	/* by family; unset ones have family 0 */
};

/* The nodes of a file, or of a configuration. */
struct self_nodes {
	struct self_node *nodes;
	uint32_t n;
	uint32_t room;
	bool said;			/* one of them says `self` */
};

/* Takes the nodes of what is left of a file; what is wrong with a line is not looked at. 0, or -ENOMEM. */
int self_nodes_read(struct self_nodes *nodes, struct lines *lines);

/* Takes the nodes of a model, as if none of them said `self`. */
int self_nodes_of(struct self_nodes *nodes, const struct hasw_model *model);

void self_nodes_free(struct self_nodes *nodes);

/*
 * Finds the one that has an address of this network namespace; else the one that has the name of the host. NULL and
 * an error: none fits (ENOENT), more than one fits (ENOTUNIQ), or the kernel does not tell.
 */
const struct self_node *self_find(const struct self_nodes *nodes, struct hasw_error *err);

#endif
