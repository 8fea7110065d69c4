// SPDX-License-Identifier: GPL-2.0
/* The module goes away, comes back, or is configured for another machine: what the agent makes of it. */
#include "agent_pair.h"
#include "haagentd/conf/conf_verify.h"

/* The module as the agent finds it here; these stand in for module.c. */
static struct {
	struct module_node nodes[4];
	unsigned int n;
	bool loaded;
	int fails;		/* errno of every request */
	unsigned int beats;
	bool torn;		/* the list lacks the first node */
} there;

static const struct module_node whole[] = {
	{ .name = "a", .self = true },
	{ .name = "b" },
};

static int asked(struct hasw_error *err)
{
	int code = there.loaded ? there.fails : ENOENT;

	memset(err, 0, sizeof(*err));
	err->code = code;
	snprintf(err->text, sizeof(err->text), "%s", strerror(code));
	return -code;
}

int module_open(struct module *m, struct hasw_error *err)
{
	m->open = !asked(err);
	return m->open ? 0 : -err->code;
}

void module_close(struct module *m)
{
	m->open = false;
}

int module_nodes(struct module *m, struct module_node **list, unsigned int *n, struct hasw_error *err)
{
	unsigned int from = there.torn;

	assert_true(m->open);
	if (asked(err))
		return -err->code;
	*n = there.n - from;
	*list = calloc(there.n, sizeof(**list));
	assert_true(*list || !there.n);
	memcpy(*list, there.nodes + from, *n * sizeof(**list));
	return 0;
}

static bool has(const char *name, struct module_node *node)
{
	unsigned int i;

	for (i = 0; i < there.n; i++)
		if (!strcmp(there.nodes[i].name, name)) {
			if (node)
				*node = there.nodes[i];
			return true;
		}
	return false;
}

int module_node(struct module *m, const char *name, struct module_node *node, struct hasw_error *err)
{
	assert_true(m->open);
	if (asked(err))
		return -err->code;
	if (has(name, node))
		return 0;
	err->code = ENOENT;
	return -ENOENT;
}

int module_beat(struct module *m, const char *const *names, unsigned int n, uint64_t time, struct hasw_error *err)
{
	(void)time;
	assert_true(m->open);
	if (asked(err))
		return -err->code;
	while (n)
		if (!has(names[--n], NULL)) {
			err->code = ENOENT;
			return -ENOENT;
		}
	there.beats++;
	return 0;
}

int module_member(struct module *m, const struct hasw_svc *service, const char *node, uint16_t at,
		  unsigned int *via, struct hasw_error *err)
{
	(void)m;
	(void)service;
	(void)node;
	(void)at;
	(void)err;
	*via = HASWITCH_VIA_DIRECT;
	return 0;
}

int module_vip(struct module *m, const struct hasw_addr *addr, struct module_vip *vip, struct hasw_error *err)
{
	(void)m;
	(void)addr;
	(void)err;
	*vip = (struct module_vip){ .role = HASWITCH_ROLE_HOLDER };
	return 0;
}

static struct module module;
static struct beat beat;

static void restored(const struct module_node *list, unsigned int n)
{
	memcpy(there.nodes, list, n * sizeof(*list));
	there.n = n;
	/* The module's event says that it was. */
	beat.ask = true;
}

/* Heartbeats of both sides; a tells its module, too, and is quiet when it cannot serve. */
static void ticks(int count)
{
	while (count--) {
		beats(1);
		beat_tick(&beat, &module, &a, &conf_a, now);
		a.mute = beat_unfit(&beat);
	}
}

static void both_run(void)
{
	struct hasw_error err;

	memset(&there, 0, sizeof(there));
	there.loaded = true;
	restored(whole, 2);
	assert_int_equal(module_open(&module, &err), 0);
	met();
	beat_init(&beat, &conf_a, now);
	ticks(5);
	assert_int_equal(there.beats, 5);
	assert_null(beat_unfit(&beat));
}

static void without_its_module_it_is_silent(void **state)
{
	unsigned int changes;

	(void)state;
	both_run();
	there.loaded = false;
	ticks(1);
	assert_non_null(strstr(beat_unfit(&beat), "not loaded"));
	assert_int_equal(told_b.state, PEER_HEARD);
	/* Out within the suspect time, and nothing is said of it that keeps it in. */
	ticks(4);
	assert_int_equal(told_b.state, PEER_SILENT);
	changes = told_b.changes;
	cluster_send(&a, WIRE_STATIC, now);
	a.silent = false;
	exchange();
	ticks(300);
	assert_int_equal(told_b.changes, changes);
	assert_true(b.peers[0].peer.heard < now - 2 * S);
	/* The peer was heard all the time, and that it heard nothing is no fault of the path. */
	assert_int_equal(told_a.state, PEER_HEARD);
	assert_int_equal(a.peers[0].peer.paths[0].way, PEER_WAY_GOOD);
	quiet_beats(&b, 1);
	/* It may leave. */
	cluster_send(&a, WIRE_LEAVE, now);
	exchange();
	assert_int_equal(told_b.state, PEER_LEFT);
	part();
}

static void it_is_back_by_itself(void **state)
{
	(void)state;
	both_run();
	there.loaded = false;
	ticks(200);
	assert_int_equal(told_b.state, PEER_SILENT);
	/* Loaded, but as good as empty until it is configured. */
	there.loaded = true;
	there.n = 0;
	ticks(200);
	assert_non_null(strstr(beat_unfit(&beat), "does not know this node"));
	assert_int_equal(told_b.state, PEER_SILENT);
	restored(whole, 2);
	ticks(2);
	assert_null(beat_unfit(&beat));
	assert_int_equal(told_b.state, PEER_HEARD);
	there.beats = 0;
	ticks(500);
	assert_int_equal(there.beats, 500);
	assert_int_equal(told_b.state, PEER_HEARD);
	assert_int_equal(told_a.changes, 1);
	assert_int_equal(told_a.refusals + told_b.refusals, 0);
	part();
}

static void a_peer_that_starts_meanwhile_is_met(void **state)
{
	(void)state;
	both_run();
	there.loaded = false;
	ticks(10);
	cluster_close(&b);
	begin(&b, &conf_b, &told_b);
	/* Not even a hello is answered. */
	ticks(50);
	assert_int_equal(told_b.changes, 0);
	there.loaded = true;
	ticks(150);
	assert_int_equal(told_b.state, PEER_HEARD);
	assert_int_equal(told_a.state, PEER_HEARD);
	part();
}

static void a_quick_upgrade_ends_well(void **state)
{
	(void)state;
	both_run();
	there.loaded = false;
	ticks(2);
	there.loaded = true;
	there.n = 0;
	ticks(3);
	restored(whole, 2);
	ticks(150);
	assert_null(beat_unfit(&beat));
	assert_int_equal(told_b.state, PEER_HEARD);
	assert_int_equal(told_a.state, PEER_HEARD);
	part();
}

static void other_failures_are_no_reason(void **state)
{
	unsigned int was;

	(void)state;
	both_run();
	there.fails = ENOMEM;
	ticks(300);
	assert_null(beat_unfit(&beat));
	assert_int_equal(told_b.changes, 1);
	there.fails = 0;
	ticks(300);
	/* The nodes can not be read for now: the socket stays, and with it the leases that are tied to it. */
	there.fails = EAGAIN;
	beat.ask = true;
	ticks(1);
	assert_true(module.open);
	assert_true(beat.again);
	there.fails = 0;
	was = there.beats;
	ticks(300);
	assert_int_equal(there.beats, was + 300);
	assert_false(beat.again);
	/* A list that changed while it was read. */
	there.torn = true;
	beat.ask = true;
	ticks(1);
	assert_null(beat_unfit(&beat));
	assert_int_equal(told_b.changes, 1);
	part();
}

static void another_self_is_silence_too(void **state)
{
	const struct module_node nobody[] = { { .name = "a" }, { .name = "b" } };
	const struct module_node other[] = { { .name = "a" }, { .name = "b", .self = true } };

	(void)state;
	both_run();
	restored(nobody, 2);
	ticks(10);
	assert_int_equal(beat.self, SELF_UNMARKED);
	assert_non_null(strstr(beat_unfit(&beat), "self"));
	assert_int_equal(told_b.state, PEER_SILENT);
	restored(other, 2);
	ticks(10);
	assert_int_equal(beat.self, SELF_OTHER);
	assert_int_equal(told_b.state, PEER_SILENT);
	/* The module is told who lives all the while. */
	assert_int_equal(there.beats, 25);
	restored(whole, 2);
	ticks(2);
	assert_int_equal(told_b.state, PEER_HEARD);
	part();
}

static void gather(void *arg, const char *where, const char *what)
{
	(void)where;
	strcat(arg, what);
}

static void no_self_is_refused_at_the_start(void **state)
{
	const struct module_node nobody[] = { { .name = "a" }, { .name = "b" } };
	char said[4096] = "";
	struct hasw_error err;
	char file[] = "x.conf";

	(void)state;
	conf_a.file = file;
	memset(&there, 0, sizeof(there));
	there.loaded = true;
	restored(whole, 2);
	assert_int_equal(module_open(&module, &err), 0);
	assert_int_equal(verify_nodes(&conf_a, &module, gather, said), 0);
	restored(nobody, 2);
	assert_int_equal(verify_nodes(&conf_a, &module, gather, said), 1);
	assert_non_null(strstr(said, "this node is \"a\" here, but to the module none of its nodes is this machine"));
	assert_non_null(strstr(said, "node add a addr ... self"));
	conf_a.file = NULL;
}

/* A check in the node's own file has a node that the module knows. One for all agents can come before its node. */
static void checks_of_unknown_nodes(void **state)
{
	struct conf_check check = { .line = 4 };
	struct conf own = conf_a;
	char said[4096] = "", file[] = "x.conf";
	struct hasw_error err;

	(void)state;
	strcpy(check.node, "z");
	own.file = file;
	own.checks = &check;
	own.n_checks = 1;
	memset(&there, 0, sizeof(there));
	there.loaded = true;
	restored(whole, 2);
	assert_int_equal(module_open(&module, &err), 0);
	assert_int_equal(verify_nodes(&own, &module, gather, said), 1);
	assert_string_equal(said, "the check is of node \"z\", which the module does not know");
	own.shared = 1U << CONF_AGENTS_CHECKS;
	assert_int_equal(verify_nodes(&own, &module, gather, said), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_its_module_it_is_silent),
		cmocka_unit_test(it_is_back_by_itself),
		cmocka_unit_test(a_peer_that_starts_meanwhile_is_met),
		cmocka_unit_test(a_quick_upgrade_ends_well),
		cmocka_unit_test(other_failures_are_no_reason),
		cmocka_unit_test(another_self_is_silence_too),
		cmocka_unit_test(no_self_is_refused_at_the_start),
		cmocka_unit_test(checks_of_unknown_nodes),
	};

	return cmocka_run_group_tests_name("agent_module", tests, setup, NULL);
}
