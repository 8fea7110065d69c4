// SPDX-License-Identifier: GPL-2.0
/* The peers and paths of a cluster, as the configuration has them: opened, reloaded, dropped and closed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster.h"
#include "haagentd/log.h"

/* After a peer's agent has stopped cleanly, this agent reports the peer as alive to the module for this time, ns. */
#define HOLD		UINT64_C(10000000000)

/* Copies a peer's state at a reload. Paths are matched by name, because a path's index may have changed. */
static void peer_carry(const struct cluster *old, const struct cluster_peer *from,
		       const struct cluster *new, struct cluster_peer *to)
{
	struct conf_node conf = to->conf;
	unsigned int p, q;

	*to = *from;
	to->conf = conf;
	memset(to->peer.paths, 0, sizeof(to->peer.paths));
	memset(to->told, 0, sizeof(to->told));
	memset(to->trouble, 0, sizeof(to->trouble));
	memset(to->answered, 0, sizeof(to->answered));
	for (p = 0; p < new->n_paths; p++)
		for (q = 0; q < old->n_paths; q++)
			if (!strcmp(new->paths[p].conf.name,
				    old->paths[q].conf.name))
				to->peer.paths[p] = from->peer.paths[q];
}

static bool needed(const struct cluster *c, const char *name)
{
	return c->ops->needed && c->ops->needed(c->arg, name);
}

/*
 * Keeps a peer that is no longer configured, but still belongs to the voter set. Only the
 * voters can remove the peer from the set, by agreement.
 */
static void peer_keep(struct cluster *c, struct cluster *old, struct cluster_peer *was)
{
	struct cluster_peer *peer = &c->peers[c->n_peers];
	unsigned int p, q;

	if (!strcmp(was->conf.name, c->self.name) || cluster_peer(c, was->conf.name) || !needed(c, was->conf.name))
		return;
	peer->conf = was->conf;
	peer->conf.leaving = true;
	memset(peer->conf.at, 0, sizeof(peer->conf.at));
	for (p = 0; p < c->n_paths; p++)
		for (q = 0; q < old->n_paths; q++)
			if (!strcmp(c->paths[p].conf.name, old->paths[q].conf.name))
				peer->conf.at[p] = was->conf.at[q];
	peer_carry(old, was, c, peer);
	c->n_peers++;
}

/**
 * cluster_serves - check whether a peer is a node that the module uses
 * @peer:	the peer
 *
 * Return: yes or no; no for a witness and for a node that is no longer configured
 */
bool cluster_serves(const struct cluster_peer *peer)
{
	return !peer->conf.witness && !peer->conf.leaving;
}

/**
 * cluster_drop - remove the peers that are neither configured nor needed by the vote
 * @c:	the cluster; the caller must hold no pointer to a peer, as this function moves the peers
 *
 * Return: whether a peer was removed; if so, the indices of other peers may have changed
 */
bool cluster_drop(struct cluster *c)
{
	bool any = false;
	unsigned int i;

	for (i = c->n_peers; i--;) {
		if (!c->peers[i].conf.leaving || needed(c, c->peers[i].conf.name))
			continue;
		log_notice("%s has no part in the cluster any more", c->peers[i].conf.name);
		explicit_bzero(&c->peers[i].session, sizeof(c->peers[i].session));
		c->n_peers--;
		memmove(&c->peers[i], &c->peers[i + 1], (c->n_peers - i) * sizeof(*c->peers));
		any = true;
	}
	return any;
}

static int peers_make(struct cluster *c, const struct conf *conf,
		      struct cluster *old)
{
	unsigned int i;

	c->peers = calloc(conf->n_nodes + (old ? old->n_peers : 0), sizeof(*c->peers));
	if (!c->peers)
		return -ENOMEM;
	for (i = 0; i < conf->n_nodes; i++) {
		struct cluster_peer *peer, *was;

		if (i == conf->self)
			continue;
		peer = &c->peers[c->n_peers++];
		peer->conf = conf->nodes[i];
		session_init(&peer->session, peer->conf.name);
		was = old ? cluster_peer(old, peer->conf.name) : NULL;
		if (was)
			peer_carry(old, was, c, peer);
	}
	for (i = 0; old && i < old->n_peers; i++)
		peer_keep(c, old, &old->peers[i]);
	return 0;
}

static int paths_open(struct cluster *c, const struct conf *conf,
		      struct cluster *old, char *why, size_t size)
{
	unsigned int p, q;
	int err;

	for (p = 0; p < conf->n_paths; p++) {
		struct path *path = &c->paths[p];

		/* An open path keeps its socket, because a second socket could not bind to the same address. */
		for (q = 0; old && q < old->n_paths; q++)
			if (old->paths[q].fd >= 0 &&
			    path_same(&old->paths[q], &conf->paths[p]))
				break;
		if (old && q < old->n_paths) {
			*path = old->paths[q];
			path->conf = conf->paths[p];
			path->fd = dup(old->paths[q].fd);
			err = path->fd < 0 ? -errno : 0;
			if (err)
				snprintf(why, size, "path %s: %s",
					 conf->paths[p].name, strerror(-err));
		} else {
			err = path_open(path, &conf->paths[p], why, size);
		}
		if (err)
			return err;
		c->n_paths++;
		if (path->trouble == ENODEV)
			log_warning("path %s: device %s is not there; it is listened at as soon as it comes",
				    path->conf.name, path->conf.device);
	}
	return 0;
}

static int cluster_make(struct cluster *c, const struct conf *conf,
			struct cluster *old, char *why, size_t size)
{
	int err;

	c->rules.suspect = conf->suspect;
	c->rules.hold = HOLD;
	c->suspect_most = conf->suspect_most;
	c->heartbeat = conf->heartbeat;
	c->witness = conf_witness(conf);
	err = paths_open(c, conf, old, why, size);
	if (!err) {
		err = peers_make(c, conf, old);
		if (err)
			snprintf(why, size, "out of memory");
	}
	if (err)
		cluster_close(c);
	return err;
}

/**
 * cluster_open - open all paths and begin this agent's session
 * @c:		the cluster, which is initialized here
 * @conf:	the configuration
 * @now:	the time
 * @ops:	callbacks
 * @arg:	passed to @ops
 * @why:	on failure, the error text
 * @size:	size of @why, bytes
 *
 * Return: 0 or a negative errno
 */
int cluster_open(struct cluster *c, const struct conf *conf, uint64_t now,
		 const struct cluster_ops *ops, void *arg, char *why,
		 size_t size)
{
	memset(c, 0, sizeof(*c));
	c->ops = ops;
	c->arg = arg;
	c->born = now;
	session_self_init(&c->self, &conf->keys, conf->nodes[conf->self].name);
	return cluster_make(c, conf, NULL, why, size);
}

/**
 * cluster_reload - apply another configuration
 * @c:		the cluster; unchanged on failure
 * @conf:	the new configuration
 * @now:	the time
 * @why:	on failure, the error text
 * @size:	size of @why, bytes
 *
 * This agent's session continues if this node's name is unchanged and the old and the
 * new configuration share a key. Otherwise a new session begins, which the peers accept
 * within a few packets.
 *
 * Return: 0 or a negative errno
 */
int cluster_reload(struct cluster *c, const struct conf *conf, uint64_t now,
		   char *why, size_t size)
{
	const char *name = conf->nodes[conf->self].name;
	struct cluster next = {
		.ops = c->ops,
		.arg = c->arg,
		.self = c->self,
		.born = c->born,
		.late = c->late,
		.strangers = c->strangers,
		.stranger = c->stranger,
		.mute = c->mute,
		.unable = c->unable,
		.misses = c->misses,
		.returned = c->returned,
		.behind = c->behind,
	};
	unsigned int i;
	int err;

	err = cluster_make(&next, conf, c, why, size);
	if (err)
		return err;
	next.self.keys = conf->keys;
	if (!key_shared(&c->self.keys, &conf->keys) ||
	    strcmp(c->self.name, name)) {
		session_self_init(&next.self, &conf->keys, name);
		next.born = now;
		for (i = 0; i < next.n_peers; i++)
			session_init(&next.peers[i].session,
				     next.peers[i].conf.name);
	}
	cluster_close(c);
	*c = next;
	return 0;
}

/**
 * cluster_close - close all paths and free all peers
 * @c:	the cluster
 */
void cluster_close(struct cluster *c)
{
	unsigned int p;

	for (p = 0; p < c->n_paths; p++)
		path_close(&c->paths[p]);
	/* The peers contain session keys, which must not remain in freed memory. */
	if (c->peers)
		explicit_bzero(c->peers, c->n_peers * sizeof(*c->peers));
	free(c->peers);
	explicit_bzero(&c->self, sizeof(c->self));
	c->peers = NULL;
	c->n_peers = 0;
	c->n_paths = 0;
}
