// SPDX-License-Identifier: GPL-2.0
/* `haadm flow`: the tracked connections, and the limits of their number and idle time. */

#include <inttypes.h>
#include <stdio.h>

#include "haadm/commands.h"

static const struct key filter_keys[] = {
	{ "vip", "ADDR", VALUE_ADDR, HASWITCH_A_FLOW_ADDR4 },
	{ "proto", "PROTO", VALUE_PROTO, HASWITCH_A_FLOW_PROTO },
	{ "port", "N", VALUE_NUMBER, HASWITCH_A_FLOW_PORT },
	{ "client", "ADDR", VALUE_ADDR, HASWITCH_A_FLOW_CLIENT4 },
	{ "client-port", "N", VALUE_NUMBER, HASWITCH_A_FLOW_CLIENT_PORT },
	{ "node", "NODE", VALUE_NAME, HASWITCH_A_FLOW_NODE },
	{ "at", "PORT", VALUE_NUMBER, HASWITCH_A_FLOW_NAT_PORT },
	{ "state", "the state (open, syn, established or closing)", VALUE_ENUM, HASWITCH_A_FLOW_STATE },
	KEYS_END
};

static const struct key limit_keys[] = {
	{ "max", "N", VALUE_NUMBER, HASWITCH_A_FLOW_LIMITS_MOST },
	{ "tcp-syn", "TIME", VALUE_TIMEOUT, HASWITCH_A_FLOW_LIMITS_TCP_SYN },
	{ "tcp", "TIME", VALUE_TIMEOUT, HASWITCH_A_FLOW_LIMITS_TCP },
	{ "tcp-closing", "TIME", VALUE_TIMEOUT, HASWITCH_A_FLOW_LIMITS_TCP_CLOSING },
	{ "udp", "TIME", VALUE_TIMEOUT, HASWITCH_A_FLOW_LIMITS_UDP },
	{ "other", "TIME", VALUE_TIMEOUT, HASWITCH_A_FLOW_LIMITS_OTHER },
	KEYS_END
};

/* The fields of a flow. The words of the fields are the titles of the table's columns. */
static const struct field fields[] = {
	{ "State", NULL, HASWITCH_A_FLOW_STATE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "Client:Port", "client", HASWITCH_A_FLOW_CLIENT4, FORM_PEER, WHEN_ALWAYS, HASWITCH_A_FLOW_MASK },
	{ NULL, NULL, HASWITCH_A_FLOW_CLIENT_PORT, FORM_ATTR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_FLOW_MASK, FORM_ATTR, WHEN_JSON, 0 },
	{ "Vip:Port/Proto", NULL, HASWITCH_A_FLOW_ADDR4, FORM_SVC, WHEN_TEXT, 0 },
	{ NULL, "addr", HASWITCH_A_FLOW_ADDR4, FORM_ADDR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_FLOW_PROTO, FORM_ATTR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_FLOW_PORT, FORM_ATTR, WHEN_JSON, 0 },
	{ "Node", NULL, HASWITCH_A_FLOW_NODE, FORM_MEMBER, WHEN_ALWAYS, HASWITCH_A_FLOW_NAT_PORT },
	{ NULL, NULL, HASWITCH_A_FLOW_NAT_PORT, FORM_ATTR, WHEN_JSON, 0 },
	{ "Expires", NULL, HASWITCH_A_FLOW_EXPIRES, FORM_SPAN, WHEN_ALWAYS, 0 },
};

static const struct field limit_fields[] = {
	{ "flows", NULL, HASWITCH_A_FLOW_LIMITS_COUNT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "max", "max", HASWITCH_A_FLOW_LIMITS_MOST, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "tcp-syn", NULL, HASWITCH_A_FLOW_LIMITS_TCP_SYN, FORM_TIME, WHEN_ALWAYS, 0 },
	{ "tcp", NULL, HASWITCH_A_FLOW_LIMITS_TCP, FORM_TIME, WHEN_ALWAYS, 0 },
	{ "tcp-closing", NULL, HASWITCH_A_FLOW_LIMITS_TCP_CLOSING, FORM_TIME, WHEN_ALWAYS, 0 },
	{ "udp", NULL, HASWITCH_A_FLOW_LIMITS_UDP, FORM_TIME, WHEN_ALWAYS, 0 },
	{ "other", NULL, HASWITCH_A_FLOW_LIMITS_OTHER, FORM_TIME, WHEN_ALWAYS, 0 },
};

static enum status show(struct haadm *haadm, const struct request *req)
{
	return show_run_table(haadm, req, fields, N_FIELDS(fields));
}

/* Sends the request, and calls PRINT with the one record of the reply. */
static enum status ask(struct haadm *haadm, const struct request *req,
		       int (*print)(const struct hasw_record *rec, void *data))
{
	struct hasw_sock *sock = haadm_sock(haadm);
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;

	if (!sock)
		return STATUS_REFUSED;
	request_encode(req, &msg, buf, sizeof(buf), req->verb->cmd, 0);
	return read_end(haadm, hasw_get(sock, &msg, print, haadm, &err), &err);
}

static int print_deleted(const struct hasw_record *rec, void *data)
{
	static const struct field deleted = { "deleted", NULL, HASWITCH_A_FLOW_DELETED, FORM_ATTR, WHEN_ALWAYS, 0 };
	struct haadm *haadm = data;

	out_list_begin(&haadm->out);
	out_record(&haadm->out, rec, &deleted, 1);
	out_list_end(&haadm->out);
	return 0;
}

static enum status del(struct haadm *haadm, const struct request *req)
{
	return ask(haadm, req, print_deleted);
}

static int print_limits(const struct hasw_record *rec, void *data)
{
	struct haadm *haadm = data;

	out_list_begin(&haadm->out);
	out_record(&haadm->out, rec, limit_fields, N_FIELDS(limit_fields));
	out_list_end(&haadm->out);
	return 0;
}

static enum status limits(struct haadm *haadm, const struct request *req)
{
	return ask(haadm, req, print_limits);
}

#define FILTERS "[ proto PROTO ] [ port N ] [ client ADDR ] [ client-port N ] [ node NODE ] [ at PORT ] " \
	"[ state { open | syn | established | closing } ]"

static const struct verb verbs[] = {
	{ "show", "[ SERVICE | vip ADDR ] " FILTERS, HASWITCH_CMD_FLOW_GET, SUBJECT_SVC, true,
	  HASWITCH_A_FLOW_ADDR4, filter_keys, { 0, 0 }, show },
	{ "del", "{ all | [ SERVICE | vip ADDR ] " FILTERS " }", HASWITCH_CMD_FLOW_DEL, SUBJECT_FLOWS, true,
	  HASWITCH_A_FLOW_ADDR4, filter_keys, { 0, 0 }, del },
	{ "set", "{ max N | tcp-syn TIME | tcp TIME | tcp-closing TIME | udp TIME | other TIME }...",
	  HASWITCH_CMD_FLOW_LIMITS_SET, SUBJECT_NONE, false, 0, limit_keys, { ~UINT64_C(0), 0 }, change_run },
	{ "limits", NULL, HASWITCH_CMD_FLOW_LIMITS_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, limits },
	{ .word = NULL },
};

const struct shape shape_flow = { "flow show", HASWITCH_CMD_FLOW_GET, fields, N_FIELDS(fields), true, NULL };
const struct shape shape_limits = { "flow limits", HASWITCH_CMD_FLOW_LIMITS_GET, limit_fields, N_FIELDS(limit_fields), true, NULL };
const struct object object_flow = { "flow", "connections that are tracked", verbs };
