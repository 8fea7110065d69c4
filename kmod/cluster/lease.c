// SPDX-License-Identifier: GPL-2.0
/* Leases: how a lease is granted, renewed, released and ended.
 *
 * A lease is the right to serve a set of vips. A grant gives a lease to one
 * node, the holder, under an epoch (a number that only grows) and until a
 * deadline. A burned epoch is never granted again. A claim is a holder's report
 * of its grant in a heartbeat. A tied grant ends when the netlink socket that
 * requested it is closed.
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <linux/rculist.h>
#include <linux/string.h>

#include "compat/compat_timer.h"
#include "core/budget.h"
#include "lease.h"
#include "core/trace.h"

/* Causes that end a grant of this node. For each packet, this node compares the
 * clock with hasw_grant.mine, the grant's deadline. So storing 0 in this field
 * ends the grant. The next holder must not begin to serve before this node has
 * sent the last packet that the grant allowed. So where the column "waits" says
 * yes, others are notified only after an RCU grace period.
 *
 * cause         event                              waits  who is notified
 * expired       the deadline has passed            no     nobody: others wait
 *                                                         longer than the grant
 * released      the netlink command lease-release  yes    the agent that sent
 *                                                         the command
 * agent-gone    the socket to which the grant was  yes    peers, RELEASED
 *               tied is closed
 * devices-down  no client-facing device is up      yes    peers, RELEASED, by a
 *                                                         work item
 * suspend       the machine is about to be         yes    peers, RELEASED
 *               suspended
 * reboot        the machine is about to reboot     yes    peers, RELEASED, then
 *                                                         GOING
 * config        the module is unloaded, or the     yes    peers, RELEASED, then
 *               namespace is deleted                      GOING
 * config        lease-del, or a restore without    no     nobody: others wait
 *               the lease or its holder                   for the deadline
 * config        a restore in which the holder's    no     nobody: others wait
 *               twin is another machine                   for the deadline
 * cloned        the virtual machine is a copy      no     nobody: the original
 *                                                         may hold the lease
 * superseded    another node claims the same or a  no     nobody: the other
 *               higher epoch, or this module is           node holds the lease
 *               told to grant another node the            already
 *               lease
 * no event      the kernel panics                  no     peers, GOING: their
 *                                                         agents wait instead
 *
 * The grant of another node, as this node knows it, ends by expired, config and
 * superseded too, and in one more way:
 *
 * resigned      the holder's notice: RELEASED or   no     nobody: the holder
 *               GOING                                     notifies its peers
 *
 * The code for agent-gone, suspend, reboot, cloned and panic is in
 * heartbeat/resign.c. The code for devices-down is in heartbeat/client_links.c.
 * The other causes are in lease_config.c and in this file.
 */

/* Reasons why this node gets no grant, as bits HASW_LEASE_BAN_*. Each grant to
 * this node, and each renewal of such a grant, checks the bits under
 * state_lock. A bit is set before this node's grants are ended under
 * state_lock, so no grant to this node can begin afterwards. A panic takes no
 * lock, and uses hasw_grant_stop() instead.
 */
static unsigned long hasw_lease_banned;

/* Records an event of a lease. Under state_lock. */
static void hasw_lease_event(struct hasw_net *hn,
			     const struct hasw_lease *lease, u64 epoch,
			     const struct hasw_node *holder, u8 cause,
			     u8 told, u64 decision)
{
	const struct hasw_node *successor = NULL;
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_LEASE,
		.cause = cause,
		.told = told,
		.decision = decision,
		.publish = hasw_switch_now(),
		.epoch = epoch,
	};

	lockdep_assert_held(&hn->state_lock);
	ev.time = ev.publish;
	strscpy(ev.lease, lease->name, sizeof(ev.lease));
	if (holder)
		strscpy(ev.node, holder->name, sizeof(ev.node));
	if (cause == HASWITCH_CAUSE_RELEASED)
		successor = hasw_lease_successor(hn, lease);
	if (successor)
		strscpy(ev.successor, successor->name, sizeof(ev.successor));
	trace_lease(ev.lease, epoch, ev.node, cause, decision, ev.publish);
	hasw_event_add(hn, &ev);
	hasw_link_schedule(hn);
}

/* How hasw_lease_finish() ends a grant. */
struct hasw_lease_ending {
	u64 epoch;	/* another epoch to burn, if above the grant's; or 0 */
	bool outbid;	/* a claim ends the grant, whose epoch is not burned */
	u8 cause;	/* enum haswitch_cause */
	u8 told;	/* enum haswitch_pulse_kind of a peer's report, or 0 */
	u64 decision;	/* when the cause was noticed, ns */
};

static void hasw_lease_finish(struct hasw_net *hn, struct hasw_lease *lease,
			      const struct hasw_lease_ending *e)
{
	u64 decision = e->decision;
	u8 cause = e->cause;
	struct hasw_node *holder = hasw_lease_holder(hn, lease);
	struct hasw_right *right = &lease->grant.right;
	u64 was = right->epoch, number = right->holder;
	bool lapsed;

	lockdep_assert_held(&hn->state_lock);
	/* If the grant has expired by now, its end is recorded as an expiry,
	 * even if e->cause arose before the deadline.
	 */
	if (was && cause != HASWITCH_CAUSE_EXPIRED &&
	    !hasw_right_held(right, hasw_switch_now())) {
		cause = HASWITCH_CAUSE_EXPIRED;
		decision = right->deadline;
	}
	if (was && cause == HASWITCH_CAUSE_EXPIRED)
		hn->lease.settled =
			max(hn->lease.settled,
			    (u64)right->deadline + HASW_LEASE_MARGIN);
	/* If another node's grant has expired here, the other node might have
	 * renewed the grant without the knowledge of this node. So the grant's
	 * epoch is not burned. Otherwise this node would refuse to record the
	 * renewed grant.
	 */
	lapsed = holder && !holder->self && !e->epoch &&
		 cause == HASWITCH_CAUSE_EXPIRED;
	if (e->outbid || lapsed)
		hasw_grant_yield(hn, &lease->grant);
	else
		hasw_grant_clear(hn, &lease->grant, e->epoch);
	if (lapsed)
		hasw_right_claim(right, was, number);
	/* Some TCP connections to this node's vips are aborted when the grant
	 * ends, see service/abort.c.
	 */
	if (holder && holder->self && !READ_ONCE(hn->closing))
		queue_work(hasw_wq, &hn->abort_work);
	if (was)
		hasw_lease_event(hn, lease, was, holder, cause, e->told,
				 decision);
}

/**
 * hasw_lease_end() - ends the grant of a lease, if any, and burns its epoch
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @cause: cause of the end, enum haswitch_cause
 * @decision: when the cause was noticed, ns
 *
 * After this function returns, new packets find no holder of the lease. CPUs
 * that checked the grant earlier might still send packets. The epoch of another
 * node's expired grant is not burned.
 *
 * Context: any but hard interrupts, hasw_net.state_lock held.
 */
void hasw_lease_end(struct hasw_net *hn, struct hasw_lease *lease, u8 cause,
		    u64 decision)
{
	hasw_lease_finish(hn, lease, &(struct hasw_lease_ending){
		.cause = cause,
		.decision = decision,
	});
}

/* Returns whether @holder and @node are the same machine. Their names are
 * compared, because @node may belong to the configuration that is about to
 * replace the live one.
 */
static bool hasw_lease_is_of(const struct hasw_node *holder,
			     const struct hasw_node *node)
{
	return holder && !strcmp(holder->name, node->name);
}

/* Returns whether a claim of another node is new, so that it has to be
 * recorded. A new claim ends a grant, or forbids a grant that an agent might
 * still request, for example after the agent's clock stood still. The lease's
 * struct hasw_right is read without state_lock, while another CPU might write
 * it. If the result is wrong for this reason, the next heartbeat repeats the
 * check.
 */
static bool hasw_lease_is_news(const struct hasw_lease *lease, u64 claimant,
			       u64 epoch)
{
	const struct hasw_right *right = &lease->grant.right;

	/* The next heartbeat repeats this check, so the race is harmless. */
	return data_race(hasw_right_claim_new(right, epoch, claimant)) ||
	       /* The next heartbeat also repeats this check. */
	       data_race(hasw_right_outbid(right->epoch, right->holder, epoch,
					   claimant));
}

/* Records another node's claim to the lease. The claim ends the grant of any
 * node but the claimant, if the grant has the claim's epoch or a lower one.
 * Under state_lock.
 */
static void hasw_lease_overtake(struct hasw_net *hn, struct hasw_lease *lease,
				u64 claimant, u64 epoch, u64 decision)
{
	struct hasw_right *right = &lease->grant.right;

	lockdep_assert_held(&hn->state_lock);
	if (hasw_right_outbid(right->epoch, right->holder, epoch, claimant))
		hasw_lease_finish(hn, lease, &(struct hasw_lease_ending){
			.outbid = true,
			.cause = HASWITCH_CAUSE_SUPERSEDED,
			.decision = decision,
		});
	hasw_right_claim(right, epoch, claimant);
}

/* Ends the grant of a node that has sent the heartbeat message RELEASED or
 * GOING. RELEASED carries @epoch, and ends a grant under this or a lower epoch.
 * GOING has @epoch 0, and ends a grant under any epoch. @told is what the event
 * names, because agents have to wait after GOING: a kernel that panics while
 * another of its CPUs runs sends GOING without a grace period, so packets that
 * its grant allowed might still arrive. Under state_lock.
 */
static void hasw_lease_given_up(struct hasw_net *hn, struct hasw_lease *lease,
				const struct hasw_node *node, u64 epoch,
				u8 told, u64 decision)
{
	struct hasw_right *right = &lease->grant.right;
	bool holds = hasw_lease_is_of(hasw_lease_holder(hn, lease), node);

	lockdep_assert_held(&hn->state_lock);
	if (!epoch && !holds)
		return;
	if (holds && (!epoch || right->epoch <= epoch))
		hasw_lease_finish(hn, lease, &(struct hasw_lease_ending){
			.epoch = epoch,
			.cause = HASWITCH_CAUSE_RESIGNED,
			.told = told,
			.decision = decision,
		});
	else if (right->burned < epoch)
		/* This node was not notified of the grant, or the grant has
		 * expired here. The event is still sent, because the agent
		 * needs the epoch under which @node gave up the lease.
		 */
		hasw_lease_event(hn, lease, epoch, node,
				 HASWITCH_CAUSE_RESIGNED, told, decision);
	if (!epoch)
		return;
	/* RELEASED proves that @node held the lease under @epoch, so it is
	 * recorded like a claim of @node. The grant has ended, so @epoch is
	 * burned.
	 */
	hasw_lease_overtake(hn, lease, hasw_grant_number(node), epoch,
			    decision);
	hasw_right_burn(right, epoch);
}

/**
 * hasw_lease_resigned() - handles a node's report that its grant has ended
 * @hn: namespace
 * @node: the node
 * @number: number of the lease; 0: all leases
 * @epoch: highest epoch under which @node held the lease; ignored if @number
 *	is 0
 * @told: enum haswitch_pulse_kind, for the event: RELEASED if no packet that
 *	@node's grant allowed is still being handled there, else GOING
 * @decision: when the report was received, ns
 *
 * A grant under an epoch above @epoch is newer than the report, and remains
 * valid. If @number is not 0, @epoch is burned, even if this node was not
 * notified of the grant. So if a request to record the grant arrives after the
 * report, this node refuses the request.
 *
 * Context: softirq, hasw_net.state_lock held.
 */
void hasw_lease_resigned(struct hasw_net *hn, const struct hasw_node *node,
			 u32 number, u64 epoch, u8 told, u64 decision)
{
	const struct hasw_config *cfg = hasw_lease_config(hn);
	struct hasw_lease *lease;

	lockdep_assert_held(&hn->state_lock);
	if (!cfg)
		return;
	list_for_each_entry(lease, &cfg->leases, list)
		if (!number || lease->number == number)
			hasw_lease_given_up(hn, lease, node, number ? epoch : 0,
					    told, decision);
}

/**
 * hasw_lease_claimed() - handles another node's claim that it holds a lease
 * @hn: namespace
 * @node: the claimant
 * @number: number of the lease
 * @epoch: epoch of the claim
 * @decision: when the claim was received, ns
 *
 * A claim proves that the lease was granted to the claimant. So this function
 * ends the grant of any other node, also of this node, under @epoch or a lower
 * epoch. Such a grant can no longer begin either. The grant ends even if its
 * deadline has not passed on this machine's clock, because the clock might have
 * stood still. Each heartbeat repeats the claim, so state_lock is taken only if
 * the claim is new.
 *
 * Context: softirq, RCU read side, no lock held.
 */
void hasw_lease_claimed(struct hasw_net *hn, const struct hasw_node *node,
			u32 number, u64 epoch, u64 decision)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	u64 claimant = hasw_grant_number(node);
	struct hasw_lease *lease;

	if (!cfg || !epoch)
		return;
	list_for_each_entry_rcu(lease, &cfg->leases, list)
		if (lease->number == number)
			break;
	if (list_entry_is_head(lease, &cfg->leases, list) ||
	    !hasw_lease_is_news(lease, claimant, epoch))
		return;

	spin_lock(&hn->state_lock);
	cfg = hasw_lease_config(hn);
	if (cfg)
		list_for_each_entry(lease, &cfg->leases, list)
			if (lease->number == number)
				hasw_lease_overtake(hn, lease, claimant, epoch,
						    decision);
	spin_unlock(&hn->state_lock);
}

/**
 * hasw_lease_claims() - lists the leases that this node holds
 * @hn: namespace
 * @claims: array of HASWITCH_LEASES_MAX entries; receives the leases that this
 *	node holds
 *
 * Context: softirq, RCU read side.
 * Return: number of leases in @claims.
 */
u32 hasw_lease_claims(struct hasw_net *hn, struct hasw_claim *claims)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct hasw_node *holder;
	struct hasw_lease *lease;
	u64 epoch;
	u32 n = 0;

	if (!cfg)
		return 0;
	list_for_each_entry_rcu(lease, &cfg->leases, list) {
		holder = hasw_grant_holder(&lease->grant, &epoch);
		if (!holder || !holder->self)
			continue;
		if (n == HASWITCH_LEASES_MAX)
			break;
		claims[n].number = lease->number;
		claims[n++].epoch = epoch;
	}
	return n;
}

/**
 * hasw_lease_each_held() - calls a function for each lease that this node holds
 * @hn: namespace
 * @what: the function, which is allowed to end the grant of the lease
 * @data: passed to @what
 *
 * Context: any but hard interrupts, hasw_net.state_lock held.
 */
void hasw_lease_each_held(struct hasw_net *hn,
			  void (*what)(struct hasw_net *hn,
				       struct hasw_lease *lease, void *data),
			  void *data)
{
	const struct hasw_config *cfg = hasw_lease_config(hn);
	struct hasw_lease *lease;

	if (!cfg)
		return;
	list_for_each_entry(lease, &cfg->leases, list)
		if (hasw_grant_held(&lease->grant))
			what(hn, lease, data);
}

/* Starts the timer that ends expired grants, unless the timer is already queued
 * for @deadline or an earlier time. Under state_lock.
 */
static void hasw_lease_watch(struct hasw_net *hn, u64 deadline)
{
	lockdep_assert_held(&hn->state_lock);
	/* hrtimer_active() cannot be used here, because it is also true while
	 * the handler runs. A handler that has found no deadline does not
	 * restart the timer, so this function must start it.
	 */
	if (READ_ONCE(hn->closing) ||
	    (hrtimer_is_queued(&hn->lease.timer) &&
	     ktime_to_ns(hrtimer_get_expires(&hn->lease.timer)) <= deadline))
		return;
	hrtimer_start(&hn->lease.timer, ns_to_ktime(deadline),
		      HRTIMER_MODE_ABS_SOFT);
}

/* Timer handler: ends expired grants, records the events, and updates the state
 * that netlink reports. The packet path compares the clock with the deadlines
 * itself, so a late timer does not prolong a grant.
 */
static enum hrtimer_restart hasw_lease_timeout(struct hrtimer *timer)
{
	struct hasw_net *hn = container_of(timer, struct hasw_net, lease.timer);
	const struct hasw_config *cfg;
	struct hasw_lease *lease;
	u64 now, next = U64_MAX;

	spin_lock(&hn->state_lock);
	cfg = hasw_lease_config(hn);
	now = hasw_switch_now();
	if (cfg)
		list_for_each_entry(lease, &cfg->leases, list) {
			const struct hasw_right *right = &lease->grant.right;

			if (!right->epoch)
				continue;
			if (hasw_right_held(right, now))
				next = min(next, (u64)right->deadline);
			else
				hasw_lease_end(hn, lease,
					       HASWITCH_CAUSE_EXPIRED,
					       right->deadline);
		}
	if (next != U64_MAX && !READ_ONCE(hn->closing))
		hrtimer_start(timer, ns_to_ktime(next), HRTIMER_MODE_ABS_SOFT);
	spin_unlock(&hn->state_lock);
	return HRTIMER_NORESTART;
}

/**
 * hasw_lease_init() - sets up the timer that ends expired grants
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_lease_init(struct hasw_net *hn)
{
	hasw_hrtimer_setup(&hn->lease.timer, hasw_lease_timeout,
			   CLOCK_BOOTTIME, HRTIMER_MODE_ABS_SOFT);
}

/**
 * hasw_lease_exit() - stops the timer that ends expired grants
 * @hn: namespace; the caller has set hasw_net.closing
 *
 * Context: process, no lock held.
 */
void hasw_lease_exit(struct hasw_net *hn)
{
	hrtimer_cancel(&hn->lease.timer);
}

/**
 * hasw_lease_ban() - makes the module refuse grants to this node, and renewals
 *	of its grants
 * @why: enum hasw_lease_ban
 *
 * Context: any.
 */
void hasw_lease_ban(enum hasw_lease_ban why)
{
	set_bit(why, &hasw_lease_banned);
}

/**
 * hasw_lease_unban() - withdraws a ban that hasw_lease_ban() has set
 * @why: enum hasw_lease_ban, as given to hasw_lease_ban()
 *
 * Context: any.
 */
void hasw_lease_unban(enum hasw_lease_ban why)
{
	clear_bit(why, &hasw_lease_banned);
}

/**
 * hasw_lease_drop() - ends all this node's grants during a panic
 * @hn: namespace
 *
 * The function notifies nobody, records no event and takes no lock. The caller
 * has called hasw_grant_stop(), so another CPU that still runs cannot begin or
 * renew a grant.
 *
 * Context: a panic, RCU read side.
 */
void hasw_lease_drop(struct hasw_net *hn)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct hasw_lease *lease;

	if (!cfg)
		return;
	list_for_each_entry(lease, &cfg->leases, list)
		WRITE_ONCE(lease->grant.mine, 0);
}

/* Begins a grant, or changes a grant's deadline. Under state_lock. */
static void hasw_lease_store(struct hasw_net *hn, struct hasw_lease *lease,
			     struct hasw_node *holder, u64 epoch, u64 deadline,
			     u32 tied)
{
	lockdep_assert_held(&hn->state_lock);
	/* Closing the socket to which an earlier grant was tied must not end
	 * this grant.
	 */
	lease->tied = tied;
	hasw_grant_store(hn, &lease->grant, holder, epoch, deadline);
	hasw_lease_watch(hn, deadline);
}

/* Returns whether `only`, the lease's list of allowed holders, forbids a grant
 * to this node, or the renewal of such a grant. If this node already holds the
 * lease, it can renew its grant until HASW_LEASE_BARRED_TIME has passed. A
 * renewal that does not prolong the grant is always allowed. After a renewal
 * that shortens the grant, the agents that vote on the lease are notified of
 * the earlier deadline. These agents can let another node hold the lease from
 * the earlier deadline on.
 */
static bool hasw_lease_bars(const struct hasw_lease *lease, u64 epoch,
			    u64 deadline, u64 now)
{
	const struct hasw_right *right = &lease->grant.right;

	if (!lease->barred ||
	    (right->epoch == epoch && deadline <= right->deadline))
		return false;
	return !hasw_grant_held(&lease->grant) ||
	       now >= lease->barred + HASW_LEASE_BARRED_TIME;
}

/**
 * hasw_lease_set() - grants a lease, or renews its grant
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @epoch: epoch of the grant
 * @holder: the node that gets the grant
 * @deadline: end of the grant, ns
 * @tied: portid of the netlink socket whose closing ends this node's grant; 0:
 *	no such socket
 * @fresh: on success, set to whether this node has become the holder
 *
 * Context: process, hasw_net.mutex held.
 * Return: HASW_RULING_GRANT or HASW_RULING_RENEW on success. Otherwise the
 * reason of the refusal, and the lease is unchanged.
 */
enum hasw_ruling hasw_lease_set(struct hasw_net *hn, struct hasw_lease *lease,
				u64 epoch, struct hasw_node *holder,
				u64 deadline, u32 tied, bool *fresh)
{
	struct hasw_grant *t = &lease->grant;
	enum hasw_ruling ruling;
	struct hasw_node *old;
	bool was_held;
	u64 now;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	now = hasw_switch_now();
	was_held = hasw_grant_held(t);
	ruling = HASW_RULING_GOING;
	if (holder->self && READ_ONCE(hasw_lease_banned))
		goto out;
	ruling = HASW_RULING_BARRED;
	if (holder->self && hasw_lease_bars(lease, epoch, deadline, now))
		goto out;
	/* A holder renews until its agent has moved the lease without loss. */
	ruling = HASW_RULING_PROTODOWN;
	if (holder->self && lease->protodown && !was_held)
		goto out;
	ruling = hasw_right_set(&t->right, now, epoch,
				hasw_grant_number(holder), deadline);
	if (ruling != HASW_RULING_GRANT && ruling != HASW_RULING_RENEW)
		goto out;
	old = hasw_lease_holder(hn, lease);
	/* If a holder gets a grant under another epoch while its old grant is
	 * valid, the old grant is not ended first. So the node remains the
	 * holder without a gap.
	 */
	if (old && ruling == HASW_RULING_GRANT &&
	    (old != holder || !hasw_right_held(&t->right, now)))
		hasw_lease_end(hn, lease, HASWITCH_CAUSE_SUPERSEDED,
			       hn->decision);
	hasw_lease_store(hn, lease, holder, epoch, deadline, tied);
	if (ruling == HASW_RULING_GRANT)
		hasw_lease_event(hn, lease, epoch, holder,
				 HASWITCH_CAUSE_GRANTED, 0, hn->decision);
	*fresh = holder->self && !was_held;
out:
	spin_unlock_bh(&hn->state_lock);
	return ruling;
}

/**
 * hasw_lease_renew() - renews a grant, or moves it to a higher epoch, without
 *	hasw_net.mutex
 * @hn: namespace
 * @name: name of the lease
 * @epoch: epoch of the grant
 * @holder: name of the holder
 * @deadline: new end of the grant, ns
 * @tied: portid of the netlink socket whose closing ends this node's grant; 0:
 *	no such socket
 *
 * A long configuration change, such as a restore of very many vips, holds
 * hasw_net.mutex. Grants must not expire meanwhile, so a renewal does not wait
 * for the mutex. Nor does a grant under a higher epoch to this node, if this
 * node holds the lease: voters that have been restarted renew no other one.
 *
 * Context: process, hasw_net.mutex not needed.
 * Return: whether the grant was renewed or moved. If false, the lease is
 * unchanged, and the caller passes the request to hasw_lease_set().
 */
bool hasw_lease_renew(struct hasw_net *hn, const char *name, u64 epoch,
		      const char *holder, u64 deadline, u32 tied)
{
	struct hasw_lease *lease = NULL;
	const struct hasw_config *cfg;
	struct hasw_node *node = NULL;
	enum hasw_ruling ruling;
	bool renewed = false;
	u64 now;

	spin_lock_bh(&hn->state_lock);
	cfg = hasw_lease_config(hn);
	if (cfg)
		lease = hasw_lease_find(cfg, name);
	if (lease)
		node = hasw_lease_holder(hn, lease);
	now = hasw_switch_now();
	if (!node || strcmp(node->name, holder) ||
	    (node->self && (hasw_lease_bars(lease, epoch, deadline, now) ||
			    READ_ONCE(hasw_lease_banned))))
		goto out;
	ruling = hasw_right_set(&lease->grant.right, now, epoch,
				hasw_grant_number(node), deadline);
	renewed = ruling == HASW_RULING_RENEW ||
		  (ruling == HASW_RULING_GRANT && node->self &&
		   hasw_grant_held(&lease->grant));
	if (renewed)
		hasw_lease_store(hn, lease, node, epoch, deadline, tied);
	/* As in hasw_lease_set(), a holder that moves to a higher epoch remains
	 * the holder without a gap: the old grant is not ended.
	 */
	if (renewed && ruling == HASW_RULING_GRANT)
		hasw_lease_event(hn, lease, epoch, node, HASWITCH_CAUSE_GRANTED,
				 0, now);
out:
	spin_unlock_bh(&hn->state_lock);
	return renewed;
}

/**
 * hasw_lease_set_floor() - sets the smallest epoch that can be granted
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @floor: the smallest epoch that can be granted, not 0
 *
 * A grant under an epoch below @floor remains valid until its deadline, but
 * cannot be renewed.
 *
 * Context: process, hasw_net.mutex held.
 * Return: true; or false if the lease already has a higher floor, which is
 * kept.
 */
bool hasw_lease_set_floor(struct hasw_net *hn, struct hasw_lease *lease,
			  u64 floor)
{
	struct hasw_right *right = &lease->grant.right;
	bool grows;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	grows = floor >= right->floor;
	if (grows)
		right->floor = floor;
	spin_unlock_bh(&hn->state_lock);
	return grows;
}

/**
 * hasw_lease_release() - ends a lease's grant on request, and burns an epoch
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @epoch: the epoch to burn; 0: the epoch of this node's own grant
 * @successor: another node that is to hold the lease next, or NULL; the caller
 *	names a successor only if this node holds the lease. This node forwards
 *	clients' packets to @successor until the next grant is known, but at
 *	most for HASW_GRANT_SUCCESSION.
 *
 * The caller calls hasw_lease_sync() before it acknowledges the request. When
 * hasw_lease_sync() returns, this node has sent the last packet that the grant
 * allowed.
 *
 * Context: process, hasw_net.mutex held.
 * Return: HASW_RULING_RELEASE or HASW_RULING_BURN on success. Otherwise the
 * reason of the refusal, and the lease is unchanged.
 */
enum hasw_ruling hasw_lease_release(struct hasw_net *hn,
				    struct hasw_lease *lease, u64 epoch,
				    struct hasw_node *successor)
{
	struct hasw_right *right = &lease->grant.right;
	struct hasw_node *holder;
	enum hasw_ruling ruling;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	holder = hasw_lease_holder(hn, lease);
	ruling = hasw_right_release(right, epoch, holder && holder->self);
	/* If hasw_lease_timeout() has just ended the grant, @ruling is not
	 * HASW_RULING_RELEASE, and the lease is not handed over.
	 */
	if (ruling == HASW_RULING_RELEASE && successor)
		hasw_grant_hand_over(hn, &lease->grant, successor,
				     max(epoch, (u64)right->epoch) + 1,
				     hasw_switch_now() +
				     HASW_GRANT_SUCCESSION);
	if (ruling == HASW_RULING_RELEASE || ruling == HASW_RULING_BURN)
		hasw_lease_finish(hn, lease, &(struct hasw_lease_ending){
			.epoch = epoch,
			.cause = HASWITCH_CAUSE_RELEASED,
			.decision = hn->decision,
		});
	spin_unlock_bh(&hn->state_lock);
	return ruling;
}

/**
 * hasw_lease_move() - sends the event lease-move: a request to move a lease, or
 *	an agent's answer to the request
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @successor: name of the node that is to hold the lease next, or ""
 * @answer: the agent's enum haswitch_move_answer; NULL for a request
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_lease_move(struct hasw_net *hn, const struct hasw_lease *lease,
		     const char *successor, const u8 *answer)
{
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_LEASE_MOVE,
	};

	lockdep_assert_held(&hn->mutex);
	strscpy(ev.lease, lease->name, sizeof(ev.lease));
	strscpy(ev.successor, successor, sizeof(ev.successor));
	ev.answers = answer;
	if (answer)
		ev.answer = *answer;
	spin_lock_bh(&hn->state_lock);
	hasw_event_add(hn, &ev);
	spin_unlock_bh(&hn->state_lock);
}

/**
 * hasw_lease_sync() - waits until the last packets of ended grants are sent
 * @hn: namespace
 *
 * The function waits for an RCU grace period, and until HASW_LEASE_MARGIN has
 * passed since the deadline of each expired grant.
 *
 * Context: process, may sleep, no lock held.
 */
void hasw_lease_sync(struct hasw_net *hn)
{
	u64 settled, now;

	hasw_budget_sync(hn);
	spin_lock_bh(&hn->state_lock);
	settled = hn->lease.settled;
	spin_unlock_bh(&hn->state_lock);
	now = hasw_switch_now();
	if (now < settled)
		fsleep((unsigned long)div_u64(settled - now, NSEC_PER_USEC) + 1);
}
