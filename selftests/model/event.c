// SPDX-License-Identifier: GPL-2.0
/* The queue of what will happen: a heap over a fixed pool. */
#include "model.h"

#define EVENTS 16384

struct entry {
	u64 at;
	u64 order;
	int slot;
};

static struct event pool[EVENTS];
static int spare[EVENTS];
static struct entry heap[EVENTS];
static int used, size;
static u64 orders;

void event_reset(void)
{
	size = 0;
	used = 0;
	orders = 0;
	for (int i = 0; i < EVENTS; i++)
		spare[i] = i;
}

static int before(const struct entry *a, const struct entry *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

/* The caller fills in the rest. A full pool would hide what follows: it is a failure of the model. */
struct event *event_add(u64 at, enum event_type type, int node)
{
	static struct event nowhere;
	struct entry entry;
	struct event *e;
	int i = size;

	if (size == EVENTS) {
		violation("the model has no room for more events");
		return &nowhere;
	}
	entry = (struct entry){ at, orders++, spare[used++] };
	e = &pool[entry.slot];
	e->at = at;
	e->type = type;
	e->node = node;
	e->serial = 0;
	e->value = 0;
	size++;
	while (i && before(&entry, &heap[(i - 1) / 2])) {
		heap[i] = heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	heap[i] = entry;
	return e;
}

int event_next(struct event *e)
{
	struct entry last;
	int i = 0, child;

	if (!size)
		return 0;
	*e = pool[heap[0].slot];
	spare[--used] = heap[0].slot;
	last = heap[--size];
	while ((child = 2 * i + 1) < size) {
		if (child + 1 < size && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &last))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return 1;
}
