/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* The renewal of a lease that waits for nobody: a socket option beside the netlink family. */
#ifndef _UAPI_LINUX_HASWITCH_LEASE_H
#define _UAPI_LINUX_HASWITCH_LEASE_H

#include <linux/types.h>

/**
 * DOC: HASWITCH_SO_LEASE_RENEW
 *
 * Generic netlink has one lock for all families. Who registers a family (a
 * modprobe does) waits there for every operation under way, of which some wait
 * for rtnl, and all later operations wait behind it. A renewal must not. So it
 * can also be said by
 *
 *	setsockopt(fd, IPPROTO_IP, HASWITCH_SO_LEASE_RENEW, renewals, size)
 *
 * on any IPv4 socket of the network namespace, by who has CAP_NET_ADMIN there.
 * @renewals are up to HASWITCH_LEASE_RENEWALS_MAX of struct
 * haswitch_lease_renewal, of leases that this node holds. What they are tied to
 * stays as it is.
 *
 * Errors: EPERM without the capability, EINVAL if the size is none of whole
 * renewals; then nothing is done. EFAULT if one of them cannot be read; those
 * before it are done. EAGAIN if one of them is none of a tenure that lasts (the
 * others are done), or if the caller's time namespace has a clock of its own:
 * the operation lease-set says which. ENOPROTOOPT if the module is not loaded.
 */
#define HASWITCH_SO_LEASE_RENEW		19783
#define HASWITCH_LEASE_RENEWALS_MAX	256

/**
 * struct haswitch_lease_renewal - the tenure of this node goes on
 * @lease: its name, ended by NUL
 * @epoch: under which this node holds it
 * @deadline: until when, CLOCK_BOOTTIME ns; at most 10 s ahead
 */
struct haswitch_lease_renewal {
	char lease[32];
	__u64 epoch;
	__u64 deadline;
};

#endif
