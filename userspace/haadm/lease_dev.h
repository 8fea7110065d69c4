/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices ha-LEASE, by which stock tools see leases. haadm makes one for each lease, and gives it an alias. It deletes
 * only devices with that alias: those of the user stay.
 *
 * A lease works without a device. So what goes wrong here is a warning, and the command has succeeded.
 */

#ifndef HAADM_LEASE_DEV_H
#define HAADM_LEASE_DEV_H

#include "haadm.h"
#include "lib/model.h"

/*
 * The caller of the functions below must hold the file lock (lock.h), which it takes before it changes the leases. So
 * the devices are those of the last change.
 */

/* Makes the device of a lease, if no device has that name. */
void lease_dev_make(const struct haadm *haadm, const char *lease);
void lease_dev_delete(const struct haadm *haadm, const char *lease);

/* Makes the devices of the leases of a restored configuration, and deletes those of all other leases. */
void lease_dev_sync(const struct haadm *haadm, const struct hasw_model *model);

#endif
