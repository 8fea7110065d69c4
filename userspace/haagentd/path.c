// SPDX-License-Identifier: GPL-2.0
/* The sockets that heartbeats travel through, one a path. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "path.h"

#define RECEIVE_BUFFER	(1024 * 1024)
#define PRIORITY	6	/* the highest that needs no privilege */

static socklen_t address_length(const struct sockaddr_storage *at)
{
	return at->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					   sizeof(struct sockaddr_in);
}

/**
 * path_address - an address and its port as text
 * @at:		the address
 * @buf:	where to
 *
 * Return: @buf
 */
const char *path_address(const struct sockaddr_storage *at,
			 char buf[PATH_ADDRESS])
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)at;
	const struct sockaddr_in *in = (const struct sockaddr_in *)at;
	char text[INET6_ADDRSTRLEN] = "?";

	if (at->ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
		snprintf(buf, PATH_ADDRESS, "[%s]:%u", text,
			 ntohs(in6->sin6_port));
	} else {
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		snprintf(buf, PATH_ADDRESS, "%s:%u", text, ntohs(in->sin_port));
	}
	return buf;
}

/* Heartbeats go first where the network or the host has queues. */
static void prefer(int fd, int family)
{
	int tos = IPTOS_CLASS_CS6, priority = PRIORITY;
	int size = RECEIVE_BUFFER;

	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	else
		setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/**
 * path_open - open the socket of a path
 * @path:	to fill
 * @conf:	what the file says of it
 * @why:	on failure, what is wrong
 * @size:	of @why
 *
 * Return: 0 or a negative errno
 */
int path_open(struct path *path, const struct conf_path *conf, char *why,
	      size_t size)
{
	char text[PATH_ADDRESS];
	int one = 1, err;

	path->conf = *conf;
	path->trouble = 0;
	path->fd = -1;
	if (!conf->local.ss_family)
		return 0;

	path->fd = socket(conf->local.ss_family,
			  SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (path->fd < 0) {
		err = -errno;
		snprintf(why, size, "path %s: no socket: %s", conf->name,
			 strerror(errno));
		return err;
	}
	prefer(path->fd, conf->local.ss_family);
	/*
	 * The address may come later than this agent, by DHCP or with a link.
	 * Until then sending fails, and that is told.
	 */
	setsockopt(path->fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (conf->device[0] &&
	    setsockopt(path->fd, SOL_SOCKET, SO_BINDTODEVICE, conf->device,
		       (socklen_t)strlen(conf->device))) {
		err = -errno;
		snprintf(why, size, "path %s: cannot stay on device %s: %s",
			 conf->name, conf->device, strerror(errno));
		goto fail;
	}
	if (bind(path->fd, (const struct sockaddr *)&conf->local,
		 address_length(&conf->local))) {
		err = -errno;
		snprintf(why, size, "path %s: cannot listen at %s: %s",
			 conf->name, path_address(&conf->local, text),
			 errno == EADDRINUSE ?
			 "another program does; is an agent running already?" :
			 strerror(errno));
		goto fail;
	}
	return 0;
fail:
	close(path->fd);
	path->fd = -1;
	return err;
}

/**
 * path_close - close the socket of a path
 * @path:	which
 */
void path_close(struct path *path)
{
	if (path->fd >= 0)
		close(path->fd);
	path->fd = -1;
}

/**
 * path_same - would a path's socket serve for another configuration, too?
 * @path:	the open path
 * @conf:	the other configuration
 *
 * Return: yes or no
 */
bool path_same(const struct path *path, const struct conf_path *conf)
{
	return !memcmp(&path->conf.local, &conf->local, sizeof(conf->local)) &&
	       !strcmp(path->conf.device, conf->device);
}

/**
 * path_receive - take a packet off a path, if there is one
 * @path:	which
 * @packet:	where it goes
 * @size:	of @packet; what is longer comes with a length above it
 * @from:	filled with the sender's address
 *
 * Return: the packet's length, or -1 when there is none
 */
ssize_t path_receive(struct path *path, uint8_t *packet, size_t size,
		     struct sockaddr_storage *from)
{
	int tries = 100;
	socklen_t length;
	ssize_t got;

	do {
		length = sizeof(*from);
		memset(from, 0, sizeof(*from));
		got = recvfrom(path->fd, packet, size, MSG_TRUNC | MSG_DONTWAIT,
			       (struct sockaddr *)from, &length);
		/* ICMP errors about earlier packets are reported here, too. */
	} while (got < 0 && errno != EAGAIN && --tries);
	return got;
}

/**
 * path_send - send a packet on a path
 * @path:	which
 * @to:		to whom
 * @packet:	what
 * @length:	how long it is
 *
 * Trouble is told once, and once more when it is over.
 */
void path_send(struct path *path, const struct sockaddr_storage *to,
	       const uint8_t *packet, size_t length)
{
	char text[PATH_ADDRESS];
	int err = 0;

	if (sendto(path->fd, packet, length, MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)to, address_length(to)) < 0)
		err = errno;
	/* These are about the peer or the moment, not about the path. */
	if (err == ECONNREFUSED || err == EHOSTUNREACH || err == EAGAIN ||
	    err == ENOBUFS)
		return;
	if (err == path->trouble)
		return;
	if (err)
		log_warning("path %s: cannot send to %s: %s", path->conf.name,
			    path_address(to, text), strerror(err));
	else
		log_notice("path %s: sending works again", path->conf.name);
	path->trouble = err;
}
