// SPDX-License-Identifier: GPL-2.0
/* What `haadm check` warns of: spare members that serve because others have failed. */
#include <errno.h>
#include <linux/haswitch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "haadm/problems.h"

static struct hasw_node nodes[4];
static struct hasw_member members[3];
static struct hasw_service service;
static struct overview o;

/* Two members of which both are to serve, and a spare one, which does so in the place of the first. */
static void begin(uint8_t new_flows, uint8_t state)
{
	memset(&o, 0, sizeof(o));
	memset(nodes, 0, sizeof(nodes));
	memset(members, 0, sizeof(members));
	for (uint32_t i = 0; i < 3; i++) {
		nodes[i].name[0] = (char)('a' + i);
		nodes[i].state = HASWITCH_NODE_STATE_UP;
		nodes[i].share = 100;
		members[i].node = i;
		members[i].next = i < 2 ? i + 1 : HASW_NONE;
		members[i].new_flows = HASWITCH_NEW_FLOWS_YES;
		members[i].serving = true;
	}
	nodes[0].state = state;
	members[0].new_flows = new_flows;
	members[0].serving = false;
	members[2].spare = true;
	service = (struct hasw_service){ .min_active = 2, .n_members = 3, .first = 0, .last = 2 };
	service.key.vip.family = AF_INET;
	o.model.self = HASW_NONE;
	o.model.nodes = nodes;
	o.model.n_nodes = 3;
	o.model.members = members;
	o.model.n_members = 3;
	o.model.services = &service;
	o.model.n_services = 1;
	o.model.flow_limits.max = 1000;
	o.beats = 1;
	o.unasked.code = ECONNREFUSED;
}

/* Returns whether there is a warning of the spare member. It is counted in any case. */
static bool warns(void)
{
	struct problems problems;
	bool found = false;

	problems_find(&problems, &o);
	for (size_t i = 0; i < json_array_size(problems.list); i++)
		found |= !!strstr(json_string_value(json_object_get(json_array_get(problems.list, i), "text")),
				  "spare member c of ");
	assert_int_equal(problems.spares, 1);
	assert_int_equal(problems.called, 1);
	problems_free(&problems);
	return found;
}

static void failures(void **state)
{
	(void)state;
	begin(HASWITCH_NEW_FLOWS_UNHEALTHY, HASWITCH_NODE_STATE_UP);
	assert_true(warns());
	begin(HASWITCH_NEW_FLOWS_NODE_STATE, HASWITCH_NODE_STATE_LOST);
	assert_true(warns());
	begin(HASWITCH_NEW_FLOWS_NODE_STATE, HASWITCH_NODE_STATE_FENCED);
	assert_true(warns());
	/* Another one has failed besides the one that was taken out. */
	begin(HASWITCH_NEW_FLOWS_WEIGHT_0, HASWITCH_NODE_STATE_UP);
	members[1].serving = false;
	members[1].new_flows = HASWITCH_NEW_FLOWS_REFUSED;
	assert_true(warns());
}

static void what_is_wanted(void **state)
{
	static const uint8_t states[] = {
		HASWITCH_NODE_STATE_DRAIN, HASWITCH_NODE_STATE_MAINTENANCE, HASWITCH_NODE_STATE_DOWN,
		HASWITCH_NODE_STATE_LEFT,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		begin(HASWITCH_NEW_FLOWS_NODE_STATE, states[i]);
		assert_false(warns());
	}
	begin(HASWITCH_NEW_FLOWS_WEIGHT_0, HASWITCH_NODE_STATE_UP);
	assert_false(warns());
}

/* Returns the warning of members of other zones, which the caller frees, or NULL. */
static char *zone_warning(void)
{
	struct problems problems;
	char *found = NULL;

	problems_find(&problems, &o);
	for (size_t i = 0; i < json_array_size(problems.list); i++) {
		const char *text = json_string_value(json_object_get(json_array_get(problems.list, i), "text"));

		if (!found && strstr(text, " of other zones "))
			found = strdup(text);
	}
	problems_free(&problems);
	return found;
}

static void said_of_zones(const char *text)
{
	char *said = zone_warning();

	if (!text)
		assert_null(said);
	else
		assert_string_equal(said, text);
	free(said);
}

/* The first two members are in this machine's zone a; the third one is in zone b, and serves. */
static void zones(void **state)
{
	(void)state;
	begin(HASWITCH_NEW_FLOWS_UNHEALTHY, HASWITCH_NODE_STATE_UP);
	strcpy(nodes[0].zone, "a");
	strcpy(nodes[1].zone, "a");
	strcpy(nodes[2].zone, "b");
	members[2].spare = false;
	said_of_zones(NULL);
	service.zone_prefer = true;
	said_of_zones(NULL);
	o.model.self = 1;
	said_of_zones("1 member of other zones serves 0.0.0.0: fewer than 2 of zone a do");
	assert_true(why_away(&o.model, &service, &members[2]));
	assert_false(why_away(&o.model, &service, &members[0]));
	/* Both are of other zones. */
	strcpy(nodes[1].zone, "c");
	o.model.self = 0;
	said_of_zones("2 members of other zones serve 0.0.0.0: fewer than 2 of zone a do");
	service.min_active = 1;
	said_of_zones("2 members of other zones serve 0.0.0.0: fewer than 1 of zone a does");
	service.min_active = 2;
	/* The zone's only member serves, so it lacks none. */
	members[0].serving = true;
	said_of_zones(NULL);
	members[0].serving = false;
	members[0].new_flows = HASWITCH_NEW_FLOWS_WEIGHT_0;
	said_of_zones(NULL);
	nodes[0].zone[0] = '\0';
	assert_null(why_zone(&o.model, &service));
}

/* This machine is in zone z, in which the service has no member. */
static void zone_without_members(uint8_t new_flows)
{
	begin(new_flows, HASWITCH_NODE_STATE_UP);
	for (uint32_t i = 0; i < 3; i++)
		strcpy(nodes[i].zone, "a");
	strcpy(nodes[3].zone, "z");
	nodes[3].name[0] = 'z';
	nodes[3].state = HASWITCH_NODE_STATE_UP;
	nodes[3].share = 100;
	o.model.n_nodes = 4;
	o.model.self = 3;
	service.zone_prefer = true;
}

/* Then zones make no difference: a spare member stands in for one that has failed, and others serve as they are to. */
static void empty_zones(void **state)
{
	(void)state;
	zone_without_members(HASWITCH_NEW_FLOWS_UNHEALTHY);
	assert_true(warns());
	said_of_zones(NULL);
	zone_without_members(HASWITCH_NEW_FLOWS_WEIGHT_0);
	assert_false(warns());
	/* A spare member is a member of the zone, too. */
	zone_without_members(HASWITCH_NEW_FLOWS_UNHEALTHY);
	strcpy(nodes[2].zone, "z");
	assert_false(warns());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures),
		cmocka_unit_test(what_is_wanted),
		cmocka_unit_test(zones),
		cmocka_unit_test(empty_zones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
