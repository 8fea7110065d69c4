/* SPDX-License-Identifier: GPL-2.0 */
/* An encrypted TCP stream between the keepers of two nodes. All calls block, up to the stream's deadline. */
#ifndef HAAGENTD_STREAM_H
#define HAAGENTD_STREAM_H

#include <sodium.h>
#include <stddef.h>
#include <stdint.h>

#include "config_wire.h"
#include "haagentd/peer/key.h"

#define STREAM_WHY	320

/* Finds the key that a node wants to use; NULL: there is none of that id. */
typedef const struct key *(*stream_key_fn)(void *arg, uint32_t id);

/**
 * struct stream - an open stream
 * @fd:		the TCP socket
 * @until:	when all calls fail, ns
 * @longer:	how long all calls may take from the first request on, ns; 0: @until stays
 * @peer:	name of the other node, which has the shared key
 * @out:	state of what is sent
 * @in:		state of what is received
 * @why:	what has failed
 */
struct stream {
	int fd;
	uint64_t until;
	uint64_t longer;
	char peer[WIRE_NAME];
	crypto_secretstream_xchacha20poly1305_state out;
	crypto_secretstream_xchacha20poly1305_state in;
	char why[STREAM_WHY];
};

int stream_connect(struct stream *s, int fd, const struct key *shared, const char *self, const char *peer,
		   uint64_t until);
int stream_accept(struct stream *s, int fd, stream_key_fn find, void *arg, const char *self, uint64_t until);
int stream_send(struct stream *s, const void *data, size_t size);
int stream_receive(struct stream *s, void *data, size_t room, size_t *size);
int stream_ask(struct stream *s, const struct config_ask *ask, const char *text);
int stream_answer(struct stream *s, struct config_ask *ask, char **text);

#endif
