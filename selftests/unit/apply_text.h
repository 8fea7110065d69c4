/* SPDX-License-Identifier: GPL-2.0 */
/* Applies a configuration in haadm's words to a model. */
#ifndef HASW_APPLY_TEXT_H
#define HASW_APPLY_TEXT_H

#include <stdlib.h>
#include <string.h>

#include "haadm/commands.h"
#include "haadm/parse/lines.h"

/* Applies the lines of TEXT; the number of the first that is wrong, or 0. */
static inline unsigned int apply_text(struct hasw_model *model, const char *text, struct hasw_error *err)
{
	struct request *req = calloc(1, sizeof(*req));
	struct complaint complaint;
	struct lines lines;
	unsigned int wrong = 0;
	int n;

	assert_non_null(req);
	lines_init(&lines, strdup(text), strlen(text));
	while (!wrong && (n = lines_next(&lines)) > 0) {
		if (request_parse(req, n, lines.words, &complaint))
			fail_msg("%s", complaint.text);
		if (apply_request(model, req, req->verb->cmd, err))
			wrong = lines.line;
	}
	lines_free(&lines);
	free(req);
	return wrong;
}

#endif
