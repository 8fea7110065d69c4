// SPDX-License-Identifier: GPL-2.0
/* Who can be invited to a cluster, as a node of it is told what nodes there are. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/keeper/keeper_task.h"

/* The keeper of a, with b as the only other node. */
static struct keeper_view view;

static void address(struct sockaddr_storage *at, const char *text)
{
	struct sockaddr_in *four = (struct sockaddr_in *)at;

	memset(at, 0, sizeof(*at));
	four->sin_family = AF_INET;
	four->sin_port = htons(6946);
	assert_int_equal(inet_pton(AF_INET, text, &four->sin_addr), 1);
}

static struct keeper_peer *peer(const char *name, const char *addr)
{
	struct keeper_peer *p = &view.peers[view.n_peers++];

	snprintf(p->name, sizeof(p->name), "%s", name);
	address(&p->at[0], addr);
	return p;
}

static int begin(void **state)
{
	(void)state;
	memset(&view, 0, sizeof(view));
	strcpy(view.folder, "/tmp/agent_invite.XXXXXX");
	strcpy(view.file, "/etc/haswitch/haagentd.conf");
	strcpy(view.self, "a");
	address(&view.local[0], "10.0.0.1");
	peer("b", "10.0.0.2")->heard = true;
	return mkdtemp(view.folder) ? 0 : -1;
}

static int end(void **state)
{
	char command[300];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", view.folder);
	return system(command);
}

/* It is invited, or refused with these words. */
static void invite(const char *node, const char *addr, const char *words)
{
	char why[KEEPER_WHY] = "";
	struct invitation inv;
	int err = keeper_invite(&view, node, addr, 3600, &inv, why, sizeof(why));

	if (!err != !words || (words && !strstr(why, words)))
		fail_msg("%s at %s: wanted %s, got %s", node, addr, words ? words : "an invitation", why);
}

static void nodes_that_stay(void **state)
{
	(void)state;
	invite("d", "10.0.0.4", NULL);
	invite("a", "10.0.0.4", "a is this node");
	invite("b", "10.0.0.2", "is there already, and its agent is heard");
	invite("d", "10.0.0.2", "10.0.0.2 is the address of node b");
	invite("d", "10.0.0.1", "10.0.0.1 is an address of this node");
	view.peers[0].heard = false;
	invite("b", "10.0.0.2", NULL);
	invite("b", "10.0.0.4", "node b is there already, at another address than 10.0.0.4");
}

/* A node that leaves is invited anew at ADDR, and OLD is told, or nothing. */
static void old_address(const char *node, const char *addr, const char *old)
{
	char why[KEEPER_WHY], text[HASW_ADDR_TEXT];
	struct invitation inv;

	assert_int_equal(keeper_invite(&view, node, addr, 3600, &inv, why, sizeof(why)), 0);
	assert_int_equal(keeper_old_address(&view, &inv, text), old != NULL);
	if (old)
		assert_string_equal(text, old);
}

/* The voters still have it in their set. It is new in the configuration. */
static void node_that_leaves(void **state)
{
	struct keeper_peer *d = peer("d", "10.0.0.4");

	(void)state;
	d->leaving = true;
	invite("d", "10.0.0.4", NULL);
	invite("d", "10.0.0.5", NULL);
	invite("d", "10.0.0.2", "10.0.0.2 is the address of node b");
	invite("e", "10.0.0.4", "10.0.0.4 is the address of node d");
	old_address("d", "10.0.0.5", "10.0.0.4");
	old_address("d", "10.0.0.4", NULL);
	old_address("e", "10.0.0.5", NULL);
	d->leaving = false;
	old_address("d", "10.0.0.4", NULL);
}

/* Nor does one more come to two nodes one of which can fence the other. A node of them can come again. */
static void to_a_pair(void **state)
{
	(void)state;
	strcpy(view.pair, "fence");
	invite("d", "10.0.0.4", "haagentd.conf has \"fence\", which is for two nodes alone, and d would be one more: "
	       "take \"fence\" out on both");
	view.peers[0].heard = false;
	invite("b", "10.0.0.2", NULL);
	view.peers[0].leaving = true;
	invite("b", "10.0.0.2", NULL);
	invite("d", "10.0.0.4", NULL);
}

static void too_many(void **state)
{
	char name[16], addr[16];

	(void)state;
	while (view.n_peers + 2 < KEEPER_NODES) {
		snprintf(name, sizeof(name), "n%u", view.n_peers);
		snprintf(addr, sizeof(addr), "10.0.1.%u", view.n_peers);
		peer(name, addr);
	}
	invite("d", "10.0.0.4", NULL);
	peer("e", "10.0.0.5");
	invite("d", "10.0.0.4", "the cluster has 32 nodes already, which are the most");
}

#define OF_A(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OF_A(nodes_that_stay), OF_A(node_that_leaves), OF_A(to_a_pair), OF_A(too_many),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
