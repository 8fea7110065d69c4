// SPDX-License-Identifier: GPL-2.0
/* Drops each packet that one device receives, as early as a netfilter hook can. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <net/net_namespace.h>

static char *dev;
module_param(dev, charp, 0400);
MODULE_PARM_DESC(dev, "the device");

static unsigned int drop_hook(void *priv, struct sk_buff *skb,
			      const struct nf_hook_state *state)
{
	return NF_DROP;
}

static struct nf_hook_ops drop_ops = {
	.hook = drop_hook,
	.pf = NFPROTO_NETDEV,
	.hooknum = NF_NETDEV_INGRESS,
};

static int __init drop_init(void)
{
	int err;

	if (!dev)
		return -EINVAL;
	drop_ops.dev = dev_get_by_name(&init_net, dev);
	if (!drop_ops.dev)
		return -ENODEV;
	err = nf_register_net_hook(&init_net, &drop_ops);
	if (err)
		dev_put(drop_ops.dev);
	return err;
}
module_init(drop_init);

static void __exit drop_exit(void)
{
	nf_unregister_net_hook(&init_net, &drop_ops);
	dev_put(drop_ops.dev);
}
module_exit(drop_exit);

MODULE_DESCRIPTION("baseline of the benchmarks: drops what a device receives");
MODULE_LICENSE("GPL");
