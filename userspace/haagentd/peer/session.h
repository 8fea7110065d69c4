/* SPDX-License-Identifier: GPL-2.0 */
/* Authentication of peers: session keys, counters and the replay window. */
#ifndef HAAGENTD_SESSION_H
#define HAAGENTD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "key.h"
#include "wire.h"

#define SESSION_KEY	32
#define SESSION_WINDOW	2048	/* a counter this far or further below the highest one is refused */

/*
 * How two agents, A and B, authenticate each other after A has started. A token is a number that one
 * agent makes, from its own secret, for one session of the other agent. A BEAT here is a heartbeat
 * between two agents. The agents send these packets:
 *
 *	A -> B	HELLO { A's session }
 *	B -> A	HELLO { B's session, token of B for A's session }
 *	A -> B	BEAT  sealed with (sessions of A and B, B's token),
 *		      carrying A's token for B's session
 *	B -> A	BEAT  sealed with (sessions of B and A, A's token) ...
 *
 * A HELLO can be a replayed recording, so it does not prove that its sender is alive. A HELLO only
 * announces the session for which the sender needs a token. A BEAT that can be decrypted proves more:
 * its sender has the shared key, the receiver's session id, and the receiver's token for the sender's
 * session. A recording of an earlier session was sealed with another session id and another token.
 */

/**
 * struct session_self - this agent's own session
 * @keys:	the shared keys
 * @name:	name of this node
 * @id:		random id of this session
 * @secret:	random secret from which tokens are made; it is never sent
 * @counter:	counter of the last packet of this session, so that no nonce is used
 *		twice with the same key. The rest of the nonce is random, because a
 *		machine that is restored from a snapshot repeats counters
 */
struct session_self {
	struct key_ring keys;
	char name[WIRE_NAME];
	uint8_t id[WIRE_SESSION];
	uint8_t secret[SESSION_KEY];
	uint64_t counter;
};

/**
 * struct session - the state of a peer's session
 * @name:	name of the peer
 * @generation:	number of accepted sessions of the peer, counted from a random start.
 *		Tokens are made from this number, so that a later session invalidates
 *		the tokens of earlier sessions
 * @known:	a session of the peer was accepted, so the members from @rx_id to
 *		@window are valid
 * @rx_id:	id of the accepted session
 * @rx_token:	token that this node has made for the accepted session
 * @rx_key:	key that decrypts the peer's beats under shared key @rx_key_id
 * @rx_key_id:	id of the shared key from which @rx_key was made
 * @top:	highest counter of an accepted packet
 * @window:	bitmap of the accepted counters among the SESSION_WINDOW counters up to
 *		@top
 * @old:	@old_id is valid
 * @old_id:	id of the previous session; late packets of that session count as old, not
 *		as forged
 * @tx_token:	token that the peer has made for this agent's session
 * @tx_key:	key that seals beats to the peer, made from shared key @tx_key_id
 * @tx_key_id:	id of the shared key from which @tx_key was made
 * @newest_key:	id of the newest shared key that the peer has; 0 while this node does not know it
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
	SESSION_HELLO,		/* an authentic hello, which can be a replay; the caller replies to it */
	SESSION_BEAT,		/* a heartbeat of the accepted session */
	SESSION_NEW,		/* the first heartbeat of a new session */
	SESSION_LATER,		/* a packet of a type that this release does not know */
	/* The caller drops and counts a packet with one of the results below. */
	SESSION_OTHER_KEY,	/* sealed with a shared key that this node does not have */
	SESSION_FORGED,		/* the authentication tag is wrong */
	SESSION_REPLAYED,	/* the counter was used before, or is below the replay window */
	SESSION_OLD,		/* a packet of an earlier session of the peer or of this node */
	SESSION_MALFORMED,	/* the tag is right, but the body cannot be decoded */
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
