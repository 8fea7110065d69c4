// SPDX-License-Identifier: GPL-2.0
/* The notification socket of the service manager (sd_notify), without libsystemd. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "systemd.h"

static int manager = -1;

/**
 * systemd_open - connect to the service manager if NOTIFY_SOCKET is set
 */
void systemd_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t length;

	if (!path)
		return;
	if ((path[0] != '/' && path[0] != '@') || !path[1] ||
	    strlen(path) >= sizeof(to.sun_path)) {
		log_warning("NOTIFY_SOCKET=%s is no socket that can be used", path);
		return;
	}
	memcpy(to.sun_path, path, strlen(path));
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (path[0] == '@')
		to.sun_path[0] = 0;
	else
		length++;
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (manager < 0 || connect(manager, (struct sockaddr *)&to, length)) {
		log_warning("the service manager at %s cannot be told: %s",
			    path, strerror(errno));
		if (manager >= 0)
			close(manager);
		manager = -1;
	}
}

/**
 * systemd_notify - send a message to the service manager
 * @format:	as for printf; the text has a KEY=VALUE on each line
 */
void systemd_notify(const char *format, ...)
{
	char text[512];
	va_list args;
	int length;

	if (manager < 0)
		return;
	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (length < 0)
		return;
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	if (send(manager, text, (size_t)length, MSG_NOSIGNAL) < 0)
		log_debug("the service manager was not told: %s", strerror(errno));
}

/**
 * systemd_watchdog - return the interval at which the agent sends watchdog messages
 *
 * Return: a third of the watchdog's timeout, microseconds; 0 if there is no watchdog
 * for this process
 */
uint64_t systemd_watchdog(void)
{
	const char *span = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");

	if (manager < 0 || !span)
		return 0;
	if (pid && strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	return strtoull(span, NULL, 10) / 3;
}
