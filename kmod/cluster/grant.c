// SPDX-License-Identifier: GPL-2.0
/* A grant: a node's right to serve vips, with an epoch and a deadline.
 *
 * The epoch is a number that only grows. A burned epoch is never granted again.
 * A stray is a client's packet to a vip that arrives at a node that does not
 * hold the vip. A successor is the node to which the holder hands its lease
 * over.
 */
#include <linux/siphash.h>
#include <linux/string.h>

#include "grant.h"

/* hasw_grant_stop() sets this variable when this kernel panics, so that this
 * node serves no vip any more. hasw_grant_publish() reads the variable after
 * each store of this node's grant.
 */
static bool hasw_grant_stopped;

/**
 * hasw_grant_stop() - prevents this node from getting or renewing a grant
 *
 * Existing grants remain valid, so the caller has to end them with
 * hasw_lease_drop().
 *
 * Context: any, including a panic.
 */
void hasw_grant_stop(void)
{
	WRITE_ONCE(hasw_grant_stopped, true);
	/* Pairs with smp_mb() in hasw_grant_publish(). */
	smp_mb();
}

/**
 * hasw_grant_number() - returns the number of a node in struct hasw_right
 * @node: the node
 *
 * A claim that is recorded in struct hasw_right outlives the configuration in
 * which it was received. So the number is a hash of the node's name, and
 * depends on nothing else. An administrator chooses the names, so two nodes get
 * the same number only by chance. A claim of one node would then not end a
 * grant of the other node, and this grant would last until its deadline.
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
 * hasw_grant_holder() - finds the node that has a grant now
 * @t: the grant
 * @epoch: if not NULL, receives the epoch of the grant; 0 if there is no holder
 *
 * Context: RCU read side, any context.
 * Return: the holder, which may be this node; NULL if there is none now.
 */
struct hasw_node *hasw_grant_holder(const struct hasw_grant *t, u64 *epoch)
{
	struct hasw_node *holder;
	u64 under, until, now;
	u32 looks = 2;

	/* If t->epoch changes during the reads, and its new value is not 0, the
	 * reads are repeated once.
	 */
	do {
		/* Pairs with smp_store_release() in hasw_grant_publish(). */
		under = smp_load_acquire(&t->epoch);
		holder = rcu_dereference(t->holder);
		until = READ_ONCE(t->until);
		/* Pairs with smp_wmb() in hasw_grant_publish(). If the holder
		 * or deadline read above belongs to a grant of another holder,
		 * t->epoch now differs from @under.
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
 * hasw_grant_successor() - finds the node to which this node has handed a lease
 *	over
 * @t: the grant, which has no known holder, or which was this node's grant and
 *	has just ended
 * @epoch: receives the smallest epoch under which the successor can hold the
 *	lease
 *
 * Context: RCU read side, any context.
 * Return: the successor; NULL if there is none, or if @t->successor_until has
 * passed.
 */
struct hasw_node *hasw_grant_successor(const struct hasw_grant *t,
				       u64 *epoch)
{
	struct hasw_node *successor;
	u64 until;

	/* Pairs with smp_wmb() in hasw_grant_hand_over(). A CPU that has found
	 * this node's grant ended also reads the successor, which was stored
	 * before the end.
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
 * @successor: node that is to hold the lease next
 * @epoch: smallest epoch under which @successor can hold the lease
 * @until: time until which strays are forwarded to @successor, ns
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_grant_hand_over(struct hasw_net *hn, struct hasw_grant *t,
			  struct hasw_node *successor, u64 epoch, u64 until)
{
	lockdep_assert_held(&hn->state_lock);
	rcu_assign_pointer(t->successor, successor);
	WRITE_ONCE(t->successor_epoch, epoch);
	/* Pairs with smp_load_acquire() in hasw_grant_successor(). */
	smp_store_release(&t->successor_until, until);
	/* Pairs with smp_rmb() in hasw_grant_successor(): the successor is
	 * stored before the caller ends the grant.
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

/* Stores the fields of a grant that packets read. hasw_grant_holder() never
 * returns a holder together with the deadline of another holder. If only the
 * epoch or the deadline changes, packets find the holder at any time.
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
		/* Pairs with smp_rmb() in hasw_grant_holder(). */
		smp_wmb();
		rcu_assign_pointer(t->holder, holder);
	}
	WRITE_ONCE(t->until, until);
	/* Pairs with smp_load_acquire() in hasw_grant_holder(). */
	smp_store_release(&t->epoch, epoch);
	if (!self)
		return;
	/* Pairs with smp_rmb() in hasw_vip_began(). */
	smp_store_release(&t->mine, until);
	/* A panicking kernel may fail to stop this CPU. Pairs with smp_mb() in
	 * hasw_grant_stop(): either the panicking CPU ends this grant, or this
	 * CPU reads hasw_grant_stopped as true and ends the grant.
	 */
	smp_mb();
	if (unlikely(READ_ONCE(hasw_grant_stopped)))
		WRITE_ONCE(t->mine, 0);
}

/**
 * hasw_grant_store() - begins a grant, or changes a grant's deadline
 * @hn: namespace
 * @t: the grant; hasw_right_set() has allowed this call
 * @holder: the node that gets the grant
 * @epoch: epoch of the grant
 * @until: deadline, ns
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_grant_store(struct hasw_net *hn, struct hasw_grant *t,
		      struct hasw_node *holder, u64 epoch, u64 until)
{
	lockdep_assert_held(&hn->state_lock);
	/* The grant is published before t->right is updated. So a CPU that
	 * reads the new epoch in t->right also finds that this node holds the
	 * lease, see hasw_kept_early().
	 */
	hasw_grant_publish(t, holder, epoch, until);
	hasw_right_take(&t->right, epoch, hasw_grant_number(holder), until);
	/* Strays are now forwarded to the known holder, not to a successor. */
	hasw_grant_forget(hn, t);
}

/**
 * hasw_grant_clear() - ends a grant and burns its epoch
 * @hn: namespace
 * @t: the grant
 * @epoch: another epoch to burn, if it is above the grant's epoch; or 0
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
 * hasw_grant_yield() - ends a grant without burning its epoch
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
 * hasw_grant_inherit() - copies a lease's grant to the lease's twin: the lease
 *	of the same name in the next configuration
 * @hn: namespace
 * @to: grant of the twin, in a configuration that no packet reads yet
 * @from: grant in the live configuration, whose holder, if any, has a twin
 *
 * If the successor of @from has a twin that is not this machine, this twin
 * becomes the successor of @to.
 *
 * Context: hasw_net.state_lock held. The caller holds the lock until the
 * configuration is replaced. Otherwise a grant that ends after the copy would
 * still be valid in the new configuration.
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
