/* SPDX-License-Identifier: GPL-2.0 */
/* The running agent: its event loop, its heartbeat timer, and its reactions to signals. */
#ifndef HAAGENTD_AGENT_H
#define HAAGENTD_AGENT_H

#include "ask_sock.h"
#include "haagentd/module/beat.h"
#include "haagentd/module/engine_nodes.h"
#include "haagentd/check/check.h"
#include "haagentd/check/load.h"
#include "haagentd/peer/cluster.h"
#include "haagentd/conf/conf.h"
#include "haagentd/corosync/corosync.h"
#include "haagentd/module/conflict.h"
#include "haagentd/module/conflict_share.h"
#include "haagentd/module/heal.h"
#include "http.h"
#include "haagentd/journal/journal.h"
#include "haagentd/journal/spans.h"
#include "haagentd/keeper/folder_lock.h"
#include "haagentd/keeper/keeper.h"
#include "haagentd/peer/link_watch.h"
#include "haagentd/module/module.h"
#include "haagentd/notify/notify.h"
#include "haagentd/module/pulses.h"
#include "haagentd/routes/routes.h"
#include "haagentd/module/served.h"
#include "haagentd/vote/vote.h"
#include "haagentd/notify/worker.h"

struct event;
struct report;
struct event_base;

enum agent_signal {
	AGENT_STOP,		/* SIGTERM: exit; the peers still report this node as alive for a while */
	AGENT_STOP_TOO,		/* SIGINT: handled like SIGTERM */
	AGENT_LEAVE,		/* SIGUSR1: tell the peers to take this node out of service, and exit */
	AGENT_RELOAD,		/* SIGHUP: read the configuration again */
	AGENT_REPORT,		/* SIGUSR2: write the state to the log */
	AGENT_SIGNALS,
};

/**
 * struct agent - the whole state of the agent
 * @conf:	the configuration that is in force
 * @witness:	this node is a witness: it only votes, and uses no module
 * @base:	the event loop
 * @module:	the sockets to the kernel module
 * @cluster:	the peers and the paths
 * @beat:	the state of the BEATs, the messages that report nodes as alive to the
 *		module
 * @vote:	the votes on leases
 * @ask:	the socket that serves `haadm agent show`
 * @http:	the process that answers HTTP requests
 * @conflicts:	the vip conflicts that were logged
 * @shared_conflicts: the vip conflicts that the agents tell each other
 * @pulses:	the pulse sessions: heartbeats between this node's module and the peers'
 *		modules
 * @served:	which services are empty, and what is left of drained nodes
 * @checks:	the health checks
 * @load:	what this machine has to do, and the share of each node
 * @engine:	nodes that corosync lists, in the module
 * @checker:	the process that makes all health checks but those by TCP
 * @worker:	the process that runs commands
 * @keeper:	the process that keeps the cluster's configurations
 * @folder:	the lock of the folder in which it keeps them
 * @corosync:	what is known of corosync; the caller of agent_open() owns it
 * @routes:	the process that keeps a route for each vip held by this node; all zero on a witness
 * @file:	absolute name of the configuration file, for @keeper; all zero behind it
 * @view:	what @keeper is told
 * @runs:	what @keeper has said last
 * @committed:	newest committed configuration of which commands were told
 * @refused:	they were told that this node could not put it in place
 * @notify:	the notify commands
 * @journal:	the journal, or NULL
 * @spans:	how long failures took
 * @tick:	the heartbeat timer, which calls on_tick() once per heartbeat interval
 * @paths:	read events of the path sockets
 * @links:	the rtnetlink socket that reports link changes
 * @link:	read event of @links
 * @link_changed: a link has changed since paths_mend() last checked the paths
 * @heal:	has haadm put back addresses that are deleted from ha0
 * @address:	read event of @heal
 * @watch:	read event of the module's event socket
 * @watched:	value of module.opened when @watch was created
 * @signals:	the signal events
 * @due:	when @tick must fire next, ns
 * @ticked:	when on_tick() was called last, ns; 0 before its first call
 * @unfit:	the agent has logged that this node cannot serve
 * @ready:	the agent has sent READY=1 to the service manager
 * @reload_at:	when to retry a reload that failed because the module's nodes could not be
 *		read, ns; 0: no retry is due
 * @leaving:	flags of the agent's final heartbeats while the agent is stopping, else 0.
 *		The final heartbeats are sent as soon as no lease needs the agent
 * @last_words:	equal to @leaving while the final heartbeats are sent, else 0
 * @parting:	number of final heartbeats that are still to be sent
 * @sign_every:	interval of WATCHDOG=1 for the service manager, ns; 0: none
 * @sign_at:	when the next WATCHDOG=1 is due, ns
 * @late_told:	when a stall was logged last, ns; 0 for never
 * @worst_told:	the worst stall that was logged, lowered as lateness decays, ns; 0: none
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
	struct http http;
	struct conflicts conflicts;
	struct shared_conflicts shared_conflicts;
	struct pulses pulses;
	struct served served;
	struct checks checks;
	struct load load;
	struct engine_nodes engine;
	struct checker checker;
	struct worker worker;
	struct keeper keeper;
	struct folder_lock folder;
	struct corosync *corosync;
	struct routes routes;
	char file[4096];
	struct keeper_view view;
	struct keeper_report runs;
	uint64_t committed;
	bool refused;
	struct notify notify;
	struct journal *journal;
	struct spans spans;
	struct event *tick;
	struct event *paths[PEER_PATHS];
	struct link_watch links;
	struct event *link;
	bool link_changed;
	struct heal heal;
	struct event *address;
	struct event *watch;
	unsigned int watched;
	struct event *signals[AGENT_SIGNALS];
	uint64_t due;
	uint64_t ticked;
	bool unfit;
	bool ready;
	uint64_t reload_at;
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

int agent_open(struct agent *a, struct conf *conf, struct corosync *corosync);
int agent_run(struct agent *a);
void agent_close(struct agent *a);
int agent_paths_listen(struct agent *a);
void agent_paths_forget(struct agent *a);
void agent_report(void *arg, const char *where, const char *what);

#endif
