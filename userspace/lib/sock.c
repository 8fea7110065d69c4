// SPDX-License-Identifier: GPL-2.0
/* The netlink socket to the module: requests, dumps, batches and events. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/haswitch.h>

#include "sock.h"

#define RECV_SIZE	(64 * 1024)	/* larger than any skb of a dump */
#define WANTED_BUF	(4 * 1024 * 1024)
#define EVENTS_MOST	128		/* datagrams that hasw_events() reads at once */

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

static int family_attr(const struct nlattr *attr, void *data)
{
	const struct nlattr **attrs = data;

	if (mnl_attr_type_valid(attr, CTRL_ATTR_MAX) > 0)
		attrs[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static void group_read(struct hasw_sock *sock, const struct nlattr *groups)
{
	const struct nlattr *group, *attr;

	mnl_attr_for_each_nested(group, groups) {
		const char *name = NULL;
		uint32_t id = 0;

		mnl_attr_for_each_nested(attr, group) {
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
			    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
				name = mnl_attr_get_str(attr);
			else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
				 mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
				id = mnl_attr_get_u32(attr);
		}
		if (name && !strcmp(name, HASWITCH_MCGRP_EVENTS))
			sock->events_group = id;
	}
}

static int family_read(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attrs[CTRL_ATTR_MAX + 1] = { NULL };
	struct hasw_sock *sock = data;

	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), family_attr, attrs);
	if (attrs[CTRL_ATTR_FAMILY_ID])
		sock->family = mnl_attr_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
	if (attrs[CTRL_ATTR_MCAST_GROUPS])
		group_read(sock, attrs[CTRL_ATTR_MCAST_GROUPS]);
	return MNL_CB_OK;
}

static int family_resolve(struct hasw_sock *sock, struct hasw_error *err)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;
	int ret = MNL_CB_OK;
	ssize_t len;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++sock->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, HASWITCH_GENL_NAME);
	if (mnl_socket_sendto(sock->nl, nlh, nlh->nlmsg_len) < 0)
		return hasw_fail(err, errno, "cannot send to the kernel: %s", strerror(errno));
	do {
		len = mnl_socket_recvfrom(sock->nl, sock->buf, sock->buf_size);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return hasw_fail(err, errno, "cannot read from the kernel: %s", strerror(errno));
		ret = mnl_cb_run(sock->buf, (size_t)len, sock->seq,
				 mnl_socket_get_portid(sock->nl), family_read, sock);
	} while (ret > MNL_CB_STOP);
	if (ret < 0 && errno == ENOENT)
		return hasw_fail(err, ENOENT, "%s",
				 "the kernel module haswitch is not loaded; load it with 'modprobe haswitch'");
	/* libmnl takes any number for an errno. */
	if (ret < 0)
		return hasw_fail(err, errno > 0 ? errno : EBADMSG, "cannot look up family %s: %s", HASWITCH_GENL_NAME,
				 strerror(errno));
	return 0;
}

int hasw_sock_open(struct hasw_sock *sock, struct hasw_error *err)
{
	int on = 1;
	int ret;

	memset(sock, 0, sizeof(*sock));
	sock->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!sock->nl)
		return hasw_fail(err, errno, "cannot open a netlink socket: %s", strerror(errno));
	sock->buf_size = RECV_SIZE;
	sock->buf = malloc(sock->buf_size);
	if (!sock->buf) {
		ret = hasw_fail(err, ENOMEM, "out of memory");
		goto fail;
	}
	if (mnl_socket_bind(sock->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		ret = hasw_fail(err, errno, "cannot bind a netlink socket: %s", strerror(errno));
		goto fail;
	}
	/*
	 * Failures are ignored. Without NETLINK_EXT_ACK, errors of the kernel have no text. Without
	 * NETLINK_CAP_ACK, they contain a copy of the request, which hasw_error_parse() skips.
	 */
	mnl_socket_setsockopt(sock->nl, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(sock->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	ret = family_resolve(sock, err);
	if (ret)
		goto fail;
	return 0;
fail:
	hasw_sock_close(sock);
	return ret;
}

void hasw_sock_close(struct hasw_sock *sock)
{
	if (sock->nl)
		mnl_socket_close(sock->nl);
	free(sock->buf);
	memset(sock, 0, sizeof(*sock));
}

int hasw_sock_fd(const struct hasw_sock *sock)
{
	return mnl_socket_get_fd(sock->nl);
}

uint32_t hasw_sock_port(const struct hasw_sock *sock)
{
	return mnl_socket_get_portid(sock->nl);
}

/*
 * Reopens the socket if a dump on it was not read to its end, because the kernel still sends the rest. On failure
 * the socket is unchanged.
 */
static int renew(struct hasw_sock *sock, struct hasw_error *err)
{
	struct hasw_sock fresh;
	int ret;

	if (!sock->left)
		return 0;
	ret = hasw_sock_open(&fresh, err);
	if (ret)
		return ret;
	hasw_sock_close(sock);
	*sock = fresh;
	return 0;
}

static int msg_send(struct hasw_sock *sock, struct hasw_msg *msg, uint16_t flags, struct hasw_error *err)
{
	int ret;

	if (!sock->nl)
		return hasw_fail(err, ENOTCONN, "no socket to the module is open");
	if (msg->full)
		return hasw_fail(err, EMSGSIZE, "the request is too long");
	ret = renew(sock, err);
	if (ret)
		return ret;
	msg->nlh->nlmsg_type = sock->family;
	msg->nlh->nlmsg_flags |= flags;
	msg->nlh->nlmsg_seq = ++sock->seq;
	if (mnl_socket_sendto(sock->nl, msg->nlh, msg->nlh->nlmsg_len) < 0)
		return hasw_fail(err, errno, "cannot send to the kernel: %s", strerror(errno));
	return 0;
}

/* Receives one datagram into sock->buf. Returns the length of the datagram, or a negative errno. */
static ssize_t receive(struct hasw_sock *sock, struct hasw_error *err)
{
	ssize_t len;

	do {
		len = mnl_socket_recvfrom(sock->nl, sock->buf, sock->buf_size);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return hasw_fail(err, errno, "cannot read from the kernel: %s", strerror(errno));
	return len;
}

/*
 * Receives one datagram of the reply to the request with number SEQ. *TORN is set when objects changed during the dump.
 * SENT is the request, or NULL. Returns HASW_DUMP_MORE, or the result of the whole reply.
 */
static int read_one(struct hasw_sock *sock, uint32_t seq, const struct nlmsghdr *sent, const struct hasw_op *op,
		    bool *torn, hasw_record_fn fn, void *data, struct hasw_error *err)
{
	const struct nlmsghdr *nlh;
	ssize_t got = receive(sock, err);
	int len = (int)got;

	if (got < 0)
		return (int)got;
	for (nlh = (const void *)sock->buf; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		struct hasw_record rec;
		int ret;

		/* Skip replies to an earlier request whose replies were not read to the end. */
		if (nlh->nlmsg_seq != seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			*torn = true;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			sock->left = false;
			ret = hasw_error_parse(err, nlh, sent, op);
			return ret ? ret : *torn ? HASW_DUMP_TORN : 0;
		}
		if (nlh->nlmsg_type == NLMSG_DONE) {
			const int *status = mnl_nlmsg_get_payload(nlh);

			sock->left = false;
			if (nlh->nlmsg_len >= NLMSG_HDRLEN + sizeof(*status) && *status < 0)
				return hasw_error_parse(err, nlh, sent, op);
			return *torn ? HASW_DUMP_TORN : 0;
		}
		if (nlh->nlmsg_type != sock->family || !fn)
			continue;
		if (hasw_record_parse(&rec, nlh)) {
			/*
			 * An event that this build cannot parse is skipped. This is harmless, because events only
			 * report the past.
			 */
			if (op == hasw_op(HASWITCH_CMD_EVENT_GET))
				continue;
			return hasw_fail(err, EBADMSG, "%s", "the module's answer makes no sense to this build");
		}
		ret = fn(&rec, data);
		if (ret)
			return ret;
	}
	return HASW_DUMP_MORE;
}

/* Receives until the reply to MSG is complete. */
static int answer(struct hasw_sock *sock, const struct hasw_msg *msg, hasw_record_fn fn, void *data,
		  struct hasw_error *err)
{
	bool torn = false;
	int ret;

	do {
		ret = read_one(sock, msg->nlh->nlmsg_seq, msg->nlh, msg->op, &torn, fn, data, err);
	} while (ret == HASW_DUMP_MORE);
	return ret;
}

int hasw_call(struct hasw_sock *sock, struct hasw_msg *msg, struct hasw_error *err)
{
	int ret = msg_send(sock, msg, NLM_F_ACK, err);

	return ret ? ret : answer(sock, msg, NULL, NULL, err);
}

int hasw_get(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data,
	     struct hasw_error *err)
{
	int ret = msg_send(sock, msg, NLM_F_ACK, err);

	return ret ? ret : answer(sock, msg, fn, data, err);
}

int hasw_dump(struct hasw_sock *sock, struct hasw_msg *msg, hasw_record_fn fn, void *data,
	      struct hasw_error *err)
{
	int ret = msg_send(sock, msg, NLM_F_DUMP, err);

	if (ret)
		return ret;
	/* answer() clears sock->left at the end of the dump. */
	sock->left = true;
	return answer(sock, msg, fn, data, err);
}

int hasw_dump_begin(struct hasw_sock *sock, struct hasw_msg *msg, struct hasw_dumping *d, struct hasw_error *err)
{
	int ret = msg_send(sock, msg, NLM_F_DUMP, err);

	if (ret)
		return ret;
	sock->left = true;
	*d = (struct hasw_dumping){ .seq = msg->nlh->nlmsg_seq, .op = msg->op };
	return 0;
}

int hasw_dump_step(struct hasw_sock *sock, struct hasw_dumping *d, hasw_record_fn fn, void *data,
		   struct hasw_error *err)
{
	return read_one(sock, d->seq, NULL, d->op, &d->torn, fn, data, err);
}

static int option_grow(int fd, int option, int force, int wanted)
{
	socklen_t len = sizeof(wanted);
	int size = 0;

	/*
	 * The FORCE option can exceed the sysctl limit, but needs CAP_NET_ADMIN. Without this capability, the
	 * normal option sets the size, up to the limit.
	 */
	if (setsockopt(fd, SOL_SOCKET, force, &wanted, sizeof(wanted)))
		setsockopt(fd, SOL_SOCKET, option, &wanted, sizeof(wanted));
	if (getsockopt(fd, SOL_SOCKET, option, &size, &len))
		return 0;
	return size;
}

size_t hasw_batch_max(const struct hasw_sock *sock)
{
	const int wanted = 256 * 1024;
	int size = option_grow(hasw_sock_fd(sock), SO_SNDBUF, SO_SNDBUFFORCE, wanted);

	/*
	 * netlink_sendmsg() refuses a message that is longer than the send buffer minus 32 bytes. So a reserve is
	 * subtracted.
	 */
	size -= 1024;
	if (size < 16 * 1024)
		size = 16 * 1024;
	return size > 200 * 1024 ? 200 * 1024 : (size_t)size;
}

int hasw_batch(struct hasw_sock *sock, void *msgs, size_t len, uint32_t last_seq,
	       struct hasw_error *err)
{
	const struct nlmsghdr *first = msgs;
	bool refused = false, lost = false;

	if (mnl_socket_sendto(sock->nl, msgs, len) < 0)
		return hasw_fail(err, errno, "cannot send to the kernel: %s", strerror(errno));
	/*
	 * The kernel has run all requests during sendmsg(), so all replies are in the socket's receive buffer.
	 * If the replies exceed this buffer, the last ones are lost (ENOBUFS), but the first one is there.
	 */
	for (;;) {
		const struct nlmsghdr *nlh;
		int left;
		ssize_t got = recv(hasw_sock_fd(sock), sock->buf, sock->buf_size, MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == ENOBUFS) {
			lost = true;
			continue;
		}
		if (got < 0 && errno == EAGAIN)
			break;
		if (got < 0)
			return hasw_fail(err, errno, "cannot read from the kernel: %s", strerror(errno));
		left = (int)got;
		for (nlh = (const void *)sock->buf; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left)) {
			const struct nlmsghdr *sent = first;
			const struct genlmsghdr *genl;
			int rest = (int)len;

			if (nlh->nlmsg_type != NLMSG_ERROR || nlh->nlmsg_seq - first->nlmsg_seq >
			    last_seq - first->nlmsg_seq)
				continue;
			if (refused)
				continue;
			while (mnl_nlmsg_ok(sent, rest) && sent->nlmsg_seq != nlh->nlmsg_seq)
				sent = mnl_nlmsg_next(sent, &rest);
			if (!mnl_nlmsg_ok(sent, rest))
				continue;
			genl = mnl_nlmsg_get_payload(sent);
			if (hasw_error_parse(err, nlh, sent, hasw_op(genl->cmd)))
				refused = true;
			else if (nlh->nlmsg_seq == last_seq && !lost)
				return 0;
		}
	}
	if (refused)
		return -err->code;
	return hasw_fail(err, ENOBUFS, "the kernel's answer was lost");
}

int hasw_subscribe(struct hasw_sock *sock, struct hasw_error *err)
{
	if (!sock->events_group)
		return hasw_fail(err, ENOENT, "the module has no group " HASWITCH_MCGRP_EVENTS);
	option_grow(hasw_sock_fd(sock), SO_RCVBUF, SO_RCVBUFFORCE, WANTED_BUF);
	if (mnl_socket_setsockopt(sock->nl, NETLINK_ADD_MEMBERSHIP, &sock->events_group,
				  sizeof(sock->events_group)) < 0)
		return hasw_fail(err, errno, "cannot subscribe to events: %s", strerror(errno));
	return 0;
}

int hasw_events(struct hasw_sock *sock, hasw_record_fn fn, void *data, struct hasw_error *err)
{
	/* In a burst events come as fast as they are read, and the caller has other things to do. */
	for (unsigned int n = 0; n < EVENTS_MOST; n++) {
		const struct nlmsghdr *nlh;
		int left;
		ssize_t got = recv(hasw_sock_fd(sock), sock->buf, sock->buf_size, MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return 0;
		if (got < 0)
			return hasw_fail(err, errno, errno == ENOBUFS ? "events were lost" :
					 "cannot read from the kernel");
		left = (int)got;
		for (nlh = (const void *)sock->buf; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left)) {
			struct hasw_record rec;
			int ret;

			if (nlh->nlmsg_type != sock->family)
				continue;
			if (hasw_record_parse(&rec, nlh))
				continue;
			ret = fn(&rec, data);
			if (ret)
				return ret;
		}
	}
	return 0;
}
