// SPDX-License-Identifier: GPL-2.0
/* A file that is replaced: a reader sees the old content or the whole new one, and a failure leaves the old one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"

static char folder[] = "/tmp/haswitch-test-file.XXXXXX";
static char path[64], beside[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(beside, sizeof(beside), "%s/file.new", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	unlink(beside);
	return rmdir(folder);
}

static void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void assert_content(const char *text)
{
	char found[64];
	int fd = open(path, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, found, sizeof(found) - 1);
	close(fd);
	assert_true(n >= 0);
	found[n] = '\0';
	assert_string_equal(found, text);
}

static void replaced_at_the_end(void **state)
{
	struct file_next next;
	struct stat st;
	mode_t mask;

	(void)state;
	put(path, "old\n");
	mask = umask(0277);
	assert_int_equal(file_next_open(&next, path), 0);
	umask(mask);
	assert_int_equal(write(next.fd, "new\n", 4), 4);
	assert_content("old\n");
	assert_int_equal(file_next_end(&next, path, 0), 0);
	assert_content("new\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(access(beside, F_OK), -1);
}

static void failure_leaves_the_old_file(void **state)
{
	struct file_next next;

	(void)state;
	put(path, "old\n");
	assert_int_equal(file_next_open(&next, path), 0);
	assert_int_equal(write(next.fd, "ne", 2), 2);
	assert_int_equal(file_next_end(&next, path, -ENOSPC), -ENOSPC);
	assert_content("old\n");
	assert_int_equal(access(beside, F_OK), -1);
}

/* A crash has left the one, and somebody has put a link in the place of the other. */
static void what_is_beside_is_removed(void **state)
{
	struct file_next next;

	(void)state;
	put(path, "old\n");
	put(beside, "what a crash left, which is longer\n");
	assert_int_equal(file_next_open(&next, path), 0);
	assert_int_equal(write(next.fd, "new\n", 4), 4);
	assert_int_equal(file_next_end(&next, path, 0), 0);
	assert_content("new\n");
	assert_int_equal(symlink(path, beside), 0);
	assert_int_equal(file_next_open(&next, path), 0);
	assert_content("new\n");
	assert_int_equal(file_next_end(&next, path, -EIO), -EIO);
	assert_content("new\n");
}

static void too_long_a_name_is_refused(void **state)
{
	struct file_next next;
	char name[4096];

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(file_next_open(&next, name), -ENAMETOOLONG);
}

/* The journal is below one of them, and each user may read it. */
static void folder_for_all(void **state)
{
	char name[128], sub[96];
	struct stat st;
	mode_t mask;

	(void)state;
	snprintf(sub, sizeof(sub), "%s/sub", folder);
	snprintf(name, sizeof(name), "%s/file", sub);
	mask = umask(077);
	assert_int_equal(file_need_folder(name), 0);
	umask(mask);
	assert_int_equal(stat(sub, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(chmod(sub, 0700), 0);
	assert_int_equal(file_need_folder(name), 0);
	assert_int_equal(stat(sub, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(rmdir(sub), 0);
	snprintf(name, sizeof(name), "%s/none/file", sub);
	assert_int_equal(file_need_folder(name), -ENOENT);
}

/* Who gets the name may have another working directory. */
static void absolute_names(void **state)
{
	char name[4096], wanted[128], here[64];
	int before = open(".", O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_true(before >= 0);
	assert_int_equal(file_absolute("/a/../b", name, sizeof(name)), 0);
	assert_string_equal(name, "/a/../b");
	assert_int_equal(chdir(folder), 0);
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(file_absolute("sub/file", name, sizeof(name)), 0);
	assert_int_equal(fchdir(before), 0);
	close(before);
	snprintf(wanted, sizeof(wanted), "%s/sub/file", here);
	assert_string_equal(name, wanted);
	assert_int_equal(file_absolute("/1234", name, 6), 0);
	assert_int_equal(file_absolute("/1234", name, 5), -ENAMETOOLONG);
	assert_int_equal(file_absolute("1234", name, 6), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaced_at_the_end),
		cmocka_unit_test(failure_leaves_the_old_file),
		cmocka_unit_test(what_is_beside_is_removed),
		cmocka_unit_test(too_long_a_name_is_refused),
		cmocka_unit_test(folder_for_all),
		cmocka_unit_test(absolute_names),
	};

	return cmocka_run_group_tests_name("file", tests, make_folder, remove_folder);
}
