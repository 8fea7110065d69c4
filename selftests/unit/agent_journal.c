// SPDX-License-Identifier: GPL-2.0
/* The journal of the agent: its lines, its files, and what it does when the disk refuses. */
#include <linux/haswitch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/journal/journal.h"
#include "haagentd/log.h"
#include "haagentd/module/module.h"
#include "haagentd/peer/wire.h"
#include "lib/codec.h"
#include "lib/journal.h"
#include "conf_text.h"

#define DAY	(86400 * CLOCK_SECOND)
#define MOST	(1024 * 1024)

static char folder[64], node[96], logged[96];
static struct journal *journal;
static int usual;	/* stderr of the test program; the log is a file */
static struct module module;
static struct journal_place place = { .folder = folder, .node = "n1", .most = MOST, .age = 400 * DAY };

static void begin(void)
{
	journal = journal_open(&place);
	assert_non_null(journal);
}

static void end(void)
{
	journal_close(journal, "stops");
	journal = NULL;
}

static void line(unsigned int n)
{
	json_number(journal_begin(journal, "test", clock_now()), "n", n);
	journal_end(journal);
}

static const char *path_of(unsigned int number)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%08u.jsonl", node, number);
	return path;
}

/* Returns the text of a file, "" if there is none. The caller frees it. */
static char *text_of(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 4 * MOST);

	assert_non_null(text);
	if (f) {
		assert_true(fread(text, 1, 4 * MOST - 1, f) < 4 * MOST - 1);
		fclose(f);
	}
	return text;
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	while ((text = strstr(text, what))) {
		text++;
		n++;
	}
	return n;
}

static unsigned int has(const char *path, const char *what)
{
	char *text = text_of(path);
	unsigned int n = count(text, what);

	free(text);
	return n;
}

/* Whether the loop has logged a text. The loop's turn comes here, as often as it is asked. */
static bool was_logged(const char *what)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	int tries;

	for (tries = 0; tries < 1000; tries++) {
		journal_tick(journal, &module);
		if (has(logged, what))
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

static bool was_written(unsigned int number, const char *what)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	int tries;

	for (tries = 0; tries < 1000 && !has(path_of(number), what); tries++)
		nanosleep(&moment, NULL);
	return tries < 1000;
}

static void put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static void a_run_has_a_beginning_and_an_end(void **state)
{
	struct stat st;
	char *text;

	(void)state;
	begin();
	line(1);
	line(2);
	end();
	text = text_of(path_of(1));
	assert_int_equal(count(text, "\n"), 4);
	assert_int_equal(strncmp(text, "{\"wall\":", 8), 0);
	assert_non_null(strstr(text, ",\"by\":\"n1\",\"kind\":\"begin\",\"boot\":\""));
	assert_null(strstr(text, "\"seen\""));
	assert_non_null(strstr(text, ",\"by\":\"n1\",\"seq\":1,\"kind\":\"test\",\"n\":1}\n"));
	assert_non_null(strstr(text, ",\"by\":\"n1\",\"seq\":2,\"kind\":\"test\",\"n\":2}\n"));
	assert_non_null(strstr(text, ",\"seq\":3,\"kind\":\"end\",\"cause\":\"stops\"}\n"));
	free(text);
	/* The next run goes on in the same file, and says when the one before was alive last. */
	begin();
	end();
	assert_int_equal(has(path_of(1), "\"kind\":\"begin\""), 2);
	assert_int_equal(has(path_of(1), "\"seen\":"), 1);
	assert_int_equal(access(path_of(2), F_OK), -1);
	/* Others may read it, whatever the umask of the service is. */
	assert_int_equal(stat(path_of(1), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(stat(node, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
}

static void stamps_are_of_the_event(void **state)
{
	uint64_t now = clock_now(), wall, time, real;
	struct timespec ts;
	char *text, *at;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &ts);
	real = (uint64_t)ts.tv_sec * CLOCK_SECOND + (uint64_t)ts.tv_nsec;
	begin();
	journal_begin(journal, "test", now - 5 * CLOCK_SECOND);
	journal_end(journal);
	end();
	text = text_of(path_of(1));
	at = strstr(text, "\"kind\":\"test\"");
	assert_non_null(at);
	while (at > text && at[-1] != '\n')
		at--;
	assert_true(journal_wall(at, &wall));
	time = strtoull(strstr(at, "\"time\":") + strlen("\"time\":"), NULL, 10);
	assert_int_equal(time, now - 5 * CLOCK_SECOND);
	/* The two clocks are not read at one moment. */
	assert_true(wall + 6 * CLOCK_SECOND >= real && wall + 5 * CLOCK_SECOND < real + 60 * CLOCK_SECOND);
	free(text);
}

static void event_becomes_a_line(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x99 };
	struct hasw_svc svc = { .proto = 6, .port = 80 };
	struct hasw_record rec;
	struct hasw_msg msg;
	char memory[512];

	(void)state;
	assert_null(hasw_addr_parse(&svc.vip, "10.0.0.100"));
	begin();
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_EVENT_NTF, 0);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_KIND, HASWITCH_EVENT_KIND_LEASE);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, 41);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_TIME, 123456789);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_EPOCH, 7);
	hasw_put_string(&msg, HASWITCH_A_EVENT_LEASE, "web");
	hasw_put_string(&msg, HASWITCH_A_EVENT_NODE, "n2");
	hasw_put_u8(&msg, HASWITCH_A_EVENT_CAUSE, HASWITCH_CAUSE_GRANTED);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_EVIDENCE, HASWITCH_EVIDENCE_CARRIER);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_EVIDENCE, HASWITCH_EVIDENCE_NEIGHBOUR);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	journal_event(journal, &rec);
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_EVENT_NTF, 0);
	hasw_put_u8(&msg, HASWITCH_A_EVENT_KIND, HASWITCH_EVENT_KIND_VIP_CONFLICT);
	hasw_put_u64(&msg, HASWITCH_A_EVENT_SEQ, 44);
	hasw_put_svc(&msg, HASWITCH_A_EVENT_ADDR4, &svc);
	hasw_put_bytes(&msg, HASWITCH_A_EVENT_LLADDR, mac, sizeof(mac));
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	journal_event(journal, &rec);
	assert_true(was_written(1, "\"kind\":\"begin\""));
	/* By then the thread has asked for the states, too. */
	assert_true(journal_looks(journal, true));
	assert_false(journal_looks(journal, true));
	assert_false(journal_looks(journal, false));
	assert_false(journal_looks(journal, false));
	journal_look(journal);
	assert_false(journal_looks(journal, false));
	assert_true(journal_looks(journal, true));
	journal_peer(journal, "n3", "heard", "silent", 310);
	journal_path(journal, "n3", "front", "one-way");
	journal_reload(journal, "/etc/x", false);
	end();
	assert_true(was_written(1, ",\"time\":123456789,\"by\":\"n1\",\"seq\":1,\"kind\":\"lease\",\"event\":41,"));
	assert_int_equal(has(path_of(1), "\"kind\":\"module\",\"to\":\"gone\"}"), 1);
	assert_true(has(path_of(1), "\"node\":\"n2\""));
	assert_true(has(path_of(1), "\"cause\":\"granted\""));
	assert_true(has(path_of(1), "\"evidence\":[\"carrier\",\"neighbour\"]"));
	assert_true(has(path_of(1), "\"lease\":\"web\""));
	assert_true(has(path_of(1), "\"epoch\":7"));
	assert_true(has(path_of(1), "\"kind\":\"missed\",\"first\":42,\"last\":43}\n"));
	assert_true(has(path_of(1), "\"service\":\"10.0.0.100:80/tcp\",\"addr\":\"10.0.0.100\""));
	assert_true(has(path_of(1), "\"lladdr\":\"02:00:00:00:00:99\""));
	assert_true(has(path_of(1), "\"kind\":\"peer\",\"node\":\"n3\",\"from\":\"heard\",\"to\":\"silent\""));
	assert_true(has(path_of(1), "\"silence\":310}"));
	assert_true(has(path_of(1), "\"kind\":\"path\",\"node\":\"n3\",\"path\":\"front\",\"to\":\"one-way\"}"));
	assert_true(has(path_of(1), "\"kind\":\"reload\",\"file\":\"/etc/x\",\"good\":false}"));
}

/* Waits until the newest file has a text. */
static bool has_arrived(const char *what)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	unsigned int newest = 0, number;
	struct dirent *entry;
	int tries;
	DIR *dir;

	for (tries = 0; tries < 10000; tries++) {
		dir = opendir(node);
		while (dir && (entry = readdir(dir))) {
			number = journal_number(entry->d_name);
			newest = number > newest ? number : newest;
		}
		if (dir)
			closedir(dir);
		if (has(path_of(newest), what))
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

/* Files have an eighth of the size each. All together stay below the size, and the youngest are kept. */
static void files_are_turned_by_size(void **state)
{
	char pad[1001] = "", last[32];
	unsigned int i, number, files = 0;
	struct dirent *entry;
	struct stat st;
	off_t total = 0;
	DIR *dir;

	(void)state;
	memset(pad, 'x', sizeof(pad) - 1);
	begin();
	for (i = 0; i < 2000; i++) {
		snprintf(last, sizeof(last), "\"pad\":\"%04u", i);
		memcpy(pad, last + strlen("\"pad\":\""), 4);
		json_text(journal_begin(journal, "test", clock_now()), "pad", pad);
		journal_end(journal);
		/* So that the queue, of 256 KiB, has room in any case. */
		if (i % 100 == 99)
			assert_true(has_arrived(last));
	}
	end();
	dir = opendir(node);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		number = (unsigned int)atoi(entry->d_name);
		assert_int_equal(stat(path_of(number), &st), 0);
		assert_true(st.st_size <= MOST / 8);
		total += st.st_size;
		files++;
	}
	closedir(dir);
	assert_true(total <= MOST);
	assert_true(files >= 7 && files <= 9);
	/* 2000 lines of some 1,100 bytes are 2.2 MB. */
	assert_int_equal(access(path_of(1), F_OK), -1);
	assert_int_equal(access(path_of(15), F_OK), 0);
	/* A file says of which boot its first lines are. */
	assert_int_equal(has(path_of(15), "\"kind\":\"go-on\",\"boot\":\""), 1);
}

static void old_files_are_removed(void **state)
{
	struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	char foreign[160];

	(void)state;
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(mkdir(node, 0755), 0);
	put_file(path_of(1), "{\"wall\":1000000000,\"time\":1,\"by\":\"n1\",\"kind\":\"begin\"}\n");
	put_file(path_of(2), "{\"wall\":2000000000,\"time\":2,\"by\":\"n1\",\"kind\":\"test\"}\n");
	snprintf(foreign, sizeof(foreign), "%s/0001.jsonl", node);
	put_file(foreign, "mine\n");
	assert_int_equal(utimensat(AT_FDCWD, path_of(1), old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, foreign, old, 0), 0);
	begin();
	line(1);
	end();
	/* The newest has lines from 1970, so it is turned, and then the oldest one goes. */
	assert_int_equal(access(path_of(1), F_OK), -1);
	assert_int_equal(access(path_of(2), F_OK), 0);
	assert_true(has(path_of(3), "\"kind\":\"test\""));
	assert_int_equal(access(foreign, F_OK), 0);
}

static void torn_line_is_left_alone(void **state)
{
	static const char torn[] =
		"{\"wall\":1000000000000000000,\"time\":1,\"by\":\"n1\",\"kind\":\"begin\"}\n{\"wall\":10000";
	char *text;

	(void)state;
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(mkdir(node, 0755), 0);
	put_file(path_of(7), torn);
	begin();
	assert_true(was_logged("00000007.jsonl ends in the midst of a line, and is left as it is"));
	end();
	text = text_of(path_of(7));
	assert_string_equal(text, torn);
	free(text);
	assert_true(has(path_of(8), "\"kind\":\"begin\""));
	assert_true(has(path_of(8), "\"seen\":"));
}

static void foreign_files_are_left_alone(void **state)
{
	char target[160], *text;

	(void)state;
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(mkdir(node, 0755), 0);
	put_file(path_of(3), "root:x:0:0\n");
	begin();
	assert_true(was_logged("00000003.jsonl is no journal, and is left as it is"));
	end();
	assert_true(has(path_of(4), "\"kind\":\"begin\""));
	snprintf(target, sizeof(target), "%s/target", folder);
	put_file(target, "");
	assert_int_equal(symlink(target, path_of(5)), 0);
	begin();
	assert_true(was_logged("00000005.jsonl is a symbolic link, and is left as it is"));
	end();
	text = text_of(target);
	assert_string_equal(text, "");
	free(text);
	assert_true(has(path_of(6), "\"kind\":\"begin\""));
	assert_int_equal(mkdir(path_of(8), 0755), 0);
	begin();
	assert_true(was_logged("00000008.jsonl Is a directory, and is left as it is"));
	end();
	assert_true(has(path_of(9), "\"kind\":\"begin\""));
	assert_int_equal(mkfifo(path_of(11), 0644), 0);
	begin();
	assert_true(was_logged("00000011.jsonl is no regular file, and is left as it is"));
	end();
}

static void two_agents_do_not_mix(void **state)
{
	struct journal *first;

	(void)state;
	begin();
	assert_true(was_written(1, "begin"));
	first = journal;
	begin();
	assert_true(was_logged("00000001.jsonl is written by another agent"));
	end();
	journal = first;
	end();
	assert_int_equal(has(path_of(1), "\"kind\":\"begin\""), 1);
	assert_int_equal(access(path_of(2), F_OK), -1);
}

static void a_link_as_folder_is_refused(void **state)
{
	char target[96];

	(void)state;
	snprintf(target, sizeof(target), "%s.target", folder);
	assert_int_equal(mkdir(target, 0755), 0);
	assert_int_equal(symlink(target, folder), 0);
	begin();
	line(1);
	assert_true(was_logged("the journal is not written, and is tried again every second: "));
	assert_true(was_logged(": is no folder, or a symbolic link"));
	/* It is mended, and what waited is written. */
	assert_int_equal(unlink(folder), 0);
	assert_int_equal(rmdir(target), 0);
	assert_true(was_logged("the journal is written again"));
	line(2);
	end();
	assert_int_equal(has(path_of(1), "\"kind\":\"test\""), 2);
	assert_int_equal(has(logged, "is not written"), 1);
}

/* A disk that is full takes a part of a line at last. Lines wait, and those that find no room are counted. */
static void full_disk_loses_no_line_unsaid(void **state)
{
	struct rlimit limit, tight;
	unsigned int i, written, lost = 0;
	char *text, *at;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	/* All in one file. */
	place.most = 32 * MOST;
	begin();
	place.most = MOST;
	line(0);
	assert_true(was_written(1, "\"n\":0}"));
	tight = limit;
	tight.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	for (i = 1; i < 5000; i++)
		line(i);
	assert_true(was_logged("the journal is not written, and is tried again every second: File too large"));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_true(was_logged("the journal is written again"));
	line(i);
	end();
	text = text_of(path_of(1));
	assert_int_equal(text[strlen(text) - 1], '\n');
	/* No line is torn: each begins as lines do. */
	assert_int_equal(count(text, "\n"), count(text, "{\"wall\":"));
	assert_int_equal(count(text, "\n{\"wall\":") + 1, count(text, "{\"wall\":"));
	written = count(text, "\"kind\":\"test\"");
	for (at = text; (at = strstr(at, "\"kind\":\"lost\",\"lines\":")); at++)
		lost += (unsigned int)atoi(at + strlen("\"kind\":\"lost\",\"lines\":"));
	assert_true(lost > 0);
	assert_int_equal(count(text, "\"kind\":\"lost\""), count(text, ",\"first\":"));
	assert_int_equal(written + lost, 5001);
	assert_true(was_logged("lines of the journal are lost: "));
	free(text);
}

/* What no event of the module tells: the voter set, the nodes that come and go, the fence, and the health floor. */
static void cluster_becomes_lines(void **state)
{
	static const char names[3][WIRE_NAME] = { "a", "b", "c" };

	(void)state;
	begin();
	journal_service(journal, "10.0.0.1:80/tcp", "health-ignored");
	journal_voters(journal, 4, names[0], 5);
	journal_nodes(journal, "came", 4, names[0], 6);
	journal_nodes(journal, "went", 4, names[0], 0);
	journal_fence(journal, "b", "failed", "exit 1");
	journal_fence(journal, "b", "fenced", NULL);
	end();
	assert_true(has(path_of(1), "\"kind\":\"service\",\"service\":\"10.0.0.1:80/tcp\",\"to\":\"health-ignored\"}"));
	assert_true(has(path_of(1), "\"kind\":\"voters\",\"set\":4,\"voters\":[\"a\",\"c\"]}"));
	assert_int_equal(has(path_of(1), "\"kind\":\"came\",\"node\":\""), 2);
	assert_true(has(path_of(1), "\"kind\":\"came\",\"node\":\"b\",\"set\":4}"));
	assert_true(has(path_of(1), "\"kind\":\"came\",\"node\":\"c\",\"set\":4}"));
	assert_int_equal(has(path_of(1), "\"kind\":\"went\""), 0);
	assert_true(has(path_of(1), "\"kind\":\"fence\",\"node\":\"b\",\"to\":\"failed\",\"reason\":\"exit 1\"}"));
	assert_true(has(path_of(1), "\"kind\":\"fence\",\"node\":\"b\",\"to\":\"fenced\"}"));
}

static void without_a_journal_nothing_happens(void **state)
{
	(void)state;
	journal_tick(NULL, &module);
	journal_peer(NULL, "n1", "heard", "silent", 0);
	journal_path(NULL, "n1", "front", "good");
	journal_reload(NULL, "x", true);
	journal_voters(NULL, 1, "a", 1);
	journal_nodes(NULL, "came", 1, "a", 1);
	journal_fence(NULL, "b", "fenced", NULL);
	journal_close(NULL, "stops");
}

static void settings_are_read(void **state)
{
	char told[CONF_TOLD];
	struct conf *c;

	(void)state;
	c = conf_text(folder, "", told);
	assert_non_null(c);
	assert_true(c->journal && c->journal_size == 64 << 20 && c->journal_age == 400 * DAY);
	assert_string_equal(c->journal_folder, "/var/lib/haswitch/journal");
	conf_free(c);
	c = conf_text(folder, "journal = { use = false; folder = \"/x\"; size = 2; days = 3; };", told);
	assert_non_null(c);
	assert_true(!c->journal && c->journal_size == 2 << 20 && c->journal_age == 3 * DAY);
	assert_string_equal(c->journal_folder, "/x");
	conf_free(c);
	conf_text_refused(folder, "journal = { folder = \"x\"; };", "is \"x\"; it must be the whole name of a folder");
	conf_text_refused(folder, "journal = { size = 0; };", "\"size\" is 0; it must be from 1 to 65536");
	conf_text_refused(folder, "journal = { days = 0; };", "\"days\" is 0; it must be from 1 to 36500");
	conf_text_refused(folder, "journal = { day = 1; };", "nearest that there is is \"days\"");
	conf_text_refused(folder, "journal = true;", "\"journal\" must be a group");
}

static int setup(void **state)
{
	int fd;

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/agent_journal.XXXXXX");
	if (!mkdtemp(folder) || rmdir(folder))
		return -1;
	snprintf(node, sizeof(node), "%s/n1", folder);
	snprintf(logged, sizeof(logged), "%s.log", folder);
	umask(0077);
	signal(SIGXFSZ, SIG_IGN);
	fd = open(logged, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	usual = dup(STDERR_FILENO);
	if (fd < 0 || usual < 0 || dup2(fd, STDERR_FILENO) < 0)
		return -1;
	close(fd);
	return 0;
}

static int teardown(void **state)
{
	char command[256];

	(void)state;
	dup2(usual, STDERR_FILENO);
	close(usual);
	snprintf(command, sizeof(command), "rm -rf %s %s.*", folder, folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_has_a_beginning_and_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(stamps_are_of_the_event, setup, teardown),
		cmocka_unit_test_setup_teardown(event_becomes_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(cluster_becomes_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_turned_by_size, setup, teardown),
		cmocka_unit_test_setup_teardown(old_files_are_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(torn_line_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_files_are_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(two_agents_do_not_mix, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_as_folder_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(full_disk_loses_no_line_unsaid, setup, teardown),
		cmocka_unit_test_setup_teardown(settings_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_journal_nothing_happens, setup, teardown),
	};

	return cmocka_run_group_tests_name("agent_journal", tests, NULL, NULL);
}
