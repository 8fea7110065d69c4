// SPDX-License-Identifier: GPL-2.0
/* Operations on the limits of tracked flows. */
#include "flow/flow.h"
#include "netlink.h"

/* Where a time is in the messages. */
static const u16 hasw_nl_limits_attr[HASW_LIMITS] = {
	[HASW_LIMIT_TCP_SYN] = HASWITCH_A_FLOW_LIMITS_TCP_SYN,
	[HASW_LIMIT_TCP] = HASWITCH_A_FLOW_LIMITS_TCP,
	[HASW_LIMIT_TCP_CLOSING] = HASWITCH_A_FLOW_LIMITS_TCP_CLOSING,
	[HASW_LIMIT_UDP] = HASWITCH_A_FLOW_LIMITS_UDP,
	[HASW_LIMIT_OTHER] = HASWITCH_A_FLOW_LIMITS_OTHER,
};

int hasw_nl_flow_limits_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_config *cfg = hasw_nl_config(info);
	struct hasw_limits limits = cfg->limits;
	struct hasw_event ev = {
		.object = HASWITCH_OBJECT_ALL,
		.action = HASWITCH_ACTION_SET,
	};
	const struct nlattr *attr;
	int err, i;

	attr = info->attrs[HASWITCH_A_FLOW_LIMITS_MOST];
	if (attr)
		limits.max = nla_get_u32(attr);
	if (attr && limits.max > HASW_LIMIT_MAX_DEFAULT &&
	    !netlink_capable(skb, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "more than 262144 flows need CAP_NET_ADMIN in the first user namespace");
		return -EPERM;
	}
	for (i = 0; i < HASW_LIMITS; i++) {
		attr = info->attrs[hasw_nl_limits_attr[i]];
		if (!attr)
			continue;
		limits.ns[i] = nla_get_u64(attr);
		if (limits.ns[i] >= NSEC_PER_SEC &&
		    limits.ns[i] <= HASWITCH_FLOW_TIMEOUT_MAX)
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a flow is kept for 1 second to 7 days");
		return -ERANGE;
	}
	err = hasw_event_prepare(hasw_nl_net(info));
	if (err)
		return err;
	hasw_config_set_limits(cfg, &limits);
	hasw_config_changed(hasw_nl_net(info), cfg, &ev);
	return 0;
}

static int hasw_nl_flow_limits_fill(struct sk_buff *skb, struct hasw_net *hn,
				    const void *obj)
{
	const struct hasw_limits *limits = obj;
	u32 count = hn->flows ? atomic_read(&hn->flows->count) : 0;
	int i;

	if (nla_put_u32(skb, HASWITCH_A_FLOW_LIMITS_MOST, limits->max) ||
	    nla_put_u32(skb, HASWITCH_A_FLOW_LIMITS_COUNT, count))
		return -EMSGSIZE;
	for (i = 0; i < HASW_LIMITS; i++)
		if (nla_put_u64_64bit(skb, hasw_nl_limits_attr[i],
				      limits->ns[i],
				      HASWITCH_A_FLOW_LIMITS_PAD))
			return -EMSGSIZE;
	return 0;
}

int hasw_nl_flow_limits_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_reply(info, HASWITCH_CMD_FLOW_LIMITS_GET,
			     hasw_nl_flow_limits_fill,
			     &hasw_nl_config(info)->limits);
}
