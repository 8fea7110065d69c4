/* SPDX-License-Identifier: GPL-2.0 */
/* Generated from include/netlink/specs/haswitch.yaml by scripts/generate.py; do not edit. */

#ifndef _HASW_TRACE_GEN_H
#define _HASW_TRACE_GEN_H

/* What __print_symbolic() calls the values of each enum. Numbers, not names of C:
 * who reads a trace in user space knows no C.
 */

#define HASW_TRACE_ADMIN_STATE \
	{ 0, "up" }, \
	{ 1, "drain" }, \
	{ 2, "maintenance" }, \
	{ 3, "down" }

#define HASW_TRACE_VERDICT \
	{ 0, "clear" }, \
	{ 1, "fenced" }, \
	{ 2, "left" }

#define HASW_TRACE_AGENT_STATE \
	{ 0, "unnamed" }, \
	{ 1, "alive" }, \
	{ 2, "lost" }

#define HASW_TRACE_NODE_STATE \
	{ 0, "up" }, \
	{ 1, "drain" }, \
	{ 2, "maintenance" }, \
	{ 3, "down" }, \
	{ 4, "lost" }, \
	{ 5, "fenced" }, \
	{ 6, "left" }, \
	{ 7, "held" }

#define HASW_TRACE_HEALTH \
	{ 0, "up" }, \
	{ 1, "down" }, \
	{ 2, "refused" }

#define HASW_TRACE_NEW_FLOWS \
	{ 0, "yes" }, \
	{ 1, "held" }, \
	{ 2, "unresolved" }, \
	{ 3, "refused" }, \
	{ 4, "node-state" }, \
	{ 5, "unhealthy" }, \
	{ 6, "weight-0" }, \
	{ 7, "full" }, \
	{ 8, "spare" }, \
	{ 9, "zone" }

#define HASW_TRACE_VIA \
	{ 0, "local" }, \
	{ 1, "direct" }, \
	{ 2, "tunnel" }, \
	{ 3, "nat" }, \
	{ 4, "gue" }

#define HASW_TRACE_SCHED \
	{ 0, "active-standby" }, \
	{ 1, "maglev" }, \
	{ 2, "rr" }, \
	{ 3, "wrr" }, \
	{ 4, "lc" }, \
	{ 5, "wlc" }, \
	{ 6, "random" }

#define HASW_TRACE_ONE_PACKET \
	{ 0, "off" }, \
	{ 1, "on" }

#define HASW_TRACE_SPARE \
	{ 0, "off" }, \
	{ 1, "on" }

#define HASW_TRACE_SERVICE_ZONE \
	{ 0, "any" }, \
	{ 1, "prefer" }

#define HASW_TRACE_SNAT \
	{ 0, "off" }, \
	{ 1, "on" }

#define HASW_TRACE_ON_FAILOVER \
	{ 0, "move" }, \
	{ 1, "keep" }, \
	{ 2, "reset" }

#define HASW_TRACE_FLOW_STATE \
	{ 0, "open" }, \
	{ 1, "syn" }, \
	{ 2, "established" }, \
	{ 3, "closing" }

#define HASW_TRACE_STRAY \
	{ 0, "drop" }, \
	{ 1, "forward" }

#define HASW_TRACE_HOOK \
	{ 0, "ingress" }, \
	{ 1, "prerouting" }

#define HASW_TRACE_ON_LOSS \
	{ 0, "keep" }, \
	{ 1, "abort" }

#define HASW_TRACE_RESIGN \
	{ 0, "any" }, \
	{ 1, "all" }

#define HASW_TRACE_ROLE \
	{ 0, "none" }, \
	{ 1, "member" }, \
	{ 2, "holder" }

#define HASW_TRACE_REACH \
	{ 0, "none" }, \
	{ 1, "no-route" }, \
	{ 2, "resolving" }, \
	{ 3, "resolved" }, \
	{ 4, "table-full" }

#define HASW_TRACE_EVENT_KIND \
	{ 0, "node" }, \
	{ 1, "member" }, \
	{ 2, "first-packet" }, \
	{ 3, "agent-stalled" }, \
	{ 4, "agent-resumed" }, \
	{ 5, "config" }, \
	{ 6, "lease" }, \
	{ 7, "vip-conflict" }, \
	{ 8, "pulse-path" }, \
	{ 9, "pulse-told" }, \
	{ 10, "flow-full" }, \
	{ 11, "lease-move" }, \
	{ 12, "flow-ports" }, \
	{ 13, "flow-alike" }, \
	{ 14, "flow-source" }, \
	{ 15, "spare-in" }, \
	{ 16, "spare-out" }, \
	{ 17, "node-share" }, \
	{ 18, "protodown-on" }, \
	{ 19, "protodown-off" }

#define HASW_TRACE_MOVE_ANSWER \
	{ 0, "begun" }, \
	{ 1, "passed" }, \
	{ 2, "no-lease" }, \
	{ 3, "no-holder" }, \
	{ 4, "no-node" }, \
	{ 5, "holds" }, \
	{ 6, "witness" }, \
	{ 7, "unheard" }, \
	{ 8, "unfit" }, \
	{ 9, "nobody" }, \
	{ 10, "no-vote" }

#define HASW_TRACE_CAUSE \
	{ 0, "none" }, \
	{ 1, "admin" }, \
	{ 2, "beat" }, \
	{ 3, "verdict" }, \
	{ 4, "health" }, \
	{ 5, "config" }, \
	{ 6, "pulse" }, \
	{ 7, "carrier" }, \
	{ 8, "neighbour" }, \
	{ 9, "unreachable" }, \
	{ 10, "resigned" }, \
	{ 11, "agent-gone" }, \
	{ 12, "devices-down" }, \
	{ 13, "reboot" }, \
	{ 14, "failback" }, \
	{ 15, "granted" }, \
	{ 16, "released" }, \
	{ 17, "expired" }, \
	{ 18, "superseded" }, \
	{ 19, "refused" }, \
	{ 20, "suspend" }, \
	{ 21, "cloned" }

#define HASW_TRACE_OBJECT \
	{ 0, "all" }, \
	{ 1, "node" }, \
	{ 2, "vip" }, \
	{ 3, "service" }, \
	{ 4, "member" }, \
	{ 5, "lease" }

#define HASW_TRACE_ACTION \
	{ 0, "add" }, \
	{ 1, "set" }, \
	{ 2, "del" }

#define HASW_TRACE_EVIDENCE \
	{ 0, "pulse" }, \
	{ 1, "carrier" }, \
	{ 2, "neighbour" }, \
	{ 3, "unreachable" }, \
	{ 4, "resigned" }

#define HASW_TRACE_EVIDENCE_BITS \
	{ 1, "pulse" }, \
	{ 2, "carrier" }, \
	{ 4, "neighbour" }, \
	{ 8, "unreachable" }, \
	{ 16, "resigned" }

#define HASW_TRACE_EXPLAIN_WAY \
	{ 0, "none" }, \
	{ 1, "stack" }, \
	{ 2, "neighbour" }, \
	{ 3, "pieces" }, \
	{ 4, "passed" }, \
	{ 5, "local" }, \
	{ 6, "direct" }, \
	{ 7, "tunnel" }, \
	{ 8, "stray" }, \
	{ 9, "dropped" }, \
	{ 10, "nat" }, \
	{ 11, "answer" }

#define HASW_TRACE_EXPLAIN_DROP \
	{ 0, "drop-not-holder" }, \
	{ 1, "drop-no-member" }, \
	{ 2, "drop-unresolved" }, \
	{ 3, "drop-ttl" }, \
	{ 4, "drop-mtu" }, \
	{ 5, "drop-malformed" }, \
	{ 6, "drop-memory" }, \
	{ 7, "drop-output" }, \
	{ 8, "drop-source" }, \
	{ 9, "drop-flow-full" }, \
	{ 10, "drop-flow-ports" }, \
	{ 11, "drop-flow-alike" }

#define HASW_TRACE_EXPLAIN_DOOR \
	{ 0, "fast" }, \
	{ 1, "complete" }

#define HASW_TRACE_EXPLAIN_SLOW \
	{ 0, "local" }, \
	{ 1, "device" }, \
	{ 2, "hook" }, \
	{ 3, "traced" }, \
	{ 4, "header" }, \
	{ 5, "protocol" }, \
	{ 6, "source" }, \
	{ 7, "not-holder" }, \
	{ 8, "service" }, \
	{ 9, "pick" }, \
	{ 10, "via" }, \
	{ 11, "hop" }, \
	{ 12, "size" }

#define HASW_TRACE_EXPLAIN_FLOW \
	{ 0, "known" }, \
	{ 1, "new" }, \
	{ 2, "moved" }, \
	{ 3, "unknown" }

#define HASW_TRACE_EXPLAIN_CAME \
	{ 0, "link" }, \
	{ 1, "stray" }, \
	{ 2, "tunnel" }

#define HASW_TRACE_PULSE_STATE \
	{ 0, "up" }, \
	{ 1, "unknown" }, \
	{ 2, "one-way" }, \
	{ 3, "down" }

#define HASW_TRACE_PULSE_KIND \
	{ 0, "beat" }, \
	{ 1, "going" }, \
	{ 2, "released" }, \
	{ 3, "refused" }, \
	{ 4, "listens" }

#endif /* _HASW_TRACE_GEN_H */
