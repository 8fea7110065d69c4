// SPDX-License-Identifier: GPL-2.0
/* `haadm event`: the recorded events that the module still has. */

#include "haadm/commands.h"

static const struct key keys[] = {
	{ "from", "NUMBER", VALUE_NUMBER, HASWITCH_A_EVENT_SEQ },
	KEYS_END
};

static const struct field fields[] = {
	{ NULL, NULL, HASWITCH_A_EVENT_SEQ, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EVENT_TIME, FORM_SINCE, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EVENT_KIND, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EVENT_ACTION, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_EVENT_OBJECT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, "service", HASWITCH_A_EVENT_ADDR4, FORM_SVC, WHEN_ALWAYS, 0 },
	{ NULL, "addr", HASWITCH_A_EVENT_ADDR4, FORM_ADDR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_EVENT_PROTO, FORM_ATTR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_EVENT_PORT, FORM_ATTR, WHEN_JSON, 0 },
	{ "node", NULL, HASWITCH_A_EVENT_NODE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "at", NULL, HASWITCH_A_EVENT_NAT_PORT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "lease", NULL, HASWITCH_A_EVENT_LEASE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "successor", NULL, HASWITCH_A_EVENT_SUCCESSOR, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "answer", NULL, HASWITCH_A_EVENT_ANSWER, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "epoch", NULL, HASWITCH_A_EVENT_EPOCH, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "share", NULL, HASWITCH_A_EVENT_SHARE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "health", NULL, HASWITCH_A_EVENT_HEALTH, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "from", NULL, HASWITCH_A_EVENT_FROM, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "to", NULL, HASWITCH_A_EVENT_TO, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "cause", NULL, HASWITCH_A_EVENT_CAUSE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "evidence", NULL, HASWITCH_A_EVENT_EVIDENCE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "decision", NULL, HASWITCH_A_EVENT_DECISION, FORM_SINCE, WHEN_ALWAYS, 0 },
	{ "publish", NULL, HASWITCH_A_EVENT_PUBLISH, FORM_AFTER, WHEN_ALWAYS, HASWITCH_A_EVENT_DECISION },
	{ "first-packet", NULL, HASWITCH_A_EVENT_FIRST_PACKET, FORM_AFTER, WHEN_ALWAYS,
	  HASWITCH_A_EVENT_PUBLISH },
	{ "path", "path_number", HASWITCH_A_EVENT_PATH, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "from", "path-from", HASWITCH_A_EVENT_PULSE_FROM, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "to", "path-to", HASWITCH_A_EVENT_PULSE_TO, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "told", NULL, HASWITCH_A_EVENT_TOLD, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "value", NULL, HASWITCH_A_EVENT_VALUE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "switch", NULL, HASWITCH_A_EVENT_SWITCH, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "generation", NULL, HASWITCH_A_EVENT_GENERATION, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "dev", NULL, HASWITCH_A_EVENT_DEV, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "lladdr", NULL, HASWITCH_A_EVENT_LLADDR, FORM_ATTR, WHEN_ALWAYS, 0 },
};

void event_print(struct out *out, const struct hasw_record *rec, bool line)
{
	if (out->json && line)
		out_json_line(out, out_json(out, rec, fields, N_FIELDS(fields)));
	else
		out_record(out, rec, fields, N_FIELDS(fields));
}

static enum status show(struct haadm *haadm, const struct request *req)
{
	return show_run(haadm, req, fields, N_FIELDS(fields), NULL);
}

static const struct verb verbs[] = {
	{ "show", "[ from NUMBER ]", HASWITCH_CMD_EVENT_GET, SUBJECT_NONE, false, 0, keys, { 0, 0 }, show },
	{ .word = NULL },
};

const struct shape shape_event = { "event show", HASWITCH_CMD_EVENT_GET, fields, N_FIELDS(fields), true, NULL };
const struct object object_event = { "event", "what happened", verbs };
