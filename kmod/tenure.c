// SPDX-License-Identifier: GPL-2.0
/* The right to answer, for a time: who has it, under which epoch, until when. */
#include "tenure.h"

/* The rules compare holders and do not follow them. */
static u64 hasw_tenure_number(const struct hasw_node *holder)
{
	return (unsigned long)holder;
}

/**
 * hasw_tenure_holder() - who may answer now
 * @t: the tenure
 * @epoch: set to its epoch, 0 without a holder; or NULL
 *
 * Context: RCU read side, any context.
 * Return: the holder, which may be this node; NULL if there is none now.
 */
struct hasw_node *hasw_tenure_holder(const struct hasw_tenure *t, u64 *epoch)
{
	/* Pairs with the store of a complete tenure. */
	u64 under = smp_load_acquire(&t->epoch), until;
	struct hasw_node *holder;

	holder = rcu_dereference(t->holder);
	until = READ_ONCE(t->until);
	/* Pairs with the barrier behind the end of the tenure before: what was
	 * read is of this epoch, or it is another one by now.
	 */
	smp_rmb();
	if (!under || READ_ONCE(t->epoch) != under ||
	    !hasw_deadline_valid(ktime_get_boot_fast_ns(), until)) {
		holder = NULL;
		under = 0;
	}
	if (epoch)
		*epoch = under;
	return holder;
}

/* What packets read, without a moment in which a holder's word is there with
 * another's deadline. A holder that stays one never ceases to be.
 */
static void hasw_tenure_publish(struct hasw_tenure *t,
				struct hasw_node *holder, u64 epoch, u64 until)
{
	bool self = holder && holder->self;

	if (!self)
		WRITE_ONCE(t->mine, 0);
	if (t->epoch != epoch) {
		WRITE_ONCE(t->epoch, 0);
		/* Pairs with hasw_tenure_holder(). */
		smp_wmb();
		rcu_assign_pointer(t->holder, holder);
	}
	WRITE_ONCE(t->until, until);
	/* Pairs with hasw_tenure_holder(). */
	smp_store_release(&t->epoch, epoch);
	if (self)
		WRITE_ONCE(t->mine, until);
}

/**
 * hasw_tenure_store() - begins a tenure, or moves the deadline of one
 * @hn: namespace
 * @t: the tenure, whose rules allow it
 * @holder: who may answer
 * @epoch: under which epoch
 * @until: deadline, ns
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_tenure_store(struct hasw_net *hn, struct hasw_tenure *t,
		       struct hasw_node *holder, u64 epoch, u64 until)
{
	lockdep_assert_held(&hn->state_lock);
	hasw_tenure_publish(t, holder, epoch, until);
	hasw_right_take(&t->right, epoch, hasw_tenure_number(holder), until);
}

/**
 * hasw_tenure_clear() - ends a tenure and burns its epoch
 * @hn: namespace
 * @t: the tenure
 * @epoch: burned as well; or 0
 *
 * Context: hasw_net.state_lock held.
 */
void hasw_tenure_clear(struct hasw_net *hn, struct hasw_tenure *t, u64 epoch)
{
	lockdep_assert_held(&hn->state_lock);
	hasw_tenure_publish(t, NULL, 0, 0);
	RCU_INIT_POINTER(t->holder, NULL);
	hasw_right_end(&t->right, epoch);
}

/**
 * hasw_tenure_inherit() - takes over the tenure of a lease of the same name
 * @hn: namespace
 * @to: in a configuration that no packet reads yet
 * @from: in the configuration that it replaces
 *
 * Its holder, if it has one, has a twin.
 *
 * Context: hasw_net.state_lock held, until the configuration is replaced: what
 * ends a tenure meanwhile must find the one that packets read.
 */
void hasw_tenure_inherit(struct hasw_net *hn, struct hasw_tenure *to,
			 const struct hasw_tenure *from)
{
	struct hasw_node *holder;

	lockdep_assert_held(&hn->state_lock);
	to->right = from->right;
	if (!from->right.epoch)
		return;
	holder = rcu_dereference_protected(from->holder,
					   lockdep_is_held(&hn->state_lock));
	hasw_tenure_publish(to, holder->twin, from->right.epoch,
			    from->right.deadline);
	to->right.holder = hasw_tenure_number(holder->twin);
}
