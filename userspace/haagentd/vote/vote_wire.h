/* SPDX-License-Identifier: GPL-2.0 */
/* Votes on the wire: the format of voting messages, of messages about planned moves, and of repeated claims. */
#ifndef HAAGENTD_VOTE_WIRE_H
#define HAAGENTD_VOTE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <rules/vote.h>

#include "haagentd/peer/wire.h"

/*
 * A voting message begins with its own length, so that a later release can append fields. A receiver skips a message of
 * an unknown type. The fields and their sizes in bytes are:
 *
 *	length  1	of the whole message, in bytes
 *	type    1	enum hasw_vote_type
 *	answer  1	enum hasw_vote_answer
 *	flags   1	bit 0: the message cuts a long right; bit 1: packets of the node may still be in flight
 *	life    2
 *	node    1	in HASW_VOTE_RESIGNED: id of the node whose module gave up; otherwise 0
 *	zero    1
 *	lease   4
 *	generation 4
 *	sequence   8
 *	epoch      8
 *	length_ns  8
 *	epoch_max  8	this field and the next are absent in a question about a lease
 *	remaining  8
 *	voters     4	this and all further fields are only in messages about sets and configurations
 *	zero       4
 *	conf       24	epoch, generation, blob
 *	map        8	this and all further fields are absent in messages of the first release
 *	ballot     8
 *	acked      8
 *
 * The message contains neither its sender nor the holder, because the receiver knows both from the session.
 */
#define VOTE_WIRE_LATER	(WIRE_LATER / 2)	/* bytes that a test build appends, to act as a later release */
#define VOTE_WIRE_ASK	40
#define VOTE_WIRE_REPLY	56
#define VOTE_WIRE_CONF	88	/* length in the first release; later releases send VOTE_WIRE_SET */
#define VOTE_WIRE_SET	112

/*
 * A message about a planned move, a "word" in the code. These messages are optional: voting
 * also works without them. The fields and their sizes in bytes are:
 *
 *	length  1	of the whole message, in bytes
 *	kind    1	enum vote_word_kind
 *	node    1	id of a node, VOTE_WORD_NOBODY for no node
 *	answer  1	enum haswitch_move_answer; in VOTE_WORD_AWAY and VOTE_WORD_GOES, 1 or 0
 *	lease   4
 *	epoch   8
 */
#define VOTE_WIRE_WORD	16
#define VOTE_WORD_NOBODY 0xff

/*
 * A repeated claim: the sender, a voter, has heard @holder itself state that it holds the lease. The fields and their
 * sizes in bytes are:
 *
 *	length  1	of the whole message, in bytes
 *	holder  1	id of the node that holds the lease
 *	zero    2
 *	lease   4
 *	epoch   8
 *	remaining 4	how long the grant still lasts at least, microseconds
 */
#define VOTE_WIRE_REPEAT	20

/**
 * enum vote_word_kind - kind of a message about a planned move
 * @VOTE_WORD_GOES: the sender releases the lease that it holds or held under @epoch, and
 *	names @node as the next holder; with @answer 1, the sender leaves the cluster, and
 *	@node need not wait until the sender knows the next holder
 * @VOTE_WORD_KNOWN: the sender's module knows that the receiver holds the lease under
 *	@epoch
 * @VOTE_WORD_WISH: the sender asks the receiver, which holds the lease under @epoch, to
 *	release the lease for @node or for any node
 * @VOTE_WORD_ANSWER: reply to VOTE_WORD_WISH, with @answer
 * @VOTE_WORD_AWAY: the sender is no candidate for the lease, because protodown of the
 *	lease's device is on; with @answer 0, it is a candidate again
 */
enum vote_word_kind {
	VOTE_WORD_GOES = 1,
	VOTE_WORD_KNOWN = 2,
	VOTE_WORD_WISH = 3,
	VOTE_WORD_ANSWER = 4,
	VOTE_WORD_AWAY = 5,
};

/**
 * struct vote_word - a message about a planned move
 * @kind: what the message says, enum vote_word_kind; 0: the receiver skips the message
 * @node: id of the next holder; VOTE_WORD_NOBODY: the message names none
 * @answer: with VOTE_WORD_ANSWER: result of the wish, enum haswitch_move_answer; with
 *	VOTE_WORD_AWAY: whether the sender is away; with VOTE_WORD_GOES: whether the sender leaves
 * @lease: number of the lease
 * @epoch: epoch of the lease, see enum vote_word_kind
 */
struct vote_word {
	uint8_t kind;
	uint8_t node;
	uint8_t answer;
	uint32_t lease;
	uint64_t epoch;
};

/**
 * struct vote_repeat - a repeated claim
 * @holder: id of the node that holds the lease
 * @lease: number of the lease
 * @epoch: epoch under which @holder has the lease
 * @remaining: how long the grant still lasts at least, ns; whole microseconds are sent
 */
struct vote_repeat {
	uint8_t holder;
	uint32_t lease;
	uint64_t epoch;
	uint64_t remaining;
};

size_t vote_wire_put(const struct hasw_vote_msg *m, uint8_t *to, size_t room);
size_t vote_wire_get(const uint8_t *from, size_t length,
		     struct hasw_vote_msg *m);
size_t vote_word_put(const struct vote_word *word, uint8_t *to, size_t room);
size_t vote_word_get(const uint8_t *from, size_t length,
		     struct vote_word *word);
size_t vote_repeat_put(const struct vote_repeat *repeat, uint8_t *to, size_t room);
size_t vote_repeat_get(const uint8_t *from, size_t length,
		       struct vote_repeat *repeat);

#endif
