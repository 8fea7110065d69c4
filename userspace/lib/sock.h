/* SPDX-License-Identifier: GPL-2.0 */
/* The netlink socket to the module: requests, dumps, batches and events. */

#ifndef HASW_SOCK_H
#define HASW_SOCK_H

#include "codec.h"

struct mnl_socket;

/* The reason for a failure. */
struct hasw_error {
	int code;			/* positive errno */
	bool kernel;			/* the kernel refused a message */
	uint32_t seq;			/* sequence number of the refused message */
	const struct hasw_attr *attr;	/* attribute that the kernel names as wrong or missing, or NULL */
	char text[256];			/* the error as text, without newline */
};

/* Sets an error and returns -CODE. */
int hasw_fail(struct hasw_error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

struct hasw_sock {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t events_group;
	uint32_t seq;			/* sequence number of the last request */
	char *buf;			/* receive buffer */
	size_t buf_size;
	bool left;			/* a dump was not read to its end */
};

/*
 * Opens a socket in the current network namespace, and asks the kernel for the family's id. -ENOENT: the module is not
 * loaded, and the text of ERR says how to load it. All functions with an argument ERR return a negative errno on
 * failure, and then fill ERR.
 */
int hasw_sock_open(struct hasw_sock *sock, struct hasw_error *err);
void hasw_sock_close(struct hasw_sock *sock);
int hasw_sock_fd(const struct hasw_sock *sock);

/* The port id by which the kernel knows the socket. */
uint32_t hasw_sock_port(const struct hasw_sock *sock);

/* Sends a request and waits for its acknowledgement. */
int hasw_call(struct hasw_sock *sock, struct hasw_msg *msg, struct hasw_error *err);

/*
 * Callback for each record of a reply. If it returns a value other than 0, the read ends and returns this value without
 * filling ERR. If the read was a dump, the kernel still sends the rest of the dump. The next request therefore reopens
 * the socket.
 */
typedef int (*hasw_record_fn)(const struct hasw_record *rec, void *data);

/* Sends a request without NLM_F_DUMP, and calls FN with the one record of the reply. */
int hasw_get(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data,
	     struct hasw_error *err);

/* Result of hasw_dump() when objects changed during the dump: records can be missing or duplicate. */
#define HASW_DUMP_TORN 1

/* Sends a request with NLM_F_DUMP, and calls FN with each record as it arrives. */
int hasw_dump(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data,
	      struct hasw_error *err);

/* A dump that is read step by step, by a caller who must not wait for all of it. */
struct hasw_dumping {
	uint32_t seq;
	const struct hasw_op *op;
	bool torn;
};

/* Result of hasw_dump_step() when there is more to read. */
#define HASW_DUMP_MORE 0x7fffffff

/*
 * hasw_dump_begin() sends the request of a dump. Whenever the descriptor is readable, the caller then calls
 * hasw_dump_step(), which reads one datagram. Results other than HASW_DUMP_MORE are those of hasw_dump().
 */
int hasw_dump_begin(struct hasw_sock *sock, struct hasw_msg *msg, struct hasw_dumping *d, struct hasw_error *err);
int hasw_dump_step(struct hasw_sock *sock, struct hasw_dumping *d, hasw_record_fn fn, void *data,
		   struct hasw_error *err);

/*
 * Sends LEN bytes of complete requests with one system call. The sequence numbers of the requests are consecutive and
 * end with LAST_SEQ. The last request must have NLM_F_ACK. Returns 0 if the kernel refuses no request and acknowledges
 * the last one; otherwise the error of the first refused request, or -ENOBUFS if replies were lost.
 */
int hasw_batch(struct hasw_sock *sock, void *msgs, size_t len, uint32_t last_seq,
	       struct hasw_error *err);

/* Enlarges the send buffer, and returns the largest LEN that hasw_batch() can send. */
size_t hasw_batch_max(const struct hasw_sock *sock);

/*
 * Events need a socket of their own. After hasw_subscribe() the caller waits until the descriptor is readable. Then
 * hasw_events() calls FN with queued events, and does not block. There can be more than it takes at once; then the
 * descriptor stays readable. -ENOBUFS: events were lost, but can be read with event-get. Both hasw_events() and a dump
 * by event-get skip events that this build cannot parse, because a newer module may send them.
 */
int hasw_subscribe(struct hasw_sock *sock, struct hasw_error *err);
int hasw_events(struct hasw_sock *sock, hasw_record_fn fn, void *data, struct hasw_error *err);

/* The kernel says no larger errno. */
#define MAX_ERRNO 4095

/*
 * Parses an NLMSG_ERROR message, or the NLMSG_DONE of a dump that failed. Returns 0 for an acknowledgement. Otherwise
 * fills ERR from the errno and the extended acknowledgement, and returns a negative errno. SENT is the request, and OP
 * describes the attributes of SENT; each of SENT and OP can be NULL.
 */
int hasw_error_parse(struct hasw_error *err, const struct nlmsghdr *nlh,
		     const struct nlmsghdr *sent, const struct hasw_op *op);

#endif
