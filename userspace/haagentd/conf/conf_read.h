/* SPDX-License-Identifier: GPL-2.0 */
/* Reading settings of a given type with libconfig. An error is reported with its line and a valid value. */
#ifndef HAAGENTD_CONF_READ_H
#define HAAGENTD_CONF_READ_H

#include <libconfig.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf.h"

/**
 * struct conf_reader - the file that is being read, and its errors
 * @file:	name of the file
 * @report:	callback for each error
 * @arg:	passed to @report
 * @errors:	number of errors so far
 * @later:	an error is about the module's nodes, so a later attempt can succeed when the
 *		nodes have been loaded
 * @busy:	the module's nodes could not be read, for a temporary reason
 */
struct conf_reader {
	const char *file;
	conf_report_fn report;
	void *arg;
	unsigned int errors;
	bool later;
	bool busy;
};

/**
 * struct conf_source - where a setting is read
 * @r:		the reader of the file that has it
 * @root:	root group of that file
 */
struct conf_source {
	struct conf_reader *r;
	config_setting_t *root;
};

/**
 * struct conf_sources - where those settings are read that all agents can share
 * @name:	what errors call the settings of all agents
 * @r:		their reader
 * @cfg:	their settings
 * @of:		source of each setting
 */
struct conf_sources {
	char name[CONF_AGENTS_NAME];
	struct conf_reader r;
	config_t cfg;
	struct conf_source of[CONF_AGENTS_SETTINGS];
};

int conf_parse(struct conf_reader *r, config_t *cfg);
int conf_parse_text(struct conf_reader *r, config_t *cfg, const char *text);
const char *conf_agents_name(const struct conf_agents *agents, const char *part, char name[CONF_AGENTS_NAME]);
bool conf_votes(const config_setting_t *root);
void conf_agents_get(struct conf_reader *r, config_setting_t *root, struct conf *conf, const struct conf_ask *ask);
void conf_sources_open(struct conf_sources *s, struct conf_reader *r, config_setting_t *root, struct conf *conf);
void conf_sources_close(struct conf_sources *s, struct conf_reader *r);
void conf_error(struct conf_reader *r, const config_setting_t *at,
		const char *format, ...) __attribute__((format(printf, 3, 4)));
void conf_error_at(struct conf_reader *r, unsigned int line,
		   const char *format, ...) __attribute__((format(printf, 3, 4)));
void conf_only(struct conf_reader *r, const config_setting_t *group,
	       const char *where, const char *const *names);
config_setting_t *conf_list(struct conf_reader *r, config_setting_t *group,
			    const char *name, const char *of_what);
config_setting_t *conf_group(struct conf_reader *r, config_setting_t *group,
			     const char *name);
bool conf_is_group(struct conf_reader *r, config_setting_t *s,
		   const char *what);
bool conf_bool(struct conf_reader *r, config_setting_t *group,
	       const char *name, bool otherwise);
const char *conf_string(struct conf_reader *r, config_setting_t *group,
			const char *name, const char *otherwise);
const char *conf_string_of(struct conf_reader *r, config_setting_t *s,
			   const char *what);
uint64_t conf_number(struct conf_reader *r, config_setting_t *group,
		     const char *name, uint64_t otherwise, uint64_t min,
		     uint64_t max);
unsigned int conf_percent(struct conf_reader *r, config_setting_t *group,
			  const char *name, unsigned int otherwise,
			  const char *of_what);
uint64_t conf_time(struct conf_reader *r, config_setting_t *group,
		   const char *name, uint64_t otherwise, uint64_t min,
		   uint64_t max);
const char *conf_time_format(uint64_t ns, char buf[24]);
void conf_read_nodes(struct conf_reader *r, config_setting_t *root,
		     struct conf *conf, conf_nodes_fn ask);
void conf_read_corosync(struct conf_reader *r, config_setting_t *root, struct conf *conf, const struct conf_ask *ask);
void conf_judge_nodes(struct conf_reader *r, struct conf *conf, config_setting_t *list, config_setting_t *at);
void conf_read_checks(struct conf_reader *r, config_setting_t *root,
		      struct conf *conf);
void conf_read_load(struct conf_reader *r, config_setting_t *root, struct conf *conf);
void conf_read_kind(struct conf_reader *r, config_setting_t *s, struct conf_check *c);
bool conf_command(struct conf_reader *r, const config_setting_t *s,
		  const char *kind, const char *path);
const char *conf_nearest(const char *word, const char *const *names);

#endif
