// SPDX-License-Identifier: GPL-2.0
/* The output of records: one description of an object's fields serves text and JSON. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/haswitch.h>

#include "lib/generated/spec_gen.h"
#include "lib/plain.h"
#include "lib/text.h"
#include "print.h"

#define GREEN	"\033[32m"
#define RED	"\033[31m"
#define PLAIN	"\033[0m"

static FILE *out_to(const struct out *out)
{
	return out->to ? out->to : stdout;
}

void out_list_begin(struct out *out)
{
	out->first = true;
	if (out->json)
		putchar('[');
}

void out_list_end(struct out *out)
{
	if (out->json)
		fputs("]\n", stdout);
}

json_t *out_json_text(const char *text)
{
	json_t *value = json_string(text);
	char clean[256];

	/* Without a value, the text is no UTF-8. */
	if (value)
		return value;
	hasw_plain_put(clean, sizeof(clean), text);
	return json_string(clean);
}

bool out_json_plain(json_t *value)
{
	const char *text = json_string_value(value), *key;
	json_t *one;
	size_t i;

	if (!hasw_plain(text)) {
		size_t room = 4 * strlen(text) + 1;
		char *plain = malloc(room);
		bool good;

		if (!plain)
			return false;
		hasw_plain_put(plain, room, text);
		good = !json_string_set(value, plain);
		free(plain);
		return good;
	}
	json_array_foreach(value, i, one) {
		if (!out_json_plain(one))
			return false;
	}
	json_object_foreach(value, key, one) {
		if (!out_json_plain(one))
			return false;
	}
	return true;
}

/* Puts a value into an object. Hyphens in the name become underscores, so that jq needs no quotes around the key. */
static void json_put(json_t *object, const char *name, json_t *value)
{
	char key[48];
	size_t i;

	for (i = 0; name[i] && i < sizeof(key) - 1; i++)
		key[i] = name[i] == '-' ? '_' : name[i];
	key[i] = '\0';
	json_object_set_new(object, key, value);
}

static json_t *addr_json(const struct hasw_addr *addr)
{
	char text[HASW_ADDR_TEXT];

	return json_string(hasw_addr_format(addr, text));
}

/* What is put beside stamps. All ages of an object are from one moment. */
struct beside {
	uint64_t now;	/* CLOCK_BOOTTIME, ns */
	bool wall;
};

static json_t *attr_json(const struct beside *beside, const struct hasw_attr *desc, const struct nlattr *attr);

struct field out_nest_field(const struct hasw_set *set, uint16_t attr)
{
	/* Each key has one type: in the agent's answer "heard" is a list of voters. */
	if (set == &hasw_set_pulse_path_state && attr == HASWITCH_A_PULSE_PATH_STATE_HEARD)
		return (struct field){ .key = "last-heard", .attr = attr, .form = FORM_SINCE };
	return (struct field){ .key = set->attrs[attr].name, .attr = attr };
}

const char *out_distance_key(const struct field *field, const char *key, char buf[OUT_KEY])
{
	if (field->form == FORM_UNTIL)
		return "remaining";
	if (field->form != FORM_SINCE && field->form != FORM_AFTER)
		return NULL;
	if (!strcmp(key, "time"))
		return "age";
	snprintf(buf, OUT_KEY, "%s-age", key);
	return buf;
}

/* Puts how far a stamp is from now, for readers on other machines, which have other clocks; and its wall time if wanted. */
static void json_put_beside(json_t *object, const struct field *field, const char *key, uint64_t ns,
			    const struct beside *beside)
{
	char buf[OUT_KEY], text[HASW_TIME_TEXT];
	const char *distance = out_distance_key(field, key, buf);
	uint64_t now = beside->now;

	/* The stamp of what has not happened yet is 0. */
	if (distance && ns)
		json_put(object, distance, json_integer((json_int_t)(field->form == FORM_UNTIL ?
				(ns > now ? ns - now : 0) : (now > ns ? now - ns : 0))));
	if (!beside->wall || (!distance && field->form != FORM_STAMP))
		return;
	snprintf(buf, sizeof(buf), "%s-wall", key);
	json_put(object, buf, json_string(hasw_wall_format(ns, text)));
}

static json_t *nest_json(const struct beside *beside, const struct hasw_set *set, const struct nlattr *nest)
{
	json_t *object = json_object();
	struct hasw_record rec;

	if (hasw_record_nest(&rec, set, nest))
		return object;
	for (uint16_t i = 1; i <= set->max; i++) {
		struct field field = out_nest_field(set, i);

		if (!rec.attr[i] || set->attrs[i].type == HASW_T_PAD)
			continue;
		json_put(object, field.key, attr_json(beside, &set->attrs[i], rec.attr[i]));
		json_put_beside(object, &field, field.key, hasw_number(&rec, i, 0), beside);
	}
	return object;
}

/* Formats an attribute according to its display hint. Returns NULL if the attribute has no hint. */
static const char *hint_text(const struct hasw_attr *desc, const struct nlattr *attr,
			     char buf[HASW_ADDR_TEXT])
{
	struct hasw_addr addr = { .family = desc->hint == HASW_HINT_IPV6 ? AF_INET6 : AF_INET };

	switch (desc->hint) {
	case HASW_HINT_IPV4:
	case HASW_HINT_IPV6:
		memcpy(addr.bytes, hasw_payload(attr), hasw_addr_len(&addr));
		return hasw_addr_format(&addr, buf);
	case HASW_HINT_MAC:
		return hasw_mac_format(hasw_payload(attr), buf);
	case HASW_HINT_HEX:
		snprintf(buf, HASW_ADDR_TEXT, "%#" PRIx64, hasw_attr_number(desc, attr));
		return buf;
	case HASW_HINT_NONE:
		break;
	}
	return NULL;
}

static json_t *ports_json(const struct hasw_attr *desc, const struct nlattr *attr)
{
	char text[HASW_PORTS_TEXT];

	return json_string(hasw_ports_format((uint32_t)hasw_attr_number(desc, attr), text));
}

static json_t *attr_json(const struct beside *beside, const struct hasw_attr *desc, const struct nlattr *attr)
{
	char buf[HASW_ADDR_TEXT];
	const char *text = hint_text(desc, attr, buf);
	uint64_t number;

	if (text)
		return json_string(text);
	switch (desc->type) {
	case HASW_T_FLAG:
		return json_true();
	case HASW_T_STRING:
		return out_json_text(hasw_payload(attr));
	case HASW_T_NEST:
		return nest_json(beside, desc->nested, attr);
	default:
		break;
	}
	number = hasw_attr_number(desc, attr);
	text = desc->values ? hasw_enum_name(desc->values, number) : NULL;
	/* Each key has one type, so a value that a newer module has is a string, too. */
	if (desc->values)
		return text ? json_string(text) : json_sprintf("%" PRIu64, number);
	return json_integer((json_int_t)number);
}

static void field_json(json_t *object, const struct hasw_record *rec, const struct field *field,
		       const struct beside *beside)
{
	const struct hasw_attr *desc = &rec->set->attrs[field->attr];
	const char *key = field->key ? field->key : desc->name;
	const struct nlattr *attr = NULL;
	char buf[HASW_SVC_TEXT], time[HASW_TIME_TEXT];
	struct hasw_svc svc;
	json_t *list;

	if (field->when == WHEN_TEXT)
		return;
	switch (field->form) {
	case FORM_ADDR:
	case FORM_PEER:
		if (hasw_get_addr(rec, field->attr, &svc.vip))
			json_put(object, key, addr_json(&svc.vip));
		return;
	case FORM_SVC:
		if (hasw_get_svc(rec, field->attr, &svc))
			json_put(object, key, json_string(hasw_svc_format(&svc, buf)));
		return;
	case FORM_ADDRS:
		list = json_array();
		for (uint16_t i = field->attr; i <= field->attr + 1; i++) {
			if (rec->attr[i])
				json_array_append_new(list, attr_json(beside, &rec->set->attrs[i], rec->attr[i]));
		}
		json_put(object, key, list);
		return;
	case FORM_FAILBACK:
		if (!rec->attr[field->attr])
			return;
		json_put(object, key, json_string(hasw_failback_format(hasw_number(rec, field->attr, 0), time)));
		return;
	default:
		break;
	}
	if (desc->multi) {
		list = json_array();
		while ((attr = hasw_next(rec, field->attr, attr)))
			json_array_append_new(list, field->form == FORM_PORTS ? ports_json(desc, attr) :
					      attr_json(beside, desc, attr));
		json_put(object, key, list);
	} else if (rec->attr[field->attr]) {
		json_put(object, key, attr_json(beside, desc, rec->attr[field->attr]));
		json_put_beside(object, field, key, hasw_number(rec, field->attr, 0), beside);
	} else if (desc->type == HASW_T_FLAG) {
		json_put(object, key, json_false());
	}
}

json_t *out_json(const struct out *out, const struct hasw_record *rec, const struct field *fields,
		 size_t n)
{
	const struct beside beside = { .now = hasw_boottime(), .wall = out->stamp };
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++)
		field_json(object, rec, &fields[i], &beside);
	return object;
}

void out_json_line(const struct out *out, json_t *value)
{
	json_dumpf(value, stdout, out->pretty ? JSON_INDENT(4) : JSON_COMPACT);
	putchar('\n');
	json_decref(value);
}

void out_state(const struct out *out, const struct hasw_enum *values, uint64_t value)
{
	const char *name = hasw_enum_name(values, value);
	const char *paint = !out->color ? "" : value ? RED : GREEN;

	if (name)
		fprintf(out_to(out), "%s%s%s", paint, name, out->color ? PLAIN : "");
	else
		fprintf(out_to(out), "%" PRIu64, value);
}

static void attr_text(struct out *out, const struct hasw_attr *desc, const struct nlattr *attr)
{
	char buf[HASW_ADDR_TEXT];
	const char *text = hint_text(desc, attr, buf);
	bool state = !strcmp(desc->name, "state") || !strcmp(desc->name, "health");
	uint64_t number;

	if (text) {
		fputs(text, out_to(out));
		return;
	}
	if (desc->type == HASW_T_STRING) {
		hasw_plain_print(out_to(out), hasw_payload(attr));
		return;
	}
	number = hasw_attr_number(desc, attr);
	text = desc->values ? hasw_enum_name(desc->values, number) : NULL;
	if (state && desc->values)
		out_state(out, desc->values, number);
	else if (text)
		fputs(text, out_to(out));
	else
		fprintf(out_to(out), "%" PRIu64, number);
	out->last = text;
}

static void stamp_text(const struct out *out, uint64_t ns)
{
	char buf[HASW_TIME_TEXT];

	fputs(hasw_stamp_format(ns, buf), out_to(out));
	if (out->stamp)
		fprintf(out_to(out), " (%s)", hasw_wall_format(ns, buf));
}

/* Prints the word and the value of a field. The caller prints the blank before them. */
static void pair(struct out *out, const struct hasw_record *rec, const struct field *field,
		 const struct nlattr *attr)
{
	const struct hasw_attr *desc = &rec->set->attrs[hasw_attr_type(attr)];
	const char *word = field->word;
	uint64_t value, other;
	char buf[HASW_TIME_TEXT];

	/* The word is omitted if it equals the enum value before it: "node n1" instead of "node node n1". */
	if (word && out->last && !strcmp(word, out->last))
		word = NULL;
	out->last = NULL;
	if (word)
		fputs(word, out_to(out));
	if (desc->type == HASW_T_FLAG)
		return;
	if (word)
		fputc(' ', out_to(out));
	value = hasw_attr_number(desc, attr);
	other = field->form == FORM_AFTER ? hasw_number(rec, field->than, 0) : 0;
	if (other && other <= value)
		fprintf(out_to(out), "+%s", hasw_span_format(value - other, buf));
	else if (field->form == FORM_FAILBACK)
		fputs(hasw_failback_format(value, buf), out_to(out));
	else if (field->form == FORM_PORTS)
		fputs(hasw_ports_format((uint32_t)value, buf), out_to(out));
	else if (field->form == FORM_SPAN)
		fputs(hasw_span_format(value, buf), out_to(out));
	else if (field->form == FORM_TIME)
		fputs(hasw_time_format(value, buf), out_to(out));
	else if (field->form == FORM_STAMP || field->form == FORM_SINCE || field->form == FORM_UNTIL ||
		 field->form == FORM_AFTER)
		stamp_text(out, value);
	else
		attr_text(out, desc, attr);
}

static void field_text(struct out *out, const struct hasw_record *rec, const struct field *field,
		       const char *blank)
{
	const struct nlattr *attr = NULL;
	char buf[HASW_SVC_TEXT];
	struct hasw_svc svc;

	switch (field->form) {
	case FORM_ADDR:
		out->last = NULL;
		if (hasw_get_addr(rec, field->attr, &svc.vip))
			fprintf(out_to(out), "%s%s %s", blank, field->word, hasw_addr_format(&svc.vip, buf));
		return;
	case FORM_SVC:
		out->last = NULL;
		if (hasw_get_svc(rec, field->attr, &svc))
			fprintf(out_to(out), "%s%s%s%s", blank, field->word ? field->word : "", field->word ? " " : "",
			       hasw_svc_format(&svc, buf));
		return;
	case FORM_ADDRS:
		for (uint16_t i = field->attr; i <= field->attr + 1; i++) {
			if (!rec->attr[i])
				continue;
			fputs(blank, out_to(out));
			pair(out, rec, field, rec->attr[i]);
			blank = " ";
		}
		return;
	default:
		break;
	}
	while ((attr = hasw_next(rec, field->attr, attr))) {
		fputs(blank, out_to(out));
		pair(out, rec, field, attr);
		blank = " ";
	}
}

/* Formats ADDR/BITS if the record has a prefix length. Otherwise formats ADDR:PORT, or ADDR alone if the port is 0. */
static const char *peer_text(const struct hasw_record *rec, const struct field *field, const struct hasw_addr *addr,
			     char buf[CELL_TEXT])
{
	const uint16_t port = field->attr + 2;
	char text[HASW_ADDR_TEXT];

	hasw_addr_format(addr, text);
	if (hasw_has(rec, field->than))
		snprintf(buf, CELL_TEXT, "%s/%" PRIu64, text, hasw_number(rec, field->than, 0));
	else if (!hasw_number(rec, port, 0))
		snprintf(buf, CELL_TEXT, "%s", text);
	else
		snprintf(buf, CELL_TEXT, addr->family == AF_INET6 ? "[%s]:%" PRIu64 : "%s:%" PRIu64, text,
			 hasw_number(rec, port, 0));
	return buf;
}

const char *out_cell(const struct hasw_record *rec, const struct field *field, char buf[CELL_TEXT])
{
	const struct hasw_attr *desc = &rec->set->attrs[field->attr];
	const struct nlattr *attr = rec->attr[field->attr];
	struct hasw_svc svc;
	const char *name;
	uint64_t value;

	if (field->form == FORM_SVC && hasw_get_svc(rec, field->attr, &svc))
		return hasw_svc_format(&svc, buf);
	if (field->form == FORM_PEER && hasw_get_addr(rec, field->attr, &svc.vip))
		return peer_text(rec, field, &svc.vip, buf);
	if (!attr || field->form == FORM_SVC || field->form == FORM_PEER)
		return "-";
	if (field->form == FORM_MEMBER && hasw_has(rec, field->than)) {
		snprintf(buf, CELL_TEXT, "%s:%" PRIu64, (const char *)hasw_payload(attr),
			 hasw_number(rec, field->than, 0));
		return buf;
	}
	if (desc->type == HASW_T_STRING && hasw_plain(hasw_payload(attr)))
		return hasw_payload(attr);
	if (desc->type == HASW_T_STRING) {
		hasw_plain_put(buf, CELL_TEXT, hasw_payload(attr));
		return buf;
	}
	value = hasw_attr_number(desc, attr);
	if (field->form == FORM_SPAN)
		return hasw_span_format(value, buf);
	name = desc->values ? hasw_enum_name(desc->values, value) : NULL;
	if (name)
		return name;
	snprintf(buf, CELL_TEXT, "%" PRIu64, value);
	return buf;
}

static bool field_there(const struct hasw_record *rec, const struct field *field)
{
	bool two = field->form == FORM_ADDR || field->form == FORM_ADDRS || field->form == FORM_SVC;

	return rec->attr[field->attr] || (two && rec->attr[field->attr + 1]);
}

/* Returns whether a setting has its default. Of settings that are strings there is on-empty alone. */
static bool is_default(const struct hasw_record *rec, const struct field *field)
{
	const struct hasw_attr *desc = &rec->set->attrs[field->attr];
	uint64_t value;

	if (desc->type == HASW_T_STRING)
		return !strcmp(hasw_string(rec, field->attr), "drop");
	value = hasw_number(rec, field->attr, 0);
	if (field->form == FORM_FAILBACK)
		return value == HASW_FAILBACK_DEFAULT;
	if (field->form == FORM_MASK)
		return value == (hasw_has(rec, field->than) ? 32 : 128);
	if (field->form == FORM_VIA)
		return value == HASWITCH_VIA_LOCAL || (value == HASWITCH_VIA_DIRECT && !hasw_has(rec, field->than));
	return value == field->than;
}

enum field_when out_group(const struct out *out, const struct hasw_record *rec, const struct field *field)
{
	if (!field_there(rec, field))
		return WHEN_JSON;
	switch (field->when) {
	case WHEN_TEXT:
	case WHEN_ALWAYS:
		return WHEN_ALWAYS;
	case WHEN_CHANGED:
		return out->details || !is_default(rec, field) ? WHEN_ALWAYS : WHEN_JSON;
	case WHEN_OPTION:
		return out->details ? WHEN_DETAILS : is_default(rec, field) ? WHEN_JSON : WHEN_ALWAYS;
	case WHEN_STATS:
		return out->stats ? WHEN_STATS : WHEN_JSON;
	case WHEN_DETAILS:
		return out->details ? WHEN_DETAILS : WHEN_JSON;
	case WHEN_JSON:
		break;
	}
	return WHEN_JSON;
}

void out_part(struct out *out, const struct hasw_record *rec, const struct field *field, const char *blank)
{
	field_text(out, rec, field, blank);
}

void out_record(struct out *out, const struct hasw_record *rec, const struct field *fields, size_t n)
{
	enum field_when group = WHEN_ALWAYS;
	const char *blank = "";

	out->last = NULL;
	if (out->json) {
		json_t *object = out_json(out, rec, fields, n);

		if (!out->first)
			putchar(',');
		out->first = false;
		if (out->pretty)
			putchar('\n');
		json_dumpf(object, stdout, out->pretty ? JSON_INDENT(4) : JSON_COMPACT);
		json_decref(object);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		enum field_when now = out_group(out, rec, &fields[i]);

		if (now == WHEN_JSON)
			continue;
		/* The fields of option -s begin on a new line, and so do the fields of option -d. */
		if (now != group)
			blank = "\n    ";
		group = now;
		field_text(out, rec, &fields[i], blank);
		blank = " ";
	}
	fputc('\n', out_to(out));
}
