// SPDX-License-Identifier: GPL-2.0
/*
 * haagentd --probe: sends ARP and neighbour discovery probes on all client links, which are the devices towards the
 * clients. The probes show whether any host uses an address of a given node or a vip with a lease. The worker runs
 * this program as a command, so blocking calls are allowed here.
 *
 * The kernel of a node whose agent is gone still replies for the node's own addresses. Such replies do not count if the
 * node's module says until the last round of probes that no agent runs there, and that it holds no lease: nobody serves there.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <linux/haswitch.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "haagentd/clock.h"
#include "haagentd/log.h"
#include "haagentd/module/module_pulse.h"
#include "probe.h"

#define TARGETS		1024	/* maximum number of probes per round; further vips are not probed */

/**
 * struct link - a network device of this machine
 * @name:	name of the device
 * @index:	ifindex of the device
 * @ethernet:	the device is an Ethernet device, with a MAC
 * @up:		the device is up and has a carrier
 * @asked:	at least one address is to be probed through the device
 * @mac:	MAC of the device
 * @local6:	link-local address of the device, or zero
 */
struct link {
	char name[IF_NAMESIZE];
	unsigned int index;
	bool ethernet;
	bool up;
	bool asked;
	uint8_t mac[6];
	uint8_t local6[16];
};

/* An address that is probed on a link. @vip: it is a vip with a lease; otherwise it is the node's own. */
struct target {
	struct hasw_addr addr;
	struct link *link;
	bool vip;
};

struct probe {
	struct ifaddrs *addresses;
	struct link links[256];
	unsigned int n_links;
	struct target targets[TARGETS];
	unsigned int n_targets;
	bool present;	/* a host has replied for an address of the node itself */
	int arp;
	int nd;
};

static struct link *link_of(struct probe *p, const char *name)
{
	unsigned int i;

	for (i = 0; i < p->n_links; i++)
		if (!strcmp(p->links[i].name, name))
			return &p->links[i];
	return NULL;
}

static void find_links(struct probe *p)
{
	const struct sockaddr_in6 *in6;
	const struct sockaddr_ll *ll;
	struct ifaddrs *one;
	struct link *link;

	for (one = p->addresses; one; one = one->ifa_next) {
		ll = (const void *)one->ifa_addr;
		if (!ll || ll->sll_family != AF_PACKET || p->n_links == 256 ||
		    one->ifa_flags & IFF_LOOPBACK)
			continue;
		link = &p->links[p->n_links++];
		strncpy(link->name, one->ifa_name, sizeof(link->name) - 1);
		link->index = (unsigned int)ll->sll_ifindex;
		link->ethernet = ll->sll_hatype == ARPHRD_ETHER && ll->sll_halen == 6;
		link->up = one->ifa_flags & IFF_RUNNING && one->ifa_flags & IFF_UP;
		memcpy(link->mac, ll->sll_addr, 6);
	}
	for (one = p->addresses; one; one = one->ifa_next) {
		in6 = (const void *)one->ifa_addr;
		link = link_of(p, one->ifa_name);
		if (in6 && link && in6->sin6_family == AF_INET6 &&
		    IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
			memcpy(link->local6, &in6->sin6_addr, 16);
	}
}

static void ask(struct probe *p, const struct hasw_addr *addr, struct link *link, bool vip)
{
	unsigned int i;

	if (!link || !link->ethernet || p->n_targets == TARGETS)
		return;
	for (i = 0; i < p->n_targets; i++)
		if (p->targets[i].link == link &&
		    !hasw_addr_compare(&p->targets[i].addr, addr)) {
			p->targets[i].vip |= vip;
			return;
		}
	link->asked = true;
	p->targets[p->n_targets++] = (struct target){ .addr = *addr, .link = link, .vip = vip };
}

static const uint8_t *address_bytes(const struct sockaddr *at)
{
	if (at->sa_family == AF_INET)
		return (const uint8_t *)&((const struct sockaddr_in *)(const void *)at)->sin_addr;
	return (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)at)->sin6_addr;
}

static size_t address_size(const struct hasw_addr *addr)
{
	return addr->family == AF_INET ? 4 : 16;
}

/* Returns whether an address of a device is in the subnet of @addr. */
static bool is_near(const struct ifaddrs *one, const struct hasw_addr *addr)
{
	size_t i, size = address_size(addr);
	const uint8_t *own, *mask;

	if (!one->ifa_addr || !one->ifa_netmask || one->ifa_addr->sa_family != addr->family)
		return false;
	own = address_bytes(one->ifa_addr);
	mask = address_bytes(one->ifa_netmask);
	for (i = 0; i < size; i++)
		if ((own[i] ^ addr->bytes[i]) & mask[i])
			return false;
	return true;
}

/* Adds a probe for @addr on each device that has an address in the same subnet. */
static void ask_on_link(struct probe *p, const struct hasw_addr *addr, bool vip)
{
	struct ifaddrs *one;

	/* A device's own address that equals @addr is skipped, because it might be the vip itself. */
	for (one = p->addresses; one; one = one->ifa_next)
		if (is_near(one, addr) &&
		    memcmp(address_bytes(one->ifa_addr), addr->bytes, address_size(addr)))
			ask(p, addr, link_of(p, one->ifa_name), vip);
}

static int vip_gather(const struct hasw_record *rec, void *data)
{
	const char *lease = hasw_string(rec, HASWITCH_A_VIP_LEASE);
	const struct nlattr *device = NULL;
	struct probe *p = data;
	struct hasw_addr addr;
	bool named = false;

	if (!lease || !*lease || !hasw_get_addr(rec, HASWITCH_A_VIP_ADDR4, &addr))
		return 0;
	while ((device = hasw_next(rec, HASWITCH_A_VIP_DEV, device))) {
		named = true;
		ask(p, &addr, link_of(p, hasw_payload(device)), true);
	}
	if (!named)
		ask_on_link(p, &addr, true);
	return 0;
}

/* Adds the probes for the node's addresses and for each vip with a lease. */
static int find_targets(struct probe *p, const char *node)
{
	static struct module module;
	struct module_node found;
	struct hasw_error err;
	struct hasw_msg msg;
	int ret;

	ret = module_open(&module, &err);
	if (!ret)
		ret = module_node(&module, node, &found, &err);
	if (!ret) {
		if (found.addr4.family)
			ask_on_link(p, &found.addr4, false);
		if (found.addr6.family)
			ask_on_link(p, &found.addr6, false);
		hasw_msg_begin(&msg, module.buf, sizeof(module.buf),
			       HASWITCH_CMD_VIP_GET, NLM_F_DUMP);
		ret = calls_dump(&module.calls, &msg, vip_gather, p, &err);
	}
	if (ret < 0)
		log_warning("probe: the module cannot be asked for vips: %s", err.text);
	else if (ret)
		log_warning("probe: vips change while they are read");
	module_close(&module);
	return ret ? -EAGAIN : 0;
}

/* Makes a socket receive only neighbour advertisements, because clients can send much other traffic. */
static int filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 40),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 136, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 256),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = 6, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int open_sockets(struct probe *p)
{
	p->arp = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			htons(ETH_P_ARP));
	p->nd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       htons(ETH_P_IPV6));
	if (p->arp >= 0 && p->nd >= 0 && !filter(p->nd))
		return 0;
	log_warning("probe: no packet socket: %s", strerror(errno));
	return -errno;
}

static bool sends(const struct probe *p, const struct target *t)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	bool v4 = t->addr.family == AF_INET;
	uint8_t packet[PROBE_ND];
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_halen = 6,
		.sll_ifindex = (int)t->link->index,
		.sll_protocol = htons(v4 ? ETH_P_ARP : ETH_P_IPV6),
	};

	if (v4) {
		probe_arp(t->link->mac, t->addr.bytes, packet);
		memcpy(to.sll_addr, all, 6);
	} else {
		probe_nd(t->link->mac, t->link->local6, t->addr.bytes, packet);
		memcpy(to.sll_addr, (uint8_t[]){ 0x33, 0x33, 0xff }, 3);
		memcpy(to.sll_addr + 3, t->addr.bytes + 13, 3);
	}
	return sendto(v4 ? p->arp : p->nd, packet, v4 ? PROBE_ARP : PROBE_ND, 0,
		      (const struct sockaddr *)&to, sizeof(to)) > 0;
}

/*
 * Sends a probe for each target whose link is up. For an IPv6 target, the link must also have a link-local address.
 * Return: number of probes sent; 0 if any probe could not be sent.
 */
static unsigned int ask_all(const struct probe *p)
{
	static const uint8_t none[16];
	unsigned int i, n = 0;

	for (i = 0; i < p->n_targets; i++) {
		const struct target *t = &p->targets[i];

		if (!t->link->up || (t->addr.family == AF_INET6 &&
				     !memcmp(t->link->local6, none, 16)))
			continue;
		if (!sends(p, t)) {
			log_warning("probe: nothing can be asked on %s: %s",
				    t->link->name, strerror(errno));
			return 0;
		}
		n++;
	}
	return n;
}

/* Returns whether a device may be on the link on which @t is asked for: it has the subnet, or is asked for it, too. */
static bool is_beside(const struct probe *p, const struct link *link, const struct target *t)
{
	const struct ifaddrs *one;
	unsigned int i;

	for (i = 0; i < p->n_targets; i++)
		if (p->targets[i].link == link && !hasw_addr_compare(&p->targets[i].addr, &t->addr))
			return true;
	for (one = p->addresses; one; one = one->ifa_next)
		if (!strcmp(one->ifa_name, link->name) && is_near(one, &t->addr))
			return true;
	return false;
}

/*
 * Returns whether a MAC is of this machine, which can hold the vip, and can have several devices on a link. On other
 * links MACs prove nothing: each needs to be unique on its own link only, so a device there can have the other node's.
 */
static bool is_own(const struct probe *p, const struct target *t, const uint8_t mac[6])
{
	unsigned int i;

	for (i = 0; i < p->n_links; i++)
		if (p->links[i].ethernet && !memcmp(mac, p->links[i].mac, 6) && is_beside(p, &p->links[i], t))
			return true;
	return false;
}

/*
 * Returns whether a packet shows that a host uses a vip. If it shows that a host uses an address of the node itself,
 * sets p->present.
 */
static bool is_answer(struct probe *p, const struct sockaddr_ll *from, const uint8_t *data, size_t size)
{
	bool v4 = from->sll_protocol == htons(ETH_P_ARP);
	char text[HASW_ADDR_TEXT], at[HASW_MAC_TEXT];
	uint8_t mac[6];
	unsigned int i;

	memcpy(mac, from->sll_addr, 6);
	for (i = 0; i < p->n_targets; i++) {
		const struct target *t = &p->targets[i];

		if (t->link->index != (unsigned int)from->sll_ifindex ||
		    (t->addr.family == AF_INET) != v4)
			continue;
		if (!(v4 ? probe_arp_is(data, size, t->addr.bytes, mac) :
			   probe_nd_is(data, size, t->addr.bytes)) ||
		    is_own(p, t, mac) || (p->present && !t->vip))
			continue;
		log_notice("probe: %s answers for %s on %s", hasw_mac_format(mac, at),
			   hasw_addr_format(&t->addr, text), t->link->name);
		if (t->vip)
			return true;
		p->present = true;
	}
	return false;
}

static bool answered_on(struct probe *p, int fd)
{
	struct sockaddr_ll from;
	socklen_t length = sizeof(from);
	uint8_t data[256];
	ssize_t size;

	while ((size = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from,
				&length)) >= 0) {
		if (from.sll_pkttype != PACKET_OUTGOING &&
		    is_answer(p, &from, data, (size_t)size))
			return true;
		length = sizeof(from);
	}
	return false;
}

static bool answered(struct probe *p, uint64_t span)
{
	struct pollfd fds[] = {
		{ .fd = p->arp, .events = POLLIN }, { .fd = p->nd, .events = POLLIN },
	};
	uint64_t now = clock_now(), until = now + span;

	for (; now < until; now = clock_now()) {
		poll(fds, 2, (int)((until - now + CLOCK_MS - 1) / CLOCK_MS));
		if (answered_on(p, p->arp) || answered_on(p, p->nd))
			return true;
	}
	return false;
}

/* Returns whether the node has said after @since that no agent runs there, and that it holds no lease. */
static bool is_agentless(const char *node, uint64_t since)
{
	static struct module module;
	struct hasw_error err;
	uint64_t at = 0;

	if (!module_open(&module, &err))
		at = module_pulse_agentless(&module, node);
	module_close(&module);
	return at >= since;
}

static enum probe_exit run(struct probe *p, const char *node)
{
	bool up = false, asked = false, agentless = false;
	uint64_t since = clock_now();
	unsigned int i;

	find_links(p);
	if (find_targets(p, node) || open_sockets(p))
		return PROBE_UNASKED;
	for (i = 0; i < p->n_links; i++) {
		asked |= p->links[i].asked;
		up |= p->links[i].asked && p->links[i].up;
	}
	if (!asked)
		log_warning("probe: no device of this machine faces clients of a vip with a lease, or %s",
			    node);
	if (!up)
		return asked ? PROBE_NO_LINK : PROBE_UNASKED;
	for (i = 0; i < PROBE_ROUNDS; i++) {
		/* An agent that stood still may run again: the last word counts. */
		if (i == PROBE_ROUNDS - 1)
			since = clock_now();
		if (!ask_all(p))
			return PROBE_UNASKED;
		if (answered(p, i < PROBE_ROUNDS - 1 ? PROBE_PAUSE : 2 * PROBE_PAUSE))
			return PROBE_ANSWERED;
		agentless = p->present && is_agentless(node, since);
		/* In two rounds, heartbeats have gone to the node and come back. */
		if (p->present && i && !agentless)
			return PROBE_ANSWERED;
	}
	return agentless ? PROBE_AGENTLESS : PROBE_SILENT;
}

/**
 * probe_node - probe all client links for a node
 * @node:	name of the node in the module
 *
 * Return: enum probe_exit
 */
int probe_node(const char *node)
{
	struct probe *p = calloc(1, sizeof(*p));
	enum probe_exit code;

	if (!p || getifaddrs(&p->addresses)) {
		log_warning("probe: the devices are not known: %s", strerror(errno));
		free(p);
		return PROBE_UNASKED;
	}
	p->arp = -1;
	p->nd = -1;
	code = run(p, node);
	if (p->arp >= 0)
		close(p->arp);
	if (p->nd >= 0)
		close(p->nd);
	freeifaddrs(p->addresses);
	free(p);
	return (int)code;
}
