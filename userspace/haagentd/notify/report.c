// SPDX-License-Identifier: GPL-2.0
/* Reports of cluster events: log lines, verdicts and notify commands. */
#include <errno.h>
#include <linux/haswitch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/check/share.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/systemd.h"
#include "lib/text.h"
#include "report.h"

#define FITTED_WORDS	128
#define FITTED_STEP	(10 * CLOCK_MS)	/* the worst stall is logged again when it has grown by this much, ns */

static unsigned long long ms(uint64_t ns)
{
	return (unsigned long long)(ns / CLOCK_MS);
}

enum report_kind {
	REPORT_PEER,
	REPORT_PATH,
	REPORT_REFUSED,
	REPORT_MISSED,
	/* Verdicts that the module has not taken yet, because it did not answer: */
	REPORT_LEFT,
	REPORT_JOINED,
};

/**
 * struct report - an event in the cluster that is not reported yet
 * @kind:	kind of the event. Below, a prefix such as "peer:" names the kinds for which
 *		a member is used
 * @name:	name of the peer; empty for an unknown sender
 * @before:	peer: previous state of the peer
 * @state:	peer and path: state of the peer
 * @unbelieved:	peer: packets of the peer were refused recently; refused: some packets were
 *		refused for a reason other than an incompatible version
 * @heard:	peer: when the peer was heard last, ns
 * @born:	peer, joined: when the peer's session began, ns
 * @when:	peer: when the peer's state changed, ns
 * @way:	path: new state of the path
 * @path:	path: name of the path
 * @address:	refused: source address; can be empty
 * @text:	refused and missed: the text; freed with the report
 */
struct report {
	enum report_kind kind;
	char name[WIRE_NAME];
	enum peer_state before;
	enum peer_state state;
	bool unbelieved;
	uint64_t heard;
	uint64_t born;
	uint64_t when;
	enum peer_way way;
	char path[CONF_PATH_NAME];
	char address[PATH_ADDRESS];
	char *text;
};

static struct report *report_add(struct agent *a, enum report_kind kind,
				 const struct cluster_peer *peer)
{
	struct report *r = reallocarray(a->reports, a->n_reports + 1, sizeof(*r));

	if (!r) {
		log_error("something is not told: out of memory");
		return NULL;
	}
	a->reports = r;
	r += a->n_reports++;
	memset(r, 0, sizeof(*r));
	r->kind = kind;
	if (peer) {
		memcpy(r->name, peer->conf.name, sizeof(r->name));
		r->state = peer->peer.state;
		r->heard = peer->peer.heard;
		r->born = peer->peer.born;
	}
	return r;
}

/* Has report_flush() set a verdict that the module has not taken, because it does not answer now. */
static void report_again(struct agent *a, enum report_kind kind, const char *name, uint64_t born)
{
	struct report *r = report_add(a, kind, NULL);

	if (!r)
		return;
	snprintf(r->name, sizeof(r->name), "%s", name);
	r->born = born;
}

static struct cluster_peer *peer_of(struct agent *a, const char *name)
{
	unsigned int i;

	for (i = 0; i < a->cluster.n_peers; i++)
		if (!strcmp(a->cluster.peers[i].conf.name, name))
			return &a->cluster.peers[i];
	return NULL;
}

/*
 * Sets the verdict "left" on a node that announces that it leaves. The module then stops using the node at once,
 * without waiting until the node counts as silent.
 */
static void verdict_left(struct agent *a, const char *name)
{
	struct cluster_peer *peer = peer_of(a, name);
	struct hasw_error err;
	int ret;

	if (!a->module.open || !peer || conf_node_witness(a->conf, name))
		return;
	ret = module_verdict(&a->module, name, HASWITCH_VERDICT_LEFT, &err);
	peer->left_late = ret == -ETIMEDOUT;
	if (ret == -ETIMEDOUT)
		report_again(a, REPORT_LEFT, name, 0);
	else if (ret)
		log_error("node %s has left, but the module does not take it: %s",
			  name, err.text);
}

/*
 * Clears the verdict "left" of a node that joins again. If the session of the node's agent
 * is older than the verdict, an operator has set the verdict while that agent ran, unless the
 * module was late to take this agent's verdict. Only an operator can clear an operator's
 * verdict. The verdict "fenced" is never cleared here.
 */
static void verdict_clear(struct agent *a, const char *name, uint64_t born)
{
	struct cluster_peer *peer = peer_of(a, name);
	struct module_node node;
	struct hasw_error err;
	int ret;

	if (!a->module.open || !peer || conf_node_witness(a->conf, name))
		return;
	ret = module_node(&a->module, name, &node, &err);
	if (ret == -ETIMEDOUT)
		report_again(a, REPORT_JOINED, name, born);
	if (ret || node.verdict != HASWITCH_VERDICT_LEFT)
		return;
	if (node.since >= born && !peer->left_late) {
		log_notice("%s: heard, but its verdict is \"left\", given while its agent was running; 'haadm node verdict %s clear' takes it back",
			   name, name);
		return;
	}
	ret = module_verdict(&a->module, name, HASWITCH_VERDICT_CLEAR, &err);
	if (ret == -ETIMEDOUT)
		report_again(a, REPORT_JOINED, name, born);
	else if (ret)
		log_error("node %s has joined again, but the module does not take it: %s",
			  name, err.text);
	else
		peer->left_late = false;
}

/* How a node's failures are logged: at level info if the node is in maintenance, else as warnings. */
struct alarm {
	bool resting;
	enum log_level level;
};

static struct alarm alarm_of(struct agent *a, const char *name)
{
	bool resting = !conf_node_witness(a->conf, name) &&
		       module_resting(&a->module, name);

	return (struct alarm){
		.resting = resting,
		.level = resting ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	};
}

static void peer_changed(void *arg, struct cluster_peer *peer,
			 enum peer_state before, uint64_t now)
{
	struct agent *a = arg;
	struct report *r;

	journal_peer(a->journal, peer->conf.name, peer_state_word(before), peer_state_word(peer->peer.state),
		     peer->peer.heard && now > peer->peer.heard ? now - peer->peer.heard : 0);
	/*
	 * The verdict "left" stops the traffic to a node that leaves, so it is set at once, not later by
	 * report_flush().
	 */
	if (peer->peer.state == PEER_LEFT)
		verdict_left(a, peer->conf.name);
	r = report_add(a, REPORT_PEER, peer);
	if (!r)
		return;
	r->before = before;
	r->when = now;
	r->unbelieved = peer->refused.last &&
		now - peer->refused.last <= 2 * cluster_suspect(&a->cluster, peer);
}

static void path_changed(void *arg, struct cluster_peer *peer,
			 const struct path *path, enum peer_way way)
{
	struct agent *a = arg;
	struct report *r;

	journal_path(a->journal, peer->conf.name, path->conf.name, peer_way_word(way));
	r = report_add(a, REPORT_PATH, peer);
	if (!r)
		return;
	r->way = way;
	memcpy(r->path, path->conf.name, sizeof(r->path));
}

static void refused(void *arg, struct cluster_peer *peer, const char *address,
		    const char *text, bool failure)
{
	struct report *r = report_add(arg, REPORT_REFUSED, peer);

	if (!r)
		return;
	if (address)
		snprintf(r->address, sizeof(r->address), "%s", address);
	r->text = strdup(text);
	r->unbelieved = failure;
}

/* Returns the consequence of a peer's silence as text. */
static const char *unnamed(const struct agent *a, const char *name)
{
	if (a->witness || conf_node_witness(a->conf, name))
		return "its vote is missing";
	return "the node is not named any more";
}

static void report_silent(struct agent *a, const struct report *r)
{
	struct alarm alarm = alarm_of(a, r->name);
	const char *word = peer_state_word(PEER_SILENT);
	const char *so = unnamed(a, r->name);

	if (r->unbelieved) {
		log_line(alarm.level, "%s: authentication failure: packets come from it but cannot be believed: %s",
			 r->name, so);
		word = "refused";
	} else if (r->before == PEER_STATIC) {
		log_line(alarm.level, "%s: its agent did not come back in %llu s; %s",
			 r->name, ms(a->cluster.rules.hold) / 1000, so);
	} else if (r->before == PEER_PRESUMED) {
		log_line(alarm.level, "%s: alive when this agent began, but not heard since; %s",
			 r->name, so);
	} else {
		log_line(alarm.level, "%s: not heard for %llu ms; %s",
			 r->name, ms(r->when - r->heard), so);
	}
	if (!alarm.resting)
		notify_run(&a->notify, "peer", r->name, word, NULL);
	report_status(a);
}

static void report_peer(struct agent *a, const struct report *r)
{
	const char *name = r->name;

	switch (r->state) {
	case PEER_SILENT:
		report_silent(a, r);
		return;
	case PEER_STATIC:
		if (conf_node_witness(a->conf, name))
			log_notice("%s: this witness stops cleanly; its vote is missing until it is heard again",
				   name);
		else
			log_notice("%s: its agent stops cleanly; the node is named for %llu s more",
				   name, ms(a->cluster.rules.hold) / 1000);
		break;
	case PEER_LEFT:
		log_notice("%s: leaves the cluster", name);
		break;
	case PEER_HEARD:
		log_notice(r->before == PEER_UNHEARD || r->before == PEER_PRESUMED ?
			   "%s: heard" : "%s: heard again", name);
		verdict_clear(a, name, r->born);
		break;
	case PEER_UNHEARD:
	case PEER_PRESUMED:
		return;
	}
	if (!alarm_of(a, name).resting)
		notify_run(&a->notify, "peer", name, peer_state_word(r->state), NULL);
	report_status(a);
}

static void report_path(struct agent *a, const struct report *r)
{
	struct alarm alarm = alarm_of(a, r->name);
	const char *word = "good";

	switch (r->way) {
	case PEER_WAY_GOOD:
		log_info("%s: path %s works", r->name, r->path);
		break;
	case PEER_WAY_ONE_WAY:
		log_line(alarm.level, "%s: path %s works in one direction only: it is heard here, but says that it hears nothing from here",
			 r->name, r->path);
		word = "one-way";
		break;
	case PEER_WAY_SILENT:
		/* A silent path of a peer that is heard on no path is not logged: report_silent() reports the peer. */
		if (r->state != PEER_HEARD)
			return;
		log_line(alarm.level, "%s: nothing comes on path %s any more",
			 r->name, r->path);
		word = "silent";
		break;
	case PEER_WAY_UNHEARD:
		return;
	}
	if (!alarm.resting)
		notify_run(&a->notify, "path", r->name, r->path, word);
}

static void report_refused(struct agent *a, const struct report *r)
{
	const char *text = r->text ? r->text : "?";

	log_warning("%spackets%s%s%s%s refused: %s",
		    r->unbelieved ? "authentication failure: " : "",
		    r->name[0] ? " that say to be from " : "", r->name,
		    r->address[0] ? ", sent by " : "", r->address, text);
	if (r->unbelieved)
		notify_run(&a->notify, "authentication",
			   r->name[0] ? r->name : "stranger", text, NULL);
}

/* Reports a peer that was never heard. The report of a peer in maintenance is postponed until the maintenance ends. */
static void report_unheard(struct agent *a, const struct report *r)
{
	if (alarm_of(a, r->name).resting) {
		missed_again(&a->cluster, r->name, clock_now());
		return;
	}
	log_warning("%s: %s", r->name, r->text ? r->text : "not heard yet");
	notify_run(&a->notify, "peer", r->name, peer_state_word(PEER_UNHEARD), NULL);
	report_status(a);
}

static void report_one(struct agent *a, const struct report *r)
{
	const struct cluster_peer *peer;

	switch (r->kind) {
	case REPORT_PEER:
		report_peer(a, r);
		break;
	case REPORT_PATH:
		report_path(a, r);
		break;
	case REPORT_REFUSED:
		report_refused(a, r);
		break;
	case REPORT_MISSED:
		report_unheard(a, r);
		break;
	case REPORT_LEFT:
		peer = peer_of(a, r->name);
		if (peer && peer->peer.state == PEER_LEFT)
			verdict_left(a, r->name);
		break;
	case REPORT_JOINED:
		verdict_clear(a, r->name, r->born);
		break;
	}
}

/**
 * report_missed - queue reports of peers from which no heartbeat has arrived
 * @a:		the agent
 * @now:	the time
 */
void report_missed(struct agent *a, uint64_t now)
{
	struct cluster_peer *peer;
	char text[MISSED_TEXT];

	while ((peer = missed_next(&a->cluster, now))) {
		struct report *r = report_add(a, REPORT_MISSED, peer);

		if (r)
			r->text = strdup(missed_text(&a->cluster, peer, now, text));
	}
}

/**
 * report_flush - report the queued events by log lines, commands and verdicts
 * @a:		the agent
 * @span:	time limit, ns; remaining events are reported by the next call
 */
void report_flush(struct agent *a, uint64_t span)
{
	unsigned int n = 0, end = a->n_reports;
	uint64_t until = end ? clock_now() + span : 0;

	while (n < end && (!n || clock_now() < until)) {
		/* report_again() may move the array. */
		struct report one = a->reports[n++];

		report_one(a, &one);
		free(one.text);
	}
	a->n_reports -= n;
	if (a->n_reports)
		memmove(a->reports, a->reports + n, a->n_reports * sizeof(*a->reports));
}

/**
 * report_free - free the queued events
 * @a:	the agent
 */
void report_free(struct agent *a)
{
	while (a->n_reports)
		free(a->reports[--a->n_reports].text);
	free(a->reports);
	a->reports = NULL;
}

/* Describes in @words the current lease length and suspect time, which both grow with this agent's lateness. */
static void fitted(const struct agent *a, char words[FITTED_WORDS])
{
	int at = 0;

	if (!a->witness && a->vote.begun)
		at = snprintf(words, FITTED_WORDS, "leases are asked for %llu ms, and ",
			      ms(a->vote.seat.usual));
	snprintf(words + at, FITTED_WORDS - (size_t)at, "peers are suspect after %llu ms",
		 ms(cluster_suspect(&a->cluster, NULL)));
}

/**
 * report_lateness - log when lateness makes this agent use a longer lease length or suspect
 * time, and when these times are normal again
 * @a:	the agent
 */
void report_lateness(struct agent *a)
{
	uint64_t worst = a->cluster.late.worst;
	bool longer = a->vote.begun && !a->witness && a->vote.seat.usual > a->vote.t.length;
	char words[FITTED_WORDS];

	longer |= cluster_suspect(&a->cluster, NULL) > a->cluster.rules.suspect;
	if (a->worst_told && !longer)
		log_info("this agent has run in time for minutes, so it is as quick again as it can be");
	if (worst < a->worst_told)
		a->worst_told = longer ? worst : 0;
	if (!longer || (a->worst_told && worst < a->worst_told + FITTED_STEP))
		return;
	a->worst_told = worst;
	fitted(a, words);
	log_notice("this agent did not run for %llu ms, so %s from now on", ms(worst), words);
}

static void said(void *arg, struct cluster_peer *peer,
		 const struct wire_record *record, uint64_t now)
{
	struct agent *a = arg;

	vote_said(&a->vote, peer, record);
	share_take(&a->checks, peer->conf.name, record, now);
	conflict_share_take(&a->shared_conflicts, peer->conf.name, record, now);
	release_take(&peer->release, record);
	wall_clock_take(peer, record, clock_wall());
}

static void heard(void *arg, struct cluster_peer *peer)
{
	struct agent *a = arg;

	vote_fence_heard(&a->vote, peer);
}

static bool is_needed(void *arg, const char *name)
{
	const struct agent *a = arg;

	return vote_sets_need(&a->vote, name);
}

const struct cluster_ops report_ops = {
	.peer_changed = peer_changed,
	.path_changed = path_changed,
	.refused = refused,
	.said = said,
	.heard = heard,
	.needed = is_needed,
};

static void service_changed(void *arg, const struct hasw_svc *service, bool empty)
{
	char text[HASW_SVC_TEXT];
	struct agent *a = arg;

	hasw_svc_format(service, text);
	if (empty)
		log_warning("service %s: no member is left that can serve it ('haadm status' says why)", text);
	else
		log_notice("service %s: it is served again", text);
	journal_service(a->journal, text, empty ? "empty" : "back");
	notify_run(&a->notify, "service", text, empty ? "empty" : "back", NULL);
}

static void drained(void *arg, const char *name, const struct hasw_svc *service)
{
	char text[HASW_SVC_TEXT] = "";
	struct agent *a = arg;

	if (service)
		hasw_svc_format(service, text);
	log_notice("%s%s%s: drained, no flow of this machine is left", name, service ? " of " : "", text);
	journal_drained(a->journal, name, service ? text : NULL);
	notify_run(&a->notify, "drained", name, service ? text : NULL, NULL);
}

const struct served_ops report_served = { .service = service_changed, .drained = drained };

/**
 * report_committed - tell that a configuration of the cluster is committed, and what this node has made of it
 * @a:		the agent
 * @runs:	what the keeper says
 *
 * The keeper tries a configuration that could not be put in place again and again; that is told once.
 */
void report_committed(struct agent *a, const struct keeper_report *runs)
{
	const char *to = runs->state == CONFIG_REFUSED ? "refused" : "runs";
	bool bad = runs->state == CONFIG_REFUSED;
	char number[24];

	if (!runs->node[0] || (runs->committed.generation == a->committed && bad == a->refused))
		return;
	a->committed = runs->committed.generation;
	a->refused = bad;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)a->committed);
	journal_committed(a->journal, &runs->committed, runs->node, to);
	notify_run(&a->notify, "committed", number, runs->node, to);
}

/**
 * report_status - send the agent's state to the service manager, as a line of text
 * @a:	the agent
 */
void report_status(const struct agent *a)
{
	const char *unfit = beat_unfit(&a->beat);
	unsigned int i, named = 0;
	char missed[256] = "";
	size_t at = 0;

	for (i = 0; i < a->cluster.n_peers; i++) {
		const struct cluster_peer *peer = &a->cluster.peers[i];

		named += peer_named(&peer->peer);
		if (missed_still(peer) && at < sizeof(missed))
			at += (size_t)snprintf(missed + at, sizeof(missed) - at, "%s %s",
					       at ? "" : ", never heard:", peer->conf.name);
	}
	systemd_notify("STATUS=%s%s, %u of %u peer%s alive%s%s%s%s", a->cluster.self.name,
		       a->witness ? " (witness)" : "", named, a->cluster.n_peers, hasw_s(a->cluster.n_peers),
		       unfit ? ", sends no heartbeats: " : "", unfit ? unfit : "",
		       unfit ? "" : a->beat.listening ? ", listening" :
		       a->beat.trouble ? ", the module takes no BEATs" : "", missed);
}

/**
 * report_state - log the state of the agent and of every peer, lease and check
 * @a:		the agent
 * @now:	the time
 */
void report_state(const struct agent *a, uint64_t now)
{
	const struct cluster *c = &a->cluster;
	char words[FITTED_WORDS];
	unsigned int i, p;

	log_notice("%s%s: %u peer%s, %u path%s, %u check%s, %llu packet%s of strangers refused",
		   c->self.name, a->witness ? " (witness)" : "", c->n_peers, hasw_s(c->n_peers), c->n_paths,
		   hasw_s(c->n_paths), a->checks.n, hasw_s(a->checks.n),
		   (unsigned long long)refused_total(&c->strangers),
		   hasw_s(refused_total(&c->strangers)));
	fitted(a, words);
	log_notice("this agent did not run for %llu ms at worst in the last minutes: %s",
		   ms(c->late.worst), words);
	for (i = 0; i < c->n_peers; i++) {
		const struct cluster_peer *peer = &c->peers[i];
		char line[512];
		int at;

		at = snprintf(line, sizeof(line), "%s%s: %s, capabilities %#x, %llu packet%s refused",
			      peer->conf.name, peer->conf.witness ? " (witness)" : "",
			      peer_state_word(peer->peer.state),
			      peer->capabilities,
			      (unsigned long long)refused_total(&peer->refused),
			      hasw_s(refused_total(&peer->refused)));
		if (peer->late.worst >= CLOCK_MS && at < (int)sizeof(line))
			at += snprintf(line + at, sizeof(line) - (size_t)at,
				       ", late by %llu ms at worst, so suspect after %llu ms",
				       ms(peer->late.worst), ms(cluster_suspect(c, peer)));
		for (p = 0; p < c->n_paths && at < (int)sizeof(line); p++) {
			const struct peer_path *path = &peer->peer.paths[p];

			at += snprintf(line + at, sizeof(line) - (size_t)at,
				       ", path %s %s", c->paths[p].conf.name,
				       peer_way_word(path->way));
			if (path->heard && at < (int)sizeof(line))
				at += snprintf(line + at, sizeof(line) - (size_t)at,
					       " (%llu ms ago)", ms(now - path->heard));
		}
		log_notice("%s", line);
	}
	if (a->witness) {
		char words[512];

		vote_witness_words(&a->vote, words, sizeof(words));
		log_notice("witness: %s", words);
	}
	for (i = HASW_SEAT_CONFIG + 1; i < a->vote.seat.n; i++) {
		char words[512];

		if (!a->vote.lease[i].here)
			continue;
		vote_words(&a->vote, i, words, sizeof(words));
		log_notice("lease %s: %s", a->vote.lease[i].name, words);
	}
	for (i = 0; i < a->checks.n; i++) {
		const struct check *check = &a->checks.list[i];

		log_notice("check of %s: %s%s%s", check->name, check_health_word(check),
			   check->tried ? ", the last one: " : "", check->text);
	}
}
