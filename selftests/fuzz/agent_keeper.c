// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing the stream between two keepers: the bytes by which it begins, and then requests and replies after decryption.
 * For these the input is frames, each behind its length in two bytes.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/bytes.h"
#include "haagentd/clock.h"
#include "haagentd/keeper/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES	32	/* so many frames lie in the socket at once */
#define MOST	4096
#define MUST(what) do { \
	if (!(what)) \
		abort(); \
} while (0)

static struct key shared;

/* The key has whatever id is asked for, so that more than that is looked at. */
static const struct key *find(void *arg, uint32_t id)
{
	(void)arg;
	shared.id = id;
	return &shared;
}

/* Returns a socket from which these bytes are received, and then the end. */
static int socket_with(const uint8_t *data, size_t size, int pair[2])
{
	MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	MUST(send(pair[1], data, size, MSG_DONTWAIT) == (ssize_t)size);
	MUST(!shutdown(pair[1], SHUT_WR));
	return pair[0];
}

static void close_both(const int pair[2])
{
	close(pair[0]);
	close(pair[1]);
}

/* Both sides begin: nobody who lacks the other one's random number gets as far as a frame. */
static void begins(const uint8_t *data, size_t size)
{
	struct config_ask ask;
	struct stream s;
	char *text;
	int pair[2];

	if (!stream_accept(&s, socket_with(data, size, pair), find, NULL, "a", clock_now() + CLOCK_SECOND)) {
		MUST(wire_name_valid(s.peer));
		MUST(stream_answer(&s, &ask, &text) && !text && s.why[0]);
	} else {
		MUST(s.why[0]);
	}
	close_both(pair);
	if (!stream_connect(&s, socket_with(data, size, pair), &shared, "a", "b", clock_now() + CLOCK_SECOND))
		MUST(stream_answer(&s, &ask, &text) && !text && s.why[0]);
	else
		MUST(s.why[0]);
	close_both(pair);
}

/* Makes the input frames that the other node has sealed. Returns how many bytes they are. */
static size_t seal(struct stream *s, const uint8_t *data, size_t size, uint8_t *to)
{
	uint8_t header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
	uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES] = { 1 };
	crypto_secretstream_xchacha20poly1305_state out;
	unsigned long long sealed;
	unsigned int frames;
	size_t at = 0;

	crypto_secretstream_xchacha20poly1305_init_push(&out, header, key);
	MUST(!crypto_secretstream_xchacha20poly1305_init_pull(&s->in, header, key));
	for (frames = 0; frames < FRAMES && size >= 2; frames++) {
		size_t length = bytes_get(data, 2);

		data += 2;
		size -= 2;
		if (length > size)
			length = size;
		crypto_secretstream_xchacha20poly1305_push(&out, to + at + 4, &sealed, data, length, NULL, 0, 0);
		bytes_put(to + at, sealed, 4);
		at += 4 + (size_t)sealed;
		data += length;
		size -= length;
	}
	return at;
}

/* What is understood has a text of the length that it says, which ends, and is sent as it was received. */
static void understood(const struct config_ask *ask, const char *text)
{
	uint8_t bytes[CONFIG_ASK];
	struct config_ask back;

	MUST(ask->kind && ask->kind < CONFIG_ASKS && ask->about.size <= MOST);
	MUST(text && !text[ask->about.size] && strlen(text) <= ask->about.size);
	config_ask_put(ask, bytes);
	MUST(config_ask_get(bytes, sizeof(bytes), &back) && !memcmp(&back, ask, sizeof(back)));
}

static void frames(const uint8_t *data, size_t size)
{
	static uint8_t bytes[MOST + FRAMES * (4 + crypto_secretstream_xchacha20poly1305_ABYTES)];
	struct stream s = { .until = clock_now() + CLOCK_SECOND };
	struct config_ask ask;
	char *text;
	int pair[2];

	if (size > MOST)
		return;
	s.fd = socket_with(bytes, seal(&s, data, size, bytes), pair);
	while (!stream_answer(&s, &ask, &text)) {
		understood(&ask, text);
		free(text);
	}
	MUST(!text && s.why[0]);
	close_both(pair);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	MUST(sodium_init() >= 0);
	begins(data, size);
	frames(data, size);
	return 0;
}
