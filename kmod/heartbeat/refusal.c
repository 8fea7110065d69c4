// SPDX-License-Identifier: GPL-2.0
/* A member that refuses: what leaves it says so, its peers are told, and it ends when somebody listens. */
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "compat/compat_sock.h"
#include "refusal.h"

/* So many are looked at so often, one after the other, whoever they are. */
#define HASW_REFUSAL_TICK (HZ / 100 ?: 1)
#define HASW_REFUSAL_LOOKS 16

/* It is said again after so long, and believed for so long. A round through as
 * many as are kept takes less than three seconds, and some may be lost.
 */
#define HASW_REFUSAL_REPEAT_NS (2 * NSEC_PER_SEC)
#define HASW_REFUSAL_BELIEVED_NS (10 * NSEC_PER_SEC)
#define HASW_REFUSAL_MAX 4096

/* Of these, what peers say leaves room for what is found here. */
#define HASW_REFUSAL_SAID_MAX (HASW_REFUSAL_MAX / 4 * 3)

/* Who listens again has to for so long, or what begins and ends again and again
 * would have its clients each time. That it is over is said so often.
 */
#define HASW_REFUSAL_STEADY_NS NSEC_PER_SEC
#define HASW_REFUSAL_TELLS 3

/* After so long without another client that was refused, one may try: somebody
 * may serve whom no socket shows, behind NAT for one.
 */
#define HASW_REFUSAL_RETRY_NS (60 * NSEC_PER_SEC)

/* Sockets may be bound to a device; of more devices not all are looked at. */
#define HASW_REFUSAL_DEVICES 16

/**
 * struct hasw_refusal - a member where nobody listens
 * @list: in hasw_net.refusal.list, in the order in which they are looked at
 * @known: in hasw_net.refusal.known
 * @addr: of the service's vip, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 * @proto: of the service
 * @port: of the service, host byte order
 * @node: the member; empty is this node
 * @number: of the service
 * @ifindex: by which its clients come (this node)
 * @tells: so many times it is still to be said that it is over; 0 is not over
 *	(this node)
 * @listens: since when somebody listens again, ns; 0 is nobody (this node)
 * @retry: when a client may try again, ns (this node)
 * @due: when it is said again (this node), or no longer believed, ns
 *
 * Named, not pointed at: what is found goes on to be true if the configuration
 * is replaced. Under hasw_net.state_lock.
 */
struct hasw_refusal {
	struct list_head list;
	struct hlist_node known;
	struct in6_addr addr;
	u16 family;
	u8 proto;
	u16 port;
	char node[HASWITCH_NAME_MAX + 1];
	u64 number;
	int ifindex;
	u8 tells;
	u64 listens;
	u64 retry;
	u64 due;
};

/**
 * struct hasw_refusal_says - what is said when no lock is held any more
 * @n: how much
 * @e: enum haswitch_pulse_kind, and number of a service
 */
struct hasw_refusal_says {
	u32 n;
	struct {
		u8 kind;
		u64 number;
	} e[HASW_REFUSAL_LOOKS];
};

static void hasw_refusal_say(struct hasw_net *hn,
			     const struct hasw_refusal_says *says)
{
	u32 i;

	for (i = 0; i < says->n; i++)
		hasw_pulse_say(hn, says->e[i].kind, says->e[i].number);
}

static void hasw_refusal_note(struct hasw_refusal_says *says, u8 kind,
			      u64 number)
{
	if (WARN_ON_ONCE(says->n == ARRAY_SIZE(says->e)))
		return;
	says->e[says->n].kind = kind;
	says->e[says->n++].number = number;
}

/* The member of a service that a node is; @node is NULL for this node. RCU. */
static struct hasw_member *hasw_refusal_member(const struct hasw_service *s,
					       const char *node)
{
	const struct hasw_members *all = rcu_dereference(s->members);
	u32 i;

	for (i = 0; i < all->n; i++)
		if (node ? !strcmp(all->m[i]->node->name, node) :
			   all->m[i]->node->self)
			return all->m[i];
	return NULL;
}

static struct hasw_service *hasw_refusal_service(const struct hasw_vip *vip,
						 u8 proto, u16 port)
{
	const struct hasw_services *all = rcu_dereference(vip->services);

	return all ? hasw_service_at(all, hasw_service_key(proto, port)) :
		     NULL;
}

/* The service of a refusal. RCU, or hasw_net.mutex held. */
static struct hasw_service *hasw_refusal_of(const struct hasw_config *cfg,
					    const struct hasw_refusal *r)
{
	const struct hasw_vip *vip = hasw_vip_find(cfg, &r->addr, r->family);

	return vip ? hasw_refusal_service(vip, r->proto, r->port) : NULL;
}

/* Whether somebody listens who is bound to a device, or to none. RCU. */
static bool hasw_refusal_heard_by(struct hasw_net *hn,
				  const struct hasw_refusal *r, int ifindex)
{
	bool tcp = r->proto == IPPROTO_TCP;

	return r->family == AF_INET6 ?
		hasw_sock_listens6(hn->net, tcp, &r->addr, r->port, ifindex) :
		hasw_sock_listens4(hn->net, tcp, r->addr.s6_addr32[3], r->port,
				   ifindex);
}

/* Whether somebody listens here for a service. The device of one client is not
 * that of all. Softirqs off, RCU.
 */
static bool hasw_refusal_heard(struct hasw_net *hn,
			       const struct hasw_refusal *r)
{
	const struct net_device *dev;
	u32 n = 0;

	if (hasw_refusal_heard_by(hn, r, r->ifindex))
		return true;
	for_each_netdev_rcu(hn->net, dev) {
		if (n++ == HASW_REFUSAL_DEVICES)
			break;
		if (dev->ifindex != r->ifindex && dev->flags & IFF_UP &&
		    hasw_refusal_heard_by(hn, r, dev->ifindex))
			return true;
	}
	return false;
}

static struct hlist_head *hasw_refusal_bucket(struct hasw_net *hn, u64 number)
{
	return &hn->refusal.known[hash_64(number, ilog2(HASW_REFUSAL_BUCKETS))];
}

static void hasw_refusal_free(struct hasw_net *hn, struct hasw_refusal *r)
{
	list_del(&r->list);
	hlist_del(&r->known);
	hn->refusal.n--;
	kfree(r);
}

/* Keeps what is known of one; softirqs off, RCU, state_lock held. */
static bool hasw_refusal_keep(struct hasw_net *hn, struct hasw_service *s,
			      struct hasw_member *m,
			      const struct hasw_refusal *found, u64 now)
{
	struct hasw_refusal *r;

	if (hn->refusal.n >=
	    (found->node[0] ? HASW_REFUSAL_SAID_MAX : HASW_REFUSAL_MAX))
		return false;
	r = kmemdup(found, sizeof(*r), GFP_ATOMIC | __GFP_NOWARN);
	if (!r)
		return false;
	if (!hasw_member_set_refused(hn, s, m, true, now)) {
		kfree(r);
		return false;
	}
	list_add_tail(&r->list, &hn->refusal.list);
	hlist_add_head(&r->known, hasw_refusal_bucket(hn, r->number));
	hn->refusal.n++;
	if (!timer_pending(&hn->refusal.timer) && !READ_ONCE(hn->closing))
		mod_timer(&hn->refusal.timer, jiffies + HASW_REFUSAL_TICK);
	return true;
}

static struct hasw_refusal *hasw_refusal_known(struct hasw_net *hn, u64 number,
					       const char *node)
{
	struct hasw_refusal *r;

	hlist_for_each_entry(r, hasw_refusal_bucket(hn, number), known)
		if (r->number == number && !strcmp(r->node, node))
			return r;
	return NULL;
}

static void hasw_refusal_name(struct hasw_refusal *r,
			      const struct hasw_service *s)
{
	r->addr = s->vip->addr;
	r->family = s->vip->family;
	r->proto = s->proto;
	r->port = s->port;
	r->number = s->number;
}

/**
 * hasw_refusal_found() - this machine says to a client that nobody listens
 * @hn: namespace
 * @vip: which it says as
 * @proto: TCP or UDP
 * @port: on that port, host byte order
 * @out: by that device
 *
 * It counts if there is a service of exactly that port, this node is a member
 * of it, and indeed nobody listens: a filter may say the same.
 *
 * Context: softirqs off, RCU read side.
 */
void hasw_refusal_found(struct hasw_net *hn, const struct hasw_vip *vip,
			u8 proto, u16 port, const struct net_device *out)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct hasw_refusal found = {}, *r;
	struct hasw_refusal_says says = {};
	struct hasw_service *s;
	struct hasw_member *m;
	bool looked = false;
	u64 now;

	s = port ? hasw_refusal_service(vip, proto, port) : NULL;
	m = s ? hasw_refusal_member(s, NULL) : NULL;
	if (!m)
		return;
	now = hasw_switch_now();
	hasw_refusal_name(&found, s);
	/* To a program of this machine it says so by no client's device. */
	if (out && !(out->flags & IFF_LOOPBACK))
		found.ifindex = out->ifindex;
	if (!READ_ONCE(m->refused)) {
		if (hasw_refusal_heard(hn, &found))
			return;
		looked = true;
	}
	found.due = now + HASW_REFUSAL_REPEAT_NS;
	found.retry = now + HASW_REFUSAL_RETRY_NS;
	spin_lock(&hn->state_lock);
	r = hasw_refusal_known(hn, s->number, "");
	if (r && r->tells) {
		hasw_refusal_free(hn, r);
		r = NULL;
	}
	/* A configuration that has replaced that of the member knows better. */
	if (r)
		r->retry = found.retry;
	else if (looked && cfg == rcu_dereference(hn->config) &&
		 hasw_refusal_keep(hn, s, m, &found, now))
		hasw_refusal_note(&says, HASWITCH_PULSE_KIND_REFUSED,
				  s->number);
	spin_unlock(&hn->state_lock);
	hasw_refusal_say(hn, &says);
}

/**
 * hasw_refusal_said() - a peer says whether anybody listens there
 * @hn: namespace
 * @node: the peer
 * @kind: refused or listens
 * @value: number of the service
 * @now: now, ns
 *
 * Context: softirqs off, RCU read side, hasw_net.state_lock held.
 */
void hasw_refusal_said(struct hasw_net *hn, const struct hasw_node *node,
		       u8 kind, u64 value, u64 now)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct hasw_refusal *r = hasw_refusal_known(hn, value, node->name);
	struct hasw_refusal found = {};
	struct hasw_service *s;
	struct hasw_member *m;

	if (r && kind == HASWITCH_PULSE_KIND_REFUSED) {
		r->due = now + HASW_REFUSAL_BELIEVED_NS;
		return;
	}
	s = cfg ? hasw_service_numbered(cfg, value) : NULL;
	m = s ? hasw_refusal_member(s, node->name) : NULL;
	if (kind == HASWITCH_PULSE_KIND_LISTENS) {
		if (r)
			hasw_refusal_free(hn, r);
		if (m)
			hasw_member_set_refused(hn, s, m, false, now);
		return;
	}
	if (!m)
		return;
	hasw_refusal_name(&found, s);
	strscpy(found.node, node->name, sizeof(found.node));
	found.due = now + HASW_REFUSAL_BELIEVED_NS;
	hasw_refusal_keep(hn, s, m, &found, now);
}

/* Looks at one of this node; whether the member refuses. RCU, state_lock held.
 */
static bool hasw_refusal_look_at(struct hasw_net *hn, struct hasw_refusal *r,
				 struct hasw_refusal_says *says, u64 now)
{
	if (!hasw_refusal_heard(hn, r))
		r->listens = 0;
	else if (!r->listens)
		r->listens = now;
	if (!r->tells && (now >= r->retry ||
			  (r->listens &&
			   now - r->listens >= HASW_REFUSAL_STEADY_NS)))
		r->tells = HASW_REFUSAL_TELLS;
	if (r->tells) {
		hasw_refusal_note(says, HASWITCH_PULSE_KIND_LISTENS, r->number);
		r->tells--;
		return false;
	}
	if (now >= r->due) {
		hasw_refusal_note(says, HASWITCH_PULSE_KIND_REFUSED, r->number);
		r->due = now + HASW_REFUSAL_REPEAT_NS;
	}
	return true;
}

/* Looks at one: what it says of the configuration there is now, which may be
 * another one, and whether it is done with. RCU, state_lock held.
 */
static bool hasw_refusal_done(struct hasw_net *hn,
			      const struct hasw_config *cfg,
			      struct hasw_refusal *r,
			      struct hasw_refusal_says *says, u64 now)
{
	struct hasw_service *s = hasw_refusal_of(cfg, r);
	struct hasw_member *m;
	bool refuses;

	m = s ? hasw_refusal_member(s, r->node[0] ? r->node : NULL) : NULL;
	if (!m)
		return true;
	refuses = r->node[0] ? now < r->due :
			       hasw_refusal_look_at(hn, r, says, now);
	hasw_member_set_refused(hn, s, m, refuses, now);
	return !refuses && !r->tells;
}

static void hasw_refusal_tick(struct timer_list *timer)
{
	struct hasw_net *hn =
		container_of(timer, struct hasw_net, refusal.timer);
	struct hasw_refusal_says says = {};
	const struct hasw_config *cfg;
	u64 now = hasw_switch_now();
	struct hasw_refusal *r;
	u32 n, i;

	rcu_read_lock();
	spin_lock(&hn->state_lock);
	cfg = rcu_dereference(hn->config);
	n = cfg ? min_t(u32, hn->refusal.n, HASW_REFUSAL_LOOKS) : 0;
	for (i = 0; i < n; i++) {
		r = list_first_entry(&hn->refusal.list, struct hasw_refusal,
				     list);
		if (hasw_refusal_done(hn, cfg, r, &says, now))
			hasw_refusal_free(hn, r);
		else
			list_move_tail(&r->list, &hn->refusal.list);
	}
	if (!list_empty(&hn->refusal.list) && !READ_ONCE(hn->closing))
		mod_timer(timer, jiffies + HASW_REFUSAL_TICK);
	spin_unlock(&hn->state_lock);
	/* Sessions go once nobody can be here who has not seen that. */
	if (!READ_ONCE(hn->closing))
		hasw_refusal_say(hn, &says);
	rcu_read_unlock();
}

/**
 * hasw_refusal_inherit() - what refuses does so in the next configuration, too
 * @hn: namespace
 * @cfg: the configuration, which no packet reads yet
 *
 * Context: process, hasw_net.mutex held, and hasw_net.state_lock until packets
 * read @cfg.
 */
void hasw_refusal_inherit(struct hasw_net *hn, const struct hasw_config *cfg)
{
	struct hasw_refusal *r;
	struct hasw_service *s;
	struct hasw_member *m;

	lockdep_assert_held(&hn->state_lock);
	rcu_read_lock();
	list_for_each_entry(r, &hn->refusal.list, list) {
		s = r->tells ? NULL : hasw_refusal_of(cfg, r);
		m = s ? hasw_refusal_member(s, r->node[0] ? r->node : NULL) :
			NULL;
		if (m)
			hasw_member_inherit_refused(m);
	}
	rcu_read_unlock();
}

/**
 * hasw_refusal_init() - prepares a namespace
 * @hn: namespace
 *
 * Context: process.
 */
void hasw_refusal_init(struct hasw_net *hn)
{
	u32 i;

	INIT_LIST_HEAD(&hn->refusal.list);
	for (i = 0; i < HASW_REFUSAL_BUCKETS; i++)
		INIT_HLIST_HEAD(&hn->refusal.known[i]);
	timer_setup(&hn->refusal.timer, hasw_refusal_tick, 0);
}

/**
 * hasw_refusal_exit() - forgets all
 * @hn: namespace, which sees no packets and hears no heartbeats any more
 *
 * Context: process.
 */
void hasw_refusal_exit(struct hasw_net *hn)
{
	struct hasw_refusal *r, *next;

	timer_shutdown_sync(&hn->refusal.timer);
	list_for_each_entry_safe(r, next, &hn->refusal.list, list)
		hasw_refusal_free(hn, r);
}
