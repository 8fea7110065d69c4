// SPDX-License-Identifier: GPL-2.0
/* The show verbs, which print one object, or the objects of a dump as they arrive. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"
#include "haadm/output/columns.h"
#include "haadm/output/table.h"

struct showing {
	struct haadm *haadm;
	const struct request *req;
	const struct field *fields;
	size_t n;
	bool (*wanted)(const struct hasw_record *rec, const struct request *req);
	void (*after)(struct out *out, const struct hasw_record *rec);
	struct table *table;	/* table for text output; NULL: text output has a line for each object */
	struct columns *columns;	/* aligns these lines, on a terminal; or NULL */
	bool begun;	/* out_list_begin() was called */
};

static void begin(struct showing *showing)
{
	if (!showing->begun)
		out_list_begin(&showing->haadm->out);
	showing->begun = true;
}

static int show_record(const struct hasw_record *rec, void *data)
{
	struct showing *showing = data;

	if (showing->table) {
		begin(showing);
		table_row(showing->table, rec);
	} else if (!showing->wanted || showing->wanted(rec, showing->req)) {
		begin(showing);
		if (showing->columns)
			columns_record(showing->columns, &showing->haadm->out, rec);
		else
			out_record(&showing->haadm->out, rec, showing->fields, showing->n);
		if (showing->after && !showing->haadm->out.json)
			showing->after(&showing->haadm->out, rec);
	}
	/* A dump ends early when standard output fails, for example because the reader has closed the pipe. */
	return ferror(stdout) ? -EPIPE : 0;
}

enum status read_end(struct haadm *haadm, int ret, const struct hasw_error *err)
{
	if (ret == HASW_DUMP_TORN)
		return haadm_complain(haadm, STATUS_OK, "%s",
				      "objects were changed while they were read; some may be missing or there twice");
	if (ret == -EPIPE && ferror(stdout))
		return haadm_unwritten(haadm);
	return ret ? haadm_error(haadm, err) : STATUS_OK;
}

static int ignore_record(const struct hasw_record *rec, void *data)
{
	(void)rec;
	(void)data;
	return 0;
}

/* If the command shows the services or members of a vip, checks that the vip exists. Returns 0, or a negative errno. */
static int ask_vip(struct hasw_sock *sock, const struct request *req, uint16_t addr4, struct hasw_error *err)
{
	struct hasw_addr addr = { .family = request_has(req, addr4) ? AF_INET : AF_INET6 };
	uint16_t attr = addr.family == AF_INET ? addr4 : addr4 + 1;
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;

	if (req->subject_given || !request_has(req, attr))
		return 0;
	memcpy(addr.bytes, req->value[attr].bytes, hasw_addr_len(&addr));
	hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_VIP_GET, 0);
	hasw_put_addr(&msg, HASWITCH_A_VIP_ADDR4, &addr);
	return hasw_get(sock, &msg, ignore_record, NULL, err);
}

/*
 * Checks that each object that the command names exists. The caller calls this after an empty dump, because the dump
 * does not show why it is empty: an object might be missing, or just have no services or members.
 */
static int ask_named(struct hasw_sock *sock, const struct request *req, struct hasw_error *err)
{
	char buf[HASW_MSG_SIZE];
	struct hasw_msg msg;
	int ret;

	if (req->verb->cmd == HASWITCH_CMD_SERVICE_GET)
		return ask_vip(sock, req, HASWITCH_A_SERVICE_ADDR4, err);
	if (req->verb->cmd != HASWITCH_CMD_MEMBER_GET)
		return 0;
	ret = ask_vip(sock, req, HASWITCH_A_MEMBER_ADDR4, err);
	if (!ret && req->subject_given) {
		hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_SERVICE_GET, 0);
		hasw_put_svc(&msg, HASWITCH_A_SERVICE_ADDR4, &req->svc);
		ret = hasw_get(sock, &msg, ignore_record, NULL, err);
	}
	if (!ret && request_has(req, HASWITCH_A_MEMBER_NODE)) {
		hasw_msg_begin(&msg, buf, sizeof(buf), HASWITCH_CMD_NODE_GET, 0);
		hasw_put_string(&msg, HASWITCH_A_NODE_NAME, req->value[HASWITCH_A_MEMBER_NODE].text);
		ret = hasw_get(sock, &msg, ignore_record, NULL, err);
	}
	return ret;
}

static enum status run(struct showing *showing)
{
	const struct request *req = showing->req;
	struct haadm *haadm = showing->haadm;
	const struct hasw_op *op = hasw_op(req->verb->cmd);
	struct hasw_sock *sock = haadm_sock(haadm);
	char buf[HASW_MSG_SIZE];
	struct hasw_error err;
	struct hasw_msg msg;
	bool one;
	int ret;

	if (!sock)
		return STATUS_REFUSED;
	/* A command with a complete key requests one object. The key of a member is complete only with the node. */
	one = op->has_do && req->subject_given;
	if (req->verb->cmd == HASWITCH_CMD_MEMBER_GET && !request_has(req, HASWITCH_A_MEMBER_NODE))
		one = false;
	request_encode(req, &msg, buf, sizeof(buf), req->verb->cmd, one ? 0 : NLM_F_DUMP);
	ret = one ? hasw_get(sock, &msg, show_record, showing, &err) :
		    hasw_dump(sock, &msg, show_record, showing, &err);
	/* The node has several members in the service, and all of them are shown. */
	if (ret == -ENOTUNIQ) {
		request_encode(req, &msg, buf, sizeof(buf), req->verb->cmd, NLM_F_DUMP);
		ret = hasw_dump(sock, &msg, show_record, showing, &err);
	}
	if (!ret && !showing->begun)
		ret = ask_named(sock, req, &err);
	/* On an error, such as a missing object, JSON output stays empty: not even an empty list "[]" is printed. */
	if (ret >= 0)
		begin(showing);
	if (showing->begun)
		out_list_end(&haadm->out);
	if (showing->begun && showing->table)
		table_end(showing->table);
	if (showing->columns)
		columns_end(showing->columns, &haadm->out);
	return read_end(haadm, ret, &err);
}

enum status show_run(struct haadm *haadm, const struct request *req, const struct field *fields,
		     size_t n, bool (*wanted)(const struct hasw_record *rec, const struct request *req))
{
	struct showing showing = { haadm, req, fields, n, wanted, NULL, NULL, NULL, false };
	enum status status;

	/* In a pipe a line has one blank between words, as scripts expect. Without memory it has that, too. */
	if (!haadm->out.json && isatty(STDOUT_FILENO))
		showing.columns = columns_new(fields, n);
	status = run(&showing);
	columns_free(showing.columns);
	return status;
}

enum status show_run_after(struct haadm *haadm, const struct request *req, const struct field *fields,
			   size_t n, void (*after)(struct out *out, const struct hasw_record *rec))
{
	struct showing showing = { haadm, req, fields, n, NULL, after, NULL, NULL, false };

	return run(&showing);
}

enum status show_run_table(struct haadm *haadm, const struct request *req, const struct field *fields, size_t n)
{
	struct showing showing = { haadm, req, fields, n, NULL, NULL, NULL, NULL, false };
	enum status status;

	if (haadm->out.json)
		return run(&showing);
	showing.table = table_new(fields, n);
	if (!showing.table)
		return haadm_complain(haadm, STATUS_USAGE, "out of memory");
	status = run(&showing);
	table_free(showing.table);
	return status;
}
