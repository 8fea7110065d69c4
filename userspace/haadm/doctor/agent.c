// SPDX-License-Identifier: GPL-2.0
/* What the agent of this machine knows of voters, keys, paths, round trips and witnesses. */

#include <stdlib.h>
#include <string.h>

#include "haadm/ask_agent.h"
#include "haadm/doctor/doctor.h"
#include "haadm/holding.h"
#include "haadm/peers.h"
#include "lib/text.h"

#define JUST_NOW	60000000000LL	/* packets that were refused within this time, ns, are still a trouble */
#define NAMES_TEXT	512

static bool flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static bool has(const json_t *list, const json_t *name)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)list, i, one) {
		if (json_equal(one, name))
			return true;
	}
	return false;
}

/* Formats the names in LIST that are not in WITHOUT as "a, b". */
static const char *names(const json_t *list, const json_t *without, char buf[NAMES_TEXT])
{
	size_t at = 0, i;
	json_t *one;

	buf[0] = '\0';
	json_array_foreach((json_t *)list, i, one) {
		if (has(without, one) || !json_is_string(one) || at >= NAMES_TEXT)
			continue;
		at += (size_t)snprintf(buf + at, NAMES_TEXT - at, "%s%s", at ? ", " : "", json_string_value(one));
	}
	return buf;
}

/* Without a majority of voters nobody can hold a lease. The agent of this machine may be a voter itself. */
static void find_quorum(struct findings *findings, const json_t *vote)
{
	const json_t *voters = json_object_get(vote, "voters"), *heard = json_object_get(vote, "heard");
	char text[NAMES_TEXT];

	if (!json_array_size(voters) || json_array_size(heard) > json_array_size(voters) / 2)
		return;
	names(voters, heard, text);
	findings_add(findings, "quorum",
		     json_sprintf("%zu of %zu voter%s heard, and a lease needs more than half of them: unreachable %s",
				  json_array_size(heard), json_array_size(voters), hasw_s(json_array_size(voters)), text),
		     json_sprintf("start haagentd there (systemctl start haagentd), and mend the paths: %s", text));
}

/*
 * Up to two voters stay the only ones while agents run. So a single voter stays alone, whatever nodes join, and only while
 * it is there can a lease be taken or renewed. If it is the only node, that is what was wanted, and a note.
 */
static void find_only_voter(struct findings *findings, const json_t *answer, const json_t *vote)
{
	const json_t *voters = json_object_get(vote, "voters"), *nodes = json_object_get(vote, "nodes");
	char text[NAMES_TEXT];

	if (json_array_size(voters) != 1)
		return;
	names(voters, NULL, text);
	if (json_array_size(nodes) > 1)
		findings_add(findings, "voters",
			     json_sprintf("%s is the only voter of %zu nodes: while it is away, nobody else can take its leases or keep others",
					  text, json_array_size(nodes)),
			     json_sprintf("stop all agents, remove /var/lib/haswitch/voter-* on all nodes, and start the agents again: then all nodes vote (haagentd(8), NODES THAT COME AND GO); nobody holds a lease for some seconds meanwhile%s",
					  !json_object_get(answer, "configuration") ? "" :
					  "; then commit the configuration again, which the voters have forgotten (haadm cluster adopt)"));
	else
		json_array_append_new(findings->notes,
				      json_sprintf("%s is the only voter and the only node: while it is away, nobody else can take its leases",
						   text));
}

/* Finds what split = "allow" risks: a trouble while the other node is presumed off, and a note otherwise. */
static void find_split(struct findings *findings, const json_t *answer)
{
	bool off;
	json_t *split = holding_split(answer, &off);

	if (split && off)
		findings_add(findings, "split", split,
			     json_string("bring the other node back, or the network between the two; a witness or a fence has no such risk"));
	else if (split)
		json_array_append_new(findings->notes, split);
}

static void find_vote(struct findings *findings, const json_t *answer)
{
	const json_t *vote = json_object_get(answer, "vote");

	if (!flag(vote, "runs") && json_object_get(vote, "reason"))
		findings_add(findings, "vote", json_sprintf("this node has no part in the vote: %s", ask_agent_text(vote, "reason")),
			     json_string("mend that in /etc/haswitch/haagentd.conf, check it (haagentd --check-config), and restart haagentd"));
	if (!flag(vote, "runs"))
		return;
	find_quorum(findings, vote);
	find_only_voter(findings, answer, vote);
	if (json_object_get(vote, "barred"))
		findings_add(findings, "corosync",
			     json_sprintf("this node holds no lease: %s", ask_agent_text(vote, "barred")),
			     json_string("mend corosync (corosync-quorumtool, systemctl status corosync), whose quorum haagentd.conf wants (engine)"));
	if (json_object_get(vote, "change"))
		findings_add(findings, "configuration",
			     json_sprintf("the file of the agent names other nodes than those that vote: %s",
					  ask_agent_text(vote, "change")),
			     json_string("give all nodes the same haagentd.conf, and bring back the nodes that are named"));
}

/* Returns what an agent says of the configuration that a node runs: a word, or "". */
static const char *config_state(const json_t *answer, const json_t *node)
{
	bool self = json_equal(json_object_get(answer, "node"), node);

	return ask_agent_text(self ? answer : peers_find(answer, json_string_value(node) ?: ""), "config_state");
}

/* Without the committed configuration a node acquires no lease. What was changed by hand is lost at the next commit. */
static void find_generation(struct findings *findings, const json_t *answer)
{
	const json_t *conf = json_object_get(answer, "configuration");
	json_int_t generation = number(conf, "generation");
	json_t *node;
	size_t i;

	json_array_foreach(json_object_get(conf, "changed"), i, node) {
		findings_add(findings, "configuration",
			     json_sprintf("the configuration was changed by hand on %s, and is no longer generation %" JSON_INTEGER_FORMAT ", which is committed",
					  json_string_value(node), generation),
			     json_sprintf("on %s: haadm cluster diff shows the change; haadm cluster adopt commits it, and haadm snapshot rollback %" JSON_INTEGER_FORMAT " undoes it",
					  json_string_value(node), generation));
	}
	json_array_foreach(json_object_get(conf, "behind"), i, node) {
		bool refused = !strcmp(config_state(answer, node), "refused");

		findings_add(findings, "configuration",
			     json_sprintf("%s %s generation %" JSON_INTEGER_FORMAT " of the configuration, which is committed: it acquires no lease",
					  json_string_value(node), refused ? "could not put in force" : "does not run", generation),
			     refused ? json_sprintf("mend what journalctl -u haagentd on %s says; it is tried again every 5 s",
						    json_string_value(node)) :
				       json_sprintf("let TCP port %u pass between all nodes; journalctl -u haagentd on %s says what it waits for",
						    AGENT_PORT, json_string_value(node)));
	}
}

/* Returns whether packets of the sender were refused for that reason, and lately. */
static bool refused(const json_t *of, const char *why)
{
	const json_t *age = json_object_get(of, "age");

	return json_object_get(of, why) && (!age || json_integer_value(age) < JUST_NOW);
}

/* Finds why packets of a peer are refused. Returns whether a reason was found. */
static bool find_refused(struct findings *findings, const json_t *peer)
{
	const json_t *of = json_object_get(peer, "refused");
	const char *name = ask_agent_text(peer, "node");

	if (refused(of, "key"))
		findings_add(findings, "key",
			     json_sprintf("packets of %s are sealed with a key that this node does not have", name),
			     json_sprintf("copy /etc/haswitch/haagentd.key from %s to this node, or the other way, and reload haagentd: all nodes need a key in common",
					  name));
	else if (refused(of, "version"))
		findings_add(findings, "version", json_sprintf("%s runs a release that this agent cannot talk to", name),
			     json_string("install the same release of haswitch on all nodes"));
	else if (refused(of, "self"))
		findings_add(findings, "name", json_sprintf("packets from the address of %s say that they are from this node", name),
			     json_sprintf("haagentd.conf of %s names the wrong node: node = \"%s\"", name, name));
	else if (refused(of, "misdirected"))
		findings_add(findings, "address", json_sprintf("packets of %s are meant for another node", name),
			     json_sprintf("the addresses of nodes differ in haagentd.conf here and on %s: give both the same ones", name));
	else
		return false;
	return true;
}

static void find_paths(struct findings *findings, const json_t *peer)
{
	const json_t *paths = json_object_get(peer, "paths");
	const char *name = ask_agent_text(peer, "node");
	json_t *path;
	size_t i;

	json_array_foreach((json_t *)paths, i, path) {
		const char *state = ask_agent_text(path, "state");

		if (!strcmp(state, "one-way"))
			findings_add(findings, "path",
				     json_sprintf("path %s to %s is one-way: %s is heard, and does not hear this node", ask_agent_text(path, "path"),
						  name, name),
				     json_sprintf("let UDP port %" JSON_INTEGER_FORMAT " pass from here to %s: look at firewalls here, there and between, and at the address of this node in haagentd.conf",
						  number(path, "port"), name));
		else if (!strcmp(state, "silent"))
			findings_add(findings, "path",
				     json_sprintf("path %s to %s is silent: the other paths are all that is left", ask_agent_text(path, "path"), name),
				     json_sprintf("look at links and switches of path %s, and at its UDP port %" JSON_INTEGER_FORMAT,
						  ask_agent_text(path, "path"), number(path, "port")));
	}
}

/* Leases need no clocks that agree. People who compare what nodes have written do. */
static void find_clock(struct findings *findings, const json_t *peer)
{
	const json_t *ahead = json_object_get(peer, "clock_ahead");
	char text[PEERS_TEXT];

	if (!json_is_integer(ahead))
		return;
	findings_add(findings, "clock",
		     json_sprintf("the clock of %s is %s this node's: times in the journals of both, and those of haadm availability, do not fit together",
				  ask_agent_text(peer, "node"), peers_clock_text(ahead, text)),
		     json_string("have the clocks of all nodes set by NTP: systemctl enable --now systemd-timesyncd, or chrony"));
}

/* A peer of which nothing is heard, if the cluster has not been told that it goes. */
static void find_silent(struct findings *findings, const json_t *peer)
{
	const char *name = ask_agent_text(peer, "node"), *check = flag(peer, "witness") ? "witness" : "peer";
	const char *unit = flag(peer, "witness") ? "haagentd-witness" : "haagentd";

	if (json_object_get(peer, "reason"))
		findings_add(findings, check, json_sprintf("%s was never heard: %s", name, ask_agent_text(peer, "reason")),
			     json_sprintf("on %s: systemctl enable --now %s; then look at firewalls and addresses", name, unit));
	else
		findings_add(findings, check, json_sprintf("%s is not heard any more", name),
			     json_sprintf("see whether %s runs, and %s there: systemctl status %s", name, unit, unit));
}

static void find_peer(struct findings *findings, const json_t *peer)
{
	const char *state = ask_agent_text(peer, "state");
	bool gone = !strcmp(state, "silent") || !strcmp(state, "unheard") ||
		    (!strcmp(state, "presumed") && json_object_get(peer, "reason"));

	if (flag(peer, "differs"))
		findings_add(findings, "configuration",
			     json_sprintf("the haagentd.conf of %s names other nodes, another longest lease or another profile than the one here, so neither counts the other's votes",
					  ask_agent_text(peer, "node")),
			     json_string("give all nodes the same nodes, leases and profile, and reload haagentd"));
	/* What was refused before the peer was heard is over. */
	if (strcmp(state, "heard") && find_refused(findings, peer))
		return;
	if (gone) {
		find_silent(findings, peer);
		return;
	}
	find_paths(findings, peer);
	find_clock(findings, peer);
}

/* Returns the newest release of them; an agent of an earlier one than all others tells none. */
static const char *newest(json_t *releases)
{
	const char *best = "", *name;
	json_t *one;

	json_object_foreach(releases, name, one) {
		if (json_is_string(one) && strverscmp(json_string_value(one), best) > 0)
			best = json_string_value(one);
	}
	return best;
}

/* While agents are of different releases, each does what the others know, and no more. */
static void find_releases(struct findings *findings, const json_t *answer)
{
	json_t *releases = peers_releases(answer), *behind = json_array(), *one;
	char all[NAMES_TEXT], text[NAMES_TEXT];
	const char *best = newest(releases), *name;
	size_t at = 0;

	json_object_foreach(releases, name, one) {
		if (at < sizeof(all))
			at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s %s", at ? ", " : "", name,
					       peers_release_text(one));
		if (strcmp(peers_release_text(one), best))
			json_array_append_new(behind, json_string(name));
	}
	if (releases)
		findings_add(findings, "release", json_sprintf("the agents are of different releases: %s", all),
			     json_sprintf("install release %s of haswitch on %s, one after the other, and restart haagentd there", best,
					  names(behind, NULL, text)));
	json_decref(behind);
	json_decref(releases);
}

static int by_size(const void *a, const void *b)
{
	json_int_t one = *(const json_int_t *)a, other = *(const json_int_t *)b;

	return one < other ? -1 : one > other;
}

/*
 * A lease is renewed when a majority of voters has answered. Half of its length may pass until then: the rest is for
 * another try, and for the time in which the module stops.
 */
static void find_round_trips(struct findings *findings, const json_t *answer)
{
	const json_t *vote = json_object_get(answer, "vote"), *voters = json_object_get(vote, "voters"), *self;
	size_t needed = json_array_size(voters) / 2 + 1, n = 0, i;
	json_int_t *trips = calloc(json_array_size(voters) + 1, sizeof(*trips)), length = number(vote, "length");
	char took[HASW_TIME_TEXT], right[HASW_TIME_TEXT];
	json_t *peer;

	self = json_object_get(answer, "node");
	if (trips && has(voters, self))
		trips[n++] = 0;
	json_array_foreach(json_object_get(answer, "peers"), i, peer) {
		if (trips && has(voters, json_object_get(peer, "node")) && json_object_get(peer, "round_trip") &&
		    n < json_array_size(voters))
			trips[n++] = number(peer, "round_trip");
	}
	if (n)
		qsort(trips, n, sizeof(*trips), by_size);
	if (n >= needed && length && trips[needed - 1] > length / 2)
		findings_add(findings, "round-trip",
			     json_sprintf("a majority of voters answers in %s, and a lease is held for %s at a time",
					  hasw_span_format((uint64_t)trips[needed - 1], took),
					  hasw_span_format((uint64_t)length, right)),
			     json_string("have voters, or a witness, nearer; use a path of its own for heartbeats; and do not use profile = \"fast\" over slow networks"));
	free(trips);
}

void doctor_agent(struct findings *findings, const json_t *answer)
{
	const json_t *strangers = json_object_get(answer, "strangers");
	json_t *peer;
	size_t i;

	if (json_object_get(answer, "unfit"))
		findings_add(findings, "agent", json_sprintf("this agent sends no heartbeats: %s", ask_agent_text(answer, "unfit")),
			     json_string("mend that; haagentd notices within a second"));
	find_vote(findings, answer);
	find_split(findings, answer);
	find_generation(findings, answer);
	json_array_foreach(json_object_get(answer, "peers"), i, peer)
		find_peer(findings, peer);
	if (refused(strangers, "address") || refused(strangers, "stranger"))
		findings_add(findings, "address",
			     json_string("heartbeats come from an address or a node that haagentd.conf does not have"),
			     json_string("see journalctl -u haagentd for the address; give all nodes the same nodes, with the addresses that they send from"));
	find_releases(findings, answer);
	find_round_trips(findings, answer);
}
