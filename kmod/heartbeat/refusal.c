// SPDX-License-Identifier: GPL-2.0
/* A refusal records that a member's node has no socket that listens on the
 * service's port, or does not have the vip as an address. This node detects
 * refusals of its own members, and peers report refusals of theirs.
 */
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/route.h>

#include "compat/compat_sock.h"
#include "core/route.h"
#include "refusal.h"

/* Time between two runs of the timer that checks refusals, jiffies. */
#define HASW_REFUSAL_TICK (HZ / 100 ?: 1)
/* Number of refusals that each run of the timer checks, round-robin. */
#define HASW_REFUSAL_LOOKS 16

/* Time after which this node reports its refusal to the peers again, ns. */
#define HASW_REFUSAL_REPEAT_NS (2 * NSEC_PER_SEC)
/* Time after which a peer's refusal ends unless the peer repeats it, ns. This
 * time covers several repeats, since some of them may be lost.
 */
#define HASW_REFUSAL_BELIEVED_NS (10 * NSEC_PER_SEC)
/* Maximum number of refusals. The timer checks all of them in less than 3 s. */
#define HASW_REFUSAL_MAX 4096

/* Maximum number of stored refusals that peers have reported. The rest of
 * HASW_REFUSAL_MAX is reserved for this node's own refusals.
 */
#define HASW_REFUSAL_SAID_MAX (HASW_REFUSAL_MAX / 4 * 3)

/* A refusal of this node ends when a socket has listened for this time without
 * a break, ns. Without this wait, clients would be sent to a server that starts
 * and fails repeatedly.
 */
#define HASW_REFUSAL_STEADY_NS NSEC_PER_SEC
/* Number of times that the peers are notified of the end of a refusal, since
 * some notices may be lost.
 */
#define HASW_REFUSAL_NOTICES 3

/* A refusal of this node also ends when no client was refused for this time,
 * ns. Clients are then sent to the member again, as a trial. The server may be
 * reachable although this node has no listening socket, for example behind NAT.
 */
#define HASW_REFUSAL_RETRY_NS (60 * NSEC_PER_SEC)

/* Once a member is known to refuse, its refused clients take the state lock at
 * most once in this time, jiffies. Clients can send any number of packets to a
 * port on which no socket listens.
 */
#define HASW_REFUSAL_PACE HZ

/* Maximum number of ports of a service that are checked for a listening socket:
 * the service's own port, and the further ones that are named alone.
 */
#define HASW_REFUSAL_PORTS (1 + HASWITCH_ALSO_MAX)

/* Maximum number of devices that are checked for a listening socket that is
 * bound to the device.
 */
#define HASW_REFUSAL_DEVICES 16

/**
 * struct hasw_refusal - a member on whose node no socket listens on the port
 * @list: entry in hasw_net.refusal.list, in the order of the checks
 * @known: entry in hasw_net.refusal.known
 * @addr: address of the service's vip, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 * @proto: protocol of the service
 * @port: port of the service, host byte order
 * @asked: ports on which sockets have to listen, so that the refusal ends, host
 *	byte order, see hasw_refusal_asks(); used only if @node is empty
 * @n_asked: number of ports in @asked
 * @node: name of the member's node; empty: the member is on this node
 * @number: number of the service
 * @ifindex: egress device towards the refused client; 0: none; used only if
 *	@node is empty
 * @notices: how often the peers must still be notified that the refusal has
 *	ended; 0: the refusal has not ended; used only if @node is empty
 * @listens: time at which a socket began to listen again, ns; 0: no socket
 *	listens; used only if @node is empty
 * @copied: hasw_net.refusal.copies when the refusal was copied last to a next
 *	configuration
 * @unlocal: when the refusal was found, the vip was no address of this machine;
 *	used only if @node is empty
 * @retry: time at which the refusal ends even if no socket listens, so that
 *	clients are sent to the member again, ns; used only if @node is empty
 * @due: if @node is empty: when the refusal is reported to the peers again, ns;
 *	otherwise: when the refusal ends unless the peer repeats it, ns
 *
 * The service is identified by address, protocol and port, and its member by
 * the node's name. Pointers would become invalid when the configuration is
 * replaced, but the refusal stays true. All members of this struct are under
 * hasw_net.state_lock.
 */
struct hasw_refusal {
	struct list_head list;
	struct hlist_node known;
	struct in6_addr addr;
	u16 family;
	u8 proto;
	u16 port;
	u16 asked[HASW_REFUSAL_PORTS];
	u32 n_asked;
	char node[HASWITCH_NAME_MAX + 1];
	u64 number;
	int ifindex;
	u8 notices;
	bool unlocal;
	u32 copied;
	u64 listens;
	u64 retry;
	u64 due;
};

/* Returns whether a member is on the node with the name @node, or on this node
 * if @node is NULL.
 */
static bool hasw_refusal_is_on(const struct hasw_member *m, const char *node)
{
	return node ? !strcmp(m->node->name, node) : m->node->self;
}

/* Finds the first member of a service that is on the node with the name @node,
 * or on this node if @node is NULL. RCU read side.
 */
static struct hasw_member *hasw_refusal_member(const struct hasw_service *s,
					       const char *node)
{
	const struct hasw_members *all = rcu_dereference(s->members);
	u32 i;

	for (i = 0; i < all->n; i++)
		if (hasw_refusal_is_on(all->m[i], node))
			return all->m[i];
	return NULL;
}

/* Finds the service that has a port as its own or as a further one. RCU read
 * side.
 */
static struct hasw_service *hasw_refusal_service(const struct hasw_vip *vip,
						 u8 proto, u16 port)
{
	const struct hasw_services *all = rcu_dereference(vip->services);

	return all ? hasw_service_named(all, proto, port) : NULL;
}

/* Stores in the members that replace those of a service, in the configuration
 * that a restore is about to publish, whether they refuse. There, another
 * service may have the port as a further one. RCU read side, state_lock held.
 */
static void hasw_refusal_copy(struct hasw_net *hn, const struct hasw_vip *vip,
			      u8 proto, u16 port, const char *node,
			      bool refuses)
{
	const struct hasw_service *s;
	const struct hasw_members *all;
	u32 i;

	lockdep_assert_held(&hn->state_lock);
	s = vip ? hasw_refusal_service(vip, proto, port) : NULL;
	all = s && s->port == port ? rcu_dereference(s->members) : NULL;
	for (i = 0; all && i < all->n; i++)
		if (hasw_refusal_is_on(all->m[i], node))
			hasw_member_inherit_refused(all->m[i], refuses);
}

/* Stores in all members of a service that are on a node whether they refuse. A
 * node delivers the packets to all its members at the vip and the service's
 * port, so they refuse together. Returns false if an allocation fails. Softirqs
 * off, RCU read side, state_lock held.
 */
static bool hasw_refusal_set(struct hasw_net *hn, const struct hasw_service *s,
			     const char *node, bool refuses, u64 now)
{
	const struct hasw_members *all = rcu_dereference(s->members);
	const struct hasw_config *next = hn->refusal.next;
	bool done = true;
	u32 i;

	lockdep_assert_held(&hn->state_lock);
	if (next)
		hasw_refusal_copy(hn, hasw_vip_find(next, &s->vip->addr,
						    s->vip->family),
				  s->proto, s->port, node, refuses);
	for (i = 0; i < all->n; i++)
		if (hasw_refusal_is_on(all->m[i], node))
			done &= hasw_member_set_refused(hn, s, all->m[i],
							refuses, now);
	return done;
}

/* Returns on which port of a service a socket has to listen when a client was
 * refused at @port. A further port that is named alone counts like the
 * service's own port. In a range, servers often open few of the ports, and only
 * for a time, so the service's own port stands for all of them. RCU read side.
 */
static u16 hasw_refusal_asks(const struct hasw_service *s, u16 port)
{
	const struct hasw_services *all = rcu_dereference(s->vip->services);
	const struct hasw_further *range;

	if (port == s->port || !all || !(all->count & HASW_SERVICES_FURTHER))
		return s->port;
	range = hasw_further_at(all, hasw_service_key(s->proto, port));
	return range && range->from == range->to ? port : s->port;
}

/* Adds a port to those on which a socket has to listen. */
static void hasw_refusal_ask(struct hasw_refusal *r, u16 port)
{
	u32 i;

	for (i = 0; i < r->n_asked; i++)
		if (r->asked[i] == port)
			return;
	if (r->n_asked < HASW_REFUSAL_PORTS)
		r->asked[r->n_asked++] = port;
}

/* Removes ports that a service has lost from those on which a socket has to
 * listen. Returns whether any is left. RCU read side, state_lock held.
 */
static bool hasw_refusal_still_asks(const struct hasw_service *s,
				    struct hasw_refusal *r)
{
	u32 i, n = 0;

	for (i = 0; i < r->n_asked; i++)
		if (hasw_refusal_asks(s, r->asked[i]) == r->asked[i])
			r->asked[n++] = r->asked[i];
	r->n_asked = n;
	return n;
}

/* Finds the service of a refusal, by its own port. RCU read side. */
static struct hasw_service *hasw_refusal_of(const struct hasw_config *cfg,
					    const struct hasw_refusal *r)
{
	const struct hasw_vip *vip = hasw_vip_find(cfg, &r->addr, r->family);
	struct hasw_service *s;

	s = vip ? hasw_refusal_service(vip, r->proto, r->port) : NULL;
	return s && s->port == r->port ? s : NULL;
}

/* Returns whether a socket that is bound to the device @ifindex, or to no
 * device, listens on a port. RCU read side.
 */
static bool hasw_refusal_heard_by(struct hasw_net *hn,
				  const struct hasw_refusal *r, u16 port,
				  int ifindex)
{
	bool tcp = r->proto == IPPROTO_TCP;

	return r->family == AF_INET6 ?
		hasw_sock_listens6(hn->net, tcp, &r->addr, port, ifindex) :
		hasw_sock_listens4(hn->net, tcp, r->addr.s6_addr32[3], port,
				   ifindex);
}

/* Returns whether the stack delivers packets to the refusal's vip on this
 * machine, by an address or by a local route. RCU read side, softirqs off.
 */
static bool hasw_refusal_local(struct hasw_net *hn,
			       const struct hasw_refusal *r)
{
	if (r->family == AF_INET)
		return inet_addr_type(hn->net, r->addr.s6_addr32[3]) ==
		       RTN_LOCAL;
	return hasw_route_is_local6(hn->net, &r->addr);
}

/* Returns whether a socket of this machine listens on a port. Sockets that are
 * bound to a device other than r->ifindex count too, because other clients may
 * arrive by that device. Softirqs off, RCU read side.
 */
static bool hasw_refusal_heard_at(struct hasw_net *hn,
				  const struct hasw_refusal *r, u16 port)
{
	const struct net_device *dev;
	u32 n = 0;

	if (hasw_refusal_heard_by(hn, r, port, r->ifindex))
		return true;
	for_each_netdev_rcu(hn->net, dev) {
		if (n++ == HASW_REFUSAL_DEVICES)
			break;
		if (dev->ifindex != r->ifindex && dev->flags & IFF_UP &&
		    hasw_refusal_heard_by(hn, r, port, dev->ifindex))
			return true;
	}
	return false;
}

/* Returns whether sockets of this machine listen on all of r->asked. Softirqs
 * off, RCU read side.
 */
static bool hasw_refusal_heard(struct hasw_net *hn,
			       const struct hasw_refusal *r)
{
	u32 i;

	/* A socket that is bound to no address would listen, but gets no packet
	 * to the vip.
	 */
	if (r->unlocal && !hasw_refusal_local(hn, r))
		return false;
	for (i = 0; i < r->n_asked; i++)
		if (!hasw_refusal_heard_at(hn, r, r->asked[i]))
			return false;
	return true;
}

static struct hlist_head *hasw_refusal_bucket(struct hasw_net *hn, u64 number)
{
	return &hn->refusal.known[hash_64(number, ilog2(HASW_REFUSAL_BUCKETS))];
}

/* Frees a refusal, which is no longer known then, so no member of the next
 * configuration may keep it. RCU read side and state_lock held, unless the
 * namespace is being destroyed.
 */
static void hasw_refusal_free(struct hasw_net *hn, struct hasw_refusal *r)
{
	const struct hasw_config *next = hn->refusal.next;

	if (next)
		hasw_refusal_copy(hn, hasw_vip_find(next, &r->addr, r->family),
				  r->proto, r->port,
				  r->node[0] ? r->node : NULL, false);
	list_del(&r->list);
	hlist_del(&r->known);
	hn->refusal.n--;
	kfree(r);
}

/* Stores a refusal, and marks its members as refusing. Returns the refusal; or
 * NULL, with none stored, if there are too many of them or if an allocation
 * fails. Softirqs off, RCU read side, state_lock held.
 */
static struct hasw_refusal *
hasw_refusal_keep(struct hasw_net *hn, struct hasw_service *s,
		  const struct hasw_refusal *found, u64 now)
{
	const char *node = found->node[0] ? found->node : NULL;
	struct hasw_refusal *r;

	lockdep_assert_held(&hn->state_lock);
	if (hn->refusal.n >= (node ? HASW_REFUSAL_SAID_MAX : HASW_REFUSAL_MAX))
		return NULL;
	r = kmemdup(found, sizeof(*r), GFP_ATOMIC | __GFP_NOWARN);
	if (!r)
		return NULL;
	if (!hasw_refusal_set(hn, s, node, true, now)) {
		hasw_refusal_set(hn, s, node, false, now);
		kfree(r);
		return NULL;
	}
	r->copied = hn->refusal.copies;
	list_add_tail(&r->list, &hn->refusal.list);
	hlist_add_head(&r->known, hasw_refusal_bucket(hn, r->number));
	hn->refusal.n++;
	if (!timer_pending(&hn->refusal.timer) && !READ_ONCE(hn->closing))
		mod_timer(&hn->refusal.timer, jiffies + HASW_REFUSAL_TICK);
	return r;
}

/* Reports a refusal of this node to the peers. If the notice cannot be queued,
 * the refusal stays due, and the next check of it reports it. RCU read side,
 * state_lock held.
 */
static void hasw_refusal_report(struct hasw_net *hn, struct hasw_refusal *r,
				u64 now)
{
	lockdep_assert_held(&hn->state_lock);
	if (hasw_pulse_notify_once(hn, HASWITCH_PULSE_KIND_REFUSED, r->number))
		r->due = now + HASW_REFUSAL_REPEAT_NS;
}

static struct hasw_refusal *hasw_refusal_known(struct hasw_net *hn, u64 number,
					       const char *node)
{
	struct hasw_refusal *r;

	lockdep_assert_held(&hn->state_lock);
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
 * hasw_refusal_found() - handles a TCP reset or an ICMP error by which this
 *	machine refuses a client, or a client's packet that is dropped because
 *	the vip is no address of this machine
 * @hn: namespace
 * @vip: the vip that refuses
 * @proto: TCP or UDP
 * @port: refused port, host byte order
 * @out: egress device, or NULL
 * @unlocal: the vip is no address of this machine
 *
 * A refusal is stored if a service of the vip has this port, as its own or as a
 * further one, this node is a member of the service, and no socket listens. A
 * refusal that is known gets the port, too, at most one a second: it ends when
 * sockets listen on all ports that it has. The sockets are checked because a
 * packet filter can reject a connection although a socket listens.
 *
 * Context: softirqs off, RCU read side.
 */
void hasw_refusal_found(struct hasw_net *hn, const struct hasw_vip *vip,
			u8 proto, u16 port, const struct net_device *out,
			bool unlocal)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct hasw_refusal found = {}, *r;
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
	hasw_refusal_ask(&found, hasw_refusal_asks(s, port));
	found.unlocal = unlocal;
	/* No remote client arrives by the loopback device, so the ifindex stays
	 * 0.
	 */
	if (out && !(out->flags & IFF_LOOPBACK))
		found.ifindex = out->ifindex;
	if (READ_ONCE(m->refused)) {
		if (!hasw_pace(&s->refused_at, HASW_REFUSAL_PACE))
			return;
	} else {
		if (hasw_refusal_heard(hn, &found))
			return;
		looked = true;
	}
	found.due = now;
	found.retry = now + HASW_REFUSAL_RETRY_NS;
	spin_lock(&hn->state_lock);
	r = hasw_refusal_known(hn, s->number, "");
	if (r && r->notices) {
		hasw_refusal_free(hn, r);
		r = NULL;
	}
	/* If the configuration was replaced meanwhile, m belongs to the old
	 * configuration, so no refusal is stored.
	 */
	if (r) {
		r->retry = found.retry;
		hasw_refusal_ask(r, found.asked[0]);
	} else if (looked && cfg == rcu_dereference(hn->config)) {
		r = hasw_refusal_keep(hn, s, &found, now);
		if (r)
			hasw_refusal_report(hn, r, now);
	}
	spin_unlock(&hn->state_lock);
}

/**
 * hasw_refusal_notice() - handles a peer's notice that no socket of the peer
 *	listens on a service's port, or that a socket listens again
 * @hn: namespace
 * @node: the peer
 * @kind: HASWITCH_PULSE_KIND_REFUSED or HASWITCH_PULSE_KIND_LISTENS
 * @value: number of the service
 * @now: now, ns
 *
 * Context: softirqs off, RCU read side, hasw_net.state_lock held.
 */
void hasw_refusal_notice(struct hasw_net *hn, const struct hasw_node *node,
			 u8 kind, u64 value, u64 now)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct hasw_refusal *r = hasw_refusal_known(hn, value, node->name);
	struct hasw_refusal found = {};
	struct hasw_service *s;

	lockdep_assert_held(&hn->state_lock);
	if (r && kind == HASWITCH_PULSE_KIND_REFUSED) {
		r->due = now + HASW_REFUSAL_BELIEVED_NS;
		return;
	}
	s = cfg ? hasw_service_numbered(cfg, value) : NULL;
	if (kind == HASWITCH_PULSE_KIND_LISTENS) {
		if (r)
			hasw_refusal_free(hn, r);
		if (s)
			hasw_refusal_set(hn, s, node->name, false, now);
		return;
	}
	if (!s || !hasw_refusal_member(s, node->name))
		return;
	hasw_refusal_name(&found, s);
	strscpy(found.node, node->name, sizeof(found.node));
	found.due = now + HASW_REFUSAL_BELIEVED_NS;
	hasw_refusal_keep(hn, s, &found, now);
}

/* Checks a refusal of a member of @s on this node, and queues its due notice.
 * Returns whether the member still refuses. RCU read side, state_lock held.
 */
static bool hasw_refusal_look_at(struct hasw_net *hn,
				 const struct hasw_service *s,
				 struct hasw_refusal *r, u64 now)
{
	lockdep_assert_held(&hn->state_lock);
	if (!hasw_refusal_heard(hn, r))
		r->listens = 0;
	else if (!r->listens)
		r->listens = now;
	/* A service that has lost the further ports is not refused. */
	if (!r->notices &&
	    (now >= r->retry || !hasw_refusal_still_asks(s, r) ||
	     (r->listens && now - r->listens >= HASW_REFUSAL_STEADY_NS)))
		r->notices = HASW_REFUSAL_NOTICES;
	if (r->notices) {
		if (hasw_pulse_notify_once(hn, HASWITCH_PULSE_KIND_LISTENS,
					   r->number))
			r->notices--;
		return false;
	}
	if (now >= r->due)
		hasw_refusal_report(hn, r, now);
	return true;
}

/* Checks a refusal, and stores in its members whether they still refuse. The
 * members are looked up in the live configuration, because the refusal may be
 * older than this configuration. Returns whether the refusal can be freed. RCU
 * read side, state_lock held.
 */
static bool hasw_refusal_done(struct hasw_net *hn,
			      const struct hasw_config *cfg,
			      struct hasw_refusal *r, u64 now)
{
	struct hasw_service *s = hasw_refusal_of(cfg, r);
	const char *node = r->node[0] ? r->node : NULL;
	bool refuses;

	lockdep_assert_held(&hn->state_lock);
	if (!s || !hasw_refusal_member(s, node))
		return true;
	refuses = r->node[0] ? now < r->due :
			       hasw_refusal_look_at(hn, s, r, now);
	hasw_refusal_set(hn, s, node, refuses, now);
	r->copied = hn->refusal.copies;
	return !refuses && !r->notices;
}

static void hasw_refusal_tick(struct timer_list *timer)
{
	struct hasw_net *hn =
		container_of(timer, struct hasw_net, refusal.timer);
	const struct hasw_config *cfg;
	u64 now = hasw_switch_now();
	struct hasw_refusal *r;
	u32 n, i;

	rcu_read_lock();
	/* The heartbeat sessions still exist: hasw_refusal_stop() waits for
	 * this function before the sessions are freed.
	 */
	spin_lock(&hn->state_lock);
	cfg = rcu_dereference(hn->config);
	n = cfg ? min_t(u32, hn->refusal.n, HASW_REFUSAL_LOOKS) : 0;
	for (i = 0; i < n; i++) {
		r = list_first_entry(&hn->refusal.list, struct hasw_refusal,
				     list);
		if (hasw_refusal_done(hn, cfg, r, now))
			hasw_refusal_free(hn, r);
		else
			list_move_tail(&r->list, &hn->refusal.list);
	}
	if (!list_empty(&hn->refusal.list) && !READ_ONCE(hn->closing))
		mod_timer(timer, jiffies + HASW_REFUSAL_TICK);
	spin_unlock(&hn->state_lock);
	rcu_read_unlock();
}

/* Copies some of the refusals that were not copied yet to the members of the
 * next configuration. Each one moves to the end of the list, as after a check,
 * so those that are left stand at the beginning. Returns whether some may be
 * left. state_lock held.
 */
static noinline bool hasw_refusal_copy_some(struct hasw_net *hn)
{
	struct hasw_refusal *r;
	u32 n;

	lockdep_assert_held(&hn->state_lock);
	rcu_read_lock();
	for (n = 0; n < HASW_REFUSAL_LOOKS; n++) {
		r = list_first_entry_or_null(&hn->refusal.list,
					     struct hasw_refusal, list);
		if (!r || r->copied == hn->refusal.copies)
			break;
		r->copied = hn->refusal.copies;
		list_move_tail(&r->list, &hn->refusal.list);
		if (!r->notices)
			hasw_refusal_copy(hn,
					  hasw_vip_find(hn->refusal.next,
							&r->addr, r->family),
					  r->proto, r->port,
					  r->node[0] ? r->node : NULL, true);
	}
	rcu_read_unlock();
	return n == HASW_REFUSAL_LOOKS;
}

/**
 * hasw_refusal_inherit() - marks members of the next configuration as refusing,
 *	if a refusal is stored for them
 * @hn: namespace
 * @cfg: the next configuration, which no packet reads yet
 *
 * There can be thousands of refusals, so state_lock is released repeatedly.
 * What changes from now on is copied to @cfg at once, until the caller calls
 * hasw_refusal_inherited().
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_refusal_inherit(struct hasw_net *hn, const struct hasw_config *cfg)
{
	bool more = true;

	lockdep_assert_held(&hn->mutex);
	spin_lock_bh(&hn->state_lock);
	hn->refusal.next = cfg;
	hn->refusal.copies++;
	spin_unlock_bh(&hn->state_lock);
	while (more) {
		spin_lock_bh(&hn->state_lock);
		more = hasw_refusal_copy_some(hn);
		spin_unlock_bh(&hn->state_lock);
		cond_resched();
	}
}

/**
 * hasw_refusal_inherited() - stops to copy refusals to the next configuration
 * @hn: namespace
 *
 * Context: hasw_net.state_lock held; the caller publishes the configuration
 * before it releases the lock.
 */
void hasw_refusal_inherited(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->state_lock);
	hn->refusal.next = NULL;
}

/**
 * hasw_refusal_init() - prepares a namespace for refusals
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
 * hasw_refusal_stop() - shuts down the timer, which reads the heartbeat
 *	sessions
 * @hn: namespace, whose hasw_net.closing is true
 *
 * Context: process.
 */
void hasw_refusal_stop(struct hasw_net *hn)
{
	timer_shutdown_sync(&hn->refusal.timer);
}

/**
 * hasw_refusal_exit() - frees all refusals
 * @hn: namespace after hasw_refusal_stop(), in which no packet and no heartbeat
 *	is handled any more
 *
 * Context: process.
 */
void hasw_refusal_exit(struct hasw_net *hn)
{
	struct hasw_refusal *r, *next;

	list_for_each_entry_safe(r, next, &hn->refusal.list, list)
		hasw_refusal_free(hn, r);
}
