// SPDX-License-Identifier: GPL-2.0
/* The writer of metrics: both formats, units, labels from outside, and that each counter of the module has one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/haswitch.h>

#include "http/metrics.h"
#include "http/module_metrics.h"
#include "lib/generated/spec_gen.h"

static struct metrics m;

/* What is written; the caller frees it. */
static char *written(bool openmetrics)
{
	struct buf to = { 0 };

	metrics_write(&m, openmetrics, &to);
	buf_put(&to, "", 1);
	assert_false(to.failed);
	metrics_free(&m);
	return to.at;
}

static void assert_written(bool openmetrics, const char *wanted)
{
	char *text = written(openmetrics);

	assert_string_equal(text, wanted);
	free(text);
}

static void make_all_kinds(void)
{
	const struct label labels[] = { { "node", "n1" }, { "port", NULL }, { "path", "back" }, { NULL, NULL } };

	metrics_number(metrics_family(&m, METRIC_COUNTER, "x_bytes", "bytes", "Bytes"), labels, UINT64_MAX);
	metrics_family(&m, METRIC_GAUGE, "x_none", NULL, "Without samples");
	metrics_seconds(metrics_family(&m, METRIC_GAUGE, "x_age_seconds", "seconds", "Age"), NULL, 1500000000);
	metrics_number(metrics_family(&m, METRIC_INFO, "x_build", NULL, "Build"), NULL, 1);
}

static void both_formats(void **state)
{
	(void)state;
	make_all_kinds();
	assert_written(true, "# HELP x_bytes Bytes\n# TYPE x_bytes counter\n# UNIT x_bytes bytes\n"
		       "x_bytes_total{node=\"n1\",path=\"back\"} 18446744073709551615\n"
		       "# HELP x_age_seconds Age\n# TYPE x_age_seconds gauge\n# UNIT x_age_seconds seconds\n"
		       "x_age_seconds 1.5\n"
		       "# HELP x_build Build\n# TYPE x_build info\nx_build_info 1\n# EOF\n");
	make_all_kinds();
	assert_written(false, "# HELP x_bytes_total Bytes\n# TYPE x_bytes_total counter\n"
		       "x_bytes_total{node=\"n1\",path=\"back\"} 18446744073709551615\n"
		       "# HELP x_age_seconds Age\n# TYPE x_age_seconds gauge\nx_age_seconds 1.5\n"
		       "# HELP x_build_info Build\n# TYPE x_build_info gauge\nx_build_info 1\n");
}

/* What a name from outside could break: the quotes, the line, the encoding. */
static void labels_are_escaped(void **state)
{
	const struct label labels[] = {
		{ "a", "\"\\\n{}=, #" }, { "b", "\xc3\xa4\xff\xc3" },
		{ "c", "\xed\xa0\x80\xf4\x90\x80\x80" }, { NULL, NULL },
	};

	(void)state;
	metrics_number(metrics_family(&m, METRIC_GAUGE, "x", NULL, "X"), labels, 0);
	assert_written(false, "# HELP x X\n# TYPE x gauge\n"
		       "x{a=\"\\\"\\\\\\n{}=, #\",b=\"\xc3\xa4??\",c=\"???????\"} 0\n");
}

static void times_are_exact(void **state)
{
	struct family *f = metrics_family(&m, METRIC_GAUGE, "x_seconds", "seconds", "X");

	(void)state;
	metrics_seconds(f, NULL, 0);
	metrics_seconds(f, NULL, 1);
	metrics_seconds(f, NULL, 100000000);
	metrics_seconds(f, NULL, 10000000000);
	assert_written(false, "# HELP x_seconds X\n# TYPE x_seconds gauge\n"
		       "x_seconds 0.0\nx_seconds 0.000000001\nx_seconds 0.1\nx_seconds 10.0\n");
}

static void parts_are_ratios(void **state)
{
	struct family *f = metrics_family(&m, METRIC_GAUGE, "x_ratio", "ratio", "X");

	(void)state;
	metrics_percent(f, NULL, 0);
	metrics_percent(f, NULL, 7);
	metrics_percent(f, NULL, 100);
	metrics_percent(f, NULL, 250);
	assert_written(true, "# HELP x_ratio X\n# TYPE x_ratio gauge\n# UNIT x_ratio ratio\n"
		       "x_ratio 0.00\nx_ratio 0.07\nx_ratio 1.00\nx_ratio 2.50\n# EOF\n");
}

/* A histogram sums up; the module sends the buckets that are not empty, and the last one has no bound. */
static void histogram_sums_up(void **state)
{
	const struct bucket buckets[] = { { 2000, 3 }, { 4000, 4 }, { 0, 5 } };
	struct family *f = metrics_family(&m, METRIC_HISTOGRAM, "x_seconds", "seconds", "X");
	unsigned int lines = 0;
	char *text;

	(void)state;
	metrics_histogram(f, NULL, &metrics_bounds, buckets, 3, NULL);
	text = written(true);
	for (const char *at = text; (at = strstr(at, "_bucket{")); at++)
		lines++;
	assert_int_equal(lines, 24);
	assert_non_null(strstr(text, "x_seconds_bucket{le=\"0.000001\"} 0\n"));
	assert_non_null(strstr(text, "x_seconds_bucket{le=\"0.000002\"} 3\n"));
	assert_non_null(strstr(text, "x_seconds_bucket{le=\"0.000004\"} 7\n"));
	assert_non_null(strstr(text, "x_seconds_bucket{le=\"4.194304\"} 7\n"));
	assert_non_null(strstr(text, "x_seconds_bucket{le=\"+Inf\"} 12\nx_seconds_count 12\n"));
	free(text);
}

static void histogram_has_labels(void **state)
{
	const struct label labels[] = { { "node", "n1" }, { NULL, NULL } };
	const struct bounds bounds = { .first = 1000000, .n = 2 };
	const struct bucket buckets[] = { { 1000000, 1 }, { 2000000, 0 }, { 0, 2 } };
	struct family *f = metrics_family(&m, METRIC_HISTOGRAM, "x_seconds", "seconds", "X");
	uint64_t sum = 2500000000;

	(void)state;
	metrics_histogram(f, labels, &bounds, buckets, 3, &sum);
	assert_written(true, "# HELP x_seconds X\n# TYPE x_seconds histogram\n# UNIT x_seconds seconds\n"
		       "x_seconds_bucket{node=\"n1\",le=\"0.001\"} 1\nx_seconds_bucket{node=\"n1\",le=\"0.002\"} 1\n"
		       "x_seconds_bucket{node=\"n1\",le=\"+Inf\"} 3\nx_seconds_count{node=\"n1\"} 3\n"
		       "x_seconds_sum{node=\"n1\"} 2.5\n# EOF\n");
}

/* Whoever adds a counter to the spec gives it a name here, too. */
static void each_counter_has_a_metric(void **state)
{
	(void)state;
	for (uint16_t i = 1; i <= hasw_set_stats.max; i++) {
		const struct hasw_attr *attr = &hasw_set_stats.attrs[i];

		if (attr->name && attr->type != HASW_T_PAD && !module_metrics_know(i))
			fail_msg("no metric in userspace/http/module_metrics.c has the counter \"%s\"", attr->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_formats),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(times_are_exact),
		cmocka_unit_test(parts_are_ratios),
		cmocka_unit_test(histogram_sums_up),
		cmocka_unit_test(histogram_has_labels),
		cmocka_unit_test(each_counter_has_a_metric),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
