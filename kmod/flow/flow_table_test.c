// SPDX-License-Identifier: GPL-2.0
/* KUnit tests check that each flow is found, and visited once, while the table
 * grows and flows end.
 */
#include <kunit/test.h>
#include <linux/random.h>
#include <net/ip.h>

#include "flow_packet.h"
#include "flow_port.h"
#include "flow_table.h"

/* Number of flows in a test, which exceeds the number of buckets of a new
 * table.
 */
#define FLOWS 20000

static int fixture_init(struct kunit *test)
{
	struct hasw_net *hn = kunit_kzalloc(test, sizeof(*hn), GFP_KERNEL);
	int err;

	if (!hn)
		return -ENOMEM;
	test->priv = hn;
	mutex_init(&hn->mutex);
	mutex_lock(&hn->mutex);
	err = hasw_flows_open(hn);
	mutex_unlock(&hn->mutex);
	return err;
}

static void fixture_exit(struct kunit *test)
{
	if (test->priv)
		hasw_flows_exit(test->priv);
}

/* Builds the key of the i-th flow. Half of the flows are IPv6, and some keys
 * differ in the port only.
 */
static void fixture_key(u32 i, struct hasw_flow_key *key)
{
	memset(key, 0, sizeof(*key));
	key->addr[0] = htonl(0x0a000000 + i / 4);
	key->addr[1] = htonl(0xc0a80001);
	key->ports[0] = htons(i % 2);
	key->proto = IPPROTO_TCP;
	key->kind = i & 2 ? HASW_FLOW_IPV6 : 0;
}

static struct hasw_flow *fixture_look(struct hasw_net *hn, u32 i)
{
	struct hasw_flow_key key;
	struct hasw_flow *f;

	fixture_key(i, &key);
	rcu_read_lock();
	f = hasw_flow_look(hn->flows, &key, hasw_flow_hash(hn->flows, &key));
	rcu_read_unlock();
	return f;
}

static bool fixture_is(const struct hasw_flow *f,
		       const struct hasw_flow_key *key)
{
	return hasw_flow_is(f, key, hasw_flow_words(key->kind));
}

/* Finds the i-th flow, or adds it as an assured flow. */
static struct hasw_flow *fixture_add_in(struct hasw_net *hn, u32 i,
					const struct hasw_flow_room *room)
{
	struct hasw_flow_key key;
	struct hasw_flow *f;
	spinlock_t *lock;
	u32 hash;

	fixture_key(i, &key);
	hash = hasw_flow_hash(hn->flows, &key);
	lock = hasw_flow_lock(hn->flows, hash);
	rcu_read_lock();
	spin_lock_bh(lock);
	f = hasw_flow_add(hn->flows, room, &key, hash);
	if (IS_ERR(f)) {
		f = NULL;
	} else {
		f->expires = (u32)jiffies + 3600 * HZ;
		hasw_flow_mark(f, lock, 0, HASW_FLOW_ASSURED);
	}
	spin_unlock_bh(lock);
	rcu_read_unlock();
	return f;
}

static struct hasw_flow *fixture_add(struct hasw_net *hn, u32 i, u32 max)
{
	return fixture_add_in(hn, i, &(struct hasw_flow_room){ .max = max,
							       .wide = true });
}

/* Callback of hasw_flows_at(). Adds 1 to the sum for an IPv6 flow, and 2 for an
 * IPv4 flow. Return: true, which ends the flow, if its client port is odd.
 */
static bool fixture_odd_ends(struct hasw_flow *f, void *data)
{
	*(u32 *)data += f->kind & HASW_FLOW_IPV6 ? 1 : 2;
	return f->ports[0];
}

/* Callback of hasw_flows_at(). */
static bool fixture_ends(struct hasw_flow *f, void *data)
{
	return true;
}

static u32 fixture_walk(struct hasw_net *hn)
{
	u32 sum = 0;
	u64 at = 0;

	while (at <= U32_MAX)
		at = hasw_flows_at(hn->flows, at, fixture_odd_ends, &sum);
	return sum;
}

static void flow_table_grows(struct kunit *test)
{
	struct hasw_net *hn = test->priv;
	struct hasw_flow *f;
	u32 i, lost = 0;

	for (i = 0; i < FLOWS; i++) {
		KUNIT_ASSERT_NULL(test, fixture_look(hn, i));
		f = fixture_add(hn, i, FLOWS);
		KUNIT_ASSERT_NOT_NULL(test, f);
		KUNIT_ASSERT_PTR_EQ(test, fixture_add(hn, i, FLOWS), f);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->count), FLOWS);
	/* At the limit a new flow is refused, while a known flow is returned.
	 */
	KUNIT_EXPECT_NULL(test, fixture_add(hn, FLOWS, FLOWS));
	KUNIT_EXPECT_NOT_NULL(test, fixture_add(hn, 0, FLOWS));
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->count), FLOWS);
	KUNIT_EXPECT_NULL(test, fixture_add(hn, FLOWS, 0));

	mod_delayed_work(hasw_wq, &hn->flows->work, 0);
	flush_delayed_work(&hn->flows->work);
	rcu_read_lock();
	KUNIT_EXPECT_GE(test, 1U << rcu_dereference(
			hn->flows->side[HASW_FLOW_ORIG].buckets)->bits, FLOWS);
	rcu_read_unlock();
	for (i = 0; i < FLOWS; i++)
		lost += !fixture_look(hn, i);
	KUNIT_EXPECT_EQ(test, lost, 0);

	KUNIT_EXPECT_EQ(test, fixture_walk(hn), FLOWS / 2 * 3);
	KUNIT_EXPECT_EQ(test, fixture_walk(hn), FLOWS / 4 * 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->count), FLOWS / 2);
	KUNIT_EXPECT_NOT_NULL(test, fixture_look(hn, 2));
	KUNIT_EXPECT_NULL(test, fixture_look(hn, 3));
}

/* Keys that differ in a single bit belong to different flows. */
static void flow_table_tells_keys_apart(struct kunit *test)
{
	static const u32 bits = offsetofend(struct hasw_flow_key, proto) * 8;
	struct hasw_net *hn = test->priv;
	struct hasw_flow_key key, other;
	struct hasw_flow *f;
	u32 i, kind;

	for (kind = 0; kind < 2; kind++) {
		KUNIT_ASSERT_NOT_NULL(test, fixture_add(hn, kind * 2, FLOWS));
		f = fixture_look(hn, kind * 2);
		KUNIT_ASSERT_NOT_NULL(test, f);
		fixture_key(kind * 2, &key);
		for (i = 0; i < bits; i++) {
			/* An IPv4 key uses only the first two words of addr. */
			if (!kind && i >= 64 &&
			    i < offsetof(struct hasw_flow_key, ports) * 8)
				continue;
			other = key;
			((u8 *)&other)[i / 8] ^= 1 << i % 8;
			KUNIT_EXPECT_FALSE_MSG(test, fixture_is(f, &other),
					       "kind %u, bit %u", kind, i);
		}
		other = key;
		other.kind ^= HASW_FLOW_CLIENT;
		KUNIT_EXPECT_FALSE(test, fixture_is(f, &other));
		KUNIT_EXPECT_TRUE(test, fixture_is(f, &key));
	}
}

/* Builds the reply key of the i-th flow. Every fourth flow has this node's
 * address in the place of the client's.
 */
static void fixture_reply_key(u32 i, struct hasw_flow_key *key)
{
	fixture_key(i, key);
	if (i % 4) {
		key->addr[hasw_flow_words(key->kind)] = htonl(0x0a010101);
	} else {
		memset(key->addr, 0, sizeof(key->addr));
		key->addr[1] = htonl(0x0a010101 + i);
		key->kind |= HASW_FLOW_SNAT;
	}
	key->ports[1] = htons(8080);
}

static int fixture_reply(struct hasw_net *hn, u32 i)
{
	struct hasw_flow_key key, answer;
	spinlock_t *lock;
	int err;

	fixture_key(i, &key);
	fixture_reply_key(i, &answer);
	lock = hasw_flow_lock(hn->flows, hasw_flow_hash(hn->flows, &key));
	rcu_read_lock();
	spin_lock_bh(lock);
	err = hasw_flow_reply_add(hn->flows, fixture_look(hn, i), &answer);
	spin_unlock_bh(lock);
	rcu_read_unlock();
	return err;
}

static struct hasw_flow *fixture_answered(struct hasw_net *hn, u32 i)
{
	struct hasw_flow_key key;
	struct hasw_flow *f;

	fixture_reply_key(i, &key);
	local_bh_disable();
	rcu_read_lock();
	f = hasw_flow_find_reply(hn->flows, &key,
				 hasw_flow_hash(hn->flows, &key),
				 hasw_flow_words(key.kind));
	rcu_read_unlock();
	local_bh_enable();
	return f;
}

/* A flow is found only by its own reply key. It is not found any more after it
 * has ended or was replaced.
 */
static void flow_table_finds_replies(struct kunit *test)
{
	struct hasw_net *hn = test->priv;
	struct hasw_flow_key key;
	u32 i, lost = 0, sum = 0;
	struct hasw_flow *f;
	spinlock_t *lock;

	for (i = 0; i < FLOWS; i++) {
		KUNIT_ASSERT_NOT_NULL(test, fixture_add(hn, i, FLOWS));
		KUNIT_ASSERT_NULL(test, fixture_answered(hn, i));
		KUNIT_ASSERT_EQ(test, fixture_reply(hn, i), 0);
	}
	KUNIT_EXPECT_EQ(test, fixture_reply(hn, 1), -EEXIST);
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->translated), FLOWS);
	mod_delayed_work(hasw_wq, &hn->flows->work, 0);
	flush_delayed_work(&hn->flows->work);
	for (i = 0; i < FLOWS; i++)
		lost += fixture_answered(hn, i) != fixture_look(hn, i);
	KUNIT_EXPECT_EQ(test, lost, 0);

	fixture_key(5, &key);
	lock = hasw_flow_lock(hn->flows, hasw_flow_hash(hn->flows, &key));
	rcu_read_lock();
	spin_lock_bh(lock);
	f = hasw_flow_renew(hn->flows, fixture_look(hn, 5),
			    hasw_flow_hash(hn->flows, &key), true);
	spin_unlock_bh(lock);
	KUNIT_EXPECT_PTR_EQ(test, fixture_look(hn, 5), f);
	KUNIT_EXPECT_NULL(test, fixture_answered(hn, 5));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->count), FLOWS);
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->translated), FLOWS - 1);

	for (u64 at = 0; at <= U32_MAX;)
		at = hasw_flows_at(hn->flows, at, fixture_odd_ends, &sum);
	for (i = 0; i < FLOWS; i++)
		lost += !!fixture_answered(hn, i) == i % 2;
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->translated), FLOWS / 2);
}

/* Packets to addresses other than vips are looked up until the last translated
 * flow has ended, and not longer.
 */
static void flow_table_forgets_translation(struct kunit *test)
{
	struct hasw_net *hn = test->priv;
	u64 at = 0;

	KUNIT_ASSERT_NOT_NULL(test, fixture_add(hn, 1, FLOWS));
	KUNIT_ASSERT_NOT_NULL(test, fixture_add(hn, 2, FLOWS));
	KUNIT_ASSERT_EQ(test, fixture_reply(hn, 1), 0);
	hn->natted = true;
	mod_delayed_work(hasw_wq, &hn->flows->work, 0);
	flush_delayed_work(&hn->flows->work);
	KUNIT_EXPECT_TRUE(test, hn->natted);
	while (at <= U32_MAX)
		at = hasw_flows_at(hn->flows, at, fixture_ends, NULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->translated), 0);
	mod_delayed_work(hasw_wq, &hn->flows->work, 0);
	flush_delayed_work(&hn->flows->work);
	KUNIT_EXPECT_FALSE(test, hn->natted);
}

/* What makes a flow of a full table give way to a new one. */
enum {
	FIXTURE_ASSURED,
	FIXTURE_SYN,
	FIXTURE_UNASSURED,
	FIXTURE_YIELDS,
	FIXTURE_NONE,
};

struct fixture_room {
	u32 how;
	u32 evicted[2];
};

/* Callback of struct hasw_flow_room. */
static enum hasw_flow_claim fixture_claim(const struct hasw_flow *f,
					  bool yields, void *data)
{
	struct fixture_room *room = data;

	return room->how == FIXTURE_YIELDS ? HASW_FLOW_CLAIM_YIELDS :
	       room->how == FIXTURE_NONE   ? HASW_FLOW_CLAIM_NONE :
					     HASW_FLOW_CLAIM_STAYS;
}

/* Callback of struct hasw_flow_room. */
static void fixture_evicted(void *data, bool assured)
{
	struct fixture_room *room = data;

	room->evicted[assured]++;
}

/* Fills the table, and then adds @more flows. Returns how many of these found
 * room, and checks that hasw_flow_spare() predicts each result, and that each
 * evicted flow is counted.
 */
static u32 fixture_overfill(struct kunit *test, u32 how, u32 more)
{
	struct hasw_net *hn = test->priv;
	struct fixture_room mine = { .how = how };
	const struct hasw_flow_room room = {
		.max = 1U << 10, .claim = fixture_claim,
		.evicted = fixture_evicted, .data = &mine,
	};
	struct hasw_flow_key key;
	struct hasw_flow *f;
	u32 i, had = 0;
	bool spare;

	for (i = 0; i < room.max + more; i++) {
		fixture_key(i, &key);
		rcu_read_lock();
		spare = i < room.max ||
			hasw_flow_spare(hn->flows, &room,
					hasw_flow_hash(hn->flows, &key));
		rcu_read_unlock();
		f = fixture_add_in(hn, i, &room);
		KUNIT_EXPECT_EQ(test, spare, !!f);
		if (!f)
			continue;
		had += i >= room.max;
		if (how == FIXTURE_SYN)
			WRITE_ONCE(f->state, HASWITCH_FLOW_STATE_SYN);
		if (how == FIXTURE_UNASSURED)
			WRITE_ONCE(f->kind, f->kind & ~HASW_FLOW_ASSURED);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->count), room.max);
	KUNIT_EXPECT_EQ(test, mine.evicted[how == FIXTURE_YIELDS], had);
	KUNIT_EXPECT_EQ(test, mine.evicted[how != FIXTURE_YIELDS], 0);
	return had;
}

/* In a table that has reached its limit, a new flow evicts a flow in state SYN,
 * regardless of the new flow's bucket.
 */
static void flow_table_full_evicts_syn(struct kunit *test)
{
	KUNIT_EXPECT_GT(test, fixture_overfill(test, FIXTURE_SYN, 2000), 1990);
}

static void flow_table_full_evicts_unassured(struct kunit *test)
{
	KUNIT_EXPECT_GT(test, fixture_overfill(test, FIXTURE_UNASSURED, 2000),
			1990);
}

static void flow_table_full_evicts_yielding(struct kunit *test)
{
	KUNIT_EXPECT_GT(test, fixture_overfill(test, FIXTURE_YIELDS, 2000),
			1990);
}

static void flow_table_full_evicts_unused(struct kunit *test)
{
	KUNIT_EXPECT_GT(test, fixture_overfill(test, FIXTURE_NONE, 2000), 1990);
}

/* In a large table that has few flows, because the limit was lowered, a flow to
 * evict is searched in so many buckets that one is found.
 */
static void flow_table_sparse_evicts(struct kunit *test)
{
	struct hasw_net *hn = test->priv;
	u32 i;

	for (i = 0; i <= 1U << 16; i++)
		KUNIT_ASSERT_NOT_NULL(test, fixture_add(hn, i, 1U << 20));
	flush_delayed_work(&hn->flows->work);
	for (u64 at = 0; at <= U32_MAX;)
		at = hasw_flows_at(hn->flows, at, fixture_ends, NULL);
	KUNIT_EXPECT_GT(test, fixture_overfill(test, FIXTURE_YIELDS, 2000),
			1998);
}

/* After the limit was lowered, each new flow evicts two flows. */
static void flow_table_shrinks_to_lower_limit(struct kunit *test)
{
	struct hasw_net *hn = test->priv;
	struct hasw_flow *f;
	u32 i;

	for (i = 0; i < 2000; i++) {
		f = fixture_add(hn, i, i < 1000 ? 1000 : 500);
		KUNIT_ASSERT_NOT_NULL(test, f);
		WRITE_ONCE(f->kind, f->kind & ~HASW_FLOW_ASSURED);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&hn->flows->count), 500);
}

static void flow_table_full_keeps_assured(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fixture_overfill(test, FIXTURE_ASSURED, 2000), 0);
}

/* hasw_flow_hash() returns the same value as the kernel's hsiphash of the key's
 * bytes.
 */
static void flow_hash_is_siphash(struct kunit *test)
{
	struct hasw_flows *flows = kunit_kzalloc(test, sizeof(*flows), GFP_KERNEL);
	struct hasw_flow_key key = {};
	hsiphash_key_t secret;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, flows);
	if (!IS_ENABLED(CONFIG_64BIT) || IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		kunit_skip(test, "the kernel hashes words of another kind");
	for (i = 0; i < 100; i++) {
		get_random_bytes(&flows->key, sizeof(flows->key));
		get_random_bytes(key.addr, sizeof(key.addr));
		get_random_bytes(key.ports, sizeof(key.ports));
		secret.key[0] = flows->key.key[0];
		secret.key[1] = flows->key.key[1];
		key.kind = 0;
		KUNIT_EXPECT_EQ(test, hasw_flow_hash(flows, &key),
				hsiphash_3u32((__force u32)key.addr[0],
					      (__force u32)key.addr[1],
					      key.both, &secret));
		key.kind = HASW_FLOW_IPV6;
		KUNIT_EXPECT_EQ(test, hasw_flow_hash(flows, &key),
				hsiphash(&key, sizeof(key.addr) +
					       sizeof(key.both), &secret));
	}
}

/* A table that cannot grow is full before its chains get long. */
static void flow_table_that_cannot_grow_is_full(struct kunit *test)
{
	struct hasw_net *hn = test->priv;
	struct hasw_flow_index *all = hn->flows->side;
	struct hasw_config *cfg = kunit_kzalloc(test, sizeof(*cfg), GFP_KERNEL);
	struct hasw_flow_packet p = { .hn = hn, .cfg = cfg };
	u32 most;

	KUNIT_ASSERT_NOT_NULL(test, cfg);
	cfg->limits.max = U32_MAX;
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, hasw_flow_room(&p).max,
			HASW_FLOW_CHAIN <<
			rcu_dereference(all[HASW_FLOW_ORIG].buckets)->bits);
	cfg->limits.max = 100;
	KUNIT_EXPECT_EQ(test, hasw_flow_room(&p).max, 100);
	rcu_read_unlock();

	KUNIT_ASSERT_NOT_NULL(test, fixture_add(hn, 1, FLOWS));
	KUNIT_ASSERT_NOT_NULL(test, fixture_add(hn, 2, FLOWS));
	rcu_read_lock();
	most = hasw_flow_most(&all[HASW_FLOW_REPLY]);
	rcu_read_unlock();
	/* One more would have the table grow. */
	atomic_set(&hn->flows->translated, most - 2);
	KUNIT_EXPECT_EQ(test, fixture_reply(hn, 1), 0);
	atomic_set(&hn->flows->translated, most);
	KUNIT_EXPECT_EQ(test, fixture_reply(hn, 2), -ENOSPC);
	atomic_set(&hn->flows->translated, 1);
}

/* One port of a member serves as many flows with snat as this node has free
 * ports: all but the privileged ones and those that the kernel assigns. The
 * documentation says about 36,000.
 */
static void flow_ports_of_member_are_many(struct kunit *test)
{
	const __be32 own = htonl(0xc0a80001);
	const struct hasw_flow_key key = {
		.addr = { 0, htonl(0x0a000001) },
		.ports = { 0, htons(80) },
		.proto = IPPROTO_TCP,
		.kind = HASW_FLOW_SNAT,
	};
	int low, high;
	u32 i, n = 0;

	inet_get_local_port_range(&init_net, &low, &high);
	rcu_read_lock();
	local_bh_disable();
	for (i = 0; i <= U16_MAX; i++)
		n += hasw_flow_port_free(&init_net, &key, &own, i);
	local_bh_enable();
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, n, 65536 - 1024 - (high - low + 1));
	if (low == 32768 && high == 60999)
		KUNIT_EXPECT_EQ(test, n, 36280);
}

/* Number of flows with which a table has more than HASW_FLOW_SWEEP_MIN
 * buckets.
 */
#define SWEPT 66000

/* Callback of hasw_flows_at(). The flow has expired. */
static bool fixture_expires(struct hasw_flow *f, void *data)
{
	WRITE_ONCE(f->expires, (u32)jiffies - 1);
	return false;
}

/* Adds flows until the table has @n flows, has all flows expire, and runs the
 * work. Returns how many flows are left.
 */
static u32 fixture_sweep(struct kunit *test, u32 n)
{
	struct hasw_net *hn = test->priv;
	u64 at = 0;
	u32 i;

	for (i = 0; i < n; i++)
		KUNIT_ASSERT_NOT_NULL(test, fixture_add(hn, i, U32_MAX));
	while (at <= U32_MAX)
		at = hasw_flows_at(hn->flows, at, fixture_expires, NULL);
	mod_delayed_work(hasw_wq, &hn->flows->work, 0);
	flush_delayed_work(&hn->flows->work);
	return atomic_read(&hn->flows->count);
}

/* A part of the buckets of a large table is searched for expired flows, but all
 * of them when the number of the members' flows matters.
 */
static void flow_table_is_swept_when_counted(struct kunit *test)
{
	struct hasw_net *hn = test->priv;

	KUNIT_EXPECT_GT(test, fixture_sweep(test, SWEPT), SWEPT / 4);
	hn->flows->counted = true;
	KUNIT_EXPECT_EQ(test, fixture_sweep(test, 0), 0);
	KUNIT_EXPECT_FALSE(test, hn->flows->counted);
	KUNIT_EXPECT_GT(test, fixture_sweep(test, SWEPT), SWEPT / 4);
	hn->flows->full = true;
	KUNIT_EXPECT_EQ(test, fixture_sweep(test, 0), 0);
	KUNIT_EXPECT_FALSE(test, hn->flows->full);
}

static struct kunit_case flow_table_cases[] = {
	KUNIT_CASE(flow_hash_is_siphash),
	KUNIT_CASE(flow_table_grows),
	KUNIT_CASE(flow_table_tells_keys_apart),
	KUNIT_CASE(flow_table_finds_replies),
	KUNIT_CASE(flow_table_forgets_translation),
	KUNIT_CASE(flow_table_full_evicts_syn),
	KUNIT_CASE(flow_table_full_evicts_unassured),
	KUNIT_CASE(flow_table_full_evicts_yielding),
	KUNIT_CASE(flow_table_full_evicts_unused),
	KUNIT_CASE(flow_table_sparse_evicts),
	KUNIT_CASE(flow_table_full_keeps_assured),
	KUNIT_CASE(flow_table_shrinks_to_lower_limit),
	KUNIT_CASE(flow_table_that_cannot_grow_is_full),
	KUNIT_CASE(flow_ports_of_member_are_many),
	KUNIT_CASE(flow_table_is_swept_when_counted),
	{}
};

static struct kunit_suite flow_table_suite = {
	.name = "haswitch_flow_table",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = flow_table_cases,
};

kunit_test_suite(flow_table_suite);
