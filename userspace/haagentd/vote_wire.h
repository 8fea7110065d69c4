/* SPDX-License-Identifier: GPL-2.0 */
/* Votes on the wire: messages of the rules, and words about planned moves, as bytes. */
#ifndef HAAGENTD_VOTE_WIRE_H
#define HAAGENTD_VOTE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include <rules/vote.h>

/*
 * A message begins with its own length, so that a later release can make it
 * longer, and one of a type that is not known is skipped:
 *
 *	length  1	of all of it, in bytes
 *	type    1	enum hasw_vote_type
 *	answer  1	enum hasw_vote_answer
 *	flags   1	VOTE_WIRE_CUT
 *	life    2
 *	zero    2
 *	lease   4
 *	generation 4
 *	sequence   8
 *	epoch      8
 *	length_ns  8
 *	epoch_max  8	from here on not in a question about a lease
 *	remaining  8
 *	voters     4	from here on only in what is about sets and configurations
 *	zero       4
 *	conf       24	epoch, generation, blob
 *	map        8	from here on not in messages of the first release
 *	ballot     8
 *	acked      8
 *
 * Who sends it, and for whom, is not in it: the session says that.
 */
#define VOTE_WIRE_ASK	40
#define VOTE_WIRE_REPLY	56
#define VOTE_WIRE_CONF	88	/* at least */
#define VOTE_WIRE_SET	112

/*
 * A word about a planned move, beside the rules, which need none of it:
 *
 *	length  1	of all of it, in bytes
 *	kind    1	enum vote_word_kind
 *	node    1	id of a node, VOTE_WORD_NOBODY for none
 *	answer  1	enum haswitch_move_answer
 *	lease   4
 *	epoch   8
 */
#define VOTE_WIRE_WORD	16
#define VOTE_WORD_NOBODY 0xff

/**
 * enum vote_word_kind - what is said
 * @VOTE_WORD_GOES: the sender lets go of the lease, which it has or had under
 *	@epoch, and @node is to have it
 * @VOTE_WORD_KNOWN: the sender's module knows that the receiver has the lease
 *	under @epoch
 * @VOTE_WORD_WISH: the receiver, which has the lease under @epoch, is asked to let
 *	go of it for @node, or for whom it likes
 * @VOTE_WORD_ANSWER: to a wish: @answer
 */
enum vote_word_kind {
	VOTE_WORD_GOES = 1,
	VOTE_WORD_KNOWN = 2,
	VOTE_WORD_WISH = 3,
	VOTE_WORD_ANSWER = 4,
};

/**
 * struct vote_word - a word about a planned move
 * @kind: enum vote_word_kind; 0: to be skipped
 * @node: id
 * @answer: enum haswitch_move_answer
 * @lease: its number
 * @epoch: see the kind
 */
struct vote_word {
	uint8_t kind;
	uint8_t node;
	uint8_t answer;
	uint32_t lease;
	uint64_t epoch;
};

size_t vote_wire_put(const struct hasw_vote_msg *m, uint8_t *to, size_t room);
size_t vote_wire_get(const uint8_t *from, size_t length,
		     struct hasw_vote_msg *m);
size_t vote_word_put(const struct vote_word *word, uint8_t *to, size_t room);
size_t vote_word_get(const uint8_t *from, size_t length,
		     struct vote_word *word);

#endif
