// SPDX-License-Identifier: GPL-2.0
/* Generated from include/netlink/specs/haswitch.yaml by scripts/generate.py; do not edit. */

#include <linux/haswitch.h>

#include "spec_gen.h"

#define BIT(number) (1ULL << (number))

static const char *const names_admin_state[] = {
	[HASWITCH_ADMIN_STATE_UP] = "up",
	[HASWITCH_ADMIN_STATE_DRAIN] = "drain",
	[HASWITCH_ADMIN_STATE_MAINTENANCE] = "maintenance",
	[HASWITCH_ADMIN_STATE_DOWN] = "down",
};

const struct hasw_enum hasw_enum_admin_state = {
	.name = "admin-state",
	.names = names_admin_state,
	.count = 4,
};

static const char *const names_verdict[] = {
	[HASWITCH_VERDICT_CLEAR] = "clear",
	[HASWITCH_VERDICT_FENCED] = "fenced",
	[HASWITCH_VERDICT_LEFT] = "left",
};

const struct hasw_enum hasw_enum_verdict = {
	.name = "verdict",
	.names = names_verdict,
	.count = 3,
};

static const char *const names_agent_state[] = {
	[HASWITCH_AGENT_STATE_UNNAMED] = "unnamed",
	[HASWITCH_AGENT_STATE_ALIVE] = "alive",
	[HASWITCH_AGENT_STATE_LOST] = "lost",
};

const struct hasw_enum hasw_enum_agent_state = {
	.name = "agent-state",
	.names = names_agent_state,
	.count = 3,
};

static const char *const names_node_state[] = {
	[HASWITCH_NODE_STATE_UP] = "up",
	[HASWITCH_NODE_STATE_DRAIN] = "drain",
	[HASWITCH_NODE_STATE_MAINTENANCE] = "maintenance",
	[HASWITCH_NODE_STATE_DOWN] = "down",
	[HASWITCH_NODE_STATE_LOST] = "lost",
	[HASWITCH_NODE_STATE_FENCED] = "fenced",
	[HASWITCH_NODE_STATE_LEFT] = "left",
	[HASWITCH_NODE_STATE_HELD] = "held",
};

const struct hasw_enum hasw_enum_node_state = {
	.name = "node-state",
	.names = names_node_state,
	.count = 8,
};

static const char *const names_health[] = {
	[HASWITCH_HEALTH_UP] = "up",
	[HASWITCH_HEALTH_DOWN] = "down",
	[HASWITCH_HEALTH_REFUSED] = "refused",
};

const struct hasw_enum hasw_enum_health = {
	.name = "health",
	.names = names_health,
	.count = 3,
};

static const char *const names_new_flows[] = {
	[HASWITCH_NEW_FLOWS_YES] = "yes",
	[HASWITCH_NEW_FLOWS_HELD] = "held",
	[HASWITCH_NEW_FLOWS_UNRESOLVED] = "unresolved",
	[HASWITCH_NEW_FLOWS_REFUSED] = "refused",
	[HASWITCH_NEW_FLOWS_NODE_STATE] = "node-state",
	[HASWITCH_NEW_FLOWS_UNHEALTHY] = "unhealthy",
	[HASWITCH_NEW_FLOWS_WEIGHT_0] = "weight-0",
	[HASWITCH_NEW_FLOWS_FULL] = "full",
	[HASWITCH_NEW_FLOWS_SPARE] = "spare",
	[HASWITCH_NEW_FLOWS_ZONE] = "zone",
};

const struct hasw_enum hasw_enum_new_flows = {
	.name = "new-flows",
	.names = names_new_flows,
	.count = 10,
};

static const char *const names_via[] = {
	[HASWITCH_VIA_LOCAL] = "local",
	[HASWITCH_VIA_DIRECT] = "direct",
	[HASWITCH_VIA_TUNNEL] = "tunnel",
	[HASWITCH_VIA_NAT] = "nat",
	[HASWITCH_VIA_GUE] = "gue",
};

const struct hasw_enum hasw_enum_via = {
	.name = "via",
	.names = names_via,
	.count = 5,
};

static const char *const names_sched[] = {
	[HASWITCH_SCHED_ACTIVE_STANDBY] = "active-standby",
	[HASWITCH_SCHED_MAGLEV] = "maglev",
	[HASWITCH_SCHED_RR] = "rr",
	[HASWITCH_SCHED_WRR] = "wrr",
	[HASWITCH_SCHED_LC] = "lc",
	[HASWITCH_SCHED_WLC] = "wlc",
	[HASWITCH_SCHED_RANDOM] = "random",
};

const struct hasw_enum hasw_enum_sched = {
	.name = "sched",
	.names = names_sched,
	.count = 7,
};

static const char *const names_one_packet[] = {
	[HASWITCH_ONE_PACKET_OFF] = "off",
	[HASWITCH_ONE_PACKET_ON] = "on",
};

const struct hasw_enum hasw_enum_one_packet = {
	.name = "one-packet",
	.names = names_one_packet,
	.count = 2,
};

static const char *const names_spare[] = {
	[HASWITCH_SPARE_OFF] = "off",
	[HASWITCH_SPARE_ON] = "on",
};

const struct hasw_enum hasw_enum_spare = {
	.name = "spare",
	.names = names_spare,
	.count = 2,
};

static const char *const names_service_zone[] = {
	[HASWITCH_SERVICE_ZONE_ANY] = "any",
	[HASWITCH_SERVICE_ZONE_PREFER] = "prefer",
};

const struct hasw_enum hasw_enum_service_zone = {
	.name = "service-zone",
	.names = names_service_zone,
	.count = 2,
};

static const char *const names_snat[] = {
	[HASWITCH_SNAT_OFF] = "off",
	[HASWITCH_SNAT_ON] = "on",
};

const struct hasw_enum hasw_enum_snat = {
	.name = "snat",
	.names = names_snat,
	.count = 2,
};

static const char *const names_on_failover[] = {
	[HASWITCH_ON_FAILOVER_MOVE] = "move",
	[HASWITCH_ON_FAILOVER_KEEP] = "keep",
	[HASWITCH_ON_FAILOVER_RESET] = "reset",
};

const struct hasw_enum hasw_enum_on_failover = {
	.name = "on-failover",
	.names = names_on_failover,
	.count = 3,
};

static const char *const names_flow_state[] = {
	[HASWITCH_FLOW_STATE_OPEN] = "open",
	[HASWITCH_FLOW_STATE_SYN] = "syn",
	[HASWITCH_FLOW_STATE_ESTABLISHED] = "established",
	[HASWITCH_FLOW_STATE_CLOSING] = "closing",
};

const struct hasw_enum hasw_enum_flow_state = {
	.name = "flow-state",
	.names = names_flow_state,
	.count = 4,
};

static const char *const names_stray[] = {
	[HASWITCH_STRAY_DROP] = "drop",
	[HASWITCH_STRAY_FORWARD] = "forward",
};

const struct hasw_enum hasw_enum_stray = {
	.name = "stray",
	.names = names_stray,
	.count = 2,
};

static const char *const names_hook[] = {
	[HASWITCH_HOOK_INGRESS] = "ingress",
	[HASWITCH_HOOK_PREROUTING] = "prerouting",
};

const struct hasw_enum hasw_enum_hook = {
	.name = "hook",
	.names = names_hook,
	.count = 2,
};

static const char *const names_on_loss[] = {
	[HASWITCH_ON_LOSS_KEEP] = "keep",
	[HASWITCH_ON_LOSS_ABORT] = "abort",
};

const struct hasw_enum hasw_enum_on_loss = {
	.name = "on-loss",
	.names = names_on_loss,
	.count = 2,
};

static const char *const names_resign[] = {
	[HASWITCH_RESIGN_ANY] = "any",
	[HASWITCH_RESIGN_ALL] = "all",
};

const struct hasw_enum hasw_enum_resign = {
	.name = "resign",
	.names = names_resign,
	.count = 2,
};

static const char *const names_role[] = {
	[HASWITCH_ROLE_NONE] = "none",
	[HASWITCH_ROLE_MEMBER] = "member",
	[HASWITCH_ROLE_HOLDER] = "holder",
};

const struct hasw_enum hasw_enum_role = {
	.name = "role",
	.names = names_role,
	.count = 3,
};

static const char *const names_reach[] = {
	[HASWITCH_REACH_NONE] = "none",
	[HASWITCH_REACH_NO_ROUTE] = "no-route",
	[HASWITCH_REACH_RESOLVING] = "resolving",
	[HASWITCH_REACH_RESOLVED] = "resolved",
	[HASWITCH_REACH_TABLE_FULL] = "table-full",
};

const struct hasw_enum hasw_enum_reach = {
	.name = "reach",
	.names = names_reach,
	.count = 5,
};

static const char *const names_event_kind[] = {
	[HASWITCH_EVENT_KIND_NODE] = "node",
	[HASWITCH_EVENT_KIND_MEMBER] = "member",
	[HASWITCH_EVENT_KIND_FIRST_PACKET] = "first-packet",
	[HASWITCH_EVENT_KIND_AGENT_STALLED] = "agent-stalled",
	[HASWITCH_EVENT_KIND_AGENT_RESUMED] = "agent-resumed",
	[HASWITCH_EVENT_KIND_CONFIG] = "config",
	[HASWITCH_EVENT_KIND_LEASE] = "lease",
	[HASWITCH_EVENT_KIND_VIP_CONFLICT] = "vip-conflict",
	[HASWITCH_EVENT_KIND_PULSE_PATH] = "pulse-path",
	[HASWITCH_EVENT_KIND_PULSE_TOLD] = "pulse-told",
	[HASWITCH_EVENT_KIND_FLOW_FULL] = "flow-full",
	[HASWITCH_EVENT_KIND_LEASE_MOVE] = "lease-move",
	[HASWITCH_EVENT_KIND_FLOW_PORTS] = "flow-ports",
	[HASWITCH_EVENT_KIND_FLOW_ALIKE] = "flow-alike",
	[HASWITCH_EVENT_KIND_FLOW_SOURCE] = "flow-source",
	[HASWITCH_EVENT_KIND_SPARE_IN] = "spare-in",
	[HASWITCH_EVENT_KIND_SPARE_OUT] = "spare-out",
	[HASWITCH_EVENT_KIND_NODE_SHARE] = "node-share",
	[HASWITCH_EVENT_KIND_PROTODOWN_ON] = "protodown-on",
	[HASWITCH_EVENT_KIND_PROTODOWN_OFF] = "protodown-off",
};

const struct hasw_enum hasw_enum_event_kind = {
	.name = "event-kind",
	.names = names_event_kind,
	.count = 20,
};

static const char *const names_move_answer[] = {
	[HASWITCH_MOVE_ANSWER_BEGUN] = "begun",
	[HASWITCH_MOVE_ANSWER_PASSED] = "passed",
	[HASWITCH_MOVE_ANSWER_NO_LEASE] = "no-lease",
	[HASWITCH_MOVE_ANSWER_NO_HOLDER] = "no-holder",
	[HASWITCH_MOVE_ANSWER_NO_NODE] = "no-node",
	[HASWITCH_MOVE_ANSWER_HOLDS] = "holds",
	[HASWITCH_MOVE_ANSWER_WITNESS] = "witness",
	[HASWITCH_MOVE_ANSWER_UNHEARD] = "unheard",
	[HASWITCH_MOVE_ANSWER_UNFIT] = "unfit",
	[HASWITCH_MOVE_ANSWER_NOBODY] = "nobody",
	[HASWITCH_MOVE_ANSWER_NO_VOTE] = "no-vote",
};

const struct hasw_enum hasw_enum_move_answer = {
	.name = "move-answer",
	.names = names_move_answer,
	.count = 11,
};

static const char *const names_cause[] = {
	[HASWITCH_CAUSE_NONE] = "none",
	[HASWITCH_CAUSE_ADMIN] = "admin",
	[HASWITCH_CAUSE_BEAT] = "beat",
	[HASWITCH_CAUSE_VERDICT] = "verdict",
	[HASWITCH_CAUSE_HEALTH] = "health",
	[HASWITCH_CAUSE_CONFIG] = "config",
	[HASWITCH_CAUSE_PULSE] = "pulse",
	[HASWITCH_CAUSE_CARRIER] = "carrier",
	[HASWITCH_CAUSE_NEIGHBOUR] = "neighbour",
	[HASWITCH_CAUSE_UNREACHABLE] = "unreachable",
	[HASWITCH_CAUSE_RESIGNED] = "resigned",
	[HASWITCH_CAUSE_AGENT_GONE] = "agent-gone",
	[HASWITCH_CAUSE_DEVICES_DOWN] = "devices-down",
	[HASWITCH_CAUSE_REBOOT] = "reboot",
	[HASWITCH_CAUSE_FAILBACK] = "failback",
	[HASWITCH_CAUSE_GRANTED] = "granted",
	[HASWITCH_CAUSE_RELEASED] = "released",
	[HASWITCH_CAUSE_EXPIRED] = "expired",
	[HASWITCH_CAUSE_SUPERSEDED] = "superseded",
	[HASWITCH_CAUSE_REFUSED] = "refused",
	[HASWITCH_CAUSE_SUSPEND] = "suspend",
	[HASWITCH_CAUSE_CLONED] = "cloned",
};

const struct hasw_enum hasw_enum_cause = {
	.name = "cause",
	.names = names_cause,
	.count = 22,
};

static const char *const names_object[] = {
	[HASWITCH_OBJECT_ALL] = "all",
	[HASWITCH_OBJECT_NODE] = "node",
	[HASWITCH_OBJECT_VIP] = "vip",
	[HASWITCH_OBJECT_SERVICE] = "service",
	[HASWITCH_OBJECT_MEMBER] = "member",
	[HASWITCH_OBJECT_LEASE] = "lease",
};

const struct hasw_enum hasw_enum_object = {
	.name = "object",
	.names = names_object,
	.count = 6,
};

static const char *const names_action[] = {
	[HASWITCH_ACTION_ADD] = "add",
	[HASWITCH_ACTION_SET] = "set",
	[HASWITCH_ACTION_DEL] = "del",
};

const struct hasw_enum hasw_enum_action = {
	.name = "action",
	.names = names_action,
	.count = 3,
};

static const char *const names_evidence[] = {
	[HASWITCH_EVIDENCE_PULSE] = "pulse",
	[HASWITCH_EVIDENCE_CARRIER] = "carrier",
	[HASWITCH_EVIDENCE_NEIGHBOUR] = "neighbour",
	[HASWITCH_EVIDENCE_UNREACHABLE] = "unreachable",
	[HASWITCH_EVIDENCE_RESIGNED] = "resigned",
};

const struct hasw_enum hasw_enum_evidence = {
	.name = "evidence",
	.names = names_evidence,
	.count = 5,
};

static const char *const names_explain_way[] = {
	[HASWITCH_EXPLAIN_WAY_NONE] = "none",
	[HASWITCH_EXPLAIN_WAY_STACK] = "stack",
	[HASWITCH_EXPLAIN_WAY_NEIGHBOUR] = "neighbour",
	[HASWITCH_EXPLAIN_WAY_PIECES] = "pieces",
	[HASWITCH_EXPLAIN_WAY_PASSED] = "passed",
	[HASWITCH_EXPLAIN_WAY_LOCAL] = "local",
	[HASWITCH_EXPLAIN_WAY_DIRECT] = "direct",
	[HASWITCH_EXPLAIN_WAY_TUNNEL] = "tunnel",
	[HASWITCH_EXPLAIN_WAY_STRAY] = "stray",
	[HASWITCH_EXPLAIN_WAY_DROPPED] = "dropped",
	[HASWITCH_EXPLAIN_WAY_NAT] = "nat",
	[HASWITCH_EXPLAIN_WAY_ANSWER] = "answer",
};

const struct hasw_enum hasw_enum_explain_way = {
	.name = "explain-way",
	.names = names_explain_way,
	.count = 12,
};

static const char *const names_explain_drop[] = {
	[HASWITCH_EXPLAIN_DROP_DROP_NOT_HOLDER] = "drop-not-holder",
	[HASWITCH_EXPLAIN_DROP_DROP_NO_MEMBER] = "drop-no-member",
	[HASWITCH_EXPLAIN_DROP_DROP_UNRESOLVED] = "drop-unresolved",
	[HASWITCH_EXPLAIN_DROP_DROP_TTL] = "drop-ttl",
	[HASWITCH_EXPLAIN_DROP_DROP_MTU] = "drop-mtu",
	[HASWITCH_EXPLAIN_DROP_DROP_MALFORMED] = "drop-malformed",
	[HASWITCH_EXPLAIN_DROP_DROP_MEMORY] = "drop-memory",
	[HASWITCH_EXPLAIN_DROP_DROP_OUTPUT] = "drop-output",
	[HASWITCH_EXPLAIN_DROP_DROP_SOURCE] = "drop-source",
	[HASWITCH_EXPLAIN_DROP_DROP_FLOW_FULL] = "drop-flow-full",
	[HASWITCH_EXPLAIN_DROP_DROP_FLOW_PORTS] = "drop-flow-ports",
	[HASWITCH_EXPLAIN_DROP_DROP_FLOW_ALIKE] = "drop-flow-alike",
};

const struct hasw_enum hasw_enum_explain_drop = {
	.name = "explain-drop",
	.names = names_explain_drop,
	.count = 12,
};

static const char *const names_explain_door[] = {
	[HASWITCH_EXPLAIN_DOOR_FAST] = "fast",
	[HASWITCH_EXPLAIN_DOOR_COMPLETE] = "complete",
};

const struct hasw_enum hasw_enum_explain_door = {
	.name = "explain-door",
	.names = names_explain_door,
	.count = 2,
};

static const char *const names_explain_slow[] = {
	[HASWITCH_EXPLAIN_SLOW_LOCAL] = "local",
	[HASWITCH_EXPLAIN_SLOW_DEVICE] = "device",
	[HASWITCH_EXPLAIN_SLOW_HOOK] = "hook",
	[HASWITCH_EXPLAIN_SLOW_TRACED] = "traced",
	[HASWITCH_EXPLAIN_SLOW_HEADER] = "header",
	[HASWITCH_EXPLAIN_SLOW_PROTOCOL] = "protocol",
	[HASWITCH_EXPLAIN_SLOW_SOURCE] = "source",
	[HASWITCH_EXPLAIN_SLOW_NOT_HOLDER] = "not-holder",
	[HASWITCH_EXPLAIN_SLOW_SERVICE] = "service",
	[HASWITCH_EXPLAIN_SLOW_PICK] = "pick",
	[HASWITCH_EXPLAIN_SLOW_VIA] = "via",
	[HASWITCH_EXPLAIN_SLOW_HOP] = "hop",
	[HASWITCH_EXPLAIN_SLOW_SIZE] = "size",
};

const struct hasw_enum hasw_enum_explain_slow = {
	.name = "explain-slow",
	.names = names_explain_slow,
	.count = 13,
};

static const char *const names_explain_flow[] = {
	[HASWITCH_EXPLAIN_FLOW_KNOWN] = "known",
	[HASWITCH_EXPLAIN_FLOW_NEW] = "new",
	[HASWITCH_EXPLAIN_FLOW_MOVED] = "moved",
	[HASWITCH_EXPLAIN_FLOW_UNKNOWN] = "unknown",
};

const struct hasw_enum hasw_enum_explain_flow = {
	.name = "explain-flow",
	.names = names_explain_flow,
	.count = 4,
};

static const char *const names_explain_came[] = {
	[HASWITCH_EXPLAIN_CAME_LINK] = "link",
	[HASWITCH_EXPLAIN_CAME_STRAY] = "stray",
	[HASWITCH_EXPLAIN_CAME_TUNNEL] = "tunnel",
};

const struct hasw_enum hasw_enum_explain_came = {
	.name = "explain-came",
	.names = names_explain_came,
	.count = 3,
};

static const char *const names_pulse_state[] = {
	[HASWITCH_PULSE_STATE_UP] = "up",
	[HASWITCH_PULSE_STATE_UNKNOWN] = "unknown",
	[HASWITCH_PULSE_STATE_ONE_WAY] = "one-way",
	[HASWITCH_PULSE_STATE_DOWN] = "down",
};

const struct hasw_enum hasw_enum_pulse_state = {
	.name = "pulse-state",
	.names = names_pulse_state,
	.count = 4,
};

static const char *const names_pulse_kind[] = {
	[HASWITCH_PULSE_KIND_BEAT] = "beat",
	[HASWITCH_PULSE_KIND_GOING] = "going",
	[HASWITCH_PULSE_KIND_RELEASED] = "released",
	[HASWITCH_PULSE_KIND_REFUSED] = "refused",
	[HASWITCH_PULSE_KIND_LISTENS] = "listens",
};

const struct hasw_enum hasw_enum_pulse_kind = {
	.name = "pulse-kind",
	.names = names_pulse_kind,
	.count = 5,
};

static const struct hasw_attr attrs_node[] = {
	[HASWITCH_A_NODE_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_NODE_NAME] = {
		.name = "name",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_NODE_ADDR4] = {
		.name = "addr4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_NODE_ADDR6] = {
		.name = "addr6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_NODE_ZONE] = {
		.name = "zone",
		.type = HASW_T_STRING,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_NODE_LLADDR] = {
		.name = "lladdr",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_MAC,
		.min_len = 6,
		.max_len = 6,
	},
	[HASWITCH_A_NODE_DEV] = {
		.name = "dev",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = 15,
	},
	[HASWITCH_A_NODE_SELF] = {
		.name = "self",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_NODE_ADMIN] = {
		.name = "admin",
		.type = HASW_T_U8,
		.values = &hasw_enum_admin_state,
	},
	[HASWITCH_A_NODE_VERDICT] = {
		.name = "verdict",
		.type = HASW_T_U8,
		.values = &hasw_enum_verdict,
	},
	[HASWITCH_A_NODE_AGENT] = {
		.name = "agent",
		.type = HASW_T_U8,
		.values = &hasw_enum_agent_state,
	},
	[HASWITCH_A_NODE_STATE] = {
		.name = "state",
		.type = HASW_T_U8,
		.values = &hasw_enum_node_state,
	},
	[HASWITCH_A_NODE_SINCE] = {
		.name = "since",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_NODE_ALIVE_UNTIL] = {
		.name = "alive-until",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_NODE_REACH4] = {
		.name = "reach4",
		.type = HASW_T_U8,
		.values = &hasw_enum_reach,
	},
	[HASWITCH_A_NODE_REACH6] = {
		.name = "reach6",
		.type = HASW_T_U8,
		.values = &hasw_enum_reach,
	},
	[HASWITCH_A_NODE_REFS] = {
		.name = "refs",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_NODE_EVIDENCE] = {
		.name = "evidence",
		.type = HASW_T_U8,
		.multi = true,
		.values = &hasw_enum_evidence,
	},
	[HASWITCH_A_NODE_HELD_SINCE] = {
		.name = "held-since",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_NODE_PENALTY] = {
		.name = "penalty",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_NODE_DAMPED] = {
		.name = "damped",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_NODE_WITHIN] = {
		.name = "within",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_NODE_SHARE] = {
		.name = "share",
		.type = HASW_T_U8,
		.min = 1ULL,
		.max = 100ULL,
	},
	[HASWITCH_A_NODE_ENGINE] = {
		.name = "engine",
		.type = HASW_T_FLAG,
	},
};

const struct hasw_set hasw_set_node = {
	.name = "node",
	.attrs = attrs_node,
	.max = HASWITCH_A_NODE_MAX,
};

static const struct hasw_attr attrs_vip[] = {
	[HASWITCH_A_VIP_ADDR4] = {
		.name = "addr4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_VIP_ADDR6] = {
		.name = "addr6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_VIP_DEV] = {
		.name = "dev",
		.type = HASW_T_STRING,
		.multi = true,
		.min_len = 1,
		.max_len = 15,
	},
	[HASWITCH_A_VIP_HOLDER] = {
		.name = "holder",
		.type = HASW_T_STRING,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_VIP_STRAY] = {
		.name = "stray",
		.type = HASW_T_U8,
		.values = &hasw_enum_stray,
	},
	[HASWITCH_A_VIP_ROLE] = {
		.name = "role",
		.type = HASW_T_U8,
		.values = &hasw_enum_role,
	},
	[HASWITCH_A_VIP_SERVICES] = {
		.name = "services",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_VIP_LEASE] = {
		.name = "lease",
		.type = HASW_T_STRING,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_VIP_ON_LOSS] = {
		.name = "on-loss",
		.type = HASW_T_U8,
		.values = &hasw_enum_on_loss,
	},
	[HASWITCH_A_VIP_HOOK] = {
		.name = "hook",
		.type = HASW_T_U8,
		.values = &hasw_enum_hook,
	},
	[HASWITCH_A_VIP_EVERYWHERE] = {
		.name = "everywhere",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_VIP_CONFLICT_NODE] = {
		.name = "conflict-node",
		.type = HASW_T_STRING,
	},
	[HASWITCH_A_VIP_CONFLICT_LLADDR] = {
		.name = "conflict-lladdr",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_MAC,
		.min_len = 6,
		.max_len = 6,
	},
	[HASWITCH_A_VIP_CONFLICT_DEV] = {
		.name = "conflict-dev",
		.type = HASW_T_STRING,
	},
	[HASWITCH_A_VIP_CONFLICT_TIME] = {
		.name = "conflict-time",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_VIP_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_VIP_DEV_ABSENT] = {
		.name = "dev-absent",
		.type = HASW_T_STRING,
		.multi = true,
	},
	[HASWITCH_A_VIP_MARK] = {
		.name = "mark",
		.type = HASW_T_U32,
		.hint = HASW_HINT_HEX,
	},
	[HASWITCH_A_VIP_MARK_NOW] = {
		.name = "mark-now",
		.type = HASW_T_U32,
		.hint = HASW_HINT_HEX,
	},
};

const struct hasw_set hasw_set_vip = {
	.name = "vip",
	.attrs = attrs_vip,
	.max = HASWITCH_A_VIP_MAX,
};

static const struct hasw_attr attrs_service[] = {
	[HASWITCH_A_SERVICE_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_SERVICE_ADDR4] = {
		.name = "addr4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_SERVICE_ADDR6] = {
		.name = "addr6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_SERVICE_PROTO] = {
		.name = "proto",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_SERVICE_PORT] = {
		.name = "port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_SERVICE_SCHED] = {
		.name = "sched",
		.type = HASW_T_U8,
		.values = &hasw_enum_sched,
	},
	[HASWITCH_A_SERVICE_ACTIVE] = {
		.name = "active",
		.type = HASW_T_STRING,
	},
	[HASWITCH_A_SERVICE_MEMBERS] = {
		.name = "members",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_SERVICE_PACKETS] = {
		.name = "packets",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_SERVICE_BYTES] = {
		.name = "bytes",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_SERVICE_DROPPED] = {
		.name = "dropped",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_SERVICE_FAILBACK] = {
		.name = "failback",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_SERVICE_ON_EMPTY] = {
		.name = "on-empty",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_SERVICE_ONE_PACKET] = {
		.name = "one-packet",
		.type = HASW_T_U8,
		.values = &hasw_enum_one_packet,
	},
	[HASWITCH_A_SERVICE_PERSIST] = {
		.name = "persist",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_SERVICE_PERSIST_MASK] = {
		.name = "persist-mask",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_SERVICE_FLOWS] = {
		.name = "flows",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_SERVICE_SNAT] = {
		.name = "snat",
		.type = HASW_T_U8,
		.values = &hasw_enum_snat,
	},
	[HASWITCH_A_SERVICE_NEW_MAX] = {
		.name = "new-max",
		.type = HASW_T_U32,
		.min = 0ULL,
		.max = 1000000ULL,
	},
	[HASWITCH_A_SERVICE_ON_FAILOVER] = {
		.name = "on-failover",
		.type = HASW_T_U8,
		.values = &hasw_enum_on_failover,
	},
	[HASWITCH_A_SERVICE_LIMITED] = {
		.name = "limited",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_SERVICE_SLOW_START] = {
		.name = "slow-start",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_SERVICE_SERVING] = {
		.name = "serving",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_SERVICE_ACTIVE_PORT] = {
		.name = "active-port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_SERVICE_ALSO] = {
		.name = "also",
		.type = HASW_T_U32,
		.multi = true,
	},
	[HASWITCH_A_SERVICE_MIN_ACTIVE] = {
		.name = "min-active",
		.type = HASW_T_U32,
		.min = 1ULL,
		.max = 1024ULL,
	},
	[HASWITCH_A_SERVICE_ZONE] = {
		.name = "zone",
		.type = HASW_T_U8,
		.values = &hasw_enum_service_zone,
	},
};

const struct hasw_set hasw_set_service = {
	.name = "service",
	.attrs = attrs_service,
	.max = HASWITCH_A_SERVICE_MAX,
};

static const struct hasw_attr attrs_member[] = {
	[HASWITCH_A_MEMBER_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_MEMBER_ADDR4] = {
		.name = "addr4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_MEMBER_ADDR6] = {
		.name = "addr6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_MEMBER_PROTO] = {
		.name = "proto",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_MEMBER_PORT] = {
		.name = "port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_MEMBER_NODE] = {
		.name = "node",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_MEMBER_PRIORITY] = {
		.name = "priority",
		.type = HASW_T_U32,
		.min = 0ULL,
		.max = 65535ULL,
	},
	[HASWITCH_A_MEMBER_VIA] = {
		.name = "via",
		.type = HASW_T_U8,
		.values = &hasw_enum_via,
	},
	[HASWITCH_A_MEMBER_HEALTH] = {
		.name = "health",
		.type = HASW_T_U8,
		.values = &hasw_enum_health,
	},
	[HASWITCH_A_MEMBER_STATE] = {
		.name = "state",
		.type = HASW_T_U8,
		.values = &hasw_enum_node_state,
	},
	[HASWITCH_A_MEMBER_PACKETS] = {
		.name = "packets",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_MEMBER_BYTES] = {
		.name = "bytes",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_MEMBER_WEIGHT] = {
		.name = "weight",
		.type = HASW_T_U32,
		.min = 0ULL,
		.max = 65535ULL,
	},
	[HASWITCH_A_MEMBER_FLOWS] = {
		.name = "flows",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_MEMBER_NAT_PORT] = {
		.name = "nat-port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_MEMBER_FLOWS_MAX] = {
		.name = "flows-max",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_MEMBER_FULL] = {
		.name = "full",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_MEMBER_LOCAL_HERE] = {
		.name = "local-here",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_MEMBER_NEW_FLOWS] = {
		.name = "new-flows",
		.type = HASW_T_U8,
		.values = &hasw_enum_new_flows,
	},
	[HASWITCH_A_MEMBER_SERVING] = {
		.name = "serving",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_MEMBER_AT_PORT] = {
		.name = "at-port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_MEMBER_CLOSING] = {
		.name = "closing",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_MEMBER_FLOW_MADE] = {
		.name = "flow-made",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_MEMBER_SPARE] = {
		.name = "spare",
		.type = HASW_T_U8,
		.values = &hasw_enum_spare,
	},
};

const struct hasw_set hasw_set_member = {
	.name = "member",
	.attrs = attrs_member,
	.max = HASWITCH_A_MEMBER_MAX,
};

static const struct hasw_attr attrs_beat[] = {
	[HASWITCH_A_BEAT_NODE] = {
		.name = "node",
		.type = HASW_T_STRING,
		.multi = true,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_BEAT_TIME] = {
		.name = "time",
		.type = HASW_T_U64,
		.min = 1000ULL,
		.max = 3600000000000ULL,
	},
	[HASWITCH_A_BEAT_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
};

const struct hasw_set hasw_set_beat = {
	.name = "beat",
	.attrs = attrs_beat,
	.max = HASWITCH_A_BEAT_MAX,
};

static const struct hasw_attr attrs_event[] = {
	[HASWITCH_A_EVENT_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_EVENT_SEQ] = {
		.name = "seq",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_TIME] = {
		.name = "time",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_KIND] = {
		.name = "kind",
		.type = HASW_T_U8,
		.values = &hasw_enum_event_kind,
	},
	[HASWITCH_A_EVENT_CAUSE] = {
		.name = "cause",
		.type = HASW_T_U8,
		.values = &hasw_enum_cause,
	},
	[HASWITCH_A_EVENT_NODE] = {
		.name = "node",
		.type = HASW_T_STRING,
	},
	[HASWITCH_A_EVENT_FROM] = {
		.name = "from",
		.type = HASW_T_U8,
		.values = &hasw_enum_node_state,
	},
	[HASWITCH_A_EVENT_TO] = {
		.name = "to",
		.type = HASW_T_U8,
		.values = &hasw_enum_node_state,
	},
	[HASWITCH_A_EVENT_HEALTH] = {
		.name = "health",
		.type = HASW_T_U8,
		.values = &hasw_enum_health,
	},
	[HASWITCH_A_EVENT_ADDR4] = {
		.name = "addr4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_EVENT_ADDR6] = {
		.name = "addr6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_EVENT_PROTO] = {
		.name = "proto",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_EVENT_PORT] = {
		.name = "port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_EVENT_DECISION] = {
		.name = "decision",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_PUBLISH] = {
		.name = "publish",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_FIRST_PACKET] = {
		.name = "first-packet",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_SWITCH] = {
		.name = "switch",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_OBJECT] = {
		.name = "object",
		.type = HASW_T_U8,
		.values = &hasw_enum_object,
	},
	[HASWITCH_A_EVENT_ACTION] = {
		.name = "action",
		.type = HASW_T_U8,
		.values = &hasw_enum_action,
	},
	[HASWITCH_A_EVENT_GENERATION] = {
		.name = "generation",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_LEASE] = {
		.name = "lease",
		.type = HASW_T_STRING,
	},
	[HASWITCH_A_EVENT_EPOCH] = {
		.name = "epoch",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_EVIDENCE] = {
		.name = "evidence",
		.type = HASW_T_U8,
		.multi = true,
		.values = &hasw_enum_evidence,
	},
	[HASWITCH_A_EVENT_DEV] = {
		.name = "dev",
		.type = HASW_T_STRING,
	},
	[HASWITCH_A_EVENT_LLADDR] = {
		.name = "lladdr",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_MAC,
		.min_len = 6,
		.max_len = 6,
	},
	[HASWITCH_A_EVENT_PATH] = {
		.name = "path",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_EVENT_PULSE_FROM] = {
		.name = "pulse-from",
		.type = HASW_T_U8,
		.values = &hasw_enum_pulse_state,
	},
	[HASWITCH_A_EVENT_PULSE_TO] = {
		.name = "pulse-to",
		.type = HASW_T_U8,
		.values = &hasw_enum_pulse_state,
	},
	[HASWITCH_A_EVENT_TOLD] = {
		.name = "told",
		.type = HASW_T_U8,
		.values = &hasw_enum_pulse_kind,
	},
	[HASWITCH_A_EVENT_VALUE] = {
		.name = "value",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EVENT_SUCCESSOR] = {
		.name = "successor",
		.type = HASW_T_STRING,
	},
	[HASWITCH_A_EVENT_ANSWER] = {
		.name = "answer",
		.type = HASW_T_U8,
		.values = &hasw_enum_move_answer,
	},
	[HASWITCH_A_EVENT_NAT_PORT] = {
		.name = "nat-port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_EVENT_SHARE] = {
		.name = "share",
		.type = HASW_T_U8,
	},
};

const struct hasw_set hasw_set_event = {
	.name = "event",
	.attrs = attrs_event,
	.max = HASWITCH_A_EVENT_MAX,
};

static const struct hasw_attr attrs_bucket[] = {
	[HASWITCH_A_BUCKET_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_BUCKET_BELOW] = {
		.name = "below",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_BUCKET_COUNT] = {
		.name = "count",
		.type = HASW_T_U64,
	},
};

const struct hasw_set hasw_set_bucket = {
	.name = "bucket",
	.attrs = attrs_bucket,
	.max = HASWITCH_A_BUCKET_MAX,
};

static const struct hasw_attr attrs_stats[] = {
	[HASWITCH_A_STATS_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_STATS_SEEN] = {
		.name = "seen",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_REDIRECTED] = {
		.name = "redirected",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_LOCAL] = {
		.name = "local",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_PASSED] = {
		.name = "passed",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_NOT_HOLDER] = {
		.name = "drop-not-holder",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_NO_MEMBER] = {
		.name = "drop-no-member",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_UNRESOLVED] = {
		.name = "drop-unresolved",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_TTL] = {
		.name = "drop-ttl",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_MTU] = {
		.name = "drop-mtu",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_MALFORMED] = {
		.name = "drop-malformed",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_MEMORY] = {
		.name = "drop-memory",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_OUTPUT] = {
		.name = "drop-output",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_ARP_ANSWERED] = {
		.name = "arp-answered",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_ARP_DROPPED] = {
		.name = "arp-dropped",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_ARP_REWRITTEN] = {
		.name = "arp-rewritten",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_ND_ANSWERED] = {
		.name = "nd-answered",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_ND_DROPPED] = {
		.name = "nd-dropped",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_ND_REWRITTEN] = {
		.name = "nd-rewritten",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_ANNOUNCED] = {
		.name = "announced",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_SWITCHES] = {
		.name = "switches",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_BEATS] = {
		.name = "beats",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DECISION_PUBLISH] = {
		.name = "decision-publish",
		.type = HASW_T_NEST,
		.multi = true,
		.nested = &hasw_set_bucket,
	},
	[HASWITCH_A_STATS_PUBLISH_FIRST] = {
		.name = "publish-first",
		.type = HASW_T_NEST,
		.multi = true,
		.nested = &hasw_set_bucket,
	},
	[HASWITCH_A_STATS_DECISION_FIRST] = {
		.name = "decision-first",
		.type = HASW_T_NEST,
		.multi = true,
		.nested = &hasw_set_bucket,
	},
	[HASWITCH_A_STATS_STRAY_SENT] = {
		.name = "stray-sent",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_STRAY_RECEIVED] = {
		.name = "stray-received",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_STRAY_REFUSED] = {
		.name = "stray-refused",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_REPEATED] = {
		.name = "repeated",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_CONFLICTS] = {
		.name = "conflicts",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_CONFLICTS_CAPPED] = {
		.name = "conflicts-capped",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_PULSE_UNKNOWN] = {
		.name = "pulse-unknown",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_PULSE_MALFORMED] = {
		.name = "pulse-malformed",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_STRAY_KEPT] = {
		.name = "stray-kept",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_STRAY_GIVEN_UP] = {
		.name = "stray-given-up",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_FAST] = {
		.name = "fast",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_REJECTED] = {
		.name = "rejected",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_FLOW_MADE] = {
		.name = "flow-made",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_FLOW_MOVED] = {
		.name = "flow-moved",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_FLOW_REFUSED] = {
		.name = "flow-refused",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_TUNNEL_SENT] = {
		.name = "tunnel-sent",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_TUNNEL_RECEIVED] = {
		.name = "tunnel-received",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_TUNNEL_REFUSED] = {
		.name = "tunnel-refused",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_NAT_ANSWERED] = {
		.name = "nat-answered",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_FLOW_RESET] = {
		.name = "flow-reset",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_SOURCE] = {
		.name = "drop-source",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_FLOW_FULL] = {
		.name = "drop-flow-full",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_FLOW_PORTS] = {
		.name = "drop-flow-ports",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_DROP_FLOW_ALIKE] = {
		.name = "drop-flow-alike",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_FLOW_EVICTED] = {
		.name = "flow-evicted",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_FLOW_EVICTED_ASSURED] = {
		.name = "flow-evicted-assured",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_STATS_STRAY_RETURNED] = {
		.name = "stray-returned",
		.type = HASW_T_U64,
	},
};

const struct hasw_set hasw_set_stats = {
	.name = "stats",
	.attrs = attrs_stats,
	.max = HASWITCH_A_STATS_MAX,
};

static const struct hasw_attr attrs_flow[] = {
	[HASWITCH_A_FLOW_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_FLOW_CLIENT4] = {
		.name = "client4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_FLOW_CLIENT6] = {
		.name = "client6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_FLOW_CLIENT_PORT] = {
		.name = "client-port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_FLOW_ADDR4] = {
		.name = "addr4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_FLOW_ADDR6] = {
		.name = "addr6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_FLOW_PROTO] = {
		.name = "proto",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_FLOW_PORT] = {
		.name = "port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_FLOW_NODE] = {
		.name = "node",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_FLOW_STATE] = {
		.name = "state",
		.type = HASW_T_U8,
		.values = &hasw_enum_flow_state,
	},
	[HASWITCH_A_FLOW_EXPIRES] = {
		.name = "expires",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_FLOW_MASK] = {
		.name = "mask",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_FLOW_DELETED] = {
		.name = "deleted",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_FLOW_NAT_PORT] = {
		.name = "nat-port",
		.type = HASW_T_U16,
	},
};

const struct hasw_set hasw_set_flow = {
	.name = "flow",
	.attrs = attrs_flow,
	.max = HASWITCH_A_FLOW_MAX,
};

static const struct hasw_attr attrs_flow_limits[] = {
	[HASWITCH_A_FLOW_LIMITS_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_FLOW_LIMITS_MOST] = {
		.name = "most",
		.type = HASW_T_U32,
		.min = 0ULL,
		.max = 16777216ULL,
	},
	[HASWITCH_A_FLOW_LIMITS_COUNT] = {
		.name = "count",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_FLOW_LIMITS_TCP_SYN] = {
		.name = "tcp-syn",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_FLOW_LIMITS_TCP] = {
		.name = "tcp",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_FLOW_LIMITS_TCP_CLOSING] = {
		.name = "tcp-closing",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_FLOW_LIMITS_UDP] = {
		.name = "udp",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_FLOW_LIMITS_OTHER] = {
		.name = "other",
		.type = HASW_T_U64,
	},
};

const struct hasw_set hasw_set_flow_limits = {
	.name = "flow-limits",
	.attrs = attrs_flow_limits,
	.max = HASWITCH_A_FLOW_LIMITS_MAX,
};

static const struct hasw_attr attrs_config[] = {
	[HASWITCH_A_CONFIG_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_CONFIG_GENERATION] = {
		.name = "generation",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_CONFIG_NODES] = {
		.name = "nodes",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_CONFIG_VIPS] = {
		.name = "vips",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_CONFIG_SERVICES] = {
		.name = "services",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_CONFIG_MEMBERS] = {
		.name = "members",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_CONFIG_AGENT_STALLED] = {
		.name = "agent-stalled",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_CONFIG_LEASES] = {
		.name = "leases",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_CONFIG_DOORS] = {
		.name = "doors",
		.type = HASW_T_U32,
	},
};

const struct hasw_set hasw_set_config = {
	.name = "config",
	.attrs = attrs_config,
	.max = HASWITCH_A_CONFIG_MAX,
};

static const struct hasw_attr attrs_times[] = {
	[HASWITCH_A_TIMES_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_TIMES_ADDR4] = {
		.name = "addr4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_TIMES_ADDR6] = {
		.name = "addr6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_TIMES_PROTO] = {
		.name = "proto",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_TIMES_PORT] = {
		.name = "port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_TIMES_MOVES] = {
		.name = "moves",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_TIMES_DECISION_PUBLISH] = {
		.name = "decision-publish",
		.type = HASW_T_NEST,
		.multi = true,
		.nested = &hasw_set_bucket,
	},
	[HASWITCH_A_TIMES_PUBLISH_FIRST] = {
		.name = "publish-first",
		.type = HASW_T_NEST,
		.multi = true,
		.nested = &hasw_set_bucket,
	},
	[HASWITCH_A_TIMES_DECISION_FIRST] = {
		.name = "decision-first",
		.type = HASW_T_NEST,
		.multi = true,
		.nested = &hasw_set_bucket,
	},
};

const struct hasw_set hasw_set_times = {
	.name = "times",
	.attrs = attrs_times,
	.max = HASWITCH_A_TIMES_MAX,
};

static const struct hasw_attr attrs_lease[] = {
	[HASWITCH_A_LEASE_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_LEASE_NAME] = {
		.name = "name",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_LEASE_FLOOR] = {
		.name = "floor",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_LEASE_EPOCH] = {
		.name = "epoch",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_LEASE_HOLDER] = {
		.name = "holder",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_LEASE_DEADLINE] = {
		.name = "deadline",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_LEASE_BURNED] = {
		.name = "burned",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_LEASE_HELD] = {
		.name = "held",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_LEASE_VIPS] = {
		.name = "vips",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_LEASE_TIED] = {
		.name = "tied",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_LEASE_SUCCESSOR] = {
		.name = "successor",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_LEASE_ANSWER] = {
		.name = "answer",
		.type = HASW_T_U8,
		.values = &hasw_enum_move_answer,
	},
	[HASWITCH_A_LEASE_PREFER] = {
		.name = "prefer",
		.type = HASW_T_STRING,
		.multi = true,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_LEASE_ONLY] = {
		.name = "only",
		.type = HASW_T_STRING,
		.multi = true,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_LEASE_FAILBACK] = {
		.name = "failback",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_LEASE_RESIGN] = {
		.name = "resign",
		.type = HASW_T_U8,
		.values = &hasw_enum_resign,
	},
	[HASWITCH_A_LEASE_PARTLY] = {
		.name = "partly",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_LEASE_PROTODOWN] = {
		.name = "protodown",
		.type = HASW_T_FLAG,
	},
};

const struct hasw_set hasw_set_lease = {
	.name = "lease",
	.attrs = attrs_lease,
	.max = HASWITCH_A_LEASE_MAX,
};

static const struct hasw_attr attrs_pulse_path[] = {
	[HASWITCH_A_PULSE_PATH_LOCAL4] = {
		.name = "local4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_PULSE_PATH_LOCAL6] = {
		.name = "local6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_PULSE_PATH_REMOTE4] = {
		.name = "remote4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_PULSE_PATH_REMOTE6] = {
		.name = "remote6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_PULSE_PATH_DEV] = {
		.name = "dev",
		.type = HASW_T_STRING,
		.max_len = 15,
	},
};

const struct hasw_set hasw_set_pulse_path = {
	.name = "pulse-path",
	.attrs = attrs_pulse_path,
	.max = HASWITCH_A_PULSE_PATH_MAX,
};

static const struct hasw_attr attrs_pulse_path_state[] = {
	[HASWITCH_A_PULSE_PATH_STATE_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_PULSE_PATH_STATE_LOCAL4] = {
		.name = "local4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_PULSE_PATH_STATE_LOCAL6] = {
		.name = "local6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_PULSE_PATH_STATE_REMOTE4] = {
		.name = "remote4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_PULSE_PATH_STATE_REMOTE6] = {
		.name = "remote6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_PULSE_PATH_STATE_DEV] = {
		.name = "dev",
		.type = HASW_T_STRING,
	},
	[HASWITCH_A_PULSE_PATH_STATE_STATE] = {
		.name = "state",
		.type = HASW_T_U8,
		.values = &hasw_enum_pulse_state,
	},
	[HASWITCH_A_PULSE_PATH_STATE_HEARD] = {
		.name = "heard",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_ECHO] = {
		.name = "echo",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_SENT] = {
		.name = "sent",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_UNSENT] = {
		.name = "unsent",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_RECEIVED] = {
		.name = "received",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_BAD_MAC] = {
		.name = "bad-mac",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_REPLAYED] = {
		.name = "replayed",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_OLD_KEY] = {
		.name = "old-key",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_MALFORMED] = {
		.name = "malformed",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_LOST] = {
		.name = "lost",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_JITTER] = {
		.name = "jitter",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE_PANIC_READY] = {
		.name = "panic-ready",
		.type = HASW_T_FLAG,
	},
};

const struct hasw_set hasw_set_pulse_path_state = {
	.name = "pulse-path-state",
	.attrs = attrs_pulse_path_state,
	.max = HASWITCH_A_PULSE_PATH_STATE_MAX,
};

static const struct hasw_attr attrs_pulse[] = {
	[HASWITCH_A_PULSE_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_PULSE_NODE] = {
		.name = "node",
		.type = HASW_T_STRING,
		.min_len = 1,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_PULSE_ID] = {
		.name = "id",
		.type = HASW_T_U32,
		.min = 1ULL,
		.max = 2147483647ULL,
	},
	[HASWITCH_A_PULSE_INTERVAL] = {
		.name = "interval",
		.type = HASW_T_U64,
		.min = 500000ULL,
		.max = 10000000000ULL,
	},
	[HASWITCH_A_PULSE_MULTIPLIER] = {
		.name = "multiplier",
		.type = HASW_T_U8,
		.min = 2ULL,
		.max = 255ULL,
	},
	[HASWITCH_A_PULSE_PATH] = {
		.name = "path",
		.type = HASW_T_NEST,
		.multi = true,
		.nested = &hasw_set_pulse_path,
	},
	[HASWITCH_A_PULSE_TX_KEY] = {
		.name = "tx-key",
		.type = HASW_T_BINARY,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_PULSE_RX_KEY] = {
		.name = "rx-key",
		.type = HASW_T_BINARY,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_PULSE_KEY_ID] = {
		.name = "key-id",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_PULSE_STATE] = {
		.name = "state",
		.type = HASW_T_U8,
		.values = &hasw_enum_pulse_state,
	},
	[HASWITCH_A_PULSE_PEER_INTERVAL] = {
		.name = "peer-interval",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PEER_MULTIPLIER] = {
		.name = "peer-multiplier",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_PULSE_KEY_NEXT] = {
		.name = "key-next",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_PULSE_LATE] = {
		.name = "late",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_LOSSES] = {
		.name = "losses",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_PULSE_PATH_STATE] = {
		.name = "path-state",
		.type = HASW_T_NEST,
		.multi = true,
		.nested = &hasw_set_pulse_path_state,
	},
	[HASWITCH_A_PULSE_AGENTLESS] = {
		.name = "agentless",
		.type = HASW_T_U64,
	},
};

const struct hasw_set hasw_set_pulse = {
	.name = "pulse",
	.attrs = attrs_pulse,
	.max = HASWITCH_A_PULSE_MAX,
};

static const struct hasw_attr attrs_explain[] = {
	[HASWITCH_A_EXPLAIN_PAD] = {
		.name = "pad",
		.type = HASW_T_PAD,
	},
	[HASWITCH_A_EXPLAIN_PACKET] = {
		.name = "packet",
		.type = HASW_T_BINARY,
		.min_len = 20,
		.max_len = HASWITCH_EXPLAIN_MAX,
	},
	[HASWITCH_A_EXPLAIN_IFINDEX] = {
		.name = "ifindex",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_EXPLAIN_LOCAL] = {
		.name = "local",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_EXPLAIN_LLADDR] = {
		.name = "lladdr",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_MAC,
		.min_len = 6,
		.max_len = 6,
	},
	[HASWITCH_A_EXPLAIN_CAME] = {
		.name = "came",
		.type = HASW_T_U8,
		.values = &hasw_enum_explain_came,
	},
	[HASWITCH_A_EXPLAIN_WAY] = {
		.name = "way",
		.type = HASW_T_U8,
		.values = &hasw_enum_explain_way,
	},
	[HASWITCH_A_EXPLAIN_DROP] = {
		.name = "drop",
		.type = HASW_T_U8,
		.values = &hasw_enum_explain_drop,
	},
	[HASWITCH_A_EXPLAIN_DOOR] = {
		.name = "door",
		.type = HASW_T_U8,
		.values = &hasw_enum_explain_door,
	},
	[HASWITCH_A_EXPLAIN_SLOW] = {
		.name = "slow",
		.type = HASW_T_U8,
		.values = &hasw_enum_explain_slow,
	},
	[HASWITCH_A_EXPLAIN_ADDR4] = {
		.name = "addr4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_EXPLAIN_ADDR6] = {
		.name = "addr6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_EXPLAIN_HELD] = {
		.name = "held",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_EXPLAIN_ROLE] = {
		.name = "role",
		.type = HASW_T_U8,
		.values = &hasw_enum_role,
	},
	[HASWITCH_A_EXPLAIN_LEASE] = {
		.name = "lease",
		.type = HASW_T_STRING,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_EXPLAIN_EPOCH] = {
		.name = "epoch",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EXPLAIN_NOW] = {
		.name = "now",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EXPLAIN_DEADLINE] = {
		.name = "deadline",
		.type = HASW_T_U64,
	},
	[HASWITCH_A_EXPLAIN_HOLDER] = {
		.name = "holder",
		.type = HASW_T_STRING,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_EXPLAIN_STRAY] = {
		.name = "stray",
		.type = HASW_T_U8,
		.values = &hasw_enum_stray,
	},
	[HASWITCH_A_EXPLAIN_PROTO] = {
		.name = "proto",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_EXPLAIN_PORT] = {
		.name = "port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_EXPLAIN_SERVICE] = {
		.name = "service",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_EXPLAIN_SERVICE_PROTO] = {
		.name = "service-proto",
		.type = HASW_T_U8,
	},
	[HASWITCH_A_EXPLAIN_SERVICE_PORT] = {
		.name = "service-port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_EXPLAIN_SCHED] = {
		.name = "sched",
		.type = HASW_T_U8,
		.values = &hasw_enum_sched,
	},
	[HASWITCH_A_EXPLAIN_FLOW] = {
		.name = "flow",
		.type = HASW_T_U8,
		.values = &hasw_enum_explain_flow,
	},
	[HASWITCH_A_EXPLAIN_FLOW_STATE] = {
		.name = "flow-state",
		.type = HASW_T_U8,
		.values = &hasw_enum_flow_state,
	},
	[HASWITCH_A_EXPLAIN_NODE] = {
		.name = "node",
		.type = HASW_T_STRING,
		.max_len = HASWITCH_NAME_MAX,
	},
	[HASWITCH_A_EXPLAIN_CANDIDATE] = {
		.name = "candidate",
		.type = HASW_T_STRING,
		.multi = true,
		.max_len = 37,
	},
	[HASWITCH_A_EXPLAIN_EMPTY] = {
		.name = "empty",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_EXPLAIN_REJECTED] = {
		.name = "rejected",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_EXPLAIN_VIA] = {
		.name = "via",
		.type = HASW_T_U8,
		.values = &hasw_enum_via,
	},
	[HASWITCH_A_EXPLAIN_HOP_IFINDEX] = {
		.name = "hop-ifindex",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_EXPLAIN_HOP_LLADDR] = {
		.name = "hop-lladdr",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_MAC,
		.min_len = 6,
		.max_len = 6,
	},
	[HASWITCH_A_EXPLAIN_REMOTE4] = {
		.name = "remote4",
		.type = HASW_T_U32,
		.big_endian = true,
		.hint = HASW_HINT_IPV4,
	},
	[HASWITCH_A_EXPLAIN_REMOTE6] = {
		.name = "remote6",
		.type = HASW_T_BINARY,
		.hint = HASW_HINT_IPV6,
		.min_len = 16,
		.max_len = 16,
	},
	[HASWITCH_A_EXPLAIN_MTU] = {
		.name = "mtu",
		.type = HASW_T_U32,
	},
	[HASWITCH_A_EXPLAIN_LOCAL_HERE] = {
		.name = "local-here",
		.type = HASW_T_FLAG,
	},
	[HASWITCH_A_EXPLAIN_NAT_PORT] = {
		.name = "nat-port",
		.type = HASW_T_U16,
	},
	[HASWITCH_A_EXPLAIN_ZONE] = {
		.name = "zone",
		.type = HASW_T_STRING,
	},
};

const struct hasw_set hasw_set_explain = {
	.name = "explain",
	.attrs = attrs_explain,
	.max = HASWITCH_A_EXPLAIN_MAX,
};

const struct hasw_op hasw_ops[HASW_N_OPS] = {
	[HASWITCH_CMD_NODE_ADD] = {
		.name = "node-add",
		.set = &hasw_set_node,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_NODE_NAME) |
			BIT(HASWITCH_A_NODE_ADDR4) |
			BIT(HASWITCH_A_NODE_ADDR6) |
			BIT(HASWITCH_A_NODE_ZONE) |
			BIT(HASWITCH_A_NODE_LLADDR) |
			BIT(HASWITCH_A_NODE_DEV) |
			BIT(HASWITCH_A_NODE_SELF) |
			BIT(HASWITCH_A_NODE_ADMIN) |
			BIT(HASWITCH_A_NODE_WITHIN) |
			BIT(HASWITCH_A_NODE_ENGINE),
	},
	[HASWITCH_CMD_NODE_SET] = {
		.name = "node-set",
		.set = &hasw_set_node,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_NODE_NAME) |
			BIT(HASWITCH_A_NODE_ADDR4) |
			BIT(HASWITCH_A_NODE_ADDR6) |
			BIT(HASWITCH_A_NODE_ZONE) |
			BIT(HASWITCH_A_NODE_LLADDR) |
			BIT(HASWITCH_A_NODE_DEV) |
			BIT(HASWITCH_A_NODE_ADMIN) |
			BIT(HASWITCH_A_NODE_WITHIN) |
			BIT(HASWITCH_A_NODE_SHARE),
	},
	[HASWITCH_CMD_NODE_VERDICT] = {
		.name = "node-verdict",
		.set = &hasw_set_node,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_NODE_NAME) |
			BIT(HASWITCH_A_NODE_VERDICT),
	},
	[HASWITCH_CMD_NODE_DEL] = {
		.name = "node-del",
		.set = &hasw_set_node,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_NODE_NAME),
	},
	[HASWITCH_CMD_NODE_GET] = {
		.name = "node-get",
		.set = &hasw_set_node,
		.has_do = true,
		.has_dump = true,
		.do_request =
			BIT(HASWITCH_A_NODE_NAME),
		.reply =
			BIT(HASWITCH_A_NODE_NAME) |
			BIT(HASWITCH_A_NODE_ADDR4) |
			BIT(HASWITCH_A_NODE_ADDR6) |
			BIT(HASWITCH_A_NODE_ZONE) |
			BIT(HASWITCH_A_NODE_LLADDR) |
			BIT(HASWITCH_A_NODE_DEV) |
			BIT(HASWITCH_A_NODE_SELF) |
			BIT(HASWITCH_A_NODE_ADMIN) |
			BIT(HASWITCH_A_NODE_VERDICT) |
			BIT(HASWITCH_A_NODE_AGENT) |
			BIT(HASWITCH_A_NODE_STATE) |
			BIT(HASWITCH_A_NODE_SINCE) |
			BIT(HASWITCH_A_NODE_ALIVE_UNTIL) |
			BIT(HASWITCH_A_NODE_REACH4) |
			BIT(HASWITCH_A_NODE_REACH6) |
			BIT(HASWITCH_A_NODE_REFS) |
			BIT(HASWITCH_A_NODE_EVIDENCE) |
			BIT(HASWITCH_A_NODE_HELD_SINCE) |
			BIT(HASWITCH_A_NODE_PENALTY) |
			BIT(HASWITCH_A_NODE_DAMPED) |
			BIT(HASWITCH_A_NODE_SHARE) |
			BIT(HASWITCH_A_NODE_ENGINE),
	},
	[HASWITCH_CMD_VIP_ADD] = {
		.name = "vip-add",
		.set = &hasw_set_vip,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_VIP_ADDR4) |
			BIT(HASWITCH_A_VIP_ADDR6) |
			BIT(HASWITCH_A_VIP_DEV) |
			BIT(HASWITCH_A_VIP_HOLDER) |
			BIT(HASWITCH_A_VIP_STRAY) |
			BIT(HASWITCH_A_VIP_LEASE) |
			BIT(HASWITCH_A_VIP_ON_LOSS) |
			BIT(HASWITCH_A_VIP_HOOK) |
			BIT(HASWITCH_A_VIP_EVERYWHERE) |
			BIT(HASWITCH_A_VIP_MARK),
	},
	[HASWITCH_CMD_VIP_SET] = {
		.name = "vip-set",
		.set = &hasw_set_vip,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_VIP_ADDR4) |
			BIT(HASWITCH_A_VIP_ADDR6) |
			BIT(HASWITCH_A_VIP_DEV) |
			BIT(HASWITCH_A_VIP_HOLDER) |
			BIT(HASWITCH_A_VIP_STRAY) |
			BIT(HASWITCH_A_VIP_LEASE) |
			BIT(HASWITCH_A_VIP_ON_LOSS) |
			BIT(HASWITCH_A_VIP_HOOK) |
			BIT(HASWITCH_A_VIP_EVERYWHERE) |
			BIT(HASWITCH_A_VIP_MARK),
	},
	[HASWITCH_CMD_VIP_DEL] = {
		.name = "vip-del",
		.set = &hasw_set_vip,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_VIP_ADDR4) |
			BIT(HASWITCH_A_VIP_ADDR6),
	},
	[HASWITCH_CMD_VIP_GET] = {
		.name = "vip-get",
		.set = &hasw_set_vip,
		.has_do = true,
		.has_dump = true,
		.do_request =
			BIT(HASWITCH_A_VIP_ADDR4) |
			BIT(HASWITCH_A_VIP_ADDR6),
		.reply =
			BIT(HASWITCH_A_VIP_ADDR4) |
			BIT(HASWITCH_A_VIP_ADDR6) |
			BIT(HASWITCH_A_VIP_DEV) |
			BIT(HASWITCH_A_VIP_HOLDER) |
			BIT(HASWITCH_A_VIP_STRAY) |
			BIT(HASWITCH_A_VIP_ROLE) |
			BIT(HASWITCH_A_VIP_SERVICES) |
			BIT(HASWITCH_A_VIP_LEASE) |
			BIT(HASWITCH_A_VIP_ON_LOSS) |
			BIT(HASWITCH_A_VIP_HOOK) |
			BIT(HASWITCH_A_VIP_EVERYWHERE) |
			BIT(HASWITCH_A_VIP_CONFLICT_NODE) |
			BIT(HASWITCH_A_VIP_CONFLICT_LLADDR) |
			BIT(HASWITCH_A_VIP_CONFLICT_DEV) |
			BIT(HASWITCH_A_VIP_CONFLICT_TIME) |
			BIT(HASWITCH_A_VIP_DEV_ABSENT) |
			BIT(HASWITCH_A_VIP_MARK) |
			BIT(HASWITCH_A_VIP_MARK_NOW),
	},
	[HASWITCH_CMD_SERVICE_ADD] = {
		.name = "service-add",
		.set = &hasw_set_service,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_SERVICE_ADDR4) |
			BIT(HASWITCH_A_SERVICE_ADDR6) |
			BIT(HASWITCH_A_SERVICE_PROTO) |
			BIT(HASWITCH_A_SERVICE_PORT) |
			BIT(HASWITCH_A_SERVICE_SCHED) |
			BIT(HASWITCH_A_SERVICE_FAILBACK) |
			BIT(HASWITCH_A_SERVICE_ON_EMPTY) |
			BIT(HASWITCH_A_SERVICE_ONE_PACKET) |
			BIT(HASWITCH_A_SERVICE_PERSIST) |
			BIT(HASWITCH_A_SERVICE_PERSIST_MASK) |
			BIT(HASWITCH_A_SERVICE_SNAT) |
			BIT(HASWITCH_A_SERVICE_NEW_MAX) |
			BIT(HASWITCH_A_SERVICE_ON_FAILOVER) |
			BIT(HASWITCH_A_SERVICE_SLOW_START) |
			BIT(HASWITCH_A_SERVICE_ALSO) |
			BIT(HASWITCH_A_SERVICE_MIN_ACTIVE) |
			BIT(HASWITCH_A_SERVICE_ZONE),
	},
	[HASWITCH_CMD_SERVICE_SET] = {
		.name = "service-set",
		.set = &hasw_set_service,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_SERVICE_ADDR4) |
			BIT(HASWITCH_A_SERVICE_ADDR6) |
			BIT(HASWITCH_A_SERVICE_PROTO) |
			BIT(HASWITCH_A_SERVICE_PORT) |
			BIT(HASWITCH_A_SERVICE_SCHED) |
			BIT(HASWITCH_A_SERVICE_FAILBACK) |
			BIT(HASWITCH_A_SERVICE_ON_EMPTY) |
			BIT(HASWITCH_A_SERVICE_ONE_PACKET) |
			BIT(HASWITCH_A_SERVICE_PERSIST) |
			BIT(HASWITCH_A_SERVICE_PERSIST_MASK) |
			BIT(HASWITCH_A_SERVICE_SNAT) |
			BIT(HASWITCH_A_SERVICE_NEW_MAX) |
			BIT(HASWITCH_A_SERVICE_ON_FAILOVER) |
			BIT(HASWITCH_A_SERVICE_SLOW_START) |
			BIT(HASWITCH_A_SERVICE_ALSO) |
			BIT(HASWITCH_A_SERVICE_MIN_ACTIVE) |
			BIT(HASWITCH_A_SERVICE_ZONE),
	},
	[HASWITCH_CMD_SERVICE_DEL] = {
		.name = "service-del",
		.set = &hasw_set_service,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_SERVICE_ADDR4) |
			BIT(HASWITCH_A_SERVICE_ADDR6) |
			BIT(HASWITCH_A_SERVICE_PROTO) |
			BIT(HASWITCH_A_SERVICE_PORT),
	},
	[HASWITCH_CMD_SERVICE_GET] = {
		.name = "service-get",
		.set = &hasw_set_service,
		.has_do = true,
		.has_dump = true,
		.do_request =
			BIT(HASWITCH_A_SERVICE_ADDR4) |
			BIT(HASWITCH_A_SERVICE_ADDR6) |
			BIT(HASWITCH_A_SERVICE_PROTO) |
			BIT(HASWITCH_A_SERVICE_PORT),
		.dump_request =
			BIT(HASWITCH_A_SERVICE_ADDR4) |
			BIT(HASWITCH_A_SERVICE_ADDR6),
		.reply =
			BIT(HASWITCH_A_SERVICE_ADDR4) |
			BIT(HASWITCH_A_SERVICE_ADDR6) |
			BIT(HASWITCH_A_SERVICE_PROTO) |
			BIT(HASWITCH_A_SERVICE_PORT) |
			BIT(HASWITCH_A_SERVICE_SCHED) |
			BIT(HASWITCH_A_SERVICE_ACTIVE) |
			BIT(HASWITCH_A_SERVICE_MEMBERS) |
			BIT(HASWITCH_A_SERVICE_PACKETS) |
			BIT(HASWITCH_A_SERVICE_BYTES) |
			BIT(HASWITCH_A_SERVICE_DROPPED) |
			BIT(HASWITCH_A_SERVICE_FAILBACK) |
			BIT(HASWITCH_A_SERVICE_ON_EMPTY) |
			BIT(HASWITCH_A_SERVICE_ONE_PACKET) |
			BIT(HASWITCH_A_SERVICE_PERSIST) |
			BIT(HASWITCH_A_SERVICE_PERSIST_MASK) |
			BIT(HASWITCH_A_SERVICE_FLOWS) |
			BIT(HASWITCH_A_SERVICE_SNAT) |
			BIT(HASWITCH_A_SERVICE_NEW_MAX) |
			BIT(HASWITCH_A_SERVICE_ON_FAILOVER) |
			BIT(HASWITCH_A_SERVICE_LIMITED) |
			BIT(HASWITCH_A_SERVICE_SLOW_START) |
			BIT(HASWITCH_A_SERVICE_SERVING) |
			BIT(HASWITCH_A_SERVICE_ACTIVE_PORT) |
			BIT(HASWITCH_A_SERVICE_ALSO) |
			BIT(HASWITCH_A_SERVICE_MIN_ACTIVE) |
			BIT(HASWITCH_A_SERVICE_ZONE),
	},
	[HASWITCH_CMD_MEMBER_ADD] = {
		.name = "member-add",
		.set = &hasw_set_member,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_MEMBER_ADDR4) |
			BIT(HASWITCH_A_MEMBER_ADDR6) |
			BIT(HASWITCH_A_MEMBER_PROTO) |
			BIT(HASWITCH_A_MEMBER_PORT) |
			BIT(HASWITCH_A_MEMBER_NODE) |
			BIT(HASWITCH_A_MEMBER_PRIORITY) |
			BIT(HASWITCH_A_MEMBER_VIA) |
			BIT(HASWITCH_A_MEMBER_HEALTH) |
			BIT(HASWITCH_A_MEMBER_WEIGHT) |
			BIT(HASWITCH_A_MEMBER_NAT_PORT) |
			BIT(HASWITCH_A_MEMBER_FLOWS_MAX) |
			BIT(HASWITCH_A_MEMBER_SPARE),
	},
	[HASWITCH_CMD_MEMBER_SET] = {
		.name = "member-set",
		.set = &hasw_set_member,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_MEMBER_ADDR4) |
			BIT(HASWITCH_A_MEMBER_ADDR6) |
			BIT(HASWITCH_A_MEMBER_PROTO) |
			BIT(HASWITCH_A_MEMBER_PORT) |
			BIT(HASWITCH_A_MEMBER_NODE) |
			BIT(HASWITCH_A_MEMBER_PRIORITY) |
			BIT(HASWITCH_A_MEMBER_VIA) |
			BIT(HASWITCH_A_MEMBER_HEALTH) |
			BIT(HASWITCH_A_MEMBER_WEIGHT) |
			BIT(HASWITCH_A_MEMBER_NAT_PORT) |
			BIT(HASWITCH_A_MEMBER_FLOWS_MAX) |
			BIT(HASWITCH_A_MEMBER_AT_PORT) |
			BIT(HASWITCH_A_MEMBER_SPARE),
	},
	[HASWITCH_CMD_MEMBER_DEL] = {
		.name = "member-del",
		.set = &hasw_set_member,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_MEMBER_ADDR4) |
			BIT(HASWITCH_A_MEMBER_ADDR6) |
			BIT(HASWITCH_A_MEMBER_PROTO) |
			BIT(HASWITCH_A_MEMBER_PORT) |
			BIT(HASWITCH_A_MEMBER_NODE) |
			BIT(HASWITCH_A_MEMBER_AT_PORT),
	},
	[HASWITCH_CMD_MEMBER_GET] = {
		.name = "member-get",
		.set = &hasw_set_member,
		.has_do = true,
		.has_dump = true,
		.do_request =
			BIT(HASWITCH_A_MEMBER_ADDR4) |
			BIT(HASWITCH_A_MEMBER_ADDR6) |
			BIT(HASWITCH_A_MEMBER_PROTO) |
			BIT(HASWITCH_A_MEMBER_PORT) |
			BIT(HASWITCH_A_MEMBER_NODE) |
			BIT(HASWITCH_A_MEMBER_AT_PORT),
		.dump_request =
			BIT(HASWITCH_A_MEMBER_ADDR4) |
			BIT(HASWITCH_A_MEMBER_ADDR6) |
			BIT(HASWITCH_A_MEMBER_PROTO) |
			BIT(HASWITCH_A_MEMBER_PORT),
		.reply =
			BIT(HASWITCH_A_MEMBER_ADDR4) |
			BIT(HASWITCH_A_MEMBER_ADDR6) |
			BIT(HASWITCH_A_MEMBER_PROTO) |
			BIT(HASWITCH_A_MEMBER_PORT) |
			BIT(HASWITCH_A_MEMBER_NODE) |
			BIT(HASWITCH_A_MEMBER_PRIORITY) |
			BIT(HASWITCH_A_MEMBER_VIA) |
			BIT(HASWITCH_A_MEMBER_HEALTH) |
			BIT(HASWITCH_A_MEMBER_STATE) |
			BIT(HASWITCH_A_MEMBER_PACKETS) |
			BIT(HASWITCH_A_MEMBER_BYTES) |
			BIT(HASWITCH_A_MEMBER_WEIGHT) |
			BIT(HASWITCH_A_MEMBER_FLOWS) |
			BIT(HASWITCH_A_MEMBER_NAT_PORT) |
			BIT(HASWITCH_A_MEMBER_FLOWS_MAX) |
			BIT(HASWITCH_A_MEMBER_FULL) |
			BIT(HASWITCH_A_MEMBER_LOCAL_HERE) |
			BIT(HASWITCH_A_MEMBER_NEW_FLOWS) |
			BIT(HASWITCH_A_MEMBER_SERVING) |
			BIT(HASWITCH_A_MEMBER_CLOSING) |
			BIT(HASWITCH_A_MEMBER_FLOW_MADE) |
			BIT(HASWITCH_A_MEMBER_SPARE),
	},
	[HASWITCH_CMD_BEAT] = {
		.name = "beat",
		.set = &hasw_set_beat,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_BEAT_NODE) |
			BIT(HASWITCH_A_BEAT_TIME),
	},
	[HASWITCH_CMD_EVENT_GET] = {
		.name = "event-get",
		.set = &hasw_set_event,
		.has_dump = true,
		.dump_request =
			BIT(HASWITCH_A_EVENT_SEQ),
		.reply =
			BIT(HASWITCH_A_EVENT_SEQ) |
			BIT(HASWITCH_A_EVENT_TIME) |
			BIT(HASWITCH_A_EVENT_KIND) |
			BIT(HASWITCH_A_EVENT_CAUSE) |
			BIT(HASWITCH_A_EVENT_NODE) |
			BIT(HASWITCH_A_EVENT_FROM) |
			BIT(HASWITCH_A_EVENT_TO) |
			BIT(HASWITCH_A_EVENT_HEALTH) |
			BIT(HASWITCH_A_EVENT_ADDR4) |
			BIT(HASWITCH_A_EVENT_ADDR6) |
			BIT(HASWITCH_A_EVENT_PROTO) |
			BIT(HASWITCH_A_EVENT_PORT) |
			BIT(HASWITCH_A_EVENT_DECISION) |
			BIT(HASWITCH_A_EVENT_PUBLISH) |
			BIT(HASWITCH_A_EVENT_FIRST_PACKET) |
			BIT(HASWITCH_A_EVENT_SWITCH) |
			BIT(HASWITCH_A_EVENT_OBJECT) |
			BIT(HASWITCH_A_EVENT_ACTION) |
			BIT(HASWITCH_A_EVENT_GENERATION) |
			BIT(HASWITCH_A_EVENT_LEASE) |
			BIT(HASWITCH_A_EVENT_EPOCH) |
			BIT(HASWITCH_A_EVENT_EVIDENCE) |
			BIT(HASWITCH_A_EVENT_DEV) |
			BIT(HASWITCH_A_EVENT_LLADDR) |
			BIT(HASWITCH_A_EVENT_PATH) |
			BIT(HASWITCH_A_EVENT_PULSE_FROM) |
			BIT(HASWITCH_A_EVENT_PULSE_TO) |
			BIT(HASWITCH_A_EVENT_TOLD) |
			BIT(HASWITCH_A_EVENT_VALUE) |
			BIT(HASWITCH_A_EVENT_SUCCESSOR) |
			BIT(HASWITCH_A_EVENT_ANSWER) |
			BIT(HASWITCH_A_EVENT_NAT_PORT) |
			BIT(HASWITCH_A_EVENT_SHARE),
	},
	[HASWITCH_CMD_EVENT_NTF] = {
		.name = "event-ntf",
		.set = &hasw_set_event,
		.reply =
			BIT(HASWITCH_A_EVENT_SEQ) |
			BIT(HASWITCH_A_EVENT_TIME) |
			BIT(HASWITCH_A_EVENT_KIND) |
			BIT(HASWITCH_A_EVENT_CAUSE) |
			BIT(HASWITCH_A_EVENT_NODE) |
			BIT(HASWITCH_A_EVENT_FROM) |
			BIT(HASWITCH_A_EVENT_TO) |
			BIT(HASWITCH_A_EVENT_HEALTH) |
			BIT(HASWITCH_A_EVENT_ADDR4) |
			BIT(HASWITCH_A_EVENT_ADDR6) |
			BIT(HASWITCH_A_EVENT_PROTO) |
			BIT(HASWITCH_A_EVENT_PORT) |
			BIT(HASWITCH_A_EVENT_DECISION) |
			BIT(HASWITCH_A_EVENT_PUBLISH) |
			BIT(HASWITCH_A_EVENT_FIRST_PACKET) |
			BIT(HASWITCH_A_EVENT_SWITCH) |
			BIT(HASWITCH_A_EVENT_OBJECT) |
			BIT(HASWITCH_A_EVENT_ACTION) |
			BIT(HASWITCH_A_EVENT_GENERATION) |
			BIT(HASWITCH_A_EVENT_LEASE) |
			BIT(HASWITCH_A_EVENT_EPOCH) |
			BIT(HASWITCH_A_EVENT_EVIDENCE) |
			BIT(HASWITCH_A_EVENT_DEV) |
			BIT(HASWITCH_A_EVENT_LLADDR) |
			BIT(HASWITCH_A_EVENT_PATH) |
			BIT(HASWITCH_A_EVENT_PULSE_FROM) |
			BIT(HASWITCH_A_EVENT_PULSE_TO) |
			BIT(HASWITCH_A_EVENT_TOLD) |
			BIT(HASWITCH_A_EVENT_VALUE) |
			BIT(HASWITCH_A_EVENT_SUCCESSOR) |
			BIT(HASWITCH_A_EVENT_ANSWER) |
			BIT(HASWITCH_A_EVENT_NAT_PORT) |
			BIT(HASWITCH_A_EVENT_SHARE),
	},
	[HASWITCH_CMD_STATS_GET] = {
		.name = "stats-get",
		.set = &hasw_set_stats,
		.has_do = true,
		.reply =
			BIT(HASWITCH_A_STATS_SEEN) |
			BIT(HASWITCH_A_STATS_REDIRECTED) |
			BIT(HASWITCH_A_STATS_LOCAL) |
			BIT(HASWITCH_A_STATS_PASSED) |
			BIT(HASWITCH_A_STATS_DROP_NOT_HOLDER) |
			BIT(HASWITCH_A_STATS_DROP_NO_MEMBER) |
			BIT(HASWITCH_A_STATS_DROP_UNRESOLVED) |
			BIT(HASWITCH_A_STATS_DROP_TTL) |
			BIT(HASWITCH_A_STATS_DROP_MTU) |
			BIT(HASWITCH_A_STATS_DROP_MALFORMED) |
			BIT(HASWITCH_A_STATS_DROP_MEMORY) |
			BIT(HASWITCH_A_STATS_DROP_OUTPUT) |
			BIT(HASWITCH_A_STATS_ARP_ANSWERED) |
			BIT(HASWITCH_A_STATS_ARP_DROPPED) |
			BIT(HASWITCH_A_STATS_ARP_REWRITTEN) |
			BIT(HASWITCH_A_STATS_ND_ANSWERED) |
			BIT(HASWITCH_A_STATS_ND_DROPPED) |
			BIT(HASWITCH_A_STATS_ND_REWRITTEN) |
			BIT(HASWITCH_A_STATS_ANNOUNCED) |
			BIT(HASWITCH_A_STATS_SWITCHES) |
			BIT(HASWITCH_A_STATS_BEATS) |
			BIT(HASWITCH_A_STATS_DECISION_PUBLISH) |
			BIT(HASWITCH_A_STATS_PUBLISH_FIRST) |
			BIT(HASWITCH_A_STATS_DECISION_FIRST) |
			BIT(HASWITCH_A_STATS_REPEATED) |
			BIT(HASWITCH_A_STATS_CONFLICTS) |
			BIT(HASWITCH_A_STATS_CONFLICTS_CAPPED) |
			BIT(HASWITCH_A_STATS_PULSE_UNKNOWN) |
			BIT(HASWITCH_A_STATS_PULSE_MALFORMED),
	},
	[HASWITCH_CMD_CONFIG_BEGIN] = {
		.name = "config-begin",
		.set = &hasw_set_config,
		.changes = true,
		.has_do = true,
	},
	[HASWITCH_CMD_CONFIG_COMMIT] = {
		.name = "config-commit",
		.set = &hasw_set_config,
		.changes = true,
		.has_do = true,
	},
	[HASWITCH_CMD_CONFIG_ABORT] = {
		.name = "config-abort",
		.set = &hasw_set_config,
		.changes = true,
		.has_do = true,
	},
	[HASWITCH_CMD_CONFIG_GET] = {
		.name = "config-get",
		.set = &hasw_set_config,
		.has_do = true,
		.reply =
			BIT(HASWITCH_A_CONFIG_GENERATION) |
			BIT(HASWITCH_A_CONFIG_NODES) |
			BIT(HASWITCH_A_CONFIG_VIPS) |
			BIT(HASWITCH_A_CONFIG_SERVICES) |
			BIT(HASWITCH_A_CONFIG_MEMBERS) |
			BIT(HASWITCH_A_CONFIG_AGENT_STALLED) |
			BIT(HASWITCH_A_CONFIG_LEASES) |
			BIT(HASWITCH_A_CONFIG_DOORS),
	},
	[HASWITCH_CMD_TIMES_GET] = {
		.name = "times-get",
		.set = &hasw_set_times,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_TIMES_ADDR4) |
			BIT(HASWITCH_A_TIMES_ADDR6) |
			BIT(HASWITCH_A_TIMES_PROTO) |
			BIT(HASWITCH_A_TIMES_PORT),
		.reply =
			BIT(HASWITCH_A_TIMES_ADDR4) |
			BIT(HASWITCH_A_TIMES_ADDR6) |
			BIT(HASWITCH_A_TIMES_PROTO) |
			BIT(HASWITCH_A_TIMES_PORT) |
			BIT(HASWITCH_A_TIMES_MOVES) |
			BIT(HASWITCH_A_TIMES_DECISION_PUBLISH) |
			BIT(HASWITCH_A_TIMES_PUBLISH_FIRST) |
			BIT(HASWITCH_A_TIMES_DECISION_FIRST),
	},
	[HASWITCH_CMD_LEASE_ADD] = {
		.name = "lease-add",
		.set = &hasw_set_lease,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_LEASE_NAME) |
			BIT(HASWITCH_A_LEASE_PREFER) |
			BIT(HASWITCH_A_LEASE_ONLY) |
			BIT(HASWITCH_A_LEASE_FAILBACK) |
			BIT(HASWITCH_A_LEASE_RESIGN),
	},
	[HASWITCH_CMD_LEASE_SET] = {
		.name = "lease-set",
		.set = &hasw_set_lease,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_LEASE_NAME) |
			BIT(HASWITCH_A_LEASE_FLOOR) |
			BIT(HASWITCH_A_LEASE_EPOCH) |
			BIT(HASWITCH_A_LEASE_HOLDER) |
			BIT(HASWITCH_A_LEASE_DEADLINE) |
			BIT(HASWITCH_A_LEASE_TIED) |
			BIT(HASWITCH_A_LEASE_PREFER) |
			BIT(HASWITCH_A_LEASE_ONLY) |
			BIT(HASWITCH_A_LEASE_FAILBACK) |
			BIT(HASWITCH_A_LEASE_RESIGN) |
			BIT(HASWITCH_A_LEASE_PARTLY),
	},
	[HASWITCH_CMD_LEASE_RELEASE] = {
		.name = "lease-release",
		.set = &hasw_set_lease,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_LEASE_NAME) |
			BIT(HASWITCH_A_LEASE_EPOCH) |
			BIT(HASWITCH_A_LEASE_SUCCESSOR),
	},
	[HASWITCH_CMD_LEASE_DEL] = {
		.name = "lease-del",
		.set = &hasw_set_lease,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_LEASE_NAME),
	},
	[HASWITCH_CMD_LEASE_GET] = {
		.name = "lease-get",
		.set = &hasw_set_lease,
		.has_do = true,
		.has_dump = true,
		.do_request =
			BIT(HASWITCH_A_LEASE_NAME),
		.reply =
			BIT(HASWITCH_A_LEASE_NAME) |
			BIT(HASWITCH_A_LEASE_FLOOR) |
			BIT(HASWITCH_A_LEASE_EPOCH) |
			BIT(HASWITCH_A_LEASE_HOLDER) |
			BIT(HASWITCH_A_LEASE_DEADLINE) |
			BIT(HASWITCH_A_LEASE_BURNED) |
			BIT(HASWITCH_A_LEASE_HELD) |
			BIT(HASWITCH_A_LEASE_VIPS) |
			BIT(HASWITCH_A_LEASE_TIED) |
			BIT(HASWITCH_A_LEASE_SUCCESSOR) |
			BIT(HASWITCH_A_LEASE_PREFER) |
			BIT(HASWITCH_A_LEASE_ONLY) |
			BIT(HASWITCH_A_LEASE_FAILBACK) |
			BIT(HASWITCH_A_LEASE_RESIGN) |
			BIT(HASWITCH_A_LEASE_PARTLY) |
			BIT(HASWITCH_A_LEASE_PROTODOWN),
	},
	[HASWITCH_CMD_NODE_FAILBACK] = {
		.name = "node-failback",
		.set = &hasw_set_node,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_NODE_NAME),
	},
	[HASWITCH_CMD_PULSE_SET] = {
		.name = "pulse-set",
		.set = &hasw_set_pulse,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_PULSE_NODE) |
			BIT(HASWITCH_A_PULSE_ID) |
			BIT(HASWITCH_A_PULSE_INTERVAL) |
			BIT(HASWITCH_A_PULSE_MULTIPLIER) |
			BIT(HASWITCH_A_PULSE_PATH) |
			BIT(HASWITCH_A_PULSE_TX_KEY) |
			BIT(HASWITCH_A_PULSE_RX_KEY) |
			BIT(HASWITCH_A_PULSE_KEY_ID),
	},
	[HASWITCH_CMD_PULSE_KEY] = {
		.name = "pulse-key",
		.set = &hasw_set_pulse,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_PULSE_NODE) |
			BIT(HASWITCH_A_PULSE_TX_KEY) |
			BIT(HASWITCH_A_PULSE_RX_KEY) |
			BIT(HASWITCH_A_PULSE_KEY_ID),
	},
	[HASWITCH_CMD_PULSE_DEL] = {
		.name = "pulse-del",
		.set = &hasw_set_pulse,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_PULSE_NODE),
	},
	[HASWITCH_CMD_PULSE_GET] = {
		.name = "pulse-get",
		.set = &hasw_set_pulse,
		.has_do = true,
		.has_dump = true,
		.do_request =
			BIT(HASWITCH_A_PULSE_NODE),
		.reply =
			BIT(HASWITCH_A_PULSE_NODE) |
			BIT(HASWITCH_A_PULSE_ID) |
			BIT(HASWITCH_A_PULSE_INTERVAL) |
			BIT(HASWITCH_A_PULSE_MULTIPLIER) |
			BIT(HASWITCH_A_PULSE_KEY_ID) |
			BIT(HASWITCH_A_PULSE_STATE) |
			BIT(HASWITCH_A_PULSE_PEER_INTERVAL) |
			BIT(HASWITCH_A_PULSE_PEER_MULTIPLIER) |
			BIT(HASWITCH_A_PULSE_KEY_NEXT) |
			BIT(HASWITCH_A_PULSE_LATE) |
			BIT(HASWITCH_A_PULSE_LOSSES) |
			BIT(HASWITCH_A_PULSE_PATH_STATE) |
			BIT(HASWITCH_A_PULSE_AGENTLESS),
	},
	[HASWITCH_CMD_FLOW_GET] = {
		.name = "flow-get",
		.set = &hasw_set_flow,
		.changes = true,
		.has_dump = true,
		.dump_request =
			BIT(HASWITCH_A_FLOW_CLIENT4) |
			BIT(HASWITCH_A_FLOW_CLIENT6) |
			BIT(HASWITCH_A_FLOW_CLIENT_PORT) |
			BIT(HASWITCH_A_FLOW_ADDR4) |
			BIT(HASWITCH_A_FLOW_ADDR6) |
			BIT(HASWITCH_A_FLOW_PROTO) |
			BIT(HASWITCH_A_FLOW_PORT) |
			BIT(HASWITCH_A_FLOW_NODE) |
			BIT(HASWITCH_A_FLOW_STATE) |
			BIT(HASWITCH_A_FLOW_NAT_PORT),
		.reply =
			BIT(HASWITCH_A_FLOW_CLIENT4) |
			BIT(HASWITCH_A_FLOW_CLIENT6) |
			BIT(HASWITCH_A_FLOW_CLIENT_PORT) |
			BIT(HASWITCH_A_FLOW_ADDR4) |
			BIT(HASWITCH_A_FLOW_ADDR6) |
			BIT(HASWITCH_A_FLOW_PROTO) |
			BIT(HASWITCH_A_FLOW_PORT) |
			BIT(HASWITCH_A_FLOW_NODE) |
			BIT(HASWITCH_A_FLOW_STATE) |
			BIT(HASWITCH_A_FLOW_EXPIRES) |
			BIT(HASWITCH_A_FLOW_MASK) |
			BIT(HASWITCH_A_FLOW_NAT_PORT),
	},
	[HASWITCH_CMD_FLOW_DEL] = {
		.name = "flow-del",
		.set = &hasw_set_flow,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_FLOW_CLIENT4) |
			BIT(HASWITCH_A_FLOW_CLIENT6) |
			BIT(HASWITCH_A_FLOW_CLIENT_PORT) |
			BIT(HASWITCH_A_FLOW_ADDR4) |
			BIT(HASWITCH_A_FLOW_ADDR6) |
			BIT(HASWITCH_A_FLOW_PROTO) |
			BIT(HASWITCH_A_FLOW_PORT) |
			BIT(HASWITCH_A_FLOW_NODE) |
			BIT(HASWITCH_A_FLOW_STATE) |
			BIT(HASWITCH_A_FLOW_NAT_PORT),
		.reply =
			BIT(HASWITCH_A_FLOW_DELETED),
	},
	[HASWITCH_CMD_FLOW_LIMITS_SET] = {
		.name = "flow-limits-set",
		.set = &hasw_set_flow_limits,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_FLOW_LIMITS_MOST) |
			BIT(HASWITCH_A_FLOW_LIMITS_TCP_SYN) |
			BIT(HASWITCH_A_FLOW_LIMITS_TCP) |
			BIT(HASWITCH_A_FLOW_LIMITS_TCP_CLOSING) |
			BIT(HASWITCH_A_FLOW_LIMITS_UDP) |
			BIT(HASWITCH_A_FLOW_LIMITS_OTHER),
	},
	[HASWITCH_CMD_FLOW_LIMITS_GET] = {
		.name = "flow-limits-get",
		.set = &hasw_set_flow_limits,
		.has_do = true,
		.reply =
			BIT(HASWITCH_A_FLOW_LIMITS_MOST) |
			BIT(HASWITCH_A_FLOW_LIMITS_COUNT) |
			BIT(HASWITCH_A_FLOW_LIMITS_TCP_SYN) |
			BIT(HASWITCH_A_FLOW_LIMITS_TCP) |
			BIT(HASWITCH_A_FLOW_LIMITS_TCP_CLOSING) |
			BIT(HASWITCH_A_FLOW_LIMITS_UDP) |
			BIT(HASWITCH_A_FLOW_LIMITS_OTHER),
	},
	[HASWITCH_CMD_EXPLAIN] = {
		.name = "explain",
		.set = &hasw_set_explain,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_EXPLAIN_PACKET) |
			BIT(HASWITCH_A_EXPLAIN_IFINDEX) |
			BIT(HASWITCH_A_EXPLAIN_LOCAL) |
			BIT(HASWITCH_A_EXPLAIN_LLADDR) |
			BIT(HASWITCH_A_EXPLAIN_CAME),
		.reply =
			BIT(HASWITCH_A_EXPLAIN_IFINDEX) |
			BIT(HASWITCH_A_EXPLAIN_WAY) |
			BIT(HASWITCH_A_EXPLAIN_DROP) |
			BIT(HASWITCH_A_EXPLAIN_DOOR) |
			BIT(HASWITCH_A_EXPLAIN_SLOW) |
			BIT(HASWITCH_A_EXPLAIN_ADDR4) |
			BIT(HASWITCH_A_EXPLAIN_ADDR6) |
			BIT(HASWITCH_A_EXPLAIN_HELD) |
			BIT(HASWITCH_A_EXPLAIN_ROLE) |
			BIT(HASWITCH_A_EXPLAIN_LEASE) |
			BIT(HASWITCH_A_EXPLAIN_EPOCH) |
			BIT(HASWITCH_A_EXPLAIN_NOW) |
			BIT(HASWITCH_A_EXPLAIN_DEADLINE) |
			BIT(HASWITCH_A_EXPLAIN_HOLDER) |
			BIT(HASWITCH_A_EXPLAIN_STRAY) |
			BIT(HASWITCH_A_EXPLAIN_PROTO) |
			BIT(HASWITCH_A_EXPLAIN_PORT) |
			BIT(HASWITCH_A_EXPLAIN_SERVICE) |
			BIT(HASWITCH_A_EXPLAIN_SERVICE_PROTO) |
			BIT(HASWITCH_A_EXPLAIN_SERVICE_PORT) |
			BIT(HASWITCH_A_EXPLAIN_SCHED) |
			BIT(HASWITCH_A_EXPLAIN_FLOW) |
			BIT(HASWITCH_A_EXPLAIN_FLOW_STATE) |
			BIT(HASWITCH_A_EXPLAIN_NODE) |
			BIT(HASWITCH_A_EXPLAIN_CANDIDATE) |
			BIT(HASWITCH_A_EXPLAIN_EMPTY) |
			BIT(HASWITCH_A_EXPLAIN_REJECTED) |
			BIT(HASWITCH_A_EXPLAIN_VIA) |
			BIT(HASWITCH_A_EXPLAIN_HOP_IFINDEX) |
			BIT(HASWITCH_A_EXPLAIN_HOP_LLADDR) |
			BIT(HASWITCH_A_EXPLAIN_REMOTE4) |
			BIT(HASWITCH_A_EXPLAIN_REMOTE6) |
			BIT(HASWITCH_A_EXPLAIN_MTU) |
			BIT(HASWITCH_A_EXPLAIN_LOCAL_HERE) |
			BIT(HASWITCH_A_EXPLAIN_NAT_PORT) |
			BIT(HASWITCH_A_EXPLAIN_ZONE),
	},
	[HASWITCH_CMD_LEASE_MOVE] = {
		.name = "lease-move",
		.set = &hasw_set_lease,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_LEASE_NAME) |
			BIT(HASWITCH_A_LEASE_SUCCESSOR) |
			BIT(HASWITCH_A_LEASE_ANSWER),
	},
	[HASWITCH_CMD_VIP_ANNOUNCE] = {
		.name = "vip-announce",
		.set = &hasw_set_vip,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_VIP_ADDR4) |
			BIT(HASWITCH_A_VIP_ADDR6),
	},
	[HASWITCH_CMD_ZONE_SET] = {
		.name = "zone-set",
		.set = &hasw_set_node,
		.changes = true,
		.has_do = true,
		.do_request =
			BIT(HASWITCH_A_NODE_ZONE) |
			BIT(HASWITCH_A_NODE_ADMIN) |
			BIT(HASWITCH_A_NODE_WITHIN),
	},
};
