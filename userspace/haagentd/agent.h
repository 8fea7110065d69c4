/* SPDX-License-Identifier: GPL-2.0 */
/* The running agent: one loop, one tick, and what signals do to it. */
#ifndef HAAGENTD_AGENT_H
#define HAAGENTD_AGENT_H

#include "ask_sock.h"
#include "beat.h"
#include "check.h"
#include "cluster.h"
#include "conf.h"
#include "conflict.h"
#include "link_watch.h"
#include "module.h"
#include "notify.h"
#include "pulses.h"
#include "vote.h"
#include "worker.h"

struct event;
struct report;
struct event_base;

enum agent_signal {
	AGENT_STOP,		/* SIGTERM: say "static" and end */
	AGENT_STOP_TOO,		/* SIGINT: the same */
	AGENT_LEAVE,		/* SIGUSR1: say "leave" and end */
	AGENT_RELOAD,		/* SIGHUP: read the configuration again */
	AGENT_TELL,		/* SIGUSR2: write the state to the log */
	AGENT_SIGNALS,
};

/**
 * struct agent - all of it
 * @conf:	the configuration that is in force
 * @witness:	this node only votes: the module is not looked for
 * @base:	the event loop
 * @module:	the way to the kernel module
 * @cluster:	peers and paths
 * @beat:	what the module is told
 * @vote:	who holds which lease
 * @ask:	answers who asks how things are
 * @conflicts:	others who use vips of this node, as far as that was told
 * @pulses:	heartbeats that the module keeps
 * @checks:	health checks
 * @worker:	runs commands
 * @notify:	notify commands
 * @tick:	fires every heartbeat
 * @paths:	fire when a packet is there
 * @links:	links that change
 * @link:	fires when one did
 * @link_changed: one did, since the last tick
 * @watch:	fires when the module tells something
 * @watched:	which opening of the module @watch belongs to
 * @signals:	fire when a signal came
 * @due:	when the tick should run next
 * @ticked:	when it ran last, 0: not yet
 * @unfit:	the module cannot serve, and that is told
 * @ready:	the service manager knows that the agent is
 * @leaving:	flags to part with when no lease needs this agent any more, 0
 *		while the agent goes on
 * @last_words:	the same, once they are said
 * @parting:	how often they are still to be said
 * @sign_every:	how often the service manager wants a sign of life, ns
 * @sign_at:	when the next one is due
 * @late_told:	when a late tick was told last
 * @worst_told:	the worst stall of the last minutes, as it was told last, or 0
 * @reports:	what happened and is not told yet, in order
 * @n_reports:	how many
 */
struct agent {
	struct conf *conf;
	bool witness;
	struct event_base *base;
	struct module module;
	struct cluster cluster;
	struct beat beat;
	struct vote vote;
	struct ask_sock ask;
	struct conflicts conflicts;
	struct pulses pulses;
	struct checks checks;
	struct worker worker;
	struct notify notify;
	struct event *tick;
	struct event *paths[PEER_PATHS];
	struct link_watch links;
	struct event *link;
	bool link_changed;
	struct event *watch;
	unsigned int watched;
	struct event *signals[AGENT_SIGNALS];
	uint64_t due;
	uint64_t ticked;
	bool unfit;
	bool ready;
	uint16_t leaving;
	uint16_t last_words;
	unsigned int parting;
	uint64_t sign_every;
	uint64_t sign_at;
	uint64_t late_told;
	uint64_t worst_told;
	struct report *reports;
	unsigned int n_reports;
};

int agent_open(struct agent *a, struct conf *conf);
int agent_run(struct agent *a);
void agent_close(struct agent *a);
void agent_report(void *arg, const char *where, const char *what);

#endif
