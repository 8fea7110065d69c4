// SPDX-License-Identifier: GPL-2.0
/*
 * This node's end of all checks through the vip: its packet sockets and its ports. The kernel would send a packet to
 * the vip anywhere, so it is written by hand. Below all IP of this machine, it passes no hook of the module, which would
 * give it to any member.
 *
 * The answer is for an address of this node. It is read where devices hand their packets over, for the stack drops what
 * comes from an address of its own, as the vip may be. If it is none, the stack finds no socket, and answers with a RST
 * or an ICMP error. That ends a connection by HTTP, so for those the stack is made silent.
 */
#include <errno.h>
#include <event2/event.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "checks/end.h"
#include "checks/job.h"
#include "checks/segment.h"

#define BATCH	64	/* answers that are read at a time */

static struct end ends[] = {
	{ .family = AF_INET, .packet = -1, .raw = -1, .plain = -1 },
	{ .family = AF_INET6, .packet = -1, .raw = -1, .plain = -1 },
};

static struct event_base *loop;
static end_take *on_packet;

/* Has a socket drop all that comes. Return: 0 or an errno */
static int drop_all(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog nothing = { .len = 1, .filter = &drop };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &nothing, sizeof(nothing)) ? errno : 0;
}

/**
 * end_of - return this node's end of a family
 * @family:	AF_INET or AF_INET6
 *
 * Return: the end
 */
struct end *end_of(int family)
{
	return &ends[family == AF_INET6];
}

static int send_frame(const struct end *end, const struct way *way, const uint8_t *at, size_t size)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(end->family == AF_INET6 ? ETH_P_IPV6 : ETH_P_IP),
		.sll_ifindex = way->ifindex,
		.sll_halen = sizeof(way->mac),
	};

	memcpy(to.sll_addr, way->mac, sizeof(way->mac));
	return sendto(end->packet, at, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0 ? errno : 0;
}

static int send_wrapped(const struct end *end, const struct job *job, uint8_t *at, size_t size)
{
	struct sockaddr_storage to = job->target;
	uint8_t outer[SEGMENT_OUTER];
	struct iovec parts[] = { { .iov_base = outer }, { .iov_base = at, .iov_len = size } };
	struct msghdr message = {
		.msg_name = &to, .msg_namelen = job_target_size(job), .msg_iov = parts, .msg_iovlen = 2,
	};

	parts[0].iov_len = segment_wrap(outer, &job->plan.own, &job->plan.address, job->plan.way == PLAN_GUE, at, size);
	/* A raw socket of IPv6 takes no port. */
	if (to.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&to)->sin6_port = 0;
	return sendmsg(end->raw, &message, MSG_DONTWAIT) < 0 ? errno : 0;
}

/* Has the kernel ask for a link-layer address, by a datagram to a port that discards all. */
static void solicit(const struct end *end, const struct job *job)
{
	struct sockaddr_storage to = job->target;

	/* The port lies at the same place for both families. */
	((struct sockaddr_in *)&to)->sin_port = htons(9);
	sendto(end->plain, "", 0, MSG_DONTWAIT, (struct sockaddr *)&to, job_target_size(job));
}

static enum way_found find_way(const struct job *job, struct way *way)
{
	if (!job->plan.dev[0])
		return way_find(&job->plan.address, way);
	/* The node's link-layer address is fixed. */
	way->ifindex = (int)if_nametoindex(job->plan.dev);
	memcpy(way->mac, job->plan.mac, sizeof(way->mac));
	return way->ifindex ? WAY_FOUND : WAY_NONE;
}

/**
 * end_send - send a packet to the member of a check
 * @job:	the check
 * @s:		the packet
 * @err:	receives 0, or an errno if the way was found or is unknown
 *
 * Return: what was found of the way
 */
enum way_found end_send(const struct job *job, const struct segment *s, int *err)
{
	const struct end *end = end_of(job->plan.vip.family);
	uint8_t packet[SEGMENT_ROOM];
	size_t size = segment_write(packet, s);
	enum way_found found = WAY_FOUND;
	struct way way;

	*err = 0;
	if (job->plan.way == PLAN_FRAME) {
		found = find_way(job, &way);
		if (found == WAY_FOUND)
			*err = send_frame(end, &way, packet, size);
		else if (found == WAY_UNKNOWN)
			*err = errno;
		else if (found == WAY_SILENT)
			solicit(end, job);
	} else {
		*err = send_wrapped(end, job, packet, size);
	}
	return found;
}

/* Receives a packet. @summed is set to whether its checksum is known to be right, or not computed yet. */
static ssize_t receive(int fd, uint8_t *buf, size_t room, bool *summed)
{
	union {
		struct cmsghdr head;
		uint8_t bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct iovec io = { .iov_base = buf, .iov_len = room };
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);
	const struct cmsghdr *head = size < 0 ? NULL : CMSG_FIRSTHDR(&message);
	struct tpacket_auxdata data = { 0 };

	if (head && head->cmsg_level == SOL_PACKET && head->cmsg_type == PACKET_AUXDATA)
		memcpy(&data, CMSG_DATA(head), sizeof(data));
	*summed = data.tp_status & (TP_STATUS_CSUMNOTREADY | TP_STATUS_CSUM_VALID);
	return size;
}

static void on_heard(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t buf[65536];
	bool summed;
	ssize_t size;
	int i;

	(void)what;
	(void)arg;
	for (i = 0; i < BATCH; i++) {
		size = receive(fd, buf, sizeof(buf), &summed);
		if (size < 0)
			return;
		on_packet(buf, (size_t)size, summed);
	}
}

/* Takes a port for UDP and, by @tcp, for TCP. Both sockets keep it. Return: the port; 0: it was not free for both */
static uint16_t take_port(int family, int tcp)
{
	struct sockaddr_storage name = { .ss_family = (sa_family_t)family };
	socklen_t size = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	int udp = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	if (udp < 0)
		return 0;
	setsockopt(udp, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	/* Nobody reads what the stack gives this socket. */
	drop_all(udp);
	/* The port lies at the same place for both families. */
	if (!bind(udp, (struct sockaddr *)&name, size) && !getsockname(udp, (struct sockaddr *)&name, &size) &&
	    !bind(tcp, (struct sockaddr *)&name, size))
		return ntohs(((struct sockaddr_in *)&name)->sin_port);
	close(udp);
	return 0;
}

/* What the packet socket is given: answers to the ports, echo replies and ICMP errors. All else costs only this. */
static int set_filter(const struct end *end)
{
	bool six = end->family == AF_INET6;
	const struct sock_filter four_head[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 8 + END_PORTS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 4 + END_PORTS),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 2 + END_PORTS, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	}, six_head[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 12 + END_PORTS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 8, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 7, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_FRAGMENT, 0, 7 + END_PORTS),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 40),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 5 + END_PORTS),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0xfff8, 3 + END_PORTS, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 50),
		BPF_STMT(BPF_JMP | BPF_JA | BPF_K, 1),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
	};
	const struct sock_filter tail[] = {
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		/* ICMP. The header of IPv4 is skipped as above, that of IPv6 has one length. */
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		six ? (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 40) :
		      (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, six ? 129 : 0, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, six ? 1 : 3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter code[sizeof(six_head) / sizeof(six_head[0]) + END_PORTS + sizeof(tail) / sizeof(tail[0])];
	struct sock_fprog program = { .filter = code };
	size_t head = six ? sizeof(six_head) : sizeof(four_head);
	unsigned int i;

	memcpy(code, six ? six_head : four_head, head);
	program.len = (unsigned short)(head / sizeof(code[0]));
	for (i = 0; i < END_PORTS; i++)
		code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, end->ports[i],
								   (uint8_t)(END_PORTS - i), 0);
	memcpy(code + program.len, tail, sizeof(tail));
	program.len = (unsigned short)(program.len + sizeof(tail) / sizeof(tail[0]));
	return setsockopt(end->packet, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? errno : 0;
}

/**
 * end_make_ready - make an end ready for its first check
 * @end:	the end
 *
 * Return: 0 or an errno
 */
int end_make_ready(struct end *end)
{
	struct sockaddr_ll all = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(end->family == AF_INET6 ? ETH_P_IPV6 : ETH_P_IP),
	};
	unsigned int i, tries;
	int err, on = 1;

	if (end->ready || end->err)
		return end->err;
	for (i = tries = 0; i < END_PORTS && tries < 2 * END_PORTS; tries++) {
		end->ports[i] = take_port(end->family, end->socks[i]);
		i += !!end->ports[i];
	}
	/* The filter comes before the socket is bound, which begins to get packets then. */
	err = i < END_PORTS ? EADDRINUSE : set_filter(end);
	/* Without it, all checksums are looked at: those of virtual devices are wrong. */
	if (!err && setsockopt(end->packet, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
		err = errno;
	if (!err && bind(end->packet, (struct sockaddr *)&all, sizeof(all)))
		err = errno;
	if (err)
		return end->err = err;
	end->heard = event_new(loop, end->packet, EV_READ | EV_PERSIST, on_heard, end);
	if (!end->heard || event_add(end->heard, NULL))
		return end->err = ENOMEM;
	end->ready = true;
	return 0;
}

/**
 * end_make_silent - keep the stack from answering what comes to the ports
 * @end:	the end, which is ready
 *
 * The stack answers a segment of TCP for which it finds no socket with a RST, which would end a check's connection. So
 * it gets sockets that listen, and whose filter drops all.
 *
 * Return: 0 or an errno
 */
int end_make_silent(struct end *end)
{
	unsigned int i;

	if (end->loud)
		return end->loud;
	for (i = 0; i < END_PORTS && !end->silent; i++)
		if (listen(end->socks[i], 1))
			return errno;
	end->silent = true;
	return 0;
}

/**
 * ends_open - open the sockets that need a right of root
 * @base:	the event loop
 * @take:	called for each packet that may be an answer, from its IP header on; @summed tells whether its checksum is
 *		known to be right, or not computed yet
 */
void ends_open(struct event_base *base, end_take *take)
{
	struct end *end;
	unsigned int i;
	int on = 1;

	loop = base;
	on_packet = take;
	for (end = ends; end < ends + 2; end++) {
		/* Without a protocol it gets nothing yet. */
		end->packet = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		end->raw = socket(end->family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
		end->plain = socket(end->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		end->err = end->packet < 0 || end->raw < 0 || end->plain < 0 ? errno : 0;
		for (i = 0; i < END_PORTS && !end->err; i++) {
			end->socks[i] = socket(end->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
			if (end->socks[i] < 0) {
				end->err = errno;
				break;
			}
			setsockopt(end->socks[i], IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
			/* Later kernels want a right of root for a filter of TCP. */
			if (!end->loud)
				end->loud = drop_all(end->socks[i]);
		}
	}
}
