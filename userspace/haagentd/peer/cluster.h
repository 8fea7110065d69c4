/* SPDX-License-Identifier: GPL-2.0 */
/* The cluster as this agent sees it: the peers, the paths to them, and the state of each peer. */
#ifndef HAAGENTD_CLUSTER_H
#define HAAGENTD_CLUSTER_H

#include <string.h>

#include "haagentd/conf/conf.h"
#include "haagentd/lateness.h"
#include "unheard.h"
#include "path.h"
#include "peer.h"
#include "rejects.h"
#include "release.h"
#include "wall_clock.h"
#include "session.h"

/**
 * struct cluster_peer - another node
 * @conf:	the node's configuration
 * @session:	keys and counters that authenticate the peer's packets
 * @peer:	the peer's state, derived from its heartbeats
 * @refused:	counters of refused packets that name this peer as their sender
 * @missed:	the wait for the peer's first heartbeat
 * @unable:	according to its last heartbeat, the peer currently requests no lease, but may keep some
 * @misses:	according to its last heartbeat, the peer misses claims of some holder
 * @held:	this node's module has the peer as held, and the peer is told so in heartbeats
 * @held_here:	according to its last heartbeat, the peer's module has this node as held
 * @returned:	according to its last heartbeat, some other node's module has the peer as held
 * @waits:	the peer has come back, and has said since then that it is behind; it is not named in BEATs
 * @left_late:	the module has not answered the verdict "left" of this node's agent, which may take effect later
 * @late:	recent lateness of the peer's heartbeats, see struct lateness
 * @known_at:	when the first heartbeat of the peer's current session was accepted, ns
 * @heartbeat_us: heartbeat interval that the peer announces, microseconds
 * @capabilities: capability bits that the peer announces
 * @release:	which release the peer is, as it has said in its current session
 * @wall:	how far the peer's wall clock is apart from this machine's
 * @share:	share of its weights that the peer announces, percent; 0: none yet
 * @reached:	limits for which the peer's share is lowered, bitmap of enum load_what
 * @share_set:	share of the peer that was set in the module; 0: none
 * @told:	for each path: when records were last sent to the peer, ns
 * @trouble:	for each path: the last logged result of sending to the peer
 * @answered:	for each path: when this agent last replied to a hello of the peer, ns. The
 *		second index is 0 for hellos that reply to no hello, and 1 for hellos that
 *		reply to a hello of this agent
 */
struct cluster_peer {
	struct conf_node conf;
	struct session session;
	struct peer peer;
	struct refused refused;
	struct missed missed;
	bool unable;
	bool misses;
	bool held;
	bool held_here;
	bool returned;
	bool waits;
	bool left_late;
	struct lateness late;
	uint64_t known_at;
	uint32_t heartbeat_us;
	uint32_t capabilities;
	struct release release;
	struct wall_clock wall;
	uint8_t share;
	uint8_t reached;
	uint8_t share_set;
	uint64_t told[PEER_PATHS];
	struct path_trouble trouble[PEER_PATHS];
	uint64_t answered[PEER_PATHS][2];
};

/**
 * struct cluster_ops - callbacks of the cluster
 * @peer_changed:	the state of a peer has changed
 * @path_changed:	the state of a peer on one path has changed
 * @refused:		packets were refused. @peer is their sender, or NULL if unknown.
 *			@failure is set unless an incompatible version was the only reason
 * @said:		called for each record of a heartbeat; may be NULL
 * @heard:		called for each accepted heartbeat; may be NULL
 * @needed:		returns whether a peer that is no longer configured must be kept;
 *			may be NULL
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
 * @ops:	the callbacks
 * @arg:	passed to @ops
 * @self:	this agent's own session
 * @born:	when the session @self began, ns
 * @rules:	the timeouts for peers if both this agent and the peer are punctual
 * @suspect_most: upper limit of the suspect time, which is how long a peer can be silent and
 *		still count as alive, ns
 * @late:	recent lateness of this agent's event loop, see struct lateness
 * @heartbeat:	this agent's heartbeat interval, ns
 * @paths:	array of the paths
 * @n_paths:	number of entries in @paths
 * @peers:	array of the other nodes
 * @n_peers:	number of entries in @peers
 * @strangers:	counters of refused packets whose sender is not a known peer
 * @stranger:	source address of the last packet counted in @strangers
 * @witness:	this node is a witness: it only votes
 * @mute:	this agent sends no heartbeats, because its node cannot serve or its voter
 *		must not vote yet
 * @unable:	this node currently requests no lease, and announces this in its heartbeats; it may keep some
 * @misses:	this node misses claims of some holder, and announces this in its heartbeats
 * @returned:	some other node's module has this node as held; this node announces that in its heartbeats
 * @behind:	this node has not had the committed configuration in place yet, and announces that in its heartbeats
 * @share:	share of its weights that this node announces in its heartbeats, percent; 0: it is not known yet
 * @reached:	limits for which that share is lowered, bitmap of enum load_what
 * @silent:	this agent is stopping, and sends only the heartbeats that announce the stop
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
	bool misses;
	bool returned;
	bool behind;
	uint8_t share;
	uint8_t reached;
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
bool cluster_tells(const struct cluster *c, const struct cluster_peer *peer, uint64_t *due, uint64_t now);
void cluster_send_records(struct cluster *c, struct cluster_peer *peer,
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
 * cluster_peer - find a peer by its name
 * @c:		the cluster
 * @name:	the node
 *
 * Return: the peer; NULL when no peer has this name
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
