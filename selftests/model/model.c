// SPDX-License-Identifier: GPL-2.0
/* Runs the rules of the vote through random schedules, and broken rules until they are caught. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model.h"

#define ENOUGH_GRANTS 10

struct model world;
enum model_wrong model_wrong;
unsigned long model_seen[MODEL_RULES + 1];

static const struct {
	const char *name, *text;
} wrongs[] = {
	{ "none", "the rules" },
#define WRONG(name, text) { #name, text },
#include "wrong.list"
#undef WRONG
};

static unsigned long points, failed;

static void point(int ok, const char *format, ...)
{
	va_list args;

	points++;
	failed += !ok;
	printf("%sok %lu ", ok ? "" : "not ", points);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* One schedule. Return: whether it counts: enough grants, and something went wrong. */
static int schedule(u64 seed, int trace_it, enum figures figures)
{
	struct event e;

	memset(&world, 0, sizeof(world));
	world.seed = seed;
	world.random = seed;
	world.trace = trace_it;
	world.figures = figures;
	/* Claims may all be lost, so no rule but the one that is about them may need any. */
	world.claims = figures ? figures != FIGURES_BACK : seed % 9 == 4;
	event_reset();
	codec_reset();
	disk_reset(seed);
	fault_plan();
	while (!world.violation && event_next(&e) && e.at < world.end) {
		world.now = e.at;
		if (e.type == EVENT_FAULT || e.type == EVENT_SET)
			fault_event(&e);
		else if (e.type == EVENT_CALM)
			fault_calm();
		else
			node_event(&e);
	}
	if (!world.violation && world.now >= world.calm)
		oracle_owned();
	return world.grants >= ENOUGH_GRANTS && world.faults;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The right rules: no violation, and every rule was needed. */
static void run_right(u64 seed, unsigned long count)
{
	unsigned long counted = 0, healed = 0, poor = 0, grants = 0, begun = 0, faults = 0, bad = 0, unseen = 0;
	double start = seconds(), took;

	while (counted < count && bad < 5) {
		int counts = schedule(seed, 0, FIGURES_NONE);

		if (world.violation) {
			printf("# seed %llu: %s\n", (unsigned long long)seed, world.violation);
			bad++;
		}
		counted += counts;
		healed += counts && world.healed;
		poor += !counts;
		grants += world.grants;
		begun += world.begun;
		faults += world.faults;
		seed++;
		if (poor > 10000 && poor > counted) {
			puts("# most schedules grant too little to count");
			break;
		}
	}
	took = seconds() - start;
	printf("# %lu schedules count, %lu with less than %d grants or no fault do not; %.0f a second\n", counted, poor,
	       ENOUGH_GRANTS, (double)(counted + poor) / took);
	printf("# %lu grants and renewals, %lu of them new, %lu faults; %lu schedules ended well\n",
	       grants, begun, faults, healed);
	for (int i = 1; i <= MODEL_RULES; i++) {
		printf("# rule %d: %lu times\n", i, model_seen[i]);
		unseen += !model_seen[i];
	}
	point(!bad && counted >= count,
	      "%lu random schedules: never two owners, one again after the last fault, epochs only grow", counted);
	point(!unseen, "every rule was exercised");
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static u64 times[100000];

/* How long it took, of each schedule in which what was to happen did. Return: how many these are. */
static unsigned long measure(unsigned long count, enum figures figures)
{
	unsigned long n = 0;

	for (unsigned long i = 0; i < count; i++) {
		schedule(i + 1, 0, figures);
		if (world.violation)
			break;
		if (world.taken && !world.lapsed)
			times[n++] = world.taken - world.crashed;
	}
	qsort(times, n, sizeof(times[0]), compare);
	return n;
}

/* How long the lease has no owner after the holder's silent death, or after it let go; or until it is held for long.
 * Return: for so many of a hundred it was no longer.
 */
static u64 run_figures(unsigned long count, enum figures figures, const char *what, unsigned int of)
{
	unsigned long n = measure(count, figures);
	int hold = figures == FIGURES_HOLD;

	if (n)
		printf("# %s, 3 voters: %s after %.1f ms median, %.1f ms p90, %.1f ms p99, %.1f ms worst of %lu\n",
		       what, hold ? "held for long" : "new owner", (double)times[n / 2] / 1e6,
		       (double)times[n * 9 / 10] / 1e6, (double)times[n * 99 / 100] / 1e6,
		       (double)times[n - 1] / 1e6, n);
	point(n == count && !world.violation, "%s: %lu of %lu were %s", what, n, count,
	      hold ? "held for long, without a gap" : "followed by another");
	return n ? times[n * of / 100] : ~0ULL;
}

/* A broken rule: caught within so many schedules. */
static void run_wrong(enum model_wrong wrong, u64 seed, unsigned long count)
{
	unsigned long n = 0;

	model_wrong = wrong;
	/* These break nothing, but others wait too long, or a lease is lost. */
	if (wrong == MODEL_WRONG_LONG_ALONE) {
		point(measure(500, FIGURES_HOLD) < 500, "%s: caught", wrongs[wrong].text);
		model_wrong = MODEL_WRONG_NONE;
		return;
	}
	if (wrong == MODEL_WRONG_CUT_MODULE || wrong == MODEL_WRONG_CUT_ONCE || wrong == MODEL_WRONG_CUT_UNHEARD ||
	    wrong == MODEL_WRONG_CLAIM_ALONE) {
		enum figures how = wrong == MODEL_WRONG_CLAIM_ALONE ? FIGURES_BACK_CLAIMS : FIGURES_BACK;

		point(run_figures(100, how, "a holder crashes after a restart of its agent", 90) >= 200 * MS,
		      "%s: caught", wrongs[wrong].text);
		model_wrong = MODEL_WRONG_NONE;
		return;
	}
	if (wrong == MODEL_WRONG_RELEASE_ONCE) {
		point(run_figures(2000, FIGURES_MOVE, "a holder lets go", 90) >= 90 * MS,
		      "%s: caught", wrongs[wrong].text);
		model_wrong = MODEL_WRONG_NONE;
		return;
	}
	if (wrong == MODEL_WRONG_RELAY_NONE) {
		n = measure(500, FIGURES_RESIGN);
		point(n && times[n / 2] >= 60 * MS, "%s: caught", wrongs[wrong].text);
		model_wrong = MODEL_WRONG_NONE;
		return;
	}
	while (n < count) {
		schedule(seed + n, 0, FIGURES_NONE);
		n++;
		if (world.violation)
			break;
	}
	if (n && world.violation)
		point(1, "%s: caught after %lu schedules: %s (seed %llu)", wrongs[wrong].text, n, world.violation,
		      (unsigned long long)world.seed);
	else
		point(0, "%s (%s): not caught in %lu schedules", wrongs[wrong].text, wrongs[wrong].name, n);
	model_wrong = MODEL_WRONG_NONE;
}

/* Who lets go is followed at once, however much of what it says is lost: none waits for its record to run out. */
static void run_all_figures(unsigned long count)
{
	if (count > 100000)
		count = 100000;
	point(run_figures(count, FIGURES_CRASH, "the holder crashes", 99) < 150 * MS,
	      "99 of 100 are followed within 150 ms");
	point(run_figures(count, FIGURES_FAST, "the holder crashes, the profile is fast", 99) < 45 * MS,
	      "99 of 100 are followed within 45 ms");
	point(run_figures(count, FIGURES_MOVE, "the holder lets go, 30 % of the packets lost", 90) < 90 * MS,
	      "9 of 10 are followed before they would have run out");
	point(run_figures(count, FIGURES_RESIGN, "the holder's module resigns, a witness, 10 % of the packets lost",
			  90) < 40 * MS,
	      "9 of 10 are followed within 40 ms, although no module tells the witness");
	point(run_figures(count / 10 + 1, FIGURES_BACK, "the holder crashes a second after its agent has come back",
			  90) < 200 * MS,
	      "the long right that was to bridge the restart is none any more");
	point(run_figures(count / 10 + 1, FIGURES_BACK_CLAIMS, "the same, and the others have heard its claims",
			  90) < 200 * MS,
	      "a claim that was for long is asked about");
	run_figures(count, FIGURES_HOLD, "the holder goes away for a while, each write takes up to 200 ms", 90);
}

static enum model_wrong find_wrong(const char *name)
{
	for (int i = 0; i < MODEL_WRONG_COUNT; i++)
		if (!strcmp(name, wrongs[i].name))
			return (enum model_wrong)i;
	fprintf(stderr, "model: no wrong rule %s; there are:", name);
	for (int i = 1; i < MODEL_WRONG_COUNT; i++)
		fprintf(stderr, " %s", wrongs[i].name);
	fputc('\n', stderr);
	exit(1);
}

/* Names with commas between. */
static void run_some(const char *names, u64 seed, unsigned long count)
{
	char name[64];

	while (*names) {
		size_t length = strcspn(names, ",");

		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		run_wrong(find_wrong(name), seed, count);
		names += length + (names[length] == ',');
	}
}

static int usage(void)
{
	fputs("Usage: model [--seed N] [--count N]         the right rules, N schedules\n"
	      "       model --wrong NAME[,NAME]...|all [--count N]\n"
	      "                                            broken rules, each until it is caught, at most N schedules\n"
	      "       model --figures [--count N]          how long a lease is without an owner after a crash\n"
	      "       model --seed N --trace [--wrong NAME]    what happens in one schedule\n", stderr);
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long count = 1000;
	const char *wrong = NULL;
	int trace_it = 0, figures = 0;
	u64 seed = 1;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--trace"))
			trace_it = 1;
		else if (!strcmp(argv[i], "--figures"))
			figures = 1;
		else if (i + 1 == argc)
			return usage();
		else if (!strcmp(argv[i], "--seed"))
			seed = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--count"))
			count = strtoul(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--wrong"))
			wrong = argv[++i];
		else
			return usage();
	}
	if (trace_it) {
		model_wrong = wrong ? find_wrong(wrong) : MODEL_WRONG_NONE;
		schedule(seed, 1, figures ? FIGURES_CRASH : FIGURES_NONE);
		printf("seed %llu: %lu grants and renewals, %lu of them new, %lu faults: %s\n",
		       (unsigned long long)seed, world.grants, world.begun, world.faults,
		       world.violation ? world.violation : "fine");
		return world.violation ? 1 : 0;
	}
	puts("TAP version 13");
	if (figures && wrong)
		model_wrong = find_wrong(wrong);
	if (figures)
		run_all_figures(count);
	else if (wrong && !strcmp(wrong, "all"))
		for (int i = 1; i < MODEL_WRONG_COUNT; i++)
			run_wrong((enum model_wrong)i, seed, count);
	else if (wrong)
		run_some(wrong, seed, count);
	else
		run_right(seed, count);
	printf("1..%lu\n", points);
	return failed ? 1 : 0;
}
