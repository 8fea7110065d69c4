/* SPDX-License-Identifier: GPL-2.0 */
/* A whole configuration in memory: what save prints and restore checks. */

#ifndef HASW_MODEL_H
#define HASW_MODEL_H

#include <linux/haswitch.h>

#include "addr.h"
#include "sock.h"

#define HASW_NONE UINT32_MAX	/* no index */

struct hasw_node {
	char name[HASWITCH_NAME_MAX + 1];
	char zone[HASWITCH_NAME_MAX + 1];
	char dev[16];
	struct hasw_addr addr4;
	struct hasw_addr addr6;
	uint8_t lladdr[6];		/* there if dev is */
	uint8_t admin;
	uint8_t verdict;
	uint8_t state;			/* what follows is known only of a running module */
	uint8_t agent;
	uint8_t evidence;		/* bits of enum haswitch_evidence */
	uint8_t reach4;
	uint8_t reach6;
	bool self;
	uint64_t since;
};

/* Nodes, by index. */
struct hasw_lease_list {
	uint32_t n;
	uint32_t nodes[HASWITCH_LEASE_NODES_MAX];
};

struct hasw_lease {
	char name[HASWITCH_NAME_MAX + 1];
	struct hasw_lease_list prefer;	/* who should hold it, the most preferred one first */
	struct hasw_lease_list only;	/* who may; none: every node */
	uint64_t failback;		/* ns; 0 auto, UINT64_MAX manual */
	char holder[HASWITCH_NAME_MAX + 1];	/* who has it now, or ""; what follows is known of a running module */
	bool held;			/* by this node */
	char successor[HASWITCH_NAME_MAX + 1];	/* to whom this node has handed it over, or "" */
	bool floor;			/* is set: it may be granted */
	uint64_t epoch;			/* of the holder's tenure */
	uint64_t deadline;
};

/* Somebody else used a vip of this node; of a running module. */
struct hasw_conflict {
	struct hasw_addr vip;
	char node[HASWITCH_NAME_MAX + 1];	/* who that is, or "" */
	char dev[16];
	uint8_t lladdr[6];
	uint64_t time;
};

#define HASW_CONFLICTS_MAX 64	/* the module keeps no more */

struct hasw_vip {
	struct hasw_addr addr;
	uint8_t stray;
	uint8_t hook;
	uint8_t on_loss;
	uint8_t role;
	uint8_t n_devs;
	uint16_t devs[HASWITCH_DEV_MAX];	/* indexes of names */
	uint32_t holder;		/* index of a node, or HASW_NONE */
	uint32_t lease;			/* index, or HASW_NONE */
	bool everywhere;		/* each node answers, as none of the two does */
	uint32_t line;			/* of the file that adds it; for who reads one */
	uint32_t n_services;
	uint32_t n_local;		/* members, and the like, that deliver on this node */
};

struct hasw_service {
	struct hasw_svc key;
	uint8_t sched;
	uint64_t failback;		/* ns; 0 auto, UINT64_MAX manual */
	bool one_packet;		/* each packet is a flow */
	bool snat;			/* to members via nat this node is the client */
	uint8_t mask;			/* bits of a client's address that count where it is persistent; 0: all */
	uint64_t persist;		/* ns for which a client keeps its member; 0: it does not */
	uint32_t new_max;		/* flows that may begin a second; 0: any number */
	uint64_t slow_start;		/* ns that a member takes to its full weight; 0: none */
	uint8_t on_failover;
	bool rejects;			/* who sends what no member can take is told */
	uint32_t sorry;			/* node that gets it instead, or HASW_NONE */
	uint32_t vip;			/* index */
	uint32_t first;			/* first and last member, or HASW_NONE */
	uint32_t last;
	uint32_t n_members;
	char *active;			/* node that serves, or NULL; of a running module */
};

struct hasw_member {
	uint32_t service;
	uint32_t node;
	uint32_t next;			/* member of the same service, or HASW_NONE */
	uint16_t priority;
	uint16_t weight;
	uint16_t nat_port;		/* of the member, via nat; 0: the one that clients ask for */
	uint32_t flows_max;		/* flows it may have; 0: any number */
	uint8_t via;
	uint8_t health;
	uint8_t new_flows;		/* enum haswitch_new_flows, as a running module judges */
};

/* Open addressing; a slot holds hash and index + 1, 0 is free. */
struct hasw_table {
	struct {
		uint32_t hash;
		uint32_t entry;
	} *slots;
	uint32_t size;			/* a power of two, or 0 */
	uint32_t used;
};

/* Kinds of flows that have a timeout of their own, in the order of their attributes. */
enum {
	HASW_FLOW_TCP_SYN,
	HASW_FLOW_TCP,
	HASW_FLOW_TCP_CLOSING,
	HASW_FLOW_UDP,
	HASW_FLOW_OTHER,
	HASW_FLOW_KINDS,
};

_Static_assert(HASWITCH_A_FLOW_LIMITS_OTHER - HASWITCH_A_FLOW_LIMITS_TCP_SYN == HASW_FLOW_OTHER, "flow limits");

/* How many flows are tracked, and for how long without a packet. */
struct hasw_flow_limits {
	uint32_t max;
	uint32_t count;			/* tracked now; of a running module */
	uint64_t ns[HASW_FLOW_KINDS];
};

extern const struct hasw_flow_limits hasw_flow_limits_default;

struct hasw_model {
	struct hasw_flow_limits flow_limits;
	struct hasw_node *nodes;
	struct hasw_lease *leases;
	struct hasw_vip *vips;
	struct hasw_service *services;
	struct hasw_member *members;
	char (*devs)[16];
	struct hasw_conflict *conflicts;
	uint32_t n_nodes, n_leases, n_vips, n_services, n_members, n_devs;
	uint32_t n_conflicts;
	uint32_t room_nodes, room_leases, room_vips, room_services, room_members, room_devs;
	uint32_t self;			/* index of the node that this is, or HASW_NONE */
	struct hasw_table by_name, by_lease, by_node, by_addr, by_svc;
};

void hasw_model_init(struct hasw_model *model);
void hasw_model_free(struct hasw_model *model);

/* Index, or HASW_NONE. */
uint32_t hasw_model_node(const struct hasw_model *model, const char *name);
uint32_t hasw_model_lease(const struct hasw_model *model, const char *name);
uint32_t hasw_model_vip(const struct hasw_model *model, const struct hasw_addr *addr);
uint32_t hasw_model_service(const struct hasw_model *model, const struct hasw_svc *svc);
uint32_t hasw_model_member(const struct hasw_model *model, uint32_t service, uint32_t node);

/*
 * Whether a service can be as it is with its members, as to via nat; @given: it was just said that this node is to be the client.
 * Return: 0, or -EINVAL.
 */
int hasw_model_check_snat(const struct hasw_model *model, const struct hasw_service *service, bool given,
			  struct hasw_error *err);

/*
 * Whether a member can be as it is, as to via nat. Its port is forgotten with another via, unless it was just @given.
 * Return: 0, or -EINVAL.
 */
int hasw_model_check_nat(const struct hasw_model *model, struct hasw_member *member, bool given,
			 struct hasw_error *err);

/* What becomes of what no member of a service can take: "drop", "reject", or a node's name; -ENOENT if there is none. */
int hasw_model_on_empty(struct hasw_model *model, uint32_t service, const char *what, struct hasw_error *err);

/* Whether its flows are tracked. */
bool hasw_service_tracks(const struct hasw_service *service);

/* Whether the module would take what a service says of its flows; -EINVAL: no. */
int hasw_service_check_flows(const struct hasw_service *service, struct hasw_error *err);

/* Whether the nodes of a lease fit together; -EINVAL: no. */
int hasw_model_check_lease(const struct hasw_model *model, const struct hasw_lease *lease, struct hasw_error *err);

/* Whether it is said who answers for a vip: where there are several nodes, it must be. 0, or -EINVAL. */
int hasw_model_check_owner(const struct hasw_model *model, const struct hasw_vip *vip, struct hasw_error *err);

/* Index of the node that has an address. */
uint32_t hasw_model_node_at(const struct hasw_model *model, const struct hasw_addr *addr);

/* Gives a node an address; -EEXIST if a vip or another node has it. */
int hasw_model_set_addr(struct hasw_model *model, uint32_t node, const struct hasw_addr *addr,
			struct hasw_error *err);

/*
 * These add a copy of what is given. 0, or a negative errno for the reasons
 * for which the module would refuse it too: EEXIST, ENOENT, E2BIG.
 */
int hasw_model_add_node(struct hasw_model *model, const struct hasw_node *node, struct hasw_error *err);
int hasw_model_add_lease(struct hasw_model *model, const struct hasw_lease *lease, struct hasw_error *err);
int hasw_model_add_vip(struct hasw_model *model, const struct hasw_vip *vip, struct hasw_error *err);
int hasw_model_add_service(struct hasw_model *model, const struct hasw_service *service,
			   struct hasw_error *err);
int hasw_model_add_member(struct hasw_model *model, const struct hasw_member *member,
			  struct hasw_error *err);

/* Index of a device's name, added if need be; HASW_NONE: out of memory. */
uint32_t hasw_model_dev(struct hasw_model *model, const char *name);

/* The member is none any more: it does not count as a local one, and its node is HASW_NONE. */
void hasw_model_leave(struct hasw_model *model, uint32_t member);

/* May this node deliver packets to the vip to its own sockets? */
bool hasw_model_local(const struct hasw_model *model, const struct hasw_vip *vip);

/* Adds what a record of node-get, lease-get, vip-get, service-get, member-get or flow-limits-get tells. */
int hasw_model_add_record(struct hasw_model *model, const struct hasw_record *rec,
			  struct hasw_error *err);

/*
 * Reads the whole configuration from the module. Begins again when it was
 * changed meanwhile; -EAGAIN when that happens again and again.
 */
int hasw_model_read(struct hasw_model *model, struct hasw_sock *sock, struct hasw_error *err);

#endif
