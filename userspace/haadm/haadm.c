// SPDX-License-Identifier: GPL-2.0
/* The context that all commands of haadm share: the netlink socket and error reports. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

static void where(const struct haadm *haadm)
{
	/* Earlier output must appear before the error report. */
	fflush(stdout);
	if (haadm->file && haadm->line)
		fprintf(stderr, "%s:%u: ", haadm->file, haadm->line);
	else if (haadm->file)
		fprintf(stderr, "%s: ", haadm->file);
	else
		fputs("haadm: ", stderr);
}

enum status haadm_complain(const struct haadm *haadm, enum status status, const char *format, ...)
{
	FILE *to = haadm->plugin ? stdout : stderr;
	va_list args;

	if (haadm->plugin)
		fputs(HAADM_PLUGIN " UNKNOWN - ", to);
	else
		where(haadm);
	va_start(args, format);
	vfprintf(to, format, args);
	va_end(args);
	fputc('\n', to);
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
