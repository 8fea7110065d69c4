/* SPDX-License-Identifier: GPL-2.0 */
/* Generated from include/netlink/specs/haswitch.yaml by scripts/generate.py; do not edit. */

#ifndef HASW_SPEC_GEN_H
#define HASW_SPEC_GEN_H

#include "../spec.h"

extern const struct hasw_enum hasw_enum_admin_state;
extern const struct hasw_enum hasw_enum_verdict;
extern const struct hasw_enum hasw_enum_agent_state;
extern const struct hasw_enum hasw_enum_node_state;
extern const struct hasw_enum hasw_enum_health;
extern const struct hasw_enum hasw_enum_new_flows;
extern const struct hasw_enum hasw_enum_via;
extern const struct hasw_enum hasw_enum_sched;
extern const struct hasw_enum hasw_enum_one_packet;
extern const struct hasw_enum hasw_enum_spare;
extern const struct hasw_enum hasw_enum_service_zone;
extern const struct hasw_enum hasw_enum_snat;
extern const struct hasw_enum hasw_enum_on_failover;
extern const struct hasw_enum hasw_enum_flow_state;
extern const struct hasw_enum hasw_enum_stray;
extern const struct hasw_enum hasw_enum_hook;
extern const struct hasw_enum hasw_enum_on_loss;
extern const struct hasw_enum hasw_enum_resign;
extern const struct hasw_enum hasw_enum_role;
extern const struct hasw_enum hasw_enum_reach;
extern const struct hasw_enum hasw_enum_event_kind;
extern const struct hasw_enum hasw_enum_move_answer;
extern const struct hasw_enum hasw_enum_cause;
extern const struct hasw_enum hasw_enum_object;
extern const struct hasw_enum hasw_enum_action;
extern const struct hasw_enum hasw_enum_evidence;
extern const struct hasw_enum hasw_enum_explain_way;
extern const struct hasw_enum hasw_enum_explain_drop;
extern const struct hasw_enum hasw_enum_explain_door;
extern const struct hasw_enum hasw_enum_explain_slow;
extern const struct hasw_enum hasw_enum_explain_flow;
extern const struct hasw_enum hasw_enum_explain_came;
extern const struct hasw_enum hasw_enum_pulse_state;
extern const struct hasw_enum hasw_enum_pulse_kind;

extern const struct hasw_set hasw_set_node;
extern const struct hasw_set hasw_set_vip;
extern const struct hasw_set hasw_set_service;
extern const struct hasw_set hasw_set_member;
extern const struct hasw_set hasw_set_beat;
extern const struct hasw_set hasw_set_event;
extern const struct hasw_set hasw_set_bucket;
extern const struct hasw_set hasw_set_stats;
extern const struct hasw_set hasw_set_flow;
extern const struct hasw_set hasw_set_flow_limits;
extern const struct hasw_set hasw_set_config;
extern const struct hasw_set hasw_set_times;
extern const struct hasw_set hasw_set_lease;
extern const struct hasw_set hasw_set_pulse_path;
extern const struct hasw_set hasw_set_pulse_path_state;
extern const struct hasw_set hasw_set_pulse;
extern const struct hasw_set hasw_set_explain;

/* Indexed by command; the first entry is empty. */
#define HASW_N_OPS 45
extern const struct hasw_op hasw_ops[HASW_N_OPS];

#endif
