// SPDX-License-Identifier: GPL-2.0
/* Real TCP connections, one after the other and several at once: those who ask, and those who answer.
 *
 *   connect serve ADDR PORT WORKERS             until it is ended; prints `ready`
 *   connect ask ADDR PORT WORKERS SECONDS       prints how many were complete, how many failed, and the nanoseconds it
 *                                               took
 *
 * One is a connection, a byte there, a byte back, and the server's end of it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct tally {
	uint64_t done;
	uint64_t failed;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void answer(int listener)
{
	char byte;
	int fd;

	for (;;) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			die("accept");
		if (read(fd, &byte, 1) == 1 && write(fd, &byte, 1) != 1 && errno != EPIPE && errno != ECONNRESET)
			die("write");
		close(fd);
	}
}

/* Whether one connection was all that it should be. */
static int ask(const struct sockaddr_in *to)
{
	struct timeval patience = { .tv_sec = 5 };
	char byte = 'x';
	int ok, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ok = !connect(fd, (const struct sockaddr *)to, sizeof(*to)) && write(fd, &byte, 1) == 1 &&
	     read(fd, &byte, 1) == 1 && read(fd, &byte, 1) == 0;
	close(fd);
	return ok;
}

static void worker(const struct sockaddr_in *to, struct tally *tally, uint64_t until)
{
	while (now() < until) {
		if (ask(to))
			tally->done++;
		else
			tally->failed++;
	}
}

static int listen_at(const struct sockaddr_in *at)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (const struct sockaddr *)at, sizeof(*at)) || listen(fd, 1024))
		die("listen");
	return fd;
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	uint64_t done = 0, failed = 0, begin;
	int workers, listener, i, serve;
	struct tally *tally;

	if (argc < 5 || inet_pton(AF_INET, argv[2], &addr.sin_addr) != 1) {
		fputs("usage: connect serve ADDR PORT WORKERS | connect ask ADDR PORT WORKERS SECONDS\n", stderr);
		return 2;
	}
	serve = !strcmp(argv[1], "serve");
	addr.sin_port = htons((uint16_t)atoi(argv[3]));
	workers = atoi(argv[4]);
	signal(SIGPIPE, SIG_IGN);
	if (serve) {
		listener = listen_at(&addr);
		for (i = 1; i < workers; i++) {
			if (!fork()) {
				prctl(PR_SET_PDEATHSIG, SIGTERM);
				break;
			}
		}
		if (i == workers) {
			puts("ready");
			fflush(stdout);
		}
		answer(listener);
	}
	tally = mmap(NULL, sizeof(*tally) * (size_t)workers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		die("mmap");
	begin = now();
	for (i = 0; i < workers; i++) {
		if (fork())
			continue;
		worker(&addr, &tally[i], begin + (uint64_t)atoi(argv[5]) * 1000000000);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	begin = now() - begin;
	for (i = 0; i < workers; i++) {
		done += tally[i].done;
		failed += tally[i].failed;
	}
	printf("%llu %llu %llu\n", (unsigned long long)done, (unsigned long long)failed, (unsigned long long)begin);
	return 0;
}
