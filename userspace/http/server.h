/* SPDX-License-Identifier: GPL-2.0 */
/* The HTTP server: connections, their limits and their times. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdint.h>

#include "buf.h"
#include "request.h"

#define SERVER_CLIENTS	16	/* open connections; further ones wait until one of these ends */
#define SERVER_ASK_MS	5000	/* time for a whole request */
#define SERVER_TAKE_MS	10000	/* time for a client to take the whole answer, and to close the connection */

/**
 * struct body - the body of answers, which several connections can share
 * @refs:	number of users; the last one frees the body
 * @text:	the bytes
 */
struct body {
	unsigned int refs;
	struct buf text;
};

enum client_state {
	CLIENT_FREE,		/* no connection */
	CLIENT_ASKS,		/* the request has not arrived yet */
	CLIENT_TAKES,		/* the answer is being sent */
	CLIENT_ENDS,		/* the answer was sent; the client closes the connection */
};

/**
 * struct client - a connection
 * @state:	what is going on
 * @fd:		the connection
 * @until:	when the connection is closed at the latest, ns
 * @in:		what the client has sent
 * @n_in:	number of bytes in @in
 * @head:	the headers of the answer
 * @n_head:	number of bytes in @head
 * @body:	the body of the answer, or NULL
 * @sent:	bytes of @head and @body that were sent
 */
struct client {
	enum client_state state;
	int fd;
	uint64_t until;
	char in[REQUEST_MOST];
	size_t n_in;
	char head[512];
	size_t n_head;
	struct body *body;
	size_t sent;
};

/**
 * struct server - the server
 * @listen:	the listening socket
 * @agent:	a socket that ends when the agent ends
 * @answer:	returns the body of an answer and its type, or NULL when memory is short; the caller
 *		gives the body back with body_put()
 * @arg:	passed to @answer
 * @clients:	the connections
 */
struct server {
	int listen;
	int agent;
	struct body *(*answer)(void *arg, const struct http_request *r, const char **type);
	void *arg;
	struct client clients[SERVER_CLIENTS];
};

bool server_turn(struct server *s, int most_ms);
void server_close(struct server *s);
struct body *body_get(struct body *body);
void body_put(struct body *body);

#endif
