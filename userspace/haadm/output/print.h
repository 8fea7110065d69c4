/* SPDX-License-Identifier: GPL-2.0 */
/* Output: one description of the fields of an object serves text and JSON. */

#ifndef HAADM_PRINT_H
#define HAADM_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "lib/codec.h"

/* How a field is made from a record. */
enum field_form {
	FORM_ATTR,	/* as the attribute's descriptor says */
	FORM_ADDR,	/* the address in attr or the one after it */
	FORM_ADDRS,	/* both */
	FORM_SVC,	/* the service in the four attributes from attr on */
	FORM_PEER,	/* the address in attr or the one after it, with the port behind them, or its bits by than */
	FORM_SPAN,	/* a length of time */
	FORM_TIME,	/* the same, as commands take it */
	FORM_STAMP,	/* a time since boot */
	FORM_FAILBACK,	/* auto, manual, or a time */
	FORM_AFTER,	/* a time since boot; text: how long after attribute than */
};

/* When text shows a field; JSON shows all of them. */
enum field_when {
	WHEN_ALWAYS,
	WHEN_STATS,	/* -s */
	WHEN_DETAILS,	/* -d */
	WHEN_TEXT,	/* JSON has it in parts */
	WHEN_JSON,
};

struct field {
	const char *word;	/* stands before the value in text; NULL: nothing does */
	const char *key;	/* of JSON; NULL: the attribute's name */
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
	bool stamp;		/* add wall time */
	bool color;
	bool first;		/* of a list */
	const char *last;	/* the value just printed, if it is a name of an enum */
};

/* A list of objects: begin, any number of records, end. */
void out_list_begin(struct out *out);
void out_list_end(struct out *out);

/* Prints a record: a line of text and, if more is wanted, further ones; or an element of the list. */
void out_record(struct out *out, const struct hasw_record *rec, const struct field *fields, size_t n);

/* The text of a field that is an address, a service, a number, a name or a time; "-": it is not there. */
#define CELL_TEXT HASW_SVC_TEXT
const char *out_cell(const struct hasw_record *rec, const struct field *field, char buf[CELL_TEXT]);

/* The same as a JSON object of its own, for one that is no element of a list. */
json_t *out_json(const struct out *out, const struct hasw_record *rec, const struct field *fields,
		 size_t n);

/* Prints a JSON value and frees it, on a line of its own. */
void out_json_line(const struct out *out, json_t *value);

/* A JSON string of text from outside, which may be no UTF-8. */
json_t *out_json_text(const char *text);

/* Name of a state, coloured if so wanted: good is the value 0. */
void out_state(const struct out *out, const struct hasw_enum *values, uint64_t value);

#define N_FIELDS(fields) (sizeof(fields) / sizeof((fields)[0]))

#endif
