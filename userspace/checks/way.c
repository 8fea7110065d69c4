// SPDX-License-Identifier: GPL-2.0
/* Questions to the kernel by netlink: routes, neighbours, and sockets that listen. They need no right of root. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/way.h"

#define GOOD	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

/**
 * struct question - a message to the kernel with room for its answer
 * @head:	the header
 * @bytes:	what follows
 */
struct question {
	struct nlmsghdr head;
	uint8_t bytes[4096];
};

static size_t address_size(const struct hasw_addr *addr)
{
	return addr->family == AF_INET6 ? 16 : 4;
}

static void add_address(struct question *q, uint16_t type, const struct hasw_addr *addr)
{
	struct rtattr *attr = (struct rtattr *)((uint8_t *)q + NLMSG_ALIGN(q->head.nlmsg_len));

	attr->rta_type = type;
	attr->rta_len = (unsigned short)RTA_LENGTH(address_size(addr));
	memcpy(RTA_DATA(attr), addr->bytes, address_size(addr));
	q->head.nlmsg_len = NLMSG_ALIGN(q->head.nlmsg_len) + RTA_ALIGN(attr->rta_len);
}

/* Asks, and has the answer take the place of the question. Return: 0 or an errno */
static int ask(int protocol, struct question *q)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), err = 0;
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t got;

	if (fd < 0)
		return errno;
	q->head.nlmsg_flags = NLM_F_REQUEST;
	/* The kernel answers while it is asked, so that nothing has to be waited for. */
	if (sendto(fd, q, q->head.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		err = errno;
	} else {
		got = recv(fd, q, sizeof(*q), MSG_DONTWAIT);
		if (got < 0)
			err = errno;
		else if ((size_t)got < sizeof(q->head) || q->head.nlmsg_len > (size_t)got)
			err = EBADMSG;
	}
	close(fd);
	if (!err && q->head.nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *answer = NLMSG_DATA(&q->head);

		err = q->head.nlmsg_len >= NLMSG_LENGTH(sizeof(*answer)) ? -answer->error : EBADMSG;
	}
	return err;
}

/* Finds an attribute behind the @fixed bytes of an answer. Return: the attribute, with @size bytes at least; or NULL */
static const void *attribute(const struct question *q, size_t fixed, uint16_t type, size_t size)
{
	const struct rtattr *attr = (const struct rtattr *)((const uint8_t *)NLMSG_DATA(&q->head) + NLMSG_ALIGN(fixed));
	size_t left;

	if (q->head.nlmsg_len < NLMSG_SPACE(fixed))
		return NULL;
	left = q->head.nlmsg_len - NLMSG_SPACE(fixed);
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == type)
			return RTA_PAYLOAD(attr) >= size ? RTA_DATA(attr) : NULL;
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
	struct question q = { .head = { .nlmsg_type = RTM_GETROUTE, .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)) } };
	struct rtmsg *route = NLMSG_DATA(&q.head);
	struct ndmsg *neighbour;
	const void *value;
	int err;

	route->rtm_family = to->family;
	route->rtm_dst_len = (uint8_t)(8 * address_size(to));
	add_address(&q, RTA_DST, to);
	err = ask(NETLINK_ROUTE, &q);
	if (err == ENETUNREACH || err == EHOSTUNREACH || err == EACCES || err == EINVAL)
		return WAY_NONE;
	errno = err;
	if (err)
		return WAY_UNKNOWN;
	if (attribute(&q, sizeof(*route), RTA_GATEWAY, 4) || attribute(&q, sizeof(*route), RTA_VIA, 4))
		return WAY_ROUTER;
	value = attribute(&q, sizeof(*route), RTA_OIF, sizeof(way->ifindex));
	if (!value || route->rtm_type != RTN_UNICAST)
		return WAY_NONE;
	memcpy(&way->ifindex, value, sizeof(way->ifindex));

	memset(&q, 0, sizeof(q));
	neighbour = NLMSG_DATA(&q.head);
	q.head.nlmsg_type = RTM_GETNEIGH;
	q.head.nlmsg_len = NLMSG_LENGTH(sizeof(*neighbour));
	neighbour->ndm_family = to->family;
	neighbour->ndm_ifindex = way->ifindex;
	add_address(&q, NDA_DST, to);
	err = ask(NETLINK_ROUTE, &q);
	errno = err;
	if (err)
		return err == ENOENT ? WAY_SILENT : WAY_UNKNOWN;
	value = attribute(&q, sizeof(*neighbour), NDA_LLADDR, sizeof(way->mac));
	if (!value || !(neighbour->ndm_state & GOOD))
		return WAY_SILENT;
	memcpy(way->mac, value, sizeof(way->mac));
	return WAY_FOUND;
}

static socklen_t name_of(const struct hasw_addr *at, uint16_t port, struct sockaddr_storage *name)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)name;
	struct sockaddr_in *in = (struct sockaddr_in *)name;

	memset(name, 0, sizeof(*name));
	name->ss_family = at->family;
	if (at->family == AF_INET6) {
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, at->bytes, 16);
		return sizeof(*in6);
	}
	in->sin_port = htons(port);
	memcpy(&in->sin_addr, at->bytes, 4);
	return sizeof(*in);
}

/* Whether a socket of this machine takes what comes to an address and port. Return: 0, ENOENT or another errno */
static int find_socket(const struct hasw_addr *at, uint8_t proto, uint16_t port)
{
	struct question q = {
		.head = {
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_len = NLMSG_LENGTH(sizeof(struct inet_diag_req_v2)),
		},
	};
	struct inet_diag_req_v2 *req = NLMSG_DATA(&q.head);
	/* The kernel takes the two ends of UDP the other way round. */
	bool udp = proto == IPPROTO_UDP;

	req->sdiag_family = at->family;
	req->sdiag_protocol = proto;
	req->idiag_states = UINT32_MAX;
	memcpy(udp ? req->id.idiag_dst : req->id.idiag_src, at->bytes, address_size(at));
	*(udp ? &req->id.idiag_dport : &req->id.idiag_sport) = htons(port);
	req->id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	req->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	return ask(NETLINK_SOCK_DIAG, &q);
}

/* Whether the kernel tells of a socket that there is. A kernel that tells of none says the same as if none listened. */
static int tells(int family, uint8_t proto)
{
	int fd = socket(family, (proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0), err = 0;
	struct hasw_addr loopback = { .family = (uint8_t)family };
	struct sockaddr_storage name;
	socklen_t size;

	if (fd < 0)
		return errno;
	loopback.bytes[family == AF_INET6 ? 15 : 3] = 1;
	if (family == AF_INET)
		loopback.bytes[0] = 127;
	size = name_of(&loopback, 0, &name);
	if (bind(fd, (struct sockaddr *)&name, size) || (proto == IPPROTO_TCP && listen(fd, 1)) ||
	    getsockname(fd, (struct sockaddr *)&name, &size))
		err = errno;
	/* The port lies at the same place for both families. */
	if (!err)
		err = find_socket(&loopback, proto, ntohs(((struct sockaddr_in *)&name)->sin_port));
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
	socklen_t size = name_of(at, 0, &name);

	if (fd < 0)
		return LISTENS_UNKNOWN;
	err = bind(fd, (struct sockaddr *)&name, size) ? errno : 0;
	close(fd);
	if (err == EADDRNOTAVAIL)
		return LISTENS_ELSEWHERE;
	if (!err && proto != IPPROTO_TCP && proto != IPPROTO_UDP)
		return LISTENS_YES;
	if (!err)
		err = find_socket(at, proto, port);
	if (!err)
		return LISTENS_YES;
	if (err == ENOENT) {
		err = tells(at->family, proto);
		if (!err)
			return LISTENS_NO;
	}
	errno = err;
	return LISTENS_UNKNOWN;
}
