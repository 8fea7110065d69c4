// SPDX-License-Identifier: GPL-2.0
/* Helpers for files: creating a file's directory, and syncing its directory entry to disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static int folder_of(const char *path, char folder[4096])
{
	char *slash;

	if (snprintf(folder, 4096, "%s", path) >= 4096)
		return -ENAMETOOLONG;
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	else
		snprintf(folder, 4096, ".");
	return 0;
}

/**
 * file_need_folder - create the directory of a file, if it is missing
 * @path:	the file; the parent of its directory must exist
 *
 * Return: 0 or a negative errno
 */
int file_need_folder(const char *path)
{
	char folder[4096];
	int err = folder_of(path, folder);

	if (!err && mkdir(folder, 0700) && errno != EEXIST)
		err = -errno;
	return err;
}

/**
 * file_sync_folder - wait until the directory entry of a file is on disk
 * @path:	a file that was created or renamed
 *
 * Return: 0 or a negative errno
 */
int file_sync_folder(const char *path)
{
	char folder[4096];
	int fd, err = folder_of(path, folder);

	if (err)
		return err;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}
