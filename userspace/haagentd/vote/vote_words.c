// SPDX-License-Identifier: GPL-2.0
/* The state of a lease in plain words: which node holds it, or why no node does, as far as this node knows. */
#include <linux/haswitch.h>
#include <stdio.h>
#include <string.h>

#include "haagentd/clock.h"
#include "lib/text.h"
#include "vote.h"
#include "haagentd/words.h"

/* Appends @before and the names of those voters whose ids are in the bitmap @ids. */
static void name(const struct vote *v, uint32_t ids, const char *before,
		 char *words, size_t size)
{
	unsigned int id;

	for (id = 0; id < v->map.n; id++) {
		if (!(v->map.voters & ids & 1U << id))
			continue;
		words_add(words, size, "%s %s%s", before, v->map.names[id],
			  vote_witness(v, id) ? " (witness)" : "");
		before = ",";
	}
}

/* Return: bitmap of nodes whose settings differ from this node's settings, so that their votes do not count. */
static uint32_t others(const struct vote *v)
{
	uint32_t ids = 0;
	unsigned int id;

	for (id = 0; id < v->map.n; id++)
		if (v->peer[id].told)
			ids |= 1U << id;
	return ids;
}

/* Return: why this node does not ask for leases; NULL if nothing prevents it. */
static const char *unwanting(const struct vote *v)
{
	if (vote_witness(v, v->map.self))
		return "it is a witness";
	if (v->part != VOTE_STAYS)
		return "its agent ends";
	if (!v->fit || !v->sock.open)
		return "its module cannot serve";
	switch (v->there[v->map.self].state) {
	case HASWITCH_NODE_STATE_DRAIN:
		return "it is being drained";
	case HASWITCH_NODE_STATE_MAINTENANCE:
		return "it is in maintenance";
	case HASWITCH_NODE_STATE_UP:
	case HASWITCH_NODE_STATE_HELD:
		return NULL;
	}
	return "its module has it as down";
}

static void why_nobody(const struct vote *v, unsigned int slot, char *words,
		       size_t size)
{
	uint32_t all = v->map.voters, heard = vote_heard(v);
	uint32_t differ = heard & others(v);

	words[0] = '\0';
	if (!v->begun) {
		snprintf(words, size, "this agent has no part in the vote%s%s",
			 v->why[0] ? ": " : "", v->why);
		return;
	}
	if (v->bar[0] && v->part == VOTE_STAYS)
		snprintf(words, size, "%s", v->bar);
	if (!hasw_vote_majority(heard & ~differ, all)) {
		if (words[0])
			words_add(words, size, "; ");
		if (heard != all)
			words_add(words, size, "%u of %u voter%s unreachable:", hasw_vote_count(all & ~heard),
				  hasw_vote_count(all), hasw_s(hasw_vote_count(all)));
		name(v, ~heard, "", words, size);
		name(v, differ, heard == all ? "voters with other settings:" :
		     "; with other settings:", words, size);
		vote_fence_words(v, slot, words, size);
		return;
	}
	if (words[0])
		return;
	if (!v->seat.disk.known && all & 1U << v->map.self) {
		snprintf(words, size, "this voter is new or has lost its file, and asks the others");
		name(v, ~heard, "; unreachable:", words, size);
		return;
	}
	if (vote_only_words(v, slot, words, size))
		return;
	if (vote_config_behind(v, clock_now())) {
		snprintf(words, size, "this node does not ask for it, as %s", vote_config_behind(v, clock_now()));
		return;
	}
	if (vote_away(v, slot, v->map.self)) {
		snprintf(words, size, "no node asks for it; this one does not, as protodown of ha-%s is on",
			 v->lease[slot].name);
		return;
	}
	if (v->seat.lease[slot].proposer.want)
		snprintf(words, size, "%u of %u voter%s %s heard, and this node asks for it", hasw_vote_count(heard),
			 hasw_vote_count(all), hasw_s(hasw_vote_count(all)), hasw_plural(hasw_vote_count(heard), "is", "are"));
	else if (unwanting(v))
		snprintf(words, size, "no node asks for it; this one does not, as %s",
			 unwanting(v));
	else
		snprintf(words, size, "no node asks for it yet");
}

/* Fills @words with the reason why no node could follow the holder, which is node @holder. */
static void why_no_successor(const struct vote *v, unsigned int slot, unsigned int holder,
			     char *words, size_t size)
{
	unsigned int id, n = 0, may = 0;

	words[0] = '\0';
	for (id = 0; id < v->map.n; id++) {
		if (id == holder || vote_witness(v, id))
			continue;
		n++;
		if (!vote_may(v, slot, id) && !vote_away(v, slot, id))
			continue;
		words_add(words, size, "%s%s %s", may++ ? ", " : "", v->map.names[id],
			  vote_away(v, slot, id) ? "has protodown on" :
			  vote_hears(v, id) ? "cannot serve" : "is not heard");
	}
	if (!may)
		snprintf(words, size, n ? "no other node may hold it" : "there is no other node");
}

/* Fills @view with the node that would follow the holder, which is node @holder, or with the reason why none could. */
static void view_successor(const struct vote *v, unsigned int slot, unsigned int holder,
			   struct vote_view *view)
{
	uint32_t left = vote_heard(v) & ~others(v) & ~(UINT32_C(1) << holder);
	int next = vote_next(v, slot, holder);

	if (next < 0) {
		why_no_successor(v, slot, holder, view->why, sizeof(view->why));
		return;
	}
	view->successor = v->map.names[next];
	view->planned = !hasw_vote_majority(left, v->map.voters) && !vote_fence_used(v);
}

/**
 * vote_view - find out which node holds a lease, and which one would follow
 * @v:		the vote
 * @slot:	slot of the lease
 * @now:	current time, ns
 * @view:	filled with the holder, or with the reason why there is none
 */
void vote_view(const struct vote *v, unsigned int slot, uint64_t now,
	       struct vote_view *view)
{
	const struct vote_lease *l = &v->lease[slot];

	*view = (struct vote_view){
		.wanted = v->seat.lease[slot].proposer.want,
	};
	if (now < l->until) {
		view->holder = v->map.names[v->map.self];
		view->epoch = l->epoch;
		view->remaining = l->until - now;
		view_successor(v, slot, v->map.self, view);
	} else if (l->holder >= 0 && now < l->claimed) {
		view->holder = v->map.names[l->holder];
		view->epoch = l->top;
		view->remaining = l->claimed - now;
		view_successor(v, slot, (unsigned int)l->holder, view);
	} else {
		why_nobody(v, slot, view->why, sizeof(view->why));
	}
}

/**
 * vote_words - describe which node holds a lease
 * @v:		the vote
 * @slot:	slot of the lease
 * @words:	filled with the text
 * @size:	size of @words, bytes
 */
void vote_words(const struct vote *v, unsigned int slot, char *words, size_t size)
{
	struct vote_view view;

	vote_view(v, slot, clock_now(), &view);
	if (!view.holder) {
		snprintf(words, size, "held by nobody: %s", view.why);
		return;
	}
	snprintf(words, size, "held by %s under epoch %llu for another %llu ms",
		 view.holder, (unsigned long long)view.epoch,
		 (unsigned long long)(view.remaining / CLOCK_MS));
	if (!strcmp(view.holder, v->map.names[v->map.self]))
		vote_return_words(v, slot, words, size);
}

/**
 * vote_witness_words - describe how this node takes part as a witness
 * @v:		the vote
 * @words:	filled with the text
 * @size:	size of @words, bytes
 *
 * The text names no leases, because only modules have the names of leases, and a witness
 * has no module.
 */
void vote_witness_words(const struct vote *v, char *words, size_t size)
{
	unsigned int leases = v->seat.n ? v->seat.n - 1 : 0;
	uint32_t heard = vote_heard(v);

	if (!(v->map.voters & 1U << v->map.self))
		snprintf(words, size, "has no vote: the %u that vote come before it by name",
			 hasw_vote_count(v->map.voters));
	else if (!v->seat.disk.known)
		snprintf(words, size, "this voter is new or has lost its file, and asks the others");
	else
		snprintf(words, size, "votes on leases, and was asked about %u so far",
			 leases);
	words_add(words, size, "; %u of %u voter%s %s heard", hasw_vote_count(heard), hasw_vote_count(v->map.voters),
		  hasw_s(hasw_vote_count(v->map.voters)), hasw_plural(hasw_vote_count(heard), "is", "are"));
	name(v, ~heard, "; unreachable:", words, size);
}
