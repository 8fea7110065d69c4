/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The cluster's configuration on the wire: what heartbeats say of it, and the first packets of the TCP stream by which
 * nodes pull its text.
 */
#ifndef HAAGENTD_CONFIG_WIRE_H
#define HAAGENTD_CONFIG_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rules/vote.h>

#include "generation.h"
#include "haagentd/peer/wire.h"

/*
 * A record of heartbeats. The fields and their sizes in bytes; a later release can append more:
 *
 *	stored    24	newest configuration that the sender's voter has on its disk: epoch, generation, hash
 *	committed 24	newest configuration of which the sender knows that it is committed
 *	applied   16	configuration that the sender's node runs: generation, hash
 *	state      1	enum config_state
 *	zero       7
 */
#define CONFIG_WORD	72

/**
 * enum config_state - what a node has made of the committed configuration
 * @CONFIG_NONE: no configuration was committed yet, or the node does not run it yet
 * @CONFIG_RUNS: the node runs the configuration in @applied
 * @CONFIG_REFUSED: the node could not put the committed one in place
 * @CONFIG_CHANGED: the node runs the configuration in @applied, but it was changed by hand since
 */
enum config_state {
	CONFIG_NONE,
	CONFIG_RUNS,
	CONFIG_REFUSED,
	CONFIG_CHANGED,
	CONFIG_STATES,
};

/**
 * struct config_word - what a node says of the configuration
 * @stored:	newest configuration that its voter has on its disk, committed or not
 * @committed:	newest configuration of which it knows that it is committed
 * @applied:	configuration that it runs; the epoch is not used
 * @state:	enum config_state
 */
struct config_word {
	struct hasw_vote_conf stored;
	struct hasw_vote_conf committed;
	struct hasw_vote_conf applied;
	uint8_t state;
};

size_t config_word_put(const struct config_word *word, uint8_t *to, size_t room);
bool config_word_get(const uint8_t *from, size_t size, struct config_word *word);
const char *config_state_word(uint8_t state);

/*
 * The first packet of each side of the stream. Both nonces, both names and the shared key make the keys of the two
 * directions. The fields and their sizes in bytes:
 *
 *	magic    4
 *	version  1
 *	zero     3
 *	key id   4	of the shared key that the sender uses
 *	from    32	name of the sender
 *	to      32	name of the receiver
 *	nonce   32	random, new for each stream
 */
#define CONFIG_HELLO	108
#define CONFIG_NONCE	32

/**
 * struct config_hello - the first packet of each side of the stream
 * @key_id:	id of the shared key that the sender uses
 * @from:	name of the sender
 * @to:		name of the receiver
 * @nonce:	random number
 */
struct config_hello {
	uint32_t key_id;
	char from[WIRE_NAME];
	char to[WIRE_NAME];
	uint8_t nonce[CONFIG_NONCE];
};

void config_hello_put(const struct config_hello *hello, uint8_t to[CONFIG_HELLO]);
bool config_hello_get(const uint8_t from[CONFIG_HELLO], struct config_hello *hello);

/*
 * A request or reply within the stream, before the text if one follows. The fields and their sizes in bytes:
 *
 *	kind     1	enum config_ask_kind
 *	zero     7
 *	number   8
 *	hash     8
 *	time     8
 *	size     8	length of the text that follows
 *	node    32
 *	label   64
 */
#define CONFIG_ASK	136

/**
 * enum config_ask_kind - what a request or reply says
 * @CONFIG_GET: send the text of the configuration
 * @CONFIG_PUT: check this text, write it, and keep it for its commit; the text follows
 * @CONFIG_YES: reply: done; after a GET the text follows
 * @CONFIG_NO: reply: refused; the reason follows as text
 * @CONFIG_JOIN: make the sender a node, by an invitation; see below
 * @CONFIG_JOURNAL: send lines of the journal; see below. Only for a node whose agent has the capability WIRE_JOURNAL
 */
enum config_ask_kind {
	CONFIG_GET = 1,
	CONFIG_PUT,
	CONFIG_YES,
	CONFIG_NO,
	CONFIG_JOIN,
	CONFIG_JOURNAL,
	CONFIG_ASKS,
};

/*
 * CONFIG_JOIN comes only on a stream whose key is that of an invitation. Its text is a public key that the joining
 * machine has just made, and forgets. There are three replies. The text of the first one is the shared keys, KEY_BYTES
 * each, sealed with the public key: who learns the token later cannot read them in a recorded stream. The text of the
 * second one is the configuration, and of the third one the agents' own file, which can be empty. A CONFIG_NO as the
 * third reply says why there is no such file for all nodes. `number` is an enum config_join.
 */

/* What haagentd.conf the joining machine has already: it stays. */
enum config_join {
	CONFIG_JOIN_UNKNOWN,	/* of an earlier release, which does not tell */
	CONFIG_JOIN_BARE,	/* none */
	CONFIG_JOIN_FILE,	/* one that tells nothing of nodes */
	CONFIG_JOIN_LISTED,	/* one with a list of nodes, or with an engine that has one */
};

/*
 * CONFIG_JOURNAL asks for what follows a place in the receiver's journal. `number` is the number of the file, `hash` the
 * offset in it, and `time` the stamp of its first line; see journal_piece.h. The reply has the place where its lines begin
 * in the same fields. Its text begins with 8 bytes: when the sender's agent was alive last, CLOCK_REALTIME, ns. Whole
 * lines follow; none if there are no more.
 */
#define CONFIG_JOURNAL_ALIVE	8

/**
 * struct config_ask - a request or reply
 * @kind:	enum config_ask_kind
 * @about:	the configuration
 */
struct config_ask {
	uint8_t kind;
	struct generation about;
};

void config_ask_put(const struct config_ask *ask, uint8_t to[CONFIG_ASK]);
bool config_ask_get(const uint8_t *from, size_t size, struct config_ask *ask);

#endif
