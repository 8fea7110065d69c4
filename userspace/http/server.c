// SPDX-License-Identifier: GPL-2.0
/*
 * The HTTP server. Each connection has one request, and a time limit for each of its steps, so
 * a client that sends or reads slowly, or never, loses its place. What a client may cause is
 * limited by SERVER_CLIENTS; the agent is in another process and does not notice.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "server.h"

/**
 * body_get - share a body
 * @body:	the body
 *
 * Return: @body
 */
struct body *body_get(struct body *body)
{
	body->refs++;
	return body;
}

/**
 * body_put - give a body back
 * @body:	the body, or NULL
 */
void body_put(struct body *body)
{
	if (!body || --body->refs)
		return;
	buf_free(&body->text);
	free(body);
}

static void client_end(struct client *c)
{
	if (c->state == CLIENT_FREE)
		return;
	body_put(c->body);
	close(c->fd);
	memset(c, 0, sizeof(*c));
}

static const char *reason(unsigned int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Service Unavailable";
	}
}

/* What is said to a client whose request is not good; the body of the answer. */
static const char *words(unsigned int status)
{
	switch (status) {
	case 400:
		return "this is no HTTP request; GET / HTTP/1.1 would be one\n";
	case 404:
		return "there are /, /metrics and /status.json\n";
	case 405:
		return "only GET and HEAD are answered; nothing can be changed here\n";
	case 431:
		return "the request is too long\n";
	default:
		return "out of memory; try again\n";
	}
}

static struct body *body_of(const char *text)
{
	struct body *body = calloc(1, sizeof(*body));

	if (!body)
		return NULL;
	body->refs = 1;
	buf_text(&body->text, text);
	return body;
}

/* Without scripts and without anything from elsewhere; nobody keeps what is old in a second, or shows it in a frame. */
#define ALWAYS	"Cache-Control: no-store\r\n" \
		"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n" \
		"X-Content-Type-Options: nosniff\r\n" \
		"Connection: close\r\n"

static void answer(struct server *s, struct client *c, const struct http_request *r)
{
	const char *type = "text/plain; charset=utf-8";
	unsigned int status = r->status;
	int size;

	if (status == 200) {
		c->body = s->answer(s->arg, r, &type);
		if (!c->body)
			status = 503;
	}
	if (!c->body)
		c->body = body_of(words(status));
	size = snprintf(c->head, sizeof(c->head),
			"HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s%s\r\n", status,
			reason(status), type, c->body ? c->body->text.size : 0, ALWAYS,
			status == 405 ? "Allow: GET, HEAD\r\n" : "");
	c->n_head = (size_t)size;
	if (r->head) {
		body_put(c->body);
		c->body = NULL;
	}
	c->state = CLIENT_TAKES;
	c->until = clock_now() + SERVER_TAKE_MS * CLOCK_MS;
}

static void send_more(struct client *c)
{
	size_t n_body = c->body ? c->body->text.size : 0;

	while (c->sent < c->n_head + n_body) {
		bool in_head = c->sent < c->n_head;
		const char *at = in_head ? c->head + c->sent : c->body->text.at + (c->sent - c->n_head);
		size_t size = (in_head ? c->n_head : c->n_head + n_body) - c->sent;
		ssize_t n = send(c->fd, at, size, MSG_DONTWAIT | MSG_NOSIGNAL | (in_head && n_body ? MSG_MORE : 0));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			client_end(c);
			return;
		}
		c->sent += (size_t)n;
	}
	/* If it were closed at once, what the client still sends would reset it before the client has read. */
	shutdown(c->fd, SHUT_WR);
	body_put(c->body);
	c->body = NULL;
	c->state = CLIENT_ENDS;
}

static void receive(struct server *s, struct client *c)
{
	bool asks = c->state == CLIENT_ASKS;
	char unwanted[4096];
	struct http_request r;
	ssize_t n;

	n = asks ? recv(c->fd, c->in + c->n_in, sizeof(c->in) - c->n_in, MSG_DONTWAIT) :
		   recv(c->fd, unwanted, sizeof(unwanted), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_end(c);
		return;
	}
	if (!asks)
		return;
	c->n_in += (size_t)n;
	if (!http_request_parse(c->in, c->n_in, &r))
		return;
	answer(s, c, &r);
	send_more(c);
}

static struct client *free_client(struct server *s)
{
	for (unsigned int i = 0; i < SERVER_CLIENTS; i++)
		if (s->clients[i].state == CLIENT_FREE)
			return &s->clients[i];
	return NULL;
}

static void take_in(struct server *s)
{
	struct client *c = free_client(s);
	int fd = c ? accept4(s->listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;

	if (fd < 0)
		return;
	c->fd = fd;
	c->state = CLIENT_ASKS;
	c->until = clock_now() + SERVER_ASK_MS * CLOCK_MS;
}

/* Resets a connection, so that the kernel does not keep for minutes what the client has not taken. */
static void client_abort(struct client *c)
{
	const struct linger reset = { .l_onoff = 1 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	client_end(c);
}

/* Ends the connections whose time is over. Returns how long the others have, ms, but no more than @most_ms. */
static int expire(struct server *s, int most_ms)
{
	uint64_t now = clock_now();

	for (unsigned int i = 0; i < SERVER_CLIENTS; i++) {
		struct client *c = &s->clients[i];
		uint64_t left;

		if (c->state == CLIENT_FREE)
			continue;
		if (c->until <= now) {
			client_abort(c);
			continue;
		}
		left = (c->until - now) / CLOCK_MS + 1;
		if (most_ms < 0 || left < (uint64_t)most_ms)
			most_ms = (int)left;
	}
	return most_ms;
}

/**
 * server_turn - wait until something happens, and handle it
 * @s:		the server
 * @most_ms:	how long to wait, ms; -1: until something happens
 *
 * Return: whether the agent is still there
 */
bool server_turn(struct server *s, int most_ms)
{
	int ms = expire(s, most_ms);
	struct pollfd fds[SERVER_CLIENTS + 2] = {
		{ .fd = s->agent, .events = POLLIN },
		{ .fd = free_client(s) ? s->listen : -1, .events = POLLIN },
	};

	for (unsigned int i = 0; i < SERVER_CLIENTS; i++) {
		const struct client *c = &s->clients[i];

		fds[i + 2].fd = c->state == CLIENT_FREE ? -1 : c->fd;
		fds[i + 2].events = c->state == CLIENT_TAKES ? POLLOUT : POLLIN;
	}
	if (poll(fds, SERVER_CLIENTS + 2, ms) <= 0)
		return true;
	/* The agent writes nothing here, so this is its end. */
	if (fds[0].revents)
		return false;
	for (unsigned int i = 0; i < SERVER_CLIENTS; i++) {
		struct client *c = &s->clients[i];

		if (!fds[i + 2].revents)
			continue;
		if (c->state == CLIENT_TAKES)
			send_more(c);
		else
			receive(s, c);
	}
	if (fds[1].revents)
		take_in(s);
	return true;
}

/**
 * server_close - close all connections
 * @s:	the server
 */
void server_close(struct server *s)
{
	for (unsigned int i = 0; i < SERVER_CLIENTS; i++)
		client_end(&s->clients[i]);
}
