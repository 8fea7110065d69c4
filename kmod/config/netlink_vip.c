// SPDX-License-Identifier: GPL-2.0
/* Operations on vips. */
#include <linux/slab.h>

#include "announce/announce.h"
#include "announce/conflict.h"
#include "forward/gue.h"
#include "netlink.h"
#include "service/abort.h"
#include "service/vip_class.h"

static const struct hasw_nl_key_attrs hasw_nl_vip_key = {
	.addr4 = HASWITCH_A_VIP_ADDR4,
	.addr6 = HASWITCH_A_VIP_ADDR6,
};

static struct hasw_vip *hasw_nl_vip_of(struct genl_info *info,
				       struct hasw_nl_key *key)
{
	int err;

	err = hasw_nl_key_get(info->attrs, info->extack, &hasw_nl_vip_key, key);
	if (err)
		return ERR_PTR(err);
	return hasw_nl_vip(info, key, HASWITCH_A_VIP_ADDR4,
			   HASWITCH_A_VIP_ADDR6);
}

/* Adds a device that the message names to a vip's client-facing devices. */
static int hasw_nl_vip_dev(struct genl_info *info, const struct nlattr *attr,
			   struct hasw_devs *devs)
{
	struct hasw_devs_entry *new = &devs->dev[devs->n];
	struct net_device *dev;
	u32 i;

	if (devs->n == HASWITCH_DEV_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "a vip has at most 8 devices");
		return -E2BIG;
	}
	dev = dev_get_by_name(genl_info_net(info), nla_data(attr));
	if (!dev && !hasw_nl_dev_late(info, attr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "there is no device of that name");
		return -ENODEV;
	}
	/* A restore must take what was in force, so a device may have been put
	 * into a VRF since. The vip waits until the device leaves the VRF.
	 */
	if (dev && hasw_dev_in_vrf(dev) && !hasw_nl_config(info)->staged) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the device is in a VRF, where vips do not work: give a device outside of VRFs");
		dev_put(dev);
		return -EOPNOTSUPP;
	}
	/* The message can give an alternative name of the device, so the main
	 * name is stored. The device might be registered at this very moment:
	 * its notifier then waits for hasw_net.mutex, and sets the ifindex.
	 */
	new->ifindex = dev ? dev->ifindex : 0;
	strscpy(new->name, dev ? dev->name : nla_data(attr), IFNAMSIZ);
	dev_put(dev);
	for (i = 0; i < devs->n; i++)
		if (!strcmp(devs->dev[i].name, new->name)) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "device is given twice: give it once");
			return -EINVAL;
		}
	devs->n++;
	return 0;
}

/* Returns the client-facing devices (by which clients' packets arrive) that the
 * message names, or NULL if the message names no device.
 */
static struct hasw_devs *hasw_nl_vip_devs(struct genl_info *info)
{
	const struct nlattr *attr;
	struct hasw_devs *devs;
	int rem, err;

	if (!info->attrs[HASWITCH_A_VIP_DEV])
		return NULL;
	devs = kzalloc(struct_size(devs, dev, HASWITCH_DEV_MAX),
		       GFP_KERNEL_ACCOUNT);
	if (!devs)
		return ERR_PTR(-ENOMEM);
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != HASWITCH_A_VIP_DEV)
			continue;
		err = hasw_nl_vip_dev(info, attr, devs);
		if (err) {
			kfree(devs);
			return ERR_PTR(err);
		}
	}
	return devs;
}

/* Returns the vip class (all vips with the same lease, devices and hook) with
 * @lease, and with the devices and the hook of the message. Devices or a hook
 * that the message does not give are taken from @old, the vip's present class.
 * For a new vip, @old is NULL, and the defaults are used.
 */
static struct hasw_vip_class *hasw_nl_vip_class(struct genl_info *info,
						struct hasw_lease *lease,
						const struct hasw_vip_class *old)
{
	const struct nlattr *hook = info->attrs[HASWITCH_A_VIP_HOOK];
	struct hasw_devs *devs = hasw_nl_vip_devs(info);
	struct hasw_vip_class *class;

	if (IS_ERR(devs))
		return ERR_CAST(devs);
	class = hasw_vip_class_get(hasw_nl_config(info), lease,
				   devs ?: old ? old->group->devs : NULL,
				   hook ? nla_get_u8(hook) :
				   old ? old->hook : HASWITCH_HOOK_INGRESS);
	kfree(devs);
	return class ?: ERR_PTR(-ENOMEM);
}

/* Looks up the fixed holder that the message names. Returns NULL if the message
 * names none, or has an empty name, which stands for this node.
 */
static struct hasw_node *hasw_nl_vip_holder(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_VIP_HOLDER];

	if (!attr || !*(const char *)nla_data(attr))
		return NULL;
	return hasw_nl_node(info, HASWITCH_A_VIP_HOLDER);
}

/* Looks up the lease that the message names. Returns NULL if the message names
 * none, or has an empty name. Rejects a lease together with a fixed holder.
 */
static struct hasw_lease *hasw_nl_vip_lease(struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_VIP_LEASE];
	const struct nlattr *holder = info->attrs[HASWITCH_A_VIP_HOLDER];

	if (!attr || !*(const char *)nla_data(attr))
		return NULL;
	if (holder && *(const char *)nla_data(holder)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "holder and lease are both given: a vip has one of them");
		return ERR_PTR(-EINVAL);
	}
	return hasw_nl_lease(info, HASWITCH_A_VIP_LEASE);
}

/* Reads `everywhere`, with which every node serves the vip. Rejects
 * `everywhere` together with a holder or a lease.
 */
static int hasw_nl_vip_everywhere(struct genl_info *info,
				  const struct hasw_node *holder,
				  const struct hasw_lease *lease,
				  bool *everywhere)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_VIP_EVERYWHERE];

	*everywhere = attr;
	if (attr && (holder || lease)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "everywhere is given, and a lease or a holder: a vip has one of them");
		return -EINVAL;
	}
	return 0;
}

/* Checks that the vip has an owner (holder, lease or `everywhere`) if there are
 * several nodes. The vips of a restore are checked when the restore commits,
 * because nodes and vips can be restored in any order.
 */
static int hasw_nl_vip_owned(struct genl_info *info,
			     const struct hasw_node *holder,
			     const struct hasw_lease *lease, bool everywhere)
{
	const struct hasw_config *cfg = hasw_nl_config(info);

	if (cfg->staged ||
	    hasw_vip_owned(cfg->n_nodes, holder, lease, everywhere))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack,
			    info->attrs[HASWITCH_A_VIP_ADDR4] ?:
			    info->attrs[HASWITCH_A_VIP_ADDR6],
			    "the vip has neither lease nor holder, and there are several nodes: give lease, holder or everywhere");
	return -EINVAL;
}

/* Reads `stray` from the message: what a node that does not hold the vip does
 * with clients' packets. If `stray` is not given, @stray is unchanged. A node
 * that forwards strays also receives strays, on a UDP port. The port is opened
 * here, while the operation can still fail. hasw_config_sync() closes the port
 * if it is not needed.
 */
static int hasw_nl_vip_stray(struct genl_info *info, u8 *stray)
{
	if (info->attrs[HASWITCH_A_VIP_STRAY])
		*stray = nla_get_u8(info->attrs[HASWITCH_A_VIP_STRAY]);
	if (*stray != HASWITCH_STRAY_FORWARD ||
	    hasw_nl_config(info) != hasw_config_live(hasw_nl_net(info)))
		return 0;
	return hasw_gue_open(hasw_nl_net(info), info->extack);
}

/* Reads `mark` from the message: the bits of the packet mark that show the
 * epoch of @lease, the vip's lease after the change, or NULL. If `mark` is not
 * given, @mark is unchanged.
 */
static int hasw_nl_vip_mark(struct genl_info *info,
			    const struct hasw_lease *lease, u32 *mark)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_VIP_MARK];
	u32 low;

	if (attr)
		*mark = nla_get_u32(attr);
	if (!*mark)
		return 0;
	low = *mark & -*mark;
	if ((*mark + low) & *mark) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the bits of a mark are adjacent: give a mask such as 0xff00");
		return -EINVAL;
	}
	if (!lease) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr ?:
				    info->attrs[HASWITCH_A_VIP_HOLDER] ?:
				    info->attrs[HASWITCH_A_VIP_EVERYWHERE] ?:
				    info->attrs[HASWITCH_A_VIP_LEASE],
				    "a mark shows the epoch of a lease: give the vip a lease, or mark 0");
		return -EINVAL;
	}
	return 0;
}

/* Runs the steps that follow a change of a vip. @announce is the vip if this
 * node has to announce it, or NULL. @lost is true if this node held the vip
 * before the change, but does not hold it any more.
 */
static void hasw_nl_vip_apply(struct genl_info *info,
			      const struct hasw_nl_key *key, u8 action,
			      const struct hasw_vip *announce, bool lost)
{
	struct hasw_event ev = {
		.object = HASWITCH_OBJECT_VIP,
		.action = action,
		.addr = key->addr,
		.family = key->family,
	};

	hasw_config_apply(hasw_nl_net(info), hasw_nl_config(info),
			  &(struct hasw_config_change){
				  .ev = &ev,
				  .announce = announce,
				  .lost = lost,
			  });
}

int hasw_nl_vip_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_config *cfg = hasw_nl_config(info);
	struct hasw_net *hn = hasw_nl_net(info);
	struct hasw_lease *lease;
	struct hasw_node *holder;
	struct hasw_nl_key key;
	struct hasw_vip_class *class;
	struct hasw_vip *vip;
	u8 stray = HASWITCH_STRAY_FORWARD;
	bool everywhere;
	u32 mark = 0;
	int err;

	err = hasw_nl_key_get(info->attrs, info->extack, &hasw_nl_vip_key,
			      &key);
	if (err)
		return err;
	/* No router forwards to a link-local address, and each link may have
	 * the same one.
	 */
	if (ipv6_addr_type(&key.addr) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_VIP_ADDR6],
				    "a vip needs an address that is not link-local");
		return -EINVAL;
	}
	if (hasw_vip_find(cfg, &key.addr, key.family)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_VIP_ADDR4] ?:
				    info->attrs[HASWITCH_A_VIP_ADDR6],
				    "there is a vip of that address already");
		return -EEXIST;
	}
	if (hasw_node_at(cfg, &key.addr, key.family)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_VIP_ADDR4] ?:
				    info->attrs[HASWITCH_A_VIP_ADDR6],
				    "a node has this address: name the node by another one");
		return -EEXIST;
	}
	lease = hasw_nl_vip_lease(info);
	if (IS_ERR(lease))
		return PTR_ERR(lease);
	holder = hasw_nl_vip_holder(info);
	if (IS_ERR(holder))
		return PTR_ERR(holder);
	err = hasw_nl_vip_everywhere(info, holder, lease, &everywhere);
	if (!err)
		err = hasw_nl_vip_owned(info, holder, lease, everywhere);
	if (!err)
		err = hasw_nl_vip_mark(info, lease, &mark);
	if (err)
		return err;
	if (info->attrs[HASWITCH_A_VIP_MARK] && !mark) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_VIP_MARK],
				    "mark 0 marks nothing: give a mask such as 0xff00, or no mark");
		return -EINVAL;
	}
	class = hasw_nl_vip_class(info, lease, NULL);
	if (IS_ERR(class))
		return PTR_ERR(class);
	err = hasw_nl_vip_stray(info, &stray);
	if (err)
		goto err_class;
	err = -ENOMEM;
	vip = hasw_vip_new(cfg, &key.addr, key.family, stray);
	if (!vip)
		goto err_sync;
	err = hasw_config_prepare(hn, cfg);
	if (!err)
		err = hasw_config_mark(hn, cfg, mark);
	if (err)
		goto err_vip;
	vip->mark = mark;
	hasw_vip_set_owner(vip, holder, lease, false);
	vip->everywhere = everywhere;
	if (info->attrs[HASWITCH_A_VIP_ON_LOSS])
		vip->on_loss = nla_get_u8(info->attrs[HASWITCH_A_VIP_ON_LOSS]);
	hasw_vip_class_join(class, vip);
	err = hasw_vip_add(cfg, vip);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack,
			       "there are as many vips as there can be");
	if (err) {
		/* hasw_vip_free() also frees the class if it has no other vip.
		 */
		hasw_vip_free(vip);
		hasw_config_sync(hn);
		return err;
	}
	hasw_nl_vip_apply(info, &key, HASWITCH_ACTION_ADD,
			  hasw_vip_held(vip) ? vip : NULL, false);
	return 0;

err_vip:
	hasw_vip_free(vip);
err_sync:
	hasw_config_sync(hn);
err_class:
	hasw_vip_class_put(class);
	return err;
}

/**
 * struct hasw_nl_vip_change - what a message changes of an existing vip
 * @key: address of the vip
 * @vip: the vip
 * @lease: new lease, or NULL
 * @holder: new fixed holder, or NULL
 * @class: class of the vip after the change, by its lease, devices and hook
 * @stray: enum haswitch_stray after the change
 * @mark: bits of the packet mark that show the epoch after the change, or 0
 * @everywhere: every node serves the vip
 * @owner: the message changes the owner: @lease, @holder and @everywhere
 *	replace the vip's own
 */
struct hasw_nl_vip_change {
	struct hasw_nl_key key;
	struct hasw_vip *vip;
	struct hasw_lease *lease;
	struct hasw_node *holder;
	struct hasw_vip_class *class;
	u8 stray;
	u32 mark;
	bool everywhere;
	bool owner;
};

static int hasw_nl_vip_change(struct genl_info *info,
			      struct hasw_nl_vip_change *to)
{
	struct hasw_lease *lease;
	int err;

	to->vip = hasw_nl_vip_of(info, &to->key);
	if (IS_ERR(to->vip))
		return PTR_ERR(to->vip);
	to->lease = hasw_nl_vip_lease(info);
	if (IS_ERR(to->lease))
		return PTR_ERR(to->lease);
	to->holder = hasw_nl_vip_holder(info);
	if (IS_ERR(to->holder))
		return PTR_ERR(to->holder);
	to->owner = info->attrs[HASWITCH_A_VIP_HOLDER] ||
		    info->attrs[HASWITCH_A_VIP_LEASE] ||
		    info->attrs[HASWITCH_A_VIP_EVERYWHERE];
	err = hasw_nl_vip_everywhere(info, to->holder, to->lease,
				     &to->everywhere);
	if (!err && to->owner)
		err = hasw_nl_vip_owned(info, to->holder, to->lease,
					to->everywhere);
	lease = to->owner ? to->lease : to->vip->class->lease;
	to->mark = to->vip->mark;
	if (!err)
		err = hasw_nl_vip_mark(info, lease, &to->mark);
	if (err)
		return err;
	to->class = hasw_nl_vip_class(info, lease, to->vip->class);
	if (IS_ERR(to->class))
		return PTR_ERR(to->class);
	to->stray = to->vip->stray;
	err = hasw_nl_vip_stray(info, &to->stray);
	if (!err)
		err = hasw_config_mark(hasw_nl_net(info), hasw_nl_config(info),
				       to->mark);
	if (err) {
		hasw_vip_class_put(to->class);
		hasw_config_sync(hasw_nl_net(info));
	}
	return err;
}

/* Returns whether the change gives this node's vip to another holder, so that
 * this node must first abort its own TCP connections to the vip.
 */
static bool hasw_nl_vip_resets(const struct genl_info *info,
			       const struct hasw_nl_vip_change *to)
{
	const struct nlattr *attr = info->attrs[HASWITCH_A_VIP_ON_LOSS];
	const struct hasw_config *cfg = hasw_nl_config(info);
	u8 on_loss = attr ? nla_get_u8(attr) : to->vip->on_loss;

	return on_loss == HASWITCH_ON_LOSS_ABORT && to->holder &&
	       !to->holder->self && hasw_vip_held(to->vip) &&
	       cfg == hasw_config_live(hasw_nl_net(info)) &&
	       !hasw_config_is_member(cfg, to->vip);
}

int hasw_nl_vip_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_net *hn = hasw_nl_net(info);
	bool was_held, held, moved, news, fresh = false;
	bool devs = info->attrs[HASWITCH_A_VIP_DEV];
	struct hasw_nl_vip_change to;
	struct hasw_config *cfg;
	struct hasw_vip *vip;
	u64 decision;
	int err;

	err = hasw_nl_vip_change(info, &to);
	if (err)
		return err;
	if (hasw_nl_vip_resets(info, &to)) {
		hasw_vip_class_put(to.class);
		decision = hasw_nl_pause(info);
		hasw_abort_vip(hn, &to.key.addr);
		hasw_nl_resume(info, decision);
		err = hasw_nl_vip_change(info, &to);
		if (err) {
			hasw_config_sync(hn);
			return err;
		}
	}
	vip = to.vip;
	cfg = hasw_nl_config(info);
	was_held = hasw_vip_held(vip);
	moved = to.class != vip->class;
	hasw_vip_class_join(to.class, vip);
	if (devs)
		WRITE_ONCE(vip->unheard, 0);
	if (info->attrs[HASWITCH_A_VIP_ON_LOSS])
		hasw_vip_set_on_loss(cfg, vip,
				     nla_get_u8(info->attrs[HASWITCH_A_VIP_ON_LOSS]));
	hasw_vip_set_stray(cfg, vip, to.stray);
	hasw_vip_set_mark(cfg, vip, to.mark);
	/* `lease`, `holder` and `everywhere` exclude each other, so a new value
	 * of one replaces all three.
	 */
	if (to.owner) {
		vip->everywhere = to.everywhere;
		fresh = hasw_vip_set_owner(vip, to.holder, to.lease,
					   hasw_config_is_member(cfg, vip));
	}
	/* The vip is announced if this node becomes its holder, or if its
	 * client-facing devices change: clients behind a new device have not
	 * received an announcement. The vip is also announced if its class
	 * changes while a work item walks over the vips of a granted lease to
	 * announce them. The walk can miss a vip whose class changes.
	 */
	held = hasw_vip_held(vip);
	news = fresh || (devs ? was_held || to.lease : to.lease && !was_held) ||
	       (moved && hasw_announce_pending(hn));
	hasw_nl_vip_apply(info, &to.key, HASWITCH_ACTION_SET,
			  held && news ? vip : NULL, was_held && !held);
	return 0;
}

int hasw_nl_vip_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct hasw_nl_key key;
	struct hasw_vip *vip;

	vip = hasw_nl_vip_of(info, &key);
	if (IS_ERR(vip))
		return PTR_ERR(vip);
	if (rcu_access_pointer(vip->services)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_VIP_ADDR4] ?:
				    info->attrs[HASWITCH_A_VIP_ADDR6],
				    "the vip has services: delete those first");
		return -EBUSY;
	}
	hasw_vip_del(hasw_nl_config(info), vip);
	hasw_nl_vip_apply(info, &key, HASWITCH_ACTION_DEL, NULL, false);
	return 0;
}

int hasw_nl_vip_announce_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = hasw_nl_only_live(info);
	struct hasw_nl_key key;
	struct hasw_vip *vip;

	if (err)
		return err;
	vip = hasw_nl_vip_of(info, &key);
	if (IS_ERR(vip))
		return PTR_ERR(vip);
	if (!hasw_vip_held(vip)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[HASWITCH_A_VIP_ADDR4] ?:
				    info->attrs[HASWITCH_A_VIP_ADDR6],
				    "this node does not hold the vip: announce it on its holder");
		return -ENODATA;
	}
	hasw_announce_vip(hasw_nl_net(info), vip);
	return 0;
}

/* Puts the last conflict into the message: the other host that used the vip
 * while this node held it.
 */
static int hasw_nl_vip_conflict(struct sk_buff *skb, struct hasw_net *hn,
				const struct hasw_vip *vip)
{
	const struct hasw_node *node;
	struct hasw_conflict_last last;

	if (!hasw_conflict_last(hn, &vip->addr, &last))
		return 0;
	node = hasw_node_by_lladdr(hasw_config_live(hn), last.lladdr);
	if ((node && nla_put_string(skb, HASWITCH_A_VIP_CONFLICT_NODE,
				    node->name)) ||
	    nla_put(skb, HASWITCH_A_VIP_CONFLICT_LLADDR, sizeof(last.lladdr),
		    last.lladdr) ||
	    nla_put_string(skb, HASWITCH_A_VIP_CONFLICT_DEV, last.dev) ||
	    nla_put_u64_64bit(skb, HASWITCH_A_VIP_CONFLICT_TIME, last.time,
			      HASWITCH_A_VIP_PAD))
		return -EMSGSIZE;
	return 0;
}

static bool hasw_nl_vip_put_mark(struct sk_buff *skb,
				 const struct hasw_vip *vip)
{
	u32 mask, value;
	bool now;

	rcu_read_lock();
	now = hasw_vip_mark_now(vip, &mask, &value);
	rcu_read_unlock();
	if (vip->mark && nla_put_u32(skb, HASWITCH_A_VIP_MARK, vip->mark))
		return false;
	return !now || !nla_put_u32(skb, HASWITCH_A_VIP_MARK_NOW, value);
}

static int hasw_nl_vip_fill(struct sk_buff *skb, struct hasw_net *hn,
			    const void *obj)
{
	const struct hasw_vip *vip = obj;
	const struct hasw_node *holder =
		rcu_dereference_protected(vip->holder,
					  lockdep_is_held(&hn->mutex));
	const struct hasw_lease *lease =
		rcu_dereference_protected(vip->lease,
					  lockdep_is_held(&hn->mutex));
	const struct hasw_devs *devs =
		rcu_dereference_protected(vip->devs,
					  lockdep_is_held(&hn->mutex));
	const struct hasw_services *services =
		rcu_dereference_protected(vip->services,
					  lockdep_is_held(&hn->mutex));
	u32 i;

	if (hasw_nl_addr_put(skb, HASWITCH_A_VIP_ADDR4, HASWITCH_A_VIP_ADDR6,
			     &vip->addr, vip->family))
		return -EMSGSIZE;
	for (i = 0; devs && i < devs->n; i++)
		if (!hasw_devs_doubled(devs, i) &&
		    (nla_put_string(skb, HASWITCH_A_VIP_DEV,
				    devs->dev[i].name) ||
		     (!devs->dev[i].ifindex &&
		      nla_put_string(skb, HASWITCH_A_VIP_DEV_ABSENT,
				     devs->dev[i].name))))
			return -EMSGSIZE;
	if ((holder && nla_put_string(skb, HASWITCH_A_VIP_HOLDER,
				      holder->name)) ||
	    nla_put_u8(skb, HASWITCH_A_VIP_STRAY, vip->stray) ||
	    (lease && nla_put_string(skb, HASWITCH_A_VIP_LEASE, lease->name)) ||
	    nla_put_u8(skb, HASWITCH_A_VIP_ON_LOSS, vip->on_loss) ||
	    nla_put_u8(skb, HASWITCH_A_VIP_HOOK, vip->hook) ||
	    (vip->everywhere &&
	     nla_put_flag(skb, HASWITCH_A_VIP_EVERYWHERE)) ||
	    nla_put_u8(skb, HASWITCH_A_VIP_ROLE, hasw_vip_held(vip) ?
		       HASWITCH_ROLE_HOLDER : vip->role) ||
	    nla_put_u32(skb, HASWITCH_A_VIP_SERVICES,
			services ? hasw_services_n(services) : 0) ||
	    !hasw_nl_vip_put_mark(skb, vip))
		return -EMSGSIZE;
	return hasw_nl_vip_conflict(skb, hn, vip);
}

static int hasw_nl_vip_find(struct genl_info *info, struct hasw_nl_walk *found)
{
	struct hasw_nl_key key;

	found->obj = hasw_nl_vip_of(info, &key);
	return PTR_ERR_OR_ZERO(found->obj);
}

static const struct hasw_nl_kind hasw_nl_vip_kind = {
	.cmd = HASWITCH_CMD_VIP_GET,
	.fill = hasw_nl_vip_fill,
	.find = hasw_nl_vip_find,
	.next = hasw_nl_next_vip,
};

int hasw_nl_vip_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return hasw_nl_get(info, &hasw_nl_vip_kind);
}

int hasw_nl_vip_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return hasw_nl_dump(skb, cb, &hasw_nl_vip_kind);
}
