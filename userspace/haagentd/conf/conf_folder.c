// SPDX-License-Identifier: GPL-2.0
/* The folder of the cluster's configurations, as a file names it, for who needs nothing else of the file. */
#include <errno.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "conf_read.h"

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
	int ret, vote = 1;

	*folder = NULL;
	config_init(&cfg);
	ret = conf_parse(&r, &cfg);
	if (!ret) {
		config_lookup_string(&cfg, "configurations", &path);
		config_lookup_bool(&cfg, "leases.vote", &vote);
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
