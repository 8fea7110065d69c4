/* SPDX-License-Identifier: GPL-2.0 */
/* A hash table of pointers with open addressing, read under RCU. */
#ifndef HASW_TABLE_H
#define HASW_TABLE_H

#include <linux/hash.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "wlock.h"

/* Smallest number of slots of a table; a power of two. */
#define HASW_TABLE_MIN 16U

/* Largest number of slots of a table; a power of two. */
#define HASW_TABLE_MAX (1U << 22)

/* A table with more slots than this number for each object is sparse. It is far
 * above the eight slots that an object has at most after a rebuild, so that
 * many deletions come between two rebuilds.
 */
#define HASW_TABLE_SPARSE 16

/* Number of slots that a walk looks at before it lets other tasks run. */
#define HASW_TABLE_STRIDE 4096

/**
 * struct hasw_slots - one array of a table
 * @mask: number of slots minus 1
 * @seed: random seed of the hash, chosen for each array
 * @rcu: frees the array after the table has replaced it
 * @slot: each slot is NULL, or points to an object, or points to
 *	hasw_table_tomb if the object was deleted; objects are found by linear
 *	probing from their hash
 */
struct hasw_slots {
	u32 mask;
	u32 seed;
	struct rcu_head rcu;
	void __rcu *slot[];
};

/**
 * struct hasw_table - a table of pointers
 * @wlock: tells lockdep which lock is the writer lock
 * @slots: the array; readers under RCU, written under the writer lock
 * @count: number of objects; written under the writer lock, also read without
 *	it, for lnstat
 * @used: number of slots that are not NULL, tombstones included; under the
 *	writer lock
 *
 * The owner of a table chooses the writer lock. Each caller that changes the
 * table holds the writer lock. A reader probes from the slot that the hash of a
 * key selects to the first NULL slot. At least half of the slots stay NULL, so
 * probe sequences are short.
 */
struct hasw_table {
	struct hasw_wlock wlock;
	struct hasw_slots __rcu *slots;
	u32 count;
	u32 used;
};

/**
 * typedef hasw_table_hash_t - function that computes the hash of an object's
 *	key
 * @obj: the object
 * @seed: hasw_slots.seed of the array
 *
 * Return: the hash; it must depend only on the key, because readers compute the
 * hash without an object.
 */
typedef u32 (*hasw_table_hash_t)(const void *obj, u32 seed);

/**
 * hasw_table_hash() - computes the hash of a key
 * @key: the key; keys are expected to differ mostly in the lower 32 bits
 * @seed: hasw_slots.seed of the array
 *
 * Only an administrator can insert keys, so the hash need not resist attacks,
 * and one multiplication suffices (Knuth, TAOCP vol. 3, 6.4). This hash spreads
 * consecutive keys more evenly than a random hash would. service/vip_test.c
 * tests the hash with typical sets of keys.
 *
 * Context: any.
 */
static inline u32 hasw_table_hash(u64 key, u32 seed)
{
	return ((key ^ seed) * GOLDEN_RATIO_64) >> 32;
}

/* Size of hasw_table_tomb: at least that of the largest object of any table. */
#define HASW_TABLE_TOMB_SIZE 256

extern char hasw_table_tomb[HASW_TABLE_TOMB_SIZE];

int hasw_table_init(struct hasw_table *t, const struct hasw_wlock *wlock);
void hasw_table_free(struct hasw_table *t);
int hasw_table_add(struct hasw_table *t, void *obj, hasw_table_hash_t hash);
void hasw_table_del(struct hasw_table *t, void *obj, hasw_table_hash_t hash);
void *hasw_table_some(const struct hasw_table *t, u32 *pos, u32 *left);
void *hasw_table_next(const struct hasw_table *t, u32 *pos);

#endif
