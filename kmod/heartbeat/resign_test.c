// SPDX-License-Identifier: GPL-2.0
/* KUnit: which grants suspend, hibernation and a VM fork end, and which
 * notices the peers get: not before packets under way are handled, and whether
 * they have to wait after one.
 */
#include <kunit/test.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "resign.h"

/* Number of leases that this node holds. The peer holds one more. */
#define LEASES 2

/**
 * struct resigning - two nodes in the initial namespace, their leases, and the
 *	notices that this node sends to the peer
 * @hn: the initial namespace
 * @self: this node
 * @peer: the peer
 * @lease: leases of which this node holds the first LEASES
 * @pulse: session with the peer
 * @hook: reads and drops the heartbeats of @pulse
 * @ready: @hook is registered, and the configuration has all of these
 * @events: number of the first event that follows the last call of
 *	resigning_grant()
 * @epoch: epoch of the present grants
 * @ended: state of RCU when the grants had ended; all zero counts as long ago
 * @lock: protects the members that follow
 * @released: for each lease, whether RELEASED was sent for @epoch
 * @early: number of these that were sent while a packet that was accepted
 *	under the grants could still be under way
 * @others: number of other notices that were sent
 */
struct resigning {
	struct hasw_net *hn;
	struct hasw_node *self, *peer;
	struct hasw_lease *lease[LEASES + 1];
	struct hasw_pulse *pulse;
	struct nf_hook_ops hook;
	bool ready;
	u64 events;
	u64 epoch;
	struct rcu_gp_oldstate ended;
	spinlock_t lock;
	bool released[LEASES + 1];
	u32 early;
	u32 others;
};

/* Records a notice. A repeated notice of earlier grants is ignored. */
static void resigning_note(struct resigning *r,
			   const struct hasw_pulse_wire *wire)
{
	u32 i;

	if (wire->kind == HASWITCH_PULSE_KIND_BEAT ||
	    (wire->kind == HASWITCH_PULSE_KIND_RELEASED &&
	     be64_to_cpu(wire->value) < r->epoch))
		return;
	for (i = 0; i <= LEASES; i++)
		if (wire->kind == HASWITCH_PULSE_KIND_RELEASED &&
		    be32_to_cpu(wire->about) == r->lease[i]->number &&
		    be64_to_cpu(wire->value) == r->epoch) {
			r->released[i] = true;
			r->early += !poll_state_synchronize_rcu_full(&r->ended);
			return;
		}
	r->others++;
}

static unsigned int resigning_hear(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	struct resigning *r = priv;
	struct hasw_pulse_wire wire;

	if (ip_hdr(skb)->protocol != IPPROTO_UDP ||
	    skb_copy_bits(skb, ip_hdrlen(skb) + sizeof(struct udphdr), &wire,
			  sizeof(wire)) ||
	    !hasw_pulse_known(&wire))
		return NF_ACCEPT;
	spin_lock_bh(&r->lock);
	resigning_note(r, &wire);
	spin_unlock_bh(&r->lock);
	return NF_DROP;
}

/* Adds what the test needs to the configuration. Under hasw_net.mutex. */
static int resigning_add(struct resigning *r)
{
	static const struct hasw_pulse_keys keys = { .id = 1 };
	struct hasw_config *cfg = hasw_config_live(r->hn);
	u32 i;
	int err;

	r->hn->decision = hasw_switch_now();
	err = hasw_event_prepare(r->hn);
	if (err)
		return err;
	err = hasw_pulse_add(r->pulse, r->peer, &keys);
	if (err)
		return err;
	hasw_node_add(cfg, r->self);
	hasw_node_add(cfg, r->peer);
	for (i = 0; i <= LEASES; i++) {
		hasw_lease_add(r->hn, cfg, r->lease[i]);
		hasw_lease_set_floor(r->hn, r->lease[i], 1);
	}
	return 0;
}

static int resigning_init(struct kunit *test)
{
	struct resigning *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	struct hasw_pulse_path *path;
	u32 i;
	int err;

	test->priv = r;
	if (!r)
		return -ENOMEM;
	spin_lock_init(&r->lock);
	r->events = 1;
	r->hn = hasw_net_of(&init_net);
	r->self = hasw_node_new("self", true, HASWITCH_ADMIN_STATE_UP);
	r->peer = hasw_node_new("peer", false, HASWITCH_ADMIN_STATE_UP);
	for (i = 0; i <= LEASES; i++) {
		const char name[] = { 'l', '0' + i, '\0' };

		r->lease[i] = hasw_lease_new(name);
		if (!r->lease[i])
			return -ENOMEM;
	}
	r->pulse = hasw_pulse_new(r->hn, 1, 1);
	if (!r->self || !r->peer || !r->pulse)
		return -ENOMEM;
	/* The hook drops the heartbeats, so none arrives. */
	path = &r->pulse->path[0];
	path->family = AF_INET;
	ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &path->local);
	path->remote = path->local;
	r->pulse->interval = NSEC_PER_SEC;
	r->pulse->multiplier = 3;
	r->hook = (struct nf_hook_ops){
		.hook = resigning_hear,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_FIRST,
		.priv = r,
	};
	err = nf_register_net_hook(&init_net, &r->hook);
	if (err)
		return err;
	mutex_lock(&r->hn->mutex);
	err = resigning_add(r);
	mutex_unlock(&r->hn->mutex);
	r->ready = !err;
	if (err)
		nf_unregister_net_hook(&init_net, &r->hook);
	return err;
}

static void resigning_exit(struct kunit *test)
{
	struct resigning *r = test->priv;
	struct hasw_config *cfg;
	u32 i;

	hasw_lease_unban(HASW_LEASE_BAN_SLEEP);
	if (!r || !r->ready)
		return;
	mutex_lock(&r->hn->mutex);
	cfg = hasw_config_live(r->hn);
	hasw_pulse_del(r->pulse);
	for (i = 0; i <= LEASES; i++)
		hasw_lease_del(r->hn, cfg, r->lease[i]);
	hasw_node_del(cfg, r->self);
	hasw_node_del(cfg, r->peer);
	mutex_unlock(&r->hn->mutex);
	nf_unregister_net_hook(&init_net, &r->hook);
}

static enum hasw_ruling resigning_set(struct resigning *r, u32 lease,
				      struct hasw_node *holder)
{
	enum hasw_ruling ruling;
	bool fresh;

	mutex_lock(&r->hn->mutex);
	r->hn->decision = hasw_switch_now();
	ruling = hasw_lease_set(r->hn, r->lease[lease], r->epoch, holder,
				r->hn->decision + HASW_LEASE_MAX, 0, &fresh);
	mutex_unlock(&r->hn->mutex);
	return ruling;
}

/* Grants all leases under a new epoch, and forgets the notices until now. */
static void resigning_grant(struct kunit *test)
{
	struct resigning *r = test->priv;
	struct hasw_event ev;
	u32 i;

	while (hasw_event_get(r->hn, r->events, &ev))
		r->events = ev.seq + 1;
	spin_lock_bh(&r->lock);
	r->epoch++;
	memset(r->released, 0, sizeof(r->released));
	r->early = 0;
	r->others = 0;
	spin_unlock_bh(&r->lock);
	for (i = 0; i <= LEASES; i++)
		KUNIT_EXPECT_EQ(test,
				resigning_set(r, i, i < LEASES ? r->self :
								 r->peer),
				HASW_RULING_GRANT);
}

/* Returns how many grants of this node's leases are valid. */
static u32 resigning_held(const struct resigning *r)
{
	u32 i, n = 0;

	for (i = 0; i < LEASES; i++)
		n += hasw_grant_held(&r->lease[i]->grant);
	return n;
}

static u32 resigning_released(struct resigning *r)
{
	u32 i, n = 0;

	spin_lock_bh(&r->lock);
	for (i = 0; i < LEASES; i++)
		n += r->released[i];
	spin_unlock_bh(&r->lock);
	return n;
}

/* Returns for how many of this node's leases an event tells that the present
 * grant has ended by @cause.
 */
static u32 resigning_ended(struct resigning *r, u8 cause)
{
	struct hasw_event ev;
	u32 n = 0;
	u64 seq;

	for (seq = r->events; hasw_event_get(r->hn, seq, &ev); seq = ev.seq + 1)
		n += ev.kind == HASWITCH_EVENT_KIND_LEASE &&
		     ev.cause == cause && ev.epoch == r->epoch &&
		     !strcmp(ev.node, r->self->name);
	return n;
}

static bool resigning_peer_holds(const struct resigning *r)
{
	const struct hasw_node *holder;

	rcu_read_lock();
	holder = hasw_grant_holder(&r->lease[LEASES]->grant, NULL);
	rcu_read_unlock();
	return holder == r->peer;
}

/* Before @prepare, this node holds its leases. @prepare ends all its grants and
 * notifies the peer of each. No grant to this node begins before @post.
 */
static void resigning_sleep(struct kunit *test, unsigned long prepare,
			    unsigned long post)
{
	struct resigning *r = test->priv;

	resigning_grant(test);
	KUNIT_EXPECT_EQ(test, resigning_held(r), LEASES);
	hasw_resign_pm(NULL, prepare, NULL);
	KUNIT_EXPECT_EQ(test, resigning_held(r), 0);
	KUNIT_EXPECT_EQ(test, resigning_ended(r, HASWITCH_CAUSE_SUSPEND),
			LEASES);
	KUNIT_EXPECT_EQ(test, resigning_released(r), LEASES);
	/* The peer keeps its grant. The node goes on afterwards, so it does not
	 * announce GOING.
	 */
	KUNIT_EXPECT_TRUE(test, resigning_peer_holds(r));
	KUNIT_EXPECT_EQ(test, r->others, 0);
	r->epoch++;
	KUNIT_EXPECT_EQ(test, resigning_set(r, 0, r->self), HASW_RULING_GOING);
	KUNIT_EXPECT_EQ(test, resigning_set(r, LEASES, r->peer),
			HASW_RULING_GRANT);
	hasw_resign_pm(NULL, post, NULL);
	KUNIT_EXPECT_EQ(test, resigning_set(r, 0, r->self), HASW_RULING_GRANT);
}

static void resign_before_suspend(struct kunit *test)
{
	resigning_sleep(test, PM_SUSPEND_PREPARE, PM_POST_SUSPEND);
}

static void resign_before_hibernation(struct kunit *test)
{
	resigning_sleep(test, PM_HIBERNATION_PREPARE, PM_POST_HIBERNATION);
}

static void resign_before_restored_memory(struct kunit *test)
{
	resigning_sleep(test, PM_RESTORE_PREPARE, PM_POST_RESTORE);
}

static void resign_not_after_sleep(struct kunit *test)
{
	static const unsigned long events[] = {
		PM_POST_SUSPEND, PM_POST_HIBERNATION, PM_POST_RESTORE,
	};
	struct resigning *r = test->priv;
	u32 i;

	resigning_grant(test);
	for (i = 0; i < ARRAY_SIZE(events); i++)
		hasw_resign_pm(NULL, events[i], NULL);
	KUNIT_EXPECT_EQ(test, resigning_held(r), LEASES);
	KUNIT_EXPECT_EQ(test, resigning_released(r), 0);
	KUNIT_EXPECT_EQ(test, r->others, 0);
}

/* The peer may hold the leases as soon as it has the notices. So these leave
 * after a grace period that began when the grants had ended, not before. The
 * work runs in this thread, because on one CPU a switch to another thread is a
 * grace period.
 */
static void resign_waits_for_packets(struct kunit *test)
{
	struct resigning *r = test->priv;
	struct work_struct *work = &r->hn->pulses->resign_work;
	bool room = true;
	u32 i;

	resigning_grant(test);
	spin_lock_bh(&r->hn->state_lock);
	for (i = 0; i < LEASES; i++)
		room &= hasw_resign_end(r->hn, r->lease[i],
					HASWITCH_CAUSE_DEVICES_DOWN,
					hasw_switch_now(),
					&r->hn->pulses->resigned);
	spin_unlock_bh(&r->hn->state_lock);
	KUNIT_EXPECT_TRUE(test, room);
	KUNIT_EXPECT_EQ(test, resigning_held(r), 0);
	/* A grace period that begins because of callbacks would hide that the
	 * module does not wait for one.
	 */
	rcu_barrier();
	get_state_synchronize_rcu_full(&r->ended);
	work->func(work);
	KUNIT_EXPECT_EQ(test, resigning_released(r), LEASES);
	KUNIT_EXPECT_EQ(test, r->early, 0);
}

/* The clone sends no notice, because the original may hold the leases. It may
 * be granted leases again.
 */
static void clone_ends_grants_silently(struct kunit *test)
{
	struct resigning *r = test->priv;

	resigning_grant(test);
	hasw_resign_fork(NULL, 0, NULL);
	flush_work(&hasw_resign_forked);
	hasw_resign_flush(r->hn);
	KUNIT_EXPECT_EQ(test, resigning_held(r), 0);
	KUNIT_EXPECT_EQ(test, resigning_ended(r, HASWITCH_CAUSE_CLONED),
			LEASES);
	KUNIT_EXPECT_EQ(test, resigning_released(r), 0);
	KUNIT_EXPECT_EQ(test, r->others, 0);
	KUNIT_EXPECT_TRUE(test, resigning_peer_holds(r));
	resigning_grant(test);
	KUNIT_EXPECT_EQ(test, resigning_held(r), LEASES);
}

/* Returns which notice the event names by which the peer has lost its lease;
 * HASWITCH_PULSE_KIND_BEAT if there is no such event.
 */
static u8 resigning_told(struct resigning *r)
{
	u8 told = HASWITCH_PULSE_KIND_BEAT;
	struct hasw_event ev;
	u64 seq;

	for (seq = r->events; hasw_event_get(r->hn, seq, &ev); seq = ev.seq + 1)
		if (ev.kind == HASWITCH_EVENT_KIND_LEASE &&
		    ev.cause == HASWITCH_CAUSE_RESIGNED &&
		    ev.epoch == r->epoch && !strcmp(ev.node, r->peer->name))
			told = ev.told;
	return told;
}

static void panic_with_running_cpus_says_so(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, hasw_resign_gasp_value(1),
			HASW_PULSE_GOING_STILL);
	KUNIT_EXPECT_EQ(test, hasw_resign_gasp_value(2), 0);
	KUNIT_EXPECT_EQ(test, hasw_resign_gasp_value(8192), 0);
}

/* Voters wait after the event names GOING, and do not after RELEASED. */
static void panic_of_stopped_cpus_releases(struct kunit *test)
{
	static const struct {
		u64 value;
		u8 told;
	} cases[] = {
		{ 0, HASWITCH_PULSE_KIND_GOING },
		{ HASW_PULSE_GOING_STILL, HASWITCH_PULSE_KIND_RELEASED },
		{ HASW_PULSE_GOING_STILL + 1, HASWITCH_PULSE_KIND_GOING },
	};
	struct resigning *r = test->priv;
	u32 i;

	spin_lock_bh(&r->pulse->lock);
	r->pulse->gone = true;
	spin_unlock_bh(&r->pulse->lock);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct hasw_pulse_beat beat = {
			.kind = HASWITCH_PULSE_KIND_GOING,
			.value = cases[i].value,
		};

		resigning_grant(test);
		KUNIT_EXPECT_TRUE(test, resigning_peer_holds(r));
		local_bh_disable();
		rcu_read_lock();
		hasw_pulse_report_peer(r->pulse, &beat, hasw_switch_now());
		rcu_read_unlock();
		local_bh_enable();
		KUNIT_EXPECT_FALSE(test, resigning_peer_holds(r));
		KUNIT_EXPECT_EQ(test, resigning_told(r), cases[i].told);
	}
}

static struct kunit_case resign_cases[] = {
	KUNIT_CASE(resign_before_suspend),
	KUNIT_CASE(resign_before_hibernation),
	KUNIT_CASE(resign_before_restored_memory),
	KUNIT_CASE(resign_not_after_sleep),
	KUNIT_CASE(resign_waits_for_packets),
	KUNIT_CASE(clone_ends_grants_silently),
	KUNIT_CASE(panic_with_running_cpus_says_so),
	KUNIT_CASE(panic_of_stopped_cpus_releases),
	{}
};

static struct kunit_suite resign_suite = {
	.name = "haswitch_resign",
	.init = resigning_init,
	.exit = resigning_exit,
	.test_cases = resign_cases,
};

kunit_test_suite(resign_suite);
