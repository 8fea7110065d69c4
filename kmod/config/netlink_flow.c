// SPDX-License-Identifier: GPL-2.0
/* Operations on tracked flows and on the limits of their number and duration.
 */
#include <linux/sched/signal.h>

#include "compat/compat.h"
#include "flow/flow.h"
#include "netlink.h"

static const struct hasw_nl_key_attrs hasw_nl_flow_vip = {
	.addr4 = HASWITCH_A_FLOW_ADDR4,
	.addr6 = HASWITCH_A_FLOW_ADDR6,
};

static const struct hasw_nl_key_attrs hasw_nl_flow_client = {
	.addr4 = HASWITCH_A_FLOW_CLIENT4,
	.addr6 = HASWITCH_A_FLOW_CLIENT6,
};

/* Number of flow buckets read between two calls of cond_resched(). */
#define HASW_NL_FLOW_BATCH 1024

/**
 * struct hasw_nl_flow_filter - which flows a message selects
 * @attrs: attributes of the message
 * @vip: address of the flows' vip; a family of 0 matches each vip
 * @client: address of the flows' client; a family of 0 matches each client
 */
struct hasw_nl_flow_filter {
	struct nlattr **attrs;
	struct hasw_nl_key vip;
	struct hasw_nl_key client;
};

static int hasw_nl_flow_filter_get(struct nlattr **attrs,
				   struct netlink_ext_ack *extack,
				   struct hasw_nl_flow_filter *filter)
{
	int err = 0;

	memset(filter, 0, sizeof(*filter));
	filter->attrs = attrs;
	if (attrs[HASWITCH_A_FLOW_ADDR4] || attrs[HASWITCH_A_FLOW_ADDR6])
		err = hasw_nl_key_get(attrs, extack, &hasw_nl_flow_vip,
				      &filter->vip);
	if (!err && (attrs[HASWITCH_A_FLOW_CLIENT4] ||
		     attrs[HASWITCH_A_FLOW_CLIENT6]))
		err = hasw_nl_key_get(attrs, extack, &hasw_nl_flow_client,
				      &filter->client);
	return err;
}

/* Sets @addr to the address of the flow's client if @end is 0, or of the flow's
 * vip if @end is 1.
 */
static void hasw_nl_flow_addr(const struct hasw_flow *f, int end,
			      struct in6_addr *addr)
{
	const __be32 *from = f->addr + end * hasw_flow_words(f->kind);

	if (f->kind & HASW_FLOW_IPV6)
		memcpy(addr, from, sizeof(*addr));
	else
		ipv6_addr_set_v4mapped(*from, addr);
}

static u16 hasw_nl_flow_family(const struct hasw_flow *f)
{
	return f->kind & HASW_FLOW_IPV6 ? AF_INET6 : AF_INET;
}

/* Finds the member that the flow is assigned to, and its service. Sets of->m to
 * NULL if there is none. The caller is in an RCU read side and holds the lock
 * of the flow's bucket.
 */
static void hasw_nl_flow_member(const struct hasw_config *cfg,
				const struct hasw_flow *f,
				struct hasw_nl_of *of)
{
	struct hasw_share *share = rcu_dereference(f->share);

	of->service = hasw_flow_service(hasw_flow_vip(cfg, f), f);
	of->m = of->service ?
		hasw_flow_member(rcu_dereference(of->service->members),
				 share) : NULL;
}

static bool hasw_nl_flow_has_addr(const struct hasw_flow *f, int end,
				  const struct hasw_nl_key *key)
{
	struct in6_addr addr;

	if (!key->family)
		return true;
	hasw_nl_flow_addr(f, end, &addr);
	return hasw_nl_flow_family(f) == key->family &&
	       ipv6_addr_equal(&addr, &key->addr);
}

/* Returns whether the filter selects flows by their member. */
static bool hasw_nl_flow_by_member(const struct hasw_nl_flow_filter *filter)
{
	return filter->attrs[HASWITCH_A_FLOW_NODE] ||
	       filter->attrs[HASWITCH_A_FLOW_NAT_PORT];
}

/* Returns whether a flow's member matches the filter. */
static bool hasw_nl_flow_is_of(const struct hasw_nl_flow_filter *filter,
			       const struct hasw_nl_of *of)
{
	const struct nlattr *node = filter->attrs[HASWITCH_A_FLOW_NODE];
	const struct nlattr *port = filter->attrs[HASWITCH_A_FLOW_NAT_PORT];

	if (!of->m || (node && nla_strcmp(node, of->m->node->name)))
		return false;
	return !port || (nla_get_u16(port) ?: of->service->port) ==
			hasw_member_port(of->service, of->m);
}

/* Returns whether a flow matches all attributes of the filter. @of is the
 * flow's member, if the filter asks for it.
 */
static bool hasw_nl_flow_matches(const struct hasw_nl_flow_filter *filter,
				 const struct hasw_flow *f,
				 const struct hasw_nl_of *of)
{
	struct nlattr **a = filter->attrs;

	if (!hasw_nl_flow_has_addr(f, 0, &filter->client) ||
	    !hasw_nl_flow_has_addr(f, 1, &filter->vip))
		return false;
	if (a[HASWITCH_A_FLOW_PROTO] &&
	    nla_get_u8(a[HASWITCH_A_FLOW_PROTO]) != f->proto)
		return false;
	if (a[HASWITCH_A_FLOW_PORT] &&
	    nla_get_u16(a[HASWITCH_A_FLOW_PORT]) != ntohs(f->ports[1]))
		return false;
	if (a[HASWITCH_A_FLOW_CLIENT_PORT] &&
	    (f->kind & HASW_FLOW_CLIENT ||
	     nla_get_u16(a[HASWITCH_A_FLOW_CLIENT_PORT]) != ntohs(f->ports[0])))
		return false;
	if (a[HASWITCH_A_FLOW_STATE] &&
	    nla_get_u8(a[HASWITCH_A_FLOW_STATE]) != f->state)
		return false;
	return !hasw_nl_flow_by_member(filter) ||
	       hasw_nl_flow_is_of(filter, of);
}

/**
 * struct hasw_nl_flow_dump - state of one message of a dump, or of a deletion
 * @hn: namespace
 * @filter: which flows are dumped or deleted
 * @cb: the dump
 * @skb: message of the dump
 * @skip: number of flows of the current bucket that were read for earlier
 *	messages
 * @seen: in a dump, number of flows of the current bucket that were read; in a
 *	deletion, number of flows that were deleted
 * @full: the message has no room for the next flow
 */
struct hasw_nl_flow_dump {
	struct hasw_net *hn;
	struct hasw_nl_flow_filter filter;
	struct netlink_callback *cb;
	struct sk_buff *skb;
	u32 skip;
	u32 seen;
	bool full;
};

/**
 * struct hasw_nl_flow_shown - a flow in a dump
 * @f: the flow
 * @of: member that the flow is assigned to; hasw_nl_of.m may be NULL
 */
struct hasw_nl_flow_shown {
	const struct hasw_flow *f;
	struct hasw_nl_of of;
};

static int hasw_nl_flow_fill(struct sk_buff *skb, struct hasw_net *hn,
			     const void *obj)
{
	const struct hasw_nl_flow_shown *shown = obj;
	const struct hasw_member *m = shown->of.m;
	const struct hasw_flow *f = shown->f;
	u16 port = m ? hasw_member_own_port(m) : 0;
	s32 left = READ_ONCE(f->expires) - (u32)jiffies;
	struct in6_addr client, vip;

	hasw_nl_flow_addr(f, 0, &client);
	hasw_nl_flow_addr(f, 1, &vip);
	if (hasw_nl_addr_put(skb, HASWITCH_A_FLOW_CLIENT4,
			     HASWITCH_A_FLOW_CLIENT6, &client,
			     hasw_nl_flow_family(f)) ||
	    hasw_nl_addr_put(skb, HASWITCH_A_FLOW_ADDR4, HASWITCH_A_FLOW_ADDR6,
			     &vip, hasw_nl_flow_family(f)) ||
	    nla_put_u8(skb, HASWITCH_A_FLOW_PROTO, f->proto) ||
	    nla_put_u16(skb, HASWITCH_A_FLOW_PORT, ntohs(f->ports[1])) ||
	    (f->kind & HASW_FLOW_CLIENT ?
	     nla_put_u8(skb, HASWITCH_A_FLOW_MASK, f->mask) :
	     nla_put_u16(skb, HASWITCH_A_FLOW_CLIENT_PORT,
			 ntohs(f->ports[0]))) ||
	    (m && nla_put_string(skb, HASWITCH_A_FLOW_NODE, m->node->name)) ||
	    (port && nla_put_u16(skb, HASWITCH_A_FLOW_NAT_PORT, port)) ||
	    nla_put_u8(skb, HASWITCH_A_FLOW_STATE, f->state) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_FLOW_EXPIRES,
			      left > 0 ? jiffies64_to_nsecs(left) : 0,
			      HASWITCH_A_FLOW_PAD))
		return -EMSGSIZE;
	return 0;
}

static const struct hasw_nl_kind hasw_nl_flow_kind = {
	.cmd = HASWITCH_CMD_FLOW_GET,
	.fill = hasw_nl_flow_fill,
};

/* Puts a flow into the message if the flow matches the filter, has not expired,
 * and was not read for an earlier message. Always returns false, so that
 * hasw_flows_at() deletes no flow. The caller holds the lock of the flow's
 * bucket.
 */
static bool hasw_nl_flow_show(struct hasw_flow *f, void *data)
{
	struct hasw_nl_flow_dump *dump = data;
	struct hasw_nl_flow_shown shown = { .f = f };

	if (dump->full)
		return false;
	if (dump->seen++ < dump->skip || hasw_flow_over(f))
		return false;
	hasw_nl_flow_member(rcu_dereference(dump->hn->config), f, &shown.of);
	if (!hasw_nl_flow_matches(&dump->filter, f, &shown.of))
		return false;
	if (hasw_nl_dump_put(dump->skb, dump->cb, &hasw_nl_flow_kind, &shown)) {
		dump->full = true;
		dump->seen--;
	}
	return false;
}

/* Returns -ENOENT if the dump's filter names a node that does not exist. */
static int hasw_nl_flow_check_node(struct netlink_callback *cb)
{
	const struct nlattr *attr =
		hasw_genl_dump_attrs(cb)[HASWITCH_A_FLOW_NODE];
	bool found;

	if (!attr)
		return 0;
	found = hasw_node_find(hasw_nl_dump_begin(cb), nla_data(attr));
	hasw_nl_dump_end(cb);
	if (found)
		return 0;
	NL_SET_ERR_MSG_ATTR(cb->extack, attr, "there is no node of that name");
	return -ENOENT;
}

/* The dump locks only one bucket at a time, so flows can begin or end during
 * the dump. Such changes do not mark the dump as interrupted (NLM_F_DUMP_INTR).
 */
int hasw_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hasw_nl_ctx *ctx = hasw_nl_dump_ctx(cb);
	struct hasw_nl_flow_dump dump = {
		.hn = hasw_net_of(sock_net(cb->skb->sk)), .cb = cb, .skb = skb,
	};
	/* Pairs with smp_store_release() in hasw_flows_open(). */
	struct hasw_flows *flows = smp_load_acquire(&dump.hn->flows);
	u32 n = 0;
	u64 next;
	int err;

	err = hasw_nl_dump_check(cb) ?:
	      hasw_nl_flow_filter_get(hasw_genl_dump_attrs(cb), cb->extack,
				      &dump.filter);
	if (!err && !ctx->pos)
		err = hasw_nl_flow_check_node(cb);
	if (err)
		return err;
	/* hasw_nl_flow_check_node() is called for the first message only, so
	 * that a deletion of the node during the dump causes no error.
	 */
	ctx->pos = 1;
	/* ctx->seq is the position of the next bucket. */
	while (flows && ctx->seq <= U32_MAX) {
		dump.skip = ctx->sub;
		dump.seen = 0;
		next = hasw_flows_at(flows, ctx->seq, hasw_nl_flow_show, &dump);
		if (dump.full) {
			ctx->sub = dump.seen;
			break;
		}
		ctx->sub = 0;
		ctx->seq = next;
		if (++n % HASW_NL_FLOW_BATCH)
			continue;
		if (signal_pending(current))
			return skb->len ?: -EINTR;
		cond_resched();
	}
	return skb->len;
}

static bool hasw_nl_flow_delete(struct hasw_flow *f, void *data)
{
	struct hasw_nl_flow_dump *dump = data;
	struct hasw_nl_of of = {};

	if (hasw_nl_flow_by_member(&dump->filter))
		hasw_nl_flow_member(rcu_dereference(dump->hn->config), f, &of);
	if (!hasw_nl_flow_matches(&dump->filter, f, &of))
		return false;
	dump->seen++;
	return true;
}

static int hasw_nl_flow_deleted_fill(struct sk_buff *skb, struct hasw_net *hn,
				     const void *obj)
{
	return nla_put_u32(skb, HASWITCH_A_FLOW_DELETED, *(const u32 *)obj);
}

static const struct hasw_nl_kind hasw_nl_flow_deleted_kind = {
	.cmd = HASWITCH_CMD_FLOW_DEL,
	.fill = hasw_nl_flow_deleted_fill,
};

int hasw_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_nl_flow_dump dump = { .hn = hasw_nl_net(info) };
	struct hasw_flows *flows = dump.hn->flows;
	u64 at = 0, decision;
	u32 n = 0;
	int err;

	err = hasw_nl_only_live(info) ?:
	      hasw_nl_flow_filter_get(info->attrs, info->extack, &dump.filter);
	if (!err && info->attrs[HASWITCH_A_FLOW_NODE])
		err = PTR_ERR_OR_ZERO(hasw_nl_node(info, HASWITCH_A_FLOW_NODE));
	if (err)
		return err;
	/* The mutex is released during the walk, which takes long: the table
	 * can have a million flows.
	 */
	decision = hasw_nl_pause(info);
	while (flows && at <= U32_MAX) {
		at = hasw_flows_at(flows, at, hasw_nl_flow_delete, &dump);
		if (!(++n % HASW_NL_FLOW_BATCH))
			cond_resched();
	}
	hasw_nl_resume(info, decision);
	return hasw_nl_reply(info, &hasw_nl_flow_deleted_kind, &dump.seen);
}

/* The attribute type of each flow timeout. */
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
	hasw_config_apply(hasw_nl_net(info), cfg,
			  &(struct hasw_config_change){ .ev = &ev });
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

static const struct hasw_nl_kind hasw_nl_flow_limits_kind = {
	.cmd = HASWITCH_CMD_FLOW_LIMITS_GET,
	.fill = hasw_nl_flow_limits_fill,
};

int hasw_nl_flow_limits_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_reply(info, &hasw_nl_flow_limits_kind,
			     &hasw_nl_config(info)->limits);
}
