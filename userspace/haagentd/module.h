/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel module, as the agent sees it. */
#ifndef HAAGENTD_MODULE_H
#define HAAGENTD_MODULE_H

#include <linux/haswitch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/sock.h"
#include "conf.h"

/**
 * struct module - the way to the module of this network namespace
 * @calls:	what is asked of it
 * @events:	what it tells
 * @open:	both are open
 * @opened:	how often they were opened
 * @closing:	is called before they are closed, while their descriptors are good;
 *		may be NULL
 * @arg:	for @closing
 * @buf:	room for a request; a BEAT can name many nodes
 */
struct module {
	struct hasw_sock calls;
	struct hasw_sock events;
	bool open;
	unsigned int opened;
	void (*closing)(void *arg);
	void *arg;
	char buf[64 + CONF_NODES * 40];
};

/**
 * struct module_node - a node as the module has it
 * @name:	its name
 * @self:	it is this machine
 * @addr4:	IPv4 address, family 0 for none
 * @addr6:	IPv6 address, family 0 for none
 * @verdict:	enum haswitch_verdict
 * @state:	enum haswitch_node_state, as published
 * @alive:	the BEATs of this or an earlier agent name it
 * @since:	when its published state was stored, ns
 */
struct module_node {
	char name[WIRE_NAME];
	bool self;
	struct hasw_addr addr4;
	struct hasw_addr addr6;
	unsigned int verdict;
	unsigned int state;
	bool alive;
	uint64_t since;
};

/* As MANUAL of the module: a lease goes back to nobody by itself. */
#define MODULE_FAILBACK_MANUAL	UINT64_MAX

/**
 * struct module_lease - a lease as the module has it
 * @name:	its name
 * @held:	this node holds it
 * @epoch:	of the tenure, 0 without one
 * @deadline:	its end
 * @burned:	largest epoch that is not granted any more
 * @failback:	how long a preferred node that returned waits, ns
 * @n_prefer:	how many are in @prefer
 * @n_only:	how many are in @only, 0: each node may hold it
 * @prefer:	nodes that should hold it, the most preferred one first
 * @only:	nodes that may
 */
struct module_lease {
	char name[WIRE_NAME];
	bool held;
	uint64_t epoch;
	uint64_t deadline;
	uint64_t burned;
	uint64_t failback;
	unsigned int n_prefer;
	unsigned int n_only;
	char prefer[HASWITCH_LEASE_NODES_MAX][WIRE_NAME];
	char only[HASWITCH_LEASE_NODES_MAX][WIRE_NAME];
};

int module_open(struct module *m, struct hasw_error *err);
void module_close(struct module *m);
int module_nodes(struct module *m, struct module_node **nodes, unsigned int *n,
		 struct hasw_error *err);
int module_ask_nodes(struct module_node **nodes, unsigned int *n,
		     struct hasw_error *err);
int module_node(struct module *m, const char *name, struct module_node *node,
		struct hasw_error *err);
int module_leases(struct module *m, struct module_lease **leases,
		  unsigned int *n, struct hasw_error *err);
bool module_resting(struct module *m, const char *name);
bool module_has_member(struct module *m, const struct hasw_svc *service,
		       const char *node);
int module_beat(struct module *m, const char *const *names, unsigned int n,
		uint64_t time, struct hasw_error *err);
int module_verdict(struct module *m, const char *name, unsigned int verdict,
		   struct hasw_error *err);
int module_move_answer(struct module *m, const char *lease, int answer,
		       struct hasw_error *err);
int module_health(struct module *m, const struct hasw_svc *service,
		  const char *node, bool up, struct hasw_error *err);

#endif
