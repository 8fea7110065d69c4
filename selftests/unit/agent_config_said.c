// SPDX-License-Identifier: GPL-2.0
/* What a peer says of the configuration: it is the word of the agent that runs there, and of none before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "haagentd/clock.h"
#include "haagentd/keeper/keeper.h"
#include "haagentd/vote/vote.h"

static struct vote vote;
static struct cluster cluster;
static struct cluster_peer peer;
static struct keeper_view view;

static void begin(void)
{
	memset(&vote, 0, sizeof(vote));
	memset(&cluster, 0, sizeof(cluster));
	memset(&peer, 0, sizeof(peer));
	vote.cluster = &cluster;
	vote.begun = true;
	vote.map.n = 2;
	strcpy(vote.map.names[0], "a");
	strcpy(vote.map.names[1], "b");
	cluster.peers = &peer;
	cluster.n_peers = 1;
	strcpy(cluster.self.name, "a");
	strcpy(peer.conf.name, "b");
	peer.peer.state = PEER_HEARD;
	peer.session.rx_id[0] = 1;
}

static void says(uint64_t generation, uint8_t state)
{
	const struct config_word word = {
		.committed = { .epoch = 1, .generation = 7, .blob = 7 },
		.applied = { .generation = generation, .blob = generation }, .state = state,
	};
	uint8_t data[CONFIG_WORD];
	const struct wire_record record = {
		.type = WIRE_RECORD_CONFIG, .data = data, .size = config_word_put(&word, data, sizeof(data)),
	};

	vote_config_said(&vote, &peer, &record);
}

/* Returns which generation b runs, as this agent and its keeper know it; 0: nobody knows. */
static uint64_t runs(void)
{
	struct hasw_vote_conf conf = { 0 };
	uint8_t state;
	bool known = vote_config_of(&vote, 1, clock_now(), &conf, &state);

	memset(&view, 0, sizeof(view));
	vote_config_view(&vote, &view);
	assert_int_equal(view.n_peers, 1);
	assert_int_equal(view.peers[0].said.applied.generation, conf.generation);
	assert_int_equal(view.peers[0].said.state, known ? state : CONFIG_NONE);
	return known ? conf.generation : 0;
}

static void of_the_agent_that_runs(void **state)
{
	(void)state;
	begin();
	assert_int_equal(runs(), 0);
	says(7, CONFIG_RUNS);
	assert_int_equal(runs(), 7);
	/* It knows what this agent says, and is told again in a second only. */
	vote.config.send_at = 1;
	says(7, CONFIG_RUNS);
	assert_int_equal(vote.config.send_at, 1);
	/* Another agent is heard, which has said nothing yet. What was committed stays so. */
	peer.session.rx_id[0] = 2;
	assert_int_equal(runs(), 0);
	assert_int_equal(view.committed.generation, 7);
	says(6, CONFIG_REFUSED);
	assert_int_equal(runs(), 6);
	/* It is told at once. */
	assert_int_equal(vote.config.send_at, 0);
}

/* What this agent says of its own node, some time after it heard the first peer. */
static bool behind(uint64_t since, uint64_t committed, uint64_t applied)
{
	uint64_t now = 2000 * CLOCK_SECOND;

	peer.known_at = now - since;
	vote.config.committed = (struct hasw_vote_conf){ .epoch = 1, .generation = committed, .blob = committed };
	vote.config.runs = (struct hasw_vote_conf){ .generation = applied, .blob = applied };
	return vote_config_catches_up(&vote, now);
}

static void catches_up_first(void **state)
{
	(void)state;
	begin();
	vote.running = true;
	peer.capabilities = WIRE_CONFIG;
	vote.map.n = 3;
	vote.map.voters = 7;
	/* Nobody was heard, however long ago the agent began: who hears it later waits for it. */
	peer.known_at = 0;
	assert_true(vote_config_catches_up(&vote, 2000 * CLOCK_SECOND));
	/* What is committed is not known, and waited for as long as others need to say it. */
	assert_true(behind(CLOCK_SECOND, 0, 0));
	assert_true(behind(CLOCK_SECOND, 7, 7));
	assert_false(behind(3 * CLOCK_SECOND, 0, 0));
	assert_false(behind(3 * CLOCK_SECOND, 7, 7));
	/* It is known, and not in place. */
	assert_true(behind(3 * CLOCK_SECOND, 7, 6));
	assert_true(behind(1000 * CLOCK_SECOND, 7, 0));
	/* Two voters have each all that was committed. */
	vote.map.n = 2;
	vote.map.voters = 3;
	assert_true(behind(0, 7, 7));
	vote.seat.disk.known = 1;
	assert_false(behind(0, 7, 7));
	assert_true(behind(0, 7, 6));
	/* So it is with what this voter has on its disk, which no peer has said yet. */
	vote.seat.disk.conf = (struct hasw_vote_conf){ .epoch = 1, .generation = 8, .blob = 8 };
	assert_true(behind(3 * CLOCK_SECOND, 0, 7));
	vote.seat.disk.conf = (struct hasw_vote_conf){ .epoch = 0 };
	/* The next change finds a node that serves. */
	vote.config.current_at = 1;
	assert_false(behind(3 * CLOCK_SECOND, 8, 7));
	vote.config.current_at = 0;
	/* Before the voting rules begin; and without a vote. */
	vote.begun = false;
	assert_true(behind(CLOCK_SECOND, 0, 0));
	assert_false(behind(3 * CLOCK_SECOND, 0, 0));
	vote.running = false;
	assert_false(behind(CLOCK_SECOND, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_agent_that_runs),
		cmocka_unit_test(catches_up_first),
	};

	return cmocka_run_group_tests_name("agent_config_said", tests, NULL, NULL);
}
