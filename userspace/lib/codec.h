/* SPDX-License-Identifier: GPL-2.0 */
/* Netlink messages of the haswitch family: building requests and parsing replies. */

#ifndef HASW_CODEC_H
#define HASW_CODEC_H

#include <linux/netlink.h>

#include "addr.h"
#include "spec.h"

/*
 * A request that is built in a buffer of the caller. If an attribute does not fit, hasw_put_*() sets `full` and changes
 * nothing else. Functions that send a message, such as hasw_call(), refuse a full message.
 */
struct hasw_msg {
	struct nlmsghdr *nlh;
	size_t size;
	bool full;
	const struct hasw_op *op;
};

/*
 * Buffer size that is enough for every request except a BEAT with very many nodes. A BEAT is a message that reports
 * nodes as alive to the module.
 */
#define HASW_MSG_SIZE 4096

/*
 * Begins a request of operation CMD in buf. The function that sends the request later fills in the family id and the
 * sequence number. FLAGS: NLM_F_DUMP for a dump, else 0.
 */
void hasw_msg_begin(struct hasw_msg *msg, void *buf, size_t size, unsigned int cmd, uint16_t flags);

void hasw_put_flag(struct hasw_msg *msg, uint16_t attr);
void hasw_put_u8(struct hasw_msg *msg, uint16_t attr, uint8_t value);
void hasw_put_u16(struct hasw_msg *msg, uint16_t attr, uint16_t value);
void hasw_put_u32(struct hasw_msg *msg, uint16_t attr, uint32_t value);
void hasw_put_u64(struct hasw_msg *msg, uint16_t attr, uint64_t value);
void hasw_put_string(struct hasw_msg *msg, uint16_t attr, const char *text);
void hasw_put_bytes(struct hasw_msg *msg, uint16_t attr, const void *bytes, size_t len);

/* Begin and end a nest. The attributes that hasw_put_*() adds between these two calls are inside the nest. */
struct nlattr *hasw_nest_begin(struct hasw_msg *msg, uint16_t attr);
void hasw_nest_end(struct hasw_msg *msg, struct nlattr *nest);

/* Puts an IPv4 address as attribute ADDR4, or an IPv6 address as attribute ADDR4 + 1. */
void hasw_put_addr(struct hasw_msg *msg, uint16_t addr4, const struct hasw_addr *addr);

/*
 * Puts a service in the four attributes from ADDR4 on: IPv4 address, IPv6 address, protocol, port. Only the address of
 * the service's family is put. A protocol or port of 0 is omitted.
 */
void hasw_put_svc(struct hasw_msg *msg, uint16_t addr4, const struct hasw_svc *svc);

/*
 * A parsed reply, event or nest. Each attribute that this build knows was checked against its descriptor: a number has
 * the width of its type, and a string ends with NUL.
 */
struct hasw_record {
	const struct hasw_op *op;	/* NULL for a nest */
	const struct hasw_set *set;
	unsigned int cmd;		/* 0 for a nest */
	const struct nlmsghdr *nlh;	/* the message; NULL for a nest */
	const void *attrs;		/* all attributes of the message or nest, which hasw_next() reads */
	size_t attrs_len;
	const struct nlattr *attr[HASW_ATTR_SLOTS];	/* first attribute with each attribute number, or NULL */
};

/* Parses message nlh. Returns 0, or -EBADMSG if nlh is no valid message of the family. */
int hasw_record_parse(struct hasw_record *rec, const struct nlmsghdr *nlh);

/* Parses the attributes of a nest. Returns 0 or -EBADMSG. */
int hasw_record_nest(struct hasw_record *rec, const struct hasw_set *set, const struct nlattr *nest);

static inline bool hasw_has(const struct hasw_record *rec, uint16_t attr)
{
	return rec->attr[attr];
}

/* Returns the value of a number attribute in host byte order, or 1 for a flag; OTHER if the attribute is absent. */
uint64_t hasw_number(const struct hasw_record *rec, uint16_t attr, uint64_t other);

/* Returns the value of a number attribute in host byte order, or 1 for a flag. DESC describes the attribute. */
uint64_t hasw_attr_number(const struct hasw_attr *desc, const struct nlattr *attr);

/* Returns the value of a string attribute, or NULL if it is absent. The string is valid as long as the message. */
const char *hasw_string(const struct hasw_record *rec, uint16_t attr);

/* Reads the address from attribute ADDR4 or ADDR4 + 1. Returns false if both are absent. */
bool hasw_get_addr(const struct hasw_record *rec, uint16_t addr4, struct hasw_addr *addr);

/* Reads the service from the four attributes from ADDR4 on. Returns false if there is no address. */
bool hasw_get_svc(const struct hasw_record *rec, uint16_t addr4, struct hasw_svc *svc);

/*
 * Returns the next attribute with this NUMBER after PREV, or the first one if PREV is NULL. NULL: there are no more
 * such attributes.
 */
const struct nlattr *hasw_next(const struct hasw_record *rec, uint16_t number, const struct nlattr *prev);

static inline const void *hasw_payload(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

static inline size_t hasw_payload_len(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

static inline uint16_t hasw_attr_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

#endif
