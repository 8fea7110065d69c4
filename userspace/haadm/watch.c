// SPDX-License-Identifier: GPL-2.0
/*
 * A command that shows the same again and again, as it changes. On a terminal each showing replaces the one before it,
 * and is cut to the screen. Elsewhere they follow each other, parted by an empty line; in JSON each is a line.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "haadm/watch.h"
#include "lib/text.h"

#define CLEAR		"\033[H\033[2J"
#define TOP_LEFT	"\033[H"
#define REST_OF_LINE	"\033[K"
#define REST_OF_SCREEN	"\033[J"

#define EVERY		1000000000ULL
#define EVERY_MIN	100000000ULL
#define EVERY_MAX	3600000000000ULL
#define SETTLE_MS	100	/* what happens within this time after an event is shown together */

struct screen {
	sigset_t mask;		/* signals that were blocked before */
	int signals;		/* becomes readable when a signal is to end the command */
	struct termios before;	/* settings of the terminal, which are restored at the end */
	bool keys;		/* standard input is a terminal, whose keys end the command */
	bool terminal;		/* standard output is a terminal */
	FILE *out;		/* standard output, while stdout is a buffer */
	char *text;
	size_t size;
};

enum status watch_parse(struct watch *watch, const struct haadm *haadm, const struct request *req, bool with_w)
{
	struct complaint complaint = { .object = req->object, .verb = req->verb };
	const char *wrong = NULL;
	uint64_t *time;

	watch->every = EVERY;
	for (unsigned int i = 0; i < req->n_names; i++) {
		const char *word = req->names[i];

		if (with_w && !strcmp(word, "-w")) {
			watch->again = true;
			continue;
		}
		if (strcmp(word, "every") && strcmp(word, "count") && !(with_w && !strcmp(word, "over"))) {
			snprintf(complaint.text, sizeof(complaint.text), "unknown word \"%s\"; valid are %s\"every\" and \"count\"",
				 word, with_w ? "\"over\", \"-w\", " : "");
			return complaint_show(haadm, &complaint);
		}
		if (++i == req->n_names) {
			snprintf(complaint.text, sizeof(complaint.text), "\"%s\" needs a value behind it", word);
			return complaint_show(haadm, &complaint);
		}
		time = *word == 'o' ? &watch->over : &watch->every;
		wrong = *word != 'c' ? hasw_time_parse(time, req->names[i]) :
			hasw_number_parse(&watch->count, req->names[i], 1000000000);
		if (!wrong && (*time < EVERY_MIN || *time > EVERY_MAX))
			wrong = "is not a time from 100ms to 1h";
		if (!wrong && *word == 'c' && !watch->count)
			wrong = "is not a number from 1 on";
		if (wrong) {
			snprintf(complaint.text, sizeof(complaint.text), "\"%s\" %s", req->names[i], wrong);
			return complaint_show(haadm, &complaint);
		}
	}
	if (watch->over && req->n_names > 2) {
		snprintf(complaint.text, sizeof(complaint.text), "\"over\" stands alone, with its time");
		return complaint_show(haadm, &complaint);
	}
	if (with_w && !watch->again && !watch->over && req->n_names) {
		snprintf(complaint.text, sizeof(complaint.text), "\"every\" and \"count\" need \"-w\"");
		return complaint_show(haadm, &complaint);
	}
	return STATUS_OK;
}

static void screen_begin(struct screen *screen, const struct haadm *haadm)
{
	struct termios keys;
	sigset_t set;

	/* Signals are read, so that the terminal is restored when they end the command. */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &screen->mask);
	screen->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	screen->terminal = isatty(1) && !haadm->out.json;
	screen->keys = isatty(0) && !tcgetattr(0, &screen->before) && tcgetpgrp(0) == getpgrp();
	if (screen->keys) {
		/* Keys are to arrive at once, and not to be seen. */
		keys = screen->before;
		keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(0, TCSANOW, &keys);
	}
	if (screen->terminal)
		fputs(CLEAR, stdout);
}

static void screen_end(const struct screen *screen)
{
	struct signalfd_siginfo info;

	if (screen->keys) {
		/* The key that ended the command is not for the shell. */
		tcsetattr(0, TCSAFLUSH, &screen->before);
	}
	/* Those that ended the command are not to come once more. */
	while (read(screen->signals, &info, sizeof(info)) > 0)
		continue;
	close(screen->signals);
	sigprocmask(SIG_SETMASK, &screen->mask, NULL);
}

/* From here to screen_show(), what is printed goes into a buffer. */
static bool screen_open(struct screen *screen)
{
	FILE *buffer;

	if (!screen->terminal)
		return true;
	screen->out = stdout;
	buffer = open_memstream(&screen->text, &screen->size);
	if (!buffer)
		return false;
	stdout = buffer;
	return true;
}

/* Prints the first N characters of a line. Bytes that continue a character do not count, nor do colours. */
static void print_cut(const char *line, size_t len, unsigned int n)
{
	bool colour = false;

	for (size_t i = 0; i < len; i++) {
		colour |= line[i] == '\033';
		if (colour || ((unsigned char)line[i] & 0xc0) == 0x80 || n) {
			putchar(line[i]);
			n -= !colour && ((unsigned char)line[i] & 0xc0) != 0x80;
		}
		if (line[i] == 'm')
			colour = false;
	}
}

/* Shows what was printed: as much of it as fits the terminal. */
static void screen_show(struct screen *screen)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	unsigned int row = 0;

	if (!screen->terminal)
		return;
	fclose(stdout);
	stdout = screen->out;
	if (ioctl(1, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	fputs(TOP_LEFT, stdout);
	for (const char *line = screen->text, *end; *line && row < size.ws_row - 1U; line = end + 1, row++) {
		end = strchrnul(line, '\n');
		print_cut(line, (size_t)(end - line), size.ws_col);
		fputs(REST_OF_LINE "\n", stdout);
		if (!*end)
			break;
	}
	fputs(REST_OF_SCREEN, stdout);
	free(screen->text);
	screen->text = NULL;
}

static int skip_event(const struct hasw_record *rec, void *data)
{
	(void)rec;
	*(bool *)data = true;
	return 0;
}

/* Waits until time UNTIL, until there was an event, or until the command is to end. Returns whether it goes on. */
static bool wait_more(const struct watch *watch, const struct screen *screen, struct hasw_sock *events, uint64_t until)
{
	struct pollfd fds[4] = {
		{ .fd = hasw_sock_fd(events), .events = POLLIN },
		{ .fd = screen->keys ? 0 : -1, .events = POLLIN },
		{ .fd = 1, .events = 0 },	/* POLLERR: the reader has closed the pipe */
		{ .fd = screen->signals, .events = POLLIN },
	};
	bool seen = false;
	struct hasw_error err;

	for (;;) {
		uint64_t now = hasw_boottime();
		int ms = now < until ? (int)((until - now + 999999) / 1000000) : 0, ret;

		ret = poll(fds, 4, seen && ms > SETTLE_MS ? SETTLE_MS : ms);
		if (ret < 0 && errno != EINTR)
			return false;
		if (ret < 0)
			continue;
		/* In a burst there is always an event to read. */
		if (!ret || (ret == 1 && fds[0].revents && now >= until))
			return true;
		if (fds[1].revents || fds[2].revents & (POLLERR | POLLNVAL) || fds[3].revents)
			return false;
		/* Lost events are no matter: all is read anew. */
		if (fds[0].revents && hasw_events(events, skip_event, &seen, &err) == -ENOBUFS)
			seen = true;
		if (!watch->on_events)
			seen = false;
	}
}

/* Reads and prints until the command is to end. */
static enum status show_all(const struct watch *watch, struct haadm *haadm, struct screen *screen,
			    struct hasw_sock *events)
{
	struct overview readings[2], *before = NULL, *now = &readings[0];
	enum status status = STATUS_OK;
	struct hasw_error err;
	uint64_t shown = 0, next;

	for (;;) {
		if (overview_read(now, &haadm->sock, &err)) {
			status = haadm_error(haadm, &err);
			break;
		}
		next = now->now + watch->every;
		if (before || watch->first) {
			if (shown && !screen->terminal && !haadm->out.json)
				putchar('\n');
			if (!screen_open(screen)) {
				status = haadm_complain(haadm, STATUS_REFUSED, "out of memory");
				overview_free(now);
				break;
			}
			watch->print(haadm, watch, before, now);
			screen_show(screen);
			shown++;
		}
		if (before)
			overview_free(before);
		before = now;
		now = &readings[now == &readings[0]];
		if (fflush(stdout) || (watch->count && shown == watch->count) || !wait_more(watch, screen, events, next))
			break;
	}
	if (before)
		overview_free(before);
	return status;
}

enum status watch_run(const struct watch *watch, struct haadm *haadm)
{
	struct screen screen = { .keys = false };
	struct hasw_sock events;
	struct hasw_error err;
	enum status status;

	if (!haadm_sock(haadm))
		return STATUS_REFUSED;
	if (hasw_sock_open(&events, &err))
		return haadm_error(haadm, &err);
	if (hasw_subscribe(&events, &err)) {
		status = haadm_error(haadm, &err);
	} else {
		screen_begin(&screen, haadm);
		status = show_all(watch, haadm, &screen, &events);
		screen_end(&screen);
	}
	hasw_sock_close(&events);
	return status;
}
