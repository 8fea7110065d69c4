// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing what haadm and libhaswitch read from the kernel by netlink, message by message: devices, addresses and
 * routes, the number of the module's family, and replies to requests. The first byte says what is asked: it can be the
 * plug-in of ip, which also reads an attribute of a device.
 */
#include <linux/haswitch.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/devices.h"
#include "haadm/lease_dev.h"
#include "haadm/rtnl.h"
#include "iproute2/ip.h"
#include "kernel.h"
#include "lib/sock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what) do { \
	if (!(what)) \
		abort(); \
} while (0)

static const struct hasw_addr four = { .family = AF_INET, .bytes = { 192, 0, 2, 1 } };
static const struct hasw_addr six = { .family = AF_INET6, .bytes = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };

/* The input, in which all addresses must lie. */
static const uint8_t *input;
static size_t input_size;

static void address_sound(const struct hasw_addr *addr)
{
	MUST(addr->family == AF_INET || addr->family == AF_INET6);
	MUST(memmem(input, input_size, addr->bytes, hasw_addr_len(addr)));
}

static int local(enum local_form form, const struct hasw_addr *addr, void *data)
{
	unsigned int *n = data;

	MUST(form == LOCAL_ADDRESS || form == LOCAL_ROUTE);
	address_sound(addr);
	return ++*n == 8;
}

static int address(const struct hasw_addr *addr, void *data)
{
	(void)data;
	address_sound(addr);
	return 0;
}

/* An error has a code, and its words. */
static void judged(int ret, const struct hasw_error *err)
{
	if (ret < 0)
		MUST(err->code == -ret && err->text[0] && memchr(err->text, '\0', sizeof(err->text)));
}

static void devices(void)
{
	struct hasw_error err = { .code = 0 };
	struct devices all;
	uint32_t i;

	judged(devices_read(&all, &err), &err);
	for (i = 0; i < all.n; i++) {
		MUST(memchr(all.list[i].name, '\0', sizeof(all.list[i].name)));
		devices_find(&all, all.list[i].name);
	}
	for (i = 0; i < all.n_subnets; i++) {
		MUST(all.subnets[i].device < all.n);
		address_sound(&all.subnets[i].addr);
	}
	for (i = 0; i < all.n_addrs; i++) {
		MUST(all.addrs[i].device < all.n);
		address_sound(&all.addrs[i].addr);
	}
	devices_towards(&all, &four);
	devices_towards(&all, &six);
	devices_free(&all);
}

/* COUNT: so many addresses are added and deleted. */
static void addresses(unsigned int count)
{
	struct hasw_error err = { .code = 0 };
	bool added[64] = { false };
	unsigned int i, n = 0;
	struct rtnl rtnl;
	int ret = rtnl_open(&rtnl, &err);

	judged(ret, &err);
	if (ret)
		return;
	for (i = 0; i < count; i++)
		if (i % 2)
			rtnl_add(&rtnl, i % 4 / 2, i % 3 ? &four : &six, &added[i]);
		else
			rtnl_del(&rtnl, i % 4 / 2, i % 3 ? &four : &six);
	judged(rtnl_flush(&rtnl, &err), &err);
	judged(rtnl_addrs(&rtnl, address, NULL, &err), &err);
	judged(rtnl_has_route(&rtnl, &four, &err), &err);
	judged(rtnl_is_local(&rtnl, &six, &err), &err);
	/* This list comes last, because its end may be unread. */
	judged(rtnl_list(&rtnl, local, &n, &err), &err);
	rtnl_close(&rtnl);
}

static int record(const struct hasw_record *rec, void *data)
{
	unsigned int *n = data;

	(void)rec;
	return ++*n == 8 ? 1000 : 0;
}

/* The module's family, a dump, and two requests of one batch. */
static void module(void)
{
	static char buf[2 * HASW_MSG_SIZE] __attribute__((aligned(8)));
	struct hasw_error err = { .code = 0 };
	struct hasw_msg msg;
	struct hasw_sock sock;
	unsigned int n = 0;
	size_t length;
	int ret = hasw_sock_open(&sock, &err);

	judged(ret, &err);
	if (ret)
		return;
	hasw_msg_begin(&msg, buf, HASW_MSG_SIZE, HASWITCH_CMD_NODE_GET, NLM_F_DUMP);
	judged(hasw_dump(&sock, &msg, record, &n, &err), &err);
	hasw_msg_begin(&msg, buf, HASW_MSG_SIZE, HASWITCH_CMD_NODE_DEL, 0);
	hasw_put_string(&msg, HASWITCH_A_NODE_NAME, "a");
	judged(hasw_call(&sock, &msg, &err), &err);
	if (sock.nl) {
		msg.nlh->nlmsg_seq = ++sock.seq;
		length = NLMSG_ALIGN(msg.nlh->nlmsg_len);
		memcpy(buf + length, buf, length);
		((struct nlmsghdr *)(void *)(buf + length))->nlmsg_seq = ++sock.seq;
		judged(hasw_batch(&sock, buf, 2 * length, sock.seq, &err), &err);
		judged(hasw_events(&sock, record, &n, &err), &err);
	}
	hasw_sock_close(&sock);
}

static void lease_devices(void)
{
	static const struct haadm haadm = { .line = 0 };
	struct hasw_model model;

	hasw_model_init(&model);
	lease_dev_sync(&haadm, &model);
	hasw_model_free(&model);
}

/* What ip has for its plug-in. Each text is read to its end. */
static bool as_json;

bool is_json_context(void)
{
	return as_json;
}

void open_json_object(const char *key)
{
	(void)key;
}

void close_json_object(void)
{
}

void open_json_array(int type, const char *key)
{
	MUST(type == PRINT_JSON && key);
}

void close_json_array(int type, const char *key)
{
	MUST(type == PRINT_JSON && !key);
}

int print_color_string(int type, int color, const char *key, const char *format, const char *value)
{
	MUST(type == PRINT_JSON && color == COLOR_NONE && key && !format && strlen(value) <= HASWITCH_NAME_MAX);
	return 0;
}

int print_color_u64(int type, int color, const char *key, const char *format, uint64_t value)
{
	(void)value;
	MUST(type == PRINT_JSON && color == COLOR_NONE && key && !format);
	return 0;
}

extern struct link_util haswitch_link_util;

/* OF_LEASE: the device has an attribute. The input begins with its length, and its bytes. */
static void plugin(const uint8_t *data, size_t size, bool of_lease)
{
	size_t length = of_lease && size ? *data % 64 : 0;
	struct rtattr *tb[HASWITCH_LINK_LEASE + 1] = { NULL }, *attr;
	FILE *to = fopen("/dev/null", "w");

	if (of_lease && size) {
		data++;
		size--;
	}
	if (length > size)
		length = size;
	attr = malloc(RTA_LENGTH(length));
	MUST(to && attr);
	attr->rta_type = HASWITCH_LINK_LEASE;
	attr->rta_len = (unsigned short)RTA_LENGTH(length);
	memcpy(RTA_DATA(attr), data, length);
	if (of_lease)
		tb[HASWITCH_LINK_LEASE] = attr;
	kernel_begin(data + length, size - length);
	haswitch_link_util.print_opt(&haswitch_link_util, to, tb);
	fclose(to);
	free(attr);
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
	switch (kind % 8 == 4 ? 4 : kind % 4) {
	case 0:
		devices();
		break;
	case 1:
		addresses(kind / 4);
		break;
	case 2:
		module();
		break;
	case 4:
		as_json = kind & 0x80;
		plugin(data, size, kind & 8);
		break;
	default:
		lease_devices();
	}
	kernel_allow();
	return 0;
}
