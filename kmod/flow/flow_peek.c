// SPDX-License-Identifier: GPL-2.0
/* The read-only flow lookup tells which member a packet's flow has or would
 * get, and changes nothing.
 */
#include "flow_packet.h"

/* Whether there is no room for one more flow, and no flow near its bucket that
 * hasw_flow_add() would evict.
 */
static bool hasw_flow_full(const struct hasw_flow_packet *p)
{
	struct hasw_flows *flows = p->hn->flows;

	return atomic_read(&flows->count) >= READ_ONCE(p->cfg->limits.max) &&
	       !hasw_flow_spare(flows, p->hash);
}

/* Whether one more flow would exceed the service's limit per second. The flow
 * is not counted.
 */
static bool hasw_flow_over_limit(const struct hasw_flow_packet *p)
{
	u32 most = READ_ONCE(p->service->tracked->new_max);
	s64 ahead;

	if (!most)
		return false;
	ahead = atomic64_read(&p->service->tracked->due) - hasw_switch_now();
	return ahead > (s64)(NSEC_PER_SEC - NSEC_PER_SEC / most);
}

/* Returns the member that the client is kept with, without extending that time.
 */
static struct hasw_member *hasw_flow_would_keep(const struct hasw_flow_packet *p)
{
	struct hasw_flow_key client;
	struct hasw_member *m;
	struct hasw_flow *f;

	if (!READ_ONCE(p->service->tracked->persist))
		return NULL;
	hasw_flow_client(&p->key, p->service,
			 READ_ONCE(p->service->tracked->mask), &client);
	f = hasw_flow_look(p->hn->flows, &client,
			   hasw_flow_hash(p->hn->flows, &client));
	m = f ? hasw_flow_of(f, p->epoch, p->all) : NULL;
	return m && hasw_flow_takes(p, m) ? m : NULL;
}

/**
 * hasw_flow_peek() - hasw_flow_pick() without any change
 * @hn: namespace
 * @skb: the packet, at its IP header
 * @service: the packet's service, whose flows are tracked
 * @all: the service's members
 * @peek: filled in
 *
 * Context: RCU read side, softirqs off.
 * Return: as hasw_flow_pick(), but NULL if the scheduler would choose a member.
 * @answer says whether the flow would be refused then.
 */
struct hasw_member *hasw_flow_peek(struct hasw_net *hn,
				   const struct sk_buff *skb,
				   struct hasw_service *service,
				   const struct hasw_members *all,
				   struct hasw_flow_peek *peek)
{
	struct hasw_flow_packet p = {
		.hn = hn, .service = service, .all = all,
		.epoch = hasw_vip_began(service->vip),
		.cfg = rcu_dereference(hn->config),
	};
	struct tcphdr buf, *tcp;
	struct hasw_member *m;
	struct hasw_flow *f;
	int err;

	err = hasw_flow_find(&p, skb, &buf, &tcp, &f, &m);
	if (f && hasw_flow_over(f))
		f = NULL;
	peek->flow = err ? HASWITCH_EXPLAIN_FLOW_UNKNOWN :
		     m	 ? HASWITCH_EXPLAIN_FLOW_KNOWN :
		     f	 ? HASWITCH_EXPLAIN_FLOW_MOVED :
			   HASWITCH_EXPLAIN_FLOW_NEW;
	peek->has_state = f;
	peek->state = f ? READ_ONCE(f->state) : 0;
	peek->noted = !m || p.tuple.about ||
		      hasw_flow_next(peek->state, tcp) != peek->state;
	peek->tuple = p.tuple;
	peek->limited = !err && !m && !f && hasw_flow_over_limit(&p);
	peek->full = !err && !m && !f && hasw_flow_full(&p);
	if (err)
		return ERR_PTR(err);
	return m ?: hasw_flow_would_keep(&p);
}
