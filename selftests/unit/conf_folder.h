/* SPDX-License-Identifier: GPL-2.0 */
/* A folder for a configuration file of the agent and a key, which a group of tests makes and removes. */
#ifndef CONF_FOLDER_H
#define CONF_FOLDER_H

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "haagentd/peer/key.h"

static char folder[] = "/tmp/haagentd_conf.XXXXXX";
static char file[64], key[64];

static int conf_folder_make(void **state)
{
	char why[256];

	(void)state;
	if (sodium_init() < 0 || !mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/conf", folder);
	snprintf(key, sizeof(key), "%s/key", folder);
	return key_generate(key, why, sizeof(why));
}

static int conf_folder_remove(void **state)
{
	(void)state;
	unlink(file);
	unlink(key);
	return rmdir(folder);
}

#endif
