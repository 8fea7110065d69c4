// SPDX-License-Identifier: GPL-2.0
/* BEATs, the messages that report nodes as alive to the module: choosing the nodes, sending, and handling errors. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beat.h"
#include "haagentd/clock.h"
#include "haagentd/log.h"

/*
 * A new agent has not heard any peer. A BEAT that it sent at once would report no peer as
 * alive, and the module would declare all peers lost. So the agent first listens for the
 * suspect time plus LISTEN_BEATS heartbeat intervals. Three of these intervals are for the
 * handshake, and the rest is for peers that are late because their host is busy.
 */
#define LISTEN_BEATS	20

#define ASK_AGAIN	CLOCK_SECOND
#define UNANSWERED	CLOCK_SECOND	/* a longer wait for the module is logged */

/**
 * beat_init - begin the initial listening
 * @b:		the state of the BEATs, which is initialized here
 * @conf:	the configuration
 * @now:	the time
 */
void beat_init(struct beat *b, const struct conf *conf, uint64_t now)
{
	memset(b, 0, sizeof(*b));
	b->listening = true;
	b->ask = true;
	b->listen_until = now + conf->suspect + LISTEN_BEATS * conf->heartbeat;
}

/**
 * beat_presume - take nodes for alive, until @b->listen_until, if the module has them as alive
 * @b:		the state of the BEATs; the caller has called beat_init()
 * @c:		the cluster
 * @nodes:	the module's nodes
 * @n:		number of entries in @nodes
 */
void beat_presume(const struct beat *b, struct cluster *c,
		  const struct module_node *nodes, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (nodes[i].alive)
			cluster_presume(c, nodes[i].name,
					b->listen_until + BEAT_PRESUME);
}

/**
 * beat_reload - apply another configuration
 * @b:		the BEATs
 *
 * The list of nodes that the module does not know is cleared. Before the next BEAT, the
 * module's nodes are read and the list is made again.
 */
void beat_reload(struct beat *b)
{
	b->n_absent = 0;
	b->ask = true;
}

/**
 * beat_unfit - return why this node cannot serve, although its agent runs
 * @b:	the BEATs
 *
 * Return: the reason as text; NULL when this node can serve
 */
const char *beat_unfit(const struct beat *b)
{
	if (b->gone)
		return "the kernel module is not loaded";
	if (b->self == SELF_ABSENT)
		return "the module does not know this node";
	if (b->self != SELF_RIGHT)
		return "to the module this node is not this machine ('self')";
	return NULL;
}

/**
 * beat_listening - end the initial listening if its time is over or every peer was heard
 * @b:		the BEATs
 * @c:		the cluster
 * @now:	the time
 *
 * Return: whether the initial listening still lasts, so that no BEAT may be sent
 */
bool beat_listening(struct beat *b, const struct cluster *c, uint64_t now)
{
	if (b->listening && (now >= b->listen_until || cluster_complete(c)))
		b->listening = false;
	return b->listening;
}

static bool is_absent(const struct beat *b, const char *name)
{
	unsigned int i;

	for (i = 0; i < b->n_absent; i++)
		if (!strcmp(b->absent[i], name))
			return true;
	return false;
}

/**
 * beat_names - choose the nodes that a BEAT reports as alive
 * @b:		the BEATs
 * @c:		the cluster; the caller has called cluster_judge()
 * @names:	filled with the names
 *
 * This node is reported, because its agent runs. Nodes that the module does not know are left
 * out, this node included, because the module would refuse the BEAT. A witness, which only
 * votes, is not a node of the module, so it is never reported. A peer that has come back is left out until it has caught up.
 *
 * Return: the number of names
 */
unsigned int beat_names(const struct beat *b, const struct cluster *c,
			const char *names[CONF_NODES])
{
	unsigned int i, n = 0;

	if (!is_absent(b, c->self.name))
		names[n++] = c->self.name;
	for (i = 0; i < c->n_peers; i++)
		if (peer_named(&c->peers[i].peer) && cluster_serves(&c->peers[i]) && !c->peers[i].waits &&
		    !is_absent(b, c->peers[i].conf.name))
			names[n++] = c->peers[i].conf.name;
	return n;
}

static void judge_self(struct beat *b, struct module *m, const struct conf *conf,
		       const struct module_node *nodes, unsigned int n)
{
	const char *name = conf->nodes[conf->self].name, *other;
	char words[SELF_WORDS];
	enum self was = b->self;
	struct module_node node;
	struct hasw_error err;

	b->self = self_judge(name, nodes, n, &other);
	/* A dump that raced with a change can lack this node, so the node is requested again by its name. */
	if (b->self == SELF_ABSENT) {
		if (!module_node(m, name, &node, &err))
			b->self = self_judge(name, &node, 1, &other);
		else if (err.code != ENOENT)
			b->self = was;
	}
	if (b->self == was)
		return;
	self_words(b->self, name, other, words);
	if (words[0])
		log_error("%s", words);
	else if (b->self == SELF_RIGHT)
		log_notice("the module has node %s as this machine again", name);
}

/*
 * Finds the configured nodes that the module does not know, so that BEATs leave them
 * out. The module refuses a BEAT that contains an unknown name. Without BEATs, the module
 * would freeze all node states.
 */
static void ask(struct beat *b, struct module *m, const struct conf *conf,
		uint64_t now)
{
	struct module_node *nodes;
	struct hasw_error err;
	unsigned int i, j, n;

	b->ask = false;
	b->again = false;
	b->ask_at = now + ASK_AGAIN;
	if (module_nodes(m, &nodes, &n, &err)) {
		if (err.code != ETIMEDOUT)
			b->gone = err.code == ENOENT;
		if (!b->gone && err.code != ETIMEDOUT)
			log_error("the module cannot be asked for its nodes: %s", err.text);
		/*
		 * The module may have been unloaded, so the sockets are closed, and beat_tick() will call reopen().
		 * Reopening also ends this node's leases, see vote_reach(). So after a temporary error only the request is
		 * repeated.
		 */
		if (err.code == EAGAIN || err.code == ENOMEM || err.code == ETIMEDOUT)
			b->again = true;
		else
			module_close(m);
		return;
	}
	for (i = 0; i < conf->n_nodes; i++) {
		const char *name = conf->nodes[i].name;
		char where[CONF_WHERE];
		bool was = is_absent(b, name);

		if (conf->nodes[i].witness)
			continue;
		for (j = 0; j < n; j++)
			if (!strcmp(nodes[j].name, name))
				break;
		if (j == n && !was) {
			log_error("%s: node \"%s\" is not known to the module any more; it is left out of the BEATs until 'haadm node add' brings it back",
				  conf_node_where(conf, &conf->nodes[i], where), name);
			snprintf(b->absent[b->n_absent++], WIRE_NAME, "%s", name);
		} else if (j < n && was) {
			log_notice("node %s is known to the module again", name);
			for (j = 0; strcmp(b->absent[j], name); j++)
				;
			memcpy(b->absent[j], b->absent[--b->n_absent], WIRE_NAME);
		}
	}
	judge_self(b, m, conf, nodes, n);
	free(nodes);
}

static void reopen(struct beat *b, struct module *m, uint64_t now)
{
	struct hasw_error err;

	if (now < b->ask_at)
		return;
	b->ask_at = now + ASK_AGAIN;
	if (!module_open(m, &err)) {
		log_notice("the module is there again");
		b->trouble = 0;
		b->gone = false;
		b->ask = true;
		return;
	}
	/* That is not known yet. */
	if (err.code == ETIMEDOUT)
		return;
	b->gone = err.code == ENOENT;
	if (b->trouble != err.code) {
		b->trouble = err.code;
		log_error("no way to the module: %s", err.text);
	}
}

/* Logs it if no BEAT is answered for a while. Return: whether the last one was not, so that its result is not known. */
static bool unanswered(struct beat *b, int ret, uint64_t now)
{
	if (ret != -ETIMEDOUT) {
		if (b->told)
			log_notice("the module answers again");
		b->unanswered = 0;
		b->told = false;
		return false;
	}
	if (!b->unanswered)
		b->unanswered = now;
	if (now - b->unanswered >= UNANSWERED && !b->told) {
		log_warning("the module has answered nothing for %llu s: somebody holds a lock of the kernel for which it waits; leases are renewed all the same",
			    (unsigned long long)(UNANSWERED / CLOCK_SECOND));
		b->told = true;
	}
	return true;
}

/**
 * beat_tick - send a BEAT to the module, unless the initial listening still lasts
 * @b:		the BEATs
 * @m:		the module; its sockets are reopened if they are closed
 * @c:		the cluster; the caller has called cluster_drain() and cluster_judge()
 * @conf:	the configuration
 * @now:	the time
 */
void beat_tick(struct beat *b, struct module *m, const struct cluster *c,
	       const struct conf *conf, uint64_t now)
{
	const char *names[CONF_NODES];
	struct hasw_error err;
	unsigned int n;
	int ret;

	if (beat_listening(b, c, now))
		return;
	if (!m->open) {
		reopen(b, m, now);
		if (!m->open)
			return;
	}
	if (b->ask || ((b->again || b->n_absent || b->self != SELF_RIGHT) && now >= b->ask_at)) {
		ask(b, m, conf, now);
		if (!m->open)
			return;
	}

	n = beat_names(b, c, names);
	ret = module_beat(m, names, n, conf->time, &err);
	if ((ret == -ENOENT && !b->again) || (ret && now >= b->ask_at)) {
		ask(b, m, conf, now);
		if (!m->open)
			return;
		n = beat_names(b, c, names);
		ret = module_beat(m, names, n, conf->time, &err);
	}
	if (unanswered(b, ret, now))
		return;
	if (ret && -ret != b->trouble)
		log_error("the module refused a BEAT: %s", err.text);
	else if (!ret && b->trouble)
		log_notice("the module takes BEATs again");
	b->trouble = -ret;
	if (!ret)
		b->accepted = true;
}
