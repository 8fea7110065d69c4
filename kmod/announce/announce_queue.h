/* SPDX-License-Identifier: GPL-2.0 */
/* The queue of announcements: vips that wait to be announced, first what is new, then its repeats. */
#ifndef HASW_ANNOUNCE_QUEUE_H
#define HASW_ANNOUNCE_QUEUE_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* What a vip waits for. Smaller ones come first, and each is followed by the
 * first repeat or by the next one.
 */
enum hasw_announce_class {
	HASW_ANNOUNCE_FRESH,	/* it is held anew */
	HASW_ANNOUNCE_RECOVERED,	/* a device of it may be heard again */
	HASW_ANNOUNCE_REPEAT,	/* the first repeat, and the others after it */
	HASW_ANNOUNCE_CLASSES = HASW_ANNOUNCE_REPEAT + 5
};

/* IPv4 vips and IPv6 ones wait in lists of their own, which alternate. */
#define HASW_ANNOUNCE_FAMILIES 2
#define HASW_ANNOUNCE_LISTS (HASW_ANNOUNCE_CLASSES * HASW_ANNOUNCE_FAMILIES)

/**
 * struct hasw_announce_entry - what is to be announced
 * @addr: the vip; IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 * @ifindex: on which device; 0 is all that face its clients
 * @class: what it waited for
 */
struct hasw_announce_entry {
	struct in6_addr addr;
	u16 family;
	int ifindex;
	enum hasw_announce_class class;
};

/**
 * struct hasw_announce_queue - the vips of a namespace that wait
 * @lock: protects the rest; process context only
 * @lists: struct hasw_announce_batch.list, by class and family, in their order
 * @n: vips in all lists
 * @other: the family that comes first next time
 */
struct hasw_announce_queue {
	spinlock_t lock;
	struct list_head lists[HASW_ANNOUNCE_LISTS];
	u32 n;
	u8 other;
};

void hasw_announce_queue_init(struct hasw_announce_queue *aq);
void hasw_announce_queue_exit(struct hasw_announce_queue *aq);
int hasw_announce_queue_put(struct hasw_announce_queue *aq,
			    const struct hasw_announce_entry *entry, u32 most);
bool hasw_announce_queue_take(struct hasw_announce_queue *aq,
			      struct hasw_announce_entry *entry, u32 most);
void hasw_announce_queue_drop(struct hasw_announce_queue *aq, int ifindex);
bool hasw_announce_queue_wait(struct hasw_announce_queue *aq,
			      unsigned long *wait);

#endif
