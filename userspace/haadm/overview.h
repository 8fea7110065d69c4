/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `haadm status`, `check` and `top` show: one reading of the module, the agent and the devices, and the judgement
 * of what is served.
 */

#ifndef HAADM_OVERVIEW_H
#define HAADM_OVERVIEW_H

#include <jansson.h>

#include "haadm/devices.h"
#include "haadm/diagnose.h"
#include "haadm/rtnl.h"
#include "lib/model.h"

/* The extent to which a vip is served. */
enum served {
	SERVED,
	SERVED_PARTLY,
	SERVED_NOT,
	SERVED_UNKNOWN,	/* this node's agent does not run, so a node whose agent runs may hold the vip's lease */
};

/* What is wrong with a vip on this machine, apart from its owner and its services; and whether it is served at all. */
struct flaws {
	json_t *faults;		/* texts, or NULL if there are none */
	bool cut;		/* no client-facing device works */
	bool unlocal;		/* the vip should be an address of this machine, but is none */
	enum served served;
};

/* One reading. Its vips and services are sorted by address: a vip's services are adjacent. */
struct overview {
	struct hasw_model model;
	struct rtnl rtnl;
	uint64_t generation;
	uint64_t beats;		/* number of BEATs (reports of nodes as alive) that the module has accepted */
	uint64_t dropped_mtu;	/* number of packets that were too long for their way */
	uint32_t hooks;		/* number of devices with an ingress hook (fast path) */
	bool stalled;
	bool others;		/* a peer is heard whose agent runs; read only while no agent runs here */
	json_t *agent;		/* the agent's answer, or NULL */
	struct hasw_error unasked;	/* error of ask_agent(), if agent is NULL */
	struct devices devices;
	struct hasw_error unread;	/* error of devices_read(), if its code is not 0 */
	const char **why;	/* for each lease, the agent's reason why nobody holds it, or NULL */
	const char **unreached;	/* for each node, why a member on it cannot be reached, or NULL */
	struct flaws *flaws;	/* for each vip */
	uint64_t now;		/* time of the reading, CLOCK_BOOTTIME, ns */
	uint32_t not_served;	/* number of vips */
	uint32_t unknown;	/* number of vips of which this node does not know whether they are served */
	uint32_t partly_served;
};

/* Reads all. The agent and the devices may be missing; other failures return a negative errno, and nothing to free. */
int overview_read(struct overview *o, struct hasw_sock *sock, struct hasw_error *err);
void overview_free(struct overview *o);

/*
 * Returns the extent to which a vip is served. A vip without a usable holder is not served; otherwise its services
 * decide. *WHY receives the reason why the vip is not completely served, or NULL. *OF receives the service that the
 * reason concerns, or NULL if the reason concerns the vip itself.
 */
enum served overview_served(const struct overview *o, const struct hasw_vip *vip, const struct hasw_service *services,
			    char buf[WHY_TEXT], const struct hasw_service **of, const char **why);

/* Returns what is wrong with a vip on this machine. */
const struct flaws *overview_flaws(const struct overview *o, const struct hasw_vip *vip);

/*
 * Returns that a node gets a smaller share of new flows, and for which measures of its load; or NULL if it has its whole
 * share. The agent here knows the measures of nodes whose agents say them.
 */
const char *overview_share(const struct overview *o, const struct hasw_node *node, char buf[WHY_TEXT]);

/*
 * Returns whether the module has accepted BEATs, but none that names the node. In a BEAT the agent of this machine
 * reports the nodes that it hears. So the node's own agent does not run, or its heartbeats are lost.
 */
bool overview_never_heard(const struct overview *o, const struct hasw_node *node);

/*
 * Counts the tracked flows that a node still has, of services of vips that this machine holds. *ELSEWHERE receives whether
 * the node has tracked flows of other vips, too, which their holders count.
 */
uint32_t overview_flows(const struct overview *o, const struct hasw_node *node, bool *elsewhere);

/* Returns the warnings: what concerns the whole machine, and what is wrong with its devices and addresses. */
json_t *overview_warnings(const struct overview *o);

/* Returns the notes: what is no trouble now, but a risk of the settings. */
json_t *overview_notes(const struct overview *o);

#endif
