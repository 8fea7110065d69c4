// SPDX-License-Identifier: GPL-2.0
/*
 * Authentication of peers: session keys, tokens, counters and the replay window. The
 * handshake is in session.h. A "beat" here is a heartbeat between two agents.
 */
#include <sodium.h>
#include <string.h>

#include "session.h"

#define NONCE	crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

_Static_assert(WIRE_TAG == crypto_aead_xchacha20poly1305_ietf_ABYTES,
	       "tag size");
_Static_assert(SESSION_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	       "key size");
_Static_assert(WIRE_SALT + sizeof(uint64_t) == NONCE, "salt and counter");

/* An input of digest(). Each input has a fixed size, so that two different lists never hash the same bytes. */
struct part {
	const void *data;
	size_t size;
};

static void digest(uint8_t *out, size_t size, const uint8_t secret[SESSION_KEY],
		   const char *purpose, const struct part *parts, size_t n)
{
	crypto_generichash_state state;
	char label[16] = "";
	size_t i;

	memcpy(label, purpose, strlen(purpose));
	crypto_generichash_init(&state, secret, SESSION_KEY, size);
	crypto_generichash_update(&state, (const uint8_t *)label, sizeof(label));
	for (i = 0; i < n; i++)
		crypto_generichash_update(&state, parts[i].data, parts[i].size);
	crypto_generichash_final(&state, out, size);
	sodium_memzero(&state, sizeof(state));
}

static void hello_key(const struct key *key, const char *from, const char *to,
		      const uint8_t *session, uint8_t out[SESSION_KEY])
{
	const struct part parts[] = {
		{ from, WIRE_NAME }, { to, WIRE_NAME },
		{ session, WIRE_SESSION },
	};

	digest(out, SESSION_KEY, key->bytes, "haswitch hello", parts, 3);
}

static void beat_key(const struct key *key, const char *from, const char *to,
		     const uint8_t *session, const uint8_t *to_session,
		     const uint8_t *token, uint8_t out[SESSION_KEY])
{
	const struct part parts[] = {
		{ from, WIRE_NAME }, { to, WIRE_NAME },
		{ session, WIRE_SESSION }, { to_session, WIRE_SESSION },
		{ token, WIRE_TOKEN },
	};

	digest(out, SESSION_KEY, key->bytes, "haswitch beat", parts, 5);
}

/*
 * Fills @token with this node's token for a session of the peer: the stored token if the session is the accepted
 * one, otherwise a new token.
 */
static void token_for(const struct session_self *self, const struct session *s,
		      const uint8_t *session, uint8_t token[WIRE_TOKEN])
{
	const struct part parts[] = {
		{ s->name, WIRE_NAME }, { session, WIRE_SESSION },
		{ &s->generation, sizeof(s->generation) },
	};

	if (s->known && !memcmp(s->rx_id, session, WIRE_SESSION))
		memcpy(token, s->rx_token, WIRE_TOKEN);
	else
		digest(token, WIRE_TOKEN, self->secret, "haswitch token",
		       parts, 3);
}

/*
 * The nonce is the random salt and the counter. The counter alone is not enough: a machine
 * that is restored from a snapshot uses the same counters and the same key again.
 */
static void nonce_of(const struct wire_header *h, uint8_t nonce[NONCE])
{
	unsigned int i;

	memcpy(nonce, h->salt, WIRE_SALT);
	for (i = 0; i < sizeof(h->counter); i++)
		nonce[NONCE - 1 - i] = (uint8_t)(h->counter >> (8 * i));
}

/**
 * session_self_init - begin a new session of this agent
 * @self:	the session, which this function initializes
 * @keys:	the shared keys
 * @name:	this node's name
 */
void session_self_init(struct session_self *self, const struct key_ring *keys,
		       const char *name)
{
	memset(self, 0, sizeof(*self));
	self->keys = *keys;
	memcpy(self->name, name, strnlen(name, WIRE_NAME - 1));
	randombytes_buf(self->id, sizeof(self->id));
	randombytes_buf(self->secret, sizeof(self->secret));
}

/**
 * session_init - initialize the state of a peer's session
 * @s:		the state, which this function initializes; it has no accepted session yet
 * @name:	the peer's name
 */
void session_init(struct session *s, const char *name)
{
	memset(s, 0, sizeof(*s));
	/*
	 * The generation starts at random, so that a peer that was removed and added again does not get an old token.
	 */
	randombytes_buf(&s->generation, sizeof(s->generation));
	memcpy(s->name, name, strnlen(name, WIRE_NAME - 1));
}

static bool window_fresh(const struct session *s, uint64_t counter)
{
	uint64_t bit = counter % SESSION_WINDOW;

	if (counter > s->top)
		return true;
	if (s->top - counter >= SESSION_WINDOW)
		return false;
	return !(s->window[bit / 64] >> (bit % 64) & 1);
}

static void window_take(struct session *s, uint64_t counter)
{
	uint64_t bit = counter % SESSION_WINDOW;
	uint64_t c;

	if (counter > s->top && counter - s->top >= SESSION_WINDOW) {
		memset(s->window, 0, sizeof(s->window));
	} else {
		for (c = s->top + 1; c <= counter; c++) {
			uint64_t b = c % SESSION_WINDOW;

			s->window[b / 64] &= ~(UINT64_C(1) << (b % 64));
		}
	}
	s->window[bit / 64] |= UINT64_C(1) << (bit % 64);
	if (counter > s->top)
		s->top = counter;
}

static bool type_known(const struct wire_header *h)
{
	return h->type == WIRE_HELLO || h->type == WIRE_BEAT;
}

/* A decrypted packet. All bytes of @body are zero if the type of the packet is unknown. */
struct opened {
	struct wire_body body;
	uint8_t plain[WIRE_PACKET_MAX];
	size_t size;
};

static bool unseal(const uint8_t *packet, size_t length,
		   const struct wire_header *h, const uint8_t key[SESSION_KEY],
		   struct opened *o, enum session_result *why)
{
	uint8_t nonce[NONCE];

	nonce_of(h, nonce);
	o->size = length - WIRE_HEADER - WIRE_TAG;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(o->plain, NULL, NULL,
			packet + WIRE_HEADER, length - WIRE_HEADER,
			packet, WIRE_HEADER, nonce, key)) {
		*why = SESSION_FORGED;
		return false;
	}
	memset(&o->body, 0, sizeof(o->body));
	if (type_known(h) && wire_body_decode(o->plain, o->size, &o->body)) {
		*why = SESSION_MALFORMED;
		return false;
	}
	return true;
}

static enum session_result open_hello(const struct session_self *self,
				      const struct key *shared,
				      const uint8_t *packet, size_t length,
				      const struct wire_header *h,
				      struct opened *o)
{
	static const uint8_t nobody[WIRE_SESSION];
	enum session_result why = SESSION_FORGED;
	uint8_t key[SESSION_KEY];
	bool ok;

	hello_key(shared, h->from, h->to, h->session, key);
	ok = unseal(packet, length, h, key, o, &why);
	sodium_memzero(key, sizeof(key));
	if (!ok)
		return why;
	if (memcmp(h->to_session, nobody, WIRE_SESSION) &&
	    memcmp(h->to_session, self->id, WIRE_SESSION))
		return SESSION_OLD;
	return SESSION_HELLO;
}

/**
 * session_shared_key - choose the shared key for packets to a peer
 * @self:	this agent's session
 * @s:		the peer's session
 *
 * Return: this node's newest shared key if it is also the newest shared key of the peer.
 * Otherwise this node's older key, which the peer has if the two key files differ by one
 * change only
 */
const struct key *session_shared_key(const struct session_self *self,
				     const struct session *s)
{
	const struct key *newest = &self->keys.key[self->keys.n - 1];

	return s->newest_key == newest->id ? newest : &self->keys.key[0];
}

static void learn_tx(const struct session_self *self, struct session *s,
		     const uint8_t *token)
{
	const struct key *shared = session_shared_key(self, s);

	if (s->tx_key_id == shared->id &&
	    !memcmp(s->tx_token, token, WIRE_TOKEN))
		return;
	memmove(s->tx_token, token, WIRE_TOKEN);
	beat_key(shared, self->name, s->name, self->id, s->rx_id, token,
		 s->tx_key);
	s->tx_key_id = shared->id;
}

/* Decrypts a packet of the accepted session. A change of the shared key does not end the session. */
static bool unseal_known(const struct session_self *self, struct session *s,
			 const struct key *shared, const uint8_t *packet,
			 size_t length, const struct wire_header *h,
			 struct opened *o, enum session_result *why)
{
	uint8_t key[SESSION_KEY];
	bool ok;

	if (shared->id == s->rx_key_id)
		return unseal(packet, length, h, s->rx_key, o, why);
	beat_key(shared, h->from, h->to, h->session, self->id, s->rx_token, key);
	ok = unseal(packet, length, h, key, o, why);
	if (ok) {
		memcpy(s->rx_key, key, SESSION_KEY);
		s->rx_key_id = shared->id;
	}
	sodium_memzero(key, sizeof(key));
	return ok;
}

static enum session_result open_known(const struct session_self *self,
				      struct session *s,
				      const struct key *shared,
				      const uint8_t *packet, size_t length,
				      const struct wire_header *h,
				      struct opened *o)
{
	enum session_result why = SESSION_FORGED;
	bool fresh = window_fresh(s, h->counter);

	if (!unseal_known(self, s, shared, packet, length, h, o, &why))
		return why;
	if (!fresh)
		return SESSION_REPLAYED;
	window_take(s, h->counter);
	if (!type_known(h))
		return SESSION_LATER;
	if (h->counter == s->top) {
		s->newest_key = o->body.newest_key;
		learn_tx(self, s, o->body.token);
	}
	return SESSION_BEAT;
}

static enum session_result open_unknown(const struct session_self *self,
					struct session *s,
					const struct key *shared,
					const uint8_t *packet, size_t length,
					const struct wire_header *h,
					struct opened *o)
{
	enum session_result why = SESSION_FORGED;
	uint8_t token[WIRE_TOKEN];
	uint8_t key[SESSION_KEY];

	if (s->old && !memcmp(s->old_id, h->session, WIRE_SESSION))
		return SESSION_OLD;
	/* Only a packet of a known type can begin a session. */
	if (!type_known(h))
		return SESSION_LATER;

	token_for(self, s, h->session, token);
	beat_key(shared, h->from, h->to, h->session, self->id, token, key);
	if (!unseal(packet, length, h, key, o, &why)) {
		sodium_memzero(key, sizeof(key));
		return why;
	}

	s->old = s->known;
	memcpy(s->old_id, s->rx_id, WIRE_SESSION);
	s->known = true;
	s->generation++;
	memcpy(s->rx_id, h->session, WIRE_SESSION);
	memcpy(s->rx_token, token, WIRE_TOKEN);
	memcpy(s->rx_key, key, SESSION_KEY);
	s->rx_key_id = shared->id;
	s->top = 0;
	memset(s->window, 0, sizeof(s->window));
	window_take(s, h->counter);
	s->newest_key = o->body.newest_key;
	s->tx_key_id = 0;
	learn_tx(self, s, o->body.token);
	sodium_memzero(key, sizeof(key));
	return SESSION_NEW;
}

static enum session_result open_any(const struct session_self *self,
				    struct session *s, const uint8_t *packet,
				    size_t length, const struct wire_header *h,
				    struct opened *o)
{
	const struct key *shared = key_find(&self->keys, h->key_id);

	if (!shared)
		return SESSION_OTHER_KEY;
	if (h->type == WIRE_HELLO)
		return open_hello(self, shared, packet, length, h, o);
	if (memcmp(h->to_session, self->id, WIRE_SESSION))
		return SESSION_OLD;
	if (s->known && !memcmp(s->rx_id, h->session, WIRE_SESSION))
		return open_known(self, s, shared, packet, length, h, o);
	return open_unknown(self, s, shared, packet, length, h, o);
}

/**
 * session_open - authenticate and decrypt a packet whose header names this peer as the sender
 * @self:	this agent's session
 * @s:		the peer's session; only an authentic packet changes it
 * @packet:	the packet
 * @length:	length of the packet, bytes
 * @h:		the decoded header, with the peer as sender and this node as receiver
 * @body:	filled when the packet is a hello or a beat
 * @records:	filled with the records of a beat; emptied for any other packet; NULL if the
 *		caller does not want records
 *
 * Return: the kind of the packet, or the reason to drop it
 */
enum session_result session_open(const struct session_self *self,
				 struct session *s, const uint8_t *packet,
				 size_t length, const struct wire_header *h,
				 struct wire_body *body,
				 struct wire_records *records)
{
	enum session_result result;
	struct opened o;
	size_t begin;

	if (records)
		records->size = 0;
	result = open_any(self, s, packet, length, h, &o);
	if (result != SESSION_HELLO && result != SESSION_BEAT &&
	    result != SESSION_NEW)
		return result;
	*body = o.body;
	/* A hello can be a replayed recording, so its records are ignored. */
	if (!records || result == SESSION_HELLO)
		return result;
	begin = wire_body_size(o.plain);
	records->size = o.size - begin;
	memcpy(records->data, o.plain + begin, records->size);
	return result;
}

static size_t seal(struct session_self *self, const struct session *s,
		   uint8_t type, const uint8_t *to_session,
		   const struct key *shared, const uint8_t key[SESSION_KEY],
		   struct wire_body *body, const uint8_t *records, size_t size,
		   uint8_t *packet)
{
	size_t length = WIRE_PACKET + size;
	struct wire_header h = {
		.type = type,
		.key_id = shared->id,
		.counter = ++self->counter,
	};
	uint8_t plain[WIRE_BODY + WIRE_RECORDS_MAX];
	uint8_t nonce[NONCE];

	memcpy(h.session, self->id, WIRE_SESSION);
	if (to_session)
		memcpy(h.to_session, to_session, WIRE_SESSION);
	memcpy(h.from, self->name, WIRE_NAME);
	memcpy(h.to, s->name, WIRE_NAME);
	randombytes_buf(h.salt, sizeof(h.salt));
	wire_header_encode(&h, (uint16_t)length, packet);
	body->capabilities = WIRE_CAPABILITIES;
	body->newest_key = self->keys.key[self->keys.n - 1].id;
	wire_body_encode(body, plain);
	if (size)
		memcpy(plain + WIRE_BODY, records, size);
	nonce_of(&h, nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(packet + WIRE_HEADER, NULL,
			plain, WIRE_BODY + size, packet, WIRE_HEADER, NULL,
			nonce, key);
	return length;
}

/**
 * session_seal_hello - build a hello, which announces this agent's session
 * @self:	this agent's session
 * @s:		the peer's session
 * @hello:	header of the peer's hello to which this hello is the reply; NULL: this
 *		hello is no reply
 * @body:	content of the hello; this function sets the token
 * @packet:	filled with the packet
 *
 * Return: length of the packet
 */
size_t session_seal_hello(struct session_self *self, const struct session *s,
			  const struct wire_header *hello,
			  struct wire_body *body, uint8_t packet[WIRE_PACKET])
{
	const uint8_t *to_session = hello ? hello->session : NULL;
	/*
	 * The peer has the shared key that decrypted its hello, so the reply uses that key.
	 * Without a hello, the peer's keys are unknown, so one of this node's keys is
	 * chosen at random. Over time, the peer gets a hello under each key on each path.
	 */
	const struct key *shared = hello ? key_find(&self->keys, hello->key_id) :
		&self->keys.key[randombytes_uniform(self->keys.n)];
	uint8_t key[SESSION_KEY];
	size_t length;

	memset(body->token, 0, WIRE_TOKEN);
	if (to_session)
		token_for(self, s, to_session, body->token);
	hello_key(shared, self->name, s->name, self->id, key);
	length = seal(self, s, WIRE_HELLO, to_session, shared, key, body, NULL,
		      0, packet);
	sodium_memzero(key, sizeof(key));
	return length;
}

/**
 * session_seal_beat - build a heartbeat for a peer whose session is known
 * @self:	this agent's session
 * @s:		the peer's session; must be known
 * @body:	content of the heartbeat; this function sets the token
 * @packet:	filled with the packet
 *
 * Return: length of the packet
 */
size_t session_seal_beat(struct session_self *self, struct session *s,
			 struct wire_body *body, uint8_t packet[WIRE_PACKET])
{
	return session_seal_said(self, s, body, NULL, 0, packet);
}

/**
 * session_seal_said - build a heartbeat with records
 * @self:	this agent's session
 * @s:		the peer's session; must be known
 * @body:	content of the heartbeat; this function sets the token
 * @records:	the records
 * @size:	length of @records, bytes; at most WIRE_RECORDS_MAX
 * @packet:	filled with the packet, which has WIRE_PACKET + @size bytes
 *
 * Return: length of the packet
 */
size_t session_seal_said(struct session_self *self, struct session *s,
			 struct wire_body *body, const uint8_t *records,
			 size_t size, uint8_t *packet)
{
	/* @tx_key is made again if this node's shared keys have changed since the peer's last packet. */
	learn_tx(self, s, s->tx_token);
	memcpy(body->token, s->rx_token, WIRE_TOKEN);
	return seal(self, s, WIRE_BEAT, s->rx_id, session_shared_key(self, s), s->tx_key,
		    body, records, size, packet);
}

/**
 * session_seal_later - build a packet of a type that this release does not define
 * @self:	this agent's session
 * @s:		the peer's session; must be known
 * @type:	type of the packet
 * @packet:	filled with the packet
 *
 * Only an agent that a test has built with WIRE_LATER sends such a packet.
 *
 * Return: length of the packet
 */
size_t session_seal_later(struct session_self *self, struct session *s,
			  uint8_t type, uint8_t packet[WIRE_PACKET])
{
	struct wire_body body = { 0 };

	learn_tx(self, s, s->tx_token);
	return seal(self, s, type, s->rx_id, session_shared_key(self, s), s->tx_key, &body,
		    NULL, 0, packet);
}

/**
 * session_seal_proof - build the beat that replies to a hello which carries a token for
 * this agent's session
 * @self:	this agent's session
 * @s:		the peer's session, which need not be known
 * @hello:	header of the hello
 * @hello_body:	body of the hello
 * @body:	content of the reply; this function sets the token
 * @packet:	filled with the packet
 *
 * Return: length of the packet
 */
size_t session_seal_proof(struct session_self *self, const struct session *s,
			  const struct wire_header *hello,
			  const struct wire_body *hello_body,
			  struct wire_body *body, uint8_t packet[WIRE_PACKET])
{
	/* The peer has the shared key that decrypted its hello. */
	const struct key *shared = key_find(&self->keys, hello->key_id);
	uint8_t key[SESSION_KEY];
	size_t length;

	token_for(self, s, hello->session, body->token);
	beat_key(shared, self->name, s->name, self->id, hello->session,
		 hello_body->token, key);
	length = seal(self, s, WIRE_BEAT, hello->session, shared, key, body,
		      NULL, 0, packet);
	sodium_memzero(key, sizeof(key));
	return length;
}
