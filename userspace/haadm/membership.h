/* SPDX-License-Identifier: GPL-2.0 */
/* Machines that become nodes of a cluster, and nodes that leave it: haadm cluster init, invite, join and leave. */

#ifndef HAADM_MEMBERSHIP_H
#define HAADM_MEMBERSHIP_H

#include "haadm/parse/grammar.h"

enum status membership_init(struct haadm *haadm, const struct request *req);
enum status membership_invite(struct haadm *haadm, const struct request *req);
enum status membership_join(struct haadm *haadm, const struct request *req);
enum status membership_leave(struct haadm *haadm, const struct request *req);

#endif
