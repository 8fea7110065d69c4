/* SPDX-License-Identifier: GPL-2.0 */
/* Tells lockdep which lock protects an object's RCU pointers. */
#ifndef HASW_WLOCK_H
#define HASW_WLOCK_H

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

/**
 * struct hasw_wlock - the lock that protects an object's RCU pointers, for
 *	lockdep
 * @mutex: the lock; for the objects of a configuration, hasw_net.mutex
 * @unshared: only one thread can access the object, so it needs no lock
 *
 * An object of a configuration has no pointer to its namespace, so it needs
 * this pointer to the namespace's mutex. In a kernel without lockdep, this
 * struct is empty, and hasw_wlock_held() always returns true.
 */
struct hasw_wlock {
#ifdef CONFIG_PROVE_LOCKING
	const struct mutex *mutex;
	bool unshared;
#endif
};

/**
 * hasw_wlock_init() - sets the lock of an object
 * @wlock: hasw_wlock of the object
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
 * hasw_wlock_drop() - marks an object that only the caller can access
 * @wlock: hasw_wlock of the object
 *
 * The caller ensures that no other thread can access the object: either the
 * object was never published, or a grace period has passed since it was
 * unpublished. The mutex may already be freed.
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
 * hasw_wlock_held() - returns whether the caller is allowed to change an
 *	object's RCU pointers
 * @wlock: hasw_wlock of the object
 *
 * Without lockdep, the result is always true. So it must only be used as the
 * condition of a lockdep check, such as rcu_dereference_protected().
 *
 * Context: any.
 */
static inline bool hasw_wlock_held(const struct hasw_wlock *wlock)
{
#ifdef CONFIG_PROVE_LOCKING
	return wlock->unshared || lockdep_is_held(wlock->mutex);
#else
	return true;
#endif
}

/* Asserts that hasw_wlock_held() is true. This is a macro and not a function,
 * so that lockdep's report names the function that uses the macro.
 */
#define hasw_wlock_assert(wlock) lockdep_assert(hasw_wlock_held(wlock))

/* Reads an RCU pointer of an object that only the caller can access. Either the
 * object was never published, or a grace period has passed since it was
 * unpublished. Lockdep cannot check this, so a comment at each use gives the
 * reason.
 */
#define hasw_unpublished(p) rcu_dereference_protected(p, 1)

#endif
