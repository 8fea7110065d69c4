// SPDX-License-Identifier: GPL-2.0
/* haadm asks an agent that is not there, is somebody else, or answers what is no answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "haadm/ask_agent.h"
#include "haadm/ask_cluster.h"
#include "haadm/holding.h"
#include "json_writer.h"
#include "lib/ask.h"

static pid_t agent;

/* Somebody listens where the agent does, and answers each question so; NULL: by going away. */
static void listens(const char *answer, size_t size)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	char question[ASK_QUESTION];

	memcpy(addr.sun_path + 1, ASK_NAME, strlen(ASK_NAME));
	assert_int_equal(bind(fd, (struct sockaddr *)&addr,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(ASK_NAME))), 0);
	assert_int_equal(listen(fd, 4), 0);
	agent = fork();
	if (!agent) {
		for (;;) {
			int asker = accept(fd, NULL, NULL);

			if (recv(asker, question, sizeof(question), 0) > 0 && answer)
				send(asker, answer, size, MSG_NOSIGNAL);
			close(asker);
		}
	}
	close(fd);
}

static void ends(void)
{
	kill(agent, SIGKILL);
	waitpid(agent, NULL, 0);
}

/* The code of what comes of an answer; 0: it is one. */
static int judged(const char *answer, size_t size)
{
	struct hasw_error err = { .code = 0 };
	json_t *value;

	listens(answer, size);
	value = ask_agent(false, &err);
	ends();
	assert_int_equal(!value, err.code != 0);
	json_decref(value);
	return err.code;
}

static void answers(void **state)
{
	static const char *const none[] = {
		"x", "{", "[]", "1", "\"\"", "null", "{}x", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}",
	};
	static char big[ASK_ANSWER + 1];
	struct hasw_error err;

	(void)state;
	assert_null(ask_agent(false, &err));
	assert_int_equal(err.code, ECONNREFUSED);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(judged(none[i], strlen(none[i])), EBADMSG);
	assert_int_equal(judged("{\"a\":\"\0\"}", 8), EBADMSG);
	assert_int_equal(judged("{}", 2), 0);
	assert_int_equal(judged("{\"error\":\"" ASK_DENIED "\"}", strlen("{\"error\":\"" ASK_DENIED "\"}")), EACCES);
	assert_int_equal(judged("{\"error\":\"no\"}", 14), EPROTO);
	assert_int_equal(judged(NULL, 0), EAGAIN);
	memset(big, ' ', sizeof(big));
	memcpy(big, "{}", 2);
	assert_int_equal(judged(big, ASK_ANSWER), 0);
	assert_int_equal(judged(big, ASK_ANSWER + 1), EBADMSG);
}

/* What comes of the agent's answer about the cluster: the code, with the text in ERR; 0: an answer. */
static int cluster_judged(const char *answer, struct hasw_error *err)
{
	char node[HASWITCH_NAME_MAX + 1];
	json_t *value;

	*err = (struct hasw_error){ .code = 0 };
	listens(answer, strlen(answer));
	value = cluster_ask("show", NULL, NULL, node, err);
	ends();
	assert_int_equal(!value, err->code != 0);
	json_decref(value);
	return err->code;
}

/* The nodes of an agent of an earlier release have other keys, without which each would seem to be silent. */
static void other_release(void **state)
{
	struct hasw_error err;

	(void)state;
	assert_int_equal(cluster_judged("{\"node\":\"a\",\"nodes\":[{\"node\":\"a\",\"heard\":true}]}", &err), EPROTO);
	assert_string_equal(err.text, "the agent is of another release than haadm: restart it (systemctl restart "
			    "haagentd)");
	assert_int_equal(cluster_judged("{\"nodes\":[7]}", &err), EPROTO);
	assert_int_equal(cluster_judged("{\"nodes\":[{\"node\":\"a\",\"is_heard\":false}]}", &err), 0);
	assert_int_equal(cluster_judged("{\"nodes\":[]}", &err), 0);
	assert_int_equal(cluster_judged("{\"committed\":{}}", &err), 0);
	assert_int_equal(cluster_judged("{\"error\":\"why\",\"node\":\"b\"}", &err), EPROTO);
	assert_string_equal(err.text, "why");
}

/* What haagentd writes is read, whatever is in its texts. */
static void texts(void **state)
{
	static const struct {
		const char *text, *shown;
	} some[] = {
		{ "\u00d6", "\u00d6" }, { "gr\u00fc\u00df \u20ac \U0001f600", "gr\u00fc\u00df \u20ac \U0001f600" },
		{ "\x1b[2J", "\\x1b[2J" }, { "\xc2\x9b", "\\xc2\\x9b" }, { "cut \xc3", "cut \\xc3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		char buf[256];
		struct json j = { .at = buf, .room = sizeof(buf) };
		struct hasw_error err = { .code = 0 };
		json_t *value;

		json_writer_object(&j, NULL);
		json_text(&j, "reason", some[i].text);
		json_object_end(&j);
		value = ask_parse(buf, j.size, &err);
		if (!value)
			fail_msg("%s: %s", some[i].shown, err.text);
		assert_string_equal(ask_agent_text(value, "reason"), some[i].shown);
		json_decref(value);
	}
}

/* Agents of earlier releases wrote each byte of a character that is not ASCII as a character of its own. */
static void old_texts(void **state)
{
	static const char old[] = "{\"checks\":[{\"reason\":\"\\u00c3\\u0096 \\u001b[2J\"}]}";
	struct hasw_error err = { .code = 0 };
	json_t *answer = ask_parse(old, strlen(old), &err);

	(void)state;
	assert_non_null(answer);
	assert_string_equal(ask_agent_text(json_array_get(json_object_get(answer, "checks"), 0), "reason"),
			    "\u00c3\\xc2\\x96 \\x1b[2J");
	json_decref(answer);
}

/* One that is stopped is asked for a second, and not for ever. */
static void stopped(void **state)
{
	struct hasw_error err;

	(void)state;
	listens("{}", 2);
	kill(agent, SIGSTOP);
	assert_null(ask_agent(false, &err));
	ends();
	assert_int_equal(err.code, ETIMEDOUT);
}

/* The time that the answer may take is the asker's: half a second here, and not the 180 s of a commit. */
static void within(void **state)
{
	struct timespec before, after;
	struct hasw_error err;

	(void)state;
	listens("{}", 2);
	kill(agent, SIGSTOP);
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_null(cluster_ask_within(500, "journals", NULL, NULL, NULL, &err));
	assert_int_equal(err.code, ETIMEDOUT);
	assert_null(cluster_ask_within(500, "show", NULL, NULL, NULL, &err));
	assert_int_equal(err.code, ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &after);
	ends();
	assert_in_range(after.tv_sec - before.tv_sec, 1, 20);
}

/* What another user says is for who asks for just that. */
static void stranger(void **state)
{
	struct hasw_error err;
	json_t *value;

	(void)state;
	/* Who listens is who made the socket. */
	if (seteuid(65534))
		skip();
	listens("{}", 2);
	assert_int_equal(seteuid(0), 0);
	assert_null(ask_agent(false, &err));
	assert_int_equal(err.code, EPERM);
	value = ask_agent(true, &err);
	assert_non_null(value);
	json_decref(value);
	ends();
}

static void reasons(void **state)
{
	static const char text[] = "{\"vote\":{\"runs\":false,\"reason\":\"r\"},\"leases\":[{\"lease\":\"web\","
				   "\"reason\":\"w\"},{\"lease\":\"db\",\"holder\":\"a\"},{},1]}";
	json_t *answer = json_loads(text, 0, NULL);

	(void)state;
	assert_string_equal(ask_agent_why(answer, "web"), "w");
	assert_null(ask_agent_why(answer, "db"));
	assert_string_equal(ask_agent_why(answer, "other"), "r");
	json_object_set_new(json_object_get(answer, "vote"), "runs", json_true());
	assert_null(ask_agent_why(answer, "other"));
	assert_null(ask_agent_why(NULL, "other"));
	json_decref(answer);
}

static void unspoken(void **state)
{
	struct hasw_lease leases[2] = { { .name = "web" }, { .name = "db" } };
	struct hasw_model model = { .n_nodes = 1, .leases = leases };

	(void)state;
	/* One machine alone wants no agent. */
	assert_false(holding_unspoken(&model, 0));
	model.n_nodes = 2;
	assert_true(holding_unspoken(&model, 0));
	assert_false(holding_unspoken(&model, 1));
	model.n_nodes = 0;
	model.n_leases = 2;
	assert_true(holding_unspoken(&model, 0));
	/* Somebody grants them by hand. */
	leases[1].floor = true;
	assert_false(holding_unspoken(&model, 0));
}

/* A conflict is told for ten minutes; a time that makes no sense is none. */
static void conflict(void **state)
{
	struct hasw_conflict one = {
		.vip = { .family = AF_INET, .bytes = { 10, 0, 0, 1 } }, .dev = "eth0",
		.lladdr = { 2, 0, 0, 0, 0, 9 }, .time = 1000000000,
	};
	struct hasw_model model = { .conflicts = &one, .n_conflicts = 1 };
	struct hasw_addr other = { .family = AF_INET, .bytes = { 10, 0, 0, 2 } };
	char text[HOLDING_TEXT];
	json_t *value;

	(void)state;
	assert_null(holding_conflict(&model, NULL, &other, 2000000000));
	assert_null(holding_conflict(&model, NULL, &one.vip, 999999999));
	assert_null(holding_conflict(&model, NULL, &one.vip, one.time + HOLDING_CONFLICT_TIME + 1));
	value = holding_conflict(&model, NULL, &one.vip, 2200000000);
	assert_string_equal(holding_conflict_text(value, text),
			    "CONFLICT: also answered by 02:00:00:00:00:09 on eth0, 1.2s ago");
	json_decref(value);
	strcpy(one.node, "lb2");
	value = holding_conflict(&model, NULL, &one.vip, 2200000000);
	assert_string_equal(holding_conflict_text(value, text),
			    "CONFLICT: also answered by lb2 (02:00:00:00:00:09) on eth0, 1.2s ago");
	json_decref(value);
}

/* What another node has seen is told when this one has seen nothing: the last of it. */
static void conflict_elsewhere(void **state)
{
	struct hasw_conflict own = {
		.vip = { .family = AF_INET, .bytes = { 10, 0, 0, 1 } }, .dev = "eth0",
		.lladdr = { 2, 0, 0, 0, 0, 9 }, .time = 5000000000,
	};
	struct hasw_model model = { .conflicts = &own };
	struct hasw_addr other = { .family = AF_INET, .bytes = { 10, 0, 0, 2 } };
	json_t *agent = json_pack("{s:[{s:s,s:s,s:s,s:s,s:I},{s:s,s:s,s:s,s:s,s:s,s:I}]}", "seen_conflicts",
				  "addr", "10.0.0.1", "by", "lb3", "lladdr", "02:00:00:00:00:08", "dev", "eth1",
				  "age", (json_int_t)2000000000,
				  "addr", "10.0.0.1", "by", "lb1", "node", "web1", "lladdr", "02:00:00:00:00:07",
				  "dev", "eth0", "age", (json_int_t)1000000000);
	char text[HOLDING_TEXT];
	json_t *value;

	(void)state;
	assert_null(holding_conflict(&model, agent, &other, 9000000000));
	value = holding_conflict(&model, agent, &own.vip, 9000000000);
	assert_string_equal(holding_conflict_text(value, text),
			    "CONFLICT: also answered by web1 (02:00:00:00:00:07) on eth0 of lb1, 1.0s ago");
	assert_int_equal(json_integer_value(json_object_get(value, "time")), 8000000000);
	json_decref(value);
	model.n_conflicts = 1;
	value = holding_conflict(&model, agent, &own.vip, 9000000000);
	assert_null(json_object_get(value, "seen_by"));
	json_decref(value);
	json_object_set_new(json_array_get(json_object_get(agent, "seen_conflicts"), 0), "age",
			    json_integer(HOLDING_CONFLICT_TIME));
	json_array_remove(json_object_get(agent, "seen_conflicts"), 1);
	model.n_conflicts = 0;
	assert_null(holding_conflict(&model, agent, &own.vip, 9000000000));
	json_decref(agent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons),
		cmocka_unit_test(unspoken),
		cmocka_unit_test(conflict),
		cmocka_unit_test(conflict_elsewhere),
	};
	const struct CMUnitTest socket_tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(other_release),
		cmocka_unit_test(texts),
		cmocka_unit_test(old_texts),
		cmocka_unit_test(stopped),
		cmocka_unit_test(within),
		cmocka_unit_test(stranger),
	};
	int failed = cmocka_run_group_tests_name("what is made of it", tests, NULL, NULL);

	/* The address is the network namespace's, and an agent may run in this one. */
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		printf("no network namespace can be made: how an agent is asked is not tested\n");
		return failed;
	}
	return failed + cmocka_run_group_tests_name("how it is asked", socket_tests, NULL, NULL);
}
