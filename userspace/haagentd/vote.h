/* SPDX-License-Identifier: GPL-2.0 */
/* The vote: this node's seat of the rules, between its peers, its file and its module. */
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
#define VOTE_SELF_ROOM	1024	/* messages of this node to itself that wait */

/**
 * struct vote_heir - who is to have a lease next, by plan
 * @node:	id of that node, -1 for none
 * @epoch:	under which the lease was let go of for it
 * @begun:	since when this agent knows
 * @until:	so long the others leave it to that node
 * @grant_at:	the module is told then what the voters have granted this node; 0:
 *		it was told
 * @known:	nodes whose modules know that this one has it
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
 * struct vote_lease - what is known of a lease beside what the rules know
 * @name:	its name; empty while only peers have spoken of its number
 * @here:	the module has it
 * @stopping:	the module was asked to end the tenure
 * @epoch:	under which this node holds it, or held it last
 * @until:	the module's deadline of that
 * @told:	the latest deadline that the module may have, also if it refused another
 * @asked:	highest epoch that it was ever to be granted under here
 * @top:	highest epoch that the module knows
 * @tied:	that tenure ends with the socket
 * @before:	it is held by a long right from before this agent began
 * @holder:	id of the node that claims it, -1 for none
 * @claimed:	until when that lasts
 * @cut_off:	until when it is left to others, as no client could come here
 * @heir:	who is to have it next
 * @limited:	only the nodes of @only may hold it
 * @only:	their ids, as a mask
 * @prefer:	ids of those that should, the most preferred one first
 * @n_prefer:	how many
 * @failback:	how long a preferred node that returned waits, ns
 * @found:	since when the module has it
 * @taken:	since when this node holds it, or held it last
 * @flap:	how often this node gave it back to a preferred one
 * @retry:	not before then another node is to have it, as that did not go
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
 * @state:	enum haswitch_node_state, as the module here has it
 * @fit:	it is alive, and usable
 * @since:	since when, ns
 * @flap:	how often that ended
 */
struct vote_there {
	unsigned int state;
	bool fit;
	uint64_t since;
	struct flap flap;
};

/**
 * struct vote_peer - another node
 * @life:	of its agent, whose numbers @top and @window are about
 * @top:	highest number that came
 * @window:	which of the 64 numbers up to that came
 * @told:	it was told that this node and that one do not agree
 * @differs:	since when they do not, 0: they do
 * @set_told:	when that node was told last which voter set this one has
 * @claimed:	when it was told last what this node holds
 * @claim_at:	slot with which that goes on where not all found room
 * @size:	how much of @out is used
 * @out:	messages that are to be sent
 * @moves_size:	how much of @moves is used
 * @moves:	words about planned moves that are to be sent
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

/* How far the agent has come with letting go of its leases. */
enum vote_part {
	VOTE_STAYS,
	VOTE_LONG,	/* asks for long rights, to be back before they end */
	VOTE_GOES,	/* lets others have them */
};

/**
 * struct vote - all of it
 * @cluster:	the way to the peers
 * @module:	the way to the module, for what is no tenure
 * @map:	who has which id
 * @sets:	how that changes
 * @agree:	what peers must agree on
 * @profile:	how fast the cluster is to be
 * @t:		the times
 * @seat:	the rules
 * @lease:	by slot of the seat
 * @peer:	by id
 * @there:	by id
 * @number:	of the last record that was sent
 * @self:	messages of this node to itself, a ring
 * @self_at:	where the oldest is
 * @self_n:	how many
 * @claim:	the peers are to hear at once that this node holds a lease
 * @begun:	the rules run
 * @running:	this node takes part; without, @why says why not
 * @why:	for people
 * @sock:	tenures
 * @opened:	which opening of the module @sock belongs to
 * @stop:	ends tenures
 * @store:	what must be found again
 * @timer:	fires when the rules want it
 * @planned:	when that is
 * @written:	fires when an image was written, or could not be
 * @ended:	fires when a tenure was ended
 * @again:	when to try again to write an image, 0: nothing failed
 * @trouble:	the module can not be asked, and that is told
 * @stuck:	that this voter will never know anything is told
 * @judges:	this node was found fit once, so that it lets go when it is not
 * @shorten:	when to make usual rights of long ones from before, 0: there are none
 * @known:	since when this voter knows something, 0: it does not
 * @patient:	until when this voter waits to know something
 * @fence:	has the other one of two nodes switched off
 * @look:	the module may have other leases now
 * @look_nodes:	the module may have any node in another state now
 * @listed:	the file has the list of nodes; else they are those that the module had
 * @other_nodes:	without a list: the module has others now than when it was asked
 * @fit:	it could serve at the last tick
 * @part:	how far letting go has come
 * @parted:	what was not got in time was let go of
 * @part_until:	then it goes on without having got what it asked for
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

/* vote_talk.c: what the nodes say to each other. */
struct cluster_peer *vote_peer_at(const struct vote *v, unsigned int id);
void vote_peer_reset(struct vote *v, unsigned int id);
void vote_send(struct vote *v, unsigned int to, const struct hasw_vote_msg *m);
void vote_say(struct vote *v, unsigned int id, const struct vote_word *word);
void vote_said(struct vote *v, struct cluster_peer *peer,
	       const struct wire_record *record);
void vote_flush(struct vote *v);

/* vote_leases.c: which leases are wanted here, and whose they are. */
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

/* vote_prefer.c: who should hold a lease, and who may. */
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

/* vote_words.c: what is known of leases, for people. */
#define VOTE_WORDS	1280	/* no words are longer: 32 voters may be unreachable */

/**
 * struct vote_view - whose a lease is, as this node sees it
 * @holder:	name of the node; NULL: nobody is known to hold it
 * @epoch:	under which it does
 * @remaining:	for how long yet, ns
 * @wanted:	this node asks for it, or holds it
 * @why:	why nobody holds it; empty with @holder
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
