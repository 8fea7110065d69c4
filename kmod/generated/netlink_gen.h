/* SPDX-License-Identifier: GPL-2.0 */
/* Generated from include/netlink/specs/haswitch.yaml by scripts/generate.py; do not edit. */

#ifndef _HASW_NETLINK_GEN_H
#define _HASW_NETLINK_GEN_H

#include <net/genetlink.h>

#include <linux/haswitch.h>

#define HASW_GENL_N_OPS		43
#define HASW_GENL_N_MCGRPS	1

enum {
	HASW_MCGRP_EVENTS = 0,
};

extern const struct genl_ops hasw_genl_ops[HASW_GENL_N_OPS];
extern const struct genl_multicast_group hasw_genl_mcgrps[HASW_GENL_N_MCGRPS];

/* By command, one bit an attribute: which attributes a request may repeat, and
 * which a dump may hold (struct genl_ops has one policy for do and dump).
 */
extern const u64 hasw_genl_multi[__HASWITCH_CMD_MAX];
extern const u64 hasw_genl_dump[__HASWITCH_CMD_MAX];

int hasw_nl_node_add_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_node_verdict_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hasw_nl_vip_add_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_vip_set_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_vip_del_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_vip_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_vip_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hasw_nl_service_add_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_service_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hasw_nl_member_add_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_member_set_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_member_del_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_member_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_member_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hasw_nl_beat_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_event_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hasw_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_config_begin_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_config_commit_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_config_abort_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_times_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_lease_add_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_lease_set_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_lease_release_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_lease_del_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_lease_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_lease_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hasw_nl_node_failback_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_pulse_set_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_pulse_key_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_pulse_del_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_pulse_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_pulse_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hasw_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hasw_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_flow_limits_set_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_flow_limits_get_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_explain_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_lease_move_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_vip_announce_doit(struct sk_buff *skb, struct genl_info *info);
int hasw_nl_zone_set_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* _HASW_NETLINK_GEN_H */
