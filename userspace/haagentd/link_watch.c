// SPDX-License-Identifier: GPL-2.0
/* Network devices: their numbers, asked for without waiting, and the kernel's word that one of them changed. */
#include <errno.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link_watch.h"

#define TURN	256	/* notifications taken at once; the loop comes back for more */

/**
 * link_watch_open - ask the kernel to tell of links that change
 * @w:	to fill
 *
 * Return: 0 or a negative errno
 */
int link_watch_open(struct link_watch *w)
{
	int err;

	w->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!w->nl)
		return -errno;
	if (!mnl_socket_bind(w->nl, RTMGRP_LINK, MNL_SOCKET_AUTOPID))
		return 0;
	err = -errno;
	link_watch_close(w);
	return err;
}

/**
 * link_watch_close - have nothing told any more
 * @w:	which; may be closed already
 */
void link_watch_close(struct link_watch *w)
{
	if (w->nl)
		mnl_socket_close(w->nl);
	w->nl = NULL;
}

/**
 * link_watch_fd - what to wait for
 * @w:	which
 *
 * Return: a descriptor that can be read when something was told; -1 for none
 */
int link_watch_fd(const struct link_watch *w)
{
	return w->nl ? mnl_socket_get_fd(w->nl) : -1;
}

/**
 * link_watch_take - take what was told
 * @w:	which
 *
 * What a notification says is not read: link_index() has the newest truth, and
 * notifications that were lost (ENOBUFS) then mean the same as one that came.
 *
 * Return: whether some link may have changed
 */
bool link_watch_take(struct link_watch *w)
{
	unsigned int n;
	char byte;

	for (n = 0; n < TURN; n++)
		if (recv(link_watch_fd(w), &byte, sizeof(byte), MSG_TRUNC) < 0 &&
		    errno != ENOBUFS && errno != EINTR)
			break;
	return n > 0;
}

/**
 * link_index - the number of a device
 * @name:	the device
 *
 * if_nametoindex() must not be used in the loop: for a name that is not there
 * the kernel runs modprobe and waits for it. Binding a socket asks for no
 * module and takes no rtnl lock.
 *
 * Return: the number; 0 when there is no such device
 */
unsigned int link_index(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(int);
	int index = 0;

	if (fd < 0)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) ||
	    getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, &size))
		index = 0;
	close(fd);
	return (unsigned int)index;
}

static bool same_address(const struct sockaddr *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;

	if (!a || a->sa_family != b->ss_family)
		return false;
	if (a->sa_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	       !memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr));
}

/**
 * link_carries - does the device of an address of this machine have a link?
 * @at:	the address; family 0 for none
 *
 * It may wait for the rtnl lock, so it is for rare questions only.
 *
 * Return: yes or no
 */
bool link_carries(const struct sockaddr_storage *at)
{
	struct ifaddrs *all, *one;
	bool carries = false;

	if (!at->ss_family || getifaddrs(&all))
		return false;
	for (one = all; one; one = one->ifa_next)
		carries |= same_address(one->ifa_addr, at) &&
			   one->ifa_flags & IFF_RUNNING;
	freeifaddrs(all);
	return carries;
}
