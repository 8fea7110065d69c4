// SPDX-License-Identifier: GPL-2.0
/* The heartbeat format: fields, records, MACs, and the replay window. */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/etherdevice.h>
#include <linux/haswitch.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <net/ipv6.h>

#include "pulse_wire.h"

/* Limits for the values in a peer's heartbeats; the netlink spec has the same
 * limits.
 */
#define HASW_PULSE_INTERVAL_MIN 500U		/* us */
#define HASW_PULSE_INTERVAL_MAX 10000000U	/* us */
#define HASW_PULSE_MULTIPLIER_MIN 2

/**
 * struct hasw_pulse_text - input of the MAC of a heartbeat
 * @from: sender's IPv6 address
 * @to: receiver's IPv6 address
 * @none: unused bytes before @from4, which overlay @from and part of @to
 * @from4: sender's IPv4 address, which overlays @to
 * @to4: receiver's IPv4 address, which overlays @to
 * @wire: fixed part of the heartbeat; its last field, the MAC, is not part of
 *	the input
 *
 * The MAC covers both addresses, so a heartbeat is valid only on its own path.
 * An IPv4 input cannot be confused with an IPv6 input, because SipHash also
 * hashes the input's length.
 */
struct hasw_pulse_text {
	union {
		struct {
			struct in6_addr from;
			struct in6_addr to;
		};
		struct {
			u8 none[2 * sizeof(struct in6_addr) -
				2 * sizeof(__be32)];
			__be32 from4;
			__be32 to4;
		};
	};
	struct hasw_pulse_wire wire;
} __aligned(SIPHASH_ALIGNMENT);

/**
 * hasw_pulse_key() - makes a SipHash key from bytes
 * @bytes: HASW_PULSE_KEY_LEN bytes
 *
 * Context: any.
 * Return: the key, which does not depend on this machine's byte order.
 */
siphash_key_t hasw_pulse_key(const u8 *bytes)
{
	siphash_key_t key;
	__le64 half[2];

	BUILD_BUG_ON(sizeof(half) != HASW_PULSE_KEY_LEN);
	memcpy(half, bytes, sizeof(half));
	key.key[0] = le64_to_cpu(half[0]);
	key.key[1] = le64_to_cpu(half[1]);
	return key;
}

/**
 * hasw_pulse_mac() - computes the MAC that a heartbeat must have
 * @wire: fixed part of the heartbeat
 * @from: sender's address, IPv4 as v4-mapped
 * @to: receiver's address, IPv4 as v4-mapped
 * @key: key of this direction
 *
 * Context: any.
 * Return: SipHash-2-4, in host byte order.
 */
u64 hasw_pulse_mac(const struct hasw_pulse_wire *wire,
		   const struct in6_addr *from, const struct in6_addr *to,
		   const siphash_key_t *key)
{
	struct hasw_pulse_text text;
	size_t begin = 0;

	/* The input must have no padding, so that its layout is equal on both
	 * machines.
	 */
	BUILD_BUG_ON(sizeof(text) != 2 * sizeof(*from) + sizeof(*wire));
	BUILD_BUG_ON(sizeof(*wire) != 88);
	BUILD_BUG_ON(offsetof(struct hasw_pulse_text, from4) %
		     SIPHASH_ALIGNMENT);
	if (ipv6_addr_v4mapped(from)) {
		begin = offsetof(struct hasw_pulse_text, from4);
		text.from4 = from->s6_addr32[3];
		text.to4 = to->s6_addr32[3];
	} else {
		text.from = *from;
		text.to = *to;
	}
	text.wire = *wire;
	return siphash((u8 *)&text + begin,
		       offsetof(struct hasw_pulse_text, wire.mac) - begin, key);
}

/**
 * hasw_pulse_records_mac() - computes the MAC that records must have
 * @records: records of a heartbeat; the address may be unaligned
 * @len: length of @records in bytes
 * @wire: fixed part of the heartbeat with its MAC
 * @key: key of this direction
 *
 * The MAC of the records covers the MAC in @wire, so the records are valid with
 * this heartbeat only.
 *
 * Context: any.
 * Return: SipHash-2-4 of the hash of @records and the MAC of @wire, in host
 * byte order.
 */
u64 hasw_pulse_records_mac(const void *records, size_t len,
			   const struct hasw_pulse_wire *wire,
			   const siphash_key_t *key)
{
	return siphash_2u64(siphash(records, len, key), be64_to_cpu(wire->mac),
			    key);
}

/* Appends the header of a record. The caller has checked that the record fits.
 */
static void hasw_pulse_put_head(struct hasw_pulse_records *records, u8 type,
				size_t len)
{
	struct hasw_pulse_record head = {
		.type = type,
		.len = cpu_to_be16(len),
	};

	memcpy(records->data + records->len, &head, sizeof(head));
	records->len += sizeof(head);
}

static void hasw_pulse_put(struct hasw_pulse_records *records, const void *data,
			   size_t len)
{
	memcpy(records->data + records->len, data, len);
	records->len += len;
}

/**
 * hasw_pulse_put_claims() - appends a record of claims
 * @records: records to which the record of claims is appended
 * @claims: the claims
 * @n: number of claims; the caller has checked that they fit; 0: no record is
 *	appended
 *
 * Context: any.
 */
void hasw_pulse_put_claims(struct hasw_pulse_records *records,
			   const struct hasw_claim *claims, u32 n)
{
	struct hasw_pulse_claim claim;
	u32 i;

	if (!n)
		return;
	hasw_pulse_put_head(records, HASW_PULSE_RECORD_CLAIMS,
			    n * sizeof(claim));
	for (i = 0; i < n; i++) {
		claim.number = cpu_to_be32(claims[i].number);
		claim.epoch = cpu_to_be64(claims[i].epoch);
		hasw_pulse_put(records, &claim, sizeof(claim));
	}
}

/* Finds the first record of a type among authentic records, and returns its
 * content, which may be unaligned, and its length in bytes. A record of another
 * type is skipped. A truncated record ends the search. Returns NULL if there is
 * no such record.
 */
static const void *hasw_pulse_get(const void *records, size_t len, u8 type,
				  size_t *size)
{
	struct hasw_pulse_record head;

	while (len >= sizeof(head)) {
		memcpy(&head, records, sizeof(head));
		records += sizeof(head);
		len -= sizeof(head);
		*size = be16_to_cpu(head.len);
		if (*size > len)
			break;
		if (head.type == type)
			return records;
		records += *size;
		len -= *size;
	}
	return NULL;
}

/**
 * hasw_pulse_get_claims() - finds the claims among authentic records
 * @records: the records
 * @len: length of @records in bytes
 * @claims: set to the address of the first claim, which may be unaligned
 *
 * A record of unknown type is skipped. A truncated record ends the search. Only
 * the first record of claims counts.
 *
 * Context: any.
 * Return: number of claims.
 */
u32 hasw_pulse_get_claims(const void *records, size_t len,
			  const struct hasw_pulse_claim **claims)
{
	const void *found;
	size_t size;

	found = hasw_pulse_get(records, len, HASW_PULSE_RECORD_CLAIMS, &size);
	if (!found)
		return 0;
	*claims = found;
	return size / sizeof(**claims);
}

/**
 * hasw_pulse_put_lladdrs() - appends a record of link-layer addresses
 * @records: records to which the record is appended
 * @lladdrs: the addresses, as ether_addr_to_u64() returns them
 * @n: number of addresses, at most HASW_LLADDRS; the caller has checked that
 *	they fit; 0: no record is appended
 *
 * Context: any.
 */
void hasw_pulse_put_lladdrs(struct hasw_pulse_records *records,
			    const u64 *lladdrs, u32 n)
{
	u8 lladdr[ETH_ALEN];
	u32 i;

	if (!n)
		return;
	hasw_pulse_put_head(records, HASW_PULSE_RECORD_LLADDRS, n * ETH_ALEN);
	for (i = 0; i < n; i++) {
		u64_to_ether_addr(lladdrs[i], lladdr);
		hasw_pulse_put(records, lladdr, sizeof(lladdr));
	}
}

/**
 * hasw_pulse_get_lladdrs() - reads the link-layer addresses among authentic
 *	records
 * @records: the records
 * @len: length of @records in bytes
 * @lladdrs: receives up to HASW_LLADDRS addresses, as ether_addr_to_u64()
 *	returns them
 *
 * Multicast addresses and the address 0 are left out, because no host has them.
 *
 * Context: any.
 * Return: number of addresses in @lladdrs.
 */
u32 hasw_pulse_get_lladdrs(const void *records, size_t len, u64 *lladdrs)
{
	u8 lladdr[ETH_ALEN] __aligned(2);
	const u8 *at;
	size_t size;
	u32 n = 0;

	at = hasw_pulse_get(records, len, HASW_PULSE_RECORD_LLADDRS, &size);
	if (!at)
		return 0;
	for (; size >= ETH_ALEN && n < HASW_LLADDRS; size -= ETH_ALEN) {
		memcpy(lladdr, at, ETH_ALEN);
		at += ETH_ALEN;
		if (is_valid_ether_addr(lladdr))
			lladdrs[n++] = ether_addr_to_u64(lladdr);
	}
	return n;
}

/**
 * hasw_pulse_pack() - writes the fixed part of a heartbeat, except its MAC
 * @wire: the fixed part
 * @beat: fields of the heartbeat
 *
 * Context: any.
 */
void hasw_pulse_pack(struct hasw_pulse_wire *wire,
		     const struct hasw_pulse_beat *beat)
{
	memset(wire, 0, sizeof(*wire));
	wire->magic = cpu_to_be32(HASW_PULSE_MAGIC);
	wire->version = HASW_PULSE_VERSION;
	wire->kind = beat->kind;
	wire->flags = beat->flags;
	wire->key_id = beat->key_id;
	wire->session = cpu_to_be32(beat->session);
	wire->interval = cpu_to_be32((u32)div_u64(beat->interval,
						  NSEC_PER_USEC));
	wire->multiplier = beat->multiplier;
	wire->ready = beat->ready;
	wire->life = cpu_to_be64(beat->life);
	wire->counter = cpu_to_be64(beat->counter);
	wire->challenge = cpu_to_be64(beat->challenge);
	wire->response = cpu_to_be64(beat->response);
	wire->echo = cpu_to_be64(beat->echo);
	wire->stamp = cpu_to_be64(beat->stamp);
	wire->about = cpu_to_be32(beat->about);
	wire->value = cpu_to_be64(beat->value);
}

/**
 * hasw_pulse_known() - whether a packet may be a heartbeat of our version
 * @wire: beginning of the packet
 *
 * Context: any.
 */
bool hasw_pulse_known(const struct hasw_pulse_wire *wire)
{
	return wire->magic == cpu_to_be32(HASW_PULSE_MAGIC) &&
	       wire->version == HASW_PULSE_VERSION;
}

/**
 * hasw_pulse_unpack() - reads the fields of an authentic heartbeat
 * @wire: fixed part of the heartbeat, accepted by hasw_pulse_known()
 * @beat: set to the fields
 *
 * An unknown kind is read as HASWITCH_PULSE_KIND_BEAT.
 *
 * Context: any.
 * Return: whether the values are valid.
 */
bool hasw_pulse_unpack(const struct hasw_pulse_wire *wire,
		       struct hasw_pulse_beat *beat)
{
	u32 interval = be32_to_cpu(wire->interval);

	beat->session = be32_to_cpu(wire->session);
	beat->kind = wire->kind <= HASWITCH_PULSE_KIND_LISTENS ?
		     wire->kind : HASWITCH_PULSE_KIND_BEAT;
	beat->flags = wire->flags;
	beat->key_id = wire->key_id;
	beat->ready = wire->ready;
	beat->multiplier = wire->multiplier;
	beat->interval = (u64)interval * NSEC_PER_USEC;
	beat->life = be64_to_cpu(wire->life);
	beat->counter = be64_to_cpu(wire->counter);
	beat->challenge = be64_to_cpu(wire->challenge);
	beat->response = be64_to_cpu(wire->response);
	beat->echo = be64_to_cpu(wire->echo);
	beat->stamp = be64_to_cpu(wire->stamp);
	beat->about = be32_to_cpu(wire->about);
	beat->value = be64_to_cpu(wire->value);
	return beat->counter && beat->life && beat->challenge &&
	       beat->multiplier >= HASW_PULSE_MULTIPLIER_MIN &&
	       interval >= HASW_PULSE_INTERVAL_MIN &&
	       interval <= HASW_PULSE_INTERVAL_MAX;
}

/**
 * hasw_pulse_window_take() - accepts each counter at most once
 * @w: the window; all 0: no counter was received yet
 * @counter: the counter, from 1
 * @lost: number of missing counters, which this function updates
 *
 * As in RFC 4303, a counter is too old if it is at least HASW_PULSE_WINDOW
 * smaller than the highest counter received. A skipped counter is counted in
 * @lost, so @lost is decremented if the skipped counter arrives later. But
 * counters smaller than the first one received were not counted in @lost. If
 * such a counter arrives late, @lost may become too small.
 *
 * Context: any; the caller serialises.
 * Return: whether the counter is accepted, because it is new and not too old.
 */
bool hasw_pulse_window_take(struct hasw_pulse_window *w, u64 counter,
			    s64 *lost)
{
	u64 behind;

	if (counter > w->top) {
		u64 ahead = counter - w->top;

		/* Counters before the first one received are not lost. */
		if (w->top)
			*lost += ahead - 1;
		w->seen = ahead < HASW_PULSE_WINDOW ? w->seen << ahead : 0;
		w->seen |= 1;
		w->top = counter;
		return true;
	}
	behind = w->top - counter;
	if (behind >= HASW_PULSE_WINDOW || w->seen & BIT_ULL(behind))
		return false;
	w->seen |= BIT_ULL(behind);
	if (*lost > 0)
		(*lost)--;
	return true;
}
