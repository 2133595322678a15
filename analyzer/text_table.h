/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of text: the first column is on the left, the others on the right,
 * each as wide as it must be. The first column takes what is left of the line,
 * and where it needs more, its cell has a line of its own. A screen that draws
 * the table itself can sort its rows by the cells' numbers, and tell by a tag
 * what a row is about.
 */
#ifndef ANALYZER_TEXT_TABLE_H
#define ANALYZER_TEXT_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum { TEXT_TABLE_COLUMNS = 16, TEXT_TABLE_WIDTH = 80 };

struct text_cell {
	char *text;	 /* owned */
	int64_t number;	 /* what the text stands for; 0 for words */
	const void *tag; /* borrowed; of a row's first cell: what the row is about, or NULL */
};

struct text_table {
	size_t columns;
	struct text_cell *cell; /* row by row, the titles first; owned */
	size_t cells, size;
	int error; /* sticky, so that only text_table_print() needs a check */
};

#define _cleanup_text_table_ _cleanup_(text_table_release)

/* Adds the title of one more column, left to right. Before all cells. */
void text_table_column(struct text_table *table, const char *title);

/* Adds the next cell, left to right and row by row. The text is copied. */
void text_table_cell(struct text_table *table, const char *text);

/* The same, for a cell that stands for a number. */
void text_table_number(struct text_table *table, const char *text, int64_t number);

/* Says what the row of the newest cell is about. */
void text_table_tag(struct text_table *table, const void *tag);

/* Appends the table to `out`. Returns 0 or -ENOMEM. */
int text_table_print(const struct text_table *table, struct buffer *out);

void text_table_release(struct text_table *table);

#endif
