// SPDX-License-Identifier: GPL-2.0
/* The read-only flow lookup tells which member a packet's flow has or would
 * get, and changes nothing.
 */
#include "client_source.h"
#include "flow_packet.h"

/* Whether hasw_flow_add() would find no room for a new flow: the table is full,
 * and no flow near the new flow's bucket can be evicted. If @keeps is true,
 * hasw_flow_pick() would first add an entry that keeps the client with its
 * member, so room for two entries is needed.
 */
static bool hasw_flow_full(struct hasw_flow_packet *p, bool keeps)
{
	const struct hasw_flow_room room = hasw_flow_room(p);
	struct hasw_flows *flows = p->hn->flows;

	return hasw_flow_crowded(atomic_read(&flows->count) + 1 + keeps,
				 room.max) &&
	       !hasw_flow_spare(flows, &room, p->hash);
}

/* Whether one more flow would exceed the service's limit of new flows per
 * second. Unlike hasw_flow_may_begin(), this function does not count the flow.
 */
static bool hasw_flow_over_limit(const struct hasw_flow_packet *p)
{
	u32 most = READ_ONCE(p->service->tracked->new_max);
	s64 now = hasw_switch_now();

	return most &&
	       hasw_flow_early(max(atomic64_read(&p->service->tracked->due),
				   now), now, NSEC_PER_SEC / most);
}

/* Stores in @keeps whether hasw_flow_pick() would add an entry that keeps the
 * packet's client with a member, and in @by what the scheduler would see of the
 * flow. Returns the member that the client is kept with now, or NULL. Does not
 * extend the timeout of an existing entry.
 */
static struct hasw_member *
hasw_flow_would_keep(const struct hasw_flow_packet *p, bool *keeps,
		     struct hasw_tuple *by)
{
	struct hasw_flow_key client;
	struct hasw_member *m;
	struct hasw_flow *f;

	*keeps = false;
	*by = p->tuple;
	if (!READ_ONCE(p->service->tracked->persist))
		return NULL;
	hasw_flow_client(&p->key, p->service,
			 READ_ONCE(p->service->tracked->mask), &client);
	hasw_flow_by_client(&p->tuple, &client, by);
	m = hasw_flow_keeper(p, &client, hasw_flow_hash(p->hn->flows, &client),
			     &f);
	*keeps = !f;
	return m;
}

/**
 * hasw_flow_peek() - predicts the result of hasw_flow_pick(), and changes
 *	nothing
 * @hn: namespace
 * @skb: the packet, at its IP header
 * @checks: as in hasw_flow_pick()
 * @service: the packet's service, whose flows are tracked
 * @all: the service's members
 * @peek: filled in
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_flow_pick(), with three exceptions. NULL means that the
 * scheduler would choose a member. If @peek->limited is true, the result has no
 * meaning. Errors of adding or translating the flow are not returned. Instead,
 * for a flow without a member, @peek->full says whether the table would refuse
 * the flow.
 */
struct hasw_member *hasw_flow_peek(struct hasw_net *hn, struct sk_buff *skb,
				   bool checks, struct hasw_service *service,
				   const struct hasw_members *all,
				   struct hasw_flow_peek *peek)
{
	struct hasw_flow_packet p = {
		.hn = hn, .service = service, .all = all,
		.epoch = hasw_vip_began(service->vip),
		.cfg = rcu_dereference(hn->config),
	};
	struct hasw_member *m, *kept;
	struct tcphdr buf, *tcp;
	struct hasw_flow *f;
	bool keeps;
	int err;

	err = hasw_flow_find(&p, skb, &buf, &tcp, &f, &m);
	peek->had = f;
	if (f && hasw_flow_over(f))
		f = NULL;
	peek->flow = err ? HASWITCH_EXPLAIN_FLOW_UNKNOWN :
		     m	 ? HASWITCH_EXPLAIN_FLOW_KNOWN :
		     f	 ? HASWITCH_EXPLAIN_FLOW_MOVED :
			   HASWITCH_EXPLAIN_FLOW_NEW;
	peek->has_state = f;
	peek->state = f ? READ_ONCE(f->state) : 0;
	peek->noted = !m || p.tuple.about ||
		      hasw_flow_changes(peek->state, tcp);
	peek->tuple = p.tuple;
	if (!err && !m && !f && checks && !hasw_client_source_valid(hn, p.cfg, skb))
		err = -EXDEV;
	peek->limited = !err && !m && !f && hasw_flow_over_limit(&p);
	if (err)
		return ERR_PTR(err);
	if (m)
		return m;
	kept = hasw_flow_would_keep(&p, &keeps, &peek->by);
	/* An expired flow that is still in the table is reused, so it needs no
	 * room.
	 */
	peek->full = !peek->had && hasw_flow_full(&p, keeps);
	return kept;
}

/**
 * hasw_flow_peek_ends() - finds the addresses and ports that a packet has after
 *	translation
 * @hn: namespace
 * @service: the packet's service
 * @m: the member, reached via nat, that the packet's flow has or would get
 * @peek: result of hasw_flow_peek()
 * @to: filled in; if the flow does not have @m yet, the source port is the
 *	client's even with snat, see hasw_flow_reply_peek()
 *
 * Context: RCU read side, softirqs off.
 * Return: 0; or -EHOSTUNREACH or -EEXIST, as hasw_flow_pick().
 */
int hasw_flow_peek_ends(struct hasw_net *hn, struct hasw_service *service,
			const struct hasw_member *m,
			const struct hasw_flow_peek *peek,
			struct hasw_nat_ends *to)
{
	struct hasw_flow_key key;

	if (peek->flow == HASWITCH_EXPLAIN_FLOW_KNOWN)
		return hasw_flow_ends_original(hn, peek->had, to) ?
			       0 :
			       -EHOSTUNREACH;
	hasw_flow_key_of(&peek->tuple, &key);
	return hasw_flow_reply_peek(hn, &key, peek->had, m,
				    hasw_flow_snats(&key, service), to);
}
