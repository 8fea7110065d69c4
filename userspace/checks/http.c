// SPDX-License-Identifier: GPL-2.0
/* Checks by HTTP and HTTPS, with libcurl driven by the event loop. */
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks/held.h"
#include "checks/job.h"
#include "checks/page.h"
#include "haagentd/clock.h"
#include "lib/tcp.h"

#define READ_SIZE	4096
#define URL_SIZE	(PLAN_BYTES + 128)
#define AGENT		"haswitch"
#define CLOSE		"Connection: close"

/**
 * struct http - a check by HTTP
 * @job:	the job
 * @easy:	its transfer, which is used again in each attempt
 * @connect_to:	what has the transfer go to the server's address, whatever the URL names
 * @headers:	headers of the request
 * @fd:		a second descriptor of this attempt's connection, or -1: libcurl closes the first one
 * @held:	connections of earlier attempts, on which the server has said nothing
 * @page:	what the server has sent in this attempt
 * @starved:	errno of socket() in this attempt, or 0
 * @why:	libcurl's words about an attempt that failed
 */
struct http {
	struct job *job;
	CURL *easy;
	struct curl_slist *connect_to;
	struct curl_slist *headers;
	int fd;
	struct held held;
	struct page page;
	int starved;
	char why[CURL_ERROR_SIZE];
};

static struct event_base *loop;
static struct event *timer;
static CURLM *multi;

static void answer(struct http *h, CURLcode code)
{
	struct job *job = h->job;
	char why[PAGE_WHY];
	enum plan_outcome outcome;

	if (h->starved) {
		job_end(job, PLAN_UNSURE, "no socket: %s", strerror(h->starved));
		return;
	}
	/* Bytes that are not wanted are refused, so that libcurl ends the transfer with this code. */
	if (code == CURLE_WRITE_ERROR && (h->page.full || h->page.starved))
		code = CURLE_OK;
	if (code == CURLE_OUT_OF_MEMORY || code == CURLE_FAILED_INIT) {
		job_end(job, PLAN_UNSURE, "%s", curl_easy_strerror(code));
		return;
	}
	if (code != CURLE_OK) {
		job_end(job, PLAN_BAD, "%s", h->why[0] ? h->why : curl_easy_strerror(code));
		return;
	}
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &h->page.status);
	outcome = page_judge(&h->page, &job->plan, why);
	job_end(job, outcome, "%s", why);
}

/* Closes the connection of an attempt, unless the server hangs. */
static void let_go(struct http *h)
{
	curl_off_t body = 0;
	long head = 0;

	curl_easy_getinfo(h->easy, CURLINFO_HEADER_SIZE, &head);
	curl_easy_getinfo(h->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	if (h->fd >= 0 && !held_keep(&h->held, h->fd, head || body, clock_now()))
		tcp_close(h->fd);
	h->fd = -1;
}

/* Ends the transfers that are done. */
static void reap(void)
{
	CURLMsg *message;
	struct http *h;
	int left;

	while ((message = curl_multi_info_read(multi, &left))) {
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&h);
		curl_multi_remove_handle(multi, h->easy);
		let_go(h);
		answer(h, code);
		page_free(&h->page);
	}
}

static void on_timer(evutil_socket_t none, short what, void *arg)
{
	int running;

	(void)none;
	(void)what;
	(void)arg;
	curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap();
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	int flags = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
	int running;

	(void)arg;
	curl_multi_socket_action(multi, fd, flags, &running);
	reap();
}

/* libcurl says when it wants to be called next. It must not be called from here, so also "at once" is a timer. */
static int want_time(CURLM *m, long ms, void *arg)
{
	struct timeval span = clock_span(ms > 0 ? (uint64_t)ms * CLOCK_MS : 0);

	(void)m;
	(void)arg;
	if (ms < 0)
		evtimer_del(timer);
	else
		evtimer_add(timer, &span);
	return 0;
}

/* libcurl says what it waits for at a socket. */
static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	short events = (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
	struct event *event = socket_arg;

	(void)easy;
	(void)arg;
	if (what == CURL_POLL_REMOVE) {
		if (event)
			event_free(event);
		curl_multi_assign(multi, fd, NULL);
		return 0;
	}
	if (!event) {
		event = event_new(loop, fd, (short)(events | EV_PERSIST), on_socket, NULL);
		curl_multi_assign(multi, fd, event);
	} else {
		event_del(event);
		event_assign(event, loop, fd, (short)(events | EV_PERSIST), on_socket, NULL);
	}
	/* Without memory for the event, the timeout ends the attempt. */
	if (event)
		event_add(event, NULL);
	return 0;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http *h = arg;
	int fd = socket(to->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)purpose;
	h->starved = fd < 0 ? errno : 0;
	if (h->fd >= 0)
		tcp_close(h->fd);
	/* Without a second descriptor, the connection is not kept. */
	h->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int close_socket(void *none, curl_socket_t fd)
{
	(void)none;
	return tcp_close(fd);
}

static size_t take_body(char *at, size_t one, size_t n, void *arg)
{
	struct http *h = arg;

	return page_take(&h->page, at, one * n) ? one * n : 0;
}

/* Sets what is the same in all attempts. Return: libcurl's code */
static CURLcode set(struct http *h, const char *url)
{
	const struct job *job = h->job;
	const struct {
		CURLoption option;
		long value;
	} longs[] = {
		{ CURLOPT_NOSIGNAL, 1 },
		{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
		/* Each attempt needs a connection of its own: a server that takes no more connections is down. */
		{ CURLOPT_FRESH_CONNECT, 1 },
		{ CURLOPT_FORBID_REUSE, 1 },
		{ CURLOPT_SSL_SESSIONID_CACHE, 0 },
		{ CURLOPT_BUFFERSIZE, READ_SIZE },
		{ CURLOPT_SSL_VERIFYPEER, job->plan.verify },
		{ CURLOPT_SSL_VERIFYHOST, job->plan.verify ? 2 : 0 },
		{ CURLOPT_TIMEOUT_MS, (long)((job->plan.timeout + CLOCK_MS - 1) / CLOCK_MS) },
	};
	const struct {
		CURLoption option;
		const void *value;
	} pointers[] = {
		{ CURLOPT_URL, url },
		{ CURLOPT_CONNECT_TO, h->connect_to },
		{ CURLOPT_HTTPHEADER, h->headers },
		{ CURLOPT_PROTOCOLS_STR, "http,https" },
		{ CURLOPT_PROXY, "" },
		{ CURLOPT_USERAGENT, AGENT },
		{ CURLOPT_ERRORBUFFER, h->why },
		{ CURLOPT_PRIVATE, h },
		{ CURLOPT_WRITEDATA, h },
		{ CURLOPT_OPENSOCKETDATA, h },
	};
	CURLcode code = CURLE_OK;
	size_t i;

	for (i = 0; !code && i < sizeof(longs) / sizeof(longs[0]); i++)
		code = curl_easy_setopt(h->easy, longs[i].option, longs[i].value);
	for (i = 0; !code && i < sizeof(pointers) / sizeof(pointers[0]); i++)
		code = curl_easy_setopt(h->easy, pointers[i].option, pointers[i].value);
	if (!code)
		code = curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, take_body);
	if (!code)
		code = curl_easy_setopt(h->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	if (!code)
		code = curl_easy_setopt(h->easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	return code;
}

static void http_forget(struct job *job)
{
	struct http *h = job->state;

	if (h->easy)
		curl_easy_cleanup(h->easy);
	held_close(&h->held);
	curl_slist_free_all(h->connect_to);
	curl_slist_free_all(h->headers);
	page_free(&h->page);
	free(h);
	job->state = NULL;
}

/*
 * Writes the URL of what is asked for. A name goes into it, so that a server of several names sees it in the TLS
 * handshake, too.
 */
static void write_url(const struct job *job, char url[URL_SIZE])
{
	const struct hasw_addr *addr = job->plan.way ? &job->plan.vip : &job->plan.address;
	const char *host = job->words[PLAN_HOST], *scheme = plan_kind_word(job->plan.kind);
	char address[HASW_ADDR_TEXT];

	if (host[0])
		snprintf(url, URL_SIZE, "%s://%s:%u%s", scheme, host, job->plan.port, job->words[PLAN_PATH]);
	else
		snprintf(url, URL_SIZE, addr->family == AF_INET6 ? "%s://[%s]:%u%s" : "%s://%s:%u%s", scheme,
			 hasw_addr_format(addr, address), job->plan.port, job->words[PLAN_PATH]);
}

/**
 * http_request - write a request as libcurl does
 * @job:	the job
 *
 * Return: the request, which is allocated, or NULL
 */
char *http_request(const struct job *job)
{
	char url[URL_SIZE], *path = NULL, *query = NULL, *host = NULL, *port = NULL, *request = NULL;
	CURLU *parts = curl_url();

	write_url(job, url);
	if (parts && !curl_url_set(parts, CURLUPART_URL, url, 0) && !curl_url_get(parts, CURLUPART_PATH, &path, 0) &&
	    !curl_url_get(parts, CURLUPART_HOST, &host, 0)) {
		/* The usual port is left out, and there may be no query. */
		curl_url_get(parts, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
		curl_url_get(parts, CURLUPART_QUERY, &query, 0);
		if (asprintf(&request, "GET %s%s%s HTTP/1.1\r\nHost: %s%s%s\r\nUser-Agent: " AGENT "\r\nAccept: */*\r\n"
			     CLOSE "\r\n\r\n", path, query ? "?" : "", query ? query : "", host, port ? ":" : "",
			     port ? port : "") < 0)
			request = NULL;
	}
	curl_free(path);
	curl_free(query);
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(parts);
	return request;
}

static struct http *http_make(struct job *job)
{
	char address[HASW_ADDR_TEXT], to[HASW_ADDR_TEXT + 16], url[URL_SIZE];
	bool six = job->plan.address.family == AF_INET6;
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->job = job;
	h->fd = -1;
	job->state = h;
	hasw_addr_format(&job->plan.address, address);
	snprintf(to, sizeof(to), six ? "::[%s]:%u" : "::%s:%u", address, job->plan.port);
	write_url(job, url);
	h->easy = curl_easy_init();
	h->connect_to = curl_slist_append(NULL, to);
	h->headers = curl_slist_append(NULL, CLOSE);
	if (!h->easy || !h->connect_to || !h->headers || set(h, url)) {
		http_forget(job);
		return NULL;
	}
	return h;
}

static void http_begin(struct job *job)
{
	struct http *h = job->state ? job->state : http_make(job);

	if (!h) {
		job_end(job, PLAN_UNSURE, "libcurl cannot be used: out of memory?");
		return;
	}
	if (held_waits(&h->held, job->begun)) {
		job_end(job, PLAN_BAD, JOB_HANGS);
		return;
	}
	page_begin(&h->page, job->words[PLAN_BODY]);
	h->starved = 0;
	h->why[0] = 0;
	if (curl_multi_add_handle(multi, h->easy))
		job_end(job, PLAN_UNSURE, "libcurl does not begin");
}

static void http_stop(struct job *job)
{
	struct http *h = job->state;

	curl_multi_remove_handle(multi, h->easy);
	let_go(h);
}

/**
 * http_open - prepare for checks by HTTP
 * @base:	the event loop
 *
 * Return: 0 or -ENOMEM
 */
int http_open(struct event_base *base)
{
	loop = base;
	timer = evtimer_new(base, on_timer, NULL);
	if (!timer || curl_global_init(CURL_GLOBAL_DEFAULT))
		return -ENOMEM;
	multi = curl_multi_init();
	if (!multi)
		return -ENOMEM;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, want_time);
	return 0;
}

const struct kind kind_http = { .begin = http_begin, .stop = http_stop, .forget = http_forget };
