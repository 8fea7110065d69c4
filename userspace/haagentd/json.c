// SPDX-License-Identifier: GPL-2.0
/* A JSON writer into a buffer of fixed size. */
#include <stdio.h>
#include <string.h>

#include "lib/plain.h"
#include "json.h"

static void put(struct json *j, const char *text, size_t size)
{
	if (j->cut || size > j->room - j->size) {
		j->cut = true;
		return;
	}
	memcpy(j->at + j->size, text, size);
	j->size += size;
}

static void quote(struct json *j, const char *text)
{
	char code[8];
	size_t n;

	put(j, "\"", 1);
	for (; *text; text += n ? n : 1) {
		unsigned char c = (unsigned char)*text;

		n = hasw_plain_length(text);
		/*
		 * What is not plain becomes a text that shows it. JSON cannot have bytes that are no UTF-8, and haadm
		 * refuses an answer with control characters.
		 */
		if (!n)
			put(j, code, (size_t)snprintf(code, sizeof(code), "\\\\x%02x", c));
		else if (c == '"' || c == '\\')
			put(j, code, (size_t)snprintf(code, sizeof(code), "\\u%04x", c));
		else
			put(j, text, n);
	}
	put(j, "\"", 1);
}

static void begin(struct json *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	j->comma = true;
	if (!key)
		return;
	quote(j, key);
	put(j, ":", 1);
}

static void open_one(struct json *j, const char *key, const char *first)
{
	begin(j, key);
	put(j, first, 1);
	j->comma = false;
}

static void close_one(struct json *j, const char *last)
{
	put(j, last, 1);
	j->comma = true;
}

/**
 * json_has_room - check whether another element may be added to a list
 * @j:	the JSON writer
 *
 * Return: yes or no
 */
bool json_has_room(const struct json *j)
{
	return !j->cut && j->room - j->size >= JSON_ENOUGH;
}

/**
 * json_object - begin an object
 * @j:		the JSON writer
 * @key:	key of the new object in the enclosing object; NULL inside a list, or for
 *		the outermost object
 */
void json_object(struct json *j, const char *key)
{
	open_one(j, key, "{");
}

/**
 * json_object_end - end the object that was begun last
 * @j:	the JSON writer
 */
void json_object_end(struct json *j)
{
	close_one(j, "}");
}

/**
 * json_list - begin a list
 * @j:		the JSON writer
 * @key:	as for json_object()
 */
void json_list(struct json *j, const char *key)
{
	open_one(j, key, "[");
}

/**
 * json_list_end - end the list that was begun last
 * @j:	the JSON writer
 */
void json_list_end(struct json *j)
{
	close_one(j, "]");
}

/**
 * json_text - write a string
 * @j:		the JSON writer
 * @key:	as for json_object()
 * @text:	the string, in which \x1b stands for what is not plain; NULL writes null
 */
void json_text(struct json *j, const char *key, const char *text)
{
	begin(j, key);
	if (text)
		quote(j, text);
	else
		put(j, "null", 4);
}

/**
 * json_number - write a number
 * @j:		the JSON writer
 * @key:	as for json_object()
 * @number:	the number
 */
void json_number(struct json *j, const char *key, uint64_t number)
{
	char text[24];

	begin(j, key);
	put(j, text, (size_t)snprintf(text, sizeof(text), "%llu",
				      (unsigned long long)number));
}

/**
 * json_signed - write a number that may be negative
 * @j:		the JSON writer
 * @key:	as for json_object()
 * @number:	the number
 */
void json_signed(struct json *j, const char *key, int64_t number)
{
	char text[24];

	begin(j, key);
	put(j, text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)number));
}

/**
 * json_flag - write a boolean
 * @j:		the JSON writer
 * @key:	as for json_object()
 * @flag:	the value
 */
void json_flag(struct json *j, const char *key, bool flag)
{
	begin(j, key);
	put(j, flag ? "true" : "false", flag ? 4 : 5);
}
