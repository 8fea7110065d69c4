// SPDX-License-Identifier: GPL-2.0
/* `haadm service`: the services of virtual addresses. */

#include "haadm/commands.h"

static const struct key keys[] = {
	{ "also", "a port, a range of ports or none", VALUE_PORTS, HASWITCH_A_SERVICE_ALSO },
	{ "sched", "the scheduler", VALUE_ENUM, HASWITCH_A_SERVICE_SCHED },
	{ "failback", "when a node that returned serves again (auto, manual or a time)", VALUE_FAILBACK,
	  HASWITCH_A_SERVICE_FAILBACK },
	{ "on-empty", "what to do (drop, reject or give it to a NODE)", VALUE_NAME, HASWITCH_A_SERVICE_ON_EMPTY },
	{ "one-packet", "on or off", VALUE_ENUM, HASWITCH_A_SERVICE_ONE_PACKET },
	{ "snat", "on or off", VALUE_ENUM, HASWITCH_A_SERVICE_SNAT },
	{ "persist", "TIME", VALUE_TIMEOUT, HASWITCH_A_SERVICE_PERSIST },
	{ "mask", "the number of bits", VALUE_MASK, HASWITCH_A_SERVICE_PERSIST_MASK },
	{ "new-max", "NUMBER", VALUE_NUMBER, HASWITCH_A_SERVICE_NEW_MAX },
	{ "slow-start", "TIME", VALUE_SLOW_START, HASWITCH_A_SERVICE_SLOW_START },
	{ "on-failover", "what to do (move, keep or reset)", VALUE_ENUM, HASWITCH_A_SERVICE_ON_FAILOVER },
	{ "min-active", "NUMBER", VALUE_NUMBER, HASWITCH_A_SERVICE_MIN_ACTIVE },
	{ "zone", "whose members serve (any or prefer)", VALUE_ENUM, HASWITCH_A_SERVICE_ZONE },
	KEYS_END
};

static const struct key show_keys[] = {
	{ "vip", "ADDR", VALUE_ADDR, HASWITCH_A_SERVICE_ADDR4 },
	KEYS_END
};

static const struct field fields[] = {
	{ "service", "service", HASWITCH_A_SERVICE_ADDR4, FORM_SVC, WHEN_ALWAYS, 0 },
	{ NULL, "addr", HASWITCH_A_SERVICE_ADDR4, FORM_ADDR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_SERVICE_PROTO, FORM_ATTR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_SERVICE_PORT, FORM_ATTR, WHEN_JSON, 0 },
	{ "also", NULL, HASWITCH_A_SERVICE_ALSO, FORM_PORTS, WHEN_ALWAYS, 0 },
	{ "sched", NULL, HASWITCH_A_SERVICE_SCHED, FORM_ATTR, WHEN_CHANGED, HASWITCH_SCHED_ACTIVE_STANDBY },
	{ "failback", NULL, HASWITCH_A_SERVICE_FAILBACK, FORM_FAILBACK, WHEN_CHANGED, 0 },
	{ "active", NULL, HASWITCH_A_SERVICE_ACTIVE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "at", NULL, HASWITCH_A_SERVICE_ACTIVE_PORT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "members", "members_count", HASWITCH_A_SERVICE_MEMBERS, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "serving", "serving_count", HASWITCH_A_SERVICE_SERVING, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "on-empty", NULL, HASWITCH_A_SERVICE_ON_EMPTY, FORM_ATTR, WHEN_OPTION, 0 },
	{ "one-packet", NULL, HASWITCH_A_SERVICE_ONE_PACKET, FORM_ATTR, WHEN_OPTION, 0 },
	{ "snat", NULL, HASWITCH_A_SERVICE_SNAT, FORM_ATTR, WHEN_OPTION, 0 },
	{ "persist", NULL, HASWITCH_A_SERVICE_PERSIST, FORM_TIME, WHEN_OPTION, 0 },
	{ "mask", NULL, HASWITCH_A_SERVICE_PERSIST_MASK, FORM_MASK, WHEN_OPTION, HASWITCH_A_SERVICE_ADDR4 },
	{ "new-max", NULL, HASWITCH_A_SERVICE_NEW_MAX, FORM_ATTR, WHEN_OPTION, 0 },
	{ "slow-start", NULL, HASWITCH_A_SERVICE_SLOW_START, FORM_TIME, WHEN_OPTION, 0 },
	{ "on-failover", NULL, HASWITCH_A_SERVICE_ON_FAILOVER, FORM_ATTR, WHEN_OPTION, 0 },
	{ "min-active", NULL, HASWITCH_A_SERVICE_MIN_ACTIVE, FORM_ATTR, WHEN_CHANGED, 1 },
	{ "zone", NULL, HASWITCH_A_SERVICE_ZONE, FORM_ATTR, WHEN_CHANGED, HASWITCH_SERVICE_ZONE_ANY },
	{ "packets", NULL, HASWITCH_A_SERVICE_PACKETS, FORM_ATTR, WHEN_STATS, 0 },
	{ "bytes", NULL, HASWITCH_A_SERVICE_BYTES, FORM_ATTR, WHEN_STATS, 0 },
	{ "dropped", NULL, HASWITCH_A_SERVICE_DROPPED, FORM_ATTR, WHEN_STATS, 0 },
	{ "flows", NULL, HASWITCH_A_SERVICE_FLOWS, FORM_ATTR, WHEN_STATS, 0 },
	{ "limited", NULL, HASWITCH_A_SERVICE_LIMITED, FORM_ATTR, WHEN_STATS, 0 },
};

static enum status show(struct haadm *haadm, const struct request *req)
{
	return show_run(haadm, req, fields, N_FIELDS(fields), NULL);
}

#define ADD_SYNTAX "SERVICE [ also PORTS ]... [ sched SCHED ] [ failback { auto | manual | TIME } ] [ on-empty { drop | reject | NODE } ] " \
	"[ one-packet { on | off } ] [ snat { on | off } ] [ persist TIME [ mask LEN ] ] " \
	"[ new-max N ] [ slow-start TIME ] [ on-failover { move | keep | reset } ] [ min-active N ] " \
	"[ zone { any | prefer } ]"

#define CHANGES "SERVICE { also PORTS | sched SCHED | failback { auto | manual | TIME } | on-empty { drop | reject | NODE } | " \
	"one-packet { on | off } | snat { on | off } | persist TIME | mask LEN | new-max N | slow-start TIME | " \
	"on-failover { move | keep | reset } | min-active N | zone { any | prefer } }..."

static const struct verb verbs[] = {
	{ "add", ADD_SYNTAX, HASWITCH_CMD_SERVICE_ADD, SUBJECT_SVC, false,
	  HASWITCH_A_SERVICE_ADDR4, keys, { 0, 0 }, change_run },
	{ "set", CHANGES,
	  HASWITCH_CMD_SERVICE_SET, SUBJECT_SVC, false, HASWITCH_A_SERVICE_ADDR4, keys,
	  { ATTR(HASWITCH_A_SERVICE_ALSO) | ATTR(HASWITCH_A_SERVICE_SCHED) | ATTR(HASWITCH_A_SERVICE_FAILBACK) |
	    ATTR(HASWITCH_A_SERVICE_ON_EMPTY) | ATTR(HASWITCH_A_SERVICE_ONE_PACKET) |
	    ATTR(HASWITCH_A_SERVICE_PERSIST) | ATTR(HASWITCH_A_SERVICE_PERSIST_MASK) |
	    ATTR(HASWITCH_A_SERVICE_SNAT) | ATTR(HASWITCH_A_SERVICE_SLOW_START) |
	    ATTR(HASWITCH_A_SERVICE_NEW_MAX) | ATTR(HASWITCH_A_SERVICE_ON_FAILOVER) |
	    ATTR(HASWITCH_A_SERVICE_MIN_ACTIVE) | ATTR(HASWITCH_A_SERVICE_ZONE), 0 }, change_run },
	{ "replace", ADD_SYNTAX, HASWITCH_CMD_SERVICE_ADD, SUBJECT_SVC, false,
	  HASWITCH_A_SERVICE_ADDR4, keys, { 0, 0 }, replace_run },
	{ "del", "SERVICE", HASWITCH_CMD_SERVICE_DEL, SUBJECT_SVC, false, HASWITCH_A_SERVICE_ADDR4,
	  NULL, { 0, 0 }, change_run },
	{ "show", "[ SERVICE | vip ADDR ]", HASWITCH_CMD_SERVICE_GET, SUBJECT_SVC, true,
	  HASWITCH_A_SERVICE_ADDR4, show_keys, { 0, 0 }, show },
	{ .word = NULL },
};

const struct shape shape_service = { "service show", HASWITCH_CMD_SERVICE_GET, fields, N_FIELDS(fields), true, NULL };
const struct object object_service = { "service", "what is served at a vip", verbs };
