// SPDX-License-Identifier: GPL-2.0
/* Who should and who may hold a lease: the order of the nodes, and when a lease goes back to a preferred one. */
#include <linux/haswitch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/vote/vote.h"
#include "haagentd/vote/vote_wire.h"
#include "agent_seat.h"

enum { A, B, C, D, NODES };

static struct vote vote;
static struct module module;
static struct cluster cluster;
static struct cluster_peer peers[NODES];
static bool deaf[NODES];
static int moved_to;
static unsigned int looked_up;
static int answer;
static struct vote_word told;
static unsigned int n_told;

/* These stand in for vote.c, vote_leases.c and vote_move.c. */
int vote_move(struct vote *v, unsigned int slot, int to)
{
	moved_to = to;
	if (!answer)
		v->lease[slot].until = 0;
	return answer;
}

/* This one is for vote_talk.c. */
void vote_send_word(struct vote *v, unsigned int id, const struct vote_word *word)
{
	assert_int_not_equal(id, v->map.self);
	told = *word;
	n_told++;
}

bool vote_witness(const struct vote *v, unsigned int id)
{
	return v->map.witnesses >> id & 1;
}

struct cluster_peer *vote_peer_at(const struct vote *v, unsigned int id)
{
	looked_up++;
	return v->map.self == id ? NULL : &peers[id];
}

bool vote_alive(const struct vote *v, unsigned int id)
{
	return id == v->map.self || !deaf[id];
}

bool vote_hears(const struct vote *v, unsigned int id)
{
	return vote_alive(v, id);
}

static void seat_set(void *arg, unsigned int slot, __u64 epoch, __u64 deadline)
{
	(void)arg;
	(void)slot;
	(void)epoch;
	(void)deadline;
}

static void seat_stop(void *arg, unsigned int slot)
{
	(void)arg;
	vote.lease[slot].until = 0;
}

static const struct hasw_seat_ops ops = {
	.random = seat_random, .send = seat_send, .set = seat_set, .stop = seat_stop, .sync = seat_sync,
};

/* What the module says of the lease: nodes are letters, preferred ones in their order. */
static void says(const char *prefer, const char *only, uint64_t failback)
{
	struct module_lease lease = { .name = "web", .failback = failback };

	for (; *prefer; prefer++)
		lease.prefer[lease.n_prefer++][0] = *prefer;
	for (; *only; only++)
		lease.only[lease.n_only++][0] = *only;
	vote_nodes_take(&vote, 1, &lease);
}

/* Node @self holds the lease, whose number is @number, since @taken; all are there since @since. */
static void begin(unsigned int self, uint32_t number, uint64_t since, uint64_t taken)
{
	struct hasw_voter_disk disk = { .known = 1, .generation = 1, .committed = 1, .voters = 7, .ceiling = 1000 };
	struct hasw_vote_set set = { .generation = 1, .voters = 7 };
	uint64_t now = clock_now();
	unsigned int id;

	memset(&vote, 0, sizeof(vote));
	memset(deaf, 0, sizeof(deaf));
	memset(peers, 0, sizeof(peers));
	answer = HASWITCH_MOVE_ANSWER_BEGUN;
	moved_to = -1;
	vote.module = &module;
	vote.cluster = &cluster;
	vote.map.n = NODES;
	vote.map.self = self;
	for (id = 0; id < NODES; id++) {
		vote.map.names[id][0] = (char)('a' + id);
		vote.there[id] = (struct vote_there){ .fit = true, .since = since };
	}
	vote.t = (struct hasw_vote_times){
		.length = 3600 * CLOCK_SECOND, .longest = 3600 * CLOCK_SECOND, .renew = CLOCK_SECOND,
		.retry = CLOCK_SECOND,
	};
	hasw_seat_open(&vote.seat, &vote.t, &ops, &vote, (__u8)self, &set, &disk);
	hasw_seat_add(&vote.seat, 1);
	hasw_seat_add(&vote.seat, number);
	hasw_seat_start(&vote.seat, now, 3);
	hasw_seat_begin(&vote.seat, 0, now, 0, 0, 0);
	hasw_seat_begin(&vote.seat, 1, now, 0, hasw_vote_epoch(7, 1, (__u8)self), now + 3600 * CLOCK_SECOND);
	snprintf(vote.lease[1].name, sizeof(vote.lease[1].name), "web");
	vote.lease[1].here = true;
	vote.lease[1].until = now + 3600 * CLOCK_SECOND;
	vote.lease[1].taken = taken;
}

/* Whether this node still has it after a look. */
static bool keeps(void)
{
	vote_prefer(&vote, clock_now());
	return vote.lease[1].until;
}

static uint64_t ago(unsigned int seconds)
{
	return clock_now() - seconds * CLOCK_SECOND;
}

static unsigned int rank_of(unsigned int id)
{
	vote.map.self = id;
	return vote_rank(&vote, 1, id, clock_now());
}

static void ranks(void **state)
{
	(void)state;
	/* Without a word they follow each other from the number on. */
	begin(A, 2, 0, 0);
	says("", "", 0);
	assert_int_equal(rank_of(C), 0);
	assert_int_equal(rank_of(D), 1);
	assert_int_equal(rank_of(A), 2);
	assert_int_equal(rank_of(B), 3);
	says("ba", "", 0);
	assert_int_equal(rank_of(B), 0);
	assert_int_equal(rank_of(A), 1);
	assert_int_equal(rank_of(C), 2);
	assert_int_equal(rank_of(D), 3);
	/* Nor for who has it, or says that it asks for none. */
	vote.lease[1].holder = B;
	vote.lease[1].claimed = clock_now() + 3600 * CLOCK_SECOND;
	assert_int_equal(rank_of(A), 0);
	assert_int_equal(rank_of(D), 2);
	peers[A].unable = true;
	assert_int_equal(rank_of(C), 0);
	peers[A].unable = false;
	vote.lease[1].claimed = clock_now();
	assert_int_equal(rank_of(A), 1);
	/* Who may not, is away, only votes or is out of use is not waited for. */
	says("ba", "abd", 0);
	assert_int_equal(rank_of(D), 2);
	deaf[B] = true;
	assert_int_equal(rank_of(A), 0);
	assert_int_equal(rank_of(D), 1);
	vote_node_is(&vote, "a", HASWITCH_NODE_STATE_DRAIN);
	assert_int_equal(rank_of(D), 0);
	/* Who has just come back is the last one. */
	deaf[B] = false;
	vote_node_is(&vote, "a", HASWITCH_NODE_STATE_UP);
	vote_node_is(&vote, "b", HASWITCH_NODE_STATE_HELD);
	assert_int_equal(rank_of(A), 0);
	assert_int_equal(rank_of(D), 1);
	assert_int_equal(rank_of(B), 2);
	/* Its own module does not know that: the others say so, as long as they are heard. */
	vote_node_is(&vote, "b", HASWITCH_NODE_STATE_UP);
	peers[A].held_here = true;
	vote.map.self = B;
	vote_prefer(&vote, clock_now());
	assert_int_equal(rank_of(B), 2);
	deaf[A] = true;
	vote_prefer(&vote, clock_now());
	assert_int_equal(rank_of(B), 0);
	deaf[A] = false;
	/* If a third node has both as held, each knows of the other: one of the two is first. */
	peers[D].held_here = true;
	peers[A].held_here = false;
	vote_prefer(&vote, clock_now());
	assert_true(cluster.returned);
	assert_int_equal(rank_of(B), 2);
	peers[A].returned = true;
	vote_node_is(&vote, "d", HASWITCH_NODE_STATE_DRAIN);
	vote_prefer(&vote, clock_now());
	assert_int_equal(rank_of(B), 0);
	assert_int_equal(rank_of(A), 1);
	vote_node_is(&vote, "d", HASWITCH_NODE_STATE_UP);
	peers[A].returned = false;
	peers[D].held_here = false;
	vote_node_is(&vote, "b", HASWITCH_NODE_STATE_HELD);
	vote.map.self = A;
	vote_prefer(&vote, clock_now());
	assert_true(peers[B].held && !peers[C].held);
	vote.map.witnesses = 1U << A;
	assert_int_equal(rank_of(D), 0);
}

/* Nodes a and b are in one zone, c and d in others. Lease 1 is the one that is asked about. */
static void zones(void **state)
{
	unsigned int slot;

	(void)state;
	begin(A, 2, 0, 0);
	vote.map.self = D;
	says("", "", 0);
	vote.lease[1].until = 0;
	vote.zones = true;
	vote.fit = true;
	vote.there[B].zone = A;
	vote.there[C].zone = C;
	vote.there[D].zone = D;
	for (slot = 2; slot < 5; slot++) {
		/* The numbers are not in the order of the slots. */
		hasw_seat_add(&vote.seat, 20 - slot);
		vote.lease[slot].here = true;
		vote.lease[slot].holder = C;
		vote.lease[slot].claimed = clock_now() + 3600 * CLOCK_SECOND;
	}
	/* By its number c is the first one; but c has two leases and d has one, and the zone of a and b has none. */
	vote.lease[4].holder = D;
	looked_up = 0;
	vote_spread(&vote, clock_now());
	/* To find a peer costs: once for each node, and not for each lease. */
	assert_int_equal(looked_up, NODES);
	assert_int_equal(rank_of(A), 0);
	assert_int_equal(rank_of(B), 1);
	assert_int_equal(rank_of(D), 2);
	assert_int_equal(rank_of(C), 3);
	/* Preference goes first. */
	says("c", "", 0);
	assert_int_equal(rank_of(C), 0);
	says("", "", 0);
	/* Those of a node that is lost do not count. */
	deaf[C] = true;
	vote.map.self = A;
	vote_spread(&vote, clock_now());
	assert_int_equal(rank_of(D), 2);
	assert_int_equal(rank_of(A), 0);
	/* The lost ones are dealt out by number: with lease 1 the zone of a has one, as d has; then it is even. */
	assert_int_equal(vote.lease[1].load[A], 0);
	assert_int_equal(vote.lease[1].load[D], 1);
	assert_int_equal(vote.lease[3].load[A] + vote.lease[3].load[D], 2);
	assert_int_equal(vote.lease[2].load[A] + vote.lease[2].load[D], 3);
	/* So it is beforehand, for the leases of a node that may be lost: that node's own ones do not count. */
	deaf[C] = false;
	for (slot = 1; slot < 5; slot++) {
		vote.lease[slot].holder = C;
		vote.lease[slot].claimed = clock_now() + 3600 * CLOCK_SECOND;
	}
	vote_spread(&vote, clock_now());
	assert_int_equal(vote.lease[1].load[C], 0);
	assert_int_equal(vote.lease[2].load[A] + vote.lease[2].load[D], 3);
	assert_int_equal(vote_next(&vote, 1, C), D);
	assert_int_equal(vote_next(&vote, 4, C), A);
	/* This node comes next only while it may hold leases itself. */
	cluster.unable = true;
	assert_int_equal(vote_next(&vote, 4, C), B);
	cluster.unable = false;
	/* A holder that asks for no lease can keep those that it has, so they still count in its zone. */
	peers[C].unable = true;
	vote_spread(&vote, clock_now());
	assert_int_equal(vote.lease[1].load[C], 0);
	assert_int_equal(vote.lease[2].load[A] + vote.lease[2].load[D], 3);
	peers[C].unable = false;
	/* A new lease is left to a node in a zone with fewer of them for a moment, if that is not less preferred. */
	for (slot = 2; slot < 5; slot++)
		vote.lease[slot].holder = A;
	vote.lease[1].claimed = 0;
	vote.lease[1].found = clock_now();
	vote_spread(&vote, clock_now());
	assert_false(vote_wanted(&vote, 1, clock_now()));
	says("a", "", 0);
	assert_true(vote_wanted(&vote, 1, clock_now()));
	says("", "ab", 0);
	assert_true(vote_wanted(&vote, 1, clock_now()));
	says("", "", 0);
	assert_false(vote_wanted(&vote, 1, clock_now()));
	vote.known = ago(1);
	vote.lease[1].found = ago(1);
	assert_true(vote_wanted(&vote, 1, clock_now()));
	/* Without zones it is as before. */
	vote.known = 0;
	vote.lease[1].found = clock_now();
	vote.lease[1].claimed = clock_now() + 3600 * CLOCK_SECOND;
	vote.zones = false;
	for (slot = 1; slot < 5; slot++)
		memset(vote.lease[slot].load, 0, sizeof(vote.lease[slot].load));
	vote_spread(&vote, clock_now());
	assert_true(vote_wanted(&vote, 1, clock_now()));
	assert_int_equal(vote_next(&vote, 1, C), D);
}

static void may(void **state)
{
	(void)state;
	begin(A, 2, 0, 0);
	says("", "", 0);
	assert_true(vote_may(&vote, 1, A) && vote_may(&vote, 1, D));
	says("", "bx", 0);
	assert_false(vote_may(&vote, 1, A));
	assert_true(vote_may(&vote, 1, B));
	/* Nobody may, and not everybody, if the agents know none of those that may. */
	says("", "xy", 0);
	assert_false(vote_may(&vote, 1, A) || vote_may(&vote, 1, B));
}

/* In a new cluster, and of a new lease, the preferred nodes are given a moment. */
static void wanted(void **state)
{
	(void)state;
	begin(B, 2, 0, 0);
	says("", "", 0);
	assert_true(vote_wanted(&vote, 1, clock_now()));
	says("a", "", MODULE_FAILBACK_MANUAL);
	assert_false(vote_wanted(&vote, 1, clock_now()));
	says("b", "", 0);
	assert_true(vote_wanted(&vote, 1, clock_now()));
	says("a", "", 0);
	/* It is away, or it has had its time, or somebody has held the lease before. */
	deaf[A] = true;
	assert_true(vote_wanted(&vote, 1, clock_now()));
	deaf[A] = false;
	/* Before this voter knows anything its time has not begun. */
	vote.lease[1].found = ago(1);
	assert_false(vote_wanted(&vote, 1, clock_now()));
	vote.known = ago(1);
	assert_true(vote_wanted(&vote, 1, clock_now()));
	vote.known = ago(0);
	assert_false(vote_wanted(&vote, 1, clock_now()));
	vote.lease[1].top = 7;
	assert_true(vote_wanted(&vote, 1, clock_now()));
	says("a", "cd", 0);
	assert_false(vote_wanted(&vote, 1, clock_now()));
	says("a", "", 0);
	vote.lease[1].cut_off = clock_now() + CLOCK_SECOND;
	assert_false(vote_wanted(&vote, 1, clock_now()));
	vote.lease[1].cut_off = 0;
	vote.lease[1].here = false;
	assert_false(vote_wanted(&vote, 1, clock_now()));
}

static void returns(void **state)
{
	(void)state;
	begin(B, 2, ago(11), ago(30));
	says("", "", 10 * CLOCK_SECOND);
	assert_true(keeps());
	says("bc", "", 10 * CLOCK_SECOND);
	assert_true(keeps());
	says("a", "", UINT64_MAX);
	assert_true(keeps());
	says("a", "", 12 * CLOCK_SECOND);
	assert_true(keeps());
	says("a", "", 10 * CLOCK_SECOND);
	assert_false(keeps());
	assert_int_equal(moved_to, A);
	assert_int_equal(vote.lease[1].flap.penalty, FLAP_LOSS);
	/* What did not go is tried again, but not at once. */
	begin(B, 2, ago(11), ago(30));
	says("a", "", 10 * CLOCK_SECOND);
	answer = HASWITCH_MOVE_ANSWER_UNFIT;
	assert_true(keeps());
	assert_int_equal(moved_to, A);
	assert_int_equal(vote.lease[1].flap.penalty, 0);
	answer = HASWITCH_MOVE_ANSWER_BEGUN;
	assert_true(keeps());
	vote.lease[1].retry = clock_now();
	assert_false(keeps());
}

static void waits_for_both(void **state)
{
	(void)state;
	/* The node is there for long, but this one holds the lease only now: somebody lost it, or let go of it. */
	begin(B, 2, ago(1000), ago(5));
	says("a", "", 10 * CLOCK_SECOND);
	assert_true(keeps());
	says("a", "", 0);
	assert_false(keeps());
	/* The best one that is there counts, and the next one gets nothing meanwhile. */
	begin(C, 2, ago(1000), ago(1000));
	vote.there[A].since = ago(1);
	says("ab", "", 10 * CLOCK_SECOND);
	assert_true(keeps());
	deaf[A] = true;
	assert_false(keeps());
}

static void not_usable(void **state)
{
	static const unsigned int states[] = {
		HASWITCH_NODE_STATE_DRAIN, HASWITCH_NODE_STATE_MAINTENANCE, HASWITCH_NODE_STATE_DOWN,
		HASWITCH_NODE_STATE_LOST, HASWITCH_NODE_STATE_FENCED, HASWITCH_NODE_STATE_LEFT,
	};

	(void)state;
	begin(B, 2, ago(1000), ago(1000));
	says("a", "", 10 * CLOCK_SECOND);
	for (unsigned int i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		vote_node_is(&vote, "a", states[i]);
		assert_true(keeps());
	}
	/* From then on it counts, and not from before. */
	vote_node_is(&vote, "a", HASWITCH_NODE_STATE_HELD);
	assert_true(keeps());
	vote.there[A].since = ago(1000);
	vote.there[A].flap.penalty = 0;
	assert_false(keeps());
	begin(B, 2, ago(1000), ago(1000));
	says("a", "", 10 * CLOCK_SECOND);
	vote.map.witnesses = 1U << A;
	assert_true(keeps());
}

/* It comes and goes. What an operator does with it is no loss. */
static void flaps(void **state)
{
	unsigned int i;

	(void)state;
	begin(B, 2, ago(1000), ago(1000));
	says("a", "", 10 * CLOCK_SECOND);
	vote_node_is(&vote, "a", HASWITCH_NODE_STATE_DRAIN);
	assert_true(keeps());
	assert_int_equal(vote.there[A].flap.penalty, 0);
	vote_node_is(&vote, "a", HASWITCH_NODE_STATE_UP);
	assert_true(keeps());
	for (i = 0; i < 3; i++) {
		deaf[A] = true;
		assert_true(keeps());
		deaf[A] = false;
		assert_true(keeps());
	}
	assert_int_equal((vote.there[A].flap.penalty + 50) / 100, 30);
	vote.there[A].flap.at = vote.there[A].since = ago(39);
	assert_true(keeps());
	vote.there[A].flap.at = vote.there[A].since = ago(41);
	assert_false(keeps());
	/* It is heard all the time, but loses the lease again and again. */
	begin(B, 2, ago(1000), ago(19));
	says("a", "", 10 * CLOCK_SECOND);
	vote.lease[1].flap = (struct flap){ .at = ago(19), .penalty = 2 * FLAP_LOSS };
	assert_true(keeps());
	vote.lease[1].taken = vote.lease[1].flap.at = ago(21);
	assert_false(keeps());
}

/* Who may not hold it any more lets go of it as soon as somebody is there who may. */
static void barred(void **state)
{
	(void)state;
	begin(B, 2, ago(0), ago(0));
	says("", "bc", 0);
	assert_true(keeps());
	says("", "cd", 0);
	deaf[C] = deaf[D] = true;
	assert_true(keeps());
	deaf[D] = false;
	assert_false(keeps());
	assert_int_equal(moved_to, D);
	/* That is no loss. */
	assert_int_equal(vote.lease[1].flap.penalty, 0);
	begin(B, 2, ago(0), ago(0));
	says("", "cd", 0);
	vote.part = VOTE_LONG;
	assert_true(keeps());
}

/* Protodown of the device is a planned move, if somebody can take the lease. The others are told, and keep it. */
static void away(void **state)
{
	(void)state;
	begin(B, 2, ago(0), ago(0));
	says("b", "", 0);
	vote.fit = vote.begun = true;
	n_told = 0;
	deaf[D] = true;
	vote_away_take(&vote, 1, false);
	assert_int_equal(n_told, 0);
	vote_away_take(&vote, 1, true);
	assert_int_equal(n_told, 2);
	assert_int_equal(told.kind, VOTE_WORD_AWAY);
	assert_int_equal(told.lease, 2);
	assert_int_equal(told.answer, 1);
	assert_false(vote_may(&vote, 1, B));
	assert_false(vote_wanted(&vote, 1, clock_now()));
	assert_int_equal(vote_next(&vote, 1, A), C);
	/* While nobody else can take it, this node keeps it, but does not take it again. */
	deaf[A] = deaf[C] = true;
	assert_true(keeps());
	assert_true(vote_wanted(&vote, 1, clock_now()));
	vote.lease[1].until = 0;
	assert_false(vote_wanted(&vote, 1, clock_now()));
	vote.lease[1].until = clock_now() + CLOCK_SECOND;
	says("", "cd", 0);
	assert_false(vote_wanted(&vote, 1, clock_now()));
	says("", "", 0);
	deaf[C] = false;
	assert_false(keeps());
	assert_int_equal(moved_to, C);
	/* The others are told again each second, and at once when it is over. */
	vote_away_tick(&vote, clock_now());
	vote_away_tick(&vote, clock_now());
	assert_int_equal(n_told, 3);
	vote.away_at = clock_now();
	vote_away_tick(&vote, clock_now());
	assert_int_equal(n_told, 4);
	vote_away_take(&vote, 1, false);
	assert_int_equal(n_told, 5);
	assert_int_equal(told.answer, 0);
	assert_true(vote_wanted(&vote, 1, clock_now()));
	/* A peer that is away does not get it back, until it says so, or is silent for long. */
	begin(B, 2, ago(1000), ago(1000));
	says("a", "", 0);
	vote_away_heard(&vote, 1, A, true);
	vote_away_tick(&vote, clock_now());
	assert_true(keeps());
	assert_int_equal(vote_next(&vote, 1, B), C);
	vote_away_heard(&vote, 1, A, false);
	assert_false(keeps());
	assert_int_equal(moved_to, A);
	begin(B, 2, ago(1000), ago(1000));
	says("a", "", 0);
	vote_away_heard(&vote, 1, A, true);
	vote.lease[1].away_until[A] = clock_now();
	vote_away_tick(&vote, clock_now());
	assert_false(keeps());
}

/* Lease 1 is free, this node wants it, and it was handed to @heir, for which this node waits. */
static void handed_to(unsigned int self, unsigned int heir)
{
	uint64_t now = clock_now();

	begin(self, 2, ago(1000), ago(1000));
	says("", "", 0);
	vote.fit = true;
	hasw_seat_begin(&vote.seat, 1, now, 0, 0, 0);
	vote.lease[1].until = 0;
	vote.seat.lease[1].proposer.want = 1;
	vote.lease[1].heir = (struct vote_heir){ .node = (int)heir, .begun = now, .until = now + 3600 * CLOCK_SECOND };
	hasw_seat_defer(&vote.seat, 1, now, now + 3600 * CLOCK_SECOND);
	assert_int_equal(vote.seat.lease[1].proposer.state, HASW_PROPOSER_IDLE);
}

static bool asks(void)
{
	return vote.seat.lease[1].proposer.state == HASW_PROPOSER_READ;
}

/* The node that was to take a lease is away: the one that comes next waits for it no longer, and no other one asks. */
static void heir_is_away(void **state)
{
	(void)state;
	/* By the lease's number c is the first node, then d, a and b. */
	handed_to(D, C);
	vote_away_heard(&vote, 1, C, false);
	assert_false(asks());
	vote_away_heard(&vote, 1, B, true);
	assert_false(asks());
	vote_away_heard(&vote, 1, C, true);
	assert_true(asks());
	assert_int_equal(vote.lease[1].heir.node, -1);
	handed_to(A, C);
	vote_away_heard(&vote, 1, C, true);
	assert_false(asks());
	/* It is repeated each second, and says nothing of a move that is over. */
	handed_to(D, C);
	vote.lease[1].heir.until = clock_now();
	vote_away_heard(&vote, 1, C, true);
	assert_false(asks());
}

static void words(void **state)
{
	char text[256] = "held here";

	(void)state;
	begin(D, 2, ago(4), ago(1000));
	says("", "", 0);
	assert_false(vote_only_words(&vote, 1, text, sizeof(text)));
	vote_return_words(&vote, 1, text, sizeof(text));
	assert_string_equal(text, "held here");
	says("a", "", 10 * CLOCK_SECOND);
	vote_return_words(&vote, 1, text, sizeof(text));
	assert_string_equal(text, "held here; a is preferred, and gets it in 6 s");
	says("", "ab", 0);
	assert_false(vote_only_words(&vote, 1, text, sizeof(text)));
	deaf[A] = deaf[B] = true;
	keeps();
	assert_true(vote_only_words(&vote, 1, text, sizeof(text)));
	assert_string_equal(text, "only a, b may, neither is heard");
	deaf[A] = false;
	vote_node_is(&vote, "a", HASWITCH_NODE_STATE_DRAIN);
	keeps();
	assert_true(vote_only_words(&vote, 1, text, sizeof(text)));
	assert_string_equal(text, "only a, b may, neither can serve");
	says("", "b", 0);
	assert_true(vote_only_words(&vote, 1, text, sizeof(text)));
	assert_string_equal(text, "only b may, which is not heard");
	says("", "x", 0);
	assert_true(vote_only_words(&vote, 1, text, sizeof(text)));
	assert_string_equal(text, "none of the nodes that may is in the agents' file");
	/* Little room is no reason to write behind it. */
	assert_true(vote_only_words(&vote, 1, text, 30));
	assert_int_equal(strlen(text), 29);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranks),
		cmocka_unit_test(zones),
		cmocka_unit_test(may),
		cmocka_unit_test(wanted),
		cmocka_unit_test(returns),
		cmocka_unit_test(waits_for_both),
		cmocka_unit_test(not_usable),
		cmocka_unit_test(flaps),
		cmocka_unit_test(barred),
		cmocka_unit_test(away),
		cmocka_unit_test(heir_is_away),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
