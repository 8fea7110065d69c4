// SPDX-License-Identifier: GPL-2.0
/* The agent's codecs in the model: what is sent and what is stored goes through their bytes. */
#include <string.h>

#include "haagentd/vote_wire.h"
#include "model.h"

/* Which fields a message of this kind has (vote_wire.h). The receiver knows sender and holder from the session. */
static int same_message(const struct hasw_vote_msg *a, const struct hasw_vote_msg *b)
{
	int lease = a->type == HASW_VOTE_READ || a->type == HASW_VOTE_GRANT || a->type == HASW_VOTE_RELEASE;

	if (a->type != b->type || a->answer != b->answer || a->cut != b->cut || a->life != b->life || a->lease != b->lease ||
	    a->generation != b->generation || a->sequence != b->sequence || a->epoch != b->epoch || a->length != b->length)
		return 0;
	if (lease && a->answer == HASW_VOTE_ASK)
		return 1;
	if (a->epoch_max != b->epoch_max || a->remaining != b->remaining)
		return 0;
	return lease || (a->voters == b->voters && a->map == b->map && a->ballot == b->ballot && a->acked == b->acked &&
			 a->conf.epoch == b->conf.epoch && a->conf.generation == b->conf.generation &&
			 a->conf.blob == b->conf.blob);
}

/* What is received of a message. */
void codec_message(const struct hasw_vote_msg *sent, struct hasw_vote_msg *received)
{
	uint8_t bytes[VOTE_WIRE_SET];
	size_t size = vote_wire_put(sent, bytes, sizeof(bytes));

	if (!size || vote_wire_get(bytes, size, received) != size)
		violation("a message does not pass the wire");
	else if (!same_message(sent, received))
		violation("a message arrives as another one");
}
