// SPDX-License-Identifier: GPL-2.0
/* Settings of all agents: within a configuration's text, beside an agent's own file, and on their way to all nodes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "haagentd/keeper/applied.h"
#include "haagentd/keeper/config_agents.h"
#include "haagentd/keeper/keeper_task.h"
#include "lib/agents_text.h"
#include "conf_parse.h"

#define ME	"node = \"n1\";\n"
#define TWO	"nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; }, { name = \"n2\"; address = \"10.0.0.2\"; } );\n"
#define CHECK	"checks = ( { service = \"10.0.0.100:80/tcp\"; node = \"n2\"; } );\n"

/* WHOLE has these settings, or none for NULL. */
static void has(const char *whole, const char *part)
{
	size_t size;
	char *got;

	assert_int_equal(agents_text_has(whole, strlen(whole)), part != NULL);
	assert_int_equal(agents_text_split(whole, strlen(whole), &got, &size), 0);
	if (!part) {
		assert_null(got);
		assert_int_equal(size, 0);
		return;
	}
	assert_string_equal(got, part);
	assert_int_equal(size, strlen(part));
	free(got);
}

/* TEXT with PART is WHOLE, and WHOLE has PART. */
static void joined(const char *text, const char *part, const char *whole)
{
	size_t size;
	char *got;

	assert_int_equal(agents_text_join(text, strlen(text), part, part ? strlen(part) : 0, &got, &size), 0);
	assert_string_equal(got, whole);
	assert_int_equal(size, strlen(whole));
	free(got);
	if (!part || (part[0] && part[strlen(part) - 1] == '\n'))
		has(whole, part);
}

static void texts(void **state)
{
	(void)state;
	has("", NULL);
	has("lease add web\n# haagentd: a\n #haagentd: a\nx #haagentd: a\n", NULL);
	has("#haagentd", NULL);
	has("#haagentd:", "\n");
	has("#haagentd: a", "a\n");
	has("#haagentd:a\n#haagentd:  b\nlease add web\n#haagentd:\n#haagentd:\040\n", "a\n b\n\n\n");
	joined("", "a\n", "#haagentd: a\n");
	joined("lease add web\n", "a\n\n\tb\n", "lease add web\n#haagentd: a\n#haagentd:\n#haagentd: \tb\n");
	joined("lease add web", "a", "lease add web\n#haagentd: a\n");
	/* They take the place of what is there, and the rest keeps its line numbers but for those between. */
	joined("x\n#haagentd: old\n#haagentd:\ny\n", "new\n", "x\ny\n#haagentd: new\n");
	joined("x\n#haagentd: old\ny", NULL, "x\ny\n");
	joined("#haagentd: old", NULL, "");
	/* The entries of nodes are others. */
	has("#haagentd-node: { name = \"d\"; }\n", NULL);
	/* A comment and a line that looks like one of these stay as they are. */
	joined("x\n", "#haagentd: a\n# b\n", "x\n#haagentd: #haagentd: a\n#haagentd: # b\n");
}

#define ENTRY	"#haagentd-node: { name = \"d\"; address = \"10.0.0.4\"; }\n"

#define ADDS	"node add d addr 10.0.0.4\n" ENTRY

/* TEXT that follows OLD is WHOLE. */
static void kept(const char *text, const char *old, const char *whole)
{
	size_t size;
	char *got;

	assert_int_equal(agents_text_keep_nodes(text, strlen(text), old, strlen(old), &got, &size), 0);
	assert_string_equal(got, whole);
	assert_int_equal(size, strlen(whole));
	free(got);
}

/* The entries of a text are good, or WORDS say what is wrong. */
static void fault(const char *text, const char *words)
{
	const char *got = agents_text_nodes_fault(text, strlen(text));

	assert_int_equal(!got, !words);
	if (got)
		assert_non_null(strstr(got, words));
}

static void entries(void **state)
{
	size_t size;
	char *got;

	(void)state;
	assert_int_equal(agents_text_nodes("x\n#haagentd: a\n" ENTRY "#haagentd-node:b", 85, &got, &size), 0);
	assert_string_equal(got, "{ name = \"d\"; address = \"10.0.0.4\"; }\nb\n");
	assert_int_equal(size, strlen(got));
	free(got);
	assert_true(agents_text_has_nodes("x\n" ENTRY, 2 + strlen(ENTRY)));
	assert_false(agents_text_has_nodes("x\n#haagentd: a\n", 15));
	assert_true(agents_text_adds("node add dd\n\t node  add\td\n", 25, "d", 1));
	assert_true(agents_text_adds("node add d", 10, "d", 1));
	assert_false(agents_text_adds("node add dd\n#node add d\nnode set d\nnode add", 44, "d", 1));
	assert_false(agents_text_adds("node\nadd\nd\n", 11, "d", 1));
	/* An entry is of a node that the text adds, and its name comes first. */
	fault("node add d\n" ENTRY "#haagentd-node:{name=\"d\"}\n#haagentd-node", NULL);
	fault("node add dd\n" ENTRY, "that no line 'node add' has");
	fault("node add d\n#haagentd-node: { address = \"d\"; name = \"d\"; }", "is no entry of a node");
	fault("node add d\n#haagentd-node: { name = \"\"; }", "is no entry of a node");
	fault("node add d\n#haagentd-node: { name = \"d\n\"", "is no entry of a node");
	fault("#haagentd-node:", "is no entry of a node");
	/* Of a node that the text adds, it stays; the text's own one takes its place. */
	kept("node add d addr 10.0.0.4\n", "x\n" ENTRY "y\n", "node add d addr 10.0.0.4\n" ENTRY);
	kept("node add d", ENTRY, "node add d\n" ENTRY);
	kept("node add d", "#haagentd-node: { name = \"d\" }", "node add d\n#haagentd-node: { name = \"d\" }\n");
	kept("node add c\n#haagentd: d", ENTRY, "node add c\n#haagentd: d");
	kept("node add d\n#haagentd-node: { name = \"d\"; }", ENTRY, "node add d\n#haagentd-node: { name = \"d\"; }");
	kept("node add d\n", "#haagentd-node: d\n#haagentd-node: \"d\n\"\n", "node add d\n");
}

/* The settings of all agents that are read with a file, and entries of nodes; NULL: there are none. */
static const char *shared, *more;

static bool gone;	/* no configuration is on the disk */

static int give(const void *arg, const char *at, struct conf_agents *agents, char *why)
{
	(void)arg;
	if (!at)
		fail_msg("the folder of the configurations is not known yet");
	if (shared && !strcmp(shared, "fails")) {
		snprintf(why, CONF_WHY, "there is no disk");
		return -EIO;
	}
	agents->none = gone;
	if (!shared && !more)
		return 0;
	agents->text = shared ? strdup(shared) : NULL;
	agents->nodes = more ? strdup(more) : NULL;
	agents->hash = 7;
	agents->generation = 12;
	return 0;
}

/* OWN beside the settings of all agents is refused with one error, which begins with WHERE and has these words. */
static void refused(const char *own, const char *all, const char *where, const char *words)
{
	struct told t;

	shared = all;
	assert_null(parse(&t, own));
	if (t.n != 1 || strncmp(t.text, where, strlen(where)) || !strstr(t.text, words))
		fail_msg("wanted %s ... %s, got %u: %s", where, words, t.n, t.text);
}

#define HERE	"agents' settings of generation 12:"

static void beside_a_file(void **state)
{
	char name[CONF_AGENTS_NAME];
	struct conf *conf;

	(void)state;
	ask.agents = give;
	shared = CHECK "load = { cpu = \"90%\"; };\nnotify = [ \"/bin/true\" ];\n"
		 "pulses = { interval = \"7ms\"; };\njournal = { days = 7; };\nroutes = { table = 77; };\n";
	good(ME TWO, &conf);
	assert_int_equal(conf->shared, (1U << CONF_AGENTS_SETTINGS) - 1);
	assert_int_equal(conf->pulse_interval, 7000000);
	assert_int_equal(conf->journal_age, UINT64_C(7) * 86400 * 1000000000);
	assert_int_equal(conf->routes_table, 77);
	assert_int_equal(conf->n_checks, 1);
	assert_string_equal(conf->checks[0].node, "n2");
	assert_true(conf->load.on);
	assert_int_equal(conf->n_hooks, 1);
	assert_int_equal(conf->agents.hash, 7);
	assert_string_equal(conf_checks_file(conf, name), "agents' settings of generation 12");
	conf_free(conf);

	/* Each setting is read where it is. */
	shared = CHECK;
	good(ME TWO "notify = [ \"/bin/true\", \"/bin/false\" ];\n", &conf);
	assert_int_equal(conf->shared, 1U << CONF_AGENTS_CHECKS);
	assert_int_equal(conf->n_hooks, 2);
	assert_int_equal(conf->n_checks, 1);
	conf_free(conf);
	shared = NULL;
	good(ME TWO CHECK, &conf);
	assert_int_equal(conf->shared, 0);
	assert_int_equal(conf->n_checks, 1);
	assert_string_equal(conf_checks_file(conf, name), file);
	conf_free(conf);

	/* A witness makes no checks, and an agent that does not vote has no folder of its own. */
	shared = "nonsense";
	good(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; witness = true; },\n"
	     "{ name = \"n2\"; address = \"10.0.0.2\"; } );\n", &conf);
	assert_int_equal(conf->shared, 0);
	conf_free(conf);
	good(ME TWO "leases = { vote = false; };\n", &conf);
	assert_null(conf->agents.text);
	conf_free(conf);

	shared = "\nload = { cpu = \"90%\"; };\n";
	bad(ME TWO "load = { cpu = \"80%\"; };\n", 4,
	    "\"load\" is in the configuration of the cluster, too (" HERE "2)");
	shared = "pulses = { use = false; };\n";
	bad(ME TWO "pulses = { };\n", 4, "\"pulses\" is in the configuration of the cluster, too (" HERE "1)");
	shared = "fails";
	bad(ME TWO, 0, "cannot be had: there is no disk");
	ask.agents = NULL;
}

#define THREE	"{ name = \"n3\"; address = \"10.0.0.3\"; }\n"
#define NODES	"entries of nodes of generation 12:"

/* Entries of nodes are added to the list of the file. */
static void more_nodes(void **state)
{
	char where[CONF_WHERE], place[CONF_WHERE];
	struct conf *conf;

	(void)state;
	ask.agents = give;
	shared = NULL;
	more = THREE "{ name = \"n4\"; address = \"10.0.0.4\"; }\n";
	good(ME TWO, &conf);
	assert_int_equal(conf->n_nodes, 4);
	assert_string_equal(conf->nodes[3].name, "n4");
	assert_int_equal(conf->nodes[3].line, 0);
	assert_string_equal(conf_node_where(conf, &conf->nodes[3], where), "the committed configuration");
	snprintf(place, sizeof(place), "%s:3", file);
	assert_string_equal(conf_node_where(conf, &conf->nodes[1], where), place);
	assert_true(conf->nodes[1].line);
	assert_int_equal(conf->self, 0);
	conf_free(conf);
	/* This node can be one of them. */
	good("node = \"n3\";\n" TWO, &conf);
	assert_int_equal(conf->self, 2);
	conf_free(conf);
	/* What the file says of a node is heeded. */
	more = "{ name = \"n2\"; address = \"10.9.9.9\"; }\n";
	good(ME TWO, &conf);
	assert_int_equal(conf->n_nodes, 2);
	conf_free(conf);
	/* A witness knows them, too. */
	more = THREE;
	good(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; witness = true; },\n"
	     "{ name = \"n2\"; address = \"10.0.0.2\"; } );\n", &conf);
	assert_int_equal(conf->n_nodes, 3);
	conf_free(conf);
	/* An agent that does not vote has no part in what is committed. */
	good(ME TWO "leases = { vote = false; };\n", &conf);
	assert_int_equal(conf->n_nodes, 2);
	conf_free(conf);
	/* After another error it is not known whether this node is one of them: that error is the only one. */
	bad("node = \"n3\";\nchecsk = ( );\n" TWO, 3, "\"checsk\"");
	bad("node = \"n5\";\nport = 0;\n" TWO, 3, "\"port\"");
	/* Nor if they are gone, as the configurations of the cluster are. */
	more = NULL;
	gone = true;
	bad("node = \"n3\";\n" TWO, 2, "configurations of the cluster are gone here: remove haagentd.key and");
	gone = false;
	bad("node = \"n3\";\n" TWO, 2, "the nearest that is there is \"n1\"\n");
	bad("node = \"n3\"; leases = { vote = false; };\n" TWO, 2, "the nearest that is there is \"n1\"\n");
	more = THREE "{ name = \"n4\"; }\n";
	refused(ME TWO, NULL, NODES "2: ", "node \"n4\" has no \"address\"");
	more = THREE "\n{ name = \"n3\"; address = \"10.0.0.4\"; }\n";
	refused(ME TWO, NULL, NODES "2: ", "syntax error");
	more = "{ name = \"n3\"; address = \"10.0.0.2\"; }\n";
	refused(ME TWO, NULL, file, "\"n2\" and \"n3\" have the same address");
	more = "{ name = \"n3\"; address = \"::1:2\"; }\n";
	refused(ME TWO, NULL, file, "\"n1\" and \"n3\" have addresses of different families");
	more = "{ name = \"n3\"; address = \"10.0.0.3\"; witness = true; }\n";
	refused(ME TWO, NULL, NODES "1: ", "node \"n3\" is a witness");
	more = NULL;
	ask.agents = NULL;
}

static void what_may_be_there(void **state)
{
	(void)state;
	ask.agents = give;
	refused(ME TWO, "\nnodes = ( );\n", HERE "2: ",
		"\"nodes\" cannot be set for all agents at once: only \"checks\", \"load\"");
	refused(ME TWO, "key = \"/x\";\n", HERE "1: ", "\"key\" cannot be set for all agents");
	refused(ME TWO, "chekcs = ( );\n", HERE "1: ", "\"chekcs\" cannot be set for all agents");
	refused(ME TWO, "# x\n \t@include \"/etc/passwd\"\n", HERE "2: ", "\"@include\" names a file");
	refused(ME TWO, "@include \"/etc/passwd\"", HERE "1: ", "\"@include\" names a file");
	refused(ME TWO, "load = {\n", HERE "2: ", "syntax error");
	refused(ME TWO, "notify = [\n\"/nowhere/x\" ];\n", HERE "2: ", "cannot be run");
	refused(ME TWO, "\nload = { cpu = \"0%\"; };\n", HERE "2: ", "\"cpu\" is \"0%\"");
	refused(ME TWO, "\n\nroutes = { table = 255; };\n", HERE "3: ",
		"\"table\" is 255, which the kernel itself uses");
	refused(ME TWO, "journal = { folder = \"x\"; };\n", HERE "1: ", "\"folder\" is \"x\"");
	refused(ME TWO, "pulses = { interval = \"1us\"; };\n", HERE "1: ", "\"interval\" is \"1us\"");
	refused(ME TWO, "checks = ( { service = \"10.0.0.100:80/tcp\"; node = \"n2\"; address = \"127.0.0.1\"; } );\n",
		HERE "1: ", "loopback address, which does not lead to node \"n2\"");
	refused(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n"
		"{ name = \"n2\"; address = \"10.0.0.2\"; witness = true; } );\n", "\n" CHECK, HERE "2: ",
		"node \"n2\", which is a witness");
	ask.agents = NULL;
}

/* Writes a text as a committed generation into the test's folder. */
static void commit(const char *at, uint64_t number, const char *text, struct hasw_vote_conf *as)
{
	struct generation g = { .number = number, .size = strlen(text), .node = "n1" };
	char why[CONF_WHY];

	g.hash = generation_hash(text, g.size);
	assert_int_equal(generation_put(at, &g, text, why, sizeof(why)), 0);
	assert_int_equal(generation_commit(at, number, g.hash, why, sizeof(why)), 0);
	*as = (struct hasw_vote_conf){ .generation = number, .blob = g.hash };
}

static void remove_folder(const char *at)
{
	char command[300];

	snprintf(command, sizeof(command), "rm -r %s", at);
	assert_int_equal(system(command), 0);
}

/* The keeper of n1, of which only the folder and the file are there. */
static struct keeper_view view;

static void view_begin(void)
{
	memset(&view, 0, sizeof(view));
	snprintf(view.folder, sizeof(view.folder), "%s/config", folder);
}

static void keep_of(const char *text, bool whole, const char *as)
{
	struct generation g = { .size = strlen(text), .hash = generation_hash(text, strlen(text)) };
	char *copy = strdup(text), why[KEEPER_WHY];

	assert_int_equal(config_agents_keep(&view, &g, &copy, whole, why, sizeof(why)), 0);
	assert_int_equal(g.size, strlen(as));
	assert_memory_equal(copy, as, g.size);
	assert_true(g.hash == generation_hash(as, strlen(as)));
	free(copy);
}

static void keep(const char *text, const char *as)
{
	keep_of(text, false, as);
}

static void generations(void **state)
{
	struct conf_agents agents = { .text = NULL };
	struct hasw_vote_conf first, second;
	char why[CONF_WHY];

	(void)state;
	view_begin();
	/* No folder is no settings: it stops no agent. */
	assert_int_equal(config_agents_newest(NULL, view.folder, &agents, why), 0);
	assert_null(agents.text);
	keep("x\n", "x\n");
	commit(view.folder, 9, "x\n#haagentd: a = 1;\n", &first);
	commit(view.folder, 10, "x\n", &second);
	assert_int_equal(config_agents_newest(NULL, view.folder, &agents, why), 0);
	assert_null(agents.text);
	assert_int_equal(agents.hash, 0);
	assert_int_equal(config_agents_get(view.folder, &first, &agents, why), 0);
	assert_string_equal(agents.text, "a = 1;\n");
	assert_int_equal(agents.generation, 9);
	assert_true(agents.hash && agents.hash == config_agents_hash("#haagentd: a = 1;\n", 18));
	free(agents.text);
	agents.text = NULL;
	first.blob++;
	assert_int_not_equal(config_agents_get(view.folder, &first, &agents, why), 0);
	first.blob--;

	/* Entries of nodes count as well. */
	assert_true(config_agents_hash(ENTRY, strlen(ENTRY)));
	assert_true(config_agents_hash(ENTRY "#haagentd: a = 1;\n", strlen(ENTRY) + 18) != agents.hash);
	assert_true(config_agents_hash("#haagentd: x\n#haagentd-node: x\n", 31));
	/* What is printed of the module keeps them, and what has its own does not need them. */
	view.committed = second;
	keep("y\n", "y\n");
	view.committed = first;
	keep("y\n", "y\n#haagentd: a = 1;\n");
	keep("y\n#haagentd: b = 2;\n", "y\n#haagentd: b = 2;\n");
	commit(view.folder, 11, "node add d addr 10.0.0.4\n" ENTRY "#haagentd: a = 1;\n", &view.committed);
	keep("node add d\n", "node add d\n" ENTRY "#haagentd: a = 1;\n");
	keep("node add d\n#haagentd: b", "node add d\n#haagentd: b\n" ENTRY);
	keep("y", "y\n#haagentd: a = 1;\n");
	/* Nor does a text without settings take the entries away. */
	keep_of("node add d\n", true, "node add d\n" ENTRY);
	keep_of("y", true, "y");
	remove_folder(view.folder);
}

/* Removes the file of a generation, or cuts its end off. */
static void lose(const struct hasw_vote_conf *conf, bool torn)
{
	char path[300];

	assert_int_equal(generation_path(view.folder, conf->generation, conf->blob, path, sizeof(path)), 0);
	assert_int_equal(torn ? truncate(path, 10) : unlink(path), 0);
}

/* Returns the text of the settings with which an agent begins, or "". It is valid until the next call. */
static const char *begins(void)
{
	static struct conf_agents agents;
	char why[CONF_WHY];

	free(agents.text);
	agents = (struct conf_agents){ .text = NULL };
	assert_int_equal(config_agents_begin(NULL, view.folder, &agents, why), 0);
	assert_true(!agents.text == !agents.hash);
	return agents.text ? agents.text : "";
}

static void put_in_place(const struct hasw_vote_conf *conf, uint64_t agents)
{
	struct applied a = { .number = conf->generation, .hash = conf->blob, .saved = 1, .agents = agents };

	applied_life(a.life);
	assert_int_equal(applied_put(view.folder, &a), 0);
}

/* An agent that cannot have the settings of all agents begins with the nodes that the others know. */
static void begins_with_nodes(void **state)
{
	struct conf_agents agents = { .text = NULL };
	struct hasw_vote_conf first;
	char why[CONF_WHY];

	(void)state;
	view_begin();
	commit(view.folder, 1, "node add d\n" ENTRY "#haagentd: a = 1;\n", &first);
	assert_int_equal(config_agents_begin_nodes(NULL, view.folder, &agents, why), 0);
	assert_null(agents.text);
	assert_string_equal(agents.nodes, "{ name = \"d\"; address = \"10.0.0.4\"; }\n");
	assert_true(agents.hash && agents.hash != config_agents_hash(ENTRY "#haagentd: a = 1;\n", strlen(ENTRY) + 18));
	conf_agents_free(&agents);
	remove_folder(view.folder);
}

/* An agent begins with the settings of what is in force on its node, and its keeper says which these are. */
static void begins_with_the_applied(void **state)
{
	const uint64_t one = config_agents_hash("#haagentd: a = 1;\n", 18);
	const uint64_t two = config_agents_hash("#haagentd: a = 2;\n", 18);
	struct hasw_vote_conf first, second, third, fourth;
	struct keeper_report report;

	(void)state;
	view_begin();
	commit(view.folder, 1, "w\n#haagentd: a = 2;\n", &first);
	commit(view.folder, 2, "x\n#haagentd: a = 1;\n", &second);
	commit(view.folder, 3, "y\n#haagentd: a = 2;\n", &third);
	commit(view.folder, 4, "z\n#haagentd: a = 3;\n", &fourth);
	assert_string_equal(begins(), "a = 3;\n");
	put_in_place(&third, two);
	assert_string_equal(begins(), "a = 2;\n");
	keeper_recall(&view, &report);
	assert_true(!report.lost && report.agents == two && report.state == CONFIG_RUNS);
	/* Another generation has the same settings. */
	lose(&third, true);
	assert_string_equal(begins(), "a = 2;\n");
	keeper_recall(&view, &report);
	assert_true(report.lost && report.agents == two && report.runs.generation == 3);
	/* None has them any more: they are not those with which the agent begins, and the keeper says so. */
	lose(&first, false);
	lose(&fourth, false);
	assert_string_equal(begins(), "a = 1;\n");
	keeper_recall(&view, &report);
	assert_true(report.lost && report.agents == two && report.agents != one);
	/* There were none. */
	put_in_place(&third, 0);
	assert_string_equal(begins(), "");
	/* An earlier release has not written down which they were. */
	put_in_place(&third, APPLIED_UNKNOWN);
	assert_string_equal(begins(), "a = 1;\n");
	keeper_recall(&view, &report);
	assert_true(report.lost && report.agents == APPLIED_UNKNOWN);
	remove_folder(view.folder);
}

/* A node begins with what it has put in place last, also if others have its number or larger ones. */
static void begins_with_one_of_many(void **state)
{
	struct hasw_vote_conf old, one, two;
	struct generation *list;
	unsigned int n;

	(void)state;
	view_begin();
	commit(view.folder, 8, "w\n", &old);
	commit(view.folder, 9, "x\n", &one);
	commit(view.folder, 9, "y\n", &two);
	assert_int_equal(generation_list(view.folder, &list, &n), 0);
	assert_int_equal(n, 3);
	put_in_place(&one, 0);
	assert_true(applied_first(view.folder, list, n)->hash == one.blob);
	put_in_place(&two, 0);
	assert_true(applied_first(view.folder, list, n)->hash == two.blob);
	put_in_place(&old, 0);
	assert_int_equal(applied_first(view.folder, list, n)->number, 8);
	/* Its file is lost. */
	one.generation = 8;
	put_in_place(&one, 0);
	assert_int_equal(applied_first(view.folder, list, n)->number, 9);
	assert_null(applied_first(view.folder, list, 0));
	free(list);
	remove_folder(view.folder);
}

/* What an earlier release has written has one word less; what is torn, or has one word too many, is nothing. */
static void applied_lines(void **state)
{
	static const struct {
		const char *line;
		bool good;
		uint64_t agents;
	} lines[] = {
		{ "life 7 00000000000000aa 00000000000000bb\n", true, APPLIED_UNKNOWN },
		{ "life 7 00000000000000aa 00000000000000bb 00000000000000cc\n", true, 0xcc },
		{ "life 7 00000000000000aa 00000000000000bb 00000000000000cc", false, 0 },
		{ "life 7 00000000000000aa 00000000000000bb 00000000000000cc 1\n", false, 0 },
		{ "life 7 00000000000000aa\n", false, 0 },
	};
	struct applied a;
	char path[300];
	unsigned int i;
	bool same;

	(void)state;
	snprintf(path, sizeof(path), "%s/applied", folder);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		put(path, lines[i].line, 0600);
		assert_int_equal(applied_get(folder, &a, &same), lines[i].good);
		assert_false(same);
		if (lines[i].good)
			assert_true(a.number == 7 && a.hash == 0xaa && a.saved == 0xbb && a.agents == lines[i].agents);
	}
	unlink(path);
	assert_false(applied_get(folder, &a, &same));
}

/* Returns what the check of a text says on this node; NULL for nothing. */
static const char *checked(const char *text)
{
	static char why[KEEPER_WHY];

	why[0] = '\0';
	return config_agents_check(&view, text, strlen(text), why, sizeof(why)) ? why : NULL;
}

/* A node checks settings by its own file, as its agent will. What is in force already is not looked at again. */
static void checks_of_a_node(void **state)
{
	static const char bad_text[] = "x\n#haagentd: nodes = 3;\n";
	char whole[1024], later[1100];
	struct conf *conf;

	(void)state;
	memset(&view, 0, sizeof(view));
	snprintf(view.file, sizeof(view.file), "%s", file);
	snprintf(whole, sizeof(whole), "key = \"%s\";\n" ME TWO "notify = [ \"/bin/true\" ];\n", key);
	put(file, whole, 0644);
	conf = conf_read(file, NULL, report, NULL);
	assert_non_null(conf);
	conf_begun(conf, &view.begun);
	conf_free(conf);
	assert_null(checked("x\n"));
	assert_null(checked("x\n#haagentd: load = { cpu = \"90%\"; };\n"));
	assert_non_null(strstr(checked(bad_text), "agents' settings:1: \"nodes\" cannot be set for all agents"));
	assert_non_null(strstr(checked("#haagentd:\n#haagentd: notify = [ \"/bin/false\" ];\n"),
			       "too (agents' settings:2)"));
	view.agents = config_agents_hash(bad_text, strlen(bad_text));
	assert_null(checked(bad_text));
	/* The agent would refuse to read its file with them, and none of these settings would be in force. */
	put(file, "", 0644);
	assert_non_null(strstr(checked("#haagentd: load = { cpu = \"90%\"; };\n"),
			       "is not there any more, or is empty"));
	snprintf(later, sizeof(later), "%sprofile = \"fast\";\n", whole);
	put(file, later, 0644);
	assert_non_null(strstr(checked("#haagentd: load = { cpu = \"90%\"; };\n"),
			       ": another \"profile\" begins with a restart of all agents: restart them first"));
	/* If they go away, the file alone has to be good. */
	put(file, "nonsense", 0644);
	assert_non_null(strstr(checked("x\n"), ":1: syntax error"));
	view.witness = true;
	assert_null(checked("#haagentd: nodes = 3;\n"));
}

/* The file's list has two nodes. Entries can be of so many more as can vote. */
static void most_nodes(void **state)
{
	char text[8192] = "", whole[1024];
	struct conf *conf;
	size_t at = 0;
	unsigned int i;

	(void)state;
	memset(&view, 0, sizeof(view));
	snprintf(view.file, sizeof(view.file), "%s", file);
	snprintf(whole, sizeof(whole), "key = \"%s\";\n" ME TWO, key);
	put(file, whole, 0644);
	conf = conf_read(file, NULL, report, NULL);
	assert_non_null(conf);
	conf_begun(conf, &view.begun);
	conf_free(conf);
	for (i = 3; i <= KEEPER_NODES; i++)
		at += (size_t)sprintf(text + at, "node add n%u addr 10.0.0.%u\n"
				      AGENTS_TEXT_NODE " { name = \"n%u\"; address = \"10.0.0.%u\"; }\n", i, i, i, i);
	assert_null(checked(text));
	sprintf(text + at, "node add d addr 10.0.1.4\n"
		AGENTS_TEXT_NODE " { name = \"d\"; address = \"10.0.1.4\"; }\n");
	assert_non_null(strstr(checked(text), "are 33 nodes together, and 32 may be"));
}

/* The folder of the generations, for a boot at which nothing else can be read. */
static void folder_alone(void **state)
{
	static const struct {
		const char *text, *folder;
	} files[] = {
		{ "", CONF_FOLDER },
		{ "nonsense = 1;\n", CONF_FOLDER },
		{ "configurations = \"/srv/x\"; leases = { longest = \"2s\"; };\n", "/srv/x" },
		{ "configurations = \"/srv/x\"; leases = { vote = true; };\n", "/srv/x" },
		{ "configurations = \"/srv/x\"; leases = { vote = false; };\n", NULL },
	};
	struct told t = { .n = 0 };
	char *found;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		put(file, files[i].text, 0644);
		assert_int_equal(conf_folder_of(file, &found, report, &t), 0);
		if (files[i].folder)
			assert_string_equal(found, files[i].folder);
		else
			assert_null(found);
		free(found);
	}
	put(file, "nonsense", 0644);
	assert_int_not_equal(conf_folder_of(file, &found, report, &t), 0);
	assert_null(found);
	assert_int_equal(t.n, 1);
	unlink(file);
	assert_int_equal(conf_folder_of(file, &found, report, &t), 0);
	assert_string_equal(found, CONF_FOLDER);
	free(found);
}

/* Nothing is committed of which an agent of an earlier release would take a part only. */
static void earlier_release(void **state)
{
	static const char text[] = "x\n#haagentd: load = { cpu = \"90%\"; };\n";
	struct generation g = { .number = 1, .size = strlen(text), .node = "n1" };
	char node[WIRE_NAME], why[KEEPER_WHY];

	(void)state;
	g.hash = generation_hash(text, g.size);
	view_begin();
	memcpy(view.self, "n1", 3);
	/* No module is needed here then, and what is in force already is not read again. */
	view.witness = true;
	view.agents = config_agents_hash(text, g.size);
	view.n_peers = 1;
	memcpy(view.peers[0].name, "n2", 3);
	view.peers[0].heard = true;
	view.peers[0].can = true;
	assert_int_equal(keeper_commit(&view, -1, -1, 0, &g, text, node, why, sizeof(why)), -EPROTO);
	assert_string_equal(node, "n2");
	assert_non_null(strstr(why, "takes no settings of all agents"));
	/* One that knows them is asked. It has no address here. */
	view.peers[0].agents = true;
	assert_int_not_equal(keeper_commit(&view, -1, -1, 0, &g, text, node, why, sizeof(why)), 0);
	assert_null(strstr(why, "takes no settings"));
	/* Nor one to which a node would be unknown, be it of a witness. */
	view.peers[0].witness = true;
	g.size = strlen(ADDS);
	g.hash = generation_hash(ADDS, g.size);
	view.agents = config_agents_hash(ADDS, g.size);
	assert_int_equal(keeper_commit(&view, -1, -1, 0, &g, ADDS, node, why, sizeof(why)), -EPROTO);
	assert_non_null(strstr(why, "takes no entries of nodes"));
	view.peers[0].nodes = true;
	assert_int_not_equal(keeper_commit(&view, -1, -1, 0, &g, ADDS, node, why, sizeof(why)), 0);
	assert_null(strstr(why, "takes no entries"));
	remove_folder(view.folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(entries),
		cmocka_unit_test(more_nodes),
		cmocka_unit_test(begins_with_nodes),
		cmocka_unit_test(beside_a_file),
		cmocka_unit_test(what_may_be_there),
		cmocka_unit_test(generations),
		cmocka_unit_test(begins_with_the_applied),
		cmocka_unit_test(begins_with_one_of_many),
		cmocka_unit_test(applied_lines),
		cmocka_unit_test(checks_of_a_node), cmocka_unit_test(most_nodes),
		cmocka_unit_test(folder_alone),
		cmocka_unit_test(earlier_release),
	};

	return cmocka_run_group_tests_name("agent_shared", tests, conf_folder_make, conf_folder_remove);
}
