/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's interface to the kernel module. */
#ifndef HAAGENTD_MODULE_H
#define HAAGENTD_MODULE_H

#include <linux/haswitch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/sock.h"
#include "calls.h"
#include "haagentd/conf/conf.h"
#include "resting.h"

/**
 * struct module - the netlink sockets to the module of this network namespace
 * @calls:	requests; the functions below return -ETIMEDOUT for one that would hold
 *		the event loop up for too long
 * @events:	socket that receives the module's events
 * @open:	both sockets are open
 * @opened:	how many times the sockets were opened
 * @closing:	called just before the sockets are closed, while their descriptors are
 *		valid; can be NULL
 * @arg:	passed to @closing
 * @resting:	nodes in maintenance, as the module has told last
 * @buf:	buffer of a request; large enough for a BEAT of CONF_NODES nodes
 */
struct module {
	struct calls calls;
	struct hasw_sock events;
	bool open;
	unsigned int opened;
	void (*closing)(void *arg);
	void *arg;
	struct resting resting;
	char buf[64 + CONF_NODES * 40];
};

/**
 * struct module_node - a node of the module
 * @name:	name of the node
 * @zone:	fault domain of the node; empty if it has none
 * @self:	the node is this machine
 * @engine:	it is one that a cluster engine lists
 * @addr4:	IPv4 address, family 0 for none
 * @addr6:	IPv6 address, family 0 for none
 * @verdict:	whether the node was fenced or has left, enum haswitch_verdict
 * @state:	state of the node as the module has published it, enum haswitch_node_state
 * @alive:	the module counts the node as alive, because this agent or an earlier agent
 *		has reported so in a BEAT
 * @since:	when the module stored @state, CLOCK_BOOTTIME, ns
 * @dev:	device by which @lladdr is reached; empty: the node has no fixed link-layer
 *		address
 * @lladdr:	the fixed link-layer address
 */
struct module_node {
	char name[WIRE_NAME];
	char zone[WIRE_NAME];
	bool self;
	bool engine;
	struct hasw_addr addr4;
	struct hasw_addr addr6;
	unsigned int verdict;
	unsigned int state;
	bool alive;
	uint64_t since;
	char dev[16];
	uint8_t lladdr[6];
};

/**
 * struct module_vip - what this node is to a vip
 * @role:	enum haswitch_role
 * @lease:	name of the vip's lease, or empty
 */
struct module_vip {
	unsigned int role;
	char lease[WIRE_NAME];
};

/* Value of module_lease.failback for `failback manual`: the lease does not move to a preferred node by itself. */
#define MODULE_FAILBACK_MANUAL	UINT64_MAX

/**
 * struct module_lease - a lease of the module
 * @name:	name of the lease
 * @holder:	node that holds the lease, as the module knows; or empty
 * @held:	this node holds the lease
 * @protodown:	protodown of the lease's device is on, so this node is no candidate for the lease
 * @epoch:	epoch of the current grant; 0 if there is none
 * @deadline:	end of the current grant, CLOCK_BOOTTIME, ns
 * @burned:	largest burned epoch, which is never granted again
 * @failback:	how long after the return of a preferred node the lease moves to that node,
 *		ns
 * @n_prefer:	number of entries in @prefer
 * @n_only:	number of entries in @only; 0: each node is allowed to hold the lease
 * @prefer:	nodes that should hold the lease, the most preferred one first
 * @only:	nodes that are allowed to hold the lease
 */
struct module_lease {
	char name[WIRE_NAME];
	char holder[WIRE_NAME];
	bool held;
	bool protodown;
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
bool module_stuck(struct module *m);
int module_nodes(struct module *m, struct module_node **nodes, unsigned int *n,
		 struct hasw_error *err);
void module_share(struct module *m);
int module_ask_nodes(struct module_node **nodes, unsigned int *n,
		     struct hasw_error *err);
int module_node(struct module *m, const char *name, struct module_node *node,
		struct hasw_error *err);
int module_leases(struct module *m, struct module_lease **leases,
		  unsigned int *n, struct hasw_error *err);
bool module_resting(struct module *m, const char *name);
int module_member(struct module *m, const struct hasw_svc *service,
		  const char *node, uint16_t at, unsigned int *via, struct hasw_error *err);
int module_vip(struct module *m, const struct hasw_addr *addr, struct module_vip *vip,
	       struct hasw_error *err);
int module_beat(struct module *m, const char *const *names, unsigned int n,
		uint64_t time, struct hasw_error *err);
int module_verdict(struct module *m, const char *name, unsigned int verdict,
		   struct hasw_error *err);
int module_put_node(struct module *m, bool add, const char *name, const struct hasw_addr *addr4,
		    const struct hasw_addr *addr6, bool self, struct hasw_error *err);
int module_del_node(struct module *m, const char *name, struct hasw_error *err);
int module_set_share(struct module *m, const char *name, unsigned int share,
		     struct hasw_error *err);
int module_move_answer(struct module *m, const char *lease, int answer,
		       struct hasw_error *err);
int module_health(struct module *m, const struct hasw_svc *service,
		  const char *node, uint16_t at, bool up,
		  struct hasw_error *err);

#endif
