// SPDX-License-Identifier: GPL-2.0
/* The log: one line per message, written without blocking. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/plain.h"
#include "lib/text.h"
#include "log.h"

static bool debugging;
static bool journal;		/* stderr is connected to the journal, so each line begins with a priority */
static bool socket_out;		/* stderr is a socket */
static unsigned long lost;	/* number of dropped lines that were not reported yet */

/**
 * log_open - find out what stderr is connected to
 * @debug:	whether debug lines are written
 */
void log_open(bool debug)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	debugging = debug;
	if (fstat(STDERR_FILENO, &st) < 0)
		return;
	socket_out = S_ISSOCK(st.st_mode);
	journal = stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
		  dev == st.st_dev && ino == st.st_ino;
}

/**
 * log_debugging - check whether debug lines are written
 *
 * Return: yes or no
 */
bool log_debugging(void)
{
	return debugging;
}

/*
 * Writes a line without blocking, because a log reader that hangs must not delay
 * heartbeats. Returns false if the line could not be written at once and is lost.
 */
static bool emit(const char *line, size_t length)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t put;

	if (poll(&out, 1, 0) != 1 || !(out.revents & POLLOUT))
		return false;
	put = socket_out ?
	      send(STDERR_FILENO, line, length, MSG_DONTWAIT | MSG_NOSIGNAL) :
	      write(STDERR_FILENO, line, length);
	return put == (ssize_t)length;
}

/**
 * log_line - write a line to the log
 * @level:	severity of the line
 * @format:	as for printf, without the newline
 */
void log_line(enum log_level level, const char *format, ...)
{
	static const char *const words[] = {
		[LOG_LEVEL_ERROR] = "error: ",
		[LOG_LEVEL_WARNING] = "warning: ",
		[LOG_LEVEL_NOTICE] = "",
		[LOG_LEVEL_INFO] = "",
		[LOG_LEVEL_DEBUG] = "debug: ",
	};
	int saved = errno;
	/* What is cut off behind the text has no room in the line, so that no part of a character is shown. */
	char line[1024], text[sizeof(line) + 4];
	va_list args;
	int at;

	if (journal)
		at = snprintf(line, sizeof(line), "<%d>", level);
	else
		at = snprintf(line, sizeof(line), "haagentd: %s", words[level]);
	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	/* Files, peers and answers of checks have their say here. None of them begins a line, or commands a terminal. */
	at += (int)hasw_plain_put(line + at, sizeof(line) - (size_t)at - 1, text);
	line[at++] = '\n';

	if (lost) {
		char note[80];
		int length = snprintf(note, sizeof(note),
				      "%s%lu line%s of the log %s lost\n",
				      journal ? "<4>" : "haagentd: warning: ",
				      lost, hasw_s(lost), hasw_plural(lost, "was", "were"));

		if (emit(note, (size_t)length))
			lost = 0;
	}
	if (!emit(line, (size_t)at))
		lost++;
	errno = saved;
}
