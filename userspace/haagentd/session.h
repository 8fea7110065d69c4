/* SPDX-License-Identifier: GPL-2.0 */
/* Who may be believed: session keys, counters, the replay window. */
#ifndef HAAGENTD_SESSION_H
#define HAAGENTD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "key.h"
#include "wire.h"

#define SESSION_KEY	32
#define SESSION_WINDOW	2048	/* how far packets may overtake each other */

/*
 * How two agents come to trust each other, A having just started:
 *
 *	A -> B	HELLO { A's session }
 *	B -> A	HELLO { B's session, token of B for A's session }
 *	A -> B	BEAT  sealed with (sessions of A and B, B's token),
 *		      carrying A's token for B's session
 *	B -> A	BEAT  sealed with (sessions of B and A, A's token) ...
 *
 * A HELLO can be a recording, so it proves nobody alive: it only tells where
 * to send a token. A BEAT that opens proves that its sender has the shared
 * key, knows this life's session id and a token that was made for its own
 * session; recordings of earlier lives, of either side, know neither.
 */

/**
 * struct session_self - this agent's own life
 * @keys:	the shared keys
 * @name:	this node
 * @id:		random name of this life
 * @secret:	random, never leaves; tokens are made of it
 * @counter:	last counter used; one for all packets of this life, so that
 *		no key ever sees a nonce twice, nor does it when the machine is
 *		put back to a snapshot, for the rest of the nonce is random
 */
struct session_self {
	struct key_ring keys;
	char name[WIRE_NAME];
	uint8_t id[WIRE_SESSION];
	uint8_t secret[SESSION_KEY];
	uint64_t counter;
};

/**
 * struct session - what is known of a peer's life
 * @name:	the peer
 * @generation:	how many lives of it were believed; part of the token, so that
 *		a life that was followed by another can never come back
 * @known:	the rx part is filled
 * @rx_id:	the life that is believed
 * @rx_token:	token that it was believed by
 * @rx_key:	opens its beats, if they were sealed with that shared key
 * @rx_key_id:	which
 * @top:	highest counter that opened
 * @window:	which of the SESSION_WINDOW counters up to @top opened
 * @old:	the life before is remembered
 * @old_id:	that one: its late packets are old, not forged
 * @tx_token:	the peer's token for this life
 * @tx_key:	seals beats to it, made of that shared key
 * @tx_key_id:	which
 * @newest_key:	the newest shared key that it has; 0 while that is not known
 */
struct session {
	char name[WIRE_NAME];
	uint64_t generation;
	bool known;
	uint8_t rx_id[WIRE_SESSION];
	uint8_t rx_token[WIRE_TOKEN];
	uint8_t rx_key[SESSION_KEY];
	uint32_t rx_key_id;
	uint64_t top;
	uint64_t window[SESSION_WINDOW / 64];
	bool old;
	uint8_t old_id[WIRE_SESSION];
	uint8_t tx_token[WIRE_TOKEN];
	uint8_t tx_key[SESSION_KEY];
	uint32_t tx_key_id;
	uint32_t newest_key;
};

enum session_result {
	SESSION_HELLO,		/* real, perhaps a recording: answer it */
	SESSION_BEAT,		/* a heartbeat of the life that is believed */
	SESSION_NEW,		/* a heartbeat, the first of a new life */
	SESSION_LATER,		/* of a type that only later releases know */
	/* Everything from here on is dropped and counted. */
	SESSION_OTHER_KEY,	/* sealed with a key that is not ours */
	SESSION_FORGED,		/* the tag is wrong */
	SESSION_REPLAYED,	/* the counter was seen, or is below the window */
	SESSION_OLD,		/* belongs to an earlier life, of it or of ours */
	SESSION_MALFORMED,	/* well sealed, yet makes no sense */
};

void session_self_init(struct session_self *self, const struct key_ring *keys,
		       const char *name);
void session_init(struct session *s, const char *name);
enum session_result session_open(const struct session_self *self,
				 struct session *s, const uint8_t *packet,
				 size_t length, const struct wire_header *h,
				 struct wire_body *body,
				 struct wire_records *records);
const struct key *session_shared_key(const struct session_self *self,
				     const struct session *s);
size_t session_seal_hello(struct session_self *self, const struct session *s,
			  const struct wire_header *hello,
			  struct wire_body *body, uint8_t packet[WIRE_PACKET]);
size_t session_seal_beat(struct session_self *self, struct session *s,
			 struct wire_body *body, uint8_t packet[WIRE_PACKET]);
size_t session_seal_said(struct session_self *self, struct session *s,
			 struct wire_body *body, const uint8_t *records,
			 size_t size, uint8_t *packet);
size_t session_seal_later(struct session_self *self, struct session *s,
			  uint8_t type, uint8_t packet[WIRE_PACKET]);
size_t session_seal_proof(struct session_self *self, const struct session *s,
			  const struct wire_header *hello,
			  const struct wire_body *hello_body,
			  struct wire_body *body, uint8_t packet[WIRE_PACKET]);

#endif
