// SPDX-License-Identifier: GPL-2.0
/* KUnit: which service a packet belongs to, and which member each scheduler
 * picks.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "sched.h"
#include "service_fixture.h"

static int fixture_init(struct kunit *test)
{
	struct hasw_service_fixture *b = kunit_kzalloc(test, sizeof(*b),
						       GFP_KERNEL);

	test->priv = b;
	if (!b)
		return -ENOMEM;
	hasw_service_fixture_init(b);
	return 0;
}

static void fixture_exit(struct kunit *test)
{
	if (test->priv)
		hasw_service_fixture_exit(test->priv);
}

static struct hasw_service *fixture_service(struct kunit *test, u8 proto,
					    u16 port)
{
	struct hasw_service_fixture *b = test->priv;
	struct hasw_service *service;

	service = hasw_service_add(&b->cfg, &b->vip, proto, port, NULL,
				   &hasw_sched_active_standby,
				   &(struct hasw_tracking){});
	KUNIT_ASSERT_NOT_NULL(test, service);
	return service;
}

static struct hasw_service *fixture_pick(struct kunit *test, u8 proto, u16 port)
{
	struct hasw_service_fixture *b = test->priv;

	return hasw_service_pick(hasw_unpublished(b->vip.services), proto,
				 port);
}

static void service_most_specific_wins(struct kunit *test)
{
	struct hasw_service *port, *proto, *all, *other;
	struct hasw_service_fixture *b = test->priv;

	port = fixture_service(test, IPPROTO_TCP, 80);
	other = fixture_service(test, IPPROTO_UDP, 53);
	KUNIT_EXPECT_PTR_EQ(test, fixture_pick(test, IPPROTO_TCP, 80), port);
	KUNIT_EXPECT_NULL(test, fixture_pick(test, IPPROTO_TCP, 81));
	KUNIT_EXPECT_NULL(test, fixture_pick(test, IPPROTO_UDP, 80));
	all = fixture_service(test, 0, 0);
	proto = fixture_service(test, IPPROTO_TCP, 0);
	KUNIT_EXPECT_PTR_EQ(test, fixture_pick(test, IPPROTO_TCP, 80), port);
	KUNIT_EXPECT_PTR_EQ(test, fixture_pick(test, IPPROTO_TCP, 81), proto);
	KUNIT_EXPECT_PTR_EQ(test, fixture_pick(test, IPPROTO_TCP, 0), proto);
	KUNIT_EXPECT_PTR_EQ(test, fixture_pick(test, IPPROTO_UDP, 53), other);
	KUNIT_EXPECT_PTR_EQ(test, fixture_pick(test, IPPROTO_UDP, 80), all);
	KUNIT_EXPECT_PTR_EQ(test, fixture_pick(test, IPPROTO_ICMP, 0), all);
	KUNIT_EXPECT_EQ(test, hasw_service_del(&b->cfg, port), 0);
	KUNIT_EXPECT_PTR_EQ(test, fixture_pick(test, IPPROTO_TCP, 80), proto);
	KUNIT_EXPECT_EQ(test, b->cfg.n_services, 3);
	KUNIT_EXPECT_EQ(test, b->cfg.n_ports, 1);
}

static void service_is_found_among_many_ports(struct kunit *test)
{
	u32 i;

	/* The ports are neither ascending nor descending, so services are
	 * inserted in the middle.
	 */
	for (i = 0; i < 200; i++)
		fixture_service(test, IPPROTO_TCP, 1 + i * 37 % 200);
	for (i = 1; i <= 200; i++) {
		struct hasw_service *s = fixture_pick(test, IPPROTO_TCP, i);

		KUNIT_ASSERT_NOT_NULL(test, s);
		KUNIT_EXPECT_EQ(test, s->port, i);
	}
	KUNIT_EXPECT_NULL(test, fixture_pick(test, IPPROTO_TCP, 201));
}

static void set_state(struct hasw_node *node, u8 state)
{
	node->word = state;
}

static const struct hasw_node *active(struct hasw_service *service)
{
	struct hasw_member *m;

	rcu_read_lock();
	m = hasw_sched_pick(service, rcu_dereference(service->members));
	rcu_read_unlock();
	return m ? m->node : NULL;
}

static void member_best_usable_serves(struct kunit *test)
{
	struct hasw_service *s = fixture_service(test, IPPROTO_TCP, 80);
	static const struct hasw_place later = { 20, 1 };
	struct hasw_service_fixture *b = test->priv;
	struct hasw_member *m[3];
	u8 state;
	int i;

	KUNIT_EXPECT_NULL(test, active(s));
	for (i = 0; i < 3; i++) {
		/* The worst member is added first. Members with the same
		 * priority keep their order of addition.
		 */
		static const struct hasw_place place[] = {
			{ 20, 1 }, { 10, 1 }, { 10, 1 },
		};

		m[i] = hasw_member_add(&b->cfg, s, &b->node[i], &place[i],
				       HASWITCH_VIA_DIRECT, 0,
				       HASWITCH_HEALTH_UP);
		KUNIT_ASSERT_NOT_NULL(test, m[i]);
	}
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[1]);
	for (state = HASWITCH_NODE_STATE_UP + 1;
	     state <= HASWITCH_NODE_STATE_LEFT; state++) {
		set_state(&b->node[1], state);
		KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[2]);
	}
	m[2]->health = HASWITCH_HEALTH_DOWN;
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[0]);
	set_state(&b->node[0], HASWITCH_NODE_STATE_DOWN);
	KUNIT_EXPECT_NULL(test, active(s));
	/* A refusing member is picked only if no other member is usable. */
	m[2]->health = HASWITCH_HEALTH_REFUSED;
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[2]);
	set_state(&b->node[0], HASWITCH_NODE_STATE_HELD);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[0]);
	set_state(&b->node[0], HASWITCH_NODE_STATE_DOWN);
	set_state(&b->node[2], HASWITCH_NODE_STATE_LOST);
	KUNIT_EXPECT_NULL(test, active(s));
	set_state(&b->node[2], HASWITCH_NODE_STATE_UP);
	m[2]->health = HASWITCH_HEALTH_UP;
	set_state(&b->node[1], HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[1]);
	/* A member of weight 0 is not picked, even if no other member is
	 * usable.
	 */
	for (i = 2; i >= 0; i--) {
		const struct hasw_place none = { m[i]->priority, 0 };

		KUNIT_EXPECT_EQ(test, hasw_member_set_place(&b->cfg, s, m[i],
							    &none), 0);
		KUNIT_EXPECT_PTR_EQ(test, active(s),
				    i == 2 ? &b->node[1] : NULL);
	}
	set_state(&b->node[0], HASWITCH_NODE_STATE_UP);
	for (i = 0; i < 3; i++) {
		const struct hasw_place again = { m[i]->priority, 1 };

		KUNIT_EXPECT_EQ(test, hasw_member_set_place(&b->cfg, s, m[i],
							    &again), 0);
		KUNIT_EXPECT_PTR_EQ(test, active(s),
				    i ? &b->node[1] : &b->node[0]);
	}
	set_state(&b->node[0], HASWITCH_NODE_STATE_DOWN);
	/* A member whose priority changes is put behind the other members of
	 * that priority.
	 */
	KUNIT_EXPECT_EQ(test, hasw_member_set_place(&b->cfg, s, m[1], &later),
			0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[2]);
	KUNIT_EXPECT_EQ(test, hasw_member_del(&b->cfg, s, m[2]), 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[1]);
	KUNIT_EXPECT_EQ(test, b->cfg.n_members, 2);
	KUNIT_EXPECT_EQ(test, b->node[2].refs, 0);
}

static void held_since(struct hasw_node *node, u64 since, u64 damped)
{
	node->word = hasw_word_since(since) | HASWITCH_NODE_STATE_HELD | damped;
}

/* The clock begins at boot: a second ago may be no time at all. */
static u64 earlier(void)
{
	return hasw_switch_now() / 2;
}

/* Returns a time before which there are two hours. */
static u64 later(void)
{
	return hasw_switch_now() + 2 * 3600 * (u64)NSEC_PER_SEC;
}

/* A held member, whose node has returned, serves when the service's failback
 * has passed, or earlier if no member is up.
 */
static void member_held_waits_for_failback(struct kunit *test)
{
	struct hasw_service *s = fixture_service(test, IPPROTO_TCP, 80);
	u64 now = later(), second = NSEC_PER_SEC;
	struct hasw_service_fixture *b = test->priv;
	struct hasw_node *n = b->node;
	struct hasw_member *m;
	int i;

	KUNIT_EXPECT_EQ(test, s->failback, HASW_FAILBACK_DEFAULT);
	for (i = 0; i < 3; i++) {
		const struct hasw_place place = { 10 * i, 1 };

		m = hasw_member_add(&b->cfg, s, &n[i], &place,
				    HASWITCH_VIA_DIRECT, 0, HASWITCH_HEALTH_UP);
		KUNIT_ASSERT_NOT_NULL(test, m);
		KUNIT_EXPECT_EQ(test, n[i].held.services, 1);
	}
	held_since(&n[0], now, 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[1]);
	held_since(&n[0], hasw_switch_now(), 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[1]);
	hasw_service_set_failback(s, NSEC_PER_MSEC);
	held_since(&n[0], earlier(), 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[0]);
	held_since(&n[0], earlier(), HASW_WORD_DAMPED);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[1]);
	hasw_service_set_failback(s, HASW_FAILBACK_AUTO);
	KUNIT_EXPECT_EQ(test, n[0].held.services, 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[1]);
	held_since(&n[0], now, 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[0]);
	hasw_service_set_failback(s, HASW_FAILBACK_MANUAL);
	KUNIT_EXPECT_EQ(test, n[0].held.manual, 1);
	held_since(&n[0], 1000, 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[1]);
	/* If all members are held, the member that has been held for the
	 * longest time serves, whatever its priority is.
	 */
	held_since(&n[0], now, 0);
	held_since(&n[1], now - 2 * second, 0);
	held_since(&n[2], now - second, 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[1]);
	set_state(&n[1], HASWITCH_NODE_STATE_LOST);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[2]);
	set_state(&n[2], HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[2]);
	set_state(&n[2], HASWITCH_NODE_STATE_LOST);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[0]);
	/* A node that died too often is damped. If all members are held, a
	 * member on a damped node is picked like any other member.
	 */
	held_since(&n[1], now - second, HASW_WORD_DAMPED);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[1]);
	m->health = HASWITCH_HEALTH_DOWN;
	held_since(&n[2], 1000, 0);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &n[1]);
	KUNIT_EXPECT_EQ(test, hasw_service_del(&b->cfg, s), 0);
	KUNIT_EXPECT_EQ(test, n[0].held.services, 0);
	KUNIT_EXPECT_EQ(test, n[0].held.manual, 0);
}

#define FLOWS 30000

/* What flows() stores before and after a change. */
static u8 before[FLOWS], after[FLOWS];

/* Makes a service that spreads flows over three members; @weight: weights. */
static struct hasw_service *spread(struct kunit *test, const u16 *weight)
{
	struct hasw_service *s = fixture_service(test, IPPROTO_TCP, 80);
	struct hasw_service_fixture *b = test->priv;
	int i;

	for (i = 0; i < 3; i++) {
		const struct hasw_place place = { 100, weight[i] };

		snprintf(b->node[i].name, sizeof(b->node[i].name), "m%d", i);
		KUNIT_ASSERT_NOT_NULL(test, hasw_member_add(&b->cfg, s, &b->node[i],
							    &place,
							    HASWITCH_VIA_DIRECT, 0,
							    HASWITCH_HEALTH_UP));
	}
	KUNIT_ASSERT_EQ(test, hasw_service_set_sched(&b->cfg, s,
						     &hasw_sched_maglev,
						     &(struct hasw_tracking){}),
			0);
	return s;
}

/* Picks a member for each flow. Stores the index of the member's node in
 * @whose, or 3 if no member is usable. Counts the flows of each index in
 * @count.
 */
static void flows(struct kunit *test, const struct hasw_service *s, u8 *whose,
		  u32 *count)
{
	struct hasw_member *m, *away;
	struct hasw_service_fixture *b = test->priv;
	u32 i;

	memset(count, 0, 4 * sizeof(*count));
	for (i = 0; i < FLOWS; i++) {
		away = NULL;
		rcu_read_lock();
		m = hasw_sched_maglev_pick(s, rcu_dereference(s->members),
					   i * 0x9e3779b97f4a7c15ULL, &away);
		rcu_read_unlock();
		whose[i] = m ? m->node - b->node : 3;
		KUNIT_ASSERT_TRUE(test, !away || away != m);
		count[whose[i]]++;
	}
}

/* Expects that @seen is within 5% of @wanted. */
static void expect_about(struct kunit *test, u32 seen, u32 wanted)
{
	KUNIT_EXPECT_GE(test, seen * 20, wanted * 19);
	KUNIT_EXPECT_LE(test, seen * 20, wanted * 21);
}

static void maglev_only_the_dead_move(struct kunit *test)
{
	struct hasw_service *s = spread(test, (const u16[]){ 1, 1, 1 });
	u32 count[4], i, moved = 0;
	struct hasw_service_fixture *b = test->priv;

	KUNIT_EXPECT_EQ(test, b->cfg.n_ports, 1);
	flows(test, s, before, count);
	for (i = 0; i < 3; i++)
		expect_about(test, count[i], FLOWS / 3);
	set_state(&b->node[1], HASWITCH_NODE_STATE_LOST);
	flows(test, s, after, count);
	for (i = 0; i < FLOWS; i++)
		moved += before[i] != after[i] && before[i] != 1;
	KUNIT_EXPECT_EQ(test, moved, 0);
	KUNIT_EXPECT_EQ(test, count[1], 0);
	expect_about(test, count[0], FLOWS / 2);
	expect_about(test, count[2], FLOWS / 2);
	/* A held member gets no flows until its failback is over. Then it gets
	 * all of its flows back.
	 */
	hasw_service_set_failback(s, HASW_FAILBACK_DEFAULT);
	b->node[1].word = hasw_word_since(hasw_switch_now()) |
			  HASWITCH_NODE_STATE_HELD;
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, count[1], 0);
	hasw_service_set_failback(s, NSEC_PER_MSEC);
	held_since(&b->node[1], earlier(), 0);
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, memcmp(before, after, FLOWS), 0);
}

/* All members were lost and return one after the other. No flow moves when a
 * member's failback is over, nor when a member is published as up.
 */
static void maglev_return_of_all_moves_no_flow(struct kunit *test)
{
	struct hasw_service *s = spread(test, (const u16[]){ 1, 2, 3 });
	u64 second = NSEC_PER_SEC, now = later();
	struct hasw_service_fixture *b = test->priv;
	u32 count[4];

	flows(test, s, before, count);
	hasw_service_set_failback(s, NSEC_PER_MSEC);
	held_since(&b->node[0], now, 0);
	held_since(&b->node[1], now + second, 0);
	held_since(&b->node[2], now + 2 * second, HASW_WORD_DAMPED);
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, memcmp(before, after, FLOWS), 0);
	/* The first member's failback is over. */
	held_since(&b->node[0], earlier(), 0);
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, memcmp(before, after, FLOWS), 0);
	/* The first member is up, but it came up after the others became held.
	 */
	b->node[0].word = hasw_word_since(now + 3 * second) |
			  HASWITCH_NODE_STATE_UP;
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, memcmp(before, after, FLOWS), 0);
	/* A member that was up before the others returned gets all flows. */
	b->node[0].word = hasw_word_since(now - second) |
			  HASWITCH_NODE_STATE_UP;
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, count[0], FLOWS);
	/* Flows of an unusable member move to the other members, although these
	 * members are held.
	 */
	set_state(&b->node[2], HASWITCH_NODE_STATE_LOST);
	held_since(&b->node[0], now, 0);
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, count[2] + count[3], 0);
	expect_about(test, count[0], FLOWS / 3);
	expect_about(test, count[1], FLOWS / 3 * 2);
}

static void maglev_last_usable_get_all_flows(struct kunit *test)
{
	u8 *whose = kunit_kzalloc(test, FLOWS, GFP_KERNEL);
	struct hasw_service *s = spread(test, (const u16[]){ 10, 20, 60000 });
	struct hasw_service_fixture *b = test->priv;
	const struct hasw_members *all = hasw_service_members(s);
	struct hasw_place none = { 100, 0 };
	u32 count[4], i;

	KUNIT_ASSERT_NOT_NULL(test, whose);
	/* The unusable member has almost all flows. The other two members get
	 * these flows in proportion to their weights.
	 */
	set_state(&b->node[2], HASWITCH_NODE_STATE_DOWN);
	flows(test, s, whose, count);
	KUNIT_EXPECT_EQ(test, count[2], 0);
	expect_about(test, count[0], FLOWS / 3);
	expect_about(test, count[1], FLOWS / 3 * 2);
	/* A held member serves if no member is up. A member that refuses
	 * connections serves if no other member is usable.
	 */
	set_state(&b->node[0], HASWITCH_NODE_STATE_DOWN);
	held_since(&b->node[1], hasw_switch_now(), 0);
	flows(test, s, whose, count);
	KUNIT_EXPECT_EQ(test, count[1], FLOWS);
	all->m[1]->health = HASWITCH_HEALTH_REFUSED;
	flows(test, s, whose, count);
	KUNIT_EXPECT_EQ(test, count[1], FLOWS);
	all->m[1]->health = HASWITCH_HEALTH_DOWN;
	flows(test, s, whose, count);
	KUNIT_EXPECT_EQ(test, count[3], FLOWS);
	/* A member of weight 0 gets no flow, even if no other member is usable.
	 */
	for (i = 0; i < 3; i++)
		set_state(&b->node[i], HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_EQ(test, hasw_member_set_place(&b->cfg, s, all->m[2], &none),
			0);
	all = hasw_service_members(s);
	flows(test, s, whose, count);
	KUNIT_EXPECT_EQ(test, count[0], FLOWS);
	all->m[0]->health = HASWITCH_HEALTH_DOWN;
	flows(test, s, whose, count);
	KUNIT_EXPECT_EQ(test, count[3], FLOWS);
}

static void maglev_follows_the_scheduler(struct kunit *test)
{
	struct hasw_service *s = spread(test, (const u16[]){ 1, 1, 1 });
	struct hasw_service_fixture *b = test->priv;
	struct hasw_service *whole;

	KUNIT_EXPECT_NOT_NULL(test, hasw_service_members(s)->maglev);
	KUNIT_EXPECT_EQ(test, hasw_service_set_sched(&b->cfg, s,
						     &hasw_sched_active_standby,
						     &(struct hasw_tracking){}),
			0);
	KUNIT_EXPECT_NULL(test, hasw_service_members(s)->maglev);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[0]);
	KUNIT_EXPECT_EQ(test, b->cfg.n_ports, 1);
	/* A service with maglev needs the ports of packets even if it has no
	 * port.
	 */
	whole = fixture_service(test, 0, 0);
	KUNIT_EXPECT_EQ(test, b->cfg.n_ports, 1);
	KUNIT_EXPECT_EQ(test, hasw_service_set_sched(&b->cfg, whole,
						     &hasw_sched_maglev,
						     &(struct hasw_tracking){}),
			0);
	KUNIT_EXPECT_EQ(test, b->cfg.n_ports, 2);
	KUNIT_EXPECT_EQ(test, hasw_service_del(&b->cfg, whole), 0);
	KUNIT_EXPECT_EQ(test, b->cfg.n_ports, 1);
}

/* Returns the third member's weight at the time @now, reduced during slow
 * start.
 */
static u32 weighs(const struct hasw_service *s, u32 weight, u64 now)
{
	const struct hasw_members *all = hasw_service_members(s);
	u32 is;

	rcu_read_lock();
	is = hasw_sched_weight(s, all->m[2], weight, &now);
	rcu_read_unlock();
	return is;
}

static struct hasw_service *slow(struct kunit *test, const u16 *weight,
				 const struct hasw_sched *sched, u64 time)
{
	struct hasw_tracking tracking = { .slow_start = time };
	struct hasw_service *s = spread(test, weight);
	struct hasw_service_fixture *b = test->priv;

	KUNIT_ASSERT_EQ(test, hasw_service_set_sched(&b->cfg, s, sched,
						     &tracking), 0);
	return s;
}

static void slow_start_weight_climbs(struct kunit *test)
{
	struct hasw_service *s = slow(test, (const u16[]){ 1, 1, 1 },
				      &hasw_sched_wrr, 90);
	u64 second = NSEC_PER_SEC, hour = 3600 * second, t = 1000 * hour;
	struct hasw_service_fixture *b = test->priv;
	struct hasw_member *m = hasw_service_members(s)->m[2];
	struct hasw_node *n = &b->node[2];

	KUNIT_EXPECT_EQ(test, weighs(s, 1, t), 100);
	m->share->began = t;
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t - 1), 10);
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t), 10);
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t + 1), 11);
	KUNIT_EXPECT_EQ(test, weighs(s, 7, t + 45), 7 * 55);
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t + 89), 99);
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t + 90), 100);
	s->tracked->slow_start = hour;
	KUNIT_EXPECT_EQ(test, weighs(s, U16_MAX, t), U16_MAX * 10);
	KUNIT_EXPECT_EQ(test, weighs(s, U16_MAX, t + hour - 1), U16_MAX * 99);
	s->tracked->slow_start = 0;
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t), 100);
	/* The member starts when its health comes up. */
	s->tracked->slow_start = 40 * second;
	m->share->began = 0;
	KUNIT_ASSERT_EQ(test, hasw_member_prepare_health(m, GFP_KERNEL), 0);
	m->sw->publish = t - 20 * second;
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t), 55);
	/* The member starts when its node returns. The member does not start
	 * again when no service keeps the node held any more.
	 */
	m->sw->publish = 0;
	n->back = t - 30 * second;
	held_since(n, n->back, 0);
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t), 55);
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t - 25 * second), 10);
	n->word = hasw_word_since(t) | HASWITCH_NODE_STATE_UP;
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t), 55);
	hasw_service_set_failback(s, HASW_FAILBACK_MANUAL);
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t), 10);
	held_since(n, n->back, 0);
	KUNIT_EXPECT_EQ(test, weighs(s, 1, t), 10);
	hasw_service_set_failback(s, HASW_FAILBACK_AUTO);
	KUNIT_EXPECT_EQ(test, weighs(s, 4, t), 4 * 77);
}

/* Counts how often each member is picked in @n picks. */
static void turns(struct kunit *test, struct hasw_service *s, u32 n, u32 *count)
{
	struct hasw_service_fixture *b = test->priv;
	struct hasw_member *m;

	memset(count, 0, 3 * sizeof(*count));
	while (n--) {
		rcu_read_lock_bh();
		m = hasw_service_sched(s)->choose(s, rcu_dereference_bh(s->members), NULL);
		rcu_read_unlock_bh();
		KUNIT_ASSERT_NOT_NULL(test, m);
		count[m->node - b->node]++;
	}
}

#define HEAVY 700	/* members; the sum of their weights exceeds 32 bits */
static void random_is_fair_to_many(struct kunit *test)
{
	const struct hasw_place place = { 100, U16_MAX };
	struct hasw_service *s = slow(test, (const u16[]){ 1, 1, 1 },
				      &hasw_sched_random, 0);
	struct hasw_service_fixture *b = test->priv;
	struct hasw_member *m;
	u32 i, first = 0;
	struct hasw_node *node =
		kunit_kzalloc(test, HEAVY * sizeof(*node), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, node);
	for (i = 0; i < HEAVY; i++) {
		m = hasw_member_add(&b->cfg, s, &node[i], &place,
				    HASWITCH_VIA_DIRECT, 0, HASWITCH_HEALTH_UP);
		KUNIT_ASSERT_NOT_NULL(test, m);
	}
	for (i = 0; i < 10000; i++) {
		rcu_read_lock_bh();
		m = hasw_service_sched(s)->choose(s, rcu_dereference_bh(s->members), NULL);
		rcu_read_unlock_bh();
		KUNIT_ASSERT_NOT_NULL(test, m);
		first += m->node >= node && m->node < node + HEAVY / 2;
	}
	KUNIT_EXPECT_GT(test, first, 4000);
	KUNIT_EXPECT_LT(test, first, 6000);
}

static void slow_start_gives_few_turns(struct kunit *test)
{
	/* Slow start takes 1 ns. Later the third member's start is set to the
	 * far future, so that its slow start never ends.
	 */
	struct hasw_service *s = slow(test, (const u16[]){ 1, 1, 2 },
				      &hasw_sched_wrr, 1);
	struct hasw_service_fixture *b = test->priv;
	u32 count[3];

	turns(test, s, 40, count);
	KUNIT_EXPECT_EQ(test, count[2], 20);
	hasw_service_members(s)->m[2]->share->began = U64_MAX;
	turns(test, s, 110, count);
	KUNIT_EXPECT_EQ(test, count[0], 50);
	KUNIT_EXPECT_EQ(test, count[1], 50);
	KUNIT_EXPECT_EQ(test, count[2], 10);
	KUNIT_EXPECT_EQ(test, hasw_service_set_sched(&b->cfg, s, &hasw_sched_rr,
						     &(struct hasw_tracking){
							.slow_start = 1 }), 0);
	turns(test, s, 210, count);
	KUNIT_EXPECT_EQ(test, count[0], 100);
	KUNIT_EXPECT_EQ(test, count[1], 100);
	KUNIT_EXPECT_EQ(test, count[2], 10);
	/* The third member gets all flows if no other member is usable. */
	set_state(&b->node[0], HASWITCH_NODE_STATE_DOWN);
	set_state(&b->node[1], HASWITCH_NODE_STATE_DOWN);
	turns(test, s, 9, count);
	KUNIT_EXPECT_EQ(test, count[2], 9);
}

/* If each packet is a flow of its own, a CPU's picks write nothing that another
 * CPU reads, and are in proportion to the weights.
 */
static void one_packet_turns_are_per_cpu(struct kunit *test)
{
	static const struct hasw_tracking one_packet = { .one_packet = true };
	struct hasw_service *s = slow(test, (const u16[]){ 1, 2, 3 },
				      &hasw_sched_wrr, 1);
	const struct hasw_members *all;
	struct hasw_service_fixture *b = test->priv;
	u32 count[3] = {}, i, j, cpu, here, each, changed = 0;
	const s64 *credits;

	KUNIT_ASSERT_EQ(test, hasw_service_set_sched(&b->cfg, s,
						     &hasw_sched_wrr,
						     &one_packet), 0);
	all = hasw_service_members(s);
	each = hasw_members_credits_each(all->how, all->n);
	KUNIT_ASSERT_GE(test, each * sizeof(s64), SMP_CACHE_BYTES);
	credits = hasw_members_credits(all);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)credits,
					   SMP_CACHE_BYTES));
	rcu_read_lock_bh();
	here = smp_processor_id();
	for (i = 0; i < 60; i++) {
		struct hasw_member *m = hasw_sched_wrr.choose(s, all, NULL);

		for (j = 0; j < 3; j++)
			count[j] += m == all->m[j];
		for (cpu = 0; cpu < nr_cpu_ids; cpu++)
			for (j = 0; j < 3 && cpu != here; j++)
				changed += credits[cpu * each + j] !=
					   (cpu % 3 == j);
	}
	rcu_read_unlock_bh();
	KUNIT_EXPECT_EQ(test, changed, 0);
	KUNIT_EXPECT_EQ(test, count[0], 10);
	KUNIT_EXPECT_EQ(test, count[1], 20);
	KUNIT_EXPECT_EQ(test, count[2], 30);
}

/* Returns the node that gets the new flow of a client's port. */
static const struct hasw_node *chosen(struct hasw_service *s, u16 port)
{
	struct hasw_tuple t = { .proto = IPPROTO_TCP, .ports[0] = htons(port) };
	struct hasw_member *m;

	rcu_read_lock_bh();
	m = hasw_service_sched(s)->choose(s, rcu_dereference_bh(s->members),
					  &t);
	rcu_read_unlock_bh();
	return m ? m->node : NULL;
}

/* A new tracked flow goes to the member whose link-layer address is known,
 * whatever the scheduler prefers.
 */
static void unresolved_member_is_picked_last(struct kunit *test)
{
	static const struct hasw_sched *const scheds[] = {
		&hasw_sched_active_standby, &hasw_sched_maglev,
	};
	struct hasw_service *s = fixture_service(test, IPPROTO_TCP, 80);
	static const struct hasw_tracking none;
	struct hasw_service_fixture *b = test->priv;
	struct hasw_hop hop = {};
	int i, sched;
	u16 port;

	for (i = 0; i < 2; i++) {
		const struct hasw_place place = { 10 * i, 1 };

		KUNIT_ASSERT_NOT_NULL(test, hasw_member_add(&b->cfg, s,
				&b->node[i], &place, HASWITCH_VIA_DIRECT, 0,
				HASWITCH_HEALTH_UP));
	}
	for (sched = 0; sched < ARRAY_SIZE(scheds); sched++) {
		KUNIT_ASSERT_EQ(test, hasw_service_set_sched(&b->cfg, s,
				scheds[sched], &none), 0);
		for (i = 0; i < 2; i++) {
			rcu_assign_pointer(b->node[i].hop[HASW_HOP4], &hop);
			for (port = 1; port < 16; port++)
				KUNIT_EXPECT_PTR_EQ(test, chosen(s, port),
						    &b->node[i]);
			RCU_INIT_POINTER(b->node[i].hop[HASW_HOP4], NULL);
		}
	}
}

/* Without tracked flows, a member whose link-layer address was never known is
 * picked after all that can serve, and before one that refuses connections.
 */
static void unproved_member_is_picked_last(struct kunit *test)
{
	struct hasw_service *s = spread(test, (const u16[]){ 1, 1, 1 });
	const u8 unproved = HASWITCH_NODE_STATE_UP | HASW_WORD_UNRESOLVED;
	static const struct hasw_tracking none;
	u32 count[4], i, moved = 0;
	struct hasw_service_fixture *b = test->priv;

	flows(test, s, before, count);
	set_state(&b->node[1], unproved);
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, count[1] + count[3], 0);
	for (i = 0; i < FLOWS; i++)
		moved += before[i] != after[i] && before[i] != 1;
	KUNIT_EXPECT_EQ(test, moved, 0);
	set_state(&b->node[2], HASWITCH_NODE_STATE_LOST);
	hasw_service_members(s)->m[0]->health = HASWITCH_HEALTH_REFUSED;
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, count[1], FLOWS);
	hasw_service_members(s)->m[0]->health = HASWITCH_HEALTH_UP;
	set_state(&b->node[1], HASWITCH_NODE_STATE_UP);
	set_state(&b->node[2], HASWITCH_NODE_STATE_UP);
	flows(test, s, after, count);
	KUNIT_EXPECT_EQ(test, memcmp(before, after, FLOWS), 0);

	KUNIT_ASSERT_EQ(test, hasw_service_set_sched(&b->cfg, s,
						     &hasw_sched_active_standby,
						     &none), 0);
	set_state(&b->node[0], unproved);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[1]);
	held_since(&b->node[1], hasw_switch_now(), 0);
	set_state(&b->node[2], HASWITCH_NODE_STATE_LOST);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[1]);
	hasw_service_members(s)->m[1]->health = HASWITCH_HEALTH_REFUSED;
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[0]);
	set_state(&b->node[0], HASWITCH_NODE_STATE_LOST);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[1]);
	set_state(&b->node[0], HASWITCH_NODE_STATE_UP);
	KUNIT_EXPECT_PTR_EQ(test, active(s), &b->node[0]);
}

static struct kunit_case service_cases[] = {
	KUNIT_CASE(service_most_specific_wins),
	KUNIT_CASE(service_is_found_among_many_ports),
	KUNIT_CASE(member_best_usable_serves),
	KUNIT_CASE(member_held_waits_for_failback),
	KUNIT_CASE(maglev_only_the_dead_move),
	KUNIT_CASE(maglev_return_of_all_moves_no_flow),
	KUNIT_CASE(maglev_last_usable_get_all_flows),
	KUNIT_CASE(maglev_follows_the_scheduler),
	KUNIT_CASE(slow_start_weight_climbs),
	KUNIT_CASE(slow_start_gives_few_turns),
	KUNIT_CASE(one_packet_turns_are_per_cpu),
	KUNIT_CASE(random_is_fair_to_many),
	KUNIT_CASE(unresolved_member_is_picked_last),
	KUNIT_CASE(unproved_member_is_picked_last),
	{}
};

static struct kunit_suite service_suite = {
	.name = "haswitch_service",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = service_cases,
};

kunit_test_suite(service_suite);
