// SPDX-License-Identifier: GPL-2.0
/* KUnit: Maglev tables: how slots are shared out, how services share tables,
 * which slots a change moves, and how members of a node differ.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "maglev.h"
#include "sched.h"

#define PARTS 20
#define MANY 1000

static struct hasw_maglev_part *parts(struct kunit *test, u32 n)
{
	struct hasw_maglev_part *part;
	u32 i;

	part = kunit_kcalloc(test, n, sizeof(*part), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, part);
	for (i = 0; i < n; i++) {
		part[i].id = 0x123456789abcdefULL * (i + 1);
		part[i].weight = 1;
	}
	return part;
}

/* Expects that each member has its share of the slots, within 2%. */
static void expect_shares(struct kunit *test, const struct hasw_maglev *t)
{
	u32 *count = kunit_kcalloc(test, t->n, sizeof(*count), GFP_KERNEL);
	u32 sum = 0, i;

	KUNIT_ASSERT_NOT_NULL(test, count);
	for (i = 0; i < t->n; i++)
		sum += t->part[i].weight;
	for (i = 0; i < t->size; i++) {
		KUNIT_ASSERT_LT(test, t->slot[i], t->n);
		count[t->slot[i]]++;
	}
	for (i = 0; i < t->n; i++) {
		u64 share = (u64)t->size * t->part[i].weight;

		KUNIT_EXPECT_LE(test, (u64)count[i] * sum * 50, share * 51);
		KUNIT_EXPECT_GE(test, (u64)count[i] * sum * 50, share * 49);
	}
}

static void maglev_shares_are_even(struct kunit *test)
{
	struct hasw_maglev_part *part = parts(test, MANY);
	static const u32 number[] = { 1, 2, 3, 7, 20, 655, 656, MANY };
	HLIST_HEAD(tables);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(number); i++) {
		struct hasw_maglev *t = hasw_maglev_get(&tables, part, number[i]);

		KUNIT_ASSERT_NOT_NULL(test, t);
		expect_shares(test, t);
		hasw_maglev_put(&tables, t);
	}
	/* The weights are 1 to 20. */
	for (i = 0; i < PARTS; i++)
		part[i].weight = i + 1;
	for (i = 2; i <= PARTS; i += 6) {
		struct hasw_maglev *t = hasw_maglev_get(&tables, part, i);

		KUNIT_ASSERT_NOT_NULL(test, t);
		expect_shares(test, t);
		hasw_maglev_put(&tables, t);
	}
	hasw_maglev_free_all(&tables);
}

/* Each slot has the same member, whatever the order of the members is. */
static void maglev_ignores_member_order(struct kunit *test)
{
	struct hasw_maglev_part *part = parts(test, PARTS);
	struct hasw_maglev_part *turned = parts(test, PARTS);
	struct hasw_maglev *a, *b;
	HLIST_HEAD(tables);
	u32 i, differ = 0;

	for (i = 0; i < PARTS; i++) {
		part[i].weight = 1 + i % 3;
		turned[PARTS - 1 - i] = part[i];
	}
	a = hasw_maglev_get(&tables, part, PARTS);
	b = hasw_maglev_get(&tables, turned, PARTS);
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_EXPECT_PTR_NE(test, a, b);
	for (i = 0; i < a->size; i++)
		differ += a->part[a->slot[i]].id != b->part[b->slot[i]].id;
	KUNIT_EXPECT_EQ(test, differ, 0);
	hasw_maglev_put(&tables, a);
	hasw_maglev_put(&tables, b);
	hasw_maglev_free_all(&tables);
}

/* A new member gets its share of the slots. At most 1% of all slots move
 * between the other members.
 */
static void maglev_moves_few_slots(struct kunit *test)
{
	struct hasw_maglev_part *part = parts(test, PARTS);
	struct hasw_maglev *a, *b;
	u32 i, came = 0, moved = 0;
	HLIST_HEAD(tables);

	a = hasw_maglev_get(&tables, part, PARTS - 1);
	b = hasw_maglev_get(&tables, part, PARTS);
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	for (i = 0; i < a->size; i++) {
		if (b->slot[i] == PARTS - 1)
			came++;
		else if (a->slot[i] != b->slot[i])
			moved++;
	}
	KUNIT_EXPECT_LE(test, came * 50, a->size / PARTS * 51);
	KUNIT_EXPECT_GE(test, came * 50, a->size / PARTS * 49);
	KUNIT_EXPECT_LE(test, moved, a->size / 100);
	kunit_info(test, "%u came, %u moved of %u", came, moved, a->size);
	hasw_maglev_put(&tables, a);
	hasw_maglev_put(&tables, b);
	hasw_maglev_free_all(&tables);
}

/* Services with equal members share a table. An unused table is kept for a
 * while.
 */
static void maglev_is_shared(struct kunit *test)
{
	struct hasw_maglev_part *part = parts(test, PARTS);
	struct hasw_maglev *t, *same;
	HLIST_HEAD(tables);
	u32 i, n = 0;

	t = hasw_maglev_get(&tables, part, 3);
	same = hasw_maglev_get(&tables, part, 3);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_PTR_EQ(test, t, same);
	KUNIT_EXPECT_EQ(test, t->refs, 2);
	hasw_maglev_put(&tables, t);
	hasw_maglev_put(&tables, t);
	KUNIT_EXPECT_PTR_EQ(test, hasw_maglev_get(&tables, part, 3), t);
	part[1].weight = 2;
	same = hasw_maglev_get(&tables, part, 3);
	KUNIT_EXPECT_PTR_NE(test, t, same);
	hasw_maglev_put(&tables, same);
	part[1].weight = 1;
	/* A table in use stays while 40 others are made and released. */
	for (i = 1; i <= 40; i++) {
		part[0].weight = 100 + i;
		same = hasw_maglev_get(&tables, part, 2);
		KUNIT_ASSERT_NOT_NULL(test, same);
		hasw_maglev_put(&tables, same);
	}
	hlist_for_each_entry(same, &tables, list)
		n++;
	KUNIT_EXPECT_EQ(test, n, 5);
	KUNIT_EXPECT_EQ(test, t->refs, 1);
	hasw_maglev_put(&tables, t);
	hasw_maglev_free_all(&tables);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&tables));
}

/* A member has at least one slot, however small its weight is. */
static void maglev_lightest_gets_a_slot(struct kunit *test)
{
	struct hasw_maglev_part *part = parts(test, PARTS);
	struct hasw_maglev *t;
	HLIST_HEAD(tables);
	u32 i, has = 0;

	for (i = 1; i < PARTS; i++)
		part[i].weight = 65535;
	t = hasw_maglev_get(&tables, part, PARTS);
	KUNIT_ASSERT_NOT_NULL(test, t);
	for (i = 0; i < t->size; i++)
		has += !t->slot[i];
	KUNIT_EXPECT_EQ(test, has, 1);
	hasw_maglev_put(&tables, t);
	hasw_maglev_free_all(&tables);
}

static void maglev_weight_0_gets_no_slot(struct kunit *test)
{
	struct hasw_maglev_part *part = parts(test, 3);
	struct hasw_maglev *t;
	HLIST_HEAD(tables);
	u32 i;

	t = hasw_maglev_get(&tables, part, 0);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_EQ(test, t->size, 0);
	hasw_maglev_put(&tables, t);
	part[0].weight = 0;
	part[2].weight = 0;
	t = hasw_maglev_get(&tables, part, 3);
	KUNIT_ASSERT_NOT_NULL(test, t);
	for (i = 0; i < t->size; i++)
		KUNIT_ASSERT_EQ(test, t->slot[i], 1);
	hasw_maglev_put(&tables, t);
	part[1].weight = 0;
	t = hasw_maglev_get(&tables, part, 3);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_EQ(test, t->size, 0);
	hasw_maglev_put(&tables, t);
	hasw_maglev_free_all(&tables);
}

/**
 * struct servers - a service with servers on one node
 * @cfg: configuration of the vip
 * @vip: the vip
 * @node: the node
 * @service: the service
 */
struct servers {
	struct hasw_config cfg;
	struct hasw_vip vip;
	struct hasw_node node;
	struct hasw_service *service;
};

static struct servers *servers_new(struct kunit *test)
{
	struct servers *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	/* No other thread uses the fixture, so no lock is needed. */
	hasw_wlock_drop(&b->cfg.wlock);
	hasw_wlock_drop(&b->vip.wlock);
	strscpy(b->node.name, "web1", sizeof(b->node.name));
	b->service = hasw_service_add(&b->cfg, &b->vip, IPPROTO_TCP, 80,
				      NULL, &hasw_sched_maglev,
				      &(struct hasw_tracking){ .nat = true });
	KUNIT_ASSERT_NOT_NULL(test, b->service);
	return b;
}

static void servers_free(struct servers *b)
{
	hasw_service_free_all(&b->cfg, &b->vip);
	hasw_maglev_free_all(&b->cfg.maglevs);
	/* Wait for RCU callbacks, which may use the node; KUnit frees it. */
	rcu_barrier();
}

static void server_add(struct kunit *test, struct servers *b, u8 via, u16 port)
{
	static const struct hasw_place place = { 100, 1 };

	KUNIT_EXPECT_NOT_NULL(test, hasw_member_add(&b->cfg, b->service,
						    &b->node, &place, via, port,
						    HASWITCH_HEALTH_UP));
}

/* Returns the id, in the table, of the member with @port; 0 if there is none.
 */
static u64 server_id(const struct servers *b, u16 port)
{
	const struct hasw_members *all = hasw_service_members(b->service);
	u32 i;

	for (i = 0; i < all->n; i++)
		if (hasw_member_port(b->service, all->m[i]) == port)
			return all->maglev->part[i].id;
	return 0;
}

/* The members of a node differ by their ports. The one with the lowest port is
 * what the node's only member would be, whatever its via and port are.
 */
static void maglev_tells_servers_of_a_node_apart(struct kunit *test)
{
	struct servers *b = servers_new(test), *turned = servers_new(test);
	static const u16 port[] = { 81, 8080, 8081 };
	u64 alone;
	u32 i;

	server_add(test, b, HASWITCH_VIA_DIRECT, 0);
	alone = server_id(b, 80);
	KUNIT_EXPECT_NE(test, alone, 0);
	KUNIT_EXPECT_EQ(test, hasw_member_del(&b->cfg, b->service,
					      hasw_member_find(b->service,
							       &b->node)), 0);
	server_add(test, b, HASWITCH_VIA_NAT, 8080);
	KUNIT_EXPECT_EQ(test, server_id(b, 8080), alone);
	server_add(test, b, HASWITCH_VIA_NAT, 8081);
	KUNIT_EXPECT_EQ(test, server_id(b, 8080), alone);
	KUNIT_EXPECT_NE(test, server_id(b, 8081), alone);
	server_add(test, b, HASWITCH_VIA_NAT, 81);
	KUNIT_EXPECT_EQ(test, server_id(b, 81), alone);
	KUNIT_EXPECT_NE(test, server_id(b, 8080), alone);
	KUNIT_EXPECT_NE(test, server_id(b, 8080), server_id(b, 8081));
	/* Other nodes may have added the members in another order. */
	for (i = 0; i < ARRAY_SIZE(port); i++)
		server_add(test, turned, HASWITCH_VIA_NAT, port[i]);
	for (i = 0; i < ARRAY_SIZE(port); i++)
		KUNIT_EXPECT_EQ(test, server_id(b, port[i]),
				server_id(turned, port[i]));
	servers_free(b);
	servers_free(turned);
}

static struct kunit_case maglev_cases[] = {
	KUNIT_CASE(maglev_shares_are_even),
	KUNIT_CASE(maglev_ignores_member_order),
	KUNIT_CASE(maglev_moves_few_slots),
	KUNIT_CASE(maglev_is_shared),
	KUNIT_CASE(maglev_lightest_gets_a_slot),
	KUNIT_CASE(maglev_weight_0_gets_no_slot),
	KUNIT_CASE(maglev_tells_servers_of_a_node_apart),
	{}
};

static struct kunit_suite maglev_suite = {
	.name = "haswitch_maglev",
	.test_cases = maglev_cases,
};

kunit_test_suite(maglev_suite);
