/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the module and the agent, for the metrics and the status page. */
#ifndef HTTP_COLLECT_H
#define HTTP_COLLECT_H

#include <jansson.h>

#include "lib/sock.h"
#include "metrics.h"

/**
 * struct collected - the state of this node
 * @status:	what `haadm -j status` prints; NULL: the module cannot be read
 * @unread:	why the module cannot be read, if @status is NULL
 * @agent:	what `haadm -j agent show` prints; NULL: the agent does not answer
 */
struct collected {
	json_t *status;
	struct hasw_error unread;
	json_t *agent;
};

/* The values of a JSON object: NULL, 0 and false where there is none of that type. */
static inline const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static inline uint64_t number_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static inline bool flag_of(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

void collect(struct collected *c, struct hasw_sock *sock);
void collect_free(struct collected *c);
bool collect_metrics(struct metrics *m, const struct collected *c, struct hasw_sock *sock);

#endif
