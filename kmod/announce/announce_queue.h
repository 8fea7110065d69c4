/* SPDX-License-Identifier: GPL-2.0 */
/* The queue of vips to announce: new announcements first, then repeats. */
#ifndef HASW_ANNOUNCE_QUEUE_H
#define HASW_ANNOUNCE_QUEUE_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* Class of a queue entry: the reason of its announcement. Entries of a lower
 * class are announced first. After each announcement, the entry moves to the
 * next class: from FRESH or RECOVERED to the first repeat class, and from a
 * repeat class to the next one.
 */
enum hasw_announce_class {
	HASW_ANNOUNCE_FRESH,	/* this node has begun to hold the vip */
	HASW_ANNOUNCE_RECOVERED,	/* a device of the vip has recovered */
	HASW_ANNOUNCE_REPEAT,	/* first of five repeat classes */
	HASW_ANNOUNCE_REFRESH = HASW_ANNOUNCE_REPEAT + 5, /* not repeated */
	HASW_ANNOUNCE_CLASSES
};

/* Each class has one list per address family. Entries are taken from the two
 * lists of a class alternately.
 */
#define HASW_ANNOUNCE_FAMILIES 2
#define HASW_ANNOUNCE_LISTS (HASW_ANNOUNCE_CLASSES * HASW_ANNOUNCE_FAMILIES)

/**
 * struct hasw_announce_entry - a vip to announce, and the device to announce it
 *	on
 * @addr: address of the vip; IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 * @ifindex: device to announce on; 0: all client-facing devices of the vip, on
 *	which packets from its clients arrive
 * @class: reason of the announcement
 */
struct hasw_announce_entry {
	struct in6_addr addr;
	u16 family;
	int ifindex;
	enum hasw_announce_class class;
};

/**
 * struct hasw_announce_queue - the vips to be announced in a namespace
 * @lock: protects the other members; taken in process context only
 * @lists: lists of struct hasw_announce_batch, sorted by class, then family
 * @n: number of entries in all lists; a vip may have several entries
 * @other: address family whose list is checked first when the next entry is
 *	taken; 0 is IPv4, 1 is IPv6
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
