// SPDX-License-Identifier: GPL-2.0
/* The flow lookup finds the member to which a packet's flow was given, and
 * chooses a member for a new flow. If the service has `persist`, all new flows
 * of a client go to the same member. The flow table then also has an entry for
 * each such client.
 */
#include <linux/tcp.h>

#include "client_source.h"
#include "flow_packet.h"
#include "service/switch_times.h"

/* Returns whether a flow in state @state has no handshake, or has completed it
 * and is not closing.
 */
static bool hasw_flow_is_open(u8 state)
{
	return state == HASWITCH_FLOW_STATE_ESTABLISHED ||
	       state == HASWITCH_FLOW_STATE_OPEN;
}

/* Marks a flow as assured. @lock is the lock of its bucket. */
static void hasw_flow_assure(struct hasw_flow *f, spinlock_t *lock)
{
	if (likely(READ_ONCE(f->kind) & HASW_FLOW_ASSURED))
		return;
	spin_lock(lock);
	hasw_flow_mark(f, lock, 0, HASW_FLOW_ASSURED);
	spin_unlock(lock);
}

/* Extends the timeout of the entry that keeps a client with its member. @flow
 * is a flow of the client, with HASW_FLOW_KEPT, and is in state @state. Until a
 * connection of the client is established, the client's address might be
 * forged. During this time the entry is in state SYN, so it has the timeout of
 * this state. RCU read side, softirqs off.
 */
static void hasw_flow_touch_client(struct hasw_flows *flows,
				   const struct hasw_service *service,
				   const struct hasw_flow *flow, u8 state)
{
	struct hasw_flow_key key, client;
	struct hasw_flow *f;
	spinlock_t *lock;
	u32 hash;

	hasw_flow_key_again(flow, &key);
	hasw_flow_client(&key, service, READ_ONCE(flow->mask), &client);
	hash = hasw_flow_hash(flows, &client);
	f = hasw_flow_look(flows, &client, hash);
	if (!f || hasw_flow_over(f))
		return;
	lock = hasw_flow_lock(flows, hash);
	if (unlikely(READ_ONCE(f->state) == HASWITCH_FLOW_STATE_SYN)) {
		if (!hasw_flow_is_open(state))
			return;
		spin_lock(lock);
		hasw_flow_set_state(f, lock, HASWITCH_FLOW_STATE_OPEN);
		spin_unlock(lock);
	}
	if (READ_ONCE(flow->kind) & HASW_FLOW_ASSURED)
		hasw_flow_assure(f, lock);
	hasw_flow_touch(f, f->keep);
}

/* Data that a client may repeat after its FIN, bytes. */
#define HASW_FLOW_REPEATS 16384

/* Whether a client's packet after an RST or a FIN of the client shows that the
 * latter was forged. A client sends nothing after its RST. After its FIN it
 * sends only packets with the sequence number after the FIN, keepalives with
 * the one before it, and data that it repeats. @len is the length of the TCP
 * packet.
 */
static bool hasw_flow_goes_on(const struct hasw_flow *f,
			      const struct tcphdr *tcp, u32 len)
{
	u16 behind;

	if (!tcp || tcp->rst || tcp->fin)
		return false;
	if (!f->begun)
		return true;
	behind = f->begun - ntohl(tcp->seq);
	return behind > (len > 4 * tcp->doff ? HASW_FLOW_REPEATS : 1);
}

/* Returns whether a client that has sent packets of a flow for some time is
 * assured. Via nat a flow without a handshake needs an answer of its member,
 * too: who forges clients gets none where the member knows its clients.
 */
static bool hasw_flow_is_proved(const struct hasw_flow *f)
{
	if (f->state == HASWITCH_FLOW_STATE_OPEN && f->kind & HASW_FLOW_NAT)
		return READ_ONCE(f->begun);
	return hasw_flow_is_open(f->state);
}

/* Marks a flow when a packet of its client has extended its timeout. The flow
 * is assured if hasw_flow_is_proved() is true. If an RST or a FIN of the
 * client has moved it to state CLOSING, and was forged, the flow is in state
 * ESTABLISHED again. RCU read side, softirqs off. Return: the state of the
 * flow.
 */
static u8 hasw_flow_confirm(struct hasw_flows *flows, struct hasw_flow *f,
			    const struct tcphdr *tcp, u32 len)
{
	struct hasw_flow_key key;
	spinlock_t *lock;
	u8 state;

	hasw_flow_key_again(f, &key);
	lock = hasw_flow_lock(flows, hasw_flow_hash(flows, &key));
	spin_lock(lock);
	if (hasw_flow_is_proved(f)) {
		hasw_flow_mark(f, lock, 0, HASW_FLOW_ASSURED);
	} else if (f->kind & HASW_FLOW_ENDED && hasw_flow_goes_on(f, tcp, len)) {
		hasw_flow_mark(f, lock, HASW_FLOW_ENDED, 0);
		hasw_flow_set_state(f, lock, HASWITCH_FLOW_STATE_ESTABLISHED);
	}
	state = f->state;
	spin_unlock(lock);
	return state;
}

/**
 * hasw_flow_lasts() - handles a client's packet that has extended the timeout
 *	of a flow
 * @hn: namespace
 * @cfg: configuration
 * @service: the flow's service
 * @f: the flow, for which hasw_flow_notes_time() is true
 * @tcp: TCP header of the packet, or NULL for another protocol
 * @len: length of the packet from its TCP header on
 *
 * hasw_flow_touch() extends a timeout at most once a second, or after an eighth
 * of it. A client that sends for so long is assured, and so is the entry that
 * keeps the client with its member. After an RST or a FIN, whose sequence
 * number this node cannot check (RFC 5961, 3.2), a client that goes on sending
 * has not ended its connection. Via nat the member's replies tell which number
 * is right. To keep it would cost a write to the flow for each reply, which
 * other CPUs read.
 *
 * Context: RCU read side, softirqs off.
 */
noinline void hasw_flow_lasts(struct hasw_net *hn,
			      const struct hasw_config *cfg,
			      const struct hasw_service *service,
			      struct hasw_flow *f, const struct tcphdr *tcp,
			      u32 len)
{
	u8 kind = READ_ONCE(f->kind), was = READ_ONCE(f->state), state = was;
	struct hasw_flows *flows = hn->flows;

	if (!(kind & HASW_FLOW_ASSURED))
		state = hasw_flow_confirm(flows, f, tcp, len);
	if (state != was)
		hasw_flow_touch(f, hasw_flow_ticks(cfg, f->proto, state));
	if (kind & HASW_FLOW_KEPT)
		hasw_flow_touch_client(flows, service, f, state);
}

/**
 * hasw_flow_member_look() - hasw_flow_member() for a member whose index has
 *	changed
 * @all: the members of a service
 * @share: hasw_flow.share of a flow
 *
 * Context: RCU read side, or hasw_net.mutex held.
 * Return: the member, or NULL if it is no longer a member of the service.
 */
struct hasw_member *hasw_flow_member_look(const struct hasw_members *all,
					  struct hasw_share *share)
{
	u32 i;

	for (i = 0; i < all->n; i++) {
		if (all->m[i]->share != share)
			continue;
		WRITE_ONCE(share->index, i);
		return all->m[i];
	}
	return NULL;
}

/* Returns the idle timeout of a client's HASW_FLOW_CLIENT entry, jiffies.
 * @state is the state of this entry.
 */
static u32 hasw_flow_keeps(const struct hasw_flow_packet *p, u8 state)
{
	return state == HASWITCH_FLOW_STATE_SYN ?
	       hasw_flow_ticks(p->cfg, IPPROTO_TCP, state) :
	       READ_ONCE(p->service->tracked->ticks);
}

/* Returns the member that the client is kept with, or NULL, as
 * hasw_flow_keeper() does. If there is a member, extends the timeout of the
 * client's entry.
 */
static struct hasw_member *
hasw_flow_kept(const struct hasw_flow_packet *p,
	       const struct hasw_flow_key *client, u32 hash)
{
	struct hasw_flow *f;
	struct hasw_member *m = hasw_flow_keeper(p, client, hash, &f);
	u8 state;

	if (!m)
		return NULL;
	state = READ_ONCE(f->state);
	if (hasw_flow_touch(f, hasw_flow_keeps(p, state)) &&
	    hasw_flow_is_open(state))
		hasw_flow_assure(f, hasw_flow_lock(p->hn->flows, hash));
	return m;
}

/* Adds the entry that keeps a client with member @m, and returns @m. If another
 * CPU has just added an entry with another usable member, returns that member
 * instead. If the table is full or the allocation fails, returns @m without
 * adding an entry.
 */
static struct hasw_member *
hasw_flow_keep(struct hasw_flow_packet *p,
	       const struct hasw_flow_key *client, u32 hash, u8 mask,
	       struct hasw_member *m)
{
	u8 state = p->key.proto == IPPROTO_TCP ? HASWITCH_FLOW_STATE_SYN :
						 HASWITCH_FLOW_STATE_OPEN;
	const struct hasw_flow_room room = hasw_flow_room(p);
	struct hasw_flows *flows = p->hn->flows;
	spinlock_t *lock = hasw_flow_lock(flows, hash);
	struct hasw_member *had = NULL;
	struct hasw_flow *f;

	spin_lock(lock);
	f = hasw_flow_add(flows, &room, client, hash);
	if (IS_ERR(f))
		f = NULL;
	if (f)
		had = hasw_flow_of(f, p->epoch, p->all);
	if (had && hasw_flow_takes(p, had)) {
		m = had;
	} else if (f) {
		if (hasw_flow_over(f))
			hasw_flow_mark(f, lock, HASW_FLOW_ASSURED, 0);
		hasw_flow_give(f, lock, m->share, p->epoch, state);
		f->mask = mask;
		WRITE_ONCE(f->keep, READ_ONCE(p->service->tracked->ticks));
		WRITE_ONCE(f->expires,
			   (u32)jiffies + hasw_flow_keeps(p, state));
	}
	spin_unlock(lock);
	return m;
}

/* Chooses the member for a new flow, or for a flow that does not stay with its
 * member.
 */
static struct hasw_member *hasw_flow_choose(struct hasw_flow_packet *p)
{
	struct hasw_flow_key client;
	struct hasw_tuple by;
	struct hasw_member *m;
	u32 hash;
	u8 mask;

	/* Pairs with smp_store_release() in hasw_service_set_tracking(). */
	if (!smp_load_acquire(&p->service->tracked->persist))
		return hasw_sched_choose(p->service, p->all, &p->tuple);
	mask = READ_ONCE(p->service->tracked->mask);
	hasw_flow_client(&p->key, p->service, mask, &client);
	hash = hasw_flow_hash(p->hn->flows, &client);
	m = hasw_flow_kept(p, &client, hash);
	if (m)
		return m;
	hasw_flow_by_client(&p->tuple, &client, &by);
	m = hasw_sched_choose(p->service, p->all, &by);
	return m ? hasw_flow_keep(p, &client, hash, mask, m) : NULL;
}

/* Minimum time between two events about refused flows, jiffies. */
#define HASW_FLOW_REPORT_PACE (10 * HZ)

/* Sends an event about a new flow that was refused because of the error @err,
 * unless one about the same cause was sent a short time ago. @m is the member
 * that the flow was to have; NULL for -EXDEV.
 */
static void hasw_flow_report(struct hasw_net *hn,
			     const struct hasw_service *service,
			     const struct hasw_member *m, long err)
{
	struct hasw_event ev = {
		.kind = HASWITCH_EVENT_KIND_FLOW_FULL,
		.addr = service->vip->addr,
		.family = service->vip->family,
		.proto = service->proto,
		.port = service->port,
	};
	enum hasw_flow_refusal why = HASW_FLOW_REFUSAL_FULL;

	if (err == -EADDRNOTAVAIL) {
		ev.kind = HASWITCH_EVENT_KIND_FLOW_PORTS;
		why = HASW_FLOW_REFUSAL_PORTS;
	} else if (err == -EEXIST) {
		ev.kind = HASWITCH_EVENT_KIND_FLOW_ALIKE;
		why = HASW_FLOW_REFUSAL_ALIKE;
	} else if (err == -EXDEV) {
		ev.kind = HASWITCH_EVENT_KIND_FLOW_SOURCE;
		why = HASW_FLOW_REFUSAL_SOURCE;
	}
	if (!hasw_pace(&hn->flows->told[why], HASW_FLOW_REPORT_PACE))
		return;
	if (why == HASW_FLOW_REFUSAL_PORTS || why == HASW_FLOW_REFUSAL_ALIKE) {
		strscpy(ev.node, m->node->name, sizeof(ev.node));
		ev.nat_port = hasw_member_own_port(m);
	}
	spin_lock_bh(&hn->state_lock);
	hasw_event_add(hn, &ev);
	spin_unlock_bh(&hn->state_lock);
}

/* Counts and reports a new flow to member @m that was refused because of the
 * error @err.
 */
static void hasw_flow_refuse(struct hasw_net *hn,
			     const struct hasw_service *service,
			     const struct hasw_member *m, long err)
{
	hasw_stat_inc(hn, HASW_STAT_FLOW_REFUSED);
	hasw_flow_report(hn, service, m, err);
}

/* Prepares a flow for its new member @m. If @m is reached via nat, gives the
 * flow a reply key, by which the flow is found when @m replies. Otherwise makes
 * sure that the flow has no reply key. The caller holds the bucket's lock.
 * Return: the flow or its replacement, or ERR_PTR().
 */
static struct hasw_flow *hasw_flow_translate(const struct hasw_flow_packet *p,
					     struct hasw_flow *f,
					     const struct hasw_member *m)
{
	bool nat = READ_ONCE(m->via) == HASWITCH_VIA_NAT;
	int err;

	lockdep_assert_held(hasw_flow_lock(p->hn->flows, p->hash));
	if (likely(!nat && !(f->kind & HASW_FLOW_NAT)))
		return f;
	/* A CPU that has found this flow must not see its translated addresses
	 * and ports change, so a new flow replaces this one. So it does if this
	 * flow has no room for them.
	 */
	if (f->kind & HASW_FLOW_NAT || rcu_access_pointer(f->share) ||
	    (nat && !(f->kind & HASW_FLOW_WIDE))) {
		f = hasw_flow_renew(p->hn->flows, f, p->hash, nat);
		if (!f)
			return ERR_PTR(-ENOMEM);
	}
	if (!nat)
		return f;
	err = hasw_flow_reply_give(p->hn, f, &p->key, m,
				   hasw_flow_snats(&p->key, p->service));
	/* hasw_flow_give() has not given the flow a member yet, so no packet
	 * uses the flow after an error.
	 */
	return err ? ERR_PTR(err) : f;
}

/* Returns whether one more new flow is within the service's limit of new flows
 * per second, see hasw_flow_early(). If so, counts the flow.
 */
static bool hasw_flow_may_begin(struct hasw_tracked *tracked)
{
	u32 most = READ_ONCE(tracked->new_max);
	s64 now, was, due, each;

	if (likely(!most))
		return true;
	each = NSEC_PER_SEC / most;
	now = hasw_switch_now();
	was = atomic64_read(&tracked->due);
	do {
		due = max(was, now);
		if (hasw_flow_early(due, now, each))
			return false;
	} while (!atomic64_try_cmpxchg(&tracked->due, &was, due + each));
	return true;
}

/* Returns whether a packet's new flow is refused, because it would exceed the
 * service's limit of new flows per second. A refused flow is counted in
 * hasw_tracked.limited. During a resize, the caller's lookup without a lock can
 * miss an existing flow. So this function repeats the lookup under the lock,
 * and does not refuse an existing flow.
 */
static bool hasw_flow_limited(const struct hasw_flow_packet *p)
{
	struct hasw_tracked *tracked = p->service->tracked;
	struct hasw_flows *flows = p->hn->flows;
	spinlock_t *lock;
	bool over;
	struct hasw_flow *f;

	if (likely(hasw_flow_may_begin(tracked)))
		return false;
	lock = hasw_flow_lock(flows, p->hash);
	spin_lock(lock);
	f = hasw_flow_look(flows, &p->key, p->hash);
	over = !f || hasw_flow_over(f);
	spin_unlock(lock);
	if (over)
		atomic64_inc(&tracked->limited);
	return over;
}

/* Tells the next sweep that members' numbers of flows have decided about a new
 * flow. @used is hasw_flows.full or hasw_flows.counted. It is written once
 * between two sweeps.
 */
static void hasw_flow_note_use(bool *used)
{
	if (!READ_ONCE(*used))
		WRITE_ONCE(*used, true);
}

/* Called for a new flow: increments hasw_share.full of each member that has
 * already reached its hasw_share.flows_max, and makes the next sweep search all
 * buckets for expired flows.
 */
static noinline void hasw_flow_count_full(struct hasw_flows *flows,
					  const struct hasw_members *all)
{
	u32 i;

	for (i = 0; i < all->n; i++)
		if (hasw_share_full(all->m[i]->share)) {
			atomic64_inc(&all->m[i]->share->full);
			hasw_flow_note_use(&flows->full);
		}
}

/* Returns the HASW_FLOW_* bits, which were @kind, of a flow that a packet of
 * its client moves to state @state, and stores hasw_flow.begun. @len is the
 * length of the packet from its TCP header on. The caller holds the bucket's
 * lock.
 */
static u8 hasw_flow_kind_after(struct hasw_flow *f, u8 kind, u8 state,
			       const struct tcphdr *tcp, u32 len)
{
	if (state == HASWITCH_FLOW_STATE_SYN) {
		f->begun = hasw_flow_syn(tcp);
		return kind & ~(HASW_FLOW_ASSURED | HASW_FLOW_ENDED);
	}
	if (state != HASWITCH_FLOW_STATE_CLOSING || !tcp ||
	    !(tcp->rst || tcp->fin))
		return kind;
	f->begun = tcp->rst ? 0 : ntohl(tcp->seq) + tcp->syn + 1 + len -
				  4 * tcp->doff;
	return (kind & ~HASW_FLOW_ASSURED) | HASW_FLOW_ENDED;
}

/* Gives a member to a new flow, or to a flow that does not stay with its
 * member. @len is the length of the packet from its transport header on.
 */
static noinline struct hasw_member *
hasw_flow_begin(struct hasw_flow_packet *p, const struct tcphdr *tcp, u32 len)
{
	struct hasw_flow_room room = hasw_flow_room(p);
	struct hasw_member *m, *had, *away = NULL;
	struct hasw_flows *flows = p->hn->flows;
	spinlock_t *lock = hasw_flow_lock(flows, p->hash);
	struct hasw_flow *f, *translated;
	u8 state, kind;
	bool over;

	if (unlikely(p->all->capped))
		hasw_flow_count_full(flows, p->all);
	if (hasw_sched_of(p->all)->counts)
		hasw_flow_note_use(&flows->counted);
	m = hasw_flow_choose(p);
	if (!m)
		return NULL;
	room.wide = READ_ONCE(m->via) == HASWITCH_VIA_NAT;
	spin_lock(lock);
	f = hasw_flow_add(flows, &room, &p->key, p->hash);
	if (IS_ERR(f)) {
		spin_unlock(lock);
		hasw_flow_refuse(p->hn, p->service, m, PTR_ERR(f));
		return ERR_CAST(f);
	}
	over = hasw_flow_over(f);
	had = hasw_flow_of(f, p->epoch, p->all);
	/* If another CPU has given the flow a suitable member meanwhile, the
	 * flow stays with that member.
	 */
	if (had && hasw_flow_stays(had, f->state, tcp) &&
	    hasw_flow_fits(f, f->kind, had, hasw_flow_words(f->kind))) {
		spin_unlock(lock);
		p->flow = f;
		return had;
	}
	state = over ? HASWITCH_FLOW_STATE_OPEN : f->state;
	if (p->key.proto == IPPROTO_TCP)
		state = hasw_flow_next(state, tcp);
	/* If a flow's first packet is not a SYN, the client's address might be
	 * forged. Such a flow begins in state SYN, which has a short timeout.
	 */
	if (over && state == HASWITCH_FLOW_STATE_ESTABLISHED)
		state = HASWITCH_FLOW_STATE_SYN;
	if (had != m)
		away = had;
	translated = hasw_flow_translate(p, f, m);
	if (IS_ERR(translated)) {
		spin_unlock(lock);
		if (PTR_ERR(translated) != -EHOSTUNREACH)
			hasw_flow_refuse(p->hn, p->service, m,
					 PTR_ERR(translated));
		return ERR_CAST(translated);
	}
	f = translated;
	p->flow = f;
	hasw_flow_give(f, lock, m->share, p->epoch, state);
	kind = f->kind & ~HASW_FLOW_KEPT;
	if (over) {
		kind &= ~(HASW_FLOW_ASSURED | HASW_FLOW_ENDED);
		/* The answer was to the flow before. */
		WRITE_ONCE(f->begun, 0);
	}
	kind = hasw_flow_kind_after(f, kind, state, tcp, len);
	if (READ_ONCE(p->service->tracked->persist)) {
		WRITE_ONCE(f->mask, READ_ONCE(p->service->tracked->mask));
		kind |= HASW_FLOW_KEPT;
	}
	/* Pairs with smp_load_acquire() in hasw_flow_kind(). */
	smp_store_release(&f->kind, kind);
	WRITE_ONCE(f->ack, 0);
	WRITE_ONCE(f->expires, (u32)jiffies +
		   hasw_flow_ticks(p->cfg, p->key.proto, state));
	spin_unlock(lock);
	/* The new flow was counted in the same cache line of the share, so this
	 * causes no further miss. RCU keeps the share of a deleted member.
	 */
	if (over)
		atomic64_inc(&m->share->made);
	hasw_stat_inc(p->hn, over ? HASW_STAT_FLOW_MADE : HASW_STAT_FLOW_MOVED);
	if (away)
		hasw_times_skip(p->hn, p->service, away, m->node);
	return m;
}

/* Returns whether a client's packet completes the handshake of a flow in state
 * @was: the packet's sequence number follows the sequence number of the SYN.
 */
static bool hasw_flow_fits_syn(const struct hasw_flow *f, u8 was,
			       const struct tcphdr *tcp)
{
	return was == HASWITCH_FLOW_STATE_SYN && f->begun && tcp->ack &&
	       !tcp->rst && !tcp->fin && (u16)ntohl(tcp->seq) == f->begun;
}

/* Stores and returns a flow's state after a packet. @len is the length of a
 * client's packet from its TCP header on. The old state is read under the lock,
 * because another CPU may have changed it.
 */
static u8 hasw_flow_advance(struct hasw_flows *flows, struct hasw_flow *f,
			    u32 hash, const struct tcphdr *tcp, u32 len,
			    bool reply)
{
	spinlock_t *lock = hasw_flow_lock(flows, hash);
	u8 was, state, kind;

	spin_lock(lock);
	was = f->state;
	state = hasw_flow_next(was, tcp);
	hasw_flow_set_state(f, lock, state);
	if (reply) {
		hasw_flow_mark(f, lock, HASW_FLOW_ENDED, 0);
	} else if (hasw_flow_fits_syn(f, was, tcp)) {
		hasw_flow_mark(f, lock, 0, HASW_FLOW_ASSURED);
	} else if (state != was || state == HASWITCH_FLOW_STATE_SYN) {
		kind = hasw_flow_kind_after(f, f->kind, state, tcp, len);
		hasw_flow_mark(f, lock, f->kind & ~kind, kind & ~f->kind);
	}
	spin_unlock(lock);
	return state;
}

/**
 * hasw_flow_pick() - finds the member of a packet's flow, or chooses one
 * @hn: namespace
 * @skb: the packet, at its IP header
 * @checks: the source of a packet that begins a flow has to be validated, see
 *	hasw_client_source_valid()
 * @service: the packet's service, whose flows are tracked
 * @all: the service's members
 * @flow: receives the packet's flow if a member is returned
 *
 * Context: RCU read side, softirqs off.
 * Return: the member; NULL if no member is usable, or the new flow would exceed
 * the service's limit of new flows per second; or an ERR_PTR():
 * -EINVAL: the packet is truncated.
 * -ENOENT: an RST of an unknown flow, an ICMP error about a flow without a
 *	member, or a packet of a flow that waits for its member.
 * -ENOSPC: the table is full.
 * -ENOMEM: an allocation fails.
 * -EADDRNOTAVAIL: no port that was tried is free for the member.
 * -EEXIST: another flow has the same addresses and ports at the member.
 * -EHOSTUNREACH: this node or the member's node has no address that translation
 *	needs.
 * -EXDEV: the source of a packet that begins a flow is not valid.
 */
struct hasw_member *hasw_flow_pick(struct hasw_net *hn, struct sk_buff *skb,
				   bool checks, struct hasw_service *service,
				   const struct hasw_members *all,
				   const struct hasw_flow **flow)
{
	struct hasw_flow_packet p = {
		.hn = hn, .service = service, .all = all,
		.epoch = hasw_vip_began(service->vip),
		.cfg = rcu_dereference(hn->config),
	};
	struct hasw_flows *flows = READ_ONCE(hn->flows);
	struct tcphdr buf, *tcp;
	struct hasw_member *m;
	struct hasw_flow *f;
	bool begins, further, touched;
	u8 was, state;
	u32 len;
	int err;

	err = hasw_flow_find(&p, skb, &buf, &tcp, &f, &m);
	if (unlikely(err))
		return ERR_PTR(err);
	*flow = f;
	if (unlikely(p.tuple.about))
		return m;
	len = skb->len - p.tuple.offset;
	if (unlikely(!m)) {
		begins = !f || hasw_flow_over(f);
		if (begins && checks &&
		    !hasw_client_source_valid(hn, p.cfg, skb)) {
			hasw_flow_report(hn, service, NULL, -EXDEV);
			return ERR_PTR(-EXDEV);
		}
		if (begins && hasw_flow_limited(&p))
			return NULL;
		m = hasw_flow_begin(&p, tcp, len);
		*flow = p.flow;
		return m;
	}
	hasw_flow_note(service, f, tcp);
	was = READ_ONCE(f->state);
	state = was;
	/* A further reset neither changes a flow that was reset nor extends its
	 * timeout: only the client's other packets show that it goes on.
	 */
	if (unlikely(was == HASWITCH_FLOW_STATE_CLOSING && tcp && tcp->rst))
		return m;
	further = hasw_flow_changes(was, tcp);
	if (unlikely(further))
		state = hasw_flow_advance(flows, f, p.hash, tcp, len, false);
	touched = hasw_flow_touch(f, hasw_flow_ticks(p.cfg, f->proto, state));
	if (further && READ_ONCE(f->kind) & HASW_FLOW_KEPT)
		hasw_flow_touch_client(flows, service, f, state);
	else if (!further && touched && hasw_flow_notes_time(READ_ONCE(f->kind)))
		hasw_flow_lasts(hn, p.cfg, service, f, tcp, len);
	return m;
}

/**
 * hasw_flow_vip() - finds the vip of a flow
 * @cfg: configuration
 * @f: the flow
 *
 * Context: RCU read side.
 * Return: the vip, or NULL if the vip was deleted.
 */
const struct hasw_vip *hasw_flow_vip(const struct hasw_config *cfg,
				     const struct hasw_flow *f)
{
	return hasw_flow_vip_of(cfg, f, READ_ONCE(f->kind) & HASW_FLOW_IPV6);
}

/**
 * hasw_flow_service() - finds the service of a flow
 * @vip: the flow's vip, or NULL
 * @f: the flow
 *
 * Context: RCU read side.
 * Return: the service, or NULL if @vip is NULL or the service was deleted.
 */
const struct hasw_service *hasw_flow_service(const struct hasw_vip *vip,
					     const struct hasw_flow *f)
{
	const struct hasw_services *all =
		vip ? rcu_dereference(vip->services) : NULL;

	return all ? hasw_service_pick(all, f->proto, ntohs(f->ports[1])) :
		     NULL;
}

/**
 * hasw_flow_end_reply() - moves a flow to state CLOSING after a reply with FIN
 *	or RST
 * @hn: namespace
 * @f: the flow, found under RCU
 * @tcp: TCP header of the reply
 *
 * Context: RCU read side, softirqs off.
 * Return: the flow's state after the reply, enum haswitch_flow_state.
 */
u8 hasw_flow_end_reply(struct hasw_net *hn, struct hasw_flow *f,
		       const struct tcphdr *tcp)
{
	struct hasw_flow_key key;

	hasw_flow_key_again(f, &key);
	return hasw_flow_advance(hn->flows, f, hasw_flow_hash(hn->flows, &key),
				 tcp, 0, true);
}
