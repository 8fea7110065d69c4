/* SPDX-License-Identifier: GPL-2.0 */
/* The output of records: one description of an object's fields serves text and JSON. */

#ifndef HAADM_PRINT_H
#define HAADM_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "lib/codec.h"

/* How the value of a field is made from the attributes of a record. */
enum field_form {
	FORM_ATTR,	/* the attribute's value, formatted as the attribute's descriptor says */
	FORM_ADDR,	/* the address in attr (IPv4) or attr + 1 (IPv6) */
	FORM_ADDRS,	/* the addresses in attr and attr + 1 */
	FORM_SVC,	/* the service in the four attributes that begin with attr */
	FORM_PEER,	/* address in attr or attr + 1; port in attr + 2, or prefix length in attribute `than` */
	FORM_MEMBER,	/* in a table: node in attr, and port in attribute `than` if the record has it */
	FORM_SPAN,	/* a duration, rounded to a readable unit */
	FORM_TIME,	/* a duration, as a TIME value that commands accept */
	FORM_STAMP,	/* a CLOCK_BOOTTIME stamp: the time now */
	FORM_SINCE,	/* the stamp of what has happened; JSON also has its age */
	FORM_UNTIL,	/* the stamp of what is to end; JSON also has the time that remains; 0: it is over */
	FORM_FAILBACK,	/* auto, manual, or a time */
	FORM_PORTS,	/* a port, or a range of ports */
	FORM_AFTER,	/* as FORM_SINCE, but text shows the time since the stamp in attribute `than` */
	FORM_MASK,	/* a prefix length; the default is a whole address, IPv4 if there is attribute `than` */
	FORM_VIA,	/* a member's way; the default is local here, and direct without the flag in attribute `than` */
};

/* The condition under which a field is shown. JSON shows all fields except those with WHEN_TEXT. */
enum field_when {
	WHEN_ALWAYS,
	WHEN_STATS,	/* with option -s */
	WHEN_DETAILS,	/* with option -d */
	WHEN_CHANGED,	/* a setting that differs from its default, the number in `than`; with option -d in any case */
	WHEN_OPTION,	/* the same; with option -d in the lines of details */
	WHEN_TEXT,	/* in text only; JSON has separate fields for the parts of this field */
	WHEN_JSON,
};

struct field {
	const char *word;	/* word before the value in text, or title of the column; NULL: none */
	const char *key;	/* key in JSON; NULL: the attribute's name */
	uint16_t attr;
	enum field_form form;
	enum field_when when;
	uint16_t than;
};

struct out {
	bool json;
	bool pretty;
	bool stats;
	bool details;
	bool stamp;		/* print wall time beside each stamp */
	bool color;
	FILE *to;		/* where text goes; NULL: standard output */
	bool first;		/* the next record is the first one of the list */
	const char *last;	/* name of the enum value that was just printed, or NULL */
};

/* The objects that a command prints in JSON: their fields, which are read from replies to operation CMD. */
struct shape {
	const char *command;	/* object and verb */
	unsigned int cmd;
	const struct field *fields;	/* NULL: all attributes */
	size_t n;
	bool list;		/* they are in an array; else there is one, or one a line */
	const char *more;	/* further keys, as schema_keys() takes them; or NULL */
};

/* Begin and end a list of objects; out_record() prints the objects between the two calls. */
void out_list_begin(struct out *out);
void out_list_end(struct out *out);

/*
 * Prints a record: in JSON output as an element of the list; in text output as a line, with further lines for options
 * -s and -d.
 */
void out_record(struct out *out, const struct hasw_record *rec, const struct field *fields, size_t n);

/*
 * Returns where text has a field of a record: WHEN_ALWAYS on the line, WHEN_STATS or WHEN_DETAILS on a further one,
 * WHEN_JSON nowhere.
 */
enum field_when out_group(const struct out *out, const struct hasw_record *rec, const struct field *field);

/* Prints the word and value of a field, BLANK before each of its values. */
void out_part(struct out *out, const struct hasw_record *rec, const struct field *field, const char *blank);

/*
 * Formats a field of FORM_ATTR, FORM_SVC, FORM_PEER, FORM_MEMBER or FORM_SPAN as the cell of a table. Returns "-" if the
 * record does not have the field.
 */
#define CELL_TEXT HASW_SVC_TEXT
const char *out_cell(const struct hasw_record *rec, const struct field *field, char buf[CELL_TEXT]);

/* Returns a record as a JSON object, for output that is not an element of a list. */
json_t *out_json(const struct out *out, const struct hasw_record *rec, const struct field *fields,
		 size_t n);

/* Returns the key, with "-", and the form that an attribute has in JSON within a record that is part of another one. */
struct field out_nest_field(const struct hasw_set *set, uint16_t attr);

/*
 * Returns the key, with "-", of how far the stamp KEY is from now, in ns: its age, or what remains. NULL: the field is no
 * stamp, or it is the time now.
 */
#define OUT_KEY 48
const char *out_distance_key(const struct field *field, const char *key, char buf[OUT_KEY]);

/* Prints a JSON value on a line of its own, and frees the value. */
void out_json_line(const struct out *out, json_t *value);

/*
 * Turns TEXT into a JSON string. If TEXT is not valid UTF-8, each byte that is not ASCII becomes "?", and only the
 * first 63 bytes are kept.
 */
json_t *out_json_text(const char *text);

/*
 * Makes all strings in a value plain, but not the keys of objects. Agents of earlier releases wrote a character that is
 * not ASCII as one for each of its bytes, and some of these are control characters, which a terminal would execute.
 * Returns false if there is no memory.
 */
bool out_json_plain(json_t *value);

/* Prints the name of a state. With option -c it is coloured: green for value 0, red for other values. */
void out_state(const struct out *out, const struct hasw_enum *values, uint64_t value);

#define N_FIELDS(fields) (sizeof(fields) / sizeof((fields)[0]))

#endif
