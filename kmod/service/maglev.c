// SPDX-License-Identifier: GPL-2.0
/* A table by which flows are spread over members in proportion to their weights, alike on every node. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "maglev.h"

/* Primes: the larger one where the smaller gave a member less than a hundred
 * slots, so that shares are even within a hundredth.
 */
#define HASW_MAGLEV_SIZE 65537
#define HASW_MAGLEV_SIZE_LARGE 131071
#define HASW_MAGLEV_FEW (HASW_MAGLEV_SIZE / 100)

/* Tables that nobody uses are kept for whom may want them: services that get
 * the same members one by one, or one of which goes and comes.
 */
#define HASW_MAGLEV_SPARE 4

#define HASW_MAGLEV_FREE U16_MAX

/**
 * struct hasw_maglev_turn - a member that takes its slots
 * @id: as in hasw_maglev_part
 * @weight: as there, not 0
 * @index: of hasw_maglev.part
 * @next: slot that it wants next
 * @skip: from one slot that it wants to the one after it
 * @credit: what it has of the right to a slot
 */
struct hasw_maglev_turn {
	u64 id;
	u32 weight;
	u32 index;
	u32 next;
	u32 skip;
	u32 credit;
};

static int hasw_maglev_compare(const void *a, const void *b)
{
	const struct hasw_maglev_turn *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Takes the first slot of those that it wants, in their order, which is free. */
static void hasw_maglev_take(struct hasw_maglev *t, struct hasw_maglev_turn *m)
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

/* Members take slots in turns, as often as their weights say: the heaviest each
 * time. Their order is that of their ids: on each node the same, in whichever
 * one they were added.
 */
static void hasw_maglev_fill(struct hasw_maglev *t,
			     struct hasw_maglev_turn *turn, u32 n)
{
	static const siphash_key_t first = {}, step = { .key = { 1, 0 } };
	u32 heaviest = 0, left = t->size, i;

	sort(turn, n, sizeof(*turn), hasw_maglev_compare, NULL);
	for (i = 0; i < n; i++) {
		turn[i].next = siphash_1u64(turn[i].id, &first) % t->size;
		turn[i].skip = siphash_1u64(turn[i].id, &step) %
			       (t->size - 1) + 1;
		heaviest = max(heaviest, turn[i].weight);
	}
	/* The first time all of them, so that nobody goes without. */
	for (i = 0; i < n; i++)
		turn[i].credit = heaviest - turn[i].weight;
	for (i = 0; i < t->size; i++)
		t->slot[i] = HASW_MAGLEV_FREE;
	for (;;) {
		for (i = 0; i < n; i++) {
			turn[i].credit += turn[i].weight;
			if (turn[i].credit < heaviest)
				continue;
			turn[i].credit -= heaviest;
			hasw_maglev_take(t, &turn[i]);
			if (!--left)
				return;
		}
		cond_resched();
	}
}

static struct hasw_maglev *hasw_maglev_new(const struct hasw_maglev_part *part,
					   u32 n)
{
	struct hasw_maglev_turn *turn;
	struct hasw_maglev *t;
	u32 size, i, takers = 0;

	turn = kvmalloc_array(max(n, 1U), sizeof(*turn), GFP_KERNEL);
	if (!turn)
		return NULL;
	for (i = 0; i < n; i++) {
		if (!part[i].weight)
			continue;
		turn[takers].id = part[i].id;
		turn[takers].weight = part[i].weight;
		turn[takers++].index = i;
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
			hasw_maglev_fill(t, turn, takers);
	}
	kvfree(turn);
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
 * hasw_maglev_get() - the table for some members
 * @tables: those that there are
 * @part: the members, no two with the same id
 * @n: how many, less than 65535
 *
 * Services with the same members, in the same order, have the same table.
 *
 * Context: process, hasw_net.mutex held.
 * Return: the table, a use of it, or NULL without memory.
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
 * hasw_maglev_put() - ends a use of a table
 * @tables: those that there are
 * @t: the table, which no new reader finds by this use
 *
 * Of those that nobody uses the ones that were used last stay.
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
 * @tables: tables that nobody uses
 *
 * Context: process; nobody else has the configuration.
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
