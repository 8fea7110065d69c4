// SPDX-License-Identifier: GPL-2.0
/* `haadm member`: the members of services. */

#include <netinet/in.h>
#include <string.h>

#include "haadm/commands.h"

/* Each key once. `at` tells apart several members on a node. `port` is a setting, which `member set` changes. */
#define KEY_NODE { "node", "NODE", VALUE_NAME, HASWITCH_A_MEMBER_NODE }
#define KEY_AT { "at", "PORT", VALUE_NUMBER, HASWITCH_A_MEMBER_AT_PORT }
#define KEY_PRIORITY { "priority", "NUMBER", VALUE_NUMBER, HASWITCH_A_MEMBER_PRIORITY }
#define KEY_WEIGHT { "weight", "NUMBER", VALUE_NUMBER, HASWITCH_A_MEMBER_WEIGHT }
#define KEY_FLOWS_MAX { "flows-max", "NUMBER", VALUE_NUMBER, HASWITCH_A_MEMBER_FLOWS_MAX }
#define KEY_VIA { "via", "the way (local, direct, tunnel, gue or nat)", VALUE_ENUM, HASWITCH_A_MEMBER_VIA }
#define KEY_PORT { "port", "PORT", VALUE_NUMBER, HASWITCH_A_MEMBER_NAT_PORT }
#define KEY_HEALTH { "health", "the health (up or down)", VALUE_ENUM, HASWITCH_A_MEMBER_HEALTH }
#define KEY_SPARE { "spare", NULL, VALUE_NONE, HASWITCH_A_MEMBER_SPARE }
#define KEY_SPARE_ON_OFF { "spare", "on or off", VALUE_ENUM, HASWITCH_A_MEMBER_SPARE }

static const struct key add_keys[] = {
	KEY_NODE, KEY_PRIORITY, KEY_WEIGHT, KEY_FLOWS_MAX, KEY_VIA, KEY_PORT, KEY_HEALTH, KEY_SPARE, KEYS_END
};

static const struct key replace_keys[] = {
	KEY_NODE, KEY_AT, KEY_PRIORITY, KEY_WEIGHT, KEY_FLOWS_MAX, KEY_VIA, KEY_PORT, KEY_HEALTH, KEY_SPARE, KEYS_END
};

static const struct key set_keys[] = {
	KEY_NODE, KEY_AT, KEY_PRIORITY, KEY_WEIGHT, KEY_FLOWS_MAX, KEY_VIA, KEY_PORT, KEY_HEALTH, KEY_SPARE_ON_OFF, KEYS_END
};

static const struct key del_keys[] = { KEY_NODE, KEY_AT, KEYS_END };

static const struct key show_keys[] = {
	KEY_NODE,
	KEY_AT,
	{ "vip", "ADDR", VALUE_ADDR, HASWITCH_A_MEMBER_ADDR4 },
	KEYS_END
};

static const struct field fields[] = {
	{ "member", "service", HASWITCH_A_MEMBER_ADDR4, FORM_SVC, WHEN_ALWAYS, 0 },
	{ NULL, "addr", HASWITCH_A_MEMBER_ADDR4, FORM_ADDR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_MEMBER_PROTO, FORM_ATTR, WHEN_JSON, 0 },
	{ NULL, NULL, HASWITCH_A_MEMBER_PORT, FORM_ATTR, WHEN_JSON, 0 },
	{ "node", NULL, HASWITCH_A_MEMBER_NODE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "priority", NULL, HASWITCH_A_MEMBER_PRIORITY, FORM_ATTR, WHEN_CHANGED, 100 },
	{ "via", NULL, HASWITCH_A_MEMBER_VIA, FORM_VIA, WHEN_CHANGED, HASWITCH_A_MEMBER_LOCAL_HERE },
	{ "local-here", NULL, HASWITCH_A_MEMBER_LOCAL_HERE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "port", "nat_port", HASWITCH_A_MEMBER_NAT_PORT, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "health", NULL, HASWITCH_A_MEMBER_HEALTH, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "state", NULL, HASWITCH_A_MEMBER_STATE, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ "weight", NULL, HASWITCH_A_MEMBER_WEIGHT, FORM_ATTR, WHEN_CHANGED, 1 },
	{ "spare", NULL, HASWITCH_A_MEMBER_SPARE, FORM_ATTR, WHEN_CHANGED, HASWITCH_SPARE_OFF },
	{ "new-flows", NULL, HASWITCH_A_MEMBER_NEW_FLOWS, FORM_ATTR, WHEN_ALWAYS, 0 },
	{ NULL, NULL, HASWITCH_A_MEMBER_SERVING, FORM_ATTR, WHEN_JSON, 0 },
	{ "flows-max", NULL, HASWITCH_A_MEMBER_FLOWS_MAX, FORM_ATTR, WHEN_OPTION, 0 },
	{ "packets", NULL, HASWITCH_A_MEMBER_PACKETS, FORM_ATTR, WHEN_STATS, 0 },
	{ "bytes", NULL, HASWITCH_A_MEMBER_BYTES, FORM_ATTR, WHEN_STATS, 0 },
	{ "flows", NULL, HASWITCH_A_MEMBER_FLOWS, FORM_ATTR, WHEN_STATS, 0 },
	{ "closing", NULL, HASWITCH_A_MEMBER_CLOSING, FORM_ATTR, WHEN_STATS, 0 },
	{ "flow-made", NULL, HASWITCH_A_MEMBER_FLOW_MADE, FORM_ATTR, WHEN_STATS, 0 },
	{ "full", NULL, HASWITCH_A_MEMBER_FULL, FORM_ATTR, WHEN_STATS, 0 },
};

/*
 * The well-known ports of protocols in which one flow has others: FTP, TFTP and SIP. The server and the client tell each
 * other the ports of these flows, inside the packets or by the port that they answer from.
 */
static const struct {
	uint8_t proto;
	uint16_t port;
} related[] = {
	{ IPPROTO_TCP, 21 },
	{ IPPROTO_TCP, 5060 },
	{ IPPROTO_UDP, 69 },
	{ IPPROTO_UDP, 5060 },
};

/* Returns the first port from FIRST to LAST at which flows have related ones, or 0. */
static uint16_t related_port(uint8_t proto, uint16_t first, uint16_t last)
{
	unsigned int i;

	for (i = 0; i < sizeof(related) / sizeof(*related); i++)
		if (related[i].proto == proto && related[i].port >= first && related[i].port <= last)
			return related[i].port;
	return 0;
}

/* Sets the port of DATA, a service's key, to a further port of that service at which flows have related ones. */
static int look_for_related(const struct hasw_record *rec, void *data)
{
	const struct nlattr *attr = NULL;
	struct hasw_svc *svc = data;
	uint16_t port = 0;
	uint32_t ports;

	while (!port && (attr = hasw_next(rec, HASWITCH_A_SERVICE_ALSO, attr))) {
		ports = (uint32_t)hasw_attr_number(hasw_set_attr(rec->set, HASWITCH_A_SERVICE_ALSO), attr);
		port = related_port(svc->proto, hasw_ports_first(ports), hasw_ports_last(ports));
	}
	if (port)
		svc->port = port;
	return 0;
}

/*
 * Finds a port of the request's service, its own or a further one, at which flows have related ones. Sets the port of
 * SVC to it, and returns whether there is one.
 */
static bool has_related_flows(struct haadm *haadm, const struct request *req, struct hasw_svc *svc)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;

	*svc = req->svc;
	if (related_port(svc->proto, svc->port, svc->port))
		return true;
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_SERVICE_GET, 0);
	hasw_put_svc(&msg, HASWITCH_A_SERVICE_ADDR4, &req->svc);
	/* The change was made. If its service cannot be read now, there is just no warning. */
	return sock && !hasw_get(sock, &msg, look_for_related, svc, &err) && svc->port != req->svc.port;
}

void member_warn(struct haadm *haadm, const struct request *req)
{
	char text[HASW_SVC_TEXT];
	struct hasw_svc svc;

	if (req->object != &object_member || !request_has(req, HASWITCH_A_MEMBER_VIA) ||
	    req->value[HASWITCH_A_MEMBER_VIA].number != HASWITCH_VIA_NAT || !has_related_flows(haadm, req, &svc))
		return;
	haadm_complain(haadm, STATUS_OK,
		       "warning: via nat carries no related flows of %s, see RELATED FLOWS in haadm(8)",
		       hasw_svc_format(&svc, text));
}

bool member_is_at(const struct hasw_record *rec, uint64_t port)
{
	uint64_t usual = hasw_number(rec, HASWITCH_A_MEMBER_PORT, 0);

	return hasw_number(rec, HASWITCH_A_MEMBER_NAT_PORT, usual) == (port ? port : usual);
}

bool member_wanted(const struct hasw_record *rec, const struct request *req)
{
	struct hasw_svc svc;

	if (request_has(req, HASWITCH_A_MEMBER_NODE) &&
	    strcmp(req->value[HASWITCH_A_MEMBER_NODE].text, hasw_string(rec, HASWITCH_A_MEMBER_NODE)))
		return false;
	if (request_has(req, HASWITCH_A_MEMBER_AT_PORT) &&
	    !member_is_at(rec, req->value[HASWITCH_A_MEMBER_AT_PORT].number))
		return false;
	if (!req->subject_given)
		return true;
	return hasw_get_svc(rec, HASWITCH_A_MEMBER_ADDR4, &svc) && !hasw_svc_compare(&svc, &req->svc);
}

static enum status show(struct haadm *haadm, const struct request *req)
{
	return show_run(haadm, req, fields, N_FIELDS(fields), member_wanted);
}

#define SETTINGS "[ priority N ] [ weight N ] [ flows-max N ] [ via { local | direct | tunnel | gue | nat } ] [ port PORT ] " \
	"[ health { up | down } ] [ spare ]"

#define CHANGES "SERVICE node NODE [ at PORT ] { health { up | down } | priority N | weight N | flows-max N | " \
	"via { local | direct | tunnel | gue | nat } | port PORT | spare { on | off } }..."

static const struct verb verbs[] = {
	{ "add", "SERVICE node NODE " SETTINGS, HASWITCH_CMD_MEMBER_ADD, SUBJECT_SVC, false, HASWITCH_A_MEMBER_ADDR4,
	  add_keys, { ATTR(HASWITCH_A_MEMBER_NODE), 0 }, change_run },
	{ "set", CHANGES,
	  HASWITCH_CMD_MEMBER_SET, SUBJECT_SVC, false, HASWITCH_A_MEMBER_ADDR4, set_keys,
	  { ATTR(HASWITCH_A_MEMBER_NODE), ATTR(HASWITCH_A_MEMBER_HEALTH) |
	    ATTR(HASWITCH_A_MEMBER_PRIORITY) | ATTR(HASWITCH_A_MEMBER_WEIGHT) |
	    ATTR(HASWITCH_A_MEMBER_FLOWS_MAX) | ATTR(HASWITCH_A_MEMBER_VIA) |
	    ATTR(HASWITCH_A_MEMBER_NAT_PORT) | ATTR(HASWITCH_A_MEMBER_SPARE) }, change_run },
	{ "replace", "SERVICE node NODE [ at PORT ] " SETTINGS, HASWITCH_CMD_MEMBER_ADD, SUBJECT_SVC, false,
	  HASWITCH_A_MEMBER_ADDR4, replace_keys, { ATTR(HASWITCH_A_MEMBER_NODE), 0 }, replace_run },
	{ "del", "SERVICE node NODE [ at PORT ]", HASWITCH_CMD_MEMBER_DEL, SUBJECT_SVC, false,
	  HASWITCH_A_MEMBER_ADDR4, del_keys, { ATTR(HASWITCH_A_MEMBER_NODE), 0 }, change_run },
	{ "show", "[ SERVICE | vip ADDR ] [ node NODE ] [ at PORT ]", HASWITCH_CMD_MEMBER_GET, SUBJECT_SVC, true,
	  HASWITCH_A_MEMBER_ADDR4, show_keys, { 0, 0 }, show },
	{ .word = NULL },
};

const struct shape shape_member = { "member show", HASWITCH_CMD_MEMBER_GET, fields, N_FIELDS(fields), true, NULL };
const struct object object_member = { "member", "the nodes' parts in services", verbs };
