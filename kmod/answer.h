/* SPDX-License-Identifier: GPL-2.0 */
/* What members via nat have sent: it goes to clients as the vip's. */
#ifndef HASW_ANSWER_H
#define HASW_ANSWER_H

#include <linux/tcp.h>

#include "emit.h"

/**
 * struct hasw_answer - what a member has answered
 * @f: the flow that is answered
 * @tuple: the packet's ends, as if the member were a client
 * @tcp: its header, or NULL; in the packet or in @buf
 * @buf: see @tcp
 */
struct hasw_answer {
	struct hasw_flow *f;
	struct hasw_tuple tuple;
	const struct tcphdr *tcp;
	struct tcphdr buf;
};

const struct hasw_vip *hasw_answer_vip(struct hasw_net *hn,
				       const struct hasw_flow *f);
bool hasw_answer_find(const struct hasw_packet *p, struct hasw_answer *a);
bool hasw_answer_from_node(const struct hasw_packet *p);
bool hasw_answer_leaves(struct hasw_net *hn, const struct hasw_flow *f,
			bool fast);
unsigned int hasw_answer_in(const struct hasw_packet *p);

#endif
