// SPDX-License-Identifier: GPL-2.0
/* A message between two processes of one program, and a descriptor that it passes (SCM_RIGHTS). Neither call blocks. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/pass.h"

/* A message has room for one descriptor. */
union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

/**
 * pass_send - send a message and a descriptor
 * @to:		SOCK_SEQPACKET socket
 * @data:	the message
 * @size:	its length, bytes
 * @fd:		the descriptor, which stays open here; -1: none
 *
 * Return: 0 or a negative errno
 */
int pass_send(int to, const void *data, size_t size, int fd)
{
	union control control = { .room = { 0 } };
	struct iovec io = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	return sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/**
 * pass_receive - receive a message and a descriptor
 * @from:	SOCK_SEQPACKET socket
 * @data:	receives the message; what does not fit is lost
 * @room:	room there, bytes
 * @fd:		receives the descriptor, with close-on-exec; -1: the message passes none
 *
 * Return: its length; 0: the other process has ended; -1: none waits
 */
ssize_t pass_receive(int from, void *data, size_t room, int *fd)
{
	union control control;
	struct iovec io = { .iov_base = data, .iov_len = room };
	/* With the padding behind it, a second descriptor would fit, which nobody would close. */
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(sizeof(*fd)),
	};
	ssize_t got = recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *head = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;

	*fd = -1;
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(head), sizeof(*fd));
	return got < 0 && errno != EAGAIN && errno != EINTR ? 0 : got;
}
