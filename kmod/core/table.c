// SPDX-License-Identifier: GPL-2.0
/* A hash table of pointers with open addressing, read under RCU. */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "table.h"

/* Tombstone that replaces a deleted object, so that probes continue past the
 * object's slot. A reader may compare the key first, as if the tombstone were
 * an object, and check for the tombstone's address afterwards. So the tombstone
 * is at least as large as the largest object, and is never written.
 */
char hasw_table_tomb[HASW_TABLE_TOMB_SIZE] __aligned(8);

static struct hasw_slots *hasw_slots_alloc(u32 size)
{
	struct hasw_slots *s;

	s = kvzalloc(struct_size(s, slot, size), GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	s->mask = size - 1;
	s->seed = get_random_u32();
	return s;
}

/* Returns the table's array to the writer, which holds the writer lock. */
static struct hasw_slots *hasw_table_slots(const struct hasw_table *t)
{
	return rcu_dereference_protected(t->slots, hasw_wlock_held(&t->wlock));
}

/* Reads a slot for the writer, which holds the writer lock. */
static void *hasw_table_slot(const struct hasw_table *t,
			     const struct hasw_slots *s, u32 i)
{
	return rcu_dereference_protected(s->slot[i],
					 hasw_wlock_held(&t->wlock));
}

/* Stores @obj in the first slot of its probe sequence that is NULL or a
 * tombstone. The array must have a NULL slot. Returns true if @obj has replaced
 * NULL, and false if @obj has replaced a tombstone.
 */
static bool hasw_table_put(const struct hasw_table *t, struct hasw_slots *s,
			   void *obj, u32 hash)
{
	u32 i = hash & s->mask;
	void *old;

	for (;; i = (i + 1) & s->mask) {
		old = hasw_table_slot(t, s, i);
		if (old && old != hasw_table_tomb)
			continue;
		rcu_assign_pointer(s->slot[i], obj);
		return !old;
	}
}

/**
 * hasw_table_init() - initialises an empty table
 * @t: the table
 * @wlock: tells lockdep which lock is the table's writer lock
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_table_init(struct hasw_table *t, const struct hasw_wlock *wlock)
{
	struct hasw_slots *s = hasw_slots_alloc(HASW_TABLE_MIN);

	if (!s)
		return -ENOMEM;
	t->wlock = *wlock;
	RCU_INIT_POINTER(t->slots, s);
	t->count = 0;
	t->used = 0;
	return 0;
}

/**
 * hasw_table_free() - frees a table that no reader can reach any more
 * @t: the table; its objects are not freed
 *
 * Context: process.
 */
void hasw_table_free(struct hasw_table *t)
{
	/* The table has no reader or writer any more, so no lock is needed. The
	 * writer lock may already be freed.
	 */
	kvfree(hasw_unpublished(t->slots));
	RCU_INIT_POINTER(t->slots, NULL);
}

/* Copies all objects to a new array with at least four slots per object. The
 * new array is published when it is complete. Until then readers use the old
 * array, which has the same objects. The callers may sleep, so other tasks run
 * between objects. Returns 0, -ENOSPC or -ENOMEM.
 */
static int hasw_table_rebuild(struct hasw_table *t, hasw_table_hash_t hash)
{
	struct hasw_slots *old = hasw_table_slots(t), *s;
	u32 size = HASW_TABLE_MIN, pos = 0;
	void *obj;

	while (size < 4 * (t->count + 1))
		size *= 2;
	if (size > HASW_TABLE_MAX)
		return -ENOSPC;
	s = hasw_slots_alloc(size);
	if (!s)
		return -ENOMEM;
	while ((obj = hasw_table_next(t, &pos))) {
		hasw_table_put(t, s, obj, hash(obj, s->seed));
		cond_resched();
	}
	rcu_assign_pointer(t->slots, s);
	t->used = t->count;
	kvfree_rcu(old, rcu);
	return 0;
}

/**
 * hasw_table_add() - adds an object whose key is not in the table
 * @t: the table
 * @obj: the object, fully initialised, since readers may find it at once
 * @hash: computes the hash of an object
 *
 * Context: process, the table's writer lock held; may sleep.
 * Return: 0; or -ENOMEM; or -ENOSPC if a larger array would need more than
 * HASW_TABLE_MAX slots. On an error the table is unchanged.
 */
int hasw_table_add(struct hasw_table *t, void *obj, hasw_table_hash_t hash)
{
	struct hasw_slots *s = hasw_table_slots(t);
	int err;

	if (2 * (t->used + 1) > s->mask + 1) {
		err = hasw_table_rebuild(t, hash);
		if (err)
			return err;
		s = hasw_table_slots(t);
	}
	if (hasw_table_put(t, s, obj, hash(obj, s->seed)))
		t->used++;
	WRITE_ONCE(t->count, t->count + 1);
	return 0;
}

/**
 * hasw_table_del() - removes an object
 * @t: the table
 * @obj: the object, which is in the table; readers may still use it until a
 *	grace period has passed
 * @hash: computes the hash of an object
 *
 * A table that has become sparse gets a smaller array, since walks look at each
 * slot. If the allocation fails, the table keeps its array.
 *
 * Context: process, the table's writer lock held; may sleep.
 */
void hasw_table_del(struct hasw_table *t, void *obj, hasw_table_hash_t hash)
{
	struct hasw_slots *s = hasw_table_slots(t);
	u32 i = hash(obj, s->seed) & s->mask;
	void *next;

	while (hasw_table_slot(t, s, i) != obj)
		i = (i + 1) & s->mask;
	WRITE_ONCE(t->count, t->count - 1);
	next = hasw_table_slot(t, s, (i + 1) & s->mask);
	if (!next) {
		/* The next slot is NULL, so no probe continues past this slot.
		 * The slot therefore becomes NULL and needs no tombstone.
		 */
		RCU_INIT_POINTER(s->slot[i], NULL);
		t->used--;
	} else {
		rcu_assign_pointer(s->slot[i], (void *)hasw_table_tomb);
	}
	if (s->mask + 1 > HASW_TABLE_MIN &&
	    HASW_TABLE_SPARSE * (t->count + 1) < s->mask + 1)
		hasw_table_rebuild(t, hash);
}

/**
 * hasw_table_some() - hasw_table_next() that looks at few slots
 * @t: the table
 * @pos: as for hasw_table_next()
 * @left: number of slots that may still be looked at; decremented
 *
 * Context: the table's writer lock held.
 * Return: the next object; or NULL if @left is 0 now, or at the end.
 */
void *hasw_table_some(const struct hasw_table *t, u32 *pos, u32 *left)
{
	const struct hasw_slots *slots = hasw_table_slots(t);

	while (*left && *pos <= slots->mask) {
		void *obj = hasw_table_slot(t, slots, *pos);

		(*pos)++;
		(*left)--;
		if (obj && obj != hasw_table_tomb)
			return obj;
	}
	return NULL;
}

/**
 * hasw_table_next() - iterates over all objects
 * @t: the table
 * @pos: index of the next slot to check; the caller sets @pos to 0 before the
 *	first call
 *
 * Context: process, the table's writer lock held; may sleep.
 * Return: the next object, or NULL at the end.
 */
void *hasw_table_next(const struct hasw_table *t, u32 *pos)
{
	void *obj;
	u32 left;

	for (;;) {
		left = HASW_TABLE_STRIDE;
		obj = hasw_table_some(t, pos, &left);
		if (obj || left)
			return obj;
		cond_resched();
	}
}
