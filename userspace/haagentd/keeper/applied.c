// SPDX-License-Identifier: GPL-2.0
/* What this node has put in place last, as it wrote it down beside the generations. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"

#include "applied.h"

#define NAME	"applied"
#define BOOT_ID	"/proc/sys/kernel/random/boot_id"

static int read_small(const char *path, char *to, size_t room)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, to, room - 1);

	if (fd >= 0)
		close(fd);
	to[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : -ENOENT;
}

/* Returns the number of the module's folder in sysfs, which is another one each time that it is loaded; or 0. */
static uint64_t module_number(void)
{
	struct stat st;

	return stat("/sys/module/haswitch", &st) ? 0 : st.st_ino;
}

/* Returns the cookie of this network namespace, or 0. Its inode number would be that of a namespace that has gone. */
static uint64_t netns_cookie(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
		cookie = 0;
	close(fd);
	return cookie;
}

/**
 * applied_life - compose what tells the life of the module's configuration
 * @id:	filled: the machine's boot, when the module was loaded, and the network namespace
 */
void applied_life(char id[APPLIED_LIFE])
{
	char boot[40];

	if (read_small(BOOT_ID, boot, sizeof(boot)))
		boot[0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
	snprintf(id, APPLIED_LIFE, "%s.%" PRIx64 ".%" PRIx64, boot, module_number(), netns_cookie());
}

static int path_of(const char *folder, char path[4096])
{
	return snprintf(path, 4096, "%s/" NAME, folder) >= 4096 ? -ENAMETOOLONG : 0;
}

/**
 * applied_get - read what this node has put in place
 * @folder:	folder of the configurations
 * @a:		filled
 * @same:	set to whether it was written in this life of the module
 *
 * Return: whether the file is there and whole
 */
bool applied_get(const char *folder, struct applied *a, bool *same)
{
	char path[4096], line[256], life[APPLIED_LIFE];
	int end = 0, n;

	memset(a, 0, sizeof(*a));
	a->agents = APPLIED_UNKNOWN;
	*same = false;
	applied_life(life);
	if (path_of(folder, path) || read_small(path, line, sizeof(line)))
		return false;
	n = sscanf(line, "%95s %" SCNu64 " %" SCNx64 " %" SCNx64 "%n %" SCNx64 "%n", a->life, &a->number, &a->hash, &a->saved,
		   &end, &a->agents, &end);
	*same = !strcmp(a->life, life);
	return n >= 4 && !strcmp(line + end, "\n");
}

/**
 * applied_put - write down what this node has put in place
 * @folder:	folder of the configurations
 * @a:		what it has
 *
 * Return: 0 or a negative errno
 */
int applied_put(const char *folder, const struct applied *a)
{
	char path[4096], line[256];
	struct file_next next;
	int size, err = path_of(folder, path);

	if (!err)
		err = file_next_open(&next, path);
	if (err)
		return err;
	size = snprintf(line, sizeof(line), "%s %" PRIu64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", a->life,
			a->number, a->hash, a->saved, a->agents);
	if (write(next.fd, line, (size_t)size) != size)
		err = -EIO;
	return file_next_end(&next, path, err);
}

/**
 * applied_first - choose the committed configuration with which a node begins
 * @folder:	folder of the configurations
 * @list:	all of them that are whole, the newest one first
 * @n:		their number
 *
 * It is what this node has put in place last. Others can have larger numbers: of another cluster, whose folder was copied
 * here, or of this one before its voters began anew. If the file of that is lost, the newest one is chosen.
 *
 * Return: the configuration; NULL if there is none
 */
const struct generation *applied_first(const char *folder, const struct generation *list, unsigned int n)
{
	struct applied a;
	unsigned int i;
	bool same;

	if (applied_get(folder, &a, &same))
		for (i = 0; i < n; i++)
			if (a.number == list[i].number && a.hash == list[i].hash)
				return &list[i];
	return n ? list : NULL;
}
