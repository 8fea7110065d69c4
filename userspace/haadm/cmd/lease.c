// SPDX-License-Identifier: GPL-2.0
/* `haadm lease`: the leases, which are rights to hold vips, with their holders and deadlines. */

#include "haadm/commands.h"

static const struct key keys[] = {
	{ "prefer", "NODE", VALUE_NAME, HASWITCH_A_LEASE_PREFER },
	{ "only", "NODE", VALUE_NAME, HASWITCH_A_LEASE_ONLY },
	{ "failback", "auto, manual or a time", VALUE_FAILBACK, HASWITCH_A_LEASE_FAILBACK },
	{ "resign", "how many vips must be cut off (any or all)", VALUE_ENUM, HASWITCH_A_LEASE_RESIGN },
	KEYS_END
};

/* The first key is the floor, the smallest epoch that can be granted. The keys of a grant follow. */
static const struct key set_keys[] = {
	{ "floor", "NUMBER", VALUE_NUMBER, HASWITCH_A_LEASE_FLOOR },
	{ "epoch", "NUMBER", VALUE_NUMBER, HASWITCH_A_LEASE_EPOCH },
	{ "holder", "NODE", VALUE_NAME, HASWITCH_A_LEASE_HOLDER },
	{ "for", "TIME", VALUE_AHEAD, HASWITCH_A_LEASE_DEADLINE },
	{ "until", "NS", VALUE_NUMBER, HASWITCH_A_LEASE_DEADLINE },
	{ "prefer", "NODE", VALUE_LABEL, HASWITCH_A_LEASE_PREFER },
	{ "only", "NODE", VALUE_LABEL, HASWITCH_A_LEASE_ONLY },
	{ "failback", "auto, manual or a time", VALUE_FAILBACK, HASWITCH_A_LEASE_FAILBACK },
	{ "resign", "how many vips must be cut off (any or all)", VALUE_ENUM, HASWITCH_A_LEASE_RESIGN },
	{ "partly", NULL, VALUE_NONE, HASWITCH_A_LEASE_PARTLY },
	KEYS_END
};

static const struct key release_keys[] = {
	{ "epoch", "NUMBER", VALUE_NUMBER, HASWITCH_A_LEASE_EPOCH },
	{ "to", "NODE", VALUE_NAME, HASWITCH_A_LEASE_SUCCESSOR },
	KEYS_END
};

static const struct field fields[] = {
	{ "lease", NULL, HASWITCH_A_LEASE_NAME, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "holder", NULL, HASWITCH_A_LEASE_HOLDER, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "epoch", NULL, HASWITCH_A_LEASE_EPOCH, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "until", "deadline", HASWITCH_A_LEASE_DEADLINE, FORM_UNTIL, WHEN_ALWAYS, 0 },
	{ "held", NULL, HASWITCH_A_LEASE_HELD, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "to", "successor", HASWITCH_A_LEASE_SUCCESSOR, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "prefer", NULL, HASWITCH_A_LEASE_PREFER, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "only", NULL, HASWITCH_A_LEASE_ONLY, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "failback", NULL, HASWITCH_A_LEASE_FAILBACK, FORM_FAILBACK, WHEN_CHANGED, 0 },
	{ "resign", NULL, HASWITCH_A_LEASE_RESIGN, FORM_ATTR, WHEN_OPTION, HASWITCH_RESIGN_ANY },
	{ "partly", NULL, HASWITCH_A_LEASE_PARTLY, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "protodown", NULL, HASWITCH_A_LEASE_PROTODOWN, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "vips", "vips_count", HASWITCH_A_LEASE_VIPS, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "tied", NULL, HASWITCH_A_LEASE_TIED, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "floor", NULL, HASWITCH_A_LEASE_FLOOR, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "burned", NULL, HASWITCH_A_LEASE_BURNED, FORM_ATTR, WHEN_DETAILS, 0 },
};

#define SETTINGS (ATTR(HASWITCH_A_LEASE_PREFER) | ATTR(HASWITCH_A_LEASE_ONLY) | ATTR(HASWITCH_A_LEASE_FAILBACK) | \
		  ATTR(HASWITCH_A_LEASE_RESIGN))
#define GRANT (ATTR(HASWITCH_A_LEASE_FLOOR) | ATTR(HASWITCH_A_LEASE_EPOCH) | ATTR(HASWITCH_A_LEASE_HOLDER) | \
	       ATTR(HASWITCH_A_LEASE_DEADLINE) | ATTR(HASWITCH_A_LEASE_PARTLY))

#define NEEDED (ATTR(HASWITCH_A_LEASE_EPOCH) | ATTR(HASWITCH_A_LEASE_HOLDER) | ATTR(HASWITCH_A_LEASE_DEADLINE))

/* Sets one of three parts of a lease: its settings, its floor, or a complete grant. */
static enum status set(struct haadm *haadm, const struct request *req)
{
	bool floor = request_has(req, HASWITCH_A_LEASE_FLOOR);

	if (req->given & SETTINGS && req->given & GRANT)
		return haadm_complain(haadm, STATUS_USAGE,
				      "lease set: \"prefer\", \"only\", \"failback\" and \"resign\" are a command of their own, without floor and grant");
	if (req->given & SETTINGS)
		return change_run(haadm, req);
	if (floor && req->given & GRANT & ~ATTR(HASWITCH_A_LEASE_FLOOR))
		return haadm_complain(haadm, STATUS_USAGE,
				      "lease set: \"floor\" stands alone; the grant is a command of its own");
	if (!floor && NEEDED & ~req->given)
		return request_incomplete(haadm, req, NEEDED, "a grant needs all of \"epoch NUMBER holder NODE for TIME\"");
	return change_run(haadm, req);
}

/*
 * Releases a lease. A command that names the successor or the epoch means this very grant, so it is for the module. The
 * agents learn the successor from the module's event.
 */
static enum status release(struct haadm *haadm, const struct request *req)
{
	if (request_has(req, HASWITCH_A_LEASE_SUCCESSOR) || request_has(req, HASWITCH_A_LEASE_EPOCH))
		return change_run(haadm, req);
	return failover_release(haadm, req);
}

static enum status show(struct haadm *haadm, const struct request *req)
{
	return show_run(haadm, req, fields, N_FIELDS(fields), NULL);
}

#define SYNTAX "NAME [ prefer NODE ]... [ only NODE ]... [ failback auto|manual|TIME ] [ resign any|all ]"

#define CHANGES "NAME { floor NUMBER | epoch NUMBER holder NODE { until NS | for TIME } [ partly ] | " \
	"{ prefer NODE | only NODE | failback auto|manual|TIME | resign any|all }... }"

static const struct verb verbs[] = {
	{ "add", SYNTAX, HASWITCH_CMD_LEASE_ADD, SUBJECT_NAME, false, HASWITCH_A_LEASE_NAME,
	  keys, { 0, 0 }, change_run },
	{ "set", CHANGES, HASWITCH_CMD_LEASE_SET, SUBJECT_NAME, false, HASWITCH_A_LEASE_NAME, set_keys, { ~ATTR(HASWITCH_A_LEASE_NAME), 0 }, set },
	{ "replace", SYNTAX, HASWITCH_CMD_LEASE_ADD, SUBJECT_NAME, false, HASWITCH_A_LEASE_NAME,
	  keys, { 0, 0 }, replace_run },
	{ "release", "NAME [ epoch NUMBER ] [ to NODE ]", HASWITCH_CMD_LEASE_RELEASE, SUBJECT_NAME, false,
	  HASWITCH_A_LEASE_NAME, release_keys, { 0, 0 }, release },
	{ "del", "NAME", HASWITCH_CMD_LEASE_DEL, SUBJECT_NAME, false, HASWITCH_A_LEASE_NAME,
	  NULL, { 0, 0 }, change_run },
	{ "show", "[ NAME ]", HASWITCH_CMD_LEASE_GET, SUBJECT_NAME, true, HASWITCH_A_LEASE_NAME,
	  NULL, { 0, 0 }, show },
	{ .word = NULL },
};

const struct shape shape_lease = { "lease show", HASWITCH_CMD_LEASE_GET, fields, N_FIELDS(fields), true, NULL };
const struct object object_lease = { "lease", "who may answer for vips, and until when", verbs };
