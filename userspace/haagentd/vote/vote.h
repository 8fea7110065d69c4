/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent's vote on leases: it connects the voting rules (include/rules/) with the peers, the voter's file and the
 * module. A lease is the right to answer for some vips, and a grant gives the lease to a node until a deadline. A
 * long right is a grant that outlasts a planned stop of the agent. A claim is the message by which a node states that
 * it holds a lease. A fence is a command that switches off the other node of a two-node cluster.
 */
#ifndef HAAGENTD_VOTE_H
#define HAAGENTD_VOTE_H

#include <stdbool.h>
#include <stdint.h>

#include <rules/vote_seat_owner.h>

#include "haagentd/peer/cluster.h"
#include "haagentd/conf/conf.h"
#include "haagentd/keeper/config_wire.h"
#include "flap.h"
#include "lease_sock.h"
#include "lease_stop.h"
#include "haagentd/module/module.h"
#include "store.h"
#include "vote_answer.h"
#include "vote_fence.h"
#include "vote_map.h"
#include "vote_sets.h"
#include "vote_wire.h"

struct event;
struct event_base;
struct keeper_view;

#define VOTE_CLAIM	16	/* size of a claim in a packet, bytes */
#define VOTE_BAR	256	/* size of a reason to hold no lease, bytes */
#define VOTE_SELF_ROOM	1024	/* maximum number of queued messages from this node to itself */

/**
 * struct vote_heir - the node to which a planned move gives a lease
 * @node:	id of that node, -1 for none
 * @epoch:	epoch under which the lease was released for @node
 * @begun:	when this agent first learned of the move, ns
 * @until:	time until which the other nodes do not ask for the lease, ns
 * @grant_at:	when the agent passes the held-back grant to the module, ns; 0: no grant is
 *		held back
 * @known:	bitmap of nodes whose modules know that this node holds the lease
 * @leaves:	bitmap of nodes that said, as they released the lease, that they leave the cluster
 */
struct vote_heir {
	int node;
	uint64_t epoch;
	uint64_t begun;
	uint64_t until;
	uint64_t grant_at;
	uint32_t known;
	uint32_t leaves;
};

/**
 * struct vote_heard - the newest claim that this agent has heard from a holder itself
 * @from:	id of the holder
 * @epoch:	epoch of the claim
 * @until:	when the claim expires, ns; 0: there is none
 */
struct vote_heard {
	unsigned int from;
	uint64_t epoch;
	uint64_t until;
};

/**
 * struct vote_lease - what the agent stores about a lease, in addition to struct hasw_seat_lease
 * @name:	name of the lease; empty if this node knows only the lease's number, from peers
 * @here:	the lease is configured in this node's module
 * @stopping:	the agent has asked the module to end the grant, and waits for the reply
 * @epoch:	epoch under which this node holds the lease, or held it last
 * @until:	end of this node's grant under @epoch, ns; 0 or in the past: this node holds no grant
 * @told:	latest deadline that the module might have for the grant, ns
 * @asked:	highest epoch under which this node ever asked its module to hold the lease
 * @unanswered:	since when the module has not answered this node's grant, ns; 0: it has
 * @top:	highest epoch of the lease that the module knows
 * @routed:	the kernel has routes of the lease's vips, as the process that keeps them has told
 * @tied:	the module ends the grant when the agent's netlink socket is closed
 * @before:	this node holds the lease by a long right that an earlier run of the agent obtained
 * @holder:	id of the node that claims the lease, itself or as voters repeat, -1 for none
 * @claimed:	when @holder's claim expires, ns
 * @heard:	the newest claim that was heard directly; a voter repeats it
 * @said:	deadline of another node's grant, as this agent last passed it to the module, ns; 0: none
 * @cut_off:	time until which this node does not ask for the lease, because its client links are down, ns
 * @lacking:	when the module first refused the lease in a row of refusals, because client links are down, ns; 0: never
 * @heir:	the node to which a planned move gives the lease
 * @limited:	only the nodes of @only are allowed to hold the lease
 * @only:	bitmap of the ids of the nodes that are allowed to hold the lease
 * @away:	bitmap of the ids of the nodes that are no candidates for the lease, because protodown of its
 *		device is on there; see vote_away.c
 * @away_until:	for each node but this one, when its bit in @away is cleared, ns
 * @prefer:	ids of the nodes that should hold the lease, the most preferred one first
 * @n_prefer:	number of ids in @prefer
 * @failback:	how long after the return of a preferred node the lease moves to that node, ns
 * @found:	when the agent first found the lease in the module, ns
 * @taken:	when this node last began to hold the lease, ns
 * @flap:	penalty that grows each time this node gives the lease back to a preferred node
 * @retry:	time before which no further move to another node is tried, ns
 * @load:	number of other leases by zone, for the order of the nodes; see vote_spread()
 */
struct vote_lease {
	char name[WIRE_NAME];
	bool here;
	bool stopping;
	uint64_t epoch;
	uint64_t until;
	uint64_t told;
	uint64_t asked;
	uint64_t unanswered;
	uint64_t top;
	bool routed;
	bool tied;
	bool before;
	int holder;
	uint64_t claimed;
	struct vote_heard heard;
	uint64_t said;
	uint64_t cut_off;
	uint64_t lacking;
	struct vote_heir heir;
	bool limited;
	uint32_t only;
	uint32_t away;
	uint64_t away_until[HASW_VOTE_NODES];
	uint8_t prefer[HASW_VOTE_NODES];
	unsigned int n_prefer;
	uint64_t failback;
	uint64_t found;
	uint64_t taken;
	struct flap flap;
	uint64_t retry;
	uint8_t load[HASW_VOTE_NODES];
};

/**
 * struct vote_there - whether a node could hold leases
 * @state:	state of the node as this node's module reports it, enum haswitch_node_state
 * @zone:	the lowest id of the nodes in the same zone; nodes without a zone count as one zone
 * @fit:	the node is alive and usable, see vote_alive() and vote_usable()
 * @returned:	the node says, or the others say of this node, that some module has it as held
 * @since:	when @fit became true, ns
 * @flap:	penalty that grows each time the node is lost
 */
struct vote_there {
	unsigned int state;
	unsigned int zone;
	bool fit;
	bool returned;
	uint64_t since;
	struct flap flap;
};

/**
 * struct vote_peer - what this agent's vote stores about another node
 * @life:	id of the peer's session; @top and @window describe the records of this
 *		session
 * @top:	highest record number that was received
 * @window:	bitmap of the received records among the 64 numbers up to @top
 * @told:	the agent has logged that the peer's settings differ from this node's
 *		settings
 * @differs:	when the peer's settings began to differ from this node's settings, ns; 0:
 *		they are equal
 * @set_told:	when this node last sent its voter set to the peer because of @differs,
 *		ns
 * @asked:	when this node last sent the peer a question that its round trip is measured
 *		by, ns; 0: no answer is awaited
 * @question:	number of that question
 * @round_trip:	how long the peer's answers take, a moving average, ns; 0: unknown
 * @measured:	when @round_trip last changed, ns
 * @claimed:	when this node last sent its claims to the peer, ns
 * @claim_at:	slot of the lease that the next packet claims first, because one packet can
 *		lack room for all claims
 * @repeated:	when this node last repeated other nodes' claims to the peer, ns
 * @repeat_at:	slot of the lease that the next repetition begins with
 * @size:	bytes used in @out
 * @out:	voting messages that wait to be sent
 * @config:	what the peer's last record has said of the cluster's configuration
 * @config_at:	when that record was received, ns; 0: none yet
 * @config_life: the peer's session in which it was
 * @moves_size:	bytes used in @moves
 * @moves:	messages about planned moves that wait to be sent
 */
struct vote_peer {
	uint8_t life[WIRE_SESSION];
	uint64_t top;
	uint64_t window;
	bool told;
	uint64_t differs;
	uint64_t set_told;
	uint64_t asked;
	uint64_t question;
	uint64_t round_trip;
	uint64_t measured;
	uint64_t claimed;
	unsigned int claim_at;
	uint64_t repeated;
	unsigned int repeat_at;
	size_t size;
	uint8_t out[WIRE_RECORDS_MAX];
	struct config_word config;
	uint64_t config_at;
	uint8_t config_life[WIRE_SESSION];
	size_t moves_size;
	uint8_t moves[WIRE_RECORDS_MAX];
};

/**
 * enum vote_config_task - what this node does with the lease @config
 * @CONFIG_IDLE: nothing; it does not want the lease
 * @CONFIG_SETTLE: it has the newest configuration that a voter has stored committed
 * @CONFIG_COMMIT: it commits a new configuration
 */
enum vote_config_task {
	CONFIG_IDLE,
	CONFIG_SETTLE,
	CONFIG_COMMIT,
};

/**
 * struct vote_config - the cluster's configuration (rule 19)
 * @committed:	the newest configuration of which this node knows that it is committed
 * @runs:	the configuration that this node runs; the epoch is not used
 * @state:	enum config_state of this node
 * @task:	what this node does with the lease @config
 * @until:	when it gives @task up, ns
 * @base:	the configuration that the new one replaces
 * @hash:	hash of the new one
 * @written:	the voters were asked to store the new one
 * @client:	socket on which the keeper waits for the result; -1: none
 * @stopped:	the voting rules have ended the grant of @config, and wait for hasw_seat_stopped()
 * @unsettled:	since when a voter has stored a configuration that is newer than @committed, ns; 0: none has
 * @current_at:	when this node last ran the newest configuration, ns; 0: not since the agent's start
 * @send_at:	when this node sends its record again, ns
 * @sent:	record that was sent last
 */
struct vote_config {
	struct hasw_vote_conf committed;
	struct hasw_vote_conf runs;
	uint8_t state;
	enum vote_config_task task;
	uint64_t until;
	struct hasw_vote_conf base;
	uint64_t hash;
	bool written;
	int client;
	bool stopped;
	uint64_t unsettled;
	uint64_t current_at;
	uint64_t send_at;
	struct config_word sent;
};

/* The stages in which an ending agent gives up its leases. */
enum vote_part {
	VOTE_STAYS,
	VOTE_LONG,	/* the agent asks for grants that last until it has started again */
	VOTE_GOES,	/* the agent releases the leases, so that other nodes can hold them */
};

/**
 * struct vote - the vote of this agent
 * @cluster:	the cluster, which sends messages to the peers
 * @module:	socket to the module for all requests except grants
 * @journal:	the journal; NULL: there is none
 * @map:	node names, ids and votes of the voter set
 * @sets:	changes of the voter set
 * @agree:	hash of the nodes, their votes and the agreed times; it must be equal on two nodes that count each
 *		other's votes
 * @profile:	profile of the agreed times
 * @t:		agreed times of the vote
 * @seat:	this node's state in the voting rules
 * @lease:	leases, by slot of the seat
 * @peer:	peers, by id
 * @there:	whether each node could hold leases, by id
 * @number:	number of the last record that was sent
 * @self:	ring buffer of the messages that this node sends to itself
 * @self_at:	index of the oldest message in @self
 * @self_n:	number of messages in @self
 * @peer_index:	for each node, by id, the index at which vote_tick() has found it last in the peers of @cluster
 * @claim:	claims must be sent to all peers at once: this node asks for grants, as for renewals, or begins to hold
 * @repeat_look: when this node looks again for peers to which it repeats claims, ns
 * @begun:	the voting rules run
 * @running:	this node takes part in the vote; if not, @why has the reason
 * @why:	why this node takes no part in the vote, as text for the log and haadm
 * @file_at:	when to try again to open the voter's file, ns; 0: no further attempt is needed
 * @file_probe:	running attempt to open the voter's file; NULL: none runs
 * @sock:	netlink socket to which grants are tied
 * @opened:	value of @module->opened when @sock was opened
 * @stop:	thread that asks the module to end grants
 * @store:	the voter's file
 * @timer:	fires at @planned
 * @planned:	when the voting rules must run next, ns
 * @armed:	the time for which @timer is set, which can be past, or UINT64_MAX for never, ns; 0: it is not known
 * @written:	fires when the write of an image has ended, with or without success
 * @ended:	fires when @stop has ended a grant
 * @again:	when to try again to write an image, ns; 0: no write failed
 * @routes:	held vips have routes, which are withdrawn before a lease is released
 * @trouble:	the agent has logged that requests to the module fail
 * @stuck:	the agent has logged that this voter can never recover
 * @judges:	this node was once able to serve, or @patient has passed; from then on, this node releases its leases
 *		whenever it is not able to serve
 * @shorten:	when to cut the long rights of an earlier run of the agent to the usual length, ns; 0: there are none
 * @zones:	the nodes are in several zones, as vote_look_nodes() has found
 * @by_number:	slots of the seat by the numbers of their leases, as vote_spread() has sorted them last
 * @sorted:	number of entries in @by_number
 * @away_at:	when this node tells its peers again from which leases it is away, ns; see vote_away.c
 * @known:	when this agent first had a voter state, or found that this node has no vote, ns; 0: not yet
 * @patient:	time until which a voter without a state is no sign of trouble, ns
 * @answers:	answers to users who asked to move leases
 * @fence:	fence that switches off the other node of a two-node cluster
 * @config:	the cluster's configuration
 * @look:	the leases must be read from the module, because they can have changed
 * @look_nodes:	the node states must be read from the module, because they can have changed
 * @listed:	the configuration file lists the nodes; otherwise the nodes are read from the module
 * @other_nodes: @listed is false, and the module's nodes differ from those of @sets.wanted
 * @fit:	this node was able to serve at the last vote_tick()
 * @bar:	why this node may hold no lease, whatever the vote says; empty: it may
 * @part:	stage in which the agent gives up its leases
 * @parted:	the agent asks for no more long rights, and releases each lease without one
 * @part_until:	deadline of stage @part, ns
 */
struct vote {
	struct cluster *cluster;
	struct module *module;
	struct journal *journal;
	struct vote_map map;
	struct vote_sets sets;
	uint64_t agree;
	enum hasw_vote_profile profile;
	struct hasw_vote_times t;
	struct hasw_seat seat;
	struct vote_lease lease[HASW_VOTE_LEASES];
	struct vote_peer peer[HASW_VOTE_NODES];
	struct vote_there there[HASW_VOTE_NODES];
	uint64_t number;
	struct hasw_vote_msg self[VOTE_SELF_ROOM];
	unsigned int self_at;
	unsigned int self_n;
	unsigned int peer_index[HASW_VOTE_NODES];
	bool claim;
	uint64_t repeat_look;
	bool begun;
	bool running;
	char why[512];
	uint64_t file_at;
	struct store_probe *file_probe;
	struct lease_sock sock;
	unsigned int opened;
	struct lease_stop stop;
	struct store store;
	struct event *timer;
	uint64_t planned;
	uint64_t armed;
	struct event *written;
	struct event *ended;
	uint64_t again;
	bool routes;
	bool trouble;
	bool stuck;
	bool judges;
	uint64_t shorten;
	bool zones;
	uint16_t by_number[HASW_VOTE_LEASES];
	unsigned int sorted;
	uint64_t away_at;
	uint64_t known;
	uint64_t patient;
	struct vote_answers answers;
	struct vote_fence fence;
	struct vote_config config;
	bool look;
	bool look_nodes;
	bool listed;
	bool other_nodes;
	bool fit;
	char bar[VOTE_BAR];
	enum vote_part part;
	bool parted;
	uint64_t part_until;
};

int vote_open(struct vote *v, const struct conf *conf, struct event_base *base,
	      struct cluster *c, struct module *m);
void vote_begin(struct vote *v);
void vote_retire(struct vote *v);
void vote_close(struct vote *v);
void vote_pace(struct vote *v);
bool vote_witness(const struct vote *v, unsigned int id);
void vote_write_again(struct vote *v);
unsigned int vote_slot(struct vote *v, uint32_t number);
void vote_plan(struct vote *v);
void vote_routed(struct vote *v, const char *lease, bool routed);
void vote_seat_open(struct vote *v, const struct hasw_vote_set *set,
		    const struct hasw_voter_disk *disk);
void vote_seat_begin(struct vote *v);
void vote_grant(struct vote *v, unsigned int slot, bool begins);

/* vote_talk.c: messages between the nodes. */
struct cluster_peer *vote_peer_at(const struct vote *v, unsigned int id);
void vote_peer_reset(struct vote *v, unsigned int id);
void vote_send(struct vote *v, unsigned int to, const struct hasw_vote_msg *m);
void vote_send_word(struct vote *v, unsigned int id, const struct vote_word *word);
void vote_said(struct vote *v, struct cluster_peer *peer,
	       const struct wire_record *record);
void vote_flush(struct vote *v);

/* vote_leases.c: which leases this node wants, and how it gives them up. */
void vote_reach(struct vote *v);
unsigned int vote_find(const struct vote *v, uint32_t number);
unsigned int vote_stopping(const struct vote *v);
void vote_look(struct vote *v);
void vote_tick(struct vote *v, bool fit);
void vote_bar(struct vote *v, const char *why);
bool vote_alive(const struct vote *v, unsigned int id);
bool vote_hears(const struct vote *v, unsigned int id);
bool vote_file_back(struct vote *v, const char *path);
bool vote_cloned(struct vote *v, const char *path);
void vote_lost(struct vote *v, const char *lease, uint64_t epoch);
void vote_links_changed(struct vote *v);
void vote_cut_off(struct vote *v, const char *lease);
bool vote_partly(const struct vote_lease *l, uint64_t now);
void vote_resigned(struct vote *v, const char *node, const char *lease,
		   uint64_t epoch, bool going);
bool vote_waits(const struct vote *v, uint64_t now);
unsigned int vote_holds(const struct vote *v, uint64_t now);
uint32_t vote_heard(const struct vote *v);
void vote_leave(struct vote *v, enum vote_part part);
bool vote_left(struct vote *v);
const char *vote_reload(struct vote *v, const struct conf *old,
			const struct conf *conf);

/* vote_config.c: the cluster's configuration, and the lease @config. */
void vote_config_said(struct vote *v, struct cluster_peer *peer, const struct wire_record *record);
void vote_config_committed(struct vote *v, const struct hasw_vote_conf *conf);
void vote_config_stopped(struct vote *v);
void vote_config_commit(struct vote *v, const struct hasw_vote_conf *base, uint64_t hash, int client);
void vote_config_runs(struct vote *v, const struct hasw_vote_conf *runs, uint8_t state);
void vote_config_tick(struct vote *v, uint64_t now);
void vote_config_close(struct vote *v);
const char *vote_config_behind(const struct vote *v, uint64_t now);
bool vote_config_catches_up(const struct vote *v, uint64_t now);
bool vote_config_of(const struct vote *v, unsigned int id, uint64_t now, struct hasw_vote_conf *runs, uint8_t *state);
void vote_config_differs(const struct vote *v, uint64_t now, uint32_t *changed, uint32_t *behind);
void vote_config_view(const struct vote *v, struct keeper_view *view);

/* vote_claims.c: which node holds a lease, as nodes say it of themselves, and as voters repeat it. */
void vote_claimed(struct vote *v, unsigned int from, const uint8_t *data,
		  size_t size);
size_t vote_claims(struct vote *v, unsigned int *at, uint8_t *to, size_t room);
size_t vote_repeats(struct vote *v, unsigned int id, uint8_t *to, size_t room);
void vote_repeated(struct vote *v, unsigned int from, const uint8_t *data,
		   size_t size);

/* vote_move.c: planned moves. */
int vote_move(struct vote *v, unsigned int slot, int to);
void vote_let_go(struct vote *v, unsigned int slot);
void vote_released(struct vote *v, const char *lease, uint64_t epoch,
		   const char *successor);
void vote_asked(struct vote *v, const char *lease, const char *successor);
void vote_words_heard(struct vote *v, unsigned int from, const uint8_t *data,
		      size_t size);
bool vote_hands_over(const struct vote *v, unsigned int slot);
void vote_goes(struct vote *v, unsigned int slot);
void vote_goes_to(struct vote *v, unsigned int slot, unsigned int id);
bool vote_named(const struct vote *v, unsigned int slot, uint64_t now);
void vote_hold_back(struct vote *v, unsigned int slot, uint64_t now);
void vote_inherited(struct vote *v, unsigned int slot, unsigned int from,
		    uint64_t epoch);
uint64_t vote_move_wake(const struct vote *v);
bool vote_move_tick(struct vote *v, uint64_t now);

/* vote_away.c: the nodes that are no candidates for a lease, because protodown of its device is on there. */
void vote_away_say(struct vote *v, unsigned int slot);
void vote_away_take(struct vote *v, unsigned int slot, bool away);
void vote_away_heard(struct vote *v, unsigned int slot, unsigned int from, bool away);
void vote_away_tick(struct vote *v, uint64_t now);

/**
 * vote_away - return whether a node is away from a lease
 * @v:		the vote
 * @slot:	slot of the lease
 * @id:		id of the node
 *
 * Return: yes or no
 */
static inline bool vote_away(const struct vote *v, unsigned int slot, unsigned int id)
{
	return v->lease[slot].away >> id & 1;
}

/* vote_prefer.c: the nodes that should hold a lease (`prefer`), and those that are allowed to hold it (`only`). */
void vote_nodes_take(struct vote *v, unsigned int slot,
		     const struct module_lease *found);
bool vote_may(const struct vote *v, unsigned int slot, unsigned int id);
bool vote_wanted(const struct vote *v, unsigned int slot, uint64_t now);
unsigned int vote_rank(const struct vote *v, unsigned int slot, unsigned int id, uint64_t now);
void vote_spread(struct vote *v, uint64_t now);
void vote_node_is(struct vote *v, const char *name, unsigned int state);
void vote_look_nodes(struct vote *v);
bool vote_usable(const struct vote *v, unsigned int id);
int vote_next(const struct vote *v, unsigned int slot, unsigned int holder);
void vote_prefer(struct vote *v, uint64_t now);
bool vote_only_words(const struct vote *v, unsigned int slot, char *words,
		     size_t size);
void vote_return_words(const struct vote *v, unsigned int slot, char *words,
		       size_t size);

/* vote_words.c: the state of leases in plain words. */
#define VOTE_WORDS	1280	/* buffer size, bytes; a text that lists 32 node names fits */

/**
 * struct vote_view - the holder of a lease, as this node sees it
 * @holder:	name of the holder; NULL: no holder is known
 * @epoch:	epoch under which the holder has the lease
 * @remaining:	how long the grant still lasts, ns
 * @wanted:	this node wants the lease, so it holds the lease or asks for it
 * @successor:	name of the node that would follow the holder now; NULL: none could
 * @planned:	@successor could follow in a planned move only, because without the holder too
 *		few voters are heard
 * @why:	why no node holds the lease, or why none could follow the holder; empty if
 *		@successor is not NULL
 */
struct vote_view {
	const char *holder;
	uint64_t epoch;
	uint64_t remaining;
	bool wanted;
	const char *successor;
	bool planned;
	char why[VOTE_WORDS];
};

void vote_view(const struct vote *v, unsigned int slot, uint64_t now,
	       struct vote_view *view);
void vote_words(const struct vote *v, unsigned int slot, char *words,
		size_t size);
void vote_witness_words(const struct vote *v, char *words, size_t size);

#endif
