// SPDX-License-Identifier: GPL-2.0
/* Prints tables whose columns are as wide as their cells. Memory use does not grow with the number of rows. */

#include <stdlib.h>
#include <string.h>

#include "lib/plain.h"
#include "table.h"

#define MOST_COLUMNS	8
#define MOST_WAITING	512	/* number of rows that are printed together */

/*
 * A table, which prints its rows in groups. The first group sets the widths of the columns. A wider cell in a later
 * group widens its column.
 */
struct table {
	const struct field *column[MOST_COLUMNS];
	size_t width[MOST_COLUMNS];
	size_t n_columns;
	char (*cells)[MOST_COLUMNS][CELL_TEXT];	/* cells of the rows that are not printed yet */
	size_t n_waiting;
	bool titled;
};

struct table *table_new(const struct field *fields, size_t n)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->cells = malloc(MOST_WAITING * sizeof(*table->cells));
	if (!table->cells) {
		free(table);
		return NULL;
	}
	for (size_t i = 0; i < n && table->n_columns < MOST_COLUMNS; i++) {
		if (fields[i].when != WHEN_ALWAYS && fields[i].when != WHEN_TEXT)
			continue;
		table->width[table->n_columns] = strlen(fields[i].word);
		table->column[table->n_columns++] = &fields[i];
	}
	return table;
}

static void cell_print(const struct table *table, size_t column, const char *text)
{
	/* The last column is not padded, so that lines do not end with blanks. */
	if (column + 1 == table->n_columns)
		printf("%s\n", text);
	else
		printf("%-*s  ", (int)table->width[column], text);
}

static void row_print(const struct table *table, char cells[MOST_COLUMNS][CELL_TEXT])
{
	for (size_t i = 0; i < table->n_columns; i++)
		cell_print(table, i, cells[i]);
}

static void waiting_print(struct table *table)
{
	for (size_t i = 0; i < table->n_columns && !table->titled; i++)
		cell_print(table, i, table->column[i]->word);
	table->titled = true;
	for (size_t i = 0; i < table->n_waiting; i++)
		row_print(table, table->cells[i]);
	table->n_waiting = 0;
}

void table_row(struct table *table, const struct hasw_record *rec)
{
	char (*row)[CELL_TEXT] = table->cells[table->n_waiting];

	for (size_t i = 0; i < table->n_columns; i++) {
		char buf[CELL_TEXT];
		const char *text = out_cell(rec, table->column[i], buf);
		size_t len = hasw_plain_put(row[i], CELL_TEXT, text);

		if (len > table->width[i])
			table->width[i] = len;
	}
	table->n_waiting++;
	if (table->n_waiting == MOST_WAITING)
		waiting_print(table);
}

void table_end(struct table *table)
{
	if (!table->titled || table->n_waiting)
		waiting_print(table);
}

void table_free(struct table *table)
{
	free(table->cells);
	free(table);
}
