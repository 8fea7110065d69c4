// SPDX-License-Identifier: GPL-2.0
/* The grammar of haadm: what commands become, and what is said of those that are wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "haadm/commands.h"
#include "haadm/parse/lines.h"
#include "lib/generated/spec_gen.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct request req;
static struct lines lines;

/* Parses a command that is written as one line; what it says points into it. */
static int parse(const char *text, struct complaint *complaint)
{
	int n;

	lines_free(&lines);
	lines_init(&lines, strdup(text), strlen(text));
	n = lines_next(&lines);
	return request_parse(&req, n, lines.words, complaint);
}

static void right(const char *text)
{
	struct complaint complaint;

	if (parse(text, &complaint))
		fail_msg("\"%s\": %s", text, complaint.text);
}

/* The complaint about TEXT has SAYS in it. */
static void wrong(const char *text, const char *says)
{
	struct complaint complaint;

	if (!parse(text, &complaint))
		fail_msg("\"%s\" was understood", text);
	if (!strstr(complaint.text, says))
		fail_msg("\"%s\": \"%s\" has no \"%s\"", text, complaint.text, says);
}

static void nodes(void **state)
{
	(void)state;
	right("node add n1 addr 10.0.0.1 addr 2001:db8::1 zone rack-a lladdr 02:00:00:00:00:01 dev eth0 self");
	assert_int_equal(req.verb->cmd, HASWITCH_CMD_NODE_ADD);
	assert_string_equal(req.name, "n1");
	assert_true(req.given == (ATTR(HASWITCH_A_NODE_NAME) | ATTR(HASWITCH_A_NODE_ADDR4) |
				  ATTR(HASWITCH_A_NODE_ADDR6) | ATTR(HASWITCH_A_NODE_ZONE) |
				  ATTR(HASWITCH_A_NODE_LLADDR) | ATTR(HASWITCH_A_NODE_DEV) |
				  ATTR(HASWITCH_A_NODE_SELF)));
	assert_memory_equal(req.value[HASWITCH_A_NODE_ADDR4].bytes, "\x0a\x00\x00\x01", 4);
	assert_int_equal(req.value[HASWITCH_A_NODE_LLADDR].bytes[5], 1);
	right("node set n1 state maintenance zone b");
	assert_int_equal(req.value[HASWITCH_A_NODE_ADMIN].number, HASWITCH_ADMIN_STATE_MAINTENANCE);
	right("zone set a state drain within 5m");
	assert_int_equal(req.verb->cmd, HASWITCH_CMD_ZONE_SET);
	assert_true(req.given == (ATTR(HASWITCH_A_NODE_ZONE) | ATTR(HASWITCH_A_NODE_ADMIN) |
				  ATTR(HASWITCH_A_NODE_WITHIN)));
	right("zone");
	right("zone show a");
	wrong("zone set", "NAME is missing");
	wrong("zone set a", "\"state\" is missing");
	wrong("zone set a state lost", "unknown word \"lost\"");
	right("node verdict n1 left");
	assert_int_equal(req.value[HASWITCH_A_NODE_VERDICT].number, HASWITCH_VERDICT_LEFT);
	right("node show");
	assert_false(req.subject_given);
	right("node");
	assert_int_equal(req.verb->cmd, HASWITCH_CMD_NODE_GET);
	/* A keyword is a name where a name has to be. */
	right("node add addr addr 10.0.0.1");
	assert_string_equal(req.name, "addr");
	right("node show self");

	wrong("node add", "NAME is missing");
	wrong("node add n1", "\"addr\" is missing");
	wrong("node add n1 addr", "needs ADDR behind it");
	wrong("node add n1 addr 10.0.0.1 addr 10.0.0.2", "there is an IPv4 address already");
	wrong("node add n1 addr 10.0.0.1 zone a zone b", "\"zone\" is there twice");
	wrong("node add n1 addr 10.0.0.1 self self", "\"self\" is there twice");
	wrong("node add n1 addr 10.0.0.300", "\"10.0.0.300\" is not an IPv4 or IPv6 address");
	wrong("node add n1 addr 10.0.0.1 lladdr 02:00 dev eth0", "is not a link-layer address");
	wrong("node add n/1 addr 10.0.0.1", "is not a name");
	wrong("node set n1", "nothing to set");
	wrong("node set n1 self", "unknown word \"self\"");
	right("node set n1 state drain within 5m");
	right("node add n1 addr 192.168.0.1 engine");
	assert_true(req.value[HASWITCH_A_NODE_WITHIN].number == 300000000000);
	wrong("node set n1 state drain within 0s", "is not a time from 1us to 168h");
	wrong("node set n1 state drain within 169h", "is not a time from 1us to 168h");
	wrong("node set n1 state dwon", "the nearest is \"down\"");
	wrong("node verdict n1", "is missing");
	wrong("node verdict n1 fence", "the nearest is \"fenced\"");
	wrong("node verdict n1 fenced now", "nothing may follow");
	wrong("node del n1 n2", "unknown word \"n2\"");
}

static void whole_keywords_only(void **state)
{
	(void)state;
	wrong("nod show", "unknown word \"nod\"; the nearest is \"node\"");
	wrong("n show", "unknown word \"n\"");
	wrong("node sho", "the nearest is \"show\"");
	wrong("node ad n1", "the nearest is \"add\"");
	wrong("node add n1 ad 10.0.0.1", "the nearest is \"addr\"");
	wrong("node add n1 addr 10.0.0.1 zon a", "the nearest is \"zone\"");
	wrong("NODE show", "unknown word \"NODE\"");
	wrong("member add 10.0.0.1 node n1 prio 5", "the nearest is \"priority\"");
	wrong("helo", "the nearest is \"help\"");
	wrong("nodes show", "the nearest is \"node\"");
	wrong("membre show", "the nearest is \"member\"");
	wrong("n show", "the nearest is \"node\"");
	/* "stats" lacks one letter, in "status" two have changed places. */
	wrong("stauts", "the nearest is \"status\"");
	wrong("haadm status", "leave out the word \"haadm\"");
}

/* A word that is near to none gets all that are valid. */
static void no_word_is_near(void **state)
{
	(void)state;
	wrong("bogus", "unknown word \"bogus\"; valid are \"node\", \"zone\", ");
	wrong("bogus", "\"restore\", \"schema\" and \"help\"");
	wrong("node bogus", "; valid are \"add\", \"set\", \"replace\", \"verdict\", \"del\", \"show\" and \"help\"");
	wrong("vip add 10.0.0.1 stray pass", "unknown word \"pass\"; valid are \"drop\" and \"forward\"");
	wrong("vip add 10.0.0.1 hook forward", "unknown word \"forward\"; valid are \"ingress\" and \"prerouting\"");
	wrong("member add 10.0.0.1 node n1 health dead", "; valid are \"up\" and \"down\"");
	wrong("member add 10.0.0.1 node n1 health refuse", "; valid are \"up\" and \"down\"");
	wrong("node add n1 10.0.0.1",
	      "; valid are \"addr\", \"zone\", \"lladdr\", \"dev\", \"self\", \"state\", \"within\" and \"engine\"");
	/* What is there already is not valid once more. */
	wrong("member set 10.0.0.1 node n1 bogus",
	      "; valid are \"at\", \"priority\", \"weight\", \"flows-max\", \"via\", \"port\", \"health\" "
	      "and \"spare\"");
	wrong("beat n1 for 1s bogus", "; nothing may follow here");
	wrong("node add n1 addr 10.0.0.1 bogus", "valid are \"addr\"");
	wrong("vip add 10.0.0.1 on eth0 bogus", "valid are \"on\"");
	wrong("node set n1 state fenced", "\"fenced\" is a verdict: haadm node verdict NAME fenced");
	wrong("node add n1 addr 10.0.0.1 state left", "\"left\" is a verdict: haadm node verdict NAME left");
	wrong("node set n1 state lost", "; valid are \"up\", \"drain\", \"maintenance\" and \"down\"");
}

/* Options are taken before the object only; who puts one behind it is told so. */
static void options_behind(void **state)
{
	static const char *const commands[] = {
		"status -j", "node -json", "node show -j", "vip show --json", "member show 10.0.0.1 -s",
		"beat n1 -d for 1s",
		"beat n1 for 1s -t", "restore x -n", "event show -p", "save -V", "save --version", "save --help",
	};

	(void)state;
	for (size_t i = 0; i < N(commands); i++)
		wrong(commands[i], "is an option; options stand before the object, as in \"haadm -j ");
	wrong("save -x", "unknown word \"-x\"");
	wrong("save -", "unknown word \"-\"");
	wrong("member add 10.0.0.1 node n1 priority -1", "is not a number");
	right("restore -");
}

/* What OBJECT's help prints. */
static const char *help_of(const char *object)
{
	static char text[4096];
	FILE *file = fmemopen(text, sizeof(text), "w");

	assert_non_null(file);
	grammar_help(file, grammar_object(object));
	fclose(file);
	return text;
}

/* The help defines what its lines use, and nothing else. */
static void terms_of_help(void **state)
{
	(void)state;
	assert_null(strstr(help_of("vip"), ":="));
	assert_null(strstr(help_of("monitor"), ":="));
	assert_non_null(strstr(help_of("beat"), "\nTIME :="));
	assert_null(strstr(help_of("beat"), "SERVICE"));
	assert_non_null(strstr(help_of("member"), "\nSERVICE :="));
	assert_null(strstr(help_of("member"), "TIME"));
}

/* What later parts of haswitch bring is not there yet. */
static void not_built_yet(void **state)
{
	static const char *const commands[] = {
		"drain n1", "zone del a",
		"node set n1 weight 3",
		"node add n1 addr 10.0.0.1 weight 3",
	};

	(void)state;
	for (size_t i = 0; i < N(commands); i++)
		wrong(commands[i], "unknown word");
	right("member add 10.0.0.1 node n1 via tunnel");
	right("member add 10.0.0.1 node n1 via nat");
	right("member add 10.0.0.1 node n1 via gue");
	right("agent show");
	right("agent");
	right("check");
	right("doctor");
	right("schema");
	right("top every 1s count 3");
	right("status -w every 1s");
	right("status over 1s");
	wrong("agent show web", "web");
	right("cluster");
	right("cluster apply FILE");
	right("cluster init");
	right("cluster init name a addr 10.0.0.1 with b addr 10.0.0.2");
	right("snapshot diff 1 2");
	right("snapshot create if-changed");
	right("snapshot prune keep 7 within 30d");
	wrong("cluster show web", "web");
	right("cluster invite d addr 10.0.0.4 within 10m");
	right("cluster join TOKEN");
	right("cluster leave d");
	wrong("cluster merge", "unknown word");
	wrong("member add 10.0.0.1 node n1 via gre", "unknown word \"gre\"");
	wrong("service add 10.0.0.1 sched least",
	      "unknown word \"least\"; valid are \"active-standby\", \"maglev\", \"rr\", \"wrr\", \"lc\", \"wlc\" and "
	      "\"random\"");
}

static void vips(void **state)
{
	(void)state;
	right("vip add 10.0.0.100 on eth0 on eth1 holder n1 stray drop");
	assert_int_equal(req.n_lists, 1);
	assert_int_equal(request_list(&req, HASWITCH_A_VIP_DEV)->n, 2);
	assert_string_equal(request_list(&req, HASWITCH_A_VIP_DEV)->values[1], "eth1");
	assert_true(req.svc_given);
	right("vip add 10.0.0.1 on-loss abort");
	assert_int_equal(req.value[HASWITCH_A_VIP_ON_LOSS].number, HASWITCH_ON_LOSS_ABORT);
	right("vip add 10.0.0.1 hook prerouting");
	right("vip add 10.0.0.1 lease web mark 0xff00");
	assert_int_equal(req.value[HASWITCH_A_VIP_MARK].number, 0xff00);
	right("vip set 10.0.0.1 mark off");
	assert_true(request_has(&req, HASWITCH_A_VIP_MARK));
	assert_int_equal(req.value[HASWITCH_A_VIP_MARK].number, 0);
	right("vip set 10.0.0.1 mark 4294967295");
	right("vip set 10.0.0.1 mark 0xFFFFFFFF");
	wrong("vip set 10.0.0.1 mark 4294967296", "is neither a mask of 32 bits");
	wrong("vip set 10.0.0.1 mark 0x1ffffffff", "is neither a mask of 32 bits");
	wrong("vip set 10.0.0.1 mark 0x", "is neither a mask");
	wrong("vip set 10.0.0.1 mark 0xfg", "is neither a mask");
	wrong("vip set 10.0.0.1 mark -1", "is neither a mask");
	wrong("vip set 10.0.0.1 mark 5", "has bits that are not adjacent; a mask such as 0xff00 is right");
	right("vip add 10.0.0.1 hook prerouting");
	right("vip add 10.0.0.1 on eth0 everywhere stray drop");
	right("vip set 10.0.0.1 everywhere");
	wrong("vip add 10.0.0.1 everywhere everywhere", "\"everywhere\" is there twice");
	wrong("vip add 10.0.0.1 everywher", "the nearest is \"everywhere\"");
	assert_int_equal(req.value[HASWITCH_A_VIP_HOOK].number, HASWITCH_HOOK_PREROUTING);
	right("vip add 2001:db8::100");
	assert_true(request_has(&req, HASWITCH_A_VIP_ADDR6));
	assert_false(request_has(&req, HASWITCH_A_VIP_ADDR4));
	right("vip set 10.0.0.100 holder n2");
	right("vip show 10.0.0.100");
	wrong("vip add", "ADDR is missing");
	wrong("vip add 10.0.0.100/tcp", "is not an IPv4 or IPv6 address");
	wrong("vip add 10.0.0.100/24", "\"10.0.0.100/24\" has a prefix length; write the address alone");
	wrong("vip add fe80::1%eth0", "\"fe80::1%eth0\" names a device; write the address alone");
	wrong("vip set 10.0.0.100", "nothing to set");
	wrong("vip add 10.0.0.1 holder n1 holder n2", "\"holder\" is there twice");
	wrong("vip add 10.0.0.1 on a/b", "is not the name of a device");
	wrong("vip add 10.0.0.1 on 1 on 2 on 3 on 4 on 5 on 6 on 7 on 8 on 9", "more than 8");
}

static void leases(void **state)
{
	uint64_t first;

	(void)state;
	right("lease add web");
	right("lease set web floor 18446744073709551615");
	assert_true(req.value[HASWITCH_A_LEASE_FLOOR].number == UINT64_MAX);
	right("lease set web epoch 7 holder n1 until 123456789");
	assert_true(req.value[HASWITCH_A_LEASE_DEADLINE].number == 123456789);
	right("lease set web epoch 7 holder n1 for 1s");
	first = req.value[HASWITCH_A_LEASE_DEADLINE].number;
	right("lease set web epoch 7 holder n1 for 2s");
	assert_in_range(req.value[HASWITCH_A_LEASE_DEADLINE].number - first, 1000000000, 60000000000);
	right("lease release web");
	right("lease release web epoch 9");
	right("lease release web to n2");
	right("lease release web epoch 9 to n2");
	right("lease replace web");
	right("lease del web");
	right("lease show");
	right("lease show web");
	right("vip add 10.0.0.1 lease web");
	right("vip set 10.0.0.1 lease web");
	wrong("lease add", "NAME is missing");
	wrong("lease add -w", "is not a name");
	wrong("lease set web", "nothing to set");
	wrong("lease set web until 5 for 5s", "\"for\" is there twice");
	wrong("lease set web epoch 18446744073709551616", "is too large a number");
	wrong("lease set web epoch -1", "is not a number");
	wrong("lease set web for 5", "with a unit");
	wrong("lease release web holder n1", "valid are \"epoch\" and \"to\"");
	wrong("lease release web to n1 to n2", "\"to\" is there twice");
	wrong("vip add 10.0.0.1 lease web lease web", "\"lease\" is there twice");
}

static void nodes_of_leases(void **state)
{
	char *none[] = { "lease", "set", "web", "prefer", "", "only", "" };
	char many[32 * 16] = "lease add web";
	struct complaint complaint;
	size_t len;

	(void)state;
	right("lease add web prefer n2 only n1 prefer n1 failback 1m only n2");
	assert_int_equal(req.n_lists, 2);
	assert_int_equal(request_list(&req, HASWITCH_A_LEASE_PREFER)->n, 2);
	assert_string_equal(request_list(&req, HASWITCH_A_LEASE_PREFER)->values[0], "n2");
	assert_string_equal(request_list(&req, HASWITCH_A_LEASE_ONLY)->values[1], "n2");
	assert_true(req.value[HASWITCH_A_LEASE_FAILBACK].number == UINT64_C(60000000000));
	right("lease replace web only n1");
	assert_null(request_list(&req, HASWITCH_A_LEASE_PREFER));
	right("lease set web prefer n1 only n1 failback manual");
	right("lease set web failback auto");
	assert_int_equal(request_parse(&req, 7, none, &complaint), 0);
	assert_string_equal(request_list(&req, HASWITCH_A_LEASE_ONLY)->values[0], "");
	none[1] = "add";
	assert_int_equal(request_parse(&req, 7, none, &complaint), -1);
	wrong("lease add web prefer", "\"prefer\" needs NODE behind it");
	wrong("lease add web prefers n1", "the nearest is \"prefer\"");
	wrong("lease add web prefer -n", "is not a name");
	wrong("lease add web failback never", "is neither auto nor manual nor a time up to 24h");
	wrong("lease add web failback auto failback auto", "\"failback\" is there twice");
	for (unsigned int i = 0; i < 32; i++) {
		len = strlen(many);
		snprintf(many + len, sizeof(many) - len, " only n%u", i);
	}
	right(many);
	strcat(many, " only n");
	wrong(many, "more than 32 of them");
}

static void members_and_services(void **state)
{
	(void)state;
	right("service add 10.0.0.100:80/tcp sched active-standby");
	assert_int_equal(req.svc.port, 80);
	right("service add 10.0.0.100:80/tcp failback auto");
	assert_true(request_has(&req, HASWITCH_A_SERVICE_FAILBACK));
	assert_true(req.value[HASWITCH_A_SERVICE_FAILBACK].number == 0);
	right("service set 10.0.0.100:80/tcp failback manual");
	assert_true(req.value[HASWITCH_A_SERVICE_FAILBACK].number == UINT64_MAX);
	right("service replace 10.0.0.100:80/tcp failback 24h");
	right("service set 10.0.0.100:80/tcp on-empty reject");
	assert_string_equal(req.value[HASWITCH_A_SERVICE_ON_EMPTY].text, "reject");
	assert_true(req.value[HASWITCH_A_SERVICE_FAILBACK].number == HASWITCH_FAILBACK_MAX);
	right("service show vip 10.0.0.100");
	assert_false(req.subject_given);
	right("member add [2001:db8::1]:80/tcp node n1 priority 65535 via local health down");
	right("member set [2001:db8::1]:80/tcp node n1 weight 0");
	right("service set 10.0.0.1 sched maglev");
	assert_int_equal(req.value[HASWITCH_A_MEMBER_PRIORITY].number, 65535);
	assert_int_equal(req.value[HASWITCH_A_MEMBER_HEALTH].number, HASWITCH_HEALTH_DOWN);
	right("member set 10.0.0.1 node n1 health up");
	right("member del 10.0.0.1/udp node n1");
	right("member show node n1");
	right("member show 10.0.0.1 node n1");
	wrong("service add", "SERVICE is missing");
	wrong("service add 10.0.0.1:80", "has a port but no protocol");
	wrong("service set 10.0.0.1", "nothing to set");
	wrong("service set 10.0.0.1 failback", "needs ");
	wrong("service set 10.0.0.1 failback 10", "\"10\" is neither auto nor manual nor a time");
	wrong("service set 10.0.0.1 failback 25h", "is neither auto nor manual nor a time up to 24h");
	wrong("service set 10.0.0.1 failback auto failback auto", "there twice");
	wrong("member add 10.0.0.1", "\"node\" is missing");
	wrong("member add 10.0.0.1 node n1 priority 65536", "is not a number from 0 to 65535");
	wrong("member add 10.0.0.1 node n1 weight 65536", "is not a number from 0 to 65535");
	wrong("service add 10.0.0.1 sched maglv", "the nearest is \"maglev\"");
	wrong("member add 10.0.0.1 node n1 priority -1", "is not a number from 0 to 65535");
	wrong("member set 10.0.0.1 node n1", "nothing to set");
	wrong("member del 10.0.0.1", "\"node\" is missing");
	wrong("member show 10.0.0.1 vip 10.0.0.1", "already");
}

static void services_with_flows(void **state)
{
	(void)state;
	right("service add 10.0.0.1:80/tcp sched wlc persist 5m mask 24");
	assert_int_equal(req.value[HASWITCH_A_SERVICE_SCHED].number, HASWITCH_SCHED_WLC);
	assert_true(req.value[HASWITCH_A_SERVICE_PERSIST].number == 300000000000);
	assert_int_equal(req.value[HASWITCH_A_SERVICE_PERSIST_MASK].number, 24);
	right("service replace [2001:db8::1]:80/tcp persist 168h mask 128");
	right("service set 10.0.0.1 persist 0s");
	assert_true(request_has(&req, HASWITCH_A_SERVICE_PERSIST));
	assert_true(req.value[HASWITCH_A_SERVICE_PERSIST].number == 0);
	right("service set 10.0.0.1 mask 32");
	right("service add 10.0.0.1:80/tcp sched rr new-max 1000000 on-failover keep");
	assert_true(req.value[HASWITCH_A_SERVICE_NEW_MAX].number == 1000000);
	assert_int_equal(req.value[HASWITCH_A_SERVICE_ON_FAILOVER].number, HASWITCH_ON_FAILOVER_KEEP);
	right("member set 10.0.0.1:80/tcp node n1 flows-max 4294967295");
	assert_true(req.value[HASWITCH_A_MEMBER_FLOWS_MAX].number == 4294967295);
	wrong("service add 10.0.0.1 new-max 1000001", "\"new-max 1000001\" is not a number from 0 to 1000000");
	right("service add 10.0.0.1:80/tcp sched rr slow-start 1h");
	assert_true(req.value[HASWITCH_A_SERVICE_SLOW_START].number == HASWITCH_SLOW_START_MAX);
	right("service set 10.0.0.1:80/tcp slow-start 0s");
	right("node set n1 share 25");
	assert_true(req.value[HASWITCH_A_NODE_SHARE].number == 25);
	wrong("node set n1 share 0", "1 to 100");
	wrong("node set n1 share 101", "1 to 100");
	wrong("node add n1 addr 10.0.0.1 share 25", "unknown word \"share\"");
	right("service add 10.0.0.1:80/tcp sched rr min-active 2");
	assert_true(req.value[HASWITCH_A_SERVICE_MIN_ACTIVE].number == 2);
	right("service set 10.0.0.1:80/tcp min-active 1024");
	wrong("service add 10.0.0.1 min-active 0", "1 to 1024");
	wrong("service add 10.0.0.1 min-active 1025", "1 to 1024");
	right("service set 10.0.0.1:80/tcp zone prefer");
	assert_true(req.value[HASWITCH_A_SERVICE_ZONE].number == HASWITCH_SERVICE_ZONE_PREFER);
	right("service add 10.0.0.1:80/tcp sched rr zone any");
	assert_true(req.value[HASWITCH_A_SERVICE_ZONE].number == HASWITCH_SERVICE_ZONE_ANY);
	wrong("service set 10.0.0.1:80/tcp zone rack-a", "\"any\"");
	right("member add 10.0.0.1 node n1 spare weight 2");
	assert_true(req.value[HASWITCH_A_MEMBER_SPARE].number == HASWITCH_SPARE_ON);
	right("member replace 10.0.0.1 node n1 at 80 spare");
	right("member set 10.0.0.1 node n1 spare off");
	assert_true(req.value[HASWITCH_A_MEMBER_SPARE].number == HASWITCH_SPARE_OFF);
	wrong("member set 10.0.0.1 node n1 spare", "\"spare\" needs on or off behind it");
	wrong("member add 10.0.0.1 node n1 spare on", "unknown word \"on\"");
	wrong("member add 10.0.0.1 node n1 spare spare", "\"spare\" is there twice");
	wrong("service add 10.0.0.1 slow-start 3601s", "is not a time from 0s to 1h");
	right("service add 10.0.0.1:80/tcp also 443 also 8000-8010 sched rr also 65535");
	assert_int_equal(request_list(&req, HASWITCH_A_SERVICE_ALSO)->n, 3);
	assert_string_equal(request_list(&req, HASWITCH_A_SERVICE_ALSO)->values[1], "8000-8010");
	right("service set 10.0.0.1:80/tcp also 1-65535");
	right("service set 10.0.0.1:80/tcp also none");
	wrong("service set 10.0.0.1:80/tcp also", "\"also\" needs a port, a range of ports or none behind it");
	wrong("service add 10.0.0.1:80/tcp also 8010-8000", "is a reversed range; write the lower port first");
	wrong("service add 10.0.0.1:80/tcp also 0", "is neither a port from 1 to 65535 nor a range such as 8000-8010");
	wrong("service add 10.0.0.1:80/tcp also 0-9", "is neither a port");
	wrong("service add 10.0.0.1:80/tcp also 65536", "is neither a port");
	wrong("service add 10.0.0.1:80/tcp also 5-65536", "is neither a port");
	wrong("service add 10.0.0.1:80/tcp also 5-", "is neither a port");
	wrong("service add 10.0.0.1:80/tcp also -5", "is neither a port");
	wrong("service add 10.0.0.1:80/tcp also 05", "is neither a port");
	wrong("service add 10.0.0.1:80/tcp also 443,8000", "is neither a port");
	wrong("service add 10.0.0.1:80/tcp also 8000-8010-8020", "is neither a port");
	wrong("service add 10.0.0.1:80/tcp also https", "is neither a port");
	wrong("service show 10.0.0.1:80/tcp also 443", "unknown word \"also\"");
	wrong("service add 10.0.0.1 on-failover drop", "valid are \"move\", \"keep\" and \"reset\"");
	wrong("member add 10.0.0.1 node n1 flows-max 4294967296", "is not a number from 0 to 4294967295");
	right("service set 10.0.0.1 one-packet on sched random");
	assert_int_equal(req.value[HASWITCH_A_SERVICE_ONE_PACKET].number, HASWITCH_ONE_PACKET_ON);
	right("service set 10.0.0.1 snat on");
	assert_int_equal(req.value[HASWITCH_A_SERVICE_SNAT].number, HASWITCH_SNAT_ON);
	right("member add 10.0.0.1:80/tcp node n1 via nat port 8080");
	assert_int_equal(req.value[HASWITCH_A_MEMBER_VIA].number, HASWITCH_VIA_NAT);
	assert_int_equal(req.value[HASWITCH_A_MEMBER_NAT_PORT].number, 8080);
	right("member set 10.0.0.1:80/tcp node n1 port 0");
	right("member set 10.0.0.1:80/tcp node n1 at 8080 port 0");
	right("member replace 10.0.0.1:80/tcp node n1 at 8080 via nat");
	right("member del 10.0.0.1:80/tcp node n1 at 0");
	right("member show node n1 at 65535");
	right("flow del node n1 at 8080");
	wrong("member set 10.0.0.1:80/tcp node n1 at 8080", "nothing to set");
	wrong("member set 10.0.0.1:80/tcp node n1 at 65536 weight 1", "is not a number from 0 to 65535");
	wrong("member add 10.0.0.1:80/tcp node n1 at 8080", "unknown word \"at\"");
	wrong("member set 10.0.0.1:80/tcp node n1 port 65536", "65536");
	wrong("service set 10.0.0.1 snat yes", "valid are \"off\" and \"on\"");
	wrong("service add 10.0.0.1 one-packet", "needs on or off");
	wrong("service add 10.0.0.1 one-packet yes", "valid are \"off\" and \"on\"");
	wrong("service add 10.0.0.1 persist 5", "with a unit");
	wrong("service add 10.0.0.1 persist 999ms",
	      "\"persist 999ms\" is not a time from 1s to 168h, or 0s, which ends it");
	wrong("service add 10.0.0.1 persist 169h", "is not a time from 1s to 168h");
	wrong("service add 10.0.0.1 persist 5s mask 0", "\"mask 0\" is not a number from 1 to 32");
	wrong("service add 10.0.0.1 persist 5s mask 33", "\"mask 33\" is not a number from 1 to 32");
	wrong("service add 10.0.0.1 persist 5s mask 256", "is not a number from 1 to 32");
	wrong("service add [2001:db8::1]:80/tcp persist 5s mask 129", "\"mask 129\" is not a number from 1 to 128");
	wrong("service add 10.0.0.1 persist 5s persist 6s", "there twice");
}

static void flows(void **state)
{
	(void)state;
	right("flow");
	assert_int_equal(req.verb->cmd, HASWITCH_CMD_FLOW_GET);
	assert_true(!req.given);
	right("flow show 10.0.0.1:80/tcp client 2001:db8::1 client-port 65535 node n1 state syn");
	assert_true(req.given == (ATTR(HASWITCH_A_FLOW_ADDR4) | ATTR(HASWITCH_A_FLOW_PROTO) |
				  ATTR(HASWITCH_A_FLOW_PORT) | ATTR(HASWITCH_A_FLOW_CLIENT6) |
				  ATTR(HASWITCH_A_FLOW_CLIENT_PORT) | ATTR(HASWITCH_A_FLOW_NODE) |
				  ATTR(HASWITCH_A_FLOW_STATE)));
	assert_int_equal(req.value[HASWITCH_A_FLOW_PORT].number, 80);
	assert_int_equal(req.value[HASWITCH_A_FLOW_STATE].number, HASWITCH_FLOW_STATE_SYN);
	right("flow show vip 10.0.0.1 proto udp port 53");
	assert_int_equal(req.value[HASWITCH_A_FLOW_PROTO].number, 17);
	right("flow show proto 255");
	right("flow del all");
	assert_true(req.all);
	assert_true(!req.given);
	right("flow del client 192.0.2.1");
	assert_false(req.all);
	right("flow del 10.0.0.1/udp");
	assert_int_equal(req.verb->cmd, HASWITCH_CMD_FLOW_DEL);
	right("flow limits");
	right("flow set max 16777216 tcp-syn 1s tcp 168h tcp-closing 2s udp 1500ms other 1m");
	assert_int_equal(req.verb->cmd, HASWITCH_CMD_FLOW_LIMITS_SET);
	assert_true(req.value[HASWITCH_A_FLOW_LIMITS_TCP].number == HASWITCH_FLOW_TIMEOUT_MAX);
	right("flow set max 0");
	/* To forget all of them by mistake must not be easy. */
	wrong("flow del", "nothing says which flows to del: name a service, give a key, or say \"all\"");
	wrong("flow del all node n1", "\"all\" stands alone");
	wrong("flow del al", "\"al\" does not begin with an IPv4 or IPv6 address");
	wrong("flow del node n1 all", "unknown word \"all\"");
	wrong("flow show all", "does not begin with");
	wrong("flow show state establised", "the nearest is \"established\"");
	wrong("flow show proto tpc", "\"tpc\" is neither the name of a protocol, such as tcp, nor a number "
				     "from 1 to 255");
	wrong("flow show proto 0", "is neither the name of a protocol");
	wrong("flow show port 65536", "\"port 65536\" is not a number from 0 to 65535");
	wrong("flow show client-port 65536", "is not a number from 0 to 65535");
	wrong("flow show 10.0.0.1:80/tcp port 81", "\"port\" is there twice");
	wrong("flow show 10.0.0.1 vip 10.0.0.2", "there is an IPv4 address already");
	wrong("flow set", "nothing to set");
	wrong("flow set max 16777217", "\"max 16777217\" is not a number from 0 to 16777216");
	wrong("flow set tcp 0s", "\"tcp 0s\" is not a time from 1s to 168h");
	wrong("flow set udp 169h", "is not a time from 1s to 168h");
	wrong("flow set count 5", "unknown word \"count\"");
	wrong("flow add", "unknown word \"add\"");
}

/* What an attribute can not hold is no number for it. */
static void numbers_that_fit(void **state)
{
	(void)state;
	wrong("pulse set n1 id 4294967296", "is not a number from ");
	right("lease set web floor 18446744073709551615");
}

static void failbacks(void **state)
{
	(void)state;
	right("failback n1");
	assert_int_equal(req.verb->cmd, HASWITCH_CMD_NODE_FAILBACK);
	assert_string_equal(req.value[HASWITCH_A_NODE_NAME].text, "n1");
	wrong("failback", "NAME is missing");
	wrong("failback n1 n2", "unknown word \"n2\"");
	wrong("failback -x", "");
}

static void failovers(void **state)
{
	(void)state;
	right("failover web");
	assert_int_equal(req.verb->cmd, HASWITCH_CMD_LEASE_MOVE);
	assert_string_equal(req.name, "web");
	right("failover web to n2");
	assert_string_equal(req.value[HASWITCH_A_LEASE_SUCCESSOR].text, "n2");
	wrong("failover", "NAME is missing");
	wrong("failover web to", "\"to\" needs NODE behind it");
	wrong("failover web n2", "unknown word \"n2\"");
	wrong("failover web to n2 to n3", "there twice");
}

static void beats(void **state)
{
	(void)state;
	right("beat n1 n2 n3 for 250ms");
	assert_int_equal(req.n_names, 3);
	assert_string_equal(req.names[2], "n3");
	assert_true(req.value[HASWITCH_A_BEAT_TIME].number == 250000000);
	wrong("beat", "the name of a node is missing");
	wrong("beat for 1s", "the name of a node is missing");
	wrong("beat n1 n2", "\"for\" is missing");
	wrong("beat n1 for", "needs TIME behind it");
	wrong("beat n1 for 5", "with a unit");
	right("beat n1 for 1us");
	right("beat n1 for 1h");
	wrong("beat n1 for 0ms", "\"for 0ms\" is not a time from 1us to 1h");
	wrong("beat n1 for 3601s", "\"for 3601s\" is not a time from 1us to 1h");
	wrong("beat n/ for 5s", "is not a name");
	wrong("beat n1 for 5s for 6s", "\"for\" is there twice");
}

static void commands_without_verb(void **state)
{
	(void)state;
	right("status");
	right("monitor");
	right("save");
	right("restore /tmp/x");
	assert_false(req.check);
	right("restore --check /tmp/x");
	assert_true(req.check);
	assert_string_equal(req.name, "/tmp/x");
	right("restore - --check");
	assert_true(req.check);
	assert_string_equal(req.name, "-");
	assert_null(req.fallback);
	right("restore --fallback /tmp/good /tmp/x");
	assert_string_equal(req.fallback, "/tmp/good");
	assert_string_equal(req.name, "/tmp/x");
	right("restore /tmp/x --no-self --fallback /tmp/good");
	assert_true(req.selfless);
	assert_string_equal(req.fallback, "/tmp/good");
	wrong("restore /tmp/x --fallback", "\"--fallback\" needs GOOD behind it");
	wrong("restore --chek /tmp/x", "unknown word \"--chek\"; the nearest is \"--check\"");
	wrong("restore /tmp/x --dry-run", "valid are \"--check\", \"--no-self\", \"--committed\" and \"--fallback\"");
	wrong("restore --fallback /tmp/good", "FILE is missing");
	assert_false(req.committed);
	right("restore --committed --fallback /tmp/good /tmp/x");
	assert_true(req.committed);
	assert_string_equal(req.name, "/tmp/x");
	wrong("restore --committed", "FILE is missing");
	wrong("restore --committed -", "\"--committed\" needs a FILE, not standard input");
	wrong("restore - --fallback /tmp/good", "needs a FILE, not standard input");
	wrong("restore --fallback /tmp/good -", "needs a FILE, not standard input");
	right("event show from 17");
	right("stats");
	wrong("restore", "FILE is missing");
	wrong("restore --check", "FILE is missing");
	wrong("restore a b", "unknown word \"b\"");
	wrong("save all", "nothing may follow");
	wrong("event show from x", "is not a number");
}

/* Requests become messages of the attributes that the operation takes. */
static void encoding(void **state)
{
	char buf[1024] __attribute__((aligned(8)));
	struct hasw_record rec;
	struct hasw_msg msg;
	struct hasw_svc svc;

	(void)state;
	right("member add [2001:db8::1]:80/tcp node n1 priority 7 via direct");
	request_encode(&req, &msg, buf, sizeof(buf), req.verb->cmd, 0);
	assert_false(msg.full);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	assert_int_equal(rec.cmd, HASWITCH_CMD_MEMBER_ADD);
	assert_true(hasw_get_svc(&rec, HASWITCH_A_MEMBER_ADDR4, &svc));
	assert_int_equal(hasw_svc_compare(&svc, &req.svc), 0);
	assert_string_equal(hasw_string(&rec, HASWITCH_A_MEMBER_NODE), "n1");
	assert_int_equal(hasw_number(&rec, HASWITCH_A_MEMBER_PRIORITY, 0), 7);
	assert_int_equal(hasw_number(&rec, HASWITCH_A_MEMBER_VIA, 0), HASWITCH_VIA_DIRECT);
	assert_false(hasw_has(&rec, HASWITCH_A_MEMBER_HEALTH));

	right("beat a b c d e for 1s");
	request_encode(&req, &msg, buf, sizeof(buf), req.verb->cmd, 0);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	assert_string_equal(hasw_string(&rec, HASWITCH_A_BEAT_NODE), "a");
	assert_true(hasw_number(&rec, HASWITCH_A_BEAT_TIME, 0) == 1000000000);

	/* A dump takes fewer attributes than what shows one object. */
	right("member show 10.0.0.1 node n1");
	request_encode(&req, &msg, buf, sizeof(buf), req.verb->cmd, NLM_F_DUMP);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	assert_false(hasw_has(&rec, HASWITCH_A_MEMBER_NODE));
}

/* Reads a file of the source tree whole. */
static char *source(const char *name)
{
	const char *top = getenv("HASWITCH_TOP");
	char path[512], *text = calloc(1, 256 * 1024);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("cannot open %s", path);
	assert_non_null(text);
	assert_true(fread(text, 1, 256 * 1024 - 1, file) > 0);
	fclose(file);
	return text;
}

/* The manual and the completion know every object, verb and key. */
static void documented(void **state)
{
	static const char *const files[] = { "userspace/man/haadm.8", "userspace/completion/haadm" };

	(void)state;
	for (size_t f = 0; f < N(files); f++) {
		char *text = source(files[f]);

		for (size_t i = 0; objects[i]; i++) {
			if (!strstr(text, objects[i]->word))
				fail_msg("%s: no \"%s\"", files[f], objects[i]->word);
			for (const struct verb *verb = objects[i]->verbs; verb->run; verb++) {
				if (verb->word && !strstr(text, verb->word))
					fail_msg("%s: no \"%s\"", files[f], verb->word);
				for (const struct key *key = verb->keys; key && (key->word || key->meta); key++) {
					if (key->word && !strstr(text, key->word))
						fail_msg("%s: no \"%s\"", files[f], key->word);
				}
			}
		}
		free(text);
	}
}

/* The text of a man page, as it is seen: a minus sign is written with a backslash. */
static char *manual(void)
{
	char *text = source("userspace/man/haadm.8");

	for (char *at = strstr(text, "\\-"); at; at = strstr(at, "\\-"))
		memmove(at, at + 1, strlen(at));
	return text;
}

/* Each command of an example is right, but for the keys, which are read from their files; and the manual has it. */
static void examples(void **state)
{
	char *man = manual(), copy[512], words[512];
	struct complaint complaint;
	unsigned int seen = 0;

	(void)state;
	for (size_t i = 0; objects[i]; i++) {
		for (const struct verb *verb = objects[i]->verbs; verb->run; verb++) {
			char *save;

			snprintf(copy, sizeof(copy), "%s", verb_example(verb) ? verb_example(verb) : "");
			for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
				snprintf(words, sizeof(words), "\nhaadm %s %s %s\n", objects[i]->word, verb->word,
					 line);
				if (!strstr(man, words))
					fail_msg("haadm.8 has no \"%s\"", words);
				snprintf(words, sizeof(words), "%s %s %s", objects[i]->word, verb->word, line);
				if (parse(words, &complaint) && !strstr(complaint.text, ".key"))
					fail_msg("\"%s\": %s", words, complaint.text);
				seen++;
			}
		}
	}
	assert_true(seen >= 3);
	free(man);
}

static int clean_up(void **state)
{
	(void)state;
	lines_free(&lines);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes),
		cmocka_unit_test(whole_keywords_only),
		cmocka_unit_test(no_word_is_near),
		cmocka_unit_test(options_behind),
		cmocka_unit_test(terms_of_help),
		cmocka_unit_test(not_built_yet),
		cmocka_unit_test(vips),
		cmocka_unit_test(leases),
		cmocka_unit_test(nodes_of_leases),
		cmocka_unit_test(members_and_services),
		cmocka_unit_test(services_with_flows),
		cmocka_unit_test(flows),
		cmocka_unit_test(numbers_that_fit),
		cmocka_unit_test(beats),
		cmocka_unit_test(failbacks),
		cmocka_unit_test(failovers),
		cmocka_unit_test(commands_without_verb),
		cmocka_unit_test(encoding),
		cmocka_unit_test(documented),
		cmocka_unit_test(examples),
	};

	return cmocka_run_group_tests_name("grammar", tests, NULL, clean_up);
}
