// SPDX-License-Identifier: GPL-2.0
/* The lines of the journal: which events become one, and its keys, which are those of `haadm -j event show`. */
#include <linux/haswitch.h>
#include <rules/vote.h>
#include <stdio.h>
#include <string.h>

#include "lib/codec.h"
#include "lib/generated/spec_gen.h"
#include "haagentd/clock.h"
#include "haagentd/peer/wire.h"
#include "journal.h"

/*
 * Attributes whose key is not their name: the reader has both ends of a path, and of a change of state, in one object, and
 * each key has one type.
 */
static const struct {
	uint16_t attr;
	const char *key;
} keys[] = {
	{ HASWITCH_A_EVENT_SEQ, "event" },
	{ HASWITCH_A_EVENT_PATH, "path_number" },
	{ HASWITCH_A_EVENT_PULSE_FROM, "path_from" },
	{ HASWITCH_A_EVENT_PULSE_TO, "path_to" },
};

/* Attributes that are written in another way, or not at all. */
static bool is_apart(uint16_t attr)
{
	return attr == HASWITCH_A_EVENT_TIME || attr == HASWITCH_A_EVENT_KIND || attr == HASWITCH_A_EVENT_ADDR4 ||
	       attr == HASWITCH_A_EVENT_ADDR6;
}

static const char *key_of(const struct hasw_attr *desc, uint16_t attr, char key[48])
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].attr == attr)
			return keys[i].key;
	snprintf(key, 48, "%s", desc->name);
	for (i = 0; key[i]; i++)
		if (key[i] == '-')
			key[i] = '_';
	return key;
}

static void put_value(struct json *json, const char *key, const struct hasw_attr *desc, const struct nlattr *attr)
{
	char mac[HASW_MAC_TEXT], number_text[24];
	const char *name;
	uint64_t value;

	switch (desc->type) {
	case HASW_T_PAD:
	case HASW_T_NEST:
		return;
	case HASW_T_FLAG:
		json_flag(json, key, true);
		return;
	case HASW_T_STRING:
		json_text(json, key, hasw_payload(attr));
		return;
	case HASW_T_BINARY:
		if (desc->hint == HASW_HINT_MAC)
			json_text(json, key, hasw_mac_format(hasw_payload(attr), mac));
		return;
	default:
		break;
	}
	value = hasw_attr_number(desc, attr);
	name = desc->values ? hasw_enum_name(desc->values, value) : NULL;
	/* A value that a newer module has is a text, too: each key has one type. */
	if (desc->values && !name)
		snprintf(number_text, sizeof(number_text), "%llu", (unsigned long long)value);
	if (desc->values)
		json_text(json, key, name ? name : number_text);
	else
		json_number(json, key, value);
}

static void put_attr(struct json *json, const struct hasw_record *rec, uint16_t number)
{
	const struct hasw_attr *desc = &rec->set->attrs[number];
	const struct nlattr *attr = NULL;
	char buf[48];
	const char *key = key_of(desc, number, buf);

	if (!desc->multi) {
		put_value(json, key, desc, rec->attr[number]);
		return;
	}
	json_list(json, key);
	while ((attr = hasw_next(rec, number, attr)))
		put_value(json, NULL, desc, attr);
	json_list_end(json);
}

static void put_service(struct json *json, const struct hasw_record *rec)
{
	char text[HASW_SVC_TEXT], addr[HASW_ADDR_TEXT];
	struct hasw_svc svc;

	if (!hasw_get_svc(rec, HASWITCH_A_EVENT_ADDR4, &svc))
		return;
	json_text(json, "service", hasw_svc_format(&svc, text));
	json_text(json, "addr", hasw_addr_format(&svc.vip, addr));
}

/**
 * journal_event - write an event of the module
 * @j:		the journal; NULL does nothing
 * @rec:	the event
 */
void journal_event(struct journal *j, const struct hasw_record *rec)
{
	uint64_t kind = hasw_number(rec, HASWITCH_A_EVENT_KIND, UINT64_MAX);
	const char *word = hasw_enum_name(&hasw_enum_event_kind, kind);
	struct json *json;
	uint16_t i;

	if (!j)
		return;
	journal_heard(j, hasw_number(rec, HASWITCH_A_EVENT_SEQ, 0));
	json = journal_begin(j, word ? word : "?", hasw_number(rec, HASWITCH_A_EVENT_TIME, clock_now()));
	put_service(json, rec);
	for (i = 1; i <= rec->set->max; i++)
		if (rec->attr[i] && !is_apart(i))
			put_attr(json, rec, i);
	journal_end(j);
}

/**
 * journal_peer - write that this agent judges a peer in another way
 * @j:		the journal; NULL does nothing
 * @node:	name of the peer
 * @from:	word of the state before
 * @to:		word of the state now
 * @silence:	for how long nothing was heard of the peer, ns
 */
void journal_peer(struct journal *j, const char *node, const char *from, const char *to, uint64_t silence)
{
	struct json *json;

	if (!j)
		return;
	json = journal_begin(j, "peer", clock_now());
	json_text(json, "node", node);
	json_text(json, "from", from);
	json_text(json, "to", to);
	json_number(json, "silence", silence);
	journal_end(j);
}

/**
 * journal_path - write that a path to a peer is judged in another way
 * @j:		the journal; NULL does nothing
 * @node:	name of the peer
 * @path:	name of the path
 * @to:		word of the state now
 */
void journal_path(struct journal *j, const char *node, const char *path, const char *to)
{
	struct json *json;

	if (!j)
		return;
	json = journal_begin(j, "path", clock_now());
	json_text(json, "node", node);
	json_text(json, "path", path);
	json_text(json, "to", to);
	journal_end(j);
}

/**
 * journal_reload - write that the configuration file was read again
 * @j:		the journal; NULL does nothing
 * @file:	name of the file
 * @good:	the file is in force; if not, the configuration stayed as it was
 */
void journal_reload(struct journal *j, const char *file, bool good)
{
	struct json *json;

	if (!j)
		return;
	json = journal_begin(j, "reload", clock_now());
	json_text(json, "file", file);
	json_flag(json, "good", good);
	journal_end(j);
}

/**
 * journal_service - write that no member serves a service any more, or that members serve it again
 * @j:		the journal; NULL does nothing
 * @service:	the service
 * @to:		word for what is so now
 */
void journal_service(struct journal *j, const char *service, const char *to)
{
	struct json *json;

	if (!j)
		return;
	json = journal_begin(j, "service", clock_now());
	json_text(json, "service", service);
	json_text(json, "to", to);
	journal_end(j);
}

/**
 * journal_drained - write that nothing is left of a drained node or member
 * @j:		the journal; NULL does nothing
 * @node:	name of the node or member
 * @service:	the member's service, or NULL for a node
 */
void journal_drained(struct journal *j, const char *node, const char *service)
{
	struct json *json;

	if (!j)
		return;
	json = journal_begin(j, "drained", clock_now());
	json_text(json, "node", node);
	if (service)
		json_text(json, "service", service);
	journal_end(j);
}

/**
 * journal_committed - write that a configuration of the cluster is committed
 * @j:		the journal; NULL does nothing
 * @conf:	the configuration
 * @node:	the node on which it was applied
 * @to:		word for what this node has made of it
 */
void journal_committed(struct journal *j, const struct hasw_vote_conf *conf, const char *node, const char *to)
{
	struct json *json;
	char hash[20];

	if (!j)
		return;
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)conf->blob);
	json = journal_begin(j, "committed", clock_now());
	json_number(json, "generation", conf->generation);
	json_text(json, "hash", hash);
	json_text(json, "node", node);
	json_text(json, "to", to);
	journal_end(j);
}

/**
 * journal_voters - write that the cluster has another voter set
 * @j:		the journal; NULL does nothing
 * @set:	number of the set
 * @names:	names of the nodes, by id, each in WIRE_NAME bytes
 * @voters:	bitmap of the ids of the voters
 */
void journal_voters(struct journal *j, uint32_t set, const char *names, uint32_t voters)
{
	struct json *json;

	if (!j)
		return;
	json = journal_begin(j, "voters", clock_now());
	json_number(json, "set", set);
	json_list(json, "voters");
	for (; voters; voters &= voters - 1)
		json_text(json, NULL, names + __builtin_ctz(voters) * WIRE_NAME);
	json_list_end(json);
	journal_end(j);
}

/**
 * journal_nodes - write which nodes have come into the cluster with a voter set, or went with it
 * @j:		the journal; NULL does nothing
 * @kind:	"came" or "went"; each node has a line of its own, so that all names fit
 * @set:	number of the set
 * @names:	names of the nodes, by id, each in WIRE_NAME bytes
 * @nodes:	bitmap of the ids of these nodes
 */
void journal_nodes(struct journal *j, const char *kind, uint32_t set, const char *names, uint32_t nodes)
{
	struct json *json;

	for (; j && nodes; nodes &= nodes - 1) {
		json = journal_begin(j, kind, clock_now());
		json_text(json, "node", names + __builtin_ctz(nodes) * WIRE_NAME);
		json_number(json, "set", set);
		journal_end(j);
	}
}

/**
 * journal_fence - write what this node makes of the other one, whose vote it may need no more
 * @j:		the journal; NULL does nothing
 * @node:	name of the other node
 * @to:		word for what is so now
 * @reason:	why, or NULL
 */
void journal_fence(struct journal *j, const char *node, const char *to, const char *reason)
{
	struct json *json;

	if (!j)
		return;
	json = journal_begin(j, "fence", clock_now());
	json_text(json, "node", node);
	json_text(json, "to", to);
	if (reason)
		json_text(json, "reason", reason);
	journal_end(j);
}
