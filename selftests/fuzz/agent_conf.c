// SPDX-License-Identifier: GPL-2.0
/* Fuzzing the configuration file, and what the cluster's has for the agents: there is a configuration or an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "haagentd/conf/conf.h"
#include "haagentd/keeper/config_agents.h"
#include "lib/agents_text.h"
#include "key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 leaks a string that a syntax error cuts off; that is not ours. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

static void report(void *arg, const char *where, const char *what)
{
	unsigned int *errors = arg;

	if (!where[0] || !what[0])
		abort();
	++*errors;
}

/* What is taken must be fit for use, without another look. */
static void must_be_sound(const struct conf *c)
{
	unsigned int i;

	if (!c->n_nodes || c->self >= c->n_nodes || !c->n_paths || c->n_paths > PEER_PATHS)
		abort();
	if (c->suspect < 2 * c->heartbeat || c->time < 2 * c->heartbeat || c->heartbeat < 1000000)
		abort();
	for (i = 0; i < c->n_nodes; i++)
		if (!wire_name_valid(c->nodes[i].name))
			abort();
	for (i = 0; i < c->n_checks; i++) {
		const struct conf_check *check = &c->checks[i];
		bool no_port = check->kind == PLAN_ICMP || check->kind == PLAN_EXEC;

		if (!check->rise || !check->fall || (!check->port && !no_port) || !check->interval)
			abort();
		if (check->kind >= PLAN_KINDS || PLAN_FIRST + check->n_words > PLAN_WORDS ||
		    check->words_size > PLAN_BYTES || (check->words_size && check->words[check->words_size - 1]))
			abort();
	}
}

/* A text that has kept entries of nodes has nothing to keep of itself. */
static void keep_again(const char *text, size_t size)
{
	size_t again;
	char *kept;

	if (agents_text_keep_nodes(text, size, text, size, &kept, &again) || again != size)
		abort();
	free(kept);
}

/* The input, whose comments can be settings of all agents, as those of a configuration of the cluster are. */
static const uint8_t *input;
static size_t input_size;

static int agents(const void *arg, const char *folder, struct conf_agents *to, char *why)
{
	const char *text = (const char *)input;
	size_t size;
	char *kept;

	(void)arg;
	(void)folder;
	(void)why;
	/* A later text, here the first half, keeps entries of nodes once: kept again, it stays as it is. */
	if (agents_text_keep_nodes(text, input_size / 2, text, input_size, &kept, &size) ||
	    memcmp(kept, text, input_size / 2))
		abort();
	keep_again(kept, size);
	free(kept);
	if (config_agents_of(text, input_size, to))
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct conf_ask asks = { .agents = agents };
	static char head[96];
	unsigned int errors = 0;
	struct conf *conf;
	char file[64];
	int fd;

	if (!key_file[0]) {
		key_file_make();
		snprintf(head, sizeof(head), "key = \"%s\";\n", key_file);
	}
	/* Other files are not to be read, whatever the input says. */
	if (memmem(data, size, "@include", 8))
		return 0;
	fd = memfd_create("conf", MFD_CLOEXEC);
	if (fd < 0 || write(fd, head, strlen(head)) < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	input = data;
	input_size = size;
	conf = conf_read(file, &asks, report, &errors);
	if (!conf != !!errors)
		abort();
	if (conf)
		must_be_sound(conf);
	conf_free(conf);
	close(fd);
	return 0;
}
