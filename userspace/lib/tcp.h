/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a TCP connection. */
#ifndef LIB_TCP_H
#define LIB_TCP_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Closes a connection by a FIN, as any client does: servers log a RST as an error of the client. With bytes unread, such as a
 * greeting or the last record of TLS, close() would send a RST. A server that sends without end gets one. Does not block.
 */
static inline int tcp_close(int fd)
{
	(void)!recv(fd, NULL, 65536, MSG_DONTWAIT | MSG_TRUNC);
	return close(fd);
}

/*
 * Has the kernel wait with the last ACK of a connection that connect() begins, for 200 ms after the server's answer. A server's
 * program learns nothing of a connection that is aborted before, and it takes no room in the queue for accept().
 */
static inline void tcp_ack_late(int fd)
{
	const int off = 0;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
}

/* Closes a connection by a RST. Does not block. */
static inline void tcp_abort(int fd)
{
	const struct linger reset = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

#endif
