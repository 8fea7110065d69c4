// SPDX-License-Identifier: GPL-2.0
/* Settings of all agents, which the configuration of the cluster has: got out of a text, checked, and kept in the next one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/agents_text.h"

#include "applied.h"
#include "config_agents.h"
#include "haagentd/corosync/corosync.h"
#include "haagentd/module/module.h"
#include "keeper_task.h"

/**
 * config_agents_of - get what a text has for the agents: settings of all of them, and entries of nodes
 * @text:	the text of a configuration
 * @size:	its length, bytes
 * @agents:	filled, except for its generation; for conf_agents_free()
 *
 * Return: 0 or -ENOMEM
 */
int config_agents_of(const char *text, size_t size, struct conf_agents *agents)
{
	uint64_t both[2];
	size_t length, nodes;
	int err;

	memset(agents, 0, sizeof(*agents));
	err = agents_text_split(text, size, &agents->text, &length);

	if (!err)
		err = agents_text_nodes(text, size, &agents->nodes, &nodes);
	if (err) {
		conf_agents_free(agents);
		return err;
	}
	agents->hash = agents->text ? generation_hash(agents->text, length) : 0;
	if (!agents->nodes)
		return 0;
	both[0] = agents->hash;
	both[1] = generation_hash(agents->nodes, nodes);
	agents->hash = generation_hash((const char *)both, sizeof(both));
	return 0;
}

/**
 * config_agents_hash - compute the hash of the settings of all agents
 * @text:	the text of a configuration
 * @size:	its length, bytes
 *
 * Return: the hash; 0 if the text has none
 */
uint64_t config_agents_hash(const char *text, size_t size)
{
	struct conf_agents agents = { .text = NULL };
	uint64_t hash;

	config_agents_of(text, size, &agents);
	hash = agents.hash;
	conf_agents_free(&agents);
	return hash;
}

/**
 * config_agents_get - get the settings of all agents that a committed configuration has
 * @folder:	folder of the configurations
 * @of:		the configuration
 * @agents:	filled; the caller frees its text
 * @why:	filled on failure, CONF_WHY bytes
 *
 * Return: 0 or a negative errno
 */
int config_agents_get(const char *folder, const struct hasw_vote_conf *of, struct conf_agents *agents, char *why)
{
	struct generation g = { .number = of->generation, .hash = of->blob };
	char *text;
	int err = generation_get(folder, &g, true, &text, why, CONF_WHY);

	if (err)
		return err;
	err = config_agents_of(text, g.size, agents);
	agents->generation = g.number;
	if (err)
		snprintf(why, CONF_WHY, "out of memory");
	free(text);
	return err;
}

/* Gets the settings of the first of the listed configurations that has those with this hash. Return: 0 or -ENOENT. */
static int get_same(const char *folder, const struct generation *list, unsigned int n, uint64_t hash,
		    struct conf_agents *agents, char *why)
{
	struct hasw_vote_conf conf = { 0 };
	unsigned int i;

	for (i = 0; i < n; i++) {
		conf.generation = list[i].number;
		conf.blob = list[i].hash;
		if (config_agents_get(folder, &conf, agents, why))
			continue;
		if (agents->hash == hash)
			return 0;
		conf_agents_free(agents);
	}
	return -ENOENT;
}

/**
 * config_agents_newest - get the settings of all agents that the newest configuration on the disk has
 * @none:	not used
 * @folder:	folder of the configurations
 * @agents:	filled; the caller frees its text
 * @why:	filled on failure, CONF_WHY bytes
 *
 * A folder that cannot be read is none: it stops commits, and no agent.
 *
 * Return: 0 or a negative errno
 */
int config_agents_newest(const void *none, const char *folder, struct conf_agents *agents, char *why)
{
	struct hasw_vote_conf newest = { 0 };
	struct generation *list;
	unsigned int n;

	(void)none;
	if (generation_list(folder, &list, &n))
		return 0;
	if (n) {
		newest.generation = list[0].number;
		newest.blob = list[0].hash;
	}
	free(list);
	agents->none = !n;
	return newest.generation ? config_agents_get(folder, &newest, agents, why) : 0;
}

/**
 * config_agents_begin - get the settings of all agents with which an agent begins
 * @none:	not used
 * @folder:	folder of the configurations
 * @agents:	filled; the caller frees its text
 * @why:	filled on failure, CONF_WHY bytes
 *
 * Nobody has told the agent yet what is committed. It begins with what this node has put in place last. If the text of that
 * is lost, another text with the same settings will do. Else it begins with the newest settings that there are. The keeper
 * compares them with what is in force, and the node acquires no lease with other ones.
 *
 * Return: 0 or a negative errno
 */
int config_agents_begin(const void *none, const char *folder, struct conf_agents *agents, char *why)
{
	struct hasw_vote_conf conf = { 0 };
	struct generation *list;
	struct applied a;
	unsigned int n;
	bool same;
	int err;

	if (!applied_get(folder, &a, &same))
		return config_agents_newest(none, folder, agents, why);
	conf.generation = a.number;
	conf.blob = a.hash;
	if (!config_agents_get(folder, &conf, agents, why) || !a.agents)
		return 0;
	if (generation_list(folder, &list, &n))
		return 0;
	err = get_same(folder, list, n, a.agents, agents, why);
	free(list);
	return err ? config_agents_newest(none, folder, agents, why) : 0;
}

/**
 * config_agents_begin_nodes - get the entries of nodes alone with which an agent begins
 * @none:	not used
 * @folder:	folder of the configurations
 * @agents:	filled; the caller frees it
 * @why:	filled on failure, CONF_WHY bytes
 *
 * It is for an agent that cannot have the settings of all agents. Its nodes are those of the other agents nevertheless. The
 * hash is another one, so these settings do not count as in force.
 *
 * Return: 0 or a negative errno
 */
int config_agents_begin_nodes(const void *none, const char *folder, struct conf_agents *agents, char *why)
{
	int err = config_agents_begin(none, folder, agents, why);

	if (err || !agents->text)
		return err;
	free(agents->text);
	agents->text = NULL;
	agents->hash = agents->nodes ? ~agents->hash : 0;
	return 0;
}

/**
 * struct proposed - a text that is checked
 * @text:	the text
 * @size:	its length, bytes
 */
struct proposed {
	const char *text;
	size_t size;
};

static int take_proposed(const void *arg, const char *folder, struct conf_agents *agents, char *why)
{
	const struct proposed *p = arg;

	(void)folder;
	if (!config_agents_of(p->text, p->size, agents))
		return 0;
	snprintf(why, CONF_WHY, "out of memory");
	return -ENOMEM;
}

/* Keeps the first error only: there is room for one line. */
static void take_first(void *arg, const char *where, const char *what)
{
	char *why = arg;

	if (!why[0])
		snprintf(why, KEEPER_WHY, "%s: %s", where, what);
}

/**
 * config_agents_check - check whether the agent of this node can take what a text has for the agents
 * @view:	what the keeper was told
 * @text:	the text of a configuration
 * @size:	its length, bytes
 * @why:	filled on failure: file, line, and what is wrong there
 * @room:	size of @why
 *
 * The agent's own file is read with them, as the agent will do. So an error that it would find then is found before the
 * text is committed, and so is a setting of that file that waits for a restart. What the agent has in force already is not
 * read again.
 *
 * Return: 0 or a negative errno
 */
int config_agents_check(const struct keeper_view *view, const char *text, size_t size, char *why, size_t room)
{
	const struct proposed proposed = { .text = text, .size = size };
	struct corosync corosync = COROSYNC_NONE;
	const struct conf_ask asks = {
		.module = module_ask_nodes, .corosync = corosync_ask, .arg = &corosync,
		.agents = take_proposed, .agents_arg = &proposed,
	};
	const char *fault = agents_text_nodes_fault(text, size), *waits;
	char first[KEEPER_WHY] = "";
	struct conf *conf;
	bool good = false;

	if (fault) {
		snprintf(why, room, "%s", fault);
		return -EINVAL;
	}
	if (config_agents_hash(text, size) == view->agents)
		return 0;
	waits = conf_emptied(view->file, view->begun.empty);
	if (waits) {
		snprintf(why, room, "%s %s", view->file, waits);
		return -EINVAL;
	}
	conf = conf_read(view->file, &asks, take_first, first);
	corosync_close(&corosync);
	if (conf)
		waits = conf_restarts(&view->begun, conf);
	if (!conf)
		snprintf(why, room, "%s", first);
	else if (waits)
		snprintf(why, room, "%s: %s begins with a restart of all agents: restart them first, or take it back",
			 view->file, waits);
	else if (conf->agents.nodes && conf->n_nodes > KEEPER_NODES)
		snprintf(why, room, "\"nodes\" of %s and the entries " AGENTS_TEXT_NODE " are %u nodes together, and %u may be: take some out of the text",
			 view->file, conf->n_nodes, KEEPER_NODES);
	else
		good = true;
	conf_free(conf);
	return good ? 0 : -EINVAL;
}

/**
 * config_agents_keep - have a new text keep what the committed one has for the agents
 * @view:	what the keeper was told
 * @g:		the new configuration; its size and hash are set
 * @text:	its text from malloc(), which is replaced
 * @whole:	it is to have no settings of all agents but its own
 * @why:	filled on failure
 * @room:	size of @why
 *
 * The settings of all agents stay unless the text has its own, and the entries of the nodes that it adds. What is printed of
 * the module has none, so all that comes from there goes through here.
 *
 * Return: 0 or a negative errno
 */
int config_agents_keep(const struct keeper_view *view, struct generation *g, char **text, bool whole, char *why, size_t room)
{
	struct generation old = { .number = view->committed.generation, .hash = view->committed.blob };
	char *before, *part = NULL, *kept = NULL, *longer = NULL;
	size_t size, kept_size = 0;
	int err;

	if (!old.number)
		return 0;
	err = keeper_text(view, &old, &before, why, room);
	if (err)
		return err;
	err = agents_text_keep_nodes(*text, g->size, before, old.size, &kept, &kept_size);
	if (!err && !whole && !agents_text_has(*text, g->size))
		err = agents_text_split(before, old.size, &part, &size);
	if (!err && part) {
		err = agents_text_join(kept, kept_size, part, size, &longer, &kept_size);
		free(kept);
		kept = longer;
	}
	if (err) {
		snprintf(why, room, "out of memory");
		free(kept);
	} else {
		free(*text);
		*text = kept;
		g->size = kept_size;
		g->hash = generation_hash(kept, kept_size);
	}
	free(part);
	free(before);
	return err;
}
