/* SPDX-License-Identifier: GPL-2.0 */
/* A configuration in memory, which haadm save prints and haadm restore checks. */

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
	uint8_t lladdr[6];		/* valid if dev is not empty */
	uint8_t admin;
	uint64_t within;		/* time that is left of a drain, ns; 0: it has no end */
	uint8_t verdict;
	uint8_t state;			/* set only when read from a module, like all members below except `self` */
	uint8_t agent;
	uint8_t evidence;		/* bits of enum haswitch_evidence */
	uint8_t reach4;
	uint8_t reach6;
	bool self;
	bool engine;			/* a cluster engine lists it */
	uint8_t share;			/* percentage of its members' weights for new flows */
	uint64_t since;
};

/* A list of nodes, as indices into the model's nodes. */
struct hasw_lease_list {
	uint32_t n;
	uint32_t nodes[HASWITCH_LEASE_NODES_MAX];
};

struct hasw_lease {
	char name[HASWITCH_NAME_MAX + 1];
	struct hasw_lease_list prefer;	/* nodes that should hold the lease, the most preferred one first */
	struct hasw_lease_list only;	/* nodes that are allowed to hold the lease; empty: every node */
	uint64_t failback;		/* ns; 0: auto, UINT64_MAX: manual; see hasw_failback_parse() */
	uint8_t resign;
	/* The struct members below are set only when read from a module. */
	bool partly;			/* this node holds the lease, and clients of some of its vips cannot reach it */
	bool protodown;			/* protodown of the lease's device is on, so this node is no candidate */
	char holder[HASWITCH_NAME_MAX + 1];	/* node that holds the lease, or "" */
	bool held;			/* this node holds the lease */
	char successor[HASWITCH_NAME_MAX + 1];	/* node to which this node has handed the lease over, or "" */
	bool floor;			/* the floor (smallest epoch that can be granted) is set */
	uint64_t epoch;			/* epoch of the current grant */
	uint64_t deadline;		/* end of the current grant, CLOCK_BOOTTIME, ns */
};

/* A vip conflict: another host used a vip of this node. Conflicts are set only when read from a module. */
struct hasw_conflict {
	struct hasw_addr vip;
	char node[HASWITCH_NAME_MAX + 1];	/* name of the host if it is a node, or "" */
	char dev[16];
	uint8_t lladdr[6];
	uint64_t time;
};

#define HASW_CONFLICTS_MAX 64	/* largest number of conflicts that the module keeps */

struct hasw_vip {
	struct hasw_addr addr;
	uint8_t stray;
	uint8_t hook;
	uint8_t on_loss;
	uint8_t role;
	uint8_t n_devs;
	uint16_t devs[HASWITCH_DEV_MAX];	/* indices into the model's devs */
	uint8_t absent;			/* bit i: devs[i] does not exist now; set only when read from a module */
	uint32_t mark;			/* bits of the packet mark that show the epoch; 0: none */
	uint32_t holder;		/* index of a node, or HASW_NONE */
	uint32_t lease;			/* index of a lease, or HASW_NONE */
	bool everywhere;		/* each node holds the vip; excludes holder and lease */
	uint32_t line;			/* line of the vip in the file of haadm restore; 0: not read from a file */
	uint32_t n_services;
	uint32_t services;		/* index of one of the vip's services, or HASW_NONE; see hasw_service.beside */
	bool also;			/* a service of the vip has, or had, further ports */
	uint32_t n_local;		/* number of times that this node is a member or the sorry node of the vip's services */
};

struct hasw_service {
	struct hasw_svc key;
	uint8_t sched;
	uint64_t failback;		/* ns; 0: auto, UINT64_MAX: manual; see hasw_failback_parse() */
	bool one_packet;		/* each packet counts as a flow of its own */
	bool snat;			/* packets to members with `via nat` get this node's address as the source */
	uint8_t mask;			/* leading address bits by which `persist` identifies a client; 0: all bits */
	uint64_t persist;		/* how long a client keeps its member, ns; 0: no persistence */
	uint32_t new_max;		/* maximum number of new flows per second; 0: no limit */
	uint64_t slow_start;		/* ramp-up time of a member that begins to serve, ns; 0: none */
	uint8_t on_failover;
	uint16_t min_active;		/* usable members below which spare members get new flows */
	bool zone_prefer;		/* members in the zone of the node that forwards get the new flows */
	bool rejects;			/* packets that no member can take get a TCP reset or an ICMP error */
	uint32_t sorry;			/* node that gets the packets that no member can take, or HASW_NONE */
	uint32_t vip;			/* index of the vip */
	uint32_t beside;		/* index of the vip's next service, or HASW_NONE */
	uint32_t also;			/* index of the first of the further ports in the model's also */
	uint8_t n_also;
	uint32_t first;			/* indices of the first and last member, or HASW_NONE */
	uint32_t last;
	uint32_t n_members;
	char *active;			/* name of the node that serves, or NULL; set only when read from a module */
	uint16_t active_port;		/* port of the member that serves, if its node has several, or 0; as `active` */
	uint32_t serving;		/* number of members that serve new flows now; set only when read from a module */
};

struct hasw_member {
	uint32_t service;
	uint32_t node;
	uint32_t next;			/* index of the service's next member, or HASW_NONE */
	uint16_t priority;
	uint16_t weight;
	uint16_t nat_port;		/* port of a member with `via nat`; 0: the port to which the client has sent */
	uint32_t flows_max;		/* maximum number of flows; 0: no limit */
	uint8_t via;
	bool spare;			/* it gets new flows only while fewer than min-active others are usable */
	uint8_t health;
	uint8_t new_flows;		/* enum haswitch_new_flows; set only when read from a module */
	bool serving;			/* the member serves new flows now; set only when read from a module */
	uint64_t packets, bytes;	/* sent to the member; set only when read from a module, like the next line */
	uint64_t flow_made;		/* flows that began at the member */
	uint32_t flows, closing;	/* its flows now, and those among them that are closing */
	bool unlocal;			/* it is on this machine, which lacks the vip as an address; set by haadm status */
};

/* A hash table with open addressing. `entry` of a slot is the index of an object plus 1; 0: the slot is free. */
struct hasw_table {
	struct {
		uint32_t hash;
		uint32_t entry;
	} *slots;
	uint32_t size;			/* a power of two, or 0 */
	uint32_t used;
};

/* Kinds of flows that have a timeout of their own, in the order of the netlink attributes. */
enum {
	HASW_FLOW_TCP_SYN,
	HASW_FLOW_TCP,
	HASW_FLOW_TCP_CLOSING,
	HASW_FLOW_UDP,
	HASW_FLOW_OTHER,
	HASW_FLOW_KINDS,
};

_Static_assert(HASWITCH_A_FLOW_LIMITS_OTHER - HASWITCH_A_FLOW_LIMITS_TCP_SYN == HASW_FLOW_OTHER, "flow limits");

/* Limits of flow tracking: number of flows, and idle timeouts. */
struct hasw_flow_limits {
	uint32_t max;
	uint32_t count;			/* number of flows that are tracked now; set only when read from a module */
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
	uint32_t *also;			/* further ports of services, see hasw_ports_parse(); some are no longer in use */
	uint32_t n_nodes, n_leases, n_vips, n_services, n_members, n_devs;
	uint32_t n_conflicts;
	uint32_t room_nodes, room_leases, room_vips, room_services, room_members, room_devs;
	uint32_t n_also, room_also;
	uint32_t self;			/* index of the node that is this machine, or HASW_NONE */
	struct hasw_table by_name, by_lease, by_node, by_addr, by_svc;
};

void hasw_model_init(struct hasw_model *model);
void hasw_model_free(struct hasw_model *model);

/* These functions return the index of an object, or HASW_NONE if the model does not have the object. */
uint32_t hasw_model_node(const struct hasw_model *model, const char *name);
uint32_t hasw_model_lease(const struct hasw_model *model, const char *name);
uint32_t hasw_model_vip(const struct hasw_model *model, const struct hasw_addr *addr);
uint32_t hasw_model_service(const struct hasw_model *model, const struct hasw_svc *svc);
uint32_t hasw_model_member(const struct hasw_model *model, uint32_t service, uint32_t node);

/* Returns the port to which packets for a member via nat are sent: its own one, or that of its service. */
uint16_t hasw_model_member_port(const struct hasw_model *model, const struct hasw_member *member);

/*
 * Like hasw_model_member(), which finds a node's first member in a service. This one finds the member at PORT. 0 and the
 * service's port stand for a member without a port of its own.
 */
uint32_t hasw_model_member_at(const struct hasw_model *model, uint32_t service, uint32_t node, uint16_t port);

/* Returns how many members a node has in a service. Several are possible with `via nat` and different ports. */
uint32_t hasw_model_members_on(const struct hasw_model *model, uint32_t service, uint32_t node);

/* Checks that a new member can stand beside those that its node has in the service. Returns 0, or -EEXIST. */
int hasw_model_check_beside(const struct hasw_model *model, const struct hasw_member *member, struct hasw_error *err);

/*
 * Checks the `snat` and `one-packet` settings of a service. A service with `one-packet` must have no member with `via
 * nat`. GIVEN: the request sets `snat`. If GIVEN is true and `snat` is on, this node must have an address of the vip's
 * family. Returns 0, or -EINVAL.
 */
int hasw_model_check_snat(const struct hasw_model *model, const struct hasw_service *service, bool given,
			  struct hasw_error *err);

/*
 * Checks a member's settings for `via nat`. GIVEN: the request sets nat_port. If GIVEN is false and the member's `via`
 * is not nat, clears nat_port. Returns 0, or -EINVAL.
 */
int hasw_model_check_nat(const struct hasw_model *model, struct hasw_member *member, bool given,
			 struct hasw_error *err);

/*
 * Checks that the service with key KEY, which may be new, can have the N further PORTS. A single 0 stands for none.
 * Returns 0, or the errno with which the module would refuse them: -EEXIST, -EINVAL or -ERANGE.
 */
int hasw_model_check_also(const struct hasw_model *model, const struct hasw_svc *key, const uint32_t *ports,
			  unsigned int n, struct hasw_error *err);

/* Replaces the further ports of a service by PORTS, which were checked. Returns 0, or -ENOMEM. */
int hasw_model_set_also(struct hasw_model *model, uint32_t service, const uint32_t *ports, unsigned int n,
			struct hasw_error *err);

/*
 * Sets the `on-empty` setting of a service to WHAT: "drop", "reject", or the name of a node. Returns 0, or -ENOENT if
 * the node does not exist.
 */
int hasw_model_on_empty(struct hasw_model *model, uint32_t service, const char *what, struct hasw_error *err);

/* Returns whether the service's flows are tracked. */
bool hasw_service_tracks(const struct hasw_service *service);

/* Checks that the module would accept the flow settings of a service. Returns 0, or -EINVAL. */
int hasw_service_check_flows(const struct hasw_service *service, struct hasw_error *err);

/* Checks that the `prefer` and `only` lists of a lease are consistent. Returns 0, or -EINVAL. */
int hasw_model_check_lease(const struct hasw_model *model, const struct hasw_lease *lease, struct hasw_error *err);

/*
 * If there are several nodes, checks that a vip has `lease`, `holder` or `everywhere`. Returns 0, or -EINVAL.
 */
int hasw_model_check_owner(const struct hasw_model *model, const struct hasw_vip *vip, struct hasw_error *err);

/* Returns the index of the node whose address is ADDR, or HASW_NONE. */
uint32_t hasw_model_node_at(const struct hasw_model *model, const struct hasw_addr *addr);

/* Sets an address of a node. Returns 0, -ENOMEM, or -EEXIST if a vip or another node has the address. */
int hasw_model_set_addr(struct hasw_model *model, uint32_t node, const struct hasw_addr *addr,
			struct hasw_error *err);

/*
 * These functions add a copy of an object. They return 0, -ENOMEM, or the errno with
 * which the module would refuse the object: -EEXIST, -ENOENT, -E2BIG.
 */
int hasw_model_add_node(struct hasw_model *model, const struct hasw_node *node, struct hasw_error *err);
int hasw_model_add_lease(struct hasw_model *model, const struct hasw_lease *lease, struct hasw_error *err);
int hasw_model_add_vip(struct hasw_model *model, const struct hasw_vip *vip, struct hasw_error *err);
int hasw_model_add_service(struct hasw_model *model, const struct hasw_service *service,
			   struct hasw_error *err);
int hasw_model_add_member(struct hasw_model *model, const struct hasw_member *member,
			  struct hasw_error *err);

/*
 * Returns the index of a device name, and first adds the name if the model lacks it. Returns HASW_NONE when out of
 * memory, or if there are too many names.
 */
uint32_t hasw_model_dev(struct hasw_model *model, const char *name);

/* Marks a member as deleted: its node becomes HASW_NONE, and the vip's n_local is corrected. */
void hasw_model_leave(struct hasw_model *model, uint32_t member);

/*
 * Returns whether the vip must be a local address or local route of this node. That is so if the node might have to
 * deliver packets for the vip to its own sockets.
 */
bool hasw_model_local(const struct hasw_model *model, const struct hasw_vip *vip);

/*
 * Adds the object that a record describes. The record is from a reply to node-get, lease-get, vip-get, service-get,
 * member-get or flow-limits-get.
 */
int hasw_model_add_record(struct hasw_model *model, const struct hasw_record *rec,
			  struct hasw_error *err);

/*
 * Reads the whole configuration from the module. If the configuration changes during the read, the read begins again.
 * After too many such attempts the function returns -EAGAIN.
 */
int hasw_model_read(struct hasw_model *model, struct hasw_sock *sock, struct hasw_error *err);

#endif
