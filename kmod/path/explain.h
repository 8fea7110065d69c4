/* SPDX-License-Identifier: GPL-2.0 */
/* `haadm explain`: the decision on one packet, step by step, with nothing sent,
 * counted or recorded. Routes and IPsec policies are looked up as for a real
 * packet.
 */
#ifndef HASW_EXPLAIN_H
#define HASW_EXPLAIN_H

#include "forward/xmit.h"
#include "flow/flow.h"
#include "packet/key.h"

/* Maximum number of members that `haadm explain` lists as possible receivers of
 * a new flow.
 */
#define HASW_EXPLAIN_CANDIDATES 64

/**
 * struct hasw_explain - a packet, and the decision on it
 * @p: the packet, which is linear, and whose skb->dev is valid
 * @in: ifindex of the input device, which may be unregistered by now
 * @hold: the current time and the deadline of this node's grant, which were
 *	compared to set @held, ns; both are 0 if nothing was compared
 * @way: enum haswitch_explain_way
 * @drop: enum haswitch_explain_drop; valid if @way says that the packet is
 *	dropped
 * @door: enum haswitch_explain_door: the path that handles the packet, fast or
 *	slow
 * @slow: enum haswitch_explain_slow; valid if @door is the slow path
 * @vip: destination vip, or vip of the flow that a reply belongs to, or NULL
 * @fragment: the packet is a fragment, possibly the only one (atomic)
 * @held: this node holds @vip
 * @late: only a second check, hasw_vip_judge_again(), has found that this node
 *	holds @vip
 * @holder: known holder of @vip, or else the successor, see
 *	hasw_not_holder_to.holder; NULL if neither is known, or if this node
 *	holds @vip
 * @services: @vip has services, so @key was compared with them
 * @key: protocol and destination port of the packet
 * @service: service that @key selects, or NULL
 * @members: members of @service
 * @flow: state of the packet's flow, if @service tracks flows
 * @m: member that the packet would be sent to, or NULL
 * @node: node that the packet is sent to, or that sent the reply; or NULL
 * @n_candidates: number of entries in @candidate; 0 unless the scheduler picks
 *	one of several members at random
 * @candidate: members from which the scheduler picks at random
 * @empty: no member of @service is usable
 * @rejected: a TCP reset or an ICMP error would be sent to the packet's sender
 * @out: why the fast path cannot send the packet to its next hop, enum
 *	haswitch_explain_slow; or -1 if the fast path can
 * @has_hop: @ifindex, @lladdr and @mtu are valid
 * @has_remote: @ifindex, @remote and @mtu are valid
 * @ifindex: ifindex of the output device
 * @lladdr: link-layer destination address
 * @remote: IP address that the packet, or its outer packet, is sent to; IPv4 as
 *	v4-mapped
 * @mtu: maximum length of a packet that can be sent, bytes
 *
 * The pointers in this struct are valid while hasw_net.mutex is held.
 */
struct hasw_explain {
	struct hasw_packet p;
	int in;
	struct {
		u64 now;
		u64 deadline;
	} hold;
	u8 way;
	u8 drop;
	u8 door;
	u8 slow;
	const struct hasw_vip *vip;
	bool fragment;
	bool held;
	bool late;
	const struct hasw_node *holder;
	bool services;
	struct hasw_key key;
	struct hasw_service *service;
	const struct hasw_members *members;
	struct hasw_flow_peek flow;
	struct hasw_member *m;
	const struct hasw_node *node;
	u32 n_candidates;
	const struct hasw_member *candidate[HASW_EXPLAIN_CANDIDATES];
	bool empty;
	bool rejected;
	int out;
	bool has_hop;
	bool has_remote;
	int ifindex;
	u8 lladdr[ETH_ALEN];
	struct in6_addr remote;
	u32 mtu;
};

void hasw_explain_drop(struct hasw_explain *e, enum hasw_stat why);
void hasw_explain_end(struct hasw_explain *e, int why, u8 way);
bool hasw_explain_tcp(const struct hasw_explain *e, u8 proto);
bool hasw_explain_writable(const struct hasw_explain *e, u8 proto);
void hasw_explain_judge(struct hasw_explain *e);
void hasw_explain_by(struct hasw_explain *e, int slow);
bool hasw_explain_sound(const struct hasw_explain *e);
bool hasw_explain_fragment(struct hasw_explain *e);
void hasw_explain_reply(struct hasw_explain *e);
void hasw_explain(struct hasw_explain *e);

#endif
