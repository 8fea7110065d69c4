// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs that change an object with one netlink message. A change of a vip, service or member also updates the local
 * addresses (local_addr.h). The device of a lease comes and goes with it (lease_dev.h).
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "lease_dev.h"
#include "local_addr.h"
#include "lock.h"

/*
 * Size of one node's name in a BEAT, bytes. A BEAT is the message that reports nodes as alive to the module. Only a
 * BEAT with many names can exceed HASW_MSG_SIZE, so the buffer grows with the number of names.
 */
#define NODE_BYTES (HASWITCH_NAME_MAX + 1 + NLA_HDRLEN)

/*
 * Sends a change of a vip, service or member, and updates the local addresses. Holds the file lock (lock.h) meanwhile.
 */
static int change_local(struct hasw_sock *sock, struct hasw_msg *msg, const struct request *req,
			unsigned int cmd, struct hasw_error *err)
{
	struct local_change local;
	struct file_lock lock;
	int ret;

	file_lock_take(&lock);
	ret = local_prepare(&local, sock, req, cmd, err);
	if (!ret) {
		ret = hasw_call(sock, msg, err);
		if (ret)
			local_undo(&local);
		else
			ret = local_finish(&local, err);
	}
	file_lock_release(&lock);
	return ret;
}

/* Sends a new lease, or the end of one, and makes or deletes its device. Holds the file lock (lock.h) meanwhile. */
static int change_lease(const struct haadm *haadm, struct hasw_sock *sock, struct hasw_msg *msg,
			const struct request *req, unsigned int cmd, struct hasw_error *err)
{
	struct file_lock lock;
	int ret;

	file_lock_take(&lock);
	ret = hasw_call(sock, msg, err);
	if (!ret && cmd == HASWITCH_CMD_LEASE_ADD)
		lease_dev_make(haadm, req->name);
	else if (!ret)
		lease_dev_delete(haadm, req->name);
	file_lock_release(&lock);
	return ret;
}

int change_send(struct haadm *haadm, struct hasw_sock *sock, const struct request *req, unsigned int cmd,
		struct hasw_error *err)
{
	size_t size = HASW_MSG_SIZE + req->n_names * NODE_BYTES;
	struct hasw_msg msg;
	char *buf = malloc(size);
	int ret;

	if (!buf)
		return hasw_fail(err, ENOMEM, "out of memory");
	request_encode(req, &msg, buf, size, cmd, 0);
	/*
	 * Only a request about a vip, service or member can change local addresses, and only one that adds or deletes a
	 * lease its device. A BEAT or a grant must not wait for the lock, because the module regards nodes as alive, and
	 * leases as held, only for a limited time after each one.
	 */
	if (req->svc_given)
		ret = change_local(sock, &msg, req, cmd, err);
	else if (cmd == HASWITCH_CMD_LEASE_ADD || cmd == HASWITCH_CMD_LEASE_DEL)
		ret = change_lease(haadm, sock, &msg, req, cmd, err);
	else
		ret = hasw_call(sock, &msg, err);
	free(buf);
	return ret;
}

enum status change_run(struct haadm *haadm, const struct request *req)
{
	struct hasw_sock *sock = haadm_sock(haadm);
	struct request changed = *req;
	struct hasw_error err;
	enum status status;

	if (!sock)
		return STATUS_REFUSED;
	if (req->verb->cmd == HASWITCH_CMD_NODE_ADD && *haadm->self && !strcmp(req->name, haadm->self))
		changed.given |= ATTR(HASWITCH_A_NODE_SELF);
	if (!change_send(haadm, sock, &changed, req->verb->cmd, &err)) {
		member_warn(haadm, req);
		return STATUS_OK;
	}
	if (err.code == ENOENT && req->verb->subject == SUBJECT_SVC)
		strncat(err.text, hasw_svc_hint(&req->svc), sizeof(err.text) - strlen(err.text) - 1);
	status = haadm_error(haadm, &err);
	/* With these errors, the module misses something, such as the other attributes of a session or a floor. */
	if (err.code == EINVAL || err.code == ENODATA)
		request_example(haadm, req);
	return status;
}
