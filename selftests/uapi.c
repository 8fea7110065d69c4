// SPDX-License-Identifier: GPL-2.0
/* The contract as another manager's C program sees it: the uapi header, libmnl, and nothing else of this project. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/haswitch.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "kselftest_harness.h"

#define SECOND 1000000000ULL

/* What an answer said. */
struct answer {
	int err;		/* 0 or a positive errno */
	unsigned int at;	/* offset of the attribute that was refused, or 0 */
	bool text;		/* there was a message for people */
};

/* struct _test_data_uapi, as the harness names it. */
FIXTURE(uapi)
{
	struct mnl_socket *sock;
	char buf[16384];
	unsigned int seq;
	uint16_t family;
	uint32_t group;
	uint32_t version;
};

static struct nlmsghdr *request(struct __test_metadata *_metadata,
				struct _test_data_uapi *self, uint16_t type,
				uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(self->buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++self->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = HASWITCH_GENL_VERSION;
	return nlh;
}

static void error_of(const struct nlmsghdr *nlh, struct answer *answer)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	unsigned int offset = sizeof(*err);
	const struct nlattr *attr;

	answer->err = -err->error;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += mnl_nlmsg_get_payload_len(&err->msg);
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS)
			answer->at = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			answer->text = *mnl_attr_get_str(attr);
	}
}

/* Sends what is in self->buf; reads up to the acknowledgement. Each message
 * before that is handed to @see.
 */
static struct answer talk(struct __test_metadata *_metadata,
			  struct _test_data_uapi *self, mnl_cb_t see, void *data)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)self->buf;
	struct answer answer = {};
	int len;

	ASSERT_GT(mnl_socket_sendto(self->sock, nlh, nlh->nlmsg_len), 0);
	for (;;) {
		len = mnl_socket_recvfrom(self->sock, self->buf,
					  sizeof(self->buf));
		ASSERT_GT(len, 0);
		for (nlh = (struct nlmsghdr *)self->buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_seq != self->seq)
				continue;
			if (nlh->nlmsg_type == NLMSG_ERROR) {
				error_of(nlh, &answer);
				return answer;
			}
			if (nlh->nlmsg_type == NLMSG_DONE)
				return answer;
			ASSERT_NE(NULL, see);
			see(nlh, data);
		}
	}
}

/* The attributes of a message, by type. */
struct attrs {
	const struct nlattr *by[64];
	const char *name;	/* of the one node that is looked for, or NULL */
	char keep[16384];
	int n;
};

static int see_attrs(const struct nlmsghdr *nlh, void *data)
{
	struct attrs *attrs = data, here = { .name = attrs->name };
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) < 64)
			here.by[mnl_attr_get_type(attr)] = attr;
	if (attrs->name &&
	    (!here.by[HASWITCH_A_NODE_NAME] ||
	     strcmp(mnl_attr_get_str(here.by[HASWITCH_A_NODE_NAME]),
		    attrs->name)))
		return MNL_CB_OK;
	attrs->n++;
	memcpy(attrs->keep, nlh, nlh->nlmsg_len);
	memset(attrs->by, 0, sizeof(attrs->by));
	mnl_attr_for_each(attr, (struct nlmsghdr *)attrs->keep,
			  sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) < 64)
			attrs->by[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static struct answer node_add(struct __test_metadata *_metadata,
			      struct _test_data_uapi *self, const char *name,
			      const char *addr)
{
	struct nlmsghdr *nlh = request(_metadata, self, self->family,
				       HASWITCH_CMD_NODE_ADD, NLM_F_ACK);

	mnl_attr_put_strz(nlh, HASWITCH_A_NODE_NAME, name);
	mnl_attr_put_u32(nlh, HASWITCH_A_NODE_ADDR4, inet_addr(addr));
	return talk(_metadata, self, NULL, NULL);
}

static void node_get(struct __test_metadata *_metadata,
		     struct _test_data_uapi *self, const char *name,
		     struct attrs *attrs)
{
	memset(attrs, 0, sizeof(*attrs));
	attrs->name = name;
	request(_metadata, self, self->family, HASWITCH_CMD_NODE_GET,
		NLM_F_DUMP);
	ASSERT_EQ(0, talk(_metadata, self, see_attrs, attrs).err);
}

static struct answer beat(struct __test_metadata *_metadata,
			  struct _test_data_uapi *self, const char *name,
			  uint64_t time)
{
	struct nlmsghdr *nlh = request(_metadata, self, self->family,
				       HASWITCH_CMD_BEAT, NLM_F_ACK);

	if (name)
		mnl_attr_put_strz(nlh, HASWITCH_A_BEAT_NODE, name);
	mnl_attr_put_u64(nlh, HASWITCH_A_BEAT_TIME, time);
	return talk(_metadata, self, NULL, NULL);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* The module, as the lab or an installation has it. */
static bool module_there(void)
{
	const char *file = getenv("HASW_KO");
	int fd;

	if (!access("/sys/module/haswitch", F_OK))
		return true;
	if (!file)
		return !system("modprobe -q haswitch");
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		return false;
	close(fd);
	return true;
}

FIXTURE_SETUP(uapi)
{
	const struct nlattr *group, *part;
	struct attrs attrs = {};
	struct nlmsghdr *nlh;
	int one = 1;

	if (geteuid())
		SKIP(return, "needs root");
	if (!module_there())
		SKIP(return, "needs the module: neither HASW_KO nor modprobe has it");
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->sock = mnl_socket_open(NETLINK_GENERIC);
	ASSERT_NE(NULL, self->sock);
	ASSERT_EQ(0, mnl_socket_bind(self->sock, 0, MNL_SOCKET_AUTOPID));
	ASSERT_EQ(0, mnl_socket_setsockopt(self->sock, NETLINK_EXT_ACK, &one,
					   sizeof(one)));

	nlh = request(_metadata, self, GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
		      NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, HASWITCH_GENL_NAME);
	ASSERT_EQ(0, talk(_metadata, self, see_attrs, &attrs).err);
	ASSERT_NE(NULL, attrs.by[CTRL_ATTR_FAMILY_ID]);
	ASSERT_NE(NULL, attrs.by[CTRL_ATTR_VERSION]);
	ASSERT_NE(NULL, attrs.by[CTRL_ATTR_MCAST_GROUPS]);
	self->family = mnl_attr_get_u16(attrs.by[CTRL_ATTR_FAMILY_ID]);
	self->version = mnl_attr_get_u32(attrs.by[CTRL_ATTR_VERSION]);
	mnl_attr_for_each_nested(group, attrs.by[CTRL_ATTR_MCAST_GROUPS]) {
		bool ours = false;
		uint32_t id = 0;

		mnl_attr_for_each_nested(part, group) {
			if (mnl_attr_get_type(part) == CTRL_ATTR_MCAST_GRP_NAME)
				ours = !strcmp(mnl_attr_get_str(part),
					       HASWITCH_MCGRP_EVENTS);
			if (mnl_attr_get_type(part) == CTRL_ATTR_MCAST_GRP_ID)
				id = mnl_attr_get_u32(part);
		}
		if (ours)
			self->group = id;
	}
}

FIXTURE_TEARDOWN(uapi)
{
	if (self->sock)
		mnl_socket_close(self->sock);
}

TEST_F(uapi, family)
{
	EXPECT_EQ(HASWITCH_GENL_VERSION, self->version);
	EXPECT_NE(0, self->group);
}

TEST_F(uapi, node)
{
	struct nlmsghdr *nlh;
	struct attrs attrs;

	ASSERT_EQ(0, node_add(_metadata, self, "a-node", "10.0.0.9").err);
	EXPECT_EQ(EEXIST, node_add(_metadata, self, "a-node", "10.0.0.9").err);

	node_get(_metadata, self, "a-node", &attrs);
	ASSERT_EQ(1, attrs.n);
	ASSERT_NE(NULL, attrs.by[HASWITCH_A_NODE_ADDR4]);
	ASSERT_NE(NULL, attrs.by[HASWITCH_A_NODE_STATE]);
	ASSERT_NE(NULL, attrs.by[HASWITCH_A_NODE_AGENT]);
	ASSERT_NE(NULL, attrs.by[HASWITCH_A_NODE_SINCE]);
	EXPECT_EQ(4, mnl_attr_get_payload_len(attrs.by[HASWITCH_A_NODE_ADDR4]));
	EXPECT_EQ(inet_addr("10.0.0.9"),
		  mnl_attr_get_u32(attrs.by[HASWITCH_A_NODE_ADDR4]));
	EXPECT_EQ(NULL, attrs.by[HASWITCH_A_NODE_ADDR6]);
	EXPECT_EQ(HASWITCH_NODE_STATE_UP,
		  mnl_attr_get_u8(attrs.by[HASWITCH_A_NODE_STATE]));
	EXPECT_EQ(HASWITCH_AGENT_STATE_UNNAMED,
		  mnl_attr_get_u8(attrs.by[HASWITCH_A_NODE_AGENT]));
	EXPECT_EQ(8, mnl_attr_get_payload_len(attrs.by[HASWITCH_A_NODE_SINCE]));
	EXPECT_LE(mnl_attr_get_u64(attrs.by[HASWITCH_A_NODE_SINCE]), now());

	nlh = request(_metadata, self, self->family, HASWITCH_CMD_NODE_DEL,
		      NLM_F_ACK);
	mnl_attr_put_strz(nlh, HASWITCH_A_NODE_NAME, "a-node");
	EXPECT_EQ(0, talk(_metadata, self, NULL, NULL).err);
	node_get(_metadata, self, "a-node", &attrs);
	EXPECT_EQ(0, attrs.n);
}

/* A refusal says which attribute it is about, by its offset, and why. */
TEST_F(uapi, refusal)
{
	struct answer answer;
	struct nlmsghdr *nlh;
	struct attrs attrs;
	unsigned int at;

	nlh = request(_metadata, self, self->family, HASWITCH_CMD_NODE_ADD,
		      NLM_F_ACK);
	mnl_attr_put_strz(nlh, HASWITCH_A_NODE_NAME, "a-node");
	mnl_attr_put_u32(nlh, HASWITCH_A_NODE_ADDR4, inet_addr("10.0.0.9"));
	at = nlh->nlmsg_len;
	mnl_attr_put_u8(nlh, HASWITCH_A_NODE_ADMIN, 200);
	answer = talk(_metadata, self, NULL, NULL);
	EXPECT_EQ(ERANGE, answer.err);
	EXPECT_EQ(at, answer.at);
	EXPECT_TRUE(answer.text);

	/* No such attribute: not ignored. */
	nlh = request(_metadata, self, self->family, HASWITCH_CMD_NODE_ADD,
		      NLM_F_ACK);
	mnl_attr_put_strz(nlh, HASWITCH_A_NODE_NAME, "a-node");
	at = nlh->nlmsg_len;
	mnl_attr_put_u8(nlh, HASWITCH_A_NODE_MAX + 1, 0);
	answer = talk(_metadata, self, NULL, NULL);
	EXPECT_EQ(EINVAL, answer.err);
	EXPECT_EQ(at, answer.at);
	EXPECT_TRUE(answer.text);

	node_get(_metadata, self, NULL, &attrs);
	EXPECT_EQ(0, attrs.n);
}

/* Time alone kills nobody: a BEAT that no longer names the node does, and says
 * so to who listens.
 */
TEST_F(uapi, beat)
{
	int group = self->group, len;
	struct mnl_socket *ear;
	struct nlmsghdr *nlh;
	uint64_t until, at;
	struct attrs attrs;

	ear = mnl_socket_open(NETLINK_GENERIC);
	ASSERT_NE(NULL, ear);
	ASSERT_EQ(0, mnl_socket_bind(ear, 0, MNL_SOCKET_AUTOPID));
	ASSERT_EQ(0, mnl_socket_setsockopt(ear, NETLINK_ADD_MEMBERSHIP, &group,
					   sizeof(group)));
	ASSERT_EQ(0, node_add(_metadata, self, "a-node", "10.0.0.9").err);

	at = now();
	ASSERT_EQ(0, beat(_metadata, self, "a-node", 3600 * SECOND).err);
	node_get(_metadata, self, "a-node", &attrs);
	ASSERT_EQ(1, attrs.n);
	ASSERT_NE(NULL, attrs.by[HASWITCH_A_NODE_ALIVE_UNTIL]);
	until = mnl_attr_get_u64(attrs.by[HASWITCH_A_NODE_ALIVE_UNTIL]);
	EXPECT_GE(until, at + 3600 * SECOND);
	EXPECT_LE(until, now() + 3600 * SECOND);
	EXPECT_EQ(ENOENT, beat(_metadata, self, "nobody", SECOND).err);

	/* For a microsecond: it has passed when the answer is here. */
	ASSERT_EQ(0, beat(_metadata, self, "a-node", 1000).err);
	node_get(_metadata, self, "a-node", &attrs);
	until = mnl_attr_get_u64(attrs.by[HASWITCH_A_NODE_ALIVE_UNTIL]);
	while (now() <= until)
		;
	node_get(_metadata, self, "a-node", &attrs);
	EXPECT_EQ(HASWITCH_NODE_STATE_UP,
		  mnl_attr_get_u8(attrs.by[HASWITCH_A_NODE_STATE]));
	ASSERT_EQ(0, beat(_metadata, self, NULL, SECOND).err);
	node_get(_metadata, self, "a-node", &attrs);
	EXPECT_EQ(HASWITCH_NODE_STATE_LOST,
		  mnl_attr_get_u8(attrs.by[HASWITCH_A_NODE_STATE]));

	/* Of all that was told, the first that is about a node's state. */
	do {
		len = mnl_socket_recvfrom(ear, self->buf, sizeof(self->buf));
		ASSERT_GT(len, 0);
		nlh = (struct nlmsghdr *)self->buf;
		memset(&attrs, 0, sizeof(attrs));
		see_attrs(nlh, &attrs);
		ASSERT_NE(NULL, attrs.by[HASWITCH_A_EVENT_KIND]);
	} while (mnl_attr_get_u8(attrs.by[HASWITCH_A_EVENT_KIND]) !=
		 HASWITCH_EVENT_KIND_NODE);
	ASSERT_NE(NULL, attrs.by[HASWITCH_A_EVENT_CAUSE]);
	ASSERT_NE(NULL, attrs.by[HASWITCH_A_EVENT_TO]);
	EXPECT_EQ(HASWITCH_CAUSE_BEAT,
		  mnl_attr_get_u8(attrs.by[HASWITCH_A_EVENT_CAUSE]));
	EXPECT_EQ(HASWITCH_NODE_STATE_LOST,
		  mnl_attr_get_u8(attrs.by[HASWITCH_A_EVENT_TO]));
	mnl_socket_close(ear);
}

TEST_HARNESS_MAIN
