// SPDX-License-Identifier: GPL-2.0
/* Requests to the module that hold the event loop up for a bounded time only: a thread makes them. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calls.h"
#include "haagentd/clock.h"
#include "haagentd/privilege.h"
#include "haagentd/realtime.h"
#include "haagentd/thread.h"

/* Opens a socket for requests, and one that is subscribed to events if @events is not NULL. */
static int socks_open(struct hasw_sock *sock, struct hasw_sock *events, struct hasw_error *err)
{
	int ret = hasw_sock_open(sock, err);

	if (ret || !events)
		return ret;
	ret = hasw_sock_open(events, err);
	if (ret)
		goto close_sock;
	ret = hasw_subscribe(events, err);
	if (ret)
		goto close_events;
	return 0;

close_events:
	hasw_sock_close(events);
close_sock:
	hasw_sock_close(sock);
	return ret;
}

static void socks_close(struct calls *c)
{
	hasw_sock_close(&c->events);
	hasw_sock_close(&c->sock);
}

static int keep(const struct hasw_record *rec, void *data)
{
	const struct nlmsghdr *nlh = rec->nlh;
	struct calls_reply *r = data;
	size_t size = MNL_ALIGN(nlh->nlmsg_len), room = r->room ? r->room : 4096;
	void *records;

	while (room - r->filled < size)
		room *= 2;
	if (room != r->room) {
		records = realloc(r->records, room);
		if (!records)
			return -ENOMEM;
		r->records = records;
		r->room = room;
	}
	memcpy((char *)r->records + r->filled, nlh, nlh->nlmsg_len);
	r->filled += size;
	return 0;
}

/* Makes the request. In state CALLS_ASKED the thread alone uses the sockets and @c->made. */
static void answer(struct calls *c)
{
	struct calls_reply *r = &c->made;
	struct hasw_msg msg = { .nlh = r->request, .size = r->size, .op = r->op };

	r->filled = 0;
	switch (r->kind) {
	case CALLS_OPEN:
		r->ret = socks_open(&c->sock, r->events ? &c->events : NULL, &r->err);
		break;
	case CALLS_CALL:
		r->ret = hasw_call(&c->sock, &msg, &r->err);
		break;
	case CALLS_GET:
		r->ret = hasw_get(&c->sock, &msg, keep, r, &r->err);
		break;
	case CALLS_DUMP:
		r->ret = hasw_dump(&c->sock, &msg, keep, r, &r->err);
		break;
	case CALLS_DUMP_BEGIN:
		r->ret = hasw_dump_begin(&c->sock, &msg, &r->dump, &r->err);
		break;
	}
	/* keep() returns -ENOMEM without a text. */
	if (r->ret == -ENOMEM)
		hasw_fail(&r->err, ENOMEM, "out of memory");
}

static void *work(void *arg)
{
	struct calls *c = arg;

	/* Capabilities and scheduling are per thread. The loop may wait for this thread, so it is as urgent. */
	realtime_thread();
	privilege_drop();
	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		if (c->state != CALLS_ASKED) {
			pthread_cond_wait(&c->wake, &c->lock);
			continue;
		}
		pthread_mutex_unlock(&c->lock);
		answer(c);
		pthread_mutex_lock(&c->lock);
		if (c->closing)
			socks_close(c);
		c->state = c->closing ? CALLS_IDLE : CALLS_ANSWERED;
		c->closing = false;
		c->answers++;
		pthread_cond_broadcast(&c->done);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Waits until the thread has made the request that it makes now, or for @ns. The caller holds the lock. */
static void wait_for_thread(struct calls *c, uint64_t ns)
{
	unsigned int before = c->answers;
	struct timespec end = thread_end(ns);

	while (c->state == CALLS_ASKED && c->answers == before && !pthread_cond_timedwait(&c->done, &c->lock, &end))
		;
}

/* Keeps a reply that came too late for its caller, but none to a change: the same change again is a new request. */
static void keep_late(struct calls *c)
{
	struct calls_reply late = c->made;

	if (c->state != CALLS_ANSWERED)
		return;
	c->state = CALLS_IDLE;
	if (late.kind == CALLS_CALL || (c->outdated && late.kind != CALLS_OPEN))
		return;
	late.valid = true;
	c->made = c->kept;
	c->kept = late;
}

static bool is_kept(const struct calls *c, const struct calls_reply *want)
{
	const struct calls_reply *r = &c->kept;

	return r->valid && r->kind == want->kind && r->events == want->events && r->size == want->size &&
	       (!r->size || !memcmp((const char *)r->request + NLMSG_HDRLEN,
				    (const char *)want->request + NLMSG_HDRLEN, r->size - NLMSG_HDRLEN));
}

static int put(struct calls *c, const struct calls_reply *want)
{
	struct calls_reply *r = &c->made;
	void *copy = want->size ? realloc(r->request, want->size) : r->request;

	if (want->size && !copy)
		return -ENOMEM;
	r->request = copy;
	if (want->size)
		memcpy(copy, want->request, want->size);
	r->kind = want->kind;
	r->size = want->size;
	r->op = want->op;
	r->events = want->events;
	c->outdated = false;
	c->state = CALLS_ASKED;
	pthread_cond_signal(&c->wake);
	return 0;
}

/* Waits for the reply to the request that was just put, and counts the time. */
static bool await(struct calls *c)
{
	uint64_t began = clock_now(), took;

	wait_for_thread(c, c->left);
	took = clock_now() - began;
	c->left -= took < c->left ? took : c->left;
	return c->state == CALLS_ANSWERED;
}

/*
 * Has the thread make a request. One that is not answered in time is made nevertheless, as nothing can take it back. If it
 * only reads, its reply is kept for a caller who makes the same request again, so that a slow machine gets on, too. Until
 * the thread has the reply, all other requests are refused at once. Return: the reply; NULL with @err filled if there is none
 * yet
 */
static const struct calls_reply *ask(struct calls *c, const struct calls_reply *want, struct hasw_error *err)
{
	const struct calls_reply *reply = NULL;

	pthread_mutex_lock(&c->lock);
	keep_late(c);
	if (c->state == CALLS_ASKED) {
		hasw_fail(err, ETIMEDOUT, "the module has not answered an earlier request yet");
	} else if (is_kept(c, want)) {
		c->kept.valid = false;
		reply = &c->kept;
	} else if (!c->left) {
		hasw_fail(err, ETIMEDOUT, "the module answers slowly now");
	} else if (put(c, want)) {
		hasw_fail(err, ENOMEM, "out of memory");
	} else if (await(c)) {
		c->state = CALLS_IDLE;
		reply = &c->made;
	} else {
		hasw_fail(err, ETIMEDOUT, "the module does not answer now");
	}
	pthread_mutex_unlock(&c->lock);
	return reply;
}

/* Gives the records of the reply to @fn, and returns what the request itself would have returned. */
static int replay(const struct calls_reply *r, hasw_record_fn fn, void *data, struct hasw_error *err)
{
	const struct nlmsghdr *nlh = r->records;
	int left = (int)r->filled, ret;

	for (; fn && mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		struct hasw_record rec;

		hasw_record_parse(&rec, nlh);
		ret = fn(&rec, data);
		if (ret)
			return ret;
	}
	*err = r->err;
	return r->ret;
}

static const struct calls_reply *request(struct calls *c, enum calls_kind kind, const struct hasw_msg *msg,
					 struct hasw_error *err)
{
	const struct calls_reply want = {
		.kind = kind, .request = msg->nlh, .size = msg->nlh->nlmsg_len, .op = msg->op,
	};

	if (!msg->full)
		return ask(c, &want, err);
	hasw_fail(err, EMSGSIZE, "the request is too long");
	return NULL;
}

static int request_records(struct calls *c, enum calls_kind kind, const struct hasw_msg *msg, hasw_record_fn fn, void *data,
			   struct hasw_error *err)
{
	const struct calls_reply *reply = request(c, kind, msg, err);

	return reply ? replay(reply, fn, data, err) : -err->code;
}

/**
 * calls_begin - have a thread make the requests from now on
 * @c:		the calls; the socket can be open already
 * @patience:	longest time for which requests may hold the loop up in one turn, ns
 *
 * Return: 0, or a negative errno: requests then take as long as they take
 */
int calls_begin(struct calls *c, uint64_t patience)
{
	int err;

	thread_lock_init(&c->lock);
	pthread_cond_init(&c->wake, NULL);
	thread_cond_init(&c->done);
	c->patience = patience;
	c->left = patience;
	err = thread_begin(&c->thread, work, c);
	c->running = !err;
	return err;
}

/**
 * calls_open - open the socket for requests
 * @c:		the calls; closed
 * @events:	NULL, or a socket that is opened and subscribed to events
 * @err:	filled on failure
 *
 * Return: 0 or a negative errno; -ENOENT when the module is not loaded; -ETIMEDOUT when that takes longer than the
 * patience: call it again
 */
int calls_open(struct calls *c, struct hasw_sock *events, struct hasw_error *err)
{
	const struct calls_reply want = { .kind = CALLS_OPEN, .events = events != NULL }, *reply;
	int ret;

	if (!c->running)
		return socks_open(&c->sock, events, err);
	reply = ask(c, &want, err);
	if (!reply)
		return -err->code;
	ret = replay(reply, NULL, NULL, err);
	if (!ret && events) {
		*events = c->events;
		memset(&c->events, 0, sizeof(c->events));
	}
	return ret;
}

/**
 * calls_close - close the socket for requests
 * @c:	the calls; can be closed already
 *
 * If the thread is in a request, it closes the socket when it has the reply.
 */
void calls_close(struct calls *c)
{
	if (!c->running) {
		socks_close(c);
		return;
	}
	pthread_mutex_lock(&c->lock);
	if (c->state == CALLS_ASKED) {
		c->closing = true;
	} else {
		socks_close(c);
		c->state = CALLS_IDLE;
	}
	c->kept.valid = false;
	pthread_mutex_unlock(&c->lock);
}

/**
 * calls_end - close the socket and end the thread
 * @c:	the calls; calls_begin() may never have been called
 *
 * This function waits for the reply to a request that the thread has made.
 */
void calls_end(struct calls *c)
{
	calls_close(c);
	if (!c->running)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	/* A thread that was told to end before it made its last request has not closed them. */
	socks_close(c);
	pthread_cond_destroy(&c->done);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c->made.request);
	free(c->made.records);
	free(c->kept.request);
	free(c->kept.records);
	memset(c, 0, sizeof(*c));
}

/**
 * calls_call - send a request and wait for its acknowledgement
 * @c:		the calls
 * @msg:	the request
 * @err:	filled on failure
 *
 * Return: as hasw_call(); -ETIMEDOUT: the reply takes longer than the patience, and the request can still succeed
 */
int calls_call(struct calls *c, struct hasw_msg *msg, struct hasw_error *err)
{
	return c->running ? request_records(c, CALLS_CALL, msg, NULL, NULL, err) : hasw_call(&c->sock, msg, err);
}

/**
 * calls_get - send a request and take the record of its reply
 * @c:		the calls
 * @msg:	the request
 * @fn:		called with the record
 * @data:	passed to @fn
 * @err:	filled on failure
 *
 * Return: as hasw_get(); -ETIMEDOUT: the reply takes longer than the patience
 */
int calls_get(struct calls *c, struct hasw_msg *msg, hasw_record_fn fn, void *data, struct hasw_error *err)
{
	return c->running ? request_records(c, CALLS_GET, msg, fn, data, err) : hasw_get(&c->sock, msg, fn, data, err);
}

/**
 * calls_dump - send the request of a dump and take its records
 * @c:		the calls
 * @msg:	the request
 * @fn:		called with each record
 * @data:	passed to @fn
 * @err:	filled on failure
 *
 * Return: as hasw_dump(); -ETIMEDOUT: the dump takes longer than the patience
 */
int calls_dump(struct calls *c, struct hasw_msg *msg, hasw_record_fn fn, void *data, struct hasw_error *err)
{
	return c->running ? request_records(c, CALLS_DUMP, msg, fn, data, err) : hasw_dump(&c->sock, msg, fn, data, err);
}

/**
 * calls_dump_begin - send the request of a dump that the caller reads with hasw_dump_step() from @c->sock
 * @c:		the calls
 * @msg:	the request
 * @d:		filled
 * @err:	filled on failure
 *
 * Return: as hasw_dump_begin(); -ETIMEDOUT: it takes longer than the patience, so nothing may be read yet: call it again
 */
int calls_dump_begin(struct calls *c, struct hasw_msg *msg, struct hasw_dumping *d, struct hasw_error *err)
{
	const struct calls_reply *reply;

	if (!c->running)
		return hasw_dump_begin(&c->sock, msg, d, err);
	reply = request(c, CALLS_DUMP_BEGIN, msg, err);
	if (!reply)
		return -err->code;
	*d = reply->dump;
	return replay(reply, NULL, NULL, err);
}

/**
 * calls_turn - begin a turn of the event loop, in which requests may hold it up again
 * @c:	the calls
 */
void calls_turn(struct calls *c)
{
	c->left = c->patience;
}

/**
 * calls_outdate - have no reply kept that was asked for until now, because the module has changed since
 * @c:	the calls
 */
void calls_outdate(struct calls *c)
{
	if (c->kept.kind != CALLS_OPEN)
		c->kept.valid = false;
	/* In the other states @made is the thread's, or its kind is not used any more. */
	c->outdated = c->running;
}

/**
 * calls_stuck - return whether a request waits for its reply, so that others are refused
 * @c:	the calls
 *
 * Return: yes or no
 */
bool calls_stuck(struct calls *c)
{
	bool stuck;

	if (!c->running)
		return false;
	pthread_mutex_lock(&c->lock);
	stuck = c->state == CALLS_ASKED;
	pthread_mutex_unlock(&c->lock);
	return stuck;
}

/**
 * calls_settle - wait until the request that is under way is answered, if there is one
 * @c:		the calls
 * @until:	longest time to wait, CLOCK_BOOTTIME, ns
 *
 * Another thread than the loop calls this function, to be sure that a request whose reply the loop did not wait for has
 * no effect any more.
 */
void calls_settle(struct calls *c, uint64_t until)
{
	uint64_t now = clock_now();

	if (!c->running)
		return;
	pthread_mutex_lock(&c->lock);
	if (now < until)
		wait_for_thread(c, until - now);
	pthread_mutex_unlock(&c->lock);
}
