// SPDX-License-Identifier: GPL-2.0
/* Many health checks: how those that other nodes name are found, and what is asked of the module for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "haagentd/check/check.h"
#include "haagentd/check/share.h"
#include "haagentd/check/share_wire.h"
#include "haagentd/clock.h"
#include "haagentd/conf/conf.h"
#include "haagentd/peer/cluster.h"
#include "conf_folder.h"

static void report(void *arg, const char *where, const char *what)
{
	(void)arg;
	fail_msg("%s: %s", where, what);
}

/* Reads a configuration of so many checks, each of another service. */
static struct conf *many(unsigned int n, const char *settings)
{
	FILE *f = fopen(file, "w");
	struct conf *made;
	unsigned int i;

	assert_non_null(f);
	fprintf(f, "node = \"n1\"; key = \"%s\"; nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; } );\n"
		"checks = (", key);
	for (i = 0; i < n; i++)
		fprintf(f, "%s{ service = \"10.0.%u.%u:80/tcp\"; node = \"n1\"; %s }", i ? ", " : "",
			i / 200, i % 200 + 1, settings);
	fputs(" );\n", f);
	fclose(f);
	made = conf_read(file, NULL, report, NULL);
	assert_non_null(made);
	assert_int_equal(made->n_checks, n);
	return made;
}

static struct event_base *base;
static struct module module;
static struct notify notify;
static struct checker checker;
static struct conf *conf;
static struct checks all;

/* Makes so many checks, each of another service. */
static void begin(unsigned int n, const char *settings)
{
	conf = many(n, settings);
	notify.conf = conf;
	base = event_base_new();
	checker_init(&checker, base, &checks_ops, &all);
	assert_int_equal(checks_make(&all, base, &module, &notify, &checker, conf, NULL), 0);
}

static void end(void)
{
	checks_free(&all);
	checker_close(&checker);
	event_base_free(base);
	conf_free(conf);
}

/* Each key leads to its check; of a record that is too long the beginning is taken. */
static void keys(void **state)
{
	static uint8_t bytes[SHARE_HEAD + 65 * SHARE_ENTRY];
	struct wire_record record = { .type = WIRE_RECORD_HEALTH, .data = bytes };
	unsigned int i;

	(void)state;
	begin(300, "kind = \"icmp\";");
	for (i = 0; i < all.n; i++) {
		struct share_entry entry = { .key = all.list[i].key, .health = JUDGE_UP };

		all.list[i].holder = false;
		record.size = share_begin(bytes);
		record.size += share_put(bytes + record.size, &entry);
		share_take(&all, "n9", &record, i + 1);
	}
	for (i = 0; i < all.n; i++)
		assert_true(all.list[i].heard == i + 1);
	record.size = share_begin(bytes);
	for (i = 0; i < 65; i++) {
		struct share_entry entry = { .key = all.list[i].key, .health = JUDGE_UP };

		record.size += share_put(bytes + record.size, &entry);
	}
	share_take(&all, "n9", &record, 1000);
	assert_true(all.list[0].heard == 1000 && all.list[63].heard == 1000);
	assert_true(all.list[64].heard == 65);
	end();
}

static unsigned int count_stale(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < all.n; i++)
		n += all.list[i].stale;
	return n;
}

/* What has changed in the module is looked up for a few checks at a time, and for a lease for its checks only. */
static void looks(void **state)
{
	uint64_t now = 1000 * CLOCK_SECOND;
	static struct cluster cluster;
	unsigned int i;

	(void)state;
	begin(100, "at = \"vip\"; kind = \"icmp\";");
	all.through = true;
	for (i = 0; i < 4; i++) {
		share_tick(&all, &cluster, now += CLOCK_SECOND);
		assert_int_equal(count_stale(), i < 3 ? 68 - 32 * i : 0);
		assert_false(all.look || all.through);
	}
	assert_false(all.stale);
	for (i = 0; i < all.n; i++)
		assert_non_null(all.list[i].why);
	all.look = true;
	share_tick(&all, &cluster, now += CLOCK_SECOND);
	assert_int_equal(count_stale(), 68);
	for (i = 0; i < 3; i++)
		share_tick(&all, &cluster, now += CLOCK_SECOND);
	assert_int_equal(count_stale(), 0);
	for (i = 40; i < 43; i++)
		strcpy(all.list[i].lease, "web");
	share_lease(&all, "other", true);
	assert_false(all.stale);
	share_lease(&all, "web", false);
	assert_int_equal(count_stale(), 3);
	assert_true(all.stale && all.list[41].stale);
	share_tick(&all, &cluster, now += CLOCK_SECOND);
	assert_int_equal(count_stale(), 0);
	assert_non_null(strstr(all.list[41].why, "this node does not hold the vip"));
	assert_null(strstr(all.list[43].why, "this node does not hold the vip"));
	end();
}

/* Of more news than there is room for, all get their turn before any is sent again. */
static void news(void **state)
{
	uint64_t now = 1000 * CLOCK_SECOND;
	static struct cluster cluster;
	unsigned int i;

	(void)state;
	begin(200, "kind = \"icmp\";");
	for (i = 0; i < all.n; i++) {
		all.list[i].judge.health = JUDGE_UP;
		all.list[i].urgent = CHECK_URGENT;
	}
	for (i = 0; i < 4; i++)
		share_tick(&all, &cluster, now += CLOCK_SECOND);
	for (i = 0; i < all.n; i++)
		assert_in_range(all.list[i].urgent, CHECK_URGENT - 2, CHECK_URGENT - 1);
	for (i = 0; i < 6; i++)
		share_tick(&all, &cluster, now += CLOCK_SECOND);
	for (i = 0; i < all.n; i++)
		assert_int_equal(all.list[i].urgent, 0);
	end();
}

/* The agent's own first attempts are spread over one interval, in their order; so are those that begin anew. */
static void spread(void **state)
{
	struct timeval first, at, span;
	unsigned int i, anew;

	(void)state;
	begin(4, "kind = \"tcp\"; interval = \"60m\";");
	checks_start(&all);
	for (anew = 0; anew < 2; anew++) {
		assert_true(event_pending(all.list[0].timer, EV_TIMEOUT, &first));
		for (i = 1; i < 4; i++) {
			assert_true(event_pending(all.list[i].timer, EV_TIMEOUT, &at));
			timersub(&at, &first, &span);
			assert_in_range(span.tv_sec, 900 * i - 1, 900 * i + 10);
		}
		for (i = 0; i < 4; i++)
			check_follow(&all.list[i], false);
	}
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(looks),
		cmocka_unit_test(news),
		cmocka_unit_test(spread),
	};

	return cmocka_run_group_tests_name("agent_share", tests, conf_folder_make, conf_folder_remove);
}
