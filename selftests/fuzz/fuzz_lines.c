// SPDX-License-Identifier: GPL-2.0
/* Fuzzes what reads configuration files: lines, grammar, model, messages, and the way back. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/commands.h"
#include "haadm/parse/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Applies what is right of a text to a model, as restore does, and sends nothing. */
static void apply(struct hasw_model *model, char *text, size_t len, bool all_right)
{
	static struct request req;
	struct complaint complaint;
	struct hasw_error err;
	struct lines lines;
	int n;

	lines_init(&lines, text, len);
	while ((n = lines_next(&lines))) {
		char buf[1024] __attribute__((aligned(8)));
		struct hasw_record rec;
		struct hasw_msg msg;

		if (n < 0 || request_parse(&req, n, lines.words, &complaint)) {
			if (all_right)
				abort();
			continue;
		}
		request_encode(&req, &msg, buf, sizeof(buf), req.verb->cmd, 0);
		/* A BEAT may name more nodes than fit; else all fits, and can be read again. */
		if (msg.full && req.verb->cmd != HASWITCH_CMD_BEAT)
			abort();
		if (!msg.full && hasw_record_parse(&rec, msg.nlh))
			abort();
		if (apply_request(model, &req, req.verb->cmd, &err) && all_right)
			abort();
	}
	lines_free(&lines);
}

static char *print(const struct hasw_model *model, size_t *size)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, size);

	if (!to || save_print(to, model, true) || fclose(to))
		abort();
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hasw_model model, again;
	char *copy = malloc(size + 1), *saved, *twice;
	size_t saved_size, twice_size;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	hasw_model_init(&model);
	apply(&model, copy, size, false);
	saved = print(&model, &saved_size);
	hasw_model_free(&model);

	/* What save prints is right, and means the same. */
	copy = malloc(saved_size + 1);
	memcpy(copy, saved, saved_size);
	hasw_model_init(&again);
	apply(&again, copy, saved_size, true);
	twice = print(&again, &twice_size);
	hasw_model_free(&again);
	if (twice_size != saved_size || memcmp(saved, twice, saved_size))
		abort();
	free(saved);
	free(twice);
	return 0;
}
