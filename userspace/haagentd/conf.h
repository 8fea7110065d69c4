/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration file, read and found good. */
#ifndef HAAGENTD_CONF_H
#define HAAGENTD_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "../lib/addr.h"
#include "key.h"
#include "peer.h"
#include "profile.h"
#include "wire.h"

#define CONF_FILE	"/etc/haswitch/haagentd.conf"
#define CONF_KEY	"/etc/haswitch/haagentd.key"
#define CONF_CREDENTIAL	"haagentd.key"	/* by this name the service manager hands the key file over */
#define CONF_STORE	"/var/lib/haswitch/voter-"	/* and the node's name */
#define CONF_PORT	6946

#define CONF_NODES	256
#define CONF_CHECKS	4096
#define CONF_HOOKS	8
#define CONF_PULSES_MAX	255	/* heartbeats of the module in a row that may not come */
#define CONF_PATH_NAME	32

/**
 * struct conf_path - a network that heartbeats travel on
 * @name:	what it is called
 * @port:	UDP port, the same at all nodes
 * @device:	device to stay on, or empty
 * @local:	this node's address on it
 */
struct conf_path {
	char name[CONF_PATH_NAME];
	uint16_t port;
	char device[16];
	struct sockaddr_storage local;
};

/**
 * struct conf_node - a node of the cluster, this one included
 * @name:	what it is called, here and in the module
 * @line:	where it stands
 * @witness:	it only votes: it is no node of any module
 * @leaving:	the configuration has it no more, but the voter set yet
 * @at:		by path: its address; family 0 where it has none
 */
struct conf_node {
	char name[WIRE_NAME];
	unsigned int line;
	bool witness;
	bool leaving;
	struct sockaddr_storage at[PEER_PATHS];
};

/**
 * struct conf_check - a health check of one member
 * @line:	where it stands
 * @service:	the member's service
 * @node:	the member's node
 * @address:	where to connect to; family 0: the node's address in the module
 * @port:	port to connect to
 * @interval:	from one beginning to the next, ns
 * @timeout:	how long an answer may take, ns
 * @rise:	successes in a row that make the member up
 * @fall:	failures in a row that make it down
 */
struct conf_check {
	unsigned int line;
	struct hasw_svc service;
	char node[WIRE_NAME];
	struct hasw_addr address;
	uint16_t port;
	uint64_t interval;
	uint64_t timeout;
	unsigned int rise;
	unsigned int fall;
};

/**
 * struct conf - everything the file says
 * @file:	its name
 * @key_file:	the key file's name
 * @keys:	what was in it
 * @self:	index of this node in @nodes
 * @nodes:	all nodes
 * @n_nodes:	how many
 * @listed:	the file has them; else they are those of the module
 * @paths:	all paths
 * @n_paths:	how many, at least one
 * @profile:	how fast the cluster is to be
 * @heartbeat:	how often to send, ns
 * @suspect:	how long a peer may be silent and still be named, ns
 * @suspect_most: the same where this node or the peer is late; the file's, if it
 *		has one
 * @time:	how long the module keeps a named node alive, ns
 * @pulse:	agents have their modules keep heartbeats with each other
 * @pulse_interval: between two of these heartbeats, ns
 * @pulse_multiplier: a node is lost after so many that did not come
 * @pulse_adapts: or after more of them, as long as the agents wait for a peer
 * @vote:	agents hold the leases of the module and vote on them
 * @lease_longest: longest right to a lease that a voter ever gives, ns
 * @voter_file:	name of the file in which this node keeps what it has promised
 * @checks:	all checks
 * @n_checks:	how many
 * @fence:	command that switches the other one of two nodes off, or NULL
 * @split:	the other one is presumed off when nothing of it is heard
 * @fence_time:	how long that command may run, ns
 * @fence_after: how long the other node must be silent before, ns
 * @fence_delay: the second of the two by name waits for so much longer, ns
 * @notify_time:	how long a notify command may run, ns
 * @hooks:	commands to run when something happens
 * @n_hooks:	how many
 */
struct conf {
	char *file;
	char *key_file;
	struct key_ring keys;
	unsigned int self;
	struct conf_node *nodes;
	unsigned int n_nodes;
	bool listed;
	struct conf_path paths[PEER_PATHS];
	unsigned int n_paths;
	enum hasw_vote_profile profile;
	uint64_t heartbeat;
	uint64_t suspect;
	uint64_t suspect_most;
	uint64_t time;
	bool pulse;
	uint64_t pulse_interval;
	unsigned int pulse_multiplier;
	bool pulse_adapts;
	bool vote;
	uint64_t lease_longest;
	char *voter_file;
	struct conf_check *checks;
	unsigned int n_checks;
	char *fence;
	bool split;
	uint64_t fence_time;
	uint64_t fence_after;
	uint64_t fence_delay;
	uint64_t notify_time;
	char *hooks[CONF_HOOKS];
	unsigned int n_hooks;
};

/* Is given each error: where (file:line) and what, both for people. */
typedef void (*conf_report_fn)(void *arg, const char *where, const char *what);

struct module_node;
struct hasw_error;

/* Asks the module for its nodes, which the caller frees: 0, or a negative errno with @err filled. */
typedef int (*conf_nodes_fn)(struct module_node **nodes, unsigned int *n,
			     struct hasw_error *err);

struct conf *conf_read(const char *file, conf_nodes_fn ask,
		       conf_report_fn report, void *arg);
bool conf_witness(const struct conf *conf);
bool conf_node_witness(const struct conf *conf, const char *name);
void conf_free(struct conf *conf);

#endif
