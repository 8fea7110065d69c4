// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing the reports of haagentd-corosync: whatever they are, one that is refused changes nothing, and one that is
 * taken can be judged, and be made a configuration. The input is reports, each behind its length in two bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/conf/conf.h"
#include "haagentd/corosync/corosync.h"
#include "key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

static char file[64];

/* libconfig 1.5 leaks a string that a syntax error cuts off; that is not ours. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

/* Writes the file of an agent whose nodes come from corosync. */
static void begin(void)
{
	char text[128];
	int fd = memfd_create("conf", MFD_CLOEXEC), size;

	key_file_make();
	size = snprintf(text, sizeof(text), "key = \"%s\";\nengine = \"corosync\";\n", key_file);
	if (fd < 0 || write(fd, text, (size_t)size) != size)
		abort();
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
}

static void report_error(void *arg, const char *where, const char *what)
{
	unsigned int *errors = arg;

	if (!where[0] || !what[0])
		abort();
	++*errors;
}

/* Each node has a name of its own, an address that the agent can send to, and nothing else. */
static void must_be_sound(const struct conf *c)
{
	unsigned int i, j, p;

	if (!c->corosync || !c->listed || c->self >= c->n_nodes || !c->n_paths || c->n_paths > PEER_PATHS)
		abort();
	for (i = 0; i < c->n_nodes; i++) {
		bool any = false;

		if (!wire_name_valid(c->nodes[i].name))
			abort();
		for (j = 0; j < i; j++)
			if (!strcmp(c->nodes[i].name, c->nodes[j].name))
				abort();
		for (p = 0; p < c->n_paths; p++) {
			sa_family_t family = c->nodes[i].at[p].ss_family;

			if (family && family != AF_INET && family != AF_INET6)
				abort();
			any |= family;
		}
		if (!any)
			abort();
	}
}

static const struct corosync_report *ask(void *arg, char *why)
{
	const struct corosync_report *list = corosync_ask(arg, why);

	if (!list && !why[0])
		abort();
	return list;
}

static void read_conf(struct corosync *c)
{
	const struct conf_ask asks = { .corosync = ask, .arg = c };
	unsigned int errors = 0;
	struct conf *conf = conf_read(file, &asks, report_error, &errors);

	if (!conf != !!errors)
		abort();
	if (conf)
		must_be_sound(conf);
	conf_free(conf);
}

/* Returns whether the report was taken. It is in memory of its own size, so that a read behind it is seen. */
static bool take(struct corosync *c, const uint8_t *data, size_t size, uint64_t now)
{
	static struct corosync before;
	struct corosync_report *report = malloc(size ? size : 1);
	int err;

	if (!report)
		return false;
	memcpy(report, data, size);
	before = *c;
	err = corosync_take(c, report, size, now);
	free(report);
	if (err && ((err != -ESTALE && err != -EPROTO) || memcmp(&before, c, sizeof(before))))
		abort();
	return !err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct corosync c;
	uint64_t now = 100 * CLOCK_SECOND;
	unsigned int of = 0;

	if (!file[0])
		begin();
	memset(&c, 0, sizeof(c));
	/* As in a running agent, in which nobody starts a process to ask it. */
	c.base = (struct event_base *)&c;
	while (size >= 2) {
		size_t length = data[0] | (size_t)data[1] << 8;

		data += 2;
		size -= 2;
		if (length > size)
			length = size;
		now += (1 + of++ % 3) * CLOCK_SECOND;
		if (take(&c, data, length, now)) {
			const struct corosync_report *last = &c.last;

			if (last->n_nodes > COROSYNC_NODES || (last->listed && last->self >= (int32_t)last->n_nodes))
				abort();
			read_conf(&c);
		}
		corosync_judge(&c, now + (of % 7) * CLOCK_SECOND);
		if (!memchr(c.bar, '\0', sizeof(c.bar)))
			abort();
		data += length;
		size -= length;
	}
	return 0;
}
