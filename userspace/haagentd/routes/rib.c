// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's routes of protocol haswitch that announce vips. They are of type blackhole: such a route needs no device
 * and no gateway, and routing daemons learn it. haadm has `local` routes of the same protocol, which stay untouched.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/sock.h"
#include "rib.h"

#define RECV	(32 * 1024)	/* the kernel fills no larger datagram of a dump */
#define BUFFER	(1 << 20)	/* room for the acknowledgements of a batch */

/**
 * rib_open - open the socket
 * @rib:	filled
 *
 * Return: 0 or a negative errno
 */
int rib_open(struct rib *rib)
{
	int on = 1, room = BUFFER, err;

	memset(rib, 0, sizeof(*rib));
	rib->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!rib->nl)
		return -errno;
	if (mnl_socket_bind(rib->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = -errno;
		rib_close(rib);
		return err;
	}
	/* With strict checks the kernel sends the routes of this protocol only; a router has a million others. */
	mnl_socket_setsockopt(rib->nl, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	mnl_socket_setsockopt(rib->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(mnl_socket_get_fd(rib->nl), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(mnl_socket_get_fd(rib->nl), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	return 0;
}

/**
 * rib_close - close the socket
 * @rib:	open, or all zero
 */
void rib_close(struct rib *rib)
{
	if (rib->nl)
		mnl_socket_close(rib->nl);
	rib->nl = NULL;
}

static void take(const struct nlmsghdr *nlh, rib_fn fn, void *arg)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *dst = NULL;
	struct hasw_addr addr = { .family = 0 };
	uint32_t table;

	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*route) ||
	    route->rtm_protocol != RIB_PROTOCOL || route->rtm_type != RTN_BLACKHOLE)
		return;
	table = route->rtm_table;
	mnl_attr_for_each(attr, nlh, sizeof(*route)) {
		if (mnl_attr_get_type(attr) == RTA_DST)
			dst = attr;
		else if (mnl_attr_get_type(attr) == RTA_TABLE && mnl_attr_get_payload_len(attr) == 4)
			table = mnl_attr_get_u32(attr);
	}
	addr.family = route->rtm_family;
	if (!dst || (addr.family != AF_INET && addr.family != AF_INET6) ||
	    mnl_attr_get_payload_len(dst) != hasw_addr_len(&addr) || route->rtm_dst_len != 8 * hasw_addr_len(&addr))
		return;
	memcpy(addr.bytes, mnl_attr_get_payload(dst), hasw_addr_len(&addr));
	fn(arg, &addr, table);
}

/* The last message of a dump has the error that has ended it, if any; so has an error. */
static int done(const struct nlmsghdr *nlh, bool torn)
{
	const int *error = mnl_nlmsg_get_payload(nlh);

	return mnl_nlmsg_get_payload_len(nlh) >= sizeof(*error) && *error < 0 ? *error : torn;
}

/* Return: 0; 1 if routes changed meanwhile, so that some may be missing; or a negative errno */
static int list(struct rib *rib, uint8_t family, rib_fn fn, void *arg)
{
	char buf[RECV] __attribute__((aligned(4)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *route;
	int torn = 0;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++rib->seq;
	route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));
	route->rtm_family = family;
	route->rtm_protocol = RIB_PROTOCOL;
	route->rtm_type = RTN_BLACKHOLE;
	if (mnl_socket_sendto(rib->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		ssize_t got = mnl_socket_recvfrom(rib->nl, buf, sizeof(buf));
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != rib->seq)
				continue;
			torn |= (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
				return done(nlh, torn);
			take(nlh, fn, arg);
		}
	}
}

/**
 * rib_list - call a function with each route that announces a vip, in all tables
 * @rib:	open
 * @fn:		the function
 * @arg:	passed to @fn
 *
 * Return: 0; 1 if routes changed meanwhile, so that some may be missing; or a negative errno
 */
int rib_list(struct rib *rib, rib_fn fn, void *arg)
{
	int four = list(rib, AF_INET, fn, arg), six;

	if (four < 0)
		return four;
	six = list(rib, AF_INET6, fn, arg);
	/* A kernel without IPv6 knows no such routes. */
	if (six == -EOPNOTSUPP || six == -EAFNOSUPPORT)
		six = 0;
	return six < 0 ? six : four | six;
}

/**
 * rib_full - return whether the batch must be sent before another request is put into it
 * @rib:	open
 *
 * Return: yes or no
 */
bool rib_full(const struct rib *rib)
{
	return rib->n == RIB_BATCH;
}

/**
 * rib_put - put a request into the batch, which is not full
 * @rib:	open
 * @add:	add the route; else delete it
 * @addr:	the vip
 * @table:	number of the routing table
 */
void rib_put(struct rib *rib, bool add, const struct hasw_addr *addr, uint32_t table)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(rib->batch + rib->size);
	struct rtmsg *route;

	nlh->nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	/* Beside a route to the same address that somebody else has there, not instead of it. */
	if (add)
		nlh->nlmsg_flags |= NLM_F_CREATE | NLM_F_APPEND;
	nlh->nlmsg_seq = ++rib->seq;
	route = mnl_nlmsg_put_extra_header(nlh, sizeof(*route));
	route->rtm_family = addr->family;
	route->rtm_dst_len = (uint8_t)(8 * hasw_addr_len(addr));
	route->rtm_table = table < 256 ? (uint8_t)table : RT_TABLE_COMPAT;
	route->rtm_protocol = RIB_PROTOCOL;
	route->rtm_scope = add ? RT_SCOPE_UNIVERSE : RT_SCOPE_NOWHERE;
	route->rtm_type = RTN_BLACKHOLE;
	mnl_attr_put(nlh, RTA_DST, hasw_addr_len(addr), addr->bytes);
	mnl_attr_put_u32(nlh, RTA_TABLE, table);
	rib->size += NLMSG_ALIGN(nlh->nlmsg_len);
	rib->n++;
}

/* What was wanted is so already, or there is nothing more to delete. */
static bool harmless(const struct nlmsgerr *error)
{
	return error->msg.nlmsg_type == RTM_NEWROUTE ? error->error == -EEXIST :
		error->error == -ESRCH || error->error == -ENOENT || error->error == -ENODEV;
}

static int answers(struct rib *rib)
{
	char buf[RECV] __attribute__((aligned(4)));
	const struct nlmsgerr *error;
	const struct nlmsghdr *nlh;
	int worst = 0;

	/* The kernel has handled all requests and queued all answers when the system call that sent them returns. */
	for (;;) {
		ssize_t got = recv(mnl_socket_get_fd(rib->nl), buf, sizeof(buf), MSG_DONTWAIT);
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == ENOBUFS) {
			worst = -ENOBUFS;
			continue;
		}
		if (got < 0)
			return worst;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			error = mnl_nlmsg_get_payload(nlh);
			if (nlh->nlmsg_type == NLMSG_ERROR && mnl_nlmsg_get_payload_len(nlh) >= sizeof(*error) &&
			    error->error < 0 && !harmless(error))
				worst = error->error < -MAX_ERRNO ? -EBADMSG : error->error;
		}
	}
}

/**
 * rib_send - send the batch, and read the answers
 * @rib:	open; its batch is empty afterwards
 *
 * Return: 0; or a negative errno of a request that was refused, while the others were done
 */
int rib_send(struct rib *rib)
{
	size_t size = rib->size;

	if (!rib->n)
		return 0;
	rib->n = 0;
	rib->size = 0;
	if (mnl_socket_sendto(rib->nl, rib->batch, size) < 0)
		return -errno;
	return answers(rib);
}
