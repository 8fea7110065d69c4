/* SPDX-License-Identifier: GPL-2.0 */
/* What members via nat have sent: it goes to clients as the vip's. */
#ifndef HASW_ANSWER_H
#define HASW_ANSWER_H

#include "emit.h"

bool hasw_answer_leaves(struct hasw_net *hn, const struct hasw_flow *f,
			bool fast);
unsigned int hasw_answer_in(const struct hasw_packet *p);

#endif
