/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Generated from include/netlink/specs/haswitch.yaml by scripts/generate.py; do not edit. */

#ifndef _UAPI_LINUX_HASWITCH_H
#define _UAPI_LINUX_HASWITCH_H

#define HASWITCH_GENL_NAME	"haswitch"
#define HASWITCH_GENL_VERSION	1

#define HASWITCH_MCGRP_EVENTS	"events"

/* Maximum length of the name of a node, zone or lease, in bytes, without the final NUL. */
#define HASWITCH_NAME_MAX	31

/* Maximum number of client-facing devices that one vip can name. */
#define HASWITCH_DEV_MAX	8

/* Maximum number of nodes in a configuration. The agent names at most 256 nodes in a BEAT. Each node on a link takes one entry in the kernel's neighbour table. By default, this table holds 1024 entries (net.ipv4.neigh.default.gc_thresh3 and net.ipv6.neigh.default.gc_thresh3). */
#define HASWITCH_NODES_MAX	1024

/* Maximum number of members of one service. */
#define HASWITCH_MEMBERS_MAX	1024

/* Maximum number of further ports and ranges of ports of one service. */
#define HASWITCH_ALSO_MAX	16

/* Number of events that each network namespace keeps for event-get. */
#define HASWITCH_EVENTS_KEPT	4096

/* Maximum number of leases in a configuration. */
#define HASWITCH_LEASES_MAX	256

/* Maximum number of nodes in each of a lease's lists (prefer and only). */
#define HASWITCH_LEASE_NODES_MAX	32

/* Maximum failback delay, ns (24 hours). */
#define HASWITCH_FAILBACK_MAX	86400000000000

/* Maximum slow-start time of members, ns (1 hour). */
#define HASWITCH_SLOW_START_MAX	3600000000000

/* Maximum time after which a drain ends, ns (7 days). */
#define HASWITCH_DRAIN_MAX	604800000000000

/* Maximum number of tracked flows that a configuration can allow. */
#define HASWITCH_FLOWS_MAX	16777216

/* Maximum time that a flow is kept without a packet, ns (7 days). */
#define HASWITCH_FLOW_TIMEOUT_MAX	604800000000000

/* UDP port on which a node receives strays and packets via gue from other nodes. */
#define HASWITCH_TUNNEL_PORT	6949

/* Attribute in IFLA_INFO_DATA of a device of kind haswitch (rtnetlink): name of the lease whose state is the operstate of the device, a string. Without the attribute the device shows no lease. */
#define HASWITCH_LINK_LEASE	1

/* Maximum length of a packet that explain accepts, in bytes. */
#define HASWITCH_EXPLAIN_MAX	2048

/* UDP port of heartbeats, both source and destination. */
#define HASWITCH_PULSE_PORT	6947

/* Maximum number of paths of one heartbeat session. */
#define HASWITCH_PULSE_PATHS_MAX	4

/**
 * enum haswitch_admin_state - State of a node as set by the administrator.
 * @HASWITCH_ADMIN_STATE_UP: The node serves unless a verdict, the agent or evidence makes the
 *    node unusable.
 * @HASWITCH_ADMIN_STATE_DRAIN: The node keeps its tracked flows and gets no new flows.
 * @HASWITCH_ADMIN_STATE_MAINTENANCE: The node is out of use, and monitoring of the node raises
 *    no alarm.
 * @HASWITCH_ADMIN_STATE_DOWN: The node is out of use.
 */
enum haswitch_admin_state {
	HASWITCH_ADMIN_STATE_UP = 0,
	HASWITCH_ADMIN_STATE_DRAIN = 1,
	HASWITCH_ADMIN_STATE_MAINTENANCE = 2,
	HASWITCH_ADMIN_STATE_DOWN = 3,
};

/**
 * enum haswitch_verdict - Decision of the agent or of an operator about a node.
 * @HASWITCH_VERDICT_CLEAR: There is no decision about the node.
 * @HASWITCH_VERDICT_FENCED: The node was cut off from the network, and does not serve until
 *    the verdict is cleared.
 * @HASWITCH_VERDICT_LEFT: The node left the cluster on purpose, and does not serve until the
 *    verdict is cleared.
 */
enum haswitch_verdict {
	HASWITCH_VERDICT_CLEAR = 0,
	HASWITCH_VERDICT_FENCED = 1,
	HASWITCH_VERDICT_LEFT = 2,
};

/**
 * enum haswitch_agent_state - State of a node according to the agent's BEATs.
 * @HASWITCH_AGENT_STATE_UNNAMED: No BEAT has ever named the node, so the administrator's state
 *    applies.
 * @HASWITCH_AGENT_STATE_ALIVE: A BEAT has named the node, and the node's alive-until had not
 *    passed at the last BEAT.
 * @HASWITCH_AGENT_STATE_LOST: A BEAT that did not name the node arrived after the node's
 *    alive-until had passed.
 */
enum haswitch_agent_state {
	HASWITCH_AGENT_STATE_UNNAMED = 0,
	HASWITCH_AGENT_STATE_ALIVE = 1,
	HASWITCH_AGENT_STATE_LOST = 2,
};

/**
 * enum haswitch_node_state - Published state of a node, derived from all inputs. A node is
 *    usable only in the states "up" and "held".
 * @HASWITCH_NODE_STATE_UP: The node is usable.
 * @HASWITCH_NODE_STATE_DRAIN: The node gets no new flows, because the administrator drains the
 *    node.
 * @HASWITCH_NODE_STATE_MAINTENANCE: The node is out of use, as set by the administrator.
 * @HASWITCH_NODE_STATE_DOWN: The node is down, as set by the administrator.
 * @HASWITCH_NODE_STATE_LOST: The node is down, because BEATs no longer name the node or
 *    because of evidence.
 * @HASWITCH_NODE_STATE_FENCED: A verdict says that the node was cut off from the network.
 * @HASWITCH_NODE_STATE_LEFT: A verdict says that the node left the cluster.
 * @HASWITCH_NODE_STATE_HELD: The node returned after it was down, and serves only if no better
 *    node can.
 */
enum haswitch_node_state {
	HASWITCH_NODE_STATE_UP = 0,
	HASWITCH_NODE_STATE_DRAIN = 1,
	HASWITCH_NODE_STATE_MAINTENANCE = 2,
	HASWITCH_NODE_STATE_DOWN = 3,
	HASWITCH_NODE_STATE_LOST = 4,
	HASWITCH_NODE_STATE_FENCED = 5,
	HASWITCH_NODE_STATE_LEFT = 6,
	HASWITCH_NODE_STATE_HELD = 7,
};

/**
 * enum haswitch_health - Health of one member, as checked, set, or found by the module.
 * @HASWITCH_HEALTH_UP: The member can serve.
 * @HASWITCH_HEALTH_DOWN: The member cannot serve, and is not picked.
 * @HASWITCH_HEALTH_REFUSED: The module found that no socket listens on the service's port at a
 *    member that is otherwise up, or that the vip is no address of the member's machine. Such
 *    a member is picked only if no other member can be picked. The refusal ends when a socket
 *    listens, or a minute after the last refused client. Requests cannot set this value.
 */
enum haswitch_health {
	HASWITCH_HEALTH_UP = 0,
	HASWITCH_HEALTH_DOWN = 1,
	HASWITCH_HEALTH_REFUSED = 2,
};

/**
 * enum haswitch_new_flows - Whether a member gets new flows, and if not, why. A member with
 *    one of the first four values gets a flow only if no other member has an earlier value. A
 *    member with a later value gets no new flows. If several reasons apply, the value is the
 *    first of node-state, unhealthy, weight-0, full, refused, unresolved and held.
 * @HASWITCH_NEW_FLOWS_YES: The member gets new flows.
 * @HASWITCH_NEW_FLOWS_HELD: The member's node has returned, and waits for the service's
 *    failback.
 * @HASWITCH_NEW_FLOWS_UNRESOLVED: The member's node cannot be reached. Via direct, no direct
 *    route leads to the node, or its link-layer address was never known since a route leads to
 *    it; if flows are tracked, the address is not known now. Via tunnel, gue or nat, no route
 *    leads to the node.
 * @HASWITCH_NEW_FLOWS_REFUSED: No socket listens at the member; see health.
 * @HASWITCH_NEW_FLOWS_NODE_STATE: The member's node is not usable; see state.
 * @HASWITCH_NEW_FLOWS_UNHEALTHY: The member's health is down.
 * @HASWITCH_NEW_FLOWS_WEIGHT_0: The member's weight is 0.
 * @HASWITCH_NEW_FLOWS_FULL: The member has as many flows as flows-max allows.
 * @HASWITCH_NEW_FLOWS_SPARE: The member is a spare, and min-active other members are usable.
 * @HASWITCH_NEW_FLOWS_ZONE: The service prefers this node's zone, the member's node is in
 *    another zone, and enough members in this node's zone are usable.
 */
enum haswitch_new_flows {
	HASWITCH_NEW_FLOWS_YES = 0,
	HASWITCH_NEW_FLOWS_HELD = 1,
	HASWITCH_NEW_FLOWS_UNRESOLVED = 2,
	HASWITCH_NEW_FLOWS_REFUSED = 3,
	HASWITCH_NEW_FLOWS_NODE_STATE = 4,
	HASWITCH_NEW_FLOWS_UNHEALTHY = 5,
	HASWITCH_NEW_FLOWS_WEIGHT_0 = 6,
	HASWITCH_NEW_FLOWS_FULL = 7,
	HASWITCH_NEW_FLOWS_SPARE = 8,
	HASWITCH_NEW_FLOWS_ZONE = 9,
};

/**
 * enum haswitch_via - How packets reach a member.
 * @HASWITCH_VIA_LOCAL: This node's own stack delivers the packet.
 * @HASWITCH_VIA_DIRECT: The packet is sent to the link-layer address of the member's node, and
 *    is unchanged except for the TTL or hop limit.
 * @HASWITCH_VIA_TUNNEL: The packet is sent inside an IP packet to an address of the member's
 *    node (RFC 2003, RFC 2473, RFC 4213). The module on that node decapsulates the packet.
 * @HASWITCH_VIA_NAT: The packet's destination is translated to an address of the member's node
 *    and a port of the member. That node needs no module. The member's replies pass through
 *    this node, which sends the replies to the client with the vip as source (RFC 2663). ICMP
 *    errors are translated as in RFC 5508.
 * @HASWITCH_VIA_GUE: Like tunnel, but the packet is sent inside a UDP datagram to tunnel-port
 *    (GUE, draft-ietf-intarea-gue). Each flow has its own UDP source port. Routers therefore
 *    spread flows over equal-cost paths, and network cards spread flows over queues.
 */
enum haswitch_via {
	HASWITCH_VIA_LOCAL = 0,
	HASWITCH_VIA_DIRECT = 1,
	HASWITCH_VIA_TUNNEL = 2,
	HASWITCH_VIA_NAT = 3,
	HASWITCH_VIA_GUE = 4,
};

/**
 * enum haswitch_sched - How a service picks a member.
 * @HASWITCH_SCHED_ACTIVE_STANDBY: The usable member with the smallest priority number gets all
 *    packets.
 * @HASWITCH_SCHED_MAGLEV: A hash of both ends of a flow picks one of the usable members, in
 *    proportion to their weights. The flow stays with its member while the member is usable.
 *    All nodes pick the same member, without a flow table (Maglev, NSDI 2016, section 3.4).
 * @HASWITCH_SCHED_RR: Each new flow goes to the next usable member.
 * @HASWITCH_SCHED_WRR: Like rr, but in proportion to the members' weights, and interleaved as
 *    evenly as the weights allow.
 * @HASWITCH_SCHED_LC: Each new flow goes to the usable member with the fewest flows. A closing
 *    flow counts much less than an open flow.
 * @HASWITCH_SCHED_WLC: Like lc, but the number of flows is divided by the member's weight.
 * @HASWITCH_SCHED_RANDOM: Each new flow goes to a random usable member, in proportion to the
 *    weights.
 */
enum haswitch_sched {
	HASWITCH_SCHED_ACTIVE_STANDBY = 0,
	HASWITCH_SCHED_MAGLEV = 1,
	HASWITCH_SCHED_RR = 2,
	HASWITCH_SCHED_WRR = 3,
	HASWITCH_SCHED_LC = 4,
	HASWITCH_SCHED_WLC = 5,
	HASWITCH_SCHED_RANDOM = 6,
};

/**
 * enum haswitch_one_packet - Whether each packet is a flow of its own.
 * @HASWITCH_ONE_PACKET_OFF: All packets of a flow go to one member.
 * @HASWITCH_ONE_PACKET_ON: A member is picked for each packet, and no flow is tracked. This
 *    value is for protocols whose request and reply are one packet each.
 */
enum haswitch_one_packet {
	HASWITCH_ONE_PACKET_OFF = 0,
	HASWITCH_ONE_PACKET_ON = 1,
};

/**
 * enum haswitch_spare - Whether a member is a spare one.
 * @HASWITCH_SPARE_OFF: The member gets new flows as its scheduler has it.
 * @HASWITCH_SPARE_ON: The member gets new flows only while fewer than min-active other members
 *    are usable.
 */
enum haswitch_spare {
	HASWITCH_SPARE_OFF = 0,
	HASWITCH_SPARE_ON = 1,
};

/**
 * enum haswitch_service_zone - Which members get a service's new flows, by the zones of their
 *    nodes.
 * @HASWITCH_SERVICE_ZONE_ANY: Zones make no difference.
 * @HASWITCH_SERVICE_ZONE_PREFER: Members in the zone of the node that forwards get the new
 *    flows. Members in other zones wait, as spare ones do, while min-active members in that
 *    zone are usable. If fewer are, as many others as are missing get new flows, too; if none
 *    is, zones make no difference. The same holds on a node without a zone.
 */
enum haswitch_service_zone {
	HASWITCH_SERVICE_ZONE_ANY = 0,
	HASWITCH_SERVICE_ZONE_PREFER = 1,
};

/**
 * enum haswitch_snat - Which source address members via nat see in packets from clients.
 * @HASWITCH_SNAT_OFF: Members see the client's address, and have to reply to the client
 *    through this node.
 * @HASWITCH_SNAT_ON: Members see this node's address, with a port of this node.
 */
enum haswitch_snat {
	HASWITCH_SNAT_OFF = 0,
	HASWITCH_SNAT_ON = 1,
};

/**
 * enum haswitch_on_failover - What happens to the flows of a member that is no longer usable.
 * @HASWITCH_ON_FAILOVER_MOVE: The flows move to another member, which resets connections that
 *    it does not know.
 * @HASWITCH_ON_FAILOVER_KEEP: The flows wait until their member is usable again. Packets of
 *    waiting flows are dropped.
 * @HASWITCH_ON_FAILOVER_RESET: The holder at once sends a TCP reset to the clients of
 *    established TCP flows. All other flows move to another member.
 */
enum haswitch_on_failover {
	HASWITCH_ON_FAILOVER_MOVE = 0,
	HASWITCH_ON_FAILOVER_KEEP = 1,
	HASWITCH_ON_FAILOVER_RESET = 2,
};

/**
 * enum haswitch_flow_state - State of a flow, as shown by the packets of its client.
 * @HASWITCH_FLOW_STATE_OPEN: The flow's protocol has no states.
 * @HASWITCH_FLOW_STATE_SYN: The flow is TCP, and only a SYN was seen.
 * @HASWITCH_FLOW_STATE_ESTABLISHED: The flow is TCP, and the connection is established.
 * @HASWITCH_FLOW_STATE_CLOSING: The flow is TCP, and a FIN or RST was seen.
 */
enum haswitch_flow_state {
	HASWITCH_FLOW_STATE_OPEN = 0,
	HASWITCH_FLOW_STATE_SYN = 1,
	HASWITCH_FLOW_STATE_ESTABLISHED = 2,
	HASWITCH_FLOW_STATE_CLOSING = 3,
};

/**
 * enum haswitch_stray - What a node that does not hold a vip does with a client's packet to
 *    the vip.
 * @HASWITCH_STRAY_DROP: The node drops and counts the packet.
 * @HASWITCH_STRAY_FORWARD: The node sends the packet to the holder, with a mark, in a UDP
 *    datagram to tunnel-port on an address of the holder.
 */
enum haswitch_stray {
	HASWITCH_STRAY_DROP = 0,
	HASWITCH_STRAY_FORWARD = 1,
};

/**
 * enum haswitch_hook - Which hook handles packets to a vip first.
 * @HASWITCH_HOOK_INGRESS: The ingress hook of client-facing devices. Packets that need no
 *    special handling are redirected at this hook. All other packets are redirected at
 *    prerouting.
 * @HASWITCH_HOOK_PREROUTING: The prerouting hook, before the raw table and connection
 *    tracking, and after reassembly.
 */
enum haswitch_hook {
	HASWITCH_HOOK_INGRESS = 0,
	HASWITCH_HOOK_PREROUTING = 1,
};

/**
 * enum haswitch_on_loss - What happens to this machine's own TCP connections of a vip when
 *    this node no longer answers for the vip.
 * @HASWITCH_ON_LOSS_KEEP: The connections stay, and end when their endpoints give up.
 * @HASWITCH_ON_LOSS_ABORT: The connections end at once with ECONNABORTED. On a planned
 *    release, the connections are reset before the vip is given away. On a loss, the clients
 *    are told nothing. Connections stay if this node is a member of the vip, because the next
 *    holder goes on sending packets to this node.
 */
enum haswitch_on_loss {
	HASWITCH_ON_LOSS_KEEP = 0,
	HASWITCH_ON_LOSS_ABORT = 1,
};

/**
 * enum haswitch_resign - How many of a lease's vips must lose all of their client-facing
 *    devices, so that the holder resigns the lease.
 * @HASWITCH_RESIGN_ANY: Any one of the vips.
 * @HASWITCH_RESIGN_ALL: All of the vips.
 */
enum haswitch_resign {
	HASWITCH_RESIGN_ANY = 0,
	HASWITCH_RESIGN_ALL = 1,
};

/**
 * enum haswitch_role - Role of this node for a vip.
 * @HASWITCH_ROLE_NONE: This node is neither the holder nor a member.
 * @HASWITCH_ROLE_MEMBER: This node is a member of one of the vip's services, but not the
 *    holder.
 * @HASWITCH_ROLE_HOLDER: This node answers for the vip.
 */
enum haswitch_role {
	HASWITCH_ROLE_NONE = 0,
	HASWITCH_ROLE_MEMBER = 1,
	HASWITCH_ROLE_HOLDER = 2,
};

/**
 * enum haswitch_reach - Whether the next hop to an address of a node is resolved.
 * @HASWITCH_REACH_NONE: The node has no address of this family, or is this node.
 * @HASWITCH_REACH_NO_ROUTE: There is no route to the node, or only a route through a gateway.
 * @HASWITCH_REACH_RESOLVING: The neighbour has not answered yet, or its neighbour entry has
 *    failed.
 * @HASWITCH_REACH_RESOLVED: Packets can be sent to the node.
 * @HASWITCH_REACH_TABLE_FULL: The kernel's neighbour table is full, or the part of it that all
 *    containers share.
 */
enum haswitch_reach {
	HASWITCH_REACH_NONE = 0,
	HASWITCH_REACH_NO_ROUTE = 1,
	HASWITCH_REACH_RESOLVING = 2,
	HASWITCH_REACH_RESOLVED = 3,
	HASWITCH_REACH_TABLE_FULL = 4,
};

/**
 * enum haswitch_event_kind - What an event reports.
 * @HASWITCH_EVENT_KIND_NODE: The published state of a node changed.
 * @HASWITCH_EVENT_KIND_MEMBER: The health of a member changed.
 * @HASWITCH_EVENT_KIND_FIRST_PACKET: The first packet after a switch was sent to the new node.
 * @HASWITCH_EVENT_KIND_AGENT_STALLED: BEATs stopped, so the agent state of each node is
 *    frozen.
 * @HASWITCH_EVENT_KIND_AGENT_RESUMED: BEATs resumed.
 * @HASWITCH_EVENT_KIND_CONFIG: An object was added, changed or deleted, or a restore was
 *    committed.
 * @HASWITCH_EVENT_KIND_LEASE: The grant of a lease began or ended.
 * @HASWITCH_EVENT_KIND_VIP_CONFLICT: Another host uses a vip that this node holds.
 * @HASWITCH_EVENT_KIND_PULSE_PATH: The state of a path of a heartbeat session changed.
 * @HASWITCH_EVENT_KIND_PULSE_TOLD: A peer sent a notice (see pulse-kind) in its heartbeats, on
 *    every path.
 * @HASWITCH_EVENT_KIND_FLOW_FULL: A new flow of a service was refused, because the flow table
 *    is full or no memory was available. This event is sent at most once in 10 s.
 * @HASWITCH_EVENT_KIND_LEASE_MOVE: A lease-move request asked for a planned move of a lease,
 *    or an agent answered such a request.
 * @HASWITCH_EVENT_KIND_FLOW_PORTS: A new flow of a service with snat was refused, because none
 *    of the ports that were tried is free for the member. This event is sent at most once in
 *    10 s.
 * @HASWITCH_EVENT_KIND_FLOW_ALIKE: A new flow of a service was refused, because another flow
 *    has the same addresses and ports at the member, which is via nat. This event is sent at
 *    most once in 10 s.
 * @HASWITCH_EVENT_KIND_FLOW_SOURCE: A new flow of a service was refused, because the client's
 *    address is not valid on the device that received the packet; see "drop-source". Sent at
 *    most once in 10 s.
 * @HASWITCH_EVENT_KIND_SPARE_IN: A spare member, or one of another zone than the service
 *    prefers, begins to get new flows, because fewer than min-active other members are usable.
 * @HASWITCH_EVENT_KIND_SPARE_OUT: A spare member, or one of another zone than the service
 *    prefers, gets no new flows any more, because min-active other members are usable. Its
 *    tracked flows go on.
 * @HASWITCH_EVENT_KIND_NODE_SHARE: The share of a node changed.
 * @HASWITCH_EVENT_KIND_PROTODOWN_ON: Protodown of a lease's device was set, so this node is no
 *    candidate for the lease. A request lease-move follows if this node holds the lease.
 * @HASWITCH_EVENT_KIND_PROTODOWN_OFF: Protodown of a lease's device was cleared, or the lease
 *    has this device no more.
 */
enum haswitch_event_kind {
	HASWITCH_EVENT_KIND_NODE = 0,
	HASWITCH_EVENT_KIND_MEMBER = 1,
	HASWITCH_EVENT_KIND_FIRST_PACKET = 2,
	HASWITCH_EVENT_KIND_AGENT_STALLED = 3,
	HASWITCH_EVENT_KIND_AGENT_RESUMED = 4,
	HASWITCH_EVENT_KIND_CONFIG = 5,
	HASWITCH_EVENT_KIND_LEASE = 6,
	HASWITCH_EVENT_KIND_VIP_CONFLICT = 7,
	HASWITCH_EVENT_KIND_PULSE_PATH = 8,
	HASWITCH_EVENT_KIND_PULSE_TOLD = 9,
	HASWITCH_EVENT_KIND_FLOW_FULL = 10,
	HASWITCH_EVENT_KIND_LEASE_MOVE = 11,
	HASWITCH_EVENT_KIND_FLOW_PORTS = 12,
	HASWITCH_EVENT_KIND_FLOW_ALIKE = 13,
	HASWITCH_EVENT_KIND_FLOW_SOURCE = 14,
	HASWITCH_EVENT_KIND_SPARE_IN = 15,
	HASWITCH_EVENT_KIND_SPARE_OUT = 16,
	HASWITCH_EVENT_KIND_NODE_SHARE = 17,
	HASWITCH_EVENT_KIND_PROTODOWN_ON = 18,
	HASWITCH_EVENT_KIND_PROTODOWN_OFF = 19,
};

/**
 * enum haswitch_move_answer - Answer of an agent to a lease-move request.
 * @HASWITCH_MOVE_ANSWER_BEGUN: The holder has begun to hand the lease over.
 * @HASWITCH_MOVE_ANSWER_PASSED: The request was passed on to the holder's agent.
 * @HASWITCH_MOVE_ANSWER_NO_LEASE: The agents do not know the lease.
 * @HASWITCH_MOVE_ANSWER_NO_HOLDER: No node holds the lease, as far as the agent knows.
 * @HASWITCH_MOVE_ANSWER_NO_NODE: The agents do not know the node.
 * @HASWITCH_MOVE_ANSWER_HOLDS: The node holds the lease already.
 * @HASWITCH_MOVE_ANSWER_WITNESS: The node is a witness, which only votes.
 * @HASWITCH_MOVE_ANSWER_UNHEARD: The holder receives no heartbeats from the node.
 * @HASWITCH_MOVE_ANSWER_UNFIT: The node is heard, but is not up, does not have the lease in
 *    its configuration, or may not hold the lease.
 * @HASWITCH_MOVE_ANSWER_NOBODY: No other node that is heard and up can hold the lease.
 * @HASWITCH_MOVE_ANSWER_NO_VOTE: The agent takes no part in the vote on leases.
 */
enum haswitch_move_answer {
	HASWITCH_MOVE_ANSWER_BEGUN = 0,
	HASWITCH_MOVE_ANSWER_PASSED = 1,
	HASWITCH_MOVE_ANSWER_NO_LEASE = 2,
	HASWITCH_MOVE_ANSWER_NO_HOLDER = 3,
	HASWITCH_MOVE_ANSWER_NO_NODE = 4,
	HASWITCH_MOVE_ANSWER_HOLDS = 5,
	HASWITCH_MOVE_ANSWER_WITNESS = 6,
	HASWITCH_MOVE_ANSWER_UNHEARD = 7,
	HASWITCH_MOVE_ANSWER_UNFIT = 8,
	HASWITCH_MOVE_ANSWER_NOBODY = 9,
	HASWITCH_MOVE_ANSWER_NO_VOTE = 10,
};

/**
 * enum haswitch_cause - Why a published state or a grant changed.
 * @HASWITCH_CAUSE_NONE: The cause is not known.
 * @HASWITCH_CAUSE_ADMIN: An administrator changed a node with node-set.
 * @HASWITCH_CAUSE_BEAT: A BEAT named the node, or did not name the node any more.
 * @HASWITCH_CAUSE_VERDICT: A node-verdict request set a verdict on the node.
 * @HASWITCH_CAUSE_HEALTH: A member-set request set the health of a member.
 * @HASWITCH_CAUSE_CONFIG: An object of the configuration was added, changed or deleted.
 * @HASWITCH_CAUSE_PULSE: The heartbeats that the module itself checks stopped or resumed.
 * @HASWITCH_CAUSE_CARRIER: The link to the node went down or came up.
 * @HASWITCH_CAUSE_NEIGHBOUR: The node stopped answering ARP and ND, or answers again.
 * @HASWITCH_CAUSE_UNREACHABLE: A router reported that the node is unreachable, or the node was
 *    heard again after that.
 * @HASWITCH_CAUSE_RESIGNED: The node announced that it is going down, or the node is back.
 * @HASWITCH_CAUSE_AGENT_GONE: The agent's netlink socket was closed.
 * @HASWITCH_CAUSE_DEVICES_DOWN: So many client-facing devices went down that the holder
 *    resigned the lease, or one of the devices came up.
 * @HASWITCH_CAUSE_REBOOT: The machine reboots or panics.
 * @HASWITCH_CAUSE_FAILBACK: A held node is no longer held.
 * @HASWITCH_CAUSE_GRANTED: A lease-set request granted the lease.
 * @HASWITCH_CAUSE_RELEASED: A lease-release request ended the grant of the lease.
 * @HASWITCH_CAUSE_EXPIRED: The deadline of the grant passed.
 * @HASWITCH_CAUSE_SUPERSEDED: The lease was granted to another node under a higher epoch, or
 *    another node's heartbeats claim the lease under the same or a higher epoch.
 * @HASWITCH_CAUSE_REFUSED: A member reset a connection or returned a datagram because no
 *    socket listens on the port, or such a refusal is over.
 * @HASWITCH_CAUSE_SUSPEND: The machine is being suspended or hibernated.
 * @HASWITCH_CAUSE_CLONED: The virtual machine was copied, or was reset to a snapshot.
 */
enum haswitch_cause {
	HASWITCH_CAUSE_NONE = 0,
	HASWITCH_CAUSE_ADMIN = 1,
	HASWITCH_CAUSE_BEAT = 2,
	HASWITCH_CAUSE_VERDICT = 3,
	HASWITCH_CAUSE_HEALTH = 4,
	HASWITCH_CAUSE_CONFIG = 5,
	HASWITCH_CAUSE_PULSE = 6,
	HASWITCH_CAUSE_CARRIER = 7,
	HASWITCH_CAUSE_NEIGHBOUR = 8,
	HASWITCH_CAUSE_UNREACHABLE = 9,
	HASWITCH_CAUSE_RESIGNED = 10,
	HASWITCH_CAUSE_AGENT_GONE = 11,
	HASWITCH_CAUSE_DEVICES_DOWN = 12,
	HASWITCH_CAUSE_REBOOT = 13,
	HASWITCH_CAUSE_FAILBACK = 14,
	HASWITCH_CAUSE_GRANTED = 15,
	HASWITCH_CAUSE_RELEASED = 16,
	HASWITCH_CAUSE_EXPIRED = 17,
	HASWITCH_CAUSE_SUPERSEDED = 18,
	HASWITCH_CAUSE_REFUSED = 19,
	HASWITCH_CAUSE_SUSPEND = 20,
	HASWITCH_CAUSE_CLONED = 21,
};

/**
 * enum haswitch_object - Kind of the object that a config event is about.
 * @HASWITCH_OBJECT_ALL: The whole configuration (a restore) or the flow limits.
 * @HASWITCH_OBJECT_NODE: A node.
 * @HASWITCH_OBJECT_VIP: A vip.
 * @HASWITCH_OBJECT_SERVICE: A service.
 * @HASWITCH_OBJECT_MEMBER: A member.
 * @HASWITCH_OBJECT_LEASE: A lease.
 */
enum haswitch_object {
	HASWITCH_OBJECT_ALL = 0,
	HASWITCH_OBJECT_NODE = 1,
	HASWITCH_OBJECT_VIP = 2,
	HASWITCH_OBJECT_SERVICE = 3,
	HASWITCH_OBJECT_MEMBER = 4,
	HASWITCH_OBJECT_LEASE = 5,
};

/**
 * enum haswitch_action - What was done to the object of a config event.
 * @HASWITCH_ACTION_ADD: The object was added.
 * @HASWITCH_ACTION_SET: The object was changed.
 * @HASWITCH_ACTION_DEL: The object was deleted.
 */
enum haswitch_action {
	HASWITCH_ACTION_ADD = 0,
	HASWITCH_ACTION_SET = 1,
	HASWITCH_ACTION_DEL = 2,
};

/**
 * enum haswitch_evidence - What the module itself has found against a node. Evidence can only
 *    make a node unusable. A node that the administrator or the agent has taken out stays
 *    unusable without evidence.
 * @HASWITCH_EVIDENCE_PULSE: The heartbeats that the module itself checks stopped on every
 *    path.
 * @HASWITCH_EVIDENCE_CARRIER: Every link to the node is down.
 * @HASWITCH_EVIDENCE_NEIGHBOUR: The node stopped answering ARP and ND, so all neighbour
 *    entries of the node have failed.
 * @HASWITCH_EVIDENCE_UNREACHABLE: On every path, a router answered a heartbeat of this node
 *    with "host unreachable". No heartbeat of the node has arrived since then.
 * @HASWITCH_EVIDENCE_RESIGNED: The node announced that it is going down.
 */
enum haswitch_evidence {
	HASWITCH_EVIDENCE_PULSE = 0,
	HASWITCH_EVIDENCE_CARRIER = 1,
	HASWITCH_EVIDENCE_NEIGHBOUR = 2,
	HASWITCH_EVIDENCE_UNREACHABLE = 3,
	HASWITCH_EVIDENCE_RESIGNED = 4,
};

/**
 * enum haswitch_explain_way - What this node would do with a packet.
 * @HASWITCH_EXPLAIN_WAY_NONE: The packet is to no vip, so the module leaves the packet alone.
 *    If a haswitch device has the address, the packet is dropped instead.
 * @HASWITCH_EXPLAIN_WAY_STACK: The IP stack drops the packet before the module decides.
 * @HASWITCH_EXPLAIN_WAY_NEIGHBOUR: The packet is neighbour discovery, which the module handles
 *    separately. Fragmented neighbour discovery is dropped (RFC 6980).
 * @HASWITCH_EXPLAIN_WAY_PIECES: The packet is a fragment. The module decides on the
 *    reassembled packet.
 * @HASWITCH_EXPLAIN_WAY_PASSED: The packet is left to the stack, for one of the reasons that
 *    the counter "passed" has.
 * @HASWITCH_EXPLAIN_WAY_LOCAL: This node's own stack delivers the packet.
 * @HASWITCH_EXPLAIN_WAY_DIRECT: The packet is sent to a node in a link-layer frame.
 * @HASWITCH_EXPLAIN_WAY_TUNNEL: The packet is sent to a node inside another packet, via tunnel
 *    or gue.
 * @HASWITCH_EXPLAIN_WAY_STRAY: The packet is sent to the holder as a marked stray.
 * @HASWITCH_EXPLAIN_WAY_DROPPED: The packet is dropped.
 * @HASWITCH_EXPLAIN_WAY_NAT: The packet is sent to an address and port of a node, via nat.
 * @HASWITCH_EXPLAIN_WAY_ANSWER: The packet is a reply of a member via nat, and is sent to the
 *    client with the vip as source.
 */
enum haswitch_explain_way {
	HASWITCH_EXPLAIN_WAY_NONE = 0,
	HASWITCH_EXPLAIN_WAY_STACK = 1,
	HASWITCH_EXPLAIN_WAY_NEIGHBOUR = 2,
	HASWITCH_EXPLAIN_WAY_PIECES = 3,
	HASWITCH_EXPLAIN_WAY_PASSED = 4,
	HASWITCH_EXPLAIN_WAY_LOCAL = 5,
	HASWITCH_EXPLAIN_WAY_DIRECT = 6,
	HASWITCH_EXPLAIN_WAY_TUNNEL = 7,
	HASWITCH_EXPLAIN_WAY_STRAY = 8,
	HASWITCH_EXPLAIN_WAY_DROPPED = 9,
	HASWITCH_EXPLAIN_WAY_NAT = 10,
	HASWITCH_EXPLAIN_WAY_ANSWER = 11,
};

/**
 * enum haswitch_explain_drop - Drop counter that the packet would increment; see the "stats"
 *    set.
 * @HASWITCH_EXPLAIN_DROP_DROP_NOT_HOLDER: This node does not hold the vip, or the packet came
 *    by a device in a VRF, or only a haswitch device has the address, which is no vip.
 * @HASWITCH_EXPLAIN_DROP_DROP_NO_MEMBER: No member is usable, or the vip is not an address of
 *    this machine.
 * @HASWITCH_EXPLAIN_DROP_DROP_UNRESOLVED: The next hop to the node is not resolved.
 * @HASWITCH_EXPLAIN_DROP_DROP_TTL: The packet's TTL or hop limit has run out.
 * @HASWITCH_EXPLAIN_DROP_DROP_MTU: The packet exceeds the MTU and must not be fragmented, or a
 *    device has merged it by LRO.
 * @HASWITCH_EXPLAIN_DROP_DROP_MALFORMED: The packet's headers are not valid.
 * @HASWITCH_EXPLAIN_DROP_DROP_MEMORY: No memory was available.
 * @HASWITCH_EXPLAIN_DROP_DROP_OUTPUT: This node may not send packets from the vip.
 * @HASWITCH_EXPLAIN_DROP_DROP_SOURCE: The packet's source address is not valid on the device
 *    that received the packet.
 * @HASWITCH_EXPLAIN_DROP_DROP_FLOW_FULL: The packet would begin a flow, but the flow table is
 *    full.
 * @HASWITCH_EXPLAIN_DROP_DROP_FLOW_PORTS: The packet would begin a flow, but no port of this
 *    node is free for the member.
 * @HASWITCH_EXPLAIN_DROP_DROP_FLOW_ALIKE: The packet would begin a flow, but another flow has
 *    the same addresses and ports at the member.
 */
enum haswitch_explain_drop {
	HASWITCH_EXPLAIN_DROP_DROP_NOT_HOLDER = 0,
	HASWITCH_EXPLAIN_DROP_DROP_NO_MEMBER = 1,
	HASWITCH_EXPLAIN_DROP_DROP_UNRESOLVED = 2,
	HASWITCH_EXPLAIN_DROP_DROP_TTL = 3,
	HASWITCH_EXPLAIN_DROP_DROP_MTU = 4,
	HASWITCH_EXPLAIN_DROP_DROP_MALFORMED = 5,
	HASWITCH_EXPLAIN_DROP_DROP_MEMORY = 6,
	HASWITCH_EXPLAIN_DROP_DROP_OUTPUT = 7,
	HASWITCH_EXPLAIN_DROP_DROP_SOURCE = 8,
	HASWITCH_EXPLAIN_DROP_DROP_FLOW_FULL = 9,
	HASWITCH_EXPLAIN_DROP_DROP_FLOW_PORTS = 10,
	HASWITCH_EXPLAIN_DROP_DROP_FLOW_ALIKE = 11,
};

/**
 * enum haswitch_explain_door - Which path of the module takes a packet.
 * @HASWITCH_EXPLAIN_DOOR_FAST: The fast path, at the ingress hook of the device.
 * @HASWITCH_EXPLAIN_DOOR_COMPLETE: The slow path, at the hooks of the IP stack.
 */
enum haswitch_explain_door {
	HASWITCH_EXPLAIN_DOOR_FAST = 0,
	HASWITCH_EXPLAIN_DOOR_COMPLETE = 1,
};

/**
 * enum haswitch_explain_slow - Why the fast path leaves a packet to the slow path.
 * @HASWITCH_EXPLAIN_SLOW_LOCAL: The packet comes from a local process.
 * @HASWITCH_EXPLAIN_SLOW_DEVICE: The device has no fast path.
 * @HASWITCH_EXPLAIN_SLOW_HOOK: The vip is configured with hook prerouting.
 * @HASWITCH_EXPLAIN_SLOW_TRACED: The redirect tracepoint is enabled.
 * @HASWITCH_EXPLAIN_SLOW_HEADER: The packet has IP options, is a fragment, truncated or
 *    malformed, or has a TTL or hop limit that runs out.
 * @HASWITCH_EXPLAIN_SLOW_PROTOCOL: The packet's protocol has no ports, or is ICMP.
 * @HASWITCH_EXPLAIN_SLOW_SOURCE: The packet's source address is martian.
 * @HASWITCH_EXPLAIN_SLOW_NOT_HOLDER: This node does not hold the vip.
 * @HASWITCH_EXPLAIN_SLOW_SERVICE: No service matches the packet.
 * @HASWITCH_EXPLAIN_SLOW_PICK: The slow path must record a new flow, a flow's new state or the
 *    first packet to a node, or must replace an unusable member.
 * @HASWITCH_EXPLAIN_SLOW_VIA: The packet's member is this machine.
 * @HASWITCH_EXPLAIN_SLOW_HOP: The next hop has no complete link-layer header, or the
 *    neighbour's link-layer address is not known.
 * @HASWITCH_EXPLAIN_SLOW_SIZE: The packet exceeds the MTU on the way out.
 */
enum haswitch_explain_slow {
	HASWITCH_EXPLAIN_SLOW_LOCAL = 0,
	HASWITCH_EXPLAIN_SLOW_DEVICE = 1,
	HASWITCH_EXPLAIN_SLOW_HOOK = 2,
	HASWITCH_EXPLAIN_SLOW_TRACED = 3,
	HASWITCH_EXPLAIN_SLOW_HEADER = 4,
	HASWITCH_EXPLAIN_SLOW_PROTOCOL = 5,
	HASWITCH_EXPLAIN_SLOW_SOURCE = 6,
	HASWITCH_EXPLAIN_SLOW_NOT_HOLDER = 7,
	HASWITCH_EXPLAIN_SLOW_SERVICE = 8,
	HASWITCH_EXPLAIN_SLOW_PICK = 9,
	HASWITCH_EXPLAIN_SLOW_VIA = 10,
	HASWITCH_EXPLAIN_SLOW_HOP = 11,
	HASWITCH_EXPLAIN_SLOW_SIZE = 12,
};

/**
 * enum haswitch_explain_flow - What is known about a packet's flow, if flows are tracked.
 * @HASWITCH_EXPLAIN_FLOW_KNOWN: The flow is known and stays with its member.
 * @HASWITCH_EXPLAIN_FLOW_NEW: The packet would begin a new flow.
 * @HASWITCH_EXPLAIN_FLOW_MOVED: The flow is known, but does not stay with its member.
 * @HASWITCH_EXPLAIN_FLOW_UNKNOWN: The packet belongs to no known flow, and would not begin a
 *    flow.
 */
enum haswitch_explain_flow {
	HASWITCH_EXPLAIN_FLOW_KNOWN = 0,
	HASWITCH_EXPLAIN_FLOW_NEW = 1,
	HASWITCH_EXPLAIN_FLOW_MOVED = 2,
	HASWITCH_EXPLAIN_FLOW_UNKNOWN = 3,
};

/**
 * enum haswitch_explain_came - How a packet arrived at this node.
 * @HASWITCH_EXPLAIN_CAME_LINK: The packet arrived from the link, without encapsulation.
 * @HASWITCH_EXPLAIN_CAME_STRAY: The packet arrived as a marked stray in a UDP datagram, from a
 *    node that is not the holder.
 * @HASWITCH_EXPLAIN_CAME_TUNNEL: The packet arrived inside an IP packet, from the holder.
 */
enum haswitch_explain_came {
	HASWITCH_EXPLAIN_CAME_LINK = 0,
	HASWITCH_EXPLAIN_CAME_STRAY = 1,
	HASWITCH_EXPLAIN_CAME_TUNNEL = 2,
};

/**
 * enum haswitch_pulse_state - What this node hears from a peer, on one path or on all paths
 *    together.
 * @HASWITCH_PULSE_STATE_UP: This node hears the peer, and the peer hears this node.
 * @HASWITCH_PULSE_STATE_UNKNOWN: This node has never heard the peer. This state is no evidence
 *    against the peer.
 * @HASWITCH_PULSE_STATE_ONE_WAY: This node hears the peer, but the peer reports that it does
 *    not hear this node.
 * @HASWITCH_PULSE_STATE_DOWN: This node has heard the peer before, but the peer has fallen
 *    silent.
 */
enum haswitch_pulse_state {
	HASWITCH_PULSE_STATE_UP = 0,
	HASWITCH_PULSE_STATE_UNKNOWN = 1,
	HASWITCH_PULSE_STATE_ONE_WAY = 2,
	HASWITCH_PULSE_STATE_DOWN = 3,
};

/**
 * enum haswitch_pulse_kind - What a heartbeat says besides that its sender is alive.
 * @HASWITCH_PULSE_KIND_BEAT: The heartbeat says nothing else. The receiver reads each unknown
 *    kind as beat.
 * @HASWITCH_PULSE_KIND_GOING: The sender is going down and no longer holds any lease. The
 *    sender counts as lost until it is heard in a new life.
 * @HASWITCH_PULSE_KIND_RELEASED: The sender has ended its grant of a lease. The heartbeat
 *    carries the epoch of the grant.
 * @HASWITCH_PULSE_KIND_REFUSED: No socket listens on the port of a service at the sender. The
 *    heartbeat carries the number of the service. The sender repeats this notice every two
 *    seconds while no socket listens.
 * @HASWITCH_PULSE_KIND_LISTENS: A socket listens on the service's port again, or clients may
 *    try the member again.
 */
enum haswitch_pulse_kind {
	HASWITCH_PULSE_KIND_BEAT = 0,
	HASWITCH_PULSE_KIND_GOING = 1,
	HASWITCH_PULSE_KIND_RELEASED = 2,
	HASWITCH_PULSE_KIND_REFUSED = 3,
	HASWITCH_PULSE_KIND_LISTENS = 4,
};

/**
 * enum haswitch_a_node - attributes: A machine of the cluster, which can serve vips.
 * @HASWITCH_A_NODE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_NODE_NAME: (string, 1 to 31 bytes) Unique name of the node. A name consists of
 *    letters, digits, dots, dashes and underscores, and begins with a letter or digit.
 * @HASWITCH_A_NODE_ADDR4: (u32, big-endian) IPv4 address by which other nodes reach the node.
 * @HASWITCH_A_NODE_ADDR6: (binary, 16 bytes) IPv6 address by which other nodes reach the node.
 * @HASWITCH_A_NODE_ZONE: (string, at most 31 bytes) Label of the node's fault domain. The
 *    empty string removes the label.
 * @HASWITCH_A_NODE_LLADDR: (binary, 6 bytes) Fixed link-layer address of the node, used
 *    instead of neighbour resolution. This attribute needs dev.
 * @HASWITCH_A_NODE_DEV: (string, 1 to 15 bytes) Name of the device through which lladdr is
 *    reached. This attribute needs lladdr. A device that does not exist is refused with
 *    ENODEV; in a restore, the node waits for the device instead.
 * @HASWITCH_A_NODE_SELF: (flag) The node is this machine (this network namespace).
 * @HASWITCH_A_NODE_ADMIN: (u8, enum haswitch_admin_state) State that the administrator has
 *    set; default up.
 * @HASWITCH_A_NODE_VERDICT: (u8, enum haswitch_verdict) Decision of the agent or of an
 *    operator about the node.
 * @HASWITCH_A_NODE_AGENT: (u8, enum haswitch_agent_state) State of the node according to
 *    BEATs. Read only.
 * @HASWITCH_A_NODE_STATE: (u8, enum haswitch_node_state) Published state of the node. Read
 *    only.
 * @HASWITCH_A_NODE_SINCE: (u64) Time at which the published state was stored, ns. Read only.
 * @HASWITCH_A_NODE_ALIVE_UNTIL: (u64) Time until which the last BEAT that named the node keeps
 *    the node alive, ns. The attribute is absent if no BEAT has named the node. Read only.
 * @HASWITCH_A_NODE_REACH4: (u8, enum haswitch_reach) Whether packets can be sent to addr4.
 *    Read only.
 * @HASWITCH_A_NODE_REACH6: (u8, enum haswitch_reach) Whether packets can be sent to addr6.
 *    Read only.
 * @HASWITCH_A_NODE_REFS: (u32) Number of objects that use the node, as a member, as a holder
 *    or otherwise. Read only.
 * @HASWITCH_A_NODE_EVIDENCE: (u8, enum haswitch_evidence, may repeat) What the module has
 *    found against the node. Any evidence makes the node lost. Read only.
 * @HASWITCH_A_NODE_HELD_SINCE: (u64) Time at which the node returned, ns. The attribute is
 *    present while the node is held. Read only.
 * @HASWITCH_A_NODE_PENALTY: (u32) Penalty for the node's deaths. Each death adds 1000, and the
 *    penalty halves every 60 s. The attribute is absent if the penalty is 0. Read only.
 * @HASWITCH_A_NODE_DAMPED: (flag) The node died too often, so the node stays held until
 *    penalty is below 1000. The failback of services has no effect until then. Read only.
 * @HASWITCH_A_NODE_WITHIN: (u64) Time after which the drain of the node ends, ns: from 1 to
 *    drain-max (ERANGE). Then admin changes from drain to maintenance, so that the flows that
 *    the node still has leave it. The attribute needs the admin state drain in the same
 *    request; without it, a drain has no end. In replies, the time that is left.
 * @HASWITCH_A_NODE_SHARE: (u8, 1 to 100) Percentage of its weight that each member of the node
 *    has for new flows, with sched rr, wrr, lc, wlc and random; for rr and lc, of equal
 *    weights. The agent lowers it while the node has too much to do. It is no configuration: a
 *    restore keeps it, and cannot set it (EBUSY). Default 100.
 * @HASWITCH_A_NODE_ENGINE: (flag) The node is one that a cluster engine lists, as corosync
 *    does in its nodelist. So it is no part of what is saved: whoever restores a configuration
 *    adds the nodes of the engine to it.
 */
enum haswitch_a_node {
	HASWITCH_A_NODE_PAD = 1,
	HASWITCH_A_NODE_NAME = 2,
	HASWITCH_A_NODE_ADDR4 = 3,
	HASWITCH_A_NODE_ADDR6 = 4,
	HASWITCH_A_NODE_ZONE = 5,
	HASWITCH_A_NODE_LLADDR = 6,
	HASWITCH_A_NODE_DEV = 7,
	HASWITCH_A_NODE_SELF = 8,
	HASWITCH_A_NODE_ADMIN = 9,
	HASWITCH_A_NODE_VERDICT = 10,
	HASWITCH_A_NODE_AGENT = 11,
	HASWITCH_A_NODE_STATE = 12,
	HASWITCH_A_NODE_SINCE = 13,
	HASWITCH_A_NODE_ALIVE_UNTIL = 14,
	HASWITCH_A_NODE_REACH4 = 15,
	HASWITCH_A_NODE_REACH6 = 16,
	HASWITCH_A_NODE_REFS = 17,
	HASWITCH_A_NODE_EVIDENCE = 18,
	HASWITCH_A_NODE_HELD_SINCE = 19,
	HASWITCH_A_NODE_PENALTY = 20,
	HASWITCH_A_NODE_DAMPED = 21,
	HASWITCH_A_NODE_WITHIN = 22,
	HASWITCH_A_NODE_SHARE = 23,
	HASWITCH_A_NODE_ENGINE = 24,

	/* private: */
	__HASWITCH_A_NODE_MAX,
	HASWITCH_A_NODE_MAX = __HASWITCH_A_NODE_MAX - 1,
};

/**
 * enum haswitch_a_vip - attributes: A virtual address.
 * @HASWITCH_A_VIP_ADDR4: (u32, big-endian) IPv4 address of the vip. Exactly one of addr4 and
 *    addr6 is given.
 * @HASWITCH_A_VIP_ADDR6: (binary, 16 bytes) IPv6 address of the vip.
 * @HASWITCH_A_VIP_DEV: (string, 1 to 15 bytes, may repeat) Client-facing device of the vip; at
 *    most dev-max devices. Without dev, each device that has an address in the vip's subnet is
 *    client-facing. If the device is unregistered, the vip waits for the next device of this
 *    name.
 * @HASWITCH_A_VIP_HOLDER: (string, at most 31 bytes) Node that always answers for the vip.
 *    With the empty string, or with neither holder nor lease, this node answers for the vip.
 *    If there are several nodes, a vip without holder and lease needs everywhere.
 * @HASWITCH_A_VIP_STRAY: (u8, enum haswitch_stray) What this node does with a client's packet
 *    while this node does not hold the vip; default forward.
 * @HASWITCH_A_VIP_ROLE: (u8, enum haswitch_role) Role of this node for the vip. Read only.
 * @HASWITCH_A_VIP_SERVICES: (u32) Number of services of the vip. Read only.
 * @HASWITCH_A_VIP_LEASE: (string, at most 31 bytes) Lease whose holder answers for the vip,
 *    instead of a fixed holder. The empty string removes the lease.
 * @HASWITCH_A_VIP_ON_LOSS: (u8, enum haswitch_on_loss) What happens to this machine's own TCP
 *    connections of the vip when the vip is lost; default keep.
 * @HASWITCH_A_VIP_HOOK: (u8, enum haswitch_hook) Which hook handles packets to the vip first;
 *    default ingress.
 * @HASWITCH_A_VIP_EVERYWHERE: (flag) Each node whose configuration has this flag answers for
 *    the vip, instead of the holder of a lease or a fixed holder. The flag is refused with
 *    EINVAL together with lease or holder.
 * @HASWITCH_A_VIP_CONFLICT_NODE: (string) Node that is known to have conflict-lladdr, if there
 *    is one. Read only.
 * @HASWITCH_A_VIP_CONFLICT_LLADDR: (binary, 6 bytes) Link-layer address of the last other host
 *    that used the vip while this node held the vip. The module records this for at most 64
 *    vips. Read only.
 * @HASWITCH_A_VIP_CONFLICT_DEV: (string) Device on which the conflict was seen. Read only.
 * @HASWITCH_A_VIP_CONFLICT_TIME: (u64) Time at which the conflict was seen, ns. Read only.
 * @HASWITCH_A_VIP_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_VIP_DEV_ABSENT: (string, may repeat) Name in dev that no device has now, so that
 *    the vip waits for the device. Read only.
 * @HASWITCH_A_VIP_MARK: (u32) Bits of the packet mark that show the lease's epoch in each TCP
 *    SYN to the vip that the holder's stack gets; adjacent bits. Other bits stay. With
 *    tcp_fwmark_accept, sockets take over the mark. The value is "epoch ^ epoch >> 24",
 *    shifted to the lowest bit of mark and truncated to mark; an agent counts its epochs from
 *    bit 24 on. The value 0, the default, marks nothing; vip-add refuses it with EINVAL. Bits
 *    that are not adjacent, and a vip without a lease, are refused with EINVAL.
 * @HASWITCH_A_VIP_MARK_NOW: (u32) What these bits are in the next SYN. The attribute is absent
 *    without mark, and while this node does not hold the vip. Read only.
 */
enum haswitch_a_vip {
	HASWITCH_A_VIP_ADDR4 = 1,
	HASWITCH_A_VIP_ADDR6 = 2,
	HASWITCH_A_VIP_DEV = 3,
	HASWITCH_A_VIP_HOLDER = 4,
	HASWITCH_A_VIP_STRAY = 5,
	HASWITCH_A_VIP_ROLE = 6,
	HASWITCH_A_VIP_SERVICES = 7,
	HASWITCH_A_VIP_LEASE = 8,
	HASWITCH_A_VIP_ON_LOSS = 9,
	HASWITCH_A_VIP_HOOK = 10,
	HASWITCH_A_VIP_EVERYWHERE = 11,
	HASWITCH_A_VIP_CONFLICT_NODE = 12,
	HASWITCH_A_VIP_CONFLICT_LLADDR = 13,
	HASWITCH_A_VIP_CONFLICT_DEV = 14,
	HASWITCH_A_VIP_CONFLICT_TIME = 15,
	HASWITCH_A_VIP_PAD = 16,
	HASWITCH_A_VIP_DEV_ABSENT = 17,
	HASWITCH_A_VIP_MARK = 18,
	HASWITCH_A_VIP_MARK_NOW = 19,

	/* private: */
	__HASWITCH_A_VIP_MAX,
	HASWITCH_A_VIP_MAX = __HASWITCH_A_VIP_MAX - 1,
};

/**
 * enum haswitch_a_service - attributes: A whole vip, one protocol of a vip, or one port of a
 *    protocol of a vip.
 * @HASWITCH_A_SERVICE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_SERVICE_ADDR4: (u32, big-endian) Address of the vip, if IPv4.
 * @HASWITCH_A_SERVICE_ADDR6: (binary, 16 bytes) Address of the vip, if IPv6.
 * @HASWITCH_A_SERVICE_PROTO: (u8) IP protocol number. The value 0, or no proto, means the
 *    whole vip.
 * @HASWITCH_A_SERVICE_PORT: (u16) Destination port in host byte order. The value 0, or no
 *    port, means every port. A port needs proto tcp, udp, sctp or udplite.
 * @HASWITCH_A_SERVICE_SCHED: (u8, enum haswitch_sched) Scheduler; default active-standby.
 *    Without this attribute, service-set does not change the scheduler.
 * @HASWITCH_A_SERVICE_ACTIVE: (string) Node to which a new packet would be sent now. The
 *    attribute is absent if no member is usable, or if each flow has its own member. Read
 *    only.
 * @HASWITCH_A_SERVICE_MEMBERS: (u32) Number of members. Read only.
 * @HASWITCH_A_SERVICE_PACKETS: (u64) Packets sent to members, since the service was added.
 *    Read only.
 * @HASWITCH_A_SERVICE_BYTES: (u64) Bytes of the packets sent to members, from the IP header
 *    on. Read only.
 * @HASWITCH_A_SERVICE_DROPPED: (u64) Packets dropped because no member could take them. Read
 *    only.
 * @HASWITCH_A_SERVICE_FAILBACK: (u64) How long a returned node waits before it takes packets
 *    that another node can take, ns, at most failback-max. The value 0 means no wait (auto),
 *    and 2^64 - 1 means until node-failback (manual). Default 10 s.
 * @HASWITCH_A_SERVICE_ON_EMPTY: (string, 1 to 31 bytes) What happens to a packet that no
 *    member can take. With "drop" (the default), the packet is dropped. With "reject", the
 *    sender gets a TCP reset or an ICMP port unreachable error. With the name of a node, that
 *    node gets the packet while the node is usable. This node delivers the packet locally if
 *    the name is its own, and sends the packet as via direct otherwise.
 * @HASWITCH_A_SERVICE_ONE_PACKET: (u8, enum haswitch_one_packet) Whether each packet is a flow
 *    of its own; default off. The value "on" needs sched rr, wrr or random (EINVAL).
 * @HASWITCH_A_SERVICE_PERSIST: (u64) How long after a client's last packet the client's new
 *    flows go to the same member, ns. The value is 1 s to flow-timeout-max. The value 0, the
 *    default, means that new flows may go to any member.
 * @HASWITCH_A_SERVICE_PERSIST_MASK: (u8) Number of leading address bits that identify a client
 *    for persist. Clients whose addresses share these bits count as one client. The value is 1
 *    to 32 for IPv4, and 1 to 128 for IPv6 (ERANGE). The default is all bits. This attribute
 *    needs persist.
 * @HASWITCH_A_SERVICE_FLOWS: (u32) Number of flows tracked. Read only.
 * @HASWITCH_A_SERVICE_SNAT: (u8, enum haswitch_snat) Which source address members via nat see;
 *    default off. The value "on" needs a node that is this machine, with an address of the
 *    vip's family (EINVAL). A change applies to new flows.
 * @HASWITCH_A_SERVICE_NEW_MAX: (u32, 0 to 1000000) Maximum number of new flows tracked per
 *    second. After a second without new flows, that many flows may begin at once. A packet
 *    that would begin a flow above the limit counts as a packet that no member can take. The
 *    value 0, the default, means no limit. A limit needs tracked flows (EINVAL).
 * @HASWITCH_A_SERVICE_ON_FAILOVER: (u8, enum haswitch_on_failover) What happens to the flows
 *    of a member that is no longer usable; default move. The other values need tracked flows
 *    (EINVAL).
 * @HASWITCH_A_SERVICE_LIMITED: (u64) Packets that would have begun a flow above new-max. Read
 *    only.
 * @HASWITCH_A_SERVICE_SLOW_START: (u64) Time in which a member that begins to serve, or serves
 *    again, goes from a tenth of its weight to all of its weight, ns. The value is at most
 *    slow-start-max (ERANGE). The value 0, the default, means that the member has all of its
 *    weight at once. Other values need sched rr, wrr, lc, wlc or random (EINVAL).
 * @HASWITCH_A_SERVICE_SERVING: (u32) Number of members that get new flows from this node now,
 *    and can serve them. A member that gets new flows because no other member is left, but
 *    refuses them or cannot be reached, does not count. Read only.
 * @HASWITCH_A_SERVICE_ACTIVE_PORT: (u16) Port of the active member, if its node has several
 *    members in the service, host byte order. Read only.
 * @HASWITCH_A_SERVICE_ALSO: (u32, may repeat) Further ports of the service, beside port: the
 *    first port of a range in the upper 16 bits, the last one in the lower 16 bits, host byte
 *    order. A single port is both. A service has at most also-max such ranges, of ports from 1
 *    on (ERANGE), each with the lower port first (EINVAL). They do not overlap (EINVAL), and
 *    contain neither port (EINVAL) nor a port of another service of the vip and protocol
 *    (EEXIST). They need port, and members without a nat-port of their own (EINVAL). The
 *    ranges in a request replace all earlier ones. The value 0 alone removes them.
 * @HASWITCH_A_SERVICE_MIN_ACTIVE: (u32, 1 to 1024) Number of members that should be usable:
 *    their nodes up, their health up and their weights above 0. While fewer members are, spare
 *    members get new flows in their place; see spare. The default is 1. Other values need
 *    another sched than active-standby (EINVAL).
 * @HASWITCH_A_SERVICE_ZONE: (u8, enum haswitch_service_zone) Whether members in the zone of
 *    the node that forwards get the new flows. The value prefer needs another sched than
 *    active-standby (EINVAL). Default any.
 */
enum haswitch_a_service {
	HASWITCH_A_SERVICE_PAD = 1,
	HASWITCH_A_SERVICE_ADDR4 = 2,
	HASWITCH_A_SERVICE_ADDR6 = 3,
	HASWITCH_A_SERVICE_PROTO = 4,
	HASWITCH_A_SERVICE_PORT = 5,
	HASWITCH_A_SERVICE_SCHED = 6,
	HASWITCH_A_SERVICE_ACTIVE = 7,
	HASWITCH_A_SERVICE_MEMBERS = 8,
	HASWITCH_A_SERVICE_PACKETS = 9,
	HASWITCH_A_SERVICE_BYTES = 10,
	HASWITCH_A_SERVICE_DROPPED = 11,
	HASWITCH_A_SERVICE_FAILBACK = 12,
	HASWITCH_A_SERVICE_ON_EMPTY = 13,
	HASWITCH_A_SERVICE_ONE_PACKET = 14,
	HASWITCH_A_SERVICE_PERSIST = 15,
	HASWITCH_A_SERVICE_PERSIST_MASK = 16,
	HASWITCH_A_SERVICE_FLOWS = 17,
	HASWITCH_A_SERVICE_SNAT = 18,
	HASWITCH_A_SERVICE_NEW_MAX = 19,
	HASWITCH_A_SERVICE_ON_FAILOVER = 20,
	HASWITCH_A_SERVICE_LIMITED = 21,
	HASWITCH_A_SERVICE_SLOW_START = 22,
	HASWITCH_A_SERVICE_SERVING = 23,
	HASWITCH_A_SERVICE_ACTIVE_PORT = 24,
	HASWITCH_A_SERVICE_ALSO = 25,
	HASWITCH_A_SERVICE_MIN_ACTIVE = 26,
	HASWITCH_A_SERVICE_ZONE = 27,

	/* private: */
	__HASWITCH_A_SERVICE_MAX,
	HASWITCH_A_SERVICE_MAX = __HASWITCH_A_SERVICE_MAX - 1,
};

/**
 * enum haswitch_a_member - attributes: A node's part in a service.
 * @HASWITCH_A_MEMBER_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_MEMBER_ADDR4: (u32, big-endian) Address of the service's vip, if IPv4.
 * @HASWITCH_A_MEMBER_ADDR6: (binary, 16 bytes) Address of the service's vip, if IPv6.
 * @HASWITCH_A_MEMBER_PROTO: (u8) Protocol of the service, as in the service set.
 * @HASWITCH_A_MEMBER_PORT: (u16) Port of the service, host byte order, as in the service set.
 * @HASWITCH_A_MEMBER_NODE: (string, 1 to 31 bytes) Name of the node.
 * @HASWITCH_A_MEMBER_PRIORITY: (u32, 0 to 65535) Priority number, used by active-standby. A
 *    smaller number is preferred. Default 100.
 * @HASWITCH_A_MEMBER_VIA: (u8, enum haswitch_via) How other nodes reach the member. On its own
 *    node, the member is local, whatever this attribute says. The default is local for this
 *    node, and direct for other nodes. The value "local" is refused for other nodes (EINVAL).
 * @HASWITCH_A_MEMBER_HEALTH: (u8, enum haswitch_health) Health of the member, as checked or
 *    set; default up.
 * @HASWITCH_A_MEMBER_STATE: (u8, enum haswitch_node_state) Published state of the member's
 *    node. Read only.
 * @HASWITCH_A_MEMBER_PACKETS: (u64) Packets sent to the member. Read only.
 * @HASWITCH_A_MEMBER_BYTES: (u64) Bytes of the packets sent to the member, from the IP header
 *    on. Read only.
 * @HASWITCH_A_MEMBER_WEIGHT: (u32, 0 to 65535) Weight of the member. Flows are shared among
 *    the usable members in proportion to their weights. A member of weight 0 gets no new
 *    flows, whatever the scheduler. The tracked flows of such a member go on. Default 1.
 * @HASWITCH_A_MEMBER_FLOWS: (u32) Number of flows of the service that the member has. Read
 *    only.
 * @HASWITCH_A_MEMBER_NAT_PORT: (u16) Port of the member to which packets via nat are sent,
 *    host byte order. The value 0, the default, means the port that the client used. Other
 *    values need via nat, and a service of a protocol with ports and without further ports
 *    (EINVAL). A change to another via resets the port to 0. A node can have several members
 *    in a service if all of them are via nat, with different ports.
 * @HASWITCH_A_MEMBER_FLOWS_MAX: (u32) Maximum number of flows of the member. New flows above
 *    this limit go to other members. CPUs that give flows to the member at the same moment may
 *    each exceed the limit by one flow. The value 0, the default, means no limit. A limit
 *    needs tracked flows (EINVAL).
 * @HASWITCH_A_MEMBER_FULL: (u64) New flows of the service that arrived while the member had
 *    flows-max flows. Read only.
 * @HASWITCH_A_MEMBER_LOCAL_HERE: (flag) The member's node is this machine, which delivers
 *    packets for the member to its own programs. The attribute "via" says how other nodes
 *    reach the member. Read only.
 * @HASWITCH_A_MEMBER_NEW_FLOWS: (u8, enum haswitch_new_flows) Whether the member gets new
 *    flows from this node now, and if not, why. Read only.
 * @HASWITCH_A_MEMBER_SERVING: (flag) The member gets new flows from this node now, and can
 *    serve them. A held member serves while no better member does. Read only.
 * @HASWITCH_A_MEMBER_AT_PORT: (u16) Which of the node's members is meant: the one to whose
 *    port packets via nat are sent. The value 0, and the port of the service, mean the member
 *    without a port of its own. The attribute is needed if the node has several members in the
 *    service (ENOTUNIQ). Without it, the node's only member is meant.
 * @HASWITCH_A_MEMBER_CLOSING: (u32) Number of flows counted in "flows" that are closing,
 *    because a FIN or RST was seen. Read only.
 * @HASWITCH_A_MEMBER_FLOW_MADE: (u64) Flows of the service that began at the member, since the
 *    member was added. Flows that moved to it are not counted. Read only.
 * @HASWITCH_A_MEMBER_SPARE: (u8, enum haswitch_spare) Whether the member is a spare one. It
 *    gets no new flows while min-active members that are no spares are usable. Otherwise as
 *    many spare members as are missing get new flows. The next one is of the zone in which the
 *    fewest members serve. Among equal zones, it is of the one in which the most members that
 *    are no spares are not usable; then the order is that of the priorities and names. The
 *    value "on" needs another sched than active-standby (EINVAL). Default off.
 */
enum haswitch_a_member {
	HASWITCH_A_MEMBER_PAD = 1,
	HASWITCH_A_MEMBER_ADDR4 = 2,
	HASWITCH_A_MEMBER_ADDR6 = 3,
	HASWITCH_A_MEMBER_PROTO = 4,
	HASWITCH_A_MEMBER_PORT = 5,
	HASWITCH_A_MEMBER_NODE = 6,
	HASWITCH_A_MEMBER_PRIORITY = 7,
	HASWITCH_A_MEMBER_VIA = 8,
	HASWITCH_A_MEMBER_HEALTH = 9,
	HASWITCH_A_MEMBER_STATE = 10,
	HASWITCH_A_MEMBER_PACKETS = 11,
	HASWITCH_A_MEMBER_BYTES = 12,
	HASWITCH_A_MEMBER_WEIGHT = 13,
	HASWITCH_A_MEMBER_FLOWS = 14,
	HASWITCH_A_MEMBER_NAT_PORT = 15,
	HASWITCH_A_MEMBER_FLOWS_MAX = 16,
	HASWITCH_A_MEMBER_FULL = 17,
	HASWITCH_A_MEMBER_LOCAL_HERE = 18,
	HASWITCH_A_MEMBER_NEW_FLOWS = 19,
	HASWITCH_A_MEMBER_SERVING = 20,
	HASWITCH_A_MEMBER_AT_PORT = 21,
	HASWITCH_A_MEMBER_CLOSING = 22,
	HASWITCH_A_MEMBER_FLOW_MADE = 23,
	HASWITCH_A_MEMBER_SPARE = 24,

	/* private: */
	__HASWITCH_A_MEMBER_MAX,
	HASWITCH_A_MEMBER_MAX = __HASWITCH_A_MEMBER_MAX - 1,
};

/**
 * enum haswitch_a_beat - attributes: The agent's regular report of the nodes from which the
 *    agent receives heartbeats.
 * @HASWITCH_A_BEAT_NODE: (string, 1 to 31 bytes, may repeat) Name of a node from which the
 *    agent receives heartbeats.
 * @HASWITCH_A_BEAT_TIME: (u64, 1000 to 3600000000000) How long each named node stays alive
 *    without being named again, ns, 1 microsecond to 1 hour.
 * @HASWITCH_A_BEAT_PAD: (padding) Aligns 64-bit values.
 */
enum haswitch_a_beat {
	HASWITCH_A_BEAT_NODE = 1,
	HASWITCH_A_BEAT_TIME = 2,
	HASWITCH_A_BEAT_PAD = 3,

	/* private: */
	__HASWITCH_A_BEAT_MAX,
	HASWITCH_A_BEAT_MAX = __HASWITCH_A_BEAT_MAX - 1,
};

/**
 * enum haswitch_a_event - attributes: A recorded event.
 * @HASWITCH_A_EVENT_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_EVENT_SEQ: (u64) Number of the event in its network namespace, counted from 1.
 *    In a dump request, this is the number of the first event to show.
 * @HASWITCH_A_EVENT_TIME: (u64) Time of the event, ns.
 * @HASWITCH_A_EVENT_KIND: (u8, enum haswitch_event_kind) Kind of the event. The kind
 *    determines which other attributes are present.
 * @HASWITCH_A_EVENT_CAUSE: (u8, enum haswitch_cause) Cause of the event.
 * @HASWITCH_A_EVENT_NODE: (string) Name of the node that the event is about.
 * @HASWITCH_A_EVENT_FROM: (u8, enum haswitch_node_state) Published state of the node before
 *    the change (kind node).
 * @HASWITCH_A_EVENT_TO: (u8, enum haswitch_node_state) Published state of the node after the
 *    change (kind node).
 * @HASWITCH_A_EVENT_HEALTH: (u8, enum haswitch_health) Health of the member after the change
 *    (kind member).
 * @HASWITCH_A_EVENT_ADDR4: (u32, big-endian) Vip that the event is about, if IPv4.
 * @HASWITCH_A_EVENT_ADDR6: (binary, 16 bytes) Vip that the event is about, if IPv6.
 * @HASWITCH_A_EVENT_PROTO: (u8) Protocol of the service that the event is about.
 * @HASWITCH_A_EVENT_PORT: (u16) Port of the service that the event is about, host byte order.
 * @HASWITCH_A_EVENT_DECISION: (u64) Time at which the module received the input that caused
 *    the switch, ns.
 * @HASWITCH_A_EVENT_PUBLISH: (u64) Time at which the new state was stored for packets to read,
 *    ns.
 * @HASWITCH_A_EVENT_FIRST_PACKET: (u64) Time at which the first packet was sent to the new
 *    node, ns (kind first-packet).
 * @HASWITCH_A_EVENT_SWITCH: (u64) Number (seq) of the event that reported the switch (kind
 *    first-packet).
 * @HASWITCH_A_EVENT_OBJECT: (u8, enum haswitch_object) Kind of the object that was changed
 *    (kind config).
 * @HASWITCH_A_EVENT_ACTION: (u8, enum haswitch_action) What was done to the object (kind
 *    config).
 * @HASWITCH_A_EVENT_GENERATION: (u64) Configuration generation after the change (kind config).
 * @HASWITCH_A_EVENT_LEASE: (string) Name of the lease that the event is about (kinds lease,
 *    lease-move, protodown-on, protodown-off and config).
 * @HASWITCH_A_EVENT_EPOCH: (u64) Epoch of the grant that began or ended (kind lease). For the
 *    kinds member and first-packet, this is the epoch under which the service's vip was held,
 *    or 0 without a lease.
 * @HASWITCH_A_EVENT_EVIDENCE: (u8, enum haswitch_evidence, may repeat) Evidence against the
 *    node after the switch (kinds node and first-packet).
 * @HASWITCH_A_EVENT_DEV: (string) Device on which the conflict was seen (kind vip-conflict).
 * @HASWITCH_A_EVENT_LLADDR: (binary, 6 bytes) Link-layer address of the other host that uses
 *    the vip (kind vip-conflict). The attribute "node" names the node that is known to have
 *    this address, if there is one.
 * @HASWITCH_A_EVENT_PATH: (u8) Number of the path in its session, counted from 0 (kind
 *    pulse-path).
 * @HASWITCH_A_EVENT_PULSE_FROM: (u8, enum haswitch_pulse_state) State of the path before the
 *    change (kind pulse-path).
 * @HASWITCH_A_EVENT_PULSE_TO: (u8, enum haswitch_pulse_state) State of the path after the
 *    change (kind pulse-path).
 * @HASWITCH_A_EVENT_TOLD: (u8, enum haswitch_pulse_kind) Notice that the peer sent (kind
 *    pulse-told), or by which the holder gave the lease up (kind lease, cause resigned). The
 *    holder sends "released" after the last packet that it accepted under the grant has left.
 *    The holder may send "going" at any moment, for example in a panic. The event of a panic
 *    that has stopped all CPUs names "released".
 * @HASWITCH_A_EVENT_VALUE: (u64) Number that the peer's notice carries (kind pulse-told). With
 *    "released", this number is the epoch. With "going", the number 1 says that the peer has
 *    panicked and has stopped its other CPUs.
 * @HASWITCH_A_EVENT_SUCCESSOR: (string) Node that is to hold the lease next, if a node was
 *    named (kind lease with cause released, and kind lease-move).
 * @HASWITCH_A_EVENT_ANSWER: (u8, enum haswitch_move_answer) Answer of an agent (kind
 *    lease-move). The attribute is absent if the event is the request to the agent.
 * @HASWITCH_A_EVENT_NAT_PORT: (u16) Port of the member, which is via nat, host byte order
 *    (kinds member, flow-ports, flow-alike, spare-in and spare-out; config, if the object is a
 *    member). Absent if the member has no port of its own.
 * @HASWITCH_A_EVENT_SHARE: (u8) Share of the node after the change, percent (kind node-share).
 */
enum haswitch_a_event {
	HASWITCH_A_EVENT_PAD = 1,
	HASWITCH_A_EVENT_SEQ = 2,
	HASWITCH_A_EVENT_TIME = 3,
	HASWITCH_A_EVENT_KIND = 4,
	HASWITCH_A_EVENT_CAUSE = 5,
	HASWITCH_A_EVENT_NODE = 6,
	HASWITCH_A_EVENT_FROM = 7,
	HASWITCH_A_EVENT_TO = 8,
	HASWITCH_A_EVENT_HEALTH = 9,
	HASWITCH_A_EVENT_ADDR4 = 10,
	HASWITCH_A_EVENT_ADDR6 = 11,
	HASWITCH_A_EVENT_PROTO = 12,
	HASWITCH_A_EVENT_PORT = 13,
	HASWITCH_A_EVENT_DECISION = 14,
	HASWITCH_A_EVENT_PUBLISH = 15,
	HASWITCH_A_EVENT_FIRST_PACKET = 16,
	HASWITCH_A_EVENT_SWITCH = 17,
	HASWITCH_A_EVENT_OBJECT = 18,
	HASWITCH_A_EVENT_ACTION = 19,
	HASWITCH_A_EVENT_GENERATION = 20,
	HASWITCH_A_EVENT_LEASE = 21,
	HASWITCH_A_EVENT_EPOCH = 22,
	HASWITCH_A_EVENT_EVIDENCE = 23,
	HASWITCH_A_EVENT_DEV = 24,
	HASWITCH_A_EVENT_LLADDR = 25,
	HASWITCH_A_EVENT_PATH = 26,
	HASWITCH_A_EVENT_PULSE_FROM = 27,
	HASWITCH_A_EVENT_PULSE_TO = 28,
	HASWITCH_A_EVENT_TOLD = 29,
	HASWITCH_A_EVENT_VALUE = 30,
	HASWITCH_A_EVENT_SUCCESSOR = 31,
	HASWITCH_A_EVENT_ANSWER = 32,
	HASWITCH_A_EVENT_NAT_PORT = 33,
	HASWITCH_A_EVENT_SHARE = 34,

	/* private: */
	__HASWITCH_A_EVENT_MAX,
	HASWITCH_A_EVENT_MAX = __HASWITCH_A_EVENT_MAX - 1,
};

/**
 * enum haswitch_a_bucket - attributes: One bucket of a histogram.
 * @HASWITCH_A_BUCKET_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_BUCKET_BELOW: (u64) Upper bound of the bucket, ns, exclusive; 0 means no bound.
 * @HASWITCH_A_BUCKET_COUNT: (u64) Number of switches in the bucket.
 */
enum haswitch_a_bucket {
	HASWITCH_A_BUCKET_PAD = 1,
	HASWITCH_A_BUCKET_BELOW = 2,
	HASWITCH_A_BUCKET_COUNT = 3,

	/* private: */
	__HASWITCH_A_BUCKET_MAX,
	HASWITCH_A_BUCKET_MAX = __HASWITCH_A_BUCKET_MAX - 1,
};

/**
 * enum haswitch_a_stats - attributes: Counters of this network namespace since the module was
 *    loaded there. The counter "seen" counts each packet to a vip, and each packet from a vip
 *    that this node may not send. Each of these packets is also counted in exactly one of
 *    "redirected", "local", "passed" or a "drop" counter.
 * @HASWITCH_A_STATS_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_STATS_SEEN: (u64) Packets that the module handled, which are packets to a vip,
 *    replies of members via nat, and dropped packets from a vip.
 * @HASWITCH_A_STATS_REDIRECTED: (u64) Packets sent on to another node, and replies sent to
 *    clients with a vip as source.
 * @HASWITCH_A_STATS_LOCAL: (u64) Packets handed to this node's own stack for delivery.
 * @HASWITCH_A_STATS_PASSED: (u64) Packets left to the stack. A bridge forwards them to another
 *    machine, or they came from the loopback device or by a device in a VRF. Or this node does
 *    not hold the vip, and they came from behind this machine, as from a container. Or nft has
 *    given the vip to a connection as its source, and no service takes the packets.
 * @HASWITCH_A_STATS_DROP_NOT_HOLDER: (u64) Packets dropped because this node does not hold the
 *    vip. No vip is held in a VRF. So the counter includes packets that came by a device in a
 *    VRF, if the vip is an address of this machine. It also includes packets to an address
 *    that haswitch devices have, but that is no vip yet, or no vip any more.
 * @HASWITCH_A_STATS_DROP_NO_MEMBER: (u64) Packets dropped because no member was usable. The
 *    counter includes packets for local delivery that were dropped because the vip is not an
 *    address of this machine.
 * @HASWITCH_A_STATS_DROP_UNRESOLVED: (u64) Packets dropped because the next hop to the node is
 *    not resolved.
 * @HASWITCH_A_STATS_DROP_TTL: (u64) Packets dropped because their TTL or hop limit ran out.
 * @HASWITCH_A_STATS_DROP_MTU: (u64) Packets dropped because they exceed the MTU and must not
 *    be fragmented, or because a device has merged them by LRO.
 * @HASWITCH_A_STATS_DROP_MALFORMED: (u64) Packets dropped because their headers are not valid.
 * @HASWITCH_A_STATS_DROP_MEMORY: (u64) Packets dropped because no memory was available.
 * @HASWITCH_A_STATS_DROP_OUTPUT: (u64) Packets dropped on output, because their source is a
 *    vip from which this node may not send.
 * @HASWITCH_A_STATS_ARP_ANSWERED: (u64) ARP requests for a vip that the module answered.
 * @HASWITCH_A_STATS_ARP_DROPPED: (u64) ARP packets about a vip that were dropped.
 * @HASWITCH_A_STATS_ARP_REWRITTEN: (u64) ARP requests whose sender address was changed from a
 *    vip to an address of the device.
 * @HASWITCH_A_STATS_ND_ANSWERED: (u64) Neighbour solicitations for a vip that the module
 *    answered.
 * @HASWITCH_A_STATS_ND_DROPPED: (u64) Neighbour discovery packets about a vip that were
 *    dropped.
 * @HASWITCH_A_STATS_ND_REWRITTEN: (u64) Neighbour solicitations whose source was changed from
 *    a vip to an address of the device.
 * @HASWITCH_A_STATS_ANNOUNCED: (u64) Gratuitous ARPs and unsolicited neighbour advertisements
 *    sent.
 * @HASWITCH_A_STATS_SWITCHES: (u64) Published state changes of nodes and members.
 * @HASWITCH_A_STATS_BEATS: (u64) BEATs accepted.
 * @HASWITCH_A_STATS_DECISION_PUBLISH: (nest of bucket attributes, may repeat) Histogram of the
 *    time from decision to publish (see the "event" set).
 * @HASWITCH_A_STATS_PUBLISH_FIRST: (nest of bucket attributes, may repeat) Histogram of the
 *    time from publish to the first packet.
 * @HASWITCH_A_STATS_DECISION_FIRST: (nest of bucket attributes, may repeat) Histogram of the
 *    time from decision to the first packet.
 * @HASWITCH_A_STATS_STRAY_SENT: (u64) Strays that this node sent on to the holder, with a
 *    mark. These packets are also counted in "redirected".
 * @HASWITCH_A_STATS_STRAY_RECEIVED: (u64) Marked strays to a vip that arrived from other
 *    nodes.
 * @HASWITCH_A_STATS_STRAY_REFUSED: (u64) Datagrams to tunnel-port that were refused, because
 *    the sender is not a known node or the datagram contains no marked packet to a vip.
 * @HASWITCH_A_STATS_REPEATED: (u64) Repeated announcements of vips, sent 0.1, 0.5, 1, 2 and 5
 *    seconds after the announcements counted in "announced"; and refreshes, sent once in 60
 *    seconds (module parameter announce_refresh).
 * @HASWITCH_A_STATS_CONFLICTS: (u64) Frames by which another host uses or probes for a vip
 *    that this node holds. This node answers such a frame with an announcement.
 * @HASWITCH_A_STATS_CONFLICTS_CAPPED: (u64) Frames counted in "conflicts" that were not
 *    answered. Within the last second, this node had already announced the vip, or too many
 *    other vips, because of conflicts; or too many hosts had sent such frames.
 * @HASWITCH_A_STATS_PULSE_UNKNOWN: (u64) Heartbeats that belong to no session, or whose
 *    addresses are not the addresses of a path of the session. Such heartbeats are dropped
 *    before any MAC is computed.
 * @HASWITCH_A_STATS_PULSE_MALFORMED: (u64) Packets to the heartbeat port that are not
 *    heartbeats.
 * @HASWITCH_A_STATS_STRAY_KEPT: (u64) Strays counted in "stray-received" that arrived before
 *    this node held the vip. This node keeps such a stray until it holds the vip.
 * @HASWITCH_A_STATS_STRAY_GIVEN_UP: (u64) Strays counted in "stray-kept" that were dropped
 *    after a second, because this node did not hold the vip by then. The counter includes
 *    strays that were dropped because there was no room to keep them.
 * @HASWITCH_A_STATS_FAST: (u64) Packets counted in "redirected" that the fast path sent.
 * @HASWITCH_A_STATS_REJECTED: (u64) Packets counted in "drop-no-member" whose service rejects
 *    packets (on-empty reject).
 * @HASWITCH_A_STATS_FLOW_MADE: (u64) Flows whose tracking began.
 * @HASWITCH_A_STATS_FLOW_MOVED: (u64) Flows that moved to another member.
 * @HASWITCH_A_STATS_FLOW_REFUSED: (u64) New flows that were refused. The packets of these
 *    flows are counted by cause, as "drop-flow-full", "drop-flow-ports", "drop-flow-alike" or
 *    "drop-memory".
 * @HASWITCH_A_STATS_TUNNEL_SENT: (u64) Outer packets sent to members via tunnel and gue. Each
 *    outer packet contains a packet to a vip, or a fragment of such a packet.
 * @HASWITCH_A_STATS_TUNNEL_RECEIVED: (u64) Packets to a vip that arrived from the vip's holder
 *    inside other packets, via tunnel or gue.
 * @HASWITCH_A_STATS_TUNNEL_REFUSED: (u64) Outer packets via tunnel or gue that were not
 *    decapsulated, because the sender is not the vip's holder or the packet is malformed. The
 *    counter includes outer packets via gue that contain no packet to a vip.
 * @HASWITCH_A_STATS_NAT_ANSWERED: (u64) Replies of members via nat that were sent to clients
 *    with a vip as source. These packets are also counted in "redirected" or "local".
 * @HASWITCH_A_STATS_FLOW_RESET: (u64) TCP resets sent to clients whose flows had a member that
 *    is no longer usable (on-failover reset).
 * @HASWITCH_A_STATS_DROP_SOURCE: (u64) Packets dropped because their source address is not
 *    valid on the device that received the packets. See rp_filter and accept_local in the
 *    kernel's ip-sysctl documentation. Packets with a broadcast address as source are dropped
 *    with any setting.
 * @HASWITCH_A_STATS_DROP_FLOW_FULL: (u64) Packets dropped because they would begin a flow, but
 *    the flow table is full.
 * @HASWITCH_A_STATS_DROP_FLOW_PORTS: (u64) Packets dropped because they would begin a flow of
 *    a service with snat, but none of the ports that were tried is free.
 * @HASWITCH_A_STATS_DROP_FLOW_ALIKE: (u64) Packets dropped because they would begin a flow to
 *    a member via nat, but another flow has the same addresses and ports at the member.
 * @HASWITCH_A_STATS_FLOW_EVICTED: (u64) Flows that were ended before their timeout, because
 *    new flows needed room in a full flow table.
 * @HASWITCH_A_STATS_FLOW_EVICTED_ASSURED: (u64) Flows counted in "flow-evicted" whose client
 *    is assured. A client is assured after a TCP handshake, or after sending packets of one
 *    flow for more than a second. The services of these flows had more flows than the service
 *    of the new flow.
 * @HASWITCH_A_STATS_STRAY_RETURNED: (u64) Strays that this node had already sent to a member
 *    in a frame, and that the member sent back. The member knows another link-layer address of
 *    this node. Such a stray is sent to the member in a tunnel.
 */
enum haswitch_a_stats {
	HASWITCH_A_STATS_PAD = 1,
	HASWITCH_A_STATS_SEEN = 2,
	HASWITCH_A_STATS_REDIRECTED = 3,
	HASWITCH_A_STATS_LOCAL = 4,
	HASWITCH_A_STATS_PASSED = 5,
	HASWITCH_A_STATS_DROP_NOT_HOLDER = 6,
	HASWITCH_A_STATS_DROP_NO_MEMBER = 7,
	HASWITCH_A_STATS_DROP_UNRESOLVED = 8,
	HASWITCH_A_STATS_DROP_TTL = 9,
	HASWITCH_A_STATS_DROP_MTU = 10,
	HASWITCH_A_STATS_DROP_MALFORMED = 11,
	HASWITCH_A_STATS_DROP_MEMORY = 12,
	HASWITCH_A_STATS_DROP_OUTPUT = 13,
	HASWITCH_A_STATS_ARP_ANSWERED = 14,
	HASWITCH_A_STATS_ARP_DROPPED = 15,
	HASWITCH_A_STATS_ARP_REWRITTEN = 16,
	HASWITCH_A_STATS_ND_ANSWERED = 17,
	HASWITCH_A_STATS_ND_DROPPED = 18,
	HASWITCH_A_STATS_ND_REWRITTEN = 19,
	HASWITCH_A_STATS_ANNOUNCED = 20,
	HASWITCH_A_STATS_SWITCHES = 21,
	HASWITCH_A_STATS_BEATS = 22,
	HASWITCH_A_STATS_DECISION_PUBLISH = 23,
	HASWITCH_A_STATS_PUBLISH_FIRST = 24,
	HASWITCH_A_STATS_DECISION_FIRST = 25,
	HASWITCH_A_STATS_STRAY_SENT = 26,
	HASWITCH_A_STATS_STRAY_RECEIVED = 27,
	HASWITCH_A_STATS_STRAY_REFUSED = 28,
	HASWITCH_A_STATS_REPEATED = 29,
	HASWITCH_A_STATS_CONFLICTS = 30,
	HASWITCH_A_STATS_CONFLICTS_CAPPED = 31,
	HASWITCH_A_STATS_PULSE_UNKNOWN = 32,
	HASWITCH_A_STATS_PULSE_MALFORMED = 33,
	HASWITCH_A_STATS_STRAY_KEPT = 34,
	HASWITCH_A_STATS_STRAY_GIVEN_UP = 35,
	HASWITCH_A_STATS_FAST = 36,
	HASWITCH_A_STATS_REJECTED = 37,
	HASWITCH_A_STATS_FLOW_MADE = 38,
	HASWITCH_A_STATS_FLOW_MOVED = 39,
	HASWITCH_A_STATS_FLOW_REFUSED = 40,
	HASWITCH_A_STATS_TUNNEL_SENT = 41,
	HASWITCH_A_STATS_TUNNEL_RECEIVED = 42,
	HASWITCH_A_STATS_TUNNEL_REFUSED = 43,
	HASWITCH_A_STATS_NAT_ANSWERED = 44,
	HASWITCH_A_STATS_FLOW_RESET = 45,
	HASWITCH_A_STATS_DROP_SOURCE = 46,
	HASWITCH_A_STATS_DROP_FLOW_FULL = 47,
	HASWITCH_A_STATS_DROP_FLOW_PORTS = 48,
	HASWITCH_A_STATS_DROP_FLOW_ALIKE = 49,
	HASWITCH_A_STATS_FLOW_EVICTED = 50,
	HASWITCH_A_STATS_FLOW_EVICTED_ASSURED = 51,
	HASWITCH_A_STATS_STRAY_RETURNED = 52,

	/* private: */
	__HASWITCH_A_STATS_MAX,
	HASWITCH_A_STATS_MAX = __HASWITCH_A_STATS_MAX - 1,
};

/**
 * enum haswitch_a_flow - attributes: A tracked flow, identified by the addresses and ports in
 *    its client's packets.
 * @HASWITCH_A_FLOW_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_FLOW_CLIENT4: (u32, big-endian) Address of the client, if IPv4.
 * @HASWITCH_A_FLOW_CLIENT6: (binary, 16 bytes) Address of the client, if IPv6.
 * @HASWITCH_A_FLOW_CLIENT_PORT: (u16) Port of the client, host byte order, or the identifier
 *    of an ICMP echo. The attribute is absent from an entry that keeps a client with its
 *    member (persist).
 * @HASWITCH_A_FLOW_ADDR4: (u32, big-endian) Address of the vip, if IPv4.
 * @HASWITCH_A_FLOW_ADDR6: (binary, 16 bytes) Address of the vip, if IPv6.
 * @HASWITCH_A_FLOW_PROTO: (u8) IP protocol number.
 * @HASWITCH_A_FLOW_PORT: (u16) Port of the vip, host byte order; 0 if the protocol has no
 *    ports.
 * @HASWITCH_A_FLOW_NODE: (string, 1 to 31 bytes) Node of the flow's member. The attribute is
 *    absent if that node is no longer a member.
 * @HASWITCH_A_FLOW_STATE: (u8, enum haswitch_flow_state) State of the flow.
 * @HASWITCH_A_FLOW_EXPIRES: (u64) Time after which the flow ends unless another packet
 *    arrives, ns from now.
 * @HASWITCH_A_FLOW_MASK: (u8) Number of leading bits of the client's address that identify the
 *    client. The attribute is present only in an entry that keeps a client with its member
 *    (persist).
 * @HASWITCH_A_FLOW_DELETED: (u32) Number of flows that were deleted.
 * @HASWITCH_A_FLOW_NAT_PORT: (u16) Port of the flow's member, which is via nat, host byte
 *    order. Absent if the member has no port of its own. In a request, the value 0 and the
 *    port of the service mean a member without a port of its own.
 */
enum haswitch_a_flow {
	HASWITCH_A_FLOW_PAD = 1,
	HASWITCH_A_FLOW_CLIENT4 = 2,
	HASWITCH_A_FLOW_CLIENT6 = 3,
	HASWITCH_A_FLOW_CLIENT_PORT = 4,
	HASWITCH_A_FLOW_ADDR4 = 5,
	HASWITCH_A_FLOW_ADDR6 = 6,
	HASWITCH_A_FLOW_PROTO = 7,
	HASWITCH_A_FLOW_PORT = 8,
	HASWITCH_A_FLOW_NODE = 9,
	HASWITCH_A_FLOW_STATE = 10,
	HASWITCH_A_FLOW_EXPIRES = 11,
	HASWITCH_A_FLOW_MASK = 12,
	HASWITCH_A_FLOW_DELETED = 13,
	HASWITCH_A_FLOW_NAT_PORT = 14,

	/* private: */
	__HASWITCH_A_FLOW_MAX,
	HASWITCH_A_FLOW_MAX = __HASWITCH_A_FLOW_MAX - 1,
};

/**
 * enum haswitch_a_flow_limits - attributes: Maximum number of tracked flows, and how long a
 *    flow is kept without a packet.
 * @HASWITCH_A_FLOW_LIMITS_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_FLOW_LIMITS_MOST: (u32, 0 to 16777216) Maximum number of tracked flows; default
 *    262144.
 * @HASWITCH_A_FLOW_LIMITS_COUNT: (u32) Number of flows tracked now. Read only.
 * @HASWITCH_A_FLOW_LIMITS_TCP_SYN: (u64) How long a TCP flow of which only a SYN was seen is
 *    kept without a packet, ns, 1 s to flow-timeout-max; default 60 s.
 * @HASWITCH_A_FLOW_LIMITS_TCP: (u64) How long an established TCP flow is kept without a
 *    packet, ns, 1 s to flow-timeout-max; default 900 s.
 * @HASWITCH_A_FLOW_LIMITS_TCP_CLOSING: (u64) How long a TCP flow is kept without a packet
 *    after a FIN or RST, ns, 1 s to flow-timeout-max; default 120 s.
 * @HASWITCH_A_FLOW_LIMITS_UDP: (u64) How long a UDP flow is kept without a packet, ns, 1 s to
 *    flow-timeout-max; default 180 s.
 * @HASWITCH_A_FLOW_LIMITS_OTHER: (u64) How long a flow of another protocol is kept without a
 *    packet, ns, 1 s to flow-timeout-max; default 60 s.
 */
enum haswitch_a_flow_limits {
	HASWITCH_A_FLOW_LIMITS_PAD = 1,
	HASWITCH_A_FLOW_LIMITS_MOST = 2,
	HASWITCH_A_FLOW_LIMITS_COUNT = 3,
	HASWITCH_A_FLOW_LIMITS_TCP_SYN = 4,
	HASWITCH_A_FLOW_LIMITS_TCP = 5,
	HASWITCH_A_FLOW_LIMITS_TCP_CLOSING = 6,
	HASWITCH_A_FLOW_LIMITS_UDP = 7,
	HASWITCH_A_FLOW_LIMITS_OTHER = 8,

	/* private: */
	__HASWITCH_A_FLOW_LIMITS_MAX,
	HASWITCH_A_FLOW_LIMITS_MAX = __HASWITCH_A_FLOW_LIMITS_MAX - 1,
};

/**
 * enum haswitch_a_config - attributes: The configuration as a whole.
 * @HASWITCH_A_CONFIG_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_CONFIG_GENERATION: (u64) Number that grows with every change of the
 *    configuration.
 * @HASWITCH_A_CONFIG_NODES: (u32) Number of nodes.
 * @HASWITCH_A_CONFIG_VIPS: (u32) Number of vips.
 * @HASWITCH_A_CONFIG_SERVICES: (u32) Number of services.
 * @HASWITCH_A_CONFIG_MEMBERS: (u32) Number of members.
 * @HASWITCH_A_CONFIG_AGENT_STALLED: (flag) BEATs arrived earlier, but have stopped.
 * @HASWITCH_A_CONFIG_LEASES: (u32) Number of leases.
 * @HASWITCH_A_CONFIG_DOORS: (u32) Number of devices that have the ingress hook of the fast
 *    path.
 */
enum haswitch_a_config {
	HASWITCH_A_CONFIG_PAD = 1,
	HASWITCH_A_CONFIG_GENERATION = 2,
	HASWITCH_A_CONFIG_NODES = 3,
	HASWITCH_A_CONFIG_VIPS = 4,
	HASWITCH_A_CONFIG_SERVICES = 5,
	HASWITCH_A_CONFIG_MEMBERS = 6,
	HASWITCH_A_CONFIG_AGENT_STALLED = 7,
	HASWITCH_A_CONFIG_LEASES = 8,
	HASWITCH_A_CONFIG_DOORS = 9,

	/* private: */
	__HASWITCH_A_CONFIG_MAX,
	HASWITCH_A_CONFIG_MAX = __HASWITCH_A_CONFIG_MAX - 1,
};

/**
 * enum haswitch_a_times - attributes: How long switches took, for one service or for this
 *    network namespace. A switch of a service is counted when the first packet is sent to the
 *    new node.
 * @HASWITCH_A_TIMES_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_TIMES_ADDR4: (u32, big-endian) Address of the service's vip, if IPv4.
 * @HASWITCH_A_TIMES_ADDR6: (binary, 16 bytes) Address of the service's vip, if IPv6.
 * @HASWITCH_A_TIMES_PROTO: (u8) Protocol of the service, as in the service set.
 * @HASWITCH_A_TIMES_PORT: (u16) Port of the service, host byte order, as in the service set.
 * @HASWITCH_A_TIMES_MOVES: (u64) Number of switches after which a first packet was sent, for
 *    the service or for all services together. Read only.
 * @HASWITCH_A_TIMES_DECISION_PUBLISH: (nest of bucket attributes, may repeat) Histogram of the
 *    time from decision to publish. Without a service, the histogram counts every switch, even
 *    if no packet followed. Read only.
 * @HASWITCH_A_TIMES_PUBLISH_FIRST: (nest of bucket attributes, may repeat) Histogram of the
 *    time from publish to the first packet. Read only.
 * @HASWITCH_A_TIMES_DECISION_FIRST: (nest of bucket attributes, may repeat) Histogram of the
 *    time from decision to the first packet. Read only.
 */
enum haswitch_a_times {
	HASWITCH_A_TIMES_PAD = 1,
	HASWITCH_A_TIMES_ADDR4 = 2,
	HASWITCH_A_TIMES_ADDR6 = 3,
	HASWITCH_A_TIMES_PROTO = 4,
	HASWITCH_A_TIMES_PORT = 5,
	HASWITCH_A_TIMES_MOVES = 6,
	HASWITCH_A_TIMES_DECISION_PUBLISH = 7,
	HASWITCH_A_TIMES_PUBLISH_FIRST = 8,
	HASWITCH_A_TIMES_DECISION_FIRST = 9,

	/* private: */
	__HASWITCH_A_TIMES_MAX,
	HASWITCH_A_TIMES_MAX = __HASWITCH_A_TIMES_MAX - 1,
};

/**
 * enum haswitch_a_lease - attributes: The right to answer for a set of vips, which one node
 *    has until a deadline. The grant, which says which node has the lease, is not
 *    configuration. A grant is not saved, and survives a restore.
 * @HASWITCH_A_LEASE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_LEASE_NAME: (string, 1 to 31 bytes) Unique name of the lease, of the same
 *    characters as the name of a node.
 * @HASWITCH_A_LEASE_FLOOR: (u64) Smallest epoch that may be granted. The attribute is absent
 *    until the floor is set, and no epoch may be granted until then.
 * @HASWITCH_A_LEASE_EPOCH: (u64) Epoch of the grant, a fencing token that only grows. The
 *    attribute is absent if no node holds the lease.
 * @HASWITCH_A_LEASE_HOLDER: (string, 1 to 31 bytes) Node that holds the lease. The attribute
 *    is absent if no node holds the lease.
 * @HASWITCH_A_LEASE_DEADLINE: (u64) Time at which the grant ends, ns, at most 10 s ahead. The
 *    attribute is absent if no node holds the lease.
 * @HASWITCH_A_LEASE_BURNED: (u64) Largest epoch that can no longer be granted, because the
 *    grant under that epoch has ended. Read only.
 * @HASWITCH_A_LEASE_HELD: (flag) This node holds the lease. Read only.
 * @HASWITCH_A_LEASE_VIPS: (u32) Number of vips of the lease. Read only.
 * @HASWITCH_A_LEASE_TIED: (flag) The grant of this node ends when the netlink socket that
 *    granted or last renewed the grant is closed. A grant or renewal without this flag unties
 *    the grant.
 * @HASWITCH_A_LEASE_SUCCESSOR: (string, 1 to 31 bytes) Node to which this node hands the lease
 *    over when this node releases the lease. Strays go to the successor until another grant is
 *    known here, or for 10 s. The attribute is absent if there is no successor.
 * @HASWITCH_A_LEASE_ANSWER: (u8, enum haswitch_move_answer) Answer of an agent to a lease-move
 *    request.
 * @HASWITCH_A_LEASE_PREFER: (string, at most 31 bytes, may repeat) Node that should hold the
 *    lease; at most lease-nodes-max nodes, the most preferred node first. The nodes in a
 *    request replace all earlier preferred nodes. The empty string alone removes the earlier
 *    nodes.
 * @HASWITCH_A_LEASE_ONLY: (string, at most 31 bytes, may repeat) Node that may hold the lease;
 *    at most lease-nodes-max nodes. Without any such node, each node may hold the lease. The
 *    nodes in a request replace all earlier allowed nodes. The empty string alone removes the
 *    earlier nodes.
 * @HASWITCH_A_LEASE_FAILBACK: (u64) How long a returned preferred node waits before a less
 *    preferred node hands the lease over, ns, at most failback-max. The value 0 means no wait
 *    (auto), and 2^64 - 1 means for ever (manual). Default 10 s. The attribute is absent
 *    without prefer.
 * @HASWITCH_A_LEASE_RESIGN: (u8, enum haswitch_resign) When the holder resigns the lease
 *    because client-facing devices have no link; default any. A vip with several such devices
 *    has lost them only when none of them has a link.
 * @HASWITCH_A_LEASE_PARTLY: (flag) In a grant to this node: clients of some of the lease's
 *    vips may be unable to reach this node, whatever "resign" says. In a reply: this node
 *    holds the lease, and clients of some of its vips cannot reach it.
 * @HASWITCH_A_LEASE_PROTODOWN: (flag) Protodown of the lease's device (ha-LEASE) is on, so
 *    this node is no candidate for the lease. In replies only.
 */
enum haswitch_a_lease {
	HASWITCH_A_LEASE_PAD = 1,
	HASWITCH_A_LEASE_NAME = 2,
	HASWITCH_A_LEASE_FLOOR = 3,
	HASWITCH_A_LEASE_EPOCH = 4,
	HASWITCH_A_LEASE_HOLDER = 5,
	HASWITCH_A_LEASE_DEADLINE = 6,
	HASWITCH_A_LEASE_BURNED = 7,
	HASWITCH_A_LEASE_HELD = 8,
	HASWITCH_A_LEASE_VIPS = 9,
	HASWITCH_A_LEASE_TIED = 10,
	HASWITCH_A_LEASE_SUCCESSOR = 11,
	HASWITCH_A_LEASE_ANSWER = 12,
	HASWITCH_A_LEASE_PREFER = 13,
	HASWITCH_A_LEASE_ONLY = 14,
	HASWITCH_A_LEASE_FAILBACK = 15,
	HASWITCH_A_LEASE_RESIGN = 16,
	HASWITCH_A_LEASE_PARTLY = 17,
	HASWITCH_A_LEASE_PROTODOWN = 18,

	/* private: */
	__HASWITCH_A_LEASE_MAX,
	HASWITCH_A_LEASE_MAX = __HASWITCH_A_LEASE_MAX - 1,
};

/**
 * enum haswitch_a_pulse_path - attributes: Pair of addresses between which two nodes send
 *    heartbeats.
 * @HASWITCH_A_PULSE_PATH_LOCAL4: (u32, big-endian) Address of this node, if IPv4. Both
 *    addresses of a path are of one family.
 * @HASWITCH_A_PULSE_PATH_LOCAL6: (binary, 16 bytes) Address of this node, if IPv6.
 * @HASWITCH_A_PULSE_PATH_REMOTE4: (u32, big-endian) The peer's address, if IPv4.
 * @HASWITCH_A_PULSE_PATH_REMOTE6: (binary, 16 bytes) The peer's address, if IPv6.
 * @HASWITCH_A_PULSE_PATH_DEV: (string, at most 15 bytes) Device through which heartbeats
 *    leave. Without dev, the route decides. A link-local address needs dev.
 */
enum haswitch_a_pulse_path {
	HASWITCH_A_PULSE_PATH_LOCAL4 = 1,
	HASWITCH_A_PULSE_PATH_LOCAL6 = 2,
	HASWITCH_A_PULSE_PATH_REMOTE4 = 3,
	HASWITCH_A_PULSE_PATH_REMOTE6 = 4,
	HASWITCH_A_PULSE_PATH_DEV = 5,

	/* private: */
	__HASWITCH_A_PULSE_PATH_MAX,
	HASWITCH_A_PULSE_PATH_MAX = __HASWITCH_A_PULSE_PATH_MAX - 1,
};

/**
 * enum haswitch_a_pulse_path_state - attributes: State of a path.
 * @HASWITCH_A_PULSE_PATH_STATE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_PULSE_PATH_STATE_LOCAL4: (u32, big-endian) Address of this node, if IPv4.
 * @HASWITCH_A_PULSE_PATH_STATE_LOCAL6: (binary, 16 bytes) Address of this node, if IPv6.
 * @HASWITCH_A_PULSE_PATH_STATE_REMOTE4: (u32, big-endian) The peer's address, if IPv4.
 * @HASWITCH_A_PULSE_PATH_STATE_REMOTE6: (binary, 16 bytes) The peer's address, if IPv6.
 * @HASWITCH_A_PULSE_PATH_STATE_DEV: (string) Device through which heartbeats leave.
 * @HASWITCH_A_PULSE_PATH_STATE_STATE: (u8, enum haswitch_pulse_state) What this node hears on
 *    the path.
 * @HASWITCH_A_PULSE_PATH_STATE_HEARD: (u64) Time at which the last heartbeat arrived, ns. The
 *    attribute is absent if no heartbeat has arrived.
 * @HASWITCH_A_PULSE_PATH_STATE_ECHO: (u64) Number of the last heartbeat of this node that the
 *    peer has received.
 * @HASWITCH_A_PULSE_PATH_STATE_SENT: (u64) Heartbeats sent.
 * @HASWITCH_A_PULSE_PATH_STATE_UNSENT: (u64) Heartbeats that were not sent, because there was
 *    no route or no memory.
 * @HASWITCH_A_PULSE_PATH_STATE_RECEIVED: (u64) Heartbeats accepted.
 * @HASWITCH_A_PULSE_PATH_STATE_BAD_MAC: (u64) Packets with a wrong message authentication
 *    code, because the sender does not have the key.
 * @HASWITCH_A_PULSE_PATH_STATE_REPLAYED: (u64) Heartbeats that arrived before, are older than
 *    the replay window, or belong to an earlier life of the peer.
 * @HASWITCH_A_PULSE_PATH_STATE_OLD_KEY: (u64) Heartbeats made with a key that is not known, or
 *    is no longer accepted.
 * @HASWITCH_A_PULSE_PATH_STATE_MALFORMED: (u64) Authentic heartbeats with values that are not
 *    valid.
 * @HASWITCH_A_PULSE_PATH_STATE_LOST: (u64) Heartbeats that the peer sent, but that never
 *    arrived.
 * @HASWITCH_A_PULSE_PATH_STATE_JITTER: (u64) Variation of the transit time of heartbeats, ns,
 *    smoothed as in RFC 3550.
 * @HASWITCH_A_PULSE_PATH_STATE_PANIC_READY: (flag) The peer would be notified on this path if
 *    this kernel panicked. Such a notification needs an Ethernet device that supports netpoll,
 *    and a next hop whose link-layer address is known. The module needs up to a second to
 *    prepare the notification. With kdump, the notification also needs the boot parameter
 *    crash_kexec_post_notifiers.
 */
enum haswitch_a_pulse_path_state {
	HASWITCH_A_PULSE_PATH_STATE_PAD = 1,
	HASWITCH_A_PULSE_PATH_STATE_LOCAL4 = 2,
	HASWITCH_A_PULSE_PATH_STATE_LOCAL6 = 3,
	HASWITCH_A_PULSE_PATH_STATE_REMOTE4 = 4,
	HASWITCH_A_PULSE_PATH_STATE_REMOTE6 = 5,
	HASWITCH_A_PULSE_PATH_STATE_DEV = 6,
	HASWITCH_A_PULSE_PATH_STATE_STATE = 7,
	HASWITCH_A_PULSE_PATH_STATE_HEARD = 8,
	HASWITCH_A_PULSE_PATH_STATE_ECHO = 9,
	HASWITCH_A_PULSE_PATH_STATE_SENT = 10,
	HASWITCH_A_PULSE_PATH_STATE_UNSENT = 11,
	HASWITCH_A_PULSE_PATH_STATE_RECEIVED = 12,
	HASWITCH_A_PULSE_PATH_STATE_BAD_MAC = 13,
	HASWITCH_A_PULSE_PATH_STATE_REPLAYED = 14,
	HASWITCH_A_PULSE_PATH_STATE_OLD_KEY = 15,
	HASWITCH_A_PULSE_PATH_STATE_MALFORMED = 16,
	HASWITCH_A_PULSE_PATH_STATE_LOST = 17,
	HASWITCH_A_PULSE_PATH_STATE_JITTER = 18,
	HASWITCH_A_PULSE_PATH_STATE_PANIC_READY = 19,

	/* private: */
	__HASWITCH_A_PULSE_PATH_STATE_MAX,
	HASWITCH_A_PULSE_PATH_STATE_MAX = __HASWITCH_A_PULSE_PATH_STATE_MAX - 1,
};

/**
 * enum haswitch_a_pulse - attributes: Session of heartbeats with one peer, which the module
 *    itself sends and checks. A session stays until the session or its node is deleted.
 * @HASWITCH_A_PULSE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_PULSE_NODE: (string, 1 to 31 bytes) Name of the peer's node.
 * @HASWITCH_A_PULSE_ID: (u32, 1 to 2147483647) Number of the session, the same at both ends.
 *    Each session of a node has a different number.
 * @HASWITCH_A_PULSE_INTERVAL: (u64, 500000 to 10000000000) Time between two heartbeats of this
 *    node, ns.
 * @HASWITCH_A_PULSE_MULTIPLIER: (u8, 2 to 255) Number of the peer's intervals after which the
 *    peer is lost, if the peer was silent on all paths. The peer's heartbeats say how long the
 *    peer's interval is.
 * @HASWITCH_A_PULSE_PATH: (nest of pulse-path attributes, may repeat) Path of the session; 1
 *    to pulse-paths-max paths.
 * @HASWITCH_A_PULSE_TX_KEY: (binary, 16 bytes) SipHash key of the heartbeats of this node.
 *    Never shown.
 * @HASWITCH_A_PULSE_RX_KEY: (binary, 16 bytes) SipHash key of the peer's heartbeats, which
 *    differs from the tx-key. Never shown.
 * @HASWITCH_A_PULSE_KEY_ID: (u8) Number of both keys, the same at both ends; default 0. A
 *    pulse-key request needs a number that is not in use.
 * @HASWITCH_A_PULSE_STATE: (u8, enum haswitch_pulse_state) What this node hears from the peer
 *    on all paths together. Read only.
 * @HASWITCH_A_PULSE_PEER_INTERVAL: (u64) Time between two heartbeats that the peer promises,
 *    ns. Read only.
 * @HASWITCH_A_PULSE_PEER_MULTIPLIER: (u8) Number of this node's intervals after which the peer
 *    regards this node as lost. Read only.
 * @HASWITCH_A_PULSE_KEY_NEXT: (u8) Number of the new keys, which are not used before the peer
 *    has them. Read only.
 * @HASWITCH_A_PULSE_LATE: (u64) How often a timer of this node fired an interval or more late.
 *    After each such delay, no path is judged for one interval. Read only.
 * @HASWITCH_A_PULSE_LOSSES: (u64) How often the peer was lost. Read only.
 * @HASWITCH_A_PULSE_PATH_STATE: (nest of pulse-path-state attributes, may repeat) State of
 *    each path, in the order of the paths. Read only.
 * @HASWITCH_A_PULSE_AGENTLESS: (u64) The peer has said after this time that it has no agent,
 *    or one that stands still, and that it holds no lease, CLOCK_BOOTTIME ns of this node.
 *    Absent if it has not said so. Read only.
 */
enum haswitch_a_pulse {
	HASWITCH_A_PULSE_PAD = 1,
	HASWITCH_A_PULSE_NODE = 2,
	HASWITCH_A_PULSE_ID = 3,
	HASWITCH_A_PULSE_INTERVAL = 4,
	HASWITCH_A_PULSE_MULTIPLIER = 5,
	HASWITCH_A_PULSE_PATH = 6,
	HASWITCH_A_PULSE_TX_KEY = 7,
	HASWITCH_A_PULSE_RX_KEY = 8,
	HASWITCH_A_PULSE_KEY_ID = 9,
	HASWITCH_A_PULSE_STATE = 10,
	HASWITCH_A_PULSE_PEER_INTERVAL = 11,
	HASWITCH_A_PULSE_PEER_MULTIPLIER = 12,
	HASWITCH_A_PULSE_KEY_NEXT = 13,
	HASWITCH_A_PULSE_LATE = 14,
	HASWITCH_A_PULSE_LOSSES = 15,
	HASWITCH_A_PULSE_PATH_STATE = 16,
	HASWITCH_A_PULSE_AGENTLESS = 17,

	/* private: */
	__HASWITCH_A_PULSE_MAX,
	HASWITCH_A_PULSE_MAX = __HASWITCH_A_PULSE_MAX - 1,
};

/**
 * enum haswitch_a_explain - attributes: A packet, and what this node would do with the packet
 *    now, step by step. Attributes of steps that the packet does not reach are absent.
 * @HASWITCH_A_EXPLAIN_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_EXPLAIN_PACKET: (binary, 20 to 2048 bytes) The packet, from its IP header on.
 * @HASWITCH_A_EXPLAIN_IFINDEX: (u32) Device on which the packet arrives. The default is the
 *    first client-facing device of the vip. For a packet to no vip, the default is the device
 *    that leads to the sender, if flows via nat are known.
 * @HASWITCH_A_EXPLAIN_LOCAL: (flag) The packet comes from a local process instead of a device.
 * @HASWITCH_A_EXPLAIN_LLADDR: (binary, 6 bytes) Link-layer address of the frame's sender.
 *    Without lladdr, the address is assumed to be that of no node.
 * @HASWITCH_A_EXPLAIN_CAME: (u8, enum haswitch_explain_came) How the packet arrived; default
 *    link.
 * @HASWITCH_A_EXPLAIN_WAY: (u8, enum haswitch_explain_way) What this node would do with the
 *    packet.
 * @HASWITCH_A_EXPLAIN_DROP: (u8, enum haswitch_explain_drop) Drop counter that the packet
 *    would increment, if the packet is dropped.
 * @HASWITCH_A_EXPLAIN_DOOR: (u8, enum haswitch_explain_door) Which path of the module takes
 *    the packet.
 * @HASWITCH_A_EXPLAIN_SLOW: (u8, enum haswitch_explain_slow) Why the fast path does not take
 *    the packet.
 * @HASWITCH_A_EXPLAIN_ADDR4: (u32, big-endian) The vip, if IPv4.
 * @HASWITCH_A_EXPLAIN_ADDR6: (binary, 16 bytes) The vip, if IPv6.
 * @HASWITCH_A_EXPLAIN_HELD: (flag) This node answers for the vip.
 * @HASWITCH_A_EXPLAIN_ROLE: (u8, enum haswitch_role) Role of this node for the vip according
 *    to the configuration, without regard to leases.
 * @HASWITCH_A_EXPLAIN_LEASE: (string, at most 31 bytes) Lease of the vip.
 * @HASWITCH_A_EXPLAIN_EPOCH: (u64) Epoch of the lease, if a node holds the lease.
 * @HASWITCH_A_EXPLAIN_NOW: (u64) Time that was compared with the deadline of this node's
 *    grant.
 * @HASWITCH_A_EXPLAIN_DEADLINE: (u64) Deadline of this node's grant, which was compared with
 *    "now".
 * @HASWITCH_A_EXPLAIN_HOLDER: (string, at most 31 bytes) Node that this node regards as the
 *    holder, if this node does not hold the vip.
 * @HASWITCH_A_EXPLAIN_STRAY: (u8, enum haswitch_stray) What this node does with clients'
 *    packets to the vip while this node does not hold the vip.
 * @HASWITCH_A_EXPLAIN_PROTO: (u8) Protocol by which the packet is matched to a service. For an
 *    ICMP error, this is the protocol of the quoted packet.
 * @HASWITCH_A_EXPLAIN_PORT: (u16) Port by which the packet is matched to a service, host byte
 *    order; 0 if there is no port.
 * @HASWITCH_A_EXPLAIN_SERVICE: (flag) A service matches the packet.
 * @HASWITCH_A_EXPLAIN_SERVICE_PROTO: (u8) Protocol of the service. The attribute is absent if
 *    the service has all protocols.
 * @HASWITCH_A_EXPLAIN_SERVICE_PORT: (u16) The service's own port, host byte order. It differs
 *    from port if the latter is a further port of the service. The attribute is absent if the
 *    service has all ports.
 * @HASWITCH_A_EXPLAIN_SCHED: (u8, enum haswitch_sched) How the service picks a member.
 * @HASWITCH_A_EXPLAIN_FLOW: (u8, enum haswitch_explain_flow) What is known about the packet's
 *    flow, if flows are tracked.
 * @HASWITCH_A_EXPLAIN_FLOW_STATE: (u8, enum haswitch_flow_state) State of the flow before the
 *    packet.
 * @HASWITCH_A_EXPLAIN_NODE: (string, at most 31 bytes) Node that gets the packet, or node that
 *    sent the reply.
 * @HASWITCH_A_EXPLAIN_CANDIDATE: (string, at most 37 bytes, may repeat) Node that may get the
 *    packet if the scheduler picks at random; at most 64 nodes. The attribute "node" is then
 *    absent. The attributes about the way out describe the first candidate. If the node has
 *    several members in the service, each is named NODE:PORT.
 * @HASWITCH_A_EXPLAIN_EMPTY: (flag) No member is usable, so "on-empty" decides.
 * @HASWITCH_A_EXPLAIN_REJECTED: (flag) The packet's sender gets a TCP reset or an ICMP error.
 * @HASWITCH_A_EXPLAIN_VIA: (u8, enum haswitch_via) How other nodes reach the member.
 * @HASWITCH_A_EXPLAIN_HOP_IFINDEX: (u32) Device through which the packet would leave.
 * @HASWITCH_A_EXPLAIN_HOP_LLADDR: (binary, 6 bytes) Link-layer address to which the packet
 *    would be sent.
 * @HASWITCH_A_EXPLAIN_REMOTE4: (u32, big-endian) Address to which the packet or its outer
 *    packet would be sent, if IPv4.
 * @HASWITCH_A_EXPLAIN_REMOTE6: (binary, 16 bytes) Address to which the packet or its outer
 *    packet would be sent, if IPv6.
 * @HASWITCH_A_EXPLAIN_MTU: (u32) Maximum length of a packet on the way out, in bytes.
 * @HASWITCH_A_EXPLAIN_LOCAL_HERE: (flag) The member's node is this node, which delivers the
 *    packet to its own programs. The attribute "via" says how other nodes reach the member.
 * @HASWITCH_A_EXPLAIN_NAT_PORT: (u16) Port of the member, which is via nat, host byte order.
 *    Absent if the member has no port of its own.
 * @HASWITCH_A_EXPLAIN_ZONE: (string) Zone of this node, which the service prefers. Absent if
 *    the service prefers no zone, or if this node has none.
 */
enum haswitch_a_explain {
	HASWITCH_A_EXPLAIN_PAD = 1,
	HASWITCH_A_EXPLAIN_PACKET = 2,
	HASWITCH_A_EXPLAIN_IFINDEX = 3,
	HASWITCH_A_EXPLAIN_LOCAL = 4,
	HASWITCH_A_EXPLAIN_LLADDR = 5,
	HASWITCH_A_EXPLAIN_CAME = 6,
	HASWITCH_A_EXPLAIN_WAY = 7,
	HASWITCH_A_EXPLAIN_DROP = 8,
	HASWITCH_A_EXPLAIN_DOOR = 9,
	HASWITCH_A_EXPLAIN_SLOW = 10,
	HASWITCH_A_EXPLAIN_ADDR4 = 11,
	HASWITCH_A_EXPLAIN_ADDR6 = 12,
	HASWITCH_A_EXPLAIN_HELD = 13,
	HASWITCH_A_EXPLAIN_ROLE = 14,
	HASWITCH_A_EXPLAIN_LEASE = 15,
	HASWITCH_A_EXPLAIN_EPOCH = 16,
	HASWITCH_A_EXPLAIN_NOW = 17,
	HASWITCH_A_EXPLAIN_DEADLINE = 18,
	HASWITCH_A_EXPLAIN_HOLDER = 19,
	HASWITCH_A_EXPLAIN_STRAY = 20,
	HASWITCH_A_EXPLAIN_PROTO = 21,
	HASWITCH_A_EXPLAIN_PORT = 22,
	HASWITCH_A_EXPLAIN_SERVICE = 23,
	HASWITCH_A_EXPLAIN_SERVICE_PROTO = 24,
	HASWITCH_A_EXPLAIN_SERVICE_PORT = 25,
	HASWITCH_A_EXPLAIN_SCHED = 26,
	HASWITCH_A_EXPLAIN_FLOW = 27,
	HASWITCH_A_EXPLAIN_FLOW_STATE = 28,
	HASWITCH_A_EXPLAIN_NODE = 29,
	HASWITCH_A_EXPLAIN_CANDIDATE = 30,
	HASWITCH_A_EXPLAIN_EMPTY = 31,
	HASWITCH_A_EXPLAIN_REJECTED = 32,
	HASWITCH_A_EXPLAIN_VIA = 33,
	HASWITCH_A_EXPLAIN_HOP_IFINDEX = 34,
	HASWITCH_A_EXPLAIN_HOP_LLADDR = 35,
	HASWITCH_A_EXPLAIN_REMOTE4 = 36,
	HASWITCH_A_EXPLAIN_REMOTE6 = 37,
	HASWITCH_A_EXPLAIN_MTU = 38,
	HASWITCH_A_EXPLAIN_LOCAL_HERE = 39,
	HASWITCH_A_EXPLAIN_NAT_PORT = 40,
	HASWITCH_A_EXPLAIN_ZONE = 41,

	/* private: */
	__HASWITCH_A_EXPLAIN_MAX,
	HASWITCH_A_EXPLAIN_MAX = __HASWITCH_A_EXPLAIN_MAX - 1,
};

/**
 * enum haswitch_cmd - operations
 * @HASWITCH_CMD_NODE_ADD: Add a node. The request fails with EEXIST if the name or an address
 *    is already in use, or if another node is already self. The request fails with E2BIG above
 *    nodes-max, and above 64 nodes in a namespace that does not belong to the initial user
 *    namespace. Adding a second node fails with EINVAL while a vip has neither lease, holder
 *    nor everywhere.
 * @HASWITCH_CMD_NODE_SET: Change the given attributes of a node. The other attributes stay
 *    unchanged. The request fails with ENOENT if the node does not exist.
 * @HASWITCH_CMD_NODE_VERDICT: Store a verdict on a node. The request fails with ENOENT if the
 *    node does not exist.
 * @HASWITCH_CMD_NODE_DEL: Delete a node. The request fails with ENOENT if the node does not
 *    exist, and with EBUSY while the node is used or holds a lease.
 * @HASWITCH_CMD_NODE_GET: Show one node, or all nodes.
 * @HASWITCH_CMD_VIP_ADD: Add a vip, with a fixed holder, a lease, everywhere, or none of these
 *    three. The request fails with EEXIST if the vip exists, and with ENOENT if the holder or
 *    the lease does not exist. The request fails with ENODEV if a device does not exist; in a
 *    restore, the vip waits for the device instead. The request fails with EINVAL for a
 *    link-local IPv6 address. With none of the three, the request fails with EINVAL if there
 *    are several nodes. In a restore, config-commit makes this last check instead.
 * @HASWITCH_CMD_VIP_SET: Change the given attributes of a vip. The other attributes stay
 *    unchanged. The given devices replace all earlier devices. A given holder, lease or
 *    everywhere replaces the earlier value of all three. The request fails with ENOENT if the
 *    vip does not exist. The request fails with EINVAL if the vip would have none of the three
 *    while there are several nodes, or mark without a lease.
 * @HASWITCH_CMD_VIP_DEL: Delete a vip. The request fails with ENOENT if the vip does not
 *    exist, and with EBUSY while the vip has services.
 * @HASWITCH_CMD_VIP_GET: Show one vip, or all vips.
 * @HASWITCH_CMD_SERVICE_ADD: Add a service. The request fails with ENOENT if the vip does not
 *    exist, and with EEXIST if the service exists or another service has one of its ports. It
 *    fails with E2BIG above also-max.
 * @HASWITCH_CMD_SERVICE_SET: Change the given attributes of a service. The other attributes
 *    stay unchanged. The request fails with ENOENT if the service does not exist, with EEXIST
 *    if another service has one of its new ports, and with E2BIG above also-max.
 * @HASWITCH_CMD_SERVICE_DEL: Delete a service and its members. The request fails with ENOENT
 *    if the service does not exist.
 * @HASWITCH_CMD_SERVICE_GET: Show one service, all services, or all services of a given vip.
 * @HASWITCH_CMD_MEMBER_ADD: Add a member. The request fails with ENOENT if the service or the
 *    node does not exist, and with E2BIG above members-max. The request fails with EEXIST if
 *    the node is a member already, unless all its members in the service, and the new one, are
 *    via nat and have different ports.
 * @HASWITCH_CMD_MEMBER_SET: Change the given attributes of a member. The other attributes stay
 *    unchanged. The request fails with ENOENT if the member does not exist, and with ENOTUNIQ
 *    if it is one of several of its node and at-port is not given. The via and the port of
 *    such a member do not change (EINVAL).
 * @HASWITCH_CMD_MEMBER_DEL: Delete a member. The request fails with ENOENT if the member does
 *    not exist, and with ENOTUNIQ if it is one of several of its node and at-port is not
 *    given.
 * @HASWITCH_CMD_MEMBER_GET: Show one member, all members, or all members of a given vip or
 *    service.
 * @HASWITCH_CMD_BEAT: Report the nodes from which the agent receives heartbeats. A node
 *    becomes lost if an earlier BEAT named the node, this BEAT does not, and the node's
 *    alive-until has passed. Time alone makes no node lost. If a named node does not exist,
 *    the request fails with ENOENT and changes nothing.
 * @HASWITCH_CMD_EVENT_GET: Show the kept events, oldest first, from the event number "seq" on
 *    if given.
 * @HASWITCH_CMD_EVENT_NTF: Report an event as it happens.
 * @HASWITCH_CMD_STATS_GET: Show the counters and histograms of this network namespace.
 * @HASWITCH_CMD_CONFIG_BEGIN: Begin a restore. Until config-commit, this socket adds, sets and
 *    deletes objects in a new, empty configuration that no packet sees. The request fails with
 *    EBUSY while this or another socket restores. Closing the socket aborts the restore.
 * @HASWITCH_CMD_CONFIG_COMMIT: Replace the old configuration by the new configuration, with a
 *    single pointer store. Nodes and members that are in both configurations keep the state
 *    that the agent and the health checks have reported. The request fails with EAGAIN and
 *    discards the restore if the configuration was changed since config-begin. The request
 *    fails with EINVAL and discards the restore if a vip has neither lease, holder nor
 *    everywhere, and there are several nodes. The request fails with EINVAL if this socket
 *    began no restore.
 * @HASWITCH_CMD_CONFIG_ABORT: Discard the restore of this socket. The request fails with
 *    EINVAL if this socket began no restore.
 * @HASWITCH_CMD_CONFIG_GET: Show the generation of the configuration and the numbers of
 *    objects.
 * @HASWITCH_CMD_TIMES_GET: Show how long the switches of a service took or, without a service,
 *    all switches of this network namespace. The request fails with ENOENT if the service does
 *    not exist.
 * @HASWITCH_CMD_LEASE_ADD: Add a lease. The request fails with EEXIST if the lease exists, and
 *    with E2BIG above leases-max. The request fails with ENOENT if a node in "prefer" or
 *    "only" does not exist. The request fails with E2BIG if "prefer" or "only" has more than
 *    lease-nodes-max nodes. The request fails with EINVAL if one of these lists names a node
 *    twice, or if a non-empty "only" lacks a preferred node. The request also fails with
 *    EINVAL if failback is given without "prefer".
 * @HASWITCH_CMD_LEASE_SET: Set the floor of a lease, grant or renew the lease, or change its
 *    preferred and allowed nodes. A request with floor sets the floor. A request with epoch,
 *    holder and deadline grants the lease or renews the grant. A request with "prefer",
 *    "only", failback or "resign" changes which nodes should and may hold the lease, and when
 *    the holder resigns it, as in lease-add. The request fails with ENOENT if the lease or the
 *    holder does not exist. A grant to this node fails with EPERM while "only" excludes this
 *    node. A renewal for this node fails with EPERM once "only" has excluded this node for one
 *    second. A grant fails with ENODATA before the floor was set. A grant fails with ESTALE if
 *    the epoch is below the floor, lower than an epoch that was granted, or burned. A grant
 *    fails with EPERM if another holder has the same epoch. A grant fails with ERANGE if the
 *    deadline is more than 10 s ahead, and with EINVAL if the deadline has passed. A grant to
 *    this node fails with ESHUTDOWN while this node goes down. A grant to this node fails with
 *    EPERM while protodown of the lease's device is on, unless this node holds the lease. A
 *    grant to this node fails with ENETDOWN while the node lacks client-facing devices for
 *    which it would resign the lease; with "partly", only while no client-facing device of the
 *    lease has a link. A renewal may move the deadline either way. A grant under a higher
 *    epoch ends the earlier grant at once; one to the same holder continues it. The socket
 *    option HASWITCH_SO_RENEW in linux/haswitch_renewal.h renews, too, without generic
 *    netlink, and takes a higher epoch while this node holds the lease.
 * @HASWITCH_CMD_LEASE_RELEASE: End the grant of a lease at once and burn the grant's epoch, or
 *    the given epoch if that is higher. The reply comes after a grace period, when no packet
 *    that was accepted under the grant is still in the module. The request fails with ENOENT
 *    if the lease does not exist. The request fails with ENODATA if no node holds the lease
 *    and no epoch is given, and with EPERM if another node holds it and no epoch is given. The
 *    request fails with ESTALE if the lease is held under a higher epoch than the given one.
 *    With successor, the request fails with ENOENT if the successor does not exist, and with
 *    EINVAL if the successor is this node. With successor, the request fails with ENODATA if
 *    this node does not hold the lease.
 * @HASWITCH_CMD_LEASE_DEL: Delete a lease. The request fails with ENOENT if the lease does not
 *    exist, and with EBUSY while vips use the lease.
 * @HASWITCH_CMD_LEASE_GET: Show one lease, or all leases.
 * @HASWITCH_CMD_NODE_FAILBACK: End the time in which a node is held, and clear the node's
 *    penalty. The request fails with ENOENT if the node does not exist, and with EHOSTDOWN if
 *    the node is down.
 * @HASWITCH_CMD_PULSE_SET: Begin heartbeats with a node, or change the interval and multiplier
 *    of a session. The peer is told of such a change before it can miss a heartbeat. A new
 *    session needs all attributes except key-id. The request fails with ENOENT if the node
 *    does not exist. The request fails with EEXIST if other attributes are given for an
 *    existing session, or if another session has the id. The request fails with EADDRINUSE if
 *    the UDP port is in use. The request fails with EPERM without CAP_NET_ADMIN in the initial
 *    user namespace. Heartbeats use CPU time that is charged to no user, and that the
 *    heartbeats of other namespaces need.
 * @HASWITCH_CMD_PULSE_KEY: Replace the keys of a session without a gap. The new keys are used
 *    as soon as the peer has the new keys, too. From then on, the old keys are accepted only
 *    for the time after which a silent peer counts as lost.
 * @HASWITCH_CMD_PULSE_DEL: End the heartbeats with a node. Evidence from these heartbeats no
 *    longer counts. The request fails with ENOENT if there is no session.
 * @HASWITCH_CMD_PULSE_GET: Show one session, or all sessions.
 * @HASWITCH_CMD_FLOW_GET: Show the tracked flows for which all given attributes match. The
 *    attributes are client, vip, protocol, port, node, state and nat-port.
 * @HASWITCH_CMD_FLOW_DEL: Delete the flows for which all given attributes match, or all flows
 *    if no attribute is given. The next packet of a deleted flow begins a new flow. The
 *    request fails with EBUSY if this socket restores a configuration.
 * @HASWITCH_CMD_FLOW_LIMITS_SET: Change the given limits. The other limits stay unchanged. A
 *    maximum below the present number of flows ends no flow. The request fails with ERANGE if
 *    a time is out of range. A request for more than 262144 flows fails with EPERM without
 *    CAP_NET_ADMIN in the initial user namespace.
 * @HASWITCH_CMD_FLOW_LIMITS_GET: Show the limits, and the number of tracked flows.
 * @HASWITCH_CMD_EXPLAIN: Show what this node would do with a packet, and why. Nothing is sent,
 *    counted or recorded. The request fails with EINVAL if the packet is not an IP packet. The
 *    request fails with EINVAL if no device is given and no device is client-facing for the
 *    packet's vip. The request fails with ENODEV if the given device does not exist. An IPv6
 *    packet fails with EAFNOSUPPORT if the kernel was booted with ipv6.disable=1.
 * @HASWITCH_CMD_LEASE_MOVE: Ask the agents to move a lease to the successor, or to a node that
 *    the agents choose. The module changes nothing, but reports the request as an event to
 *    this node's agent. The agent answers with a lease-move request that has the attribute
 *    "answer". The request fails with ENOENT if the lease does not exist. The agents report
 *    what is wrong with a successor.
 * @HASWITCH_CMD_VIP_ANNOUNCE: Announce a vip, as if this node had begun to hold it. The
 *    request fails with ENOENT if the vip does not exist, and with ENODATA if this node does
 *    not hold it.
 * @HASWITCH_CMD_ZONE_SET: Set the administrator's state of all nodes of a zone. Either all of
 *    them change, or none. The request fails with ENOENT if no node is in the zone.
 */
enum haswitch_cmd {
	HASWITCH_CMD_NODE_ADD = 1,
	HASWITCH_CMD_NODE_SET = 2,
	HASWITCH_CMD_NODE_VERDICT = 3,
	HASWITCH_CMD_NODE_DEL = 4,
	HASWITCH_CMD_NODE_GET = 5,
	HASWITCH_CMD_VIP_ADD = 6,
	HASWITCH_CMD_VIP_SET = 7,
	HASWITCH_CMD_VIP_DEL = 8,
	HASWITCH_CMD_VIP_GET = 9,
	HASWITCH_CMD_SERVICE_ADD = 10,
	HASWITCH_CMD_SERVICE_SET = 11,
	HASWITCH_CMD_SERVICE_DEL = 12,
	HASWITCH_CMD_SERVICE_GET = 13,
	HASWITCH_CMD_MEMBER_ADD = 14,
	HASWITCH_CMD_MEMBER_SET = 15,
	HASWITCH_CMD_MEMBER_DEL = 16,
	HASWITCH_CMD_MEMBER_GET = 17,
	HASWITCH_CMD_BEAT = 18,
	HASWITCH_CMD_EVENT_GET = 19,
	HASWITCH_CMD_EVENT_NTF = 20,
	HASWITCH_CMD_STATS_GET = 21,
	HASWITCH_CMD_CONFIG_BEGIN = 22,
	HASWITCH_CMD_CONFIG_COMMIT = 23,
	HASWITCH_CMD_CONFIG_ABORT = 24,
	HASWITCH_CMD_CONFIG_GET = 25,
	HASWITCH_CMD_TIMES_GET = 26,
	HASWITCH_CMD_LEASE_ADD = 27,
	HASWITCH_CMD_LEASE_SET = 28,
	HASWITCH_CMD_LEASE_RELEASE = 29,
	HASWITCH_CMD_LEASE_DEL = 30,
	HASWITCH_CMD_LEASE_GET = 31,
	HASWITCH_CMD_NODE_FAILBACK = 32,
	HASWITCH_CMD_PULSE_SET = 33,
	HASWITCH_CMD_PULSE_KEY = 34,
	HASWITCH_CMD_PULSE_DEL = 35,
	HASWITCH_CMD_PULSE_GET = 36,
	HASWITCH_CMD_FLOW_GET = 37,
	HASWITCH_CMD_FLOW_DEL = 38,
	HASWITCH_CMD_FLOW_LIMITS_SET = 39,
	HASWITCH_CMD_FLOW_LIMITS_GET = 40,
	HASWITCH_CMD_EXPLAIN = 41,
	HASWITCH_CMD_LEASE_MOVE = 42,
	HASWITCH_CMD_VIP_ANNOUNCE = 43,
	HASWITCH_CMD_ZONE_SET = 44,

	/* private: */
	__HASWITCH_CMD_MAX,
	HASWITCH_CMD_MAX = __HASWITCH_CMD_MAX - 1,
};

#endif /* _UAPI_LINUX_HASWITCH_H */
