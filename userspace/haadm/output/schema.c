// SPDX-License-Identifier: GPL-2.0
/* JSON Schema of what haadm prints: from the description of fields, by which it is printed, or from a short notation. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/generated/spec_gen.h"
#include "schema.h"

static json_t *type_named(const char *name)
{
	json_t *type = json_object();

	json_object_set_new(type, "type", json_string(name));
	return type;
}

static json_t *list_of(json_t *type)
{
	json_t *list = type_named("array");

	json_object_set_new(list, "items", type);
	return list;
}

/* The keys of JSON have underscores. */
static void put(json_t *object, const char *name, json_t *value)
{
	char key[64];
	size_t i;

	for (i = 0; name[i] && i < sizeof(key) - 1; i++)
		key[i] = name[i] == '-' ? '_' : name[i];
	key[i] = '\0';
	json_object_set_new(object, key, value);
}

static void require(json_t *required, const char *name)
{
	json_t *object = json_object(), *value;
	const char *key;

	put(object, name, json_null());
	json_object_foreach(object, key, value)
		json_array_append_new(required, json_string(key));
	json_decref(object);
}

static json_t *object_of(json_t *properties, json_t *required)
{
	json_t *object = type_named("object");

	json_object_set_new(object, "properties", properties);
	json_object_set_new(object, "required", required);
	json_object_set_new(object, "additionalProperties", json_false());
	return object;
}

static json_t *attr_schema(const struct hasw_attr *desc);

/* What is beside a stamp: how far it is from now, and its wall time. */
static void put_beside(json_t *properties, const struct field *field, const char *key)
{
	char buf[OUT_KEY];
	const char *distance = out_distance_key(field, key, buf);

	if (distance)
		put(properties, distance, type_named("integer"));
	if (!distance && field->form != FORM_STAMP)
		return;
	snprintf(buf, sizeof(buf), "%s-wall", key);
	put(properties, buf, type_named("string"));
}

static json_t *nest_schema(const struct hasw_set *set)
{
	json_t *properties = json_object();

	for (uint16_t i = 1; i <= set->max; i++) {
		struct field field = out_nest_field(set, i);

		if (set->attrs[i].type == HASW_T_PAD)
			continue;
		put(properties, field.key, attr_schema(&set->attrs[i]));
		put_beside(properties, &field, field.key);
	}
	return object_of(properties, json_array());
}

/* The schema of one value of an attribute. */
static json_t *attr_schema(const struct hasw_attr *desc)
{
	json_t *type;

	if (desc->type == HASW_T_FLAG)
		return type_named("boolean");
	if (desc->type == HASW_T_NEST)
		return nest_schema(desc->nested);
	if (desc->type != HASW_T_STRING && desc->hint == HASW_HINT_NONE && !desc->values)
		return type_named("integer");
	type = type_named("string");
	/* A module that is newer has further values, so these are only named. */
	if (desc->values) {
		json_t *names = json_array();

		for (uint64_t value = 0; value < 64; value++) {
			if (hasw_enum_name(desc->values, value))
				json_array_append_new(names, json_string(hasw_enum_name(desc->values, value)));
		}
		json_object_set_new(type, "examples", names);
	}
	return type;
}

static void field_schema(json_t *properties, json_t *required, const struct hasw_set *set, const struct field *field)
{
	const struct hasw_attr *desc = &set->attrs[field->attr];
	const char *key = field->key ? field->key : desc->name;

	if (field->when == WHEN_TEXT || desc->type == HASW_T_PAD)
		return;
	switch (field->form) {
	case FORM_ADDR:
	case FORM_PEER:
	case FORM_SVC:
	case FORM_FAILBACK:
		put(properties, key, type_named("string"));
		return;
	case FORM_ADDRS:
		put(properties, key, list_of(type_named("string")));
		require(required, key);
		return;
	default:
		break;
	}
	put_beside(properties, field, key);
	if (desc->multi)
		put(properties, key, list_of(field->form == FORM_PORTS ? type_named("string") : attr_schema(desc)));
	else
		put(properties, key, attr_schema(desc));
	/* A list without values is empty, and a flag that is not set is false. */
	if (desc->multi || desc->type == HASW_T_FLAG)
		require(required, key);
}

/* Takes a word of the notation, up to a blank or a mark. */
static void word_take(const char **at, char *word, size_t size)
{
	size_t n = 0;

	while (isalnum((unsigned char)**at) || **at == '_') {
		if (n < size - 1)
			word[n++] = **at;
		++*at;
	}
	word[n] = '\0';
}

static json_t *type_take(const char **at)
{
	char word[48];
	json_t *type, *either;

	if (**at == '[') {
		++*at;
		type = list_of(type_take(at));
		++*at;
	} else if (**at == '{') {
		++*at;
		type = type_named("object");
		json_object_set_new(type, "additionalProperties", type_take(at));
		++*at;
	} else {
		word_take(at, word, sizeof(word));
		if (!strcmp(word, "s") || !strcmp(word, "i") || !strcmp(word, "b") || !strcmp(word, "f")) {
			type = type_named(*word == 's' ? "string" : *word == 'i' ? "integer" : *word == 'b' ? "boolean" :
					  "number");
		} else {
			type = json_object();
			json_object_set_new(type, "$ref", json_sprintf("#/$defs/%s", word));
		}
	}
	if (strncmp(*at, "|null", 5))
		return type;
	*at += 5;
	either = json_object();
	json_object_set_new(either, "anyOf", json_pack("[o, o]", type, type_named("null")));
	return either;
}

json_t *schema_keys(const char *keys)
{
	json_t *properties = json_object(), *required = json_array(), *object;
	char key[48];
	bool more;

	while (*keys && *keys != '.') {
		word_take(&keys, key, sizeof(key));
		if (*keys == '?')
			keys++;
		else
			json_array_append_new(required, json_string(key));
		keys++;
		json_object_set_new(properties, key, type_take(&keys));
		while (*keys == ',' || *keys == ' ')
			keys++;
	}
	more = *keys == '.';
	object = object_of(properties, required);
	if (more)
		json_object_set_new(object, "additionalProperties", json_true());
	return object;
}

json_t *schema_shape(const struct shape *shape)
{
	const struct hasw_set *set = hasw_op(shape->cmd)->set;
	json_t *properties = json_object(), *required = json_array();

	for (size_t i = 0; i < shape->n; i++)
		field_schema(properties, required, set, &shape->fields[i]);
	for (uint16_t i = 1; !shape->fields && i <= set->max; i++) {
		const struct field field = { .attr = i };

		field_schema(properties, required, set, &field);
	}
	if (shape->more) {
		json_t *more = schema_keys(shape->more);

		json_object_update(properties, json_object_get(more, "properties"));
		json_array_extend(required, json_object_get(more, "required"));
		json_decref(more);
	}
	return object_of(properties, required);
}
