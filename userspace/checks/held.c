// SPDX-License-Identifier: GPL-2.0
/*
 * Connections to a server that hangs. What a check closes stays in the server's queue until the server accepts it, even
 * when a RST closes it. A check that connects again and again would fill the queue, and clients would find no room. So
 * connections on which the server has not said a byte are kept. When there are HELD_MOST, the next attempts wait for a byte
 * on one of them instead.
 *
 * A server may have lost these and answer others. So another attempt takes the place of the oldest one now and then, and
 * an answer to it ends the wait.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/held.h"
#include "lib/tcp.h"

/* Return: whether the connection is there, and nothing has come by it */
static bool is_silent(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);
	char byte;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) || info.tcpi_state != TCP_ESTABLISHED)
		return false;
	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/**
 * held_keep - keep a connection that an attempt would close
 * @h:		the connections of the check; all are closed if @answered
 * @fd:		the connection; it belongs to @h if it is kept
 * @answered:	the attempt has read something from it
 * @now:	time now
 *
 * Return: whether it is kept: it is open, the server has said nothing on it, and there is room
 */
bool held_keep(struct held *h, int fd, bool answered, uint64_t now)
{
	const int on = 1, seconds = 1, probes = 3;

	if (answered) {
		held_close(h);
		return false;
	}
	if (h->n == HELD_MOST || !is_silent(fd))
		return false;
	/* A machine that was started again answers with a RST, and one that is gone with nothing. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof(seconds));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof(seconds));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	h->fds[h->n++] = fd;
	h->last = now;
	return true;
}

/**
 * held_waits - look whether the server still hangs
 * @h:		the connections of the check
 * @now:	time now
 *
 * Return: whether the attempt that is due is to make no connection
 */
bool held_waits(struct held *h, uint64_t now)
{
	unsigned int i, left = 0, n = h->n;

	for (i = 0; i < n; i++) {
		if (is_silent(h->fds[i]))
			h->fds[left++] = h->fds[i];
		else
			tcp_close(h->fds[i]);
	}
	h->n = left;
	if (left < HELD_MOST)
		return false;
	if (now - h->last < HELD_AGAIN)
		return true;
	tcp_close(h->fds[0]);
	memmove(&h->fds[0], &h->fds[1], --h->n * sizeof(h->fds[0]));
	return false;
}

/**
 * held_close - close all
 * @h:	the connections of the check
 */
void held_close(struct held *h)
{
	while (h->n)
		tcp_close(h->fds[--h->n]);
}
