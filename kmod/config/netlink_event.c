// SPDX-License-Identifier: GPL-2.0
/* Operations on events, counters and the configuration as a whole. */
#include "compat/compat.h"
#include "netlink.h"
#include "restore.h"
#include "service/switch_times.h"

static int hasw_nl_put_u64(struct sk_buff *skb, u16 attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, HASWITCH_A_EVENT_PAD);
}

static int hasw_nl_event_put_vip(struct sk_buff *skb,
				 const struct hasw_event *ev)
{
	static const struct hasw_nl_key_attrs attrs = {
		.addr4 = HASWITCH_A_EVENT_ADDR4,
		.addr6 = HASWITCH_A_EVENT_ADDR6,
		.proto = HASWITCH_A_EVENT_PROTO,
		.port = HASWITCH_A_EVENT_PORT,
	};
	struct hasw_nl_key key = {
		.addr = ev->addr,
		.family = ev->family,
		.proto = ev->proto,
		.port = ev->port,
	};

	return ev->family ? hasw_nl_key_put(skb, &attrs, &key) : 0;
}

static int hasw_nl_event_put_successor(struct sk_buff *skb,
				       const struct hasw_event *ev)
{
	return ev->successor[0] ?
	       nla_put_string(skb, HASWITCH_A_EVENT_SUCCESSOR, ev->successor) :
	       0;
}

static int hasw_nl_event_put_member(struct sk_buff *skb,
				    const struct hasw_event *ev)
{
	return ev->nat_port ? nla_put_u16(skb, HASWITCH_A_EVENT_NAT_PORT,
					  ev->nat_port) : 0;
}

static int hasw_nl_event_put_kind(struct sk_buff *skb,
				  const struct hasw_event *ev)
{
	switch (ev->kind) {
	case HASWITCH_EVENT_KIND_NODE:
		return nla_put_u8(skb, HASWITCH_A_EVENT_FROM, ev->from) ||
		       nla_put_u8(skb, HASWITCH_A_EVENT_TO, ev->to);
	case HASWITCH_EVENT_KIND_LEASE:
		return hasw_nl_put_u64(skb, HASWITCH_A_EVENT_EPOCH,
				       ev->epoch) ||
		       (ev->told && nla_put_u8(skb, HASWITCH_A_EVENT_TOLD,
					       ev->told)) ||
		       hasw_nl_event_put_successor(skb, ev);
	case HASWITCH_EVENT_KIND_LEASE_MOVE:
		return hasw_nl_event_put_successor(skb, ev) ||
		       (ev->answers && nla_put_u8(skb, HASWITCH_A_EVENT_ANSWER,
						  ev->answer));
	case HASWITCH_EVENT_KIND_MEMBER:
		return nla_put_u8(skb, HASWITCH_A_EVENT_HEALTH, ev->health) ||
		       hasw_nl_put_u64(skb, HASWITCH_A_EVENT_EPOCH,
				       ev->epoch) ||
		       hasw_nl_event_put_member(skb, ev);
	case HASWITCH_EVENT_KIND_NODE_SHARE:
		return nla_put_u8(skb, HASWITCH_A_EVENT_SHARE, ev->to);
	case HASWITCH_EVENT_KIND_SPARE_IN:
	case HASWITCH_EVENT_KIND_SPARE_OUT:
	case HASWITCH_EVENT_KIND_FLOW_PORTS:
	case HASWITCH_EVENT_KIND_FLOW_ALIKE:
		return hasw_nl_event_put_member(skb, ev);
	case HASWITCH_EVENT_KIND_FIRST_PACKET:
		return hasw_nl_put_u64(skb, HASWITCH_A_EVENT_FIRST_PACKET,
				       ev->first_packet) ||
		       hasw_nl_put_u64(skb, HASWITCH_A_EVENT_SWITCH,
				       ev->switch_seq) ||
		       hasw_nl_put_u64(skb, HASWITCH_A_EVENT_EPOCH, ev->epoch);
	case HASWITCH_EVENT_KIND_CONFIG:
		return nla_put_u8(skb, HASWITCH_A_EVENT_OBJECT, ev->object) ||
		       nla_put_u8(skb, HASWITCH_A_EVENT_ACTION, ev->action) ||
		       hasw_nl_put_u64(skb, HASWITCH_A_EVENT_GENERATION,
				       ev->generation) ||
		       hasw_nl_event_put_member(skb, ev);
	case HASWITCH_EVENT_KIND_VIP_CONFLICT:
		return nla_put_string(skb, HASWITCH_A_EVENT_DEV, ev->dev) ||
		       nla_put(skb, HASWITCH_A_EVENT_LLADDR, sizeof(ev->lladdr),
			       ev->lladdr);
	case HASWITCH_EVENT_KIND_PULSE_PATH:
		return nla_put_u8(skb, HASWITCH_A_EVENT_PATH, ev->path) ||
		       nla_put_u8(skb, HASWITCH_A_EVENT_PULSE_FROM, ev->from) ||
		       nla_put_u8(skb, HASWITCH_A_EVENT_PULSE_TO, ev->to);
	case HASWITCH_EVENT_KIND_PULSE_TOLD:
		return nla_put_u8(skb, HASWITCH_A_EVENT_TOLD, ev->told) ||
		       hasw_nl_put_u64(skb, HASWITCH_A_EVENT_VALUE, ev->value);
	}
	return 0;
}

static int hasw_nl_event_fill(struct sk_buff *skb, struct hasw_net *hn,
			      const void *obj)
{
	const struct hasw_event *ev = obj;

	if (hasw_nl_put_u64(skb, HASWITCH_A_EVENT_SEQ, ev->seq) ||
	    hasw_nl_put_u64(skb, HASWITCH_A_EVENT_TIME, ev->time) ||
	    nla_put_u8(skb, HASWITCH_A_EVENT_KIND, ev->kind) ||
	    (ev->cause && nla_put_u8(skb, HASWITCH_A_EVENT_CAUSE, ev->cause)) ||
	    (ev->node[0] && nla_put_string(skb, HASWITCH_A_EVENT_NODE,
					   ev->node)) ||
	    (ev->lease[0] && nla_put_string(skb, HASWITCH_A_EVENT_LEASE,
					    ev->lease)) ||
	    hasw_nl_evidence_put(skb, HASWITCH_A_EVENT_EVIDENCE,
				 ev->evidence) ||
	    hasw_nl_event_put_vip(skb, ev) ||
	    (ev->decision && hasw_nl_put_u64(skb, HASWITCH_A_EVENT_DECISION,
					     ev->decision)) ||
	    (ev->publish && hasw_nl_put_u64(skb, HASWITCH_A_EVENT_PUBLISH,
					    ev->publish)) ||
	    hasw_nl_event_put_kind(skb, ev))
		return -EMSGSIZE;
	return 0;
}

static const struct hasw_nl_kind hasw_nl_event_kind = {
	.cmd = HASWITCH_CMD_EVENT_GET,
	.fill = hasw_nl_event_fill,
};

/**
 * hasw_nl_event_send() - sends an event to the multicast group
 * @hn: namespace
 * @ev: the event
 *
 * Context: process.
 */
void hasw_nl_event_send(struct hasw_net *hn, const struct hasw_event *ev)
{
	struct sk_buff *msg;
	void *hdr;

	if (!genl_has_listeners(&hasw_genl_family, hn->net, HASW_MCGRP_EVENTS))
		return;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &hasw_genl_family, 0,
			  HASWITCH_CMD_EVENT_NTF);
	if (!hdr || hasw_nl_event_fill(msg, hn, ev)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&hasw_genl_family, hn->net, msg, 0,
				HASW_MCGRP_EVENTS, GFP_KERNEL);
}

int hasw_nl_event_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hasw_net *hn = hasw_net_of(sock_net(cb->skb->sk));
	struct hasw_nl_ctx *ctx = hasw_nl_dump_ctx(cb);
	struct nlattr **attrs = hasw_genl_dump_attrs(cb);
	struct hasw_event ev;
	int err;

	err = hasw_nl_dump_check(cb);
	if (err)
		return err;
	if (!ctx->seq) {
		ctx->seq = 1;
		if (attrs[HASWITCH_A_EVENT_SEQ])
			ctx->seq = nla_get_u64(attrs[HASWITCH_A_EVENT_SEQ]) ?: 1;
	}
	while (hasw_event_get(hn, ctx->seq, &ev)) {
		if (hasw_nl_dump_put(skb, cb, &hasw_nl_event_kind, &ev))
			break;
		ctx->seq = ev.seq + 1;
	}
	return skb->len;
}

static int hasw_nl_histogram_put(struct sk_buff *skb, u16 attr,
				 const u64 *buckets)
{
	struct nlattr *nest;
	int i;

	for (i = 0; i < HASW_BUCKETS; i++) {
		if (!buckets[i])
			continue;
		nest = nla_nest_start(skb, attr);
		if (!nest ||
		    nla_put_u64_64bit(skb, HASWITCH_A_BUCKET_BELOW,
				      hasw_histogram_below(i),
				      HASWITCH_A_BUCKET_PAD) ||
		    nla_put_u64_64bit(skb, HASWITCH_A_BUCKET_COUNT, buckets[i],
				      HASWITCH_A_BUCKET_PAD))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

/* Returns the type of the attribute that holds a counter. */
static int hasw_nl_stats_attr(enum hasw_stat stat)
{
	BUILD_BUG_ON(HASWITCH_A_STATS_BEATS - HASWITCH_A_STATS_SEEN !=
		     HASW_STAT_BEATS - HASW_STAT_SEEN);
	BUILD_BUG_ON(HASWITCH_A_STATS_MAX - HASWITCH_A_STATS_STRAY_SENT !=
		     HASW_STAT_COUNT - 1 - HASW_STAT_STRAY_SENT);
	if (stat <= HASW_STAT_BEATS)
		return HASWITCH_A_STATS_SEEN + stat;
	return HASWITCH_A_STATS_STRAY_SENT + stat - HASW_STAT_STRAY_SENT;
}

static int hasw_nl_stats_fill(struct sk_buff *skb, struct hasw_net *hn,
			      const void *obj)
{
	struct hasw_histogram histogram;
	u64 sum[HASW_STAT_COUNT];
	int i;

	hasw_stats_sum(hn, sum);
	for (i = 0; i < HASW_STAT_COUNT; i++)
		if (nla_put_u64_64bit(skb, hasw_nl_stats_attr(i), sum[i],
				      HASWITCH_A_STATS_PAD))
			return -EMSGSIZE;
	spin_lock_bh(&hn->state_lock);
	histogram = *hn->histogram;
	spin_unlock_bh(&hn->state_lock);
	return hasw_nl_histogram_put(skb, HASWITCH_A_STATS_DECISION_PUBLISH,
				     histogram.decision_publish) ?:
	       hasw_nl_histogram_put(skb, HASWITCH_A_STATS_PUBLISH_FIRST,
				     histogram.publish_first) ?:
	       hasw_nl_histogram_put(skb, HASWITCH_A_STATS_DECISION_FIRST,
				     histogram.decision_first);
}

static const struct hasw_nl_kind hasw_nl_stats_kind = {
	.cmd = HASWITCH_CMD_STATS_GET,
	.fill = hasw_nl_stats_fill,
};

int hasw_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_reply(info, &hasw_nl_stats_kind, NULL);
}

static const struct hasw_nl_key_attrs hasw_nl_times_key = {
	.addr4 = HASWITCH_A_TIMES_ADDR4,
	.addr6 = HASWITCH_A_TIMES_ADDR6,
	.proto = HASWITCH_A_TIMES_PROTO,
	.port = HASWITCH_A_TIMES_PORT,
};

/* Puts switch times (how long changes of the serving node took) into a message:
 * the times of the service @obj, or of the whole namespace if @obj is NULL.
 */
static int hasw_nl_times_fill(struct sk_buff *skb, struct hasw_net *hn,
			      const void *obj)
{
	const struct hasw_service *service = obj;
	struct hasw_histogram times;
	struct hasw_nl_key key;
	u64 moves = 0;
	int i;

	if (service) {
		key.addr = service->vip->addr;
		key.family = service->vip->family;
		key.proto = service->proto;
		key.port = service->port;
		if (hasw_nl_key_put(skb, &hasw_nl_times_key, &key))
			return -EMSGSIZE;
		hasw_times_read(hn, service, &times);
	} else {
		spin_lock_bh(&hn->state_lock);
		times = *hn->histogram;
		spin_unlock_bh(&hn->state_lock);
	}
	for (i = 0; i < HASW_BUCKETS; i++)
		moves += times.publish_first[i];
	if (nla_put_u64_64bit(skb, HASWITCH_A_TIMES_MOVES, moves,
			      HASWITCH_A_TIMES_PAD))
		return -EMSGSIZE;
	return hasw_nl_histogram_put(skb, HASWITCH_A_TIMES_DECISION_PUBLISH,
				     times.decision_publish) ?:
	       hasw_nl_histogram_put(skb, HASWITCH_A_TIMES_PUBLISH_FIRST,
				     times.publish_first) ?:
	       hasw_nl_histogram_put(skb, HASWITCH_A_TIMES_DECISION_FIRST,
				     times.decision_first);
}

static const struct hasw_nl_kind hasw_nl_times_kind = {
	.cmd = HASWITCH_CMD_TIMES_GET,
	.fill = hasw_nl_times_fill,
};

int hasw_nl_times_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_service *service = NULL;
	struct hasw_nl_key key;
	struct hasw_vip *vip;
	int i, err;

	for (i = 0; i <= HASWITCH_A_TIMES_PORT && !info->attrs[i]; i++)
		;
	if (i <= HASWITCH_A_TIMES_PORT) {
		err = hasw_nl_key_get(info->attrs, info->extack,
				      &hasw_nl_times_key, &key);
		if (err)
			return err;
		vip = hasw_nl_vip(info, &key, HASWITCH_A_TIMES_ADDR4,
				  HASWITCH_A_TIMES_ADDR6);
		if (IS_ERR(vip))
			return PTR_ERR(vip);
		service = hasw_nl_service_at(info, vip, &key);
		if (IS_ERR(service))
			return PTR_ERR(service);
	}
	return hasw_nl_reply(info, &hasw_nl_times_kind, service);
}

int hasw_nl_config_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_restore_begin(hasw_nl_net(info), info->snd_portid,
				 info->extack);
}

int hasw_nl_config_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_config_cursor at = {};

	/* The mutex is released between the calls. Otherwise the agent's
	 * operations could be delayed until this node's grants have expired.
	 */
	while (hasw_restore_prepare(hasw_nl_net(info), info->snd_portid, &at)) {
		u64 decision = hasw_nl_pause(info);

		cond_resched();
		hasw_nl_resume(info, decision);
	}
	return hasw_restore_commit(hasw_nl_net(info), info->snd_portid,
				   info->extack);
}

int hasw_nl_config_abort_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_restore_abort(hasw_nl_net(info), info->snd_portid,
				 info->extack);
}

static int hasw_nl_config_fill(struct sk_buff *skb, struct hasw_net *hn,
			       const void *obj)
{
	const struct hasw_config *cfg = obj;

	if (nla_put_u64_64bit(skb, HASWITCH_A_CONFIG_GENERATION, hn->generation,
			      HASWITCH_A_CONFIG_PAD) ||
	    nla_put_u32(skb, HASWITCH_A_CONFIG_NODES, cfg->n_nodes) ||
	    nla_put_u32(skb, HASWITCH_A_CONFIG_VIPS,
			cfg->vips4.count + cfg->vips6.count) ||
	    nla_put_u32(skb, HASWITCH_A_CONFIG_SERVICES, cfg->n_services) ||
	    nla_put_u32(skb, HASWITCH_A_CONFIG_MEMBERS, cfg->n_members) ||
	    nla_put_u32(skb, HASWITCH_A_CONFIG_LEASES, cfg->n_leases) ||
	    nla_put_u32(skb, HASWITCH_A_CONFIG_DOORS, hn->fast.n) ||
	    (READ_ONCE(hn->beat.stalled) &&
	     nla_put_flag(skb, HASWITCH_A_CONFIG_AGENT_STALLED)))
		return -EMSGSIZE;
	return 0;
}

static const struct hasw_nl_kind hasw_nl_config_kind = {
	.cmd = HASWITCH_CMD_CONFIG_GET,
	.fill = hasw_nl_config_fill,
};

int hasw_nl_config_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_reply(info, &hasw_nl_config_kind, hasw_nl_config(info));
}
