// SPDX-License-Identifier: GPL-2.0
/* Operations on nodes, and the operation BEAT. In a BEAT, the agent lists the
 * nodes whose heartbeats it receives, and gives the time for which these nodes
 * count as alive.
 */
#include <linux/etherdevice.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "compat/compat.h"
#include "core/budget.h"
#include "netlink.h"

/**
 * struct hasw_nl_node - addresses of a node as read from a message
 * @has4: the node has an IPv4 address
 * @has6: the node has an IPv6 address
 * @addr4: IPv4 address
 * @addr6: IPv6 address
 * @dev: name of the device through which @lladdr is reached, or empty
 * @lladdr: fixed link-layer address
 */
struct hasw_nl_node {
	bool has4;
	bool has6;
	__be32 addr4;
	struct in6_addr addr6;
	char dev[IFNAMSIZ];
	u8 lladdr[ETH_ALEN];
};

/* Rejects an address that another node or a vip has. Two nodes with one address
 * would receive each other's packets. The holder of a vip could not reach a
 * node that has the vip's address.
 */
static int hasw_nl_node_unique(const struct genl_info *info,
			       const struct hasw_node *self,
			       const struct hasw_nl_node *a)
{
	const struct hasw_config *cfg = hasw_nl_config(info);
	const struct hasw_node *node;
	struct in6_addr addr4;

	if (info->attrs[HASWITCH_A_NODE_ADDR4] &&
	    hasw_vip_find4(cfg, a->addr4)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_NODE_ADDR4],
				    "a vip has this address: name the node by another one");
		return -EEXIST;
	}
	if (info->attrs[HASWITCH_A_NODE_ADDR6] &&
	    hasw_vip_find6(cfg, &a->addr6)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_NODE_ADDR6],
				    "a vip has this address: name the node by another one");
		return -EEXIST;
	}

	if (info->attrs[HASWITCH_A_NODE_ADDR4]) {
		ipv6_addr_set_v4mapped(a->addr4, &addr4);
		node = hasw_node_at(cfg, &addr4, AF_INET);
		if (node && node != self) {
			NL_SET_ERR_MSG_ATTR(info->extack,
					    info->attrs[HASWITCH_A_NODE_ADDR4],
					    "another node has this address");
			return -EEXIST;
		}
	}
	if (info->attrs[HASWITCH_A_NODE_ADDR6]) {
		node = hasw_node_at(cfg, &a->addr6, AF_INET6);
		if (node && node != self) {
			NL_SET_ERR_MSG_ATTR(info->extack,
					    info->attrs[HASWITCH_A_NODE_ADDR6],
					    "another node has this address");
			return -EEXIST;
		}
	}
	return 0;
}

static int hasw_nl_node_lladdr(const struct genl_info *info,
			       struct hasw_nl_node *a)
{
	const struct nlattr *lladdr = info->attrs[HASWITCH_A_NODE_LLADDR];
	const struct nlattr *dev = info->attrs[HASWITCH_A_NODE_DEV];
	struct net_device *found;

	if (!lladdr && !dev)
		return 0;
	if (!lladdr || !dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, lladdr ?: dev,
				    "lladdr and dev are given together or not at all");
		return -EINVAL;
	}
	if (!is_valid_ether_addr(nla_data(lladdr))) {
		NL_SET_ERR_MSG_ATTR(info->extack, lladdr,
				    "not a link-layer address of a host");
		return -EINVAL;
	}
	found = dev_get_by_name(hasw_nl_net(info)->net, nla_data(dev));
	if (!found && !hasw_nl_dev_late(info, dev)) {
		NL_SET_ERR_MSG_ATTR(info->extack, dev,
				    "there is no device of that name");
		return -ENODEV;
	}
	dev_put(found);
	ether_addr_copy(a->lladdr, nla_data(lladdr));
	strscpy(a->dev, nla_data(dev), sizeof(a->dev));
	return 0;
}

static int hasw_nl_node_addrs(const struct genl_info *info,
			      const struct hasw_node *self,
			      struct hasw_nl_node *a)
{
	const struct nlattr *addr4 = info->attrs[HASWITCH_A_NODE_ADDR4];
	const struct nlattr *addr6 = info->attrs[HASWITCH_A_NODE_ADDR6];
	struct in6_addr addr;
	int err;

	if (addr4) {
		err = hasw_nl_host_get(addr4, AF_INET, &addr, info->extack);
		if (err)
			return err;
		a->has4 = true;
		a->addr4 = addr.s6_addr32[3];
	}
	if (addr6) {
		err = hasw_nl_host_get(addr6, AF_INET6, &a->addr6,
				       info->extack);
		if (err)
			return err;
		if (ipv6_addr_type(&a->addr6) & IPV6_ADDR_LINKLOCAL) {
			NL_SET_ERR_MSG_ATTR(info->extack, addr6,
					    "a node needs an address that is not link-local");
			return -EINVAL;
		}
		a->has6 = true;
	}
	if (!a->has4 && !a->has6) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, HASWITCH_A_NODE_ADDR4);
		NL_SET_ERR_MSG(info->extack,
			       "no address is given: give addr4, addr6 or both");
		return -EINVAL;
	}
	err = hasw_nl_node_unique(info, self, a);
	if (err)
		return err;
	return hasw_nl_node_lladdr(info, a);
}

static void hasw_nl_node_apply(struct hasw_config *cfg, struct hasw_node *node,
			       const struct hasw_nl_node *a)
{
	const struct hasw_addrs addrs = {
		.has4 = a->has4,
		.has6 = a->has6,
		.addr4 = a->addr4,
		.addr6 = a->addr6,
	};

	hasw_node_set_addrs(cfg, node, &addrs);
	strscpy(node->dev, a->dev, sizeof(node->dev));
	ether_addr_copy(node->lladdr, a->lladdr);
}

/* Runs the steps that follow a change of a node. @node is NULL if the node was
 * deleted.
 */
static void hasw_nl_node_changed(const struct genl_info *info,
				 const char *name, struct hasw_node *node,
				 u8 action)
{
	struct hasw_event ev = {
		.object = HASWITCH_OBJECT_NODE,
		.action = action,
	};

	strscpy(ev.node, name, sizeof(ev.node));
	hasw_config_apply(hasw_nl_net(info), hasw_nl_config(info),
			  &(struct hasw_config_change){
				  .ev = &ev,
				  .node = node,
			  });
}

static int hasw_nl_node_zone(const struct genl_info *info)
{
	const struct nlattr *zone = info->attrs[HASWITCH_A_NODE_ZONE];

	if (!zone || !*(const char *)nla_data(zone))
		return 0;
	return hasw_nl_name_check(zone, info->extack);
}

/* Reads the administrator's state and the time of a drain. */
static int hasw_nl_node_admin(const struct genl_info *info, u8 *admin,
			      u64 *within)
{
	const struct nlattr *state = info->attrs[HASWITCH_A_NODE_ADMIN];
	const struct nlattr *time = info->attrs[HASWITCH_A_NODE_WITHIN];

	*admin = state ? nla_get_u8(state) : HASWITCH_ADMIN_STATE_UP;
	*within = time ? nla_get_u64(time) : 0;
	if (time && *admin != HASWITCH_ADMIN_STATE_DRAIN) {
		NL_SET_ERR_MSG_ATTR(info->extack, time,
				    "within is the time of a drain: give it with the state drain");
		return -EINVAL;
	}
	if (time && (!*within || *within > HASWITCH_DRAIN_MAX)) {
		NL_SET_ERR_MSG_ATTR(info->extack, time,
				    "the time of a drain is from 1 ns to 7 days");
		return -ERANGE;
	}
	return 0;
}

int hasw_nl_node_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *name = info->attrs[HASWITCH_A_NODE_NAME];
	const struct nlattr *self = info->attrs[HASWITCH_A_NODE_SELF];
	struct hasw_config *cfg = hasw_nl_config(info);
	struct hasw_net *hn = hasw_nl_net(info);
	struct hasw_nl_node addrs = {};
	struct hasw_node *node;
	u64 within;
	u8 admin;
	int err;

	if (!name) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, HASWITCH_A_NODE_NAME);
		NL_SET_ERR_MSG(info->extack, "no name is given");
		return -EINVAL;
	}
	err = hasw_nl_name_check(name, info->extack);
	if (err)
		return err;
	if (hasw_node_find(cfg, nla_data(name))) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "there is a node of that name already");
		return -EEXIST;
	}
	if (cfg->n_nodes == HASWITCH_NODES_MAX) {
		NL_SET_ERR_MSG(info->extack,
			       "there are as many nodes as there can be");
		return -E2BIG;
	}
	if (cfg->n_nodes >= HASW_BUDGET_NODES &&
	    hasw_budget_limited(hasw_nl_net(info))) {
		NL_SET_ERR_MSG(info->extack,
			       "there are 64 nodes: more can be added in the first user namespace only");
		return -E2BIG;
	}
	if (self && cfg->self) {
		NL_SET_ERR_MSG_ATTR(info->extack, self,
				    "another node is this machine already");
		return -EEXIST;
	}
	err = hasw_nl_node_zone(info);
	if (!err)
		err = hasw_nl_node_admin(info, &admin, &within);
	if (!err)
		err = hasw_nl_node_addrs(info, NULL, &addrs);
	/* From the second node on, each vip needs a holder, a lease or
	 * `everywhere`.
	 */
	if (!err && !cfg->staged && cfg->n_nodes == 1)
		err = hasw_config_check_owners(cfg, 2, info->extack);
	if (!err)
		err = hasw_event_prepare(hn);
	if (err)
		return err;
	node = hasw_node_new(nla_data(name), !!self, admin);
	if (!node)
		return -ENOMEM;
	/* No packet reads the node yet. */
	if (within)
		hasw_node_set_admin(hn, node, admin, within, false);
	if (info->attrs[HASWITCH_A_NODE_ZONE])
		nla_strscpy(node->zone, info->attrs[HASWITCH_A_NODE_ZONE],
			    sizeof(node->zone));
	node->engine = info->attrs[HASWITCH_A_NODE_ENGINE];
	hasw_nl_node_apply(cfg, node, &addrs);
	hasw_node_add(cfg, node);
	hasw_nl_node_changed(info, node->name, node, HASWITCH_ACTION_ADD);
	return 0;
}

/* Returns whether the request changes the node's configuration, of which the
 * share is no part. info->attrs ends with the last attribute that the operation
 * takes, so the message itself is read.
 */
static bool hasw_nl_node_configures(const struct genl_info *info)
{
	const struct nlattr *attr;
	int rem;

	nla_for_each_attr(attr, genlmsg_data(info->genlhdr),
			  genlmsg_len(info->genlhdr), rem)
		if (nla_type(attr) != HASWITCH_A_NODE_NAME &&
		    nla_type(attr) != HASWITCH_A_NODE_SHARE)
			return true;
	return !info->attrs[HASWITCH_A_NODE_SHARE];
}

int hasw_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_node *node = hasw_nl_node(info, HASWITCH_A_NODE_NAME);
	const struct nlattr *share = info->attrs[HASWITCH_A_NODE_SHARE];
	struct hasw_net *hn = hasw_nl_net(info);
	struct hasw_nl_node addrs = {};
	u64 within;
	u8 admin;
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	addrs.has4 = node->has4;
	addrs.has6 = node->has6;
	addrs.addr4 = node->addr4;
	addrs.addr6 = node->addr6;
	strscpy(addrs.dev, node->dev, sizeof(addrs.dev));
	ether_addr_copy(addrs.lladdr, node->lladdr);
	err = hasw_nl_node_zone(info);
	if (!err)
		err = hasw_nl_node_admin(info, &admin, &within);
	if (!err)
		err = hasw_nl_node_addrs(info, node, &addrs);
	if (!err && share)
		err = hasw_nl_only_live(info);
	if (err)
		return err;
	if (share)
		hasw_node_set_share(hn, node, nla_get_u8(share));
	if (!hasw_nl_node_configures(info))
		return 0;
	if (info->attrs[HASWITCH_A_NODE_ZONE])
		nla_strscpy(node->zone, info->attrs[HASWITCH_A_NODE_ZONE],
			    sizeof(node->zone));
	hasw_nl_node_apply(hasw_nl_config(info), node, &addrs);
	if (info->attrs[HASWITCH_A_NODE_ADMIN])
		hasw_node_set_admin(hn, node, admin, within,
				    hasw_nl_config(info) == hasw_config_live(hn));
	hasw_nl_node_changed(info, node->name, node, HASWITCH_ACTION_SET);
	return 0;
}

/* Everything that can fail comes before the first change, and the caller holds
 * hasw_net.mutex throughout. So all nodes of the zone change, or none.
 */
int hasw_nl_zone_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *zone = info->attrs[HASWITCH_A_NODE_ZONE];
	struct hasw_config *cfg = hasw_nl_config(info);
	struct hasw_net *hn = hasw_nl_net(info);
	bool live = cfg == hasw_config_live(hn);
	struct hasw_node *node;
	bool found = false;
	u64 within;
	u8 admin;
	int err;

	if (!zone) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, HASWITCH_A_NODE_ZONE);
		NL_SET_ERR_MSG(info->extack, "no zone is given");
		return -EINVAL;
	}
	if (!info->attrs[HASWITCH_A_NODE_ADMIN]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, HASWITCH_A_NODE_ADMIN);
		NL_SET_ERR_MSG(info->extack, "no state is given");
		return -EINVAL;
	}
	err = hasw_nl_name_check(zone, info->extack);
	if (!err)
		err = hasw_nl_node_admin(info, &admin, &within);
	if (err)
		return err;
	list_for_each_entry(node, &cfg->nodes, list) {
		if (strcmp(node->zone, nla_data(zone)))
			continue;
		found = true;
		hasw_node_set_admin(hn, node, admin, within, live);
		hasw_nl_node_changed(info, node->name, node,
				     HASWITCH_ACTION_SET);
	}
	if (!found) {
		NL_SET_ERR_MSG_ATTR(info->extack, zone,
				    "no node is in this zone");
		return -ENOENT;
	}
	return 0;
}

int hasw_nl_node_verdict_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_node *node = hasw_nl_node(info, HASWITCH_A_NODE_NAME);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	err = hasw_nl_only_live(info);
	if (err)
		return err;
	if (!info->attrs[HASWITCH_A_NODE_VERDICT]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     HASWITCH_A_NODE_VERDICT);
		NL_SET_ERR_MSG(info->extack, "no verdict is given");
		return -EINVAL;
	}
	hasw_node_set_verdict(hasw_nl_net(info), node,
			      nla_get_u8(info->attrs[HASWITCH_A_NODE_VERDICT]));
	hasw_link_schedule(hasw_nl_net(info));
	return 0;
}

int hasw_nl_node_failback_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_node *node = hasw_nl_node(info, HASWITCH_A_NODE_NAME);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	err = hasw_nl_only_live(info);
	if (err)
		return err;
	err = hasw_node_failback(hasw_nl_net(info), node);
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_NODE_NAME],
				    "the node is down: it can fail back when it has returned");
	return err;
}

int hasw_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_node *node = hasw_nl_node(info, HASWITCH_A_NODE_NAME);
	char name[HASWITCH_NAME_MAX + 1];

	if (IS_ERR(node))
		return PTR_ERR(node);
	if (node->refs) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_NODE_NAME],
				    "the node is a member, a holder or named by on-empty or by a lease: delete or change those first");
		return -EBUSY;
	}
	if (hasw_lease_names(hasw_nl_net(info), hasw_nl_config(info), node)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_NODE_NAME],
				    "the node holds a lease: release it first");
		return -EBUSY;
	}
	strscpy(name, node->name, sizeof(name));
	hasw_pulse_node_del(hasw_nl_net(info), node);
	hasw_node_del(hasw_nl_config(info), node);
	hasw_nl_node_changed(info, name, NULL, HASWITCH_ACTION_DEL);
	return 0;
}

static int hasw_nl_node_fill(struct sk_buff *skb, struct hasw_net *hn,
			     const void *obj)
{
	const struct hasw_node *node = obj;
	u8 admin, verdict, agent, evidence;
	u64 word, until, now, within;
	u32 penalty;
	u64 held;

	spin_lock_bh(&hn->state_lock);
	word = node->word;
	until = node->alive_until;
	admin = node->admin;
	verdict = node->verdict;
	agent = node->agent;
	evidence = node->evidence;
	now = hasw_switch_now();
	within = node->drain_end ? max(node->drain_end, now + 1) - now : 0;
	penalty = hasw_damp_penalty(&node->damp, now);
	held = hasw_word_state(word) == HASWITCH_NODE_STATE_HELD ?
	       hasw_word_since(word) : 0;
	spin_unlock_bh(&hn->state_lock);
	if (nla_put_string(skb, HASWITCH_A_NODE_NAME, node->name) ||
	    (node->has4 &&
	     nla_put_in_addr(skb, HASWITCH_A_NODE_ADDR4, node->addr4)) ||
	    (node->has6 &&
	     nla_put_in6_addr(skb, HASWITCH_A_NODE_ADDR6, &node->addr6)) ||
	    (node->zone[0] &&
	     nla_put_string(skb, HASWITCH_A_NODE_ZONE, node->zone)) ||
	    (node->dev[0] &&
	     (nla_put(skb, HASWITCH_A_NODE_LLADDR, ETH_ALEN, node->lladdr) ||
	      nla_put_string(skb, HASWITCH_A_NODE_DEV, node->dev))) ||
	    (node->self && nla_put_flag(skb, HASWITCH_A_NODE_SELF)) ||
	    nla_put_u8(skb, HASWITCH_A_NODE_ADMIN, admin) ||
	    nla_put_u8(skb, HASWITCH_A_NODE_VERDICT, verdict) ||
	    nla_put_u8(skb, HASWITCH_A_NODE_AGENT, agent) ||
	    nla_put_u8(skb, HASWITCH_A_NODE_STATE, hasw_word_state(word)) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_NODE_SINCE, hasw_word_since(word),
			      HASWITCH_A_NODE_PAD) ||
	    (until && nla_put_u64_64bit(skb, HASWITCH_A_NODE_ALIVE_UNTIL, until,
					HASWITCH_A_NODE_PAD)) ||
	    nla_put_u8(skb, HASWITCH_A_NODE_REACH4,
		       node->neigh[HASW_HOP4].reach) ||
	    nla_put_u8(skb, HASWITCH_A_NODE_REACH6,
		       node->neigh[HASW_HOP6].reach) ||
	    nla_put_u32(skb, HASWITCH_A_NODE_REFS, node->refs) ||
	    nla_put_u8(skb, HASWITCH_A_NODE_SHARE, 100 - node->less) ||
	    (node->engine && nla_put_flag(skb, HASWITCH_A_NODE_ENGINE)) ||
	    hasw_nl_evidence_put(skb, HASWITCH_A_NODE_EVIDENCE, evidence) ||
	    (held && nla_put_u64_64bit(skb, HASWITCH_A_NODE_HELD_SINCE, held,
				       HASWITCH_A_NODE_PAD)) ||
	    (penalty && nla_put_u32(skb, HASWITCH_A_NODE_PENALTY, penalty)) ||
	    (word & HASW_WORD_DAMPED &&
	     nla_put_flag(skb, HASWITCH_A_NODE_DAMPED)) ||
	    (within && nla_put_u64_64bit(skb, HASWITCH_A_NODE_WITHIN, within,
					 HASWITCH_A_NODE_PAD)))
		return -EMSGSIZE;
	return 0;
}

static int hasw_nl_node_find(struct genl_info *info,
			     struct hasw_nl_walk *found)
{
	found->obj = hasw_nl_node(info, HASWITCH_A_NODE_NAME);
	return PTR_ERR_OR_ZERO(found->obj);
}

static bool hasw_nl_node_next(struct hasw_nl_walk *walk)
{
	return hasw_nl_next_listed(walk, &hasw_config_live(walk->hn)->nodes,
				   offsetof(struct hasw_node, list));
}

static const struct hasw_nl_kind hasw_nl_node_kind = {
	.cmd = HASWITCH_CMD_NODE_GET,
	.fill = hasw_nl_node_fill,
	.find = hasw_nl_node_find,
	.next = hasw_nl_node_next,
};

int hasw_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_get(info, &hasw_nl_node_kind);
}

int hasw_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return hasw_nl_dump(skb, cb, &hasw_nl_node_kind);
}

int hasw_nl_beat_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_net *hn = hasw_nl_net(info);
	struct hasw_config *cfg = hasw_nl_config(info);
	const struct nlattr *attr;
	struct hasw_beat *beat;
	u32 count = 0;
	int rem, err;

	err = hasw_nl_only_live(info);
	if (err)
		return err;
	if (!info->attrs[HASWITCH_A_BEAT_TIME]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, HASWITCH_A_BEAT_TIME);
		NL_SET_ERR_MSG(info->extack, "no time is given");
		return -EINVAL;
	}
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		count += nla_type(attr) == HASWITCH_A_BEAT_NODE;
	if (count > cfg->n_nodes) {
		NL_SET_ERR_MSG(info->extack,
			       "more nodes are named than there are");
		return -E2BIG;
	}
	beat = kmalloc(struct_size(beat, node, count), GFP_KERNEL);
	if (!beat)
		return -ENOMEM;
	beat->decision = hn->decision;
	beat->time = nla_get_u64(info->attrs[HASWITCH_A_BEAT_TIME]);
	beat->portid = info->snd_portid;
	beat->count = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		struct hasw_node *node;

		if (nla_type(attr) != HASWITCH_A_BEAT_NODE)
			continue;
		node = hasw_node_find(cfg, nla_data(attr));
		if (!node) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "there is no node of that name");
			kfree(beat);
			return -ENOENT;
		}
		beat->node[beat->count++] = node;
	}
	hasw_node_beat(hn, cfg, beat);
	kfree(beat);
	return 0;
}
