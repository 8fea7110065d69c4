// SPDX-License-Identifier: GPL-2.0
/* Fuzzing what arrives from the network: the codec, and what a session makes of any packet. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "haagentd/peer/cluster.h"
#include "haagentd/peer/session.h"
#include "haagentd/peer/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct session_self self;
static struct session peer;
static uint8_t hello_from_peer[WIRE_PACKET];

static void begin(void)
{
	uint8_t bytes[KEY_BYTES] = { 0 };
	struct session_self other;
	struct session me;
	struct wire_body body = { 0 };
	struct key_ring keys = { .n = 1 };

	if (sodium_init() < 0)
		abort();
	key_from_bytes(&keys.key[0], bytes);
	session_self_init(&self, &keys, "b");
	session_init(&peer, "a");
	session_self_init(&other, &keys, "a");
	session_init(&me, "b");
	session_seal_hello(&other, &me, NULL, &body, hello_from_peer);
}

/* Decoding and encoding again must give the same bytes: nothing is read that is not there. */
static void round_trip(const uint8_t *data, size_t size, const struct wire_header *h)
{
	uint8_t again[WIRE_HEADER];

	wire_header_encode(h, (uint16_t)size, again);
	if (memcmp(again, data, sizeof(again)))
		abort();
	if (!wire_name_valid(h->from) || !wire_name_valid(h->to))
		abort();
}

/* What is taken for a release can be shown anywhere. Any clock can be taken. */
static void told(const struct wire_record *record)
{
	static struct cluster_peer peer;
	struct release said = { 0 };
	const char *at;

	release_take(&said, record);
	peer.wall = (struct wall_clock){ 0 };
	wall_clock_take(&peer, record, 0);
	if (!memchr(said.text, 0, sizeof(said.text)))
		abort();
	for (at = said.text; *at; at++)
		if (*at <= ' ' || strchr("\"'<>&\\\x7f", *at))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t packet[WIRE_PACKET];
	struct session before;
	struct wire_header h;
	static struct wire_records records;
	struct wire_record record;
	struct wire_body body;
	size_t i, took, at = 0;

	if (!self.name[0])
		begin();
	wire_body_decode(data, size, &body);
	while ((took = wire_record_get(data + at, size - at, &record))) {
		at += took;
		if (record.data + record.size != data + at)
			abort();
		told(&record);
	}
	if (wire_header_decode(data, size, &h) == WIRE_OK)
		round_trip(data, size, &h);

	/* The input as changes to a good packet, so that the depths are reached, too. */
	memcpy(packet, hello_from_peer, sizeof(packet));
	for (i = 0; i + 1 < size; i += 2)
		packet[data[i] % WIRE_PACKET] ^= data[i + 1];
	if (wire_header_decode(packet, sizeof(packet), &h))
		return 0;
	before = peer;
	switch (session_open(&self, &peer, packet, sizeof(packet), &h, &body, &records)) {
	case SESSION_HELLO:
		if (memcmp(packet, hello_from_peer, sizeof(packet)))
			abort();
		break;
	case SESSION_BEAT:
	case SESSION_NEW:
		/* Nobody has the token for that. */
		abort();
	default:
		break;
	}
	if (memcmp(&before, &peer, sizeof(peer)))
		abort();
	return 0;
}
