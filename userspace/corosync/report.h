/* SPDX-License-Identifier: GPL-2.0 */
/* What haagentd-corosync tells the agent. Each report is one packet of a SOCK_SEQPACKET socket, without unused nodes. */
#ifndef COROSYNC_REPORT_H
#define COROSYNC_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

#define COROSYNC_REPORT	1	/* version of the report; another one is not understood */
#define COROSYNC_LINKS	8	/* corosync has no more */
#define COROSYNC_NODES	256	/* as many as haagentd.conf may have */
#define COROSYNC_NAME	64	/* longest name of a node that is passed on, with its NUL */
#define COROSYNC_WHY	128

/* How often a report comes at the latest, seconds. Without one, corosync or the process hangs. */
#define COROSYNC_EVERY	1

/**
 * struct corosync_node - a node of corosync's nodelist
 * @number:	its number of configuration, "nodeid"
 * @name:	its name; empty: it has none
 * @given:	bitmap of the links for which the nodelist has an address or a host name
 * @at:		the address on each link; family 0: none, or a host name that is not known
 */
struct corosync_node {
	uint32_t number;
	char name[COROSYNC_NAME];
	uint32_t given;
	struct hasw_addr at[COROSYNC_LINKS];
};

/**
 * struct corosync_report - the state of corosync on this machine
 * @version:	COROSYNC_REPORT; stays first in all releases
 * @answers:	corosync answers; if not, @why has the reason
 * @counts:	corosync has a quorum provider
 * @quorate:	corosync has quorum here; false if it does not answer
 * @listed:	@nodes is the nodelist; if not, it is as it was
 * @why:	why corosync does not answer
 * @self:	index of this machine's node in @nodes; -1: there is none
 * @n_nodes:	number of entries in @nodes
 * @nodes:	the nodelist
 */
struct corosync_report {
	uint32_t version;
	bool answers;
	bool counts;
	bool quorate;
	bool listed;
	char why[COROSYNC_WHY];
	int32_t self;
	uint32_t n_nodes;
	struct corosync_node nodes[COROSYNC_NODES];
};

/* Returns the size of the packet with a report, bytes. */
static inline size_t corosync_report_size(const struct corosync_report *report)
{
	return offsetof(struct corosync_report, nodes) + report->n_nodes * sizeof(report->nodes[0]);
}

#endif
