/* SPDX-License-Identifier: GPL-2.0 */
/* The netlink socket to the module: requests, dumps, batches and events. */

#ifndef HASW_SOCK_H
#define HASW_SOCK_H

#include "codec.h"

struct mnl_socket;

/* Why something failed. */
struct hasw_error {
	int code;			/* positive errno */
	bool kernel;			/* the kernel refused a message */
	uint32_t seq;			/* of the refused message */
	const struct hasw_attr *attr;	/* that the kernel complained of, or NULL */
	char text[256];			/* a phrase for people, without newline */
};

/* Sets an error and returns -CODE. */
int hasw_fail(struct hasw_error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

struct hasw_sock {
	struct mnl_socket *nl;
	uint16_t family;
	uint32_t events_group;
	uint32_t seq;			/* of the last message sent */
	char *buf;			/* for receiving */
	size_t buf_size;
	bool left;			/* a dump is still under way: nobody reads on */
};

/*
 * Opens a socket in the present network namespace and resolves the family.
 * -ENOENT: the module is not loaded, and the text says what to do.
 * All functions return 0 or a negative errno and fill ERR when they fail.
 */
int hasw_sock_open(struct hasw_sock *sock, struct hasw_error *err);
void hasw_sock_close(struct hasw_sock *sock);
int hasw_sock_fd(const struct hasw_sock *sock);

/* Sends a request and waits for its acknowledgement. */
int hasw_call(struct hasw_sock *sock, struct hasw_msg *msg, struct hasw_error *err);

/*
 * Called with each record of an answer. What is not 0 ends the reading and is
 * returned. A dump ended so, or by an error, is still under way; the next
 * request opens the socket anew.
 */
typedef int (*hasw_record_fn)(const struct hasw_record *rec, void *data);

/* Sends a request without NLM_F_DUMP and calls FN with its one answer. */
int hasw_get(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data,
	     struct hasw_error *err);

/* What hasw_dump returns when objects changed meanwhile: some may be missing or there twice. */
#define HASW_DUMP_TORN 1

/* Sends a request with NLM_F_DUMP and calls FN with each record, as they come. */
int hasw_dump(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data,
	      struct hasw_error *err);

/*
 * Sends LEN bytes of complete requests, numbered in a row up to LAST_SEQ, with
 * one system call. The last one must have NLM_F_ACK. Returns when it is answered;
 * if the kernel refused any, with the error of the first of them.
 */
int hasw_batch(struct hasw_sock *sock, void *msgs, size_t len, uint32_t last_seq,
	       struct hasw_error *err);

/* The most bytes that hasw_batch can send at once. */
size_t hasw_batch_max(const struct hasw_sock *sock);

/*
 * Events. Use a socket of its own for them: subscribe, wait until the
 * descriptor can be read, then hasw_events calls FN with each that is there.
 * It does not block. -ENOBUFS: events were lost; read them with event-get.
 * What makes no sense to this build (the module may be newer) is passed over,
 * in the dump of event-get as well.
 */
int hasw_subscribe(struct hasw_sock *sock, struct hasw_error *err);
int hasw_events(struct hasw_sock *sock, hasw_record_fn fn, void *data, struct hasw_error *err);

/*
 * Reads an NLMSG_ERROR message, or the NLMSG_DONE of a dump that could not be made.
 * 0: it is an acknowledgement. Otherwise fills
 * ERR from errno and extended acknowledgement. SENT is the request it answers,
 * with the attributes of operation OP; both may be NULL.
 */
int hasw_error_parse(struct hasw_error *err, const struct nlmsghdr *nlh,
		     const struct nlmsghdr *sent, const struct hasw_op *op);

#endif
