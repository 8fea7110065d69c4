/* SPDX-License-Identifier: GPL-2.0 */
/* Renewals of leases by a socket option, which wait for no lock of netlink. */
#ifndef HASW_LEASE_RENEWAL_H
#define HASW_LEASE_RENEWAL_H

int hasw_lease_renewal_register(void);
void hasw_lease_renewal_unregister(void);

#endif
