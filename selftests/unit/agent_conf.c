// SPDX-License-Identifier: GPL-2.0
/* The configuration file: what is good, what is not, and in which line. */
#include <errno.h>
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

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <sodium.h>

#include "haagentd/conf/conf.h"
#include "haagentd/conf/conf_read.h"
#include "haagentd/module/module.h"
#include "conf_parse.h"

#define MS	UINT64_C(1000000)

#define TWO	"nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n" \
		"          { name = \"n2\"; address = \"10.0.0.2\"; } );\n"
#define ME	"node = \"n1\";\n"

static void routes(void **state)
{
	struct conf *c;

	(void)state;
	good(ME TWO, &c);
	assert_int_equal(c->routes_table, 0);
	conf_free(c);
	good(ME TWO "routes = { };\n", &c);
	assert_int_equal(c->routes_table, CONF_ROUTES);
	conf_free(c);
	good(ME TWO "routes = { table = 254; };\n", &c);
	assert_int_equal(c->routes_table, 254);
	conf_free(c);
	bad(ME TWO "routes = true;\n", 5, "must be a group");
	bad(ME TWO "routes = { table = 253; };\n", 5, "254 the main table");
	bad(ME TWO "routes = { table = 0; };\n", 5, "it must be from 1 to");
	bad(ME TWO "routes = { table = \"main\"; };\n", 5, "a whole number");
	bad(ME TWO "routes = { tables = 3; };\n", 5, "nearest that there is is \"table\"");
}

static void defaults(void **state)
{
	struct sockaddr_in *in;
	struct conf *c;

	(void)state;
	good(ME TWO, &c);
	assert_int_equal(c->n_nodes, 2);
	assert_int_equal(c->self, 0);
	assert_int_equal(c->n_paths, 1);
	assert_true(c->heartbeat == 10 * MS);
	assert_true(c->suspect == 30 * MS);
	assert_true(c->time == 30 * MS);
	assert_true(c->vote);
	assert_true(c->lease_longest == 10000 * MS);
	assert_string_equal(c->voter_file, "/var/lib/haswitch/voter-n1");
	assert_int_equal(c->n_checks, 0);
	in = (struct sockaddr_in *)&c->nodes[1].at[0];
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(ntohs(in->sin_port), CONF_PORT);
	assert_int_equal(ntohl(in->sin_addr.s_addr), 0x0a000002);
	assert_memory_equal(&c->paths[0].local, &c->nodes[0].at[0],
			    sizeof(c->paths[0].local));
	conf_free(c);
}

static void host_name_is_the_default(void **state)
{
	char host[256], text[1024];
	struct conf *c;

	(void)state;
	assert_int_equal(gethostname(host, sizeof(host)), 0);
	host[strcspn(host, ".")] = 0;
	snprintf(text, sizeof(text),
		 "nodes = ( { name = \"n\"; address = \"10.0.0.1\"; }, { name = \"%s\"; address = \"10.0.0.2\"; } );",
		 host);
	good(text, &c);
	assert_int_equal(c->self, 1);
	conf_free(c);
}

static void several_paths(void **state)
{
	struct conf *c;

	(void)state;
	good(ME "paths = ( { name = \"front\"; }, { name = \"back\"; port = 7000; device = \"lo\"; } );\n"
	     "nodes = ( { name = \"n1\"; addresses = { front = \"10.0.0.1\"; back = \"fe80::1\"; }; },\n"
	     "          { name = \"n2\"; addresses = { front = \"10.0.0.2\"; back = \"fe80::2\"; }; },\n"
	     "          { name = \"n3\"; addresses = { front = \"10.0.0.3\"; }; } );\n", &c);
	assert_int_equal(c->n_paths, 2);
	assert_int_equal(c->nodes[1].at[1].ss_family, AF_INET6);
	assert_int_equal(ntohs(((struct sockaddr_in6 *)&c->nodes[1].at[1])->sin6_port), 7000);
	assert_int_equal(c->nodes[2].at[1].ss_family, 0);
	conf_free(c);
}

static void checks_and_timings(void **state)
{
	struct conf *c;

	(void)state;
	good(ME TWO "timings = { heartbeat = \"5ms\"; suspect = \"20ms\"; time = \"15ms\"; };\n"
	     "checks = ( { service = \"10.0.0.100:80/tcp\"; node = [ \"n1\", \"n2\" ]; },\n"
	     "  { service = \"[2001:db8::1]:443/tcp\"; node = \"n1\"; kind = \"tcp\"; address = \"10.1.1.1\"; "
	     "port = 8443;\n"
	     "    interval = \"1s\"; timeout = \"100ms\"; rise = 1; fall = 9; } );\n"
	     "notify = [ \"/bin/true\" ];\n", &c);
	assert_true(c->heartbeat == 5 * MS && c->suspect == 20 * MS && c->time == 15 * MS);
	/* What the file says stays, and what it does not say fits the machine. */
	assert_true(c->suspect_most == 20 * MS);
	assert_int_equal(c->n_checks, 3);
	assert_string_equal(c->checks[1].node, "n2");
	assert_int_equal(c->checks[1].port, 80);
	assert_true(c->checks[1].interval == 200 * MS);
	assert_true(c->checks[1].timeout == 200 * MS);
	assert_int_equal(c->checks[1].rise, 2);
	assert_int_equal(c->checks[1].fall, 3);
	assert_int_equal(c->checks[1].address.family, 0);
	assert_int_equal(c->checks[2].port, 8443);
	assert_int_equal(c->checks[2].address.family, AF_INET);
	assert_true(c->checks[2].timeout == 100 * MS);
	assert_int_equal(c->checks[2].rise, 1);
	assert_int_equal(c->checks[2].fall, 9);
	assert_int_equal(c->n_hooks, 1);
	conf_free(c);
}

static void nodes_that_are_wrong(void **state)
{
	(void)state;
	bad("", 0, "no list \"nodes\"");
	bad("nodes = \"n1\";\n", 2, "must be a list");
	bad("nodes = ( );\n", 2, "must have 1 to");
	bad(ME "nodes = ( \"n1\" );\n", 3, "must be a group");
	bad(ME "nodes = (\n { name = \"n1\"; } );\n", 4, "no \"address\"");
	bad(ME "nodes = (\n { address = \"10.0.0.1\"; } );\n", 4, "needs a \"name\"");
	bad(ME "nodes = (\n { name = \"n 1\"; address = \"10.0.0.1\"; } );\n", 4, "cannot be a node's name");
	bad(ME "nodes = (\n { name = \"n1\";\n address = \"10.0.1\"; } );\n", 5, "not an address");
	bad(ME "nodes = (\n { name = \"n1\";\n adress = \"10.0.0.1\"; address = \"10.0.0.1\"; } );\n", 5,
	    "unknown setting \"adress\" in a node; the nearest that there is is \"address\"");
	bad(ME TWO "notifi = [ ];\n", 5, "nearest that there is is \"notify\"");
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n{ name = \"n1\"; address = \"10.0.0.2\"; } );\n",
	    4, "is there already, in line 3");
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n{ name = \"n2\"; address = \"10.0.0.1\"; } );\n",
	    4, "same address");
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n{ name = \"n2\"; address = \"fd00::1\"; } );\n",
	    4, "different families");
	bad("node = \"n3\";\n" TWO, 2, "not in \"nodes\"");
	bad("node = 1;\n" TWO, 2, "text in double quotes");
	bad(ME "nodes = ( { name = \"n1\"; address = \"fe80::1\"; } );\n", 3, "needs a \"device\"");
}

static struct module_node has[3];
static unsigned int n_has;
static int has_error;

static int fake_ask(struct module_node **nodes, unsigned int *n, struct hasw_error *err)
{
	if (has_error)
		return hasw_fail(err, has_error, "it is not loaded");
	*nodes = malloc(sizeof(has));
	assert_non_null(*nodes);
	memcpy(*nodes, has, sizeof(has));
	*n = n_has;
	return 0;
}

/* The module has n0, n1 and n2, by both families; n1 is this machine. */
static void module_has(void)
{
	char text[32];

	ask.module = fake_ask;
	has_error = 0;
	n_has = 3;
	memset(has, 0, sizeof(has));
	for (unsigned int i = 0; i < n_has; i++) {
		snprintf(has[i].name, sizeof(has[i].name), "n%u", i);
		snprintf(text, sizeof(text), "10.0.0.%u", i + 1);
		address_set(&has[i].addr4, AF_INET, text);
		snprintf(text, sizeof(text), "fd00::%u", i + 1);
		address_set(&has[i].addr6, AF_INET6, text);
		has[i].self = i == 1;
	}
}

/* A file without nodes, or none at all, has those of the module, which knows which of them this machine is. */
static void nodes_of_the_module(void **state)
{
	struct sockaddr_in6 *in6;
	struct sockaddr_in *in;
	struct conf *c;

	(void)state;
	module_has();
	good("", &c);
	assert_int_equal(c->n_nodes, 3);
	assert_int_equal(c->self, 1);
	assert_string_equal(c->nodes[2].name, "n2");
	assert_string_equal(c->voter_file, "/var/lib/haswitch/voter-n1");
	in = (struct sockaddr_in *)&c->nodes[2].at[0];
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(ntohs(in->sin_port), CONF_PORT);
	assert_int_equal(ntohl(in->sin_addr.s_addr), 0x0a000003);
	assert_memory_equal(&c->paths[0].local, &c->nodes[1].at[0], sizeof(*in));
	assert_false(conf_witness(c));
	conf_free(c);
	address_set(&has[2].addr4, 0, NULL);
	good("paths = ( { name = \"one\"; port = 7; } );\n", &c);
	in6 = (struct sockaddr_in6 *)&c->nodes[0].at[0];
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(in6->sin6_port), 7);
	assert_int_equal(in6->sin6_addr.s6_addr[15], 1);
	conf_free(c);
	/* A list in the file is what counts, whatever the module has. */
	good(ME TWO, &c);
	assert_int_equal(c->n_nodes, 2);
	assert_false(c->empty);
	conf_free(c);
	ask.module = NULL;
}

static void nodes_of_the_module_that_are_wrong(void **state)
{
	(void)state;
	module_has();
	bad("node = \"n1\";\n", 2, "take it out: the module knows");
	bad("paths = ( { name = \"a\"; }, { name = \"b\"; } );\n", 2,
	    "with several paths the file needs the list \"nodes\"");
	address_set(&has[2].addr4, 0, NULL);
	address_set(&has[0].addr6, AF_INET6, "fe80::1");
	bad("", 0, "the module's node \"n0\" has a link-local address");
	address_set(&has[1].addr6, 0, NULL);
	bad("", 0, "\"n1\" has no IPv6 address and \"n2\" no IPv4 address");
	module_has();
	has[1].self = false;
	bad("", 0, "none of the module's nodes is this machine");
	/* What the module has may be better in a moment. */
	assert_int_equal(errno, EAGAIN);
	bad("nodes = ( );\n", 2, "must have 1 to");
	assert_int_equal(errno, EINVAL);
	/* Another error of the file is the same at the next attempt. */
	module_has();
	bad("profile = \"quick\";\n", 2, "\"profile\"");
	assert_int_equal(errno, EINVAL);
	module_has();
	n_has = 1;
	bad("", 0, "the module has node \"n0\" alone");
	assert_int_equal(errno, EAGAIN);
	n_has = 0;
	bad("", 0, "the module has no nodes either");
	assert_int_equal(errno, EAGAIN);
	has_error = ENOENT;
	bad("", 0, "cannot be asked: it is not loaded");
	assert_int_equal(errno, EAGAIN);
	/* The nodes changed while they were read: that passes by itself. */
	has_error = EAGAIN;
	bad("", 0, "cannot be asked");
	assert_int_equal(errno, EBUSY);
	ask.module = NULL;
}

static void paths_that_are_wrong(void **state)
{
	(void)state;
	bad(ME "paths = ( );\n" TWO, 3, "1 to 8");
	bad(ME "paths = ( { name = \"1st\"; } );\n" TWO, 3, "beginning with a letter");
	bad(ME "paths = ( { name = \"a\"; port = 0; } );\n" TWO, 3, "from 1 to 65535");
	bad(ME "paths = ( { name = \"a\"; port = \"x\"; } );\n" TWO, 3, "whole number");
	bad(ME "paths = ( { name = \"a\"; device = \"0123456789abcdef\"; } );\n" TWO, 3, "at most 15");
	bad(ME "paths = ( { name = \"a\"; }, { name = \"b\"; } );\n"
	    "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; } );\n", 4, "with several paths");
	bad(ME "paths = ( { name = \"a\"; }, { name = \"b\"; } );\n"
	    "nodes = ( { name = \"n1\"; addresses = { a = \"10.0.0.1\"; }; },\n"
	    "{ name = \"n2\"; addresses = { b = \"10.0.0.2\"; }; } );\n", 5, "no address on any path that this node");
	bad(ME "paths = ( { name = \"a\"; }, { name = \"b\"; } );\n"
	    "nodes = ( { name = \"n1\"; addresses = { a = \"10.0.0.1\"; b = \"10.0.0.1\"; }; } );\n", 4,
	    "same address and port here");
	bad(ME "paths = ( { name = \"front\"; }, { name = \"back\"; } );\n"
	    "nodes = ( { name = \"n1\"; addresses = { front = \"10.0.0.1\";\n bakc = \"10.0.1.1\"; }; } );\n", 5,
	    "nearest that there is is \"back\"");
}

/* What the file says holds, whatever the profile; and its times go by it. */
static void profiles(void **state)
{
	struct conf *c;

	(void)state;
	good(ME TWO, &c);
	assert_int_equal(c->profile, HASW_VOTE_DEFAULT);
	conf_free(c);
	good(ME TWO "profile = \"default\";\n", &c);
	assert_int_equal(c->profile, HASW_VOTE_DEFAULT);
	assert_true(c->heartbeat == 10 * MS && c->pulse_interval == 10 * MS);
	conf_free(c);
	good(ME TWO "profile = \"fast\";\n", &c);
	assert_int_equal(c->profile, HASW_VOTE_FAST);
	assert_true(c->heartbeat == 5 * MS && c->suspect == 15 * MS && c->time == 30 * MS);
	assert_true(c->suspect_most == 500 * MS && c->fence_after == 1000 * MS);
	assert_true(c->pulse_interval == MS && c->pulse_multiplier == 3 && c->pulse_adapts);
	conf_free(c);
	good(ME TWO "timings = { suspect = \"200ms\"; };\nprofile = \"fast\";\n", &c);
	assert_true(c->heartbeat == 5 * MS && c->suspect == 200 * MS && c->suspect_most == 200 * MS);
	assert_true(c->pulse_interval == MS && c->pulse_multiplier == 200);
	conf_free(c);
	good(ME TWO "profile = \"fast\";\ntimings = { heartbeat = \"20ms\"; };\n", &c);
	assert_true(c->heartbeat == 20 * MS && c->suspect == 60 * MS && c->time == 60 * MS);
	assert_int_equal(c->pulse_multiplier, 60);
	conf_free(c);
	good(ME TWO "profile = \"fast\";\ntimings = { time = \"50ms\"; };\npulses = { interval = \"500us\"; };\n", &c);
	assert_true(c->heartbeat == 5 * MS && c->suspect == 15 * MS && c->time == 50 * MS);
	assert_true(c->pulse_interval == MS / 2 && c->pulse_multiplier == 6);
	conf_free(c);
	good(ME TWO "profile = \"fast\";\npulses = { interval = \"20ms\"; multiplier = 2; };\n", &c);
	assert_true(c->pulse_interval == 20 * MS && c->pulse_multiplier == 2);
	conf_free(c);
	bad(ME TWO "profile = \"quick\";\n", 5,
	    "\"profile\" is \"quick\"; it can be \"default\" or \"fast\"");
	bad(ME TWO "profile = fast;\n", 5, "syntax error: a setting is written as name = value;");
	bad(ME TWO "profile = 3;\n", 5, "\"profile\" must be a text in double quotes");
	bad(ME TWO "timings = {\n profile = \"fast\"; };\n", 6, "unknown setting \"profile\"");
	bad(ME TWO "profile = \"fast\";\ntimings = { suspect = \"8ms\"; };\n", 6,
	    "at least two heartbeats, \"10ms\"");
}

static void pulses(void **state)
{
	struct conf *c;

	(void)state;
	good(ME TWO, &c);
	assert_true(c->pulse);
	assert_true(c->pulse_interval == 10000000);
	assert_int_equal(c->pulse_multiplier, 4);
	assert_true(c->pulse_adapts && c->suspect == 30 * MS && c->suspect_most == 500 * MS);
	conf_free(c);
	good(ME TWO "timings = { heartbeat = \"1s\"; };\n", &c);
	assert_true(c->suspect == 3000 * MS && c->suspect_most == 3000 * MS);
	conf_free(c);
	/* As patient as the agents, as far as the module can be. */
	good(ME TWO "timings = { suspect = \"1s\"; };\n", &c);
	assert_true(c->pulse_interval == 10000000);
	assert_int_equal(c->pulse_multiplier, 100);
	conf_free(c);
	good(ME TWO "timings = { suspect = \"1m\"; };\n", &c);
	assert_true(c->pulse_interval * c->pulse_multiplier >= 60000000000);
	assert_int_equal(c->pulse_multiplier, 255);
	conf_free(c);
	good(ME TWO "timings = { suspect = \"1s\"; };\npulses = { interval = \"100ms\"; };\n", &c);
	assert_int_equal(c->pulse_multiplier, 10);
	conf_free(c);
	good(ME TWO "pulses = { use = false; interval = \"500us\"; multiplier = 3; };\n", &c);
	assert_false(c->pulse);
	assert_true(c->pulse_interval == 500000);
	assert_int_equal(c->pulse_multiplier, 3);
	assert_false(c->pulse_adapts);
	conf_free(c);
	bad(ME TWO "pulses = {\n use = 1; };\n", 6, "true or false, without quotes");
	bad(ME TWO "pulses = {\n interval = \"1us\"; };\n", 6, "from \"500us\" to \"10s\"");
	bad(ME TWO "pulses = {\n multiplier = 1; };\n", 6, "from 2 to 255");
	bad(ME TWO "pulses = {\n every = \"1s\"; };\n", 6, "unknown setting \"every\"");
}

static void leases(void **state)
{
	struct conf *c;

	(void)state;
	good(ME TWO "leases = { vote = false; longest = \"2s\"; voter = \"/tmp/v\"; };\n", &c);
	assert_false(c->vote);
	assert_true(c->lease_longest == 2000 * MS);
	assert_string_equal(c->voter_file, "/tmp/v");
	conf_free(c);
	bad(ME TWO "leases = {\n vote = \"no\"; };\n", 6, "true or false, without quotes");
	bad(ME TWO "leases = {\n longest = \"11s\"; };\n", 6, "from \"1s\" to \"10s\"");
	bad(ME TWO "leases = {\n voter = \"v\"; };\n", 6, "the whole name of a file");
	bad(ME TWO "leases = {\n votes = true; };\n", 6, "unknown setting \"votes\"");
}

static void witnesses(void **state)
{
	struct conf *c;

	(void)state;
	good(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n"
	     " { name = \"w\"; address = \"10.0.0.3\"; witness = true; } );\n", &c);
	assert_false(conf_witness(c));
	assert_true(conf_node_witness(c, "w"));
	assert_false(conf_node_witness(c, "n1"));
	assert_false(conf_node_witness(c, "n2"));
	conf_free(c);
	good("node = \"w\";\n"
	     "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; witness = false; },\n"
	     " { name = \"w\"; address = \"10.0.0.3\"; witness = true; } );\n", &c);
	assert_true(conf_witness(c));
	conf_free(c);
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n"
	    " { name = \"w\"; address = \"10.0.0.3\"; witness = 1; } );\n", 4, "true or false, without quotes");
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; witness = true; },\n"
	    " { name = \"w\"; address = \"10.0.0.3\"; witness = true; } );\n", 3,
	    "every node of \"nodes\" is a witness");
	bad("node = \"w\";\n"
	    "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n"
	    " { name = \"w\"; address = \"10.0.0.3\"; witness = true; } );\n"
	    "leases = {\n vote = false; };\n", 6, "is a witness (line 4), which does nothing but vote");
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n"
	    " { name = \"w\"; address = \"10.0.0.3\"; witness = true; } );\n"
	    "checks = (\n { service = \"10.0.0.9:80/tcp\"; node = [ \"n1\", \"w\" ]; } );\n",
	    6, "node \"w\", which is a witness and serves nothing");
}

static void fences(void **state)
{
	struct conf *c;

	(void)state;
	good(ME TWO "fence = \"/bin/true\";\n", &c);
	assert_string_equal(c->fence, "/bin/true");
	assert_true(c->fence_time == 60000 * MS);
	assert_true(c->fence_after == 1000 * MS);
	assert_true(c->fence_delay == 5000 * MS);
	conf_free(c);
	good(ME TWO "fence = \"/bin/true\";\n"
	     "timings = { fence = \"10s\"; fence_after = \"300ms\"; fence_delay = \"0s\"; };\n", &c);
	assert_true(c->fence_time == 10000 * MS);
	assert_true(c->fence_after == 300 * MS);
	assert_true(c->fence_delay == 0);
	conf_free(c);
	/* A node that may be silent for that long is not fenced for it. */
	good(ME TWO "timings = { suspect = \"3s\"; };\n", &c);
	assert_true(c->fence_after == 3000 * MS);
	assert_null(c->fence);
	conf_free(c);

	bad(ME TWO "fence = \"true\";\n", 5, "must be a whole path, from / on, without arguments");
	bad(ME TWO "fence = \"/nowhere/x\";\n", 5, "cannot be run: No such file");
	bad(ME TWO "fence = \"/tmp\";\n", 5, "fence command \"/tmp\" cannot be run: it is no file");
	bad(ME TWO "fence = [ \"/bin/true\" ];\n", 5, "must be a text in double quotes");
	bad(ME TWO "leases = { vote = false; };\nfence = \"/bin/true\";\n", 6, "\"vote\" is false");
	bad(ME TWO "notify = [ \"/bin/true\" ];\nfence = \"/bin/true\";\n", 6, "is a notify command, too");
	bad(ME TWO "timings = { suspect = \"2s\"; fence_after = \"1s\"; };\n", 5,
	    "\"fence_after\" is \"1s\"; it must be at least \"suspect\", \"2s\"");
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; }, { name = \"n2\"; address = \"10.0.0.2\"; },\n"
	    "  { name = \"n3\"; address = \"10.0.0.3\"; } );\nfence = \"/bin/true\";\n", 5,
	    "is for two nodes alone, and \"nodes\" has 3");
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; },\n"
	    "  { name = \"n2\"; address = \"10.0.0.2\"; witness = true; } );\nfence = \"/bin/true\";\n", 5,
	    "node \"n2\" (line 4) is a witness");
}

static void splits(void **state)
{
	struct conf *c;

	(void)state;
	good(ME TWO, &c);
	assert_false(c->split);
	conf_free(c);
	good(ME TWO "split = \"allow\";\n", &c);
	assert_true(c->split);
	assert_null(c->fence);
	conf_free(c);
	bad(ME TWO "split = true;\n", 5, "must be a text in double quotes");
	bad(ME TWO "split = \"yes\";\n", 5, "\"split\" is \"yes\"; it can be \"allow\" only");
	bad(ME TWO "fence = \"/bin/true\";\nsplit = \"allow\";\n", 6, "there are both \"fence\" and \"split\"");
	bad(ME TWO "leases = { vote = false; };\nsplit = \"allow\";\n", 6,
	    "\"split\" is for leases that the agents vote on");
	bad(ME "nodes = ( { name = \"n1\"; address = \"10.0.0.1\"; } );\nsplit = \"allow\";\n", 4,
	    "\"split\" is for two nodes alone, and \"nodes\" has 1");
}

static void times_that_are_wrong(void **state)
{
	struct conf *c;

	(void)state;
	bad(ME TWO "timings = {\n heartbeat = 10; };\n", 6, "in double quotes, like \"10ms\"");
	bad(ME TWO "timings = {\n heartbeat = \"10\"; };\n", 6, "units are us, ms, s, m and h");
	bad(ME TWO "timings = {\n heartbeat = \"100us\"; };\n", 6, "from \"1ms\" to \"1s\"");
	/* The sign of life to the service manager comes with the heartbeat. */
	good(ME TWO "timings = { heartbeat = \"1s\"; };\n", &c);
	conf_free(c);
	bad(ME TWO "timings = {\n heartbeat = \"1001ms\"; };\n", 6, "from \"1ms\" to \"1s\"");
	bad(ME TWO "timings = {\n suspect = \"15ms\"; };\n", 5, "at least two heartbeats, \"20ms\"");
	bad(ME TWO "timings = {\n time = \"15ms\"; };\n", 5, "at least two heartbeats, \"20ms\"");
	bad(ME TWO "timings = {\n hold = \"10s\"; };\n", 6, "unknown setting \"hold\"");
}

/* Of several members on a node, each check says which one it is of, by its port. */
static void checks_of_several_members(void **state)
{
	struct conf *c;

	(void)state;
	good(ME TWO "checks = ( { service = \"10.0.0.100:80/tcp\"; node = \"n1\"; at = 8080; },\n"
	     "  { service = \"10.0.0.100:80/tcp\"; node = [ \"n1\", \"n2\" ]; at = 8081; port = 9000; },\n"
	     "  { service = \"10.0.0.100/tcp\"; node = \"n1\"; at = 7; } );\n", &c);
	assert_int_equal(c->n_checks, 4);
	assert_int_equal(c->checks[0].at, 8080);
	assert_int_equal(c->checks[0].port, 8080);
	assert_int_equal(c->checks[2].at, 8081);
	assert_int_equal(c->checks[2].port, 9000);
	assert_int_equal(c->checks[3].port, 7);
	conf_free(c);
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; node = \"n1\"; at = 8080; },\n"
	    "{ service = \"10.0.0.1:80/tcp\"; node = \"n1\"; at = 8080; } );\n", 6, "has a check already, in line 5");
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; node = \"n1\"; at = 8080; },\n"
	    "{ service = \"10.0.0.1:80/tcp\"; node = \"n1\"; } );\n", 6, "each check says its member's port");
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; node = \"n1\"; at = 0; } );\n", 5, "from 1 to 65535");
}

static void checks_that_are_wrong(void **state)
{
	(void)state;
	bad(ME TWO "checks = ( { node = \"n1\"; } );\n", 5, "needs a \"service\"");
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; } );\n", 5, "needs a \"node\"");
	bad(ME TWO "checks = ( {\nservice = \"10.0.0.1:99999/tcp\"; node = \"n1\"; } );\n", 6, "\"service\"");
	bad(ME TWO "checks = ( { service = \"10.0.0.1\"; node = \"n1\"; } );\n", 5, "needs a \"port\"");
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; node = \"n1\";\nkind = \"smtp\"; } );\n",
	    6, "it can be \"tcp\"");
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; node = \"n1\";\naddress = \"10.0.0.1\"; } );\n", 6,
	    "is the vip");
	bad(ME TWO "checks = ( { service = \"[fd00::1]:80/tcp\"; node = \"n1\";\naddress = \"fd00::1\"; } );\n", 6,
	    "is the vip");
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; node = \"n1\";\nfall = 0; } );\n", 6, "from 1 to 1000");
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; node = \"n1\";\nfall = -3; } );\n",
	    6, "from 1 to 1000");
	bad(ME TWO "checks = ( { service = \"10.0.0.1:80/tcp\"; node = \"n1\"; },\n"
	    "{ service = \"10.0.0.1:80/tcp\"; node = \"n1\"; } );\n", 6, "has a check already, in line 5");
	bad(ME TWO "notify = [ \"true\" ];\n", 5, "must be a whole path");
	bad(ME TWO "notify = [\n\"/nowhere/x\" ];\n", 6, "cannot be run");
}

static void files_that_are_wrong(void **state)
{
	struct told t;

	(void)state;
	bad(ME "nodes = (\n", 4, "syntax error");
	/* No semicolon is missing here. */
	assert_null(parse(&t, ME TWO "http = \"off\"; http = \"off\";\n"));
	assert_non_null(strstr(t.text, "duplicate setting name"));
	assert_null(strstr(t.text, "semicolon"));
	memset(&t, 0, sizeof(t));
	assert_null(conf_read("/nowhere/haagentd.conf", NULL, report, &t));
	assert_int_equal(t.n, 1);
	assert_non_null(strstr(t.text, "/nowhere/haagentd.conf: cannot be read: "));
}

/* Who has made three mistakes is told of three. */
static void all_errors_at_once(void **state)
{
	struct told t;

	(void)state;
	assert_null(parse(&t, ME TWO "a = 1;\ntimings = { heartbeat = 1; };\nchecks = 3;\n"));
	assert_int_equal(t.n, 3);
	/* In one check, too; and a service that cannot be read says nothing of its port. */
	assert_null(parse(&t, ME TWO "checks = ( { service = \"10.0.0.1:99999/tcp\"; node = ( \"n 1\", 7 );\n"
			  "kind = \"htp\"; interval = 3;\nrise = 0; falls = 1;\naddress = \"x\"; } );\n"));
	if (t.n != 8)
		fail_msg("%u errors instead of eight: %s", t.n, t.text);
	assert_non_null(strstr(t.text, ":5: \"service\": \"10.0.0.1:99999/tcp\""));
	assert_non_null(strstr(t.text, ":5: \"n 1\" cannot be"));
	assert_non_null(strstr(t.text, ":6: \"kind\""));
	assert_non_null(strstr(t.text, ":6: \"interval\""));
	assert_non_null(strstr(t.text, ":7: \"rise\""));
	assert_non_null(strstr(t.text, ":7: unknown setting \"falls\""));
	assert_non_null(strstr(t.text, ":8: \"address\""));
	assert_null(parse(&t, ME TWO "checks = ( { service = 80; rise = 0; }, { fall = 0; } );\n"));
	assert_int_equal(t.n, 6);
}

static void key_files(void **state)
{
	char text[128], why[256];
	struct key_ring k = { .n = 0 }, again = { .n = 0 };

	(void)state;
	unlink(key);
	bad(ME TWO, 1, "--genkey");
	assert_int_equal(key_generate(key, why, sizeof(why)), 0);
	assert_int_not_equal(key_generate(key, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "is there already"));
	assert_int_equal(key_read(&k, key, why, sizeof(why)), 0);
	assert_int_equal(key_read(&again, key, why, sizeof(why)), 0);
	assert_memory_equal(&k, &again, sizeof(k));
	assert_int_equal(k.n, 1);

	/* A second key comes behind, and then is the only one. */
	assert_int_not_equal(key_drop(key, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "has one key only"));
	assert_int_equal(key_add(key, why, sizeof(why)), 0);
	assert_int_equal(key_read(&k, key, why, sizeof(why)), 0);
	assert_int_equal(k.n, 2);
	assert_int_equal(k.key[0].id, again.key[0].id);
	assert_int_not_equal(k.key[1].id, k.key[0].id);
	assert_true(key_shared(&k, &again) && key_find(&k, k.key[1].id) == &k.key[1]);
	assert_int_not_equal(key_add(key, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "has two keys already"));
	assert_int_equal(key_drop(key, why, sizeof(why)), 0);
	assert_int_equal(key_read(&again, key, why, sizeof(why)), 0);
	assert_int_equal(again.n, 1);
	assert_int_equal(again.key[0].id, k.key[1].id);

	chmod(key, 0640);
	bad(ME TWO, 1, "by others than its owner (mode 0640)");
	chmod(key, 0604);
	bad(ME TWO, 1, "by others than its owner (mode 0604)");
	chmod(key, 0600);
	/* Only root can give a file away. */
	if (!geteuid()) {
		assert_int_equal(chown(key, 12345, (gid_t)-1), 0);
		bad(ME TWO, 1, "belongs to user 12345");
		assert_int_equal(chown(key, 0, (gid_t)-1), 0);
	}
	put(key, "00112233\n", 0600);
	bad(ME TWO, 1, "a line of 8 characters");
	memset(text, 'a', sizeof(text));
	text[64] = 0;
	put(key, text, 0600);
	assert_int_equal(key_read(&k, key, why, sizeof(why)), 0);
	text[63] = 'g';
	put(key, text, 0600);
	bad(ME TWO, 1, "hexadecimal digits");
	text[64] = 'a';
	text[65] = 0;
	put(key, text, 0600);
	bad(ME TWO, 1, "a line of 65 characters");
	text[63] = '\n';
	put(key, text, 0600);
	bad(ME TWO, 1, "a line of 63 characters");
	memset(text, 'a', sizeof(text));
	text[64] = '\n';
	text[127] = 0;
	put(key, text, 0600);
	bad(ME TWO, 1, "a line of 62 characters");
	unlink(key);
	assert_int_equal(key_generate(key, why, sizeof(why)), 0);
}

static uint8_t drawn[2][KEY_BYTES];
static unsigned int n_drawn;

/* Draws as a key first what is in @drawn. */
static void draw(void *const to, const size_t size)
{
	if (size == KEY_BYTES && n_drawn < 2)
		memcpy(to, drawn[n_drawn++], size);
	else
		randombytes_sysrandom_implementation.buf(to, size);
}

static const char *draw_name(void)
{
	return "draw";
}

/* The modules have a byte for the number of a key, so two keys of a file must differ in that. */
static void key_marks(void **state)
{
	static struct randombytes_implementation drawing = { .implementation_name = draw_name, .buf = draw };
	char text[2 * (2 * KEY_BYTES + 1) + 1], why[256];
	struct key_ring k;

	(void)state;
	key_from_bytes(&k.key[0], drawn[0]);
	do {
		randombytes_buf(drawn[1], KEY_BYTES);
		key_from_bytes(&k.key[1], drawn[1]);
	} while (key_mark(&k.key[1]) != key_mark(&k.key[0]));
	for (unsigned int i = 0; i < 2; i++) {
		sodium_bin2hex(text + i * 65, 65, drawn[i], KEY_BYTES);
		text[i * 65 + 64] = '\n';
	}
	text[130] = 0;
	put(key, text, 0600);
	bad(ME TWO, 1, "has two keys that the modules cannot tell apart");

	unlink(key);
	assert_int_equal(randombytes_set_implementation(&drawing), 0);
	assert_int_equal(key_generate(key, why, sizeof(why)), 0);
	assert_int_equal(key_add(key, why, sizeof(why)), 0);
	assert_int_equal(randombytes_set_implementation(&randombytes_sysrandom_implementation), 0);
	assert_int_equal(n_drawn, 2);
	assert_int_equal(key_read(&k, key, why, sizeof(why)), 0);
	assert_int_equal(key_drop(key, why, sizeof(why)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(routes),
		cmocka_unit_test(host_name_is_the_default),
		cmocka_unit_test(several_paths),
		cmocka_unit_test(checks_and_timings),
		cmocka_unit_test(nodes_that_are_wrong),
		cmocka_unit_test(nodes_of_the_module),
		cmocka_unit_test(nodes_of_the_module_that_are_wrong),
		cmocka_unit_test(paths_that_are_wrong),
		cmocka_unit_test(profiles),
		cmocka_unit_test(pulses),
		cmocka_unit_test(leases),
		cmocka_unit_test(witnesses),
		cmocka_unit_test(fences),
		cmocka_unit_test(splits),
		cmocka_unit_test(times_that_are_wrong),
		cmocka_unit_test(checks_of_several_members),
		cmocka_unit_test(checks_that_are_wrong),
		cmocka_unit_test(files_that_are_wrong),
		cmocka_unit_test(all_errors_at_once),
		cmocka_unit_test(key_files),
		cmocka_unit_test(key_marks),
	};

	return cmocka_run_group_tests_name("agent_conf", tests, conf_folder_make, conf_folder_remove);
}
