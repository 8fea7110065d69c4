/* SPDX-License-Identifier: GPL-2.0 */
/* Prints lists for eyes: the lines that out_record() would print, with the same word below the same word. */

#ifndef HAADM_COLUMNS_H
#define HAADM_COLUMNS_H

#include "print.h"

struct columns;

/* FIELDS must live as long as the columns. NULL: out of memory. */
struct columns *columns_new(const struct field *fields, size_t n);

/* Adds a record. Lines are printed in groups, as the widths depend on all lines of the group. */
void columns_record(struct columns *columns, struct out *out, const struct hasw_record *rec);

/* Prints the lines that are not printed yet. */
void columns_end(struct columns *columns, struct out *out);

void columns_free(struct columns *columns);

#endif
