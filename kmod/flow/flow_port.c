// SPDX-License-Identifier: GPL-2.0
/* Ports of this node: whether this node can use a port for packets to a member
 * that have this node's address as their source, and whether conntrack has
 * given a port of a vip to a connection.
 */
#include <linux/icmp.h>
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack_tuple.h>

#include "compat/compat_sock.h"
#include "flow_port.h"
#include "packet/key.h"

/* Smallest port that can replace the client's port. Lower ports are privileged.
 */
#define HASW_FLOW_PORT_MIN 1024

/* Whether a socket of this node would receive the member's replies to a port.
 */
static bool hasw_flow_port_has_socket(struct net *net,
				      const struct hasw_flow_key *key,
				      const __be32 *own, u16 port)
{
	bool tcp = key->proto == IPPROTO_TCP;

	if (!tcp && key->proto != IPPROTO_UDP)
		return false;
	if (key->kind & HASW_FLOW_IPV6)
		return hasw_sock_takes6(net, tcp, (void *)(key->addr + 4),
					key->ports[1], (void *)own, port);
	return hasw_sock_takes4(net, tcp, key->addr[1], key->ports[1], *own,
				port);
}

#if IS_ENABLED(CONFIG_NF_CONNTRACK)
/* The beginning of a packet, from which conntrack reads the packet's tuple. */
struct hasw_flow_port_packet {
	struct iphdr ip;
	union {
		__be16 ports[2];
		struct icmphdr icmp;
	};
};

/* Whether conntrack knows the connection of a packet from @from to @own. @ports
 * are the packet's ports; for an ICMP echo reply, the second is its identifier.
 * @other receives the tuple of the connection's other direction. struct
 * nf_ct_hook looks up the connection of a packet, so this function makes up
 * such a packet. This does not need the conntrack module, but asks it if it is
 * loaded. The hook supports IPv4 only, and looks into the default zone.
 */
static bool hasw_flow_port_connection(struct net *net, u8 proto, __be32 from,
				      __be32 own, const __be16 *ports,
				      struct nf_conntrack_tuple *other)
{
	const struct nf_ct_hook *hook = rcu_dereference(nf_ct_hook);
	struct hasw_flow_port_packet packet = {
		.ip = {
			.version = 4,
			.ihl = sizeof(packet.ip) / 4,
			.protocol = proto,
			.tot_len = htons(sizeof(packet)),
			.saddr = from,
			.daddr = own,
		},
	};
	struct sk_buff skb = {
		.head = (void *)&packet,
		.data = (void *)&packet,
		.len = sizeof(packet),
		.dev = net->loopback_dev,
	};

	if (!hook)
		return false;
	if (hasw_key_has_ports(proto)) {
		packet.ports[0] = ports[0];
		packet.ports[1] = ports[1];
	} else {
		packet.icmp.type = ICMP_ECHOREPLY;
		packet.icmp.un.echo.id = ports[1];
	}
	return hook->get_tuple_skb(other, &skb);
}
#else
static bool hasw_flow_port_connection(struct net *net, u8 proto, __be32 from,
				      __be32 own, const __be16 *ports,
				      struct nf_conntrack_tuple *other)
{
	return false;
}
#endif

/* Whether conntrack has a connection that the member's replies to a port would
 * belong to, for example one that nft masquerades.
 */
static bool hasw_flow_port_has_conntrack(struct net *net,
					 const struct hasw_flow_key *key,
					 __be32 own, u16 port)
{
	const __be16 ports[2] = { key->ports[1], htons(port) };
	struct nf_conntrack_tuple other;

	return hasw_flow_port_connection(net, key->proto, key->addr[1], own,
					 ports, &other);
}

/**
 * hasw_flow_port_translated() - whether conntrack is going to replace the vip,
 *	which is a packet's destination
 * @net: namespace
 * @t: the flow of the packet, from the peer to the vip; for an ICMP error, the
 *	flow that the error is about
 *
 * This is so if nft has replaced the source of a connection by the vip, and the
 * packet is a reply: conntrack knows the address for which the vip stands.
 *
 * Context: RCU read side, softirqs off.
 * Return: false for IPv6, for which struct nf_ct_hook looks up nothing.
 */
bool hasw_flow_port_translated(struct net *net, const struct hasw_tuple *t)
{
	__be16 ports[2] = { t->ports[0], t->ports[1] };
	struct nf_conntrack_tuple other;

	if (!ipv6_addr_v4mapped(&t->vip))
		return false;
	if (!hasw_key_has_ports(t->proto))
		ports[1] = t->ports[0];
	return hasw_flow_port_connection(net, t->proto, t->client.s6_addr32[3],
					 t->vip.s6_addr32[3], ports, &other) &&
	       other.src.u3.ip != t->vip.s6_addr32[3];
}

/**
 * hasw_flow_port_free() - whether a port can be the source port of packets from
 *	this node to a member
 * @net: namespace
 * @key: the reply key, whose second port is the member's; for ICMP echoes no
 *	port is read from it
 * @own: this node's address, which replaces the client's
 * @port: the port, or the ICMP echo identifier
 *
 * A port is not free if it is privileged, or reserved by sysctl
 * ip_local_reserved_ports, or in the range from which the kernel assigns ports
 * to sockets. It is not free either if a socket of this node or a connection
 * that conntrack knows has it towards the member, because the replies could not
 * be told apart. Whether another flow has it, hasw_flow_reply_add() finds out.
 *
 * Context: RCU read side, softirqs off.
 */
bool hasw_flow_port_free(struct net *net, const struct hasw_flow_key *key,
			 const __be32 *own, u16 port)
{
	int low, high;

	if (hasw_key_has_ports(key->proto)) {
		inet_get_local_port_range(net, &low, &high);
		if (port < HASW_FLOW_PORT_MIN || (port >= low && port <= high) ||
		    inet_is_local_reserved_port(net, port) ||
		    hasw_flow_port_has_socket(net, key, own, port))
			return false;
	}
	return key->kind & HASW_FLOW_IPV6 ||
	       !hasw_flow_port_has_conntrack(net, key, *own, port);
}
