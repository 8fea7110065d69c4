/* SPDX-License-Identifier: GPL-2.0 */
/* A reply of HTTP/1, read from the bytes of a connection: the page that is in it. */
#ifndef CHECKS_REPLY_H
#define CHECKS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checks/page.h"

#define REPLY_LINE	512	/* so much of a line is looked at, bytes */

enum reply_at {
	REPLY_STATUS,		/* the status line, */
	REPLY_HEADERS,		/* or one of these */
	REPLY_BODY,		/* a body of known size */
	REPLY_REST,		/* a body that ends with the connection */
	REPLY_CHUNK_SIZE,	/* the line before a chunk, */
	REPLY_CHUNK,		/* the chunk, */
	REPLY_CHUNK_END,	/* the end of its line, */
	REPLY_TRAILER,		/* and what follows the last chunk */
};

/**
 * struct reply - a reply
 * @page:	its page
 * @over:	nothing more is read: the page is there, or @wrong is set
 * @wrong:	why the reply is none, or NULL
 * @at:		an enum reply_at: what comes next
 * @line:	beginning of the line that comes
 * @used:	size of @line, bytes
 * @cut:	the line is longer than @line
 * @heads:	size of all headers, or of the lines since the last chunk, bytes
 * @framed:	the last header says how long the body is
 * @chunked:	the body comes in chunks
 * @coded:	the body has another transfer coding, and ends with the connection
 * @sized:	the headers say how long the body is
 * @length:	how long they say it is, bytes
 * @left:	what is missing of the body, or of the chunk, bytes
 */
struct reply {
	struct page page;
	bool over;
	const char *wrong;
	enum reply_at at;
	char line[REPLY_LINE];
	size_t used;
	bool cut;
	size_t heads;
	bool framed;
	bool chunked;
	bool coded;
	bool sized;
	uint64_t length;
	uint64_t left;
};

void reply_begin(struct reply *r, const char *wanted);
void reply_take(struct reply *r, const uint8_t *at, size_t size);
void reply_end(struct reply *r);

#endif
