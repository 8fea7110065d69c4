// SPDX-License-Identifier: GPL-2.0
/* The load of a machine: how it is read, when it is too much, what the agent then says, and what a file may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/check/load.h"
#include "haagentd/conf/conf.h"
#include "conf_folder.h"

static void reads_processors(void **state)
{
	struct load_cpu cpu, later = { 300, 1400 };

	(void)state;
	assert_true(load_cpu_parse("cpu  100 20 30 700 50 1 2 97 40 5\ncpu0 1 2 3 4\n", &cpu));
	/* Idle and iowait are not busy; the guests' time is not counted twice. */
	assert_int_equal(cpu.all, 1000);
	assert_int_equal(cpu.busy, 250);
	assert_int_equal(load_cpu_busy(&cpu, &later), 12);
	/* An old kernel has four numbers. */
	assert_true(load_cpu_parse("cpu 1 2 3 4\n", &cpu));
	assert_int_equal(cpu.busy, 6);
	assert_false(load_cpu_parse("cpu 1 2 3\n", &cpu));
	assert_false(load_cpu_parse("cpu0 1 2 3 4\n", &cpu));
	assert_false(load_cpu_parse("", &cpu));
	assert_int_equal(load_cpu_busy(&(struct load_cpu){ 0, 0 }, &later), LOAD_UNKNOWN);
	assert_int_equal(load_cpu_busy(&later, &later), LOAD_UNKNOWN);
	assert_int_equal(load_cpu_busy(&(struct load_cpu){ 301, 1300 }, &later), LOAD_UNKNOWN);
	assert_int_equal(load_cpu_busy(&(struct load_cpu){ 100, 1300 }, &later), LOAD_UNKNOWN);
}

static void reads_memory(void **state)
{
	(void)state;
	assert_int_equal(load_memory_parse("MemTotal:    1000 kB\nMemFree: 1 kB\nMemAvailable:  250 kB\n"), 75);
	assert_int_equal(load_memory_parse("MemTotal:    1000 kB\nMemFree: 1 kB\n"), LOAD_UNKNOWN);
	assert_int_equal(load_memory_parse("MemTotal: 0 kB\nMemAvailable: 0 kB\n"), LOAD_UNKNOWN);
	assert_int_equal(load_memory_parse("MemTotal: 10 kB\nMemAvailable: 11 kB\n"), LOAD_UNKNOWN);
	assert_int_equal(load_memory_parse(""), LOAD_UNKNOWN);
}

static void reads_disks(void **state)
{
	(void)state;
	/* What root alone may use does not count as free, nor as there. */
	assert_int_equal(load_disk_used(1000, 500, 400), 56);
	assert_int_equal(load_disk_used(1000, 50, 0), 100);
	assert_int_equal(load_disk_used(1000, 1000, 1000), 0);
	assert_int_equal(load_disk_used(1000, 1001, 0), LOAD_UNKNOWN);
	assert_int_equal(load_disk_used(0, 0, 0), LOAD_UNKNOWN);
	/* A quota can leave less than nothing. */
	assert_int_equal(load_disk_used(1000, 500, UINT64_MAX), 100);
}

/* Whether the share changes with that measurement. */
static bool measured(struct load *l, int cpu, int memory, int disk)
{
	l->is[LOAD_CPU] = cpu;
	l->is[LOAD_MEMORY] = memory;
	l->is[LOAD_DISK] = disk;
	return load_judge(l);
}

static void judges(void **state)
{
	struct conf_load conf = { .on = true, .cpu = 90, .disk = 80, .share = 25, .rise = 2, .fall = 3 };
	struct load l = { .look = false };

	(void)state;
	assert_int_equal(load_share(&l), 100);
	load_set(&l, &conf);
	/* Nothing is said until something is known, and memory has no limit. */
	assert_int_equal(load_share(&l), 0);
	assert_false(measured(&l, 10, 100, 10));
	assert_true(measured(&l, 10, 100, 10));
	assert_int_equal(load_share(&l), 100);
	assert_false(measured(&l, 90, 0, 10));
	assert_false(measured(&l, 90, 0, 10));
	assert_true(measured(&l, 90, 0, 10));
	assert_int_equal(load_share(&l), 25);
	assert_string_equal(l.text, "cpu is at 90%, and its limit is 90%");
	assert_int_equal(load_reached(&l), 1 << LOAD_CPU);
	/* A little below the limit is not below it. */
	assert_false(measured(&l, 89, 0, 10));
	assert_false(measured(&l, 86, 0, 10));
	assert_false(measured(&l, 86, 0, 10));
	assert_int_equal(load_share(&l), 25);
	/* Nor is what is not known, and the other limit counts as well. */
	assert_false(measured(&l, LOAD_UNKNOWN, 0, 10));
	assert_false(measured(&l, LOAD_UNKNOWN, 0, 10));
	assert_int_equal(load_reached(&l), 1 << LOAD_CPU);
	assert_false(measured(&l, 10, 0, 80));
	assert_int_equal(load_reached(&l), 1 << LOAD_DISK);
	assert_false(measured(&l, 90, 0, 80));
	assert_int_equal(load_reached(&l), 1 << LOAD_CPU | 1 << LOAD_DISK);
	assert_false(measured(&l, 85, 0, 75));
	assert_true(measured(&l, 85, 0, 75));
	assert_int_equal(load_share(&l), 100);
	assert_int_equal(load_reached(&l), 0);
	/* New limits keep what is known; without limits the whole share is said. */
	assert_false(measured(&l, 10, 0, 99));
	assert_false(measured(&l, 10, 0, 99));
	assert_true(measured(&l, LOAD_UNKNOWN, 0, 99));
	conf.share = 10;
	load_set(&l, &conf);
	assert_int_equal(load_share(&l), 10);
	conf.on = false;
	load_set(&l, &conf);
	assert_int_equal(load_share(&l), 100);
}

#define FILE_BEGIN	"node = \"n1\"; nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; } ); key = \""

static char said[2048];

static void collect(void *arg, const char *where, const char *what)
{
	size_t size = strlen(said);

	(void)arg;
	(void)where;
	snprintf(said + size, sizeof(said) - size, "%s\n", what);
}

static struct conf *parse(const char *load)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	fprintf(f, FILE_BEGIN "%s\";\nload = { %s };\n", key, load);
	fclose(f);
	said[0] = '\0';
	return conf_read(file, NULL, collect, NULL);
}

static void bad(const char *load, const char *why)
{
	struct conf *conf = parse(load);

	if (conf || !strstr(said, why))
		fail_msg("%s: \"%s\" has no \"%s\"", load, said, why);
}

static void reads_a_file(void **state)
{
	struct conf *conf = parse("cpu = \"90%\"; memory = \"80%\"; disk = \"95%\"; paths = [ \"/\", \"/tmp\" ]; "
				  "share = \"50%\"; interval = \"2s\"; rise = 3; fall = 4;");

	(void)state;
	if (!conf)
		fail_msg("%s", said);
	assert_true(conf->load.on);
	assert_int_equal(conf->load.cpu, 90);
	assert_int_equal(conf->load.memory, 80);
	assert_int_equal(conf->load.disk, 95);
	assert_int_equal(conf->load.share, 50);
	assert_int_equal(conf->load.n_paths, 2);
	assert_true(conf->load.interval == UINT64_C(2000000000));
	conf_free(conf);
	conf = parse("disk = \"95%\";");
	assert_non_null(conf);
	assert_int_equal(conf->load.share, 25);
	assert_string_equal(conf->load.paths[0], "/");
	conf_free(conf);
	bad("", "needs a limit: cpu = \"90%\", memory = \"90%\" or disk = \"95%\"");
	bad("share = \"10%\";", "needs a limit");
	bad("cpu = \"90\";",
	    "\"cpu\" is \"90\"; it must be a part of the time of all processors, from \"1%\" to \"100%\"");
	bad("cpu = \"101%\";", "from \"1%\" to \"100%\"");
	bad("cpu = 90;", "double quotes");
	bad("cpu = \"90%\"; share = \"0%\";", "of its weights that this node keeps");
	bad("cpu = \"90%\"; paths = [ \"/\" ];", "write disk = \"95%\", too");
	bad("disk = \"90%\"; paths = [ \"tmp\" ];", "must be a whole one, from / on");
	bad("disk = \"90%\"; paths = [ \"/no/such/path\" ];", "cannot be looked at: No such file");
	bad("disk = \"90%\"; paths = [ \"/\", \"/\", \"/\", \"/\", \"/\", \"/\", \"/\", \"/\", \"/\" ];",
	    "are 8 at most");
	bad("cpu = \"90%\"; swap = \"1%\";", "swap");
	bad("cpu = \"90%\"; interval = \"1ms\";", "interval");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_processors),
		cmocka_unit_test(reads_memory),
		cmocka_unit_test(reads_disks),
		cmocka_unit_test(judges),
		cmocka_unit_test(reads_a_file),
	};

	return cmocka_run_group_tests_name("agent_load", tests, conf_folder_make, conf_folder_remove);
}
