// SPDX-License-Identifier: GPL-2.0
/* Stamps in JSON: each has its age or what remains beside it, and its wall time if that is wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haadm/commands.h"
#include "lib/codec.h"
#include "lib/text.h"

#define SECOND	UINT64_C(1000000000)
#define MINUTE	(60 * SECOND)

static char memory[512];
static struct hasw_msg msg;
static json_t *object;

/* Makes JSON of the message. */
static void printed(const struct shape *shape, bool wall)
{
	const struct out out = { .json = true, .stamp = wall };
	struct hasw_record rec;

	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	json_decref(object);
	object = out_json(&out, &rec, shape->fields, shape->n);
}

static uint64_t number(const json_t *of, const char *key)
{
	if (!json_is_integer(json_object_get(of, key)))
		fail_msg("no number %s", key);
	return (uint64_t)json_integer_value(json_object_get(of, key));
}

static void node_has_ages(void **state)
{
	uint64_t now = hasw_boottime() + MINUTE;

	(void)state;
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_NODE_GET, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, "n1");
	hasw_put_u64(&msg, HASWITCH_A_NODE_SINCE, 1);
	hasw_put_u64(&msg, HASWITCH_A_NODE_HELD_SINCE, 0);
	hasw_put_u64(&msg, HASWITCH_A_NODE_ALIVE_UNTIL, now);
	printed(&shape_node, false);
	assert_int_equal(number(object, "since"), 1);
	assert_true(number(object, "since_age") > 0 && number(object, "since_age") < now);
	assert_true(number(object, "remaining") > 0 && number(object, "remaining") <= MINUTE);
	/* What has not happened has no age. */
	assert_null(json_object_get(object, "held_since_age"));
	assert_null(json_object_get(object, "since_wall"));
	printed(&shape_node, true);
	assert_non_null(json_object_get(object, "since_wall"));
	assert_non_null(json_object_get(object, "alive_until_wall"));
}

static void what_is_over_has_nothing_left(void **state)
{
	(void)state;
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_LEASE_GET, 0);
	hasw_put_string(&msg, HASWITCH_A_LEASE_NAME, "web");
	hasw_put_u64(&msg, HASWITCH_A_LEASE_DEADLINE, 1);
	printed(&shape_lease, false);
	assert_int_equal(number(object, "remaining"), 0);
}

/* All ages of an event are from one moment. */
static void event_has_ages(void **state)
{
	(void)state;
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_EVENT_GET, 0);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_TIME, 9);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_DECISION, 2);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_PUBLISH, 5);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_FIRST_PACKET, 7);
	printed(&shape_event, true);
	assert_int_equal(number(object, "decision_age"), number(object, "age") + 7);
	assert_int_equal(number(object, "publish_age"), number(object, "age") + 4);
	assert_int_equal(number(object, "first_packet_age"), number(object, "age") + 2);
	assert_non_null(json_object_get(object, "time_wall"));
	assert_non_null(json_object_get(object, "publish_wall"));
}

/* A stamp within a part of a record has its age, too. */
static void path_has_an_age(void **state)
{
	struct nlattr *nest;
	const json_t *path;

	(void)state;
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_PULSE_GET, 0);
	nest = hasw_nest_begin(&msg, HASWITCH_A_PULSE_PATH_STATE);
	hasw_put_u64(&msg, HASWITCH_A_PULSE_PATH_STATE_HEARD, 3);
	hasw_put_u64(&msg, HASWITCH_A_PULSE_PATH_STATE_SENT, 4);
	hasw_nest_end(&msg, nest);
	printed(&shape_pulse, false);
	path = json_array_get(json_object_get(object, "paths"), 0);
	assert_int_equal(number(path, "last_heard"), 3);
	assert_true(number(path, "last_heard_age") > 0);
	assert_null(json_object_get(path, "sent_age"));
	assert_null(json_object_get(path, "last_heard_wall"));
	json_decref(object);
	object = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_has_ages),
		cmocka_unit_test(what_is_over_has_nothing_left),
		cmocka_unit_test(event_has_ages),
		cmocka_unit_test(path_has_an_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
