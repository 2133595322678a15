/* SPDX-License-Identifier: GPL-2.0-only */
#include "tui/grid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 1, NAME_LEAST = 14 };

struct drawing {
	const struct text_table *table;
	const struct grid *grid;
	struct table_look *look;
	struct canvas *canvas;
	struct area area;
	int sorted; /* number of the column, -1 for none */
	int width[TEXT_TABLE_COLUMNS], at[TEXT_TABLE_COLUMNS]; /* a width of 0: left out */
	int *order; /* numbers of rows, as they are shown */
	int rows;
};

static const struct text_cell *cell_of(const struct drawing *of, int row, size_t column)
{
	return &of->table->cell[(size_t)row * of->table->columns + column];
}

int grid_rows(const struct text_table *table)
{
	return table->columns ? (int)(table->cells / table->columns) : 0;
}

void grid_follow(struct table_look *look, int rows, int shown)
{
	look->rows = rows;
	look->shown = shown > 0 ? shown : 1;
	if (look->selected >= rows)
		look->selected = rows - 1;
	if (look->selected < 0)
		look->selected = 0;
	if (look->top > look->selected)
		look->top = look->selected;
	if (look->top < look->selected - look->shown + 1)
		look->top = look->selected - look->shown + 1;
	if (look->top > rows - look->shown)
		look->top = rows > look->shown ? rows - look->shown : 0;
}

/* --- titles --------------------------------------------------------------------------- */

/* Both lines of it, in one. */
static void whole_title(const struct drawing *of, size_t column, char text[SORT_BYTES])
{
	const char *first = cell_of(of, 0, column)->text;

	if (of->grid->title_rows > 1)
		snprintf(text, SORT_BYTES, "%.9s%s%.9s", first, *first ? " " : "",
			 cell_of(of, 1, column)->text);
	else
		snprintf(text, SORT_BYTES, "%.20s", first);
}

/* A second column of that title is told apart. */
static void title_of(const struct drawing *of, size_t column, char text[SORT_BYTES])
{
	char other[SORT_BYTES];
	int same = 1;

	whole_title(of, column, text);
	for (size_t i = 0; i < column; i++) {
		whole_title(of, i, other);
		same += !strcmp(text, other);
	}
	if (same > 1)
		sprintf(text + strlen(text), " %d", same % 10);
}

static int find_sorted(const struct drawing *of)
{
	char title[SORT_BYTES];

	for (size_t i = 0; of->look->sort[0] && i < of->table->columns; i++) {
		title_of(of, i, title);
		if (!strcmp(title, of->look->sort))
			return (int)i;
	}
	return -1;
}

/* --- which rows ------------------------------------------------------------------------ */

static bool passes(const struct drawing *of, const char *filter, int row)
{
	return !of->grid->selects || !*filter || strcasestr(cell_of(of, row, 0)->text, filter);
}

/* A row without a tag belongs to the one with a tag before it, and goes with it. */
static int leader_of(const struct drawing *of, int row)
{
	while (row > of->grid->title_rows && !cell_of(of, row, 0)->tag)
		row--;
	return row;
}

/* Most first; equals stay as they are. */
static int compare(const void *left, const void *right, void *context)
{
	const struct drawing *of = context;
	int row_a = *(const int *)left, row_b = *(const int *)right;
	int a = leader_of(of, row_a), b = leader_of(of, row_b);
	const struct text_cell *cell_a = cell_of(of, a, (size_t)of->sorted);
	const struct text_cell *cell_b = cell_of(of, b, (size_t)of->sorted);
	int order;

	if (a == b)
		return row_a - row_b;
	if (cell_a->number != cell_b->number)
		order = cell_a->number > cell_b->number ? -1 : 1;
	else
		order = cell_a->number ? 0 : strcmp(cell_a->text, cell_b->text);
	if (of->look->ascending)
		order = -order;
	return order ? order : a - b;
}

static int put_in_order(struct drawing *of, const char *filter)
{
	int rows = grid_rows(of->table);

	of->order = calloc((size_t)rows + 1, sizeof(*of->order));
	if (!of->order)
		return -ENOMEM;
	for (int row = of->grid->title_rows; row < rows; row++)
		if (passes(of, filter, row))
			of->order[of->rows++] = row;
	if (of->sorted >= 0)
		qsort_r(of->order, (size_t)of->rows, sizeof(*of->order), compare, of);
	return 0;
}

/* Numbers change and rows move: the nearest one of the chosen name is the chosen one. */
static void follow_name(const struct drawing *of)
{
	struct table_look *look = of->look;
	int found = -1;

	for (int i = 0; look->name[0] && i < of->rows; i++)
		if (!strncmp(cell_of(of, of->order[i], 0)->text, look->name, REASON_TEXT - 1) &&
		    (found < 0 || abs(i - look->selected) < abs(found - look->selected)))
			found = i;
	if (found >= 0)
		look->selected = found;
}

static void keep_name(const struct drawing *of)
{
	struct table_look *look = of->look;

	if (look->chosen && !look->name[0] && look->selected < of->rows)
		snprintf(look->name, sizeof(look->name), "%s",
			 cell_of(of, of->order[look->selected], 0)->text);
}

/* --- where columns are ------------------------------------------------------------------ */

static int cell_width(const struct text_cell *cell)
{
	return cell->text[0] == VIEW_BARS_MARK ? VIEW_BARS : canvas_width(cell->text);
}

static int column_width(const struct drawing *of, size_t column)
{
	int width = 0, rows = grid_rows(of->table);

	for (int row = 0; row < rows; row++) {
		int wide = cell_width(cell_of(of, row, column));

		width = wide > width ? wide : width;
	}
	return width + (of->grid->selects && (int)column == of->sorted && column);
}

static int width_of_all(const struct drawing *of)
{
	int sum = 0;

	for (size_t i = 1; i < of->table->columns; i++)
		if (of->width[i])
			sum += of->width[i] + GAP;
	return sum;
}

static void leave_out(struct drawing *of, const char *title)
{
	for (size_t i = 1; i < of->table->columns; i++)
		if (!strcmp(cell_of(of, 0, i)->text, title))
			of->width[i] = 0;
}

static void measure(struct drawing *of)
{
	int name, at;

	for (size_t i = 0; i < of->table->columns; i++)
		of->width[i] = column_width(of, i);
	name = of->width[0] < NAME_LEAST ? of->width[0] : NAME_LEAST;
	for (const char *const *spare = of->grid->spare;
	     spare && *spare && width_of_all(of) + name > of->area.columns; spare++)
		leave_out(of, *spare);
	/* What a row is of comes before its last numbers. */
	for (size_t i = of->table->columns - 1; i > 1 && width_of_all(of) + name > of->area.columns;
	     i--)
		of->width[i] = 0;
	if (of->width[0] > of->area.columns - width_of_all(of))
		of->width[0] = of->area.columns - width_of_all(of);
	if (of->width[0] < 1)
		of->width[0] = 1;
	at = of->area.column + of->width[0];
	for (size_t i = 1; i < of->table->columns; i++) {
		of->at[i] = at + (of->width[i] ? GAP : 0);
		at = of->at[i] + of->width[i];
	}
	of->at[0] = of->area.column;
}

/* --- drawing ------------------------------------------------------------------------------ */

static void put_bars(const struct drawing *of, int row, size_t column, enum style style,
		     const char *bars)
{
	for (int i = 0; i < VIEW_BARS && bars[i]; i++)
		canvas_glyph(of->canvas, row, of->at[column] + i, style,
			     (enum glyph)(GLYPH_BAR_0 + bars[i] - '0'));
}

static void put_row(const struct drawing *of, int at, int row, enum style style)
{
	canvas_paint(of->canvas, at, of->area.column, of->area.columns, style);
	for (size_t i = 0; i < of->table->columns; i++) {
		const char *text = cell_of(of, row, i)->text;

		if (!of->width[i])
			continue;
		if (text[0] == VIEW_BARS_MARK)
			put_bars(of, at, i, style, text + 1);
		else if (i)
			canvas_put_right(of->canvas, at, of->at[i], of->width[i], style, text);
		else
			canvas_put(of->canvas, at, of->at[0], of->width[0], style, text);
	}
}

static void note_title(struct drawing *of, size_t column)
{
	struct table_look *look = of->look;
	char title[SORT_BYTES];

	title_of(of, column, title);
	if (!of->width[column] || !*title)
		return;
	look->title[look->titles].from = of->at[column] - (column ? GAP : 0);
	look->title[look->titles].to = of->at[column] + of->width[column];
	strcpy(look->title[look->titles].title, title);
	look->titles++;
}

static void put_titles(struct drawing *of)
{
	struct table_look *look = of->look;
	int last = of->area.row + of->grid->title_rows - 1;

	for (int i = 0; i < of->grid->title_rows; i++)
		put_row(of, of->area.row + i, i, STYLE_HEADER);
	if (!of->grid->selects)
		return;
	look->titles = 0;
	look->title_row = last;
	for (size_t i = 0; i < of->table->columns; i++)
		note_title(of, i);
	if (of->sorted < 0 || !of->width[of->sorted])
		return;
	canvas_paint(of->canvas, last, of->at[of->sorted], of->width[of->sorted],
		     STYLE_HEADER_SORTED);
	canvas_glyph(of->canvas, last,
		     of->sorted ? of->at[of->sorted] : of->at[0] + of->width[0] - 1,
		     STYLE_HEADER_SORTED, look->ascending ? GLYPH_UP : GLYPH_DOWN);
}

/* "11-20 of 30", above the table. */
static void put_place(const struct drawing *of)
{
	const struct table_look *look = of->look;
	int last = look->top + look->shown;
	char text[48];

	if (!of->grid->selects || of->rows <= look->shown)
		return;
	snprintf(text, sizeof(text), " %d-%d of %d", look->top + 1,
		 last < of->rows ? last : of->rows, of->rows);
	canvas_put_right(of->canvas, of->area.row - 1, of->area.column, of->area.columns,
			 STYLE_FAINT, text);
}

static void put_rows(const struct drawing *of)
{
	struct table_look *look = of->look;
	int first = of->area.row + of->grid->title_rows,
	    room = of->area.rows - of->grid->title_rows;
	int top = of->grid->selects ? look->top : 0;

	for (int i = 0; i < room && top + i < of->rows; i++) {
		bool selected = of->grid->selects && top + i == look->selected;

		put_row(of, first + i, of->order[top + i], selected ? STYLE_SELECTED : STYLE_PLAIN);
		if (selected)
			look->tag = cell_of(of, of->order[top + i], 0)->tag;
	}
	if (!of->grid->selects)
		return;
	look->first_row = first;
	if (!of->rows)
		canvas_put(of->canvas, first, of->area.column, of->area.columns, STYLE_FAINT,
			   "nothing here");
}

int grid_draw(const struct model *model, struct canvas *canvas, struct area area,
	      const struct text_table *table, const struct grid *grid, struct table_look *look)
{
	struct drawing of = { .table = table,
			      .grid = grid,
			      .look = look,
			      .canvas = canvas,
			      .area = area,
			      .sorted = -1 };
	_cleanup_free_ int *order = NULL;
	int r;

	if (table->error)
		return table->error;
	if (grid->selects) {
		look->tag = NULL;
		of.sorted = find_sorted(&of);
	}
	r = put_in_order(&of, model->filter);
	order = of.order;
	if (r < 0)
		return r;
	measure(&of);
	if (grid->selects) {
		follow_name(&of);
		grid_follow(look, of.rows, area.rows - grid->title_rows);
		keep_name(&of);
	}
	put_titles(&of);
	put_rows(&of);
	put_place(&of);
	return 0;
}
