/* SPDX-License-Identifier: GPL-2.0-only */
/* Draws a report's table as one that can be sorted, filtered and walked through. */
#ifndef TUI_GRID_H
#define TUI_GRID_H

#include "tui/model.h"

struct grid {
	int title_rows; /* 1 or 2: the first ones of the table */
	const char *const
		*spare; /* titles of columns to leave out, the first one first; NULL ends */
	bool selects;	/* a row is selected, and rows can be sorted and filtered */
};

/* Sets the look's rows, titles and tag. Returns 0 or -ENOMEM. */
int grid_draw(const struct model *model, struct canvas *canvas, struct area area,
	      const struct text_table *table, const struct grid *grid, struct table_look *look);

/* The rows that the table needs, titles included. */
int grid_rows(const struct text_table *table);

/* Keeps the selected row among `rows`, and on a screen that shows `shown` of them. */
void grid_follow(struct table_look *look, int rows, int shown);

#endif
