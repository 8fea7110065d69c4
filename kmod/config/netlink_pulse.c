// SPDX-License-Identifier: GPL-2.0
/* Operations on heartbeat sessions between two modules. A session has several
 * paths, each a pair of addresses.
 */
#include <linux/string.h>

#include "compat/compat.h"
#include "netlink.h"

/* Reads the local or the remote address of a path. Fails if the path has
 * neither or both of the attributes @addr4 and @addr6, or an address that no
 * host can have.
 */
static int hasw_nl_pulse_addr(struct nlattr **attrs, u16 addr4, u16 addr6,
			      const struct nlattr *path, struct in6_addr *addr,
			      struct netlink_ext_ack *extack, u16 *family)
{
	const struct nlattr *attr = attrs[addr4] ?: attrs[addr6];

	if (!attr || (attrs[addr4] && attrs[addr6])) {
		NL_SET_ERR_MSG_ATTR(extack, attr ?: path,
				    "a path has one local and one remote address: give each once");
		return -EINVAL;
	}
	*family = attrs[addr4] ? AF_INET : AF_INET6;
	return hasw_nl_host_get(attr, *family, addr, extack);
}

static int hasw_nl_pulse_dev(struct hasw_net *hn, const struct nlattr *attr,
			     struct netlink_ext_ack *extack,
			     struct hasw_pulse_path *path)
{
	struct net_device *dev;

	if (!attr || !*(const char *)nla_data(attr)) {
		if (path->family == AF_INET6 &&
		    (ipv6_addr_type(&path->local) & IPV6_ADDR_LINKLOCAL ||
		     ipv6_addr_type(&path->remote) & IPV6_ADDR_LINKLOCAL)) {
			NL_SET_ERR_MSG(extack,
				       "a link-local address needs the device: give dev");
			return -EINVAL;
		}
		return 0;
	}
	dev = dev_get_by_name(hn->net, nla_data(attr));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "there is no device of that name");
		return -ENODEV;
	}
	dev_put(dev);
	nla_strscpy(path->dev, attr, sizeof(path->dev));
	return 0;
}

/* Reads one path, whose nested attributes the netlink policy has checked. */
static int hasw_nl_pulse_path(struct hasw_net *hn, const struct nlattr *nest,
			      struct netlink_ext_ack *extack,
			      struct hasw_pulse_path *path)
{
	struct nlattr *attrs[HASWITCH_A_PULSE_PATH_MAX + 1] = {};
	const struct nlattr *attr;
	u16 family;
	int rem, err;

	nla_for_each_nested(attr, nest, rem) {
		if (attrs[nla_type(attr)]) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "attribute is given twice: give it once");
			return -EINVAL;
		}
		attrs[nla_type(attr)] = (struct nlattr *)attr;
	}
	err = hasw_nl_pulse_addr(attrs, HASWITCH_A_PULSE_PATH_LOCAL4,
				 HASWITCH_A_PULSE_PATH_LOCAL6, nest,
				 &path->local, extack, &path->family);
	if (!err)
		err = hasw_nl_pulse_addr(attrs, HASWITCH_A_PULSE_PATH_REMOTE4,
					 HASWITCH_A_PULSE_PATH_REMOTE6, nest,
					 &path->remote, extack, &family);
	if (err)
		return err;
	if (family != path->family) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "the addresses of a path are of different families: give two of one");
		return -EINVAL;
	}
	if (ipv6_addr_equal(&path->local, &path->remote)) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "a path leads from one address to another: give two");
		return -EINVAL;
	}
	return hasw_nl_pulse_dev(hn, attrs[HASWITCH_A_PULSE_PATH_DEV], extack,
				 path);
}

static int hasw_nl_pulse_paths(const struct genl_info *info,
			       struct hasw_pulse *p)
{
	const struct nlattr *attr;
	u32 i, n = 0;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != HASWITCH_A_PULSE_PATH)
			continue;
		err = hasw_nl_pulse_path(p->hn, attr, info->extack,
					 &p->path[n]);
		if (err)
			return err;
		for (i = 0; i < n; i++)
			if (ipv6_addr_equal(&p->path[i].local,
					    &p->path[n].local) &&
			    ipv6_addr_equal(&p->path[i].remote,
					    &p->path[n].remote)) {
				NL_SET_ERR_MSG_ATTR(info->extack, attr,
						    "another path has these addresses");
				return -EEXIST;
			}
		n++;
	}
	return 0;
}

static u32 hasw_nl_pulse_n_paths(const struct genl_info *info)
{
	const struct nlattr *attr;
	u32 n = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		n += nla_type(attr) == HASWITCH_A_PULSE_PATH;
	return n;
}

/* Reads both keys and their key-id. Rejects equal keys: with equal keys, this
 * node would accept its own heartbeats as the peer's if an attacker reflected
 * them.
 */
static int hasw_nl_pulse_keys(const struct genl_info *info,
			      struct hasw_pulse_keys *keys)
{
	const struct nlattr *tx = info->attrs[HASWITCH_A_PULSE_TX_KEY];
	const struct nlattr *rx = info->attrs[HASWITCH_A_PULSE_RX_KEY];

	if (!tx || !rx) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     tx ? HASWITCH_A_PULSE_RX_KEY :
				     HASWITCH_A_PULSE_TX_KEY);
		NL_SET_ERR_MSG(info->extack,
			       "a key is missing: give tx-key and rx-key");
		return -EINVAL;
	}
	if (!memcmp(nla_data(tx), nla_data(rx), HASW_PULSE_KEY_LEN)) {
		NL_SET_ERR_MSG_ATTR(info->extack, rx,
				    "tx-key and rx-key are the same: give one for each direction");
		return -EINVAL;
	}
	keys->tx = hasw_pulse_key(nla_data(tx));
	keys->rx = hasw_pulse_key(nla_data(rx));
	keys->id = 0;
	if (info->attrs[HASWITCH_A_PULSE_KEY_ID])
		keys->id = nla_get_u8(info->attrs[HASWITCH_A_PULSE_KEY_ID]);
	return 0;
}

/* Checks that the message has each attribute that a new session needs, except
 * the keys. Also checks that there are not too many paths, and that no other
 * session has the id.
 */
static int hasw_nl_pulse_check(const struct genl_info *info)
{
	static const u16 needed[] = {
		HASWITCH_A_PULSE_ID, HASWITCH_A_PULSE_INTERVAL,
		HASWITCH_A_PULSE_MULTIPLIER, HASWITCH_A_PULSE_PATH,
	};
	struct nlattr **attrs = info->attrs;
	u32 n_paths = hasw_nl_pulse_n_paths(info);
	int i;

	for (i = 0; i < ARRAY_SIZE(needed); i++)
		if (!attrs[needed[i]]) {
			NL_SET_ERR_ATTR_MISS(info->extack, NULL, needed[i]);
			NL_SET_ERR_MSG(info->extack,
				       "there is no session with the node yet: it needs id, interval, multiplier, a path and both keys");
			return -EINVAL;
		}
	if (n_paths > HASWITCH_PULSE_PATHS_MAX) {
		NL_SET_ERR_MSG(info->extack,
			       "more paths than a session can have: give at most 4");
		return -E2BIG;
	}
	if (hasw_pulse_at(hasw_nl_net(info),
			  nla_get_u32(attrs[HASWITCH_A_PULSE_ID]))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[HASWITCH_A_PULSE_ID],
				    "another session has this id");
		return -EEXIST;
	}
	return 0;
}

static int hasw_nl_pulse_add(const struct genl_info *info,
			     struct hasw_node *node)
{
	struct hasw_net *hn = hasw_nl_net(info);
	struct hasw_pulse_keys keys;
	struct hasw_pulse *p;
	int err;

	err = hasw_nl_pulse_check(info);
	if (err)
		return err;
	if (node->self) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_PULSE_NODE],
				    "the node is this machine: name a peer");
		return -EINVAL;
	}
	err = hasw_nl_pulse_keys(info, &keys);
	if (err)
		return err;
	p = hasw_pulse_new(hn, nla_get_u32(info->attrs[HASWITCH_A_PULSE_ID]),
			   hasw_nl_pulse_n_paths(info));
	if (!p) {
		err = -ENOMEM;
		goto out;
	}
	p->interval = nla_get_u64(info->attrs[HASWITCH_A_PULSE_INTERVAL]);
	p->multiplier = nla_get_u8(info->attrs[HASWITCH_A_PULSE_MULTIPLIER]);
	err = hasw_nl_pulse_paths(info, p);
	if (!err) {
		err = hasw_pulse_add(p, node, &keys);
		if (err == -EADDRINUSE)
			NL_SET_ERR_MSG(info->extack,
				       "UDP port 6947 is taken by another program: end it first");
		else if (err == -EAFNOSUPPORT)
			NL_SET_ERR_MSG(info->extack,
				       "a path is IPv6, which this kernel has switched off: give IPv4 paths");
	}
	if (err)
		hasw_pulse_free(p);
out:
	memzero_explicit(&keys, sizeof(keys));
	return err;
}

/* Changes interval and multiplier of a session; rejects other attributes. */
static int hasw_nl_pulse_change(const struct genl_info *info,
				struct hasw_pulse *p)
{
	static const u16 fixed[] = {
		HASWITCH_A_PULSE_ID, HASWITCH_A_PULSE_PATH,
		HASWITCH_A_PULSE_TX_KEY, HASWITCH_A_PULSE_RX_KEY,
		HASWITCH_A_PULSE_KEY_ID,
	};
	u64 interval = p->interval;
	u8 multiplier = p->multiplier;
	int i;

	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		if (info->attrs[fixed[i]]) {
			NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[fixed[i]],
					    "there is a session with the node already: only interval and multiplier change; pulse-key changes keys, or delete it first");
			return -EEXIST;
		}
	if (info->attrs[HASWITCH_A_PULSE_INTERVAL])
		interval = nla_get_u64(info->attrs[HASWITCH_A_PULSE_INTERVAL]);
	if (info->attrs[HASWITCH_A_PULSE_MULTIPLIER])
		multiplier = nla_get_u8(info->attrs[HASWITCH_A_PULSE_MULTIPLIER]);
	hasw_pulse_pace(p, interval, multiplier);
	return 0;
}

int hasw_nl_pulse_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_node *node = hasw_nl_node(info, HASWITCH_A_PULSE_NODE);
	struct hasw_pulse *p;
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	err = hasw_nl_only_live(info);
	if (err)
		return err;
	p = hasw_pulse_find(hasw_nl_net(info), node);
	return p ? hasw_nl_pulse_change(info, p) : hasw_nl_pulse_add(info, node);
}

/* Looks up the session with the node that an operation names. */
static struct hasw_pulse *hasw_nl_pulse(const struct genl_info *info)
{
	struct hasw_node *node = hasw_nl_node(info, HASWITCH_A_PULSE_NODE);
	struct hasw_pulse *p;
	int err;

	if (IS_ERR(node))
		return ERR_CAST(node);
	err = hasw_nl_only_live(info);
	if (err)
		return ERR_PTR(err);
	p = hasw_pulse_find(hasw_nl_net(info), node);
	if (p)
		return p;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[HASWITCH_A_PULSE_NODE],
			    "there is no session with this node");
	return ERR_PTR(-ENOENT);
}

int hasw_nl_pulse_key_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[HASWITCH_A_PULSE_KEY_ID];
	struct hasw_pulse *p = hasw_nl_pulse(info);
	struct hasw_pulse_keys keys;
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	if (!id) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     HASWITCH_A_PULSE_KEY_ID);
		NL_SET_ERR_MSG(info->extack,
			       "no key-id is given: give one that is not in use");
		return -EINVAL;
	}
	err = hasw_nl_pulse_keys(info, &keys);
	if (!err)
		err = hasw_pulse_rekey(p, &keys);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(info->extack, id,
				    "the keys in use have this key-id: give another");
	else if (err == -EBUSY)
		NL_SET_ERR_MSG(info->extack,
			       "the peer is going over to the keys before these: try again");
	memzero_explicit(&keys, sizeof(keys));
	return err;
}

int hasw_nl_pulse_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_pulse *p = hasw_nl_pulse(info);

	if (IS_ERR(p))
		return PTR_ERR(p);
	hasw_pulse_del(p);
	return 0;
}

static int hasw_nl_pulse_put_u64(struct sk_buff *skb, u16 attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value,
				 HASWITCH_A_PULSE_PATH_STATE_PAD);
}

static int hasw_nl_pulse_fill_path(struct sk_buff *skb,
				   const struct hasw_pulse_path *path)
{
	struct nlattr *nest = nla_nest_start(skb, HASWITCH_A_PULSE_PATH_STATE);

	if (!nest ||
	    hasw_nl_addr_put(skb, HASWITCH_A_PULSE_PATH_STATE_LOCAL4,
			     HASWITCH_A_PULSE_PATH_STATE_LOCAL6, &path->local,
			     path->family) ||
	    hasw_nl_addr_put(skb, HASWITCH_A_PULSE_PATH_STATE_REMOTE4,
			     HASWITCH_A_PULSE_PATH_STATE_REMOTE6, &path->remote,
			     path->family) ||
	    (path->dev[0] &&
	     nla_put_string(skb, HASWITCH_A_PULSE_PATH_STATE_DEV, path->dev)) ||
	    nla_put_u8(skb, HASWITCH_A_PULSE_PATH_STATE_STATE, path->state) ||
	    (path->heard &&
	     hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_HEARD,
				   path->heard)) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_ECHO,
				  path->echo) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_SENT,
				  atomic64_read(&path->sent)) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_UNSENT,
				  atomic64_read(&path->unsent)) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_RECEIVED,
				  path->received) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_BAD_MAC,
				  path->bad_mac) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_REPLAYED,
				  path->replayed) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_OLD_KEY,
				  path->old_key) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_MALFORMED,
				  path->malformed) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_LOST,
				  path->lost) ||
	    hasw_nl_pulse_put_u64(skb, HASWITCH_A_PULSE_PATH_STATE_JITTER,
				  path->jitter >> 4) ||
	    (READ_ONCE(path->gasp.np) &&
	     nla_put_flag(skb, HASWITCH_A_PULSE_PATH_STATE_PANIC_READY)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Puts a session into the message, without its keys. The caller holds the
 * session's lock, so that the values are consistent.
 */
static int hasw_nl_pulse_fill_session(struct sk_buff *skb,
				      const struct hasw_pulse *p)
{
	const struct hasw_pulse_slot *next = &p->rx[HASW_PULSE_NEXT];
	u32 i;

	lockdep_assert_held(&p->lock);
	if (nla_put_string(skb, HASWITCH_A_PULSE_NODE, p->node->name) ||
	    nla_put_u32(skb, HASWITCH_A_PULSE_ID, p->id) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_PULSE_INTERVAL, p->interval,
			      HASWITCH_A_PULSE_PAD) ||
	    nla_put_u8(skb, HASWITCH_A_PULSE_MULTIPLIER, p->multiplier) ||
	    nla_put_u8(skb, HASWITCH_A_PULSE_KEY_ID, p->tx_id) ||
	    nla_put_u8(skb, HASWITCH_A_PULSE_STATE, p->state) ||
	    (p->peer_interval &&
	     (nla_put_u64_64bit(skb, HASWITCH_A_PULSE_PEER_INTERVAL,
				p->peer_interval, HASWITCH_A_PULSE_PAD) ||
	      nla_put_u8(skb, HASWITCH_A_PULSE_PEER_MULTIPLIER,
			 p->peer_multiplier))) ||
	    (next->valid &&
	     nla_put_u8(skb, HASWITCH_A_PULSE_KEY_NEXT, next->id)) ||
	    (p->agentless &&
	     nla_put_u64_64bit(skb, HASWITCH_A_PULSE_AGENTLESS, p->agentless,
			       HASWITCH_A_PULSE_PAD)) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_PULSE_LATE, p->late,
			      HASWITCH_A_PULSE_PAD) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_PULSE_LOSSES, p->losses,
			      HASWITCH_A_PULSE_PAD))
		return -EMSGSIZE;
	for (i = 0; i < p->n_paths; i++)
		if (hasw_nl_pulse_fill_path(skb, &p->path[i]))
			return -EMSGSIZE;
	return 0;
}

static int hasw_nl_pulse_fill(struct sk_buff *skb, struct hasw_net *hn,
			      const void *obj)
{
	/* The cast removes const only for the session's lock, which is written.
	 */
	struct hasw_pulse *p = (struct hasw_pulse *)obj;
	int err;

	spin_lock_bh(&p->lock);
	err = hasw_nl_pulse_fill_session(skb, p);
	spin_unlock_bh(&p->lock);
	return err;
}

static int hasw_nl_pulse_find(struct genl_info *info,
			      struct hasw_nl_walk *found)
{
	found->obj = hasw_nl_pulse(info);
	return PTR_ERR_OR_ZERO(found->obj);
}

static bool hasw_nl_pulse_next(struct hasw_nl_walk *walk)
{
	return hasw_nl_next_listed(walk, &walk->hn->pulses->list,
				   offsetof(struct hasw_pulse, list));
}

/* hasw_net.generation does not count changes of sessions. With this counter, a
 * change of a session also marks a dump as interrupted.
 */
static u32 hasw_nl_pulse_changes(const struct hasw_net *hn)
{
	return hn->pulses->changes;
}

static const struct hasw_nl_kind hasw_nl_pulse_kind = {
	.cmd = HASWITCH_CMD_PULSE_GET,
	.fill = hasw_nl_pulse_fill,
	.find = hasw_nl_pulse_find,
	.next = hasw_nl_pulse_next,
	.changes = hasw_nl_pulse_changes,
};

int hasw_nl_pulse_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_get(info, &hasw_nl_pulse_kind);
}

int hasw_nl_pulse_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return hasw_nl_dump(skb, cb, &hasw_nl_pulse_kind);
}
