// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing the questions at the agent's socket: what haadm agent show asks, and the words and texts that the keeper
 * reads behind a question about the cluster. The input is the packets of one connection, each behind its length in two
 * bytes.
 */
#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/ask_sock.h"
#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/keeper/generation.h"
#include "haagentd/keeper/keeper_task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKETS	16	/* so many are sent by one client */
#define MUST(what) do { \
	if (!(what)) \
		abort(); \
} while (0)

static struct event_base *base;
static struct ask_sock sock;
static struct keeper_view view;
static int waits = -1;		/* connection of a client that is not accepted yet */
static bool shown, passed;	/* what the question was taken for */

/* What follows is called instead of functions of libc: the name of the socket may be in use here. */
int bind(int fd, const struct sockaddr *at, socklen_t size)
{
	(void)fd;
	(void)at;
	(void)size;
	return 0;
}

int listen(int fd, int n)
{
	(void)fd;
	(void)n;
	return 0;
}

int accept4(int fd, struct sockaddr *at, socklen_t *size, int flags)
{
	int client = waits;

	(void)fd;
	(void)at;
	(void)size;
	(void)flags;
	waits = -1;
	return client;
}

static void answer(void *arg, struct json *j, uint64_t now)
{
	(void)arg;
	(void)now;
	shown = true;
	json_object(j, NULL);
	json_text(j, "node", "a");
	json_object_end(j);
}

static bool pass(void *arg, int fd)
{
	(void)arg;
	passed = true;
	keeper_answer(&view, fd, -1);
	return true;
}

static void empty_folder(void)
{
	DIR *dir = opendir(view.folder);
	struct dirent *entry;
	char path[1024];

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", view.folder, entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
}

static void end(void)
{
	empty_folder();
	rmdir(view.folder);
}

/* A node of three, with one committed generation. Nothing else can be committed, as that would run haadm. */
static void begin(void)
{
	static const char text[] = "node add a addr 192.0.2.1 self\n";
	static const struct hasw_addr self = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } };
	struct generation g = { .number = 3, .time = 1, .node = "b", .size = sizeof(text) - 1 };
	char why[KEEPER_WHY];

	MUST(sodium_init() >= 0);
	snprintf(view.folder, sizeof(view.folder), "/tmp/haswitch-fuzz.XXXXXX");
	MUST(mkdtemp(view.folder));
	atexit(end);
	snprintf(view.self, sizeof(view.self), "a");
	snprintf(view.file, sizeof(view.file), "/etc/haswitch/haagentd.conf");
	snprintf(view.why, sizeof(view.why), "nothing is committed here");
	hasw_addr_to_sock(&self, 5404, &view.local[0]);
	snprintf(view.peers[0].name, sizeof(view.peers[0].name), "b");
	view.peers[0].heard = true;
	snprintf(view.peers[1].name, sizeof(view.peers[1].name), "c");
	view.n_peers = 2;
	g.hash = generation_hash(text, g.size);
	MUST(!generation_put(view.folder, &g, text, why, sizeof(why)));
	MUST(!generation_commit(view.folder, g.number, g.hash, why, sizeof(why)));
	view.committed = (struct hasw_vote_conf){ .generation = g.number, .blob = g.hash };
	view.stored = view.committed;
	base = event_base_new();
	MUST(base);
	ask_open(&sock, base, answer, NULL);
	sock.pass = pass;
}

/* Sends the packets, and then no more. FIRST and SIZE: set to the first one. */
static void send_all(int fd, const uint8_t *data, size_t left, const uint8_t **first, size_t *size)
{
	unsigned int n;

	*size = 0;
	for (n = 0; n < PACKETS && left >= 2; n++) {
		size_t length = bytes_get(data, 2);

		data += 2;
		left -= 2;
		if (length > left)
			length = left;
		/* A packet of no bytes is the end of the connection. */
		if (!length || send(fd, data, length, MSG_DONTWAIT) < 0)
			break;
		if (!n) {
			*first = data;
			*size = length;
		}
		data += length;
		left -= length;
	}
	MUST(!shutdown(fd, SHUT_WR));
}

/* Each question has one answer, which is an object, and behind it a text only if it has said so. */
static void judge(int fd, const uint8_t *question, size_t size)
{
	static char got[ASK_ANSWER + 1];
	bool shows, cluster, refused;
	ssize_t n;

	do {
		n = recv(fd, got, ASK_ANSWER, MSG_DONTWAIT);
		/* The agent has closed a connection with unread packets. Its answer is there all the same. */
	} while (n < 0 && errno == ECONNRESET);
	shows = size == strlen(ASK_SHOW) && !memcmp(question, ASK_SHOW, size);
	cluster = size == strlen(ASK_CLUSTER) && !memcmp(question, ASK_CLUSTER, size);
	MUST(shown == shows && passed == (cluster && !geteuid()));
	if (n <= 0) {
		MUST(!size || cluster);
		return;
	}
	got[n] = '\0';
	MUST(got[0] == '{' && got[n - 1] == '}' && strlen(got) == (size_t)n);
	refused = !strncmp(got, "{\"error\":", 9);
	MUST(refused != shows || cluster);
	n = recv(fd, got, ASK_ANSWER, MSG_DONTWAIT);
	MUST(n <= 0 || (cluster && !refused));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *first = NULL;
	unsigned int i;
	size_t length;
	int fds[2];

	if (!base)
		begin();
	MUST(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
	send_all(fds[1], data, size, &first, &length);
	waits = fds[0];
	shown = passed = false;
	ask_tick(&sock, clock_now());
	MUST(sock.fd >= 0);
	for (i = 0; i < 8; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	MUST(waits < 0);
	judge(fds[1], first, length);
	close(fds[1]);
	return 0;
}
