/* SPDX-License-Identifier: GPL-2.0 */
/* Histories of nodes and leases: the lines that a test writes, by the second, and the figures that come of them. */
#ifndef HISTORY_H
#define HISTORY_H

#include <string.h>

#include "haadm/availability.h"
#include "haadm/journal.h"

#define S	JOURNAL_SECOND
#define EPOCH	(UINT64_C(1800000000) * S)	/* the second 0 of each history */

static struct availability *a;
static const char *writer;
static uint64_t booted;		/* when the writer's machine was booted, as wall time */
static int64_t wrong;		/* by how much the writer's wall clock is wrong, ns */

static inline void begin(void)
{
	a = availability_new();
	assert_non_null(a);
}

static inline void end(void)
{
	assert_true(availability_complete(a));
	availability_free(a);
}

/* Writes a line at a second of the history. */
static inline void __attribute__((format(printf, 3, 4))) line(uint64_t second, const char *kind, const char *format,
							      ...)
{
	uint64_t wall = EPOCH + second * S;
	char more[256], text[512];
	va_list args;
	json_t *object;

	va_start(args, format);
	vsnprintf(more, sizeof(more), format, args);
	va_end(args);
	snprintf(text, sizeof(text), "{\"wall\":%ju,\"time\":%ju,\"by\":\"%s\",\"kind\":\"%s\"%s%s}",
		 wall + (uint64_t)wrong, wall - booted, writer, kind, *more ? "," : "", more);
	object = journal_line_parse(text, strlen(text));
	assert_non_null(object);
	availability_line(a, object);
	json_decref(object);
}

/* A machine is booted, and its agent begins. */
static inline void boots(const char *id, uint64_t second)
{
	booted = EPOCH + second * S - 7 * S;
	line(second, "begin", "\"boot\":\"%s\"", id);
}

static inline void writes(const char *node)
{
	writer = node;
	wrong = 0;
	availability_writer(a, node);
}

static uint64_t epoch;	/* of the last grant */

/* A node says again that it holds the lease. */
static inline void holds_on(uint64_t second, const char *node)
{
	line(second, "lease", "\"lease\":\"web\",\"node\":\"%s\",\"epoch\":%ju,\"cause\":\"granted\"", node,
	     epoch);
}

static inline void held(uint64_t second, const char *node)
{
	epoch++;
	holds_on(second, node);
}

static inline void ended(uint64_t second, const char *node, const char *cause)
{
	line(second, "lease", "\"lease\":\"web\",\"node\":\"%s\",\"epoch\":%ju,\"cause\":\"%s\"", node, epoch, cause);
}

static inline void is(uint64_t second, const char *node, const char *state)
{
	line(second, "node", "\"node\":\"%s\",\"to\":\"%s\"", node, state);
}

static inline void assert_figures(const struct figures *f, uint64_t up, uint64_t down, uint64_t unseen,
				  unsigned long outages)
{
	if (f->up != up * S || f->down != down * S || f->unseen != unseen * S || f->outages != outages)
		fail_msg("up %g, down %g, unseen %g, outages %lu", (double)f->up / S, (double)f->down / S,
			 (double)f->unseen / S, f->outages);
}

static inline struct figures lease(uint64_t from, uint64_t to)
{
	struct figures f;

	availability_lease(a, "web", EPOCH + from * S, EPOCH + to * S, &f);
	return f;
}

static inline struct figures node(const char *name, uint64_t from, uint64_t to)
{
	struct figures f;

	availability_nodes(a, &name, 1, EPOCH + from * S, EPOCH + to * S, &f);
	return f;
}

#endif
