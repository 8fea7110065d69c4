// SPDX-License-Identifier: GPL-2.0
/* Health checks beyond TCP: their settings, the bytes between agent and haagentd-checks, and what servers answer. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>
#include <sodium.h>

#include "checks/packet.h"
#include "checks/plan.h"
#include "haagentd/check/check.h"
#include "haagentd/clock.h"
#include "haagentd/conf/conf.h"
#include "haagentd/check/floor.h"
#include "haagentd/check/rise_fall.h"
#include "haagentd/check/share.h"
#include "haagentd/check/share_wire.h"
#include "haagentd/peer/cluster.h"
#include "conf_checks.h"

#define MS	UINT64_C(1000000)
#define TCP	"service = \"10.0.0.100:80/tcp\"; node = \"n1\"; "
#define UDP	"service = \"10.0.0.100:53/udp\"; node = \"n1\"; "

/* One check, or the inside of several. */
static const char *groups(const char *settings)
{
	static char text[8192 + 8];

	assert_true(snprintf(text, sizeof(text), "{ %s }", settings) < (int)sizeof(text));
	return text;
}

static struct conf *parse(const char *settings)
{
	return parse_checks(groups(settings));
}

static struct conf *good(const char *settings)
{
	struct conf *c = parse(settings);

	if (!c)
		fail_msg("refused: %s", told);
	assert_int_equal(c->n_checks, 1);
	return c;
}

static void bad(const char *settings, const char *why)
{
	bad_checks(groups(settings), why);
}

/* The words of a check, one after the other with bars between. */
static const char *words(const struct conf_check *c)
{
	static char text[PLAN_BYTES];
	size_t i;

	assert_true(c->words_size < sizeof(text));
	for (i = 0; i + 1 < c->words_size; i++)
		text[i] = c->words[i] ? c->words[i] : '|';
	text[i] = 0;
	return text;
}

static void kinds(void **state)
{
	struct conf *c;

	(void)state;
	c = good(TCP "kind = \"http\";");
	assert_int_equal(c->checks[0].kind, PLAN_HTTP);
	assert_int_equal(c->checks[0].port, 80);
	assert_int_equal(c->checks[0].from, 200);
	assert_int_equal(c->checks[0].to, 399);
	assert_true(c->checks[0].interval == 1000 * MS && c->checks[0].timeout == 1000 * MS);
	assert_string_equal(words(&c->checks[0]), "/||");
	conf_free(c);
	c = good(TCP "kind = \"https\"; port = 8443; path = \"/a?b=c\"; host = \"x.example\"; status = \"200-204\"; "
		 "body = \"all well\"; verify = true;");
	assert_int_equal(c->checks[0].port, 8443);
	assert_int_equal(c->checks[0].to, 204);
	assert_true(c->checks[0].verify);
	assert_string_equal(words(&c->checks[0]), "/a?b=c|x.example|all well");
	conf_free(c);
	c = good(TCP "kind = \"http\"; status = 404; host = \"[fd00::1]\";");
	assert_int_equal(c->checks[0].from, 404);
	assert_int_equal(c->checks[0].to, 404);
	conf_free(c);
	c = good(TCP "kind = \"exec\"; command = [ \"/bin/true\", \"-H\", \"{address}\" ];");
	assert_string_equal(words(&c->checks[0]), "/bin/true|-H|{address}");
	assert_true(c->checks[0].interval == 5000 * MS);
	conf_free(c);
	c = good(TCP "kind = \"exec\"; command = \"/bin/true\";");
	assert_int_equal(c->checks[0].n_words, 1);
	conf_free(c);
	c = good("service = \"10.0.0.100\"; node = \"n1\"; kind = \"icmp\";");
	assert_int_equal(c->checks[0].n_words, 0);
	assert_true(c->checks[0].interval == 200 * MS);
	conf_free(c);
	c = good(UDP "kind = \"udp\"; send = \"a\\x02\"; expect = \"b\";");
	assert_string_equal(words(&c->checks[0]), "a\x02|b");
	conf_free(c);
	c = good(UDP "kind = \"dns\"; name = \"example.org\"; record = \"aaaa\";");
	assert_int_equal(c->checks[0].from, 28);
	conf_free(c);
}

static void refused(void **state)
{
	char text[1200];

	(void)state;
	bad(TCP "path = \"/\";", "for checks of kind \"http\" and \"https\", and this one is of kind \"tcp\"");
	bad(TCP "kind = \"http\"; verify = true;", "for checks of kind \"https\"");
	bad(TCP "kind = \"http\"; path = \"x\";", "must begin with /");
	bad(TCP "kind = \"http\"; path = \"/a b\";", "neither spaces");
	bad(TCP "kind = \"http\"; path = \"/a\\r\\nX: y\";", "neither spaces");
	bad(TCP "kind = \"http\"; host = \"\";", "the name of the site");
	bad(TCP "kind = \"http\"; host = \"a:80\";", "without port");
	bad(TCP "kind = \"http\"; host = \"a/b\";", "without port");
	bad(TCP "kind = \"http\"; host = \"a@b\";", "without port");
	bad(TCP "kind = \"http\"; host = \"[::1\";", "without port");
	bad(TCP "kind = \"http\"; status = 99;", "from 100 to 599");
	bad(TCP "kind = \"http\"; status = \"ok\";", "as \"200-299\"");
	bad(TCP "kind = \"http\"; status = \"300-200\";", "as \"200-299\"");
	bad(TCP "kind = \"http\"; status = \"200-600\";", "as \"200-299\"");
	bad(TCP "kind = \"http\"; status = \"200--01\";", "as \"200-299\"");
	bad(TCP "kind = \"http\"; body = \"\";", "1 to 1024");
	bad(TCP "kind = \"https\"; verify = true;", "needs a \"host\"");
	bad(TCP "kind = \"exec\";", "needs a \"command\"");
	bad(TCP "kind = \"exec\"; command = [ ];", "1 to 22");
	bad(TCP "kind = \"exec\"; command = \"true\";", "whole path");
	bad(TCP "kind = \"exec\"; command = \"/nowhere/x\";", "cannot be run");
	bad(TCP "kind = \"exec\"; command = \"/bin/true\"; interval = \"50ms\";", "from \"100ms\"");
	bad(UDP "kind = \"udp\";", "needs a \"send\"");
	bad(UDP "kind = \"dns\";", "needs a \"name\"");
	bad(UDP "kind = \"dns\"; name = \"a..b\";", "cannot be a name");
	bad(UDP "kind = \"dns\"; name = \"a\"; record = \"AXFR\";", "it can be \"A\"");
	/* What cannot fit. */
	bad(UDP "kind = \"tcp\";", "cannot fit port 53 of a service by udp");
	bad(UDP "kind = \"http\";", "give it the \"port\" by TCP");
	bad(TCP "kind = \"dns\"; name = \"a\";", "cannot fit port 80 of a service by tcp");
	bad(TCP "kind = \"udp\"; send = \"a\";", "give it the \"port\" by UDP");
	conf_free(good(UDP "kind = \"tcp\"; port = 53;"));
	bad("service = \"10.0.0.100\"; node = \"n1\"; kind = \"http\";", "needs a \"port\"");
	bad(TCP "away = 0;", "\"away\"");
	bad(TCP "kind = \"icmp\"; port = 80;", "\"port\" is for checks of kind \"tcp\" and \"http\"");
	bad(TCP "address = \"10.0.0.100\";", "is the vip, which does not lead to the member");
	bad(TCP "address = \"0.0.0.0\";", "is no address of any machine");
	bad(TCP "address = \"::\";", "is no address of any machine");
	bad(TCP "address = \"224.0.0.1\";", "is no address of one machine");
	bad(TCP "address = \"255.255.255.255\";", "is no address of one machine");
	bad(TCP "address = \"ff02::1\";", "is no address of one machine");
	bad(TCP "address = \"fe80::1\";", "is link-local");
	conf_free(good(TCP "address = \"127.0.0.1\";"));
	conf_free(good(TCP "address = \"::1\";"));
	bad("service = \"10.0.0.100:80/tcp\"; node = \"n2\"; address = \"127.0.0.1\";", "does not lead to node \"n2\"");
	bad("service = \"10.0.0.100:80/tcp\"; node = \"n2\"; address = \"::1\";", "does not lead to node \"n2\"");
	bad("service = \"10.0.0.100:80/tcp\"; node = [ \"n1\", \"n2\" ]; address = \"10.0.0.7\";",
	    "cannot be that of 2 nodes");
	/* Texts that are too long, one by one and together. */
	snprintf(text, sizeof(text), TCP "kind = \"http\"; body = \"%01025d\";", 0);
	bad(text, "1025 characters");
}

/* `at` is a port, or says that the member is asked through the vip. */
static void at_vip(void **state)
{
	struct conf *c;

	(void)state;
	c = good(TCP "at = \"vip\";");
	assert_true(c->checks[0].vip);
	assert_int_equal(c->checks[0].at, 0);
	assert_int_equal(c->checks[0].port, 80);
	conf_free(c);
	c = good(TCP "at = \"vip\"; port = 443;");
	assert_int_equal(c->checks[0].port, 443);
	conf_free(c);
	c = good(TCP "at = 8080;");
	assert_false(c->checks[0].vip);
	assert_int_equal(c->checks[0].at, 8080);
	conf_free(c);
	conf_free(good(TCP "at = \"vip\"; kind = \"icmp\";"));
	conf_free(good(UDP "at = \"vip\"; kind = \"udp\"; send = \"a\";"));
	conf_free(good(UDP "at = \"vip\"; kind = \"dns\"; name = \"a\";"));
	bad(TCP "at = \"vips\";", "\"at\" is \"vips\"; it must be \"vip\", or the port");
	bad(TCP "at = \"80\";", "it must be \"vip\", or the port");
	conf_free(good(TCP "at = \"vip\"; kind = \"http\"; path = \"/a\"; body = \"b\";"));
	bad(TCP "at = \"vip\"; kind = \"https\";", "by hand there. Take \"at\" out, so");
	bad(TCP "at = \"vip\"; kind = \"exec\"; command = \"/bin/true\";", "cannot be of kind \"exec\"");
	bad(TCP "at = \"vip\"; address = \"10.0.0.1\";", "contradict each other");
	bad(UDP "at = \"vip\";", "cannot fit port 53 of a service by udp");
	bad("service = \"10.0.0.100\"; node = \"n1\"; at = \"vip\";", "needs a \"port\"");
	/* A node has one member of a service that is reached through the vip. */
	bad(TCP "at = \"vip\"; }, { " TCP, "has a check already");
}

static void long_command(void **state)
{
	char text[8192] = TCP "kind = \"exec\"; command = [ \"/bin/true\"";
	unsigned int i;

	(void)state;
	for (i = 0; i < 21; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ", \"%0200d\"", 0);
	strcat(text, " ];");
	bad(text, "are the most");
}

static void floors(void **state)
{
	static const struct {
		unsigned int percent, n, open_from;
	} cases[] = {
		/* With 50 % of two, one that is down is heeded. */
		{ 50, 2, 2 }, { 50, 3, 2 }, { 50, 4, 3 }, { 1, 3, 3 }, { 100, 3, 1 }, { 34, 3, 2 }, { 50, 1, 1 },
		{ 67, 3, 1 }, { 99, 4096, 41 },
	};
	unsigned int i, down;
	struct conf *c;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct floor f = { .percent = cases[i].percent, .n = cases[i].n };

		for (down = 0; down <= f.n; down++) {
			assert_int_equal(floor_set(&f, down), down == cases[i].open_from);
			assert_int_equal(f.open, down >= cases[i].open_from);
		}
		assert_true(floor_set(&f, 0));
		assert_false(f.open);
	}
	/* One check of a service has it, and it is of all; another service has none. */
	c = parse(TCP "}, { service = \"10.0.0.100:80/tcp\"; node = \"n2\"; min_healthy = \"50%\"; damp = false; }, { "
		  UDP
		  "kind = \"icmp\";");
	assert_non_null(c);
	assert_int_equal(c->checks[0].min_healthy, 50);
	assert_int_equal(c->checks[1].min_healthy, 50);
	assert_int_equal(c->checks[2].min_healthy, 0);
	assert_true(c->checks[0].damp && !c->checks[1].damp);
	conf_free(c);
	bad(TCP "min_healthy = \"40%\"; }, { service = \"10.0.0.100:80/tcp\"; node = \"n2\"; min_healthy = \"50%\";",
	    "line 2 has \"40%\" for the same service");
	bad(TCP "min_healthy = \"0%\";", "from \"1%\" to \"100%\"");
	bad(TCP "min_healthy = \"101%\";", "from \"1%\"");
	bad(TCP "min_healthy = \"50\";", "as \"50%\"");
	bad(TCP "min_healthy = 50;", "double quotes");
	bad(TCP "damp = \"no\";", "true or false");
}

/* What haagentd-checks says of a check. */
static void says(struct checks *all, uint32_t index, enum plan_outcome outcome, enum judge_health health)
{
	struct plan_result r = { .index = index, .outcome = outcome, .health = health, .text = "so" };

	checks_ops.result(all, &r);
}

/* Results that come from haagentd-checks: unsure ones change nothing, a member that flaps waits, a floor holds. */
static void results_taken(void **state)
{
	static struct module module;
	static struct notify notify;
	struct event_base *base = event_base_new();
	struct checks all, next;
	struct checker checker;
	struct conf *c;
	uint64_t now;

	(void)state;
	c = parse("service = \"10.0.0.1:80/tcp\"; node = [ \"n1\", \"n2\" ]; kind = \"http\"; "
		  "min_healthy = \"50%\"; }, "
		  "{ service = \"10.0.0.2:80/tcp\"; node = \"n1\"; }, "
		  "{ service = \"10.0.0.3:80/tcp\"; node = \"n1\"; kind = \"icmp\"; damp = false;");
	assert_non_null(c);
	assert_int_equal(c->n_checks, 4);
	notify.conf = c;
	checker_init(&checker, base, &checks_ops, &all);
	assert_int_equal(checks_make(&all, base, &module, &notify, &checker, c, NULL), 0);
	all.list[0].index = 0;
	all.list[1].index = 1;
	all.list[3].index = 2;
	/* No check has that index; the one by TCP has none. */
	says(&all, 3, PLAN_BAD, JUDGE_DOWN);
	says(&all, 2, PLAN_UNSURE, JUDGE_UNKNOWN);
	assert_int_equal(all.list[2].judge.health, JUDGE_UNKNOWN);
	assert_false(all.list[2].tried);
	assert_int_equal(all.list[3].judge.health, JUDGE_UNKNOWN);
	assert_int_equal(all.list[3].outcome, PLAN_UNSURE);
	says(&all, 2, PLAN_GOOD, JUDGE_UP);
	assert_int_equal(all.list[3].judge.health, JUDGE_UP);
	says(&all, 2, PLAN_UNSURE, JUDGE_UP);
	assert_int_equal(all.list[3].judge.health, JUDGE_UP);

	/* It went down once: up at once. Twice: it waits. */
	assert_string_equal(check_health_word(&all.list[0]), "unknown");
	says(&all, 0, PLAN_BAD, JUDGE_DOWN);
	says(&all, 0, PLAN_GOOD, JUDGE_UP);
	assert_int_equal(all.list[0].held, 0);
	says(&all, 0, PLAN_BAD, JUDGE_DOWN);
	assert_string_equal(check_health_word(&all.list[0]), "down");
	says(&all, 0, PLAN_GOOD, JUDGE_UP);
	assert_int_equal(all.list[0].held, 0);
	says(&all, 0, PLAN_BAD, JUDGE_DOWN);
	now = clock_now();
	says(&all, 0, PLAN_GOOD, JUDGE_UP);
	assert_true(all.list[0].held >= now + 10 * CLOCK_SECOND && all.list[0].held < now + 11 * CLOCK_SECOND);
	/* Down again, it waits no more, and for longer the next time. */
	says(&all, 0, PLAN_BAD, JUDGE_DOWN);
	assert_int_equal(all.list[0].held, 0);
	says(&all, 0, PLAN_GOOD, JUDGE_UP);
	assert_true(all.list[0].held >= now + 20 * CLOCK_SECOND);
	for (unsigned int i = 0; i < 9; i++) {
		says(&all, 2, PLAN_BAD, JUDGE_DOWN);
		says(&all, 2, PLAN_GOOD, JUDGE_UP);
		assert_int_equal(all.list[3].held, 0);
	}

	/* Of the two members one may be down, and not both. */
	assert_int_equal(all.n_floors, 1);
	says(&all, 1, PLAN_BAD, JUDGE_DOWN);
	assert_false(all.floors[0].open);
	says(&all, 0, PLAN_BAD, JUDGE_DOWN);
	assert_true(all.floors[0].open);
	/* A configuration that is read again goes on from there. */
	assert_int_equal(checks_make(&next, base, &module, &notify, &checker, c, &all), 0);
	assert_int_equal(next.list[0].judge.health, JUDGE_DOWN);
	assert_string_equal(next.list[0].text, "so");
	assert_true(next.floors[0].open);
	assert_true(flap_penalty(&next.list[0].flap, clock_now()) > 0);
	assert_int_equal(next.list[3].judge.health, JUDGE_UP);
	checks_free(&next);
	says(&all, 1, PLAN_GOOD, JUDGE_UP);
	assert_false(all.floors[0].open);
	checks_free(&all);
	checker_close(&checker);
	event_base_free(base);
	conf_free(c);
}

static void make(struct checks *all, struct conf *c, const struct checks *old)
{
	static struct module module;
	static struct notify notify;
	static struct checker checker;

	assert_non_null(c);
	notify.conf = c;
	assert_int_equal(checks_make(all, NULL, &module, &notify, &checker, c, old), 0);
}

/* Nobody is asked before the module has told where, and by which way. What it told holds over another file. */
static void not_told_yet(void **state)
{
	static const char settings[] = TCP "at = \"vip\"; }, "
		"{ service = \"10.0.0.1:80/tcp\"; node = \"n2\"; kind = \"http\"; }, "
		"{ service = \"10.0.0.1:80/tcp\"; node = \"n3\"; address = \"10.0.0.9\";";
	struct conf *c = parse(settings), *d;
	struct checks all, next;

	(void)state;
	make(&all, c, NULL);
	assert_ptr_equal(all.list[0].why, aim_unanswered);
	assert_ptr_equal(all.list[1].why, aim_unanswered);
	assert_null(all.list[2].why);
	assert_int_equal(all.list[2].target.ss_family, AF_INET);
	checks_aim(&all);
	assert_ptr_equal(all.list[1].why, aim_unanswered);
	all.list[0].why = NULL;
	all.list[0].way = PLAN_TUNNEL;
	assert_null(hasw_addr_parse(&all.list[1].goal, "10.0.0.2"));
	all.list[1].why = NULL;
	d = parse(settings);
	make(&next, d, &all);
	assert_null(next.list[0].why);
	assert_int_equal(next.list[0].way, PLAN_TUNNEL);
	assert_null(next.list[1].why);
	assert_int_equal(next.list[1].target.ss_family, AF_INET);
	assert_int_equal(next.list[1].way, PLAN_PLAIN);
	checks_free(&next);
	conf_free(d);
	/* The way through the vip is none to the member itself, nor the other way round. */
	d = parse(TCP "at = 80; }, { service = \"10.0.0.1:80/tcp\"; node = \"n2\"; at = \"vip\"; kind = \"http\";");
	make(&next, d, &all);
	assert_ptr_equal(next.list[0].why, aim_unanswered);
	assert_ptr_equal(next.list[1].why, aim_unanswered);
	checks_free(&next);
	checks_free(&all);
	conf_free(d);
	conf_free(c);
}

/* Entries of a record, also one of a later release, whose entries are longer. */
static void share_bytes(void **state)
{
	struct share_entry entry = { .key = UINT64_C(0x0102030405060708), .health = JUDGE_DOWN }, got;
	uint8_t bytes[SHARE_HEAD + 3 * SHARE_ENTRY], later[] = { 0, 11, 0, 0, 0, 0, 0, 0, 0, 9, 1, 77, 77,
								 0, 0, 0, 0, 0, 0, 0, 8, 2, 77 };
	size_t size = share_begin(bytes), at = 0, cut, n;

	(void)state;
	size += share_put(bytes + size, &entry);
	assert_memory_equal(bytes, "\0\12\1\2\3\4\5\6\7\10\2\0", SHARE_HEAD + SHARE_ENTRY);
	entry.key = 5;
	entry.health = (enum judge_health)7;
	size += share_put(bytes + size, &entry);
	entry.health = JUDGE_UP;
	size += share_put(bytes + size, &entry);
	assert_int_equal(size, sizeof(bytes));
	assert_true(share_get(bytes, size, &at, &got));
	assert_true(got.key == UINT64_C(0x0102030405060708) && got.health == JUDGE_DOWN);
	/* The second one says what this release does not know. */
	assert_true(share_get(bytes, size, &at, &got));
	assert_true(got.key == 5 && got.health == JUDGE_UP);
	assert_false(share_get(bytes, size, &at, &got));
	for (cut = 0; cut < size; cut++) {
		for (at = n = 0; share_get(bytes, cut, &at, &got); n++)
			;
		assert_int_equal(n, cut >= SHARE_HEAD + SHARE_ENTRY);
	}
	at = 0;
	assert_int_equal(share_get(later, sizeof(later), &at, &got), 11);
	assert_true(got.key == 9 && got.health == JUDGE_UP);
	assert_false(share_get(later, sizeof(later), &at, &got));
	later[1] = SHARE_LEAST - 1;
	at = 0;
	assert_false(share_get(later, sizeof(later), &at, &got));
}

static void tells(struct checks *all, uint64_t key, enum judge_health health, uint64_t now)
{
	struct share_entry entry = { .key = key, .health = health };
	uint8_t bytes[SHARE_HEAD + SHARE_ENTRY];
	struct wire_record record = { .type = WIRE_RECORD_HEALTH, .data = bytes };

	record.size = share_begin(bytes);
	record.size += share_put(bytes + record.size, &entry);
	share_take(all, "n9", &record, now);
	record.type = WIRE_RECORD_VOTES;
	share_take(all, "n9", &record, now);
}

/* A node that does not hold the vip follows its holder, until it holds the vip itself or hears nothing any more. */
static void followed(void **state)
{
	static struct cluster cluster;
	static struct module module;
	static struct notify notify;
	struct event_base *base = event_base_new();
	struct checks all, other;
	struct checker checker;
	uint64_t now = 1000 * CLOCK_SECOND;
	struct check *c;
	struct conf *conf;
	unsigned int i;

	(void)state;
	conf = parse("service = \"10.0.0.1:80/tcp\"; node = [ \"n1\", \"n2\" ]; kind = \"icmp\"; away = 20; }, "
		     "{ service = \"10.0.0.2:80/tcp\"; node = \"n1\"; kind = \"icmp\"; away = 1; }, "
		     "{ service = \"10.0.0.3:80/tcp\"; node = \"n1\"; kind = \"icmp\"; damp = false; rise = 9;");
	assert_non_null(conf);
	assert_int_equal(conf->checks[0].away, 20);
	assert_int_equal(conf->checks[3].away, 10);
	notify.conf = conf;
	checker_init(&checker, base, &checks_ops, &all);
	assert_int_equal(checks_make(&all, base, &module, &notify, &checker, conf, NULL), 0);
	assert_int_equal(checks_make(&other, base, &module, &notify, &checker, conf, NULL), 0);
	for (i = 0; i < 4; i++) {
		all.list[i].index = i;
		snprintf(all.list[i].lease, sizeof(all.list[i].lease), "web");
		/* As if the module had told the nodes' addresses. */
		all.list[i].why = NULL;
		/* The key does not depend on how often is checked, but on what. */
		other.list[i].conf.interval *= 2;
		other.list[i].conf.rise++;
		assert_true(share_key(&other.list[i]) == all.list[i].key);
		other.list[i].conf.port++;
		assert_true(share_key(&other.list[i]) != all.list[i].key);
		assert_true(all.list[i].key != all.list[(i + 1) % 4].key);
	}
	checks_free(&other);
	c = &all.list[0];
	/* The holder believes itself. */
	tells(&all, c->key, JUDGE_DOWN, now);
	share_tick(&all, &cluster, now);
	assert_int_equal(c->judge.health, JUDGE_UNKNOWN);
	assert_false(c->follows);
	says(&all, 0, PLAN_GOOD, JUDGE_UP);

	share_lease(&all, "other", false);
	assert_true(c->holder);
	share_lease(&all, "web", false);
	assert_false(c->holder || c->follows);
	/* Nothing heard: its own results count. */
	says(&all, 0, PLAN_BAD, JUDGE_DOWN);
	assert_int_equal(c->judge.health, JUDGE_DOWN);
	tells(&all, c->key, JUDGE_UP, now);
	tells(&all, all.list[2].key, JUDGE_UP, now);
	tells(&all, 12345, JUDGE_UP, now);
	share_tick(&all, &cluster, now += CLOCK_SECOND);
	assert_true(c->follows);
	assert_string_equal(c->from, "n9");
	assert_false(all.list[1].follows || all.list[2].follows || all.list[3].follows);
	tells(&all, c->key, JUDGE_UP, now);
	assert_int_equal(c->judge.health, JUDGE_UP);
	says(&all, 0, PLAN_BAD, JUDGE_DOWN);
	assert_int_equal(c->judge.health, JUDGE_UP);
	assert_int_equal(c->outcome, PLAN_BAD);
	tells(&all, c->key, JUDGE_DOWN, now);
	assert_int_equal(c->judge.health, JUDGE_DOWN);
	/* It hears nothing any more. */
	share_tick(&all, &cluster, now + 19 * CLOCK_SECOND);
	assert_true(c->follows);
	share_tick(&all, &cluster, now += 21 * CLOCK_SECOND);
	assert_false(c->follows);
	says(&all, 0, PLAN_GOOD, JUDGE_UP);
	assert_int_equal(c->judge.health, JUDGE_UP);
	/* It holds the vip itself. */
	tells(&all, c->key, JUDGE_DOWN, now);
	share_tick(&all, &cluster, now += CLOCK_SECOND);
	assert_true(c->follows);
	all.retell_at = 0;
	share_lease(&all, "web", true);
	assert_true(c->holder && !c->follows && all.retell_at && !all.share_at);
	tells(&all, c->key, JUDGE_DOWN, now);
	assert_int_equal(c->judge.health, JUDGE_UP);
	checks_free(&all);
	checker_close(&checker);
	event_base_free(base);
	conf_free(conf);
}

static void plans(void **state)
{
	static const char text[] = "n1\0[::1]:80/tcp\0/\0\0\0";
	struct plan plan = {
		.interval = 1, .timeout = 1, .rise = 1, .fall = 1, .kind = PLAN_HTTP, .n_words = 5,
		.size = sizeof(text) - 1, .address = { .family = AF_INET },
	}, back;
	const char *got[PLAN_WORDS + 1];
	struct plan_buf b = { 0 };
	uint8_t *copy;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		plan_put(&b, &plan, sizeof(plan));
		plan_put(&b, text, sizeof(text) - 1);
	}
	assert_false(b.failed);
	assert_int_equal(b.size, 1000 * (sizeof(plan) + sizeof(text) - 1));
	assert_int_equal(plan_take(b.at, b.size, &back, got), sizeof(plan) + sizeof(text) - 1);
	assert_memory_equal(&plan, &back, sizeof(plan));
	assert_string_equal(got[PLAN_SERVICE], "[::1]:80/tcp");
	assert_string_equal(got[PLAN_BODY], "");
	assert_null(got[5]);
	/* Cut off anywhere it is no plan; the bytes lie at the end of their memory. */
	for (i = 0; i < sizeof(plan) + sizeof(text) - 1; i++) {
		copy = malloc(i ? i : 1);
		assert_non_null(copy);
		memcpy(copy, b.at, i);
		assert_int_equal(plan_take(copy, i, &back, got), 0);
		free(copy);
	}
#define WRONG(set) do { \
	struct plan was = plan; \
	set; \
	memcpy(b.at, &plan, sizeof(plan)); \
	assert_int_equal(plan_take(b.at, b.size, &back, got), 0); \
	plan = was; \
} while (0)
	WRONG(plan.kind = PLAN_TCP);
	WRONG(plan.kind = PLAN_KINDS);
	WRONG(plan.interval = 0);
	WRONG(plan.rise = 0);
	WRONG(plan.health = 3);
	WRONG(plan.n_words = 4);
	WRONG(plan.n_words = 6);
	WRONG(plan.n_words = PLAN_WORDS + 1);
	WRONG(plan.size = PLAN_BYTES + 1);
	WRONG(plan.address.family = 1);
	WRONG(plan.kind = PLAN_HTTPS; plan.way = PLAN_FRAME; plan.vip.family = AF_INET);
	plan.kind = PLAN_TCP;
	WRONG(plan.way = PLAN_FRAME);
	plan.vip.family = AF_INET6;
	WRONG(plan.way = PLAN_WAYS);
	plan.way = PLAN_FRAME;
	WRONG(plan.vip.family = 1);
	WRONG(plan.own.family = 1);
	WRONG(memset(plan.dev, 'a', sizeof(plan.dev)));
	memcpy(b.at, &plan, sizeof(plan));
	assert_int_equal(plan_take(b.at, b.size, &back, got), sizeof(plan) + sizeof(text) - 1);
	free(b.at);
}

static void results(void **state)
{
	struct plan_result r = { .text = "status\x1b[0m \xff" };

	(void)state;
	assert_true(plan_result_sound(&r, sizeof(r)));
	assert_string_equal(r.text, "status\\x1b[0m \\xff");
	assert_false(plan_result_sound(&r, sizeof(r) - 1));
	r.outcome = PLAN_OUTCOMES;
	assert_false(plan_result_sound(&r, sizeof(r)));
	r.outcome = PLAN_BAD;
	r.health = JUDGE_DOWN + 1;
	assert_false(plan_result_sound(&r, sizeof(r)));
	r.health = JUDGE_DOWN;
	memset(r.text, 'a', sizeof(r.text));
	assert_false(plan_result_sound(&r, sizeof(r)));
}

static void dns(void **state)
{
	static const uint8_t wanted[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1";
	uint8_t query[DNS_QUERY], answer[600] = { 0 };
	char why[DNS_WHY], name[300];
	size_t size, i;

	(void)state;
	size = dns_query(query, "example.org", dns_type("a"), 0x1234);
	assert_int_equal(size, sizeof(wanted) - 1);
	assert_memory_equal(query, wanted, size);
	assert_int_equal(dns_query(query, "example.org.", 1, 0x1234), size);
	assert_int_equal(dns_query(query, ".", 1, 0), 17);
	assert_int_equal(dns_query(query, "", 1, 0), 0);
	assert_int_equal(dns_query(query, ".a", 1, 0), 0);
	/* A label of 63 and no more, a name of 255 bytes and no more. */
	memset(name, 'a', sizeof(name));
	name[63] = 0;
	assert_int_equal(dns_query(query, name, 1, 0), 12 + 65 + 4);
	name[63] = 'a';
	name[64] = 0;
	assert_int_equal(dns_query(query, name, 1, 0), 0);
	for (i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? '.' : 'a';
	name[253] = 0;
	assert_int_equal(dns_query(query, name, 1, 0), 12 + 255 + 4);
	name[253] = '.';
	name[254] = 'a';
	name[255] = 0;
	assert_int_equal(dns_query(query, name, 1, 0), 0);

	size = dns_query(query, "example.org", 1, 0x1234);
	memcpy(answer, query, size);
	/* The query itself is no answer. */
	assert_int_equal(dns_judge(answer, size, query, size, why), DNS_FOREIGN);
	answer[2] = 0x81;
	assert_int_equal(dns_judge(answer, size, query, size, why), DNS_BAD);
	assert_string_equal(why, "the answer has no record");
	answer[7] = 2;
	assert_int_equal(dns_judge(answer, size, query, size, why), DNS_GOOD);
	assert_string_equal(why, "2 records");
	answer[13] ^= 0x20;
	assert_int_equal(dns_judge(answer, size, query, size, why), DNS_GOOD);
	answer[13] ^= 1;
	assert_int_equal(dns_judge(answer, size, query, size, why), DNS_FOREIGN);
	answer[13] ^= 0x21;
	assert_int_equal(dns_judge(answer, size - 1, query, size, why), DNS_FOREIGN);
	answer[3] = 5;
	assert_int_equal(dns_judge(answer, size, query, size, why), DNS_BAD);
	assert_string_equal(why, "refused (code 5)");
	answer[3] = 15;
	assert_int_equal(dns_judge(answer, size, query, size, why), DNS_BAD);
	/* Without the question. */
	answer[5] = 0;
	assert_int_equal(dns_judge(answer, 12, query, size, why), DNS_BAD);
	assert_int_equal(dns_judge(answer, 11, query, size, why), DNS_FOREIGN);
	answer[1] ^= 1;
	assert_int_equal(dns_judge(answer, size, query, size, why), DNS_FOREIGN);
	/* Cut off for its length. */
	memset(answer, 0, 12);
	memcpy(answer, "\x12\x34\x83\x80", 4);
	assert_int_equal(dns_judge(answer, 12, query, size, why), DNS_GOOD);
	assert_int_equal(dns_type("AXFR"), 0);
}

static void echoes(void **state)
{
	uint8_t packet[20 + ECHO_SIZE + 1] = { 0x45 };
	uint32_t index = 0, sum = 0;
	uint64_t token = 0;
	size_t i;

	(void)state;
	echo_write(packet + 20, AF_INET, 77, 0x1122334455667788);
	for (i = 0; i < ECHO_SIZE; i += 2)
		sum += (uint32_t)packet[20 + i] << 8 | packet[21 + i];
	assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
	assert_false(echo_read(packet, 20 + ECHO_SIZE, AF_INET, &index, &token));
	packet[20] = 0;
	assert_true(echo_read(packet, 20 + ECHO_SIZE, AF_INET, &index, &token));
	assert_int_equal(index, 77);
	assert_true(token == 0x1122334455667788);
	assert_false(echo_read(packet, 20 + ECHO_SIZE - 1, AF_INET, &index, &token));
	assert_false(echo_read(packet, 20 + ECHO_SIZE + 1, AF_INET, &index, &token));
	assert_false(echo_read(packet, 0, AF_INET, &index, &token));
	packet[0] = 0x44;
	assert_false(echo_read(packet, 20 + ECHO_SIZE, AF_INET, &index, &token));
	packet[0] = 0x4f;
	assert_false(echo_read(packet, 20 + ECHO_SIZE, AF_INET, &index, &token));
	echo_write(packet, AF_INET6, 78, 5);
	assert_false(echo_read(packet, ECHO_SIZE, AF_INET6, &index, &token));
	packet[0] = 129;
	assert_true(echo_read(packet, ECHO_SIZE, AF_INET6, &index, &token));
	assert_int_equal(index, 78);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(refused),
		cmocka_unit_test(at_vip),
		cmocka_unit_test(long_command),
		cmocka_unit_test(floors),
		cmocka_unit_test(results_taken),
		cmocka_unit_test(not_told_yet),
		cmocka_unit_test(share_bytes),
		cmocka_unit_test(followed),
		cmocka_unit_test(plans),
		cmocka_unit_test(results),
		cmocka_unit_test(dns),
		cmocka_unit_test(echoes),
	};

	return cmocka_run_group_tests_name("agent_checks", tests, conf_folder_make, conf_folder_remove);
}
