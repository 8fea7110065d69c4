// SPDX-License-Identifier: GPL-2.0
/* `haadm vip`: the virtual addresses. */

#include "haadm/commands.h"
#include "haadm/local_addr.h"
#include "haadm/lock.h"

static const struct key keys[] = {
	{ "on", "DEV", VALUE_DEV, HASWITCH_A_VIP_DEV },
	{ "holder", "NODE", VALUE_NAME, HASWITCH_A_VIP_HOLDER },
	{ "lease", "LEASE", VALUE_NAME, HASWITCH_A_VIP_LEASE },
	{ "everywhere", NULL, VALUE_NONE, HASWITCH_A_VIP_EVERYWHERE },
	{ "stray", "what to do (forward or drop)", VALUE_ENUM, HASWITCH_A_VIP_STRAY },
	{ "on-loss", "what to do (keep or abort)", VALUE_ENUM, HASWITCH_A_VIP_ON_LOSS },
	{ "hook", "where packets are seen (ingress or prerouting)", VALUE_ENUM, HASWITCH_A_VIP_HOOK },
	{ "mark", "MASK", VALUE_MARK, HASWITCH_A_VIP_MARK },
	KEYS_END
};

static const struct field fields[] = {
	{ "vip", "addr", HASWITCH_A_VIP_ADDR4, FORM_ADDR, WHEN_ALWAYS, 0 },
	{ "on", "devs", HASWITCH_A_VIP_DEV, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "waits-for", NULL, HASWITCH_A_VIP_DEV_ABSENT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "holder", NULL, HASWITCH_A_VIP_HOLDER, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "lease", NULL, HASWITCH_A_VIP_LEASE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "everywhere", NULL, HASWITCH_A_VIP_EVERYWHERE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "stray", NULL, HASWITCH_A_VIP_STRAY, FORM_ATTR, WHEN_CHANGED, HASWITCH_STRAY_FORWARD },
	{ "on-loss", NULL, HASWITCH_A_VIP_ON_LOSS, FORM_ATTR, WHEN_OPTION, HASWITCH_ON_LOSS_KEEP },
	{ "hook", NULL, HASWITCH_A_VIP_HOOK, FORM_ATTR, WHEN_OPTION, HASWITCH_HOOK_INGRESS },
	{ "mark", NULL, HASWITCH_A_VIP_MARK, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "mark-now", NULL, HASWITCH_A_VIP_MARK_NOW, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "role", NULL, HASWITCH_A_VIP_ROLE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "services", "services_count", HASWITCH_A_VIP_SERVICES, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "conflict-node", NULL, HASWITCH_A_VIP_CONFLICT_NODE, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "conflict-lladdr", NULL, HASWITCH_A_VIP_CONFLICT_LLADDR, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "conflict-dev", NULL, HASWITCH_A_VIP_CONFLICT_DEV, FORM_ATTR, WHEN_DETAILS, 0 },
	{ "conflict-time", NULL, HASWITCH_A_VIP_CONFLICT_TIME, FORM_SINCE, WHEN_DETAILS, 0 },
};

static enum status show(struct haadm *haadm, const struct request *req)
{
	return show_run(haadm, req, fields, N_FIELDS(fields), NULL);
}

/* Puts back the local addresses and routes of vips that somebody has deleted from ha0. The caller has the file lock. */
static int put_back(struct hasw_sock *sock, struct hasw_error *err)
{
	struct hasw_model model;
	int ret = hasw_model_read(&model, sock, err);

	if (ret)
		return ret;
	ret = local_heal(&model, err);
	hasw_model_free(&model);
	return ret;
}

static enum status heal(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct hasw_error err;
	struct file_lock lock;
	int ret;

	(void)req;
	if (!sock)
		return STATUS_REFUSED;
	file_lock_take(&lock);
	ret = put_back(sock, &err);
	file_lock_release(&lock);
	return ret ? haadm_error(haadm, &err) : STATUS_OK;
}

#define SYNTAX "ADDR [ on DEV ]... [ lease LEASE | holder NODE | everywhere ] [ stray forward|drop ] " \
	"[ on-loss keep|abort ] [ hook ingress|prerouting ] [ mark MASK ]"

#define CHANGES "ADDR { on DEV | lease LEASE | holder NODE | everywhere | stray forward|drop | " \
	"on-loss keep|abort | hook ingress|prerouting | mark MASK|off }..."

static const struct verb verbs[] = {
	{ "add", SYNTAX, HASWITCH_CMD_VIP_ADD, SUBJECT_ADDR, false, HASWITCH_A_VIP_ADDR4,
	  keys, { 0, 0 }, change_run },
	{ "set", CHANGES,
	  HASWITCH_CMD_VIP_SET, SUBJECT_ADDR, false, HASWITCH_A_VIP_ADDR4, keys,
	  { ATTR(HASWITCH_A_VIP_DEV) | ATTR(HASWITCH_A_VIP_HOLDER) | ATTR(HASWITCH_A_VIP_LEASE) |
	    ATTR(HASWITCH_A_VIP_STRAY) | ATTR(HASWITCH_A_VIP_ON_LOSS) |
	    ATTR(HASWITCH_A_VIP_HOOK) | ATTR(HASWITCH_A_VIP_EVERYWHERE) | ATTR(HASWITCH_A_VIP_MARK), 0 },
	  change_run },
	{ "replace", SYNTAX, HASWITCH_CMD_VIP_ADD, SUBJECT_ADDR, false, HASWITCH_A_VIP_ADDR4,
	  keys, { 0, 0 }, replace_run },
	{ "del", "ADDR", HASWITCH_CMD_VIP_DEL, SUBJECT_ADDR, false, HASWITCH_A_VIP_ADDR4,
	  NULL, { 0, 0 }, change_run },
	{ "announce", "ADDR", HASWITCH_CMD_VIP_ANNOUNCE, SUBJECT_ADDR, false, HASWITCH_A_VIP_ADDR4,
	  NULL, { 0, 0 }, change_run },
	{ "heal", NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, heal },
	{ "show", "[ ADDR ]", HASWITCH_CMD_VIP_GET, SUBJECT_ADDR, true, HASWITCH_A_VIP_ADDR4,
	  NULL, { 0, 0 }, show },
	{ .word = NULL },
};

const struct shape shape_vip = { "vip show", HASWITCH_CMD_VIP_GET, fields, N_FIELDS(fields), true, NULL };
const struct object object_vip = { "vip", "the virtual addresses", verbs };
