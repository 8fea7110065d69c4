// SPDX-License-Identifier: GPL-2.0
/* The files of the cluster's configurations: what was written is found, and what is torn, foreign or a link is not. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "haagentd/clock.h"
#include "haagentd/keeper/folder_lock.h"
#include "haagentd/keeper/generation.h"

#define TEXT	"node add a addr 10.0.0.1\nnode add b addr 10.0.0.2\n"

static char folder[64], command[128], why[256];
static char *text;

/* What was written to the disk: the file's name in the folder, empty for the folder itself, and its size. */
static struct {
	char name[64];
	off_t size;
	char there[64];		/* a file of the folder then */
} synced[4];
static unsigned int syncs, sync_fails;
static bool watched;

/* Returns how many files there are in the folder. NAME receives the name of one. */
static unsigned int files(char name[64])
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned int n = 0;

	name[0] = '\0';
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, 64, "%.63s", entry->d_name);
		n++;
	}
	closedir(dir);
	return n;
}

/* In the place of libc's. */
int fsync(int fd)
{
	char link[32], path[PATH_MAX];
	struct stat at;
	ssize_t got;

	if (!watched)
		return (int)syscall(SYS_fsync, fd);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = readlink(link, path, sizeof(path) - 1);
	assert_true(got > 0 && syncs < sizeof(synced) / sizeof(*synced) && !fstat(fd, &at));
	path[got] = '\0';
	snprintf(synced[syncs].name, sizeof(synced[syncs].name), "%s",
		 strcmp(path, folder) ? strrchr(path, '/') + 1 : "");
	synced[syncs].size = at.st_size;
	assert_int_equal(files(synced[syncs].there), 1);
	if (++syncs == sync_fails) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

static int begin(void **state)
{
	(void)state;
	watched = false;
	strcpy(folder, "/tmp/agent_generation.XXXXXX");
	assert_non_null(mkdtemp(folder));
	/* It is made when it is needed. */
	strcat(folder, "/config");
	return 0;
}

static int end(void **state)
{
	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%.*s'", (int)(strrchr(folder, '/') - folder), folder);
	return system(command);
}

static struct generation make(uint64_t number, const char *of, const char *label)
{
	struct generation g = {
		.number = number, .hash = generation_hash(of, strlen(of)), .time = 1700000000, .size = strlen(of),
	};

	strcpy(g.node, "web1");
	strcpy(g.label, label);
	return g;
}

static struct generation put(uint64_t number, const char *of, const char *label)
{
	struct generation g = make(number, of, label);

	assert_int_equal(generation_put(folder, &g, of, why, sizeof(why)), 0);
	return g;
}

static struct generation commit(uint64_t number, const char *of, const char *label)
{
	struct generation g = put(number, of, label);

	assert_int_equal(generation_commit(folder, number, g.hash, why, sizeof(why)), 0);
	return g;
}

static int get(struct generation *g)
{
	int err = generation_get(folder, g, true, &text, why, sizeof(why));

	if (!err)
		free(text);
	return err;
}

static void found(void **state)
{
	struct generation g = put(7, TEXT, "good"), got = { .number = 7, .hash = g.hash };

	(void)state;
	/* It is none of the cluster's before it is committed. */
	assert_int_equal(get(&got), -ENOENT);
	assert_int_equal(generation_get(folder, &got, false, &text, why, sizeof(why)), 0);
	/* A reader takes it for a string: nothing of the trailer is left behind it. */
	assert_string_equal(text, TEXT);
	assert_memory_equal(&g, &got, sizeof(g));
	free(text);
	assert_int_equal(generation_commit(folder, 7, g.hash, why, sizeof(why)), 0);
	assert_int_equal(get(&got), 0);
	assert_int_equal(generation_get(folder, &got, false, &text, why, sizeof(why)), -ENOENT);
	assert_int_equal(generation_commit(folder, 8, g.hash, why, sizeof(why)), -ENOENT);
}

/* The folder of another cluster was copied here: its configurations have the numbers of this one's. */
static void of_another_cluster(void **state)
{
	struct generation own = commit(7, TEXT, ""), other = commit(7, "x\n", ""), older = commit(6, "x\n", ""), *list;
	unsigned int n;

	(void)state;
	assert_int_equal(generation_set_aside(folder, 7, own.hash), 1);
	assert_int_equal(generation_set_aside(folder, 7, own.hash), 0);
	assert_int_equal(get(&own), 0);
	assert_int_equal(get(&older), 0);
	assert_int_equal(get(&other), -ENOENT);
	assert_int_equal(generation_list(folder, &list, &n), 0);
	assert_int_equal(n, 2);
	free(list);
	snprintf(command, sizeof(command), "ls '%s' | grep -c '^0000000007-.*[.]foreign$' >/dev/null", folder);
	assert_int_equal(system(command), 0);
}

static void tidied(void **state)
{
	struct generation g = put(7, TEXT, ""), stored = put(8, TEXT, ""), fresh;

	(void)state;
	/* A refusal removes nothing that another apply may have written just now. */
	generation_tidy(folder, time(NULL) - 600, 8, stored.hash);
	assert_int_equal(generation_get(folder, &g, false, &text, why, sizeof(why)), 0);
	free(text);
	/* Later, what voters have stored stays, and what is committed. */
	fresh = commit(6, TEXT, "");
	/* time() has the clock of the last tick, so a file can be of the next second already. */
	generation_tidy(folder, time(NULL) + 60, 8, stored.hash);
	assert_int_equal(generation_get(folder, &g, false, &text, why, sizeof(why)), -ENOENT);
	assert_int_equal(generation_get(folder, &stored, false, &text, why, sizeof(why)), 0);
	free(text);
	assert_int_equal(get(&fresh), 0);
}

/* Each byte of a file counts, and each length. */
static void torn(void **state)
{
	struct generation g = commit(1, TEXT, "x"), got;
	char path[256], file[512];
	ssize_t size, i;
	int fd;

	(void)state;
	assert_int_equal(generation_path(folder, 1, g.hash, path, 8), -ENAMETOOLONG);
	assert_int_equal(generation_path(folder, 1, g.hash, path, sizeof(path)), 0);
	fd = open(path, O_RDWR);
	size = read(fd, file, sizeof(file));
	assert_true(size > (ssize_t)strlen(TEXT));
	assert_true(generation_parse(file, (size_t)size, &got));
	for (i = 0; i < size; i++) {
		assert_false(generation_parse(file, (size_t)i, &got));
		file[i] ^= 0x20;
		/* Neither time, node nor label is in the hash, but each has one spelling only. */
		if (generation_parse(file, (size_t)size, &got))
			assert_true(i > (ssize_t)strlen(TEXT) && got.hash == g.hash && got.number == 1);
		file[i] ^= 0x20;
	}
	assert_int_equal(ftruncate(fd, size - 1), 0);
	assert_int_equal(get(&g), -EBADMSG);
	assert_non_null(strstr(why, "is torn, or was not written by an agent"));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(get(&g), -EBADMSG);
	close(fd);
}

static bool stamped(const struct generation *g, time_t now, struct generation_stamp *stamp)
{
	static const struct generation_stamp none;

	generation_stamp(folder, g->number, g->hash, now, stamp);
	return memcmp(stamp, &none, sizeof(none)) != 0;
}

/* A file that was touched has another stamp, also with the size of before. One that was touched just now has none. */
static void touched(void **state)
{
	struct generation g = commit(3, TEXT, "");
	struct generation_stamp stamp, again;
	char path[PATH_MAX], away[PATH_MAX + 8];
	struct stat st;
	time_t later;
	int fd, i;

	(void)state;
	assert_int_equal(generation_path(folder, 3, g.hash, path, sizeof(path)), 0);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	later = st.st_ctim.tv_sec + 1000;
	assert_false(stamped(&g, st.st_ctim.tv_sec + 1, &stamp));
	assert_true(stamped(&g, later, &stamp) && stamped(&g, later, &again));
	assert_memory_equal(&stamp, &again, sizeof(stamp));
	/* The clock of the file system may take some milliseconds for its next tick. */
	for (i = 0; i < 1000 && !memcmp(&stamp, &again, sizeof(stamp)); i++) {
		const struct timespec times[] = { st.st_atim, st.st_mtim };

		usleep(1000);
		assert_int_equal(pwrite(fd, "X", 1, 0), 1);
		assert_int_equal(futimens(fd, times), 0);
		assert_true(stamped(&g, later, &again));
	}
	assert_memory_not_equal(&stamp, &again, sizeof(stamp));
	assert_int_equal(ftruncate(fd, st.st_size - 1), 0);
	assert_true(stamped(&g, later, &stamp) && stamp.size == again.size - 1);
	close(fd);
	snprintf(away, sizeof(away), "%s.away", path);
	assert_int_equal(rename(path, away), 0);
	assert_false(stamped(&g, later, &stamp));
	assert_int_equal(symlink(away, path), 0);
	assert_false(stamped(&g, later, &stamp));
}

static void foreign(void **state)
{
	struct generation a = commit(1, TEXT, ""), b = make(2, "node add c\n", "");
	char path[256], other[256];

	(void)state;
	/* A file under another one's name. */
	generation_path(folder, 1, a.hash, path, sizeof(path));
	generation_path(folder, 2, b.hash, other, sizeof(other));
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(get(&b), -EBADMSG);
	unlink(other);
	/* A link, a folder, and a pipe that nobody writes. */
	a = commit(1, TEXT, "");
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(get(&a), -ELOOP);
	assert_non_null(strstr(why, "symbolic link"));
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(get(&a), -EBADF);
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(get(&a), -EBADF);
	unlink(path);
}

static void linked_folder(void **state)
{
	struct generation g = make(1, TEXT, ""), *list;
	unsigned int n;

	(void)state;
	assert_int_equal(symlink("/tmp", folder), 0);
	assert_int_equal(generation_put(folder, &g, TEXT, why, sizeof(why)), -ENOTDIR);
	assert_int_equal(get(&g), -ENOTDIR);
	assert_int_equal(generation_list(folder, &list, &n), -ENOTDIR);
	unlink(folder);
	/* A folder that is missing has nothing. */
	assert_int_equal(generation_list(folder, &list, &n), 0);
	assert_int_equal(n, 0);
}

static void listed(void **state)
{
	struct generation_limits limits = { .least = 3, .most = 6, .since = 1700000000 };
	struct generation *list;
	char path[256];
	unsigned int n, i;

	(void)state;
	for (i = 1; i <= 12; i++)
		commit(i, TEXT, i == 2 ? "keep" : "");
	put(13, TEXT, "");
	put(11, "node add x\n", "");
	snprintf(path, sizeof(path), "%s/0000000099-0000000000000001.conf", folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	snprintf(path, sizeof(path), "%s/0000000010-0000000000000001.new.77", folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(generation_list(folder, &list, &n), 0);
	assert_int_equal(n, 12);
	for (i = 0; i < n; i++)
		assert_int_equal(list[i].number, 12 - i);
	free(list);
	/* The current one, the young ones, and the one with a label stay; what can not be committed any more goes. */
	generation_prune(folder, 12, &limits);
	assert_int_equal(generation_list(folder, &list, &n), 0);
	assert_int_equal(n, 8);
	free(list);
	/* Of old ones the last three. */
	limits.since++;
	generation_prune(folder, 12, &limits);
	assert_int_equal(generation_list(folder, &list, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(list[0].number, 12);
	assert_int_equal(list[3].number, 9);
	assert_string_equal(list[4].label, "keep");
	free(list);
	assert_int_not_equal(access(path, F_OK), 0);
	snprintf(command, sizeof(command), "test $(ls '%s'/*.new* | wc -l) -eq 1", folder);
	assert_int_equal(system(command), 0);
}

/* Of a timer's snapshots old ones go; an operator's labels and what has no label are not its own. */
static void timed_snapshots_go(void **state)
{
	struct generation_limits limits = { .least = 2, .most = UINT_MAX, .since = UINT64_MAX };
	unsigned int i, n, removed, kept;
	struct generation *list;

	(void)state;
	for (i = 1; i <= 8; i++)
		commit(i, TEXT, i == 3 ? "mine" : i == 5 ? "" : "auto-x");
	assert_int_equal(generation_forget("/nonexistent", 8, &limits, &removed, &kept), 0);
	/* 8 is committed, and 7 is the second one that stays. */
	assert_int_equal(generation_forget(folder, 8, &limits, &removed, &kept), 0);
	assert_int_equal(removed, 4);
	assert_int_equal(kept, 2);
	assert_int_equal(generation_list(folder, &list, &n), 0);
	assert_int_equal(n, 4);
	assert_int_equal(list[2].number, 5);
	assert_string_equal(list[3].label, "mine");
	free(list);
	/* All are of the same time: young enough, or too old. The committed one stays in any case. */
	limits = (struct generation_limits){ .most = UINT_MAX, .since = 1700000000 };
	assert_int_equal(generation_forget(folder, 8, &limits, &removed, &kept), 0);
	assert_int_equal(removed, 0);
	limits.since++;
	assert_int_equal(generation_forget(folder, 8, &limits, &removed, &kept), 0);
	assert_int_equal(removed, 1);
	assert_int_equal(kept, 1);
}

static void texts(void **state)
{
	char *big = malloc(GENERATION_TEXT_MAX + 1);

	(void)state;
	assert_null(generation_text_fault("a\n", 2));
	assert_non_null(generation_text_fault("", 0));
	assert_non_null(generation_text_fault("a", 1));
	assert_non_null(generation_text_fault("a\0\n", 3));
	assert_non_null(big);
	memset(big, '\n', GENERATION_TEXT_MAX + 1);
	assert_null(generation_text_fault(big, GENERATION_TEXT_MAX));
	assert_non_null(generation_text_fault(big, GENERATION_TEXT_MAX + 1));
	free(big);
	assert_true(generation_label_valid("") && generation_label_valid("a.b_c-1"));
	assert_false(generation_label_valid("-") || generation_label_valid("a b") || generation_label_valid("a\n"));
}

/* They end with the test, also if it fails, and do not keep whoever reads what it prints waiting. */
static void live_on(void)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	alarm(60);
	for (;;)
		pause();
}

/* Runs a process that locks the folder, and has a child that lives on. Return: its pid, once it has the lock. */
static pid_t lock_elsewhere(pid_t *child)
{
	struct folder_lock lock;
	pid_t pid, told = -1;
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		if (!folder_lock_take(&lock, folder, 0, why, sizeof(why)))
			told = fork();
		if (told && write(fds[1], &told, sizeof(told)) != sizeof(told))
			_exit(1);
		close(fds[1]);
		live_on();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], child, sizeof(*child)), sizeof(*child));
	close(fds[0]);
	assert_true(*child > 0);
	return pid;
}

/* Another agent is refused while the first one lives, and not for the sake of a child that outlives it. */
static void locked(void **state)
{
	struct folder_lock lock;
	pid_t child, pid = lock_elsewhere(&child);
	char says[64];

	(void)state;
	assert_int_equal(folder_lock_take(&lock, folder, 0, why, sizeof(why)), -EBUSY);
	snprintf(says, sizeof(says), "is used by another agent, process %d", (int)pid);
	assert_string_equal(why, says);
	assert_int_equal(lock.fd, -1);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(folder_lock_take(&lock, folder, 0, why, sizeof(why)), 0);
	folder_lock_release(&lock);
	kill(child, SIGKILL);
}

/* The next agent waits for one that ends. That begins to end when the next one has found its lock. */
static void lock_waited_for(void **state)
{
	struct folder_lock lock;
	pid_t child, pid = lock_elsewhere(&child), killer;
	struct timespec span = { .tv_nsec = 50000000 };
	int fds[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	killer = fork();
	if (!killer) {
		close(fds[1]);
		if (read(fds[0], &byte, 1) == 1)
			nanosleep(&span, NULL);
		kill(pid, SIGKILL);
		_exit(0);
	}
	close(fds[0]);
	assert_int_equal(folder_lock_take(&lock, folder, 0, why, sizeof(why)), -EBUSY);
	assert_int_equal(write(fds[1], "", 1), 1);
	close(fds[1]);
	assert_int_equal(folder_lock_take(&lock, folder, 60 * CLOCK_SECOND, why, sizeof(why)), 0);
	folder_lock_release(&lock);
	kill(child, SIGKILL);
	waitpid(pid, NULL, 0);
	waitpid(killer, NULL, 0);
}

static int taken_elsewhere(const char *path)
{
	struct folder_lock lock;
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(folder_lock_take(&lock, path, 0, why, sizeof(why)) == -EBUSY);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* Another name of the same folder changes nothing. Until the old folder is let go of, both are locked. */
static void lock_changed(void **state)
{
	struct folder_lock lock, next;
	char same[80], other[80];

	(void)state;
	snprintf(same, sizeof(same), "%s/../config", folder);
	snprintf(other, sizeof(other), "%s2", folder);
	assert_int_equal(folder_lock_take(&lock, folder, 0, why, sizeof(why)), 0);
	assert_int_equal(folder_lock_change(&lock, &next, same, why, sizeof(why)), 0);
	assert_int_equal(next.fd, -1);
	assert_true(next.same);
	assert_true(taken_elsewhere(folder));
	assert_int_equal(folder_lock_change(&lock, &next, other, why, sizeof(why)), 0);
	assert_false(next.same);
	assert_true(taken_elsewhere(folder) && taken_elsewhere(other));
	folder_lock_release(&lock);
	assert_true(!taken_elsewhere(folder) && taken_elsewhere(other));
	folder_lock_release(&next);
	assert_false(taken_elsewhere(other));
	snprintf(other, sizeof(other), "%s/no/config", folder);
	assert_int_equal(folder_lock_take(&lock, other, 0, why, sizeof(why)), -ENOENT);
	assert_string_equal(why, "cannot be used: No such file or directory");
}

/*
 * An agent with closed standard descriptors has a lock like all others, and its file is none of them. Two are closed,
 * as the folder takes the first one for a moment.
 */
static void lock_low(void **state)
{
	int low[2], i, is_free, err;
	struct folder_lock lock;

	(void)state;
	fflush(stdout);
	for (i = 0; i < 2; i++)
		low[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
	close(0);
	close(1);
	err = folder_lock_take(&lock, folder, 0, why, sizeof(why));
	is_free = fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0;
	for (i = 0; i < 2; i++) {
		dup2(low[i], i);
		close(low[i]);
	}
	assert_int_equal(err, 0);
	assert_true(is_free && lock.fd > STDERR_FILENO && taken_elsewhere(folder));
	assert_int_equal(fcntl(lock.fd, F_GETFD), FD_CLOEXEC);
	folder_lock_release(&lock);
	assert_false(taken_elsewhere(folder));
}

static void full(void **state)
{
	struct generation g = make(1, TEXT, "");
	char path[128];

	(void)state;
	/* Where the folder can not be made, and where its file can not be. */
	snprintf(path, sizeof(path), "%s/no/config", folder);
	assert_int_equal(generation_put(path, &g, TEXT, why, sizeof(why)), -ENOENT);
	assert_non_null(strstr(why, "the folder of the configurations cannot be made"));
	assert_int_equal(generation_put("/proc/self", &g, TEXT, why, sizeof(why)) < 0, 1);
}

/* A text is on the disk before it has its name, and its name is before the caller knows. */
static void on_the_disk(void **state)
{
	char name[64], path[128];
	struct stat at;

	(void)state;
	watched = true;
	syncs = 0;
	sync_fails = 0;
	put(7, TEXT, "");
	watched = false;
	assert_int_equal(files(name), 1);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(stat(path, &at), 0);
	assert_int_equal(syncs, 2);
	/* First the whole file, while it has a name that nobody reads; then the folder, with the name that counts. */
	assert_string_equal(synced[0].name, synced[0].there);
	assert_string_not_equal(synced[0].name, name);
	assert_true(synced[0].size == at.st_size);
	assert_string_equal(synced[1].name, "");
	assert_string_equal(synced[1].there, name);
}

/*
 * Nothing is acknowledged that the disk has refused. A file that has its name already stays: it may be one that was
 * acknowledged before.
 */
static void disk_refuses(void **state)
{
	struct generation g = make(7, TEXT, "");
	char name[64];

	(void)state;
	for (sync_fails = 1; sync_fails <= 2; sync_fails++) {
		watched = true;
		syncs = 0;
		assert_int_equal(generation_put(folder, &g, TEXT, why, sizeof(why)), -EIO);
		watched = false;
		assert_int_equal(files(name), sync_fails - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(found, begin, end),
		cmocka_unit_test_setup_teardown(on_the_disk, begin, end),
		cmocka_unit_test_setup_teardown(disk_refuses, begin, end),
		cmocka_unit_test_setup_teardown(of_another_cluster, begin, end),
		cmocka_unit_test_setup_teardown(tidied, begin, end),
		cmocka_unit_test_setup_teardown(torn, begin, end),
		cmocka_unit_test_setup_teardown(touched, begin, end),
		cmocka_unit_test_setup_teardown(foreign, begin, end),
		cmocka_unit_test_setup_teardown(linked_folder, begin, end),
		cmocka_unit_test_setup_teardown(listed, begin, end),
		cmocka_unit_test_setup_teardown(timed_snapshots_go, begin, end),
		cmocka_unit_test_setup_teardown(locked, begin, end),
		cmocka_unit_test_setup_teardown(lock_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(lock_changed, begin, end),
		cmocka_unit_test_setup_teardown(lock_low, begin, end),
		cmocka_unit_test_setup_teardown(full, begin, end),
		cmocka_unit_test(texts),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
