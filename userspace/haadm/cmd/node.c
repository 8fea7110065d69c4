// SPDX-License-Identifier: GPL-2.0
/*
 * `haadm node`: the machines that can serve. Also `haadm beat` and `haadm failback`, which change the states of nodes.
 */

#include "haadm/commands.h"

static const struct key add_keys[] = {
	{ "addr", "ADDR", VALUE_ADDR, HASWITCH_A_NODE_ADDR4 },
	{ "zone", "ZONE", VALUE_LABEL, HASWITCH_A_NODE_ZONE },
	{ "lladdr", "MAC", VALUE_MAC, HASWITCH_A_NODE_LLADDR },
	{ "dev", "DEV", VALUE_DEV, HASWITCH_A_NODE_DEV },
	{ "self", NULL, VALUE_NONE, HASWITCH_A_NODE_SELF },
	{ "state", "STATE", VALUE_ENUM, HASWITCH_A_NODE_ADMIN },
	{ "within", "TIME", VALUE_DRAIN, HASWITCH_A_NODE_WITHIN },
	{ "engine", NULL, VALUE_NONE, HASWITCH_A_NODE_ENGINE },
	KEYS_END
};

static const struct key set_keys[] = {
	{ "state", "STATE", VALUE_ENUM, HASWITCH_A_NODE_ADMIN },
	{ "within", "TIME", VALUE_DRAIN, HASWITCH_A_NODE_WITHIN },
	{ "zone", "ZONE", VALUE_LABEL, HASWITCH_A_NODE_ZONE },
	{ "addr", "ADDR", VALUE_ADDR, HASWITCH_A_NODE_ADDR4 },
	{ "lladdr", "MAC", VALUE_MAC, HASWITCH_A_NODE_LLADDR },
	{ "dev", "DEV", VALUE_DEV, HASWITCH_A_NODE_DEV },
	{ "share", "PERCENT", VALUE_NUMBER, HASWITCH_A_NODE_SHARE },
	KEYS_END
};

static const struct key verdict_keys[] = {
	{ NULL, "the verdict (fenced, left or clear)", VALUE_ENUM, HASWITCH_A_NODE_VERDICT },
	KEYS_END
};

#define ANY_ADDR (ATTR(HASWITCH_A_NODE_ADDR4) | ATTR(HASWITCH_A_NODE_ADDR6))

static const struct field fields[] = {
	{ "node", NULL, HASWITCH_A_NODE_NAME, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "addr", "addrs", HASWITCH_A_NODE_ADDR4, FORM_ADDRS, WHEN_ALWAYS, 0 },
	{ "zone", NULL, HASWITCH_A_NODE_ZONE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "lladdr", NULL, HASWITCH_A_NODE_LLADDR, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "dev", NULL, HASWITCH_A_NODE_DEV, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "self", NULL, HASWITCH_A_NODE_SELF, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "state", NULL, HASWITCH_A_NODE_STATE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "within", NULL, HASWITCH_A_NODE_WITHIN, FORM_SPAN, WHEN_ALWAYS, 0 },
	{ "held since", "held-since", HASWITCH_A_NODE_HELD_SINCE, FORM_SINCE, WHEN_ALWAYS, 0 },
	{ "evidence", NULL, HASWITCH_A_NODE_EVIDENCE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "penalty", NULL, HASWITCH_A_NODE_PENALTY, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "damped", NULL, HASWITCH_A_NODE_DAMPED, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "share", NULL, HASWITCH_A_NODE_SHARE, FORM_ATTR, WHEN_CHANGED, 100 },
	{ "engine", NULL, HASWITCH_A_NODE_ENGINE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "since", NULL, HASWITCH_A_NODE_SINCE, FORM_SINCE, WHEN_DETAILS, 0 },
	{ "admin", NULL, HASWITCH_A_NODE_ADMIN, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "verdict", NULL, HASWITCH_A_NODE_VERDICT, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "agent", NULL, HASWITCH_A_NODE_AGENT, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "alive-until", NULL, HASWITCH_A_NODE_ALIVE_UNTIL, FORM_UNTIL, WHEN_DETAILS, 0 },
	{ "reach4", NULL, HASWITCH_A_NODE_REACH4, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "reach6", NULL, HASWITCH_A_NODE_REACH6, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "refs", NULL, HASWITCH_A_NODE_REFS, FORM_ATTR, WHEN_DETAILS, 0 },
};

static enum status show(struct haadm *haadm, const struct request *req)
{
	return show_run(haadm, req, fields, N_FIELDS(fields), NULL);
}

#define ADD_SYNTAX "NAME addr ADDR [ addr ADDR6 ] [ zone ZONE ] [ lladdr MAC dev DEV ] [ self ] " \
	"[ state { up | drain [ within TIME ] | maintenance | down } ] [ engine ]"
#define SET_SYNTAX "NAME { state { up | drain [ within TIME ] | maintenance | down } | zone ZONE | " \
	"addr ADDR | lladdr MAC dev DEV | share PERCENT }..."

static const struct verb verbs[] = {
	{ "add", ADD_SYNTAX, HASWITCH_CMD_NODE_ADD, SUBJECT_NAME, false, HASWITCH_A_NODE_NAME,
	  add_keys, { ANY_ADDR, 0 }, change_run },
	{ "set", SET_SYNTAX, HASWITCH_CMD_NODE_SET, SUBJECT_NAME, false, HASWITCH_A_NODE_NAME,
	  set_keys, { ~ATTR(HASWITCH_A_NODE_NAME), 0 }, change_run },
	{ "replace", ADD_SYNTAX, HASWITCH_CMD_NODE_ADD, SUBJECT_NAME, false, HASWITCH_A_NODE_NAME,
	  add_keys, { ANY_ADDR, 0 }, replace_run },
	{ "verdict", "NAME { fenced | left | clear }", HASWITCH_CMD_NODE_VERDICT, SUBJECT_NAME, false,
	  HASWITCH_A_NODE_NAME, verdict_keys, { ATTR(HASWITCH_A_NODE_VERDICT), 0 }, change_run },
	{ "del", "NAME", HASWITCH_CMD_NODE_DEL, SUBJECT_NAME, false, HASWITCH_A_NODE_NAME,
	  NULL, { 0, 0 }, change_run },
	{ "show", "[ NAME ]", HASWITCH_CMD_NODE_GET, SUBJECT_NAME, true, HASWITCH_A_NODE_NAME,
	  NULL, { 0, 0 }, show },
	{ .word = NULL },
};

const struct shape shape_node = { "node show", HASWITCH_CMD_NODE_GET, fields, N_FIELDS(fields), true, NULL };
const struct object object_node = { "node", "the machines that can serve", verbs };

/*
 * `haadm beat` reports to the module that nodes are alive, as the agent does by its BEATs. The command is for manual
 * use, and for cluster managers other than haagentd.
 */
static const struct key beat_keys[] = {
	{ "for", "TIME", VALUE_TIME, HASWITCH_A_BEAT_TIME },
	KEYS_END
};

static const struct verb beat_verbs[] = {
	{ NULL, "{ NODE }... for TIME", HASWITCH_CMD_BEAT, SUBJECT_NAMES, false, HASWITCH_A_BEAT_NODE,
	  beat_keys, { ATTR(HASWITCH_A_BEAT_TIME), 0 }, change_run },
	{ .word = NULL },
};

const struct object object_beat = { "beat", "says which nodes were heard from", beat_verbs };

static const struct verb failback_verbs[] = {
	{ NULL, "NODE", HASWITCH_CMD_NODE_FAILBACK, SUBJECT_NAME, false, HASWITCH_A_NODE_NAME,
	  NULL, { 0, 0 }, change_run },
	{ .word = NULL },
};

const struct object object_failback = { "failback", "lets a node that has returned serve again", failback_verbs };
