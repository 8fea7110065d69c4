// SPDX-License-Identifier: GPL-2.0
/* A lease: the named right to answer for its vips, and what grants and ends it. */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/math64.h>
#include <linux/rculist.h>
#include <linux/string.h>

#include "compat/compat_timer.h"
#include "lease.h"
#include "core/trace.h"

/* Each way in which a grant of this node ends. Packets are judged by the deadline,
 * and the store of 0 there ends the grant. The next holder must not begin before
 * the last packet that was judged by it has left. So who is told that the grant has
 * ended is told after an RCU grace period.
 *
 * cause         what has happened                        who is told
 * expired       the deadline has passed                  nobody: others wait for
 *                                                        longer, by their clocks
 * released      netlink's lease-release                  the agent that asked
 * agent-gone    the socket that the grant was tied to    peers, RELEASED
 *               is closed
 * devices-down  no link to clients is up                 peers, RELEASED, by a
 *                                                        work
 * suspend       the machine is about to sleep            peers, RELEASED
 * reboot        the machine is about to reboot           peers, RELEASED, then
 *                                                        GOING
 * config        the module or the namespace goes         peers, RELEASED, then
 *                                                        GOING
 * config        lease-del, or a restore without the      nobody: others wait for
 *               lease or its holder                      the deadline
 * cloned        the virtual machine is a copy            nobody: the original may
 *                                                        hold the lease
 * superseded    another node claims the same epoch or    nobody: that node holds
 *               a higher one, or is granted that here    the lease already
 * no event      the kernel panics                        peers, GOING, without a
 *                                                        grace period: others
 *                                                        wait for it themselves
 *
 * What ends a grant is in heartbeat/resign.c (agent-gone, suspend, reboot, cloned,
 * panic), heartbeat/client_links.c, lease_config.c, and here.
 */

/* Why this node is granted nothing, HASW_LEASE_BAN_*. Set before what it holds is
 * ended under each namespace's state_lock, and read under it.
 */
static unsigned long hasw_lease_banned;

/* Keeps what happened to a lease. Under state_lock. */
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
}

/* How a grant ends. */
struct hasw_lease_ending {
	u64 epoch;	/* burned as well, if it is higher than the grant's */
	bool outbid;	/* its epoch is not burned: it may be the claimant's */
	u8 cause;	/* enum haswitch_cause */
	u8 told;	/* enum haswitch_pulse_kind: how the holder said it */
	u64 decision;	/* when what ends it was taken in, ns */
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

	/* What had run out before anybody decided anything, had run out. */
	if (was && cause != HASWITCH_CAUSE_EXPIRED &&
	    !hasw_right_held(right, hasw_switch_now())) {
		cause = HASWITCH_CAUSE_EXPIRED;
		decision = right->deadline;
	}
	if (was && cause == HASWITCH_CAUSE_EXPIRED)
		hn->lease.settled =
			max(hn->lease.settled,
			    (u64)right->deadline + HASW_LEASE_MARGIN);
	/* Another node that was not heard of for a while may well have renewed:
	 * its epoch remains its own.
	 */
	lapsed = holder && !holder->self && !e->epoch &&
		 cause == HASWITCH_CAUSE_EXPIRED;
	if (e->outbid || lapsed)
		hasw_grant_yield(hn, &lease->grant);
	else
		hasw_grant_clear(hn, &lease->grant, e->epoch);
	if (lapsed)
		hasw_right_claim(right, was, number);
	/* Connections that end with it, see service/abort.c. */
	if (holder && holder->self && !READ_ONCE(hn->closing))
		queue_work(hasw_wq, &hn->abort_work);
	if (was)
		hasw_lease_event(hn, lease, was, holder, cause, e->told,
				 decision);
}

/**
 * hasw_lease_end() - ends the grant of a lease, if there is one, and burns its epoch
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @cause: enum haswitch_cause
 * @decision: when what ends it was taken in, ns
 *
 * When it returns, no packet that comes is answered for the lease's vips by
 * this node; one that was judged before may still leave.
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

/* Whether a holder is that node: by its name, since the node may be that of a
 * configuration which is about to replace this one.
 */
static bool hasw_lease_is_of(const struct hasw_node *holder,
			     const struct hasw_node *node)
{
	return holder && !strcmp(holder->name, node->name);
}

/* Whether a claim is new: it ends a grant, or rules one out that is to come.
 * That one could be granted by an agent whose clock stood still, too. The rules
 * are written under state_lock; who finds them half written asks again with the
 * next heartbeat.
 */
static bool hasw_lease_is_news(const struct hasw_lease *lease, u64 claimant,
			       u64 epoch)
{
	const struct hasw_right *right = &lease->grant.right;

	/* As said above: what is half written is looked at again. */
	return data_race(hasw_right_claim_new(right, epoch, claimant)) ||
	       /* As that. */
	       data_race(hasw_right_outbid(right->epoch, right->holder, epoch,
					   claimant));
}

/* Under state_lock. */
static void hasw_lease_overtake(struct hasw_net *hn, struct hasw_lease *lease,
				u64 claimant, u64 epoch, u64 decision)
{
	struct hasw_right *right = &lease->grant.right;

	if (hasw_right_outbid(right->epoch, right->holder, epoch, claimant))
		hasw_lease_finish(hn, lease, &(struct hasw_lease_ending){
			.outbid = true,
			.cause = HASWITCH_CAUSE_SUPERSEDED,
			.decision = decision,
		});
	hasw_right_claim(right, epoch, claimant);
}

/* Ends what a node has of a lease under @epoch or a lower one, or, if that is 0,
 * under whichever it has it: then it is a node that goes, perhaps by a panic,
 * which waits for no grace period. Under state_lock.
 */
static void hasw_lease_given_up(struct hasw_net *hn, struct hasw_lease *lease,
				const struct hasw_node *node, u64 epoch,
				u64 decision)
{
	struct hasw_right *right = &lease->grant.right;
	bool holds = hasw_lease_is_of(hasw_lease_holder(hn, lease), node);
	u8 told = epoch ? HASWITCH_PULSE_KIND_RELEASED :
			  HASWITCH_PULSE_KIND_GOING;

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
		/* What it held was too short for this node to hear of it. Who
		 * lets go of leases by their epochs must hear that it is over.
		 */
		hasw_lease_event(hn, lease, epoch, node,
				 HASWITCH_CAUSE_RESIGNED, told, decision);
	if (!epoch)
		return;
	/* It was granted, which is a claim, too; and it is over. */
	hasw_lease_overtake(hn, lease, hasw_grant_number(node), epoch,
			    decision);
	hasw_right_burn(right, epoch);
}

/**
 * hasw_lease_resigned() - another node has said that it holds a lease no more
 * @hn: namespace
 * @node: the node
 * @number: of the lease; 0: all of them
 * @epoch: under which it held it, or a lower one
 * @decision: when it was heard, ns
 *
 * A grant under a higher epoch is newer than what was said, and goes on. One
 * that this node had not heard of is told as well, and begins no more, however
 * late it is heard of.
 *
 * Context: softirq, hasw_net.state_lock held.
 */
void hasw_lease_resigned(struct hasw_net *hn, const struct hasw_node *node,
			 u32 number, u64 epoch, u64 decision)
{
	const struct hasw_config *cfg = hasw_lease_config(hn);
	struct hasw_lease *lease;

	lockdep_assert_held(&hn->state_lock);
	if (!cfg)
		return;
	list_for_each_entry(lease, &cfg->leases, list)
		if (!number || lease->number == number)
			hasw_lease_given_up(hn, lease, node, number ? epoch : 0,
					    decision);
}

/**
 * hasw_lease_claimed() - another node says that it holds a lease
 * @hn: namespace
 * @node: the node
 * @number: of the lease
 * @epoch: under which epoch
 * @decision: when it was heard, ns
 *
 * It was granted it, which is true for good: a grant of somebody else under
 * that epoch or a lower one is over, and none begins any more, whatever the
 * clock of this machine shows, which may have stood still. Asked with each
 * heartbeat, so no lock is taken unless that is new.
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
 * hasw_lease_claims() - the leases that this node holds
 * @hn: namespace
 * @claims: set to them
 *
 * Context: softirq, RCU read side.
 * Return: how many, at most HASWITCH_LEASES_MAX.
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
 * hasw_lease_each_held() - does something with each lease that this node holds
 * @hn: namespace
 * @what: done with the lease, which it may end
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

/* The timer is to fire at a deadline, or before. Under state_lock. */
static void hasw_lease_watch(struct hasw_net *hn, u64 deadline)
{
	/* Not hrtimer_active(): its handler may have looked for the next
	 * deadline, found none, and be on its way out.
	 */
	if (READ_ONCE(hn->closing) ||
	    (hrtimer_is_queued(&hn->lease.timer) &&
	     ktime_to_ns(hrtimer_get_expires(&hn->lease.timer)) <= deadline))
		return;
	hrtimer_start(&hn->lease.timer, ns_to_ktime(deadline),
		      HRTIMER_MODE_ABS_SOFT);
}

/* For the events, and for who asks: packets compare the deadlines themselves,
 * so a late timer lengthens nothing.
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
 * hasw_lease_init() - makes the timer that notices that grants have run out
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
 * hasw_lease_exit() - stops that timer for good
 * @hn: namespace, closing
 *
 * Context: process, no lock held.
 */
void hasw_lease_exit(struct hasw_net *hn)
{
	hrtimer_cancel(&hn->lease.timer);
}

/**
 * hasw_lease_ban() - this node is granted nothing any more
 * @why: enum hasw_lease_ban
 *
 * Context: any.
 */
void hasw_lease_ban(enum hasw_lease_ban why)
{
	set_bit(why, &hasw_lease_banned);
}

/**
 * hasw_lease_unban() - that is over
 * @why: as it was banned for
 *
 * Context: any.
 */
void hasw_lease_unban(enum hasw_lease_ban why)
{
	clear_bit(why, &hasw_lease_banned);
}

/**
 * hasw_lease_drop() - this node answers for nothing under a lease any more
 * @hn: namespace
 *
 * Nobody is told, no event is kept, and no lock is waited for.
 *
 * Context: a panic, RCU read side, hasw_grant_stop() called: what a CPU that
 * could not be stopped does to a lease brings nothing back.
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

/* Begins a grant, or moves the deadline of one. Under state_lock. */
static void hasw_lease_store(struct hasw_net *hn, struct hasw_lease *lease,
			     struct hasw_node *holder, u64 epoch, u64 deadline,
			     u32 tied)
{
	/* With the grant: no socket of the one before ends this one. */
	lease->tied = tied;
	hasw_grant_store(hn, &lease->grant, holder, epoch, deadline);
	hasw_lease_watch(hn, deadline);
}

/* Whether this node may not be granted the lease, or may not go on with it. To end
 * it sooner is always allowed: the voters are told that this was done.
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
 * hasw_lease_set() - grants a lease, or renews it
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @epoch: under which epoch
 * @holder: who may answer
 * @deadline: until when, ns
 * @tied: netlink address of the socket with which this node's grant ends, or 0
 * @fresh: set if this node has become the holder
 *
 * Context: process, hasw_net.mutex held.
 * Return: HASW_RULING_GRANT or HASW_RULING_RENEW; or why not, and nothing is
 * changed.
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
	ruling = hasw_right_set(&t->right, now, epoch,
				hasw_grant_number(holder), deadline);
	if (ruling != HASW_RULING_GRANT && ruling != HASW_RULING_RENEW)
		goto out;
	old = hasw_lease_holder(hn, lease);
	/* Who moves on to another epoch does not cease to answer. */
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
 * hasw_lease_renew() - moves the deadline of a grant, and does nothing else
 * @hn: namespace
 * @name: of the lease
 * @epoch: of its grant
 * @holder: name of who has it
 * @deadline: until when, ns
 * @tied: as for hasw_lease_set()
 *
 * A change of the configuration that takes long, as the restore of very many
 * vips does, must not have the leases run out: this waits for none.
 *
 * Context: process, hasw_net.mutex not needed.
 * Return: whether that is done. If not, nothing is changed, and hasw_lease_set()
 * is to judge what was asked for.
 */
bool hasw_lease_renew(struct hasw_net *hn, const char *name, u64 epoch,
		      const char *holder, u64 deadline, u32 tied)
{
	struct hasw_lease *lease = NULL;
	const struct hasw_config *cfg;
	struct hasw_node *node = NULL;
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
	renewed = hasw_right_set(&lease->grant.right, now, epoch,
				 hasw_grant_number(node), deadline) ==
		  HASW_RULING_RENEW;
	if (renewed)
		hasw_lease_store(hn, lease, node, epoch, deadline, tied);
out:
	spin_unlock_bh(&hn->state_lock);
	return renewed;
}

/**
 * hasw_lease_set_floor() - says below which epoch nothing may be granted
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @floor: the smallest epoch that may be granted, not 0
 *
 * A grant below it goes on until its deadline, but is not renewed.
 *
 * Context: process, hasw_net.mutex held.
 * Return: false if the floor is higher already, then nothing is changed.
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
 * hasw_lease_release() - ends the grant of a lease, as planned, and burns an epoch
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @epoch: which; 0: that of the grant
 * @successor: another node, which is to hold the lease next and to which strays
 *	go until it is known to, or for HASW_GRANT_SUCCESSION; NULL: nobody is
 *	known to be; with it, this node must hold the lease
 *
 * Who asked is told only after a grace period, when the last packet that was
 * judged before has left the path.
 *
 * Context: process, hasw_net.mutex held.
 * Return: HASW_RULING_RELEASE or HASW_RULING_BURN; or why not, and nothing is
 * changed.
 */
enum hasw_ruling hasw_lease_release(struct hasw_net *hn,
				    struct hasw_lease *lease, u64 epoch,
				    struct hasw_node *successor)
{
	struct hasw_right *right = &lease->grant.right;
	enum hasw_ruling ruling;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	ruling = hasw_right_release(right, epoch);
	/* It may have run out a moment ago; then nothing is handed over. */
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
 * hasw_lease_move() - tells who listens that a move of a lease is asked for
 * @hn: namespace
 * @lease: the lease, in the live configuration
 * @successor: name of who is to hold it next, or ""
 * @answer: enum haswitch_move_answer of an agent that has heard of it, or NULL
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
 * hasw_lease_settle() - waits until nothing is on its way that a grant allowed
 * @hn: namespace
 *
 * A grant that was released before has left no packet in the module then; of
 * one that ran out by itself, the margin has passed as well.
 *
 * Context: process, may sleep, no lock held.
 */
void hasw_lease_settle(struct hasw_net *hn)
{
	u64 settled, now;

	synchronize_rcu_expedited();
	spin_lock_bh(&hn->state_lock);
	settled = hn->lease.settled;
	spin_unlock_bh(&hn->state_lock);
	now = hasw_switch_now();
	if (now < settled)
		fsleep((unsigned long)div_u64(settled - now, NSEC_PER_USEC) + 1);
}
