/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a TCP connection. */
#ifndef LIB_TCP_H
#define LIB_TCP_H

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

#endif
