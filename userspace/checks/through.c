// SPDX-License-Identifier: GPL-2.0
/*
 * Checks through the vip (`at = "vip"`): the member gets what a client would send, by the way on which this node sends
 * it clients' packets. The kernel would send a packet to the vip anywhere, so it is written by hand. Below all IP of this
 * machine, it passes no hook of the module, which would give it to any member.
 *
 * The answer is for an address of this node. It is read where devices hand their packets over, for the stack drops what
 * comes from an address of its own, as the vip may be. If it is none, the stack finds no socket, and answers with a RST
 * or an ICMP error. Nothing depends on those: the check has ended by then, and sends a RST itself.
 */
#include <errno.h>
#include <event2/event.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "checks/job.h"
#include "checks/packet.h"
#include "checks/segment.h"
#include "checks/way.h"
#include "haagentd/clock.h"

#define PORTS	32	/* ports of each family: so many members of a service are checked at a time */
#define BATCH	64	/* answers that are read at a time */
#define AGAIN	(20 * CLOCK_MS)	/* pause until an unknown link-layer address is looked for again */

/**
 * struct end - this node's end of all checks of a family
 * @family:	AF_INET or AF_INET6
 * @packet:	packet socket, or -1
 * @raw:	raw socket for packets in tunnels, or -1
 * @plain:	UDP socket that makes the kernel ask for link-layer addresses, or -1
 * @err:	errno of the socket that could not be opened
 * @ports:	ports that this process keeps, so that no other one has them, for TCP and UDP
 * @next:	index in @ports that is tried first: a late answer finds no check at its port
 * @ready:	@ports are taken, and @packet gets what comes to them
 * @heard:	fires when something comes
 */
static struct end {
	int family;
	int packet;
	int raw;
	int plain;
	int err;
	uint16_t ports[PORTS];
	unsigned int next;
	bool ready;
	struct event *heard;
} ends[] = {
	{ .family = AF_INET, .packet = -1, .raw = -1, .plain = -1 },
	{ .family = AF_INET6, .packet = -1, .raw = -1, .plain = -1 },
};

/**
 * struct through - an attempt
 * @port:	port of this node
 * @seq:	TCP: number of the SYN
 * @token:	ICMP: comes back with the echo
 * @id:		DNS: id of the query
 * @sent:	the packet is on its way
 */
struct through {
	uint16_t port;
	uint32_t seq;
	uint64_t token;
	uint16_t id;
	bool sent;
};

static struct event_base *loop;
static struct jobs *jobs;	/* all that there are */

static uint8_t proto_of(const struct job *job)
{
	switch (job->plan.kind) {
	case PLAN_TCP:
		return IPPROTO_TCP;
	case PLAN_ICMP:
		return job->plan.vip.family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	default:
		return IPPROTO_UDP;
	}
}

static void finish(struct job *job, enum plan_outcome outcome, const char *why)
{
	struct through *t = job->state;

	event_del(job->io);
	t->port = 0;
	job_end(job, outcome, "%s", why);
}

/* Troubles of this machine say nothing of the member. */
static void failed(struct job *job, int err)
{
	finish(job, err == EAGAIN || job_is_own_trouble(err) ? PLAN_UNSURE : PLAN_BAD, strerror(err));
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

/* Sends a packet to the member. Return: what was found of the way; if it was found, @err is 0 or an errno */
static enum way_found send_to(const struct job *job, const struct segment *s, int *err)
{
	const struct end *end = &ends[job->plan.vip.family == AF_INET6];
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

static struct segment segment_of(const struct job *job)
{
	const struct through *t = job->state;

	return (struct segment){
		.from = job->plan.own, .to = job->plan.vip, .proto = proto_of(job), .from_port = t->port,
		.to_port = job->plan.port,
	};
}

static void attempt(struct job *job)
{
	struct segment s = segment_of(job);
	struct through *t = job->state;
	uint8_t bytes[SEGMENT_DATA];
	struct timeval span;
	int err;

	s.data = bytes;
	if (s.proto == IPPROTO_TCP) {
		s.flags = SEGMENT_SYN;
		s.seq = t->seq;
	} else if (s.proto == IPPROTO_UDP) {
		s.data = udp_question(job, t->id, bytes, &s.size);
	} else {
		echo_write(bytes, job->plan.vip.family, job->index, t->token);
		s.size = ECHO_SIZE;
	}
	switch (send_to(job, &s, &err)) {
	case WAY_NONE:
		finish(job, PLAN_BAD, "no route to the node");
		return;
	case WAY_ROUTER:
		finish(job, PLAN_BAD, "the node is behind a router, where via direct does not reach it");
		return;
	case WAY_UNKNOWN:
		finish(job, PLAN_UNSURE, strerror(err));
		return;
	case WAY_SILENT:
		span = clock_span(AGAIN);
		break;
	case WAY_FOUND:
		if (err) {
			failed(job, err);
			return;
		}
		t->sent = true;
		span = job_rest(job);
		break;
	}
	event_add(job->io, &span);
}

static void on_time(evutil_socket_t none, short what, void *arg)
{
	struct job *job = arg;
	struct timeval rest = job_rest(job);
	struct through *t = job->state;

	(void)none;
	(void)what;
	if (t->sent)
		finish(job, PLAN_BAD, "no answer from the vip");
	else if (!rest.tv_sec && !rest.tv_usec)
		finish(job, PLAN_BAD, "the node's link-layer address is not found");
	else
		attempt(job);
}

/* Frees the member's side of the connection. The numbers are those that it has acknowledged. */
static void reset(const struct job *job)
{
	const struct through *t = job->state;
	struct segment s = segment_of(job);
	int err;

	s.flags = SEGMENT_RST;
	s.seq = t->seq + 1;
	send_to(job, &s, &err);
}

static bool waits_for(const struct job *job, const struct heard *h)
{
	const struct through *t = job->state;

	return job->busy && job->plan.way && t && t->sent && !hasw_addr_compare(&job->plan.vip, &h->vip) &&
	       !hasw_addr_compare(&job->plan.own, &h->own) && h->proto == proto_of(job) &&
	       (h->kind == HEARD_ECHO ? job->plan.kind == PLAN_ICMP :
		t->port == h->own_port && job->plan.port == h->vip_port && job->plan.kind != PLAN_ICMP);
}

/* Return: whether the attempt has ended */
static bool judge(struct job *job, const struct heard *h)
{
	const struct through *t = job->state;
	enum plan_outcome outcome;
	char why[UDP_WHY];
	uint32_t index;
	uint64_t token;

	switch (h->kind) {
	case HEARD_TAKEN:
	case HEARD_REFUSED:
		if (job->plan.kind != PLAN_TCP || h->ack != t->seq + 1)
			return false;
		if (h->kind == HEARD_TAKEN)
			reset(job);
		finish(job, h->kind == HEARD_TAKEN ? PLAN_GOOD : PLAN_BAD,
		       h->kind == HEARD_TAKEN ? "connected" : strerror(ECONNREFUSED));
		return true;
	case HEARD_DATAGRAM:
		if (job->plan.kind == PLAN_TCP || !udp_judge(job, t->id, h->data, h->size, &outcome, why))
			return false;
		finish(job, outcome, why);
		return true;
	case HEARD_ECHO:
		if (!echo_message(h->data, h->size, job->plan.vip.family, &index, &token) || index != job->index ||
		    token != t->token)
			return false;
		finish(job, PLAN_GOOD, "answered");
		return true;
	case HEARD_NO_PORT:
	case HEARD_NO_WAY:
		/* The number is known only to who has seen the packet: anybody can guess the ports. */
		if (h->proto == IPPROTO_TCP && h->seq != t->seq)
			return false;
		finish(job, PLAN_BAD, strerror(h->kind == HEARD_NO_PORT ? ECONNREFUSED : EHOSTUNREACH));
		return true;
	default:
		return false;
	}
}

static void take(const uint8_t *at, size_t size)
{
	struct heard h;
	uint32_t i;

	segment_read(at, size, &h);
	for (i = 0; h.kind && jobs && i < jobs->n; i++)
		if (waits_for(&jobs->list[i], &h) && judge(&jobs->list[i], &h))
			return;
}

static void on_heard(evutil_socket_t fd, short what, void *arg)
{
	static uint8_t buf[65536];
	ssize_t size;
	int i;

	(void)what;
	(void)arg;
	for (i = 0; i < BATCH; i++) {
		size = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (size < 0)
			return;
		take(buf, (size_t)size);
	}
}

/* Takes a port for this process, for TCP and for UDP. Its sockets stay open. Return: whether it was free for both */
static bool take_port(int family, uint16_t *port)
{
	struct sockaddr_storage name = { .ss_family = (sa_family_t)family };
	socklen_t size = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	int tcp = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), udp = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog nothing = { .len = 1, .filter = &drop };

	if (tcp >= 0 && udp >= 0) {
		setsockopt(tcp, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		setsockopt(udp, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		/* Nobody reads what the stack gives this socket. */
		setsockopt(udp, SOL_SOCKET, SO_ATTACH_FILTER, &nothing, sizeof(nothing));
		if (!bind(tcp, (struct sockaddr *)&name, size) && !getsockname(tcp, (struct sockaddr *)&name, &size) &&
		    !bind(udp, (struct sockaddr *)&name, size)) {
			*port = ntohs(((struct sockaddr_in *)&name)->sin_port);
			return true;
		}
	}
	if (tcp >= 0)
		close(tcp);
	if (udp >= 0)
		close(udp);
	return false;
}

/* What the packet socket is given: answers to the ports, echo replies and ICMP errors. All else costs only this. */
static int set_filter(const struct end *end)
{
	bool six = end->family == AF_INET6;
	const struct sock_filter four_head[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 8 + PORTS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 4 + PORTS),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x1fff, 2 + PORTS, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	}, six_head[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 12 + PORTS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 8, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 7, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_FRAGMENT, 0, 7 + PORTS),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 40),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 5 + PORTS),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0xfff8, 3 + PORTS, 0),
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
	struct sock_filter code[sizeof(six_head) / sizeof(six_head[0]) + PORTS + sizeof(tail) / sizeof(tail[0])];
	struct sock_fprog program = { .filter = code };
	size_t head = six ? sizeof(six_head) : sizeof(four_head);
	unsigned int i;

	memcpy(code, six ? six_head : four_head, head);
	program.len = (unsigned short)(head / sizeof(code[0]));
	for (i = 0; i < PORTS; i++)
		code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, end->ports[i],
								   (uint8_t)(PORTS - i), 0);
	memcpy(code + program.len, tail, sizeof(tail));
	program.len = (unsigned short)(program.len + sizeof(tail) / sizeof(tail[0]));
	return setsockopt(end->packet, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? errno : 0;
}

/* Makes an end ready for its first check. Return: 0 or an errno */
static int make_ready(struct end *end)
{
	struct sockaddr_ll all = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(end->family == AF_INET6 ? ETH_P_IPV6 : ETH_P_IP),
	};
	unsigned int i, tries;
	int err;

	if (end->ready || end->err)
		return end->err;
	for (i = tries = 0; i < PORTS && tries < 2 * PORTS; tries++)
		i += take_port(end->family, &end->ports[i]);
	/* The filter comes before the socket is bound, which begins to get packets then. */
	err = i < PORTS ? EADDRINUSE : set_filter(end);
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

/* Whether no other check of the same port of the vip waits for an answer at a port. */
static bool is_free(const struct job *job, uint16_t port)
{
	uint32_t i;

	for (i = 0; i < job->all->n; i++) {
		const struct job *other = &job->all->list[i];
		const struct through *t = other->state;

		if (other != job && other->plan.way && t && other->busy && t->port == port &&
		    other->plan.port == job->plan.port && !hasw_addr_compare(&other->plan.vip, &job->plan.vip))
			return false;
	}
	return true;
}

static uint16_t pick_port(const struct job *job, struct end *end)
{
	unsigned int i;

	for (i = 0; i < PORTS; i++) {
		uint16_t port = end->ports[end->next++ % PORTS];

		if (is_free(job, port))
			return port;
	}
	return 0;
}

/* The member is this node itself, where no packet would arrive: the kernel is asked for the server. */
static void look_here(struct job *job)
{
	switch (way_listens(&job->plan.vip, proto_of(job), job->plan.port)) {
	case LISTENS_YES:
		job_end(job, PLAN_GOOD, job->plan.kind == PLAN_ICMP ? "the vip is an address of this node" :
			"a socket of this node listens");
		break;
	case LISTENS_NO:
		job_end(job, PLAN_BAD, "nobody on this node listens at the vip");
		break;
	case LISTENS_ELSEWHERE:
		job_end(job, PLAN_BAD, "the vip is no address of this node");
		break;
	case LISTENS_UNKNOWN:
		job_end(job, PLAN_UNSURE, "the kernel does not tell who listens: %s", strerror(errno));
		break;
	}
}

static void through_begin(struct job *job)
{
	struct end *end = &ends[job->plan.vip.family == AF_INET6];
	struct { uint64_t token; uint32_t seq; uint16_t id; } lots;
	struct through *t;
	int err;

	if (job->plan.way == PLAN_LOCAL) {
		look_here(job);
		return;
	}
	if (!job->state)
		job->state = calloc(1, sizeof(*t));
	err = job->state ? make_ready(end) : ENOMEM;
	if (err) {
		job_end(job, PLAN_UNSURE, "no packets by hand: %s", strerror(err));
		return;
	}
	if (job->plan.own.family != job->plan.vip.family || job->plan.address.family != job->plan.vip.family) {
		job_end(job, PLAN_UNSURE, "%s node has no address of the vip's family",
			job->plan.own.family != job->plan.vip.family ? "this" : "the");
		return;
	}
	if (getrandom(&lots, sizeof(lots), GRND_NONBLOCK) != sizeof(lots)) {
		job_end(job, PLAN_UNSURE, "no random numbers");
		return;
	}
	t = job->state;
	*t = (struct through){ .token = lots.token, .seq = lots.seq, .id = lots.id, .port = pick_port(job, end) };
	if (!t->port) {
		job_end(job, PLAN_UNSURE, "more than %d members of the service do not answer at a time", PORTS);
		return;
	}
	jobs = job->all;
	event_assign(job->io, loop, -1, 0, on_time, job);
	attempt(job);
}

static void through_stop(struct job *job)
{
	event_del(job->io);
}

static void through_forget(struct job *job)
{
	free(job->state);
	job->state = NULL;
}

/**
 * through_open - open the sockets that need a right of root
 * @base:	the event loop
 */
void through_open(struct event_base *base)
{
	struct end *end;

	loop = base;
	for (end = ends; end < ends + 2; end++) {
		/* Without a protocol it gets nothing yet. */
		end->packet = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		end->raw = socket(end->family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
		end->plain = socket(end->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		end->err = end->packet < 0 || end->raw < 0 || end->plain < 0 ? errno : 0;
	}
}

const struct kind kind_through = { .begin = through_begin, .stop = through_stop, .forget = through_forget };
