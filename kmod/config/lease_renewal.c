// SPDX-License-Identifier: GPL-2.0
/* Renewals of leases by a socket option, which wait for no lock of netlink. */
#include <linux/haswitch_lease.h>
#include <linux/netfilter.h>
#include <linux/sockptr.h>
#include <linux/time_namespace.h>

#include "cluster/lease.h"
#include "lease_renewal.h"

/* One renewal. Whoever holds the lease under that epoch is this node, or it is
 * none of ours.
 */
static bool hasw_lease_renewal_do(struct hasw_net *hn,
				  struct haswitch_lease_renewal *r)
{
	r->lease[sizeof(r->lease) - 1] = '\0';
	return hasw_lease_renew_own(hn, r->lease, r->epoch, r->deadline);
}

static int hasw_lease_renewal_set(struct sock *sk, int option, sockptr_t arg,
				  unsigned int len)
{
	struct hasw_net *hn = hasw_net_of(sock_net(sk));
	struct haswitch_lease_renewal r;
	unsigned int at;
	int err = 0;

	if (!ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (!len || len % sizeof(r) ||
	    len > HASWITCH_LEASE_RENEWALS_MAX * sizeof(r))
		return -EINVAL;
	/* The caller's clock is that of the module, which has no other. */
	if (timens_add_boottime_ns(0))
		return -EAGAIN;
	for (at = 0; at < len; at += sizeof(r)) {
		if (copy_from_sockptr_offset(&r, arg, at, sizeof(r)))
			return -EFAULT;
		if (!hasw_lease_renewal_do(hn, &r))
			err = -EAGAIN;
	}
	return err;
}

static struct nf_sockopt_ops hasw_lease_renewal_ops = {
	.pf = PF_INET,
	.set_optmin = HASWITCH_SO_LEASE_RENEW,
	.set_optmax = HASWITCH_SO_LEASE_RENEW + 1,
	.set = hasw_lease_renewal_set,
	.owner = THIS_MODULE,
};

/**
 * hasw_lease_renewal_register() - begins to take renewals
 *
 * Context: process; the namespaces have their state.
 * Return: 0, or a negative errno.
 */
int hasw_lease_renewal_register(void)
{
	return nf_register_sockopt(&hasw_lease_renewal_ops);
}

/**
 * hasw_lease_renewal_unregister() - takes none any more
 *
 * Who is in the midst of one holds a reference of the module.
 *
 * Context: process.
 */
void hasw_lease_renewal_unregister(void)
{
	nf_unregister_sockopt(&hasw_lease_renewal_ops);
}
