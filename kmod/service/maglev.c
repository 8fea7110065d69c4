// SPDX-License-Identifier: GPL-2.0
/* Maglev lookup tables spread flows by weight. All nodes build equal tables, so
 * each node picks the same member for a flow.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "maglev.h"

/* Number of slots of a table for at most HASW_MAGLEV_FEW members; a prime. */
#define HASW_MAGLEV_SIZE 65537

/* Number of slots of a table for more than HASW_MAGLEV_FEW members; a prime. */
#define HASW_MAGLEV_SIZE_LARGE 131071

/* With this number of members of equal weight, each member has about 100 slots
 * in a table of HASW_MAGLEV_SIZE. So each member's share of the flows is
 * accurate to 1%.
 */
#define HASW_MAGLEV_FEW (HASW_MAGLEV_SIZE / 100)

/* Number of unused tables that are kept, because a service often needs an
 * unused table again. For example, many services get the same members one by
 * one, or a deleted member is added back.
 */
#define HASW_MAGLEV_SPARE 4

#define HASW_MAGLEV_FREE U16_MAX

/**
 * struct hasw_maglev_taker - a member while the table is filled
 * @id: id of the member, as in hasw_maglev_part
 * @weight: weight of the member, not 0
 * @index: index of the member in hasw_maglev.part
 * @next: slot that the member's permutation visits next
 * @skip: step of the permutation, in slots
 * @credit: accumulated weight; a slot costs the weight of the heaviest member
 */
struct hasw_maglev_taker {
	u64 id;
	u32 weight;
	u32 index;
	u32 next;
	u32 skip;
	u32 credit;
};

static int hasw_maglev_compare(const void *a, const void *b)
{
	const struct hasw_maglev_taker *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Gives the member the next free slot of its permutation. */
static void hasw_maglev_take(struct hasw_maglev *t, struct hasw_maglev_taker *m)
{
	u32 at = m->next;

	while (t->slot[at] != HASW_MAGLEV_FREE) {
		at += m->skip;
		if (at >= t->size)
			at -= t->size;
	}
	t->slot[at] = m->index;
	m->next = at + m->skip;
	if (m->next >= t->size)
		m->next -= t->size;
}

/* Fills the table in rounds. The heaviest member takes a slot in each round; a
 * lighter member takes slots in fewer rounds, in proportion to its weight.
 * Members are sorted by id, so their order of addition does not matter and all
 * nodes get equal tables.
 */
static void hasw_maglev_fill(struct hasw_maglev *t,
			     struct hasw_maglev_taker *taker, u32 n)
{
	static const siphash_key_t first = {}, step = { .key = { 1, 0 } };
	u32 heaviest = 0, left = t->size, i;

	sort(taker, n, sizeof(*taker), hasw_maglev_compare, NULL);
	for (i = 0; i < n; i++) {
		taker[i].next = siphash_1u64(taker[i].id, &first) % t->size;
		taker[i].skip =
			siphash_1u64(taker[i].id, &step) % (t->size - 1) + 1;
		heaviest = max(heaviest, taker[i].weight);
	}
	/* With this credit even the lightest member takes a slot in the first
	 * round.
	 */
	for (i = 0; i < n; i++)
		taker[i].credit = heaviest - taker[i].weight;
	for (i = 0; i < t->size; i++)
		t->slot[i] = HASW_MAGLEV_FREE;
	for (;;) {
		for (i = 0; i < n; i++) {
			taker[i].credit += taker[i].weight;
			if (taker[i].credit < heaviest)
				continue;
			taker[i].credit -= heaviest;
			hasw_maglev_take(t, &taker[i]);
			if (!--left)
				return;
		}
		cond_resched();
	}
}

static struct hasw_maglev *hasw_maglev_new(const struct hasw_maglev_part *part,
					   u32 n)
{
	struct hasw_maglev_taker *taker;
	struct hasw_maglev *t;
	u32 size, i, takers = 0;

	taker = kvmalloc_array(max(n, 1U), sizeof(*taker), GFP_KERNEL);
	if (!taker)
		return NULL;
	for (i = 0; i < n; i++) {
		if (!part[i].weight)
			continue;
		taker[takers].id = part[i].id;
		taker[takers].weight = part[i].weight;
		taker[takers++].index = i;
	}
	size = !takers ? 0 : takers > HASW_MAGLEV_FEW ? HASW_MAGLEV_SIZE_LARGE :
						       HASW_MAGLEV_SIZE;
	t = kvzalloc(struct_size(t, part, n) + size * sizeof(*t->slot),
		     GFP_KERNEL_ACCOUNT);
	if (t) {
		t->n = n;
		t->size = size;
		t->slot = (u16 *)&t->part[n];
		for (i = 0; i < n; i++) {
			t->part[i].id = part[i].id;
			t->part[i].weight = part[i].weight;
		}
		if (takers)
			hasw_maglev_fill(t, taker, takers);
	}
	kvfree(taker);
	return t;
}

static bool hasw_maglev_is_of(const struct hasw_maglev *t,
			      const struct hasw_maglev_part *part, u32 n)
{
	u32 i;

	if (t->n != n)
		return false;
	for (i = 0; i < n; i++)
		if (t->part[i].id != part[i].id ||
		    t->part[i].weight != part[i].weight)
			return false;
	return true;
}

/**
 * hasw_maglev_get() - gets a reference on the table for some members
 * @tables: hasw_config.maglevs
 * @part: the members, no two with the same id
 * @n: number of members, less than 65535
 *
 * Services with the same members and weights, in the same order, share a table.
 *
 * Context: process, hasw_net.mutex held.
 * Return: the table, or NULL if an allocation fails.
 */
struct hasw_maglev *hasw_maglev_get(struct hlist_head *tables,
				    const struct hasw_maglev_part *part, u32 n)
{
	struct hasw_maglev *t;

	hlist_for_each_entry(t, tables, list) {
		if (!hasw_maglev_is_of(t, part, n))
			continue;
		hlist_del(&t->list);
		goto found;
	}
	t = hasw_maglev_new(part, n);
	if (!t)
		return NULL;
found:
	hlist_add_head(&t->list, tables);
	t->refs++;
	return t;
}

/**
 * hasw_maglev_put() - drops a reference on a table
 * @tables: hasw_config.maglevs
 * @t: the table; the caller's pointer to it is not published any more
 *
 * Of the unused tables, the HASW_MAGLEV_SPARE most recently used are kept.
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_maglev_put(struct hlist_head *tables, struct hasw_maglev *t)
{
	struct hlist_node *next;
	u32 spare = 0;

	if (--t->refs)
		return;
	hlist_del(&t->list);
	hlist_add_head(&t->list, tables);
	hlist_for_each_entry_safe(t, next, tables, list) {
		if (t->refs || spare++ < HASW_MAGLEV_SPARE)
			continue;
		hlist_del(&t->list);
		kvfree_rcu(t, rcu);
	}
}

/**
 * hasw_maglev_free_all() - frees the tables of a configuration
 * @tables: tables without a reference
 *
 * Context: process; the configuration is not shared.
 */
void hasw_maglev_free_all(struct hlist_head *tables)
{
	struct hlist_node *next;
	struct hasw_maglev *t;

	hlist_for_each_entry_safe(t, next, tables, list) {
		WARN_ON_ONCE(t->refs);
		hlist_del(&t->list);
		kvfree_rcu(t, rcu);
	}
}
