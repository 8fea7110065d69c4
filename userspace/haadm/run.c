// SPDX-License-Identifier: GPL-2.0
/* Runs one command, or the commands in the lines of a batch file. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "haadm/parse/lines.h"
#include "haadm/self.h"
#include "lib/generated/spec_gen.h"

const struct object *const objects[] = {
	&object_node, &object_zone, &object_vip, &object_service, &object_member, &object_lease, &object_flow, &object_beat,
	&object_failover, &object_failback, &object_pulse, &object_event, &object_stats, &object_status, &object_check,
	&object_top, &object_doctor, &object_agent, &object_cluster, &object_snapshot,
	&object_monitor, &object_journal, &object_availability, &object_explain,
	&object_save, &object_restore, &object_schema, NULL,
};

enum status run_command(struct haadm *haadm, int n_words, char *const *words)
{
	const struct object *object = n_words ? grammar_object(words[0]) : NULL;
	struct complaint complaint;
	struct request req;

	if (n_words && !strcmp(words[0], "help") && (n_words == 1 || !strcmp(words[1], "help"))) {
		grammar_help(stdout, NULL);
		return STATUS_OK;
	}
	/* "help OBJECT" means the same as "OBJECT help". */
	if (n_words == 2 && !strcmp(words[0], "help"))
		return run_command(haadm, 2, (char *const[]){ words[1], words[0] });
	if (object && n_words == 2 && !strcmp(words[1], "help")) {
		grammar_help(stdout, object);
		return STATUS_OK;
	}
	if (request_parse(&req, n_words, words, &complaint))
		return complaint_show(haadm, &complaint);
	return haadm->all ? change_all(haadm, &req) : req.verb->run(haadm, &req);
}

static int look_for_self(const struct hasw_record *rec, void *data)
{
	*(bool *)data |= hasw_has(rec, HASWITCH_A_NODE_SELF);
	return 0;
}

/*
 * Returns whether the module has a node with the `self` flag, which marks this machine. Also returns true if the
 * module cannot be asked, because the batch's own commands then report the error.
 */
static bool self_known(struct haadm *haadm)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;
	bool known = false;

	if (!haadm->sock_open && hasw_sock_open(&haadm->sock, &err))
		return true;
	haadm->sock_open = true;
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_NODE_GET, NLM_F_DUMP);
	return hasw_dump(&haadm->sock, &msg, look_for_self, &known, &err) || known;
}

/*
 * Finds out which node of a batch file is this machine, if no line has the word `self` and the module has no `self`
 * node. It is no error if no node is this machine, because a batch can be only a part of a configuration. Standard
 * input and pipes are not searched, because they can be read only once.
 */
static enum status batch_self(struct haadm *haadm, struct lines *lines)
{
	const struct self_node *self = NULL;
	enum status status = STATUS_OK;
	struct hasw_error err = { .code = 0 };
	struct self_nodes nodes;
	int ret;

	if (lines->standard || lseek(lines->fd, 0, SEEK_CUR))
		return STATUS_OK;
	ret = self_nodes_read(&nodes, lines);
	if (ret)
		status = haadm_complain(haadm, STATUS_USAGE, "cannot read: %s", strerror(-ret));
	else if (nodes.n && !nodes.said && !self_known(haadm))
		self = self_find(&nodes, &err);
	if (self)
		strcpy(haadm->self, self->name);
	else if (err.code == ENOTUNIQ)
		status = haadm_complain(haadm, STATUS_USAGE, "%s", err.text);
	self_nodes_free(&nodes);
	return lines_rewind(lines) ? haadm_complain(haadm, STATUS_USAGE, "cannot be read twice") : status;
}

enum status run_batch(struct haadm *haadm, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "standard input";
	enum status status = STATUS_OK;
	struct lines lines;
	int n = lines_open(&lines, path);

	if (n)
		return haadm_complain(haadm, STATUS_USAGE, "cannot read %s: %s", name, strerror(-n));
	haadm->file = name;
	status = batch_self(haadm, &lines);
	if (status) {
		haadm->file = NULL;
		lines_free(&lines);
		return status;
	}
	while ((n = lines_next(&lines))) {
		enum status one;

		haadm->file = name;
		haadm->line = lines.line;
		if (n < 0 && n != -EILSEQ) {
			status = haadm_complain(haadm, STATUS_USAGE, "cannot read%s: %s", haadm->line ? " on" : "",
						strerror(-n));
			break;
		}
		if (n < 0)
			one = haadm_complain(haadm, STATUS_USAGE, "a NUL byte; this is no text");
		else
			one = run_command(haadm, n, lines.words);
		if (one > status)
			status = one;
		/*
		 * The output of each command is flushed, because an interactive caller waits for it. A write error is
		 * not reported after a command that failed, because that command has reported an error already.
		 */
		if (fflush(stdout) || ferror(stdout)) {
			status = one ? status : haadm_unwritten(haadm);
			break;
		}
		if (one && !haadm->force)
			break;
	}
	haadm->file = NULL;
	lines_free(&lines);
	return status;
}
