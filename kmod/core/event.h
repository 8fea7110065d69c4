/* SPDX-License-Identifier: GPL-2.0 */
/* Events of a network namespace. A ring buffer keeps the last 4096 events, and
 * netlink sends each event to its subscribers.
 */
#ifndef HASW_EVENT_H
#define HASW_EVENT_H

#include <linux/if_ether.h>

#include "haswitch.h"

/**
 * struct hasw_event - a recorded event
 * @seq: number of the event in its namespace, starting at 1; 0 in an unused
 *	slot of the ring buffer
 * @time: time of the event, CLOCK_BOOTTIME ns
 * @decision: time at which the input that caused a switch was received, ns
 * @publish: time at which the new state was stored, ns
 * @first_packet: time of the first packet after the switch, ns (first-packet)
 * @switch_seq: number of the event that reported the switch by which the first
 *	packet was redirected (first-packet)
 * @generation: generation of the configuration (config)
 * @addr: vip; IPv4 as v4-mapped
 * @family: AF_INET, AF_INET6, or 0 without a vip
 * @port: port of the service, host byte order
 * @proto: protocol of the service
 * @kind: enum haswitch_event_kind; selects which fields are valid
 * @cause: enum haswitch_cause
 * @from: enum haswitch_node_state before the switch (node)
 * @to: enum haswitch_node_state after the switch (node); or the node's share,
 *	percent (node-share)
 * @health: enum haswitch_health after the switch (member)
 * @evidence: evidence against the node after the switch, as bits of enum
 *	haswitch_evidence (node, first-packet)
 * @object: enum haswitch_object (config)
 * @action: enum haswitch_action (config)
 * @path: number of a path of the pulse session; in an event of kind pulse-path,
 *	@from and @to are enum haswitch_pulse_state of this path (pulse-path)
 * @told: enum haswitch_pulse_kind of a peer's message (pulse-told); or of the
 *	message that ended a grant, 0 if no message ended it (lease)
 * @value: value in the peer's message (pulse-told)
 * @node: name of the node; empty without a node
 * @lease: name of the lease; empty without a lease
 * @epoch: epoch of the lease's grant (lease); or the epoch under which this
 *	node held the vip, 0 without a lease (member, first-packet)
 * @dev: name of the device (vip-conflict)
 * @lladdr: link-layer address of the other host (vip-conflict)
 * @successor: name of the next holder of the lease (lease, lease-move)
 * @answer: enum haswitch_move_answer (lease-move)
 * @answers: true if @answer is valid (lease-move)
 * @nat_port: port of the member, host byte order; 0 if it has no port of its
 *	own (member, flow-ports, flow-alike; config of a member)
 *
 * The words in parentheses are the kinds of events in which a field is valid.
 */
struct hasw_event {
	u64 seq;
	u64 time;
	u64 decision;
	u64 publish;
	union {
		u64 first_packet;
		u64 generation;
		u64 value;
	};
	u64 switch_seq;
	struct in6_addr addr;
	u16 family;
	u16 port;
	u8 proto;
	u8 kind;
	u8 cause;
	u8 from;
	u8 to;
	u8 health;
	u8 evidence;
	u8 object;
	u8 action;
	u8 path;
	u8 told;
	char node[HASWITCH_NAME_MAX + 1];
	char lease[HASWITCH_NAME_MAX + 1];
	u64 epoch;
	union {
		struct {
			char dev[IFNAMSIZ];
			u8 lladdr[ETH_ALEN];
		};
		struct {
			char successor[HASWITCH_NAME_MAX + 1];
			u8 answer;
			bool answers;
		};
		u16 nat_port;
	};
};

/**
 * typedef hasw_event_send_t - function that sends an event to its subscribers
 * @hn: namespace
 * @ev: the event
 *
 * The function is in config/, since core/ does not know the netlink format.
 *
 * Context: process, may sleep.
 */
typedef void (*hasw_event_send_t)(struct hasw_net *hn,
				  const struct hasw_event *ev);

int hasw_event_init(struct hasw_net *hn, hasw_event_send_t send);
void hasw_event_exit(struct hasw_net *hn);
int hasw_event_prepare(struct hasw_net *hn);
u64 hasw_event_add(struct hasw_net *hn, struct hasw_event *ev);
bool hasw_event_get(struct hasw_net *hn, u64 seq, struct hasw_event *ev);
void hasw_event_flush(struct hasw_net *hn);

#endif
