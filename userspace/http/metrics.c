// SPDX-License-Identifier: GPL-2.0
/* A writer of metrics, in OpenMetrics and in the older text format of Prometheus. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "metrics.h"

#define SECOND		UINT64_C(1000000000)
#define US		UINT64_C(1000)
/* The bounds of the module's histograms: 1 us, and 22 times twice the one before. */
#define BOUNDS		23

static const char *const words[] = {
	[METRIC_GAUGE] = "gauge", [METRIC_COUNTER] = "counter", [METRIC_HISTOGRAM] = "histogram",
	[METRIC_INFO] = "info",
};

static const char *const suffixes[] = {
	[METRIC_GAUGE] = "", [METRIC_COUNTER] = "_total", [METRIC_HISTOGRAM] = "", [METRIC_INFO] = "_info",
};

static const char *label_escape(char c)
{
	return c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : NULL;
}

static void begin(struct family *f, const char *suffix, const struct label *labels)
{
	char before = '{';

	buf_text(&f->samples, f->name);
	buf_text(&f->samples, suffix);
	for (; labels && labels->name; labels++) {
		if (!labels->value)
			continue;
		buf_put(&f->samples, &before, 1);
		buf_text(&f->samples, labels->name);
		buf_text(&f->samples, "=\"");
		buf_utf8(&f->samples, labels->value, label_escape);
		buf_text(&f->samples, "\"");
		before = ',';
	}
	buf_text(&f->samples, before == ',' ? "} " : " ");
}

/**
 * metrics_family - begin a metric
 * @m:		the metrics, all zero at first
 * @kind:	what is counted or measured
 * @name:	name without the suffix of the samples; lives as long as @m
 * @unit:	unit with which @name ends, or NULL
 * @help:	what the metric says; without backslash, quotation mark and newline
 *
 * A family without a sample is not written.
 *
 * Return: the family, for the samples
 */
struct family *metrics_family(struct metrics *m, enum metric_kind kind, const char *name, const char *unit,
			      const char *help)
{
	struct family *f = &m->families[m->n++];

	assert(m->n <= METRICS_FAMILIES);
	*f = (struct family){ .name = name, .unit = unit, .help = help, .kind = kind };
	return f;
}

/**
 * metrics_number - add a sample with a whole number
 * @f:		the family
 * @labels:	its labels, or NULL
 * @value:	the number
 */
void metrics_number(struct family *f, const struct label *labels, uint64_t value)
{
	begin(f, suffixes[f->kind], labels);
	buf_print(&f->samples, "%" PRIu64 "\n", value);
}

static void seconds(struct buf *to, uint64_t ns)
{
	char text[40];
	int size = snprintf(text, sizeof(text), "%" PRIu64 ".%09" PRIu64, ns / SECOND, ns % SECOND);

	while (text[size - 1] == '0' && text[size - 2] != '.')
		size--;
	buf_put(to, text, (size_t)size);
}

/**
 * metrics_seconds - add a sample with a time
 * @f:		the family
 * @labels:	its labels, or NULL
 * @ns:		the time, ns
 */
void metrics_seconds(struct family *f, const struct label *labels, uint64_t ns)
{
	begin(f, suffixes[f->kind], labels);
	seconds(&f->samples, ns);
	buf_text(&f->samples, "\n");
}

/**
 * metrics_histogram - add a histogram of times
 * @f:		the family
 * @buckets:	the buckets that are not empty, in any order
 * @n:		number of @buckets
 *
 * All bounds that the module can have are written, so that a bucket exists before its first
 * time is counted: rate() would not see that. The module keeps no sum, so there is none.
 */
void metrics_histogram(struct family *f, const struct bucket *buckets, unsigned int n)
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < n; i++)
		all += buckets[i].count;
	for (unsigned int i = 0; i < BOUNDS; i++) {
		uint64_t bound = US << i, sum = 0;

		for (unsigned int j = 0; j < n; j++)
			if (buckets[j].below && buckets[j].below <= bound)
				sum += buckets[j].count;
		buf_text(&f->samples, f->name);
		buf_text(&f->samples, "_bucket{le=\"");
		seconds(&f->samples, bound);
		buf_print(&f->samples, "\"} %" PRIu64 "\n", sum);
	}
	buf_text(&f->samples, f->name);
	buf_print(&f->samples, "_bucket{le=\"+Inf\"} %" PRIu64 "\n", all);
	begin(f, "_count", NULL);
	buf_print(&f->samples, "%" PRIu64 "\n", all);
}

static void head(const struct family *f, bool openmetrics, struct buf *to)
{
	/* The older format gives the name of the samples, and has no type for information. */
	const char *suffix = openmetrics ? "" : suffixes[f->kind];
	const char *word = !openmetrics && f->kind == METRIC_INFO ? "gauge" : words[f->kind];

	buf_print(to, "# HELP %s%s ", f->name, suffix);
	buf_text(to, f->help);
	buf_print(to, "\n# TYPE %s%s %s\n", f->name, suffix, word);
	if (openmetrics && f->unit)
		buf_print(to, "# UNIT %s %s\n", f->name, f->unit);
}

/**
 * metrics_write - write all families that have samples
 * @m:			the metrics
 * @openmetrics:	write OpenMetrics 1.0, else the text format 0.0.4
 * @to:			where to
 */
void metrics_write(struct metrics *m, bool openmetrics, struct buf *to)
{
	for (unsigned int i = 0; i < m->n; i++) {
		const struct family *f = &m->families[i];

		to->failed |= f->samples.failed;
		if (!f->samples.size)
			continue;
		head(f, openmetrics, to);
		buf_put(to, f->samples.at, f->samples.size);
	}
	if (openmetrics)
		buf_text(to, "# EOF\n");
}

/**
 * metrics_free - release the samples
 * @m:	the metrics, all zero afterwards
 */
void metrics_free(struct metrics *m)
{
	for (unsigned int i = 0; i < m->n; i++)
		buf_free(&m->families[i].samples);
	memset(m, 0, sizeof(*m));
}
