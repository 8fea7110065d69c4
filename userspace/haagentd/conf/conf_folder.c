// SPDX-License-Identifier: GPL-2.0
/* The folder of the cluster's configurations, as a file names it, for who needs nothing else of the file. */
#include <errno.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_read.h"

/**
 * conf_votes - return whether this node votes on leases, as a file says
 * @root:	root group of the file; errors in it are of no interest here
 *
 * An agent that does not vote puts no configuration of the cluster in place, and the folder can be another one's. Nothing
 * else of the file can be read before that is known.
 *
 * Return: yes or no
 */
bool conf_votes(const config_setting_t *root)
{
	config_setting_t *leases = config_setting_get_member(root, "leases");
	int vote = true;

	if (leases && config_setting_is_group(leases))
		config_setting_lookup_bool(leases, "vote", &vote);
	return vote;
}

/**
 * conf_folder_of - find the folder in which this node keeps the configurations of the cluster
 * @file:	name of the agent's configuration file
 * @folder:	set to the folder, which the caller frees; NULL: this node has no part in them
 * @report:	callback for an error
 * @arg:	passed to @report
 *
 * At a boot nothing else of the file can be read yet, as the module has no nodes.
 *
 * Return: 0, also if there is no such file; a negative errno: nobody can tell
 */
int conf_folder_of(const char *file, char **folder, conf_report_fn report, void *arg)
{
	struct conf_reader r = { .file = file, .report = report, .arg = arg };
	const char *path = CONF_FOLDER;
	config_t cfg;
	bool vote = true;
	int ret;

	*folder = NULL;
	config_init(&cfg);
	ret = conf_parse(&r, &cfg);
	if (!ret) {
		config_lookup_string(&cfg, "configurations", &path);
		vote = conf_votes(config_root_setting(&cfg));
	}
	if (ret == -ENOENT)
		ret = 0;
	if (!ret && vote) {
		*folder = strdup(path);
		if (!*folder) {
			conf_error(&r, NULL, "no memory");
			ret = -ENOMEM;
		}
	}
	config_destroy(&cfg);
	return ret;
}
