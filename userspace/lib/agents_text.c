// SPDX-License-Identifier: GPL-2.0
/* The agents' settings, and entries of nodes, within the text of a configuration of the cluster. Only this file knows how. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agents_text.h"

#define MARK		AGENTS_TEXT_MARK
#define MARK_SIZE	(sizeof(MARK) - 1)
#define BLANKS		" \t"

/* Return: where the next line begins, or the end of the text. */
static const char *next_line(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));

	return newline ? newline + 1 : end;
}

static bool is_marked(const char *at, const char *end, const char *mark)
{
	return (size_t)(end - at) >= strlen(mark) && !memcmp(at, mark, strlen(mark));
}

static bool has_marked(const char *text, size_t size, const char *mark)
{
	const char *at = text, *end = text + size;

	while (at < end && !is_marked(at, end, mark))
		at = next_line(at, end);
	return at < end;
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
	return has_marked(text, size, MARK);
}

/* Gets the lines with a mark out of a text, without it. Return: 0 or -ENOMEM; *PART is NULL if there are none */
static int split(const char *text, size_t size, const char *mark, char **part, size_t *part_size)
{
	const char *at, *next, *end = text + size;
	char *to;

	*part = NULL;
	*part_size = 0;
	if (!has_marked(text, size, mark))
		return 0;
	to = malloc(size + 2);
	if (!to)
		return -ENOMEM;
	*part = to;
	for (at = text; at < end; at = next) {
		const char *line = at + strlen(mark);

		next = next_line(at, end);
		if (!is_marked(at, end, mark))
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
	return split(text, size, MARK, part, part_size);
}

/**
 * agents_text_has_nodes - return whether a text has entries of nodes
 * @text:	the text
 * @size:	its length, bytes
 *
 * Return: yes or no
 */
bool agents_text_has_nodes(const char *text, size_t size)
{
	return has_marked(text, size, AGENTS_TEXT_NODE);
}

/**
 * agents_text_nodes - get the entries of nodes out of a text
 * @text:	the text
 * @size:	its length, bytes
 * @part:	set to the entries, one a line, with a NUL behind them, which the caller frees; NULL if the text has none
 * @part_size:	set to their length, bytes
 *
 * Return: 0 or -ENOMEM
 */
int agents_text_nodes(const char *text, size_t size, char **part, size_t *part_size)
{
	return split(text, size, AGENTS_TEXT_NODE, part, part_size);
}

/* Takes the next word of a line. Return: whether it is WORD */
static bool take_word(const char **at, const char *end, const char *word, size_t length)
{
	const char *from = *at;

	while (from < end && memchr(BLANKS, *from, strlen(BLANKS)))
		from++;
	*at = from;
	while (*at < end && !memchr(BLANKS "\n", **at, strlen(BLANKS "\n")))
		(*at)++;
	return (size_t)(*at - from) == length && !memcmp(from, word, length);
}

/**
 * agents_text_adds - return whether a text adds a node
 * @text:	the text
 * @size:	its length, bytes
 * @name:	the node's name
 * @length:	length of the name, bytes
 *
 * Return: yes or no
 */
bool agents_text_adds(const char *text, size_t size, const char *name, size_t length)
{
	const char *at, *end = text + size, *word;

	for (at = text; at < end; at = next_line(at, end)) {
		word = at;
		if (take_word(&word, end, "node", 4) && take_word(&word, end, "add", 3) && take_word(&word, end, name, length))
			return true;
	}
	return false;
}

/* Finds the name of the node of an entry, which comes first in it. Return: its length; 0: there is none */
static size_t name_of(const char *at, const char *end, const char **name)
{
	static const char *const words[] = { AGENTS_TEXT_NODE, "{", "name", "=", "\"" };
	const char *to;
	size_t i;

	end = next_line(at, end);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		while (at < end && memchr(BLANKS, *at, strlen(BLANKS)))
			at++;
		if ((size_t)(end - at) < strlen(words[i]) || memcmp(at, words[i], strlen(words[i])))
			return 0;
		at += strlen(words[i]);
	}
	*name = at;
	to = memchr(at, '"', (size_t)(end - at));
	return to ? (size_t)(to - at) : 0;
}

/**
 * agents_text_nodes_fault - check the entries of nodes in a text
 * @text:	the text
 * @size:	its length, bytes
 *
 * Return: NULL; or what is wrong
 */
const char *agents_text_nodes_fault(const char *text, size_t size)
{
	const char *at, *end = text + size, *name;
	size_t length;

	for (at = text; at < end; at = next_line(at, end)) {
		if (!is_marked(at, end, AGENTS_TEXT_NODE))
			continue;
		length = name_of(at, end, &name);
		if (!length)
			return "a line " AGENTS_TEXT_NODE " is no entry of a node, as { name = \"NAME\"; address = \"10.0.0.1\"; }";
		if (!agents_text_adds(text, size, name, length))
			return "a line " AGENTS_TEXT_NODE " is the entry of a node that no line 'node add' has";
	}
	return NULL;
}

static bool has_entry(const char *text, size_t size, const char *wanted, size_t length)
{
	const char *at, *end = text + size, *name;

	for (at = text; at < end; at = next_line(at, end))
		if (is_marked(at, end, AGENTS_TEXT_NODE) && name_of(at, end, &name) == length && !memcmp(name, wanted, length))
			return true;
	return false;
}

/**
 * agents_text_keep_nodes - have a text keep the entries of nodes that an older one has
 * @text:	the text
 * @size:	its length, bytes
 * @old:	the older text
 * @old_size:	its length, bytes
 * @whole:	set to the new text with a NUL behind it, which the caller frees
 * @whole_size:	set to its length, bytes
 *
 * An entry is kept if the text adds its node, and has no entry of it.
 *
 * Return: 0 or -ENOMEM
 */
int agents_text_keep_nodes(const char *text, size_t size, const char *old, size_t old_size, char **whole, size_t *whole_size)
{
	const char *at, *next, *end = old + old_size, *name;
	char *to = malloc(size + 1 + old_size + 2);
	size_t length;

	*whole = to;
	*whole_size = 0;
	if (!to)
		return -ENOMEM;
	memcpy(to, text, size);
	to += size;
	for (at = old; at < end; at = next) {
		next = next_line(at, end);
		length = is_marked(at, end, AGENTS_TEXT_NODE) ? name_of(at, end, &name) : 0;
		if (!length || !agents_text_adds(text, size, name, length) || has_entry(text, size, name, length))
			continue;
		if (to > *whole && to[-1] != '\n')
			*to++ = '\n';
		memcpy(to, at, (size_t)(next - at));
		to += next - at;
		/* Only the last line of a text can lack its end. */
		if (to[-1] != '\n')
			*to++ = '\n';
	}
	*to = '\0';
	*whole_size = (size_t)(to - *whole);
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
		if (is_marked(at, end, MARK))
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
