/* SPDX-License-Identifier: GPL-2.0 */
/* The next hop to a node: a snapshot of its neighbour entry. */
#ifndef HASW_HOP_H
#define HASW_HOP_H

#include <linux/if_ether.h>

#include "core/haswitch.h"

struct neighbour;

/* Maximum number of link-layer addresses of a node, as its heartbeats list
 * them.
 */
#define HASW_LLADDRS 8

/* Address families as indices. hasw_node.neigh is indexed by the family of the
 * node's address, and hasw_node.hop by the family of the packets.
 */
enum { HASW_HOP4, HASW_HOP6, HASW_HOPS };

/**
 * struct hasw_hop - snapshot of a next hop, constant once published
 * @dev: device to send through; the snapshot holds a reference
 * @mtu: the smaller of the MTU of @dev and the MTU of the route at the time of
 *	the snapshot, bytes
 * @prebuilt: true if @eth can be copied in front of a packet; if false,
 *	dev_hard_header() builds the header
 * @eth: Ethernet header without the protocol; with the padding in front of it,
 *	@eth is two aligned 64-bit words
 * @tracker: tracks the reference on @dev
 * @rcu: frees the snapshot once no packet uses it
 */
struct hasw_hop {
	struct net_device *dev;
	u32 mtu;
	bool prebuilt;
	struct {
		u8 pad[2];
		struct ethhdr h;
	} eth __aligned(8);
	netdevice_tracker tracker;
	struct rcu_head rcu;
};

/**
 * struct hasw_neigh_state - next hop to a node's address of one family
 * @hop: the published snapshot, or NULL; readers under RCU, written under
 *	hasw_net.mutex
 * @neigh: pinned neighbour entry, or NULL; written under hasw_net.mutex; RCU
 *	readers can use only functions that accept a dead neighbour entry
 * @answered: @neigh, or an entry that @neigh replaced, was valid at least once
 *	while it was pinned; written under hasw_net.state_lock
 * @failed: @answered is true, and the kernel's probes of @neigh have failed
 *	since @neigh was last valid; under hasw_net.state_lock
 * @managed: this module has set NTF_MANAGED in @neigh; under hasw_net.mutex
 * @charged: @neigh counts for the share of containers; under hasw_net.mutex
 * @routed: a route leads to the address, direct or through a gateway; written
 *	under hasw_net.mutex
 * @reach: how far the next hop is resolved, enum haswitch_reach; written under
 *	hasw_net.mutex
 */
struct hasw_neigh_state {
	struct hasw_hop __rcu *hop;
	struct neighbour *neigh;
	bool answered;
	bool failed;
	bool managed;
	bool charged;
	bool routed;
	u8 reach;
};

int hasw_hop_register(void);
void hasw_hop_unregister(void);
int hasw_hop_init(struct hasw_net *hn);
void hasw_hop_exit(struct hasw_net *hn);
void hasw_hop_dev(struct hasw_net *hn, const struct net_device *dev,
		  unsigned long event);
void hasw_hop_hooked(struct hasw_net *hn);
void hasw_hop_refresh(struct hasw_net *hn, struct hasw_config *cfg);
void hasw_hop_refresh_node(struct hasw_net *hn, struct hasw_config *cfg,
			   struct hasw_node *node);
void hasw_hop_drop(struct hasw_node *node);
void hasw_hop_move(struct hasw_net *hn, struct hasw_node *to,
		   struct hasw_node *from);
bool hasw_hop_known(const struct hasw_node *node);
void hasw_hop_solicit(const struct hasw_node *node);
void hasw_hop_forget(const struct hasw_node *node, const u64 *before);

#endif
