// SPDX-License-Identifier: GPL-2.0
/* A fence and the rules of the vote: from when on the other one of two nodes counts as off, and until when. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/vote/fence.h"
#include "haagentd/vote/probe.h"
#include "haagentd/vote/vote.h"
#include "agent_seat.h"

#define S	CLOCK_SECOND

static const struct fence_rules rules = { .after = S, .delay = 5 * S };

/* The rules: a voter that is off counts only for who has been answered by it, and until it is heard. */
static struct vote vote;

static void seat_set(void *arg, unsigned int slot, __u64 epoch, __u64 deadline)
{
	(void)arg;
	vote.lease[slot].epoch = epoch;
	vote.lease[slot].until = deadline;
}

static void seat_stop(void *arg, unsigned int slot)
{
	(void)arg;
	vote.lease[slot].until = 0;
}

static __u64 seat_top(void *arg)
{
	(void)arg;
	return 0;
}

static const struct hasw_seat_ops ops = {
	.random = seat_random, .send = seat_send, .set = seat_set, .stop = seat_stop, .top = seat_top,
	.sync = seat_sync,
};

/* Node 0 of two, which holds lease 2 from before. */
static struct hasw_proposer *begin(uint64_t now)
{
	struct hasw_voter_disk disk = { .known = 1, .generation = 1, .committed = 1, .voters = 3, .ceiling = 1U << 23 };
	struct hasw_vote_set set = { .generation = 1, .voters = 3 };

	memset(&vote, 0, sizeof(vote));
	vote.t = (struct hasw_vote_times){
		.length = S, .longest = 10 * S, .renew = S / 4, .retry = S / 10, .ceiling = 1 << 20, .rho = 100000,
	};
	hasw_seat_open(&vote.seat, &vote.t, &ops, &vote, 0, &set, &disk);
	hasw_seat_add(&vote.seat, 1);
	hasw_seat_add(&vote.seat, 2);
	hasw_seat_start(&vote.seat, now, 3);
	hasw_seat_begin(&vote.seat, 0, now, 0, 0, 0);
	hasw_seat_begin(&vote.seat, 1, now, 0, hasw_vote_epoch(7, 1, 0), now + 5 * S);
	vote.seat.lease[1].proposer.want = 1;
	return &vote.seat.lease[1].proposer;
}

static void answer(const struct hasw_proposer *p, uint8_t from, enum hasw_vote_answer answer, uint64_t now)
{
	struct hasw_vote_msg m = {
		.type = HASW_VOTE_GRANT, .answer = (uint8_t)answer, .lease = 2, .generation = 1, .life = vote.seat.life,
		.sequence = p->sequence, .epoch = p->epoch, .epoch_max = p->epoch,
	};

	hasw_seat_hear(&vote.seat, now, from, &m);
}

static void only_who_was_met(void **state)
{
	struct hasw_proposer *p = begin(100 * S);

	(void)state;
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 0);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(p->fenced, 0);
	/* Nor does a node that wants no lease note that it has met whom it never asked. */
	p->want = 0;
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(vote.seat.want.met, 0);
	assert_int_equal(vote.seat.syncing, 0);
	p->want = 1;
	/* It took over a grant, so there was no READ; the answer to a renewal tells the same. */
	hasw_seat_tick(&vote.seat, 100 * S);
	assert_true(p->sequence > 0);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(p->fenced, 2);
	/* A round that only this node acks is enough now. */
	hasw_seat_tick(&vote.seat, 100 * S + S / 4);
	answer(p, 0, HASW_VOTE_ACK, 100 * S + S / 4);
	assert_true(vote.lease[1].until == 101 * S + S / 4);
	hasw_seat_alive(&vote.seat, 1);
	assert_int_equal(p->fenced, 0);
	hasw_seat_tick(&vote.seat, 100 * S + S / 2);
	answer(p, 0, HASW_VOTE_ACK, 100 * S + S / 2);
	assert_true(vote.lease[1].until == 101 * S + S / 4);
}

/* The next agent may fence a node that this one has met, unless the node was heard meanwhile. */
static void met_by_the_agent_before(void **state)
{
	struct hasw_proposer *p = begin(100 * S);

	(void)state;
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(vote.seat.want.met, 0);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 0);
	assert_int_equal(vote.seat.want.met, 0);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(vote.seat.image.met, 2);
	hasw_seat_synced(&vote.seat, 100 * S);
	hasw_seat_start(&vote.seat, 101 * S, 4);
	hasw_seat_begin(&vote.seat, 1, 101 * S, 0, 0, 0);
	assert_int_equal(p->met, 2);
	assert_int_equal(p->fenced, 0);
	/* Of the other lease it had said nothing, so nobody knows under which epochs it held that. */
	hasw_seat_begin(&vote.seat, 0, 101 * S, 0, 0, 0);
	assert_int_equal(vote.seat.lease[0].proposer.met, 0);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	assert_int_equal(vote.seat.lease[0].proposer.fencing, 0);
	/* It is heard, and gets no answer before that is on the disk. */
	hasw_seat_alive(&vote.seat, 1);
	assert_int_equal(vote.seat.image.met, 0);
	assert_true(hasw_seat_met_stale(&vote.seat, 1));
	hasw_seat_synced(&vote.seat, 101 * S);
	assert_false(hasw_seat_met_stale(&vote.seat, 1));
	hasw_seat_start(&vote.seat, 102 * S, 5);
	hasw_seat_begin(&vote.seat, 1, 102 * S, 0, 0, 0);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 0);
}

/* A command that takes longer than the other node waits for it. */
static void slow_command(void **state)
{
	struct fence_rules split = { .after = S, .split = true };
	struct fence f = { 0 };

	(void)state;
	fence_begin(&f, 1, false, 101 * S);
	assert_false(fence_outlasts(&f, &rules, 106 * S));
	assert_true(fence_outlasts(&f, &rules, 106 * S + 1));
	assert_false(fence_outlasts(&f, &split, 106 * S + 1));
}

/* What one kind of fence has shown is no proof for the other, which a reload brings. */
static void another_kind_begins_anew(void **state)
{
	struct conf split = { .split = true }, command = { .fence = (char *)"/bin/true" };
	struct hasw_proposer *p = begin(100 * S);

	(void)state;
	vote.map = (struct vote_map){ .n = 2, .voters = 3 };
	vote.begun = true;
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	vote.fence.fence.state = FENCE_OFF;
	/* The same again changes nothing. */
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	assert_int_equal(p->fenced, 2);
	assert_int_equal(vote.fence.fence.state, FENCE_OFF);
	assert_int_equal(vote_fence_set(&vote, &command, NULL), 0);
	assert_int_equal(p->fenced, 0);
	assert_int_equal(vote.fence.fence.state, FENCE_IDLE);
	/* A command that began before counts no more when it ends. */
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(p->fenced, 0);
	vote_fence_close(&vote);
}

/* A fence that began early counts for a lease that is held from its beginning to its end, and for no other one. */
static void only_for_what_is_held(void **state)
{
	struct hasw_proposer *p = begin(100 * S), *other = &vote.seat.lease[0].proposer;

	(void)state;
	other->met = 2;
	/* The right of the agent before proves nothing: no other node has acked it in this run. */
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, 100 * S), 0);
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	answer(p, 0, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, 100 * S), 1);
	assert_int_equal(other->fencing, 0);
	hasw_seat_fence_held_end(&vote.seat, 1, 100 * S, 1);
	assert_int_equal(p->fenced, 2);
	assert_int_equal(other->fenced, 0);
	assert_int_equal(vote.seat.want.met_count, 1);
	/* There is nothing more to find out. */
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, 100 * S), 0);
	hasw_seat_alive(&vote.seat, 1);
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, 100 * S), 1);
	/* The right ends first. */
	hasw_seat_fence_held_end(&vote.seat, 1, p->deadline, 1);
	assert_int_equal(p->fenced | p->fencing, 0);
	assert_int_equal(vote.seat.want.met, 0);
}

static void only_while_not_heard(void **state)
{
	struct hasw_proposer *p = begin(100 * S);

	(void)state;
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_alive(&vote.seat, 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	assert_int_equal(p->fenced, 0);
}

/* A heartbeat that says nothing of leases is enough, and from no other node. */
static void heard_by_a_heartbeat(void **state)
{
	struct hasw_proposer *p = begin(100 * S);
	struct cluster_peer peer = { 0 };

	(void)state;
	strcpy(vote.map.names[0], "a");
	strcpy(vote.map.names[1], "b");
	vote.map.n = 2;
	vote.map.voters = 3;
	vote.begun = true;
	hasw_seat_tick(&vote.seat, 100 * S);
	answer(p, 1, HASW_VOTE_ACK, 100 * S);
	assert_int_equal(hasw_seat_fence(&vote.seat, 1), 1);
	hasw_seat_fence_end(&vote.seat, 1, 1);
	vote.fence.fence.state = FENCE_OFF;
	strcpy(peer.conf.name, "c");
	vote_fence_heard(&vote, &peer);
	assert_int_equal(p->fenced, 2);
	assert_int_equal(vote.fence.fence.state, FENCE_OFF);
	strcpy(peer.conf.name, "b");
	vote_fence_heard(&vote, &peer);
	assert_int_equal(p->fenced, 0);
	assert_int_equal(vote.fence.fence.state, FENCE_IDLE);
}

/* Has both voters ack the lease that begin() took over. The cluster has one peer, which is the other voter. */
static void own(const struct hasw_proposer *p, struct cluster *cluster, uint64_t now)
{
	vote.map = (struct vote_map){ .n = 2, .voters = 3, .names = { "a", "b" } };
	vote.cluster = cluster;
	vote.begun = true;
	vote.lease[1].here = true;
	strcpy(cluster->peers[0].conf.name, "b");
	hasw_seat_tick(&vote.seat, now);
	answer(p, 0, HASW_VOTE_ACK, now);
	answer(p, 1, HASW_VOTE_ACK, now);
}

/* With split, a holder has a longer right while it hears the other node, and goes on alone when that one stops. */
static void goes_on_alone(void **state)
{
	struct conf split = { .split = true, .fence_after = S };
	struct conf command = { .fence = (char *)"/bin/true", .fence_after = S };
	struct cluster_peer peer = { .peer.state = PEER_STATIC };
	struct cluster cluster = { .peers = &peer, .n_peers = 1 };
	uint64_t now = clock_now();
	struct hasw_proposer *p = begin(now);

	(void)state;
	peer.peer.heard = now;
	own(p, &cluster, now);
	assert_true(hasw_proposer_owns(p, now));
	/* A fence command waits for the node that stops. */
	assert_int_equal(vote_fence_set(&vote, &command, NULL), 0);
	vote_fence_tick(&vote);
	assert_int_equal(p->fenced, 0);
	peer.peer.state = PEER_HEARD;
	vote_fence_tick(&vote);
	assert_int_equal(p->far.sequence, 0);
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	/* The right of the agent before is cut first, and an agent that stops asks for another one. */
	vote.lease[1].before = true;
	vote_fence_tick(&vote);
	assert_int_equal(p->far.sequence, 0);
	vote.lease[1].before = false;
	vote.part = VOTE_LONG;
	vote_fence_tick(&vote);
	assert_int_equal(p->far.sequence, 0);
	vote.part = VOTE_STAYS;
	/* What the agent before made is moved to an epoch of this one first. */
	vote_fence_tick(&vote);
	assert_true(p->next);
	p->epoch = p->next;
	p->next = 0;
	vote_fence_tick(&vote);
	assert_true(p->far.sequence);
	assert_true(p->far.length == S / 5 * 6);
	peer.peer.state = PEER_LEFT;
	vote_fence_tick(&vote);
	assert_int_equal(p->fenced, 2);
	assert_int_equal(vote.seat.lease[0].proposer.fenced, 0);
	assert_int_equal(vote.fence.fence.state, FENCE_IDLE);
	/* Its last words come three times. */
	vote_fence_heard(&vote, &peer);
	assert_int_equal(p->fenced, 0);
	vote_fence_tick(&vote);
	assert_int_equal(p->fenced, 2);
	/* Whoever stood still for too long begins anew. */
	vote.fence.fence.state = FENCE_OFF;
	vote_fence_stalled(&vote, S - 1);
	assert_int_equal(vote.fence.fence.state, FENCE_OFF);
	vote_fence_stalled(&vote, S);
	assert_int_equal(vote.fence.fence.state, FENCE_IDLE);
	assert_int_equal(p->fenced, 0);
	assert_true(vote.fence.since >= now);
	vote_fence_tick(&vote);
	assert_int_equal(p->fenced, 2);
	/* What was so for a lease ends with the right to it. */
	hasw_seat_lost(&vote.seat, 1, clock_now());
	assert_int_equal(p->fenced | p->alone, 0);
	vote_fence_close(&vote);
}

/* Status says what the rules go by, and an early probe begins only if it ends before the right. */
static void status_as_the_rules(void **state)
{
	struct conf split = { .split = true, .fence_after = S };
	struct cluster_peer peer = { .peer.state = PEER_SILENT };
	struct cluster cluster = { .peers = &peer, .n_peers = 1 };
	uint64_t now = clock_now(), age;
	struct hasw_proposer *p = begin(now);
	bool off;

	(void)state;
	own(p, &cluster, now);
	assert_int_equal(vote_fence_set(&vote, &split, NULL), 0);
	/* Nothing is asked, for this node has no link. */
	peer.peer.heard = now - S / 2;
	vote.seat.began = peer.peer.heard;
	p->deadline = now + PROBE_TIME;
	vote_fence_tick(&vote);
	assert_int_equal(vote.fence.why, FENCE_NEEDLESS);
	p->deadline += S;
	vote_fence_tick(&vote);
	assert_int_equal(vote.fence.why, FENCE_UNLINKED);

	/* The early probe of a moment ago has ended. */
	assert_int_equal(hasw_seat_fence_held(&vote.seat, 1, now), 1);
	hasw_seat_fence_held_end(&vote.seat, 1, now, 1);
	vote.fence.fence.state = FENCE_OFF;
	vote.fence.fence.part = true;
	vote_fence_tick(&vote);
	assert_string_equal(vote_fence_split(&vote, now, &off, &age), "b");
	assert_true(off);
	fence_begin(&vote.fence.fence, 7, false, now);
	vote_fence_tick(&vote);
	assert_non_null(vote_fence_split(&vote, now, &off, &age));
	assert_true(off && p->fenced == 2);
	fence_failed(&vote.fence.fence, &vote.fence.rules, now, "something answers on a client link");
	vote_fence_tick(&vote);
	assert_non_null(vote_fence_split(&vote, now, &off, &age));
	assert_true(off && p->fenced == 2);
	/* The right ends, and with it what counted for it. */
	hasw_seat_lost(&vote.seat, 1, now);
	vote_fence_tick(&vote);
	assert_non_null(vote_fence_split(&vote, now, &off, &age));
	assert_false(off || p->fenced);
	vote_fence_close(&vote);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_as_the_rules),
		cmocka_unit_test(only_for_what_is_held),
		cmocka_unit_test(goes_on_alone),
		cmocka_unit_test(only_who_was_met),
		cmocka_unit_test(met_by_the_agent_before),
		cmocka_unit_test(only_while_not_heard),
		cmocka_unit_test(slow_command),
		cmocka_unit_test(another_kind_begins_anew),
		cmocka_unit_test(heard_by_a_heartbeat),
	};

	return cmocka_run_group_tests_name("agent_vote_fence", tests, NULL, NULL);
}
