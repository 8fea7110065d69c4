// SPDX-License-Identifier: GPL-2.0
/* What happens in the cluster, put into words, verdicts and notify commands. */
#include <linux/haswitch.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "systemd.h"
#include "tell.h"

static unsigned long long ms(uint64_t ns)
{
	return (unsigned long long)(ns / CLOCK_MS);
}

/* A node that says that it leaves is taken out at once, without waiting. */
static void verdict_left(struct agent *a, const char *name)
{
	struct hasw_error err;

	if (!a->module.open)
		return;
	if (module_verdict(&a->module, name, HASWITCH_VERDICT_LEFT, &err))
		log_error("node %s has left, but the module does not take it: %s",
			  name, err.text);
}

/*
 * A node that joins again is no longer one that left. That holds only for a
 * life that began after the verdict: an agent that ran all the while did not
 * join, so that the verdict is an operator's. "fenced" is never touched.
 */
static void verdict_clear(struct agent *a, const struct cluster_peer *peer)
{
	struct module_node node;
	struct hasw_error err;

	if (!a->module.open ||
	    module_node(&a->module, peer->conf.name, &node, &err) ||
	    node.verdict != HASWITCH_VERDICT_LEFT)
		return;
	if (node.since >= peer->peer.born) {
		log_notice("%s: heard, but its verdict is \"left\", given while its agent was running; 'haadm node verdict %s clear' takes it back",
			   peer->conf.name, peer->conf.name);
		return;
	}
	if (module_verdict(&a->module, peer->conf.name,
			   HASWITCH_VERDICT_CLEAR, &err))
		log_error("node %s has joined again, but the module does not take it: %s",
			  peer->conf.name, err.text);
}

/* Something comes from it, but cannot be believed: that is not a dead node. */
static bool unbelieved(const struct agent *a, const struct cluster_peer *peer,
		       uint64_t now)
{
	return peer->refused.last &&
	       now - peer->refused.last <= 2 * a->cluster.rules.suspect;
}

/* Nothing that happens to a node in maintenance is an alarm. */
struct alarm {
	bool resting;
	enum log_level level;
};

static struct alarm alarm_of(struct agent *a, const char *name)
{
	bool resting = module_resting(&a->module, name);

	return (struct alarm){
		.resting = resting,
		.level = resting ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	};
}

static void tell_silent(struct agent *a, struct cluster_peer *peer,
			enum peer_state before, uint64_t now)
{
	struct alarm alarm = alarm_of(a, peer->conf.name);
	const char *name = peer->conf.name;
	const char *word = peer_state_word(PEER_SILENT);

	if (unbelieved(a, peer, now)) {
		log_line(alarm.level, "%s: authentication failure: packets come from it but cannot be believed, so it is not named any more",
			 name);
		word = "refused";
	} else if (before == PEER_STATIC) {
		log_line(alarm.level, "%s: its agent did not come back in %llu s; the node is not named any more",
			 name, ms(a->cluster.rules.hold) / 1000);
	} else {
		log_line(alarm.level, "%s: not heard for %llu ms; the node is not named any more",
			 name, ms(now - peer->peer.heard));
	}
	if (!alarm.resting)
		notify_run(&a->notify, "peer", name, word, NULL);
}

static void peer_changed(void *arg, struct cluster_peer *peer,
			 enum peer_state before, uint64_t now)
{
	const char *name = peer->conf.name;
	struct agent *a = arg;

	switch (peer->peer.state) {
	case PEER_SILENT:
		tell_silent(a, peer, before, now);
		return;
	case PEER_STATIC:
		log_notice("%s: its agent stops cleanly; the node is named for %llu s more",
			   name, ms(a->cluster.rules.hold) / 1000);
		break;
	case PEER_LEFT:
		log_notice("%s: leaves the cluster", name);
		verdict_left(a, name);
		break;
	case PEER_HEARD:
		log_notice(before == PEER_UNHEARD ? "%s: heard" :
			   "%s: heard again", name);
		verdict_clear(a, peer);
		break;
	case PEER_UNHEARD:
		return;
	}
	if (!alarm_of(a, name).resting)
		notify_run(&a->notify, "peer", name,
			   peer_state_word(peer->peer.state), NULL);
}

static void path_changed(void *arg, struct cluster_peer *peer,
			 const struct path *path, enum peer_way way)
{
	struct agent *a = arg;
	struct alarm alarm = alarm_of(a, peer->conf.name);
	const char *name = peer->conf.name;
	const char *word = "good";

	switch (way) {
	case PEER_WAY_GOOD:
		log_info("%s: path %s works", name, path->conf.name);
		break;
	case PEER_WAY_ONE_WAY:
		log_line(alarm.level, "%s: path %s works in one direction only: it is heard here, but says that it hears nothing from here",
			 name, path->conf.name);
		word = "one-way";
		break;
	case PEER_WAY_SILENT:
		/* With one path, or none left, the node's own line says it. */
		if (peer->peer.state != PEER_HEARD)
			return;
		log_line(alarm.level, "%s: nothing comes on path %s any more",
			 name, path->conf.name);
		word = "silent";
		break;
	case PEER_WAY_UNHEARD:
		return;
	}
	if (!alarm.resting)
		notify_run(&a->notify, "path", name, path->conf.name, word);
}

static void refused(void *arg, struct cluster_peer *peer, const char *address,
		    const char *text)
{
	struct agent *a = arg;

	log_warning("authentication failure: packets%s%s%s%s refused: %s",
		    peer ? " that say to be from " : "",
		    peer ? peer->conf.name : "",
		    address ? ", sent by " : "", address ? address : "", text);
	notify_run(&a->notify, "authentication",
		   peer ? peer->conf.name : "stranger", text, NULL);
}

const struct cluster_ops tell_ops = {
	.peer_changed = peer_changed,
	.path_changed = path_changed,
	.refused = refused,
};

/**
 * tell_status - put one line of state where the service manager shows it
 * @a:	the agent
 */
void tell_status(const struct agent *a)
{
	unsigned int i, named = 0;

	for (i = 0; i < a->cluster.n_peers; i++)
		named += peer_named(&a->cluster.peers[i].peer);
	systemd_say("STATUS=%s, %u of %u peers alive%s", a->cluster.self.name,
		    named, a->cluster.n_peers,
		    a->beat.listening ? ", listening" :
		    a->beat.trouble ? ", the module takes no BEATs" : "");
}

/**
 * tell_state - write what is known of every peer to the log
 * @a:		the agent
 * @now:	the time
 */
void tell_state(const struct agent *a, uint64_t now)
{
	static const char *const ways[] = {
		[PEER_WAY_UNHEARD] = "unheard", [PEER_WAY_GOOD] = "good",
		[PEER_WAY_SILENT] = "silent", [PEER_WAY_ONE_WAY] = "one-way",
	};
	const struct cluster *c = &a->cluster;
	unsigned int i, p;

	log_notice("%s: %u peers, %u paths, %u checks, %llu packets of strangers refused",
		   c->self.name, c->n_peers, c->n_paths, a->checks.n,
		   (unsigned long long)refused_total(&c->strangers));
	for (i = 0; i < c->n_peers; i++) {
		const struct cluster_peer *peer = &c->peers[i];
		char line[512];
		int at;

		at = snprintf(line, sizeof(line), "%s: %s, %llu packets refused",
			      peer->conf.name, peer_state_word(peer->peer.state),
			      (unsigned long long)refused_total(&peer->refused));
		for (p = 0; p < c->n_paths && at < (int)sizeof(line); p++) {
			const struct peer_path *path = &peer->peer.paths[p];

			at += snprintf(line + at, sizeof(line) - (size_t)at,
				       ", path %s %s", c->paths[p].conf.name,
				       ways[path->way]);
			if (path->heard && at < (int)sizeof(line))
				at += snprintf(line + at, sizeof(line) - (size_t)at,
					       " (%llu ms ago)", ms(now - path->heard));
		}
		log_notice("%s", line);
	}
	for (i = 0; i < a->checks.n; i++) {
		const struct check *check = &a->checks.list[i];

		log_notice("check of %s: %s", check->name,
			   check->judge.health == JUDGE_UP ? "up" :
			   check->judge.health == JUDGE_DOWN ? "down" : "unknown");
	}
}
