// SPDX-License-Identifier: GPL-2.0
/* HTTP: good and bad requests, clients that are slow or too many, and that an answer arrives whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "http/server.h"

#define BIG	(4U << 20)

static struct server server;
static struct sockaddr_un where = { .sun_family = AF_UNIX };
static int agent = -1;
static size_t body_size;
static unsigned int answers;
static struct http_request last;

static struct body *answer(void *arg, const struct http_request *r, const char **type)
{
	struct body *body = calloc(1, sizeof(*body));

	assert_ptr_equal(arg, &server);
	answers++;
	last = *r;
	*type = "text/x";
	body->refs = 1;
	for (size_t i = 0; i < body_size; i++)
		buf_text(&body->text, "x");
	return body;
}

static int setup(void **state)
{
	socklen_t size = sizeof(where);
	int fds[2];

	(void)state;
	memset(&server, 0, sizeof(server));
	server.answer = answer;
	server.arg = &server;
	server.listen = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	/* Without a name the kernel gives one. */
	assert_return_code(bind(server.listen, (struct sockaddr *)&where, sizeof(sa_family_t)), errno);
	assert_return_code(getsockname(server.listen, (struct sockaddr *)&where, &size), errno);
	assert_return_code(listen(server.listen, 64), errno);
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), errno);
	server.agent = fds[0];
	agent = fds[1];
	body_size = 3;
	answers = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	server_close(&server);
	close(server.listen);
	close(server.agent);
	close(agent);
	where = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return 0;
}

static int connected(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_return_code(connect(fd, (struct sockaddr *)&where, sizeof(sa_family_t) + 6), errno);
	return fd;
}

static void turns(unsigned int n)
{
	while (n--)
		assert_true(server_turn(&server, 0));
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	turns(3);
}

/* Reads to the end of the connection. */
static size_t hear(int fd, char *to, size_t room)
{
	size_t size = 0;

	for (unsigned int i = 0; i < 10000; i++) {
		ssize_t n = recv(fd, to + size, room - size, MSG_DONTWAIT);

		if (!n)
			break;
		if (n > 0)
			size += (size_t)n;
		turns(1);
	}
	return size;
}

static void assert_status(const char *request, unsigned int status)
{
	char text[2048], begin[32];
	int fd = connected();
	size_t size;

	turns(1);
	say(fd, request);
	size = hear(fd, text, sizeof(text) - 1);
	text[size] = '\0';
	snprintf(begin, sizeof(begin), "HTTP/1.1 %u ", status);
	if (strncmp(text, begin, strlen(begin)))
		fail_msg("\"%s\" is answered with \"%.30s\", not with %u", request, text, status);
	assert_non_null(strstr(text, "\r\n\r\n"));
	close(fd);
	turns(2);
}

static void good_requests(void **state)
{
	(void)state;
	assert_status("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200);
	assert_int_equal(last.what, REQUEST_METRICS);
	assert_false(last.openmetrics);
	assert_status("GET /metrics?x=y HTTP/1.0\n\n", 200);
	assert_status("GET /metrics HTTP/1.1\r\nACCEPT: application/OpenMetrics-text;version=1.0.0\r\n\r\n", 200);
	assert_true(last.openmetrics);
	assert_status("GET /metrics HTTP/1.1\r\nX-Accept: application/openmetrics-text\r\n\r\n", 200);
	assert_false(last.openmetrics);
	assert_status("GET / HTTP/1.1\r\n\r\n", 200);
	assert_int_equal(last.what, REQUEST_PAGE);
	assert_status("GET /status.json HTTP/1.1\r\n\r\n", 200);
	assert_int_equal(last.what, REQUEST_STATUS);
	assert_status("HEAD /metrics HTTP/1.1\r\n\r\n", 200);
	assert_true(last.head);
	assert_int_equal(answers, 7);
}

static void bad_requests(void **state)
{
	static char much[REQUEST_MOST + 1];

	(void)state;
	assert_status("\r\n\r\n", 400);
	assert_status("GET\r\n\r\n", 400);
	assert_status("GET /metrics\r\n\r\n", 400);
	assert_status("GET /metrics HTTP/2.0\r\n\r\n", 400);
	assert_status("GET /metrics HTTP/1.1 x\r\n\r\n", 400);
	assert_status("GET http://x/metrics HTTP/1.1\r\n\r\n", 400);
	assert_status("\x16\x03\x01\n\n", 400);
	assert_status("POST /metrics HTTP/1.1\r\n\r\n", 405);
	assert_status("get /metrics HTTP/1.1\r\n\r\n", 405);
	assert_status("GET /metrics/ HTTP/1.1\r\n\r\n", 404);
	assert_status("GET /../metrics HTTP/1.1\r\n\r\n", 404);
	memset(much, 'x', REQUEST_MOST);
	assert_status(much, 431);
	assert_int_equal(answers, 0);
}

static void in_pieces(void **state)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	char text[1024], one[2] = "";
	int fd = connected();

	(void)state;
	turns(1);
	for (size_t i = 0; request[i]; i++) {
		one[0] = request[i];
		say(fd, one);
	}
	text[hear(fd, text, sizeof(text) - 1)] = '\0';
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\nxxx");
	assert_non_null(strstr(text, "\r\nContent-Length: 3\r\n"));
	assert_non_null(strstr(text, "\r\nContent-Type: text/x\r\n"));
	close(fd);
}

static void much_arrives(void **state)
{
	char *text = malloc(BIG + 1024);
	int fd = connected();
	size_t size;

	(void)state;
	body_size = BIG;
	turns(1);
	say(fd, "GET /metrics HTTP/1.1\r\n\r\n");
	size = hear(fd, text, BIG + 1024);
	assert_true(size > BIG);
	assert_memory_equal(text + size - BIG - 4, "\r\n\r\nxxx", 7);
	free(text);
	close(fd);
}

/* Returns whether the server has closed the connection. */
static bool closed(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);

	return !n || (n < 0 && errno == ECONNRESET);
}

/* Who sends nothing, or not all, or reads nothing, loses the place when the time is over. */
static void time_ends(void **state)
{
	int silent = connected(), half = connected(), reads_not = connected();

	(void)state;
	body_size = BIG;
	turns(3);
	say(half, "GET /metrics HTTP/1.1\r\n");
	say(reads_not, "GET /metrics HTTP/1.1\r\n\r\n");
	assert_false(closed(silent));
	for (unsigned int i = 0; i < SERVER_CLIENTS; i++)
		if (server.clients[i].state != CLIENT_FREE)
			server.clients[i].until = clock_now();
	turns(2);
	assert_true(closed(silent));
	assert_true(closed(half));
	for (unsigned int i = 0; i < SERVER_CLIENTS; i++)
		assert_int_equal(server.clients[i].state, CLIENT_FREE);
	close(silent);
	close(half);
	close(reads_not);
}

/* All places are taken: who comes then waits, and is answered when a place is free. */
static void too_many(void **state)
{
	int fds[SERVER_CLIENTS], late;
	char text[1024];

	(void)state;
	for (unsigned int i = 0; i < SERVER_CLIENTS; i++) {
		fds[i] = connected();
		turns(1);
	}
	late = connected();
	say(late, "GET /metrics HTTP/1.1\r\n\r\n");
	assert_int_equal(answers, 0);
	close(fds[5]);
	turns(3);
	text[hear(late, text, sizeof(text) - 1)] = '\0';
	assert_int_equal(answers, 1);
	assert_non_null(strstr(text, "200 OK"));
	close(late);
	for (unsigned int i = 0; i < SERVER_CLIENTS; i++)
		if (i != 5)
			close(fds[i]);
}

static void ends_with_the_agent(void **state)
{
	(void)state;
	turns(1);
	shutdown(agent, SHUT_WR);
	assert_false(server_turn(&server, -1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(good_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(much_arrives, setup, teardown),
		cmocka_unit_test_setup_teardown(time_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_with_the_agent, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
