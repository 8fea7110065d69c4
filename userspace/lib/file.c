// SPDX-License-Identifier: GPL-2.0
/* Helpers for files: a file that is replaced at once, its directory, its entry there on disk, and its absolute name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define FOLDER_MODE	0755

/**
 * file_beside - find a program that is installed beside the running one
 * @name:	its name
 * @path:	filled with its path
 * @size:	size of @path, bytes
 *
 * Return: 0 or a negative errno
 */
int file_beside(const char *name, char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);
	char *slash;

	if (n < 0)
		return -errno;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash - path) + strlen(name) + 2 > size)
		return -ENAMETOOLONG;
	strcpy(slash + 1, name);
	return 0;
}

/**
 * file_absolute - make the name of a file good for a process with another working directory
 * @path:	its name
 * @to:		filled with its absolute name, in which no symbolic link is followed
 * @size:	size of @to, bytes
 *
 * Return: 0 or a negative errno
 */
int file_absolute(const char *path, char *to, size_t size)
{
	char folder[4096] = "";

	if (*path != '/' && !getcwd(folder, sizeof(folder)))
		return -errno;
	return snprintf(to, size, "%s%s%s", folder, *path == '/' ? "" : "/", path) >= (int)size ? -ENAMETOOLONG : 0;
}

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
 * A new directory has mode 0755 whatever the umask is, as the units' StateDirectory: each user may read the journal below
 * it. What is secret in it has a mode of its own.
 *
 * Return: 0 or a negative errno
 */
int file_need_folder(const char *path)
{
	char folder[4096];
	int err = folder_of(path, folder);

	if (err)
		return err;
	if (mkdir(folder, FOLDER_MODE))
		return errno == EEXIST ? 0 : -errno;
	return chmod(folder, FOLDER_MODE) ? -errno : 0;
}

/**
 * file_open_folder - open a directory, which no symbolic link may stand for
 * @path:	the directory
 *
 * Return: a descriptor with close-on-exec, or a negative errno
 */
int file_open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
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

/**
 * file_next_open - begin the file that is to replace another one
 * @next:	the new file, which gets the name of the old one with ".new" behind it; one that a crash left is removed
 * @path:	the old file, which need not exist
 *
 * The new file has mode 0600 whatever the umask is.
 *
 * Return: 0, and @next.fd is for writing; or a negative errno, and there is no new file
 */
int file_next_open(struct file_next *next, const char *path)
{
	int err;

	if (snprintf(next->path, sizeof(next->path), "%s.new", path) >= (int)sizeof(next->path))
		return -ENAMETOOLONG;
	unlink(next->path);
	next->fd = open(next->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (next->fd < 0)
		return -errno;
	if (!fchmod(next->fd, 0600))
		return 0;
	err = -errno;
	close(next->fd);
	unlink(next->path);
	return err;
}

/**
 * file_next_end - put the new file in the place of the old one, or remove it
 * @next:	the new file
 * @path:	the old file
 * @err:	0, or the negative errno with which writing has failed: the new file is removed then
 *
 * rename() is atomic: after a crash, @path is either the old file or the whole new one.
 *
 * Return: 0 or a negative errno; @err if it was not 0
 */
int file_next_end(struct file_next *next, const char *path, int err)
{
	if (!err && fsync(next->fd))
		err = -errno;
	if (close(next->fd) && !err)
		err = -errno;
	if (!err && rename(next->path, path))
		err = -errno;
	if (err) {
		unlink(next->path);
		return err;
	}
	return file_sync_folder(path);
}
