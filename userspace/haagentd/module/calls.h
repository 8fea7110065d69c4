/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to the module that hold the event loop up for a bounded time only.
 *
 * A request is answered within microseconds, unless somebody holds a lock that the kernel needs for it: generic netlink's
 * own, for which every user of every family waits while a kernel module registers a family; rtnl; or the module's, while a
 * large configuration is put in place. Leases must be renewed meanwhile. So a thread makes the requests, and the loop waits
 * for it no longer than struct calls' @patience.
 */
#ifndef HAAGENTD_CALLS_H
#define HAAGENTD_CALLS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/sock.h"

enum calls_kind { CALLS_OPEN, CALLS_CALL, CALLS_GET, CALLS_DUMP, CALLS_DUMP_BEGIN };

/* Who may use the socket and the request of a struct calls. */
enum calls_state {
	CALLS_IDLE,	/* the loop; there is no request */
	CALLS_ASKED,	/* the thread */
	CALLS_ANSWERED,	/* the loop; the reply is not taken yet */
};

/**
 * struct calls_reply - a request and its reply
 * @kind:	what is requested
 * @request:	the request, a copy of its own
 * @size:	size of @request in bytes
 * @op:		describes the attributes of @request
 * @events:	CALLS_OPEN: open a socket for events, too
 * @valid:	nobody has taken the reply yet; for struct calls' @kept alone
 * @dump:	the dump that CALLS_DUMP_BEGIN has begun
 * @ret:	result of the request
 * @err:	its error
 * @records:	the records of the reply, as messages
 * @filled:	bytes of @records that are filled
 * @room:	size of @records in bytes
 */
struct calls_reply {
	enum calls_kind kind;
	void *request;
	size_t size;
	const struct hasw_op *op;
	bool events;
	bool valid;
	struct hasw_dumping dump;
	int ret;
	struct hasw_error err;
	void *records;
	size_t filled;
	size_t room;
};

/**
 * struct calls - a socket for requests to the module, and the thread that makes them
 * @sock:	the socket
 * @events:	a socket that CALLS_OPEN opened for events
 * @running:	the thread runs; without it, all below is unused, and a request takes as long as it takes
 * @patience:	longest time for which requests may hold the loop up in one turn, ns
 * @left:	what is left of that in this turn, ns
 * @thread:	the thread
 * @lock:	protects @state, @answers, @stop and @closing
 * @wake:	@state is CALLS_ASKED, or @stop is true
 * @done:	@state is not CALLS_ASKED any more
 * @state:	who may use the sockets and @made
 * @answers:	counts the requests that the thread has made
 * @stop:	the thread is to end
 * @closing:	the thread is to close the sockets after the request, of which nobody wants the
 *		reply
 * @outdated:	the reply to the request under way is not to be kept; the loop's
 * @made:	the request under way
 * @kept:	the last reply that came too late for who asked; the loop's
 */
struct calls {
	struct hasw_sock sock;
	struct hasw_sock events;
	bool running;
	uint64_t patience;
	uint64_t left;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_cond_t done;
	enum calls_state state;
	unsigned int answers;
	bool stop;
	bool closing;
	bool outdated;
	struct calls_reply made;
	struct calls_reply kept;
};

int calls_begin(struct calls *c, uint64_t patience);
int calls_open(struct calls *c, struct hasw_sock *events, struct hasw_error *err);
void calls_close(struct calls *c);
void calls_end(struct calls *c);
int calls_call(struct calls *c, struct hasw_msg *msg, struct hasw_error *err);
int calls_get(struct calls *c, struct hasw_msg *msg, hasw_record_fn fn, void *data, struct hasw_error *err);
int calls_dump(struct calls *c, struct hasw_msg *msg, hasw_record_fn fn, void *data, struct hasw_error *err);
int calls_dump_begin(struct calls *c, struct hasw_msg *msg, struct hasw_dumping *d, struct hasw_error *err);
void calls_turn(struct calls *c);
void calls_outdate(struct calls *c);
bool calls_stuck(struct calls *c);
void calls_settle(struct calls *c, uint64_t until);

#endif
