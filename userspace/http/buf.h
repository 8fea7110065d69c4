/* SPDX-License-Identifier: GPL-2.0 */
/* Text that grows: the bodies of answers. */
#ifndef HTTP_BUF_H
#define HTTP_BUF_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct buf - a text
 * @at:		the bytes, without a NUL at the end; NULL: none
 * @size:	number of bytes
 * @room:	number of bytes for which there is memory
 * @failed:	memory ran out, so the text is not complete
 */
struct buf {
	char *at;
	size_t size;
	size_t room;
	bool failed;
};

void buf_put(struct buf *b, const char *bytes, size_t size);
void buf_text(struct buf *b, const char *text);
void buf_print(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_utf8(struct buf *b, const char *text, const char *(*escape)(char c));
void buf_free(struct buf *b);

#endif
