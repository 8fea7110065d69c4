// SPDX-License-Identifier: GPL-2.0
/* The timings that are in force, as the agent itself reads them from its configuration file. */
#include <sodium.h>
#include <stdio.h>

#include "haagentd/conf/conf.h"

static void report(void *arg, const char *where, const char *what)
{
	(void)arg;
	fprintf(stderr, "timings: %s: %s\n", where, what);
}

static unsigned long long ull(uint64_t value)
{
	return value;
}

int main(int argc, char **argv)
{
	const struct conf_check *check;
	struct conf *conf;

	if (argc != 2) {
		fputs("Usage: timings FILE\n", stderr);
		return 2;
	}
	if (sodium_init() < 0)
		return 1;
	conf = conf_read(argv[1], NULL, report, NULL);
	if (!conf || !conf->n_checks) {
		fputs("timings: no configuration with a check\n", stderr);
		conf_free(conf);
		return 1;
	}
	check = &conf->checks[0];
	printf("{\"heartbeat\": %llu, \"suspect\": %llu, \"time\": %llu, ",
	       ull(conf->heartbeat), ull(conf->suspect), ull(conf->time));
	printf("\"pulse\": %llu, \"multiplier\": %u, ",
	       ull(conf->pulse_interval), conf->pulse_multiplier);
	printf("\"interval\": %llu, \"timeout\": %llu, \"rise\": %u, \"fall\": %u}\n",
	       ull(check->interval), ull(check->timeout), check->rise, check->fall);
	conf_free(conf);
	return 0;
}
