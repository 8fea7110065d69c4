// SPDX-License-Identifier: GPL-2.0
/* Handling of the module's netlink events: log lines, the journal, notify commands, health checks and the vote. */
#include <errno.h>
#include <limits.h>
#include <linux/haswitch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "haagentd/check/share.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "module_events.h"
#include "module_pulse.h"

struct watch {
	struct module *module;
	struct conflicts *conflicts;
	struct shared_conflicts *shared;
	struct checks *checks;
	struct notify *notify;
	struct vote *vote;
	struct journal *journal;
	struct spans *spans;
	bool aim;
	bool all;
};

static const char *word(const struct hasw_record *rec, uint16_t attr)
{
	const struct hasw_attr *desc = hasw_set_attr(rec->set, attr);
	const char *name = desc && desc->values && hasw_has(rec, attr) ?
		hasw_enum_name(desc->values, hasw_number(rec, attr, 0)) : NULL;

	return name ? name : "?";
}

/*
 * Returns when a node was heard last, ns; 0: never, or that is not known. A loss by a BEAT is the silence of an agent, and
 * one by pulses that of a module: each can go on without the other.
 */
static uint64_t heard(const struct watch *w, const char *node, uint64_t cause)
{
	const struct cluster *c = w->vote->cluster;
	uint64_t agent = 0, pulse;
	unsigned int i;

	for (i = 0; c && i < c->n_peers; i++)
		if (!strcmp(c->peers[i].conf.name, node))
			agent = c->peers[i].peer.heard;
	if (cause == HASWITCH_CAUSE_BEAT)
		return agent;
	pulse = module_pulse_heard(w->module, node);
	return pulse && (cause == HASWITCH_CAUSE_PULSE || pulse > agent) ? pulse : agent;
}

/* Counts the times of failures. A node that said that it goes was not silent. */
static void node_spans(const struct watch *w, const char *node, const struct hasw_record *rec)
{
	uint64_t cause = hasw_number(rec, HASWITCH_A_EVENT_CAUSE, 0);

	if (hasw_number(rec, HASWITCH_A_EVENT_TO, 0) != HASWITCH_NODE_STATE_LOST)
		spans_back(w->spans, node);
	else if (cause == HASWITCH_CAUSE_PULSE || cause == HASWITCH_CAUSE_BEAT || cause == HASWITCH_CAUSE_CARRIER ||
		 cause == HASWITCH_CAUSE_NEIGHBOUR || cause == HASWITCH_CAUSE_UNREACHABLE)
		spans_lost(w->spans, node, heard(w, node, cause), hasw_number(rec, HASWITCH_A_EVENT_PUBLISH, 0));
}

static void node_event(struct watch *w, const struct hasw_record *rec)
{
	const char *node = hasw_string(rec, HASWITCH_A_EVENT_NODE);
	const char *from = word(rec, HASWITCH_A_EVENT_FROM);
	const char *to = word(rec, HASWITCH_A_EVENT_TO);
	const char *cause = word(rec, HASWITCH_A_EVENT_CAUSE);

	if (!node)
		return;
	node_spans(w, node, rec);
	resting_note(&w->module->resting, node, (unsigned int)hasw_number(rec, HASWITCH_A_EVENT_TO, UINT_MAX));
	vote_node_is(w->vote, node, (unsigned int)hasw_number(rec, HASWITCH_A_EVENT_TO, 0));
	log_notice("node %s is %s now, was %s (%s)", node, to, from, cause);
	notify_run(w->notify, "node", node, to, cause);
}

/* Tells the notify commands that this node itself begins to hold a lease, or does not hold it any more. */
static void own_lease(struct watch *w, const char *lease, const char *node, uint64_t epoch, const struct hasw_record *rec)
{
	const struct conf *conf = w->notify->conf;
	bool granted = hasw_number(rec, HASWITCH_A_EVENT_CAUSE, 0) == HASWITCH_CAUSE_GRANTED;
	char number[24];

	if (!node || !conf->n_nodes || strcmp(node, conf->nodes[conf->self].name))
		return;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)epoch);
	notify_run(w->notify, granted ? "gained" : "lost", lease, number,
		   granted ? NULL : word(rec, HASWITCH_A_EVENT_CAUSE));
}

static void lease_spans(const struct watch *w, const char *lease, const char *node, const struct hasw_record *rec)
{
	const struct conf *conf = w->notify->conf;
	uint64_t time = hasw_number(rec, HASWITCH_A_EVENT_TIME, 0);

	if (hasw_number(rec, HASWITCH_A_EVENT_CAUSE, 0) == HASWITCH_CAUSE_GRANTED)
		spans_granted(w->spans, lease, node, conf->n_nodes && !strcmp(node, conf->nodes[conf->self].name), time);
	else
		spans_ended(w->spans, lease, node, time);
}

static void config_event(struct watch *w, const struct hasw_record *rec)
{
	uint64_t object = hasw_number(rec, HASWITCH_A_EVENT_OBJECT, UINT64_MAX);
	uint64_t action = hasw_number(rec, HASWITCH_A_EVENT_ACTION, UINT64_MAX);
	struct hasw_svc service;

	notify_config(w->notify, hasw_number(rec, HASWITCH_A_EVENT_GENERATION, 0), clock_now());
	if (object == HASWITCH_OBJECT_ALL) {
		w->aim = true;
		w->all = true;
		w->checks->look = true;
		w->vote->look = true;
		w->vote->look_nodes = true;
	} else if (object == HASWITCH_OBJECT_NODE) {
		w->aim = true;
		w->vote->look_nodes = true;
	} else if (object == HASWITCH_OBJECT_LEASE) {
		w->vote->look = true;
	} else if (object == HASWITCH_OBJECT_VIP) {
		w->checks->look = true;
	} else if (object == HASWITCH_OBJECT_MEMBER) {
		w->checks->through = true;
	}
	if (object == HASWITCH_OBJECT_MEMBER &&
		   action == HASWITCH_ACTION_ADD &&
		   hasw_get_svc(rec, HASWITCH_A_EVENT_ADDR4, &service)) {
		/*
		 * The module counts a new member as up until its health is set. So the agent must set the
		 * member's health again from the result of its check.
		 */
		checks_sync(w->checks, &service,
			    hasw_string(rec, HASWITCH_A_EVENT_NODE));
	}
}

/* Tells the checks whether this node holds the vips of a lease. Of another node's grants, only the beginning matters. */
static void held(struct watch *w, const char *lease, const char *node, uint64_t cause)
{
	const struct conf *conf = w->notify->conf;
	bool granted = cause == HASWITCH_CAUSE_GRANTED;
	bool self = node && conf->n_nodes && !strcmp(node, conf->nodes[conf->self].name);

	if (granted || self)
		share_lease(w->checks, lease, granted && self);
}

/*
 * Runs the notify commands for each change of a lease. Tells the vote about each grant that
 * ended before its deadline. The vote needs no event for a grant that has expired.
 */
static void lease_event(struct watch *w, const struct hasw_record *rec)
{
	const char *lease = hasw_string(rec, HASWITCH_A_EVENT_LEASE);
	const char *node = hasw_string(rec, HASWITCH_A_EVENT_NODE);
	uint64_t epoch = hasw_number(rec, HASWITCH_A_EVENT_EPOCH, 0);
	uint64_t cause = hasw_number(rec, HASWITCH_A_EVENT_CAUSE, 0);

	if (!lease)
		return;
	held(w, lease, node, cause);
	notify_run(w->notify, "lease", lease, node ? node : "nobody",
		   word(rec, HASWITCH_A_EVENT_CAUSE));
	own_lease(w, lease, node, epoch, rec);
	if (node)
		lease_spans(w, lease, node, rec);
	if (cause == HASWITCH_CAUSE_GRANTED || cause == HASWITCH_CAUSE_EXPIRED)
		return;
	/* systemd restarts the agent after exit code 2, which is EXIT_REFUSED in main.c. */
	if (cause == HASWITCH_CAUSE_CLONED && vote_cloned(w->vote, w->notify->conf->voter_file))
		_exit(2);
	if (cause == HASWITCH_CAUSE_RESIGNED && node)
		vote_resigned(w->vote, node, lease, epoch,
			      hasw_number(rec, HASWITCH_A_EVENT_TOLD, 0) !=
			      HASWITCH_PULSE_KIND_RELEASED);
	/*
	 * DEVICES_DOWN: client links of this node are down. If another node loses its client links, the cause is
	 * RESIGNED instead.
	 */
	if (cause == HASWITCH_CAUSE_DEVICES_DOWN)
		vote_cut_off(w->vote, lease);
	if (cause == HASWITCH_CAUSE_RELEASED)
		vote_released(w->vote, lease, epoch,
			      hasw_string(rec, HASWITCH_A_EVENT_SUCCESSOR));
	vote_lost(w->vote, lease, epoch);
}

/*
 * Handles a request to move a lease. An event that has an answer is meant for the requester, so the agent ignores
 * such an event.
 */
static void move_event(struct watch *w, const struct hasw_record *rec)
{
	const char *lease = hasw_string(rec, HASWITCH_A_EVENT_LEASE);

	if (lease && !hasw_has(rec, HASWITCH_A_EVENT_ANSWER))
		vote_asked(w->vote, lease,
			   hasw_string(rec, HASWITCH_A_EVENT_SUCCESSOR));
}

/*
 * Logs a warning that another host uses a vip of this node, which is what the cluster exists to prevent. The other
 * nodes are told, too.
 */
static void conflict_event(struct watch *w, const struct hasw_record *rec)
{
	const char *node = hasw_string(rec, HASWITCH_A_EVENT_NODE);
	const char *dev = hasw_string(rec, HASWITCH_A_EVENT_DEV);
	struct shared_conflict shared = { .seen = clock_now() };
	char who[64], text[HASW_ADDR_TEXT];
	const uint8_t *lladdr;
	struct hasw_addr vip;

	if (!dev || !hasw_has(rec, HASWITCH_A_EVENT_LLADDR) ||
	    !hasw_get_addr(rec, HASWITCH_A_EVENT_ADDR4, &vip))
		return;
	lladdr = hasw_payload(rec->attr[HASWITCH_A_EVENT_LLADDR]);
	shared.vip = vip;
	memcpy(shared.lladdr, lladdr, sizeof(shared.lladdr));
	snprintf(shared.node, sizeof(shared.node), "%s", node ? node : "");
	snprintf(shared.dev, sizeof(shared.dev), "%s", dev);
	conflict_share_note(w->shared, &shared);
	if (!conflict_ratelimit(w->conflicts, &vip, lladdr, clock_now()))
		return;
	hasw_addr_format(&vip, text);
	conflict_who(node, lladdr, who, sizeof(who));
	log_warning("%s: CONFLICT: also answered by %s on %s, while this node holds it",
		    text, who, dev);
	conflict_who(NULL, lladdr, who, sizeof(who));
	notify_run(w->notify, "conflict", text, who, node ? node : "stranger");
}

static int take(const struct hasw_record *rec, void *data)
{
	struct watch *w = data;

	journal_event(w->journal, rec);
	switch (hasw_number(rec, HASWITCH_A_EVENT_KIND, UINT64_MAX)) {
	case HASWITCH_EVENT_KIND_NODE:
		node_event(w, rec);
		break;
	case HASWITCH_EVENT_KIND_CONFIG:
		config_event(w, rec);
		break;
	case HASWITCH_EVENT_KIND_LEASE:
		lease_event(w, rec);
		break;
	case HASWITCH_EVENT_KIND_PROTODOWN_ON:
	case HASWITCH_EVENT_KIND_PROTODOWN_OFF:
		w->vote->look = true;
		break;
	case HASWITCH_EVENT_KIND_LEASE_MOVE:
		move_event(w, rec);
		break;
	case HASWITCH_EVENT_KIND_VIP_CONFLICT:
		conflict_event(w, rec);
		break;
	case HASWITCH_EVENT_KIND_AGENT_STALLED:
		log_debug("the module missed BEATs; node states stay as they are until the next one");
		break;
	default:
		break;
	}
	return 0;
}

/**
 * watch_events - handle the events that the module has sent
 * @m:		the module
 * @checks:	the health checks; events can require that their addresses are read from the
 *		module again, or their results are set in the module again
 * @notify:	the notify commands
 * @vote:	the vote, which is told about changed leases and nodes
 * @conflicts:	the conflicts that were already logged
 * @shared:	the conflicts that the other nodes are told of
 * @journal:	the journal, or NULL
 * @spans:	how long failures took
 *
 * Return: whether the nodes of the module can have changed
 */
bool watch_events(struct module *m, struct checks *checks,
		  struct notify *notify, struct vote *vote,
		  struct conflicts *conflicts, struct shared_conflicts *shared, struct journal *journal,
		  struct spans *spans)
{
	struct watch w = {
		.module = m, .spans = spans,
		.checks = checks, .notify = notify, .vote = vote,
		.conflicts = conflicts, .shared = shared, .journal = journal,
	};
	struct hasw_error err;
	int ret;

	ret = hasw_events(&m->events, take, &w, &err);
	if (ret == -ENOBUFS) {
		log_warning("events of the module were lost; 'haadm event show' has them");
		w.aim = true;
		w.all = true;
		checks->look = true;
		vote->look = true;
		vote->look_nodes = true;
	} else if (ret) {
		log_warning("events of the module cannot be read: %s", err.text);
	}
	if (w.aim)
		checks_aim(checks);
	if (w.all)
		checks_sync(checks, NULL, NULL);
	return w.aim;
}
