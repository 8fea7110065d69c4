// SPDX-License-Identifier: GPL-2.0
/* haadm beat: says by hand, or for another manager, which nodes were heard from. */

#include "haadm/commands.h"

static const struct key keys[] = {
	{ "for", "TIME", VALUE_TIME, HASWITCH_A_BEAT_TIME },
	KEYS_END
};

static const struct verb verbs[] = {
	{ NULL, "{ NODE }... for TIME", HASWITCH_CMD_BEAT, SUBJECT_NAMES, false, HASWITCH_A_BEAT_NODE,
	  keys, { ATTR(HASWITCH_A_BEAT_TIME), 0 }, change_run },
	{ .word = NULL },
};

const struct object object_beat = { "beat", "says which nodes were heard from", verbs };
