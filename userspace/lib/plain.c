// SPDX-License-Identifier: GPL-2.0
/* Foreign text made fit for a terminal and a log, which would take its control characters for commands and new lines. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plain.h"

#define CODE	4	/* length of \x1b */

/*
 * A control character can have two bytes in UTF-8: U+0080 to U+009F. A terminal without UTF-8 may take 0x9b for a
 * command.
 */
size_t hasw_plain_length(const char *text)
{
	static const uint32_t least[] = { 0, 0, 0xa0, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)text;
	size_t n = *at < 0xc2 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0, i;
	uint32_t code;

	if (n < 2)
		return n && *at >= ' ' && *at < 0x7f;
	code = *at & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

/* Returns the length of the part of a text, from its begin, that is plain. */
static size_t plain_part(const char *text)
{
	size_t all = 0, n;

	while ((n = hasw_plain_length(text + all)))
		all += n;
	return all;
}

bool hasw_plain(const char *text)
{
	return !text || !text[plain_part(text)];
}

size_t hasw_plain_put(char *to, size_t room, const char *text)
{
	size_t n, at = 0;

	for (; *text; text += n ? n : 1) {
		n = hasw_plain_length(text);
		if ((n ? n : CODE) >= room - at)
			break;
		if (n)
			memcpy(to + at, text, n);
		else
			snprintf(to + at, room - at, "\\x%02x", (unsigned char)*text);
		at += n ? n : CODE;
	}
	to[at] = '\0';
	return at;
}

void hasw_plain_print(FILE *to, const char *text)
{
	size_t n;

	for (;;) {
		n = plain_part(text);
		fwrite(text, 1, n, to);
		text += n;
		if (!*text)
			break;
		fprintf(to, "\\x%02x", (unsigned char)*text++);
	}
}

void hasw_plain_vline(FILE *to, const char *format, va_list args)
{
	char *text, *line;
	size_t room, n;

	if (vasprintf(&text, format, args) < 0) {
		fputs("out of memory\n", to);
		return;
	}
	room = CODE * strlen(text) + 1;
	line = malloc(room);
	if (line) {
		n = hasw_plain_put(line, room, text);
		line[n] = '\n';
		fwrite(line, 1, n + 1, to);
	} else {
		hasw_plain_print(to, text);
		fputc('\n', to);
	}
	free(line);
	free(text);
}

void hasw_plain_line(FILE *to, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	hasw_plain_vline(to, format, args);
	va_end(args);
}
