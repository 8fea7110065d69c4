// SPDX-License-Identifier: GPL-2.0
/* The schema of what haadm prints: a key has one type in all objects, and each command that prints JSON is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "haadm/commands.h"

static const json_t *root;
static json_t *types;	/* of each key: its type, and where it was found first */
static unsigned int faults;
static char last[256];

static const char *type_of(const json_t *schema)
{
	const json_t *either = json_object_get(schema, "anyOf");
	const char *type = "null";
	size_t i;

	if (json_object_get(schema, "$ref"))
		return "object";
	if (!either)
		return json_string_value(json_object_get(schema, "type"));
	/* A null beside one type is allowed. */
	for (i = 0; i < json_array_size(either); i++) {
		if (strcmp(type_of(json_array_get(either, i)), "null"))
			type = type_of(json_array_get(either, i));
	}
	return type;
}

static void look(const json_t *schema, const char *where);

static void look_key(const char *key, const json_t *schema, const char *where)
{
	const json_t *found = json_object_get(types, key);
	const char *type = type_of(schema);

	assert_non_null(type);
	if (!found) {
		json_object_set_new(types, key, json_pack("[s, s]", type, where));
	} else if (strcmp(json_string_value(json_array_get(found, 0)), type)) {
		snprintf(last, sizeof(last), "%s: %s in %s, %s in %s", key, json_string_value(json_array_get(found, 0)),
			 json_string_value(json_array_get(found, 1)), type, where);
		print_message("%s\n", last);
		faults++;
	}
	look(schema, where);
}

static void look(const json_t *schema, const char *where)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref")), *key;
	json_t *properties = json_object_get(schema, "properties"), *one;
	size_t i;

	if (ref)
		assert_non_null(json_object_get(json_object_get(root, "$defs"), ref + strlen("#/$defs/")));
	json_object_foreach(properties, key, one)
		look_key(key, one, where);
	json_array_foreach(json_object_get(schema, "anyOf"), i, one)
		look(one, where);
	if (json_object_get(schema, "items"))
		look(json_object_get(schema, "items"), where);
	if (json_is_object(json_object_get(schema, "additionalProperties")))
		look(json_object_get(schema, "additionalProperties"), where);
}

/* Looks at all keys of a schema, which is released. Returns how many have a type that differs from an earlier one. */
static unsigned int look_all(json_t *schema)
{
	const char *name;
	json_t *one;

	assert_non_null(schema);
	root = schema;
	types = json_object();
	faults = 0;
	json_object_foreach(json_object_get(schema, "$defs"), name, one)
		look(one, name);
	json_object_foreach(json_object_get(schema, "properties"), name, one)
		look(one, name);
	json_decref(types);
	json_decref(schema);
	return faults;
}

static void one_type_per_key(void **state)
{
	(void)state;
	assert_int_equal(look_all(schema_json()), 0);
}

/* Returns what is found in two objects with these properties. */
static unsigned int look_two(const char *one, const char *other)
{
	json_t *schema = json_pack("{s:{s:{s:o}, s:{s:o}}}", "$defs", "a", "properties", json_loads(one, 0, NULL), "b",
				   "properties", json_loads(other, 0, NULL));

	return look_all(schema);
}

#define TYPE(type)	"{\"type\":\"" type "\"}"
#define LIST(items)	"{\"type\":\"array\",\"items\":" items "}"
#define EITHER(a, b)	"{\"anyOf\":[" a "," b "]}"
#define KEY(key, type)	"{\"" key "\":" type "}"
#define OBJECT(keys)	"{\"type\":\"object\",\"properties\":" keys "}"

/* The test itself finds what it is there for. */
static void two_types_are_found(void **state)
{
	(void)state;
	assert_int_equal(look_two(KEY("n", TYPE("integer")), KEY("n", TYPE("integer"))), 0);
	assert_int_equal(look_two(KEY("n", TYPE("integer")), KEY("n", LIST(TYPE("string")))), 1);
	assert_string_equal(last, "n: integer in a, array in b");
	/* In objects of lists, and beside null, too. */
	assert_int_equal(look_two(KEY("n", TYPE("integer")), KEY("x", LIST(OBJECT(KEY("n", TYPE("boolean")))))), 1);
	assert_int_equal(look_two(KEY("n", TYPE("string")), KEY("n", EITHER(TYPE("null"), TYPE("string")))), 0);
	assert_int_equal(look_two(KEY("n", TYPE("string")), KEY("n", EITHER(TYPE("integer"), TYPE("null")))), 1);
}

static void commands_are_there(void **state)
{
	static const char *const commands[] = {
		"node show", "zone show", "vip show", "service show", "member show", "lease show", "pulse show",
		"flow show", "flow limits", "flow del", "event show", "stats show", "stats switch", "status",
		"check", "top", "doctor", "explain", "monitor", "agent show", "availability", "journal",
		"cluster show", "cluster apply", "cluster diff", "cluster adopt", "cluster init", "cluster invite",
		"cluster join", "cluster leave", "snapshot list", "snapshot show", "snapshot diff",
		"snapshot rollback", "snapshot create", "snapshot prune",
	};
	json_t *schema = schema_json();

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!json_object_get(json_object_get(schema, "properties"), commands[i]))
			fail_msg("%s is not in the schema", commands[i]);
	}
	assert_int_equal(json_object_size(json_object_get(schema, "properties")), sizeof(commands) / sizeof(*commands));
	json_decref(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_type_per_key),
		cmocka_unit_test(two_types_are_found),
		cmocka_unit_test(commands_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
