/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of the netlink spec: operations, attributes and enum values. */

#ifndef HASW_SPEC_H
#define HASW_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hasw_type {
	HASW_T_PAD,
	HASW_T_FLAG,
	HASW_T_U8,
	HASW_T_U16,
	HASW_T_U32,
	HASW_T_U64,
	HASW_T_STRING,
	HASW_T_BINARY,
	HASW_T_NEST,
};

enum hasw_hint {
	HASW_HINT_NONE,
	HASW_HINT_IPV4,
	HASW_HINT_IPV6,
	HASW_HINT_MAC,
	HASW_HINT_HEX,
};

/* The names of the entries of an enum. The value of an entry is the index of its name. */
struct hasw_enum {
	const char *name;
	const char *const *names;
	unsigned int count;
};

struct hasw_set;

struct hasw_attr {
	const char *name;		/* NULL: no such attribute */
	enum hasw_type type;
	enum hasw_hint hint;
	bool big_endian;
	bool multi;			/* may occur more than once */
	uint16_t min_len;		/* minimum length, bytes; a string's NUL is not counted */
	uint16_t max_len;		/* maximum length, bytes; 0: not limited */
	uint64_t min;			/* minimum value of a number */
	uint64_t max;			/* maximum value of a number; 0: not limited */
	const struct hasw_enum *values;
	const struct hasw_set *nested;
};

struct hasw_set {
	const char *name;
	const struct hasw_attr *attrs;	/* indexed by attribute number */
	uint16_t max;			/* largest attribute number, at most 63 */
};

struct hasw_op {
	const char *name;		/* NULL: no such operation */
	const struct hasw_set *set;
	bool changes;			/* needs CAP_NET_ADMIN */
	bool has_do;
	bool has_dump;
	uint64_t do_request;		/* bitmap of the attributes allowed without NLM_F_DUMP */
	uint64_t dump_request;		/* bitmap of the attributes allowed with NLM_F_DUMP */
	uint64_t reply;			/* bitmap of the attributes of a reply */
};

/* Size of an array that is indexed by attribute number. */
#define HASW_ATTR_SLOTS 64

/* Returns the value of the enum entry NAME; -1 if VALUES has no such entry. */
int hasw_enum_value(const struct hasw_enum *values, const char *name);

/* Returns the name of an enum value; NULL if this build does not know the value. */
const char *hasw_enum_name(const struct hasw_enum *values, uint64_t value);

/* Returns the descriptor of attribute NUMBER, or NULL. */
const struct hasw_attr *hasw_set_attr(const struct hasw_set *set, unsigned int number);

/* Returns the descriptor of the operation with command CMD, or NULL. */
const struct hasw_op *hasw_op(unsigned int cmd);

#endif
