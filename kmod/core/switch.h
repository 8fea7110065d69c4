/* SPDX-License-Identifier: GPL-2.0 */
/* Stores the node states and the member health that the packet path reads. A
 * switch is a change of a node's state or of a member's health. A node's state
 * word is one 64-bit value: the node's state, and the time at which this state
 * began.
 */
#ifndef HASW_SWITCH_H
#define HASW_SWITCH_H

#include "event.h"

/* Bits of a node's state word that contain its enum haswitch_node_state. */
#define HASW_WORD_STATE 0x1fULL

/* Bit of a node's state word: the node has members via tunnel, gue or nat, but
 * no route leads to it.
 */
#define HASW_WORD_UNROUTED 0x20ULL

/* Bit of a node's state word: the node has members via direct, but no next hop,
 * and has had none since a direct route leads to it. So these members have
 * never been proved to work.
 */
#define HASW_WORD_UNRESOLVED 0x40ULL

/* The last two bits concern some of the node's members only. So they are no
 * part of the node's state, and their change is no switch.
 */
#define HASW_WORD_UNREACHED (HASW_WORD_UNROUTED | HASW_WORD_UNRESOLVED)

/* Bit of a node's state word: the node is damped. It has died too often, so no
 * service is allowed to fail back to it.
 */
#define HASW_WORD_DAMPED 0x80ULL

/* Low bits of a node's state word, which do not belong to the time. The higher
 * bits are a time in CLOCK_BOOTTIME ns: for a held node the start of the held
 * state, for any other node the time at which the word was stored.
 */
#define HASW_WORD_LOW \
	(HASW_WORD_STATE | HASW_WORD_UNREACHED | HASW_WORD_DAMPED)

/**
 * struct hasw_switch - the last switch of a node or member
 * @seq: number of the switch's event; 0 before the first switch
 * @decision: time at which the input that caused the switch was received, ns
 * @publish: time at which the new state was stored, ns
 * @cause: enum haswitch_cause
 * @evidence: bits of enum haswitch_evidence after the switch
 * @told: number of first-packet events recorded for the switch, at most
 *	HASW_SWITCH_TOLD_MAX
 * @out: the switch made a usable node or member unusable
 *
 * All fields are written under hasw_net.state_lock.
 */
struct hasw_switch {
	u64 seq;
	u64 decision;
	u64 publish;
	u8 cause;
	u8 evidence;
	u8 told;
	bool out;
};

/* Maximum number of first-packet events per switch. A node's death can move
 * 100,000 services. Once the maximum is reached, the first packets of further
 * services are only counted in the histograms.
 */
#define HASW_SWITCH_TOLD_MAX 16

/**
 * hasw_word_state() - returns the state of a node
 * @word: the node's state word, which the caller has read once
 *
 * Return: enum haswitch_node_state.
 */
static inline u8 hasw_word_state(u64 word)
{
	return word & HASW_WORD_STATE;
}

/**
 * hasw_word_since() - returns the start time of a node's state
 * @word: the node's state word, which the caller has read once
 *
 * Return: CLOCK_BOOTTIME ns, with the low bits cleared.
 */
static inline u64 hasw_word_since(u64 word)
{
	return word & ~HASW_WORD_LOW;
}

/**
 * hasw_word_usable() - returns whether a node is usable for packets, that is,
 *	up or held
 * @word: the node's state word, which the caller has read once
 */
static inline bool hasw_word_usable(u64 word)
{
	return hasw_word_state(word) == HASWITCH_NODE_STATE_UP ||
	       hasw_word_state(word) == HASWITCH_NODE_STATE_HELD;
}

u64 hasw_switch_now(void);
void hasw_switch_left(struct hasw_net *hn);
void hasw_switch_spares(struct hasw_net *hn);
void hasw_switch_publish(struct hasw_net *hn, u64 *word, u8 low, u64 since,
			 struct hasw_switch *sw, struct hasw_event *ev);
void hasw_switch_publish_unreached(struct hasw_net *hn, u64 *word, u8 bits);
void hasw_switch_publish_health(struct hasw_net *hn, u8 *health, u8 to,
				struct hasw_switch *sw, struct hasw_event *ev);
void hasw_switch_first(struct hasw_net *hn, struct hasw_switch *sw,
		       struct hasw_event *ev);

#endif
