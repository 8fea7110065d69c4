// SPDX-License-Identifier: GPL-2.0
/* Fuzzes what reads the kernel's messages: records, nests, errors, and what is printed of them. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "haadm/commands.h"
#include "lib/generated/spec_gen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches everything that a record offers. */
static uint64_t read_all(const struct hasw_record *rec)
{
	uint64_t sum = 0;

	for (uint16_t i = 1; i <= rec->set->max; i++) {
		const struct hasw_attr *desc = &rec->set->attrs[i];
		const struct nlattr *attr = NULL;

		sum += hasw_number(rec, i, 1);
		if (desc->type == HASW_T_STRING && hasw_string(rec, i))
			sum += strlen(hasw_string(rec, i));
		while ((attr = hasw_next(rec, i, attr))) {
			struct hasw_record nest;

			if (desc->nested && !hasw_record_nest(&nest, desc->nested, attr))
				sum += read_all(&nest);
		}
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct out out = { .stats = true, .details = true, .stamp = true };
	struct nlmsghdr *nlh;
	struct hasw_model model;
	struct hasw_record rec;
	struct hasw_error err;
	char *copy;

	if (size < NLMSG_HDRLEN)
		return 0;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	nlh = (struct nlmsghdr *)copy;
	/* The socket's reader has checked the length of the whole. */
	nlh->nlmsg_len = (uint32_t)size;
	if (!hasw_record_parse(&rec, nlh)) {
		hasw_model_init(&model);
		read_all(&rec);
		hasw_model_add_record(&model, &rec, &err);
		hasw_model_free(&model);
		if (rec.cmd == HASWITCH_CMD_EVENT_NTF) {
			out.json = !out.json;
			event_print(&out, &rec, true);
		}
	}
	hasw_error_parse(&err, nlh, nlh, hasw_op(HASWITCH_CMD_MEMBER_ADD));
	free(copy);
	return 0;
}
