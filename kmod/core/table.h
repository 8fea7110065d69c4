/* SPDX-License-Identifier: GPL-2.0 */
/* A fixed array of pointers hashed by key, read under RCU, rebuilt when it fills. */
#ifndef HASW_TABLE_H
#define HASW_TABLE_H

#include <linux/hash.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

/* Smallest and largest number of slots; powers of two. */
#define HASW_TABLE_MIN 16U
#define HASW_TABLE_MAX (1U << 22)

/**
 * struct hasw_slots - one array of a table
 * @mask: number of slots - 1
 * @seed: of the hash, random for each array
 * @rcu: frees a replaced array
 * @slot: objects, NULL where never used, &hasw_table_tomb where deleted;
 *	an object stands at the first free slot from its hash on
 */
struct hasw_slots {
	u32 mask;
	u32 seed;
	struct rcu_head rcu;
	void __rcu *slot[];
};

/**
 * struct hasw_table - a table of pointers
 * @slots: the array; readers under RCU
 * @count: objects in it; written by the table's one writer
 * @used: slots that are not NULL, tombs included; as @count
 *
 * One writer at a time, whose lock the caller holds and passes to the
 * functions as an expression for lockdep. Readers walk from the hash of a key
 * to the first NULL; at least half of the slots stay NULL, so the walk is
 * short.
 */
struct hasw_table {
	struct hasw_slots __rcu *slots;
	u32 count;
	u32 used;
};

/**
 * typedef hasw_table_hash_t - hash of an object's key
 * @obj: the object
 * @seed: of the array
 *
 * Return: the hash, the same that readers compute from the key alone.
 */
typedef u32 (*hasw_table_hash_t)(const void *obj, u32 seed);

/**
 * hasw_table_hash() - hash of a key
 * @key: the key, of which mostly the lower 32 bits differ
 * @seed: of the array
 *
 * Who sends packets looks keys up, but only who configures puts them in. So one
 * multiplication does (Knuth, TAOCP vol. 3, 6.4): keys that follow each other
 * are spread better by it than by chance. service/vip_test.c tries what is usual.
 *
 * Context: any.
 */
static inline u32 hasw_table_hash(u64 key, u32 seed)
{
	return ((key ^ seed) * GOLDEN_RATIO_64) >> 32;
}

/* No smaller than the largest object of any table. */
#define HASW_TABLE_TOMB_SIZE 256

extern char hasw_table_tomb[HASW_TABLE_TOMB_SIZE];

int hasw_table_init(struct hasw_table *t);
void hasw_table_free(struct hasw_table *t);
int hasw_table_add(struct hasw_table *t, void *obj, hasw_table_hash_t hash);
void hasw_table_del(struct hasw_table *t, void *obj, hasw_table_hash_t hash);
void *hasw_table_next(const struct hasw_slots *slots, u32 *pos);

#endif
