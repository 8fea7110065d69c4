/* SPDX-License-Identifier: GPL-2.0 */
/* What would become of a packet, step by step, without anything being sent, counted or noted. */
#ifndef HASW_EXPLAIN_H
#define HASW_EXPLAIN_H

#include "forward/xmit.h"
#include "flow/flow.h"
#include "packet/key.h"

/* So many of those that may get a flow are named. */
#define HASW_EXPLAIN_CANDIDATES 64

/**
 * struct hasw_explain - a packet, and what would become of it
 * @p: the packet, all of it in its head; its device is set
 * @in: index of that device, which may have gone meanwhile
 * @hold: what was compared: the clock and the deadline of this node, ns, or 0
 * @way: enum haswitch_explain_way
 * @drop: enum haswitch_explain_drop, if it is dropped
 * @door: enum haswitch_explain_door
 * @slow: enum haswitch_explain_slow, if that is the complete one
 * @vip: its vip, or that of the flow that it answers, or NULL
 * @piece: it came as a piece of a packet, or its only one
 * @held: this node answers for that
 * @holder: if not, who does, or NULL
 * @services: the vip has services, so the packet was matched by @key
 * @key: protocol and port
 * @service: its service, or NULL
 * @members: members of that
 * @flow: its flow, if flows are tracked
 * @m: member that gets it, or NULL
 * @node: node that gets it, or NULL
 * @n_candidates: number of @candidate; 0 if one node gets it
 * @candidate: nodes that may get it
 * @empty: no member is usable
 * @rejected: its sender is told
 * @has_hop: @ifindex, @lladdr, @mtu and @prebuilt are known
 * @has_remote: @ifindex, @remote and @mtu are known
 * @prebuilt: see struct hasw_hop
 * @ifindex: device that it leaves by
 * @lladdr: where to
 * @remote: where to, inside another packet; IPv4 as v4-mapped
 * @mtu: what fits, bytes
 * @inside: what fits without being split, bytes
 * @neighbour: whom an outer packet goes to is known
 *
 * What it points to lives as long as hasw_net.mutex is held.
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
	bool piece;
	bool held;
	const struct hasw_node *holder;
	bool services;
	struct hasw_key key;
	struct hasw_service *service;
	const struct hasw_members *members;
	struct hasw_flow_answer flow;
	struct hasw_member *m;
	const struct hasw_node *node;
	u32 n_candidates;
	const struct hasw_node *candidate[HASW_EXPLAIN_CANDIDATES];
	bool empty;
	bool rejected;
	bool has_hop;
	bool has_remote;
	bool prebuilt;
	int ifindex;
	u8 lladdr[ETH_ALEN];
	struct in6_addr remote;
	u32 mtu;
	u32 inside;
	bool neighbour;
};

void hasw_explain_drop(struct hasw_explain *e, enum hasw_stat why);
void hasw_explain_fits(struct hasw_explain *e, u8 way);
void hasw_explain_judge(struct hasw_explain *e);
void hasw_explain_by(struct hasw_explain *e, int slow);
bool hasw_explain_sound(const struct hasw_explain *e);
bool hasw_explain_piece(struct hasw_explain *e);
void hasw_explain_answer(struct hasw_explain *e);
void hasw_explain(struct hasw_explain *e);

#endif
