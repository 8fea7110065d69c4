/* SPDX-License-Identifier: GPL-2.0 */
/* Whose turn it is: vips that wait to be announced, first what is new, then its repeats. */
#ifndef HASW_TURN_H
#define HASW_TURN_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* What a vip waits for. Smaller ones come first, and each is followed by the
 * first repeat or by the next one.
 */
enum hasw_turn_queue {
	HASW_TURN_FRESH,	/* it is held anew */
	HASW_TURN_HEALED,	/* a device of it may be heard again */
	HASW_TURN_REPEAT,	/* the first repeat, and the others after it */
	HASW_TURN_QUEUES = HASW_TURN_REPEAT + 5
};

/* IPv4 vips and IPv6 ones wait in lists of their own, which alternate. */
#define HASW_TURN_FAMILIES 2
#define HASW_TURN_LISTS (HASW_TURN_QUEUES * HASW_TURN_FAMILIES)

/**
 * struct hasw_turn - what is to be announced
 * @addr: the vip; IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 * @ifindex: on which device; 0 is all that face its clients
 * @queue: where it waited
 */
struct hasw_turn {
	struct in6_addr addr;
	u16 family;
	int ifindex;
	enum hasw_turn_queue queue;
};

/**
 * struct hasw_turns - the vips of a namespace that wait
 * @lock: protects the rest; process context only
 * @lists: struct hasw_turn_batch.list, by queue and family, in their order
 * @n: vips in all queues
 * @other: the family that comes first next time
 */
struct hasw_turns {
	spinlock_t lock;
	struct list_head lists[HASW_TURN_LISTS];
	u32 n;
	u8 other;
};

void hasw_turns_init(struct hasw_turns *turns);
void hasw_turns_exit(struct hasw_turns *turns);
int hasw_turns_put(struct hasw_turns *turns, const struct hasw_turn *turn,
		   u32 most);
bool hasw_turns_take(struct hasw_turns *turns, struct hasw_turn *turn,
		     u32 most);
void hasw_turns_drop(struct hasw_turns *turns, int ifindex);
bool hasw_turns_wait(struct hasw_turns *turns, unsigned long *wait);

#endif
