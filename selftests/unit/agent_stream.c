// SPDX-License-Identifier: GPL-2.0
/*
 * Health checks by HTTP through the vip: a connection that is made by hand, with a server of the test and a network
 * that loses, repeats and reorders segments, in simulated time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "checks/reply.h"
#include "checks/segment.h"
#include "checks/stream.h"
#include "haagentd/clock.h"

#define FIRST	0xfffffff0	/* the numbers wrap amid the connection */
#define SERVER	0xffffff00
#define PAUSE	(100 * CLOCK_MS)

static struct stream s;
static uint64_t now;
static const uint8_t *data;

static struct segment out;
static bool next(void)
{
	out = (struct segment){ .proto = IPPROTO_TCP };
	return stream_next(&s, now, &out);
}

static size_t take(uint8_t flags, uint32_t seq, uint32_t ack, const char *bytes, size_t size)
{
	struct heard h = {
		.flags = flags, .seq = seq, .ack = ack, .window = 1000, .mss = flags & SEGMENT_SYN ? 1000 : 0,
		.data = (const uint8_t *)bytes, .size = size,
	};

	return stream_take(&s, &h, now, &data);
}

static void says(uint8_t flags, uint32_t seq, uint32_t ack, size_t size)
{
	assert_true(next());
	assert_int_equal(out.flags, flags);
	assert_int_equal(out.seq, seq);
	if (flags & SEGMENT_ACK)
		assert_int_equal(out.ack, ack);
	assert_int_equal(out.size, size);
}

/* Opens a connection and has its request acknowledged. */
static void open_it(void)
{
	now = 1;
	stream_open(&s, FIRST, "GET", 3, PAUSE);
	says(SEGMENT_SYN, FIRST, 0, 0);
	assert_int_equal(out.mss, 1220);
	assert_false(next());
	take(SEGMENT_SYN | SEGMENT_ACK, SERVER, FIRST + 1, NULL, 0);
	says(SEGMENT_ACK | SEGMENT_PSH, FIRST + 1, SERVER + 1, 3);
	assert_memory_equal(out.data, "GET", 3);
	assert_false(next());
	take(SEGMENT_ACK, SERVER + 1, FIRST + 4, NULL, 0);
	assert_false(next());
	assert_int_equal(s.due, STREAM_NEVER);
}

/* An acknowledgment of the server's next number, and nothing else. */
#define ACKED(number) do { \
	says(SEGMENT_ACK, FIRST + 4, number, 0); \
	assert_false(next()); \
} while (0)

static void in_order(void **state)
{
	(void)state;
	open_it();
	assert_int_equal(take(SEGMENT_ACK, SERVER + 1, FIRST + 4, "abc", 3), 3);
	assert_memory_equal(data, "abc", 3);
	ACKED(SERVER + 4);
	/* Once more; partly once more; too early; empty and in order. */
	assert_int_equal(take(SEGMENT_ACK, SERVER + 1, FIRST + 4, "abc", 3), 0);
	ACKED(SERVER + 4);
	assert_int_equal(take(SEGMENT_ACK, SERVER + 2, FIRST + 4, "bcde", 4), 2);
	assert_memory_equal(data, "de", 2);
	ACKED(SERVER + 6);
	assert_int_equal(take(SEGMENT_ACK, SERVER + 7, FIRST + 4, "gh", 2), 0);
	ACKED(SERVER + 6);
	assert_int_equal(take(SEGMENT_ACK, SERVER + 6, FIRST + 4, NULL, 0), 0);
	assert_false(next());
	/* A keepalive is answered. */
	assert_int_equal(take(SEGMENT_ACK, SERVER + 5, FIRST + 4, NULL, 0), 0);
	ACKED(SERVER + 6);
	/* A FIN that comes too early is none; one with data ends the stream behind them. */
	assert_int_equal(take(SEGMENT_ACK | SEGMENT_FIN, SERVER + 7, FIRST + 4, "gh", 2), 0);
	assert_int_equal(s.state, STREAM_OPEN);
	ACKED(SERVER + 6);
	assert_int_equal(take(SEGMENT_ACK | SEGMENT_FIN, SERVER + 6, FIRST + 4, "fgh", 3), 3);
	assert_int_equal(s.state, STREAM_ENDED);
	ACKED(SERVER + 10);
	assert_int_equal(take(SEGMENT_ACK | SEGMENT_FIN, SERVER + 6, FIRST + 4, "fgh", 3), 0);
	ACKED(SERVER + 10);
	assert_int_equal(take(SEGMENT_ACK, SERVER + 10, FIRST + 4, "more", 4), 0);
	/* More than the window is not taken, nor the FIN behind it. */
	open_it();
	{
		static char much[STREAM_WINDOW + 1];

		assert_int_equal(take(SEGMENT_ACK | SEGMENT_FIN, SERVER + 1, FIRST + 4, much, sizeof(much)),
				 STREAM_WINDOW);
		assert_int_equal(s.state, STREAM_OPEN);
		ACKED(SERVER + 1 + STREAM_WINDOW);
	}
}

static void foreign(void **state)
{
	(void)state;
	open_it();
	/* A number that was never sent; a very old one; no ACK at all: the bytes are none of this connection. */
	assert_int_equal(take(SEGMENT_ACK, SERVER + 1, FIRST + 5, "abc", 3), 0);
	ACKED(SERVER + 1);
	assert_int_equal(take(SEGMENT_ACK, SERVER + 1, FIRST + 4 - 100000, "abc", 3), 0);
	ACKED(SERVER + 1);
	assert_int_equal(take(0, SERVER + 1, FIRST + 4, "abc", 3), 0);
	assert_false(next());
	assert_int_equal(take(SEGMENT_ACK, SERVER + 1, FIRST + 3, "abc", 3), 3);
	next();
	/* A SYN is answered, whatever it is; it changes nothing. */
	take(SEGMENT_SYN | SEGMENT_ACK, SERVER, FIRST + 1, NULL, 0);
	ACKED(SERVER + 4);
	/* A RST counts with the very next number. In the window it is asked about, elsewhere ignored. */
	take(SEGMENT_RST, SERVER + 4 + 100, 0, NULL, 0);
	assert_int_equal(s.state, STREAM_OPEN);
	ACKED(SERVER + 4);
	take(SEGMENT_RST, SERVER + 3, 0, NULL, 0);
	assert_int_equal(s.state, STREAM_OPEN);
	assert_false(next());
	take(SEGMENT_RST, SERVER + 4, 0, NULL, 0);
	assert_int_equal(s.state, STREAM_BROKEN);
	assert_false(next());
	assert_false(stream_hang_up(&s, &out));
	assert_int_equal(take(SEGMENT_ACK, SERVER + 4, FIRST + 4, "abc", 3), 0);
}

static void begins(void **state)
{
	(void)state;
	now = 1;
	stream_open(&s, FIRST, "GET", 3, PAUSE);
	/* Before the SYN is sent nothing is an answer to it. */
	take(SEGMENT_RST | SEGMENT_ACK, 0, FIRST + 1, NULL, 0);
	take(SEGMENT_SYN | SEGMENT_ACK, 0, FIRST + 1, NULL, 0);
	assert_int_equal(s.state, STREAM_ASKED);
	assert_false(stream_hang_up(&s, &out));
	s.owes_rst = false;
	says(SEGMENT_SYN, FIRST, 0, 0);
	/* A RST for something else; a SYN without ACK; an ACK without SYN. */
	take(SEGMENT_RST | SEGMENT_ACK, 0, FIRST, NULL, 0);
	take(SEGMENT_RST, 0, FIRST + 1, NULL, 0);
	take(SEGMENT_SYN, SERVER, 0, NULL, 0);
	take(SEGMENT_ACK, SERVER, FIRST + 1, "abc", 3);
	assert_int_equal(s.state, STREAM_ASKED);
	assert_false(next());
	/* The server still has a connection of earlier. It gets the RST that it has missed, and then the SYN. */
	take(SEGMENT_ACK, SERVER, 4711, NULL, 0);
	says(SEGMENT_RST, 4711, 0, 0);
	assert_false(next());
	/* Twice as long each time. */
	now = s.due - 1;
	stream_time(&s, now);
	assert_false(next());
	stream_time(&s, ++now);
	says(SEGMENT_SYN, FIRST, 0, 0);
	assert_false(next());
	assert_int_equal(s.due, now + 2 * PAUSE);
	now = s.due;
	stream_time(&s, now);
	says(SEGMENT_SYN, FIRST, 0, 0);
	assert_int_equal(s.due, now + 4 * PAUSE);
	take(SEGMENT_RST | SEGMENT_ACK, 0, FIRST + 1, NULL, 0);
	assert_int_equal(s.state, STREAM_REFUSED);
	assert_false(stream_hang_up(&s, &out));
}

/* The RST has a number that the server takes, however much of the request it has. */
static void hangs_up(void **state)
{
	(void)state;
	stream_open(&s, FIRST, "GET", 3, PAUSE);
	says(SEGMENT_SYN, FIRST, 0, 0);
	assert_true(stream_hang_up(&s, &out));
	assert_int_equal(out.flags, SEGMENT_RST);
	assert_int_equal(out.seq, FIRST + 1);
	assert_false(stream_hang_up(&s, &out));
	open_it();
	assert_true(stream_hang_up(&s, &out));
	assert_int_equal(out.seq, FIRST + 4);
	assert_false(stream_hang_up(&s, &out));
	stream_open(&s, FIRST, "GET", 3, PAUSE);
	says(SEGMENT_SYN, FIRST, 0, 0);
	take(SEGMENT_SYN | SEGMENT_ACK, SERVER, FIRST + 1, NULL, 0);
	next();
	assert_true(stream_hang_up(&s, &out));
	assert_int_equal(out.seq, FIRST + 4);
	assert_true(stream_hang_up(&s, &out));
	assert_int_equal(out.seq, FIRST + 1);
	assert_false(stream_hang_up(&s, &out));
}

/* A server takes less at a time than the request has, or nothing at first. */
static void windows(void **state)
{
	static const char request[3000] = "GET";
	struct heard h = {
		.flags = SEGMENT_SYN | SEGMENT_ACK, .seq = SERVER, .ack = FIRST + 1, .window = 1500,
	};

	(void)state;
	now = 1;
	stream_open(&s, FIRST, request, sizeof(request), PAUSE);
	says(SEGMENT_SYN, FIRST, 0, 0);
	stream_take(&s, &h, now, &data);
	/* It has not said how long a segment may be. */
	says(SEGMENT_ACK | SEGMENT_PSH, FIRST + 1, SERVER + 1, 536);
	says(SEGMENT_ACK | SEGMENT_PSH, FIRST + 537, SERVER + 1, 536);
	says(SEGMENT_ACK | SEGMENT_PSH, FIRST + 1073, SERVER + 1, 428);
	assert_false(next());
	h = (struct heard){ .flags = SEGMENT_ACK, .seq = SERVER + 1, .ack = FIRST + 537, .window = 0 };
	stream_take(&s, &h, now, &data);
	assert_false(next());
	/* All has come, and the window is full: one byte is sent each time. */
	h.ack = FIRST + 1501;
	stream_take(&s, &h, now, &data);
	assert_false(next());
	now = s.due;
	stream_time(&s, now);
	says(SEGMENT_ACK | SEGMENT_PSH, FIRST + 1501, SERVER + 1, 1);
	assert_false(next());
	h.window = 100;
	stream_take(&s, &h, now, &data);
	says(SEGMENT_ACK | SEGMENT_PSH, FIRST + 1502, SERVER + 1, 99);
	/* What is lost is sent from its first byte on. */
	now = s.due;
	stream_time(&s, now);
	says(SEGMENT_ACK | SEGMENT_PSH, FIRST + 1501, SERVER + 1, 100);
	assert_false(next());
	/* The server has had it all along, beyond what was sent once more. */
	stream_time(&s, s.due);
	h.ack = FIRST + 1601;
	h.window = 60000;
	stream_take(&s, &h, now, &data);
	says(SEGMENT_ACK | SEGMENT_PSH, FIRST + 1601, SERVER + 1, 536);
}

/* One end of the network of bad_network(): what is on its way. */
struct way {
	struct heard h[64];
	uint64_t due[64];
	unsigned int n;
};

static uint32_t seed;
static unsigned int lost;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* Sends a segment: it is lost, arrives, or does so twice, in any order. */
static void put(struct way *w, const struct heard *h, unsigned int bad)
{
	unsigned int copies = dice(100) < bad ? dice(3) : 1;

	lost += !copies;
	for (; copies && w->n < 64; copies--) {
		w->h[w->n] = *h;
		w->due[w->n++] = now + (1 + (dice(100) < bad ? dice(40) : 0)) * CLOCK_MS;
	}
}

static bool get(struct way *w, struct heard *h)
{
	unsigned int i;

	for (i = 0; i < w->n; i++)
		if (w->due[i] <= now) {
			*h = w->h[i];
			w->h[i] = w->h[--w->n];
			w->due[i] = w->due[w->n];
			return true;
		}
	return false;
}

static char reply_text[20000], got[20000];

/*
 * A server of the test: it takes the request in order, and then sends the reply, a FIN behind it, and all that is not
 * acknowledged once more after 20 ms.
 */
struct server {
	bool open;
	uint32_t expected;
	uint32_t acked;
	uint64_t sent;
};

static void serve(struct server *v, struct way *in, struct way *to, unsigned int bad)
{
	struct heard h, a;

	while (get(in, &h)) {
		if (h.flags & SEGMENT_SYN) {
			if (!v->open)
				*v = (struct server){ .open = true, .expected = h.seq + 1, .acked = SERVER + 1 };
			a = (struct heard){
				.flags = SEGMENT_SYN | SEGMENT_ACK, .seq = SERVER, .ack = FIRST + 1,
				.window = 900, .mss = 700,
			};
			put(to, &a, bad);
			continue;
		}
		if (!v->open)
			continue;
		if (h.seq == v->expected)
			v->expected += (uint32_t)h.size;
		if (h.ack - v->acked <= sizeof(reply_text) + 1) {
			v->sent = h.ack == v->acked ? v->sent : 0;
			v->acked = h.ack;
		}
		if (h.size) {
			a = (struct heard){ .flags = SEGMENT_ACK, .seq = v->acked, .ack = v->expected, .window = 900 };
			put(to, &a, bad);
		}
	}
	if (!v->open || v->expected != FIRST + 1 + 2000 || now < v->sent + 20 * CLOCK_MS)
		return;
	v->sent = now;
	for (size_t at = v->acked - SERVER - 1, end = at + 4000; at <= sizeof(reply_text) && at < end; at += 700) {
		size_t left = sizeof(reply_text) - at;

		a = (struct heard){
			.flags = SEGMENT_ACK | (left <= 700 ? SEGMENT_FIN : 0), .seq = SERVER + 1 + (uint32_t)at,
			.ack = v->expected, .window = 900, .data = (uint8_t *)reply_text + at,
			.size = left < 700 ? left : 700,
		};
		put(to, &a, bad);
	}
}

/* Whatever the network does, all bytes come once and in order, and then the end. */
static void bad_network(void **state)
{
	static char request[2000];
	unsigned int run;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reply_text); i++)
		reply_text[i] = (char)(i * 7 + i / 256);
	for (run = 0; run < 500; run++) {
		struct way in = { .n = 0 }, to = { .n = 0 };
		struct server v = { 0 };
		unsigned int bad = run % 50;
		size_t size = 0, n;
		struct heard h;

		seed = run;
		now = CLOCK_SECOND;
		stream_open(&s, FIRST, request, sizeof(request), PAUSE);
		for (; s.state != STREAM_ENDED && now < 3600 * CLOCK_SECOND; now += CLOCK_MS) {
			while (get(&to, &h)) {
				n = stream_take(&s, &h, now, &data);
				assert_true(size + n <= sizeof(got));
				memcpy(got + size, data ? data : (const uint8_t *)"", n);
				size += n;
			}
			stream_time(&s, now);
			while (next()) {
				h = (struct heard){
					.flags = out.flags, .seq = out.seq, .ack = out.ack, .size = out.size,
				};
				put(&in, &h, bad);
			}
			serve(&v, &in, &to, bad);
		}
		assert_int_equal(s.state, STREAM_ENDED);
		assert_int_equal(size, sizeof(reply_text));
		assert_memory_equal(got, reply_text, size);
	}
	/* The network was bad indeed. */
	assert_true(lost > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(foreign),
		cmocka_unit_test(begins),
		cmocka_unit_test(hangs_up),
		cmocka_unit_test(windows),
		cmocka_unit_test(bad_network),
	};

	return cmocka_run_group_tests_name("agent_stream", tests, NULL, NULL);
}
