// SPDX-License-Identifier: GPL-2.0
/* KUnit: the verdicts on a member, their reasons and their order, and which
 * members serve.
 */
#include <kunit/test.h>

#include "sched.h"

/**
 * struct judged - a member whose verdict is YES until a test changes a field
 * @service: service of the member
 * @node: node of the member
 * @share: share of the member
 * @m: the member
 */
struct judged {
	struct hasw_service service;
	struct hasw_node node;
	struct hasw_share share;
	struct hasw_member m;
};

static int judged_init(struct kunit *test)
{
	struct judged *j = kunit_kzalloc(test, sizeof(*j), GFP_KERNEL);

	test->priv = j;
	if (!j)
		return -ENOMEM;
	j->service.failback = HASW_FAILBACK_DEFAULT;
	j->m.node = &j->node;
	j->m.share = &j->share;
	j->m.weight = 1;
	j->m.via = HASWITCH_VIA_LOCAL;
	return 0;
}

static void judge_is(struct kunit *test, u8 verdict)
{
	struct judged *j = test->priv;
	u64 now = 0;

	KUNIT_EXPECT_EQ(test, hasw_judge_of(&j->service, &j->m, &now), verdict);
}

static void judge_names_one_reason(struct kunit *test)
{
	struct judged *j = test->priv;
	u8 state;

	judge_is(test, HASWITCH_NEW_FLOWS_YES);
	/* Each change adds a stronger reason, which hides the reasons added
	 * before it.
	 */
	j->node.word = hasw_word_since(hasw_switch_now()) |
		       HASWITCH_NODE_STATE_HELD;
	judge_is(test, HASWITCH_NEW_FLOWS_HELD);
	j->m.via = HASWITCH_VIA_DIRECT;
	judge_is(test, HASWITCH_NEW_FLOWS_UNRESOLVED);
	j->m.health = HASWITCH_HEALTH_REFUSED;
	judge_is(test, HASWITCH_NEW_FLOWS_REFUSED);
	atomic64_set(&j->share.count, HASW_SHARE_MEMBER + 2 * HASW_SHARE_OPEN +
				      HASW_SHARE_CLOSING);
	j->share.flows_max = 3;
	judge_is(test, HASWITCH_NEW_FLOWS_FULL);
	j->m.weight = 0;
	judge_is(test, HASWITCH_NEW_FLOWS_WEIGHT_0);
	j->m.health = HASWITCH_HEALTH_DOWN;
	judge_is(test, HASWITCH_NEW_FLOWS_UNHEALTHY);
	for (state = HASWITCH_NODE_STATE_DRAIN;
	     state <= HASWITCH_NODE_STATE_LEFT; state++) {
		j->node.word = state;
		judge_is(test, HASWITCH_NEW_FLOWS_NODE_STATE);
	}
	/* Reasons are removed in the reverse order. */
	j->node.word = HASWITCH_NODE_STATE_UP;
	j->m.health = HASWITCH_HEALTH_UP;
	judge_is(test, HASWITCH_NEW_FLOWS_WEIGHT_0);
	j->m.weight = 1;
	judge_is(test, HASWITCH_NEW_FLOWS_FULL);
	j->share.flows_max = 4;
	judge_is(test, HASWITCH_NEW_FLOWS_UNRESOLVED);
	j->m.via = HASWITCH_VIA_GUE;
	judge_is(test, HASWITCH_NEW_FLOWS_YES);
	j->m.share = NULL;
	judge_is(test, HASWITCH_NEW_FLOWS_YES);
}

/* A node's link-layer address counts as known if the node has a next hop of at
 * least one family.
 */
static void judge_takes_either_hop(struct kunit *test)
{
	struct judged *j = test->priv;
	struct hasw_hop hop = {};
	int i;

	j->m.via = HASWITCH_VIA_DIRECT;
	for (i = 0; i < HASW_HOPS; i++) {
		judge_is(test, HASWITCH_NEW_FLOWS_UNRESOLVED);
		rcu_assign_pointer(j->node.hop[i], &hop);
		judge_is(test, HASWITCH_NEW_FLOWS_YES);
		RCU_INIT_POINTER(j->node.hop[i], NULL);
	}
}

/* Each bit of the state word concerns the members with its vias only. */
static void judge_reads_reach_from_the_word(struct kunit *test)
{
	static const struct {
		u64 word;
		u8 via;
		u8 health;
		u8 verdict;
	} row[] = {
		{ HASW_WORD_UNRESOLVED, HASWITCH_VIA_DIRECT,
		  HASWITCH_HEALTH_UP, HASWITCH_NEW_FLOWS_UNRESOLVED },
		{ HASW_WORD_UNRESOLVED, HASWITCH_VIA_TUNNEL,
		  HASWITCH_HEALTH_UP, HASWITCH_NEW_FLOWS_YES },
		{ HASW_WORD_UNREACHED, HASWITCH_VIA_LOCAL,
		  HASWITCH_HEALTH_UP, HASWITCH_NEW_FLOWS_YES },
		{ HASW_WORD_UNROUTED, HASWITCH_VIA_DIRECT,
		  HASWITCH_HEALTH_UP, HASWITCH_NEW_FLOWS_YES },
		{ HASW_WORD_UNROUTED, HASWITCH_VIA_TUNNEL,
		  HASWITCH_HEALTH_UP, HASWITCH_NEW_FLOWS_UNRESOLVED },
		{ HASW_WORD_UNROUTED, HASWITCH_VIA_GUE,
		  HASWITCH_HEALTH_UP, HASWITCH_NEW_FLOWS_UNRESOLVED },
		{ HASW_WORD_UNROUTED, HASWITCH_VIA_NAT,
		  HASWITCH_HEALTH_UP, HASWITCH_NEW_FLOWS_UNRESOLVED },
		{ HASW_WORD_UNRESOLVED, HASWITCH_VIA_DIRECT,
		  HASWITCH_HEALTH_REFUSED, HASWITCH_NEW_FLOWS_REFUSED },
		{ HASW_WORD_UNRESOLVED | HASWITCH_NODE_STATE_HELD,
		  HASWITCH_VIA_DIRECT, HASWITCH_HEALTH_UP,
		  HASWITCH_NEW_FLOWS_UNRESOLVED },
		{ HASW_WORD_UNRESOLVED | HASWITCH_NODE_STATE_HELD,
		  HASWITCH_VIA_GUE, HASWITCH_HEALTH_UP,
		  HASWITCH_NEW_FLOWS_HELD },
		{ HASW_WORD_UNRESOLVED | HASWITCH_NODE_STATE_LOST,
		  HASWITCH_VIA_DIRECT, HASWITCH_HEALTH_UP,
		  HASWITCH_NEW_FLOWS_NODE_STATE },
	};
	struct judged *j = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		j->m.via = row[i].via;
		KUNIT_EXPECT_EQ_MSG(test, hasw_judge_state(row[i].word,
							   row[i].health,
							   &j->m),
				    row[i].verdict, "row %d", i);
	}
}

static void judge_waits_for_failback(struct kunit *test)
{
	struct judged *j = test->priv;
	u64 now = hasw_switch_now() + 3600 * (u64)NSEC_PER_SEC, was;

	j->node.word = hasw_word_since(now) | HASWITCH_NODE_STATE_HELD;
	was = now;
	KUNIT_EXPECT_EQ(test, hasw_judge_of(&j->service, &j->m, &now),
			HASWITCH_NEW_FLOWS_HELD);
	/* hasw_judge_of() does not read the clock again if @now is set. */
	KUNIT_EXPECT_EQ(test, now, was);
	now += HASW_FAILBACK_DEFAULT;
	KUNIT_EXPECT_EQ(test, hasw_judge_of(&j->service, &j->m, &now),
			HASWITCH_NEW_FLOWS_YES);
	j->node.word |= HASW_WORD_DAMPED;
	KUNIT_EXPECT_EQ(test, hasw_judge_of(&j->service, &j->m, &now),
			HASWITCH_NEW_FLOWS_HELD);
	j->node.word &= ~HASW_WORD_DAMPED;
	j->service.failback = HASW_FAILBACK_MANUAL;
	judge_is(test, HASWITCH_NEW_FLOWS_HELD);
	j->service.failback = HASW_FAILBACK_AUTO;
	judge_is(test, HASWITCH_NEW_FLOWS_YES);
}

/* Verdicts from HASW_JUDGE_NEVER on mean that the member gets no new flow. */
static void judge_orders_the_verdicts(struct kunit *test)
{
	u8 v;

	for (v = 0; v <= HASWITCH_NEW_FLOWS_FULL; v++) {
		KUNIT_EXPECT_EQ(test, v >= HASW_JUDGE_NEVER,
				v == HASWITCH_NEW_FLOWS_NODE_STATE ||
				v == HASWITCH_NEW_FLOWS_UNHEALTHY ||
				v == HASWITCH_NEW_FLOWS_WEIGHT_0 ||
				v == HASWITCH_NEW_FLOWS_FULL);
		KUNIT_EXPECT_EQ(test, hasw_judge_serves(v),
				v == HASWITCH_NEW_FLOWS_YES ||
				v == HASWITCH_NEW_FLOWS_HELD);
	}
}

/**
 * struct served - a service with three members; the third one has no next hop
 * @service: the service
 * @node: nodes of the members
 * @m: the members
 * @hop: next hop of the first two members
 */
struct served {
	struct hasw_service service;
	struct hasw_node node[3];
	struct hasw_member m[3];
	struct hasw_hop hop;
};

/* Returns which of the members serve, as bits. */
static u32 served_by(const struct served *b, const struct hasw_members *all)
{
	struct hasw_sched_view view;
	u32 bits = 0, i;

	rcu_read_lock();
	hasw_sched_look(&b->service, all, &view);
	for (i = 0; i < all->n; i++)
		if (hasw_sched_serves(&b->service, all, &view, all->m[i]))
			bits |= BIT(i);
	rcu_read_unlock();
	return bits;
}

static void served_init(struct served *b, struct hasw_members *all)
{
	u32 i;

	b->service.failback = HASW_FAILBACK_DEFAULT;
	all->n = 3;
	for (i = 0; i < 3; i++) {
		b->m[i].node = &b->node[i];
		b->m[i].weight = 1;
		b->m[i].via = HASWITCH_VIA_DIRECT;
		b->m[i].health = HASWITCH_HEALTH_UP;
		all->m[i] = &b->m[i];
		all->maglev->part[i].weight = 1;
		if (i < 2)
			rcu_assign_pointer(b->node[i].hop[HASW_HOP4], &b->hop);
	}
	b->node[2].word = HASWITCH_NODE_STATE_UP | HASW_WORD_UNRESOLVED;
}

/* Which members are reported as serving is what the scheduler picks. Bit 0 of a
 * result is the first member.
 */
static void serving_is_what_is_picked(struct kunit *test)
{
	static const struct {
		u8 sched;
		u32 held;	/* the second member is held */
		u32 newer;	/* the first one came up later than that */
		u32 both_held;
		u32 refused;	/* the first one refuses, too */
	} row[] = {
		{ HASWITCH_SCHED_ACTIVE_STANDBY, 1, 1, 2, 2 },
		{ HASWITCH_SCHED_RR, 1, 1, 3, 2 },
		{ HASWITCH_SCHED_RANDOM, 1, 1, 3, 2 },
		{ HASWITCH_SCHED_MAGLEV, 1, 3, 3, 2 },
	};
	u64 t = hasw_switch_now() + 3600 * (u64)NSEC_PER_SEC;
	struct hasw_members *all;
	struct served *b;
	int i;

	b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	all = kunit_kzalloc(test, struct_size(all, m, 3), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_ASSERT_NOT_NULL(test, all);
	all->maglev = kunit_kzalloc(test, struct_size(all->maglev, part, 3),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, all->maglev);
	served_init(b, all);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		all->sched = row[i].sched;
		b->node[0].word = HASWITCH_NODE_STATE_UP;
		b->node[1].word = hasw_word_since(t) | HASWITCH_NODE_STATE_HELD;
		b->m[0].health = HASWITCH_HEALTH_UP;
		KUNIT_EXPECT_EQ_MSG(test, served_by(b, all), row[i].held,
				    "row %d", i);
		b->node[0].word = hasw_word_since(t + NSEC_PER_SEC) |
				  HASWITCH_NODE_STATE_UP;
		KUNIT_EXPECT_EQ_MSG(test, served_by(b, all), row[i].newer,
				    "row %d", i);
		b->node[0].word |= HASWITCH_NODE_STATE_HELD;
		KUNIT_EXPECT_EQ_MSG(test, served_by(b, all), row[i].both_held,
				    "row %d", i);
		b->m[0].health = HASWITCH_HEALTH_REFUSED;
		KUNIT_EXPECT_EQ_MSG(test, served_by(b, all), row[i].refused,
				    "row %d", i);
		b->node[1].word = HASWITCH_NODE_STATE_LOST;
		KUNIT_EXPECT_EQ_MSG(test, served_by(b, all), 0, "row %d", i);
	}
}

/**
 * struct spares - a service of two members and three spare ones
 * @service: the service
 * @vip: its vip
 * @node: nodes of @m
 * @self: the node of this network namespace, which is none of @node
 * @m: the members; the last three are spare
 */
struct spares {
	struct hasw_service service;
	struct hasw_vip vip;
	struct hasw_node node[5];
	struct hasw_node self;
	struct hasw_member m[5];
};

static struct spares *spares_new(struct kunit *test)
{
	struct hasw_members *all;
	struct spares *b;
	u32 i;

	b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	all = kunit_kzalloc(test, struct_size(all, m, 5), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_ASSERT_NOT_NULL(test, all);
	hasw_wlock_drop(&b->vip.wlock);
	b->service.vip = &b->vip;
	b->service.failback = HASW_FAILBACK_DEFAULT;
	rcu_assign_pointer(b->service.members, all);
	all->n = 5;
	for (i = 0; i < 5; i++) {
		/* The names are not in the order of addition. */
		snprintf(b->node[i].name, sizeof(b->node[i].name), "n%u", i);
		all->m[i == 2 ? 3 : i == 3 ? 2 : i] = &b->m[i];
		b->m[i].node = &b->node[i];
		b->m[i].spare = i >= 2;
		b->m[i].priority = i == 4 ? 50 : 100;
	}
	return b;
}

/* Gives a member the state that a letter stands for. */
static void spares_set(struct spares *b, u32 i, char letter, u64 now)
{
	u64 held = HASWITCH_NODE_STATE_HELD;

	b->m[i].health = letter == 'u' ? HASWITCH_HEALTH_DOWN :
			 letter == 'r' ? HASWITCH_HEALTH_REFUSED :
					 HASWITCH_HEALTH_UP;
	b->m[i].wanted = letter != '0';
	b->m[i].via = HASWITCH_VIA_DIRECT;
	b->node[i].word = letter == 'd' ? HASWITCH_NODE_STATE_DRAIN :
			  letter == 'l' ? HASWITCH_NODE_STATE_LOST :
			  letter == 'h' ? hasw_word_since(now) | held :
			  letter == 'b' ?
			  hasw_word_since(now - 2 * HASW_FAILBACK_DEFAULT) | held :
			  HASWITCH_NODE_STATE_UP;
	if (letter == 'n')
		b->node[i].word |= HASW_WORD_UNRESOLVED;
}

/* Returns which members do not wait, as bits. */
static u32 spares_serving(const struct spares *b)
{
	u32 bits = 0, i;

	for (i = 0; i < 5; i++)
		bits |= b->m[i].waits ? 0 : BIT(i);
	return bits;
}

/* Letters of the members: U up, d drained, l lost, u unhealthy, r refuses, 0 of
 * weight 0, n not reachable, h held, b held and its failback is over. The order
 * of the spare ones, by priority and then by name, is 4, 2, 3.
 */
static void spares_are_called_in_order(struct kunit *test)
{
	static const struct {
		u16 min_active;
		const char *states;
		u32 called;
		bool later;	/* the end of a failback is waited for */
	} row[] = {
		{ 1, "UUUUU", 0 }, { 2, "UUUUU", 0 }, { 1, "UlUUU", 0 },
		{ 2, "UlUUU", BIT(4) }, { 2, "llUUU", BIT(4) | BIT(2) },
		{ 1, "llUUU", BIT(4) }, { 9, "UUUUU", BIT(4) | BIT(2) | BIT(3) },
		{ 2, "UdUUU", BIT(4) }, { 2, "UuUUU", BIT(4) },
		{ 2, "UrUUU", BIT(4) }, { 2, "U0UUU", BIT(4) },
		{ 2, "UnUUU", BIT(4) },
		/* A spare one that is not usable is passed over. */
		{ 2, "UlUUl", BIT(2) }, { 2, "UluUd", BIT(3) },
		{ 2, "Ul0U0", BIT(3) }, { 2, "Ullll", 0 },
		/* A held member counts when its failback is over, or if no
		 * member is up.
		 */
		{ 2, "UhUUU", BIT(4), true }, { 2, "UbUUU", 0 },
		{ 2, "UlUUh", BIT(2), true }, { 2, "UlUUb", BIT(4) },
		{ 2, "hhhhh", 0, true }, { 2, "hlhhh", BIT(4), true },
		{ 1, "hlUll", BIT(2), true }, { 1, "lllhh", BIT(4), true },
	};
	u64 now = hasw_switch_now() + 3600 * (u64)NSEC_PER_SEC, next;
	struct spares *b;
	u32 i, j;

	b = spares_new(test);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		b->service.min_active = row[i].min_active;
		for (j = 0; j < 5; j++)
			spares_set(b, j, row[i].states[j], now);
		next = U64_MAX;
		KUNIT_EXPECT_EQ(test, hasw_spares_judge(&b->service, NULL, now,
							&next),
				hweight32(row[i].called));
		KUNIT_EXPECT_EQ_MSG(test, spares_serving(b) & ~3U,
				    row[i].called, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, next != U64_MAX, row[i].later,
				    "row %u", i);
	}
}

/* Judges the members, each in the zone and the state that its letters name, and
 * returns which ones do not wait. This node is in the zone @self, a letter;
 * with a dot it has none.
 */
static u32 spares_zoned(struct kunit *test, struct spares *b, char self,
			const char *zones, const char *states)
{
	u64 now = hasw_switch_now() + 3600 * (u64)NSEC_PER_SEC, next = U64_MAX;
	u32 j;

	for (j = 0; j < 5; j++) {
		b->node[j].zone[0] = zones[j] == '.' ? 0 : zones[j];
		spares_set(b, j, states[j], now);
	}
	b->self.zone[0] = self == '.' ? 0 : self;
	KUNIT_EXPECT_GE(test, hasw_spares_judge(&b->service, &b->self, now,
						&next), 0);
	return spares_serving(b);
}

/* The next spare member is of the zone in which the fewest members serve, and
 * among those of the one that lost most. For others see
 * spares_are_called_in_order(): without zones, the order is 4, 2, 3.
 */
static void spares_are_spread_over_zones(struct kunit *test)
{
	static const struct {
		u16 min_active;
		const char *zones;
		const char *states;
		u32 serving;
	} row[] = {
		/* In the zone of the one that is lost. */
		{ 2, "abbab", "lUUUU", BIT(1) | BIT(3) },
		{ 2, "abaab", "UlUUU", BIT(0) | BIT(4) },
		/* That zone has no spare member, or none that is usable. */
		{ 2, "abaaa", "UlUUU", BIT(0) | BIT(4) },
		{ 2, "abbab", "lUUlU", BIT(1) | BIT(4) },
		/* In a zone in which none serves, which never had one. */
		{ 3, "ababc", "UUUUU", BIT(0) | BIT(1) | BIT(4) },
		{ 3, "abcab", "UUUUU", BIT(0) | BIT(1) | BIT(2) },
		/* Called ones count, too. */
		{ 4, "abcaa", "UUUUU", BIT(0) | BIT(1) | BIT(2) | BIT(4) },
		{ 4, "aacbb", "UUUUU", BIT(0) | BIT(1) | BIT(2) | BIT(4) },
		{ 3, "aabcc", "UlUUU", BIT(0) | BIT(4) | BIT(2) },
		{ 2, "aabcc", "llUUU", BIT(4) | BIT(2) },
		{ 2, "aaccc", "llUUU", BIT(4) | BIT(2) },
		/* Of zones in which as many serve, the one that lost most. */
		{ 2, "aabba", "llUUU", BIT(4) | BIT(2) },
		{ 1, "aabbc", "llUUU", BIT(4) },
		{ 1, "aaabc", "llUUU", BIT(2) },
		/* Nodes without a zone are one zone together. */
		{ 2, ".aa..", "UlUUU", BIT(0) | BIT(2) },
		{ 2, "a..aa", "UlUUU", BIT(0) | BIT(2) },
	};
	struct spares *b = spares_new(test);
	u32 i, serving;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		b->service.min_active = row[i].min_active;
		serving = spares_zoned(test, b, 'a', row[i].zones,
				       row[i].states);
		/* Members that are no spares never wait. */
		if (row[i].states[0] == 'l')
			serving &= ~BIT(0);
		if (row[i].states[1] == 'l')
			serving &= ~BIT(1);
		KUNIT_EXPECT_EQ_MSG(test, serving, row[i].serving, "row %u", i);
	}
}

/* A service that prefers a zone, as a node in that zone sees it. Members of
 * other zones are called as spare ones are, after the spare ones of the zone.
 */
static void members_of_other_zones_wait(struct kunit *test)
{
	static const struct {
		u16 min_active;
		char self;
		const char *zones;
		const char *states;
		u32 waits;
	} row[] = {
		/* The third member to the fifth one are spare. */
		{ 1, 'a', "abaab", "UUUUU", BIT(1) | 0x1c },
		{ 1, 'b', "abaab", "UUUUU", BIT(0) | 0x1c },
		{ 2, 'a', "abaab", "UUUUU", BIT(1) | BIT(3) | BIT(4) },
		{ 3, 'a', "abaab", "UUUUU", BIT(1) | BIT(4) },
		{ 4, 'a', "abaab", "UUUUU", BIT(4) },
		{ 5, 'a', "abaab", "UUUUU", 0 },
		{ 1, 'a', "abaab", "lUUUU", BIT(1) | BIT(3) | BIT(4) },
		{ 2, 'a', "abaab", "lUlUU", BIT(2) | BIT(4) },
		/* Not while a member of the zone returns. */
		{ 1, 'a', "aabbb", "hlUUU", 0x1c & ~BIT(4) },
		{ 1, 'a', "abbbb", "hUUUU", 0x1c },
		{ 1, 'a', "abbbb", "bUUUU", BIT(1) | 0x1c },
		/* With none in the zone, all others are as without zones. */
		{ 1, 'a', "abbbb", "lUUUU", 0x1c },
		{ 1, 'a', "abaab", "lUllU", 0x1c },
		{ 2, 'a', "abbbb", "lUUUU", BIT(2) | BIT(3) },
		{ 1, 'c', "abaab", "UUUUU", 0x1c },
		{ 1, '.', "abaab", "UUUUU", 0x1c },
		/* A node without a zone is in another one. */
		{ 1, 'a', "a.aab", "UUUUU", BIT(1) | 0x1c },
	};
	struct spares *b = spares_new(test);
	u32 i;

	b->service.zone_prefer = 1;
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		b->service.min_active = row[i].min_active;
		KUNIT_EXPECT_EQ_MSG(test,
				    0x1f & ~spares_zoned(test, b, row[i].self,
							 row[i].zones,
							 row[i].states),
				    row[i].waits, "row %u", i);
	}
	/* Without this node, and without the preference, no zone matters. */
	spares_zoned(test, b, 'a', "abaab", "UUUUU");
	KUNIT_EXPECT_EQ(test, spares_serving(b) & 3, BIT(0));
	b->service.zone_prefer = 0;
	spares_zoned(test, b, 'a', "abaab", "UUUUU");
	KUNIT_EXPECT_EQ(test, spares_serving(b) & 3, 3);
}

/* Has the work on spare members run, if a switch queues it. Returns whether the
 * next switch will.
 */
static bool spares_work(struct hasw_net *hn)
{
	spin_lock_bh(&hn->state_lock);
	hasw_switch_spares(hn);
	spin_unlock_bh(&hn->state_lock);
	flush_delayed_work(&hn->spares.work);
	return READ_ONCE(hn->spares.any);
}

/* The work runs at switches as long as a service has a spare member, and not
 * for ever after.
 */
static void spares_work_ends(struct kunit *test)
{
	struct hasw_net *hn = hasw_net_of(&init_net);
	struct spares *b = spares_new(test);
	struct hasw_config *cfg;
	u32 i;

	for (i = 0; i < 5; i++) {
		spares_set(b, i, 'U', 0);
		b->m[i].weight = i < 2;
		b->m[i].waits = i >= 2;
	}
	mutex_lock(&hn->mutex);
	cfg = hasw_config_live(hn);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&cfg->spares));
	hasw_wlock_init(&b->vip.wlock, &hn->mutex);
	hlist_add_head(&b->service.with_spares, &cfg->spares);
	WRITE_ONCE(hn->spares.any, true);
	mutex_unlock(&hn->mutex);
	KUNIT_EXPECT_TRUE(test, spares_work(hn));
	KUNIT_EXPECT_TRUE(test, spares_work(hn));
	mutex_lock(&hn->mutex);
	for (i = 2; i < 5; i++) {
		b->m[i].spare = false;
		b->m[i].weight = 1;
	}
	mutex_unlock(&hn->mutex);
	KUNIT_EXPECT_FALSE(test, spares_work(hn));
	mutex_lock(&hn->mutex);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&cfg->spares));
	/* Whatever failed, the list must not have what the test frees. */
	hlist_del_init(&b->service.with_spares);
	WRITE_ONCE(hn->spares.any, false);
	mutex_unlock(&hn->mutex);
}

/* The share of a node and the slow start both reduce a weight, but not to 0. */
static void share_reduces_the_weight(struct kunit *test)
{
	struct judged *j = test->priv;
	struct hasw_tracked tracked = {};
	u64 now = 1000 * (u64)NSEC_PER_SEC;

	j->service.tracked = &tracked;
	j->share.began = now - 10;
	KUNIT_EXPECT_EQ(test, hasw_sched_weight(&j->service, &j->m, 3, &now),
			300);
	j->node.less = 75;
	KUNIT_EXPECT_EQ(test, hasw_sched_weight(&j->service, &j->m, 3, &now),
			75);
	j->node.less = 99;
	KUNIT_EXPECT_EQ(test, hasw_sched_weight(&j->service, &j->m, U16_MAX,
						&now), U16_MAX);
	/* Half of the slow start is over: 55 % of the weight. */
	tracked.slow_start = 20;
	KUNIT_EXPECT_EQ(test, hasw_sched_weight(&j->service, &j->m, 100, &now),
			55);
	KUNIT_EXPECT_EQ(test, hasw_sched_weight(&j->service, &j->m, 1, &now),
			1);
	j->node.less = 0;
	KUNIT_EXPECT_EQ(test, hasw_sched_weight(&j->service, &j->m, 100, &now),
			5500);
	j->node.less = 50;
	j->share.began = now - 20;
	KUNIT_EXPECT_EQ(test, hasw_sched_weight(&j->service, &j->m, 2, &now),
			100);
}

static struct kunit_case judge_cases[] = {
	KUNIT_CASE(judge_names_one_reason),
	KUNIT_CASE(judge_takes_either_hop),
	KUNIT_CASE(judge_reads_reach_from_the_word),
	KUNIT_CASE(judge_waits_for_failback),
	KUNIT_CASE(judge_orders_the_verdicts),
	KUNIT_CASE(serving_is_what_is_picked),
	KUNIT_CASE(spares_are_called_in_order),
	KUNIT_CASE(spares_are_spread_over_zones),
	KUNIT_CASE(members_of_other_zones_wait),
	KUNIT_CASE(spares_work_ends),
	KUNIT_CASE(share_reduces_the_weight),
	{}
};

static struct kunit_suite judge_suite = {
	.name = "haswitch_judge",
	.init = judged_init,
	.test_cases = judge_cases,
};

kunit_test_suite(judge_suite);
