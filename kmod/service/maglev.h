/* SPDX-License-Identifier: GPL-2.0 */
/* Maglev lookup tables spread flows by weight. All nodes build equal tables, so
 * each node picks the same member for a flow.
 */
#ifndef HASW_MAGLEV_H
#define HASW_MAGLEV_H

#include <linux/list.h>
#include <linux/rcupdate.h>

/**
 * struct hasw_maglev_part - a member's id and weight in a table
 * @id: id of the member; equal on every node, unique in the service
 * @weight: share of the flows, relative to the other weights; with 0 the member
 *	gets no flow
 */
struct hasw_maglev_part {
	u64 id;
	u32 weight;
};

/**
 * struct hasw_maglev - a lookup table; constant except @list and @refs
 * @list: entry in hasw_config.maglevs, most recently used first; under
 *	hasw_net.mutex
 * @rcu: frees the table once no packet uses it
 * @refs: number of services that use the table; under hasw_net.mutex
 * @n: number of elements in @part
 * @size: number of elements in @slot, a prime; 0 if all weights are 0
 * @slot: for each slot, the index into @part of the member that has the slot
 * @part: the members, in the service's order
 */
struct hasw_maglev {
	struct hlist_node list;
	struct rcu_head rcu;
	u32 refs;
	u32 n;
	u32 size;
	u16 *slot;
	struct hasw_maglev_part part[];
};

/**
 * hasw_maglev_slot() - looks up the member of a flow
 * @t: the table, whose size is not 0
 * @hash: hash of the flow; only the lower 32 bits are used
 *
 * Context: RCU read side.
 * Return: an index of hasw_maglev.part.
 */
static inline u32 hasw_maglev_slot(const struct hasw_maglev *t, u64 hash)
{
	return t->slot[((u64)(u32)hash * t->size) >> 32];
}

struct hasw_maglev *hasw_maglev_get(struct hlist_head *tables,
				    const struct hasw_maglev_part *part, u32 n);
void hasw_maglev_put(struct hlist_head *tables, struct hasw_maglev *t);
void hasw_maglev_free_all(struct hlist_head *tables);

#endif
