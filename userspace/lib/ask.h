/* SPDX-License-Identifier: GPL-2.0 */
/* The protocol between haadm and the agent: the socket's address, the question and the answer. */

#ifndef HASW_ASK_H
#define HASW_ASK_H

/*
 * Address of the agent's AF_UNIX SOCK_SEQPACKET socket, without the leading NUL byte. The address is abstract, so that
 * each network namespace has its own.
 */
#define ASK_NAME	"haswitch/agent"

/* The question is one packet: the word "show", and the version of the answer's format that the client understands. */
#define ASK_SHOW	"show 1"
#define ASK_QUESTION	64	/* longest question, bytes */

/* The answer is one packet: a JSON object. If the agent reports an error, the object has only the key "error". */
#define ASK_ANSWER	65536	/* longest answer, bytes */
#define ASK_DENIED	"denied"	/* text of "error" when the client lacks the permission */

#endif
