/* SPDX-License-Identifier: GPL-2.0 */
/* The local addresses: addresses or routes of ha0 for vips whose packets this node may deliver to its own sockets. */

#ifndef HAADM_LOCAL_H
#define HAADM_LOCAL_H

#include "haadm/parse/grammar.h"
#include "lib/model.h"
#include "rtnl.h"

/*
 * The caller of the functions below must hold the lock of lock.h from the prepare function to the finish or undo
 * function.
 */

/* The effect of one change of the configuration on the local addresses. */
struct local_change {
	struct hasw_addr addr;
	struct rtnl rtnl;	/* open if the change affects the local addresses */
	enum local_form form;
	bool added;		/* local_prepare() has added the address */
	bool unneeded;		/* local_finish() must delete the address */
};

/*
 * Prepares a change: adds the vip's address if this node will deliver packets for the vip itself after the change.
 * After success the caller requests the change from the module. The caller then calls local_finish(), or local_undo()
 * if the change failed.
 */
int local_prepare(struct local_change *change, struct hasw_sock *sock, const struct request *req,
		  unsigned int cmd, struct hasw_error *err);
/*
 * Deletes the address if the change, which has succeeded, makes it unneeded. The text of an error says that the change
 * is in force nevertheless.
 */
int local_finish(struct local_change *change, struct hasw_error *err);
void local_undo(struct local_change *change);

/* The effect of a restore, which replaces the whole configuration, on the local addresses. */
struct local_diff;

/* Adds the addresses that the new configuration needs. On failure nothing is changed, and NULL and ERR are returned. */
struct local_diff *local_diff_prepare(const struct hasw_model *model, struct hasw_error *err);
/*
 * Deletes the addresses that the new configuration does not need, and frees DIFF. Reports errors as local_finish()
 * does.
 */
int local_diff_finish(struct local_diff *diff, struct hasw_error *err);
/*
 * Deletes the addresses that local_diff_prepare() has added, and frees DIFF. With these addresses the kernel may delete
 * routes of ha0, which this function adds again.
 */
void local_diff_undo(struct local_diff *diff);

#endif
