// SPDX-License-Identifier: GPL-2.0
/* KUnit: members that wait stand in at once when no other member is usable,
 * before the work on spare members has visited their service.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "sched.h"
#include "service_fixture.h"

/* Number of new flows by which it is seen who gets them. */
#define FLOWS 64

/**
 * struct standing - a service of four members
 * @f: the vip, and the nodes of @m
 * @service: the service
 * @m: the members: one that never waits, a spare one, and two of another zone
 */
struct standing {
	struct hasw_service_fixture f;
	struct hasw_service *service;
	struct hasw_member *m[4];
};

static int standing_init(struct kunit *test)
{
	struct standing *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	test->priv = b;
	if (!b)
		return -ENOMEM;
	hasw_service_fixture_init(&b->f);
	return 0;
}

static void standing_exit(struct kunit *test)
{
	struct standing *b = test->priv;

	if (b)
		hasw_service_fixture_exit(&b->f);
}

static void standing_add(struct kunit *test, const struct hasw_sched *sched,
			 const struct hasw_tracking *tracking)
{
	static const u8 waits[] = { HASW_TURN_SERVES, HASW_TURN_SPARE,
				    HASW_TURN_AWAY, HASW_TURN_AWAY };
	struct standing *b = test->priv;
	struct hasw_service_fixture *f = &b->f;
	u32 i;

	b->service = hasw_service_add(&f->cfg, &f->vip, IPPROTO_TCP, 80, NULL,
				      sched, tracking);
	KUNIT_ASSERT_NOT_NULL(test, b->service);
	for (i = 0; i < 4; i++) {
		const struct hasw_place place = {
			.priority = 100, .weight = 1,
			.spare = waits[i] == HASW_TURN_SPARE,
			.waits = waits[i],
		};

		snprintf(f->node[i].name, sizeof(f->node[i].name), "m%u", i);
		b->m[i] = hasw_member_add(&f->cfg, b->service, &f->node[i],
					  &place, HASWITCH_VIA_TUNNEL, 0,
					  HASWITCH_HEALTH_UP);
		KUNIT_ASSERT_NOT_NULL(test, b->m[i]);
	}
}

static void standing_del(struct kunit *test)
{
	struct standing *b = test->priv;

	KUNIT_EXPECT_EQ(test, hasw_service_del(&b->f.cfg, b->service), 0);
}

/* Gives each member the state that its letter stands for: U up, l lost, h held,
 * r refuses, f full.
 */
static void standing_set(struct standing *b, const char *states)
{
	struct hasw_node *node = b->f.node;
	u32 i;

	for (i = 0; i < 4; i++) {
		node[i].word = states[i] == 'l' ? HASWITCH_NODE_STATE_LOST :
			       states[i] == 'h' ?
			       hasw_word_since(hasw_switch_now()) |
			       HASWITCH_NODE_STATE_HELD :
			       HASWITCH_NODE_STATE_UP;
		b->m[i]->health = states[i] == 'r' ? HASWITCH_HEALTH_REFUSED :
						     HASWITCH_HEALTH_UP;
		if (b->m[i]->share) {
			b->m[i]->share->flows_max = states[i] == 'f';
			atomic64_set(&b->m[i]->share->count, states[i] == 'f' ?
				     HASW_SHARE_MEMBER + HASW_SHARE_OPEN :
				     HASW_SHARE_MEMBER);
		}
	}
}

/* Returns which members get new flows, as bits. */
static u32 standing_picked(struct standing *b)
{
	struct hasw_tuple t = { .proto = IPPROTO_TCP };
	struct hasw_member *m, *away = NULL;
	const struct hasw_members *all;
	u32 bits = 0, i, j;

	local_bh_disable();
	rcu_read_lock();
	all = rcu_dereference(b->service->members);
	for (i = 0; i < FLOWS; i++) {
		t.ports[0] = htons(1024 + i);
		if (all->how == HASW_HOW_HASH)
			m = hasw_sched_maglev_pick(b->service, all,
						   hasw_tuple_hash(&t), &away);
		else
			m = hasw_sched_choose(b->service, all,
					      all->how == HASW_HOW_EACH ?
					      NULL : &t);
		for (j = 0; m && j < 4; j++)
			bits |= b->m[j] == m ? BIT(j) : 0;
	}
	rcu_read_unlock();
	local_bh_enable();
	return bits;
}

/* Returns which members are told to serve, as bits. */
static u32 standing_shown(struct standing *b)
{
	const struct hasw_members *all;
	struct hasw_sched_view view;
	u32 bits = 0, i;

	rcu_read_lock();
	all = rcu_dereference(b->service->members);
	hasw_sched_look(b->service, all, &view);
	for (i = 0; i < 4; i++)
		if (hasw_sched_serves(b->service, all, &view, b->m[i]))
			bits |= BIT(i);
	rcu_read_unlock();
	return bits;
}

static const struct {
	const struct hasw_sched *sched;
	struct hasw_tracking tracking;
} standing_kinds[] = {
	{ &hasw_sched_rr }, { &hasw_sched_wrr }, { &hasw_sched_lc },
	{ &hasw_sched_wlc }, { &hasw_sched_random },
	{ &hasw_sched_rr, { .one_packet = true } },
	{ &hasw_sched_maglev, { .persist = NSEC_PER_SEC, .mask = 32 } },
	{ &hasw_sched_maglev },
};

/* Returns whether the flows of a kind of service are tracked. */
static bool standing_counts(u32 kind)
{
	return kind < ARRAY_SIZE(standing_kinds) - 1;
}

static void waiting_members_stand_in_at_once(struct kunit *test)
{
	static const struct {
		const char *states;
		u32 gets;
	} row[] = {
		{ "UUUU", BIT(0) },
		{ "hUUU", BIT(0) },
		/* First the spare one, then all of other zones. */
		{ "lUUU", BIT(1) },
		{ "llUU", BIT(2) | BIT(3) },
		{ "lllU", BIT(3) },
		{ "llll", 0 },
		/* Members that could not serve are no reason to wait. */
		{ "rUUU", BIT(1) },
		{ "rrUU", BIT(2) | BIT(3) },
		{ "rlll", BIT(0) },
		/* Who is up goes before who is held. */
		{ "lhUU", BIT(2) | BIT(3) },
		{ "lhhU", BIT(3) },
		{ "lhll", BIT(1) },
	};
	struct standing *b = test->priv;
	u32 kind, i, shown;

	for (kind = 0; kind < ARRAY_SIZE(standing_kinds); kind++) {
		standing_add(test, standing_kinds[kind].sched,
			     &standing_kinds[kind].tracking);
		for (i = 0; i < ARRAY_SIZE(row); i++) {
			standing_set(b, row[i].states);
			KUNIT_EXPECT_EQ_MSG(test, standing_picked(b),
					    row[i].gets, "kind %u, row %u",
					    kind, i);
			/* Who refuses is picked last, and serves nobody. */
			shown = row[i].gets;
			if (row[i].states[0] == 'r')
				shown &= ~BIT(0);
			KUNIT_EXPECT_EQ_MSG(test, standing_shown(b), shown,
					    "kind %u, row %u", kind, i);
		}
		standing_del(test);
	}
}

/* Who is full is usable, so nobody stands in; who stands in may be full. */
static void full_members_are_not_stood_in_for(struct kunit *test)
{
	struct standing *b = test->priv;
	u32 kind;

	for (kind = 0; standing_counts(kind); kind++) {
		standing_add(test, standing_kinds[kind].sched,
			     &standing_kinds[kind].tracking);
		standing_set(b, "fUUU");
		KUNIT_EXPECT_EQ_MSG(test, standing_picked(b), 0, "kind %u",
				    kind);
		KUNIT_EXPECT_EQ_MSG(test, standing_shown(b), 0, "kind %u",
				    kind);
		standing_set(b, "lfUU");
		KUNIT_EXPECT_EQ_MSG(test, standing_picked(b), BIT(2) | BIT(3),
				    "kind %u", kind);
		standing_set(b, "UUUU");
		standing_del(test);
	}
}

/* Packets that still read the list of before go to a member that has begun. */
static void called_members_serve_in_old_lists(struct kunit *test)
{
	struct standing *b = test->priv;
	u32 kind, i;

	for (kind = 0; kind < ARRAY_SIZE(standing_kinds); kind++) {
		standing_add(test, standing_kinds[kind].sched,
			     &standing_kinds[kind].tracking);
		standing_set(b, "lUUU");
		b->m[1]->waits = 0;
		hasw_member_tell(b->m[1]);
		KUNIT_EXPECT_EQ_MSG(test, standing_picked(b), BIT(1),
				    "kind %u", kind);
		/* One of weight 0 gets nothing, though it waits. */
		for (i = 1; i < 4; i++) {
			b->m[i]->waits = HASW_TURN_SPARE;
			b->m[i]->wanted = 0;
			hasw_member_tell(b->m[i]);
		}
		KUNIT_EXPECT_EQ_MSG(test, standing_picked(b), 0, "kind %u",
				    kind);
		standing_del(test);
	}
}

static struct kunit_case stand_in_cases[] = {
	KUNIT_CASE(waiting_members_stand_in_at_once),
	KUNIT_CASE(full_members_are_not_stood_in_for),
	KUNIT_CASE(called_members_serve_in_old_lists),
	{}
};

static struct kunit_suite stand_in_suite = {
	.name = "haswitch_stand_in",
	.init = standing_init,
	.exit = standing_exit,
	.test_cases = stand_in_cases,
};

kunit_test_suite(stand_in_suite);
