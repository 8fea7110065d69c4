/* SPDX-License-Identifier: GPL-2.0 */
/* A table by which flows are spread over members in proportion to their weights, alike on every node. */
#ifndef HASW_MAGLEV_H
#define HASW_MAGLEV_H

#include <linux/list.h>
#include <linux/rcupdate.h>

/**
 * struct hasw_maglev_part - what a table knows of a member
 * @id: the same on every node, and no two members' of a service
 * @weight: its share, among those of all; 0 is none
 */
struct hasw_maglev_part {
	u64 id;
	u32 weight;
};

/**
 * struct hasw_maglev - a lookup table, constant but for its uses
 * @list: in hasw_config.maglevs, the one used last first; as @refs
 * @rcu: frees the table once no packet uses it
 * @refs: services that use it; under hasw_net.mutex
 * @n: number of @part
 * @size: number of @slot, a prime; 0 if all weights are 0
 * @slot: indexes of @part
 * @part: the members, in the order of the service's own
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
 * hasw_maglev_slot() - whose a flow is
 * @t: the table, whose size is not 0
 * @hash: of the flow, of which the lower half counts
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
