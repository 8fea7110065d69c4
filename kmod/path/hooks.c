// SPDX-License-Identifier: GPL-2.0
/* The netfilter hooks of a network namespace that call the slow path. */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/slab.h>

#include "path.h"

/* The hooks run after conntrack's defragmentation (-400), and before the raw
 * table (-300).
 */
#define HASW_PATH_PRIORITY (-350)

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
	},
};

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

	hn->hooks = kmemdup(hasw_path_ops, sizeof(hasw_path_ops),
			    GFP_KERNEL_ACCOUNT);
	if (!hn->hooks)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(hasw_path_ops); i++)
		hn->hooks[i].priv = hn;
	return 0;
}

/**
 * hasw_path_exit() - frees the hooks of a namespace
 * @hn: namespace, whose hooks are not registered
 *
 * Context: process.
 */
void hasw_path_exit(struct hasw_net *hn)
{
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
	nf_unregister_net_hooks(hn->net, hn->hooks,
				ARRAY_SIZE(hasw_path_ops));
	synchronize_net();
}
