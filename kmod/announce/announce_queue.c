// SPDX-License-Identifier: GPL-2.0
/* The queue of vips to announce: new announcements first, then repeats. A batch
 * is a set of vips that move through the queue together.
 */
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <net/ipv6.h>

#include "announce_queue.h"

/* Numbers of IPv4 and of IPv6 addresses that fit into one batch of 4 KiB. */
#define HASW_ANNOUNCE_MAX4 1000
#define HASW_ANNOUNCE_MAX6 250

/* Time from an announcement in each class to the vip's next announcement, ms.
 * The repeats are sent 0.1, 0.5, 1, 2 and 5 s after the first announcement.
 */
static const unsigned int hasw_announce_gap[HASW_ANNOUNCE_CLASSES] = {
	[HASW_ANNOUNCE_FRESH] = 100,
	[HASW_ANNOUNCE_RECOVERED] = 100,
	[HASW_ANNOUNCE_REPEAT] = 400,
	[HASW_ANNOUNCE_REPEAT + 1] = 500,
	[HASW_ANNOUNCE_REPEAT + 2] = 1000,
	[HASW_ANNOUNCE_REPEAT + 3] = 3000,
	/* No repeat follows an announcement whose class has the gap 0. */
};

/* Maximum difference between the due times of two batches that are merged,
 * jiffies.
 */
#define HASW_ANNOUNCE_SLACK max(HZ / 50, 1)

/**
 * struct hasw_announce_batch - vips of one class, family and device
 * @list: entry in hasw_announce_queue.lists
 * @due: earliest time to announce the vips, jiffies
 * @began: time at which the first vip of the batch was taken in the current
 *	class, jiffies
 * @ifindex: device to announce on; 0: all client-facing devices of each vip
 * @n: number of vips in the batch
 * @done: number of vips that were taken in the current class
 * @addr4: addresses of the vips, if the batch is in a list for IPv4
 * @addr6: addresses of the vips, if the batch is in a list for IPv6
 *
 * A batch moves from class to class as a whole. So a queued vip needs only the
 * memory of one address until its last repeat, and the queue needs no member in
 * struct hasw_vip.
 *
 * All members are protected by hasw_announce_queue.lock.
 */
struct hasw_announce_batch {
	struct list_head list;
	unsigned long due;
	unsigned long began;
	int ifindex;
	u32 n;
	u32 done;
	union {
		__be32 addr4[HASW_ANNOUNCE_MAX4];
		struct in6_addr addr6[HASW_ANNOUNCE_MAX6];
	};
};

static struct list_head *
hasw_announce_queue_list(struct hasw_announce_queue *aq,
			 enum hasw_announce_class class, bool is6)
{
	return &aq->lists[class * HASW_ANNOUNCE_FAMILIES + is6];
}

static u32 hasw_announce_room(const struct hasw_announce_batch *batch, bool is6)
{
	return (is6 ? HASW_ANNOUNCE_MAX6 : HASW_ANNOUNCE_MAX4) - batch->n;
}

/**
 * hasw_announce_queue_init() - initialises an empty queue
 * @aq: queue of a namespace
 *
 * Context: process.
 */
void hasw_announce_queue_init(struct hasw_announce_queue *aq)
{
	unsigned int i;

	BUILD_BUG_ON(sizeof(struct hasw_announce_batch) > 4096);
	spin_lock_init(&aq->lock);
	for (i = 0; i < HASW_ANNOUNCE_LISTS; i++)
		INIT_LIST_HEAD(&aq->lists[i]);
}

/**
 * hasw_announce_queue_exit() - frees all batches of a queue
 * @aq: queue of a namespace, no longer in use
 *
 * Context: process.
 */
void hasw_announce_queue_exit(struct hasw_announce_queue *aq)
{
	struct hasw_announce_batch *batch, *next;
	unsigned int i;

	for (i = 0; i < HASW_ANNOUNCE_LISTS; i++)
		list_for_each_entry_safe(batch, next, &aq->lists[i], list)
			kfree(batch);
}

/* Appends a vip to the last batch of a list. Returns false if the list is
 * empty, or if its last batch is full or for another device.
 */
static bool hasw_announce_queue_append(struct list_head *list,
				       const struct hasw_announce_entry *entry,
				       bool is6)
{
	struct hasw_announce_batch *batch;

	if (list_empty(list))
		return false;
	batch = list_last_entry(list, struct hasw_announce_batch, list);
	if (batch->ifindex != entry->ifindex || !hasw_announce_room(batch, is6))
		return false;
	if (is6)
		batch->addr6[batch->n++] = entry->addr;
	else
		batch->addr4[batch->n++] = entry->addr.s6_addr32[3];
	return true;
}

/**
 * hasw_announce_queue_put() - queues a vip to be announced
 * @aq: queue of the namespace
 * @entry: the vip, device and class; the class is FRESH, RECOVERED or REFRESH
 * @most: maximum number of queued entries
 *
 * Context: process, may sleep; hn->mutex held, since callers must not run
 * concurrently.
 * Return: 0, -ENOMEM, or -ENOSPC if @most entries are queued.
 */
int hasw_announce_queue_put(struct hasw_announce_queue *aq,
			    const struct hasw_announce_entry *entry, u32 most)
{
	bool is6 = entry->family == AF_INET6;
	struct list_head *list =
		hasw_announce_queue_list(aq, entry->class, is6);
	struct hasw_announce_batch *batch;
	int err = 0;

	spin_lock(&aq->lock);
	if (aq->n >= most)
		err = -ENOSPC;
	else if (!hasw_announce_queue_append(list, entry, is6))
		err = -EAGAIN;
	else
		aq->n++;
	spin_unlock(&aq->lock);
	if (err != -EAGAIN)
		return err;

	batch = kmalloc(sizeof(*batch), GFP_KERNEL_ACCOUNT);
	if (!batch)
		return -ENOMEM;
	batch->due = jiffies;
	batch->ifindex = entry->ifindex;
	batch->n = 0;
	batch->done = 0;
	spin_lock(&aq->lock);
	list_add_tail(&batch->list, list);
	hasw_announce_queue_append(list, entry, is6);
	aq->n++;
	spin_unlock(&aq->lock);
	return 0;
}

/* Queues a batch for its next repeat, after all its vips were taken. The batch
 * is removed after its last repeat, or if more than @most entries are queued.
 * Returns the batch if the caller must free it, otherwise NULL.
 */
static struct hasw_announce_batch *
hasw_announce_queue_next(struct hasw_announce_queue *aq,
			 struct hasw_announce_batch *batch,
			 enum hasw_announce_class class, bool is6, u32 most)
{
	struct hasw_announce_batch *last;
	struct list_head *next;

	list_del(&batch->list);
	if (!hasw_announce_gap[class] || aq->n > most) {
		aq->n -= batch->n;
		return batch;
	}
	batch->due = batch->began + msecs_to_jiffies(hasw_announce_gap[class]);
	batch->done = 0;
	class = max(class + 1, HASW_ANNOUNCE_REPEAT);
	next = hasw_announce_queue_list(aq, class, is6);
	if (!list_empty(next)) {
		last = list_last_entry(next, struct hasw_announce_batch, list);
		/* Small batches are merged to save memory. */
		if (!last->done && last->ifindex == batch->ifindex &&
		    batch->n <= hasw_announce_room(last, is6) &&
		    batch->due - last->due <= HASW_ANNOUNCE_SLACK) {
			if (is6)
				memcpy(last->addr6 + last->n, batch->addr6,
				       batch->n * sizeof(*batch->addr6));
			else
				memcpy(last->addr4 + last->n, batch->addr4,
				       batch->n * sizeof(*batch->addr4));
			last->n += batch->n;
			last->due = batch->due;
			return batch;
		}
	}
	list_add_tail(&batch->list, next);
	return NULL;
}

static struct hasw_announce_batch *
hasw_announce_queue_first(struct list_head *list, unsigned long now)
{
	struct hasw_announce_batch *batch;

	if (list_empty(list))
		return NULL;
	batch = list_first_entry(list, struct hasw_announce_batch, list);
	return time_before(now, batch->due) ? NULL : batch;
}

/**
 * hasw_announce_queue_take() - takes the next entry that is due
 * @aq: queue of the namespace
 * @entry: set to the entry
 * @most: maximum number of queued entries; while more are queued, repeats are
 *	dropped
 *
 * The queue keeps the entry for its next repeat. After the last repeat, the
 * entry is dropped.
 *
 * Context: process; callers must not run concurrently.
 * Return: whether an entry was due.
 */
bool hasw_announce_queue_take(struct hasw_announce_queue *aq,
			      struct hasw_announce_entry *entry, u32 most)
{
	struct hasw_announce_batch *batch = NULL, *old = NULL;
	unsigned long now = jiffies;
	bool is6 = false;
	unsigned int i;

	spin_lock(&aq->lock);
	for (i = 0; i < HASW_ANNOUNCE_LISTS && !batch; i++) {
		entry->class = i / HASW_ANNOUNCE_FAMILIES;
		is6 = (i % HASW_ANNOUNCE_FAMILIES) ^ aq->other;
		batch = hasw_announce_queue_first(
			hasw_announce_queue_list(aq, entry->class, is6), now);
	}
	if (batch) {
		aq->other = !is6;
		entry->ifindex = batch->ifindex;
		entry->family = is6 ? AF_INET6 : AF_INET;
		if (!batch->done)
			batch->began = now;
		if (is6)
			entry->addr = batch->addr6[batch->done++];
		else
			ipv6_addr_set_v4mapped(batch->addr4[batch->done++],
					       &entry->addr);
		if (batch->done == batch->n)
			old = hasw_announce_queue_next(aq, batch, entry->class,
						       is6, most);
	}
	spin_unlock(&aq->lock);
	kfree(old);
	return batch;
}

/**
 * hasw_announce_queue_drop() - drops all entries for one ifindex
 * @aq: queue of the namespace
 * @ifindex: hasw_announce_entry.ifindex of the entries; 0 drops only the
 *	entries that are for all devices
 *
 * Context: process; not concurrent with hasw_announce_queue_take().
 */
void hasw_announce_queue_drop(struct hasw_announce_queue *aq, int ifindex)
{
	struct hasw_announce_batch *batch, *next;
	unsigned int i;
	LIST_HEAD(old);

	spin_lock(&aq->lock);
	for (i = 0; i < HASW_ANNOUNCE_LISTS; i++)
		list_for_each_entry_safe(batch, next, &aq->lists[i], list) {
			if (batch->ifindex != ifindex)
				continue;
			aq->n -= batch->n;
			list_move(&batch->list, &old);
		}
	spin_unlock(&aq->lock);
	list_for_each_entry_safe(batch, next, &old, list)
		kfree(batch);
}

/**
 * hasw_announce_queue_wait() - computes the time until the next entry is due
 * @aq: queue of the namespace
 * @wait: receives the time in jiffies, or ULONG_MAX if the queue is empty
 *
 * Context: process.
 * Return: whether an entry is queued.
 */
bool hasw_announce_queue_wait(struct hasw_announce_queue *aq,
			      unsigned long *wait)
{
	struct hasw_announce_batch *batch;
	unsigned long now = jiffies;
	bool any = false;
	unsigned int i;
	long left;

	*wait = ULONG_MAX;
	spin_lock(&aq->lock);
	for (i = 0; i < HASW_ANNOUNCE_LISTS; i++) {
		batch = list_first_entry_or_null(
			&aq->lists[i], struct hasw_announce_batch, list);
		if (!batch)
			continue;
		any = true;
		left = batch->due - now;
		*wait = min_t(unsigned long, *wait, max(left, 0L));
	}
	spin_unlock(&aq->lock);
	return any;
}
