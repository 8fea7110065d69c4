/* SPDX-License-Identifier: GPL-2.0 */
/* What a heartbeat packet looks like on the wire: header, body, sizes. */
#ifndef HAAGENTD_WIRE_H
#define HAAGENTD_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION	1
#define WIRE_NAME	32	/* longest node name, and its NUL */
#define WIRE_SESSION	16
#define WIRE_TOKEN	16
#define WIRE_SALT	16

/*
 * A packet is  header | sealed body and records | tag.  The header is readable by
 * all and covered by the tag. So that nodes of two releases can talk, a body may
 * be longer than this release knows, and the rest is left alone; so are records
 * and packets of a type that it does not know. The version changes only when that is not
 * enough. What a peer can do beyond this, its capabilities say.
 */
#define WIRE_HEADER	132
#define WIRE_BODY_LEAST	56
#define WIRE_TAG	16

/* What a later release adds to a body, in bytes. A test builds such a release. */
#ifndef WIRE_LATER
#define WIRE_LATER	0
#endif
#define WIRE_BODY	(WIRE_BODY_LEAST + WIRE_LATER)
#define WIRE_PACKET	(WIRE_HEADER + WIRE_BODY + WIRE_TAG)
#define WIRE_PACKET_LEAST	(WIRE_HEADER + WIRE_BODY_LEAST + WIRE_TAG)
#define WIRE_SEND_MAX	1400	/* fits every link */
#define WIRE_PACKET_MAX	8192	/* of a later release; longer ones are not looked at */
#define WIRE_RECORDS_MAX	(WIRE_SEND_MAX - WIRE_PACKET)

/* Bits of wire_body.capabilities: none yet, but the last ones. */
#define WIRE_CAPABILITIES	(WIRE_LATER ? 0x80000000 : 0)
#define WIRE_TYPE_LATER		200	/* sent by that release only */

enum wire_type {
	WIRE_HELLO = 1,		/* "this is my session"; proves nobody alive */
	WIRE_BEAT = 2,		/* a heartbeat, bound to both sessions */
};

/* Bits of wire_body.flags; a receiver leaves others alone. */
#define WIRE_STATIC	0x0001	/* clean stop: keep naming me for a while */
#define WIRE_LEAVE	0x0002	/* going away on purpose: take me out now */
#define WIRE_UNABLE	0x0004	/* asks for no lease at present: do not wait for me */

/**
 * struct wire_header - the readable part of a packet
 * @type:	enum wire_type, or one that this release does not know
 * @key_id:	which shared key the sender uses
 * @counter:	grows with each packet of the sender's life; also part of the nonce
 * @session:	the sender's life
 * @to_session:	the receiver's life, as the sender knows it; zeros in the
 *		first hello
 * @from:	name of the sending node
 * @to:		name of the node it is meant for
 * @salt:	random, new in each packet: the rest of the nonce
 */
struct wire_header {
	uint8_t type;
	uint32_t key_id;
	uint64_t counter;
	uint8_t session[WIRE_SESSION];
	uint8_t to_session[WIRE_SESSION];
	char from[WIRE_NAME];
	char to[WIRE_NAME];
	uint8_t salt[WIRE_SALT];
};

#define WIRE_NEVER	UINT32_MAX	/* echo_age_us: not heard at all */

/**
 * struct wire_body - the sealed part of a packet
 * @flags:		WIRE_STATIC, WIRE_LEAVE, WIRE_UNABLE
 * @heartbeat_us:	how often the sender sends, microseconds
 * @echo_age_us:	how long ago the sender last heard the receiver on this
 *			very path, microseconds, or WIRE_NEVER
 * @echo_counter:	counter of what it heard then
 * @age_ms:		how long the sender's session has lasted, milliseconds
 * @token:		what the receiver must mix into the key of its beats
 * @capabilities:	what the sender understands beyond the first release
 * @newest_key:		id of the newest shared key that the sender has
 */
struct wire_body {
	uint16_t flags;
	uint32_t heartbeat_us;
	uint32_t echo_age_us;
	uint64_t echo_counter;
	uint64_t age_ms;
	uint8_t token[WIRE_TOKEN];
	uint32_t capabilities;
	uint32_t newest_key;
};

/* What a record is about. */
enum wire_record_type {
	WIRE_RECORD_VOTES = 1,	/* messages of vote_wire.h */
	WIRE_RECORD_CLAIMS = 2,	/* leases that the sender holds */
	WIRE_RECORD_MOVES = 3,	/* words of vote_wire.h about planned moves */
	WIRE_RECORD_SET = 4,	/* a voter set, of vote_set_wire.h */
};

/**
 * struct wire_record - a record behind a body
 * @type:	enum wire_record_type, or one that this release does not know
 * @data:	what it says
 * @size:	how long that is, bytes
 */
struct wire_record {
	uint16_t type;
	const uint8_t *data;
	size_t size;
};

/**
 * struct wire_records - the records of a packet that was opened
 * @data:	room for them
 * @size:	how much of it is used
 */
struct wire_records {
	uint8_t data[WIRE_PACKET_MAX];
	size_t size;
};

enum wire_error {
	WIRE_OK = 0,
	WIRE_BAD_LENGTH,	/* too short, or not as long as it says */
	WIRE_BAD_MAGIC,		/* not one of ours at all */
	WIRE_BAD_VERSION,	/* a release that cannot talk to this one */
	WIRE_BAD_NAME,		/* a node's name that cannot be one */
};

void wire_header_encode(const struct wire_header *h, uint16_t length,
			uint8_t out[WIRE_HEADER]);
enum wire_error wire_header_decode(const uint8_t *packet, size_t length,
				   struct wire_header *h);
void wire_body_encode(const struct wire_body *b, uint8_t out[WIRE_BODY]);
enum wire_error wire_body_decode(const uint8_t *body, size_t length,
				 struct wire_body *b);
size_t wire_body_size(const uint8_t *body);
size_t wire_record_put(const struct wire_record *r, uint8_t *to, size_t room);
size_t wire_record_get(const uint8_t *from, size_t length,
		       struct wire_record *r);
int wire_name_valid(const char *name);

#endif
