// SPDX-License-Identifier: GPL-2.0
/* The format of a heartbeat: its fields, its MAC, and the window that takes each once. */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/haswitch.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <net/ipv6.h>

#include "pulse_wire.h"

/* What the spec says of interval and multiplier holds for peers too. */
#define HASW_PULSE_INTERVAL_MIN 500U
#define HASW_PULSE_INTERVAL_MAX 10000000U
#define HASW_PULSE_MULTIPLIER_MIN 2

/**
 * struct hasw_pulse_text - what the MAC is made over
 * @from: sender's IPv6 address
 * @to: receiver's
 * @none: not part of it
 * @from4: sender's IPv4 address, in the place of the two
 * @to4: receiver's
 * @wire: the heartbeat; its mac is left out
 *
 * With the addresses inside, a heartbeat counts on its own path only. No text
 * of one family is one of the other: SipHash takes the length in.
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
 * hasw_pulse_key() - a SipHash key from its bytes
 * @bytes: HASW_PULSE_KEY_LEN of them
 *
 * Context: any.
 * Return: the key, the same on every machine.
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
 * hasw_pulse_mac() - the MAC that a heartbeat must have
 * @wire: the heartbeat
 * @from: sender's address, IPv4 as v4-mapped
 * @to: receiver's address
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

	/* No hole may be hashed, and both ends must lay it out alike. */
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
 * hasw_pulse_records_mac() - the MAC that the records of a heartbeat must have
 * @records: the records, of any alignment
 * @len: how many bytes
 * @wire: the heartbeat, complete; they count with it only
 * @key: key of this direction
 *
 * Context: any.
 * Return: SipHash-2-4 of their hash and the heartbeat's MAC, in host byte order.
 */
u64 hasw_pulse_records_mac(const void *records, size_t len,
			   const struct hasw_pulse_wire *wire,
			   const siphash_key_t *key)
{
	return siphash_2u64(siphash(records, len, key), be64_to_cpu(wire->mac),
			    key);
}

/**
 * hasw_pulse_put_claims() - writes a record of claims behind others
 * @records: the records
 * @claims: the claims
 * @n: how many, for which there is room; 0 writes nothing
 *
 * Context: any.
 */
void hasw_pulse_put_claims(struct hasw_pulse_records *records,
			   const struct hasw_claim *claims, u32 n)
{
	struct hasw_pulse_record head = { .type = HASW_PULSE_RECORD_CLAIMS };
	struct hasw_pulse_claim claim;
	u32 i;

	if (!n)
		return;
	head.len = cpu_to_be16(n * sizeof(claim));
	memcpy(records->data + records->len, &head, sizeof(head));
	records->len += sizeof(head);
	for (i = 0; i < n; i++) {
		claim.number = cpu_to_be32(claims[i].number);
		claim.epoch = cpu_to_be64(claims[i].epoch);
		memcpy(records->data + records->len, &claim, sizeof(claim));
		records->len += sizeof(claim);
	}
}

/**
 * hasw_pulse_get_claims() - finds the claims among authentic records
 * @records: the records
 * @len: how many bytes
 * @claims: set to the claims, of no alignment
 *
 * What is not known is skipped; what is cut off ends the records.
 *
 * Context: any.
 * Return: how many claims.
 */
u32 hasw_pulse_get_claims(const void *records, size_t len,
			  const struct hasw_pulse_claim **claims)
{
	struct hasw_pulse_record head;
	size_t size;

	while (len >= sizeof(head)) {
		memcpy(&head, records, sizeof(head));
		records += sizeof(head);
		len -= sizeof(head);
		size = be16_to_cpu(head.len);
		if (size > len)
			break;
		if (head.type == HASW_PULSE_RECORD_CLAIMS) {
			*claims = records;
			return size / sizeof(**claims);
		}
		records += size;
		len -= size;
	}
	return 0;
}

/**
 * hasw_pulse_pack() - writes a heartbeat, but for its MAC
 * @wire: where to
 * @beat: what it says
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
 * hasw_pulse_known() - whether what came may be a heartbeat that we understand
 * @wire: what came
 *
 * Context: any.
 */
bool hasw_pulse_known(const struct hasw_pulse_wire *wire)
{
	return wire->magic == cpu_to_be32(HASW_PULSE_MAGIC) &&
	       wire->version == HASW_PULSE_VERSION;
}

/**
 * hasw_pulse_unpack() - reads an authentic heartbeat
 * @wire: the heartbeat, known
 * @beat: what it says
 *
 * A kind that is not known says nothing but that the sender is there.
 *
 * Context: any.
 * Return: whether it makes sense.
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
 * hasw_pulse_window_take() - takes a counter, once
 * @w: the window; all 0 is one in which none has come
 * @counter: the counter, from 1
 * @lost: changed by how many more are missing than before
 *
 * As in RFC 4303: what is HASW_PULSE_WINDOW or more behind is too old. What
 * comes late was counted as lost before, and is so no longer.
 *
 * Context: any; the caller serialises.
 * Return: whether it is new.
 */
bool hasw_pulse_window_take(struct hasw_pulse_window *w, u64 counter,
			    s64 *lost)
{
	u64 behind;

	if (counter > w->top) {
		u64 ahead = counter - w->top;

		/* Before the first one nothing was missed. */
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
