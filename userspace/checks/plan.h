/* SPDX-License-Identifier: GPL-2.0 */
/* What the agent tells haagentd-checks, and what it is told: a list of plans, and a result each. */
#ifndef CHECKS_PLAN_H
#define CHECKS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

#define PLAN_SOCKET	3	/* descriptor of the agent's socket in haagentd-checks */
#define PLAN_TEXT	160	/* size of a result's text */
#define PLAN_WORDS	25	/* maximum number of words of a plan */
#define PLAN_BYTES	4096	/* maximum size of a plan's words together, bytes */
#define PLAN_MOST	4096	/* maximum number of plans */

enum plan_kind {
	PLAN_TCP,		/* made by the agent itself, unless it goes through the vip */
	PLAN_HTTP,
	PLAN_HTTPS,
	PLAN_EXEC,
	PLAN_ICMP,
	PLAN_UDP,
	PLAN_DNS,
	PLAN_AGENT,
	PLAN_KINDS,
};

/* Indexes of the words of a plan. The first two are of all kinds. */
enum plan_word {
	PLAN_NODE,		/* the member's node */
	PLAN_SERVICE,		/* the member's service */
	PLAN_FIRST,		/* exec: the command and its arguments, up to the last word or the label of its share */
	PLAN_PATH = PLAN_FIRST,	/* http, https */
	PLAN_HOST,		/* empty: the address */
	PLAN_BODY,		/* empty: any */
	PLAN_SEND = PLAN_FIRST,	/* udp; agent: empty: nothing */
	PLAN_EXPECT,		/* empty: any */
	PLAN_NAME = PLAN_FIRST,	/* dns */
};

/* How a check through the vip reaches the member. */
enum plan_way {
	PLAN_PLAIN,		/* it does not go through the vip */
	PLAN_FRAME,		/* a frame to the node's link-layer address, as via direct */
	PLAN_TUNNEL,		/* in another packet, as via tunnel */
	PLAN_GUE,		/* in a datagram, as via gue */
	PLAN_LOCAL,		/* the member is this node */
	PLAN_WAYS,
};

/**
 * struct plan - one health check, as the agent tells it; it is followed by its words
 * @interval:	time between the starts of two attempts, ns
 * @timeout:	how long one attempt may take, ns
 * @rise:	number of consecutive successes after which the member is up
 * @fall:	number of consecutive failures after which the member is down
 * @size:	size of the words, bytes
 * @n_words:	number of words, each ended by a NUL
 * @port:	port of the server
 * @from:	http: first good status; dns: type of the record; exec: 1: the last word is the label of its share
 * @to:		http: last good status
 * @address:	address of the server; family 0: none is known
 * @kind:	an enum plan_kind
 * @health:	an enum judge_health: what the agent knows of the member
 * @verify:	https: the certificate must be good
 * @way:	an enum plan_way
 * @vip:	address that is asked, if @way is not PLAN_PLAIN
 * @own:	address of this node, to which the answer comes; family 0: it has none
 * @dev:	device by which @mac is reached; empty: @mac is not fixed
 * @mac:	link-layer address of the node
 * @share:	the share that the agent knows, percent; 0: none
 */
struct plan {
	uint64_t interval;
	uint64_t timeout;
	uint32_t rise;
	uint32_t fall;
	uint32_t size;
	uint16_t n_words;
	uint16_t port;
	uint16_t from;
	uint16_t to;
	struct hasw_addr address;
	uint8_t kind;
	uint8_t health;
	uint8_t verify;
	uint8_t way;
	struct hasw_addr vip;
	struct hasw_addr own;
	char dev[16];
	uint8_t mac[6];
	uint8_t share;
};

/* A list is this head, and then @n plans with their words. It is a file without a name, passed over the socket. */
struct plan_head {
	uint32_t generation;
	uint32_t n;
};

enum plan_outcome {
	PLAN_GOOD,
	PLAN_BAD,
	PLAN_UNSURE,		/* nothing is known of the member, for the check itself failed */
	PLAN_OUTCOMES,
};

#define PLAN_SHARE_WRONG UINT8_MAX	/* said in place of a share: what is none */
#define PLAN_ALIVE	UINT32_MAX	/* plan_result.index of a message that says only that haagentd-checks runs */

/**
 * struct plan_result - the last result of a check
 * @generation:	generation of the list
 * @index:	index of the check in the list, or PLAN_ALIVE
 * @outcome:	an enum plan_outcome
 * @health:	an enum judge_health: the member's health after this result
 * @share:	1 to 100, the share that the server wants, percent; 0: it is not known
 * @wrong:	the server has said no share that can be, which leaves @share as it is
 * @took:	how long the attempt took, ns
 * @text:	the reason, without control characters
 */
struct plan_result {
	uint32_t generation;
	uint32_t index;
	uint8_t outcome;
	uint8_t health;
	uint8_t share;
	uint8_t wrong;
	uint64_t took;
	char text[PLAN_TEXT];
};

/**
 * struct plan_buf - bytes that grow
 * @at:		the bytes
 * @size:	number of bytes
 * @room:	allocated bytes
 * @failed:	memory was short, so bytes are missing
 */
struct plan_buf {
	uint8_t *at;
	size_t size;
	size_t room;
	bool failed;
};

void plan_put(struct plan_buf *b, const void *bytes, size_t size);
size_t plan_take(const uint8_t *at, size_t size, struct plan *plan,
		 const char *words[PLAN_WORDS + 1]);
bool plan_result_sound(struct plan_result *result, size_t size);
void plan_plain(char text[PLAN_TEXT]);
const char *plan_kind_word(enum plan_kind kind);
enum plan_kind plan_kind_find(const char *word);
bool plan_fits_vip(enum plan_kind kind);

#endif
