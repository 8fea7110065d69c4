// SPDX-License-Identifier: GPL-2.0
/* Changes each packet of many segments that one device receives, before haswitch gets it. The packet looks as if the
 * device had merged it by LRO: such a packet has the size of its segments, but not their type. Or the packet is made
 * linear, as XDP and some filters do. No device that a guest has does either.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

static char *dev;
module_param(dev, charp, 0400);
MODULE_PARM_DESC(dev, "the device, in the namespace of who loads the module");

static bool linear;
module_param(linear, bool, 0400);
MODULE_PARM_DESC(linear, "make packets linear, instead of taking them for merged by LRO");

/* The priority is 0, so the hook comes before the module's own. */
static unsigned int lro_hook(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	/* The sender keeps a clone, which has to stay as it is. */
	if (!skb_is_gso(skb) || skb_unclone(skb, GFP_ATOMIC))
		return NF_ACCEPT;
	if (!linear)
		skb_shinfo(skb)->gso_type = 0;
	else if (skb_linearize(skb))
		return NF_DROP;
	return NF_ACCEPT;
}

static struct nf_hook_ops lro_ops = {
	.hook = lro_hook,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_INGRESS,
};

static int __init lro_init(void)
{
	int err;

	if (!dev)
		return -EINVAL;
	lro_ops.dev = dev_get_by_name(current->nsproxy->net_ns, dev);
	if (!lro_ops.dev)
		return -ENODEV;
	err = nf_register_net_hook(dev_net(lro_ops.dev), &lro_ops);
	if (err)
		dev_put(lro_ops.dev);
	return err;
}
module_init(lro_init);

static void __exit lro_exit(void)
{
	nf_unregister_net_hook(dev_net(lro_ops.dev), &lro_ops);
	dev_put(lro_ops.dev);
}
module_exit(lro_exit);

MODULE_DESCRIPTION("tests of haswitch: a device that merges packets by LRO");
MODULE_LICENSE("GPL");
