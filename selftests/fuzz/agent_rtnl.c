// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing what the agent and haagentd-checks read from the kernel by netlink: deleted addresses, routes that announce
 * vips, ways to nodes, and sockets that listen. Nothing behind a datagram is read. The first byte says what is asked.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "checks/way.h"
#include "haagentd/clock.h"
#include "haagentd/module/heal.h"
#include "haagentd/routes/rib.h"
#include "kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HA0	7	/* ifindex of ha0 */
#define MUST(what) do { \
	if (!(what)) \
		abort(); \
} while (0)

static const struct hasw_addr four = { .family = AF_INET, .bytes = { 127, 0, 0, 1 } };
static const struct hasw_addr six = { .family = AF_INET6, .bytes = { [15] = 1 } };

/* Whether one of the messages says that an address of ha0 was deleted. */
static bool says_deleted(const uint8_t *at, size_t left)
{
	while (left >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr head;
		struct ifaddrmsg ifa;

		memcpy(&head, at, sizeof(head));
		head.nlmsg_len = kernel_length(head.nlmsg_len);
		if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > left)
			return false;
		if (head.nlmsg_type == RTM_DELADDR && head.nlmsg_len >= sizeof(head) + sizeof(ifa)) {
			memcpy(&ifa, at + sizeof(head), sizeof(ifa));
			if (ifa.ifa_index == HA0)
				return true;
		}
		if (NLMSG_ALIGN(head.nlmsg_len) >= left)
			return false;
		at += NLMSG_ALIGN(head.nlmsg_len);
		left -= NLMSG_ALIGN(head.nlmsg_len);
	}
	return false;
}

static void heals(void)
{
	static struct heal h;
	const uint8_t *datagram;
	bool says = false, last;
	unsigned int n;
	size_t size;

	memset(&h, 0, sizeof(h));
	h.index = HA0;
	MUST(!link_watch_open(&h.watch, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR));
	for (n = 0; n < KERNEL_QUEUE && kernel_next(&datagram, &size, &last); n++) {
		/* What does not fit into the buffer is cut off. */
		if (!size || size > 4096)
			continue;
		MUST(send(kernel.ours[0], datagram, size, MSG_DONTWAIT) == (ssize_t)size);
		says |= says_deleted(datagram, size);
	}
	heal_read(&h, 100 * CLOCK_SECOND);
	MUST(!!h.due == says);
	heal_close(&h);
}

/* The input, in which all that is understood must lie. */
static const uint8_t *input;
static size_t input_size;

static void route(void *arg, const struct hasw_addr *addr, uint32_t table)
{
	static const uint8_t none[16];
	size_t length = hasw_addr_len(addr);

	(void)arg;
	(void)table;
	MUST(addr->family == AF_INET || addr->family == AF_INET6);
	MUST(memmem(input, input_size, addr->bytes, length));
	MUST(!memcmp(addr->bytes + length, none, sizeof(none) - length));
}

/* COUNT: so many routes are added and deleted, too. */
static void routes(unsigned int count)
{
	static struct rib rib;
	unsigned int i;

	MUST(!rib_open(&rib));
	MUST(rib_list(&rib, route, NULL) <= 1);
	for (i = 0; i < count; i++)
		rib_put(&rib, i % 2, i % 3 ? &six : &four, i);
	MUST(rib.n == count && rib_send(&rib) <= 0);
	MUST(!rib.n && !rib.size);
	rib_close(&rib);
}

/* What lies behind an answer makes no difference. */
static void ways(const uint8_t *data, size_t size, bool listens, const struct hasw_addr *to)
{
	static const uint8_t fillers[] = { 0x00, 0xff };
	struct way way[2] = { { .ifindex = 0 }, { .ifindex = 0 } };
	int found[2], why[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		kernel_begin(data, size);
		kernel.filler = fillers[i];
		errno = 0;
		found[i] = listens ? (int)way_listens(to, IPPROTO_TCP, 80) : (int)way_find(to, &way[i]);
		why[i] = errno;
		kernel.filler = -1;
	}
	MUST(found[0] == found[1] && found[0] >= 0);
	if (found[0] == (listens ? (int)LISTENS_UNKNOWN : (int)WAY_UNKNOWN))
		MUST(why[0] && why[0] == why[1]);
	if (!listens && found[0] == WAY_FOUND)
		MUST(way[0].ifindex == way[1].ifindex && !memcmp(way[0].mac, way[1].mac, sizeof(way[0].mac)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind;

	if (!size)
		return 0;
	kind = *data++;
	input = data;
	input_size = --size;
	kernel_begin(data, size);
	switch (kind % 4) {
	case 0:
		heals();
		break;
	case 1:
		routes(kind / 4);
		break;
	default:
		ways(data, size, kind % 4 == 2, kind / 4 % 2 ? &six : &four);
	}
	kernel_allow();
	return 0;
}
