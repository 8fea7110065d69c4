/* SPDX-License-Identifier: GPL-2.0 */
/* A round: the GRANTs that a proposer sends at a time, and what voters reply. */
#ifndef HASW_RULES_VOTE_ROUND_H
#define HASW_RULES_VOTE_ROUND_H

#include "vote.h"

/**
 * struct hasw_proposer_round - GRANTs of one sequence, and their acks
 * @sequence: sequence of the GRANTs; 0: the round is unused
 * @sent: t_send, ns: time read before the round's first GRANT is sent (rule 8)
 * @length: length of the right that is asked for, ns
 * @acked: bitmap of voters that acked hasw_proposer.epoch or .next
 * @moved: bitmap of voters that acked hasw_proposer.next
 * @refused: bitmap of voters that replied, but acked neither epoch
 * @yields: bitmap of voters whose last refusal a RELEASE can end: the voter has
 *	a record for another node, and has seen no epoch above ours
 * @twice: number of acks, including repeated ones; read only when the model
 *	breaks the rule TWICE
 */
struct hasw_proposer_round {
	__u64 sequence;
	__u64 sent;
	__u64 length;
	__u32 acked;
	__u32 moved;
	__u32 refused;
	__u32 yields;
	__u32 twice;
};

#endif
