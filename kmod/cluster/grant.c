// SPDX-License-Identifier: GPL-2.0
/* The right to answer, for a time: who has it, under which epoch, until when. */
#include <linux/siphash.h>
#include <linux/string.h>

#include "grant.h"

/* This kernel has panicked: it answers for nothing any more. Read with each
 * store of a right of this node.
 */
static bool hasw_grant_stopped;

/**
 * hasw_grant_stop() - no grant of this node begins or goes on from now
 *
 * What there is ends when its caller takes it back.
 *
 * Context: any, also a panic.
 */
void hasw_grant_stop(void)
{
	WRITE_ONCE(hasw_grant_stopped, true);
	/* Pairs with hasw_grant_publish(). */
	smp_mb();
}

/**
 * hasw_grant_number() - by what the rules know a holder
 * @node: the node
 *
 * They compare numbers, and a claim outlives the configuration in which it was
 * heard: the number comes from the name. A user chooses the names, and two of
 * one number would only be told to wait for each other's epochs.
 *
 * Context: any.
 * Return: the number, not 0.
 */
u64 hasw_grant_number(const struct hasw_node *node)
{
	static const siphash_key_t key = {};

	return siphash(node->name, strlen(node->name), &key) ?: 1;
}

/**
 * hasw_grant_holder() - who may answer now
 * @t: the grant
 * @epoch: set to its epoch, 0 without a holder; or NULL
 *
 * Context: RCU read side, any context.
 * Return: the holder, which may be this node; NULL if there is none now.
 */
struct hasw_node *hasw_grant_holder(const struct hasw_grant *t, u64 *epoch)
{
	struct hasw_node *holder;
	u64 under, until, now;
	u32 looks = 2;

	/* Who finds another epoch behind what it read looks once more. */
	do {
		/* Pairs with the store of a complete grant. */
		under = smp_load_acquire(&t->epoch);
		holder = rcu_dereference(t->holder);
		until = READ_ONCE(t->until);
		/* Pairs with the barrier behind the end of the grant before:
		 * what was read is of this epoch, or it is another one by now.
		 */
		smp_rmb();
		now = READ_ONCE(t->epoch);
	} while (now && now != under && --looks);
	if (!under || now != under ||
	    !hasw_deadline_valid(ktime_get_boot_fast_ns(), until)) {
		holder = NULL;
		under = 0;
	}
	if (epoch)
		*epoch = under;
	return holder;
}

/**
 * hasw_grant_successor() - whom this node has handed the right over to
 * @t: the grant; nobody is known to have it, or this node had it a moment ago
 * @epoch: set to the smallest epoch under which that node may have it
 *
 * Context: RCU read side, any context.
 * Return: the node; NULL if there is none, or if it has had its time.
 */
struct hasw_node *hasw_grant_successor(const struct hasw_grant *t,
				       u64 *epoch)
{
	struct hasw_node *successor;
	u64 until;

	/* Who has found that the right has ended finds what was there before:
	 * pairs with the barrier in hasw_grant_hand_over().
	 */
	smp_rmb();
	/* What was stored before it is there: pairs with the same. */
	until = smp_load_acquire(&t->successor_until);
	if (!hasw_deadline_valid(ktime_get_boot_fast_ns(), until))
		return NULL;
	successor = rcu_dereference(t->successor);
	*epoch = READ_ONCE(t->successor_epoch);
	return successor;
}

/**
 * hasw_grant_hand_over() - says who comes after this node, before that ends
 * @hn: namespace
 * @t: the grant, which has no successor
 * @successor: the node
 * @epoch: smallest epoch under which it may have the right
 * @until: until when packets are sent on to it, ns
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_grant_hand_over(struct hasw_net *hn, struct hasw_grant *t,
			  struct hasw_node *successor, u64 epoch, u64 until)
{
	lockdep_assert_held(&hn->state_lock);
	rcu_assign_pointer(t->successor, successor);
	WRITE_ONCE(t->successor_epoch, epoch);
	/* Pairs with hasw_grant_successor(). */
	smp_store_release(&t->successor_until, until);
	/* Before the end of the right, whose store follows. */
	smp_wmb();
}

/**
 * hasw_grant_forget() - the successor is the holder, or is none any more
 * @hn: namespace
 * @t: the grant
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_grant_forget(struct hasw_net *hn, struct hasw_grant *t)
{
	lockdep_assert_held(&hn->state_lock);
	WRITE_ONCE(t->successor_until, 0);
	RCU_INIT_POINTER(t->successor, NULL);
}

/* What packets read, without a moment in which a holder's word is there with
 * another's deadline. A holder that stays one never ceases to be, here or on
 * another node, even under another epoch.
 */
static void hasw_grant_publish(struct hasw_grant *t,
			       struct hasw_node *holder, u64 epoch, u64 until)
{
	bool self = holder && holder->self;

	if (!self)
		WRITE_ONCE(t->mine, 0);
	else if (!hasw_grant_held(t))
		WRITE_ONCE(t->began, epoch);
	if (rcu_access_pointer(t->holder) != holder) {
		WRITE_ONCE(t->epoch, 0);
		/* Pairs with hasw_grant_holder(). */
		smp_wmb();
		rcu_assign_pointer(t->holder, holder);
	}
	WRITE_ONCE(t->until, until);
	/* Pairs with hasw_grant_holder(). */
	smp_store_release(&t->epoch, epoch);
	if (!self)
		return;
	/* Pairs with hasw_vip_began(). */
	smp_store_release(&t->mine, until);
	/* Pairs with hasw_grant_stop(): who stops sees the right, or is seen. A
	 * panic may fail to stop this CPU.
	 */
	smp_mb();
	if (unlikely(READ_ONCE(hasw_grant_stopped)))
		WRITE_ONCE(t->mine, 0);
}

/**
 * hasw_grant_store() - begins a grant, or moves the deadline of one
 * @hn: namespace
 * @t: the grant, whose rules allow it
 * @holder: who may answer
 * @epoch: under which epoch
 * @until: deadline, ns
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_grant_store(struct hasw_net *hn, struct hasw_grant *t,
		      struct hasw_node *holder, u64 epoch, u64 until)
{
	lockdep_assert_held(&hn->state_lock);
	/* First: who finds its epoch taken finds it held (hasw_kept_early()). */
	hasw_grant_publish(t, holder, epoch, until);
	hasw_right_take(&t->right, epoch, hasw_grant_number(holder), until);
	/* Who has the right is known. */
	hasw_grant_forget(hn, t);
}

/**
 * hasw_grant_clear() - ends a grant and burns its epoch
 * @hn: namespace
 * @t: the grant
 * @epoch: burned as well; or 0
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_grant_clear(struct hasw_net *hn, struct hasw_grant *t, u64 epoch)
{
	lockdep_assert_held(&hn->state_lock);
	hasw_grant_publish(t, NULL, 0, 0);
	RCU_INIT_POINTER(t->holder, NULL);
	hasw_right_end(&t->right, epoch);
}

/**
 * hasw_grant_yield() - ends a grant that the claim of another node outbids
 * @hn: namespace
 * @t: the grant
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_grant_yield(struct hasw_net *hn, struct hasw_grant *t)
{
	lockdep_assert_held(&hn->state_lock);
	hasw_grant_publish(t, NULL, 0, 0);
	RCU_INIT_POINTER(t->holder, NULL);
	hasw_right_yield(&t->right);
}

/**
 * hasw_grant_inherit() - takes over the grant of a lease of the same name
 * @hn: namespace
 * @to: in a configuration that no packet reads yet
 * @from: in the configuration that it replaces
 *
 * Its holder, if it has one, has a twin; a successor without one is none, nor is
 * one that is this machine now.
 *
 * Context: hasw_net.state_lock held, until the configuration is replaced: what
 * ends a grant meanwhile must find the one that packets read.
 */
void hasw_grant_inherit(struct hasw_net *hn, struct hasw_grant *to,
			const struct hasw_grant *from)
{
	struct hasw_node *holder;

	lockdep_assert_held(&hn->state_lock);
	to->right = from->right;
	holder = rcu_dereference_protected(from->successor,
					   lockdep_is_held(&hn->state_lock));
	if (holder && holder->twin && !holder->twin->self)
		hasw_grant_hand_over(hn, to, holder->twin,
				     from->successor_epoch,
				     from->successor_until);
	if (!from->right.epoch)
		return;
	holder = rcu_dereference_protected(from->holder,
					   lockdep_is_held(&hn->state_lock));
	hasw_grant_publish(to, holder->twin, from->right.epoch,
			   from->right.deadline);
	WRITE_ONCE(to->began, from->began);
}
