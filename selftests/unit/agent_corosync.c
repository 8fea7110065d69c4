// SPDX-License-Identifier: GPL-2.0
/* engine = "corosync": the nodes of its nodelist, and what its reports say of leases. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#include "haagentd/clock.h"
#include "haagentd/corosync/corosync.h"
#include "haagentd/module/engine_nodes.h"
#include "haagentd/module/module.h"
#include "conf_parse.h"

static struct corosync_report list;
static const char *list_error;

static const struct corosync_report *fake_list(void *arg, char *why)
{
	assert_ptr_equal(arg, &list);
	if (!list_error)
		return &list;
	snprintf(why, CONF_WHY, "%s", list_error);
	return NULL;
}

/* Corosync has web1, web2 and web3 on two links; web2 is this machine, and web3 is on the second link only. */
static void corosync_has(void)
{
	char text[32];

	ask.corosync = fake_list;
	ask.arg = &list;
	list_error = NULL;
	memset(&list, 0, sizeof(list));
	list.version = COROSYNC_REPORT;
	list.answers = list.counts = list.quorate = true;
	list.n_nodes = 3;
	list.self = 1;
	for (unsigned int i = 0; i < list.n_nodes; i++) {
		struct corosync_node *node = &list.nodes[i];

		node->number = i + 1;
		snprintf(node->name, sizeof(node->name), "web%u", i + 1);
		node->given = i == 2 ? 2 : 3;
		snprintf(text, sizeof(text), "10.1.0.%u", i + 1);
		address_set(&node->at[1], AF_INET, text);
		snprintf(text, sizeof(text), "fd00::%u", i + 1);
		if (i != 2)
			address_set(&node->at[0], AF_INET6, text);
	}
}

#define CORO	"engine = \"corosync\";\n"

static void nodes_of_corosync(void **state)
{
	struct sockaddr_in6 *in6;
	struct sockaddr_in *in;
	struct conf *c;

	(void)state;
	corosync_has();
	good(CORO, &c);
	assert_true(c->corosync);
	assert_true(c->listed);
	assert_int_equal(c->n_nodes, 3);
	assert_int_equal(c->self, 1);
	assert_int_equal(c->nodes[2].line, 2);
	assert_string_equal(c->nodes[2].name, "web3");
	assert_string_equal(c->voter_file, "/var/lib/haswitch/voter-web2");
	assert_int_equal(c->n_paths, 2);
	assert_string_equal(c->paths[0].name, "ring0");
	assert_string_equal(c->paths[1].name, "ring1");
	in6 = (struct sockaddr_in6 *)&c->nodes[0].at[0];
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(in6->sin6_port), CONF_PORT);
	in = (struct sockaddr_in *)&c->nodes[2].at[1];
	assert_int_equal(ntohl(in->sin_addr.s_addr), 0x0a010003);
	assert_int_equal(c->nodes[2].at[0].ss_family, 0);
	assert_memory_equal(&c->paths[1].local, &c->nodes[1].at[1], sizeof(*in));
	conf_free(c);
	/* Ports and devices are no matter of corosync; the entries go by its links. */
	good(CORO "paths = ( { name = \"front\"; port = 7; }, { name = \"back\"; } );\n", &c);
	assert_string_equal(c->paths[0].name, "front");
	in6 = (struct sockaddr_in6 *)&c->nodes[0].at[0];
	assert_int_equal(ntohs(in6->sin6_port), 7);
	conf_free(c);
	/* Its nodes stay known while corosync is away for a moment. */
	list.answers = false;
	good(CORO, &c);
	conf_free(c);
	/* A link that this machine is not on is no path. */
	list.self = 2;
	good(CORO, &c);
	assert_int_equal(c->n_paths, 1);
	assert_string_equal(c->paths[0].name, "ring1");
	in = (struct sockaddr_in *)&c->nodes[0].at[0];
	assert_int_equal(ntohl(in->sin_addr.s_addr), 0x0a010001);
	conf_free(c);
	memset(&ask, 0, sizeof(ask));
}

static void nodes_of_corosync_that_are_wrong(void **state)
{
	(void)state;
	corosync_has();
	bad("engine = \"own\";\n", 2, "it can be \"corosync\" only");
	bad(CORO "node = \"web1\";\n", 3, "\"node\" is there beside engine = \"corosync\"");
	bad(CORO "nodes = ( { name = \"web1\"; address = \"10.0.0.1\"; } );\n", 3, "take one of the two out");
	bad(CORO "paths = ( { name = \"one\"; } );\n", 3, "addresses on 2 links");
	list_error = "corosync does not answer: it does not run";
	bad(CORO, 2, "it does not run");
	assert_int_equal(errno, EAGAIN);
	list_error = NULL;
	list.counts = false;
	bad(CORO, 2, "provider: corosync_votequorum");
	corosync_has();
	list.n_nodes = 0;
	bad(CORO, 2, "has no nodelist");
	corosync_has();
	list.self = -1;
	bad(CORO, 2, "no node with an address of this machine");
	corosync_has();
	list.nodes[2].name[0] = 0;
	bad(CORO, 2, "node 3 of corosync's nodelist has no name");
	snprintf(list.nodes[2].name, sizeof(list.nodes[2].name), "%s", "a-name-that-is-longer-than-any-node-has");
	bad(CORO, 2, "cannot be a node's name");
	snprintf(list.nodes[2].name, sizeof(list.nodes[2].name), "web1");
	bad(CORO, 2, "two nodes called \"web1\"");
	corosync_has();
	address_set(&list.nodes[0].at[1], 0, NULL);
	bad(CORO, 2, "a host name as ring1_addr of node \"web1\"");
	corosync_has();
	list.nodes[0].at[1] = list.nodes[1].at[1];
	bad(CORO, 2, "the same address on path \"ring1\"");
	corosync_has();
	address_set(&list.nodes[0].at[0], AF_INET6, "fe80::1");
	bad(CORO, 2, "needs a \"device\"");
	ask.corosync = NULL;
	bad(CORO, 2, "nobody can ask it here");
	memset(&ask, 0, sizeof(ask));
}

/* Only a file that can be read tells that there is no engine. One that is not there names none. */
static void whether_there_is_an_engine(void **state)
{
	struct told t = { 0 };
	char where[96];

	(void)state;
	unlink(file);
	assert_int_equal(conf_has_engine(file, report, &t), 0);
	put(file, "key = \"a\";\n", 0644);
	assert_int_equal(conf_has_engine(file, report, &t), 0);
	put(file, CORO, 0644);
	assert_int_equal(conf_has_engine(file, report, &t), 1);
	/* What conf_read() refuses then. */
	put(file, "engine = \"corosink\";\n", 0644);
	assert_int_equal(conf_has_engine(file, report, &t), 1);
	put(file, "engine = 3;\n", 0644);
	assert_int_equal(conf_has_engine(file, report, &t), 1);
	assert_int_equal(t.n, 0);
	put(file, CORO "notify = ( ;\n", 0644);
	assert_int_equal(conf_has_engine(file, report, &t), -EINVAL);
	snprintf(where, sizeof(where), "%s:2: ", file);
	assert_int_equal(t.n, 1);
	assert_int_equal(strncmp(t.text, where, strlen(where)), 0);
	/* A loop of symbolic links is there, and cannot be read, not even by root. */
	memset(&t, 0, sizeof(t));
	unlink(file);
	assert_int_equal(symlink(file, file), 0);
	assert_int_equal(conf_has_engine(file, report, &t), -EINVAL);
	unlink(file);
	assert_int_equal(t.n, 1);
	assert_non_null(strstr(t.text, "cannot be read"));
}

/* What the agent does about a node of the module: it touches none that somebody else has written. */
static void nodes_of_the_module(void **state)
{
	struct module_node node = { .name = "web1", .engine = true };
	struct hasw_addr addr4, addr6;
	struct conf *c;

	(void)state;
	corosync_has();
	good(CORO, &c);
	conf_node_addrs(&c->nodes[0], &addr4, &addr6);
	address_set(&node.addr4, AF_INET, "10.1.0.1");
	address_set(&node.addr6, AF_INET6, "fd00::1");
	assert_int_equal(hasw_addr_compare(&addr4, &node.addr4), 0);
	assert_int_equal(hasw_addr_compare(&addr6, &node.addr6), 0);
	conf_node_addrs(&c->nodes[2], &addr4, &addr6);
	assert_int_equal(addr4.family, AF_INET);
	assert_int_equal(addr6.family, 0);
	assert_int_equal(engine_node_judge(NULL, NULL), ENGINE_NOTHING);
	assert_int_equal(engine_node_judge(&c->nodes[0], NULL), ENGINE_ADD);
	assert_int_equal(engine_node_judge(&c->nodes[0], &node), ENGINE_NOTHING);
	assert_int_equal(engine_node_judge(NULL, &node), ENGINE_DEL);
	/* A node keeps an address that the list does not have. */
	assert_int_equal(engine_node_judge(&c->nodes[2], &node), ENGINE_MOVE);
	address_set(&node.addr4, AF_INET, "10.1.0.3");
	assert_int_equal(engine_node_judge(&c->nodes[2], &node), ENGINE_NOTHING);
	assert_int_equal(engine_node_judge(&c->nodes[0], &node), ENGINE_MOVE);
	/* Of web1 the list has both; of web3, no IPv6. An address that will be replaced is none that is kept. */
	assert_null(engine_node_keeps(&c->nodes[0], &node));
	assert_ptr_equal(engine_node_keeps(&c->nodes[2], &node), &node.addr6);
	assert_null(engine_node_keeps(NULL, &node));
	address_set(&node.addr6, 0, NULL);
	assert_null(engine_node_keeps(&c->nodes[2], &node));
	c->nodes[0].at[1].ss_family = 0;
	assert_ptr_equal(engine_node_keeps(&c->nodes[0], &node), &node.addr4);
	node.engine = false;
	assert_null(engine_node_keeps(&c->nodes[0], &node));
	c->nodes[0].at[1].ss_family = AF_INET;
	assert_int_equal(engine_node_judge(&c->nodes[0], &node), ENGINE_NOTHING);
	assert_int_equal(engine_node_judge(NULL, &node), ENGINE_NOTHING);
	conf_free(c);
	memset(&ask, 0, sizeof(ask));
}

static const char *bar(const struct corosync *from, uint64_t now)
{
	static struct corosync c;

	c = *from;
	corosync_judge(&c, now);
	return c.bar;
}

static void reports(void **state)
{
	static struct corosync c = COROSYNC_NONE;
	uint64_t now = 100 * CLOCK_SECOND;
	size_t size;

	(void)state;
	corosync_has();
	list.listed = true;
	size = corosync_report_size(&list);
	assert_false(corosync_take(&c, &list, size, now));
	assert_true(c.other_nodes);
	assert_int_equal(c.last.n_nodes, 3);
	assert_string_equal(bar(&c, now), "");
	/* Nobody knows what is true now of what was said long ago. */
	assert_string_equal(bar(&c, now + 4 * CLOCK_SECOND), "");
	assert_non_null(strstr(bar(&c, now + 5 * CLOCK_SECOND), "nothing was heard of it"));
	/* The same nodes again are no news, and a report without a nodelist leaves it as it was. */
	c.other_nodes = false;
	assert_false(corosync_take(&c, &list, size, now));
	assert_false(c.other_nodes);
	list.listed = list.quorate = false;
	list.n_nodes = 0;
	assert_false(corosync_take(&c, &list, corosync_report_size(&list), now));
	assert_false(c.other_nodes);
	assert_int_equal(c.last.n_nodes, 3);
	assert_string_equal(bar(&c, now), "corosync has no quorum");
	/* Lost quorum acts at once. A corosync that is busy, or starts again, is waited for. */
	list.quorate = true;
	assert_false(corosync_take(&c, &list, corosync_report_size(&list), now));
	list.answers = list.counts = list.quorate = false;
	snprintf(list.why, sizeof(list.why), "it does not run");
	for (unsigned int i = 1; i <= 5; i++) {
		assert_false(corosync_take(&c, &list, corosync_report_size(&list), now + i * CLOCK_SECOND));
		assert_true(c.last.counts);
		assert_string_equal(bar(&c, now + i * CLOCK_SECOND - 1), "");
	}
	assert_string_equal(bar(&c, now + 5 * CLOCK_SECOND), "corosync does not answer here: it does not run");
	/* It does not have quorum because it does not answer. */
	list.answers = true;
	now += 6 * CLOCK_SECOND;
	assert_false(corosync_take(&c, &list, corosync_report_size(&list), now));
	list.answers = false;
	assert_false(corosync_take(&c, &list, corosync_report_size(&list), now));
	assert_string_equal(bar(&c, now), "corosync has no quorum");
	/* Another node, another address, another place of this machine. */
	corosync_has();
	list.listed = true;
	list.n_nodes = 2;
	assert_false(corosync_take(&c, &list, corosync_report_size(&list), now));
	assert_true(c.other_nodes);
	c.other_nodes = false;
	list.nodes[0].at[0].bytes[15] = 9;
	assert_false(corosync_take(&c, &list, corosync_report_size(&list), now));
	assert_true(c.other_nodes);
	c.other_nodes = false;
	list.self = 0;
	assert_false(corosync_take(&c, &list, corosync_report_size(&list), now));
	assert_true(c.other_nodes);
}

static void no_reports(void **state)
{
	static struct corosync c = COROSYNC_NONE, other = COROSYNC_NONE;
	size_t size;

	(void)state;
	corosync_has();
	list.listed = true;
	size = corosync_report_size(&list);
	assert_true(corosync_take(&c, &list, size - 1, 1));
	assert_true(corosync_take(&c, &list, size + sizeof(list.nodes[0]), 1));
	assert_true(corosync_take(&c, &list, 3, 1));
	list.n_nodes = COROSYNC_NODES + 1;
	assert_true(corosync_take(&c, &list, corosync_report_size(&list), 1));
	list.n_nodes = 3;
	for (int32_t self = -3; self < 5; self++) {
		list.self = self;
		assert_int_equal(corosync_take(&other, &list, size, 1), self >= -1 && self < 3 ? 0 : -EPROTO);
	}
	list.self = 1;
	memset(list.nodes[2].name, 'x', sizeof(list.nodes[2].name));
	assert_int_equal(corosync_take(&c, &list, size, 1), -EPROTO);
	list.nodes[2].name[4] = '\0';
	list.nodes[2].given = 1 << COROSYNC_LINKS;
	assert_int_equal(corosync_take(&c, &list, size, 1), -EPROTO);
	list.nodes[2].given = 2;
	list.nodes[2].at[7].family = AF_UNIX;
	assert_int_equal(corosync_take(&c, &list, size, 1), -EPROTO);
	list.nodes[2].at[7].family = 0;
	for (unsigned int i = 0; i < 4; i++) {
		uint8_t *flag = (uint8_t *)&list.answers + i, was = *flag;

		*flag = 2;
		assert_int_equal(corosync_take(&c, &list, size, 1), -EPROTO);
		*flag = was;
	}
	/* A helper of another release may have said anything after the version. */
	list.version++;
	assert_int_equal(corosync_take(&c, &list, sizeof(list.version), 1), -ESTALE);
	assert_int_equal(corosync_take(&c, &list, size - 7, 1), -ESTALE);
	list.version--;
	memset(list.why, 'x', sizeof(list.why));
	assert_true(corosync_take(&c, &list, size, 1));
	assert_int_equal(c.last.n_nodes, 0);
	assert_int_equal(c.heard, 0);
}

/* In a running agent that had no engine nothing waits for a process. */
static void engine_of_a_reload(void **state)
{
	struct corosync c = COROSYNC_NONE;
	char why[COROSYNC_WORDS];

	(void)state;
	c.base = (struct event_base *)&c;
	assert_null(corosync_ask(&c, why));
	assert_non_null(strstr(why, "begins with a restart"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_of_corosync),
		cmocka_unit_test(nodes_of_corosync_that_are_wrong),
		cmocka_unit_test(whether_there_is_an_engine),
		cmocka_unit_test(nodes_of_the_module),
		cmocka_unit_test(reports),
		cmocka_unit_test(no_reports),
		cmocka_unit_test(engine_of_a_reload),
	};

	return cmocka_run_group_tests_name("agent_corosync", tests, conf_folder_make, conf_folder_remove);
}
