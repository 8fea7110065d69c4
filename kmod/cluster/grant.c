// SPDX-License-Identifier: GPL-2.0
/* A grant: a node's right to answer for vips, with an epoch and a deadline. */
#include <linux/siphash.h>
#include <linux/string.h>

#include "grant.h"

/* Set when this kernel panics: it then answers for no vip any more. Each store
 * of a grant to this node reads it.
 */
static bool hasw_grant_stopped;

/**
 * hasw_grant_stop() - prevents new grants and renewals of this node
 *
 * The caller ends the existing grants, see hasw_lease_drop().
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
 * hasw_grant_number() - the number of a node in the rules of include/rules
 * @node: the node
 *
 * The rules compare numbers, and a claim outlives the configuration in which it
 * was heard. So the number is a hash of the node's name. The administrator
 * chooses the names. Two nodes with the same number would only be told to wait
 * for each other's epochs.
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
 * hasw_grant_holder() - the node that holds a grant now
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

	/* The reads are repeated once if the epoch has changed meanwhile. */
	do {
		/* Pairs with smp_store_release() in hasw_grant_publish(). */
		under = smp_load_acquire(&t->epoch);
		holder = rcu_dereference(t->holder);
		until = READ_ONCE(t->until);
		/* Pairs with smp_wmb() in hasw_grant_publish(): holder and
		 * deadline belong to this epoch, or t->epoch differs now.
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
 * hasw_grant_successor() - the node to which this node has handed a lease over
 * @t: the grant; it has no known holder, or has just ended on this node
 * @epoch: set to the smallest epoch under which the successor may hold it
 *
 * Context: RCU read side, any context.
 * Return: the successor; NULL if there is none, or its successor_until passed.
 */
struct hasw_node *hasw_grant_successor(const struct hasw_grant *t,
				       u64 *epoch)
{
	struct hasw_node *successor;
	u64 until;

	/* Pairs with smp_wmb() in hasw_grant_hand_over(): a CPU that has read
	 * the end of the grant also reads the successor.
	 */
	smp_rmb();
	/* Pairs with smp_store_release() in hasw_grant_hand_over(). */
	until = smp_load_acquire(&t->successor_until);
	if (!hasw_deadline_valid(ktime_get_boot_fast_ns(), until))
		return NULL;
	successor = rcu_dereference(t->successor);
	*epoch = READ_ONCE(t->successor_epoch);
	return successor;
}

/**
 * hasw_grant_hand_over() - sets the successor before this node's grant ends
 * @hn: namespace
 * @t: the grant, which has no successor
 * @successor: the node
 * @epoch: smallest epoch under which @successor may hold the lease
 * @until: until when packets are forwarded to @successor, ns
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
	/* The caller's store that ends the grant follows. Pairs with smp_rmb()
	 * in hasw_grant_successor().
	 */
	smp_wmb();
}

/**
 * hasw_grant_forget() - removes the successor of a grant
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

/* Stores what packets read. No packet reads one holder with the deadline of
 * another holder. If this or another node stays the holder, packets find it the
 * holder all the time, even if the epoch changes.
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
	/* Pairs with hasw_grant_stop(): either the panicking CPU reads this
	 * grant, or this CPU reads the stop. A panic may fail to stop this CPU.
	 */
	smp_mb();
	if (unlikely(READ_ONCE(hasw_grant_stopped)))
		WRITE_ONCE(t->mine, 0);
}

/**
 * hasw_grant_store() - begins a grant, or moves the deadline of one
 * @hn: namespace
 * @t: the grant; hasw_right_set() has allowed the change
 * @holder: the node that may answer
 * @epoch: epoch of the grant
 * @until: deadline, ns
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_grant_store(struct hasw_net *hn, struct hasw_grant *t,
		      struct hasw_node *holder, u64 epoch, u64 until)
{
	lockdep_assert_held(&hn->state_lock);
	/* The grant is published first: a CPU that reads its epoch in t->right
	 * also finds the grant held, see hasw_kept_early().
	 */
	hasw_grant_publish(t, holder, epoch, until);
	hasw_right_take(&t->right, epoch, hasw_grant_number(holder), until);
	/* Packets now go to the known holder, not to a successor. */
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
 * hasw_grant_inherit() - copies the grant of a lease of the same name
 * @hn: namespace
 * @to: grant in a configuration that no packet reads yet
 * @from: grant in the live configuration, which will be replaced
 *
 * The holder of @from, if any, has a twin. A successor is copied only if it has
 * a twin which is not this machine.
 *
 * Context: hasw_net.state_lock held until the configuration is replaced: an end
 * of the grant meanwhile must reach the grant that packets read.
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
