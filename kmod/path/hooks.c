// SPDX-License-Identifier: GPL-2.0
/* The netfilter hooks of a network namespace: those that call the slow path,
 * the guards at LOCAL_IN and FORWARD, and those that mark SYNs.
 */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/slab.h>

#include "core/route.h"
#include "forward/xmit.h"
#include "packet/bridge.h"
#include "packet/key.h"
#include "path.h"
#include "service/vip.h"

/* The hooks at PRE_ROUTING and LOCAL_OUT run after conntrack's defragmentation
 * (-400), and before the raw table (-300).
 */
#define HASW_PATH_PRIORITY (-350)

/* Drops a packet that the stack is about to deliver at an address that is no vip
 * of the configuration, but that only haswitch devices have. haadm adds a vip's
 * address before the vip, and deletes the address after the vip. In between,
 * another node may hold the vip, and this node's answer would be that of a
 * second owner. RCU read side.
 */
static unsigned int hasw_path_early(struct hasw_net *hn, struct sk_buff *skb,
				    u8 family)
{
	struct hasw_packet p = { .hn = hn, .skb = skb, .family = family };

	/* A packet that NFQUEUE reinjects arrives with softirqs on. */
	local_bh_disable();
	hasw_stat_inc(hn, HASW_STAT_SEEN);
	hasw_xmit_drop(&p, HASW_STAT_DROP_NOT_HOLDER);
	local_bh_enable();
	return NF_DROP;
}

static unsigned int hasw_path_early4(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct hasw_net *hn = priv;
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	__be32 addr = ip_hdr(skb)->daddr;

	/* This machine's own processes may use the address at any time. */
	if (!READ_ONCE(hn->links) || state->in->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	if ((cfg && hasw_vip_find4(cfg, addr)) || !hasw_route_early4(hn, addr))
		return NF_ACCEPT;
	return hasw_path_early(hn, skb, HASW_HOP4);
}

static unsigned int hasw_path_early6(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct hasw_net *hn = priv;
	const struct hasw_config *cfg = rcu_dereference(hn->config);
	const struct in6_addr *addr = &ipv6_hdr(skb)->daddr;

	if (!READ_ONCE(hn->links) || state->in->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	if ((cfg && hasw_vip_find6(cfg, addr)) ||
	    !hasw_route_early6(hn, skb_dst(skb), addr))
		return NF_ACCEPT;
	return hasw_path_early(hn, skb, HASW_HOP6);
}

static const struct nf_hook_ops hasw_path_ops[HASW_PATH_HOOKS] = {
	{
		.hook = hasw_path_in4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = HASW_PATH_PRIORITY,
	}, {
		.hook = hasw_path_in6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = HASW_PATH_PRIORITY,
	}, {
		.hook = hasw_path_out4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = HASW_PATH_PRIORITY,
	}, {
		.hook = hasw_path_out6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = HASW_PATH_PRIORITY,
	}, {
		.hook = hasw_path_early4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = HASW_PATH_PRIORITY,
	}, {
		.hook = hasw_path_early6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = HASW_PATH_PRIORITY,
	},
};

/* Drops a packet that the stack is about to forward to a vip that this node
 * holds. Such a packet was left to conntrack as a reply, see
 * hasw_xmit_unserved(), but conntrack found the packet invalid. On the way it
 * would come back to this node, until its TTL is over. Its first fate, passed,
 * is counted already, so it is counted as seen once more. Frames that a bridge
 * forwards to another machine are left alone, as in hasw_check_passes(), and so
 * are packets in a VRF, where another host can have the address, as in
 * hasw_check_vrf_drops(). Packets that conntrack gets before the hook is
 * registered are not dropped. Softirqs can be on, RCU read side.
 */
static unsigned int hasw_path_guard4(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct hasw_packet p = {
		.hn = priv, .skb = skb, .family = HASW_HOP4,
	};
	const struct hasw_config *cfg = rcu_dereference(p.hn->config);
	const struct hasw_vip *vip;

	vip = cfg ? hasw_vip_find4(cfg, ip_hdr(skb)->daddr) : NULL;
	if (likely(!vip) || hasw_dev_in_vrf(state->in) || !hasw_vip_held(vip))
		return NF_ACCEPT;
	if (hasw_bridge_shown(skb) && !hasw_bridge_is_mine(skb))
		return NF_ACCEPT;
	local_bh_disable();
	hasw_stat_inc(p.hn, HASW_STAT_SEEN);
	hasw_xmit_drop(&p, HASW_STAT_DROP_NO_MEMBER);
	local_bh_enable();
	return NF_DROP;
}

/* conntrack replaces destinations at PRE_ROUTING, and so before this hook. */
static const struct nf_hook_ops hasw_path_guard_ops = {
	.hook = hasw_path_guard4,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_FORWARD,
	.priority = NF_IP_PRI_FIRST,
};

/* Marks a SYN that the stack is about to deliver at a vip with the epoch under
 * which this node holds the vip. A packet that came by a device in a VRF is to
 * no vip. RCU read side.
 */
static void hasw_path_mark(struct sk_buff *skb, const struct hasw_vip *vip,
			   const struct net_device *in)
{
	u32 mask, value;

	if (vip && hasw_vip_mark_now(vip, &mask, &value) &&
	    !hasw_dev_in_vrf(in))
		skb->mark = (skb->mark & ~mask) | value;
}

static unsigned int hasw_path_mark4(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	const struct hasw_net *hn = priv;
	const struct hasw_config *cfg;

	if (likely(!hasw_key_is_syn(skb, false)))
		return NF_ACCEPT;
	cfg = rcu_dereference(hn->config);
	if (cfg)
		hasw_path_mark(skb, hasw_vip_find4(cfg, ip_hdr(skb)->daddr),
			       state->in);
	return NF_ACCEPT;
}

static unsigned int hasw_path_mark6(void *priv, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	const struct hasw_net *hn = priv;
	const struct hasw_config *cfg;

	if (likely(!hasw_key_is_syn(skb, true)))
		return NF_ACCEPT;
	cfg = rcu_dereference(hn->config);
	if (cfg)
		hasw_path_mark(skb, hasw_vip_find6(cfg, &ipv6_hdr(skb)->daddr),
			       state->in);
	return NF_ACCEPT;
}

/* These are the last hooks before the stack: routing has not seen the epoch,
 * and rules that set or restore the mark, as mangle and conntrack do, have run.
 */
static const struct nf_hook_ops hasw_path_mark_ops[] = {
	{
		.hook = hasw_path_mark4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	}, {
		.hook = hasw_path_mark6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST,
	},
};

/* Number of all hooks in hasw_net.hooks: those that are registered together,
 * then the guard, then those that mark.
 */
#define HASW_PATH_ALL (HASW_PATH_HOOKS + 1 + ARRAY_SIZE(hasw_path_mark_ops))

/* Returns the hooks that mark. */
static struct nf_hook_ops *hasw_path_markers(const struct hasw_net *hn)
{
	return &hn->hooks[HASW_PATH_HOOKS + 1];
}

/* Registers the guard. If that fails, the next packet that is left to conntrack
 * tries again. Process context.
 */
static void hasw_path_guard_work(struct work_struct *work)
{
	struct hasw_net *hn = container_of(work, struct hasw_net, guard.work);

	mutex_lock(&hn->mutex);
	if (hn->hooked && !hn->guard.hooked)
		hn->guard.hooked =
			!nf_register_net_hook(hn->net,
					      &hn->hooks[HASW_PATH_HOOKS]);
	WRITE_ONCE(hn->guard.wanted, hn->guard.hooked);
	mutex_unlock(&hn->mutex);
}

/**
 * hasw_path_init() - allocates the hooks of a namespace
 * @hn: namespace
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int hasw_path_init(struct hasw_net *hn)
{
	u32 i;

	INIT_WORK(&hn->guard.work, hasw_path_guard_work);
	hn->hooks = kcalloc(HASW_PATH_ALL, sizeof(*hn->hooks),
			    GFP_KERNEL_ACCOUNT);
	if (!hn->hooks)
		return -ENOMEM;
	memcpy(hn->hooks, hasw_path_ops, sizeof(hasw_path_ops));
	hn->hooks[HASW_PATH_HOOKS] = hasw_path_guard_ops;
	memcpy(hasw_path_markers(hn), hasw_path_mark_ops,
	       sizeof(hasw_path_mark_ops));
	for (i = 0; i < HASW_PATH_ALL; i++)
		hn->hooks[i].priv = hn;
	return 0;
}

/**
 * hasw_path_exit() - frees the hooks of a namespace
 * @hn: namespace, whose hooks are not registered
 *
 * Context: process, hasw_net.mutex not held.
 */
void hasw_path_exit(struct hasw_net *hn)
{
	cancel_work_sync(&hn->guard.work);
	kfree(hn->hooks);
}

/**
 * hasw_path_hook() - registers the hooks of a namespace
 * @hn: namespace
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or a negative errno.
 */
int hasw_path_hook(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	return nf_register_net_hooks(hn->net, hn->hooks,
				     ARRAY_SIZE(hasw_path_ops));
}

/**
 * hasw_path_unhook() - unregisters the hooks of a namespace, and waits until no
 *	packet is in these hooks
 * @hn: namespace
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_path_unhook(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	if (hn->guard.hooked)
		nf_unregister_net_hook(hn->net, &hn->hooks[HASW_PATH_HOOKS]);
	hn->guard.hooked = false;
	WRITE_ONCE(hn->guard.wanted, false);
	hasw_path_mark_unhook(hn);
	nf_unregister_net_hooks(hn->net, hn->hooks,
				ARRAY_SIZE(hasw_path_ops));
	synchronize_net();
}

/**
 * hasw_path_mark_hook() - registers the hooks that mark SYNs, if they are not
 *	registered
 * @hn: namespace, whose other hooks are registered
 *
 * While no vip has a mark, packets to this machine pass no further hook, so
 * these are not registered with the others.
 *
 * Context: process, hasw_net.mutex held.
 * Return: 0, or a negative errno.
 */
int hasw_path_mark_hook(struct hasw_net *hn)
{
	int err;

	lockdep_assert_held(&hn->mutex);
	if (hn->marking)
		return 0;
	err = nf_register_net_hooks(hn->net, hasw_path_markers(hn),
				    ARRAY_SIZE(hasw_path_mark_ops));
	hn->marking = !err;
	return err;
}

/**
 * hasw_path_mark_unhook() - unregisters the hooks that mark SYNs, if they are
 *	registered
 * @hn: namespace, until hasw_path_unhook() has waited for packets
 *
 * Context: process, hasw_net.mutex held.
 */
void hasw_path_mark_unhook(struct hasw_net *hn)
{
	lockdep_assert_held(&hn->mutex);
	if (hn->marking)
		nf_unregister_net_hooks(hn->net, hasw_path_markers(hn),
					ARRAY_SIZE(hasw_path_mark_ops));
	hn->marking = false;
}
