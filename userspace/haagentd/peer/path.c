// SPDX-License-Identifier: GPL-2.0
/* The UDP sockets that carry heartbeats, one per path. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "link_watch.h"
#include "haagentd/log.h"
#include "path.h"

#define RECEIVE_BUFFER	(1024 * 1024)
#define SEND_BUFFER	(16 * 1024 * 1024)	/* the queues of some 150 dead neighbours: SO_SNDBUF counts twice */
#define TROUBLE_PAUSE	(10 * CLOCK_SECOND)	/* minimum time between two log lines about sending to one peer */
#define PRIORITY	6	/* highest SO_PRIORITY that needs no privilege */

static socklen_t address_length(const struct sockaddr_storage *at)
{
	return at->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					   sizeof(struct sockaddr_in);
}

/**
 * path_address - format an address and its port
 * @at:		the address
 * @buf:	filled with the text
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

/*
 * Gives heartbeats a high priority in the queues of the network and of this host, so that heartbeats are not late on a
 * busy network. The large receive buffer keeps the packets that arrive during a stall of this agent. The send buffer has
 * room for what waits until ARP gives up on dead peers (at most 208 KiB each). With the default size, two dead peers
 * would use it up, and no heartbeat would leave for the living ones.
 */
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
	size = SEND_BUFFER;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static unsigned int bound_index(int fd)
{
	socklen_t length = sizeof(int);
	int index = 0;

	getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, &length);
	return (unsigned int)index;
}

/* Binds a socket to a device. Returns 0 or a negative errno; -ENODEV if the device is missing. */
static int stay_on(int fd, const char *device)
{
	socklen_t length = (socklen_t)strlen(device);

	if (!device[0] || !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, length))
		return 0;
	return -errno;
}

/**
 * path_open - open the socket of a path
 * @path:	the path, which this function initializes
 * @conf:	the path's configuration
 * @why:	on failure, the error text
 * @size:	size of @why, bytes
 *
 * A missing device is no failure: path_stale() returns true as soon as the device exists.
 * Until then, @path->fd is -1, and @path->trouble is ENODEV.
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
	path->index = 0;
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
	 * IP_FREEBIND permits a bind to an address that this host gets later, from DHCP
	 * or with a new link. Until the host has the address, sending fails, and
	 * path_send() logs the failure.
	 */
	setsockopt(path->fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	err = stay_on(path->fd, conf->device);
	if (err == -ENODEV) {
		path_close(path);
		path->trouble = ENODEV;
		return 0;
	}
	if (err) {
		snprintf(why, size, "path %s: cannot stay on device %s: %s",
			 conf->name, conf->device, strerror(-err));
		goto fail;
	}
	/* The kernel has bound the socket to the ifindex that the device has now, not to the device's name. */
	if (conf->device[0])
		path->index = bound_index(path->fd);
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
	path_close(path);
	return err;
}

/**
 * path_close - close the socket of a path
 * @path:	the path
 */
void path_close(struct path *path)
{
	if (path->fd >= 0)
		close(path->fd);
	path->fd = -1;
}

/**
 * path_same - return whether a path's socket can be reused for another configuration
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
 * path_receive - receive the packets that are queued on a path
 * @path:	the path
 * @batch:	filled with at most PATH_BATCH packets, in the order of their arrival
 *
 * One system call receives the whole batch. In virtual machines a system call can cost more
 * than what the agent does with a packet.
 *
 * Return: the number of packets; if it is less than PATH_BATCH, no further packet waited, or
 * an ICMP error came in between, after which the socket stays readable
 */
unsigned int path_receive(struct path *path, struct path_batch *batch)
{
	struct mmsghdr headers[PATH_BATCH];
	struct iovec buffers[PATH_BATCH];
	int got, i, tries = 100;

	do {
		memset(headers, 0, sizeof(headers));
		for (i = 0; i < PATH_BATCH; i++) {
			struct path_packet *packet = &batch->packets[i];

			memset(&packet->from, 0, sizeof(packet->from));
			buffers[i].iov_base = packet->data;
			buffers[i].iov_len = sizeof(packet->data);
			headers[i].msg_hdr.msg_iov = &buffers[i];
			headers[i].msg_hdr.msg_iovlen = 1;
			headers[i].msg_hdr.msg_name = &packet->from;
			headers[i].msg_hdr.msg_namelen = sizeof(packet->from);
		}
		got = recvmmsg(path->fd, headers, PATH_BATCH, MSG_TRUNC | MSG_DONTWAIT, NULL);
		/* Retry: recvmmsg() can fail because of an ICMP error for a packet that this socket has sent. */
	} while (got < 0 && errno != EAGAIN && --tries);
	for (i = 0; i < got; i++)
		batch->packets[i].length = headers[i].msg_len;
	return got < 0 ? 0 : (unsigned int)got;
}

/**
 * path_send - send a packet on a path
 * @path:	the path
 * @to:		address of the receiver
 * @packet:	the packet
 * @length:	length of @packet, bytes
 * @trouble:	the last logged result of sending to this peer on this path
 * @now:	the time
 *
 * Of consecutive equal failures only the first is logged, and then the first success. If
 * failure and success alternate, at most one line is logged per TROUBLE_PAUSE.
 */
void path_send(struct path *path, const struct sockaddr_storage *to,
	       const uint8_t *packet, size_t length,
	       struct path_trouble *trouble, uint64_t now)
{
	char text[PATH_ADDRESS];
	int err = 0;

	if (sendto(path->fd, packet, length, MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)to, address_length(to)) < 0)
		err = errno;
	/* The following errors are not logged, because their cause is the peer or a full queue, not the path. */
	if (err == ECONNREFUSED || err == EHOSTUNREACH || err == EAGAIN ||
	    err == ENOBUFS)
		return;
	if (err == trouble->err ||
	    (trouble->told && now - trouble->told < TROUBLE_PAUSE))
		return;
	if (err)
		log_warning("path %s: cannot send to %s: %s", path->conf.name,
			    path_address(to, text), strerror(err));
	else
		log_notice("path %s: sending to %s works again",
			   path->conf.name, path_address(to, text));
	trouble->err = err;
	trouble->told = now;
}

/**
 * path_stale - return whether a path's socket must be reopened, because its device has a
 * new ifindex
 * @path:	the path
 * @changed:	a link notification has arrived
 * @now:	the time
 *
 * A device that was deleted and created again has a new ifindex, to which the socket is not
 * bound. While the device is missing, the socket stays open. This function looks up the
 * ifindex after a link has changed. It also looks up the ifindex once per second, because
 * path_reopen() can have failed although the device exists.
 *
 * Return: yes or no
 */
bool path_stale(struct path *path, bool changed, uint64_t now)
{
	unsigned int index;

	if (!path->conf.device[0] || !path->conf.local.ss_family ||
	    (!changed && path->looked && now - path->looked < CLOCK_SECOND))
		return false;
	path->looked = now;
	index = link_index(path->conf.device);
	return index && (path->fd < 0 || index != path->index);
}

/**
 * path_reopen - reopen a path's socket, bound to the current device
 * @path:	the path; the caller has freed the read event of its socket
 */
void path_reopen(struct path *path)
{
	struct conf_path conf = path->conf;
	uint64_t looked = path->looked;
	int was = path->trouble;
	char why[256];
	int err;

	path_close(path);
	err = path_open(path, &conf, why, sizeof(why));
	path->looked = looked;
	if (err)
		path->trouble = -err;
	if (path->fd >= 0)
		log_notice("path %s: device %s is there, and is listened at", conf.name,
			   conf.device);
	else if (err && was != -err)
		log_warning("%s; it is tried again every second", why);
}

/**
 * path_from - return whether a packet was sent from a given address; ports are ignored
 * @from:	source address of the packet
 * @at:		the address
 *
 * Return: yes or no
 */
bool path_from(const struct sockaddr_storage *from,
	       const struct sockaddr_storage *at)
{
	const struct sockaddr_in6 *from6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in6 *at6 = (const struct sockaddr_in6 *)at;
	const struct sockaddr_in *from4 = (const struct sockaddr_in *)from;
	const struct sockaddr_in *at4 = (const struct sockaddr_in *)at;

	if (from->ss_family != at->ss_family)
		return false;
	if (from->ss_family == AF_INET)
		return from4->sin_addr.s_addr == at4->sin_addr.s_addr;
	return from->ss_family == AF_INET6 &&
	       !memcmp(&from6->sin6_addr, &at6->sin6_addr, sizeof(at6->sin6_addr));
}
