/* SPDX-License-Identifier: GPL-2.0 */
/* Settings that an agent has from its start to its end: another one begins with a restart. */
#ifndef HAAGENTD_CONF_BEGUN_H
#define HAAGENTD_CONF_BEGUN_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"

/**
 * struct conf_begun - what cannot change while the agent runs
 * @witness:	this node is a witness
 * @empty:	the file was missing or empty when it was read
 * @corosync:	the nodes come from corosync
 * @vote:	this node votes
 * @profile:	the profile
 * @longest:	longest right to a lease, ns
 * @name:	name of this node
 * @voter:	the voter's file
 */
struct conf_begun {
	bool witness;
	bool empty;
	bool corosync;
	bool vote;
	enum hasw_vote_profile profile;
	uint64_t longest;
	char name[WIRE_NAME];
	char voter[4096];
};

void conf_begun(const struct conf *conf, struct conf_begun *to);
const char *conf_restarts(const struct conf_begun *begun, const struct conf *conf);

#endif
