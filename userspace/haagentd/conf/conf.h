/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration file, parsed and validated. */
#ifndef HAAGENTD_CONF_H
#define HAAGENTD_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <checks/plan.h>

#include "lib/addr.h"
#include "lib/ask.h"
#include "haagentd/peer/key.h"
#include "haagentd/peer/peer.h"
#include "profile.h"
#include "haagentd/peer/wire.h"

#define CONF_FILE	ASK_AGENT_FILE
#define CONF_KEY	"/etc/haswitch/haagentd.key"
#define CONF_CREDENTIAL	"haagentd.key"	/* name of the systemd credential that is the key file */
#define CONF_STORE	"/var/lib/haswitch/voter-"	/* the node's name is appended */
#define CONF_FOLDER	"/var/lib/haswitch/config"
#define CONF_FOLDER_MOST 200	/* longest name of that folder */
#define CONF_PORT	6946
#define CONF_HTTP	"127.0.0.1:9464"
#define CONF_ROUTES	72	/* the number of protocol haswitch, too */

#define CONF_NODES	256
#define CONF_WHY	256	/* why something cannot be asked, bytes */
#define CONF_CHECKS	4096
#define CONF_HOOKS	8
#define CONF_PULSES_MAX	255	/* largest value of conf.pulse_multiplier */
#define CONF_PATH_NAME	32
#define CONF_AGENTS_NAME 64	/* name of settings of all agents in errors, bytes */

/**
 * struct conf_path - a network that carries heartbeats
 * @name:	name of the path
 * @port:	UDP port, the same on all nodes
 * @device:	device to bind the socket to, or empty
 * @local:	this node's address on this path
 */
struct conf_path {
	char name[CONF_PATH_NAME];
	uint16_t port;
	char device[16];
	struct sockaddr_storage local;
};

/**
 * struct conf_node - a node of the cluster, perhaps this node
 * @name:	the node's name, in the file and in the module
 * @line:	line of the node's entry in the file
 * @witness:	the node is a witness: it only votes, and no module has it as a node
 * @leaving:	the node is no longer configured, but still in the voter set
 * @at:		the node's address on each path; family 0: the node has no address on the path
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
 * @line:	line of the check's entry in the file
 * @kind:	how the member is checked
 * @service:	the member's service
 * @node:	the member's node
 * @at:		port by which the member differs from others on its node, or 0
 * @vip:	the member is asked through the vip
 * @address:	address to connect to; family 0: the node's address in the module
 * @port:	port to connect to
 * @interval:	time between the starts of two attempts, ns
 * @timeout:	how long one attempt may take, ns
 * @rise:	number of consecutive successes after which the member is up
 * @fall:	number of consecutive failures after which the member is down
 * @away:	so many times @interval passes between two attempts while another node holds the vip and tells its
 *		results; 1: this node heeds none of them
 * @damp:	a member that goes down again and again waits longer each time before it is up
 * @min_healthy: least part of the service's checked members that must be healthy, percent; 0: none
 * @min_line:	line of the service's check that has "min_healthy", or 0
 * @from:	http: first good status; dns: type of the record
 * @to:		http: last good status
 * @verify:	https: the server's certificate must be good
 * @share:	the server says its share; exec: the last word is the label of it
 * @words:	texts of the kind, each ended by a NUL; enum plan_word has their order
 * @words_size:	size of @words, bytes
 * @n_words:	number of texts in @words
 */
struct conf_check {
	unsigned int line;
	enum plan_kind kind;
	struct hasw_svc service;
	char node[WIRE_NAME];
	uint16_t at;
	bool vip;
	struct hasw_addr address;
	uint16_t port;
	uint64_t interval;
	uint64_t timeout;
	unsigned int rise;
	unsigned int fall;
	unsigned int away;
	bool damp;
	unsigned int min_healthy;
	unsigned int min_line;
	uint16_t from;
	uint16_t to;
	bool verify;
	bool share;
	char *words;
	size_t words_size;
	unsigned int n_words;
};

#define CONF_LOAD_PATHS		8	/* maximum number of file systems that are looked at */

/**
 * struct conf_load - which load is too much for this node
 * @on:		the load is looked at
 * @cpu:	limit of the processors' time, percent; 0: none
 * @memory:	limit of the memory in use, percent; 0: none
 * @disk:	limit of each file system, percent; 0: none
 * @share:	percentage of its weights that the node keeps while a limit is reached
 * @interval:	time between two measurements, ns
 * @rise:	measurements below all limits in a row after which the node has its whole share
 * @fall:	measurements at a limit in a row after which it has @share
 * @paths:	a path of each file system
 * @n_paths:	number of entries in @paths
 */
struct conf_load {
	bool on;
	unsigned int cpu;
	unsigned int memory;
	unsigned int disk;
	unsigned int share;
	uint64_t interval;
	unsigned int rise;
	unsigned int fall;
	char *paths[CONF_LOAD_PATHS];
	unsigned int n_paths;
};

#define CONF_HOOK_OBJECTS	16	/* maximum number of objects of a notify command */

/**
 * struct conf_hook - which events a notify command is told of
 * @events:	bitmap of the events, in the order of conf_events; 0: all
 * @objects:	names of the objects that an event must be about
 * @n_objects:	number of entries in @objects; 0: all
 */
struct conf_hook {
	uint32_t events;
	char *objects[CONF_HOOK_OBJECTS];
	unsigned int n_objects;
};

/**
 * struct conf_agents - what the configuration of the cluster has for the agents
 * @text:	settings of all agents as they are in a file, from malloc(); NULL: there are none
 * @nodes:	entries of nodes beside those in the file's list, one a line, from malloc(); NULL: there are none
 * @hash:	hash of both; 0: there are none
 * @generation:	number of the configuration that has them; 0: one that is not committed yet
 * @none:	this node has no configuration of the cluster on its disk
 */
struct conf_agents {
	char *text;
	char *nodes;
	uint64_t hash;
	uint64_t generation;
	bool none;
};

/* What is known of the entries of nodes that the configuration of the cluster has. */
enum conf_entries {
	CONF_ENTRIES_UNASKED,	/* nobody asked for them, or this node has no part in what is committed */
	CONF_ENTRIES_UNKNOWN,	/* an error was there before */
	CONF_ENTRIES_NONE,	/* no configuration is on the disk */
	CONF_ENTRIES_READ,
};

/* The settings that can come from there, in the order of conf_shared. */
enum conf_agents_setting {
	CONF_AGENTS_CHECKS,
	CONF_AGENTS_LOAD,
	CONF_AGENTS_NOTIFY,
	CONF_AGENTS_PULSES,
	CONF_AGENTS_JOURNAL,
	CONF_AGENTS_ROUTES,
	CONF_AGENTS_SETTINGS,
};

/**
 * struct conf - the whole configuration
 * @file:	the file's name
 * @empty:	the file does not exist, or has no bytes
 * @key_file:	the key file's name
 * @keys:	the keys of the key file
 * @self:	index of this node in @nodes
 * @nodes:	array of all nodes
 * @n_nodes:	number of entries in @nodes
 * @entries:	what is known of entries of nodes beside a list
 * @listed:	@nodes were read from the file or from corosync; if not, from the module
 * @corosync:	@nodes are those of corosync's nodelist, and its quorum is a condition to hold leases
 * @paths:	array of all paths
 * @n_paths:	number of entries in @paths, at least one
 * @profile:	the profile, a named set of default times
 * @heartbeat:	interval of the agent's heartbeats, ns
 * @suspect:	how long a peer can be silent and still be reported as alive to the module,
 *		ns
 * @suspect_most: upper limit to which lateness of this node or of the peer can extend
 *		@suspect, ns; equals @suspect if the file sets "suspect"
 * @time:	how long the module treats a node as alive after the last BEAT that reported
 *		the node, ns. BEATs are the messages that report nodes as alive to the module
 * @pulse:	the agents configure pulses, the heartbeats between modules
 * @pulse_interval: interval of the pulses, ns
 * @pulse_multiplier: number of missing pulses after which a module declares the peer lost
 * @pulse_adapts: lateness of this node or of the peer raises the multiplier. The module
 *		then tolerates missing pulses for as long as the agent tolerates missing
 *		heartbeats
 * @vote:	the agents vote on which node holds each of the module's leases
 * @lease_longest: longest time for which a voter grants a lease, ns
 * @voter_file:	name of the file in which this node's voter stores its promises
 * @config_folder: folder in which the keeper stores the cluster's configurations
 * @checks:	array of all health checks
 * @n_checks:	number of entries in @checks
 * @load:	which load is too much for this node
 * @fence:	command that switches off the other node of a pair, or NULL
 * @split:	the other node of a pair is presumed off if it replies to no ARP or neighbour
 *		discovery probe on the links to the clients
 * @fence_time:	how long @fence may run, ns
 * @fence_after: how long the other node must be silent before it is fenced, ns
 * @fence_delay: additional wait of the node with the larger voter id, ns. In a new cluster,
 *		voter ids follow the order of the nodes' names
 * @journal:	a journal is written
 * @journal_folder: folder of all journals on this machine
 * @journal_size: bytes that this node's journal may have
 * @journal_age: how long its lines are kept, ns
 * @http:	where HTTP requests are answered; family 0: nowhere
 * @routes_table: number of the routing table that has a route for each vip held by this node; 0: none
 * @notify_time:	how long a notify command may run, ns
 * @hooks:	paths of the notify commands
 * @hook:	what each of them is told of
 * @n_hooks:	number of entries in @hooks
 * @agents:	settings of all agents that were read with the file; all zero on a witness, which needs none of them
 * @shared:	which settings come from there, bitmap of enum conf_agents_setting
 */
struct conf {
	char *file;
	bool empty;
	char *key_file;
	struct key_ring keys;
	unsigned int self;
	struct conf_node *nodes;
	unsigned int n_nodes;
	enum conf_entries entries;
	bool listed;
	bool corosync;
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
	char *config_folder;
	struct conf_check *checks;
	unsigned int n_checks;
	struct conf_load load;
	char *fence;
	bool split;
	uint64_t fence_time;
	uint64_t fence_after;
	uint64_t fence_delay;
	bool journal;
	char *journal_folder;
	uint64_t journal_size;
	uint64_t journal_age;
	struct sockaddr_storage http;
	uint32_t routes_table;
	uint64_t notify_time;
	char *hooks[CONF_HOOKS];
	struct conf_hook hook[CONF_HOOKS];
	unsigned int n_hooks;
	struct conf_agents agents;
	unsigned int shared;
};

/* Callback for each configuration error: @where is file:line, @what the error text. */
typedef void (*conf_report_fn)(void *arg, const char *where, const char *what);

struct corosync_report;
struct module_node;
struct hasw_error;

/* Callback that reads the module's nodes; the caller frees @nodes. Returns 0, or a negative errno with @err filled. */
typedef int (*conf_nodes_fn)(struct module_node **nodes, unsigned int *n,
			     struct hasw_error *err);

/* Callback that reads corosync's nodelist. Returns NULL with @why, of CONF_WHY bytes, filled. */
typedef const struct corosync_report *(*conf_corosync_fn)(void *arg, char *why);

/*
 * Callback that gets the settings of all agents. @folder is the one of the cluster's configurations. Returns 0 with @agents
 * filled, also if there are none; or a negative errno with @why, of CONF_WHY bytes, filled.
 */
typedef int (*conf_agents_fn)(const void *arg, const char *folder, struct conf_agents *agents, char *why);

/**
 * struct conf_ask - where that comes from which the file does not have
 * @module:	reads the module's nodes
 * @corosync:	reads corosync's nodelist, for engine = "corosync"
 * @arg:	passed to @corosync
 * @agents:	gets the settings of all agents; NULL: there are none
 * @agents_arg:	passed to @agents
 */
struct conf_ask {
	conf_nodes_fn module;
	conf_corosync_fn corosync;
	void *arg;
	conf_agents_fn agents;
	const void *agents_arg;
};

extern const char *const conf_events[];
extern const char *const conf_shared[];

bool conf_hook_wants(const struct conf_hook *hook, const char *event, const char *object, const char *other);
bool conf_empty(const char *file);
const char *conf_emptied(const char *file, bool was_empty);
struct conf *conf_read(const char *file, const struct conf_ask *ask,
		       conf_report_fn report, void *arg);
int conf_has_engine(const char *file, conf_report_fn report, void *arg);
int conf_folder_of(const char *file, char **folder, conf_report_fn report, void *arg);
void conf_node_addrs(const struct conf_node *node, struct hasw_addr *addr4, struct hasw_addr *addr6);
bool conf_witness(const struct conf *conf);
bool conf_node_witness(const struct conf *conf, const char *name);
#define CONF_WHERE	512
const char *conf_node_where(const struct conf *conf, const struct conf_node *node, char where[CONF_WHERE]);
const char *conf_checks_file(const struct conf *conf, char name[CONF_AGENTS_NAME]);
void conf_agents_free(struct conf_agents *agents);
void conf_free(struct conf *conf);

#endif
