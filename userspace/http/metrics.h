/* SPDX-License-Identifier: GPL-2.0 */
/* A writer of metrics, in OpenMetrics and in the older text format of Prometheus. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include <stdint.h>

#include "buf.h"

#define METRICS_FAMILIES	128	/* largest number of families */

enum metric_kind {
	METRIC_GAUGE,
	METRIC_COUNTER,		/* samples get the suffix _total */
	METRIC_HISTOGRAM,
	METRIC_INFO,		/* samples get the suffix _info */
};

/* A label of a sample. Lists of labels end with a label without name. A label without value is left out. */
struct label {
	const char *name;
	const char *value;
};

/* Up to a bound, or above all bounds, so many times were counted. */
struct bucket {
	uint64_t below;		/* ns; 0: no bound */
	uint64_t count;
};

/* The bounds of a histogram: the first one, and each time twice the one before. */
struct bounds {
	uint64_t first;		/* ns */
	unsigned int n;
};

/* The bounds that the module has. */
extern const struct bounds metrics_bounds;

/**
 * struct family - a metric with all its samples
 * @name:	name without the suffix of the samples
 * @unit:	unit with which the name ends, or NULL
 * @help:	what the metric says
 * @kind:	what is counted or measured
 * @samples:	the lines of the samples
 */
struct family {
	const char *name;
	const char *unit;
	const char *help;
	enum metric_kind kind;
	struct buf samples;
};

/**
 * struct metrics - all metrics of an answer
 * @families:	the families, in the order of the answer
 * @n:		number of families
 *
 * The samples of a family must stand together. So each family keeps its own, and records
 * with values of several families are read only once.
 */
struct metrics {
	struct family families[METRICS_FAMILIES];
	unsigned int n;
};

struct family *metrics_family(struct metrics *m, enum metric_kind kind, const char *name, const char *unit,
			      const char *help);
void metrics_number(struct family *f, const struct label *labels, uint64_t value);
void metrics_seconds(struct family *f, const struct label *labels, uint64_t ns);
void metrics_percent(struct family *f, const struct label *labels, uint64_t percent);
void metrics_histogram(struct family *f, const struct label *labels, const struct bounds *bounds,
		       const struct bucket *buckets, unsigned int n, const uint64_t *sum);
void metrics_write(struct metrics *m, bool openmetrics, struct buf *to);
void metrics_free(struct metrics *m);

#endif
