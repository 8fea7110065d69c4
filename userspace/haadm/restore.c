// SPDX-License-Identifier: GPL-2.0
/* haadm restore: puts a configuration in the place of the present one, all of it or nothing. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "lines.h"
#include "local.h"

#define MOST_ERRORS	20	/* that are shown of one file */
#define MOST_MESSAGE	1024	/* longer than any add or set */

/* Messages that are sent with one system call. */
struct chunk {
	struct chunk *next;
	size_t len;
	uint32_t last;		/* index of its last message */
	struct nlmsghdr *last_msg;
	char bytes[];
};

struct restore {
	struct haadm *haadm;
	struct hasw_model model;
	bool encode;
	uint16_t family;
	uint32_t first_seq;
	size_t chunk_size;
	struct chunk *chunks, **tail, *open;
	uint32_t *lines;	/* of each message */
	uint32_t n, room;
	unsigned int errors;
};

static enum status no_memory(const struct haadm *haadm)
{
	return haadm_complain(haadm, STATUS_USAGE, "out of memory");
}

/* Puts the request of the present line into the messages; false: out of memory. */
static bool put_message(struct restore *restore, const struct request *req)
{
	struct chunk *chunk = restore->open;
	struct hasw_msg msg;

	if (!chunk || chunk->len + MOST_MESSAGE > restore->chunk_size) {
		chunk = malloc(sizeof(*chunk) + restore->chunk_size);
		if (!chunk)
			return false;
		chunk->next = NULL;
		chunk->len = 0;
		*restore->tail = chunk;
		restore->tail = &chunk->next;
		restore->open = chunk;
	}
	if (restore->n == restore->room) {
		uint32_t wanted = restore->room ? restore->room * 2 : 1024;
		uint32_t *bigger = realloc(restore->lines, wanted * sizeof(*bigger));

		if (!bigger)
			return false;
		restore->lines = bigger;
		restore->room = wanted;
	}
	request_encode(req, &msg, chunk->bytes + chunk->len, restore->chunk_size - chunk->len,
		       req->verb->cmd, 0);
	msg.nlh->nlmsg_type = restore->family;
	msg.nlh->nlmsg_seq = restore->first_seq + restore->n;
	chunk->last = restore->n;
	chunk->last_msg = msg.nlh;
	chunk->len += msg.nlh->nlmsg_len;
	restore->lines[restore->n++] = restore->haadm->line;
	return true;
}

/* Understands one line; complaints are shown and counted. */
static enum status take_line(struct restore *restore, struct request *req, int n_words,
			     char *const *words)
{
	struct complaint complaint;
	struct hasw_error err;

	if (request_parse(req, n_words, words, &complaint)) {
		restore->errors++;
		return complaint_show(restore->haadm, &complaint);
	}
	if (req->verb->run != change_run || req->verb->cmd == HASWITCH_CMD_BEAT ||
	    (strcmp(req->verb->word, "add") && strcmp(req->verb->word, "set"))) {
		restore->errors++;
		return haadm_complain(restore->haadm, STATUS_USAGE,
				      "\"%s%s%s\": a configuration has only add and set of node, vip, service and member",
				      req->object->word, req->verb->word ? " " : "",
				      req->verb->word ? req->verb->word : "");
	}
	if (apply_request(&restore->model, req, req->verb->cmd, &err)) {
		restore->errors++;
		return haadm_complain(restore->haadm, STATUS_USAGE, "%s %s: %s", req->object->word,
				      req->verb->word, err.text);
	}
	if (restore->encode && !put_message(restore, req)) {
		restore->errors = MOST_ERRORS;
		return no_memory(restore->haadm);
	}
	return STATUS_OK;
}

static enum status take_file(struct restore *restore, struct lines *lines)
{
	struct haadm *haadm = restore->haadm;
	enum status status = STATUS_OK;
	struct request *req = malloc(sizeof(*req));

	if (!req)
		return no_memory(haadm);
	while (restore->errors < MOST_ERRORS) {
		int n = lines_next(lines);

		haadm->line = lines->line;
		if (!n)
			break;
		if (n == -ENOMEM) {
			status = no_memory(haadm);
			break;
		}
		if (n < 0) {
			restore->errors++;
			status = haadm_complain(haadm, STATUS_USAGE, "a NUL byte; this is no text");
		} else if (take_line(restore, req, n, lines->words)) {
			status = STATUS_USAGE;
		}
	}
	free(req);
	return status;
}

/* A request without attributes: config-begin and its like. */
static int config(struct hasw_sock *sock, unsigned int cmd, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	hasw_msg_begin(&msg, buf, sizeof(buf), cmd, 0);
	return hasw_call(sock, &msg, err);
}

/* Sends all messages into the restore that this socket has begun. */
static int send_chunks(struct restore *restore, struct hasw_sock *sock, struct hasw_error *err)
{
	for (struct chunk *chunk = restore->chunks; chunk; chunk = chunk->next) {
		uint32_t last_seq = restore->first_seq + chunk->last;
		int ret;

		chunk->last_msg->nlmsg_flags |= NLM_F_ACK;
		ret = hasw_batch(sock, chunk->bytes, chunk->len, last_seq, err);
		sock->seq = last_seq;
		if (!ret)
			continue;
		if (err->kernel && err->seq - restore->first_seq < restore->n)
			restore->haadm->line = restore->lines[err->seq - restore->first_seq];
		return ret;
	}
	return 0;
}

static enum status put(struct restore *restore, struct hasw_sock *sock, const char *file)
{
	struct haadm *haadm = restore->haadm;
	struct local_diff *local = NULL;
	struct hasw_error err, ignored;

	/* From here on only a refused line belongs to the file. */
	haadm->file = NULL;
	if (config(sock, HASWITCH_CMD_CONFIG_BEGIN, &err))
		return haadm_error(haadm, &err);
	/* The message of config-begin has used a number. */
	if (send_chunks(restore, sock, &err)) {
		if (err.kernel)
			haadm->file = file;
		goto abort;
	}
	local = local_diff_prepare(&restore->model, &err);
	if (!local)
		goto abort;
	if (config(sock, HASWITCH_CMD_CONFIG_COMMIT, &err)) {
		local_diff_undo(local);
		goto abort;
	}
	if (local_diff_finish(local, &err))
		return haadm_error(haadm, &err);
	return STATUS_OK;
abort:
	/* Closing the socket would do it, too, but a batch goes on with it. */
	config(sock, HASWITCH_CMD_CONFIG_ABORT, &ignored);
	return haadm_error(haadm, &err);
}

static void restore_free(struct restore *restore)
{
	struct chunk *chunk = restore->chunks;

	while (chunk) {
		struct chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	free(restore->lines);
	hasw_model_free(&restore->model);
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	const char *name = strcmp(req->name, "-") ? req->name : "standard input";
	struct restore restore = { .haadm = haadm, .encode = !req->check };
	const char *outer_file = haadm->file;
	unsigned int outer_line = haadm->line;
	struct hasw_sock *sock = NULL;
	enum status status;
	struct lines lines;
	int ret;

	if (restore.encode) {
		sock = haadm_sock(haadm);
		if (!sock)
			return STATUS_REFUSED;
		restore.family = sock->family;
		restore.first_seq = sock->seq + 2;
		restore.chunk_size = hasw_batch_max(sock);
	}
	ret = lines_read(&lines, req->name);
	if (ret)
		return haadm_complain(haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(-ret));
	hasw_model_init(&restore.model);
	restore.tail = &restore.chunks;
	haadm->file = name;
	status = take_file(&restore, &lines);
	if (restore.errors == MOST_ERRORS)
		haadm_complain(haadm, STATUS_USAGE, "too many errors; the rest was not read");
	if (!status && restore.encode)
		status = put(&restore, sock, name);
	haadm->file = outer_file;
	haadm->line = outer_line;
	lines_free(&lines);
	restore_free(&restore);
	return status;
}

static const struct verb verbs[] = {
	{ NULL, "[ --check ] { FILE | - }", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_FILE, false, 0, NULL,
	  { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_restore = { "restore", "puts a saved configuration in place, all or nothing", verbs };
