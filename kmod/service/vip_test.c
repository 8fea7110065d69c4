// SPDX-License-Identifier: GPL-2.0
/* KUnit: lookups of vips take few steps for common patterns of addresses; vips
 * that abort connections are counted.
 */
#include <kunit/test.h>

#include "vip.h"

#define VIPS 20000

/**
 * struct vip_pattern - a pattern of configured addresses
 * @first: the first address
 * @family: AF_INET or AF_INET6
 * @bit: address i of the pattern is @first plus i << @bit
 */
struct vip_pattern {
	struct in6_addr first;
	u16 family;
	u8 bit;
};

#define V4(a, b, c, d, by) { \
	.first = { .s6_addr = { [10] = 0xff, 0xff, a, b, c, d } }, \
	.family = AF_INET, .bit = by }
#define V6(by) { \
	.first = { .s6_addr = { 0x20, 1, 0x0d, 0xb8, [15] = 1 } }, \
	.family = AF_INET6, .bit = by }

static const struct vip_pattern vip_patterns[] = {
	V4(10, 100, 0, 0, 0), V4(10, 0, 0, 1, 2), V4(10, 0, 0, 1, 8),
	V4(10, 0, 0, 1, 12), V6(0), V6(4), V6(8), V6(16), V6(24), V6(32),
	V6(40), V6(48), V6(56), V6(64), V6(72), V6(80),
};

static void vip_address(const struct vip_pattern *p, u32 i,
			struct in6_addr *addr)
{
	u64 n = (u64)i << p->bit % 8;
	int at = 15 - p->bit / 8;

	*addr = p->first;
	for (; n; n >>= 8, at--) {
		n += addr->s6_addr[at];
		addr->s6_addr[at] = n;
	}
}

/* Returns the number of table slots that a lookup of a vip reads. */
static u32 vip_steps(const struct hasw_config *cfg, const struct hasw_vip *vip)
{
	const struct hasw_table *t = vip->family == AF_INET ? &cfg->vips4 :
							      &cfg->vips6;
	const struct hasw_slots *s = hasw_unpublished(t->slots);
	u32 i, steps = 1;

	i = vip->family == AF_INET ?
	    hasw_vip_hash4(vip->addr.s6_addr32[3], s->seed) :
	    hasw_vip_hash6(&vip->addr, s->seed);
	while (hasw_unpublished(s->slot[i++ & s->mask]) != vip)
		steps++;
	return steps;
}

static void vip_pattern_is_spread(struct kunit *test,
				  const struct vip_pattern *p)
{
	struct hasw_config *cfg = kunit_kzalloc(test, sizeof(*cfg), GFP_KERNEL);
	u32 i, one, sum = 0, most = 0;
	struct in6_addr addr;
	struct hasw_vip *vip;

	KUNIT_ASSERT_NOT_NULL(test, cfg);
	/* No other thread uses the configuration, so no lock is needed. */
	hasw_wlock_drop(&cfg->wlock);
	KUNIT_ASSERT_EQ(test, hasw_vip_tables_init(cfg), 0);
	for (i = 0; i < VIPS; i++) {
		vip_address(p, i, &addr);
		vip = hasw_vip_new(cfg, &addr, p->family, HASWITCH_STRAY_DROP);
		KUNIT_ASSERT_NOT_NULL(test, vip);
		KUNIT_ASSERT_EQ(test, hasw_vip_add(cfg, vip), 0);
	}
	for (i = 0; i < VIPS; i++) {
		vip_address(p, i, &addr);
		vip = hasw_vip_find(cfg, &addr, p->family);
		KUNIT_ASSERT_NOT_NULL(test, vip);
		one = vip_steps(cfg, vip);
		sum += one;
		most = max(most, one);
	}
	KUNIT_EXPECT_LE_MSG(test, sum, 3 * VIPS, "bit %u of %pI6c", p->bit,
			    &p->first);
	KUNIT_EXPECT_LE_MSG(test, most, 64, "bit %u of %pI6c", p->bit,
			    &p->first);
	for (i = 0; i < VIPS; i++) {
		vip_address(p, i, &addr);
		hasw_vip_del(cfg, hasw_vip_find(cfg, &addr, p->family));
	}
	hasw_vip_tables_free(cfg);
}

static void vip_patterns_are_spread(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vip_patterns); i++)
		vip_pattern_is_spread(test, &vip_patterns[i]);
}

/* Connections are only looked for while the configuration counts a vip whose
 * `on-loss` is `abort`.
 */
static void vip_aborts_are_counted(struct kunit *test)
{
	struct hasw_config *cfg = kunit_kzalloc(test, sizeof(*cfg), GFP_KERNEL);
	struct in6_addr addr = { .s6_addr = { 0x20, 1 } };
	struct hasw_vip *vip;

	KUNIT_ASSERT_NOT_NULL(test, cfg);
	hasw_wlock_drop(&cfg->wlock);
	KUNIT_ASSERT_EQ(test, hasw_vip_tables_init(cfg), 0);
	vip = hasw_vip_new(cfg, &addr, AF_INET6, HASWITCH_STRAY_DROP);
	KUNIT_ASSERT_NOT_NULL(test, vip);
	vip->on_loss = HASWITCH_ON_LOSS_ABORT;
	KUNIT_ASSERT_EQ(test, hasw_vip_add(cfg, vip), 0);
	KUNIT_EXPECT_EQ(test, cfg->n_abort, 1);
	hasw_vip_set_on_loss(cfg, vip, HASWITCH_ON_LOSS_ABORT);
	KUNIT_EXPECT_EQ(test, cfg->n_abort, 1);
	hasw_vip_set_on_loss(cfg, vip, HASWITCH_ON_LOSS_KEEP);
	KUNIT_EXPECT_EQ(test, cfg->n_abort, 0);
	hasw_vip_set_on_loss(cfg, vip, HASWITCH_ON_LOSS_ABORT);
	KUNIT_EXPECT_EQ(test, cfg->n_abort, 1);
	hasw_vip_del(cfg, vip);
	KUNIT_EXPECT_EQ(test, cfg->n_abort, 0);
	hasw_vip_tables_free(cfg);
}

static struct kunit_case vip_cases[] = {
	KUNIT_CASE(vip_patterns_are_spread),
	KUNIT_CASE(vip_aborts_are_counted),
	{}
};

static struct kunit_suite vip_suite = {
	.name = "haswitch_vip",
	.test_cases = vip_cases,
};

kunit_test_suite(vip_suite);
