// SPDX-License-Identifier: GPL-2.0
/*
 * A TCP connection that a check makes by hand (RFC 9293): a request goes out, and the answer comes in, in order.
 * Segments that come too early are dropped, for the server sends them once more. Pure: who calls has the clock and the
 * sockets.
 */
#include <string.h>

#include "checks/segment.h"
#include "checks/stream.h"

#define MSS		1220	/* longest segment that may come: it fits into any IPv6 packet */
#define MSS_USUAL	536	/* what a server takes that does not say (RFC 9293) */
#define OLD_MOST	65536	/* an acknowledgment may be so much older than the last one */

/**
 * stream_open - begin a connection; the SYN is what stream_next() gives first
 * @s:		the connection, which is initialized here
 * @first:	number of the SYN
 * @request:	what is sent to the server; it is not copied
 * @size:	its size, bytes
 * @pause:	time until what is not acknowledged is sent once more, ns
 */
void stream_open(struct stream *s, uint32_t first, const void *request, size_t size, uint64_t pause)
{
	*s = (struct stream){
		.state = STREAM_ASKED, .first = first, .oldest = first, .next = first, .top = first,
		.request = request, .size = size, .pause = pause, .wait = pause, .due = STREAM_NEVER,
	};
}

/* Number behind the request's last byte. */
static uint32_t end_of(const struct stream *s)
{
	return s->first + 1 + (uint32_t)s->size;
}

/* Sends from the first missing byte on once more when its time has come, or first when the window opens. */
static void set_due(struct stream *s, uint64_t now)
{
	s->due = s->oldest == end_of(s) ? STREAM_NEVER : now + s->wait;
}

static void take_answer(struct stream *s, const struct heard *h, uint64_t now)
{
	bool right = s->top != s->first && h->flags & SEGMENT_ACK && h->ack == s->first + 1;

	if (h->flags & SEGMENT_RST) {
		if (right)
			s->state = STREAM_REFUSED;
		return;
	}
	if (!right && h->flags & SEGMENT_ACK) {
		/* The server has missed a RST. It answers the SYN when it has forgotten the connection of earlier. */
		s->owes_rst = true;
		s->rst = h->ack;
	}
	if (!right || !(h->flags & SEGMENT_SYN))
		return;
	s->state = STREAM_OPEN;
	s->oldest = s->next = s->top = h->ack;
	s->expected = h->seq + 1;
	s->window = h->window;
	s->mss = h->mss ? h->mss : MSS_USUAL;
	s->owes_ack = true;
	s->wait = s->pause;
	set_due(s, now);
}

/* Return: whether the segment belongs to the connection, so that its bytes can be taken */
static bool take_ack(struct stream *s, const struct heard *h, uint64_t now)
{
	uint32_t ahead = h->ack - s->oldest;

	if (s->oldest - h->ack <= OLD_MOST && ahead)
		return true;
	if (ahead > s->top - s->oldest) {
		s->owes_ack = true;
		return false;
	}
	if (ahead || (!s->window && h->window)) {
		s->wait = s->pause;
		s->oldest = h->ack;
		if (s->next - s->oldest > s->top - s->oldest)
			s->next = s->oldest;
		set_due(s, now);
	}
	s->window = h->window;
	return true;
}

/* Takes the bytes that are expected next. Return: their number */
static size_t take_bytes(struct stream *s, const struct heard *h, const uint8_t **data)
{
	uint32_t old = s->expected - h->seq;
	bool fin = h->flags & SEGMENT_FIN;
	size_t size = h->size;

	/* What is empty and in order needs no answer, or two machines would answer each other for ever. */
	if (!old && !size && !fin)
		return 0;
	s->owes_ack = true;
	if (old > size || s->state == STREAM_ENDED)
		return 0;
	if (size)
		*data = h->data + old;
	size -= old;
	if (size > STREAM_WINDOW) {
		size = STREAM_WINDOW;
		fin = false;
	}
	s->expected += (uint32_t)size + fin;
	if (fin)
		s->state = STREAM_ENDED;
	return size;
}

/**
 * stream_take - take a segment of the server
 * @s:		the connection
 * @h:		the segment; its addresses and ports are those of the connection
 * @now:	time now, ns
 * @data:	receives where the answer's next bytes lie, in the segment
 *
 * Return: their number
 */
size_t stream_take(struct stream *s, const struct heard *h, uint64_t now, const uint8_t **data)
{
	*data = NULL;
	if (s->state == STREAM_ASKED) {
		take_answer(s, h, now);
		return 0;
	}
	if (s->state != STREAM_OPEN && s->state != STREAM_ENDED)
		return 0;
	/* Who has not seen the connection can guess a number of the window, but hardly the very next one (RFC 5961). */
	if (h->flags & SEGMENT_RST) {
		if (h->seq == s->expected)
			s->state = STREAM_BROKEN;
		else if (h->seq - s->expected < STREAM_WINDOW)
			s->owes_ack = true;
		return 0;
	}
	/* The server sends its SYN once more when it has missed the ACK. */
	if (h->flags & SEGMENT_SYN) {
		s->owes_ack = true;
		return 0;
	}
	if (!(h->flags & SEGMENT_ACK) || !take_ack(s, h, now))
		return 0;
	return take_bytes(s, h, data);
}

/**
 * stream_time - look whether something is to be sent once more
 * @s:		the connection
 * @now:	time now, ns
 *
 * stream_next() gives it. The pause doubles each time, as RFC 6298 wants.
 */
void stream_time(struct stream *s, uint64_t now)
{
	if (now < s->due)
		return;
	s->next = s->oldest;
	s->probes = true;
	s->wait *= 2;
	s->due = now + s->wait;
}

/* Size of the next segment of the request; 0: none can be sent now. */
static size_t size_next(const struct stream *s)
{
	uint32_t left = end_of(s) - s->next, sent = s->next - s->oldest, room = 0;

	if (s->window > sent)
		room = s->window - sent;
	else if (s->probes && !sent)
		room = 1;
	if (left > room)
		left = room;
	if (left > s->mss)
		left = s->mss;
	return left > SEGMENT_DATA ? SEGMENT_DATA : left;
}

/**
 * stream_next - say what is to be sent
 * @s:		the connection
 * @now:	time now, ns
 * @out:	receives flags, numbers, window and bytes; addresses and ports are set already
 *
 * Return: whether there is something; if so, call again
 */
bool stream_next(struct stream *s, uint64_t now, struct segment *out)
{
	size_t size;

	if (s->owes_rst) {
		s->owes_rst = false;
		out->flags = SEGMENT_RST;
		out->seq = s->rst;
		return true;
	}
	out->window = STREAM_WINDOW;
	if (s->state == STREAM_ASKED) {
		if (s->next != s->first)
			return false;
		out->flags = SEGMENT_SYN;
		out->seq = s->first;
		out->mss = MSS;
		s->next = s->top = s->first + 1;
		if (s->due == STREAM_NEVER)
			s->due = now + s->wait;
		return true;
	}
	if (s->state != STREAM_OPEN && s->state != STREAM_ENDED)
		return false;
	size = size_next(s);
	if (!size && !s->owes_ack)
		return false;
	out->flags = SEGMENT_ACK | (size ? SEGMENT_PSH : 0);
	out->seq = s->next;
	out->ack = s->expected;
	out->data = s->request + (s->next - s->first - 1);
	out->size = size;
	s->owes_ack = false;
	s->probes = s->probes && !size;
	s->next += (uint32_t)size;
	if (s->next - s->oldest > s->top - s->oldest)
		s->top = s->next;
	return true;
}

/**
 * stream_hang_up - end the connection, by a RST
 * @s:		the connection
 * @out:	receives flags and number; addresses and ports are set already
 *
 * The server takes a RST only with the number that it expects. What it has of the request it may not have said yet.
 *
 * Return: whether a RST is to be sent; if so, call again
 */
bool stream_hang_up(struct stream *s, struct segment *out)
{
	if (s->state == STREAM_REFUSED || s->state == STREAM_BROKEN || s->top == s->first)
		return false;
	out->flags = SEGMENT_RST;
	out->seq = s->top;
	if (s->oldest == s->top || s->state == STREAM_ASKED)
		s->state = STREAM_BROKEN;
	else
		s->top = s->oldest;
	return true;
}
