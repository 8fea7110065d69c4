// SPDX-License-Identifier: GPL-2.0
/* `haadm pulse`: heartbeats that the module itself sends and checks. */

#include "haadm/commands.h"
#include "lib/generated/spec_gen.h"

static const struct key set_keys[] = {
	{ "id", "NUMBER", VALUE_NUMBER, HASWITCH_A_PULSE_ID },
	{ "interval", "TIME", VALUE_TIME, HASWITCH_A_PULSE_INTERVAL },
	{ "multiplier", "N", VALUE_NUMBER, HASWITCH_A_PULSE_MULTIPLIER },
	{ "path", "LOCAL and REMOTE", VALUE_PATH, HASWITCH_A_PULSE_PATH },
	{ "tx-key", "FILE", VALUE_KEY, HASWITCH_A_PULSE_TX_KEY },
	{ "rx-key", "FILE", VALUE_KEY, HASWITCH_A_PULSE_RX_KEY },
	{ "key-id", "NUMBER", VALUE_NUMBER, HASWITCH_A_PULSE_KEY_ID },
	KEYS_END
};

static const struct key key_keys[] = {
	{ "tx-key", "FILE", VALUE_KEY, HASWITCH_A_PULSE_TX_KEY },
	{ "rx-key", "FILE", VALUE_KEY, HASWITCH_A_PULSE_RX_KEY },
	{ "key-id", "NUMBER", VALUE_NUMBER, HASWITCH_A_PULSE_KEY_ID },
	KEYS_END
};

static const struct field fields[] = {
	{ "pulse", NULL, HASWITCH_A_PULSE_NODE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "id", NULL, HASWITCH_A_PULSE_ID, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "state", NULL, HASWITCH_A_PULSE_STATE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "interval", NULL, HASWITCH_A_PULSE_INTERVAL, FORM_SPAN, WHEN_ALWAYS, 0 },
	{ "multiplier", NULL, HASWITCH_A_PULSE_MULTIPLIER, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "peer-interval", NULL, HASWITCH_A_PULSE_PEER_INTERVAL, FORM_SPAN, WHEN_DETAILS, 0 },
	{ "peer-multiplier", NULL, HASWITCH_A_PULSE_PEER_MULTIPLIER, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "key-id", NULL, HASWITCH_A_PULSE_KEY_ID, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "key-next", NULL, HASWITCH_A_PULSE_KEY_NEXT, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "agentless", NULL, HASWITCH_A_PULSE_AGENTLESS, FORM_SINCE, WHEN_DETAILS, 0 },
	{ "losses", NULL, HASWITCH_A_PULSE_LOSSES, FORM_ATTR, WHEN_STATS, 0 },
	{ "late", NULL, HASWITCH_A_PULSE_LATE, FORM_ATTR, WHEN_STATS, 0 },
	{ NULL, "paths", HASWITCH_A_PULSE_PATH_STATE, FORM_ATTR, WHEN_JSON, 0 },
};

static const struct field path_fields[] = {
	{ "path", NULL, HASWITCH_A_PULSE_PATH_STATE_LOCAL4, FORM_ADDR, WHEN_ALWAYS, 0 },
	{ "to", NULL, HASWITCH_A_PULSE_PATH_STATE_REMOTE4, FORM_ADDR, WHEN_ALWAYS, 0 },
	{ "dev", NULL, HASWITCH_A_PULSE_PATH_STATE_DEV, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "state", NULL, HASWITCH_A_PULSE_PATH_STATE_STATE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "panic-ready", NULL, HASWITCH_A_PULSE_PATH_STATE_PANIC_READY, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "heard", NULL, HASWITCH_A_PULSE_PATH_STATE_HEARD, FORM_SINCE, WHEN_DETAILS, 0 },
	{ "jitter", NULL, HASWITCH_A_PULSE_PATH_STATE_JITTER, FORM_SPAN, WHEN_STATS, 0 },
	{ "sent", NULL, HASWITCH_A_PULSE_PATH_STATE_SENT, FORM_ATTR, WHEN_STATS, 0 },
	{ "unsent", NULL, HASWITCH_A_PULSE_PATH_STATE_UNSENT, FORM_ATTR, WHEN_STATS, 0 },
	{ "received", NULL, HASWITCH_A_PULSE_PATH_STATE_RECEIVED, FORM_ATTR, WHEN_STATS, 0 },
	{ "lost", NULL, HASWITCH_A_PULSE_PATH_STATE_LOST, FORM_ATTR, WHEN_STATS, 0 },
	{ "echo", NULL, HASWITCH_A_PULSE_PATH_STATE_ECHO, FORM_ATTR, WHEN_STATS, 0 },
	{ "bad-mac", NULL, HASWITCH_A_PULSE_PATH_STATE_BAD_MAC, FORM_ATTR, WHEN_STATS, 0 },
	{ "replayed", NULL, HASWITCH_A_PULSE_PATH_STATE_REPLAYED, FORM_ATTR, WHEN_STATS, 0 },
	{ "old-key", NULL, HASWITCH_A_PULSE_PATH_STATE_OLD_KEY, FORM_ATTR, WHEN_STATS, 0 },
	{ "malformed", NULL, HASWITCH_A_PULSE_PATH_STATE_MALFORMED, FORM_ATTR, WHEN_STATS, 0 },
};

static void after(struct out *out, const struct hasw_record *rec)
{
	const struct nlattr *nest = NULL;
	struct hasw_record path;

	while ((nest = hasw_next(rec, HASWITCH_A_PULSE_PATH_STATE, nest))) {
		if (hasw_record_nest(&path, &hasw_set_pulse_path_state, nest))
			continue;
		fputs("    ", stdout);
		out_record(out, &path, path_fields, N_FIELDS(path_fields));
	}
}

static enum status show(struct haadm *haadm, const struct request *req)
{
	return show_run_after(haadm, req, fields, N_FIELDS(fields), after);
}

#define SESSION (ATTR(HASWITCH_A_PULSE_ID) | ATTR(HASWITCH_A_PULSE_PATH) | ATTR(HASWITCH_A_PULSE_TX_KEY) | \
		 ATTR(HASWITCH_A_PULSE_RX_KEY) | ATTR(HASWITCH_A_PULSE_KEY_ID))
#define PACE (ATTR(HASWITCH_A_PULSE_INTERVAL) | ATTR(HASWITCH_A_PULSE_MULTIPLIER))
#define NEEDED ((SESSION & ~ATTR(HASWITCH_A_PULSE_KEY_ID)) | PACE)

/* Begins a session, or changes the interval and the multiplier of a session that exists. */
static enum status set(struct haadm *haadm, const struct request *req)
{
	if (req->given & SESSION && NEEDED & ~req->given)
		return request_incomplete(haadm, req, NEEDED, "a new session needs them, too");
	return change_run(haadm, req);
}

#define SET_SYNTAX "NODE [ id NUMBER ] [ interval TIME ] [ multiplier N ] [ path LOCAL REMOTE [ dev DEV ] ]..." \
	" [ tx-key FILE rx-key FILE ] [ key-id NUMBER ]"

static const struct verb verbs[] = {
	{ "set", SET_SYNTAX, HASWITCH_CMD_PULSE_SET, SUBJECT_NAME, false, HASWITCH_A_PULSE_NODE,
	  set_keys, { ~ATTR(HASWITCH_A_PULSE_NODE), 0 }, set },
	{ "key", "NODE tx-key FILE rx-key FILE key-id NUMBER", HASWITCH_CMD_PULSE_KEY, SUBJECT_NAME, false,
	  HASWITCH_A_PULSE_NODE, key_keys, { ATTR(HASWITCH_A_PULSE_TX_KEY), ATTR(HASWITCH_A_PULSE_RX_KEY) },
	  change_run },
	{ "del", "NODE", HASWITCH_CMD_PULSE_DEL, SUBJECT_NAME, false, HASWITCH_A_PULSE_NODE,
	  NULL, { 0, 0 }, change_run },
	{ "show", "[ NODE ]", HASWITCH_CMD_PULSE_GET, SUBJECT_NAME, true, HASWITCH_A_PULSE_NODE,
	  NULL, { 0, 0 }, show },
	{ .word = NULL },
};

const struct shape shape_pulse = { "pulse show", HASWITCH_CMD_PULSE_GET, fields, N_FIELDS(fields), true, NULL };
const struct object object_pulse = { "pulse", "heartbeats that the module sends and checks", verbs };
