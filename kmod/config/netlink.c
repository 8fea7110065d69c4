// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: what every operation's handler has in common. */
#include <linux/ctype.h>
#include <linux/netlink.h>
#include <net/genetlink.h>

#include "announce/announce.h"
#include "compat/compat.h"
#include "netlink.h"
#include "heartbeat/resign.h"
#include "restore.h"

/* A scalar attribute that comes twice says two things. */
static int hasw_nl_check_repeats(const struct genl_info *info)
{
	u64 multi = hasw_genl_multi[info->genlhdr->cmd], seen = 0;
	const struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		u64 bit = BIT_ULL(nla_type(attr) & 63);

		if (seen & ~multi & bit) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "attribute is given twice: give it once");
			return -EINVAL;
		}
		seen |= bit;
	}
	return 0;
}

/* Operations are done one after the other in a namespace, each on the
 * configuration that its socket changes; but a renewal waits for nobody.
 */
static int hasw_nl_pre_doit(const hasw_genl_op_t *op, struct sk_buff *skb,
			    struct genl_info *info)
{
	struct hasw_net *hn = hasw_net_of(genl_info_net(info));
	u64 decision;
	int err;

	/* What waits for the mutex is part of how long a decision takes. */
	decision = hasw_switch_now();
	err = hasw_nl_check_repeats(info);
	if (err)
		return err;
	info->user_ptr[0] = hn;
	info->user_ptr[1] = NULL;
	if (info->genlhdr->cmd == HASWITCH_CMD_LEASE_SET &&
	    hasw_nl_lease_renew(hn, info))
		return 0;
	mutex_lock(&hn->mutex);
	hn->decision = decision;
	info->user_ptr[1] = hasw_config_for(hn, info->snd_portid);
	return 0;
}

/**
 * hasw_nl_pause() - lets others in while an operation does what takes long
 * @info: the operation, which has changed nothing yet; hasw_net.mutex is held,
 *	and no longer then
 *
 * Context: process.
 * Return: for hasw_nl_resume().
 */
u64 hasw_nl_pause(const struct genl_info *info)
{
	struct hasw_net *hn = hasw_nl_net(info);
	u64 decision = hn->decision;

	mutex_unlock(&hn->mutex);
	return decision;
}

/**
 * hasw_nl_resume() - goes on with an operation
 * @info: the operation; hasw_net.mutex is held then
 * @decision: of hasw_nl_pause()
 *
 * All that it had found may have gone.
 *
 * Context: process.
 */
void hasw_nl_resume(struct genl_info *info, u64 decision)
{
	struct hasw_net *hn = hasw_nl_net(info);

	mutex_lock(&hn->mutex);
	hn->decision = decision;
	info->user_ptr[1] = hasw_config_for(hn, info->snd_portid);
}

/* What has to be true when an operation is acknowledged, and needs rtnl. */
static void hasw_nl_finish(struct genl_info *info)
{
	struct hasw_net *hn = hasw_nl_net(info);
	bool live = hasw_nl_config(info) != hn->restore.staged;

	mutex_unlock(&hn->mutex);
	switch (info->genlhdr->cmd) {
	case HASWITCH_CMD_VIP_ADD:
	case HASWITCH_CMD_VIP_SET:
	case HASWITCH_CMD_VIP_DEL:
		if (!live)
			break;
		fallthrough;
	case HASWITCH_CMD_CONFIG_COMMIT:
		hasw_announce_flush(hn);
		break;
	case HASWITCH_CMD_LEASE_RELEASE:
		/* Who is told that a grant has ended, or that there is none,
		 * relies on it. What was judged before it ended leaves first.
		 */
		hasw_lease_settle(hn);
	}
}

static void hasw_nl_post_doit(const hasw_genl_op_t *op, struct sk_buff *skb,
			      struct genl_info *info)
{
	if (!hasw_nl_done(info))
		hasw_nl_finish(info);
	/* The next message of many in one send is taken at once, and whoever is
	 * to renew a lease must not wait for them all. (Those that are refused
	 * before this never come here; that they pause is for generic netlink.)
	 */
	cond_resched();
}

struct genl_family hasw_genl_family __ro_after_init = {
	.name = HASWITCH_GENL_NAME,
	.version = HASWITCH_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.pre_doit = hasw_nl_pre_doit,
	.post_doit = hasw_nl_post_doit,
	.ops = hasw_genl_ops,
	.n_ops = HASW_GENL_N_OPS,
	.mcgrps = hasw_genl_mcgrps,
	.n_mcgrps = HASW_GENL_N_MCGRPS,
};

/**
 * hasw_nl_addr_valid() - whether a host can have an address
 * @addr: the address, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 */
bool hasw_nl_addr_valid(const struct in6_addr *addr, u16 family)
{
	if (family == AF_INET) {
		__be32 a = addr->s6_addr32[3];

		return !ipv4_is_zeronet(a) && !ipv4_is_multicast(a) &&
		       !ipv4_is_lbcast(a) && !ipv4_is_loopback(a);
	}
	return !ipv6_addr_any(addr) && !ipv6_addr_is_multicast(addr) &&
	       !ipv6_addr_loopback(addr) && !ipv6_addr_v4mapped(addr);
}

/* The address of a message: exactly one, and one that a host can have. */
static int hasw_nl_addr_get(struct nlattr **attrs,
			    struct netlink_ext_ack *extack, u16 addr4,
			    u16 addr6, struct hasw_nl_key *key)
{
	const struct nlattr *attr = attrs[addr4] ?: attrs[addr6];

	if (!attr) {
		NL_SET_ERR_ATTR_MISS(extack, NULL, addr4);
		NL_SET_ERR_MSG(extack, "no address is given: give addr4 or addr6");
		return -EINVAL;
	}
	if (attrs[addr4] && attrs[addr6]) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[addr6],
				    "addr4 and addr6 are both given: give one");
		return -EINVAL;
	}
	if (attrs[addr4]) {
		key->family = AF_INET;
		ipv6_addr_set_v4mapped(nla_get_in_addr(attr), &key->addr);
	} else {
		key->family = AF_INET6;
		key->addr = nla_get_in6_addr(attr);
	}
	if (!hasw_nl_addr_valid(&key->addr, key->family)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "not an address of a host: give a unicast address");
		return -EINVAL;
	}
	return 0;
}

/**
 * hasw_nl_key_get() - reads which vip or service a message means
 * @attrs: its attributes
 * @extack: says what is wrong
 * @a: which of them hold the key
 * @key: the key
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int hasw_nl_key_get(struct nlattr **attrs, struct netlink_ext_ack *extack,
		    const struct hasw_nl_key_attrs *a, struct hasw_nl_key *key)
{
	int err;

	memset(key, 0, sizeof(*key));
	err = hasw_nl_addr_get(attrs, extack, a->addr4, a->addr6, key);
	if (err)
		return err;
	if (a->proto && attrs[a->proto])
		key->proto = nla_get_u8(attrs[a->proto]);
	if (a->port && attrs[a->port])
		key->port = nla_get_u16(attrs[a->port]);
	if (key->port && key->proto != IPPROTO_TCP &&
	    key->proto != IPPROTO_UDP && key->proto != IPPROTO_SCTP &&
	    key->proto != IPPROTO_UDPLITE) {
		NL_SET_ERR_MSG_ATTR(extack, attrs[a->port],
				    "a port needs proto tcp, udp, sctp or udplite");
		return -EINVAL;
	}
	return 0;
}

/**
 * hasw_nl_addr_put() - puts an address into a message
 * @skb: the message
 * @addr4: attribute for an IPv4 one
 * @addr6: attribute for an IPv6 one
 * @addr: the address, IPv4 as v4-mapped
 * @family: AF_INET or AF_INET6
 *
 * Return: 0, or -EMSGSIZE.
 */
int hasw_nl_addr_put(struct sk_buff *skb, u16 addr4, u16 addr6,
		     const struct in6_addr *addr, u16 family)
{
	if (family == AF_INET)
		return nla_put_in_addr(skb, addr4, addr->s6_addr32[3]);
	return nla_put_in6_addr(skb, addr6, addr);
}

/**
 * hasw_nl_key_put() - puts the key of a vip or service into a message
 * @skb: the message
 * @a: which attributes hold the key
 * @key: the key
 *
 * Return: 0, or -EMSGSIZE.
 */
int hasw_nl_key_put(struct sk_buff *skb, const struct hasw_nl_key_attrs *a,
		    const struct hasw_nl_key *key)
{
	if (hasw_nl_addr_put(skb, a->addr4, a->addr6, &key->addr, key->family) ||
	    (key->proto && nla_put_u8(skb, a->proto, key->proto)) ||
	    (key->port && nla_put_u16(skb, a->port, key->port)))
		return -EMSGSIZE;
	return 0;
}

/**
 * hasw_nl_evidence_put() - puts what speaks against a node into a message
 * @skb: the message
 * @attr: attribute, once for each
 * @evidence: bits of enum haswitch_evidence
 *
 * Return: 0, or -EMSGSIZE.
 */
int hasw_nl_evidence_put(struct sk_buff *skb, u16 attr, u8 evidence)
{
	u8 kind;

	for (kind = 0; evidence >> kind; kind++)
		if (evidence & BIT(kind) && nla_put_u8(skb, attr, kind))
			return -EMSGSIZE;
	return 0;
}

/**
 * hasw_nl_name_check() - checks a new name
 * @attr: the name
 * @extack: says what is wrong
 *
 * Return: 0, or -EINVAL.
 */
int hasw_nl_name_check(const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	const char *name = nla_data(attr), *c;

	if (!isalnum(name[0])) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a name begins with a letter or digit");
		return -EINVAL;
	}
	for (c = name; *c; c++)
		if (!isascii(*c) || (!isalnum(*c) && !strchr(".-_", *c))) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "a name has only letters, digits, dot, dash and underscore");
			return -EINVAL;
		}
	return 0;
}

/**
 * hasw_nl_node() - the node that an operation names
 * @info: the operation; hasw_net.mutex is held
 * @attr: the attribute that names it
 *
 * Return: the node, or ERR_PTR(-EINVAL) without the attribute, ERR_PTR(-ENOENT)
 * without such a node, extack set.
 */
struct hasw_node *hasw_nl_node(const struct genl_info *info, u16 attr)
{
	struct hasw_node *node;

	if (!info->attrs[attr]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, attr);
		NL_SET_ERR_MSG(info->extack, "no node is named");
		return ERR_PTR(-EINVAL);
	}
	node = hasw_node_find(hasw_nl_config(info),
			      nla_data(info->attrs[attr]));
	if (node)
		return node;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
			    "there is no node of that name");
	return ERR_PTR(-ENOENT);
}

/**
 * hasw_nl_only_live() - refuses what is no configuration in a restore
 * @info: the operation; hasw_net.mutex is held
 *
 * Return: 0, or -EBUSY if its socket is restoring, extack set.
 */
int hasw_nl_only_live(const struct genl_info *info)
{
	if (hasw_nl_config(info) == hasw_config_live(hasw_nl_net(info)))
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "this socket is restoring a configuration, of which this is no part: use another socket");
	return -EBUSY;
}

/**
 * hasw_nl_vip() - the vip that an operation names
 * @info: the operation; hasw_net.mutex is held
 * @key: its address
 * @addr4: attribute that holds an IPv4 address
 * @addr6: attribute that holds an IPv6 address
 *
 * Return: the vip, or ERR_PTR(-ENOENT), extack set.
 */
struct hasw_vip *hasw_nl_vip(struct genl_info *info,
			     const struct hasw_nl_key *key, u16 addr4,
			     u16 addr6)
{
	struct hasw_vip *vip;

	vip = hasw_vip_find(hasw_nl_config(info), &key->addr, key->family);
	if (vip)
		return vip;
	NL_SET_ERR_MSG_ATTR(info->extack,
			    info->attrs[addr4] ?: info->attrs[addr6],
			    "there is no vip of that address");
	return ERR_PTR(-ENOENT);
}

/**
 * hasw_nl_reply() - answers an operation with one object
 * @info: the operation; hasw_net.mutex is held
 * @kind: its kind
 * @obj: the object
 *
 * Context: process.
 * Return: 0, or a negative errno.
 */
int hasw_nl_reply(struct genl_info *info, const struct hasw_nl_kind *kind,
		  const void *obj)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;
	int err;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &hasw_genl_family, 0, kind->cmd);
	err = hdr ? kind->fill(msg, hasw_nl_net(info), obj) : -EMSGSIZE;
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * hasw_nl_dump_check() - refuses attributes that a dump does not know
 * @cb: the dump, at its first message
 *
 * Return: 0, or -EINVAL, extack set.
 */
int hasw_nl_dump_check(struct netlink_callback *cb)
{
	u64 may = hasw_genl_dump[hasw_genl_dump_cmd(cb)], seen = 0;
	const struct nlattr *attr;
	int rem;

	nlmsg_for_each_attr(attr, cb->nlh, GENL_HDRLEN, rem) {
		u64 bit = BIT_ULL(nla_type(attr) & 63);

		if (!(may & bit)) {
			NL_SET_ERR_MSG_ATTR(cb->extack, attr,
					    "a dump does not take this attribute: leave it out");
			return -EINVAL;
		}
		if (seen & bit) {
			NL_SET_ERR_MSG_ATTR(cb->extack, attr,
					    "attribute is given twice: give it once");
			return -EINVAL;
		}
		seen |= bit;
	}
	return 0;
}

/**
 * hasw_nl_dump_begin() - begins one message of a dump
 * @cb: the dump
 *
 * Takes hasw_net.mutex until hasw_nl_dump_end(). A change of the configuration
 * between two messages marks the dump as interrupted.
 *
 * Context: process.
 * Return: the live configuration.
 */
struct hasw_config *hasw_nl_dump_begin(struct netlink_callback *cb)
{
	struct hasw_net *hn = hasw_net_of(sock_net(cb->skb->sk));

	mutex_lock(&hn->mutex);
	/* 0 would mean that nobody checks. */
	cb->seq = (u32)hn->generation ?: 1;
	return hasw_config_live(hn);
}

/**
 * hasw_nl_dump_end() - ends one message of a dump
 * @cb: the dump
 *
 * Context: process.
 */
void hasw_nl_dump_end(struct netlink_callback *cb)
{
	mutex_unlock(&hasw_net_of(sock_net(cb->skb->sk))->mutex);
}

/**
 * hasw_nl_dump_put() - puts one object into a message of a dump
 * @skb: the message
 * @cb: the dump, begun
 * @kind: the object's kind
 * @obj: the object
 *
 * Return: 0, or -EMSGSIZE when the message is full; then it is as before.
 */
int hasw_nl_dump_put(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct hasw_nl_kind *kind, const void *obj)
{
	struct hasw_net *hn = hasw_net_of(sock_net(cb->skb->sk));
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &hasw_genl_family, NLM_F_MULTI, kind->cmd);
	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	if (kind->fill(skb, hn, obj)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/**
 * hasw_nl_dump_list() - puts the objects of a list into a message, and ends it
 * @skb: the message
 * @cb: the dump, begun; hasw_nl_ctx.pos is where to go on
 * @kind: the objects' kind
 * @list: the list
 * @offset: of the list's member in an object
 *
 * Context: process.
 * Return: length of the message.
 */
int hasw_nl_dump_list(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct hasw_nl_kind *kind,
		      const struct list_head *list, size_t offset)
{
	struct hasw_nl_ctx *ctx = hasw_nl_dump_ctx(cb);
	const struct list_head *at;
	u32 i = 0;

	list_for_each(at, list)
	{
		if (i++ < ctx->pos)
			continue;
		if (hasw_nl_dump_put(skb, cb, kind, (const void *)at - offset))
			break;
		ctx->pos = i;
	}
	hasw_nl_dump_end(cb);
	return skb->len;
}

/* The next vip of either family, from @ctx on, which is moved behind it. */
static const struct hasw_vip *hasw_nl_dump_next(struct hasw_net *hn,
						struct hasw_nl_ctx *ctx)
{
	const struct hasw_config *cfg = hasw_config_live(hn);
	const struct hasw_vip *vip;

	for (; ctx->table < 2; ctx->table++, ctx->pos = 0) {
		const struct hasw_table *t = ctx->table ? &cfg->vips6 :
							  &cfg->vips4;

		vip = hasw_table_next(
			rcu_dereference_protected(t->slots,
						  lockdep_is_held(&hn->mutex)),
			&ctx->pos);
		if (vip)
			return vip;
	}
	return NULL;
}

/**
 * hasw_nl_dump_vips() - puts what vips have into a message, and ends it
 * @skb: the message
 * @cb: the dump, begun; hasw_nl_ctx.table and .pos are where to go on
 * @key: of the one vip that is wanted, which is found, not searched for; with no
 *	family, all are
 * @put: puts what one vip has into the message
 * @data: passed to it
 *
 * Context: process.
 * Return: length of the message.
 */
int hasw_nl_dump_vips(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct hasw_nl_key *key, hasw_nl_dump_vip_t put,
		      const void *data)
{
	struct hasw_net *hn = hasw_net_of(sock_net(cb->skb->sk));
	struct hasw_nl_ctx *ctx = hasw_nl_dump_ctx(cb);
	const struct hasw_vip *vip;
	u32 pos, table;

	for (;;) {
		pos = ctx->pos;
		table = ctx->table;
		if (!key->family) {
			vip = hasw_nl_dump_next(hn, ctx);
		} else {
			ctx->table = 2;
			vip = table ? NULL :
				      hasw_vip_find(hasw_config_live(hn),
						    &key->addr, key->family);
		}
		if (!vip)
			break;
		if (put(skb, cb, vip, data)) {
			ctx->pos = pos;
			ctx->table = table;
			break;
		}
	}
	hasw_nl_dump_end(cb);
	return skb->len;
}

/* A socket that goes away in the middle of a restore takes it along. */
static int hasw_nl_notify(struct notifier_block *nb, unsigned long event,
			  void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct hasw_net *hn;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	hn = hasw_net_of(n->net);
	hasw_resign_agent(hn, n->portid);
	if (!READ_ONCE(hn->restore.staged))
		return NOTIFY_DONE;
	mutex_lock(&hn->mutex);
	hasw_restore_release(hn, n->portid);
	mutex_unlock(&hn->mutex);
	return NOTIFY_DONE;
}

static struct notifier_block hasw_nl_nb = {
	.notifier_call = hasw_nl_notify,
};

/**
 * hasw_netlink_register() - lets users in
 *
 * Context: process.
 * Return: 0, or a negative errno.
 */
int hasw_netlink_register(void)
{
	int err;

	err = netlink_register_notifier(&hasw_nl_nb);
	if (err)
		return err;
	err = genl_register_family(&hasw_genl_family);
	if (err)
		netlink_unregister_notifier(&hasw_nl_nb);
	return err;
}

/**
 * hasw_netlink_unregister() - lets users in no longer; waits for those inside
 *
 * Context: process.
 */
void hasw_netlink_unregister(void)
{
	genl_unregister_family(&hasw_genl_family);
	netlink_unregister_notifier(&hasw_nl_nb);
}
