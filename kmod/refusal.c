// SPDX-License-Identifier: GPL-2.0
/* A member that refuses: what leaves it says so, its peers are told, and it ends when somebody listens. */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "compat/compat_sock.h"
#include "refusal.h"

/* Whether somebody listens again is looked at so often. */
#define HASW_REFUSAL_TICK (HZ / 100 ?: 1)

/* It is said again after so long, and believed for so long: four may be lost. */
#define HASW_REFUSAL_REPEAT_NS (200 * NSEC_PER_MSEC)
#define HASW_REFUSAL_BELIEVED_NS NSEC_PER_SEC

/* More than these are not kept, and not said more than these at a time. */
#define HASW_REFUSAL_MAX 4096
#define HASW_REFUSAL_SAYS 16

/**
 * struct hasw_refusal - a member where nobody listens
 * @list: in hasw_net.refusals
 * @addr: of the service's vip, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 * @proto: of the service
 * @port: of the service, host byte order
 * @node: the member; empty is this node
 * @number: of the service
 * @ifindex: by which its clients come (this node)
 * @due: when it is said again (this node), or no longer believed, ns
 *
 * Named, not pointed at: what is found goes on to be true if the configuration
 * is replaced. Under hasw_net.state_lock.
 */
struct hasw_refusal {
	struct list_head list;
	struct in6_addr addr;
	u16 family;
	u8 proto;
	u16 port;
	char node[HASWITCH_NAME_MAX + 1];
	u64 number;
	int ifindex;
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
	} e[HASW_REFUSAL_SAYS];
};

static void hasw_refusal_say(struct hasw_net *hn,
			     const struct hasw_refusal_says *says)
{
	u32 i;

	for (i = 0; i < says->n; i++)
		hasw_pulse_say(hn, says->e[i].kind, says->e[i].number);
}

/* False if there is no room; then it is not said now. */
static bool hasw_refusal_note(struct hasw_refusal_says *says, u8 kind,
			      u64 number)
{
	if (says->n == HASW_REFUSAL_SAYS)
		return false;
	says->e[says->n].kind = kind;
	says->e[says->n++].number = number;
	return true;
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

/* Whether somebody listens here for a service. Softirqs off, RCU. */
static bool hasw_refusal_over(struct hasw_net *hn, const struct hasw_refusal *r)
{
	bool tcp = r->proto == IPPROTO_TCP;

	return r->family == AF_INET6 ?
		hasw_sock_listens6(hn->net, tcp, &r->addr, r->port,
				   r->ifindex) :
		hasw_sock_listens4(hn->net, tcp, r->addr.s6_addr32[3], r->port,
				   r->ifindex);
}

static void hasw_refusal_free(struct hasw_net *hn, struct hasw_refusal *r)
{
	list_del(&r->list);
	hn->n_refusals--;
	kfree(r);
}

/* Keeps what is known of one; softirqs off, RCU, state_lock held. */
static void hasw_refusal_keep(struct hasw_net *hn, struct hasw_service *s,
			      struct hasw_member *m, struct hasw_refusal *r,
			      u64 now)
{
	if (!hasw_member_set_refused(hn, s, m, true, now)) {
		kfree(r);
		return;
	}
	list_add_tail(&r->list, &hn->refusals);
	hn->n_refusals++;
	if (!timer_pending(&hn->refusal_timer) && !READ_ONCE(hn->closing))
		mod_timer(&hn->refusal_timer, jiffies + HASW_REFUSAL_TICK);
}

static struct hasw_refusal *hasw_refusal_known(struct hasw_net *hn, u64 number,
					       const char *node)
{
	struct hasw_refusal *r;

	list_for_each_entry(r, &hn->refusals, list)
		if (r->number == number && !strcmp(r->node, node))
			return r;
	return NULL;
}

static struct hasw_refusal *hasw_refusal_new(struct hasw_net *hn,
					     const struct hasw_service *s)
{
	struct hasw_refusal *r;

	if (READ_ONCE(hn->n_refusals) >= HASW_REFUSAL_MAX)
		return NULL;
	r = kzalloc(sizeof(*r), GFP_ATOMIC);
	if (!r)
		return NULL;
	r->addr = s->vip->addr;
	r->family = s->vip->family;
	r->proto = s->proto;
	r->port = s->port;
	r->number = s->number;
	return r;
}

/* The port of a datagram that came to nobody, as it is quoted. */
static bool hasw_refusal_quoted(const struct sk_buff *skb, u32 offset, u8 proto,
				u16 *port)
{
	struct udphdr _udp, *udp;

	udp = skb_header_pointer(skb, offset, sizeof(_udp), &_udp);
	if (!udp || proto != IPPROTO_UDP)
		return false;
	*port = ntohs(udp->dest);
	return true;
}

static bool hasw_refusal_icmp4(const struct sk_buff *skb, u32 offset, u16 *port)
{
	struct icmphdr _icmp, *icmp;
	struct iphdr _ip, *ip;

	icmp = skb_header_pointer(skb, offset, sizeof(_icmp), &_icmp);
	if (!icmp || icmp->type != ICMP_DEST_UNREACH ||
	    icmp->code != ICMP_PORT_UNREACH)
		return false;
	offset += sizeof(*icmp);
	ip = skb_header_pointer(skb, offset, sizeof(_ip), &_ip);
	return ip && hasw_refusal_quoted(skb, offset + ip->ihl * 4,
					 ip->protocol, port);
}

static bool hasw_refusal_icmp6(const struct sk_buff *skb, u32 offset, u16 *port)
{
	struct icmp6hdr _icmp, *icmp;
	struct ipv6hdr _ip, *ip;

	icmp = skb_header_pointer(skb, offset, sizeof(_icmp), &_icmp);
	if (!icmp || icmp->icmp6_type != ICMPV6_DEST_UNREACH ||
	    icmp->icmp6_code != ICMPV6_PORT_UNREACH)
		return false;
	offset += sizeof(*icmp);
	ip = skb_header_pointer(skb, offset, sizeof(_ip), &_ip);
	return ip && hasw_refusal_quoted(skb, offset + sizeof(*ip), ip->nexthdr,
					 port);
}

/* RFC 9293, 3.5.2: what resets a SYN has the number 0 and acknowledges it; a
 * connection that there was is reset in other forms.
 */
static bool hasw_refusal_tcp(const struct sk_buff *skb, u32 offset, u16 *port)
{
	struct tcphdr _tcp, *tcp;

	tcp = skb_header_pointer(skb, offset, sizeof(_tcp), &_tcp);
	if (!tcp || !tcp->rst || !tcp->ack || tcp->seq)
		return false;
	*port = ntohs(tcp->source);
	return true;
}

/**
 * hasw_refusal_read() - whether a packet may say that nobody listens
 * @skb: the packet, IPv4 or IPv6, as it leaves this machine
 * @proto: set to the protocol of the port
 * @port: set to the port, host byte order
 *
 * Context: any.
 */
bool hasw_refusal_read(const struct sk_buff *skb, u8 *proto, u16 *port)
{
	bool ipv6 = skb->protocol == htons(ETH_P_IPV6);
	u8 next = ipv6 ? ipv6_hdr(skb)->nexthdr : ip_hdr(skb)->protocol;
	u32 offset = skb_network_offset(skb) +
		     (ipv6 ? sizeof(struct ipv6hdr) : ip_hdrlen(skb));

	switch (next) {
	case IPPROTO_TCP:
		*proto = IPPROTO_TCP;
		return hasw_refusal_tcp(skb, offset, port);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		*proto = IPPROTO_UDP;
		return ipv6 ? hasw_refusal_icmp6(skb, offset, port) :
			      hasw_refusal_icmp4(skb, offset, port);
	}
	return false;
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
	struct hasw_refusal_says says = {};
	struct hasw_refusal *r;
	struct hasw_service *s;
	struct hasw_member *m;
	u64 now;

	s = port ? hasw_refusal_service(vip, proto, port) : NULL;
	m = s ? hasw_refusal_member(s, NULL) : NULL;
	if (!m || READ_ONCE(m->refused))
		return;
	now = hasw_switch_now();
	r = hasw_refusal_new(hn, s);
	if (!r)
		return;
	r->ifindex = out ? out->ifindex : 0;
	r->due = now + HASW_REFUSAL_REPEAT_NS;
	if (hasw_refusal_over(hn, r)) {
		kfree(r);
		return;
	}
	spin_lock(&hn->state_lock);
	/* Known, of a configuration that was replaced? The timer sees to it. */
	if (hasw_refusal_known(hn, s->number, "")) {
		kfree(r);
	} else {
		hasw_refusal_note(&says, HASWITCH_PULSE_KIND_REFUSED, s->number);
		hasw_refusal_keep(hn, s, m, r, now);
	}
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
	struct hasw_service *s = cfg ? hasw_service_numbered(cfg, value) : NULL;
	struct hasw_member *m = s ? hasw_refusal_member(s, node->name) : NULL;

	if (kind == HASWITCH_PULSE_KIND_LISTENS) {
		if (r)
			hasw_refusal_free(hn, r);
		if (m)
			hasw_member_set_refused(hn, s, m, false, now);
		return;
	}
	if (r) {
		r->due = now + HASW_REFUSAL_BELIEVED_NS;
		return;
	}
	r = m ? hasw_refusal_new(hn, s) : NULL;
	if (!r)
		return;
	strscpy(r->node, node->name, sizeof(r->node));
	r->due = now + HASW_REFUSAL_BELIEVED_NS;
	hasw_refusal_keep(hn, s, m, r, now);
}

/* Whether it is over; what has to be said is noted. RCU, state_lock held. */
static bool hasw_refusal_ends(struct hasw_net *hn, struct hasw_refusal *r,
			      struct hasw_refusal_says *says, u64 now)
{
	if (r->node[0])
		return now >= r->due;
	if (hasw_refusal_over(hn, r))
		return hasw_refusal_note(says, HASWITCH_PULSE_KIND_LISTENS,
					 r->number);
	if (now >= r->due &&
	    hasw_refusal_note(says, HASWITCH_PULSE_KIND_REFUSED, r->number))
		r->due = now + HASW_REFUSAL_REPEAT_NS;
	return false;
}

static void hasw_refusal_tick(struct timer_list *timer)
{
	struct hasw_net *hn = container_of(timer, struct hasw_net,
					   refusal_timer);
	struct hasw_refusal_says says = {};
	const struct hasw_config *cfg;
	struct hasw_refusal *r, *next;
	u64 now = hasw_switch_now();
	struct hasw_service *s;
	struct hasw_member *m;
	bool ends;

	rcu_read_lock();
	spin_lock(&hn->state_lock);
	cfg = rcu_dereference(hn->config);
	list_for_each_entry_safe(r, next, &hn->refusals, list) {
		s = cfg ? hasw_service_numbered(cfg, r->number) : NULL;
		m = s ? hasw_refusal_member(s, r->node[0] ? r->node : NULL) :
			NULL;
		ends = !m || hasw_refusal_ends(hn, r, &says, now);
		/* Again, since the configuration may be another one. */
		if (m)
			hasw_member_set_refused(hn, s, m, !ends, now);
		if (ends)
			hasw_refusal_free(hn, r);
	}
	if (!list_empty(&hn->refusals) && !READ_ONCE(hn->closing))
		mod_timer(timer, jiffies + HASW_REFUSAL_TICK);
	spin_unlock(&hn->state_lock);
	hasw_refusal_say(hn, &says);
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
	INIT_LIST_HEAD(&hn->refusals);
	timer_setup(&hn->refusal_timer, hasw_refusal_tick, 0);
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

	timer_shutdown_sync(&hn->refusal_timer);
	list_for_each_entry_safe(r, next, &hn->refusals, list)
		hasw_refusal_free(hn, r);
}
