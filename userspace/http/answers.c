// SPDX-License-Identifier: GPL-2.0
/*
 * The answers to requests. Each is kept for half a second, and all connections share it. So
 * clients that ask again and again neither keep the module and the agent busy, nor fill the
 * memory when they do not read what they asked for.
 */
#include <stdlib.h>

#include "answers.h"
#include "collect.h"
#include "haagentd/clock.h"
#include "page.h"

#define KEEP	(500 * CLOCK_MS)
#define TRIES	5	/* attempts to read a configuration that is being changed */

static int add_json(const char *bytes, size_t size, void *to)
{
	buf_put(to, bytes, size);
	return 0;
}

static void metrics_answer(struct buf *to, const struct collected *c, struct hasw_sock *sock, bool openmetrics)
{
	static struct metrics m;
	int tries = 0;

	while (!collect_metrics(&m, c, sock) && ++tries < TRIES)
		metrics_free(&m);
	/* A metric that is there twice would spoil all others. */
	to->failed |= tries == TRIES;
	metrics_write(&m, openmetrics, to);
	metrics_free(&m);
}

static void status_answer(struct buf *to, const struct collected *c)
{
	json_t *object = c->status ? json_incref(c->status) : json_pack("{s:s}", "error", c->unread.text);

	to->failed |= !object || json_dump_callback(object, add_json, to, JSON_COMPACT);
	buf_text(to, "\n");
	json_decref(object);
}

static struct body *make(const struct http_request *r)
{
	struct body *body = calloc(1, sizeof(*body));
	struct collected c = { 0 };
	struct hasw_sock sock;
	bool open;

	if (!body)
		return NULL;
	body->refs = 1;
	/* The socket is opened anew each time, because the module may have been loaded again. */
	open = !hasw_sock_open(&sock, &c.unread);
	collect(&c, open ? &sock : NULL);
	if (r->what == REQUEST_METRICS)
		metrics_answer(&body->text, &c, open && c.status ? &sock : NULL, r->openmetrics);
	else if (r->what == REQUEST_PAGE)
		page_write(&body->text, &c);
	else
		status_answer(&body->text, &c);
	if (open)
		hasw_sock_close(&sock);
	collect_free(&c);
	if (!body->text.failed)
		return body;
	body_put(body);
	return NULL;
}

static const char *type_of(const struct http_request *r)
{
	if (r->what == REQUEST_PAGE)
		return "text/html; charset=utf-8";
	if (r->what == REQUEST_STATUS)
		return "application/json";
	return r->openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8" :
				"text/plain; version=0.0.4; charset=utf-8";
}

/**
 * answers_make - answer a request
 * @arg:	the answers that were made last
 * @r:		the request, which is good
 * @type:	receives the type of the answer
 *
 * Return: the body, which the caller gives back with body_put(); NULL when memory is short
 */
struct body *answers_make(void *arg, const struct http_request *r, const char **type)
{
	struct answers *a = arg;
	struct body **kept = &a->kept[r->what][r->openmetrics];
	uint64_t *made = &a->made[r->what][r->openmetrics];

	*type = type_of(r);
	if (*kept && clock_now() - *made < KEEP)
		return body_get(*kept);
	body_put(*kept);
	*kept = make(r);
	*made = clock_now();
	return *kept ? body_get(*kept) : NULL;
}
