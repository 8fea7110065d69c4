// SPDX-License-Identifier: GPL-2.0
/*
 * A reply of HTTP/1 (RFC 9112), read from the bytes of a connection. They come from the network, so nothing of them is
 * believed, and what they say twice must be the same. A reply that is not understood is bad, never good.
 */
#include <string.h>
#include <strings.h>

#include "checks/reply.h"

#define HEADS_MOST	(300 * 1024)	/* as libcurl takes */
#define VERSION		"HTTP/1."
#define VERSION_SIZE	(sizeof(VERSION) - 1)

/* Bytes of a line. */
struct part {
	const char *at;
	size_t size;
};

static void fail(struct reply *r, const char *why)
{
	r->wrong = why;
	r->over = true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct part trim(struct part p)
{
	for (; p.size && is_blank(p.at[0]); p.size--)
		p.at++;
	while (p.size && is_blank(p.at[p.size - 1]))
		p.size--;
	return p;
}

static bool is(struct part p, const char *word)
{
	return p.size == strlen(word) && !strncasecmp(p.at, word, p.size);
}

static void take_status(struct reply *r)
{
	const char *at = r->line;
	size_t i = VERSION_SIZE + 1;

	if (r->used < i + 4 || memcmp(at, VERSION, VERSION_SIZE) || !is_digit(at[VERSION_SIZE]) || at[i] != ' ' ||
	    !is_digit(at[i + 1]) || !is_digit(at[i + 2]) || !is_digit(at[i + 3]) || at[i + 1] == '0' ||
	    (r->used > i + 4 && at[i + 4] != ' ')) {
		fail(r, "it does not answer by HTTP/1");
		return;
	}
	r->page.status = (at[i + 1] - '0') * 100 + (at[i + 2] - '0') * 10 + at[i + 3] - '0';
	r->at = REPLY_HEADERS;
}

static void take_length(struct reply *r, struct part value)
{
	uint64_t length = 0;
	size_t i;

	for (i = 0; i < value.size && is_digit(value.at[i]); i++)
		length = length > UINT64_MAX / 10 - 1 ? UINT64_MAX : length * 10 + (uint64_t)(value.at[i] - '0');
	if (!i || i < value.size)
		fail(r, "its Content-Length is no number");
	else if (r->sized && r->length != length)
		fail(r, "it has two different Content-Length");
	r->sized = true;
	r->length = length;
}

/* The last coding tells how the body ends. */
static void take_coding(struct reply *r, struct part value)
{
	const char *comma = memrchr(value.at, ',', value.size);
	struct part last = value;

	if (comma)
		last = (struct part){ comma + 1, value.size - (size_t)(comma + 1 - value.at) };
	last = trim(last);
	if (is(last, "identity") && !comma)
		return;
	r->chunked = is(last, "chunked");
	r->coded = !r->chunked;
}

static void take_header(struct reply *r)
{
	struct part name = { r->line, r->used }, value;
	const char *colon = memchr(r->line, ':', r->used);

	if (is_blank(r->line[0])) {
		/* It goes on with the header before. */
		if (r->framed)
			fail(r, "a header that says the body's length goes over several lines");
		return;
	}
	r->framed = false;
	if (!colon)
		return;
	name.size = (size_t)(colon - r->line);
	value = trim((struct part){ colon + 1, r->used - name.size - 1 });
	name = trim(name);
	r->framed = is(name, "Content-Length") || is(name, "Transfer-Encoding");
	if (r->framed && r->cut)
		fail(r, "a header that says the body's length is too long");
	else if (is(name, "Content-Length"))
		take_length(r, value);
	else if (r->framed)
		take_coding(r, value);
}

static void end_headers(struct reply *r)
{
	long status = r->page.status;

	/* What comes before the reply itself; 101 would be the last that is said by HTTP. */
	if (status < 200 && status != 101) {
		r->at = REPLY_STATUS;
		r->chunked = r->coded = r->sized = r->framed = false;
		return;
	}
	r->heads = 0;
	r->left = r->length;
	if (status < 200 || status == 204 || status == 304)
		r->over = true;
	else if (r->chunked)
		r->at = REPLY_CHUNK_SIZE;
	else if (r->coded || !r->sized)
		r->at = REPLY_REST;
	else if (r->length)
		r->at = REPLY_BODY;
	else
		r->over = true;
}

static int digit_of(char c)
{
	const char *all = "0123456789abcdef", *at = memchr(all, c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c, 16);

	return at ? (int)(at - all) : -1;
}

static void take_chunk_size(struct reply *r)
{
	uint64_t size = 0;
	size_t i;

	for (i = 0; i < r->used && digit_of(r->line[i]) >= 0; i++) {
		if (size >> 60)
			break;
		size = size << 4 | (uint64_t)digit_of(r->line[i]);
	}
	if (!i || (i < r->used && r->line[i] != ';' && !is_blank(r->line[i]))) {
		fail(r, "its body has no sound chunks");
		return;
	}
	r->heads = 0;
	r->left = size;
	r->at = size ? REPLY_CHUNK : REPLY_TRAILER;
}

static void take_line(struct reply *r)
{
	if (r->used && r->line[r->used - 1] == '\r' && !r->cut)
		r->used--;
	switch (r->at) {
	case REPLY_STATUS:
		take_status(r);
		break;
	case REPLY_HEADERS:
		if (r->used || r->cut)
			take_header(r);
		else
			end_headers(r);
		break;
	case REPLY_CHUNK_SIZE:
		take_chunk_size(r);
		break;
	case REPLY_CHUNK_END:
		if (r->used)
			fail(r, "its body has no sound chunks");
		r->at = REPLY_CHUNK_SIZE;
		break;
	default:
		r->over |= !r->used;
		break;
	}
	r->used = 0;
	r->cut = false;
}

/* Takes bytes of a line. Return: their number */
static size_t take_text(struct reply *r, const uint8_t *at, size_t size)
{
	const uint8_t *end = memchr(at, '\n', size);
	size_t took = end ? (size_t)(end - at) : size, room = sizeof(r->line) - r->used;

	r->cut |= took > room;
	memcpy(r->line + r->used, at, took > room ? room : took);
	r->used += took > room ? room : took;
	took += !!end;
	r->heads += took;
	if (memchr(at, 0, took))
		fail(r, "its headers have a NUL byte");
	else if (r->heads > HEADS_MOST)
		fail(r, "its headers have more than 300 KiB");
	else if (end)
		take_line(r);
	/* What is no HTTP may have no lines. */
	else if (r->at == REPLY_STATUS && memcmp(r->line, VERSION, r->used < VERSION_SIZE ? r->used : VERSION_SIZE))
		fail(r, "it does not answer by HTTP/1");
	return took;
}

/* Takes bytes of the body. Return: their number */
static size_t take_body(struct reply *r, const uint8_t *at, size_t size)
{
	if (r->at != REPLY_REST && size > r->left)
		size = (size_t)r->left;
	if (!page_take(&r->page, at, size))
		r->over = true;
	if (r->at == REPLY_REST)
		return size;
	r->left -= size;
	if (r->left)
		return size;
	if (r->at == REPLY_CHUNK)
		r->at = REPLY_CHUNK_END;
	else
		r->over = true;
	return size;
}

/**
 * reply_begin - begin with a reply; page_free() of its page ends it
 * @r:		the reply, which is initialized here
 * @wanted:	text that the body must have; "": any body is good
 */
void reply_begin(struct reply *r, const char *wanted)
{
	memset(r, 0, sizeof(*r));
	page_begin(&r->page, wanted);
}

/**
 * reply_take - take what the server has sent next
 * @r:		the reply; nothing is taken of one that is over
 * @at:		the bytes
 * @size:	their number
 */
void reply_take(struct reply *r, const uint8_t *at, size_t size)
{
	size_t took;

	for (; size && !r->over; at += took, size -= took)
		took = r->at == REPLY_BODY || r->at == REPLY_REST || r->at == REPLY_CHUNK ? take_body(r, at, size) :
		       take_text(r, at, size);
}

/**
 * reply_end - take the end of the connection
 * @r:	the reply, which is over then
 */
void reply_end(struct reply *r)
{
	if (r->over)
		return;
	if (r->at == REPLY_REST)
		r->over = true;
	else if (r->at == REPLY_STATUS && !r->used)
		fail(r, "the server ends the connection without an answer");
	else
		fail(r, r->at == REPLY_STATUS || r->at == REPLY_HEADERS ?
		     "the server ends the connection amid the headers" : "the server ends the connection amid the body");
}
