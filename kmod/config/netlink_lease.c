// SPDX-License-Identifier: GPL-2.0
/* Operations on leases. A lease is a named right to serve a set of vips. It is
 * granted to one node until a deadline, under an epoch, which is a number that
 * only grows.
 */
#include <linux/capability.h>
#include <linux/haswitch_renewal.h>
#include <linux/netfilter.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>

#include "service/abort.h"
#include "announce/announce.h"
#include "heartbeat/client_links.h"
#include "heartbeat/pulse.h"
#include "compat/compat.h"
#include "netlink.h"
#include "restore.h"
#include "forward/stray_queue.h"

/* The errno, attribute and message for each enum hasw_ruling that refuses an
 * operation.
 */
static const struct {
	int err;
	u16 attr;
	const char *text;
} hasw_nl_lease_refusals[] = {
	[HASW_RULING_NO_FLOOR] = {
		-ENODATA, HASWITCH_A_LEASE_EPOCH,
		"the epoch floor was not set since the lease is there: set the floor first",
	},
	[HASW_RULING_NO_EPOCH] = {
		-EINVAL, HASWITCH_A_LEASE_EPOCH, "0 is no epoch: begin with 1",
	},
	[HASW_RULING_BELOW_FLOOR] = {
		-ESTALE, HASWITCH_A_LEASE_EPOCH,
		"the epoch is below the floor: take one from the floor on",
	},
	[HASW_RULING_STALE] = {
		-ESTALE, HASWITCH_A_LEASE_EPOCH,
		"the epoch is stale: a higher one was granted",
	},
	[HASW_RULING_BURNED] = {
		-ESTALE, HASWITCH_A_LEASE_EPOCH,
		"the epoch is burned, it was released, has ended or was overtaken: take a higher one",
	},
	[HASW_RULING_PAST] = {
		-EINVAL, HASWITCH_A_LEASE_DEADLINE,
		"the deadline has passed: give one that is ahead",
	},
	[HASW_RULING_FAR] = {
		-ERANGE, HASWITCH_A_LEASE_DEADLINE,
		"the deadline is too far ahead: give one within 10 s",
	},
	[HASW_RULING_HOLDER] = {
		-EPERM, HASWITCH_A_LEASE_HOLDER,
		"the epoch belongs to another holder: take a higher one",
	},
	[HASW_RULING_CLAIMED] = {
		-EPERM, HASWITCH_A_LEASE_HOLDER,
		"another node says that it holds the lease under this epoch: take a higher one",
	},
	[HASW_RULING_EXPIRED] = {
		-ESTALE, HASWITCH_A_LEASE_EPOCH,
		"the grant of this epoch has run out: take a higher one",
	},
	[HASW_RULING_NOTHING] = {
		-ENODATA, HASWITCH_A_LEASE_NAME,
		"nobody holds the lease: there is nothing to release",
	},
	[HASW_RULING_ELSEWHERE] = {
		-EPERM, HASWITCH_A_LEASE_NAME,
		"another node holds the lease: release it there, or ask for a failover",
	},
	[HASW_RULING_GOING] = {
		-ESHUTDOWN, HASWITCH_A_LEASE_HOLDER,
		"this machine goes down or is suspended: grant the lease to another node",
	},
	[HASW_RULING_CUT_OFF] = {
		-ENETDOWN, HASWITCH_A_LEASE_HOLDER,
		"clients of the lease, or of one of its vips, come to this node by no device that has a link: grant the lease to another node",
	},
	[HASW_RULING_BARRED] = {
		-EPERM, HASWITCH_A_LEASE_HOLDER,
		"this node may not hold the lease, which names others with only: grant it to one of these",
	},
	[HASW_RULING_PROTODOWN] = {
		-EPERM, HASWITCH_A_LEASE_HOLDER,
		"the device of the lease, ha-LEASE, is protodown here: grant the lease to another node, or set protodown off",
	},
};

static int hasw_nl_lease_refuse(const struct genl_info *info,
				enum hasw_ruling ruling)
{
	const struct nlattr *attr =
		info->attrs[hasw_nl_lease_refusals[ruling].attr];

	info->extack->_msg = hasw_nl_lease_refusals[ruling].text;
	NL_SET_BAD_ATTR(info->extack, attr);
	return hasw_nl_lease_refusals[ruling].err;
}

/**
 * hasw_nl_lease() - looks up the lease that an operation names
 * @info: the operation; hasw_net.mutex is held
 * @attr: type of the attribute that names the lease
 *
 * Return: the lease; ERR_PTR(-EINVAL) if the operation has no attribute @attr;
 * ERR_PTR(-ENOENT) if no lease has this name. An error sets extack.
 */
struct hasw_lease *hasw_nl_lease(const struct genl_info *info, u16 attr)
{
	struct hasw_lease *lease;

	if (!info->attrs[attr]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, attr);
		NL_SET_ERR_MSG(info->extack, "no lease is named");
		return ERR_PTR(-EINVAL);
	}
	lease = hasw_lease_find(hasw_nl_config(info),
				nla_data(info->attrs[attr]));
	if (lease)
		return lease;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
			    "there is no lease of that name");
	return ERR_PTR(-ENOENT);
}

static void hasw_nl_lease_event(struct genl_info *info, const char *name,
				u8 action)
{
	struct hasw_event ev = {
		.object = HASWITCH_OBJECT_LEASE,
		.action = action,
	};

	strscpy(ev.lease, name, sizeof(ev.lease));
	hasw_config_apply(hasw_nl_net(info), hasw_nl_config(info),
			  &(struct hasw_config_change){ .ev = &ev });
}

/* Reads a list of nodes from a message. @type is HASWITCH_A_LEASE_PREFER or
 * HASWITCH_A_LEASE_ONLY. If the message has no such attribute, @nodes and @n
 * are unchanged.
 */
static int hasw_nl_lease_list(const struct genl_info *info, u16 type,
			      struct hasw_node **nodes, u32 *n)
{
	const struct nlattr *attr;
	struct hasw_node *node;
	bool none = false;
	int rem;
	u32 i;

	if (!info->attrs[type])
		return 0;
	*n = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != type)
			continue;
		if (none || (*n && !*(const char *)nla_data(attr))) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "an empty name, which takes all nodes away, stands alone");
			return -EINVAL;
		}
		none = !*(const char *)nla_data(attr);
		if (none)
			continue;
		if (*n == HASWITCH_LEASE_NODES_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "too many nodes: a lease names at most 32 with each word");
			return -E2BIG;
		}
		node = hasw_node_find(hasw_nl_config(info), nla_data(attr));
		if (!node) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "there is no node of that name");
			return -ENOENT;
		}
		for (i = 0; i < *n; i++)
			if (nodes[i] == node) {
				NL_SET_ERR_MSG_ATTR(info->extack, attr,
						    "node is given twice: give it once");
				return -EINVAL;
			}
		nodes[(*n)++] = node;
	}
	return 0;
}

static bool hasw_nl_lease_among(const struct hasw_node *node,
				struct hasw_node *const *nodes, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (nodes[i] == node)
			return true;
	return false;
}

/* Checks that each preferred node (`prefer`) is allowed to hold the lease
 * (`only`), and that `failback` comes with a preferred node. An earlier
 * operation might have set one of the two lists, so the error names the
 * attribute that this message has.
 */
static int hasw_nl_lease_fit(const struct genl_info *info,
			     const struct hasw_lease_nodes *nodes)
{
	const struct nlattr *failback = info->attrs[HASWITCH_A_LEASE_FAILBACK];
	u32 i;

	for (i = 0; nodes->n_only && i < nodes->n_prefer; i++) {
		if (hasw_nl_lease_among(nodes->prefer[i], nodes->only,
					nodes->n_only))
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_LEASE_PREFER] ?:
				    info->attrs[HASWITCH_A_LEASE_ONLY],
				    "a node that is preferred is not among those that may hold the lease: name it with only, too, or not with prefer");
		return -EINVAL;
	}
	if (failback && !nodes->n_prefer) {
		NL_SET_ERR_MSG_ATTR(info->extack, failback,
				    "failback needs prefer: without a preferred node the lease goes back to nobody");
		return -EINVAL;
	}
	return 0;
}

/* Reads from the message the preferred holders of a lease, and the nodes that
 * are allowed to hold it. If an attribute is missing, its field of @nodes is
 * unchanged. But if no node is preferred, @nodes->failback is set to its
 * default.
 */
static int hasw_nl_lease_nodes(const struct genl_info *info,
			       struct hasw_lease_nodes *nodes)
{
	const struct nlattr *failback = info->attrs[HASWITCH_A_LEASE_FAILBACK];
	int err;

	err = hasw_nl_lease_list(info, HASWITCH_A_LEASE_PREFER, nodes->prefer,
				 &nodes->n_prefer) ?:
	      hasw_nl_lease_list(info, HASWITCH_A_LEASE_ONLY, nodes->only,
				 &nodes->n_only) ?:
	      hasw_nl_lease_fit(info, nodes);
	if (err)
		return err;
	if (failback)
		nodes->failback = nla_get_u64(failback);
	else if (!nodes->n_prefer)
		nodes->failback = HASW_FAILBACK_DEFAULT;
	return hasw_nl_failback_check(info, failback, nodes->failback);
}

static u8 hasw_nl_lease_resign(const struct genl_info *info, u8 resign)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_LEASE_RESIGN];

	return attr ? nla_get_u8(attr) : resign;
}

int hasw_nl_lease_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_LEASE_NAME];
	struct hasw_config *cfg = hasw_nl_config(info);
	struct hasw_lease_nodes nodes = {};
	struct hasw_lease *lease;
	int err;

	if (!attr) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, HASWITCH_A_LEASE_NAME);
		NL_SET_ERR_MSG(info->extack, "no lease is named");
		return -EINVAL;
	}
	err = hasw_nl_name_check(attr, info->extack);
	if (err)
		return err;
	if (hasw_lease_find(cfg, nla_data(attr))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "there is a lease of that name already");
		return -EEXIST;
	}
	if (hasw_lease_numbered(cfg, hasw_lease_number(nla_data(attr)))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "heartbeats name leases by a number made of the name, and a lease of another name has the same: take another name");
		return -EEXIST;
	}
	if (cfg->n_leases >= HASWITCH_LEASES_MAX) {
		NL_SET_ERR_MSG(info->extack,
			       "there are as many leases as there can be, 256");
		return -E2BIG;
	}
	nodes.failback = HASW_FAILBACK_DEFAULT;
	err = hasw_nl_lease_nodes(info, &nodes);
	if (err)
		return err;
	lease = hasw_lease_new(nla_data(attr));
	if (!lease)
		return -ENOMEM;
	err = hasw_event_prepare(hasw_nl_net(info));
	if (err) {
		kfree(lease);
		return err;
	}
	hasw_lease_set_nodes(hasw_nl_net(info), lease, &nodes);
	lease->resign = hasw_nl_lease_resign(info, HASWITCH_RESIGN_ANY);
	hasw_lease_add(hasw_nl_net(info), cfg, lease);
	hasw_nl_lease_event(info, lease->name, HASWITCH_ACTION_ADD);
	return 0;
}

/* Returns the first attribute that changes the configuration of a lease, or
 * NULL.
 */
static const struct nlattr *hasw_nl_lease_conf(const struct genl_info *info)
{
	return info->attrs[HASWITCH_A_LEASE_PREFER] ?:
	       info->attrs[HASWITCH_A_LEASE_ONLY] ?:
	       info->attrs[HASWITCH_A_LEASE_FAILBACK] ?:
	       info->attrs[HASWITCH_A_LEASE_RESIGN];
}

/* Returns whether the message has an attribute of a grant. */
static bool hasw_nl_lease_of_grant(const struct genl_info *info)
{
	return info->attrs[HASWITCH_A_LEASE_EPOCH] ||
	       info->attrs[HASWITCH_A_LEASE_HOLDER] ||
	       info->attrs[HASWITCH_A_LEASE_DEADLINE] ||
	       info->attrs[HASWITCH_A_LEASE_TIED] ||
	       info->attrs[HASWITCH_A_LEASE_PARTLY];
}

/* Changes the preferred holders of a lease, the nodes that are allowed to hold
 * it, and when this node resigns it.
 */
static int hasw_nl_lease_change(struct genl_info *info)
{
	struct hasw_lease *lease = hasw_nl_lease(info, HASWITCH_A_LEASE_NAME);
	struct hasw_lease_nodes nodes;
	int err;

	if (IS_ERR(lease))
		return PTR_ERR(lease);
	if (info->attrs[HASWITCH_A_LEASE_FLOOR] ||
	    hasw_nl_lease_of_grant(info)) {
		NL_SET_ERR_MSG_ATTR(info->extack, hasw_nl_lease_conf(info),
				    "prefer, only, failback or resign is given with a floor or a grant: say it by itself");
		return -EINVAL;
	}
	nodes = lease->nodes;
	err = hasw_nl_lease_nodes(info, &nodes);
	if (!err)
		err = hasw_event_prepare(hasw_nl_net(info));
	if (err)
		return err;
	hasw_lease_set_nodes(hasw_nl_net(info), lease, &nodes);
	hasw_lease_set_resign(hasw_nl_net(info), lease,
			      hasw_nl_lease_resign(info, lease->resign));
	hasw_nl_lease_event(info, lease->name, HASWITCH_ACTION_SET);
	return 0;
}

static int hasw_nl_lease_floor(struct genl_info *info, struct hasw_lease *lease)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_LEASE_FLOOR];
	u64 floor = nla_get_u64(attr);

	if (hasw_nl_lease_of_grant(info)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "floor is given with a grant: set the floor by itself, before");
		return -EINVAL;
	}
	if (!floor) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "0 is no epoch: the smallest floor is 1");
		return -EINVAL;
	}
	if (!hasw_lease_set_floor(hasw_nl_net(info), lease, floor)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the floor is higher already: it only rises");
		return -ESTALE;
	}
	hasw_link_schedule(hasw_nl_net(info));
	return 0;
}

/* Rejects a grant that lacks epoch, holder or deadline. */
static int hasw_nl_lease_whole(const struct genl_info *info)
{
	static const struct {
		u16 attr;
		const char *text;
	} parts[] = {
		{ HASWITCH_A_LEASE_EPOCH,
		  "epoch is missing: give floor, or epoch, holder and deadline" },
		{ HASWITCH_A_LEASE_HOLDER,
		  "holder is missing: give epoch, holder and deadline" },
		{ HASWITCH_A_LEASE_DEADLINE,
		  "deadline is missing: give epoch, holder and deadline" },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (info->attrs[parts[i].attr])
			continue;
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, parts[i].attr);
		info->extack->_msg = parts[i].text;
		return -EINVAL;
	}
	return 0;
}

/* Returns whether the caller's time namespace has the same CLOCK_BOOTTIME as
 * the module. If not, the caller's deadlines would need an offset, so they are
 * rejected.
 */
static bool hasw_nl_lease_same_clock(void)
{
	return !timens_add_boottime_ns(0);
}

/* Looks up the lease that the message names, in the live configuration only. */
static struct hasw_lease *hasw_nl_lease_live(const struct genl_info *info)
{
	int err = hasw_nl_only_live(info);

	return err ? ERR_PTR(err) : hasw_nl_lease(info, HASWITCH_A_LEASE_NAME);
}

/**
 * hasw_nl_lease_renew() - renews a lease, or moves this node's own grant to a
 *	higher epoch, if the message is only that
 * @hn: namespace
 * @info: the lease-set operation
 *
 * Context: process, hasw_net.mutex not held.
 * Return: true if the lease was renewed or moved. If false, nothing is changed, and
 * hasw_nl_lease_set_doit() handles the message.
 */
bool hasw_nl_lease_renew(struct hasw_net *hn, const struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	if (!attrs[HASWITCH_A_LEASE_NAME] || !attrs[HASWITCH_A_LEASE_EPOCH] ||
	    !attrs[HASWITCH_A_LEASE_HOLDER] ||
	    !attrs[HASWITCH_A_LEASE_DEADLINE] ||
	    attrs[HASWITCH_A_LEASE_FLOOR] || hasw_nl_lease_conf(info))
		return false;
	if (!hasw_nl_lease_same_clock())
		return false;
	/* hasw_nl_lease_set_doit() rejects a socket that is restoring. */
	if (hasw_restore_by(hn, info->snd_portid))
		return false;
	return hasw_lease_renew(hn, nla_data(attrs[HASWITCH_A_LEASE_NAME]),
				nla_get_u64(attrs[HASWITCH_A_LEASE_EPOCH]),
				nla_data(attrs[HASWITCH_A_LEASE_HOLDER]),
				nla_get_u64(attrs[HASWITCH_A_LEASE_DEADLINE]),
				attrs[HASWITCH_A_LEASE_TIED] ?
				info->snd_portid : 0);
}

/* HASWITCH_SO_RENEW, which waits neither for rtnl nor for generic netlink.
 * Process context, no lock held.
 */
static int hasw_nl_lease_sockopt(struct sock *sk, int optval, sockptr_t arg,
				 unsigned int len)
{
	struct haswitch_renewal r;
	struct hasw_net *hn;

	if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (len != sizeof(r))
		return -EINVAL;
	if (copy_from_sockptr(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.reserved || !memchr(r.lease, '\0', sizeof(r.lease)) ||
	    !memchr(r.holder, '\0', sizeof(r.holder)))
		return -EINVAL;
	if (!hasw_nl_lease_same_clock())
		return -EOPNOTSUPP;
	hn = hasw_net_of(sock_net(sk));
	return hasw_lease_renew(hn, r.lease, r.epoch, r.holder, r.deadline,
				r.tied) ? 0 : -ESTALE;
}

static struct nf_sockopt_ops hasw_nl_lease_sockopts = {
	.pf = PF_INET,
	.set_optmin = HASWITCH_SO_RENEW,
	.set_optmax = HASWITCH_SO_RENEW + 1,
	.set = hasw_nl_lease_sockopt,
	.owner = THIS_MODULE,
};

/**
 * hasw_nl_lease_register() - registers renewals by setsockopt()
 *
 * Context: process, after register_pernet_subsys().
 * Return: 0; or -EBUSY if another module has an option of this number.
 */
int hasw_nl_lease_register(void)
{
	return nf_register_sockopt(&hasw_nl_lease_sockopts);
}

/**
 * hasw_nl_lease_unregister() - unregisters renewals by setsockopt()
 *
 * Each call holds a reference of the module, so none is in progress while the
 * module is unloaded.
 *
 * Context: process.
 */
void hasw_nl_lease_unregister(void)
{
	nf_unregister_sockopt(&hasw_nl_lease_sockopts);
}

int hasw_nl_lease_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_net *hn = hasw_nl_net(info);
	enum hasw_ruling ruling;
	struct hasw_lease *lease;
	struct hasw_node *holder;
	bool fresh = false;
	int err;

	if (hasw_nl_done(info))
		return 0;
	if (hasw_nl_lease_conf(info))
		return hasw_nl_lease_change(info);
	lease = hasw_nl_lease_live(info);
	if (IS_ERR(lease))
		return PTR_ERR(lease);
	if (info->attrs[HASWITCH_A_LEASE_FLOOR])
		return hasw_nl_lease_floor(info, lease);
	err = hasw_nl_lease_whole(info);
	if (err)
		return err;
	if (!hasw_nl_lease_same_clock()) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_LEASE_DEADLINE],
				    "the deadline is of a time namespace with a clock of its own: give it from the machine's");
		return -EOPNOTSUPP;
	}
	holder = hasw_nl_node(info, HASWITCH_A_LEASE_HOLDER);
	if (IS_ERR(holder))
		return PTR_ERR(holder);
	/* A grant to this node is rejected while the node lacks legs for which
	 * it would resign the lease. Otherwise another node, which may have all
	 * legs, would get the lease later than necessary, or not at all. A
	 * renewal under a higher epoch is not rejected.
	 */
	if (holder->self && !hasw_grant_held(&lease->grant) &&
	    !hasw_client_links_linked(hn, lease,
				      info->attrs[HASWITCH_A_LEASE_PARTLY]))
		return hasw_nl_lease_refuse(info, HASW_RULING_CUT_OFF);
	ruling = hasw_lease_set(hn, lease,
				nla_get_u64(info->attrs[HASWITCH_A_LEASE_EPOCH]),
				holder,
				nla_get_u64(info->attrs[HASWITCH_A_LEASE_DEADLINE]),
				info->attrs[HASWITCH_A_LEASE_TIED] ?
				info->snd_portid : 0, &fresh);
	if (ruling != HASW_RULING_GRANT && ruling != HASW_RULING_RENEW)
		return hasw_nl_lease_refuse(info, ruling);
	if (fresh) {
		hasw_pulse_hurry(hn);
		hasw_stray_kept_replay(hn);
		hasw_announce_lease(hn, lease);
		hasw_client_links_watch(hn);
	}
	return 0;
}

/* Looks up the successor that the message names: after the release, this node
 * forwards packets to the successor. Rejects this node as the successor, and
 * any successor if this node does not hold the lease. On success, returns 0 and
 * sets @to to the successor, or to NULL if the message names none. On an error,
 * returns a negative errno and sets extack.
 */
static int hasw_nl_lease_successor(const struct genl_info *info,
				   const struct hasw_lease *lease,
				   struct hasw_node **to)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_LEASE_SUCCESSOR];

	*to = NULL;
	if (!attr)
		return 0;
	*to = hasw_nl_node(info, HASWITCH_A_LEASE_SUCCESSOR);
	if (IS_ERR(*to))
		return PTR_ERR(*to);
	if ((*to)->self) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "this node can not be its own successor: name another one");
		return -EINVAL;
	}
	if (!hasw_grant_held(&lease->grant)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "this node does not hold the lease: only the holder hands it over");
		return -ENODATA;
	}
	return 0;
}

/* The release is acknowledged only after this node has sent the last packet
 * that the ended grant allowed, see hasw_nl_finish().
 */
int hasw_nl_lease_release_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_LEASE_EPOCH];
	struct hasw_lease *lease = hasw_nl_lease_live(info);
	struct hasw_node *successor;
	enum hasw_ruling ruling;
	u64 decision;
	int err;

	if (IS_ERR(lease))
		return PTR_ERR(lease);
	if (attr && !nla_get_u64(attr))
		return hasw_nl_lease_refuse(info, HASW_RULING_NO_EPOCH);
	err = hasw_nl_lease_successor(info, lease, &successor);
	if (err)
		return err;
	/* Some TCP connections to the vips are aborted, see hasw_abort_lease().
	 * This node still holds the lease then, so that it can send resets. If
	 * the release will be refused, no connection is aborted. The mutex is
	 * released during the aborts, because they take long.
	 */
	if (hasw_grant_held(&lease->grant) &&
	    (!attr || nla_get_u64(attr) >= READ_ONCE(lease->grant.epoch))) {
		decision = hasw_nl_pause(info);
		hasw_abort_lease(hasw_nl_net(info),
				 nla_data(info->attrs[HASWITCH_A_LEASE_NAME]));
		hasw_nl_resume(info, decision);
		lease = hasw_nl_lease_live(info);
		if (IS_ERR(lease))
			return PTR_ERR(lease);
		err = hasw_nl_lease_successor(info, lease, &successor);
		if (err)
			return err;
	}
	ruling = hasw_lease_release(hasw_nl_net(info), lease,
				    attr ? nla_get_u64(attr) : 0, successor);
	if (ruling != HASW_RULING_RELEASE && ruling != HASW_RULING_BURN)
		return hasw_nl_lease_refuse(info, ruling);
	return 0;
}

/* The module only reports the request to move the lease as an event. The agents
 * check the successor, because they know nodes that the module does not know,
 * such as witnesses.
 */
int hasw_nl_lease_move_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *to = info->attrs[HASWITCH_A_LEASE_SUCCESSOR];
	const struct nlattr *said = info->attrs[HASWITCH_A_LEASE_ANSWER];
	struct hasw_lease *lease = hasw_nl_lease_live(info);
	u8 answer = said ? nla_get_u8(said) : 0;
	int err = 0;

	if (IS_ERR(lease))
		return PTR_ERR(lease);
	if (to)
		err = hasw_nl_name_check(to, info->extack);
	if (err)
		return err;
	hasw_lease_move(hasw_nl_net(info), lease, to ? nla_data(to) : "",
			said ? &answer : NULL);
	return 0;
}

int hasw_nl_lease_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_lease *lease = hasw_nl_lease(info, HASWITCH_A_LEASE_NAME);
	char name[HASWITCH_NAME_MAX + 1];

	if (IS_ERR(lease))
		return PTR_ERR(lease);
	if (lease->refs) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_LEASE_NAME],
				    "vips use the lease: delete or change those first");
		return -EBUSY;
	}
	strscpy(name, lease->name, sizeof(name));
	hasw_lease_del(hasw_nl_net(info), hasw_nl_config(info), lease);
	hasw_nl_lease_event(info, name, HASWITCH_ACTION_DEL);
	return 0;
}

static int hasw_nl_lease_put(struct sk_buff *skb, u16 attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, HASWITCH_A_LEASE_PAD);
}

static int hasw_nl_lease_put_nodes(struct sk_buff *skb,
				   const struct hasw_lease_nodes *nodes)
{
	u32 i;

	for (i = 0; i < nodes->n_prefer; i++)
		if (nla_put_string(skb, HASWITCH_A_LEASE_PREFER,
				   nodes->prefer[i]->name))
			return -EMSGSIZE;
	for (i = 0; i < nodes->n_only; i++)
		if (nla_put_string(skb, HASWITCH_A_LEASE_ONLY,
				   nodes->only[i]->name))
			return -EMSGSIZE;
	return nodes->n_prefer ?
	       hasw_nl_lease_put(skb, HASWITCH_A_LEASE_FAILBACK,
				 nodes->failback) : 0;
}

static int hasw_nl_lease_fill(struct sk_buff *skb, struct hasw_net *hn,
			      const void *obj)
{
	char holder[HASWITCH_NAME_MAX + 1] = "";
	char next[HASWITCH_NAME_MAX + 1] = "";
	const struct hasw_lease *lease = obj;
	const struct hasw_node *node;
	struct hasw_right right;
	bool held, tied, down;

	spin_lock_bh(&hn->state_lock);
	tied = lease->tied;
	down = lease->protodown;
	right = lease->grant.right;
	node = hasw_lease_holder(hn, lease);
	held = hasw_right_held(&right, hasw_switch_now());
	if (node)
		strscpy(holder, node->name, sizeof(holder));
	node = hasw_lease_successor(hn, lease);
	if (node)
		strscpy(next, node->name, sizeof(next));
	spin_unlock_bh(&hn->state_lock);
	if (nla_put_string(skb, HASWITCH_A_LEASE_NAME, lease->name) ||
	    (right.floor && hasw_nl_lease_put(skb, HASWITCH_A_LEASE_FLOOR,
					      right.floor)) ||
	    (held && (hasw_nl_lease_put(skb, HASWITCH_A_LEASE_EPOCH,
					right.epoch) ||
		      nla_put_string(skb, HASWITCH_A_LEASE_HOLDER, holder) ||
		      hasw_nl_lease_put(skb, HASWITCH_A_LEASE_DEADLINE,
					right.deadline))) ||
	    (right.burned && hasw_nl_lease_put(skb, HASWITCH_A_LEASE_BURNED,
					       right.burned)) ||
	    (hasw_grant_held(&lease->grant) &&
	     nla_put_flag(skb, HASWITCH_A_LEASE_HELD)) ||
	    nla_put_u32(skb, HASWITCH_A_LEASE_VIPS, lease->refs) ||
	    (held && tied && nla_put_flag(skb, HASWITCH_A_LEASE_TIED)) ||
	    nla_put_u8(skb, HASWITCH_A_LEASE_RESIGN, lease->resign) ||
	    (hasw_grant_held(&lease->grant) &&
	     !hasw_client_links_whole(hn, lease) &&
	     nla_put_flag(skb, HASWITCH_A_LEASE_PARTLY)) ||
	    (down && nla_put_flag(skb, HASWITCH_A_LEASE_PROTODOWN)) ||
	    (next[0] && nla_put_string(skb, HASWITCH_A_LEASE_SUCCESSOR, next)) ||
	    hasw_nl_lease_put_nodes(skb, &lease->nodes))
		return -EMSGSIZE;
	return 0;
}

static int hasw_nl_lease_find(struct genl_info *info,
			      struct hasw_nl_walk *found)
{
	found->obj = hasw_nl_lease(info, HASWITCH_A_LEASE_NAME);
	return PTR_ERR_OR_ZERO(found->obj);
}

static bool hasw_nl_lease_next(struct hasw_nl_walk *walk)
{
	return hasw_nl_next_listed(walk, &hasw_config_live(walk->hn)->leases,
				   offsetof(struct hasw_lease, list));
}

static const struct hasw_nl_kind hasw_nl_lease_kind = {
	.cmd = HASWITCH_CMD_LEASE_GET,
	.fill = hasw_nl_lease_fill,
	.find = hasw_nl_lease_find,
	.next = hasw_nl_lease_next,
};

int hasw_nl_lease_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_get(info, &hasw_nl_lease_kind);
}

int hasw_nl_lease_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return hasw_nl_dump(skb, cb, &hasw_nl_lease_kind);
}
