/* SPDX-License-Identifier: GPL-2.0 */
/* A TCP connection that a check makes by hand: a request goes out, and the answer comes in, in order. */
#ifndef CHECKS_STREAM_H
#define CHECKS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heard;
struct segment;

#define STREAM_WINDOW	8192	/* so many bytes may be on their way to this node */
#define STREAM_NEVER	UINT64_MAX

enum stream_state {
	STREAM_ASKED,		/* the SYN is not answered yet */
	STREAM_OPEN,
	STREAM_ENDED,		/* the server has sent its FIN, and all bytes before it have come */
	STREAM_REFUSED,		/* the server has answered the SYN with a RST */
	STREAM_BROKEN,		/* the server has sent a RST later */
};

/**
 * struct stream - a connection (RFC 9293)
 * @state:	an enum stream_state
 * @first:	number of the SYN
 * @oldest:	the first number that the server has not acknowledged
 * @next:	the number that is sent next; less than @top: once more
 * @top:	the number behind all that was sent
 * @window:	so many bytes the server takes behind @oldest
 * @mss:	longest segment that the server takes, bytes
 * @expected:	the number that the server sends next
 * @request:	what is sent to the server
 * @size:	its size, bytes
 * @pause:	time until what is not acknowledged is sent once more, ns
 * @wait:	the same, doubled each time in a row
 * @due:	when that is; STREAM_NEVER: nothing is missing
 * @owes_ack:	the server is to be told @expected
 * @probes:	a byte is sent although the server's window is full
 * @owes_rst:	a connection of earlier, which the server believes in, is to be ended
 * @rst:	the number of its RST
 */
struct stream {
	enum stream_state state;
	uint32_t first;
	uint32_t oldest;
	uint32_t next;
	uint32_t top;
	uint32_t window;
	uint32_t mss;
	uint32_t expected;
	const uint8_t *request;
	size_t size;
	uint64_t pause;
	uint64_t wait;
	uint64_t due;
	bool owes_ack;
	bool probes;
	bool owes_rst;
	uint32_t rst;
};

void stream_open(struct stream *s, uint32_t first, const void *request, size_t size, uint64_t pause);
size_t stream_take(struct stream *s, const struct heard *h, uint64_t now, const uint8_t **data);
void stream_time(struct stream *s, uint64_t now);
bool stream_next(struct stream *s, uint64_t now, struct segment *out);
bool stream_hang_up(struct stream *s, struct segment *out);

#endif
