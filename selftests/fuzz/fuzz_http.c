// SPDX-License-Identifier: GPL-2.0
/* Fuzzing what HTTP clients send, and labels: whatever comes, a request is judged and a label stays one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/metrics.h"
#include "http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void request(const char *bytes, size_t size)
{
	struct http_request r;

	if (!http_request_parse(bytes, size, &r))
		return;
	if (r.status != 200 && r.status != 400 && r.status != 404 && r.status != 405 && r.status != 431)
		abort();
	if (r.status == 200 && r.what >= REQUEST_KINDS)
		abort();
}

/* One line, in which only the two quotes of the label are not escaped. */
static void label(const char *text)
{
	static struct metrics m;
	const struct label labels[] = { { "l", text }, { NULL, NULL } };
	struct family *f = metrics_family(&m, METRIC_GAUGE, "x", NULL, "X");
	const struct buf *line = &f->samples;
	unsigned int quotes = 0;

	metrics_number(f, labels, 1);
	for (size_t i = 0; i < line->size; i++) {
		if (line->at[i] == '\n' && i != line->size - 1)
			abort();
		if (line->at[i] == '\\')
			i++;
		else
			quotes += line->at[i] == '"';
	}
	if (quotes != 2 || line->failed)
		abort();
	metrics_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	label(copy);
	/* Of exactly that size, so that a read behind it is seen. */
	copy = realloc(copy, size ? size : 1);
	if (size <= REQUEST_MOST)
		request(copy, size);
	free(copy);
	return 0;
}
