/* SPDX-License-Identifier: GPL-2.0 */
/* The format of a heartbeat: its fields, its MAC, and the window that takes each once. */
#ifndef HASW_PULSE_WIRE_H
#define HASW_PULSE_WIRE_H

#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/types.h>

#define HASW_PULSE_MAGIC 0x68617370	/* "hasp" */
#define HASW_PULSE_VERSION 1
#define HASW_PULSE_KEY_LEN 16

/* The sender hears the receiver on this path. */
#define HASW_PULSE_F_HEARS 0x01

/**
 * struct hasw_pulse_wire - a heartbeat on the wire
 * @magic: HASW_PULSE_MAGIC
 * @version: HASW_PULSE_VERSION
 * @kind: enum haswitch_pulse_kind
 * @flags: HASW_PULSE_F_*; others are ignored
 * @key_id: which key @mac was made with
 * @session: number of the session
 * @interval: time to the sender's next heartbeat at the latest, us
 * @multiplier: after how many intervals of the receiver the sender gives up
 * @ready: newest key with which the sender can be talked to
 * @zero: reserved, ignored
 * @about: what @value is about, by @kind; 0 without
 * @life: random number of the sender's session, which counts from 1 in it
 * @counter: grows with each heartbeat on this path
 * @challenge: what a new life of the receiver has to echo in @response
 * @response: the receiver's last challenge, 0 if none is known
 * @echo: highest counter heard from the receiver on this path
 * @stamp: when it was sent, the sender's CLOCK_BOOTTIME ns
 * @value: what comes with @kind
 * @mac: over both addresses and all before
 */
struct hasw_pulse_wire {
	__be32 magic;
	u8 version;
	u8 kind;
	u8 flags;
	u8 key_id;
	__be32 session;
	__be32 interval;
	u8 multiplier;
	u8 ready;
	u8 zero[2];
	__be32 about;
	__be64 life;
	__be64 counter;
	__be64 challenge;
	__be64 response;
	__be64 echo;
	__be64 stamp;
	__be64 value;
	__be64 mac;
};

/**
 * struct hasw_pulse_beat - what a heartbeat says
 * @interval: as on the wire, but ns
 *
 * The other members are those of struct hasw_pulse_wire.
 */
struct hasw_pulse_beat {
	u32 session;
	u8 kind;
	u8 flags;
	u8 key_id;
	u8 ready;
	u8 multiplier;
	u64 interval;
	u64 life;
	u64 counter;
	u64 challenge;
	u64 response;
	u64 echo;
	u64 stamp;
	u32 about;
	u64 value;
};

/**
 * struct hasw_pulse_window - which counters have come
 * @top: the highest
 * @seen: bit n: @top - n has come
 */
struct hasw_pulse_window {
	u64 top;
	u64 seen;
};

#define HASW_PULSE_WINDOW 64

siphash_key_t hasw_pulse_key(const u8 *bytes);
u64 hasw_pulse_mac(const struct hasw_pulse_wire *wire,
		   const struct in6_addr *from, const struct in6_addr *to,
		   const siphash_key_t *key);
void hasw_pulse_pack(struct hasw_pulse_wire *wire,
		     const struct hasw_pulse_beat *beat);
bool hasw_pulse_known(const struct hasw_pulse_wire *wire);
bool hasw_pulse_unpack(const struct hasw_pulse_wire *wire,
		       struct hasw_pulse_beat *beat);
bool hasw_pulse_window_take(struct hasw_pulse_window *w, u64 counter,
			    s64 *lost);

#endif
