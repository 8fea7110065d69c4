// SPDX-License-Identifier: GPL-2.0
/* Operations on members of services. */
#include "compat/compat.h"
#include "flow/flow.h"
#include "forward/gue.h"
#include "packet/key.h"
#include "netlink.h"
#include "service/sched.h"

static const struct hasw_nl_key_attrs hasw_nl_member_key = {
	.addr4 = HASWITCH_A_MEMBER_ADDR4,
	.addr6 = HASWITCH_A_MEMBER_ADDR6,
	.proto = HASWITCH_A_MEMBER_PROTO,
	.port = HASWITCH_A_MEMBER_PORT,
};

/**
 * struct hasw_nl_member - the member that a message names
 * @key: key of the service
 * @service: the service
 * @node: the node
 * @n: number of members that the node has in the service
 * @m: the member, or NULL if the operation adds it
 * @port: hasw_member_own_port() of the member before the operation, or after it
 *	if the operation adds or changes the member
 */
struct hasw_nl_member {
	struct hasw_nl_key key;
	struct hasw_service *service;
	struct hasw_node *node;
	u32 n;
	struct hasw_member *m;
	u16 port;
};

/* Looks up the service and the node that the message names, and how many
 * members the node has in this service. Sets @to->m to NULL.
 */
static int hasw_nl_member_of(struct genl_info *info, struct hasw_nl_member *to)
{
	struct hasw_vip *vip;
	int err;

	err = hasw_nl_key_get(info->attrs, info->extack, &hasw_nl_member_key,
			      &to->key);
	if (err)
		return err;
	vip = hasw_nl_vip(info, &to->key, HASWITCH_A_MEMBER_ADDR4,
			  HASWITCH_A_MEMBER_ADDR6);
	if (IS_ERR(vip))
		return PTR_ERR(vip);
	to->service = hasw_nl_service_at(info, vip, &to->key);
	if (IS_ERR(to->service))
		return PTR_ERR(to->service);
	to->node = hasw_nl_node(info, HASWITCH_A_MEMBER_NODE);
	if (IS_ERR(to->node))
		return PTR_ERR(to->node);
	to->n = hasw_members_on(to->service, to->node);
	to->m = NULL;
	to->port = 0;
	return 0;
}

/* Looks up the member that the message names: the node's only one in the
 * service, or the one at its at-port.
 */
static int hasw_nl_member_there(struct genl_info *info,
				struct hasw_nl_member *to)
{
	const struct nlattr *port;
	int err;

	err = hasw_nl_member_of(info, to);
	if (err)
		return err;
	port = info->attrs[HASWITCH_A_MEMBER_AT_PORT];
	if (port)
		to->m = hasw_member_at(to->service, to->node,
				       nla_get_u16(port));
	else if (to->n == 1)
		to->m = hasw_member_find(to->service, to->node);
	if (to->m) {
		to->port = hasw_member_own_port(to->m);
		return 0;
	}
	if (to->n && port) {
		NL_SET_ERR_MSG_ATTR(info->extack, port,
				    "the node has no member with this port in the service");
		return -ENOENT;
	}
	if (to->n) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_MEMBER_NODE],
				    "the node has several members in the service: name the port of one, with \"at PORT\"");
		return -ENOTUNIQ;
	}
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[HASWITCH_A_MEMBER_NODE],
			    "the node is no member of the service");
	return -ENOENT;
}

/* Reads `via` (how other nodes reach the member) from the message. If the
 * message has no `via`, @via is unchanged. The member that is this node also
 * has a `via`, so that all nodes can have the same configuration, see
 * hasw_via_here().
 */
static int hasw_nl_member_via(const struct genl_info *info,
			      const struct hasw_node *node, u8 *via)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_MEMBER_VIA];

	if (!attr)
		return 0;
	*via = nla_get_u8(attr);
	if (*via == HASWITCH_VIA_LOCAL && !node->self) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "via local is for the node that is this machine: give direct, tunnel, gue or nat");
		return -EINVAL;
	}
	return 0;
}

/* Checks that a member with this via and to->port can stand beside the others
 * of its node. to->m is NULL for a new member. A member that has others beside
 * it keeps its via and port, because the Maglev table depends on the ports of
 * all of them.
 */
static int hasw_nl_member_beside(const struct genl_info *info,
				 const struct hasw_nl_member *to, u8 via)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_MEMBER_NODE];

	if (!to->n || (to->m && to->n == 1))
		return 0;
	if (to->m) {
		if (via == to->m->said &&
		    (to->port ?: to->service->port) ==
		    hasw_member_port(to->service, to->m))
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the node has several members in the service: to change the via or port of one, delete it and add it anew");
		return -EINVAL;
	}
	if (via != HASWITCH_VIA_NAT ||
	    hasw_member_find(to->service, to->node)->said != HASWITCH_VIA_NAT) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the node is a member of the service already; several of one node need via nat, and different ports");
		return -EEXIST;
	}
	if (hasw_member_at(to->service, to->node, to->port)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the node is a member of the service with this port already");
		return -EEXIST;
	}
	return 0;
}

/* Reads the member's port from the message into to->port. If the message has no
 * port, to->port keeps its value with `via nat`, and becomes 0 with any other
 * `via`. A port other than 0 is an error if @via is not nat, if the service's
 * protocol has no ports, or if the service has further ports. `via nat` is an
 * error if the service has `one-packet`, or if the node has no address of the
 * vip's family. The checks of hasw_nl_member_beside() are made, too. Otherwise
 * `via nat` creates the flow table.
 */
static int hasw_nl_member_nat(const struct genl_info *info,
			      struct hasw_nl_member *to, u8 via)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_MEMBER_NAT_PORT];
	struct hasw_tracking tracking;
	struct hasw_ports ports;
	struct hasw_addrs addrs;
	int err;

	if (attr)
		to->port = nla_get_u16(attr);
	if (via != HASWITCH_VIA_NAT)
		to->port = 0;
	if (attr && nla_get_u16(attr) &&
	    (via != HASWITCH_VIA_NAT ||
	     !hasw_key_has_ports(to->service->proto))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a port of the member needs via nat, and a service of tcp, udp, sctp or udplite");
		return -EINVAL;
	}
	hasw_service_ports(to->service, &ports);
	if (to->port && ports.n) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the service has further ports, and a port of the member would get all of them: leave it out, or set port 0");
		return -EINVAL;
	}
	err = hasw_nl_member_beside(info, to, via);
	if (err || via != HASWITCH_VIA_NAT)
		return err;
	attr = info->attrs[HASWITCH_A_MEMBER_VIA];
	hasw_service_tracking(to->service, &tracking);
	if (tracking.one_packet) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "via nat needs flows that are tracked: the service has one-packet on");
		return -EINVAL;
	}
	hasw_node_addrs(to->node, &addrs);
	if (to->key.family == AF_INET ? !addrs.has4 : !addrs.has6) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "via nat needs an address of the node of the vip's family");
		return -EINVAL;
	}
	return hasw_flows_open(hasw_nl_net(info));
}

/* If @via is gue, opens the UDP port for GUE. The port receives packets from a
 * holder, and ICMP errors about GUE packets that this node has sent. For a
 * staged configuration nothing is opened, because the restore opens the port
 * when it commits.
 */
static int hasw_nl_member_gue(const struct genl_info *info, u8 via)
{
	if (via != HASWITCH_VIA_GUE ||
	    hasw_nl_config(info) != hasw_config_live(hasw_nl_net(info)))
		return 0;
	return hasw_gue_open(hasw_nl_net(info), info->extack);
}

/* Runs the steps that follow a change of a member. This node's role for the vip
 * can change only if the changed member is this node, so otherwise
 * hasw_config_change.vip is NULL.
 */
static void hasw_nl_member_changed(struct genl_info *info,
				   const struct hasw_nl_member *of, u8 action)
{
	struct hasw_event ev = {
		.object = HASWITCH_OBJECT_MEMBER,
		.action = action,
		.addr = of->key.addr,
		.family = of->key.family,
		.proto = of->key.proto,
		.port = of->key.port,
		.nat_port = of->port,
	};

	strscpy(ev.node, of->node->name, sizeof(ev.node));
	hasw_node_sync_unreached(hasw_nl_net(info), of->node);
	hasw_config_apply(hasw_nl_net(info), hasw_nl_config(info),
			  &(struct hasw_config_change){
				  .ev = &ev,
				  .vip = of->node->self ? of->service->vip :
							  NULL,
			  });
}

/* Reads `health` from the message; if it is not given, @health is unchanged.
 * Return: 0 or a negative errno, extack set.
 */
static int hasw_nl_member_health(const struct genl_info *info, u8 *health)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_MEMBER_HEALTH];

	if (!attr)
		return 0;
	if (nla_get_u8(attr) == HASWITCH_HEALTH_REFUSED) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "only the module itself finds that nobody listens: give up or down");
		return -EINVAL;
	}
	*health = nla_get_u8(attr);
	return 0;
}

/* Reads `priority`, `weight` and `flows-max` from the message; a value that is
 * not given is unchanged in @place. The netlink policy has checked the ranges.
 * Return: whether the message gives at least one of these values, or `spare`.
 */
static bool hasw_nl_member_place(const struct genl_info *info,
				 struct hasw_place *place)
{
	const struct nlattr *priority = info->attrs[HASWITCH_A_MEMBER_PRIORITY];
	const struct nlattr *weight = info->attrs[HASWITCH_A_MEMBER_WEIGHT];
	const struct nlattr *most = info->attrs[HASWITCH_A_MEMBER_FLOWS_MAX];

	if (priority)
		place->priority = nla_get_u32(priority);
	if (weight)
		place->weight = nla_get_u32(weight);
	if (most)
		place->flows_max = nla_get_u32(most);
	return priority || weight || most ||
	       info->attrs[HASWITCH_A_MEMBER_SPARE];
}

/* Reads `spare` from the message; if it is not given, @place is unchanged. A
 * spare member of a service with one active member at a time is refused.
 */
static int hasw_nl_member_spare(const struct genl_info *info,
				const struct hasw_nl_member *to,
				struct hasw_place *place)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_MEMBER_SPARE];

	if (!attr)
		return 0;
	place->spare = nla_get_u8(attr) == HASWITCH_SPARE_ON;
	if (place->spare &&
	    hasw_service_sched(to->service) == &hasw_sched_active_standby) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "sched active-standby has no spare members: give a standby a larger priority number");
		return -EINVAL;
	}
	/* A member that serves goes on until it is found not to be needed. One
	 * that was a spare one serves, unless its zone lets it wait.
	 */
	if (place->waits)
		place->waits = hasw_spares_could_wait(to->service,
						      hasw_nl_config(info)->self,
						      to->node, place->spare);
	return 0;
}

/* Rejects a `flows-max` other than 0 for a service whose flows are not tracked.
 */
static int hasw_nl_member_counted(const struct genl_info *info,
				  const struct hasw_service *service)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_MEMBER_FLOWS_MAX];
	struct hasw_tracking tracking;

	hasw_service_tracking(service, &tracking);
	if (!attr || !nla_get_u32(attr) ||
	    hasw_service_tracks(hasw_service_sched(service), &tracking))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "flows-max needs a service with tracked flows: sched rr, wrr, lc, wlc or random, or persist, and no one-packet");
	return -EINVAL;
}

int hasw_nl_member_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_config *cfg = hasw_nl_config(info);
	u8 health = HASWITCH_HEALTH_UP, via;
	struct hasw_place place = { .priority = 100, .weight = 1 };
	struct hasw_nl_member to;
	int err;

	err = hasw_nl_member_of(info, &to);
	if (err)
		return err;
	if (hasw_service_members(to.service)->n == HASWITCH_MEMBERS_MAX) {
		NL_SET_ERR_MSG(info->extack,
			       "the service has the most members that it can have");
		return -E2BIG;
	}
	via = to.node->self ? HASWITCH_VIA_LOCAL : HASWITCH_VIA_DIRECT;
	err = hasw_nl_member_via(info, to.node, &via) ?:
	      hasw_nl_member_nat(info, &to, via) ?:
	      hasw_nl_member_counted(info, to.service) ?:
	      hasw_nl_member_spare(info, &to, &place) ?:
	      hasw_nl_member_health(info, &health);
	if (err)
		return err;
	hasw_nl_member_place(info, &place);
	/* The module decides whether the member waits when it is added, or when
	 * the restore commits.
	 */
	place.waits = hasw_spares_could_wait(to.service, cfg->self, to.node,
					     place.spare);
	if (via == HASWITCH_VIA_NAT)
		err = hasw_service_set_nat(cfg, to.service, true);
	if (!err)
		err = hasw_nl_member_gue(info, via);
	if (err)
		return err;
	if (!hasw_member_add(cfg, to.service, to.node, &place, via, to.port,
			     health)) {
		hasw_members_sync(cfg, to.service);
		hasw_config_sync(hasw_nl_net(info));
		return -ENOMEM;
	}
	/* Without memory the work on spare members decides. */
	if (place.waits && cfg == hasw_config_live(hasw_nl_net(info)))
		hasw_spares_visit(hasw_nl_net(info), cfg, to.service);
	hasw_nl_member_changed(info, &to, HASWITCH_ACTION_ADD);
	return 0;
}

int hasw_nl_member_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool checked = info->attrs[HASWITCH_A_MEMBER_HEALTH], moved;
	struct hasw_config *cfg = hasw_nl_config(info);
	u8 health = HASWITCH_HEALTH_UP, via;
	struct hasw_nl_member to;
	struct hasw_place place;
	int err;

	err = hasw_nl_member_there(info, &to);
	if (err)
		return err;
	via = to.m->said;
	place.priority = to.m->priority;
	place.weight = to.m->wanted;
	place.spare = to.m->spare;
	place.waits = to.m->waits;
	place.flows_max = to.m->share ? to.m->share->flows_max : 0;
	err = hasw_nl_member_via(info, to.node, &via) ?:
	      hasw_nl_member_nat(info, &to, via) ?:
	      hasw_nl_member_counted(info, to.service) ?:
	      hasw_nl_member_spare(info, &to, &place) ?:
	      hasw_nl_member_health(info, &health);
	if (err)
		return err;
	/* hasw_member.sw is allocated before anything is changed, because this
	 * step can fail.
	 */
	if (checked) {
		err = hasw_nl_only_live(info);
		if (!err)
			err = hasw_member_prepare_health(to.m, GFP_KERNEL);
		if (err)
			return err;
	}
	moved = hasw_nl_member_place(info, &place);
	err = hasw_nl_member_gue(info, via);
	if (!err && via == HASWITCH_VIA_NAT)
		err = hasw_service_set_nat(cfg, to.service, true);
	err = err ?: hasw_member_set_place(cfg, to.service, to.m, &place);
	/* hasw_member_set_via() cannot fail here, because
	 * hasw_service_set_nat() has already succeeded.
	 */
	err = err ?: hasw_member_set_via(cfg, to.service, to.m, via, to.port);
	if (err) {
		hasw_members_sync(cfg, to.service);
		hasw_config_sync(hasw_nl_net(info));
		return err;
	}
	if (checked)
		hasw_member_set_health(hasw_nl_net(info), to.service, to.m,
				       health);
	/* Health is not part of the configuration. A change of health has its
	 * own event, so it causes no config event.
	 */
	if (moved || info->attrs[HASWITCH_A_MEMBER_VIA] ||
	    info->attrs[HASWITCH_A_MEMBER_NAT_PORT])
		hasw_nl_member_changed(info, &to, HASWITCH_ACTION_SET);
	return 0;
}

int hasw_nl_member_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_config *cfg = hasw_nl_config(info);
	struct hasw_nl_member to;
	int err;

	err = hasw_nl_member_there(info, &to);
	if (err)
		return err;
	err = hasw_member_del(cfg, to.service, to.m);
	if (err)
		return err;
	hasw_members_sync(cfg, to.service);
	hasw_nl_member_changed(info, &to, HASWITCH_ACTION_DEL);
	return 0;
}

static int hasw_nl_member_fill(struct sk_buff *skb, struct hasw_net *hn,
			       const void *obj)
{
	const struct hasw_nl_of *o = obj;
	struct hasw_nl_key key = {
		.addr = o->service->vip->addr,
		.family = o->service->vip->family,
		.proto = o->service->proto,
		.port = o->service->port,
	};
	const struct hasw_members *all = hasw_service_members(o->service);
	struct hasw_sched_view view;
	u32 open = 0, closing = 0;
	u64 packets, bytes;
	bool serving;
	u8 verdict;

	if (o->m->share) {
		open = hasw_share_open(o->m->share);
		closing = hasw_share_closing(o->m->share);
	}
	rcu_read_lock();
	hasw_sched_look(o->service, all, &view);
	verdict = hasw_judge_shown(o->service, all, o->m, &view.now);
	serving = hasw_sched_serves(o->service, all, &view, o->m);
	rcu_read_unlock();
	if (verdict == HASWITCH_NEW_FLOWS_WEIGHT_0 && o->m->wanted)
		verdict = o->m->spare ? HASWITCH_NEW_FLOWS_SPARE :
					HASWITCH_NEW_FLOWS_ZONE;
	hasw_traffic_sum(o->m->traffic, &packets, &bytes);
	if (hasw_nl_key_put(skb, &hasw_nl_member_key, &key) ||
	    nla_put_string(skb, HASWITCH_A_MEMBER_NODE, o->m->node->name) ||
	    nla_put_u32(skb, HASWITCH_A_MEMBER_PRIORITY, o->m->priority) ||
	    nla_put_u32(skb, HASWITCH_A_MEMBER_WEIGHT, o->m->wanted) ||
	    nla_put_u32(skb, HASWITCH_A_MEMBER_FLOWS, open + closing) ||
	    nla_put_u32(skb, HASWITCH_A_MEMBER_CLOSING, closing) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_MEMBER_FLOW_MADE, o->m->share ?
			      atomic64_read(&o->m->share->made) : 0,
			      HASWITCH_A_MEMBER_PAD) ||
	    nla_put_u32(skb, HASWITCH_A_MEMBER_FLOWS_MAX,
			o->m->share ? o->m->share->flows_max : 0) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_MEMBER_FULL, o->m->share ?
			      atomic64_read(&o->m->share->full) : 0,
			      HASWITCH_A_MEMBER_PAD) ||
	    nla_put_u8(skb, HASWITCH_A_MEMBER_VIA, o->m->said) ||
	    (o->m->via != o->m->said &&
	     nla_put_flag(skb, HASWITCH_A_MEMBER_LOCAL_HERE)) ||
	    (o->m->said == HASWITCH_VIA_NAT && o->m->share->port &&
	     nla_put_u16(skb, HASWITCH_A_MEMBER_NAT_PORT,
			 o->m->share->port)) ||
	    nla_put_u8(skb, HASWITCH_A_MEMBER_HEALTH,
		       READ_ONCE(o->m->health)) ||
	    nla_put_u8(skb, HASWITCH_A_MEMBER_STATE,
		       hasw_word_state(READ_ONCE(o->m->node->word))) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_MEMBER_PACKETS, packets,
			      HASWITCH_A_MEMBER_PAD) ||
	    nla_put_u8(skb, HASWITCH_A_MEMBER_NEW_FLOWS, verdict) ||
	    (serving && nla_put_flag(skb, HASWITCH_A_MEMBER_SERVING)) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_MEMBER_BYTES, bytes,
			      HASWITCH_A_MEMBER_PAD) ||
	    nla_put_u8(skb, HASWITCH_A_MEMBER_SPARE, o->m->spare))
		return -EMSGSIZE;
	return 0;
}

static int hasw_nl_member_find(struct genl_info *info,
			       struct hasw_nl_walk *found)
{
	struct hasw_nl_member to;
	int err;

	err = hasw_nl_member_there(info, &to);
	if (err)
		return err;
	found->member.service = to.service;
	found->member.m = to.m;
	found->obj = &found->member;
	return 0;
}

static int hasw_nl_member_filter(struct netlink_callback *cb,
				 struct hasw_nl_walk *walk)
{
	struct nlattr **attrs = hasw_genl_dump_attrs(cb);

	walk->only_service = attrs[HASWITCH_A_MEMBER_PROTO] ||
			     attrs[HASWITCH_A_MEMBER_PORT];
	if (!walk->only_service && !attrs[HASWITCH_A_MEMBER_ADDR4] &&
	    !attrs[HASWITCH_A_MEMBER_ADDR6])
		return 0;
	return hasw_nl_key_get(attrs, cb->extack, &hasw_nl_member_key,
			       &walk->key);
}

/* Returns whether the walk's filter selects the members of a service. */
static bool hasw_nl_member_wanted(const struct hasw_nl_walk *walk,
				  const struct hasw_service *service)
{
	return !walk->only_service || (service->proto == walk->key.proto &&
				       service->port == walk->key.port);
}

/* Moves a dump to the next member. hasw_nl_ctx.sub is the position of the
 * member's service, and .leaf that of the next member in this service.
 */
static bool hasw_nl_member_next(struct hasw_nl_walk *walk)
{
	struct hasw_nl_ctx *ctx = &walk->ctx;
	const struct hasw_members *members;

	while (hasw_nl_next_service(walk)) {
		walk->member.service = walk->obj;
		members = hasw_service_members(walk->member.service);
		if (ctx->leaf < members->n &&
		    hasw_nl_member_wanted(walk, walk->member.service)) {
			walk->member.m = members->m[ctx->leaf++];
			walk->obj = &walk->member;
			/* The service may have further members. */
			ctx->sub--;
			return true;
		}
		ctx->leaf = 0;
		if (!hasw_nl_walk_on(walk))
			break;
	}
	return false;
}

static const struct hasw_nl_kind hasw_nl_member_kind = {
	.cmd = HASWITCH_CMD_MEMBER_GET,
	.fill = hasw_nl_member_fill,
	.find = hasw_nl_member_find,
	.next = hasw_nl_member_next,
	.filter = hasw_nl_member_filter,
};

int hasw_nl_member_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_get(info, &hasw_nl_member_kind);
}

int hasw_nl_member_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return hasw_nl_dump(skb, cb, &hasw_nl_member_kind);
}
