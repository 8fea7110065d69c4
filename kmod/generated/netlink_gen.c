// SPDX-License-Identifier: GPL-2.0
/* Generated from include/netlink/specs/haswitch.yaml by scripts/generate.py; do not edit. */

#include <linux/bits.h>

#include "netlink_gen.h"

/* A policy cannot hold the shortest length of a string: handlers check that one
 * that must not be empty is not.
 */

static struct netlink_range_validation hasw_service_new_max_range = {
	.min = 0ULL,
	.max = 1000000ULL,
};

static struct netlink_range_validation hasw_member_priority_range = {
	.min = 0ULL,
	.max = 65535ULL,
};

static struct netlink_range_validation hasw_member_weight_range = {
	.min = 0ULL,
	.max = 65535ULL,
};

static struct netlink_range_validation hasw_beat_time_range = {
	.min = 1000ULL,
	.max = 3600000000000ULL,
};

static struct netlink_range_validation hasw_pulse_id_range = {
	.min = 1ULL,
	.max = 2147483647ULL,
};

static struct netlink_range_validation hasw_pulse_interval_range = {
	.min = 500000ULL,
	.max = 10000000000ULL,
};

static struct netlink_range_validation hasw_flow_limits_most_range = {
	.min = 0ULL,
	.max = 16777216ULL,
};

/* For an operation without attributes: without a policy any would be accepted. */
static const struct nla_policy hasw_reject_policy[] = {
	[1] = { .type = NLA_REJECT },
};

static const struct nla_policy hasw_pulse_path_policy[HASWITCH_A_PULSE_PATH_DEV + 1] = {
	[HASWITCH_A_PULSE_PATH_LOCAL4] = { .type = NLA_U32 },
	[HASWITCH_A_PULSE_PATH_LOCAL6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_PULSE_PATH_REMOTE4] = { .type = NLA_U32 },
	[HASWITCH_A_PULSE_PATH_REMOTE6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_PULSE_PATH_DEV] = { .type = NLA_NUL_STRING, .len = 15 },
};

static const struct nla_policy hasw_node_add_policy[HASWITCH_A_NODE_ENGINE + 1] = {
	[HASWITCH_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_NODE_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_NODE_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_NODE_ZONE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_NODE_LLADDR] = NLA_POLICY_EXACT_LEN(6),
	[HASWITCH_A_NODE_DEV] = { .type = NLA_NUL_STRING, .len = 15 },
	[HASWITCH_A_NODE_SELF] = { .type = NLA_FLAG },
	[HASWITCH_A_NODE_ADMIN] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ADMIN_STATE_DOWN),
	[HASWITCH_A_NODE_WITHIN] = { .type = NLA_U64 },
	[HASWITCH_A_NODE_ENGINE] = { .type = NLA_FLAG },
};

static const struct nla_policy hasw_node_set_policy[HASWITCH_A_NODE_SHARE + 1] = {
	[HASWITCH_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_NODE_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_NODE_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_NODE_ZONE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_NODE_LLADDR] = NLA_POLICY_EXACT_LEN(6),
	[HASWITCH_A_NODE_DEV] = { .type = NLA_NUL_STRING, .len = 15 },
	[HASWITCH_A_NODE_ADMIN] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ADMIN_STATE_DOWN),
	[HASWITCH_A_NODE_WITHIN] = { .type = NLA_U64 },
	[HASWITCH_A_NODE_SHARE] = NLA_POLICY_RANGE(NLA_U8, 1, 100),
};

static const struct nla_policy hasw_node_verdict_policy[HASWITCH_A_NODE_VERDICT + 1] = {
	[HASWITCH_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_NODE_VERDICT] = NLA_POLICY_MAX(NLA_U8, HASWITCH_VERDICT_LEFT),
};

static const struct nla_policy hasw_node_del_policy[HASWITCH_A_NODE_NAME + 1] = {
	[HASWITCH_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
};

static const struct nla_policy hasw_node_get_policy[HASWITCH_A_NODE_NAME + 1] = {
	[HASWITCH_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
};

static const struct nla_policy hasw_vip_add_policy[HASWITCH_A_VIP_MARK + 1] = {
	[HASWITCH_A_VIP_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_VIP_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_VIP_DEV] = { .type = NLA_NUL_STRING, .len = 15 },
	[HASWITCH_A_VIP_HOLDER] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_VIP_STRAY] = NLA_POLICY_MAX(NLA_U8, HASWITCH_STRAY_FORWARD),
	[HASWITCH_A_VIP_LEASE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_VIP_ON_LOSS] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ON_LOSS_ABORT),
	[HASWITCH_A_VIP_HOOK] = NLA_POLICY_MAX(NLA_U8, HASWITCH_HOOK_PREROUTING),
	[HASWITCH_A_VIP_EVERYWHERE] = { .type = NLA_FLAG },
	[HASWITCH_A_VIP_MARK] = { .type = NLA_U32 },
};

static const struct nla_policy hasw_vip_set_policy[HASWITCH_A_VIP_MARK + 1] = {
	[HASWITCH_A_VIP_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_VIP_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_VIP_DEV] = { .type = NLA_NUL_STRING, .len = 15 },
	[HASWITCH_A_VIP_HOLDER] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_VIP_STRAY] = NLA_POLICY_MAX(NLA_U8, HASWITCH_STRAY_FORWARD),
	[HASWITCH_A_VIP_LEASE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_VIP_ON_LOSS] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ON_LOSS_ABORT),
	[HASWITCH_A_VIP_HOOK] = NLA_POLICY_MAX(NLA_U8, HASWITCH_HOOK_PREROUTING),
	[HASWITCH_A_VIP_EVERYWHERE] = { .type = NLA_FLAG },
	[HASWITCH_A_VIP_MARK] = { .type = NLA_U32 },
};

static const struct nla_policy hasw_vip_del_policy[HASWITCH_A_VIP_ADDR6 + 1] = {
	[HASWITCH_A_VIP_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_VIP_ADDR6] = NLA_POLICY_EXACT_LEN(16),
};

static const struct nla_policy hasw_vip_get_policy[HASWITCH_A_VIP_ADDR6 + 1] = {
	[HASWITCH_A_VIP_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_VIP_ADDR6] = NLA_POLICY_EXACT_LEN(16),
};

static const struct nla_policy hasw_service_add_policy[HASWITCH_A_SERVICE_ZONE + 1] = {
	[HASWITCH_A_SERVICE_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_SERVICE_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_SERVICE_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_SERVICE_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_SERVICE_SCHED] = NLA_POLICY_MAX(NLA_U8, HASWITCH_SCHED_RANDOM),
	[HASWITCH_A_SERVICE_FAILBACK] = { .type = NLA_U64 },
	[HASWITCH_A_SERVICE_ON_EMPTY] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_SERVICE_ONE_PACKET] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ONE_PACKET_ON),
	[HASWITCH_A_SERVICE_PERSIST] = { .type = NLA_U64 },
	[HASWITCH_A_SERVICE_PERSIST_MASK] = { .type = NLA_U8 },
	[HASWITCH_A_SERVICE_SNAT] = NLA_POLICY_MAX(NLA_U8, HASWITCH_SNAT_ON),
	[HASWITCH_A_SERVICE_NEW_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &hasw_service_new_max_range),
	[HASWITCH_A_SERVICE_ON_FAILOVER] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ON_FAILOVER_RESET),
	[HASWITCH_A_SERVICE_SLOW_START] = { .type = NLA_U64 },
	[HASWITCH_A_SERVICE_ALSO] = { .type = NLA_U32 },
	[HASWITCH_A_SERVICE_MIN_ACTIVE] = NLA_POLICY_RANGE(NLA_U32, 1, 1024),
	[HASWITCH_A_SERVICE_ZONE] = NLA_POLICY_MAX(NLA_U8, HASWITCH_SERVICE_ZONE_PREFER),
};

static const struct nla_policy hasw_service_set_policy[HASWITCH_A_SERVICE_ZONE + 1] = {
	[HASWITCH_A_SERVICE_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_SERVICE_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_SERVICE_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_SERVICE_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_SERVICE_SCHED] = NLA_POLICY_MAX(NLA_U8, HASWITCH_SCHED_RANDOM),
	[HASWITCH_A_SERVICE_FAILBACK] = { .type = NLA_U64 },
	[HASWITCH_A_SERVICE_ON_EMPTY] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_SERVICE_ONE_PACKET] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ONE_PACKET_ON),
	[HASWITCH_A_SERVICE_PERSIST] = { .type = NLA_U64 },
	[HASWITCH_A_SERVICE_PERSIST_MASK] = { .type = NLA_U8 },
	[HASWITCH_A_SERVICE_SNAT] = NLA_POLICY_MAX(NLA_U8, HASWITCH_SNAT_ON),
	[HASWITCH_A_SERVICE_NEW_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &hasw_service_new_max_range),
	[HASWITCH_A_SERVICE_ON_FAILOVER] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ON_FAILOVER_RESET),
	[HASWITCH_A_SERVICE_SLOW_START] = { .type = NLA_U64 },
	[HASWITCH_A_SERVICE_ALSO] = { .type = NLA_U32 },
	[HASWITCH_A_SERVICE_MIN_ACTIVE] = NLA_POLICY_RANGE(NLA_U32, 1, 1024),
	[HASWITCH_A_SERVICE_ZONE] = NLA_POLICY_MAX(NLA_U8, HASWITCH_SERVICE_ZONE_PREFER),
};

static const struct nla_policy hasw_service_del_policy[HASWITCH_A_SERVICE_PORT + 1] = {
	[HASWITCH_A_SERVICE_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_SERVICE_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_SERVICE_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_SERVICE_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy hasw_service_get_policy[HASWITCH_A_SERVICE_PORT + 1] = {
	[HASWITCH_A_SERVICE_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_SERVICE_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_SERVICE_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_SERVICE_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy hasw_member_add_policy[HASWITCH_A_MEMBER_SPARE + 1] = {
	[HASWITCH_A_MEMBER_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_MEMBER_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_MEMBER_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_MEMBER_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_MEMBER_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_MEMBER_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &hasw_member_priority_range),
	[HASWITCH_A_MEMBER_VIA] = NLA_POLICY_MAX(NLA_U8, HASWITCH_VIA_GUE),
	[HASWITCH_A_MEMBER_HEALTH] = NLA_POLICY_MAX(NLA_U8, HASWITCH_HEALTH_REFUSED),
	[HASWITCH_A_MEMBER_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &hasw_member_weight_range),
	[HASWITCH_A_MEMBER_NAT_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_MEMBER_FLOWS_MAX] = { .type = NLA_U32 },
	[HASWITCH_A_MEMBER_SPARE] = NLA_POLICY_MAX(NLA_U8, HASWITCH_SPARE_ON),
};

static const struct nla_policy hasw_member_set_policy[HASWITCH_A_MEMBER_SPARE + 1] = {
	[HASWITCH_A_MEMBER_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_MEMBER_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_MEMBER_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_MEMBER_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_MEMBER_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_MEMBER_PRIORITY] = NLA_POLICY_FULL_RANGE(NLA_U32, &hasw_member_priority_range),
	[HASWITCH_A_MEMBER_VIA] = NLA_POLICY_MAX(NLA_U8, HASWITCH_VIA_GUE),
	[HASWITCH_A_MEMBER_HEALTH] = NLA_POLICY_MAX(NLA_U8, HASWITCH_HEALTH_REFUSED),
	[HASWITCH_A_MEMBER_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &hasw_member_weight_range),
	[HASWITCH_A_MEMBER_NAT_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_MEMBER_FLOWS_MAX] = { .type = NLA_U32 },
	[HASWITCH_A_MEMBER_AT_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_MEMBER_SPARE] = NLA_POLICY_MAX(NLA_U8, HASWITCH_SPARE_ON),
};

static const struct nla_policy hasw_member_del_policy[HASWITCH_A_MEMBER_AT_PORT + 1] = {
	[HASWITCH_A_MEMBER_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_MEMBER_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_MEMBER_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_MEMBER_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_MEMBER_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_MEMBER_AT_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy hasw_member_get_policy[HASWITCH_A_MEMBER_AT_PORT + 1] = {
	[HASWITCH_A_MEMBER_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_MEMBER_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_MEMBER_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_MEMBER_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_MEMBER_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_MEMBER_AT_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy hasw_beat_policy[HASWITCH_A_BEAT_TIME + 1] = {
	[HASWITCH_A_BEAT_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_BEAT_TIME] = NLA_POLICY_FULL_RANGE(NLA_U64, &hasw_beat_time_range),
};

static const struct nla_policy hasw_event_get_policy[HASWITCH_A_EVENT_SEQ + 1] = {
	[HASWITCH_A_EVENT_SEQ] = { .type = NLA_U64 },
};

static const struct nla_policy hasw_times_get_policy[HASWITCH_A_TIMES_PORT + 1] = {
	[HASWITCH_A_TIMES_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_TIMES_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_TIMES_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_TIMES_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy hasw_lease_add_policy[HASWITCH_A_LEASE_RESIGN + 1] = {
	[HASWITCH_A_LEASE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_PREFER] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_ONLY] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_FAILBACK] = { .type = NLA_U64 },
	[HASWITCH_A_LEASE_RESIGN] = NLA_POLICY_MAX(NLA_U8, HASWITCH_RESIGN_ALL),
};

static const struct nla_policy hasw_lease_set_policy[HASWITCH_A_LEASE_PARTLY + 1] = {
	[HASWITCH_A_LEASE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_FLOOR] = { .type = NLA_U64 },
	[HASWITCH_A_LEASE_EPOCH] = { .type = NLA_U64 },
	[HASWITCH_A_LEASE_HOLDER] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_DEADLINE] = { .type = NLA_U64 },
	[HASWITCH_A_LEASE_TIED] = { .type = NLA_FLAG },
	[HASWITCH_A_LEASE_PREFER] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_ONLY] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_FAILBACK] = { .type = NLA_U64 },
	[HASWITCH_A_LEASE_RESIGN] = NLA_POLICY_MAX(NLA_U8, HASWITCH_RESIGN_ALL),
	[HASWITCH_A_LEASE_PARTLY] = { .type = NLA_FLAG },
};

static const struct nla_policy hasw_lease_release_policy[HASWITCH_A_LEASE_SUCCESSOR + 1] = {
	[HASWITCH_A_LEASE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_EPOCH] = { .type = NLA_U64 },
	[HASWITCH_A_LEASE_SUCCESSOR] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
};

static const struct nla_policy hasw_lease_del_policy[HASWITCH_A_LEASE_NAME + 1] = {
	[HASWITCH_A_LEASE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
};

static const struct nla_policy hasw_lease_get_policy[HASWITCH_A_LEASE_NAME + 1] = {
	[HASWITCH_A_LEASE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
};

static const struct nla_policy hasw_node_failback_policy[HASWITCH_A_NODE_NAME + 1] = {
	[HASWITCH_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
};

static const struct nla_policy hasw_pulse_set_policy[HASWITCH_A_PULSE_KEY_ID + 1] = {
	[HASWITCH_A_PULSE_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_PULSE_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &hasw_pulse_id_range),
	[HASWITCH_A_PULSE_INTERVAL] = NLA_POLICY_FULL_RANGE(NLA_U64, &hasw_pulse_interval_range),
	[HASWITCH_A_PULSE_MULTIPLIER] = NLA_POLICY_RANGE(NLA_U8, 2, 255),
	[HASWITCH_A_PULSE_PATH] = NLA_POLICY_NESTED(hasw_pulse_path_policy),
	[HASWITCH_A_PULSE_TX_KEY] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_PULSE_RX_KEY] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_PULSE_KEY_ID] = { .type = NLA_U8 },
};

static const struct nla_policy hasw_pulse_key_policy[HASWITCH_A_PULSE_KEY_ID + 1] = {
	[HASWITCH_A_PULSE_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_PULSE_TX_KEY] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_PULSE_RX_KEY] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_PULSE_KEY_ID] = { .type = NLA_U8 },
};

static const struct nla_policy hasw_pulse_del_policy[HASWITCH_A_PULSE_NODE + 1] = {
	[HASWITCH_A_PULSE_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
};

static const struct nla_policy hasw_pulse_get_policy[HASWITCH_A_PULSE_NODE + 1] = {
	[HASWITCH_A_PULSE_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
};

static const struct nla_policy hasw_flow_get_policy[HASWITCH_A_FLOW_NAT_PORT + 1] = {
	[HASWITCH_A_FLOW_CLIENT4] = { .type = NLA_U32 },
	[HASWITCH_A_FLOW_CLIENT6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_FLOW_CLIENT_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_FLOW_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_FLOW_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_FLOW_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_FLOW_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_FLOW_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_FLOW_STATE] = NLA_POLICY_MAX(NLA_U8, HASWITCH_FLOW_STATE_CLOSING),
	[HASWITCH_A_FLOW_NAT_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy hasw_flow_del_policy[HASWITCH_A_FLOW_NAT_PORT + 1] = {
	[HASWITCH_A_FLOW_CLIENT4] = { .type = NLA_U32 },
	[HASWITCH_A_FLOW_CLIENT6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_FLOW_CLIENT_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_FLOW_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_FLOW_ADDR6] = NLA_POLICY_EXACT_LEN(16),
	[HASWITCH_A_FLOW_PROTO] = { .type = NLA_U8 },
	[HASWITCH_A_FLOW_PORT] = { .type = NLA_U16 },
	[HASWITCH_A_FLOW_NODE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_FLOW_STATE] = NLA_POLICY_MAX(NLA_U8, HASWITCH_FLOW_STATE_CLOSING),
	[HASWITCH_A_FLOW_NAT_PORT] = { .type = NLA_U16 },
};

static const struct nla_policy hasw_flow_limits_set_policy[HASWITCH_A_FLOW_LIMITS_OTHER + 1] = {
	[HASWITCH_A_FLOW_LIMITS_MOST] = NLA_POLICY_FULL_RANGE(NLA_U32, &hasw_flow_limits_most_range),
	[HASWITCH_A_FLOW_LIMITS_TCP_SYN] = { .type = NLA_U64 },
	[HASWITCH_A_FLOW_LIMITS_TCP] = { .type = NLA_U64 },
	[HASWITCH_A_FLOW_LIMITS_TCP_CLOSING] = { .type = NLA_U64 },
	[HASWITCH_A_FLOW_LIMITS_UDP] = { .type = NLA_U64 },
	[HASWITCH_A_FLOW_LIMITS_OTHER] = { .type = NLA_U64 },
};

static const struct nla_policy hasw_explain_policy[HASWITCH_A_EXPLAIN_CAME + 1] = {
	[HASWITCH_A_EXPLAIN_PACKET] = NLA_POLICY_RANGE(NLA_BINARY, 20, HASWITCH_EXPLAIN_MAX),
	[HASWITCH_A_EXPLAIN_IFINDEX] = { .type = NLA_U32 },
	[HASWITCH_A_EXPLAIN_LOCAL] = { .type = NLA_FLAG },
	[HASWITCH_A_EXPLAIN_LLADDR] = NLA_POLICY_EXACT_LEN(6),
	[HASWITCH_A_EXPLAIN_CAME] = NLA_POLICY_MAX(NLA_U8, HASWITCH_EXPLAIN_CAME_TUNNEL),
};

static const struct nla_policy hasw_lease_move_policy[HASWITCH_A_LEASE_ANSWER + 1] = {
	[HASWITCH_A_LEASE_NAME] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_SUCCESSOR] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_LEASE_ANSWER] = NLA_POLICY_MAX(NLA_U8, HASWITCH_MOVE_ANSWER_NO_VOTE),
};

static const struct nla_policy hasw_vip_announce_policy[HASWITCH_A_VIP_ADDR6 + 1] = {
	[HASWITCH_A_VIP_ADDR4] = { .type = NLA_U32 },
	[HASWITCH_A_VIP_ADDR6] = NLA_POLICY_EXACT_LEN(16),
};

static const struct nla_policy hasw_zone_set_policy[HASWITCH_A_NODE_WITHIN + 1] = {
	[HASWITCH_A_NODE_ZONE] = { .type = NLA_NUL_STRING, .len = HASWITCH_NAME_MAX },
	[HASWITCH_A_NODE_ADMIN] = NLA_POLICY_MAX(NLA_U8, HASWITCH_ADMIN_STATE_DOWN),
	[HASWITCH_A_NODE_WITHIN] = { .type = NLA_U64 },
};

const struct genl_ops hasw_genl_ops[HASW_GENL_N_OPS] = {
	{
		.cmd = HASWITCH_CMD_NODE_ADD,
		.doit = hasw_nl_node_add_doit,
		.policy = hasw_node_add_policy,
		.maxattr = HASWITCH_A_NODE_ENGINE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_NODE_SET,
		.doit = hasw_nl_node_set_doit,
		.policy = hasw_node_set_policy,
		.maxattr = HASWITCH_A_NODE_SHARE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_NODE_VERDICT,
		.doit = hasw_nl_node_verdict_doit,
		.policy = hasw_node_verdict_policy,
		.maxattr = HASWITCH_A_NODE_VERDICT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_NODE_DEL,
		.doit = hasw_nl_node_del_doit,
		.policy = hasw_node_del_policy,
		.maxattr = HASWITCH_A_NODE_NAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_NODE_GET,
		.doit = hasw_nl_node_get_doit,
		.dumpit = hasw_nl_node_get_dumpit,
		.policy = hasw_node_get_policy,
		.maxattr = HASWITCH_A_NODE_NAME,
	},
	{
		.cmd = HASWITCH_CMD_VIP_ADD,
		.doit = hasw_nl_vip_add_doit,
		.policy = hasw_vip_add_policy,
		.maxattr = HASWITCH_A_VIP_MARK,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_VIP_SET,
		.doit = hasw_nl_vip_set_doit,
		.policy = hasw_vip_set_policy,
		.maxattr = HASWITCH_A_VIP_MARK,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_VIP_DEL,
		.doit = hasw_nl_vip_del_doit,
		.policy = hasw_vip_del_policy,
		.maxattr = HASWITCH_A_VIP_ADDR6,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_VIP_GET,
		.doit = hasw_nl_vip_get_doit,
		.dumpit = hasw_nl_vip_get_dumpit,
		.policy = hasw_vip_get_policy,
		.maxattr = HASWITCH_A_VIP_ADDR6,
	},
	{
		.cmd = HASWITCH_CMD_SERVICE_ADD,
		.doit = hasw_nl_service_add_doit,
		.policy = hasw_service_add_policy,
		.maxattr = HASWITCH_A_SERVICE_ZONE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_SERVICE_SET,
		.doit = hasw_nl_service_set_doit,
		.policy = hasw_service_set_policy,
		.maxattr = HASWITCH_A_SERVICE_ZONE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_SERVICE_DEL,
		.doit = hasw_nl_service_del_doit,
		.policy = hasw_service_del_policy,
		.maxattr = HASWITCH_A_SERVICE_PORT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_SERVICE_GET,
		.doit = hasw_nl_service_get_doit,
		.dumpit = hasw_nl_service_get_dumpit,
		.policy = hasw_service_get_policy,
		.maxattr = HASWITCH_A_SERVICE_PORT,
	},
	{
		.cmd = HASWITCH_CMD_MEMBER_ADD,
		.doit = hasw_nl_member_add_doit,
		.policy = hasw_member_add_policy,
		.maxattr = HASWITCH_A_MEMBER_SPARE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_MEMBER_SET,
		.doit = hasw_nl_member_set_doit,
		.policy = hasw_member_set_policy,
		.maxattr = HASWITCH_A_MEMBER_SPARE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_MEMBER_DEL,
		.doit = hasw_nl_member_del_doit,
		.policy = hasw_member_del_policy,
		.maxattr = HASWITCH_A_MEMBER_AT_PORT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_MEMBER_GET,
		.doit = hasw_nl_member_get_doit,
		.dumpit = hasw_nl_member_get_dumpit,
		.policy = hasw_member_get_policy,
		.maxattr = HASWITCH_A_MEMBER_AT_PORT,
	},
	{
		.cmd = HASWITCH_CMD_BEAT,
		.doit = hasw_nl_beat_doit,
		.policy = hasw_beat_policy,
		.maxattr = HASWITCH_A_BEAT_TIME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_EVENT_GET,
		.dumpit = hasw_nl_event_get_dumpit,
		.policy = hasw_event_get_policy,
		.maxattr = HASWITCH_A_EVENT_SEQ,
	},
	{
		.cmd = HASWITCH_CMD_STATS_GET,
		.doit = hasw_nl_stats_get_doit,
		.policy = hasw_reject_policy,
		.maxattr = 1,
	},
	{
		.cmd = HASWITCH_CMD_CONFIG_BEGIN,
		.doit = hasw_nl_config_begin_doit,
		.policy = hasw_reject_policy,
		.maxattr = 1,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_CONFIG_COMMIT,
		.doit = hasw_nl_config_commit_doit,
		.policy = hasw_reject_policy,
		.maxattr = 1,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_CONFIG_ABORT,
		.doit = hasw_nl_config_abort_doit,
		.policy = hasw_reject_policy,
		.maxattr = 1,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_CONFIG_GET,
		.doit = hasw_nl_config_get_doit,
		.policy = hasw_reject_policy,
		.maxattr = 1,
	},
	{
		.cmd = HASWITCH_CMD_TIMES_GET,
		.doit = hasw_nl_times_get_doit,
		.policy = hasw_times_get_policy,
		.maxattr = HASWITCH_A_TIMES_PORT,
	},
	{
		.cmd = HASWITCH_CMD_LEASE_ADD,
		.doit = hasw_nl_lease_add_doit,
		.policy = hasw_lease_add_policy,
		.maxattr = HASWITCH_A_LEASE_RESIGN,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_LEASE_SET,
		.doit = hasw_nl_lease_set_doit,
		.policy = hasw_lease_set_policy,
		.maxattr = HASWITCH_A_LEASE_PARTLY,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_LEASE_RELEASE,
		.doit = hasw_nl_lease_release_doit,
		.policy = hasw_lease_release_policy,
		.maxattr = HASWITCH_A_LEASE_SUCCESSOR,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_LEASE_DEL,
		.doit = hasw_nl_lease_del_doit,
		.policy = hasw_lease_del_policy,
		.maxattr = HASWITCH_A_LEASE_NAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_LEASE_GET,
		.doit = hasw_nl_lease_get_doit,
		.dumpit = hasw_nl_lease_get_dumpit,
		.policy = hasw_lease_get_policy,
		.maxattr = HASWITCH_A_LEASE_NAME,
	},
	{
		.cmd = HASWITCH_CMD_NODE_FAILBACK,
		.doit = hasw_nl_node_failback_doit,
		.policy = hasw_node_failback_policy,
		.maxattr = HASWITCH_A_NODE_NAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_PULSE_SET,
		.doit = hasw_nl_pulse_set_doit,
		.policy = hasw_pulse_set_policy,
		.maxattr = HASWITCH_A_PULSE_KEY_ID,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_PULSE_KEY,
		.doit = hasw_nl_pulse_key_doit,
		.policy = hasw_pulse_key_policy,
		.maxattr = HASWITCH_A_PULSE_KEY_ID,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_PULSE_DEL,
		.doit = hasw_nl_pulse_del_doit,
		.policy = hasw_pulse_del_policy,
		.maxattr = HASWITCH_A_PULSE_NODE,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_PULSE_GET,
		.doit = hasw_nl_pulse_get_doit,
		.dumpit = hasw_nl_pulse_get_dumpit,
		.policy = hasw_pulse_get_policy,
		.maxattr = HASWITCH_A_PULSE_NODE,
	},
	{
		.cmd = HASWITCH_CMD_FLOW_GET,
		.dumpit = hasw_nl_flow_get_dumpit,
		.policy = hasw_flow_get_policy,
		.maxattr = HASWITCH_A_FLOW_NAT_PORT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_FLOW_DEL,
		.doit = hasw_nl_flow_del_doit,
		.policy = hasw_flow_del_policy,
		.maxattr = HASWITCH_A_FLOW_NAT_PORT,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_FLOW_LIMITS_SET,
		.doit = hasw_nl_flow_limits_set_doit,
		.policy = hasw_flow_limits_set_policy,
		.maxattr = HASWITCH_A_FLOW_LIMITS_OTHER,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_FLOW_LIMITS_GET,
		.doit = hasw_nl_flow_limits_get_doit,
		.policy = hasw_reject_policy,
		.maxattr = 1,
	},
	{
		.cmd = HASWITCH_CMD_EXPLAIN,
		.doit = hasw_nl_explain_doit,
		.policy = hasw_explain_policy,
		.maxattr = HASWITCH_A_EXPLAIN_CAME,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_LEASE_MOVE,
		.doit = hasw_nl_lease_move_doit,
		.policy = hasw_lease_move_policy,
		.maxattr = HASWITCH_A_LEASE_ANSWER,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_VIP_ANNOUNCE,
		.doit = hasw_nl_vip_announce_doit,
		.policy = hasw_vip_announce_policy,
		.maxattr = HASWITCH_A_VIP_ADDR6,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = HASWITCH_CMD_ZONE_SET,
		.doit = hasw_nl_zone_set_doit,
		.policy = hasw_zone_set_policy,
		.maxattr = HASWITCH_A_NODE_WITHIN,
		.flags = GENL_UNS_ADMIN_PERM,
	},
};

const struct genl_multicast_group hasw_genl_mcgrps[HASW_GENL_N_MCGRPS] = {
	[HASW_MCGRP_EVENTS] = { .name = HASWITCH_MCGRP_EVENTS },
};

const u64 hasw_genl_multi[__HASWITCH_CMD_MAX] = {
	[HASWITCH_CMD_VIP_ADD] =
		BIT_ULL(HASWITCH_A_VIP_DEV),
	[HASWITCH_CMD_VIP_SET] =
		BIT_ULL(HASWITCH_A_VIP_DEV),
	[HASWITCH_CMD_SERVICE_ADD] =
		BIT_ULL(HASWITCH_A_SERVICE_ALSO),
	[HASWITCH_CMD_SERVICE_SET] =
		BIT_ULL(HASWITCH_A_SERVICE_ALSO),
	[HASWITCH_CMD_BEAT] =
		BIT_ULL(HASWITCH_A_BEAT_NODE),
	[HASWITCH_CMD_LEASE_ADD] =
		BIT_ULL(HASWITCH_A_LEASE_PREFER) |
		BIT_ULL(HASWITCH_A_LEASE_ONLY),
	[HASWITCH_CMD_LEASE_SET] =
		BIT_ULL(HASWITCH_A_LEASE_PREFER) |
		BIT_ULL(HASWITCH_A_LEASE_ONLY),
	[HASWITCH_CMD_PULSE_SET] =
		BIT_ULL(HASWITCH_A_PULSE_PATH),
};

const u64 hasw_genl_dump[__HASWITCH_CMD_MAX] = {
	[HASWITCH_CMD_SERVICE_GET] =
		BIT_ULL(HASWITCH_A_SERVICE_ADDR4) |
		BIT_ULL(HASWITCH_A_SERVICE_ADDR6),
	[HASWITCH_CMD_MEMBER_GET] =
		BIT_ULL(HASWITCH_A_MEMBER_ADDR4) |
		BIT_ULL(HASWITCH_A_MEMBER_ADDR6) |
		BIT_ULL(HASWITCH_A_MEMBER_PROTO) |
		BIT_ULL(HASWITCH_A_MEMBER_PORT),
	[HASWITCH_CMD_EVENT_GET] =
		BIT_ULL(HASWITCH_A_EVENT_SEQ),
	[HASWITCH_CMD_FLOW_GET] =
		BIT_ULL(HASWITCH_A_FLOW_CLIENT4) |
		BIT_ULL(HASWITCH_A_FLOW_CLIENT6) |
		BIT_ULL(HASWITCH_A_FLOW_CLIENT_PORT) |
		BIT_ULL(HASWITCH_A_FLOW_ADDR4) |
		BIT_ULL(HASWITCH_A_FLOW_ADDR6) |
		BIT_ULL(HASWITCH_A_FLOW_PROTO) |
		BIT_ULL(HASWITCH_A_FLOW_PORT) |
		BIT_ULL(HASWITCH_A_FLOW_NODE) |
		BIT_ULL(HASWITCH_A_FLOW_STATE) |
		BIT_ULL(HASWITCH_A_FLOW_NAT_PORT),
};
