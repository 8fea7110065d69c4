/* SPDX-License-Identifier: GPL-2.0 */
/* The key file that a fuzzed configuration names; it lives as long as the process. */
#ifndef FUZZ_KEY_FILE_H
#define FUZZ_KEY_FILE_H

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "haagentd/conf/conf.h"

static char key_folder[] = "/tmp/haswitch-fuzz.XXXXXX", key_file[sizeof(key_folder) + 4];

static void key_file_delete(void)
{
	unlink(key_file);
	rmdir(key_folder);
}

/* Makes the file, in a folder of its own: a name with the pid may be left from an earlier process of that pid. */
static void key_file_make(void)
{
	char why[256];

	if (sodium_init() < 0 || !mkdtemp(key_folder))
		abort();
	snprintf(key_file, sizeof(key_file), "%s/key", key_folder);
	atexit(key_file_delete);
	if (key_generate(key_file, why, sizeof(why)))
		abort();
}

#endif
