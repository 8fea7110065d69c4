// SPDX-License-Identifier: GPL-2.0
/* Prints lists for eyes: the lines that out_record() would print, with the same word below the same word. */

#include <stdlib.h>
#include <string.h>

#include "columns.h"

#define MOST_FIELDS	32
#define MOST_WAITING	256	/* number of lines that are printed together */

/* A line that waits: a part for each field, and the further lines of options -s and -d. */
struct line {
	char *part[MOST_FIELDS];
	char *more;
};

/* The first group sets the widths. A wider part in a later group widens its column. */
struct columns {
	const struct field *fields;
	size_t n;
	size_t width[MOST_FIELDS];
	struct line lines[MOST_WAITING];
	size_t n_lines;
};

struct columns *columns_new(const struct field *fields, size_t n)
{
	struct columns *columns = n <= MOST_FIELDS ? calloc(1, sizeof(*columns)) : NULL;

	if (columns) {
		columns->fields = fields;
		columns->n = n;
	}
	return columns;
}

/* Returns how wide a text is on a terminal: without what only colours it. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++) {
		if (*text == '\033')
			text += strcspn(text, "m");
		else
			width++;
		if (!*text)
			break;
	}
	return width;
}

/* Returns what out_part() prints of the fields of a group, or of field ONLY of it; NULL: nothing, or no memory. */
static char *print(struct columns *columns, struct out *out, const struct hasw_record *rec, const size_t *only)
{
	enum field_when group = WHEN_ALWAYS;
	char *text = NULL, *blank = "";
	size_t size = 0;

	out->to = open_memstream(&text, &size);
	if (!out->to)
		return NULL;
	for (size_t i = 0; i < columns->n; i++) {
		enum field_when now = out_group(out, rec, &columns->fields[i]);

		if (now == WHEN_JSON || (only ? i != *only || now != WHEN_ALWAYS : now == WHEN_ALWAYS))
			continue;
		if (now != group)
			blank = "\n    ";
		group = now;
		out_part(out, rec, &columns->fields[i], blank);
		blank = " ";
	}
	fclose(out->to);
	out->to = NULL;
	if (size)
		return text;
	free(text);
	return NULL;
}

static void pad(FILE *to, size_t n)
{
	fprintf(to, "%*s", (int)n, "");
}

static void line_print(const struct columns *columns, FILE *to, struct line *line)
{
	size_t gap = 0;

	for (size_t i = 0; i < columns->n; i++) {
		size_t width = line->part[i] ? width_of(line->part[i]) : 0;

		if (width) {
			pad(to, gap);
			fputs(line->part[i], to);
			gap = 0;
		}
		/* Lines do not end with blanks, so these come before the next part. */
		if (columns->width[i])
			gap += columns->width[i] - width + 2;
		free(line->part[i]);
		line->part[i] = NULL;
	}
	if (line->more)
		fputs(line->more, to);
	free(line->more);
	line->more = NULL;
	fputc('\n', to);
}

void columns_end(struct columns *columns, struct out *out)
{
	for (size_t i = 0; i < columns->n_lines; i++)
		line_print(columns, out->to ? out->to : stdout, &columns->lines[i]);
	columns->n_lines = 0;
}

void columns_record(struct columns *columns, struct out *out, const struct hasw_record *rec)
{
	struct line *line = &columns->lines[columns->n_lines++];
	FILE *to = out->to;

	for (size_t i = 0; i < columns->n; i++) {
		size_t width;

		out->last = NULL;
		line->part[i] = print(columns, out, rec, &i);
		width = line->part[i] ? width_of(line->part[i]) : 0;
		if (width > columns->width[i])
			columns->width[i] = width;
	}
	line->more = print(columns, out, rec, NULL);
	out->to = to;
	if (columns->n_lines == MOST_WAITING)
		columns_end(columns, out);
}

void columns_free(struct columns *columns)
{
	for (size_t i = 0; columns && i < columns->n_lines; i++) {
		for (size_t j = 0; j < columns->n; j++)
			free(columns->lines[i].part[j]);
		free(columns->lines[i].more);
	}
	free(columns);
}
