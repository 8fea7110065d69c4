// SPDX-License-Identifier: GPL-2.0
/*
 * Checks through the vip (`at = "vip"`): the member gets what a client would send, by the way on which this node sends
 * it clients' packets. A question and its answer are one packet each; a check by HTTP is a whole connection.
 */
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "checks/end.h"
#include "checks/job.h"
#include "checks/packet.h"
#include "checks/reply.h"
#include "checks/segment.h"
#include "checks/stream.h"
#include "checks/way.h"
#include "haagentd/clock.h"

#define AGAIN	(20 * CLOCK_MS)	/* pause until an unknown link-layer address is looked for again */
#define LOST	(100 * CLOCK_MS)	/* pause until a segment is sent once more, */
#define LOST_PART	8		/* or such a part of the timeout */
#define CLOSING	(50 * CLOCK_MS)	/* a server that has answered may end the connection itself for so long */

/**
 * struct through - an attempt
 * @port:	port of this node
 * @seq:	TCP: number of the SYN
 * @token:	ICMP: comes back with the echo
 * @id:		DNS: id of the query
 * @sent:	the packet is on its way
 * @was:	TCP: port of the last connection, which has ended here
 * @request:	HTTP: what is sent
 * @stream:	HTTP: the connection
 * @reply:	HTTP: what came
 */
struct through {
	uint16_t port;
	uint32_t seq;
	uint64_t token;
	uint16_t id;
	bool sent;
	uint16_t was;
	char *request;
	struct stream stream;
	struct reply reply;
};

static struct event_base *loop;
static struct jobs *jobs;	/* all that there are */

/* An attempt is made here but where the member is this node. Return: NULL there, and before the first attempt */
static struct through *through_of(const struct job *job)
{
	return job->plan.way == PLAN_PLAIN || job->plan.way == PLAN_LOCAL ? NULL : job->state;
}

static uint8_t proto_of(const struct job *job)
{
	switch (job->plan.kind) {
	case PLAN_TCP:
	case PLAN_HTTP:
		return IPPROTO_TCP;
	case PLAN_ICMP:
		return job->plan.vip.family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	default:
		return IPPROTO_UDP;
	}
}

static struct segment segment_of(const struct job *job)
{
	const struct through *t = job->state;

	return (struct segment){
		.from = job->plan.own, .to = job->plan.vip, .proto = proto_of(job), .from_port = t->port,
		.to_port = job->plan.port,
	};
}

/* Ends the connection of HTTP, whatever its state is, so that the server keeps nothing of it. */
static void hang_up(struct job *job)
{
	struct through *t = job->state;
	struct segment s = segment_of(job);
	int err;

	while (stream_hang_up(&t->stream, &s))
		end_send(job, &s, &err);
	page_free(&t->reply.page);
}

/* Frees the member's side of a connection by TCP. The numbers are those that it has acknowledged, or will acknowledge. */
static void reset(const struct job *job)
{
	const struct through *t = job->state;
	struct segment s = segment_of(job);
	int err;

	s.flags = SEGMENT_RST;
	s.seq = t->seq + 1;
	end_send(job, &s, &err);
}

static void finish(struct job *job, enum plan_outcome outcome, const char *why)
{
	struct through *t = job->state;

	event_del(job->io);
	if (job->plan.kind == PLAN_HTTP)
		hang_up(job);
	t->was = t->port;
	t->port = 0;
	job_end(job, outcome, "%s", why);
}

/* Troubles of this machine say nothing of the member. */
static void failed(struct job *job, int err)
{
	finish(job, err == EAGAIN || job_is_own_trouble(err) ? PLAN_UNSURE : PLAN_BAD, strerror(err));
}

/* Time until something is to be done if nothing comes. */
static struct timeval rest_of(const struct job *job)
{
	const struct through *t = job->state;
	struct timeval rest = job_rest(job), span;
	uint64_t now = clock_now();

	if (job->plan.kind != PLAN_HTTP || t->stream.due == STREAM_NEVER)
		return rest;
	span = clock_span(t->stream.due > now ? t->stream.due - now : 0);
	return timercmp(&span, &rest, <) ? span : rest;
}

static void attempt(struct job *job)
{
	struct segment s = segment_of(job);
	struct through *t = job->state;
	uint8_t bytes[SEGMENT_DATA];
	struct timeval span;
	int err;

	s.data = bytes;
	if (job->plan.kind == PLAN_HTTP) {
		stream_open(&t->stream, t->seq, t->request, strlen(t->request),
			    job->plan.timeout / LOST_PART < LOST ? job->plan.timeout / LOST_PART : LOST);
		stream_next(&t->stream, clock_now(), &s);
	} else if (s.proto == IPPROTO_TCP) {
		s.flags = SEGMENT_SYN;
		s.seq = t->seq;
	} else if (s.proto == IPPROTO_UDP) {
		s.data = udp_question(job, t->id, bytes, &s.size);
	} else {
		echo_write(bytes, job->plan.vip.family, job->index, t->token);
		s.size = ECHO_SIZE;
	}
	switch (end_send(job, &s, &err)) {
	case WAY_NONE:
		finish(job, PLAN_BAD, "no route to the node");
		return;
	case WAY_ROUTER:
		finish(job, PLAN_BAD, "the node is behind a router, where via direct does not reach it");
		return;
	case WAY_UNKNOWN:
		finish(job, PLAN_UNSURE, strerror(err));
		return;
	case WAY_SILENT:
		span = clock_span(AGAIN);
		break;
	case WAY_FOUND:
		if (err) {
			failed(job, err);
			return;
		}
		t->sent = true;
		span = rest_of(job);
		break;
	}
	event_add(job->io, &span);
}

/* Sends what the connection of HTTP has to send now. What is lost is sent once more. */
static void send_stream(struct job *job)
{
	struct through *t = job->state;
	uint64_t now = clock_now();
	struct segment s;
	int err;

	for (s = segment_of(job); stream_next(&t->stream, now, &s); s = segment_of(job))
		end_send(job, &s, &err);
}

static void judge_page(struct job *job)
{
	const struct through *t = job->state;
	enum plan_outcome outcome;
	char why[PAGE_WHY];

	if (t->reply.wrong) {
		finish(job, PLAN_BAD, t->reply.wrong);
		return;
	}
	outcome = page_judge(&t->reply.page, &job->plan, why);
	finish(job, outcome, why);
}

/* Nothing came. The member may have the SYN, and its answer may be lost: it would keep a connection half open. */
static void give_up(struct job *job)
{
	if (job->plan.kind == PLAN_TCP)
		reset(job);
	finish(job, PLAN_BAD, "no answer from the vip");
}

/* The timeout is over, or a server that has answered has not ended the connection. */
static void judge_late(struct job *job)
{
	const struct through *t = job->state;

	if (t->reply.over)
		judge_page(job);
	else if (job->plan.kind == PLAN_HTTP && t->stream.state != STREAM_ASKED)
		finish(job, PLAN_BAD,
		       t->reply.page.status ? "timed out: the answer is not whole" : "timed out: no answer");
	else
		give_up(job);
}

/*
 * Takes a segment of a connection of HTTP. A server logs a RST as an error of the client, so it may end the connection
 * first. It does so at once, for the request says that no other one follows.
 */
static void take_segment(struct job *job, const struct heard *h)
{
	struct through *t = job->state;
	bool was_over = t->reply.over;
	struct timeval span;
	const uint8_t *data;
	size_t size = stream_take(&t->stream, h, clock_now(), &data);

	reply_take(&t->reply, data, size);
	if (t->stream.state == STREAM_ENDED)
		reply_end(&t->reply);
	if (t->stream.state == STREAM_REFUSED) {
		finish(job, PLAN_BAD, strerror(ECONNREFUSED));
	} else if (t->stream.state == STREAM_BROKEN && !t->reply.over) {
		finish(job, PLAN_BAD, strerror(ECONNRESET));
	} else if (t->reply.over &&
		   (t->stream.state != STREAM_OPEN || t->reply.wrong || t->reply.page.full || t->reply.page.starved)) {
		judge_page(job);
	} else {
		send_stream(job);
		if (t->reply.over && was_over)
			return;
		span = t->reply.over ? clock_span(CLOSING) : rest_of(job);
		event_add(job->io, &span);
	}
}

static void on_time(evutil_socket_t none, short what, void *arg)
{
	struct job *job = arg;
	struct timeval rest = job_rest(job);
	struct through *t = job->state;

	(void)none;
	(void)what;
	if (t->sent && job->plan.kind == PLAN_HTTP && !t->reply.over && (rest.tv_sec || rest.tv_usec)) {
		stream_time(&t->stream, clock_now());
		send_stream(job);
		rest = rest_of(job);
		event_add(job->io, &rest);
	} else if (t->sent) {
		judge_late(job);
	} else if (!rest.tv_sec && !rest.tv_usec) {
		finish(job, PLAN_BAD, "the node's link-layer address is not found");
	} else {
		attempt(job);
	}
}

static bool is_of(const struct job *job, const struct heard *h)
{
	return !hasw_addr_compare(&job->plan.vip, &h->vip) && !hasw_addr_compare(&job->plan.own, &h->own) &&
	       h->proto == proto_of(job);
}

static bool waits_for(const struct job *job, const struct heard *h)
{
	const struct through *t = through_of(job);

	return job->busy && t && t->sent && is_of(job, h) &&
	       (h->kind == HEARD_ECHO ? job->plan.kind == PLAN_ICMP :
		t->port == h->own_port && job->plan.port == h->vip_port && job->plan.kind != PLAN_ICMP);
}

/* Return: whether the packet belongs to the attempt, which may have ended by it */
static bool judge(struct job *job, const struct heard *h)
{
	const struct through *t = job->state;
	enum plan_outcome outcome;
	char why[UDP_WHY];
	uint32_t index;
	uint64_t token;

	if (job->plan.kind == PLAN_HTTP && h->flags) {
		take_segment(job, h);
		return true;
	}
	switch (h->kind) {
	case HEARD_TAKEN:
	case HEARD_REFUSED:
		if (job->plan.kind != PLAN_TCP || h->ack != t->seq + 1)
			return false;
		if (h->kind == HEARD_TAKEN)
			reset(job);
		finish(job, h->kind == HEARD_TAKEN ? PLAN_GOOD : PLAN_BAD,
		       h->kind == HEARD_TAKEN ? "connected" : strerror(ECONNREFUSED));
		return true;
	case HEARD_DATAGRAM:
		if (job->plan.kind == PLAN_TCP || !udp_judge(job, t->id, h->data, h->size, &outcome, why))
			return false;
		finish(job, outcome, why);
		return true;
	case HEARD_ECHO:
		if (!echo_message(h->data, h->size, job->plan.vip.family, &index, &token) || index != job->index ||
		    token != t->token)
			return false;
		finish(job, PLAN_GOOD, "answered");
		return true;
	case HEARD_NO_PORT:
	case HEARD_NO_WAY:
		/* The number is known only to who has seen the packet: anybody can guess the ports. */
		if (h->proto == IPPROTO_TCP && h->seq != t->seq)
			return false;
		/* A connection that is open outlives such errors (RFC 1122). */
		if (job->plan.kind == PLAN_HTTP && t->stream.state != STREAM_ASKED)
			return true;
		finish(job, PLAN_BAD, strerror(h->kind == HEARD_NO_PORT ? ECONNREFUSED : EHOSTUNREACH));
		return true;
	default:
		return false;
	}
}

/* A member that has missed the RST goes on with a connection that has ended here. It gets another one. */
static bool end_again(const struct job *job, const struct heard *h)
{
	const struct through *t = through_of(job);
	struct segment s;
	int err;

	if (!t || proto_of(job) != IPPROTO_TCP || !is_of(job, h) || job->plan.port != h->vip_port ||
	    t->was != h->own_port || t->port == h->own_port || !(h->flags & SEGMENT_ACK) || h->flags & SEGMENT_RST)
		return false;
	s = segment_of(job);
	s.from_port = t->was;
	s.flags = SEGMENT_RST;
	s.seq = h->ack;
	end_send(job, &s, &err);
	return true;
}

static void take(const uint8_t *at, size_t size, bool summed)
{
	struct heard h;
	uint32_t i;

	segment_read(at, size, &h);
	if (!summed && !segment_sum_good(at, size))
		return;
	for (i = 0; h.kind && jobs && i < jobs->n; i++)
		if (waits_for(&jobs->list[i], &h) && judge(&jobs->list[i], &h))
			return;
	for (i = 0; h.kind && h.flags && jobs && i < jobs->n; i++)
		if (end_again(&jobs->list[i], &h))
			return;
}

/* Whether no other check of the same port of the vip waits for an answer at a port. */
static bool is_free(const struct job *job, uint16_t port)
{
	uint32_t i;

	for (i = 0; i < job->all->n; i++) {
		const struct job *other = &job->all->list[i];
		const struct through *t = through_of(other);

		if (other != job && t && other->busy && t->port == port &&
		    other->plan.port == job->plan.port && !hasw_addr_compare(&other->plan.vip, &job->plan.vip))
			return false;
	}
	return true;
}

static uint16_t pick_port(const struct job *job, struct end *end)
{
	unsigned int i;

	for (i = 0; i < END_PORTS; i++) {
		uint16_t port = end->ports[end->next++ % END_PORTS];

		if (is_free(job, port))
			return port;
	}
	return 0;
}

/*
 * The member is this node itself, where no packet would arrive: the kernel is asked for the server. One of HTTP that
 * listens at all addresses is asked for the page at the node's own one, to which the kernel's connections go.
 */
static void look_here(struct job *job)
{
	enum way_listens at_vip = way_listens(&job->plan.vip, proto_of(job), job->plan.port);

	if (job->plan.kind == PLAN_HTTP && at_vip == LISTENS_ANY &&
	    way_listens(&job->plan.address, proto_of(job), job->plan.port) == LISTENS_ANY) {
		kind_http.begin(job);
		return;
	}
	switch (at_vip) {
	case LISTENS_YES:
	case LISTENS_ANY:
		job_end(job, PLAN_GOOD, job->plan.kind == PLAN_ICMP ? "the vip is an address of this node" :
			job->plan.kind == PLAN_HTTP ? "a socket of this node listens; its page cannot be asked for" :
			"a socket of this node listens");
		break;
	case LISTENS_NO:
		job_end(job, PLAN_BAD, "nobody on this node listens at the vip");
		break;
	case LISTENS_ELSEWHERE:
		job_end(job, PLAN_BAD, "the vip is no address of this node");
		break;
	case LISTENS_UNKNOWN:
		job_end(job, PLAN_UNSURE, "the kernel does not tell who listens: %s", strerror(errno));
		break;
	}
}

static void through_begin(struct job *job)
{
	struct end *end = end_of(job->plan.vip.family);
	struct { uint64_t token; uint32_t seq; uint16_t id; } lots;
	bool http = job->plan.kind == PLAN_HTTP;
	struct through *t;
	int err;

	if (job->plan.way == PLAN_LOCAL) {
		look_here(job);
		return;
	}
	if (!job->state)
		job->state = calloc(1, sizeof(*t));
	t = job->state;
	if (t && http && !t->request)
		t->request = http_request(job);
	err = t && (!http || t->request) ? end_make_ready(end) : ENOMEM;
	if (!err && http)
		err = end_make_silent(end);
	if (err) {
		job_end(job, PLAN_UNSURE, "no packets by hand: %s", strerror(err));
		return;
	}
	if (job->plan.own.family != job->plan.vip.family || job->plan.address.family != job->plan.vip.family) {
		job_end(job, PLAN_UNSURE, "%s node has no address of the vip's family",
			job->plan.own.family != job->plan.vip.family ? "this" : "the");
		return;
	}
	if (getrandom(&lots, sizeof(lots), GRND_NONBLOCK) != sizeof(lots)) {
		job_end(job, PLAN_UNSURE, "no random numbers");
		return;
	}
	*t = (struct through){
		.token = lots.token, .seq = lots.seq, .id = lots.id, .port = pick_port(job, end), .was = t->was,
		.request = t->request,
	};
	if (http)
		reply_begin(&t->reply, job->words[PLAN_BODY]);
	if (!t->port) {
		job_end(job, PLAN_UNSURE, "more than %d members of the service do not answer at a time", END_PORTS);
		return;
	}
	jobs = job->all;
	event_assign(job->io, loop, -1, 0, on_time, job);
	attempt(job);
}

static void through_stop(struct job *job)
{
	if (!through_of(job)) {
		kind_http.stop(job);
		return;
	}
	event_del(job->io);
	if (job->plan.kind == PLAN_HTTP)
		hang_up(job);
	else if (job->plan.kind == PLAN_TCP && through_of(job)->sent)
		reset(job);
}

static void through_forget(struct job *job)
{
	struct through *t = through_of(job);

	if (!t) {
		kind_http.forget(job);
		return;
	}
	free(t->request);
	free(t);
	job->state = NULL;
}

/**
 * through_open - open the sockets that need a right of root
 * @base:	the event loop
 */
void through_open(struct event_base *base)
{
	loop = base;
	ends_open(base, take);
}

const struct kind kind_through = { .begin = through_begin, .stop = through_stop, .forget = through_forget };
