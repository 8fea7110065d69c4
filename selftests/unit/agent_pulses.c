// SPDX-License-Identifier: GPL-2.0
/* The sessions that two agents make for their modules: the same at both ends, another one for each pair and key. */
#include "agent_pair.h"
#include "haagentd/module/module_pulse.h"
#include "haagentd/module/pulses.h"

/* The module as the agent finds it here; these stand in for module_pulse.c. */
static struct {
	struct module_pulse pulse;
	bool kept;
	unsigned int begun;
	unsigned int ended;
	unsigned int paced;
	unsigned int keyed;
} there;

static int gone(struct hasw_error *err)
{
	return hasw_fail(err, ENOENT, "there is no session with this node");
}

int module_pulse_get(struct module *m, const char *node, struct module_pulse *pulse, struct hasw_error *err)
{
	(void)m;
	(void)node;
	*pulse = there.pulse;
	return there.kept ? 0 : gone(err);
}

int module_pulse_begin(struct module *m, const struct module_pulse *pulse, struct hasw_error *err)
{
	(void)m;
	(void)err;
	assert_false(there.kept);
	there.kept = true;
	there.pulse = *pulse;
	there.pulse.key_next = pulse->key_id;
	there.begun++;
	return 0;
}

int module_pulse_end(struct module *m, const char *node, struct hasw_error *err)
{
	(void)m;
	(void)node;
	if (!there.kept)
		return gone(err);
	there.kept = false;
	there.ended++;
	return 0;
}

int module_pulse_pace(struct module *m, const struct module_pulse *pulse, struct hasw_error *err)
{
	(void)m;
	(void)err;
	there.pulse.interval = pulse->interval;
	there.pulse.multiplier = pulse->multiplier;
	there.paced++;
	return 0;
}

int module_pulse_key(struct module *m, const struct module_pulse *pulse, struct hasw_error *err)
{
	(void)m;
	(void)err;
	there.pulse.key_next = pulse->key_id;
	there.keyed++;
	return 0;
}

static struct module module = { .open = true, .opened = 1 };
static struct pulses pulses;

/* The agent of a, with a file that has just been read. */
static void reads_file(void)
{
	pulses = (struct pulses){ .look = true };
	pulses_tick(&pulses, &module, &a, &conf_a, now);
}

static void both_run(void)
{
	memset(&there, 0, sizeof(there));
	conf_a.pulse = true;
	conf_a.pulse_interval = 10 * MS;
	conf_a.pulse_multiplier = 4;
	begin(&a, &conf_a, &told_a);
	begin(&b, &conf_b, &told_b);
	/* Silence would say nothing yet. */
	quiet_beats(&b, 1);
	reads_file();
	assert_false(there.kept);
	part();
	met();
	reads_file();
	assert_true(there.kept && there.begun == 1);
	assert_int_equal(there.pulse.n_paths, 2);
}

/* What the module has already is not begun anew. */
static void found_again(void **state)
{
	(void)state;
	both_run();
	reads_file();
	conf_a.pulse_multiplier = 9;
	reads_file();
	assert_true(there.begun == 1 && !there.ended && there.paced == 1 && !there.keyed);
	there.pulse.key_id = there.pulse.key_next = (uint8_t)(there.pulse.key_id + 1);
	reads_file();
	assert_true(there.begun == 1 && !there.ended && there.keyed == 1);
	part();
}

/* The modules wait longer for each other while a machine is late, however patient the agents are otherwise. */
static void late_machines(void **state)
{
	(void)state;
	both_run();
	conf_a.pulse_interval = MS;
	conf_a.pulse_multiplier = 3;
	a.suspect_most = 500 * MS;
	conf_a.pulse_adapts = true;
	reads_file();
	assert_int_equal(there.pulse.multiplier, 3);
	lateness_note(&a.late, 2 * MS, now);
	pulses_tick(&pulses, &module, &a, &conf_a, now);
	assert_int_equal(there.pulse.multiplier, 6);
	/* The most that a module takes. */
	lateness_note(&a.late, 100 * MS, now);
	pulses_tick(&pulses, &module, &a, &conf_a, now);
	assert_int_equal(there.pulse.multiplier, 255);
	a.late = (struct lateness){ 0 };
	conf_a.pulse_adapts = false;
	part();
}

/* Another address, or another device, needs another session, as soon as that can be. */
static void other_paths(void **state)
{
	(void)state;
	both_run();
	address(&conf_a.paths[1].local, 0x7f000301);
	reads_file();
	assert_true(there.begun == 2 && there.ended == 1);
	reads_file();
	assert_true(there.begun == 2);
	strcpy(conf_a.paths[0].device, "nowhere");
	reads_file();
	assert_true(there.kept && there.begun == 2);
	strcpy(conf_a.paths[0].device, "lo");
	reads_file();
	assert_true(there.kept && there.begun == 3 && there.ended == 2);
	conf_a.n_paths = 1;
	reads_file();
	assert_true(there.kept && there.begun == 4 && there.pulse.n_paths == 1);
	conf_make(&conf_a, 0);
	conf_a.paths[0].device[0] = 0;
	part();
}

/* What somebody ended by hand is begun again, though no event tells of it. */
static void ended_by_hand(void **state)
{
	(void)state;
	both_run();
	there.kept = false;
	now += 2 * S;
	pulses_tick(&pulses, &module, &a, &conf_a, now);
	assert_true(there.kept && there.begun == 2);
	part();
}

/* A witness has no module that could answer, so no session is begun. */
static void witness(void **state)
{
	(void)state;
	both_run();
	there.kept = false;
	a.peers[0].conf.witness = true;
	reads_file();
	assert_true(!there.kept && there.begun == 1);
	a.peers[0].conf.witness = false;
	reads_file();
	assert_true(there.kept && there.begun == 2);
	part();
}

/* What somebody began by hand stays as it is. */
static void by_hand(void **state)
{
	(void)state;
	both_run();
	there.pulse.id++;
	there.pulse.n_paths = 1;
	reads_file();
	assert_true(there.kept && there.begun == 1 && !there.ended && !there.keyed);
	part();
}

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(pulses_id("a", "b"), pulses_id("b", "a"));
	assert_int_not_equal(pulses_id("a", "b"), pulses_id("a", "c"));
	/* The names are told apart, not only what they are together. */
	assert_int_not_equal(pulses_id("ab", "c"), pulses_id("a", "bc"));
	for (char name[] = "a"; name[0] < 'z'; name[0]++) {
		uint32_t id = pulses_id(name, "other");

		assert_true(id >= 1 && id <= INT32_MAX);
	}
}

static void keys(void **state)
{
	static const uint8_t one[KEY_BYTES] = { 1 }, two[KEY_BYTES] = { 2 };
	uint8_t there[16], back[16], other[16], again[16];
	struct key first, rotated;

	(void)state;
	key_from_bytes(&first, one);
	key_from_bytes(&rotated, two);
	pulses_key(&first, "a", "b", there);
	pulses_key(&first, "b", "a", back);
	assert_memory_not_equal(there, back, 16);
	pulses_key(&rotated, "a", "b", other);
	assert_memory_not_equal(there, other, 16);
	pulses_key(&first, "a", "b", again);
	assert_memory_equal(there, again, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(keys),
		cmocka_unit_test(found_again),
		cmocka_unit_test(late_machines),
		cmocka_unit_test(other_paths),
		cmocka_unit_test(ended_by_hand),
		cmocka_unit_test(by_hand),
		cmocka_unit_test(witness),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
