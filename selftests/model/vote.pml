/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core of the vote for spin: three voters, two proposers, every order of messages and of time running out.
 *
 * What is left out is numbers: a voter's record lasts at least as long as the right that it was acked for, which is
 * what W is for and what the model beside this proves. Here is the counting: majorities, epochs, RELEASE, acks that
 * come late, who acts on what. Messages stay in the net for ever, so that each may come at any time, and again.
 *
 * WRONG, each of which spin must find: 1 RELEASE erases any record of its holder; 2 acks count after giving up; 3 one
 * ack is enough; 4 RELEASE before the module has stopped; 5 giving up a renewal releases, though the module still owns.
 */
#ifndef WRONG
#define WRONG 0
#endif

#define VOTERS 3
#define EPOCHS 3
#define NONE 0

/* Of each voter: the highest epoch, and the epoch of its record, which tells the holder. */
byte top[VOTERS];
byte record[VOTERS];

/* Epochs come from one counter, so each has one proposer. */
byte last = 0;
byte owner[EPOCHS + 1];		/* proposer + 1 */
byte acked[EPOCHS + 1];		/* by which voters, a bit each */
bit released[EPOCHS + 1];	/* RELEASE is in the net */

byte asked[2];			/* epoch that the proposer asks for */
byte owns[2];			/* epoch under which its module may answer */
bit renews[2];			/* it asks again for what it owns */

#define MOST(b) ((b) == 3 || (b) == 5 || (b) == 6 || (b) == 7)
#if WRONG == 3
#define ENOUGH(b) ((b) != 0)
#else
#define ENOUGH(b) MOST(b)
#endif

/* The right that a record was acked for is there, or may still begin. */
#define LASTS(e) (owns[owner[e] - 1] == e || asked[owner[e] - 1] == e)

/* A voter does not lose the record of a right that is there; of its own holder's it takes a higher one. */
#define FREE(v, p) (record[v] == NONE || owner[record[v]] == p || !LASTS(record[v]))

/* Rule 5: a GRANT comes. */
#define GRANT(v, e) \
	:: atomic { (e <= last && e > top[v] && FREE(v, owner[e])) -> \
		top[v] = e; record[v] = e; acked[e] = acked[e] | (1 << v) }

/* Rule 6: a RELEASE comes, and changes something. */
#define ERASES(v, e) (record[v] == e || \
	(WRONG == 1 && record[v] != NONE && owner[record[v]] == owner[e]))
#define RELEASE(v, e) \
	:: atomic { (released[e] && (top[v] < e || ERASES(v, e))) -> \
		top[v] = (top[v] < e -> e : top[v]); \
		record[v] = (ERASES(v, e) -> NONE : record[v]) }

proctype Voter(byte v)
{
end:	do
	GRANT(v, 1)
	GRANT(v, 2)
	GRANT(v, 3)
	RELEASE(v, 1)
	RELEASE(v, 2)
	RELEASE(v, 3)
	od
}

#define LATE(p, e) \
	:: atomic { (asked[p] == NONE && owns[p] == NONE && e <= last && owner[e] == p + 1 && MOST(acked[e])) -> \
		assert(owns[1 - p] == NONE); \
		owns[p] = e }

proctype Proposer(byte p)
{
end:	do
	/* Rule 7: an epoch above all. */
	:: atomic { (asked[p] == NONE && owns[p] == NONE && last < EPOCHS) ->
		last++; owner[last] = p + 1; asked[p] = last }
	/* Rule 9. */
	:: atomic { (asked[p] != NONE && !renews[p] && ENOUGH(acked[asked[p]])) ->
		assert(owns[1 - p] == NONE);
		owns[p] = asked[p]; asked[p] = NONE }
#if WRONG == 2
	LATE(p, 1)
	LATE(p, 2)
	LATE(p, 3)
#endif
	/* Rule 10: it gives up; RELEASE, since its module owns nothing, or nothing at all. */
	:: atomic { (asked[p] != NONE && !renews[p]) ->
		if :: released[asked[p]] = 1 :: skip fi;
		asked[p] = NONE }
	/* Rule 11: it renews; and may get no answer, which changes nothing. */
	:: atomic { (owns[p] != NONE && asked[p] == NONE) ->
		asked[p] = owns[p]; renews[p] = 1 }
	:: atomic { (renews[p]) ->
#if WRONG == 5
		released[asked[p]] = 1;
#endif
		asked[p] = NONE; renews[p] = 0 }
	/* Rule 6: the module has stopped before RELEASE leaves; or the deadline has passed. */
	:: atomic { (owns[p] != NONE && !renews[p]) ->
#if WRONG == 4
		released[owns[p]] = 1
#else
		if :: released[owns[p]] = 1 :: skip fi;
		owns[p] = NONE
#endif
		}
	od
}

init {
	atomic {
		run Voter(0); run Voter(1); run Voter(2);
		run Proposer(0); run Proposer(1)
	}
}
