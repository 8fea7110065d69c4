/* SPDX-License-Identifier: GPL-2.0 */
/* The heartbeat format: fields, records, MACs, and the replay window. */
#ifndef HASW_PULSE_WIRE_H
#define HASW_PULSE_WIRE_H

#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/types.h>

#include "cluster/lease.h"

#define HASW_PULSE_MAGIC 0x68617370	/* "hasp" */
#define HASW_PULSE_VERSION 1
#define HASW_PULSE_KEY_LEN 16

/* Maximum length of the records in a heartbeat that this node sends, in bytes.
 * With all headers, such a heartbeat fits the MTU of any link.
 */
#define HASW_PULSE_RECORDS_MAX 1024
/* Maximum length of the records in a heartbeat that is accepted, in bytes. */
#define HASW_PULSE_RECORDS_HEARD 4096

/* Flag: the sender receives the receiver's heartbeats on this path. */
#define HASW_PULSE_F_HEARS 0x01
/* Flag: records follow the fixed part. A heartbeat with this flag and without
 * records counts as truncated.
 */
#define HASW_PULSE_F_RECORDS 0x02
/* Flag: the sender has no agent, and has held no lease for a while. Nothing
 * changes that before its next agent has begun.
 */
#define HASW_PULSE_F_AGENTLESS 0x04

/* Value of HASWITCH_PULSE_KIND_GOING: the sender has panicked and has stopped
 * its other CPUs, so it will not finish any packet that it was handling. With
 * other values the receiver has to expect such packets.
 */
#define HASW_PULSE_GOING_STILL 1

/**
 * struct hasw_pulse_wire - the fixed part of a heartbeat on the wire
 * @magic: HASW_PULSE_MAGIC
 * @version: HASW_PULSE_VERSION, which changes only if the fixed part changes
 * @kind: enum haswitch_pulse_kind; an unknown kind is read as
 *	HASWITCH_PULSE_KIND_BEAT
 * @flags: HASW_PULSE_F_*; other bits are ignored
 * @key_id: number of the key with which @mac was computed
 * @session: number of the session
 * @interval: maximum time until the sender's next heartbeat, us
 * @multiplier: the sender regards the receiver as lost after this many of the
 *	receiver's intervals without a heartbeat
 * @ready: number of the newest key with which the sender can verify heartbeats
 * @zero: reserved, ignored
 * @about: number of the object that @kind concerns, or 0
 * @life: random number of the sender's life, the period in which @counter only
 *	grows
 * @counter: grows with each heartbeat on this path
 * @challenge: random number that a new life of the receiver has to echo in
 *	@response
 * @response: a challenge that the receiver has sent; 0: none is known
 * @echo: highest counter that the sender has received on this path
 * @stamp: when the heartbeat was sent, the sender's CLOCK_BOOTTIME ns
 * @value: value that belongs to @kind, or 0
 * @mac: MAC of both addresses and of all fields before @mac
 *
 * If HASW_PULSE_F_RECORDS is set, records (see struct hasw_pulse_record) and
 * the records' own MAC follow. @mac does not cover the records, because an ICMP
 * error may quote only the beginning of a heartbeat. If the flag is not set,
 * bytes after the fixed part are ignored.
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

/* Types of records. A record of type HASW_PULSE_RECORD_CLAIMS is an array of
 * struct hasw_pulse_claim. A record of type HASW_PULSE_RECORD_LLADDRS is an
 * array of link-layer addresses of ETH_ALEN bytes each: those that frames of
 * the sender can have as their source.
 */
enum hasw_pulse_record_type {
	HASW_PULSE_RECORD_CLAIMS = 1,
	HASW_PULSE_RECORD_LLADDRS = 2,
};

/**
 * struct hasw_pulse_record - header of a record
 * @type: enum hasw_pulse_record_type; an unknown type is skipped
 * @zero: reserved, ignored
 * @len: length of the record after this header, in bytes
 */
struct hasw_pulse_record {
	u8 type;
	u8 zero;
	__be16 len;
};

/**
 * struct hasw_pulse_claim - a lease that the sender holds
 * @number: number of the lease
 * @epoch: epoch of the sender's grant
 */
struct hasw_pulse_claim {
	__be32 number;
	__be64 epoch;
} __packed;

/* Maximum number of claims in one heartbeat. If this node holds more leases,
 * each run of the heartbeat timer picks some of them.
 */
#define HASW_PULSE_CLAIMS \
	((HASW_PULSE_RECORDS_MAX - 2 * sizeof(struct hasw_pulse_record) - \
	  HASW_LLADDRS * ETH_ALEN) / sizeof(struct hasw_pulse_claim))

/**
 * struct hasw_pulse_records - the records of a heartbeat
 * @len: used length of @data in bytes
 * @claims: length of the record of claims, which is the first, in bytes; 0:
 *	none
 * @data: the records as on the wire
 */
struct hasw_pulse_records {
	u16 len;
	u16 claims;
	u8 data[HASW_PULSE_RECORDS_MAX] __aligned(SIPHASH_ALIGNMENT);
};

/**
 * struct hasw_pulse_beat - the fixed part of a heartbeat in host byte order
 * @interval: hasw_pulse_wire.interval, but in ns
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
 * struct hasw_pulse_window - replay window: which counters were received
 * @top: highest counter received
 * @seen: bitmap; bit n is set if the counter @top - n was received
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
void hasw_pulse_put_lladdrs(struct hasw_pulse_records *records,
			    const u64 *lladdrs, u32 n);
u32 hasw_pulse_get_lladdrs(const void *records, size_t len, u64 *lladdrs);
void hasw_pulse_pack(struct hasw_pulse_wire *wire,
		     const struct hasw_pulse_beat *beat);
bool hasw_pulse_known(const struct hasw_pulse_wire *wire);
bool hasw_pulse_unpack(const struct hasw_pulse_wire *wire,
		       struct hasw_pulse_beat *beat);
bool hasw_pulse_window_take(struct hasw_pulse_window *w, u64 counter,
			    s64 *lost);

#endif
