// SPDX-License-Identifier: GPL-2.0
/* Configurations: lines become a model, a model becomes the same lines; which vips are local. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "apply_text.h"
#include "haadm/diagnose.h"
#include "lib/generated/spec_gen.h"

static struct hasw_model model;

static unsigned int apply(const char *text, struct hasw_error *err)
{
	return apply_text(&model, text, err);
}

static char *print(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	assert_non_null(to);
	assert_int_equal(save_print(to, &model, true), 0);
	fclose(to);
	return text;
}

static int fresh(void **state)
{
	(void)state;
	hasw_model_init(&model);
	return 0;
}

static int gone(void **state)
{
	(void)state;
	hasw_model_free(&model);
	return 0;
}

static const char whole[] =
	"flow set max 1000 tcp-syn 5s other 1h\n"
	"node add n1 addr 192.168.0.1 zone rack-a self state up\n"
	"node add n2 addr 192.168.0.2 addr 2001:db8::2 lladdr 02:00:00:00:00:02 dev eth1 state drain\n"
	"node add n3 addr 2001:db8::3 state down\n"
	"lease add db\n"
	"vip add 10.0.0.100 on eth0 on eth1 holder n1 stray drop\n"
	"service add 10.0.0.100 sched active-standby failback 10s\n"
	"service add 10.0.0.100:80/tcp sched active-standby failback 10s\n"
	"member add 10.0.0.100:80/tcp node n2 priority 10 via direct\n"
	"member add 10.0.0.100:80/tcp node n1 priority 10\n"
	"service add 10.0.0.100:443/tcp sched maglev failback auto\n"
	"member add 10.0.0.100:443/tcp node n2 priority 100 weight 0 via direct\n"
	"member add 10.0.0.100:443/tcp node n1 priority 100 weight 65535\n"
	"member add 10.0.0.100:443/tcp node n3 priority 100 via direct\n"
	"service add 10.0.0.100/udp sched active-standby failback manual on-empty reject\n"
	"service add 10.0.0.100:53/udp sched rr failback 10s one-packet on\n"
	"service add 10.0.0.100:54/udp sched rr failback 10s on-failover keep\n"
	"service add 10.0.0.100:5060/udp sched wlc failback 10s snat on persist 5m mask 24\n"
	"service add 10.0.0.100:5061/udp sched rr failback 10s\n"
	"member add 10.0.0.100:5061/udp node n2 priority 100 via nat port 61\n"
	"member add 10.0.0.100:5061/udp node n2 priority 100 weight 2 via nat port 62\n"
	"vip add 10.0.0.101 holder n2 stray drop on-loss abort hook prerouting\n"
	"vip add 10.0.0.103 lease db stray forward mark 0xff00\n"
	"vip add 2001:db8::100 everywhere stray drop\n"
	"service add [2001:db8::100]:80/tcp sched active-standby failback 10s on-empty n2 persist 90s mask 64\n"
	"member add [2001:db8::100]:80/tcp node n3 priority 65535 via direct\n";

static void round_trip(void **state)
{
	struct hasw_error err;
	char *text;

	(void)state;
	assert_int_equal(apply(whole, &err), 0);
	text = print();
	assert_string_equal(text, whole);
	free(text);
}

/* A value without a name cannot be saved: a newer module may have more values of each enum than this haadm. */
static void unknown_values(void **state)
{
	struct hasw_error err;

	(void)state;
	assert_int_equal(apply(whole, &err), 0);
	assert_true(save_knows(&model));
	const struct {
		uint8_t *of;
		unsigned int count;
	} values[] = {
		{ &model.nodes[0].admin, hasw_enum_admin_state.count },
		{ &model.vips[0].stray, hasw_enum_stray.count },
		{ &model.vips[0].on_loss, hasw_enum_on_loss.count },
		{ &model.vips[0].hook, hasw_enum_hook.count },
		{ &model.services[0].sched, hasw_enum_sched.count },
		{ &model.services[0].on_failover, hasw_enum_on_failover.count },
		{ &model.members[0].via, hasw_enum_via.count },
	};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		uint8_t known = *values[i].of;

		*values[i].of = (uint8_t)values[i].count;
		assert_false(save_knows(&model));
		*values[i].of = known;
	}
	assert_true(save_knows(&model));
}

/* A mark shows the epoch of a lease. */
static void marks_need_a_lease(void **state)
{
	struct hasw_error err;

	(void)state;
	assert_int_equal(apply("node add n1 addr 192.168.0.1\nlease add web\nvip add 10.0.0.1 lease web mark 0xf0\n"
			       "vip set 10.0.0.1 stray drop\n", &err), 0);
	assert_int_equal(model.vips[0].mark, 0xf0);
	assert_int_equal(apply("vip set 10.0.0.1 mark off holder n1\n", &err), 0);
	assert_int_equal(model.vips[0].mark, 0);
	assert_int_equal(apply("vip set 10.0.0.1 mark 0xf0\n", &err), 1);
	assert_non_null(strstr(err.text, "give the vip a lease"));
	assert_int_equal(apply("vip add 10.0.0.2 holder n1 mark 0xf0\n", &err), 1);
	assert_int_equal(apply("vip add 10.0.0.2 lease web mark 0\n", &err), 1);
	assert_non_null(strstr(err.text, "marks nothing"));
	assert_int_equal(apply("vip add 10.0.0.2 lease web mark 1\nvip set 10.0.0.2 everywhere\n", &err), 2);
}

/* An address that a node gave up is free again. */
static void addresses_move(void **state)
{
	struct hasw_error err;

	(void)state;
	assert_int_equal(apply("node add n1 addr 192.168.0.1\nnode set n1 addr 192.168.0.2\n"
			       "node add n2 addr 192.168.0.1\nnode set n1 addr 192.168.0.2\n"
			       "vip add 192.168.0.3\n", &err), 0);
	assert_int_equal(apply("node add n3 addr 192.168.0.2\n", &err), 1);
	assert_int_equal(apply("node add n3 addr 192.168.0.1\n", &err), 1);
	assert_int_equal(apply("node set n1 addr 192.168.0.3\n", &err), 1);
}

/* The order of the lines is that of names and addresses, not of the input. */
static void stable_order(void **state)
{
	static const char mixed[] =
		"# comment\n"
		"vip add 10.0.0.101\n"
		"   node   add  n2\taddr 192.168.0.2  # and more\n"
		"\n"
		"vip add 9.0.0.1\r\n"
		"node add n1 addr 192.168.0.1\n"
		"service add 10.0.0.101:80/tcp\n"
		"vip add 10.0.0.100\n"
		"service add 10.0.0.100:90/tcp\n"
		"service add 10.0.0.101:70/tcp\n"
		"node set n2 zone b state down\n"
		"vip set 9.0.0.1 holder n2\n"
		"member add 10.0.0.101:70/tcp node n2\n"
		"member set 10.0.0.101:70/tcp node n2 priority 5";
	static const char wanted[] =
		"node add n1 addr 192.168.0.1 state up\n"
		"node add n2 addr 192.168.0.2 zone b state down\n"
		"vip add 9.0.0.1 holder n2 stray forward\n"
		"vip add 10.0.0.100 stray forward\n"
		"service add 10.0.0.100:90/tcp sched active-standby failback 10s\n"
		"vip add 10.0.0.101 stray forward\n"
		"service add 10.0.0.101:70/tcp sched active-standby failback 10s\n"
		"member add 10.0.0.101:70/tcp node n2 priority 5 via direct\n"
		"service add 10.0.0.101:80/tcp sched active-standby failback 10s\n";
	struct hasw_error err;
	char *text;

	(void)state;
	assert_int_equal(apply(mixed, &err), 0);
	text = print();
	assert_string_equal(text, wanted);
	free(text);
}

/* ADDED after the whole configuration fails with CODE and says SAYS, and changes nothing. */
static void refused(const char *added, int code, const char *says)
{
	struct hasw_error err;
	char *before = print(), *text;

	assert_int_equal(apply(added, &err), 1);
	assert_int_equal(err.code, code);
	if (!strstr(err.text, says))
		fail_msg("%s: \"%s\" has no \"%s\"", added, err.text, says);
	text = print();
	assert_string_equal(text, before);
	free(text);
	free(before);
}

static void what_the_module_would_refuse(void **state)
{
	struct hasw_error err;

	(void)state;
	assert_int_equal(apply(whole, &err), 0);
	refused("node add n1 addr 192.168.0.9", EEXIST, "node n1 already");
	refused("node add n9 addr 192.168.0.9 self", EEXIST, "another self");
	refused("node add n9 addr 192.168.0.1", EEXIST, "node n1 has the address 192.168.0.1");
	refused("node add n9 addr 2001:db8::3", EEXIST, "node n3 has the address 2001:db8::3");
	refused("node add n9 addr 127.0.0.1", EINVAL, "is not an address of a host");
	refused("node add n9 addr fe80::1", EINVAL, "link-local");
	refused("vip add fe80::100 everywhere", EINVAL, "link-local");
	refused("node add n9 addr 192.168.0.9 dev eth0", EINVAL, "lladdr and dev go together");
	refused("node add n9 addr 10.0.0.100", EEXIST, "there is a vip 10.0.0.100");
	refused("node set n2 addr 192.168.0.1", EEXIST, "node n1 has the address 192.168.0.1");
	refused("node set n2 addr 10.0.0.100", EEXIST, "there is a vip 10.0.0.100");
	refused("vip add 192.168.0.1", EEXIST, "node n1 has the address 192.168.0.1");
	refused("node set n9 state up", ENOENT, "no node n9");
	refused("node set n2 share 25", EOPNOTSUPP, "share does not belong into a configuration");
	refused("vip add 10.0.0.100", EEXIST, "vip 10.0.0.100 already");
	refused("vip add 10.0.0.102 holder n9", ENOENT, "no node n9");
	refused("vip add 224.0.0.1", EINVAL, "is not an address of a host");
	refused("vip add 10.0.0.102 on eth0 on eth0", EINVAL, "\"on eth0\" is there twice");
	refused("vip set 10.0.0.102 holder n1", ENOENT, "no vip 10.0.0.102");
	refused("service add 10.0.0.102:80/tcp", ENOENT, "no vip 10.0.0.102");
	refused("service add 2001:db8::9:80/tcp", ENOENT,
		"no vip 2001:db8::9:80; if the last number is meant as a port, write [ADDR]:PORT/PROTO");
	refused("service add 10.0.0.100:80/tcp", EEXIST, "service 10.0.0.100:80/tcp already");
	refused("service set 10.0.0.100:81/tcp sched active-standby", ENOENT, "no service 10.0.0.100:81/tcp");
	refused("member add 10.0.0.100:81/tcp node n1", ENOENT, "no service 10.0.0.100:81/tcp");
	refused("member add 10.0.0.100:80/tcp node n9", ENOENT, "no node n9");
	refused("member add 10.0.0.100:80/tcp node n1", EEXIST, "n1 is a member of 10.0.0.100:80/tcp already");
	refused("member add 10.0.0.100:80/tcp node n3 via local", EINVAL, "via direct, tunnel, gue or nat is right");
	refused("member set 10.0.0.100:80/tcp node n3 priority 1", ENOENT, "n3 is not a member");
	refused("service add 10.0.0.100:54/udp one-packet on", EINVAL, "one-packet needs sched rr, wrr or random");
	refused("service add 10.0.0.100:54/udp sched maglev one-packet on", EINVAL, "one-packet needs sched rr");
	refused("service set 10.0.0.100:53/udp sched lc", EINVAL, "one-packet needs sched rr");
	refused("service set 10.0.0.100:53/udp persist 5s", EINVAL, "and no persist");
	refused("service set 10.0.0.100:5060/udp sched rr one-packet on", EINVAL, "and no persist");
	refused("service set 10.0.0.100:5061/udp one-packet on", EINVAL, "node n2 is a member via nat");
	refused("service set 10.0.0.100:5060/udp persist 0s mask 8", EINVAL, "a mask of clients needs persist");
	refused("service set 10.0.0.100:53/udp mask 8", EINVAL, "a mask of clients needs persist");
	refused("service add 10.0.0.100:54/udp new-max 5", EINVAL, "new-max needs tracked flows");
	refused("service add 10.0.0.100:54/udp slow-start 5s", EINVAL,
		"slow-start needs sched rr, wrr, lc, wlc or random");
	refused("service add 10.0.0.100:54/udp sched maglev persist 5s slow-start 5s",
		EINVAL, "slow-start needs sched rr");
	refused("service add 10.0.0.100:54/udp min-active 2", EINVAL,
		"sched active-standby has one active member at a time: min-active 1");
	refused("service add 10.0.0.100:54/udp zone prefer", EINVAL,
		"sched active-standby has one active member at a time, the same on all nodes: zone any");
	refused("member add 10.0.0.100:80/tcp node n3 spare", EINVAL,
		"sched active-standby has no spare members: give a standby a larger priority number");
	refused("member set 10.0.0.100:80/tcp node n1 spare on", EINVAL, "has no spare members");
	refused("service set 10.0.0.100:53/udp on-failover keep", EINVAL,
		"on-failover keep or reset needs tracked flows");
	refused("member add 10.0.0.100:53/udp node n1 flows-max 5", EINVAL,
		"flows-max needs a service with tracked flows");
	/* Nothing of a line that is refused is there, whatever its order. */
	refused("service set 10.0.0.100:53/udp sched wrr on-empty n9", ENOENT, "no node n9");
	refused("service set 10.0.0.100:53/udp on-empty n1 sched lc", EINVAL, "one-packet needs sched rr");
	refused("member add 10.0.0.100:53/udp node n2 via nat", EINVAL, "the service has one-packet on");
	refused("member set 10.0.0.100:443/tcp node n3 via nat", EINVAL, "an address of node n3 of the vip's family");
	refused("member set 10.0.0.100:53/udp node n1 via nat", ENOENT, "n1 is not a member");
	refused("member set 10.0.0.100:80/tcp node n2 port 80", EINVAL, "a port of the member needs via nat");
	refused("member add 10.0.0.100 node n2 via nat port 80", EINVAL, "a service of tcp, udp, sctp or udplite");
	refused("service set [2001:db8::100]:80/tcp snat on", EINVAL, "snat needs a node that is this machine");
	refused("member set 10.0.0.100:5061/udp node n2 weight 6", ENOTUNIQ, "name the port of one, with \"at PORT\"");
	refused("member set 10.0.0.100:5061/udp node n2 at 63 weight 6", ENOENT, "n2 has no member at port 63");
	refused("member set 10.0.0.100:5061/udp node n2 at 62 port 61", EINVAL, "delete it and add it anew");
	refused("member set 10.0.0.100:5061/udp node n2 at 62 via direct", EINVAL, "delete it and add it anew");
	refused("member add 10.0.0.100:5061/udp node n2 via nat port 62", EEXIST, "with this port already");
	refused("member add 10.0.0.100:5061/udp node n2", EEXIST,
		"several of one node need via nat, and different ports");
	refused("member add 10.0.0.100:5060/udp node n3 port 80", EINVAL, "a port of the member needs via nat");
	refused("beat n1 for 1s", EOPNOTSUPP, "does not belong");
	refused("flow limits", EOPNOTSUPP, "does not belong");
}

static char *saved(const char *text)
{
	struct hasw_error err;

	assert_int_equal(apply(text, &err), 0);
	return print();
}

static void holds(const char *text, const char *wanted, bool there)
{
	char *is = saved(text);

	if (!!strstr(is, wanted) != there)
		fail_msg("%s: %s \"%s\" in \"%s\"", text, there ? "no" : "a", wanted, is);
	free(is);
}

/* Further ports of services: which can be, which are refused with nothing changed, and that they are replaced. */
static void ports(void **state)
{
	(void)state;
	holds("node add n1 addr 192.0.2.1 self\nnode add n2 addr 192.0.2.2\nvip add 10.0.0.1 holder n1\n"
	      "vip add 10.0.0.2 holder n1\nservice add 10.0.0.1:80/tcp sched rr also 443 also 8000-8010\n"
	      "service add 10.0.0.1/tcp\nservice add 10.0.0.1:8011/tcp\nservice add 10.0.0.1:443/udp also 80\n",
	      "service add 10.0.0.1:80/tcp also 443 also 8000-8010 sched rr failback 10s\n", true);
	holds("service add 10.0.0.2:443/tcp also 80\n", "service add 10.0.0.2:443/tcp also 80 sched", true);
	refused("service add 10.0.0.1:443/tcp", EEXIST, "port 443: port 443 belongs to the service 10.0.0.1:80/tcp");
	refused("service add 10.0.0.1:8010/tcp", EEXIST, "belongs to the service 10.0.0.1:80/tcp; leave it out");
	refused("service add 10.0.0.1:81/tcp also 80", EEXIST, "also 80: port 80 belongs to the service");
	refused("service add 10.0.0.1:81/tcp also 7000-8000", EEXIST, "also 7000-8000: port 8000 belongs");
	refused("service add 10.0.0.1:81/tcp also 8005-8007", EEXIST, "also 8005-8007: port 8005 belongs");
	refused("service set 10.0.0.1:80/tcp also 8011", EEXIST, "the service 10.0.0.1:8011/tcp");
	refused("service set 10.0.0.1:80/tcp also 70-90", EINVAL, "port 80 is the service's own port; leave it out");
	refused("service set 10.0.0.1:80/tcp also 90-95 also 95", EINVAL, "also 95: a port is there twice");
	refused("service set 10.0.0.1:80/tcp also 90 also none", ERANGE, "stands alone");
	refused("service add 10.0.0.1 also 90", EINVAL, "further ports need a service with a port of its own");
	refused("service set 10.0.0.1/tcp also 90", EINVAL, "further ports need a service with a port of its own");
	refused("service set 10.0.0.1:443/tcp sched rr", ENOENT, "there is no service 10.0.0.1:443/tcp");
	refused("member add 10.0.0.1:80/tcp node n2 via nat port 8080", EINVAL, "the service has further ports");
	holds("member add 10.0.0.1:80/tcp node n2 via nat\n", "node n2 priority 100 via nat\n", true);
	refused("member set 10.0.0.1:80/tcp node n2 port 8080", EINVAL, "the service has further ports");
	/* What one service has given up, another one can have. */
	holds("service set 10.0.0.1:80/tcp also 90-95\nservice add 10.0.0.1:443/tcp also 8000\n",
	      "service add 10.0.0.1:80/tcp also 90-95 sched rr", true);
	holds("service set 10.0.0.1:80/tcp also none\nmember set 10.0.0.1:80/tcp node n2 port 81\n",
	      "service add 10.0.0.1:80/tcp sched rr", true);
	refused("service set 10.0.0.1:80/tcp also 90", EINVAL, "node n2 is a member via nat with port 81");
	holds("service add 10.0.0.1:90/tcp\n", "service add 10.0.0.1:90/tcp sched", true);
}

/* Changes of what a service says of its flows, and of their limits. */
static void flows(void **state)
{
	(void)state;
	holds("vip add 10.0.0.1\nservice add 10.0.0.1 sched lc\n", "flow", false);
	holds("service set 10.0.0.1 persist 1h mask 24\n", "sched lc failback 10s persist 1h mask 24\n", true);
	holds("service set 10.0.0.1 mask 16\n", "persist 1h mask 16\n", true);
	/* All bits are what is so without a word. */
	holds("service set 10.0.0.1 mask 32\n", "persist 1h\n", true);
	holds("service set 10.0.0.1 persist 1h mask 8\nservice set 10.0.0.1 persist 2h\n", "persist 2h\n", true);
	holds("service set 10.0.0.1 mask 8\nservice set 10.0.0.1 persist 0s\n", "sched lc failback 10s\n", true);
	holds("service set 10.0.0.1 sched rr one-packet on\n", "sched rr failback 10s one-packet on\n", true);
	holds("service set 10.0.0.1 one-packet off new-max 9 on-failover keep\n",
	      "sched rr failback 10s new-max 9 on-failover keep\n", true);
	holds("service set 10.0.0.1 new-max 0 on-failover move sched maglev\n", "sched maglev failback 10s\n", true);
	holds("service set 10.0.0.1 sched rr slow-start 90s\n", "sched rr failback 10s slow-start 90s\n", true);
	holds("service set 10.0.0.1 slow-start 0s sched maglev\n", "sched maglev failback 10s\n", true);
	holds("service set 10.0.0.1 min-active 3\n", "sched maglev failback 10s min-active 3\n", true);
	refused("service set 10.0.0.1 sched active-standby", EINVAL, "min-active 1");
	holds("service set 10.0.0.1 zone prefer\n", " min-active 3 zone prefer\n", true);
	holds("service set 10.0.0.1 min-active 1\n", "min-active", false);
	refused("service set 10.0.0.1 sched active-standby", EINVAL, "zone any");
	holds("service set 10.0.0.1 zone any\n", "zone", false);
	holds("node add n1 addr 192.0.2.1 self\nnode add n2 addr 192.0.2.2 addr 2001:db8::2\n"
	      "node add n3 addr 2001:db8::3\n", "n3", true);
	holds("service set 10.0.0.1 snat on\n", "failback 10s snat on\n", true);
	holds("service set 10.0.0.1 snat off\nservice add 10.0.0.1:80/tcp\n", "snat", false);
	holds("member add 10.0.0.1:80/tcp node n2 via nat port 8080\n", "node n2 priority 100 via nat port 8080\n",
	      true);
	holds("member set 10.0.0.1:80/tcp node n2 weight 2\n", "weight 2 via nat port 8080\n", true);
	holds("member set 10.0.0.1:80/tcp node n2 port 0\n", "weight 2 via nat\n", true);
	holds("member set 10.0.0.1:80/tcp node n2 port 81\nmember set 10.0.0.1:80/tcp node n2 via direct\n",
	      "weight 2 via direct\n", true);
	/* The port of the service is that of a member without a port of its own. */
	holds("member set 10.0.0.1:80/tcp node n2 via nat\nmember add 10.0.0.1:80/tcp node n2 via nat port 82\n"
	      "member set 10.0.0.1:80/tcp node n2 at 80 weight 5\n", "node n2 priority 100 weight 5 via nat\n", true);
	holds("member set 10.0.0.1:80/tcp node n2 at 82 weight 7\n", "weight 7 via nat port 82\n", true);
	holds("service add 10.0.0.1/udp sched rr\nmember add 10.0.0.1/udp node n2 via nat spare\n",
	      "10.0.0.1/udp node n2 priority 100 via nat spare\n", true);
	refused("service set 10.0.0.1/udp sched active-standby", EINVAL, "member n2 is a spare one");
	holds("member set 10.0.0.1/udp node n2 spare off\n", "spare", false);
	holds("flow set tcp 1h\n", "flow set tcp 1h\n", true);
	holds("flow set max 0 udp 90s\n", "flow set max 0 tcp 1h udp 90s\n", true);
	holds("flow set max 262144 tcp 900s udp 3m\n", "flow", false);
}

/* Whether that vip says who answers for it, as far as it has to. */
static int owner(const char *text, struct hasw_error *err)
{
	struct hasw_addr addr;
	uint32_t vip;

	assert_null(hasw_addr_parse(&addr, text));
	vip = hasw_model_vip(&model, &addr);
	assert_int_not_equal(vip, HASW_NONE);
	return hasw_model_check_owner(&model, &model.vips[vip], err);
}

/* Where there are several nodes, a vip says who answers for it. */
static void owners(void **state)
{
	struct hasw_error err;

	(void)state;
	holds("vip add 10.0.0.1\n", "vip add 10.0.0.1 stray forward\n", true);
	assert_int_equal(owner("10.0.0.1", &err), 0);
	holds("node add n1 addr 192.0.2.1 self\nlease add l\n", "n1", true);
	assert_int_equal(owner("10.0.0.1", &err), 0);
	holds("node add n2 addr 192.0.2.2\n", "n2", true);
	assert_int_equal(owner("10.0.0.1", &err), -EINVAL);
	assert_string_equal(err.text,
			    "vip 10.0.0.1 has neither lease nor holder, and there are 2 nodes: write \"lease LEASE\", "
			    "\"holder NODE\" or \"everywhere\"");
	holds("vip set 10.0.0.1 everywhere\n", "vip add 10.0.0.1 everywhere stray forward\n", true);
	assert_int_equal(owner("10.0.0.1", &err), 0);
	/* Each of the three takes the place of the others. */
	holds("vip set 10.0.0.1 holder n2\n", "vip add 10.0.0.1 holder n2 stray forward\n", true);
	assert_int_equal(owner("10.0.0.1", &err), 0);
	holds("vip set 10.0.0.1 everywhere\n", "vip add 10.0.0.1 everywhere stray forward\n", true);
	holds("vip set 10.0.0.1 lease l\n", "vip add 10.0.0.1 lease l stray forward\n", true);
	assert_int_equal(owner("10.0.0.1", &err), 0);
	holds("vip set 10.0.0.1 everywhere\n", "vip add 10.0.0.1 everywhere stray forward\n", true);
	holds("vip add 10.0.0.2 everywhere stray drop\n", "vip add 10.0.0.2 everywhere stray drop\n", true);
	assert_int_equal(apply("vip add 10.0.0.3 everywhere holder n1\n", &err), 1);
	assert_int_equal(apply("vip add 10.0.0.3 lease l everywhere\n", &err), 1);
	assert_string_equal(err.text, "a vip is everywhere, or it has a lease or a holder");
}

/* Who should hold a lease, and who may: what is saved, and what makes no sense. */
static void nodes_of_leases(void **state)
{
	struct hasw_error err;

	(void)state;
	holds("node add n1 addr 192.0.2.1 self\nnode add n2 addr 192.0.2.2\nnode add n3 addr 192.0.2.3\n", "n3", true);
	holds("lease add a\n", "lease add a\n", true);
	/* In the order that was given, which is that of the preference. */
	holds("lease add b prefer n2 prefer n1 only n1 only n2\n", "lease add b prefer n2 prefer n1 only n1 only n2\n",
	      true);
	holds("lease add c prefer n3 failback manual\n", "lease add c prefer n3 failback manual\n", true);
	holds("lease add d prefer n3 failback 10s\n", "lease add d prefer n3\n", true);
	holds("lease add e only n3 prefer n3 failback auto\n", "lease add e prefer n3 only n3 failback auto\n", true);
	assert_int_equal(apply("lease add f prefer n4\n", &err), 1);
	assert_string_equal(err.text, "there is no node n4");
	assert_int_equal(apply("lease add f only n1 only n1\n", &err), 1);
	assert_string_equal(err.text, "\"only n1\" is there twice");
	assert_int_equal(apply("lease add f prefer n1 prefer n2 prefer n1\n", &err), 1);
	assert_string_equal(err.text, "\"prefer n1\" is there twice");
	assert_int_equal(apply("lease add f only n1 prefer n2\n", &err), 1);
	assert_string_equal(err.text, "node n2 is preferred, but not among those that may hold the lease: name it with "
				      "only, too");
	assert_int_equal(apply("lease add f only n1 failback 1s\n", &err), 1);
	assert_string_equal(err.text, "failback needs prefer: without a preferred node the lease goes back to nobody");
	holds("", "lease add f", false);
}

static void most_members(void **state)
{
	struct hasw_member member = { .priority = 1, .via = HASWITCH_VIA_DIRECT };
	struct hasw_error err;

	(void)state;
	assert_int_equal(apply("vip add 10.0.0.100\nservice add 10.0.0.100\n", &err), 0);
	for (uint32_t i = 0; i <= HASWITCH_MEMBERS_MAX; i++) {
		struct hasw_node node = { 0 };
		int ret;

		snprintf(node.name, sizeof(node.name), "n%u", i);
		assert_int_equal(hasw_model_add_node(&model, &node, &err), 0);
		member.node = i;
		ret = hasw_model_add_member(&model, &member, &err);
		assert_int_equal(ret, i < HASWITCH_MEMBERS_MAX ? 0 : -E2BIG);
	}
	for (uint32_t i = 0; i < HASWITCH_MEMBERS_MAX; i++)
		assert_int_equal(hasw_model_member(&model, 0, i), i);
}

static bool local(const char *text)
{
	struct hasw_addr addr;
	uint32_t vip;

	assert_null(hasw_addr_parse(&addr, text));
	vip = hasw_model_vip(&model, &addr);
	assert_int_not_equal(vip, HASW_NONE);
	return hasw_model_local(&model, &model.vips[vip]);
}

static void local_vips(void **state)
{
	struct hasw_error err;

	(void)state;
	/* Without a self there is only "this node always". */
	assert_int_equal(apply("node add n2 addr 192.168.0.2\nvip add 10.0.0.1\nvip add 10.0.0.2 holder n2\n", &err),
			 0);
	assert_true(local("10.0.0.1"));
	assert_false(local("10.0.0.2"));
	assert_int_equal(apply("node add n1 addr 192.168.0.1 self\nvip add 10.0.0.3 holder n1\n", &err), 0);
	assert_true(local("10.0.0.3"));
	assert_int_equal(apply("vip set 10.0.0.3 holder n2\n", &err), 0);
	assert_false(local("10.0.0.3"));
	assert_int_equal(apply("vip set 10.0.0.3 holder n1\nservice add 10.0.0.3/udp\n", &err), 0);
	/* It has a service: its packets go to members only. */
	assert_false(local("10.0.0.3"));
	assert_int_equal(apply("member add 10.0.0.3/udp node n2\n", &err), 0);
	assert_false(local("10.0.0.3"));
	assert_int_equal(apply("member add 10.0.0.3/udp node n1\n", &err), 0);
	assert_true(local("10.0.0.3"));
	/* A member serves though another node holds the vip. */
	assert_int_equal(apply("vip set 10.0.0.3 holder n2\n", &err), 0);
	assert_true(local("10.0.0.3"));
}

static void reasons(void **state)
{
	char buf[WHY_TEXT];
	struct hasw_error err;

	(void)state;
	assert_int_equal(apply(whole, &err), 0);
	/* n1 and n2 of 10.0.0.100:80/tcp */
	model.services[1].serving = 2;
	assert_null(why_service(&model, &model.services[1], buf));
	/* What the module says counts, and nothing is judged anew. */
	model.members[0].weight = 0;
	model.members[1].health = HASWITCH_HEALTH_DOWN;
	assert_null(why_service(&model, &model.services[1], buf));
	model.services[1].serving = 0;
	model.members[0].new_flows = HASWITCH_NEW_FLOWS_UNRESOLVED;
	model.members[1].new_flows = HASWITCH_NEW_FLOWS_UNHEALTHY;
	assert_string_equal(why_service(&model, &model.services[1], buf),
			    "no usable member (n2 has no address, n1 has health down)");
	/* A node is reached by its address of the other family, too. */
	model.nodes[1].reach6 = HASWITCH_REACH_RESOLVING;
	model.nodes[0].state = HASWITCH_NODE_STATE_FENCED;
	model.members[1].new_flows = HASWITCH_NEW_FLOWS_NODE_STATE;
	assert_string_equal(why_service(&model, &model.services[1], buf),
			    "no usable member (n2 does not answer ARP or neighbour discovery, n1 is fenced)");
	model.nodes[1].reach4 = HASWITCH_REACH_NO_ROUTE;
	model.nodes[0].state = HASWITCH_NODE_STATE_UP;
	assert_string_equal(why_service(&model, &model.services[1], buf),
			    "no usable member (n2 is behind no direct route, n1 was not usable just now)");
	model.members[0].new_flows = HASWITCH_NEW_FLOWS_WEIGHT_0;
	model.members[1].new_flows = HASWITCH_NEW_FLOWS_FULL;
	assert_string_equal(why_service(&model, &model.services[1], buf),
			    "no usable member (n2 has weight 0, n1 has as many flows as its flows-max)");
	model.members[0].new_flows = HASWITCH_NEW_FLOWS_REFUSED;
	model.members[1].new_flows = HASWITCH_NEW_FLOWS_SPARE;
	assert_non_null(strstr(why_service(&model, &model.services[1], buf), "n1 is a spare one that is not needed"));
	model.members[1].new_flows = HASWITCH_NEW_FLOWS_ZONE;
	assert_non_null(strstr(why_service(&model, &model.services[1], buf), "n1 is in another zone and not needed"));
	model.members[1].new_flows = HASWITCH_NEW_FLOWS_ZONE + 1;
	assert_non_null(strstr(why_service(&model, &model.services[1], buf),
			       "(n2 has nobody listening, n1 gets no new flows"));
	model.members[0].new_flows = HASWITCH_NEW_FLOWS_UNRESOLVED;
	model.members[0].via = HASWITCH_VIA_GUE;
	model.members[1].new_flows = HASWITCH_NEW_FLOWS_HELD;
	model.members[1].unlocal = true;
	assert_string_equal(why_service(&model, &model.services[1], buf),
			    "no usable member (n2 has no route, n1 does not have the vip as an address)");
	for (uint8_t sched = 0; sched < hasw_enum_sched.count; sched++) {
		model.services[1].sched = sched;
		assert_int_equal(why_is_spread(&model.services[1]), sched != HASWITCH_SCHED_ACTIVE_STANDBY);
	}
	model.services[1].sched = HASWITCH_SCHED_ACTIVE_STANDBY;
	assert_string_equal(why_service(&model, &model.services[0], buf), "no members");
	model.services[0].rejects = true;
	assert_null(why_service(&model, &model.services[0], buf));

	assert_null(why_vip(&model, &model.vips[1], true, NULL, buf));
	model.nodes[1].state = HASWITCH_NODE_STATE_LOST;
	assert_non_null(strstr(why_vip(&model, &model.vips[1], true, NULL, buf), "its holder n2 is lost"));
	/* A holder that is drained serves on. */
	model.nodes[1].state = HASWITCH_NODE_STATE_DRAIN;
	assert_null(why_vip(&model, &model.vips[1], true, NULL, buf));
	/* Held here, without services: it has to be an address of this machine. */
	model.vips[1].holder = model.self;
	assert_null(why_vip(&model, &model.vips[1], true, NULL, buf));
	assert_string_equal(why_vip(&model, &model.vips[1], false, NULL, buf), "it is not an address of this machine");
}

/* A vip and its service that are added between the dumps of vips and of services. */
static void services_of_late_vips(void **state)
{
	static char buf[HASW_MSG_SIZE] __attribute__((aligned(8)));
	struct hasw_record rec;
	struct hasw_error err;
	struct hasw_msg msg;
	struct hasw_svc svc;

	(void)state;
	assert_null(hasw_svc_parse(&svc, "10.0.0.100:80/tcp"));
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_SERVICE_GET, 0);
	hasw_put_svc(&msg, HASWITCH_A_SERVICE_ADDR4, &svc);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	assert_int_equal(hasw_model_add_record(&model, &rec, &err), -EAGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(round_trip, fresh, gone),
		cmocka_unit_test_setup_teardown(unknown_values, fresh, gone),
		cmocka_unit_test_setup_teardown(marks_need_a_lease, fresh, gone),
		cmocka_unit_test_setup_teardown(addresses_move, fresh, gone),
		cmocka_unit_test_setup_teardown(stable_order, fresh, gone),
		cmocka_unit_test_setup_teardown(what_the_module_would_refuse, fresh, gone),
		cmocka_unit_test_setup_teardown(ports, fresh, gone),
	cmocka_unit_test_setup_teardown(flows, fresh, gone),
		cmocka_unit_test_setup_teardown(owners, fresh, gone),
		cmocka_unit_test_setup_teardown(nodes_of_leases, fresh, gone),
		cmocka_unit_test_setup_teardown(most_members, fresh, gone),
		cmocka_unit_test_setup_teardown(local_vips, fresh, gone),
		cmocka_unit_test_setup_teardown(reasons, fresh, gone),
		cmocka_unit_test_setup_teardown(services_of_late_vips, fresh, gone),
	};

	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
