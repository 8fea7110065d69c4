/* SPDX-License-Identifier: GPL-2.0 */
/* The context that all commands of haadm share: options, the netlink socket, error reports and exit codes. */

#ifndef HAADM_H
#define HAADM_H

#include <stdbool.h>

#include "lib/sock.h"
#include "haadm/output/print.h"

/* Result of a command, which is the exit code of haadm. */
enum status {
	STATUS_OK = 0,
	STATUS_USAGE = 1,	/* the command is invalid, or a file cannot be read or written */
	STATUS_REFUSED = 2,	/* the kernel refused the request, or the module or the agent could not carry it out */
	STATUS_FELL_BACK = 3,	/* restore has put the file of --fallback in place instead */
	STATUS_FOUND = 3,	/* doctor has found something */
	STATUS_UNKNOWN = 3,	/* of a monitoring plugin, such as check: what it is about is not known */
};

struct haadm {
	struct out out;
	const char *netns;
	const char *batch;
	bool all;		/* the command is for all nodes of the cluster */
	bool force;		/* a batch continues after an error */
	const char *file;	/* name of the batch file, for error reports; NULL: the command line */
	unsigned int line;	/* number of the line in the file; 0: reports concern the whole file */
	bool plugin;		/* the command is a monitoring plugin, whose errors are its result: UNKNOWN */
	char self[32];		/* name of this machine's node if no line of the batch says `self`; "": unknown */
	struct hasw_sock sock;
	bool sock_open;
};

/*
 * Returns the socket to the module. The first call opens the socket. If that fails, reports the error and returns
 * NULL.
 */
struct hasw_sock *haadm_sock(struct haadm *haadm);

/* The name that the results of monitoring plugins begin with. */
#define HAADM_PLUGIN "HASWITCH"

/*
 * Prints an error on standard error, with the prefix "haadm: ", "FILE: " or "FILE:LINE: ". Returns STATUS. A
 * monitoring plugin prints it on standard output instead, as its result, and returns STATUS_UNKNOWN.
 */
enum status haadm_complain(const struct haadm *haadm, enum status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Reports that standard output was not written completely. errno must still hold the error of the write. For a single
 * command EPIPE is not reported, because the reader of a pipe can exit early, as in `haadm flow show | head`. In a
 * batch EPIPE is reported, to show at which line the batch stops.
 */
enum status haadm_unwritten(const struct haadm *haadm);

/*
 * Reports an error of the library. If the kernel returned the error, the report includes the name of the errno.
 * Returns STATUS_REFUSED.
 */
enum status haadm_error(const struct haadm *haadm, const struct hasw_error *err);

#endif
