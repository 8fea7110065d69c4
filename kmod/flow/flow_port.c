// SPDX-License-Identifier: GPL-2.0
/* Free ports: whether this node can use a port for packets to a member that
 * have this node's address as their source.
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
/* The beginning of a member's reply, from which conntrack reads its tuple. */
struct hasw_flow_port_reply {
	struct iphdr ip;
	union {
		__be16 ports[2];
		struct icmphdr icmp;
	};
};

/* Whether conntrack has a connection that the member's replies to a port would
 * belong to, for example one that nft masquerades. struct nf_ct_hook looks up
 * the connection of a packet, so this function makes up such a packet. This
 * does not need the conntrack module, but asks it if it is loaded. The hook
 * supports IPv4 only, and looks into the default zone.
 */
static bool hasw_flow_port_has_conntrack(struct net *net,
					 const struct hasw_flow_key *key,
					 __be32 own, u16 port)
{
	const struct nf_ct_hook *hook = rcu_dereference(nf_ct_hook);
	struct hasw_flow_port_reply reply = {
		.ip = {
			.version = 4,
			.ihl = sizeof(reply.ip) / 4,
			.protocol = key->proto,
			.tot_len = htons(sizeof(reply)),
			.saddr = key->addr[1],
			.daddr = own,
		},
	};
	struct nf_conntrack_tuple tuple;
	struct sk_buff skb = {
		.head = (void *)&reply,
		.data = (void *)&reply,
		.len = sizeof(reply),
		.dev = net->loopback_dev,
	};

	if (!hook)
		return false;
	if (hasw_key_has_ports(key->proto)) {
		reply.ports[0] = key->ports[1];
		reply.ports[1] = htons(port);
	} else {
		reply.icmp.type = ICMP_ECHOREPLY;
		reply.icmp.un.echo.id = htons(port);
	}
	return hook->get_tuple_skb(&tuple, &skb);
}
#else
static bool hasw_flow_port_has_conntrack(struct net *net,
					 const struct hasw_flow_key *key,
					 __be32 own, u16 port)
{
	return false;
}
#endif

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
