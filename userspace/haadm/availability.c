// SPDX-License-Identifier: GPL-2.0
/*
 * Computes from the lines of journals for how long leases were held and nodes were there.
 *
 * A run is what an agent wrote from its beginning to its end. Each run is a witness of its own: of each object it says
 * up, down or nothing, from one of its lines to the next. What all runs say is laid over each other. An object is up
 * while one run saw it up. It is down while none did, and one saw it down. Otherwise it is unseen. So a node that hears
 * nothing of the others makes no outage of what they saw. See overlay.c.
 *
 * Wall clocks are set, and then earlier lines have wrong stamps. Within a boot of a machine the stamps of CLOCK_BOOTTIME
 * are right. So these count, and the last line of a boot says to which wall time they belong. The clocks of two machines
 * differ: grants of these two tell by how much, and all times become those of the preferred writer.
 */

#include <stdlib.h>
#include <string.h>

#include "availability.h"
#include "overlay.h"
#include "haadm/journal.h"

#define NONE		UINT32_MAX
/*
 * An agent that has just begun may not have heard who holds a lease. What it says of a lease without a holder counts from
 * this time on.
 */
#define SETTLED		(2 * JOURNAL_SECOND)
/* Two clocks that are kept right by NTP drift by less than this against each other, while their machines run. */
#define DRIFT		((int64_t)JOURNAL_SECOND)

struct event {
	uint64_t time;		/* CLOCK_BOOTTIME */
	uint32_t order;		/* of the lines */
	bool lease;		/* about a lease; else about a node, or about nothing known any more (name NONE) */
	uint32_t name;
	uint32_t holder;	/* of a lease; NONE: nobody */
	uint64_t epoch;		/* of a lease; 0: not known */
	enum said said;
	bool late;		/* the end of a grant was noticed late: by its deadline, or by the next holder's claim */
	bool state;		/* a state at the beginning, which no event told of */
};

/* The lines of a machine between two boots. */
struct boot {
	uint32_t writer;
	char id[40];
	uint64_t time;		/* stamps of its last line */
	uint64_t wall;
	int64_t shift;		/* by which its clock was ahead of the preferred writer's, ns; 0: not known */
};

struct run {
	uint32_t writer;
	size_t boot;
	uint64_t begin;		/* CLOCK_BOOTTIME */
	uint64_t end;
	uint64_t seen;		/* when the writer was alive at last, CLOCK_REALTIME; 0: not known */
	uint64_t seq;		/* number of its last line that has one, and the line's time; 0: not known */
	uint64_t told;
	bool other_boot;	/* the machine was booted since the writer's run before */
	bool clean;		/* the end was written */
	bool sorted;
	struct event *events;
	size_t n, room;
};

struct names {
	char (*names)[64];
	size_t n;
};

struct availability {
	struct names nodes, leases;
	struct boot *boots;
	struct run *runs;
	size_t n_boots, n_runs;
	uint32_t writer;
	uint32_t preferred;	/* the writer whose word counts in a short dispute; NONE: nobody's */
	bool fresh;		/* no line of the writer has come yet */
	bool short_of_memory;
	unsigned long lost;
	struct overlay overlay;
	uint64_t now;		/* CLOCK_REALTIME; 0: not known */
};

struct availability *availability_new(void)
{
	struct availability *a = calloc(1, sizeof(*a));

	if (a)
		a->preferred = NONE;
	return a;
}

void availability_free(struct availability *a)
{
	for (size_t i = 0; i < a->n_runs; i++)
		free(a->runs[i].events);
	free(a->nodes.names);
	free(a->leases.names);
	free(a->boots);
	free(a->runs);
	overlay_free(&a->overlay);
	free(a);
}

static uint32_t find(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!strcmp(names->names[i], name))
			return (uint32_t)i;
	}
	return NONE;
}

/* Returns the number of a name, which is new perhaps. Names in a journal are short; others are no names. */
static uint32_t intern(struct availability *a, struct names *names, const char *name)
{
	uint32_t found = name && strlen(name) < sizeof(*names->names) ? find(names, name) : NONE;
	char (*more)[64];

	if (found != NONE || !name || strlen(name) >= sizeof(*names->names))
		return found;
	more = reallocarray(names->names, names->n + 1, sizeof(*more));
	if (!more) {
		a->short_of_memory = true;
		return NONE;
	}
	names->names = more;
	strcpy(more[names->n], name);
	return (uint32_t)names->n++;
}

void availability_writer(struct availability *a, const char *node)
{
	a->writer = intern(a, &a->nodes, node);
	a->fresh = true;
}

static struct run *run_of(struct availability *a)
{
	return a->fresh || !a->n_runs ? NULL : &a->runs[a->n_runs - 1];
}

/* Returns the number of a boot of the writer's machine. A boot without an id is one of its own. */
static size_t boot_find(struct availability *a, const char *id)
{
	struct boot *more;

	if (*id && a->n_boots && a->boots[a->n_boots - 1].writer == a->writer &&
	    !strcmp(a->boots[a->n_boots - 1].id, id))
		return a->n_boots - 1;
	more = reallocarray(a->boots, a->n_boots + 1, sizeof(*more));
	if (!more) {
		a->short_of_memory = true;
		return SIZE_MAX;
	}
	a->boots = more;
	memset(&more[a->n_boots], 0, sizeof(*more));
	more[a->n_boots].writer = a->writer;
	strncpy(more[a->n_boots].id, id, sizeof(more->id) - 1);
	return a->n_boots++;
}

static struct run *run_begin(struct availability *a, const json_t *line)
{
	const char *id = journal_text_of(line, "boot");
	struct run *before = run_of(a), *more;
	size_t boot = boot_find(a, id ? id : "");
	/* A journal can begin in the midst of a boot, whose id is not known then. */
	bool other = before && before->boot != boot && *a->boots[before->boot].id;

	if (boot == SIZE_MAX)
		return NULL;
	if (before && !before->clean)
		before->seen = journal_number_of(line, "seen", 0);
	more = reallocarray(a->runs, a->n_runs + 1, sizeof(*more));
	if (!more) {
		a->short_of_memory = true;
		return NULL;
	}
	a->runs = more;
	a->fresh = false;
	more[a->n_runs] = (struct run){
		.writer = a->writer, .boot = boot, .other_boot = other,
		.begin = journal_number_of(line, "time", 0), .end = journal_number_of(line, "time", 0),
	};
	return &more[a->n_runs++];
}

/* Returns the run that a line belongs to, which begins with it perhaps. */
static struct run *run_for(struct availability *a, const json_t *line, const char *kind)
{
	struct run *run = run_of(a);
	const char *id = journal_text_of(line, "boot");

	if (!strcmp(kind, "begin") || !run || run->clean)
		return run_begin(a, line);
	/* Files between were removed, or lost. */
	if (!strcmp(kind, "go-on") && id && strcmp(a->boots[run->boot].id, id))
		return run_begin(a, line);
	return run;
}

static void add(struct availability *a, struct run *run, const struct event *event)
{
	if (run->n == run->room) {
		size_t room = run->room ? 2 * run->room : 64;
		struct event *more = reallocarray(run->events, room, sizeof(*more));

		if (!more) {
			a->short_of_memory = true;
			return;
		}
		run->events = more;
		run->room = room;
	}
	run->events[run->n] = *event;
	run->events[run->n].order = (uint32_t)run->n;
	run->n++;
}

/* Returns what a node's state says. In maintenance a node is away on purpose: that is neither up nor down. */
static enum said node_says(const char *state)
{
	static const char *const up[] = { "up", "drain", "held" }, *const down[] = { "lost", "fenced", "left", "down" };

	for (size_t i = 0; state && i < sizeof(up) / sizeof(up[0]); i++) {
		if (!strcmp(state, up[i]))
			return SAYS_UP;
	}
	for (size_t i = 0; state && i < sizeof(down) / sizeof(down[0]); i++) {
		if (!strcmp(state, down[i]))
			return SAYS_DOWN;
	}
	return SAYS_NOTHING;
}

static void take_node(struct availability *a, struct run *run, const json_t *line, struct event *event)
{
	event->name = intern(a, &a->nodes, journal_text_of(line, "node"));
	event->said = node_says(journal_text_of(line, "to"));
	if (event->name != NONE)
		add(a, run, event);
}

static void take_lease(struct availability *a, struct run *run, const json_t *line, struct event *event)
{
	const char *cause = journal_text_of(line, "cause");

	event->lease = true;
	event->name = intern(a, &a->leases, journal_text_of(line, "lease"));
	event->holder = intern(a, &a->nodes, journal_text_of(line, "node"));
	event->epoch = journal_number_of(line, "epoch", 0);
	if (event->state)
		event->said = event->holder == NONE ? SAYS_DOWN : SAYS_UP;
	else
		event->said = cause && !strcmp(cause, "granted") ? SAYS_UP : SAYS_DOWN;
	event->late = cause && (!strcmp(cause, "expired") || !strcmp(cause, "superseded"));
	if (event->name != NONE)
		add(a, run, event);
}

/* Lines that are missing, as in a copy that was not made in time, may have changed what was known. */
static void note_gap(struct availability *a, struct run *run, const json_t *line, const char *kind)
{
	uint64_t seq = journal_number_of(line, "seq", 0);

	if (seq && run->seq && seq != run->seq + 1)
		add(a, run, &(struct event){ .time = run->told, .holder = NONE, .name = NONE });
	if (!seq && !strcmp(kind, "lost"))
		run->seq = 0;
	if (!seq)
		return;
	run->seq = seq;
	run->told = journal_number_of(line, "time", 0);
}

void availability_line(struct availability *a, const json_t *line)
{
	const char *kind = journal_text_of(line, "kind");
	struct run *run = run_for(a, line, kind);
	struct event event = { .holder = NONE, .name = NONE };
	struct boot *boot;

	if (!run)
		return;
	note_gap(a, run, line, kind);
	event.time = journal_number_of(line, "time", 0);
	boot = &a->boots[run->boot];
	if (event.time >= boot->time) {
		boot->time = event.time;
		boot->wall = journal_number_of(line, "wall", 0);
	}
	if (event.time > run->end)
		run->end = event.time;
	if (event.time < run->begin)
		event.time = run->begin;
	event.state = !strcmp(kind, "state");
	if (!strcmp(kind, "node") || (event.state && !journal_text_of(line, "lease"))) {
		take_node(a, run, line, &event);
	} else if (!strcmp(kind, "lease") || event.state) {
		take_lease(a, run, line, &event);
	} else if (!strcmp(kind, "lost") || !strcmp(kind, "missed")) {
		a->lost += !strcmp(kind, "lost") ? journal_number_of(line, "lines", 1) :
			   journal_number_of(line, "last", 0) - journal_number_of(line, "first", 0) + 1;
		/* What was known may be wrong from here on. States follow. */
		add(a, run, &event);
	} else if (!strcmp(kind, "module")) {
		/* The agent hears of no state until the module is there again. */
		add(a, run, &event);
	} else if (!strcmp(kind, "end")) {
		run->clean = true;
	}
}

void availability_alive(struct availability *a, uint64_t wall, uint64_t now)
{
	struct run *run = run_of(a);

	a->now = now;
	if (wall == UINT64_MAX)
		wall = now;
	if (run && !run->clean && wall > run->seen)
		run->seen = wall;
}

bool availability_complete(const struct availability *a)
{
	return !a->short_of_memory && !a->overlay.short_of_memory;
}

unsigned long availability_lost(const struct availability *a)
{
	return a->lost;
}

const char *availability_lease_name(const struct availability *a, size_t i)
{
	return i < a->leases.n ? a->leases.names[i] : NULL;
}

const char *availability_node_name(const struct availability *a, size_t i)
{
	return i < a->nodes.n ? a->nodes.names[i] : NULL;
}

static int64_t shift_of(const struct availability *a, const struct run *run)
{
	return a->boots[run->boot].shift;
}

/* Turns a stamp of a run into wall time of its writer. */
static uint64_t own_wall_of(const struct availability *a, const struct run *run, uint64_t time)
{
	const struct boot *boot = &a->boots[run->boot];

	if (time >= boot->time)
		return boot->wall + (time - boot->time);
	return boot->time - time > boot->wall ? 0 : boot->wall - (boot->time - time);
}

/* Turns a stamp of a run into wall time of the preferred writer. */
static uint64_t wall_of(const struct availability *a, const struct run *run, uint64_t time)
{
	return own_wall_of(a, run, time) - (uint64_t)shift_of(a, run);
}

static uint64_t begin_of(const struct availability *a, const struct run *run)
{
	return wall_of(a, run, run->begin);
}

/* Returns until when a run speaks: its last line, or the last sign of life after it. */
static uint64_t end_of(const struct availability *a, const struct run *run)
{
	uint64_t end = wall_of(a, run, run->end), seen = run->seen - (uint64_t)shift_of(a, run);

	if (a->now && seen > a->now)
		seen = a->now;
	return run->seen && seen > end ? seen : end;
}

uint64_t availability_first(const struct availability *a)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < a->n_runs; i++) {
		uint64_t begin = begin_of(a, &a->runs[i]);

		if (begin < first)
			first = begin;
	}
	return first;
}

/* When a grant began, as the preferred writer has it. */
struct grant {
	uint32_t lease;
	uint64_t epoch;
	uint64_t wall;
};

static int compare_grants(const void *left, const void *right)
{
	const struct grant *x = left, *y = right;

	if (x->lease != y->lease)
		return x->lease < y->lease ? -1 : 1;
	return x->epoch < y->epoch ? -1 : x->epoch > y->epoch;
}

static bool is_grant(const struct event *event)
{
	return event->lease && !event->state && event->said == SAYS_UP && event->epoch;
}

/* Collects the grants that the preferred writer saw, each at the first time, for the caller to free. Returns their number. */
static size_t grants_of(struct availability *a, struct grant **grants)
{
	size_t n = 0, kept = 0, room = 0;

	for (size_t i = 0; i < a->n_runs; i++)
		room += a->runs[i].writer == a->preferred ? a->runs[i].n : 0;
	*grants = calloc(room ? room : 1, sizeof(**grants));
	if (!*grants) {
		a->short_of_memory = true;
		return 0;
	}
	for (size_t i = 0; i < a->n_runs; i++) {
		const struct run *run = &a->runs[i];

		for (size_t k = 0; run->writer == a->preferred && k < run->n; k++) {
			const struct event *event = &run->events[k];

			if (is_grant(event))
				(*grants)[n++] = (struct grant){ event->name, event->epoch, own_wall_of(a, run, event->time) };
		}
	}
	if (n)
		qsort(*grants, n, sizeof(**grants), compare_grants);
	for (size_t i = 0; i < n; i++) {
		if (!kept || compare_grants(&(*grants)[kept - 1], &(*grants)[i]))
			(*grants)[kept++] = (*grants)[i];
		else if ((*grants)[i].wall < (*grants)[kept - 1].wall)
			(*grants)[kept - 1].wall = (*grants)[i].wall;
	}
	return kept;
}

/* Between these lies by how much a clock is ahead, as far as is known. */
struct bounds {
	int64_t low, high;
};

/*
 * A holder writes when its grant begins. Others write when they hear of it, which can be long after: when they boot, or when
 * their network works again. So what the holder has is never later, and each grant bounds the difference on one side.
 */
static void narrow(const struct availability *a, const struct run *run, const struct event *event,
		   const struct grant *same, struct bounds *bounds)
{
	int64_t ahead = (int64_t)(own_wall_of(a, run, event->time) - same->wall);

	if (event->holder == run->writer && ahead > bounds->low)
		bounds->low = ahead;
	if (event->holder == a->preferred && ahead < bounds->high)
		bounds->high = ahead;
}

/*
 * The clock of a boot is taken for right as far as the bounds allow. If they contradict each other by a little, as clocks
 * drift, it is in the middle; if by more, nothing is known.
 */
static int64_t shift_find(const struct availability *a, size_t boot, const struct grant *own, size_t n_own)
{
	struct bounds bounds = { INT64_MIN, INT64_MAX };

	for (size_t i = 0; i < a->n_runs; i++) {
		const struct run *run = &a->runs[i];

		for (size_t k = 0; run->boot == boot && k < run->n; k++) {
			const struct event *event = &run->events[k];
			const struct grant key = { event->name, event->epoch, 0 }, *same;

			same = is_grant(event) ? bsearch(&key, own, n_own, sizeof(*own), compare_grants) : NULL;
			if (same)
				narrow(a, run, event, same, &bounds);
		}
	}
	if (bounds.low > bounds.high)
		return bounds.low - bounds.high <= DRIFT ? bounds.high + (bounds.low - bounds.high) / 2 : 0;
	return bounds.low > 0 ? bounds.low : bounds.high < 0 ? bounds.high : 0;
}

void availability_prefer(struct availability *a, const char *node)
{
	struct grant *own;
	size_t n;

	a->preferred = find(&a->nodes, node);
	for (size_t i = 0; i < a->n_boots; i++)
		a->boots[i].shift = 0;
	if (a->preferred == NONE)
		return;
	n = grants_of(a, &own);
	for (size_t i = 0; n && i < a->n_boots; i++) {
		if (a->boots[i].writer != a->preferred)
			a->boots[i].shift = shift_find(a, i, own, n);
	}
	free(own);
}

static int compare_events(const void *left, const void *right)
{
	const struct event *x = left, *y = right;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A state was read while events that are older were on their way: so lines are in order of their stamps. */
static void sort(struct run *run)
{
	if (!run->sorted && run->n)
		qsort(run->events, run->n, sizeof(*run->events), compare_events);
	run->sorted = true;
}

/*
 * A run says this of an object, from one time to another. SELF: the object is the writer itself. The preferred writer's word
 * counts more only of leases: of a node it also says down when it was cut off itself.
 */
static void span_add(struct availability *a, const struct run *run, size_t object, bool self, bool own, enum said said,
		     uint64_t from, uint64_t to)
{
	overlay_add(&a->overlay, object, self ? VOICE_SELF : own && run->writer == a->preferred ? VOICE_OWN : VOICE_OTHER,
		    said, from, to);
}

/* What a run says of an object, while its events are gone through. */
struct telling {
	enum said said;
	uint64_t since;		/* CLOCK_BOOTTIME */
	uint32_t holder;	/* of the lease, and its epoch, when it was up last */
	uint64_t epoch;
};

static void tell(struct availability *a, const struct run *run, struct telling *telling, enum said said, uint64_t time)
{
	if (said == telling->said)
		return;
	span_add(a, run, 0, false, true, telling->said, wall_of(a, run, telling->since), wall_of(a, run, time));
	telling->said = said;
	telling->since = time;
}

/*
 * Returns when a grant ended of which the end was noticed late. If the run saw the holder lost before, and not back, the
 * lease went with it.
 */
static uint64_t end_of_grant(const struct run *run, const struct telling *telling, const struct event *event,
			     const uint64_t *lost)
{
	uint64_t since = telling->holder == NONE ? 0 : lost[telling->holder];

	if (!event->late || telling->holder == run->writer || !since || since > event->time)
		return event->time;
	return since > telling->since ? since : telling->since;
}

static void lease_event(struct availability *a, const struct run *run, struct telling *telling,
			const struct event *event, const uint64_t *lost)
{
	uint64_t time = event->time;

	if (event->said == SAYS_UP) {
		/*
		 * After its end an epoch is granted to nobody. So the run was cut off from a holder that held on. Others may
		 * say so.
		 */
		if (telling->said == SAYS_DOWN && !event->state && event->epoch && event->epoch == telling->epoch &&
		    event->holder == telling->holder && event->holder != run->writer)
			telling->said = SAYS_NOTHING;
		tell(a, run, telling, SAYS_UP, time);
		telling->holder = event->holder;
		telling->epoch = event->epoch;
		return;
	}
	if (event->state) {
		if (time < run->begin + SETTLED)
			time = run->begin + SETTLED;
		/* An event within that time says more. */
		if (telling->said == SAYS_NOTHING || time == event->time)
			tell(a, run, telling, SAYS_DOWN, time);
		return;
	}
	/* A node gives a lease up that it does not hold any more, as this run knows. */
	if (telling->said == SAYS_UP && event->holder != NONE && event->holder != telling->holder)
		return;
	tell(a, run, telling, SAYS_DOWN, telling->said == SAYS_UP ? end_of_grant(run, telling, event, lost) : time);
}

/* Adds what a run says of a lease. */
static void lease_run(struct availability *a, struct run *run, uint32_t lease, uint64_t *lost)
{
	struct telling telling = { .since = run->begin, .holder = NONE };
	uint64_t end;

	sort(run);
	memset(lost, 0, a->nodes.n * sizeof(*lost));
	for (size_t i = 0; i < run->n; i++) {
		const struct event *event = &run->events[i];

		/* A state without a holder was put off, and has come to nothing by now. */
		if (telling.said == SAYS_DOWN && event->time < telling.since && event->lease && event->name == lease)
			telling.said = SAYS_NOTHING;
		if (event->name == NONE)
			tell(a, run, &telling, SAYS_NOTHING, event->time);
		else if (!event->lease)
			lost[event->name] = event->said != SAYS_DOWN ? 0 : lost[event->name] ? lost[event->name] : event->time;
		else if (event->name == lease)
			lease_event(a, run, &telling, event, lost);
	}
	end = end_of(a, run);
	span_add(a, run, 0, false, true, telling.said, wall_of(a, run, telling.since), end);
}

/* Adds what a run says of another node than its writer. */
static void node_run(struct availability *a, struct run *run, uint32_t node, size_t object)
{
	struct telling telling = { .since = run->begin };

	sort(run);
	for (size_t i = 0; i < run->n; i++) {
		const struct event *event = &run->events[i];

		if (event->lease || (event->name != node && event->name != NONE) || event->said == telling.said)
			continue;
		span_add(a, run, object, false, false, telling.said, wall_of(a, run, telling.since), wall_of(a, run, event->time));
		telling.said = event->said;
		telling.since = event->time;
	}
	span_add(a, run, object, false, false, telling.said, wall_of(a, run, telling.since), end_of(a, run));
}

/* Adds what the runs of a node say of itself: it is up while its agent runs, and was down while its machine booted. */
static void node_self(struct availability *a, uint32_t node, size_t object)
{
	const struct run *before = NULL;

	for (size_t i = 0; i < a->n_runs; i++) {
		const struct run *run = &a->runs[i];

		if (run->writer != node)
			continue;
		if (before && run->other_boot)
			span_add(a, run, object, true, false, SAYS_DOWN, end_of(a, before), begin_of(a, run));
		span_add(a, run, object, true, false, SAYS_UP, begin_of(a, run), end_of(a, run));
		before = run;
	}
}

void availability_lease(struct availability *a, const char *lease, uint64_t from, uint64_t to, struct figures *figures)
{
	uint32_t number = find(&a->leases, lease);
	uint64_t *lost = calloc(a->nodes.n ? a->nodes.n : 1, sizeof(*lost));

	overlay_clear(&a->overlay);
	if (!lost)
		a->short_of_memory = true;
	for (size_t i = 0; lost && number != NONE && i < a->n_runs; i++)
		lease_run(a, &a->runs[i], number, lost);
	free(lost);
	overlay_sum(&a->overlay, 1, from, to, figures);
}

void availability_nodes(struct availability *a, const char *const *nodes, size_t n, uint64_t from, uint64_t to,
			struct figures *figures)
{
	overlay_clear(&a->overlay);
	for (size_t object = 0; object < n; object++) {
		uint32_t number = find(&a->nodes, nodes[object]);

		if (number == NONE)
			continue;
		for (size_t i = 0; i < a->n_runs; i++) {
			if (a->runs[i].writer != number)
				node_run(a, &a->runs[i], number, object);
		}
		node_self(a, number, object);
	}
	overlay_sum(&a->overlay, n, from, to, figures);
}
