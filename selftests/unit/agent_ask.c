// SPDX-License-Identifier: GPL-2.0
/* The agent is asked: right and wrong questions, askers that are slow or too many, and what it says. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>
#include <linux/haswitch.h>

#include "haagentd/ask_sock.h"
#include "haagentd/clock.h"
#include "haagentd/module/conflict.h"
#include "haagentd/log.h"
#include "haagentd/vote/vote.h"

static struct event_base *base;
static struct ask_sock sock;
static size_t answer_size;

/* So many texts of 16 bytes with what is about them. */
static void answer(void *arg, struct json *j, uint64_t now)
{
	(void)now;
	assert_ptr_equal(arg, &sock);
	json_list(j, NULL);
	for (size_t i = 0; i < answer_size; i++)
		json_text(j, NULL, "fourteen bytes");
	json_list_end(j);
}

static int connected(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	memcpy(addr.sun_path + 1, ASK_NAME, strlen(ASK_NAME));
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&addr,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(ASK_NAME)))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What was waiting is done. */
static void turn(void)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

/* What comes of a question; NULL: the connection ends without an answer. */
static const char *asked(const void *question, size_t size)
{
	static char buf[ASK_ANSWER + 1];
	int fd = connected();
	ssize_t n;

	assert_true(fd >= 0);
	ask_tick(&sock, clock_now());
	turn();
	assert_int_equal(send(fd, question, size, MSG_NOSIGNAL), size);
	turn();
	n = recv(fd, buf, ASK_ANSWER, 0);
	assert_true(n >= 0);
	buf[n] = '\0';
	/* One question, one answer. */
	if (n)
		assert_int_equal(recv(fd, buf + n, 1, 0), 0);
	close(fd);
	return n ? buf : NULL;
}

static int begin(void **state)
{
	(void)state;
	base = event_base_new();
	ask_open(&sock, base, answer, &sock);
	ask_tick(&sock, clock_now());
	assert_true(sock.fd >= 0);
	answer_size = 1;
	return 0;
}

static int end(void **state)
{
	(void)state;
	ask_close(&sock);
	event_base_free(base);
	return 0;
}

static void right(void **state)
{
	(void)state;
	for (int i = 0; i < 3 * ASK_ACCEPTS; i++)
		assert_string_equal(asked(ASK_SHOW, strlen(ASK_SHOW)), "[\"fourteen bytes\"]");
}

static bool passes;

static bool pass(void *arg, int fd)
{
	assert_ptr_equal(arg, &sock);
	if (passes)
		assert_int_equal(send(fd, "passed", 6, 0), 6);
	return passes;
}

/* A question about the cluster's configuration gets its answer from another process, and root's only. */
static void passed(void **state)
{
	const char *told;

	(void)state;
	sock.pass = pass;
	passes = true;
	told = asked(ASK_CLUSTER, strlen(ASK_CLUSTER));
	assert_non_null(strstr(told, geteuid() ? ASK_DENIED : "passed"));
	passes = false;
	told = asked(ASK_CLUSTER, strlen(ASK_CLUSTER));
	assert_non_null(strstr(told, geteuid() ? ASK_DENIED : "does not run now"));
	assert_non_null(strstr(asked("cluster 2", 9), "does not understand"));
	sock.pass = NULL;
	assert_non_null(strstr(asked(ASK_CLUSTER, strlen(ASK_CLUSTER)), "error"));
}

static void wrong(void **state)
{
	static const char *const questions[] = {
		"show", "show 1 ", "show 2", "show 1\n", "SHOW 1", "stop 1", "{}", "\"", "sho",
	};
	char bytes[2 * ASK_QUESTION];

	(void)state;
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		assert_non_null(strstr(asked(questions[i], strlen(questions[i])), "does not understand"));
	srandom(1);
	for (size_t size = 1; size < sizeof(bytes); size++) {
		for (size_t i = 0; i < size; i++)
			bytes[i] = (char)random();
		assert_non_null(strstr(asked(bytes, size), size > ASK_QUESTION ? "too long" : "does not understand"));
	}
	memset(bytes, 0, sizeof(bytes));
	assert_non_null(strstr(asked(bytes, ASK_QUESTION), "does not understand"));
	/* It says nothing and goes. */
	assert_null(asked("", 0));
	right(state);
}

/* An answer that finds no room is none, and the longest that does comes whole. */
static void long_answers(void **state)
{
	const size_t most = (ASK_ANSWER - 1) / 17;

	(void)state;
	answer_size = most;
	assert_int_equal(strlen(asked(ASK_SHOW, strlen(ASK_SHOW))), 17 * most + 1);
	answer_size = most + 1;
	assert_string_equal(asked(ASK_SHOW, strlen(ASK_SHOW)), "{\"error\":\"the answer is too long\"}");
}

/* Who does not ask keeps its place for a second, and those for whom there is none are sent away. */
static void silent(void **state)
{
	uint64_t begun = clock_now();
	int fds[ASK_ASKERS], more;
	char byte;

	(void)state;
	for (int i = 0; i < ASK_ASKERS; i++) {
		fds[i] = connected();
		turn();
	}
	more = connected();
	turn();
	assert_int_equal(recv(more, &byte, 1, 0), 0);
	close(more);
	for (int i = 0; i < ASK_ASKERS; i++) {
		assert_int_equal(recv(fds[i], &byte, 1, 0), -1);
		assert_int_equal(errno, EAGAIN);
	}
	while (clock_now() < begun + 1200 * CLOCK_MS) {
		turn();
		usleep(10000);
	}
	for (int i = 0; i < ASK_ASKERS; i++) {
		assert_int_equal(recv(fds[i], &byte, 1, 0), 0);
		close(fds[i]);
	}
	right(state);
}

/* Nobody waits for who does not take the answer, or is not there any more. */
static void goes(void **state)
{
	int fd;

	(void)state;
	answer_size = 3000;
	for (int i = 0; i < 3 * ASK_ASKERS; i++) {
		ask_tick(&sock, clock_now());
		fd = connected();
		assert_int_equal(send(fd, ASK_SHOW, strlen(ASK_SHOW), 0), strlen(ASK_SHOW));
		if (i & 1)
			close(fd);
		turn();
		for (int k = 0; k < ASK_ASKERS; k++)
			assert_int_equal(sock.asker[k].fd, -1);
		if (!(i & 1))
			close(fd);
	}
}

/* Of a tick only so many connect, whatever they want. */
static void many(void **state)
{
	int fds[ASK_ACCEPTS + 1];
	char byte;

	(void)state;
	for (int i = 0; i <= ASK_ACCEPTS; i++) {
		fds[i] = connected();
		if (fds[i] < 0)
			break;
		turn();
		if (i < ASK_ACCEPTS)
			close(fds[i]);
		turn();
	}
	assert_int_equal(send(fds[ASK_ACCEPTS], ASK_SHOW, strlen(ASK_SHOW), 0), strlen(ASK_SHOW));
	turn();
	assert_int_equal(recv(fds[ASK_ACCEPTS], &byte, 1, 0), -1);
	ask_tick(&sock, clock_now());
	turn();
	assert_int_equal(recv(fds[ASK_ACCEPTS], &byte, 1, 0), 1);
	close(fds[ASK_ACCEPTS]);
}

/* Two agents by mistake, or one of before that ends late. */
static void taken(void **state)
{
	static struct ask_sock other;

	(void)state;
	ask_open(&other, base, answer, &other);
	ask_tick(&other, clock_now());
	assert_int_equal(other.fd, -1);
	ask_close(&sock);
	ask_tick(&other, clock_now());
	assert_int_equal(other.fd, -1);
	ask_tick(&other, clock_now() + 2 * CLOCK_SECOND);
	assert_true(other.fd >= 0);
	ask_close(&other);
	ask_open(&sock, base, answer, &sock);
	ask_tick(&sock, clock_now());
	right(state);
}

static void quoted(void **state)
{
	char buf[128];
	struct json j = { .at = buf, .room = sizeof(buf) };

	(void)state;
	json_object(&j, NULL);
	json_text(&j, "a", "\"\\\n\xc3\x7f\u00d6");
	json_text(&j, "b", NULL);
	json_flag(&j, "c", true);
	json_list(&j, "d");
	json_number(&j, NULL, UINT64_MAX);
	json_object(&j, NULL);
	json_object_end(&j);
	json_list_end(&j);
	json_flag(&j, "e", false);
	json_object_end(&j);
	assert_false(j.cut);
	buf[j.size] = '\0';
	assert_string_equal(buf, "{\"a\":\"\\u0022\\u005c\\\\x0a\\\\xc3\\\\x7f\u00d6\",\"b\":null,\"c\":true,"
				 "\"d\":[18446744073709551615,{}],\"e\":false}");
}

static struct hasw_addr address(uint8_t last)
{
	struct hasw_addr addr = { .family = AF_INET, .bytes = { 10, 0, 0, last } };

	return addr;
}

static void conflicts(void **state)
{
	static struct conflicts c;
	uint8_t one[6] = { 2, 0, 0, 0, 0, 1 }, two[6] = { 2, 0, 0, 0, 0, 2 };
	struct hasw_addr vip = address(1), other;
	uint64_t now = CLOCK_SECOND;
	char who[64];

	(void)state;
	assert_true(conflict_ratelimit(&c, &vip, one, now));
	for (unsigned int i = 1; i < 60; i++)
		assert_false(conflict_ratelimit(&c, &vip, one, now + i * CLOCK_SECOND));
	assert_true(conflict_ratelimit(&c, &vip, two, now));
	assert_true(conflict_ratelimit(&c, &vip, one, now + CONFLICT_AGAIN));
	assert_false(conflict_ratelimit(&c, &vip, one, now + CONFLICT_AGAIN + 1));
	/* More than are kept: the one told longest ago is forgotten. */
	for (unsigned int i = 0; i < CONFLICTS - 1; i++) {
		other = address((uint8_t)(2 + i));
		assert_true(conflict_ratelimit(&c, &other, one, now + CONFLICT_AGAIN + 1));
	}
	assert_false(conflict_ratelimit(&c, &vip, one, now + CONFLICT_AGAIN + 2));
	assert_true(conflict_ratelimit(&c, &vip, two, now + CONFLICT_AGAIN - 1));
	assert_string_equal(conflict_who("lb2", two, who, sizeof(who)), "lb2 (02:00:00:00:00:02)");
	assert_string_equal(conflict_who(NULL, two, who, sizeof(who)), "02:00:00:00:00:02");
}

#define SLOT (HASW_SEAT_CONFIG + 1)

/* Three voters; this node is the first. */
static struct vote *voter(enum peer_state b, enum peer_state c)
{
	static struct cluster_peer peers[2];
	static struct cluster cluster;
	static struct vote v;

	memset(&v, 0, sizeof(v));
	memset(peers, 0, sizeof(peers));
	cluster = (struct cluster){ .peers = peers, .n_peers = 2 };
	snprintf(peers[0].conf.name, sizeof(peers[0].conf.name), "b");
	snprintf(peers[1].conf.name, sizeof(peers[1].conf.name), "c");
	peers[0].peer.state = b;
	peers[1].peer.state = c;
	v.cluster = &cluster;
	v.map = (struct vote_map){ .names = { "a", "b", "c" }, .n = 3, .voters = 7, .witnesses = 4 };
	v.begun = true;
	v.running = true;
	v.seat.disk.known = 1;
	v.seat.n = SLOT + 1;
	v.lease[SLOT].holder = -1;
	v.fit = true;
	v.sock.open = true;
	return &v;
}

static const char *words(const struct vote *v)
{
	static char text[VOTE_WORDS];

	vote_words(v, SLOT, text, sizeof(text));
	return text;
}

static void whose(void **state)
{
	struct vote *v = voter(PEER_SILENT, PEER_UNHEARD);
	uint64_t now = clock_now();

	(void)state;
	assert_string_equal(words(v), "held by nobody: 2 of 3 voters unreachable: b, c (witness)");
	v = voter(PEER_HEARD, PEER_STATIC);
	assert_string_equal(words(v), "held by nobody: no node asks for it yet");
	v->there[v->map.self].state = HASWITCH_NODE_STATE_LOST;
	assert_string_equal(words(v), "held by nobody: no node asks for it; this one does not, as its module has "
				      "it as down");
	v->there[v->map.self].state = HASWITCH_NODE_STATE_DRAIN;
	assert_non_null(strstr(words(v), "as it is being drained"));
	v->fit = false;
	assert_non_null(strstr(words(v), "as its module cannot serve"));
	v->seat.lease[SLOT].proposer.want = 1;
	assert_string_equal(words(v), "held by nobody: 2 of 3 voters are heard, and this node asks for it");
	v->peer[1].told = true;
	assert_string_equal(words(v), "held by nobody: 1 of 3 voters unreachable: c (witness); with other settings: b");
	v->peer[1].told = false;
	v->seat.disk.known = 0;
	assert_string_equal(words(v), "held by nobody: this voter is new or has lost its file, and asks the others; "
				      "unreachable: c (witness)");
	v->lease[SLOT].holder = 1;
	v->lease[SLOT].claimed = now + 50 * CLOCK_SECOND;
	v->lease[SLOT].top = 9;
	assert_non_null(strstr(words(v), "held by b under epoch 9 for another 49"));
	v->lease[SLOT].until = now + 60 * CLOCK_SECOND;
	v->lease[SLOT].epoch = 10;
	assert_non_null(strstr(words(v), "held by a under epoch 10 for another 59"));
	v = voter(PEER_HEARD, PEER_HEARD);
	v->peer[1].told = true;
	v->peer[2].told = true;
	assert_string_equal(words(v), "held by nobody: voters with other settings: b, c (witness)");
	v->begun = false;
	snprintf(v->why, sizeof(v->why), "the file is of another cluster");
	assert_string_equal(words(v), "held by nobody: this agent has no part in the vote: the file is of "
				      "another cluster");
}

/* What the view says of the node that would follow the holder: its name, a note, or why there is none. */
static const char *next(const struct vote *v)
{
	static char text[VOTE_WORDS + 64];
	struct vote_view view;

	vote_view(v, SLOT, clock_now(), &view);
	snprintf(text, sizeof(text), "%s%s%s", view.successor ? view.successor : "none: ",
		 view.planned ? " if planned" : "", view.why);
	return text;
}

/* The first of those that are heard, can serve and may; and whether votes enough are left without the holder. */
static void who_follows(void **state)
{
	struct vote *v = voter(PEER_HEARD, PEER_HEARD);
	struct vote_lease *l = &v->lease[SLOT];
	char fence[] = "/fence";

	(void)state;
	l->until = clock_now() + 60 * CLOCK_SECOND;
	assert_string_equal(next(v), "b");
	v->peer[2].told = true;
	assert_string_equal(next(v), "b if planned");
	v->peer[2].told = false;
	v->there[1].state = HASWITCH_NODE_STATE_DRAIN;
	assert_string_equal(next(v), "none: b cannot serve");
	v->map.witnesses = 0;
	assert_string_equal(next(v), "c");
	v->there[1].state = HASWITCH_NODE_STATE_UP;
	l->n_prefer = 2;
	l->prefer[0] = 2;
	l->prefer[1] = 1;
	assert_string_equal(next(v), "c");
	l->prefer[0] = 1;
	l->n_prefer = 1;
	assert_string_equal(next(v), "b");
	l->limited = true;
	l->only = 1U << 0 | 1U << 2;
	assert_string_equal(next(v), "c");
	l->only = 1U << 0;
	assert_string_equal(next(v), "none: no other node may hold it");
	l->limited = false;
	v = voter(PEER_SILENT, PEER_SILENT);
	v->map.witnesses = 0;
	v->lease[SLOT].until = clock_now() + 60 * CLOCK_SECOND;
	assert_string_equal(next(v), "none: b is not heard, c is not heard");
	v->map.witnesses = 6;
	assert_string_equal(next(v), "none: there is no other node");
	/* Two nodes: only a fence, or split, lets the other one follow a holder that dies. */
	v = voter(PEER_HEARD, PEER_HEARD);
	v->map.n = 2;
	v->map.voters = 3;
	v->map.witnesses = 0;
	v->lease[SLOT].holder = 1;
	v->lease[SLOT].claimed = clock_now() + 60 * CLOCK_SECOND;
	assert_string_equal(next(v), "a if planned");
	v->fence.command = fence;
	assert_string_equal(next(v), "a");
	v->cluster->unable = true;
	assert_string_equal(next(v), "none: a cannot serve");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoted),
		cmocka_unit_test(conflicts),
		cmocka_unit_test(whose),
		cmocka_unit_test(who_follows),
	};
	const struct CMUnitTest socket_tests[] = {
		cmocka_unit_test_setup_teardown(right, begin, end),
		cmocka_unit_test_setup_teardown(passed, begin, end),
		cmocka_unit_test_setup_teardown(wrong, begin, end),
		cmocka_unit_test_setup_teardown(long_answers, begin, end),
		cmocka_unit_test_setup_teardown(silent, begin, end),
		cmocka_unit_test_setup_teardown(goes, begin, end),
		cmocka_unit_test_setup_teardown(many, begin, end),
		cmocka_unit_test_setup_teardown(taken, begin, end),
	};
	int failed = cmocka_run_group_tests_name("what it says", tests, NULL, NULL);

	/* The address is the network namespace's, and an agent may run in this one. */
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		printf("no network namespace can be made: how the agent is asked is not tested\n");
		return failed;
	}
	return failed + cmocka_run_group_tests_name("how it is asked", socket_tests, NULL, NULL);
}
