// SPDX-License-Identifier: GPL-2.0
/* Network devices: ifindex lookups that do not block, and rtnetlink notifications of changes. */
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

#define TURN	256	/* maximum number of notifications discarded by one link_watch_take() */

/**
 * link_watch_open - subscribe to rtnetlink notifications of the kernel
 * @w:		the subscription, which is initialized here
 * @groups:	which ones, RTMGRP_*
 *
 * Return: 0 or a negative errno
 */
int link_watch_open(struct link_watch *w, unsigned int groups)
{
	int err;

	w->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!w->nl)
		return -errno;
	if (!mnl_socket_bind(w->nl, groups, MNL_SOCKET_AUTOPID))
		return 0;
	err = -errno;
	link_watch_close(w);
	return err;
}

/**
 * link_watch_close - end the subscription
 * @w:	the subscription; may be closed already
 */
void link_watch_close(struct link_watch *w)
{
	if (w->nl)
		mnl_socket_close(w->nl);
	w->nl = NULL;
}

/**
 * link_watch_fd - return the descriptor of the socket that receives the notifications
 * @w:	the subscription
 *
 * Return: a descriptor that is readable when a notification is queued; -1 if the socket
 * is not open
 */
int link_watch_fd(const struct link_watch *w)
{
	return w->nl ? mnl_socket_get_fd(w->nl) : -1;
}

/**
 * link_watch_take - discard the queued notifications
 * @w:	the subscription
 *
 * The content of a notification is not needed, because the caller reads the current state by
 * link_index(). So lost notifications (ENOBUFS) also count as a change.
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
 * link_index - look up the ifindex of a device
 * @name:	name of the device
 *
 * The event loop must not use if_nametoindex(), because for an unknown name the kernel
 * runs modprobe and waits for it. SO_BINDTODEVICE does not load a module and does not take
 * the rtnl lock.
 *
 * Return: the ifindex; 0 when the device does not exist
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
 * link_carries - check whether the device with a given local address has a carrier
 * @at:	the address; family 0 for none
 *
 * Call this function rarely, because it uses getifaddrs(), which can wait for the rtnl lock.
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
