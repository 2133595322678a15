/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits by reason; access by device; register classes: tables as `report` prints them. */
#include "tui/screens.h"

#include <errno.h>
#include <string.h>

#include "analyzer/merged.h"

static int draw_table(struct model *model, struct canvas *canvas, struct area area,
		      int (*fill)(const struct report *report, struct text_table *table),
		      const struct grid *grid)
{
	_cleanup_text_table_ struct text_table table = { 0 };
	int r = fill(feed_report(model->feed), &table);

	return r < 0 ? r : grid_draw(model, canvas, area, &table, grid, model_look(model));
}

int screen_exits(struct model *model, struct canvas *canvas, struct area area)
{
	static const char *const spare[] = { "by", "histogram", NULL };
	static const struct grid grid = { .title_rows = 1, .spare = spare, .selects = true };

	if (model->in_reason)
		return screen_reason(model, canvas, area);
	return draw_table(model, canvas, area, view_reasons_table, &grid);
}

int screen_exits_open(struct model *model)
{
	const struct reason_row *row = model->look[SCREEN_EXITS].tag;

	if (model->in_reason || !row)
		return 0;
	model->reason = row->reason;
	model->in_reason = true;
	model->reason_look = (struct table_look){ 0 };
	return 0;
}

int screen_io(struct model *model, struct canvas *canvas, struct area area)
{
	static const struct grid grid = { .title_rows = 1, .selects = true };

	return draw_table(model, canvas, area, view_devices_table, &grid);
}

/* --- the world switch ------------------------------------------------------------------- */

/* What the figures of a trace, or of the totals, are; that there are none. */
static int put_unit(const struct report *report, const char *letter, struct canvas *canvas, int row)
{
	_cleanup_buffer_ struct buffer text = { 0 };
	int r = buffer_printf(&text, "%s", letter);

	if (r >= 0 && !merged_sees_switch(&report->reader->facts)) {
		r = report_switch_note(report, &text);
	} else if (r >= 0) {
		if (!*letter)
			r = buffer_printf(&text, "%s in %s; - is not touched; %s",
					  report_cell_kind(report), report_cell_unit(report),
					  report_has_unknown_cells(report) ? "? is not known; "
									   : "");
		if (r >= 0)
			r = report_stamp_note(report, &text);
	}
	canvas_put(canvas, row, 0, canvas->columns, STYLE_FAINT, buffer_text(&text));
	return r;
}

static void cut_top(struct area *area, int rows)
{
	area->row += rows;
	area->rows -= rows;
}

static int draw_two(struct model *model, struct canvas *canvas, struct area area)
{
	static const struct grid grid = { .title_rows = 2, .selects = true };
	_cleanup_text_table_ struct text_table table = { 0 };
	const struct report *a = feed_report(model->feed), *b = &model->feed->other;
	int r = put_unit(a, "A: ", canvas, area.row);

	if (r >= 0)
		r = put_unit(b, "B: ", canvas, area.row + 1);
	cut_top(&area, 3);
	if (r >= 0)
		r = compare_classes_table(a, b, &table);
	return r < 0 ? r : grid_draw(model, canvas, area, &table, &grid, model_look(model));
}

int screen_switch(struct model *model, struct canvas *canvas, struct area area)
{
	static const struct grid grid = { .title_rows = 2, .selects = true };
	const struct report *report = feed_report(model->feed);
	int r;

	if (model->feed->other.ledger)
		return draw_two(model, canvas, area);
	r = put_unit(report, "", canvas, area.row);
	cut_top(&area, 2);
	if (r >= 0 && !merged_sees_switch(&report->reader->facts))
		return 0;
	return r < 0 ? r : draw_table(model, canvas, area, view_classes_table, &grid);
}
