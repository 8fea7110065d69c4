// SPDX-License-Identifier: GPL-2.0
/* Questions to the kernel by netlink: routes, neighbours, and sockets that listen. They need no right of root. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/way.h"
#include "lib/sock.h"

#define GOOD	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

/* Room for a question and its answer, which takes its place, bytes. */
#define MESSAGE	4096

/* Asks, and has the answer, with @fixed bytes at least, take the place of the question. Return: 0 or an errno */
static int ask(int protocol, struct nlmsghdr *message, size_t fixed)
{
	struct mnl_socket *socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	int err = 0;
	ssize_t got;

	if (!socket)
		return errno;
	message->nlmsg_flags = NLM_F_REQUEST;
	/* The kernel answers while it is asked, so that nothing has to be waited for. */
	if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0) {
		err = errno;
	} else {
		got = recv(mnl_socket_get_fd(socket), message, MESSAGE, MSG_DONTWAIT);
		if (got < 0)
			err = errno;
		else if (!mnl_nlmsg_ok(message, (int)got))
			err = EBADMSG;
	}
	mnl_socket_close(socket);
	if (!err && message->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);

		if (mnl_nlmsg_get_payload_len(message) < sizeof(*answer) || answer->error >= 0 ||
		    answer->error < -MAX_ERRNO)
			err = EBADMSG;
		else
			err = -answer->error;
		return err;
	}
	return !err && mnl_nlmsg_get_payload_len(message) < fixed ? EBADMSG : err;
}

/* Finds an attribute behind the @fixed bytes of an answer. Return: its payload, with @size bytes at least; or NULL */
static const void *attribute(const struct nlmsghdr *answer, unsigned int fixed, uint16_t type, size_t size)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, answer, fixed)
		if (mnl_attr_get_type(attr) == type)
			return mnl_attr_get_payload_len(attr) >= size ? mnl_attr_get_payload(attr) : NULL;
	return NULL;
}

/**
 * way_find - find how a frame reaches a node on the same segment
 * @to:		address of the node
 * @way:	receives the device and the link-layer address
 *
 * Return: an enum way_found
 */
enum way_found way_find(const struct hasw_addr *to, struct way *way)
{
	uint8_t buf[MESSAGE];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct rtmsg *route;
	struct ndmsg *neighbour;
	const void *value;
	int err;

	message->nlmsg_type = RTM_GETROUTE;
	route = mnl_nlmsg_put_extra_header(message, sizeof(*route));
	route->rtm_family = to->family;
	route->rtm_dst_len = (uint8_t)(8 * hasw_addr_len(to));
	mnl_attr_put(message, RTA_DST, hasw_addr_len(to), to->bytes);
	err = ask(NETLINK_ROUTE, message, sizeof(*route));
	if (err == ENETUNREACH || err == EHOSTUNREACH || err == EACCES || err == EINVAL)
		return WAY_NONE;
	errno = err;
	if (err)
		return WAY_UNKNOWN;
	if (attribute(message, sizeof(*route), RTA_GATEWAY, 4) || attribute(message, sizeof(*route), RTA_VIA, 4))
		return WAY_ROUTER;
	value = attribute(message, sizeof(*route), RTA_OIF, sizeof(way->ifindex));
	if (!value || route->rtm_type != RTN_UNICAST)
		return WAY_NONE;
	memcpy(&way->ifindex, value, sizeof(way->ifindex));

	message = mnl_nlmsg_put_header(buf);
	message->nlmsg_type = RTM_GETNEIGH;
	neighbour = mnl_nlmsg_put_extra_header(message, sizeof(*neighbour));
	neighbour->ndm_family = to->family;
	neighbour->ndm_ifindex = way->ifindex;
	mnl_attr_put(message, NDA_DST, hasw_addr_len(to), to->bytes);
	err = ask(NETLINK_ROUTE, message, sizeof(*neighbour));
	errno = err;
	if (err)
		return err == ENOENT ? WAY_SILENT : WAY_UNKNOWN;
	value = attribute(message, sizeof(*neighbour), NDA_LLADDR, sizeof(way->mac));
	if (!value || !(neighbour->ndm_state & GOOD))
		return WAY_SILENT;
	memcpy(way->mac, value, sizeof(way->mac));
	return WAY_FOUND;
}

/*
 * Whether a socket of this machine takes what comes to an address and port. @any is set to whether it does so at all
 * addresses. Return: 0, ENOENT or another errno
 */
static int find_socket(const struct hasw_addr *at, uint8_t proto, uint16_t port, bool *any)
{
	static const uint8_t none[16];
	const struct inet_diag_msg *answer;
	uint8_t buf[MESSAGE];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *req;
	/* The kernel takes the two ends of UDP the other way round. */
	bool udp = proto == IPPROTO_UDP;
	int err;

	message->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	req = mnl_nlmsg_put_extra_header(message, sizeof(*req));
	req->sdiag_family = at->family;
	req->sdiag_protocol = proto;
	req->idiag_states = UINT32_MAX;
	memcpy(udp ? req->id.idiag_dst : req->id.idiag_src, at->bytes, hasw_addr_len(at));
	*(udp ? &req->id.idiag_dport : &req->id.idiag_sport) = htons(port);
	req->id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	req->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	err = ask(NETLINK_SOCK_DIAG, message, sizeof(*answer));
	answer = mnl_nlmsg_get_payload(message);
	*any = !err && !memcmp(answer->id.idiag_src, none, sizeof(none));
	return err;
}

/* Whether the kernel tells of a socket that there is. A kernel that tells of none says the same as if none listened. */
static int tells(int family, uint8_t proto)
{
	int fd = socket(family, (proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0), err = 0;
	struct hasw_addr loopback = { .family = (uint8_t)family };
	struct sockaddr_storage name;
	socklen_t size;
	bool any;

	if (fd < 0)
		return errno;
	loopback.bytes[family == AF_INET6 ? 15 : 3] = 1;
	if (family == AF_INET)
		loopback.bytes[0] = 127;
	size = hasw_addr_to_sock(&loopback, 0, &name);
	if (bind(fd, (struct sockaddr *)&name, size) || (proto == IPPROTO_TCP && listen(fd, 1)) ||
	    getsockname(fd, (struct sockaddr *)&name, &size))
		err = errno;
	/* The port lies at the same place for both families. */
	if (!err)
		err = find_socket(&loopback, proto, ntohs(((struct sockaddr_in *)&name)->sin_port), &any);
	close(fd);
	return err == ENOENT ? EOPNOTSUPP : err;
}

/**
 * way_listens - find whether somebody on this machine listens at an address
 * @at:		the address
 * @proto:	IPPROTO_TCP, IPPROTO_UDP; another one: whether the address is one of this machine
 * @port:	the port
 *
 * Return: an enum way_listens
 */
enum way_listens way_listens(const struct hasw_addr *at, uint8_t proto, uint16_t port)
{
	int fd = socket(at->family, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	struct sockaddr_storage name;
	socklen_t size = hasw_addr_to_sock(at, 0, &name);
	bool any = false;

	if (fd < 0)
		return LISTENS_UNKNOWN;
	err = bind(fd, (struct sockaddr *)&name, size) ? errno : 0;
	close(fd);
	if (err == EADDRNOTAVAIL)
		return LISTENS_ELSEWHERE;
	if (!err && proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		return LISTENS_YES;
	if (!err)
		err = find_socket(at, proto, port, &any);
	if (!err)
		return any ? LISTENS_ANY : LISTENS_YES;
	if (err == ENOENT) {
		err = tells(at->family, proto);
		if (!err)
			return LISTENS_NO;
	}
	errno = err;
	return LISTENS_UNKNOWN;
}
