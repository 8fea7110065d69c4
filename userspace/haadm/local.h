/* SPDX-License-Identifier: GPL-2.0 */
/* Local addresses: vips that this node may deliver itself are addresses of device ha0. */

#ifndef HAADM_LOCAL_H
#define HAADM_LOCAL_H

#include "grammar.h"
#include "lib/model.h"

/* What one change does to the local addresses. */
struct local_change {
	struct hasw_addr addr;
	bool added;		/* put there before the change */
	bool unneeded;		/* to be taken away after it */
};

/*
 * Before a change: puts the vip's address there if the change makes this node
 * deliver it. On success, local_finish or (the change failed) local_undo follows.
 */
int local_prepare(struct local_change *change, struct hasw_sock *sock, const struct request *req,
		  unsigned int cmd, struct hasw_error *err);
int local_finish(const struct local_change *change, struct hasw_error *err);
void local_undo(const struct local_change *change);

/* What a whole new configuration does to them. */
struct local_diff;

/* Puts there what the configuration needs; NULL and ERR: it failed, and nothing was changed. */
struct local_diff *local_diff_prepare(const struct hasw_model *model, struct hasw_error *err);
/* Takes away what is not needed any more, and frees DIFF. */
int local_diff_finish(struct local_diff *diff, struct hasw_error *err);
/* Takes away again what local_diff_prepare put there, and frees DIFF. */
void local_diff_undo(struct local_diff *diff);

#endif
