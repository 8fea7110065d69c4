// SPDX-License-Identifier: GPL-2.0
/* Whose turn it is: vips that wait to be announced, first what is new, then its repeats. */
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <net/ipv6.h>

#include "announce_queue.h"

/* What fits into the 4 KiB of a batch. */
#define HASW_TURN_MAX4 1000
#define HASW_TURN_MAX6 250

/* Milliseconds from one announcement of a vip to the next: so it is repeated
 * 0.1, 0.5, 1, 2 and 5 s after the first one.
 */
static const unsigned int hasw_turn_gap[HASW_TURN_QUEUES] = {
	[HASW_TURN_FRESH] = 100,
	[HASW_TURN_HEALED] = 100,
	[HASW_TURN_REPEAT] = 400,
	[HASW_TURN_REPEAT + 1] = 500,
	[HASW_TURN_REPEAT + 2] = 1000,
	[HASW_TURN_REPEAT + 3] = 3000,
	/* The last one is followed by nothing. */
};

/* What is due so many jiffies apart may wait in one batch. */
#define HASW_TURN_SLACK max(HZ / 50, 1)

/**
 * struct hasw_turn_batch - vips that wait for the same
 * @list: in hasw_turns.lists
 * @due: jiffies before which it is not their turn (repeats)
 * @began: jiffies when the first of them was taken
 * @ifindex: as in struct hasw_turn
 * @n: vips in it
 * @done: how many of them were taken
 * @addr4: those of a queue for IPv4
 * @addr6: those of a queue for IPv6
 *
 * A batch goes from queue to queue as a whole, so that an episode of holding
 * costs an address of memory for each vip, as long as it is repeated, and
 * nothing in the vip.
 */
struct hasw_turn_batch {
	struct list_head list;
	unsigned long due;
	unsigned long began;
	int ifindex;
	u32 n;
	u32 done;
	union {
		__be32 addr4[HASW_TURN_MAX4];
		struct in6_addr addr6[HASW_TURN_MAX6];
	};
};

static struct list_head *hasw_turns_list(struct hasw_turns *turns,
					 enum hasw_turn_queue queue, bool is6)
{
	return &turns->lists[queue * HASW_TURN_FAMILIES + is6];
}

static u32 hasw_turn_room(const struct hasw_turn_batch *batch, bool is6)
{
	return (is6 ? HASW_TURN_MAX6 : HASW_TURN_MAX4) - batch->n;
}

/**
 * hasw_turns_init() - begins with nobody waiting
 * @turns: of a namespace
 *
 * Context: process.
 */
void hasw_turns_init(struct hasw_turns *turns)
{
	unsigned int i;

	BUILD_BUG_ON(sizeof(struct hasw_turn_batch) > 4096);
	spin_lock_init(&turns->lock);
	for (i = 0; i < HASW_TURN_LISTS; i++)
		INIT_LIST_HEAD(&turns->lists[i]);
}

/**
 * hasw_turns_exit() - forgets who waits
 * @turns: of a namespace, which nobody uses any more
 *
 * Context: process.
 */
void hasw_turns_exit(struct hasw_turns *turns)
{
	struct hasw_turn_batch *batch, *next;
	unsigned int i;

	for (i = 0; i < HASW_TURN_LISTS; i++)
		list_for_each_entry_safe(batch, next, &turns->lists[i], list)
			kfree(batch);
}

/* Puts a vip at the end of a queue, if the last batch there has room. */
static bool hasw_turns_append(struct list_head *queue,
			      const struct hasw_turn *turn, bool is6)
{
	struct hasw_turn_batch *batch;

	if (list_empty(queue))
		return false;
	batch = list_last_entry(queue, struct hasw_turn_batch, list);
	if (batch->ifindex != turn->ifindex || !hasw_turn_room(batch, is6))
		return false;
	if (is6)
		batch->addr6[batch->n++] = turn->addr;
	else
		batch->addr4[batch->n++] = turn->addr.s6_addr32[3];
	return true;
}

/**
 * hasw_turns_put() - has a vip wait
 * @turns: of the namespace
 * @turn: what is to be announced, FRESH or HEALED
 * @most: so many may wait, at most
 *
 * Context: process, may sleep. One at a time: hn->mutex held.
 * Return: 0, -ENOMEM, or -ENOSPC.
 */
int hasw_turns_put(struct hasw_turns *turns, const struct hasw_turn *turn,
		   u32 most)
{
	bool is6 = turn->family == AF_INET6;
	struct list_head *queue = hasw_turns_list(turns, turn->queue, is6);
	struct hasw_turn_batch *batch;
	int err = 0;

	spin_lock(&turns->lock);
	if (turns->n >= most)
		err = -ENOSPC;
	else if (!hasw_turns_append(queue, turn, is6))
		err = -EAGAIN;
	else
		turns->n++;
	spin_unlock(&turns->lock);
	if (err != -EAGAIN)
		return err;

	batch = kmalloc(sizeof(*batch), GFP_KERNEL_ACCOUNT);
	if (!batch)
		return -ENOMEM;
	batch->due = jiffies;
	batch->ifindex = turn->ifindex;
	batch->n = 0;
	batch->done = 0;
	spin_lock(&turns->lock);
	list_add_tail(&batch->list, queue);
	hasw_turns_append(queue, turn, is6);
	turns->n++;
	spin_unlock(&turns->lock);
	return 0;
}

/* What was taken to its end waits for its next turn, unless it has had all, or
 * too many wait. Returns what is to be freed.
 */
static struct hasw_turn_batch *
hasw_turns_next(struct hasw_turns *turns, struct hasw_turn_batch *batch,
		enum hasw_turn_queue queue, bool is6, u32 most)
{
	struct hasw_turn_batch *last;
	struct list_head *next;

	list_del(&batch->list);
	if (!hasw_turn_gap[queue] || turns->n > most) {
		turns->n -= batch->n;
		return batch;
	}
	batch->due = batch->began + msecs_to_jiffies(hasw_turn_gap[queue]);
	batch->done = 0;
	queue = max(queue + 1, HASW_TURN_REPEAT);
	next = hasw_turns_list(turns, queue, is6);
	if (!list_empty(next)) {
		last = list_last_entry(next, struct hasw_turn_batch, list);
		/* Few vips at a time, and often, take no batch each. */
		if (!last->done && last->ifindex == batch->ifindex &&
		    batch->n <= hasw_turn_room(last, is6) &&
		    batch->due - last->due <= HASW_TURN_SLACK) {
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

static struct hasw_turn_batch *hasw_turns_first(struct list_head *queue,
						unsigned long now)
{
	struct hasw_turn_batch *batch;

	if (list_empty(queue))
		return NULL;
	batch = list_first_entry(queue, struct hasw_turn_batch, list);
	return time_before(now, batch->due) ? NULL : batch;
}

/**
 * hasw_turns_take() - takes the next whose turn it is
 * @turns: of the namespace
 * @turn: set to it
 * @most: so many may wait, at most; above, repeats are given up
 *
 * It will be its turn again until it has been repeated often enough.
 *
 * Context: process. One at a time.
 * Return: whether there was one.
 */
bool hasw_turns_take(struct hasw_turns *turns, struct hasw_turn *turn, u32 most)
{
	struct hasw_turn_batch *batch = NULL, *old = NULL;
	unsigned long now = jiffies;
	bool is6 = false;
	unsigned int i;

	spin_lock(&turns->lock);
	for (i = 0; i < HASW_TURN_LISTS && !batch; i++) {
		turn->queue = i / HASW_TURN_FAMILIES;
		is6 = (i % HASW_TURN_FAMILIES) ^ turns->other;
		batch = hasw_turns_first(hasw_turns_list(turns, turn->queue,
							 is6), now);
	}
	if (batch) {
		turns->other = !is6;
		turn->ifindex = batch->ifindex;
		turn->family = is6 ? AF_INET6 : AF_INET;
		if (!batch->done)
			batch->began = now;
		if (is6)
			turn->addr = batch->addr6[batch->done++];
		else
			ipv6_addr_set_v4mapped(batch->addr4[batch->done++],
					       &turn->addr);
		if (batch->done == batch->n)
			old = hasw_turns_next(turns, batch, turn->queue, is6,
					      most);
	}
	spin_unlock(&turns->lock);
	kfree(old);
	return batch;
}

/**
 * hasw_turns_drop() - forgets what waits for one device
 * @turns: of the namespace
 * @ifindex: the device
 *
 * Context: process. Not beside hasw_turns_take().
 */
void hasw_turns_drop(struct hasw_turns *turns, int ifindex)
{
	struct hasw_turn_batch *batch, *next;
	unsigned int i;
	LIST_HEAD(old);

	spin_lock(&turns->lock);
	for (i = 0; i < HASW_TURN_LISTS; i++)
		list_for_each_entry_safe(batch, next, &turns->lists[i], list) {
			if (batch->ifindex != ifindex)
				continue;
			turns->n -= batch->n;
			list_move(&batch->list, &old);
		}
	spin_unlock(&turns->lock);
	list_for_each_entry_safe(batch, next, &old, list)
		kfree(batch);
}

/**
 * hasw_turns_wait() - how long it is nobody's turn
 * @turns: of the namespace
 * @wait: set to the number of jiffies, if somebody waits
 *
 * Context: process.
 * Return: whether somebody waits.
 */
bool hasw_turns_wait(struct hasw_turns *turns, unsigned long *wait)
{
	struct hasw_turn_batch *batch;
	unsigned long now = jiffies;
	bool any = false;
	unsigned int i;
	long left;

	*wait = ULONG_MAX;
	spin_lock(&turns->lock);
	for (i = 0; i < HASW_TURN_LISTS; i++) {
		batch = list_first_entry_or_null(&turns->lists[i],
						 struct hasw_turn_batch, list);
		if (!batch)
			continue;
		any = true;
		left = batch->due - now;
		*wait = min_t(unsigned long, *wait, max(left, 0L));
	}
	spin_unlock(&turns->lock);
	return any;
}
