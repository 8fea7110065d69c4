// SPDX-License-Identifier: GPL-2.0
/*
 * The disks of the nodes, each with one file that the agent's store writes: what is not synced may be torn by a power
 * loss.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "haagentd/bytes.h"
#include "haagentd/privilege.h"
#include "haagentd/vote/store.h"
#include "haagentd/thread.h"
#include "lib/file.h"
#include "model.h"
#include "disk_calls.h"

#define SIZE	(2 * STORE_SLOT)
#define TORN	64	/* what is written in one piece, bytes */
#define FD	1000	/* of the file of node 0; the next ones follow */
#define EVENT	2000	/* the same of what says that a write has ended */
#define CALLS	4	/* of one write: a slot, a sync, the other slot, a sync */

struct disk {
	uint8_t cache[SIZE];	/* what is read */
	uint8_t kept[SIZE];	/* what a power loss leaves for certain */
	size_t size;
	int dirty;		/* the slots in which the two differ, each a bit */
	int left;		/* so many calls are carried out, then none; -1: all */
	uint64_t ended;		/* what the eventfd has */
	int open;		/* the store is */
	int writing;
	struct store store;
	void *(*work)(void *arg);
	/* the oracle: a file has the image that was stored last, or the one that was being written */
	uint8_t stored[STORE_IMAGE];
	uint8_t next[STORE_IMAGE];
	size_t stored_size;
	size_t next_size;
};

/* The last one has the copies that the store keeps of damaged slots; nobody reads them. */
static struct disk disks[MODEL_NODES + 1];
static struct disk *starting;	/* whose store is being opened */
static u64 random_state;

/* Not chance(): what a schedule does is not to depend on how its disks tear. */
static u64 luck(u64 below)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (random_state >> 33) % below;
}

/* A schedule begins with empty disks. */
void disk_reset(u64 seed)
{
	random_state = seed;
	for (int i = 0; i < MODEL_NODES; i++) {
		struct disk *d = &disks[i];

		if (d->open)
			store_close(&d->store);
		d->open = 0;
		d->writing = 0;
		disk_lose(i);
	}
}

/* A disk without a file. */
void disk_lose(int id)
{
	struct disk *d = &disks[id];

	d->size = 0;
	d->dirty = 0;
	d->left = -1;
	d->ended = 0;
	d->stored_size = 0;
	d->next_size = 0;
}

/* One call of the store less to carry out. Return: whether it still is. */
static int carried_out(struct disk *d)
{
	if (!d->left)
		return 0;
	if (d->left > 0)
		d->left--;
	return 1;
}

static struct disk *disk_of(int fd)
{
	return &disks[fd - FD];
}

/* The next functions stand for calls of the system that the store makes (disk_calls.h). */
int disk_call_open(const char *path, int flags, ...)
{
	(void)flags;
	return FD + (path[1] ? MODEL_NODES : path[0] - '0');
}

int disk_call_close(int fd)
{
	(void)fd;
	return 0;
}

int disk_call_lock(int fd, int how)
{
	(void)fd;
	(void)how;
	return 0;
}

int disk_call_stat(int fd, struct stat *st)
{
	st->st_size = (off_t)disk_of(fd)->size;
	return 0;
}

int disk_call_truncate(int fd, off_t size)
{
	disk_of(fd)->size = (size_t)size;
	return 0;
}

int disk_call_sync(int fd)
{
	struct disk *d = disk_of(fd);

	if (!carried_out(d))
		return 0;
	for (int i = 0; i < 2; i++)
		if (d->dirty >> i & 1)
			memcpy(d->kept + i * STORE_SLOT, d->cache + i * STORE_SLOT, STORE_SLOT);
	d->dirty = 0;
	return 0;
}

/* A file that is put aside is not read again. */
int disk_call_rename(const char *path, const char *to)
{
	(void)to;
	if (!path[1])
		disks[path[0] - '0'].size = 0;
	return 0;
}

int disk_call_unlink(const char *path)
{
	return disk_call_rename(path, path);
}

int disk_call_event(unsigned int count, int flags)
{
	(void)flags;
	starting->ended = count;
	return EVENT + (int)(starting - disks);
}

ssize_t disk_call_pread(int fd, void *to, size_t size, off_t at)
{
	memcpy(to, disk_of(fd)->cache + at, size);
	return (ssize_t)size;
}

ssize_t disk_call_pwrite(int fd, const void *from, size_t size, off_t at)
{
	struct disk *d = disk_of(fd);

	if (!carried_out(d))
		return (ssize_t)size;
	memcpy(d->cache + at, from, size);
	if (d->size < (size_t)at + size)
		d->size = (size_t)at + size;
	d->dirty |= at ? 2 : size > STORE_SLOT ? 3 : 1;
	return (ssize_t)size;
}

ssize_t disk_call_read(int fd, void *to, size_t size)
{
	struct disk *d = &disks[fd - EVENT];

	if (!d->ended)
		return -1;
	memcpy(to, &d->ended, size);
	d->ended = 0;
	return (ssize_t)size;
}

ssize_t disk_call_write(int fd, const void *from, size_t size)
{
	(void)from;
	disks[fd - EVENT].ended++;
	return (ssize_t)size;
}

void thread_lock_init(pthread_mutex_t *lock)
{
	pthread_mutex_init(lock, NULL);
}

/* The store's thread does not run beside the model: disk_run() has it do what it has to do. */
int thread_begin(pthread_t *thread, void *(*work)(void *arg), void *arg)
{
	(void)thread;
	(void)arg;
	starting->work = work;
	return 0;
}

int disk_call_join(pthread_t thread, void **result)
{
	(void)thread;
	(void)result;
	return 0;
}

/* The agent's own functions that the store calls have nothing to do here. */
void privilege_drop(void)
{
}

int file_sync_folder(const char *path)
{
	(void)path;
	return 0;
}

/* The thread writes what it was asked to write, and ends. */
static void disk_run(struct disk *d)
{
	d->store.stop = true;
	d->work(&d->store);
	d->store.stop = false;
}

static int is(const uint8_t *image, size_t size, const uint8_t *other, size_t other_size)
{
	return size == other_size && !memcmp(image, other, size);
}

/* An agent starts. Return: the length of the image that its store found; 0: none. */
size_t disk_open(int id, u8 *image)
{
	const char path[2] = { (char)('0' + id), 0 };
	struct disk *d = &disks[id];
	enum store_found found;
	char why[256];
	size_t size;

	starting = d;
	if (store_open(&d->store, path, image, &size, &found, why, sizeof(why))) {
		violation("a voter's file cannot be opened");
		return 0;
	}
	d->open = 1;
	if (d->stored_size && !size)
		violation(found == STORE_DAMAGED ? "a power loss damaged both slots of a voter's file" :
			  "a voter's file has no image any more");
	else if (size && !is(image, size, d->stored, d->stored_size) && !is(image, size, d->next, d->next_size))
		violation("a voter's file has an image that was neither the last one nor the next one");
	memcpy(d->stored, image, size);
	d->stored_size = size;
	d->next_size = 0;
	return size;
}

/* The agent asks its store to write an image; disk_written() ends that. */
void disk_write(int id, const u8 *image, size_t size)
{
	struct disk *d = &disks[id];

	if (store_write(&d->store, image, size))
		violation("the store does not write");
	memcpy(d->next, image, size);
	d->next_size = size;
	d->writing = 1;
}

/* What was to be written is written, and the store says so. */
void disk_written(int id)
{
	struct disk *d = &disks[id];
	int err = -EIO;

	disk_run(d);
	if (!store_ended(&d->store, &err) || err)
		violation("the store does not say that it has written");
	d->writing = 0;
	memcpy(d->stored, d->next, d->next_size);
	d->stored_size = d->next_size;
	d->next_size = 0;
}

/* An agent dies, and its store may be writing. @late: at least the first slot is written by then. */
void disk_killed(int id, int late)
{
	struct disk *d = &disks[id];

	if (!d->open)
		return;
	if (d->writing) {
		d->left = (int)luck(CALLS / 2) + (late ? CALLS / 2 + (int)luck(2) : 0);
		disk_run(d);
		d->left = -1;
	}
	d->writing = 0;
	d->open = 0;
	store_close(&d->store);
}

/* Of what is not synced some is kept, some is not. */
void disk_power(int id)
{
	struct disk *d = &disks[id];

	for (size_t at = 0; d->dirty && at < SIZE; at += TORN)
		if (memcmp(d->kept + at, d->cache + at, TORN) && luck(2))
			memcpy(d->kept + at, d->cache + at, TORN);
	if (d->dirty)
		memcpy(d->cache, d->kept, SIZE);
	d->dirty = 0;
}
