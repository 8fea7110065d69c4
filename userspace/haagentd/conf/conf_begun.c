// SPDX-License-Identifier: GPL-2.0
/* Settings that an agent has from its start to its end: another one begins with a restart. */
#include <stdio.h>
#include <string.h>

#include "conf_begun.h"

/**
 * conf_begun - note what cannot change while the agent runs
 * @conf:	the configuration in force
 * @to:		filled
 */
void conf_begun(const struct conf *conf, struct conf_begun *to)
{
	*to = (struct conf_begun){
		.witness = conf_witness(conf), .empty = conf->empty, .corosync = conf->corosync,
		.vote = conf->vote, .profile = conf->profile, .longest = conf->lease_longest,
	};
	if (conf->n_nodes)
		snprintf(to->name, sizeof(to->name), "%s", conf->nodes[conf->self].name);
	if (conf->voter_file)
		snprintf(to->voter, sizeof(to->voter), "%s", conf->voter_file);
}

/**
 * conf_restarts - find a setting that begins with a restart of the agent
 * @begun:	what the running agent has
 * @conf:	a configuration that was read later
 *
 * Return: the words for the first such setting; NULL if there is none
 */
const char *conf_restarts(const struct conf_begun *begun, const struct conf *conf)
{
	struct conf_begun now;

	conf_begun(conf, &now);
	if (now.witness != begun->witness)
		return "another \"witness\" of this node";
	if (now.corosync != begun->corosync)
		return "another \"engine\"";
	if (now.vote != begun->vote)
		return "another \"vote\" in \"leases\"";
	/* The rest is of the vote alone. */
	if (!now.vote)
		return NULL;
	if (strcmp(now.name, begun->name) != 0)
		return "another name for this node";
	if (now.profile != begun->profile)
		return "another \"profile\"";
	if (now.longest != begun->longest)
		return "another \"longest\" in \"leases\"";
	if (strcmp(now.voter, begun->voter) != 0)
		return "another \"voter\" in \"leases\"";
	return NULL;
}
