/* SPDX-License-Identifier: GPL-2.0 */
/* The answers to requests, each kept for half a second. */
#ifndef HTTP_ANSWERS_H
#define HTTP_ANSWERS_H

#include <stdint.h>

#include "server.h"

/**
 * struct answers - the answers that were made last
 * @kept:	for each kind of request, without and with OpenMetrics, the body; NULL: none
 * @made:	when it was made, ns
 */
struct answers {
	struct body *kept[REQUEST_KINDS][2];
	uint64_t made[REQUEST_KINDS][2];
};

struct body *answers_make(void *arg, const struct http_request *r, const char **type);

#endif
