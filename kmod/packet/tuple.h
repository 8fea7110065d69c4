/* SPDX-License-Identifier: GPL-2.0 */
/* Parsing of a packet's flow: addresses, ports and protocol. */
#ifndef HASW_TUPLE_H
#define HASW_TUPLE_H

#include <linux/in6.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/types.h>

/**
 * struct hasw_tuple - a flow: the addresses and ports of its client and its
 *	vip, and its protocol
 * @client: address of the client; IPv4 as v4-mapped
 * @vip: address of the vip; IPv4 as v4-mapped
 * @ports: port of the client, then port of the vip; for an ICMP echo, its
 *	identifier, then 0; both are 0 if the protocol has no ports, or if
 *	@offset is 0
 * @proto: protocol of the flow
 * @offset: offset of the packet's transport or ICMP header from skb->data; 0
 *	for an IPv4 fragment, and for an IPv6 fragment other than the first one
 * @about: the packet is an ICMP error about the flow
 */
struct hasw_tuple {
	struct in6_addr client;
	struct in6_addr vip;
	__be16 ports[2];
	u32 proto;
	u32 offset;
	bool about;
};

/* The state of SipHash-1-3, a variant of SipHash (Aumasson and Bernstein, 2012)
 * with fewer rounds, which is used for hash tables.
 */
struct hasw_tuple_sip {
	u64 a;
	u64 b;
	u64 c;
	u64 d;
};

static __always_inline void hasw_tuple_sip_word(struct hasw_tuple_sip *s,
						u64 word)
{
	s->d ^= word;
	SIPHASH_PERMUTATION(s->a, s->b, s->c, s->d);
	s->a ^= word;
}

/* Finishes the hash of @bytes bytes. @tail holds the bytes after the last whole
 * 64-bit word.
 */
static __always_inline u64 hasw_tuple_sip_end(struct hasw_tuple_sip *s,
					      u64 bytes, u64 tail)
{
	hasw_tuple_sip_word(s, bytes << 56 | tail);
	s->c ^= 0xff;
	SIPHASH_PERMUTATION(s->a, s->b, s->c, s->d);
	SIPHASH_PERMUTATION(s->a, s->b, s->c, s->d);
	SIPHASH_PERMUTATION(s->a, s->b, s->c, s->d);
	return s->a ^ s->b ^ s->c ^ s->d;
}

/* Initial SipHash state for the key 0. */
#define HASW_TUPLE_SIP { SIPHASH_CONST_0, SIPHASH_CONST_1, \
			 SIPHASH_CONST_2, SIPHASH_CONST_3 }

/**
 * hasw_tuple_hash4() - hasw_tuple_hash() of an IPv4 flow
 * @client: address of the client
 * @vip: address of the vip
 * @proto: protocol
 * @ports: client port in the upper half, vip port in the lower half, host byte
 *	order
 *
 * Nodes with different module versions, word sizes and byte orders must compute
 * the same hash, so this computation must never change.
 *
 * Context: any.
 */
static __always_inline u64 hasw_tuple_hash4(__be32 client, __be32 vip,
					    u8 proto, u32 ports)
{
	struct hasw_tuple_sip s = HASW_TUPLE_SIP;

	hasw_tuple_sip_word(&s, (u64)ntohl(client) << 32 | ntohl(vip));
	hasw_tuple_sip_word(&s, (u64)proto << 32 | ports);
	return hasw_tuple_sip_end(&s, 2 * sizeof(u64), 0);
}

/**
 * hasw_tuple_hash6() - hasw_tuple_hash() of an IPv6 flow
 * @client: address of the client
 * @vip: address of the vip; only the lower 64 bits are hashed
 * @proto: protocol
 * @ports: client port in the upper half, vip port in the lower half, host byte
 *	order
 *
 * Context: any.
 */
static __always_inline u64 hasw_tuple_hash6(const struct in6_addr *client,
					    const struct in6_addr *vip,
					    u8 proto, u32 ports)
{
	struct hasw_tuple_sip s = HASW_TUPLE_SIP;

	hasw_tuple_sip_word(&s, (u64)ntohl(client->s6_addr32[0]) << 32 |
				ntohl(client->s6_addr32[1]));
	hasw_tuple_sip_word(&s, (u64)ntohl(client->s6_addr32[2]) << 32 |
				ntohl(client->s6_addr32[3]));
	hasw_tuple_sip_word(&s, (u64)ntohl(vip->s6_addr32[2]) << 32 |
				ntohl(vip->s6_addr32[3]));
	hasw_tuple_sip_word(&s, (u64)proto << 32 | ports);
	return hasw_tuple_sip_end(&s, 4 * sizeof(u64), 0);
}

bool hasw_tuple_get4(const struct sk_buff *skb, struct hasw_tuple *t);
bool hasw_tuple_get6(const struct sk_buff *skb, struct hasw_tuple *t);
u64 hasw_tuple_hash(const struct hasw_tuple *t);

/* Reads the flow of a packet. Returns false if the packet is truncated, or is a
 * malformed ICMP error. Any context.
 */
static __always_inline bool hasw_tuple_get(const struct sk_buff *skb, bool six,
					   struct hasw_tuple *t)
{
	return six ? hasw_tuple_get6(skb, t) : hasw_tuple_get4(skb, t);
}

#endif
