// SPDX-License-Identifier: GPL-2.0
/* What services and members do in a second, from two readings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "haadm/rates.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* A reading at a time in ms: a service that tracks flows, with two members, and one that does not. */
static void reading(struct overview *o, uint64_t ms)
{
	struct hasw_model *model = &o->model;
	struct hasw_service service = { .sched = HASWITCH_SCHED_RR };
	struct hasw_member member = { .weight = 1 };
	static const char *const names[] = { "a", "b" };
	struct hasw_vip vip = { .holder = HASW_NONE, .lease = HASW_NONE, .everywhere = true };
	struct hasw_error err;

	memset(o, 0, sizeof(*o));
	hasw_model_init(model);
	o->now = ms * 1000000;
	for (size_t i = 0; i < N(names); i++) {
		struct hasw_node node = { .state = HASWITCH_NODE_STATE_UP };

		strcpy(node.name, names[i]);
		node.addr4.family = 2;
		node.addr4.bytes[0] = 192;
		node.addr4.bytes[3] = (uint8_t)(i + 1);
		assert_int_equal(hasw_model_add_node(model, &node, &err), 0);
	}
	assert_null(hasw_addr_parse(&vip.addr, "10.0.0.1"));
	assert_int_equal(hasw_model_add_vip(model, &vip, &err), 0);
	assert_null(hasw_svc_parse(&service.key, "10.0.0.1:80/tcp"));
	service.sorry = HASW_NONE;
	assert_int_equal(hasw_model_add_service(model, &service, &err), 0);
	assert_null(hasw_svc_parse(&service.key, "10.0.0.1:81/tcp"));
	service.sched = HASWITCH_SCHED_MAGLEV;
	assert_int_equal(hasw_model_add_service(model, &service, &err), 0);
	for (uint32_t i = 0; i < 2; i++) {
		member.service = 0;
		member.node = i;
		assert_int_equal(hasw_model_add_member(model, &member, &err), 0);
	}
	member.service = 1;
	member.node = 0;
	assert_int_equal(hasw_model_add_member(model, &member, &err), 0);
}

static void differences_by_time(void **state)
{
	struct overview before, now;
	struct hasw_member *was, *is;
	struct rate rate;

	(void)state;
	reading(&before, 1000);
	reading(&now, 1500);
	was = before.model.members;
	is = now.model.members;
	was[0].packets = 100;
	is[0].packets = 150;
	was[0].bytes = 1000;
	is[0].bytes = 2000;
	was[0].flow_made = 7;
	is[0].flow_made = 17;
	is[0].flows = 5;
	is[0].closing = 2;
	is[1].packets = 3;
	is[1].flows = 1;
	is[1].closing = 1;
	is[1].flow_made = 1;
	is[2].packets = 9;
	rates_member(&rate, &before, &now, &now.model.services[0], &is[0]);
	assert_true(rate.known && rate.tracked);
	assert_int_equal(rate.packets, 100);
	assert_int_equal(rate.bytes, 2000);
	assert_int_equal(rate.flows, 20);
	assert_int_equal(rate.active, 3);
	assert_int_equal(rate.closing, 2);
	rates_service(&rate, &before, &now, &now.model.services[0]);
	assert_int_equal(rate.packets, 106);
	assert_int_equal(rate.flows, 22);
	assert_int_equal(rate.active, 3);
	assert_int_equal(rate.closing, 3);
	rates_service(&rate, &before, &now, &now.model.services[1]);
	assert_true(rate.known && !rate.tracked);
	assert_int_equal(rate.packets, 18);
	hasw_model_free(&before.model);
	hasw_model_free(&now.model);
}

/* A service or member that is new has no rate yet, and a counter that began anew gives none. */
static void new_ones(void **state)
{
	struct overview before, now;
	struct rate rate;

	(void)state;
	reading(&before, 1000);
	reading(&now, 2000);
	now.model.members[1].packets = 5;
	before.model.members[0].packets = 10;
	now.model.members[0].packets = 4;
	rates_member(&rate, NULL, &now, &now.model.services[0], &now.model.members[1]);
	assert_false(rate.known);
	strcpy(before.model.nodes[1].name, "c");
	rates_member(&rate, &before, &now, &now.model.services[0], &now.model.members[1]);
	assert_false(rate.known);
	assert_int_equal(rate.packets, 0);
	rates_member(&rate, &before, &now, &now.model.services[0], &now.model.members[0]);
	assert_true(rate.known);
	assert_int_equal(rate.packets, 0);
	before.model.services[0].key.port = 79;
	rates_service(&rate, &before, &now, &now.model.services[0]);
	assert_false(rate.known);
	hasw_model_free(&before.model);
	hasw_model_free(&now.model);
}

static void formats(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 999, "999" }, { 1000, "1.0k" }, { 1234, "1.2k" }, { 9949, "9.9k" }, { 9950, "10k" },
		{ 34000, "34k" }, { 999499, "999k" }, { 999500, "1.0M" }, { 5600000, "5.6M" },
		{ UINT64_MAX, "18E" },
	};
	char buf[RATES_TEXT];

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(rates_format(cases[i].number, buf), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_by_time),
		cmocka_unit_test(new_ones),
		cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
