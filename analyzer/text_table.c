/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/text_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Between two columns. */
enum { GAP = 1 };

static int grow(struct text_table *table)
{
	size_t size = table->size ? 2 * table->size : 64;
	struct text_cell *grown;

	if (table->cells < table->size)
		return 0;
	grown = reallocarray(table->cell, size, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	table->cell = grown;
	table->size = size;
	return 0;
}

void text_table_number(struct text_table *table, const char *text, int64_t number)
{
	char *copy = NULL;

	if (!table->error)
		table->error = grow(table);
	if (!table->error)
		copy = strdup(text);
	if (copy)
		table->cell[table->cells++] = (struct text_cell){ .text = copy, .number = number };
	else
		table->error = -ENOMEM;
}

void text_table_cell(struct text_table *table, const char *text)
{
	text_table_number(table, text, 0);
}

void text_table_tag(struct text_table *table, const void *tag)
{
	if (!table->error)
		table->cell[(table->cells - 1) / table->columns * table->columns].tag = tag;
}

void text_table_column(struct text_table *table, const char *title)
{
	text_table_cell(table, title);
	if (++table->columns > TEXT_TABLE_COLUMNS)
		table->error = -E2BIG;
}

static int width_of(const struct text_table *table, size_t column)
{
	size_t width = 0;

	for (size_t i = column; i < table->cells; i += table->columns)
		if (strlen(table->cell[i].text) > width)
			width = strlen(table->cell[i].text);
	return (int)width;
}

/* The cells of a row up to the last one that is not empty: no line ends in spaces. */
static size_t cells_used(const struct text_table *table, const struct text_cell *cell)
{
	size_t used = table->columns;

	while (used > 1 && !*cell[used - 1].text)
		used--;
	return used;
}

static int print_row(const struct text_table *table, const struct text_cell *cell, const int *width,
		     struct buffer *out)
{
	size_t used = cells_used(table, cell);
	int r = buffer_printf(out, "%-*s", used > 1 ? width[0] : 0, cell[0].text);

	if (r >= 0 && used > 1 && (int)strlen(cell[0].text) > width[0])
		r = buffer_printf(out, "\n%*s", width[0], "");
	for (size_t i = 1; r >= 0 && i < used; i++)
		r = buffer_printf(out, "%*s", width[i] + GAP, cell[i].text);
	return r < 0 ? r : buffer_printf(out, "\n");
}

int text_table_print(const struct text_table *table, struct buffer *out)
{
	int width[TEXT_TABLE_COLUMNS], left = TEXT_TABLE_WIDTH, r = 0;

	if (table->error)
		return table->error;
	for (size_t i = 1; i < table->columns; i++) {
		width[i] = width_of(table, i);
		left -= width[i] + GAP;
	}
	width[0] = width_of(table, 0);
	if (width[0] > left)
		width[0] = left > 0 ? left : 0;
	for (size_t i = 0; r >= 0 && i + table->columns <= table->cells; i += table->columns)
		r = print_row(table, table->cell + i, width, out);
	return r;
}

void text_table_release(struct text_table *table)
{
	for (size_t i = 0; i < table->cells; i++)
		free(table->cell[i].text);
	free(table->cell);
	*table = (struct text_table){ 0 };
}
