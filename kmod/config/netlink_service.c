// SPDX-License-Identifier: GPL-2.0
/* Operations on services. */
#include "compat/compat.h"
#include "flow/flow.h"
#include "netlink.h"
#include "service/sched.h"
#include "service/switch_times.h"

static const struct hasw_nl_key_attrs hasw_nl_service_key = {
	.addr4 = HASWITCH_A_SERVICE_ADDR4,
	.addr6 = HASWITCH_A_SERVICE_ADDR6,
	.proto = HASWITCH_A_SERVICE_PROTO,
	.port = HASWITCH_A_SERVICE_PORT,
};

/* Reads the key of a service from the message, and looks up its vip. */
static struct hasw_vip *hasw_nl_service_vip(struct genl_info *info,
					    struct hasw_nl_key *key)
{
	int err;

	err = hasw_nl_key_get(info->attrs, info->extack, &hasw_nl_service_key,
			      key);
	if (err)
		return ERR_PTR(err);
	return hasw_nl_vip(info, key, HASWITCH_A_SERVICE_ADDR4,
			   HASWITCH_A_SERVICE_ADDR6);
}

/**
 * hasw_nl_service_at() - looks up the service that an operation names
 * @info: the operation; hasw_net.mutex is held
 * @vip: the vip
 * @key: protocol and port of the service
 *
 * Return: the service, or ERR_PTR(-ENOENT), extack set.
 */
struct hasw_service *hasw_nl_service_at(const struct genl_info *info,
					const struct hasw_vip *vip,
					const struct hasw_nl_key *key)
{
	struct hasw_service *service;
	u16 port;

	service = hasw_service_find(vip, key->proto, key->port);
	if (service)
		return service;
	service = key->port ? hasw_service_owner(vip, key->proto, key->port,
						 key->port, NULL, &port) : NULL;
	if (service)
		hasw_set_err_msg_fmt(info->extack,
				     "port %u is a further port of the service with port %u: name that one",
				     "the port is a further port of another service: name that one",
				     port, service->port);
	else
		NL_SET_ERR_MSG(info->extack,
			       "the vip has no service of that protocol and port");
	return ERR_PTR(-ENOENT);
}

static struct hasw_service *hasw_nl_service_of(struct genl_info *info,
					       struct hasw_nl_key *key)
{
	struct hasw_vip *vip = hasw_nl_service_vip(info, key);

	if (IS_ERR(vip))
		return ERR_CAST(vip);
	return hasw_nl_service_at(info, vip, key);
}

/* Runs the steps that follow a change of a vip's service. */
static void hasw_nl_service_changed(struct genl_info *info,
				    struct hasw_vip *vip,
				    const struct hasw_nl_key *key, u8 action)
{
	struct hasw_event ev = {
		.object = HASWITCH_OBJECT_SERVICE,
		.action = action,
		.addr = key->addr,
		.family = key->family,
		.proto = key->proto,
		.port = key->port,
	};

	hasw_config_apply(hasw_nl_net(info), hasw_nl_config(info),
			  &(struct hasw_config_change){
				  .ev = &ev,
				  .vip = vip,
			  });
}

/* Reads `failback` from the message. If the message has none, @failback is
 * unchanged.
 */
static int hasw_nl_service_failback(const struct genl_info *info, u64 *failback)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_FAILBACK];

	if (!attr)
		return 0;
	*failback = nla_get_u64(attr);
	return hasw_nl_failback_check(info, attr, *failback);
}

/* Returns the scheduler that the message names, or @sched if it names none. The
 * netlink policy has checked that the number is valid.
 */
static const struct hasw_sched *
hasw_nl_service_sched(const struct genl_info *info,
		      const struct hasw_sched *sched)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_SCHED];

	return attr ? hasw_scheds[nla_get_u8(attr)] : sched;
}

/* Reads from the message how long a client keeps its member (`persist`), and
 * the length of the address prefix that counts as one client.
 */
static int hasw_nl_service_persist(const struct genl_info *info, u16 family,
				   struct hasw_tracking *to)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_PERSIST];
	const struct nlattr *mask = info->attrs[HASWITCH_A_SERVICE_PERSIST_MASK];
	u8 bits = family == AF_INET ? 32 : 128;

	if (attr) {
		to->persist = nla_get_u64(attr);
		to->mask = bits;
	}
	if (to->persist && (to->persist < NSEC_PER_SEC ||
			    to->persist > HASWITCH_FLOW_TIMEOUT_MAX)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "persist is 1 second to 7 days, or 0");
		return -ERANGE;
	}
	if (!mask)
		return 0;
	if (!to->persist) {
		NL_SET_ERR_MSG_ATTR(info->extack, mask,
				    "a mask of clients needs persist");
		return -EINVAL;
	}
	to->mask = nla_get_u8(mask);
	if (to->mask && to->mask <= bits)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, mask,
			    "a mask of clients is 1 to 32 bits of an IPv4 address, to 128 of an IPv6 one");
	return -ERANGE;
}

/* Reads from the message how long a member takes to reach its full weight. */
static int hasw_nl_service_slow_start(const struct genl_info *info,
				      const struct hasw_sched *sched,
				      struct hasw_tracking *to)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_SLOW_START];

	if (attr)
		to->slow_start = nla_get_u64(attr);
	if (to->slow_start > HASWITCH_SLOW_START_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "slow-start is at most 1 hour, or 0");
		return -ERANGE;
	}
	if (!to->slow_start || sched->tracks)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "slow-start needs sched rr, wrr, lc, wlc or random");
	return -EINVAL;
}

/* Reads from the message whether this node's address replaces the client's
 * address in packets to members that are reached via nat.
 */
static int hasw_nl_service_snat(const struct genl_info *info, u16 family,
				struct hasw_tracking *to)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_SNAT];
	const struct hasw_node *self = hasw_nl_config(info)->self;
	struct hasw_addrs addrs = {};

	if (!attr)
		return 0;
	to->snat = nla_get_u8(attr) == HASWITCH_SNAT_ON;
	if (self)
		hasw_node_addrs(self, &addrs);
	if (!to->snat || (family == AF_INET ? addrs.has4 : addrs.has6))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "snat needs a node that is this machine (self), with an address of the vip's family");
	return -EINVAL;
}

/* Reads from the message how flows are tracked. A value that is not given is
 * unchanged in @to, except that a new `persist` resets the mask of clients.
 * Creates the flow table if flows will be tracked.
 */
static int hasw_nl_service_tracking(const struct genl_info *info, u16 family,
				    const struct hasw_sched *sched,
				    struct hasw_tracking *to)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_ONE_PACKET];
	const struct nlattr *new_max = info->attrs[HASWITCH_A_SERVICE_NEW_MAX];
	const struct nlattr *failover = info->attrs[HASWITCH_A_SERVICE_ON_FAILOVER];
	int err;

	if (attr)
		to->one_packet = nla_get_u8(attr) == HASWITCH_ONE_PACKET_ON;
	if (new_max)
		to->new_max = nla_get_u32(new_max);
	if (failover)
		to->on_failover = nla_get_u8(failover);
	err = hasw_nl_service_persist(info, family, to);
	if (err)
		return err;
	if (to->one_packet && (to->persist || (sched != &hasw_sched_rr &&
					       sched != &hasw_sched_wrr &&
					       sched != &hasw_sched_random))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "one-packet needs sched rr, wrr or random, and no persist");
		return -EINVAL;
	}
	if (to->one_packet && to->nat) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a member is via nat, which needs flows that are tracked: no one-packet");
		return -EINVAL;
	}
	err = hasw_nl_service_snat(info, family, to) ?:
	      hasw_nl_service_slow_start(info, sched, to);
	if (err)
		return err;
	if (hasw_service_tracks(sched, to)) {
		if (to->on_failover == HASWITCH_ON_FAILOVER_RESET)
			WRITE_ONCE(hasw_nl_net(info)->reset.wanted, true);
		return hasw_flows_open(hasw_nl_net(info));
	}
	if (to->new_max) {
		NL_SET_ERR_MSG_ATTR(info->extack, new_max,
				    "new-max needs tracked flows: sched rr, wrr, lc, wlc or random, or persist, and no one-packet");
		return -EINVAL;
	}
	if (to->on_failover) {
		NL_SET_ERR_MSG_ATTR(info->extack, failover,
				    "on-failover keep or reset needs tracked flows: sched rr, wrr, lc, wlc or random, or persist, and no one-packet");
		return -EINVAL;
	}
	return 0;
}

/* Rejects settings without flow tracking if a member of the service has
 * `flows-max`, because this limit would have no effect.
 */
static int hasw_nl_service_capped(const struct genl_info *info,
				  const struct hasw_service *service,
				  const struct hasw_sched *sched,
				  const struct hasw_tracking *tracking)
{
	if (!hasw_service_members(service)->capped ||
	    hasw_service_tracks(sched, tracking))
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "a member's flows-max needs tracked flows: set it to 0 before");
	return -EINVAL;
}

/* Reads `min-active` from the message; if it is not given, @min_active is
 * unchanged. @service is the service, or NULL if it is new. A service with one
 * active member at a time has standby members, so spare members and a number of
 * active ones are refused.
 */
static int hasw_nl_service_min_active(const struct genl_info *info,
				      const struct hasw_service *service,
				      const struct hasw_sched *sched,
				      u16 *min_active)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_MIN_ACTIVE];
	const struct hasw_members *all;
	u32 i;

	if (attr)
		*min_active = nla_get_u32(attr);
	if (sched != &hasw_sched_active_standby)
		return 0;
	if (*min_active > 1) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "sched active-standby has one active member at a time: min-active 1");
		return -EINVAL;
	}
	all = service ? hasw_service_members(service) : NULL;
	for (i = 0; all && i < all->n; i++) {
		if (!all->m[i]->spare)
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_SERVICE_SCHED],
				    "a member is a spare one, which sched active-standby has not: set spare off, and a priority, before");
		return -EINVAL;
	}
	return 0;
}

/* Reads `zone` from the message; if it is not given, @prefer is unchanged. A
 * service with one active member at a time has the same one on all nodes,
 * whatever their zones are.
 */
static int hasw_nl_service_zone(const struct genl_info *info,
				const struct hasw_sched *sched, bool *prefer)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_ZONE];

	if (attr)
		*prefer = nla_get_u8(attr) == HASWITCH_SERVICE_ZONE_PREFER;
	if (!*prefer || sched != &hasw_sched_active_standby)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack,
			    attr ?: info->attrs[HASWITCH_A_SERVICE_SCHED],
			    "sched active-standby has one active member at a time, the same on all nodes: zone any");
	return -EINVAL;
}

/**
 * struct hasw_nl_on_empty - what the module does with packets while no member
 *	is usable
 * @rejects: the sender gets a TCP reset or an ICMP error
 * @sorry: node that the packets are sent to, or NULL
 */
struct hasw_nl_on_empty {
	bool rejects;
	struct hasw_node *sorry;
};

/* Reads `on-empty` from the message; if it is not given, @to is unchanged. */
static int hasw_nl_service_on_empty(const struct genl_info *info,
				    struct hasw_nl_on_empty *to)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_SERVICE_ON_EMPTY];

	if (!attr)
		return 0;
	to->sorry = NULL;
	to->rejects = !nla_strcmp(attr, "reject");
	if (to->rejects || !nla_strcmp(attr, "drop"))
		return 0;
	to->sorry = hasw_nl_node(info, HASWITCH_A_SERVICE_ON_EMPTY);
	return PTR_ERR_OR_ZERO(to->sorry);
}

/* Checks one range of further ports: that it is one, and that the service can
 * have it beside its own port.
 */
static int hasw_nl_service_range(const struct genl_info *info,
				 const struct nlattr *attr,
				 const struct hasw_nl_key *key)
{
	u16 from = nla_get_u32(attr) >> 16, to = nla_get_u32(attr);

	if (!from || !to) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a further port is 1 to 65535; none, which is 0, stands alone");
		return -ERANGE;
	}
	if (from > to) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a range of ports is reversed: give the lower port first");
		return -EINVAL;
	}
	if (!key->port) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "further ports need a service with a port of its own, such as 80 of tcp");
		return -EINVAL;
	}
	if (from <= key->port && key->port <= to) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a further port is the service's own port: leave it out");
		return -EINVAL;
	}
	return 0;
}

/* Adds a range that hasw_nl_service_range() has checked to @to, which stays in
 * the order of the ports.
 */
static int hasw_nl_service_range_add(const struct genl_info *info,
				     const struct nlattr *attr,
				     struct hasw_ports *to)
{
	u16 first = nla_get_u32(attr) >> 16, last = nla_get_u32(attr);
	u32 i = to->n;

	if (to->n == HASWITCH_ALSO_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "too many further ports: a service has at most 16 ports and ranges beside its own port");
		return -E2BIG;
	}
	for (; i && to->range[i - 1].from > first; i--)
		to->range[i] = to->range[i - 1];
	if ((i && to->range[i - 1].to >= first) ||
	    (i < to->n && to->range[i + 1].from <= last)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a further port is given twice: give it once");
		return -EINVAL;
	}
	to->range[i].from = first;
	to->range[i].to = last;
	to->n++;
	return 0;
}

/* Checks that no other service of the vip has one of the ports @from to @to.
 * @service is the service that is to have them, or NULL if it is new.
 */
static int hasw_nl_service_free(const struct genl_info *info,
				const struct nlattr *attr,
				const struct hasw_vip *vip, u8 proto, u16 from,
				u16 to, const struct hasw_service *service)
{
	const struct hasw_service *other;
	u16 port;

	other = hasw_service_owner(vip, proto, from, to, service, &port);
	if (!other)
		return 0;
	hasw_set_err_msg_fmt(info->extack,
			     "port %u belongs to the service with port %u: leave it out",
			     "a port belongs to another service of the vip: leave it out",
			     port, other->port);
	NL_SET_BAD_ATTR(info->extack, attr);
	return -EEXIST;
}

/* Reads the service's further ports from the message. If the message gives
 * none, @to is empty.
 */
static int hasw_nl_service_also(const struct genl_info *info,
				const struct hasw_vip *vip,
				const struct hasw_nl_key *key,
				const struct hasw_service *service,
				struct hasw_ports *to)
{
	const struct nlattr *first = info->attrs[HASWITCH_A_SERVICE_ALSO];
	const struct nlattr *attr;
	bool many = false;
	int err, rem;

	to->n = 0;
	if (!first)
		return 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		many |= nla_type(attr) == HASWITCH_A_SERVICE_ALSO &&
			attr != first;
	if (!many && !nla_get_u32(first))
		return 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != HASWITCH_A_SERVICE_ALSO)
			continue;
		err = hasw_nl_service_range(info, attr, key) ?:
		      hasw_nl_service_range_add(info, attr, to) ?:
		      hasw_nl_service_free(info, attr, vip, key->proto,
					   nla_get_u32(attr) >> 16,
					   nla_get_u32(attr), service);
		if (err)
			return err;
	}
	return 0;
}

/* Rejects further ports if a member has a port of its own, because packets to
 * all ports of the service would be sent to this one port.
 */
static int hasw_nl_service_member_ports(const struct genl_info *info,
					const struct hasw_service *service,
					const struct hasw_ports *ports)
{
	const struct hasw_members *all = hasw_service_members(service);
	u32 i;

	for (i = 0; ports->n && i < all->n; i++) {
		if (!hasw_member_own_port(all->m[i]))
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_SERVICE_ALSO],
				    "a member via nat has a port of its own, to which all ports of the service would be sent: set it to port 0 before");
		return -EINVAL;
	}
	return 0;
}

int hasw_nl_service_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_config *cfg = hasw_nl_config(info);
	struct hasw_net *hn = hasw_nl_net(info);
	u64 failback = HASW_FAILBACK_DEFAULT;
	struct hasw_nl_on_empty on_empty = {};
	struct hasw_tracking tracking = {};
	const struct hasw_sched *sched;
	struct hasw_service *service;
	struct hasw_ports ports;
	struct hasw_nl_key key;
	struct hasw_vip *vip;
	u16 min_active = 1;
	bool prefer = false;
	int err;

	vip = hasw_nl_service_vip(info, &key);
	if (IS_ERR(vip))
		return PTR_ERR(vip);
	sched = hasw_nl_service_sched(info, &hasw_sched_active_standby);
	err = hasw_nl_service_failback(info, &failback) ?:
	      hasw_nl_service_on_empty(info, &on_empty) ?:
	      hasw_nl_service_tracking(info, key.family, sched, &tracking) ?:
	      hasw_nl_service_min_active(info, NULL, sched, &min_active) ?:
	      hasw_nl_service_zone(info, sched, &prefer);
	if (err)
		return err;
	if (hasw_service_find(vip, key.proto, key.port)) {
		NL_SET_ERR_MSG(info->extack,
			       "the vip has a service of that protocol and port already");
		return -EEXIST;
	}
	if (key.port)
		err = hasw_nl_service_free(info,
					   info->attrs[HASWITCH_A_SERVICE_PORT],
					   vip, key.proto, key.port, key.port,
					   NULL);
	err = err ?: hasw_nl_service_also(info, vip, &key, NULL, &ports) ?:
		     hasw_event_prepare(hn);
	if (err)
		return err;
	service = hasw_service_add(cfg, vip, key.proto, key.port, &ports, sched,
				   &tracking);
	if (!service) {
		hasw_config_sync(hn);
		return -ENOMEM;
	}
	hasw_service_set_failback(service, failback);
	hasw_service_set_on_empty(service, on_empty.rejects, on_empty.sorry);
	service->min_active = min_active;
	/* It has no member yet, so this cannot fail. */
	hasw_spares_prefer(hn, cfg, service, prefer);
	hasw_nl_service_changed(info, vip, &key, HASWITCH_ACTION_ADD);
	return 0;
}

int hasw_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool also = info->attrs[HASWITCH_A_SERVICE_ALSO];
	struct hasw_net *hn = hasw_nl_net(info);
	const struct hasw_sched *was, *sched;
	struct hasw_services *planned = NULL;
	struct hasw_nl_on_empty on_empty;
	struct hasw_tracking tracking;
	struct hasw_service *service;
	struct hasw_ports ports;
	struct hasw_nl_key key;
	bool prefer, preferred;
	u16 min_active;
	u64 failback;
	int err;

	service = hasw_nl_service_of(info, &key);
	if (IS_ERR(service))
		return PTR_ERR(service);
	failback = service->failback;
	min_active = service->min_active;
	preferred = service->zone_prefer;
	prefer = preferred;
	on_empty.rejects = service->rejects;
	on_empty.sorry = rcu_dereference_protected(service->sorry,
						   lockdep_is_held(&hn->mutex));
	hasw_service_tracking(service, &tracking);
	was = hasw_service_sched(service);
	sched = hasw_nl_service_sched(info, was);
	err = hasw_nl_service_failback(info, &failback) ?:
	      hasw_nl_service_on_empty(info, &on_empty) ?:
	      hasw_nl_service_tracking(info, key.family, sched, &tracking) ?:
	      hasw_nl_service_min_active(info, service, sched, &min_active) ?:
	      hasw_nl_service_zone(info, sched, &prefer);
	if (err)
		return err;
	err = hasw_nl_service_capped(info, service, sched, &tracking) ?:
	      hasw_nl_service_also(info, service->vip, &key, service, &ports) ?:
	      hasw_nl_service_member_ports(info, service, &ports);
	if (err)
		return err;
	if (also) {
		planned = hasw_service_plan_ports(service, &ports);
		if (!planned)
			return -ENOMEM;
	}
	/* Members that wait no more begin before the new scheduler picks. */
	err = hasw_spares_prefer(hn, hasw_nl_config(info), service, prefer);
	if (err)
		goto err;
	err = hasw_service_set_sched(hasw_nl_config(info), service, sched,
				     &tracking);
	if (err) {
		/* It cannot fail, since no member begins by that. */
		hasw_spares_prefer(hn, hasw_nl_config(info), service,
				   preferred);
		hasw_switch_spares(hn);
		goto err;
	}
	if (planned)
		hasw_service_set_ports(service, planned);
	if (sched != was)
		hasw_times_forget(hn, service);
	hasw_service_set_failback(service, failback);
	hasw_service_set_on_empty(service, on_empty.rejects, on_empty.sorry);
	service->min_active = min_active;
	hasw_nl_service_changed(info, service->vip, &key, HASWITCH_ACTION_SET);
	return 0;
err:
	kvfree(planned);
	return err;
}

int hasw_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_config *cfg = hasw_nl_config(info);
	struct hasw_service *service;
	struct hasw_nl_key key;
	struct hasw_vip *vip;
	int err;

	service = hasw_nl_service_of(info, &key);
	if (IS_ERR(service))
		return PTR_ERR(service);
	vip = service->vip;
	err = hasw_service_del(cfg, service);
	if (err)
		return err;
	hasw_nl_service_changed(info, vip, &key, HASWITCH_ACTION_DEL);
	return 0;
}

static int hasw_nl_service_also_put(struct sk_buff *skb,
				    const struct hasw_service *service)
{
	struct hasw_ports ports;
	u32 i;

	hasw_service_ports(service, &ports);
	for (i = 0; i < ports.n; i++)
		if (nla_put_u32(skb, HASWITCH_A_SERVICE_ALSO,
				(u32)ports.range[i].from << 16 |
				ports.range[i].to))
			return -EMSGSIZE;
	return 0;
}

static int hasw_nl_service_fill(struct sk_buff *skb, struct hasw_net *hn,
				const void *obj)
{
	const struct hasw_service *service = obj;
	const struct hasw_sched *sched = hasw_service_sched(service);
	const struct hasw_members *all = hasw_service_members(service);
	struct hasw_nl_key key = {
		.addr = service->vip->addr,
		.family = service->vip->family,
		.proto = service->proto,
		.port = service->port,
	};
	const struct hasw_node *sorry =
		rcu_dereference_protected(service->sorry,
					  lockdep_is_held(&hn->mutex));
	u64 packets = service->gone.packets, bytes = service->gone.bytes, p, b;
	const struct hasw_member *active = NULL;
	struct hasw_sched_view view;
	struct hasw_tracking tracking;
	u32 i, serving = 0;

	hasw_service_tracking(service, &tracking);
	for (i = 0; i < all->n; i++) {
		hasw_traffic_sum(all->m[i]->traffic, &p, &b);
		packets += p;
		bytes += b;
	}
	/* If no other member is left, the scheduler picks a member that refuses
	 * connections or cannot be reached. This member serves nobody, so it is
	 * not reported as the active one.
	 */
	rcu_read_lock();
	hasw_sched_look(service, all, &view);
	for (i = 0; i < all->n; i++) {
		if (!hasw_sched_serves(service, all, &view, all->m[i]))
			continue;
		serving++;
		if (sched->pick)
			active = all->m[i];
	}
	rcu_read_unlock();
	if (hasw_nl_key_put(skb, &hasw_nl_service_key, &key) ||
	    hasw_nl_service_also_put(skb, service) ||
	    nla_put_u8(skb, HASWITCH_A_SERVICE_SCHED, service->sched) ||
	    (active && nla_put_string(skb, HASWITCH_A_SERVICE_ACTIVE,
				      active->node->name)) ||
	    (active && hasw_members_on(service, active->node) > 1 &&
	     nla_put_u16(skb, HASWITCH_A_SERVICE_ACTIVE_PORT,
			 hasw_member_port(service, active))) ||
	    nla_put_u32(skb, HASWITCH_A_SERVICE_MEMBERS, all->n) ||
	    nla_put_u32(skb, HASWITCH_A_SERVICE_SERVING, serving) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_SERVICE_PACKETS, packets,
			      HASWITCH_A_SERVICE_PAD) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_SERVICE_BYTES, bytes,
			      HASWITCH_A_SERVICE_PAD) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_SERVICE_DROPPED,
			      hasw_service_dropped(service),
			      HASWITCH_A_SERVICE_PAD) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_SERVICE_FAILBACK,
			      service->failback, HASWITCH_A_SERVICE_PAD) ||
	    nla_put_string(skb, HASWITCH_A_SERVICE_ON_EMPTY, sorry ?
			   sorry->name : service->rejects ? "reject" : "drop") ||
	    nla_put_u8(skb, HASWITCH_A_SERVICE_ONE_PACKET,
		       tracking.one_packet) ||
	    nla_put_u8(skb, HASWITCH_A_SERVICE_SNAT, tracking.snat ?
		       HASWITCH_SNAT_ON : HASWITCH_SNAT_OFF) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_SERVICE_PERSIST,
			      tracking.persist, HASWITCH_A_SERVICE_PAD) ||
	    (tracking.persist && nla_put_u8(skb, HASWITCH_A_SERVICE_PERSIST_MASK,
					    tracking.mask)) ||
	    nla_put_u32(skb, HASWITCH_A_SERVICE_FLOWS,
			hasw_service_flows(service)) ||
	    nla_put_u32(skb, HASWITCH_A_SERVICE_NEW_MAX, tracking.new_max) ||
	    nla_put_u8(skb, HASWITCH_A_SERVICE_ON_FAILOVER,
		       tracking.on_failover) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_SERVICE_SLOW_START,
			      tracking.slow_start, HASWITCH_A_SERVICE_PAD) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_SERVICE_LIMITED,
			      hasw_service_limited(service),
			      HASWITCH_A_SERVICE_PAD) ||
	    nla_put_u32(skb, HASWITCH_A_SERVICE_MIN_ACTIVE,
			service->min_active) ||
	    nla_put_u8(skb, HASWITCH_A_SERVICE_ZONE, service->zone_prefer ?
		       HASWITCH_SERVICE_ZONE_PREFER :
		       HASWITCH_SERVICE_ZONE_ANY))
		return -EMSGSIZE;
	return 0;
}

static int hasw_nl_service_find(struct genl_info *info,
				struct hasw_nl_walk *found)
{
	struct hasw_nl_key key;

	found->obj = hasw_nl_service_of(info, &key);
	return PTR_ERR_OR_ZERO(found->obj);
}

/* Of the key in a dump's attributes, only the vip's address has an effect. */
static int hasw_nl_service_filter(struct netlink_callback *cb,
				  struct hasw_nl_walk *walk)
{
	struct nlattr **attrs = hasw_genl_dump_attrs(cb);

	if (!attrs[HASWITCH_A_SERVICE_ADDR4] &&
	    !attrs[HASWITCH_A_SERVICE_ADDR6])
		return 0;
	return hasw_nl_key_get(attrs, cb->extack, &hasw_nl_service_key,
			       &walk->key);
}

static const struct hasw_nl_kind hasw_nl_service_kind = {
	.cmd = HASWITCH_CMD_SERVICE_GET,
	.fill = hasw_nl_service_fill,
	.find = hasw_nl_service_find,
	.next = hasw_nl_next_service,
	.filter = hasw_nl_service_filter,
};

int hasw_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_get(info, &hasw_nl_service_kind);
}

int hasw_nl_service_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return hasw_nl_dump(skb, cb, &hasw_nl_service_kind);
}
