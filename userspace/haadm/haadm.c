// SPDX-License-Identifier: GPL-2.0
/* The context that all commands of haadm share: the netlink socket and error reports. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/plain.h"
#include "haadm.h"

struct hasw_sock *haadm_sock(struct haadm *haadm)
{
	struct hasw_error err;

	if (!haadm->sock_open) {
		if (hasw_sock_open(&haadm->sock, &err)) {
			haadm_complain(haadm, STATUS_REFUSED, "%s", err.text);
			return NULL;
		}
		haadm->sock_open = true;
	}
	return &haadm->sock;
}

enum status haadm_complain(const struct haadm *haadm, enum status status, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	/* Earlier output must appear before the error report. */
	fflush(stdout);
	if (haadm->plugin)
		hasw_plain_line(stdout, HAADM_PLUGIN " UNKNOWN - %s", text ? text : "out of memory");
	else if (haadm->file && haadm->line)
		hasw_plain_line(stderr, "%s:%u: %s", haadm->file, haadm->line, text ? text : "out of memory");
	else
		hasw_plain_line(stderr, "%s: %s", haadm->file ? haadm->file : "haadm", text ? text : "out of memory");
	free(text);
	return haadm->plugin ? STATUS_UNKNOWN : status;
}

enum status haadm_unwritten(const struct haadm *haadm)
{
	if (errno == EPIPE && !haadm->file)
		return STATUS_USAGE;
	return haadm_complain(haadm, STATUS_USAGE, "cannot write the output: %s", strerror(errno));
}

enum status haadm_error(const struct haadm *haadm, const struct hasw_error *err)
{
	const char *name = strerrorname_np(err->code);

	if (!err->kernel)
		return haadm_complain(haadm, STATUS_REFUSED, "%s", err->text);
	return haadm_complain(haadm, STATUS_REFUSED, "refused by the kernel: %s (%s)", err->text,
			      name ? name : "unknown error");
}
