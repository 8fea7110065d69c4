// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at all services and members of the module: dumps that are read one datagram at a time, so that the loop does not
 * wait for a hundred thousand services.
 */
#include <errno.h>
#include <event2/event.h>
#include <linux/haswitch.h>
#include <string.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "served.h"

#define SOON	CLOCK_SECOND		/* least pause between two looks */
#define IDLE	(10 * CLOCK_SECOND)	/* pause when nothing happens; whether a member can be reached, no event tells */
#define PATIENCE (1 * CLOCK_MS)		/* longest time for which the loop waits for the begin of a dump */
#define SHARE	50			/* a look may take one part in so many of the time */

static int take_service(const struct hasw_record *rec, void *data)
{
	const char *empty = hasw_string(rec, HASWITCH_A_SERVICE_ON_EMPTY);
	struct hasw_svc service;

	if (hasw_get_svc(rec, HASWITCH_A_SERVICE_ADDR4, &service))
		served_service(data, &service, (unsigned int)hasw_number(rec, HASWITCH_A_SERVICE_MEMBERS, 0),
			       (unsigned int)hasw_number(rec, HASWITCH_A_SERVICE_SERVING, 0),
			       empty && !strcmp(empty, "reject"));
	return 0;
}

static int take_member(const struct hasw_record *rec, void *data)
{
	const char *node = hasw_string(rec, HASWITCH_A_MEMBER_NODE);
	struct hasw_svc service;

	if (node && hasw_get_svc(rec, HASWITCH_A_MEMBER_ADDR4, &service))
		served_member(data, &service, node, (uint16_t)hasw_number(rec, HASWITCH_A_MEMBER_NAT_PORT, 0),
			      hasw_number(rec, HASWITCH_A_MEMBER_STATE, 0) == HASWITCH_NODE_STATE_DRAIN,
			      (unsigned int)hasw_number(rec, HASWITCH_A_MEMBER_WEIGHT, 1),
			      hasw_number(rec, HASWITCH_A_MEMBER_FLOWS, 0));
	return 0;
}

static void pause_until(struct served *s, uint64_t now, uint64_t least)
{
	uint64_t share = (now - s->began) * SHARE;

	s->busy = false;
	s->ended = now;
	s->next = now + (share > least ? share : least);
}

static void sock_close(struct served *s)
{
	if (s->read)
		event_free(s->read);
	s->read = NULL;
	calls_close(&s->calls);
	s->asking = false;
	s->busy = false;
}

static void failed(struct served *s, const char *why)
{
	log_debug("the services of the module cannot be read, and are read again later: %s", why);
	sock_close(s);
	pause_until(s, clock_now(), IDLE);
}

static void on_read(evutil_socket_t fd, short what, void *arg);

static int sock_open(struct served *s, struct hasw_error *err)
{
	int ret;

	if (!s->calls.running)
		calls_begin(&s->calls, PATIENCE);
	ret = calls_open(&s->calls, NULL, err);
	if (ret)
		return ret;
	s->read = event_new(s->base, hasw_sock_fd(&s->calls.sock), EV_READ | EV_PERSIST, on_read, s);
	return s->read ? 0 : hasw_fail(err, ENOMEM, "out of memory");
}

/* Begins the dump of services or of members. If the module does not answer in time, served_tick() calls this again. */
static void ask(struct served *s)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;
	int ret = 0;

	if (!s->read)
		ret = sock_open(s, &err);
	if (!ret) {
		hasw_msg_begin(&msg, buf, sizeof(buf), s->members ? HASWITCH_CMD_MEMBER_GET : HASWITCH_CMD_SERVICE_GET,
			       NLM_F_DUMP);
		ret = calls_dump_begin(&s->calls, &msg, &s->dump, &err);
	}
	if (!ret && event_add(s->read, NULL))
		ret = hasw_fail(&err, ENOMEM, "out of memory");
	s->asking = ret == -ETIMEDOUT;
	if (ret && !s->asking)
		failed(s, err.text);
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
	struct served *s = arg;
	struct hasw_error err;
	int ret;

	(void)fd;
	(void)what;
	ret = hasw_dump_step(&s->calls.sock, &s->dump, s->members ? take_member : take_service, s, &err);
	if (ret == HASW_DUMP_MORE)
		return;
	event_del(s->read);
	if (ret == HASW_DUMP_TORN) {
		/* Services were added or deleted meanwhile, so some are missing. */
		s->due = true;
		pause_until(s, clock_now(), SOON);
	} else if (ret < 0) {
		failed(s, err.text);
	} else if (s->members) {
		pause_until(s, clock_now(), served_end(s, clock_now()) ? SOON : IDLE);
	} else {
		s->members = true;
		ask(s);
	}
}

/**
 * served_open - begin to look
 * @s:		filled
 * @base:	the event loop
 * @ops:	callbacks
 * @arg:	passed to @ops
 */
void served_open(struct served *s, struct event_base *base, const struct served_ops *ops, void *arg)
{
	memset(s, 0, sizeof(*s));
	s->base = base;
	s->ops = ops;
	s->arg = arg;
}

/**
 * served_tick - begin a look, when it is time: soon after an event, and now and then
 * @s:		what is known
 * @now:	the time, ns
 */
void served_tick(struct served *s, uint64_t now)
{
	uint64_t soon = s->ended + SOON, share = s->ended + (s->ended - s->began) * SHARE;

	if (s->busy) {
		if (s->asking)
			ask(s);
		return;
	}
	if (now < s->next && (!s->due || now < (soon > share ? soon : share)))
		return;
	s->due = false;
	s->began = now;
	s->busy = true;
	s->members = false;
	served_begin(s);
	ask(s);
}

/**
 * served_close - close the socket, because the module has gone or the agent ends
 * @s:	what is known; it is forgotten
 */
void served_close(struct served *s)
{
	sock_close(s);
	served_forget(s);
}
