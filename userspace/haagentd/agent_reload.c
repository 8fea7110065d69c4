// SPDX-License-Identifier: GPL-2.0
/* Settings that change while the agent runs: its file is read again, and with it what the cluster has committed for all agents. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent.h"
#include "agent_parts.h"
#include "agent_reload.h"
#include "clock.h"
#include "log.h"
#include "haagentd/conf/conf_verify.h"
#include "haagentd/keeper/config_agents.h"
#include "haagentd/notify/report.h"

/**
 * agent_warn - log a warning about the configuration
 * @arg:	not used
 * @where:	file and line
 * @what:	what is wrong
 */
void agent_warn(void *arg, const char *where, const char *what)
{
	(void)arg;
	log_warning("%s: %s", where, what);
}

/*
 * Gets the settings of all agents of what this node runs. Those in force are in memory. So a reload by hand needs no file
 * but the agent's own, and a later configuration that is not in place here yet has no part in it.
 */
static int agents_here(const void *arg, const char *folder, struct conf_agents *to, char *why)
{
	const struct agent *a = arg;
	const struct conf_agents *now = &a->conf->agents;
	bool told = a->runs.runs.generation;

	if (told && a->runs.agents != now->hash)
		return a->runs.agents ? config_agents_get(folder, &a->runs.runs, to, why) : 0;
	*to = *now;
	to->none = now->none && !told;
	if (now->hash && told)
		to->generation = a->runs.runs.generation;
	to->text = now->text ? strdup(now->text) : NULL;
	to->nodes = now->nodes ? strdup(now->nodes) : NULL;
	if (!to->text == !now->text && !to->nodes == !now->nodes)
		return 0;
	conf_agents_free(to);
	snprintf(why, CONF_WHY, "out of memory");
	return -ENOMEM;
}

/*
 * Warns about nodes that were removed from the configuration file. The agent no longer
 * reports these nodes as alive, so the module declares them lost.
 */
static void warn_removed(const struct conf *old, const struct conf *new)
{
	unsigned int i, j;

	for (i = 0; i < old->n_nodes; i++) {
		const char *name = old->nodes[i].name;

		for (j = 0; j < new->n_nodes; j++)
			if (!strcmp(name, new->nodes[j].name))
				break;
		/* A node without a line came from the module or the cluster's configuration, and has left by these. */
		if (j == new->n_nodes && !old->nodes[i].witness && old->nodes[i].line)
			log_warning("node %s is not in %s any more: it is not named any more, and the module has it as lost from now on; take it out of the module, too ('haadm member del ...', 'haadm node del %s'), or put it back into the file",
				    name, new->file, name);
	}
}

static void reload_told(struct agent *a, bool good)
{
	journal_reload(a->journal, a->conf->file, good);
	notify_run(&a->notify, "reload", a->conf->file, good ? "good" : "bad", NULL);
}

/* Reads the configuration file again. Return: whether it is in force; if not, the old one stays so */
static bool reload(struct agent *a)
{
	uint64_t now = clock_now();
	struct folder_lock folder = { .fd = -1 };
	struct checks checks;
	struct conf *conf = NULL;
	const struct conf_ask ask = {
		.module = module_ask_nodes, .corosync = corosync_ask, .arg = a->corosync,
		.agents = agents_here, .agents_arg = a,
	};
	char why[256], where[CONF_WHERE];
	const char *changed;
	int ret;

	a->reload_at = 0;
	if (a->leaving)
		return false;
	if (module_stuck(&a->module)) {
		a->reload_at = now + CLOCK_SECOND;
		return false;
	}
	changed = conf_emptied(a->conf->file, a->conf->empty);
	if (changed) {
		log_error("%s %s", a->conf->file, changed);
		goto old;
	}
	conf = conf_read(a->conf->file, &ask, agent_report, NULL);
	if (!conf) {
		/* EBUSY is temporary: the module's nodes changed while they were read, or it did not answer. So retry. */
		if (errno == EBUSY && !a->conf->listed)
			a->reload_at = now + CLOCK_SECOND;
		goto old;
	}
	if (conf_witness(conf) != a->witness) {
		log_error("%s: node \"%s\", which this is, %s; that begins with a restart of all agents",
			  conf_node_where(conf, &conf->nodes[conf->self], where),
			  conf->nodes[conf->self].name,
			  a->witness ? "is no witness any more" : "is a witness now");
		goto old;
	}
	ret = a->module.open ? verify_nodes(conf, &a->module, agent_report, NULL) : 0;
	if (ret == -ETIMEDOUT)
		a->reload_at = now + CLOCK_SECOND;
	if (ret || agent_folder_change(a, conf, &folder))
		goto old;
	if (checks_make(&checks, a->base, &a->module, &a->notify, &a->checker,
			conf, &a->checks)) {
		log_error("out of memory");
		goto old;
	}
	changed = conf->corosync != a->conf->corosync ? "another \"engine\"" : vote_reload(&a->vote, a->conf, conf);
	if (changed) {
		log_error("%s: %s begins with a restart of all agents",
			  conf->file, changed);
		checks_free(&checks);
		goto old;
	}
	/* The read events are freed, because cluster_reload() may close their descriptors. */
	agent_paths_forget(a);
	if (cluster_reload(&a->cluster, conf, now, why, sizeof(why))) {
		log_error("%s: %s", conf->file, why);
		checks_free(&checks);
		vote_reload(&a->vote, a->conf, a->conf);
		/* vote_reload() has set look_nodes. If it stayed set, vote_tick() could cause another reload at once. */
		a->vote.look_nodes = false;
		if (agent_paths_listen(a))
			log_error("out of memory");
		goto old;
	}
	if (agent_paths_listen(a))
		log_error("out of memory");
	agent_folder_changed(a, &folder);
	checks_free(&a->checks);
	a->checks = checks;
	checks_start(&a->checks);
	load_set(&a->load, &conf->load);
	a->engine = (struct engine_nodes){ .look = true };
	a->notify.conf = conf;
	if (vote_fence_set(&a->vote, conf, &a->worker))
		log_error("the fence stays as it was: out of memory");
	memcpy(a->worker.node, conf->nodes[conf->self].name, sizeof(a->worker.node));
	beat_reload(&a->beat);
	warn_removed(a->conf, conf);
	agent_journal_compare(a->conf, conf);
	conf_free(a->conf);
	a->conf = conf;
	a->pulses = (struct pulses){ .look = true };
	http_set(&a->http, &conf->http);
	routes_set(&a->routes, conf);
	if (a->module.open)
		verify_members(conf, &a->module, agent_warn, NULL);
	log_notice("%s was read again and is in force", conf->file);
	reload_told(a, true);
	return true;
old:
	folder_lock_release(&folder);
	conf_free(conf);
	log_error("%s was read again and is not good; the configuration stays as it was",
		  a->conf->file);
	reload_told(a, false);
	return false;
}

/*
 * Returns whether what all agents are to have is in force here, or need not be any more. An agent that does not vote needs
 * none of it, as its node is part of no configuration of the cluster.
 */
static bool has_agents(const struct agent *a)
{
	return !a->conf->vote || a->leaving || !a->runs.runs.generation || a->runs.agents == a->conf->agents.hash;
}

/*
 * Tells of what this node runs. That is not the committed configuration while the settings in it for this agent are not in
 * force: the node then acquires no lease, and all nodes say so.
 */
static void tell(struct agent *a)
{
	struct keeper_report said = a->runs;

	if (!has_agents(a)) {
		said.runs = a->vote.config.runs;
		said.state = CONFIG_REFUSED;
		if (said.lost)
			log_error("configuration: the settings of all agents in generation %llu are not known here, as its file is lost or torn; this node acquires no lease until another node has sent it",
				  (unsigned long long)a->runs.runs.generation);
		else
			log_error("configuration: the settings of all agents in generation %llu are not in force here; mend what is said above, and have this agent read it again ('systemctl reload haagentd')",
				  (unsigned long long)a->runs.runs.generation);
	}
	vote_config_runs(&a->vote, &said.runs, said.state);
	report_committed(a, &said);
}

/**
 * agent_reload - read the configuration file again
 * @a:	the agent
 *
 * If the file has any error, the old configuration stays in force.
 */
void agent_reload(struct agent *a)
{
	bool had = has_agents(a), done = reload(a);

	/* A reload that is tried again says nothing yet. */
	if (!had && (done || !a->reload_at))
		tell(a);
}

/**
 * agent_runs - handle that the keeper has put a configuration in place, or could not
 * @a:		the agent
 * @report:	what the keeper says
 *
 * If it has other settings of all agents than those in force, these are read now, as by a reload by hand.
 */
void agent_runs(struct agent *a, const struct keeper_report *report)
{
	bool other = report->runs.generation != a->runs.runs.generation || report->runs.blob != a->runs.runs.blob ||
		     report->agents != a->runs.agents || report->lost != a->runs.lost;

	a->runs = *report;
	/* While its text is lost, a reload could only fail. */
	if (!has_agents(a) && other && !report->lost) {
		log_notice("configuration: generation %llu has other settings of all agents, so %s is read again with them",
			   (unsigned long long)report->runs.generation, a->conf->file);
		agent_reload(a);
	} else if (has_agents(a) || !a->reload_at) {
		/* A later generation has kept them. */
		if (a->conf->agents.hash && has_agents(a) && report->runs.generation)
			a->conf->agents.generation = report->runs.generation;
		tell(a);
	}
}
