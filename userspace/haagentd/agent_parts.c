// SPDX-License-Identifier: GPL-2.0
/* Starts parts of the agent that run beside its loop, and takes what they report: worker, keeper, routes, corosync and journal. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"

#include "agent_parts.h"
#include "agent_reload.h"
#include "clock.h"
#include "log.h"

#define FOLDER_WAIT	(5 * CLOCK_SECOND)	/* an agent that ends gives its last words first */

static void command_done(void *arg, const struct worker_result *result)
{
	struct agent *a = arg;

	if (!vote_fence_done(&a->vote, result) && !heal_done(&a->heal, result))
		notify_done(&a->notify, result);
}

static void commands_lost(void *arg, unsigned int n)
{
	struct agent *a = arg;

	n -= vote_fence_lost(&a->vote);
	notify_lost(&a->notify, n - heal_lost(&a->heal, clock_now()));
}

/**
 * agent_worker_begin - start the process that runs commands
 * @a:		the agent
 * @why:	filled with the reason of a failure
 * @size:	size of @why, bytes
 *
 * Return: 0 or a negative errno
 */
int agent_worker_begin(struct agent *a, char *why, size_t size)
{
	static const struct worker_ops ops = {
		.done = command_done,
		.lost = commands_lost,
	};
	int err = worker_open(&a->worker, a->base,
			      a->conf->nodes[a->conf->self].name, &ops, a);

	a->notify.conf = a->conf;
	a->notify.worker = &a->worker;
	if (err)
		snprintf(why, size, "no worker process can be begun: %s",
			 strerror(-err));
	return err;
}

/*
 * Judges what a lock said of the folder. A folder that cannot be used stops nothing but commits, which then fail with
 * the reason. Return: 0 or -EBUSY
 */
static int folder_judge(const struct conf *conf, int err, const char *why)
{
	if (err == -EBUSY)
		log_error("%s: folder %s, in which the cluster's configurations are kept, %s; each agent of a machine needs one of its own: write another one for this agent (configurations = \"%s-%s\"), or end the other agent",
			  conf->file, conf->config_folder, why, CONF_FOLDER, conf->nodes[conf->self].name);
	else if (err)
		log_warning("%s: folder %s %s; no configuration of the cluster can be kept here", conf->file,
			    conf->config_folder, why);
	return err == -EBUSY ? err : 0;
}

/**
 * agent_folder_take - lock the folder of the configurations, before anything is changed
 * @a:	the agent
 *
 * Only an agent that votes puts the configurations of that folder in place.
 *
 * Return: 0, or -EBUSY if another agent uses it, which is logged
 */
int agent_folder_take(struct agent *a)
{
	char why[128];
	int err;

	if (!a->conf->vote)
		return 0;
	/* By default the voter's file is beside the folder, and its opening would make theirs later. */
	if (a->conf->voter_file)
		file_need_folder(a->conf->voter_file);
	err = folder_lock_take(&a->folder, a->conf->config_folder, FOLDER_WAIT, why, sizeof(why));
	return folder_judge(a->conf, err, why);
}

/**
 * agent_folder_change - lock the folder of the configuration that was read again
 * @a:		the agent
 * @conf:	that configuration
 * @next:	filled with its lock, for agent_folder_changed() or folder_lock_release()
 *
 * Return: as agent_folder_take()
 */
int agent_folder_change(struct agent *a, const struct conf *conf, struct folder_lock *next)
{
	char why[128];
	int err;

	*next = (struct folder_lock){ .fd = -1 };
	if (!conf->vote)
		return 0;
	err = folder_lock_change(&a->folder, next, conf->config_folder, why, sizeof(why));
	return folder_judge(conf, err, why);
}

/**
 * agent_folder_changed - have the lock of the new folder, if there is one, take the place of the old one's
 * @a:		the agent
 * @next:	what agent_folder_change() has filled
 *
 * An old folder that is not used any more is free for other agents.
 */
void agent_folder_changed(struct agent *a, const struct folder_lock *next)
{
	if (next->same)
		return;
	folder_lock_release(&a->folder);
	a->folder = *next;
}

static void keeper_commit(void *arg, const struct hasw_vote_conf *base, uint64_t hash, int fd)
{
	struct agent *a = arg;

	vote_config_commit(&a->vote, base, hash, fd);
}

static void keeper_runs(void *arg, const struct keeper_report *report)
{
	agent_runs(arg, report);
}

/**
 * agent_keeper_begin - start the process that keeps the cluster's configurations
 * @a:		the agent
 * @why:	filled with the reason of a failure
 * @size:	size of @why, bytes
 *
 * Return: 0 or a negative errno
 */
int agent_keeper_begin(struct agent *a, char *why, size_t size)
{
	static const struct keeper_ops ops = { .commit = keeper_commit, .runs = keeper_runs };
	int err = file_absolute(a->conf->file, a->file, sizeof(a->file));

	if (err) {
		snprintf(why, size, "%.100s: its absolute name, for haadm, is not known: %s", a->conf->file,
			 strerror(-err));
		return err;
	}
	err = keeper_open(&a->keeper, a->base, &ops, a);
	if (err)
		snprintf(why, size, "no process for the cluster's configurations can be begun: %s", strerror(-err));
	return err;
}

static void on_address(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	heal_read(&a->heal, clock_now());
}

static void routed(void *arg, const char *lease, bool has_routes)
{
	struct agent *a = arg;

	vote_routed(&a->vote, lease, has_routes);
}

/**
 * agent_module_parts_begin - begin what cares for addresses of ha0 and for routes, on a node with a module
 * @a:	the agent
 *
 * Without them the agent does all else, so an error is only logged.
 */
void agent_module_parts_begin(struct agent *a)
{
	int err = heal_open(&a->heal, &a->worker);

	if (!err)
		a->address = event_new(a->base, heal_fd(&a->heal), EV_READ | EV_PERSIST, on_address, a);
	if (!err && (!a->address || event_add(a->address, NULL)))
		err = -ENOMEM;
	if (err)
		log_error("addresses that are deleted from ha0 are not put back: %s", strerror(-err));
	routes_open(&a->routes, a->base, a->conf, routed, a);
}

/**
 * agent_calls_begin - learn whom the module has as alive and which leases it holds, and have a thread ask the module from
 * then on
 * @a:	the agent, on a node with a module; the caller has called beat_init() and vote_open()
 *
 * The thread's requests have a time limit. A grant that vote_seat_begin() does not know of is given up, so the leases are
 * read before.
 */
void agent_calls_begin(struct agent *a)
{
	struct module_node *nodes;
	struct hasw_error err;
	unsigned int n;

	if (module_nodes(&a->module, &nodes, &n, &err)) {
		log_warning("whom the module has as alive is not known: %s", err.text);
	} else {
		beat_presume(&a->beat, &a->cluster, nodes, n);
		free(nodes);
	}
	vote_look(&a->vote);
	if (calls_begin(&a->module.calls, a->vote.t.renew / 2))
		log_warning("no thread asks the module: while it does not answer, no lease is renewed");
	module_share(&a->module);
}

/**
 * agent_pass_question - have the keeper answer a question about the cluster's configuration
 * @arg:	the agent
 * @fd:		the client's socket, from which the keeper reads what follows the question
 *
 * Return: false if the keeper does not run
 */
bool agent_pass_question(void *arg, int fd)
{
	struct agent *a = arg;

	return keeper_ask(&a->keeper, fd);
}

/**
 * agent_corosync_tick - heed corosync's quorum and nodelist, if the configuration wants that
 * @a:		the agent
 * @now:	current time, ns
 */
void agent_corosync_tick(struct agent *a, uint64_t now)
{
	struct corosync *c = a->corosync;

	if (!a->conf->corosync)
		return;
	vote_bar(&a->vote, corosync_tick(c, now));
	if (!c->other_nodes)
		return;
	c->other_nodes = false;
	log_notice("corosync's nodelist has changed, so the configuration is read again");
	a->reload_at = now;
}

/**
 * agent_journal_begin - begin the journal, if the configuration wants one
 * @a:		the agent
 *
 * Without a journal the agent does all else, so an error is only logged.
 */
void agent_journal_begin(struct agent *a)
{
	const struct conf *conf = a->conf;

	if (!conf->journal)
		return;
	a->journal = journal_open(&(struct journal_place){
		.folder = conf->journal_folder, .node = conf->nodes[conf->self].name,
		.most = conf->journal_size, .age = conf->journal_age,
	});
}

/**
 * agent_journal_compare - log that the journal's thread keeps the settings with which it was started
 * @old:	these settings
 * @new:	the configuration that was read again
 */
void agent_journal_compare(const struct conf *old, const struct conf *new)
{
	if (old->journal != new->journal || strcmp(old->journal_folder, new->journal_folder) ||
	    old->journal_size != new->journal_size || old->journal_age != new->journal_age)
		log_notice("%s: what \"journal\" says now begins with a restart of this agent", new->file);
}
