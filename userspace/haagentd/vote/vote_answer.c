// SPDX-License-Identifier: GPL-2.0
/*
 * Answers to users who asked this agent to move a lease.
 *
 * The module passes an answer on as an event. While it does not take requests, answers wait here, and the loop goes on.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "vote_answer.h"

/*
 * Gives an answer to the module. Return: false if the module has not taken it, and it must be given again. A request
 * that is only under way is made in any case, so it is not made twice: another user could take the second answer for his.
 */
static bool give(struct module *m, const struct vote_answer *a)
{
	bool busy = module_stuck(m);
	struct hasw_error err;
	int ret = module_move_answer(m, a->lease, a->answer, &err);

	if (ret == -ETIMEDOUT)
		return !busy && module_stuck(m);
	if (ret)
		log_warning("lease %s: the user who asked to move it gets no answer: %s", a->lease, err.text);
	return true;
}

/**
 * vote_answer - answer a user who asked to move a lease
 * @a:		the answers
 * @m:		the module
 * @lease:	name of the lease
 * @answer:	result of the request, enum haswitch_move_answer
 * @now:	current time, ns
 *
 * The answer waits for vote_answers_tick() if the module does not take it now, or if earlier ones wait.
 */
void vote_answer(struct vote_answers *a, struct module *m, const char *lease, int answer, uint64_t now)
{
	struct vote_answer new = { .answer = answer, .until = now + VOTE_ANSWER_TIME };

	/* Nobody waits for an answer of a module that is gone. */
	if (!m->open)
		return;
	snprintf(new.lease, sizeof(new.lease), "%s", lease);
	if (!a->n && give(m, &new))
		return;
	if (a->n == VOTE_ANSWERS)
		log_warning("lease %s: the user who asked to move it gets no answer: %u earlier answers wait for the module", lease,
			    VOTE_ANSWERS);
	else
		a->at[a->n++] = new;
}

/**
 * vote_answers_tick - give the module the answers that wait
 * @a:		the answers
 * @m:		the module
 * @now:	current time, ns
 */
void vote_answers_tick(struct vote_answers *a, struct module *m, uint64_t now)
{
	unsigned int done = 0;

	if (!m->open)
		a->n = 0;
	while (done < a->n) {
		if (now >= a->at[done].until)
			log_warning("lease %s: the user who asked to move it gets no answer: the module has taken no answer for %llu s",
				    a->at[done].lease, (unsigned long long)(VOTE_ANSWER_TIME / CLOCK_SECOND));
		else if (!give(m, &a->at[done]))
			break;
		done++;
	}
	a->n -= done;
	memmove(a->at, a->at + done, a->n * sizeof(a->at[0]));
}
