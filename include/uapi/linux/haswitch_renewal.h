/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Renewals of leases by setsockopt(), beside those by netlink. */
#ifndef _LINUX_HASWITCH_RENEWAL_H
#define _LINUX_HASWITCH_RENEWAL_H

#include <linux/haswitch.h>
#include <linux/types.h>

/**
 * HASWITCH_SO_RENEW - moves the deadline of a grant, or its epoch upwards
 *
 * An option of level SOL_IP, for any IPv4 socket of the network namespace. Its
 * value is a struct haswitch_renewal. It does what the operation lease-set does
 * for a renewal, or for a higher epoch of a lease that this node holds. But no
 * request of another generic netlink family can delay it: while a family is
 * registered, and one of its requests waits for rtnl, the kernel lets all other
 * generic netlink requests wait, too.
 *
 * The caller needs CAP_NET_ADMIN in the user namespace of the network namespace.
 * Errors of setsockopt(): EPERM without that right; ENOPROTOOPT without the
 * module; EINVAL if the length, a name or @reserved is wrong; EOPNOTSUPP if the
 * caller's time namespace has a CLOCK_BOOTTIME of its own; ESTALE if the grant
 * can not be renewed so. The operation lease-set then tells why, or renews it.
 */
#define HASWITCH_SO_RENEW	18497

/**
 * struct haswitch_renewal - value of HASWITCH_SO_RENEW
 * @lease: name of the lease; ends with a NUL
 * @holder: name of the node that holds the lease; ends with a NUL
 * @epoch: epoch of the grant; a higher one if this node holds the lease
 * @deadline: new end of the grant, CLOCK_BOOTTIME, ns
 * @tied: port id of the netlink socket whose closing ends the grant; 0: none. If
 *	there is no such socket, the grant lasts until its deadline.
 * @reserved: 0
 */
struct haswitch_renewal {
	char lease[HASWITCH_NAME_MAX + 1];
	char holder[HASWITCH_NAME_MAX + 1];
	__u64 epoch;
	__u64 deadline;
	__u32 tied;
	__u32 reserved;
};

#endif
