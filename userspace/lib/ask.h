/* SPDX-License-Identifier: GPL-2.0 */
/* The protocol between haadm and the agent: the socket's address, the question and the answer. */

#ifndef HASW_ASK_H
#define HASW_ASK_H

#include <stdint.h>

#define ASK_AGENT_FILE	"/etc/haswitch/haagentd.conf"	/* the agent's own configuration, unless it is told another one */

/* This variable of the environment says another file to haadm. The agent sets it for the haadm that its keeper runs. */
#define ASK_AGENT_ENV	"HAAGENTD_CONF"

/*
 * Address of the agent's AF_UNIX SOCK_SEQPACKET socket, without the leading NUL byte. The address is abstract, so that
 * each network namespace has its own.
 */
#define ASK_NAME	"haswitch/agent"

/* The question is one packet: the word "show", and the version of the answer's format that the client understands. */
#define ASK_SHOW	"show 1"
#define ASK_QUESTION	64	/* longest question, bytes */

/*
 * Another question is about the cluster's configuration. Root asks it only. After it, the client sends one packet with
 * words, perhaps packets with a text, and shuts down its side of the socket. The words are:
 *
 *	show			what each node has made of the committed configuration
 *	list			the generations that this node keeps
 *	get NUMBER		the text of one of them; 0: of the committed one
 *	apply BASE SIZE LABEL [whole]	commit the text of SIZE bytes that follows, after generation BASE; LABEL is "-" for
 *				none. A text without settings of all agents keeps the committed ones, but not if it is whole
 *	invite NODE ADDR SECONDS	make a token by which one machine becomes that node
 *	journals [NODE]		copy what is new in other nodes' journals, and say of each node whether all of it is here
 *	prune KEEP SINCE	remove this node's snapshots whose label begins with ASK_AUTO, but the newest KEEP and those
 *				that were applied since then, seconds since 1970
 *
 * After the JSON object, the answer to "get" has packets with the text.
 */
#define ASK_CLUSTER	"cluster 1"
#define ASK_AUTO	"auto-"
#define ASK_WORDS	128	/* longest packet with words, bytes */
#define ASK_TEXT	32768	/* longest packet with a part of a text, bytes */
#define ASK_TEXT_MAX	(16u << 20)	/* longest text, bytes */

/*
 * Times in the answer to "show" are counted: ASK_SPANS + 1 numbers, of those up to ASK_SPAN << index ns, and of longer
 * ones.
 */
#define ASK_SPAN	UINT64_C(1000000)
#define ASK_SPANS	16u

/* The answer is one packet: a JSON object. If the agent reports an error, the object has only the key "error". */
#define ASK_ANSWER	65536	/* longest answer, bytes */
#define ASK_DENIED	"denied"	/* text of "error" when the client lacks the permission */

#endif
