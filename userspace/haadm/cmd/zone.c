// SPDX-License-Identifier: GPL-2.0
/* `haadm zone`: the zones (fault domains) of nodes. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "haadm/commands.h"
#include "haadm/zones.h"

static const struct key set_keys[] = {
	{ "state", "STATE", VALUE_ENUM, HASWITCH_A_NODE_ADMIN },
	{ "within", "TIME", VALUE_DRAIN, HASWITCH_A_NODE_WITHIN },
	KEYS_END
};

static enum status set(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct hasw_error err, unread;
	struct hasw_model model;

	if (!sock)
		return STATUS_REFUSED;
	if (!change_send(haadm, sock, req, req->verb->cmd, &err))
		return STATUS_OK;
	if (err.code == ENOENT && !hasw_model_read(&model, sock, &unread)) {
		zones_unknown(&model, req->name, &err);
		err.kernel = false;
		hasw_model_free(&model);
	}
	return haadm_error(haadm, &err);
}

static void print(const json_t *zones)
{
	if (!json_array_size(zones))
		puts("no node has a zone: haadm node set NAME zone ZONE gives it one");
	for (size_t i = 0; i < json_array_size(zones); i++) {
		zones_text(json_array_get(zones, i));
		putchar('\n');
	}
}

static enum status show(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	enum status status = STATUS_OK;
	struct hasw_model model;
	struct hasw_error err;
	json_t *zones, *one;

	if (!sock)
		return STATUS_REFUSED;
	if (hasw_model_read(&model, sock, &err))
		return haadm_error(haadm, &err);
	zones = zones_json(&model);
	if (req->subject_given) {
		one = json_incref(zones_find(zones, req->name));
		json_decref(zones);
		zones = one ? json_pack("[o]", one) : NULL;
	}
	if (!zones) {
		zones_unknown(&model, req->name, &err);
		status = haadm_error(haadm, &err);
	} else if (haadm->out.json) {
		out_json_line(&haadm->out, json_incref(zones));
	} else {
		print(zones);
	}
	json_decref(zones);
	hasw_model_free(&model);
	return status;
}

static const struct verb verbs[] = {
	{ "set", "ZONE state { up | drain [ within TIME ] | maintenance | down }", HASWITCH_CMD_ZONE_SET, SUBJECT_NAME, false,
	  HASWITCH_A_NODE_ZONE, set_keys, { ATTR(HASWITCH_A_NODE_ADMIN), 0 }, set },
	{ "show", "[ ZONE ]", HASWITCH_CMD_NODE_GET, SUBJECT_NAME, true, HASWITCH_A_NODE_ZONE, NULL, { 0, 0 }, show },
	{ .word = NULL },
};

const struct object object_zone = { "zone", "the fault domains of nodes", verbs };
