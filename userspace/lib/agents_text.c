// SPDX-License-Identifier: GPL-2.0
/* The agents' settings within the text of a configuration of the cluster. This is the only place that splits and joins. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agents_text.h"

#define MARK		AGENTS_TEXT_MARK
#define MARK_SIZE	(sizeof(MARK) - 1)

/* Return: where the next line begins, or the end of the text. */
static const char *next_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline + 1 : end;
}

static bool is_marked(const char *at, const char *end)
{
	return (size_t)(end - at) >= MARK_SIZE && !memcmp(at, MARK, MARK_SIZE);
}

/**
 * agents_text_has - return whether a text has settings of the agents
 * @text:	the text
 * @size:	its length, bytes
 *
 * Return: yes or no
 */
bool agents_text_has(const char *text, size_t size)
{
	const char *at = text, *end = text + size;

	while (at < end && !is_marked(at, end))
		at = next_line(at, end);
	return at < end;
}

/**
 * agents_text_split - get the settings of the agents out of a text
 * @text:	the text
 * @size:	its length, bytes
 * @part:	set to the settings with a NUL behind them, which the caller frees; NULL if the text has none
 * @part_size:	set to their length, bytes
 *
 * Line N of the settings is the Nth such line of the text.
 *
 * Return: 0 or -ENOMEM
 */
int agents_text_split(const char *text, size_t size, char **part, size_t *part_size)
{
	const char *at, *next, *end = text + size;
	char *to;

	*part = NULL;
	*part_size = 0;
	if (!agents_text_has(text, size))
		return 0;
	to = malloc(size + 2);
	if (!to)
		return -ENOMEM;
	*part = to;
	for (at = text; at < end; at = next) {
		const char *line = at + MARK_SIZE;

		next = next_line(at, end);
		if (!is_marked(at, end))
			continue;
		line += line < next && *line == ' ';
		memcpy(to, line, (size_t)(next - line));
		to += next - line;
		/* Only the last line of a text can lack its end. */
		if (next[-1] != '\n')
			*to++ = '\n';
	}
	*to = '\0';
	*part_size = (size_t)(to - *part);
	return 0;
}

/**
 * agents_text_join - put settings of the agents into a text, in place of those that it has
 * @text:	the text
 * @size:	its length, bytes
 * @part:	the settings; NULL: the text is to have none
 * @part_size:	their length, bytes
 * @whole:	set to the new text with a NUL behind it, which the caller frees
 * @whole_size:	set to its length, bytes
 *
 * The settings come last, so the line numbers of all else stay. A last line without end gets one.
 *
 * Return: 0 or -ENOMEM
 */
int agents_text_join(const char *text, size_t size, const char *part, size_t part_size, char **whole, size_t *whole_size)
{
	const char *at, *next, *end = text + size, *part_end = part ? part + part_size : NULL;
	size_t lines = 0;
	char *to;

	for (at = part; at < part_end; at = next_line(at, part_end))
		lines++;
	to = malloc(size + 1 + part_size + lines * (MARK_SIZE + 1) + 2);
	*whole = to;
	*whole_size = 0;
	if (!to)
		return -ENOMEM;
	for (at = text; at < end; at = next) {
		next = next_line(at, end);
		if (is_marked(at, end))
			continue;
		memcpy(to, at, (size_t)(next - at));
		to += next - at;
	}
	if (to > *whole && to[-1] != '\n')
		*to++ = '\n';
	for (at = part; at < part_end; at = next) {
		next = next_line(at, part_end);
		memcpy(to, MARK " ", MARK_SIZE + 1);
		/* An empty line gets no blank, which editors like to cut off. */
		to += MARK_SIZE + (*at != '\n');
		memcpy(to, at, (size_t)(next - at));
		to += next - at;
	}
	if (part && part_size && to[-1] != '\n')
		*to++ = '\n';
	*to = '\0';
	*whole_size = (size_t)(to - *whole);
	return 0;
}
