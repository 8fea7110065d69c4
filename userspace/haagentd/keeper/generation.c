// SPDX-License-Identifier: GPL-2.0
/*
 * Generations: the configurations that the cluster has committed, one file each. A file is the text and one comment
 * line behind it, with number, hash, time, node and label. So haadm can restore the file as it is, and the line numbers
 * of the text stay. A file that was torn by a crash, or that another program wrote, lacks that line or has another hash.
 *
 * A text is written under a name that ends with ".new", and synced, before its node agrees to it. It is renamed when it
 * is committed. No symbolic link is followed, neither for the folder nor for a file.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haagentd/bytes.h"
#include "lib/file.h"
#include "generation.h"

#define HEAD		"# haswitch configuration "
#define TRAILER		256	/* longest last line, bytes */
#define NAME		64	/* size of a file's name */
#define NO_LABEL	"-"

/**
 * generation_hash - compute the number that identifies a text
 * @text:	the text
 * @size:	its length, bytes
 *
 * Return: the number; never 0, which stands for no text
 */
uint64_t generation_hash(const void *text, size_t size)
{
	uint8_t hash[crypto_generichash_BYTES];
	uint64_t number;

	crypto_generichash(hash, sizeof(hash), text, size, NULL, 0);
	number = bytes_get(hash, 8);
	return number ? number : 1;
}

/**
 * generation_label_valid - return whether a label has only letters, digits and . _ -
 * @label:	the label; an empty one is valid
 *
 * Return: yes or no
 */
bool generation_label_valid(const char *label)
{
	size_t i;

	for (i = 0; label[i]; i++)
		if (!isascii(label[i]) || (!isalnum(label[i]) && !strchr("._-", label[i])))
			return false;
	return i < GENERATION_LABEL && strcmp(label, NO_LABEL) != 0;
}

/**
 * generation_text_fault - check that bytes can be a configuration's text
 * @text:	the bytes
 * @size:	their number
 *
 * Return: NULL; or what is wrong
 */
const char *generation_text_fault(const char *text, size_t size)
{
	if (!size)
		return "it is empty";
	if (size > GENERATION_TEXT_MAX)
		return "it is too long: 16 MiB are the most";
	if (memchr(text, '\0', size))
		return "it has a NUL byte; this is no text";
	if (text[size - 1] != '\n')
		return "its last line does not end";
	return NULL;
}

/**
 * generation_trailer - write the last line of a file
 * @g:		the configuration
 * @to:		filled with the line and a NUL
 * @room:	size of @to, bytes
 *
 * Return: length of the line, bytes; 0 if @to is too small
 */
size_t generation_trailer(const struct generation *g, char *to, size_t room)
{
	int n = snprintf(to, room, HEAD "%" PRIu64 " %016" PRIx64 " %" PRIu64 " %s %s\n", g->number, g->hash, g->time,
			 g->node, g->label[0] ? g->label : NO_LABEL);

	return n < 0 || (size_t)n >= room ? 0 : (size_t)n;
}

/* Reads a decimal or hexadecimal number without sign, spaces and overflow. Return: what follows it, or NULL. */
static const char *number_get(const char *at, int base, uint64_t *number)
{
	char *end;

	if (!isxdigit((unsigned char)*at))
		return NULL;
	errno = 0;
	*number = strtoull(at, &end, base);
	return errno || end == at || *end != ' ' ? NULL : end + 1;
}

/**
 * generation_parse - read the last line of a file, and compare the hash
 * @file:	the whole file
 * @length:	its length, bytes
 * @g:		filled
 *
 * Return: whether the file is whole
 */
bool generation_parse(const char *file, size_t length, struct generation *g)
{
	char line[TRAILER] = "", back[TRAILER];
	const char *at;
	size_t size;

	memset(g, 0, sizeof(*g));
	if (!length || file[length - 1] != '\n')
		return false;
	for (size = length - 1; size && file[size - 1] != '\n'; size--)
		;
	if (!size || length - size >= sizeof(line) || size > GENERATION_TEXT_MAX)
		return false;
	memcpy(line, file + size, length - size);
	if (strncmp(line, HEAD, strlen(HEAD)))
		return false;
	at = number_get(line + strlen(HEAD), 10, &g->number);
	at = at ? number_get(at, 16, &g->hash) : NULL;
	at = at ? number_get(at, 10, &g->time) : NULL;
	if (!at || sscanf(at, "%31s %63s", g->node, g->label) != 2 || !wire_name_valid(g->node))
		return false;
	if (!strcmp(g->label, NO_LABEL))
		g->label[0] = '\0';
	g->size = size;
	/* A line has only one spelling. */
	return generation_label_valid(g->label) && generation_trailer(g, back, sizeof(back)) &&
	       !strcmp(line, back) && g->number && !generation_text_fault(file, size) &&
	       generation_hash(file, size) == g->hash;
}

static void name_of(uint64_t number, uint64_t hash, bool committed, char name[NAME])
{
	snprintf(name, NAME, "%010" PRIu64 "-%016" PRIx64 "%s", number, hash, committed ? ".conf" : ".new");
}

/**
 * generation_path - compose the name of a committed configuration's file
 * @folder:	the folder
 * @number:	its number
 * @hash:	its hash
 * @path:	filled
 * @room:	size of @path, bytes
 *
 * Return: 0 or -ENAMETOOLONG
 */
int generation_path(const char *folder, uint64_t number, uint64_t hash, char *path, size_t room)
{
	char name[NAME];

	name_of(number, hash, true, name);
	return snprintf(path, room, "%s/%s", folder, name) >= (int)room ? -ENAMETOOLONG : 0;
}

static int failed(int err, const char *what, char *why, size_t room)
{
	snprintf(why, room, "%s: %s", what, strerror(-err));
	return err;
}

static int write_all(int fd, const char *from, size_t size)
{
	while (size) {
		ssize_t put = write(fd, from, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put ? -errno : -EIO;
		from += put;
		size -= (size_t)put;
	}
	return 0;
}

/**
 * generation_put - write a text that may be committed, and wait until it is on the disk
 * @folder:	the folder, which is made if it is missing
 * @g:		the configuration; its hash and size are those of @text
 * @text:	the text
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0; or a negative errno, and then there is no new file, or one that may be gone after a power loss
 */
int generation_put(const char *folder, const struct generation *g, const char *text,
		   char *why, size_t room)
{
	char name[NAME], temporary[NAME + 8], trailer[TRAILER];
	size_t size = generation_trailer(g, trailer, sizeof(trailer));
	int at, fd, err = 0;

	if (!size)
		return failed(-EINVAL, "its label or node is too long", why, room);
	if (mkdir(folder, 0700) && errno != EEXIST)
		return failed(-errno, "the folder of the configurations cannot be made", why, room);
	at = file_open_folder(folder);
	if (at < 0)
		return failed(at, "the folder of the configurations cannot be opened", why, room);
	name_of(g->number, g->hash, false, name);
	/* Two processes may write the same text; each has its own file until the last step. */
	snprintf(temporary, sizeof(temporary), "%.48s.%d", name, (int)getpid());
	unlinkat(at, temporary, 0);
	fd = openat(at, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		err = -errno;
	if (!err)
		err = write_all(fd, text, g->size);
	if (!err)
		err = write_all(fd, trailer, size);
	if (!err && fsync(fd))
		err = -errno;
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (!err && renameat(at, temporary, at, name))
		err = -errno;
	if (!err && fsync(at))
		err = -errno;
	if (err)
		unlinkat(at, temporary, 0);
	close(at);
	return err ? failed(err, "the configuration cannot be written", why, room) : 0;
}

/**
 * generation_commit - rename a written text, because it was committed
 * @folder:	the folder
 * @number:	its number
 * @hash:	its hash
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int generation_commit(const char *folder, uint64_t number, uint64_t hash, char *why, size_t room)
{
	char from[NAME], to[NAME];
	int at = file_open_folder(folder), err = 0;

	if (at < 0)
		return failed(at, "the folder of the configurations cannot be opened", why, room);
	name_of(number, hash, false, from);
	name_of(number, hash, true, to);
	if (renameat(at, from, at, to) || fsync(at))
		err = -errno;
	close(at);
	return err ? failed(err, "the configuration's file cannot be renamed", why, room) : 0;
}

/* Reads a regular file as a whole. Return: 0 or a negative errno. */
static int read_file(int at, const char *name, char **file, size_t *length)
{
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), err = 0;
	struct stat st;
	ssize_t got;

	if (fd < 0)
		return -errno;
	*file = NULL;
	*length = 0;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EBADF;
	else if (st.st_size > GENERATION_TEXT_MAX + TRAILER)
		err = -EFBIG;
	else
		*file = malloc((size_t)st.st_size + 1);
	if (!err && !*file)
		err = -ENOMEM;
	while (!err && *length < (size_t)st.st_size) {
		got = read(fd, *file + *length, (size_t)st.st_size - *length);
		if (got > 0)
			*length += (size_t)got;
		else if (!got || errno != EINTR)
			err = got ? -errno : -EIO;
	}
	close(fd);
	if (err) {
		free(*file);
		*file = NULL;
	}
	return err;
}

/**
 * generation_get - read a configuration
 * @folder:	the folder
 * @g:		its @number and @hash name it; filled on success
 * @committed:	read a committed one; if not, one that was written only
 * @text:	set to the text, with a NUL behind it, which the caller frees
 * @why:	filled on failure
 * @room:	size of @why
 *
 * Return: 0; -ENOENT if there is no such file; another negative errno
 */
int generation_get(const char *folder, struct generation *g, bool committed, char **text,
		   char *why, size_t room)
{
	uint64_t number = g->number, hash = g->hash;
	int at = file_open_folder(folder), err;
	char name[NAME];
	size_t length;

	if (at < 0)
		return failed(at, "the folder of the configurations cannot be opened", why, room);
	name_of(number, hash, committed, name);
	err = read_file(at, name, text, &length);
	close(at);
	if (err) {
		snprintf(why, room, "%s/%s cannot be read: %s", folder, name, err == -ELOOP ? "it is a symbolic link" :
			 err == -EBADF ? "it is no regular file" : strerror(-err));
		return err;
	}
	if (generation_parse(*text, length, g) && g->number == number && g->hash == hash) {
		/* The trailer is there. */
		(*text)[g->size] = '\0';
		return 0;
	}
	free(*text);
	*text = NULL;
	g->number = number;
	g->hash = hash;
	snprintf(why, room, "%s/%s is torn, or was not written by an agent", folder, name);
	return -EBADMSG;
}

static uint64_t nanoseconds(const struct timespec *at)
{
	return (uint64_t)at->tv_sec * 1000000000 + (uint64_t)at->tv_nsec;
}

/**
 * generation_stamp - stamp the file of a committed configuration, before it is read
 * @folder:	the folder
 * @number:	its number
 * @hash:	its hash
 * @now:	wall clock, s
 * @stamp:	filled; all zero if there is no such file, or if it was touched just now
 *
 * A file system's clock has ticks: a further change within the tick of the last one would not be seen.
 */
void generation_stamp(const char *folder, uint64_t number, uint64_t hash, time_t now, struct generation_stamp *stamp)
{
	int at = file_open_folder(folder);
	char name[NAME];
	struct stat st;

	memset(stamp, 0, sizeof(*stamp));
	if (at < 0)
		return;
	name_of(number, hash, true, name);
	if (!fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) && now > st.st_ctim.tv_sec + 1)
		*stamp = (struct generation_stamp){
			.device = st.st_dev, .inode = st.st_ino, .size = (uint64_t)st.st_size,
			.written = nanoseconds(&st.st_mtim), .changed = nanoseconds(&st.st_ctim),
		};
	close(at);
}

/**
 * generation_tidy - remove texts that were written long ago, and were not committed
 * @folder:	the folder
 * @before:	time before which they were written, s since 1970
 * @number:	number of the text that voters have stored, which may be committed still
 * @hash:	its hash
 *
 * A refusal alone removes no text: two nodes can apply the same one at the same time, and only one of them is refused.
 */
void generation_tidy(const char *folder, time_t before, uint64_t number, uint64_t hash)
{
	int at = file_open_folder(folder);
	struct dirent *entry;
	struct stat st;
	char kept[NAME];
	DIR *dir = at < 0 ? NULL : fdopendir(at);

	name_of(number, hash, false, kept);
	while (dir && (entry = readdir(dir)))
		if (strstr(entry->d_name, ".new") && strcmp(entry->d_name, kept) &&
		    !fstatat(at, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) && st.st_mtime < before)
			unlinkat(at, entry->d_name, 0);
	if (dir)
		closedir(dir);
	else if (at >= 0)
		close(at);
}

/* Takes a file's name apart. Return: whether it has the form that name_of() makes. */
static bool name_parse(const char *name, bool committed, uint64_t *number, uint64_t *hash)
{
	char back[NAME], *end;

	errno = 0;
	*number = strtoull(name, &end, 10);
	if (*end != '-' || errno)
		return false;
	*hash = strtoull(end + 1, &end, 16);
	name_of(*number, *hash, committed, back);
	return !errno && !strcmp(name, back);
}

static int newest_first(const void *a, const void *b)
{
	const struct generation *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? 1 : -1;
	return x->hash < y->hash ? 1 : x->hash > y->hash ? -1 : 0;
}

/**
 * generation_list - list the committed configurations, the newest one first
 * @folder:	the folder
 * @list:	set to the list, which the caller frees
 * @n:		set to its length
 *
 * Torn and foreign files are left out.
 *
 * Return: 0 or a negative errno
 */
int generation_list(const char *folder, struct generation **list, unsigned int *n)
{
	int at = file_open_folder(folder), err = 0;
	struct dirent *entry;
	DIR *dir;

	*list = NULL;
	*n = 0;
	if (at < 0)
		return at == -ENOENT ? 0 : at;
	dir = fdopendir(at);
	if (!dir) {
		err = -errno;
		close(at);
		return err;
	}
	while (!err && (entry = readdir(dir))) {
		uint64_t number, hash;
		struct generation *more;
		size_t length;
		char *file;

		if (!name_parse(entry->d_name, true, &number, &hash) || read_file(at, entry->d_name, &file, &length))
			continue;
		more = reallocarray(*list, *n + 1, sizeof(**list));
		if (more)
			*list = more;
		else
			err = -ENOMEM;
		if (more && generation_parse(file, length, more + *n) && more[*n].number == number &&
		    more[*n].hash == hash)
			++*n;
		free(file);
	}
	closedir(dir);
	if (err) {
		free(*list);
		*list = NULL;
		*n = 0;
	} else if (*n) {
		qsort(*list, *n, sizeof(**list), newest_first);
	}
	return err;
}

/**
 * generation_prune - remove old configurations, and texts that can not be committed any more
 * @folder:	the folder
 * @current:	number of the committed configuration; this one and later ones stay
 * @limits:	which older ones without a label stay
 */
void generation_prune(const char *folder, uint64_t current, const struct generation_limits *limits)
{
	struct generation *list;
	unsigned int i, n, old = 0;
	struct dirent *entry;
	uint64_t number, hash;
	char name[NAME];
	int at = file_open_folder(folder);
	DIR *dir;

	if (at < 0)
		return;
	if (!generation_list(folder, &list, &n)) {
		for (i = 0; i < n; i++) {
			if (list[i].number >= current || list[i].label[0] || old++ < limits->least ||
			    (old <= limits->most && list[i].time >= limits->since))
				continue;
			name_of(list[i].number, list[i].hash, true, name);
			unlinkat(at, name, 0);
		}
		free(list);
	}
	dir = fdopendir(at);
	while (dir && (entry = readdir(dir))) {
		const char *end = strstr(entry->d_name, ".new");

		/* A file that a crash has left has the writer's pid behind its name. */
		snprintf(name, sizeof(name), "%.*s.new", end ? (int)(end - entry->d_name) : 0, entry->d_name);
		if (end && name_parse(name, false, &number, &hash) && number <= current)
			unlinkat(at, entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
	else
		close(at);
}

/**
 * generation_set_aside - rename files that have the number of a committed configuration, and another text
 * @folder:	the folder
 * @number:	number of the committed configuration
 * @hash:	its hash
 *
 * Another cluster has committed them, and its folder was copied here, or this one before its voters began anew. They are
 * no configurations of this cluster any more, but somebody may miss them.
 *
 * Return: how many there were
 */
unsigned int generation_set_aside(const char *folder, uint64_t number, uint64_t hash)
{
	int at = file_open_folder(folder);
	DIR *dir = at < 0 ? NULL : fdopendir(at);
	struct dirent *entry;
	unsigned int n = 0;

	while (dir && (entry = readdir(dir))) {
		uint64_t other_number, other_hash;
		char name[NAME + 16];

		if (!name_parse(entry->d_name, true, &other_number, &other_hash) || other_number != number || other_hash == hash)
			continue;
		snprintf(name, sizeof(name), "%.60s.foreign", entry->d_name);
		n += !renameat(at, entry->d_name, at, name);
	}
	if (dir)
		closedir(dir);
	else if (at >= 0)
		close(at);
	return n;
}

/**
 * generation_forget - remove old snapshots that a timer has made
 * @folder:	the folder
 * @current:	number of the committed configuration; this one and later ones stay
 * @limits:	which ones stay besides; an operator's own labels, and what has none, always do
 * @removed:	set to the number of those that were removed
 * @kept:	set to the number of those that stay
 *
 * Return: 0 or a negative errno
 */
int generation_forget(const char *folder, uint64_t current, const struct generation_limits *limits,
		      unsigned int *removed, unsigned int *kept)
{
	struct generation *list = NULL;
	int at = file_open_folder(folder), err;
	unsigned int i, n = 0;
	char name[NAME];

	*removed = 0;
	*kept = 0;
	if (at < 0)
		return at == -ENOENT ? 0 : at;
	err = generation_list(folder, &list, &n);
	for (i = 0; !err && i < n; i++) {
		if (strncmp(list[i].label, GENERATION_AUTO, strlen(GENERATION_AUTO)))
			continue;
		if (list[i].number >= current || *kept < limits->least ||
		    (*kept < limits->most && list[i].time >= limits->since)) {
			++*kept;
			continue;
		}
		name_of(list[i].number, list[i].hash, true, name);
		if (unlinkat(at, name, 0))
			err = -errno;
		else
			++*removed;
	}
	free(list);
	close(at);
	return err;
}
