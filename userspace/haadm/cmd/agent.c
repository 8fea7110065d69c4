// SPDX-License-Identifier: GPL-2.0
/* `haadm agent`: the peers, the vote, the leases, the health checks, keys and processes of the agent of this machine. */

#include <stdio.h>
#include <string.h>

#include "haadm/ask_agent.h"
#include "haadm/commands.h"
#include "haadm/holding.h"
#include "haadm/peers.h"
#include "lib/text.h"

static bool flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static void age_text(const json_t *object)
{
	const json_t *age = json_object_get(object, "age");
	char text[HASW_TIME_TEXT];

	if (age)
		printf(", heard %s ago", hasw_span_format((uint64_t)json_integer_value(age), text));
}

static void release_text(const json_t *object)
{
	const json_t *release = json_object_get(object, "release");

	if (release)
		printf(", release %s", peers_release_text(release));
}

/* Prints the names in LIST that are not in WITHOUT. WITHOUT can be NULL. */
static void names_text(const char *before, const json_t *list, const json_t *without)
{
	size_t i, j;

	for (i = 0; i < json_array_size(list); i++) {
		for (j = 0; j < json_array_size(without); j++) {
			if (json_equal(json_array_get(list, i), json_array_get(without, j)))
				break;
		}
		if (j < json_array_size(without))
			continue;
		printf("%s %s", before, json_is_string(json_array_get(list, i)) ?
		       json_string_value(json_array_get(list, i)) : "?");
		before = ",";
	}
}

static void vote_text(const json_t *vote)
{
	const json_t *voters = json_object_get(vote, "voters"), *heard = json_object_get(vote, "heard");
	const json_t *nodes = json_object_get(vote, "nodes");
	char text[HASW_TIME_TEXT];

	if (!flag(vote, "runs")) {
		printf("vote: no part in it%s%s\n", json_object_get(vote, "reason") ? ": " : ", as its file wants it",
		       json_object_get(vote, "reason") ? ask_agent_text(vote, "reason") : "");
		return;
	}
	if (json_object_get(vote, "barred"))
		printf("this node holds no lease: %s\n", ask_agent_text(vote, "barred"));
	printf("vote: %zu of %zu voter%s heard", json_array_size(heard), json_array_size(voters), hasw_s(json_array_size(voters)));
	names_text(":", heard, NULL);
	names_text("; unreachable:", voters, heard);
	if (!flag(vote, "knows"))
		fputs("; this one knows nothing yet", stdout);
	if (json_integer_value(json_object_get(vote, "mute")))
		printf("; this one, just started, votes in %s",
		       hasw_span_format((uint64_t)json_integer_value(json_object_get(vote, "mute")), text));
	printf("; a lease is held for %s at a time\n",
	       hasw_span_format((uint64_t)json_integer_value(json_object_get(vote, "length")), text));
	printf("voter set: %" JSON_INTEGER_FORMAT ", of %zu node%s", json_integer_value(json_object_get(vote, "set")),
	       json_array_size(nodes), hasw_s(json_array_size(nodes)));
	if (json_object_get(vote, "change"))
		printf("; the configuration has other nodes: %s", ask_agent_text(vote, "change"));
	putchar('\n');
}

static void split_text(const json_t *answer)
{
	bool off;
	json_t *split = holding_split(answer, &off);

	if (split)
		printf("%s: %s\n", off ? "WARNING" : "note", json_string_value(split));
	json_decref(split);
}

/* Prints how many packets were refused, by reason. */
static void refused_text(json_t *refused)
{
	const char *word, *before = ", refused packets:";
	json_t *n;

	json_object_foreach(refused, word, n) {
		if (!strcmp(word, "age"))
			continue;
		printf("%s %" JSON_INTEGER_FORMAT " %s", before, json_integer_value(n), word);
		before = ",";
	}
}

static void peer_text(const json_t *peer)
{
	const json_t *paths = json_object_get(peer, "paths");
	char text[HASW_TIME_TEXT], clock[PEERS_TEXT];

	printf("  %-15s %s%s", ask_agent_text(peer, "node"), ask_agent_text(peer, "state"), flag(peer, "witness") ? ", a witness" : "");
	age_text(peer);
	if (json_object_get(peer, "round_trip"))
		printf(", answers in %s",
		       hasw_span_format((uint64_t)json_integer_value(json_object_get(peer, "round_trip")), text));
	release_text(peer);
	if (json_object_get(peer, "clock_ahead"))
		printf(", its clock is %s this node's", peers_clock_text(json_object_get(peer, "clock_ahead"), clock));
	if (flag(peer, "differs"))
		fputs(", has another configuration", stdout);
	if (json_object_get(peer, "config_generation"))
		printf(", has generation %" JSON_INTEGER_FORMAT,
		       json_integer_value(json_object_get(peer, "config_generation")));
	if (flag(peer, "catches_up"))
		fputs(", is behind since its start, and does not serve yet", stdout);
	refused_text(json_object_get(peer, "refused"));
	if (json_object_get(peer, "reason"))
		printf(": %s", ask_agent_text(peer, "reason"));
	putchar('\n');
	for (size_t i = 0; i < json_array_size(paths); i++) {
		const json_t *path = json_array_get(paths, i);

		printf("    path %s %s", ask_agent_text(path, "path"), ask_agent_text(path, "state"));
		age_text(path);
		putchar('\n');
	}
}

static void check_text(const json_t *check)
{
	const json_t *age = json_object_get(check, "age"), *at = json_object_get(check, "at");
	const json_t *held = json_object_get(check, "held_for");
	char member[128], text[HASW_TIME_TEXT];

	snprintf(member, sizeof(member), at ? "%s:%" JSON_INTEGER_FORMAT : "%s", ask_agent_text(check, "node"),
		 json_integer_value(at));
	printf("  %-15s of %s, by %s%s: %s", member, ask_agent_text(check, "service"), ask_agent_text(check, "kind"),
	       flag(check, "through_vip") ? " through the vip" : "", ask_agent_text(check, "health"));
	if (json_object_get(check, "share"))
		printf(", share %" JSON_INTEGER_FORMAT "%%", json_integer_value(json_object_get(check, "share")));
	if (json_object_get(check, "from"))
		printf(", as %s says", ask_agent_text(check, "from"));
	if (flag(check, "health_ignored"))
		fputs(", but that is ignored, for too few members are healthy", stdout);
	if (held)
		printf(", but held for %s, for it flaps",
		       hasw_span_format((uint64_t)json_integer_value(held), text));
	if (age)
		printf("; %s for %s: %s", ask_agent_text(check, "result"),
		       hasw_span_format((uint64_t)json_integer_value(age), text), ask_agent_text(check, "reason"));
	putchar('\n');
}

static void lease_text(const json_t *lease)
{
	holding_lease_text(lease);
	if (flag(lease, "wanted") && !json_is_string(json_object_get(lease, "holder")))
		fputs(", wanted here", stdout);
	putchar('\n');
}

/* What the machine of the agent has to do, if the agent looks at it. */
static void load_text(const json_t *load)
{
	static const char *const whats[] = { "cpu", "memory", "disk" };
	const char *why = json_string_value(json_object_get(load, "reason"));

	if (!load)
		return;
	fputs("load:", stdout);
	for (size_t i = 0; i < sizeof(whats) / sizeof(*whats); i++) {
		const json_t *is = json_object_get(load, whats[i]);

		if (is)
			printf(" %s %" JSON_INTEGER_FORMAT "%%,", whats[i], json_integer_value(is));
	}
	if (json_object_get(load, "share"))
		printf(" share %" JSON_INTEGER_FORMAT "%%", json_integer_value(json_object_get(load, "share")));
	else
		fputs(" not known yet", stdout);
	printf("%s%s\n", why ? ": " : "", why ? why : "");
}

static void routes_text(const json_t *routes)
{
	if (routes)
		printf("routes of held vips: %" JSON_INTEGER_FORMAT " in table %" JSON_INTEGER_FORMAT "\n",
		       json_integer_value(json_object_get(routes, "n")), json_integer_value(json_object_get(routes, "table")));
}

/* Prints the ids of the shared keys. While the key is changed there are two. */
static void keys_text(const json_t *keys)
{
	const json_t *key;
	size_t i;

	json_array_foreach(keys, i, key) {
		const char *which = json_array_size(keys) < 2 ? "" : flag(key, "newest") ? ", the newest" : ", the older one";

		printf("key %s%s", ask_agent_text(key, "key"), which);
		names_text(": used with", json_object_get(key, "used_with"), NULL);
		puts(json_array_size(json_object_get(key, "used_with")) ? "" : ": used with nobody");
	}
}

/* Prints the child processes of the agent. */
static void process_text(const json_t *process)
{
	const json_t *restarts = json_object_get(process, "restarts"), *age = json_object_get(process, "age");
	char text[HASW_TIME_TEXT];

	printf("  %-17s %s", ask_agent_text(process, "process"), ask_agent_text(process, "state"));
	if (age)
		printf(" for %s", hasw_span_format((uint64_t)json_integer_value(age), text));
	if (json_object_get(process, "pid"))
		printf(", pid %" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(process, "pid")));
	if (json_integer_value(restarts))
		printf(", started again %" JSON_INTEGER_FORMAT " time%s", json_integer_value(restarts),
		       hasw_s((uint64_t)json_integer_value(restarts)));
	putchar('\n');
}

/* Which settings of the agent come from the configuration of the cluster. */
static void agents_text(const json_t *agents)
{
	const json_t *settings = json_object_get(agents, "settings");

	if (!agents)
		return;
	printf("settings of all agents, of generation %" JSON_INTEGER_FORMAT ":",
	       json_integer_value(json_object_get(agents, "generation")));
	for (size_t i = 0; i < json_array_size(settings); i++)
		printf("%s %s", i ? "," : "", json_string_value(json_array_get(settings, i)));
	puts(json_array_size(settings) ? "" : " none");
}

static void show_text(const json_t *answer)
{
	const json_t *leases = json_object_get(answer, "leases"), *peers = json_object_get(answer, "peers");
	const json_t *checks = json_object_get(answer, "checks"), *processes = json_object_get(answer, "processes");

	printf("agent of %s%s%s", ask_agent_text(answer, "node"), flag(answer, "witness") ? ", a witness" : "",
	       flag(answer, "leaving") ? ", which ends" : "");
	release_text(answer);
	if (json_object_get(answer, "unfit"))
		printf(", sends no heartbeats: %s", ask_agent_text(answer, "unfit"));
	else if (!flag(answer, "accepted") && !flag(answer, "witness"))
		fputs(", the module has taken no BEAT yet", stdout);
	putchar('\n');
	vote_text(json_object_get(answer, "vote"));
	printf("leases: %zu\n", json_array_size(leases));
	for (size_t i = 0; i < json_array_size(leases); i++)
		lease_text(json_array_get(leases, i));
	routes_text(json_object_get(answer, "routes"));
	agents_text(json_object_get(answer, "agents"));
	load_text(json_object_get(answer, "load"));
	printf("peers: %zu\n", json_array_size(peers));
	for (size_t i = 0; i < json_array_size(peers); i++)
		peer_text(json_array_get(peers, i));
	if (json_array_size(checks))
		printf("checks: %zu\n", json_array_size(checks));
	for (size_t i = 0; i < json_array_size(checks); i++)
		check_text(json_array_get(checks, i));
	keys_text(json_object_get(answer, "keys"));
	if (json_array_size(processes))
		printf("processes: %zu\n", json_array_size(processes));
	for (size_t i = 0; i < json_array_size(processes); i++)
		process_text(json_array_get(processes, i));
	split_text(answer);
	if (!flag(answer, "complete"))
		puts("there are more leases, peers or checks than one answer holds");
}

/* Prints the agent's answer: unchanged as JSON output, or formatted as text. */
static enum status show(struct haadm *haadm, const struct request *req)
{
	struct hasw_error err;
	/* ANYBODY is true, because the agent of a witness (a node that only votes) runs as a user of its own. */
	json_t *answer = ask_agent(true, &err);

	(void)req;
	if (!answer)
		return haadm_error(haadm, &err);
	if (haadm->out.json) {
		out_json_line(&haadm->out, answer);
		return STATUS_OK;
	}
	show_text(answer);
	json_decref(answer);
	return STATUS_OK;
}

static const struct verb verbs[] = {
	{ "show", NULL, HASWITCH_CMD_CONFIG_GET, SUBJECT_NONE, false, 0, NULL, { 0, 0 }, show },
	{ .word = NULL },
};

const struct object object_agent = { "agent", "what haagentd knows of peers, vote, leases and checks", verbs };
