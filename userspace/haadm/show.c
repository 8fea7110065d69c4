// SPDX-License-Identifier: GPL-2.0
/* Shows objects: one, or those of a dump as they come. */

#include <errno.h>

#include "commands.h"

struct showing {
	struct haadm *haadm;
	const struct request *req;
	const struct field *fields;
	size_t n;
	bool (*wanted)(const struct hasw_record *rec, const struct request *req);
};

static int show_record(const struct hasw_record *rec, void *data)
{
	struct showing *showing = data;

	if (!showing->wanted || showing->wanted(rec, showing->req))
		out_record(&showing->haadm->out, rec, showing->fields, showing->n);
	/* Nobody reads any more: no use in reading on. */
	return ferror(stdout) ? -EPIPE : 0;
}

enum status read_end(struct haadm *haadm, int ret, const struct hasw_error *err)
{
	if (ret == HASW_DUMP_TORN)
		return haadm_complain(haadm, STATUS_OK, "%s",
				      "objects were changed while they were read; some may be missing or there twice");
	if (ret == -EPIPE && ferror(stdout))
		return STATUS_USAGE;
	return ret ? haadm_error(haadm, err) : STATUS_OK;
}

enum status show_run(struct haadm *haadm, const struct request *req, const struct field *fields,
		     size_t n, bool (*wanted)(const struct hasw_record *rec, const struct request *req))
{
	struct showing showing = { haadm, req, fields, n, wanted };
	const struct hasw_op *op = hasw_op(req->verb->cmd);
	struct hasw_sock *sock = haadm_sock(haadm);
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;
	bool one;
	int ret;

	if (!sock)
		return STATUS_REFUSED;
	/* One object is asked for if its whole key is given; a member's needs the node. */
	one = op->has_do && req->subject_given;
	if (req->verb->cmd == HASWITCH_CMD_MEMBER_GET && !request_has(req, HASWITCH_A_MEMBER_NODE))
		one = false;
	request_encode(req, &msg, buf, sizeof(buf), req->verb->cmd, one ? 0 : NLM_F_DUMP);
	out_list_begin(&haadm->out);
	ret = one ? hasw_get(sock, &msg, show_record, &showing, &err) :
		    hasw_dump(sock, &msg, show_record, &showing, &err);
	out_list_end(&haadm->out);
	return read_end(haadm, ret, &err);
}
