// SPDX-License-Identifier: GPL-2.0
/*
 * The clients of the demo: asks an HTTP server at a fixed rate, and logs every request.
 *
 *   load ADDRESS PORT NEW KEPT CONNECTIONS FIRST-PORT LOG
 *
 * NEW requests a second come on a connection of their own each, KEPT on CONNECTIONS
 * that are kept alive. The client's ports go from FIRST-PORT upward. The rate does not
 * depend on the answers. SIGTERM: starts no more, waits for the open ones. A request
 * for which there is no answer is never asked again, with the one exception that RFC
 * 9112 (9.3.1) has and every HTTP client makes: a kept connection that had answered
 * before turns out to be dead before a byte of the answer came; it is asked once more,
 * on a new connection, and stays one and the same request.
 *
 * A line of LOG for each request, when it ends; times are CLOCK_BOOTTIME, ns:
 *   KIND START END RESULT NODE OPENED RESET
 *   KIND    new, or kept
 *   RESULT  served, refused, reset, closed, timeout, unreachable, bad
 *   NODE    who answered, or -
 *   OPENED  since when the connection was open that the request went to first
 *   RESET   when that connection turned out to be dead and it was asked again, or 0
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND		UINT64_C(1000000000)
#define PATIENCE	(5 * SECOND)	/* how long a request may take */
#define LOOK_EVERY	(SECOND / 20)	/* for requests that take longer */
#define WAYS		2048
#define ANSWER_MAX	2048
#define NODE_MAX	32

enum state {
	FREE,			/* no socket */
	CONNECTING,
	ASKED,			/* an answer is due */
	IDLE,			/* kept, nothing asked */
};

/* A way to the server: one socket at a time, and the request that is on it. */
struct way {
	int fd;
	enum state state;
	bool kept;
	bool used;		/* this socket has had an answer */
	uint64_t opened;	/* when this socket was made */
	uint64_t start;		/* the request: when it began */
	uint64_t first;		/* the opened of the socket that it went to first */
	uint64_t reset;		/* when it was asked again; 0: it was not */
	size_t length;		/* of the answer, so far */
	char answer[ANSWER_MAX + 1];
};

/* Something that is due at a rate; a rate of 0 is never due. */
struct rhythm {
	uint64_t every;
	uint64_t due;
};

static struct {
	struct sockaddr_in server;
	FILE *log;
	int epoll;
	int timer;
	struct way *ways;	/* the kept ones first */
	unsigned int n_kept;
	unsigned int next_kept;
	unsigned int open;	/* requests */
	unsigned int port;	/* the next one */
	struct rhythm fresh, kept, look;
	bool stopping;
} load;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static const char *word_of(int err)
{
	switch (err) {
	case ECONNREFUSED:
		return "refused";
	case ECONNRESET:
	case EPIPE:
		return "reset";
	case ETIMEDOUT:
		return "timeout";
	case ENOTCONN:		/* how this program says: closed by the server */
		return "closed";
	case EBADMSG:		/* and: not the answer of one of our servers */
		return "bad";
	default:
		return "unreachable";
	}
}

static void hang_up(struct way *w)
{
	if (w->fd >= 0)
		close(w->fd);	/* which takes it out of epoll, too */
	w->fd = -1;
	w->state = FREE;
	w->used = false;
}

static void finished(struct way *w, const char *result, const char *node)
{
	fprintf(load.log, "%s %llu %llu %s %s %llu %llu\n",
		w->kept ? "kept" : "new", (unsigned long long)w->start,
		(unsigned long long)now_ns(), result, node,
		(unsigned long long)w->first, (unsigned long long)w->reset);
	load.open--;
	if (w->kept && !strcmp(result, "served")) {
		w->state = IDLE;
		w->used = true;
	} else {
		hang_up(w);
	}
}

static int watch(struct way *w, int op, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = w };

	return epoll_ctl(load.epoll, op, w->fd, &event);
}

/*
 * A port of its own for each connection, as if each were another client. A node that comes back still has its
 * former connections in TIME_WAIT; one that was moved there and has the ports of such a one is not reset, it hangs.
 * So no two loads of a run share ports either: see FIRST-PORT.
 */
static void take_port(int fd)
{
	struct sockaddr_in own = { .sin_family = AF_INET };

	for (; load.port <= UINT16_MAX; load.port++) {
		own.sin_port = htons((uint16_t)load.port);
		if (bind(fd, (struct sockaddr *)&own, sizeof(own)))
			continue;
		load.port++;
		return;
	}
	errno = EADDRNOTAVAIL;
	die("all ports were used");
}

static int call(struct way *w)
{
	int yes = 1;

	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		die("no socket");	/* this host's own trouble is no result */
	take_port(w->fd);
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	w->opened = now_ns();
	w->state = CONNECTING;
	if (connect(w->fd, (struct sockaddr *)&load.server, sizeof(load.server)) &&
	    errno != EINPROGRESS)
		return errno;
	if (watch(w, EPOLL_CTL_ADD, EPOLLOUT))
		die("epoll");
	return 0;
}

static int ask(struct way *w)
{
	static const char kept[] = "GET / HTTP/1.1\r\nHost: vip\r\n\r\n";
	static const char once[] = "GET / HTTP/1.1\r\nHost: vip\r\nConnection: close\r\n\r\n";
	const char *text = w->kept ? kept : once;
	size_t length = strlen(text);

	w->length = 0;
	w->state = ASKED;
	/* It fits into the empty buffer of any socket. */
	if (send(w->fd, text, length, MSG_NOSIGNAL) != (ssize_t)length)
		return errno;
	return 0;
}

static void failed(struct way *w, int err)
{
	bool stale = w->kept && w->used && !w->reset && w->state == ASKED &&
		     !w->length && (err == ECONNRESET || err == EPIPE || err == ENOTCONN);

	if (stale) {
		hang_up(w);
		w->reset = now_ns();
		err = call(w);
		if (!err)
			return;
	}
	finished(w, word_of(err), "-");
}

static void begin(struct way *w)
{
	int err;

	load.open++;
	w->start = now_ns();
	w->reset = 0;
	if (w->state == FREE) {
		err = call(w);
		w->first = w->opened;
	} else {
		w->first = w->opened;
		err = ask(w);
	}
	if (err)
		failed(w, err);
}

/* The length that the head announces; negative: there is no such head. */
static long body_length(const char *head, const char *end)
{
	static const char ok[] = "HTTP/1.1 200 ", field[] = "\r\nContent-Length: ";
	const char *at = strstr(head, field);
	char *after;
	long length;

	if (strncmp(head, ok, sizeof(ok) - 1) || !at || at > end)
		return -1;
	length = strtol(at + sizeof(field) - 1, &after, 10);
	return *after == '\r' && length < NODE_MAX ? length : -1;
}

/* Is the answer whole? 1: yes, 0: not yet, negative: it is no good. */
static int judge_answer(struct way *w, char node[NODE_MAX])
{
	const char *end = strstr(w->answer, "\r\n\r\n");
	const char *body = end ? end + 4 : NULL;
	long length;
	size_t name;

	if (!end)
		return w->length == ANSWER_MAX ? -1 : 0;
	length = body_length(w->answer, end);
	if (length < 2)
		return -1;
	if (w->answer + w->length < body + length)
		return 0;
	name = strcspn(body, " \r\n");
	if (!name || body + name + 1 != w->answer + w->length)
		return -1;
	memcpy(node, body, name);
	node[name] = '\0';
	return 1;
}

static void hear(struct way *w)
{
	char node[NODE_MAX];
	ssize_t got;
	int whole;

	got = recv(w->fd, w->answer + w->length, ANSWER_MAX - w->length, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (w->state == IDLE) {
		/* Closed while nothing was asked: nobody was waiting for anything. */
		hang_up(w);
		return;
	}
	if (got <= 0) {
		failed(w, got ? errno : ENOTCONN);
		return;
	}
	w->length += (size_t)got;
	w->answer[w->length] = '\0';
	whole = judge_answer(w, node);
	if (whole < 0)
		failed(w, EBADMSG);
	else if (whole)
		finished(w, "served", node);
}

static void connected(struct way *w)
{
	socklen_t length = sizeof(int);
	int err = 0;

	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &err, &length))
		err = errno;
	if (!err && watch(w, EPOLL_CTL_MOD, EPOLLIN))
		die("epoll");
	if (!err)
		err = ask(w);
	if (err)
		failed(w, err);
}

static void begin_new(void)
{
	unsigned int i;

	for (i = load.n_kept; i < WAYS; i++) {
		if (load.ways[i].state == FREE) {
			begin(&load.ways[i]);
			return;
		}
	}
	errno = EMFILE;
	die("too many requests are open");
}

/* In turn; a connection whose answer is still due is not asked another time. */
static void begin_kept(void)
{
	struct way *w = &load.ways[load.next_kept];

	load.next_kept = (load.next_kept + 1) % load.n_kept;
	if (w->state == FREE || w->state == IDLE)
		begin(w);
}

static void look_for_late(uint64_t now)
{
	unsigned int i;

	for (i = 0; i < WAYS; i++) {
		struct way *w = &load.ways[i];

		if ((w->state == CONNECTING || w->state == ASKED) &&
		    now > w->start + PATIENCE)
			finished(w, "timeout", "-");
	}
}

static bool due(struct rhythm *r, uint64_t now)
{
	if (!r->every || now < r->due)
		return false;
	r->due += r->every;
	return true;
}

static void set_timer(void)
{
	uint64_t at = load.look.due;
	struct itimerspec when = { 0 };

	if (!load.stopping && load.fresh.every && load.fresh.due < at)
		at = load.fresh.due;
	if (!load.stopping && load.kept.every && load.kept.due < at)
		at = load.kept.due;
	when.it_value.tv_sec = (time_t)(at / SECOND);
	when.it_value.tv_nsec = (long)(at % SECOND);
	if (timerfd_settime(load.timer, TFD_TIMER_ABSTIME, &when, NULL))
		die("timerfd");
}

static void on_time(void)
{
	uint64_t now = now_ns(), ticks;

	if (read(load.timer, &ticks, sizeof(ticks)) < 0 && errno != EAGAIN)
		die("timerfd");
	while (!load.stopping && due(&load.fresh, now))
		begin_new();
	while (!load.stopping && due(&load.kept, now))
		begin_kept();
	if (due(&load.look, now)) {
		load.look.due = now + LOOK_EVERY;
		look_for_late(now);
	}
	set_timer();
}

static void on_way(struct way *w, uint32_t events)
{
	/* An earlier event of the same round may have ended it. */
	if (w->fd < 0)
		return;
	if (w->state == CONNECTING && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
		connected(w);
	else if (w->state != CONNECTING)
		hear(w);
}

static void run(int signals)
{
	struct epoll_event events[64];
	int i, n;

	while (!load.stopping || load.open) {
		n = epoll_wait(load.epoll, events, 64, -1);
		if (n < 0 && errno != EINTR)
			die("epoll");
		for (i = 0; i < n; i++) {
			if (events[i].data.ptr == &load.timer)
				on_time();
			else if (events[i].data.ptr == &load.stopping)
				load.stopping = true;
			else
				on_way(events[i].data.ptr, events[i].events);
		}
		if (load.stopping && signals >= 0) {
			close(signals);
			signals = -1;
		}
		/* Who follows the log wants to know at once. */
		if (fflush(load.log))
			die("log");
	}
}

static unsigned long number(const char *text, const char *what)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end || value > 65535) {
		fprintf(stderr, "load: \"%s\" is no %s\n", text, what);
		exit(2);
	}
	return value;
}

static int signals_open(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		die("signalfd");
	return fd;
}

static struct rhythm rhythm(unsigned long rate, uint64_t now)
{
	return (struct rhythm){ .every = rate ? SECOND / rate : 0, .due = now };
}

int main(int argc, char **argv)
{
	struct epoll_event event = { .events = EPOLLIN };
	unsigned int i;
	uint64_t now;
	int signals;

	if (argc != 8) {
		fputs("Usage: load ADDRESS PORT NEW KEPT CONNECTIONS FIRST-PORT LOG\n", stderr);
		return 2;
	}
	load.server.sin_family = AF_INET;
	load.server.sin_port = htons((uint16_t)number(argv[2], "port"));
	if (inet_pton(AF_INET, argv[1], &load.server.sin_addr) != 1) {
		fprintf(stderr, "load: \"%s\" is no IPv4 address\n", argv[1]);
		return 2;
	}
	now = now_ns();
	load.fresh = rhythm(number(argv[3], "rate"), now);
	load.kept = rhythm(number(argv[4], "rate"), now);
	load.look = rhythm(SECOND / LOOK_EVERY, now);
	load.n_kept = (unsigned int)number(argv[5], "number of connections");
	if (load.n_kept > WAYS / 2 || (load.kept.every && !load.n_kept)) {
		fprintf(stderr, "load: CONNECTIONS must be 1 to %d\n", WAYS / 2);
		return 2;
	}
	load.port = (unsigned int)number(argv[6], "port");
	load.log = fopen(argv[7], "we");
	load.ways = calloc(WAYS, sizeof(*load.ways));
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (!load.log || !load.ways || load.epoll < 0 || load.timer < 0)
		die(argv[7]);
	for (i = 0; i < WAYS; i++) {
		load.ways[i].fd = -1;
		load.ways[i].kept = i < load.n_kept;
	}
	signals = signals_open();
	event.data.ptr = &load.timer;
	if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, load.timer, &event))
		die("epoll");
	event.data.ptr = &load.stopping;
	if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, signals, &event))
		die("epoll");
	set_timer();
	run(signals);
	return 0;
}
