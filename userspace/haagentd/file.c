// SPDX-License-Identifier: GPL-2.0
/* What files have in common: that a name, too, is on the disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

/**
 * file_sync_folder - wait until what is called so in its folder is on the disk
 * @path:	a file that was made or renamed
 *
 * Return: 0 or a negative errno
 */
int file_sync_folder(const char *path)
{
	char folder[4096];
	char *slash;
	int fd, err;

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fsync(fd) ? -errno : 0;
	close(fd);
	return err;
}
