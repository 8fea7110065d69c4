// SPDX-License-Identifier: GPL-2.0
/* What the agent says of itself and its peers: which configuration each runs, its keys and its child processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <event2/event.h>

#include "haagentd/agent.h"
#include "haagentd/ask_view.h"
#include "haagentd/clock.h"
#include "lib/version.h"

static struct agent agent;
static struct cluster_peer peers[2];
static struct conf settings;
static char said[65536];

static struct hasw_vote_conf conf(uint64_t generation, uint64_t hash)
{
	return (struct hasw_vote_conf){ .epoch = 1, .generation = generation, .blob = hash };
}

/* Node a with its peers b and c, which are heard and have said what they run just now. */
static int begin(void **state)
{
	struct vote *v = &agent.vote;
	uint64_t now = clock_now();
	unsigned int i;

	(void)state;
	memset(&agent, 0, sizeof(agent));
	memset(peers, 0, sizeof(peers));
	strcpy(agent.cluster.self.name, "a");
	agent.conf = &settings;
	agent.cluster.peers = peers;
	agent.cluster.n_peers = 2;
	v->cluster = &agent.cluster;
	v->begun = true;
	v->map.n = 3;
	for (i = 0; i < 3; i++)
		v->map.names[i][0] = (char)('a' + i);
	for (i = 0; i < 2; i++) {
		peers[i].conf.name[0] = (char)('b' + i);
		peers[i].peer.state = PEER_HEARD;
		v->peer_index[i + 1] = i;
		v->peer[i + 1].config_at = now;
		v->peer[i + 1].config.applied = conf(5, 0x0123456789abcdef);
		v->peer[i + 1].config.state = CONFIG_RUNS;
	}
	v->config.committed = conf(5, 0x0123456789abcdef);
	v->config.runs = v->config.committed;
	v->config.state = CONFIG_RUNS;
	return 0;
}

static const char *view(void)
{
	struct json j = { .at = said, .room = sizeof(said) - 1 };

	ask_view(&agent, &j, clock_now());
	assert_false(j.cut);
	said[j.size] = '\0';
	return said;
}

/* Returns how often a text is in the answer. */
static unsigned int times(const char *text)
{
	const char *at = view();
	unsigned int n = 0;

	while ((at = strstr(at, text))) {
		at += strlen(text);
		n++;
	}
	return n;
}

#define RUNS(number, hash, state) \
	"\"config_generation\":" number ",\"config_hash\":\"" hash "\",\"config_state\":\"" state "\""

static void all_run_it(void **state)
{
	(void)state;
	assert_int_equal(times(RUNS("5", "0123456789abcdef", "runs")), 3);
	assert_non_null(strstr(view(), "\"configuration\":{\"generation\":5,\"changed\":[],\"behind\":[]}"));
}

static void each_of_its_own(void **state)
{
	struct vote *v = &agent.vote;

	(void)state;
	v->config.state = CONFIG_CHANGED;
	v->peer[1].config.applied = conf(4, 0xff);
	v->peer[1].config.state = CONFIG_REFUSED;
	v->peer[2].config.applied = conf(0, 0);
	v->peer[2].config.state = CONFIG_NONE;
	assert_int_equal(times(RUNS("5", "0123456789abcdef", "changed")), 1);
	assert_int_equal(times(RUNS("4", "00000000000000ff", "refused")), 1);
	assert_int_equal(times("\"config_state\":\"none\""), 1);
	assert_int_equal(times("config_generation"), 2);
	assert_non_null(strstr(view(), "\"configuration\":{\"generation\":5,\"changed\":[\"a\"],\"behind\":[\"b\","
			"\"c\"]}"));
}

/* What a peer said long ago, or before it fell silent, is told no more. */
static void old_words(void **state)
{
	struct vote *v = &agent.vote;

	(void)state;
	peers[0].peer.state = PEER_SILENT;
	v->peer[2].config_at -= 4 * CLOCK_SECOND;
	assert_int_equal(times("config_state"), 1);
	v->peer[2].config_at = 0;
	assert_int_equal(times("config_state"), 1);
}

/* Where nothing was ever committed, and where this agent does not vote, there is nothing to tell. */
static void without_configuration(void **state)
{
	(void)state;
	agent.vote.config.committed = conf(0, 0);
	assert_int_equal(times("config"), 0);
	begin(NULL);
	agent.vote.begun = false;
	assert_int_equal(times("config"), 0);
}

/* Releases are told. One that is not said yet is not known; that of a peer that never says one is null. */
static void releases(void **state)
{
	(void)state;
	assert_non_null(strstr(view(), "{\"node\":\"a\",\"witness\":false,\"release\":\"" HASWITCH_VERSION "\","));
	assert_int_equal(times("\"witness\":false,\"release\":null,\"state\":\"heard\""), 2);
	peers[0].capabilities = WIRE_TELLS_RELEASE;
	peers[1].peer.state = PEER_SILENT;
	assert_int_equal(times("\"release\""), 1);
	strcpy(peers[0].release.text, "0.3");
	strcpy(peers[1].release.text, "0.4");
	assert_non_null(strstr(view(), "\"release\":\"0.3\",\"state\":\"heard\""));
	assert_non_null(strstr(view(), "\"release\":\"0.4\",\"state\":\"silent\""));
}

static const struct key_ring ring = { .key = { { { 1 }, 0x1a2b3c4d }, { { 2 }, 0x0000abcd } }, .n = 2 };

/* The ids of the keys are told, and whose packets are sealed with each; nothing of the keys themselves is. */
static void keys(void **state)
{
	(void)state;
	agent.cluster.self.keys = ring;
	agent.cluster.self.keys.n = 1;
	peers[1].session.tx_key_id = 0x1a2b3c4d;
	assert_non_null(strstr(view(), "\"keys\":[{\"key\":\"1a2b3c4d\",\"newest\":true,\"used_with\":[\"c\"]}]"));
	agent.cluster.self.keys.n = 2;
	peers[0].session.tx_key_id = 0xabcd;
	assert_non_null(strstr(view(), "\"keys\":[{\"key\":\"1a2b3c4d\",\"newest\":false,\"used_with\":[\"c\"]},"
			       "{\"key\":\"0000abcd\",\"newest\":true,\"used_with\":[\"b\"]}]"));
}

/* Needed processes are told: whether they run, since when, and how often they had to be started again. */
static void processes(void **state)
{
	static struct corosync corosync;
	struct event_base *base = event_base_new();
	static struct conf conf;

	(void)state;
	assert_non_null(strstr(view(), "\"processes\":[]"));
	agent.worker.base = base;
	process_began(&agent.worker.process, 17, clock_now() - CLOCK_SECOND);
	assert_non_null(strstr(view(), "\"processes\":[{\"process\":\"haagentd-worker\",\"state\":\"runs\","
			"\"pid\":17,\"age\":1"));
	assert_non_null(strstr(view(), ",\"restarts\":0}]"));
	process_ended(&agent.worker.process);
	assert_non_null(strstr(view(), "{\"process\":\"haagentd-worker\",\"state\":\"ended\",\"restarts\":0}"));
	process_began(&agent.worker.process, 18, clock_now());
	assert_non_null(strstr(view(), "\"restarts\":1}]"));
	agent.http.at.ss_family = AF_INET;
	agent.routes.order.table = 7;
	agent.corosync = &corosync;
	agent.conf = &conf;
	conf.corosync = true;
	assert_int_equal(times("\"state\":\"not-started\",\"restarts\":0"), 3);
	conf.corosync = false;
	assert_int_equal(times("\"state\":\"not-started\",\"restarts\":0"), 2);
	event_base_free(base);
}

/* Settings of all agents are told with the generation that has them. */
static void settings_of_all(void **state)
{
	static char text[] = "load = { };";

	(void)state;
	assert_int_equal(times("\"agents\""), 0);
	settings = (struct conf){ .agents = { .generation = 7, .text = text }, .shared = 1U << CONF_AGENTS_CHECKS };
	assert_int_equal(times("\"agents\":{\"generation\":7,\"settings\":[\"checks\"]}"), 1);
	settings = (struct conf){ 0 };
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_run_it, begin),
		cmocka_unit_test_setup(each_of_its_own, begin),
		cmocka_unit_test_setup(old_words, begin),
		cmocka_unit_test_setup(without_configuration, begin),
		cmocka_unit_test_setup(releases, begin),
		cmocka_unit_test_setup(keys, begin),
		cmocka_unit_test_setup(settings_of_all, begin),
		cmocka_unit_test_setup(processes, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
