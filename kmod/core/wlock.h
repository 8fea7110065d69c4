/* SPDX-License-Identifier: GPL-2.0 */
/* Names the lock that protects an object's RCU pointers, for lockdep only. */
#ifndef HASW_WLOCK_H
#define HASW_WLOCK_H

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

/**
 * struct hasw_wlock - the lock that writers of an object's pointers hold
 * @mutex: the lock; hasw_net.mutex in the objects of a configuration
 * @unshared: nobody else can access the object, so no lock is needed
 *
 * The objects of a configuration do not point to their namespace, so each names
 * the mutex here. In a kernel without lockdep this struct is empty, and the
 * conditions that read it compile to nothing.
 */
struct hasw_wlock {
#ifdef CONFIG_PROVE_LOCKING
	const struct mutex *mutex;
	bool unshared;
#endif
};

/**
 * hasw_wlock_init() - names the lock of an object
 * @wlock: the object's
 * @mutex: the lock
 *
 * Context: any.
 */
static inline void hasw_wlock_init(struct hasw_wlock *wlock,
				   const struct mutex *mutex)
{
#ifdef CONFIG_PROVE_LOCKING
	wlock->mutex = mutex;
	wlock->unshared = false;
#endif
}

/**
 * hasw_wlock_drop() - marks an object that nobody else can access
 * @wlock: of an object that is unpublished since a grace period, or that was
 *	never published; the lock itself may be gone
 *
 * Context: any.
 */
static inline void hasw_wlock_drop(struct hasw_wlock *wlock)
{
#ifdef CONFIG_PROVE_LOCKING
	wlock->unshared = true;
#endif
}

/**
 * hasw_wlock_held() - whether the caller may change the object's pointers
 * @wlock: the object's
 *
 * It is a condition for rcu_dereference_protected(), rcu_dereference_check(),
 * list_for_each_entry_rcu() and hasw_wlock_assert(), and nothing else.
 *
 * Context: any.
 * Return: true without lockdep.
 */
static inline bool hasw_wlock_held(const struct hasw_wlock *wlock)
{
#ifdef CONFIG_PROVE_LOCKING
	return wlock->unshared || lockdep_is_held(wlock->mutex);
#else
	return true;
#endif
}

/* As lockdep_assert_held(), for the lock of an object. It is a macro, so that
 * the report names the caller.
 */
#define hasw_wlock_assert(wlock) lockdep_assert(hasw_wlock_held(wlock))

/* Reads an RCU pointer of an object that nobody else can access: it was not
 * published yet, or a grace period has passed since. Nothing checks this, so
 * the caller says why no lock is held.
 */
#define hasw_unpublished(p) rcu_dereference_protected(p, 1)

#endif
