/* SPDX-License-Identifier: GPL-2.0 */
/* The parser of HTTP requests. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define REQUEST_MOST	8192	/* longest request with all its headers, bytes */

enum request_what {
	REQUEST_PAGE,		/* / */
	REQUEST_METRICS,	/* /metrics */
	REQUEST_STATUS,		/* /status.json */
	REQUEST_KINDS,
};

/**
 * struct http_request - a parsed request
 * @status:		status of the answer: 200, or what is wrong
 * @what:		what is asked for, if @status is 200
 * @head:		only the headers of the answer are asked for
 * @openmetrics:	the client understands OpenMetrics
 */
struct http_request {
	unsigned int status;
	enum request_what what;
	bool head;
	bool openmetrics;
};

bool http_request_parse(const char *bytes, size_t size, struct http_request *r);

#endif
