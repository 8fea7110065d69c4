// SPDX-License-Identifier: GPL-2.0
/* Events of the module that the vote must hear of: which call of the vote each of them becomes. */
#include <linux/haswitch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/check/share.h"
#include "haagentd/module/module_events.h"
#include "haagentd/module/module_pulse.h"
#include "lib/codec.h"

static struct conf_node self = { .name = "a" };
static struct conf conf;
static struct notify notify = { .conf = &conf };
static struct vote vote;
static struct checks checks;
static struct conflicts conflicts;
static struct shared_conflicts shared;
static struct module module;
static struct spans spans;

/* The event that the module sends next, and what the agent made of it: each call with its words. */
static char memory[512];
static struct hasw_msg msg;
static char calls[256], hold[64];

static void __attribute__((format(printf, 1, 2))) called(const char *format, ...)
{
	size_t used = strlen(calls);
	va_list args;

	va_start(args, format);
	vsnprintf(calls + used, sizeof(calls) - used, format, args);
	va_end(args);
}

/* These stand in for the module's socket, the vote, the notify commands and the health checks. */
int hasw_events(struct hasw_sock *sock, hasw_record_fn fn, void *data, struct hasw_error *err)
{
	struct hasw_record rec;

	(void)sock;
	(void)err;
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	return fn(&rec, data);
}

void vote_resigned(struct vote *v, const char *node, const char *lease, uint64_t epoch, bool going)
{
	assert_ptr_equal(v, &vote);
	called("resigned %s %s %u %s;", node, lease, (unsigned int)epoch, going ? "going" : "done");
}

void vote_lost(struct vote *v, const char *lease, uint64_t epoch)
{
	assert_ptr_equal(v, &vote);
	called("lost %s %u;", lease, (unsigned int)epoch);
}

void vote_cut_off(struct vote *v, const char *lease)
{
	(void)v;
	called("cut off %s;", lease);
}

void vote_released(struct vote *v, const char *lease, uint64_t epoch, const char *successor)
{
	(void)v;
	called("released %s %u %s;", lease, (unsigned int)epoch, successor ? successor : "-");
}

void vote_asked(struct vote *v, const char *lease, const char *successor)
{
	(void)v;
	called("asked %s %s;", lease, successor ? successor : "-");
}

void vote_node_is(struct vote *v, const char *name, unsigned int state)
{
	(void)v;
	called("node %s %u;", name, state);
}

bool vote_cloned(struct vote *v, const char *path)
{
	(void)v;
	(void)path;
	called("cloned;");
	return false;
}

void notify_run(struct notify *n, const char *what, const char *a, const char *b, const char *c)
{
	assert_ptr_equal(n, &notify);
	if (!strcmp(what, "gained") || !strcmp(what, "lost"))
		called("notify %s %s %s %s;", what, a, b, c ? c : "-");
	else
		called("notify %s;", what);
}

void notify_config(struct notify *n, uint64_t generation, uint64_t now)
{
	assert_ptr_equal(n, &notify);
	assert_true(now > 0);
	called("changed %u;", (unsigned int)generation);
}

/* A pulse of node b came 4 s after boot. */
uint64_t module_pulse_heard(struct module *m, const char *node)
{
	assert_ptr_equal(m, &module);
	return !strcmp(node, "b") ? UINT64_C(4000000000) : 0;
}

void checks_aim(struct checks *all)
{
	(void)all;
	called("aim;");
}

void share_lease(struct checks *all, const char *lease, bool held)
{
	assert_ptr_equal(all, &checks);
	snprintf(hold, sizeof(hold), "%s %s", lease, held ? "here" : "elsewhere");
}

void checks_sync(struct checks *all, const struct hasw_svc *service, const char *node)
{
	(void)all;
	(void)service;
	(void)node;
	called("say again;");
}

static void event_begins(uint8_t kind)
{
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_EVENT_NTF, 0);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_KIND, kind);
}

static void lease_event(uint8_t cause, const char *node)
{
	event_begins(HASWITCH_EVENT_KIND_LEASE);
	hasw_put_string(&msg, HASWITCH_A_EVENT_LEASE, "web");
	if (node)
		hasw_put_string(&msg, HASWITCH_A_EVENT_NODE, node);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_EPOCH, 7);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_CAUSE, cause);
}

static void assert_becomes(const char *what)
{
	calls[0] = 0;
	watch_events(&module, &checks, &notify, &vote, &conflicts, &shared, NULL, &spans);
	assert_string_equal(calls, what);
}

/* Its packets have left when a module says "released", so the voters need not wait (rule 21). */
static void other_module_has_waited_for_its_packets(void **state)
{
	(void)state;
	lease_event(HASWITCH_CAUSE_RESIGNED, "b");
	hasw_put_u8(&msg, HASWITCH_A_EVENT_TOLD, HASWITCH_PULSE_KIND_RELEASED);
	assert_becomes("notify lease;resigned b web 7 done;lost web 7;");
}

/* A kernel that panics or reboots waits for nothing: its packets may be in flight. */
static void other_kernel_goes(void **state)
{
	(void)state;
	lease_event(HASWITCH_CAUSE_RESIGNED, "b");
	hasw_put_u8(&msg, HASWITCH_A_EVENT_TOLD, HASWITCH_PULSE_KIND_GOING);
	assert_becomes("notify lease;resigned b web 7 going;lost web 7;");
}

/* A module that does not say how the other one gave the lease up: the voters wait. */
static void unknown_end_counts_as_going(void **state)
{
	(void)state;
	lease_event(HASWITCH_CAUSE_RESIGNED, "b");
	assert_becomes("notify lease;resigned b web 7 going;lost web 7;");
	lease_event(HASWITCH_CAUSE_RESIGNED, NULL);
	assert_becomes("notify lease;lost web 7;");
}

static void other_causes(void **state)
{
	(void)state;
	lease_event(HASWITCH_CAUSE_GRANTED, "b");
	assert_becomes("notify lease;");
	lease_event(HASWITCH_CAUSE_EXPIRED, "b");
	assert_becomes("notify lease;");
	lease_event(HASWITCH_CAUSE_DEVICES_DOWN, "a");
	assert_becomes("notify lease;cut off web;lost web 7;");
	lease_event(HASWITCH_CAUSE_RELEASED, "a");
	hasw_put_string(&msg, HASWITCH_A_EVENT_SUCCESSOR, "c");
	assert_becomes("notify lease;released web 7 c;lost web 7;");
	lease_event(HASWITCH_CAUSE_AGENT_GONE, "a");
	assert_becomes("notify lease;lost web 7;");
}

static void a_move_that_has_an_answer_is_no_request(void **state)
{
	(void)state;
	event_begins(HASWITCH_EVENT_KIND_LEASE_MOVE);
	hasw_put_string(&msg, HASWITCH_A_EVENT_LEASE, "web");
	hasw_put_string(&msg, HASWITCH_A_EVENT_SUCCESSOR, "c");
	assert_becomes("asked web c;");
	hasw_put_u8(&msg, HASWITCH_A_EVENT_ANSWER, 0);
	assert_becomes("");
}

/* The checks are told when this node begins or ends to hold a lease, and when another one begins. */
static void holders_are_told_to_the_checks(void **state)
{
	static const struct {
		uint8_t cause;
		const char *node, *told;
	} cases[] = {
		{ HASWITCH_CAUSE_GRANTED, "a", "web here" }, { HASWITCH_CAUSE_EXPIRED, "a", "web elsewhere" },
		{ HASWITCH_CAUSE_RELEASED, "a", "web elsewhere" }, { HASWITCH_CAUSE_GRANTED, "b", "web elsewhere" },
		{ HASWITCH_CAUSE_EXPIRED, "b", "" }, { HASWITCH_CAUSE_RESIGNED, NULL, "" },
	};
	unsigned int i;

	(void)state;
	conf.nodes = &self;
	conf.n_nodes = 1;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hold[0] = 0;
		lease_event(cases[i].cause, cases[i].node);
		watch_events(&module, &checks, &notify, &vote, &conflicts, &shared, NULL, &spans);
		assert_string_equal(hold, cases[i].told);
		/* Checks of other leases go on as they are. */
		assert_false(checks.look || checks.through);
	}
	conf.n_nodes = 0;
}

/* Of its own grants a node tells apart that they begin and end. */
static void own_leases_are_gained_and_lost(void **state)
{
	(void)state;
	conf.nodes = &self;
	conf.n_nodes = 1;
	lease_event(HASWITCH_CAUSE_GRANTED, "a");
	assert_becomes("notify lease;notify gained web 7 -;");
	lease_event(HASWITCH_CAUSE_EXPIRED, "a");
	assert_becomes("notify lease;notify lost web 7 expired;");
	lease_event(HASWITCH_CAUSE_GRANTED, "b");
	assert_becomes("notify lease;");
	lease_event(HASWITCH_CAUSE_EXPIRED, "b");
	assert_becomes("notify lease;");
	conf.n_nodes = 0;
}

static void node_event(uint8_t to, uint8_t cause)
{
	event_begins(HASWITCH_EVENT_KIND_NODE);
	hasw_put_string(&msg, HASWITCH_A_EVENT_NODE, "b");
	hasw_put_u8(&msg, HASWITCH_A_EVENT_TO, to);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_CAUSE, cause);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_PUBLISH, UINT64_C(7000000000));
	calls[0] = 0;
	watch_events(&module, &checks, &notify, &vote, &conflicts, &shared, NULL, &spans);
}

/* A BEAT is the silence of an agent, pulses that of a module; a node that resigns or is set down was not silent. */
static void silence_is_counted_by_its_cause(void **state)
{
	static struct cluster_peer peer = { .conf = { .name = "b" }, .peer = { .heard = UINT64_C(6000000000) } };
	static struct cluster cluster = { .peers = &peer, .n_peers = 1 };
	const struct spans_node *b = &spans.nodes[0];

	(void)state;
	memset(&spans, 0, sizeof(spans));
	vote.cluster = &cluster;
	node_event(HASWITCH_NODE_STATE_LOST, HASWITCH_CAUSE_RESIGNED);
	node_event(HASWITCH_NODE_STATE_DOWN, HASWITCH_CAUSE_ADMIN);
	assert_int_equal(b->detection.sum, 0);
	node_event(HASWITCH_NODE_STATE_LOST, HASWITCH_CAUSE_BEAT);
	assert_int_equal(b->detection.sum, UINT64_C(1000000000));
	assert_int_equal(b->silent, UINT64_C(6000000000));
	node_event(HASWITCH_NODE_STATE_UP, HASWITCH_CAUSE_BEAT);
	assert_int_equal(b->silent, 0);
	node_event(HASWITCH_NODE_STATE_LOST, HASWITCH_CAUSE_PULSE);
	assert_int_equal(b->detection.sum, UINT64_C(4000000000));
	node_event(HASWITCH_NODE_STATE_LOST, HASWITCH_CAUSE_CARRIER);
	assert_int_equal(b->detection.sum, UINT64_C(5000000000));
	vote.cluster = NULL;
}

/* Who may be silent without an alarm is known from the events, too. */
static void maintenance_is_noted(void **state)
{
	(void)state;
	node_event(HASWITCH_NODE_STATE_MAINTENANCE, HASWITCH_CAUSE_ADMIN);
	assert_true(resting_has(&module.resting, "b"));
	node_event(HASWITCH_NODE_STATE_UP, HASWITCH_CAUSE_ADMIN);
	assert_false(resting_has(&module.resting, "b"));
}

static void configuration_changes(void **state)
{
	(void)state;
	event_begins(HASWITCH_EVENT_KIND_CONFIG);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_OBJECT, HASWITCH_OBJECT_VIP);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_ACTION, HASWITCH_ACTION_ADD);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_GENERATION, 9);
	checks.look = false;
	assert_becomes("changed 9;");
	assert_true(checks.look);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_module_has_waited_for_its_packets),
		cmocka_unit_test(other_kernel_goes),
		cmocka_unit_test(unknown_end_counts_as_going),
		cmocka_unit_test(other_causes),
		cmocka_unit_test(holders_are_told_to_the_checks),
		cmocka_unit_test(own_leases_are_gained_and_lost),
		cmocka_unit_test(maintenance_is_noted),
		cmocka_unit_test(configuration_changes),
		cmocka_unit_test(silence_is_counted_by_its_cause),
		cmocka_unit_test(a_move_that_has_an_answer_is_no_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
