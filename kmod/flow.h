/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that are tracked: which member has the packet's, and who gets a new one. */
#ifndef HASW_FLOW_H
#define HASW_FLOW_H

#include "flow_table.h"
#include "service.h"

struct tcphdr;

struct hasw_member *hasw_flow_member(const struct hasw_members *all,
				     struct hasw_share *share);
struct hasw_member *hasw_flow_pick(struct hasw_net *hn,
				   const struct sk_buff *skb,
				   struct hasw_service *service,
				   const struct hasw_members *all);
struct hasw_member *hasw_flow_known(struct hasw_net *hn,
				    const struct hasw_service *service,
				    const struct hasw_members *all,
				    const struct hasw_flow_key *key,
				    const struct tcphdr *tcp);

#endif
