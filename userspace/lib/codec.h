/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of the haswitch family: building requests, taking replies apart. */

#ifndef HASW_CODEC_H
#define HASW_CODEC_H

#include <linux/netlink.h>

#include "addr.h"
#include "spec.h"

/*
 * A request being built in memory of the caller. A put that does not fit sets
 * full and changes nothing; what sends the message refuses a full one.
 */
struct hasw_msg {
	struct nlmsghdr *nlh;
	size_t size;
	bool full;
	const struct hasw_op *op;
};

/* Enough for every request but a BEAT that names very many nodes. */
#define HASW_MSG_SIZE 4096

/*
 * Begins operation CMD in buf. The family number and the sequence number are
 * filled in when it is sent. FLAGS: NLM_F_DUMP for a dump, else 0.
 */
void hasw_msg_begin(struct hasw_msg *msg, void *buf, size_t size, unsigned int cmd, uint16_t flags);

void hasw_put_flag(struct hasw_msg *msg, uint16_t attr);
void hasw_put_u8(struct hasw_msg *msg, uint16_t attr, uint8_t value);
void hasw_put_u16(struct hasw_msg *msg, uint16_t attr, uint16_t value);
void hasw_put_u32(struct hasw_msg *msg, uint16_t attr, uint32_t value);
void hasw_put_u64(struct hasw_msg *msg, uint16_t attr, uint64_t value);
void hasw_put_string(struct hasw_msg *msg, uint16_t attr, const char *text);
void hasw_put_bytes(struct hasw_msg *msg, uint16_t attr, const void *bytes, size_t len);

/* Begins a nest, whose attributes follow, and ends it. */
struct nlattr *hasw_nest_begin(struct hasw_msg *msg, uint16_t attr);
void hasw_nest_end(struct hasw_msg *msg, struct nlattr *nest);

/* Puts an address as attribute ADDR4 or, if IPv6, as the one after it. */
void hasw_put_addr(struct hasw_msg *msg, uint16_t addr4, const struct hasw_addr *addr);

/* Puts a service: address, protocol and port are four attributes in a row. */
void hasw_put_svc(struct hasw_msg *msg, uint16_t addr4, const struct hasw_svc *svc);

/*
 * A reply or event taken apart. Each attribute that is there was checked
 * against its descriptor: a number has its width, a string ends with NUL.
 */
struct hasw_record {
	const struct hasw_op *op;	/* NULL in a nest */
	const struct hasw_set *set;
	unsigned int cmd;
	const void *attrs;		/* all attributes, for those that repeat */
	size_t attrs_len;
	const struct nlattr *attr[HASW_ATTR_SLOTS];	/* the first of each number */
};

/* Takes nlh apart; 0, or -EBADMSG if it is not a sound message of the family. */
int hasw_record_parse(struct hasw_record *rec, const struct nlmsghdr *nlh);

/* Takes apart the attributes of a nest. */
int hasw_record_nest(struct hasw_record *rec, const struct hasw_set *set, const struct nlattr *nest);

static inline bool hasw_has(const struct hasw_record *rec, uint16_t attr)
{
	return rec->attr[attr];
}

/* Value of a number (as its type and byte order say) or flag; OTHER if it is not there. */
uint64_t hasw_number(const struct hasw_record *rec, uint16_t attr, uint64_t other);

/* Value of one attribute of a record's set. */
uint64_t hasw_attr_number(const struct hasw_attr *desc, const struct nlattr *attr);

/* A string, or NULL. Lives as long as the message. */
const char *hasw_string(const struct hasw_record *rec, uint16_t attr);

/* The address in attribute ADDR4 or the one after it; false: none. */
bool hasw_get_addr(const struct hasw_record *rec, uint16_t addr4, struct hasw_addr *addr);

/* The service in the four attributes from ADDR4 on; false: no address. */
bool hasw_get_svc(const struct hasw_record *rec, uint16_t addr4, struct hasw_svc *svc);

/* The next attribute NUMBER after PREV (NULL: the first), or NULL. */
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
