// SPDX-License-Identifier: GPL-2.0
/*
 * Which services have no member that serves them, and which drained nodes and members have no flow left. The module sends
 * no event of either, because both can change with any packet, so the agent looks at all services and members again and
 * again. Here is what the records of such a look mean.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/clock.h"
#include "served.h"

/* A service is told to be empty when two looks have found it so. A member that is just added is not resolved yet. */
#define SURE	CLOCK_SECOND
#define TOLD_MOST	16	/* most that a look tells: each is a log line, a line of the journal, and commands */

static int by_service(const void *a, const void *b)
{
	return hasw_svc_compare(&((const struct served_empty *)a)->service, &((const struct served_empty *)b)->service);
}

static int by_member(const void *a, const void *b)
{
	const struct served_drain *one = a, *other = b;
	int order = hasw_svc_compare(&one->service, &other->service);

	return order ? order : strcmp(one->name, other->name);
}

static struct served_empty *empty_find(const struct served *s, const struct hasw_svc *service)
{
	const struct served_empty key = { .service = *service };

	return s->n_empty ? bsearch(&key, s->empty, s->n_empty, sizeof(key), by_service) : NULL;
}

/* Makes room for one more entry. Arrays grow to the next power of two. */
static void *grown(void *list, size_t n, size_t size)
{
	return n & (n - 1) ? list : reallocarray(list, n ? 2 * n : 1, size);
}

/**
 * served_begin - begin a look
 * @s:	what is known
 */
void served_begin(struct served *s)
{
	size_t i;

	s->n_found = 0;
	s->n_found_idle = 0;
	s->short_of = false;
	for (i = 0; i < s->n_empty; i++)
		s->empty[i].back = false;
	for (i = 0; i < s->n_nodes; i++) {
		s->nodes[i].flows = 0;
		s->nodes[i].seen = false;
	}
}

/**
 * served_service - take a service
 * @s:		what is known
 * @service:	the service
 * @members:	number of its members
 * @serving:	number of those that serve it now
 * @rejects:	it has `on-empty reject`; without members, that is what it is for
 */
void served_service(struct served *s, const struct hasw_svc *service, unsigned int members, unsigned int serving,
		    bool rejects)
{
	struct served_empty *known = empty_find(s, service), *list;

	if (serving || (rejects && !members)) {
		if (known)
			known->back = true;
		return;
	}
	list = grown(s->found, s->n_found, sizeof(*list));
	if (!list) {
		s->short_of = true;
		return;
	}
	s->found = list;
	list[s->n_found] = known ? *known : (struct served_empty){ .service = *service };
	list[s->n_found++].back = false;
}

/* Counts the flows of a drained node. There are few of them at a time. */
static void node_count(struct served *s, const char *node, uint64_t flows)
{
	struct served_drain *list;
	size_t i;

	for (i = 0; i < s->n_nodes && strcmp(s->nodes[i].name, node); i++)
		;
	if (i == s->n_nodes) {
		list = grown(s->nodes, i, sizeof(*list));
		if (!list) {
			s->short_of = true;
			return;
		}
		s->nodes = list;
		list[s->n_nodes++] = (struct served_drain){ .flows = 0 };
		snprintf(list[i].name, sizeof(list[i].name), "%s", node);
	}
	s->nodes[i].flows += flows;
	s->nodes[i].seen = true;
}

/**
 * served_member - take a member
 * @s:		what is known
 * @service:	its service
 * @node:	its node
 * @port:	its port, if it has one of its own; else 0
 * @drains:	its node is being drained
 * @weight:	its weight
 * @flows:	number of its flows
 */
void served_member(struct served *s, const struct hasw_svc *service, const char *node, uint16_t port, bool drains,
		   unsigned int weight, uint64_t flows)
{
	struct served_drain one = { .service = *service, .flows = flows }, *known, *list;

	if (drains)
		node_count(s, node, flows);
	if (weight)
		return;
	list = grown(s->found_idle, s->n_found_idle, sizeof(*list));
	if (!list) {
		s->short_of = true;
		return;
	}
	s->found_idle = list;
	snprintf(one.name, sizeof(one.name), port ? "%.31s:%u" : "%.31s", node, port);
	known = s->n_idle ? bsearch(&one, s->idle, s->n_idle, sizeof(one), by_member) : NULL;
	one.told = known && known->told;
	list[s->n_found_idle++] = one;
}

/* Keeps a service that is back, so that the next look tells of it. */
static void keep(struct served *s, const struct served_empty *e)
{
	struct served_empty *list = grown(s->found, s->n_found, sizeof(*list));

	if (!list) {
		s->short_of = true;
		return;
	}
	s->found = list;
	list[s->n_found] = *e;
	list[s->n_found++].back = false;
}

/* Tells of @left services at most, and lowers it. Return: whether something is left to be told. */
static bool empties_end(struct served *s, uint64_t now, unsigned int *left)
{
	struct served_empty *list = s->empty;
	bool unsure = false;
	size_t i;

	for (i = 0; i < s->n_empty; i++) {
		/* One that was neither found nor is back was deleted. */
		if (!list[i].back || !list[i].told)
			continue;
		if (*left) {
			--*left;
			s->ops->service(s->arg, &list[i].service, false);
		} else {
			keep(s, &list[i]);
			unsure = true;
		}
	}
	for (i = 0; i < s->n_found; i++) {
		struct served_empty *e = &s->found[i];

		if (!e->since)
			e->since = now;
		if (!e->told && now - e->since >= SURE && *left) {
			--*left;
			e->told = true;
			s->ops->service(s->arg, &e->service, true);
		}
		unsure |= !e->told;
	}
	s->empty = s->found;
	s->n_empty = s->n_found;
	s->found = list;
	s->n_found = 0;
	if (s->n_empty)
		qsort(s->empty, s->n_empty, sizeof(*s->empty), by_service);
	return unsure;
}

/* Return: whether flows are left, or something to be told, so that it is worth to look again soon. */
static bool drain_end(const struct served *s, struct served_drain *d, unsigned int *left)
{
	/* An agent that has just begun does not tell again what the one before has told. */
	if (!d->flows && !d->told && s->looked) {
		if (!*left)
			return true;
		--*left;
		s->ops->drained(s->arg, d->name, d->service.vip.family ? &d->service : NULL);
	}
	d->told = !d->flows;
	return d->flows;
}

static bool drains_end(struct served *s, unsigned int *left)
{
	struct served_drain *list = s->idle;
	bool open = false;
	size_t i, kept = 0;

	for (i = 0; i < s->n_nodes; i++) {
		if (!s->nodes[i].seen)
			continue;
		open |= drain_end(s, &s->nodes[i], left);
		s->nodes[kept++] = s->nodes[i];
	}
	s->n_nodes = kept;
	for (i = 0; i < s->n_found_idle; i++)
		open |= drain_end(s, &s->found_idle[i], left);
	s->idle = s->found_idle;
	s->n_idle = s->n_found_idle;
	s->found_idle = list;
	s->n_found_idle = 0;
	if (s->n_idle)
		qsort(s->idle, s->n_idle, sizeof(*s->idle), by_member);
	return open;
}

/**
 * served_end - end a look at all services and members, and tell what has changed
 * @s:		what is known
 * @now:	the time, ns
 *
 * Return: whether something can be told soon that no event would tell of
 */
bool served_end(struct served *s, uint64_t now)
{
	unsigned int left = TOLD_MOST;
	bool soon;

	/* The services that are missing would count as deleted. */
	if (s->short_of)
		return false;
	soon = empties_end(s, now, &left);
	soon |= drains_end(s, &left);
	s->looked = true;
	return soon;
}

/**
 * served_forget - forget all, because the module has gone
 * @s:	what is known
 */
void served_forget(struct served *s)
{
	free(s->empty);
	free(s->found);
	free(s->nodes);
	free(s->idle);
	free(s->found_idle);
	s->empty = s->found = NULL;
	s->nodes = s->idle = s->found_idle = NULL;
	s->n_empty = s->n_found = s->n_nodes = s->n_idle = s->n_found_idle = 0;
	s->looked = false;
}
