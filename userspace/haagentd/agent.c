// SPDX-License-Identifier: GPL-2.0
/* The agent's event loop: its heartbeat timer, packets from the networks, module events, link changes and signals. */
#include <errno.h>
#include <event2/event.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "agent_parts.h"
#include "agent_reload.h"
#include "ask_view.h"
#include "clock.h"
#include "log.h"
#include "privilege.h"
#include "realtime.h"
#include "systemd.h"
#include "haagentd/check/share.h"
#include "haagentd/notify/report.h"
#include "haagentd/conf/conf_verify.h"
#include "haagentd/module/module_events.h"
#include "lib/text.h"

#define LATE		(20 * CLOCK_MS)		/* a longer delay of the heartbeat timer counts as a stall of the agent */
#define LATE_PAUSE	(10 * CLOCK_SECOND)	/* minimum time between two log lines about stalls */
#define LAST_WORDS	3			/* number of final heartbeats; several, because packets can be lost */
#define LAST_WORDS_EVERY (10 * CLOCK_MS)

/**
 * agent_report - log an error of the configuration
 * @arg:	not used
 * @where:	file and line
 * @what:	what is wrong
 */
void agent_report(void *arg, const char *where, const char *what)
{
	(void)arg;
	log_error("%s: %s", where, what);
}

static void on_packet(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	unsigned int p;

	(void)what;
	for (p = 0; p < a->cluster.n_paths; p++)
		if (a->cluster.paths[p].fd == fd)
			cluster_receive(&a->cluster, p, clock_now());
}

static void on_module(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	a->served.due = true;
	calls_outdate(&a->module.calls);
	if (a->module.open &&
	    watch_events(&a->module, &a->checks, &a->notify, &a->vote,
			 &a->conflicts, &a->shared_conflicts, a->journal, &a->spans)) {
		a->beat.ask = true;
		a->pulses.look = true;
		a->load.look = true;
		a->engine.look = true;
	}
}

static void on_link(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	if (!link_watch_take(&a->links))
		return;
	a->link_changed = true;
	vote_links_changed(&a->vote);
}

/**
 * agent_paths_forget - free the read events of all paths, whose sockets may then be closed
 * @a:	the agent
 */
void agent_paths_forget(struct agent *a)
{
	unsigned int p;

	for (p = 0; p < PEER_PATHS; p++) {
		if (a->paths[p])
			event_free(a->paths[p]);
		a->paths[p] = NULL;
	}
}

static int path_listen(struct agent *a, unsigned int p)
{
	if (a->cluster.paths[p].fd < 0)
		return 0;
	a->paths[p] = event_new(a->base, a->cluster.paths[p].fd,
				EV_READ | EV_PERSIST, on_packet, a);
	return a->paths[p] && !event_add(a->paths[p], NULL) ? 0 : -ENOMEM;
}

/**
 * agent_paths_listen - have the event loop read from the sockets of all paths
 * @a:	the agent
 *
 * Return: 0 or -ENOMEM
 */
int agent_paths_listen(struct agent *a)
{
	unsigned int p;

	for (p = 0; p < a->cluster.n_paths; p++)
		if (path_listen(a, p))
			return -ENOMEM;
	return 0;
}

/*
 * Reopens the socket of each path whose device was deleted and created again, because
 * the socket is still bound to the old ifindex. Opens the socket of a path whose device was
 * missing. on_tick() calls this function, so the paths are checked once per heartbeat
 * interval, however many links change.
 */
static void paths_mend(struct agent *a, uint64_t now)
{
	bool changed = a->link_changed;
	unsigned int p;

	a->link_changed = false;
	for (p = 0; p < a->cluster.n_paths; p++) {
		if (!cluster_stale(&a->cluster, p, changed, now))
			continue;
		if (a->paths[p])
			event_free(a->paths[p]);
		a->paths[p] = NULL;
		cluster_reopen(&a->cluster, p);
		if (path_listen(a, p))
			log_error("a path is not listened at: out of memory");
	}
}

static void event_unlisten(struct agent *a)
{
	if (a->watch)
		event_free(a->watch);
	a->watch = NULL;
}

/* Frees the read event of the module's event socket. libevent requires this before the socket is closed. */
static void module_unlisten(void *arg)
{
	struct agent *a = arg;

	event_unlisten(a);
	served_close(&a->served);
}

/* Creates a new read event if the sockets to the module were reopened since the last read event was created. */
static void module_listen(struct agent *a)
{
	if (a->watched == a->module.opened)
		return;
	event_unlisten(a);
	if (!a->module.open)
		return;
	a->watch = event_new(a->base, hasw_sock_fd(&a->module.events),
			     EV_READ | EV_PERSIST, on_module, a);
	if (!a->watch || event_add(a->watch, NULL))
		log_error("events of the module are not listened to: out of memory");
	a->watched = a->module.opened;
	journal_look(a->journal);
	checks_aim(&a->checks);
	checks_look(&a->checks);
	checks_sync(&a->checks, NULL, NULL);
	a->load.look = true;
	a->engine.look = true;
}

/*
 * Handles a stall of this agent, which appears as a long gap between two calls of on_tick().
 * Packets that arrived during the stall are received first. Then cluster_forgive() moves
 * forward the times at which the peers were heard, so that the stall does not count as silence
 * of the peers. The gap is measured from the start of one call to the start of the next one,
 * because the agent can also stall within on_tick().
 */
static void catch_up(struct agent *a, uint64_t now)
{
	uint64_t gap = a->ticked ? now - a->ticked : 0;
	uint64_t late = gap > a->conf->heartbeat ? gap - a->conf->heartbeat : 0;

	a->ticked = now;
	cluster_drain(&a->cluster, now);
	lateness_note(&a->cluster.late, late, now);
	vote_pace(&a->vote);
	report_lateness(a);
	if (late <= LATE)
		return;
	vote_fence_stalled(&a->vote, late);
	cluster_forgive(&a->cluster, late, now);
	/*
	 * A stall that is shorter than the suspect time is not logged, because the peers accept
	 * such a silence.
	 */
	if (late < a->conf->suspect ||
	    (a->late_told && now - a->late_told < LATE_PAUSE))
		return;
	a->late_told = now;
	log_warning("this agent did not run for %llu ms; if that happens often, this host is too busy for its heartbeat",
		    (unsigned long long)(late / CLOCK_MS));
}

static void notify_manager(struct agent *a, uint64_t now)
{
	if (!a->ready && (a->beat.accepted || a->witness) &&
	    !vote_waits(&a->vote, now)) {
		a->ready = true;
		log_notice(a->witness ? "ready: this witness can be heard" :
			   "ready: the module takes BEATs");
		systemd_notify("READY=1");
		report_status(a);
	}
	if (a->sign_every && now >= a->sign_at) {
		a->sign_at = now + a->sign_every;
		systemd_notify("WATCHDOG=1");
		report_status(a);
	}
}

/*
 * Stops this agent's heartbeats while its node cannot serve or its voter must not vote yet.
 * Without heartbeats the peers stop using this node. They use it again after its next
 * heartbeat.
 */
static void speak_or_not(struct agent *a)
{
	const char *unfit = beat_unfit(&a->beat);
	bool mute = unfit || vote_fence_shy(&a->vote);

	if (a->cluster.mute && !mute)
		vote_fence_spoke(&a->vote);
	a->cluster.mute = mute;
	if (a->unfit == !!unfit)
		return;
	a->unfit = unfit;
	if (unfit)
		log_error("no heartbeats are sent, so that the peers take this node out: %s; it comes back by itself when the module is loaded and its configuration restored ('systemctl restart haswitch', 'haadm restore FILE')",
			  unfit);
	else
		log_notice("heartbeats are sent again");
	report_status(a);
}

static void tick_at(struct agent *a, uint64_t at, uint64_t now)
{
	struct timeval span;

	a->due = at > now ? at : now;
	span = clock_span(a->due - now);
	event_add(a->tick, &span);
}

/*
 * Plans the next tick. If the interval of renewals is a multiple of the heartbeat interval, ticks come just after the
 * renewals. The packets that renew and claim leases then take the place of heartbeats (cluster_send()).
 */
static void tick_again(struct agent *a)
{
	uint64_t every = a->conf->heartbeat, now = clock_now();
	uint64_t due = a->due + every < now ? now + every : a->due + every;
	const struct vote *v = &a->vote;

	if (v->begun && !(v->t.renew % every)) {
		uint64_t after = hasw_vote_renewal(&v->t, v->seat.life, due) + every / 8 - due;

		due -= (every - after % every) % every;
	}
	tick_at(a, due, now);
}

static void last_words(struct agent *a)
{
	a->last_words = a->leaving;
	a->parting = LAST_WORDS;
	event_active(a->tick, EV_TIMEOUT, 0);
}

static void part(struct agent *a, uint16_t words)
{
	if (a->leaving)
		return;
	log_notice(words == WIRE_LEAVE ? "leaving the cluster" :
		   a->witness ? "stopping; the other voters go on without this witness" :
		   a->unfit ? "stopping; the peers do not wait for this node, which cannot serve" :
		   "stopping; the peers name this node for a while yet");
	systemd_notify("STOPPING=1\nSTATUS=%s", words == WIRE_LEAVE ?
		       "leaving the cluster" : "stopping");
	checker_close(&a->checker);
	load_end(&a->load);
	checks_free(&a->checks);
	a->leaving = words;
	vote_leave(&a->vote, words == WIRE_LEAVE ? VOTE_GOES : VOTE_LONG);
	if (vote_left(&a->vote))
		last_words(a);
}

/*
 * If the voter's file could not be opened before, but can be opened now, ends the agent, so that systemd restarts it.
 * The agent does not begin the vote without a restart, because a voter that has just begun must not vote yet. Only
 * the final heartbeats before a restart tell the peers of such a pause.
 */
static void restart_to_vote(struct agent *a)
{
	if (a->leaving || !vote_file_back(&a->vote, a->conf->voter_file))
		return;
	log_notice("%s can be opened now, so this agent ends, to take part in the vote on leases when it is started again",
		   a->conf->voter_file);
	part(a, WIRE_STATIC);
}

/* A node that takes no part in the vote tells the keeper as well, so that its clients learn why. */
static void tell_keeper(struct agent *a, uint64_t now)
{
	struct journal_place place;

	if (!keeper_due(&a->keeper, now))
		return;
	memset(&a->view, 0, sizeof(a->view));
	snprintf(a->view.folder, sizeof(a->view.folder), "%s", a->conf->config_folder);
	memcpy(a->view.file, a->file, sizeof(a->view.file));
	a->view.listed = a->conf->listed;
	if (a->conf->n_paths > 1)
		memcpy(a->view.path, a->conf->paths[0].name, sizeof(a->view.path));
	a->view.agents = a->conf->agents.hash;
	if (a->journal) {
		journal_where(a->journal, &place);
		/* Of a folder whose name is longer, no lines are sent, as without a journal. */
		if (strlen(place.folder) < sizeof(a->view.journal))
			strcpy(a->view.journal, place.folder);
		a->view.journal_size = place.most;
		a->view.journal_age = place.age;
	}
	conf_begun(a->conf, &a->view.begun);
	a->view.corosync = a->conf->corosync;
	if (a->conf->fence || a->conf->split)
		strcpy(a->view.pair, a->conf->fence ? "fence" : "split");
	vote_config_view(&a->vote, &a->view);
	keeper_tell(&a->keeper, &a->view, now);
}

static void on_tick(evutil_socket_t none, short what, void *arg)
{
	struct agent *a = arg;
	uint64_t now = clock_now();

	(void)none;
	(void)what;
	calls_turn(&a->module.calls);
	/* The heartbeat is sent first, because the peers measure how late the heartbeat is. */
	cluster_send(&a->cluster, a->last_words, now);
	if (a->last_words) {
		report_flush(a, LAST_WORDS_EVERY);
		if (--a->parting)
			tick_at(a, now + LAST_WORDS_EVERY, now);
		else
			event_base_loopbreak(a->base);
		return;
	}
	catch_up(a, now);
	cluster_judge(&a->cluster, now);
	report_missed(a, now);
	if (a->witness)
		beat_listening(&a->beat, &a->cluster, now);
	else
		beat_tick(&a->beat, &a->module, &a->cluster, a->conf, now);
	if (!a->witness && a->beat.accepted && (a->beat.unanswered || a->beat.trouble))
		vote_fence_unbeaten(&a->vote);
	speak_or_not(a);
	module_listen(a);
	restart_to_vote(a);
	vote_sets_tick(&a->vote);
	if (vote_sets_drop(&a->vote, now))
		a->pulses = (struct pulses){ .look = true };
	agent_corosync_tick(a, now);
	vote_tick(&a->vote, a->beat.accepted && !beat_unfit(&a->beat));
	if (a->vote.other_nodes) {
		a->vote.other_nodes = false;
		log_notice("the module has other nodes than before, so the configuration is read again");
		agent_reload(a);
	} else if (a->reload_at && now >= a->reload_at) {
		agent_reload(a);
	}
	if (a->leaving && vote_left(&a->vote)) {
		last_words(a);
		return;
	}
	pulses_tick(&a->pulses, &a->module, &a->cluster, a->conf, now);
	notify_manager(a, now);
	paths_mend(a, now);
	tell_keeper(a, now);
	share_tick(&a->checks, &a->cluster, now);
	conflict_share_tick(&a->shared_conflicts, &a->cluster, now);
	release_tick(&a->cluster, now);
	wall_clock_tick(&a->cluster, now, clock_wall());
	load_tick(&a->load, &a->cluster, &a->checks, &a->module, now);
	engine_nodes_tick(&a->engine, a->conf, &a->module, now);
	ask_tick(&a->ask, now);
	http_tick(&a->http, now);
	heal_tick(&a->heal, now);
	routes_tick(&a->routes, now);
	journal_tick(a->journal, &a->module);
	notify_tick(&a->notify, now);
	if (a->module.open)
		served_tick(&a->served, now);
	tick_again(a);
	/* Writing reports is slow, so it comes last, after all steps on which a failover depends. */
	report_flush(a, a->conf->heartbeat / 2);
}

static void on_stop(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	part(arg, WIRE_STATIC);
}

static void on_leave(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	part(arg, WIRE_LEAVE);
}

static void on_reload(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	agent_reload(arg);
}

static void on_report_state(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	report_state(arg, clock_now());
}

static int signals_listen(struct agent *a)
{
	static const struct {
		int signal;
		event_callback_fn fn;
	} handlers[AGENT_SIGNALS] = {
		[AGENT_STOP] = { SIGTERM, on_stop },
		[AGENT_STOP_TOO] = { SIGINT, on_stop },
		[AGENT_LEAVE] = { SIGUSR1, on_leave },
		[AGENT_RELOAD] = { SIGHUP, on_reload },
		[AGENT_REPORT] = { SIGUSR2, on_report_state },
	};
	unsigned int i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < AGENT_SIGNALS; i++) {
		a->signals[i] = evsignal_new(a->base, handlers[i].signal,
					     handlers[i].fn, a);
		if (!a->signals[i] || event_add(a->signals[i], NULL))
			return -ENOMEM;
	}
	return 0;
}

static int links_listen(struct agent *a)
{
	int err = link_watch_open(&a->links, RTMGRP_LINK);

	if (err) {
		log_error("the kernel does not tell of links that change: %s",
			  strerror(-err));
		return err;
	}
	a->link = event_new(a->base, link_watch_fd(&a->links), EV_READ | EV_PERSIST,
			    on_link, a);
	return a->link && !event_add(a->link, NULL) ? 0 : -ENOMEM;
}

static int loop_open(struct agent *a)
{
	struct event_config *config = event_config_new();

	if (!config)
		return -ENOMEM;
	/* libevent's default resolution of milliseconds is too coarse for heartbeats. */
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	/* A cached time would let a timer that is set late in a turn fire too early, and in vain. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	a->base = event_base_new_with_config(config);
	event_config_free(config);
	if (!a->base)
		return -ENOMEM;
	a->tick = evtimer_new(a->base, on_tick, a);
	if (!a->tick || signals_listen(a))
		return -ENOMEM;
	corosync_open(a->corosync, a->base);
	return links_listen(a);
}

static int module_begin(struct agent *a)
{
	struct hasw_error err;
	int ret;

	if (a->witness)
		return 0;
	ret = module_open(&a->module, &err);
	if (ret) {
		log_error("%s", err.text);
		return -ENODEV;
	}
	/*
	 * If @ret is above 0, the file contradicts the module. Only an operator can correct
	 * a contradiction, so -EINVAL is returned. Any other error may be temporary.
	 */
	ret = verify_nodes(a->conf, &a->module, agent_report, NULL);
	if (ret)
		return ret < 0 ? -EIO : -EINVAL;
	verify_members(a->conf, &a->module, agent_warn, NULL);
	return 0;
}

/* Logs why this witness cannot vote. The agent then exits, because a witness has no other task. */
static int vote_failed(const struct vote *v, int err)
{
	log_error("this witness cannot vote: %s", v->why);
	return err == -EINVAL || err == -EPROTO ? -EINVAL : -EIO;
}

/**
 * agent_open - open all parts of the agent
 * @a:		the agent, never written to yet: the processes that are begun here then get no copies of its pages.
 *		Only haagentd-http, which http_tick() begins later, has them until its first client comes
 * @conf:	the configuration, which the agent then owns
 * @corosync:	what conf_read() has learned of corosync, which the caller owns
 *
 * Errors are logged.
 *
 * Return: 0; -EINVAL if the configuration contradicts the module or, on a witness, the
 * voter file; -EBUSY if another agent has the folder of the configurations; another negative
 * errno after any other failure
 */
int agent_open(struct agent *a, struct conf *conf, struct corosync *corosync)
{
	uint64_t now = clock_now();
	char why[256] = "no memory, descriptors or threads are left";
	int err;

	a->conf = conf;
	a->corosync = corosync;
	a->witness = conf_witness(conf);
	if (a->witness)
		privilege_need_none();
	a->module.closing = module_unlisten;
	a->module.arg = a;
	err = agent_folder_take(a);
	if (!err)
		err = module_begin(a);
	if (err)
		return err;
	err = loop_open(a);
	if (!err)
		err = agent_worker_begin(a, why, sizeof(why));
	if (!err)
		checker_init(&a->checker, a->base, &checks_ops, &a->checks);
	if (!err)
		err = agent_keeper_begin(a, why, sizeof(why));
	if (!err && !a->witness)
		agent_module_parts_begin(a);
	if (!err)
		err = cluster_open(&a->cluster, conf, now, &report_ops, a, why,
				   sizeof(why));
	if (!err)
		err = agent_paths_listen(a);
	if (!err)
		err = vote_open(&a->vote, conf, a->base, &a->cluster, &a->module);
	if (!err)
		err = vote_fence_set(&a->vote, conf, &a->worker);
	if (err && a->witness && a->vote.why[0])
		return vote_failed(&a->vote, err);
	if (!err)
		err = checks_make(&a->checks, a->base, &a->module, &a->notify,
				  &a->checker, conf, NULL);
	if (err) {
		log_error("%s", why);
		return -EIO;
	}
	/* Only now: an agent that cannot begin is started again every 250 ms, and would fill the journal with that. */
	agent_journal_begin(a);
	a->vote.journal = a->journal;
	a->checks.journal = a->journal;
	ask_open(&a->ask, a->base, ask_view, a);
	a->ask.pass = agent_pass_question;
	served_open(&a->served, a->base, &report_served, a);
	a->ask.friend = &a->http.process.pid;
	http_open(&a->http, a->base);
	http_set(&a->http, &conf->http);
	/* The process is begun before the agent's memory is locked. */
	http_tick(&a->http, now);
	a->sign_every = systemd_watchdog() * 1000;
	return 0;
}

/**
 * agent_run - run the event loop until a signal ends it
 * @a:	the agent, open
 *
 * Return: 0, or -EIO when the event loop failed
 */
int agent_run(struct agent *a)
{
	uint64_t now;

	if (a->witness)
		realtime_try();
	else
		realtime_enter();
	privilege_drop();
	now = clock_now();
	beat_init(&a->beat, a->conf, now);
	if (!a->witness)
		agent_calls_begin(a);
	a->due = now;
	log_notice("%s%s: listening for %u peer%s on %u path%s", a->cluster.self.name,
		   a->witness ? " (witness)" : "",
		   a->cluster.n_peers, hasw_s(a->cluster.n_peers),
		   a->cluster.n_paths, hasw_s(a->cluster.n_paths));
	report_status(a);
	if (a->witness && a->conf->n_checks)
		log_notice("the health checks of %s are made by the nodes that have a module, not by this witness",
			   a->conf->file);
	checks_start(&a->checks);
	load_set(&a->load, &a->conf->load);
	vote_begin(&a->vote);
	speak_or_not(a);
	event_active(a->tick, EV_TIMEOUT, 0);
	if (event_base_dispatch(a->base) < 0) {
		log_error("the event loop failed");
		return -EIO;
	}
	return 0;
}

/**
 * agent_close - release all parts of the agent
 * @a:	the agent; agent_open() may have failed halfway
 */
void agent_close(struct agent *a)
{
	unsigned int i;

	ask_close(&a->ask);
	http_close(&a->http);
	vote_close(&a->vote);
	checker_close(&a->checker);
	checks_free(&a->checks);
	agent_paths_forget(a);
	cluster_close(&a->cluster);
	report_free(a);
	worker_close(&a->worker);
	keeper_close(&a->keeper);
	routes_close(&a->routes);
	if (a->corosync)
		corosync_close(a->corosync);
	for (i = 0; i < AGENT_SIGNALS; i++)
		if (a->signals[i])
			event_free(a->signals[i]);
	module_unlisten(a);
	if (a->link)
		event_free(a->link);
	link_watch_close(&a->links);
	if (a->address)
		event_free(a->address);
	heal_close(&a->heal);
	if (a->tick)
		event_free(a->tick);
	if (a->base)
		event_base_free(a->base);
	module_share(NULL);
	module_close(&a->module);
	calls_end(&a->module.calls);
	calls_end(&a->served.calls);
	/* After the sockets, to which grants are tied: the journal may wait for the disk. */
	journal_close(a->journal, a->leaving == WIRE_LEAVE ? "leaves" : a->leaving ? "stops" : "fails");
	folder_lock_release(&a->folder);
	conf_free(a->conf);
	memset(a, 0, sizeof(*a));
}
