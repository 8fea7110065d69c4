/* SPDX-License-Identifier: GPL-2.0 */
/* The format of a heartbeat: its fields, its MAC, and the window that takes each once. */
#ifndef HASW_PULSE_WIRE_H
#define HASW_PULSE_WIRE_H

#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/types.h>

#include "cluster/lease.h"

#define HASW_PULSE_MAGIC 0x68617370	/* "hasp" */
#define HASW_PULSE_VERSION 1
#define HASW_PULSE_KEY_LEN 16

/* A heartbeat is as long as it needs to be: records follow what is fixed. More
 * than this is not sent, and with its headers it fits any link.
 */
#define HASW_PULSE_RECORDS_MAX 1024
/* Nor is more than this looked at. */
#define HASW_PULSE_RECORDS_HEARD 4096

/* The sender hears the receiver on this path. */
#define HASW_PULSE_F_HEARS 0x01
/* Records follow; without them the heartbeat is cut off. */
#define HASW_PULSE_F_RECORDS 0x02

/**
 * struct hasw_pulse_wire - a heartbeat on the wire
 * @magic: HASW_PULSE_MAGIC
 * @version: HASW_PULSE_VERSION, which only changes when what is fixed does
 * @kind: enum haswitch_pulse_kind; one that is not known says nothing
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
 *
 * With HASW_PULSE_F_RECORDS records follow, see struct hasw_pulse_record, and
 * the MAC of these. They have one of their own, as a router that refuses a
 * heartbeat quotes its beginning only. What follows without the flag is
 * ignored.
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

/* What a record is about. */
enum hasw_pulse_record_type {
	HASW_PULSE_RECORD_CLAIMS = 1,	/* of struct hasw_pulse_claim, any number */
};

/**
 * struct hasw_pulse_record - begins a record
 * @type: enum hasw_pulse_record_type; one that is not known is skipped
 * @zero: reserved, ignored
 * @len: length of what follows, in bytes
 */
struct hasw_pulse_record {
	u8 type;
	u8 zero;
	__be16 len;
};

/**
 * struct hasw_pulse_claim - the sender holds a lease
 * @number: of the lease
 * @epoch: under which epoch
 */
struct hasw_pulse_claim {
	__be32 number;
	__be64 epoch;
} __packed;

/* So many fit into one heartbeat; who holds more says them in turn. */
#define HASW_PULSE_CLAIMS \
	((HASW_PULSE_RECORDS_MAX - sizeof(struct hasw_pulse_record)) / \
	 sizeof(struct hasw_pulse_claim))

/**
 * struct hasw_pulse_records - the records of a heartbeat
 * @len: how many bytes
 * @data: as on the wire
 */
struct hasw_pulse_records {
	u16 len;
	u8 data[HASW_PULSE_RECORDS_MAX] __aligned(SIPHASH_ALIGNMENT);
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
u64 hasw_pulse_records_mac(const void *records, size_t len,
			   const struct hasw_pulse_wire *wire,
			   const siphash_key_t *key);
void hasw_pulse_put_claims(struct hasw_pulse_records *records,
			   const struct hasw_claim *claims, u32 n);
u32 hasw_pulse_get_claims(const void *records, size_t len,
			  const struct hasw_pulse_claim **claims);
void hasw_pulse_pack(struct hasw_pulse_wire *wire,
		     const struct hasw_pulse_beat *beat);
bool hasw_pulse_known(const struct hasw_pulse_wire *wire);
bool hasw_pulse_unpack(const struct hasw_pulse_wire *wire,
		       struct hasw_pulse_beat *beat);
bool hasw_pulse_window_take(struct hasw_pulse_window *w, u64 counter,
			    s64 *lost);

#endif
