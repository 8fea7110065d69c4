// SPDX-License-Identifier: GPL-2.0
/* Encodes a request as a netlink message, with those attributes that the operation accepts. */

#include "grammar.h"

static void encode_path(struct hasw_msg *msg, uint16_t attr, const struct request_path *path)
{
	struct nlattr *nest = hasw_nest_begin(msg, attr);

	hasw_put_addr(msg, HASWITCH_A_PULSE_PATH_LOCAL4, &path->local);
	hasw_put_addr(msg, HASWITCH_A_PULSE_PATH_REMOTE4, &path->remote);
	if (path->dev)
		hasw_put_string(msg, HASWITCH_A_PULSE_PATH_DEV, path->dev);
	hasw_nest_end(msg, nest);
}

/* Encodes a value of a repeatable key: a name, or ports, which the grammar has checked. */
static void encode_listed(struct hasw_msg *msg, const struct hasw_attr *desc, uint16_t attr, const char *word)
{
	uint32_t ports;

	if (desc->type == HASW_T_STRING) {
		hasw_put_string(msg, attr, word);
		return;
	}
	hasw_ports_parse(&ports, word);
	hasw_put_u32(msg, attr, ports);
}

static void encode_value(const struct request *req, struct hasw_msg *msg, uint16_t attr)
{
	const struct hasw_attr *desc = hasw_set_attr(msg->op->set, attr);
	const union value *value = &req->value[attr];

	if (desc->type == HASW_T_NEST) {
		for (unsigned int i = 0; i < req->n_paths; i++)
			encode_path(msg, attr, &req->paths[i]);
		return;
	}
	if (desc->multi && req->n_names) {
		for (unsigned int i = 0; i < req->n_names; i++)
			hasw_put_string(msg, attr, req->names[i]);
		return;
	}
	if (desc->multi) {
		const struct request_list *list = request_list(req, attr);

		for (unsigned int i = 0; list && i < list->n; i++)
			encode_listed(msg, desc, attr, list->values[i]);
		return;
	}
	switch (desc->type) {
	case HASW_T_FLAG:
		hasw_put_flag(msg, attr);
		break;
	case HASW_T_U8:
		hasw_put_u8(msg, attr, (uint8_t)value->number);
		break;
	case HASW_T_U16:
		hasw_put_u16(msg, attr, (uint16_t)value->number);
		break;
	case HASW_T_U32:
		if (desc->big_endian)
			hasw_put_bytes(msg, attr, value->bytes, 4);
		else
			hasw_put_u32(msg, attr, (uint32_t)value->number);
		break;
	case HASW_T_U64:
		hasw_put_u64(msg, attr, value->number);
		break;
	case HASW_T_STRING:
		hasw_put_string(msg, attr, value->text);
		break;
	case HASW_T_BINARY:
		hasw_put_bytes(msg, attr, value->bytes, desc->max_len);
		break;
	case HASW_T_PAD:
	case HASW_T_NEST:
		break;
	}
}

void request_encode(const struct request *req, struct hasw_msg *msg, void *buf, size_t size,
		    unsigned int cmd, uint16_t flags)
{
	uint64_t left = req->given;

	hasw_msg_begin(msg, buf, size, cmd, flags);
	left &= flags & NLM_F_DUMP ? msg->op->dump_request : msg->op->do_request;
	while (left) {
		encode_value(req, msg, (uint16_t)__builtin_ctzll(left));
		left &= left - 1;
	}
}
