/* SPDX-License-Identifier: GPL-2.0 */
/* Answers to users who asked this agent to move a lease. */
#ifndef HAAGENTD_VOTE_ANSWER_H
#define HAAGENTD_VOTE_ANSWER_H

#include <stdint.h>

#include "haagentd/module/module.h"

#define VOTE_ANSWERS		16	/* maximum number of answers that wait for the module */
/* How long an answer waits. haadm waits as long for the whole move. */
#define VOTE_ANSWER_TIME	(3 * CLOCK_SECOND)

/**
 * struct vote_answer - an answer that the module has not taken yet
 * @lease:	name of the lease
 * @answer:	result of the request, enum haswitch_move_answer
 * @until:	when the answer is given up, ns
 */
struct vote_answer {
	char lease[WIRE_NAME];
	int answer;
	uint64_t until;
};

/**
 * struct vote_answers - the answers that wait, the oldest one first
 * @at:	the answers
 * @n:	number of entries in @at
 */
struct vote_answers {
	struct vote_answer at[VOTE_ANSWERS];
	unsigned int n;
};

void vote_answer(struct vote_answers *a, struct module *m, const char *lease, int answer, uint64_t now);
void vote_answers_tick(struct vote_answers *a, struct module *m, uint64_t now);

#endif
