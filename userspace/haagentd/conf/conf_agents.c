// SPDX-License-Identifier: GPL-2.0
/* What the configuration of the cluster has for all agents: which settings that can be, and where each one is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/agents_text.h"
#include "conf.h"
#include "conf_read.h"

/* What else there is can differ between nodes, begins with a restart, or is a witness's, too. */
const char *const conf_shared[] = {
	[CONF_AGENTS_CHECKS] = "checks",
	[CONF_AGENTS_LOAD] = "load",
	[CONF_AGENTS_NOTIFY] = "notify",
	[CONF_AGENTS_PULSES] = "pulses",
	[CONF_AGENTS_JOURNAL] = "journal",
	[CONF_AGENTS_ROUTES] = "routes",
	[CONF_AGENTS_SETTINGS] = NULL,
};

/**
 * conf_agents_name - compose what errors call a part of what the configuration of the cluster has for the agents
 * @agents:	what it has
 * @part:	the word for that part
 * @name:	buffer
 *
 * Return: the name
 */
const char *conf_agents_name(const struct conf_agents *agents, const char *part, char name[CONF_AGENTS_NAME])
{
	if (agents->generation)
		snprintf(name, CONF_AGENTS_NAME, "%s of generation %llu", part, (unsigned long long)agents->generation);
	else
		snprintf(name, CONF_AGENTS_NAME, "%s", part);
	return name;
}

/**
 * conf_checks_file - get the name of the file that has the health checks, for errors about them
 * @conf:	the configuration
 * @name:	buffer
 *
 * Return: the name
 */
const char *conf_checks_file(const struct conf *conf, char name[CONF_AGENTS_NAME])
{
	return conf->shared >> CONF_AGENTS_CHECKS & 1 ? conf_agents_name(&conf->agents, AGENTS_TEXT_NAME, name) : conf->file;
}

/* Reports each setting that only the file of a node can have. */
static void only_shared(struct conf_reader *r, const config_setting_t *root)
{
	int i, n = config_setting_length(root);

	for (i = 0; i < n; i++) {
		const config_setting_t *s = config_setting_get_elem(root, (unsigned int)i);
		const char *const *known = conf_shared;

		while (*known && strcmp(*known, config_setting_name(s)))
			known++;
		if (!*known)
			conf_error(r, s, "\"%s\" cannot be set for all agents at once: only \"checks\", \"load\", \"notify\", \"pulses\", \"journal\" and \"routes\" can; write it into haagentd.conf on each node",
				   config_setting_name(s));
	}
}

/* Chooses where a setting is read. Both places with it would contradict each other. */
static void choose(struct conf_sources *s, struct conf *conf, unsigned int which, struct conf_source *source)
{
	const char *name = conf_shared[which];
	config_setting_t *all = config_root_setting(&s->cfg);
	const config_setting_t *here = config_setting_get_member(source->root, name);
	const config_setting_t *there = config_setting_get_member(all, name);

	if (!there)
		return;
	if (here)
		conf_error(source->r, here, "\"%s\" is in the configuration of the cluster, too (%s:%u), and would be there twice; take it out of this file, or out of there ('haadm cluster apply ... agents ...')",
			   name, s->name, config_setting_source_line(there));
	*source = (struct conf_source){ .r = &s->r, .root = all };
	conf->shared |= 1U << which;
}

/**
 * conf_agents_free - free what the configuration of the cluster has for the agents
 * @agents:	it; all zero then
 */
void conf_agents_free(struct conf_agents *agents)
{
	free(agents->text);
	free(agents->nodes);
	memset(agents, 0, sizeof(*agents));
}

/**
 * conf_agents_get - get what the configuration of the cluster has for the agents
 * @r:		reader of the file
 * @root:	root group of the file
 * @conf:	the configuration, with the folder of configurations; receives it
 * @ask:	callbacks, or NULL
 */
void conf_agents_get(struct conf_reader *r, config_setting_t *root, struct conf *conf, const struct conf_ask *ask)
{
	char why[CONF_WHY];

	if (!ask || !ask->agents || !conf_votes(root))
		return;
	conf->entries = CONF_ENTRIES_UNKNOWN;
	if (r->errors)
		return;
	if (!ask->agents(ask->agents_arg, conf->config_folder, &conf->agents, why))
		conf->entries = conf->agents.none ? CONF_ENTRIES_NONE : CONF_ENTRIES_READ;
	else
		conf_error(r, NULL, "the settings of all agents, which are in the configuration of the cluster, cannot be had: %s",
			   why);
}

/**
 * conf_sources_open - find out where each setting is read
 * @s:		filled; for conf_sources_close()
 * @r:		reader of the file
 * @root:	root group of the file
 * @conf:	the configuration, with its nodes and the settings of all agents
 *
 * After an error in the file it is not known whether this node is a witness. All is read from the file then. A witness needs
 * none of these settings.
 */
void conf_sources_open(struct conf_sources *s, struct conf_reader *r, config_setting_t *root, struct conf *conf)
{
	struct conf_source local = { .r = r, .root = root };
	unsigned int i;

	for (i = 0; i < CONF_AGENTS_SETTINGS; i++)
		s->of[i] = local;
	s->r = (struct conf_reader){ .file = s->name, .report = r->report, .arg = r->arg };
	config_init(&s->cfg);
	if (r->errors || !conf->agents.text || conf_witness(conf))
		return;
	conf_agents_name(&conf->agents, AGENTS_TEXT_NAME, s->name);
	if (conf_parse_text(&s->r, &s->cfg, conf->agents.text))
		return;
	only_shared(&s->r, config_root_setting(&s->cfg));
	for (i = 0; i < CONF_AGENTS_SETTINGS; i++)
		choose(s, conf, i, &s->of[i]);
}

/**
 * conf_sources_close - free the settings of all agents, after all was read
 * @s:	what conf_sources_open() has filled
 * @r:	reader of the file, which counts the errors in them, too
 */
void conf_sources_close(struct conf_sources *s, struct conf_reader *r)
{
	r->errors += s->r.errors;
	config_destroy(&s->cfg);
}
