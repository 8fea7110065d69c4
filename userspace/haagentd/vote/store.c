// SPDX-License-Identifier: GPL-2.0
/*
 * The store: a file with two slots, each with a sequence number and a checksum. An image is
 * written to the first slot, synced, written to the second slot and synced again. Only then
 * does the image count as stored. A power loss during a write damages at most one slot, and
 * the other slot has the previous or the new image. A reader therefore takes the newest
 * valid slot. An agent that is killed during a write can leave its image in one slot only,
 * or only in the page cache. So store_open() writes the image that it found to the other
 * slot too, and syncs the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"

#include "haagentd/bytes.h"
#include "haagentd/privilege.h"
#include "store.h"
#include "haagentd/thread.h"

#define SLOTS	2

/* Offsets in a slot. The checksum covers all bytes of the slot before the checksum, and the image. */
#define AT_MAGIC	0
#define AT_SEQUENCE	8
#define AT_SIZE		16
#define AT_CHECKSUM	24
#define CHECKSUM	32

_Static_assert(AT_CHECKSUM + CHECKSUM == STORE_HEAD, "slot head");

static const uint8_t magic[8] = { 'H', 'a', 'S', 'w', 'V', 'o', 't', '1' };

static void checksum(const uint8_t *slot, size_t size, uint8_t out[CHECKSUM])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, CHECKSUM);
	crypto_generichash_update(&state, slot, AT_CHECKSUM);
	crypto_generichash_update(&state, slot + STORE_HEAD, size);
	crypto_generichash_final(&state, out, CHECKSUM);
}

enum slot { SLOT_EMPTY, SLOT_GOOD, SLOT_DAMAGED };

/* Return: what is wrong with a slot that is not empty; NULL if it is valid. */
static const char *slot_fault(const uint8_t *slot)
{
	uint64_t size = bytes_get(slot + AT_SIZE, 8);
	uint8_t sum[CHECKSUM];

	if (memcmp(slot + AT_MAGIC, magic, sizeof(magic)))
		return "it does not begin as a voter's slot does";
	if (size > STORE_IMAGE)
		return "it tells a length that does not fit";
	checksum(slot, size, sum);
	return memcmp(sum, slot + AT_CHECKSUM, CHECKSUM) ? "its checksum is wrong" : NULL;
}

static enum slot slot_judge(const uint8_t *slot)
{
	size_t i;

	for (i = 0; i < STORE_SLOT && !slot[i]; i++)
		;
	if (i == STORE_SLOT)
		return SLOT_EMPTY;
	return slot_fault(slot) ? SLOT_DAMAGED : SLOT_GOOD;
}

static int read_all(int fd, uint8_t *to, size_t size)
{
	size_t at = 0;

	while (at < size) {
		ssize_t got = pread(fd, to + at, size - at, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			return 1;
		at += (size_t)got;
	}
	return 0;
}

static int write_all(int fd, const uint8_t *from, size_t size, off_t at)
{
	while (size) {
		ssize_t put = pwrite(fd, from, size, at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put ? -errno : -EIO;
		from += put;
		at += put;
		size -= (size_t)put;
	}
	return 0;
}

/* Validates all slots. Return: the newest valid slot, or NULL. */
static const uint8_t *newest(const uint8_t *slots, enum slot judged[SLOTS])
{
	const uint8_t *best = NULL;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		const uint8_t *slot = slots + i * STORE_SLOT;

		judged[i] = slot_judge(slot);
		if (judged[i] == SLOT_GOOD &&
		    (!best || bytes_get(slot + AT_SEQUENCE, 8) >
			      bytes_get(best + AT_SEQUENCE, 8)))
			best = slot;
	}
	return best;
}

/* Copies the image of a valid slot. Return: its length, bytes. */
static size_t slot_take(const uint8_t *slot, uint8_t image[STORE_IMAGE])
{
	size_t size = (size_t)bytes_get(slot + AT_SIZE, 8);

	memcpy(image, slot + STORE_HEAD, size);
	return size;
}

/* Writes zeros to both slots, so that no later write can fail with ENOSPC. */
static int file_make(struct store *s, const char *path, char *why, size_t room)
{
	static const uint8_t zeros[SLOTS * STORE_SLOT];
	int err = 0;

	if (ftruncate(s->fd, 0))
		err = -errno;
	if (!err)
		err = write_all(s->fd, zeros, sizeof(zeros), 0);
	if (!err && fsync(s->fd))
		err = -errno;
	if (!err)
		err = file_sync_folder(path);
	if (!err)
		return 0;
	snprintf(why, room, "cannot be made: %s", strerror(-err));
	unlink(path);
	return err;
}

static int file_open(struct store *s, const char *path, char *why, size_t room)
{
	int err;

	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (s->fd < 0) {
		err = -errno;
		snprintf(why, room, "cannot be opened: %s", strerror(errno));
		return err;
	}
	if (!flock(s->fd, LOCK_EX | LOCK_NB))
		return 0;
	err = -errno;
	snprintf(why, room, errno == EWOULDBLOCK ?
		 "is in use: another agent runs already" : "cannot be locked: %s",
		 strerror(errno));
	return err;
}

#define ASIDE	4096	/* longest name of a renamed file, with the NUL */

/* Makes the name of a file that is kept for analysis: it contains @as and the time. Return: 0 or -ENAMETOOLONG. */
static int aside_name(const char *path, const char *as, char aside[ASIDE])
{
	return snprintf(aside, ASIDE, "%s.%s-%lld", path, as, (long long)time(NULL)) >= ASIDE ?
		-ENAMETOOLONG : 0;
}

/* Renames the file to a name that contains @as and the time, and copies that name to @aside. */
static int rename_aside(const char *path, const char *as, char aside[ASIDE],
			char *why, size_t room)
{
	int err = aside_name(path, as, aside);

	if (err) {
		snprintf(why, room, "has a name that is too long");
		return err;
	}
	if (!rename(path, aside))
		return 0;
	err = -errno;
	snprintf(why, room, "is %s and cannot be renamed: %s", as, strerror(-err));
	return err;
}

/* Renames a damaged file, which is kept for analysis only, and creates a new one. */
static int set_aside(struct store *s, const char *path, char *why, size_t room)
{
	char aside[ASIDE];
	int err;

	err = rename_aside(path, "damaged", aside, why, room);
	if (err)
		return err;
	close(s->fd);
	err = file_open(s, path, why, room);
	if (!err)
		err = file_make(s, path, why, room);
	if (!err)
		snprintf(why, room, "was damaged and is kept as %s", aside);
	return err;
}

/*
 * Copies a damaged slot, as far as the file has it, to a file of its own. It replaces an earlier copy, so that torn writes
 * do not fill the disk. Return: 0 or a negative errno.
 */
static int keep_slot(const char *path, const uint8_t *slot, size_t size, unsigned int number,
		     char aside[ASIDE])
{
	int err, fd;

	if (snprintf(aside, ASIDE, "%s.damaged-slot%u", path, number) >= ASIDE)
		return -ENAMETOOLONG;
	fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, slot, size, 0);
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(aside);
	return err;
}

/*
 * Reports in @why that the slot beside the valid slot @best was damaged, and keeps a copy, because sync_slots() has
 * overwritten that slot. A failure to keep it is only reported: the valid slot has all that the voter needs. @length:
 * length of the file, bytes.
 */
static void report_damaged(const char *path, const uint8_t *slots, const uint8_t *best, off_t length,
			   char *why, size_t room)
{
	unsigned int used = best == slots ? 0 : 1, other = 1 - used;
	const uint8_t *slot = slots + other * STORE_SLOT;
	off_t there = length - (off_t)other * STORE_SLOT;
	bool cut = there < STORE_SLOT;
	char aside[ASIDE];
	int err = 0;

	if (!cut && slot_judge(slot) != SLOT_DAMAGED)
		return;
	if (there > 0)
		err = keep_slot(path, slot, cut ? (size_t)there : STORE_SLOT, other + 1, aside);
	snprintf(why, room, "has slot %u of %u damaged (%s), so slot %u is used%s%s", other + 1, SLOTS,
		 cut ? "the file ends before its end" : slot_fault(slot), used + 1,
		 there <= 0 ? "" : err ? "; the damaged one cannot be kept: " : "; the damaged one is kept as ",
		 there <= 0 ? "" : err ? strerror(-err) : aside);
}

static int write_slots(const struct store *s)
{
	int i, err = 0;

	for (i = 0; i < SLOTS && !err; i++) {
		err = write_all(s->fd, s->slot, STORE_SLOT, (off_t)i * STORE_SLOT);
		if (!err && fdatasync(s->fd))
			err = -errno;
	}
	return err;
}

/*
 * Stores the newest image on the disk in both slots. The next write begins with the first slot, and a power loss
 * during this write can destroy that slot. The second slot must then have the image.
 */
static int sync_slots(struct store *s, const uint8_t *slots, const uint8_t *best)
{
	size_t other = best == slots ? STORE_SLOT : 0;
	int err = fdatasync(s->fd) ? -errno : 0;

	/* The other slot is overwritten only after the slot @best is on the disk. */
	if (err || !memcmp(slots + other, best, STORE_SLOT))
		return err;
	err = write_all(s->fd, best, STORE_SLOT, (off_t)other);
	if (!err && fdatasync(s->fd))
		err = -errno;
	return err;
}

static void *work(void *arg)
{
	struct store *s = arg;
	const uint64_t one = 1;
	int err;

	/* Capabilities are per thread, so this thread drops its own. */
	privilege_drop();
	pthread_mutex_lock(&s->lock);
	for (;;) {
		while (!s->stop && (!s->busy || s->err != -EINPROGRESS))
			pthread_cond_wait(&s->wake, &s->lock);
		if (!s->busy || s->err != -EINPROGRESS)
			break;
		pthread_mutex_unlock(&s->lock);
		err = write_slots(s);
		pthread_mutex_lock(&s->lock);
		s->err = err;
		/* The event wakes the loop, which is not to find the lock taken. */
		pthread_mutex_unlock(&s->lock);
		/* write() to an eventfd fails only if its counter overflows, which additions of 1 never cause. */
		if (write(s->event, &one, sizeof(one)) != sizeof(one))
			abort();
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int begin(struct store *s, char *why, size_t room)
{
	int err;

	s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->event < 0) {
		err = -errno;
	} else {
		thread_lock_init(&s->lock);
		pthread_cond_init(&s->wake, NULL);
		err = thread_begin(&s->thread, work, s);
		s->running = !err;
	}
	if (err)
		snprintf(why, room, "has no thread to write it: %s", strerror(-err));
	return err;
}

/**
 * store_open - open or create the file, and start the thread that writes it
 * @s:		the store, which this function initializes
 * @path:	name of the file
 * @image:	filled with the image that was written last
 * @size:	set to the length of @image, bytes; 0 if the file has no image
 * @found:	set to the state in which the file was found
 * @why:	text that the caller appends to the file's name; filled on failure, when
 *		@found is STORE_DAMAGED, and when one slot was damaged and the other one is
 *		used; otherwise empty
 * @room:	size of @why
 *
 * Return: 0 or a negative errno
 */
int store_open(struct store *s, const char *path, uint8_t image[STORE_IMAGE],
	       size_t *size, enum store_found *found, char *why, size_t room)
{
	uint8_t slots[SLOTS * STORE_SLOT] = { 0 };
	enum slot judged[SLOTS];
	const uint8_t *best;
	struct stat st;
	int err;

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	s->event = -1;
	*size = 0;
	*why = '\0';
	*found = STORE_NEW;
	s->path = strdup(path);
	if (!s->path) {
		err = -ENOMEM;
		snprintf(why, room, "cannot be opened: %s", strerror(-err));
		goto fail;
	}
	err = file_open(s, path, why, room);
	if (err)
		goto fail;
	err = fstat(s->fd, &st) ? -errno : 0;
	if (!err && st.st_size)
		err = read_all(s->fd, slots, sizeof(slots));
	if (err < 0) {
		snprintf(why, room, "cannot be read: %s", strerror(-err));
		goto fail;
	}
	best = newest(slots, judged);
	if (!st.st_size) {
		err = file_make(s, path, why, room);
	} else if (!best && (err || judged[0] == SLOT_DAMAGED ||
			     judged[1] == SLOT_DAMAGED)) {
		*found = STORE_DAMAGED;
		err = set_aside(s, path, why, room);
	} else {
		err = 0;
	}
	if (err)
		goto fail;
	if (best) {
		*found = STORE_GOOD;
		*size = slot_take(best, image);
		s->sequence = bytes_get(best + AT_SEQUENCE, 8);
		err = sync_slots(s, slots, best);
		if (err) {
			snprintf(why, room, "cannot be written: %s", strerror(-err));
			goto fail;
		}
		/* Only now, so that the copy takes no room from the file. */
		report_damaged(path, slots, best, st.st_size, why, room);
	}
	err = begin(s, why, room);
	if (!err)
		return 0;
fail:
	store_close(s);
	return err;
}

/**
 * store_outdated - rename a file whose image lacks the latest promises of its voter
 * @path:	name of the file
 * @why:	text that the caller appends to the file's name; always filled
 * @room:	size of @why
 *
 * The next store_open() finds no file, so the voter starts like one that has lost its
 * state.
 *
 * Return: 0; or a negative errno if the file could not be renamed, or if its new name is
 * perhaps not on the disk
 */
int store_outdated(const char *path, char *why, size_t room)
{
	char aside[ASIDE];
	int err = rename_aside(path, "outdated", aside, why, room);

	if (err)
		return err;
	err = file_sync_folder(path);
	if (err)
		snprintf(why, room, "is kept as %s, which is perhaps not on the disk: %s",
			 aside, strerror(-err));
	else
		snprintf(why, room, "is kept as %s", aside);
	return err;
}

/**
 * struct store_probe - a thread that tries to open a file
 * @path:	name of the file
 * @why:	what store_open() told
 * @state:	0 while the thread runs; 1 if the file can be opened; -1 if not; accessed
 *		atomically
 */
struct store_probe {
	char *path;
	char why[512];
	int state;
};

static void *probe(void *arg)
{
	struct store_probe *p = arg;
	uint8_t image[STORE_IMAGE];
	enum store_found found;
	struct store s;
	size_t size;
	int err;

	privilege_drop();
	err = store_open(&s, p->path, image, &size, &found, p->why, sizeof(p->why));
	if (!err)
		store_close(&s);
	__atomic_store_n(&p->state, err ? -1 : 1, __ATOMIC_RELEASE);
	return NULL;
}

/**
 * store_probe_begin - start a thread that tries to open a file by store_open()
 * @path:	name of the file
 *
 * A faulty disk can block the attempt for a long time, so it does not run in the event
 * loop.
 *
 * Return: the attempt, which store_probe_ended() frees; NULL if an allocation or the start
 * of the thread fails
 */
struct store_probe *store_probe_begin(const char *path)
{
	struct store_probe *p = calloc(1, sizeof(*p));
	pthread_t thread;

	if (!p)
		return NULL;
	p->path = strdup(path);
	if (p->path && !thread_begin(&thread, probe, p)) {
		pthread_detach(thread);
		return p;
	}
	free(p->path);
	free(p);
	return NULL;
}

/**
 * store_probe_ended - fetch the result of an attempt
 * @p:	the attempt; set to NULL when it has ended
 * @why:	when the attempt has ended, filled with what store_open() told
 * @room:	size of @why
 *
 * Return: 0 while the attempt runs; 1 if the file could be opened; -1 if not
 */
int store_probe_ended(struct store_probe **p, char *why, size_t room)
{
	int state = __atomic_load_n(&(*p)->state, __ATOMIC_ACQUIRE);

	if (!state)
		return 0;
	snprintf(why, room, "%s", (*p)->why);
	free((*p)->path);
	free(*p);
	*p = NULL;
	return state;
}

/**
 * store_peek - read the image that was written last, without changing the file
 * @path:	name of the file
 * @image:	filled with the image
 *
 * Return: length of the image, bytes; 0 if the file has no valid image
 */
size_t store_peek(const char *path, uint8_t image[STORE_IMAGE])
{
	uint8_t slots[SLOTS * STORE_SLOT] = { 0 };
	enum slot judged[SLOTS];
	const uint8_t *best;
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return 0;
	err = read_all(fd, slots, sizeof(slots));
	close(fd);
	best = err < 0 ? NULL : newest(slots, judged);
	return best ? slot_take(best, image) : 0;
}

/**
 * store_close - wait for a running write, stop the thread and close the file
 * @s:	the store, which can be open only in part
 */
void store_close(struct store *s)
{
	if (s->running) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_signal(&s->wake);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
		pthread_cond_destroy(&s->wake);
		pthread_mutex_destroy(&s->lock);
	}
	s->running = false;
	if (s->event >= 0)
		close(s->event);
	s->event = -1;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	free(s->path);
	s->path = NULL;
}

/**
 * store_write - begin to write an image; does not block
 * @s:		the store
 * @image:	the image
 * @size:	length of @image, bytes
 *
 * Return: 0 if the write has begun, and store_ended() then reports its result; -EBUSY while
 * an earlier write is running, -EMSGSIZE if @size is above STORE_IMAGE
 */
int store_write(struct store *s, const uint8_t *image, size_t size)
{
	int err = 0;

	if (size > STORE_IMAGE)
		return -EMSGSIZE;
	pthread_mutex_lock(&s->lock);
	if (s->busy) {
		err = -EBUSY;
		goto out;
	}
	s->sequence++;
	memset(s->slot, 0, sizeof(s->slot));
	memcpy(s->slot + AT_MAGIC, magic, sizeof(magic));
	bytes_put(s->slot + AT_SEQUENCE, s->sequence, 8);
	bytes_put(s->slot + AT_SIZE, size, 8);
	memcpy(s->slot + STORE_HEAD, image, size);
	checksum(s->slot, size, s->slot + AT_CHECKSUM);
	s->busy = true;
	s->err = -EINPROGRESS;
	pthread_cond_signal(&s->wake);
out:
	pthread_mutex_unlock(&s->lock);
	return err;
}

/**
 * store_ended - fetch the result of a write that has ended
 * @s:		the store
 * @err:	set to 0 if the image is on disk, or to a negative errno; unchanged if
 *		no write has ended
 *
 * Return: 1 once after each write that has ended, otherwise 0
 */
int store_ended(struct store *s, int *err)
{
	uint64_t count;
	int ended = 0;

	if (read(s->event, &count, sizeof(count)) != sizeof(count))
		return 0;
	pthread_mutex_lock(&s->lock);
	if (s->busy && s->err != -EINPROGRESS) {
		ended = 1;
		*err = s->err;
		s->busy = false;
	}
	pthread_mutex_unlock(&s->lock);
	return ended;
}
