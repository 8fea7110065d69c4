/* SPDX-License-Identifier: GPL-2.0 */
/* The running agent: its event loop, its tick, and its reactions to signals. */
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
	AGENT_STOP,		/* SIGTERM: announce "static" to the peers, and end */
	AGENT_STOP_TOO,		/* SIGINT: as SIGTERM */
	AGENT_LEAVE,		/* SIGUSR1: announce "leave" to the peers, and end */
	AGENT_RELOAD,		/* SIGHUP: read the configuration again */
	AGENT_TELL,		/* SIGUSR2: write the state to the log */
	AGENT_SIGNALS,
};

/**
 * struct agent - the whole state of the agent
 * @conf:	the configuration that is in force
 * @witness:	this node is a witness: it only votes, and uses no module
 * @base:	the event loop
 * @module:	the sockets to the kernel module
 * @cluster:	the peers and the paths
 * @beat:	the state of the BEATs to the module
 * @vote:	the votes on leases
 * @ask:	the socket that serves `haadm agent show`
 * @conflicts:	the vip conflicts that were logged
 * @pulses:	the pulse sessions that the module keeps
 * @checks:	the health checks
 * @worker:	the process that runs commands
 * @notify:	the notify commands
 * @tick:	timer event, once per heartbeat interval
 * @paths:	read events of the path sockets
 * @links:	the rtnetlink socket that reports link changes
 * @link:	read event of @links
 * @link_changed: a link changed since the last tick
 * @watch:	read event of the module's event socket
 * @watched:	value of module.opened for which @watch was created
 * @signals:	the signal events
 * @due:	when the next tick is due, ns
 * @ticked:	when the last tick ran, ns; 0 before the first one
 * @unfit:	the module cannot serve, and this was logged
 * @ready:	READY=1 was sent to the service manager
 * @leaving:	flags of the last heartbeat, which is sent once no lease needs this
 *		agent; 0 while the agent is not stopping
 * @last_words:	value of @leaving once the last heartbeats are being sent, else 0
 * @parting:	how many last heartbeats remain to be sent
 * @sign_every:	interval of WATCHDOG=1 for the service manager, ns; 0: none
 * @sign_at:	when the next WATCHDOG=1 is due, ns
 * @late_told:	when a late tick was logged last, ns
 * @worst_told:	the worst stall of the last minutes that was logged, ns; or 0
 * @reports:	events that are not logged yet, oldest first
 * @n_reports:	number of entries in @reports
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
