// SPDX-License-Identifier: GPL-2.0
/* What the agent of this machine knows of a node: its agent, the paths to it, and the configuration that it runs. */

#include <stdio.h>
#include <string.h>

#include "haadm/ask_agent.h"
#include "haadm/peers.h"
#include "lib/text.h"

#define HASH_SHOWN	8	/* digits of the hash in the text; nobody compares more of them by eye */

const json_t *peers_find(const json_t *answer, const char *node)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(answer, "peers"), i, one) {
		if (!strcmp(ask_agent_text(one, "node"), node))
			return one;
	}
	return NULL;
}

static void add_paths(json_t *object, const json_t *paths)
{
	const json_t *path;
	json_int_t good = 0;
	size_t i;

	json_array_foreach(paths, i, path)
		good += !strcmp(ask_agent_text(path, "state"), "good");
	json_object_set_new(object, "paths_good", json_integer(good));
	json_object_set_new(object, "paths_total", json_integer((json_int_t)json_array_size(paths)));
}

static bool is_listed(const json_t *list, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		if (json_is_string(one) && !strcmp(json_string_value(one), name))
			return true;
	}
	return false;
}

void peers_json(json_t *object, const json_t *answer, const char *node, bool self)
{
	static const char *const copied[] = { "release", "config_generation", "config_hash", "config_state" };
	const json_t *from = self ? answer : peers_find(answer, node), *conf;

	if (!from)
		return;
	/* The agent that has answered runs. */
	json_object_set_new(object, "agent_state", !self ? json_string(ask_agent_text(from, "state")) :
			    json_string(json_is_true(json_object_get(from, "leaving")) ? "leaving" : "runs"));
	if (json_object_get(from, "paths"))
		add_paths(object, json_object_get(from, "paths"));
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++) {
		if (json_object_get(from, copied[i]))
			json_object_set(object, copied[i], json_object_get(from, copied[i]));
	}
	conf = json_object_get(answer, "configuration");
	if (json_object_get(from, "config_state"))
		json_object_set_new(object, "config_current",
				    json_boolean(!is_listed(json_object_get(conf, "behind"), node) &&
						 !is_listed(json_object_get(conf, "changed"), node)));
}

const char *peers_config(const json_t *object, json_int_t committed, char buf[PEERS_TEXT])
{
	json_int_t runs = json_integer_value(json_object_get(object, "config_generation"));
	const char *state = json_string_value(json_object_get(object, "config_state")), *end;

	if (!state)
		return NULL;
	end = strcmp(state, "refused") ? "" : ", which it could not put in force";
	if (json_is_true(json_object_get(object, "config_current")))
		snprintf(buf, PEERS_TEXT, "generation %" JSON_INTEGER_FORMAT " (%.*s)", runs, HASH_SHOWN,
			 ask_agent_text(object, "config_hash"));
	else if (!strcmp(state, "changed"))
		snprintf(buf, PEERS_TEXT, "generation %" JSON_INTEGER_FORMAT ", CHANGED BY HAND", runs);
	else if (runs)
		snprintf(buf, PEERS_TEXT, "generation %" JSON_INTEGER_FORMAT " and not %" JSON_INTEGER_FORMAT "%s", runs,
			 committed, end);
	else
		snprintf(buf, PEERS_TEXT, "without generation %" JSON_INTEGER_FORMAT "%s", committed, end);
	return buf;
}

json_t *peers_releases(const json_t *answer)
{
	const json_t *own = json_object_get(answer, "release"), *peer;
	json_t *all = json_object();
	bool differ = false;
	size_t i;

	/* An agent of an earlier release knows of none. */
	if (json_is_string(own))
		json_object_set(all, ask_agent_text(answer, "node"), (json_t *)own);
	json_array_foreach(json_object_get(answer, "peers"), i, peer) {
		const json_t *release = json_object_get(peer, "release");

		if (!json_is_string(own) || !release || strcmp(ask_agent_text(peer, "state"), "heard"))
			continue;
		json_object_set(all, ask_agent_text(peer, "node"), (json_t *)release);
		differ |= !json_equal(release, own);
	}
	if (differ)
		return all;
	json_decref(all);
	return NULL;
}

const char *peers_clock_text(const json_t *ahead, char buf[PEERS_TEXT])
{
	json_int_t ns = json_integer_value(ahead);
	char text[HASW_TIME_TEXT];

	snprintf(buf, PEERS_TEXT, "%s %s", hasw_span_format(ns < 0 ? -(uint64_t)ns : (uint64_t)ns, text),
		 ns < 0 ? "behind" : "ahead of");
	return buf;
}

const char *peers_release_text(const json_t *release)
{
	return json_is_string(release) ? json_string_value(release) : "an earlier one";
}

void peers_text(const json_t *object, const json_t *answer)
{
	const char *state = json_string_value(json_object_get(object, "agent_state"));
	const json_t *total = json_object_get(object, "paths_total");
	char buf[PEERS_TEXT];
	const char *config = peers_config(object, peers_committed(answer), buf);
	json_t *releases = peers_releases(answer);

	/* That of this machine has answered, so it runs. */
	if (state && (total || strcmp(state, "runs")))
		printf(", agent %s", state);
	if (releases && json_object_get(object, "release"))
		printf(", release %s", peers_release_text(json_object_get(object, "release")));
	json_decref(releases);
	if (total)
		printf(", %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " path%s",
		       json_integer_value(json_object_get(object, "paths_good")), json_integer_value(total),
		       hasw_s((uint64_t)json_integer_value(total)));
	if (config)
		printf(", %s", config);
}

json_int_t peers_committed(const json_t *answer)
{
	return json_integer_value(json_object_get(json_object_get(answer, "configuration"), "generation"));
}
