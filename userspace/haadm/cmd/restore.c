// SPDX-License-Identifier: GPL-2.0
/* `haadm restore`: replaces the whole configuration atomically by that of a file. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "haadm/beside.h"
#include "haadm/commands.h"
#include "haadm/engine.h"
#include "haadm/parse/lines.h"
#include "haadm/lease_dev.h"
#include "haadm/local_addr.h"
#include "haadm/lock.h"
#include "haadm/rtnl.h"
#include "haadm/self.h"
#include "lib/file.h"

#define TRIES		10	/* more attempts to begin while another restore goes on */
#define AGAIN_MS	100	/* pause before each, ms */
#define MOST_ERRORS	20	/* maximum number of errors that are reported for one file */
#define MOST_MESSAGE	4096	/* upper limit of the length of an add or set message, bytes */

/*
 * A restore reads the file up to twice: to find the node that is this machine, unless --no-self is given; and to check
 * the configuration in a model. Unless --check is given, the lines are sent to the module as they are checked, because a
 * third read would parse all of them once more. What was sent has no effect until it is committed, which is not done
 * unless the whole file is valid.
 */
struct restore {
	struct haadm *haadm;
	struct hasw_model model;
	struct lines lines;
	struct request req;
	unsigned int errors;
	struct stat checked;	/* result of fstat() before the first read of the file */
	char self[HASWITCH_NAME_MAX + 1];	/* name of this machine's node if no line has `self`; "": unknown */

	struct hasw_sock *sock;	/* NULL: nothing is sent */
	bool begun;		/* the module holds what was sent, until it is committed or discarded */
	struct hasw_error refusal;	/* why the module has not taken a line; code 0: it has taken all */
	char *batch;		/* messages that are not sent yet */
	size_t size;
	size_t len;
	uint32_t *line_of;	/* line number of each message in the batch */
	uint32_t room;
	uint32_t n;
	uint32_t first_seq;
	struct nlmsghdr *last;
	bool at_line;		/* the refusal concerns a line of the file */
	unsigned int refused;	/* number of that line; 0: the cluster engine has said it */
};

static enum status no_memory(const struct haadm *haadm)
{
	return haadm_complain(haadm, STATUS_USAGE, "out of memory");
}

/* Parses a line into restore->req, and sets the `self` flag for the node that is this machine. */
static int parse_line(struct restore *restore, int n_words, char *const *words, struct complaint *complaint)
{
	struct request *req = &restore->req;

	if (request_parse(req, n_words, words, complaint))
		return -1;
	if (req->verb->cmd == HASWITCH_CMD_NODE_ADD && *restore->self && !strcmp(req->name, restore->self))
		req->given |= ATTR(HASWITCH_A_NODE_SELF);
	return 0;
}

/* Sends a request without attributes: config-begin, config-commit or config-abort. */
static int config(struct hasw_sock *sock, unsigned int cmd, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	hasw_msg_begin(&msg, buf, sizeof(buf), cmd, 0);
	return hasw_call(sock, &msg, err);
}

static void refuse_line(struct restore *restore, unsigned int line)
{
	restore->at_line = true;
	restore->refused = line;
}

/* Sends the messages in the batch. */
static int send_batch(struct restore *restore, struct hasw_error *err)
{
	uint32_t last_seq = restore->first_seq + restore->n - 1;
	int ret;

	if (!restore->n)
		return 0;
	restore->last->nlmsg_flags |= NLM_F_ACK;
	ret = hasw_batch(restore->sock, restore->batch, restore->len, last_seq, err);
	restore->sock->seq = last_seq;
	if (ret && err->kernel && err->seq - restore->first_seq < restore->n)
		refuse_line(restore, restore->line_of[err->seq - restore->first_seq]);
	restore->n = 0;
	restore->len = 0;
	return ret;
}

/*
 * Begins to send the file. A failure is kept in restore->refusal, because errors in the file are reported first: the
 * user can do something about these.
 */
static void send_begin(struct restore *restore)
{
	struct hasw_error *err = &restore->refusal;

	restore->size = hasw_batch_max(restore->sock);
	restore->room = (uint32_t)(restore->size / (NLMSG_HDRLEN + GENL_HDRLEN));
	restore->batch = malloc(restore->size);
	restore->line_of = malloc(restore->room * sizeof(*restore->line_of));
	if (!restore->batch || !restore->line_of)
		hasw_fail(err, ENOMEM, "out of memory");
	if (err->code)
		return;
	/* The module takes one configuration at a time; another restore is over soon, most often. */
	for (int i = 0; config(restore->sock, HASWITCH_CMD_CONFIG_BEGIN, err); i++) {
		if (err->code != EBUSY || i == TRIES)
			return;
		poll(NULL, 0, AGAIN_MS);
	}
	err->code = 0;
	restore->begun = true;
}

/* Appends the message of one line to the batch. A full batch is sent first. */
static int put_line(struct restore *restore, unsigned int line, struct hasw_error *err)
{
	struct hasw_msg msg;

	if (restore->len + MOST_MESSAGE > restore->size || restore->n == restore->room) {
		int ret = send_batch(restore, err);

		if (ret)
			return ret;
	}
	if (!restore->n)
		restore->first_seq = restore->sock->seq + 1;
	request_encode(&restore->req, &msg, restore->batch + restore->len, restore->size - restore->len,
		       restore->req.verb->cmd, 0);
	if (msg.full) {
		refuse_line(restore, line);
		return hasw_fail(err, EMSGSIZE, "the request is too long");
	}
	msg.nlh->nlmsg_type = restore->sock->family;
	msg.nlh->nlmsg_seq = restore->first_seq + restore->n;
	restore->last = msg.nlh;
	restore->len += msg.nlh->nlmsg_len;
	restore->line_of[restore->n++] = line;
	return 0;
}

/*
 * Discards the configuration that was sent to the module. Closing the socket would also discard it, but later commands
 * of a batch still need the socket.
 */
static void leave(struct restore *restore)
{
	struct hasw_error ignored;

	if (restore->begun)
		config(restore->sock, HASWITCH_CMD_CONFIG_ABORT, &ignored);
	restore->begun = false;
}

/*
 * Counts an error in the file, which is not committed any more. Other restores are refused while the module holds what
 * was sent, and a message can block, so that is discarded before the error is reported.
 */
static void spoil(struct restore *restore)
{
	restore->errors++;
	leave(restore);
}

/* Parses one line, applies it to the model, and sends it. Errors in the file are reported and counted. */
static enum status check_line(struct restore *restore, int n_words, char *const *words)
{
	struct request *req = &restore->req;
	struct complaint complaint;
	struct hasw_error err;

	if (parse_line(restore, n_words, words, &complaint)) {
		spoil(restore);
		return complaint_show(restore->haadm, &complaint);
	}
	if (req->verb->run != change_run || req->verb->cmd == HASWITCH_CMD_BEAT ||
	    (strcmp(req->verb->word, "add") && strcmp(req->verb->word, "set"))) {
		spoil(restore);
		return haadm_complain(restore->haadm, STATUS_USAGE,
				      "\"%s%s%s\": a configuration has only add and set of node, lease, vip, service, member and flow",
				      req->object->word, req->verb->word ? " " : "",
				      req->verb->word ? req->verb->word : "");
	}
	if (apply_request(&restore->model, req, req->verb->cmd, &err)) {
		spoil(restore);
		return haadm_complain(restore->haadm, STATUS_USAGE, "%s %s: %s", req->object->word,
				      req->verb->word, err.text);
	}
	if (req->verb->cmd == HASWITCH_CMD_VIP_ADD)
		restore->model.vips[restore->model.n_vips - 1].line = restore->lines.line;
	/* A file with an error is not committed. After a refusal, the rest of the file is only checked. */
	if (restore->begun && !restore->errors && !restore->refusal.code)
		put_line(restore, restore->lines.line, &restore->refusal);
	return STATUS_OK;
}

/*
 * Checks that each vip has an owner: a holder, a lease or `everywhere`. Owners are checked at the end of the file,
 * because lines after a vip's own line can add nodes or set the owner.
 */
static enum status check_owners(struct restore *restore)
{
	const struct hasw_model *model = &restore->model;
	struct haadm *haadm = restore->haadm;
	enum status status = STATUS_OK;
	struct hasw_error err;

	for (uint32_t i = 0; i < model->n_vips; i++) {
		if (!hasw_model_check_owner(model, &model->vips[i], &err))
			continue;
		haadm->line = model->vips[i].line;
		spoil(restore);
		status = haadm_complain(haadm, STATUS_USAGE, "vip add: %s", err.text);
		if (restore->errors == MOST_ERRORS)
			return haadm_complain(haadm, STATUS_USAGE, "too many errors; there may be more such vips");
	}
	return status;
}

/* Reads the file for the last time, checks each line and the whole configuration, and sends it. */
static enum status check_file(struct restore *restore)
{
	struct haadm *haadm = restore->haadm;
	enum status status = STATUS_OK;
	int n;

	while ((n = lines_next(&restore->lines))) {
		haadm->line = restore->lines.line;
		if (n < 0)
			spoil(restore);
		if (n < 0 && n != -EILSEQ)
			return haadm_complain(haadm, STATUS_USAGE, "cannot read%s: %s", haadm->line ? " on" : "",
					      strerror(-n));
		if (n < 0)
			status = haadm_complain(haadm, STATUS_USAGE, "a NUL byte; this is no text");
		else if (check_line(restore, n, restore->lines.words))
			status = STATUS_USAGE;
		if (restore->refusal.code)
			leave(restore);
		if (restore->errors == MOST_ERRORS)
			return haadm_complain(haadm, STATUS_USAGE, "too many errors; the rest was not read");
	}
	/* Owners are not checked after an error, because the invalid line might be the one that sets a vip's owner. */
	return status ? status : check_owners(restore);
}

/*
 * Returns whether the file is unchanged since its first read. A changed file is refused, because the restore could mix
 * its old and new version.
 */
static bool same_file(const struct restore *restore)
{
	const struct stat *before = &restore->checked;
	struct stat now;

	return !fstat(restore->lines.fd, &now) && now.st_size == before->st_size &&
	       now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

/* Sends the rest of the file. Returns 0; or a negative errno, if the module has not taken the whole file. */
static int send_end(struct restore *restore)
{
	struct hasw_error *err = &restore->refusal;

	if (!err->code)
		send_batch(restore, err);
	if (!err->code && !same_file(restore))
		hasw_fail(err, EAGAIN, "the file was changed while it was read");
	return -err->code;
}

/* Commits the configuration that was sent, and updates the local addresses and the devices of leases. */
static int commit(struct restore *restore, struct hasw_error *err)
{
	struct local_diff *local = local_diff_prepare(&restore->model, err);
	int ret = local ? config(restore->sock, HASWITCH_CMD_CONFIG_COMMIT, err) : -err->code;

	if (!ret) {
		restore->begun = false;
		ret = local_diff_finish(local, err);
		lease_dev_sync(restore->haadm, &restore->model);
		return ret;
	}
	if (local)
		local_diff_undo(local);
	leave(restore);
	return ret;
}

static enum status put_file(struct restore *restore, const char *file)
{
	struct haadm *haadm = restore->haadm;
	struct hasw_error err;
	struct file_lock lock;
	int ret;

	/*
	 * check_all() has set haadm->file to NULL, so most errors below are reported without the file's name. Only the
	 * error of a refused line is reported with the name.
	 */
	if (send_end(restore)) {
		leave(restore);
		if (restore->at_line)
			haadm->file = file;
		haadm->line = restore->refused;
		return haadm_error(haadm, &restore->refusal);
	}
	file_lock_take(&lock);
	ret = commit(restore, &err);
	file_lock_release(&lock);
	return ret ? haadm_error(haadm, &err) : STATUS_OK;
}

/* Copies input that cannot be read twice into a temporary file without a name. */
static int spool(struct lines *lines)
{
	FILE *file = tmpfile();
	char block[16384];
	ssize_t n;
	int fd;

	if (!file)
		return -errno;
	while ((n = read(lines->fd, block, sizeof(block))) > 0) {
		if (fwrite(block, 1, (size_t)n, file) != (size_t)n)
			break;
	}
	if (n || fflush(file) || lseek(fileno(file), 0, SEEK_SET) < 0) {
		fclose(file);
		return -EIO;
	}
	fd = dup(fileno(file));
	fclose(file);
	if (fd < 0)
		return -errno;
	lines_free(lines);
	lines->fd = fd;
	lines->standard = false;
	return 0;
}

/*
 * Reads the file for the first time, and finds out which node is this machine. If no node matches, the line that adds
 * the node might be invalid. So the caller reports this failure only if the file has no other error. A file without
 * nodes is no failure.
 */
static enum status find_self(struct restore *restore, struct hasw_error *err)
{
	const struct self_node *self = NULL;
	struct self_nodes nodes;
	int ret = self_nodes_read(&nodes, &restore->lines);
	bool wanted = nodes.n && !nodes.said;

	if (ret)
		hasw_fail(err, -ret, "cannot read the nodes: %s", strerror(-ret));
	else if (wanted)
		self = self_find(&nodes, err);
	if (self)
		strcpy(restore->self, self->name);
	self_nodes_free(&nodes);
	return ret || (wanted && !self) ? STATUS_USAGE : STATUS_OK;
}

/* Finds this machine's node, unless SELFLESS is true, and checks the whole file. */
static enum status check_all(struct restore *restore, bool selfless, const char *name)
{
	struct haadm *haadm = restore->haadm;
	enum status status, self = STATUS_OK;
	struct hasw_error err;

	if (!selfless) {
		self = find_self(restore, &err);
		if (lines_rewind(&restore->lines))
			return haadm_complain(haadm, STATUS_USAGE, "cannot read %s twice", name);
	}
	/* Without its own node the file is not committed, so nothing is sent. */
	if (restore->sock && !self)
		send_begin(restore);
	haadm->file = name;
	status = check_file(restore);
	haadm->line = 0;
	if (!status && self)
		status = haadm_complain(haadm, self, "%s", err.text);
	haadm->file = NULL;
	return status;
}

/*
 * Warns of a device that the file names and that does not exist. The module accepts such a configuration, since devices
 * can come later at boot. But the name can also be a typing error.
 */
static void warn_absent(struct restore *restore, uint32_t dev)
{
	const struct hasw_model *model = &restore->model;
	const struct hasw_vip *first = NULL;
	char addr[HASW_ADDR_TEXT], more[64] = " waits";
	unsigned int others = 0;

	for (uint32_t i = 0; i < model->n_vips; i++) {
		for (unsigned int j = 0; j < model->vips[i].n_devs; j++) {
			if (model->vips[i].devs[j] != dev)
				continue;
			others += first != NULL;
			first = first ? first : &model->vips[i];
		}
	}
	if (!first)
		return;
	if (others)
		snprintf(more, sizeof(more), " and %u more wait", others);
	restore->haadm->line = first->line;
	haadm_complain(restore->haadm, STATUS_OK, "warning: vip %s%s for device %s, which is not there",
		       hasw_addr_format(&first->addr, addr), more, model->devs[dev]);
	restore->haadm->line = 0;
}

/* Warns of all devices that vips or nodes of the file name and that do not exist. */
static void warn_all_absent(struct restore *restore, const char *name)
{
	const struct hasw_model *model = &restore->model;
	struct haadm *haadm = restore->haadm;
	struct hasw_error ignored;
	struct rtnl rtnl;

	if (rtnl_open(&rtnl, &ignored))
		return;
	haadm->file = name;
	for (uint32_t i = 0; i < model->n_devs; i++) {
		if (!rtnl_has_dev(&rtnl, model->devs[i], &ignored))
			warn_absent(restore, i);
	}
	for (uint32_t i = 0; i < model->n_nodes; i++) {
		const struct hasw_node *node = &model->nodes[i];

		if (node->dev[0] && !rtnl_has_dev(&rtnl, node->dev, &ignored))
			haadm_complain(haadm, STATUS_OK, "warning: node %s waits for device %s, which is not there",
				       node->name, node->dev);
	}
	haadm->file = NULL;
	rtnl_close(&rtnl);
}

/* Copies the restored file to TO, which the next boot falls back to. A reader sees the old copy or the new one. */
static int keep_copy(const struct restore *restore, const char *to)
{
	struct file_next next;
	char block[16384];
	off_t at = 0;
	ssize_t n;
	int err = file_next_open(&next, to);

	if (err)
		return err;
	while (!err && (n = pread(restore->lines.fd, block, sizeof(block), at)) != 0) {
		if (n > 0)
			errno = 0;
		if (n < 0 || write(next.fd, block, (size_t)n) != n)
			err = errno ? -errno : -EIO;
		at += n;
	}
	return file_next_end(&next, to, err);
}

/* Adds the nodes of a cluster engine to the configuration. */
static enum status add_engine(struct restore *restore, const char *name)
{
	struct hasw_error err;
	bool known;

	if (!engine_put_nodes(&restore->lines, &known, &err))
		return STATUS_OK;
	return haadm_complain(restore->haadm, known ? STATUS_OK : STATUS_USAGE,
			      known ? "warning: %s gets no nodes of the cluster engine: %s" :
			      "%s has no nodes, and those of the cluster engine are not known: %s", name, err.text);
}

static enum status run_file(struct restore *restore, const struct request *req, const char *name)
{
	struct haadm *haadm = restore->haadm;
	enum status status;
	int ret = 0;

	/*
	 * Only a seekable file at offset 0 can be read again. Other input, such as a pipe or a file that is partly
	 * read, is copied first.
	 */
	if (lseek(restore->lines.fd, 0, SEEK_CUR))
		ret = spool(&restore->lines);
	if (ret)
		return haadm_complain(haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(-ret));
	status = add_engine(restore, name);
	if (status)
		return status;
	if (fstat(restore->lines.fd, &restore->checked))
		return haadm_complain(haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(errno));
	status = check_all(restore, req->selfless, name);
	if (!status && restore->sock)
		status = put_file(restore, name);
	if (status) {
		leave(restore);
		return status;
	}
	warn_all_absent(restore, name);
	if (req->fallback && !req->check && strcmp(req->fallback, name)) {
		ret = keep_copy(restore, req->fallback);
		if (ret)
			haadm_complain(haadm, STATUS_OK, "warning: %s is in force, but could not be copied to %s: %s",
				       name, req->fallback, strerror(-ret));
	}
	return STATUS_OK;
}

/* Restores the file PATH, or "-" for standard input. */
static enum status run_path(struct haadm *haadm, const struct request *req, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	struct restore *restore = calloc(1, sizeof(*restore));
	const char *outer_file = haadm->file;
	unsigned int outer_line = haadm->line;
	enum status status;
	int ret;

	if (!restore)
		return no_memory(haadm);
	restore->haadm = haadm;
	hasw_model_init(&restore->model);
	ret = lines_open(&restore->lines, path);
	if (ret) {
		status = haadm_complain(haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(-ret));
	} else {
		restore->sock = req->check ? NULL : haadm_sock(haadm);
		status = req->check || restore->sock ? run_file(restore, req, name) : STATUS_REFUSED;
	}
	haadm->file = outer_file;
	haadm->line = outer_line;
	lines_free(&restore->lines);
	hasw_model_free(&restore->model);
	free(restore->batch);
	free(restore->line_of);
	free(restore);
	return status;
}

enum status restore_model(struct haadm *haadm, const char *path, const char *name, struct hasw_model *model)
{
	struct restore *restore = calloc(1, sizeof(*restore));
	const char *outer_file = haadm->file;
	unsigned int outer_line = haadm->line;
	enum status status;
	int ret;

	if (!restore)
		return no_memory(haadm);
	restore->haadm = haadm;
	hasw_model_init(&restore->model);
	ret = lines_open(&restore->lines, path);
	status = ret ? haadm_complain(haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(-ret)) :
		add_engine(restore, name);
	if (!status)
		status = check_all(restore, false, name);
	haadm->file = outer_file;
	haadm->line = outer_line;
	lines_free(&restore->lines);
	if (status)
		hasw_model_free(&restore->model);
	else
		*model = restore->model;
	free(restore);
	return status;
}

static int count_objects(const struct hasw_record *rec, void *data)
{
	*(uint64_t *)data = hasw_number(rec, HASWITCH_A_CONFIG_NODES, 0) +
			    hasw_number(rec, HASWITCH_A_CONFIG_LEASES, 0) +
			    hasw_number(rec, HASWITCH_A_CONFIG_VIPS, 0);
	return 0;
}

/* Returns whether the module has a configuration. If it cannot be asked, the answer is yes. */
static bool has_config(struct haadm *haadm)
{
	uint64_t objects = 1;
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;

	if (!haadm->sock_open)
		return true;
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_CONFIG_GET, 0);
	return hasw_get(&haadm->sock, &msg, count_objects, &objects, &err) || objects;
}

/*
 * Puts the last good configuration in place, because a restore has failed. At boot, a node with an old configuration is
 * better than a node without any. Later, the configuration in force is better than both, and stays.
 */
static enum status fall_back(struct haadm *haadm, const struct request *req, enum status failed)
{
	if (has_config(haadm))
		return failed;
	if (access(req->fallback, F_OK))
		return haadm_complain(haadm, failed, "NO configuration is in force, and there is no %s to fall back to",
				      req->fallback);
	if (run_path(haadm, req, req->fallback))
		return haadm_complain(haadm, failed, "NO configuration is in force: %s is no good either",
				      req->fallback);
	return haadm_complain(haadm, STATUS_FELL_BACK,
			      "WARNING: an OLD configuration is in force, %s, because %s is no good",
			      req->fallback, req->name);
}

/*
 * Puts the committed configuration of the cluster in place that was in force here last. *DONE: the file is not needed. It is
 * needed only where there is none, or at a boot where that one cannot be had: a configuration that is in force is better
 * than one that may be of long ago.
 */
static enum status run_committed(struct haadm *haadm, const struct request *req, bool *done)
{
	char path[BESIDE_TEXT];
	struct hasw_error err;
	enum status status;

	*done = false;
	if (beside_committed(path, &err)) {
		status = haadm_complain(haadm, STATUS_REFUSED, "it is not known whether this node has committed configurations: %s", err.text);
		/* The module is asked below. */
		if (!req->check)
			haadm_sock(haadm);
	} else {
		if (!path[0])
			return STATUS_OK;
		status = run_path(haadm, req, path);
		if (!status && !req->check)
			haadm_complain(haadm, STATUS_OK, "%s is in force, as the cluster has committed it; %s is not used",
				       path, req->name);
	}
	*done = !status || req->check || has_config(haadm);
	if (!*done)
		haadm_complain(haadm, STATUS_OK, "warning: so %s is put in place; the agent gets what is committed when it runs", req->name);
	return status;
}

static enum status run(struct haadm *haadm, const struct request *req)
{
	bool done = false;
	enum status status = req->committed ? run_committed(haadm, req, &done) : STATUS_OK;

	if (done)
		return status;
	status = run_path(haadm, req, req->name);
	return status && req->fallback && !req->check ? fall_back(haadm, req, status) : status;
}

static const struct verb verbs[] = {
	{ NULL, "[ --check ] [ --no-self ] [ --committed ] [ --fallback GOOD ] { FILE | - }", HASWITCH_CMD_CONFIG_COMMIT, SUBJECT_FILE, false, 0, NULL,
	  { 0, 0 }, run },
	{ .word = NULL },
};

const struct object object_restore = { "restore", "puts a saved configuration in place, all or nothing", verbs };
