// SPDX-License-Identifier: GPL-2.0
/* Messages: what is built can be read again, and what is cut off or wrong is not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/haswitch.h>

#include "lib/generated/spec_gen.h"
#include "lib/sock.h"

static char memory[4096] __attribute__((aligned(8)));

static struct hasw_addr addr_of(const char *text)
{
	struct hasw_addr addr;

	assert_null(hasw_addr_parse(&addr, text));
	return addr;
}

/* A reply of every form of attribute. */
static void build(struct hasw_msg *msg)
{
	struct hasw_addr addr4 = addr_of("10.0.0.1"), addr6 = addr_of("2001:db8::1");
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };

	memset(memory, 0xa5, sizeof(memory));
	hasw_msg_begin(msg, memory, sizeof(memory), HASWITCH_CMD_NODE_GET, 0);
	hasw_put_string(msg, HASWITCH_A_NODE_NAME, "n1");
	hasw_put_addr(msg, HASWITCH_A_NODE_ADDR4, &addr4);
	hasw_put_addr(msg, HASWITCH_A_NODE_ADDR4, &addr6);
	hasw_put_bytes(msg, HASWITCH_A_NODE_LLADDR, mac, sizeof(mac));
	hasw_put_flag(msg, HASWITCH_A_NODE_SELF);
	hasw_put_u8(msg, HASWITCH_A_NODE_ADMIN, HASWITCH_ADMIN_STATE_DRAIN);
	hasw_put_u64(msg, HASWITCH_A_NODE_SINCE, UINT64_C(0x1122334455667788));
	hasw_put_u32(msg, HASWITCH_A_NODE_REFS, 77);
	assert_false(msg->full);
}

static void round_trip(void **state)
{
	struct hasw_record rec;
	struct hasw_addr addr;
	struct hasw_msg msg;

	(void)state;
	build(&msg);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	assert_int_equal(rec.cmd, HASWITCH_CMD_NODE_GET);
	assert_ptr_equal(rec.set, &hasw_set_node);
	assert_string_equal(hasw_string(&rec, HASWITCH_A_NODE_NAME), "n1");
	assert_true(hasw_get_addr(&rec, HASWITCH_A_NODE_ADDR4, &addr));
	assert_int_equal(addr.family, AF_INET);
	assert_int_equal(addr.bytes[0], 10);
	rec.attr[HASWITCH_A_NODE_ADDR4] = NULL;
	assert_true(hasw_get_addr(&rec, HASWITCH_A_NODE_ADDR4, &addr));
	assert_int_equal(addr.family, AF_INET6);
	assert_int_equal(addr.bytes[15], 1);
	assert_true(hasw_has(&rec, HASWITCH_A_NODE_SELF));
	assert_false(hasw_has(&rec, HASWITCH_A_NODE_ZONE));
	assert_null(hasw_string(&rec, HASWITCH_A_NODE_ZONE));
	assert_int_equal(hasw_number(&rec, HASWITCH_A_NODE_ADMIN, 9), HASWITCH_ADMIN_STATE_DRAIN);
	assert_int_equal(hasw_number(&rec, HASWITCH_A_NODE_STATE, 9), 9);
	assert_true(hasw_number(&rec, HASWITCH_A_NODE_SINCE, 0) == UINT64_C(0x1122334455667788));
	assert_int_equal(hasw_number(&rec, HASWITCH_A_NODE_REFS, 0), 77);
	assert_int_equal(hasw_payload_len(rec.attr[HASWITCH_A_NODE_LLADDR]), 6);
}

static void service_round_trip(void **state)
{
	struct hasw_svc svc, got;
	struct hasw_record rec;
	struct hasw_msg msg;

	(void)state;
	assert_null(hasw_svc_parse(&svc, "[2001:db8::1]:443/tcp"));
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_SERVICE_GET, 0);
	hasw_put_svc(&msg, HASWITCH_A_SERVICE_ADDR4, &svc);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	assert_true(hasw_get_svc(&rec, HASWITCH_A_SERVICE_ADDR4, &got));
	assert_int_equal(hasw_svc_compare(&svc, &got), 0);
}

static void repeated(void **state)
{
	static const char *const devs[] = { "eth0", "eth1", "eth2" };
	const struct nlattr *attr = NULL;
	struct hasw_record rec;
	struct hasw_msg msg;
	int n = 0;

	(void)state;
	hasw_msg_begin(&msg, memory, sizeof(memory), HASWITCH_CMD_VIP_GET, 0);
	hasw_put_string(&msg, HASWITCH_A_VIP_DEV, devs[0]);
	hasw_put_string(&msg, HASWITCH_A_VIP_DEV, devs[1]);
	hasw_put_string(&msg, HASWITCH_A_VIP_HOLDER, "n1");
	hasw_put_string(&msg, HASWITCH_A_VIP_DEV, devs[2]);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	while ((attr = hasw_next(&rec, HASWITCH_A_VIP_DEV, attr)))
		assert_string_equal(hasw_payload(attr), devs[n++]);
	assert_int_equal(n, 3);
	assert_null(hasw_next(&rec, HASWITCH_A_VIP_ADDR4, NULL));
}

/* Every message that is shorter by a byte or more is refused or has whole attributes only. */
static void cut_off(void **state)
{
	struct hasw_record rec;
	struct hasw_msg msg;
	uint32_t whole;

	(void)state;
	build(&msg);
	whole = msg.nlh->nlmsg_len;
	for (uint32_t len = NLMSG_HDRLEN; len < whole; len++) {
		/* A copy of exactly that length, so that valgrind or ASan see a read behind it. */
		struct nlmsghdr *copy = malloc(len);

		assert_non_null(copy);
		memcpy(copy, memory, len);
		copy->nlmsg_len = len;
		if (len < NLMSG_HDRLEN + GENL_HDRLEN) {
			assert_int_equal(hasw_record_parse(&rec, copy), -EBADMSG);
		} else if (!hasw_record_parse(&rec, copy)) {
			for (int i = 0; i < HASW_ATTR_SLOTS; i++) {
				if (rec.attr[i])
					assert_true((const char *)rec.attr[i] + rec.attr[i]->nla_len <=
						    (const char *)copy + len);
			}
		}
		free(copy);
	}
}

/* A message with one attribute of LEN bytes of payload. */
static int parse_one(unsigned int cmd, uint16_t attr, const void *bytes, size_t len)
{
	struct hasw_record rec;
	struct hasw_msg msg;

	hasw_msg_begin(&msg, memory, sizeof(memory), cmd, 0);
	hasw_put_bytes(&msg, attr, bytes, len);
	return hasw_record_parse(&rec, msg.nlh);
}

static void wrong_attributes(void **state)
{
	struct hasw_record rec;
	struct hasw_msg msg;

	(void)state;
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_STATE, "xx", 2), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_STATE, "", 0), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_REFS, "xxx", 3), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_SINCE, "xxxx", 4), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_SERVICE_GET, HASWITCH_A_SERVICE_PORT, "x", 1), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_NAME, "n1", 2), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_NAME, "", 0), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_ADDR6, "xxxx", 4), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_LLADDR, "xxxxxxx", 7), -EBADMSG);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_SELF, "x", 1), -EBADMSG);
	/* What a newer module may say is passed over. */
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, HASWITCH_A_NODE_MAX + 1, "xxx", 3), 0);
	assert_int_equal(parse_one(HASWITCH_CMD_NODE_GET, 0, "xxx", 3), 0);
	assert_int_equal(parse_one(__HASWITCH_CMD_MAX, HASWITCH_A_NODE_NAME, "n1", 3), -EBADMSG);
	assert_int_equal(parse_one(0, HASWITCH_A_NODE_NAME, "n1", 3), -EBADMSG);

	/* Lengths that lie. */
	build(&msg);
	((struct nlattr *)(memory + NLMSG_HDRLEN + GENL_HDRLEN))->nla_len = 3;
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), -EBADMSG);
	((struct nlattr *)(memory + NLMSG_HDRLEN + GENL_HDRLEN))->nla_len = 0xffff;
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), -EBADMSG);
}

static void too_long(void **state)
{
	struct hasw_msg msg;
	char small[64] __attribute__((aligned(8)));

	(void)state;
	hasw_msg_begin(&msg, small, 16, HASWITCH_CMD_BEAT, 0);
	assert_true(msg.full);
	hasw_put_u8(&msg, 1, 1);
	hasw_msg_begin(&msg, small, 32, HASWITCH_CMD_BEAT, 0);
	hasw_put_string(&msg, HASWITCH_A_BEAT_NODE, "n1");
	assert_false(msg.full);
	assert_int_equal(msg.nlh->nlmsg_len, 28);
	hasw_put_u64(&msg, HASWITCH_A_BEAT_TIME, 1);
	assert_true(msg.full);
	assert_int_equal(msg.nlh->nlmsg_len, 28);
}

/* An error message as the kernel makes it: offset into the request, and a text. */
static const struct nlmsghdr *error_message(int error, const char *text, uint32_t offset, uint32_t miss)
{
	static char buf[512] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	struct nlmsgerr *err = NLMSG_DATA(nlh);
	struct hasw_msg msg = { .nlh = nlh, .size = sizeof(buf) };

	memset(buf, 0, sizeof(buf));
	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_seq = 5;
	nlh->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
	nlh->nlmsg_len = NLMSG_HDRLEN + sizeof(*err);
	err->error = error;
	err->msg.nlmsg_len = 100;
	if (text)
		hasw_put_string(&msg, NLMSGERR_ATTR_MSG, text);
	if (offset)
		hasw_put_u32(&msg, NLMSGERR_ATTR_OFFS, offset);
	if (miss)
		hasw_put_u32(&msg, NLMSGERR_ATTR_MISS_TYPE, miss);
	return nlh;
}

/* A dump that ends with an error: what is said of that stands behind the errno. */
static const struct nlmsghdr *done_message(int error, const char *text)
{
	static char buf[512] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	struct hasw_msg msg = { .nlh = nlh, .size = sizeof(buf) };

	memset(buf, 0, sizeof(buf));
	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_seq = 5;
	nlh->nlmsg_flags = NLM_F_MULTI | (text ? NLM_F_ACK_TLVS : 0);
	nlh->nlmsg_len = NLMSG_HDRLEN + sizeof(error);
	memcpy(NLMSG_DATA(nlh), &error, sizeof(error));
	if (text)
		hasw_put_string(&msg, NLMSGERR_ATTR_MSG, text);
	return nlh;
}

static void extended_acks(void **state)
{
	const struct hasw_op *op = hasw_op(HASWITCH_CMD_NODE_GET);
	const struct nlmsghdr *nlh;
	struct hasw_error err;
	struct hasw_record rec;
	struct hasw_msg msg;
	uint32_t offset;

	(void)state;
	build(&msg);
	assert_int_equal(hasw_record_parse(&rec, msg.nlh), 0);
	offset = (uint32_t)((const char *)rec.attr[HASWITCH_A_NODE_ADMIN] - memory);

	assert_int_equal(hasw_error_parse(&err, error_message(0, NULL, 0, 0), msg.nlh, op), 0);
	assert_int_equal(hasw_error_parse(&err, error_message(-EEXIST, "it is there", offset, 0), msg.nlh, op),
			 -EEXIST);
	assert_string_equal(err.text, "it is there (attribute admin)");
	assert_string_equal(err.attr->name, "admin");
	assert_int_equal(err.seq, 5);
	assert_true(err.kernel);
	hasw_error_parse(&err, error_message(-EINVAL, NULL, 0, HASWITCH_A_NODE_NAME), msg.nlh, op);
	assert_string_equal(err.text, "attribute name is missing");
	hasw_error_parse(&err, error_message(-EINVAL, "said", 0, 0), msg.nlh, op);
	assert_string_equal(err.text, "said");
	/* An offset that is in no attribute names none. */
	hasw_error_parse(&err, error_message(-EINVAL, "said", 3, 0), msg.nlh, op);
	assert_string_equal(err.text, "said");
	hasw_error_parse(&err, error_message(-EINVAL, "said", 4000, 0), msg.nlh, op);
	assert_string_equal(err.text, "said");
	assert_int_equal(hasw_error_parse(&err, done_message(-ENOENT, "none of that name"), msg.nlh, op), -ENOENT);
	assert_string_equal(err.text, "none of that name");
	assert_int_equal(hasw_error_parse(&err, done_message(-ENOENT, NULL), msg.nlh, op), -ENOENT);
	assert_string_equal(err.text, strerror(ENOENT));
	/* genetlink says nothing of its own about privileges. */
	hasw_error_parse(&err, error_message(-EPERM, NULL, 0, 0), msg.nlh, op);
	assert_non_null(strstr(err.text, "CAP_NET_ADMIN"));
	hasw_error_parse(&err, error_message(-ENODEV, NULL, 0, 0), msg.nlh, op);
	assert_string_equal(err.text, strerror(ENODEV));

	/* Cut off at every byte: no read behind the end, and the errno is kept. */
	nlh = error_message(-EEXIST, "it is there", offset, 0);
	for (uint32_t len = NLMSG_HDRLEN; len < nlh->nlmsg_len; len++) {
		struct nlmsghdr *copy = malloc(len);
		int ret;

		assert_non_null(copy);
		memcpy(copy, nlh, len);
		copy->nlmsg_len = len;
		ret = hasw_error_parse(&err, copy, msg.nlh, op);
		assert_int_equal(ret, len < NLMSG_HDRLEN + sizeof(struct nlmsgerr) ? -EBADMSG : -EEXIST);
		free(copy);
	}
}

static void enums(void **state)
{
	(void)state;
	assert_int_equal(hasw_enum_value(&hasw_enum_admin_state, "maintenance"),
			 HASWITCH_ADMIN_STATE_MAINTENANCE);
	assert_int_equal(hasw_enum_value(&hasw_enum_admin_state, "maint"), -1);
	assert_string_equal(hasw_enum_name(&hasw_enum_node_state, HASWITCH_NODE_STATE_LEFT), "left");
	assert_null(hasw_enum_name(&hasw_enum_node_state, 200));
	assert_null(hasw_op(200));
	assert_null(hasw_set_attr(&hasw_set_node, 0));
	assert_null(hasw_set_attr(&hasw_set_node, 200));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(service_round_trip),
		cmocka_unit_test(repeated),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(wrong_attributes),
		cmocka_unit_test(too_long),
		cmocka_unit_test(extended_acks),
		cmocka_unit_test(enums),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
