// SPDX-License-Identifier: GPL-2.0
/* Netlink errors: turns the kernel's extended acknowledgement into a sentence. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "sock.h"

int hasw_fail(struct hasw_error *err, int code, const char *format, ...)
{
	va_list args;

	memset(err, 0, sizeof(*err));
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return -code;
}

/* Returns the descriptor of the top-level attribute that contains byte OFFSET of the request SENT, or NULL. */
static const struct hasw_attr *attr_at_offset(const struct nlmsghdr *sent, const struct hasw_op *op,
					      uint32_t offset)
{
	uint32_t at = NLMSG_HDRLEN + GENL_HDRLEN;

	while (at + NLA_HDRLEN <= sent->nlmsg_len) {
		const struct nlattr *attr = (const struct nlattr *)((const char *)sent + at);

		if (attr->nla_len < NLA_HDRLEN)
			return NULL;
		if (offset >= at && offset < at + NLA_ALIGN(attr->nla_len))
			return hasw_set_attr(op->set, hasw_attr_type(attr));
		at += NLA_ALIGN(attr->nla_len);
	}
	return NULL;
}

/* Returns the offset of the extended acknowledgement in an error message; 0 if there is none. */
static uint32_t extack_begin(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *error = NLMSG_DATA(nlh);
	uint32_t at = NLMSG_HDRLEN + sizeof(*error);

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return 0;
	/* NLMSG_DONE contains no copy of the request. */
	if (nlh->nlmsg_type == NLMSG_DONE)
		return NLMSG_HDRLEN + sizeof(error->error);
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (error->msg.nlmsg_len < NLMSG_HDRLEN || error->msg.nlmsg_len > nlh->nlmsg_len)
			return 0;
		at += NLMSG_ALIGN(error->msg.nlmsg_len) - NLMSG_HDRLEN;
	}
	return at < nlh->nlmsg_len ? at : 0;
}

int hasw_error_parse(struct hasw_error *err, const struct nlmsghdr *nlh,
		     const struct nlmsghdr *sent, const struct hasw_op *op)
{
	const struct nlmsgerr *error = NLMSG_DATA(nlh);
	const char *said = NULL;
	uint32_t at, offset = 0;
	uint32_t missing = 0;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + (nlh->nlmsg_type == NLMSG_DONE ? sizeof(error->error) : sizeof(*error)))
		return hasw_fail(err, EBADMSG, "the kernel's answer is cut off");
	if (!error->error)
		return 0;
	if (error->error > 0 || error->error < -MAX_ERRNO)
		return hasw_fail(err, EBADMSG, "the kernel's answer has no errno");
	memset(err, 0, sizeof(*err));
	err->code = -error->error;
	err->kernel = true;
	err->seq = nlh->nlmsg_seq;

	at = extack_begin(nlh);
	while (at && at + NLA_HDRLEN <= nlh->nlmsg_len) {
		const struct nlattr *attr = (const struct nlattr *)((const char *)nlh + at);
		const char *payload = hasw_payload(attr);

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > nlh->nlmsg_len - at)
			break;
		switch (hasw_attr_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			if (hasw_payload_len(attr) && !payload[hasw_payload_len(attr) - 1])
				said = payload;
			break;
		case NLMSGERR_ATTR_OFFS:
			if (hasw_payload_len(attr) == sizeof(offset))
				memcpy(&offset, payload, sizeof(offset));
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			if (hasw_payload_len(attr) == sizeof(missing))
				memcpy(&missing, payload, sizeof(missing));
			break;
		}
		at += NLA_ALIGN(attr->nla_len);
	}
	if (op && missing)
		err->attr = hasw_set_attr(op->set, missing);
	else if (op && sent && offset)
		err->attr = attr_at_offset(sent, op, offset);

	if (said && err->attr)
		snprintf(err->text, sizeof(err->text), "%s (attribute %s)", said, err->attr->name);
	else if (said)
		snprintf(err->text, sizeof(err->text), "%s", said);
	else if (missing && err->attr)
		snprintf(err->text, sizeof(err->text), "attribute %s is missing", err->attr->name);
	else if (err->code == EPERM)
		/*
		 * genetlink checks the capability before it calls the module, and adds no text to the error. So the
		 * text is added here.
		 */
		snprintf(err->text, sizeof(err->text), "%s",
			 "this needs CAP_NET_ADMIN in the user namespace that owns the network namespace, and to begin heartbeats over the machine");
	else
		snprintf(err->text, sizeof(err->text), "%s", strerror(err->code));
	return -err->code;
}
