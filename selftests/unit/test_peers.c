// SPDX-License-Identifier: GPL-2.0
/* What status tells of a node's agent, paths and configuration, from the answer of the agent of this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "haadm/peers.h"

static const char answer[] =
	"{\"node\":\"a\",\"release\":\"0.1\","
	"\"leaving\":false,\"config_generation\":5,\"config_hash\":\"00112233445566ff\","
	"\"config_state\":\"runs\","
	"\"configuration\":{\"generation\":5,\"changed\":[\"c\"],\"behind\":[\"b\",\"d\",\"e\"]},\"peers\":["
	"{\"node\":\"b\",\"state\":\"heard\",\"config_generation\":4,\"config_hash\":\"ff\","
	"\"config_state\":\"refused\","
	"\"paths\":[{\"path\":\"lan\",\"state\":\"good\"},{\"path\":\"wan\",\"state\":\"one-way\"}]},"
	"{\"node\":\"c\",\"state\":\"static\",\"config_generation\":5,\"config_hash\":\"00112233445566ff\","
	"\"config_state\":\"changed\","
	"\"paths\":[{\"path\":\"lan\",\"state\":\"good\"},{\"path\":\"wan\",\"state\":\"good\"}]},"
	"{\"node\":\"d\",\"state\":\"heard\",\"release\":\"0.1\",\"config_state\":\"none\",\"paths\":[]},"
	"{\"node\":\"e\",\"state\":\"heard\",\"config_generation\":6,\"config_hash\":\"01\","
	"\"config_state\":\"runs\",\"paths\":[]},"
	"{\"node\":\"f\",\"state\":\"silent\",\"paths\":[{\"path\":\"lan\",\"state\":\"silent\"}]}]}";

/* What is printed of a node. */
static void assert_said(const json_t *object, const json_t *from, const char *line)
{
	char said[256] = "";
	FILE *file = tmpfile();
	int out = dup(STDOUT_FILENO);

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	peers_text(object, from);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	rewind(file);
	if (!fgets(said, sizeof(said), file))
		said[0] = '\0';
	fclose(file);
	assert_string_equal(said, line);
}

/* What the answer, or none, says of a node: as JSON, and in the line of the node. */
static void assert_node(const char *text, const char *node, bool self, const char *json, const char *line)
{
	json_t *from = text ? json_loads(text, 0, NULL) : NULL, *wanted = json_loads(json, 0, NULL);
	json_t *object = json_object();

	assert_true(!text || from);
	peers_json(object, from, node, self);
	if (!wanted || !json_equal(object, wanted))
		fail_msg("%s: %s", node, json_dumps(object, 0));
	assert_said(object, from, line);
	json_decref(wanted);
	json_decref(object);
	json_decref(from);
}

static void of_nodes(void **state)
{
	(void)state;
	assert_node(answer, "a", true, "{\"agent_state\":\"runs\",\"release\":\"0.1\",\"config_generation\":5,"
		    "\"config_hash\":\"00112233445566ff\",\"config_state\":\"runs\",\"config_current\":true}",
		    ", generation 5 (00112233)");
	assert_node(answer, "b", false, "{\"agent_state\":\"heard\",\"paths_good\":1,\"paths_total\":2,"
		    "\"config_generation\":4,\"config_hash\":\"ff\",\"config_state\":\"refused\","
		    "\"config_current\":false}",
		    ", agent heard, 1 of 2 paths, generation 4 and not 5, which it could not put in force");
	assert_node(answer, "c", false, "{\"agent_state\":\"static\",\"paths_good\":2,\"paths_total\":2,"
		    "\"config_generation\":5,"
		    "\"config_hash\":\"00112233445566ff\",\"config_state\":\"changed\",\"config_current\":false}",
		    ", agent static, 2 of 2 paths, generation 5, CHANGED BY HAND");
	assert_node(answer, "d", false, "{\"agent_state\":\"heard\",\"release\":\"0.1\","
		    "\"paths_good\":0,\"paths_total\":0,"
		    "\"config_state\":\"none\","
		    "\"config_current\":false}", ", agent heard, 0 of 0 paths, without generation 5");
	assert_node(answer, "e", false, "{\"agent_state\":\"heard\",\"paths_good\":0,\"paths_total\":0,"
		    "\"config_generation\":6,"
		    "\"config_hash\":\"01\",\"config_state\":\"runs\",\"config_current\":false}",
		    ", agent heard, 0 of 0 paths, generation 6 and not 5");
}

/* Nothing is said that is not known. */
static void unknown(void **state)
{
	(void)state;
	assert_node(answer, "f", false, "{\"agent_state\":\"silent\",\"paths_good\":0,\"paths_total\":1}",
		    ", agent silent, 0 of 1 path");
	assert_node(answer, "g", false, "{}", "");
	assert_node(NULL, "a", true, "{}", "");
	assert_node("{\"node\":\"a\",\"leaving\":true}", "a", true, "{\"agent_state\":\"leaving\"}", ", agent leaving");
	/* An agent of another release may say something else. */
	assert_node("{\"peers\":[7,{\"node\":\"b\",\"state\":5,\"paths\":\"x\"}],\"configuration\":[]}", "b", false,
		    "{\"agent_state\":\"?\",\"paths_good\":0,\"paths_total\":0}", ", agent ?, 0 of 0 paths");
}

#define PEER(name, state, release) "{\"node\":\"" name "\",\"state\":\"" state "\",\"release\":" release "}"
#define OWN(release, peers) "{\"node\":\"a\",\"release\":" release ",\"peers\":[" peers "]}"

/* A line has the release only where agents that are heard differ. */
static void releases(void **state)
{
	static const struct {
		const char *answer, *line;
	} cases[] = {
		{ OWN("\"0.2\"", PEER("b", "heard", "\"0.2\"")), ", agent heard" },
		{ OWN("\"0.2\"", PEER("b", "heard", "\"0.1\"")), ", agent heard, release 0.1" },
		{ OWN("\"0.2\"", PEER("b", "heard", "null")), ", agent heard, release an earlier one" },
		{ OWN("\"0.2\"", PEER("b", "silent", "\"0.1\"")), ", agent silent" },
		{ OWN("\"0.2\"", PEER("b", "heard", "\"0.2\"") "," PEER("c", "heard", "null")),
		  ", agent heard, release 0.2" },
		{ OWN("null", PEER("b", "heard", "\"0.1\"")), ", agent heard" },
		{ "{\"node\":\"a\",\"peers\":[" PEER("b", "heard", "\"0.1\"") "]}", ", agent heard" },
		{ "{\"release\":\"1\",\"peers\":[7,{\"state\":\"heard\",\"release\":7}]}", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *from = json_loads(cases[i].answer, 0, NULL), *object = json_object();

		assert_non_null(from);
		peers_json(object, from, "b", false);
		assert_said(object, from, cases[i].line);
		json_decref(object);
		json_decref(from);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_nodes),
		cmocka_unit_test(unknown),
		cmocka_unit_test(releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
