/* SPDX-License-Identifier: GPL-2.0 */
/* The local addresses: addresses or routes of ha0 for the vips that this node may deliver itself. */

#ifndef HAADM_LOCAL_H
#define HAADM_LOCAL_H

#include "haadm/parse/grammar.h"
#include "lib/model.h"
#include "rtnl.h"

/* The caller holds the lock of lock.h from prepare to finish or undo. */

/* The effect of one change of the configuration on the local addresses. */
struct local_change {
	struct hasw_addr addr;
	struct rtnl rtnl;	/* open if the change affects the local addresses */
	enum local_form form;
	bool added;		/* local_prepare() has added the address */
	bool unneeded;		/* local_finish() must delete the address */
};

/*
 * Prepares a change: adds the vip's address if the change makes this node deliver
 * the vip. After success the caller calls local_finish(), or local_undo() if the
 * change failed.
 */
int local_prepare(struct local_change *change, struct hasw_sock *sock, const struct request *req,
		  unsigned int cmd, struct hasw_error *err);
/* Ends a change that succeeded. The text of an error says that the change is in force nevertheless. */
int local_finish(struct local_change *change, struct hasw_error *err);
void local_undo(struct local_change *change);

/* The effect of a restore, which replaces the whole configuration, on the local addresses. */
struct local_diff;

/* Adds the addresses that the new configuration needs. Returns NULL and ERR if it failed and nothing was changed. */
struct local_diff *local_diff_prepare(const struct hasw_model *model, struct hasw_error *err);
/* Deletes the addresses that the new configuration does not need, and frees DIFF. Errors are as of local_finish(). */
int local_diff_finish(struct local_diff *diff, struct hasw_error *err);
/*
 * Deletes only the addresses that local_diff_prepare() has added, adds again the routes that the kernel deletes with
 * them, and frees DIFF.
 */
void local_diff_undo(struct local_diff *diff);

#endif
