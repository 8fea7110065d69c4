/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The local addresses: addresses or routes of device ha0. A vip has a local address if this node might have to
 * deliver the vip's packets to its own sockets.
 */

#ifndef HAADM_LOCAL_H
#define HAADM_LOCAL_H

#include "haadm/parse/grammar.h"
#include "lib/model.h"
#include "rtnl.h"

/*
 * The caller of the functions below must hold the file lock (lock.h). It takes the lock before the prepare function,
 * and releases it after the finish or undo function.
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
 * Prepares a change: adds the vip's address to ha0 if the change makes this node deliver the vip's packets to its own
 * sockets. After success the caller sends the change to the module. The caller then calls local_finish(), or
 * local_undo() if the module refused the change.
 */
int local_prepare(struct local_change *change, struct hasw_sock *sock, const struct request *req,
		  unsigned int cmd, struct hasw_error *err);
/*
 * Ends a change that the module has made: deletes the vip's address from ha0 if the address is no longer needed. If
 * this fails, the text of the error says that the configuration change is in force nevertheless.
 */
int local_finish(struct local_change *change, struct hasw_error *err);
void local_undo(struct local_change *change);

/* The effect of a restore, which replaces the whole configuration, on the local addresses. */
struct local_diff;

/*
 * Adds the addresses that the new configuration needs. On failure deletes the added addresses, fills ERR and returns
 * NULL.
 */
struct local_diff *local_diff_prepare(const struct hasw_model *model, struct hasw_error *err);
/*
 * Deletes the addresses that the new configuration does not need, and frees DIFF. Reports errors as local_finish()
 * does.
 */
int local_diff_finish(struct local_diff *diff, struct hasw_error *err);
/*
 * Deletes the addresses that local_diff_prepare() has added, and frees DIFF. When the last IPv4 address of ha0 is
 * deleted, the kernel also deletes the IPv4 routes of ha0. So this function adds the routes again.
 */
void local_diff_undo(struct local_diff *diff);

/*
 * Adds the addresses that the present configuration needs and that are missing. Those that cannot be added do not keep
 * the others from being added. Returns 0, or fills ERR with the first error and returns it.
 */
int local_heal(const struct hasw_model *model, struct hasw_error *err);

#endif
