/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's vote: it connects this node's seat of the rules with the peers, the voter's file and the module. */
#ifndef HAAGENTD_VOTE_H
#define HAAGENTD_VOTE_H

#include <stdbool.h>
#include <stdint.h>

#include <rules/vote_seat_owner.h>

#include "cluster.h"
#include "conf.h"
#include "flap.h"
#include "lease_sock.h"
#include "lease_stop.h"
#include "module.h"
#include "store.h"
#include "vote_fence.h"
#include "vote_map.h"
#include "vote_sets.h"
#include "vote_wire.h"

struct event;
struct event_base;

#define VOTE_CLAIM	16	/* bytes of a claim */
#define VOTE_SELF_ROOM	1024	/* messages of this node to itself that can wait */

/**
 * struct vote_heir - the node that is to have a lease next, by a planned move
 * @node:	id of that node, -1 for none
 * @epoch:	epoch under which the lease was released for it
 * @begun:	when this agent heard of the move, ns
 * @until:	until then the other nodes do not ask for the lease, ns
 * @grant_at:	when the agent sends the voters' grant for this node to the module, ns;
 *		0: the grant was sent
 * @known:	bitmap of nodes whose modules know that this node holds the lease
 */
struct vote_heir {
	int node;
	uint64_t epoch;
	uint64_t begun;
	uint64_t until;
	uint64_t grant_at;
	uint32_t known;
};

/**
 * struct vote_lease - what the agent knows of a lease beside the rules' state
 * @name:	name of the lease; empty while only peers have mentioned its number
 * @here:	the module of this node has the lease
 * @stopping:	the module was asked to end the grant
 * @epoch:	epoch under which this node holds the lease, or held it last
 * @until:	end of that grant as the module has it, ns
 * @told:	latest deadline that the module may have, ns, even if it refused a later grant
 * @asked:	highest epoch under which this node ever asked its module to hold the lease
 * @top:	highest epoch that the module knows
 * @tied:	the grant ends when the netlink socket is closed
 * @before:	this node holds the lease by a long right from before this agent began
 * @holder:	id of the node that claims the lease, -1 for none
 * @claimed:	end of that claim, ns
 * @cut_off:	until then this node does not ask for the lease, as no client could reach it, ns
 * @heir:	node that is to have the lease next
 * @limited:	only the nodes of @only may hold the lease
 * @only:	bitmap of their ids
 * @prefer:	ids of the nodes that should hold the lease, the most preferred one first
 * @n_prefer:	number of ids in @prefer
 * @failback:	how long a preferred node that returned waits for the lease, ns
 * @found:	when the agent first found the lease in the module, ns
 * @taken:	when this node last began to hold the lease, ns
 * @flap:	how often this node gave the lease back to a preferred node
 * @retry:	no further move to another node is tried before then, ns, as one has failed
 */
struct vote_lease {
	char name[WIRE_NAME];
	bool here;
	bool stopping;
	uint64_t epoch;
	uint64_t until;
	uint64_t told;
	uint64_t asked;
	uint64_t top;
	bool tied;
	bool before;
	int holder;
	uint64_t claimed;
	uint64_t cut_off;
	struct vote_heir heir;
	bool limited;
	uint32_t only;
	uint8_t prefer[HASW_VOTE_NODES];
	unsigned int n_prefer;
	uint64_t failback;
	uint64_t found;
	uint64_t taken;
	struct flap flap;
	uint64_t retry;
};

/**
 * struct vote_there - whether a node could hold leases
 * @state:	enum haswitch_node_state, as this node's module has it
 * @fit:	the node is alive and usable
 * @since:	when @fit became true, ns
 * @flap:	how often the node was lost
 */
struct vote_there {
	unsigned int state;
	bool fit;
	uint64_t since;
	struct flap flap;
};

/**
 * struct vote_peer - what the vote keeps of another node
 * @life:	session id of the peer's agent, to which @top and @window belong
 * @top:	highest record number that was received
 * @window:	bitmap of the last 64 record numbers up to @top: which were received
 * @told:	it was logged that the peer's settings differ
 * @differs:	since when the peer's settings differ, ns; 0: they do not
 * @set_told:	when this node last sent its voter set to the peer because of that, ns
 * @claimed:	when this node last sent its claims to the peer, ns
 * @claim_at:	slot at which the claims go on that had no room in the last packet
 * @size:	bytes used in @out
 * @out:	messages of the rules that wait to be sent
 * @moves_size:	bytes used in @moves
 * @moves:	words about planned moves that wait to be sent
 */
struct vote_peer {
	uint8_t life[WIRE_SESSION];
	uint64_t top;
	uint64_t window;
	bool told;
	uint64_t differs;
	uint64_t set_told;
	uint64_t claimed;
	unsigned int claim_at;
	size_t size;
	uint8_t out[WIRE_RECORDS_MAX];
	size_t moves_size;
	uint8_t moves[WIRE_RECORDS_MAX];
};

/* The stages in which an ending agent gives up its leases. */
enum vote_part {
	VOTE_STAYS,
	VOTE_LONG,	/* the agent asks for long rights, so that the next agent starts before they end */
	VOTE_GOES,	/* the agent releases the leases, so that other nodes can hold them */
};

/**
 * struct vote - the vote of this agent
 * @cluster:	sends to the peers
 * @module:	the module, for all requests but grants
 * @map:	node names, ids and votes of the voter set
 * @sets:	changes of the voter set
 * @agree:	number that two nodes must have alike to count each other's votes
 * @profile:	profile of the agreed times
 * @t:		agreed times of the vote
 * @seat:	state of the rules
 * @lease:	leases, by slot of the seat
 * @peer:	peers, by id
 * @there:	whether each node could hold leases, by id
 * @number:	number of the last record that was sent
 * @self:	messages of this node to itself, a ring
 * @self_at:	index of the oldest message in @self
 * @self_n:	number of messages in @self
 * @claim:	claims must be sent to all peers at once, as this node began to hold a lease
 * @begun:	the rules run
 * @running:	this node takes part in the vote; if not, @why has the reason
 * @why:	reason in plain words, for the log and for haadm
 * @sock:	netlink socket to which grants are tied
 * @opened:	count of the opening of @module to which @sock belongs
 * @stop:	ends grants
 * @store:	the voter's file
 * @timer:	fires at @planned
 * @planned:	when the rules must run next, ns
 * @written:	fires when an image was written, or could not be written
 * @ended:	fires when a grant was ended
 * @again:	when to try again to write an image, ns; 0: no write failed
 * @trouble:	it was logged that the module can not be asked
 * @stuck:	it was logged that this voter can never recover
 * @judges:	this node was able to serve once, or @patient has passed; so it releases leases when it is not able
 * @shorten:	when to cut long rights from before this agent to usual ones, ns; 0: there are none
 * @known:	when this voter first had its state, or no vote that needs one, ns; 0: not yet
 * @patient:	until then it is normal that this voter has no state, ns
 * @fence:	fence that switches off the other node of a pair
 * @look:	the module's leases must be read, as they may have changed
 * @look_nodes:	the module's node states must be read, as they may have changed
 * @listed:	the configuration file lists the nodes; if not, they are read from the module
 * @other_nodes: without a list: the module's nodes have changed since they were read
 * @fit:	this node could serve at the last tick
 * @part:	stage in which the agent gives up its leases
 * @parted:	leases without a long right are being released
 * @part_until:	deadline of the wait in that stage, ns
 */
struct vote {
	struct cluster *cluster;
	struct module *module;
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
	bool claim;
	bool begun;
	bool running;
	char why[512];
	struct lease_sock sock;
	unsigned int opened;
	struct lease_stop stop;
	struct store store;
	struct event *timer;
	uint64_t planned;
	struct event *written;
	struct event *ended;
	uint64_t again;
	bool trouble;
	bool stuck;
	bool judges;
	uint64_t shorten;
	uint64_t known;
	uint64_t patient;
	struct vote_fence fence;
	bool look;
	bool look_nodes;
	bool listed;
	bool other_nodes;
	bool fit;
	enum vote_part part;
	bool parted;
	uint64_t part_until;
};

int vote_open(struct vote *v, const struct conf *conf, struct event_base *base,
	      struct cluster *c, struct module *m);
void vote_begin(struct vote *v);
void vote_close(struct vote *v);
void vote_pace(struct vote *v);
bool vote_witness(const struct vote *v, unsigned int id);
void vote_write_again(struct vote *v);
unsigned int vote_slot(struct vote *v, uint32_t number);
void vote_plan(struct vote *v);
void vote_seat_open(struct vote *v, const struct hasw_vote_set *set,
		    const struct hasw_voter_disk *disk);
void vote_seat_begin(struct vote *v);
void vote_grant(struct vote *v, unsigned int slot, bool begins);

/* vote_talk.c: messages between the nodes. */
struct cluster_peer *vote_peer_at(const struct vote *v, unsigned int id);
void vote_peer_reset(struct vote *v, unsigned int id);
void vote_send(struct vote *v, unsigned int to, const struct hasw_vote_msg *m);
void vote_say(struct vote *v, unsigned int id, const struct vote_word *word);
void vote_said(struct vote *v, struct cluster_peer *peer,
	       const struct wire_record *record);
void vote_flush(struct vote *v);

/* vote_leases.c: which leases this node wants, and which nodes hold them. */
void vote_reach(struct vote *v);
void vote_look(struct vote *v);
void vote_tick(struct vote *v, bool fit);
bool vote_alive(const struct vote *v, unsigned int id);
bool vote_hears(const struct vote *v, unsigned int id);
void vote_lost(struct vote *v, const char *lease, uint64_t epoch);
void vote_links_changed(struct vote *v);
void vote_cut_off(struct vote *v, const char *lease);
void vote_resigned(struct vote *v, const char *node, const char *lease,
		   uint64_t epoch, bool going);
void vote_claimed(struct vote *v, unsigned int from, const uint8_t *data,
		  size_t size);
size_t vote_claims(struct vote *v, unsigned int *at, uint8_t *to, size_t room);
bool vote_waits(const struct vote *v, uint64_t now);
unsigned int vote_holds(const struct vote *v, uint64_t now);
uint32_t vote_heard(const struct vote *v);
void vote_leave(struct vote *v, enum vote_part part);
bool vote_left(struct vote *v);
bool vote_reload(struct vote *v, const struct conf *old,
		 const struct conf *conf);

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
void vote_move_tick(struct vote *v, uint64_t now);

/* vote_prefer.c: which nodes should hold a lease, and which may. */
void vote_nodes_take(struct vote *v, unsigned int slot,
		     const struct module_lease *found);
bool vote_may(const struct vote *v, unsigned int slot, unsigned int id);
bool vote_wanted(const struct vote *v, unsigned int slot);
unsigned int vote_rank(const struct vote *v, unsigned int slot, unsigned int id);
void vote_node_is(struct vote *v, const char *name, unsigned int state);
void vote_look_nodes(struct vote *v);
bool vote_usable(const struct vote *v, unsigned int id);
void vote_prefer(struct vote *v);
bool vote_only_words(const struct vote *v, unsigned int slot, char *words,
		     size_t size);
void vote_return_words(const struct vote *v, unsigned int slot, char *words,
		       size_t size);

/* vote_words.c: the state of leases in plain words. */
#define VOTE_WORDS	1280	/* size of the longest text: 32 voters may be unreachable */

/**
 * struct vote_view - the holder of a lease, as this node sees it
 * @holder:	name of the holder; NULL: no holder is known
 * @epoch:	epoch under which the holder has the lease
 * @remaining:	how long the grant still lasts, ns
 * @wanted:	this node asks for the lease, or holds it
 * @why:	why no node holds the lease; empty with @holder
 */
struct vote_view {
	const char *holder;
	uint64_t epoch;
	uint64_t remaining;
	bool wanted;
	char why[VOTE_WORDS];
};

void vote_view(const struct vote *v, unsigned int slot, uint64_t now,
	       struct vote_view *view);
void vote_words(const struct vote *v, unsigned int slot, char *words,
		size_t size);
void vote_witness_words(const struct vote *v, char *words, size_t size);

#endif
