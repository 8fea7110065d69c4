// SPDX-License-Identifier: GPL-2.0
/* `haadm explain` for a fragment, as if no other fragment of its packet had
 * arrived.
 */
#include <net/ipv6.h>
#include <net/ipv6_frag.h>

#include "explain.h"
#include "packet/key.h"
#include "defrag.h"

/* Returns whether reassembly accepts a fragment whose fragment header is at
 * offset @at. The length of a fragment other than the last one must be a
 * multiple of 8. The first fragment must contain all headers (RFC 8200, 4.5). A
 * fragment must not be empty.
 */
static bool hasw_explain_sane(struct sk_buff *skb, u32 at)
{
	u32 end = sizeof(struct ipv6hdr) + ntohs(ipv6_hdr(skb)->payload_len);
	const struct frag_hdr *frag;
	u8 proto = NEXTHDR_FRAGMENT;
	u16 off;

	if (at + sizeof(*frag) > end || end > skb->len ||
	    ipv6frag_thdr_truncated(skb, at, &proto))
		return false;
	frag = (const struct frag_hdr *)(skb_network_header(skb) + at);
	off = ntohs(frag->frag_off);
	end -= at + sizeof(*frag);
	return end && (off & ~0x7) + end <= IPV6_MAXPLEN &&
	       (!(off & IP6_MF) || !(end & 0x7));
}

/* Returns whether a fragment that hasw_explain_sane() has accepted is a whole
 * packet: an atomic fragment (RFC 6946).
 */
static bool hasw_explain_atomic(const struct sk_buff *skb, u32 at)
{
	const struct frag_hdr *frag;

	frag = (const struct frag_hdr *)(skb_network_header(skb) + at);
	return !(frag->frag_off & htons(IP6_OFFSET | IP6_MF));
}

/* Returns a pointer to the next-header field that contains the type of the
 * header at offset @at.
 */
static u8 *hasw_explain_number(struct sk_buff *skb, u32 at)
{
	u8 *head = skb_network_header(skb), *number;
	u32 next = sizeof(struct ipv6hdr);

	number = &ipv6_hdr(skb)->nexthdr;
	while (next < at) {
		const struct ipv6_opt_hdr *hdr = (void *)(head + next);
		u8 kind = *number;

		number = head + next;
		next += kind == NEXTHDR_AUTH ? ipv6_authlen(hdr) :
					       ipv6_optlen(hdr);
	}
	return number;
}

/* Removes the fragment header at offset @at from a linear packet, by moving the
 * headers before the fragment header towards the data.
 */
static void hasw_explain_take_out(struct sk_buff *skb, u32 at)
{
	u16 len = ntohs(ipv6_hdr(skb)->payload_len);
	u8 *head = skb_network_header(skb);

	*hasw_explain_number(skb, at) = ((struct frag_hdr *)(head + at))->nexthdr;
	memmove(head + sizeof(struct frag_hdr), head, at);
	__skb_pull(skb, sizeof(struct frag_hdr));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct ipv6hdr));
	ipv6_hdr(skb)->payload_len = htons(len - sizeof(struct frag_hdr));
	IP6CB(skb)->frag_max_size = sizeof(struct ipv6hdr) + len;
}

/* hasw_defrag_gather6() for `haadm explain`, for an atomic fragment.
 * nf_ct_frag6_gather() is not called, because it may create a reassembly queue.
 * Return: whether the decision on the packet is final.
 */
static bool hasw_explain_gather(struct hasw_explain *e, u32 at)
{
	struct sk_buff *skb = e->p.skb;

	hasw_explain_take_out(skb, at);
	if (hasw_defrag_left6(skb)) {
		hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
		return true;
	}
	if (!hasw_key_is_nd(skb))
		return false;
	e->way = HASWITCH_EXPLAIN_WAY_NEIGHBOUR;
	return true;
}

/**
 * hasw_explain_fragment() - hasw_defrag_gather() for `haadm explain`, as if no
 *	other fragment of the packet had arrived
 * @e: the packet; this function removes the fragment header of an atomic
 *	fragment
 *
 * Context: RCU read side, softirqs off.
 * Return: whether the decision on the packet is final.
 */
bool hasw_explain_fragment(struct hasw_explain *e)
{
	struct sk_buff *skb = e->p.skb;
	unsigned int at = 0;

	if (!hasw_defrag_possible(skb, e->p.family) ||
	    !hasw_defrag_wanted(&e->p))
		return false;
	if (e->p.family == HASW_HOP6) {
		if (ipv6_find_hdr(skb, &at, NEXTHDR_FRAGMENT, NULL, NULL) < 0)
			return false;
		e->fragment = true;
		if (!hasw_explain_sane(skb, at)) {
			hasw_explain_drop(e, HASW_STAT_DROP_MALFORMED);
			return true;
		}
		if (hasw_explain_atomic(skb, at))
			return hasw_explain_gather(e, at);
	}
	e->fragment = true;
	e->way = HASWITCH_EXPLAIN_WAY_PIECES;
	return true;
}
