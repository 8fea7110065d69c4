// SPDX-License-Identifier: GPL-2.0
/* Fuzzes what reads journals: lines, and the figures that are computed from them. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/availability.h"
#include "haadm/journal.h"
#include "haadm/parse/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All time is up, down or unseen, whatever the lines say. */
static void judge(const struct figures *figures, uint64_t from, uint64_t to)
{
	double share;

	if (figures->up + figures->down + figures->unseen != to - from || figures->longest > figures->down ||
	    (figures->open && !figures->outages))
		abort();
	if (figures_availability(figures, &share) && !(share >= 0 && share <= 1))
		abort();
}

static void figure(struct availability *a, uint64_t from, uint64_t to)
{
	struct figures figures;
	const char *name;

	for (size_t i = 0; i < 4 && (name = availability_lease_name(a, i)); i++) {
		availability_lease(a, name, from, to, &figures);
		judge(&figures, from, to);
	}
	for (size_t i = 0; i < 4 && (name = availability_node_name(a, i)); i++) {
		availability_nodes(a, &name, 1, from, to, &figures);
		judge(&figures, from, to);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct availability *a = availability_new();
	const uint8_t *end = data + size;
	char text[64] = "";
	uint64_t wall;

	if (!a)
		return 0;
	memcpy(text, data, size < sizeof(text) ? size : sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	if (!when_parse(&wall, text, UINT64_C(1800000000) * JOURNAL_SECOND) && wall > INT64_MAX)
		abort();
	availability_writer(a, "a");
	while (data < end) {
		const uint8_t *next = memchr(data, '\n', (size_t)(end - data));
		size_t len = (size_t)((next ? next : end) - data);
		json_t *line = journal_line_parse((const char *)data, len);

		/* An empty line: the next writer. */
		if (!len)
			availability_writer(a, "b");
		if (line)
			availability_line(a, line);
		json_decref(line);
		data += next ? len + 1 : len;
	}
	availability_alive(a, 1000, 2000);
	figure(a, 0, INT64_MAX);
	figure(a, 5, 1000);
	availability_free(a);
	return 0;
}
