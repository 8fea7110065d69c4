// SPDX-License-Identifier: GPL-2.0
/* haadm failback: a node that has returned serves again, now. */

#include "haadm/commands.h"

static const struct verb verbs[] = {
	{ NULL, "NODE", HASWITCH_CMD_NODE_FAILBACK, SUBJECT_NAME, false, HASWITCH_A_NODE_NAME,
	  NULL, { 0, 0 }, change_run },
	{ .word = NULL },
};

const struct object object_failback = { "failback", "lets a node that has returned serve again", verbs };
