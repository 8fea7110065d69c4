/* SPDX-License-Identifier: GPL-2.0 */
/* Prints tables whose columns are as wide as their cells. Memory use does not grow with the number of rows. */

#ifndef HAADM_TABLE_H
#define HAADM_TABLE_H

#include "print.h"

struct table;

/*
 * Creates a table whose columns are the WHEN_ALWAYS and WHEN_TEXT fields. The member `word` of a field is the
 * column's title. FIELDS must live as long as the table. NULL: out of memory.
 */
struct table *table_new(const struct field *fields, size_t n);

/* Adds a row. Rows are printed in groups, because the widths of the columns depend on all rows of the group. */
void table_row(struct table *table, const struct hasw_record *rec);

/* Prints the rows that are not printed yet. A table without rows prints its titles. */
void table_end(struct table *table);

void table_free(struct table *table);

#endif
