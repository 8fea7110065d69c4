/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of haadm share: options, the socket, how a command ends. */

#ifndef HAADM_H
#define HAADM_H

#include <stdbool.h>

#include "lib/sock.h"
#include "haadm/output/print.h"

/* How a command ended; these are the exit codes. */
enum status {
	STATUS_OK = 0,
	STATUS_USAGE = 1,	/* what was asked for makes no sense, or a file is in the way */
	STATUS_REFUSED = 2,	/* the kernel refused it */
};

struct haadm {
	struct out out;
	const char *netns;
	const char *batch;
	bool force;		/* a batch goes on after an error */
	const char *file;	/* of the line that is run; NULL: the command line */
	unsigned int line;	/* 0: it is about the file as a whole */
	char self[32];		/* node that a line of the batch adds and that is this machine, though none says so; or "" */
	struct hasw_sock sock;
	bool sock_open;
};

/* The socket to the module, opened when it is first needed; NULL: told why not. */
struct hasw_sock *haadm_sock(struct haadm *haadm);

/* Tells what is wrong, after "haadm: ", "FILE: " or "FILE:LINE: ", and returns STATUS. */
enum status haadm_complain(const struct haadm *haadm, enum status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Tells that standard output took not all; errno is of the write. A reader that went away (haadm flow show | head) needs
 * no word, but a batch stops at a line, and that is worth one.
 */
enum status haadm_unwritten(const struct haadm *haadm);

/* The same for what the library found; the status follows from it. */
enum status haadm_error(const struct haadm *haadm, const struct hasw_error *err);

#endif
