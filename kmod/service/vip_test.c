// SPDX-License-Identifier: GPL-2.0
/* KUnit: lookups of vips take few steps for common patterns of addresses; vips
 * that abort connections, and those with a mark, are counted; marks tell epochs
 * apart, and only SYNs get one; each port of a vip has its service; a namespace
 * without vips ends without a grace period.
 */
#include <kunit/test.h>
#include <rules/vote.h>

#include "packet/key.h"
#include "sched.h"

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

/* Returns a configuration without vips, whose tables the caller frees. */
static struct hasw_config *vip_config(struct kunit *test)
{
	struct hasw_config *cfg = kunit_kzalloc(test, sizeof(*cfg), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cfg);
	hasw_wlock_drop(&cfg->wlock);
	KUNIT_ASSERT_EQ(test, hasw_vip_tables_init(cfg), 0);
	return cfg;
}

/* Returns a vip that the caller adds to @cfg. */
static struct hasw_vip *vip_of(struct kunit *test, struct hasw_config *cfg)
{
	struct in6_addr addr = { .s6_addr = { 0x20, 1 } };
	struct hasw_vip *vip;

	vip = hasw_vip_new(cfg, &addr, AF_INET6, HASWITCH_STRAY_DROP);
	KUNIT_ASSERT_NOT_NULL(test, vip);
	return vip;
}

/* Connections are only looked for while the configuration counts a vip whose
 * `on-loss` is `abort`.
 */
static void vip_aborts_are_counted(struct kunit *test)
{
	struct hasw_config *cfg = vip_config(test);
	struct hasw_vip *vip = vip_of(test, cfg);

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

static void vip_marks_are_counted(struct kunit *test)
{
	struct hasw_config *cfg = vip_config(test);
	struct hasw_vip *vip = vip_of(test, cfg);

	vip->mark = 0xff;
	KUNIT_ASSERT_EQ(test, hasw_vip_add(cfg, vip), 0);
	KUNIT_EXPECT_EQ(test, cfg->n_marked, 1);
	hasw_vip_set_mark(cfg, vip, 0xff00);
	KUNIT_EXPECT_EQ(test, cfg->n_marked, 1);
	hasw_vip_set_mark(cfg, vip, 0);
	KUNIT_EXPECT_EQ(test, cfg->n_marked, 0);
	hasw_vip_set_mark(cfg, vip, 1);
	KUNIT_EXPECT_EQ(test, cfg->n_marked, 1);
	hasw_vip_del(cfg, vip);
	KUNIT_EXPECT_EQ(test, cfg->n_marked, 0);
	hasw_vip_tables_free(cfg);
}

/* An epoch that somebody chose shows as it is. Epochs that one agent composed
 * one after the other differ, in a byte as well.
 */
static void vip_marks_tell_epochs_apart(struct kunit *test)
{
	u64 counter, one, next;

	KUNIT_EXPECT_EQ(test, hasw_vip_mark_value(0xff00, 0x12), 0x1200);
	KUNIT_EXPECT_EQ(test, hasw_vip_mark_value(0xff00, 0x312), 0x1200);
	KUNIT_EXPECT_EQ(test, hasw_vip_mark_value(U32_MAX, 0xfedcba), 0xfedcba);
	KUNIT_EXPECT_EQ(test, hasw_vip_mark_value(1U << 31, 3), 1U << 31);
	KUNIT_EXPECT_EQ(test, hasw_vip_mark_value(1U << 31, 2), 0);
	for (counter = 1; counter < 300; counter++) {
		one = hasw_vote_epoch(counter, 0xabcd, 2);
		next = hasw_vote_epoch(counter + 1, 0xabcd, 2);
		KUNIT_EXPECT_NE(test, hasw_vip_mark_value(0xff0, one),
				hasw_vip_mark_value(0xff0, next));
	}
}

/* Builds a packet of TCP, with IPv6 behind an empty destination options header
 * if @six, and returns whether it is taken for a SYN.
 */
static bool vip_is_syn(struct kunit *test, bool six, u8 proto, __be16 frag,
		       __be32 flags)
{
	struct sk_buff *skb = alloc_skb(200, GFP_KERNEL);
	struct tcphdr *tcp;
	bool syn;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reset_network_header(skb);
	if (six) {
		*(struct ipv6hdr *)skb_put_zero(skb, sizeof(struct ipv6hdr)) =
			(struct ipv6hdr){ .nexthdr = NEXTHDR_DEST };
		*(u8 *)skb_put_zero(skb, 8) = proto;
	} else {
		*(struct iphdr *)skb_put_zero(skb, sizeof(struct iphdr)) =
			(struct iphdr){ .ihl = 5, .protocol = proto,
					.frag_off = frag };
	}
	tcp = skb_put_zero(skb, sizeof(*tcp));
	tcp_flag_word(tcp) = flags;
	syn = hasw_key_is_syn(skb, six);
	kfree_skb(skb);
	return syn;
}

static void vip_only_syns_are_marked(struct kunit *test)
{
	const __be32 ecn = TCP_FLAG_SYN | TCP_FLAG_ECE | TCP_FLAG_CWR;
	const __be32 answer = TCP_FLAG_SYN | TCP_FLAG_ACK;
	int six;

	for (six = 0; six < 2; six++) {
		KUNIT_EXPECT_TRUE(test, vip_is_syn(test, six, IPPROTO_TCP, 0,
						   TCP_FLAG_SYN));
		KUNIT_EXPECT_TRUE(test, vip_is_syn(test, six, IPPROTO_TCP, 0,
						   ecn));
		KUNIT_EXPECT_FALSE(test, vip_is_syn(test, six, IPPROTO_TCP, 0,
						    answer));
		KUNIT_EXPECT_FALSE(test, vip_is_syn(test, six, IPPROTO_TCP, 0,
						    TCP_FLAG_ACK));
		KUNIT_EXPECT_FALSE(test, vip_is_syn(test, six, IPPROTO_UDP, 0,
						    TCP_FLAG_SYN));
	}
	KUNIT_EXPECT_TRUE(test, vip_is_syn(test, false, IPPROTO_TCP,
					   htons(IP_DF), TCP_FLAG_SYN));
	KUNIT_EXPECT_FALSE(test, vip_is_syn(test, false, IPPROTO_TCP, htons(9),
					    TCP_FLAG_SYN));
}

/**
 * struct vip_ports - a service of TCP, as the slow model knows it
 * @own: the service's own port; 0: all other ports
 * @further: the service's further ports
 * @service: the service; NULL: it is deleted
 */
struct vip_ports {
	u16 own;
	struct hasw_ports further;
	struct hasw_service *service;
};

/* Ranges of several services between each other, side by side and apart, up to
 * both ends of the ports.
 */
static const struct vip_ports vip_ports_first[] = {
	{ .own = 80, .further = { 2, { { 443, 443 }, { 8000, 8010 } } } },
	{ .own = 81, .further = { 3, { { 1, 79 }, { 8012, 8012 },
				       { 65535, 65535 } } } },
	{ .own = 8011 },
	{ .own = 82, .further = { 2, { { 83, 83 }, { 8013, 8400 } } } },
	{ .own = 0 },
};

/* Returns the service of a port, found by a walk over all ranges. */
static struct hasw_service *vip_ports_walk(const struct vip_ports *all, u32 n,
					   u16 port)
{
	struct hasw_service *found = NULL;
	u32 i, j;

	for (i = 0; i < n; i++) {
		const struct hasw_ports *p = &all[i].further;

		if (!all[i].service)
			continue;
		if (all[i].own == port)
			return all[i].service;
		for (j = 0; j < p->n; j++)
			if (p->range[j].from <= port && port <= p->range[j].to)
				return all[i].service;
		if (!all[i].own)
			found = all[i].service;
	}
	return found;
}

static void vip_ports_compare(struct kunit *test, const struct hasw_vip *vip,
			      const struct vip_ports *all, u32 n)
{
	const struct hasw_services *services = hasw_unpublished(vip->services);
	struct hasw_ports ports;
	u32 port, i;

	for (port = 0; port <= U16_MAX; port++)
		KUNIT_ASSERT_PTR_EQ_MSG(test,
					hasw_service_pick(services, IPPROTO_TCP,
							  port),
					vip_ports_walk(all, n, port),
					"port %u", port);
	KUNIT_EXPECT_NULL(test, hasw_service_pick(services, IPPROTO_UDP, 443));
	for (i = 0; i < n; i++) {
		if (!all[i].service)
			continue;
		hasw_service_ports(all[i].service, &ports);
		KUNIT_ASSERT_EQ(test, ports.n, all[i].further.n);
		KUNIT_EXPECT_EQ(test, memcmp(ports.range, all[i].further.range,
					     ports.n * sizeof(ports.range[0])),
				0);
	}
}

static void vip_ports_set(struct kunit *test, struct vip_ports *of,
			  const struct hasw_ports *ports)
{
	struct hasw_services *planned =
		hasw_service_plan_ports(of->service, ports);

	KUNIT_ASSERT_NOT_NULL(test, planned);
	hasw_service_set_ports(of->service, planned);
	of->further = *ports;
}

/* A port has the service that a walk over all ranges finds, also after further
 * ports are replaced and services deleted. A service that has some of several
 * ports is found by any of them.
 */
static void vip_ports_have_their_service(struct kunit *test)
{
	struct hasw_config *cfg = kunit_kzalloc(test, sizeof(*cfg), GFP_KERNEL);
	struct hasw_vip *vip = kunit_kzalloc(test, sizeof(*vip), GFP_KERNEL);
	struct vip_ports all[ARRAY_SIZE(vip_ports_first)];
	const u32 n = ARRAY_SIZE(all);
	u16 port = 0;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, cfg);
	KUNIT_ASSERT_NOT_NULL(test, vip);
	hasw_wlock_drop(&cfg->wlock);
	hasw_wlock_drop(&vip->wlock);
	memcpy(all, vip_ports_first, sizeof(all));
	for (i = 0; i < n; i++) {
		all[i].service = hasw_service_add(cfg, vip, IPPROTO_TCP,
						  all[i].own, &all[i].further,
						  &hasw_sched_active_standby,
						  &(struct hasw_tracking){});
		KUNIT_ASSERT_NOT_NULL(test, all[i].service);
		vip_ports_compare(test, vip, all, i + 1);
	}
	KUNIT_EXPECT_PTR_EQ(test, hasw_service_owner(vip, IPPROTO_TCP, 8005,
						     9000, NULL, &port),
			    all[2].service);
	KUNIT_EXPECT_EQ(test, port, 8011);
	KUNIT_EXPECT_PTR_EQ(test, hasw_service_owner(vip, IPPROTO_TCP, 8005,
						     8010, NULL, &port),
			    all[0].service);
	KUNIT_EXPECT_EQ(test, port, 8005);
	KUNIT_EXPECT_NULL(test, hasw_service_owner(vip, IPPROTO_TCP, 8000, 8010,
						   all[0].service, &port));
	KUNIT_EXPECT_NULL(test, hasw_service_owner(vip, IPPROTO_TCP, 8401,
						   65534, NULL, &port));
	vip_ports_set(test, &all[0], &(struct hasw_ports){
			      2, { { 444, 444 }, { 9000, 9001 } } });
	vip_ports_compare(test, vip, all, n);
	KUNIT_EXPECT_EQ(test, hasw_service_del(cfg, all[1].service), 0);
	all[1].service = NULL;
	vip_ports_compare(test, vip, all, n);
	vip_ports_set(test, &all[0], &(struct hasw_ports){});
	vip_ports_set(test, &all[3], &(struct hasw_ports){});
	vip_ports_compare(test, vip, all, n);
	KUNIT_EXPECT_EQ(test, hasw_unpublished(vip->services)->count, 4);
	hasw_service_free_all(cfg, vip);
	/* Wait for RCU callbacks, which may use what KUnit frees. */
	rcu_barrier();
}

/* Returns whether an RCU grace period ends while a namespace is waited for. */
static bool net_wait_takes(struct kunit *test, bool used)
{
	struct hasw_net *hn = kunit_kzalloc(test, sizeof(*hn), GFP_KERNEL);
	unsigned long before;

	KUNIT_ASSERT_NOT_NULL(test, hn);
	hn->used = used;
	before = get_state_synchronize_rcu();
	hasw_net_wait(hn);
	return poll_state_synchronize_rcu(before);
}

static void unused_namespaces_end_at_once(struct kunit *test)
{
	u32 i, waits = 0;

	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_TRUE(test, net_wait_takes(test, true));
		waits += net_wait_takes(test, false);
	}
	/* A grace period that others wait for may end meanwhile. */
	KUNIT_EXPECT_LT(test, waits, 10);
}

static struct kunit_case vip_cases[] = {
	KUNIT_CASE(vip_patterns_are_spread),
	KUNIT_CASE(vip_aborts_are_counted),
	KUNIT_CASE(vip_marks_are_counted),
	KUNIT_CASE(vip_marks_tell_epochs_apart),
	KUNIT_CASE(vip_only_syns_are_marked),
	KUNIT_CASE(vip_ports_have_their_service),
	KUNIT_CASE(unused_namespaces_end_at_once),
	{}
};

static struct kunit_suite vip_suite = {
	.name = "haswitch_vip",
	.test_cases = vip_cases,
};

kunit_test_suite(vip_suite);
