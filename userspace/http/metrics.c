// SPDX-License-Identifier: GPL-2.0
/* A writer of metrics, in OpenMetrics and in the older text format of Prometheus. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "metrics.h"

#define SECOND		UINT64_C(1000000000)
#define US		UINT64_C(1000)
#define SECONDS		40	/* room for a number of seconds */
#define LABELS		4	/* most labels of a histogram */

const struct bounds metrics_bounds = { .first = US, .n = 23 };

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

static const char *seconds(char text[SECONDS], uint64_t ns)
{
	int size = snprintf(text, SECONDS, "%" PRIu64 ".%09" PRIu64, ns / SECOND, ns % SECOND);

	while (text[size - 1] == '0' && text[size - 2] != '.')
		text[--size] = '\0';
	return text;
}

/**
 * metrics_seconds - add a sample with a time
 * @f:		the family
 * @labels:	its labels, or NULL
 * @ns:		the time, ns
 */
void metrics_seconds(struct family *f, const struct label *labels, uint64_t ns)
{
	char text[SECONDS];

	begin(f, suffixes[f->kind], labels);
	buf_text(&f->samples, seconds(text, ns));
	buf_text(&f->samples, "\n");
}

/**
 * metrics_percent - add a sample with a part of a whole, which is written as a ratio
 * @f:		the family, whose unit is "ratio"
 * @labels:	its labels, or NULL
 * @percent:	the part, percent
 */
void metrics_percent(struct family *f, const struct label *labels, uint64_t percent)
{
	begin(f, suffixes[f->kind], labels);
	buf_print(&f->samples, "%" PRIu64 ".%02" PRIu64 "\n", percent / 100, percent % 100);
}

/**
 * metrics_histogram - add a histogram of times
 * @f:		the family
 * @labels:	its labels, fewer than LABELS, or NULL
 * @bounds:	all bounds that its buckets can have
 * @buckets:	the buckets that are not empty, in any order
 * @n:		number of @buckets
 * @sum:	the sum of all times, ns; NULL: it is not known
 *
 * All bounds are written, so that a bucket exists before its first time is counted: rate()
 * would not see that.
 */
void metrics_histogram(struct family *f, const struct label *labels, const struct bounds *bounds,
		       const struct bucket *buckets, unsigned int n, const uint64_t *sum)
{
	struct label of[LABELS + 1] = { { NULL, NULL } };
	char text[SECONDS];
	unsigned int k = 0;
	uint64_t all = 0;

	for (; labels && labels[k].name && k < LABELS - 1; k++)
		of[k] = labels[k];
	for (unsigned int i = 0; i < n; i++)
		all += buckets[i].count;
	for (unsigned int i = 0; i < bounds->n; i++) {
		uint64_t bound = bounds->first << i, up_to = 0;

		for (unsigned int j = 0; j < n; j++)
			if (buckets[j].below && buckets[j].below <= bound)
				up_to += buckets[j].count;
		of[k] = (struct label){ "le", seconds(text, bound) };
		begin(f, "_bucket", of);
		buf_print(&f->samples, "%" PRIu64 "\n", up_to);
	}
	of[k].value = "+Inf";
	begin(f, "_bucket", of);
	buf_print(&f->samples, "%" PRIu64 "\n", all);
	begin(f, "_count", labels);
	buf_print(&f->samples, "%" PRIu64 "\n", all);
	if (!sum)
		return;
	begin(f, "_sum", labels);
	buf_print(&f->samples, "%s\n", seconds(text, *sum));
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
