/* SPDX-License-Identifier: GPL-2.0 */
/* All peers and paths together: what is sent, what arrives, what it means. */
#ifndef HAAGENTD_CLUSTER_H
#define HAAGENTD_CLUSTER_H

#include <string.h>

#include "conf.h"
#include "lateness.h"
#include "unheard.h"
#include "path.h"
#include "peer.h"
#include "rejects.h"
#include "session.h"

/**
 * struct cluster_peer - another node
 * @conf:	what the file says of it
 * @session:	what its packets are sealed with
 * @peer:	whether it is heard
 * @refused:	packets that said to be from it and were not believed
 * @missed:	whether anything ever came
 * @unable:	it says that it asks for no lease at present
 * @late:	how late its heartbeats are
 * @known_at:	when its present life was believed first
 * @heartbeat_us: how often it says to send
 * @capabilities: what it says that it understands
 * @trouble:	by path: what was told of sending to it
 * @answered:	by path: when a hello of it was answered last, and when one
 *		that brought a token was
 */
struct cluster_peer {
	struct conf_node conf;
	struct session session;
	struct peer peer;
	struct refused refused;
	struct missed missed;
	bool unable;
	struct lateness late;
	uint64_t known_at;
	uint32_t heartbeat_us;
	uint32_t capabilities;
	struct path_trouble trouble[PEER_PATHS];
	uint64_t answered[PEER_PATHS][2];
};

/**
 * struct cluster_ops - who is told what happens
 * @peer_changed:	a peer's state is another one
 * @path_changed:	how a peer goes on a path is another one
 * @refused:		packets were refused; @peer is NULL for strangers, @failure
 *			says that it is a matter of authentication
 * @said:		a heartbeat brought a record; may be NULL
 * @heard:		a heartbeat came, whatever it says; may be NULL
 * @needed:		whether a peer that the configuration has no more is to be
 *			heard yet; may be NULL
 */
struct cluster_ops {
	void (*peer_changed)(void *arg, struct cluster_peer *peer,
			     enum peer_state before, uint64_t now);
	void (*path_changed)(void *arg, struct cluster_peer *peer,
			     const struct path *path, enum peer_way way);
	void (*refused)(void *arg, struct cluster_peer *peer,
			const char *address, const char *text, bool failure);
	void (*said)(void *arg, struct cluster_peer *peer,
		     const struct wire_record *record, uint64_t now);
	void (*heard)(void *arg, struct cluster_peer *peer);
	bool (*needed)(void *arg, const char *name);
};

/**
 * struct cluster - all peers and paths
 * @ops:	who is told
 * @arg:	for @ops
 * @self:	this agent's life
 * @born:	when it began
 * @rules:	the times that peers are judged by, if all are punctual
 * @suspect_most: the suspect time is never above it
 * @late:	how late this agent is
 * @heartbeat:	how often this agent sends, ns
 * @paths:	the paths
 * @n_paths:	how many
 * @peers:	the other nodes
 * @n_peers:	how many
 * @strangers:	packets that could not be counted with any peer
 * @stranger:	where the last of them came from
 * @witness:	this node only votes
 * @mute:	this node cannot serve at present, so that nothing is sent
 * @unable:	this node asks for no lease at present, which its peers are told
 * @silent:	this agent has said its last word; nothing is answered
 */
struct cluster {
	const struct cluster_ops *ops;
	void *arg;
	struct session_self self;
	uint64_t born;
	struct peer_rules rules;
	uint64_t suspect_most;
	struct lateness late;
	uint64_t heartbeat;
	struct path paths[PEER_PATHS];
	unsigned int n_paths;
	struct cluster_peer *peers;
	unsigned int n_peers;
	struct refused strangers;
	struct sockaddr_storage stranger;
	bool witness;
	bool mute;
	bool unable;
	bool silent;
};

int cluster_open(struct cluster *c, const struct conf *conf, uint64_t now,
		 const struct cluster_ops *ops, void *arg, char *why,
		 size_t size);
int cluster_reload(struct cluster *c, const struct conf *conf, uint64_t now,
		   char *why, size_t size);
bool cluster_drop(struct cluster *c);
bool cluster_serves(const struct cluster_peer *peer);
void cluster_close(struct cluster *c);
void cluster_send(struct cluster *c, uint16_t flags, uint64_t now);
void cluster_say(struct cluster *c, struct cluster_peer *peer,
		 const uint8_t *records, size_t size, uint64_t now);
void cluster_receive(struct cluster *c, unsigned int path, uint64_t now);
bool cluster_stale(struct cluster *c, unsigned int path, bool changed,
		   uint64_t now);
void cluster_reopen(struct cluster *c, unsigned int path);
void cluster_drain(struct cluster *c, uint64_t now);
void cluster_forgive(struct cluster *c, uint64_t gap, uint64_t now);
void cluster_judge(struct cluster *c, uint64_t now);
void cluster_presume(struct cluster *c, const char *name, uint64_t until);
bool cluster_complete(const struct cluster *c);
uint64_t cluster_late(const struct cluster *c, const struct cluster_peer *peer);
uint64_t cluster_suspect(const struct cluster *c,
			 const struct cluster_peer *peer);

/**
 * cluster_peer - the peer of a name
 * @c:		the cluster
 * @name:	the node
 *
 * Return: the peer; NULL when there is none
 */
static inline struct cluster_peer *cluster_peer(const struct cluster *c,
						const char *name)
{
	unsigned int i;

	for (i = 0; i < c->n_peers; i++)
		if (!strcmp(c->peers[i].conf.name, name))
			return &c->peers[i];
	return NULL;
}

#endif
