// SPDX-License-Identifier: GPL-2.0
/* Many switches of one UDP flow to a vip, each with packets before and after it that are counted where they arrive.
 *
 *   switch_flow VIP PORT ROUNDS PACKETS CLIENT MEMBER MEMBER TELL ACK ODD EVEN
 *
 * CLIENT and MEMBERs are network namespaces. TELL is a command for the shell that takes lines: ODD has those (with
 * semicolons between) that move the flow from the first member to the second, EVEN moves it back, and behind each comes
 * ACK, to which TELL answers a line: with that the move is acknowledged. Half of PACKETS are sent, and have arrived,
 * before a move, half after it. Prints what became of all as one line of JSON, in words of udp_flow.py. What that does
 * for a few switches this does for a million packets and more.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BURST 64
#define PATIENCE 20000		/* ms */
#define ROOM (1 << 28)

struct tally {
	uint64_t sent;
	uint64_t arrived;
	uint64_t moves;
	uint64_t stale;
	uint64_t early;
	uint64_t twice;
	uint64_t late;		/* of an earlier half, long given up */
};

static struct tally sum;
static int client, member[2];
static uint8_t *seen;		/* of the packets that are on their way */
static uint64_t base;		/* the number of the first of them */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int in_namespace(const char *name, int family)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there, sock;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET))
		die(path);
	sock = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || setns(home, CLONE_NEWNET))
		die("socket");
	close(there);
	close(home);
	return sock;
}

static socklen_t address(const char *text, uint16_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in6 *six = (void *)to;
	struct sockaddr_in *four = (void *)to;

	memset(to, 0, sizeof(*to));
	if (strchr(text, ':')) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
			return sizeof(*six);
	} else {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
			return sizeof(*four);
	}
	fprintf(stderr, "%s is no address\n", text);
	exit(2);
}

static void begin(const char *vip, uint16_t port, char **names)
{
	struct sockaddr_storage to;
	socklen_t len = address(vip, port, &to);
	int i, room = ROOM;

	client = in_namespace(names[0], to.ss_family);
	if (connect(client, (void *)&to, len))
		die(vip);
	/* Via nat they are to the member's own address. */
	len = address(strchr(vip, ':') ? "::" : "0.0.0.0", port, &to);
	for (i = 0; i < 2; i++) {
		member[i] = in_namespace(names[1 + i], to.ss_family);
		if (setsockopt(member[i], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
		    bind(member[i], (void *)&to, len))
			die(names[1 + i]);
	}
}

static void send_all(unsigned int count)
{
	struct mmsghdr msg[BURST];
	struct iovec iov[BURST];
	uint64_t number[BURST];
	unsigned int i, n;
	int done;

	while (count) {
		n = count < BURST ? count : BURST;
		for (i = 0; i < n; i++) {
			number[i] = sum.sent + i;
			iov[i] = (struct iovec){ &number[i], sizeof(number[i]) };
			msg[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 } };
		}
		done = sendmmsg(client, msg, n, 0);
		if (done <= 0)
			die("sendmmsg");
		sum.sent += (unsigned int)done;
		count -= (unsigned int)done;
	}
}

/* What has come to a member, whose the packets are if @right. Returns how many it was. */
static unsigned int take(int which, int right, unsigned int count)
{
	struct mmsghdr msg[BURST];
	struct iovec iov[BURST];
	uint64_t number[BURST];
	unsigned int fresh = 0;
	int i, n;

	for (i = 0; i < BURST; i++) {
		iov[i] = (struct iovec){ &number[i], sizeof(number[i]) };
		msg[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 } };
	}
	while ((n = recvmmsg(member[which], msg, BURST, MSG_DONTWAIT, NULL)) > 0) {
		for (i = 0; i < n; i++) {
			if (number[i] < base || number[i] - base >= count) {
				sum.late++;
				continue;
			}
			if (seen[number[i] - base]++) {
				sum.twice++;
				continue;
			}
			fresh++;
			/* Before a move the other one is the new one, behind it the old one. */
			if (!right)
				*(sum.moves & 1 ? &sum.stale : &sum.early) += 1;
		}
	}
	return fresh;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Sends so many, which are all for that member, until they have arrived or are given up. */
static unsigned int half(int owner, unsigned int count)
{
	struct pollfd ears[2] = { { member[0], POLLIN, 0 }, { member[1], POLLIN, 0 } };
	uint64_t until = now_ms() + PATIENCE;
	unsigned int arrived = 0;

	base = sum.sent;
	memset(seen, 0, count);
	send_all(count);
	while (arrived < count && now_ms() < until) {
		arrived += take(0, owner == 0, count) + take(1, owner == 1, count);
		if (arrived < count)
			poll(ears, 2, 50);
	}
	sum.arrived += arrived;
	return count - arrived;
}

/* The command that is told what to do, with a pipe there and one back. */
static pid_t teller(const char *command, FILE **in, FILE **out)
{
	int to[2], from[2];
	pid_t pid;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		die("/bin/sh");
	}
	close(to[0]);
	close(from[1]);
	*in = fdopen(to[1], "w");
	*out = fdopen(from[0], "r");
	if (!*in || !*out)
		die("fdopen");
	return pid;
}

static void move(FILE *in, FILE *out, const char *lines, const char *ack)
{
	char answer[4096];
	const char *c;

	for (c = lines; *c; c++)
		fputc(*c == ';' ? '\n' : *c, in);
	fprintf(in, "\n%s\n", ack);
	if (fflush(in) || !fgets(answer, sizeof(answer), out)) {
		fprintf(stderr, "not acknowledged: %s\n", lines);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	unsigned int rounds, count, i, lost = 0, behind = 0;
	FILE *in, *out;
	int status;
	pid_t pid;

	if (argc != 12) {
		fprintf(stderr, "switch_flow VIP PORT ROUNDS PACKETS CLIENT MEMBER MEMBER TELL ACK ODD EVEN\n");
		return 2;
	}
	rounds = (unsigned int)strtoul(argv[3], NULL, 10);
	count = (unsigned int)strtoul(argv[4], NULL, 10) / 2;
	if (strtoul(argv[4], NULL, 10) % 2) {
		fprintf(stderr, "switch_flow: PACKETS are sent in two halves: %s is odd\n", argv[4]);
		return 2;
	}
	seen = malloc(count + 1);
	if (!seen)
		die("malloc");
	begin(argv[1], (uint16_t)strtoul(argv[2], NULL, 10), argv + 5);
	pid = teller(argv[8], &in, &out);
	for (i = 0; i < rounds && !behind; i++) {
		sum.moves = 2 * (uint64_t)i;
		lost += half(i & 1, count);
		move(in, out, argv[10 + (i & 1)], argv[9]);
		sum.moves++;
		/* One that waits for what is lost takes long; a few show it. */
		lost += half(!(i & 1), count);
		behind = lost > 10;
	}
	fclose(in);
	if (waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "%s: status %d\n", argv[8], status);
		return 1;
	}
	printf("{\"sent\": %llu, \"lost\": %llu, \"moves\": %u, \"stale\": %llu, \"early\": %llu, \"twice\": %llu, "
	       "\"late\": %llu}\n",
	       (unsigned long long)sum.sent, (unsigned long long)(sum.sent - sum.arrived), i,
	       (unsigned long long)sum.stale, (unsigned long long)sum.early, (unsigned long long)sum.twice,
	       (unsigned long long)sum.late);
	return 0;
}
