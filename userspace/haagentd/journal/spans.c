// SPDX-License-Identifier: GPL-2.0
/*
 * How long it took: until a silent node was taken for lost, and until this node held what another one had held. The
 * journal has each of them as events; here they are counted, for metrics.
 */
#include <stdio.h>
#include <string.h>

#include "spans.h"

static void count(struct spans_histogram *h, uint64_t span)
{
	unsigned int i = 0;

	while (i < ASK_SPANS && span > ASK_SPAN << i)
		i++;
	h->count[i]++;
	h->sum += span;
}

/* Returns a node's entry; NULL: there are as many nodes as a configuration can have, and others have left. */
static struct spans_node *node_of(struct spans *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < CONF_NODES && s->nodes[i].name[0]; i++)
		if (!strcmp(s->nodes[i].name, name))
			return &s->nodes[i];
	if (i == CONF_NODES)
		return NULL;
	snprintf(s->nodes[i].name, sizeof(s->nodes[i].name), "%s", name);
	return &s->nodes[i];
}

static struct spans_lease *lease_of(struct spans *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < HASW_VOTE_LEASES && s->leases[i].name[0]; i++)
		if (!strcmp(s->leases[i].name, name))
			return &s->leases[i];
	if (i == HASW_VOTE_LEASES)
		return NULL;
	snprintf(s->leases[i].name, sizeof(s->leases[i].name), "%s", name);
	return &s->leases[i];
}

/**
 * spans_lost - note that the module has a node as lost, because it was silent
 * @s:		the times
 * @node:	the node
 * @heard:	when it was heard last, ns; 0: never
 * @lost:	when the module stored that it is lost, ns
 */
void spans_lost(struct spans *s, const char *node, uint64_t heard, uint64_t lost)
{
	struct spans_node *n = node_of(s, node);

	/* It is heard again already: how long it was silent is not known any more. */
	if (!n || !heard || heard >= lost)
		return;
	count(&n->detection, lost - heard);
	n->silent = heard;
}

/**
 * spans_back - note that a node is in another state than lost
 * @s:		the times
 * @node:	the node
 */
void spans_back(struct spans *s, const char *node)
{
	struct spans_node *n = node_of(s, node);

	if (n)
		n->silent = 0;
}

/**
 * spans_granted - note that a lease is granted
 * @s:		the times
 * @lease:	the lease
 * @node:	its holder
 * @self:	that is this node
 * @time:	when, ns
 *
 * Only the new holder counts the time, so that the sum over all nodes has each takeover once. It begins when the node
 * that held the lease before was heard last, if that is lost, or else when its grant ended.
 */
void spans_granted(struct spans *s, const char *lease, const char *node, bool self, uint64_t time)
{
	struct spans_lease *l = lease_of(s, lease);
	struct spans_node *before;
	uint64_t cause;

	if (!l)
		return;
	before = self && l->holder[0] && strcmp(l->holder, node) ? node_of(s, l->holder) : NULL;
	if (before) {
		cause = before->silent ? before->silent : l->ended;
		if (cause && cause <= time)
			count(&before->takeover, time - cause);
	}
	snprintf(l->holder, sizeof(l->holder), "%s", node);
	l->ended = 0;
}

/**
 * spans_ended - note that a lease's grant has ended
 * @s:		the times
 * @lease:	the lease
 * @node:	its holder until then
 * @time:	when, ns
 */
void spans_ended(struct spans *s, const char *lease, const char *node, uint64_t time)
{
	struct spans_lease *l = lease_of(s, lease);

	if (!l)
		return;
	snprintf(l->holder, sizeof(l->holder), "%s", node);
	l->ended = time;
}

static void view(const struct spans_histogram *h, const char *key, struct json *j)
{
	static const struct spans_histogram none;
	char sum[32];
	unsigned int i;

	/* With hundreds of nodes the answer has no room for zeros. */
	if (!memcmp(h, &none, sizeof(none)))
		return;
	json_list(j, key);
	for (i = 0; i <= ASK_SPANS; i++)
		json_number(j, NULL, h->count[i]);
	json_list_end(j);
	snprintf(sum, sizeof(sum), "%s_sum", key);
	json_number(j, sum, h->sum);
}

/**
 * spans_view - write the times of a node; nothing if none was counted
 * @s:		the times
 * @node:	the node
 * @j:		the writer, in the object of the node
 */
void spans_view(const struct spans *s, const char *node, struct json *j)
{
	static const struct spans_node none;
	const struct spans_node *n = &none;
	unsigned int i;

	for (i = 0; i < CONF_NODES && s->nodes[i].name[0]; i++)
		if (!strcmp(s->nodes[i].name, node))
			n = &s->nodes[i];
	view(&n->detection, "detection", j);
	view(&n->takeover, "takeover", j);
}
