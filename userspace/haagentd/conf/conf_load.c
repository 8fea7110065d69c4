// SPDX-License-Identifier: GPL-2.0
/* Reading the group "load" of the configuration file. */
#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "conf.h"
#include "conf_read.h"

#define SECOND	UINT64_C(1000000000)

/* File systems that a machine elsewhere, or a process, answers for: the agent must not wait for these. */
static const struct {
	uint32_t magic;
	const char *name;
} remote[] = {
	{ NFS_SUPER_MAGIC, "nfs" }, { SMB_SUPER_MAGIC, "smb" }, { CIFS_SUPER_MAGIC, "cifs" },
	{ SMB2_SUPER_MAGIC, "smb2" }, { CEPH_SUPER_MAGIC, "ceph" }, { AFS_SUPER_MAGIC, "afs" },
	{ AFS_FS_MAGIC, "afs" }, { CODA_SUPER_MAGIC, "coda" }, { V9FS_MAGIC, "9p" },
	{ AUTOFS_SUPER_MAGIC, "autofs" }, { FUSE_SUPER_MAGIC, "fuse" },
};

/* Returns the name of the kind of a file system that can hang, or NULL. */
static const char *can_hang(uint32_t magic)
{
	size_t i;

	for (i = 0; i < sizeof(remote) / sizeof(remote[0]); i++)
		if (remote[i].magic == magic)
			return remote[i].name;
	return NULL;
}

static void add_path(struct conf_reader *r, config_setting_t *s, struct conf_load *load, const char *path)
{
	load->paths[load->n_paths] = strdup(path);
	if (load->paths[load->n_paths])
		load->n_paths++;
	else
		conf_error(r, s, "no memory");
}

static void read_path(struct conf_reader *r, config_setting_t *s, struct conf_load *load)
{
	const char *path = conf_string_of(r, s, "a path of \"load\"");
	struct statfs fs;

	if (!path)
		return;
	if (path[0] != '/')
		conf_error(r, s, "the path \"%s\" must be a whole one, from / on", path);
	else if (load->n_paths == CONF_LOAD_PATHS)
		conf_error(r, s, "\"paths\" of \"load\" are %u at most", CONF_LOAD_PATHS);
	else if (statfs(path, &fs))
		conf_error(r, s, "the path \"%s\" cannot be looked at: %s", path, strerror(errno));
	else if (can_hang((uint32_t)fs.f_type))
		conf_error(r, s, "the path \"%s\" is on a file system of kind %s, which can hang, and this agent with it; name a path on a disk of this machine",
			   path, can_hang((uint32_t)fs.f_type));
	else
		add_path(r, s, load, path);
}

static void read_paths(struct conf_reader *r, config_setting_t *s, struct conf_load *load)
{
	config_setting_t *list = conf_list(r, s, "paths", "paths, like [ \"/\", \"/srv\" ]");
	int i, n = list ? config_setting_length(list) : 0;

	if (list && !load->disk)
		conf_error(r, list, "\"paths\" are for \"disk\", which has no limit here; write disk = \"95%%\", too, or take \"paths\" out");
	for (i = 0; i < n; i++)
		read_path(r, config_setting_get_elem(list, (unsigned int)i), load);
	if (load->disk && !n)
		add_path(r, s, load, "/");
}

/**
 * conf_read_load - read which load is too much for this node
 * @r:		the reader
 * @root:	root group of the file
 * @conf:	receives the limits
 */
void conf_read_load(struct conf_reader *r, config_setting_t *root, struct conf *conf)
{
	static const char *const known[] = {
		"cpu", "memory", "disk", "paths", "share", "interval", "rise", "fall", NULL
	};
	config_setting_t *s = conf_group(r, root, "load");
	struct conf_load *load = &conf->load;

	if (!s)
		return;
	conf_only(r, s, "\"load\"", known);
	load->on = true;
	load->cpu = conf_percent(r, s, "cpu", 0, "of the time of all processors");
	load->memory = conf_percent(r, s, "memory", 0, "of the memory");
	load->disk = conf_percent(r, s, "disk", 0, "of each file system in \"paths\"");
	load->share = conf_percent(r, s, "share", 25, "of its weights that this node keeps");
	load->interval = conf_time(r, s, "interval", SECOND, SECOND / 10, 3600 * SECOND);
	load->rise = (unsigned int)conf_number(r, s, "rise", 10, 1, 1000);
	load->fall = (unsigned int)conf_number(r, s, "fall", 5, 1, 1000);
	if (!config_setting_get_member(s, "cpu") && !config_setting_get_member(s, "memory") &&
	    !config_setting_get_member(s, "disk"))
		conf_error(r, s, "\"load\" needs a limit: cpu = \"90%%\", memory = \"90%%\" or disk = \"95%%\"");
	read_paths(r, s, load);
	if (!r->errors && conf_witness(conf))
		conf_error(r, s, "\"load\" is for nodes that serve, and this node, \"%s\", is a witness; take it out",
			   conf->nodes[conf->self].name);
}
