/* SPDX-License-Identifier: GPL-2.0 */
/* JSON, written into a buffer that has an end. */
#ifndef HAAGENTD_JSON_H
#define HAAGENTD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct json - a JSON value that is being written
 * @at:		where to
 * @room:	how much of that there is
 * @size:	how much was written
 * @cut:	something found no room: this is no JSON
 * @comma:	something stands before what comes next
 */
struct json {
	char *at;
	size_t room;
	size_t size;
	bool cut;
	bool comma;
};

void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_list(struct json *j, const char *key);
void json_list_end(struct json *j);
void json_text(struct json *j, const char *key, const char *text);
void json_number(struct json *j, const char *key, uint64_t number);
void json_flag(struct json *j, const char *key, bool flag);

#endif
