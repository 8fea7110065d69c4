// SPDX-License-Identifier: GPL-2.0
/* JSON, written into a buffer that has an end. */
#include <stdio.h>
#include <string.h>

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

	put(j, "\"", 1);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		/* What is no ASCII may be no UTF-8 either. */
		if (c == '"' || c == '\\' || c < ' ' || c >= 0x7f)
			put(j, code, (size_t)snprintf(code, sizeof(code), "\\u%04x", c));
		else
			put(j, text, 1);
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
 * json_object - begin an object
 * @j:		where to
 * @key:	its key in the object that it is in; NULL in a list, or by itself
 */
void json_object(struct json *j, const char *key)
{
	open_one(j, key, "{");
}

/**
 * json_object_end - end the object that was begun last
 * @j:	where to
 */
void json_object_end(struct json *j)
{
	close_one(j, "}");
}

/**
 * json_list - begin a list
 * @j:		where to
 * @key:	as of json_object()
 */
void json_list(struct json *j, const char *key)
{
	open_one(j, key, "[");
}

/**
 * json_list_end - end the list that was begun last
 * @j:	where to
 */
void json_list_end(struct json *j)
{
	close_one(j, "]");
}

/**
 * json_text - write a text
 * @j:		where to
 * @key:	as of json_object()
 * @text:	the text; NULL for null
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
 * @j:		where to
 * @key:	as of json_object()
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
 * json_flag - write whether something is so
 * @j:		where to
 * @key:	as of json_object()
 * @flag:	it is
 */
void json_flag(struct json *j, const char *key, bool flag)
{
	begin(j, key);
	put(j, flag ? "true" : "false", flag ? 4 : 5);
}
