/* SPDX-License-Identifier: GPL-2.0 */
/* Local addresses: vips that this node may deliver itself are addresses of device ha0. */

#ifndef HAADM_LOCAL_H
#define HAADM_LOCAL_H

#include "haadm/parse/grammar.h"
#include "lib/model.h"
#include "rtnl.h"

/* All of this goes on within one turn (lock.h), from prepare to finish or undo. */

/* What one change does to the local addresses. */
struct local_change {
	struct hasw_addr addr;
	struct rtnl rtnl;	/* open if there is something to do */
	enum local_form form;
	bool added;		/* put there by us, before the change */
	bool unneeded;		/* to be taken away after it */
};

/*
 * Before a change: puts the vip's address there if the change makes this node
 * deliver it. On success, local_finish or (the change failed) local_undo follows.
 */
int local_prepare(struct local_change *change, struct hasw_sock *sock, const struct request *req,
		  unsigned int cmd, struct hasw_error *err);
/* After it; an error says that the change is in force all the same. */
int local_finish(struct local_change *change, struct hasw_error *err);
void local_undo(struct local_change *change);

/* What a whole new configuration does to them. */
struct local_diff;

/* Puts there what the configuration needs; NULL and ERR: it failed, and nothing was changed. */
struct local_diff *local_diff_prepare(const struct hasw_model *model, struct hasw_error *err);
/* Takes away what is not needed any more, and frees DIFF; an error as of local_finish. */
int local_diff_finish(struct local_diff *diff, struct hasw_error *err);
/* Takes away again what local_diff_prepare put there, and nothing else, and frees DIFF. */
void local_diff_undo(struct local_diff *diff);

#endif
