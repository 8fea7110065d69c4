// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing a connection that a check by HTTP through the vip makes by hand: whatever the network does to the segments,
 * the bytes are those of the server, in order, and the reply is the same however they were cut.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "checks/reply.h"
#include "checks/segment.h"
#include "checks/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what) do { \
	if (!(what)) \
		abort(); \
} while (0)

static const char request[1500] = "GET";

/**
 * struct fuzzed - a connection with its server
 * @s:		the connection
 * @r:		the reply that is read from it
 * @bytes:	all that the server sends
 * @size:	its size
 * @base:	number of its first byte
 * @came:	how much of it came
 * @window:	the server's
 * @now:	time
 */
struct fuzzed {
	struct stream s;
	struct reply r;
	const uint8_t *bytes;
	size_t size;
	uint32_t base;
	size_t came;
	uint16_t window;
	uint64_t now;
};

/* Takes all that is to be sent. It lies in the request, and ends. */
static void send_all(struct fuzzed *f)
{
	struct segment out = { .size = 0 };
	unsigned int i;

	for (i = 0; stream_next(&f->s, f->now, &out); i++) {
		MUST(i < 2 * sizeof(request) && out.size <= SEGMENT_DATA && out.flags);
		if (out.size)
			MUST(out.seq == f->s.first + 1 + (uint32_t)((const char *)out.data - request) &&
			     (const char *)out.data + out.size <= request + sizeof(request));
		out = (struct segment){ .size = 0 };
	}
}

static void take(struct fuzzed *f, const struct heard *h)
{
	bool asked = f->s.state == STREAM_ASKED;
	const uint8_t *at;
	size_t n = stream_take(&f->s, h, f->now, &at);

	if (asked && f->s.state == STREAM_OPEN) {
		MUST(!n);
		f->base = f->s.expected;
	}
	if (n) {
		MUST(n <= f->size - f->came && !memcmp(at, f->bytes + f->came, n));
		reply_take(&f->r, at, n);
		f->came += n;
	}
	send_all(f);
}

/* One event, of four bytes. */
static void event(struct fuzzed *f, const uint8_t *e)
{
	struct heard h = { .flags = SEGMENT_ACK, .ack = f->s.top - (e[3] >> 1 & 3), .window = f->window };
	size_t at = f->came + (size_t)(int8_t)e[1];

	switch (e[0] & 7) {
	case 0:
	case 1:
		/* Bytes from somewhere on. */
		if (at > f->size)
			return;
		h.seq = f->base + (uint32_t)at;
		h.data = f->bytes + at;
		h.size = (size_t)e[2] * 64 < f->size - at ? (size_t)e[2] * 64 : f->size - at;
		if (at + h.size == f->size && e[3] & 1)
			h.flags |= SEGMENT_FIN;
		take(f, &h);
		break;
	case 2:
		h.flags = e[1];
		h.seq = f->s.expected + (uint32_t)(int8_t)e[2];
		h.ack = f->s.top + (uint32_t)(int8_t)e[3];
		take(f, &h);
		break;
	case 3:
		f->window = (uint16_t)(e[1] * 16);
		break;
	case 4:
		h = (struct heard){
			.flags = SEGMENT_SYN | SEGMENT_ACK, .seq = f->base - 1, .ack = f->s.first + 1,
			.window = f->window,
			.mss = (uint16_t)(e[1] << 8 | e[2]),
		};
		take(f, &h);
		break;
	default:
		if (f->s.due != STREAM_NEVER)
			f->now = f->s.due;
		stream_time(&f->s, f->now);
		send_all(f);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct plan plan = { .from = 200, .to = 399 };
	struct fuzzed f = { .window = 1000, .now = 1 };
	size_t n = size ? data[0] & 63 : 0, i;
	struct segment out = { .size = 0 };
	char why[PAGE_WHY], again[PAGE_WHY];
	struct reply whole;

	if (size < 1 + 4 * n)
		return 0;
	f.bytes = data + 1 + 4 * n;
	f.size = size - 1 - 4 * n;
	stream_open(&f.s, 0xfffffff0, request, sizeof(request), 100);
	reply_begin(&f.r, "open");
	send_all(&f);
	for (i = 0; i < n; i++)
		event(&f, data + 1 + 4 * i);
	reply_begin(&whole, "open");
	reply_take(&whole, f.bytes, f.came);
	MUST(whole.over == f.r.over && !whole.wrong == !f.r.wrong && whole.page.status == f.r.page.status &&
	     whole.page.size == f.r.page.size && whole.page.size <= PAGE_MOST);
	MUST(page_judge(&whole.page, &plan, why) == page_judge(&f.r.page, &plan, again) && !strcmp(why, again));
	reply_end(&f.r);
	MUST(f.r.over && strlen(why) < sizeof(why));
	page_free(&f.r.page);
	page_free(&whole.page);
	for (i = 0; stream_hang_up(&f.s, &out); i++)
		MUST(i < 2 && out.flags == SEGMENT_RST);
	return 0;
}
