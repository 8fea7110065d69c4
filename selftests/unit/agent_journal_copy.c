// SPDX-License-Identifier: GPL-2.0
/* Pieces of a node's journal, and the copy that another node makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "haagentd/journal/journal_copy.h"
#include "lib/journal.h"

#define MOST	(1024 * 1024)
#define AGE	UINT64_MAX	/* the lines here are from 1970 */

static char there[64], here[64], why[JOURNAL_WHY];

static const char *file_of(const char *folder, unsigned int number)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%08u.jsonl", folder, number);
	return path;
}

static const char *theirs(unsigned int number)
{
	char folder[96];

	snprintf(folder, sizeof(folder), "%s/b", there);
	return file_of(folder, number);
}

static const char *ours(unsigned int number)
{
	char folder[96];

	snprintf(folder, sizeof(folder), "%s/" JOURNAL_COPIES "/b", here);
	return file_of(folder, number);
}

static void append(const char *path, const char *text)
{
	FILE *file = fopen(path, "a");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

#define LINE(wall)	"{\"wall\":" #wall ",\"time\":1,\"by\":\"b\",\"kind\":\"test\"}\n"

static void assert_file(const char *path, const char *text)
{
	char got[1024] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_true(fread(got, 1, sizeof(got) - 1, file) < sizeof(got) - 1);
	fclose(file);
	assert_string_equal(got, text);
}

/* Asks for piece after piece, as the keepers of two nodes do. Returns the number of pieces with lines. */
static unsigned int copy(void)
{
	struct journal_copy c;
	unsigned int pieces = 0;
	uint64_t alive = 0;
	struct journal_mark mark;
	size_t size = 1;
	char *lines;

	if (journal_copy_open(&c, here, "b", MOST, AGE, why))
		fail_msg("%s", why);
	while (size) {
		mark = c.mark;
		assert_int_equal(journal_piece(there, "b", &mark, &lines, &size, &alive), 0);
		if (size)
			assert_int_equal(journal_copy_add(&c, &mark, lines, size, why), 0);
		pieces += size > 0;
		free(lines);
		assert_true(pieces < 100);
	}
	journal_copy_close(&c, alive);
	return pieces;
}

static void lines_are_copied_once(void **state)
{
	(void)state;
	append(theirs(3), LINE(3) LINE(4) "{\"wall\":5,");
	append(theirs(7), LINE(7));
	assert_int_equal(copy(), 2);
	assert_file(ours(1), LINE(3) LINE(4));
	assert_file(ours(2), LINE(7));
	assert_int_equal(copy(), 0);
	append(theirs(7), LINE(8));
	append(theirs(8), LINE(9));
	assert_int_equal(copy(), 2);
	assert_file(ours(1), LINE(3) LINE(4));
	assert_file(ours(2), LINE(7) LINE(8));
	assert_file(ours(3), LINE(9));
	assert_int_equal(access(ours(4), F_OK), -1);
}

/* What is no journal is passed over, and no link is followed. */
static void foreign_files_are_passed_over(void **state)
{
	(void)state;
	append(theirs(1), "mine\n");
	assert_int_equal(symlink("/etc/passwd", theirs(2)), 0);
	assert_int_equal(mkdir(theirs(3), 0700), 0);
	append(theirs(4), "");
	append(theirs(5), LINE(5));
	assert_int_equal(copy(), 1);
	assert_file(ours(1), LINE(5));
	/* This one was begun and not written, and its number is lower than that of the place. */
	append(theirs(4), LINE(4));
	assert_int_equal(copy(), 0);
}

/* The other node removes old files, and also the one that was copied in part. */
static void removed_files_are_passed_over(void **state)
{
	(void)state;
	append(theirs(1), LINE(1));
	assert_int_equal(copy(), 1);
	assert_int_equal(unlink(theirs(1)), 0);
	append(theirs(2), LINE(2));
	append(theirs(3), LINE(3));
	assert_int_equal(copy(), 2);
	assert_file(ours(1), LINE(1));
	assert_file(ours(2), LINE(2));
	assert_file(ours(3), LINE(3));
}

/* A node that has lost its disk begins with file 1 again. What it wrote before stays in the copy. */
static void another_journal_follows(void **state)
{
	(void)state;
	append(theirs(1), LINE(1));
	append(theirs(2), LINE(2));
	assert_int_equal(copy(), 2);
	assert_int_equal(unlink(theirs(1)), 0);
	assert_int_equal(unlink(theirs(2)), 0);
	assert_int_equal(copy(), 0);
	append(theirs(1), LINE(10));
	assert_int_equal(copy(), 1);
	assert_file(ours(2), LINE(2));
	assert_file(ours(3), LINE(10));
	/* The number of the place is in use again before anybody asks. */
	assert_int_equal(unlink(theirs(1)), 0);
	append(theirs(1), LINE(20) LINE(21));
	assert_int_equal(copy(), 1);
	assert_file(ours(3), LINE(10));
	assert_file(ours(4), LINE(20) LINE(21));
	assert_int_equal(copy(), 0);
}

/* A disk that goes back to what it was, as a virtual machine's, has lost lines that are copied, and gets others. */
static void a_disk_goes_back(void **state)
{
	(void)state;
	append(theirs(1), LINE(1));
	append(theirs(2), LINE(2) LINE(3) LINE(4));
	assert_int_equal(copy(), 2);
	assert_int_equal(truncate(theirs(2), (off_t)strlen(LINE(2))), 0);
	append(theirs(2), LINE(5));
	assert_int_equal(copy(), 1);
	assert_file(ours(2), LINE(2) LINE(3) LINE(4));
	assert_file(ours(3), LINE(2) LINE(5));
	assert_int_equal(copy(), 0);
	append(theirs(2), LINE(6));
	assert_int_equal(copy(), 1);
	assert_file(ours(3), LINE(2) LINE(5) LINE(6));
	/* Its newest file is gone, and comes again. */
	assert_int_equal(unlink(theirs(2)), 0);
	append(theirs(2), LINE(7));
	assert_int_equal(copy(), 1);
	assert_file(ours(4), LINE(7));
	assert_int_equal(copy(), 0);
}

/* A crash leaves lines in the copy that its mark does not have, in the same file or in a new one. */
static void what_the_mark_has_not_is_cut(void **state)
{
	(void)state;
	append(theirs(1), LINE(1));
	assert_int_equal(copy(), 1);
	append(ours(1), LINE(2) "{\"wa");
	append(ours(2), LINE(3));
	append(theirs(1), LINE(2));
	append(theirs(2), LINE(3));
	assert_int_equal(copy(), 2);
	assert_file(ours(1), LINE(1) LINE(2));
	assert_file(ours(2), LINE(3));
	assert_int_equal(access(ours(3), F_OK), -1);
}

/* A copy that is not what its mark says begins anew. */
static void a_broken_copy_begins_anew(void **state)
{
	char mark[160];

	(void)state;
	snprintf(mark, sizeof(mark), "%s/" JOURNAL_COPIES "/b/mark", here);
	append(theirs(1), LINE(1));
	append(theirs(2), LINE(2));
	assert_int_equal(copy(), 2);
	append(mark, "x");
	assert_int_equal(copy(), 2);
	assert_file(ours(1), LINE(1));
	assert_file(ours(2), LINE(2));
	assert_int_equal(unlink(mark), 0);
	assert_int_equal(copy(), 2);
	/* A place in the journal, and no file of the copy that goes so far. */
	assert_int_equal(unlink(mark), 0);
	append(mark, "2 1 2 0 0\n");
	assert_int_equal(copy(), 2);
	assert_int_equal(truncate(ours(2), 3), 0);
	assert_int_equal(copy(), 2);
	assert_file(ours(1), LINE(1));
	assert_file(ours(2), LINE(2));
	assert_int_equal(access(ours(3), F_OK), -1);
}

/* Old files of the copy go as those of a journal do. */
static void a_copy_stays_small(void **state)
{
	char pad[1024], *text = malloc(200000);
	unsigned int file, i;
	struct stat st;
	off_t total = 0;

	(void)state;
	assert_non_null(text);
	memset(pad, 'x', sizeof(pad) - 1);
	pad[sizeof(pad) - 1] = '\0';
	for (file = 1; file <= 20; file++) {
		text[0] = '\0';
		for (i = 0; i < 100; i++)
			sprintf(text + strlen(text), "{\"wall\":%u,\"pad\":\"%s\"}\n", file, pad);
		append(theirs(file), text);
	}
	free(text);
	assert_int_equal(copy(), 20);
	for (file = 1; file <= 20; file++)
		total += stat(ours(file), &st) ? 0 : st.st_size;
	assert_true(total > MOST / 2 && total <= MOST);
	assert_int_equal(access(ours(20), F_OK), 0);
	assert_int_equal(copy(), 0);
}

/* What is too old goes, and the newest file stays. */
static void old_lines_go(void **state)
{
	struct journal_copy c;

	(void)state;
	assert_int_equal(journal_copy_open(&c, here, "b", MOST, 86400 * JOURNAL_SECOND, why), 0);
	for (uint32_t i = 1; i <= 3; i++) {
		const struct journal_mark from = { .file = i, .begun = i };

		assert_int_equal(journal_copy_add(&c, &from, LINE(1), strlen(LINE(1)), why), 0);
	}
	journal_copy_close(&c, 0);
	assert_int_equal(access(ours(1), F_OK), -1);
	assert_int_equal(access(ours(2), F_OK), -1);
	assert_int_equal(access(ours(3), F_OK), 0);
}

/* The newest file of the copy says when the other agent was alive last: by its lock, or by its file's time. */
static void the_sign_of_life_is_copied(void **state)
{
	static const struct timespec stamps[2] = { { .tv_sec = 5 }, { .tv_sec = 5 } };
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat st;
	int fd;

	(void)state;
	append(theirs(1), LINE(1));
	assert_int_equal(utimensat(AT_FDCWD, theirs(1), stamps, 0), 0);
	copy();
	assert_int_equal(stat(ours(1), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 5);
	fd = open(theirs(1), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	copy();
	close(fd);
	assert_int_equal(stat(ours(1), &st), 0);
	assert_true(st.st_mtim.tv_sec > 1000000000);
}

static void one_copies_at_a_time(void **state)
{
	struct journal_copy c, other;

	(void)state;
	assert_int_equal(journal_copy_open(&c, here, "b", MOST, AGE, why), 0);
	assert_int_equal(journal_copy_open(&other, here, "b", MOST, AGE, why), -EBUSY);
	assert_non_null(strstr(why, "it is being copied already"));
	assert_int_equal(journal_copy_open(&other, here, "c", MOST, AGE, why), 0);
	journal_copy_close(&other, 0);
	journal_copy_close(&c, 0);
	assert_int_equal(journal_copy_open(&c, here, "b", MOST, AGE, why), 0);
	journal_copy_close(&c, 0);
}

/* Who may read the journal may read the copy, whatever the umask of the service. */
static void copies_can_be_read(void **state)
{
	struct stat st;
	char folder[96];

	(void)state;
	append(theirs(1), LINE(1));
	copy();
	snprintf(folder, sizeof(folder), "%s/" JOURNAL_COPIES, here);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	assert_int_equal(stat(ours(1), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

/* Where the journal itself is there, no copy is made. Whether it grows says the lock of its newest file. */
static void the_journal_itself_is_found(void **state)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	(void)state;
	append(theirs(1), LINE(1));
	append(theirs(2), LINE(2));
	assert_int_equal(journal_copy_own(here, "b"), JOURNAL_OWN_NONE);
	assert_int_equal(journal_copy_own(there, "b"), JOURNAL_OWN_LEFT);
	fd = open(theirs(2), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	assert_int_equal(journal_copy_own(there, "b"), JOURNAL_OWN_WRITTEN);
	close(fd);
}

static int adds(struct journal_copy *c, uint32_t file, uint64_t offset, uint64_t begun, const char *lines)
{
	const struct journal_mark from = { .file = file, .offset = offset, .begun = begun };

	return journal_copy_add(c, &from, lines, strlen(lines), why);
}

/* A node that sends something else than what follows is refused, and what is there stays. */
static void what_does_not_follow_is_refused(void **state)
{
	struct journal_copy c;

	(void)state;
	append(theirs(1), LINE(1));
	assert_int_equal(copy(), 1);
	assert_int_equal(journal_copy_open(&c, here, "b", MOST, AGE, why), 0);
	assert_int_equal(adds(&c, 1, 3, 1, LINE(1)), -EPROTO);
	assert_int_equal(adds(&c, 1, strlen(LINE(1)) + 1, 1, LINE(2)), -EPROTO);
	assert_int_equal(adds(&c, 2, 7, 2, LINE(2)), -EPROTO);
	assert_int_equal(adds(&c, 0, 0, 2, LINE(2)), -EPROTO);
	assert_int_equal(adds(&c, 2, 0, 2, "torn"), -EPROTO);
	assert_int_equal(adds(&c, 2, 0, 2, ""), -EPROTO);
	assert_non_null(strstr(why, "does not follow"));
	assert_int_equal(adds(&c, 1, strlen(LINE(1)), 1, LINE(2)), 0);
	journal_copy_close(&c, 0);
	assert_file(ours(1), LINE(1) LINE(2));
}

static off_t all_files(unsigned int *files)
{
	off_t total = 0;
	struct stat st;

	*files = 0;
	for (unsigned int i = 1; i < 1100; i++) {
		if (stat(ours(i), &st))
			continue;
		total += st.st_size;
		++*files;
	}
	return total;
}

/* One file without end, and a new one for each line, fill no disk either. */
static void a_hostile_node_fills_no_disk(void **state)
{
	static char pad[100001];
	struct journal_copy c;
	unsigned int i, files;

	(void)state;
	memset(pad, 'x', sizeof(pad) - 1);
	pad[sizeof(pad) - 2] = '\n';
	assert_int_equal(journal_copy_open(&c, here, "b", MOST, AGE, why), 0);
	for (i = 0; i < 40; i++)
		assert_int_equal(adds(&c, 1, i * (sizeof(pad) - 1), 1, pad), 0);
	assert_true(all_files(&files) <= MOST);
	for (i = 0; i < 1000; i++)
		assert_int_equal(adds(&c, 2 + i, 0, 1, "\n"), 0);
	journal_copy_close(&c, 0);
	assert_true(all_files(&files) <= MOST && files <= MOST / 4096 + 1);
}

/* A copy that is not whole speaks until its last line, and not until now. */
static void a_part_is_as_old_as_its_last_line(void **state)
{
	struct journal_copy c;
	struct stat st;

	(void)state;
	assert_int_equal(journal_copy_open(&c, here, "b", MOST, AGE, why), 0);
	assert_int_equal(adds(&c, 1, 0, 3000000000, LINE(3000000000) LINE(4000000000)), 0);
	journal_copy_close(&c, 0);
	assert_int_equal(stat(ours(1), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 4);
}

static int setup(void **state)
{
	char node[96];

	(void)state;
	snprintf(there, sizeof(there), "/tmp/agent_copy.XXXXXX");
	snprintf(here, sizeof(here), "/tmp/agent_copy.XXXXXX");
	if (!mkdtemp(there) || !mkdtemp(here))
		return -1;
	umask(0077);
	snprintf(node, sizeof(node), "%s/b", there);
	return mkdir(node, 0755);
}

static int teardown(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s %s", there, here);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_are_copied_once, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_files_are_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(removed_files_are_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(another_journal_follows, setup, teardown),
		cmocka_unit_test_setup_teardown(a_disk_goes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_mark_has_not_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(a_broken_copy_begins_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(a_copy_stays_small, setup, teardown),
		cmocka_unit_test_setup_teardown(old_lines_go, setup, teardown),
		cmocka_unit_test_setup_teardown(the_sign_of_life_is_copied, setup, teardown),
		cmocka_unit_test_setup_teardown(one_copies_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(copies_can_be_read, setup, teardown),
		cmocka_unit_test_setup_teardown(the_journal_itself_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_follow_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hostile_node_fills_no_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(a_part_is_as_old_as_its_last_line, setup, teardown),
	};

	return cmocka_run_group_tests_name("agent_journal_copy", tests, NULL, NULL);
}
