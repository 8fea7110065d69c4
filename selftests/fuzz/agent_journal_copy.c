// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing the copy of another node's journal: the mark and the file that a crash, or somebody, has left of it, and what
 * the other node answers to CONFIG_JOURNAL.
 *
 * The input is the mark behind its length, the file behind its length, and answers: a head of HEAD bytes, and lines.
 */
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
#include "haagentd/journal/journal_copy.h"
#include "haagentd/keeper/keeper_task.h"
#include "lib/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__typeof__(keeper_request) __wrap_keeper_request;
__typeof__(fdatasync) __wrap_fdatasync;

#define NODE	"b"
#define MOST	(64u << 20)	/* bytes: so much that no file is due */
#define LONGEST	4096		/* of an input */
#define FILES	(LONGEST / HEAD)

/* The head of an answer: what it says of its place, the place, and the length of its lines. */
#define HEAD	8
#define SAME_OFFSET	1	/* the place is the one that was asked for */
#define SAME_FILE	2
#define HIGH_NUMBER	4	/* of a file: one that no file can have */
#define SHORT_TEXT	8	/* it ends within the time */
#define REFUSES		16
#define LASTS		32	/* the other agent's last time is the latest there can be */

#define MUST(what) do { \
	if (!(what)) \
		abort(); \
} while (0)

static struct keeper_view view;
static int copies = -1;			/* folder of the copy */
static const uint8_t *input;
static size_t left;			/* bytes of it */

/* What a copy must be: all lines whose place was right, and the place behind them. */
static struct journal_mark behind, next;
static char lines[LONGEST];
static size_t n_lines, n_next;		/* bytes; of the last answer, too, if it is taken */
static bool asked;

/* What was left of it. */
static char mark_left[256];
static size_t file_left;		/* bytes */

/* Nothing here survives a power failure. */
int __wrap_fdatasync(int fd)
{
	(void)fd;
	return 0;
}

static void begin(void)
{
	char path[sizeof(view.journal) + 32];

	MUST(sodium_init() >= 0);
	snprintf(view.journal, sizeof(view.journal), "/tmp/haswitch-fuzz.XXXXXX");
	MUST(mkdtemp(view.journal));
	snprintf(view.self, sizeof(view.self), "a");
	view.journal_size = MOST;
	view.journal_age = UINT64_MAX;
	view.n_peers = 1;
	snprintf(view.peers[0].name, sizeof(view.peers[0].name), NODE);
	view.peers[0].heard = true;
	view.peers[0].journal = true;
	snprintf(path, sizeof(path), "%s/" JOURNAL_COPIES, view.journal);
	MUST(!mkdir(path, 0755));
	snprintf(path, sizeof(path), "%s/" JOURNAL_COPIES "/" NODE, view.journal);
	MUST(!mkdir(path, 0755));
	copies = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(copies >= 0);
}

/* The folder has no other folders. */
static void empty(void)
{
	DIR *dir = fdopendir(openat(copies, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *one;

	MUST(dir);
	while ((one = readdir(dir))) {
		if (one->d_name[0] != '.')
			MUST(!unlinkat(copies, one->d_name, 0));
	}
	closedir(dir);
}

/* Takes bytes from the input: at most as many as there are. */
static const uint8_t *take(size_t *size)
{
	const uint8_t *at = input;

	if (*size > left)
		*size = left;
	input += *size;
	left -= *size;
	return at;
}

/* Makes a file of bytes of the input, whose length stands before them. 255: there is no file. Returns the length. */
static size_t leave(const char *name, char text[256])
{
	size_t size = 1;
	const uint8_t *at = take(&size);
	int fd;

	*text = '\0';
	if (!size || *at == 255)
		return 0;
	size = *at;
	at = take(&size);
	fd = openat(copies, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	MUST(fd >= 0 && write(fd, at, size) == (ssize_t)size);
	close(fd);
	memcpy(text, at, size);
	text[size] = '\0';
	return size;
}

/* The copy goes on from a place only if its mark is of the file that was left, and covers no more than that. */
static void goes_on(void)
{
	uint64_t place[3], good;
	unsigned int number;

	MUST(sscanf(mark_left, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %u %" SCNu64, place, place + 1, place + 2,
		    &number, &good) == 5);
	MUST(number == 1 && good <= file_left);
}

static bool same(const struct journal_mark *a, const struct journal_mark *b)
{
	return a->file == b->file && a->offset == b->offset && a->begun == b->begun;
}

/* The copy goes on behind what was answered last, so it has taken that. */
static void took(const struct config_ask *ask)
{
	struct journal_mark mark = { .file = (uint32_t)ask->about.number, .offset = ask->about.hash,
				     .begun = ask->about.time };

	MUST(ask->kind == CONFIG_JOURNAL && ask->about.number <= UINT32_MAX);
	if (asked) {
		MUST(n_next && next.file && lines[n_lines + n_next - 1] == '\n');
		MUST(!next.offset || (same(&next, &behind) && !same(&next, &(struct journal_mark){ 0 })));
		n_lines += n_next;
		next.offset += n_next;
		MUST(same(&next, &mark));
	} else if (!same(&mark, &(struct journal_mark){ 0 })) {
		goes_on();
	}
	behind = mark;
	asked = true;
	n_next = 0;
}

/* Answers as the input says; at its end, that there are no more lines. */
int __wrap_keeper_request(const struct keeper_view *to, const struct keeper_peer *peer, const struct config_ask *ask,
			  const char *text, struct config_ask *answer, char **said, char *why, size_t room,
			  uint64_t until)
{
	size_t n = HEAD, size;
	const uint8_t *head = take(&n);
	uint8_t flags = n == HEAD ? head[0] : 0;

	(void)until;
	MUST(to == &view && peer == &view.peers[0] && !text);
	took(ask);
	*said = NULL;
	if (flags & REFUSES) {
		snprintf(why, room, "it refuses");
		return -EPROTO;
	}
	memset(answer, 0, sizeof(*answer));
	answer->kind = CONFIG_YES;
	size = n == HEAD ? bytes_get(head + 6, 2) : 0;
	if (n == HEAD) {
		answer->about.number = flags & SAME_FILE ? ask->about.number : head[1];
		answer->about.time = flags & SAME_FILE ? ask->about.time : bytes_get(head + 4, 2);
		answer->about.hash = flags & SAME_OFFSET ? ask->about.hash : bytes_get(head + 2, 2);
	}
	next = (struct journal_mark){ .file = (uint32_t)answer->about.number, .offset = answer->about.hash,
				      .begun = answer->about.time };
	if (flags & HIGH_NUMBER)
		answer->about.number |= UINT64_C(1) << 32;
	head = take(&size);
	memcpy(lines + n_lines, head, size);
	n_next = size;
	answer->about.size = flags & SHORT_TEXT ? size % CONFIG_JOURNAL_ALIVE : CONFIG_JOURNAL_ALIVE + size;
	*said = calloc(1, CONFIG_JOURNAL_ALIVE + size + 1);
	MUST(*said);
	bytes_put((uint8_t *)*said, flags & LASTS ? UINT64_MAX : 1000, CONFIG_JOURNAL_ALIVE);
	memcpy(*said + CONFIG_JOURNAL_ALIVE, head, size);
	/* A text that ends earlier has its end there, so that who reads on is found out. */
	*said = realloc(*said, answer->about.size + 1);
	MUST(*said);
	(*said)[answer->about.size] = '\0';
	return 0;
}

/* The files end with all lines that were taken, and the mark is behind them. */
static void copied(void)
{
	static char whole[2 * LONGEST];
	char name[JOURNAL_NAME], why[JOURNAL_WHY];
	struct journal_copy c;
	size_t size = 0;

	for (unsigned int i = 1; i <= FILES; i++) {
		int fd;
		ssize_t got;

		snprintf(name, sizeof(name), JOURNAL_FORMAT, i);
		fd = openat(copies, name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			break;
		got = read(fd, whole + size, sizeof(whole) - size);
		MUST(got >= 0);
		size += (size_t)got;
		close(fd);
	}
	MUST(size >= n_lines && !memcmp(whole + size - n_lines, lines, n_lines));
	MUST(!journal_copy_open(&c, view.journal, NODE, MOST, UINT64_MAX, why));
	MUST(!n_lines || (c.number && same(&c.mark, &behind)));
	journal_copy_close(&c, 0);
}

/* Of such a journal each piece is whole lines, wherever it is asked for. */
static void pieces(const struct journal_mark *from)
{
	char folder[sizeof(view.journal) + 32], *piece;
	struct journal_mark mark = *from;
	uint64_t alive;
	size_t size;

	snprintf(folder, sizeof(folder), "%s/" JOURNAL_COPIES, view.journal);
	for (unsigned int i = 0; i <= FILES; i++) {
		if (journal_piece(folder, NODE, &mark, &piece, &size, &alive))
			return;
		MUST(size <= JOURNAL_PIECE && (!size || (mark.file && piece[size - 1] == '\n')));
		free(piece);
		if (!size)
			return;
		mark.offset += size;
	}
	/* It would never end. */
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char answer[1024], name[JOURNAL_NAME], text[256];
	struct json j = { .at = answer, .room = sizeof(answer) };

	if (size > LONGEST)
		return 0;
	if (copies < 0)
		begin();
	empty();
	input = data;
	left = size;
	n_lines = 0;
	n_next = 0;
	asked = false;
	leave("mark", mark_left);
	snprintf(name, sizeof(name), JOURNAL_FORMAT, 1u);
	file_left = leave(name, text);
	json_object(&j, NULL);
	keeper_copy_journals(&view, "", &j);
	json_object_end(&j);
	MUST(asked && j.size < sizeof(answer));
	answer[j.size] = '\0';
	MUST(!!strstr(answer, "\"complete\":true") != !!strstr(answer, "\"reason\":"));
	copied();
	pieces(&(struct journal_mark){ 0 });
	pieces(&behind);
	if (n_next)
		pieces(&next);
	return 0;
}
