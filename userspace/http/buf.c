// SPDX-License-Identifier: GPL-2.0
/* Text that grows: the bodies of answers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define FIRST_ROOM	4096

static bool need(struct buf *b, size_t size)
{
	size_t room = b->room ? b->room : FIRST_ROOM;
	char *bigger;

	if (b->failed)
		return false;
	if (size <= b->room - b->size)
		return true;
	while (room - b->size < size)
		room *= 2;
	bigger = realloc(b->at, room);
	if (!bigger) {
		b->failed = true;
		return false;
	}
	b->at = bigger;
	b->room = room;
	return true;
}

/**
 * buf_put - add bytes
 * @b:		the text
 * @bytes:	the bytes
 * @size:	how many
 */
void buf_put(struct buf *b, const char *bytes, size_t size)
{
	if (!size || !need(b, size))
		return;
	memcpy(b->at + b->size, bytes, size);
	b->size += size;
}

/**
 * buf_text - add a string as it is
 * @b:		the text
 * @text:	the string
 */
void buf_text(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

/**
 * buf_print - add formatted text
 * @b:		the text
 * @format:	as for printf; the result has at most 255 bytes
 */
void buf_print(struct buf *b, const char *format, ...)
{
	char text[256];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (size < 0 || (size_t)size >= sizeof(text))
		b->failed = true;
	else
		buf_put(b, text, (size_t)size);
}

/* Returns the length of the valid UTF-8 sequence at the begin of a string, or 0. */
static size_t sequence(const unsigned char *at)
{
	size_t n = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Forms that are too long, surrogates, and what is above the last character. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return n;
}

/**
 * buf_utf8 - add a string from outside, as valid UTF-8
 * @b:		the text
 * @text:	the string; each byte that is not valid becomes "?"
 * @escape:	returns what is written instead of an ASCII character, or NULL if that stays
 */
void buf_utf8(struct buf *b, const char *text, const char *(*escape)(char c))
{
	while (*text) {
		size_t n = sequence((const unsigned char *)text);
		const char *instead = n == 1 ? escape(*text) : n ? NULL : "?";

		if (instead)
			buf_text(b, instead);
		else
			buf_put(b, text, n);
		text += n ? n : 1;
	}
}

/**
 * buf_free - release the memory
 * @b:	the text, which is empty afterwards
 */
void buf_free(struct buf *b)
{
	free(b->at);
	memset(b, 0, sizeof(*b));
}
