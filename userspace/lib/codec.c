// SPDX-License-Identifier: GPL-2.0
/* Netlink messages of the haswitch family: building requests and parsing replies. */

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/haswitch.h>

#include "codec.h"

void hasw_msg_begin(struct hasw_msg *msg, void *buf, size_t size, unsigned int cmd, uint16_t flags)
{
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;
	struct genlmsghdr *genl;

	memset(msg, 0, sizeof(*msg));
	msg->nlh = buf;
	msg->size = size;
	msg->op = hasw_op(cmd);
	if (size < head) {
		msg->full = true;
		return;
	}
	memset(buf, 0, head);
	msg->nlh->nlmsg_len = (uint32_t)head;
	msg->nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = NLMSG_DATA(msg->nlh);
	genl->cmd = (uint8_t)cmd;
	genl->version = HASWITCH_GENL_VERSION;
}

void hasw_put_bytes(struct hasw_msg *msg, uint16_t attr, const void *bytes, size_t len)
{
	size_t total = NLA_ALIGN(NLA_HDRLEN + len);
	struct nlattr *nla;

	if (msg->full || len > UINT16_MAX - NLA_HDRLEN || msg->nlh->nlmsg_len + total > msg->size) {
		msg->full = true;
		return;
	}
	nla = (struct nlattr *)((char *)msg->nlh + msg->nlh->nlmsg_len);
	nla->nla_len = (uint16_t)(NLA_HDRLEN + len);
	nla->nla_type = attr;
	if (len)
		memcpy((char *)nla + NLA_HDRLEN, bytes, len);
	memset((char *)nla + NLA_HDRLEN + len, 0, total - NLA_HDRLEN - len);
	msg->nlh->nlmsg_len += (uint32_t)total;
}

void hasw_put_flag(struct hasw_msg *msg, uint16_t attr)
{
	hasw_put_bytes(msg, attr, NULL, 0);
}

void hasw_put_u8(struct hasw_msg *msg, uint16_t attr, uint8_t value)
{
	hasw_put_bytes(msg, attr, &value, sizeof(value));
}

void hasw_put_u16(struct hasw_msg *msg, uint16_t attr, uint16_t value)
{
	hasw_put_bytes(msg, attr, &value, sizeof(value));
}

void hasw_put_u32(struct hasw_msg *msg, uint16_t attr, uint32_t value)
{
	hasw_put_bytes(msg, attr, &value, sizeof(value));
}

void hasw_put_u64(struct hasw_msg *msg, uint16_t attr, uint64_t value)
{
	hasw_put_bytes(msg, attr, &value, sizeof(value));
}

void hasw_put_string(struct hasw_msg *msg, uint16_t attr, const char *text)
{
	hasw_put_bytes(msg, attr, text, strlen(text) + 1);
}

struct nlattr *hasw_nest_begin(struct hasw_msg *msg, uint16_t attr)
{
	struct nlattr *nest = (struct nlattr *)((char *)msg->nlh + msg->nlh->nlmsg_len);

	hasw_put_bytes(msg, attr | NLA_F_NESTED, NULL, 0);
	return msg->full ? NULL : nest;
}

void hasw_nest_end(struct hasw_msg *msg, struct nlattr *nest)
{
	if (!msg->full && nest)
		nest->nla_len = (uint16_t)((char *)msg->nlh + msg->nlh->nlmsg_len - (char *)nest);
}

void hasw_put_addr(struct hasw_msg *msg, uint16_t addr4, const struct hasw_addr *addr)
{
	hasw_put_bytes(msg, addr->family == AF_INET6 ? addr4 + 1 : addr4, addr->bytes, hasw_addr_len(addr));
}

void hasw_put_svc(struct hasw_msg *msg, uint16_t addr4, const struct hasw_svc *svc)
{
	hasw_put_addr(msg, addr4, &svc->vip);
	if (svc->proto)
		hasw_put_u8(msg, addr4 + 2, svc->proto);
	if (svc->port)
		hasw_put_u16(msg, addr4 + 3, svc->port);
}

/* Returns whether the payload of an attribute matches the descriptor of the attribute. */
static bool attr_sound(const struct hasw_attr *desc, const struct nlattr *attr)
{
	size_t len = hasw_payload_len(attr);
	const char *text = hasw_payload(attr);

	switch (desc->type) {
	case HASW_T_U8:
		return len == 1;
	case HASW_T_U16:
		return len == 2;
	case HASW_T_U32:
		return len == 4;
	case HASW_T_U64:
		return len == 8;
	case HASW_T_STRING:
		return len && !text[len - 1];
	case HASW_T_BINARY:
		return len >= desc->min_len && (!desc->max_len || len <= desc->max_len);
	case HASW_T_FLAG:
		return !len;
	case HASW_T_PAD:
	case HASW_T_NEST:
		return true;
	}
	return false;
}

static const struct nlattr *attr_at(const char *begin, size_t len, size_t offset)
{
	const struct nlattr *attr = (const struct nlattr *)(begin + offset);

	if (offset + NLA_HDRLEN > len || attr->nla_len < NLA_HDRLEN || attr->nla_len > len - offset)
		return NULL;
	return attr;
}

static int parse_attrs(struct hasw_record *rec, const void *attrs, size_t len)
{
	size_t offset = 0;

	memset(rec->attr, 0, sizeof(rec->attr));
	rec->attrs = attrs;
	rec->attrs_len = len;
	while (offset < len) {
		const struct nlattr *attr = attr_at(attrs, len, offset);
		const struct hasw_attr *desc;

		if (!attr)
			return -EBADMSG;
		offset += NLA_ALIGN(attr->nla_len);
		/* Attributes that this build does not know are skipped, because a newer module may send them. */
		desc = hasw_set_attr(rec->set, hasw_attr_type(attr));
		if (!desc)
			continue;
		if (!attr_sound(desc, attr))
			return -EBADMSG;
		if (!rec->attr[hasw_attr_type(attr)])
			rec->attr[hasw_attr_type(attr)] = attr;
	}
	return 0;
}

int hasw_record_parse(struct hasw_record *rec, const struct nlmsghdr *nlh)
{
	const size_t head = NLMSG_HDRLEN + GENL_HDRLEN;
	const struct genlmsghdr *genl = NLMSG_DATA(nlh);

	if (nlh->nlmsg_len < head)
		return -EBADMSG;
	rec->nlh = nlh;
	rec->cmd = genl->cmd;
	rec->op = hasw_op(genl->cmd);
	if (!rec->op)
		return -EBADMSG;
	rec->set = rec->op->set;
	return parse_attrs(rec, (const char *)nlh + head, nlh->nlmsg_len - head);
}

int hasw_record_nest(struct hasw_record *rec, const struct hasw_set *set, const struct nlattr *nest)
{
	rec->nlh = NULL;
	rec->cmd = 0;
	rec->op = NULL;
	rec->set = set;
	return parse_attrs(rec, hasw_payload(nest), hasw_payload_len(nest));
}

uint64_t hasw_attr_number(const struct hasw_attr *desc, const struct nlattr *attr)
{
	const void *bytes = hasw_payload(attr);
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (desc->type) {
	case HASW_T_FLAG:
		return 1;
	case HASW_T_U8:
		return *(const uint8_t *)bytes;
	case HASW_T_U16:
		memcpy(&u16, bytes, sizeof(u16));
		return desc->big_endian ? ntohs(u16) : u16;
	case HASW_T_U32:
		memcpy(&u32, bytes, sizeof(u32));
		return desc->big_endian ? ntohl(u32) : u32;
	case HASW_T_U64:
		memcpy(&u64, bytes, sizeof(u64));
		return u64;
	default:
		return 0;
	}
}

uint64_t hasw_number(const struct hasw_record *rec, uint16_t attr, uint64_t other)
{
	if (!rec->attr[attr])
		return other;
	return hasw_attr_number(&rec->set->attrs[attr], rec->attr[attr]);
}

const char *hasw_string(const struct hasw_record *rec, uint16_t attr)
{
	return rec->attr[attr] ? hasw_payload(rec->attr[attr]) : NULL;
}

bool hasw_get_addr(const struct hasw_record *rec, uint16_t addr4, struct hasw_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (rec->attr[addr4])
		addr->family = AF_INET;
	else if (rec->attr[addr4 + 1])
		addr->family = AF_INET6;
	else
		return false;
	memcpy(addr->bytes, hasw_payload(rec->attr[addr->family == AF_INET ? addr4 : addr4 + 1]),
	       hasw_addr_len(addr));
	return true;
}

bool hasw_get_svc(const struct hasw_record *rec, uint16_t addr4, struct hasw_svc *svc)
{
	svc->proto = (uint8_t)hasw_number(rec, addr4 + 2, 0);
	svc->port = (uint16_t)hasw_number(rec, addr4 + 3, 0);
	return hasw_get_addr(rec, addr4, &svc->vip);
}

const struct nlattr *hasw_next(const struct hasw_record *rec, uint16_t number, const struct nlattr *prev)
{
	const char *begin = rec->attrs;
	size_t offset;

	if (!prev)
		return rec->attr[number];
	/* parse_attrs() has checked the length of every attribute. */
	for (offset = (size_t)((const char *)prev - begin) + NLA_ALIGN(prev->nla_len);
	     offset < rec->attrs_len;) {
		const struct nlattr *attr = (const struct nlattr *)(begin + offset);

		if (hasw_attr_type(attr) == number)
			return attr;
		offset += NLA_ALIGN(attr->nla_len);
	}
	return NULL;
}
