// SPDX-License-Identifier: GPL-2.0
/* The store of a voter: what was written is found, and what is damaged is not believed. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "haagentd/vote/store.h"

static char folder[] = "/tmp/agent_store.XXXXXX";
static char file[64], aside[80];
static struct store store;
static uint8_t image[STORE_IMAGE];
static size_t size;
static enum store_found found;
static char why[512];

static int again(void)
{
	memset(image, 0xee, sizeof(image));
	why[0] = 0;
	return store_open(&store, file, image, &size, &found, why, sizeof(why));
}

static int write_now(const char *text)
{
	struct pollfd event = { .fd = store.event, .events = POLLIN };
	int err = 1;

	assert_int_equal(store_write(&store, (const uint8_t *)text, strlen(text)), 0);
	assert_int_equal(poll(&event, 1, 10000), 1);
	assert_int_equal(store_ended(&store, &err), 1);
	assert_int_equal(store_ended(&store, &err), 0);
	return err;
}

static unsigned int set_aside(void)
{
	glob_t found_files;
	unsigned int n;

	n = glob(aside, 0, NULL, &found_files) ? 0 : (unsigned int)found_files.gl_pathc;
	if (n)
		globfree(&found_files);
	return n;
}

static void forget(void)
{
	glob_t files;
	size_t i;

	unlink(file);
	if (glob(aside, 0, NULL, &files))
		return;
	for (i = 0; i < files.gl_pathc; i++)
		unlink(files.gl_pathv[i]);
	globfree(&files);
}

static void finds_what_was_written_last(void **state)
{
	char text[16];
	int i;

	(void)state;
	assert_int_equal(again(), 0);
	assert_int_equal(found, STORE_NEW);
	assert_int_equal(size, 0);
	store_close(&store);
	/* Made, and never written: still nothing. */
	assert_int_equal(again(), 0);
	assert_int_equal(found, STORE_NEW);
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "image %d", i);
		assert_int_equal(write_now(text), 0);
		store_close(&store);
		assert_int_equal(again(), 0);
		assert_int_equal(found, STORE_GOOD);
		assert_int_equal(size, strlen(text));
		assert_memory_equal(image, text, size);
		/* Who only looks finds the same, and changes nothing. */
		memset(image, 0, sizeof(image));
		assert_int_equal(store_peek(file, image), strlen(text));
		assert_memory_equal(image, text, size);
	}
	store_close(&store);
	forget();
	assert_int_equal(store_peek(file, image), 0);
	assert_int_not_equal(access(file, F_OK), 0);
}

static void one_write_at_a_time(void **state)
{
	static const uint8_t most[STORE_IMAGE + 1] = { 7 };
	struct pollfd event;
	int err;

	(void)state;
	assert_int_equal(again(), 0);
	assert_int_equal(store_write(&store, most, sizeof(most)), -EMSGSIZE);
	assert_int_equal(store_write(&store, most, STORE_IMAGE), 0);
	assert_int_equal(store_write(&store, most, 1), -EBUSY);
	event = (struct pollfd){ .fd = store.event, .events = POLLIN };
	assert_int_equal(poll(&event, 1, 10000), 1);
	assert_int_equal(store_write(&store, most, 1), -EBUSY);
	assert_int_equal(store_ended(&store, &err), 1);
	assert_int_equal(err, 0);
	/* Closed in the middle of one, it is on the disk all the same. */
	assert_int_equal(store_write(&store, most, 3), 0);
	store_close(&store);
	assert_int_equal(again(), 0);
	assert_int_equal(size, 3);
	store_close(&store);
	forget();
}

static void spoil(off_t place)
{
	uint8_t byte;
	int fd = open(file, O_RDWR);

	assert_int_equal(pread(fd, &byte, 1, place), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, place), 1);
	close(fd);
}

static const off_t places[] = { 0, 9, 17, 30, STORE_HEAD, STORE_HEAD + 5 };
static const char *const faults[] = {
	"it does not begin as a voter's slot does", "its checksum is wrong", "it tells a length that does not fit",
	"its checksum is wrong", "its checksum is wrong", "its checksum is wrong",
};

/* The copy that is kept of a damaged slot has those bytes of the slot. */
static void kept_as(const uint8_t *slot, size_t length)
{
	uint8_t kept[STORE_SLOT + 1];
	glob_t files;
	int fd;

	assert_int_equal(glob(aside, 0, NULL, &files), 0);
	assert_int_equal(files.gl_pathc, 1);
	assert_non_null(strstr(why, files.gl_pathv[0]));
	fd = open(files.gl_pathv[0], O_RDONLY);
	assert_int_equal(read(fd, kept, sizeof(kept)), length);
	assert_memory_equal(kept, slot, length);
	close(fd);
	globfree(&files);
}

/* A byte anywhere in one slot: the other one has the same. It is told, and the damaged slot is kept. */
static void one_slot_is_enough(void **state)
{
	uint8_t slot[STORE_SLOT];
	char text[160];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < 2 * sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(again(), 0);
		assert_int_equal(write_now("before"), 0);
		assert_int_equal(write_now("newest"), 0);
		store_close(&store);
		spoil(places[i / 2] + (off_t)(i % 2) * STORE_SLOT);
		fd = open(file, O_RDONLY);
		assert_int_equal(pread(fd, slot, sizeof(slot), (off_t)(i % 2) * STORE_SLOT), sizeof(slot));
		close(fd);
		assert_int_equal(again(), 0);
		assert_int_equal(found, STORE_GOOD);
		assert_int_equal(size, 6);
		assert_memory_equal(image, "newest", size);
		snprintf(text, sizeof(text), "has slot %zu of 2 damaged (%s), so slot %zu is used; the damaged one "
					     "is kept as ",
			 i % 2 + 1, faults[i / 2], 2 - i % 2);
		assert_int_equal(strncmp(why, text, strlen(text)), 0);
		kept_as(slot, sizeof(slot));
		assert_int_equal(write_now("after"), 0);
		store_close(&store);
		/* It is told once: the other slot was mended. */
		assert_int_equal(again(), 0);
		assert_string_equal(why, "");
		assert_int_equal(set_aside(), 1);
		assert_memory_equal(image, "after", 5);
		store_close(&store);
		forget();
	}
}

/*
 * The agent was killed between its two writes, with the newest image in either slot. Whoever opens the file may act on
 * that image, so it is in both slots from then on: the next write may damage one of them.
 */
static void newest_slot_is_believed(void **state)
{
	uint8_t slot[STORE_SLOT];
	off_t old;
	int fd;

	(void)state;
	for (old = 0; old <= STORE_SLOT; old += STORE_SLOT) {
		assert_int_equal(again(), 0);
		assert_int_equal(write_now("before"), 0);
		fd = open(file, O_RDWR);
		assert_int_equal(pread(fd, slot, sizeof(slot), 0), sizeof(slot));
		assert_int_equal(write_now("newest"), 0);
		store_close(&store);
		assert_int_equal(pwrite(fd, slot, sizeof(slot), old), sizeof(slot));
		close(fd);
		assert_int_equal(again(), 0);
		assert_memory_equal(image, "newest", 6);
		/* Such a slot is old, and not damaged. */
		assert_string_equal(why, "");
		store_close(&store);
		spoil(STORE_SLOT - old + STORE_HEAD);
		assert_int_equal(again(), 0);
		assert_int_equal(found, STORE_GOOD);
		assert_memory_equal(image, "newest", 6);
		store_close(&store);
		forget();
	}
}

/* A copy that cannot be kept, here for the length of its name, is no reason not to begin. */
static void copy_is_not_needed(void **state)
{
	char name[320];

	(void)state;
	assert_int_equal(again(), 0);
	assert_int_equal(write_now("newest"), 0);
	store_close(&store);
	spoil(STORE_HEAD);
	snprintf(name, sizeof(name), "%s/%0250d", folder, 0);
	assert_int_equal(rename(file, name), 0);
	assert_int_equal(store_open(&store, name, image, &size, &found, why, sizeof(why)), 0);
	assert_int_equal(found, STORE_GOOD);
	assert_memory_equal(image, "newest", 6);
	assert_non_null(strstr(why, "so slot 2 is used; the damaged one cannot be kept: File name too long"));
	store_close(&store);
	unlink(name);
}

/* A byte anywhere in both slots: nothing is believed, and the file is kept. */
static void damage_is_set_aside(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(again(), 0);
		assert_int_equal(write_now("newest"), 0);
		store_close(&store);
		spoil(places[i]);
		spoil(STORE_SLOT + places[i]);
		assert_int_equal(store_peek(file, image), 0);
		assert_int_equal(again(), 0);
		assert_int_equal(found, STORE_DAMAGED);
		assert_int_equal(size, 0);
		assert_non_null(strstr(why, "was damaged and is kept as"));
		assert_int_equal(set_aside(), 1);
		/* And it goes on with a new one. */
		assert_int_equal(write_now("after"), 0);
		store_close(&store);
		assert_int_equal(again(), 0);
		assert_int_equal(found, STORE_GOOD);
		store_close(&store);
		forget();
	}
}

/* A machine that goes on from a snapshot has promised more than its file says. */
static void outdated_file_is_not_read(void **state)
{
	glob_t files;
	char name[80];

	(void)state;
	assert_int_equal(again(), 0);
	assert_int_equal(write_now("snapshot"), 0);
	store_close(&store);
	assert_int_equal(store_outdated(file, why, sizeof(why)), 0);
	snprintf(name, sizeof(name), "%s.outdated-*", file);
	assert_int_equal(glob(name, 0, NULL, &files), 0);
	assert_int_equal(files.gl_pathc, 1);
	assert_non_null(strstr(why, files.gl_pathv[0]));
	assert_int_equal(store_peek(files.gl_pathv[0], image), strlen("snapshot"));
	unlink(files.gl_pathv[0]);
	globfree(&files);
	assert_int_equal(again(), 0);
	assert_int_equal(found, STORE_NEW);
	store_close(&store);
	forget();
	assert_int_equal(store_outdated(file, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "cannot be renamed"));
}

static void cut_short_is_damage(void **state)
{
	static const uint8_t start[] = "HaSwVot1";

	(void)state;
	assert_int_equal(again(), 0);
	assert_int_equal(write_now("all of it"), 0);
	store_close(&store);
	assert_int_equal(truncate(file, STORE_SLOT + 8), 0);
	assert_int_equal(again(), 0);
	assert_int_equal(found, STORE_GOOD);
	assert_non_null(strstr(why, "has slot 2 of 2 damaged (the file ends before its end), so slot 1 is used; the "));
	kept_as(start, 8);
	store_close(&store);
	assert_int_equal(truncate(file, STORE_SLOT), 0);
	assert_int_equal(again(), 0);
	assert_int_equal(found, STORE_GOOD);
	assert_non_null(strstr(why, "(the file ends before its end), so slot 1 is used"));
	assert_null(strstr(why, "kept"));
	assert_int_equal(write_now("all of it"), 0);
	store_close(&store);
	assert_int_equal(truncate(file, 60), 0);
	assert_int_equal(again(), 0);
	assert_int_equal(found, STORE_DAMAGED);
	store_close(&store);
	forget();
}

static void another_agent_is_noticed(void **state)
{
	static struct store other;

	(void)state;
	assert_int_equal(again(), 0);
	assert_int_not_equal(store_open(&other, file, image, &size, &found, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "another agent runs already"));
	store_close(&store);
	forget();
}

static int tried(const char *path)
{
	struct store_probe *probe = store_probe_begin(path);
	int i, ended = 0;

	assert_non_null(probe);
	for (i = 0; i < 1000 && !ended; i++) {
		ended = store_probe_ended(&probe, why, sizeof(why));
		if (!ended)
			usleep(10000);
	}
	assert_null(probe);
	return ended;
}

/* Whether a file can be opened is tried by a thread, and leaves the file as it is. */
static void opening_is_tried(void **state)
{
	(void)state;
	assert_int_equal(tried("/nowhere/voter"), -1);
	assert_int_equal(again(), 0);
	assert_int_equal(write_now("newest"), 0);
	assert_int_equal(tried(file), -1);
	store_close(&store);
	assert_int_equal(tried(file), 1);
	assert_int_equal(again(), 0);
	assert_memory_equal(image, "newest", 6);
	store_close(&store);
	forget();
}

static void no_room_is_told_at_the_start(void **state)
{
	struct rlimit limit = { .rlim_cur = 100, .rlim_max = RLIM_INFINITY }, old;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	limit.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_not_equal(again(), 0);
	assert_non_null(strstr(why, "cannot be made: "));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	forget();
	assert_int_not_equal(store_open(&store, "/nowhere/voter", image, &size, &found, why, sizeof(why)), 0);
	assert_non_null(strstr(why, "cannot be opened: No such file"));
}

static int setup(void **state)
{
	(void)state;
	if (sodium_init() < 0 || !mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/voter", folder);
	snprintf(aside, sizeof(aside), "%s.damaged-*", file);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_written_last),
		cmocka_unit_test(one_write_at_a_time),
		cmocka_unit_test(one_slot_is_enough),
		cmocka_unit_test(newest_slot_is_believed),
		cmocka_unit_test(copy_is_not_needed),
		cmocka_unit_test(damage_is_set_aside),
		cmocka_unit_test(outdated_file_is_not_read),
		cmocka_unit_test(cut_short_is_damage),
		cmocka_unit_test(another_agent_is_noticed),
		cmocka_unit_test(opening_is_tried),
		cmocka_unit_test(no_room_is_told_at_the_start),
	};

	return cmocka_run_group_tests_name("agent_store", tests, setup, teardown);
}
