// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of HTTP requests. libevent has a server, too, but that of release 2.1 limits neither
 * the number of connections nor the time for a whole request. A client that sends one byte a
 * minute would keep its place there for ever.
 */
#include <string.h>
#include <strings.h>

#include "request.h"

static const char *const paths[REQUEST_KINDS] = {
	[REQUEST_PAGE] = "/", [REQUEST_METRICS] = "/metrics", [REQUEST_STATUS] = "/status.json",
};

/* Bytes of a request: from @at, @size of them. */
struct part {
	const char *at;
	size_t size;
};

static bool is(struct part p, const char *text)
{
	return p.size == strlen(text) && !memcmp(p.at, text, p.size);
}

/* Takes from @rest all that is before the first @end, and @end itself. Without @end, takes all. */
static struct part take(struct part *rest, char end)
{
	const char *stop = memchr(rest->at, end, rest->size);
	struct part taken = { rest->at, stop ? (size_t)(stop - rest->at) : rest->size };
	size_t gone = taken.size + !!stop;

	rest->at += gone;
	rest->size -= gone;
	return taken;
}

static struct part take_line(struct part *rest)
{
	struct part line = take(rest, '\n');

	if (line.size && line.at[line.size - 1] == '\r')
		line.size--;
	return line;
}

static bool has(struct part p, const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i + size <= p.size; i++)
		if (!strncasecmp(p.at + i, text, size))
			return true;
	return false;
}

static unsigned int request_line(struct part line, struct http_request *r)
{
	struct part method = take(&line, ' '), target = take(&line, ' '), path;

	if (!method.size || !target.size || target.at[0] != '/' || (!is(line, "HTTP/1.1") && !is(line, "HTTP/1.0")))
		return 400;
	r->head = is(method, "HEAD");
	if (!r->head && !is(method, "GET"))
		return 405;
	path = take(&target, '?');
	for (r->what = 0; r->what < REQUEST_KINDS; r->what++)
		if (is(path, paths[r->what]))
			return 200;
	return 404;
}

/* Returns whether the bytes have an empty line, which ends the headers. */
static bool complete(const char *bytes, size_t size)
{
	return memmem(bytes, size, "\n\r\n", 3) || memmem(bytes, size, "\n\n", 2);
}

/**
 * http_request_parse - parse what a client has sent so far
 * @bytes:	the bytes
 * @size:	how many, at most REQUEST_MOST
 * @r:		receives the request
 *
 * Return: whether the request is complete, so that it can be answered
 */
bool http_request_parse(const char *bytes, size_t size, struct http_request *r)
{
	struct part rest = { bytes, size }, line;

	memset(r, 0, sizeof(*r));
	r->status = 431;
	if (!complete(bytes, size))
		return size >= REQUEST_MOST;
	r->status = request_line(take_line(&rest), r);
	while ((line = take_line(&rest)).size) {
		struct part name = take(&line, ':');

		if (name.size == strlen("accept") && has(name, "accept"))
			r->openmetrics |= has(line, "application/openmetrics-text");
	}
	return true;
}
