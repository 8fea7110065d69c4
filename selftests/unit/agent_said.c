// SPDX-License-Identifier: GPL-2.0
/* The share that a server says of itself: its words, rise and fall, the least of several, and where it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "checks/plan.h"
#include "checks/said.h"
#include "haagentd/check/check.h"
#include "haagentd/check/node_share.h"
#include "haagentd/check/rise_fall.h"
#include "haagentd/check/share_wire.h"
#include "haagentd/conf/conf.h"
#include "conf_checks.h"

#define CHECK	"{ service = \"10.0.0.100:80/tcp\"; node = \"n9\"; "

static void settings(void **state)
{
	struct conf *c = parse_checks(CHECK "kind = \"agent\"; port = 9777; send = \"state\\n\"; }");
	const char *label;

	(void)state;
	if (!c)
		fail_msg("refused: %s", told);
	assert_true(c->checks[0].kind == PLAN_AGENT && c->checks[0].port == 9777 && c->checks[0].share);
	assert_int_equal(c->checks[0].n_words, 1);
	assert_string_equal(c->checks[0].words, "state\n");
	conf_free(c);
	c = parse_checks(CHECK "kind = \"exec\"; command = [ \"/bin/true\", \"-v\" ]; share = \"free\"; }");
	if (!c)
		fail_msg("refused: %s", told);
	assert_true(c->checks[0].share && c->checks[0].from == 1 && c->checks[0].n_words == 3);
	label = c->checks[0].words + strlen("/bin/true") + 1 + strlen("-v") + 1;
	assert_string_equal(label, "free");
	conf_free(c);
	c = parse_checks(CHECK "kind = \"exec\"; command = \"/bin/true\"; }");
	assert_true(c && !c->checks[0].share && !c->checks[0].from);
	conf_free(c);
	bad_checks(CHECK "kind = \"agent\"; }", "needs a \"port\", at which the agent");
	bad_checks(CHECK "kind = \"agent\"; port = 9777; at = \"vip\"; }", "cannot be of kind \"agent\"");
	bad_checks(CHECK "kind = \"agent\"; port = 9777; expect = \"up\"; }",
		   "\"expect\" is for checks of kind \"udp\"");
	bad_checks(CHECK "kind = \"agent\"; port = 9777; send = \"\"; }", "\"send\" has 0 characters");
	bad_checks(CHECK "kind = \"http\"; share = \"free\"; }", "\"share\" is for checks of kind \"exec\"");
	bad_checks(CHECK "kind = \"exec\"; command = \"/bin/true\"; share = \"\"; }",
	    "\"share\" is \"\"; it must be the label");
	bad_checks(CHECK "kind = \"exec\"; command = \"/bin/true\"; share = \"a=b\"; }", "none of = ' |");
	bad_checks(CHECK "kind = \"exec\"; command = \"/bin/true\"; share = 20; }", "double quotes");
}

static void line(const char *text, enum plan_outcome outcome, uint8_t share, const char *why)
{
	struct said said;

	said_line(text, &said);
	if (said.outcome != outcome || said.share != share || !strstr(said.why, why))
		fail_msg("\"%s\": outcome %u, share %u: %s", text, said.outcome, said.share, said.why);
}

static void lines(void **state)
{
	static char many[600];

	(void)state;
	line("75%", PLAN_GOOD, 75, "75%");
	line("up", PLAN_GOOD, 0, "up");
	line("Ready", PLAN_GOOD, 0, "Ready");
	line("50% up", PLAN_GOOD, 50, "50% up");
	line("UP, 100%", PLAN_GOOD, 100, "UP, 100%");
	line("ready,up\t7%", PLAN_GOOD, 7, "7%");
	line("up 20% maxconn:30", PLAN_GOOD, 20, "maxconn");
	line("33.5% up", PLAN_GOOD, 34, "33.5%");
	line("0.2%", PLAN_GOOD, 1, "0.2%");
	line("down", PLAN_BAD, 0, "down");
	line("fail#the disk is up 90%", PLAN_BAD, 0, "the disk");
	line("stopped # for the night", PLAN_BAD, 0, "night");
	line("drain", PLAN_BAD, 0, "drain");
	line("MAINT 80%", PLAN_BAD, 80, "MAINT");
	line("drain up", PLAN_BAD, 0, "drain up");
	line("0%", PLAN_BAD, 0, "0%");
	line("up 0%", PLAN_BAD, 0, "up 0%");
	/* What is no share is told, and the word beside it counts. */
	line("150%", PLAN_GOOD, PLAN_SHARE_WRONG, "its share is \"150%\"; it must be 0% to 100%");
	line("up 100.5%", PLAN_GOOD, PLAN_SHARE_WRONG, "100.5%");
	line("up -5%", PLAN_GOOD, PLAN_SHARE_WRONG, "-5%");
	line("up %", PLAN_GOOD, PLAN_SHARE_WRONG, "\"%\"");
	line("up 5.%", PLAN_GOOD, PLAN_SHARE_WRONG, "5.%");
	line("up 99999999999999999999%", PLAN_GOOD, PLAN_SHARE_WRONG, "9999");
	line("down 5x%", PLAN_BAD, PLAN_SHARE_WRONG, "its share is \"5x%\"; it must be 0% to 100%: down 5x%");
	line("", PLAN_UNSURE, 0, "is no line of an agent");
	line("75", PLAN_UNSURE, 0, "\"75\" is no line");
	line("upper", PLAN_UNSURE, 0, "\"upper\" is no line");
	line("# up", PLAN_UNSURE, 0, "is no line");
	memset(many, 'x', sizeof(many) - 1);
	line(many, PLAN_UNSURE, 0, "xxxx\" is no line");
	many[sizeof(many) - 2] = '%';
	line(many, PLAN_GOOD, PLAN_SHARE_WRONG, "xxxx\"; it must be");
}

static void data(const char *text, const char *label, uint8_t share, enum plan_outcome outcome, const char *why)
{
	struct said said = { .outcome = PLAN_GOOD };

	said_data(text, label, &said);
	if (said.outcome != outcome || said.share != share || strcmp(said.why, why))
		fail_msg("\"%s\": outcome %u, share %u: %s", text, said.outcome, said.share, said.why);
}

static void datas(void **state)
{
	(void)state;
	data("OK | share=37%", "share", 37, PLAN_GOOD, "");
	data("OK|a=1 share=37%;80;90;0;100 b=2\n", "share", 37, PLAN_GOOD, "");
	data("OK|'the share'=20%;; 'b'=3\n", "the share", 20, PLAN_GOOD, "");
	data("OK|'share'=1%", "share", 1, PLAN_GOOD, "");
	data("OK\nlong text\nmore|x=1\nshare=9%", "share", 9, PLAN_GOOD, "");
	/* Behind the text of more lines there can be more of them, after a bar of their own. */
	data("OK|x=1\nmore|share=8%", "share", 8, PLAN_GOOD, "");
	data("OK|x=1|share=7%|y=2", "share", 7, PLAN_GOOD, "");
	data("OK|share=0%", "share", 0, PLAN_BAD, "its share is 0%: OK");
	data("|share=0%", "share", 0, PLAN_BAD, "its share is 0%");
	data("OK|share=101%", "share", PLAN_SHARE_WRONG, PLAN_GOOD, "its share is \"101%\"; it must be 0% to 100%: OK");
	data("OK|share=37", "share", PLAN_SHARE_WRONG, PLAN_GOOD, "its share is \"37\"; it must be 0% to 100%: OK");
	data("OK|share=", "share", PLAN_SHARE_WRONG, PLAN_GOOD, "its share is \"\"; it must be 0% to 100%: OK");
	data("well\nshare=37%", "share", PLAN_SHARE_WRONG, PLAN_GOOD, "its performance data has no \"share\": well");
	data("OK|shares=37% myshare=2% 'share", "share", PLAN_SHARE_WRONG, PLAN_GOOD,
	     "its performance data has no \"share\": OK");
	data("OK|x='share=37%'", "share", PLAN_SHARE_WRONG, PLAN_GOOD, "its performance data has no \"share\": OK");
}

/* After `fall` results below or `rise` above, the share becomes the nearest of them. */
static void rises_and_falls(void **state)
{
	const struct judge j = { .rise = 3, .fall = 2 };
	struct judge_share s = { 0 };

	(void)state;
	/* Of a share that is not known, the whole one has to be said as often as any other. */
	assert_false(judge_share(&s, &j, 100) || judge_share(&s, &j, 100) || s.is);
	assert_true(judge_share(&s, &j, 100));
	assert_int_equal(s.is, 100);
	assert_false(judge_share(&s, &j, 40));
	assert_true(judge_share(&s, &j, 50));
	assert_int_equal(s.is, 50);
	/* One in the other direction, or the same one, begins anew. */
	assert_false(judge_share(&s, &j, 60) || judge_share(&s, &j, 70) || judge_share(&s, &j, 50) ||
		     judge_share(&s, &j, 70) || judge_share(&s, &j, 49) || judge_share(&s, &j, 51) ||
		     judge_share(&s, &j, 49) || judge_share(&s, &j, 80) || judge_share(&s, &j, 90));
	assert_true(judge_share(&s, &j, 100));
	assert_int_equal(s.is, 80);
	assert_false(judge_share(&s, &j, 100) || judge_share(&s, &j, 100));
	assert_true(judge_share(&s, &j, 100));
	assert_int_equal(s.is, 100);
	s.is = 0;
	assert_false(judge_share(&s, &j, 10));
	assert_true(judge_share(&s, &j, 20));
	assert_int_equal(s.is, 20);
}

/* Of an earlier release the entries are shorter, of a later one they may be longer. */
static void releases(void **state)
{
	const uint8_t earlier[] = { 0, 9, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 0, 0, 0, 0, 0, 0, 8, 2 };
	uint8_t bytes[SHARE_HEAD + SHARE_ENTRY];
	struct share_entry entry = { .key = 7, .health = JUDGE_UP, .share = 42 }, got;
	size_t at = 0, size = share_begin(bytes);

	(void)state;
	assert_int_equal(share_get(earlier, sizeof(earlier), &at, &got), 9);
	assert_true(got.key == 9 && got.health == JUDGE_UP && !got.share);
	assert_int_equal(share_get(earlier, sizeof(earlier), &at, &got), 9);
	assert_true(got.key == 8 && got.health == JUDGE_DOWN && !got.share);
	size += share_put(bytes + size, &entry);
	at = 0;
	assert_true(share_get(bytes, size, &at, &got) && got.share == 42);
	bytes[size - 1] = 101;
	at = 0;
	assert_true(share_get(bytes, size, &at, &got) && !got.share);
}

static void says(struct checks *all, uint32_t index, enum judge_health health, uint8_t share)
{
	struct plan_result r = {
		.index = index, .outcome = health == JUDGE_DOWN ? PLAN_BAD : PLAN_GOOD,
		.health = health, .share = share,
	};

	checks_ops.result(all, &r);
}

/* It says what is no share. */
static void says_wrong(struct checks *all, uint32_t index, uint8_t share)
{
	struct plan_result r = { .index = index, .health = JUDGE_UP, .share = share, .wrong = 1 };

	checks_ops.result(all, &r);
}

static uint8_t least(struct checks *all, const char *node, uint8_t said)
{
	node_shares_look(all);
	return node_share_least(node_share_find(all, node), said, 0);
}

/* Two members of n9 and one of n8 say shares; that of n7 has a check that says none. */
static void of_nodes(void **state)
{
	static const char agents[] = CHECK "kind = \"agent\"; port = 1; }, "
		"{ service = \"10.0.0.101:80/tcp\"; node = [ \"n9\", \"n8\" ]; kind = \"agent\"; port = 1; }, "
		"{ service = \"10.0.0.101:80/tcp\"; node = \"n7\"; kind = \"icmp\"; }";
	struct event_base *base = event_base_new();
	static struct module module;
	static struct notify notify;
	struct checks all, next;
	struct checker checker;
	struct conf *conf = parse_checks(agents), *less;

	(void)state;
	if (!conf)
		fail_msg("refused: %s", told);
	notify.conf = conf;
	checker_init(&checker, base, &checks_ops, &all);
	assert_int_equal(checks_make(&all, base, &module, &notify, &checker, conf, NULL), 0);
	for (unsigned int i = 0; i < all.n; i++)
		all.list[i].index = i;
	assert_int_equal(all.n_shares, 2);
	/* Nothing is known yet, so that nothing is set. Of n7 only its own agent says something. */
	assert_int_equal(least(&all, "n9", 100), 0);
	assert_int_equal(least(&all, "n7", 100), 100);
	assert_int_equal(least(&all, "n7", 0), 0);
	says(&all, 0, JUDGE_UP, 30);
	assert_int_equal(least(&all, "n9", 100), 30);
	assert_int_equal(least(&all, "n9", 20), 20);
	assert_int_equal(least(&all, "n9", 0), 30);
	assert_int_equal(least(&all, "n8", 100), 0);
	says(&all, 1, JUDGE_UP, 25);
	assert_int_equal(least(&all, "n9", 100), 25);
	/* A wrong one, and one of a check that cannot say any, change nothing. */
	says_wrong(&all, 1, 25);
	says(&all, 3, JUDGE_UP, 10);
	assert_int_equal(least(&all, "n9", 100), 25);
	assert_int_equal(all.list[3].share, 0);
	/* What a member has said ends with it. */
	says(&all, 1, JUDGE_DOWN, 0);
	assert_int_equal(least(&all, "n9", 100), 30);
	says(&all, 0, JUDGE_UP, 100);
	assert_int_equal(least(&all, "n9", 100), 100);
	assert_int_equal(least(&all, "n9", 0), 0);
	says(&all, 1, JUDGE_UP, 0);
	assert_int_equal(least(&all, "n9", 100), 0);
	/* What this agent itself has set does not stay. */
	assert_int_equal(node_share_least(node_share_find(&all, "n9"), 100, 30), 100);
	assert_int_equal(node_share_least(node_share_find(&all, "n9"), 0, 30), 100);
	/* Without checks it does, while the node's agent does not know. */
	assert_int_equal(node_share_least(NULL, 0, 30), 0);
	/* Nor does a wrong one make known what is not. */
	says_wrong(&all, 1, 0);
	assert_int_equal(least(&all, "n9", 100), 0);
	says(&all, 1, JUDGE_UP, 100);
	assert_int_equal(least(&all, "n9", 100), 100);
	/* It goes to the other nodes once, and in its time; a health does at once, three times. */
	assert_int_equal(all.list[1].urgent, 3);
	all.list[1].urgent = 0;
	all.share_at = 7;
	says(&all, 1, JUDGE_UP, 90);
	assert_true(all.list[1].urgent == 1 && all.share_at == 7);
	says(&all, 1, JUDGE_UP, 100);
	/* The holder of the vip says it. */
	all.list[0].follows = true;
	check_heard(&all.list[0], JUDGE_UP, 15);
	says(&all, 0, JUDGE_UP, 60);
	assert_int_equal(least(&all, "n9", 100), 15);
	all.list[0].follows = false;
	/* A reload keeps it; a node whose checks are gone gets its whole share. */
	says(&all, 2, JUDGE_UP, 35);
	less = parse_checks(CHECK "kind = \"agent\"; port = 1; }");
	assert_non_null(less);
	assert_int_equal(checks_make(&next, base, &module, &notify, &checker, less, &all), 0);
	assert_int_equal(least(&next, "n9", 100), 15);
	assert_int_equal(least(&next, "n8", 100), 100);
	assert_int_equal(node_share_find(&next, "n8")->share, 100);
	checks_free(&next);
	checks_free(&all);
	checker_close(&checker);
	event_base_free(base);
	conf_free(less);
	conf_free(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings),
		cmocka_unit_test(lines),
		cmocka_unit_test(datas),
		cmocka_unit_test(rises_and_falls),
		cmocka_unit_test(releases),
		cmocka_unit_test(of_nodes),
	};

	return cmocka_run_group_tests_name("agent_said", tests, conf_folder_make, conf_folder_remove);
}
