// SPDX-License-Identifier: GPL-2.0
/* The operation of `haadm explain`, which reports what the module would do with
 * a packet.
 */
#include <linux/etherdevice.h>

#include "path/explain.h"
#include "netlink.h"
#include "forward/tunnel.h"

static int hasw_nl_explain_vip_put(struct sk_buff *skb,
				   const struct hasw_explain *e)
{
	const struct hasw_lease *lease = rcu_dereference(e->vip->lease);
	u64 epoch = hasw_vip_epoch(e->vip);

	if (hasw_nl_addr_put(skb, HASWITCH_A_EXPLAIN_ADDR4,
			     HASWITCH_A_EXPLAIN_ADDR6, &e->vip->addr,
			     e->vip->family) ||
	    (e->held && nla_put_flag(skb, HASWITCH_A_EXPLAIN_HELD)) ||
	    nla_put_u8(skb, HASWITCH_A_EXPLAIN_ROLE,
		       READ_ONCE(e->vip->role)) ||
	    (lease && nla_put_string(skb, HASWITCH_A_EXPLAIN_LEASE,
				     lease->name)) ||
	    (epoch && nla_put_u64_64bit(skb, HASWITCH_A_EXPLAIN_EPOCH, epoch,
					HASWITCH_A_EXPLAIN_PAD)) ||
	    (e->hold.now &&
	     (nla_put_u64_64bit(skb, HASWITCH_A_EXPLAIN_NOW, e->hold.now,
				HASWITCH_A_EXPLAIN_PAD) ||
	      nla_put_u64_64bit(skb, HASWITCH_A_EXPLAIN_DEADLINE,
				e->hold.deadline, HASWITCH_A_EXPLAIN_PAD))) ||
	    (e->holder && nla_put_string(skb, HASWITCH_A_EXPLAIN_HOLDER,
					 e->holder->name)) ||
	    nla_put_u8(skb, HASWITCH_A_EXPLAIN_STRAY,
		       READ_ONCE(e->vip->stray)) ||
	    nla_put_u8(skb, HASWITCH_A_EXPLAIN_DOOR, e->door) ||
	    (e->door != HASWITCH_EXPLAIN_DOOR_FAST &&
	     nla_put_u8(skb, HASWITCH_A_EXPLAIN_SLOW, e->slow)))
		return -EMSGSIZE;
	return 0;
}

static int hasw_nl_explain_service_put(struct sk_buff *skb,
				       const struct hasw_explain *e)
{
	const struct hasw_node *self = hasw_config_live(e->p.hn)->self;
	const struct hasw_service *s = e->service;

	if (nla_put_u8(skb, HASWITCH_A_EXPLAIN_PROTO, e->key.proto) ||
	    nla_put_u16(skb, HASWITCH_A_EXPLAIN_PORT, e->key.port))
		return -EMSGSIZE;
	if (!s)
		return 0;
	if (nla_put_flag(skb, HASWITCH_A_EXPLAIN_SERVICE) ||
	    (s->proto && nla_put_u8(skb, HASWITCH_A_EXPLAIN_SERVICE_PROTO,
				    s->proto)) ||
	    (s->port && nla_put_u16(skb, HASWITCH_A_EXPLAIN_SERVICE_PORT,
				    s->port)) ||
	    nla_put_u8(skb, HASWITCH_A_EXPLAIN_SCHED, e->members->sched) ||
	    (s->zone_prefer && self && self->zone[0] &&
	     nla_put_string(skb, HASWITCH_A_EXPLAIN_ZONE, self->zone)))
		return -EMSGSIZE;
	if (e->members->how != HASW_HOW_FLOW)
		return 0;
	if (nla_put_u8(skb, HASWITCH_A_EXPLAIN_FLOW, e->flow.flow) ||
	    (e->flow.has_state && nla_put_u8(skb, HASWITCH_A_EXPLAIN_FLOW_STATE,
					     e->flow.state)))
		return -EMSGSIZE;
	return 0;
}

/* Puts the name of a node from which the scheduler may pick a member. If the
 * node has several members in the service, the member's port follows the name.
 */
static int hasw_nl_explain_candidate_put(struct sk_buff *skb,
					 const struct hasw_explain *e,
					 const struct hasw_member *m)
{
	char text[HASWITCH_NAME_MAX + sizeof(":65535")];

	if (hasw_members_on(e->service, m->node) == 1)
		return nla_put_string(skb, HASWITCH_A_EXPLAIN_CANDIDATE,
				      m->node->name);
	snprintf(text, sizeof(text), "%s:%u", m->node->name,
		 hasw_member_port(e->service, m));
	return nla_put_string(skb, HASWITCH_A_EXPLAIN_CANDIDATE, text);
}

static int hasw_nl_explain_node_put(struct sk_buff *skb,
				    const struct hasw_explain *e)
{
	u32 i;

	for (i = 0; i < e->n_candidates; i++)
		if (hasw_nl_explain_candidate_put(skb, e, e->candidate[i]))
			return -EMSGSIZE;
	if ((e->node && !e->n_candidates &&
	     nla_put_string(skb, HASWITCH_A_EXPLAIN_NODE, e->node->name)) ||
	    (e->empty && nla_put_flag(skb, HASWITCH_A_EXPLAIN_EMPTY)) ||
	    (e->rejected && nla_put_flag(skb, HASWITCH_A_EXPLAIN_REJECTED)) ||
	    (e->m && nla_put_u8(skb, HASWITCH_A_EXPLAIN_VIA, e->m->said)) ||
	    (e->m && e->m->via != e->m->said &&
	     nla_put_flag(skb, HASWITCH_A_EXPLAIN_LOCAL_HERE)) ||
	    (e->m && !e->n_candidates && hasw_member_own_port(e->m) &&
	     nla_put_u16(skb, HASWITCH_A_EXPLAIN_NAT_PORT,
			 hasw_member_own_port(e->m))))
		return -EMSGSIZE;
	return 0;
}

static int hasw_nl_explain_way_put(struct sk_buff *skb,
				   const struct hasw_explain *e)
{
	u16 family = ipv6_addr_v4mapped(&e->remote) ? AF_INET : AF_INET6;

	if (!e->has_hop && !e->has_remote)
		return 0;
	if (nla_put_u32(skb, HASWITCH_A_EXPLAIN_HOP_IFINDEX, e->ifindex) ||
	    (e->has_hop && nla_put(skb, HASWITCH_A_EXPLAIN_HOP_LLADDR, ETH_ALEN,
				   e->lladdr)) ||
	    (e->has_remote &&
	     hasw_nl_addr_put(skb, HASWITCH_A_EXPLAIN_REMOTE4,
			      HASWITCH_A_EXPLAIN_REMOTE6, &e->remote,
			      family)) ||
	    nla_put_u32(skb, HASWITCH_A_EXPLAIN_MTU, e->mtu))
		return -EMSGSIZE;
	return 0;
}

static int hasw_nl_explain_fill(struct sk_buff *skb, struct hasw_net *hn,
				const void *obj)
{
	const struct hasw_explain *e = obj;
	int err;

	if (nla_put_u8(skb, HASWITCH_A_EXPLAIN_WAY, e->way) ||
	    (e->way == HASWITCH_EXPLAIN_WAY_DROPPED &&
	     nla_put_u8(skb, HASWITCH_A_EXPLAIN_DROP, e->drop)) ||
	    (!e->p.local &&
	     nla_put_u32(skb, HASWITCH_A_EXPLAIN_IFINDEX, e->in)))
		return -EMSGSIZE;
	if (!e->vip)
		return 0;
	rcu_read_lock();
	err = hasw_nl_explain_vip_put(skb, e);
	rcu_read_unlock();
	if (err)
		return err;
	if (e->services)
		err = hasw_nl_explain_service_put(skb, e);
	return err ?: hasw_nl_explain_node_put(skb, e) ?:
		      hasw_nl_explain_way_put(skb, e);
}

static const struct hasw_nl_kind hasw_nl_explain_kind = {
	.cmd = HASWITCH_CMD_EXPLAIN,
	.fill = hasw_nl_explain_fill,
};

/* Returns the device by which the packet is assumed to arrive. For a packet to
 * a vip, this is the vip's first client-facing device that is up; NULL if there
 * is none. A packet to another address might be the reply of a member with `via
 * nat`. Such a packet is assumed to arrive by the device of the route to its
 * source, or else by the loopback device. Called under RCU, softirqs off.
 */
static struct net_device *hasw_nl_explain_dev_default(struct hasw_net *hn,
						      struct sk_buff *skb)
{
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	struct net_device *dev;
	const struct hasw_vip *vip;

	if (skb->protocol == htons(ETH_P_IP))
		vip = hasw_vip_find4(cfg, ip_hdr(skb)->daddr);
	else
		vip = hasw_vip_find6(cfg, &ipv6_hdr(skb)->daddr);
	for_each_netdev_rcu(hn->net, dev)
		if (vip && dev->flags & IFF_UP && hasw_vip_faces(vip, dev))
			return dev;
	if (vip)
		return NULL;
	dev = READ_ONCE(hn->natted) ?
	      hasw_tunnel_dev(hn->net, skb, skb->protocol == htons(ETH_P_IPV6)) :
	      NULL;
	return dev ?: hn->net->loopback_dev;
}

/* Returns the device by which the packet is assumed to arrive, from the message
 * or by default. Called under RCU.
 */
static struct net_device *hasw_nl_explain_dev(struct genl_info *info,
					      struct sk_buff *skb)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_EXPLAIN_IFINDEX];
	struct hasw_net *hn = hasw_nl_net(info);
	struct net_device *dev;

	if (info->attrs[HASWITCH_A_EXPLAIN_LOCAL]) {
		if (!attr)
			return hn->net->loopback_dev;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "what comes from a local process comes in by no device: give one of both");
		return ERR_PTR(-EINVAL);
	}
	if (attr) {
		dev = dev_get_by_index_rcu(hn->net, nla_get_u32(attr));
		if (dev)
			return dev;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "there is no such device");
		return ERR_PTR(-ENODEV);
	}
	dev = hasw_nl_explain_dev_default(hn, skb);
	if (dev)
		return dev;
	NL_SET_ERR_MSG(info->extack,
		       "no device faces the clients of that vip: say by which one the packet comes in");
	return ERR_PTR(-EINVAL);
}

/* Marks the packet as a stray, or as a packet that the holder has tunnelled to
 * this node, if the message gives this origin. A stray is a client's packet
 * that another node has forwarded to the holder.
 */
static int hasw_nl_explain_mark(struct genl_info *info, struct sk_buff *skb)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_EXPLAIN_CAME];
	struct hasw_net *hn = hasw_nl_net(info);
	const struct hasw_tunnel *tunnel;

	switch (attr ? nla_get_u8(attr) : HASWITCH_EXPLAIN_CAME_LINK) {
	case HASWITCH_EXPLAIN_CAME_STRAY:
		tunnel = rcu_dereference(hn->tunnel);
		if (!tunnel) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "no strays come here: there is no vip whose strays are forwarded");
			return -EINVAL;
		}
		skb_dst_set_noref(skb, &tunnel->mark->dst);
		break;
	case HASWITCH_EXPLAIN_CAME_TUNNEL:
		skb_dst_set_noref(skb, &hn->ipip_mark->dst);
		break;
	}
	return 0;
}

/* Builds an skb from the packet in the message. The skb looks like a received
 * packet, but has no device yet.
 */
static struct sk_buff *hasw_nl_explain_skb(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_EXPLAIN_PACKET];
	const struct nlattr *lladdr = info->attrs[HASWITCH_A_EXPLAIN_LLADDR];
	const struct iphdr *iph;
	struct sk_buff *skb;
	u8 version;

	if (!attr) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     HASWITCH_A_EXPLAIN_PACKET);
		NL_SET_ERR_MSG(info->extack, "there is no packet");
		return ERR_PTR(-EINVAL);
	}
	iph = nla_data(attr);
	version = iph->version;
	if (version != 4 &&
	    (version != 6 || nla_len(attr) < sizeof(struct ipv6hdr))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "this is no IP packet: it begins with an IPv4 header, or a complete IPv6 one");
		return ERR_PTR(-EINVAL);
	}
	/* Functions of the IPv6 stack crash if they are called without it. */
	if (version == 6 && !ipv6_mod_enabled()) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "IPv6 is disabled in this kernel, so no IPv6 packet arrives");
		return ERR_PTR(-EAFNOSUPPORT);
	}
	skb = alloc_skb(NET_SKB_PAD + ETH_HLEN + nla_len(attr), GFP_KERNEL);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	skb_reserve(skb, NET_SKB_PAD + ETH_HLEN);
	skb_put_data(skb, nla_data(attr), nla_len(attr));
	skb->protocol = htons(version == 4 ? ETH_P_IP : ETH_P_IPV6);
	skb_push(skb, ETH_HLEN);
	memset(skb->data, 0, ETH_HLEN);
	skb_reset_mac_header(skb);
	eth_hdr(skb)->h_proto = skb->protocol;
	if (lladdr)
		ether_addr_copy(eth_hdr(skb)->h_source, nla_data(lladdr));
	skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
	skb_reset_transport_header(skb);
	skb->pkt_type = PACKET_HOST;
	return skb;
}

/* Called under RCU, softirqs off. */
static int hasw_nl_explain_look(struct genl_info *info, struct hasw_explain *e)
{
	struct net_device *dev = hasw_nl_explain_dev(info, e->p.skb);
	int err = PTR_ERR_OR_ZERO(dev);

	if (err)
		return err;
	e->p.skb->dev = dev;
	e->in = dev->ifindex;
	err = hasw_nl_explain_mark(info, e->p.skb);
	if (err)
		return err;
	hasw_explain(e);
	skb_dst_drop(e->p.skb);
	return 0;
}

static int hasw_nl_explain(struct genl_info *info, struct hasw_explain *e)
{
	int err;

	e->p.hn = hasw_nl_net(info);
	e->p.local = info->attrs[HASWITCH_A_EXPLAIN_LOCAL];
	e->p.skb = hasw_nl_explain_skb(info);
	if (IS_ERR(e->p.skb))
		return PTR_ERR(e->p.skb);
	e->p.family = e->p.skb->protocol == htons(ETH_P_IP) ? HASW_HOP4 :
							      HASW_HOP6;
	rcu_read_lock();
	local_bh_disable();
	err = hasw_nl_explain_look(info, e);
	local_bh_enable();
	rcu_read_unlock();
	if (!err)
		err = hasw_nl_reply(info, &hasw_nl_explain_kind, e);
	kfree_skb(e->p.skb);
	return err;
}

int hasw_nl_explain_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_explain *e;
	int err = hasw_nl_only_live(info);

	if (err)
		return err;
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	err = hasw_nl_explain(info, e);
	kfree(e);
	return err;
}
