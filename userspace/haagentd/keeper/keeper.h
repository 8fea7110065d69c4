/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keeper: a process of the agent that keeps the cluster's configurations. It writes them to the disk, sends them to
 * other nodes and gets them from there, and has haadm check them and put them in place. The agent's loop does none of
 * this, because each of these can block.
 */
#ifndef HAAGENTD_KEEPER_H
#define HAAGENTD_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "config_wire.h"
#include "haagentd/conf/conf.h"
#include "haagentd/conf/conf_begun.h"
#include "haagentd/process.h"

struct event;
struct event_base;

#define KEEPER_NODES	HASW_VOTE_NODES
#define KEEPER_WHY	512

/**
 * struct keeper_peer - what the keeper is told of another node
 * @name:	its name
 * @heard:	its heartbeats are received
 * @witness:	it is a witness, which has no module
 * @leaving:	it is configured no more, but still in the voter set
 * @can:	its agent knows of configurations of the cluster
 * @agents:	its agent knows that they can have settings of all agents
 * @journal:	its keeper sends lines of its journal
 * @nodes:	its agent knows that they can have entries of nodes
 * @said:	what its agent says; all zero while it is not heard, or was just started
 * @at:		its address and port on each path; family 0: none
 */
struct keeper_peer {
	char name[WIRE_NAME];
	bool heard;
	bool witness;
	bool leaving;
	bool can;
	bool agents;
	bool journal;
	bool nodes;
	struct config_word said;
	struct sockaddr_storage at[PEER_PATHS];
};

/**
 * struct keeper_view - what the keeper is told by the agent
 * @self:	name of this node
 * @folder:	folder of the configurations
 * @journal:	folder of the journals; empty: this agent writes none
 * @journal_size: bytes that the journal of one node may have
 * @journal_age: how long its lines are kept, ns
 * @file:	the agent's own configuration file, an absolute name
 * @witness:	this node is a witness
 * @listed:	@file lists the nodes, so that a node that comes by an invitation needs an entry beside them
 * @path:	name of the first path if there are several, else empty
 * @corosync:	corosync's nodelist does, and not @file
 * @pair:	setting of @file that is for two nodes alone, "fence" or "split", else empty
 * @begun:	settings of @file that begin with a restart of the agent, as it runs
 * @why:	why no configuration can be committed here, or empty
 * @agents:	hash of the settings of all agents that this agent has in force; 0: none
 * @keys:	the shared keys
 * @stored:	newest configuration that any voter is known to have on its disk
 * @committed:	newest configuration that is known to be committed
 * @said:	what this node says of itself
 * @local:	this node's address and port on each path; family 0: none
 * @peers:	the other nodes
 * @n_peers:	their number
 */
struct keeper_view {
	char self[WIRE_NAME];
	char folder[256];
	char journal[1024];
	uint64_t journal_size;
	uint64_t journal_age;
	char file[4096];
	bool witness;
	bool listed;
	char path[CONF_PATH_NAME];
	bool corosync;
	char pair[8];
	struct conf_begun begun;
	char why[KEEPER_WHY];
	uint64_t agents;
	struct key_ring keys;
	struct hasw_vote_conf stored;
	struct hasw_vote_conf committed;
	struct config_word said;
	struct sockaddr_storage local[PEER_PATHS];
	struct keeper_peer peers[KEEPER_NODES];
	unsigned int n_peers;
};

enum keeper_kind {
	KEEPER_VIEW,	/* to the keeper */
	KEEPER_ASK,	/* to the keeper, with the socket of a client of the agent */
	KEEPER_COMMIT,	/* to the agent, with a socket on which the result is expected */
	KEEPER_RUNS,	/* to the agent: what this node runs */
};

/**
 * struct keeper_order - a message to the keeper
 * @kind:	KEEPER_VIEW or KEEPER_ASK
 * @view:	what the keeper is told
 */
struct keeper_order {
	enum keeper_kind kind;
	struct keeper_view view;
};

/**
 * struct keeper_report - a message to the agent
 * @kind:	KEEPER_COMMIT or KEEPER_RUNS
 * @base:	commit: the configuration that is to be replaced
 * @hash:	commit: hash of the new text
 * @runs:	what this node runs
 * @agents:	hash of the settings of all agents that @runs has; 0: none
 * @lost:	the text of @runs is not on the disk of this node
 * @stamp:	of the file with it, as it was whole; all zero: it has to be read
 * @state:	enum config_state
 * @committed:	runs: the committed configuration that @node is about
 * @node:	runs: the node on which it was applied, if this node had it in place never before; else empty
 * @why:	why the committed configuration could not be put in place, or empty
 */
struct keeper_report {
	enum keeper_kind kind;
	struct hasw_vote_conf base;
	uint64_t hash;
	struct hasw_vote_conf runs;
	uint64_t agents;
	bool lost;
	struct generation_stamp stamp;
	uint8_t state;
	struct hasw_vote_conf committed;
	char node[WIRE_NAME];
	char why[KEEPER_WHY];
};

/**
 * struct keeper_result - the agent's reply to KEEPER_COMMIT
 * @done:	the configuration is committed
 * @conf:	the configuration
 * @why:	why it is not, or is perhaps not
 */
struct keeper_result {
	bool done;
	struct hasw_vote_conf conf;
	char why[KEEPER_WHY];
};

/**
 * struct keeper_ops - callbacks of the keeper
 * @commit:	a configuration is to be committed; the callback owns @fd, on which it sends a struct keeper_result
 * @runs:	what this node runs has changed
 */
struct keeper_ops {
	void (*commit)(void *arg, const struct hasw_vote_conf *base, uint64_t hash, int fd);
	void (*runs)(void *arg, const struct keeper_report *report);
};

/**
 * struct keeper - the agent's side of the keeper
 * @ops:	the callbacks
 * @arg:	passed to @ops
 * @base:	the event loop
 * @fd:		socket to the process, -1 while there is none
 * @process:	the process
 * @again:	when it may be started again, ns
 * @report:	fires when a message arrives, or the process ends
 * @look:	when to look again whether there is something to tell, ns
 * @told:	what the process was told last
 */
struct keeper {
	const struct keeper_ops *ops;
	void *arg;
	struct event_base *base;
	int fd;
	struct process process;
	uint64_t again;
	struct event *report;
	uint64_t look;
	struct keeper_order told;
};

int keeper_open(struct keeper *k, struct event_base *base, const struct keeper_ops *ops, void *arg);
void keeper_close(struct keeper *k);
bool keeper_due(struct keeper *k, uint64_t now);
void keeper_tell(struct keeper *k, const struct keeper_view *view, uint64_t now);
bool keeper_ask(struct keeper *k, int fd);
void keeper_main(int fd) __attribute__((noreturn));

#endif
