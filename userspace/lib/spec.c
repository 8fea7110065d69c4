// SPDX-License-Identifier: GPL-2.0
/* Look-ups in the tables that are generated from the netlink spec. */

#include <string.h>

#include <linux/haswitch.h>

#include "generated/spec_gen.h"
#include "spec.h"
#include "text.h"

int hasw_enum_value(const struct hasw_enum *values, const char *name)
{
	for (unsigned int i = 0; i < values->count; i++) {
		if (hasw_same(values->names[i], name))
			return (int)i;
	}
	return -1;
}

const char *hasw_enum_name(const struct hasw_enum *values, uint64_t value)
{
	return value < values->count ? values->names[value] : NULL;
}

const struct hasw_attr *hasw_set_attr(const struct hasw_set *set, unsigned int number)
{
	if (!number || number > set->max || !set->attrs[number].name)
		return NULL;
	return &set->attrs[number];
}

const struct hasw_op *hasw_op(unsigned int cmd)
{
	if (cmd >= HASW_N_OPS || !hasw_ops[cmd].name)
		return NULL;
	return &hasw_ops[cmd];
}
