/* SPDX-License-Identifier: GPL-2.0 */
/* Votes on the wire: messages of the rules as bytes, many in one heartbeat. */
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
 *
 * Who sends it, and for whom, is not in it: the session says that.
 */
#define VOTE_WIRE_ASK	40
#define VOTE_WIRE_REPLY	56
#define VOTE_WIRE_CONF	88

size_t vote_wire_put(const struct hasw_vote_msg *m, uint8_t *to, size_t room);
size_t vote_wire_get(const uint8_t *from, size_t length,
		     struct hasw_vote_msg *m);

#endif
