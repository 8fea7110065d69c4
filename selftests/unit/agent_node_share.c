// SPDX-License-Identifier: GPL-2.0
/* Which shares of nodes the agent sets in the module, when the checks that say them go, and when it stops itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/check/check.h"
#include "haagentd/check/load.h"
#include "haagentd/clock.h"
#include "haagentd/peer/cluster.h"

/* What is set; it stands in for module.c. */
static char set[256];

int module_set_share(struct module *m, const char *name, unsigned int share, struct hasw_error *err)
{
	size_t at = strlen(set);

	(void)err;
	assert_true(m->open);
	snprintf(set + at, sizeof(set) - at, "%s%s %u", at ? ", " : "", name, share);
	return 0;
}

static struct load load;
static struct cluster cluster;
static struct module module;
static uint64_t now;

/* Fails unless the next tick sets exactly that. */
static void tick(struct checks *checks, const char *what)
{
	set[0] = '\0';
	load_tick(&load, &cluster, checks, &module, now += CLOCK_SECOND);
	assert_string_equal(set, what);
}

/* A check of a node, by which it wants a share. */
static void check_of(struct check *c, const char *node, uint8_t share)
{
	*c = (struct check){ .conf = { .share = true }, .judge = { .health = JUDGE_UP }, .share = share };
	snprintf(c->conf.node, sizeof(c->conf.node), "%s", node);
}

static void reload(struct checks *all, struct check *list, unsigned int n, const struct checks *old)
{
	static const struct conf_load none;

	*all = (struct checks){ .list = list, .n = n };
	assert_int_equal(node_shares_make(all, old), 0);
	load_set(&load, &none);
}

/* This node is n1, its peer n2 has said nothing yet, and n9 has no agent. */
static void begin(void)
{
	static struct cluster_peer peers[1];

	now = 1000 * CLOCK_SECOND;
	module.open = true;
	load = (struct load){ 0 };
	memset(peers, 0, sizeof(peers));
	strcpy(peers[0].conf.name, "n2");
	memset(&cluster, 0, sizeof(cluster));
	strcpy(cluster.self.name, "n1");
	cluster.peers = peers;
	cluster.n_peers = 1;
}

/* A node that lost its checks gets its whole share once; what an operator gives it later stays. */
static void checks_go(void **state)
{
	struct checks all[4];
	struct check list[2];
	unsigned int i;

	(void)state;
	begin();
	check_of(&list[0], "n9", 40);
	check_of(&list[1], "n2", 30);
	reload(&all[0], list, 2, NULL);
	tick(&all[0], "n1 100, n2 30, n9 40");
	tick(&all[0], "");
	/* Without its checks n2 does not wait for an agent that may never be heard. */
	reload(&all[1], NULL, 0, &all[0]);
	tick(&all[1], "n1 100, n2 100, n9 100");
	tick(&all[1], "");
	load.look = true;
	tick(&all[1], "n1 100");
	cluster.peers[0].share = 60;
	tick(&all[1], "n2 60");
	reload(&all[2], NULL, 0, &all[1]);
	assert_int_equal(all[2].n_shares, 0);
	tick(&all[2], "n1 100, n2 60");
	/* One that has them again does. */
	reload(&all[3], list, 2, &all[2]);
	tick(&all[3], "n1 100, n2 30, n9 40");
	for (i = 0; i < 4; i++)
		free(all[i].shares);
}

/* While the module does not answer, it stays to be done, over reloads, too. */
static void module_away(void **state)
{
	struct checks all[3];
	struct check list[1];
	unsigned int i;

	(void)state;
	begin();
	check_of(&list[0], "n9", 40);
	reload(&all[0], list, 1, NULL);
	tick(&all[0], "n1 100, n9 40");
	module.open = false;
	for (i = 1; i < 3; i++) {
		reload(&all[i], NULL, 0, &all[i - 1]);
		tick(&all[i], "");
	}
	module.open = true;
	tick(&all[2], "n1 100, n9 100");
	for (i = 0; i < 3; i++)
		free(all[i].shares);
}

/* A stopping agent, which has freed its checks, undoes nothing. */
static void agent_stops(void **state)
{
	struct checks all, freed = { 0 };
	struct check list[3];

	(void)state;
	begin();
	check_of(&list[0], "n1", 20);
	check_of(&list[1], "n2", 30);
	check_of(&list[2], "n9", 40);
	reload(&all, list, 3, NULL);
	cluster.peers[0].share = 100;
	tick(&all, "n1 20, n2 30, n9 40");
	load_end(&load);
	load.look = true;
	tick(&freed, "");
	free(all.shares);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_go),
		cmocka_unit_test(module_away),
		cmocka_unit_test(agent_stops),
	};

	return cmocka_run_group_tests_name("agent_node_share", tests, NULL, NULL);
}
