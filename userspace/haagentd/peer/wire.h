/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The format of a heartbeat packet on the wire: header, body and records. A record is an
 * optional part with a type and a length. A "beat" here is a heartbeat between two agents.
 */
#ifndef HAAGENTD_WIRE_H
#define HAAGENTD_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION	1
#define WIRE_NAME	32	/* longest node name, with its NUL */
#define WIRE_SESSION	16
#define WIRE_TOKEN	16
#define WIRE_SALT	16

/*
 * A packet is header | sealed body and records | tag. The header is not encrypted, but authenticated by the tag. A
 * body can be longer than this release knows, and the receiver then ignores the rest. A receiver also ignores records
 * and packets of an unknown type. So nodes of two releases can communicate. The version changes only if two releases
 * cannot communicate under these rules. A peer announces further features in its capabilities.
 */
#define WIRE_HEADER	132
#define WIRE_BODY_LEAST	56
#define WIRE_TAG	16

/* Number of bytes that a later release adds to the body. Only a test build sets it, to act as a later release. */
#ifndef WIRE_LATER
#define WIRE_LATER	0
#endif
#define WIRE_BODY	(WIRE_BODY_LEAST + WIRE_LATER)
#define WIRE_PACKET	(WIRE_HEADER + WIRE_BODY + WIRE_TAG)
#define WIRE_PACKET_LEAST	(WIRE_HEADER + WIRE_BODY_LEAST + WIRE_TAG)
#define WIRE_SEND_MAX	1400	/* longest packet that is sent; fits into the MTU of every link */
#define WIRE_PACKET_MAX	8192	/* longest packet that is received; later releases can send more */
#define WIRE_RECORDS_MAX	(WIRE_SEND_MAX - WIRE_PACKET)

/* Bits of wire_body.capabilities. The last one is set by the test build only. */
#define WIRE_CONFIG		0x00000001	/* the sender knows of configurations of the cluster, see config_wire.h */
#define WIRE_AGENTS		0x00000002	/* these can have settings of all agents, see lib/agents_text.h */
#define WIRE_TELLS_RELEASE	0x00000004	/* the sender says which release it is, see release.h */
#define WIRE_JOURNAL		0x00000008	/* the sender's keeper sends lines of its journal, see config_wire.h */
#define WIRE_NODES		0x00000010	/* configurations can have entries of nodes, see lib/agents_text.h */
#define WIRE_CAPABILITIES	(WIRE_CONFIG | WIRE_AGENTS | WIRE_TELLS_RELEASE | WIRE_JOURNAL | WIRE_NODES | \
				 (WIRE_LATER ? 0x80000000 : 0))
#define WIRE_TYPE_LATER		200	/* a packet type that only the test build sends */
#define WIRE_RECORD_LATER	200	/* a record type that only the test build sends */

enum wire_type {
	WIRE_HELLO = 1,		/* announces a session; does not prove that its sender is alive */
	WIRE_BEAT = 2,		/* a heartbeat; its key depends on both session ids */
};

/* Bits of wire_body.flags; a receiver ignores other bits. */
#define WIRE_STATIC	0x0001	/* clean stop: for a while, peers must report the sender as alive to their modules */
#define WIRE_LEAVE	0x0002	/* the sender leaves the cluster, and the peers must take it out at once */
#define WIRE_UNABLE	0x0004	/* the sender asks for no lease now, so other nodes must not leave a lease to it */
#define WIRE_MISSES	0x0008	/* the sender misses claims, so voters repeat other nodes' claims to it */
#define WIRE_HELD	0x0010	/* the sender's module has the receiver as held: it has just returned */
#define WIRE_RETURNED	0x0020	/* some other node's module has the sender as held */
#define WIRE_BEHIND	0x0040	/* the sender has not had the committed configuration in place since its agent's start */

/**
 * struct wire_header - the unencrypted part of a packet
 * @type:	enum wire_type, or a type that this release does not know
 * @key_id:	id of the shared key that the sender uses
 * @counter:	grows with each packet of the sender's session; also part of the nonce
 * @session:	id of the sender's session
 * @to_session:	id of the receiver's session as the sender knows it; zeros in a hello that
 *		replies to no hello
 * @from:	name of the sending node
 * @to:		name of the receiving node
 * @salt:	random number, new in each packet; the other part of the nonce
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

#define WIRE_NEVER	UINT32_MAX	/* value of echo_age_us: the receiver was never heard */

/**
 * struct wire_body - the encrypted part of a packet
 * @flags:		WIRE_STATIC, WIRE_LEAVE, WIRE_UNABLE, WIRE_MISSES, WIRE_HELD, WIRE_RETURNED, WIRE_BEHIND
 * @heartbeat_us:	the sender's heartbeat interval, microseconds
 * @echo_age_us:	how long ago the sender last heard the receiver on this path,
 *			microseconds, or WIRE_NEVER
 * @echo_counter:	counter of the receiver's packet that the sender heard
 *		@echo_age_us ago
 * @age_ms:		how long the sender's session has lasted, milliseconds
 * @token:		token that the receiver must use to derive the key of its beats
 * @capabilities:	features of the sender beyond the first release, as bits
 * @newest_key:		id of the newest shared key that the sender has
 * @share:		percentage of its weights that the sender's members get new flows by, 1 to 100; 0: not
 *			said, as by releases that do not know it
 * @reached:		the limits for which the share was lowered, bitmap of enum load_what
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
	uint8_t share;
	uint8_t reached;
};

/* The content of a record. */
enum wire_record_type {
	WIRE_RECORD_VOTES = 1,	/* voting messages, see vote_wire.h */
	WIRE_RECORD_CLAIMS = 2,	/* leases that the sender holds */
	WIRE_RECORD_MOVES = 3,	/* messages about planned moves, see vote_wire.h */
	WIRE_RECORD_SET = 4,	/* a voter set, see vote_set_wire.h */
	WIRE_RECORD_REPEATS = 5, /* leases that other nodes hold, see vote_wire.h */
	WIRE_RECORD_CONFIG = 6,	/* the cluster's configuration, see config_wire.h */
	WIRE_RECORD_HEALTH = 7,	/* results of health checks, see share_wire.h */
	WIRE_RECORD_CONFLICTS = 8, /* vip conflicts that the sender has seen, see conflict_share.h */
	WIRE_RECORD_RELEASE = 9, /* which release the sender is, see release.h */
	WIRE_RECORD_CLOCK = 10,	/* the sender's wall clock, see wall_clock.h */
};

/**
 * struct wire_record - a record behind the body
 * @type:	enum wire_record_type, or a type that this release does not know
 * @data:	the content
 * @size:	length of @data, bytes
 */
struct wire_record {
	uint16_t type;
	const uint8_t *data;
	size_t size;
};

/**
 * struct wire_records - the records of a decrypted packet
 * @data:	buffer of the records
 * @size:	bytes used in @data
 */
struct wire_records {
	uint8_t data[WIRE_PACKET_MAX];
	size_t size;
};

enum wire_error {
	WIRE_OK = 0,
	WIRE_BAD_LENGTH,	/* too short, or its length differs from its length field */
	WIRE_BAD_MAGIC,		/* not a packet of haagentd */
	WIRE_BAD_VERSION,	/* an incompatible version of the protocol */
	WIRE_BAD_NAME,		/* an invalid node name */
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
