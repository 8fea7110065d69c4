// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family, and the helpers that its handlers share. */
#include <linux/ctype.h>
#include <linux/netlink.h>
#include <net/genetlink.h>

#include "announce/announce.h"
#include "compat/compat.h"
#include "netlink.h"
#include "heartbeat/resign.h"
#include "restore.h"

/* Rejects a message that repeats a scalar attribute, because the two values can
 * differ.
 */
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

/* Takes hasw_net.mutex, which serialises all operations of a namespace except
 * what hasw_nl_lease_renew() does. If the operation's socket has begun a restore, the
 * operation uses the staged configuration, which this restore is building.
 * Otherwise the operation uses the live configuration.
 */
static int hasw_nl_pre_doit(const hasw_genl_op_t *op, struct sk_buff *skb,
			    struct genl_info *info)
{
	struct hasw_net *hn = hasw_net_of(genl_info_net(info));
	u64 decision;
	int err;

	/* Switch times are measured from here, so they include the wait for the
	 * mutex.
	 */
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
 * hasw_nl_pause() - releases hasw_net.mutex for a slow step of an operation
 * @info: the operation, which has not yet changed anything that others can see
 *
 * Context: process, hasw_net.mutex held; releases it.
 * Return: time stamp of the operation's decision, ns, for hasw_nl_resume().
 */
u64 hasw_nl_pause(const struct genl_info *info)
{
	struct hasw_net *hn = hasw_nl_net(info);
	u64 decision = hn->decision;

	mutex_unlock(&hn->mutex);
	return decision;
}

/**
 * hasw_nl_resume() - takes hasw_net.mutex again after hasw_nl_pause()
 * @info: the operation
 * @decision: the return value of hasw_nl_pause()
 *
 * Objects that the operation looked up before the pause might have been
 * deleted, so the caller must look them up again.
 *
 * Context: process; takes hasw_net.mutex.
 */
void hasw_nl_resume(struct genl_info *info, u64 decision)
{
	struct hasw_net *hn = hasw_nl_net(info);

	mutex_lock(&hn->mutex);
	hn->decision = decision;
	info->user_ptr[1] = hasw_config_for(hn, info->snd_portid);
}

/* Releases hasw_net.mutex, and then waits until the operation can be
 * acknowledged. After a change of vips, this function waits for the work item
 * that joins and leaves multicast groups under rtnl. After the release of a
 * lease, it waits until all packets that an ended grant allowed are sent.
 */
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
		/* The acknowledgement, or the error that nobody holds the
		 * lease, proves to user space that this node no longer serves
		 * the vips. So this function first waits until all packets that
		 * an ended grant allowed are sent.
		 */
		hasw_lease_sync(hn);
	}
}

static void hasw_nl_post_doit(const hasw_genl_op_t *op, struct sk_buff *skb,
			      struct genl_info *info)
{
	if (!hasw_nl_done(info))
		hasw_nl_finish(info);
	/* The kernel handles all messages of one sendmsg() without
	 * rescheduling. So cond_resched() lets a task that renews a lease run
	 * between two messages. Messages that generic netlink itself rejects do
	 * not reach this function.
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

static bool hasw_nl_host_valid(const struct in6_addr *addr, u16 family)
{
	if (family == AF_INET) {
		__be32 a = addr->s6_addr32[3];

		return !ipv4_is_zeronet(a) && !ipv4_is_multicast(a) &&
		       !ipv4_is_lbcast(a) && !ipv4_is_loopback(a);
	}
	return !ipv6_addr_any(addr) && !ipv6_addr_is_multicast(addr) &&
	       !ipv6_addr_loopback(addr) && !ipv6_addr_v4mapped(addr);
}

/**
 * hasw_nl_host_get() - reads the address of a host from an attribute
 * @attr: the attribute
 * @family: AF_INET or AF_INET6; the policy of the attribute has checked its
 *	length
 * @addr: receives the address; IPv4 as v4-mapped
 * @extack: set on error
 *
 * Return: 0; or -EINVAL if no host can have the address.
 */
int hasw_nl_host_get(const struct nlattr *attr, u16 family,
		     struct in6_addr *addr, struct netlink_ext_ack *extack)
{
	if (family == AF_INET)
		ipv6_addr_set_v4mapped(nla_get_in_addr(attr), addr);
	else
		*addr = nla_get_in6_addr(attr);
	if (hasw_nl_host_valid(addr, family))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "not an address of a host: give a unicast address");
	return -EINVAL;
}

/**
 * hasw_nl_failback_check() - checks the failback of a service or a lease
 * @info: the operation
 * @attr: attribute that gives @failback, or NULL
 * @failback: time in ns, or HASW_FAILBACK_MANUAL
 *
 * Return: 0; or -ERANGE with extack set.
 */
int hasw_nl_failback_check(const struct genl_info *info,
			   const struct nlattr *attr, u64 failback)
{
	if (failback <= HASWITCH_FAILBACK_MAX ||
	    failback == HASW_FAILBACK_MANUAL)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "failback is at most 24 hours, or manual");
	return -ERANGE;
}

/* Reads the address from a message. Fails if the message has neither or both of
 * the attributes @addr4 and @addr6, or an address that no host can have.
 */
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
	key->family = attrs[addr4] ? AF_INET : AF_INET6;
	return hasw_nl_host_get(attr, key->family, &key->addr, extack);
}

/**
 * hasw_nl_key_get() - reads the key of a vip or service from a message
 * @attrs: attributes of the message
 * @extack: set on error
 * @a: types of the attributes that hold the key
 * @key: filled in
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
 * @addr4: type of the attribute for an IPv4 address
 * @addr6: type of the attribute for an IPv6 address
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
 * @a: types of the attributes that hold the key
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
 * hasw_nl_evidence_put() - puts the evidence against a node into a message
 * @skb: the message
 * @attr: type of the attribute, which is put once for each kind of evidence
 * @evidence: what the module has found against the node, as bits of enum
 *	haswitch_evidence
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
 * hasw_nl_name_check() - checks the characters of a new name
 * @attr: the name
 * @extack: set on error
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
 * hasw_nl_node() - looks up the node that an operation names
 * @info: the operation; hasw_net.mutex is held
 * @attr: type of the attribute that names the node
 *
 * Return: the node; ERR_PTR(-EINVAL) if the operation has no attribute @attr;
 * ERR_PTR(-ENOENT) if no node has this name. An error sets extack.
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
 * hasw_nl_only_live() - rejects an operation whose socket has begun a restore
 * @info: the operation; hasw_net.mutex is held
 *
 * Return: 0; or -EBUSY if the socket of @info has begun a restore, extack set.
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
 * hasw_nl_vip() - looks up the vip that an operation names
 * @info: the operation; hasw_net.mutex is held
 * @key: address of the vip
 * @addr4: type of the attribute for an IPv4 address
 * @addr6: type of the attribute for an IPv6 address
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
 * hasw_nl_reply() - replies to an operation with one object
 * @info: the operation; hasw_net.mutex is held
 * @kind: kind of the object
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
 * hasw_nl_dump_check() - rejects attributes that a dump does not accept
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
 * Takes hasw_net.mutex, which hasw_nl_dump_end() releases. If the configuration
 * changes between two messages, the dump is marked as interrupted.
 *
 * Context: process.
 * Return: the live configuration.
 */
struct hasw_config *hasw_nl_dump_begin(struct netlink_callback *cb)
{
	struct hasw_net *hn = hasw_net_of(sock_net(cb->skb->sk));

	mutex_lock(&hn->mutex);
	/* A cb->seq of 0 would disable genl_dump_check_consistent(). */
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
 * @cb: the dump
 * @kind: kind of the object
 * @obj: the object
 *
 * Return: 0, or -EMSGSIZE when the message is full; then @skb is unchanged.
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
 * hasw_nl_get() - replies to an operation with the object that it names
 * @info: the operation; hasw_net.mutex is held
 * @kind: kind of the object; has hasw_nl_kind.find
 *
 * Context: process.
 * Return: 0, or a negative errno.
 */
int hasw_nl_get(struct genl_info *info, const struct hasw_nl_kind *kind)
{
	struct hasw_nl_walk found;
	int err;

	err = kind->find(info, &found);
	if (err)
		return err;
	return hasw_nl_reply(info, kind, found.obj);
}

/**
 * hasw_nl_next_listed() - moves a dump to the next object of a list
 * @walk: the dump; resumes at hasw_nl_ctx.pos
 * @list: the list
 * @offset: offset of the struct list_head in an object, bytes
 *
 * Context: process, hasw_net.mutex held.
 * Return: false if no object is left.
 */
bool hasw_nl_next_listed(struct hasw_nl_walk *walk,
			 const struct list_head *list, size_t offset)
{
	u32 i;

	if (walk->at) {
		walk->at = walk->at->next;
	} else {
		walk->at = list->next;
		for (i = 0; i < walk->ctx.pos && walk->at != list; i++)
			walk->at = walk->at->next;
	}
	if (walk->at == list)
		return false;
	walk->obj = (const void *)walk->at - offset;
	walk->ctx.pos++;
	return true;
}

/* Moves the position of a dump to hasw_nl_walk.after. */
static void hasw_nl_leave_vip(struct hasw_nl_walk *walk)
{
	walk->ctx.table = walk->after.table;
	walk->ctx.pos = walk->after.pos;
	walk->ctx.sub = 0;
	walk->ctx.leaf = 0;
	walk->vip = NULL;
}

/* Sets hasw_nl_walk.vip to the first vip at or after the position of the dump,
 * and the position to this vip. IPv4 vips come before IPv6 vips. Returns false
 * if no vip is left, or if the dump has to pause; its position is then behind
 * the slots that it looked at.
 */
static bool hasw_nl_enter_vip(struct hasw_nl_walk *walk)
{
	const struct hasw_config *cfg = hasw_config_live(walk->hn);
	struct hasw_nl_ctx *after = &walk->after;

	*after = walk->ctx;
	if (walk->key.family) {
		after->table = 2;
		walk->vip = walk->ctx.table ? NULL :
			    hasw_vip_find(cfg, &walk->key.addr,
					  walk->key.family);
		return walk->vip;
	}
	for (; after->table < 2; after->table++, after->pos = 0) {
		walk->vip = hasw_table_some(after->table ? &cfg->vips6 :
							   &cfg->vips4,
					    &after->pos, &walk->left);
		if (walk->vip) {
			walk->ctx.table = after->table;
			walk->ctx.pos = after->pos - 1;
			return true;
		}
		if (!walk->left) {
			hasw_nl_leave_vip(walk);
			return false;
		}
	}
	return false;
}

/**
 * hasw_nl_walk_on() - whether a dump that has found nothing may look further
 * @walk: the dump
 *
 * Context: process, hasw_net.mutex held.
 * Return: false if the dump has to pause.
 */
bool hasw_nl_walk_on(struct hasw_nl_walk *walk)
{
	if (walk->left)
		walk->left--;
	return walk->left;
}

/**
 * hasw_nl_next_vip() - moves a dump to the next vip
 * @walk: the dump; resumes at hasw_nl_ctx.table and .pos
 *
 * Context: process, hasw_net.mutex held.
 * Return: false if no vip is left, or if the dump has to pause.
 */
bool hasw_nl_next_vip(struct hasw_nl_walk *walk)
{
	if (!hasw_nl_enter_vip(walk))
		return false;
	walk->obj = walk->vip;
	hasw_nl_leave_vip(walk);
	return true;
}

/**
 * hasw_nl_next_service() - moves a dump to the next service of a vip
 * @walk: the dump; resumes at hasw_nl_ctx.table, .pos and .sub
 *
 * Context: process, hasw_net.mutex held.
 * Return: false if no service is left, or if the dump has to pause.
 */
bool hasw_nl_next_service(struct hasw_nl_walk *walk)
{
	const struct hasw_services *all;

	for (;;) {
		if (!walk->vip && !hasw_nl_enter_vip(walk))
			return false;
		all = rcu_dereference_protected(
			walk->vip->services,
			lockdep_is_held(&walk->hn->mutex));
		if (all && walk->ctx.sub < hasw_services_n(all)) {
			walk->obj = hasw_services_list(all)[walk->ctx.sub++];
			return true;
		}
		hasw_nl_leave_vip(walk);
	}
}

/* Maximum number of slots and services that a dump looks at before it pauses:
 * it then releases hasw_net.mutex.
 */
#define HASW_NL_DUMP_LOOKS 4096

/* Puts objects into a message until it is full, no object is left, or the dump
 * has to pause. Returns whether it has to pause with an empty message, which
 * would end the dump. Takes hasw_net.mutex.
 */
static bool hasw_nl_dump_some(struct sk_buff *skb, struct netlink_callback *cb,
			      const struct hasw_nl_kind *kind,
			      struct hasw_nl_walk *walk)
{
	struct hasw_nl_ctx *ctx = hasw_nl_dump_ctx(cb);
	bool found;

	walk->ctx = *ctx;
	walk->at = NULL;
	walk->vip = NULL;
	walk->left = HASW_NL_DUMP_LOOKS;
	hasw_nl_dump_begin(cb);
	if (kind->changes)
		cb->seq = (u32)walk->hn->generation +
			  kind->changes(walk->hn) ?: 1;
	cb->prev_seq = cb->prev_seq ?: cb->seq; /* in a pause, too */
	while ((found = kind->next(walk)) &&
	       !hasw_nl_dump_put(skb, cb, kind, walk->obj)) {
		*ctx = walk->ctx;
		cond_resched();
	}
	/* The next call does not look again at what was looked at for nothing.
	 */
	if (!found)
		*ctx = walk->ctx;
	hasw_nl_dump_end(cb);
	return !found && !walk->left && !skb->len;
}

/**
 * hasw_nl_dump() - puts objects of one kind into a message of a dump
 * @skb: the message
 * @cb: the dump
 * @kind: kind of the objects; has hasw_nl_kind.next
 *
 * If the configuration changes between two messages or in a pause, the dump is
 * marked as interrupted.
 *
 * Context: process; takes hasw_net.mutex.
 * Return: length of the message; 0 ends the dump; or a negative errno, extack
 * set.
 */
int hasw_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 const struct hasw_nl_kind *kind)
{
	struct hasw_net *hn = hasw_net_of(sock_net(cb->skb->sk));
	struct hasw_nl_walk walk = { .hn = hn };
	int err;

	err = hasw_nl_dump_check(cb);
	if (!err && kind->filter)
		err = kind->filter(cb, &walk);
	if (err)
		return err;
	while (hasw_nl_dump_some(skb, cb, kind, &walk))
		cond_resched();
	return skb->len;
}

/* When a netlink socket is closed, ends the grants that are tied to the socket,
 * and discards the restore that the socket has begun.
 */
static int hasw_nl_notify(struct notifier_block *nb, unsigned long event,
			  void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct hasw_net *hn;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	hn = hasw_net_of(n->net);
	hasw_resign_agent(hn, n->portid);
	if (!hasw_restore_by(hn, n->portid))
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
 * hasw_netlink_register() - registers the family and its netlink notifier
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
 * hasw_netlink_unregister() - unregisters the family and its netlink notifier
 *
 * Context: process.
 */
void hasw_netlink_unregister(void)
{
	genl_unregister_family(&hasw_genl_family);
	netlink_unregister_notifier(&hasw_nl_nb);
}
