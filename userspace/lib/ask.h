/* SPDX-License-Identifier: GPL-2.0 */
/* How haadm asks the agent: where it listens, and what the two say to each other. */

#ifndef HASW_ASK_H
#define HASW_ASK_H

/*
 * A SOCK_SEQPACKET of the family unix. Its address is abstract, so that each
 * network namespace has one of its own. Behind the NUL byte stands:
 */
#define ASK_NAME	"haswitch/agent"

/* One packet asks. It is a word and the version of the answer that the asker understands. */
#define ASK_SHOW	"show 1"
#define ASK_QUESTION	64	/* no question is longer, bytes */

/* One packet answers: a JSON object, which has "error" where nothing else is answered. */
#define ASK_ANSWER	65536	/* no answer is longer, bytes */
#define ASK_DENIED	"denied"	/* that error: only others may ask */

#endif
