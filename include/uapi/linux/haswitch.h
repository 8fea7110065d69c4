/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Generated from include/netlink/specs/haswitch.yaml by scripts/generate.py; do not edit. */

#ifndef _UAPI_LINUX_HASWITCH_H
#define _UAPI_LINUX_HASWITCH_H

#define HASWITCH_GENL_NAME	"haswitch"
#define HASWITCH_GENL_VERSION	1

#define HASWITCH_MCGRP_EVENTS	"events"

/* Longest name of a node or zone, in bytes, without the final NUL. */
#define HASWITCH_NAME_MAX	31

/* Most client-facing devices that one vip can name. */
#define HASWITCH_DEV_MAX	8

/* Most nodes of a configuration. The agent names up to 256 of them in BEAT. Each node on a link is an entry of the kernel's neighbour tables, which hold 1024 by default (net.ipv4.neigh.default.gc_thresh3, and IPv6's). */
#define HASWITCH_NODES_MAX	1024

/* Most members of one service. */
#define HASWITCH_MEMBERS_MAX	1024

/* Events that each network namespace keeps for event-get. */
#define HASWITCH_EVENTS_KEPT	4096

/* Most leases of a configuration. */
#define HASWITCH_LEASES_MAX	256

/* Most nodes that a lease names in one of its lists. */
#define HASWITCH_LEASE_NODES_MAX	32

/* Longest delay of failback, ns (24 hours). */
#define HASWITCH_FAILBACK_MAX	86400000000000

/* Longest slow start of members, ns (1 hour). */
#define HASWITCH_SLOW_START_MAX	3600000000000

/* Most flows that a configuration can ask to be tracked. */
#define HASWITCH_FLOWS_MAX	16777216

/* Longest time that a flow without packets is kept, ns (7 days). */
#define HASWITCH_FLOW_TIMEOUT_MAX	604800000000000

/* UDP port on which nodes get marked packets from each other. */
#define HASWITCH_TUNNEL_PORT	6949

/* Longest packet that explain takes, in bytes. */
#define HASWITCH_EXPLAIN_MAX	2048

/* UDP port of heartbeats, theirs and ours. */
#define HASWITCH_PULSE_PORT	6947

/* Most paths of one heartbeat session. */
#define HASWITCH_PULSE_PATHS_MAX	4

/**
 * enum haswitch_admin_state - What the administrator says of a node.
 * @HASWITCH_ADMIN_STATE_UP: Serves when agent and evidence agree.
 * @HASWITCH_ADMIN_STATE_DRAIN: Takes no new work.
 * @HASWITCH_ADMIN_STATE_MAINTENANCE: Out of use; monitoring of it raises no alarm.
 * @HASWITCH_ADMIN_STATE_DOWN: Out of use.
 */
enum haswitch_admin_state {
	HASWITCH_ADMIN_STATE_UP = 0,
	HASWITCH_ADMIN_STATE_DRAIN = 1,
	HASWITCH_ADMIN_STATE_MAINTENANCE = 2,
	HASWITCH_ADMIN_STATE_DOWN = 3,
};

/**
 * enum haswitch_verdict - What the agent, or an operator, has decided about a node.
 * @HASWITCH_VERDICT_CLEAR: Nothing decided.
 * @HASWITCH_VERDICT_FENCED: Cut off; it does not serve until cleared.
 * @HASWITCH_VERDICT_LEFT: Left the cluster on purpose; it does not serve until cleared.
 */
enum haswitch_verdict {
	HASWITCH_VERDICT_CLEAR = 0,
	HASWITCH_VERDICT_FENCED = 1,
	HASWITCH_VERDICT_LEFT = 2,
};

/**
 * enum haswitch_agent_state - What the BEATs say of a node.
 * @HASWITCH_AGENT_STATE_UNNAMED: Never named in a BEAT; the node is what the administrator
 *    says.
 * @HASWITCH_AGENT_STATE_ALIVE: Named, and its time has not passed at the last BEAT.
 * @HASWITCH_AGENT_STATE_LOST: A BEAT came that did not name it after its time had passed.
 */
enum haswitch_agent_state {
	HASWITCH_AGENT_STATE_UNNAMED = 0,
	HASWITCH_AGENT_STATE_ALIVE = 1,
	HASWITCH_AGENT_STATE_LOST = 2,
};

/**
 * enum haswitch_node_state - The published state of a node, folded from all inputs. Only "up"
 *    and "held" are usable.
 * @HASWITCH_NODE_STATE_UP: Usable.
 * @HASWITCH_NODE_STATE_DRAIN: Takes no new work, by the administrator.
 * @HASWITCH_NODE_STATE_MAINTENANCE: Out of use, by the administrator.
 * @HASWITCH_NODE_STATE_DOWN: Down by the administrator.
 * @HASWITCH_NODE_STATE_LOST: Down because the BEATs stopped naming it, or by evidence.
 * @HASWITCH_NODE_STATE_FENCED: Cut off by a verdict.
 * @HASWITCH_NODE_STATE_LEFT: Left the cluster, by a verdict.
 * @HASWITCH_NODE_STATE_HELD: Returned after it was down; serves only if no better node can.
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
 * enum haswitch_health - Health of one member, as checked or set.
 * @HASWITCH_HEALTH_UP: Can serve.
 * @HASWITCH_HEALTH_DOWN: Can not serve; it is not picked.
 * @HASWITCH_HEALTH_REFUSED: Up as checked or set, but the module found that nobody listens on
 *    the service's port there. Such a member is picked only if no other one can be. It ends
 *    when somebody listens, or a minute after the last refused client, and cannot be set.
 */
enum haswitch_health {
	HASWITCH_HEALTH_UP = 0,
	HASWITCH_HEALTH_DOWN = 1,
	HASWITCH_HEALTH_REFUSED = 2,
};

/**
 * enum haswitch_new_flows - Whether a member gets new flows, and if not, why. A member with
 *    one of the first four gets a flow only if no other member has an earlier one; a member
 *    with a later one gets none. Where several reasons are true, it is the first of node-
 *    state, unhealthy, weight-0, full, refused, unresolved and held.
 * @HASWITCH_NEW_FLOWS_YES: It gets new flows.
 * @HASWITCH_NEW_FLOWS_HELD: Its node has returned, and waits for the service's failback.
 * @HASWITCH_NEW_FLOWS_UNRESOLVED: It is via direct, and the link-layer address of its node is
 *    not known. The schedulers active-standby and maglev ask for this only where flows are
 *    tracked, since all nodes are to pick the same member.
 * @HASWITCH_NEW_FLOWS_REFUSED: Nobody listens there; see health.
 * @HASWITCH_NEW_FLOWS_NODE_STATE: Its node is not usable; see state.
 * @HASWITCH_NEW_FLOWS_UNHEALTHY: Its health is down.
 * @HASWITCH_NEW_FLOWS_WEIGHT_0: Its weight is 0.
 * @HASWITCH_NEW_FLOWS_FULL: It has as many flows as it may; see flows-max.
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
};

/**
 * enum haswitch_via - How packets reach a member.
 * @HASWITCH_VIA_LOCAL: Delivered by this node's own stack.
 * @HASWITCH_VIA_DIRECT: Link-layer address rewritten, the packet itself untouched.
 * @HASWITCH_VIA_TUNNEL: Inside an IP packet to an address of the node (RFC 2003, RFC 2473, RFC
 *    4213); the module there takes it out.
 * @HASWITCH_VIA_NAT: To an address of the node and a port of the member, which needs no
 *    module. Its answers pass through this node, which sends them to the client as the vip's
 *    (RFC 2663; ICMP errors as RFC 5508).
 * @HASWITCH_VIA_GUE: As tunnel, but inside a UDP datagram (GUE, draft-ietf-intarea-gue) to
 *    tunnel-port. Each flow has a source port of its own, so that routers spread flows over
 *    equal-cost paths and cards spread them over queues.
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
 * @HASWITCH_SCHED_ACTIVE_STANDBY: The usable member with the smallest priority number.
 * @HASWITCH_SCHED_MAGLEV: A hash of both ends of a flow picks one of the usable members, in
 *    proportion to their weights. The flow keeps it while it is usable. Every node picks
 *    alike, without a table of flows (Maglev, NSDI 2016, 3.4).
 * @HASWITCH_SCHED_RR: Each new flow goes to the next usable member.
 * @HASWITCH_SCHED_WRR: As rr, but in proportion to the weights, and mixed as evenly as they
 *    allow.
 * @HASWITCH_SCHED_LC: Each new flow goes to the usable member with the fewest flows; closing
 *    flows count little.
 * @HASWITCH_SCHED_WLC: As lc, but with the fewest flows for its weight.
 * @HASWITCH_SCHED_RANDOM: Each new flow goes to a random usable member, by weight.
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
 * @HASWITCH_ONE_PACKET_OFF: Packets of a flow go to one member.
 * @HASWITCH_ONE_PACKET_ON: A member is picked for each packet, and no flow is tracked. For
 *    protocols whose request and answer are one packet each.
 */
enum haswitch_one_packet {
	HASWITCH_ONE_PACKET_OFF = 0,
	HASWITCH_ONE_PACKET_ON = 1,
};

/**
 * enum haswitch_snat - Whom members via nat take for the client.
 * @HASWITCH_SNAT_OFF: The client; they have to answer it through this node.
 * @HASWITCH_SNAT_ON: This node, at its address and a port of its own.
 */
enum haswitch_snat {
	HASWITCH_SNAT_OFF = 0,
	HASWITCH_SNAT_ON = 1,
};

/**
 * enum haswitch_on_failover - What becomes of the flows of a node that is no longer usable.
 * @HASWITCH_ON_FAILOVER_MOVE: They go to another member, which resets what it does not know.
 * @HASWITCH_ON_FAILOVER_KEEP: They wait for it; their packets are dropped meanwhile.
 * @HASWITCH_ON_FAILOVER_RESET: The holder sends their clients a TCP reset at once; flows of
 *    other protocols move.
 */
enum haswitch_on_failover {
	HASWITCH_ON_FAILOVER_MOVE = 0,
	HASWITCH_ON_FAILOVER_KEEP = 1,
	HASWITCH_ON_FAILOVER_RESET = 2,
};

/**
 * enum haswitch_flow_state - How far a flow is, as the packets of its client tell.
 * @HASWITCH_FLOW_STATE_OPEN: Of a protocol without states.
 * @HASWITCH_FLOW_STATE_SYN: TCP, a SYN was seen and nothing else.
 * @HASWITCH_FLOW_STATE_ESTABLISHED: TCP.
 * @HASWITCH_FLOW_STATE_CLOSING: TCP, a FIN or RST was seen.
 */
enum haswitch_flow_state {
	HASWITCH_FLOW_STATE_OPEN = 0,
	HASWITCH_FLOW_STATE_SYN = 1,
	HASWITCH_FLOW_STATE_ESTABLISHED = 2,
	HASWITCH_FLOW_STATE_CLOSING = 3,
};

/**
 * enum haswitch_stray - What a node that does not hold a vip does with a client's packet.
 * @HASWITCH_STRAY_DROP: Drop it, counted.
 * @HASWITCH_STRAY_FORWARD: Send it on to the holder, marked, in a UDP datagram to tunnel-port
 *    on an address of that node.
 */
enum haswitch_stray {
	HASWITCH_STRAY_DROP = 0,
	HASWITCH_STRAY_FORWARD = 1,
};

/**
 * enum haswitch_hook - Where packets to a vip are seen first.
 * @HASWITCH_HOOK_INGRESS: As client-facing devices receive them. Packets that need nothing
 *    special are redirected there, all others at prerouting.
 * @HASWITCH_HOOK_PREROUTING: Before the raw table and connection tracking, after reassembly.
 */
enum haswitch_hook {
	HASWITCH_HOOK_INGRESS = 0,
	HASWITCH_HOOK_PREROUTING = 1,
};

/**
 * enum haswitch_on_loss - What becomes of this machine's TCP connections of a vip when it no
 *    longer answers for it.
 * @HASWITCH_ON_LOSS_KEEP: They stay, and end when their ends give up.
 * @HASWITCH_ON_LOSS_ABORT: They end at once with ECONNABORTED. A planned release resets them
 *    first; a loss tells their clients nothing. Connections of a member stay, since the next
 *    holder goes on sending to it.
 */
enum haswitch_on_loss {
	HASWITCH_ON_LOSS_KEEP = 0,
	HASWITCH_ON_LOSS_ABORT = 1,
};

/**
 * enum haswitch_role - What this node is to a vip.
 * @HASWITCH_ROLE_NONE: Neither holder nor member.
 * @HASWITCH_ROLE_MEMBER: A member of one of its services, not the holder.
 * @HASWITCH_ROLE_HOLDER: Answers for the vip.
 */
enum haswitch_role {
	HASWITCH_ROLE_NONE = 0,
	HASWITCH_ROLE_MEMBER = 1,
	HASWITCH_ROLE_HOLDER = 2,
};

/**
 * enum haswitch_reach - Whether the link-layer way to a node's address is known.
 * @HASWITCH_REACH_NONE: The node has no address of this family, or is this node.
 * @HASWITCH_REACH_NO_ROUTE: No route, or only one through a gateway.
 * @HASWITCH_REACH_RESOLVING: The neighbour has not answered yet, or failed.
 * @HASWITCH_REACH_RESOLVED: Packets can be sent to the node.
 */
enum haswitch_reach {
	HASWITCH_REACH_NONE = 0,
	HASWITCH_REACH_NO_ROUTE = 1,
	HASWITCH_REACH_RESOLVING = 2,
	HASWITCH_REACH_RESOLVED = 3,
};

/**
 * enum haswitch_event_kind - What an event tells.
 * @HASWITCH_EVENT_KIND_NODE: The published state of a node changed.
 * @HASWITCH_EVENT_KIND_MEMBER: The health of a member changed.
 * @HASWITCH_EVENT_KIND_FIRST_PACKET: The first packet after a switch took the new way.
 * @HASWITCH_EVENT_KIND_AGENT_STALLED: BEATs stopped; node states are frozen as they are.
 * @HASWITCH_EVENT_KIND_AGENT_RESUMED: BEATs came again.
 * @HASWITCH_EVENT_KIND_CONFIG: An object was added, changed or deleted, or a restore
 *    committed.
 * @HASWITCH_EVENT_KIND_LEASE: The grant of a lease began or ended.
 * @HASWITCH_EVENT_KIND_VIP_CONFLICT: Somebody else uses a vip that this node holds.
 * @HASWITCH_EVENT_KIND_PULSE_PATH: A path of a heartbeat session changed its state.
 * @HASWITCH_EVENT_KIND_PULSE_TOLD: A peer said something in its heartbeats, on every path.
 * @HASWITCH_EVENT_KIND_FLOW_FULL: A new flow of a service was refused, because the flow table
 *    is full, or no memory was available. Sent at most once in 10 s.
 * @HASWITCH_EVENT_KIND_LEASE_MOVE: lease-move asked for a planned move of a lease, or an agent
 *    answered that.
 * @HASWITCH_EVENT_KIND_FLOW_PORTS: A new flow of a service with snat was refused, because none
 *    of the ports that were tried is free for the member. Sent at most once in 10 s.
 * @HASWITCH_EVENT_KIND_FLOW_ALIKE: A new flow of a service was refused, because another flow
 *    has the same addresses and ports at the member, which is reached via nat. Sent at most
 *    once in 10 s.
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
};

/**
 * enum haswitch_move_answer - What an agent says to lease-move.
 * @HASWITCH_MOVE_ANSWER_BEGUN: The holder lets go of the lease.
 * @HASWITCH_MOVE_ANSWER_PASSED: The holder's agent was asked.
 * @HASWITCH_MOVE_ANSWER_NO_LEASE: The agents do not know the lease.
 * @HASWITCH_MOVE_ANSWER_NO_HOLDER: Nobody holds the lease, as far as the agent knows.
 * @HASWITCH_MOVE_ANSWER_NO_NODE: The agents do not know the node.
 * @HASWITCH_MOVE_ANSWER_HOLDS: The node holds the lease already.
 * @HASWITCH_MOVE_ANSWER_WITNESS: The node is a witness, which only votes.
 * @HASWITCH_MOVE_ANSWER_UNHEARD: The holder does not hear the node.
 * @HASWITCH_MOVE_ANSWER_UNFIT: The node is heard, but is not up, has not got the lease, or may
 *    not hold it.
 * @HASWITCH_MOVE_ANSWER_NOBODY: No other node that is heard and up could have the lease.
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
 * enum haswitch_cause - Why the published state changed.
 * @HASWITCH_CAUSE_NONE: No cause is known.
 * @HASWITCH_CAUSE_ADMIN: node-set by an administrator.
 * @HASWITCH_CAUSE_BEAT: A BEAT named, or no longer named, the node.
 * @HASWITCH_CAUSE_VERDICT: node-verdict.
 * @HASWITCH_CAUSE_HEALTH: member-set health.
 * @HASWITCH_CAUSE_CONFIG: Configuration added, changed or deleted.
 * @HASWITCH_CAUSE_PULSE: Heartbeats that the module itself checks stopped or came again.
 * @HASWITCH_CAUSE_CARRIER: The link by which the node is reached went down or came up.
 * @HASWITCH_CAUSE_NEIGHBOUR: The node stopped answering ARP and ND, or answers again.
 * @HASWITCH_CAUSE_UNREACHABLE: A router said that the node cannot be reached, or it was again.
 * @HASWITCH_CAUSE_RESIGNED: The node said that it goes, or that it is back.
 * @HASWITCH_CAUSE_AGENT_GONE: The agent's netlink socket was closed.
 * @HASWITCH_CAUSE_DEVICES_DOWN: All client-facing devices went down, or one came up.
 * @HASWITCH_CAUSE_REBOOT: The machine reboots or panics.
 * @HASWITCH_CAUSE_FAILBACK: A node that was held is no longer.
 * @HASWITCH_CAUSE_GRANTED: lease-set granted a lease.
 * @HASWITCH_CAUSE_RELEASED: lease-release ended the grant of a lease.
 * @HASWITCH_CAUSE_EXPIRED: The deadline of a lease passed.
 * @HASWITCH_CAUSE_SUPERSEDED: A lease was granted to another node under a higher epoch, or
 *    another node says that it holds it under this one.
 * @HASWITCH_CAUSE_REFUSED: A member reset a connection or returned a datagram because nobody
 *    listens on the port there; or this is over.
 * @HASWITCH_CAUSE_SUSPEND: The machine is suspended or hibernated.
 * @HASWITCH_CAUSE_CLONED: The virtual machine was copied, or set back to a snapshot.
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
 * enum haswitch_object - The kind of object a config event is about.
 * @HASWITCH_OBJECT_ALL: The whole configuration (a restore).
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
 * @HASWITCH_ACTION_ADD: It was added.
 * @HASWITCH_ACTION_SET: It was changed.
 * @HASWITCH_ACTION_DEL: It was deleted.
 */
enum haswitch_action {
	HASWITCH_ACTION_ADD = 0,
	HASWITCH_ACTION_SET = 1,
	HASWITCH_ACTION_DEL = 2,
};

/**
 * enum haswitch_evidence - What the module itself has found against a node. Evidence only
 *    takes a node out; it never makes one usable that others have taken out.
 * @HASWITCH_EVIDENCE_PULSE: The heartbeats that the module checks stopped on every path.
 * @HASWITCH_EVIDENCE_CARRIER: Every link by which the node is reached is down.
 * @HASWITCH_EVIDENCE_NEIGHBOUR: The node stopped answering ARP and ND on every way to it.
 * @HASWITCH_EVIDENCE_UNREACHABLE: A router returned a heartbeat of ours on every path: there
 *    is no such host. Nothing was heard from it since.
 * @HASWITCH_EVIDENCE_RESIGNED: The node said that it goes.
 */
enum haswitch_evidence {
	HASWITCH_EVIDENCE_PULSE = 0,
	HASWITCH_EVIDENCE_CARRIER = 1,
	HASWITCH_EVIDENCE_NEIGHBOUR = 2,
	HASWITCH_EVIDENCE_UNREACHABLE = 3,
	HASWITCH_EVIDENCE_RESIGNED = 4,
};

/**
 * enum haswitch_explain_way - What becomes of a packet.
 * @HASWITCH_EXPLAIN_WAY_NONE: It is for no vip, and this module is done with it.
 * @HASWITCH_EXPLAIN_WAY_STACK: The IP stack drops it before this module decides.
 * @HASWITCH_EXPLAIN_WAY_NEIGHBOUR: Neighbour discovery, which goes another way; in pieces it
 *    is dropped (RFC 6980).
 * @HASWITCH_EXPLAIN_WAY_PIECES: A fragment; the whole packet is what is decided on.
 * @HASWITCH_EXPLAIN_WAY_PASSED: Left to the stack; a bridge carries it for others, or it came
 *    by loopback.
 * @HASWITCH_EXPLAIN_WAY_LOCAL: Delivered by this node's own stack.
 * @HASWITCH_EXPLAIN_WAY_DIRECT: Sent to a node in a frame.
 * @HASWITCH_EXPLAIN_WAY_TUNNEL: Sent to a node inside an IP packet.
 * @HASWITCH_EXPLAIN_WAY_STRAY: Sent to the holder, marked.
 * @HASWITCH_EXPLAIN_WAY_DROPPED: Dropped.
 * @HASWITCH_EXPLAIN_WAY_NAT: Sent to an address and port of a node.
 * @HASWITCH_EXPLAIN_WAY_ANSWER: A node's answer, sent to the client as the vip's.
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
 * enum haswitch_explain_drop - The counter of a packet that is dropped; see the "stats" set.
 * @HASWITCH_EXPLAIN_DROP_DROP_NOT_HOLDER: This node does not hold the vip.
 * @HASWITCH_EXPLAIN_DROP_DROP_NO_MEMBER: No member is usable, or the vip is no address of this
 *    machine.
 * @HASWITCH_EXPLAIN_DROP_DROP_UNRESOLVED: The way to the node is not known.
 * @HASWITCH_EXPLAIN_DROP_DROP_TTL: Its TTL or hop limit has run out.
 * @HASWITCH_EXPLAIN_DROP_DROP_MTU: It does not fit and must not be split.
 * @HASWITCH_EXPLAIN_DROP_DROP_MALFORMED: Its headers make no sense.
 * @HASWITCH_EXPLAIN_DROP_DROP_MEMORY: No memory was available.
 * @HASWITCH_EXPLAIN_DROP_DROP_OUTPUT: This node may not send from that vip.
 * @HASWITCH_EXPLAIN_DROP_DROP_SOURCE: Its source address is not valid on the device that
 *    received it.
 * @HASWITCH_EXPLAIN_DROP_DROP_FLOW_FULL: It begins a flow, and the flow table is full.
 * @HASWITCH_EXPLAIN_DROP_DROP_FLOW_PORTS: It begins a flow, and no port of this node is free
 *    for the member.
 * @HASWITCH_EXPLAIN_DROP_DROP_FLOW_ALIKE: It begins a flow, and another flow has the same
 *    addresses and ports at the member.
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
 * enum haswitch_explain_door - Which path takes a packet.
 * @HASWITCH_EXPLAIN_DOOR_FAST: The fast path, as the device receives it.
 * @HASWITCH_EXPLAIN_DOOR_COMPLETE: The slow path, in the IP stack.
 */
enum haswitch_explain_door {
	HASWITCH_EXPLAIN_DOOR_FAST = 0,
	HASWITCH_EXPLAIN_DOOR_COMPLETE = 1,
};

/**
 * enum haswitch_explain_slow - Why the fast path leaves a packet to the slow path.
 * @HASWITCH_EXPLAIN_SLOW_LOCAL: It comes from a local process.
 * @HASWITCH_EXPLAIN_SLOW_DEVICE: The device has no fast path.
 * @HASWITCH_EXPLAIN_SLOW_HOOK: The vip says "hook prerouting".
 * @HASWITCH_EXPLAIN_SLOW_TRACED: Somebody traces what is redirected.
 * @HASWITCH_EXPLAIN_SLOW_HEADER: It has options, is a fragment, truncated or malformed, or its
 *    TTL or hop limit runs out.
 * @HASWITCH_EXPLAIN_SLOW_PROTOCOL: Its protocol has no ports, or is ICMP.
 * @HASWITCH_EXPLAIN_SLOW_SOURCE: Its source is martian.
 * @HASWITCH_EXPLAIN_SLOW_NOT_HOLDER: This node does not hold the vip.
 * @HASWITCH_EXPLAIN_SLOW_SERVICE: No service is for it.
 * @HASWITCH_EXPLAIN_SLOW_PICK: Something has to be noted or looked for: a new flow or a new
 *    state of one, the first packet for a node, a member that is not usable.
 * @HASWITCH_EXPLAIN_SLOW_VIA: Its member is this machine.
 * @HASWITCH_EXPLAIN_SLOW_HOP: There is no complete link-layer header for the way out, or the
 *    neighbour's address is not known.
 * @HASWITCH_EXPLAIN_SLOW_SIZE: It does not fit on the way out.
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
 * enum haswitch_explain_flow - What is known of a packet's flow, where flows are tracked.
 * @HASWITCH_EXPLAIN_FLOW_KNOWN: A member has it.
 * @HASWITCH_EXPLAIN_FLOW_NEW: The packet would begin it.
 * @HASWITCH_EXPLAIN_FLOW_MOVED: It is known, but its member does not go on with it.
 * @HASWITCH_EXPLAIN_FLOW_UNKNOWN: The packet belongs to no known flow, and begins none.
 */
enum haswitch_explain_flow {
	HASWITCH_EXPLAIN_FLOW_KNOWN = 0,
	HASWITCH_EXPLAIN_FLOW_NEW = 1,
	HASWITCH_EXPLAIN_FLOW_MOVED = 2,
	HASWITCH_EXPLAIN_FLOW_UNKNOWN = 3,
};

/**
 * enum haswitch_explain_came - How a packet came to this node.
 * @HASWITCH_EXPLAIN_CAME_LINK: As it was sent.
 * @HASWITCH_EXPLAIN_CAME_STRAY: Inside UDP, marked, from a node that is not the holder.
 * @HASWITCH_EXPLAIN_CAME_TUNNEL: Inside an IP packet, from the holder.
 */
enum haswitch_explain_came {
	HASWITCH_EXPLAIN_CAME_LINK = 0,
	HASWITCH_EXPLAIN_CAME_STRAY = 1,
	HASWITCH_EXPLAIN_CAME_TUNNEL = 2,
};

/**
 * enum haswitch_pulse_state - What is heard of a peer, on one path or on all.
 * @HASWITCH_PULSE_STATE_UP: It is heard, and hears us.
 * @HASWITCH_PULSE_STATE_UNKNOWN: It was never heard, which says nothing of it.
 * @HASWITCH_PULSE_STATE_ONE_WAY: It is heard, but says that it does not hear us.
 * @HASWITCH_PULSE_STATE_DOWN: It was heard and has fallen silent.
 */
enum haswitch_pulse_state {
	HASWITCH_PULSE_STATE_UP = 0,
	HASWITCH_PULSE_STATE_UNKNOWN = 1,
	HASWITCH_PULSE_STATE_ONE_WAY = 2,
	HASWITCH_PULSE_STATE_DOWN = 3,
};

/**
 * enum haswitch_pulse_kind - What a heartbeat says beside that its sender is there.
 * @HASWITCH_PULSE_KIND_BEAT: Nothing; as does each kind that the receiver does not know.
 * @HASWITCH_PULSE_KIND_GOING: The sender goes: it holds nothing any more, and is lost until it
 *    is heard in a new life.
 * @HASWITCH_PULSE_KIND_RELEASED: The sender has ended its grant of a lease, under the epoch
 *    that comes with it.
 * @HASWITCH_PULSE_KIND_REFUSED: Nobody listens on the port of a service at the sender; its
 *    number comes with it. Said every two seconds while it is so.
 * @HASWITCH_PULSE_KIND_LISTENS: Somebody does again, or a client may try.
 */
enum haswitch_pulse_kind {
	HASWITCH_PULSE_KIND_BEAT = 0,
	HASWITCH_PULSE_KIND_GOING = 1,
	HASWITCH_PULSE_KIND_RELEASED = 2,
	HASWITCH_PULSE_KIND_REFUSED = 3,
	HASWITCH_PULSE_KIND_LISTENS = 4,
};

/**
 * enum haswitch_a_node - attributes: A machine that can serve.
 * @HASWITCH_A_NODE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_NODE_NAME: (string, 1 to 31 bytes) Unique name; letters, digits, dot, dash and
 *    underscore, beginning with a letter or digit.
 * @HASWITCH_A_NODE_ADDR4: (u32, big-endian) IPv4 address by which other nodes reach it.
 * @HASWITCH_A_NODE_ADDR6: (binary, 16 bytes) IPv6 address by which other nodes reach it.
 * @HASWITCH_A_NODE_ZONE: (string, at most 31 bytes) Fault domain, a label; the empty string
 *    takes it away.
 * @HASWITCH_A_NODE_LLADDR: (binary, 6 bytes) Fixed link-layer address, used instead of
 *    neighbour resolution; needs dev.
 * @HASWITCH_A_NODE_DEV: (string, 1 to 15 bytes) Name of the device behind which lladdr is;
 *    needs lladdr.
 * @HASWITCH_A_NODE_SELF: (flag) The node is this machine (this network namespace).
 * @HASWITCH_A_NODE_ADMIN: (u8, enum haswitch_admin_state) What the administrator says; default
 *    up.
 * @HASWITCH_A_NODE_VERDICT: (u8, enum haswitch_verdict) What the agent or an operator has
 *    decided.
 * @HASWITCH_A_NODE_AGENT: (u8, enum haswitch_agent_state) What the BEATs say. Read only.
 * @HASWITCH_A_NODE_STATE: (u8, enum haswitch_node_state) Published state. Read only.
 * @HASWITCH_A_NODE_SINCE: (u64) When the published state was stored, ns. Read only.
 * @HASWITCH_A_NODE_ALIVE_UNTIL: (u64) Time up to which the last BEAT naming the node keeps it
 *    alive, ns; absent when never named. Read only.
 * @HASWITCH_A_NODE_REACH4: (u8, enum haswitch_reach) Whether addr4 can be sent to. Read only.
 * @HASWITCH_A_NODE_REACH6: (u8, enum haswitch_reach) Whether addr6 can be sent to. Read only.
 * @HASWITCH_A_NODE_REFS: (u32) Members, holders and other uses of the node. Read only.
 * @HASWITCH_A_NODE_EVIDENCE: (u8, enum haswitch_evidence, may repeat) What the module has
 *    found against the node; any of it makes the node lost. Read only.
 * @HASWITCH_A_NODE_HELD_SINCE: (u64) When the node returned, ns; there while it is held. Read
 *    only.
 * @HASWITCH_A_NODE_PENALTY: (u32) What its deaths have added up to (1000 each, half of it gone
 *    every 60 s); absent when nothing is left of it. Read only.
 * @HASWITCH_A_NODE_DAMPED: (flag) It died too often: it stays held, whatever failback a
 *    service has, until penalty is below 1000. Read only.
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

	/* private: */
	__HASWITCH_A_NODE_MAX,
	HASWITCH_A_NODE_MAX = __HASWITCH_A_NODE_MAX - 1,
};

/**
 * enum haswitch_a_vip - attributes: A virtual address.
 * @HASWITCH_A_VIP_ADDR4: (u32, big-endian) The address, if IPv4. Exactly one of addr4 and
 *    addr6 is given.
 * @HASWITCH_A_VIP_ADDR6: (binary, 16 bytes) The address, if IPv6.
 * @HASWITCH_A_VIP_DEV: (string, 1 to 15 bytes, may repeat) Client-facing device, at most
 *    dev-max of them. None means each device that has an address in the same subnet.
 * @HASWITCH_A_VIP_HOLDER: (string, at most 31 bytes) Node that always answers for the vip.
 *    With the empty string, or with neither holder nor lease, this node answers. Where there
 *    are several nodes, everywhere has to say that each of them does.
 * @HASWITCH_A_VIP_STRAY: (u8, enum haswitch_stray) What to do with a client's packet when not
 *    the holder; forward if not given.
 * @HASWITCH_A_VIP_ROLE: (u8, enum haswitch_role) What this node is to the vip. Read only.
 * @HASWITCH_A_VIP_SERVICES: (u32) Number of services. Read only.
 * @HASWITCH_A_VIP_LEASE: (string, at most 31 bytes) Lease whose holder answers for the vip,
 *    instead of a fixed holder; the empty string takes it away.
 * @HASWITCH_A_VIP_ON_LOSS: (u8, enum haswitch_on_loss) What becomes of this machine's
 *    connections. keep unless given.
 * @HASWITCH_A_VIP_HOOK: (u8, enum haswitch_hook) Where packets to the vip are seen first.
 *    ingress unless given.
 * @HASWITCH_A_VIP_EVERYWHERE: (flag) Each node that is configured so answers for the vip,
 *    instead of a lease's holder or a fixed one. EINVAL with lease or holder.
 * @HASWITCH_A_VIP_CONFLICT_NODE: (string) Node that is known to be at conflict-lladdr, if one
 *    is. Read only.
 * @HASWITCH_A_VIP_CONFLICT_LLADDR: (binary, 6 bytes) Link-layer address of who else used the
 *    vip last while this node held it. Read only. Of at most 64 vips this is kept.
 * @HASWITCH_A_VIP_CONFLICT_DEV: (string) Device on which that was seen. Read only.
 * @HASWITCH_A_VIP_CONFLICT_TIME: (u64) When that was, ns. Read only.
 * @HASWITCH_A_VIP_PAD: (padding) Aligns 64-bit values.
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

	/* private: */
	__HASWITCH_A_VIP_MAX,
	HASWITCH_A_VIP_MAX = __HASWITCH_A_VIP_MAX - 1,
};

/**
 * enum haswitch_a_service - attributes: A vip, a protocol of it, or a port of a protocol.
 * @HASWITCH_A_SERVICE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_SERVICE_ADDR4: (u32, big-endian) Address of the vip, if IPv4.
 * @HASWITCH_A_SERVICE_ADDR6: (binary, 16 bytes) Address of the vip, if IPv6.
 * @HASWITCH_A_SERVICE_PROTO: (u8) IP protocol number; 0, or none, means the whole vip.
 * @HASWITCH_A_SERVICE_PORT: (u16) Destination port in host byte order; 0, or none, means every
 *    port. Needs proto tcp, udp, sctp or udplite.
 * @HASWITCH_A_SERVICE_SCHED: (u8, enum haswitch_sched) Scheduler; default active-standby, and
 *    the same unless given.
 * @HASWITCH_A_SERVICE_ACTIVE: (string) Node that a new packet would be sent to now; absent
 *    when no member is usable, or each flow has its own. Read only.
 * @HASWITCH_A_SERVICE_MEMBERS: (u32) Number of members. Read only.
 * @HASWITCH_A_SERVICE_PACKETS: (u64) Packets sent to members, since the service was added.
 *    Read only.
 * @HASWITCH_A_SERVICE_BYTES: (u64) Bytes of those packets, from the IP header on. Read only.
 * @HASWITCH_A_SERVICE_DROPPED: (u64) Packets dropped because no member could take them. Read
 *    only.
 * @HASWITCH_A_SERVICE_FAILBACK: (u64) How long a node that returned waits before it takes
 *    packets that another one can take, ns, at most failback-max; 0 is not at all (auto), 2^64
 *    - 1 is until node-failback (manual). Default 10 s.
 * @HASWITCH_A_SERVICE_ON_EMPTY: (string, 1 to 31 bytes) What becomes of a packet that no
 *    member can take. drop (the default); reject: its sender is told, by a TCP reset or as of
 *    a port that is unreachable; or the name of the node that gets it instead, locally if that
 *    is this one, else as via direct, while it is usable.
 * @HASWITCH_A_SERVICE_ONE_PACKET: (u8, enum haswitch_one_packet) Whether each packet is a flow
 *    of its own; default off. On needs sched rr, wrr or random (EINVAL).
 * @HASWITCH_A_SERVICE_PERSIST: (u64) For how long after its last packet a client's new flows
 *    go to the same member, ns, 1 s to flow-timeout-max; 0, the default, is not at all.
 * @HASWITCH_A_SERVICE_PERSIST_MASK: (u8) How many leading bits of their addresses clients
 *    share, who are one to persist, 1 to 32 or 128 (ERANGE); default all of them. Needs
 *    persist.
 * @HASWITCH_A_SERVICE_FLOWS: (u32) Flows tracked. Read only.
 * @HASWITCH_A_SERVICE_SNAT: (u8, enum haswitch_snat) Whom members via nat take for the client;
 *    default off. On needs a node that is this machine, with an address of the vip's family
 *    (EINVAL), and is for new flows.
 * @HASWITCH_A_SERVICE_NEW_MAX: (u32, 0 to 1000000) How many new flows are tracked a second,
 *    and at once, if none has come for one; the others are what no member can take. 0, the
 *    default, is no limit. Needs tracked flows (EINVAL).
 * @HASWITCH_A_SERVICE_ON_FAILOVER: (u8, enum haswitch_on_failover) What becomes of the flows
 *    of a node that can not go on with them; default move. The others need tracked flows
 *    (EINVAL).
 * @HASWITCH_A_SERVICE_LIMITED: (u64) Packets that would have begun a flow above new-max. Read
 *    only.
 * @HASWITCH_A_SERVICE_SLOW_START: (u64) How long a member that begins to serve, or does so
 *    again, takes from a tenth of its weight to all of it, ns, at most slow-start-max
 *    (ERANGE); 0, the default, is no time. Needs sched rr, wrr, lc, wlc or random (EINVAL).
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
 * @HASWITCH_A_MEMBER_PRIORITY: (u32, 0 to 65535) A smaller number is preferred
 *    (active-standby); default 100.
 * @HASWITCH_A_MEMBER_VIA: (u8, enum haswitch_via) How other nodes reach the member; on its own
 *    node it is local, whatever this says. Default local for this node, direct for others.
 *    Local is for this node only (EINVAL).
 * @HASWITCH_A_MEMBER_HEALTH: (u8, enum haswitch_health) Health as checked or set; default up.
 * @HASWITCH_A_MEMBER_STATE: (u8, enum haswitch_node_state) Published state of the node. Read
 *    only.
 * @HASWITCH_A_MEMBER_PACKETS: (u64) Packets sent to the member. Read only.
 * @HASWITCH_A_MEMBER_BYTES: (u64) Bytes of those packets, from the IP header on. Read only.
 * @HASWITCH_A_MEMBER_WEIGHT: (u32, 0 to 65535) Share of the flows, among the weights of the
 *    usable members. A member of weight 0 gets no new flows, whatever the scheduler; those
 *    that it has go on if they are tracked. Default 1.
 * @HASWITCH_A_MEMBER_FLOWS: (u32) Flows of this service that the member has. Read only.
 * @HASWITCH_A_MEMBER_NAT_PORT: (u16) Port of the member where packets via nat are sent, host
 *    byte order; 0, the default, is the one that the client asked for. Needs via nat and a
 *    service of a protocol with ports (EINVAL), and is forgotten with another via.
 * @HASWITCH_A_MEMBER_FLOWS_MAX: (u32) As many flows the member may have; new ones then go to
 *    others. CPUs that give it flows at the same moment may go above it by one each. 0, the
 *    default, is no limit. Needs tracked flows (EINVAL).
 * @HASWITCH_A_MEMBER_FULL: (u64) New flows of the service that came while the member had as
 *    many as it may. Read only.
 * @HASWITCH_A_MEMBER_LOCAL_HERE: (flag) The node is this machine, which delivers packets for
 *    the member to its own programs, though via says how other nodes reach it. Read only.
 * @HASWITCH_A_MEMBER_NEW_FLOWS: (u8, enum haswitch_new_flows) Whether the member gets new
 *    flows from this node now, and if not, why. Read only.
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

	/* private: */
	__HASWITCH_A_MEMBER_MAX,
	HASWITCH_A_MEMBER_MAX = __HASWITCH_A_MEMBER_MAX - 1,
};

/**
 * enum haswitch_a_beat - attributes: Who has been heard from, as the agent says it regularly.
 * @HASWITCH_A_BEAT_NODE: (string, 1 to 31 bytes, may repeat) Name of a node that was heard
 *    from.
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
 * enum haswitch_a_event - attributes: Something that happened.
 * @HASWITCH_A_EVENT_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_EVENT_SEQ: (u64) Number of the event in its network namespace, from 1. As an
 *    argument of the dump, the first one wanted.
 * @HASWITCH_A_EVENT_TIME: (u64) When it happened, ns.
 * @HASWITCH_A_EVENT_KIND: (u8, enum haswitch_event_kind) What happened; says which of the
 *    other attributes are there.
 * @HASWITCH_A_EVENT_CAUSE: (u8, enum haswitch_cause) Why.
 * @HASWITCH_A_EVENT_NODE: (string) Name of the node it is about.
 * @HASWITCH_A_EVENT_FROM: (u8, enum haswitch_node_state) Published state before (kind node).
 * @HASWITCH_A_EVENT_TO: (u8, enum haswitch_node_state) Published state after (kind node).
 * @HASWITCH_A_EVENT_HEALTH: (u8, enum haswitch_health) Health after (kind member).
 * @HASWITCH_A_EVENT_ADDR4: (u32, big-endian) Vip it is about, if IPv4.
 * @HASWITCH_A_EVENT_ADDR6: (binary, 16 bytes) Vip it is about, if IPv6.
 * @HASWITCH_A_EVENT_PROTO: (u8) Protocol of the service it is about.
 * @HASWITCH_A_EVENT_PORT: (u16) Port of the service it is about, host byte order.
 * @HASWITCH_A_EVENT_DECISION: (u64) When the input that decided the switch was taken in, ns.
 * @HASWITCH_A_EVENT_PUBLISH: (u64) When the new state was stored for packets to read, ns.
 * @HASWITCH_A_EVENT_FIRST_PACKET: (u64) When the first packet took the new way, ns (kind
 *    first-packet).
 * @HASWITCH_A_EVENT_SWITCH: (u64) Number of the event that told of the switch (kind
 *    first-packet).
 * @HASWITCH_A_EVENT_OBJECT: (u8, enum haswitch_object) Kind of object (kind config).
 * @HASWITCH_A_EVENT_ACTION: (u8, enum haswitch_action) What was done to it (kind config).
 * @HASWITCH_A_EVENT_GENERATION: (u64) Configuration generation after the change (kind config).
 * @HASWITCH_A_EVENT_LEASE: (string) Name of the lease it is about (kind lease, and config).
 * @HASWITCH_A_EVENT_EPOCH: (u64) Epoch of the grant that began or ended (kind lease), or under
 *    which the service's vip was held, 0 without a lease (kinds member and first-packet).
 * @HASWITCH_A_EVENT_EVIDENCE: (u8, enum haswitch_evidence, may repeat) What the module has
 *    found against the node, after the switch (kinds node and first-packet).
 * @HASWITCH_A_EVENT_DEV: (string) Device on which it was seen (kind vip-conflict).
 * @HASWITCH_A_EVENT_LLADDR: (binary, 6 bytes) Link-layer address of who uses the vip (kind
 *    vip-conflict). The node that is known to be there is named, too.
 * @HASWITCH_A_EVENT_PATH: (u8) Number of the path in its session, from 0 (kind pulse-path).
 * @HASWITCH_A_EVENT_PULSE_FROM: (u8, enum haswitch_pulse_state) State of the path before (kind
 *    pulse-path).
 * @HASWITCH_A_EVENT_PULSE_TO: (u8, enum haswitch_pulse_state) State of the path after (kind
 *    pulse-path).
 * @HASWITCH_A_EVENT_TOLD: (u8, enum haswitch_pulse_kind) What the peer said (kind pulse-told),
 *    or how the holder said that it holds the lease no more (kind lease, cause resigned):
 *    released after what it had decided had left, going at any moment, as in a panic.
 * @HASWITCH_A_EVENT_VALUE: (u64) The number that came with it (kind pulse-told): with
 *    "released" the epoch.
 * @HASWITCH_A_EVENT_SUCCESSOR: (string) Node that is to hold the lease next, if one was named
 *    (kind lease, cause released; kind lease-move).
 * @HASWITCH_A_EVENT_ANSWER: (u8, enum haswitch_move_answer) What an agent says; absent where
 *    it is asked (kind lease-move).
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

	/* private: */
	__HASWITCH_A_EVENT_MAX,
	HASWITCH_A_EVENT_MAX = __HASWITCH_A_EVENT_MAX - 1,
};

/**
 * enum haswitch_a_bucket - attributes: One bucket of a histogram.
 * @HASWITCH_A_BUCKET_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_BUCKET_BELOW: (u64) Upper bound of the bucket, ns, exclusive; 0 means no bound.
 * @HASWITCH_A_BUCKET_COUNT: (u64) Switches in it.
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
 * enum haswitch_a_stats - attributes: Counters of this network namespace, since the module was
 *    loaded there. Each packet to a vip, and each packet from one that may not leave, is
 *    counted in "seen" and in exactly one of "redirected", "local", "passed" or a "drop"
 *    counter.
 * @HASWITCH_A_STATS_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_STATS_SEEN: (u64) Packets to a vip, answered as one's, or dropped from one, that
 *    the path looked at.
 * @HASWITCH_A_STATS_REDIRECTED: (u64) Packets sent on to another node.
 * @HASWITCH_A_STATS_LOCAL: (u64) Packets handed to this node's own stack to be served.
 * @HASWITCH_A_STATS_PASSED: (u64) Packets left to the stack because they are not the path's
 *    business.
 * @HASWITCH_A_STATS_DROP_NOT_HOLDER: (u64) Packets dropped because this node does not hold the
 *    vip.
 * @HASWITCH_A_STATS_DROP_NO_MEMBER: (u64) Packets dropped because no member was usable, or
 *    because none is meant and the vip is no address of this machine.
 * @HASWITCH_A_STATS_DROP_UNRESOLVED: (u64) Packets dropped because the way to the node is not
 *    resolved.
 * @HASWITCH_A_STATS_DROP_TTL: (u64) Packets dropped because their TTL or hop limit ran out.
 * @HASWITCH_A_STATS_DROP_MTU: (u64) Packets dropped because they do not fit and must not be
 *    split.
 * @HASWITCH_A_STATS_DROP_MALFORMED: (u64) Packets dropped because their headers make no sense.
 * @HASWITCH_A_STATS_DROP_MEMORY: (u64) Packets dropped because no memory was available.
 * @HASWITCH_A_STATS_DROP_OUTPUT: (u64) Packets from a vip that this node may not answer for,
 *    dropped on output.
 * @HASWITCH_A_STATS_ARP_ANSWERED: (u64) ARP requests for a vip that the module answered.
 * @HASWITCH_A_STATS_ARP_DROPPED: (u64) ARP packets about a vip that were dropped.
 * @HASWITCH_A_STATS_ARP_REWRITTEN: (u64) ARP requests whose sender was changed from a vip to
 *    the device's address.
 * @HASWITCH_A_STATS_ND_ANSWERED: (u64) Neighbour solicitations for a vip that the module
 *    answered.
 * @HASWITCH_A_STATS_ND_DROPPED: (u64) Neighbour discovery packets about a vip that were
 *    dropped.
 * @HASWITCH_A_STATS_ND_REWRITTEN: (u64) Neighbour solicitations whose source was changed from
 *    a vip to the device's address.
 * @HASWITCH_A_STATS_ANNOUNCED: (u64) Gratuitous ARPs and unsolicited neighbour advertisements
 *    sent.
 * @HASWITCH_A_STATS_SWITCHES: (u64) Published state changes of nodes and members.
 * @HASWITCH_A_STATS_BEATS: (u64) BEATs accepted.
 * @HASWITCH_A_STATS_DECISION_PUBLISH: (nest of bucket attributes, may repeat) Histogram of the
 *    time from decision to publish.
 * @HASWITCH_A_STATS_PUBLISH_FIRST: (nest of bucket attributes, may repeat) Histogram of the
 *    time from publish to the first packet.
 * @HASWITCH_A_STATS_DECISION_FIRST: (nest of bucket attributes, may repeat) Histogram of the
 *    time from decision to the first packet.
 * @HASWITCH_A_STATS_STRAY_SENT: (u64) Of the redirected, those that came to this node by
 *    mistake and went on to the holder, marked.
 * @HASWITCH_A_STATS_STRAY_RECEIVED: (u64) Marked packets to a vip that came from another node.
 * @HASWITCH_A_STATS_STRAY_REFUSED: (u64) Datagrams to tunnel-port that were refused because
 *    they are not from a known node, or hold no marked packet to a vip.
 * @HASWITCH_A_STATS_REPEATED: (u64) Announcements of a vip sent once more, 0.1, 0.5, 1, 2 and
 *    5 seconds after those counted in "announced".
 * @HASWITCH_A_STATS_CONFLICTS: (u64) Frames of others that use or probe for a vip that this
 *    node holds. They are answered by an announcement.
 * @HASWITCH_A_STATS_CONFLICTS_CAPPED: (u64) Those of them that were not answered, because the
 *    vip had been announced for that within a second, or too many others.
 * @HASWITCH_A_STATS_PULSE_UNKNOWN: (u64) Heartbeats of no session, or between other addresses
 *    than those of its paths; dropped unhashed.
 * @HASWITCH_A_STATS_PULSE_MALFORMED: (u64) Packets to the heartbeat port that are no
 *    heartbeats.
 * @HASWITCH_A_STATS_STRAY_KEPT: (u64) Of the strays received, those that came before this node
 *    held the vip, and wait for that.
 * @HASWITCH_A_STATS_STRAY_GIVEN_UP: (u64) Of the kept, those that waited for nothing for a
 *    second; and strays that there was no room to keep.
 * @HASWITCH_A_STATS_FAST: (u64) Of the redirected, those that went their way as the device
 *    received them.
 * @HASWITCH_A_STATS_REJECTED: (u64) Of "drop-no-member", those to services that reject.
 * @HASWITCH_A_STATS_FLOW_MADE: (u64) Flows that were begun to be tracked.
 * @HASWITCH_A_STATS_FLOW_MOVED: (u64) Flows that went over to another member.
 * @HASWITCH_A_STATS_FLOW_REFUSED: (u64) New flows that were refused. Their packets are counted
 *    by cause, as "drop-flow-full", "drop-flow-ports", "drop-flow-alike" or "drop-memory".
 * @HASWITCH_A_STATS_TUNNEL_SENT: (u64) Packets sent to members with a packet to a vip, or a
 *    piece of one, in them, via tunnel and via gue.
 * @HASWITCH_A_STATS_TUNNEL_RECEIVED: (u64) Packets to a vip that its holder sent inside
 *    others, via tunnel or gue.
 * @HASWITCH_A_STATS_TUNNEL_REFUSED: (u64) Packets, via tunnel with one to a vip in them, that
 *    this was not taken out of, for they were not from its holder, or made no sense; via gue
 *    also what is for no vip.
 * @HASWITCH_A_STATS_NAT_ANSWERED: (u64) Of "redirected" and "local", packets of members via
 *    nat that went to clients as a vip's.
 * @HASWITCH_A_STATS_FLOW_RESET: (u64) Resets sent to clients whose connections a node can not
 *    go on with.
 * @HASWITCH_A_STATS_DROP_SOURCE: (u64) Packets dropped because their source address is not
 *    valid on the device that received them; see rp_filter and accept_local in the kernel's
 *    ip-sysctl documentation. Also, with any setting, a broadcast address.
 * @HASWITCH_A_STATS_DROP_FLOW_FULL: (u64) Packets dropped because they begin a flow, and the
 *    flow table is full.
 * @HASWITCH_A_STATS_DROP_FLOW_PORTS: (u64) Packets dropped because they begin a flow to a
 *    member of a service with snat, and none of the ports that were tried is free.
 * @HASWITCH_A_STATS_DROP_FLOW_ALIKE: (u64) Packets dropped because they begin a flow to a
 *    member via nat, and another flow has the same addresses and ports there.
 * @HASWITCH_A_STATS_FLOW_EVICTED: (u64) Flows that were ended before their time, because new
 *    flows needed room in a full flow table.
 * @HASWITCH_A_STATS_FLOW_EVICTED_ASSURED: (u64) Of "flow-evicted", those whose client is
 *    assured. Their services had more flows than the service of the new flow.
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

	/* private: */
	__HASWITCH_A_STATS_MAX,
	HASWITCH_A_STATS_MAX = __HASWITCH_A_STATS_MAX - 1,
};

/**
 * enum haswitch_a_flow - attributes: A tracked connection, as its client's packets name it.
 * @HASWITCH_A_FLOW_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_FLOW_CLIENT4: (u32, big-endian) Address of the client, if IPv4.
 * @HASWITCH_A_FLOW_CLIENT6: (binary, 16 bytes) Address of the client, if IPv6.
 * @HASWITCH_A_FLOW_CLIENT_PORT: (u16) Its port, host byte order, or the identifier of an ICMP
 *    echo; absent of what keeps a client with its member.
 * @HASWITCH_A_FLOW_ADDR4: (u32, big-endian) Address of the vip, if IPv4.
 * @HASWITCH_A_FLOW_ADDR6: (binary, 16 bytes) Address of the vip, if IPv6.
 * @HASWITCH_A_FLOW_PROTO: (u8) IP protocol number.
 * @HASWITCH_A_FLOW_PORT: (u16) Port of the vip, host byte order; 0 where the protocol has
 *    none.
 * @HASWITCH_A_FLOW_NODE: (string, 1 to 31 bytes) Node that has it; absent if that is no member
 *    any more.
 * @HASWITCH_A_FLOW_STATE: (u8, enum haswitch_flow_state) How far it is.
 * @HASWITCH_A_FLOW_EXPIRES: (u64) How long it is kept without another packet, ns.
 * @HASWITCH_A_FLOW_MASK: (u8) Of what keeps a client with its member: leading bits of its
 *    address that count.
 * @HASWITCH_A_FLOW_DELETED: (u32) Number of flows that were deleted.
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

	/* private: */
	__HASWITCH_A_FLOW_MAX,
	HASWITCH_A_FLOW_MAX = __HASWITCH_A_FLOW_MAX - 1,
};

/**
 * enum haswitch_a_flow_limits - attributes: How many flows are tracked, and for how long
 *    without a packet.
 * @HASWITCH_A_FLOW_LIMITS_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_FLOW_LIMITS_MOST: (u32, 0 to 16777216) Most flows tracked, default 262144.
 * @HASWITCH_A_FLOW_LIMITS_COUNT: (u32) Flows tracked now. Read only.
 * @HASWITCH_A_FLOW_LIMITS_TCP_SYN: (u64) TCP, a SYN only, ns, 1 s to flow-timeout-max; default
 *    60 s.
 * @HASWITCH_A_FLOW_LIMITS_TCP: (u64) TCP, established, ns, likewise; default 900 s.
 * @HASWITCH_A_FLOW_LIMITS_TCP_CLOSING: (u64) TCP after a FIN or RST, ns, likewise; default 120
 *    s.
 * @HASWITCH_A_FLOW_LIMITS_UDP: (u64) UDP, ns, likewise; default 180 s.
 * @HASWITCH_A_FLOW_LIMITS_OTHER: (u64) All others, ns, likewise; default 60 s.
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
 * @HASWITCH_A_CONFIG_GENERATION: (u64) Grows with every change of the configuration.
 * @HASWITCH_A_CONFIG_NODES: (u32) Number of nodes.
 * @HASWITCH_A_CONFIG_VIPS: (u32) Number of vips.
 * @HASWITCH_A_CONFIG_SERVICES: (u32) Number of services.
 * @HASWITCH_A_CONFIG_MEMBERS: (u32) Number of members.
 * @HASWITCH_A_CONFIG_AGENT_STALLED: (flag) BEATs came once and have stopped.
 * @HASWITCH_A_CONFIG_LEASES: (u32) Number of leases.
 * @HASWITCH_A_CONFIG_DOORS: (u32) Number of devices on which packets are seen as they are
 *    received.
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
 * enum haswitch_a_times - attributes: How long switches took: those of one service, each
 *    counted when its first packet took the new way, or those of this network namespace.
 * @HASWITCH_A_TIMES_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_TIMES_ADDR4: (u32, big-endian) Address of the service's vip, if IPv4.
 * @HASWITCH_A_TIMES_ADDR6: (binary, 16 bytes) Address of the service's vip, if IPv6.
 * @HASWITCH_A_TIMES_PROTO: (u8) Protocol of the service, as in the service set.
 * @HASWITCH_A_TIMES_PORT: (u16) Port of the service, host byte order, as in the service set.
 * @HASWITCH_A_TIMES_MOVES: (u64) Switches whose first packet came, of the service or added up
 *    over all of them. Read only.
 * @HASWITCH_A_TIMES_DECISION_PUBLISH: (nest of bucket attributes, may repeat) Histogram of the
 *    time from decision to publish. Without a service, of every switch, whether a packet
 *    followed or not. Read only.
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
 *    has until a deadline. Who has it, the grant, is no configuration: it is not saved, and
 *    survives a restore.
 * @HASWITCH_A_LEASE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_LEASE_NAME: (string, 1 to 31 bytes) Unique name, of the same letters as that of
 *    a node.
 * @HASWITCH_A_LEASE_FLOOR: (u64) Smallest epoch that may be granted; absent, and nothing may
 *    be granted, until it is set.
 * @HASWITCH_A_LEASE_EPOCH: (u64) Fencing token of the grant, which only grows; absent when
 *    nobody holds the lease.
 * @HASWITCH_A_LEASE_HOLDER: (string, 1 to 31 bytes) Node that holds the lease; absent when
 *    nobody does.
 * @HASWITCH_A_LEASE_DEADLINE: (u64) End of the grant, at most 10 s ahead; absent when nobody
 *    holds the lease.
 * @HASWITCH_A_LEASE_BURNED: (u64) Largest epoch that is not granted any more, because its
 *    grant has ended. Read only.
 * @HASWITCH_A_LEASE_HELD: (flag) This node holds the lease. Read only.
 * @HASWITCH_A_LEASE_VIPS: (u32) Number of vips of the lease. Read only.
 * @HASWITCH_A_LEASE_TIED: (flag) The grant of this node ends when the socket that granted or
 *    renewed it last is closed. A grant or renewal without it unties.
 * @HASWITCH_A_LEASE_SUCCESSOR: (string, 1 to 31 bytes) Node to which this one hands the lease
 *    over when it releases it: strays go there until another grant is known here, or for 10 s.
 *    Absent without one.
 * @HASWITCH_A_LEASE_ANSWER: (u8, enum haswitch_move_answer) What an agent answers to
 *    lease-move.
 * @HASWITCH_A_LEASE_PREFER: (string, at most 31 bytes, may repeat) Node that should hold the
 *    lease, the most preferred one first, at most lease-nodes-max of them. All of them take
 *    the place of those before; the empty string alone takes these away.
 * @HASWITCH_A_LEASE_ONLY: (string, at most 31 bytes, may repeat) Node that may hold the lease,
 *    at most lease-nodes-max of them; without any, each node may. All of them take the place
 *    of those before; the empty string alone takes these away.
 * @HASWITCH_A_LEASE_FAILBACK: (u64) How long a preferred node that returned waits before a
 *    less preferred one hands the lease over to it, ns, at most failback-max; 0 is not at all
 *    (auto), 2^64 - 1 is for ever (manual). Default 10 s. Absent without prefer.
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

	/* private: */
	__HASWITCH_A_LEASE_MAX,
	HASWITCH_A_LEASE_MAX = __HASWITCH_A_LEASE_MAX - 1,
};

/**
 * enum haswitch_a_pulse_path - attributes: One way between two nodes that heartbeats take.
 * @HASWITCH_A_PULSE_PATH_LOCAL4: (u32, big-endian) Our address, if IPv4. Both addresses of a
 *    path are of one family.
 * @HASWITCH_A_PULSE_PATH_LOCAL6: (binary, 16 bytes) Our address, if IPv6.
 * @HASWITCH_A_PULSE_PATH_REMOTE4: (u32, big-endian) The peer's address, if IPv4.
 * @HASWITCH_A_PULSE_PATH_REMOTE6: (binary, 16 bytes) The peer's address, if IPv6.
 * @HASWITCH_A_PULSE_PATH_DEV: (string, at most 15 bytes) Device by which heartbeats leave;
 *    without it the routes say. A link-local address needs it.
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
 * enum haswitch_a_pulse_path_state - attributes: How a path does.
 * @HASWITCH_A_PULSE_PATH_STATE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_PULSE_PATH_STATE_LOCAL4: (u32, big-endian) Our address, if IPv4.
 * @HASWITCH_A_PULSE_PATH_STATE_LOCAL6: (binary, 16 bytes) Our address, if IPv6.
 * @HASWITCH_A_PULSE_PATH_STATE_REMOTE4: (u32, big-endian) The peer's address, if IPv4.
 * @HASWITCH_A_PULSE_PATH_STATE_REMOTE6: (binary, 16 bytes) The peer's address, if IPv6.
 * @HASWITCH_A_PULSE_PATH_STATE_DEV: (string) Device by which heartbeats leave.
 * @HASWITCH_A_PULSE_PATH_STATE_STATE: (u8, enum haswitch_pulse_state) What is heard on the
 *    path.
 * @HASWITCH_A_PULSE_PATH_STATE_HEARD: (u64) When a heartbeat came last, ns; absent if never.
 * @HASWITCH_A_PULSE_PATH_STATE_ECHO: (u64) The number of the last of our heartbeats that the
 *    peer has heard.
 * @HASWITCH_A_PULSE_PATH_STATE_SENT: (u64) Heartbeats sent.
 * @HASWITCH_A_PULSE_PATH_STATE_UNSENT: (u64) Heartbeats that had no route or no memory.
 * @HASWITCH_A_PULSE_PATH_STATE_RECEIVED: (u64) Heartbeats taken.
 * @HASWITCH_A_PULSE_PATH_STATE_BAD_MAC: (u64) Packets that somebody without the key made.
 * @HASWITCH_A_PULSE_PATH_STATE_REPLAYED: (u64) Heartbeats that had come before, are older than
 *    the window, or are of an earlier life of the peer.
 * @HASWITCH_A_PULSE_PATH_STATE_OLD_KEY: (u64) Heartbeats made with a key that is not known, or
 *    no longer.
 * @HASWITCH_A_PULSE_PATH_STATE_MALFORMED: (u64) Authentic heartbeats that make no sense.
 * @HASWITCH_A_PULSE_PATH_STATE_LOST: (u64) Heartbeats that the peer sent and that never came.
 * @HASWITCH_A_PULSE_PATH_STATE_JITTER: (u64) Variation of the time under way, ns, smoothed as
 *    in RFC 3550.
 * @HASWITCH_A_PULSE_PATH_STATE_PANIC_READY: (flag) If this kernel panicked, the peer would be
 *    told by this path. It takes an Ethernet device that supports netpoll, a next hop whose
 *    link-layer address is known, and up to a second. With kdump it also takes
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
 * enum haswitch_a_pulse - attributes: Heartbeats with one peer that the module itself sends
 *    and checks. A session stays until it is deleted or its node is.
 * @HASWITCH_A_PULSE_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_PULSE_NODE: (string, 1 to 31 bytes) Name of the peer's node.
 * @HASWITCH_A_PULSE_ID: (u32, 1 to 2147483647) Number of the session, the same at both ends,
 *    and another one for each session of a node.
 * @HASWITCH_A_PULSE_INTERVAL: (u64, 500000 to 10000000000) Time between two heartbeats that we
 *    send, ns.
 * @HASWITCH_A_PULSE_MULTIPLIER: (u8, 2 to 255) The peer is lost when it was silent on all
 *    paths for so many of its own intervals, which its heartbeats tell.
 * @HASWITCH_A_PULSE_PATH: (nest of pulse-path attributes, may repeat) A path, one to
 *    pulse-paths-max of them.
 * @HASWITCH_A_PULSE_TX_KEY: (binary, 16 bytes) SipHash key of our heartbeats. Never shown.
 * @HASWITCH_A_PULSE_RX_KEY: (binary, 16 bytes) SipHash key of the peer's heartbeats, not the
 *    tx-key. Never shown.
 * @HASWITCH_A_PULSE_KEY_ID: (u8) Number of both keys, the same at both ends; default 0.
 *    pulse-key takes another one than the one in use.
 * @HASWITCH_A_PULSE_STATE: (u8, enum haswitch_pulse_state) What is heard of the peer on all
 *    paths together. Read only.
 * @HASWITCH_A_PULSE_PEER_INTERVAL: (u64) Time between two heartbeats that the peer promises,
 *    ns. Read only.
 * @HASWITCH_A_PULSE_PEER_MULTIPLIER: (u8) After how many of our intervals the peer gives us
 *    up. Read only.
 * @HASWITCH_A_PULSE_KEY_NEXT: (u8) Number of the keys that wait for the peer to have them.
 *    Read only.
 * @HASWITCH_A_PULSE_LATE: (u64) How often a timer of ours came an interval late or more, so
 *    that nobody was judged for one interval. Read only.
 * @HASWITCH_A_PULSE_LOSSES: (u64) How often the peer was lost. Read only.
 * @HASWITCH_A_PULSE_PATH_STATE: (nest of pulse-path-state attributes, may repeat) How each
 *    path does, in their order. Read only.
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

	/* private: */
	__HASWITCH_A_PULSE_MAX,
	HASWITCH_A_PULSE_MAX = __HASWITCH_A_PULSE_MAX - 1,
};

/**
 * enum haswitch_a_explain - attributes: A packet, and what this node would do with it now,
 *    step by step. Steps that it does not come to are absent.
 * @HASWITCH_A_EXPLAIN_PAD: (padding) Aligns 64-bit values.
 * @HASWITCH_A_EXPLAIN_PACKET: (binary, 20 to 2048 bytes) The packet, from its IP header on.
 * @HASWITCH_A_EXPLAIN_IFINDEX: (u32) Device that it comes in by; if none is given, the first
 *    that faces clients of the vip; of a packet to no vip, where flows via nat are known, that
 *    which leads to its sender.
 * @HASWITCH_A_EXPLAIN_LOCAL: (flag) It comes from a local process instead.
 * @HASWITCH_A_EXPLAIN_LLADDR: (binary, 6 bytes) Link-layer address of the frame's sender; not
 *    that of a node if absent.
 * @HASWITCH_A_EXPLAIN_CAME: (u8, enum haswitch_explain_came) How it comes; as it was sent, if
 *    absent.
 * @HASWITCH_A_EXPLAIN_WAY: (u8, enum haswitch_explain_way) What becomes of it.
 * @HASWITCH_A_EXPLAIN_DROP: (u8, enum haswitch_explain_drop) As what it is counted, if it is
 *    dropped.
 * @HASWITCH_A_EXPLAIN_DOOR: (u8, enum haswitch_explain_door) By which door.
 * @HASWITCH_A_EXPLAIN_SLOW: (u8, enum haswitch_explain_slow) Why not by the fast one.
 * @HASWITCH_A_EXPLAIN_ADDR4: (u32, big-endian) The vip, if IPv4.
 * @HASWITCH_A_EXPLAIN_ADDR6: (binary, 16 bytes) The vip, if IPv6.
 * @HASWITCH_A_EXPLAIN_HELD: (flag) This node answers for the vip.
 * @HASWITCH_A_EXPLAIN_ROLE: (u8, enum haswitch_role) What this node is to the vip, as far as
 *    no lease decides.
 * @HASWITCH_A_EXPLAIN_LEASE: (string, at most 31 bytes) Lease of the vip.
 * @HASWITCH_A_EXPLAIN_EPOCH: (u64) Of the lease, if somebody holds it.
 * @HASWITCH_A_EXPLAIN_NOW: (u64) The time that was compared with the deadline of this node.
 * @HASWITCH_A_EXPLAIN_DEADLINE: (u64) That deadline.
 * @HASWITCH_A_EXPLAIN_HOLDER: (string, at most 31 bytes) Node that is taken for the holder, of
 *    a vip that this one does not hold.
 * @HASWITCH_A_EXPLAIN_STRAY: (u8, enum haswitch_stray) What is done with packets of clients
 *    for a vip that this node does not hold.
 * @HASWITCH_A_EXPLAIN_PROTO: (u8) Protocol that it is matched by: of an ICMP error, that of
 *    the packet inside.
 * @HASWITCH_A_EXPLAIN_PORT: (u16) Port that it is matched by, host byte order; 0 without one.
 * @HASWITCH_A_EXPLAIN_SERVICE: (flag) There is a service for it.
 * @HASWITCH_A_EXPLAIN_SERVICE_PROTO: (u8) Protocol of the service; absent if it has all of
 *    them.
 * @HASWITCH_A_EXPLAIN_SERVICE_PORT: (u16) Port of the service, host byte order; absent if it
 *    has all of them.
 * @HASWITCH_A_EXPLAIN_SCHED: (u8, enum haswitch_sched) How the service picks a member.
 * @HASWITCH_A_EXPLAIN_FLOW: (u8, enum haswitch_explain_flow) What is known of its flow, if
 *    flows are tracked.
 * @HASWITCH_A_EXPLAIN_FLOW_STATE: (u8, enum haswitch_flow_state) How far that is, before the
 *    packet.
 * @HASWITCH_A_EXPLAIN_NODE: (string, at most 31 bytes) Node that gets it.
 * @HASWITCH_A_EXPLAIN_CANDIDATE: (string, at most 31 bytes, may repeat) Instead, a node that
 *    may get it, where that is left to chance; at most 64 of them. What follows is about the
 *    first one.
 * @HASWITCH_A_EXPLAIN_EMPTY: (flag) No member is usable, and "on-empty" decides.
 * @HASWITCH_A_EXPLAIN_REJECTED: (flag) Its sender is told that nobody takes it.
 * @HASWITCH_A_EXPLAIN_VIA: (u8, enum haswitch_via) How the member is reached.
 * @HASWITCH_A_EXPLAIN_HOP_IFINDEX: (u32) Device that it would leave by.
 * @HASWITCH_A_EXPLAIN_HOP_LLADDR: (binary, 6 bytes) Link-layer address that it would be sent
 *    to.
 * @HASWITCH_A_EXPLAIN_REMOTE4: (u32, big-endian) Where the outer packet goes to, if IPv4.
 * @HASWITCH_A_EXPLAIN_REMOTE6: (binary, 16 bytes) Where the outer packet goes to, if IPv6.
 * @HASWITCH_A_EXPLAIN_MTU: (u32) Longest packet that fits on the way out, in bytes.
 * @HASWITCH_A_EXPLAIN_LOCAL_HERE: (flag) The member is this node itself, which delivers the
 *    packet to its own programs, though via says how other nodes reach it.
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

	/* private: */
	__HASWITCH_A_EXPLAIN_MAX,
	HASWITCH_A_EXPLAIN_MAX = __HASWITCH_A_EXPLAIN_MAX - 1,
};

/**
 * enum haswitch_cmd - operations
 * @HASWITCH_CMD_NODE_ADD: Add a node. EEXIST if the name, an address of it or another self is
 *    there already, E2BIG above nodes-max. EINVAL if it is the second one while a vip has
 *    neither lease nor holder, and is not everywhere.
 * @HASWITCH_CMD_NODE_SET: Change what is given, leave the rest. ENOENT if there is none.
 * @HASWITCH_CMD_NODE_VERDICT: Store a verdict on a node. ENOENT if there is none.
 * @HASWITCH_CMD_NODE_DEL: Delete a node. ENOENT if there is none, EBUSY while it is used or
 *    holds a lease.
 * @HASWITCH_CMD_NODE_GET: Show one node, or all of them.
 * @HASWITCH_CMD_VIP_ADD: Add a vip, with a fixed holder, a lease, everywhere, or none of them.
 *    EEXIST if it is there, ENOENT if the holder or the lease is not, ENODEV if a device is
 *    not. EINVAL for a link-local IPv6 address, and with none of the three where there are
 *    several nodes; in a restore, config-commit judges that.
 * @HASWITCH_CMD_VIP_SET: Change what is given, leave the rest; devices are given as a whole,
 *    holder, lease or everywhere takes the place of all three. ENOENT if there is none, EINVAL
 *    if nothing would take their place where there are several nodes.
 * @HASWITCH_CMD_VIP_DEL: Delete a vip. ENOENT if there is none, EBUSY while it has services.
 * @HASWITCH_CMD_VIP_GET: Show one vip, or all of them.
 * @HASWITCH_CMD_SERVICE_ADD: Add a service. ENOENT if its vip is not there, EEXIST if it is.
 * @HASWITCH_CMD_SERVICE_SET: Change what is given, leave the rest. ENOENT if there is none.
 * @HASWITCH_CMD_SERVICE_DEL: Delete a service and its members. ENOENT if there is none.
 * @HASWITCH_CMD_SERVICE_GET: Show one service, or all of them (of one vip, if given).
 * @HASWITCH_CMD_MEMBER_ADD: Add a member. ENOENT if the service or the node is not there,
 *    EEXIST if the member is, E2BIG above members-max.
 * @HASWITCH_CMD_MEMBER_SET: Change what is given, leave the rest. ENOENT if there is none.
 * @HASWITCH_CMD_MEMBER_DEL: Delete a member. ENOENT if there is none.
 * @HASWITCH_CMD_MEMBER_GET: Show one member, or all of them (of one vip or service, if given).
 * @HASWITCH_CMD_BEAT: Say who was heard from. A node that was named before, is not named now
 *    and whose time has passed is lost; time alone loses nobody. ENOENT, and nothing changed,
 *    if a node is not there.
 * @HASWITCH_CMD_EVENT_GET: The events kept, oldest first, from seq on if given.
 * @HASWITCH_CMD_EVENT_NTF: An event, as it happens.
 * @HASWITCH_CMD_STATS_GET: Counters and histograms of this network namespace.
 * @HASWITCH_CMD_CONFIG_BEGIN: Begin a restore. What this socket then adds, sets and deletes
 *    goes to a new, empty configuration that no packet sees, until config-commit. EBUSY while
 *    another socket restores. Closing the socket aborts.
 * @HASWITCH_CMD_CONFIG_COMMIT: Put the new configuration in the place of the old one, in one
 *    store. What agent and health checks know of nodes and members that are in both is kept.
 *    EAGAIN, and everything of the restore is discarded, if the configuration was changed
 *    meanwhile. EINVAL, and the same, if there are several nodes and a vip that has neither
 *    lease nor holder, and is not everywhere. EINVAL if this socket began none.
 * @HASWITCH_CMD_CONFIG_ABORT: Discard the restore of this socket. EINVAL if it began none.
 * @HASWITCH_CMD_CONFIG_GET: Generation and numbers of objects.
 * @HASWITCH_CMD_TIMES_GET: How long the switches of a service took or, without one, all of
 *    this network namespace. ENOENT if there is no such service.
 * @HASWITCH_CMD_LEASE_ADD: Add a lease. EEXIST if it is there, E2BIG above leases-max. ENOENT
 *    if a node of prefer or only is not there, E2BIG with more than lease-nodes-max, EINVAL if
 *    one is there twice, if one that is preferred is not among those of only, or with failback
 *    and without prefer.
 * @HASWITCH_CMD_LEASE_SET: Set the floor; or, with epoch, holder and deadline, grant the lease
 *    or renew it; or, with prefer, only or failback, say who should and who may hold it, as
 *    lease-add does. ENOENT if the lease or the holder is not there. EPERM for a grant to this
 *    node while it is not among those of only, and for a renewal from one second on. A grant
 *    is refused with ENODATA before the floor was set, ESTALE under an epoch below the floor,
 *    lower than one that was granted, or burned, EPERM to another holder under the same epoch,
 *    ERANGE with a deadline more than 10 s ahead, EINVAL with one that has passed, ESHUTDOWN
 *    to this node while it goes down, ENETDOWN to this node while no device by which clients
 *    of the lease come has a link. A renewal may move the deadline either way. A grant under a
 *    higher epoch ends the earlier grant at once.
 * @HASWITCH_CMD_LEASE_RELEASE: End the grant at once and burn its epoch, or the one given if
 *    that is higher. The answer comes after a grace period, when no packet that was judged
 *    before is on its way through the module. ENOENT if there is no such lease, ENODATA if
 *    nobody holds it and no epoch is given, ESTALE if it is held under a higher epoch. With
 *    successor, ENOENT if that is no node, EINVAL if it is this one, ENODATA if this one does
 *    not hold the lease.
 * @HASWITCH_CMD_LEASE_DEL: Delete a lease. ENOENT if there is none, EBUSY while vips use it.
 * @HASWITCH_CMD_LEASE_GET: Show one lease, or all of them.
 * @HASWITCH_CMD_NODE_FAILBACK: End the time in which a node is held, and forgive its deaths.
 *    ENOENT if there is none, EHOSTDOWN if it is down.
 * @HASWITCH_CMD_PULSE_SET: Begin heartbeats with a node, or change their interval and
 *    multiplier, of which a peer is told before it can miss any. A new session needs all but
 *    key-id. ENOENT if the node is not there, EEXIST if the session, or another with its id,
 *    is, EADDRINUSE if the UDP port is taken. EPERM for who is root in a user namespace only:
 *    heartbeats take time that is nobody's, and that others' need.
 * @HASWITCH_CMD_PULSE_KEY: New keys, without a gap: they are used when the peer has them too;
 *    from then on the old ones are taken for as long as it takes to call the peer lost, and no
 *    longer.
 * @HASWITCH_CMD_PULSE_DEL: End heartbeats with a node. What they said of it no longer counts.
 *    ENOENT if there is no session.
 * @HASWITCH_CMD_PULSE_GET: Show one session, or all of them.
 * @HASWITCH_CMD_FLOW_GET: The flows tracked; of those that are given only: client, vip,
 *    protocol, port, node, state.
 * @HASWITCH_CMD_FLOW_DEL: Forget flows: those of which all that is given is true, or all of
 *    them. Their next packets are new flows. EINVAL of a socket that restores.
 * @HASWITCH_CMD_FLOW_LIMITS_SET: Change what is given, leave the rest. Fewer flows than there
 *    are end none of them. ERANGE if a time is out of its range, EPERM for more than 262144
 *    flows of who has CAP_NET_ADMIN in a user namespace only.
 * @HASWITCH_CMD_FLOW_LIMITS_GET: The limits, and how many flows there are.
 * @HASWITCH_CMD_EXPLAIN: What this node would do with a packet, and why; nothing is sent,
 *    counted or noted. EINVAL if it is no IP packet, or if no device is given and none faces
 *    the clients of its vip; ENODEV if there is no such device; EAFNOSUPPORT for an IPv6
 *    packet if the kernel was started with ipv6.disable=1.
 * @HASWITCH_CMD_LEASE_MOVE: Ask the agents to have another node hold the lease: the successor,
 *    or whom they choose. Nothing changes here; an event tells it to this node's agent, which
 *    answers in the same way, with answer. ENOENT if there is no such lease. What is wrong
 *    with a successor the agents say.
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

	/* private: */
	__HASWITCH_CMD_MAX,
	HASWITCH_CMD_MAX = __HASWITCH_CMD_MAX - 1,
};

#endif /* _UAPI_LINUX_HASWITCH_H */
