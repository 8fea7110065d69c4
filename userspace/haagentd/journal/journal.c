// SPDX-License-Identifier: GPL-2.0
/*
 * The queue between the loop, which makes lines, and the journal's thread, which writes them. The loop never waits: a
 * line for which the queue has no room is lost, and the next line that has room says how many were.
 *
 * Locks: none. The loop alone writes @head and the bytes before it, the thread alone writes @tail. Each reads what the
 * other has written with acquire after the other's release.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/journal.h"
#include "lib/version.h"
#include "haagentd/clock.h"
#include "journal.h"
#include "journal_file.h"
#include "haagentd/log.h"
#include "haagentd/privilege.h"
#include "haagentd/thread.h"

#define QUEUE		(256 * 1024)	/* bytes of lines that wait for the disk; a power of two */
#define CHUNK		(16 * 1024)	/* bytes of lines that are written at once */
#define SYNC		CLOCK_SECOND	/* longest time from a line to its place on the disk */
#define AGAIN		CLOCK_SECOND	/* pause before files are opened again after a failure */
#define LAST_WAIT	1		/* how long the end of the agent waits for the disk, seconds */
#define SAYINGS		4
#define BOOT		40		/* size of the boot id, with the NUL */

/**
 * struct journal - the queue, and the thread that empties it
 * @file:	the files; the thread's alone
 * @folder:	copy of the folder's name
 * @boot:	id of this boot of the machine
 * @queue:	the lines that wait
 * @head:	bytes that the loop has put into @queue so far
 * @tail:	bytes that the thread has taken out so far
 * @wake:	eventfd that wakes the thread
 * @stop:	the thread is to write what waits, and to end
 * @look:	the loop is to write the states of all nodes and leases
 * @said:	what the thread has for the log, which the loop writes
 * @say_head:	number of texts that the thread has put into @said
 * @say_tail:	number of texts that the loop has logged
 * @wall:	when the agent began, CLOCK_REALTIME, ns
 * @time:	when the agent began, CLOCK_BOOTTIME, ns
 * @trouble:	the thread has said that nothing can be written, and @why; the thread's alone
 * @why:	what the thread has said last
 * @again:	when the thread opens the files again after a failure, ns; the thread's alone
 * @begun:	the thread has written that the agent began; the thread's alone
 * @chunk:	lines that are written at once; the thread's alone
 * @line:	the line that is made now; from here on the loop's alone
 * @json:	its writer
 * @seq:	number of the last line
 * @lost:	number of lines for which there was no room since the last one that had
 * @event:	number of the module's last event, 0: none was seen
 * @able:	the module was there at the last look
 */
struct journal {
	struct journal_file file;
	char *folder;
	char boot[BOOT];
	pthread_t thread;
	char *queue;
	uint64_t head;
	uint64_t tail;
	int wake;
	bool stop;
	bool look;
	struct {
		enum log_level level;
		char text[JOURNAL_WHY + 128];
	} said[SAYINGS];
	unsigned int say_head;
	unsigned int say_tail;
	uint64_t wall;
	uint64_t time;
	bool trouble;
	char why[JOURNAL_WHY];
	uint64_t again;
	bool begun;
	char chunk[CHUNK];
	char line[JOURNAL_LINE];
	struct json json;
	uint64_t seq;
	uint64_t lost;
	uint64_t event;
	bool able;
};

/* Hands a line for the log to the loop, because log_line() is not made for two threads. Without room it is lost. */
static void say(struct journal *j, enum log_level level, const char *what, const char *why)
{
	unsigned int head = j->say_head;

	if (head - __atomic_load_n(&j->say_tail, __ATOMIC_ACQUIRE) == SAYINGS)
		return;
	j->said[head % SAYINGS].level = level;
	snprintf(j->said[head % SAYINGS].text, sizeof(j->said[0].text), "%s%s", what, why);
	__atomic_store_n(&j->say_head, head + 1, __ATOMIC_RELEASE);
}

static void failed(struct journal *j, const char *why)
{
	journal_file_close(&j->file);
	j->again = clock_now() + AGAIN;
	if (!j->trouble || strcmp(j->why, why))
		say(j, LOG_LEVEL_ERROR, "the journal is not written, and is tried again every second: ", why);
	snprintf(j->why, sizeof(j->why), "%s", why);
	j->trouble = true;
}

/* Writes a line of the thread's own: the agent begins, or the lines of its run go on in a new file. */
static int put_header(struct journal *j, const char *kind, uint64_t seen)
{
	bool first = !j->begun;
	char line[JOURNAL_LINE];
	struct json json = { .at = line, .room = sizeof(line) - 1 };

	json_object(&json, NULL);
	json_number(&json, "wall", first ? j->wall : clock_wall());
	json_number(&json, "time", first ? j->time : clock_now());
	json_text(&json, "by", j->file.node);
	json_text(&json, "kind", kind);
	json_text(&json, "boot", j->boot);
	if (first)
		json_text(&json, "version", HASWITCH_VERSION);
	if (first && seen)
		json_number(&json, "seen", seen);
	json_object_end(&json);
	line[json.size] = '\n';
	return journal_file_put(&j->file, line, json.size + 1);
}

/* Opens the files, unless they are open. Return: whether lines can be written. */
static bool ready(struct journal *j)
{
	char why[JOURNAL_WHY];
	uint64_t seen;
	bool fresh;
	int err;

	if (j->file.fd >= 0)
		return true;
	if (clock_now() < j->again)
		return false;
	if (journal_file_open(&j->file, clock_wall(), &seen, why)) {
		failed(j, why);
		return false;
	}
	if (why[0])
		say(j, LOG_LEVEL_WARNING, "journal: another file is begun: ", why);
	fresh = !j->begun || !j->file.good;
	if (fresh || j->trouble)
		__atomic_store_n(&j->look, true, __ATOMIC_RELEASE);
	err = fresh ? put_header(j, j->begun ? "go-on" : "begin", seen) : 0;
	if (err) {
		failed(j, strerror(-err));
		return false;
	}
	j->begun = true;
	return true;
}

/* Copies waiting lines to @j->chunk. Return: bytes, which are whole lines. */
static size_t take(struct journal *j)
{
	uint64_t tail = j->tail, waiting = __atomic_load_n(&j->head, __ATOMIC_ACQUIRE) - tail;
	size_t size = waiting < CHUNK ? (size_t)waiting : CHUNK, i;

	for (i = 0; i < size; i++)
		j->chunk[i] = j->queue[(tail + i) & (QUEUE - 1)];
	while (size && j->chunk[size - 1] != '\n')
		size--;
	return size;
}

/* Begins another file when the present one is large or old enough. */
static int turn(struct journal *j, size_t size)
{
	uint64_t now = clock_wall();
	int err;

	if (!journal_file_due(&j->file, size, now))
		return 0;
	err = journal_file_next(&j->file, now);
	if (!err)
		err = put_header(j, "go-on", 0);
	__atomic_store_n(&j->look, true, __ATOMIC_RELEASE);
	return err;
}

/* Writes what waits. Return: whether lines were written. */
static bool empty_queue(struct journal *j)
{
	bool wrote = false;
	size_t size;
	int err;

	while ((size = take(j))) {
		if (!ready(j))
			return wrote;
		err = turn(j, size);
		if (!err)
			err = journal_file_put(&j->file, j->chunk, size);
		if (err) {
			failed(j, strerror(-err));
			return wrote;
		}
		__atomic_store_n(&j->tail, j->tail + size, __ATOMIC_RELEASE);
		wrote = true;
		if (j->trouble)
			say(j, LOG_LEVEL_NOTICE, "the journal is written again", "");
		j->trouble = false;
	}
	return wrote;
}

/* Waits until there are lines, or until @until. */
static void rest(struct journal *j, uint64_t until)
{
	struct pollfd in = { .fd = j->wake, .events = POLLIN };
	uint64_t now = clock_now(), count;

	poll(&in, 1, until > now ? (int)((until - now) / CLOCK_MS) + 1 : 0);
	if (read(j->wake, &count, sizeof(count)) < 0)
		return;
}

static void *work(void *arg)
{
	struct journal *j = arg;
	uint64_t dirty = 0, alive = 0, now;
	bool stop;

	privilege_drop();
	do {
		stop = __atomic_load_n(&j->stop, __ATOMIC_ACQUIRE);
		/* The first line is written even if nothing happens. */
		if (!ready(j))
			dirty = 0;
		if (empty_queue(j) && !dirty)
			dirty = clock_now() + SYNC;
		now = clock_now();
		if (j->file.fd >= 0 && dirty && (stop || now >= dirty)) {
			fdatasync(j->file.fd);
			dirty = 0;
		}
		if (now >= alive) {
			journal_file_alive(&j->file);
			alive = now + JOURNAL_ALIVE;
		}
		if (stop)
			break;
		rest(j, j->file.fd < 0 ? j->again : dirty && dirty < alive ? dirty : alive);
	} while (true);
	journal_file_close(&j->file);
	return NULL;
}

static void read_boot(char boot[BOOT])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || !fgets(boot, BOOT, f))
		boot[0] = '\0';
	if (f)
		fclose(f);
	boot[strcspn(boot, "\n")] = '\0';
}

static void release(struct journal *j)
{
	if (j->wake >= 0)
		close(j->wake);
	free(j->queue);
	free(j->folder);
	free(j);
}

/**
 * journal_open - start the thread that writes the journal
 * @place:	where the journal is, and how much is kept
 *
 * The thread opens the files. If it cannot, it logs why, and tries again.
 *
 * Return: the journal; NULL if memory or threads are missing, which is logged. All functions
 * take NULL, and then do nothing
 */
struct journal *journal_open(const struct journal_place *place)
{
	struct journal *j = calloc(1, sizeof(*j));
	int err = -ENOMEM;

	if (!j)
		goto fail;
	j->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	j->folder = strdup(place->folder);
	j->queue = malloc(QUEUE);
	if (j->wake < 0 || !j->folder || !j->queue)
		goto fail;
	j->file = (struct journal_file){
		.folder = j->folder, .most = place->most, .age = place->age, .dir = -1, .fd = -1,
	};
	snprintf(j->file.node, sizeof(j->file.node), "%s", place->node);
	read_boot(j->boot);
	j->wall = clock_wall();
	j->time = clock_now();
	j->look = true;
	err = thread_begin(&j->thread, work, j);
	if (!err)
		return j;
fail:
	log_error("there is no journal: %s", strerror(-err));
	if (j)
		release(j);
	return NULL;
}

static void log_said(struct journal *j)
{
	unsigned int head = __atomic_load_n(&j->say_head, __ATOMIC_ACQUIRE);

	for (; j->say_tail != head; __atomic_store_n(&j->say_tail, j->say_tail + 1, __ATOMIC_RELEASE))
		log_line(j->said[j->say_tail % SAYINGS].level, "%s", j->said[j->say_tail % SAYINGS].text);
}

/**
 * journal_where - find out where the journal is, and how much is kept
 * @j:		the journal
 * @place:	filled; a reload changes none of it, until the agent is restarted
 */
void journal_where(const struct journal *j, struct journal_place *place)
{
	*place = (struct journal_place){ .folder = j->folder, .node = j->file.node, .most = j->file.most, .age = j->file.age };
}

/**
 * journal_close - write what waits, and end the thread
 * @j:		the journal; NULL does nothing
 * @why:	why the agent ends
 *
 * This waits for the disk for at most LAST_WAIT. What is not written then is lost.
 */
void journal_close(struct journal *j, const char *why)
{
	const uint64_t one = 1;
	struct timespec until;
	struct json *json;

	if (!j)
		return;
	json = journal_begin(j, "end", clock_now());
	json_text(json, "cause", why);
	journal_end(j);
	__atomic_store_n(&j->stop, true, __ATOMIC_RELEASE);
	if (write(j->wake, &one, sizeof(one)) != sizeof(one))
		log_debug("the journal's thread was awake");
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LAST_WAIT;
	if (pthread_timedjoin_np(j->thread, NULL, &until)) {
		/* The thread still uses the memory, which ends with the process. */
		log_warning("the journal's last lines are not written: the disk takes too long");
		return;
	}
	log_said(j);
	if (__atomic_load_n(&j->tail, __ATOMIC_ACQUIRE) != j->head)
		log_warning("the journal's last lines are lost");
	release(j);
}

/* Return: whether the queue had room for the line. */
static bool push(struct journal *j, const char *line, size_t size)
{
	uint64_t head = j->head;
	const uint64_t one = 1;
	size_t i;

	if (size > QUEUE - (head - __atomic_load_n(&j->tail, __ATOMIC_ACQUIRE)))
		return false;
	for (i = 0; i < size; i++)
		j->queue[(head + i) & (QUEUE - 1)] = line[i];
	__atomic_store_n(&j->head, head + size, __ATOMIC_RELEASE);
	/* The eventfd does not block, and can only overflow while it has woken the thread anyway. */
	return write(j->wake, &one, sizeof(one)) == sizeof(one) || errno == EAGAIN;
}

/**
 * journal_begin - begin a line
 * @j:		the journal, not NULL
 * @kind:	what the line is about
 * @time:	when it happened, CLOCK_BOOTTIME, ns
 *
 * Return: the line, an object to which the caller adds keys; then it calls journal_end()
 */
struct json *journal_begin(struct journal *j, const char *kind, uint64_t time)
{
	uint64_t now = clock_now();

	j->json = (struct json){ .at = j->line, .room = sizeof(j->line) - 1 };
	json_object(&j->json, NULL);
	json_number(&j->json, "wall", clock_wall() - (now > time ? now - time : 0));
	json_number(&j->json, "time", time);
	json_text(&j->json, "by", j->file.node);
	json_number(&j->json, "seq", j->seq + 1);
	json_text(&j->json, "kind", kind);
	return &j->json;
}

/* Says in the journal how many lines before the next one are lost. Return: whether there was room to say so. */
static bool tell_lost(struct journal *j)
{
	char line[256];
	struct json json = { .at = line, .room = sizeof(line) - 1 };

	json_object(&json, NULL);
	json_number(&json, "wall", clock_wall());
	json_number(&json, "time", clock_now());
	json_text(&json, "by", j->file.node);
	json_text(&json, "kind", "lost");
	json_number(&json, "lines", j->lost);
	json_number(&json, "first", j->seq - j->lost + 1);
	json_object_end(&json);
	line[json.size] = '\n';
	if (!push(j, line, json.size + 1))
		return false;
	j->lost = 0;
	__atomic_store_n(&j->look, true, __ATOMIC_RELEASE);
	return true;
}

/**
 * journal_end - queue the line that was begun; does not block
 * @j:	the journal
 */
void journal_end(struct journal *j)
{
	json_object_end(&j->json);
	if (j->lost && !tell_lost(j)) {
		j->lost++;
	} else {
		j->line[j->json.size] = '\n';
		if (j->json.cut || !push(j, j->line, j->json.size + 1)) {
			if (!j->lost++)
				log_warning("lines of the journal are lost: the disk does not take them as fast as they come");
		}
	}
	j->seq++;
}

/**
 * journal_heard - write which events of the module did not come, if the number of the next one tells so
 * @j:		the journal, not NULL
 * @event:	number of the event that came; the module counts from 1 in each network namespace
 */
void journal_heard(struct journal *j, uint64_t event)
{
	struct json *json;

	if (j->event && event > j->event + 1) {
		json = journal_begin(j, "missed", clock_now());
		json_number(json, "first", j->event + 1);
		json_number(json, "last", event - 1);
		journal_end(j);
		__atomic_store_n(&j->look, true, __ATOMIC_RELEASE);
	}
	j->event = event;
}

/**
 * journal_look - have the states of all nodes and leases written again, because the module was opened again
 * @j:	the journal; NULL does nothing
 */
void journal_look(struct journal *j)
{
	if (!j)
		return;
	/* A module that was loaded again counts its events from 1. */
	j->event = 0;
	__atomic_store_n(&j->look, true, __ATOMIC_RELEASE);
}

/**
 * journal_look_again - have the states of all nodes and leases written a little later, because they cannot be read now
 * @j:	the journal, not NULL
 */
void journal_look_again(struct journal *j)
{
	__atomic_store_n(&j->look, true, __ATOMIC_RELEASE);
}

/**
 * journal_looks - log what the thread has to say, and return whether the states of all objects are to be written
 * @j:		the journal, not NULL
 * @able:	they can be read from the module now; if not, they are written later. The
 *		journal has it when the module goes, as nobody knows the states then
 *
 * Return: yes or no; yes once for each new file, after lost lines, and after journal_look()
 */
bool journal_looks(struct journal *j, bool able)
{
	log_said(j);
	if (j->able && !able) {
		json_text(journal_begin(j, "module", clock_now()), "to", "gone");
		journal_end(j);
	}
	j->able = able;
	return able && __atomic_exchange_n(&j->look, false, __ATOMIC_ACQ_REL);
}
