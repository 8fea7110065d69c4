// SPDX-License-Identifier: GPL-2.0
/*
 * What several witnesses say of an object, laid over each other. The object is up while one of them says so, and down while
 * none does and one says down. For a second or less the preferred writer's down counts: see DISPUTE.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/journal.h"
#include "overlay.h"

/*
 * Wall clocks differ. So another writer's shorter time up may be a time before or after the outage that this node saw. By a
 * second or more clocks are called apart (`haadm doctor`), and whoever sees nobody up for longer may have been cut off.
 */
#define DISPUTE		JOURNAL_SECOND

/* At a time, so many runs more (or fewer) say something of an object. */
struct edge {
	uint64_t wall;
	size_t object;
	int up, down;		/* by others than the object itself */
	int self_up, self_down;
	int own_up, own_down;	/* by the preferred writer, in @up and @down as well */
};

void overlay_free(struct overlay *overlay)
{
	free(overlay->edges);
}

void overlay_clear(struct overlay *overlay)
{
	overlay->n = 0;
}

static void edge_add(struct overlay *overlay, const struct edge *edge)
{
	if (hasw_array_room(&overlay->edges, overlay->n, &overlay->room, sizeof(*edge)))
		overlay->edges[overlay->n++] = *edge;
	else
		overlay->short_of_memory = true;
}

void overlay_add(struct overlay *overlay, size_t object, enum voice voice, enum said said, uint64_t from, uint64_t to)
{
	struct edge edge = { .wall = from, .object = object };

	if (said == SAYS_NOTHING || from >= to)
		return;
	edge.up = said == SAYS_UP && voice != VOICE_SELF;
	edge.down = said == SAYS_DOWN && voice != VOICE_SELF;
	edge.self_up = said == SAYS_UP && voice == VOICE_SELF;
	edge.self_down = said == SAYS_DOWN && voice == VOICE_SELF;
	edge.own_up = said == SAYS_UP && voice == VOICE_OWN;
	edge.own_down = said == SAYS_DOWN && voice == VOICE_OWN;
	edge_add(overlay, &edge);
	edge_add(overlay, &(struct edge){
		.wall = to, .object = object, .up = -edge.up, .down = -edge.down,
		.self_up = -edge.self_up, .self_down = -edge.self_down,
		.own_up = -edge.own_up, .own_down = -edge.own_down,
	});
}

static int compare_edges(const void *left, const void *right)
{
	const struct edge *x = left, *y = right;

	return x->wall < y->wall ? -1 : x->wall > y->wall;
}

/* How many runs say what of an object. */
struct voices {
	int up, down, self_up, self_down, own_up, own_down;
};

/* What a node says of itself counts where no other one says anything: it does not know whether others can reach it. */
static enum said voices_say(const struct voices *voices)
{
	if (voices->up)
		return SAYS_UP;
	if (voices->down)
		return SAYS_DOWN;
	if (voices->self_up)
		return SAYS_UP;
	return voices->self_down ? SAYS_DOWN : SAYS_NOTHING;
}

/* The same, but the preferred writer's word comes first. */
static enum said own_says(const struct voices *voices)
{
	return voices->own_down && !voices->own_up ? SAYS_DOWN : voices_say(voices);
}

/* A group is up while one of it is, and down while all of it are. */
static enum said group_says(const struct voices *voices, size_t n, enum said (*say)(const struct voices *voices))
{
	bool all = true;

	for (size_t i = 0; i < n; i++) {
		enum said said = say(&voices[i]);

		if (said == SAYS_UP)
			return SAYS_UP;
		all = all && said == SAYS_DOWN;
	}
	return all && n ? SAYS_DOWN : SAYS_NOTHING;
}

/* The figures, while they are added up. */
struct sum {
	struct figures *figures;
	uint64_t outage;	/* length of the present outage; time that is unseen does not end it */
	bool out;
	bool disputed;		/* the preferred writer says down, and another one up; between these times */
	uint64_t from, to;
	uint64_t begin, end;	/* what lies between these counts */
};

static void sum_add(struct sum *sum, enum said said, uint64_t from, uint64_t to)
{
	struct figures *figures = sum->figures;
	uint64_t ns;

	if (from < sum->begin)
		from = sum->begin;
	if (to > sum->end)
		to = sum->end;
	if (from >= to)
		return;
	ns = to - from;
	switch (said) {
	case SAYS_UP:
		figures->up += ns;
		sum->out = false;
		sum->outage = 0;
		return;
	case SAYS_NOTHING:
		figures->unseen += ns;
		return;
	case SAYS_DOWN:
		break;
	}
	if (!sum->out) {
		figures->outages++;
		figures->last = from;
	}
	sum->out = true;
	sum->outage += ns;
	figures->down += ns;
	if (sum->outage > figures->longest)
		figures->longest = sum->outage;
}

/* Adds the dispute that is over. */
static void sum_settle(struct sum *sum)
{
	if (sum->disputed)
		sum_add(sum, sum->to - sum->from <= DISPUTE ? SAYS_DOWN : SAYS_UP, sum->from, sum->to);
	sum->disputed = false;
}

/* Adds the time up to TO, which follows the time that was added last. */
static void sum_next(struct sum *sum, const struct voices *voices, size_t n, uint64_t from, uint64_t to)
{
	enum said said = group_says(voices, n, voices_say);

	if (said != SAYS_UP || group_says(voices, n, own_says) != SAYS_DOWN) {
		sum_settle(sum);
		sum_add(sum, said, from, to);
		return;
	}
	if (!sum->disputed)
		sum->from = from;
	sum->disputed = true;
	sum->to = to;
}

static void hear(struct voices *v, const struct edge *edge)
{
	v->up += edge->up;
	v->down += edge->down;
	v->self_up += edge->self_up;
	v->self_down += edge->self_down;
	v->own_up += edge->own_up;
	v->own_down += edge->own_down;
}

/* Lays all edges over each other. A dispute is as long as it is, though only a part of it may lie between FROM and TO. */
void overlay_sum(struct overlay *overlay, size_t n_objects, uint64_t from, uint64_t to, struct figures *figures)
{
	struct voices *voices = calloc(n_objects ? n_objects : 1, sizeof(*voices));
	struct sum sum = { .figures = figures, .begin = from, .end = to };
	enum said last = SAYS_NOTHING;
	uint64_t at = 0;

	memset(figures, 0, sizeof(*figures));
	if (!voices) {
		overlay->short_of_memory = true;
		return;
	}
	if (overlay->n)
		qsort(overlay->edges, overlay->n, sizeof(*overlay->edges), compare_edges);
	for (size_t i = 0; i < overlay->n && (at < to || sum.disputed); i++) {
		const struct edge *edge = &overlay->edges[i];

		if (edge->wall > at) {
			if (at < to)
				last = group_says(voices, n_objects, voices_say);
			sum_next(&sum, voices, n_objects, at, edge->wall);
			at = edge->wall;
		}
		hear(&voices[edge->object], edge);
	}
	if (at < to) {
		last = group_says(voices, n_objects, voices_say);
		sum_next(&sum, voices, n_objects, at, to);
	}
	sum_settle(&sum);
	/* Of an outage that nobody sees any more, nobody knows whether it goes on. */
	figures->open = sum.out && last != SAYS_NOTHING;
	free(voices);
}

bool figures_mtbf(const struct figures *figures, uint64_t *ns)
{
	*ns = figures->outages ? figures->up / figures->outages : 0;
	return figures->outages;
}

bool figures_mttr(const struct figures *figures, uint64_t *ns)
{
	*ns = figures->outages ? figures->down / figures->outages : 0;
	return figures->outages;
}

bool figures_availability(const struct figures *figures, double *share)
{
	uint64_t known = figures->up + figures->down;

	*share = known ? (double)figures->up / (double)known : 0;
	return known;
}

bool figures_nines(const struct figures *figures, double *nines)
{
	if (!figures->down)
		return false;
	*nines = -log10((double)figures->down / (double)(figures->up + figures->down));
	return true;
}
