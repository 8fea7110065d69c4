// SPDX-License-Identifier: GPL-2.0
/*
 * An encrypted TCP stream between the keepers of two nodes. Each side sends its name and a random number. From both,
 * and from the shared key, each side makes one key for each direction, so a recorded stream is of no use. What follows
 * is libsodium's secretstream in frames of at most STREAM_FRAME bytes; each frame has its length before it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "stream.h"

#define STREAM_FRAME	65536u
#define SEALED		(STREAM_FRAME + crypto_secretstream_xchacha20poly1305_ABYTES)
#define HEADER		crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define KEY		crypto_secretstream_xchacha20poly1305_KEYBYTES

static int fail(struct stream *s, int err, const char *what)
{
	snprintf(s->why, sizeof(s->why), "%s%s%s", what, err ? ": " : "", err ? strerror(-err) : "");
	return err ? err : -EPROTO;
}

/* Waits until the socket is ready. Return: 0 or a negative errno. */
static int ready(const struct stream *s, short events)
{
	struct pollfd fd = { .fd = s->fd, .events = events };
	uint64_t now = clock_now();
	int ret;

	if (now >= s->until)
		return -ETIMEDOUT;
	ret = poll(&fd, 1, (int)((s->until - now) / CLOCK_MS) + 1);
	if (ret < 0)
		return errno == EINTR ? 0 : -errno;
	return ret ? 0 : -ETIMEDOUT;
}

static int put_all(struct stream *s, const uint8_t *from, size_t size)
{
	while (size) {
		ssize_t n = send(s->fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		int err = 0;

		if (n < 0 && errno == EAGAIN)
			err = ready(s, POLLOUT);
		else if (n < 0 && errno != EINTR)
			err = -errno;
		if (err)
			return fail(s, err, "cannot send");
		if (n > 0) {
			from += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

static int get_all(struct stream *s, uint8_t *to, size_t size)
{
	while (size) {
		ssize_t n = recv(s->fd, to, size, MSG_DONTWAIT);
		int err = 0;

		if (n < 0 && errno == EAGAIN)
			err = ready(s, POLLIN);
		else if (n < 0 && errno != EINTR)
			err = -errno;
		if (err)
			return fail(s, err, "cannot receive");
		if (!n)
			return fail(s, -ECONNRESET, "the other node has closed the stream");
		if (n > 0) {
			to += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

static void make_key(const struct key *shared, const uint8_t *first, const uint8_t *second, uint8_t direction,
		     uint8_t key[KEY])
{
	static const char label[] = "haswitch configuration stream";
	crypto_generichash_state state;

	crypto_generichash_init(&state, shared->bytes, KEY_BYTES, KEY);
	crypto_generichash_update(&state, (const uint8_t *)label, sizeof(label));
	crypto_generichash_update(&state, first, CONFIG_HELLO);
	crypto_generichash_update(&state, second, CONFIG_HELLO);
	crypto_generichash_update(&state, &direction, 1);
	crypto_generichash_final(&state, key, KEY);
}

/* Exchanges the headers of the two directions. A wrong header or key shows at the first frame. */
static int begin(struct stream *s, const struct key *shared, const uint8_t *first, const uint8_t *second, int mine)
{
	uint8_t out[KEY], in[KEY], header[HEADER];
	int err;

	make_key(shared, first, second, (uint8_t)mine, out);
	make_key(shared, first, second, (uint8_t)!mine, in);
	crypto_secretstream_xchacha20poly1305_init_push(&s->out, header, out);
	err = put_all(s, header, sizeof(header));
	if (!err)
		err = get_all(s, header, sizeof(header));
	if (!err && crypto_secretstream_xchacha20poly1305_init_pull(&s->in, header, in))
		err = fail(s, 0, "the other node's stream does not begin as it should");
	sodium_memzero(out, sizeof(out));
	sodium_memzero(in, sizeof(in));
	return err;
}

/**
 * stream_connect - begin a stream to another node
 * @s:		the stream, which is initialized here
 * @fd:		a connected TCP socket, which the caller closes
 * @shared:	a shared key; while it is changed, the other node can lack this one, and the caller tries the next
 * @self:	name of this node
 * @peer:	name of the other node
 * @until:	when all calls fail, ns
 *
 * Return: 0; or a negative errno, and s->why has the reason
 */
int stream_connect(struct stream *s, int fd, const struct key *shared, const char *self, const char *peer,
		   uint64_t until)
{
	struct config_hello hello = { .key_id = shared->id }, theirs;
	uint8_t first[CONFIG_HELLO], second[CONFIG_HELLO];
	int err;

	*s = (struct stream){ .fd = fd, .until = until };
	snprintf(s->peer, sizeof(s->peer), "%s", peer);
	snprintf(hello.from, sizeof(hello.from), "%s", self);
	snprintf(hello.to, sizeof(hello.to), "%s", peer);
	randombytes_buf(hello.nonce, sizeof(hello.nonce));
	config_hello_put(&hello, first);
	err = put_all(s, first, sizeof(first));
	if (!err)
		err = get_all(s, second, sizeof(second));
	if (err == -ECONNRESET)
		return fail(s, err, "the other node refuses the stream: it knows no node at this address, or serves too many now");
	if (err)
		return err;
	if (!config_hello_get(second, &theirs) || strcmp(theirs.from, peer) || strcmp(theirs.to, self))
		return fail(s, 0, "another program, release or node answers there");
	return begin(s, shared, first, second, 0);
}

/**
 * stream_accept - begin a stream that another node has opened
 * @s:		the stream, which is initialized here
 * @fd:		a connected TCP socket, which the caller closes
 * @find:	finds the key that the other node wants to use
 * @arg:	passed to @find
 * @self:	name of this node
 * @until:	when all calls fail, ns
 *
 * Return: 0, and s->peer is the name by which the other node calls itself; it has that key if stream_receive()
 * succeeds. Or a negative errno, and s->why has the reason
 */
int stream_accept(struct stream *s, int fd, stream_key_fn find, void *arg, const char *self, uint64_t until)
{
	uint8_t first[CONFIG_HELLO], second[CONFIG_HELLO];
	struct config_hello hello, mine = { .key_id = 0 };
	const struct key *shared;
	int err;

	*s = (struct stream){ .fd = fd, .until = until };
	err = get_all(s, first, sizeof(first));
	if (err)
		return err;
	if (!config_hello_get(first, &hello) || strcmp(hello.to, self))
		return fail(s, 0, "what was received is no stream for this node");
	shared = find(arg, hello.key_id);
	if (!shared)
		return fail(s, 0, "the other node has another key");
	memcpy(s->peer, hello.from, sizeof(s->peer));
	mine.key_id = hello.key_id;
	memcpy(mine.from, hello.to, sizeof(mine.from));
	memcpy(mine.to, hello.from, sizeof(mine.to));
	randombytes_buf(mine.nonce, sizeof(mine.nonce));
	config_hello_put(&mine, second);
	err = put_all(s, second, sizeof(second));
	return err ? err : begin(s, shared, first, second, 1);
}

/**
 * stream_send - send a frame
 * @s:		the stream
 * @data:	what is sent
 * @size:	its length, bytes; at most STREAM_FRAME
 *
 * Return: 0; or a negative errno, and s->why has the reason
 */
int stream_send(struct stream *s, const void *data, size_t size)
{
	/* The agent, of which the processes with streams are copies, keeps what is static in memory. */
	uint8_t frame[4 + SEALED];
	unsigned long long sealed = 0;

	if (size > STREAM_FRAME)
		return fail(s, -EMSGSIZE, "cannot send");
	crypto_secretstream_xchacha20poly1305_push(&s->out, frame + 4, &sealed, data, size, NULL, 0,
						   crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
	bytes_put(frame, sealed, 4);
	return put_all(s, frame, 4 + (size_t)sealed);
}

/**
 * stream_receive - receive a frame
 * @s:		the stream
 * @data:	filled
 * @room:	size of @data, bytes
 * @size:	set to the length of the frame
 *
 * Return: 0; or a negative errno, and s->why has the reason
 */
int stream_receive(struct stream *s, void *data, size_t room, size_t *size)
{
	uint8_t frame[SEALED];
	unsigned long long opened = 0;
	uint8_t head[4], tag;
	uint64_t sealed;
	int err = get_all(s, head, sizeof(head));

	if (err)
		return err;
	sealed = bytes_get(head, 4);
	if (sealed < crypto_secretstream_xchacha20poly1305_ABYTES || sealed > sizeof(frame) ||
	    sealed - crypto_secretstream_xchacha20poly1305_ABYTES > room)
		return fail(s, 0, "a frame has a wrong length");
	err = get_all(s, frame, (size_t)sealed);
	if (err)
		return err;
	if (crypto_secretstream_xchacha20poly1305_pull(&s->in, data, &opened, &tag, frame, sealed, NULL, 0))
		return fail(s, 0, "a frame is forged, or the other node has another key");
	*size = (size_t)opened;
	return 0;
}

/**
 * stream_ask - send a request or reply, and its text
 * @s:		the stream
 * @ask:	the request or reply; its size is the length of @text
 * @text:	the text; NULL if the size is 0
 *
 * Return: 0; or a negative errno, and s->why has the reason
 */
int stream_ask(struct stream *s, const struct config_ask *ask, const char *text)
{
	uint8_t head[CONFIG_ASK];
	size_t at = 0, n;
	int err;

	config_ask_put(ask, head);
	err = stream_send(s, head, sizeof(head));
	for (; !err && at < ask->about.size; at += n) {
		n = ask->about.size - at < STREAM_FRAME ? ask->about.size - at : STREAM_FRAME;
		err = stream_send(s, text + at, n);
	}
	return err;
}

/**
 * stream_answer - receive a request or reply, and its text
 * @s:		the stream
 * @ask:	filled
 * @text:	set to the text with a NUL behind it, which the caller frees
 *
 * Return: 0; or a negative errno, and s->why has the reason
 */
int stream_answer(struct stream *s, struct config_ask *ask, char **text)
{
	uint8_t head[CONFIG_ASK * 2];
	size_t size, at = 0;
	int err = stream_receive(s, head, sizeof(head), &size);

	*text = NULL;
	if (err)
		return err;
	if (s->longer)
		s->until = clock_now() + s->longer;
	if (!config_ask_get(head, size, ask))
		return fail(s, 0, "a request cannot be understood");
	*text = malloc(ask->about.size + 1);
	if (!*text)
		return fail(s, -ENOMEM, "cannot receive");
	while (!err && at < ask->about.size) {
		err = stream_receive(s, *text + at, ask->about.size - at, &size);
		if (!err && !size)
			err = fail(s, 0, "a frame is empty");
		at += err ? 0 : size;
	}
	(*text)[at] = '\0';
	if (err) {
		free(*text);
		*text = NULL;
	}
	return err;
}
