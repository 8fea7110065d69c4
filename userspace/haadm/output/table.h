/* SPDX-License-Identifier: GPL-2.0 */
/* Tables: columns as wide as what is in them, of any number of rows in little memory. */

#ifndef HAADM_TABLE_H
#define HAADM_TABLE_H

#include "print.h"

struct table;

/*
 * A table whose columns are those of FIELDS that are shown always, titled by
 * their words. NULL: out of memory. FIELDS must live as long.
 */
struct table *table_new(const struct field *fields, size_t n);

/* One more row; it is printed when there are some, for the widths of the columns. */
void table_row(struct table *table, const struct hasw_record *rec);

/* Prints what waits; of a table without rows the titles. */
void table_end(struct table *table);

void table_free(struct table *table);

#endif
