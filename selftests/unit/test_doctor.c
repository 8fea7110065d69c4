// SPDX-License-Identifier: GPL-2.0
/* What haadm doctor makes of the agent's answer, of nft's rules and of the units: what is found, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "haadm/doctor/doctor.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Reads JSON, in which ' stands for the quotation marks. */
static json_t *json(const char *with)
{
	json_error_t error;
	json_t *value;
	char text[4096];
	size_t i;

	for (i = 0; with[i] && i < sizeof(text) - 1; i++)
		text[i] = with[i] == '\'' ? '"' : with[i];
	text[i] = '\0';
	value = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!value)
		fail_msg("%s: %s", error.text, text);
	return value;
}

/* The findings are these checks, in this order: names with a blank between them. */
static void expect(struct findings *findings, const char *checks)
{
	char text[512] = "";
	json_t *one;
	size_t i;

	json_array_foreach(findings->list, i, one) {
		if (i)
			strcat(text, " ");
		strcat(text, json_string_value(json_object_get(one, "check")));
		assert_true(strlen(json_string_value(json_object_get(one, "what"))) > 10);
		assert_true(strlen(json_string_value(json_object_get(one, "mend"))) > 10);
	}
	assert_string_equal(text, checks);
	findings_end(findings);
}

#define VOTE(heard) "'node': 'a', 'vote': { 'runs': true, 'length': 90000000, 'voters': ['a', 'b', 'w'], " \
	"'heard': [" heard "] }"
#define B "'node': 'b', "

/* Begins findings with those about an agent's answer. Returns the answer, which the caller frees. */
static json_t *judge(struct findings *findings, const char *text)
{
	json_t *answer = json(text);

	findings_begin(findings);
	doctor_agent(findings, answer);
	return answer;
}

static void agent(void **state)
{
	static const struct {
		const char *answer;
		const char *checks;
	} cases[] = {
		{ "{ " VOTE("'a', 'b'") ", 'peers': [] }", "" },
		{ "{ " VOTE("'a'") " }", "quorum" },
		{ "{ 'vote': { 'runs': true, 'nodes': ['a', 'b', 'c'], 'voters': ['a'], 'heard': ['a'] } }", "voters" },
		{ "{ 'vote': { 'runs': true, 'nodes': ['a', 'b', 'c'], 'voters': ['a'], 'heard': [] } }",
		  "quorum voters" },
		{ "{ 'vote': { 'runs': true, 'nodes': ['a', 'b'], 'voters': ['a', 'b'], 'heard': ['a', 'b'] } }", "" },
		{ "{ 'vote': { 'runs': true, 'nodes': ['a'], 'voters': ['a'], 'heard': ['a'] } }", "" },
		{ "{ 'vote': { 'runs': false, 'nodes': ['a', 'b'], 'voters': ['a'] } }", "" },
		{ "{ 'vote': { 'runs': false } }", "" },
		{ "{ 'vote': { 'runs': false, 'reason': 'no voter' } }", "vote" },
		{ "{ 'vote': { 'runs': true, 'change': 'c is new' } }", "configuration" },
		{ "{ 'vote': { 'runs': true, 'barred': 'corosync has no quorum' } }", "corosync" },
		{ "{ 'vote': { 'runs': true, 'split': { 'node': 'b', 'presumed_off': true, 'age': 7 } } }", "split" },
		{ "{ 'vote': { 'runs': true, 'split': { 'node': 'b', 'presumed_off': false } } }", "" },
		{ "{ 'unfit': 'no module' }", "agent" },
		{ "{ 'peers': [ { " B "'state': 'heard' } ] }", "" },
		{ "{ 'peers': [ { " B "'state': 'left' } ] }", "" },
		{ "{ 'peers': [ { " B "'state': 'silent' } ] }", "peer" },
		{ "{ 'peers': [ { " B "'state': 'silent', 'witness': true } ] }", "witness" },
		{ "{ 'peers': [ { " B "'state': 'presumed' } ] }", "" },
		{ "{ 'peers': [ { " B "'state': 'presumed', 'reason': 'no packet' } ] }", "peer" },
		{ "{ 'peers': [ { " B "'state': 'silent', 'refused': { 'key': 3, 'age': 5 } } ] }", "key" },
		{ "{ 'peers': [ { " B "'state': 'silent', 'refused': { 'key': 3, 'age': 90000000000 } } ] }", "peer" },
		{ "{ 'peers': [ { " B "'state': 'heard', 'refused': { 'key': 3, 'age': 5 } } ] }", "" },
		{ "{ 'peers': [ { " B "'state': 'heard', 'refused': { 'replayed': 3, 'age': 5 } } ] }", "" },
		{ "{ 'peers': [ { " B "'state': 'unheard', 'refused': { 'version': 3 } } ] }", "version" },
		{ "{ 'peers': [ { " B "'state': 'unheard', 'refused': { 'self': 3, 'age': 5 } } ] }", "name" },
		{ "{ 'peers': [ { " B "'state': 'unheard', 'refused': { 'misdirected': 3, 'age': 5 } } ] }",
		  "address" },
		{ "{ 'strangers': { 'address': 3, 'age': 5 } }", "address" },
		{ "{ 'strangers': { 'foreign': 3, 'age': 5 } }", "" },
		{ "{ 'peers': [ { " B "'state': 'heard', 'differs': true } ] }", "configuration" },
		{ "{ 'peers': [ { " B "'state': 'heard', 'paths': [ { 'path': 'x', 'state': 'one-way', "
		  "'port': 1 }, { 'path': 'y', 'state': 'good' } ] } ] }", "path" },
		{ "{ 'peers': [ { " B "'state': 'heard', 'paths': [ { 'path': 'x', 'state': 'silent', "
		  "'port': 1 } ] } ] }", "path" },
		{ "{ 'configuration': { 'generation': 3, 'changed': [], 'behind': [] } }", "" },
		{ "{ 'configuration': { 'generation': 3, 'changed': ['a'], 'behind': ['b'] } }",
		  "configuration configuration" },
		/* The nearest of two other voters decides, since this node votes, too. */
		{ "{ " VOTE("'a', 'b', 'w'") ", 'peers': [ { " B "'state': 'heard', 'round_trip': 46000000 }, "
		  "{ 'node': 'w', 'state': 'heard', 'round_trip': 80000000 } ] }", "round-trip" },
		{ "{ " VOTE("'a', 'b', 'w'") ", 'peers': [ { " B "'state': 'heard', 'round_trip': 44000000 }, "
		  "{ 'node': 'w', 'state': 'heard', 'round_trip': 80000000 } ] }", "" },
		{ "{ " VOTE("'a', 'b', 'w'") ", 'peers': [ { " B "'state': 'heard' } ] }", "" },
		{ "{ 'node': 'a', 'release': '0.2', 'peers': [ { " B "'state': 'heard', 'release': '0.2' } ] }", "" },
		{ "{ 'node': 'a', 'release': '0.2', 'peers': [ { " B "'state': 'heard', 'release': null } ] }",
		  "release" },
		{ "{ 'peers': [ { " B "'state': 'heard', 'clock_ahead': -1500000000 } ] }", "clock" },
		{ "{ 'peers': [ { " B "'state': 'silent', 'clock_ahead': 3600000000000 } ] }", "peer" },
		/* What makes no sense is no reason to fall over. */
		{ "{ 'peers': 7, 'vote': [], 'configuration': { 'changed': 1 } }", "" },
		{ "{ 'peers': [ 7, { 'paths': [ 1, {} ], 'refused': 3 } ], "
		  "'vote': { 'runs': true, 'voters': 1 } }", "" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct findings findings;
		json_t *answer = judge(&findings, cases[i].answer);

		expect(&findings, cases[i].checks);
		json_decref(answer);
	}
}

/* A node that could not put a generation in force is told apart from one that does not have it. */
static void behind(void **state)
{
	static const struct {
		const char *answer;
		const char *what;
	} cases[] = {
		{ "{ 'node': 'a', 'config_state': 'refused', 'configuration': { 'generation': 3, 'behind': ['a'] } }",
		  "a could not put in force generation 3" },
		{ "{ 'node': 'a', 'config_state': 'runs', 'configuration': { 'generation': 3, 'behind': ['a'] } }",
		  "a does not run generation 3" },
		{ "{ 'node': 'a', 'configuration': { 'generation': 3, 'behind': ['b'] }, "
		  "'peers': [ { " B "'state': 'heard', 'config_state': 'refused' } ] }",
		  "b could not put in force generation 3" },
		{ "{ 'node': 'a', 'configuration': { 'generation': 3, 'changed': ['a'] } }",
		  "the configuration was changed by hand on a, and is no longer generation 3" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct findings findings;
		json_t *answer = judge(&findings, cases[i].answer);

		assert_non_null(strstr(json_string_value(json_object_get(json_array_get(findings.list, 0), "what")),
				       cases[i].what));
		expect(&findings, "configuration");
		json_decref(answer);
	}
}

/* Whether there is a note of the only voter, which is no finding. */
static void only_voter(void **state)
{
	static const struct {
		const char *answer;
		size_t notes;
	} cases[] = {
		{ "{ 'vote': { 'runs': true, 'nodes': ['a'], 'voters': ['a'], 'heard': ['a'] } }", 1 },
		{ "{ 'vote': { 'runs': true, 'nodes': ['a', 'b'], 'voters': ['a'], 'heard': ['a'] } }", 0 },
		{ "{ " VOTE("'a', 'b'") ", 'peers': [] }", 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct findings findings;
		json_t *answer = judge(&findings, cases[i].answer);

		assert_int_equal(json_array_size(findings.notes), cases[i].notes);
		if (cases[i].notes)
			assert_non_null(strstr(json_string_value(json_array_get(findings.notes, 0)),
					       "a is the only voter and the only node"));
		findings_end(&findings);
		json_decref(answer);
	}
}

/* All voters that begin anew know of no configuration, so the advice says what to do about that, if there was one. */
static void voters_anew(void **state)
{
	static const char *const answers[] = {
		"{ 'vote': { 'runs': true, 'nodes': ['a', 'b'], 'voters': ['a'], 'heard': ['a'] } }",
		"{ 'vote': { 'runs': true, 'nodes': ['a', 'b'], 'voters': ['a'], 'heard': ['a'] }, "
		"'configuration': { 'generation': 7, 'changed': [], 'behind': [] } }",
	};

	(void)state;
	for (size_t i = 0; i < N(answers); i++) {
		struct findings findings;
		json_t *answer = judge(&findings, answers[i]), *found = json_array_get(findings.list, 0);
		const char *fix = json_string_value(json_object_get(found, "mend"));

		assert_non_null(strstr(fix, "remove /var/lib/haswitch/voter-*"));
		assert_int_equal(strstr(fix, "haadm cluster adopt") != NULL, i);
		findings_end(&findings);
		json_decref(answer);
	}
}

/* Who has not the newest release is named, and 0.10 is newer than 0.9. */
static void releases(void **state)
{
	struct findings findings;
	json_t *answer = judge(&findings, "{ 'node': 'a', 'release': '0.9', 'peers': [ "
			       "{ 'node': 'b', 'state': 'heard', 'release': '0.10' }, "
			       "{ 'node': 'c', 'state': 'heard', 'release': null }, "
			       "{ 'node': 'd', 'state': 'heard', 'release': '0.10' } ] }");
	const json_t *one = json_array_get(findings.list, 0);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(one, "what")),
			    "the agents are of different releases: a 0.9, b 0.10, c an earlier one, d 0.10");
	assert_non_null(strstr(json_string_value(json_object_get(one, "mend")),
			       "install release 0.10 of haswitch on a, c, one after"));
	expect(&findings, "release");
	json_decref(answer);
}

/* Who is ahead of whom is told. */
static void clocks(void **state)
{
	struct findings findings;
	json_t *answer = judge(&findings, "{ 'peers': [ { " B "'state': 'heard', 'clock_ahead': 3600000000000 }, "
			       "{ 'node': 'c', 'state': 'heard', 'clock_ahead': -1500000000 } ] }");

	(void)state;
	assert_non_null(strstr(json_string_value(json_object_get(json_array_get(findings.list, 0), "what")),
			       "the clock of b is 1h00m ahead of this node's"));
	assert_non_null(strstr(json_string_value(json_object_get(json_array_get(findings.list, 1), "what")),
			       "the clock of c is 1.5s behind this node's"));
	expect(&findings, "clock clock");
	json_decref(answer);
}

#define CHAIN(hook, policy) "{ 'chain': { 'family': 'inet', 'table': 'f', 'name': 'c', 'type': 'filter', " \
	"'hook': '" hook "', 'policy': '" policy "' } }"
#define RULE_OF(chain, expr) ", { 'rule': { 'family': 'inet', 'table': 'f', 'chain': '" chain "', 'handle': 4, " \
	"'expr': [ " expr " ] } }"
#define RULE(expr) RULE_OF("c", expr)
#define MATCH(op, left, right) "{ 'match': { 'op': '" op "', 'left': { " left " }, 'right': " right " } }, "
#define DPORT "'payload': { 'protocol': 'udp', 'field': 'dport' }"
#define TCP "'payload': { 'protocol': 'tcp', 'field': 'dport' }"
#define TCP_FROM "'payload': { 'protocol': 'tcp', 'field': 'sport' }"
#define SADDR "'payload': { 'protocol': 'ip', 'field': 'saddr' }"
#define L4 "'meta': { 'key': 'l4proto' }"
#define IIF "'meta': { 'key': 'iifname' }"
#define CT "'ct': { 'key': 'state' }"
#define ACCEPT "{ 'accept': null }"
#define JUMP_D RULE("{ 'jump': { 'target': 'd' } }")
#define GOTO_D RULE("{ 'goto': { 'target': 'd' } }")
#define DROP "{ 'drop': null }"

static void try_rules(void (*look)(struct findings *findings, const json_t *rules, unsigned int port, const char *who),
		      const char *rules, bool dropped)
{
	struct findings findings;
	char text[2048];
	json_t *list;

	snprintf(text, sizeof(text), "{ 'nftables': [ { 'metainfo': {} }, %s ] }", rules);
	list = json(text);
	findings_begin(&findings);
	look(&findings, list, 6946, "agents");
	if (json_array_size(findings.list) != dropped)
		fail_msg("%s: %s", text, dropped ? "is dropped" : "may pass");
	expect(&findings, dropped ? "firewall" : "");
	json_decref(list);
}

static void rules(void **state)
{
	static const struct {
		const char *rules;
		bool dropped;
	} cases[] = {
		{ CHAIN("input", "accept"), false },
		{ CHAIN("input", "drop"), true },
		{ CHAIN("output", "drop"), true },
		{ CHAIN("prerouting", "drop"), true },
		{ CHAIN("forward", "drop"), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", DPORT, "6946") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", DPORT, "6947") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("!=", DPORT, "6946") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("!=", DPORT, "53") ACCEPT), false },
		{ CHAIN("input", "drop")
		  RULE(MATCH("==", DPORT, "{ 'set': [ 53, { 'range': [ 6940, 6950 ] } ] }") ACCEPT), false },
		{ CHAIN("input", "drop")
		  RULE(MATCH("==", DPORT, "{ 'set': [ 53, { 'range': [ 6947, 6950 ] } ] }") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("==", DPORT, "'@ports'") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", TCP, "6946") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("==", L4, "'udp'") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", L4, "{ 'set': [ 'tcp', 17 ] }") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", L4, "'tcp'") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("==", IIF, "'lo'") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("==", IIF, "'eth0'") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("in", CT, "[ 'established', 'related' ]") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", SADDR, "'10.0.0.0'") ACCEPT), false },
		{ CHAIN("input", "drop") RULE("{ 'vmap': { 'key': 1, 'data': 2 } }"), false },
		{ CHAIN("input", "drop") RULE("{ 'limit': {} }, " ACCEPT), false },
		{ CHAIN("input", "accept") RULE(DROP), true },
		{ CHAIN("input", "accept") RULE("{ 'counter': {} }, { 'log': null }, { 'reject': null }"), true },
		{ CHAIN("input", "accept") RULE(MATCH("==", DPORT, "6946") DROP), true },
		{ CHAIN("input", "accept") RULE(MATCH("==", DPORT, "6947") DROP), false },
		{ CHAIN("input", "accept") RULE(MATCH("==", SADDR, "'10.0.0.0'") DROP), false },
		{ CHAIN("input", "accept") RULE(MATCH("in", CT, "'invalid'") DROP), false },
		{ CHAIN("input", "accept") RULE("{ 'limit': {} }, " DROP), false },
		{ CHAIN("input", "accept") JUMP_D RULE_OF("d", DROP), true },
		{ CHAIN("input", "accept") RULE(MATCH("==", SADDR, "'1'") "{ 'jump': { 'target': 'd' } }")
		  RULE_OF("d", DROP), false },
		{ CHAIN("input", "drop") JUMP_D
		  RULE_OF("d", MATCH("==", DPORT, "6946") ACCEPT), false },
		{ CHAIN("input", "drop") JUMP_D
		  RULE_OF("d", "{ 'return': null }"), true },
		{ CHAIN("input", "accept") JUMP_D
		  RULE_OF("d", MATCH("==", SADDR, "'1'") "{ 'return': null }") RULE_OF("d", DROP), false },
		{ CHAIN("input", "accept") GOTO_D RULE(DROP)
		  RULE_OF("d", "{ 'counter': {} }"), false },
		{ CHAIN("input", "drop") GOTO_D RULE(ACCEPT)
		  RULE_OF("d", "{ 'counter': {} }"), true },
		/* A chain that calls itself: nft takes none, and doctor ends. */
		{ CHAIN("input", "accept") RULE("{ 'jump': { 'target': 'c' } }"), false },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		try_rules(doctor_rules, cases[i].rules, cases[i].dropped);
}

/* The first packet of a connection by TCP. What is known to be of an earlier one accepts it not, nor drops it. */
static void rules_tcp(void **state)
{
	static const struct {
		const char *rules;
		bool dropped;
	} cases[] = {
		{ CHAIN("input", "accept"), false },
		{ CHAIN("input", "drop"), true },
		{ CHAIN("output", "drop") RULE(MATCH("==", DPORT, "6946") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("==", TCP, "6946") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", TCP, "22") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("==", TCP_FROM, "1001") ACCEPT), false },
		{ CHAIN("input", "accept") RULE(MATCH("==", TCP_FROM, "6946") DROP), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", L4, "'udp'") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("==", L4, "{ 'set': [ 6, 17 ] }") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("in", CT, "[ 'established', 'related' ]") ACCEPT), true },
		{ CHAIN("input", "drop") RULE(MATCH("==", CT, "{ 'set': [ 'established', 'new' ] }") ACCEPT), false },
		{ CHAIN("input", "drop") RULE(MATCH("==", CT, "'established'") ACCEPT), true },
		{ CHAIN("input", "accept") RULE(MATCH("!=", CT, "'established'") DROP), true },
		{ CHAIN("input", "accept") RULE(MATCH("in", CT, "'invalid'") DROP), false },
		{ CHAIN("input", "accept") RULE(MATCH("in", CT, "'new'") DROP), true },
		{ CHAIN("input", "drop") RULE(MATCH("in", CT, "7") ACCEPT), false },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		try_rules(doctor_rules_tcp, cases[i].rules, cases[i].dropped);
}

/*
 * Each of fourteen chains jumps ten times to the next one, so a packet has more ways than anybody can follow. The alarm
 * ends a program that tries.
 */
static void many_ways(void **state)
{
	json_t *list = json_pack("[{s:{s:s,s:s,s:s,s:s,s:s}}]", "chain", "family", "ip", "table", "t", "name", "a",
				 "hook", "input", "policy", "drop");
	json_t *rules = json_pack("{s:o}", "nftables", list);
	struct findings findings;

	(void)state;
	for (int i = 0; i < 140; i++) {
		const char chain[] = { (char)('a' + i / 10), '\0' }, next[] = { (char)('b' + i / 10), '\0' };

		json_array_append_new(list, json_pack("{s:{s:s,s:s,s:s,s:[{s:{s:s}}]}}", "rule", "family", "ip",
						      "table", "t", "chain", chain, "expr", "jump", "target", next));
	}
	alarm(20);
	findings_begin(&findings);
	doctor_rules(&findings, rules, 6946, "agents");
	alarm(0);
	/* What cannot be followed is taken for harmless. */
	expect(&findings, "");
	json_decref(rules);
}

static void make(const char *root, const char *path, bool directory)
{
	char name[512];

	snprintf(name, sizeof(name), "%s/%s", root, path);
	if (directory)
		assert_int_equal(mkdir(name, 0700), 0);
	else
		fclose(fopen(name, "w"));
}

static void units_are(const char *root, bool module, const char *agent, const char *checks)
{
	struct findings findings;

	findings_begin(&findings);
	doctor_units(&findings, root, module, agent);
	expect(&findings, checks);
}

static void units(void **state)
{
	static const char *const folders[] = { "run", "run/systemd", "etc", "etc/systemd", "etc/systemd/system",
		"etc/systemd/system/multi-user.target.wants", "lib", "lib/systemd", "lib/systemd/system" };
	char root[] = "/tmp/test_doctor.XXXXXX", command[64], name[128];

	(void)state;
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < N(folders); i++)
		make(root, folders[i], true);
	units_are(root, true, "haagentd.service", "");
	make(root, "run/systemd/system", true);
	units_are(root, true, "haagentd.service", "unit unit");
	units_are(root, true, NULL, "unit");
	make(root, "lib/systemd/system/haswitch.service", false);
	make(root, "etc/systemd/system/haagentd.service", false);
	units_are(root, true, "haagentd.service", "unit unit");
	make(root, "etc/systemd/system/multi-user.target.wants/haswitch.service", false);
	units_are(root, true, NULL, "");
	units_are(root, true, "haagentd.service", "unit");
	/* What is enabled is a symbolic link, which need not lead anywhere from here. */
	snprintf(name, sizeof(name), "%s/etc/systemd/system/multi-user.target.wants/haagentd.service", root);
	assert_int_equal(symlink("/nowhere", name), 0);
	units_are(root, true, "haagentd.service", "");
	/* A witness has no module, and another unit. */
	units_are(root, false, "haagentd-witness.service", "unit");
	make(root, "lib/systemd/system/haagentd-witness.service", false);
	make(root, "etc/systemd/system/multi-user.target.wants/haagentd-witness.service", false);
	units_are(root, false, "haagentd-witness.service", "");
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agent),
		cmocka_unit_test(only_voter),
		cmocka_unit_test(voters_anew),
		cmocka_unit_test(releases),
		cmocka_unit_test(clocks),
		cmocka_unit_test(behind),
		cmocka_unit_test(rules),
		cmocka_unit_test(many_ways),
		cmocka_unit_test(rules_tcp),
		cmocka_unit_test(units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
