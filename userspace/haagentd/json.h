/* SPDX-License-Identifier: GPL-2.0 */
/* A JSON writer into a buffer of fixed size. */
#ifndef HAAGENTD_JSON_H
#define HAAGENTD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct json - a JSON value that is being written
 * @at:		the buffer
 * @room:	size of the buffer, bytes
 * @size:	bytes written so far
 * @cut:	the buffer was too small, so its content is not valid JSON
 * @comma:	the next element needs a comma before it
 */
struct json {
	char *at;
	size_t room;
	size_t size;
	bool cut;
	bool comma;
};

/*
 * Free bytes that a buffer must have before another element is added to a list. One element, together with the end of
 * all that is open, needs fewer.
 */
#define JSON_ENOUGH	4096

bool json_has_room(const struct json *j);
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_list(struct json *j, const char *key);
void json_list_end(struct json *j);
void json_text(struct json *j, const char *key, const char *text);
void json_number(struct json *j, const char *key, uint64_t number);
void json_signed(struct json *j, const char *key, int64_t number);
void json_flag(struct json *j, const char *key, bool flag);

#endif
